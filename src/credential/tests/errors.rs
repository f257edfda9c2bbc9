//! What goes wrong on the way to a token, in whose words, and that no secret is in them.

use std::sync::Arc;

use super::loopback::TOKEN;
use super::*;

const WRONG_SECRET: &str = r#"{"error":"invalid_client","error_description":"AADSTS7000215: Invalid client secret \"hunter2-do-not-print\" provided.\r\nTrace ID: 7e57\r\n\u00e9","error_codes":[7000215]}"#;

fn secret() -> [(&'static str, &'static str); 1] {
    [("AZURE_CLIENT_SECRET", SECRET)]
}

#[track_caller]
fn assert_silent(error: &CredentialError) {
    let shown = format!("{error} {error:?} {}", error.advice());
    assert!(!shown.contains(SECRET) && !shown.contains("eyJ"), "{shown}");
}

#[tokio::test]
async fn entras_code_and_words_arrive_whatever_they_are_escaped_with() {
    let entra = Loopback::start([(401, WRONG_SECRET)]).await;
    let error = issue(CredentialKind::Secret, &secret(), &entra).await.unwrap_err();
    assert!(!error.is_passing());
    assert_silent(&error);
    insta::assert_snapshot!(error, @r#"no token was issued for the secret of application client-1, tenant tenant-1: 127.0.0.1 refused: AADSTS7000215: Invalid client secret "REDACTED" provided. Trace ID: 7e57 é (status 401)"#);
    insta::assert_snapshot!(error.advice(), @"The secret is wrong. AZURE_CLIENT_SECRET must hold the secret's value, which the portal shows only once, and not its id.");
    assert_eq!(entra.asked().len(), 1, "a refusal is not asked for again");
}

#[tokio::test]
async fn an_issuer_in_trouble_may_do_better_later() {
    for status in [408, 429, 500, 503] {
        let entra = Loopback::start([(status, "<html><title>Busy</title></html>")]).await;
        let error = issue(CredentialKind::Secret, &secret(), &entra).await.unwrap_err();
        assert!(error.is_passing(), "{status}: {error}");
        assert_eq!(error.retry_after(), Some(Duration::from_secs(7)));
    }
    let entra = Loopback::start([]).await;
    let nobody = Authority::parse(Some("http://127.0.0.1:9")).unwrap();
    let surroundings = surroundings(&[&APPLICATION[..], &secret()].concat());
    let recipe = Recipe::gather(CredentialKind::Secret, Request::ByName, &surroundings).unwrap();
    let error = EntraIssuer::new(recipe, SCOPE.into(), nobody, surroundings).unwrap().issue().await.unwrap_err();
    assert!(error.is_passing() && entra.asked().is_empty());
    insta::assert_snapshot!(error, @"no token was issued for the secret of application client-1, tenant tenant-1: 127.0.0.1 cannot be reached: Connection refused (os error 111)");
}

#[tokio::test]
async fn what_is_no_answer_of_an_issuer_is_told_as_such() {
    for page in ["<html>Sign in to the hotel</html>", "", "[1]", r#""eyJh.eyJi.c2ln""#] {
        let entra = Loopback::start([(200, page)]).await;
        let error = issue(CredentialKind::Secret, &secret(), &entra).await.unwrap_err();
        assert!(error.to_string().contains("it is not JSON"), "{page}: {error}");
        assert_silent(&error);
    }
    for answer in [r#"{"access_token": 7, "note": "eyJh.eyJi.c2ln"}"#, r#"{"id_token": "eyJh.eyJi.c2ln"}"#] {
        let entra = Loopback::start([(200, answer)]).await;
        assert_silent(&issue(CredentialKind::Secret, &secret(), &entra).await.unwrap_err());
    }
}

/// Offers a certificate that nobody trusts, once.
fn stranger() -> String {
    use rustls::pki_types::pem::PemObject as _;
    let _ = rustls::crypto::ring::default_provider().install_default();
    let pem = include_bytes!("certificate.pem");
    let certificate = rustls::pki_types::CertificateDer::from_pem_slice(pem).unwrap();
    let key = rustls::pki_types::PrivateKeyDer::from_pem_slice(pem).unwrap();
    let server = rustls::ServerConfig::builder().with_no_client_auth();
    let server = Arc::new(server.with_single_cert(vec![certificate], key).unwrap());
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("https://{}", listener.local_addr().unwrap());
    std::thread::spawn(move || {
        let (mut stream, _) = listener.accept().unwrap();
        let mut connection = rustls::ServerConnection::new(server).unwrap();
        // The client hangs up.
        let _ = connection.complete_io(&mut stream);
    });
    url
}

#[tokio::test]
async fn a_stranger_is_sent_no_secret_and_is_not_waited_for() {
    let surroundings = surroundings(&[&APPLICATION[..], &secret()].concat());
    let recipe = Recipe::gather(CredentialKind::Secret, Request::ByName, &surroundings).unwrap();
    let authority = Authority::parse(Some(&stranger())).unwrap();
    let error = EntraIssuer::new(recipe, SCOPE.into(), authority, surroundings).unwrap().issue().await.unwrap_err();
    assert!(!error.is_passing() && error.advice().starts_with("No secret was sent."), "{error}");
    assert!(error.to_string().contains("the certificate of 127.0.0.1 is not trusted"), "{error}");
}

#[tokio::test]
async fn a_job_without_the_permission_is_told_which() {
    let github = Loopback::start([(403, r#"{"message":"no permission for eyJh.eyJi.c2ln"}"#)]).await;
    let entra = Loopback::start([(200, TOKEN)]).await;
    let variables = [("ACTIONS_ID_TOKEN_REQUEST_URL", github.url()), ("ACTIONS_ID_TOKEN_REQUEST_TOKEN", SECRET)];
    let error = issue(CredentialKind::GitHub, &variables, &entra).await.unwrap_err();
    assert_silent(&error);
    assert!(entra.asked().is_empty());
    insta::assert_snapshot!(error, @"GitHub issued no identity token: 127.0.0.1 refused: no permission for REDACTED (status 403)");
    insta::assert_snapshot!(error.advice(), @"Check that the job has `permissions: id-token: write`; jobs for pull requests from forks never do.");
}

#[tokio::test]
async fn an_identity_service_is_not_asked_over_an_open_line() {
    let entra = Loopback::start([]).await;
    let variables =
        [("ACTIONS_ID_TOKEN_REQUEST_URL", "http://example.com/t"), ("ACTIONS_ID_TOKEN_REQUEST_TOKEN", SECRET)];
    let error = issue(CredentialKind::GitHub, &variables, &entra).await.unwrap_err();
    assert_eq!(error.to_string(), "ACTIONS_ID_TOKEN_REQUEST_URL is not an https address");
}

#[tokio::test]
async fn a_certificate_that_cannot_sign_says_what_it_lacks() {
    let folder = tempfile::tempdir().unwrap();
    let whole = include_str!("certificate.pem");
    let split = whole.find("-----BEGIN PRIVATE").unwrap();
    let (public, private) = whole.split_at(split);
    let locked = format!("{public}{}", private.replace("PRIVATE", "ENCRYPTED PRIVATE"));
    let mut told = Vec::new();
    for text in ["", private, public, locked.as_str(), &format!("{public}{}", private.replace("MII", "AAA"))] {
        let file = write(folder.path(), "app.pem", text);
        let entra = Loopback::start([]).await;
        let error =
            issue(CredentialKind::Certificate, &[("AZURE_CLIENT_CERTIFICATE_PATH", &file)], &entra).await.unwrap_err();
        told.push(error.to_string().split("cannot be used: ").nth(1).unwrap().to_owned());
    }
    insta::assert_snapshot!(told.join("\n"), @"
    there is no PEM certificate in it
    there is no PEM certificate in it
    there is no PEM key in it
    its key has a password
    its key is no RSA key
    ");
}

#[tokio::test]
async fn a_wrong_tenant_is_refused_before_anybody_is_asked() {
    let entra = Loopback::start([]).await;
    let surroundings =
        surroundings(&[("AZURE_TENANT_ID", "a b/c"), ("AZURE_CLIENT_ID", "c"), ("AZURE_CLIENT_SECRET", SECRET)]);
    let recipe = Recipe::gather(CredentialKind::Secret, Request::ByName, &surroundings).unwrap();
    let authority = Authority::parse(Some(entra.url())).unwrap();
    let error = EntraIssuer::new(recipe, SCOPE.into(), authority, surroundings).unwrap().issue().await.unwrap_err();
    assert!(error.to_string().contains("invalid tenant ID"), "{error}");
    assert!(entra.asked().is_empty());
}

#[cfg(unix)]
mod cli {
    use async_trait::async_trait;
    use azure_identity::Executor;
    use std::ffi::OsStr;
    use std::os::unix::process::ExitStatusExt as _;
    use std::process::{ExitStatus, Output};

    use super::*;

    /// An Azure CLI that ends with this code and says this.
    #[derive(Debug)]
    struct Az(i32, &'static str, String);

    #[async_trait]
    impl Executor for Az {
        async fn run(&self, _program: &OsStr, arguments: &[&OsStr]) -> std::io::Result<Output> {
            let command = arguments.last().and_then(|text| text.to_str()).unwrap_or_default();
            assert!(
                command.contains(&format!("az account get-access-token -o json --scope {SCOPE} --tenant tenant-1"))
            );
            let (stdout, stderr) = (self.2.clone().into_bytes(), self.1.as_bytes().to_vec());
            Ok(Output { status: ExitStatus::from_raw(self.0 << 8), stdout, stderr })
        }
    }

    async fn issue(az: Az) -> Result<Issued, CredentialError> {
        let surroundings = surroundings(&[]);
        let recipe = Recipe::Cli { tenant: Some("tenant-1".into()) };
        let authority = Authority::parse(None).unwrap();
        let issuer = EntraIssuer::new(recipe, SCOPE.into(), authority, surroundings).unwrap();
        issuer.with_executor(Arc::new(az)).issue().await
    }

    #[tokio::test]
    async fn the_azure_cli_hands_out_its_token() {
        let end = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap().as_secs() + 3_600;
        let token = format!(r#"{{"accessToken":"issued-token","tokenType":"Bearer","expires_on":{end}}}"#);
        assert_token(&issue(Az(0, "", token)).await.unwrap());
    }

    #[tokio::test]
    async fn the_azure_cli_says_why_it_has_none() {
        let error = issue(Az(1, "ERROR: Please run 'az login' to setup account.\n", String::new())).await.unwrap_err();
        insta::assert_snapshot!(error, @"no token was issued for the Azure CLI, tenant tenant-1: ERROR: Please run 'az login' to setup account.");
        let conditional = "ERROR: AADSTS53003: Access has been blocked by Conditional Access policies.";
        let error = issue(Az(1, conditional, String::new())).await.unwrap_err();
        assert!(error.advice().starts_with("A conditional access policy"), "{}", error.advice());
        let talkative =
            format!("{}ERROR: AADSTS700082: The refresh token has expired.", "WARNING: something.\n".repeat(400));
        let error = issue(Az(1, talkative.leak(), String::new())).await.unwrap_err();
        assert!(error.to_string().contains("AADSTS700082"), "{error}");
        let error = issue(Az(0, "", r#"{"accessToken":"eyJh.eyJi.c2ln"}"#.into())).await.unwrap_err();
        assert_silent(&error);
    }
}
