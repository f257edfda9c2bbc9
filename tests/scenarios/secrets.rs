//! Secrets: what a rotated one looks like, where it cannot be seen, and what would blank one.

use reqwest::Method;
use serde_json::json;

use crate::environment::{CommandResult, Said, TestEnvironment, at_once};
use crate::interposer::Moment;

/// Holds in the variable `LEADS` what the story says, or nothing.
struct Vault<'story> {
    environment: &'story TestEnvironment,
    leads: Option<&'story str>,
}

impl Vault<'_> {
    fn run(&self, arguments: &str) -> CommandResult {
        let mut command = self.environment.command(arguments);
        if let Some(leads) = self.leads {
            command.env("LEADS", leads);
        }
        self.environment.run_command(command)
    }
}

const FIRST: &str = "AccountKey=first-value-of-the-story";
/// Nothing but being known tells that it is a secret.
const PLAIN: &str = "value-of-the-story";
const SECOND: &str = "AccountKey=second-value-of-the-story";

/// The small offer, with a secret, live.
fn with_secret() -> TestEnvironment {
    let environment = TestEnvironment::with_offer_on(at_once());
    name_secret(&environment);
    holding(&environment, FIRST).run("apply --yes").expect(0);
    environment.portal.forget_requests();
    environment
}

fn name_secret(environment: &TestEnvironment) {
    environment.edit(
        "    microsoft-azure-marketplace.smallLogo",
        "    microsoft-azure-marketplace.tableLeadConfiguration: {connectionString: {$secret: LEADS}}\n    \
         microsoft-azure-marketplace.smallLogo",
    );
}

fn holding<'story>(environment: &'story TestEnvironment, leads: &'story str) -> Vault<'story> {
    Vault { environment, leads: Some(leads) }
}

fn kept(environment: &TestEnvironment) -> String {
    let definition = environment.portal.definition("vm");
    let kept = &definition["offer"]["microsoft-azure-marketplace.tableLeadConfiguration"]["connectionString"];
    kept.as_str().unwrap_or("nothing").to_owned()
}

/// The verdicts on the secrets of the one offer, and how many changes there are.
fn verdicts(said: &Said) -> String {
    let plan = said.json();
    let secrets = plan["offers"][0]["secrets"].as_array().unwrap();
    let verdicts: Vec<_> = secrets.iter().map(|secret| secret["verdict"].as_str().unwrap()).collect();
    format!("{}, {} changes", verdicts.join(" "), plan["summary"]["changes"])
}

