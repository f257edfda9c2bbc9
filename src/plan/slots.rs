//! Whether a slot already holds what the manifest says.

use std::borrow::Cow;

use serde_json::Value;

use crate::diff::{Context, Difference, MediaTrust, Operation, Sides, compare, gone_since, is_unset, set_value, walk};
use crate::offer::{Catalogue, Desired, Document, FieldPath, Observed};

use super::{Change, Directives, Known};

/// How a slot compares with the manifest.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SlotCheck {
    /// Nothing is in the slot.
    Empty,
    /// It holds the desired content.
    Right,
    /// It holds other content.
    Differs,
}

impl SlotCheck {
    /// Compares a slot's document with the manifest.
    ///
    /// A slot is also wrong while it holds what is to be, or was earlier, `removed` from the draft, and when a change of
    /// the draft is one that nobody can verify in the slot, as secrets are.
    pub fn of(
        context: &Context<'_>,
        desired: &Value,
        slot: Option<&Document>,
        changes: &[Change],
        removed: &[FieldPath],
    ) -> Self {
        let Some(slot) = slot.map(Document::as_value) else { return Self::Empty };
        let context = &context.in_slot();
        let comparison = compare(context, Sides { desired, observed: Some(slot), applied: None });
        let written = || changes.iter().map(|change| &change.difference).filter(|difference| difference.is_written());
        let being_removed = written().filter(|change| change.operation == Operation::Remove).map(|change| &change.path);
        let still_there = being_removed.chain(removed).any(|path| holds(context.catalogue, slot, path));
        let unverifiable =
            written().any(|change| comparison.unverifiable.iter().any(|path| path.is_within(&change.path)));
        // Nothing is seen of a secret, before it goes and after.
        let removes_secret = written().any(Difference::removes_secret);
        let is_right = comparison.is_in_sync() && !still_there && !unverifiable && !removes_secret;
        if is_right { Self::Right } else { Self::Differs }
    }
}

impl Known {
    /// The same next to what was observed: a file of the draft that is none of ours is somebody else's in a slot, too.
    pub(crate) fn next_to(&self, catalogue: &Catalogue, observed: &Observed) -> Cow<'_, Self> {
        let draft = observed.draft.as_ref().map(Document::as_value);
        let foreign = draft.map_or_else(Vec::new, |draft| self.media.foreign_in(catalogue, draft));
        if foreign.is_empty() {
            return Cow::Borrowed(self);
        }
        let mut known = self.clone();
        known.media.note_foreign(foreign);
        Cow::Owned(known)
    }
}

/// What the comparison of the draft with the manifest goes by.
pub(crate) fn comparison_context<'input>(
    catalogue: &'input Catalogue,
    desired: &'input Desired,
    known: &'input Known,
    directives: &Directives,
) -> Context<'input> {
    let media_trust = if directives.resend_media { MediaTrust::Resend } else { MediaTrust::Unverifiable };
    Context::of(catalogue, desired, &known.media, media_trust)
}

/// What was removed from the draft and may still stand in a slot: what earlier runs removed and nobody put back, and what
/// the last apply wrote and neither the manifest nor the draft says any more.
pub(crate) fn removed(context: &Context<'_>, desired: &Value, draft: Option<&Value>, known: &Known) -> Vec<FieldPath> {
    let is_back =
        |path: &FieldPath| draft.into_iter().chain([desired]).any(|document| holds(context.catalogue, document, path));
    let mut removed: Vec<_> = known.removed.iter().filter(|path| !is_back(path)).cloned().collect();
    let gone = known.applied.as_ref().zip(draft).map(|(applied, draft)| gone_since(context, applied, desired, draft));
    for path in gone.into_iter().flatten() {
        if !removed.iter().any(|known| path.is_within(known)) {
            removed.push(path);
        }
    }
    removed
}

/// Whether the document says anything at the path that the service would not add by itself.
pub(crate) fn holds(catalogue: &Catalogue, document: &Value, path: &FieldPath) -> bool {
    walk(catalogue, document, path, set_value).is_some_and(|value| !is_unset(value))
}
