//! What the steps put in the place of what, whoever wrote it, for the guards that read values: prices, audiences,
//! signatures.

use serde_json::Value;

use super::blocks::Alarm;
use super::expiry::Expiry;
use super::passenger::Shipment;
use super::{audience, price};
use crate::diff::{Context, Difference, Sides, body_for_create, body_for_update, compare};
use crate::offer::{GuardSettings, Slot};

/// A content, and what it replaces.
pub(super) struct ContentChange<'value> {
    context: Context<'value>,
    new: Value,
    /// What customers have now, or the draft when nothing is published; `None` for a new offer.
    old: Option<&'value Value>,
    /// What differs by meaning between the manifest and that.
    replaced: Vec<Difference>,
}

impl<'value> ContentChange<'value> {
    /// The content that is submitted; without a publish or go-live, the draft as it will be: what an update makes of it, or
    /// without one exactly what it is.
    pub(super) fn of(
        context: Context<'value>,
        desired: &Value,
        draft: Option<&'value Value>,
        updated: Option<&[Difference]>,
        shipment: Option<Shipment<'value>>,
    ) -> Self {
        let old = shipment.map(|shipment| shipment.old).or(draft);
        let new = match (shipment, draft) {
            (Some(Shipment { from: Slot::Preview, content, .. }), _) => content.clone(),
            // A draft that is too odd to be written to is refused where it is written.
            (_, Some(draft)) => updated.map_or_else(
                || draft.clone(),
                |differences| {
                    body_for_update(&context, desired, draft, differences).unwrap_or_else(|_| desired.clone())
                },
            ),
            (_, None) => body_for_create(desired),
        };
        let sides = Sides { desired, observed: old, applied: None };
        let replaced = compare(&context.in_slot(), sides).differences;
        Self { context, new, old, replaced: replaced.into_iter().filter(Difference::is_written).collect() }
    }

    /// What calls for a guard.
    pub(super) fn alarms(&self, expiry: Option<&Expiry<'_>>, settings: &GuardSettings) -> Vec<Alarm> {
        let Self { context, new, old, replaced } = self;
        let price = old.and_then(|old| price::alarm(context.catalogue, new, old, replaced, settings));
        let audience = old.and_then(|old| audience::alarm(context.catalogue, new, old, replaced));
        let expiry = expiry.and_then(|expiry| expiry.alarm(new));
        [price, audience, expiry].into_iter().flatten().collect()
    }

    /// What a reader should know besides, a sentence each.
    pub(super) fn notes(&self) -> Vec<String> {
        self.old.map_or_else(Vec::new, |old| price::notes(self.context.catalogue, &self.new, old))
    }
}
