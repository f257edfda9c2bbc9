//! Why records cannot be kept, in words that tell what is lost by it and what to do next.

use std::path::{Path, PathBuf};

use super::BranchName;
use crate::git::{GitError, TRUST};
use crate::offer::OfferKey;

/// Records that could not be used.
#[derive(Debug, thiserror::Error)]
pub enum StateError {
    /// A file or folder.
    #[error("`{}` cannot be {verb}: {source}", path.display())]
    File {
        /// Which.
        path: PathBuf,
        /// What was to be done with it: "written".
        verb: &'static str,
        /// Why it cannot.
        source: std::io::Error,
    },
    /// Git, about this machine's copy of the branch.
    #[error("the records cannot be kept in git: {0}")]
    Git(#[from] GitError),
    /// There is no repository to have a branch.
    #[error("records are to be kept in a git branch, and `{}` is in no git repository that can be used: {source}", root.display())]
    NoRepository {
        /// Where one was looked for.
        root: PathBuf,
        /// What git said.
        source: GitError,
    },
    /// The branch is in a working tree, where it cannot move without the files.
    #[error("the branch `{branch}` of the records is checked out in `{}`", tree.display())]
    CheckedOut {
        /// The branch.
        branch: BranchName,
        /// The working tree.
        tree: PathBuf,
    },
    /// The branch is used for something else.
    #[error("the branch `{branch}` has files that are no records: `{file}`")]
    NotRecords {
        /// The branch.
        branch: BranchName,
        /// One of the files.
        file: String,
    },
    /// Nobody has said whom the branch is shared with.
    #[error("the repository has several remotes and none is `origin`: {remotes}")]
    WhichRemote {
        /// Their names.
        remotes: String,
    },
    /// What was saved could not be pushed.
    #[error("the records in the branch `{branch}` cannot be pushed to `{remote}`: {source}")]
    NotShared {
        /// The branch.
        branch: BranchName,
        /// Where it was to go.
        remote: String,
        /// Why it did not.
        source: GitError,
    },
    /// Another machine has written the record of the same offer.
    #[error("another machine has worked on {key} meanwhile: the branch `{branch}` has its record, which is kept")]
    Overtaken {
        /// The offer.
        key: OfferKey,
        /// The branch.
        branch: BranchName,
    },
    /// The branch has the record of an offer of the same name on another service.
    #[error("the branch `{branch}` has a record of {key} on {theirs}, and this is {ours}: it is not written over")]
    OtherService {
        /// The offer.
        key: OfferKey,
        /// The branch.
        branch: BranchName,
        /// Whose record it is.
        theirs: String,
        /// Which service this is about.
        ours: String,
    },
}

impl StateError {
    pub(super) fn file(path: impl AsRef<Path>, verb: &'static str, source: impl Into<std::io::Error>) -> Self {
        Self::File { path: path.as_ref().to_owned(), verb, source: source.into() }
    }

    /// What to do next.
    pub fn advice(&self) -> &'static str {
        match self {
            Self::File { .. } => "Make the state folder writable, then run the same command again.",
            Self::Git(_) => "Mend what git says, or name a folder for the records with `--state`.",
            Self::NoRepository { source, .. } if source.is_distrust() => TRUST,
            Self::NoRepository { .. } => {
                "Run in a clone of the repository, with `git` installed, or make one with `git init`, or name a folder for the \
                 records with `--state`."
            }
            Self::CheckedOut { .. } => "Switch that working tree to another branch; the records need no checkout.",
            Self::NotRecords { .. } => "Give the records a branch of their own, for example `git:offerctl-state`.",
            Self::WhichRemote { .. } => "Name the one that the records are pushed to: `git remote rename NAME origin`.",
            Self::NotShared { .. } => {
                "The record is in this clone, and the next run in it pushes it. With a clone that is thrown away, as in CI, it \
                 is lost: let this run push the branch, and run the same command again."
            }
            Self::Overtaken { .. } => {
                "Nothing more was done here. Look with `offerctl status`, then run the same command again: it plans anew."
            }
            Self::OtherService { .. } => "Give this service records of its own with `--state`.",
        }
    }
}
