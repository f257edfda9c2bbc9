//! From the words of a person to a path: a JSON pointer, or the name of a field as reports show it.

use super::Evidence;
use super::nodes::{all, children, is_stated};
use crate::diff::stated_at;
use crate::offer::{FieldPath, Rules, closest};

/// How many candidates are named.
const NAMED: usize = 12;

/// Words that name no field, or more than one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Unresolved {
    /// Nothing goes by this name.
    Unknown {
        /// What was probably meant.
        meant: Option<FieldPath>,
    },
    /// The catalogue knows it, and nothing in the offer says anything about it.
    SetNowhere {
        /// Its name for people.
        title: String,
        /// Its place in the catalogue.
        pattern: String,
    },
    /// It names an element of a list or map whose elements people name, and none is called so.
    NoSuchElement {
        /// The list or map.
        of: FieldPath,
        /// The elements that there are, each by its name.
        there_are: Vec<String>,
        /// The element that was probably meant.
        meant: Option<FieldPath>,
    },
    /// Several fields go by it.
    Ambiguous {
        /// The first of them.
        candidates: Vec<FieldPath>,
        /// How many more there are.
        more: usize,
    },
}

/// The one field that goes by these words.
pub(super) fn field(evidence: &Evidence<'_>, words: &str) -> Result<FieldPath, Unresolved> {
    match FieldPath::parse(words) {
        Ok(path) => pointed_at(evidence, path),
        Err(_) => called(evidence, words),
    }
}

/// A pointer to what any document, the record or a waiver names, or to what the catalogue knows below such a place.
fn pointed_at(evidence: &Evidence<'_>, path: FieldPath) -> Result<FieldPath, Unresolved> {
    let is_waived = evidence
        .managed
        .is_some_and(|managed| managed.desired.reconcile.ignore.iter().any(|ignored| ignored.path == path));
    let field = evidence.catalogue.rules_at(&path).field();
    // What people name is there only where somebody named it.
    let is_known = field.place.is_some() && !field.is_named_by_people();
    let parent = parent(&path);
    if is_stated(evidence, &path) || is_waived || (is_known && is_stated(evidence, &parent)) {
        return Ok(path);
    }
    let meant = meant(evidence, &path);
    if field.is_named_by_people() && is_stated(evidence, &parent) {
        return Err(Unresolved::NoSuchElement { there_are: children(evidence, &parent), of: parent, meant });
    }
    Err(Unresolved::Unknown { meant })
}

/// The place that was probably meant, segment by segment.
fn meant(evidence: &Evidence<'_>, path: &FieldPath) -> Option<FieldPath> {
    let mut meant = FieldPath::root();
    for segment in path.segments() {
        let known = children(evidence, &meant);
        let rules = evidence.catalogue.rules_at(&meant);
        let names = known.iter().map(String::as_str);
        // An element may have been meant by its number, as in plain JSON.
        let by_number = segment.parse::<usize>().ok().and_then(|index| known.get(index)).map(String::as_str);
        let next = if known.contains(segment) {
            Some(segment.as_str())
        } else {
            closest(segment, names).or_else(|| last_word(&known, segment)).or(by_number)
        };
        match next.or_else(|| closest(segment, rules.listed())) {
            Some(next) => meant.push(next),
            None => break,
        }
    }
    (meant.segments().len() == path.segments().len() && is_stated(evidence, &meant)).then_some(meant)
}

/// The one name whose part after the last dot is close to a word.
fn last_word<'name>(names: &'name [String], word: &str) -> Option<&'name str> {
    let wanted = word.rsplit('.').next().unwrap_or(word);
    let close = closest(wanted, names.iter().map(|name| bare(name)))?;
    names.iter().find(|name| bare(name) == close).map(String::as_str)
}

fn parent(path: &FieldPath) -> FieldPath {
    let mut parent = path.clone();
    parent.pop();
    parent
}

