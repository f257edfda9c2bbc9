//! Assertions: signed statements of somebody whom the application trusts, which stand in for a secret.

use std::path::{Path, PathBuf};

use async_trait::async_trait;
use azure_core::error::ErrorKind;
use azure_core::http::ClientMethodOptions;
use azure_identity::ClientAssertion;
use serde_json::Value;
use url::Url;

use super::authority::is_loopback;
use super::certificate::SigningCertificate;
use super::transport::{Transport, Trouble};
use super::variable;
use crate::portal::{CredentialError, Secret};

/// What Entra expects an assertion of another issuer to be made for.
const FEDERATION_AUDIENCE: &str = "api://AzureADTokenExchange";
/// The version of the Azure Pipelines call (REST reference, "Oidctoken - Create").
const PIPELINES_API_VERSION: &str = "7.1";
/// A token in a file has some kilobytes.
const MAX_FILE_BYTES: usize = 64 * 1024;

/// Where assertions come from.
#[derive(Debug, Clone)]
pub(super) enum Assertion {
    /// A file that somebody else keeps fresh. It is read each time, because its tokens live shorter than a wait.
    File(PathBuf),
    /// The job's own identity service.
    GitHub { url: Url, token: Secret, transport: Transport },
    /// The pipeline's identity service, for one service connection.
    Pipelines { url: Url, connection: String, token: Secret, transport: Transport },
    /// The application's certificate.
    Certificate { certificate: SigningCertificate, application: String, audience: String },
}

#[async_trait]
impl ClientAssertion for Assertion {
    async fn secret(&self, _options: Option<ClientMethodOptions<'_>>) -> azure_core::Result<String> {
        let made = match self {
            Self::File(file) => read(file).await,
            Self::GitHub { url, token, transport } => ask_github(url, token, transport).await,
            Self::Pipelines { url, connection, token, transport } => {
                ask_pipelines(url, connection, token, transport).await
            }
            Self::Certificate { certificate, application, audience } => certificate.assert(application, audience),
        };
        made.map_err(|error| azure_core::Error::with_error(ErrorKind::Credential, error, "no assertion"))
    }
}

async fn read(file: &Path) -> Result<String, CredentialError> {
    let refuse = |problem: &str| {
        CredentialError::new(
            format!("the federated token in `{}` cannot be used: {problem}", file.display()),
            format!("{} must name a file that holds one token and is kept fresh.", variable::FEDERATED_TOKEN_FILE),
        )
    };
    let text = tokio::fs::read_to_string(file).await.map_err(|error| refuse(&error.to_string()))?;
    match text.trim() {
        "" => Err(refuse("it is empty")),
        text if text.len() > MAX_FILE_BYTES => Err(refuse("it is too large to be one")),
        text => Ok(text.to_owned()),
    }
}

async fn ask_github(url: &Url, token: &Secret, transport: &Transport) -> Result<String, CredentialError> {
    let mut url = url.clone();
    url.query_pairs_mut().append_pair("audience", FEDERATION_AUDIENCE);
    let request = transport.client().get(url.clone()).bearer_auth(token.expose());
    let advice = "Check that the job has `permissions: id-token: write`; jobs for pull requests from forks never do.";
    field(transport.send(&url, request).await, "value", "GitHub", advice)
}

async fn ask_pipelines(
    url: &Url,
    connection: &str,
    token: &Secret,
    transport: &Transport,
) -> Result<String, CredentialError> {
    let mut url = url.clone();
    url.query_pairs_mut()
        .append_pair("api-version", PIPELINES_API_VERSION)
        .append_pair("serviceConnectionId", connection);
    let request = transport
        .client()
        .post(url.clone())
        .bearer_auth(token.expose())
        // Without it the service answers with a sign-in page instead of a refusal.
        .header("x-tfs-fedauthredirect", "Suppress")
        .header(reqwest::header::CONTENT_LENGTH, 0);
    let advice = "Check that the service connection uses workload identity federation, that this pipeline may use it, and \
                  that SYSTEM_ACCESSTOKEN is mapped: `env: SYSTEM_ACCESSTOKEN: $(System.AccessToken)`.";
    field(transport.send(&url, request).await, "oidcToken", "Azure Pipelines", advice)
}

/// The token in an answer. The answer itself is never shown: it is a secret.
fn field(
    answer: Result<(u16, Vec<u8>), Trouble>,
    name: &str,
    issuer: &str,
    advice: &str,
) -> Result<String, CredentialError> {
    let problem = |what: &str| CredentialError::new(format!("{issuer} issued no identity token: {what}"), advice);
    let body = match answer {
        Ok((_, body)) => body,
        Err(trouble @ (Trouble::Unreachable { .. } | Trouble::TimedOut { .. })) => {
            return Err(problem(&trouble.to_string()).passing(None));
        }
        Err(Trouble::Refused { refusal, host }) if refusal.is_passing() => {
            return Err(problem(&format!("{host}: {}", refusal.describe())).passing(refusal.retry_after));
        }
        Err(trouble) => return Err(problem(&trouble.to_string())),
    };
    let answer: Option<Value> = serde_json::from_slice(&body).ok();
    match answer.as_ref().and_then(|answer| answer.get(name)).and_then(Value::as_str) {
        Some(token) if !token.is_empty() => Ok(token.to_owned()),
        _ => Err(problem(&format!("there is no `{name}` in its answer"))),
    }
}

/// The address of a job's identity service: https, or plain http on this machine.
pub(super) fn identity_service(variable: &str, text: &str) -> Result<Url, CredentialError> {
    match Url::parse(text) {
        Ok(url) if url.scheme() == "https" || (url.scheme() == "http" && is_loopback(&url)) => Ok(url),
        _ => Err(CredentialError::new(
            format!("{variable} is not an https address"),
            "The build system sets this variable; do not set it by hand.",
        )),
    }
}
