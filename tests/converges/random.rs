//! Random stories: two manifests for one offer, what others did before and between, and the service's quirks.

use std::time::Duration;

use offerctl::emulator::{Quirk, Timing};
use offerctl::offer::Slot;
use proptest::prelude::*;
use proptest::sample::{select, subsequence};
use serde_json::Value;

use super::documents::{LOGO, TITLE, document, logo, own, text};

/// One offer's life.
#[derive(Debug, Clone)]
pub struct Story {
    pub quirks: Vec<Quirk>,
    pub timing: Timing,
    pub publish_to: Slot,
    /// What somebody created by hand before the manifest was written.
    pub before: Option<Value>,
    /// The manifest's document, at first and later.
    pub first: Value,
    pub second: Value,
    /// What others do between the two.
    pub edits: Vec<Edit>,
}

/// What somebody else does to the draft.
#[derive(Debug, Clone, PartialEq)]
pub enum Edit {
    /// Writes another value over one that the manifest may manage.
    Overwrite(&'static str, Value),
    /// Leaves something of their own in the offer.
    Leave(Value),
    /// Leaves something of their own in every offer plan.
    LeaveInPlans(Value),
    /// Adds an offer plan.
    AddPlan,
    /// Turns the offer plans round.
    Reorder,
    /// Publishes the draft as it is then.
    Publish,
}

fn edit() -> impl Strategy<Value = Edit> {
    prop_oneof![
        text().prop_map(|value| Edit::Overwrite(TITLE, value)),
        logo().prop_map(|value| Edit::Overwrite(LOGO, value)),
        own().prop_map(|value| Edit::Overwrite("ours.map", value)),
        own().prop_map(Edit::Leave),
        own().prop_map(Edit::LeaveInPlans),
        Just(Edit::AddPlan),
        Just(Edit::Reorder),
        Just(Edit::Publish),
    ]
}

fn timing() -> impl Strategy<Value = Timing> {
    let quick = Duration::from_millis(3);
    select(vec![Timing::instant(), Timing::instant().with_publish_duration(quick).with_go_live_duration(quick)])
}

pub fn story() -> impl Strategy<Value = Story> {
    let quirks = subsequence(Quirk::ALL.to_vec(), 0..Quirk::ALL.len() / 2);
    let publish_to = select(vec![Slot::Draft, Slot::Preview, Slot::Production]);
    let manifests = (document(), document(), any::<bool>())
        .prop_map(|(first, second, is_changed)| if is_changed { (first, second) } else { (first.clone(), first) });
    let edits = prop::collection::vec(edit(), 0..5);
    (quirks, timing(), publish_to, prop::option::of(document()), manifests, edits).prop_map(
        |(quirks, timing, publish_to, before, (first, second), edits)| Story {
            quirks,
            timing,
            publish_to,
            before,
            first,
            second,
            edits,
        },
    )
}
