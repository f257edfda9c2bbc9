//! What a reader gets: drafts, slots, versions, listings, and what the service changed on the way.

use super::*;

#[tokio::test]
async fn a_draft_comes_back_with_the_service_s_envelope_and_defaults() {
    let portal = Portal::standard().await;
    portal.create().await;
    let mut draft = portal.get(&format!("{OFFER}?includeAllPricing=true")).await.expect(200);
    let plan = draft["definition"]["plans"][0].clone();
    assert_eq!(plan["virtualMachinePricingV2"], plan["virtualMachinePricing"]);
    assert_eq!(plan["microsoft-azure-virtualmachines.legacyPlanId"], "gen1");
    assert_eq!(plan["microsoft-azure-virtualmachines.patchOptions"], json!({"supportsHotpatch": false}));
    assert_eq!(draft["definition"]["offer"]["microsoft-azure-marketplace.tableLeadConfiguration"], json!({}));
    assert_eq!(draft["definition"]["offer"]["microsoft-azure-marketplace-testdrive.description"], Value::Null);
    draft["definition"] = json!("…");
    insta::assert_snapshot!(serde_json::to_string_pretty(&draft).unwrap(), @r#"
    {
      "offerTypeId": "microsoft-azure-virtualmachines",
      "publisherId": "contoso",
      "status": "neverPublished",
      "pcMigrationStatus": "migrated",
      "pcRedirectUri": "https://partner.microsoft.com/en-us/dashboard/commercial-marketplace/offers/vm/overview",
      "isvUpgradeRequest": false,
      "version": 1,
      "id": "vm",
      "definition": "…",
      "changedTime": "2026-11-01T00:00:00.0000000Z"
    }
    "#);
}

#[tokio::test]
async fn a_listing_is_short_and_spells_the_time_its_own_way() {
    let portal = Portal::standard().await;
    portal.create().await;
    let rows = portal.get("/api/publishers/contoso/offers").await.expect(200);
    insta::assert_snapshot!(serde_json::to_string_pretty(&rows).unwrap(), @r#"
    [
      {
        "offerTypeId": "microsoft-azure-virtualmachines",
        "publisherId": "contoso",
        "status": "neverPublished",
        "pcMigrationStatus": "migrated",
        "pcRedirectUri": "https://partner.microsoft.com/en-us/dashboard/commercial-marketplace/offers/vm/overview",
        "isvUpgradeRequest": false,
        "lockStatus": "none",
        "offerTypeChanges": [],
        "pricingNotRecalculatedRegions": [],
        "offerTypeVersionsOverride": {},
        "version": 1,
        "id": "vm",
        "definition": {
          "displayText": "Contoso VM"
        },
        "changedTime": "2026-11-01T00:00:00.000"
      }
    ]
    "#);
    assert_eq!(portal.get("/api/publishers/fabrikam/offers").await.expect(200), json!([]));
}

#[tokio::test]
async fn a_listing_can_be_filtered_by_offer_type() {
    let portal = Portal::standard().await;
    portal.create().await;
    let list = |filter: &'static str| {
        let portal = &portal;
        async move { portal.get(&format!("/api/publishers/contoso/offers?$filter={filter}")).await }
    };
    let matching = list("offerTypeId%20eq%20'microsoft-azure-virtualmachines'").await.expect(200);
    assert_eq!(matching.as_array().unwrap().len(), 1);
    assert_eq!(list("offerTypeId+eq+'microsoft-azure-corevm'").await.expect(200), json!([]));
    list("id%20eq%20'vm'").await.expect(400);
}

#[tokio::test]
async fn slots_are_empty_until_something_was_published() {
    let portal = Portal::standard().await;
    portal.get(&format!("{OFFER}/slot/draft")).await.expect(404);
    portal.create().await;
    portal.get(&format!("{OFFER}/slot/Draft")).await.expect(200);
    let answer = portal.get(&format!("{OFFER}/slot/preview")).await;
    assert_eq!(answer.error(), "404 NotFound: There is no Staging slot deployed for Offer ID vm");
    portal.get(&format!("{OFFER}/slot/production")).await.expect(404);
    portal.get(&format!("{OFFER}/slot/staging")).await.expect(400);
}

#[tokio::test]
async fn every_version_can_be_read_again() {
    let portal = Portal::standard().await;
    portal.create().await;
    let mut changed = virtual_machine();
    changed["definition"]["displayText"] = json!("Second");
    portal.put(&changed, Some("*")).await.expect(200);
    let version = |number: &'static str| {
        let portal = &portal;
        async move { portal.get(&format!("{OFFER}/versions/{number}")).await }
    };
    assert_eq!(version("1").await.expect(200)["definition"]["displayText"], "Contoso VM");
    assert_eq!(version("2").await.expect(200)["definition"]["displayText"], "Second");
    version("3").await.expect(404);
    version("two").await.expect(400);
}

