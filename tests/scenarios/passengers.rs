//! Colleagues leave half-done edits in the draft, and nothing ships them unseen.

use serde_json::json;

use crate::environment::TestEnvironment;
use crate::manifests::silver;

fn theirs() -> serde_json::Value {
    json!({"offer": {"microsoft-azure-marketplace.longSummary": "A sentence that is not yet fini"}})
}

#[test]
fn somebody_elses_edit_blocks_until_it_is_allowed() {
    let environment = TestEnvironment::with_live_offer();
    environment.portal.edit("vm", &theirs());
    // Nothing is to be published, so nobody need look.
    environment.run("plan --detailed-exitcode").expect(0);
    environment.edit("every night", "twice a day");
    environment.run("apply --yes --until draft").expect(0);
    environment.portal.forget_requests();
    insta::assert_snapshot!(environment.run("apply --yes"), @r#"
    ! contoso/vm is blocked  offers/vm/offer.yaml, up to production
        + Long summary: "A sentence that is not yet fini"  (passenger: edited in the draft, not in production and not in the manifest)
      Steps:
        1. publish  the preview slot holds other content (Certification < 5 day); can be canceled while it runs
        2. wait     the service validates, certifies and provisions the preview
        3. go live  `publishTo` is production (Live ~2-5 days); cannot be taken back
        4. wait     the service makes the preview public
      blocked by passengers: publishing would also ship an edit of the draft that the manifest does not say and production does not have: `/definition/offer/microsoft-azure-marketplace.longSummary`
        way out: take the fields into the manifest with `offerctl adopt contoso/vm --path /definition/offer/microsoft-azure-marketplace.longSummary` when they are right, take them back in the portal when they are not, or ship them as they are with `--allow passengers:contoso/vm`

    Why that is so: `offerctl explain contoso/vm`, and with the name of a field what became of that field.

    Plan: 1 offers: 0 to create, 0 to change, 0 in sync, 1 blocked, 0 unreadable; 0 changes, 0 steps.
    Digest: [digest]
    Apply: 1 offers: 0 done, 0 in sync, 0 still in progress, 1 blocked, 0 failed, 0 unreadable, 0 interrupted.
    --- exit 9 ---
    "#);
    assert_eq!(environment.portal.writes(), "");
    insta::assert_snapshot!(environment.run("apply --yes --allow passengers:contoso/vm").expect(0).stdout, @r#"
    > contoso/vm goes on  offers/vm/offer.yaml, up to production
        + Long summary: "A sentence that is not yet fini"  (passenger: edited in the draft, not in production and not in the manifest)
      Steps:
        1. publish  the preview slot holds other content (Certification < 5 day); can be canceled while it runs
        2. wait     the service validates, certifies and provisions the preview
        3. go live  `publishTo` is production (Live ~2-5 days); cannot be taken back
        4. wait     the service makes the preview public
      allowed passengers: publishing would also ship an edit of the draft that the manifest does not say and production does not have: `/definition/offer/microsoft-azure-marketplace.longSummary`

    Plan: 1 offers: 0 to create, 1 to change, 0 in sync, 0 blocked, 0 unreadable; 0 changes, 4 steps.
    Digest: [digest]
    Apply: 1 offers: 1 done, 0 in sync, 0 still in progress, 0 blocked, 0 failed, 0 unreadable, 0 interrupted.
    "#);
    environment.run("plan --detailed-exitcode").expect(0);
}

#[test]
fn somebody_elses_edit_is_adopted_by_the_command_that_the_block_names() {
    let environment = TestEnvironment::with_live_offer();
    environment.portal.edit("vm", &theirs());
    environment.edit("every night", "twice a day");
    let plan = environment.run("plan --output json").expect(0).json();
    let way_out = plan["offers"][0]["blocked"][0]["wayOut"].as_str().unwrap().to_owned();
    let command = way_out.split('`').nth(1).unwrap().strip_prefix("offerctl ").unwrap();
    insta::assert_snapshot!(environment.run(&format!("{command} --yes")), @"
    --- a/offers/vm/offer.yaml
    +++ b/offers/vm/offer.yaml
    @@ -9,6 +9,7 @@
         microsoft-azure-marketplace.title: Contoso VM
         microsoft-azure-marketplace.summary: Backs up your machines twice a day
         microsoft-azure-marketplace.smallLogo: https://assets.contoso.com/logo-48x48.png
    +    microsoft-azure-marketplace.longSummary: A sentence that is not yet fini
       plans:
         - planId: gold
           microsoft-azure-virtualmachines.skuTitle: Gold
    contoso/vm
        taken over /definition/offer/microsoft-azure-marketplace.longSummary
    Adopt: 1 fields taken over, 0 not, 0 left; 1 files written.
    Next: `offerctl plan` no longer lists these fields; look through the files and commit them.
    --- exit 0 ---
    ");
    environment.run("apply --yes").expect(0);
    let definition = environment.portal.definition("vm");
    assert_eq!(definition["offer"]["microsoft-azure-marketplace.longSummary"], "A sentence that is not yet fini");
    environment.run("plan --detailed-exitcode").expect(0);
}

#[test]
fn an_offer_plan_and_a_field_deep_down_are_adopted_with_what_is_around_them() {
    let environment = TestEnvironment::with_live_offer();
    let mut plans = environment.portal.definition("vm")["plans"].clone();
    plans[0]["theirs.map"] = json!({"one": {"two": "three"}, "four": 4});
    plans.as_array_mut().unwrap().push(json!({"planId": "tin", "microsoft-azure-virtualmachines.skuTitle": "Tin"}));
    environment.portal.edit("vm", &json!({"plans": plans}));
    environment.edit("every night", "twice a day");
    environment.run("apply --yes").expect(9);
    let adopt = "adopt contoso/vm --yes --path /definition/plans/tin --path /definition/plans/gold/theirs.map/one/two";
    insta::assert_snapshot!(environment.run(adopt), @"
    --- a/offers/vm/offer.yaml
    +++ b/offers/vm/offer.yaml
    @@ -17,6 +17,9 @@
           microsoft-azure-virtualmachines.vmImages:
             1.0.0:
               osVhdUrl: https://contoso.blob.core.windows.net/vhds/gold.vhd?sv=2024-11-04&se=2036-01-01T00%3A00%3A00Z&sr=b&sp=r&sig=REDACTED
    +      theirs.map:
    +        one:
    +          two: three
         - planId: silver
           microsoft-azure-virtualmachines.skuTitle: Silver
           regions: [DE]
    @@ -24,3 +27,5 @@
           microsoft-azure-virtualmachines.vmImages:
             1.0.0:
               osVhdUrl: https://contoso.blob.core.windows.net/vhds/silver.vhd?sv=2024-11-04&se=2036-01-01T00%3A00%3A00Z&sr=b&sp=r&sig=REDACTED
    +    - planId: tin
    +      microsoft-azure-virtualmachines.skuTitle: Tin
    contoso/vm
        taken over /definition/plans/tin
        taken over /definition/plans/gold/theirs.map
    Adopt: 2 fields taken over, 0 not, 0 left; 1 files written.
    Next: `offerctl plan` no longer lists these fields; look through the files and commit them.
    --- exit 0 ---
    ");
    let plan = environment.run("plan --output json").expect(0).json();
    let passengers = plan["offers"][0]["passengers"].as_array().unwrap();
    let left: Vec<_> = passengers.iter().map(|passenger| passenger["path"].as_str().unwrap()).collect();
    assert_eq!(left, ["/definition/plans/gold/theirs.map/four"]);
}

/// Nobody but the manifest has a say, so that nothing is anybody's edit.
#[track_caller]
fn nobody_has_passengers(environment: &TestEnvironment) {
    let plan = environment.run("plan --output json").expect(0).json();
    let offer = &plan["offers"][0];
    assert!(offer["steps"].as_array().unwrap().iter().any(|step| step["action"] == "publish"), "{plan:#}");
    assert_eq!((&offer["passengers"], &offer["blocked"]), (&json!([]), &json!([])), "{plan:#}");
}

#[test]
fn an_offer_that_was_imported_has_none_after_an_edit() {
    let environment = TestEnvironment::with_live_offer();
    environment.forget_records();
    std::fs::remove_dir_all(environment.path("offers")).unwrap();
    environment.run("import contoso/vm").expect(0);
    environment.edit("every night", "twice a day");
    nobody_has_passengers(&environment);
    environment.run("apply --yes").expect(0);
}

#[test]
fn an_edit_that_somebody_published_and_took_live_is_everybodys() {
    let environment = TestEnvironment::with_live_offer();
    environment.portal.edit("vm", &theirs());
    environment.run("publish contoso/vm --yes").expect(0);
    environment.run("go-live contoso/vm --yes").expect(0);
    environment.edit("every night", "twice a day");
    nobody_has_passengers(&environment);
    environment.forget_records();
    nobody_has_passengers(&environment);
}

#[test]
fn after_a_cancel_the_content_that_was_submitted_is_no_passenger() {
    let environment = TestEnvironment::with_offer_on(crate::environment::as_slow_as_the_service());
    environment.portal.let_days_pass_while_waiting();
    environment.run("apply --yes --poll-interval 1ms").expect(0);
    environment.portal.clear_faults();
    environment.edit("every night", "twice a day");
    environment.run("apply --yes --wait 0").expect(7);
    environment.portal.let_days_pass_while_waiting();
    environment.run("cancel contoso/vm --yes --poll-interval 1ms").expect(0);
    environment.edit("twice a day", "every hour");
    nobody_has_passengers(&environment);
}

#[test]
fn an_offer_plan_that_was_removed_is_no_passenger_as_long_as_a_record_tells() {
    let environment = TestEnvironment::with_live_offer();
    environment.edit("  publishTo: production\n", "  publishTo: production\n  offerPlans: exact\n");
    let mut plans = environment.portal.definition("vm")["plans"].clone();
    let mut tin = plans[0].clone();
    tin["planId"] = json!("tin");
    plans.as_array_mut().unwrap().push(tin);
    environment.portal.edit("vm", &json!({"plans": plans}));
    environment.run("publish contoso/vm --yes").expect(0);
    environment.run("go-live contoso/vm --yes").expect(0);
    environment.run("apply --yes --until draft --allow remove-offer-plan").expect(0);
    nobody_has_passengers(&environment);
}

#[test]
fn somebody_elses_edit_is_taken_back_in_the_portal() {
    let environment = TestEnvironment::with_live_offer();
    environment.portal.edit("vm", &theirs());
    environment.edit("every night", "twice a day");
    environment.run("apply --yes").expect(9);
    environment.portal.edit("vm", &json!({"offer": {"microsoft-azure-marketplace.longSummary": ""}}));
    environment.run("apply --yes").expect(0);
}

#[test]
fn a_passenger_is_data_too() {
    let environment = TestEnvironment::with_live_offer();
    environment.portal.edit("vm", &theirs());
    environment.edit("every night", "twice a day");
    let plan = environment.run("plan --output json").expect(0).json();
    insta::assert_snapshot!(serde_json::to_string_pretty(&plan["offers"][0]["passengers"]).unwrap(), @r#"
    [
      {
        "path": "/definition/offer/microsoft-azure-marketplace.longSummary",
        "op": "add",
        "from": "draft",
        "replaces": "production",
        "before": null,
        "after": "A sentence that is not yet fini",
        "sensitive": false
      }
    ]
    "#);
    insta::assert_snapshot!(serde_json::to_string_pretty(&plan["offers"][0]["blocked"]).unwrap(), @r#"
    [
      {
        "guard": "passengers",
        "reason": "publishing would also ship an edit of the draft that the manifest does not say and production does not have: `/definition/offer/microsoft-azure-marketplace.longSummary`",
        "messages": [],
        "fields": [
          {
            "path": "/definition/offer/microsoft-azure-marketplace.longSummary",
            "source": {
              "file": "offers/vm/offer.yaml",
              "line": 8,
              "column": 3
            }
          }
        ],
        "wayOut": "take the fields into the manifest with `offerctl adopt contoso/vm --path /definition/offer/microsoft-azure-marketplace.longSummary` when they are right, take them back in the portal when they are not, or ship them as they are with `--allow passengers:contoso/vm`"
      }
    ]
    "#);
    let plan = environment.run("plan --output json --allow passengers").expect(0).json();
    insta::assert_snapshot!(serde_json::to_string_pretty(&plan["offers"][0]["allowed"]).unwrap(), @r#"
    [
      {
        "guard": "passengers",
        "reason": "publishing would also ship an edit of the draft that the manifest does not say and production does not have: `/definition/offer/microsoft-azure-marketplace.longSummary`",
        "fields": [
          {
            "path": "/definition/offer/microsoft-azure-marketplace.longSummary",
            "source": {
              "file": "offers/vm/offer.yaml",
              "line": 8,
              "column": 3
            }
          }
        ]
      }
    ]
    "#);
}

#[test]
fn a_removal_that_somebody_else_made_is_published_too_and_no_passenger() {
    // An adopted removal was counted as in sync, while the slots went on showing what was removed.
    let environment = TestEnvironment::with_live_offer();
    let links = "    microsoft-azure-marketplace.usefulLinks:\n      - {linkTitle: One, linkUrl: \"https://one\"}\n      \
                 - {linkTitle: Two, linkUrl: \"https://two\"}\n";
    let title = "    microsoft-azure-marketplace.title: Contoso VM\n";
    environment.edit(title, &format!("{title}{links}"));
    environment.run("apply --yes").expect(0);
    let links = json!([{"linkTitle": "One", "linkUrl": "https://one"}]);
    environment.portal.edit(
        "vm",
        &json!({"offer": {"microsoft-azure-marketplace.summary": null, "microsoft-azure-marketplace.usefulLinks": links}}),
    );
    environment.run("adopt --yes").expect(0);
    insta::assert_snapshot!(environment.run("plan --detailed-exitcode"), @"
    > contoso/vm goes on  offers/vm/offer.yaml, up to production
      Steps:
        1. publish  the preview slot holds other content (Certification < 5 day); can be canceled while it runs
        2. wait     the service validates, certifies and provisions the preview
        3. go live  `publishTo` is production (Live ~2-5 days); cannot be taken back
        4. wait     the service makes the preview public

    Plan: 1 offers: 0 to create, 1 to change, 0 in sync, 0 blocked, 0 unreadable; 0 changes, 4 steps.
    Digest: [digest]
    --- exit 2 ---
    ");
    // A run that goes no further than the draft must not forget it.
    environment.run("apply --yes --until draft").expect(0);
    insta::assert_snapshot!(environment.run("drift"), @r#"
    ~ contoso/vm has changes of ours that are not applied or not published yet  offers/vm/offer.yaml
        - Useful links › Useful link https://two: removed (was 2 fields)  offer.yaml:10
            pending: right in the draft, not published yet
            draft: as in the repository · preview: the old value · production: the old value
        - Summary: removed (was "Backs up your machines every night")  offer.yaml:8
            pending: right in the draft, not published yet
            draft: as in the repository · preview: the old value · production: the old value

    Drift: 1 offers found, 1 read, 1 compared, 0 skipped; 0 drifted; 0 drift, 0 conflict, 0 unattributed, 2 pending, 0 waived.
    --- exit 0 ---
    "#);
    environment.run("apply --yes").expect(0);
    environment.run("plan --detailed-exitcode").expect(0);
    environment.run("drift").expect(0);
    for slot in ["preview", "production"] {
        let held = environment.run(&format!("get contoso/vm --slot {slot}")).expect(0).stdout;
        assert!(!held.contains("every night") && !held.contains("https://two"), "{held}");
    }
}

#[test]
fn an_offer_plan_that_others_removed_does_not_leave_its_customers_unguarded() {
    let environment = TestEnvironment::with_live_offer();
    environment.edit(silver(), "");
    let plans = environment.portal.definition("vm")["plans"].as_array().unwrap()[..1].to_vec();
    environment.portal.edit("vm", &json!({"plans": plans}));
    let plan = environment.run("plan --output json").expect(0).json();
    assert_eq!(plan["offers"][0]["blocked"][0]["guard"], "remove-offer-plan", "{plan:#}");
    assert_eq!(plan["offers"][0]["passengers"], json!([]));
    environment.run("apply --yes --allow remove-offer-plan").expect(0);
    environment.run("plan --detailed-exitcode").expect(0);
}

#[test]
fn the_first_publish_ships_nothing_unseen_either() {
    // With nothing in the slots nobody looked, and half a sentence went live.
    let environment = TestEnvironment::with_offer();
    environment.run("apply --yes --until draft").expect(0);
    environment.run("plan").expect(0);
    environment.portal.edit("vm", &theirs());
    insta::assert_snapshot!(environment.run("apply --yes"), @r#"
    ! contoso/vm is blocked  offers/vm/offer.yaml, up to production
        + Long summary: "A sentence that is not yet fini"  (passenger: edited in the draft, not in production and not in the manifest)
      Steps:
        1. publish  nothing is in the preview slot yet (Certification < 5 day); can be canceled while it runs
        2. wait     the service validates, certifies and provisions the preview
        3. go live  `publishTo` is production (Live ~2-5 days); cannot be taken back
        4. wait     the service makes the preview public
      blocked by passengers: publishing would also ship an edit of the draft that the manifest does not say and production does not have: `/definition/offer/microsoft-azure-marketplace.longSummary`
        way out: take the fields into the manifest with `offerctl adopt contoso/vm --path /definition/offer/microsoft-azure-marketplace.longSummary` when they are right, take them back in the portal when they are not, or ship them as they are with `--allow passengers:contoso/vm`

    Why that is so: `offerctl explain contoso/vm`, and with the name of a field what became of that field.

    Plan: 1 offers: 0 to create, 0 to change, 0 in sync, 1 blocked, 0 unreadable; 0 changes, 0 steps.
    Digest: [digest]
    Apply: 1 offers: 0 done, 0 in sync, 0 still in progress, 1 blocked, 0 failed, 0 unreadable, 0 interrupted.
    --- exit 9 ---
    "#);
    environment.forget_records();
    insta::assert_snapshot!(environment.run("plan"), @"
    > contoso/vm goes on  offers/vm/offer.yaml, up to production
        note: `/definition/offer/microsoft-azure-marketplace.smallLogo`: served from the service's own storage, and no record tells from what source; taken as unchanged, `--resend-media` sends the manifest's again
        note: nothing is published yet: also what the manifest does not say is published for the first time: `/definition/offer/microsoft-azure-marketplace.longSummary`
      Steps:
        1. publish  nothing is in the preview slot yet (Certification < 5 day); can be canceled while it runs
        2. wait     the service validates, certifies and provisions the preview
        3. go live  `publishTo` is production (Live ~2-5 days); cannot be taken back
        4. wait     the service makes the preview public

    Plan: 1 offers: 0 to create, 1 to change, 0 in sync, 0 blocked, 0 unreadable; 0 changes, 4 steps.
    Digest: [digest]
    --- exit 0 ---
    ");
    environment.run("apply --yes").expect(0);
}

#[test]
fn no_way_out_names_adopt_where_there_is_nothing_to_adopt() {
    let environment = TestEnvironment::with_live_offer();
    let summary = "/definition/offer/microsoft-azure-marketplace.summary";
    environment.edit(
        "  publishTo: production\n",
        &format!("  publishTo: production\n  ignore:\n    - {{path: {summary}, reason: marketing edits this}}\n"),
    );
    environment.edit(
        "Contoso VM\n    microsoft-azure-marketplace.summary",
        "Contoso VM 2\n    microsoft-azure-marketplace.summary",
    );
    environment.portal.edit("vm", &json!({"offer": {"microsoft-azure-marketplace.summary": "Half a sent"}}));
    let way_out = |environment: &TestEnvironment| {
        let plan = environment.run("plan --output json").expect(0).json();
        plan["offers"][0]["blocked"][0]["wayOut"].as_str().unwrap().to_owned()
    };
    insta::assert_snapshot!(way_out(&environment), @"take them back in the portal when they are not right, or ship them as they are with `--allow passengers:contoso/vm`; `/definition/offer/microsoft-azure-marketplace.summary` is waived, so the manifest has no say in it until its entry in `reconcile.ignore` is deleted");
    let before = std::fs::read_to_string(environment.path("offers/vm/offer.yaml")).unwrap();
    insta::assert_snapshot!(environment.run(&format!("adopt contoso/vm --yes --path {summary}")), @r#"
    contoso/vm
        not taken over /definition/offer/microsoft-azure-marketplace.summary: it is waived ("marketing edits this"), so the manifest has no say in it; delete its entry in `reconcile.ignore` first, if the manifest shall say it
    Adopt: 0 fields taken over, 1 not, 0 left; 0 files written.
    --- exit 4 ---
    "#);
    assert_eq!(std::fs::read_to_string(environment.path("offers/vm/offer.yaml")).unwrap(), before);
}

#[test]
fn what_somebody_removed_cannot_be_adopted() {
    let environment = TestEnvironment::with_offer();
    environment.run("apply --yes --until draft").expect(0);
    environment.portal.edit("vm", &theirs());
    environment.run("apply --yes --allow passengers").expect(0);
    environment.portal.edit("vm", &json!({"offer": {"microsoft-azure-marketplace.longSummary": null}}));
    environment.edit("every night", "twice a day");
    let plan = environment.run("plan --output json").expect(0).json();
    insta::assert_snapshot!(plan["offers"][0]["blocked"][0]["wayOut"].as_str().unwrap(), @"take them back in the portal when they are not right, or ship them as they are with `--allow passengers:contoso/vm`");
}
