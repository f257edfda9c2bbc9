//! The flags of the commands that look at one offer and write nothing.

use clap::Args;

use super::slot;
use crate::offer::{Revision, Slot};

/// `get`.
#[derive(Debug, Args)]
pub struct GetArguments {
    /// The offer, as publisher/offer or as the path of its manifest
    #[arg(value_name = "OFFER|PATH")]
    pub offer: String,
    /// Which slot
    #[arg(long, value_name = "SLOT", value_parser = slot, default_value = "draft")]
    pub slot: Slot,
    /// An older version of the draft, by its number
    #[arg(long, value_name = "N", conflicts_with = "slot")]
    pub version: Option<u64>,
    /// Everything that the service sent, also what it decides alone and would not take back
    #[arg(long)]
    pub raw: bool,
}

/// `diff`.
#[derive(Debug, Args)]
pub struct DiffArguments {
    /// The offer, as publisher/offer or as the path of its manifest
    #[arg(value_name = "OFFER|PATH")]
    pub offer: String,
    /// Which document it leads from: draft, preview, production or the number of a version
    #[arg(value_name = "FROM", default_value = "preview")]
    pub from: Revision,
    /// Which document it leads to
    #[arg(value_name = "TO", default_value = "draft")]
    pub to: Revision,
}

/// `explain`.
#[derive(Debug, Args)]
pub struct ExplainArguments {
    /// The offer, as publisher/offer or as the path of its manifest
    #[arg(value_name = "OFFER|PATH")]
    pub offer: String,
    /// A field, by its path or its name, or a step: create, update, publish, go-live, wait or cancel; the offer as a whole
    /// when nothing is named
    #[arg(value_name = "FIELD|STEP")]
    pub about: Option<String>,
}
