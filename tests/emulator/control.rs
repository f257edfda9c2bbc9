//! The emulator's own calls: scripted outcomes, a portal user who edits, the request log.

use super::*;

async fn script(portal: &Portal, stage: &str, verdict: &str) {
    let outcome = json!({"stage": stage, "verdict": verdict, "messages": ["<p>Look at <b>this</b>.</p>"]});
    portal.post("/_emulator/offers/contoso/vm/outcome", Some(outcome)).await.expect(204);
}

#[tokio::test]
async fn outcomes_strike_the_stage_that_they_were_scripted_for() {
    let mut told = Vec::new();
    for (stage, verdict) in [
        ("displaydummycertify", "failed"),
        ("displaycertify", "blocked"),
        ("displayprovision", "rejected"),
        ("displaypackage", "canceled"),
    ] {
        let portal = Portal::standard().await;
        portal.create().await;
        script(&portal, stage, verdict).await;
        portal.post(&format!("{OFFER}/publish"), None).await.expect(202);
        portal.advance("4d").await;
        told.push(portal.story().await);
    }
    insta::assert_snapshot!(told.join("\n"), @r"
    failed: failed, notStarted, notStarted, notStarted, notStarted, notStarted
    running: complete, blocked, notStarted, notStarted, notStarted, notStarted
    running: complete, complete, rejected, notStarted, notStarted, notStarted
    canceled: complete, complete, complete, canceled, notStarted, notStarted
    ");
}

#[tokio::test]
async fn a_failed_stage_says_why_and_the_next_submission_is_free_of_it() {
    let portal = Portal::standard().await;
    portal.create().await;
    script(&portal, "displaycertify", "failed").await;
    portal.post(&format!("{OFFER}/publish"), None).await.expect(202);
    portal.advance("4d").await;
    let status = portal.status().await;
    assert_eq!(status["steps"][1]["messages"][0]["messageHtml"], "<p>Look at <b>this</b>.</p>");
    assert_eq!(status["steps"][1]["messages"][0]["level"], "error");
    portal.post(&format!("{OFFER}/publish"), None).await.expect(202);
    portal.advance("4d").await;
    assert_eq!(portal.status().await["status"], "waitingForPublisherReview");

    script(&portal, "live", "failed").await;
    portal.post(&format!("{OFFER}/golive"), None).await.expect(202);
    portal.advance("2d").await;
    assert_eq!(portal.status().await["status"], "failed");
    portal.get(&format!("{OFFER}/slot/production")).await.expect(404);
    let signoff = json!({"stage": "publisher-signoff", "verdict": "failed"});
    portal.post("/_emulator/offers/contoso/vm/outcome", Some(signoff)).await.expect(400);
}

#[tokio::test]
async fn a_portal_user_can_edit_the_draft() {
    let portal = Portal::standard().await;
    portal.create().await;
    let before = portal.get(OFFER).await.etag().to_owned();
    let patch = json!({"definition": {"offer": {"microsoft-azure-marketplace.summary": "Edited by hand"}}});
    let edited = portal.post("/_emulator/offers/contoso/vm/edit", Some(patch)).await;
    assert_ne!(edited.etag(), before);
    let draft = portal.get(OFFER).await.expect(200);
    assert_eq!(draft["version"], 2);
    assert_eq!(draft["definition"]["offer"]["microsoft-azure-marketplace.summary"], "Edited by hand");
    assert_eq!(draft["definition"]["displayText"], "Contoso VM");
    portal.put(&virtual_machine(), Some(&before)).await.expect(412);
    let broken = json!({"definition": {"plans": "none"}});
    portal.post("/_emulator/offers/contoso/vm/edit", Some(broken)).await.expect(400);
}

#[tokio::test]
async fn requests_are_counted() {
    let portal = Portal::standard().await;
    portal.create().await;
    portal.post(&format!("{OFFER}/publish"), None).await.expect(202);
    portal.post(&format!("{OFFER}/publish"), None).await.expect(409);
    let log = portal.get("/_emulator/requests").await.expect(200);
    let counts: Vec<String> = log["counts"].as_array().unwrap().iter().map(ToString::to_string).collect();
    insta::assert_snapshot!(counts.join("\n"), @r#"
    {"method":"POST","path":"/api/publishers/contoso/offers/vm/publish","count":2}
    {"method":"PUT","path":"/api/publishers/contoso/offers/vm","count":1}
    "#);
    assert_eq!(
        log["requests"][0],
        json!({"method": "PUT", "path": OFFER, "ifMatch": "*", "status": 201}),
        "in the order of their answers"
    );
    assert_eq!(log["total"], 3);
    portal.send(portal.request(Method::DELETE, "/_emulator/requests")).await.expect(204);
    assert_eq!(portal.get("/_emulator/requests").await.expect(200)["total"], 0);
}

#[tokio::test]
async fn what_the_control_cannot_read_it_refuses() {
    let portal = Portal::standard().await;
    portal.post("/_emulator/clock", Some(json!({"advance": "soon"}))).await.expect(400);
    portal.post("/_emulator/clock", Some(json!({"forward": "1d"}))).await.expect(400);
    portal.post("/_emulator/faults", Some(json!({"effect": "explode"}))).await.expect(400);
    portal.post("/_emulator/offers/contoso/none/edit", Some(json!({"definition": {}}))).await.expect(404);
    portal.get("/_emulator/nothing").await.expect(404);
}
