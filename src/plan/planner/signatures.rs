//! Signatures that end before a certification would: which addresses are still to be fetched, and which of them the
//! manifest has with a token that lasts longer.

use super::super::expiry::Expiry;
use super::super::{Action, Step};
use super::{Planner, Running, change};
use crate::offer::{Document, Observed};

/// What becomes of the draft.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Draft {
    /// It is published, so that the service fetches what it names.
    Submitted,
    /// It stays a draft, and only what is new in it is looked at.
    Kept,
}

impl<'input> Planner<'input> {
    /// What would be published with a signature that ends too early is written anew first.
    pub(super) fn with_renewals(mut self) -> Self {
        let draft = self.observed.draft.as_ref().map(Document::as_value);
        let is_under_way =
            matches!(self.running(), Running::Ours(_)) && !(self.is_held_up() && self.directives.retry_failed);
        let is_submitted = self.slots_to_publish().is_some() && !is_under_way;
        if let Some(draft) = draft.filter(|_| is_submitted && self.comparison.is_in_sync())
            && let Some(expiry) = self.expiry_of(Draft::Submitted)
        {
            let renewals = expiry.renewals(self.desired, draft);
            self.changes.extend(renewals.iter().map(|found| change(self.context.catalogue, self.desired, found)));
            self.comparison.differences.extend(renewals);
        }
        self
    }

    /// What is known of the addresses that the steps would have fetched.
    pub(super) fn expiry(&self, steps: &[Step]) -> Option<Expiry<'input>> {
        let publishes = steps.iter().any(|step| step.action == Action::Publish);
        self.expiry_of(if publishes { Draft::Submitted } else { Draft::Kept })
    }

    /// Slots hold what was fetched already.
    fn expiry_of(&self, draft: Draft) -> Option<Expiry<'input>> {
        let Observed { preview, production, .. } = self.observed;
        let kept = self.observed.draft.as_ref().filter(|_| draft == Draft::Kept);
        let fetched = [preview.as_ref(), production.as_ref(), kept].into_iter().flatten().map(Document::as_value);
        Expiry::new(self.context.catalogue, self.directives.today, &self.settings(), fetched)
    }
}
