//! The program is stopped at the worst moment: nothing is half done, nothing is done twice, the same command goes on.

use std::process::{Child, Command, Stdio};

use reqwest::Method;
use serde_json::json;

use crate::environment::{TestEnvironment, as_slow_as_the_service};
use crate::interposer::Moment;

fn start(environment: &TestEnvironment, arguments: &str) -> Child {
    environment.command(arguments).stdout(Stdio::null()).stderr(Stdio::piped()).spawn().unwrap()
}

/// Sends a signal as a shell does.
fn signal(child: &Child, name: &str) {
    let status = Command::new("kill").args([format!("-{name}"), child.id().to_string()]).status().unwrap();
    assert!(status.success());
}

#[test]
fn a_process_killed_right_after_its_publish_started_does_not_start_another() {
    let mut environment = TestEnvironment::with_offer_on(as_slow_as_the_service());
    let service = environment.endpoint.clone();
    let started = environment.withhold_answer(Moment { method: Method::POST, path: "/publish", nth: 1 });
    let mut child = start(&environment, "apply --yes");
    started.recv().unwrap();
    child.kill().unwrap();
    child.wait().unwrap();

    environment.endpoint = service;
    environment.portal.let_days_pass_while_waiting();
    environment.run("apply --yes").expect(0);
    insta::assert_snapshot!(environment.portal.writes(), @"
    PUT contoso/vm: 201
    POST contoso/vm/publish: 202
    POST contoso/vm/golive: 202
    ");
}

#[test]
fn a_process_killed_right_after_its_write_does_not_write_again() {
    let mut environment = TestEnvironment::with_live_offer();
    let service = environment.endpoint.clone();
    environment.edit("every night", "twice a day");
    let written = environment.withhold_answer(Moment { method: Method::PUT, path: "/offers/vm", nth: 1 });
    let mut child = start(&environment, "apply --yes");
    written.recv().unwrap();
    child.kill().unwrap();
    child.wait().unwrap();

    environment.endpoint = service;
    environment.run("apply --yes").expect(0);
    insta::assert_snapshot!(environment.portal.writes(), @r#"
    PUT contoso/vm If-Match W/"datetime'2026-11-01T00%3A00%3A00.0000000Z'": 200
    POST contoso/vm/publish: 202
    POST contoso/vm/golive: 202
    "#);
    environment.run("plan --detailed-exitcode").expect(0);
}

#[test]
fn an_interrupt_while_waiting_ends_in_order() {
    let mut environment = TestEnvironment::with_offer_on(as_slow_as_the_service());
    environment.run("apply --yes --wait 0").expect(7);
    // Without a record the submissions are asked for: once to plan, then at each look. By the third look all is told.
    environment.forget_records();
    let waiting = environment.tell(Moment { method: Method::GET, path: "/submissions/", nth: 4 });
    let child = start(&environment, "apply --yes");
    waiting.recv().unwrap();
    signal(&child, "INT");
    let output = child.wait_with_output().unwrap();
    assert_eq!(output.status.code(), Some(130));
    insta::assert_snapshot!(String::from_utf8(output.stderr).unwrap(), @"
    contoso/vm: waiting until the preview is ready
    contoso/vm: Validate Pre-Requisites: in progress (< 15 min)
    warning: interrupted: finishing what is in flight and starting nothing new; once more stops at once
    contoso/vm: interrupted; nothing is half done, go on with: offerctl resume contoso/vm
    ");

    environment.portal.let_days_pass_while_waiting();
    environment.run("apply --yes").expect(0);
    insta::assert_snapshot!(environment.portal.writes(), @"
    PUT contoso/vm: 201
    POST contoso/vm/publish: 202
    POST contoso/vm/golive: 202
    ");
}

#[test]
fn a_wait_that_is_over_says_so_and_the_service_goes_on() {
    let environment = TestEnvironment::with_offer_on(as_slow_as_the_service());
    let result = environment.run("apply --yes --wait 20ms");
    insta::assert_snapshot!(result.expect(7).stderr, @"
    contoso/vm: created (version 1)
    contoso/vm: submitted for the preview
    contoso/vm: waiting until the preview is ready
    contoso/vm: Validate Pre-Requisites: in progress (< 15 min)
    contoso/vm: still in progress (until the preview is ready); go on with: offerctl resume contoso/vm
    ");
    environment.portal.advance("4days");
    environment.run("plan --until preview --detailed-exitcode").expect(0);
}

/// Lets the program ask for something, stops it before the answer comes, and tells how it ended.
fn stopped_at(environment: &mut TestEnvironment, moment: Moment, arguments: &str) -> String {
    let service = environment.endpoint.clone();
    let asked = environment.withhold_answer(moment);
    let child = environment.command(arguments).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    asked.recv().unwrap();
    signal(&child, "TERM");
    let output = child.wait_with_output().unwrap();
    assert_eq!(output.status.code(), Some(130));
    assert_eq!(String::from_utf8(output.stdout).unwrap(), "");
    environment.endpoint = service;
    String::from_utf8(output.stderr).unwrap()
}

#[test]
fn an_interrupt_while_planning_ends_in_order_and_nothing_was_written() {
    let reading = || Moment { method: Method::GET, path: "/offers/vm", nth: 1 };
    let mut environment = TestEnvironment::with_offer_on(as_slow_as_the_service());
    for command in ["apply --yes", "publish contoso/vm --yes", "go-live contoso/vm --yes", "apply --yes --output json"]
    {
        insta::allow_duplicates! {
            let said = stopped_at(&mut environment, reading(), &format!("{command} --events events.jsonl"));
            insta::assert_snapshot!(said, @"error: interrupted before anything was written");
        }
        let events = std::fs::read_to_string(environment.path("events.jsonl")).unwrap();
        let last: serde_json::Value = serde_json::from_str(events.lines().last().unwrap()).unwrap();
        assert_eq!((&last["event"], &last["exitCode"]), (&json!("runEnded"), &json!(130)), "{command}");
    }
    assert_eq!(environment.portal.writes(), "");

    environment.run("apply --yes --wait 0").expect(7);
    environment.portal.forget_requests();
    for command in ["apply --yes", "resume", "resume contoso/vm", "publish contoso/vm --yes"] {
        insta::allow_duplicates! {
            insta::assert_snapshot!(stopped_at(&mut environment, reading(), command), @"
            error: interrupted before anything was written
            hint: an earlier run left something to do; go on with: offerctl resume contoso/vm
            ");
        }
    }
    let said = stopped_at(&mut environment, reading(), "cancel contoso/vm --yes");
    insta::assert_snapshot!(said, @"error: interrupted before anything was written");
    assert_eq!(environment.portal.writes(), "");
}

#[test]
fn an_interrupt_while_a_read_is_repeated_ends_at_once() {
    let mut environment = TestEnvironment::with_live_offer();
    environment.edit("every night", "twice a day");
    let busy = json!({"status": {"code": 503, "headers": {"Retry-After": "30"}}});
    // The first reading is for the plan, the second right before the write.
    environment.portal.fault(&json!({"method": "GET", "path": "*/offers/vm", "nth": 2, "times": null, "effect": busy}));
    let refused = environment.tell(Moment { method: Method::GET, path: "/offers/vm", nth: 2 });
    let child = start(&environment, "apply --yes --wait 0");
    refused.recv().unwrap();
    signal(&child, "TERM");
    let output = child.wait_with_output().unwrap();
    assert_eq!(output.status.code(), Some(130));
    insta::assert_snapshot!(String::from_utf8(output.stderr).unwrap(), @"
    warning: interrupted: finishing what is in flight and starting nothing new; once more stops at once
    contoso/vm: interrupted; nothing is half done, go on with: offerctl resume contoso/vm
    ");
    assert_eq!(environment.portal.writes(), "");
    // It was asked once more than the plan did: no repetition came.
    assert_eq!(environment.portal.faults_met(), [1]);
    environment.portal.clear_faults();
    environment.run("resume").expect(0);
    environment.run("plan --detailed-exitcode").expect(0);
}

#[test]
fn twice_stops_at_once_and_names_what_goes_on() {
    let mut environment = TestEnvironment::with_offer_on(as_slow_as_the_service());
    let service = environment.endpoint.clone();
    let publishing = environment.withhold_answer(Moment { method: Method::POST, path: "/publish", nth: 1 });
    let mut child = start(&environment, "apply --yes");
    publishing.recv().unwrap();
    signal(&child, "INT");
    let mut lines = std::io::BufRead::lines(std::io::BufReader::new(child.stderr.take().unwrap())).map(Result::unwrap);
    let first = lines.by_ref().find(|line| line.contains("once more stops at once"));
    assert!(first.is_some());
    signal(&child, "INT");
    insta::assert_snapshot!(lines.collect::<Vec<_>>().join("\n"), @"warning: stopped; what was in flight may have been done all the same, go on with: offerctl resume");
    assert_eq!(child.wait().unwrap().code(), Some(130));

    environment.endpoint = service;
    environment.portal.let_days_pass_while_waiting();
    environment.run("resume").expect(0);
    insta::assert_snapshot!(environment.portal.writes(), @"
    PUT contoso/vm: 201
    POST contoso/vm/publish: 202
    POST contoso/vm/golive: 202
    ");
}
