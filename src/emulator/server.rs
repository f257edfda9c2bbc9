//! HTTP around the service: reads requests, lets faults strike, writes answers.
//!
//! Knows nothing of offers.

use std::collections::BTreeMap;
use std::net::IpAddr;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::body::{Body, Bytes};
use axum::extract::{ConnectInfo, Request, State};
use axum::http::uri::Authority;
use axum::http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header};
use axum::response::Response;
use futures::stream;
use percent_encoding::percent_decode_str;
use serde_json::Value;
use url::form_urlencoded;

use super::connection::Connection;
use super::control::{self, Control};
use super::faults::{DelayClock, Effect, FaultBook, When};
use super::reply::Reply;
use super::requests::{Entry, RequestLog};
use super::service::{Call, Service};

/// The service takes no larger body.
const LARGEST_BODY: usize = 16 * 1024 * 1024;
/// So much of an answer's head arrives when it is cut: not even its status.
const PART_OF_A_HEAD: usize = "HTTP/1.1 2".len();
const CORRELATION: HeaderName = HeaderName::from_static("x-ms-correlation-request-id");

/// What every request shares.
pub(super) struct Shared {
    pub(super) service: Service,
    pub(super) faults: FaultBook,
    pub(super) requests: RequestLog,
    pub(super) latency: Duration,
}

/// The whole service as one handler: it matches its paths itself.
pub(super) fn router(shared: Arc<Shared>) -> Router {
    Router::new().fallback(handle).with_state(shared)
}

async fn handle(
    State(shared): State<Arc<Shared>>,
    ConnectInfo(connection): ConnectInfo<Connection>,
    request: Request,
) -> Response {
    let (parts, body) = request.into_parts();
    let path = parts.uri.path().to_owned();
    let Ok(body) = axum::body::to_bytes(body, LARGEST_BODY).await else {
        let message = "The body of the request is incomplete or larger than 16 MiB.";
        return respond(&shared, &Reply::refused(StatusCode::PAYLOAD_TOO_LARGE, "RequestTooLarge", message));
    };
    let Some(segments) = segments(&path) else {
        return respond(&shared, &Reply::bad_request("The path is not UTF-8."));
    };
    let text = |name: HeaderName| header_text(&parts.headers, &name);
    let is_from_here = is_from_here(text(header::HOST).as_deref(), text(header::ORIGIN).as_deref());
    let call = Call {
        segments,
        query: form_urlencoded::parse(parts.uri.query().unwrap_or_default().as_bytes()).into_owned().collect(),
        authorization: text(header::AUTHORIZATION),
        if_match: text(header::IF_MATCH),
        content_type: text(header::CONTENT_TYPE),
        method: parts.method,
        body,
    };
    if call.segments.first().is_some_and(|first| first == control::PREFIX) {
        if !is_from_here {
            let message = "The emulator's own calls are for programs on this machine, addressed by a loopback name.";
            return respond(&shared, &Reply::refused(StatusCode::FORBIDDEN, "Forbidden", message));
        }
        let reply = run(&shared, move |shared| {
            let control = Control { service: &shared.service, faults: &shared.faults, requests: &shared.requests };
            control.answer(&call)
        });
        return respond(&shared, &reply.await);
    }
    let (method, if_match) = (call.method.clone(), call.if_match.clone());
    let effect = shared.faults.meet(&method, &path);
    if !shared.latency.is_zero() {
        tokio::time::sleep(shared.latency).await;
    }
    let outcome = answer(&shared, call, effect).await;
    let status = match &outcome {
        Outcome::Answer(response) => Some(response.status().as_u16()),
        Outcome::Reset | Outcome::CutHead | Outcome::Silence => None,
    };
    shared.requests.note(Entry { method, path, if_match, status });
    match outcome {
        Outcome::Answer(response) => return response,
        Outcome::Reset => connection.reset(),
        Outcome::CutHead => connection.cut_after(PART_OF_A_HEAD),
        Outcome::Silence => std::future::pending().await,
    }
    // Never seen as a whole: its bytes break the connection.
    Response::new(Body::empty())
}

