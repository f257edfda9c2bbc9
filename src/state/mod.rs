//! Records of what was applied, what is in flight and what is left to do: one JSON file an offer, in a folder or in a
//! branch of the git repository.
//!
//! Losing the records loses attribution and resumption, never correctness: the service is always read again before it is
//! written to.
//! No secret is ever recorded, only the name of the variable that holds it and a fingerprint of its value.

mod blobs;
mod branch;
mod error;
mod fingerprint;
mod folder;
mod format;
mod history;
mod lock;
mod place;
mod rest;
mod sharing;
mod store;

use std::sync::Arc;

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

pub use branch::StateBranch;
pub use error::StateError;
pub use fingerprint::{FingerprintKey, Fingerprinter, SentSecret, SentSecrets, WeakKey};
pub use folder::StateFolder;
pub use format::{Loaded, UnusableRecord};
pub use history::{Deed, History, HistoryEntry};
pub use lock::{Holder, LockError, OfferLock};
pub use place::{BranchName, InvalidBranch, StatePlace};
pub use rest::{Rest, StepLeft, StopCause, Stopped, Subject};
pub use store::State;

use crate::diff::MediaRecords;
use crate::offer::{Catalogue, FieldPath, OfferId, OfferKey, PublisherId, Slot, SubmissionKind};
use crate::plan::{Known, KnownSecret, PlanDigest, TodaysSecret};

/// Grows when an older program could no longer read the record.
pub const RECORD_VERSION: u32 = 2;

/// How many plans a record remembers that were applied.
pub const PLANS_KEPT: usize = 100;

/// What offerctl knows about one offer from its own earlier runs.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Record {
    /// [`RECORD_VERSION`].
    pub version: u32,
    /// Who publishes the offer.
    pub publisher_id: PublisherId,
    /// Which offer.
    pub offer_id: OfferId,
    /// The service it was applied to, so that a trial run is never taken for the real one.
    pub service: String,
    /// When the record was last written, as an RFC 3339 time stamp.
    pub recorded_at: String,
    /// The manifest's document that was last written to the draft; signatures are removed from it.
    #[serde(default)]
    pub applied: Option<Arc<Value>>,
    /// The last slot that was seen to hold what was applied; `None` when none was.
    #[serde(default)]
    pub reached: Option<Slot>,
    /// The commit that it came from, with `-dirty` behind it when the checkout differed from it.
    #[serde(default)]
    pub commit: Option<String>,
    /// The plan that it was applied with.
    #[serde(default)]
    pub plan: Option<PlanDigest>,
    /// Plans that were applied before it, the last [`PLANS_KEPT`], the oldest first: none is ever done a second time.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub earlier_plans: Vec<PlanDigest>,
    /// Which served file came from which source.
    #[serde(default)]
    pub media: MediaRecords,
    /// The secrets that the last write sent; `None` when none was, or nobody knows.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub secrets: Option<SentSecrets>,
    /// Fields that were removed from the draft, and that a slot may hold until the next publish.
    #[serde(default)]
    pub removed: Vec<FieldPath>,
    /// The submission that this program started and has not seen end.
    #[serde(default)]
    pub in_flight: Option<InFlight>,
    /// What is left of the plan that was begun last; `None` when it was brought to its end.
    #[serde(default)]
    pub rest: Option<Rest>,
    /// What was done to the offer last.
    #[serde(default)]
    pub history: History,
}

/// A submission that was started, or was about to be.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct InFlight {
    /// Publish or go-live.
    pub kind: InFlightKind,
    /// When it was started, as an RFC 3339 time stamp.
    pub started_at: String,
    /// Where the service reports on it; `None` while nobody knows whether the service took it.
    pub location: Option<String>,
    /// Whether the service is known to have taken it.
    #[serde(default)]
    pub is_accepted: bool,
    /// The publishing version of the newest submission before it; `None` when there was none.
    #[serde(default)]
    pub after: Option<u64>,
    /// Its publishing version, which the service counts up; `None` until the service has told it.
    #[serde(default)]
    pub publishing_version: Option<u64>,
}

/// What a submission in flight does.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum InFlightKind {
    /// Draft to preview.
    Publish,
    /// Preview to production.
    GoLive,
}

