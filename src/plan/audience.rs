//! `audience-change`: who may see or buy something changes, in words that tell whether it gets wider or narrower.

use std::collections::BTreeSet;

use serde_json::Value;

use super::{Block, Guard};
use crate::diff::is_unset;

/// How many names a sentence tells.
const NAMED: usize = 3;

/// The block that the manifest calls for, next to what customers have now.
pub(super) fn block(desired: &Value, old: &Value) -> Option<Block> {
    let mut found = Vec::new();
    if let (Some(offer), Some(old)) = (desired.pointer("/definition/offer"), old.pointer("/definition/offer")) {
        for (key, value) in declared(offer, "allowedSubscriptions") {
            let list = |value: Option<&Value>| names(value.and_then(Value::as_array), |item| item.as_str());
            found.extend(told("who may see the preview", &list(old.get(key)), &list(Some(value))));
        }
    }
    for plan in desired.pointer("/definition/plans").and_then(Value::as_array).into_iter().flatten() {
        let same = |other: &&Value| other.get("planId").is_some() && other.get("planId") == plan.get("planId");
        let olds = old.pointer("/definition/plans").and_then(Value::as_array);
        let Some(old) = olds.into_iter().flatten().find(same) else { continue };
        let id = plan.get("planId").and_then(Value::as_str).unwrap_or_default();
        for (key, value) in declared(plan, "hideSKUForSolutionTemplate") {
            let is_hidden = |value: Option<&Value>| value.and_then(Value::as_bool).unwrap_or(false);
            match (is_hidden(old.get(key)), is_hidden(Some(value))) {
                (true, false) => found.push(format!("the offer plan `{id}` was hidden, and would be shown (wider)")),
                (false, true) => found.push(format!("the offer plan `{id}` was shown, and would be hidden (narrower)")),
                _ => {}
            }
        }
        if let Some(value) = plan.get("restrictedAudience") {
            found.extend(restricted(id, old.get("restrictedAudience"), value));
        }
    }
    let sentence = found.join("; ");
    (!sentence.is_empty()).then_some(Block { guard: Guard::AudienceChange, sentence, messages: Vec::new() })
}

/// The value of the key under any namespace.
fn declared<'value>(map: &'value Value, name: &str) -> impl Iterator<Item = (&'value String, &'value Value)> {
    let is_it = move |key: &String| key.rsplit('.').next() == Some(name);
    map.as_object().into_iter().flatten().filter(move |(key, _)| is_it(key))
}

fn restricted(id: &str, old: Option<&Value>, new: &Value) -> Option<String> {
    let old = old.filter(|old| !is_unset(old));
    match (old, is_unset(new)) {
        (None, true) => None,
        (Some(_), true) => {
            Some(format!("the offer plan `{id}` was for chosen customers, and would be for everybody (wider)"))
        }
        (None, false) => {
            Some(format!("the offer plan `{id}` was for everybody, and would be for chosen customers (narrower)"))
        }
        (Some(old), false) => {
            let entries = |value: &Value| value.get("manualEntries").cloned();
            // What the manifest does not say stays as it is.
            let listed = entries(new)?;
            let ids = |value: Option<&Value>| names(value.and_then(Value::as_array), |item| item.get("id")?.as_str());
            told(&format!("who may buy the offer plan `{id}`"), &ids(entries(old).as_ref()), &ids(Some(&listed)))
        }
    }
}

fn names<'value>(
    items: Option<&'value Vec<Value>>,
    name: impl Fn(&'value Value) -> Option<&'value str>,
) -> BTreeSet<String> {
    items.into_iter().flatten().filter_map(name).map(str::to_owned).collect()
}

fn told(what: &str, old: &BTreeSet<String>, new: &BTreeSet<String>) -> Option<String> {
    let listed = |sign: char, names: Vec<&String>| {
        let mut listed: Vec<_> = names.iter().take(NAMED).map(|name| format!("{sign}{name}")).collect();
        if names.len() > NAMED {
            listed.push(format!("{sign}{} more", names.len() - NAMED));
        }
        listed.join(" ")
    };
    let (added, removed): (Vec<_>, Vec<_>) = (new.difference(old).collect(), old.difference(new).collect());
    let way = match (added.is_empty(), removed.is_empty()) {
        (true, true) => return None,
        (false, true) => "wider",
        (true, false) => "narrower",
        (false, false) => "wider and narrower",
    };
    let changes = [listed('+', added), listed('-', removed)].join(" ");
    Some(format!("{what} changes ({way}): {}", changes.trim()))
}
