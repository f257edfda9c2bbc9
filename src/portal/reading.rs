//! The client that can only read: offers, their slots and versions, and how their submissions stand.

use std::fmt;
use std::sync::Arc;

use reqwest::header::{ETAG, HeaderMap};
use serde_json::Value;
use tracing::warn;
use url::Url;

use super::error::Failure;
use super::transport::{Request, Transport};
use super::wire::{self, Node};
use super::{ClientError, ClientOptions, Endpoint, ErrorKind, Method, OperationLocation, PortalError, TokenSource};
use crate::offer::{
    Document, ETag, OfferId, OfferKey, OfferStatus, OfferTypeId, OperationStatus, PublisherId, Slot, StatusReport,
    Submission,
};

/// One row of a publisher's list of offers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OfferSummary {
    /// Which offer.
    pub id: OfferId,
    /// What kind of offer.
    pub offer_type: Option<OfferTypeId>,
    /// How it stands.
    pub status: Option<OfferStatus>,
    /// The version that the service counts; the list may say 0 where the offer says otherwise.
    pub version: Option<u64>,
    /// The name in the portal.
    pub display_text: Option<String>,
    /// When it was last changed, in the service's spelling, which differs from the one in the document.
    pub changed_time: Option<String>,
}

/// The draft as the service has it, and its version.
#[derive(Debug, Clone, PartialEq)]
pub struct LiveDraft {
    /// The document, untouched.
    pub document: Document,
    /// What to send in `If-Match`; the service does not always name one.
    pub etag: Option<ETag>,
}

/// How a long-running operation stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Operation {
    /// Its word, as operations use words.
    pub status: OperationStatus,
    /// The same answer read as a report, with the stages.
    pub report: StatusReport,
}

/// Reads from the service. There is no way from here to a [`WritingClient`](super::WritingClient).
#[derive(Clone)]
pub struct ReadingClient {
    transport: Arc<Transport>,
}

impl ReadingClient {
    /// Makes a client; nothing is sent yet.
    pub fn new(options: ClientOptions, tokens: Arc<dyn TokenSource>) -> Result<Self, ClientError> {
        Ok(Self { transport: Arc::new(Transport::new(options, tokens)?) })
    }

    /// Where this client reads.
    pub fn endpoint(&self) -> &Endpoint {
        self.transport.endpoint()
    }

    pub(super) fn transport(&self) -> &Transport {
        &self.transport
    }

    /// The publishers that the caller may work with, as far as the service tells. (`GET /api/publishers`)
    ///
    /// The reference does not mention this call; it may be refused where the others are not.
    pub async fn publishers(&self) -> Result<Vec<PublisherId>, PortalError> {
        let url = self.endpoint().call(&["publishers"]);
        let (_, answer) = self.transport.read(url.clone()).await?;
        let id = |row: &Value| PublisherId::new(Node::new(row).field(&["id", "publisherId"]).raw_text()?).ok();
        Ok(expect_list(&url, &answer)?.iter().filter_map(id).collect())
    }

    /// All offers of a publisher, in the service's order.
    ///
    /// Rows whose id could not be used in a request are left out with a warning. (`GET /api/publishers/{p}/offers`)
    pub async fn offers(&self, publisher: &PublisherId) -> Result<Vec<OfferSummary>, PortalError> {
        let url = self.endpoint().call(&["publishers", publisher.as_str(), "offers"]);
        let (_, answer) = self.transport.read(url.clone()).await?;
        let rows = expect_list(&url, &answer)?;
        let summaries: Vec<_> = rows.iter().filter_map(|row| wire::offer_summary(Node::new(row))).collect();
        if summaries.len() < rows.len() {
            warn!("{} of {} listed offers of {publisher} have no usable id", rows.len() - summaries.len(), rows.len());
        }
        Ok(summaries)
    }

    /// The draft of an offer, or `None` when there is no such offer. (`GET …/offers/{o}`)
    pub async fn offer(&self, key: &OfferKey) -> Result<Option<LiveDraft>, PortalError> {
        let Some((headers, document)) = self.read_document(self.offer_call(key, &[])).await? else { return Ok(None) };
        let etag = etag_of(&headers, document.as_value());
        Ok(Some(LiveDraft { document, etag }))
    }

    /// What is in a slot, or `None` when it is empty. (`GET …/offers/{o}/slot/{slot}`)
    pub async fn slot(&self, key: &OfferKey, slot: Slot) -> Result<Option<Document>, PortalError> {
        let found = self.read_document(self.offer_call(key, &["slot", slot.as_str()])).await?;
        Ok(found.map(|(_, document)| document))
    }

    /// A version of the document, or `None` when the service does not have it. (`GET …/offers/{o}/versions/{n}`)
    pub async fn version(&self, key: &OfferKey, version: u64) -> Result<Option<Document>, PortalError> {
        let found = self.read_document(self.offer_call(key, &["versions", &version.to_string()])).await?;
        Ok(found.map(|(_, document)| document))
    }

