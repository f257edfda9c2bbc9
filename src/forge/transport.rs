//! The requests to a place: one client, bounded in time and size, which repeats what may be repeated and follows no redirect.

use std::time::Duration;

use reqwest::header::{CONTENT_TYPE, HeaderMap};
use reqwest::{Client, Method, RequestBuilder, Response, redirect};
use serde_json::Value;
use tokio::time::Instant;
use tracing::debug;
use url::Url;

use super::error::{Effect, Failure};
use super::{Address, ForgeError, ForgeOptions, Place};
use crate::portal::{ErrorKind, clean_text, deepest, is_distrust, retry_after};

const PATIENCE: Duration = Duration::from_secs(60);
const PATIENCE_FOR_A_CONNECTION: Duration = Duration::from_secs(15);
/// A page of a hundred comments of the longest kind.
const MAX_ANSWER_BYTES: usize = 128 * 1024 * 1024;
const MAX_EXPLANATION_BYTES: usize = 64 * 1024;
/// How much of a place's explanation is worth a person's time, in characters.
const EXPLANATION: usize = 600;

/// The way to one place.
pub(super) struct Transport {
    place: Place,
    client: Client,
    headers: HeaderMap,
    options: ForgeOptions,
}

impl Transport {
    /// `headers` go along with every request, the token among them.
    pub(super) fn open(
        place: Place,
        address: &Address,
        headers: HeaderMap,
        options: ForgeOptions,
    ) -> Result<Self, ForgeError> {
        options.secrets.keep(&options.token);
        // An error means that a provider was installed before, which is as good.
        let _ = rustls::crypto::ring::default_provider().install_default();
        let mut builder = Client::builder()
            .user_agent(concat!("offerctl/", env!("CARGO_PKG_VERSION")))
            .connect_timeout(PATIENCE_FOR_A_CONNECTION)
            .timeout(PATIENCE)
            .redirect(redirect::Policy::none())
            .retry(reqwest::retry::never());
        if address.is_loopback() {
            builder = builder.no_proxy();
        }
        if address.is_plain_http() {
            // Without TLS no certificate store is needed, and on some machines there is none.
            builder = builder.tls_certs_only([]);
        }
        let client = builder.build().map_err(|error| Failure {
            place,
            kind: ErrorKind::Unsendable,
            request: format!("setting up a client for {address}"),
            status: None,
            message: Some(deepest(&error)),
            attempts: 1,
            retry_after: None,
            effect: Effect::Repeatable,
        })?;
        Ok(Self { place, client, headers, options })
    }

    /// Asks, as often as the policy allows.
    pub(super) async fn get(&self, url: Url) -> Result<Value, ForgeError> {
        self.call(Method::GET, url, None, Effect::Repeatable).await
    }

    /// Sends JSON; what creates something is sent once.
    pub(super) async fn send(
        &self,
        method: Method,
        url: Url,
        body: &Value,
        effect: Effect,
    ) -> Result<Value, ForgeError> {
        self.call(method, url, Some(body), effect).await
    }

    /// An answer that says success and does not hold what it should.
    pub(super) fn unusable(&self, request: &str, what: &str) -> ForgeError {
        self.failure(request, Effect::Repeatable, ErrorKind::Unreadable, None, Some(what.to_owned())).into()
    }

    /// Something that is not done, and would not be another time.
    pub(super) fn refused(&self, request: &str, why: &str) -> ForgeError {
        self.failure(request, Effect::Repeatable, ErrorKind::Refused, None, Some(why.to_owned())).into()
    }

