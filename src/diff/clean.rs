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
    canonical_digest(&without_signatures(without_service_keys(catalogue, document)))
}

/// The document with every signed address cut before its query: the same files, nothing that opens them.
pub fn without_signatures(mut document: Value) -> Value {
    strip_signatures(&mut document);
    document
}

fn strip_signatures(value: &mut Value) {
    match value {
        Value::String(text) => {
            if address(text).is_some_and(|address| address.signed)
                && let Some(query) = text.find('?')
            {
                text.truncate(query);
            }
        }
        Value::Array(items) => items.iter_mut().for_each(strip_signatures),
        Value::Object(map) => map.values_mut().for_each(strip_signatures),
        _ => {}
    }
}