/// What becomes of a request.
enum Outcome {
    /// It is answered.
    Answer(Response),
    /// The connection is reset.
    Reset,
    /// The connection breaks in the middle of the answer's first line.
    CutHead,
    /// No answer comes.
    Silence,
}

/// Lets the service answer, and the fault strike.
async fn answer(shared: &Arc<Shared>, call: Call, effect: Option<Effect>) -> Outcome {
    let act = |call: Call| run(shared, move |shared| shared.service.answer(&call));
    let response = match effect {
        None => respond(shared, &act(call).await),
        Some(Effect::Status { code, headers, retry_after_date, body, when }) => {
            if when == When::AfterActing {
                act(call).await;
            }
            faulty(shared, code, &headers, retry_after_date, body)
        }
        Some(Effect::Delay { duration, clock: DelayClock::Real }) => {
            tokio::time::sleep(duration).await;
            respond(shared, &act(call).await)
        }
        Some(Effect::Delay { duration, clock: DelayClock::Emulator }) => {
            let advanced = run(shared, move |shared| match shared.service.clock.advance(duration) {
                Ok(_) => Reply::empty(StatusCode::OK),
                Err(error) => Reply::broken(&error),
            });
            let advanced = advanced.await;
            let reply = if advanced.status.is_success() { act(call).await } else { advanced };
            respond(shared, &reply)
        }
        Some(Effect::ResetBefore) => return Outcome::Reset,
        Some(Effect::HangBefore) => return Outcome::Silence,
        Some(Effect::ResetAfter) => {
            act(call).await;
            return Outcome::Reset;
        }
        Some(Effect::HangAfter) => {
            act(call).await;
            return Outcome::Silence;
        }
        Some(Effect::TruncateHead) => {
            act(call).await;
            return Outcome::CutHead;
        }
        Some(Effect::EmptyBody) => respond(shared, &Reply { body: None, ..act(call).await }),
        Some(Effect::Truncate) => {
            let reply = act(call).await;
            let bytes = bytes_of(&reply);
            if bytes.is_empty() {
                // An answer without a body has no half: losing the connection is all that can happen to it.
                return Outcome::Reset;
            }
            truncated(respond(shared, &reply), &bytes)
        }
    };
    Outcome::Answer(response)
}

/// Runs what may wait for the disk off the reactor.
async fn run(shared: &Arc<Shared>, work: impl FnOnce(&Shared) -> Reply + Send + 'static) -> Reply {
    let shared = Arc::clone(shared);
    match tokio::task::spawn_blocking(move || work(&shared)).await {
        Ok(reply) => reply,
        Err(error) => Reply::broken(&error),
    }
}

/// The path's segments, percent-decoded. A slash at the end says nothing: some clients send one, some do not.
fn segments(path: &str) -> Option<Vec<String>> {
    let path = path.trim_matches('/');
    path.split('/').map(|segment| Some(percent_decode_str(segment).decode_utf8().ok()?.into_owned())).collect()
}

/// Whether a call of the emulator's own was made by a program here, and not by a web page in somebody's browser: pages
/// send an `Origin`, or reach loopback by a name of their own.
fn is_from_here(host: Option<&str>, origin: Option<&str>) -> bool {
    let Some(Ok(authority)) = host.map(str::parse::<Authority>) else { return false };
    let name = authority.host();
    let address = name.trim_start_matches('[').trim_end_matches(']').parse::<IpAddr>();
    origin.is_none() && (name.eq_ignore_ascii_case("localhost") || address.is_ok_and(|address| address.is_loopback()))
}

fn header_text(headers: &HeaderMap, name: &HeaderName) -> Option<String> {
    headers.get(name).map(|value| String::from_utf8_lossy(value.as_bytes()).into_owned())
}