    /// How the newest submission stands, or `None` when there is no such offer. (`GET …/offers/{o}/status`)
    pub async fn status(&self, key: &OfferKey) -> Result<Option<StatusReport>, PortalError> {
        let url = self.offer_call(key, &["status"]);
        let report = self.read_object(url).await?;
        Ok(report.map(|(_, report)| wire::status_report(Node::new(&report))))
    }

    /// All submissions of an offer, in the service's order; none when there is no such offer.
    ///
    /// The service's two filters disagree about their name, so neither is used. (`GET …/offers/{o}/submissions/`)
    pub async fn submissions(&self, key: &OfferKey) -> Result<Vec<Submission>, PortalError> {
        let url = self.offer_call(key, &["submissions", ""]);
        let Some((_, answer)) = found(self.transport.read(url.clone()).await)? else { return Ok(Vec::new()) };
        let rows = expect_list(&url, &answer)?;
        Ok(rows.iter().map(|row| wire::submission(Node::new(row))).collect())
    }

    /// How an operation stands, or `None` when the service does not know it (any more).
    pub async fn operation(&self, location: &OperationLocation) -> Result<Option<Operation>, PortalError> {
        let answer = self.read_object(location.on(self.endpoint())).await?;
        Ok(answer.map(|(_, answer)| wire::operation(Node::new(&answer))))
    }

    pub(super) fn offer_call(&self, key: &OfferKey, rest: &[&str]) -> Url {
        let mut segments = vec!["publishers", key.publisher.as_str(), "offers", key.offer.as_str()];
        segments.extend(rest);
        self.endpoint().call(&segments)
    }

    async fn read_document(&self, url: Url) -> Result<Option<(HeaderMap, Document)>, PortalError> {
        let Some((headers, answer)) = found(self.transport.read(url.clone()).await)? else { return Ok(None) };
        match answer {
            Value::Object(_) => Ok(Some((headers, Document::new(answer)))),
            other => Err(unexpected(&url, "an object", &other)),
        }
    }

    /// Reads an object that may come as the only element of a list; an empty list is none.
    async fn read_object(&self, url: Url) -> Result<Option<(HeaderMap, Value)>, PortalError> {
        let Some((headers, answer)) = found(self.transport.read(url.clone()).await)? else { return Ok(None) };
        match answer {
            Value::Object(_) => Ok(Some((headers, answer))),
            Value::Array(mut elements) if elements.len() <= 1 && elements.iter().all(Value::is_object) => {
                Ok(elements.pop().map(|only| (headers, only)))
            }
            other => Err(unexpected(&url, "an object or a list of one", &other)),
        }
    }
}

impl fmt::Debug for ReadingClient {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "ReadingClient({})", self.endpoint())
    }
}

/// The version of a draft: the header, else the body in any of the spellings seen. Opaque, and never touched.
pub(super) fn etag_of(headers: &HeaderMap, body: &Value) -> Option<ETag> {
    // A header is bytes, not text: one character stands for each byte, and `WritingClient::put` turns it back.
    let in_header = headers.get(ETAG).map(|value| value.as_bytes().iter().copied().map(char::from).collect::<String>());
    let in_body = || ["eTag", "etag", "Etag", "ETag"].into_iter().find_map(|name| body.get(name)?.as_str());
    let in_header = in_header.filter(|etag| !etag.is_empty());
    in_header.or_else(|| in_body().map(str::to_owned)).filter(|etag| !etag.is_empty()).map(ETag::new)
}

/// 404 means that there is no such thing, which is an answer and no failure.
fn found<T>(outcome: Result<T, PortalError>) -> Result<Option<T>, PortalError> {
    match outcome {
        Ok(value) => Ok(Some(value)),
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(None),
        Err(error) => Err(error),
    }
}

fn expect_list<'a>(url: &Url, answer: &'a Value) -> Result<&'a [Value], PortalError> {
    match answer {
        Value::Array(rows) => Ok(rows),
        Value::Null => Ok(&[]),
        other => Err(unexpected(url, "a list", other)),
    }
}

fn unexpected(url: &Url, wanted: &str, got: &Value) -> PortalError {
    let got = match got {
        Value::Null => "null",
        Value::Bool(_) => "a boolean",
        Value::Number(_) => "a number",
        Value::String(_) => "a text",
        Value::Array(_) => "a list",
        Value::Object(_) => "an object",
    };
    let request = Request { method: Method::Get, url: url.clone(), if_match: None, body: None };
    Failure {
        status: Some(200),
        ..request.failure(ErrorKind::Unreadable, format!("the answer is {got}, not {wanted}"))
    }
    .into()
}

#[cfg(test)]
mod tests {
    use super::super::loopback::{Server, json, truncated, with_headers};
    use super::*;

    fn key() -> OfferKey {
        OfferKey::parse("contoso/contoso-vm").unwrap()
    }

