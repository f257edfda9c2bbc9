//! Looking at what the service has, without a manifest: its documents, what differs between them, what was submitted.

use serde_json::json;

use crate::environment::{TestEnvironment, as_slow_as_the_service};
use crate::manifests::SIGNATURE;

/// A colleague has edited the draft of the live offer, and nobody has published it yet.
fn edited_by_a_colleague() -> TestEnvironment {
    let environment = TestEnvironment::with_live_offer();
    let mut plans = environment.portal.definition("vm")["plans"].take();
    plans[0]["regions"] = json!(["DE", "FR"]);
    plans[0]["microsoft-azure-virtualmachines.vmImages"]["2.0.0"] =
        json!({"osVhdUrl": format!("https://contoso.blob.core.windows.net/vhds/new.vhd?sv=1&sig={SIGNATURE}")});
    plans.as_array_mut().unwrap().remove(1);
    environment.portal.edit(
        "vm",
        &json!({"plans": plans, "offer": {
            "microsoft-azure-marketplace.summary": "Backs up all of your machines, every night and every day, everywhere",
            "microsoft-azure-marketplace.longSummary": "Written by a colleague",
        }}),
    );
    environment
}

#[test]
fn diff_shows_what_a_publish_would_ship() {
    let environment = edited_by_a_colleague();
    std::fs::remove_dir_all(environment.path("offers")).unwrap();
    insta::assert_snapshot!(environment.run("diff contoso/vm"), @r#"
    contoso/vm: from preview (version 1) to draft (version 2), 5 fields differ
        ~ Summary: Backs up {+all of +}your [-machines-]{+machines,+} every night{+ and every day, everywhere+}
        + Long summary: "Written by a colleague"
        ~ Offer plan gold › Regions: +FR -US
        + Offer plan gold › Images › Image 2.0.0: 1 field
            OS disk: "https://contoso.blob.core.windows.net/vhds/new.vhd?REDACTED"
        - Offer plan silver: removed (was 20 fields)
    --- exit 2 ---
    "#);
    insta::assert_snapshot!(environment.run("diff contoso/vm preview production"), @"
    contoso/vm: preview (version 1) and production (version 1) hold the same
    --- exit 0 ---
    ");
    insta::assert_snapshot!(environment.run("diff contoso/vm 2 1"), @r#"
    contoso/vm: from version 2 to version 1, 5 fields differ
        ~ Summary: Backs up [-all of -]your [-machines,-]{+machines+} every night[- and every day, everywhere-]
        ~ Offer plan gold › Regions: +US -FR
        + Offer plan silver: 20 fields
            Offer plan id: "silver"
            Offer plan title: "Silver"
            Regions: [DE]
            Price › Bring your own license: true
            Images › Image 1.0.0 › OS disk: "https://contoso.blob.core.windows.net/vhds/silver.vhd?REDACTED"
            Price, simplified currencies › Bring your own license: true
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
            Legacy offer plan id: "silver"
        - Long summary: removed (was "Written by a colleague")
        - Offer plan gold › Images › Image 2.0.0: removed (was 1 field)
    --- exit 2 ---
    "#);
    environment.forget_records();
    let said = environment.run("diff contoso/vm --output json").expect(2);
    assert!(!said.stdout.contains(SIGNATURE), "{}", said.stdout);
    insta::assert_snapshot!("diff_json", said.stdout);
    let equal = environment.run("diff contoso/vm 1 production --output json").expect(0).json();
    assert_eq!((&equal["equal"], &equal["changes"]), (&json!(true), &json!([])));
    assert_eq!(environment.portal.writes(), "");
}

#[test]
fn diff_names_the_offer_by_its_manifest_too() {
    let environment = edited_by_a_colleague();
    let by_manifest = environment.run("diff offers/vm/offer.yaml").expect(2);
    assert_eq!(by_manifest.stdout, environment.run("diff contoso/vm").expect(2).stdout);
}

#[test]
fn diff_says_what_is_not_there_to_compare() {
    let environment = TestEnvironment::with_offer();
    insta::assert_snapshot!(environment.run("diff contoso/vm"), @"
    --- stderr ---
    error: the service has no offer contoso/vm, asked at http://SERVICE
    hint: `offerctl list contoso` shows the offers
    --- exit 1 ---
    ");
    environment.run("apply --yes --until draft").expect(0);
    insta::assert_snapshot!(environment.run("diff contoso/vm"), @"
    --- stderr ---
    error: nothing is in the preview slot of contoso/vm, asked at http://SERVICE
    hint: `offerctl status contoso/vm` shows how far it is
    --- exit 1 ---
    ");
    insta::assert_snapshot!(environment.run("diff contoso/vm draft 99"), @"
    --- stderr ---
    error: the service has no version 99 of contoso/vm, asked at http://SERVICE
    hint: `offerctl submissions contoso/vm` names the versions that were submitted; older ones are not kept forever
    --- exit 1 ---
    ");
    insta::assert_snapshot!(environment.run("diff contoso/vm live"), @"
    --- stderr ---
    error: invalid value 'live' for '[FROM]': write draft, preview, production or the number of a version

    For more information, try '--help'.
    --- exit 4 ---
    ");
    insta::assert_snapshot!(environment.run("diff").expect(4).stderr.lines().next().unwrap(), @"error: the following required arguments were not provided:");
}

#[test]
fn submissions_are_listed_the_newest_first() {
    let environment = TestEnvironment::with_offer_on(as_slow_as_the_service());
    insta::assert_snapshot!(environment.run("submissions"), @"
    contoso/vm: the service has no such offer
    --- exit 0 ---
    ");
    environment.run("apply --yes --until draft").expect(0);
    insta::assert_snapshot!(environment.run("submissions contoso/vm"), @"
    contoso/vm: never submitted
    --- exit 0 ---
    ");
    environment.portal.let_days_pass_while_waiting();
    environment.run("apply --yes").expect(0);
    environment.portal.clear_faults();
    environment.portal.edit("vm", &json!({"displayText": "Edited"}));
    environment.portal.publish("vm");
    insta::assert_snapshot!(environment.run("submissions contoso/vm"), @"
    contoso/vm: 3 submissions, the newest first
      what     state      slot        offer version  publishing version  last change                   id
      publish  running    preview     2              3                   2026-11-10T00:00:00.0000000Z  5b70bbfd-aad3-430c-966c-ad09eeed8ae5
      go live  succeeded  production  1              2                   2026-11-10T00:00:00.0000000Z  5c9690f3-32d5-4053-a948-b1e665296ce7
      publish  succeeded  preview     1              1                   2026-11-05T06:00:00.0000000Z  4ebfa63a-f1ea-449c-925c-4bbc21fb7b12
    --- exit 0 ---
    ");
    insta::assert_snapshot!("submissions_json", environment.run("submissions contoso/vm contoso/none --output json"));
    insta::assert_snapshot!(environment.run("submissions contoso/none"), @"
    contoso/none: the service has no such offer
    --- exit 1 ---
    ");
}

#[test]
fn get_prints_a_manifest_s_view_and_raw_prints_everything() {
    let environment = TestEnvironment::with_live_offer();
    let keys = |arguments: &str| {
        let document = environment.run(arguments).expect(0).json();
        document.as_object().unwrap().keys().cloned().collect::<Vec<_>>().join(" ")
    };
    insta::assert_snapshot!(keys("get contoso/vm"), @"offerTypeId publisherId id definition");
    insta::assert_snapshot!(keys("get contoso/vm --raw"), @"offerTypeId publisherId status pcMigrationStatus pcRedirectUri isvUpgradeRequest version id definition changedTime");
    insta::assert_snapshot!(keys("get contoso/vm --version 1 --raw"), @"offerTypeId publisherId status pcMigrationStatus pcRedirectUri isvUpgradeRequest version id definition changedTime");
    let raw = environment.run("get contoso/vm --raw").expect(0).stdout;
    assert!(raw.contains("sig=REDACTED") && !raw.contains(SIGNATURE), "{raw}");
    environment.run("get contoso/vm --version 1 --slot preview").expect(4);
}
