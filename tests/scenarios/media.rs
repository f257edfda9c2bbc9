//! Logos: the service serves copies of its own, colleagues replace them in the portal, and local files stand behind addresses.

use insta::assert_snapshot;
use serde_json::json;

use crate::environment::{TestEnvironment, at_once};

const LOGO: &str = "microsoft-azure-marketplace.smallLogo";
const FILE: &str = "offers/vm/assets/logo.png";
const THEIRS: &str = "https://publishingstoredm.blob.core.windows.net/prodcontent/theirs.png?sv=1&sig=abc";

/// A PNG as far as anybody looks: its size, and a byte that makes it this one.
fn png(width: u32, height: u32, which: u8) -> Vec<u8> {
    let mut bytes = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR".to_vec();
    bytes.extend(width.to_be_bytes());
    bytes.extend(height.to_be_bytes());
    bytes.extend([8, 6, 0, 0, 0, which]);
    bytes
}

fn draw(environment: &TestEnvironment, which: u8) {
    environment.write_bytes(FILE, &png(48, 48, which));
}

/// The small offer with a logo of the repository, not applied yet.
fn with_file() -> TestEnvironment {
    let environment = TestEnvironment::with_offer();
    environment.edit(
        "https://assets.contoso.com/logo-48x48.png",
        "{$media: assets/logo.png, url: https://assets.contoso.com/logo-48x48.png}",
    );
    draw(&environment, 1);
    environment
}

/// The same, live, and the requests up to here forgotten.
fn live_with_file() -> TestEnvironment {
    let environment = with_file();
    environment.run("apply --yes").expect(0);
    environment.portal.forget_requests();
    environment
}

/// A colleague uploads another logo in the portal.
fn replace_in_portal(environment: &TestEnvironment) {
    environment.portal.edit("vm", &json!({"offer": {LOGO: THEIRS}}));
}

fn served(environment: &TestEnvironment) -> String {
    environment.portal.definition("vm")["offer"][LOGO].as_str().unwrap().to_owned()
}

