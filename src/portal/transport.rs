//! One HTTP exchange after another: the token, the bounds of time and size, the one repetition after a 401, the
//! repetitions of reads. It knows statuses and headers, and nothing of offers.

use std::sync::Arc;
use std::time::Duration;

use reqwest::header::{AUTHORIZATION, CONTENT_TYPE, DATE, HeaderMap, HeaderValue, IF_MATCH, LOCATION, RETRY_AFTER};
use reqwest::{Certificate, Client, Response, StatusCode, redirect};
use serde_json::Value;
use tokio::time::Instant;
use tracing::debug;
use url::Url;

use super::error::{Failure, RedactedUrl};
use super::explanation::{Explanation, is_page};
use super::plain_text::clean_text;
use super::retry::{Jitter, persist};
use super::{
    ClientError, ClientOptions, CredentialError, Endpoint, ErrorKind, Method, PortalError, Secret, TokenSource,
};

/// Where the service and its gateways put the id of a request.
const CORRELATION: [&str; 5] =
    ["x-ms-correlation-request-id", "x-ms-correlation-id", "x-ms-request-id", "x-ms-requestid", "request-id"];

/// No more than this is read of an answer that is no success.
const MAX_EXPLANATION_BYTES: usize = 256 * 1024;

/// What to send.
#[derive(Debug)]
pub(super) struct Request {
    pub(super) method: Method,
    pub(super) url: Url,
    pub(super) if_match: Option<HeaderValue>,
    pub(super) body: Option<Vec<u8>>,
}

impl Request {
    pub(super) fn failure(&self, kind: ErrorKind, message: impl Into<String>) -> Failure {
        Failure {
            kind,
            method: self.method,
            url: RedactedUrl::new(&self.url),
            status: None,
            code: None,
            message: Some(message.into()),
            correlation: None,
            attempts: 1,
            retry_after: None,
            credential_advice: None,
        }
    }
}

/// A whole answer that says success.
#[derive(Debug)]
pub(super) struct Answer {
    pub(super) status: StatusCode,
    pub(super) headers: HeaderMap,
    pub(super) body: Vec<u8>,
}

impl Answer {
    /// The body as JSON; the depth is bounded by the parser.
    fn json(&self) -> Result<Value, (ErrorKind, String)> {
        let body = self.body.strip_prefix(b"\xef\xbb\xbf").unwrap_or(&self.body);
        serde_json::from_slice(body).map_err(|error| {
            if body.trim_ascii().is_empty() {
                (ErrorKind::Unreadable, "the answer is empty".to_owned())
            } else if is_page(body) {
                let words = Explanation::read(&body[..body.len().min(MAX_EXPLANATION_BYTES)]).message;
                (ErrorKind::Unreadable, format!("the answer is not JSON but {}", words.unwrap_or_default()))
            } else if error.is_eof() {
                (ErrorKind::Interrupted, format!("the answer broke off after {} bytes", body.len()))
            } else {
                (ErrorKind::Unreadable, clean_text(&format!("the answer is not usable JSON: {error}")))
            }
        })
    }
}

/// The connection pool and everything that a request needs.
pub(super) struct Transport {
    client: Client,
    tokens: Arc<dyn TokenSource>,
    options: ClientOptions,
    jitter: Jitter,
}

impl Transport {
    pub(super) fn new(options: ClientOptions, tokens: Arc<dyn TokenSource>) -> Result<Self, ClientError> {
        let client = http_client(&options)?;
        let jitter = Jitter::seeded(options.jitter_seed);
        Ok(Self { client, tokens, options, jitter })
    }

    pub(super) fn endpoint(&self) -> &Endpoint {
        &self.options.endpoint
    }

    /// Reads JSON, as often as the policy allows; the answer's headers come along.
    pub(super) async fn read(&self, url: Url) -> Result<(HeaderMap, Value), PortalError> {
        let request = Request { method: Method::Get, url, if_match: None, body: None };
        persist(&self.options.retry, &self.jitter, |attempt| self.read_once(&request, attempt)).await
    }

    async fn read_once(&self, request: &Request, attempt: u32) -> Result<(HeaderMap, Value), PortalError> {
        let answer = self.send(request, attempt).await?;
        match answer.json() {
            Ok(value) => Ok((answer.headers, value)),
            Err((kind, message)) => Err(unusable(request, &answer, attempt, kind, message)),
        }
    }

