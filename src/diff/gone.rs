//! What the last apply wrote and nobody says any more: it left the manifest, and the draft lost it by another hand than
//! ours. A slot holds it until the next publish.

use serde_json::Value;

use super::elements::Elements;
use super::equality::{is_unset, observed_child, set_value};
use super::{Context, is_secret_placeholder};
use crate::offer::{FieldPath, ListRule, Ownership, Rules, ValueKind};

/// The fields that were applied and that neither the manifest nor the draft says, each as far up as nobody does.
pub fn gone_since(context: &Context<'_>, applied: &Value, desired: &Value, draft: &Value) -> Vec<FieldPath> {
    let mut search = Search { context, path: FieldPath::root(), found: Vec::new() };
    search.visit(context.catalogue.rules(), applied, Some(desired), Some(draft));
    search.found
}

struct Search<'search> {
    context: &'search Context<'search>,
    path: FieldPath,
    found: Vec<FieldPath>,
}

impl Search<'_> {
    fn visit<'value>(
        &mut self,
        rules: Rules<'_>,
        applied: &Value,
        desired: Option<&'value Value>,
        draft: Option<&'value Value>,
    ) {
        // Most of what was applied is said as it was then.
        if desired == Some(applied) {
            return;
        }
        let field = rules.field();
        let is_hidden = is_secret_placeholder(applied) || field.value == ValueKind::Secret;
        let is_waived = || self.context.ignore.iter().any(|ignored| self.path.is_within(&ignored.path));
        if field.ownership != Ownership::Publisher || is_unset(applied) || is_hidden || is_waived() {
            return;
        }
        let [desired, draft] = [desired, draft].map(|side| side.filter(|value| !is_unset(value)));
        if desired.is_none() && draft.is_none() {
            return self.found.push(self.path.clone());
        }
        match (applied, &field.list) {
            (Value::Object(map), _) if desired.is_none_or(Value::is_object) => {
                for (key, value) in map {
                    let rules = rules.child(key);
                    let desired = desired.and_then(|side| observed_child(side.as_object()?, key, rules.field()));
                    let draft = draft.and_then(|side| set_value(side.as_object()?, key, rules.field()));
                    self.part(rules, key, value, desired, draft);
                }
            }
            (Value::Array(items), ListRule::Keyed(key)) if desired.is_none_or(Value::is_array) => {
                let elements = |side: Option<&'value Value>| {
                    Elements::new(side.and_then(Value::as_array).map_or(&[][..], Vec::as_slice), key)
                };
                let [desired, draft] = [desired, draft].map(elements);
                for (name, value) in Elements::new(items, key).named() {
                    self.part(rules.child(name), name, value, desired.get(name), draft.get(name));
                }
            }
            _ => {}
        }
    }

    fn part(&mut self, rules: Rules<'_>, name: &str, applied: &Value, desired: Option<&Value>, draft: Option<&Value>) {
        self.path.push(name);
        self.visit(rules, applied, desired, draft);
        self.path.pop();
    }
}
