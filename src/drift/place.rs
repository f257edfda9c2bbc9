//! One offer compared: the differences of the draft, those of slots that lag behind a draft that is right, and what each
//! slot holds of each of them.

use serde_json::Value;

use super::trail::Trail;
use super::{Attribution, ComparedOffer, Held, Place, PlacedDifference, Presence};
use crate::diff::{
    Class, Context, Difference, MediaTrust, Operation, Sides, between, compare, mean_the_same, value_at,
};
use crate::offer::{Catalogue, Desired, Document, FieldPath, Observed, Slot};
use crate::plan::{Known, change, holds, judge_secrets, removed};

/// Compares one offer, of which the draft and both slots were read.
pub fn compare_offer(catalogue: &Catalogue, desired: &Desired, observed: Observed, known: &Known) -> ComparedOffer {
    let record = if known.applied.is_some() { Attribution::Recorded } else { Attribution::Unknown };
    let Some(draft) = observed.draft else {
        let presence = if record == Attribution::Recorded { Presence::Gone } else { Presence::NotCreated };
        return ComparedOffer {
            key: desired.key.clone(),
            manifest: desired.manifest.clone(),
            presence,
            record,
            differences: Vec::new(),
            unverifiable: Vec::new(),
            draft: None,
            trail: Trail::default(),
        };
    };
    let context = Context::of(catalogue, desired, &known.media, MediaTrust::Unverifiable);
    let applied = known.applied.as_deref();
    let sides = Sides { desired: &desired.document, observed: Some(draft.as_value()), applied };
    let mut comparison = compare(&context, sides);
    let secrets = judge_secrets(desired, &known.secrets);
    let judged: Vec<_> = secrets.iter().map(|secret| (&secret.path, secret.verdict)).collect();
    comparison.judge_secrets(&context, sides, &judged);
    let slots = [(Slot::Preview, observed.preview), (Slot::Production, observed.production)];
    let slots = slots.map(|(slot, document)| SlotContent::new(slot, document, &context, desired, known, &draft));
    let mut differences: Vec<_> =
        comparison.differences.iter().map(|found| placed(&context, desired, found, Slot::Draft, &slots)).collect();
    let published = known.reached;
    for lagging in slots.iter().filter(|content| content.slot <= desired.reconcile.publish_to) {
        let found = lagging.lags.iter().filter(|found| found.is_written());
        let found: Vec<_> =
            found.filter(|found| !differences.iter().any(|known| touches(known, &found.path))).collect();
        let unpublished = found.into_iter().map(|found| {
            let mut placed = placed(&context, desired, found, lagging.slot, &slots);
            // The draft is as the repository wants it. Unless the slot held that too, and somebody published something
            // else since, ours is on its way there.
            if found.class != Class::Drift || published < Some(lagging.slot) {
                placed.change.difference.class = Class::Pending;
            }
            placed
        });
        differences.extend(unpublished.collect::<Vec<_>>());
    }
    ComparedOffer {
        key: desired.key.clone(),
        manifest: desired.manifest.clone(),
        presence: Presence::There,
        record,
        differences,
        unverifiable: comparison.unverifiable,
        trail: Trail::from(&draft),
        draft: Some(draft),
    }
}

/// What a slot holds, compared with the repository and with the draft.
struct SlotContent {
    slot: Slot,
    document: Option<Document>,
    /// What leads from the slot to the repository.
    lags: Vec<Difference>,
    /// The fields that the slot and the draft hold otherwise.
    unlike_draft: Vec<FieldPath>,
}

impl SlotContent {
    fn new(
        slot: Slot,
        document: Option<Document>,
        context: &Context<'_>,
        desired: &Desired,
        known: &Known,
        draft: &Document,
    ) -> Self {
        let Some(said) = document.as_ref().map(Document::as_value) else {
            return Self { slot, document, lags: Vec::new(), unlike_draft: Vec::new() };
        };
        let sides = Sides { desired: &desired.document, observed: Some(said), applied: known.applied.as_deref() };
        let mut lags = compare(&context.in_slot(), sides).differences;
        let left = removed_from_draft(context, desired, known, draft, said);
        let left: Vec<_> =
            left.into_iter().filter(|left| !lags.iter().any(|lag| overlap(&lag.path, &left.path))).collect();
        lags.extend(left);
        let unlike_draft = between(context.catalogue, context.media, said, draft.as_value());
        let unlike_draft = unlike_draft.into_iter().map(|difference| difference.path).collect();
        Self { slot, document, lags, unlike_draft }
    }

    fn held(&self, context: &Context<'_>, difference: &Difference, found_in: Slot) -> Held {
        let Some(document) = &self.document else { return Held::EmptySlot };
        let path = &difference.path;
        if found_in == Slot::Draft && !self.unlike_draft.iter().any(|other| overlap(other, path)) {
            return Held::AsFound;
        }
        if !self.lags.iter().any(|lag| overlap(&lag.path, path)) {
            return Held::AsRepository;
        }
        let value = value_at(context.catalogue, document.as_value(), path);
        // A file that is served is signed anew in each answer.
        let rules = context.catalogue.rules_at(path);
        let is_found = mean_the_same(context, rules, path, value, difference.before.as_ref());
        if is_found { Held::AsFound } else { Held::Other(value.cloned()) }
    }
}

/// What was removed from the draft and the slot still has, until the next publish.
fn removed_from_draft(
    context: &Context<'_>,
    desired: &Desired,
    known: &Known,
    draft: &Document,
    slot: &Value,
) -> Vec<Difference> {
    let catalogue = context.catalogue;
    let removed = removed(context, &desired.document, Some(draft.as_value()), known);
    let left = removed.into_iter().filter(|path| holds(catalogue, slot, path));
    left.map(|path| Difference {
        operation: Operation::Remove,
        class: Class::Pending,
        before: value_at(catalogue, slot, &path).cloned(),
        path,
        after: None,
        waived: None,
        content: None,
    })
    .collect()
}

fn placed(
    context: &Context<'_>,
    desired: &Desired,
    difference: &Difference,
    found_in: Slot,
    slots: &[SlotContent; 2],
) -> PlacedDifference {
    let path = &difference.path;
    let draft = if found_in == Slot::Draft { Held::AsFound } else { Held::AsRepository };
    let [preview, production] = slots;
    let at = |slot: &SlotContent| Place { slot: slot.slot, held: slot.held(context, difference, found_in) };
    let waiver = context.ignore.iter().find(|ignored| path.is_within(&ignored.path));
    PlacedDifference {
        change: change(context.catalogue, desired, difference),
        found_in,
        places: [Place { slot: Slot::Draft, held: draft }, at(preview), at(production)],
        since: None,
        waived_until: waiver.and_then(|waiver| waiver.until),
    }
}

fn touches(known: &PlacedDifference, path: &FieldPath) -> bool {
    overlap(&known.change.difference.path, path)
}

/// Whether one of the two is a part of the other.
pub(super) fn overlap(one: &FieldPath, other: &FieldPath) -> bool {
    one.is_within(other) || other.is_within(one)
}