    /// Writes, once. The answer's body was not looked at, except that it is no web page.
    pub(super) async fn write(&self, request: &Request) -> Result<Answer, PortalError> {
        let answer = self.send(request, 1).await?;
        if is_page(&answer.body) {
            let words = Explanation::read(&answer.body).message.unwrap_or_default();
            let message = format!("the answer is not JSON but {words}");
            return Err(unusable(request, &answer, 1, ErrorKind::Unreadable, message));
        }
        Ok(answer)
    }

    /// Sends with a token; after a 401, which did nothing, asks once for another token and sends again.
    async fn send(&self, request: &Request, attempt: u32) -> Result<Answer, PortalError> {
        let no_token = |error: &CredentialError| {
            PortalError::from(Failure {
                credential_advice: Some(error.advice().to_owned()),
                attempts: attempt,
                ..request.failure(ErrorKind::Credential, error.to_string())
            })
        };
        let token = self.tokens.token().await.map_err(|error| no_token(&error))?;
        let refused = match self.exchange(request, &token, attempt).await {
            Err(error) if error.kind() == ErrorKind::NotAuthenticated => error,
            settled => return settled,
        };
        match self.tokens.replace(&token).await.map_err(|error| no_token(&error))? {
            Some(fresh) => self.exchange(request, &fresh, attempt).await,
            None => Err(refused),
        }
    }

    async fn exchange(&self, request: &Request, token: &Secret, attempt: u32) -> Result<Answer, PortalError> {
        let begun = Instant::now();
        let outcome = self.converse(request, token).await;
        let (status, correlation) = match &outcome {
            Ok(answer) => (Some(answer.status.as_u16()), correlation(&answer.headers)),
            Err(failure) => (failure.status, failure.correlation.clone()),
        };
        debug!(
            method = %request.method,
            path = request.url.path(),
            status,
            duration_ms = begun.elapsed().as_millis(),
            attempt,
            correlation,
            "request"
        );
        outcome.map_err(|failure| {
            // The token is known only here, so this is the place to take it out of whatever echoes it.
            let scrub = |text: Option<String>| text.map(|text| token.scrub(text));
            let Failure { code, message, correlation, .. } = failure.clone();
            Failure {
                attempts: attempt,
                code: scrub(code),
                message: scrub(message),
                correlation: scrub(correlation),
                ..failure
            }
            .into()
        })
    }

    async fn converse(&self, request: &Request, token: &Secret) -> Result<Answer, Failure> {
        let (method, patience) = match request.method {
            Method::Get => (reqwest::Method::GET, self.options.timeouts.read),
            Method::Put => (reqwest::Method::PUT, self.options.timeouts.write),
            Method::Post => (reqwest::Method::POST, self.options.timeouts.write),
        };
        let Ok(mut authorization) = HeaderValue::try_from(format!("Bearer {}", token.expose())) else {
            return Err(request.failure(ErrorKind::Credential, "the token holds characters that no header may hold"));
        };
        authorization.set_sensitive(true);
        let mut builder = self.client.request(method, request.url.clone()).timeout(patience);
        builder = builder.header(AUTHORIZATION, authorization);
        if let Some(etag) = &request.if_match {
            builder = builder.header(IF_MATCH, etag);
        }
        if let Some(body) = &request.body {
            builder = builder.header(CONTENT_TYPE, "application/json").body(body.clone());
        }
        let response = builder.send().await.map_err(|error| broken(request, &error, patience))?;
        if response.status().is_success() {
            self.accept(request, response, patience).await
        } else {
            Err(refusal(request, response).await)
        }
    }

    /// Reads the body of a success within the bounds.
    async fn accept(&self, request: &Request, mut response: Response, patience: Duration) -> Result<Answer, Failure> {
        let (status, headers) = (response.status(), response.headers().clone());
        let limit = self.options.max_response_bytes;
        let mut body = Vec::new();
        loop {
            let chunk = response.chunk().await.map_err(|error| Failure {
                status: Some(status.as_u16()),
                correlation: correlation(&headers),
                ..broken(request, &error, patience)
            })?;
            let Some(chunk) = chunk else { return Ok(Answer { status, headers, body }) };
            if body.len() + chunk.len() > limit {
                return Err(Failure {
                    status: Some(status.as_u16()),
                    correlation: correlation(&headers),
                    ..request.failure(ErrorKind::Unreadable, format!("the answer is larger than {limit} bytes"))
                });
            }
            body.extend_from_slice(&chunk);
        }
    }
}

