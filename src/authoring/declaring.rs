//! A field that the service has and no file declares: what a manifest would have to say so that it does.

use serde_json::{Map, Value};

use super::adopt::Wanted;
use crate::diff::value_at;
use crate::offer::{Catalogue, FieldPath, ListRule, Ownership, element_name};

/// What to take over so that the manifest declares the field, with as much around it as the manifest does not have yet.
///
/// `None` when it declares the field already, when the service has nothing there, or nothing that is the publisher's.
pub fn undeclared(catalogue: &Catalogue, desired: &Value, observed: &Value, path: &FieldPath) -> Option<Wanted> {
    let segments = path.segments();
    if segments.len() < 2 || catalogue.rules_at(path).field().ownership != Ownership::Publisher {
        return None;
    }
    let value = value_at(catalogue, observed, path)?;
    let prefix = |length: usize| segments[..length].iter().fold(FieldPath::root(), |path, it| path.child(it.as_str()));
    let declared = |length: usize| desired.pointer(&catalogue.in_document(desired, &prefix(length)).to_string());
    let known = (0..segments.len()).rev().find(|length| declared(*length).is_some())?;
    if declared(segments.len()).is_some() || !declared(known).is_some_and(is_collection) {
        return None;
    }
    let mut said = value.clone();
    for depth in (known..segments.len()).rev() {
        let element_key = match &catalogue.rules_at(&prefix(depth)).field().list {
            ListRule::Keyed(key) => Some(key),
            ListRule::Atomic | ListRule::Set => None,
        };
        if let (Some(key), Value::Object(element)) = (element_key, &mut said) {
            // The service's own spelling of it: a disk's number is no text.
            let held = value_at(catalogue, observed, &prefix(depth)).and_then(Value::as_array);
            let named = |item: &&Value| element_name(item, key).as_deref() == Some(segments[depth].as_str());
            let id = held.into_iter().flatten().find(named).and_then(|item| item.get(key)).cloned();
            let mut whole = Map::from_iter([(key.clone(), id?)]);
            whole.extend(element.clone());
            said = Value::Object(whole);
        }
        if depth > known {
            said = match element_key {
                Some(_) => Value::Array(vec![said]),
                None => Value::Object(Map::from_iter([(segments[depth].clone(), said)])),
            };
        }
    }
    Some(Wanted { path: prefix(known + 1), observed: Some(said) })
}

fn is_collection(value: &Value) -> bool {
    value.is_object() || value.is_array()
}

/// Adds what is wanted; what stands under a place that is to be declared already comes to it.
pub fn add_wanted(all: &mut Vec<Wanted>, wanted: Wanted) {
    match all.iter_mut().find(|other| other.path == wanted.path) {
        Some(Wanted { observed: Some(observed), .. }) => merge(observed, wanted.observed),
        _ => all.push(wanted),
    }
}

fn merge(into: &mut Value, other: Option<Value>) {
    match (into, other) {
        (Value::Object(map), Some(Value::Object(more))) => {
            for (key, value) in more {
                match map.get_mut(&key) {
                    Some(held) => merge(held, Some(value)),
                    None => drop(map.insert(key, value)),
                }
            }
        }
        (Value::Array(items), Some(Value::Array(more))) => {
            let new: Vec<_> = more.into_iter().filter(|item| !items.contains(item)).collect();
            items.extend(new);
        }
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn told(desired: &Value, paths: &[&str]) -> String {
        let observed = json!({"status": "running", "definition": {
            "displayText": "VM",
            "offer": {"x.title": "VM", "x.map": {"a": {"b": 1}, "c": 2}, "x.unset": ""},
            "plans": [{"planId": "gold", "x.vmImages": {"1.0": {"lunVhdDetails": [{"lun": 0, "name": "data"}]}}}],
        }});
        let mut all = Vec::new();
        for path in paths {
            let wanted = undeclared(Catalogue::built_in(), desired, &observed, &FieldPath::parse(path).unwrap());
            if let Some(wanted) = wanted {
                add_wanted(&mut all, wanted);
            }
        }
        let told = |wanted: &Wanted| format!("{}: {}", wanted.path, wanted.observed.clone().unwrap_or_default());
        all.iter().map(told).collect::<Vec<_>>().join("\n")
    }

    #[test]
    fn what_is_around_an_undeclared_field_is_declared_with_it() {
        let desired = json!({"definition": {"displayText": "VM", "offer": {"x.title": "VM"}, "plans": []}});
        let told = |paths: &[&str]| told(&desired, paths);
        insta::assert_snapshot!(told(&["/definition/offer/x.map"]), @r#"/definition/offer/x.map: {"a":{"b":1},"c":2}"#);
        insta::assert_snapshot!(told(&["/definition/offer/x.map/a/b", "/definition/offer/x.map/c"]), @r#"/definition/offer/x.map: {"a":{"b":1},"c":2}"#);
        insta::assert_snapshot!(told(&["/definition/plans/gold/x.vmImages/1.0/lunVhdDetails/0/name"]), @r#"/definition/plans/gold: {"planId":"gold","x.vmImages":{"1.0":{"lunVhdDetails":[{"lun":0,"name":"data"}]}}}"#);
        assert_eq!(
            told(&["/definition/displayText", "/definition/offer/x.unset", "/status", "/definition/offer/y"]),
            ""
        );
    }
}
