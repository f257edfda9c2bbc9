//! JSON Schemas of what offerctl reads and writes, for editors and other programs: the manifest and `offerctl.yaml`,
//! made from the field catalogue and the service's tables, and the formats of plan, state and events.
//!
//! Draft 7, the newest that the YAML editors understand. What is a warning for `validate` is a fault here, because a
//! schema has no warnings; only a key that is not known is none, because the service may know it.

mod config;
mod fields;
mod manifest;
mod words;

use manifest::Extent;
use serde::Serialize as _;
use serde_json::Value;
use serde_json::ser::{PrettyFormatter, Serializer};

use crate::offer::{Catalogue, OfferType, Tables};

/// What a schema is of.
#[derive(Debug, Clone, Copy)]
pub enum Subject<'a> {
    /// A manifest; of one offer type, or of any.
    Offer(Option<&'a OfferType>),
    /// A part that manifests extend; of one offer type, or of any.
    Part(Option<&'a OfferType>),
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
    let offer = |extent, only| printed(&manifest::schema(Catalogue::built_in(), Tables::built_in(), extent, only));
    match subject {
        Subject::Offer(only) => offer(Extent::Whole, only),
        Subject::Part(only) => offer(Extent::Part, only),
        Subject::Config => printed(&config::schema()),
        Subject::Plan => include_str!("../../schemas/plan.schema.json").to_owned(),
        Subject::State => include_str!("../../schemas/state.schema.json").to_owned(),
        Subject::Event => include_str!("../../schemas/event.schema.json").to_owned(),
    }
}

/// One space for each step, because these are deep, and lie in the repositories of others.
fn printed(schema: &Value) -> String {
    let mut text = Vec::new();
    let mut printer = Serializer::with_formatter(&mut text, PrettyFormatter::with_indent(b" "));
    let written = schema.serialize(&mut printer).ok().and_then(|()| String::from_utf8(text).ok());
    written.unwrap_or_else(|| format!("{schema:#}")) + "\n"
}
