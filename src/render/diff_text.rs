//! What leads from one document of an offer to another, for people and for programs.

use serde_json::{Value, json};

use super::palette::Palette;
use super::plan_text::difference_text;
use super::redaction::Redaction;
use crate::diff::Difference;
use crate::offer::{Catalogue, OfferKey, Revision};

/// Two documents of an offer, and what leads from the one to the other.
#[derive(Debug)]
pub struct Compared {
    /// Which offer.
    pub key: OfferKey,
    /// The earlier document.
    pub from: Side,
    /// The later one.
    pub to: Side,
    /// What differs.
    pub differences: Vec<Difference>,
}

/// Which document was compared.
#[derive(Debug, Clone, Copy)]
pub struct Side {
    /// As the person named it.
    pub revision: Revision,
    /// The number that the service gives it, when it tells.
    pub version: Option<u64>,
}

/// A line for the two documents, then each difference as a plan shows it.
pub fn diff_text(compared: &Compared, palette: &Palette) -> String {
    let name = palette.paint(palette.bold, &compared.key.to_string());
    let (from, to) = (in_words(&compared.from), in_words(&compared.to));
    let count = match compared.differences.len() {
        0 => return format!("{name}: {from} and {to} hold the same\n"),
        1 => "1 field differs".to_owned(),
        count => format!("{count} fields differ"),
    };
    let differences = compared.differences.iter().map(|difference| difference_text(difference, "", palette));
    format!("{name}: from {from} to {to}, {count}\n{}", differences.collect::<String>())
}

fn in_words(side: &Side) -> String {
    match (side.revision, side.version) {
        (Revision::Slot(slot), Some(version)) => format!("{slot} (version {version})"),
        (revision, _) => revision.to_string(),
    }
}

/// The same for programs.
pub fn diff_json(compared: &Compared) -> Value {
    json!({
        "format": "offerctl-diff",
        "version": 1,
        "publisherId": compared.key.publisher,
        "offerId": compared.key.offer,
        "from": side_json(&compared.from),
        "to": side_json(&compared.to),
        "equal": compared.differences.is_empty(),
        "changes": compared.differences.iter().map(change_json).collect::<Vec<_>>(),
    })
}

pub(super) fn side_json(side: &Side) -> Value {
    match side.revision {
        Revision::Slot(slot) => json!({"slot": slot, "version": side.version}),
        Revision::Version(version) => json!({"slot": null, "version": version}),
    }
}

pub(super) fn change_json(difference: &Difference) -> Value {
    let redaction = Redaction::default();
    let shown = |value: &Option<Value>| value.as_ref().map(|value| redaction.value(&difference.path, value));
    json!({
        "path": difference.path,
        "op": difference.operation,
        "before": shown(&difference.before),
        "after": shown(&difference.after),
        "sensitive": Catalogue::built_in().rules_at(&difference.path).field().sensitive,
    })
}