    async fn call(&self, method: Method, url: Url, body: Option<&Value>, effect: Effect) -> Result<Value, ForgeError> {
        let policy = &self.options.retry;
        let begun = Instant::now();
        let mut attempts = 0;
        loop {
            attempts += 1;
            let error = match self.exchange(&method, &url, body, effect).await {
                Err(failure) => ForgeError::from(failure).after(attempts),
                Ok(value) => return Ok(value),
            };
            if effect == Effect::Creates || !error.is_passing() {
                return Err(error);
            }
            let chance = fastrand::Rng::with_seed(self.options.jitter_seed.wrapping_add(attempts.into())).f64();
            let Some(delay) = policy.delay(attempts, error.retry_after(), begun.elapsed(), chance) else {
                return Err(error);
            };
            debug!(attempt = attempts, "trying again in {} ms: {error}", delay.as_millis());
            tokio::time::sleep(delay).await;
        }
    }

    async fn exchange(
        &self,
        method: &Method,
        url: &Url,
        body: Option<&Value>,
        effect: Effect,
    ) -> Result<Value, Failure> {
        let request = clean_text(&format!("{method} {url}"));
        let begun = Instant::now();
        let mut builder = self.client.request(method.clone(), url.clone()).headers(self.headers.clone());
        if let Some(body) = body {
            builder = builder.header(CONTENT_TYPE, "application/json").body(body.to_string());
        }
        let (outcome, status) = self.converse(builder, &request, effect).await;
        let status = status.map_or_else(|| "no answer".to_owned(), |status| status.to_string());
        debug!("{request}: {status} in {} ms", begun.elapsed().as_millis());
        outcome
    }

    async fn converse(
        &self,
        builder: RequestBuilder,
        request: &str,
        effect: Effect,
    ) -> (Result<Value, Failure>, Option<u16>) {
        let mut response = match builder.send().await {
            Ok(response) => response,
            Err(error) => return (Err(self.broken(request, effect, &error)), None),
        };
        let status = response.status();
        let number = Some(status.as_u16());
        let limit = if status.is_success() { MAX_ANSWER_BYTES } else { MAX_EXPLANATION_BYTES };
        let fail = |kind, message| self.failure(request, effect, kind, number, message);
        let body = match read(&mut response, limit).await {
            Ok(body) => body,
            // What breaks off in an explanation explains nothing, and the status is enough.
            Err(_) if !status.is_success() => Vec::new(),
            Err(Some(error)) => return (Err(self.broken(request, effect, &error)), number),
            Err(None) => {
                let message = format!("the answer is larger than {limit} bytes");
                return (Err(fail(ErrorKind::Unreadable, Some(message))), number);
            }
        };
        if status.is_success() {
            let value = serde_json::from_slice(&body).map_err(|_| {
                // Azure DevOps shows its sign-in page as a success of this kind.
                let kind = if status.as_u16() == 203 { ErrorKind::NotAuthenticated } else { ErrorKind::Unreadable };
                fail(kind, Some("the answer is not JSON".to_owned()))
            });
            return (value, number);
        }
        let headers = response.headers();
        let kind = kind_of(status.as_u16(), headers);
        let asked = (kind == ErrorKind::Throttled).then(|| retry_after(headers)).flatten();
        let message = self.options.secrets.scrub(&explanation(&body));
        let message = Some(message).filter(|message| !message.is_empty());
        (Err(Failure { retry_after: asked, ..fail(kind, message) }), number)
    }

    fn broken(&self, request: &str, effect: Effect, error: &reqwest::Error) -> Failure {
        let (kind, message) = if error.is_connect() {
            (if is_distrust(error) { ErrorKind::Untrusted } else { ErrorKind::Unreachable }, deepest(error))
        } else if error.is_timeout() {
            let patience = humantime::format_duration(PATIENCE);
            (ErrorKind::TimedOut, format!("no whole answer within {patience}"))
        } else {
            (ErrorKind::Interrupted, format!("the connection broke: {}", deepest(error)))
        };
        self.failure(request, effect, kind, None, Some(message))
    }

    fn failure(
        &self,
        request: &str,
        effect: Effect,
        kind: ErrorKind,
        status: Option<u16>,
        message: Option<String>,
    ) -> Failure {
        let request = self.options.secrets.scrub(request);
        Failure { place: self.place, kind, request, status, message, attempts: 1, retry_after: None, effect }
    }
}

