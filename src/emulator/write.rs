//! The calls that change something: PUT, publish, go-live, cancel, each as strict as the reference allows.
//!
//! Where the reference is silent the emulator decides: a PUT while a submission runs is accepted, since the submission
//! carries its own version; a PUT replaces the whole definition, so keys that are not sent are gone, secrets too; an
//! `If-Match` with an ETag for an offer that does not exist answers 404, and one with `*` creates it.

use axum::http::StatusCode;
use serde_json::Value;

use super::authentication::API_VERSION;
use super::clock::Moment;
use super::derived;
use super::normalize::Context;
use super::quirks::Quirk;
use super::record::Record;
use super::reply::Reply;
use super::service::{Call, Service};
use super::store::Address;
use super::submission::{Kind, Standing};
use super::validate;
use super::wire;

/// Where versions start counting under [`Quirk::HugeVersions`].
const HUGE_VERSION: u64 = 636_576_975_611_768_314;

impl Service {
    /// PUT of an offer.
    pub(super) fn put(&self, address: &Address, call: &Call) -> Reply {
        if call.content_type.as_ref().is_some_and(|kind| !kind.to_ascii_lowercase().contains("json")) {
            let message = "The Content-Type of the request must be application/json.";
            return Reply::refused(StatusCode::UNSUPPORTED_MEDIA_TYPE, "UnsupportedMediaType", message);
        }
        self.change(address, |record, now| match self.written(address, call, record, now) {
            Ok((record, status)) => {
                let nonce = self.nonce();
                let reply = self.draft_reply(&self.view(address, &record, now, &nonce), status);
                (Some(record), reply)
            }
            Err(refusal) => (None, refusal),
        })
    }

    fn written(
        &self,
        address: &Address,
        call: &Call,
        record: Option<Record>,
        now: Moment,
    ) -> Result<(Record, StatusCode), Reply> {
        self.check_precondition(address, call.if_match.as_deref(), record.as_ref())?;
        let sent = validate::read_offer(&call.body, &address.publisher, &address.offer).map_err(Reply::bad_request)?;
        let (mut record, status) = match record {
            Some(record) if record.offer_type != sent.offer_type => {
                let message = format!("The offerTypeId \"{}\" of an offer cannot change.", record.offer_type);
                return Err(Reply::bad_request(message));
            }
            Some(record) if record.is_busy(now) && self.quirks.has(Quirk::PutRefusedWhileRunning) => {
                return Err(self.busy(address));
            }
            Some(record) => (record, StatusCode::OK),
            None => {
                let first = if self.quirks.has(Quirk::HugeVersions) { HUGE_VERSION } else { 1 };
                let created = !self.quirks.has(Quirk::CreateAnswers200);
                let status = if created { StatusCode::CREATED } else { StatusCode::OK };
                (Record::new(&sent.offer_type, first), status)
            }
        };
        self.keep(address, &mut record, sent.definition, now);
        Ok((record, status))
    }

    /// Makes a definition the draft, with the changes that the service makes on the way.
    pub(super) fn keep(&self, address: &Address, record: &mut Record, definition: Value, now: Moment) {
        let context = Context {
            seed: self.seed,
            publisher: &address.publisher,
            offer: &address.offer,
            offer_type: &record.offer_type,
        };
        let kept = context.keep(definition, record.next_version());
        record.write(kept, now);
    }

    fn check_precondition(
        &self,
        address: &Address,
        if_match: Option<&str>,
        record: Option<&Record>,
    ) -> Result<(), Reply> {
        let draft = record.and_then(Record::draft);
        match (if_match, draft) {
            (None, None) | (Some("*"), _) => Ok(()),
            (Some(_), None) => Err(self.no_such_offer(address)),
            (Some(given), Some(draft)) if given == wire::etag(draft) => Ok(()),
            (Some(_), Some(_)) => {
                let message = "The offer was changed since it was read: the ETag of If-Match is not its ETag.";
                Err(Reply::refused(StatusCode::PRECONDITION_FAILED, "PreconditionFailed", message))
            }
            (None, Some(_)) if self.quirks.has(Quirk::MissingIfMatchAccepted) || self.quirks.has(Quirk::NoETag) => {
                Ok(())
            }
            (None, Some(_)) if self.quirks.has(Quirk::MissingIfMatchConflicts) => {
                let message = "Offer ID already exists. Choose another one, or send its ETag in If-Match to change it.";
                Err(Reply::refused(StatusCode::CONFLICT, "InvalidResourceId", message))
            }
            (None, Some(_)) => Err(Reply::bad_request("The If-Match header is required to change an existing offer.")),
        }
    }

    /// POST publish: the draft becomes a submission towards the preview slot.
    pub(super) fn publish(&self, address: &Address, call: &Call) -> Reply {
        let emails = match notification_emails(&call.body) {
            Ok(emails) => emails,
            Err(refusal) => return refusal,
        };
        self.change(address, |record, now| {
            let Some(mut record) = record else { return (None, self.no_such_offer(address)) };
            let Some(draft) = record.draft() else { return (None, self.no_such_offer(address)) };
            let flaws = validate::before_publishing(&record.offer_type, &draft.definition);
            if record.is_busy(now) {
                return (None, self.busy(address));
            }
            if !flaws.is_empty() {
                let reply = Reply::refused(StatusCode::UNPROCESSABLE_ENTITY, "ValidationFailed", flaws.join(" "));
                return (None, reply);
            }
            let version = record.version();
            let reply = self.submit(address, &mut record, Kind::Publish, version, emails, now);
            (Some(record), reply)
        })
    }

