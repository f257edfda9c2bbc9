//! The planner: from what differs to the reviewed list of changes and steps.
//!
//! Pure and deterministic: no clock, no network, no file, no service words beyond the domain's. A plan is specific
//! enough that the executor has no choice left to make.

mod audience;
mod blank;
mod blocks;
mod changes;
mod content;
mod digest;
mod document;
mod expiry;
mod file;
mod guard;
mod listing;
mod mass;
mod notes;
mod operation;
mod packed;
mod passenger;
mod planner;
mod price;
mod reading;
mod report;
mod saved;
mod secret;
mod slots;
#[cfg(test)]
mod tests;

use std::sync::Arc;

use serde::{Deserialize, Serialize};

pub use changes::{Change, Changes};
pub use digest::{InvalidDigest, PlanDigest, desired_digest};
pub use document::{PlanDocument, Unsavable};
pub use file::{PLAN_FORMAT_VERSION, PlanFile};
pub use guard::{Allowance, InvalidAllowance};
pub(crate) use listing::DETAILS;
pub use listing::{Content, FileState, ListedFile, ListedItem, ListedOfferPlan, ListedPart, Listing, Presence};
pub use mass::guard_mass_change;
pub use operation::{Operation, OperationPlan, Refusal, RefusalReason, command_line, plan_operation};
pub use packed::Packed;
pub use passenger::Passenger;
pub(crate) use passenger::unsaid;
pub(crate) use planner::change;
pub use planner::{Circumstances, Directives, Known, Running, circumstances, plan_offer};
pub use reading::UnusablePlan;
pub use saved::{Agreement, Divergence, agreement};
pub(crate) use secret::judge as judge_secrets;
pub use secret::{Doubt, KnownSecret, PlannedSecret, TodaysSecret};
pub use slots::SlotCheck;
pub(crate) use slots::{comparison_context, holds, removed};

pub use crate::offer::Guard;

use crate::diff::Difference;
use crate::offer::{ETag, FieldPath, GuardSettings, OfferKey, OfferTypeId, Slot, SourcePosition};

/// What a run of `plan` found, and what `apply` would do: one entry for each manifest that was found.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Plan {
    /// The offers that could be planned, in the order of their names.
    pub offers: Vec<PlannedOffer>,
    /// The manifests whose offers could not be planned.
    pub failed: Vec<UnplannedOffer>,
    /// What it was made for.
    pub terms: Terms,
    /// The manifests that were left out because nothing of them changed, when only changed ones were asked for.
    pub unchanged: Option<Unchanged>,
}

/// Manifests that a run leaves out.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Unchanged {
    /// What they were compared with: a branch, a tag, a commit.
    pub since: String,
    /// How many they are.
    pub manifests: usize,
    /// The manifests that were deleted since. That deletes nothing on the service.
    #[serde(default)]
    pub deleted: Vec<String>,
}

/// What holds for a plan as a whole: the service, and what the person asked for.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Terms {
    /// The service that was asked, by the name under which records know it.
    pub service: String,
    /// Whether submissions of other content are to be canceled.
    pub supersede: bool,
    /// Whether what failed is to be submitted again.
    pub retry_failed: bool,
    /// Whether files are to be sent again.
    pub resend_media: bool,
}

impl Terms {
    /// The terms of a plan that is made for this service with these directives.
    pub fn of(service: &str, directives: &Directives) -> Self {
        Self {
            service: service.to_owned(),
            supersede: directives.supersede,
            retry_failed: directives.retry_failed,
            resend_media: directives.resend_media,
        }
    }

    /// What the planner is to take into account when it looks at an offer of the plan again. What was allowed then is
    /// allowed for this offer, and nothing else.
    pub fn directives(&self, offer: &PlannedOffer) -> Directives {
        let allowed = offer.allowed.iter().map(|block| Allowance::of(block.guard, offer.key.clone()));
        Directives {
            until: Some(offer.target),
            supersede: self.supersede,
            retry_failed: self.retry_failed,
            resend_media: self.resend_media,
            allow: allowed.collect(),
            ..Directives::default()
        }
    }
}

