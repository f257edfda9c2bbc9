//! Submissions that fail, are rejected or need a person: said at once, in the service's words, and never repeated unasked.

use serde_json::json;

use crate::environment::TestEnvironment;

const COMPLAINT: &str = "<p>The image <b>1.0.0</b> is not generalized: <a href=\"https://aka.ms/vm\">how to</a>.<br>Run \
                         <code>sysprep</code> &amp; upload it again.</p>";

/// The small offer's draft, and what Microsoft will make of its first submission.
fn doomed(stage: &str, verdict: &str) -> TestEnvironment {
    let environment = TestEnvironment::with_offer();
    environment.run("apply --yes --until draft").expect(0);
    environment.portal.forget_requests();
    environment.portal.script("vm", stage, verdict, &[COMPLAINT]);
    environment
}

#[test]
fn a_failed_certification_is_not_submitted_again_unasked() {
    let environment = doomed("displaycertify", "failed");
    let said = environment.run("apply --yes").expect(8);
    insta::assert_snapshot!(said.stderr, @"
    contoso/vm: submitted for the preview
    contoso/vm: waiting until the preview is ready
    contoso/vm: Validate Pre-Requisites: complete
    contoso/vm: Certification: failed
    contoso/vm: the service says: error: The image 1.0.0 is not generalized: how to (https://aka.ms/vm). Run sysprep & upload it again.
      offers/vm/offer.yaml:12:3: Offer plans, for it names `1.0.0`
    contoso/vm: failed
      the service says that the submission failed:
        Certification: The image 1.0.0 is not generalized: how to (https://aka.ms/vm). Run sysprep & upload it again.
          offers/vm/offer.yaml:12:3: Offer plans, for it names `1.0.0`
      what next: Change what the service complains about and apply again; `--retry-failed` submits the same again.
      once it is mended: offerctl apply contoso/vm
    ");
    insta::assert_snapshot!(environment.run("apply --yes"), @"
    ! contoso/vm is blocked  offers/vm/offer.yaml, up to production
      blocked by failed-submission: the last submission failed, and the draft is what was submitted
        the service says: Certification: The image 1.0.0 is not generalized: how to (https://aka.ms/vm). Run sysprep & upload it again.
        way out: change what the service complains about, or submit the same again with `--retry-failed`

    Why that is so: `offerctl explain contoso/vm`, and with the name of a field what became of that field.

    Plan: 1 offers: 0 to create, 0 to change, 0 in sync, 1 blocked, 0 unreadable; 0 changes, 0 steps.
    Digest: [digest]
    Apply: 1 offers: 0 done, 0 in sync, 0 still in progress, 1 blocked, 0 failed, 0 unreadable, 0 interrupted.
    --- exit 9 ---
    ");
    insta::assert_snapshot!(environment.portal.writes(), @"POST contoso/vm/publish: 202");

    environment.run("apply --yes --retry-failed").expect(0);
    environment.run("plan --detailed-exitcode").expect(0);
    insta::assert_snapshot!(environment.portal.writes(), @"
    POST contoso/vm/publish: 202
    POST contoso/vm/publish: 202
    POST contoso/vm/golive: 202
    ");
}

#[test]
fn what_to_do_once_it_is_mended_goes_no_further_than_what_was_begun() {
    let environment = doomed("displaycertify", "rejected");
    let said = environment.run("apply --yes --until preview").expect(8);
    let advice = said.stderr.lines().find(|line| line.contains("once it is mended")).unwrap_or_default();
    assert_eq!(advice.trim(), "once it is mended: offerctl apply contoso/vm --until preview --supersede");
}

#[test]
fn what_was_corrected_is_submitted_without_further_ado() {
    let environment = doomed("displaycertify", "failed");
    environment.run("apply --yes").expect(8);
    environment.edit("every night", "twice a day");
    environment.run("apply --yes").expect(0);
    environment.run("plan --detailed-exitcode").expect(0);
}

#[test]
fn a_blocked_stage_is_reported_at_once() {
    let environment = doomed("displaycertify", "blocked");
    let said = environment.run("apply --yes").expect(8);
    insta::assert_snapshot!(said.stderr, @r#"
    contoso/vm: submitted for the preview
    contoso/vm: waiting until the preview is ready
    contoso/vm: Validate Pre-Requisites: complete
    contoso/vm: Certification: blocked
    contoso/vm: the service says: error: The image 1.0.0 is not generalized: how to (https://aka.ms/vm). Run sysprep & upload it again.
      offers/vm/offer.yaml:12:3: Offer plans, for it names `1.0.0`
    contoso/vm: failed
      the submission needs a person: "Certification" is blocked:
        The image 1.0.0 is not generalized: how to (https://aka.ms/vm). Run sysprep & upload it again.
          offers/vm/offer.yaml:12:3: Offer plans, for it names `1.0.0`
      what next: Follow it up in the portal or with Microsoft's support. The submission still runs.
      once it is mended: offerctl apply contoso/vm --supersede
      go on with: offerctl resume contoso/vm
    "#);
    // The submission is not over: whoever asks again hears the same, and nothing is submitted twice.
    environment.run("apply --yes").expect(8);
    insta::assert_snapshot!(environment.portal.writes(), @"POST contoso/vm/publish: 202");
    insta::assert_snapshot!(environment.run("status"), @"
    contoso/vm: a submission is held up and needs a person
      Validate Pre-Requisites                     complete
        Step completed.
      Certification                               blocked
        The image 1.0.0 is not generalized: how to (https://aka.ms/vm). Run sysprep & upload it again.
          offers/vm/offer.yaml:12:3: Offer plans, for it names `1.0.0`
      Provisioning                                not started  < 1 day
      Packaging and Lead Generation Registration  not started  < 1 hour
      Publisher signoff                           not started  < 1 hour
      Live                                        not started  ~2-5 days
      done last:
        [time]  draft written  (offerctl apply)
        [time]  plan ended  (offerctl apply)
        [time]  plan begun  (offerctl apply)
        [time]  publish submitted  (offerctl apply)
        [time]  plan begun  (offerctl apply)
    --- exit 0 ---
    ");
}

#[test]
fn a_rejected_stage_is_reported_at_once() {
    let environment = doomed("displayprovision", "rejected");
    let said = environment.run("apply --yes").expect(8);
    let last: Vec<&str> = said.stderr.lines().rev().take(5).collect();
    insta::assert_snapshot!(last.into_iter().rev().collect::<Vec<_>>().join("\n"), @"
      The image 1.0.0 is not generalized: how to (https://aka.ms/vm). Run sysprep & upload it again.
        offers/vm/offer.yaml:12:3: Offer plans, for it names `1.0.0`
    what next: Follow it up in the portal or with Microsoft's support. The submission still runs.
    once it is mended: offerctl apply contoso/vm --supersede
    go on with: offerctl resume contoso/vm
    ");
}

#[test]
fn a_canceled_submission_is_told_from_a_failed_one() {
    let environment = doomed("displaypackage", "canceled");
    environment.run("apply --yes").expect(8);
    let said = environment.run("plan").expect(0);
    insta::assert_snapshot!(said.stdout, @"
    ! contoso/vm is blocked  offers/vm/offer.yaml, up to production
      blocked by failed-submission: the last submission was canceled, and the draft is what was submitted
        way out: change what the service complains about, or submit the same again with `--retry-failed`

    Why that is so: `offerctl explain contoso/vm`, and with the name of a field what became of that field.

    Plan: 1 offers: 0 to create, 0 to change, 0 in sync, 1 blocked, 0 unreadable; 0 changes, 0 steps.
    Digest: [digest]
    ");
}

#[test]
fn a_failed_go_live_leaves_the_preview_and_can_be_repeated() {
    let environment = TestEnvironment::with_offer();
    environment.run("apply --yes --until preview").expect(0);
    environment.portal.script("vm", "live", "failed", &["The storage account is gone."]);
    environment.portal.forget_requests();
    let said = environment.run("apply --yes").expect(8);
    insta::assert_snapshot!(said.stderr, @"
    contoso/vm: submitted for production
    contoso/vm: waiting until the offer is live
    contoso/vm: Validate Pre-Requisites: complete
    contoso/vm: Certification: complete
    contoso/vm: Provisioning: complete
    contoso/vm: Packaging and Lead Generation Registration: complete
    contoso/vm: Publisher signoff: complete
    contoso/vm: Live: failed
    contoso/vm: the service says: error: The storage account is gone.
      offers/vm/offer.yaml:1:1: the message names no field
    contoso/vm: failed
      the service says that the submission failed:
        Live: The storage account is gone.
          offers/vm/offer.yaml:1:1: the message names no field
      what next: Change what the service complains about and apply again; `--retry-failed` submits the same again.
    ");
    environment.run("apply --yes").expect(9);
    environment.run("apply --yes --retry-failed").expect(0);
    insta::assert_snapshot!(environment.portal.writes(), @"
    POST contoso/vm/golive: 202
    POST contoso/vm/publish: 202
    POST contoso/vm/golive: 202
    ");
    environment.run("plan --detailed-exitcode").expect(0);
}

#[test]
fn a_draft_that_the_service_does_not_publish_says_why() {
    let environment = TestEnvironment::with_offer();
    environment.edit("    microsoft-azure-marketplace.title: Contoso VM\n", "");
    let said = environment.run("apply --yes").expect(8);
    insta::assert_snapshot!(said.stderr, @"
    contoso/vm: created (version 1)
    contoso/vm: failed
      POST http://SERVICE/api/publishers/contoso/offers/vm/publish?api-version=2017-10-31 was answered with 422 Unprocessable Entity: The offer needs a title (code ValidationFailed, correlation id [guid])
        offers/vm/offer.yaml:8:3: Title, for it names `title`
      what next: The offer did not pass the service's validation. Mend what the message names, apply, and publish again.
      once it is mended: offerctl apply contoso/vm
    ");
}

#[test]
fn messages_cannot_move_the_terminal_or_pretend_to_be_ours() {
    let environment = TestEnvironment::with_offer();
    environment.run("apply --yes --until draft").expect(0);
    let nasty = "\u{1b}[2J\u{1b}[31mHacked\u{1b}[0m\u{7}\rcontoso/vm: done\u{202e}evil<script>alert(1)</script>";
    environment.portal.script("vm", "displaycertify", "failed", &[nasty]);
    let said = environment.run("apply --yes --color always").expect(8);
    let status = environment.run("status").expect(0);
    for text in [&said.stderr, &status.stdout] {
        assert!(!text.contains("\u{1b}[2J") && !text.contains(['\u{7}', '\r', '\u{202e}']), "{text:?}");
        assert!(!text.contains("alert"), "{text:?}");
        assert!(!text.lines().any(|line| line.trim_start().starts_with("contoso/vm: done")), "{text:?}");
    }
    let _ = environment.run("status --output json").expect(0).json();
    assert_eq!(environment.run("list --output json").expect(0).json()["offers"][0]["status"], json!("failed"));
}
