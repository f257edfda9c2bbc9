//! The published table of what is done after which failure, `docs/retries.md`, tried cell by cell against the emulator: once
//! with a failure that passes, once with one that lasts.
//!
//! The table is read from the document, so that it cannot say something else than what is tested. Time is virtual: the
//! patience is the real one, and nobody waits.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "these are tests, their helpers too")]

#[path = "retries/door.rs"]
mod door;
#[path = "retries/failures.rs"]
mod failures;
#[path = "retries/outages.rs"]
mod outages;
#[path = "retries/run.rs"]
mod run;
#[path = "retries/table.rs"]
mod table;
#[path = "retries/untrusted.rs"]
mod untrusted;

use std::time::Duration;

use failures::{Failure, How};
use run::{Call, Outcome, run};
use table::{Behaviour, Cell, Table};

/// What a cell promises: how often the request is made and how that ends, if the failure passes and if it lasts.
fn promised(promise: &Cell, failure: &Failure, lasting: bool) -> (u64, Result<(), u8>) {
    let failed = Err(promise.exit);
    // What times out is given up on after two attempts, because the time for a third is over.
    let attempts = |most: u64| if failure.is_slow { 2 } else { most };
    match (promise.behaviour, lasting) {
        (Behaviour::Again | Behaviour::LookAgain | Behaviour::Renew | Behaviour::Merge, false) => (2, Ok(())),
        (Behaviour::Again, true) => (attempts(5), failed),
        (Behaviour::LookAgain, true) => (attempts(3), failed),
        (Behaviour::Renew | Behaviour::Merge, true) => (2, failed),
        (Behaviour::Look | Behaviour::Stop, _) => (1, failed),
        (Behaviour::LookDone | Behaviour::Done | Behaviour::Answer, _) => (1, Ok(())),
    }
}

/// What is wrong with an outcome, if anything.
fn complaint(call: Call, failure: &Failure, promise: &Cell, lasting: bool, outcome: &Outcome) -> Option<String> {
    let (made, ending) = promised(promise, failure, lasting);
    // Where nothing gets through, the service sees only what comes after it.
    let seen = match (failure.how, lasting) {
        (How::Effect(_), _) => made,
        (How::DoorClosed | How::IssuerAway, false) => made - 1,
        (How::DoorClosed | How::IssuerAway, true) => 0,
    };
    let acted = u64::from(ending.is_ok() && call.changes_something());
    // A cancel that was answered badly to the end may have been heard all the same.
    let is_unsettled = call == Call::Cancel && ending.is_err();
    let asked = failure.asked.filter(|_| promise.behaviour.repeats());
    let is_patient = asked.is_none_or(|asked| outcome.took >= asked);
    let is_prompt = promise.behaviour != Behaviour::Stop || outcome.took < Duration::from_millis(500);
    let is_right = outcome.seen == seen
        && outcome.ending == ending
        && (is_unsettled || outcome.acted == acted)
        && is_patient
        && is_prompt;
    (!is_right).then(|| {
        format!(
            "{call:?} / {} / lasting: {lasting}: promised {seen} requests, {ending:?}, {acted} effects, not before {asked:?}; \
             was {outcome:?}",
            failure.name
        )
    })
}

/// Tries every cell of a column.
async fn try_column(call: Call) {
    let table = Table::read();
    let mut complaints = Vec::new();
    for failure in failures::all() {
        let promise = table.cell(failure.name, call.column());
        for lasting in [false, true] {
            let outcome = run(call, &failure, lasting).await;
            complaints.extend(complaint(call, &failure, &promise, lasting, &outcome));
        }
    }
    assert!(complaints.is_empty(), "{}", complaints.join("\n"));
}

#[test]
fn every_cell_of_the_table_is_tried_and_explained() {
    let table = Table::read();
    let known: Vec<_> = failures::all().iter().map(|failure| failure.name).collect();
    assert_eq!(table.rows(), known, "the rows of the document, and the failures that the tests can bring about");
    let columns: Vec<_> = Call::ALL.iter().map(|call| call.column()).collect();
    assert_eq!(table.columns(), columns);
    assert_eq!(table.explained(), Behaviour::ALL.map(Behaviour::word).to_vec(), "the legend");
}

#[tokio::test(start_paused = true)]
async fn reading() {
    try_column(Call::Get).await;
}

#[tokio::test(start_paused = true)]
async fn creating() {
    try_column(Call::Create).await;
}

#[tokio::test(start_paused = true)]
async fn updating() {
    try_column(Call::Update).await;
}

#[tokio::test(start_paused = true)]
async fn publishing() {
    try_column(Call::Publish).await;
}

#[tokio::test(start_paused = true)]
async fn going_live() {
    try_column(Call::GoLive).await;
}

#[tokio::test(start_paused = true)]
async fn canceling() {
    try_column(Call::Cancel).await;
}
