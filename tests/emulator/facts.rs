//! What is known of the service's documents and reports, as lists: every default, every stage, every key.

use super::*;

fn publish() -> String {
    format!("{OFFER}/publish")
}

#[tokio::test]
async fn every_known_default_appears() {
    let portal = Portal::standard().await;
    portal.create().await;
    let definition = portal.get(OFFER).await.expect(200)["definition"].clone();
    let in_marketplace = [
        ("tableLeadConfiguration", json!({})),
        ("blobLeadConfiguration", json!({})),
        ("salesForceLeadConfiguration", json!({})),
        ("crmLeadConfiguration", json!({})),
        ("httpsEndpointLeadConfiguration", json!({})),
        ("marketoLeadConfiguration", json!({})),
        ("leadNotificationEmails", json!("")),
        ("categories", json!([])),
        ("customAmendments", Value::Null),
        ("universalAmendmentTerms", json!("")),
        ("useEnterpriseContract", json!(false)),
    ];
    let in_test_drive = [
        ("enabled", json!(false)),
        ("videos", json!([])),
        ("description", Value::Null),
        ("accessInformation", Value::Null),
        ("userManual", json!("")),
    ];
    let of_contacts = ["managerContactName", "managerContactEmail", "managerContactPhone", "gtmMaterials"];
    let marketplace = in_marketplace.map(|(key, value)| (format!("microsoft-azure-marketplace.{key}"), value));
    let test_drive = in_test_drive.map(|(key, value)| (format!("microsoft-azure-marketplace-testdrive.{key}"), value));
    let contacts = of_contacts.map(|key| (format!("microsoft-azure-virtualmachines.{key}"), json!("")));
    for (name, value) in marketplace.into_iter().chain(test_drive).chain(contacts) {
        assert_eq!(definition["offer"].get(&name), Some(&value), "{name}");
    }

    let of_plans = [
        ("allowOnlyManagedDiskDeployments", json!(true)),
        ("certificationsFairfax", json!([])),
        ("generation", json!("1")),
        ("isCustomArmTemplateRequired", json!(false)),
        ("isLockedDown", json!(false)),
        ("isNetworkVirtualAppliance", json!(false)),
        ("supportsAcceleratedNetworking", json!(false)),
        ("supportsBackup", json!(false)),
        ("supportsCloudInit", json!(false)),
        ("supportsHibernation", json!(false)),
        ("supportsNVMe", json!(false)),
        ("supportsExtensions", json!(true)),
        ("patchOptions", json!({"supportsHotpatch": false})),
        ("legacyPlanId", json!("gen1")),
    ];
    for (key, value) in of_plans {
        let name = format!("microsoft-azure-virtualmachines.{key}");
        assert_eq!(definition["plans"][0].get(&name), Some(&value), "{name}");
    }
}

#[tokio::test]
async fn a_default_replaces_nothing_that_was_sent() {
    let portal = Portal::standard().await;
    let mut body = virtual_machine();
    body["definition"]["plans"][0]["microsoft-azure-virtualmachines.supportsBackup"] = json!(true);
    body["definition"]["plans"][0]["microsoft-azure-virtualmachines.windowsOSType"] = json!("Other");
    portal.put(&body, None).await.expect(201);
    let plan = portal.get(OFFER).await.expect(200)["definition"]["plans"][0].clone();
    assert_eq!(plan["microsoft-azure-virtualmachines.supportsBackup"], true);
    assert_eq!(plan["microsoft-azure-virtualmachines.osType"], "Other");
    assert_eq!(plan.get("microsoft-azure-virtualmachines.windowsOSType"), None, "it comes back under its other name");
}

