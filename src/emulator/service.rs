//! The service itself, without any transport: one call in, one reply out.
//!
//! Synchronous throughout, since all it waits for is its own disk; the server runs it off the reactor.

use std::sync::atomic::{AtomicU64, Ordering};

use axum::body::Bytes;
use axum::http::{Method, StatusCode};
use serde_json::{Value, json};

use super::authentication::{self, Demands};
use super::clock::{Clock, Moment};
use super::derived;
use super::quirks::{Quirk, Quirks};
use super::record::Record;
use super::reply::Reply;
use super::store::{Address, Store, StoreError};
use super::timing::Timing;
use super::wire::{self, View};

/// The offer types that `GET /api/offerTypes` lists: those whose keys are known.
const OFFER_TYPES: [(&str, &str); 3] = [
    ("microsoft-azure-virtualmachines", "Virtual Machine"),
    ("microsoft-azure-corevm", "Core Virtual Machine"),
    ("microsoft-azure-applications", "Azure Application"),
];

/// A request, taken apart.
#[derive(Debug, Clone)]
pub(super) struct Call {
    pub(super) method: Method,
    /// The path, percent-decoded, without empty segments at its end.
    pub(super) segments: Vec<String>,
    pub(super) query: Vec<(String, String)>,
    pub(super) authorization: Option<String>,
    pub(super) if_match: Option<String>,
    pub(super) content_type: Option<String>,
    pub(super) body: Bytes,
}

/// What serves every call.
pub(super) struct Service {
    pub(super) store: Store,
    pub(super) clock: Clock,
    pub(super) timing: Timing,
    pub(super) quirks: Quirks,
    pub(super) demands: Demands,
    pub(super) seed: u64,
    pub(super) url: String,
    pub(super) answers: AtomicU64,
}

/// A publisher or offer id that can stand in a URL and in a file name.
pub(super) fn is_identifier(text: &str) -> bool {
    (1..=128).contains(&text.len())
        && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.'))
        && !text.starts_with('.')
}

impl Service {
    /// Answers a call of the service's API.
    pub(super) fn answer(&self, call: &Call) -> Reply {
        let checked = self
            .demands
            .check_token(call.authorization.as_deref())
            .and_then(|()| authentication::check_api_version(&call.query));
        match checked {
            Ok(()) => self.route(call),
            Err(refusal) => refusal,
        }
    }

    fn route(&self, call: &Call) -> Reply {
        let segments: Vec<&str> = call.segments.iter().map(String::as_str).collect();
        match (&call.method, segments.as_slice()) {
            (&Method::GET, ["api", "publishers"]) => self.publishers(),
            (&Method::GET, ["api", "offerTypes"]) => offer_types(),
            (&Method::GET, ["api", "operations", name]) => self.operation_by_name(name),
            (_, ["api", "publishers" | "offerTypes"] | ["api", "operations", _]) => method_not_allowed(),
            (_, ["api", "publishers", publisher, "offers", rest @ ..]) => {
                if !is_identifier(publisher) {
                    return Reply::bad_request(format!("\"{publisher}\" is not a publisher id."));
                }
                match self.demands.check_publisher(publisher) {
                    Ok(()) => self.route_publisher(call, publisher, rest),
                    Err(refusal) => refusal,
                }
            }
            _ => no_such_path(),
        }
    }

    fn route_publisher(&self, call: &Call, publisher: &str, rest: &[&str]) -> Reply {
        let Some((offer, rest)) = rest.split_first() else {
            return if call.method == Method::GET { self.offers(publisher, &call.query) } else { method_not_allowed() };
        };
        if !is_identifier(offer) {
            return Reply::bad_request(format!("\"{offer}\" is not an offer id."));
        }
        let address = Address { publisher: publisher.to_owned(), offer: (*offer).to_owned() };
        match (&call.method, rest) {
            (&Method::GET, []) => self.draft(&address),
            (&Method::PUT, []) => self.put(&address, call),
            (&Method::GET, ["slot", slot]) => self.slot(&address, slot),
            (&Method::GET, ["versions", number]) => self.version(&address, number),
            (&Method::GET, ["status"]) => self.with_view(&address, |view| Reply::ok(view.status())),
            (&Method::GET, ["submissions"]) => self.submissions(&address, &call.query),
            (&Method::GET, ["operations", id]) => self.operation(&address, id),
            (&Method::POST, ["publish"]) => self.publish(&address, call),
            (&Method::POST, ["golive"]) => self.go_live(&address),
            (&Method::POST, ["cancel"]) => self.cancel(&address, call),
            (
                _,
                []
                | ["status" | "submissions" | "publish" | "golive" | "cancel"]
                | ["slot" | "versions" | "operations", _],
            ) => method_not_allowed(),
            _ => no_such_path(),
        }
    }