#[test]
fn a_rotated_secret_is_one_change_and_then_none() {
    let environment = with_secret();
    holding(&environment, FIRST).run("plan --detailed-exitcode").expect(0);
    let rotated = holding(&environment, SECOND);
    insta::assert_snapshot!(rotated.run("plan --detailed-exitcode"), @"
    ~ contoso/vm will be updated  offers/vm/offer.yaml, up to production
        ~ Leads to an Azure table › Azure table connection string: secret from LEADS, of which the value changed  offer.yaml:11
      Steps:
        1. update   1 field of the draft differs
        2. publish  the preview slot holds other content (Certification < 5 day); can be canceled while it runs
        3. wait     the service validates, certifies and provisions the preview
        4. go live  `publishTo` is production (Live ~2-5 days); cannot be taken back
        5. wait     the service makes the preview public

    Plan: 1 offers: 0 to create, 1 to change, 0 in sync, 0 blocked, 0 unreadable; 1 changes, 5 steps.
    Digest: [digest]
    --- exit 2 ---
    ");
    assert_eq!(verdicts(&rotated.run("plan --output json").expect(0)), "changed, 1 changes");
    rotated.run("apply --yes").expect(0);
    assert_eq!(kept(&environment), SECOND);
    insta::assert_snapshot!(environment.portal.writes(), @r#"
    PUT contoso/vm If-Match W/"datetime'2026-11-01T00%3A00%3A00.0000000Z'": 200
    POST contoso/vm/publish: 202
    POST contoso/vm/golive: 202
    "#);
    insta::assert_snapshot!(rotated.run("plan --detailed-exitcode"), @"
    Plan: 1 offers: 0 to create, 0 to change, 1 in sync, 0 blocked, 0 unreadable; 0 changes, 0 steps.
    Digest: [digest]
    --- exit 0 ---
    ");
    assert_eq!(verdicts(&rotated.run("plan --output json").expect(0)), "unchanged, 0 changes");
    holding(&environment, FIRST).run("plan --detailed-exitcode").expect(2);
}

#[test]
fn without_the_variable_nobody_can_tell_and_nothing_is_done() {
    let environment = with_secret();
    let empty = Vault { environment: &environment, leads: None };
    insta::assert_snapshot!(empty.run("plan --detailed-exitcode"), @"
    = contoso/vm is in sync  offers/vm/offer.yaml, up to production
        note: whether the secret `LEADS` of `/definition/offer/microsoft-azure-marketplace.tableLeadConfiguration/connectionString` changed cannot be told: the variable is not set here; taken as unchanged

    Plan: 1 offers: 0 to create, 0 to change, 1 in sync, 0 blocked, 0 unreadable; 0 changes, 0 steps.
    Digest: [digest]
    --- exit 0 ---
    ");
    assert_eq!(verdicts(&empty.run("plan --output json").expect(0)), "unverifiable, 0 changes");
    empty.run("apply --yes").expect(0);
    assert_eq!(environment.portal.writes(), "");
    // Nothing of that made the record forget.
    holding(&environment, SECOND).run("plan --detailed-exitcode").expect(2);
}

#[test]
fn without_records_a_secret_is_taken_as_unchanged_until_it_is_sent_again() {
    let environment = with_secret();
    environment.forget_records();
    let rotated = holding(&environment, SECOND);
    insta::assert_snapshot!(rotated.run("plan --detailed-exitcode"), @"
    = contoso/vm is in sync  offers/vm/offer.yaml, up to production
        note: `/definition/offer/microsoft-azure-marketplace.smallLogo`: served from the service's own storage, and no record tells from what source; taken as unchanged, `--resend-media` sends the manifest's again
        note: whether the secret `LEADS` of `/definition/offer/microsoft-azure-marketplace.tableLeadConfiguration/connectionString` changed cannot be told: no record has a fingerprint of it; taken as unchanged, and sent with every update

    Plan: 1 offers: 0 to create, 0 to change, 1 in sync, 0 blocked, 0 unreadable; 0 changes, 0 steps.
    Digest: [digest]
    --- exit 0 ---
    ");
    // That both sides agree goes on record; the value that the service has is as unknown as before.
    rotated.run("apply --yes").expect(0);
    assert_eq!(verdicts(&rotated.run("plan --output json").expect(0)), "unverifiable, 0 changes");
    environment.edit("every night", "twice a day");
    rotated.run("apply --yes").expect(0);
    assert_eq!(kept(&environment), SECOND);
    assert_eq!(verdicts(&rotated.run("plan --output json").expect(0)), "unchanged, 0 changes");
    rotated.run("plan --detailed-exitcode").expect(0);
}

#[test]
fn a_record_of_an_older_version_keeps_working() {
    let environment = with_secret();
    let path = ".offerctl/state/contoso/vm.json";
    let mut record: serde_json::Value =
        serde_json::from_str(&std::fs::read_to_string(environment.path(path)).unwrap()).unwrap();
    assert!(record.as_object_mut().unwrap().remove("secrets").is_some());
    environment.write(path, &record.to_string());
    let same = holding(&environment, FIRST);
    assert_eq!(verdicts(&same.run("plan --output json").expect(0)), "unverifiable, 0 changes");
    environment.edit("every night", "twice a day");
    same.run("apply --yes").expect(0);
    assert_eq!(verdicts(&same.run("plan --output json").expect(0)), "unchanged, 0 changes");
}

#[test]
fn a_secret_that_was_only_written_is_still_to_be_published() {
    let environment = with_secret();
    let rotated = holding(&environment, SECOND);
    rotated.run("apply --yes --until draft").expect(0);
    insta::assert_snapshot!(rotated.run("plan --detailed-exitcode"), @"
    > contoso/vm goes on  offers/vm/offer.yaml, up to production
      Steps:
        1. publish  the preview slot may still hold the secret from before (Certification < 5 day); can be canceled while it runs
        2. wait     the service validates, certifies and provisions the preview
        3. go live  `publishTo` is production (Live ~2-5 days); cannot be taken back
        4. wait     the service makes the preview public

    Plan: 1 offers: 0 to create, 1 to change, 0 in sync, 0 blocked, 0 unreadable; 0 changes, 4 steps.
    Digest: [digest]
    --- exit 2 ---
    ");
    environment.portal.forget_requests();
    rotated.run("apply --yes").expect(0);
    insta::assert_snapshot!(environment.portal.writes(), @"
    POST contoso/vm/publish: 202
    POST contoso/vm/golive: 202
    ");
    rotated.run("plan --detailed-exitcode").expect(0);
}

#[test]
fn an_unchanged_secret_that_goes_along_publishes_nothing() {
    let environment = with_secret();
    environment.portal.edit("vm", &json!({"offer": {"microsoft-azure-marketplace.summary": "Edited in the portal"}}));
    environment.portal.forget_requests();
    let same = holding(&environment, FIRST);
    same.run("apply --yes").expect(0);
    insta::assert_snapshot!(environment.portal.writes(), @r#"PUT contoso/vm If-Match W/"datetime'2026-11-01T00%3A00%3A00.0000001Z'": 200"#);
    same.run("plan --detailed-exitcode").expect(0);
}

#[test]
fn a_write_of_nothing_but_a_secret_is_sent_again_when_it_did_not_arrive() {
    let environment = with_secret();
    environment.portal.fault(&json!({"method": "PUT", "effect": "reset-before"}));
    let rotated = holding(&environment, SECOND);
    rotated.run("apply --yes").expect(0);
    assert_eq!(kept(&environment), SECOND);
    environment.portal.fault(&json!({"method": "PUT", "effect": "reset-after"}));
    environment.portal.forget_requests();
    let back = holding(&environment, FIRST);
    back.run("apply --yes").expect(0);
    assert_eq!(kept(&environment), FIRST);
    insta::assert_snapshot!(environment.portal.writes(), @r#"
    PUT contoso/vm If-Match W/"datetime'2026-11-01T00%3A00%3A00.0000001Z'": no answer
    POST contoso/vm/publish: 202
    POST contoso/vm/golive: 202
    "#);
}

#[test]
fn a_secret_that_is_rotated_during_the_certification_waits_for_the_next_plan() {
    let environment = TestEnvironment::with_offer_on(crate::environment::as_slow_as_the_service());
    name_secret(&environment);
    holding(&environment, FIRST).run("apply --yes --wait 0").expect(7);
    environment.portal.let_days_pass_while_waiting();
    let rotated = holding(&environment, SECOND);
    rotated.run("resume").expect(0);
    assert_eq!(kept(&environment), FIRST);
    rotated.run("plan --detailed-exitcode").expect(2);
}

#[test]
fn a_key_keeps_fingerprints_from_being_guessed_and_its_loss_changes_nothing() {
    const KEY: &str = "0123456789abcdef0123456789abcdef";
    let environment = with_secret();
    let with_key = |key: &str, leads: &str, arguments: &str| {
        let mut command = environment.command(arguments);
        command.env("LEADS", leads).env("OFFERCTL_FINGERPRINT_KEY", key);
        environment.run_command(command)
    };
    let said = with_key(KEY, FIRST, "plan --detailed-exitcode").expect(0);
    assert!(said.stdout.contains("were made without `OFFERCTL_FINGERPRINT_KEY`"), "{}", said.stdout);
    with_key(KEY, SECOND, "apply --yes").expect(0);
    let said = with_key(KEY, SECOND, "plan --detailed-exitcode").expect(0);
    assert!(!said.stdout.contains("were made without"), "{}", said.stdout);
    assert!(environment.records().contains("\"method\": \"key-"), "{}", environment.records());
    assert!(!environment.records().contains(KEY));
    assert_eq!(verdicts(&with_key(KEY, FIRST, "plan --output json").expect(0)), "changed, 1 changes");
    let other = KEY.replace('0', "f");
    insta::assert_snapshot!(with_key(&other, FIRST, "plan --detailed-exitcode"), @"
    = contoso/vm is in sync  offers/vm/offer.yaml, up to production
        note: whether the secret `LEADS` of `/definition/offer/microsoft-azure-marketplace.tableLeadConfiguration/connectionString` changed cannot be told: its fingerprint was made with another `OFFERCTL_FINGERPRINT_KEY`; taken as unchanged

    Plan: 1 offers: 0 to create, 0 to change, 1 in sync, 0 blocked, 0 unreadable; 0 changes, 0 steps.
    Digest: [digest]
    --- exit 0 ---
    ");
    insta::assert_snapshot!(with_key("short", FIRST, "plan"), @"
    --- stderr ---
    error: `OFFERCTL_FINGERPRINT_KEY` cannot be used: it has 5 characters, and a key needs at least 32
    hint: make one with `openssl rand -hex 32`, and keep it where your CI keeps its secrets
    --- exit 4 ---
    ");
}

#[test]
fn an_update_that_would_blank_a_secret_is_refused_with_the_way_out() {
    let environment = TestEnvironment::with_live_offer();
    let leads = json!({"offer": {
        "microsoft-azure-marketplace.leadDestination": "Table",
        "microsoft-azure-marketplace.tableLeadConfiguration": {"connectionString": FIRST},
    }});
    environment.portal.edit("vm", &leads);
    environment.portal.publish("vm");
    environment.run("plan --detailed-exitcode").expect(0);
    environment.edit("every night", "twice a day");
    environment.portal.forget_requests();
    insta::assert_snapshot!(environment.run("apply --yes --allow passengers"), @r#"
    ! contoso/vm is blocked  offers/vm/offer.yaml, up to production
        ~ Summary: "Backs up your machines every night" → "Backs up your machines twice a day"  offer.yaml:10
        ~ Lead destination: "None" → "Table"  (passenger: edited in the draft, not in production and not in the manifest)
      Steps:
        1. update   1 field of the draft differs
        2. publish  the preview slot holds other content (Certification < 5 day); can be canceled while it runs
        3. wait     the service validates, certifies and provisions the preview
        4. go live  `publishTo` is production (Live ~2-5 days); cannot be taken back
        5. wait     the service makes the preview public
      allowed passengers: publishing would also ship an edit of the draft that the manifest does not say and production does not have: `/definition/offer/microsoft-azure-marketplace.leadDestination`
      blocked by blank-secret: the update would blank what the service keeps and never returns, because the manifest does not name it: the secret of `/definition/offer/microsoft-azure-marketplace.tableLeadConfiguration` (connectionString or storageAccountConnectionString)
        way out: name the secret in the manifest with `$secret: NAME`, so that each update sends it; to remove it, say `null` in its place, or let it go with `--allow blank-secret:contoso/vm`

    Why that is so: `offerctl explain contoso/vm`, and with the name of a field what became of that field.

    Plan: 1 offers: 0 to create, 0 to change, 0 in sync, 1 blocked, 0 unreadable; 1 changes, 0 steps.
    Digest: [digest]
    Apply: 1 offers: 0 done, 0 in sync, 0 still in progress, 1 blocked, 0 failed, 0 unreadable, 0 interrupted.
    --- exit 9 ---
    "#);
    assert_eq!((environment.portal.writes().as_str(), kept(&environment).as_str()), ("", FIRST));
    // One way out.
    name_secret(&environment);
    holding(&environment, FIRST).run("apply --yes --allow passengers").expect(0);
    assert_eq!(kept(&environment), FIRST);
    // And what takes it out again is no less careful: the record knows that it was sent.
    environment
        .edit("    microsoft-azure-marketplace.tableLeadConfiguration: {connectionString: {$secret: LEADS}}\n", "");
    environment.run("plan --detailed-exitcode").expect(0);
    environment.run("apply --yes").expect(0);
    environment.edit("twice a day", "every night");
    environment.run("apply --yes").expect(9);
    environment.run("apply --yes --allow blank-secret:contoso/vm --allow passengers").expect(0);
    assert_eq!(kept(&environment), "nothing");
}

#[test]
fn a_line_that_left_the_manifest_is_asked_about_before_the_secret_goes() {
    let environment = with_secret();
    environment
        .edit("    microsoft-azure-marketplace.tableLeadConfiguration: {connectionString: {$secret: LEADS}}\n", "");
    environment.run("apply --yes").expect(0);
    environment.edit("every night", "twice a day");
    let said = environment.run("apply --yes").expect(9);
    assert!(said.stdout.contains("blocked by blank-secret"), "{}", said.stdout);
    environment.run("apply --yes --allow blank-secret").expect(0);
    assert_eq!(kept(&environment), "nothing");
    environment.edit("twice a day", "every night");
    environment.run("apply --yes").expect(0);
}

/// An apply that finds nothing to do agrees with what it sees, and of a secret it sees nothing.
#[test]
fn a_secret_that_left_the_manifest_long_ago_is_still_shown_when_null_removes_it() {
    let environment = with_secret();
    let line = "    microsoft-azure-marketplace.tableLeadConfiguration: {connectionString: {$secret: LEADS}}\n";
    environment.edit(line, "");
    environment.run("apply --yes").expect(0);
    for null in ["{connectionString: null}", "null"] {
        let line = format!("    microsoft-azure-marketplace.tableLeadConfiguration: {null}\n");
        environment.edit(
            "    microsoft-azure-marketplace.smallLogo",
            &format!("{line}    microsoft-azure-marketplace.smallLogo"),
        );
        let said = environment.run("plan --detailed-exitcode").expect(2).stdout;
        assert!(said.contains("removed (was "), "{said}");
        environment.edit(&line, "");
    }
    environment.run("plan --detailed-exitcode").expect(0);
    assert_eq!(kept(&environment), FIRST);
}

#[test]
fn a_secret_of_which_the_manifest_says_null_is_removed_shown_and_settled() {
    let environment = with_secret();
    environment.edit("{connectionString: {$secret: LEADS}}", "{connectionString: null}");
    insta::assert_snapshot!(environment.run("plan --detailed-exitcode"), @"
    ~ contoso/vm will be updated  offers/vm/offer.yaml, up to production
        - Leads to an Azure table › Azure table connection string: removed (was secret from LEADS)  offer.yaml:11
      Steps:
        1. update   1 field of the draft differs
        2. publish  the preview slot may still hold the secret from before (Certification < 5 day); can be canceled while it runs
        3. wait     the service validates, certifies and provisions the preview
        4. go live  `publishTo` is production (Live ~2-5 days); cannot be taken back
        5. wait     the service makes the preview public

    Plan: 1 offers: 0 to create, 1 to change, 0 in sync, 0 blocked, 0 unreadable; 1 changes, 5 steps.
    Digest: [digest]
    --- exit 2 ---
    ");
    let said = environment.run("drift").expect(0);
    insta::assert_snapshot!(said.stdout.lines().take(4).collect::<Vec<_>>().join("\n"), @"
    ~ contoso/vm has changes of ours that are not applied or not published yet  offers/vm/offer.yaml
        - Leads to an Azure table › Azure table connection string: removed (was secret from LEADS)  offer.yaml:11
            pending: ours, not applied yet
            draft: the old value · preview: the old value · production: the old value
    ");
    // Nobody could see whether it arrived, so that an answer that got lost proves nothing.
    environment.portal.fault(&json!({"method": "PUT", "effect": "reset-before"}));
    environment.run("apply --yes").expect(0);
    assert_eq!(kept(&environment), "nothing");
    insta::assert_snapshot!(environment.portal.writes(), @r#"
    PUT contoso/vm If-Match W/"datetime'2026-11-01T00%3A00%3A00.0000000Z'": no answer
    PUT contoso/vm If-Match W/"datetime'2026-11-01T00%3A00%3A00.0000000Z'": 200
    POST contoso/vm/publish: 202
    POST contoso/vm/golive: 202
    "#);
    environment.run("plan --detailed-exitcode").expect(0);
    environment.edit("every night", "twice a day");
    environment.run("apply --yes").expect(0);
}

#[test]
fn a_secret_that_was_removed_from_the_draft_alone_is_still_to_be_published() {
    let environment = with_secret();
    environment.edit("{connectionString: {$secret: LEADS}}", "null");
    environment.run("apply --yes --until draft").expect(0);
    assert_eq!(kept(&environment), "nothing");
    environment.portal.forget_requests();
    let said = environment.run("apply --yes").expect(0);
    assert!(said.stdout.contains("the production slot may still hold the secret from before"), "{}", said.stdout);
    environment.run("plan --detailed-exitcode").expect(0);
}

#[test]
fn drift_tells_a_rotated_secret_as_ours() {
    let environment = with_secret();
    insta::assert_snapshot!(holding(&environment, SECOND).run("drift"), @"
    ~ contoso/vm has changes of ours that are not applied or not published yet  offers/vm/offer.yaml
        ~ Leads to an Azure table › Azure table connection string: secret from LEADS, of which the value changed  offer.yaml:11
            pending: ours, not applied yet
            draft: the old value · preview: the old value · production: the old value

    Drift: 1 offers found, 1 read, 1 compared, 0 skipped; 0 drifted; 0 drift, 0 conflict, 0 unattributed, 1 pending, 0 waived.
    --- exit 0 ---
    ");
    insta::assert_snapshot!(holding(&environment, FIRST).run("drift").expect(0).stdout, @"Drift: 1 offers found, 1 read, 1 compared, 0 skipped; 0 drifted; 0 drift, 0 conflict, 0 unattributed, 0 pending, 0 waived.");
}

#[test]
fn a_secret_that_left_the_manifest_is_told_before_anything_is_updated() {
    let environment = with_secret();
    environment
        .edit("    microsoft-azure-marketplace.tableLeadConfiguration: {connectionString: {$secret: LEADS}}\n", "");
    insta::assert_snapshot!(environment.run("plan --detailed-exitcode"), @"
    = contoso/vm is in sync  offers/vm/offer.yaml, up to production
        note: the manifest does not name the secret of `/definition/offer/microsoft-azure-marketplace.tableLeadConfiguration/connectionString` any more, and the service keeps it: name it again with `$secret`, or say `null` in its place to remove it; the next update asks

    Plan: 1 offers: 0 to create, 0 to change, 1 in sync, 0 blocked, 0 unreadable; 0 changes, 0 steps.
    Digest: [digest]
    --- exit 0 ---
    ");
    assert_eq!(kept(&environment), FIRST);
}

#[test]
fn explain_goes_by_the_secret_that_a_slot_may_still_hold() {
    let environment = with_secret();
    let rotated = holding(&environment, SECOND);
    rotated.run("apply --yes --until draft").expect(0);
    let said = rotated.run("explain contoso/vm go-live").expect(0);
    assert!(!said.stdout.contains("slot holds what the manifest says"), "{}", said.stdout);
}

#[test]
fn a_secret_that_somebody_sets_after_the_plan_is_not_blanked_either() {
    let mut environment = TestEnvironment::with_live_offer();
    environment.edit("every night", "twice a day");
    let leads = json!({"definition": {"offer": {
        "microsoft-azure-marketplace.leadDestination": "Table",
        "microsoft-azure-marketplace.tableLeadConfiguration": {"connectionString": FIRST},
    }}});
    let moment = Moment { method: Method::PUT, path: "/offers/vm", nth: 1 };
    environment.meanwhile(moment, vec![(Method::POST, "/_emulator/offers/contoso/vm/edit", Some(leads))]);
    let said = environment.run("apply --yes").expect(6);
    insta::assert_snapshot!(said.stderr, @"
    contoso/vm: failed
      somebody changed the offer after it was planned, so nothing more was done:
        `/definition/offer/microsoft-azure-marketplace.tableLeadConfiguration` may hold a secret now, which the write would blank
      what next: Nothing of theirs was lost. Plan again and read what it says now.
    ");
    assert_eq!(kept(&environment), FIRST);
}

#[test]
fn a_rotated_secret_is_written_over_an_edit_of_something_else() {
    let mut environment = with_secret();
    let edit = json!({"definition": {"offer": {"microsoft-azure-marketplace.longSummary": "Written by a colleague"}}});
    let moment = Moment { method: Method::PUT, path: "/offers/vm", nth: 1 };
    environment.meanwhile(moment, vec![(Method::POST, "/_emulator/offers/contoso/vm/edit", Some(edit))]);
    let rotated = holding(&environment, SECOND);
    rotated.run("apply --yes").expect(6);
    assert_eq!(kept(&environment), SECOND);
    // What is left is to publish it, together with their edit or without.
    rotated.run("apply --yes --allow passengers").expect(0);
    rotated.run("plan --detailed-exitcode").expect(0);
}

#[test]
fn what_is_wrong_with_one_manifest_does_not_quote_the_secret_of_another() {
    let environment = TestEnvironment::with_offer_on(at_once());
    name_secret(&environment);
    let quoting = "publisherId: contoso\nid: quoting\nreconcile: {publishTo: \"value-of-the-story\"}\n";
    // Before the other and behind it, and one that no glob finds.
    for file in ["offers/a/offer.yaml", "offers/z/offer.yaml", "elsewhere.json"] {
        environment.write(file, &quoting.replace("quoting", &file.replace(['/', '.'], "-")));
        for command in ["validate", "plan"] {
            let said = holding(&environment, PLAIN).run(&format!("{command} {file} offers")).expect(4);
            assert!(said.stderr.contains("publishTo"), "{}", said.stderr);
            assert!(!(said.stderr + &said.stdout).contains(PLAIN), "{command} {file}");
        }
    }
}

#[test]
fn what_is_wrong_with_one_manifest_does_not_quote_the_secret_of_a_part_of_another() {
    for part in ["parts/leads.json", "parts/leads.yaml", "parts/my leads.txt", "parts/a,b.json", "parts/leads"] {
        for has_settings in [true, false] {
            let environment = TestEnvironment::with_offer_on(at_once());
            if has_settings {
                environment.write("offerctl.yaml", "parallelism: 2\n");
            }
            environment.write(
                "offers/a/offer.yaml",
                "publisherId: contoso\nid: a\nreconcile: {publishTo: \"value-of-the-story\"}\n",
            );
            environment
                .write("parts/on-the-way.yaml", &format!("extends:\n  - '{}'\n", part.trim_start_matches("parts/")));
            let leads = r#"{"definition": {"offer": {"contoso.key": {"$secret": "LEADS"}}}}"#;
            environment.write(part, leads);
            environment.edit("reconcile:", "extends: [../../parts/on-the-way.yaml]\nreconcile:");
            for command in ["validate", "plan"] {
                let said = holding(&environment, PLAIN).run(command).expect(4);
                assert!(said.stderr.contains("publishTo"), "{}", said.stderr);
                assert!(!(said.stderr + &said.stdout).contains(PLAIN), "{command} {part} {has_settings}");
            }
        }
    }
}
