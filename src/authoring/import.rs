//! A live offer → the text of its manifest and of the files beside it.

use serde_json::Value;

use super::arrange::{Arrangement, Found};
use super::yaml::{self, Entry, Yaml};
use crate::offer::{FieldPath, OfferKey, OfferTypeId, Slot};

/// What is imported, and how.
#[derive(Clone, Copy)]
pub struct Subject<'import> {
    /// Which offer.
    pub key: &'import OfferKey,
    /// What kind of offer.
    pub offer_type: &'import OfferTypeId,
    /// The draft, as the service sent it.
    pub document: &'import Value,
    /// What a record says was applied, for the names of secrets.
    pub applied: Option<&'import Value>,
    /// How far the manifest takes the offer.
    pub publish_to: Slot,
    /// The schema for editors, relative to the manifest.
    pub schema: Option<&'import str>,
    /// Fields that were found to differ from the service's whatever is written.
    pub leave_out: &'import [FieldPath],
    /// Whether a text holds a secret of this run, which the service may repeat.
    pub holds_secret: &'import dyn Fn(&str) -> bool,
}

impl Subject<'_> {
    pub(super) fn offer_id(&self) -> &str {
        self.key.offer.as_str()
    }
}

/// The files of an imported offer.
#[derive(Debug, Clone)]
pub struct Imported {
    /// The text of the manifest.
    pub manifest: String,
    /// The files beside it: their paths, relative to its folder, and their texts.
    pub files: Vec<(String, String)>,
    /// Secrets, each with the variable that the manifest names for it.
    pub secrets: Vec<Secret>,
    /// Addresses that are written without the signatures that the service keeps.
    pub unsigned: Vec<FieldPath>,
    /// Fields that the manifest does not name, although somebody set them.
    pub left_out: Vec<LeftOut>,
}

/// A secret that a manifest names.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Secret {
    /// Where.
    pub path: FieldPath,
    /// The environment variable.
    pub variable: String,
}

/// A field that the manifest does not name, so that it stays as it is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LeftOut {
    /// Which.
    pub path: FieldPath,
    /// Why.
    pub reason: LeftOutReason,
}

/// Why a manifest cannot name a field.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum LeftOutReason {
    /// A signature or key stands in the middle of its text.
    #[error("its text holds a signature or a key, which must not get into a repository")]
    HoldsKey,
    /// A manifest would take it for something else.
    #[error("no manifest can spell it: it would be read as something else")]
    Unspellable,
    /// Written and read again, it would still differ.
    #[error("offerctl cannot tell it from what the service has, and would write it again and again")]
    NotComparable,
}

/// Writes the manifest of a live offer.
pub fn import(subject: &Subject<'_>) -> Imported {
    let nothing = Value::Null;
    let definition = subject.document.get("definition").unwrap_or(&nothing);
    let (definition, found) = Arrangement::new(subject).definition(definition);
    let text = |text: &str| Yaml::Text(text.to_owned());
    let reconcile = Yaml::Map(vec![Entry::new("publishTo", text(subject.publish_to.as_str()))]);
    let entries = [
        Entry::new("publisherId", text(subject.key.publisher.as_str())),
        Entry::new("offerTypeId", text(subject.offer_type.as_str())),
        Entry::new("id", text(subject.key.offer.as_str())),
        Entry::new("reconcile", reconcile),
        Entry::new("definition", definition),
    ];
    let Found { files, secrets, unsigned, left_out } = found;
    let mut manifest = String::new();
    if let Some(schema) = subject.schema {
        manifest.extend(["# yaml-language-server: $schema=", schema, "\n"]);
    }
    manifest.extend(["# Written by `offerctl import ", &subject.key.to_string(), "`; from here on it is yours.\n"]);
    if !unsigned.is_empty() {
        manifest.push_str(UNSIGNED_COMMENT);
    }
    manifest.push_str(&yaml::file(&entries));
    Imported { manifest, files, secrets, unsigned, left_out }
}

const UNSIGNED_COMMENT: &str = "\
# Addresses stand here without their signatures, which do not belong in a repository. The service keeps those that it
# has; a new file needs its own, handed in from outside: `osVhdUrl: {$env: IMAGE_ADDRESS}`.
";