    #[tokio::test]
    async fn every_call_goes_where_the_reference_says() {
        let nothing = || json(404, "");
        let server = Server::start([
            json(200, "[]"),
            json(200, "[]"),
            nothing(),
            nothing(),
            nothing(),
            nothing(),
            nothing(),
            nothing(),
        ])
        .await;
        let reader = server.reader();
        assert!(reader.publishers().await.unwrap().is_empty());
        assert!(reader.offers(&PublisherId::new("contoso").unwrap()).await.unwrap().is_empty());
        assert!(reader.offer(&key()).await.unwrap().is_none());
        assert!(reader.slot(&key(), Slot::Preview).await.unwrap().is_none());
        assert!(reader.version(&key(), 7).await.unwrap().is_none());
        assert!(reader.status(&key()).await.unwrap().is_none());
        assert!(reader.submissions(&key()).await.unwrap().is_empty());
        let location = OperationLocation::parse("/api/operations/contoso$contoso-vm$2$preview").unwrap();
        assert!(reader.operation(&location).await.unwrap().is_none());
        insta::assert_snapshot!(server.lines().join("\n"), @r"
        GET /api/publishers?api-version=2017-10-31 HTTP/1.1
        GET /api/publishers/contoso/offers?api-version=2017-10-31 HTTP/1.1
        GET /api/publishers/contoso/offers/contoso-vm?api-version=2017-10-31 HTTP/1.1
        GET /api/publishers/contoso/offers/contoso-vm/slot/preview?api-version=2017-10-31 HTTP/1.1
        GET /api/publishers/contoso/offers/contoso-vm/versions/7?api-version=2017-10-31 HTTP/1.1
        GET /api/publishers/contoso/offers/contoso-vm/status?api-version=2017-10-31 HTTP/1.1
        GET /api/publishers/contoso/offers/contoso-vm/submissions/?api-version=2017-10-31 HTTP/1.1
        GET /api/operations/contoso$contoso-vm$2$preview?api-version=2017-10-31 HTTP/1.1
        ");
        assert!(server.asked()[0].contains("user-agent: offerctl/"));
    }

    #[tokio::test]
    async fn the_document_and_its_version_come_untouched() {
        const TAG: &str = r#"W/"datetime'2017-06-07T06%3A15%3A40.4771399Z'""#;
        let body = r#"{"version":636576975611768314,"unknown":{"b":1.50,"a":null},"eTag":"in body"}"#;
        let server =
            Server::start([with_headers(200, &[("etag", TAG)], body), json(200, body), json(200, "\u{feff}{}")]).await;
        let reader = server.reader();
        let draft = reader.offer(&key()).await.unwrap().unwrap();
        assert_eq!(draft.etag, Some(ETag::new(TAG)));
        assert_eq!(draft.document.as_value(), &serde_json::from_str::<Value>(body).unwrap());
        assert_eq!(draft.document.version(), Some(636_576_975_611_768_314));
        assert_eq!(reader.offer(&key()).await.unwrap().unwrap().etag, Some(ETag::new("in body")));
        assert_eq!(reader.offer(&key()).await.unwrap().unwrap().etag, None);
    }

    #[tokio::test]
    async fn an_operation_is_an_object_or_a_list_of_one() {
        let one = r#"{"status":"Running","steps":[{"id":"live","status":"notStarted"}]}"#;
        let replies =
            [json(200, one), json(200, &format!("[{one}]")), json(200, "[]"), json(200, &format!("[{one},{one}]"))];
        let server = Server::start(replies).await;
        let reader = server.reader();
        let location = OperationLocation::parse("/api/operations/x").unwrap();
        let first = reader.operation(&location).await.unwrap().unwrap();
        assert_eq!(first.status, OperationStatus::Running);
        assert_eq!(reader.operation(&location).await.unwrap(), Some(first));
        assert_eq!(reader.operation(&location).await.unwrap(), None);
        assert_eq!(reader.operation(&location).await.unwrap_err().kind(), ErrorKind::Unreadable);
    }

    #[tokio::test]
    async fn what_is_no_document_is_an_error_and_not_an_absent_offer() {
        let deep = format!("{}{}", "[".repeat(500), "]".repeat(500));
        let large = format!("{{\"x\": \"{}\"}}", "y".repeat(20_000));
        let replies = [json(200, "null"), json(200, "<html>Sign in</html>"), json(200, &deep), json(200, &large)];
        let server = Server::start(replies).await;
        let reader = server.reader();
        let mut shown = Vec::new();
        for _ in 0..4 {
            let error = reader.offer(&key()).await.unwrap_err();
            assert_eq!(error.kind(), ErrorKind::Unreadable);
            shown.push(error.message().unwrap_or_default().to_owned());
        }
        insta::assert_snapshot!(shown.join("\n"), @r"
        the answer is null, not an object
        the answer is not JSON but a web page: Sign in
        the answer is not usable JSON: recursion limit exceeded at line 1 column 128
        the answer is larger than 10000 bytes
        ");
    }

    #[tokio::test]
    async fn half_an_answer_is_read_again() {
        for half in [truncated(200, "{\"a\":"), json(200, "{\"a\":"), json(200, "")] {
            let server = Server::start([half, json(200, "{\"a\":1}")]).await;
            let draft = server.reader().offer(&key()).await.unwrap().unwrap();
            assert_eq!(draft.document.into_value(), serde_json::json!({"a": 1}));
        }
    }
}
