//! A saved plan is being applied, and something gets in between: the program is killed, a colleague is quicker. The same
//! file goes on, and does nothing twice.

use std::process::Stdio;

use reqwest::Method;
use serde_json::json;

use crate::environment::{TestEnvironment, as_slow_as_the_service};
use crate::interposer::Moment;

/// Applies the saved plan, and kills the program when the service has done what the moment says.
fn killed_after(environment: &mut TestEnvironment, moment: Moment) {
    let service = environment.endpoint.clone();
    let done = environment.withhold_answer(moment);
    let mut command = environment.command("apply plan.json --yes");
    let mut child = command.stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
    done.recv().unwrap();
    child.kill().unwrap();
    child.wait().unwrap();
    environment.endpoint = service;
}

#[test]
fn a_process_killed_after_its_create_goes_on_with_the_same_file() {
    let mut environment = TestEnvironment::with_offer_on(as_slow_as_the_service());
    environment.run("plan --out plan.json").expect(0);
    killed_after(&mut environment, Moment { method: Method::PUT, path: "/offers/vm", nth: 1 });
    environment.portal.let_days_pass_while_waiting();
    environment.run("apply plan.json --yes").expect(0);
    insta::assert_snapshot!(environment.portal.writes(), @"
    PUT contoso/vm: 201
    POST contoso/vm/publish: 202
    POST contoso/vm/golive: 202
    ");
    environment.run("plan --detailed-exitcode").expect(0);
}

#[test]
fn a_process_killed_after_its_write_goes_on_with_the_same_file() {
    let mut environment = TestEnvironment::with_live_offer();
    environment.edit("every night", "twice a day");
    environment.run("plan --out plan.json").expect(0);
    killed_after(&mut environment, Moment { method: Method::PUT, path: "/offers/vm", nth: 1 });
    environment.run("apply plan.json --yes").expect(0);
    insta::assert_snapshot!(environment.portal.writes(), @r#"
    PUT contoso/vm If-Match W/"datetime'2026-11-01T00%3A00%3A00.0000000Z'": 200
    POST contoso/vm/publish: 202
    POST contoso/vm/golive: 202
    "#);
    environment.run("plan --detailed-exitcode").expect(0);
}

#[test]
fn a_process_killed_after_its_publish_goes_on_with_the_same_file() {
    let mut environment = TestEnvironment::with_offer_on(as_slow_as_the_service());
    environment.run("plan --out plan.json").expect(0);
    killed_after(&mut environment, Moment { method: Method::POST, path: "/publish", nth: 1 });
    environment.portal.let_days_pass_while_waiting();
    environment.run("apply plan.json --yes").expect(0);
    insta::assert_snapshot!(environment.portal.writes(), @"
    PUT contoso/vm: 201
    POST contoso/vm/publish: 202
    POST contoso/vm/golive: 202
    ");
    environment.run("apply plan.json --yes").expect(0);
}

#[test]
fn without_records_the_same_file_goes_on_where_it_was() {
    let mut environment = TestEnvironment::with_live_offer();
    environment.edit("every night", "twice a day");
    environment.forget_records();
    environment.run("plan --out plan.json").expect(0);
    killed_after(&mut environment, Moment { method: Method::PUT, path: "/offers/vm", nth: 1 });
    environment.forget_records();
    environment.run("apply plan.json --yes").expect(0);
    insta::assert_snapshot!(environment.portal.writes(), @r#"
    PUT contoso/vm If-Match W/"datetime'2026-11-01T00%3A00%3A00.0000000Z'": 200
    POST contoso/vm/publish: 202
    POST contoso/vm/golive: 202
    "#);
    environment.forget_records();
    environment.run("apply plan.json --yes").expect(0);
    insta::assert_snapshot!(environment.portal.writes().lines().count(), @"3");
}

#[test]
fn somebody_who_edits_right_before_the_write_refuses_the_offer() {
    let mut environment = TestEnvironment::with_live_offer();
    environment.edit("every night", "twice a day");
    environment.run("plan --out plan.json").expect(0);
    let edit = json!({"definition": {"offer": {"microsoft-azure-marketplace.longSummary": "Half a sent"}}});
    let moment = Moment { method: Method::PUT, path: "/offers/vm", nth: 1 };
    environment.meanwhile(moment, vec![(Method::POST, "/_emulator/offers/contoso/vm/edit", Some(edit))]);
    insta::assert_snapshot!(environment.run("apply plan.json --yes").expect(6).stderr, @"
    contoso/vm: failed
      somebody changed the offer after it was planned, so nothing more was done:
        `/definition/offer/microsoft-azure-marketplace.longSummary` changed
      what next: Nothing of theirs was lost. Plan again and read what it says now.
    ");
    let definition = environment.portal.definition("vm");
    assert_eq!(definition["offer"]["microsoft-azure-marketplace.summary"], "Backs up your machines every night");
}
