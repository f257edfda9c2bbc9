//! What the service complains about, traced back to the field of the offer that it speaks of.
//!
//! A **clue** is what a message names: a path, a key, an image version, a field by its name for people. The **concern** is
//! the field that the clues lead to. Pure, and never bolder than the message: where its clues lead to several fields, what
//! contains them all is the concern, and without a clue it is the offer as a whole.

mod clue;
mod phrase;
mod pointer;
mod reading;
mod spot;
#[cfg(test)]
mod tests;

use serde_json::Value;

use crate::offer::{Catalogue, Desired, FieldPath, SourcePosition};
use clue::{Clue, Weight, clues};
use spot::{Spot, spots};

/// What a message of the service speaks of.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Concern {
    /// The field, or what contains every field that may be meant; the root when the message names none.
    pub path: FieldPath,
    /// Where the manifest declares it, or what is nearest to it; `None` when no manifest is at hand.
    pub source: Option<SourcePosition>,
    /// What the message names, in its own words; nothing when it names no field.
    pub names: Vec<String>,
    /// Whether it names it by more than one everyday word, such as "summary", which may mean anything.
    pub is_sure: bool,
}

impl Concern {
    /// What a message speaks of, in the document of an offer that no manifest is at hand for.
    pub fn in_document(catalogue: &Catalogue, document: &Value, message: &str) -> Self {
        let spots = spots(catalogue, document);
        let clues = clues(&spots, document, message);
        let (path, names) = led_to(&clues, &spots);
        let is_sure = clues.first().is_some_and(|strongest| strongest.weight > Weight::Word);
        Self { path, source: None, names, is_sure }
    }

    /// The same, with its place in the manifest.
    pub fn in_manifest(catalogue: &Catalogue, desired: &Desired, message: &str) -> Self {
        let concern = Self::in_document(catalogue, &desired.document, message);
        let source = if concern.path == FieldPath::root() {
            desired.manifest.clone()
        } else {
            desired.positions.nearest(&catalogue.in_document(&desired.document, &concern.path)).key.clone()
        };
        Self { source: Some(source), ..concern }
    }

    /// Whether the message names anything of the offer.
    pub fn is_found(&self) -> bool {
        !self.names.is_empty()
    }
}

/// Where all clues together lead, and those that were followed.
///
/// The strongest clues come first. Each further one narrows what is left, or, where it speaks of something else, is
/// dropped as the weaker or makes what contains both the concern.
fn led_to(clues: &[Clue], spots: &[Spot<'_>]) -> (FieldPath, Vec<String>) {
    let mut followed: Vec<&Clue> = Vec::new();
    let mut left: Vec<usize> = Vec::new();
    let mut diverges = false;
    for clue in clues {
        let narrowed = narrowed(&left, &clue.spots, spots);
        if followed.is_empty() {
            left.clone_from(&clue.spots);
            followed.push(clue);
        } else if !narrowed.is_empty() {
            if narrowed != left {
                followed.push(clue);
            }
            left = narrowed;
        } else if followed.iter().all(|other| other.weight == clue.weight) {
            left = there_first(left, spots);
            left.extend(there_first(clue.spots.clone(), spots));
            diverges = true;
            followed.push(clue);
        }
    }
    let left = if diverges { left } else { there_first(left, spots) };
    let path = left.iter().map(|spot| &spots[*spot].path).cloned().reduce(|one, other| common(&one, &other));
    let path = path.filter(|path| path.segments().len() > 1).unwrap_or_default();
    let mut names: Vec<String> = Vec::new();
    for clue in followed {
        if !names.iter().any(|name| name.contains(&clue.named)) {
            names.push(clue.named.clone());
        }
    }
    (path, names)
}

/// A field that is missing is meant only where none that is there can be.
fn there_first(mut left: Vec<usize>, spots: &[Spot<'_>]) -> Vec<usize> {
    if left.iter().any(|spot| spots[*spot].value.is_some()) {
        left.retain(|spot| spots[*spot].value.is_some());
    }
    left
}

/// What both may mean: of each two that lie in each other, the inner one.
fn narrowed(ones: &[usize], others: &[usize], spots: &[Spot<'_>]) -> Vec<usize> {
    let mut narrowed = Vec::new();
    for one in ones {
        for other in others {
            let inner = if spots[*one].path.is_within(&spots[*other].path) {
                *one
            } else if spots[*other].path.is_within(&spots[*one].path) {
                *other
            } else {
                continue;
            };
            if !narrowed.contains(&inner) {
                narrowed.push(inner);
            }
        }
    }
    narrowed
}

/// What contains both.
fn common(one: &FieldPath, other: &FieldPath) -> FieldPath {
    let shared = one.segments().iter().zip(other.segments()).take_while(|(one, other)| one == other);
    shared.fold(FieldPath::root(), |path, (segment, _)| path.child(segment))
}
