//! Tokens, by each kind of credential.

use azure_core::base64::decode_url_safe;
use ring::signature::{KeyPair as _, RSA_PSS_2048_8192_SHA256, RsaKeyPair, UnparsedPublicKey};
use rustls::pki_types::PrivateKeyDer;
use rustls::pki_types::pem::PemObject as _;
use serde_json::Value;
use sha2::{Digest as _, Sha256};
use url::Url;

use super::super::authority::Detour;
use super::super::transport::{Encryption, Proxy, Transport};
use super::loopback::TOKEN;
use super::*;

const CERTIFICATE: &str = include_str!("certificate.pem");

#[tokio::test]
async fn a_secret_obtains_a_token() {
    let entra = Loopback::start([(200, TOKEN)]).await;
    assert_token(&issue(CredentialKind::Secret, &[("AZURE_CLIENT_SECRET", SECRET)], &entra).await.unwrap());
    insta::assert_snapshot!(entra.asked().join("\n"), @r"
    POST /tenant-1/oauth2/v2.0/token
    - - -
    client_id=client-1&client_secret=hunter2-do-not-print&grant_type=client_credentials&scope=https%3A%2F%2Fcloudpartner.azure.com%2F.default
    ");
}

#[tokio::test]
async fn a_federated_token_is_read_anew_for_each_token() {
    let folder = tempfile::tempdir().unwrap();
    let file = write(folder.path(), "token", "first\n");
    let entra = Loopback::start([(200, TOKEN), (200, TOKEN)]).await;
    let issuer = issuer(CredentialKind::Workload, &[("AZURE_FEDERATED_TOKEN_FILE", &file)], &entra);
    assert_token(&issuer.issue().await.unwrap());
    write(folder.path(), "token", "second\n");
    assert_token(&issuer.issue().await.unwrap());
    let asked = entra.asked();
    assert!(asked[0].contains("client_assertion=first&"), "{asked:?}");
    assert!(asked[1].contains("client_assertion=second&"), "{asked:?}");
}

#[tokio::test]
async fn a_github_job_exchanges_its_identity_token() {
    let github = Loopback::start([(200, r#"{"count":1,"value":"from-github"}"#)]).await;
    let entra = Loopback::start([(200, TOKEN)]).await;
    let url = format!("{}/token?api-version=2.0", github.url());
    let variables = [("ACTIONS_ID_TOKEN_REQUEST_URL", url.as_str()), ("ACTIONS_ID_TOKEN_REQUEST_TOKEN", SECRET)];
    assert_token(&issue(CredentialKind::GitHub, &variables, &entra).await.unwrap());
    insta::assert_snapshot!(github.asked().join("\n"), @r"
    GET /token?api-version=2.0&audience=api%3A%2F%2FAzureADTokenExchange
    Bearer hunter2-do-not-print - -
    ");
    assert!(entra.asked()[0].contains("client_assertion=from-github&client_assertion_type=urn"));
}

#[tokio::test]
async fn a_pipeline_exchanges_the_token_of_its_service_connection() {
    let pipelines = Loopback::start([(200, r#"{"oidcToken":"from-pipelines"}"#)]).await;
    let entra = Loopback::start([(200, TOKEN)]).await;
    let url = format!("{}/oidctoken", pipelines.url());
    let variables = [
        ("SYSTEM_OIDCREQUESTURI", url.as_str()),
        ("SYSTEM_ACCESSTOKEN", SECRET),
        ("AZURESUBSCRIPTION_SERVICE_CONNECTION_ID", "connection-1"),
    ];
    assert_token(&issue(CredentialKind::Pipelines, &variables, &entra).await.unwrap());
    insta::assert_snapshot!(pipelines.asked().join("\n"), @r"
    POST /oidctoken?api-version=7.1&serviceConnectionId=connection-1
    Bearer hunter2-do-not-print - Suppress
    ");
    assert!(entra.asked()[0].contains("client_assertion=from-pipelines&"));
}

#[tokio::test]
async fn a_certificate_signs_an_assertion_that_names_it() {
    let folder = tempfile::tempdir().unwrap();
    let file = write(folder.path(), "app.pem", CERTIFICATE);
    let entra = Loopback::start([(200, TOKEN)]).await;
    assert_token(
        &issue(CredentialKind::Certificate, &[("AZURE_CLIENT_CERTIFICATE_PATH", &file)], &entra).await.unwrap(),
    );

    let asked = entra.asked();
    let assertion = asked[0].split("client_assertion=").nth(1).unwrap().split('&').next().unwrap();
    let (statement, signature) = assertion.rsplit_once('.').unwrap();
    let (header, claims) = statement.split_once('.').unwrap();
    let read = |part| serde_json::from_slice::<Value>(&decode_url_safe(part).unwrap()).unwrap();
    let (header, claims) = (read(header), read(claims));
    let certificate = rustls::pki_types::CertificateDer::from_pem_slice(CERTIFICATE.as_bytes()).unwrap();
    assert_eq!(header["alg"], "PS256");
    assert_eq!(decode_url_safe(header["x5t#S256"].as_str().unwrap()).unwrap(), Sha256::digest(&certificate).as_slice());
    let audience = format!("{}/tenant-1/oauth2/v2.0/token", entra.url().replace("http:", "https:"));
    assert_eq!(
        (&claims["aud"], &claims["iss"], &claims["sub"]),
        (&audience.into(), &"client-1".into(), &"client-1".into())
    );
    assert_eq!(claims["exp"].as_u64().unwrap() - claims["nbf"].as_u64().unwrap(), 600);
    assert_eq!(claims["jti"].as_str().unwrap().len(), 32);

    let key = PrivateKeyDer::from_pem_slice(CERTIFICATE.as_bytes()).unwrap();
    let pair = RsaKeyPair::from_pkcs8(key.secret_der()).unwrap();
    UnparsedPublicKey::new(&RSA_PSS_2048_8192_SHA256, pair.public_key().as_ref())
        .verify(statement.as_bytes(), &decode_url_safe(signature).unwrap())
        .unwrap();
}

#[tokio::test]
async fn a_managed_identity_asks_the_machine() {
    let end = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap().as_secs() + 3_600;
    let answer = format!(
        r#"{{"access_token":"issued-token","expires_on":"{end}","token_type":"Bearer","resource":"https://x"}}"#
    );
    let machine = Loopback::start([(200, answer.as_str())]).await;
    let detour = Detour::new(Url::parse("http://169.254.169.254").unwrap(), Url::parse(machine.url()).unwrap());
    let transport = Transport::new(Proxy::None, Encryption::None, Some(detour)).unwrap();
    let issuer = issuer(CredentialKind::Managed, &[], &machine).with_transport(transport);
    assert_token(&issuer.issue().await.unwrap());
    insta::assert_snapshot!(machine.asked().join("\n"), @"
    GET /metadata/identity/oauth2/token?api-version=2019-08-01&resource=https%3A%2F%2Fcloudpartner.azure.com&client_id=client-1
    - true -
    ");
}
