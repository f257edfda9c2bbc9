//! What is wrong with manifests, for programs: a document that is made while it is written, for there may be a complaint about
//! every line of a thousand manifests.

use serde::ser::{Error as _, SerializeSeq as _};
use serde::{Serialize, Serializer};
use serde_json::Value;

/// What `validate` found.
#[derive(Serialize)]
pub struct ValidateFile<Diagnostics> {
    /// Always `offerctl-validate`.
    pub format: &'static str,
    /// Grows when a reader of the format has to change.
    pub version: u32,
    /// How many manifests were looked at; of offers that were named, how many offers.
    pub manifests: usize,
    /// What was left out because nothing of it changed.
    pub unchanged: Value,
    /// The offers of the manifests that can be used.
    pub valid: Value,
    /// How many things are wrong.
    pub errors: usize,
    /// How many are probably not meant.
    pub warnings: usize,
    /// All of them: a list of [`crate::manifest::PlacedDiagnostic`].
    pub diagnostics: Diagnostics,
}

/// A list of which each item passes through `finish` when its turn comes to be written.
pub struct OneByOne<'run, Items> {
    items: Items,
    finish: &'run dyn Fn(Value) -> Value,
}

impl<'run, Items> OneByOne<'run, Items> {
    /// The list of these.
    pub fn new(items: Items, finish: &'run dyn Fn(Value) -> Value) -> Self {
        Self { items, finish }
    }
}

impl<Item: Serialize, Items: Iterator<Item = Item> + Clone> Serialize for OneByOne<'_, Items> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut list = serializer.serialize_seq(None)?;
        for item in self.items.clone() {
            let item = serde_json::to_value(item).map_err(S::Error::custom)?;
            list.serialize_element(&(self.finish)(item))?;
        }
        list.end()
    }
}
