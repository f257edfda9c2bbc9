//! JSON Schemas of what offerctl reads and writes, for editors and other programs: the manifest and `offerctl.yaml`,
//! made from the field catalogue and the service's tables, and the formats of plan, state and events.
//!
//! Draft 7, the newest that the YAML editors understand. What is a warning for `validate` is a fault here, because a
//! schema has no warnings; only a key that is not known is none, because the service may know it.

mod config;
mod fields;
mod manifest;
mod words;

use serde_json::Value;

use crate::offer::{Catalogue, OfferType, Tables};

/// What a schema is of.
#[derive(Debug, Clone, Copy)]
pub enum Subject<'a> {
    /// A manifest; of one offer type, or of any.
    Offer(Option<&'a OfferType>),
    /// `offerctl.yaml`.
    Config,
    /// A plan.
    Plan,
    /// A record of the state.
    State,
    /// A line of an event file.
    Event,
}

/// The text of a schema, as it stands in `schemas/`.
pub fn text(subject: Subject<'_>) -> String {
    match subject {
        Subject::Offer(only) => printed(&manifest::schema(Catalogue::built_in(), Tables::built_in(), only)),
        Subject::Config => printed(&config::schema()),
        Subject::Plan => include_str!("../../schemas/plan.schema.json").to_owned(),
        Subject::State => include_str!("../../schemas/state.schema.json").to_owned(),
        Subject::Event => include_str!("../../schemas/event.schema.json").to_owned(),
    }
}

fn printed(schema: &Value) -> String {
    format!("{schema:#}\n")
}
