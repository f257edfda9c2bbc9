//! The client that writes: the draft, and what starts and cancels submissions. Each request is sent once, since only a
//! look at the offer can tell what an unclear one did; that look is the executor's.

use std::sync::Arc;

use reqwest::StatusCode;
use reqwest::header::HeaderValue;
use serde_json::{Value, json};

use super::reading::etag_of;
use super::transport::{Answer, Request};
use super::{
    ClientError, ClientOptions, ErrorKind, Method, OperationLocation, PortalError, ReadingClient, TokenSource,
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
            Precondition::Matches(etag) => match HeaderValue::from_bytes(etag.as_str().as_bytes()) {
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

    fn request(&self, method: Method, key: &OfferKey, rest: &[&str], body: Option<&Value>) -> Request {
        // `Value`'s own text is its JSON; unlike `serde_json::to_vec` it cannot fail.
        let body = body.map(|body| body.to_string().into_bytes());
        Request { method, url: self.reading.offer_call(key, rest), if_match: None, body }
    }

    fn accepted(&self, answer: &Answer) -> Accepted {
        Accepted { location: OperationLocation::find(self.reading.endpoint(), &answer.headers, &answer.body) }
    }
}

/// The body of publish and cancel: the addresses in one text, with commas.
fn notify(notification_emails: &[String]) -> Value {
    json!({"metadata": {"notification-emails": notification_emails.join(",")}})
}
