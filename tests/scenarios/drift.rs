//! `drift`: what others edited, in which slots it stands, since when, and what cannot be told.

use insta::assert_snapshot;
use serde_json::{Value, json};

use crate::environment::{TestEnvironment, as_slow_as_the_service, at_once};

const SUMMARY: &str = "microsoft-azure-marketplace.summary";
const TITLE: &str = "microsoft-azure-marketplace.title";

fn keys(pairs: &[(&str, &str)]) -> Value {
    let keys: serde_json::Map<_, _> = pairs.iter().map(|(key, value)| ((*key).to_owned(), json!(value))).collect();
    json!({"offer": keys})
}

/// A live offer of which colleagues edited the title and published it, and then the summary in the draft alone.
fn edited() -> TestEnvironment {
    let environment = TestEnvironment::with_live_offer();
    environment.portal.edit("vm", &keys(&[(TITLE, "Contoso Cloud VM")]));
    environment.portal.publish("vm");
    environment.portal.edit("vm", &keys(&[(SUMMARY, "Backs up all your machines every single night")]));
    environment
}

#[test]
fn what_is_as_the_repository_says_is_no_drift() {
    let environment = TestEnvironment::with_live_offer();
    assert_snapshot!(environment.run("drift"), @"
    Drift: 1 offers found, 1 read, 1 compared, 0 skipped; 0 drifted; 0 drift, 0 conflict, 0 unattributed, 0 pending, 0 waived.
    --- exit 0 ---
    ");
    assert_eq!(environment.portal.writes(), "");
    assert_eq!(environment.portal.requests(), 3, "the draft and two slots");
}

#[test]
fn a_command_that_is_named_meets_the_same_service() {
    let environment = edited();
    let said = environment.run(&format!("drift --endpoint {} --state records", environment.endpoint)).expect(3).stdout;
    let next: Vec<_> = said.lines().filter(|line| line.contains("next:")).collect();
    assert_snapshot!(next.join("\n"), @"
    next: to keep what nobody can attribute: `offerctl adopt --endpoint http://SERVICE --state records contoso/vm --path /definition/offer/microsoft-azure-marketplace.title`
    next: to write the repository's over it: `offerctl apply --endpoint http://SERVICE --state records contoso/vm`
    ");
    assert_snapshot!(environment.run("get --emulator contoso/other").expect(1).stderr, @"
    error: the service has no offer contoso/other, asked at the embedded emulator
    hint: `offerctl list --emulator contoso` shows the offers
    ");
    let blocked = environment.run("go-live --emulator --yes contoso/other").expect(1).stderr;
    assert!(blocked.contains("`offerctl list --emulator contoso`"), "{blocked}");
}

#[test]
fn an_edit_is_told_by_its_slots_and_its_age() {
    let environment = edited();
    assert_snapshot!(environment.run("drift"), @r#"
    ! contoso/vm was edited elsewhere  offers/vm/offer.yaml
        ~ Title: "Contoso VM" → "Contoso Cloud VM"  offer.yaml:9
            drift: edited elsewhere, since version 2, 2026-11-01
            draft: edited · preview: edited · production: as in the repository
        ~ Summary: Backs up {+all +}your machines every {+single +}night  offer.yaml:10
            drift: edited elsewhere, since version 3, 2026-11-01
            draft: edited · preview: as in the repository · production: as in the repository
        next: to keep what was edited elsewhere: `offerctl adopt contoso/vm`
        next: to undo it: `offerctl apply contoso/vm`

    Drift: 1 offers found, 1 read, 1 compared, 0 skipped; 1 drifted; 2 drift, 0 conflict, 0 unattributed, 0 pending, 0 waived.
    --- exit 3 ---
    "#);
    assert_eq!(environment.portal.writes().lines().count(), 1, "the colleague's publish");
    assert_snapshot!("drift_json", environment.run("drift --output json"));
    assert_snapshot!("drift_markdown", environment.run("drift --output markdown"));
}

#[test]
fn what_is_ours_is_pending_and_no_drift_and_both_are_a_conflict() {
    let environment = edited();
    environment.edit("title: Contoso VM", "title: Contoso Machines");
    environment.edit("skuTitle: Gold", "skuTitle: Golden");
    assert_snapshot!(environment.run("drift"), @r#"
    ! contoso/vm was edited elsewhere  offers/vm/offer.yaml
        ~ Title: "Contoso Machines" → "Contoso Cloud VM"  offer.yaml:9
            conflict: edited elsewhere and in the repository, since version 2, 2026-11-01
            draft: edited · preview: edited · production: "Contoso VM"
        ~ Summary: Backs up {+all +}your machines every {+single +}night  offer.yaml:10
            drift: edited elsewhere, since version 3, 2026-11-01
            draft: edited · preview: as in the repository · production: as in the repository
        ~ Offer plan gold › Offer plan title: "Gold" → "Golden"  offer.yaml:14
            pending: ours, not applied yet
            draft: the old value · preview: the old value · production: the old value
        next: to keep what was edited elsewhere: `offerctl adopt contoso/vm`
        next: to undo it: `offerctl apply contoso/vm`
        next: to keep theirs where both edited: `offerctl adopt contoso/vm --path /definition/offer/microsoft-azure-marketplace.title`
        next: to keep ours there: `offerctl apply contoso/vm --allow conflict:contoso/vm`

    Drift: 1 offers found, 1 read, 1 compared, 0 skipped; 1 drifted; 1 drift, 1 conflict, 0 unattributed, 1 pending, 0 waived.
    --- exit 3 ---
    "#);
    let pending = TestEnvironment::with_live_offer();
    pending.edit("skuTitle: Gold", "skuTitle: Golden");
    assert_snapshot!(pending.run("drift"), @r#"
    ~ contoso/vm has changes of ours that are not applied or not published yet  offers/vm/offer.yaml
        ~ Offer plan gold › Offer plan title: "Gold" → "Golden"  offer.yaml:14
            pending: ours, not applied yet
            draft: the old value · preview: the old value · production: the old value

    Drift: 1 offers found, 1 read, 1 compared, 0 skipped; 0 drifted; 0 drift, 0 conflict, 0 unattributed, 1 pending, 0 waived.
    --- exit 0 ---
    "#);
}

#[test]
fn what_was_applied_and_is_not_published_waits_for_a_publish() {
    let environment = TestEnvironment::with_live_offer();
    environment.edit("skuTitle: Gold", "skuTitle: Golden");
    environment.edit("    microsoft-azure-marketplace.summary: Backs up your machines every night\n", "");
    environment.run("apply --yes --until draft").expect(0);
    assert_snapshot!(environment.run("drift"), @r#"
    ~ contoso/vm has changes of ours that are not applied or not published yet  offers/vm/offer.yaml
        ~ Offer plan gold › Offer plan title: "Gold" → "Golden"  offer.yaml:13
            pending: right in the draft, not published yet
            draft: as in the repository · preview: the old value · production: the old value
        - Summary: removed (was "Backs up your machines every night")  offer.yaml:8
            pending: right in the draft, not published yet
            draft: as in the repository · preview: the old value · production: the old value

    Drift: 1 offers found, 1 read, 1 compared, 0 skipped; 0 drifted; 0 drift, 0 conflict, 0 unattributed, 2 pending, 0 waived.
    --- exit 0 ---
    "#);
}

#[test]
fn what_somebody_took_live_and_then_put_back_in_the_draft_is_shown_where_it_still_stands() {
    let environment = TestEnvironment::with_live_offer();
    environment.portal.edit("vm", &keys(&[(TITLE, "Contoso Cloud VM")]));
    environment.portal.publish("vm");
    environment.run("go-live contoso/vm --yes").expect(0);
    environment.portal.edit("vm", &keys(&[(TITLE, "Contoso VM")]));
    assert_snapshot!(environment.run("drift"), @r#"
    ! contoso/vm was edited elsewhere  offers/vm/offer.yaml
        ~ Title: "Contoso VM" → "Contoso Cloud VM"  offer.yaml:9
            drift: published by somebody else, and put back in the draft
            draft: as in the repository · preview: edited · production: edited
        next: to undo it: `offerctl apply contoso/vm`

    Drift: 1 offers found, 1 read, 1 compared, 0 skipped; 1 drifted; 1 drift, 0 conflict, 0 unattributed, 0 pending, 0 waived.
    --- exit 3 ---
    "#);
    environment.portal.edit("vm", &keys(&[(TITLE, "Contoso VM 2")]));
    assert_snapshot!(environment.run("drift"), @r#"
    ! contoso/vm was edited elsewhere  offers/vm/offer.yaml
        ~ Title: "Contoso VM" → "Contoso VM 2"  offer.yaml:9
            drift: edited elsewhere, since version 4, 2026-11-01
            draft: edited · preview: "Contoso Cloud VM" · production: "Contoso Cloud VM"
        next: to keep what was edited elsewhere: `offerctl adopt contoso/vm`
        next: to undo it: `offerctl apply contoso/vm`

    Drift: 1 offers found, 1 read, 1 compared, 0 skipped; 1 drifted; 1 drift, 0 conflict, 0 unattributed, 0 pending, 0 waived.
    --- exit 3 ---
    "#);
}

#[test]
fn sets_images_and_addresses_are_told_by_what_came_and_went() {
    let environment = TestEnvironment::with_live_offer();
    let mut plans = environment.portal.definition("vm")["plans"].take();
    plans[0]["regions"] = json!(["US", "FR", "AU"]);
    let image = &mut plans[0]["microsoft-azure-virtualmachines.vmImages"]["1.0.0"];
    image["osVhdUrl"] = json!("https://contoso.blob.core.windows.net/vhds/theirs.vhd?sv=1&sig=abc");
    let logo = "https://publishingstoredm.blob.core.windows.net/prodcontent/theirs.png?sv=1&sig=abc";
    environment.portal.edit("vm", &json!({"plans": plans, "offer": {"microsoft-azure-marketplace.smallLogo": logo}}));
    assert_snapshot!(environment.run("drift"), @"
    ! contoso/vm was edited elsewhere  offers/vm/offer.yaml
        ~ Small logo: https://assets.contoso.com/logo-48x48.png → https://publishingstoredm.blob.core.windows.net/prodcontent/theirs.png  offer.yaml:11
            drift: edited elsewhere, since version 2, 2026-11-01
            draft: edited · preview: as in the repository · production: as in the repository
        ~ Offer plan gold › Regions: +AU +FR -DE  offer.yaml:15
            drift: edited elsewhere, since version 2, 2026-11-01
            draft: edited · preview: as in the repository · production: as in the repository
        ~ Offer plan gold › Images › Image 1.0.0 › OS disk: https://contoso.blob.core.windows.net/vhds/gold.vhd → https://contoso.blob.core.windows.net/vhds/theirs.vhd  offer.yaml:19
            drift: edited elsewhere, since version 2, 2026-11-01
            draft: edited · preview: as in the repository · production: as in the repository
        next: to keep what was edited elsewhere: `offerctl adopt contoso/vm`
        next: to undo it: `offerctl apply contoso/vm`

    Drift: 1 offers found, 1 read, 1 compared, 0 skipped; 1 drifted; 3 drift, 0 conflict, 0 unattributed, 0 pending, 0 waived.
    --- exit 3 ---
    ");
    assert_snapshot!(environment.run("drift --output markdown").expect(3).stdout, @r#"
    # Drift: 1 of 1 offer is not as the repository says

    Offers: 1 found · 1 read · 1 compared · 0 skipped  
    Differences: **3** edited elsewhere

    To keep an edit, `offerctl adopt` takes its value over into the repository. To undo it, `offerctl apply` writes what the repository says; a conflict needs a decision first.

    ## contoso/vm was edited elsewhere

    Manifest: <code>offers/vm/offer.yaml</code>

    | Field | Repository | Draft | Preview | Production | Whose edit |
    |---|---|---|---|---|---|
    | Small logo<br><sub><code>/definition/offer/microsoft-azure-marketplace.smallLogo</code></sub> | <code>"https&#58;//assets.contoso.com/logo-48x48.png"</code> | **<code>"https&#58;//publishingstoredm.blob.core.windows.net/prodcontent/theirs.png?…"</code>** | as in the repository | as in the repository | **drift**: edited elsewhere<br>since version 2, 2026-11-01 |
    | Offer plan gold › Regions<br><sub><code>/definition/plans/gold/regions</code></sub> | <code>&#91;DE, US&#93;</code> | **<code>&#91;US, FR, AU&#93;</code>** | as in the repository | as in the repository | **drift**: edited elsewhere<br>since version 2, 2026-11-01 |
    | Offer plan gold › Images › Image 1.0.0 › OS disk<br><sub><code>/definition/plans/gold/microsoft-azure-virtualmachines.vmImages/1.0.0/osVhdUrl</code></sub> | <code>"https&#58;//contoso.blob.core.windows.net/vhds/gold.vhd?REDACTED"</code> | **<code>"https&#58;//contoso.blob.core.windows.net/vhds/theirs.vhd?REDACTED"</code>** | as in the repository | as in the repository | **drift**: edited elsewhere<br>since version 2, 2026-11-01 |

    <details><summary>Small logo: from the repository to the service</summary>

    - Repository: <code>https&#58;//assets.contoso.com/logo-48x48.png</code>
    - Service: <code>https&#58;//publishingstoredm.blob.core.windows.net/prodcontent/theirs.png</code>

    </details>

    <details><summary>Offer plan gold › Regions: from the repository to the service</summary>

    <code>&#43;AU +FR -DE</code>

    </details>

    <details><summary>Offer plan gold › Images › Image 1.0.0 › OS disk: from the repository to the service</summary>

    - Repository: <code>https&#58;//contoso.blob.core.windows.net/vhds/gold.vhd</code>
    - Service: <code>https&#58;//contoso.blob.core.windows.net/vhds/theirs.vhd</code>

    </details>

    What to type:

    - to keep what was edited elsewhere: <code>offerctl adopt contoso/vm</code>
    - to undo it: <code>offerctl apply contoso/vm</code>
    "#);
}

#[test]
fn without_a_record_nobody_can_tell_and_it_says_what_would() {
    let environment = edited();
    environment.forget_records();
    assert_snapshot!(environment.run("drift"), @r#"
    ! contoso/vm differs, and nobody can tell whose edits these are  offers/vm/offer.yaml
        ~ Title: "Contoso VM" → "Contoso Cloud VM"  offer.yaml:9
            unattributed: no record tells who edited it, since version 2, 2026-11-01
            draft: the other value · preview: the other value · production: as in the repository
        ~ Summary: Backs up {+all +}your machines every {+single +}night  offer.yaml:10
            unattributed: no record tells who edited it, since version 3, 2026-11-01
            draft: the other value · preview: as in the repository · production: as in the repository
        note: There is no record of an apply of this offer, so it cannot be told who edited what. Records are kept where `offerctl apply` ran, or where `--state` says; with them each edit is told apart.
        note: not compared, because the service returns a copy of its own or nothing, and no record tells more: Small logo
        next: to keep what nobody can attribute: `offerctl adopt contoso/vm --path /definition/offer/microsoft-azure-marketplace.title`
        next: to write the repository's over it: `offerctl apply contoso/vm`

    Drift: 1 offers found, 1 read, 1 compared, 0 skipped; 1 drifted; 0 drift, 0 conflict, 2 unattributed, 0 pending, 0 waived.
    --- exit 3 ---
    "#);
    let in_sync = TestEnvironment::with_live_offer();
    in_sync.forget_records();
    assert_snapshot!(in_sync.run("drift"), @"
    = contoso/vm is as the repository says  offers/vm/offer.yaml
        note: not compared, because the service returns a copy of its own or nothing, and no record tells more: Small logo

    Drift: 1 offers found, 1 read, 1 compared, 0 skipped; 0 drifted; 0 drift, 0 conflict, 0 unattributed, 0 pending, 0 waived.
    --- exit 0 ---
    ");
}

#[test]
fn a_waived_field_is_shown_with_its_reason_and_counts_for_nothing() {
    let environment = edited();
    let waiver = |until: &str| {
        format!(
            "  publishTo: production\n  ignore:\n    - {{path: /definition/offer/{SUMMARY}, reason: marketing owns it\
             {until}}}\n    - {{path: /definition/offer/{TITLE}, reason: \"see | @owner\"}}"
        )
    };
    environment.edit("  publishTo: production", &waiver(", until: 2099-12-31"));
    assert_snapshot!(environment.run("drift"), @r#"
    = contoso/vm differs only in what is left to others  offers/vm/offer.yaml
        ~ Title: "Contoso VM" → "Contoso Cloud VM"  offer.yaml:12
            waived: left to somebody else (see | @owner, without an end), since version 2, 2026-11-01
            draft: edited · preview: edited · production: as in the repository
        ~ Summary: Backs up {+all +}your machines every {+single +}night  offer.yaml:13
            waived: left to somebody else (marketing owns it, until 2099-12-31), since version 3, 2026-11-01
            draft: edited · preview: as in the repository · production: as in the repository

    Drift: 1 offers found, 1 read, 1 compared, 0 skipped; 0 drifted; 0 drift, 0 conflict, 0 unattributed, 0 pending, 2 waived.
    --- exit 0 ---
    "#);
    environment.replace("offers/vm/offer.yaml", "2099-12-31", "2020-12-31");
    assert_snapshot!(environment.run("drift"), @"
    ! offers/vm/offer.yaml could not be compared
        offers/vm/offer.yaml:7:103: this waiver ended on 2020-12-31

    Drift: 1 offers found, 0 read, 0 compared, 1 skipped; 0 drifted; 0 drift, 0 conflict, 0 unattributed, 0 pending, 0 waived.
    --- stderr ---
    error[waiver-expired]: this waiver ended on 2020-12-31
     --> offers/vm/offer.yaml:7:103
      |
    7 |     - {path: /definition/offer/microsoft-azure-marketplace.summary, reason: marketing owns it, until: 2020-12-31}
      |                                                                                                       ^^^^^^^^^^ the last day on which it held
      |
      = help: delete the waiver, or agree on a new date with the field's owner

    --- exit 4 ---
    ");
    assert_snapshot!(environment.run("drift --output markdown").expect(4).stdout, @"
    # Drift: nothing was edited elsewhere, and 1 offer could not be compared

    Offers: 1 found · 0 read · 0 compared · 1 skipped  
    Differences: nothing

    ## <code>offers/vm/offer.yaml</code> could not be compared

    Manifest: <code>offers/vm/offer.yaml</code>

    - <code>offers/vm/offer.yaml&#58;7&#58;103&#58; this waiver ended on 2020-12-31</code>
    ");
}

#[test]
fn an_offer_that_was_never_created_is_pending_and_one_that_is_gone_is_drift() {
    let environment = TestEnvironment::with_offer();
    assert_snapshot!(environment.run("drift"), @"
    ~ contoso/vm is not created yet  offers/vm/offer.yaml
        note: The service has no such offer; `offerctl apply` creates it.

    Drift: 1 offers found, 1 read, 0 compared, 0 skipped; 0 drifted; 0 drift, 0 conflict, 0 unattributed, 1 pending, 0 waived.
    --- exit 0 ---
    ");
    let gone = TestEnvironment::with_live_offer();
    gone.portal.fault(&json!({"path": "*/offers/vm", "times": null, "effect": {"status": {"code": 404}}}));
    assert_snapshot!(gone.run("drift"), @"
    ! contoso/vm is gone from the service  offers/vm/offer.yaml
        note: A record says that it was applied, and the service does not have it any more. If that is right, remove the manifest; else `offerctl apply` creates it again.

    Drift: 1 offers found, 1 read, 0 compared, 0 skipped; 1 drifted; 1 drift, 0 conflict, 0 unattributed, 0 pending, 0 waived.
    --- exit 3 ---
    ");
}

#[test]
fn an_offer_that_cannot_be_read_hides_no_drift_of_another_publisher() {
    let environment = edited();
    let other = std::fs::read_to_string(environment.path("offers/vm/offer.yaml")).unwrap();
    environment.write("offers/edge/offer.yaml", &other.replace("publisherId: contoso", "publisherId: fabrikam"));
    let refuse = |code: u16| {
        let effect = json!({"status": {"code": code, "body": {"error": {"code": "No", "message": "not | yours\n# @all"}},
            "headers": {"Retry-After": "99999"}}});
        environment.portal.clear_faults();
        environment.portal.fault(&json!({"path": "*/publishers/fabrikam/*", "times": null, "effect": effect}));
    };
    refuse(403);
    assert_snapshot!(environment.run("drift"), @r#"
    ! contoso/vm was edited elsewhere  offers/vm/offer.yaml
        ~ Title: "Contoso VM" → "Contoso Cloud VM"  offer.yaml:9
            drift: edited elsewhere, since version 2, 2026-11-01
            draft: edited · preview: edited · production: as in the repository
        ~ Summary: Backs up {+all +}your machines every {+single +}night  offer.yaml:10
            drift: edited elsewhere, since version 3, 2026-11-01
            draft: edited · preview: as in the repository · production: as in the repository
        next: to keep what was edited elsewhere: `offerctl adopt contoso/vm`
        next: to undo it: `offerctl apply contoso/vm`

    ! fabrikam/vm could not be compared  offers/edge/offer.yaml
        GET http://SERVICE/api/publishers/fabrikam/offers/vm?api-version=2017-10-31 was answered with 403 Forbidden: not | yours # @all (code No, correlation id [guid], asks to be left alone for 1day 3h 46m 39s)
        The caller is not a user of this publisher account. Check the publisher id; for a service principal, check that the account lists the Object ID of the enterprise application, not the one of the app registration: the two differ, and the wrong one is the usual cause.

    Drift: 2 offers found, 1 read, 1 compared, 1 skipped; 1 drifted; 2 drift, 0 conflict, 0 unattributed, 0 pending, 0 waived.
    --- exit 5 ---
    "#);
    refuse(503);
    let failed = environment.run("drift --output json").expect(1).json();
    assert_eq!(failed["coverage"]["found"], 2, "{failed:#}");
    assert_eq!(failed["coverage"]["skipped"][0]["publisherId"], "fabrikam");
    assert_eq!(failed["summary"]["drift"], 2);
    environment.run("drift contoso/vm").expect(3);
    environment.run("drift contoso/other").expect(4);
}

#[test]
fn versions_that_the_service_does_not_have_leave_the_age_open() {
    let environment = edited();
    environment.portal.fault(&json!({"path": "*/versions/*", "times": null, "effect": {"status": {"code": 404}}}));
    let said = environment.run("drift").expect(3).stdout;
    assert_snapshot!(said, @r#"
    ! contoso/vm was edited elsewhere  offers/vm/offer.yaml
        ~ Title: "Contoso VM" → "Contoso Cloud VM"  offer.yaml:9
            drift: edited elsewhere, since version 3, 2026-11-01 or earlier
            draft: edited · preview: edited · production: as in the repository
        ~ Summary: Backs up {+all +}your machines every {+single +}night  offer.yaml:10
            drift: edited elsewhere, since version 3, 2026-11-01 or earlier
            draft: edited · preview: as in the repository · production: as in the repository
        next: to keep what was edited elsewhere: `offerctl adopt contoso/vm`
        next: to undo it: `offerctl apply contoso/vm`

    Drift: 1 offers found, 1 read, 1 compared, 0 skipped; 1 drifted; 2 drift, 0 conflict, 0 unattributed, 0 pending, 0 waived.
    "#);
    environment.portal.clear_faults();
    for number in 0..12 {
        environment.portal.edit("vm", &keys(&[("microsoft-azure-marketplace.notes", &number.to_string())]));
    }
    environment.portal.forget_requests();
    let said = environment.run("drift").expect(3).stdout;
    assert_snapshot!(said, @r#"
    ! contoso/vm was edited elsewhere  offers/vm/offer.yaml
        ~ Title: "Contoso VM" → "Contoso Cloud VM"  offer.yaml:9
            drift: edited elsewhere, since version 9, 2026-11-01 or earlier
            draft: edited · preview: edited · production: as in the repository
        ~ Summary: Backs up {+all +}your machines every {+single +}night  offer.yaml:10
            drift: edited elsewhere, since version 9, 2026-11-01 or earlier
            draft: edited · preview: as in the repository · production: as in the repository
        next: to keep what was edited elsewhere: `offerctl adopt contoso/vm`
        next: to undo it: `offerctl apply contoso/vm`

    Drift: 1 offers found, 1 read, 1 compared, 0 skipped; 1 drifted; 2 drift, 0 conflict, 0 unattributed, 0 pending, 0 waived.
    "#);
    assert_eq!(environment.portal.requests(), 9, "three documents and six versions");
}

#[test]
fn an_offer_plan_that_somebody_removed_or_an_image_that_somebody_added_is_told_by_its_fields() {
    let environment = TestEnvironment::with_live_offer();
    let mut plans = environment.portal.definition("vm")["plans"].take();
    plans.as_array_mut().unwrap().retain(|plan| plan["planId"] == "gold");
    environment.portal.edit("vm", &json!({"plans": plans}));
    assert_snapshot!(environment.run("drift"), @"
    ! contoso/vm was edited elsewhere  offers/vm/offer.yaml
        - Offer plan silver: removed (was 5 fields)  offer.yaml:20
            drift: edited elsewhere, since version 2, 2026-11-01
            draft: edited · preview: as in the repository · production: as in the repository
        next: to keep what was edited elsewhere: `offerctl adopt contoso/vm`
        next: to undo it: `offerctl apply contoso/vm`

    Drift: 1 offers found, 1 read, 1 compared, 0 skipped; 1 drifted; 1 drift, 0 conflict, 0 unattributed, 0 pending, 0 waived.
    --- exit 3 ---
    ");
    assert_snapshot!(environment.run("drift --output markdown").expect(3).stdout, @r#"
    # Drift: 1 of 1 offer is not as the repository says

    Offers: 1 found · 1 read · 1 compared · 0 skipped  
    Differences: **1** edited elsewhere

    To keep an edit, `offerctl adopt` takes its value over into the repository. To undo it, `offerctl apply` writes what the repository says; a conflict needs a decision first.

    ## contoso/vm was edited elsewhere

    Manifest: <code>offers/vm/offer.yaml</code>

    | Field | Repository | Draft | Preview | Production | Whose edit |
    |---|---|---|---|---|---|
    | Offer plan silver<br><sub><code>/definition/plans/silver</code></sub> | <code>5 fields</code> | **not set** | as in the repository | as in the repository | **drift**: edited elsewhere<br>since version 2, 2026-11-01 |

    <details><summary>Offer plan silver: what only the repository has</summary>

    - <code>Offer plan id&#58; "silver"</code>
    - <code>Offer plan title&#58; "Silver"</code>
    - <code>Regions&#58; &#91;DE&#93;</code>
    - <code>Price › Bring your own license&#58; true</code>
    - <code>Images › Image 1.0.0 › OS disk&#58; "https&#58;//contoso.blob.core.windows.net/vhds/silver.vhd?REDACTED"</code>

    </details>

    What to type:

    - to keep what was edited elsewhere: <code>offerctl adopt contoso/vm</code>
    - to undo it: <code>offerctl apply contoso/vm</code>
    "#);
}

#[test]
fn a_running_submission_changes_nothing_about_who_edited() {
    let environment = TestEnvironment::with_offer_on(as_slow_as_the_service());
    environment.run("apply --yes --wait 0").expect(7);
    environment.run("drift").expect(0);
}

#[test]
fn text_of_others_is_text_in_markdown() {
    let environment = TestEnvironment::with_live_offer();
    let hostile = "</code></td></table>\n\n# @everyone | `x` | <script>alert(1)</script> ![i](https://a.b/c.png) fixes \
                   #12 contoso/vm#13 ::set-output::\n```\n";
    environment.portal.edit("vm", &keys(&[(TITLE, hostile), (SUMMARY, &hostile.repeat(4))]));
    let said = environment.run("drift --output markdown").expect(3).stdout;
    assert_snapshot!("drift_hostile", said);
}

#[test]
fn only_reports_have_a_markdown_form() {
    let environment = TestEnvironment::with_offer();
    assert_snapshot!(environment.run("status --output markdown"), @"
    --- stderr ---
    error: only `plan`, `show` and `drift` have a Markdown form
    hint: every other command has `--output text` and `--output json`
    --- exit 4 ---
    ");
}

#[test]
fn two_manifests_of_one_offer_are_bad_input_and_the_report_is_written_all_the_same() {
    let environment = TestEnvironment::empty(at_once());
    for folder in ["one", "two"] {
        environment.write(&format!("offers/{folder}/offer.yaml"), &crate::manifests::draft("vm"));
    }
    assert_snapshot!(environment.run("drift"), @"
    ~ contoso/vm is not created yet  offers/one/offer.yaml
        note: The service has no such offer; `offerctl apply` creates it.

    ~ contoso/vm is not created yet  offers/two/offer.yaml
        note: The service has no such offer; `offerctl apply` creates it.

    Drift: 2 offers found, 2 read, 0 compared, 0 skipped; 0 drifted; 0 drift, 0 conflict, 0 unattributed, 2 pending, 0 waived.
    --- stderr ---
    error: two manifests describe the offer contoso/vm: in `offers/one/offer.yaml` and in `offers/two/offer.yaml`
    hint: keep one manifest for each offer, or correct the id
    --- exit 4 ---
    ");
}

#[test]
fn an_offer_plan_that_somebody_added_is_drift_where_the_manifest_names_all_of_them() {
    let environment = TestEnvironment::with_live_offer();
    environment.edit("  publishTo: production\n", "  publishTo: production\n  offerPlans: exact\n");
    environment.run("apply --yes").expect(0);
    let mut plans = environment.portal.definition("vm")["plans"].clone();
    plans.as_array_mut().unwrap().push(json!({"planId": "tin", "microsoft-azure-virtualmachines.skuTitle": "Tin"}));
    environment.portal.edit("vm", &json!({"plans": plans}));
    assert_snapshot!(environment.run("drift"), @r#"
    ! contoso/vm was edited elsewhere  offers/vm/offer.yaml
        + Offer plan tin: 16 fields  offer.yaml:13
            drift: edited elsewhere, since version 2, 2026-11-01
            draft: edited · preview: as in the repository · production: as in the repository
            Offer plan id: "tin"
            Offer plan title: "Tin"
            Managed disks only: true
            Azure Government certifications: []
            Disk generation: "1"
            Custom ARM template required: false
            Remote desktop or SSH disabled: false
            Network virtual appliance: false
            Accelerated networking: false
            Supports backup: false
            Supports cloud-init: false
            Supports VM extensions: true
            Supports hibernation: false
            Supports NVMe: false
            Patch options › Supports hotpatch: false
            Legacy offer plan id: "tin"
        next: to keep what was edited elsewhere: `offerctl adopt contoso/vm`
        next: to undo it: `offerctl apply contoso/vm`

    Drift: 1 offers found, 1 read, 1 compared, 0 skipped; 1 drifted; 1 drift, 0 conflict, 0 unattributed, 0 pending, 0 waived.
    --- exit 3 ---
    "#);
    let plan = environment.run("plan").expect(0).stdout;
    assert_snapshot!(plan.lines().nth(1).unwrap(), @"    - Offer plan tin: removed (was 16 fields)  (edited elsewhere; apply reverts it)  offer.yaml:13");
    environment.run("adopt contoso/vm --yes").expect(0);
    assert_snapshot!(environment.run("drift"), @r#"
    ~ contoso/vm has changes of ours that are not applied or not published yet  offers/vm/offer.yaml
        + Offer plan tin: 2 fields  offer.yaml:28
            pending: right in the draft, not published yet
            draft: as in the repository · preview: not set · production: not set
            Offer plan id: "tin"
            Offer plan title: "Tin"

    Drift: 1 offers found, 1 read, 1 compared, 0 skipped; 0 drifted; 0 drift, 0 conflict, 0 unattributed, 1 pending, 0 waived.
    --- exit 0 ---
    "#);
}

#[test]
fn a_report_of_much_drift_fits_into_an_issue() {
    let environment = TestEnvironment::empty(at_once());
    let names: Vec<String> = (0..30).map(|number| format!("offer-{number:02}")).collect();
    for name in &names {
        environment.write(&format!("offers/{name}/offer.yaml"), &crate::manifests::draft(name));
    }
    environment.run("apply --yes --allow mass-change").expect(0);
    for name in &names {
        environment.portal.edit(name, &json!({"displayText": "Renamed by somebody ".repeat(20)}));
    }
    environment.replace("offers/offer-29/offer.yaml", "The offer offer-29", "Ours");
    let whole = environment.run("drift --output markdown").expect(3).stdout;
    assert!(whole.contains("offer-00") && whole.contains("offer-29") && !whole.contains("Left out"), "{whole}");
    let cut = environment.run("drift --output markdown --markdown-limit 6000").expect(3).stdout;
    assert!(cut.encode_utf16().count() <= 6000, "{cut}");
    // The conflict of the last offer is shown before thirty edits are.
    let shown =
        cut.lines().filter(|line| line.starts_with("# ") || line.contains("Left out") || line.contains("conflict"));
    assert_snapshot!(shown.collect::<Vec<_>>().join("\n"), @r#"
    # Drift: 30 of 30 offers are not as the repository says
    To keep an edit, `offerctl adopt` takes its value over into the repository. To undo it, `offerctl apply` writes what the repository says; a conflict needs a decision first.
    **Not everything fits into 6000 characters.** Left out: 21 of 29 edits of others · 20 of 30 offers below · 30 of 30 lists of commands · 30 of 30 whole texts or lists of fields. `offerctl drift` shows everything, `offerctl drift PUBLISHER/OFFER` one offer.
    | Offer alias<br><sub><code>/definition/displayText</code></sub> | <code>"Ours"</code> | **<code>"Renamed by somebody Renamed by somebody Renamed by somebody Renamed by…"</code>** | empty | empty | **conflict**: edited elsewhere and in the repository<br>since version 2, 2026-11-01 |
    "#);
    assert_snapshot!(environment.run("drift --markdown-limit 6000").expect(4).stderr, @"
    error: `--markdown-limit` is for Markdown
    hint: add `--output markdown`
    ");
}
