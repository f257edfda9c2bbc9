//! Random runs: any documents, any record, any quirks, and trouble of every kind at any moment.

use offerctl::emulator::Quirk;
use offerctl::offer::Slot;
use proptest::prelude::*;
use proptest::sample::{select, subsequence};
use serde_json::{Value, json};

use super::documents::{LOGO, TITLE, document};
use super::run::{Act, Command, Crash, Deed, Fault, Harm, Kind, Remembered, Run};

/// The smallest document that can be published.
pub fn small(title: &str) -> Value {
    json!({
        "publisherId": "contoso", "offerTypeId": "microsoft-azure-virtualmachines", "id": "vm",
        "definition": {
            "displayText": "Contoso VM",
            "offer": {TITLE: title},
            "plans": [{
                "planId": "gold",
                "microsoft-azure-virtualmachines.skuTitle": "Gold",
                "virtualMachinePricing": {"isByol": true},
                "microsoft-azure-virtualmachines.vmImages": {
                    "1.0.0": {"osVhdUrl": "https://contoso.blob.example/a.vhd?sig=x", "lunVhdDetails": []},
                },
            }],
        },
    })
}

fn crash() -> impl Strategy<Value = Crash> {
    let at = 0..45_usize;
    prop_oneof![at.clone().prop_map(Crash::Before), at.prop_map(Crash::After)]
}

fn harm() -> impl Strategy<Value = Harm> {
    prop_oneof![
        Just(Harm::ResetBefore),
        Just(Harm::ResetAfter),
        Just(Harm::Truncated),
        Just(Harm::Empty),
        Just(Harm::Page),
        select(vec![429, 500, 502, 503]).prop_map(Harm::Refused),
        select(vec![500, 502, 503]).prop_map(Harm::Misreported),
    ]
}

fn fault() -> impl Strategy<Value = Fault> {
    // Writes are few: trouble that is to meet one must come early.
    let place = prop_oneof![
        (Just(Kind::Read), 0..40_usize, 1..7_usize),
        (select(vec![Kind::Write, Kind::Publish, Kind::GoLive]), 0..2_usize, 1..4_usize),
    ];
    (place, harm()).prop_map(|((kind, nth, times), harm)| Fault { kind, nth, times, harm })
}

fn act() -> impl Strategy<Value = Act> {
    let what = select(vec![Deed::Edit, Deed::Cancel, Deed::Publish]);
    (0..60_usize, what).prop_map(|(at, what)| Act { at, what })
}

/// What was applied before, what shall be now, which is often the same, and what is remembered of it.
fn documents() -> impl Strategy<Value = (Vec<Value>, Value, Remembered)> {
    // What is alike in all runs is small, so that runs shrink to something that can be read.
    let one = || prop_oneof![Just(small("One")), Just(small("Two")), document()];
    let record = select(vec![Remembered::Latest, Remembered::First, Remembered::Nothing]);
    (prop::collection::vec(one(), 0..3), one(), any::<bool>(), record).prop_map(|(mut before, new, is_new, record)| {
        let mut desired = before.last().filter(|_| !is_new).cloned().unwrap_or(new);
        if record != Remembered::Latest {
            // Without a record nobody knows whether a served file is the one that was sent, and so what is needed.
            for document in before.iter_mut().chain([&mut desired]) {
                document["definition"]["offer"].as_object_mut().unwrap().shift_remove(LOGO);
            }
        }
        (before, desired, record)
    })
}

fn slot() -> impl Strategy<Value = Slot> {
    select(vec![Slot::Draft, Slot::Preview, Slot::Production])
}

pub fn run() -> impl Strategy<Value = Run> {
    let service = (subsequence(Quirk::ALL.to_vec(), 0..Quirk::ALL.len() / 2), 0..6_u32, 0..6_u32);
    let slots = (slot(), prop_oneof![1 => slot(), 3 => Just(Slot::Production)]);
    let trouble = (
        prop::collection::vec(fault(), 0..4),
        prop::collection::vec(crash(), 0..4),
        prop::collection::vec(select(vec![Command::Apply, Command::Resume]), 0..3),
        // Others make the oracle milder, so most runs are without them.
        prop_oneof![2 => Just(Vec::new()), 1 => prop::collection::vec(act(), 1..3)],
    );
    // The first shrinks first.
    (trouble, service, slots, documents()).prop_map(
        |(
            (faults, crashes, commands, others),
            (quirks, publish_minutes, go_live_minutes),
            (before_to, publish_to),
            (before, desired, record),
        )| {
            Run {
                quirks,
                publish_minutes,
                go_live_minutes,
                before,
                before_to,
                record,
                desired,
                publish_to,
                faults,
                crashes,
                commands,
                others,
            }
        },
    )
}
