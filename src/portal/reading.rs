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
    let in_header = headers.get(ETAG).and_then(|value| std::str::from_utf8(value.as_bytes()).ok());
    let in_body = || ["eTag", "etag", "Etag", "ETag"].into_iter().find_map(|name| body.get(name)?.as_str());
    in_header.filter(|etag| !etag.is_empty()).or_else(in_body).filter(|etag| !etag.is_empty()).map(ETag::new)
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