/// The field that is called so: by its title, its key, or the last part of its key, with what contains it before it where
/// that is needed: `gold/regions`, `Offer plan gold › Regions`.
fn called(evidence: &Evidence<'_>, words: &str) -> Result<FieldPath, Unresolved> {
    let parts: Vec<&str> = words.split(['/', '›']).map(str::trim).filter(|part| !part.is_empty()).collect();
    let places = all(evidence);
    let mut found: Vec<&FieldPath> = places.iter().filter(|path| goes_by(evidence, path, &parts)).collect();
    let is_declared = |path: &FieldPath| {
        evidence.managed.is_some_and(|managed| stated_at(evidence.catalogue, &managed.desired.document, path).is_some())
    };
    // What the service adds beside it is rarely what is asked about.
    if found.iter().filter(|path| is_declared(path)).count() == 1 {
        found.retain(|path| is_declared(path));
    }
    match found.as_slice() {
        [] => Err(unknown(evidence, &places, words)),
        [one] => Ok((*one).clone()),
        several => Err(Unresolved::Ambiguous {
            candidates: several.iter().take(NAMED).map(|path| (*path).clone()).collect(),
            more: several.len().saturating_sub(NAMED),
        }),
    }
}

/// Whether the words name the last segments of a path, in order and not necessarily each.
fn goes_by(evidence: &Evidence<'_>, path: &FieldPath, parts: &[&str]) -> bool {
    let mut rules = evidence.catalogue.rules();
    let mut left = parts;
    for (depth, segment) in path.segments().iter().enumerate() {
        rules = rules.child(segment);
        let is_last = depth + 1 == path.segments().len();
        // The last words are for the last segment only.
        let is_due = (left.len() == 1) == is_last;
        match left.split_first() {
            Some((word, rest)) if is_due && is_called(rules, segment, word) => left = rest,
            _ => {}
        }
    }
    left.is_empty() && !parts.is_empty()
}

fn is_called(rules: Rules<'_>, segment: &str, word: &str) -> bool {
    names_of(rules, segment).iter().any(|name| name.eq_ignore_ascii_case(word))
}

fn names_of(rules: Rules<'_>, segment: &str) -> Vec<String> {
    let field = rules.field();
    let title = field
        .title
        .as_ref()
        .map(|title| if field.is_named_by_people() { format!("{title} {segment}") } else { title.clone() });
    title.into_iter().chain([segment.to_owned(), bare(segment).to_owned()]).collect()
}

/// A key without its namespace; the name of an element, such as the version of an image, has none.
fn bare(segment: &str) -> &str {
    match segment.rsplit_once('.') {
        Some((_, name)) if name.starts_with(|letter: char| letter.is_ascii_alphabetic()) => name,
        _ => segment,
    }
}

fn unknown(evidence: &Evidence<'_>, places: &[FieldPath], words: &str) -> Unresolved {
    if let Some(unset) = set_nowhere(evidence, words) {
        return unset;
    }
    let named: Vec<(String, &FieldPath)> = places
        .iter()
        .filter_map(|path| {
            let names = names_of(evidence.catalogue.rules_at(path), path.last()?);
            Some(names.into_iter().map(move |name| (name, path)))
        })
        .flatten()
        .collect();
    let meant = closest(words, named.iter().map(|(name, _)| name.as_str()));
    let meant = meant.and_then(|meant| named.iter().find(|(name, _)| name == meant));
    Unresolved::Unknown { meant: meant.map(|(_, path)| (*path).clone()) }
}

/// A field of an offer or of an offer plan that the catalogue lists, and that is set nowhere.
fn set_nowhere(evidence: &Evidence<'_>, words: &str) -> Option<Unresolved> {
    let offer = FieldPath::root().child("definition").child("offer");
    let plan = FieldPath::root().child("definition").child("plans").child("*");
    [offer, plan].iter().find_map(|place| {
        let rules = evidence.catalogue.rules_at(place);
        let listed = rules.listed().into_iter().map(|name| (name, rules.child(name)));
        let (_, rules) = listed.into_iter().find(|(name, rules)| is_called(*rules, name, words))?;
        let field = rules.field();
        let title = field.title.clone().unwrap_or_else(|| words.to_owned());
        Some(Unresolved::SetNowhere { title, pattern: field.path.clone() })
    })
}