fn http_client(options: &ClientOptions) -> Result<Client, ClientError> {
    // An error means that a provider was installed before, which is as good.
    let _ = rustls::crypto::ring::default_provider().install_default();
    let mut builder = Client::builder()
        .user_agent(&options.user_agent)
        .connect_timeout(options.timeouts.connect)
        .redirect(redirect::Policy::none())
        .retry(reqwest::retry::never());
    if options.endpoint.is_loopback() {
        builder = builder.no_proxy();
    }
    if options.endpoint.is_plain_http() {
        // Without TLS no certificate store is needed, and on some machines there is none.
        builder = builder.tls_certs_only([]);
    } else if let Some(bundle) = &options.certificate_authorities {
        let authorities = Certificate::from_pem_bundle(bundle)
            .map_err(|error| ClientError::CertificateAuthorities(deepest(&error)))?;
        if authorities.is_empty() {
            return Err(ClientError::CertificateAuthorities("there is no certificate in it".to_owned()));
        }
        builder = builder.tls_certs_merge(authorities);
    }
    builder.build().map_err(|error| ClientError::Setup(deepest(&error)))
}

/// An answer that says success and cannot be used.
pub(super) fn unusable(
    request: &Request,
    answer: &Answer,
    attempts: u32,
    kind: ErrorKind,
    message: String,
) -> PortalError {
    Failure {
        status: Some(answer.status.as_u16()),
        correlation: correlation(&answer.headers),
        attempts,
        ..request.failure(kind, message)
    }
    .into()
}

/// No answer, or half of one.
fn broken(request: &Request, error: &reqwest::Error, patience: Duration) -> Failure {
    if error.is_connect() {
        let kind = if is_distrust(error) { ErrorKind::Untrusted } else { ErrorKind::Unreachable };
        request.failure(kind, deepest(error))
    } else if error.is_timeout() {
        request.failure(ErrorKind::TimedOut, format!("no whole answer within {}", humantime::format_duration(patience)))
    } else if error.is_builder() {
        request.failure(ErrorKind::Unsendable, deepest(error))
    } else {
        request.failure(ErrorKind::Interrupted, format!("the connection broke: {}", deepest(error)))
    }
}

/// An answer that is no success.
async fn refusal(request: &Request, mut response: Response) -> Failure {
    let (status, headers) = (response.status(), response.headers().clone());
    let mut body = Vec::new();
    // What breaks off here still explains as much as has come.
    while let Ok(Some(chunk)) = response.chunk().await {
        body.extend_from_slice(&chunk);
        if body.len() > MAX_EXPLANATION_BYTES {
            break;
        }
    }
    body.truncate(MAX_EXPLANATION_BYTES);
    let Explanation { code, message } = Explanation::read(&body);
    let kind = kind_of(request.method, status, code.as_deref(), message.as_deref());
    let message = match kind {
        ErrorKind::Redirected => Some(format!("it points to {}", target(&request.url, &headers))),
        _ => message,
    };
    Failure {
        kind,
        method: request.method,
        url: RedactedUrl::new(&request.url),
        status: Some(status.as_u16()),
        code,
        message,
        correlation: correlation(&headers),
        attempts: 1,
        retry_after: retry_after(&headers),
        credential_advice: None,
    }
}

fn kind_of(method: Method, status: StatusCode, code: Option<&str>, message: Option<&str>) -> ErrorKind {
    match status.as_u16() {
        300..=399 => ErrorKind::Redirected,
        401 => ErrorKind::NotAuthenticated,
        403 => ErrorKind::NotAllowed,
        404 => ErrorKind::NotFound,
        408 => ErrorKind::TimedOut,
        409 => ErrorKind::Conflict,
        412 => ErrorKind::PreconditionFailed,
        429 => ErrorKind::Throttled,
        400 if method != Method::Get && tells_of_a_running_submission(code, message) => ErrorKind::Conflict,
        400..=499 => ErrorKind::Refused,
        _ => ErrorKind::ServiceFailed,
    }
}

