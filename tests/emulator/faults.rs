//! Faults as a client meets them.

use super::*;

async fn fault(portal: &Portal, fault: Value) {
    portal.post("/_emulator/faults", Some(fault)).await.expect(201);
}

#[tokio::test]
async fn a_status_fault_answers_instead_of_the_service() {
    let portal = Portal::standard().await;
    let effect =
        json!({"status": {"code": 429, "headers": {"Retry-After": "7"}, "body": {"error": {"code": "TooMany"}}}});
    fault(&portal, json!({"method": "PUT", "path": "/offers/vm", "effect": effect})).await;
    let answer = portal.put(&virtual_machine(), None).await;
    assert_eq!((answer.status.as_u16(), answer.header("retry-after")), (429, Some("7")));
    assert!(answer.header("x-ms-correlation-request-id").is_some());
    portal.get(OFFER).await.expect(404);
    portal.put(&virtual_machine(), None).await.expect(201);
    let faults = portal.get("/_emulator/faults").await.expect(200);
    assert_eq!(faults[0]["met"], 1);
}

#[tokio::test]
async fn a_gateway_can_hide_what_the_service_did() {
    let portal = Portal::standard().await;
    let effect = json!({"status": {"code": 502, "body": "<html>Bad gateway</html>", "when": "after-acting"}});
    fault(&portal, json!({"method": "PUT", "effect": effect})).await;
    let answer = portal.put(&virtual_machine(), None).await;
    assert_eq!((answer.status.as_u16(), answer.header("content-type")), (502, Some("text/html")));
    portal.get(OFFER).await.expect(200);
}

#[tokio::test]
async fn a_reset_comes_without_a_byte_before_or_after_acting() {
    for (effect, version) in [("reset-before", 1), ("reset-after", 2)] {
        let portal = Portal::standard().await;
        portal.create().await;
        fault(&portal, json!({"method": "PUT", "effect": effect})).await;
        let request = with_json(portal.request(Method::PUT, OFFER), &virtual_machine()).header("If-Match", "*");
        let error = request.send().await.unwrap_err();
        assert!(error.is_request(), "{effect}: {error:?}");
        assert_eq!(portal.get(OFFER).await.body["version"], version, "{effect}");
        let log = portal.get("/_emulator/requests").await.expect(200);
        assert_eq!(log["requests"][1]["status"], Value::Null);
    }
}

#[tokio::test]
async fn a_truncated_answer_ends_in_the_middle_of_its_body() {
    let portal = Portal::standard().await;
    portal.create().await;
    fault(&portal, json!({"method": "GET", "path": "/offers/vm", "effect": "truncate"})).await;
    let mut response = portal.request(Method::GET, OFFER).send().await.unwrap();
    assert_eq!(response.status(), 200);
    let announced = usize::try_from(response.content_length().unwrap()).unwrap();
    let mut arrived = 0;
    let error = loop {
        match response.chunk().await {
            Ok(Some(bytes)) => arrived += bytes.len(),
            Ok(None) => panic!("the body ended as if it were whole"),
            Err(error) => break error,
        }
    };
    assert_eq!(arrived, announced / 2, "{error}");
    portal.get(OFFER).await.expect(200);
}

#[tokio::test]
async fn a_delay_on_the_emulator_s_clock_costs_nobody_time() {
    let portal = Portal::standard().await;
    portal.create().await;
    let effect = json!({"delay": {"duration": "4days", "clock": "emulator"}});
    fault(&portal, json!({"method": "GET", "path": "/status", "effect": effect})).await;
    portal.post(&format!("{OFFER}/publish"), None).await.expect(202);
    assert_eq!(portal.status().await["status"], "waitingForPublisherReview");
}

#[tokio::test]
async fn faults_can_be_cleared_and_never_meet_the_control() {
    let portal = Portal::standard().await;
    fault(&portal, json!({"times": null, "effect": {"status": {"code": 500}}})).await;
    portal.get(OFFER).await.expect(500);
    portal.send(portal.request(Method::DELETE, "/_emulator/faults")).await.expect(204);
    portal.get(OFFER).await.expect(404);
}

#[tokio::test(start_paused = true)]
async fn latency_and_real_delays_make_the_caller_wait() {
    let hour = std::time::Duration::from_secs(3600);
    let portal = Portal::start(Options { latency: hour, ..stopped() }).await;
    let start = tokio::time::Instant::now();
    portal.get(OFFER).await.expect(404);
    assert!(start.elapsed() >= hour, "virtual time: {:?}", start.elapsed());

    fault(&portal, json!({"effect": {"delay": {"duration": "5h"}}})).await;
    let start = tokio::time::Instant::now();
    portal.get(OFFER).await.expect(404);
    assert!(start.elapsed() >= 6 * hour, "virtual time: {:?}", start.elapsed());
}

#[tokio::test]
async fn a_retry_after_can_be_a_date_on_the_emulator_s_clock() {
    let portal = Portal::standard().await;
    fault(&portal, json!({"effect": {"status": {"code": 429, "retryAfterDate": "90s"}}})).await;
    let answer = portal.get(OFFER).await;
    assert_eq!(answer.status, 429);
    assert_eq!(answer.header("date"), Some("Sun, 01 Nov 2026 00:00:00 GMT"));
    assert_eq!(answer.header("retry-after"), Some("Sun, 01 Nov 2026 00:01:30 GMT"));
}

#[tokio::test]
async fn an_answer_can_lose_its_body_or_break_in_its_head() {
    let portal = Portal::standard().await;
    fault(&portal, json!({"method": "PUT", "effect": "empty-body"})).await;
    let created = portal.put(&virtual_machine(), None).await;
    assert_eq!((created.status.as_u16(), created.header("content-length")), (201, Some("0")));
    assert!(!created.etag().is_empty(), "the headers are the service's");

    fault(&portal, json!({"method": "PUT", "effect": "truncate-head"})).await;
    let request = with_json(portal.request(Method::PUT, OFFER), &virtual_machine()).header("If-Match", "*");
    let error = request.send().await.unwrap_err();
    assert!(error.is_request() && error.status().is_none(), "{error:?}");
    assert_eq!(portal.get(OFFER).await.body["version"], 2, "it acted");
}

#[tokio::test(start_paused = true)]
async fn an_answer_can_never_come_before_or_after_acting() {
    for (effect, version) in [("hang-before", 1), ("hang-after", 2)] {
        let portal = Portal::standard().await;
        portal.create().await;
        fault(&portal, json!({"method": "PUT", "effect": effect})).await;
        let request = with_json(portal.request(Method::PUT, OFFER), &virtual_machine()).header("If-Match", "*");
        let patience = std::time::Duration::from_secs(3600);
        let error = request.timeout(patience).send().await.unwrap_err();
        assert!(error.is_timeout(), "{effect}: {error:?}");
        assert_eq!(portal.get(OFFER).await.body["version"], version, "{effect}");
        let log = portal.get("/_emulator/requests").await.expect(200);
        assert_eq!(log["requests"][1], json!({"method": "PUT", "path": OFFER, "ifMatch": "*", "status": null}));
    }
}
