//! Which two documents a listing shows: what the slot that the steps reach holds now, and what it will hold.

use serde_json::Value;

use super::Listing;
use super::reading::read;
use crate::diff::{Context, body_for_create, body_for_update};
use crate::offer::{Desired, Document, Observed, Slot};
use crate::plan::{Action, Change, Goal, Step};

/// What customers see before and after the steps, or would if they were not blocked; `None` when there is nothing to do.
pub(in crate::plan) fn listing_of(
    context: &Context<'_>,
    desired: &Desired,
    observed: &Observed,
    changes: &[Change],
    steps: &[Step],
    target: Slot,
) -> Option<Listing> {
    let does = |action: Action| steps.iter().any(|step| step.action == action);
    let waits_for = |goal: Goal| steps.iter().any(|step| step.until == Some(goal));
    // Without steps a block keeps all of them from being planned.
    let to = match steps {
        [] => target,
        _ if does(Action::GoLive) || waits_for(Goal::Live) => Slot::Production,
        _ if does(Action::Publish) || waits_for(Goal::Preview) => Slot::Preview,
        _ => Slot::Draft,
    };
    let takes_the_draft = steps.is_empty() || to == Slot::Draft || does(Action::Publish);
    let submitted = || {
        let running = observed.submitted_content.as_ref().filter(|_| observed.is_running);
        running.or(observed.preview.as_ref()).map(|document| document.as_value().clone())
    };
    let draft = || draft_after(context, desired, observed, changes);
    let after = if takes_the_draft { draft()? } else { submitted().or_else(draft)? };
    let production = observed.production.as_ref().map(|document| (Slot::Production, document));
    let preview = observed.preview.as_ref().map(|document| (Slot::Preview, document));
    let before = match to {
        Slot::Draft => observed.draft.as_ref().map(|document| (Slot::Draft, document)),
        Slot::Preview => preview.or(production),
        // What only goes on from the preview is new to everybody who does not see previews.
        Slot::Production => production.or_else(|| preview.filter(|_| takes_the_draft)),
    };
    Some(read(context, before, &after, changes, to))
}

/// The draft as the update or the creation leaves it; `None` when the changes do not fit it, which the update will say.
fn draft_after(context: &Context<'_>, desired: &Desired, observed: &Observed, changes: &[Change]) -> Option<Value> {
    let differences = changes.iter().map(|change| &change.difference);
    match &observed.draft {
        None => Some(body_for_create(&desired.document)),
        Some(draft) => body_for_update(context, &desired.document, Document::as_value(draft), differences).ok(),
    }
}
