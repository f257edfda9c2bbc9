//! What a person does by hand, without a manifest: publish what is in the draft, go live with what is in the preview,
//! cancel what runs. Each is shown and asked about first, and submitted once.

use std::process::{Command, Stdio};

use offerctl::emulator::{Options, Quirk};
use reqwest::Method;
use serde_json::json;

use crate::environment::{TestEnvironment, as_slow_as_the_service, at_once};
use crate::interposer::Moment;

const CLOCK: &str = "/_emulator/clock";
const EDIT: &str = "/_emulator/offers/contoso/vm/edit";
const PUBLISH: &str = "/api/publishers/contoso/offers/vm/publish";

/// The live offer, its draft edited in the portal, its manifest out of reach.
fn edited() -> TestEnvironment {
    let environment = TestEnvironment::with_live_offer();
    environment.portal.edit("vm", &json!({"offer": {"microsoft-azure-marketplace.summary": "The best backup"}}));
    std::fs::rename(environment.path("offers"), environment.path("elsewhere")).unwrap();
    environment
}

/// The offer as a draft on a service that takes days.
fn drafted() -> TestEnvironment {
    let environment = TestEnvironment::with_offer_on(as_slow_as_the_service());
    environment.run("apply --yes --until draft").expect(0);
    environment.portal.forget_requests();
    environment
}

/// The same while a publish of it runs.
fn publishing() -> TestEnvironment {
    let environment = drafted();
    environment.run("publish contoso/vm --yes --wait 0").expect(7);
    environment.portal.forget_requests();
    environment
}