impl From<InFlightKind> for SubmissionKind {
    fn from(kind: InFlightKind) -> Self {
        match kind {
            InFlightKind::Publish => Self::Publish,
            InFlightKind::GoLive => Self::GoLive,
        }
    }
}

impl From<SubmissionKind> for InFlightKind {
    fn from(kind: SubmissionKind) -> Self {
        match kind {
            SubmissionKind::Publish => Self::Publish,
            SubmissionKind::GoLive => Self::GoLive,
        }
    }
}

impl Record {
    /// Whether everything that was begun has come to its end.
    pub fn is_settled(&self) -> bool {
        self.in_flight.is_none() && self.rest.is_none()
    }

    /// Takes in what the draft holds now by our doing. Other content than before has reached no slot yet.
    pub fn apply(&mut self, document: Arc<Value>) {
        if self.applied.as_ref() != Some(&document) {
            self.applied = Some(document);
            self.reached = None;
        }
    }

    /// Takes in which plan the draft was written by, or found to agree with.
    pub fn apply_plan(&mut self, plan: Option<PlanDigest>) {
        if self.plan == plan {
            return;
        }
        let earlier = std::mem::replace(&mut self.plan, plan);
        self.earlier_plans.retain(|kept| Some(kept) != earlier.as_ref());
        self.earlier_plans.extend(earlier);
        self.earlier_plans.drain(..self.earlier_plans.len().saturating_sub(PLANS_KEPT));
    }

    /// Whether the draft was written by a plan, or found to agree with it.
    pub fn knows_plan(&self, plan: &PlanDigest) -> bool {
        self.plan.iter().chain(&self.earlier_plans).any(|known| known == plan)
    }

    /// Takes in that a slot holds what was applied.
    pub fn reach(&mut self, slot: Slot) {
        self.reached = self.reached.max(Some(slot));
    }

    /// A record of an offer of which nothing is known.
    pub fn new(key: &OfferKey, service: &str) -> Self {
        Self {
            version: RECORD_VERSION,
            publisher_id: key.publisher.clone(),
            offer_id: key.offer.clone(),
            service: service.to_owned(),
            recorded_at: String::new(),
            applied: None,
            reached: None,
            commit: None,
            plan: None,
            earlier_plans: Vec::new(),
            media: MediaRecords::default(),
            secrets: None,
            removed: Vec::new(),
            in_flight: None,
            rest: None,
            history: History::default(),
        }
    }

    /// What the planner may know of it, without what the environment holds today.
    pub fn known(&self) -> Known {
        let sent = self.secrets.iter().flat_map(SentSecrets::iter);
        let mut applied = self.applied.clone();
        // A manifest that names one no more agrees with a draft that never shows it, and the service still has it.
        for secret in self.secrets.iter().flat_map(SentSecrets::iter) {
            if let Some(applied) = &mut applied {
                put_back(Arc::make_mut(applied), secret);
            }
        }
        Known {
            applied,
            reached: self.reached,
            media: self.media.clone(),
            removed: self.removed.clone(),
            secrets: sent.map(known_secret).collect(),
            weak_fingerprints: false,
            submitted: self.in_flight.as_ref().and_then(|submission| submission.publishing_version),
            unwritten: self.rest.as_ref().and_then(Rest::unwritten_plan).cloned(),
        }
    }
}

/// Puts a secret that was sent where it stood, if nothing stands there now.
fn put_back(applied: &mut Value, secret: &SentSecret) {
    let place = Catalogue::built_in().in_document(applied, &secret.path);
    let Some((last, parents)) = place.segments().split_last() else { return };
    let mut here = applied;
    for segment in parents {
        here = match here {
            Value::Object(map) => map.entry(segment.as_str()).or_insert_with(|| json!({})),
            Value::Array(items) => {
                let Some(item) = segment.parse::<usize>().ok().and_then(|index| items.get_mut(index)) else { return };
                item
            }
            _ => return,
        };
    }
    if let Value::Object(map) = here {
        map.entry(last.as_str()).or_insert_with(|| json!({"$secret": secret.variable}));
    }
}

fn known_secret(sent: &SentSecret) -> KnownSecret {
    let SentSecret { path, variable, fingerprint, reached } = sent.clone();
    KnownSecret { path, variable, fingerprint, today: TodaysSecret::NotSet, reached }
}

#[cfg(test)]
mod tests;