/// The service refuses a publish beside a running one with 409 or with 400, and only its words tell which 400 it is.
fn tells_of_a_running_submission(code: Option<&str>, message: Option<&str>) -> bool {
    let words = format!("{} {}", code.unwrap_or_default(), message.unwrap_or_default()).to_ascii_lowercase();
    ["in progress", "inprogress", "already running", "is running", "already being published", "conflict"]
        .iter()
        .any(|sign| words.contains(sign))
}

/// Where a redirect points, without its query.
fn target(from: &Url, headers: &HeaderMap) -> String {
    let reference = headers.get(LOCATION).and_then(|value| value.to_str().ok());
    match reference.and_then(|reference| from.join(reference).ok()) {
        Some(mut url) => {
            url.set_query(None);
            RedactedUrl::new(&url).to_string()
        }
        None => "nowhere".to_owned(),
    }
}

fn correlation(headers: &HeaderMap) -> Option<String> {
    let id = CORRELATION.into_iter().find_map(|name| headers.get(name)?.to_str().ok())?;
    Some(clean_text(id)).filter(|id| !id.is_empty())
}

/// How long the service asks to be left alone: seconds, or a date that is taken relative to the answer's own `Date`, so
/// that no clock of this machine plays a part.
fn retry_after(headers: &HeaderMap) -> Option<Duration> {
    let text = headers.get(RETRY_AFTER)?.to_str().ok()?.trim();
    if let Ok(seconds) = text.parse() {
        return Some(Duration::from_secs(seconds));
    }
    let then = httpdate::parse_http_date(text).ok()?;
    let now = httpdate::parse_http_date(headers.get(DATE)?.to_str().ok()?).ok()?;
    Some(then.duration_since(now).unwrap_or_default())
}

/// Whether TLS refused the other side's certificate.
fn is_distrust(error: &reqwest::Error) -> bool {
    causes(error).any(|cause| {
        let inner = cause.downcast_ref::<std::io::Error>().and_then(std::io::Error::get_ref);
        inner.is_some_and(|inner| matches!(inner.downcast_ref(), Some(rustls::Error::InvalidCertificate(_))))
    })
}

/// The innermost cause, which is the one that names the trouble; the outer ones repeat the URL.
fn deepest(error: &reqwest::Error) -> String {
    causes(error).last().map_or_else(|| clean_text(&error.to_string()), |cause| clean_text(&cause.to_string()))
}

fn causes(error: &reqwest::Error) -> impl Iterator<Item = &(dyn std::error::Error + 'static)> {
    std::iter::successors(std::error::Error::source(error), |cause| cause.source())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn retry_after_is_read_in_both_spellings() {
        let read = |pairs: &[(&'static str, &'static str)]| {
            retry_after(
                &pairs.iter().map(|(name, value)| (name.parse().unwrap(), HeaderValue::from_static(value))).collect(),
            )
        };
        let later = ("retry-after", "Wed, 21 Oct 2026 07:28:30 GMT");
        assert_eq!(read(&[("retry-after", " 17 ")]), Some(Duration::from_secs(17)));
        assert_eq!(read(&[later, ("date", "Wed, 21 Oct 2026 07:28:00 GMT")]), Some(Duration::from_secs(30)));
        assert_eq!(read(&[later, ("date", "Wed, 21 Oct 2026 09:00:00 GMT")]), Some(Duration::ZERO));
        assert_eq!(read(&[later]), None);
        assert_eq!(read(&[("retry-after", "soon")]), None);
    }

    #[test]
    fn a_400_is_a_conflict_only_for_writes_that_meet_a_submission() {
        let kind = |method, message| kind_of(method, StatusCode::BAD_REQUEST, None, Some(message));
        assert_eq!(kind(Method::Post, "An operation is already In Progress"), ErrorKind::Conflict);
        assert_eq!(kind(Method::Post, "The title is too long"), ErrorKind::Refused);
        assert_eq!(kind(Method::Get, "An operation is in progress"), ErrorKind::Refused);
    }
}
