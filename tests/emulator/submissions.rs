//! Publish, go-live, cancel, and what can be read of them.

use super::*;

fn publish() -> String {
    format!("{OFFER}/publish")
}

fn go_live() -> String {
    format!("{OFFER}/golive")
}

fn cancel() -> String {
    format!("{OFFER}/cancel")
}

#[tokio::test]
async fn an_offer_goes_from_draft_to_live() {
    let portal = Portal::standard().await;
    portal.create().await;
    let mut told = vec![portal.story().await];
    let emails = json!({"metadata": {"notification-emails": "a@contoso.com,b@contoso.com"}});
    portal.post(&publish(), Some(emails)).await.expect(202);
    for step in ["0s", "1h", "3d", "6h"] {
        portal.advance(step).await;
        told.push(portal.story().await);
    }
    portal.post(&go_live(), None).await.expect(202);
    told.push(portal.story().await);
    portal.advance("2d").await;
    told.push(portal.story().await);
    insta::assert_snapshot!(told.join("\n"), @r"
    neverPublished: notStarted, notStarted, notStarted, notStarted, notStarted, notStarted
    running: inProgress, notStarted, notStarted, notStarted, notStarted, notStarted
    running: complete, inProgress, notStarted, notStarted, notStarted, notStarted
    running: complete, complete, inProgress, notStarted, notStarted, notStarted
    waitingForPublisherReview: complete, complete, complete, complete, waitingForPublisherReview, notStarted
    running: complete, complete, complete, complete, complete, inProgress
    succeeded: complete, complete, complete, complete, complete, complete
    ");
    let status = portal.status().await;
    assert_eq!(status["notificationEmails"], "a@contoso.com,b@contoso.com");
    assert_eq!(status["publishingVersion"], 2);
    assert_eq!(portal.get(OFFER).await.body["status"], "succeeded");
}

#[tokio::test]
async fn slots_hold_what_was_submitted_and_not_what_was_edited_since() {
    let portal = Portal::standard().await;
    portal.create().await;
    portal.post(&publish(), None).await.expect(202);
    let mut edited = virtual_machine();
    edited["definition"]["displayText"] = json!("Edited meanwhile");
    portal.put(&edited, Some("*")).await.expect(200);
    portal.get(&format!("{OFFER}/slot/preview")).await.expect(404);
    portal.advance("4d").await;
    let preview = portal.get(&format!("{OFFER}/slot/preview")).await.expect(200);
    assert_eq!((&preview["version"], &preview["definition"]["displayText"]), (&json!(1), &json!("Contoso VM")));
    portal.post(&go_live(), None).await.expect(202);
    portal.get(&format!("{OFFER}/slot/production")).await.expect(404);
    portal.advance("2d").await;
    let production = portal.get(&format!("{OFFER}/slot/production")).await.expect(200);
    assert_eq!(production["definition"]["displayText"], "Contoso VM");
    assert_eq!(portal.get(OFFER).await.body["definition"]["displayText"], "Edited meanwhile");
}

#[tokio::test]
async fn a_location_leads_to_the_operation() {
    let portal = Portal::standard().await;
    portal.create().await;
    let accepted = portal.post(&publish(), None).await;
    let location = accepted.header("location").unwrap().to_owned();
    assert!(location.starts_with(&format!("{OFFER}/operations/")) && location.ends_with("?api-version=2017-10-31"));
    assert_eq!(accepted.header("operation-location"), Some(location.as_str()), "older clients read this one");
    let path = location.split('?').next().unwrap();
    let operation = portal.get(&format!("{path}/")).await.expect(200);
    assert_eq!(operation["status"], "running");
    assert_eq!(operation["cancellationRequestState"], "canCancel");
    assert_eq!(operation["steps"][0]["id"], "displaydummycertify");
    portal.advance("4d").await;
    assert_eq!(portal.get(path).await.expect(200)["status"], "completed");
    portal.get(&format!("{OFFER}/operations/56615b67-2185-49fe-80d2-c4ddf77bb2e8")).await.expect(404);
}

#[tokio::test]
async fn other_backends_announce_a_submission_otherwise() {
    let announced = |quirk| async move {
        let portal = Portal::start(with_quirks(&[quirk])).await;
        portal.create().await;
        let answer = portal.post(&publish(), None).await;
        let value = |name: &str| answer.header(name).map(str::to_owned);
        (value("location"), value("operation-location"), portal)
    };
    let (location, _, portal) = announced(Quirk::NonMigratedLocation).await;
    assert_eq!(location.as_deref(), Some("/api/operations/contoso$vm$2$preview?api-version=2017-10-31"));
    assert_eq!(portal.get("/api/operations/contoso$vm$2$preview").await.expect(200)["status"], "running");
    portal.get("/api/operations/contoso%24vm%242%24production").await.expect(200);

    let (location, absolute, portal) = announced(Quirk::AbsoluteOperationLocation).await;
    assert_eq!(location, None);
    assert!(absolute.unwrap().starts_with(portal.emulator.url()));

    let (location, old, _) = announced(Quirk::LocationOnly).await;
    assert_eq!((location.is_some(), old), (true, None));

    let (location, old, _) = announced(Quirk::NoLocation).await;
    assert_eq!((location, old), (None, None));
}

#[tokio::test]
async fn submissions_are_listed_newest_first() {
    let portal = Portal::standard().await;
    portal.create_and_publish().await;
    portal.post(&go_live(), None).await.expect(202);
    let rows = portal.get(&format!("{OFFER}/submissions/")).await.expect(200);
    assert_eq!(rows, portal.get(&format!("{OFFER}/submissions")).await.expect(200));
    let running = portal.get(&format!("{OFFER}/submissions/?submissionState=running")).await.expect(200);
    assert_eq!(running, json!([rows[0]]));
    let text: Vec<String> = rows.as_array().unwrap().iter().map(ToString::to_string).collect();
    insta::with_settings!({filters => vec![(r"[0-9a-f]{8}-[0-9a-f-]{27}", "[guid]")]}, {
        insta::assert_snapshot!(text.join("\n"), @r#"
        {"id":"[guid]","offerId":"vm","offerVersion":1,"offerTypeId":"microsoft-azure-virtualmachines","publisherId":"contoso","submissionType":"goLive","submissionState":"running","publishingVersion":2,"slot":"production","version":639294336000000000,"definition":{"metadata":{"emails":""}},"changedTime":"2026-11-05T00:00:00.0000000Z"}
        {"id":"[guid]","offerId":"vm","offerVersion":1,"offerTypeId":"microsoft-azure-virtualmachines","publisherId":"contoso","submissionType":"publish","submissionState":"completed","publishingVersion":1,"slot":"staging","version":639290880000000000,"definition":{"metadata":{"emails":""}},"changedTime":"2026-11-04T06:00:00.0000000Z"}
        "#);
    });
}

#[tokio::test]
async fn one_submission_runs_at_a_time() {
    let portal = Portal::standard().await;
    portal.post(&publish(), None).await.expect(404);
    portal.create().await;
    portal.post(&go_live(), None).await.expect(400);
    portal.post(&publish(), None).await.expect(202);
    let busy = portal.post(&publish(), None).await;
    assert_eq!(busy.error(), "409 Conflict: A submission of Offer ID vm is in progress.");
    portal.post(&go_live(), None).await.expect(400);
    portal.advance("4d").await;
    portal.post(&publish(), None).await.expect(202);
    assert_eq!(portal.status().await["publishingVersion"], 2, "a publish at the sign-off supersedes it");

    let portal = Portal::start(with_quirks(&[Quirk::BusyAnswers400, Quirk::PutRefusedWhileRunning])).await;
    portal.create().await;
    portal.post(&publish(), None).await.expect(202);
    portal.post(&publish(), None).await.expect(400);
    portal.put(&virtual_machine(), Some("*")).await.expect(400);
}

#[tokio::test]
async fn a_live_offer_can_say_published() {
    let portal = Portal::start(with_quirks(&[Quirk::PublishedWord])).await;
    portal.create_and_publish().await;
    portal.post(&go_live(), None).await.expect(202);
    portal.advance("2d").await;
    assert_eq!(portal.status().await["status"], "published");
}

#[tokio::test]
async fn an_incomplete_draft_is_not_published() {
    let portal = Portal::standard().await;
    let body = json!({"offerTypeId": "microsoft-azure-virtualmachines", "definition": {"plans": [{"planId": "a"}]}});
    portal.put(&body, None).await.expect(201);
    let answer = portal.post(&publish(), None).await;
    assert_eq!(answer.status, 422);
    assert!(answer.error().contains("The offer needs a title."), "{}", answer.error());
    assert_eq!(portal.get(&format!("{OFFER}/submissions")).await.expect(200), json!([]));
}

#[tokio::test]
async fn a_cancel_takes_its_time() {
    let portal = Portal::standard().await;
    portal.create().await;
    portal.post(&cancel(), None).await.expect(202);
    portal.post(&publish(), None).await.expect(202);
    portal.advance("1h").await;
    let canceling = portal.post(&cancel(), Some(json!({"metadata": {"notification-emails": "a@contoso.com"}}))).await;
    let operation = canceling.header("location").unwrap().split('?').next().unwrap().to_owned();
    assert_eq!(portal.status().await["status"], "running");
    assert_eq!(portal.get(&operation).await.expect(200)["status"], "running");
    portal.post(&publish(), None).await.expect(409);
    portal.advance("2m").await;
    assert_eq!(portal.story().await, "canceled: complete, canceled, notStarted, notStarted, notStarted, notStarted");
    assert_eq!(portal.get(&operation).await.expect(200)["status"], "completed");
    portal.post(&publish(), None).await.expect(202);

    let portal = Portal::start(with_quirks(&[Quirk::CancelIsImmediate])).await;
    portal.create().await;
    portal.post(&publish(), None).await.expect(202);
    portal.post(&cancel(), None).await.expect(200);
    assert_eq!(portal.status().await["status"], "canceled");
}

#[tokio::test]
async fn words_can_be_spelt_otherwise() {
    let top = |quirk| async move {
        let portal = Portal::start(with_quirks(&[quirk])).await;
        portal.create().await;
        let location = portal.post(&publish(), None).await.header("location").unwrap().to_owned();
        let running = portal.status().await;
        portal.advance("4d").await;
        let operation = portal.get(location.split('?').next().unwrap()).await.expect(200);
        (running, portal.status().await, operation)
    };
    let (running, waiting, _) = top(Quirk::PascalCaseStatus).await;
    assert_eq!(running["steps"][0]["status"], "InProgress");
    assert_eq!(waiting["status"], "WaitingForPublisherReview");

    let (_, waiting, operation) = top(Quirk::SignoffSaysRunning).await;
    assert_eq!((&waiting["status"], &operation["status"]), (&json!("running"), &json!("running")));
    assert_eq!(waiting["steps"][4]["status"], "waitingForPublisherReview");

    assert_eq!(top(Quirk::OperationArray).await.2[0]["status"], "completed");
    assert_eq!(top(Quirk::OperationSaysComplete).await.2["status"], "complete");
    assert_eq!(top(Quirk::OperationSaysSucceeded).await.2["status"], "succeeded");

    let (running, ..) = top(Quirk::UnknownWords).await;
    assert_eq!((&running["status"], &running["steps"][0]["status"]), (&json!("processing"), &json!("underReview")));

    let (running, ..) = top(Quirk::StageNamesOnly).await;
    assert_eq!(running["steps"][4]["stepName"], "publisher-signoff");
    assert_eq!(running["steps"][4].get("id"), None);

    let (_, waiting, _) = top(Quirk::ProgressStaysZero).await;
    assert_eq!(
        (&waiting["steps"][0]["status"], &waiting["steps"][0]["progressPercentage"]),
        (&json!("complete"), &json!(0))
    );
    assert_eq!(top(Quirk::MessagesAsStrings).await.1["steps"][0]["messages"], json!(["Step completed."]));
    assert_eq!(top(Quirk::ExtraStage).await.0["steps"].as_array().unwrap().len(), 7);
    assert!(top(Quirk::LinksAsStrings).await.1["previewLinks"][0].is_string());
}
