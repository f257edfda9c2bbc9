//! A plan is saved, reviewed, and applied as it was reviewed: those steps and no others, once.

use serde_json::{Value, json};

use crate::environment::{TestEnvironment, as_slow_as_the_service, at_once};
use crate::manifests::draft;

/// The live offer with an edited summary, and its plan in `plan.json`.
fn with_saved_plan() -> TestEnvironment {
    let environment = TestEnvironment::with_live_offer();
    environment.edit("every night", "twice a day");
    environment.run("plan --out plan.json").expect(0);
    environment
}

fn file(environment: &TestEnvironment) -> Value {
    serde_json::from_str(&std::fs::read_to_string(environment.path("plan.json")).unwrap()).unwrap()
}

fn digest(environment: &TestEnvironment) -> String {
    file(environment)["digest"].as_str().unwrap().to_owned()
}

#[test]
fn what_was_reviewed_is_what_is_done_and_it_is_done_once() {
    let environment = TestEnvironment::with_live_offer();
    environment.edit("every night", "twice a day");
    insta::assert_snapshot!(environment.run("plan --out plan.json"), @r#"
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
    --- stderr ---
    Plan sha256:dfc747657ba4 is saved; exactly this is applied with: offerctl apply plan.json
    --- exit 0 ---
    "#);
    insta::assert_snapshot!("saved_plan", std::fs::read_to_string(environment.path("plan.json")).unwrap());
    insta::assert_snapshot!(environment.run("apply plan.json --yes"), @r#"
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
    Apply: 1 offers: 1 done, 0 in sync, 0 still in progress, 0 blocked, 0 failed, 0 unreadable, 0 interrupted.
    --- stderr ---
    contoso/vm: updated (version 2)
    contoso/vm: submitted for the preview
    contoso/vm: waiting until the preview is ready
    contoso/vm: Validate Pre-Requisites: complete
    contoso/vm: Certification: complete
    contoso/vm: Provisioning: complete
    contoso/vm: Packaging and Lead Generation Registration: complete
    contoso/vm: Publisher signoff: waiting for publisher review
    contoso/vm: the preview is ready (https://preview.azuremarketplace.microsoft.com/marketplace/apps/contoso.vm)
    contoso/vm: submitted for production
    contoso/vm: waiting until the offer is live
    contoso/vm: Publisher signoff: complete
    contoso/vm: Live: complete
    contoso/vm: live (https://azuremarketplace.microsoft.com/marketplace/apps/contoso.vm)
    contoso/vm: done
    --- exit 0 ---
    "#);
    insta::assert_snapshot!(environment.portal.writes(), @r#"
    PUT contoso/vm If-Match W/"datetime'2026-11-01T00%3A00%3A00.0000000Z'": 200
    POST contoso/vm/publish: 202
    POST contoso/vm/golive: 202
    "#);
    environment.portal.forget_requests();
    insta::assert_snapshot!(environment.run("apply plan.json --yes").expect(0).stderr, @"contoso/vm: is where the plan leads; nothing is left to do");
    let again = environment.run("apply plan.json --yes --output json").expect(0).json();
    insta::assert_snapshot!(again["results"], @r#"[{"publisherId":"contoso","offerId":"vm","result":"inSync"}]"#);
    insta::assert_snapshot!(again["summary"], @r#"{"done":0,"inSync":1,"stillGoing":0,"blocked":0,"failed":0,"unreadable":0,"interrupted":0}"#);
    assert_eq!(again["plan"], file(&environment));
    assert_eq!(environment.portal.writes(), "");
    assert!(environment.records().contains(&digest(&environment)), "the record names the plan");
}

#[test]
fn show_is_what_plan_showed() {
    let environment = TestEnvironment::with_live_offer();
    environment.edit("every night", "twice a day");
    let planned = environment.run("plan --out plan.json").expect(0).stdout;
    environment.portal.forget_requests();
    assert_eq!(environment.run("show plan.json").expect(0).stdout, planned);
    let shown = environment.run("show plan.json --output json").expect(0);
    assert_eq!(shown.json(), file(&environment));
    // It asks nobody, and needs no repository.
    environment.write("elsewhere/plan.json", &shown.stdout);
    environment.write("offerctl.yaml", "offers: 7\n");
    assert_eq!(environment.run("-C elsewhere show plan.json").expect(0).stdout, planned);
    assert_eq!(environment.portal.requests(), 0);
    // What `plan --output json` prints is the same file.
    environment.write("offerctl.yaml", "offers: [\"offers/*/offer.yaml\"]\n");
    let printed = environment.run("plan --output json").expect(0);
    assert_eq!(printed.json(), file(&environment));
    environment.write("printed.json", &printed.stdout);
    environment.run("apply printed.json --yes").expect(0);
    environment.run("plan --detailed-exitcode").expect(0);
}

#[test]
fn the_digest_is_the_same_whenever_and_wherever_the_plan_is_made() {
    let environment = with_saved_plan();
    let first = digest(&environment);
    environment.run("plan --out plan.json").expect(0);
    assert_eq!(digest(&environment), first);
    // Elsewhere there is no record, and a comment more.
    environment.forget_records();
    environment.edit("id: vm\n", "# The machine.\nid: vm\n");
    let plan = environment.run("plan --output json").expect(0).json();
    assert_eq!(plan["offers"][0]["changes"][0]["class"], "unattributed");
    assert_eq!(plan["digest"], json!(first));
    environment.edit("twice a day", "every hour");
    assert_ne!(environment.run("plan --output json").expect(0).json()["digest"], json!(first));
}

#[test]
fn another_etag_over_the_same_content_goes_on() {
    let environment = with_saved_plan();
    let summary = |text: &str| json!({"offer": {"microsoft-azure-marketplace.summary": text}});
    environment.portal.edit("vm", &summary("Something else"));
    environment.portal.edit("vm", &summary("Backs up your machines every night"));
    environment.run("apply plan.json --yes").expect(0);
    environment.run("plan --detailed-exitcode").expect(0);
}

#[test]
fn an_edit_meanwhile_refuses_the_offer_and_says_what_it_was() {
    let environment = with_saved_plan();
    environment.portal.edit("vm", &json!({"offer": {"microsoft-azure-marketplace.summary": "The best backup"}}));
    insta::assert_snapshot!(environment.run("apply plan.json --yes").expect(6).stderr, @r#"
    error: contoso/vm: the plan does not fit any more, so nothing was done:
      `/definition/offer/microsoft-azure-marketplace.summary`: was "Backs up your machines every night", is now "The best backup"
    hint: nothing of theirs was lost; plan anew and read what it says now: offerctl plan contoso/vm
    "#);
    // Somewhere that no manifest speaks of.
    let environment = with_saved_plan();
    environment.portal.edit("vm", &json!({"offer": {"microsoft-azure-marketplace.longSummary": "Half a sent"}}));
    insta::assert_snapshot!(environment.run("apply plan.json --yes").expect(6).stderr, @r#"
    error: contoso/vm: the plan does not fit any more, so nothing was done:
      `/definition/offer/microsoft-azure-marketplace.longSummary`: was absent, is now "Half a sent"
    hint: nothing of theirs was lost; plan anew and read what it says now: offerctl plan contoso/vm
    "#);
    let result = environment.run("apply plan.json --yes --output json").expect(6).json();
    insta::assert_snapshot!(result["results"], @r#"[{"publisherId":"contoso","offerId":"vm","result":"failed","error":"contoso/vm: the plan does not fit any more, so nothing was done:\n`/definition/offer/microsoft-azure-marketplace.longSummary`: was absent, is now \"Half a sent\"","whatNext":"nothing of theirs was lost; plan anew and read what it says now: offerctl plan contoso/vm"}]"#);
    assert_eq!(environment.portal.writes().matches("PUT").count(), 0);
}

#[test]
fn when_the_old_version_is_gone_what_the_plan_shows_has_to_do() {
    let environment = with_saved_plan();
    environment.portal.edit("vm", &json!({"offer": {"microsoft-azure-marketplace.summary": "The best backup"}}));
    environment
        .portal
        .fault(&json!({"method": "GET", "path": "*/versions/*", "times": null, "effect": {"status": {"code": 404}}}));
    insta::assert_snapshot!(environment.run("apply plan.json --yes").expect(6).stderr, @r#"
    error: contoso/vm: the plan does not fit any more, so nothing was done:
      `/definition/offer/microsoft-azure-marketplace.summary`: was "Backs up your machines every night", is now "The best backup"
      the draft of the plan cannot be read any more, so that edits where the plan says nothing cannot be told
    hint: nothing of theirs was lost; plan anew and read what it says now: offerctl plan contoso/vm
    "#);
}

#[test]
fn one_stale_offer_stops_no_other() {
    let environment = TestEnvironment::with_live_offer();
    environment.edit("every night", "twice a day");
    environment.write("offers/one/offer.yaml", &draft("one"));
    environment.run("apply --yes offers/one/offer.yaml").expect(0);
    environment.replace("offers/one/offer.yaml", "The offer one", "The first offer");
    environment.run("plan --out plan.json").expect(0);
    environment.portal.forget_requests();
    environment.portal.edit("vm", &json!({"displayText": "Renamed"}));
    let said = environment.run("apply plan.json --yes").expect(6);
    insta::assert_snapshot!(said.stdout.lines().last().unwrap(), @"Apply: 2 offers: 1 done, 0 in sync, 0 still in progress, 0 blocked, 1 failed, 0 unreadable, 0 interrupted.");
    insta::assert_snapshot!(said.stderr, @r#"
    error: contoso/vm: the plan does not fit any more, so nothing was done:
      `/definition/displayText`: was "Contoso VM", is now "Renamed"
    hint: nothing of theirs was lost; plan anew and read what it says now: offerctl plan contoso/vm
    contoso/one: updated (version 2)
    contoso/one: done
    "#);
    assert_eq!(environment.portal.definition("one")["displayText"], "The first offer");
    assert_eq!(environment.portal.definition("vm")["displayText"], "Renamed");
}

#[test]
fn a_submission_of_others_meanwhile_is_waited_for_and_their_publish_is_not_taken_live() {
    let environment = TestEnvironment::with_offer();
    environment.run("apply --yes --until preview").expect(0);
    environment.run("plan --out plan.json").expect(0);
    assert_eq!(file(&environment)["offers"][0]["steps"][0]["action"], "goLive");
    environment.portal.publish("vm");
    insta::assert_snapshot!(environment.run("apply plan.json --yes").expect(6).stderr, @"
    error: contoso/vm: the plan does not fit any more, so nothing was done:
      the submission that the plan is about is not the newest any more
    hint: nothing of theirs was lost; plan anew and read what it says now: offerctl plan contoso/vm
    ");
    assert!(!environment.portal.writes().contains("golive"));
}

#[test]
fn a_manifest_that_moved_on_is_not_what_was_reviewed() {
    let environment = with_saved_plan();
    environment.edit("twice a day", "every hour");
    insta::assert_snapshot!(environment.run("apply plan.json --yes").expect(6).stderr, @"
    error: contoso/vm: `offers/vm/offer.yaml`, or a file that it names, is not any more what the plan was made from, so nothing was done
    hint: apply the plan in a checkout of the commit that it was made from, with the same variables; or plan anew: offerctl plan contoso/vm
    ");
    environment.edit("every hour", "twice a day");
    environment.edit("publishTo: production", "publishTo: preview");
    environment.run("apply plan.json --yes").expect(6);
    std::fs::remove_file(environment.path("offers/vm/offer.yaml")).unwrap();
    insta::assert_snapshot!(environment.run("apply plan.json --yes").expect(6).stderr, @"
    error: contoso/vm: its manifest `offers/vm/offer.yaml`, which the plan was made from, is not here
    hint: apply the plan in a checkout of the commit that it was made from
    ");
    environment.write("offers/vm/offer.yaml", "publisherId: contoso\n");
    let said = environment.run("apply plan.json --yes").expect(4);
    assert!(said.stderr.contains("nothing was written, because some manifests have errors"), "{}", said.stderr);
    assert_eq!(environment.portal.writes(), "");
}

#[test]
fn a_plan_that_was_carried_out_is_not_done_again_after_somebody_took_it_back() {
    let environment = with_saved_plan();
    environment.run("apply plan.json --yes").expect(0);
    environment
        .portal
        .edit("vm", &json!({"offer": {"microsoft-azure-marketplace.summary": "Backs up your machines every night"}}));
    environment.portal.forget_requests();
    // The draft is exactly what the plan was made from, the slots are not.
    insta::assert_snapshot!(environment.run("apply plan.json --yes").expect(6).stderr, @"
    error: contoso/vm: this plan was carried out before, and the offer was changed back since; a plan is done once
    hint: nothing of theirs was lost; plan anew and read what it says now: offerctl plan contoso/vm
    ");
    assert_eq!(environment.portal.writes(), "");
    environment.run("plan --out plan.json").expect(0);
    environment.run("apply plan.json --yes").expect(0);
    environment.run("plan --detailed-exitcode").expect(0);
}

#[test]
fn what_was_allowed_in_the_plan_stays_allowed_and_new_blocks_refuse() {
    let environment = TestEnvironment::with_live_offer();
    environment.edit(crate::manifests::silver(), "");
    environment.run("plan --out blocked.json").expect(0);
    environment.run("apply blocked.json --yes").expect(9);
    environment.run("plan --out plan.json --allow remove-offer-plan").expect(0);
    environment.run("apply plan.json --yes").expect(0);
    environment.run("plan --detailed-exitcode").expect(0);

    // What the settings let pass was in the plan too, and stays.
    let environment = TestEnvironment::with_live_offer();
    let title = "microsoft-azure-virtualmachines.skuTitle: Gold\n";
    let hidden = format!("{title}      microsoft-azure-virtualmachines.hideSKUForSolutionTemplate: true\n");
    environment.edit(title, &hidden);
    let settings = "offers: [\"offers/*/offer.yaml\"]\n";
    environment.write("offerctl.yaml", &format!("{settings}guards: {{audience-change: allow}}\n"));
    environment.run("plan --out plan.json").expect(0);
    environment.write("offerctl.yaml", settings);
    environment.run("plan --out blocked.json").expect(0);
    environment.run("apply blocked.json --yes").expect(9);
    environment.run("apply plan.json --yes").expect(0);

    let environment = TestEnvironment::with_offer();
    environment.run("plan --out plan.json").expect(0);
    environment.write("offerctl.yaml", &format!("{settings}guards: {{sas-expiry: 6000}}\n"));
    insta::assert_snapshot!(environment.run("apply plan.json --yes").expect(9).stderr, @"
    error: contoso/vm: signed addresses must last for the certification, at least 6000 days: `/definition/plans/gold/microsoft-azure-virtualmachines.vmImages/1.0.0/osVhdUrl` ends on 2036-01-01, `/definition/plans/silver/microsoft-azure-virtualmachines.vmImages/1.0.0/osVhdUrl` ends on 2036-01-01 (sas-expiry), and the plan does not speak of it, so nothing was done
    hint: sign the address anew, for at least three weeks, or let it pass with `--allow sas-expiry:contoso/vm`; then plan anew: offerctl plan contoso/vm
    ");
    assert_eq!(environment.portal.writes(), "");
}

#[test]
fn nothing_can_be_added_to_a_saved_plan() {
    let environment = with_saved_plan();
    insta::assert_snapshot!(environment.run("apply plan.json --yes --supersede").expect(4).stderr, @"
    error: `--supersede` cannot be given with a saved plan: it is applied as it is
    hint: plan anew with `--supersede` and save that plan
    ");
    environment.run("apply plan.json --changed-since main").expect(4);
    insta::assert_snapshot!(environment.run("apply plan.json --yes --last-write-wins").expect(4).stderr, @"
    error: `--last-write-wins` cannot be given with a saved plan: it is applied as it is
    hint: apply it without; an offer that others edited meanwhile is refused
    ");
    insta::assert_snapshot!(environment.run("apply plan.json contoso/vm --yes").expect(4).stderr, @"
    error: `plan.json` is a saved plan, and was named with other things
    hint: a saved plan is applied as a whole; name it alone, or plan only the offers that are meant
    ");
    assert_eq!(environment.portal.writes(), "");
}

#[test]
fn a_plan_of_another_service_is_refused() {
    let environment = with_saved_plan();
    let mut command = environment.command("apply plan.json --yes");
    command.env("OFFERCTL_ENDPOINT", "https://cloudpartner.azure.com");
    insta::assert_snapshot!(environment.run_command(command).expect(4).stderr, @"
    error: nothing was written: the plan was made for loopback, and this is https://cloudpartner.azure.com
    hint: name the service of the plan with `--endpoint` or `--emulator`, or plan anew for this one
    ");
}

#[test]
fn what_is_no_plan_is_refused_before_anything_is_asked() {
    let environment = with_saved_plan();
    let whole = std::fs::read_to_string(environment.path("plan.json")).unwrap();
    environment.portal.forget_requests();
    let refused = |text: &str| {
        environment.write("plan.json", text);
        let applied = environment.run("apply plan.json --yes").expect(4);
        assert_eq!(
            (environment.run("show plan.json").expect(4).stderr, ""),
            (applied.stderr.clone(), &*applied.stdout)
        );
        applied.stderr
    };
    insta::assert_snapshot!(refused(&whole.replace("\"version\": 1,", "\"version\": 2,")), @"
    error: `plan.json` cannot be used as a plan: it has version 2 of the format, and this program reads up to 1
    hint: use the version of offerctl that made the plan, or plan anew with this one
    ");
    let part = refused(&whole[..whole.len() / 2]);
    assert!(part.contains("it is no JSON, or only a part of it: EOF while parsing"), "{part}");
    insta::assert_snapshot!(refused("{\"format\": \"offerctl-drift\", \"version\": 1}"), @"
    error: `plan.json` cannot be used as a plan: it is JSON, but not a plan: its format is `offerctl-drift`
    hint: `offerctl plan --out plan.json` writes a plan
    ");
    insta::assert_snapshot!(refused("[1, 2]"), @"
    error: `plan.json` cannot be used as a plan: it is JSON, but not a plan: it has no `format`
    hint: `offerctl plan --out plan.json` writes a plan
    ");
    let altered = refused(&whole.replace("twice a day", "never"));
    assert!(altered.contains("it was changed after it was written"), "{altered}");
    insta::assert_snapshot!(environment.run("apply nowhere.json --yes").expect(4).stderr, @"
    error: there is no file `nowhere.json`
    hint: `offerctl plan --out plan.json` writes a plan
    ");
    assert_eq!(environment.portal.requests(), 0);
}

#[test]
fn an_incomplete_plan_can_be_looked_at_and_not_applied() {
    let environment = TestEnvironment::with_live_offer();
    environment.edit("every night", "twice a day");
    environment.write("offers/broken/offer.yaml", "publisherId: contoso\nid: broken\ndefinition: [\n");
    let said = environment.run("plan --out plan.json").expect(4);
    insta::assert_snapshot!(said.stderr.lines().last().unwrap(), @"warning: the plan is saved as `plan.json`, and is incomplete: it can be looked at, and not be applied");
    environment.run("show plan.json").expect(0);
    std::fs::remove_dir_all(environment.path("offers/broken")).unwrap();
    insta::assert_snapshot!(environment.run("apply plan.json --yes").expect(4).stderr, @"
    error: nothing was written: the plan is incomplete, 1 manifest could not be planned
      offers/broken/offer.yaml: the manifest has errors; `offerctl validate` shows them
    hint: mend what kept it from being complete and plan anew, or plan only the offers that are meant
    ");
    assert_eq!(environment.portal.writes(), "");
    // Two manifests of one offer leave nothing out, and are no plan to follow either.
    let twin = std::fs::read_to_string(environment.path("offers/vm/offer.yaml")).unwrap();
    environment.write("offers/twin/offer.yaml", &twin);
    environment.run("plan --out plan.json").expect(4);
    insta::assert_snapshot!(environment.run("apply plan.json --yes").expect(4).stderr, @"
    error: nothing was written: the plan is incomplete, two manifests describe the same offer
    hint: mend what kept it from being complete and plan anew, or plan only the offers that are meant
    ");
}

#[test]
fn a_plan_is_never_saved_over_another_file() {
    let environment = TestEnvironment::with_offer();
    insta::assert_snapshot!(environment.run("plan --out offers/vm/offer.yaml").expect(4).stderr, @"
    error: no plan is saved as `offers/vm/offer.yaml`: that file is there, and is not a plan
    hint: name a new file, or the file of an earlier plan: `--out plan.json`
    ");
    insta::assert_snapshot!(environment.run("plan --out offers").expect(4).stderr, @"
    error: no plan is saved as `offers`: it is a folder
    hint: name a new file, or the file of an earlier plan: `--out plan.json`
    ");
    insta::assert_snapshot!(environment.run("plan --out nowhere/plan.json").expect(4).stderr, @"
    error: no plan is saved as `nowhere/plan.json`: there is no such folder
    hint: name a new file, or the file of an earlier plan: `--out plan.json`
    ");
    assert!(environment.run("validate").expect(0).stdout.contains("1 valid"));
}

#[test]
fn a_plan_is_not_saved_when_a_secret_is_a_word_of_it() {
    let environment = TestEnvironment::with_offer();
    environment.edit(
        "    microsoft-azure-marketplace.smallLogo",
        "    microsoft-azure-marketplace.tableLeadConfiguration: {connectionString: {$secret: LEADS}}\n    \
         microsoft-azure-marketplace.smallLogo",
    );
    let plan = |secret: &str| {
        let mut command = environment.command("plan --out plan.json");
        command.env("LEADS", secret);
        environment.run_command(command)
    };
    insta::assert_snapshot!(plan("contoso").expect(4).stderr, @"
    error: the plan cannot be saved as `plan.json`: the value of a secret stands in it as a word, and without that word it is another plan
    hint: a secret that is a common word protects nothing; give it another value
    ");
    // It is a key of the file, which takes it out no less.
    assert!(plan("skipped").expect(4).stderr.contains("the value of a secret stands in it as a word"));
    plan("hunter2-of-the-story").expect(0);
    assert!(!file(&environment).to_string().contains("hunter2"));
    // The secret is taken from where it is applied.
    insta::assert_snapshot!(environment.run("apply plan.json --yes").expect(4).stderr, @"
    error: nothing was written: the manifests name secrets that are not in the environment, or empty: `LEADS`
    hint: set them where offerctl runs, then run the same command again
    ");
    let mut command = environment.command("apply plan.json --yes");
    command.env("LEADS", "hunter2-of-the-story");
    environment.run_command(command).expect(0);
    let kept = environment.portal.definition("vm");
    assert_eq!(
        kept["offer"]["microsoft-azure-marketplace.tableLeadConfiguration"]["connectionString"],
        "hunter2-of-the-story"
    );
}

#[test]
fn a_secret_that_was_rotated_after_the_review_is_not_what_was_reviewed() {
    let environment = TestEnvironment::with_offer();
    environment.edit(
        "    microsoft-azure-marketplace.smallLogo",
        "    microsoft-azure-marketplace.tableLeadConfiguration: {connectionString: {$secret: LEADS}}\n    \
         microsoft-azure-marketplace.smallLogo",
    );
    let run = |arguments: &str, secret: &str| {
        let mut command = environment.command(arguments);
        command.env("LEADS", secret);
        environment.run_command(command)
    };
    run("apply --yes", "the-first-of-the-story").expect(0);
    environment.edit("every night", "twice a day");
    run("plan --out plan.json", "the-first-of-the-story").expect(0);
    insta::assert_snapshot!(run("apply plan.json --yes", "the-second-of-the-story").expect(6).stderr, @"
    error: contoso/vm: the plan does not fit any more, so nothing was done:
      `/definition/offer/microsoft-azure-marketplace.tableLeadConfiguration/connectionString`: what is behind it, a secret or a file, is another one than before, which the plan does not say
    hint: nothing of theirs was lost; plan anew and read what it says now: offerctl plan contoso/vm
    ");
    run("apply plan.json --yes", "the-first-of-the-story").expect(0);
    // A rotated secret that the plan shows is written.
    run("plan --out plan.json", "the-second-of-the-story").expect(0);
    run("apply plan.json --yes", "the-second-of-the-story").expect(0);
    run("plan --detailed-exitcode", "the-second-of-the-story").expect(0);
}

#[test]
fn a_fresh_plan_goes_on_only_with_the_digest_that_was_reviewed() {
    let environment = with_saved_plan();
    let reviewed = digest(&environment);
    environment.edit("twice a day", "every hour");
    let refused = environment.run(&format!("apply --yes --expect-digest {reviewed}")).expect(6);
    assert!(refused.stdout.contains("every hour"), "the new plan is shown:\n{}", refused.stdout);
    insta::assert_snapshot!(refused.stderr, @"
    error: nothing was written: this is not the plan that was reviewed; its digest is [digest], and [digest] was expected
    hint: read the plan above; when it is what you want, have it reviewed and give its digest
    ");
    let document = environment.run(&format!("apply --yes --output json --expect-digest {reviewed}")).expect(6).json();
    assert_eq!(document["results"], json!([]));
    environment.run(&format!("apply plan.json --yes --expect-digest sha256:{}", "0".repeat(64))).expect(6);
    assert_eq!(environment.portal.writes(), "");
    environment.run("apply --yes --expect-digest sha256:9e83e710a2db").expect(4);
    environment.edit("every hour", "twice a day");
    environment.run(&format!("apply --yes --expect-digest {reviewed}")).expect(0);
    environment.run("plan --detailed-exitcode").expect(0);
}

#[test]
fn an_incomplete_plan_is_not_what_was_reviewed() {
    let environment = TestEnvironment::empty(at_once());
    environment.write("offers/one/offer.yaml", &draft("one"));
    environment.write("offers/two/offer.yaml", &draft("two"));
    environment
        .portal
        .fault(&json!({"method": "GET", "path": "*/two", "times": null, "effect": {"status": {"code": 403}}}));
    let plan = environment.run("plan --output json").expect(5).json();
    let reviewed = plan["digest"].as_str().unwrap();
    let said = environment.run(&format!("apply --yes --expect-digest {reviewed}")).expect(5);
    insta::assert_snapshot!(said.stderr, @"
    error: nothing was written: the plan is incomplete, 1 manifest could not be planned
      offers/two/offer.yaml: GET http://SERVICE/api/publishers/contoso/offers/two?api-version=2017-10-31 was answered with 403 Forbidden (correlation id [guid])
    hint: mend what kept it from being complete and plan anew, or plan only the offers that are meant
    ");
    assert_eq!(environment.portal.writes(), "");
}

#[test]
fn an_offer_that_cannot_be_read_stops_no_other() {
    let environment = TestEnvironment::empty(at_once());
    environment.write("offers/one/offer.yaml", &draft("one"));
    environment.write("offers/two/offer.yaml", &draft("two"));
    environment.run("plan --out plan.json").expect(0);
    environment
        .portal
        .fault(&json!({"method": "GET", "path": "*/two", "times": null, "effect": {"status": {"code": 403}}}));
    let said = environment.run("apply plan.json --yes").expect(5);
    insta::assert_snapshot!(said.stdout.lines().last().unwrap(), @"Apply: 2 offers: 1 done, 0 in sync, 0 still in progress, 0 blocked, 0 failed, 1 unreadable, 0 interrupted.");
    insta::assert_snapshot!(environment.portal.writes(), @"PUT contoso/one: 201");
    // What nobody could read is still to be done.
    environment.portal.clear_faults();
    insta::assert_snapshot!(environment.run("apply plan.json --yes").expect(0).stderr, @"
    contoso/one: is where the plan leads; nothing is left to do
    contoso/two: created (version 1)
    contoso/two: done
    ");
}

#[test]
fn without_a_yes_nothing_is_done() {
    let environment = with_saved_plan();
    insta::assert_snapshot!(environment.run("apply plan.json").expect(4).stderr, @"
    error: nothing was written: there is no terminal to ask on, and no `--yes`
    hint: read the plan above, then run the same command with `--yes`
    ");
    assert_eq!(environment.portal.writes(), "");
}

#[test]
fn what_still_runs_is_gone_on_with_by_the_same_file() {
    let environment = TestEnvironment::with_offer_on(as_slow_as_the_service());
    environment.run("plan --out plan.json").expect(0);
    environment.run("apply plan.json --yes --wait 0").expect(7);
    insta::assert_snapshot!(environment.run("apply plan.json --yes --wait 0").expect(7).stderr, @"
    contoso/vm: going on with the plan begun at [time] wait, go live, wait
    contoso/vm: Validate Pre-Requisites: in progress (< 15 min)
    contoso/vm: still in progress (until the preview is ready); go on with: offerctl resume contoso/vm
    ");
    environment.portal.let_days_pass_while_waiting();
    environment.run("apply plan.json --yes").expect(0);
    insta::assert_snapshot!(environment.portal.writes(), @"
    PUT contoso/vm: 201
    POST contoso/vm/publish: 202
    POST contoso/vm/golive: 202
    ");
    environment.run("apply plan.json --yes").expect(0);
    environment.run("plan --detailed-exitcode").expect(0);
}

#[test]
fn what_the_service_rejected_is_not_submitted_again_by_the_same_file() {
    let environment = with_saved_plan();
    environment.portal.script("vm", "displaycertify", "failed", &["The image does not boot."]);
    environment.run("apply plan.json --yes").expect(8);
    let writes = environment.portal.writes();
    insta::assert_snapshot!(environment.run("apply plan.json --yes").expect(8).stderr, @"
    error: contoso/vm: the plan begun at [time] was stopped: the service says that the submission failed
    hint: `offerctl status contoso/vm` shows how it stands and what the service says
    hint: begin anew with `offerctl plan contoso/vm`; what applies, publishes or cancels replaces the stopped plan
    ");
    assert_eq!(environment.portal.writes(), writes);
}

#[test]
fn an_approval_that_comes_after_a_newer_merge_does_not_take_its_place() {
    let environment = TestEnvironment::with_offer_on(as_slow_as_the_service());
    environment.edit("every night", "twice a day");
    environment.run("apply --yes --until preview --wait 0").expect(7);
    environment.run("plan --out older.json").expect(0);
    std::fs::copy(environment.path("offers/vm/offer.yaml"), environment.path("older.yaml")).unwrap();
    // A newer text is merged while the older one is certified: it waits for its turn.
    environment.edit("twice a day", "every hour");
    environment.run("apply --yes --until preview --wait 0").expect(7);
    environment.run("plan --out newer.json").expect(0);
    // The older one is approved, in a checkout of its own commit.
    std::fs::rename(environment.path("offers/vm/offer.yaml"), environment.path("newer.yaml")).unwrap();
    std::fs::rename(environment.path("older.yaml"), environment.path("offers/vm/offer.yaml")).unwrap();
    insta::assert_snapshot!(environment.run("apply older.json --yes --wait 0").expect(6).stderr, @"
    error: contoso/vm: another plan was begun at [time] and waits to write the draft; this one knows nothing of it, so nothing was done
    hint: go on with the other plan: offerctl resume contoso/vm
    hint: or plan anew, in the other's place: offerctl plan contoso/vm
    ");
    // The newer one, made in sight of what waits, goes on as approved.
    std::fs::rename(environment.path("newer.yaml"), environment.path("offers/vm/offer.yaml")).unwrap();
    insta::assert_snapshot!(environment.run("show newer.json").expect(0).stdout, @r#"
    ~ contoso/vm will be updated  offers/vm/offer.yaml, up to production
        ~ Summary: "Backs up your machines twice a day" → "Backs up your machines every hour"  offer.yaml:10
        note: the plan sha256:47a762c4da19, begun earlier, has not written the draft yet; these steps take its place
      Steps:
        1. wait     a submission of other content runs; ours queues behind it
        2. update   1 field of the draft differs
        3. publish  nothing is in the preview slot yet (Certification < 5 day); can be canceled while it runs
        4. wait     the service validates, certifies and provisions the preview
        5. go live  `publishTo` is production (Live ~2-5 days); cannot be taken back
        6. wait     the service makes the preview public

    Plan: 1 offers: 0 to create, 1 to change, 0 in sync, 0 blocked, 0 unreadable; 1 changes, 6 steps.
    Digest: [digest]
    "#);
    environment.run("apply newer.json --yes --wait 0").expect(7);
    environment.portal.let_days_pass_while_waiting();
    environment.run("resume").expect(0);
    assert_eq!(
        environment.portal.definition("vm")["offer"]["microsoft-azure-marketplace.summary"],
        "Backs up your machines every hour"
    );
    environment.run("plan --detailed-exitcode").expect(0);
}

#[test]
fn a_plan_is_done_once_also_when_others_came_between() {
    let environment = with_saved_plan();
    environment.run("apply plan.json --yes").expect(0);
    environment.edit("twice a day", "every night");
    environment.run("plan --out back.json").expect(0);
    environment.run("apply back.json --yes").expect(0);
    // The job of the first commit is run a second time.
    environment.edit("every night", "twice a day");
    environment.portal.forget_requests();
    insta::assert_snapshot!(environment.run("apply plan.json --yes").expect(6).stderr, @"
    error: contoso/vm: this plan was carried out before, and the offer was changed back since; a plan is done once
    hint: nothing of theirs was lost; plan anew and read what it says now: offerctl plan contoso/vm
    ");
    assert_eq!(environment.portal.writes(), "");
    // Whoever wants it again, says so again.
    environment.run("plan --out again.json").expect(0);
    let again = environment.run("show again.json --output json").expect(0).json();
    assert_eq!(again["digest"], digest(&environment), "the same is to be done");
    environment.run("apply again.json --yes").expect(0);
    environment.run("plan --detailed-exitcode").expect(0);
}

#[test]
fn an_offer_that_had_nothing_to_do_is_not_said_to_be_in_sync() {
    let environment = TestEnvironment::with_live_offer();
    environment.write("offers/one/offer.yaml", &draft("one"));
    environment.run("plan --out plan.json").expect(0);
    environment.portal.edit("vm", &json!({"displayText": "Renamed"}));
    insta::assert_snapshot!(environment.run("apply plan.json --yes").expect(0).stderr, @"
    The plan has nothing to do for 1 offer: not looked at again.
    contoso/one: created (version 1)
    contoso/one: done
    ");
    let again = environment.run("apply plan.json --yes --output json").expect(0).json();
    insta::assert_snapshot!(again["results"], @r#"[{"publisherId":"contoso","offerId":"one","result":"inSync"}]"#);
    insta::assert_snapshot!(again["summary"], @r#"{"done":0,"inSync":1,"stillGoing":0,"blocked":0,"failed":0,"unreadable":0,"interrupted":0}"#);
}

#[test]
fn a_version_that_holds_something_else_than_the_draft_of_the_plan_proves_nothing() {
    let environment = TestEnvironment::with_live_offer();
    environment.edit("every night", "twice a day");
    environment.run("plan --until draft --out plan.json").expect(0);
    environment.portal.edit("vm", &json!({"offer": {"microsoft-azure-marketplace.longSummary": "Half a sent"}}));
    // A service that counts publishes: the version of then is the draft of now.
    let draft = environment.run("get contoso/vm --raw").expect(0).json();
    let effect = json!({"status": {"code": 200, "body": draft}});
    environment.portal.fault(&json!({"method": "GET", "path": "*/versions/*", "times": null, "effect": effect}));
    insta::assert_snapshot!(environment.run("apply plan.json --yes").expect(6).stderr, @"
    error: contoso/vm: the plan does not fit any more, so nothing was done:
      the draft of the plan cannot be read any more, so that edits where the plan says nothing cannot be told
    hint: nothing of theirs was lost; plan anew and read what it says now: offerctl plan contoso/vm
    ");
    assert_eq!(environment.portal.writes(), "");
}

#[test]
fn what_was_rejected_twice_can_be_planned_and_submitted_a_third_time() {
    let environment = with_saved_plan();
    let reject = || environment.portal.script("vm", "displaycertify", "failed", &["The image does not boot."]);
    reject();
    environment.run("apply plan.json --yes").expect(8);
    reject();
    environment.run("plan --retry-failed --out second.json").expect(0);
    environment.run("apply second.json --yes").expect(8);
    environment.run("apply second.json --yes").expect(8);
    environment.run("plan --retry-failed --out third.json").expect(0);
    environment.run("apply third.json --yes").expect(0);
    assert_eq!(environment.portal.writes().matches("publish: 202").count(), 3);
    environment.run("plan --detailed-exitcode").expect(0);
}
