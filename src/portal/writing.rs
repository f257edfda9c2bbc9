//! The client that writes: the draft, and what starts and cancels submissions. Each request is sent once, since only a
//! look at the offer can tell what an unclear one did; that look is the executor's.

use std::sync::Arc;
use std::time::Duration;

use reqwest::StatusCode;
use reqwest::header::{HeaderValue, InvalidHeaderValue};
use serde_json::{Value, json};

use super::reading::etag_of;
use super::retry::pause_after;
use super::transport::{Answer, Request};
use super::{
    ClientError, ClientOptions, ErrorKind, Method, OperationLocation, PortalError, ReadingClient, RetryPolicy,
    TokenSource,
};
use crate::offer::{ETag, OfferKey};

/// Under which condition a draft may be written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Precondition {
    /// There is no such offer yet: no `If-Match`.
    Create,
    /// The draft is still the one that was read.
    Matches(ETag),
    /// The service named no `ETag`, so that no `If-Match` can be sent; the writer has read the draft just before.
    Unversioned,
    /// None, whatever somebody else wrote is lost: `If-Match: *`.
    LastWriteWins,
}

/// A draft that was written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Written {
    /// Whether the service says that it made a new offer; some say so for neither.
    pub created: bool,
    /// The version of what was written, when the service tells.
    pub etag: Option<ETag>,
}

/// A submission that the service has accepted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Accepted {
    /// Where to watch it; without one, the running submission has to be looked up.
    pub location: Option<OperationLocation>,
}

/// What the service makes of a cancel. Neither answer proves that anything was cancelled: it takes minutes, and 202 was
/// seen although nothing ran.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum CancelAnswer {
    /// 200: it says that it is done.
    Done,
    /// 202: it says that it will.
    Accepted(Accepted),
}

/// Writes to the service, and reads.
#[derive(Debug, Clone)]
pub struct WritingClient {
    reading: ReadingClient,
}

impl WritingClient {
    /// Makes a client; nothing is sent yet.
    pub fn new(options: ClientOptions, tokens: Arc<dyn TokenSource>) -> Result<Self, ClientError> {
        Ok(Self { reading: ReadingClient::new(options, tokens)? })
    }

    /// The reading half, over the same connections.
    pub fn reading(&self) -> &ReadingClient {
        &self.reading
    }

    /// Creates an offer or replaces its draft. (`PUT …/offers/{o}`)
    pub async fn put(&self, key: &OfferKey, body: &Value, precondition: Precondition) -> Result<Written, PortalError> {
        let mut request = self.request(Method::Put, key, &[], Some(body));
        request.if_match = match precondition {
            Precondition::Create | Precondition::Unversioned => None,
            Precondition::LastWriteWins => Some(HeaderValue::from_static("*")),
            Precondition::Matches(etag) => match header_of(&etag) {
                Ok(value) => Some(value),
                Err(_) => {
                    return Err(request.failure(ErrorKind::Unsendable, "the ETag holds control characters").into());
                }
            },
        };
        let answer = self.reading.transport().write(&request).await?;
        let document = serde_json::from_slice(&answer.body).unwrap_or(Value::Null);
        Ok(Written { created: answer.status == StatusCode::CREATED, etag: etag_of(&answer.headers, &document) })
    }

    /// Submits the draft for the preview slot. (`POST …/offers/{o}/publish`)
    pub async fn publish(&self, key: &OfferKey, notification_emails: &[String]) -> Result<Accepted, PortalError> {
        let request = self.request(Method::Post, key, &["publish"], Some(&notify(notification_emails)));
        Ok(self.accepted(&self.reading.transport().write(&request).await?))
    }

    /// Submits the preview slot for production, which cannot be taken back. (`POST …/offers/{o}/golive`)
    pub async fn go_live(&self, key: &OfferKey) -> Result<Accepted, PortalError> {
        let request = self.request(Method::Post, key, &["golive"], None);
        Ok(self.accepted(&self.reading.transport().write(&request).await?))
    }