    /// POST golive: what is in the preview slot becomes a submission towards production.
    pub(super) fn go_live(&self, address: &Address) -> Reply {
        self.change(address, |record, now| {
            let Some(mut record) = record else { return (None, self.no_such_offer(address)) };
            let ready = record.newest().filter(|newest| newest.standing(now) == Standing::AwaitingSignoff);
            let Some((version, emails)) = ready.map(|newest| (newest.offer_version, newest.emails.clone())) else {
                let message = format!("Offer ID {} is not waiting for publisher signoff.", address.offer);
                return (None, Reply::bad_request(message));
            };
            let reply = self.submit(address, &mut record, Kind::GoLive, version, emails, now);
            (Some(record), reply)
        })
    }

    fn submit(
        &self,
        address: &Address,
        record: &mut Record,
        kind: Kind,
        version: u64,
        emails: String,
        now: Moment,
    ) -> Reply {
        let number = record.next_publishing_version().to_string();
        let id = derived::guid(self.seed, &["submission", &address.publisher, &address.offer, &number]);
        record.submit(id.clone(), kind, version, emails, now, self.timing);
        self.accepted(address, &id)
    }

    /// POST cancel: 202 even when nothing runs, as the service was seen to do.
    pub(super) fn cancel(&self, address: &Address, call: &Call) -> Reply {
        if let Err(refusal) = notification_emails(&call.body) {
            return refusal;
        }
        self.change(address, |record, now| {
            let Some(mut record) = record else { return (None, self.no_such_offer(address)) };
            let is_immediate = self.quirks.has(Quirk::CancelIsImmediate);
            let effective = if is_immediate { now } else { now.after(self.timing.cancel) };
            let (publisher, offer) = (&address.publisher, &address.offer);
            let id =
                derived::guid(self.seed, &["cancel", publisher, offer, &now.big_number().to_string(), &self.nonce()]);
            record.cancel(id.clone(), now, effective);
            let reply = if is_immediate { Reply::empty(StatusCode::OK) } else { self.accepted(address, &id) };
            (Some(record), reply)
        })
    }

    fn busy(&self, address: &Address) -> Reply {
        let message = format!("A submission of Offer ID {} is in progress.", address.offer);
        if self.quirks.has(Quirk::BusyAnswers400) {
            Reply::bad_request(message)
        } else {
            Reply::refused(StatusCode::CONFLICT, "Conflict", message)
        }
    }

    /// 202, and where the operation can be followed.
    ///
    /// Older clients read only `Operation-Location` and newer ones only `Location`, so both come with the same value.
    fn accepted(&self, address: &Address, id: &str) -> Reply {
        let Address { publisher, offer } = address;
        let reply = Reply::empty(StatusCode::ACCEPTED);
        if self.quirks.has(Quirk::NoLocation) {
            return reply;
        }
        let path = if self.quirks.has(Quirk::NonMigratedLocation) {
            format!("/api/operations/{publisher}${offer}$2$preview?api-version={API_VERSION}")
        } else {
            format!("/api/publishers/{publisher}/offers/{offer}/operations/{id}?api-version={API_VERSION}")
        };
        if self.quirks.has(Quirk::AbsoluteOperationLocation) {
            reply.with_header("operation-location", format!("{}{path}", self.url))
        } else if self.quirks.has(Quirk::LocationOnly) {
            reply.with_header("location", path)
        } else {
            reply.with_header("location", path.clone()).with_header("operation-location", path)
        }
    }
}

/// Reads `{"metadata": {"notification-emails": "a@x,b@y"}}`; no body at all is fine too.
fn notification_emails(body: &[u8]) -> Result<String, Reply> {
    if body.iter().all(u8::is_ascii_whitespace) {
        return Ok(String::new());
    }
    let body: Value =
        serde_json::from_slice(body).map_err(|error| Reply::bad_request(format!("The body is not JSON: {error}.")))?;
    match body.pointer("/metadata/notification-emails") {
        None | Some(Value::Null) if body.is_object() => Ok(String::new()),
        Some(Value::String(emails)) => Ok(emails.clone()),
        _ => Err(Reply::bad_request("metadata.notification-emails is not a string.")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_body_with_emails_is_optional_and_read_strictly() {
        assert_eq!(notification_emails(b""), Ok(String::new()));
        assert_eq!(notification_emails(b"{}"), Ok(String::new()));
        assert_eq!(
            notification_emails(br#"{"metadata": {"notification-emails": "a@x,b@y"}}"#),
            Ok("a@x,b@y".to_owned())
        );
        for bad in [&b"{"[..], b"[]", br#"{"metadata": {"notification-emails": ["a@x"]}}"#] {
            assert!(notification_emails(bad).is_err(), "{}", String::from_utf8_lossy(bad));
        }
    }
}
