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
    let mut digest = CanonicalDigest::default();
    digest.value(value);
    digest.finish()
}

/// The same digest, of a value that is taken in piece by piece and need not exist as a whole.
#[derive(Default)]
pub(crate) struct CanonicalDigest {
    hasher: Sha256,
    /// What is still to be hashed: many small pieces at once are hashed faster than one by one.
    pending: Vec<u8>,
}

/// How much is pending before it is hashed, in bytes and but for one piece.
const PENDING: usize = 8 << 10;

impl CanonicalDigest {
    pub(crate) fn value(&mut self, value: &Value) {
        match value {
            Value::Object(map) => self.map(map.iter().map(|(key, item)| (key.as_str(), item)), Self::value),
            Value::Array(items) => self.list(items, Self::value),
            scalar => self.scalar(scalar),
        }
    }

    /// A map, whose entries come in any order and each key once.
    pub(crate) fn map<'key, Item>(
        &mut self,
        entries: impl IntoIterator<Item = (&'key str, Item)>,
        mut take: impl FnMut(&mut Self, Item),
    ) {
        let mut entries: Vec<_> = entries.into_iter().collect();
        entries.sort_unstable_by_key(|(key, _)| *key);
        self.pending.push(b'{');
        for (key, item) in entries {
            self.text(key);
            self.pending.push(b':');
            take(self, item);
            self.pending.push(b',');
            self.hash_if_much();
        }
        self.pending.push(b'}');
    }

    pub(crate) fn list<Item>(&mut self, items: impl IntoIterator<Item = Item>, mut take: impl FnMut(&mut Self, Item)) {
        self.pending.push(b'[');
        for item in items {
            take(self, item);
            self.pending.push(b',');
            self.hash_if_much();
        }
        self.pending.push(b']');
    }

    pub(crate) fn text(&mut self, text: &str) {
        self.scalar(text);
    }

    fn scalar(&mut self, scalar: &(impl Serialize + ?Sized)) {
        // Neither a text nor a scalar can fail to be written into memory.
        let _ = serde_json::to_writer(&mut self.pending, scalar);
    }

    fn hash_if_much(&mut self) {
        if self.pending.len() > PENDING {
            self.hasher.update(&self.pending);
            self.pending.clear();
        }
    }

    pub(crate) fn finish(mut self) -> String {
        use std::fmt::Write as _;
        self.hasher.update(&self.pending);
        let mut text = String::from("sha256:");
        for byte in self.hasher.finalize() {
            // Writing into a String cannot fail.
            let _ = write!(text, "{byte:02x}");
        }
        text
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