    /// Asks for the running submission to be canceled. (`POST …/offers/{o}/cancel`)
    pub async fn cancel(&self, key: &OfferKey, notification_emails: &[String]) -> Result<CancelAnswer, PortalError> {
        let request = self.request(Method::Post, key, &["cancel"], Some(&notify(notification_emails)));
        let answer = self.reading.transport().write(&request).await?;
        if answer.status == StatusCode::ACCEPTED {
            Ok(CancelAnswer::Accepted(self.accepted(&answer)))
        } else {
            Ok(CancelAnswer::Done)
        }
    }

    /// How long to stay away after a write that has failed so often, until a look decides whether it is sent again; `None`
    /// when it is not to be.
    pub fn pause_after(
        &self,
        error: &PortalError,
        policy: &RetryPolicy,
        failures: u32,
        elapsed: Duration,
    ) -> Option<Duration> {
        pause_after(policy, self.reading.transport().jitter(), error, failures, elapsed)
    }

    fn request(&self, method: Method, key: &OfferKey, rest: &[&str], body: Option<&Value>) -> Request {
        // `Value`'s own text is its JSON; unlike `serde_json::to_vec` it cannot fail.
        let body = body.map(|body| body.to_string().into_bytes());
        Request { method, url: self.reading.offer_call(key, rest), if_match: None, body }
    }

    fn accepted(&self, answer: &Answer) -> Accepted {
        let location = OperationLocation::find(self.reading.endpoint(), &answer.headers, &answer.body);
        // It will be recorded. One that repeats a secret is not; the submissions tell as well.
        let secrets = self.reading.transport().secrets();
        Accepted { location: location.filter(|location| !location.holds_any(secrets)) }
    }
}

/// The header for an `ETag`, the same bytes in which it came.
fn header_of(etag: &ETag) -> Result<HeaderValue, InvalidHeaderValue> {
    let bytes: Result<Vec<u8>, _> = etag.as_str().chars().map(u8::try_from).collect();
    match bytes {
        Ok(bytes) => HeaderValue::from_bytes(&bytes),
        // From a body, where it was Unicode.
        Err(_) => HeaderValue::from_bytes(etag.as_str().as_bytes()),
    }
}

/// The body of publish and cancel: the addresses in one text, with commas.
fn notify(notification_emails: &[String]) -> Value {
    json!({"metadata": {"notification-emails": notification_emails.join(",")}})
}

#[cfg(test)]
mod tests {
    use super::super::loopback::{Reply, Server, json as answer, truncated, with_headers};
    use super::*;

    const TAG: &str = r#"W/"datetime'2017-06-07T06%3A15%3A40.4771399Z'""#;

    fn key() -> OfferKey {
        OfferKey::parse("contoso/contoso-vm").unwrap()
    }

    fn if_match(request: &str) -> Option<&str> {
        request.lines().find_map(|line| line.strip_prefix("if-match: "))
    }

