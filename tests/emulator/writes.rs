//! PUT: concurrency, validation, and that it replaces all.

use super::*;

#[tokio::test]
async fn a_create_answers_201_and_an_update_200() {
    let portal = Portal::standard().await;
    let created = portal.put(&virtual_machine(), None).await;
    assert_eq!(created.status, 201);
    assert_eq!(created.etag(), r#"W/"datetime'2026-11-01T00%3A00%3A00.0000000Z'""#);
    let updated = portal.put(&virtual_machine(), Some(created.etag())).await;
    assert_eq!(updated.status, 200);
    assert_ne!(updated.etag(), created.etag(), "even when no time went by");
    assert_eq!(portal.get(OFFER).await.etag(), updated.etag());
}

#[tokio::test]
async fn a_create_can_answer_200() {
    let portal = Portal::start(with_quirks(&[Quirk::CreateAnswers200])).await;
    portal.put(&virtual_machine(), Some("*")).await.expect(200);
}

#[tokio::test]
async fn etags_are_compared_byte_for_byte() {
    let portal = Portal::standard().await;
    let etag = portal.put(&virtual_machine(), None).await.etag().to_owned();
    let nearly = [etag.replace("W/", ""), etag.replace("%3A", ":"), etag.to_lowercase(), "\"other\"".to_owned()];
    for wrong in &nearly {
        let answer = portal.put(&virtual_machine(), Some(wrong)).await;
        assert!(answer.error().starts_with("412 PreconditionFailed"), "{wrong}: {}", answer.error());
    }
    assert_eq!(portal.get(OFFER).await.body["version"], 1, "none of them wrote");
    portal.put(&virtual_machine(), Some(&etag)).await.expect(200);
}

#[tokio::test]
async fn an_etag_for_an_offer_that_is_not_there_answers_404() {
    let portal = Portal::standard().await;
    portal.put(&virtual_machine(), Some("W/\"x\"")).await.expect(404);
}

#[tokio::test]
async fn an_update_without_if_match_is_refused_unless_a_quirk_says_otherwise() {
    for (quirks, told) in [
        (vec![], "400 BadRequest: The If-Match header is required to change an existing offer."),
        (
            vec![Quirk::MissingIfMatchConflicts],
            "409 InvalidResourceId: Offer ID already exists. Choose another one, or send its ETag in If-Match to change it.",
        ),
        (vec![Quirk::MissingIfMatchAccepted], "200 : "),
        (vec![Quirk::NoETag], "200 : "),
    ] {
        let portal = Portal::start(with_quirks(&quirks)).await;
        portal.create().await;
        assert_eq!(portal.put(&virtual_machine(), None).await.error(), told, "{quirks:?}");
    }
}

#[tokio::test]
async fn an_etag_can_come_in_the_body_or_nowhere() {
    for (quirk, key) in [(Quirk::ETagInBody, "eTag"), (Quirk::CapitalETagInBody, "Etag")] {
        let portal = Portal::start(with_quirks(&[quirk])).await;
        let created = portal.put(&virtual_machine(), None).await;
        assert_eq!(created.header("etag"), None);
        portal.put(&virtual_machine(), created.body[key].as_str()).await.expect(200);
    }

    let portal = Portal::start(with_quirks(&[Quirk::NoETag])).await;
    let created = portal.put(&virtual_machine(), None).await;
    assert_eq!((created.header("etag"), created.body.get("eTag")), (None, None));
}

#[tokio::test]
async fn versions_can_exceed_what_a_float_holds() {
    let portal = Portal::start(with_quirks(&[Quirk::HugeVersions])).await;
    portal.create().await;
    let draft = portal.put(&virtual_machine(), Some("*")).await.expect(200);
    assert_eq!(draft["version"], 636_576_975_611_768_315_u64);
}

#[tokio::test]
async fn a_put_replaces_all_and_ignores_the_volatile_envelope() {
    let portal = Portal::standard().await;
    let mut body = virtual_machine();
    body["definition"]["offer"]["microsoft-azure-marketplace.summary"] = json!("Short");
    portal.put(&body, None).await.expect(201);
    let mut second = virtual_machine();
    for (key, value) in [
        ("eTag", json!("W/\"nonsense\"")),
        ("version", json!(5)),
        ("status", json!("published")),
        ("changedTime", json!("never")),
        ("offerTypeVersions", json!({"microsoft-azure-marketplace": 39})),
    ] {
        second[key] = value;
    }
    let draft = portal.put(&second, Some("*")).await.expect(200);
    assert_eq!(draft["definition"]["offer"].get("microsoft-azure-marketplace.summary"), None);
    assert_eq!(draft["version"], 2);
    assert_eq!(draft["status"], "neverPublished");
    assert_eq!(draft.get("offerTypeVersions"), None);
}

#[tokio::test]
async fn bodies_that_are_no_offer_are_refused_and_change_nothing() {
    let portal = Portal::standard().await;
    portal.create().await;
    let put = |body: &'static str| {
        let request =
            portal.request(Method::PUT, OFFER).header("If-Match", "*").header("Content-Type", "application/json");
        portal.send(request.body(body))
    };
    put("{not json").await.expect(400);
    let answer = put(r#"{"definition": {}}"#).await;
    assert_eq!(answer.error(), "400 BadRequest: The argument: 'OfferTypeId' cannot be null or empty.");
    let answer = put(r#"{"offerTypeId": "microsoft-azure-corevm", "definition": {}}"#).await;
    assert!(answer.error().contains("cannot change"), "{}", answer.error());
    let request = portal.request(Method::PUT, OFFER).header("If-Match", "*").header("Content-Type", "text/yaml");
    portal.send(request.body("offerTypeId: x")).await.expect(415);
    assert_eq!(portal.get(OFFER).await.body["version"], 1);
}

#[tokio::test]
async fn secrets_are_kept_and_never_come_back() {
    let portal = Portal::standard().await;
    let mut body = virtual_machine();
    let key = "microsoft-azure-marketplace.blobLeadConfiguration";
    body["definition"]["offer"][key] = json!({"blobStorageConnectionString": "AccountKey=hush"});
    let answer = portal.put(&body, None).await.expect(201);
    assert!(!answer.to_string().contains("hush"));
    assert!(!portal.get(OFFER).await.body.to_string().contains("hush"));
    let kept = portal.get("/_emulator/offers/contoso/vm").await.expect(200);
    assert!(kept.to_string().contains("AccountKey=hush"), "the emulator's owner can look");
}
