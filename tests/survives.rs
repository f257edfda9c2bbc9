//! Whatever fails, whoever else is there and wherever a process dies: the same command, as often as it takes, ends in the
//! same place, with one publish and one go-live, and nobody's edits are lost.
//!
//! A run that does not survive is printed as a test to keep.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "these are tests, their helpers too")]

#[path = "one_offer/documents.rs"]
mod documents;
#[path = "one_offer/engine.rs"]
mod engine;
#[path = "survives/interposer.rs"]
mod interposer;
#[path = "survives/killed.rs"]
mod killed;
#[path = "survives/others.rs"]
mod others;
#[path = "survives/random.rs"]
mod random;
#[path = "survives/rest.rs"]
mod rest;
#[path = "survives/run.rs"]
mod run;
#[path = "survives/world.rs"]
mod world;

use documents::LOGO;
use offerctl::emulator::Quirk;
use offerctl::offer::Slot;
use proptest::prelude::*;
use random::small;
use run::{Act, Command, Crash, Deed, Fault, Harm, Kind, Remembered, Run};
use world::{Survived, survive};

/// From nothing to production, with submissions that take a few looks.
fn undisturbed() -> Run {
    Run {
        quirks: Vec::new(),
        publish_minutes: 2,
        go_live_minutes: 2,
        before: Vec::new(),
        before_to: Slot::Production,
        record: Remembered::Latest,
        desired: small("One"),
        publish_to: Slot::Production,
        faults: Vec::new(),
        crashes: Vec::new(),
        commands: Vec::new(),
        others: Vec::new(),
    }
}

/// No run comes near.
const MOST_MOMENTS: usize = 200;

/// Lets a process die at each moment of the run in turn, before and after it.
fn survive_everywhere(run: &Run) {
    for at in 0..MOST_MOMENTS {
        let mut crashes = 0;
        for crash in [Crash::Before(at), Crash::After(at)] {
            let survived = survive(&Run { crashes: vec![crash], ..run.clone() });
            let expected = Survived { processes: survived.crashes + 1, publishes: 1, go_lives: 1, ..survived };
            assert_eq!(survived, expected, "{crash:?}");
            crashes += survived.crashes;
        }
        if crashes == 0 {
            assert!(at > 20, "only {at} moments");
            return;
        }
    }
    panic!("it never ends by itself");
}

#[test]
fn a_new_offer_survives_a_crash_at_every_moment() {
    survive_everywhere(&undisturbed());
}

#[test]
fn a_new_offer_survives_a_crash_at_every_moment_when_it_is_resumed() {
    survive_everywhere(&Run { commands: vec![Command::Resume], ..undisturbed() });
}

/// A field is taken away from a live offer, on a service that tells as little as it can: once it is gone from the draft,
/// only the record knows that the slots still hold what is not wanted any more.
#[test]
fn a_removal_survives_a_crash_at_every_moment() {
    let quirks = vec![Quirk::NoETag, Quirk::NoLocation, Quirk::SignoffSaysRunning, Quirk::UnknownWords];
    let mut with_number = small("One");
    with_number["definition"]["offer"]["ours.number"] = 7.into();
    survive_everywhere(&Run { quirks, before: vec![with_number], ..undisturbed() });
}

#[test]
fn each_write_survives_every_harm() {
    let statuses =
        [Harm::Refused(429), Harm::Refused(500), Harm::Refused(502), Harm::Refused(503), Harm::Misreported(502)];
    let answers = [Harm::ResetBefore, Harm::ResetAfter, Harm::Truncated, Harm::Empty, Harm::Page];
    for harm in statuses.into_iter().chain(answers) {
        for kind in [Kind::Write, Kind::Publish, Kind::GoLive] {
            let faults = vec![Fault { kind, nth: 0, times: 1, harm }];
            let survived = survive(&Run { faults, ..undisturbed() });
            assert_eq!((survived.publishes, survived.go_lives), (1, 1), "{kind:?} {harm:?}");
        }
    }
}

/// Lets somebody do this right before each request of the run in turn.
fn survive_others_everywhere(what: Deed) {
    for at in 0..20 {
        survive(&Run { others: vec![Act { at, what }], ..undisturbed() });
    }
}

