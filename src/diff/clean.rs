//! A document without what the service alone decides: what may be sent back, and what a content digest covers.

use std::borrow::Cow;

use serde_json::Value;

use super::url::address;
use crate::offer::{CanonicalDigest, Catalogue, Ownership, REDACTED, Rules, ValueKind, without_signatures};

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
            for item in items {
                strip(rules.element(), item);
            }
        }
        _ => {}
    }
}

/// A digest of what somebody wrote: it stays the same when only versions, time stamps or signatures changed.
pub fn content_digest(catalogue: &Catalogue, document: &Value) -> String {
    let mut digest = CanonicalDigest::default();
    take_content(catalogue.rules(), document, &mut digest);
    digest.finish()
}

/// Takes in what [`fit_for_record`] of [`without_service_keys`] holds, without making either: every offer passes here.
fn take_content(rules: Rules<'_>, value: &Value, digest: &mut CanonicalDigest) {
    match value {
        Value::String(text) => digest.text(&fit_text(rules, text)),
        Value::Array(items) => digest.list(items, |digest, item| take_content(rules.element(), item, digest)),
        Value::Object(map) => {
            let kept = map.iter().filter_map(|(key, item)| {
                let rules = rules.child(key);
                (rules.field().ownership == Ownership::Publisher).then_some((key.as_str(), (rules, item)))
            });
            digest.map(kept, |digest, (rules, item)| take_content(rules, item, digest));
        }
        scalar => digest.value(scalar),
    }
}

/// The document as it may be kept: signed addresses end before their query, other signatures and keys are hidden, and
/// what the catalogue calls a secret is named as one.
pub fn fit_for_record(catalogue: &Catalogue, document: &Value) -> Value {
    fit_for_record_at(catalogue.rules(), document)
}

/// The same for a value inside a document.
pub(crate) fn fit_for_record_at(rules: Rules<'_>, value: &Value) -> Value {
    match value {
        Value::String(text) => Value::String(fit_text(rules, text).into_owned()),
        Value::Array(items) => items.iter().map(|item| fit_for_record_at(rules.element(), item)).collect(),
        Value::Object(map) => {
            map.iter().map(|(key, item)| (key.clone(), fit_for_record_at(rules.child(key), item))).collect()
        }
        scalar => scalar.clone(),
    }
}

fn fit_text<'text>(rules: Rules<'_>, text: &'text str) -> Cow<'text, str> {
    let field = rules.field();
    if field.value == ValueKind::Secret {
        return Cow::Borrowed(REDACTED);
    }
    match text.find('?') {
        Some(query) if field.sensitive || address(text).is_some_and(|address| address.signed) => {
            Cow::Borrowed(&text[..query])
        }
        _ => without_signatures(text),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::offer::canonical_digest;

    #[test]
    fn a_digest_that_is_taken_on_the_way_is_that_of_the_document_that_is_kept() {
        let document = json!({
            "id": "vm", "version": 636_576_975_611_768_314_u64, "changedTime": "2026-11-23T00:00:00Z", "eTag": "W/1", "status": "x",
            "definition": {
                "plans": [{"planId": "gold", "x.vmImages": {"1.0.0": {"osVhdUrl": "https://s.net/1.vhd?sv=1&sig=abc"}}}, [], {}, null],
                "offer": {
                    "x.b": [1.5, true, null, "a \u{202e}\"ü"], "x.a": "see https://s.net/a?sig=abc, and AccountKey=abc;",
                    "microsoft-azure-marketplace.tableLeadConfiguration": {"connectionString": "hunter2"},
                },
            },
        });
        let catalogue = Catalogue::built_in();
        let kept = fit_for_record(catalogue, &without_service_keys(catalogue, &document));
        assert_eq!(content_digest(catalogue, &document), canonical_digest(&kept));
        assert_ne!(kept, document);
        insta::assert_snapshot!(canonical_digest(&document), @"sha256:c3e2d7e6c92ab9edc2028b2802497b783c054e095d63d54cc120539dc38e91f2");
        insta::assert_snapshot!(content_digest(catalogue, &document), @"sha256:a5f3dcf11d25a62f6b31e33e738cff21748cb0686096bb40443d0975e6c841b4");
    }
}
