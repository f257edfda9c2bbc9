//! What one field says to a customer: as one text, or as several things with names.

use serde_json::Value;

use crate::diff::is_unset;
use crate::offer::{ListRule, ListingPart, Rules, element_name};
use crate::plan::price;

/// What stands between two things that are said about an item.
pub(crate) const DETAILS: &str = " · ";

/// A name, and what else is said.
pub(super) type Item = (String, String);

/// A value that is one text; `None` for one that is none.
pub(super) fn text(value: &Value) -> Option<String> {
    match value {
        Value::String(text) if text.is_empty() => None,
        Value::String(text) => Some(text.clone()),
        Value::Number(_) | Value::Bool(_) => Some(value.to_string()),
        Value::Null | Value::Array(_) | Value::Object(_) => None,
    }
}

/// The items of a value, each once.
pub(super) fn items(part: ListingPart, rules: Rules<'_>, value: &Value) -> Vec<Item> {
    let found = match (part, value) {
        (ListingPart::Prices, _) => {
            price::listed(value).into_iter().map(|(place, price)| (place, price.to_string())).collect()
        }
        (ListingPart::Categories, Value::Array(items)) => items.iter().flat_map(categories).collect(),
        (ListingPart::Versions, Value::Object(map)) => {
            map.iter().map(|(version, image)| (version.clone(), told(rules.child(version), image))).collect()
        }
        (_, Value::Array(items)) => items.iter().filter_map(|item| element(rules, item)).collect(),
        _ => Vec::new(),
    };
    let mut once: Vec<Item> = Vec::new();
    for item in found {
        if !once.iter().any(|(name, _)| *name == item.0) {
            once.push(item);
        }
    }
    once
}

/// An element of a list: a name alone, or a name and what else the element says.
fn element(rules: Rules<'_>, item: &Value) -> Option<Item> {
    if let Some(name) = text(item) {
        return Some((name, String::new()));
    }
    let map = item.as_object()?;
    let name = match &rules.field().list {
        ListRule::Keyed(key) => element_name(item, key)?,
        // A picture is its address, under whatever key.
        ListRule::Atomic | ListRule::Set => {
            map.values().filter_map(Value::as_str).find(|text| text.contains("://"))?.to_owned()
        }
    };
    // The kind of a customer's id says nothing that the id does not.
    let others = map.iter().filter(|(key, _)| *key != "type").filter_map(|(_, value)| text(value));
    let others: Vec<_> = others.filter(|other| *other != name).collect();
    Some((name, others.join(DETAILS)))
}

/// A category by itself, or with each of its subcategories.
fn categories(category: &Value) -> Vec<Item> {
    if let Some(name) = text(category) {
        return vec![(name, String::new())];
    }
    let Some(map) = category.as_object() else { return Vec::new() };
    let name = map.get("categoryL1").and_then(text).unwrap_or_default();
    let below = map.values().filter_map(Value::as_array).flatten().filter_map(text);
    let mut found: Vec<_> = below.map(|below| (format!("{name} › {below}"), String::new())).collect();
    if found.is_empty() {
        found.push((name, String::new()));
    }
    found
}

/// All that is said about a version, by the names of its fields.
fn told(rules: Rules<'_>, image: &Value) -> String {
    let mut said = Vec::new();
    tell(rules, "", image, &mut said);
    said.join(DETAILS)
}

fn tell(rules: Rules<'_>, key: &str, value: &Value, said: &mut Vec<String>) {
    match value {
        _ if is_unset(value) => {}
        Value::Object(map) => {
            for (key, value) in map {
                tell(rules.child(key), key, value, said);
            }
        }
        Value::Array(items) => {
            for item in items {
                tell(rules.element(), key, item, said);
            }
        }
        scalar => {
            let name = rules.field().title.as_deref().unwrap_or(key);
            let text = scalar.as_str().map_or_else(|| scalar.to_string(), str::to_owned);
            said.push(format!("{name}: {text}"));
        }
    }
}
