//! Following what happens: the log of `-v`, and the file of `--events`.

use std::process::Stdio;

use offerctl::emulator::Options;
use reqwest::Method;
use serde_json::{Value, json};

use crate::environment::{TestEnvironment, as_slow_as_the_service, at_once};
use crate::interposer::Moment;

/// The lines of an events file, whose every line is one event.
#[track_caller]
fn events(environment: &TestEnvironment, path: &str) -> Vec<Value> {
    let text = std::fs::read_to_string(environment.path(path)).unwrap();
    assert!(text.ends_with('\n'), "the last line is whole");
    let text = text.replace(&environment.endpoint, "http://SERVICE");
    text.lines().map(|line| serde_json::from_str(line).expect("each line is one JSON object")).collect()
}

/// What happened to the offer, a line each, without what differs from run to run.
fn told(events: &[Value]) -> String {
    let line = |event: &Value| {
        let mut event = event.clone();
        let fields = event.as_object_mut().unwrap();
        for field in ["format", "version", "time", "run", "publisherId", "offerId", "estimate"] {
            fields.shift_remove(field);
        }
        let kind = fields.shift_remove("event").unwrap();
        let fields: Vec<_> = fields.iter().map(|(name, value)| format!(" {name}={value}")).collect();
        format!("{}{}\n", kind.as_str().unwrap(), fields.concat())
    };
    events.iter().map(line).collect::<String>()
}

#[test]
fn each_request_is_a_line_in_the_log() {
    let environment = TestEnvironment::with_offer();
    environment.run("apply --yes --until draft").expect(0);
    let busy =
        json!({"status": {"code": 503, "headers": {"Retry-After": "0"}, "body": {"Message": "Come back later."}}});
    environment.portal.fault(&json!({"method": "GET", "path": "*/offers/vm", "effect": busy}));
    environment.portal.fault(&json!({"method": "GET", "path": "*/status", "effect": "reset-before"}));
    let said = environment.run("status contoso/vm -v").expect(0);
    insta::assert_snapshot!("log_status", said.stderr);
    let said = environment.run("get contoso/vm -v").expect(0);
    insta::assert_snapshot!("log_get", said.stderr);
    let said = environment.run("get contoso/none -v").expect(1);
    insta::assert_snapshot!("log_not_found", said.stderr);
}

#[test]
fn more_of_the_log_tells_sizes_and_headers_and_no_bodies() {
    let environment = TestEnvironment::with_offer();
    environment.run("apply --yes --until draft").expect(0);
    environment.edit("every night", "twice a day");
    let said = environment.run("apply --yes --until draft -vv").expect(0);
    let written: Vec<_> = said.stderr.lines().filter(|line| line.contains("PUT")).collect();
    insta::assert_snapshot!("log_more", written.join("\n"));
    assert!(!said.stderr.contains("twice a day"), "{}", said.stderr);
}

#[test]
fn the_variable_beats_the_flag_and_names_whose_line_it_is() {
    let environment = TestEnvironment::with_offer();
    let mut command = environment.command("status contoso/vm -vv");
    command.env("OFFERCTL_LOG", "offerctl=debug");
    let said = environment.run_command(command).expect(1);
    assert!(said.stderr.contains("offerctl::portal::transport: GET "), "{}", said.stderr);
    assert!(!said.stderr.contains("TRACE"), "{}", said.stderr);
}

