//! What customers would pay, price by price, next to what the service has now.

use std::collections::HashMap;

use serde_json::Value;

use super::risk::{is_removal, written};
use super::section;
use crate::diff::Difference;
use crate::offer::{Catalogue, FieldPath, ValueKind};
use crate::plan::Plan;
use crate::render::markdown::sheet::{Frame, Kind, Node};
use crate::render::markdown::{code, words};
use crate::render::plan_text::place;
use crate::render::redaction::Redaction;
use crate::render::value_text::{named_leaves, short};

/// Every price of an existing offer plan that changes. What a new offer plan costs stands with its other fields.
pub(super) fn changed(plan: &Plan) -> Frame {
    let differences = written(plan).filter(|(_, difference)| is_price_change(difference));
    let nodes = differences.flat_map(|(offer, difference)| {
        let key = words(&offer.key.to_string());
        let row = move |row: Row| {
            let Row { name, was, is, share } = row;
            Node::Piece(Kind::Price, format!("| {key} | {} | {was} | {is} | {share} |\n", words(&name)))
        };
        rows(&difference).into_iter().map(row)
    });
    let head = "\n| Offer | Price | Now | Then | Change |\n|---|---|--:|--:|--:|\n";
    section("Prices", head, nodes.collect())
}

/// Whether the difference is told among the prices.
pub(super) fn is_price_change(difference: &Difference) -> bool {
    !is_removal(difference) && difference.is_written() && is_price(&difference.path)
}

fn is_price(path: &FieldPath) -> bool {
    let mut rules = Catalogue::built_in().rules();
    path.segments().iter().any(|segment| {
        rules = rules.child(segment);
        rules.field().value == ValueKind::Price
    })
}

/// One price; the values as cells.
struct Row {
    name: String,
    was: String,
    is: String,
    share: String,
}

fn rows(difference: &Difference) -> Vec<Row> {
    let redaction = Redaction::default();
    let shown = |value: &Option<Value>| value.as_ref().map(|value| redaction.value(&difference.path, value));
    let (before, after) = (shown(&difference.before), shown(&difference.after));
    let rules = Catalogue::built_in().rules_at(&difference.path);
    let leaves = |value: &'_ Option<Value>| -> Vec<(String, Value)> {
        let leaves = value.iter().flat_map(|value| named_leaves(rules, value));
        leaves.map(|(name, leaf)| (name, leaf.clone())).collect()
    };
    let (old, new) = (leaves(&before), leaves(&after));
    let was: HashMap<_, _> = old.iter().map(|(name, value)| (name, value)).collect();
    let is: HashMap<_, _> = new.iter().map(|(name, value)| (name, value)).collect();
    let gone = old.iter().filter(|(name, _)| !is.contains_key(name));
    let names = new.iter().chain(gone).map(|(name, _)| name);
    let frame = place(&difference.path);
    let rows = names.map(|name| (name, was.get(name).copied(), is.get(name).copied()));
    rows.filter(|(_, was, is)| was != is)
        .map(|(name, was, is)| Row {
            name: if name.is_empty() { frame.clone() } else { format!("{frame} › {name}") },
            was: cell(was),
            is: cell(is),
            share: share(was, is),
        })
        .collect()
}

fn cell(value: Option<&Value>) -> String {
    value.map_or_else(|| "none".to_owned(), |value| code(&short(value)))
}

/// By how much a number changes.
fn share(was: Option<&Value>, is: Option<&Value>) -> String {
    let number = |value: Option<&Value>| match value? {
        Value::String(text) => text.trim().parse::<f64>().ok(),
        value => value.as_f64(),
    };
    match (number(was), number(is)) {
        (Some(was), Some(is)) if was > 0.0 => format!("{:+.1} %", (is / was - 1.0) * 100.0),
        _ => String::new(),
    }
}
