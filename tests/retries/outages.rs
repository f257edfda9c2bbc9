//! Outages while an apply waits for hours: whatever is away and for how long, in the end the offer is live, and it was
//! published once and taken live once.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use offerctl::emulator::Timing;
use offerctl::execute::{Event, OfferOutcome};
use offerctl::offer::Slot;
use offerctl::plan::{Action, Goal};
use serde_json::{Value, json};

use super::door::Obstacle;
use super::failures::How;
use super::run::{Bench, offer};

const HOUR: Duration = Duration::from_secs(3600);

/// When it begins.
type Moment = fn(&Event) -> bool;

/// In the middle of the wait for the preview.
fn certification_begins(event: &Event) -> bool {
    matches!(event, Event::StageMoved(news) if news.stage.id == "displaycertify")
}

/// Right between two submissions.
fn preview_is_ready(event: &Event) -> bool {
    matches!(event, Event::StepDone { action: Action::Wait, goal: Some(Goal::Preview), .. })
}

/// Before anything was submitted, with nothing to go on with.
fn draft_is_written(event: &Event) -> bool {
    matches!(event, Event::StepDone { action: Action::Create, .. })
}

/// After a write whose answer was lost.
fn write_is_unclear(event: &Event) -> bool {
    matches!(event, Event::Unclear(_))
}

/// What was lived through.
#[derive(Debug)]
struct Lived {
    /// How often it was told that the service could not be asked.
    told: usize,
    publishes: usize,
    go_lives: usize,
    renewed: usize,
}

/// Takes a new offer live, with faults at the service from the start, and an obstacle in its way for an hour from a moment
/// on.
async fn live_through(obstacle: Option<(Obstacle, Moment)>, faults: &[Value]) -> Lived {
    let timing = Timing::realistic().with_publish_duration(6 * HOUR).with_go_live_duration(3 * HOUR);
    let bench = Bench::new(timing).await;
    let client = bench.client(match obstacle {
        Some((Obstacle::DoorClosed, _)) => How::DoorClosed,
        Some((Obstacle::IssuerAway, _)) | None => How::Effect(|| Value::Null),
    });
    let job = bench.plan(&client, Slot::Production).await;
    for fault in faults {
        bench.fault(fault).await;
    }
    let (told, way) = (Arc::new(AtomicUsize::new(0)), Arc::clone(&bench.way));
    let (count, pending) = (Arc::clone(&told), Mutex::new(obstacle));
    let watch = move |event: &Event| {
        if matches!(event, Event::Unreachable(_)) {
            count.fetch_add(1, Ordering::SeqCst);
        }
        if let Some((obstacle, _)) = pending.lock().unwrap().take_if(|(_, moment)| moment(event)) {
            way.obstruct_for(obstacle, HOUR);
        }
    };
    let outcome = tokio::select! {
        outcome = bench.take(client, &job, 48 * HOUR, watch) => outcome,
        () = bench.let_time_pass() => unreachable!("time never ends"),
    };
    assert!(matches!(outcome, OfferOutcome::Done), "{outcome:#?}");
    let [_, publishes, go_lives, _] = bench.effects().await;
    assert_eq!((publishes, go_lives), (1, 1));
    Lived {
        told: told.load(Ordering::SeqCst),
        publishes: bench.requests("POST", "/publish").await.len(),
        go_lives: bench.requests("POST", "/golive").await.len(),
        renewed: bench.way.renewed(),
    }
}

/// An hour of questions at an ever slower pace is neither silence nor haste.
#[track_caller]
fn assert_an_hour_of_patience(lived: &Lived) {
    assert!((10..=120).contains(&lived.told), "{lived:?}");
    assert_eq!((lived.publishes, lived.go_lives, lived.renewed), (1, 1, 0), "{lived:?}");
}

#[tokio::test(start_paused = true)]
async fn an_hour_without_the_service_ends_no_wait() {
    assert_an_hour_of_patience(&live_through(Some((Obstacle::DoorClosed, certification_begins)), &[]).await);
}

