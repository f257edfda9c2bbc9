//! The places of an offer's documents: what the manifest, the record and the slots say anything about.

use serde_json::Value;

use super::Evidence;
use crate::diff::{is_secret_placeholder, stated_at};
use crate::offer::{Document, FieldPath, ListRule, Rules, element_name};

/// How deep documents are looked into; nothing that the service knows is deeper.
const DEPTH: usize = 16;

/// Every document that says something about the offer: first what the manifest says.
pub(super) fn documents<'input>(evidence: &Evidence<'input>) -> Vec<&'input Value> {
    let desired = evidence.managed.map(|managed| &managed.desired.document);
    let slots = evidence.documents().map(|(_, document)| Document::as_value(document));
    desired.into_iter().chain(slots).chain(evidence.known.applied.as_deref()).collect()
}

/// Whether any document says something there.
pub(super) fn is_stated(evidence: &Evidence<'_>, path: &FieldPath) -> bool {
    documents(evidence).iter().any(|document| stated_at(evidence.catalogue, document, path).is_some())
}

/// The names of what stands right below a place, each once.
pub(super) fn children(evidence: &Evidence<'_>, path: &FieldPath) -> Vec<String> {
    let rules = evidence.catalogue.rules_at(path);
    let mut names: Vec<String> = Vec::new();
    for document in documents(evidence) {
        let here = stated_at(evidence.catalogue, document, path);
        for (name, _) in here.into_iter().flat_map(|here| parts(rules, here)) {
            if !names.contains(&name) {
                names.push(name);
            }
        }
    }
    names
}

/// Every place in all documents, each once; what contains others comes before them.
pub(super) fn all(evidence: &Evidence<'_>) -> Vec<FieldPath> {
    let mut found = Vec::new();
    let mut seen = std::collections::HashSet::new();
    for document in documents(evidence) {
        visit(evidence.catalogue.rules(), &FieldPath::root(), document, &mut |path| {
            if seen.insert(path.clone()) {
                found.push(path.clone());
            }
        });
    }
    found
}

fn visit(rules: Rules<'_>, path: &FieldPath, value: &Value, see: &mut impl FnMut(&FieldPath)) {
    if path.segments().len() >= DEPTH {
        return;
    }
    for (name, part) in parts(rules, value) {
        let path = path.child(name.as_str());
        see(&path);
        visit(rules.child(&name), &path, part, see);
    }
}

/// What can be named inside a value: the keys of a map and the elements of a keyed list.
fn parts<'value>(rules: Rules<'_>, value: &'value Value) -> Vec<(String, &'value Value)> {
    match (value, &rules.field().list) {
        (Value::Object(map), _) if !is_secret_placeholder(value) => {
            map.iter().map(|(key, part)| (key.clone(), part)).collect()
        }
        (Value::Array(items), ListRule::Keyed(key)) => {
            items.iter().filter_map(|item| Some((element_name(item, key)?, item))).collect()
        }
        _ => Vec::new(),
    }
}
