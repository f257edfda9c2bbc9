//! What is dangerous waits for somebody who allows it by name.

use serde_json::json;

use crate::environment::TestEnvironment;
use crate::manifests::silver;

#[test]
fn a_field_that_both_sides_changed_blocks_until_somebody_decides() {
    let environment = TestEnvironment::with_live_offer();
    environment.edit("every night", "twice a day");
    environment.portal.edit("vm", &json!({"offer": {"microsoft-azure-marketplace.summary": "The best backup"}}));
    insta::assert_snapshot!(environment.run("apply --yes"), @r#"
    ! contoso/vm is blocked  offers/vm/offer.yaml, up to production
        ~ Summary: "The best backup" → "Backs up your machines twice a day"  (conflict: edited here and elsewhere)  offer.yaml:10
      Steps:
        1. update   1 field of the draft differs
        2. publish  the preview slot holds other content (Certification < 5 day); can be canceled while it runs
        3. wait     the service validates, certifies and provisions the preview
        4. go live  `publishTo` is production (Live ~2-5 days); cannot be taken back
        5. wait     the service makes the preview public
      blocked by conflict: both the manifest and the service changed `/definition/offer/microsoft-azure-marketplace.summary` since the last apply
        way out: take their values into the manifest, or write yours over them with `--allow conflict:contoso/vm`

    Why that is so: `offerctl explain contoso/vm`, and with the name of a field what became of that field.

    Plan: 1 offers: 0 to create, 0 to change, 0 in sync, 1 blocked, 0 unreadable; 1 changes, 0 steps.
    Digest: [digest]
    Apply: 1 offers: 0 done, 0 in sync, 0 still in progress, 1 blocked, 0 failed, 0 unreadable, 0 interrupted.
    --- exit 9 ---
    "#);
    assert_eq!(environment.portal.writes(), "");
    environment.run("apply --yes --allow conflict:contoso/other").expect(9);
    assert_eq!(environment.portal.writes(), "");

    environment.run("apply --yes --allow conflict").expect(0);
    let definition = environment.portal.definition("vm");
    assert_eq!(definition["offer"]["microsoft-azure-marketplace.summary"], "Backs up your machines twice a day");
    environment.run("plan --detailed-exitcode").expect(0);
}

#[test]
fn an_offer_plan_is_removed_only_by_name() {
    let environment = TestEnvironment::with_live_offer();
    environment.edit(silver(), "");
    insta::assert_snapshot!(environment.run("plan --detailed-exitcode"), @"
    ! contoso/vm is blocked  offers/vm/offer.yaml, up to production
        - Offer plan silver: removed (was 20 fields)  offer.yaml:12
      Steps:
        1. update   1 field of the draft differs
        2. publish  the preview slot holds other content (Certification < 5 day); can be canceled while it runs
        3. wait     the service validates, certifies and provisions the preview
        4. go live  `publishTo` is production (Live ~2-5 days); cannot be taken back
        5. wait     the service makes the preview public
      blocked by remove-offer-plan: the offer plan `silver` would be removed for its customers
        way out: put it back into the manifest, or let it go with `--allow remove-offer-plan:contoso/vm`

    Why that is so: `offerctl explain contoso/vm`, and with the name of a field what became of that field.

    Plan: 1 offers: 0 to create, 0 to change, 0 in sync, 1 blocked, 0 unreadable; 1 changes, 0 steps.
    Digest: [digest]
    --- exit 2 ---
    ");
    environment.run("apply --yes").expect(9);
    environment.run("apply --yes --allow remove-image").expect(9);
    assert_eq!(environment.portal.writes(), "");

    environment.run("apply --yes --allow remove-offer-plan:contoso/vm").expect(0);
    assert_eq!(environment.portal.definition("vm")["plans"].as_array().unwrap().len(), 1);
    environment.run("plan --detailed-exitcode").expect(0);
}

#[test]
fn an_image_is_removed_only_by_name() {
    let environment = TestEnvironment::with_offer();
    let second = "          osVhdUrl: https://contoso.blob.core.windows.net/vhds/silver-2.vhd\n";
    let text = std::fs::read_to_string(environment.path("offers/vm/offer.yaml")).unwrap();
    environment.write("offers/vm/offer.yaml", &format!("{text}        1.0.1:\n{second}"));
    environment.run("apply --yes").expect(0);
    environment.write("offers/vm/offer.yaml", &text);
    let said = environment.run("apply --yes").expect(9);
    insta::assert_snapshot!(said.stdout, @"
    ! contoso/vm is blocked  offers/vm/offer.yaml, up to production
        - Offer plan silver › Images › Image 1.0.1: removed (was 1 field)  offer.yaml:24
      Steps:
        1. update   1 field of the draft differs
        2. publish  the preview slot holds other content (Certification < 5 day); can be canceled while it runs
        3. wait     the service validates, certifies and provisions the preview
        4. go live  `publishTo` is production (Live ~2-5 days); cannot be taken back
        5. wait     the service makes the preview public
      blocked by remove-image: `1.0.1` would be removed (`/definition/plans/silver/microsoft-azure-virtualmachines.vmImages/1.0.1`)
        way out: put it back into the manifest, or let it go with `--allow remove-image:contoso/vm`

    Why that is so: `offerctl explain contoso/vm`, and with the name of a field what became of that field.

    Plan: 1 offers: 0 to create, 0 to change, 0 in sync, 1 blocked, 0 unreadable; 1 changes, 0 steps.
    Digest: [digest]
    Apply: 1 offers: 0 done, 0 in sync, 0 still in progress, 1 blocked, 0 failed, 0 unreadable, 0 interrupted.
    ");
    environment.run("apply --yes --allow remove-image").expect(0);
    environment.run("plan --detailed-exitcode").expect(0);
}

#[test]
fn an_offer_cannot_become_one_of_another_type() {
    let environment = TestEnvironment::with_live_offer();
    environment.edit("offerTypeId: microsoft-azure-virtualmachines", "offerTypeId: microsoft-azure-corevm");
    let said = environment.run("apply --yes").expect(9);
    let blocked: Vec<&str> = said.stdout.lines().filter(|line| line.contains("blocked by offer-type")).collect();
    insta::assert_snapshot!(blocked.join("\n"), @"  blocked by offer-type: the manifest says `microsoft-azure-corevm`, and the offer is `microsoft-azure-virtualmachines`");
    assert_eq!(environment.portal.writes(), "");
}

#[test]
fn what_the_portal_added_stays_unless_the_manifest_lists_every_offer_plan() {
    let environment = TestEnvironment::with_live_offer();
    let mut plans = environment.portal.definition("vm")["plans"].take();
    let mut bronze = plans[0].clone();
    bronze["planId"] = json!("bronze");
    plans.as_array_mut().unwrap().push(bronze);
    environment.portal.edit("vm", &json!({"plans": plans}));
    environment.run("plan --detailed-exitcode --until draft").expect(0);

    environment.edit("  publishTo: production\n", "  publishTo: production\n  offerPlans: exact\n");
    let said = environment.run("apply --yes --until draft").expect(9);
    insta::assert_snapshot!(said.stdout, @"
    ! contoso/vm is blocked  offers/vm/offer.yaml, up to draft
        - Offer plan bronze: removed (was 20 fields)  (edited elsewhere; apply reverts it)  offer.yaml:13
      Steps:
        1. update   1 field of the draft differs
      blocked by remove-offer-plan: the offer plan `bronze` would be removed
        way out: put it back into the manifest, or let it go with `--allow remove-offer-plan:contoso/vm`

    Why that is so: `offerctl explain contoso/vm`, and with the name of a field what became of that field.

    Plan: 1 offers: 0 to create, 0 to change, 0 in sync, 1 blocked, 0 unreadable; 1 changes, 0 steps.
    Digest: [digest]
    Apply: 1 offers: 0 done, 0 in sync, 0 still in progress, 1 blocked, 0 failed, 0 unreadable, 0 interrupted.
    ");
    environment.run("apply --yes --allow remove-offer-plan").expect(0);
    assert_eq!(environment.portal.definition("vm")["plans"].as_array().unwrap().len(), 2);
    environment.run("plan --detailed-exitcode").expect(0);
}