#[test]
fn a_logo_replaced_in_the_portal_is_drift_and_can_be_adopted() {
    let environment = TestEnvironment::with_live_offer();
    replace_in_portal(&environment);
    environment.run("drift").expect(3);
    assert_snapshot!(environment.run("plan"), @"
    ~ contoso/vm will be updated  offers/vm/offer.yaml, up to production
        ~ Small logo: https://publishingstoredm.blob.core.windows.net/prodcontent/theirs.png → https://assets.contoso.com/logo-48x48.png  (edited elsewhere; apply reverts it)  offer.yaml:11
      Steps:
        1. update   1 field of the draft differs

    Plan: 1 offers: 0 to create, 1 to change, 0 in sync, 0 blocked, 0 unreadable; 1 changes, 1 steps.
    Digest: [digest]
    --- exit 0 ---
    ");
    environment.run("adopt --yes").expect(0);
    let manifest = std::fs::read_to_string(environment.path("offers/vm/offer.yaml")).unwrap();
    assert!(manifest.contains(THEIRS.split('?').next().unwrap()) && !manifest.contains("sig=abc"));
    environment.run("drift").expect(0);
    // What was only in the draft is published as any other change is.
    environment.run("apply --yes").expect(0);
    environment.run("plan --detailed-exitcode").expect(0);
}

#[test]
fn a_logo_replaced_in_the_portal_is_put_back_by_an_apply() {
    let environment = TestEnvironment::with_live_offer();
    replace_in_portal(&environment);
    environment.run("apply --yes").expect(0);
    assert!(!served(&environment).contains("theirs"));
    environment.run("plan --detailed-exitcode").expect(0);
    environment.run("drift").expect(0);
}

#[test]
fn a_local_file_stands_behind_its_address() {
    let environment = with_file();
    assert_snapshot!(environment.run("validate"), @"
    Validate: 1 manifests: 1 valid, 0 errors, 0 warnings.
    --- exit 0 ---
    ");
    let plan = environment.run("plan").expect(0).stdout;
    assert_snapshot!(plan.lines().find(|line| line.contains("logo")).unwrap(), @r#"    + Small logo: "https://assets.contoso.com/logo-48x48.png"  (offers/vm/assets/logo.png, sha256 fba843235989)  offer.yaml:11"#);
    environment.run("apply --yes").expect(0);
    environment.run("plan --detailed-exitcode").expect(0);
    assert_snapshot!(environment.run("drift"), @"
    Drift: 1 offers found, 1 read, 1 compared, 0 skipped; 0 drifted; 0 drift, 0 conflict, 0 unattributed, 0 pending, 0 waived.
    --- exit 0 ---
    ");
}

#[test]
fn a_file_that_changed_is_a_change_although_its_address_did_not() {
    let environment = live_with_file();
    let before = served(&environment);
    draw(&environment, 2);
    assert_snapshot!(environment.run("plan"), @"
    ~ contoso/vm will be updated  offers/vm/offer.yaml, up to production
        ~ Small logo: content of offers/vm/assets/logo.png changed, sha256 fba843235989 → 4c58de9b28ad  offer.yaml:11
      Steps:
        1. update   1 field of the draft differs
        2. publish  the preview slot holds other content (Certification < 5 day); can be canceled while it runs
        3. wait     the service validates, certifies and provisions the preview
        4. go live  `publishTo` is production (Live ~2-5 days); cannot be taken back
        5. wait     the service makes the preview public

    Plan: 1 offers: 0 to create, 1 to change, 0 in sync, 0 blocked, 0 unreadable; 1 changes, 5 steps.
    Digest: [digest]
    --- exit 0 ---
    ");
    let plan = environment.run("plan --output json").expect(0).json();
    assert_snapshot!(format!("{:#}", plan["offers"][0]["changes"]), @r#"
    [
      {
        "path": "/definition/offer/microsoft-azure-marketplace.smallLogo",
        "op": "replace",
        "class": "pending",
        "before": "https://publishingstoredm.blob.core.windows.net/prodcontent/D6191_publishers_contoso/vm/aa513d80-074a-46fb-83df-31e06a013019.png?sv=2014-02-14&sr=b&sig=REDACTED&se=2028-10-31T00%3A00%3A00Z&sp=r",
        "after": "https://assets.contoso.com/logo-48x48.png",
        "sensitive": false,
        "source": {
          "file": "offers/vm/offer.yaml",
          "line": 11,
          "column": 5
        },
        "file": {
          "path": "offers/vm/assets/logo.png",
          "before": "sha256:fba8432359899e43bdce3ac86420222e2e837489ec3bb396330b9cadf92c220c",
          "after": "sha256:4c58de9b28ad46890a6e841e8845d169ef589c21b5b2c977c3d0ca6c9bdb8188"
        }
      }
    ]
    "#);
    assert_snapshot!(environment.run("drift"), @"
    ~ contoso/vm has changes of ours that are not applied or not published yet  offers/vm/offer.yaml
        ~ Small logo: content of offers/vm/assets/logo.png changed, sha256 fba843235989 → 4c58de9b28ad  offer.yaml:11
            pending: ours, not applied yet
            draft: the old value · preview: the old value · production: the old value

    Drift: 1 offers found, 1 read, 1 compared, 0 skipped; 0 drifted; 0 drift, 0 conflict, 0 unattributed, 1 pending, 0 waived.
    --- exit 0 ---
    ");
    environment.run("apply --yes").expect(0);
    assert_ne!(served(&environment), before, "the service has downloaded it again");
    environment.run("plan --detailed-exitcode").expect(0);
    environment.run("drift").expect(0);
    assert!(!environment.records().contains("PNG"), "the file itself is kept nowhere");
}

#[test]
fn a_new_content_that_went_no_further_than_the_draft_is_published_by_the_next_apply() {
    let environment = live_with_file();
    draw(&environment, 2);
    environment.run("apply --yes --until draft").expect(0);
    assert_snapshot!(environment.run("plan"), @"
    > contoso/vm goes on  offers/vm/offer.yaml, up to production
      Steps:
        1. publish  the preview slot holds other content (Certification < 5 day); can be canceled while it runs
        2. wait     the service validates, certifies and provisions the preview
        3. go live  `publishTo` is production (Live ~2-5 days); cannot be taken back
        4. wait     the service makes the preview public

    Plan: 1 offers: 0 to create, 1 to change, 0 in sync, 0 blocked, 0 unreadable; 0 changes, 4 steps.
    Digest: [digest]
    --- exit 0 ---
    ");
    environment.run("apply --yes").expect(0);
    environment.run("plan --detailed-exitcode").expect(0);
}

#[test]
fn a_file_of_another_size_or_type_is_refused_before_anything_is_asked() {
    let environment = with_file();
    environment.write_bytes(FILE, &png(64, 48, 1));
    assert_snapshot!(environment.run("validate"), @"
    Validate: 1 manifests: 0 valid, 1 errors, 0 warnings.
    --- stderr ---
    error[media-size]: `offers/vm/assets/logo.png` has 64x48 pixels, and `Small logo` takes 48x48 (Partner Center) or 40x40 (Cloud Partner Portal)
      --> offers/vm/offer.yaml:11:53
       |
    11 |     microsoft-azure-marketplace.smallLogo: {$media: assets/logo.png, url: https://assets.contoso.com/logo-48x48.png}
       |                                                     ^^^^^^^^^^^^^^^
       |
       = help: save it in that size; if the service takes this one all the same, write the address alone, which is not checked

    --- exit 4 ---
    ");
    environment.write_bytes(FILE, b"GIF89a\x30\0\x30\0\0\0\0\0");
    environment.run("apply --yes").expect(4);
    assert_eq!(environment.portal.requests(), 0);
}

#[test]
fn a_logo_replaced_in_the_portal_is_drift_and_its_local_file_stays() {
    let environment = live_with_file();
    replace_in_portal(&environment);
    assert_snapshot!(environment.run("drift"), @"
    ! contoso/vm was edited elsewhere  offers/vm/offer.yaml
        ~ Small logo: https://assets.contoso.com/logo-48x48.png → https://publishingstoredm.blob.core.windows.net/prodcontent/theirs.png  offer.yaml:11
            drift: edited elsewhere, since version 2, 2026-11-01
            draft: edited · preview: as in the repository · production: as in the repository
            to keep the file that is served there now, download it in the portal, put it in the place of offers/vm/assets/logo.png and serve it at the address; an apply sends ours again
        next: to undo it: `offerctl apply contoso/vm`

    Drift: 1 offers found, 1 read, 1 compared, 0 skipped; 1 drifted; 1 drift, 0 conflict, 0 unattributed, 0 pending, 0 waived.
    --- exit 3 ---
    ");
    assert_snapshot!(environment.run("drift --output markdown"), @r#"
    # Drift: 1 of 1 offer is not as the repository says

    Offers: 1 found · 1 read · 1 compared · 0 skipped  
    Differences: **1** edited elsewhere

    To keep an edit, `offerctl adopt` takes its value over into the repository. To undo it, `offerctl apply` writes what the repository says; a conflict needs a decision first.

    ## contoso/vm was edited elsewhere

    Manifest: <code>offers/vm/offer.yaml</code>

    | Field | Repository | Draft | Preview | Production | Whose edit |
    |---|---|---|---|---|---|
    | Small logo<br><sub><code>/definition/offer/microsoft-azure-marketplace.smallLogo</code></sub> | <code>"https&#58;//assets.contoso.com/logo-48x48.png"</code> | **<code>"https&#58;//publishingstoredm.blob.core.windows.net/prodcontent/theirs.png?…"</code>** | as in the repository | as in the repository | **drift**: edited elsewhere<br>since version 2, 2026-11-01 |

    Small logo: offers/vm/assets/logo.png, sha256 <code>fba843235989</code>; to keep the file that is served there now, download it in the portal, put it in the place of offers/vm/assets/logo.png and serve it at the address; an apply sends ours again.

    <details><summary>Small logo: from the repository to the service</summary>

    - Repository: <code>https&#58;//assets.contoso.com/logo-48x48.png</code>
    - Service: <code>https&#58;//publishingstoredm.blob.core.windows.net/prodcontent/theirs.png</code>

    </details>

    What to type:

    - to undo it: <code>offerctl apply contoso/vm</code>
    --- exit 3 ---
    "#);
    let drift = environment.run("drift --output json").expect(3).json();
    assert_snapshot!(format!("{:#}", drift["offers"][0]["differences"][0]["file"]), @r#"
    {
      "path": "offers/vm/assets/logo.png",
      "before": "sha256:fba8432359899e43bdce3ac86420222e2e837489ec3bb396330b9cadf92c220c",
      "after": "sha256:fba8432359899e43bdce3ac86420222e2e837489ec3bb396330b9cadf92c220c"
    }
    "#);
    assert_snapshot!(environment.run("adopt --yes"), @"
    contoso/vm
        not taken over /definition/offer/microsoft-azure-marketplace.smallLogo: it is the address of the local file `offers/vm/assets/logo.png`; to keep what is served now, download it in the portal, put it in the place of `offers/vm/assets/logo.png` and serve it at the address: the plan then shows a conflict, because nobody can compare the two, and `--allow conflict` lets it pass
    Adopt: 0 fields taken over, 1 not, 0 left; 0 files written.
    --- exit 4 ---
    ");
    environment.run("apply --yes").expect(0);
    assert!(!served(&environment).contains("theirs"));
    environment.run("plan --detailed-exitcode").expect(0);
}

#[test]
fn their_file_and_ours_are_a_conflict() {
    let environment = live_with_file();
    replace_in_portal(&environment);
    draw(&environment, 2);
    assert_snapshot!(environment.run("plan"), @"
    ! contoso/vm is blocked  offers/vm/offer.yaml, up to production
        ~ Small logo: https://publishingstoredm.blob.core.windows.net/prodcontent/theirs.png → https://assets.contoso.com/logo-48x48.png  (conflict: edited here and elsewhere)  (content of offers/vm/assets/logo.png changed, sha256 fba843235989 → 4c58de9b28ad)  offer.yaml:11
      Steps:
        1. update   1 field of the draft differs
        2. publish  the preview slot holds other content (Certification < 5 day); can be canceled while it runs
        3. wait     the service validates, certifies and provisions the preview
        4. go live  `publishTo` is production (Live ~2-5 days); cannot be taken back
        5. wait     the service makes the preview public
      blocked by conflict: both the manifest and the service changed `/definition/offer/microsoft-azure-marketplace.smallLogo` since the last apply
        way out: take their values into the manifest, or write yours over them with `--allow conflict:contoso/vm`

    Why that is so: `offerctl explain contoso/vm`, and with the name of a field what became of that field.

    Plan: 1 offers: 0 to create, 0 to change, 0 in sync, 1 blocked, 0 unreadable; 1 changes, 0 steps.
    Digest: [digest]
    --- exit 0 ---
    ");
    environment.run("apply --yes").expect(9);
    environment.run("apply --yes --allow conflict").expect(0);
    environment.run("plan --detailed-exitcode").expect(0);
}

#[test]
fn without_a_record_nobody_can_tell_and_it_can_be_sent_again() {
    let environment = live_with_file();
    environment.forget_records();
    draw(&environment, 2);
    assert_snapshot!(environment.run("plan"), @"
    = contoso/vm is in sync  offers/vm/offer.yaml, up to production
        note: `/definition/offer/microsoft-azure-marketplace.smallLogo`: served from the service's own storage, and no record tells from what source; taken as unchanged, `--resend-media` sends the manifest's again

    Plan: 1 offers: 0 to create, 0 to change, 1 in sync, 0 blocked, 0 unreadable; 0 changes, 0 steps.
    Digest: [digest]
    --- exit 0 ---
    ");
    let before = served(&environment);
    environment.run("apply --yes --resend-media").expect(0);
    assert_ne!(served(&environment), before);
    environment.run("plan --detailed-exitcode").expect(0);
    draw(&environment, 3);
    environment.run("plan --detailed-exitcode").expect(2);
}

#[test]
fn a_file_behind_an_address_that_was_sent_without_one_counts_from_then_on() {
    let environment = TestEnvironment::with_live_offer();
    environment.edit(
        "https://assets.contoso.com/logo-48x48.png",
        "{$media: assets/logo.png, url: https://assets.contoso.com/logo-48x48.png}",
    );
    draw(&environment, 1);
    assert_snapshot!(environment.run("plan"), @"
    = contoso/vm is in sync  offers/vm/offer.yaml, up to production
        note: `/definition/offer/microsoft-azure-marketplace.smallLogo`: no record tells what the local file held when its address was sent; taken as unchanged, and `--resend-media` sends the address again

    Plan: 1 offers: 0 to create, 0 to change, 1 in sync, 0 blocked, 0 unreadable; 0 changes, 0 steps.
    Digest: [digest]
    --- exit 0 ---
    ");
    environment.run("apply --yes").expect(0);
    assert_eq!(environment.portal.writes(), "", "nothing is sent");
    assert_snapshot!(environment.run("plan"), @"
    Plan: 1 offers: 0 to create, 0 to change, 1 in sync, 0 blocked, 0 unreadable; 0 changes, 0 steps.
    Digest: [digest]
    --- exit 0 ---
    ");
    draw(&environment, 2);
    environment.run("plan --detailed-exitcode").expect(2);
}

#[test]
fn a_waived_file_is_never_sent() {
    let environment = live_with_file();
    let ignore = format!("  ignore: [{{path: /definition/offer/{LOGO}, reason: marketing draws it}}]\n");
    environment.edit("  publishTo: production\n", &format!("  publishTo: production\n{ignore}"));
    draw(&environment, 2);
    assert_snapshot!(environment.run("plan"), @"
    = contoso/vm is in sync  offers/vm/offer.yaml, up to production
        ~ Small logo: content of offers/vm/assets/logo.png changed, sha256 fba843235989 → 4c58de9b28ad  (not written: marketing draws it)  offer.yaml:12

    Plan: 1 offers: 0 to create, 0 to change, 1 in sync, 0 blocked, 0 unreadable; 0 changes, 0 steps.
    Digest: [digest]
    --- exit 0 ---
    ");
    environment.edit("title: Contoso VM", "title: Contoso Machines");
    let before = served(&environment);
    environment.run("apply --yes").expect(0);
    assert_eq!(served(&environment), before);
    environment.edit(&ignore, "");
    environment.run("plan --detailed-exitcode").expect(2);
}

/// What is served counts as ours by its address alone, so that only another copy proves that a write took.
#[test]
fn a_write_that_was_lost_is_not_taken_for_done_although_only_a_logo_changed() {
    for edit in ["the file", "the address"] {
        let environment = live_with_file();
        let before = served(&environment);
        match edit {
            "the file" => draw(&environment, 2),
            _ => environment.edit("logo-48x48.png", "logo-2027.png"),
        }
        environment.portal.fault(&json!({"method": "PUT", "path": "/offers/vm", "effect": "reset-before"}));
        environment.run("apply --yes").expect(0);
        assert_ne!(served(&environment), before, "{edit}");
        assert_eq!(environment.portal.writes().lines().filter(|line| line.starts_with("PUT")).count(), 2, "{edit}");
        environment.run("plan --detailed-exitcode").expect(0);
    }
}

#[test]
fn a_plan_whose_draft_is_not_written_yet_goes_on_with_the_file_that_it_was_made_from() {
    let environment = live_with_file();
    draw(&environment, 2);
    let refuse = json!({"method": "PUT", "path": "/offers/vm", "times": null, "effect": {"status": {"code": 503}}});
    environment.portal.fault(&refuse);
    let mut command = environment.command("apply --yes");
    command.env("OFFERCTL_WAIT", "0");
    environment.run_command(command).expect(1);
    environment.portal.clear_faults();
    draw(&environment, 3);
    assert_snapshot!(environment.run("resume contoso/vm"), @"
    Resume: 1 offers: 0 done, 0 in sync, 0 still in progress, 0 blocked, 0 failed, 1 unreadable, 0 interrupted.
    --- stderr ---
    error: contoso/vm: the draft is still to be written, and `offers/vm/offer.yaml`, or a file that it names, is not any more what the plan was made from
    hint: plan anew: `offerctl plan contoso/vm`, then `offerctl apply contoso/vm`
    --- exit 6 ---
    ");
    draw(&environment, 2);
    environment.run("resume contoso/vm").expect(0);
    environment.run("plan --detailed-exitcode").expect(0);
}

#[test]
fn a_service_without_etags_and_in_any_order_changes_nothing_of_it() {
    let quirks = offerctl::emulator::Quirk::ALL;
    for quirk in ["no-etag", "reorder-collections", "unset-spelt-otherwise", "huge-versions"] {
        let quirks = quirks.iter().copied().filter(|it| it.name() == quirk).collect();
        let environment = TestEnvironment::with_offer_on(offerctl::emulator::Options { quirks, ..at_once() });
        environment.edit(
            "https://assets.contoso.com/logo-48x48.png",
            "{$media: assets/logo.png, url: https://assets.contoso.com/logo-48x48.png}",
        );
        draw(&environment, 1);
        environment.run("apply --yes").expect(0);
        environment.run("plan --detailed-exitcode").expect(0);
        draw(&environment, 2);
        let plan = environment.run("plan --output json").expect(0).json();
        assert_eq!(plan["summary"]["changes"], 1, "{quirk}: {plan:#}");
        environment.run("apply --yes").expect(0);
        environment.run("plan --detailed-exitcode").expect(0);
        environment.run("drift").expect(0);
    }
}

/// Between the write and the look after it a run may end at any moment; what is served then is unknown to any record.
#[test]
fn a_run_that_ended_right_after_its_write_leaves_no_conflict_with_itself() {
    for edit in ["the file", "the address"] {
        let environment = live_with_file();
        match edit {
            "the file" => draw(&environment, 2),
            _ => environment.edit("logo-48x48.png", "logo-2027.png"),
        }
        environment.portal.fault(&json!({"method": "PUT", "path": "/offers/vm", "effect": "reset-after"}));
        // The plan, the look before the write and the one that finds it done; then nothing more is learnt.
        let refused = json!({"status": {"code": 400}});
        let fault = json!({"method": "GET", "path": "*/offers/vm", "nth": 4, "times": null, "effect": refused});
        environment.portal.fault(&fault);
        environment.run("apply --yes").expect(8);
        assert_eq!(environment.portal.faults_met(), [1, 1], "{edit}");
        environment.portal.clear_faults();
        let plan = environment.run("plan --output json").expect(0).json();
        let offer = &plan["offers"][0];
        assert_eq!((&offer["changes"][0]["class"], &offer["blocked"]), (&json!("pending"), &json!([])), "{edit}");
        environment.run("apply --yes").expect(0);
        environment.run("plan --detailed-exitcode").expect(0);
        assert!(!environment.records().contains("sending"), "{edit}: it was seen what became of it");
    }
}

/// What the draft was seen to hold, a slot holds too: nobody may take it for another name of ours.
#[test]
fn a_logo_that_was_replaced_and_published_in_the_portal_is_replaced_in_the_slots_too() {
    for until in ["", " --until draft"] {
        let environment = TestEnvironment::with_live_offer();
        replace_in_portal(&environment);
        environment.portal.publish("vm");
        environment.portal.go_live("vm");
        let plan = environment.run("plan --output json").expect(0).json();
        let steps: Vec<_> = plan["offers"][0]["steps"].as_array().unwrap().iter().map(|step| &step["action"]).collect();
        assert_eq!(steps, ["update", "publish", "wait", "goLive", "wait"], "{plan:#}");
        let explained = environment.run(&format!("explain contoso/vm {LOGO}")).expect(0).stdout;
        assert_eq!(explained.matches("another file than the one it made of the address").count(), 3, "{explained}");
        // The draft alone is put right first: what the slots hold is still known to be theirs.
        environment.run(&format!("apply --yes{until}")).expect(0);
        assert!(!served(&environment).contains("theirs"));
        if !until.is_empty() {
            assert_snapshot!(environment.run("drift"), @"
            ! contoso/vm was edited elsewhere  offers/vm/offer.yaml
                ~ Small logo: https://assets.contoso.com/logo-48x48.png → https://publishingstoredm.blob.core.windows.net/prodcontent/theirs.png  offer.yaml:11
                    drift: published by somebody else, and put back in the draft
                    draft: as in the repository · preview: edited · production: edited
                next: to undo it: `offerctl apply contoso/vm`

            Drift: 1 offers found, 1 read, 1 compared, 0 skipped; 1 drifted; 1 drift, 0 conflict, 0 unattributed, 0 pending, 0 waived.
            --- exit 3 ---
            ");
            environment.run("plan --detailed-exitcode").expect(2);
            environment.run("apply --yes").expect(0);
        }
        assert!(!environment.run("get contoso/vm --slot production").expect(0).stdout.contains("theirs"));
        environment.run("plan --detailed-exitcode").expect(0);
        environment.run("drift").expect(0);
    }
}

/// A file is ours where its address was sent, and not where it happened to be served when something else was written.
#[test]
fn what_a_write_did_not_send_is_not_recorded_as_ours() {
    let environment = TestEnvironment::with_live_offer();
    replace_in_portal(&environment);
    environment.forget_records();
    let note = "no record tells from what source";
    assert!(environment.run("plan").expect(0).stdout.contains(note));
    environment.edit("title: Contoso VM", "title: Contoso Machines");
    environment.run("apply --yes").expect(0);
    assert!(served(&environment).contains("theirs"));
    assert!(environment.run("plan").expect(0).stdout.contains(note), "nobody knows more than before");
    environment.run("apply --yes --resend-media").expect(0);
    assert!(!served(&environment).contains("theirs"));
    assert!(!environment.run("plan --detailed-exitcode").expect(0).stdout.contains(note));
}

#[test]
fn a_waived_logo_that_the_portal_replaced_is_shown_after_a_write_and_written_without_the_waiver() {
    let environment = TestEnvironment::with_live_offer();
    let ignore = format!("  ignore: [{{path: /definition/offer/{LOGO}, reason: marketing draws it}}]\n");
    environment.edit("  publishTo: production\n", &format!("  publishTo: production\n{ignore}"));
    environment.run("apply --yes").expect(0);
    replace_in_portal(&environment);
    environment.edit("title: Contoso VM", "title: Contoso Machines");
    environment.run("apply --yes --allow passengers").expect(0);
    assert!(served(&environment).contains("theirs"));
    assert_snapshot!(environment.run("plan"), @"
    = contoso/vm is in sync  offers/vm/offer.yaml, up to production
        = Small logo: https://publishingstoredm.blob.core.windows.net/prodcontent/theirs.png → https://assets.contoso.com/logo-48x48.png  (not written: marketing draws it)  offer.yaml:12

    Plan: 1 offers: 0 to create, 0 to change, 1 in sync, 0 blocked, 0 unreadable; 0 changes, 0 steps.
    Digest: [digest]
    --- exit 0 ---
    ");
    environment.edit(&ignore, "");
    environment.run("plan --detailed-exitcode").expect(2);
    environment.run("apply --yes").expect(0);
    assert!(!served(&environment).contains("theirs"));
    environment.run("plan --detailed-exitcode").expect(0);
    environment.run("drift").expect(0);
}

/// A run tells before its write what it is about to send. Refused, it has sent nothing, and what is served later is theirs.
#[test]
fn their_logo_after_a_write_of_ours_was_refused_is_a_conflict() {
    let environment = TestEnvironment::with_live_offer();
    environment.edit("logo-48x48.png", "logo-2027.png");
    let refused = json!({"status": {"code": 400}});
    environment.portal.fault(&json!({"method": "PUT", "path": "/offers/vm", "effect": refused}));
    environment.run("apply --yes").expect(8);
    assert!(!environment.records().contains("sending"), "nothing is on its way");
    expect_their_conflict(&environment);
}

/// Nobody knows of a lost write whether it took, and only the version right after it can be ours.
#[test]
fn their_logo_in_a_later_version_than_a_lost_write_of_ours_is_a_conflict() {
    let environment = TestEnvironment::with_live_offer();
    environment.edit("logo-48x48.png", "logo-2027.png");
    environment.portal.fault(&json!({"method": "PUT", "path": "/offers/vm", "effect": "reset-after"}));
    let refused = json!({"status": {"code": 400}});
    // The plan and the look before the write; then nothing more is learnt.
    environment
        .portal
        .fault(&json!({"method": "GET", "path": "*/offers/vm", "nth": 3, "times": null, "effect": refused}));
    environment.run("apply --yes").expect(1);
    environment.portal.clear_faults();
    assert!(environment.records().contains("sending"));
    expect_their_conflict(&environment);
}

fn expect_their_conflict(environment: &TestEnvironment) {
    replace_in_portal(environment);
    environment.run("drift").expect(3);
    let plan = environment.run("plan --output json").expect(0).json();
    let offer = &plan["offers"][0];
    assert_eq!(
        (&offer["changes"][0]["class"], &offer["blocked"][0]["guard"]),
        (&json!("conflict"), &json!("conflict"))
    );
    environment.run("apply --yes").expect(9);
    assert!(served(environment).contains("theirs"));
    environment.run("apply --yes --allow conflict").expect(0);
    assert!(!environment.records().contains("sending"));
    environment.run("plan --detailed-exitcode").expect(0);
}
