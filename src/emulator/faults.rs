//! Faults: what goes wrong between a client and the service, matched by method and path, counted by request.
//!
//! Knows which request meets which effect; the server brings the effects about.

use std::collections::BTreeMap;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use axum::http::{Method, StatusCode};
use globset::{GlobBuilder, GlobMatcher};
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use serde_json::Value;

/// A fault that can match nothing.
#[derive(Debug, thiserror::Error)]
pub enum InvalidFault {
    /// The pattern cannot be read.
    #[error("the path pattern of a fault cannot be read: {0}; `*` stands for anything, `/` included")]
    Pattern(#[from] globset::Error),
    /// No answer can have this status.
    #[error("{0} is not the status of an answer; give 200 to 599")]
    Status(u16),
}

/// Something that goes wrong with some requests.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Fault {
    /// Only requests of this method; any when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub method: Option<String>,
    /// Only requests whose path, without query, matches: `*` is anything, `/` included. Without `*`, `?`, `[` or `{` it
    /// is a part of the path.
    #[serde(default = "anything")]
    pub path: String,
    /// The first matching request that it meets: 1 is the next one.
    #[serde(default = "first")]
    pub nth: u64,
    /// How many matching requests it meets from then on; `null` is all. Once when absent.
    #[serde(default = "once")]
    pub times: Option<u64>,
    /// What happens.
    pub effect: Effect,
}

fn anything() -> String {
    "*".to_owned()
}

fn first() -> u64 {
    1
}

#[expect(clippy::unnecessary_wraps, reason = "serde wants the field's type")]
fn once() -> Option<u64> {
    Some(1)
}

/// Whether the service did what it was asked before the fault strikes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum When {
    /// Nothing was done.
    #[default]
    BeforeActing,
    /// It was done, and only the answer is another.
    AfterActing,
}

/// On which clock a delay passes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum DelayClock {
    /// The caller waits.
    #[default]
    Real,
    /// The emulator's clock jumps, and nobody waits.
    Emulator,
}

/// What goes wrong.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", rename_all_fields = "camelCase", deny_unknown_fields)]
pub enum Effect {
    /// Another answer than the service's.
    Status {
        /// Its status.
        code: u16,
        /// Its headers: `Retry-After`, `Content-Type`.
        #[serde(default)]
        headers: BTreeMap<String, String>,
        /// A `Retry-After` that names a date, so much later than the emulator's clock, whose time comes along as `Date`.
        #[serde(
            default,
            skip_serializing_if = "Option::is_none",
            serialize_with = "write_some_duration",
            deserialize_with = "read_some_duration"
        )]
        retry_after_date: Option<Duration>,
        /// Its body: a string goes out as it is, anything else as JSON; none when null.
        #[serde(default)]
        body: Value,
        /// Whether the service acted first.
        #[serde(default)]
        when: When,
    },
    /// The answer comes late.
    Delay {
        /// By how much: `"2s"`.
        #[serde(serialize_with = "write_duration", deserialize_with = "read_duration")]
        duration: Duration,
        /// On which clock.
        #[serde(default)]
        clock: DelayClock,
    },
    /// The connection is reset, without a byte of an answer, before the service acted.
    ResetBefore,
    /// The connection is reset, without a byte of an answer, after the service acted.
    ResetAfter,
    /// The service acts; half of its answer's body arrives, then the connection ends.
    Truncate,
    /// The service acts; the connection ends in the middle of its answer's first line.
    TruncateHead,
    /// The service acts; of its answer only status and headers arrive, and they announce no body.
    EmptyBody,
    /// The connection stays open and no answer comes; the service did not act.
    HangBefore,
    /// The connection stays open and no answer comes; the service acted.
    HangAfter,
}

fn write_duration<S: Serializer>(duration: &Duration, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.collect_str(&humantime::format_duration(*duration))
}

fn read_duration<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Duration, D::Error> {
    let text = String::deserialize(deserializer)?;
    humantime::parse_duration(&text).map_err(serde::de::Error::custom)
}

#[expect(clippy::ref_option, reason = "serde hands over the field as it is")]
fn write_some_duration<S: Serializer>(duration: &Option<Duration>, serializer: S) -> Result<S::Ok, S::Error> {
    match duration {
        Some(duration) => write_duration(duration, serializer),
        None => serializer.serialize_none(),
    }
}

fn read_some_duration<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Duration>, D::Error> {
    read_duration(deserializer).map(Some)
}

struct Armed {
    fault: Fault,
    pattern: GlobMatcher,
    seen: u64,
    met: u64,
}