#[test]
fn events_tell_a_run_from_its_beginning_to_its_end() {
    let environment = TestEnvironment::with_offer();
    environment.run("apply --yes --events events.jsonl").expect(0);
    let first = events(&environment, "events.jsonl");
    insta::assert_snapshot!("events_of_a_run", told(&first));
    let run = first[0]["run"].as_str().unwrap();
    for event in &first {
        assert_eq!((event["format"].as_str(), event["version"].as_u64()), (Some("offerctl-events"), Some(1)));
        assert_eq!(event["run"], run);
        event["time"].as_str().unwrap().parse::<jiff::Timestamp>().unwrap();
    }
    let mut command = environment.command("apply --yes");
    command.env("OFFERCTL_EVENTS", "events.jsonl");
    environment.run_command(command).expect(0);
    let both = events(&environment, "events.jsonl");
    assert_eq!(both[..first.len()], first, "what was there stays");
    assert_ne!(both.last().unwrap()["run"], run);
    insta::assert_snapshot!(told(&both[first.len()..]), @r#"
    runStarted command="apply" programVersion="0.1.0" service="http://SERVICE"
    offerPlanned manifest="offers/vm/offer.yaml" verdict="inSync" target="production" changes=0 steps=[] blockedBy=[]
    offerEnded result="inSync" exitCode=0
    runEnded exitCode=0 offers={"inSync":1}
    "#);
}

#[test]
fn events_tell_what_goes_wrong() {
    let environment = TestEnvironment::with_offer_on(at_once());
    environment.write("offers/broken/offer.yaml", "publisherId: contoso\nid: broken\nofferTypeId: x\ndefinition: [\n");
    environment.run("apply --yes --events events.jsonl").expect(4);
    insta::assert_snapshot!("events_broken", told(&events(&environment, "events.jsonl")));
    std::fs::remove_dir_all(environment.path("offers/broken")).unwrap();
    environment.run("apply --yes --until draft").expect(0);
    environment.portal.fault(&json!({"method": "POST", "path": "*/publish", "effect": "reset-before"}));
    environment.run("apply --yes --events unclear.jsonl").expect(1);
    insta::assert_snapshot!("events_unclear", told(&events(&environment, "unclear.jsonl")));
    environment.portal.script("vm", "displaycertify", "failed", &["<b>No</b> https://x/y?sig=s1gnature ##vso[x]"]);
    environment.run("apply --yes --events rejected.jsonl").expect(8);
    insta::assert_snapshot!("events_rejected", told(&events(&environment, "rejected.jsonl")));
    let text = std::fs::read_to_string(environment.path("rejected.jsonl")).unwrap();
    assert!(!text.contains("##vso[") && text.contains("\\u0023\\u0023vso["), "{text}");
}

#[test]
fn a_killed_process_leaves_whole_lines_and_the_next_run_adds_to_them() {
    let mut environment = TestEnvironment::with_offer_on(as_slow_as_the_service());
    let service = environment.endpoint.clone();
    let started = environment.withhold_answer(Moment { method: Method::POST, path: "/publish", nth: 1 });
    let mut command = environment.command("apply --yes --events events.jsonl");
    let mut child = command.stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
    started.recv().unwrap();
    child.kill().unwrap();
    child.wait().unwrap();
    let killed = events(&environment, "events.jsonl");
    assert_eq!(killed.last().unwrap()["event"], "stepStarted");
    // What a full disk or an older crash may have left.
    let text = std::fs::read_to_string(environment.path("events.jsonl")).unwrap();
    environment.write("events.jsonl", &format!("{text}{{\"half\":"));
    environment.endpoint = service;
    environment.run("apply --yes --wait 0 --events events.jsonl").expect(7);
    let text = std::fs::read_to_string(environment.path("events.jsonl")).unwrap();
    let after: Vec<_> = text.lines().skip_while(|line| *line != "{\"half\":").skip(1).collect();
    assert!(after[0].contains("runStarted") && after.last().unwrap().contains("runEnded"), "{after:?}");
}

#[test]
fn a_file_that_cannot_be_written() {
    let environment = TestEnvironment::with_offer_on(Options { token: None, ..at_once() });
    insta::assert_snapshot!(environment.run("apply --yes --events nowhere/events.jsonl"), @"
    --- stderr ---
    error: nothing was done: the events cannot be written to `nowhere/events.jsonl`: No such file or directory (os error 2)
    hint: name a file in a folder that exists and may be written
    --- exit 4 ---
    ");
    insta::assert_snapshot!(environment.run("apply --yes --events -"), @"
    --- stderr ---
    error: nothing was done: events go to a file, and `-` is none
    hint: name a file: stdout has the result, and stderr what people read
    --- exit 4 ---
    ");
    assert_eq!(environment.portal.requests(), 0);
    let mut command = environment.command("apply --yes --until draft");
    // CI systems set what they do not have to nothing.
    command.env("OFFERCTL_EVENTS", "").env("OFFERCTL_STATE", "");
    environment.run_command(command).expect(0);
}

#[cfg(target_os = "linux")]
#[test]
fn a_disk_that_is_full_costs_the_events_and_one_warning() {
    let environment = TestEnvironment::with_offer();
    let said = environment.run("apply --yes --until draft --events /dev/full").expect(0);
    insta::assert_snapshot!(said.stderr, @"
    warning: the events cannot be written to `/dev/full` any more: No space left on device (os error 28); the work goes on without them
    contoso/vm: created (version 1)
    contoso/vm: done
    ");
}

#[test]
fn what_is_asked_for_by_hand_tells_its_events_too() {
    let environment = TestEnvironment::with_offer();
    environment.run("apply --yes --until draft").expect(0);
    environment.run("go-live contoso/vm --yes --events events.jsonl").expect(1);
    environment.run("publish contoso/vm --yes --events events.jsonl").expect(0);
    environment.run("cancel contoso/vm --yes --wait 0 --events events.jsonl").expect(7);
    let events = events(&environment, "events.jsonl");
    let kinds = ["runStarted", "offerPlanned", "offerEnded", "runEnded"];
    let outline: Vec<_> =
        events.into_iter().filter(|event| kinds.contains(&event["event"].as_str().unwrap())).collect();
    insta::assert_snapshot!(told(&outline), @r#"
    runStarted command="go-live" programVersion="0.1.0" service="http://SERVICE"
    offerEnded result="refused" error="nothing was published yet" whatNext="`offerctl publish contoso/vm` submits the draft; go live when its preview is ready" exitCode=1
    runEnded exitCode=1 offers={"refused":1}
    runStarted command="publish" programVersion="0.1.0" service="http://SERVICE"
    offerPlanned manifest="the command line" verdict="toDo" target="preview" changes=0 steps=[{"action":"publish"},{"action":"wait","until":"preview"}] blockedBy=[]
    offerEnded result="done" exitCode=0
    runEnded exitCode=0 offers={"done":1}
    runStarted command="cancel" programVersion="0.1.0" service="http://SERVICE"
    offerPlanned manifest="the command line" verdict="toDo" target="draft" changes=0 steps=[{"action":"cancel"},{"action":"wait","until":"canceled"}] blockedBy=[]
    offerEnded result="stillGoing" whatNext="offerctl cancel contoso/vm --yes" exitCode=7
    runEnded exitCode=7 offers={"stillGoing":1}
    "#);
}