#[tokio::test]
async fn a_report_names_its_stages_in_order() {
    let portal = Portal::standard().await;
    portal.create_and_publish().await;
    let status = portal.status().await;
    let keys: Vec<_> = status.as_object().unwrap().keys().map(String::as_str).collect();
    for key in ["status", "messages", "steps", "previewLinks", "liveLinks", "notificationEmails", "publishingVersion"] {
        assert!(keys.contains(&key), "{key} in {keys:?}");
    }
    let stage = |stage: &Value| {
        let text = |key: &str| stage[key].as_str().unwrap().to_owned();
        format!("{}: {} ({})", text("id"), text("stepName"), text("estimatedTimeFrame"))
    };
    let stages: Vec<_> = status["steps"].as_array().unwrap().iter().map(stage).collect();
    insta::assert_snapshot!(stages.join("\n"), @"
    displaydummycertify: Validate Pre-Requisites (< 15 min)
    displaycertify: Certification (< 5 day)
    displayprovision: Provisioning (< 1 day)
    displaypackage: Packaging and Lead Generation Registration (< 1 hour)
    publisher-signoff: Publisher signoff (< 1 hour)
    live: Live (~2-5 days)
    ");
    let first = &status["steps"][0];
    assert!(first["description"].is_string() && first["progressPercentage"] == 100, "{first}");
    let message = &first["messages"][0];
    assert!(message["messageHtml"].is_string() && message["timestamp"].is_string(), "{message}");
    assert_eq!(message["level"], "information");
    let link = &status["previewLinks"][0];
    assert!(link["displayText"].is_string() && link["uri"].as_str().unwrap().starts_with("https://"), "{link}");
    assert_eq!(status["liveLinks"], json!([]), "nothing is live yet");
}

#[tokio::test]
async fn an_operation_says_what_a_report_says_and_which_version_it_submits() {
    let portal = Portal::standard().await;
    portal.create().await;
    let location = portal.post(&publish(), None).await.header("location").unwrap().to_owned();
    let operation = portal.get(location.split('?').next().unwrap()).await.expect(200);
    let keys: Vec<_> = operation.as_object().unwrap().keys().map(String::as_str).collect();
    for key in [
        "status",
        "messages",
        "publishingVersion",
        "offerVersion",
        "cancellationRequestState",
        "steps",
        "previewLinks",
        "liveLinks",
    ] {
        assert!(keys.contains(&key), "{key} in {keys:?}");
    }
    assert_eq!((&operation["publishingVersion"], &operation["offerVersion"]), (&json!(1), &json!(1)));
}

#[tokio::test]
async fn submissions_can_be_filtered_by_either_name_and_carry_their_addresses() {
    let portal = Portal::standard().await;
    portal.create().await;
    let emails = json!({"metadata": {"notification-emails": "a@contoso.com,b@contoso.com"}});
    portal.post(&publish(), Some(emails)).await.expect(202);
    for filter in ["status=running", "status=Running", "submissionState=running"] {
        let rows = portal.get(&format!("{OFFER}/submissions/?{filter}")).await.expect(200);
        assert_eq!(rows[0]["definition"]["metadata"]["emails"], "a@contoso.com,b@contoso.com", "{filter}");
    }
    assert_eq!(portal.get(&format!("{OFFER}/submissions/?status=completed")).await.expect(200), json!([]));
}

#[tokio::test]
async fn nothing_can_be_asked_of_an_offer_that_is_not_there() {
    let portal = Portal::standard().await;
    for path in ["", "/status", "/submissions/", "/versions/1", "/slot/preview"] {
        portal.get(&format!("{OFFER}{path}")).await.expect(404);
    }
    for path in ["/publish", "/golive", "/cancel"] {
        portal.post(&format!("{OFFER}{path}"), None).await.expect(404);
    }
}

#[tokio::test]
async fn a_stranger_can_neither_read_nor_write() {
    let portal = Portal::start(Options { publishers: vec!["fabrikam".into()], ..stopped() }).await;
    portal.get(OFFER).await.expect(403);
    portal.put(&virtual_machine(), None).await.expect(403);
    for path in ["/publish", "/golive", "/cancel"] {
        portal.post(&format!("{OFFER}{path}"), None).await.expect(403);
    }
}

#[tokio::test]
async fn a_publish_with_a_broken_body_starts_nothing() {
    let portal = Portal::standard().await;
    portal.create().await;
    for body in ["{not json", r#"{"metadata": {"notification-emails": ["a@contoso.com"]}}"#] {
        let request = portal.request(Method::POST, &publish()).header("Content-Type", "application/json");
        portal.send(request.body(body)).await.expect(400);
    }
    assert_eq!(portal.get(&format!("{OFFER}/submissions/")).await.expect(200), json!([]));
}

#[tokio::test]
async fn offer_types_are_listed_and_a_listing_can_say_version_zero() {
    let portal = Portal::start(with_quirks(&[Quirk::ListingVersionZero])).await;
    portal.create().await;
    assert_eq!(portal.get("/api/publishers/contoso/offers").await.expect(200)[0]["version"], 0);
    assert_eq!(portal.get(OFFER).await.expect(200)["version"], 1);
    let types = portal.get("/api/offerTypes").await.expect(200);
    let ids: Vec<_> = types.as_array().unwrap().iter().map(|row| row["id"].as_str().unwrap()).collect();
    for id in ["microsoft-azure-virtualmachines", "microsoft-azure-corevm", "microsoft-azure-applications"] {
        assert!(ids.contains(&id), "{id} in {ids:?}");
    }
}

#[tokio::test]
async fn an_offer_keeps_saying_what_became_of_it_last() {
    let portal = Portal::standard().await;
    portal.create_and_publish().await;
    portal.post(&format!("{OFFER}/golive"), None).await.expect(202);
    portal.advance("2d").await;
    let live = portal.status().await;
    assert_eq!((&live["status"], &live["steps"][5]["status"]), (&json!("succeeded"), &json!("complete")));
    assert!(live["liveLinks"][0]["uri"].is_string(), "{live}");
    // An edit of the draft changes nothing of what was submitted.
    portal.put(&virtual_machine(), Some("*")).await.expect(200);
    let edited = portal.status().await;
    assert_eq!((&edited["status"], &edited["publishingVersion"]), (&json!("succeeded"), &live["publishingVersion"]));
}
