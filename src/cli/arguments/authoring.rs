//! The flags of the commands that write files of the repository.

use std::path::PathBuf;

use clap::Args;

use super::Selection;
use crate::offer::FieldPath;

/// `import`.
#[derive(Debug, Args)]
pub struct ImportArguments {
    /// The offers, as publisher/offer
    #[arg(value_name = "OFFER", required_unless_present = "publisher", conflicts_with = "publisher")]
    pub offers: Vec<String>,
    /// All offers of this publisher that no manifest describes yet
    #[arg(long, value_name = "PUBLISHER")]
    pub publisher: Option<String>,
    /// The folder in which each offer gets a folder of its own [default: offers]
    #[arg(long, value_name = "FOLDER")]
    pub out: Option<PathBuf>,
}

/// `adopt`.
#[derive(Debug, Args)]
pub struct AdoptArguments {
    /// Which offers.
    #[command(flatten)]
    pub selection: Selection,
    /// Only this field and what is below it, whoever changed it, also one that the manifest does not name yet: may be
    /// repeated
    #[arg(long, value_name = "PATH", value_parser = FieldPath::parse)]
    pub path: Vec<FieldPath>,
    /// Also change files that other manifests take in
    #[arg(long)]
    pub shared: bool,
    /// Show how the files would change, and leave it at that
    #[arg(long, conflicts_with = "yes")]
    pub dry_run: bool,
    /// Do not ask
    #[arg(long, short)]
    pub yes: bool,
}