#[test]
fn others_may_edit_at_every_moment() {
    survive_others_everywhere(Deed::Edit);
}

/// What was wrong: a go-live was asked for although the sign-off that it needs had been canceled.
#[test]
fn others_may_cancel_at_every_moment() {
    survive_others_everywhere(Deed::Cancel);
}

#[test]
fn others_may_publish_at_every_moment() {
    survive_others_everywhere(Deed::Publish);
}

/// What was wrong: nobody looked before a write whether a submission had begun since the plan.
#[test]
fn nothing_is_written_while_the_submission_of_somebody_else_runs() {
    for (before_to, publish_to) in [(Slot::Draft, Slot::Draft), (Slot::Preview, Slot::Production)] {
        for at in 0..10 {
            let others = vec![Act { at, what: Deed::Publish }];
            let (before, desired) = (vec![small("One")], small("Two"));
            survive(&Run { publish_minutes: 5, before, before_to, desired, publish_to, others, ..undisturbed() });
        }
    }
}

#[test]
fn an_edit_at_any_moment_of_an_update_is_kept() {
    for at in 0..8 {
        let others = vec![Act { at, what: Deed::Edit }];
        let (before, desired) = (vec![small("One")], small("Two"));
        survive(&Run { before, before_to: Slot::Draft, desired, publish_to: Slot::Draft, others, ..undisturbed() });
    }
}

/// What was wrong: the last question before a write was for submissions and not for the draft, and only an `ETag` would have
/// told of an edit in between.
#[test]
fn an_edit_at_any_moment_of_an_update_is_kept_without_etags() {
    let failures = [None, Some(Harm::Refused(503)), Some(Harm::ResetBefore), Some(Harm::ResetAfter)];
    for (at, harm) in (0..12).flat_map(|at| failures.map(|harm| (at, harm))) {
        let faults = harm.map(|harm| Fault { kind: Kind::Write, nth: 0, times: 1, harm }).into_iter().collect();
        let others = vec![Act { at, what: Deed::Edit }];
        let (quirks, before, desired) = (vec![Quirk::NoETag], vec![small("One")], small("Two"));
        survive(&Run {
            quirks,
            before,
            before_to: Slot::Draft,
            desired,
            publish_to: Slot::Draft,
            faults,
            others,
            ..undisturbed()
        });
    }
}

/// What was wrong: the service signs what it serves anew in each answer, and that counted as an edit of the logo.
#[test]
fn an_edit_elsewhere_is_no_conflict_with_the_removal_of_a_logo() {
    let mut with_logo = small("One");
    with_logo["definition"]["offer"][LOGO] = "https://contoso.example/a.png".into();
    let others = vec![Act { at: 1, what: Deed::Edit }];
    survive(&Run { before: vec![with_logo], publish_to: Slot::Draft, others, ..undisturbed() });
}

#[test]
fn the_program_survives_being_killed_before_each_request() {
    killed::survive_being_killed(&undisturbed(), Crash::Before, &["apply --yes"]);
}

#[test]
fn the_program_survives_being_killed_before_each_answer() {
    killed::survive_being_killed(&undisturbed(), Crash::After, &["resume", "apply --yes"]);
}

#[test]
fn a_run_shows_itself_as_a_test_that_reads_back() {
    let faults = vec![Fault { kind: Kind::Publish, nth: 0, times: 1, harm: Harm::Misreported(502) }];
    let others = vec![Act { at: 7, what: Deed::Cancel }];
    let run = Run { crashes: vec![Crash::After(3)], faults, others, ..undisturbed() };
    let shown = format!("{run:?}");
    let text = shown.split("r##\"").nth(1).unwrap().split("\"##").next().unwrap();
    assert_eq!(format!("{:?}", Run::parse(text)), shown);
}

/// Few enough for every build; `PROPTEST_CASES=5000` hunts for longer.
fn cases() -> u32 {
    if std::env::var_os("PROPTEST_CASES").is_some() { ProptestConfig::default().cases } else { 64 }
}

proptest! {
    #![proptest_config(ProptestConfig {
        cases: cases(),
        max_shrink_iters: 512,
        failure_persistence: None,
        ..ProptestConfig::default()
    })]

    #[test]
    fn every_run_survives(run in random::run()) {
        survive(&run);
    }
}
