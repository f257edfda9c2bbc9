//! Submissions take days: what runs is adopted, what is in the way is waited for or replaced, nothing is done twice.

use serde_json::json;

use crate::environment::{TestEnvironment, as_slow_as_the_service};

/// The small offer, live on a service that takes days.
fn live() -> TestEnvironment {
    let environment = TestEnvironment::with_offer_on(as_slow_as_the_service());
    environment.portal.let_days_pass_while_waiting();
    environment.run("apply --yes").expect(0);
    environment.portal.clear_faults();
    environment.portal.forget_requests();
    environment
}

fn colleague_submits(environment: &TestEnvironment) {
    environment.portal.edit("vm", &json!({"offer": {"microsoft-azure-marketplace.title": "Not ours"}}));
    environment.portal.publish("vm");
    environment.portal.forget_requests();
}

#[test]
fn each_movement_of_a_stage_is_told_once() {
    let environment = TestEnvironment::with_offer_on(as_slow_as_the_service());
    environment.portal.let_days_pass_while_waiting();
    let said = environment.run("apply --yes").expect(0);
    insta::assert_snapshot!(said.stderr, @"
    contoso/vm: created (version 1)
    contoso/vm: submitted for the preview
    contoso/vm: waiting until the preview is ready
    contoso/vm: Validate Pre-Requisites: complete
    contoso/vm: Certification: in progress (< 5 day)
    contoso/vm: Certification: complete
    contoso/vm: Provisioning: complete
    contoso/vm: Packaging and Lead Generation Registration: complete
    contoso/vm: Publisher signoff: waiting for publisher review
    contoso/vm: the preview is ready (https://preview.azuremarketplace.microsoft.com/marketplace/apps/contoso.vm)
    contoso/vm: submitted for production
    contoso/vm: waiting until the offer is live
    contoso/vm: Publisher signoff: complete
    contoso/vm: Live: in progress (~2-5 days)
    contoso/vm: Live: complete
    contoso/vm: live (https://azuremarketplace.microsoft.com/marketplace/apps/contoso.vm)
    contoso/vm: done
    ");
}

#[test]
fn whoever_does_not_wait_goes_on_later_with_the_same_command() {
    let environment = TestEnvironment::with_offer_on(as_slow_as_the_service());
    let said = environment.run("apply --yes --wait 0").expect(7);
    insta::assert_snapshot!(said.stderr, @"
    contoso/vm: created (version 1)
    contoso/vm: submitted for the preview
    contoso/vm: still in progress (until the preview is ready); go on with: offerctl resume contoso/vm
    ");
    insta::assert_snapshot!(environment.run("plan --detailed-exitcode"), @"
    > contoso/vm goes on  offers/vm/offer.yaml, up to production
      Steps:
        1. wait     a publish of exactly this content runs already
        2. go live  `publishTo` is production (Live ~2-5 days); cannot be taken back
        3. wait     the service makes the preview public

    Plan: 1 offers: 0 to create, 1 to change, 0 in sync, 0 blocked, 0 unreadable; 0 changes, 3 steps.
    Digest: [digest]
    --- exit 2 ---
    ");
    environment.run("apply --yes --wait 0").expect(7);
    insta::assert_snapshot!(environment.portal.writes(), @"
    PUT contoso/vm: 201
    POST contoso/vm/publish: 202
    ");

    environment.portal.advance("4days");
    environment.run("apply --yes --wait 0").expect(7);
    environment.run("apply --yes --wait 0").expect(7);
    environment.portal.advance("2days");
    environment.run("plan --detailed-exitcode").expect(0);
    insta::assert_snapshot!(environment.portal.writes(), @"
    PUT contoso/vm: 201
    POST contoso/vm/publish: 202
    POST contoso/vm/golive: 202
    ");
}

#[test]
fn a_submission_of_ours_is_adopted_also_without_a_record() {
    let environment = TestEnvironment::with_offer_on(as_slow_as_the_service());
    environment.run("apply --yes --wait 0").expect(7);
    environment.forget_records();
    environment.portal.let_days_pass_while_waiting();
    environment.run("apply --yes").expect(0);
    insta::assert_snapshot!(environment.portal.writes(), @"
    PUT contoso/vm: 201
    POST contoso/vm/publish: 202
    POST contoso/vm/golive: 202
    ");
}

#[test]
fn a_go_live_that_runs_is_adopted() {
    let environment = TestEnvironment::with_offer_on(as_slow_as_the_service());
    environment.run("apply --yes --wait 0").expect(7);
    environment.portal.advance("4days");
    environment.run("apply --yes --wait 0").expect(7);
    let said = environment.run("plan").expect(0);
    insta::assert_snapshot!(said.stdout, @"
    > contoso/vm goes on  offers/vm/offer.yaml, up to production
      Steps:
        1. wait     a go-live of exactly this content runs already

    Plan: 1 offers: 0 to create, 1 to change, 0 in sync, 0 blocked, 0 unreadable; 0 changes, 1 steps.
    Digest: [digest]
    ");
    environment.portal.let_days_pass_while_waiting();
    environment.run("apply --yes").expect(0);
    environment.run("plan --detailed-exitcode").expect(0);
}

#[test]
fn behind_a_submission_of_other_content_ours_waits_its_turn() {
    let environment = live();
    colleague_submits(&environment);
    insta::assert_snapshot!(environment.run("plan"), @r#"
    ~ contoso/vm will be updated  offers/vm/offer.yaml, up to production
        ~ Title: "Not ours" → "Contoso VM"  (edited elsewhere; apply reverts it)  offer.yaml:9
      Steps:
        1. wait     a submission of other content runs; ours queues behind it
        2. update   1 field of the draft differs
        3. publish  the submission that runs replaces what is right now (Certification < 5 day); can be canceled while it runs
        4. wait     the service validates, certifies and provisions the preview
        5. go live  `publishTo` is production (Live ~2-5 days); cannot be taken back
        6. wait     the service makes the preview public

    Plan: 1 offers: 0 to create, 1 to change, 0 in sync, 0 blocked, 0 unreadable; 1 changes, 6 steps.
    Digest: [digest]
    --- exit 0 ---
    "#);
    environment.run("apply --yes --wait 0").expect(7);
    assert_eq!(environment.portal.writes(), "", "nothing is written to an offer while a submission runs");

    environment.portal.let_days_pass_while_waiting();
    environment.run("apply --yes").expect(0);
    insta::assert_snapshot!(environment.portal.writes(), @r#"
    PUT contoso/vm If-Match W/"datetime'2026-11-10T00%3A00%3A00.0000000Z'": 200
    POST contoso/vm/publish: 202
    POST contoso/vm/golive: 202
    "#);
    environment.run("plan --detailed-exitcode").expect(0);
}

#[test]
fn supersede_cancels_what_is_in_the_way() {
    let environment = live();
    colleague_submits(&environment);
    environment.portal.let_days_pass_while_waiting();
    let said = environment.run("apply --yes --supersede").expect(0);
    insta::assert_snapshot!(said.stderr, @"
    contoso/vm: cancel requested (the service takes a few minutes to end it)
    contoso/vm: waiting until the running submission has ended
    contoso/vm: Validate Pre-Requisites: complete
    contoso/vm: Certification: canceled
    contoso/vm: the other submission has ended
    contoso/vm: updated (version 3)
    contoso/vm: done
    ");
    insta::assert_snapshot!(environment.portal.writes(), @r#"
    POST contoso/vm/cancel: 202
    PUT contoso/vm If-Match W/"datetime'2026-11-10T00%3A00%3A00.0000000Z'": 200
    "#);
    environment.run("plan --detailed-exitcode").expect(0);
}

#[test]
fn a_submission_that_runs_does_not_keep_an_unchanged_manifest_busy() {
    let environment = live();
    environment.portal.publish("vm");
    environment.portal.forget_requests();
    environment.run("apply --yes --wait 0").expect(0);
    assert_eq!(environment.portal.writes(), "");
}

#[test]
fn a_submission_of_other_content_is_followed_by_ours_also_when_the_draft_is_right_again() {
    let environment = live();
    colleague_submits(&environment);
    environment.portal.edit("vm", &json!({"offer": {"microsoft-azure-marketplace.title": "Contoso VM"}}));
    environment.run("plan --detailed-exitcode").expect(2);
    environment.portal.let_days_pass_while_waiting();
    environment.run("apply --yes").expect(0);
    insta::assert_snapshot!(environment.portal.writes(), @"
    POST contoso/vm/publish: 202
    POST contoso/vm/golive: 202
    ");
    environment.run("plan --detailed-exitcode").expect(0);
}

#[test]
fn a_draft_is_written_only_when_nothing_runs() {
    let environment = live();
    environment.run("apply --yes --until draft --wait 0").expect(0);
    colleague_submits(&environment);
    environment.run("apply --yes --until draft --wait 0").expect(7);
    environment.portal.advance("4days");
    environment.run("apply --yes --until draft --wait 0").expect(0);
    insta::assert_snapshot!(environment.portal.writes(), @r#"PUT contoso/vm If-Match W/"datetime'2026-11-10T00%3A00%3A00.0000000Z'": 200"#);
}

#[test]
fn how_long_to_wait_is_a_setting_a_variable_and_a_flag() {
    let environment = TestEnvironment::with_offer_on(as_slow_as_the_service());
    let apply = |flags: &str, variable: &str| {
        let mut command = environment.command(&format!("apply --yes {flags}"));
        command.env("OFFERCTL_WAIT", variable);
        environment.run_command(command)
    };
    environment.write("offerctl.yaml", "offers: [\"offers/*/offer.yaml\"]\nwait: 0\n");
    apply("", "").expect(7);
    environment.write("offerctl.yaml", "offers: [\"offers/*/offer.yaml\"]\nwait: 1h\n");
    apply("", "0").expect(7);
    apply("--wait 0", "later").expect(7);
    apply("", "later").expect(4);
    environment.write("offerctl.yaml", "offers: [\"offers/*/offer.yaml\"]\nwait: soon\n");
    apply("", "0").expect(4);
}
