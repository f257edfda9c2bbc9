//! What the catalogue knows that the service takes, held against what a manifest says.
//!
//! All of it is a warning. The service's pages contradict its own examples here and there, and whatever a live offer
//! holds has to be a manifest that can be used.

use serde_json::Number;

use super::diagnostic::{Diagnostic, shortened};
use super::directive;
use super::node::{Entry, Kind, Node};
use super::source::Span;
use super::words;
use crate::offer::{Field, OfferType, Pattern, Rules, Tables, Takes, ValueKind, ValueType};

/// Where a value stands.
pub(super) enum Place<'a> {
    /// At a key of the map at another key.
    Key { of: Option<&'a str>, entry: &'a Entry },
    /// In the list at a key.
    Element { of: Option<&'a str>, item: &'a Node },
}

impl Place<'_> {
    fn node(&self) -> &Node {
        match self {
            Self::Key { entry, .. } => &entry.value,
            Self::Element { item, .. } => item,
        }
    }

    /// What a sentence about it begins with.
    fn subject(&self) -> String {
        match self {
            Self::Key { entry, .. } => format!("`{}`", shortened(&entry.key)),
            Self::Element { of: Some(list), .. } => format!("an element of `{}`", shortened(list)),
            Self::Element { of: None, .. } => "this element".to_owned(),
        }
    }

    /// The key of the map or list that it stands in.
    fn of(&self) -> Option<&str> {
        match self {
            Self::Key { of, .. } | Self::Element { of, .. } => *of,
        }
    }

    /// Where to point when it is about the value as a whole.
    fn span(&self) -> Span {
        match self {
            Self::Key {
                entry: Entry { value: Node { kind: Kind::List(_) | Kind::Map(_), .. }, key_span, .. }, ..
            } => *key_span,
            Self::Key { .. } | Self::Element { .. } => self.node().span,
        }
    }
}

/// Checks a value, and nothing below it but the keys of a map.
pub(super) fn check(rules: Rules<'_>, place: &Place<'_>, offer_type: Option<&OfferType>, faults: &mut Vec<Diagnostic>) {
    let field = rules.field();
    let Some(takes) = &field.takes else { return };
    let node = place.node();
    if is_unset(node) {
        return;
    }
    if let (Some(wanted), Some(found)) = (takes.value_type, type_of(node))
        && !wanted.takes(found)
    {
        faults.push(wrong_type(field, place, wanted, found));
        return;
    }
    match &node.kind {
        Kind::Text(text) => {
            faults.extend(too_long(field, takes, place, text));
            if let Some(pattern) = takes.pattern.as_deref().and_then(|name| Tables::built_in().pattern(name)) {
                // Part of it may open something.
                let shown = if field.sensitive { "this".to_owned() } else { quoted(text) };
                faults.extend(misshapen(pattern, text, &shown, node.span));
            }
            if let Some(of) = &takes.values {
                faults.extend(words::check(of, place.of(), text, node.span, offer_type));
            }
        }
        Kind::List(items) => faults.extend(too_many(takes, place, items.len())),
        Kind::Number(number) => faults.extend(too_small(takes, place, number)),
        Kind::Map(entries) if !directive::is_one(entries) => check_keys(rules, takes, entries, faults),
        _ => {}
    }
}

/// The spellings of "unset", which the service changes between.
pub(super) fn is_unset(node: &Node) -> bool {
    match &node.kind {
        Kind::Null | Kind::Refused => true,
        Kind::Text(text) => text.is_empty(),
        Kind::List(items) => items.is_empty(),
        Kind::Map(entries) => entries.is_empty(),
        Kind::Bool(_) | Kind::Number(_) | Kind::Media(_) => false,
    }
}

fn type_of(node: &Node) -> Option<ValueType> {
    match node.kind {
        Kind::Null | Kind::Refused => None,
        Kind::Bool(_) => Some(ValueType::Boolean),
        Kind::Number(_) => Some(ValueType::Number),
        Kind::Text(_) | Kind::Media(_) => Some(ValueType::Text),
        Kind::List(_) => Some(ValueType::List),
        // What a variable holds is text, also when nobody has read it yet.
        Kind::Map(ref entries) if directive::is_one(entries) => Some(ValueType::Text),
        Kind::Map(_) => Some(ValueType::Map),
    }
}