fn bytes_of(reply: &Reply) -> Bytes {
    // Writing a value does not fail: its keys are texts, and memory takes all of it.
    let written = |body| serde_json::to_vec(body).ok();
    reply.body.as_ref().and_then(written).map(Bytes::from).unwrap_or_default()
}

fn respond(shared: &Shared, reply: &Reply) -> Response {
    let mut response = Response::new(Body::from(bytes_of(reply)));
    *response.status_mut() = reply.status;
    let headers = response.headers_mut();
    if reply.body.is_some() {
        headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/json; charset=utf-8"));
    }
    for (name, value) in &reply.headers {
        // Ids and ETags are ASCII by construction, so no header is ever left out.
        if let Ok(value) = HeaderValue::from_str(value) {
            headers.insert(HeaderName::from_static(name), value);
        }
    }
    correlate(shared, headers);
    response
}

fn correlate(shared: &Shared, headers: &mut HeaderMap) {
    if let Ok(id) = HeaderValue::from_str(&shared.service.correlation_id()) {
        headers.insert(CORRELATION, id);
    }
}

/// The answer of a status fault, its headers as they were given.
fn faulty(
    shared: &Shared,
    code: u16,
    given: &BTreeMap<String, String>,
    retry_after_date: Option<Duration>,
    body: Value,
) -> Response {
    let (bytes, kind) = match body {
        Value::Null => (Bytes::new(), None),
        Value::String(text) => (Bytes::from(text), Some("text/html")),
        json => (Bytes::from(json.to_string()), Some("application/json; charset=utf-8")),
    };
    let mut response = Response::new(Body::from(bytes));
    // The status was checked when the fault was added.
    *response.status_mut() = StatusCode::from_u16(code).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    let headers = response.headers_mut();
    if let Some(kind) = kind {
        headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(kind));
    }
    correlate(shared, headers);
    if let Some(later) = retry_after_date {
        let now = shared.service.clock.now();
        for (name, moment) in [(header::DATE, now), (header::RETRY_AFTER, now.after(later))] {
            if let Ok(value) = HeaderValue::from_str(&moment.http_date()) {
                headers.insert(name, value);
            }
        }
    }
    for (name, value) in given {
        if let (Ok(name), Ok(value)) = (HeaderName::try_from(name), HeaderValue::from_str(value)) {
            headers.insert(name, value);
        }
    }
    response
}

/// The same answer, announced whole, of which half arrives.
fn truncated(mut response: Response, bytes: &Bytes) -> Response {
    let half = bytes.slice(..bytes.len() / 2);
    response.headers_mut().insert(header::CONTENT_LENGTH, HeaderValue::from(bytes.len()));
    let parts = stream::unfold(Some(half), |half| async {
        if let Some(half) = half {
            return Some((Ok(half), None));
        }
        // Gives the first half time to leave before the connection breaks.
        tokio::task::yield_now().await;
        Some((Err(std::io::ErrorKind::ConnectionReset), None))
    });
    *response.body_mut() = Body::from_stream(futures::StreamExt::map(parts, |part| part.map_err(std::io::Error::from)));
    response
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn web_pages_cannot_reach_the_emulator_s_own_calls() {
        for host in ["127.0.0.1:8080", "localhost:1", "[::1]:8080", "127.0.0.1"] {
            assert!(is_from_here(Some(host), None), "{host}");
            assert!(!is_from_here(Some(host), Some("http://evil.example")), "{host}");
        }
        for host in ["evil.example:8080", "10.0.0.1", "localhost.evil.example", ""] {
            assert!(!is_from_here(Some(host), None), "{host}");
        }
        assert!(!is_from_here(None, None));
    }

    #[test]
    fn paths_are_decoded_and_a_last_slash_says_nothing() {
        assert_eq!(segments("/api/operations/c%24o%242%24preview/").unwrap(), ["api", "operations", "c$o$2$preview"]);
        assert_eq!(segments("/%ff"), None);
    }
}
