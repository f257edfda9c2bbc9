//! Tokens, publishers, versions of the API.

use super::*;

#[tokio::test]
async fn a_missing_token_answers_401_in_the_other_envelope() {
    let portal = Portal::standard().await;
    let url = format!("{}/api/publishers?api-version=2017-10-31", portal.emulator.url());
    let answer = portal.send(portal.client.get(url)).await;
    assert_eq!(answer.status, 401);
    assert_eq!(answer.body, json!({"Message": "Authorization has been denied for this request."}));
}

#[tokio::test]
async fn only_the_demanded_token_is_good() {
    let portal = Portal::start(Options { token: Some("right".into()), ..stopped() }).await;
    portal.get("/api/publishers").await.expect(401);
    let url = format!("{}/api/publishers?api-version=2017-10-31", portal.emulator.url());
    portal.send(portal.client.get(url).bearer_auth("right")).await.expect(200);
}

#[tokio::test]
async fn another_publisher_than_the_named_ones_answers_403() {
    let portal = Portal::start(Options { publishers: vec!["contoso".into()], ..stopped() }).await;
    portal.create().await;
    let answer = portal.get("/api/publishers/fabrikam/offers").await;
    assert_eq!(answer.error(), "403 Forbidden: User does not have the required permissions");
    let publishers = portal.get("/api/publishers").await.expect(200);
    assert_eq!(publishers[0]["id"], "contoso");
}

#[tokio::test]
async fn a_wrong_or_missing_version_answers_400() {
    let portal = Portal::standard().await;
    for query in ["", "?api-version=2016-08-01", "?api-version="] {
        let url = format!("{}/api/publishers/contoso/offers{query}", portal.emulator.url());
        let answer = portal.send(portal.client.get(url).bearer_auth("token")).await;
        assert_eq!(answer.error(), "400 InvalidAPIVersion: Invalid api version. Allowed values are [2017-10-31]");
    }
}

#[tokio::test]
async fn every_answer_carries_its_own_correlation_id() {
    let portal = Portal::standard().await;
    let first = portal.get("/api/publishers").await;
    let second = portal.get("/api/nothing").await;
    let id = |answer: &Answer| answer.header("X-Ms-Correlation-Request-Id").unwrap().to_owned();
    assert_eq!(id(&first).len(), 36);
    assert_ne!(id(&first), id(&second));
}

#[tokio::test]
async fn unknown_paths_answer_404_and_wrong_methods_405() {
    let portal = Portal::standard().await;
    portal.get("/api/nothing").await.expect(404);
    portal.get("/api/publishers/contoso/offers/vm/slot/draft/more").await.expect(404);
    portal.send(portal.request(Method::DELETE, OFFER)).await.expect(405);
    portal.get(&format!("{OFFER}/publish")).await.expect(405);
    portal.get("/api/publishers/contoso/offers/..%2Fvm").await.expect(400);
}

#[tokio::test]
async fn it_listens_on_loopback_only() {
    let error = Emulator::start("0.0.0.0:0".parse().unwrap(), stopped()).await.unwrap_err();
    insta::assert_snapshot!(error, @"the emulator listens on loopback only, and 0.0.0.0:0 is not; use 127.0.0.1 or [::1]");
}
