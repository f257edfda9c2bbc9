//! The flags of `schema`.

use std::path::PathBuf;

use clap::{Args, ValueEnum};

/// `schema`.
#[derive(Debug, Args)]
pub struct SchemaArguments {
    /// What it is the schema of
    #[arg(value_enum, default_value_t)]
    pub subject: SchemaSubject,
    /// Only manifests, or parts of them, of this offer type, by its short name or as `offerTypeId` says it
    #[arg(long, value_name = "TYPE")]
    pub offer_type: Option<String>,
    /// Write it to this file instead of printing it
    #[arg(long, value_name = "FILE")]
    pub out: Option<PathBuf>,
}

/// What a schema is of.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, ValueEnum)]
pub enum SchemaSubject {
    /// A manifest.
    #[default]
    Offer,
    /// A part that manifests extend.
    Part,
    /// `offerctl.yaml`.
    Config,
    /// What `plan` prints and writes.
    Plan,
    /// A record of the state.
    State,
    /// A line of an event file.
    Event,
}
