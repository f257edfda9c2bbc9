//! Everyday work: a line is edited here, a field is edited there, and each sees exactly what changed.

use serde_json::json;

use crate::environment::TestEnvironment;
use crate::manifests::silver;

#[test]
fn an_edited_line_is_exactly_what_changes_and_is_written_under_the_etag_that_was_read() {
    let environment = TestEnvironment::with_live_offer();
    environment.edit("every night", "twice a day");
    insta::assert_snapshot!(environment.run("plan"), @r#"
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
    --- exit 0 ---
    "#);
    environment.run("plan --detailed-exitcode").expect(2);
    insta::assert_snapshot!("plan_json", environment.run("plan --output json"));
    assert_eq!(environment.portal.writes(), "", "a plan writes nothing");

    insta::assert_snapshot!(environment.run("apply --yes"), @r#"
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
    environment.run("plan --detailed-exitcode").expect(0);
}

#[test]
fn a_portal_edit_is_shown_as_drift_and_reverted() {
    let environment = TestEnvironment::with_live_offer();
    environment.portal.edit("vm", &json!({"offer": {"microsoft-azure-marketplace.summary": "The best backup"}}));
    insta::assert_snapshot!(environment.run("plan"), @r#"
    ~ contoso/vm will be updated  offers/vm/offer.yaml, up to production
        ~ Summary: "The best backup" → "Backs up your machines every night"  (edited elsewhere; apply reverts it)  offer.yaml:10
      Steps:
        1. update   1 field of the draft differs

    Plan: 1 offers: 0 to create, 1 to change, 0 in sync, 0 blocked, 0 unreadable; 1 changes, 1 steps.
    Digest: [digest]
    --- exit 0 ---
    "#);
    environment.run("apply --yes --until draft").expect(0);
    let definition = environment.portal.definition("vm");
    assert_eq!(definition["offer"]["microsoft-azure-marketplace.summary"], "Backs up your machines every night");
    environment.run("plan --detailed-exitcode").expect(0);
}

#[test]
fn without_a_record_a_portal_edit_belongs_to_nobody_and_is_written_over() {
    let environment = TestEnvironment::with_live_offer();
    environment.forget_records();
    environment.portal.edit("vm", &json!({"offer": {"microsoft-azure-marketplace.summary": "The best backup"}}));
    let plan = environment.run("plan --output json").expect(0).json();
    assert_eq!(plan["offers"][0]["changes"][0]["class"], "unattributed");
    let said = environment.run("plan").expect(0).stdout;
    insta::assert_snapshot!(said.lines().nth(1).unwrap(), @r#"    ~ Summary: "The best backup" → "Backs up your machines every night"  (no record tells who wrote the old value)  offer.yaml:10"#);
    environment.run("apply --yes").expect(0);
    environment.run("plan --detailed-exitcode").expect(0);
}

#[test]
fn what_others_own_is_shown_and_not_written() {
    let environment = TestEnvironment::with_live_offer();
    environment.edit(
        "  publishTo: production\n",
        "  publishTo: production\n  ignore:\n    - path: /definition/offer/microsoft-azure-marketplace.summary\n      \
         reason: marketing edits this in the portal\n",
    );
    environment.portal.edit("vm", &json!({"offer": {"microsoft-azure-marketplace.summary": "The best backup"}}));
    environment.run("plan --detailed-exitcode").expect(0);
    insta::assert_snapshot!(environment.run("plan --until draft"), @r#"
    = contoso/vm is in sync  offers/vm/offer.yaml, up to draft
        = Summary: "The best backup" → "Backs up your machines every night"  (not written: marketing edits this in the portal)  offer.yaml:13

    Plan: 1 offers: 0 to create, 0 to change, 1 in sync, 0 blocked, 0 unreadable; 0 changes, 0 steps.
    Digest: [digest]
    --- exit 0 ---
    "#);
    environment.edit("displayText: Contoso VM", "displayText: Contoso Machine");
    environment.run("apply --yes --until draft").expect(0);
    let definition = environment.portal.definition("vm");
    assert_eq!(definition["offer"]["microsoft-azure-marketplace.summary"], "The best backup");
    assert_eq!(definition["displayText"], "Contoso Machine");
}

#[test]
fn null_removes_a_field() {
    let environment = TestEnvironment::with_live_offer();
    environment.edit("summary: Backs up your machines every night", "summary: null");
    insta::assert_snapshot!(environment.run("apply --yes"), @r#"
    ~ contoso/vm will be updated  offers/vm/offer.yaml, up to production
        - Summary: removed (was "Backs up your machines every night")  offer.yaml:10
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
    let definition = environment.portal.definition("vm");
    assert!(definition["offer"]["microsoft-azure-marketplace.summary"].is_null(), "{definition:#}");
    environment.run("plan --detailed-exitcode").expect(0);
    environment.forget_records();
    environment.run("plan --detailed-exitcode").expect(0);
}

#[test]
fn what_the_manifest_no_longer_names_is_removed_if_it_was_ours_and_kept_if_not() {
    let environment = TestEnvironment::with_live_offer();
    environment.portal.edit("vm", &json!({"offer": {"microsoft-azure-marketplace.longSummary": "Theirs"}}));
    environment.run("plan --detailed-exitcode --until draft").expect(0);
    environment.edit("    microsoft-azure-marketplace.summary: Backs up your machines every night\n", "");
    insta::assert_snapshot!(environment.run("plan --until draft"), @r#"
    ~ contoso/vm will be updated  offers/vm/offer.yaml, up to draft
        - Summary: removed (was "Backs up your machines every night")  offer.yaml:8
      Steps:
        1. update   1 field of the draft differs

    Plan: 1 offers: 0 to create, 1 to change, 0 in sync, 0 blocked, 0 unreadable; 1 changes, 1 steps.
    Digest: [digest]
    --- exit 0 ---
    "#);
    environment.run("apply --yes --allow passengers").expect(0);
    let definition = environment.portal.definition("vm");
    assert!(definition["offer"]["microsoft-azure-marketplace.summary"].is_null(), "{definition:#}");
    assert_eq!(definition["offer"]["microsoft-azure-marketplace.longSummary"], "Theirs");
    environment.run("plan --detailed-exitcode").expect(0);
}

#[test]
fn a_new_signature_for_the_same_disk_is_no_change_and_another_disk_is_one() {
    let environment = TestEnvironment::with_live_offer();
    environment.edit("gold.vhd?sv=2024-11-04&se=2036", "gold.vhd?sv=2025-01-05&se=2037");
    environment.run("plan --detailed-exitcode").expect(0);
    environment.edit("gold.vhd?", "gold-2.vhd?");
    insta::assert_snapshot!(environment.run("plan"), @"
    ~ contoso/vm will be updated  offers/vm/offer.yaml, up to production
        ~ Offer plan gold › Images › Image 1.0.0 › OS disk: https://contoso.blob.core.windows.net/vhds/gold.vhd → https://contoso.blob.core.windows.net/vhds/gold-2.vhd  offer.yaml:19
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
}

#[test]
fn another_logo_is_a_change_although_the_service_serves_its_own_copy() {
    let environment = TestEnvironment::with_live_offer();
    environment.edit("logo-48x48.png", "logo-2027-48x48.png");
    insta::assert_snapshot!(environment.run("plan"), @"
    ~ contoso/vm will be updated  offers/vm/offer.yaml, up to production
        ~ Small logo: https://publishingstoredm.blob.core.windows.net/prodcontent/D6191_publishers_contoso/vm/aa513d80-074a-46fb-83df-31e06a013019.png → https://assets.contoso.com/logo-2027-48x48.png  offer.yaml:11
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
    environment.run("apply --yes").expect(0);
    environment.run("plan --detailed-exitcode").expect(0);
}

#[test]
fn an_image_an_offer_plan_and_a_region_are_added() {
    let environment = TestEnvironment::with_live_offer();
    environment.edit("regions: [DE, US]", "regions: [FR, US, DE]");
    let gold = "        1.0.0:\n          osVhdUrl: https://contoso.blob.core.windows.net/vhds/gold.vhd?";
    environment.edit(
        gold,
        &format!("        1.1.0:\n          osVhdUrl: https://contoso.blob.core.windows.net/vhds/new.vhd\n{gold}"),
    );
    let bronze = silver().replace("silver", "bronze").replace("Silver", "Bronze");
    environment.edit(silver(), &format!("{bronze}{}", silver()));
    insta::assert_snapshot!(environment.run("plan"), @r#"
    ! contoso/vm is blocked  offers/vm/offer.yaml, up to production
        ~ Offer plan gold › Regions: +FR  offer.yaml:15
        + Offer plan gold › Images › Image 1.1.0: 1 field  offer.yaml:18
            OS disk: "https://contoso.blob.core.windows.net/vhds/new.vhd"
        + Offer plan bronze: 5 fields  offer.yaml:22
            Offer plan id: "bronze"
            Offer plan title: "Bronze"
            Regions: [DE]
            Price › Bring your own license: true
            Images › Image 1.0.0 › OS disk: "https://contoso.blob.core.windows.net/vhds/bronze.vhd?REDACTED"
      Steps:
        1. update   3 fields of the draft differ
        2. publish  the preview slot holds other content (Certification < 5 day); can be canceled while it runs
        3. wait     the service validates, certifies and provisions the preview
        4. go live  `publishTo` is production (Live ~2-5 days); cannot be taken back
        5. wait     the service makes the preview public
      blocked by audience-change: where the offer plan `gold` is sold changes (wider): +FR
        way out: correct the manifest, or let it pass with `--allow audience-change:contoso/vm`

    Why that is so: `offerctl explain contoso/vm`, and with the name of a field what became of that field.

    Plan: 1 offers: 0 to create, 0 to change, 0 in sync, 1 blocked, 0 unreadable; 3 changes, 0 steps.
    Digest: [digest]
    --- exit 0 ---
    "#);
    environment.run("apply --yes --allow audience-change").expect(0);
    environment.run("plan --detailed-exitcode").expect(0);
}

#[test]
fn the_order_of_keys_and_sets_and_offer_plans_says_nothing() {
    let environment = TestEnvironment::with_live_offer();
    environment.edit("regions: [DE, US]", "regions: [US, DE]");
    environment.edit(
        "      virtualMachinePricing: {isByol: true}\n      microsoft-azure-virtualmachines.vmImages:\n        \
         1.0.0:\n          osVhdUrl: https://contoso.blob.core.windows.net/vhds/gold",
        "      microsoft-azure-virtualmachines.vmImages:\n        \
         1.0.0:\n          osVhdUrl: https://contoso.blob.core.windows.net/vhds/gold",
    );
    environment.edit(
        "      microsoft-azure-virtualmachines.skuTitle: Gold\n",
        "      virtualMachinePricing: {isByol: true}\n      microsoft-azure-virtualmachines.skuTitle: Gold\n",
    );
    environment.edit(silver(), "");
    environment.edit("  plans:\n", &format!("  plans:\n{}", silver()));
    environment.run("plan --detailed-exitcode").expect(0);
}

#[test]
fn of_a_list_that_is_written_as_a_whole_each_changed_field_is_shown() {
    let environment = TestEnvironment::with_live_offer();
    let videos = |titles: [&str; 2]| {
        let [one, other] = titles.map(|title| format!("{{name: {title}, url: 'https://contoso.com/{title}'}}"));
        format!("    microsoft-azure-marketplace.videos: [{one}, {other}]\n    microsoft-azure-marketplace.summary")
    };
    environment.edit("    microsoft-azure-marketplace.summary", &videos(["first", "second"]));
    environment.run("apply --yes --until draft").expect(0);
    environment
        .edit("{name: second, url: 'https://contoso.com/second'}", "{name: third, url: 'https://contoso.com/third'}");
    let said = environment.run("plan --until draft").expect(0).stdout;
    insta::assert_snapshot!(said.lines().skip(1).take(5).collect::<Vec<_>>().join("\n"), @r#"
    ~ Videos: 2 elements, changed inside  offer.yaml:10
        [-1 › name: "second"-]
        [-1 › url: "https://contoso.com/second"-]
        {+1 › name: "third"+}
        {+1 › url: "https://contoso.com/third"+}
    "#);
    let colleague = [json!({"name": "first", "url": "https://contoso.com/other"})];
    environment.portal.edit("vm", &json!({"offer": {"microsoft-azure-marketplace.videos": colleague}}));
    let said = environment.run("diff contoso/vm 2 draft").expect(2).stdout;
    insta::assert_snapshot!(said.lines().skip(1).collect::<Vec<_>>().join("\n"), @r#"
    ~ Videos: 2 elements → 1 element
        [-0 › url: "https://contoso.com/first"-]
        [-1 › name: "second"-]
        [-1 › url: "https://contoso.com/second"-]
        {+0 › url: "https://contoso.com/other"+}
    "#);
}

#[test]
fn an_edit_that_nobody_can_see_is_spelt_in_every_format() {
    let spelt = r"Contoso\u{a0}VM";
    let ours = TestEnvironment::with_live_offer();
    ours.edit("title: Contoso VM", "title: \"Contoso\u{a0}VM\"");
    let theirs = TestEnvironment::with_live_offer();
    theirs.portal.edit("vm", &json!({"offer": {"microsoft-azure-marketplace.title": "Contoso\u{a0}VM"}}));
    // As a browser reads it: in Markdown every sign of others stands for itself alone.
    let read = |said: String| said.replace("&#92;", "\\").replace("&#123;", "{").replace("&#125;", "}");
    for output in ["text", "markdown", "html"] {
        let said = ours.run(&format!("plan --output {output}")).expect(0).stdout;
        assert!(read(said.clone()).contains(spelt), "{said}");
        let said = theirs.run(&format!("drift --output {output}")).expect(3).stdout;
        assert!(read(said.clone()).contains(spelt), "{said}");
    }
    assert!(theirs.run("explain contoso/vm title").expect(0).stdout.contains(spelt));
    assert!(theirs.run("diff contoso/vm").expect(2).stdout.contains(spelt));
}
