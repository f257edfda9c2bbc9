//! Colleagues leave half-done edits in the draft, and nothing ships them unseen.

use serde_json::json;

use crate::environment::TestEnvironment;

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
        way out: name the fields in the manifest when they are right, take them back in the portal when they are not, or ship them as they are with `--allow passengers:contoso/vm`

    Plan: 1 offers: 0 to create, 0 to change, 0 in sync, 1 blocked, 0 unreadable; 0 changes, 0 steps.
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
    Apply: 1 offers: 1 done, 0 in sync, 0 still in progress, 0 blocked, 0 failed, 0 unreadable, 0 interrupted.
    "#);
    environment.run("plan --detailed-exitcode").expect(0);
}

#[test]
fn somebody_elses_edit_is_adopted_by_naming_it() {
    let environment = TestEnvironment::with_live_offer();
    environment.portal.edit("vm", &theirs());
    let summary = "    microsoft-azure-marketplace.summary";
    environment
        .edit(summary, &format!("    microsoft-azure-marketplace.longSummary: A sentence that is finished\n{summary}"));
    environment.run("apply --yes").expect(0);
    let definition = environment.portal.definition("vm");
    assert_eq!(definition["offer"]["microsoft-azure-marketplace.longSummary"], "A sentence that is finished");
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
        "wayOut": "name the fields in the manifest when they are right, take them back in the portal when they are not, or ship them as they are with `--allow passengers:contoso/vm`"
      }
    ]
    "#);
    let plan = environment.run("plan --output json --allow passengers").expect(0).json();
    insta::assert_snapshot!(serde_json::to_string_pretty(&plan["offers"][0]["allowed"]).unwrap(), @r#"
    [
      {
        "guard": "passengers",
        "reason": "publishing would also ship an edit of the draft that the manifest does not say and production does not have: `/definition/offer/microsoft-azure-marketplace.longSummary`"
      }
    ]
    "#);
}
