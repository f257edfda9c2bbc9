//! All that the service remembers of one offer: its drafts, its submissions, and what lies in its slots.
//!
//! Slots are not stored: what is in one follows from the submissions that went through by now.

use std::collections::BTreeMap;
use std::sync::Arc;

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::clock::Moment;
use super::submission::{Cancel, Kind, Outcome, Standing, Submission};
use super::timing::Timing;

/// So many versions are kept, beside those that a submission still needs.
const VERSIONS_KEPT: usize = 25;
const CANCELLATIONS_KEPT: usize = 20;

/// A definition as it was written at one time.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) struct Version {
    pub(super) definition: Arc<Value>,
    pub(super) changed: Moment,
}

/// The operation that a cancel answered with.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) struct Cancellation {
    pub(super) id: String,
    pub(super) done: Moment,
}

/// One offer.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) struct Record {
    pub(super) offer_type: String,
    next_version: u64,
    versions: BTreeMap<u64, Version>,
    submissions: Vec<Submission>,
    cancellations: Vec<Cancellation>,
    scripted: Option<Outcome>,
}

impl Record {
    /// An offer that was never written, whose first version will be `first_version`.
    pub(super) fn new(offer_type: &str, first_version: u64) -> Self {
        Self {
            offer_type: offer_type.to_owned(),
            next_version: first_version,
            versions: BTreeMap::new(),
            submissions: Vec::new(),
            cancellations: Vec::new(),
            scripted: None,
        }
    }

    /// The number of the draft.
    pub(super) fn version(&self) -> u64 {
        self.next_version.saturating_sub(1)
    }

    /// The number that the next write gets.
    pub(super) fn next_version(&self) -> u64 {
        self.next_version
    }

    /// The newest version; `None` before the first write.
    pub(super) fn draft(&self) -> Option<&Version> {
        self.versions.values().next_back()
    }

    /// A version by its number, as long as it is kept.
    pub(super) fn at(&self, version: u64) -> Option<&Version> {
        self.versions.get(&version)
    }

    /// Makes this the draft.
    pub(super) fn write(&mut self, definition: Value, now: Moment) {
        // Two writes never share a moment, since the ETag is made of it.
        let changed = self.draft().map_or(now, |draft| now.max(draft.changed.next()));
        self.versions.insert(self.next_version, Version { definition: Arc::new(definition), changed });
        self.next_version += 1;
        self.forget_old_versions();
    }

    fn forget_old_versions(&mut self) {
        let surplus = self.versions.len().saturating_sub(VERSIONS_KEPT);
        if surplus > 0 {
            let old: Vec<u64> = self.versions.keys().copied().take(surplus).collect();
            for version in old {
                if !self.submissions.iter().any(|submission| submission.offer_version == version) {
                    self.versions.remove(&version);
                }
            }
        }
    }

    /// All submissions, oldest first.
    pub(super) fn submissions(&self) -> &[Submission] {
        &self.submissions
    }

    /// The newest submission, which alone decides how the offer stands.
    pub(super) fn newest(&self) -> Option<&Submission> {
        self.submissions.last()
    }

    /// How a submission stands, seen with those that came after it.
    pub(super) fn standing(&self, submission: &Submission, now: Moment) -> Standing {
        let standing = submission.standing(now);
        let is_newest = self.newest().is_some_and(|newest| newest.id == submission.id);
        if standing == Standing::AwaitingSignoff && !is_newest { Standing::Completed } else { standing }
    }

    /// Whether the newest submission keeps others from starting.
    pub(super) fn is_busy(&self, now: Moment) -> bool {
        self.newest().is_some_and(|newest| newest.standing(now).is_busy())
    }

    /// The version in the preview slot.
    pub(super) fn preview(&self, now: Moment) -> Option<u64> {
        self.last_through(Kind::Publish, now)
    }

    /// The version in the production slot.
    pub(super) fn production(&self, now: Moment) -> Option<u64> {
        self.last_through(Kind::GoLive, now)
    }

    fn last_through(&self, kind: Kind, now: Moment) -> Option<u64> {
        let mut newest_first = self.submissions.iter().rev();
        newest_first
            .find(|submission| submission.kind == kind && submission.went_through(now))
            .map(|submission| submission.offer_version)
    }

    /// Starts a submission of `offer_version`; an outcome that was scripted for one of its stages is used up.
    pub(super) fn submit(
        &mut self,
        id: String,
        kind: Kind,
        offer_version: u64,
        emails: String,
        now: Moment,
        timing: Timing,
    ) {
        let outcome = self.scripted.take_if(|outcome| kind.stages().contains(&outcome.stage));
        self.submissions.push(Submission {
            id,
            kind,
            offer_version,
            publishing_version: self.next_publishing_version(),
            emails,
            started: now,
            timing,
            outcome,
            cancel: None,
        });
    }

    /// The number that the next submission gets.
    pub(super) fn next_publishing_version(&self) -> u64 {
        self.newest().map_or(1, |newest| newest.publishing_version + 1)
    }

    /// Asks for the newest submission to be canceled, if it can still be; a second cancel changes nothing.
    pub(super) fn cancel(&mut self, operation: String, now: Moment, effective: Moment) {
        if let Some(newest) = self.submissions.last_mut()
            && newest.cancel.is_none()
            && (newest.standing(now).is_busy() || newest.standing(now) == Standing::AwaitingSignoff)
        {
            newest.cancel = Some(Cancel { requested: now, effective });
        }
        self.cancellations.push(Cancellation { id: operation, done: effective });
        if self.cancellations.len() > CANCELLATIONS_KEPT {
            self.cancellations.remove(0);
        }
    }

    /// The cancelling operations, oldest first.
    pub(super) fn cancellations(&self) -> &[Cancellation] {
        &self.cancellations
    }

    /// Scripts what the next submission with that stage meets.
    pub(super) fn script(&mut self, outcome: Outcome) {
        self.scripted = Some(outcome);
    }
}
