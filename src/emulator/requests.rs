//! What was asked of the service: counts by method and path, and the latest requests, so that a test can say
//! "exactly one publish".

use std::collections::{BTreeMap, VecDeque};
use std::sync::{Mutex, MutexGuard, PoisonError};

use axum::http::Method;
use serde_json::{Value, json};

/// So many requests are kept one by one; the counts go on.
const KEPT: usize = 10_000;

/// One request.
#[derive(Debug, Clone)]
pub(super) struct Entry {
    pub(super) method: Method,
    pub(super) path: String,
    pub(super) if_match: Option<String>,
    /// `None` when the connection was reset instead.
    pub(super) status: Option<u16>,
}

#[derive(Default)]
struct Entries {
    counts: BTreeMap<(String, String), u64>,
    latest: VecDeque<Entry>,
}

/// The requests of one emulator's life; those to `/_emulator/` are not among them.
#[derive(Default)]
pub(super) struct RequestLog(Mutex<Entries>);

impl RequestLog {
    /// Notes a request that was answered, or not.
    pub(super) fn note(&self, entry: Entry) {
        let mut entries = self.entries();
        *entries.counts.entry((entry.method.to_string(), entry.path.clone())).or_default() += 1;
        entries.latest.push_back(entry);
        if entries.latest.len() > KEPT {
            entries.latest.pop_front();
        }
    }

    /// Forgets all of them.
    pub(super) fn clear(&self) {
        *self.entries() = Entries::default();
    }

    /// `{total, counts: [{method, path, count}], requests: [{method, path, ifMatch, status}]}`, oldest first.
    pub(super) fn report(&self) -> Value {
        let entries = self.entries();
        let counts: Vec<Value> = entries
            .counts
            .iter()
            .map(|((method, path), count)| json!({"method": method, "path": path, "count": count}))
            .collect();
        let requests: Vec<Value> = entries
            .latest
            .iter()
            .map(|entry| {
                json!({"method": entry.method.as_str(), "path": entry.path, "ifMatch": entry.if_match, "status": entry.status})
            })
            .collect();
        json!({"total": entries.counts.values().sum::<u64>(), "counts": counts, "requests": requests})
    }

    fn entries(&self) -> MutexGuard<'_, Entries> {
        // An entry is at worst missing, so a poisoned lock holds nothing broken.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