#[tokio::test(start_paused = true)]
async fn an_hour_without_the_issuer_ends_no_wait() {
    assert_an_hour_of_patience(&live_through(Some((Obstacle::IssuerAway, certification_begins)), &[]).await);
}

#[tokio::test(start_paused = true)]
async fn an_hour_without_the_service_between_two_submissions_ends_nothing() {
    assert_an_hour_of_patience(&live_through(Some((Obstacle::DoorClosed, preview_is_ready)), &[]).await);
}

#[tokio::test(start_paused = true)]
async fn an_hour_without_the_service_right_after_the_write_ends_nothing() {
    assert_an_hour_of_patience(&live_through(Some((Obstacle::DoorClosed, draft_is_written)), &[]).await);
}

#[tokio::test(start_paused = true)]
async fn an_hour_of_outage_in_the_middle_of_a_write_is_settled_by_reading() {
    for (method, path, effect) in [
        ("PUT", "*/offers/vm", "reset-after"),
        ("PUT", "*/offers/vm", "reset-before"),
        ("POST", "/publish", "reset-after"),
        ("POST", "/golive", "hang-after"),
    ] {
        let lost = json!({"method": method, "path": path, "effect": effect});
        let lived = live_through(Some((Obstacle::IssuerAway, write_is_unclear)), &[lost]).await;
        assert!(lived.told >= 10, "{method} {path} {effect}: {lived:?}");
        assert_eq!((lived.publishes, lived.go_lives), (1, 1), "{method} {path} {effect}: {lived:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_service_that_answers_with_trouble_or_pages_is_asked_again_later() {
    let answers = [
        json!({"status": {"code": 503, "body": "<html>Maintenance</html>"}}),
        json!({"status": {"code": 200, "body": "<html>Sign in</html>"}}),
        json!({"status": {"code": 429, "headers": {"Retry-After": "900"}}}),
        json!("hang-before"),
    ];
    for answer in answers {
        let fault = json!({"method": "GET", "path": "/operations/", "nth": 4, "times": 30, "effect": answer});
        let lived = live_through(None, &[fault]).await;
        assert!(lived.told >= 6, "{answer}: {lived:?}");
        assert_eq!((lived.publishes, lived.go_lives), (1, 1), "{answer}: {lived:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_throttled_go_live_is_sent_when_the_service_will_have_it() {
    let throttled = json!({"status": {"code": 429, "headers": {"Retry-After": "500"}}});
    let lived = live_through(None, &[json!({"path": "/golive", "times": 5, "effect": throttled})]).await;
    assert_eq!((lived.publishes, lived.go_lives), (1, 6), "five were turned away: {lived:?}");
}

#[tokio::test(start_paused = true)]
async fn a_token_that_ends_during_a_wait_is_renewed_once() {
    let ended = json!({"status": {"code": 401, "body": {"Message": "Authorization has been denied."}}});
    let lived = live_through(None, &[json!({"path": "/operations/", "nth": 5, "effect": ended})]).await;
    assert_eq!((lived.told, lived.renewed, lived.publishes, lived.go_lives), (0, 1, 1, 1), "{lived:?}");
}

#[tokio::test(start_paused = true)]
async fn an_offer_that_is_there_already_is_no_worse_off() {
    let bench = Bench::new(Timing::realistic()).await;
    bench.put(&offer("ours")).await;
    let client = bench.client(How::DoorClosed);
    let job = bench.plan(&client, Slot::Preview).await;
    bench.way.obstruct_for(Obstacle::DoorClosed, 2 * HOUR);
    let outcome = bench.take(client, &job, HOUR, |_| {}).await;
    assert!(matches!(outcome, OfferOutcome::Failed(_)), "patience ends with --wait: {outcome:?}");
    assert_eq!(bench.effects().await, [1, 0, 0, 0]);
}
