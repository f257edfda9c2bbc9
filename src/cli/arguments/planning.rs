//! The command lines of `plan`, `show` and `apply`.

use std::path::PathBuf;

use clap::Args;

use super::{Changed, Flagged, MarkdownOptions, Selection, WaitOptions};
use crate::offer::Slot;
use crate::plan::{Allowance, PlanDigest};

/// What a plan takes into account, for `plan` and `apply` alike.
#[derive(Debug, Clone, Args)]
pub struct PlanOptions {
    /// Go no further than this slot, whatever the manifests say
    #[arg(long, value_name = "SLOT", value_parser = super::slot)]
    pub until: Option<Slot>,
    /// Cancel a running submission of other content instead of queueing behind it
    #[arg(long)]
    pub supersede: bool,
    /// Submit again what failed or was canceled
    #[arg(long)]
    pub retry_failed: bool,
    /// Send logos and other files again when no record tells what the service made of them
    #[arg(long)]
    pub resend_media: bool,
    /// Let a guard pass, everywhere or for one offer: `remove-image`, `conflict:contoso/contoso-vm`
    #[arg(long, value_name = "GUARD[:OFFER]")]
    pub allow: Vec<Allowance>,
}

impl PlanOptions {
    /// The first option that was given, as it is written.
    pub fn first_given(&self) -> Option<&'static str> {
        let Self { until, supersede, retry_failed, resend_media, allow } = self;
        let given = [
            (until.is_some(), "--until"),
            (*supersede, "--supersede"),
            (*retry_failed, "--retry-failed"),
            (*resend_media, "--resend-media"),
            (!allow.is_empty(), "--allow"),
        ];
        given.into_iter().find(|(is_given, _)| *is_given).map(|(_, flag)| flag)
    }
}

/// `plan`.
#[derive(Debug, Args)]
pub struct PlanArguments {
    /// Which offers.
    #[command(flatten)]
    pub selection: Selection,
    /// What to take into account.
    #[command(flatten)]
    pub options: PlanOptions,
    /// Save the plan in this file, for `show` and `apply`
    #[arg(long, value_name = "FILE")]
    pub out: Option<PathBuf>,
    /// Exit with 2 when there are changes or steps
    #[arg(long)]
    pub detailed_exitcode: bool,
    /// How the Markdown is fitted to its place.
    #[command(flatten)]
    pub markdown: MarkdownOptions,
}

/// `apply`.
#[derive(Debug, Args)]
pub struct ApplyArguments {
    /// Manifests, folders of manifests, or offers as publisher/offer, also as a pattern: 'contoso/*'; all manifests when
    /// none is named. Or one saved plan
    #[arg(value_name = "OFFER|PATH|PLAN")]
    pub offers: Vec<String>,
    /// The same behind a flag.
    #[command(flatten)]
    pub flagged: Flagged,
    /// Whether only changed ones count.
    #[command(flatten)]
    pub changed: Changed,
    /// What to take into account.
    #[command(flatten)]
    pub options: PlanOptions,
    /// Go on only with the plan that has this digest
    #[arg(long, value_name = "DIGEST")]
    pub expect_digest: Option<PlanDigest>,
    /// Do not ask
    #[arg(long, short)]
    pub yes: bool,
    /// How to wait.
    #[command(flatten)]
    pub waiting: WaitOptions,
    /// Write also when somebody writes at that very moment (`If-Match: *`); an edit between the last look and the write is lost
    #[arg(long)]
    pub last_write_wins: bool,
}

/// `show`.
#[derive(Debug, Args)]
pub struct ShowArguments {
    /// The file that `plan --out` wrote
    #[arg(value_name = "PLAN")]
    pub plan: PathBuf,
    /// How the Markdown is fitted to its place.
    #[command(flatten)]
    pub markdown: MarkdownOptions,
}
