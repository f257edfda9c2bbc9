//! A new user's first minutes: the examples become offers, and the second time there is nothing to do.

use crate::environment::{TestEnvironment, at_once};

#[test]
fn the_examples_become_offers_and_then_there_is_nothing_to_do() {
    let environment = TestEnvironment::with_examples(at_once());
    insta::assert_snapshot!("examples_apply", environment.run("apply --yes").by_offer());
    insta::assert_snapshot!(environment.run("plan --detailed-exitcode"), @"
    Plan: 4 offers: 0 to create, 0 to change, 4 in sync, 0 blocked, 0 unreadable; 0 changes, 0 steps.
    Digest: [digest]
    --- exit 0 ---
    ");
    insta::assert_snapshot!(environment.run("apply"), @"
    Plan: 4 offers: 0 to create, 0 to change, 4 in sync, 0 blocked, 0 unreadable; 0 changes, 0 steps.
    Digest: [digest]
    Apply: 4 offers: 0 done, 4 in sync, 0 still in progress, 0 blocked, 0 failed, 0 unreadable, 0 interrupted.
    --- exit 0 ---
    ");

    environment.forget_records();
    insta::assert_snapshot!(environment.run("plan --detailed-exitcode"), @"
    = contoso/contoso-app is in sync  offers/contoso-app/offer.yaml, up to preview
        note: `/definition/offer/microsoft-azure-marketplace.smallLogo` and 5 others: served from the service's own storage, and no record tells from what source; taken as unchanged, `--resend-media` sends the manifest's again

    = contoso/contoso-core is in sync  offers/contoso-core/offer.yaml, up to preview
        note: `/definition/plans/contoso-linux-9/microsoft-azure-corevm.smallLogo` and 3 others: served from the service's own storage, and no record tells from what source; taken as unchanged, `--resend-media` sends the manifest's again

    = contoso/contoso-vm is in sync  offers/contoso-vm/offer.yaml, up to production
        note: `/definition/offer/microsoft-azure-marketplace.smallLogo` and 3 others: served from the service's own storage, and no record tells from what source; taken as unchanged, `--resend-media` sends the manifest's again

    Plan: 4 offers: 0 to create, 0 to change, 4 in sync, 0 blocked, 0 unreadable; 0 changes, 0 steps.
    Digest: [digest]
    --- exit 0 ---
    ");
}

#[test]
fn a_small_offer_is_created_published_and_taken_live() {
    let environment = TestEnvironment::with_offer();
    insta::assert_snapshot!(environment.run("apply --yes"), @r#"
    + contoso/vm will be created  offers/vm/offer.yaml, up to production
        + Offer alias: "Contoso VM"  offer.yaml:7
        + Title: "Contoso VM"  offer.yaml:9
        + Summary: "Backs up your machines every night"  offer.yaml:10
        + Small logo: "https://assets.contoso.com/logo-48x48.png"  offer.yaml:11
        + Offer plan gold: 5 fields  offer.yaml:13
            Offer plan id: "gold"
            Offer plan title: "Gold"
            Regions: [DE, US]
            Price › Bring your own license: true
            Images › Image 1.0.0 › OS disk: "https://contoso.blob.core.windows.net/vhds/gold.vhd?REDACTED"
        + Offer plan silver: 5 fields  offer.yaml:20
            Offer plan id: "silver"
            Offer plan title: "Silver"
            Regions: [DE]
            Price › Bring your own license: true
            Images › Image 1.0.0 › OS disk: "https://contoso.blob.core.windows.net/vhds/silver.vhd?REDACTED"
      Steps:
        1. create   the service has no offer contoso/vm
        2. publish  a new offer has nothing in its slots yet; can be canceled while it runs
        3. wait     the service validates, certifies and provisions the preview
        4. go live  `publishTo` is production; cannot be taken back
        5. wait     the service makes the preview public

    Plan: 1 offers: 1 to create, 0 to change, 0 in sync, 0 blocked, 0 unreadable; 6 changes, 5 steps.
    Digest: [digest]
    Apply: 1 offers: 1 done, 0 in sync, 0 still in progress, 0 blocked, 0 failed, 0 unreadable, 0 interrupted.
    --- stderr ---
    contoso/vm: created (version 1)
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
    insta::assert_snapshot!(environment.portal.writes(), @"
    PUT contoso/vm: 201
    POST contoso/vm/publish: 202
    POST contoso/vm/golive: 202
    ");
}

#[test]
fn the_embedded_service_needs_nothing_at_all() {
    let environment = TestEnvironment::with_offer();
    let run = |arguments: &str| {
        let mut command = environment.command(arguments);
        command.env_remove("OFFERCTL_ENDPOINT").env_remove("OFFERCTL_TOKEN");
        environment.run_command(command)
    };
    run("apply --emulator --yes --until draft").expect(0);
    run("plan --emulator --until draft --detailed-exitcode").expect(0);
    assert_eq!(environment.portal.writes(), "", "the other service heard nothing of it");
    assert!(environment.path(".offerctl/emulator/data").exists());
    assert!(!environment.path(".offerctl/state").exists(), "a trial leaves no record of the real service");
}

#[test]
fn until_limits_how_far_a_run_goes() {
    let environment = TestEnvironment::with_offer();
    environment.run("apply --yes --until draft").expect(0);
    insta::assert_snapshot!(environment.portal.writes(), @"PUT contoso/vm: 201");
    environment.run("plan --detailed-exitcode --until draft").expect(0);

    environment.run("apply --yes --until preview").expect(0);
    environment.run("plan --detailed-exitcode --until preview").expect(0);
    insta::assert_snapshot!(environment.run("plan --detailed-exitcode"), @"
    > contoso/vm goes on  offers/vm/offer.yaml, up to production
      Steps:
        1. go live  the preview is right and waits for the go-live (Live ~2-5 days); cannot be taken back
        2. wait     the service makes the preview public

    Plan: 1 offers: 0 to create, 1 to change, 0 in sync, 0 blocked, 0 unreadable; 0 changes, 2 steps.
    Digest: [digest]
    --- exit 2 ---
    ");
    environment.run("apply --yes").expect(0);
    environment.run("plan --detailed-exitcode").expect(0);
    insta::assert_snapshot!(environment.portal.writes(), @"
    PUT contoso/vm: 201
    POST contoso/vm/publish: 202
    POST contoso/vm/golive: 202
    ");
}

#[test]
fn nothing_is_written_without_a_yes() {
    let environment = TestEnvironment::with_offer();
    let said = environment.run("apply").expect(4);
    insta::assert_snapshot!(said.stderr, @"
    error: nothing was written: there is no terminal to ask on, and no `--yes`
    hint: read the plan above, then run the same command with `--yes`
    ");
    assert_eq!(environment.portal.writes(), "");
}
