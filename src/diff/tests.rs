//! The comparison and the document that follows from it, told as tables: each row one field, each column one side.
//!
//! A side is written as what stands under `definition.offer`, or in the one offer plan `gold`.

#![allow(clippy::needless_pass_by_value, reason = "a table reads better without a `&` in each row")]

use std::fmt::Write as _;

use jiff::civil::date;
use serde_json::{Value, json};

use super::*;
use crate::offer::{Catalogue, FieldPath, FileDigest, IgnoredField, LocalFile, OfferPlansPolicy, SourcePosition};

mod applying;
mod between;
mod classes;
mod contents;
mod meaning;
mod properties;
mod reasons;
mod sending;

/// A document with these keys of the offer.
fn offer(keys: Value) -> Value {
    json!({"definition": {"offer": keys, "plans": []}})
}

/// A document with one offer plan, `gold`, of these keys.
fn plan(keys: Value) -> Value {
    let mut plan = json!({"planId": "gold"});
    plan.as_object_mut().unwrap().extend(keys.as_object().unwrap().clone());
    plans(json!([plan]))
}

/// A document with these offer plans.
fn plans(plans: Value) -> Value {
    json!({"definition": {"offer": {}, "plans": plans}})
}

fn path(text: &str) -> FieldPath {
    FieldPath::parse(text).unwrap()
}

fn waiver(field: &str) -> IgnoredField {
    IgnoredField {
        path: path(field),
        reason: "marketing edits this".to_owned(),
        until: Some(date(2027, 1, 31)),
        position: SourcePosition { file: "offer.yaml".into(), line: 1, column: 1 },
    }
}

/// What a comparison knows besides the documents, owned.
struct Knowledge {
    media: MediaRecords,
    media_trust: MediaTrust,
    local_files: Vec<LocalFile>,
    ignore: Vec<IgnoredField>,
    offer_plans: OfferPlansPolicy,
}

impl Default for Knowledge {
    fn default() -> Self {
        Self {
            media: MediaRecords::default(),
            media_trust: MediaTrust::Unverifiable,
            local_files: Vec::new(),
            ignore: Vec::new(),
            offer_plans: OfferPlansPolicy::Keep,
        }
    }
}

impl Knowledge {
    fn context(&self) -> Context<'_> {
        Context {
            catalogue: Catalogue::built_in(),
            media: &self.media,
            media_trust: self.media_trust,
            local_files: &self.local_files,
            ignore: &self.ignore,
            offer_plans: self.offer_plans,
        }
    }

    fn compare(&self, desired: &Value, observed: &Value, applied: Option<&Value>) -> Comparison {
        compare(&self.context(), Sides { desired, observed: Some(observed), applied })
    }

    /// What is sent after a comparison without a record.
    fn sent(&self, desired: &Value, observed: &Value) -> Value {
        self.sent_after(desired, observed, None)
    }

    fn sent_after(&self, desired: &Value, observed: &Value, applied: Option<&Value>) -> Value {
        let comparison = self.compare(desired, observed, applied);
        body_for_update(&self.context(), desired, observed, &comparison.differences).unwrap()
    }

    /// "same", "different" or "unverifiable".
    fn word(&self, desired: &Value, observed: &Value) -> &'static str {
        let comparison = self.compare(desired, observed, None);
        if !comparison.is_in_sync() {
            "different"
        } else if comparison.unverifiable.is_empty() {
            "same"
        } else {
            "unverifiable"
        }
    }
}

/// `path: class operation, before → after`, a line each.
fn story(comparison: &Comparison) -> String {
    let shown = |value: &Option<Value>| value.as_ref().map_or_else(|| "nothing".to_owned(), ToString::to_string);
    let mut text = String::new();
    for difference in &comparison.differences {
        let Difference { path, operation, class, before, after, waived, content } = difference;
        let (class, operation) = (format!("{class:?}").to_lowercase(), format!("{operation:?}").to_lowercase());
        write!(text, "{path}: {class} {operation}, {} → {}", shown(before), shown(after)).unwrap();
        if let Some(content) = content {
            let before = content.before.as_ref().map_or("?", |digest| digest.short());
            write!(text, " [{}: {before} → {}]", content.path, content.after.short()).unwrap();
        }
        writeln!(text, "{}", waived.as_ref().map(|reason| format!(" (waived: {reason})")).unwrap_or_default()).unwrap();
    }
    for path in &comparison.unverifiable {
        writeln!(text, "{path}: nobody can tell").unwrap();
    }
    if text.is_empty() { "in sync".to_owned() } else { text }
}