/// The faults of one emulator.
#[derive(Default)]
pub(super) struct FaultBook(Mutex<Vec<Armed>>);

impl FaultBook {
    /// Adds a fault, behind those that are there.
    pub(super) fn add(&self, fault: Fault) -> Result<(), InvalidFault> {
        if let Effect::Status { code, .. } = &fault.effect
            && (*code < 200 || StatusCode::from_u16(*code).is_err() || *code > 599)
        {
            return Err(InvalidFault::Status(*code));
        }
        let pattern =
            if fault.path.contains(['*', '?', '[', '{']) { fault.path.clone() } else { format!("*{}*", fault.path) };
        let pattern = GlobBuilder::new(&pattern).literal_separator(false).build()?.compile_matcher();
        self.armed().push(Armed { fault, pattern, seen: 0, met: 0 });
        Ok(())
    }

    /// Removes all faults.
    pub(super) fn clear(&self) {
        self.armed().clear();
    }

    /// The faults, with how many requests each has met.
    pub(super) fn list(&self) -> Vec<(Fault, u64)> {
        self.armed().iter().map(|armed| (armed.fault.clone(), armed.met)).collect()
    }

    /// What happens to this request. Every fault that matches counts it; the first that is due meets it.
    pub(super) fn meet(&self, method: &Method, path: &str) -> Option<Effect> {
        let mut due = None;
        for armed in self.armed().iter_mut() {
            let fault = &armed.fault;
            let is_method = fault.method.as_ref().is_none_or(|wanted| wanted.eq_ignore_ascii_case(method.as_str()));
            if !is_method || !armed.pattern.is_match(path) {
                continue;
            }
            armed.seen += 1;
            if due.is_none() && armed.seen >= fault.nth && fault.times.is_none_or(|times| armed.met < times) {
                armed.met += 1;
                due = Some(fault.effect.clone());
            }
        }
        due
    }

    fn armed(&self) -> MutexGuard<'_, Vec<Armed>> {
        // Counters at worst miss one request, so a poisoned lock holds nothing broken.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn book(faults: Value) -> FaultBook {
        let book = FaultBook::default();
        for fault in serde_json::from_value::<Vec<Fault>>(faults).unwrap() {
            book.add(fault).unwrap();
        }
        book
    }

    #[test]
    fn a_fault_meets_the_requests_that_it_was_made_for() {
        let book =
            book(json!([{"method": "put", "path": "/offers/vm", "nth": 2, "times": 1, "effect": "reset-after"}]));
        let meet = |method, path| book.meet(&method, path).is_some();
        assert!(!meet(Method::PUT, "/api/publishers/contoso/offers/vm"), "the first one");
        assert!(!meet(Method::GET, "/api/publishers/contoso/offers/vm"), "another method");
        assert!(!meet(Method::PUT, "/api/publishers/contoso/offers/other"), "another path");
        assert!(meet(Method::PUT, "/api/publishers/contoso/offers/vm"), "the second one");
        assert!(!meet(Method::PUT, "/api/publishers/contoso/offers/vm"), "only once");
    }

    #[test]
    fn stars_cross_slashes_and_null_times_never_end() {
        let book = book(json!([{"path": "/api/*/status", "times": null, "effect": {"status": {"code": 502}}}]));
        for _ in 0..3 {
            assert!(book.meet(&Method::GET, "/api/publishers/contoso/offers/vm/status").is_some());
        }
        assert!(book.meet(&Method::GET, "/api/publishers/contoso/offers/vm").is_none());
    }

    #[test]
    fn effects_read_back_and_nonsense_is_refused() {
        let dated = json!({"status": {"code": 429, "retryAfterDate": "2h"}});
        for effect in [json!({"delay": {"duration": "1m 30s", "clock": "emulator"}}), dated, json!("hang-after")] {
            let fault: Fault = serde_json::from_value(json!({"effect": effect})).unwrap();
            assert_eq!(serde_json::from_value::<Fault>(serde_json::to_value(&fault).unwrap()).unwrap(), fault);
        }
        assert!(serde_json::from_value::<Fault>(json!({"effect": "explode"})).is_err());
        assert!(serde_json::from_value::<Fault>(json!({"effect": "truncate", "pth": "x"})).is_err());
        let status = |code| {
            let effect = Effect::Status {
                code,
                headers: BTreeMap::new(),
                retry_after_date: None,
                body: Value::Null,
                when: When::default(),
            };
            FaultBook::default().add(Fault { method: None, path: "*".into(), nth: 1, times: None, effect })
        };
        assert!(status(429).is_ok() && status(99).is_err() && status(600).is_err());
    }
}
