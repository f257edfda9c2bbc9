//! What the log says of a request and its answer: one line for a person at three in the morning, and one more for who wants
//! to see headers. Never a body, never the value of a query that could open something.

use std::fmt::Write as _;
use std::time::Duration;

use reqwest::header::{CONTENT_TYPE, ETAG, LOCATION, RETRY_AFTER};
use reqwest::{Response, StatusCode};

use super::PortalError;
use super::error::RedactedUrl;
use super::plain_text::clean_text;
use super::transport::{Answer, Request};
use super::verdict::correlation;

/// How an exchange went: status, duration, attempt, correlation id, and what was said when it was no success.
pub(super) fn exchange_line(
    request: &Request,
    outcome: &Result<Answer, PortalError>,
    took: Duration,
    attempt: u32,
) -> String {
    let (status, id, reason) = match outcome {
        Ok(answer) => (Some(answer.status.as_u16()), correlation(&answer.headers), None),
        Err(error) => (error.status(), error.correlation().map(str::to_owned), error.message()),
    };
    let status = status.map_or_else(|| "no answer".to_owned(), in_words);
    let id = id.map(|id| format!(", correlation id {id}")).unwrap_or_default();
    let reason = reason.map(|reason| format!(": {reason}")).unwrap_or_default();
    let (target, took) = (RedactedUrl::new(&request.url), duration(took));
    format!("{} {}: {status} in {took} (attempt {attempt}{id}){reason}", request.method, target.path_and_query())
}

/// The headers that decide what happens next, and sizes.
pub(super) fn headers_line(request: &Request, response: &Response) -> String {
    let target = RedactedUrl::new(&request.url);
    let sent = request.body.as_ref().map_or(0, Vec::len);
    let mut line = format!("{} {}: sent {sent} bytes", request.method, target.path_and_query());
    // Writing to a string cannot fail.
    if let Some(etag) = &request.if_match {
        let _ = write!(line, ", If-Match {}", String::from_utf8_lossy(etag.as_bytes()));
    }
    let length = response.content_length().map_or_else(|| "chunks".to_owned(), |length| format!("{length} bytes"));
    let _ = write!(line, "; got {length}");
    for (name, header) in [("Content-Type", CONTENT_TYPE), ("ETag", ETAG), ("Retry-After", RETRY_AFTER)] {
        if let Some(value) = response.headers().get(header) {
            let _ = write!(line, ", {name} {}", String::from_utf8_lossy(value.as_bytes()));
        }
    }
    if let Some(place) = response.headers().get(LOCATION).and_then(|place| place.to_str().ok()) {
        let _ = write!(line, ", Location {}", place.split('?').next().unwrap_or_default());
    }
    clean_text(&line)
}

/// `404 Not Found`.
fn in_words(status: u16) -> String {
    StatusCode::from_u16(status).map_or_else(|_| status.to_string(), |status| status.to_string())
}

fn duration(time: Duration) -> String {
    if time < Duration::from_secs(10) {
        format!("{} ms", time.as_millis())
    } else {
        format!("{:.1} s", time.as_secs_f64())
    }
}
