//! The places where changes are reviewed: GitHub, Azure DevOps, GitLab. One comment on a pull request is written, found again
//! and edited in place.
//!
//! A **marker** is the hidden first line by which a comment is found. Only a comment of the token's own account is ever
//! edited: whoever else wrote one with the same marker could change our words behind our back. This room knows no offers,
//! no plans and no terminals.

mod address;
mod azure_devops;
mod conversation;
mod error;
mod github;
mod gitlab;
mod transport;

pub use address::{Address, InvalidAddress};
pub use azure_devops::AzureDevOps;
pub use conversation::{Comment, Deed, Posted};
pub use error::ForgeError;
pub use github::{GitHub, commit_of_event, number_of_event, number_of_ref};
pub use gitlab::GitLab;

use crate::portal::{KnownSecrets, RetryPolicy, Secret};

/// A kind of place.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Place {
    /// GitHub, in the cloud or at home.
    GitHub,
    /// Azure DevOps, in the cloud or at home.
    AzureDevOps,
    /// GitLab, in the cloud or at home.
    GitLab,
}

impl Place {
    /// The word in flags and JSON.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::GitHub => "github",
            Self::AzureDevOps => "azure-devops",
            Self::GitLab => "gitlab",
        }
    }

    /// Who may comment there, for whoever may not.
    pub fn permission(self) -> &'static str {
        match self {
            Self::GitHub => {
                "GITHUB_TOKEN must be set and allowed to comment: `permissions: {pull-requests: write}` for the job, and \
                 `env: {GITHUB_TOKEN: ${{ github.token }}}` for the step. A job for a pull request from a fork gets a token \
                 that only reads."
            }
            Self::AzureDevOps => {
                "Map the token into the step, `env: {SYSTEM_ACCESSTOKEN: $(System.AccessToken)}`, and give the build service \
                 of the project the permission \"Contribute to pull requests\" on the repository."
            }
            Self::GitLab => {
                "GITLAB_TOKEN must be an access token of a project, a group or a person, with the scope `api` and at least \
                 the role Reporter. The CI_JOB_TOKEN of a job may not comment."
            }
        }
    }
}

/// The pull request that is commented on.
#[derive(Debug, Clone)]
pub enum Target {
    /// On GitHub.
    GitHub(GitHub),
    /// On Azure DevOps.
    AzureDevOps(AzureDevOps),
    /// On GitLab.
    GitLab(GitLab),
}

/// What a conversation is made with. Everything comes in from outside, also the chance.
#[derive(Debug, Clone)]
pub struct ForgeOptions {
    /// The token; it goes to the address of the target and nowhere else.
    pub token: Secret,
    /// The secrets of the run: what the place says is searched for them, and the token is added.
    pub secrets: KnownSecrets,
    /// How often and how long reading is repeated.
    pub retry: RetryPolicy,
    /// The seed of the chance in the delays between repetitions.
    pub jitter_seed: u64,
}

impl Target {
    /// Which kind of place it is at.
    pub fn place(&self) -> Place {
        match self {
            Self::GitHub(_) => Place::GitHub,
            Self::AzureDevOps(_) => Place::AzureDevOps,
            Self::GitLab(_) => Place::GitLab,
        }
    }

    /// Writes the comment, or edits the one of this account that has its marker.
    pub async fn post(&self, comment: &Comment, options: ForgeOptions) -> Result<Posted, ForgeError> {
        match self {
            Self::GitHub(target) => conversation::post(&github::Conversation::open(target, options)?, comment).await,
            Self::AzureDevOps(target) => {
                conversation::post(&azure_devops::Conversation::open(target, options)?, comment).await
            }
            Self::GitLab(target) => conversation::post(&gitlab::Conversation::open(target, options)?, comment).await,
        }
    }
}
