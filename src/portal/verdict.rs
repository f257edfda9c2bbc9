//! What an exchange that did not go well means: which kind of failure, in whose words, and how long to stay away.

use std::time::Duration;

use reqwest::header::{DATE, HeaderMap, LOCATION, RETRY_AFTER};
use reqwest::{Response, StatusCode};
use url::Url;

use super::error::{Failure, RedactedUrl};
use super::explanation::Explanation;
use super::plain_text::clean_text;
use super::transport::{Answer, Request};
use super::{ErrorKind, Method, PortalError};

/// Where the service and its gateways put the id of a request.
const CORRELATION: [&str; 5] =
    ["x-ms-correlation-request-id", "x-ms-correlation-id", "x-ms-request-id", "x-ms-requestid", "request-id"];

/// No more than this is read of an answer that is no success.
pub(super) const MAX_EXPLANATION_BYTES: usize = 256 * 1024;

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
pub(super) fn broken(request: &Request, error: &reqwest::Error, patience: Duration) -> Failure {
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
pub(super) async fn refusal(request: &Request, mut response: Response) -> Failure {
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

pub(super) fn correlation(headers: &HeaderMap) -> Option<String> {
    let id = CORRELATION.into_iter().find_map(|name| headers.get(name)?.to_str().ok())?;
    Some(clean_text(id)).filter(|id| !id.is_empty())
}

/// Nobody waits as long, and it can still be added to any moment.
const LONGEST_RETRY_AFTER: Duration = Duration::from_secs(366 * 24 * 60 * 60);

/// How long the service asks to be left alone: seconds, or a date that is taken relative to the answer's own `Date`, so
/// that no clock of this machine plays a part.
pub(crate) fn retry_after(headers: &HeaderMap) -> Option<Duration> {
    let text = headers.get(RETRY_AFTER)?.to_str().ok()?.trim();
    if let Ok(seconds) = text.parse() {
        return Some(Duration::from_secs(seconds).min(LONGEST_RETRY_AFTER));
    }
    let then = httpdate::parse_http_date(text).ok()?;
    let now = httpdate::parse_http_date(headers.get(DATE)?.to_str().ok()?).ok()?;
    Some(then.duration_since(now).unwrap_or_default().min(LONGEST_RETRY_AFTER))
}

/// Whether TLS refused the other side's certificate.
pub(crate) fn is_distrust(error: &reqwest::Error) -> bool {
    causes(error).any(|cause| {
        // I/O errors wrap each other without being each other's source.
        let mut cause: &(dyn std::error::Error + 'static) = cause;
        while let Some(inner) = cause.downcast_ref::<std::io::Error>().and_then(std::io::Error::get_ref) {
            cause = inner;
        }
        matches!(cause.downcast_ref(), Some(rustls::Error::InvalidCertificate(_)))
    })
}

/// The innermost cause, which is the one that names the trouble; the outer ones repeat the URL.
pub(crate) fn deepest(error: &reqwest::Error) -> String {
    causes(error).last().map_or_else(|| clean_text(&error.to_string()), |cause| clean_text(&cause.to_string()))
}

fn causes(error: &reqwest::Error) -> impl Iterator<Item = &(dyn std::error::Error + 'static)> {
    std::iter::successors(std::error::Error::source(error), |cause| cause.source())
}

#[cfg(test)]
mod tests {
    use reqwest::header::HeaderValue;

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
        let far = "18446744073709551615";
        assert_eq!(read(&[("retry-after", far)]), Some(LONGEST_RETRY_AFTER), "moments can be counted up to it");
    }

    #[test]
    fn a_400_is_a_conflict_only_for_writes_that_meet_a_submission() {
        let kind = |method, message| kind_of(method, StatusCode::BAD_REQUEST, None, Some(message));
        assert_eq!(kind(Method::Post, "An operation is already In Progress"), ErrorKind::Conflict);
        assert_eq!(kind(Method::Post, "The title is too long"), ErrorKind::Refused);
        assert_eq!(kind(Method::Get, "An operation is in progress"), ErrorKind::Refused);
    }
}
