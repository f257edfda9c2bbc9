//! A document without what the service alone decides: what may be sent back, and what a content digest covers.

use serde_json::Value;

use super::url::address;
use crate::offer::{Catalogue, Ownership, Rules, canonical_digest};

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
    let mut cleaned = without_service_keys(catalogue, document);
    strip_signatures(&mut cleaned);
    canonical_digest(&cleaned)
}

fn strip_signatures(value: &mut Value) {
    match value {
        Value::String(text) => {
            if let Some(address) = address(text).filter(|address| address.signed) {
                *text = address.file;
            }
        }
        Value::Array(items) => items.iter_mut().for_each(strip_signatures),
        Value::Object(map) => map.values_mut().for_each(strip_signatures),
        _ => {}
    }
}
