//! Where an offer stands, as the planner sees it: what explains why a step is in a plan or is not.

use super::super::SlotCheck;
use super::{Directives, Known, Planner, Running};
use crate::offer::{Catalogue, Desired, FieldPath, Observed, OfferStatus, Slot};

/// What the planner goes by when it decides on steps.
#[derive(Debug, Clone)]
pub struct Circumstances {
    /// How far the offer is taken.
    pub target: Slot,
    /// How many fields of the draft are to be written.
    pub to_write: usize,
    /// How the preview slot compares with the manifest.
    pub preview: SlotCheck,
    /// How the production slot does, if it was read.
    pub production: SlotCheck,
    /// Why something has to be submitted; `None` when every slot up to the target is right.
    pub to_publish: Option<String>,
    /// The submission that runs.
    pub running: Running,
    /// Whether the submission that runs will not end without a person.
    pub is_held_up: bool,
    /// Whether the preview waits for its go-live.
    pub awaits_signoff: bool,
    /// Whether the newest submission failed or was canceled.
    pub ended_badly: bool,
    /// What was removed from the draft, by earlier runs or by others, and nobody put back since; a slot may still hold it.
    pub removed: Vec<FieldPath>,
}

/// Looks at one offer as [`plan_offer`](super::plan_offer) does, and tells what it goes by.
pub fn circumstances(
    catalogue: &Catalogue,
    desired: &Desired,
    observed: &Observed,
    known: &Known,
    directives: &Directives,
) -> Circumstances {
    let known = known.next_to(catalogue, observed);
    let planner = Planner::new(catalogue, desired, observed, &known, directives);
    let status = observed.status.as_ref();
    Circumstances {
        target: planner.target,
        to_write: planner.comparison.to_write().count(),
        preview: planner.preview(),
        production: planner.production(),
        to_publish: planner.slots_to_publish(),
        running: planner.running(),
        is_held_up: planner.is_held_up(),
        awaits_signoff: status.is_some_and(crate::offer::StatusReport::awaits_signoff),
        ended_badly: status.is_some_and(|report| matches!(report.status, OfferStatus::Failed | OfferStatus::Canceled)),
        removed: planner.removed,
    }
}
