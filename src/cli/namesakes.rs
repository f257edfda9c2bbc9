//! Manifests that describe the same offer: whichever were taken, the other would be undone.

use std::collections::HashMap;
use std::sync::Arc;

use super::CommandError;
use crate::offer::OfferKey;

/// The manifests of a run by the names of their offers, and those that met.
#[derive(Debug, Default)]
pub(super) struct Namesakes {
    manifests: HashMap<String, (Arc<str>, OfferKey)>,
    met: Vec<String>,
}

impl Namesakes {
    /// Takes in a manifest.
    pub(super) fn add(&mut self, key: &OfferKey, manifest: Arc<str>) {
        // The service ignores the case of the letters in an id.
        let name = key.to_string().to_ascii_lowercase();
        let this = (manifest, key.clone());
        if let Some(other) = self.manifests.insert(name, this.clone()) {
            // The offers come in any order, what is said about them does not.
            let (first, second) = if other < this { (other, this) } else { (this, other) };
            self.met.push(format!("{}: in `{}` and in `{}`", first.1, first.0, second.0));
        }
    }

    /// The complaints about those that met.
    pub(super) fn errors(mut self) -> impl Iterator<Item = CommandError> {
        self.met.sort();
        self.met.into_iter().map(|namesakes| {
            CommandError::bad_input(format!("two manifests describe the offer {namesakes}"))
                .hint("keep one manifest for each offer, or correct the id")
        })
    }
}
