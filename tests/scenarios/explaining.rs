//! `explain`: why the plan says what it says of a field, a step or an offer.

use insta::assert_snapshot;
use offerctl::emulator::{Options, Quirk};
use serde_json::json;

use crate::environment::{TestEnvironment, as_slow_as_the_service, at_once};
use crate::manifests::SIGNATURE;

const SUMMARY: &str = "microsoft-azure-marketplace.summary";

/// The live offer, explained by somebody who changes nothing by that.
#[track_caller]
fn explains(environment: &TestEnvironment, about: &str) -> String {
    let said = environment.run(&format!("explain contoso/vm {about}")).expect(0);
    assert_eq!(said.stderr, "");
    assert!(!said.stdout.contains(SIGNATURE), "{}", said.stdout);
    said.stdout
}

fn summary_edited(environment: &TestEnvironment) {
    environment.portal.edit("vm", &json!({"offer": {SUMMARY: "Backs up all your machines every night"}}));
}

#[test]
fn a_set_in_another_order_is_equal_and_says_so() {
    let quirks = [Quirk::ReorderCollections].into_iter().collect();
    let environment = TestEnvironment::with_offer_on(Options { quirks, ..at_once() });
    environment.run("apply --yes").expect(0);
    assert_snapshot!(explains(&environment, "gold/regions"), @"
    contoso/vm › Offer plan gold › Regions
      path        /definition/plans/gold/regions
      type        list
      rule        a set: the order of its members means nothing
      known from  Microsoft's published reference
      declared    offers/vm/offer.yaml:15:7
      standing    in sync: as the repository says
      apply       has nothing to do here

      repository  [DE, US]
      applied     [DE, US]  (recorded [time])
      draft       [US, DE]
                  equal: the order of a set means nothing
      preview     [US, DE]
                  equal: the order of a set means nothing
      production  [US, DE]
                  equal: the order of a set means nothing
    ");
}

#[test]
fn the_same_file_behind_another_signature_is_equal_and_says_so() {
    let environment = TestEnvironment::with_live_offer();
    environment.replace("offers/vm/offer.yaml", "vhds/gold.vhd?sv=2024-11-04", "vhds/gold.vhd?sv=2025-01-01");
    assert_snapshot!(explains(&environment, "/definition/plans/gold/microsoft-azure-virtualmachines.vmImages/1.0.0/osVhdUrl"), @r#"
    contoso/vm › Offer plan gold › Images › Image 1.0.0 › OS disk
      path        /definition/plans/gold/microsoft-azure-virtualmachines.vmImages/1.0.0/osVhdUrl
      type        text
      rule        the address of a file: its signature may change, the file may not
                  never printed whole
      known from  Microsoft's published reference
      declared    offers/vm/offer.yaml:19:11
      standing    in sync: as the repository says
      apply       has nothing to do here

      repository  "https://contoso.blob.core.windows.net/vhds/gold.vhd?REDACTED"
      applied     "https://contoso.blob.core.windows.net/vhds/gold.vhd"  (recorded [time])
      draft       "https://contoso.blob.core.windows.net/vhds/gold.vhd?REDACTED"
                  equal: the same file, another signature
      preview     "https://contoso.blob.core.windows.net/vhds/gold.vhd?REDACTED"
                  equal: the same file, another signature
      production  "https://contoso.blob.core.windows.net/vhds/gold.vhd?REDACTED"
                  equal: the same file, another signature
    "#);
}

#[test]
fn a_logo_that_the_service_serves_itself_is_equal_by_the_record_alone() {
    let environment = TestEnvironment::with_live_offer();
    assert_snapshot!(explains(&environment, "smallLogo"), @r#"
    contoso/vm › Small logo
      path        /definition/offer/microsoft-azure-marketplace.smallLogo
      type        text
      rule        a file that the service downloads and serves under an address of its own; records tell which is which
      known from  Microsoft's published reference
      declared    offers/vm/offer.yaml:11:5
      standing    in sync: as the repository says
      apply       has nothing to do here

      repository  "https://assets.contoso.com/logo-48x48.png"
      applied     "https://assets.contoso.com/logo-48x48.png"  (recorded [time])
      draft       "https://publishingstoredm.blob.core.windows.net/prodcontent/D6191_publi…"
                  equal: the service serves this file for the address that was sent, as a record says
      preview     "https://publishingstoredm.blob.core.windows.net/prodcontent/D6191_publi…"
                  equal: the service serves this file for the address that was sent, as a record says
      production  "https://publishingstoredm.blob.core.windows.net/prodcontent/D6191_publi…"
                  equal: the service serves this file for the address that was sent, as a record says
    "#);
    environment.forget_records();
    let without_record = explains(&environment, "smallLogo");
    assert!(without_record.contains("taken as equal: the service serves a copy of its own"), "{without_record}");
    assert!(without_record.contains("standing    unverifiable"), "{without_record}");
    environment.run("apply --yes").expect(0);
}

#[test]
fn what_the_service_adds_renames_and_copies_is_told_apart() {
    let environment = TestEnvironment::with_offer();
    environment.edit("skuTitle: Gold", "skuTitle: Gold\n      microsoft-azure-virtualmachines.windowsOSType: Other");
    environment.run("apply --yes").expect(0);
    assert_snapshot!(explains(&environment, "windowsOSType"), @r#"
    contoso/vm › Offer plan gold › Operating system type
      path        /definition/plans/gold/microsoft-azure-virtualmachines.windowsOSType
      type        text
      rule        the service returns it as `osType`
      known from  observed by clients of the real service
      declared    offers/vm/offer.yaml:15:7
      standing    in sync: as the repository says
      apply       has nothing to do here

      repository  "Other"
      applied     "Other"  (recorded [time])
      draft       "Other"
                  equal: `microsoft-azure-virtualmachines.osType` is where the service puts it
      preview     "Other"
                  equal: `microsoft-azure-virtualmachines.osType` is where the service puts it
      production  "Other"
                  equal: `microsoft-azure-virtualmachines.osType` is where the service puts it
    "#);
    assert_snapshot!(explains(&environment, "gold/generation"), @r#"
    contoso/vm › Offer plan gold › Disk generation
      path        /definition/plans/gold/microsoft-azure-virtualmachines.generation
      type        text
      rule        the service adds `"1"` when nothing is sent
      known from  observed by clients of the real service
      managed     no: the service adds it by itself
      standing    unmanaged: kept as it is, and no difference
      apply       keeps it as it is

      repository  -
      applied     -  (recorded [time])
      draft       "1"
      preview     "1"
      production  "1"
    "#);
    assert_snapshot!(explains(&environment, "gold/virtualMachinePricingV2"), @"
    contoso/vm › Offer plan gold › Price, simplified currencies
      path        /definition/plans/gold/virtualMachinePricingV2
      type        map
      rule        a price; guarded by `price-change`
      known from  observed by clients of the real service
      managed     no: the service's own copy of `virtualMachinePricing`
      standing    unmanaged: kept as it is, and no difference
      apply       keeps it as it is

      repository  -
      applied     -  (recorded [time])
      draft       1 field
      preview     1 field
      production  1 field

      contains
        isByol: the service's own copy
    ");
    assert_snapshot!(explains(&environment, "/definition/plans/gold"), @"
    contoso/vm › Offer plan gold
      path        /definition/plans/gold
      type        map
      rule        removing it is guarded by `remove-offer-plan`
      known from  Microsoft's published reference
      declared    offers/vm/offer.yaml:13:7
      standing    in sync: as the repository says
      apply       has nothing to do here

      repository  6 fields
      applied     6 fields  (recorded [time])
      draft       21 fields
                  equal in all that is compared (6 fields)
      preview     21 fields
                  equal in all that is compared (6 fields)
      production  21 fields
                  equal in all that is compared (6 fields)

      contains
        planId: in sync
        microsoft-azure-virtualmachines.skuTitle: in sync
        microsoft-azure-virtualmachines.windowsOSType: in sync
        regions: in sync
        virtualMachinePricing: in sync
        microsoft-azure-virtualmachines.vmImages: in sync
        virtualMachinePricingV2: the service's own copy
        microsoft-azure-virtualmachines.osType: another name of a managed field
        microsoft-azure-virtualmachines.allowOnlyManagedDiskDeployments: added by the service
        microsoft-azure-virtualmachines.certificationsFairfax: added by the service
        microsoft-azure-virtualmachines.generation: added by the service
        microsoft-azure-virtualmachines.isCustomArmTemplateRequired: added by the service
        microsoft-azure-virtualmachines.isLockedDown: added by the service
        microsoft-azure-virtualmachines.isNetworkVirtualAppliance: added by the service
        microsoft-azure-virtualmachines.supportsAcceleratedNetworking: added by the service
        microsoft-azure-virtualmachines.supportsBackup: added by the service
        microsoft-azure-virtualmachines.supportsCloudInit: added by the service
        microsoft-azure-virtualmachines.supportsExtensions: added by the service
        microsoft-azure-virtualmachines.supportsHibernation: added by the service
        microsoft-azure-virtualmachines.supportsNVMe: added by the service
        microsoft-azure-virtualmachines.patchOptions: added by the service
        microsoft-azure-virtualmachines.legacyPlanId: added by the service
    ");
}

#[test]
fn drift_pending_and_conflict_say_whose_edit_it_is_and_what_apply_does() {
    let environment = TestEnvironment::with_live_offer();
    environment.edit("title: Contoso VM", "title: Contoso Machine");
    assert_snapshot!(explains(&environment, "Title"), @r#"
    contoso/vm › Title
      path        /definition/offer/microsoft-azure-marketplace.title
      type        text
      rule        compared exactly
      known from  Microsoft's published reference
      declared    offers/vm/offer.yaml:9:5
      standing    pending: changed in the repository, not applied yet
      apply       writes what the repository says

      repository  "Contoso Machine"
      applied     "Contoso VM"  (recorded [time])
      draft       "Contoso VM"
                  different: the text differs
      preview     "Contoso VM"
                  different: the text differs
      production  "Contoso VM"
                  different: the text differs
    "#);
    summary_edited(&environment);
    assert_snapshot!(explains(&environment, "summary"), @r#"
    contoso/vm › Summary
      path        /definition/offer/microsoft-azure-marketplace.summary
      type        text
      rule        compared exactly
      known from  Microsoft's published reference
      declared    offers/vm/offer.yaml:10:5
      standing    drift: edited elsewhere since the last apply
      apply       writes the repository's value over the edit; `offerctl adopt` takes the edit over instead

      repository  "Backs up your machines every night"
      applied     "Backs up your machines every night"  (recorded [time])
      draft       "Backs up all your machines every night"
                  different: the text differs
                  beside the repository: Backs up {+all +}your machines every night
      preview     "Backs up your machines every night"
                  equal
      production  "Backs up your machines every night"
                  equal
    "#);
    environment.edit("every night", "every day");
    assert_snapshot!(explains(&environment, "summary"), @r#"
    contoso/vm › Summary
      path        /definition/offer/microsoft-azure-marketplace.summary
      type        text
      rule        compared exactly
      known from  Microsoft's published reference
      declared    offers/vm/offer.yaml:10:5
      standing    conflict: edited elsewhere and in the repository since the last apply
      apply       blocked by conflict; once that is settled it writes the repository's value over the edit; `offerctl adopt` takes the edit over instead

      repository  "Backs up your machines every day"
      applied     "Backs up your machines every night"  (recorded [time])
      draft       "Backs up all your machines every night"
                  different: the text differs
                  beside the repository: Backs up {+all +}your machines every [-day-]{+night+}
      preview     "Backs up your machines every night"
                  different: the text differs
      production  "Backs up your machines every night"
                  different: the text differs
    "#);
    assert_snapshot!(explains(&environment, ""), @"
    contoso/vm
      manifest    offers/vm/offer.yaml:1:1
      service     calls it succeeded
      slots       draft, preview, production hold content
      applied     recorded [time]
      target      production
      plan        blocked: nothing is done until somebody decides
      steps       1. update   2 fields of the draft differ
                  2. publish  the preview slot holds other content (Certification < 5 day); can be canceled while it runs
                  3. wait     the service validates, certifies and provisions the preview
                  4. go live  `publishTo` is production (Live ~2-5 days); cannot be taken back
                  5. wait     the service makes the preview public
      fields      Title (/definition/offer/microsoft-azure-marketplace.title, offers/vm/offer.yaml:9:5)
                  Summary (/definition/offer/microsoft-azure-marketplace.summary, offers/vm/offer.yaml:10:5)
      blocked by  conflict: both the manifest and the service changed `/definition/offer/microsoft-azure-marketplace.summary` since the last apply
      way out     take their values into the manifest, or write yours over them with `--allow conflict:contoso/vm`
                  `offerctl explain contoso/vm FIELD` or `… STEP` tells more of one of them
    ");
    assert_eq!(environment.portal.writes(), "");
}

#[test]
fn an_edit_that_a_publish_would_ship_is_a_passenger() {
    let environment = TestEnvironment::with_live_offer();
    environment.edit("title: Contoso VM", "title: Contoso Machine");
    environment.portal.edit("vm", &json!({"offer": {"microsoft-azure-marketplace.longSummary": "Half a sent"}}));
    assert_snapshot!(explains(&environment, "longSummary"), @r#"
    contoso/vm › Long summary
      path        /definition/offer/microsoft-azure-marketplace.longSummary
      type        text
      rule        compared exactly
      known from  Microsoft's published reference
      managed     no: the manifest does not declare it, so that it is kept as it is
      standing    passenger: somebody's edit that the manifest does not say
      apply       blocked by passengers; once that is settled it ships it to production

      repository  -
      applied     -  (recorded [time])
      draft       "Half a sent"
      preview     -
      production  -
    "#);
    environment.edit("title: Contoso Machine", "title: Contoso VM");
    let kept = explains(&environment, "longSummary");
    assert!(kept.contains("standing    unmanaged"), "{kept}");
}

#[test]
fn a_waived_field_says_who_owns_it_and_until_when() {
    let environment = TestEnvironment::with_live_offer();
    environment.edit(
        "publishTo: production\n",
        &format!(
            "publishTo: production\n  ignore:\n    - path: /definition/offer/{SUMMARY}\n      reason: marketing edits \
             this\n      until: 2099-01-31\n"
        ),
    );
    summary_edited(&environment);
    assert_snapshot!(explains(&environment, "summary"), @r#"
    contoso/vm › Summary
      path        /definition/offer/microsoft-azure-marketplace.summary
      type        text
      rule        compared exactly
      known from  Microsoft's published reference
      declared    offers/vm/offer.yaml:14:5
      managed     waived, until 2099-01-31: marketing edits this (offers/vm/offer.yaml:7:7)
      standing    waived: differs, and is left to somebody else
      apply       keeps it as it is

      repository  "Backs up your machines every night"
      applied     "Backs up your machines every night"  (recorded [time])
      draft       "Backs up all your machines every night"
                  different: the text differs
                  beside the repository: Backs up {+all +}your machines every night
      preview     "Backs up your machines every night"
                  equal
      production  "Backs up your machines every night"
                  equal
    "#);
}

#[test]
fn a_secret_is_told_by_its_fingerprint_and_never_shown() {
    let environment = TestEnvironment::with_offer();
    environment.edit(
        "    microsoft-azure-marketplace.smallLogo",
        "    microsoft-azure-marketplace.tableLeadConfiguration: {connectionString: {$secret: LEADS}}\n    \
         microsoft-azure-marketplace.smallLogo",
    );
    let run = |arguments: &str| {
        let mut command = environment.command(arguments);
        command.env("LEADS", "hunter2-of-the-story");
        environment.run_command(command)
    };
    run("apply --yes").expect(0);
    let told = run("explain contoso/vm connectionString").expect(0).stdout;
    assert!(!told.contains("hunter2"), "{told}");
    assert_snapshot!(told, @"
    contoso/vm › Leads to an Azure table › Azure table connection string
      path        /definition/offer/microsoft-azure-marketplace.tableLeadConfiguration/connectionString
      type        secret
      rule        a secret, which the service never returns
      known from  observed by clients of the real service
      note        the key's name is taken from the newer Product Ingestion schema
      declared    offers/vm/offer.yaml:11:58
      standing    in sync: as the repository says
      apply       has nothing to do here

      repository  secret from LEADS
      applied     secret from LEADS  (recorded [time])
      draft       -
                  equal: the secret is the one that was sent last, by its fingerprint
      preview     -
                  taken as equal: the service never returns secrets, so that nobody can compare them
      production  -
                  taken as equal: the service never returns secrets, so that nobody can compare them
    ");
}

#[test]
fn a_field_that_left_the_manifest_is_removed_and_says_so() {
    let environment = TestEnvironment::with_live_offer();
    environment.edit("    microsoft-azure-marketplace.summary: Backs up your machines every night\n", "");
    assert_snapshot!(explains(&environment, "summary"), @r#"
    contoso/vm › Summary
      path        /definition/offer/microsoft-azure-marketplace.summary
      type        text
      rule        compared exactly
      known from  Microsoft's published reference
      managed     no more: it was applied once, and the manifest does not declare it now
      standing    pending: changed in the repository, not applied yet
      apply       removes it

      repository  -
      applied     "Backs up your machines every night"  (recorded [time])
      draft       "Backs up your machines every night"
                  different: it was taken out of the manifest and is still there
      preview     "Backs up your machines every night"
                  different: it was taken out of the manifest and is still there
      production  "Backs up your machines every night"
                  different: it was taken out of the manifest and is still there
    "#);
    // Removed from the draft and not published yet: the slots still hold it.
    environment.run("apply --yes --until draft").expect(0);
    assert_snapshot!(explains(&environment, "summary"), @r#"
    contoso/vm › Summary
      path        /definition/offer/microsoft-azure-marketplace.summary
      type        text
      rule        compared exactly
      known from  Microsoft's published reference
      managed     no more: it was applied once, and the manifest does not declare it now
      standing    unpublished: right in the draft, and preview is not so yet
      apply       writes nothing, and brings the draft to preview

      repository  -
      applied     -  (recorded [time])
      draft       -
      preview     "Backs up your machines every night"
                  different: it was taken out of the manifest and is still there
      production  "Backs up your machines every night"
                  different: it was taken out of the manifest and is still there
    "#);
}

#[test]
fn a_value_of_another_file_is_placed_there() {
    let environment = TestEnvironment::with_offer();
    environment.write("shared/summary.txt", "Backs up your machines every night");
    environment
        .write("shared/names.yaml", "definition:\n  offer:\n    microsoft-azure-marketplace.title: Contoso VM\n");
    environment.edit("summary: Backs up your machines every night", "summary: {$file: ../../shared/summary.txt}");
    environment.edit("    microsoft-azure-marketplace.title: Contoso VM\n", "");
    environment.edit("publisherId: contoso\n", "publisherId: contoso\nextends: [../../shared/names.yaml]\n");
    let declared = |about: &str| {
        let told = explains(&environment, about);
        told.lines().find(|line| line.contains("declared")).unwrap().trim().to_owned()
    };
    assert_snapshot!(declared("summary"), @"declared    offers/vm/offer.yaml:10:5, its value in shared/summary.txt:1:1");
    assert_snapshot!(declared("Title"), @"declared    shared/names.yaml:3:5");
}

#[test]
fn names_that_are_unknown_or_shared_say_what_there_is() {
    let environment = TestEnvironment::with_live_offer();
    assert_snapshot!(environment.run("explain contoso/vm sumary"), @"
    --- stderr ---
    error: nothing in contoso/vm is called `sumary`
    hint: did you mean `/definition/offer/microsoft-azure-marketplace.summary` (Summary)?
    --- exit 4 ---
    ");
    assert_snapshot!(environment.run("explain contoso/vm /definition/plans/0/region"), @"
    --- stderr ---
    error: nothing in contoso/vm is called `/definition/plans/0/region`
    hint: did you mean `/definition/plans/gold/regions` (Offer plan gold › Regions)?
    --- exit 4 ---
    ");
    for (about, hint) in [
        ("NOPE", "`/definition/plans` has gold, silver"),
        ("golden", "did you mean `/definition/plans/gold` (Offer plan gold)?"),
        ("0", "did you mean `/definition/plans/gold` (Offer plan gold)?"),
        (
            "gold/microsoft-azure-virtualmachines.vmImages/9.9.9",
            "`/definition/plans/gold/microsoft-azure-virtualmachines.vmImages` has 1.0.0",
        ),
    ] {
        let said = environment.run(&format!("explain contoso/vm /definition/plans/{about}")).expect(4).stderr;
        let error = format!("error: contoso/vm has nothing at `/definition/plans/{about}`\nhint: {hint}\n");
        assert_eq!(said, error);
    }
    assert_snapshot!(environment.run("explain contoso/vm heroLogo"), @"
    --- stderr ---
    error: nothing in contoso/vm sets `heroLogo`
    hint: Hero logo is `/definition/offer/*.heroLogo`; declare it in the manifest to manage it
    --- exit 4 ---
    ");
    assert_snapshot!(environment.run("explain contoso/vm regions"), @"
    --- stderr ---
    error: `regions` may be several fields of contoso/vm
      /definition/plans/gold/regions  (Offer plan gold › Regions)
      /definition/plans/silver/regions  (Offer plan silver › Regions)
    hint: name one of them by its path
    --- exit 4 ---
    ");
    assert_snapshot!(environment.run("explain contoso/vm nothing-of-the-kind"), @"
    --- stderr ---
    error: nothing in contoso/vm is called `nothing-of-the-kind`
    hint: `offerctl explain contoso/vm /definition` lists what there is; the steps are create, update, publish, go-live, wait and cancel
    --- exit 4 ---
    ");
    assert_snapshot!(environment.run("explain contoso/other"), @"
    --- stderr ---
    error: the service has no offer contoso/other, asked at http://SERVICE, and no manifest describes it
    hint: `offerctl list contoso` shows the offers
    --- exit 4 ---
    ");
    let by_manifest = environment.run("explain offers/vm/offer.yaml summary").expect(0).stdout;
    assert_eq!(by_manifest, explains(&environment, "summary"));
}

#[test]
fn a_step_says_what_leads_to_it_and_what_blocks_it() {
    let environment = TestEnvironment::with_live_offer();
    environment.edit("every night", "every day");
    assert_snapshot!(explains(&environment, "update"), @"
    contoso/vm › update
      in the plan 1. update   1 field of the draft differs
      asked by    offers/vm/offer.yaml:10:5
      undo        another apply puts the old value back
      estimate    the service has not named one
      fields      Summary (/definition/offer/microsoft-azure-marketplace.summary, offers/vm/offer.yaml:10:5)
    ");
    assert_snapshot!(explains(&environment, "publish"), @"
    contoso/vm › publish
      in the plan 2. publish  the preview slot holds other content (Certification < 5 day); can be canceled while it runs
      asked by    offers/vm/offer.yaml:5:3
      undo        `offerctl cancel`, while it runs
      estimate    Certification < 5 day
      leads to it the manifest takes the offer up to production (offers/vm/offer.yaml:5:3)
                  the preview slot holds something else than the manifest says
                  the production slot holds something else than the manifest says
                  the update before it changes the draft, and a slot has only what was submitted
      fields      Summary (/definition/offer/microsoft-azure-marketplace.summary, offers/vm/offer.yaml:10:5)
    ");
    assert_snapshot!(explains(&environment, "wait"), @"
    contoso/vm › wait
      in the plan 3. wait     the service validates, certifies and provisions the preview
      asked by    offers/vm/offer.yaml:1:1
      undo        not needed: it changes nothing
      estimate    the service has not named one
      in the plan 5. wait     the service makes the preview public
      asked by    offers/vm/offer.yaml:1:1
      undo        not needed: it changes nothing
      estimate    the service has not named one
    ");
    summary_edited(&environment);
    assert_snapshot!(explains(&environment, "go-live"), @"
    contoso/vm › go live
      in the plan 4. go live  `publishTo` is production (Live ~2-5 days); cannot be taken back
      asked by    offers/vm/offer.yaml:5:3
      undo        cannot be taken back
      estimate    Live ~2-5 days
      leads to it the manifest takes the offer up to production (offers/vm/offer.yaml:5:3)
                  the preview slot holds something else than the manifest says
                  the production slot holds something else than the manifest says
                  the update before it changes the draft, and a slot has only what was submitted
      blocked by  conflict: both the manifest and the service changed `/definition/offer/microsoft-azure-marketplace.summary` since the last apply
      way out     take their values into the manifest, or write yours over them with `--allow conflict:contoso/vm`
    ");
}

#[test]
fn a_step_that_is_not_in_the_plan_says_why() {
    let environment = TestEnvironment::with_live_offer();
    let mut told = String::new();
    for step in ["create", "update", "publish", "go-live", "wait", "cancel"] {
        told += &explains(&environment, step);
    }
    environment.edit("publishTo: production", "publishTo: preview");
    told += &explains(&environment, "go-live");
    assert_snapshot!(told, @"
    contoso/vm › create
      in the plan no
      because     the service has the offer already
    contoso/vm › update
      in the plan no
      because     nothing to write: the draft holds what the manifest says
    contoso/vm › publish
      in the plan no
      because     nothing to publish: the slots hold what the manifest says
    contoso/vm › go live
      in the plan no
      because     nothing to take live: the slots hold what the manifest says
    contoso/vm › wait
      in the plan no
      because     the plan submits nothing, and waits for nothing that runs
    contoso/vm › cancel
      in the plan no
      because     no submission runs
    contoso/vm › go live
      in the plan no
      because     the manifest takes the offer up to preview (offers/vm/offer.yaml:5:3)
    ");
}

#[test]
fn while_a_submission_runs_steps_say_what_they_wait_for() {
    let environment = TestEnvironment::with_offer_on(as_slow_as_the_service());
    environment.run("apply --yes --wait 0").expect(7);
    assert_snapshot!(explains(&environment, "publish"), @"
    contoso/vm › publish
      in the plan no
      because     what runs brings it; the plan waits for that
                  a publish of what the manifest says runs
    ");
    assert_snapshot!(explains(&environment, "cancel"), @"
    contoso/vm › cancel
      in the plan no
      because     what runs is what the manifest says
    ");
    environment.edit("every night", "every day");
    assert_snapshot!(explains(&environment, "cancel"), @"
    contoso/vm › cancel
      in the plan no
      because     a submission of other content runs; the plan waits for its end, `--supersede` cancels it
    ");
    assert_snapshot!(explains(&environment, "wait"), @"
    contoso/vm › wait
      in the plan 1. wait     a submission of other content runs; ours queues behind it
      asked by    offers/vm/offer.yaml:1:1
      undo        not needed: it changes nothing
      estimate    the service has not named one
      in the plan 4. wait     the service validates, certifies and provisions the preview
      asked by    offers/vm/offer.yaml:1:1
      undo        not needed: it changes nothing
      estimate    the service has not named one
      in the plan 6. wait     the service makes the preview public
      asked by    offers/vm/offer.yaml:1:1
      undo        not needed: it changes nothing
      estimate    the service has not named one
      leads to it a publish of other content runs
    ");
}

#[test]
fn an_offer_without_a_manifest_is_explained_as_far_as_it_goes() {
    let environment = TestEnvironment::with_live_offer();
    std::fs::remove_dir_all(environment.path("offers")).unwrap();
    assert_snapshot!(explains(&environment, ""), @"
    contoso/vm
      manifest    none describes it; `offerctl import` writes one
      service     calls it succeeded
      slots       draft, preview, production hold content
      applied     recorded [time]
    ");
    assert_snapshot!(explains(&environment, "summary"), @r#"
    contoso/vm › Summary
      path        /definition/offer/microsoft-azure-marketplace.summary
      type        text
      rule        compared exactly
      known from  Microsoft's published reference
      managed     no: no manifest describes the offer
      standing    no manifest: there is nothing to compare it with
      apply       knows nothing of this offer

      repository  -
      applied     "Backs up your machines every night"  (recorded [time])
      draft       "Backs up your machines every night"
      preview     "Backs up your machines every night"
      production  "Backs up your machines every night"
    "#);
    assert_snapshot!(explains(&environment, "publish"), @"
    contoso/vm › publish
      in the plan no
      because     no manifest describes the offer, so that no plan is made for it; `offerctl publish contoso/vm` submits its draft as it is
    ");
}

#[test]
fn a_new_offer_is_explained_before_it_is_there() {
    let environment = TestEnvironment::with_offer();
    assert_snapshot!(explains(&environment, "summary"), @r#"
    contoso/vm › Summary
      path        /definition/offer/microsoft-azure-marketplace.summary
      type        text
      rule        compared exactly
      known from  Microsoft's published reference
      declared    offers/vm/offer.yaml:10:5
      standing    new: the service has no such offer yet
      apply       writes what the repository says

      repository  "Backs up your machines every night"
      applied     no record
      draft       the service has no such offer
      preview     the service has no such offer
      production  the service has no such offer
    "#);
    assert_snapshot!(explains(&environment, "create"), @"
    contoso/vm › create
      in the plan 1. create   the service has no offer contoso/vm
      asked by    offers/vm/offer.yaml:1:1
      undo        cannot be taken back
      estimate    the service has not named one
      fields      Offer alias (/definition/displayText, offers/vm/offer.yaml:7:3)
                  Title (/definition/offer/microsoft-azure-marketplace.title, offers/vm/offer.yaml:9:5)
                  Summary (/definition/offer/microsoft-azure-marketplace.summary, offers/vm/offer.yaml:10:5)
                  Small logo (/definition/offer/microsoft-azure-marketplace.smallLogo, offers/vm/offer.yaml:11:5)
                  Offer plan gold (/definition/plans/gold, offers/vm/offer.yaml:13:7)
                  Offer plan silver (/definition/plans/silver, offers/vm/offer.yaml:20:7)
    ");
}

#[test]
fn programs_get_ids_beside_the_sentences() {
    let environment = TestEnvironment::with_live_offer();
    summary_edited(&environment);
    assert_snapshot!("explain_field_json", environment.run("explain contoso/vm summary --output json"));
    assert_snapshot!("explain_step_json", environment.run("explain contoso/vm update --output json"));
    assert_snapshot!("explain_offer_json", environment.run("explain contoso/vm --output json"));
}

/// What is explained as written is what the plan writes, and nothing else.
#[test]
fn the_explanation_of_each_field_agrees_with_the_plan() {
    let environment = TestEnvironment::with_live_offer();
    summary_edited(&environment);
    environment.edit("title: Contoso VM", "title: Contoso Machine");
    environment.edit("regions: [DE, US]", "regions: [US, FR]");
    let plan = environment.run("plan --output json").expect(0).json();
    let planned: Vec<_> =
        plan["offers"][0]["changes"].as_array().unwrap().iter().map(|it| it["path"].clone()).collect();
    assert_eq!(planned.len(), 3);
    let explain = |path: &str| environment.run(&format!("explain contoso/vm {path} --output json")).expect(0).json();
    let mut left = vec!["/definition".to_owned()];
    let mut found = Vec::new();
    while let Some(path) = left.pop() {
        let field = &explain(&path)["field"];
        let children = field["children"].as_array().unwrap();
        if children.is_empty() && field["apply"]["does"] == "writes" {
            found.push(field["path"].clone());
        }
        // What is in order is not looked into: that is what the standing says.
        let differing = children.iter().filter(|child| {
            let standing = child["standing"].as_str().unwrap();
            !["inSync", "unmanaged", "unverifiable"].contains(&standing)
        });
        left.extend(differing.map(|child| child["path"].as_str().unwrap().to_owned()));
    }
    let sorted = |mut paths: Vec<serde_json::Value>| {
        paths.sort_by_key(ToString::to_string);
        paths
    };
    assert_eq!(sorted(found), sorted(planned));
}
