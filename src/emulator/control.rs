//! The emulator's own calls, under `/_emulator/`, for tests and for trying out. They need no token and meet no faults.
//!
//! The table of them is in the documentation of [`crate::emulator`].

use axum::http::{Method, StatusCode};
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};

use super::faults::{Fault, FaultBook};
use super::reply::Reply;
use super::requests::RequestLog;
use super::service::{Call, Service, is_identifier};
use super::store::Address;
use super::submission::{Outcome, StageId};
use super::validate;

/// The first segment of every path here.
pub(super) const PREFIX: &str = "_emulator";

/// What the calls of this room act on.
pub(super) struct Control<'a> {
    pub(super) service: &'a Service,
    pub(super) faults: &'a FaultBook,
    pub(super) requests: &'a RequestLog,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Advance {
    advance: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Edit {
    definition: Value,
}

impl Control<'_> {
    /// Answers a call under `/_emulator/`.
    pub(super) fn answer(&self, call: &Call) -> Reply {
        let segments: Vec<&str> = call.segments.iter().skip(1).map(String::as_str).collect();
        let answer = match (&call.method, segments.as_slice()) {
            (&Method::GET, ["clock"]) => Ok(self.clock()),
            (&Method::POST, ["clock"]) => self.advance(call),
            (&Method::GET, ["faults"]) => Ok(self.faults()),
            (&Method::POST, ["faults"]) => self.add_fault(call),
            (&Method::DELETE, ["faults"]) => {
                self.faults.clear();
                Ok(Reply::empty(StatusCode::NO_CONTENT))
            }
            (&Method::GET, ["requests"]) => Ok(Reply::ok(self.requests.report())),
            (&Method::DELETE, ["requests"]) => {
                self.requests.clear();
                Ok(Reply::empty(StatusCode::NO_CONTENT))
            }
            (method, ["offers", publisher, offer, rest @ ..]) if is_identifier(publisher) && is_identifier(offer) => {
                let address = Address { publisher: (*publisher).to_owned(), offer: (*offer).to_owned() };
                match (method, rest) {
                    (&Method::GET, []) => Ok(self.offer(&address)),
                    (&Method::POST, ["edit"]) => self.edit(&address, call),
                    (&Method::POST, ["outcome"]) => self.script(&address, call),
                    _ => Err(unknown()),
                }
            }
            _ => Err(unknown()),
        };
        answer.unwrap_or_else(|refusal| refusal)
    }

    fn clock(&self) -> Reply {
        Reply::ok(json!({"now": self.service.clock.now().full()}))
    }

    fn advance(&self, call: &Call) -> Result<Reply, Reply> {
        let Advance { advance } = read(call)?;
        let by = humantime::parse_duration(&advance)
            .map_err(|error| Reply::bad_request(format!("\"{advance}\" is not a duration: {error}.")))?;
        self.service.clock.advance(by).map_err(|error| Reply::broken(&error))?;
        Ok(self.clock())
    }

    fn faults(&self) -> Reply {
        let rows = self.faults.list().into_iter().map(|(fault, met)| json!({"fault": fault, "met": met}));
        Reply::ok(rows.collect())
    }

    fn add_fault(&self, call: &Call) -> Result<Reply, Reply> {
        self.faults.add(read::<Fault>(call)?).map_err(|error| Reply::bad_request(error.to_string()))?;
        Ok(Reply::empty(StatusCode::CREATED))
    }

    fn offer(&self, address: &Address) -> Reply {
        match self.service.store.read(address) {
            Ok(Some(record)) => match serde_json::to_value(&*record) {
                Ok(kept) => Reply::ok(kept),
                Err(error) => Reply::broken(&error),
            },
            Ok(None) => self.service.no_such_offer(address),
            Err(error) => Reply::broken(&error),
        }
    }

    fn edit(&self, address: &Address, call: &Call) -> Result<Reply, Reply> {
        let Edit { definition: patch } = read(call)?;
        Ok(self.service.change(address, |record, now| {
            let Some(mut record) = record else { return (None, self.service.no_such_offer(address)) };
            let mut definition = record.draft().map(|draft| (*draft.definition).clone()).unwrap_or_default();
            json_patch::merge(&mut definition, &patch);
            if let Err(flaw) = validate::check_definition(&definition) {
                return (None, Reply::bad_request(flaw));
            }
            self.service.keep(address, &mut record, definition, now);
            let nonce = self.service.nonce();
            let reply = self.service.draft_reply(&self.service.view(address, &record, now, &nonce), StatusCode::OK);
            (Some(record), reply)
        }))
    }

    fn script(&self, address: &Address, call: &Call) -> Result<Reply, Reply> {
        let outcome: Outcome = read(call)?;
        if outcome.stage == StageId::Signoff {
            return Err(Reply::bad_request("The sign-off is the publisher's: nothing happens in it by itself."));
        }
        Ok(self.service.change(address, |record, _| {
            let Some(mut record) = record else { return (None, self.service.no_such_offer(address)) };
            record.script(outcome);
            (Some(record), Reply::empty(StatusCode::NO_CONTENT))
        }))
    }
}

fn read<T: DeserializeOwned>(call: &Call) -> Result<T, Reply> {
    serde_json::from_slice(&call.body).map_err(|error| Reply::bad_request(format!("The body cannot be read: {error}.")))
}

fn unknown() -> Reply {
    Reply::not_found("The emulator has no such call; its documentation lists them under /_emulator/.")
}
