//! Which offers a command is about, for every command that may be about many.

use std::ops::Deref;

use clap::{ArgMatches, Args, Command, Error, FromArgMatches};

/// Which offers a command is about.
#[derive(Debug, Clone, Args)]
pub struct Selection {
    /// What was named.
    #[command(flatten)]
    pub offers: Named,
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

/// The same behind a flag, for scripts that put a command together.
#[derive(Debug, Clone, Default, Args)]
pub struct Flagged {
    /// The same as naming it without the flag; may be given more than once
    #[arg(long = "offers", value_name = "OFFER|PATH")]
    pub named: Vec<String>,
}

/// Manifests, folders, offers and patterns, however they were named.
#[derive(Debug, Clone, Default)]
pub struct Named(Vec<String>);

/// The two ways to name them.
#[derive(Debug, Args)]
struct Ways {
    /// Manifests, folders of manifests, or offers as publisher/offer, also as a pattern: 'contoso/*'; all manifests when
    /// none is named
    #[arg(value_name = "OFFER|PATH")]
    bare: Vec<String>,
    #[command(flatten)]
    flagged: Flagged,
}

impl Deref for Named {
    type Target = Vec<String>;

    fn deref(&self) -> &Vec<String> {
        &self.0
    }
}

impl FromArgMatches for Named {
    fn from_arg_matches(matches: &ArgMatches) -> Result<Self, Error> {
        let Ways { bare, flagged } = Ways::from_arg_matches(matches)?;
        Ok(Self([bare, flagged.named].concat()))
    }

    fn update_from_arg_matches(&mut self, matches: &ArgMatches) -> Result<(), Error> {
        *self = Self::from_arg_matches(matches)?;
        Ok(())
    }
}

impl Args for Named {
    fn augment_args(command: Command) -> Command {
        Ways::augment_args(command)
    }

    fn augment_args_for_update(command: Command) -> Command {
        Ways::augment_args_for_update(command)
    }
}