    #[tokio::test]
    async fn a_put_carries_its_precondition_byte_for_byte() {
        let replies = [
            answer(201, "{}"),
            with_headers(200, &[("ETag", "\"2\"")], "{}"),
            answer(200, "{\"etag\": \"3\"}"),
            answer(200, ""),
        ];
        let server = Server::start(replies).await;
        let writer = server.writer();
        let body = json!({"z": 1, "a": 636_576_975_611_768_314_u64});
        let put = async |precondition| writer.put(&key(), &body, precondition).await.unwrap();
        assert_eq!(put(Precondition::Create).await, Written { created: true, etag: None });
        let matched = put(Precondition::Matches(ETag::new(TAG))).await;
        assert_eq!(matched, Written { created: false, etag: Some(ETag::new("\"2\"")) });
        assert_eq!(put(Precondition::LastWriteWins).await.etag, Some(ETag::new("3")));
        assert_eq!(put(Precondition::Unversioned).await, Written { created: false, etag: None });
        let asked = server.asked();
        let sent: Vec<_> = asked.iter().map(|request| if_match(request)).collect();
        assert_eq!(sent, [None, Some(TAG), Some("*"), None]);
        assert!(asked[0].starts_with("PUT /api/publishers/contoso/offers/contoso-vm?api-version=2017-10-31 "));
        assert!(asked[0].ends_with(r#"{"z":1,"a":636576975611768314}"#));
        assert!(asked[0].contains("content-type: application/json"));
    }

    #[tokio::test]
    async fn submissions_start_and_say_where_to_watch_them() {
        let place = "/api/publishers/contoso/offers/contoso-vm/operations/5661?api-version=2017-10-31";
        let replies = [
            with_headers(202, &[("Location", place)], ""),
            with_headers(202, &[("Operation-Location", "https://elsewhere.example/x")], ""),
            answer(200, ""),
            with_headers(202, &[], &format!("\"{place}\"")),
        ];
        let server = Server::start(replies).await;
        let writer = server.writer();
        let emails = ["a@contoso.com".to_owned(), "b@contoso.com".to_owned()];
        let location = Some(OperationLocation::parse(place).unwrap());
        assert_eq!(writer.publish(&key(), &emails).await.unwrap(), Accepted { location: location.clone() });
        assert_eq!(writer.go_live(&key()).await.unwrap(), Accepted { location: None });
        assert_eq!(writer.cancel(&key(), &emails).await.unwrap(), CancelAnswer::Done);
        assert_eq!(writer.cancel(&key(), &emails).await.unwrap(), CancelAnswer::Accepted(Accepted { location }));
        let asked = server.asked();
        assert!(asked[0].starts_with("POST /api/publishers/contoso/offers/contoso-vm/publish?"));
        assert!(asked[0].ends_with(r#"{"metadata":{"notification-emails":"a@contoso.com,b@contoso.com"}}"#));
        assert!(asked[1].starts_with("POST /api/publishers/contoso/offers/contoso-vm/golive?"));
        assert!(asked[1].contains("content-length: 0\r\n") && asked[1].ends_with("\r\n\r\n"));
        assert!(asked[2].starts_with("POST /api/publishers/contoso/offers/contoso-vm/cancel?"));
    }

    #[tokio::test]
    async fn a_write_is_sent_once_and_says_whether_it_may_have_worked() {
        let cases: [(Reply, ErrorKind, bool); 8] = [
            (Reply::Reset, ErrorKind::Interrupted, true),
            (truncated(200, "{"), ErrorKind::Interrupted, true),
            (answer(502, "<html><title>Bad Gateway</title></html>"), ErrorKind::ServiceFailed, true),
            (answer(200, "<html>Sign in</html>"), ErrorKind::Unreadable, true),
            (answer(429, ""), ErrorKind::Throttled, false),
            (
                answer(412, r#"{"error":{"code":"PreconditionFailed","message":"changed"}}"#),
                ErrorKind::PreconditionFailed,
                false,
            ),
            (answer(409, r#"{"error":{"code":"InvalidResourceId","message":"exists"}}"#), ErrorKind::Conflict, false),
            (answer(422, r#"{"error":{"code":"Validation","message":"no logo"}}"#), ErrorKind::Refused, false),
        ];
        for (reply, kind, unclear) in cases {
            let server = Server::start([reply, answer(200, "{}")]).await;
            let error =
                server.writer().put(&key(), &json!({}), Precondition::Matches(ETag::new(TAG))).await.unwrap_err();
            assert_eq!((error.kind(), error.outcome_unclear()), (kind, unclear), "{error}");
            assert_eq!(server.lines().len(), 1, "{error} was sent again");
        }
    }

    #[tokio::test]
    async fn an_etag_that_no_header_can_hold_is_not_sent() {
        let server = Server::start([]).await;
        let broken = Precondition::Matches(ETag::new("a\r\nAuthorization: x"));
        let error = server.writer().put(&key(), &json!({}), broken).await.unwrap_err();
        assert_eq!((error.kind(), error.outcome_unclear()), (ErrorKind::Unsendable, false));
        assert!(server.asked().is_empty());
    }

    #[test]
    fn an_etag_goes_back_in_the_bytes_in_which_it_came() {
        let bytes = b"W/\"datetime'2017%3A'\xe9\"";
        let headers = [(reqwest::header::ETAG, HeaderValue::from_bytes(bytes).unwrap())].into_iter().collect();
        let etag = etag_of(&headers, &Value::Null).unwrap();
        assert_eq!(header_of(&etag).unwrap().as_bytes(), bytes);
    }
}