    fn publishers(&self) -> Reply {
        let names = match &self.demands.publishers {
            named if !named.is_empty() => Ok(named.clone()),
            _ => self.store.publishers(),
        };
        let row = |name: String| {
            json!({"id": name, "version": 1,
                "definition": {"displayText": name, "offerTypeCategories": [], "sellerId": 0}})
        };
        match names {
            Ok(names) => Reply::ok(names.into_iter().map(row).collect()),
            Err(error) => Reply::broken(&error),
        }
    }

    fn offers(&self, publisher: &str, query: &[(String, String)]) -> Reply {
        let wanted = match query.iter().find(|(name, _)| name == "$filter") {
            None => None,
            Some((_, filter)) => match filtered_type(filter) {
                Some(offer_type) => Some(offer_type),
                None => return Reply::bad_request(format!("The filter \"{filter}\" cannot be read.")),
            },
        };
        let offers = match self.store.offers(publisher) {
            Ok(offers) => offers,
            Err(error) => return Reply::broken(&error),
        };
        let (now, nonce) = (self.clock.now(), self.nonce());
        let rows = offers.iter().filter(|(_, record)| wanted.is_none_or(|wanted| record.offer_type == wanted));
        Reply::ok(
            rows.filter_map(|(address, record)| Some(self.view(address, record, now, &nonce).row(record.draft()?)))
                .collect(),
        )
    }

    /// The draft, with its ETag.
    fn draft(&self, address: &Address) -> Reply {
        self.with_view(address, |view| self.draft_reply(view, StatusCode::OK))
    }

    /// The draft as the answer of a GET or a PUT.
    pub(super) fn draft_reply(&self, view: &View<'_>, status: StatusCode) -> Reply {
        let Some(draft) = view.record.draft() else { return self.no_such_offer(view.address) };
        let reply = Reply::json(status, view.document(view.record.version(), draft));
        if [Quirk::ETagInBody, Quirk::CapitalETagInBody, Quirk::NoETag].into_iter().any(|quirk| self.quirks.has(quirk))
        {
            reply
        } else {
            reply.with_header("etag", wire::etag(draft))
        }
    }

    fn slot(&self, address: &Address, slot: &str) -> Reply {
        self.with_view(address, |view| {
            let (name, number) = match slot.to_ascii_lowercase().as_str() {
                "draft" => return self.draft_reply(view, StatusCode::OK),
                "preview" => ("Staging", view.record.preview(view.now)),
                "production" => ("Production", view.record.production(view.now)),
                _ => return Reply::bad_request(format!("\"{slot}\" is not a slot.")),
            };
            match number.and_then(|number| Some((number, view.record.at(number)?))) {
                Some((number, version)) => Reply::ok(view.document(number, version)),
                None => Reply::not_found(format!("There is no {name} slot deployed for Offer ID {}", address.offer)),
            }
        })
    }

    fn version(&self, address: &Address, number: &str) -> Reply {
        let Ok(number) = number.parse::<u64>() else {
            return Reply::bad_request(format!("\"{number}\" is not a version."));
        };
        self.with_view(address, |view| match view.record.at(number) {
            Some(version) => Reply::ok(view.document(number, version)),
            None => Reply::not_found(format!("There is no version {number} of Offer ID {}", address.offer)),
        })
    }

    /// Newest first. `status` of the reference and `submissionState` of other clients both filter.
    fn submissions(&self, address: &Address, query: &[(String, String)]) -> Reply {
        let wanted = query.iter().find(|(name, _)| name == "status" || name == "submissionState");
        let is_wanted = |row: &Value| {
            let state = row["submissionState"].as_str().unwrap_or_default();
            wanted.is_none_or(|(_, wanted)| wanted.eq_ignore_ascii_case(state))
        };
        self.with_view(address, |view| {
            let rows = view.record.submissions().iter().rev().map(|submission| view.submission(submission));
            Reply::ok(rows.filter(is_wanted).collect())
        })
    }

    fn operation(&self, address: &Address, id: &str) -> Reply {
        self.with_view(address, |view| {
            let same = |other: &str| other.eq_ignore_ascii_case(id);
            if let Some(submission) = view.record.submissions().iter().find(|submission| same(&submission.id)) {
                return Reply::ok(view.operation(submission));
            }
            match view.record.cancellations().iter().find(|cancellation| same(&cancellation.id)) {
                Some(cancellation) => Reply::ok(view.cancellation(cancellation.done)),
                None => Reply::not_found(format!("There is no operation {id} of Offer ID {}", address.offer)),
            }
        })
    }