#[test]
fn publish_shows_what_it_would_ship_and_does_nothing_unasked() {
    let environment = edited();
    insta::assert_snapshot!(environment.run("publish contoso/vm"), @r#"
    contoso/vm: from preview (version 1) to draft (version 2), 1 field differs
        ~ Summary: "Backs up your machines every night" → "The best backup"
      Steps:
        1. publish  the draft differs from the preview (Certification < 5 day); can be canceled while it runs
        2. wait     the service validates, certifies and provisions the preview
    --- stderr ---
    error: nothing was written: there is no terminal to ask on, and no `--yes`
    hint: read what is shown above, then run the same command with `--yes`
    --- exit 4 ---
    "#);
    assert_eq!(environment.portal.writes(), "");
}

#[test]
fn publish_and_go_live_take_an_edit_of_the_portal_to_the_customers() {
    let environment = edited();
    insta::assert_snapshot!(environment.run("publish contoso/vm --yes"), @r#"
    contoso/vm: from preview (version 1) to draft (version 2), 1 field differs
        ~ Summary: "Backs up your machines every night" → "The best backup"
      Steps:
        1. publish  the draft differs from the preview (Certification < 5 day); can be canceled while it runs
        2. wait     the service validates, certifies and provisions the preview
    Publish: 1 offers: 1 done, 0 with nothing to do, 0 still in progress, 0 refused, 0 failed, 0 unreadable, 0 interrupted.
    --- stderr ---
    contoso/vm: submitted for the preview
    contoso/vm: waiting until the preview is ready
    contoso/vm: Validate Pre-Requisites: complete
    contoso/vm: Certification: complete
    contoso/vm: Provisioning: complete
    contoso/vm: Packaging and Lead Generation Registration: complete
    contoso/vm: Publisher signoff: waiting for publisher review
    contoso/vm: the preview is ready (https://preview.azuremarketplace.microsoft.com/marketplace/apps/contoso.vm)
    contoso/vm: done
    --- exit 0 ---
    "#);
    insta::assert_snapshot!(environment.run("publish contoso/vm"), @"
    contoso/vm: nothing to do: the preview holds exactly this draft already, and waits for its go-live
    Publish: 1 offers: 0 done, 1 with nothing to do, 0 still in progress, 0 refused, 0 failed, 0 unreadable, 0 interrupted.
    --- exit 0 ---
    ");
    insta::assert_snapshot!(environment.run("go-live contoso/vm --yes"), @r#"
    contoso/vm: from production (version 1) to preview (version 2), 1 field differs
        ~ Summary: "Backs up your machines every night" → "The best backup"
      Steps:
        1. go live  the preview waits for the go-live (Live ~2-5 days); cannot be taken back
        2. wait     the service makes the preview public
    Go live: 1 offers: 1 done, 0 with nothing to do, 0 still in progress, 0 refused, 0 failed, 0 unreadable, 0 interrupted.
    --- stderr ---
    contoso/vm: submitted for production
    contoso/vm: waiting until the offer is live
    contoso/vm: Validate Pre-Requisites: complete
    contoso/vm: Certification: complete
    contoso/vm: Provisioning: complete
    contoso/vm: Packaging and Lead Generation Registration: complete
    contoso/vm: Publisher signoff: complete
    contoso/vm: Live: complete
    contoso/vm: live (https://azuremarketplace.microsoft.com/marketplace/apps/contoso.vm)
    contoso/vm: done
    --- exit 0 ---
    "#);
    insta::assert_snapshot!(environment.run("go-live contoso/vm --yes"), @"
    contoso/vm: nothing to do: production holds exactly this preview already
    Go live: 1 offers: 0 done, 1 with nothing to do, 0 still in progress, 0 refused, 0 failed, 0 unreadable, 0 interrupted.
    --- exit 0 ---
    ");
    insta::assert_snapshot!(environment.portal.writes(), @"
    POST contoso/vm/publish: 202
    POST contoso/vm/golive: 202
    ");
    // What was published was somebody else's, and stays so for whoever plans.
    std::fs::rename(environment.path("elsewhere"), environment.path("offers")).unwrap();
    let plan = environment.run("plan").expect(0).stdout;
    assert!(plan.contains("edited elsewhere; apply reverts it"), "{plan}");
}

#[test]
fn the_first_publish_needs_nothing_to_compare_with() {
    let environment = drafted();
    insta::assert_snapshot!(environment.run("publish contoso/vm --yes --wait 0"), @"
    contoso/vm: publish
      Steps:
        1. publish  nothing is in the preview slot yet (Certification < 5 day); can be canceled while it runs
        2. wait     the service validates, certifies and provisions the preview
    Publish: 1 offers: 0 done, 0 with nothing to do, 1 still in progress, 0 refused, 0 failed, 0 unreadable, 0 interrupted.
    --- stderr ---
    contoso/vm: submitted for the preview
    contoso/vm: still in progress (until the preview is ready)
      what next: `offerctl publish contoso/vm` goes on with it
    --- exit 7 ---
    ");
    environment.portal.let_days_pass_while_waiting();
    insta::assert_snapshot!(environment.run("publish contoso/vm"), @"
    contoso/vm: publish
      Steps:
        1. wait     a publish of exactly this draft runs already
    Publish: 1 offers: 1 done, 0 with nothing to do, 0 still in progress, 0 refused, 0 failed, 0 unreadable, 0 interrupted.
    --- stderr ---
    contoso/vm: waiting until the preview is ready
    contoso/vm: Validate Pre-Requisites: complete
    contoso/vm: Certification: in progress (< 5 day)
    contoso/vm: Certification: complete
    contoso/vm: Provisioning: complete
    contoso/vm: Packaging and Lead Generation Registration: complete
    contoso/vm: Publisher signoff: waiting for publisher review
    contoso/vm: the preview is ready (https://preview.azuremarketplace.microsoft.com/marketplace/apps/contoso.vm)
    contoso/vm: done
    --- exit 0 ---
    ");
    insta::assert_snapshot!(environment.portal.writes(), @"POST contoso/vm/publish: 202");
}

#[test]
fn whom_to_tell_comes_from_the_manifest_and_the_command_line() {
    let environment = drafted();
    environment.edit("reconcile:\n", "reconcile:\n  notificationEmails: [release@contoso.com]\n");
    environment
        .run("publish contoso/vm offers/vm/offer.yaml --yes --wait 0 --notify me@contoso.com --notify you@contoso.com")
        .expect(7);
    assert_eq!(environment.portal.notified("vm"), "release@contoso.com,me@contoso.com,you@contoso.com");
    assert_eq!(environment.portal.writes(), "POST contoso/vm/publish: 202\n");
    insta::assert_snapshot!(environment.run("publish contoso/vm --yes --notify me,you@contoso.com"), @"
    --- stderr ---
    error: invalid value 'me,you@contoso.com' for '--notify <EMAIL>': write one e-mail address, for example release@contoso.com; the flag may be repeated

    For more information, try '--help'.
    --- exit 4 ---
    ");
}

#[test]
fn publish_leaves_what_others_submitted_alone() {
    let environment = publishing();
    environment.portal.edit("vm", &json!({"displayText": "Not what runs"}));
    insta::assert_snapshot!(environment.run("publish contoso/vm --yes"), @"
    Publish: 1 offers: 0 done, 0 with nothing to do, 0 still in progress, 1 refused, 0 failed, 0 unreadable, 0 interrupted.
    --- stderr ---
    error: contoso/vm: a publish of version 1 runs
    hint: wait for its end (`offerctl status contoso/vm`), or end it with `offerctl cancel contoso/vm`
    --- exit 6 ---
    ");
    insta::assert_snapshot!(environment.run("go-live contoso/vm --yes --output json"), @r#"
    {
      "format": "offerctl-operation",
      "version": 1,
      "operation": "goLive",
      "offers": [
        {
          "publisherId": "contoso",
          "offerId": "vm",
          "from": null,
          "to": null,
          "changes": null,
          "steps": [],
          "result": "refused",
          "message": "the preview is not ready: a publish of version 1 runs",
          "whatNext": "`offerctl status contoso/vm` shows how far it is; run the same command again when the preview is ready",
          "complaints": []
        }
      ]
    }
    --- stderr ---
    error: contoso/vm: the preview is not ready: a publish of version 1 runs
    hint: `offerctl status contoso/vm` shows how far it is; run the same command again when the preview is ready
    --- exit 7 ---
    "#);
    assert_eq!(environment.portal.writes(), "");
}

#[test]
fn publish_submits_again_what_failed_because_a_person_asked() {
    let environment = edited();
    environment.portal.script("vm", "displaycertify", "failed", &["<p>The image is not generalized.</p>"]);
    insta::assert_snapshot!(environment.run("publish contoso/vm --yes"), @r#"
    contoso/vm: from preview (version 1) to draft (version 2), 1 field differs
        ~ Summary: "Backs up your machines every night" → "The best backup"
      Steps:
        1. publish  the draft differs from the preview (Certification < 5 day); can be canceled while it runs
        2. wait     the service validates, certifies and provisions the preview
    Publish: 1 offers: 0 done, 0 with nothing to do, 0 still in progress, 0 refused, 1 failed, 0 unreadable, 0 interrupted.
    --- stderr ---
    contoso/vm: submitted for the preview
    contoso/vm: waiting until the preview is ready
    contoso/vm: Validate Pre-Requisites: complete
    contoso/vm: Certification: failed
    contoso/vm: the service says: error: The image is not generalized.
      Offer plans, for it names `image` (/definition/plans)
    contoso/vm: failed
      the service says that the submission failed:
        Certification: The image is not generalized.
          Offer plans, for it names `image` (/definition/plans)
      what next: Change in the draft what the service complains about, then submit it again with `offerctl publish contoso/vm`.
    --- exit 8 ---
    "#);
    insta::assert_snapshot!(environment.run("go-live contoso/vm --yes"), @"
    Go live: 1 offers: 0 done, 0 with nothing to do, 0 still in progress, 1 refused, 0 failed, 0 unreadable, 0 interrupted.
    --- stderr ---
    error: contoso/vm: the last submission (a publish of version 2) failed, so that no preview waits for a go-live
    hint: `offerctl publish contoso/vm` submits the draft; go live when its preview is ready
    --- exit 1 ---
    ");
    let again = environment.run("publish contoso/vm --yes").expect(0);
    insta::assert_snapshot!(again.stdout, @r#"
    contoso/vm: from preview (version 1) to draft (version 2), 1 field differs
        ~ Summary: "Backs up your machines every night" → "The best backup"
      Steps:
        1. publish  the last submission (a publish of version 2) failed, and you ask to submit again (Certification < 5 day); can be canceled while it runs
        2. wait     the service validates, certifies and provisions the preview
    Publish: 1 offers: 1 done, 0 with nothing to do, 0 still in progress, 0 refused, 0 failed, 0 unreadable, 0 interrupted.
    "#);
    insta::assert_snapshot!(environment.portal.writes(), @"
    POST contoso/vm/publish: 202
    POST contoso/vm/publish: 202
    ");
}

#[test]
fn resume_carries_on_with_what_was_begun_by_hand_and_with_no_more() {
    let environment = publishing();
    environment.portal.let_days_pass_while_waiting();
    environment.run("resume").expect(0);
    assert_eq!(environment.portal.writes(), "");
    environment.run("go-live contoso/vm --yes --wait 0").expect(7);
    environment.run("resume").expect(0);
    insta::assert_snapshot!(environment.portal.writes(), @"POST contoso/vm/golive: 202");
    insta::assert_snapshot!(environment.run("resume"), @"
    Nothing to resume: no plan is on record as unfinished.
    --- exit 0 ---
    ");
}

#[test]
fn a_publish_that_is_held_up_needs_a_person() {
    let environment = edited();
    environment.portal.script("vm", "displaycertify", "blocked", &["<p>Call us.</p>"]);
    let said = environment.run("publish contoso/vm --yes").expect(8).stderr;
    insta::assert_snapshot!(said.lines().skip(4).collect::<Vec<_>>().join("\n"), @r#"
    contoso/vm: the service says: error: Call us.
    contoso/vm: failed
      the submission needs a person: "Certification" is blocked:
        Call us.
      what next: Follow it up in the portal or with Microsoft's support. The submission still runs: `offerctl publish contoso/vm` goes on with it, `offerctl cancel contoso/vm` ends it.
    "#);
    // It is not over: whoever asks again waits for the same one.
    environment.run("publish contoso/vm --yes").expect(8);
    assert_eq!(environment.portal.writes().matches("/publish").count(), 1);
    environment.run("cancel contoso/vm --yes").expect(0);
}

#[test]
fn an_offer_that_cannot_be_read_stops_no_other() {
    let environment = edited();
    let forbidden = json!({"status": {"code": 403, "body": ""}});
    environment.portal.fault(&json!({"method": "GET", "path": "/offers/none", "times": null, "effect": forbidden}));
    let said = environment.run("publish contoso/none contoso/vm --yes").expect(5);
    insta::assert_snapshot!(said.stdout.lines().last().unwrap(), @"Publish: 2 offers: 1 done, 0 with nothing to do, 0 still in progress, 0 refused, 0 failed, 1 unreadable, 0 interrupted.");
    assert!(said.stderr.contains("contoso/none: ") && said.stderr.contains("403"), "{}", said.stderr);
}

#[test]
fn an_interrupted_publish_says_what_goes_on_with_it() {
    let mut environment = publishing();
    // Without a record the submissions are asked for: once to plan, then at each look.
    environment.forget_records();
    let waiting = environment.tell(Moment { method: Method::GET, path: "/submissions/", nth: 4 });
    let mut command = environment.command("publish contoso/vm");
    let child = command.stdout(Stdio::null()).stderr(Stdio::piped()).spawn().unwrap();
    waiting.recv().unwrap();
    assert!(Command::new("kill").args(["-INT", &child.id().to_string()]).status().unwrap().success());
    let output = child.wait_with_output().unwrap();
    assert_eq!(output.status.code(), Some(130));
    let said = String::from_utf8(output.stderr).unwrap();
    insta::assert_snapshot!(said.lines().rev().take(2).collect::<Vec<_>>().join("\n"), @"
      what next: `offerctl publish contoso/vm` goes on with it
    contoso/vm: interrupted; nothing is half done
    ");
}

#[test]
fn a_publish_that_somebody_cancels_says_so() {
    let environment = edited();
    environment.portal.script("vm", "displaycertify", "canceled", &[]);
    let said = environment.run("publish contoso/vm --yes").expect(8).stderr;
    insta::assert_snapshot!(said.lines().rev().take(3).collect::<Vec<_>>().join("\n"), @"
      what next: Somebody canceled it. Ask them why; `offerctl publish contoso/vm` submits it again.
      the service says that the submission was canceled
    contoso/vm: failed
    ");
}

#[test]
fn a_publish_whose_answer_was_lost_is_not_sent_twice() {
    let environment = edited();
    environment.portal.fault(&json!({"method": "POST", "path": "/publish", "effect": "reset-after"}));
    let said = environment.run("publish contoso/vm --yes").expect(0);
    assert!(said.stderr.contains("the answer does not tell whether it was done"), "{}", said.stderr);
    assert_eq!(environment.portal.writes().matches("/publish").count(), 1);
}

#[test]
fn a_publish_that_never_arrived_is_left_to_the_person() {
    let environment = edited();
    environment.portal.fault(&json!({"method": "POST", "path": "/publish", "effect": "reset-before"}));
    let said = environment.run("publish contoso/vm --yes").expect(1);
    let last: Vec<&str> = said.stderr.lines().filter(|line| !line.contains("http://")).collect();
    insta::assert_snapshot!(last.join("\n"), @"
    contoso/vm: failed
      what next: Look with `offerctl submissions contoso/vm`, then run `offerctl publish contoso/vm` again: what took effect is not done twice.
    ");
    environment.run("publish contoso/vm --yes").expect(0);
    assert_eq!(environment.portal.writes().matches("/publish: 202").count(), 1);
}

#[test]
fn a_draft_that_changed_since_it_was_shown_is_not_published() {
    let mut environment = edited();
    let edit = vec![(Method::POST, EDIT, Some(json!({"definition": {"displayText": "Edited once more"}})))];
    environment.meanwhile(Moment { method: Method::GET, path: "/offers/vm", nth: 2 }, edit);
    insta::assert_snapshot!(environment.run("publish contoso/vm --yes").expect(6).stderr, @"
    contoso/vm: failed
      somebody changed the offer after it was planned, so nothing more was done:
        `/definition/displayText` changed
      what next: Look at what is there now with `offerctl diff contoso/vm` and `offerctl submissions contoso/vm`; `offerctl publish contoso/vm` asks anew.
    ");
    assert_eq!(environment.portal.writes().matches("/publish").count(), 0);
}

#[test]
fn a_preview_that_changed_since_it_was_shown_does_not_go_live() {
    let mut environment = edited();
    environment.run("publish contoso/vm --yes").expect(0);
    let added = json!({"microsoft-azure-marketplace.longSummary": "Added by a colleague"});
    let others =
        vec![(Method::POST, EDIT, Some(json!({"definition": {"offer": added}}))), (Method::POST, PUBLISH, None)];
    environment.meanwhile(Moment { method: Method::GET, path: "/slot/preview", nth: 2 }, others);
    insta::assert_snapshot!(environment.run("go-live contoso/vm --yes").expect(6).stderr, @"
    contoso/vm: failed
      the preview slot does not hold what was planned:
        `/definition/offer/microsoft-azure-marketplace.longSummary` changed
      what next: Look at what is there now with `offerctl diff contoso/vm` and `offerctl submissions contoso/vm`; `offerctl go-live contoso/vm` asks anew.
    ");
    assert_eq!(environment.portal.writes().matches("/golive").count(), 0);
}

#[test]
fn go_live_says_what_is_missing() {
    let environment = drafted();
    insta::assert_snapshot!(environment.run("go-live contoso/vm --yes"), @"
    Go live: 1 offers: 0 done, 0 with nothing to do, 0 still in progress, 1 refused, 0 failed, 0 unreadable, 0 interrupted.
    --- stderr ---
    error: contoso/vm: nothing was published yet
    hint: `offerctl publish contoso/vm` submits the draft; go live when its preview is ready
    --- exit 1 ---
    ");
    environment.run("publish contoso/vm --yes --wait 0").expect(7);
    insta::assert_snapshot!(environment.run("go-live contoso/vm --yes"), @"
    Go live: 1 offers: 0 done, 0 with nothing to do, 0 still in progress, 1 refused, 0 failed, 0 unreadable, 0 interrupted.
    --- stderr ---
    error: contoso/vm: the preview is not ready: a publish of version 1 runs
    hint: `offerctl status contoso/vm` shows how far it is; run the same command again when the preview is ready
    --- exit 7 ---
    ");
    environment.portal.advance("4days");
    insta::assert_snapshot!(environment.run("go-live contoso/vm --yes --wait 0"), @"
    contoso/vm: go live
      Steps:
        1. go live  the preview waits for the go-live, and nothing is in production yet (Live ~2-5 days); cannot be taken back
        2. wait     the service makes the preview public
    Go live: 1 offers: 0 done, 0 with nothing to do, 1 still in progress, 0 refused, 0 failed, 0 unreadable, 0 interrupted.
    --- stderr ---
    contoso/vm: submitted for production
    contoso/vm: still in progress (until the offer is live)
      what next: `offerctl go-live contoso/vm` goes on with it
    --- exit 7 ---
    ");
    environment.portal.let_days_pass_while_waiting();
    insta::assert_snapshot!(environment.run("go-live contoso/vm"), @"
    contoso/vm: go live
      Steps:
        1. wait     a go-live runs already
    Go live: 1 offers: 1 done, 0 with nothing to do, 0 still in progress, 0 refused, 0 failed, 0 unreadable, 0 interrupted.
    --- stderr ---
    contoso/vm: waiting until the offer is live
    contoso/vm: Validate Pre-Requisites: complete
    contoso/vm: Certification: complete
    contoso/vm: Provisioning: complete
    contoso/vm: Packaging and Lead Generation Registration: complete
    contoso/vm: Publisher signoff: complete
    contoso/vm: Live: complete
    contoso/vm: live (https://azuremarketplace.microsoft.com/marketplace/apps/contoso.vm)
    contoso/vm: done
    --- exit 0 ---
    ");
    insta::assert_snapshot!(environment.portal.writes(), @"
    POST contoso/vm/publish: 202
    POST contoso/vm/golive: 202
    ");
}

#[test]
fn cancel_waits_for_the_proof() {
    let environment = publishing();
    insta::assert_snapshot!(environment.run("cancel contoso/vm --yes --wait 0"), @"
    contoso/vm: cancel
      Steps:
        1. cancel   a publish of version 1 runs
        2. wait     a canceled submission needs a few minutes to end
    Cancel: 1 offers: 0 done, 0 with nothing to do, 1 still in progress, 0 refused, 0 failed, 0 unreadable, 0 interrupted.
    --- stderr ---
    contoso/vm: cancel requested (the service takes a few minutes to end it)
    contoso/vm: still in progress (until the submission reads canceled)
      what next: `offerctl cancel contoso/vm --yes` goes on with it
    --- exit 7 ---
    ");
    let records = environment.records();
    assert!(records.contains("\"rest\": null"), "nothing goes on with what was to be canceled: {records}");
    environment.portal.let_days_pass_while_waiting();
    insta::assert_snapshot!(environment.run("cancel contoso/vm --yes"), @"
    contoso/vm: cancel
      Steps:
        1. cancel   a publish of version 1 runs
        2. wait     a canceled submission needs a few minutes to end
    Cancel: 1 offers: 1 done, 0 with nothing to do, 0 still in progress, 0 refused, 0 failed, 0 unreadable, 0 interrupted.
    --- stderr ---
    contoso/vm: cancel requested (the service takes a few minutes to end it)
    contoso/vm: waiting until the submission reads canceled
    contoso/vm: Validate Pre-Requisites: canceled
    contoso/vm: canceled
    contoso/vm: done
    --- exit 0 ---
    ");
    insta::assert_snapshot!(environment.run("cancel contoso/vm --yes"), @"
    contoso/vm: nothing to do: there is nothing to cancel; the last submission (a publish of version 1) was canceled
    Cancel: 1 offers: 0 done, 1 with nothing to do, 0 still in progress, 0 refused, 0 failed, 0 unreadable, 0 interrupted.
    --- exit 0 ---
    ");
    let rows = environment.run("submissions contoso/vm --output json").expect(0).json();
    assert_eq!(rows["offers"][0]["submissions"][0]["state"], "canceled");
    assert!(!environment.records().contains("inFlight\": {"), "{}", environment.records());
}

#[test]
fn cancel_gives_up_a_preview_that_waits_for_its_go_live() {
    let environment = publishing();
    environment.portal.advance("4days");
    environment.portal.let_days_pass_while_waiting();
    insta::assert_snapshot!(environment.run("cancel contoso/vm --yes"), @"
    contoso/vm: cancel
      Steps:
        1. cancel   a publish of version 1 waits for its go-live, and is given up
        2. wait     a canceled submission needs a few minutes to end
    Cancel: 1 offers: 1 done, 0 with nothing to do, 0 still in progress, 0 refused, 0 failed, 0 unreadable, 0 interrupted.
    --- stderr ---
    contoso/vm: cancel requested (the service takes a few minutes to end it)
    contoso/vm: waiting until the submission reads canceled
    contoso/vm: Validate Pre-Requisites: complete
    contoso/vm: Certification: complete
    contoso/vm: Provisioning: complete
    contoso/vm: Packaging and Lead Generation Registration: complete
    contoso/vm: Publisher signoff: canceled
    contoso/vm: canceled
    contoso/vm: done
    --- exit 0 ---
    ");
}

#[test]
fn cancel_needs_something_to_cancel() {
    let environment = TestEnvironment::with_live_offer();
    insta::assert_snapshot!(environment.run("cancel contoso/vm contoso/none --yes"), @"
    contoso/vm: nothing to do: there is nothing to cancel; the last submission (a go-live of version 1) succeeded
    Cancel: 2 offers: 0 done, 1 with nothing to do, 0 still in progress, 1 refused, 0 failed, 0 unreadable, 0 interrupted.
    --- stderr ---
    error: contoso/none: the service has no such offer
    hint: `offerctl list contoso` shows the offers
    --- exit 1 ---
    ");
    insta::assert_snapshot!(environment.run("cancel").expect(4).stderr, @"
    error: the following required arguments were not provided:
      <OFFER|PATH>...

    Usage: offerctl cancel [OPTIONS] <OFFER|PATH>...

    For more information, try '--help'.
    ");
    assert_eq!(environment.portal.writes(), "");
}

#[test]
fn what_went_live_before_it_could_be_canceled_is_said() {
    let mut environment = publishing();
    environment.portal.advance("4days");
    environment.run("go-live contoso/vm --yes --wait 0").expect(7);
    let live = vec![(Method::POST, CLOCK, Some(json!({"advance": "5days"})))];
    environment.meanwhile(Moment { method: Method::POST, path: "/cancel", nth: 1 }, live);
    insta::assert_snapshot!(environment.run("cancel contoso/vm --yes"), @"
    contoso/vm: cancel
      Steps:
        1. cancel   a go-live of version 1 runs
        2. wait     a canceled submission needs a few minutes to end
    Cancel: 1 offers: 0 done, 0 with nothing to do, 0 still in progress, 0 refused, 1 failed, 0 unreadable, 0 interrupted.
    --- stderr ---
    contoso/vm: cancel requested (the service takes a few minutes to end it)
    contoso/vm: waiting until the submission reads canceled
    contoso/vm: Validate Pre-Requisites: complete
    contoso/vm: Certification: complete
    contoso/vm: Provisioning: complete
    contoso/vm: Packaging and Lead Generation Registration: complete
    contoso/vm: Publisher signoff: complete
    contoso/vm: Live: complete
    contoso/vm: failed
      the service says that the submission was not canceled: it went live before
      what next: `offerctl status contoso/vm` shows how the offer stands now. What is live cannot be taken back.
    --- exit 8 ---
    ");
}

#[test]
fn nobody_else_s_submission_is_canceled() {
    let mut environment = publishing();
    let others = vec![(Method::POST, CLOCK, Some(json!({"advance": "5days"}))), (Method::POST, PUBLISH, None)];
    environment.meanwhile(Moment { method: Method::GET, path: "/submissions/", nth: 2 }, others);
    insta::assert_snapshot!(environment.run("cancel contoso/vm --yes").expect(6).stderr, @"
    contoso/vm: failed
      somebody changed the offer after it was planned, so nothing more was done:
        another submission came after the one to cancel
      what next: Look at what is there now with `offerctl diff contoso/vm` and `offerctl submissions contoso/vm`; `offerctl cancel contoso/vm` asks anew.
    ");
    assert!(!environment.portal.writes().contains("/cancel"), "{}", environment.portal.writes());
}

#[test]
fn a_cancel_whose_answer_was_lost_is_proven_all_the_same() {
    let environment = publishing();
    environment.portal.fault(&json!({"method": "POST", "path": "/cancel", "effect": "reset-after"}));
    // Only who goes on looking lives to see the day: the submissions are not canceled at the first look.
    let day = json!({"delay": {"duration": "1day", "clock": "emulator"}});
    environment.portal.fault(&json!({"method": "GET", "path": "/status", "times": null, "effect": day}));
    environment.run("cancel contoso/vm --yes").expect(0);
    // Sent again, for what was to be canceled still runs: canceling it twice does no more than once.
    assert_eq!(environment.portal.writes().matches("/cancel").count(), 2);
}

#[test]
fn a_cancel_that_the_service_refuses_sends_to_the_status() {
    let environment = publishing();
    for (code, exit) in [(404, 1), (409, 6)] {
        environment.portal.fault(&json!({"method": "POST", "path": "/cancel", "effect": {"status": {"code": code}}}));
        let said = environment.run("cancel contoso/vm --yes").expect(exit).stderr;
        let advice = said.lines().last().unwrap().trim_start();
        let expected = match code {
            404 => {
                "what next: The service found nothing to cancel. `offerctl status contoso/vm` shows whether anything runs."
            }
            _ => {
                "what next: The service does not let it be canceled as it stands now. `offerctl status contoso/vm` shows \
                 whether anything runs, and how far it is; `offerctl cancel contoso/vm` asks again."
            }
        };
        assert_eq!(advice, expected);
    }
}

#[test]
fn operations_tell_programs_what_they_did() {
    let environment = edited();
    insta::assert_snapshot!("publish_json", environment.run("publish contoso/vm contoso/none --yes --output json"));
    let refused = environment.run("go-live contoso/vm --output json").expect(4);
    assert_eq!(refused.json()["offers"][0]["result"], "notBegun");
    assert!(refused.stderr.contains("go live"), "{}", refused.stderr);
    let canceled = environment.run("cancel contoso/vm --yes --output json").expect(0).json();
    assert_eq!((&canceled["operation"], &canceled["offers"][0]["result"]), (&json!("cancel"), &json!("done")));
}

#[test]
fn operations_understand_the_service_in_each_of_its_moods() {
    for quirk in Quirk::ALL {
        let environment =
            TestEnvironment::with_offer_on(Options { quirks: [*quirk].into_iter().collect(), ..at_once() });
        environment.run("apply --yes --until draft").expect(0);
        environment.run("publish contoso/vm --yes").expect(0);
        environment.run("go-live contoso/vm --yes").expect(0);
        environment.portal.edit("vm", &json!({"displayText": "Edited"}));
        environment.run("publish contoso/vm --yes").expect(0);
        environment.run("cancel contoso/vm --yes").expect(0);
        let writes = environment.portal.writes();
        assert_eq!(writes.lines().filter(|line| line.starts_with("POST")).count(), 4, "{quirk:?}\n{writes}");
    }
}