/// A manifest whose offer could not be planned.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UnplannedOffer {
    /// Which offer, when the manifest could be read.
    pub key: Option<OfferKey>,
    /// Its manifest.
    pub manifest: Arc<str>,
    /// Why it could not be planned.
    pub reason: String,
}

/// Everything that is to happen to one offer.
#[derive(Debug, Clone, PartialEq)]
pub struct PlannedOffer {
    /// Which offer.
    pub key: OfferKey,
    /// What kind of offer.
    pub offer_type: OfferTypeId,
    /// Its manifest.
    pub manifest: SourcePosition,
    /// How far this run takes it: `publishTo`, limited by `--until`.
    pub target: Slot,
    /// The `ETag` of the draft that was compared; `None` for a new offer, or when the service sends none.
    pub etag: Option<ETag>,
    /// The digest of the content that was compared; `None` for a new offer.
    pub content: Option<String>,
    /// The version of the draft that was compared; `None` for a new offer, or when the service tells none.
    pub version: Option<u64>,
    /// A digest of what the manifest says, `reconcile` included; `None` when there is nothing to do.
    pub desired: Option<String>,
    /// The publishing version of the newest submission, when the service tells it.
    pub submission: Option<u64>,
    /// A plan that was begun earlier and has not written the draft yet; these steps take its place.
    pub replaces: Option<PlanDigest>,
    /// What differs, waived differences included.
    pub changes: Changes,
    /// The secrets that the manifest names, and whether they changed.
    pub secrets: Vec<PlannedSecret>,
    /// What the steps would ship although the manifest does not say it, allowed or not.
    pub passengers: Packed<Vec<Passenger>>,
    /// What is to be done, in this order.
    pub steps: Vec<Step>,
    /// Why nothing is done although there are steps, or although there should be.
    pub blocks: Vec<Block>,
    /// What would have blocked, and was allowed by name.
    pub allowed: Vec<Block>,
    /// What the manifest says about guards.
    pub guards: GuardSettings,
    /// What a reader should know besides.
    pub notes: Vec<String>,
    /// What customers see before and after; `None` when there is nothing to do.
    pub listing: Option<Packed<Listing>>,
}

impl PlannedOffer {
    /// The one place that decides whether `apply` may work on the offer.
    pub fn verdict(&self) -> OfferVerdict {
        if !self.blocks.is_empty() {
            OfferVerdict::Blocked
        } else if self.steps.is_empty() {
            OfferVerdict::InSync
        } else {
            OfferVerdict::ToDo
        }
    }

    /// What a person can do about a block; for passengers the very command that takes them into the manifest.
    pub fn way_out(&self, block: &Block) -> String {
        match block.guard {
            Guard::Passengers => passenger::way_out(&self.key, &self.passengers.open()),
            guard => guard.way_out(&self.key),
        }
    }

    /// Changes everything in it that differs, passengers included.
    pub fn edit_differences(&mut self, mut edit: impl FnMut(&mut Difference)) {
        self.changes.edit(|changes| changes.iter_mut().for_each(|change| edit(&mut change.difference)));
        self.passengers.edit(|passengers| passengers.iter_mut().for_each(|it| edit(&mut it.difference)));
    }

    /// Whether the steps are about the submission that was the newest when they were planned: they cancel it, or take what
    /// it published live.
    pub fn is_about_the_submission(&self) -> bool {
        self.has(Action::Cancel) || (self.has(Action::GoLive) && !self.has(Action::Publish))
    }

    /// Whether one of the steps is this action.
    pub fn has(&self, action: Action) -> bool {
        self.steps.iter().any(|step| step.action == action)
    }
}

/// What becomes of a planned offer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum OfferVerdict {
    /// Nothing to do.
    InSync,
    /// Its steps may be done.
    ToDo,
    /// Its steps wait for a person.
    Blocked,
}

/// One action on the service.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Step {
    /// What is done.
    pub action: Action,
    /// What a wait waits for; `None` for every other action.
    pub until: Option<Goal>,
    /// Why, in a sentence for people.
    pub reason: String,
    /// How long the service says it takes.
    pub estimate: Option<String>,
    /// What in the repository asks for it.
    pub source: SourcePosition,
}

