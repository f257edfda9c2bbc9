//! Somebody else is quicker. Whatever they did stays, and nothing that nobody reviewed goes live.

use offerctl::emulator::{Options, Quirk};
use reqwest::Method;
use serde_json::json;

use crate::environment::{TestEnvironment, as_slow_as_the_service, at_once};
use crate::interposer::{Asked, Moment};

const EDIT: &str = "/_emulator/offers/contoso/vm/edit";
const PUBLISH: &str = "/api/publishers/contoso/offers/vm/publish";

/// A colleague fills a field that the manifest does not name.
fn their_edit() -> Vec<Asked> {
    let long_summary = json!({"microsoft-azure-marketplace.longSummary": "Written by a colleague"});
    vec![(Method::POST, EDIT, Some(json!({"definition": {"offer": long_summary}})))]
}

#[test]
fn an_edit_between_reading_and_writing_is_kept_and_not_shipped_unseen() {
    let mut environment = TestEnvironment::with_live_offer();
    environment.edit("every night", "twice a day");
    let moment = Moment { method: Method::PUT, path: "/offers/vm", nth: 1 };
    environment.meanwhile(moment, their_edit());
    insta::assert_snapshot!(environment.run("apply --yes"), @r#"
    ~ contoso/vm will be updated  offers/vm/offer.yaml, up to production
        ~ Summary: "Backs up your machines every night" → "Backs up your machines twice a day"  offer.yaml:10
      Steps:
        1. update   1 field of the draft differs
        2. publish  the preview slot holds other content (Certification < 5 day); can be canceled while it runs
        3. wait     the service validates, certifies and provisions the preview
        4. go live  `publishTo` is production (Live ~2-5 days); cannot be taken back
        5. wait     the service makes the preview public

    Plan: 1 offers: 0 to create, 1 to change, 0 in sync, 0 blocked, 0 unreadable; 1 changes, 5 steps.
    Digest: [digest]
    Apply: 1 offers: 0 done, 0 in sync, 0 still in progress, 0 blocked, 1 failed, 0 unreadable, 0 interrupted.
    --- stderr ---
    contoso/vm: the write keeps what somebody edited meanwhile: `/definition/offer/microsoft-azure-marketplace.longSummary` changed
    contoso/vm: updated (version 3)
    contoso/vm: failed
      the draft was written and keeps what somebody edited meanwhile; nothing was published, for that would ship their edits unseen:
        `/definition/offer/microsoft-azure-marketplace.longSummary` changed
      what next: Nothing of theirs was lost. `offerctl plan` shows each of their edits with its value, as a passenger, and how to go on with it or without it.
    --- exit 6 ---
    "#);
    insta::assert_snapshot!(environment.portal.writes(), @r#"
    PUT contoso/vm If-Match W/"datetime'2026-11-01T00%3A00%3A00.0000000Z'": 412
    PUT contoso/vm If-Match W/"datetime'2026-11-01T00%3A00%3A00.0000001Z'": 200
    "#);
    let definition = environment.portal.definition("vm");
    assert_eq!(definition["offer"]["microsoft-azure-marketplace.longSummary"], "Written by a colleague");

    insta::assert_snapshot!(environment.run("apply --yes"), @r#"
    ! contoso/vm is blocked  offers/vm/offer.yaml, up to production
        + Long summary: "Written by a colleague"  (passenger: edited in the draft, not in production and not in the manifest)
      Steps:
        1. publish  the preview slot holds other content (Certification < 5 day); can be canceled while it runs
        2. wait     the service validates, certifies and provisions the preview
        3. go live  `publishTo` is production (Live ~2-5 days); cannot be taken back
        4. wait     the service makes the preview public
      blocked by passengers: publishing would also ship an edit of the draft that the manifest does not say and production does not have: `/definition/offer/microsoft-azure-marketplace.longSummary`
        way out: take the fields into the manifest with `offerctl adopt contoso/vm --path /definition/offer/microsoft-azure-marketplace.longSummary` when they are right, take them back in the portal when they are not, or ship them as they are with `--allow passengers:contoso/vm`

    Why that is so: `offerctl explain contoso/vm`, and with the name of a field what became of that field.

    Plan: 1 offers: 0 to create, 0 to change, 0 in sync, 1 blocked, 0 unreadable; 0 changes, 0 steps.
    Digest: [digest]
    Apply: 1 offers: 0 done, 0 in sync, 0 still in progress, 1 blocked, 0 failed, 0 unreadable, 0 interrupted.
    --- exit 9 ---
    "#);
    environment.run("apply --yes --allow passengers").expect(0);
    let definition = environment.portal.definition("vm");
    assert_eq!(definition["offer"]["microsoft-azure-marketplace.longSummary"], "Written by a colleague");
    assert_eq!(definition["offer"]["microsoft-azure-marketplace.summary"], "Backs up your machines twice a day");
}

#[test]
fn an_edit_between_planning_and_writing_is_kept_and_not_shipped_unseen() {
    let mut environment = TestEnvironment::with_live_offer();
    environment.edit("every night", "twice a day");
    let moment = Moment { method: Method::GET, path: "/offers/vm", nth: 2 };
    environment.meanwhile(moment, their_edit());
    let said = environment.run("apply --yes").expect(6);
    insta::assert_snapshot!(said.stderr, @"
    contoso/vm: the write keeps what somebody edited meanwhile: `/definition/offer/microsoft-azure-marketplace.longSummary` changed
    contoso/vm: updated (version 3)
    contoso/vm: failed
      the draft was written and keeps what somebody edited meanwhile; nothing was published, for that would ship their edits unseen:
        `/definition/offer/microsoft-azure-marketplace.longSummary` changed
      what next: Nothing of theirs was lost. `offerctl plan` shows each of their edits with its value, as a passenger, and how to go on with it or without it.
    ");
    insta::assert_snapshot!(environment.portal.writes(), @r#"PUT contoso/vm If-Match W/"datetime'2026-11-01T00%3A00%3A00.0000001Z'": 200"#);
}

#[test]
fn an_edit_of_something_else_is_kept_when_nothing_is_published() {
    let mut environment = TestEnvironment::with_live_offer();
    environment.edit("every night", "twice a day");
    let moment = Moment { method: Method::PUT, path: "/offers/vm", nth: 1 };
    environment.meanwhile(moment, their_edit());
    let said = environment.run("apply --yes --until draft").expect(0);
    insta::assert_snapshot!(said.stderr, @"
    contoso/vm: the write keeps what somebody edited meanwhile: `/definition/offer/microsoft-azure-marketplace.longSummary` changed
    contoso/vm: updated (version 3)
    contoso/vm: done
    ");
    insta::assert_snapshot!(environment.portal.writes(), @r#"
    PUT contoso/vm If-Match W/"datetime'2026-11-01T00%3A00%3A00.0000000Z'": 412
    PUT contoso/vm If-Match W/"datetime'2026-11-01T00%3A00%3A00.0000001Z'": 200
    "#);
    let definition = environment.portal.definition("vm");
    assert_eq!(definition["offer"]["microsoft-azure-marketplace.longSummary"], "Written by a colleague");
    assert_eq!(definition["offer"]["microsoft-azure-marketplace.summary"], "Backs up your machines twice a day");
}

#[test]
fn an_edit_of_the_same_field_is_a_conflict_that_shows_both_sides() {
    let mut environment = TestEnvironment::with_live_offer();
    environment.edit("every night", "twice a day");
    let their_summary = json!({"microsoft-azure-marketplace.summary": "The best backup"});
    let edit = vec![(Method::POST, EDIT, Some(json!({"definition": {"offer": their_summary}})))];
    environment.meanwhile(Moment { method: Method::PUT, path: "/offers/vm", nth: 1 }, edit);
    let said = environment.run("apply --yes").expect(6);
    insta::assert_snapshot!(said.stderr, @r#"
    contoso/vm: failed
      somebody changed the same fields after they were planned, so nothing was written:
        `/definition/offer/microsoft-azure-marketplace.summary`: was "Backs up your machines every night", theirs is now "The best backup", ours is "Backs up your machines twice a day"
      what next: Nothing of theirs was lost. Take their values into the manifest, or keep yours and apply again: the plan then shows that it reverts theirs.
    "#);
    insta::assert_snapshot!(environment.portal.writes(), @r#"PUT contoso/vm If-Match W/"datetime'2026-11-01T00%3A00%3A00.0000000Z'": 412"#);
}

#[test]
fn whoever_makes_the_same_edit_is_no_conflict() {
    let mut environment = TestEnvironment::with_live_offer();
    environment.edit("every night", "twice a day");
    let the_same = json!({"microsoft-azure-marketplace.summary": "Backs up your machines twice a day"});
    let edit = vec![(Method::POST, EDIT, Some(json!({"definition": {"offer": the_same}})))];
    environment.meanwhile(Moment { method: Method::PUT, path: "/offers/vm", nth: 1 }, edit);
    environment.run("apply --yes").expect(0);
    insta::assert_snapshot!(environment.portal.writes(), @r#"
    PUT contoso/vm If-Match W/"datetime'2026-11-01T00%3A00%3A00.0000000Z'": 412
    POST contoso/vm/publish: 202
    POST contoso/vm/golive: 202
    "#);
    environment.run("plan --detailed-exitcode").expect(0);
}

#[test]
fn whoever_makes_the_same_edit_and_publishes_it_has_done_our_work() {
    let mut environment = TestEnvironment::with_offer_on(as_slow_as_the_service());
    environment.portal.let_days_pass_while_waiting();
    environment.run("apply --yes").expect(0);
    environment.portal.forget_requests();
    environment.edit("every night", "twice a day");
    let the_same = json!({"microsoft-azure-marketplace.summary": "Backs up your machines twice a day"});
    let edit =
        vec![(Method::POST, EDIT, Some(json!({"definition": {"offer": the_same}}))), (Method::POST, PUBLISH, None)];
    // Before the first step's look, after all of the plan's.
    environment.meanwhile(Moment { method: Method::GET, path: "/offers/vm", nth: 2 }, edit);
    let said = environment.run("apply --yes").expect(0);
    insta::assert_snapshot!(said.stderr, @"
    contoso/vm: updated (version 2)
    contoso/vm: submitted for the preview (the same content is being published already)
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
    insta::assert_snapshot!(environment.portal.writes(), @"
    POST contoso/vm/publish: 202
    POST contoso/vm/golive: 202
    ");
    environment.run("plan --detailed-exitcode").expect(0);
}

#[test]
fn last_write_wins_only_when_somebody_says_so() {
    let mut environment = TestEnvironment::with_live_offer();
    environment.edit("every night", "twice a day");
    let moment = Moment { method: Method::PUT, path: "/offers/vm", nth: 1 };
    environment.meanwhile(moment, their_edit());
    environment.run("apply --yes --last-write-wins --until draft").expect(0);
    insta::assert_snapshot!(environment.portal.writes(), @"PUT contoso/vm If-Match *: 200");
}

#[test]
fn an_edit_right_after_our_write_is_seen_without_etags_too() {
    // There was nothing to tell it by, so it was published and went live unseen.
    let mut environment =
        TestEnvironment::with_offer_on(Options { quirks: [Quirk::NoETag].into_iter().collect(), ..at_once() });
    environment.run("apply --yes").expect(0);
    environment.portal.forget_requests();
    environment.edit("every night", "twice a day");
    environment.meanwhile(Moment { method: Method::GET, path: "/offers/vm", nth: 3 }, their_edit());
    let said = environment.run("apply --yes").expect(6);
    assert!(
        said.stderr.contains("`/definition/offer/microsoft-azure-marketplace.longSummary` changed"),
        "{}",
        said.stderr
    );
    insta::assert_snapshot!(environment.portal.writes(), @"PUT contoso/vm: 200");
}

#[test]
fn an_edit_right_after_our_write_is_seen_inside_of_what_the_write_added() {
    let mut environment = TestEnvironment::with_live_offer();
    environment
        .edit("    microsoft-azure-marketplace.title", "    x.map: {ours: 1}\n    microsoft-azure-marketplace.title");
    let theirs = json!({"definition": {"offer": {"x.map": {"ours": 1, "theirs": 2}}}});
    let edit = vec![(Method::POST, EDIT, Some(theirs))];
    environment.meanwhile(Moment { method: Method::GET, path: "/offers/vm", nth: 3 }, edit);
    let said = environment.run("apply --yes").expect(6);
    assert!(said.stderr.contains("`/definition/offer/x.map/theirs` changed"), "{}", said.stderr);
}

#[test]
fn last_write_wins_ships_nothing_unseen() {
    // Whatever was edited between the plan and the write was kept, published and taken live without a word.
    let mut environment = TestEnvironment::with_live_offer();
    environment.edit("every night", "twice a day");
    environment.meanwhile(Moment { method: Method::GET, path: "/offers/vm", nth: 2 }, their_edit());
    let said = environment.run("apply --yes --last-write-wins").expect(6);
    insta::assert_snapshot!(said.stderr, @"
    contoso/vm: the write keeps what somebody edited meanwhile: `/definition/offer/microsoft-azure-marketplace.longSummary` changed
    contoso/vm: updated (version 3)
    contoso/vm: failed
      the draft was written and keeps what somebody edited meanwhile; nothing was published, for that would ship their edits unseen:
        `/definition/offer/microsoft-azure-marketplace.longSummary` changed
      what next: Nothing of theirs was lost. `offerctl plan` shows each of their edits with its value, as a passenger, and how to go on with it or without it.
    ");
    insta::assert_snapshot!(environment.portal.writes(), @"PUT contoso/vm If-Match *: 200");
}

#[test]
fn an_edit_right_after_our_write_is_not_published() {
    let mut environment = TestEnvironment::with_live_offer();
    environment.edit("every night", "twice a day");
    let their_summary = json!({"microsoft-azure-marketplace.summary": "The best backup"});
    let edit = vec![(Method::POST, EDIT, Some(json!({"definition": {"offer": their_summary}})))];
    environment.meanwhile(Moment { method: Method::GET, path: "/offers/vm", nth: 3 }, edit);
    let result = environment.run("apply --yes");
    insta::assert_snapshot!(environment.portal.writes(), @r#"PUT contoso/vm If-Match W/"datetime'2026-11-01T00%3A00%3A00.0000000Z'": 200"#);
    insta::assert_snapshot!(result.expect(8).stderr, @"
    contoso/vm: failed
      the service took the draft and did not keep all of it:
        `/definition/offer/microsoft-azure-marketplace.summary`
      what next: Nothing was published. If the service spells these values its own way, write them so in the manifest; if somebody edited them right after the write, plan again.
    ");
}

#[test]
fn somebody_who_creates_the_offer_meanwhile_is_not_written_over() {
    let mut environment = TestEnvironment::with_offer();
    environment.run("apply --yes --until draft").expect(0);
    let theirs = environment.portal.definition("vm");
    let body = json!({
        "publisherId": "contoso", "offerTypeId": "microsoft-azure-virtualmachines", "id": "vm2", "definition": theirs,
    });
    environment.edit("id: vm\n", "id: vm2\n");
    let moment = Moment { method: Method::PUT, path: "/offers/vm2", nth: 1 };
    environment.meanwhile(moment, vec![(Method::PUT, "/api/publishers/contoso/offers/vm2", Some(body))]);
    environment.portal.forget_requests();
    let said = environment.run("apply --yes").expect(6);
    insta::assert_snapshot!(said.stderr, @"
    contoso/vm2: failed
      the offer was created by somebody else after it was planned, so nothing was written
      what next: Nothing of theirs was lost. Plan again and read what it says now.
    ");
    insta::assert_snapshot!(environment.portal.writes(), @"
    PUT contoso/vm2: 201
    PUT contoso/vm2: 400
    ");
}

#[test]
fn an_edit_before_the_publish_is_not_shipped() {
    let mut environment = TestEnvironment::with_offer();
    environment.run("apply --yes --until draft").expect(0);
    environment.portal.forget_requests();
    let moment = Moment { method: Method::GET, path: "/offers/vm", nth: 2 };
    environment.meanwhile(moment, their_edit());
    let said = environment.run("apply --yes").expect(6);
    insta::assert_snapshot!(said.stderr, @"
    contoso/vm: failed
      somebody changed the offer after it was planned, so nothing more was done:
        `/definition/offer/microsoft-azure-marketplace.longSummary` changed
      what next: Nothing of theirs was lost. Plan again and read what it says now.
    ");
    assert_eq!(environment.portal.writes(), "", "nothing was submitted");
}

#[test]
fn a_preview_that_changed_does_not_go_live() {
    let mut environment = TestEnvironment::with_offer();
    let moment = Moment { method: Method::GET, path: "/slot/preview", nth: 2 };
    let their_title = json!({"definition": {"offer": {"microsoft-azure-marketplace.title": "Not ours"}}});
    environment.meanwhile(moment, vec![(Method::POST, EDIT, Some(their_title)), (Method::POST, PUBLISH, None)]);
    let said = environment.run("apply --yes").expect(6);
    insta::assert_snapshot!(said.stderr, @"
    contoso/vm: created (version 1)
    contoso/vm: submitted for the preview
    contoso/vm: waiting until the preview is ready
    contoso/vm: Validate Pre-Requisites: complete
    contoso/vm: Certification: complete
    contoso/vm: Provisioning: complete
    contoso/vm: Packaging and Lead Generation Registration: complete
    contoso/vm: Publisher signoff: waiting for publisher review
    contoso/vm: the preview is ready (https://preview.azuremarketplace.microsoft.com/marketplace/apps/contoso.vm)
    contoso/vm: failed
      the preview slot does not hold what was planned:
        `/definition/offer/microsoft-azure-marketplace.title`
      what next: Nothing more was submitted. Somebody else may have published; plan again and read what it says now.
    ");
    insta::assert_snapshot!(environment.portal.writes(), @"
    PUT contoso/vm: 201
    POST contoso/vm/publish: 202
    POST contoso/vm/publish: 202
    ");
}

/// A colleague cancels what runs and submits something else.
fn they_supersede() -> Vec<Asked> {
    let their_title = json!({"definition": {"offer": {"microsoft-azure-marketplace.title": "Not ours"}}});
    vec![
        (Method::POST, "/api/publishers/contoso/offers/vm/cancel", None),
        (Method::POST, "/_emulator/clock", Some(json!({"advance": "1h"}))),
        (Method::POST, EDIT, Some(their_title)),
        (Method::POST, PUBLISH, None),
    ]
}

#[test]
fn whoever_replaces_our_submission_while_we_plan_is_noticed_before_anything_is_written() {
    let mut environment = TestEnvironment::with_offer_on(as_slow_as_the_service());
    environment.run("apply --yes --wait 0").expect(7);
    environment.portal.let_days_pass_while_waiting();
    environment.portal.forget_requests();
    environment.meanwhile(Moment { method: Method::GET, path: "/status", nth: 1 }, they_supersede());
    environment.run("apply --yes").expect(6);
    insta::assert_snapshot!(environment.portal.writes(), @"
    POST contoso/vm/cancel: 202
    POST contoso/vm/publish: 202
    ");
    environment.run("apply --yes").expect(0);
    environment.run("plan --detailed-exitcode").expect(0);
}

#[test]
fn whoever_replaces_our_submission_while_we_wait_does_not_go_live_in_our_name() {
    for quirk in [None, Some(Quirk::NoLocation)] {
        let quirks = quirk.into_iter().collect();
        let mut environment = TestEnvironment::with_offer_on(Options { quirks, ..as_slow_as_the_service() });
        environment.run("apply --yes --wait 0").expect(7);
        environment.portal.let_days_pass_while_waiting();
        // The last that is read before the wait.
        environment.meanwhile(Moment { method: Method::GET, path: "/versions/1", nth: 1 }, they_supersede());
        let result = environment.run("apply --yes");
        let writes = environment.portal.writes();
        assert_eq!(writes.matches("/publish: 202").count(), 2, "ours and theirs: {writes}");
        assert!(!writes.contains("golive"), "{quirk:?}\n{result}\n{writes}");
        assert!(matches!(result.code(), Some(6 | 8)), "{quirk:?}\n{result}");
    }
}

#[test]
fn two_runs_at_once_submit_once() {
    let environment = TestEnvironment::with_offer_on(as_slow_as_the_service());
    environment.run("apply --yes --until draft").expect(0);
    let codes: Vec<Option<i32>> = std::thread::scope(|scope| {
        let run = || environment.command("apply --yes --wait 0").output().unwrap().status.code();
        let runs = [scope.spawn(run), scope.spawn(run), scope.spawn(run)];
        runs.map(|run| run.join().unwrap()).to_vec()
    });
    let writes = environment.portal.writes();
    assert_eq!(writes.lines().filter(|line| line.ends_with("/publish: 202")).count(), 1, "{writes}");
    assert!(codes.contains(&Some(7)) && codes.iter().all(|code| matches!(code, Some(6 | 7))), "{codes:?}\n{writes}");
    environment.portal.let_days_pass_while_waiting();
    environment.run("apply --yes").expect(0);
    environment.run("plan --detailed-exitcode").expect(0);
}
