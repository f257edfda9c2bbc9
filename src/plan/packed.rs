//! What is kept of each offer until it is shown, in little room: a run may be about thousands of offers, and a value in memory
//! takes many times its text.

use std::fmt;
use std::marker::PhantomData;

use serde::de::DeserializeOwned;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// A value as compressed JSON. Its type must read back whatever it writes, or [`open`](Self::open) panics; the tests of what is
/// packed see to that. Packed values are compared as they are, so that the order of
/// the keys in a document counts.
pub struct Packed<T> {
    bytes: Box<[u8]>,
    value: PhantomData<fn() -> T>,
}

impl<T: Serialize + DeserializeOwned> Packed<T> {
    /// Packs a value.
    ///
    /// # Panics
    ///
    /// When the type is none that can be JSON, such as a map whose keys are not texts; never because of a value.
    #[expect(clippy::expect_used, reason = "only a type can fail to be JSON, and each packed type is packed by tests")]
    pub fn new(value: &T) -> Self {
        let text = serde_json::to_vec(value).expect("what is packed can be JSON");
        Self { bytes: lz4_flex::compress_prepend_size(&text).into(), value: PhantomData }
    }

    /// The value again.
    #[expect(
        clippy::expect_used,
        clippy::missing_panics_doc,
        reason = "the bytes are private, and come from `new` alone"
    )]
    pub fn open(&self) -> T {
        let text = lz4_flex::decompress_size_prepended(&self.bytes).expect("it was compressed here");
        let mut reader = serde_json::Deserializer::from_slice(&text);
        // As deep as what was packed, however deep that was.
        reader.disable_recursion_limit();
        T::deserialize(&mut reader).expect("it was written here")
    }

    /// Changes the value.
    pub fn edit(&mut self, edit: impl FnOnce(&mut T)) {
        let mut value = self.open();
        edit(&mut value);
        *self = Self::new(&value);
    }
}

impl<Item: Serialize + DeserializeOwned> Default for Packed<Vec<Item>> {
    fn default() -> Self {
        Self::new(&Vec::new())
    }
}

impl<Item: Serialize + DeserializeOwned> FromIterator<Item> for Packed<Vec<Item>> {
    fn from_iter<Found: IntoIterator<Item = Item>>(found: Found) -> Self {
        Self::new(&found.into_iter().collect::<Vec<_>>())
    }
}

impl<T> Clone for Packed<T> {
    fn clone(&self) -> Self {
        Self { bytes: self.bytes.clone(), value: PhantomData }
    }
}

impl<T> PartialEq for Packed<T> {
    fn eq(&self, other: &Self) -> bool {
        self.bytes == other.bytes
    }
}

impl<T: Serialize + DeserializeOwned + fmt::Debug> fmt::Debug for Packed<T> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.open().fmt(formatter)
    }
}

impl<T: Serialize + DeserializeOwned> Serialize for Packed<T> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.open().serialize(serializer)
    }
}

impl<'de, T: Serialize + DeserializeOwned> Deserialize<'de> for Packed<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        T::deserialize(deserializer).map(|value| Self::new(&value))
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    #[test]
    fn what_is_packed_comes_out_again_and_takes_less_room() {
        let value = json!({"regions": vec!["AU"; 1_000], "version": u64::MAX, "price": 0.1, "text": "a\u{202e}\n\"ü"});
        let mut packed = Packed::new(&value);
        assert_eq!(packed.open(), value);
        assert!(packed.bytes.len() < value.to_string().len() / 10, "{}", packed.bytes.len());
        packed.edit(|value: &mut Value| value["regions"] = json!([]));
        assert_eq!(packed.open()["regions"], json!([]));
    }
}
