//! What the planner makes of secrets that stand on the service unseen: which of them an update would leave out, and which
//! slot may hold one from before.

use super::super::blocks::Alarm;
use super::super::{Action, Step, blank, secret};
use super::Planner;
use crate::diff::Difference;
use crate::offer::{Document, FieldPath, Slot, ValueKind};

impl Planner<'_> {
    /// The secrets that an update of the draft would leave out.
    pub(super) fn blank_secrets(&self) -> Option<Alarm> {
        let draft = self.observed.draft.as_ref().map(Document::as_value).filter(|_| !self.comparison.is_in_sync())?;
        blank::alarm(self.context.catalogue, self.desired, draft, self.known, &self.changes)
    }

    /// The secrets that the service keeps only as long as nothing is updated.
    pub(super) fn kept_secrets(&self) -> Vec<String> {
        let draft = self.observed.draft.as_ref().map(Document::as_value).filter(|_| self.comparison.is_in_sync());
        let notes = |draft| blank::notes(self.context.catalogue, self.desired, draft, self.known, &self.changes);
        draft.map_or_else(Vec::new, notes)
    }

    /// Fingerprints get the key of this run with the next write, and not before.
    pub(super) fn weak_fingerprints(&self, steps: &[Step]) -> Option<String> {
        let writes = steps.iter().any(|step| step.action == Action::Update);
        (self.known.weak_fingerprints && !writes).then(|| {
            "the fingerprints on record were made without `OFFERCTL_FINGERPRINT_KEY` and can be guessed; the next update \
             makes new ones with it"
                .to_owned()
        })
    }

    /// Whether a slot may hold a secret from before, of which nobody sees anything.
    pub(super) fn lags(&self, slot: Slot) -> bool {
        let catalogue = self.context.catalogue;
        let is_secret = |path: &FieldPath| catalogue.rules_at(path).field().value == ValueKind::Secret;
        // What was removed is forgotten once production is right.
        let may_hold_removed = slot == Slot::Production && self.removed.iter().any(is_secret);
        let is_being_removed = self.comparison.to_write().any(Difference::removes_secret);
        may_hold_removed || is_being_removed || secret::lags(self.desired, &self.known.secrets, slot)
    }
}
