//! Paths that a message spells out: `definition.plans[0].skuTitle`, `#/definition/plans/0`, `$.definition.offer['a.b']`.
//!
//! Keys have dots in them, so that a path is read along the document: at each step the longest key that fits.

use serde_json::Value;

use super::spot::Spot;
use crate::offer::{Catalogue, FieldPath, ListRule, Rules, element_name};

/// A path of the text: as it is written, and the spot that it leads to.
pub(super) struct Spelt {
    pub(super) text: String,
    pub(super) spot: usize,
}

/// The beginnings of paths, below which they go on. Only what looks like a path and nothing else counts as one.
const BEGINNINGS: [(&str, &[&str]); 8] = [
    ("#/definition", &["definition"]),
    ("/definition", &["definition"]),
    ("$.definition", &["definition"]),
    ("definition.", &["definition"]),
    ("definition[", &["definition"]),
    ("offer[", &["definition", "offer"]),
    ("plans[", &["definition", "plans"]),
    ("plans/", &["definition", "plans"]),
];

/// The paths in a text that lead to something.
pub(super) fn spelt(text: &str, document: &Value, spots: &[Spot<'_>]) -> Vec<Spelt> {
    let mut found = Vec::new();
    let mut from = 0;
    while let Some((at, beginning, frame)) = next(text, from) {
        // What separates the beginning from the rest belongs to the rest.
        let begin = at + beginning.trim_end_matches(['.', '[', '/']).len();
        let path = frame.iter().fold(FieldPath::root(), |path, segment| path.child(*segment));
        let (path, length) = read(&text[begin..], document, path);
        let spot = spots.iter().position(|spot| spot.path == path);
        if let Some(spot) = spot.filter(|_| path.segments().len() > 1) {
            found.push(Spelt { text: text[at..begin + length].trim_end_matches(['\'', '"', '`']).to_owned(), spot });
        }
        from = begin + length.max(1);
    }
    found
}

fn next(text: &str, from: usize) -> Option<(usize, &'static str, &'static [&'static str])> {
    let rest = text.get(from..)?;
    let begins = |(beginning, frame): &(&'static str, &'static [&'static str])| {
        let at = rest.match_indices(beginning).map(|(at, _)| from + at);
        let mut at = at.filter(|at| !text[..*at].ends_with(|before: char| before.is_alphanumeric()));
        at.next().map(|at| (at, *beginning, *frame))
    };
    BEGINNINGS.iter().filter_map(begins).min_by_key(|(at, beginning, _)| (*at, usize::MAX - beginning.len()))
}

/// Follows a path from where it begins, as far as it leads; also how much of the text that was.
fn read(text: &str, document: &Value, begin: FieldPath) -> (FieldPath, usize) {
    let catalogue = Catalogue::built_in();
    let mut path = begin;
    let mut here = path.segments().iter().try_fold(document, |value, segment| value.get(segment));
    let mut rules = catalogue.rules_at(&path);
    let mut read = 0;
    while let Some(Step { key, length }) = here.and_then(|value| step(&text[read..], value, rules)) {
        let inside = here.and_then(|value| inside(value, &key));
        let name = match (&rules.field().list, inside) {
            (ListRule::Keyed(by), Some(element)) if here.is_some_and(Value::is_array) => element_name(element, by),
            _ => None,
        };
        let name = name.unwrap_or(key);
        rules = rules.child(&name);
        path.push(name);
        here = inside;
        read += length;
    }
    (path, read)
}

struct Step {
    key: String,
    length: usize,
}

fn inside<'value>(value: &'value Value, key: &str) -> Option<&'value Value> {
    match value {
        Value::Object(map) => map.get(key),
        Value::Array(items) => key.parse::<usize>().ok().and_then(|index| items.get(index)),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => None,
    }
}

/// The next step of a path, with what separates it from the one before.
fn step(text: &str, value: &Value, rules: Rules<'_>) -> Option<Step> {
    let before = text.len() - text.trim_start_matches(['.', '/', '[', '\'', '"', '`']).len();
    if before == 0 {
        return None;
    }
    let rest = &text[before..];
    let closing =
        |length: usize| length + rest[length..].len() - rest[length..].trim_start_matches(['\'', '"', '`', ']']).len();
    let ends = |length: &usize| {
        !rest[*length..].starts_with(|after: char| after.is_alphanumeric() || after == '_' || after == '-')
    };
    match value {
        Value::Array(items) => {
            let digits = rest.len() - rest.trim_start_matches(|digit: char| digit.is_ascii_digit()).len();
            if digits > 0 && rest[..digits].parse::<usize>().is_ok_and(|index| index < items.len()) {
                return Some(Step { key: rest[..digits].to_owned(), length: before + closing(digits) });
            }
            let ListRule::Keyed(by) = &rules.field().list else { return None };
            let named = items.iter().enumerate().filter_map(|(index, item)| Some((index, element_name(item, by)?)));
            let fits = named.filter(|(_, name)| rest.starts_with(name.as_str()) && ends(&name.len()));
            let (index, name) = fits.max_by_key(|(_, name)| name.len())?;
            Some(Step { key: index.to_string(), length: before + closing(name.len()) })
        }
        Value::Object(map) => {
            let own = map.keys().map(|key| (key.clone(), key.as_str()));
            // A key without its namespace, and one that is missing.
            let short = map.keys().filter_map(|key| Some((key.clone(), key.rsplit_once('.')?.1)));
            let missing = rules
                .listed()
                .into_iter()
                .filter(|name| rules.child(name).field().path.ends_with(&format!("/{name}")))
                .map(|name| (name.to_owned(), name));
            let fits =
                own.chain(short).chain(missing).filter(|(_, spelt)| rest.starts_with(spelt) && ends(&spelt.len()));
            let (key, length) = fits
                .map(|(key, spelt)| (key, spelt.len()))
                .reduce(|one, other| if other.1 > one.1 { other } else { one })?;
            Some(Step { key, length: before + closing(length) })
        }
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => None,
    }
}
