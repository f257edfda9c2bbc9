//! A document without what the service alone decides: what may be sent back, and what a content digest covers.

use serde_json::Value;

use super::url::address;
use crate::offer::{Catalogue, Ownership, REDACTED, Rules, ValueKind, canonical_digest, without_signatures};

/// The document without volatile keys and without keys that a PUT refuses; everything else is kept, known or not.
pub fn without_service_keys(catalogue: &Catalogue, document: &Value) -> Value {
    let mut cleaned = document.clone();
    strip(catalogue.rules(), &mut cleaned);
    cleaned
}

fn strip(rules: Rules<'_>, value: &mut Value) {
    match value {
        Value::Object(map) => map.retain(|key, child| {
            let rules = rules.child(key);
            let kept = rules.field().ownership == Ownership::Publisher;
            if kept {
                strip(rules, child);
            }
            kept
        }),
        Value::Array(items) => {
            for (index, item) in items.iter_mut().enumerate() {
                strip(rules.child(&index.to_string()), item);
            }
        }
        _ => {}
    }
}

/// A digest of what somebody wrote: it stays the same when only versions, time stamps or signatures changed.
pub fn content_digest(catalogue: &Catalogue, document: &Value) -> String {
    canonical_digest(&fit_for_record(catalogue, &without_service_keys(catalogue, document)))
}

/// The document as it may be kept: signed addresses end before their query, other signatures and keys are hidden, and
/// what the catalogue calls a secret is named as one.
pub fn fit_for_record(catalogue: &Catalogue, document: &Value) -> Value {
    fit_for_record_at(catalogue.rules(), document)
}

/// The same for a value inside a document.
pub(crate) fn fit_for_record_at(rules: Rules<'_>, value: &Value) -> Value {
    match value {
        Value::String(_) if rules.field().value == ValueKind::Secret => Value::String(REDACTED.to_owned()),
        Value::String(text) => Value::String(match text.find('?') {
            Some(query) if rules.field().sensitive || address(text).is_some_and(|address| address.signed) => {
                text[..query].to_owned()
            }
            _ => without_signatures(text),
        }),
        Value::Array(items) => items
            .iter()
            .enumerate()
            .map(|(index, item)| fit_for_record_at(rules.child(&index.to_string()), item))
            .collect(),
        Value::Object(map) => {
            map.iter().map(|(key, item)| (key.clone(), fit_for_record_at(rules.child(key), item))).collect()
        }
        scalar => scalar.clone(),
    }
}
