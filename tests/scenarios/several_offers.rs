//! Offers run side by side: one's failure stops no other, and the totals count every one of them.

use std::process::Command;

use serde_json::json;

use crate::environment::{TestEnvironment, as_slow_as_the_service, at_once};
use crate::manifests::{VIRTUAL_MACHINE, draft};

#[test]
fn one_that_fails_stops_no_other() {
    let environment = TestEnvironment::with_offer();
    for offer in ["one", "two", "unreadable", "refused"] {
        environment.write(&format!("offers/{offer}/offer.yaml"), &draft(offer));
    }
    environment.run("apply --yes offers/two/offer.yaml").expect(0);
    let refusal = json!({"error": {"code": "BadRequest", "message": "The displayText is not allowed."}});
    environment.portal.fault(
        &json!({"method": "PUT", "path": "*/refused", "times": null, "effect": {"status": {"code": 400, "body": refusal}}}),
    );
    environment
        .portal
        .fault(&json!({"method": "GET", "path": "*/unreadable", "times": null, "effect": {"status": {"code": 403}}}));
    let result = environment.run("apply --yes").by_offer();
    insta::assert_snapshot!("one_that_fails", result);
    insta::assert_snapshot!("apply_json", environment.run("apply --yes --output json"));
}

#[test]
fn a_blocked_offer_stops_no_other() {
    let environment = TestEnvironment::with_live_offer();
    environment.write("offers/one/offer.yaml", &draft("one"));
    environment.edit("offerTypeId: microsoft-azure-virtualmachines", "offerTypeId: microsoft-azure-corevm");
    let said = environment.run("apply --yes").expect(9);
    insta::assert_snapshot!(said.stdout.lines().last().unwrap(), @"Apply: 2 offers: 1 done, 0 in sync, 0 still in progress, 1 blocked, 0 failed, 0 unreadable, 0 interrupted.");
    insta::assert_snapshot!(environment.portal.writes(), @"PUT contoso/one: 201");
}

#[test]
fn an_invalid_manifest_keeps_apply_from_writing_anything() {
    let environment = TestEnvironment::with_offer();
    environment.write("offers/broken/offer.yaml", "publisherId: contoso\nid: broken\ndefinition: [\n");
    environment.run("apply --yes").expect(4);
    assert_eq!(environment.portal.writes(), "");
    environment.run("apply --yes offers/vm/offer.yaml").expect(0);
}

#[test]
fn many_offers_are_all_created() {
    let environment = TestEnvironment::empty(at_once());
    for number in 0..40 {
        let manifest = VIRTUAL_MACHINE.replace("id: vm\n", &format!("id: vm-{number}\n"));
        environment.write(&format!("offers/{number}/offer.yaml"), &manifest);
    }
    let said = environment.run("apply --yes --parallelism 32").expect(0);
    insta::assert_snapshot!(said.stdout.lines().last().unwrap(), @"Apply: 40 offers: 40 done, 0 in sync, 0 still in progress, 0 blocked, 0 failed, 0 unreadable, 0 interrupted.");
    environment.run("plan --detailed-exitcode").expect(0);
    assert_eq!(environment.portal.writes().lines().filter(|line| line.contains("/publish")).count(), 40);
}

/// Each offer that is worked on holds its lock, also while it waits: a thousand of them were more files than most systems let
/// a process open. Where more may be asked for, it is; where not, some offers begin when others have ended.
#[cfg(unix)]
#[test]
fn there_may_be_more_offers_than_open_files() {
    let environment = TestEnvironment::empty(at_once());
    for number in 0..120 {
        environment.write(&format!("offers/{number}/offer.yaml"), &draft(&format!("offer-{number}")));
    }
    let apply_with = |files: &str| {
        let program = environment.command("apply --yes --allow mass-change");
        let mut limited = Command::new("/bin/sh");
        limited.arg("-c").arg(format!("ulimit {files} && exec \"$0\" \"$@\"")).arg(program.get_program());
        limited.args(program.get_args()).env_clear();
        limited.envs(program.get_envs().filter_map(|(name, value)| Some((name, value?))));
        limited.current_dir(environment.path(""));
        environment.run_command(limited).expect(0).stdout.lines().last().unwrap().to_owned()
    };
    insta::assert_snapshot!(apply_with("-S -n 100"), @"Apply: 120 offers: 120 done, 0 in sync, 0 still in progress, 0 blocked, 0 failed, 0 unreadable, 0 interrupted.");
    for number in 0..120 {
        environment.replace(&format!("offers/{number}/offer.yaml"), "displayText: ", "displayText: New ");
    }
    insta::assert_snapshot!(apply_with("-n 100"), @"Apply: 120 offers: 120 done, 0 in sync, 0 still in progress, 0 blocked, 0 failed, 0 unreadable, 0 interrupted.");
}

#[test]
fn one_place_is_enough_for_all_because_waiting_takes_none() {
    let environment = TestEnvironment::with_examples(as_slow_as_the_service());
    environment.portal.let_days_pass_while_waiting();
    environment.run("apply --yes --parallelism 1").expect(0);
    environment.run("plan --detailed-exitcode --parallelism 1").expect(0);
}

/// Two thousand manifests that extend one part with a misspelt key said the same two thousand times.
#[test]
fn a_warning_of_many_places_is_shown_of_some_and_an_error_of_all() {
    let environment = TestEnvironment::empty(at_once());
    let repeated = |said: &str, what: &str| said.lines().filter(|line| line.contains(what)).count();
    for number in 0..13 {
        let manifest = draft(&format!("offer-{number}")) + "  offer: {contoso.colour: red}\n";
        environment.write(&format!("offers/{number}/offer.yaml"), &manifest);
    }
    let note = "note: 3 more warnings say what some above say, of other places; `offerctl validate --output json` has all of them";
    for command in ["validate", "plan"] {
        let said = environment.run(command).expect(0).stderr;
        assert_eq!((repeated(&said, "warning["), said.lines().last()), (10, Some(note)), "{command}: {said}");
    }
    let said = environment.run("validate --output json").expect(0);
    assert_eq!(said.json()["diagnostics"].as_array().unwrap().len(), 13);
    for number in 0..13 {
        environment.replace(&format!("offers/{number}/offer.yaml"), "publisherId: contoso", "publisherId: [contoso]");
    }
    assert_eq!(repeated(&environment.run("validate").expect(4).stderr, "error["), 13);
}
