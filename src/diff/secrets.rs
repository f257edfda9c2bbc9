//! Secrets, which no answer of the service shows: where one must stand although nothing is seen of it, and what a
//! comparison makes of one whose value is known to have changed.

use std::mem;

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use super::compare::{waiver, without_ignored, without_removals};
use super::{Class, Comparison, Context, Difference, Operation, Sides, is_unset, value_at};
use crate::offer::{Catalogue, FieldPath, Rules, ValueKind};

/// What is known of the value that the environment has for a secret, next to the one that was sent last.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum SecretVerdict {
    /// It is the same.
    Unchanged,
    /// Nobody can tell.
    Unverifiable,
    /// It is another one.
    Changed,
}

impl Comparison {
    /// Takes in what is known of secrets: one that changed is a difference, one that did not is in sync.
    ///
    /// What nobody can tell stays as it is. Differences that are found so stand behind the others.
    pub fn judge_secrets(&mut self, context: &Context<'_>, sides: Sides<'_>, judged: &[(&FieldPath, SecretVerdict)]) {
        for path in mem::take(&mut self.unverifiable) {
            let inside = judged.iter().filter(|(secret, _)| secret.is_within(&path));
            match inside.map(|(_, verdict)| *verdict).max() {
                Some(SecretVerdict::Unchanged) => {}
                Some(SecretVerdict::Changed) => self.differences.push(of_secret(context, sides, path)),
                Some(SecretVerdict::Unverifiable) | None => self.unverifiable.push(path),
            }
        }
    }
}

/// The difference at a place that holds a secret which changed. Where the secret stands by itself, both sides name it.
fn of_secret(context: &Context<'_>, sides: Sides<'_>, path: FieldPath) -> Difference {
    let place = context.catalogue.in_document(sides.desired, &path);
    let desired = sides.desired.pointer(&place.to_string()).unwrap_or(&Value::Null);
    let before = if super::is_secret_placeholder(desired) {
        Some(desired)
    } else {
        sides.observed.and_then(|observed| value_at(context.catalogue, observed, &path))
    };
    Difference {
        operation: if before.is_some() { Operation::Replace } else { Operation::Add },
        class: Class::Pending,
        before: before.cloned(),
        after: Some(without_ignored(context.ignore, &path, without_removals(desired))),
        waived: waiver(context.ignore, &path),
        content: None,
        path,
    }
}

/// A place where the service seems to keep a secret that it does not return.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UnseenSecret {
    /// The configuration that it belongs to.
    pub configuration: FieldPath,
    /// The keys of it that are secret; any of them may be the one that is set.
    pub keys: Vec<String>,
}

/// Where a document of the service leaves out a secret that must be there.
pub fn unseen_secrets(catalogue: &Catalogue, document: &Value) -> Vec<UnseenSecret> {
    let place = FieldPath::root().child("definition").child("offer");
    let Some(Value::Object(offer)) = document.pointer(&place.to_string()) else { return Vec::new() };
    let unseen = unseen_in(catalogue.rules_at(&place), offer);
    unseen.into_iter().map(|(key, keys)| UnseenSecret { configuration: place.child(key), keys }).collect()
}

/// The keys of a map that hold a secret which is not returned, each with the names that the secret may have: the
/// configurations that the offer sends its leads by, and those of which the rest is set.
pub(crate) fn unseen_in(rules: Rules<'_>, map: &Map<String, Value>) -> Vec<(String, Vec<String>)> {
    let mut keys = named_by_destination(rules, map);
    for (key, _) in map.iter().filter(|(_, value)| holds_something(value)) {
        if !keys.contains(key) {
            keys.push(key.clone());
        }
    }
    let unseen = keys.into_iter().filter_map(|key| {
        let inside = rules.child(&key);
        let is_secret = |name: &str| inside.child(name).field().value == ValueKind::Secret;
        let secrets: Vec<_> = inside.listed().into_iter().filter(|name| is_secret(name)).map(str::to_owned).collect();
        let is_told =
            map.get(&key).and_then(Value::as_object).is_some_and(|map| map.keys().any(|name| is_secret(name)));
        (!secrets.is_empty() && !is_told).then_some((key, secrets))
    });
    unseen.collect()
}

/// The configurations that the destination of the leads speaks of: `Table` of `tableLeadConfiguration`.
fn named_by_destination(rules: Rules<'_>, offer: &Map<String, Value>) -> Vec<String> {
    let destination = offer.iter().find_map(|(key, value)| {
        let namespace = key.strip_suffix("leadDestination")?;
        Some((namespace, value.as_str()?.to_ascii_lowercase()))
    });
    let Some((namespace, destination)) = destination else { return Vec::new() };
    let is_meant = |name: &&str| {
        let kind = name.strip_suffix("LeadConfiguration").map(str::to_ascii_lowercase);
        kind.is_some_and(|kind| destination.contains(&kind))
    };
    rules.listed().into_iter().filter(is_meant).map(|name| format!("{namespace}{name}")).collect()
}

fn holds_something(configuration: &Value) -> bool {
    configuration.as_object().is_some_and(|map| map.values().any(|value| !is_unset(value)))
}
