//! Who may come in, and what never gets out: tokens, signatures, secrets.

use offerctl::emulator::Options;
use serde_json::json;

use crate::environment::{TOKEN, TestEnvironment, as_slow_as_the_service, at_once};
use crate::manifests::SIGNATURE;
use crate::portal::Portal;

#[test]
fn without_a_token_nothing_is_asked() {
    let environment = TestEnvironment::with_offer();
    insta::allow_duplicates! {
        for token in ["", "  "] {
            let mut command = environment.command("plan");
            command.env("OFFERCTL_TOKEN", token);
            let said = environment.run_command(command).expect(5);
            insta::assert_snapshot!(said.stderr, @"
            error: there is no token for the service: OFFERCTL_TOKEN is not set
            hint: Get one with `az account get-access-token --resource https://cloudpartner.azure.com --query accessToken -o tsv` and put it into the variable, or try things out with --emulator.
            ");
        }
    }
    let mut command = environment.command("apply --yes");
    command.env_remove("OFFERCTL_TOKEN");
    environment.run_command(command).expect(5);
}

#[test]
fn a_token_that_is_not_let_in() {
    let environment = TestEnvironment::with_offer_on(Options { token: Some("another".to_owned()), ..at_once() });
    insta::assert_snapshot!(environment.run("plan"), @"
    ! contoso/vm could not be planned  offers/vm/offer.yaml
        GET http://SERVICE/api/publishers/contoso/offers/vm?api-version=2017-10-31 was answered with 401 Unauthorized: Authorization has been denied for this request (correlation id [guid])
        The token was not accepted. Tokens live about an hour and must be made for https://cloudpartner.azure.com: get a fresh one.

    Plan: 1 offers: 0 to create, 0 to change, 0 in sync, 0 blocked, 1 unreadable; 0 changes, 0 steps.
    Digest: [digest]
    --- exit 5 ---
    ");
    insta::assert_snapshot!(environment.run("list contoso"), @"
    --- stderr ---
    error: GET http://SERVICE/api/publishers/contoso/offers?api-version=2017-10-31 was answered with 401 Unauthorized: Authorization has been denied for this request (correlation id [guid])
    hint: The token was not accepted. Tokens live about an hour and must be made for https://cloudpartner.azure.com: get a fresh one.
    --- exit 5 ---
    ");
    environment.run("apply --yes").expect(5);
    environment.run("status").expect(5);
    environment.run("get contoso/vm").expect(5);
}

#[test]
fn a_publisher_of_somebody_else() {
    let environment = TestEnvironment::with_offer_on(Options { publishers: vec!["fabrikam".to_owned()], ..at_once() });
    insta::assert_snapshot!(environment.run("plan"), @"
    ! contoso/vm could not be planned  offers/vm/offer.yaml
        GET http://SERVICE/api/publishers/contoso/offers/vm?api-version=2017-10-31 was answered with 403 Forbidden: User does not have the required permissions (code Forbidden, correlation id [guid])
        The caller is not a user of this publisher account. Check the publisher id; for a service principal, check that the account lists the Object ID of the enterprise application, not the one of the app registration: the two differ, and the wrong one is the usual cause.

    Plan: 1 offers: 0 to create, 0 to change, 0 in sync, 0 blocked, 1 unreadable; 0 changes, 0 steps.
    Digest: [digest]
    --- exit 5 ---
    ");
    environment.run("apply --yes").expect(5);
    environment.run("list contoso").expect(5);
}

#[test]
fn a_token_goes_over_plain_http_to_this_machine_only() {
    let mut environment = TestEnvironment::with_offer();
    environment.endpoint = "http://cloudpartner.azure.com".to_owned();
    let said = environment.run("plan").expect(4);
    insta::assert_snapshot!(said.stderr, @"error: the endpoint cannot be used: plain http is allowed only to this machine, because the token would travel unprotected. Write it like https://cloudpartner.azure.com or, for an emulator, http://127.0.0.1:8080");
}

#[test]
fn no_token_signature_or_secret_ever_shows() {
    let environment = TestEnvironment::with_offer();
    environment.edit(
        "    microsoft-azure-marketplace.smallLogo",
        "    microsoft-azure-marketplace.leadDestination: AzureTable\n    \
         microsoft-azure-marketplace.tableLeadConfiguration: {connectionString: {$secret: LEADS}}\n    \
         microsoft-azure-marketplace.smallLogo",
    );
    let echo = json!({"status": {"code": 500, "body": {"error": {"message": format!("Bad header: Bearer {TOKEN}")}}}});
    let quote = json!({"status": {"code": 500, "body": {"error": {"message": "no lead: secret-of-the-story"}}}});
    let mut everything = String::new();
    let mut run = |arguments: &str, code: i32| {
        let mut command = environment.command(arguments);
        command.env("LEADS", "secret-of-the-story").env("RUST_BACKTRACE", "1");
        let said = environment.run_command(command).expect(code);
        everything.push_str(&said.stdout);
        everything.push_str(&said.stderr);
    };
    environment.portal.fault(&json!({"method": "GET", "path": "*/offers/vm", "times": 2, "effect": echo}));
    run("plan -vv", 0);
    run("plan -vv --output json", 0);
    run("apply -vv --yes", 0);
    environment.edit("gold.vhd", "gold-2.vhd");
    run("plan -vv --output json", 0);
    run("plan", 0);
    run("apply -vv --yes --output json", 0);
    run("get contoso/vm -vv", 0);
    run("get contoso/vm --slot production", 0);
    run("status -vv --output json", 0);
    run("list -vv contoso", 0);
    run("validate -vv", 0);
    environment.portal.fault(&json!({"method": "PUT", "times": null, "effect": quote}));
    environment.edit("gold-2.vhd", "gold-3.vhd");
    run("apply -vv --yes", 1);
    everything.push_str(&environment.records());
    for secret in [TOKEN, SIGNATURE, "secret-of-the-story"] {
        let leak = everything.lines().find(|line| line.contains(secret));
        assert!(leak.is_none(), "`{secret}` in {leak:?}");
    }
    assert!(!everything.lines().any(|line| line.contains("sig=") && !line.contains("sig=REDACTED")));
    let sent = environment.portal.definition("vm");
    assert_eq!(
        sent["offer"]["microsoft-azure-marketplace.tableLeadConfiguration"]["connectionString"],
        "secret-of-the-story"
    );
}

#[test]
fn a_secret_that_is_not_set_keeps_the_offer_from_being_written() {
    let environment = TestEnvironment::with_offer();
    environment.edit(
        "    microsoft-azure-marketplace.smallLogo",
        "    microsoft-azure-marketplace.tableLeadConfiguration: {connectionString: {$secret: LEADS}}\n    \
         microsoft-azure-marketplace.smallLogo",
    );
    let said = environment.run("apply --yes").expect(4);
    insta::assert_snapshot!(said.stderr, @"
    error: nothing was written: the manifests name secrets that are not in the environment, or empty: `LEADS`
    hint: set them where offerctl runs, then run the same command again
    ");
    assert_eq!(environment.portal.writes(), "");
}

#[test]
fn a_token_that_ends_while_waiting_loses_nothing() {
    let environment = TestEnvironment::with_offer_on(as_slow_as_the_service());
    environment.run("apply --yes --wait 0").expect(7);
    let effect = json!({"status": {"code": 401, "body": {"Message": "Authorization has been denied."}}});
    // Planning asks fewer than a dozen things, so the twelfth is asked while waiting.
    environment.portal.fault(&json!({"method": "GET", "nth": 12, "times": null, "effect": effect}));
    environment.run("apply --yes").expect(5);
    environment.portal.clear_faults();
    environment.portal.let_days_pass_while_waiting();
    environment.run("apply --yes").expect(0);
    insta::assert_snapshot!(environment.portal.writes(), @"
    PUT contoso/vm: 201
    POST contoso/vm/publish: 202
    POST contoso/vm/golive: 202
    ");
}

#[test]
fn the_token_goes_to_no_other_host() {
    let environment = TestEnvironment::with_live_offer();
    let elsewhere = Portal::start(at_once());
    let headers = json!({"Location": format!("{}/api/publishers/contoso/offers/vm", elsewhere.url())});
    let redirect = json!({"status": {"code": 302, "headers": headers}});
    environment.portal.fault(&json!({"method": "GET", "path": "*/offers/vm", "effect": redirect}));
    let said = environment.run("plan").expect(1);
    assert!(said.stdout.contains("302 Found"), "{}", said.stdout);

    environment.edit("every night", "twice a day");
    let operation = format!("{}/api/publishers/contoso/offers/vm/operations/1", elsewhere.url());
    let accepted =
        json!({"status": {"code": 202, "headers": {"Operation-Location": operation}, "when": "after-acting"}});
    environment.portal.fault(&json!({"method": "POST", "times": null, "effect": accepted}));
    environment.run("apply --yes").expect(0);
    assert_eq!(elsewhere.requests(), 0);
}
