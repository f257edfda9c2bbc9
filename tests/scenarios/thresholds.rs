//! Guards with thresholds, set in the repository, in a manifest and on the command line.

use crate::environment::TestEnvironment;

const PRICE: &str = "      virtualMachinePricing: {coreMultiplier: {currency: USD, single: 0.03}}\n";

/// The offer plan `gold` costs something, and is live.
fn priced() -> TestEnvironment {
    let environment = TestEnvironment::with_offer();
    let path = "offers/vm/offer.yaml";
    let text = std::fs::read_to_string(environment.path(path)).unwrap();
    environment.write(path, &text.replacen("      virtualMachinePricing: {isByol: true}\n", PRICE, 1));
    environment.run("apply --yes").expect(0);
    environment.portal.forget_requests();
    environment
}

#[test]
fn a_slipped_decimal_point_does_not_reach_customers() {
    let environment = priced();
    environment.edit("single: 0.03", "single: 0.3");
    insta::assert_snapshot!(environment.run("apply --yes"), @"
    ! contoso/vm is blocked  offers/vm/offer.yaml, up to production
        ~ Offer plan gold › Price › Price by cores › Price per core: 0.03 → 0.3  offer.yaml:16
      Steps:
        1. update   1 field of the draft differs
        2. publish  the preview slot holds other content (Certification < 5 day); can be canceled while it runs
        3. wait     the service validates, certifies and provisions the preview
        4. go live  `publishTo` is production (Live ~2-5 days); cannot be taken back
        5. wait     the service makes the preview public
      blocked by price-change: offer plan `gold`, per core: 0.03 → 0.3 (+900 %, a factor of ten: is the decimal point where it should be?)
        way out: correct the manifest, or let it pass with `--allow price-change:contoso/vm`

    Why that is so: `offerctl explain contoso/vm`, and with the name of a field what became of that field.

    Plan: 1 offers: 0 to create, 0 to change, 0 in sync, 1 blocked, 0 unreadable; 1 changes, 0 steps.
    Digest: [digest]
    Apply: 1 offers: 0 done, 0 in sync, 0 still in progress, 1 blocked, 0 failed, 0 unreadable, 0 interrupted.
    --- exit 9 ---
    ");
    assert_eq!(environment.portal.writes(), "");
    environment.run("apply --yes --allow price-change:contoso/vm").expect(0);
    environment.run("plan --detailed-exitcode").expect(0);
}

#[test]
fn a_threshold_of_the_repository_holds_unless_the_manifest_has_its_own() {
    let environment = priced();
    environment.edit("single: 0.03", "single: 0.04");
    environment.run("apply --yes").expect(9);
    environment.write("offerctl.yaml", "offers: [\"offers/*/offer.yaml\"]\nguards: {price-change: 40}\n");
    environment.edit("  publishTo: production\n", "  publishTo: production\n  guards: {price-change: 30}\n");
    environment.run("apply --yes").expect(9);
    environment.edit("guards: {price-change: 30}", "guards: {price-change: allow}");
    let said = environment.run("apply --yes").expect(0);
    assert!(said.stdout.contains("  allowed price-change: "), "{}", said.stdout);
}

#[test]
fn what_a_manifest_let_pass_is_let_pass_by_resume_too() {
    let environment = TestEnvironment::with_offer_on(crate::environment::as_slow_as_the_service());
    environment.portal.let_days_pass_while_waiting();
    environment.run("apply --yes --poll-interval 1ms").expect(0);
    environment.portal.clear_faults();
    let theirs = serde_json::json!({"offer": {"microsoft-azure-marketplace.longSummary": "Theirs"}});
    environment.portal.edit("vm", &theirs);
    environment.edit("every night", "twice a day");
    environment.edit("  publishTo: production\n", "  publishTo: production\n  guards: {passengers: allow}\n");
    environment.run("apply --yes --wait 0").expect(7);
    environment.portal.let_days_pass_while_waiting();
    environment.run("resume --poll-interval 1ms").expect(0);
    environment.run("plan --detailed-exitcode").expect(0);
}

#[test]
fn an_allowance_that_lets_nothing_pass_is_told() {
    let environment = priced();
    environment.edit("single: 0.03", "single: 0.3");
    let said = environment.run("plan --allow price-change --allow passengers:contoso/vm --allow conflict").expect(0);
    insta::assert_snapshot!(said.stderr, @"
    warning: `--allow passengers:contoso/vm` let nothing pass: no such block was found
    warning: `--allow conflict` let nothing pass: no such block was found
    ");
}

#[test]
fn a_guard_that_does_not_exist_is_told_with_its_place() {
    let environment = TestEnvironment::with_offer();
    environment.edit(
        "  publishTo: production\n",
        "  publishTo: production\n  guards: {price-chnage: 30, conflict: 3, sas-expiry: 1e2, mass-change: allow}\n",
    );
    insta::assert_snapshot!(environment.run("validate"), @"
    Validate: 1 manifests: 0 valid, 3 errors, 0 warnings.
    --- stderr ---
    error[unknown-guard]: there is no guard `price-chnage`
     --> offers/vm/offer.yaml:6:12
      |
    6 |   guards: {price-chnage: 30, conflict: 3, sas-expiry: 1e2, mass-change: allow}
      |            ^^^^^^^^^^^^
      |
      = help: did you mean `price-change`?

    error[wrong-value]: `conflict` cannot be `3`
     --> offers/vm/offer.yaml:6:40
      |
    6 |   guards: {price-chnage: 30, conflict: 3, sas-expiry: 1e2, mass-change: allow}
      |                                        ^
      |
      = help: write `allow` or `block`

    error[guard-of-a-run]: `mass-change` is about a whole run, and one offer has no say in it
     --> offers/vm/offer.yaml:6:60
      |
    6 |   guards: {price-chnage: 30, conflict: 3, sas-expiry: 1e2, mass-change: allow}
      |                                                            ^^^^^^^^^^^
      |
      = help: set it under `guards` in `offerctl.yaml`, or let one run pass with `--allow mass-change`

    --- exit 4 ---
    ");
    environment.write("offerctl.yaml", "guards:\n  masschange: allow\n");
    insta::assert_snapshot!(environment.run("validate").expect(4).stderr, @"
    error[unknown-guard]: there is no guard `masschange`
     --> offerctl.yaml:2:3
      |
    2 |   masschange: allow
      |   ^^^^^^^^^^
      |
      = help: did you mean `mass-change`?

    error: the settings in `offerctl.yaml` cannot be used
    ");
    environment.write("offerctl.yaml", "guards: everything\n");
    insta::assert_snapshot!(environment.run("validate").expect(4).stderr, @"
    error[wrong-type]: `guards` must be a map of guards
     --> offerctl.yaml:1:9
      |
    1 | guards: everything
      |         ^^^^^^^^^^ this is text
      |
      = help: for example `{price-change: 30, passengers: allow}`

    error: the settings in `offerctl.yaml` cannot be used
    ");
}

#[test]
fn a_token_that_ends_next_week_is_told_before_the_certification_does() {
    let environment = TestEnvironment::with_live_offer();
    environment.edit("gold.vhd?sv=2024-11-04&se=2036", "gold-2.vhd?sv=2024-11-04&se=2020");
    let said = environment.run("apply --yes").expect(9);
    let block = said.stdout.lines().find(|line| line.contains("sas-expiry")).unwrap().to_owned();
    assert!(block.contains("osVhdUrl` ended on 2020-01-01"), "{block}");
    assert_eq!(environment.portal.writes(), "");
    environment.run("apply --yes --allow sas-expiry").expect(0);
}

#[test]
fn signing_the_address_anew_is_a_way_out_also_when_the_draft_has_it_already() {
    let environment = TestEnvironment::with_live_offer();
    let signed = |end: &str| format!("gold-2.vhd?sv=2024-11-04&se={end}");
    environment.edit("gold.vhd?sv=2024-11-04&se=2036-01-01", &signed("2020-01-01"));
    environment.run("apply --yes --until draft --allow sas-expiry").expect(0);
    let said = environment.run("plan").expect(0);
    assert!(said.stdout.contains("osVhdUrl` ended on 2020-01-01"), "{}", said.stdout);
    environment.edit(&signed("2020-01-01"), &signed("2036-01-01"));
    environment.portal.forget_requests();
    // A write of nothing but a signature is not taken for done before anything shows that it was.
    environment.portal.fault(&serde_json::json!({"method": "PUT", "effect": "reset-before"}));
    let said = environment.run("apply --yes").expect(0);
    insta::assert_snapshot!(said.stdout.lines().take(4).collect::<Vec<_>>().join("\n"), @"
    ~ contoso/vm will be updated  offers/vm/offer.yaml, up to production
        ~ Offer plan gold › Images › Image 1.0.0 › OS disk: https://contoso.blob.core.windows.net/vhds/gold-2.vhd, with a signature that lasts longer  offer.yaml:19
      Steps:
        1. update   1 field of the draft differs
    ");
    insta::assert_snapshot!(environment.portal.writes(), @r#"
    PUT contoso/vm If-Match W/"datetime'2026-11-01T00%3A00%3A00.0000001Z'": no answer
    PUT contoso/vm If-Match W/"datetime'2026-11-01T00%3A00%3A00.0000001Z'": 200
    POST contoso/vm/publish: 202
    POST contoso/vm/golive: 202
    "#);
    let kept = environment.portal.definition("vm").to_string();
    assert!(kept.contains(&signed("2036-01-01")) && !kept.contains("2020-01-01"), "{kept}");
    environment.run("plan --detailed-exitcode").expect(0);
}

#[test]
fn a_slip_in_a_shared_part_does_not_change_every_offer() {
    let environment = TestEnvironment::empty(crate::environment::at_once());
    environment.write("shared.yaml", "definition:\n  offer:\n    microsoft-azure-marketplace.summary: Ours\n");
    for number in 0..6 {
        let manifest = crate::manifests::draft(&format!("vm{number}"));
        environment
            .write(&format!("offers/vm{number}/offer.yaml"), &format!("extends: [../../shared.yaml]\n{manifest}"));
    }
    environment.run("apply --yes").expect(0);
    environment.portal.forget_requests();
    environment.write("shared.yaml", "definition:\n  offer:\n    microsoft-azure-marketplace.summary: Oops\n");
    let said = environment.run("apply --yes").expect(9);
    insta::assert_snapshot!(said.stdout.lines().take(6).collect::<Vec<_>>().join("\n"), @r#"
    ! contoso/vm0 is blocked  offers/vm0/offer.yaml, up to draft
        ~ Summary: "Ours" → "Oops"  shared.yaml:3
      Steps:
        1. update   1 field of the draft differs
      blocked by mass-change: this run would change 6 of 6 offers (100 %), and more than 50 % are let pass only by name
        way out: look at what all of them have in common; apply some of them by name first, fewer than five at a time, or let all pass with `--allow mass-change`
    "#);
    assert_eq!(environment.portal.writes(), "");
    environment.run("apply --yes offers/vm3/offer.yaml").expect(0);
    environment.run("apply --yes --allow mass-change").expect(0);
    environment.run("plan --detailed-exitcode").expect(0);
}