    /// `{publisher}${offer}$2$preview`, the newest operation of an offer that was not migrated.
    fn operation_by_name(&self, name: &str) -> Reply {
        let parts: Vec<&str> = name.split('$').collect();
        let [publisher, offer, "2", "preview" | "production"] = parts.as_slice() else { return no_such_path() };
        if !is_identifier(publisher) || !is_identifier(offer) {
            return no_such_path();
        }
        if let Err(refusal) = self.demands.check_publisher(publisher) {
            return refusal;
        }
        let address = Address { publisher: (*publisher).to_owned(), offer: (*offer).to_owned() };
        self.with_view(&address, |view| match view.record.newest() {
            Some(newest) => Reply::ok(view.operation(newest)),
            None => Reply::not_found(format!("There is no operation of Offer ID {offer}")),
        })
    }

    /// Answers from an offer's record, or 404.
    fn with_view(&self, address: &Address, answer: impl FnOnce(&View<'_>) -> Reply) -> Reply {
        match self.store.read(address) {
            Ok(Some(record)) => answer(&self.view(address, &record, self.clock.now(), &self.nonce())),
            Ok(None) => self.no_such_offer(address),
            Err(error) => Reply::broken(&error),
        }
    }

    /// Answers by changing an offer's record; a reply without a record changes nothing.
    pub(super) fn change(
        &self,
        address: &Address,
        change: impl FnOnce(Option<Record>, Moment) -> (Option<Record>, Reply),
    ) -> Reply {
        let changed: Result<Reply, StoreError> = self.store.update(address, |record| change(record, self.clock.now()));
        changed.unwrap_or_else(|error| Reply::broken(&error))
    }

    /// An offer as an answer shows it.
    pub(super) fn view<'a>(
        &'a self,
        address: &'a Address,
        record: &'a Record,
        now: Moment,
        nonce: &'a str,
    ) -> View<'a> {
        View { address, record, quirks: &self.quirks, seed: self.seed, now, nonce }
    }

    /// 404 for an offer that does not exist, in the words of the backend that answers.
    pub(super) fn no_such_offer(&self, address: &Address) -> Reply {
        let offer = &address.offer;
        if !self.quirks.has(Quirk::ServiceErrorBodies) {
            return Reply::not_found(format!("There is no offer with Offer ID {offer}"));
        }
        let kind = "Microsoft.Ingestion.Api.Common.Exceptions.Http404Exception";
        let error = format!(
            "{kind}: CPP product {offer} not found in current PC environment.\r\n   at Microsoft.Ingestion.Api.Controllers"
        );
        let body: Value = json!({"Product": {"serviceName": "Product", "error": error,
            "exceptionCode": "Http404Exception", "httpStatusCode": "NotFound"}});
        Reply::json(StatusCode::NOT_FOUND, body)
    }

    /// A text that no other answer of this emulator had.
    pub(super) fn nonce(&self) -> String {
        self.answers.fetch_add(1, Ordering::Relaxed).to_string()
    }

    /// The id that the next answer carries in `X-Ms-Correlation-Request-Id`.
    pub(super) fn correlation_id(&self) -> String {
        derived::guid(self.seed, &["correlation", &self.nonce()])
    }
}

/// Reads `offerTypeId eq 'microsoft-azure-virtualmachines'`.
fn filtered_type(filter: &str) -> Option<&str> {
    let mut words = filter.split_whitespace();
    match (words.next()?, words.next()?, words.next()?, words.next()) {
        ("offerTypeId", "eq", quoted, None) => quoted.strip_prefix('\'')?.strip_suffix('\''),
        _ => None,
    }
}

fn offer_types() -> Reply {
    let row = |(id, text): &(&str, &str)| json!({"id": id, "version": 1, "definition": {"displayText": text}});
    Reply::ok(OFFER_TYPES.iter().map(row).collect())
}

fn method_not_allowed() -> Reply {
    let message = "The requested resource does not support this http method.";
    Reply::json(StatusCode::METHOD_NOT_ALLOWED, json!({"Message": message}))
}

fn no_such_path() -> Reply {
    Reply::json(StatusCode::NOT_FOUND, json!({"Message": "No HTTP resource was found that matches the request URI."}))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_one_filter_is_read() {
        assert_eq!(filtered_type("offerTypeId eq 'x'"), Some("x"));
        for bad in ["offerTypeId ne 'x'", "offerTypeId eq x", "offerTypeId eq 'x' or 1", ""] {
            assert_eq!(filtered_type(bad), None, "{bad}");
        }
    }

    #[test]
    fn identifiers_cannot_leave_the_folder() {
        assert!(is_identifier("contoso-vm.2_x"));
        for bad in ["", "..", ".hidden", "a/b", "a b", "a%2f"] {
            assert!(!is_identifier(bad), "{bad}");
        }
    }
}