#[tokio::test]
async fn media_are_served_from_elsewhere_with_a_signature_that_differs_each_time() {
    let portal = Portal::standard().await;
    let mut body = virtual_machine();
    let key = "microsoft-azure-marketplace.smallLogo";
    body["definition"]["offer"][key] = json!("https://contoso.example/small.png");
    let sent = portal.put(&body, None).await.expect(201);
    let read = portal.get(OFFER).await.expect(200);
    let parts = |document: &Value| {
        let url = document["definition"]["offer"][key].as_str().unwrap().to_owned();
        let (path, token) = url.split_once('?').unwrap();
        (path.to_owned(), token.to_owned())
    };
    let ((first_path, first_token), (second_path, second_token)) = (parts(&sent), parts(&read));
    assert!(first_path.starts_with("https://publishingstoredm.blob.core.windows.net/prodcontent/"), "{first_path}");
    assert_eq!(first_path, second_path);
    assert_ne!(first_token, second_token);
    assert!(second_token.contains("se=2028-10-31T00%3A00%3A00Z&sp=r"), "{second_token}");

    let again = portal.put(&read, Some("*")).await.expect(200);
    assert_eq!(parts(&again).0, first_path, "what the service serves already is not downloaded again");
}

#[tokio::test]
async fn keys_that_nobody_knows_survive_a_round_trip() {
    let portal = Portal::standard().await;
    let mut body = virtual_machine();
    body["definition"]["unheardOf"] = json!({"big": 636_576_975_611_768_314_u64});
    body["definition"]["plans"][0]["contoso.plan"] = json!([1, 2.5, null]);
    portal.put(&body, None).await.expect(201);
    let definition = portal.get(OFFER).await.expect(200)["definition"].clone();
    assert_eq!(definition["unheardOf"], body["definition"]["unheardOf"]);
    assert_eq!(definition["plans"][0]["contoso.plan"], json!([1, 2.5, null]));
}

#[tokio::test]
async fn core_vm_offers_return_keys_that_they_refuse() {
    let portal = Portal::standard().await;
    let body = json!({"offerTypeId": "microsoft-azure-corevm", "definition": {"displayText": "VM", "plans": []}});
    portal.put(&body, None).await.expect(201);
    let read = portal.get(OFFER).await.expect(200);
    assert_eq!(read["definition"]["offer"]["microsoft-azure-corevm.legacyOfferId"], "");
    assert_eq!(read["definition"]["offer"]["microsoft-azure-corevm.tableLeadConfiguration"], json!({}));
    let refused = portal.put(&read, Some("*")).await;
    assert!(
        refused.error().starts_with("400 BadRequest: The property microsoft-azure-corevm.legacy"),
        "{}",
        refused.error()
    );
}

#[tokio::test]
async fn collections_can_come_back_in_another_order() {
    let portal = Portal::start(with_quirks(&[Quirk::ReorderCollections])).await;
    portal.create().await;
    let read = portal.get(OFFER).await.expect(200);
    assert_eq!(read["definition"]["plans"][0]["regions"], json!(["DE", "AZ"]));
}

#[tokio::test]
async fn unset_can_be_spelt_another_way() {
    let portal = Portal::start(with_quirks(&[Quirk::UnsetSpeltOtherwise])).await;
    portal.create().await;
    let offer = portal.get(OFFER).await.expect(200)["definition"]["offer"].clone();
    assert_eq!(offer["microsoft-azure-marketplace.tableLeadConfiguration"], Value::Null);
    assert!(offer.get("microsoft-azure-marketplace.customAmendments").is_none());
}

#[tokio::test]
async fn what_is_missing_can_be_told_with_a_stack_trace() {
    let portal = Portal::start(with_quirks(&[Quirk::ServiceErrorBodies])).await;
    let body = portal.get(OFFER).await.expect(404);
    assert!(body["Product"]["error"].as_str().unwrap().contains("CPP product vm not found"), "{body}");
}
