//! The service stumbles and the network breaks. Reading is repeated, writing is settled by reading, and what takes effect
//! takes effect once.

use offerctl::emulator::{Options, Quirk};
use reqwest::Method;
use serde_json::{Value, json};

use crate::environment::{TestEnvironment, as_slow_as_the_service};
use crate::interposer::Moment;

fn status(code: u16) -> Value {
    json!({"status": {"code": code, "headers": {"Retry-After": "0"}, "body": "<html><h1>Oops</h1></html>"}})
}

#[test]
fn reading_survives_what_passes() {
    let environment = TestEnvironment::with_live_offer();
    let effects =
        [status(429), status(500), status(502), json!("reset-before"), json!("reset-after"), json!("truncate")];
    for (path, effect) in ["/offers/vm", "/status", "/slot/*"].iter().cycle().zip(&effects) {
        environment.portal.fault(&json!({"method": "GET", "path": format!("*{path}"), "effect": effect}));
    }
    environment.run("plan --detailed-exitcode").expect(0);
    assert_eq!(environment.portal.faults_met(), [1; 6]);
}

#[test]
fn a_write_that_came_too_soon_is_sent_again_when_the_service_says() {
    let environment = TestEnvironment::with_offer();
    environment.portal.fault(&json!({"method": "PUT", "path": "*/offers/vm", "effect": status(429)}));
    environment.run("apply --yes --until draft").expect(0);
    insta::assert_snapshot!(environment.portal.writes(), @"
    PUT contoso/vm: 429
    PUT contoso/vm: 201
    ");
}

#[test]
fn a_service_that_stays_down_fails_the_offer_and_says_so() {
    let environment = TestEnvironment::with_live_offer();
    environment.portal.fault(&json!({"method": "GET", "times": null, "effect": status(503)}));
    let plan = environment.run("plan").expect(1);
    insta::assert_snapshot!(plan.stdout, @"
    ! contoso/vm could not be planned  offers/vm/offer.yaml
        GET http://SERVICE/api/publishers/contoso/offers/vm?api-version=2017-10-31 was answered with 503 Service Unavailable: a web page: Oops (correlation id [guid], 5 attempts)
        The service has trouble. Nothing was changed; try again later, and give the correlation id to Microsoft's support if it lasts.

    Plan: 1 offers: 0 to create, 0 to change, 0 in sync, 0 blocked, 1 unreadable; 0 changes, 0 steps.
    Digest: [digest]
    ");
}

#[test]
fn an_answer_that_is_lost_after_the_fact_does_not_repeat_it() {
    let environment = TestEnvironment::with_offer();
    for path in ["*/offers/vm", "*/publish", "*/golive"] {
        environment.portal.fault(&json!({"method": if path.ends_with("vm") { "PUT" } else { "POST" }, "path": path,
            "effect": "reset-after"}));
    }
    let said = environment.run("apply --yes").expect(0);
    assert_eq!(environment.portal.faults_met(), [1; 3]);
    insta::assert_snapshot!(environment.portal.writes(), @"
    PUT contoso/vm: no answer
    POST contoso/vm/publish: no answer
    POST contoso/vm/golive: no answer
    ");
    insta::assert_snapshot!(said.stderr, @"
    contoso/vm: the answer does not tell whether it was done, asking the service: PUT http://SERVICE/api/publishers/contoso/offers/vm?api-version=2017-10-31 failed: the connection broke: Connection reset by peer (os error 104)
    contoso/vm: created (version 1)
    contoso/vm: the answer does not tell whether it was done, asking the service: POST http://SERVICE/api/publishers/contoso/offers/vm/publish?api-version=2017-10-31 failed: the connection broke: Connection reset by peer (os error 104)
    contoso/vm: submitted for the preview
    contoso/vm: waiting until the preview is ready
    contoso/vm: Validate Pre-Requisites: complete
    contoso/vm: Certification: complete
    contoso/vm: Provisioning: complete
    contoso/vm: Packaging and Lead Generation Registration: complete
    contoso/vm: Publisher signoff: waiting for publisher review
    contoso/vm: the preview is ready (https://preview.azuremarketplace.microsoft.com/marketplace/apps/contoso.vm)
    contoso/vm: the answer does not tell whether it was done, asking the service: POST http://SERVICE/api/publishers/contoso/offers/vm/golive?api-version=2017-10-31 failed: the connection broke: Connection reset by peer (os error 104)
    contoso/vm: submitted for production
    contoso/vm: waiting until the offer is live
    contoso/vm: Publisher signoff: complete
    contoso/vm: Live: complete
    contoso/vm: live (https://azuremarketplace.microsoft.com/marketplace/apps/contoso.vm)
    contoso/vm: done
    ");
    environment.run("plan --detailed-exitcode").expect(0);
}

#[test]
fn a_write_that_never_arrived_is_sent_again() {
    let environment = TestEnvironment::with_live_offer();
    environment.edit("every night", "twice a day");
    environment.portal.fault(&json!({"method": "PUT", "effect": "reset-before"}));
    environment.run("apply --yes").expect(0);
    insta::assert_snapshot!(environment.portal.writes(), @r#"
    PUT contoso/vm If-Match W/"datetime'2026-11-01T00%3A00%3A00.0000000Z'": no answer
    PUT contoso/vm If-Match W/"datetime'2026-11-01T00%3A00%3A00.0000000Z'": 200
    POST contoso/vm/publish: 202
    POST contoso/vm/golive: 202
    "#);
}

#[test]
fn a_publish_that_never_arrived_is_not_repeated_blindly() {
    let environment = TestEnvironment::with_offer();
    environment.portal.fault(&json!({"method": "POST", "path": "*/publish", "effect": "reset-before"}));
    let said = environment.run("apply --yes").expect(1);
    insta::assert_snapshot!(said.stderr, @"
    contoso/vm: created (version 1)
    contoso/vm: the answer does not tell whether it was done, asking the service: POST http://SERVICE/api/publishers/contoso/offers/vm/publish?api-version=2017-10-31 failed: the connection broke: Connection reset by peer (os error 104)
    contoso/vm: failed
      nobody can tell whether the service did it: POST http://SERVICE/api/publishers/contoso/offers/vm/publish?api-version=2017-10-31 failed: the connection broke: Connection reset by peer (os error 104)
      what next: Look with `offerctl status`. What took effect is not done twice.
      go on with: offerctl resume contoso/vm
    ");
    environment.run("apply --yes").expect(0);
    insta::assert_snapshot!(environment.portal.writes(), @"
    PUT contoso/vm: 201
    POST contoso/vm/publish: no answer
    POST contoso/vm/publish: 202
    POST contoso/vm/golive: 202
    ");
}

#[test]
fn a_gateway_that_hides_a_started_publish_does_not_start_another() {
    let environment = TestEnvironment::with_offer_on(as_slow_as_the_service());
    let effect = json!({"status": {"code": 504, "body": "<html>Gateway Timeout</html>", "when": "after-acting"}});
    environment.portal.fault(&json!({"method": "POST", "path": "*/publish", "effect": effect}));
    environment.run("apply --yes --wait 0").expect(7);
    environment.portal.let_days_pass_while_waiting();
    environment.run("apply --yes").expect(0);
    insta::assert_snapshot!(environment.portal.writes(), @"
    PUT contoso/vm: 201
    POST contoso/vm/publish: 504
    POST contoso/vm/golive: 202
    ");
}

#[test]
fn waiting_survives_an_outage() {
    let environment = TestEnvironment::with_offer_on(as_slow_as_the_service());
    environment.run("apply --yes --wait 0").expect(7);
    environment
        .portal
        .fault(&json!({"method": "GET", "path": "*/operations/*", "nth": 2, "times": 7, "effect": status(503)}));
    environment.portal.let_days_pass_while_waiting();
    let said = environment.run("apply --yes").expect(0);
    assert!(said.stderr.contains("the service cannot be asked right now, waiting goes on"), "{}", said.stderr);
    assert!(said.stderr.contains("contoso/vm: done"), "{}", said.stderr);
}

#[test]
fn words_that_nobody_knows_keep_waiting() {
    let quirks = [Quirk::UnknownWords].into_iter().collect();
    let environment = TestEnvironment::with_offer_on(Options { quirks, ..as_slow_as_the_service() });
    environment.run("apply --yes --wait 0").expect(7);
    insta::assert_snapshot!(environment.run("status"), @r#"
    contoso/vm: "processing", a word that offerctl does not know: taken as still going
      Validate Pre-Requisites                     "underReview"  < 15 min
      Certification                               not started  < 5 day
      Provisioning                                not started  < 1 day
      Packaging and Lead Generation Registration  not started  < 1 hour
      Publisher signoff                           not started  < 1 hour
      Live                                        not started  ~2-5 days
      done last:
        [time]  plan begun  (offerctl apply)
        [time]  draft written  (offerctl apply)
        [time]  publish submitted  (offerctl apply)
    --- exit 0 ---
    "#);
    environment.portal.let_days_pass_while_waiting();
    let said = environment.run("apply --yes").expect(0);
    insta::assert_snapshot!(said.stderr, @r#"
    contoso/vm: waiting until the preview is ready
    contoso/vm: the service says "processing", a word that offerctl does not know: taken as still going
    contoso/vm: Validate Pre-Requisites: complete
    contoso/vm: Certification: "underReview"
    contoso/vm: Certification: complete
    contoso/vm: Provisioning: complete
    contoso/vm: Packaging and Lead Generation Registration: complete
    contoso/vm: Publisher signoff: waiting for publisher review
    contoso/vm: the preview is ready (https://preview.azuremarketplace.microsoft.com/marketplace/apps/contoso.vm)
    contoso/vm: submitted for production
    contoso/vm: waiting until the offer is live
    contoso/vm: Publisher signoff: complete
    contoso/vm: Live: "underReview"
    contoso/vm: Live: complete
    contoso/vm: live (https://azuremarketplace.microsoft.com/marketplace/apps/contoso.vm)
    contoso/vm: done
    "#);
    insta::assert_snapshot!(environment.portal.writes(), @"
    PUT contoso/vm: 201
    POST contoso/vm/publish: 202
    POST contoso/vm/golive: 202
    ");
}

#[test]
fn an_internal_conflict_of_the_service_is_settled_by_reading() {
    let environment = TestEnvironment::with_live_offer();
    environment.edit("every night", "twice a day");
    let body =
        json!({"Variant": {"serviceName": "x", "error": "snapshot() resulted in an internal conflict! Retry is OK."}});
    environment.portal.fault(&json!({"method": "PUT", "effect": {"status": {"code": 500, "body": body}}}));
    environment.run("apply --yes").expect(0);
    environment.run("plan --detailed-exitcode").expect(0);
}

#[test]
fn an_answer_to_a_write_that_is_cut_short_is_settled_by_reading() {
    let environment = TestEnvironment::with_offer();
    for method in ["PUT", "POST"] {
        environment.portal.fault(&json!({"method": method, "times": null, "effect": "truncate"}));
    }
    environment.run("apply --yes").expect(0);
    insta::assert_snapshot!(environment.portal.writes(), @"
    PUT contoso/vm: 201
    POST contoso/vm/publish: no answer
    POST contoso/vm/golive: no answer
    ");
    environment.portal.clear_faults();
    environment.run("plan --detailed-exitcode").expect(0);
}

#[test]
fn something_else_that_answers_is_not_taken_for_the_service() {
    let environment = TestEnvironment::with_live_offer();
    for body in
        [json!("<html>Sign in to the hotel's network</html>"), json!([]), json!({}), json!({"id": 7}), json!("null")]
    {
        environment
            .portal
            .fault(&json!({"method": "GET", "times": null, "effect": {"status": {"code": 200, "body": body}}}));
        let said = environment.run("plan").expect(1);
        assert!(said.stdout.contains("could not be planned"), "{body}: {}", said.stdout);
        environment.run("apply --yes").expect(1);
        environment.portal.clear_faults();
    }
    assert_eq!(environment.portal.writes(), "");
}

#[test]
fn each_repetition_is_logged_with_its_reason_and_its_pause() {
    let environment = TestEnvironment::with_offer();
    environment.portal.fault(&json!({"method": "GET", "path": "*/offers/vm", "effect": status(503)}));
    environment.portal.fault(&json!({"method": "PUT", "effect": status(502)}));
    environment.portal.fault(&json!({"method": "POST", "path": "*/publish", "effect": status(429)}));
    let said = environment.run("apply --yes --until preview -v").expect(0);
    let told: Vec<_> = said.stderr.lines().filter(|line| line.contains("again")).collect();
    insta::with_settings!({filters => vec![(r"\S+Z DEBUG", "[time]"), (r"in \d+m?s?", "in [pause]")]}, {
        insta::assert_snapshot!(told.join("\n"), @"
        [time] trying again in [pause]: GET http://SERVICE/api/publishers/contoso/offers/vm?api-version=2017-10-31 was answered with 503 Service Unavailable attempt=1
        [time] looking in [pause] whether to try again: PUT http://SERVICE/api/publishers/contoso/offers/vm?api-version=2017-10-31 was answered with 502 Bad Gateway attempt=1
        [time] looking in [pause] whether to try again: POST http://SERVICE/api/publishers/contoso/offers/vm/publish?api-version=2017-10-31 was answered with 429 Too Many Requests attempt=1
        ");
    });
}

#[test]
fn a_service_that_asks_for_a_day_is_left_alone_and_nothing_hangs() {
    let environment = TestEnvironment::with_offer();
    let busy = json!({"status": {"code": 429, "headers": {"Retry-After": "86400"}}});
    environment.portal.fault(&json!({"method": "PUT", "times": null, "effect": busy}));
    let said = environment.run("apply --yes").expect(1);
    insta::assert_snapshot!(environment.portal.writes(), @"PUT contoso/vm: 429");
    insta::assert_snapshot!(said.stderr, @"
    contoso/vm: failed
      PUT http://SERVICE/api/publishers/contoso/offers/vm?api-version=2017-10-31 was answered with 429 Too Many Requests (correlation id [guid], asks to be left alone for 1day)
      what next: The service asks for fewer requests. Wait a few minutes, or lower the parallelism.
      go on with: offerctl resume contoso/vm
    ");
}

#[test]
fn a_create_that_acts_after_it_was_given_up_is_found_and_not_taken_for_somebody_elses() {
    let twin = TestEnvironment::with_offer();
    twin.run("apply --yes --until draft").expect(0);
    let late = json!({"offerTypeId": "microsoft-azure-virtualmachines", "definition": twin.portal.definition("vm")});

    let mut environment = TestEnvironment::with_offer();
    environment.portal.fault(&json!({"method": "PUT", "effect": status(504)}));
    let repetition = Moment { method: Method::PUT, path: "/offers/vm", nth: 2 };
    environment.meanwhile(repetition, vec![(Method::PUT, "/api/publishers/contoso/offers/vm", Some(late))]);
    environment.run("apply --yes --until draft").expect(0);
    insta::assert_snapshot!(environment.portal.writes(), @"
    PUT contoso/vm: 504
    PUT contoso/vm: 201
    PUT contoso/vm: 400
    ");
    environment.run("plan --until draft --detailed-exitcode").expect(0);
}
