//! Which offers a command is about, for every command that may be about many.

use clap::Args;

/// Which offers a command is about.
#[derive(Debug, Clone, Args)]
pub struct Selection {
    /// Manifests, folders of manifests, or offers as publisher/offer, also as a pattern: 'contoso/*'; all manifests when
    /// none is named
    #[arg(value_name = "OFFER|PATH")]
    pub offers: Vec<String>,
    /// Whether only changed ones count.
    #[command(flatten)]
    pub changed: Changed,
}

/// Whether only offers count that were changed in the repository.
#[derive(Debug, Clone, Default, Args)]
pub struct Changed {
    /// Only offers of which the manifest or a file that it takes in changed since this commit, branch or tag of git, what
    /// is not committed included
    #[arg(long = "changed-since", value_name = "REVISION")]
    pub since: Option<String>,
}
