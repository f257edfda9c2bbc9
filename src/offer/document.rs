//! An offer's document as raw JSON: every key is kept, known or not.

use jiff::civil::Date;
use serde::Serialize;
use serde_json::Value;
use sha2::{Digest, Sha256};

/// A document of the service, untouched.
///
/// It stays raw JSON because a typed model drops what it does not know, and a dropped key is deleted by the next PUT.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(transparent)]
pub struct Document(Value);

impl Document {
    /// Wraps a document as the service sent it.
    pub fn new(value: Value) -> Self {
        Self(value)
    }

    /// The raw JSON.
    pub fn as_value(&self) -> &Value {
        &self.0
    }

    /// The raw JSON, given away.
    pub fn into_value(self) -> Value {
        self.0
    }

    /// The version that the service counts, if the document carries one.
    ///
    /// Some exceed 2^53 (`636576975611768314`), so it is read as an integer and never as a float.
    pub fn version(&self) -> Option<u64> {
        self.0.get("version").and_then(Value::as_u64)
    }

    /// The day on which the document was written, if it says when and in a way that can be read.
    pub fn changed_on(&self) -> Option<Date> {
        self.0.get("changedTime")?.as_str()?.get(..10)?.parse().ok()
    }
}

/// A digest of a JSON value that does not depend on the order of map keys: `sha256:` and 64 hex digits.
///
/// RFC 8785 is no help here: it rewrites integers above 2^53, so that two different live versions would hash alike.
pub fn canonical_digest(value: &Value) -> String {
    let mut hasher = Sha256::new();
    feed(value, &mut hasher);
    let mut text = String::from("sha256:");
    for byte in hasher.finalize() {
        use std::fmt::Write as _;
        // Writing into a String cannot fail.
        let _ = write!(text, "{byte:02x}");
    }
    text
}

fn feed(value: &Value, hasher: &mut Sha256) {
    match value {
        Value::Object(map) => {
            let mut entries: Vec<_> = map.iter().collect();
            entries.sort_unstable_by_key(|(key, _)| *key);
            hasher.update(b"{");
            for (key, child) in entries {
                hasher.update(Value::from(key.as_str()).to_string());
                hasher.update(b":");
                feed(child, hasher);
                hasher.update(b",");
            }
            hasher.update(b"}");
        }
        Value::Array(items) => {
            hasher.update(b"[");
            for item in items {
                feed(item, hasher);
                hasher.update(b",");
            }
            hasher.update(b"]");
        }
        scalar => hasher.update(scalar.to_string()),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn the_digest_ignores_key_order_and_keeps_large_numbers_apart() {
        assert_eq!(canonical_digest(&json!({"a": 1, "b": [2]})), canonical_digest(&json!({"b": [2], "a": 1})));
        assert_ne!(
            canonical_digest(&json!(636_576_975_611_768_314_u64)),
            canonical_digest(&json!(636_576_975_611_768_300_u64))
        );
        assert_ne!(canonical_digest(&json!(["a", "b"])), canonical_digest(&json!(["ab"])));
    }
}
