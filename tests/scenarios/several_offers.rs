//! Offers run side by side: one's failure stops no other, and the totals count every one of them.

use serde_json::json;

use crate::environment::{TestEnvironment, at_once};
use crate::manifests::{VIRTUAL_MACHINE, draft};

#[test]
fn one_that_fails_stops_no_other() {
    let environment = TestEnvironment::with_offer();
    for offer in ["one", "two", "unreadable", "refused"] {
        environment.write(&format!("offers/{offer}/offer.yaml"), &draft(offer));
    }
    environment.run("apply --yes offers/two/offer.yaml").expect(0);
    let refusal = json!({"error": {"code": "BadRequest", "message": "The displayText is not allowed."}});
    environment.portal.fault(
        &json!({"method": "PUT", "path": "*/refused", "times": null, "effect": {"status": {"code": 400, "body": refusal}}}),
    );
    environment
        .portal
        .fault(&json!({"method": "GET", "path": "*/unreadable", "times": null, "effect": {"status": {"code": 403}}}));
    let result = environment.run("apply --yes").by_offer();
    insta::assert_snapshot!(result, @r#"
    + contoso/one will be created  offers/one/offer.yaml, up to draft
        + Offer alias: "The offer one"  offer.yaml:6
      Steps:
        1. create   the service has no offer contoso/one

    + contoso/refused will be created  offers/refused/offer.yaml, up to draft
        + Offer alias: "The offer refused"  offer.yaml:6
      Steps:
        1. create   the service has no offer contoso/refused

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
            Images › Image 1.0.0 › OS disk: "https://contoso.blob.core.windows.net/vhds/gold.vhd?sv=2024-11-04&se=20…"
        + Offer plan silver: 5 fields  offer.yaml:20
            Offer plan id: "silver"
            Offer plan title: "Silver"
            Regions: [DE]
            Price › Bring your own license: true
            Images › Image 1.0.0 › OS disk: "https://contoso.blob.core.windows.net/vhds/silver.vhd?sv=2024-11-04&se=…"
      Steps:
        1. create   the service has no offer contoso/vm
        2. publish  a new offer has nothing in its slots yet; can be canceled while it runs
        3. wait     the service validates, certifies and provisions the preview
        4. go live  `publishTo` is production; cannot be taken back
        5. wait     the service makes the preview public

    ! contoso/unreadable could not be planned  offers/unreadable/offer.yaml
        GET http://SERVICE/api/publishers/contoso/offers/unreadable?api-version=2017-10-31 was answered with 403 Forbidden (correlation id [guid])
        The caller is not a user of this publisher account. Check the publisher id; for a service principal, check that the account lists the Object ID of the enterprise application, not the one of the app registration: the two differ, and the wrong one is the usual cause.

    Plan: 5 offers: 3 to create, 0 to change, 1 in sync, 0 blocked, 1 unreadable; 8 changes, 7 steps.
    Apply: 5 offers: 2 done, 1 in sync, 0 still in progress, 0 blocked, 1 failed, 1 unreadable, 0 interrupted.
    --- stderr ---
    contoso/one: created (version 1)
    contoso/one: done
    contoso/refused: failed
      PUT http://SERVICE/api/publishers/contoso/offers/refused?api-version=2017-10-31 was answered with 400 Bad Request: The displayText is not allowed (code BadRequest, correlation id [guid])
      what next: The service will refuse it again until what its message names is mended.
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
    --- exit 5 ---
    "#);
    let document = environment.run("apply --yes --output json").expect(5).json();
    insta::assert_snapshot!(serde_json::to_string_pretty(&document["summary"]).unwrap(), @r#"
    {
      "done": 0,
      "inSync": 3,
      "stillGoing": 0,
      "blocked": 0,
      "failed": 1,
      "unreadable": 1,
      "interrupted": 0
    }
    "#);
    insta::assert_snapshot!(serde_json::to_string_pretty(&document["results"]).unwrap(), @r#"
    [
      {
        "publisherId": "contoso",
        "offerId": "one",
        "result": "inSync"
      },
      {
        "publisherId": "contoso",
        "offerId": "two",
        "result": "inSync"
      },
      {
        "publisherId": "contoso",
        "offerId": "vm",
        "result": "inSync"
      },
      {
        "publisherId": "contoso",
        "offerId": "refused",
        "result": "failed",
        "error": "PUT http://SERVICE/api/publishers/contoso/offers/refused?api-version=2017-10-31 was answered with 400 Bad Request: The displayText is not allowed (code BadRequest, correlation id [guid])",
        "whatNext": "The service will refuse it again until what its message names is mended."
      }
    ]
    "#);
    insta::assert_snapshot!(serde_json::to_string_pretty(&document["plan"]["coverage"]).unwrap(), @r#"
    {
      "found": 5,
      "read": 4,
      "planned": 4,
      "skipped": [
        {
          "publisherId": "contoso",
          "offerId": "unreadable",
          "manifest": "offers/unreadable/offer.yaml",
          "reason": "GET http://SERVICE/api/publishers/contoso/offers/unreadable?api-version=2017-10-31 was answered with 403 Forbidden (correlation id [guid])\nThe caller is not a user of this publisher account. Check the publisher id; for a service principal, check that the account lists the Object ID of the enterprise application, not the one of the app registration: the two differ, and the wrong one is the usual cause."
        }
      ]
    }
    "#);
}

#[test]
fn a_blocked_offer_stops_no_other() {
    let environment = TestEnvironment::with_live_offer();
    environment.write("offers/one/offer.yaml", &draft("one"));
    environment.edit("offerTypeId: microsoft-azure-virtualmachines", "offerTypeId: microsoft-azure-corevm");
    let said = environment.run("apply --yes").expect(9);
    insta::assert_snapshot!(said.stdout.lines().last().unwrap(), @"Apply: 2 offers: 1 done, 0 in sync, 0 still in progress, 1 blocked, 0 failed, 0 unreadable, 0 interrupted.");
    insta::assert_snapshot!(environment.portal.writes(), @"PUT contoso/one: 201");
}

#[test]
fn an_invalid_manifest_keeps_apply_from_writing_anything() {
    let environment = TestEnvironment::with_offer();
    environment.write("offers/broken/offer.yaml", "publisherId: contoso\nid: broken\ndefinition: [\n");
    environment.run("apply --yes").expect(4);
    assert_eq!(environment.portal.writes(), "");
    environment.run("apply --yes offers/vm/offer.yaml").expect(0);
}

#[test]
fn many_offers_are_all_created() {
    let environment = TestEnvironment::empty(at_once());
    for number in 0..40 {
        let manifest = VIRTUAL_MACHINE.replace("id: vm\n", &format!("id: vm-{number}\n"));
        environment.write(&format!("offers/{number}/offer.yaml"), &manifest);
    }
    let said = environment.run("apply --yes --parallelism 32").expect(0);
    insta::assert_snapshot!(said.stdout.lines().last().unwrap(), @"Apply: 40 offers: 40 done, 0 in sync, 0 still in progress, 0 blocked, 0 failed, 0 unreadable, 0 interrupted.");
    environment.run("plan --detailed-exitcode").expect(0);
    assert_eq!(environment.portal.writes().lines().filter(|line| line.contains("/publish")).count(), 40);
}
