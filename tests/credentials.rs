//! Signing in, end to end: the program, an emulated service, and an issuer of tokens, all on loopback.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "these are tests, their helpers too")]

#[path = "credentials/surroundings.rs"]
mod surroundings;

use surroundings::{Issuer, Service, Surroundings, right_token, token_of};

const TENANT: (&str, &str) = ("AZURE_TENANT_ID", "tenant-1");
const CLIENT: (&str, &str) = ("AZURE_CLIENT_ID", "client-1");
const SECRET: (&str, &str) = ("AZURE_CLIENT_SECRET", "hunter2-do-not-print");

#[tokio::test(flavor = "multi_thread")]
async fn auth_check_tells_who_and_until_when_and_who_answers() {
    let service = Service::start(&["contoso"]).await;
    let issuer = Issuer::start([right_token()]).await;
    let surroundings = Surroundings::new(&service, &issuer, &[TENANT, CLIENT, SECRET]);
    let text = surroundings.run(&["auth", "check", "--auth", "secret"]).await;
    insta::assert_snapshot!(text, @"
    exit 0
    Service     <OFFERCTL_ENDPOINT>
    Credential  secret: the secret of application client-1, tenant tenant-1
    Asked for   https://cloudpartner.azure.com/.default
    Application client-1 (release)
    Object ID   object-1
    Tenant      tenant-1
    Made for    https://cloudpartner.azure.com
    Until       2096-10-02T07:06:40Z (in <time>)
    Publishers  contoso  answers
    ---
    ");
    let json = surroundings.run(&["auth", "check", "--auth", "secret", "--output", "json"]).await;
    assert!(json.contains(r#""objectId": "object-1""#) && json.contains(r#""publisherId": "contoso""#), "{json}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_refused_token_is_replaced_and_nobody_notices() {
    let service = Service::start(&["contoso"]).await;
    let issuer = Issuer::start(["refused".to_owned(), right_token()]).await;
    let surroundings = Surroundings::new(&service, &issuer, &[TENANT, CLIENT, SECRET]);
    let listed = surroundings.run(&["list", "contoso", "--auth", "secret"]).await;
    insta::assert_snapshot!(listed, @"
    exit 0
    ---
    contoso has no offers on <OFFERCTL_ENDPOINT>
    ");
    assert_eq!(issuer.asked(), 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_publisher_that_does_not_list_the_caller_is_told_what_to_correct() {
    let service = Service::start(&["contoso"]).await;
    let issuer = Issuer::start([right_token()]).await;
    let surroundings = Surroundings::new(&service, &issuer, &[TENANT, CLIENT, SECRET]);
    let checked = surroundings.run(&["auth", "check", "fabrikam", "--auth", "secret"]).await;
    insta::assert_snapshot!(checked, @r#"
    exit 5
    Service     <OFFERCTL_ENDPOINT>
    Credential  secret: the secret of application client-1, tenant tenant-1
    Asked for   https://cloudpartner.azure.com/.default
    Application client-1 (release)
    Object ID   object-1
    Tenant      tenant-1
    Made for    https://cloudpartner.azure.com
    Until       2096-10-02T07:06:40Z (in <time>)
    Publishers  contoso   answers
                fabrikam  403, not allowed
    ---
    error: GET <OFFERCTL_ENDPOINT>/api/publishers/fabrikam/offers?api-version=2017-10-31 was answered with 403 Forbidden: User does not have the required permissions (code Forbidden, correlation id <id>)
    hint: Make sure that the correct service principal was added to the publisher account. An app registration has two Object IDs, and the account must list the local one: App registrations, the application, "Managed application in local directory", Properties. The token is the one of the Object ID object-1: that one must be listed. Check also that `fabrikam` is the correct publisher id, both where the service principal was added and here.
    "#);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_token_that_stays_refused_is_told_what_to_correct() {
    let service = Service::start(&["contoso"]).await;
    let issuer = Issuer::start([token_of("https://management.azure.com"), "refused".to_owned()]).await;
    let surroundings = Surroundings::new(&service, &issuer, &[TENANT, CLIENT, SECRET]);
    let checked = surroundings.run(&["auth", "check", "contoso", "--auth", "secret"]).await;
    insta::assert_snapshot!(checked, @"
    exit 5
    Service     <OFFERCTL_ENDPOINT>
    Credential  secret: the secret of application client-1, tenant tenant-1
    Asked for   https://cloudpartner.azure.com/.default
    Application client-1 (release)
    Object ID   object-1
    Tenant      tenant-1
    Made for    https://management.azure.com
    Until       2096-10-02T07:06:40Z (in <time>)
    Publishers  contoso  401, not authenticated
    ---
    error: GET <OFFERCTL_ENDPOINT>/api/publishers?api-version=2017-10-31 was answered with 401 Unauthorized: Authorization has been denied for this request (correlation id <id>)
    hint: Verify that the access token is valid: it must be made for https://cloudpartner.azure.com and must not have expired. This one was made for https://management.azure.com, which is the likely cause. If there is no application and service principal yet, create them in the publisher's tenant, then obtain a token with the tenant id, the application id and its secret to verify the access.
    ");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_expired_secret_is_told_with_entras_number() {
    let service = Service::start(&["contoso"]).await;
    let issuer = Issuer::refusing(
        401,
        r#"{"error":"invalid_client","error_description":"AADSTS7000222: The provided \"client secret\" keys are expired.\r\n"}"#,
    )
    .await;
    let surroundings = Surroundings::new(&service, &issuer, &[TENANT, CLIENT, SECRET]);
    insta::assert_snapshot!(surroundings.run(&["auth", "check", "contoso", "--auth", "secret"]).await, @r#"
    exit 5
    Service     <OFFERCTL_ENDPOINT>
    Credential  secret: the secret of application client-1, tenant tenant-1
    Asked for   https://cloudpartner.azure.com/.default
    Token       none was obtained
    ---
    error: no token was issued for the secret of application client-1, tenant tenant-1: 127.0.0.1 refused: AADSTS7000222: The provided "client secret" keys are expired (status 401)
    hint: The secret has expired. Make a new one under Certificates & secrets and put its value into AZURE_CLIENT_SECRET, or go over to a federated credential, which does not expire.
    "#);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_choice_is_explained_and_no_secret_shows_however_much_is_logged() {
    let service = Service::start(&["contoso"]).await;
    let issuer = Issuer::refusing(400, r#"{"error_description":"AADSTS700016: no such application"}"#).await;
    // The public cloud's service, which is not asked, because there is no token to ask with.
    let surroundings = Surroundings::new(&service, &issuer, &[TENANT, CLIENT, SECRET]).without_endpoint();
    insta::assert_snapshot!(surroundings.run(&["auth", "check", "contoso"]).await, @"
    exit 5
    Service     https://cloudpartner.azure.com
    Credential  secret: the secret of application client-1, tenant tenant-1
                chosen automatically; passed over:
                - token: OFFERCTL_TOKEN is not set
    Asked for   https://cloudpartner.azure.com/.default
    Token       none was obtained
    ---
    error: no token was issued for the secret of application client-1, tenant tenant-1: 127.0.0.1 refused: AADSTS700016: no such application (status 400)
    hint: There is no such application in this tenant. Check AZURE_CLIENT_ID (the application id, not an object id) and AZURE_TENANT_ID.
    ");
    let logged = surroundings.run(&["auth", "check", "contoso", "-v"]).await;
    assert!(logged.contains("passed over the credential `token`: OFFERCTL_TOKEN is not set"), "{logged}");

    let issuer = Issuer::start(["refused".to_owned(), right_token()]).await;
    let everything = Surroundings::new(&service, &issuer, &[TENANT, CLIENT, SECRET, ("OFFERCTL_LOG", "trace")]);
    for command in [&["list", "contoso"][..], &["status", "contoso/vm"], &["auth", "check", "contoso"]] {
        let logged = everything.run(&[command, &["--auth", "secret"]].concat()).await;
        assert!(logged.contains("obtained a token"), "{logged}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_app_asks_its_platform_for_its_identity() {
    let service = Service::start(&["contoso"]).await;
    let issuer = Issuer::start([right_token()]).await;
    let endpoint = format!("{}/msi/token", issuer.url());
    let variables = [("IDENTITY_ENDPOINT", endpoint.as_str()), ("IDENTITY_HEADER", "hunter2-do-not-print")];
    let surroundings = Surroundings::new(&service, &issuer, &variables);
    let listed = surroundings.run(&["list", "contoso", "--auth", "managed"]).await;
    assert!(listed.starts_with("exit 0"), "{listed}");
    assert_eq!(issuer.asked(), 1);
}

#[cfg(unix)]
#[tokio::test(flavor = "multi_thread")]
async fn the_azure_cli_is_started_for_a_token() {
    let service = Service::start(&["contoso"]).await;
    let issuer = Issuer::start([]).await;
    let surroundings = Surroundings::new(&service, &issuer, &[]);
    surroundings
        .install_az(&format!(r#"{{"accessToken":"{}","tokenType":"Bearer","expires_on":4000000000}}"#, right_token()));
    let listed = surroundings.run(&["list", "contoso", "--auth", "cli"]).await;
    assert!(listed.starts_with("exit 0"), "{listed}");
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_is_taken_from_the_environment_for_what_listens_on_this_machine() {
    let service = Service::start(&["contoso"]).await;
    let issuer = Issuer::start([right_token()]).await;
    let surroundings = Surroundings::new(&service, &issuer, &[TENANT, CLIENT, SECRET]);
    insta::assert_snapshot!(surroundings.run(&["auth", "check"]).await, @"
    exit 5
    Service     <OFFERCTL_ENDPOINT>
    Credential  there is none
    ---
    error: there is no token for the service: OFFERCTL_TOKEN is not set
    hint: Get one with `az account get-access-token --resource https://cloudpartner.azure.com --query accessToken -o tsv` and put it into the variable, or try things out with --emulator.
    ");
    let json = surroundings.run(&["auth", "check", "--output", "json"]).await;
    assert!(json.starts_with("exit 5\n{") && json.contains(r#""credential": null"#), "{json}");
    assert_eq!(issuer.asked(), 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_issuer_out_of_reach_is_no_lack_of_rights() {
    let service = Service::start(&["contoso"]).await;
    let issuer = Issuer::refusing(503, "<html><title>Busy</title></html>").await;
    let surroundings = Surroundings::new(&service, &issuer, &[TENANT, CLIENT, SECRET]);
    let checked = surroundings.run(&["auth", "check", "contoso", "--auth", "secret"]).await;
    assert!(checked.starts_with("exit 1\n") && checked.contains("Busy (status 503)"), "{checked}");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_embedded_emulator_needs_no_credential() {
    let service = Service::start(&["contoso"]).await;
    let issuer = Issuer::start([]).await;
    let surroundings = Surroundings::new(&service, &issuer, &[]).without_endpoint();
    insta::assert_snapshot!(surroundings.run(&["auth", "check", "--emulator"]).await, @"
    exit 0
    Service     the embedded emulator
    Credential  none is needed
    Publishers  none yet
    ---
    ");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_unknown_credential_is_bad_usage() {
    let service = Service::start(&["contoso"]).await;
    let issuer = Issuer::start([]).await;
    let surroundings = Surroundings::new(&service, &issuer, &[("OFFERCTL_AUTH", "msi")]);
    insta::assert_snapshot!(surroundings.run(&["auth", "check"]).await, @"
    exit 4
    ---
    error: `msi` is not a credential; write auto, token, secret, certificate, workload, github, pipelines, managed or cli
    ");
}