/// What a step does.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Action {
    /// Creates the offer.
    Create,
    /// Writes the draft.
    Update,
    /// Submits the draft to the preview slot.
    Publish,
    /// Submits the preview to the production slot.
    GoLive,
    /// Waits for the submission that runs.
    Wait,
    /// Cancels the submission that runs.
    Cancel,
}

impl Action {
    /// The name in plans and logs.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Create => "create",
            Self::Update => "update",
            Self::Publish => "publish",
            Self::GoLive => "go live",
            Self::Wait => "wait",
            Self::Cancel => "cancel",
        }
    }
}

impl Action {
    /// What can be done about it afterwards.
    pub fn undo(self) -> Undo {
        match self {
            Self::Wait => Undo::NotNeeded,
            Self::Update => Undo::ByApply,
            Self::Publish => Undo::ByCancel,
            // There is no DELETE, and what is live was seen by customers.
            Self::Create | Self::GoLive | Self::Cancel => Undo::Never,
        }
    }
}

/// What a wait waits for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Goal {
    /// The preview slot holds the submitted content.
    Preview,
    /// The production slot holds it.
    Live,
    /// No submission runs any more, whatever became of it.
    Settled,
    /// The submission that ran reads `canceled`.
    Canceled,
}

/// Whether a step can be taken back.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Undo {
    /// It changes nothing.
    NotNeeded,
    /// Another apply puts the old value back.
    ByApply,
    /// The submission can be canceled while it runs.
    ByCancel,
    /// It cannot be taken back.
    Never,
}

/// Why an offer's steps are not done.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Block {
    /// The rule that blocks.
    pub guard: Guard,
    /// What a person needs to know, in a sentence.
    pub sentence: String,
    /// What the service said, when that is the reason.
    pub messages: Vec<String>,
    /// The fields that it is about; none when it is about the offer as a whole, or about the run.
    pub fields: Vec<BlockedField>,
}

/// A field that a block is about, and where the manifest says so.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct BlockedField {
    /// Which field.
    pub path: FieldPath,
    /// Where the manifest declares it; for what it does not declare, the nearest place around it.
    pub source: SourcePosition,
}

/// The totals of a plan; every one of them is always shown.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Summary {
    /// Manifests that were planned or could not be.
    pub offers: usize,
    /// Offers that are to be created.
    pub create: usize,
    /// Existing offers with steps.
    pub change: usize,
    /// Offers with nothing to do.
    pub in_sync: usize,
    /// Offers whose steps wait for a person.
    pub blocked: usize,
    /// Manifests whose offers could not be planned.
    pub failed: usize,
    /// Fields that are to be written.
    pub changes: usize,
    /// Actions that are to be done; those of blocked offers are not counted.
    pub steps: usize,
}

impl Plan {
    /// Whether it covers every manifest that was selected, and each offer once.
    pub fn is_complete(&self) -> bool {
        // The service ignores the case of the letters in an id.
        let mut keys: Vec<_> = self.offers.iter().map(|offer| offer.key.to_string().to_ascii_lowercase()).collect();
        keys.sort_unstable();
        self.failed.is_empty() && keys.windows(2).all(|pair| pair[0] != pair[1])
    }

    /// Whether the allowance let anything pass.
    pub fn uses(&self, allowance: &Allowance) -> bool {
        let mut passed =
            self.offers.iter().flat_map(|offer| offer.allowed.iter().map(|block| (block.guard, &offer.key)));
        passed.any(|(guard, key)| allowance.covers(guard, key))
    }

    /// Counts everything.
    pub fn summary(&self) -> Summary {
        let mut summary =
            Summary { offers: self.offers.len() + self.failed.len(), failed: self.failed.len(), ..Summary::default() };
        for offer in &self.offers {
            match offer.verdict() {
                OfferVerdict::InSync => summary.in_sync += 1,
                OfferVerdict::Blocked => summary.blocked += 1,
                OfferVerdict::ToDo if offer.has(Action::Create) => summary.create += 1,
                OfferVerdict::ToDo => summary.change += 1,
            }
            summary.changes += offer.changes.written();
            if offer.verdict() == OfferVerdict::ToDo {
                summary.steps += offer.steps.len();
            }
        }
        summary
    }
}