/// The whole body; `None` as the error when it is too large.
async fn read(response: &mut Response, limit: usize) -> Result<Vec<u8>, Option<reqwest::Error>> {
    let mut body = Vec::new();
    while let Some(chunk) = response.chunk().await.map_err(Some)? {
        if body.len() + chunk.len() > limit {
            return Err(None);
        }
        body.extend_from_slice(&chunk);
    }
    Ok(body)
}

fn kind_of(status: u16, headers: &HeaderMap) -> ErrorKind {
    // GitHub says 403 too when there were too many requests.
    let is_used_up = headers.get("x-ratelimit-remaining").is_some_and(|left| left.as_bytes() == b"0");
    match status {
        429 => ErrorKind::Throttled,
        403 if is_used_up || headers.contains_key("retry-after") => ErrorKind::Throttled,
        300..=399 => ErrorKind::Redirected,
        401 => ErrorKind::NotAuthenticated,
        403 => ErrorKind::NotAllowed,
        404 => ErrorKind::NotFound,
        408 => ErrorKind::TimedOut,
        400..=499 => ErrorKind::Refused,
        _ => ErrorKind::ServiceFailed,
    }
}

/// What a refusal says: `{"message": "…", "errors": [{"message": "…"}]}` of GitHub, `{"message": …}` of Azure DevOps and
/// GitLab, where it may be a map, and `{"error": "…", "error_description": "…"}`.
fn explanation(body: &[u8]) -> String {
    let Ok(value) = serde_json::from_slice::<Value>(body) else { return String::new() };
    let mut sentences = Vec::new();
    for pointer in ["/message", "/error_description", "/error"] {
        sentences.extend(value.pointer(pointer).filter(|said| !said.is_null()).map(|said| match said {
            Value::String(text) => text.clone(),
            other => other.to_string(),
        }));
    }
    sentences.dedup();
    let errors = value.get("errors").and_then(Value::as_array).into_iter().flatten();
    sentences.extend(errors.filter_map(|error| Some(error.get("message")?.as_str()?.to_owned())));
    clean_text(&sentences.join("; ")).chars().take(EXPLANATION).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_the_places_say_is_understood() {
        let said = |body: &str| explanation(body.as_bytes());
        let bodies = [
            r#"{"message":"Validation Failed","errors":[{"field":"data","message":"Body is too long (maximum is 65536 characters)"}]}"#,
            r#"{"$id":"1","message":"TF401027: You need the Git 'PullRequestContribute' permission.","typeKey":"x"}"#,
            r#"{"message":{"note":["is too long"]}}"#,
            r#"{"error":"insufficient_scope","error_description":"The request requires higher privileges"}"#,
            "<html>no</html>",
        ];
        insta::assert_snapshot!(bodies.map(said).join("\n"), @r#"
        Validation Failed; Body is too long (maximum is 65536 characters)
        TF401027: You need the Git 'PullRequestContribute' permission.
        {"note":["is too long"]}
        The request requires higher privileges; insufficient_scope
        "#);
    }

    #[test]
    fn too_many_requests_are_told_apart_from_a_missing_permission() {
        let headers = |pairs: &[(&'static str, &'static str)]| -> HeaderMap {
            pairs.iter().map(|(name, value)| (name.parse().unwrap(), value.parse().unwrap())).collect()
        };
        assert_eq!(kind_of(403, &headers(&[])), ErrorKind::NotAllowed);
        assert_eq!(kind_of(403, &headers(&[("x-ratelimit-remaining", "12")])), ErrorKind::NotAllowed);
        assert_eq!(kind_of(403, &headers(&[("x-ratelimit-remaining", "0")])), ErrorKind::Throttled);
        assert_eq!(kind_of(403, &headers(&[("retry-after", "60")])), ErrorKind::Throttled);
    }
}
