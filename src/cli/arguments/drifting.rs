//! The flags of `drift`.

use clap::Args;

use super::{MarkdownLength, Selection};

/// `drift`.
#[derive(Debug, Args)]
pub struct DriftArguments {
    /// Which offers are looked at.
    #[command(flatten)]
    pub selection: Selection,
    /// How long the Markdown may be.
    #[command(flatten)]
    pub markdown: MarkdownLength,
}
