//! What the planned steps take where, and what goes along that the manifest does not say.

use serde_json::Value;

use super::super::blocks::{self, Alarm};
use super::super::passenger::{Passenger, Shipment, passengers};
use super::super::slots::holds;
use super::super::{Action, Step};
use super::{Planner, Running};
use crate::offer::{FieldPath, Slot, SubmissionKind};

/// What a slot holds before the first submission.
const NOTHING: Value = Value::Null;

impl<'input> Planner<'input> {
    /// What goes along that the manifest does not say: what somebody left there, and apart from it what was there before the
    /// manifest came to the offer. The latter is everything, until a record says that the draft was ours to write.
    pub(super) fn taken_along(&self, steps: &[Step]) -> (Vec<Passenger>, Vec<Passenger>) {
        let in_shipment = |shipment| passengers(&self.context, self.desired, &self.changes, &self.removed, shipment);
        if let Some(shipment) = self.shipment(steps) {
            return (in_shipment(shipment), Vec::new());
        }
        let found = self.first_shipment(steps).map_or_else(Vec::new, in_shipment);
        if self.known.applied.is_some() { (found, Vec::new()) } else { (Vec::new(), found) }
    }

    /// The content that the steps submit: the draft with a publish, else whatever goes live.
    fn submitted_by(&self, steps: &[Step]) -> Option<(Slot, &'input Value)> {
        let does = |action: Action| steps.iter().any(|step| step.action == action);
        let (from, content) = if does(Action::Publish) {
            (Slot::Draft, self.observed.draft.as_ref())
        } else if does(Action::GoLive) {
            let submitted = self.observed.submitted_content.as_ref();
            let ours = submitted.filter(|_| matches!(self.running(), Running::Ours(_)));
            (Slot::Preview, ours.or(self.observed.preview.as_ref()))
        } else {
            return None;
        };
        Some((from, content?.as_value()))
    }

    /// What the steps take where no slot holds anything to compare it with.
    fn first_shipment(&self, steps: &[Step]) -> Option<Shipment<'input>> {
        let (from, content) = self.submitted_by(steps)?;
        Some(Shipment { content, from, old: &NOTHING, replaces: self.target })
    }

    /// What others removed from the draft was guarded by nobody yet, and would leave the slot with a publish.
    pub(super) fn unguarded_removals(&self, slot: &Value) -> Vec<Alarm> {
        let catalogue = self.context.catalogue;
        let is_new = |path: &&FieldPath| !self.known.removed.iter().any(|known| path.is_within(known));
        let leaving = self.removed.iter().filter(is_new).filter(|path| holds(catalogue, slot, path));
        leaving.filter_map(|path| blocks::of_removal(catalogue, path, self.observed)).collect()
    }

    /// What the steps take where: the draft with a publish, else whatever goes live.
    pub(super) fn shipment(&self, steps: &[Step]) -> Option<Shipment<'input>> {
        let (from, content) = self.submitted_by(steps)?;
        let production = self.observed.production.as_ref().map(|document| (Slot::Production, document));
        let preview = self.observed.preview.as_ref().filter(|_| from == Slot::Draft);
        let preview = preview.map(|document| (Slot::Preview, document));
        let (first, second) =
            if self.target == Slot::Production { (production, preview) } else { (preview, production) };
        let (replaces, held) = first.or(second)?;
        // What runs first and is not canceled takes the place of what the slot holds now.
        let coming = match self.running() {
            Running::Other(Some(SubmissionKind::Publish)) if replaces == Slot::Production => None,
            Running::Other(_) if !steps.iter().any(|step| step.action == Action::Cancel) => {
                self.observed.submitted_content.as_ref()
            }
            _ => None,
        };
        Some(Shipment { content, from, old: coming.unwrap_or(held).as_value(), replaces })
    }
}
