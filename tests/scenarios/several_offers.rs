//! Offers run side by side: one's failure stops no other, and the totals count every one of them.

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

#[test]
fn one_place_is_enough_for_all_because_waiting_takes_none() {
    let environment = TestEnvironment::with_examples(as_slow_as_the_service());
    environment.portal.let_days_pass_while_waiting();
    environment.run("apply --yes --parallelism 1").expect(0);
    environment.run("plan --detailed-exitcode --parallelism 1").expect(0);
}