fn wrong_type(field: &Field, place: &Place<'_>, wanted: ValueType, found: ValueType) -> Diagnostic {
    let node = place.node();
    let message = format!("{} is expected to be {}", place.subject(), wanted.article());
    let label = format!("this is {}", if found == ValueType::Text { found.article() } else { node.article() });
    let diagnostic = Diagnostic::warning("unexpected-type", message, place.span(), label);
    match (wanted, &node.kind) {
        (ValueType::Text | ValueType::TextOrMap, _) if field.value == ValueKind::Media => {
            diagnostic.help("write the address from which the service downloads it, or `{$media: FILE, url: ADDRESS}`")
        }
        (ValueType::Text, Kind::Bool(_) | Kind::Number(_)) => diagnostic.help("put it in quotes"),
        (ValueType::Boolean, Kind::Text(_) | Kind::Map(_)) if found == ValueType::Text => diagnostic
            .help("write `true` or `false`, without quotes; what `$env`, `$file` and `$secret` bring is always text"),
        (ValueType::Number, Kind::Text(_) | Kind::Map(_)) if found == ValueType::Text => {
            diagnostic.help("write digits, without quotes; what `$env`, `$file` and `$secret` bring is always text")
        }
        (ValueType::List, _) => diagnostic.help("write `[…]`, or each element on a line of its own behind a `-`"),
        (ValueType::Map | ValueType::MapOrList, _) => diagnostic.help("write `key: value`, each on a line of its own"),
        _ => diagnostic,
    }
}

fn too_long(field: &Field, takes: &Takes, place: &Place<'_>, text: &str) -> Option<Diagnostic> {
    let most = takes.max_length.filter(|most| text.len() > *most)?;
    let length = text.chars().count();
    let more = length.checked_sub(most).filter(|more| *more > 0)?;
    let message = format!("{} has {length} characters, and the service takes {most}", place.subject());
    let diagnostic = Diagnostic::warning("too-long", message, place.node().span, "");
    let markup = if field.value == ValueKind::Html { "; markup counts too" } else { "" };
    Some(diagnostic.help(format!("shorten it by {more}{markup}")))
}

fn too_small(takes: &Takes, place: &Place<'_>, number: &Number) -> Option<Diagnostic> {
    let least = takes.minimum?;
    let is_less = number.as_f64().is_some_and(|number| number < f64::from(least));
    is_less.then(|| {
        let message = format!("{} is {number}, and cannot be less than {least}", place.subject());
        Diagnostic::warning("too-small", message, place.span(), "").help(format!("write {least} or more"))
    })
}

fn too_many(takes: &Takes, place: &Place<'_>, count: usize) -> Option<Diagnostic> {
    let most = takes.max_items.filter(|most| count > *most)?;
    let message = format!("{} has {count} elements, and the service takes {most}", place.subject());
    Some(Diagnostic::warning("too-many", message, place.span(), "").help(format!("leave {} out", count - most)))
}

fn quoted(text: &str) -> String {
    format!("`{}`", shortened(text))
}

fn misshapen(pattern: &Pattern, text: &str, shown: &str, at: Span) -> Option<Diagnostic> {
    if pattern.pattern.fits(text) {
        return None;
    }
    let message = format!("{shown} is not {}", pattern.is);
    Some(Diagnostic::warning("wrong-form", message, at, "").help(format!("for example `{}`", pattern.example)))
}

fn check_keys(rules: Rules<'_>, takes: &Takes, entries: &[Entry], faults: &mut Vec<Diagnostic>) {
    let tables = Tables::built_in();
    if let Some(table) = takes.keys.as_deref().and_then(|name| tables.table(name)) {
        let listed = rules.listed();
        let is_known = |key: &str| table.takes(key) || listed.contains(&key);
        for entry in entries.iter().filter(|entry| !is_known(&entry.key)) {
            faults.push(words::unknown_in("unknown-key", table, &entry.key, entry.key_span));
        }
    }
    if let Some(pattern) = takes.key_pattern.as_deref().and_then(|name| tables.pattern(name)) {
        faults.extend(
            entries.iter().filter_map(|entry| misshapen(pattern, &entry.key, &quoted(&entry.key), entry.key_span)),
        );
    }
}
