//! Manifests that describe the same offer: whichever were taken, the other would be undone.

use std::collections::HashMap;
use std::sync::Arc;

use super::CommandError;
use crate::findings::{Finding, Level, Place, Rule};
use crate::offer::OfferKey;

const REMEDY: &str = "keep one manifest for each offer, or correct the id";

/// The manifests of a run by the names of their offers, and those that met.
#[derive(Debug, Default)]
pub(super) struct Namesakes {
    manifests: HashMap<String, (Arc<str>, OfferKey)>,
    met: Vec<(OfferKey, [Arc<str>; 2])>,
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
            self.met.push((first.1, [first.0, second.0]));
        }
    }

    /// The complaints about those that met.
    pub(super) fn errors(mut self) -> impl Iterator<Item = CommandError> {
        self.met.sort();
        self.met.into_iter().map(|(key, [first, second])| {
            CommandError::bad_input(format!("two manifests describe the offer {key}: in `{first}` and in `{second}`"))
                .hint(REMEDY)
        })
    }

    /// The same as findings, each in the second of the two.
    pub(super) fn findings(&self) -> impl Iterator<Item = Finding> {
        self.met.iter().map(|(key, [first, second])| {
            let message = format!("`{first}` describes the offer {key} too");
            let finding = Finding::new(Rule::Manifest("duplicate-offer"), Level::Error, message);
            let related = vec![(Place::head(first), "the other one".to_owned())];
            Finding { related, ..finding.help(REMEDY).at(Place::head(second)).of(key.clone()) }
        })
    }
}
