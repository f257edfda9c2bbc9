//! The flags of the commands that get somebody started: a new repository, the completions of a shell, the manual.

use std::path::PathBuf;

use clap::{Args, ValueEnum};

use crate::authoring::{CiSystem, Source};
use crate::offer::{OfferId, OfferTypeId, PublisherId};

/// `init`.
#[derive(Debug, Args)]
pub struct InitArguments {
    /// The repository; made if it is not there [default: the folder where you are]
    #[arg(value_name = "FOLDER")]
    pub folder: Option<PathBuf>,
    /// Whose offers these are, as Partner Center names the publisher
    #[arg(long, value_name = "PUBLISHER", value_parser = |text: &str| PublisherId::new(text))]
    pub publisher: Option<PublisherId>,
    /// The offer of the first manifest
    #[arg(long, value_name = "OFFER", value_parser = |text: &str| OfferId::new(text))]
    pub offer: Option<OfferId>,
    /// The type of that offer, in the service's words: microsoft-azure-virtualmachines, microsoft-azure-corevm,
    /// microsoft-azure-applications or any other
    #[arg(long, value_name = "TYPE", conflicts_with = "import", value_parser = |text: &str| OfferTypeId::new(text))]
    pub offer_type: Option<OfferTypeId>,
    /// Write the manifest of the offer as it is on the service, or those of all offers of the publisher when none is named
    #[arg(long)]
    pub import: bool,
    /// Which workflows to write: plan on a pull request, apply on a merge, resume, drift [default: none]
    #[arg(long, value_enum, value_name = "SYSTEM")]
    pub ci: Option<Ci>,
    /// Where the workflows get offerctl from: its git repository and a tag or commit, `https://github.com/contoso/offerctl@v0.1.0`
    #[arg(long, value_name = "URL@REVISION")]
    pub source: Option<Source>,
    /// Do not ask: take the defaults for what no flag says
    #[arg(long, short)]
    pub yes: bool,
}

/// Which workflows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Ci {
    /// GitHub Actions.
    #[value(name = "github")]
    GitHub,
    /// Azure Pipelines.
    AzurePipelines,
    /// GitLab CI.
    #[value(name = "gitlab")]
    GitLab,
    /// No workflows.
    None,
}

impl Ci {
    /// The system, if there is one.
    pub fn system(self) -> Option<CiSystem> {
        match self {
            Self::GitHub => Some(CiSystem::GitHub),
            Self::AzurePipelines => Some(CiSystem::AzurePipelines),
            Self::GitLab => Some(CiSystem::GitLab),
            Self::None => None,
        }
    }
}

/// `completions`.
#[derive(Debug, Args)]
pub struct CompletionsArguments {
    /// The shell
    pub shell: CompletionShell,
}

/// The shells for which there are completions.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum CompletionShell {
    /// bash
    Bash,
    /// Elvish
    Elvish,
    /// fish
    Fish,
    /// Nushell
    Nushell,
    /// PowerShell
    #[value(name = "powershell")]
    PowerShell,
    /// zsh
    Zsh,
}

/// `man`.
#[derive(Debug, Args)]
pub struct ManArguments {
    /// The command whose page is printed, such as `plan` or `auth check`; the page of offerctl when none is named
    #[arg(value_name = "COMMAND")]
    pub command: Vec<String>,
    /// Write the pages of all commands into this folder instead
    #[arg(long, value_name = "FOLDER", conflicts_with = "command")]
    pub out: Option<PathBuf>,
}
