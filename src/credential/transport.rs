//! The way to the issuers of tokens: one HTTP client of our own, bounded in time and size, for the library and for our
//! own questions. It turns whatever goes wrong into [`Trouble`], which the library only passes on.

use std::time::Duration;

use async_trait::async_trait;
use azure_core::error::ErrorKind;
use azure_core::http::headers::Headers;
use azure_core::http::{AsyncRawResponse, Body, HttpClient, Request};
use reqwest::{Client, RequestBuilder, redirect};
use url::Url;

use super::authority::Detour;
use super::refusal::Refusal;
use crate::portal::{CredentialError, deepest, is_distrust};

/// No issuer takes longer, and no person waits longer.
const PATIENCE: Duration = Duration::from_secs(30);
const PATIENCE_FOR_A_CONNECTION: Duration = Duration::from_secs(10);
/// A token with many claims has some kilobytes.
const MAX_ANSWER_BYTES: usize = 1024 * 1024;

/// An exchange with an issuer that brought no token.
#[derive(Debug, thiserror::Error)]
pub(super) enum Trouble {
    /// No connection came about, or it broke.
    #[error("{host} cannot be reached: {reason}")]
    Unreachable { host: String, reason: String },
    /// Whoever answers is not proven to be the issuer.
    #[error("the certificate of {host} is not trusted: {reason}")]
    Untrusted { host: String, reason: String },
    /// No whole answer came in time.
    #[error("{host} did not answer within {} seconds", PATIENCE.as_secs())]
    TimedOut { host: String },
    /// The issuer said no.
    #[error("{host} refused: {}", refusal.describe())]
    Refused { host: String, refusal: Box<Refusal> },
    /// What came cannot be an issuer's answer.
    #[error("{host} answered what cannot be used: {reason}")]
    Unusable { host: String, reason: String },
}

/// Whether the system's proxy may be used.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Proxy {
    /// As the environment says.
    OfSystem,
    /// Never: the issuer is this machine, or the host that it runs on.
    None,
}

/// Whether certificates play a part.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Encryption {
    /// TLS, checked against the system's certificate authorities.
    Tls,
    /// Only plain http is spoken, so that a machine without a certificate store will do.
    None,
}

/// The client.
#[derive(Debug, Clone)]
pub(super) struct Transport {
    client: Client,
    detour: Option<Detour>,
}

impl Transport {
    pub(super) fn new(proxy: Proxy, encryption: Encryption, detour: Option<Detour>) -> Result<Self, CredentialError> {
        // An error means that a provider was installed before, which is as good.
        let _ = rustls::crypto::ring::default_provider().install_default();
        let mut builder = Client::builder()
            .user_agent(concat!("offerctl/", env!("CARGO_PKG_VERSION")))
            .connect_timeout(PATIENCE_FOR_A_CONNECTION)
            .timeout(PATIENCE)
            .redirect(redirect::Policy::none());
        if proxy == Proxy::None {
            builder = builder.no_proxy();
        }
        if encryption == Encryption::None {
            builder = builder.tls_certs_only([]);
        }
        let client = builder.build().map_err(|error| {
            CredentialError::new(
                format!("the HTTPS client for signing in cannot be set up: {}", deepest(&error)),
                "If this machine has no certificate store, install one (ca-certificates).",
            )
        })?;
        Ok(Self { client, detour })
    }

    /// A question of our own.
    pub(super) fn client(&self) -> &Client {
        &self.client
    }

    /// Sends, and reads the answer if it is a success.
    pub(super) async fn send(&self, url: &Url, request: RequestBuilder) -> Result<(u16, Vec<u8>), Trouble> {
        let host = url.host_str().unwrap_or_default().to_owned();
        let broken = |error: &reqwest::Error| {
            if error.is_timeout() {
                Trouble::TimedOut { host: host.clone() }
            } else if is_distrust(error) {
                Trouble::Untrusted { host: host.clone(), reason: deepest(error) }
            } else {
                Trouble::Unreachable { host: host.clone(), reason: deepest(error) }
            }
        };
        let mut response = request.send().await.map_err(|error| broken(&error))?;
        let status = response.status();
        let asked = response.headers().get(reqwest::header::RETRY_AFTER).and_then(|value| value.to_str().ok());
        let retry_after = asked.and_then(|text| text.trim().parse().ok()).map(Duration::from_secs);
        let mut body = Vec::new();
        while let Some(chunk) = response.chunk().await.map_err(|error| broken(&error))? {
            body.extend_from_slice(&chunk);
            if body.len() > MAX_ANSWER_BYTES {
                return Err(Trouble::Unusable { host, reason: format!("it is larger than {MAX_ANSWER_BYTES} bytes") });
            }
        }
        if status.is_success() {
            return Ok((status.as_u16(), body));
        }
        let refusal = Box::new(Refusal::read(status.as_u16(), &body, retry_after));
        Err(Trouble::Refused { host, refusal })
    }
}

#[async_trait]
impl HttpClient for Transport {
    async fn execute_request(&self, request: &Request) -> azure_core::Result<AsyncRawResponse> {
        // The library would repeat failures of other kinds, and lose the words of a refusal with escapes in them.
        let pass_on = |trouble: Trouble| azure_core::Error::with_error(ErrorKind::Credential, trouble, "no token");
        let url = self.detour.as_ref().map_or_else(|| request.url().clone(), |detour| detour.apply(request.url()));
        let host = url.host_str().unwrap_or_default().to_owned();
        let unusable = |reason: &str| Trouble::Unusable { host: host.clone(), reason: reason.to_owned() };
        let method = reqwest::Method::from_bytes(request.method().as_str().as_bytes())
            .map_err(|_| pass_on(unusable("its method is unknown")))?;
        let mut builder = self.client.request(method, url.clone());
        for (name, value) in request.headers().iter() {
            builder = builder.header(name.as_str(), value.as_str());
        }
        if let Body::Bytes(bytes) = request.body() {
            builder = builder.body(bytes.clone());
        }
        let (status, body) = self.send(&url, builder).await.map_err(pass_on)?;
        if !serde_json::from_slice::<serde_json::Value>(&body).is_ok_and(|answer| answer.is_object()) {
            return Err(pass_on(unusable(
                "it is not JSON; perhaps a sign-in page of the network answers in its place",
            )));
        }
        Ok(AsyncRawResponse::from_bytes(status.into(), Headers::new(), body))
    }
}
