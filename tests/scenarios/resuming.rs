//! A plan that was begun is carried on with by another run, here or elsewhere: what is left of it, and nothing else.

use std::process::{Command, Stdio};

use offerctl::emulator::Quirk;
use reqwest::Method;
use serde_json::json;

use crate::environment::{TestEnvironment, as_slow_as_the_service, at_once};
use crate::interposer::Moment;

const RECORD: &str = ".offerctl/state/contoso/vm.json";

/// An offer that was submitted and is left alone.
fn submitted() -> TestEnvironment {
    let environment = TestEnvironment::with_offer_on(as_slow_as_the_service());
    environment.run("apply --yes --wait 0").expect(7);
    environment.portal.forget_requests();
    environment
}

#[test]
fn what_was_left_is_carried_on_with_to_its_end() {
    let environment = submitted();
    environment.portal.let_days_pass_while_waiting();
    insta::assert_snapshot!(environment.run("resume"), @"
    Resume: 1 offers: 1 done, 0 in sync, 0 still in progress, 0 blocked, 0 failed, 0 unreadable, 0 interrupted.
    --- stderr ---
    contoso/vm: going on with the plan begun at [time] wait, go live, wait
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
    --- exit 0 ---
    ");
    insta::assert_snapshot!(environment.portal.writes(), @"POST contoso/vm/golive: 202");
    environment.run("plan --detailed-exitcode").expect(0);
    insta::assert_snapshot!(environment.run("resume"), @"
    Nothing to resume: no plan is on record as unfinished.
    --- exit 0 ---
    ");
    insta::assert_snapshot!(environment.run("resume contoso/vm"), @"
    Resume: 1 offers: 0 done, 1 in sync, 0 still in progress, 0 blocked, 0 failed, 0 unreadable, 0 interrupted.
    --- stderr ---
    contoso/vm: nothing to resume, no plan of it is on record as unfinished
    --- exit 0 ---
    ");
}

#[test]
fn it_takes_the_state_and_no_manifest() {
    let environment = submitted();
    let elsewhere = tempfile::tempdir().unwrap();
    let moved = elsewhere.path().join("state");
    std::fs::rename(environment.path(".offerctl/state"), &moved).unwrap();
    environment.portal.let_days_pass_while_waiting();
    let mut command = environment.command("resume --output json");
    command.current_dir(elsewhere.path()).env("OFFERCTL_STATE", &moved);
    let resumed = environment.run_command(command).expect(0).json();
    insta::assert_snapshot!(serde_json::to_string_pretty(&resumed).unwrap(), @r#"
    {
      "format": "offerctl-resume",
      "version": 1,
      "results": [
        {
          "publisherId": "contoso",
          "offerId": "vm",
          "result": "done"
        }
      ],
      "summary": {
        "done": 1,
        "inSync": 0,
        "stillGoing": 0,
        "blocked": 0,
        "failed": 0,
        "unreadable": 0,
        "interrupted": 0
      }
    }
    "#);
    environment.run("plan --detailed-exitcode").expect(0);
}

#[test]
fn step_by_step_without_ever_waiting() {
    let environment = submitted();
    environment.run("resume --wait 0").expect(7);
    environment.portal.advance("4days");
    let said = environment.run("resume --wait 0").expect(7);
    insta::assert_snapshot!(said.stderr, @"
    contoso/vm: going on with the plan begun at [time] go live, wait
    contoso/vm: submitted for production
    contoso/vm: still in progress (until the offer is live); go on with: offerctl resume contoso/vm
    ");
    environment.portal.advance("3days");
    insta::assert_snapshot!(environment.run("resume --wait 0"), @"
    Resume: 1 offers: 1 done, 0 in sync, 0 still in progress, 0 blocked, 0 failed, 0 unreadable, 0 interrupted.
    --- stderr ---
    contoso/vm: going on with the plan begun at [time] what was left has happened meanwhile
    contoso/vm: done
    --- exit 0 ---
    ");
    insta::assert_snapshot!(environment.portal.writes(), @"POST contoso/vm/golive: 202");
    environment.run("plan --detailed-exitcode").expect(0);
}

#[test]
fn the_command_that_is_named_goes_on_as_it_stands() {
    let mut environment = TestEnvironment::with_offer_on(as_slow_as_the_service());
    let mut command = environment.command("apply --yes --wait 0 --state");
    command.arg("a folder's name").arg("--endpoint").arg(&environment.endpoint).env_remove("OFFERCTL_ENDPOINT");
    let endpoint = std::mem::replace(&mut environment.endpoint, "http://127.0.0.1:9".into());
    let said = environment.run_command(command).expect(7);
    environment.endpoint = endpoint;
    let named = said.stderr.lines().find_map(|line| line.split("go on with: ").nth(1)).unwrap();
    insta::assert_snapshot!(named, @r#"offerctl resume --endpoint http://SERVICE --state "a folder's name" contoso/vm"#);
    let binary = std::path::Path::new(env!("CARGO_BIN_EXE_offerctl")).parent().unwrap();
    environment.portal.let_days_pass_while_waiting();
    let mut shell = environment.command("");
    let directory = shell.get_current_dir().unwrap().to_owned();
    shell = Command::new("sh");
    shell.arg("-c").arg(named.replace("http://SERVICE", &environment.endpoint)).current_dir(directory);
    shell.env_clear().env("PATH", format!("{}:/usr/bin:/bin", binary.display())).env("OFFERCTL_TOKEN", "any");
    shell.env("OFFERCTL_POLL_INTERVAL", "5ms").stdin(Stdio::null());
    environment.run_command(shell).expect(0);
}

#[test]
fn an_unwritten_draft_takes_the_very_manifest() {
    let mut environment = TestEnvironment::with_live_offer();
    let service = environment.endpoint.clone();
    environment.edit("every night", "twice a day");
    let about_to_write = environment.withhold_answer(Moment { method: Method::GET, path: "/offers/vm", nth: 2 });
    let mut child = environment.command("apply --yes").stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
    about_to_write.recv().unwrap();
    child.kill().unwrap();
    child.wait().unwrap();
    environment.endpoint = service;

    environment.edit("twice a day", "every hour");
    insta::assert_snapshot!(environment.run("resume").expect(6).stderr, @"
    error: contoso/vm: the draft is still to be written, and `offers/vm/offer.yaml`, or a file that it names, is not any more what the plan was made from
    hint: plan anew: `offerctl plan contoso/vm`, then `offerctl apply contoso/vm`
    ");
    std::fs::rename(environment.path("offers"), environment.path("elsewhere")).unwrap();
    insta::assert_snapshot!(environment.run("resume").expect(4).stderr, @"
    error: contoso/vm: the draft is still to be written, and its manifest `offers/vm/offer.yaml` cannot be read here
    hint: run the command in the repository that the plan was made from
    hint: to give the plan up, delete its record `/REPOSITORY/.offerctl/state/contoso/vm.json`
    ");
    std::fs::rename(environment.path("elsewhere"), environment.path("offers")).unwrap();
    environment.edit("every hour", "twice a day");
    environment.run("resume").expect(0);
    environment.run("plan --detailed-exitcode").expect(0);
}

#[test]
fn an_edit_of_the_draft_holds_up_no_go_live_and_is_not_shipped() {
    let environment = submitted();
    environment.portal.advance("4days");
    environment.portal.edit("vm", &json!({"offer": {"microsoft-azure-marketplace.summary": "The best backup"}}));
    environment.portal.let_days_pass_while_waiting();
    let said = environment.run("resume").expect(0);
    assert!(said.stderr.contains(": go live, wait\n"), "{}", said.stderr);
    insta::assert_snapshot!(environment.portal.writes(), @"POST contoso/vm/golive: 202");
    let draft = environment.portal.definition("vm");
    assert_eq!(draft["offer"]["microsoft-azure-marketplace.summary"], "The best backup");
    let plan = environment.run("plan").expect(0).stdout;
    assert!(plan.contains("edited elsewhere; apply reverts it"), "{plan}");
}

#[test]
fn nothing_is_done_that_is_not_left_of_the_plan() {
    let environment = submitted();
    environment.portal.advance("4days");
    environment.run("resume --wait 0").expect(7);
    environment.portal.advance("4days");
    // Ours is live, and what is left is to see it; what a colleague submits on top is theirs.
    environment.portal.edit("vm", &json!({"offer": {"microsoft-azure-marketplace.summary": "The best backup"}}));
    environment.portal.publish("vm");
    environment.portal.advance("4days");
    environment.portal.forget_requests();
    insta::assert_snapshot!(environment.run("resume").expect(6).stderr, @"
    contoso/vm: failed
      the plan that was begun cannot be carried on with, for now it takes a step that is not left of it: publish (the preview slot holds other content)
      what next: Nothing was done. Somebody changed the offer meanwhile: plan anew, read what it says, and apply.
    ");
    assert_eq!(environment.portal.writes(), "");
    insta::assert_snapshot!(environment.run("resume"), @"
    Resume: 1 offers: 0 done, 0 in sync, 0 still in progress, 0 blocked, 1 failed, 0 unreadable, 0 interrupted.
    --- stderr ---
    error: contoso/vm: the plan begun at [time] was stopped: the plan that was begun cannot be carried on with, for now it takes a step that is not left of it: publish (the preview slot holds other content)
    hint: `offerctl status contoso/vm` shows how it stands and what the service says
    hint: begin anew with `offerctl plan contoso/vm`; what applies, publishes or cancels replaces the stopped plan
    --- exit 6 ---
    ");
    // Whoever applies begins anew.
    environment.run("apply --yes --wait 0").expect(7);
    environment.portal.let_days_pass_while_waiting();
    environment.run("resume").expect(0);
    environment.run("plan --detailed-exitcode").expect(0);
}

#[test]
fn without_any_wait_a_rejection_is_told_all_the_same() {
    for begun_with in ["apply --yes --wait 0", "publish contoso/vm --yes --wait 0"] {
        let environment = TestEnvironment::with_offer_on(as_slow_as_the_service());
        environment.run("apply --yes --until draft").expect(0);
        environment.portal.script("vm", "displaycertify", "rejected", &["The image does not boot."]);
        environment.run(begun_with).expect(7);
        environment.portal.advance("4days");
        for again in ["resume --wait 0", begun_with] {
            let said = environment.run(again).expect(8).stderr;
            assert!(said.contains("The image does not boot."), "{again}: {said}");
        }
    }
}

#[test]
fn a_cancel_that_fails_loses_no_plan() {
    let environment = submitted();
    let forbidden = json!({"status": {"code": 403, "body": {"Message": "No."}}});
    environment.portal.fault(&json!({"method": "POST", "path": "*/cancel", "effect": forbidden}));
    environment.run("cancel contoso/vm --yes").expect(5);
    // Nor does somebody who only waits.
    environment.run("publish contoso/vm --yes --wait 0").expect(7);
    environment.portal.let_days_pass_while_waiting();
    environment.run("resume").expect(0);
    insta::assert_snapshot!(environment.portal.writes(), @"
    POST contoso/vm/cancel: 403
    POST contoso/vm/golive: 202
    ");
    environment.run("plan --detailed-exitcode").expect(0);
}

#[test]
fn a_trial_elsewhere_takes_no_unfinished_plan_away() {
    let environment = submitted();
    let record = std::fs::read_to_string(environment.path(RECORD)).unwrap();
    environment.write(RECORD, &record.replace("\"loopback\"", "\"https://cloudpartner.azure.com\""));
    insta::assert_snapshot!(environment.run("resume contoso/vm").expect(1).stderr, @"
    error: the record `/REPOSITORY/.offerctl/state/contoso/vm.json` is about https://cloudpartner.azure.com and not about loopback: it is left aside
    hint: name the service that it is about with `--endpoint`, or the right folder with `--state`
    ");
    insta::assert_snapshot!(environment.run("apply --yes --wait 0").expect(1).stderr, @"
    warning: the record `/REPOSITORY/.offerctl/state/contoso/vm.json` is about https://cloudpartner.azure.com and not about loopback: it is left aside
    contoso/vm: failed
      `/REPOSITORY/.offerctl/state/contoso/vm.json` cannot be set aside: a plan for https://cloudpartner.azure.com is unfinished there; use another folder for this service
      what next: Make the state folder writable, then run the same command again.
    ");
}

#[test]
fn whoever_takes_it_live_first_is_thanked() {
    let mut environment = submitted();
    environment.portal.let_days_pass_while_waiting();
    let service = environment.endpoint.clone();
    let days = |days: &str| (Method::POST, "/_emulator/clock", Some(json!({"advance": days})));
    let live = vec![days("4days"), (Method::POST, "/api/publishers/contoso/offers/vm/golive", None), days("4days")];
    // The list is read to plan, at the end of the wait, and before the go-live.
    environment.meanwhile(Moment { method: Method::GET, path: "/submissions/", nth: 3 }, live);
    let said = environment.run("resume").expect(0);
    assert!(said.stderr.contains("somebody has taken it live already"), "{}", said.stderr);
    environment.endpoint = service;
    insta::assert_snapshot!(environment.portal.writes(), @"POST contoso/vm/golive: 202");
    environment.run("plan --detailed-exitcode").expect(0);
}

#[test]
fn a_submission_that_failed_meanwhile_is_told_each_time_and_not_submitted_again() {
    for begun_with in ["apply --yes --wait 0", "apply --yes --wait 0 --retry-failed"] {
        let environment = TestEnvironment::with_offer_on(as_slow_as_the_service());
        environment.run("apply --yes --until draft").expect(0);
        environment.portal.script("vm", "displaycertify", "failed", &["The image does not boot."]);
        environment.run(begun_with).expect(7);
        environment.portal.advance("4days");
        environment.portal.forget_requests();
        insta::allow_duplicates! {
            insta::assert_snapshot!(environment.run("resume").expect(8).stderr, @"
            contoso/vm: failed
              the last submission failed, and the draft is what was submitted (failed-submission):
                Certification: The image does not boot.
                  offers/vm/offer.yaml:12:3: Offer plans, for it names `image`
              what next: Plan anew with `offerctl plan`, then apply: change what the service complains about, or submit the same again with `--retry-failed`.
              once it is mended: offerctl apply contoso/vm
            ");
        }
        assert_eq!(environment.portal.writes(), "");
        let again = environment.run("resume --output json").expect(8).json();
        assert_eq!(again["results"][0]["result"], "failed");
    }
}

#[test]
fn whoever_comes_second_is_told_who_works_on_the_offer() {
    let mut environment = TestEnvironment::with_offer_on(as_slow_as_the_service());
    let waiting = environment.tell(Moment { method: Method::POST, path: "/publish", nth: 1 });
    let mut first = environment.command("apply --yes").stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
    waiting.recv().unwrap();
    let process = first.id().to_string();
    for command in ["apply --yes", "resume"] {
        let said = environment.run(command).expect(6).stderr.replace(&process, "PROCESS");
        let said = said.lines().find(|line| line.contains("another run")).unwrap().to_owned();
        insta::allow_duplicates! {
            insta::assert_snapshot!(said.split(", since").next().unwrap(), @"  another run works on contoso/vm with the same records: `offerctl apply`, process PROCESS");
        }
    }
    first.kill().unwrap();
    first.wait().unwrap();
    environment.portal.let_days_pass_while_waiting();
    environment.run("resume").expect(0);
    let publishes = environment.portal.writes().lines().filter(|line| line.contains("/publish")).count();
    assert_eq!(publishes, 1);
}

#[test]
fn what_somebody_superseded_is_told_by_its_number() {
    let environment = submitted();
    environment.run("resume --wait 20ms").expect(7);
    environment.portal.cancel("vm");
    environment.portal.advance("1hour");
    environment.portal.edit("vm", &json!({"offer": {"microsoft-azure-marketplace.title": "Not ours"}}));
    environment.portal.publish("vm");
    let plan = environment.run("plan").expect(0).stdout;
    insta::assert_snapshot!(plan.lines().find(|line| line.contains("superseded")).unwrap(), @"    note: somebody superseded the submission that an earlier run started (publishing version 1): now 2 runs");
    insta::assert_snapshot!(environment.run("resume").expect(6).stderr, @"
    contoso/vm: failed
      somebody superseded the submission: publishing version 1 gave way to 2
      what next: Ask who did. A new plan queues behind theirs, or replaces it with `--supersede`.
    ");
}

#[test]
fn a_record_of_an_older_version_is_set_aside() {
    let environment = TestEnvironment::with_live_offer();
    let record = std::fs::read_to_string(environment.path(RECORD)).unwrap();
    environment.write(RECORD, &record.replace("\"version\": 2", "\"version\": 1"));
    insta::assert_snapshot!(environment.run("resume").expect(1).stderr, @"
    error: the record `/REPOSITORY/.offerctl/state/contoso/vm.json` cannot be used (it has version 1, and this program reads 2): whose change a difference is cannot be told for contoso/vm, nor whether a plan of it is unfinished
    hint: `offerctl apply contoso/vm` asks the service what runs, and goes on with the manifest
    ");
    insta::assert_snapshot!(environment.run("publish contoso/vm --yes").expect(0).stderr, @"warning: the record `/REPOSITORY/.offerctl/state/contoso/vm.json` cannot be used (it has version 1, and this program reads 2): whose change a difference is cannot be told for contoso/vm, nor whether a plan of it is unfinished");
    environment.edit("every night", "twice a day");
    let said = environment.run("apply --yes").expect(0);
    insta::assert_snapshot!(said.stderr.lines().take(2).collect::<Vec<_>>().join("\n"), @"
    warning: the record `/REPOSITORY/.offerctl/state/contoso/vm.json` cannot be used (it has version 1, and this program reads 2): whose change a difference is cannot be told for contoso/vm, nor whether a plan of it is unfinished
    contoso/vm: the record that cannot be used is set aside as `/REPOSITORY/.offerctl/state/contoso/vm.json.aside-1`
    ");
    assert!(environment.path(".offerctl/state/contoso/vm.json.aside-1").exists());
    assert_eq!(environment.run("resume").expect(0).stderr, "");
}

#[test]
fn the_service_may_behave_as_oddly_as_it_likes() {
    for quirk in Quirk::ALL.iter().copied() {
        let quirks = [quirk].into_iter().collect();
        let environment = TestEnvironment::with_offer_on(offerctl::emulator::Options { quirks, ..at_once() });
        environment.run("apply --yes --wait 0").expect(7);
        environment.run("resume").expect(0);
        environment.run("plan --detailed-exitcode").expect(0);
        let writes = environment.portal.writes();
        assert_eq!(writes.matches("/publish: 202").count(), 1, "{quirk:?}: {writes}");
        assert_eq!(writes.matches("/golive: 202").count(), 1, "{quirk:?}: {writes}");
    }
}

#[test]
fn what_others_published_in_its_place_does_not_go_live() {
    let edit = json!({"offer": {"microsoft-azure-marketplace.longSummary": "Written by a colleague"}});
    for is_left_running in [false, true] {
        let environment = submitted();
        environment.portal.advance("4days");
        // A field that the manifest does not name: by content alone, all is as planned.
        environment.portal.edit("vm", &edit);
        environment.portal.publish("vm");
        if !is_left_running {
            environment.portal.advance("4days");
        }
        environment.portal.forget_requests();
        for _ in 0..2 {
            let said = environment.run("resume").expect(6).stderr;
            assert!(said.contains("publishing version 1 gave way to 2"), "{said}");
        }
        assert_eq!(environment.portal.writes(), "");
    }
}

#[test]
fn a_run_that_was_killed_before_it_knew_the_number_of_its_publish_finds_it_again() {
    let mut environment = TestEnvironment::with_offer_on(as_slow_as_the_service());
    let service = environment.endpoint.clone();
    // The list is read before the publish, and for its number right after it.
    let accepted = environment.withhold_answer(Moment { method: Method::GET, path: "/submissions/", nth: 2 });
    let mut child = environment.command("apply --yes").stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
    accepted.recv().unwrap();
    child.kill().unwrap();
    child.wait().unwrap();
    environment.endpoint = service;
    assert!(environment.records().contains("\"published\": null"), "{}", environment.records());
    environment.portal.advance("4days");
    environment.portal.edit("vm", &json!({"offer": {"microsoft-azure-marketplace.longSummary": "Theirs"}}));
    environment.portal.publish("vm");
    environment.portal.advance("4days");
    let said = environment.run("resume").expect(6).stderr;
    assert!(said.contains("publishing version 1 gave way to 2"), "{said}");
    assert!(!environment.portal.writes().contains("golive"), "{}", environment.portal.writes());
}

#[test]
fn a_secret_that_is_not_set_holds_up_no_other_offer() {
    let environment = TestEnvironment::with_offer_on(as_slow_as_the_service());
    environment.run("apply --yes --wait 0").expect(7);
    let secretive = std::fs::read_to_string(environment.path("offers/vm/offer.yaml")).unwrap();
    let leads =
        "  offer:\n    microsoft-azure-marketplace.tableLeadConfiguration:\n      connectionString: {$secret: LEADS}\n";
    environment
        .write("offers/second/offer.yaml", &secretive.replace("id: vm\n", "id: second\n").replace("  offer:\n", leads));
    environment
        .portal
        .fault(&json!({"method": "PUT", "path": "*/offers/second", "times": null, "effect": "reset-before"}));
    let mut command = environment.command("apply --yes --wait 0 contoso/second");
    command.env("LEADS", "hunter2");
    environment.run_command(command).expect(1);
    environment.portal.clear_faults();
    environment.portal.let_days_pass_while_waiting();
    let resumed = environment.run("resume --output json").expect(4).json();
    insta::assert_snapshot!(serde_json::to_string_pretty(&resumed["results"]).unwrap(), @r#"
    [
      {
        "publisherId": "contoso",
        "offerId": "second",
        "result": "failed",
        "error": "the environment variable `LEADS`, which the manifest names as a secret, is not set",
        "whatNext": "Set it where offerctl runs. Nothing was written. Go on with: offerctl resume contoso/second"
      },
      {
        "publisherId": "contoso",
        "offerId": "vm",
        "result": "done"
      }
    ]
    "#);
}

#[test]
fn what_the_service_took_and_does_not_list_yet_is_not_submitted_again() {
    let environment = TestEnvironment::with_offer_on(as_slow_as_the_service());
    let nothing = json!({"status": {"code": 200, "body": []}});
    let never = json!({"status": {"code": 200, "body": {"status": "neverPublished", "steps": []}}});
    environment.portal.fault(&json!({"method": "GET", "path": "*/submissions/", "times": null, "effect": nothing}));
    environment.portal.fault(&json!({"method": "GET", "path": "*/status", "times": null, "effect": never}));
    environment.run("apply --yes --wait 0").expect(7);
    for again in ["apply --yes --wait 0", "resume --wait 0"] {
        environment.run(again).expect(7);
    }
    environment.run("publish contoso/vm --yes --wait 0").expect(6);
    environment.portal.clear_faults();
    environment.portal.let_days_pass_while_waiting();
    environment.run("resume").expect(0);
    insta::assert_snapshot!(environment.portal.writes(), @"
    PUT contoso/vm: 201
    POST contoso/vm/publish: 202
    POST contoso/vm/golive: 202
    ");
}

#[test]
fn a_preview_that_others_replaced_is_not_taken_live_by_hand() {
    let mut environment = TestEnvironment::with_offer();
    environment.run("apply --yes --until preview").expect(0);
    environment.portal.forget_requests();
    let theirs =
        json!({"definition": {"offer": {"microsoft-azure-marketplace.longSummary": "Written by a colleague"}}});
    let acts = vec![
        (Method::POST, "/_emulator/offers/contoso/vm/edit", Some(theirs)),
        (Method::POST, "/api/publishers/contoso/offers/vm/publish", None),
    ];
    environment.meanwhile(Moment { method: Method::GET, path: "/submissions/", nth: 2 }, acts);
    let said = environment.run("go-live contoso/vm --yes").expect(6).stderr;
    assert!(said.contains("publishing version 1 gave way to 2"), "{said}");
    assert!(!environment.portal.writes().contains("golive"), "{}", environment.portal.writes());
}

#[test]
fn an_edit_right_after_the_write_or_before_the_publish_goes_nowhere_unseen() {
    // Right after the write, and right before the publish.
    let moments = [
        Moment { method: Method::GET, path: "/offers/vm", nth: 3 },
        Moment { method: Method::POST, path: "/publish", nth: 1 },
    ];
    for moment in moments {
        let mut environment = TestEnvironment::with_live_offer();
        environment.edit("every night", "twice a day");
        let theirs = json!({"definition": {"offer": {"microsoft-azure-marketplace.longSummary": "Theirs"}}});
        environment.meanwhile(moment, vec![(Method::POST, "/_emulator/offers/contoso/vm/edit", Some(theirs))]);
        let said = environment.run("apply --yes").expect(6).stderr;
        assert!(said.contains("longSummary` changed"), "{said}");
        assert!(!environment.portal.writes().contains("golive"), "{}", environment.portal.writes());
        environment.run("resume").expect(6);
    }
}
