//! `audience-change`: who may see or buy something changes, in words that tell whether it gets wider or narrower. Which
//! fields say so is the catalogue's.

use std::collections::BTreeSet;

use serde_json::Value;

use super::Guard;
use super::blocks::Alarm;
use crate::diff::{Difference, is_unset};
use crate::offer::{Audience, Catalogue, FieldPath, Rules};

/// How many names a sentence tells.
const NAMED: usize = 3;

/// What is called for once `new` takes the place of `old`.
///
/// `replaced` is what differs by meaning between the manifest and `old`: which files are other ones.
pub(super) fn alarm(catalogue: &Catalogue, new: &Value, old: &Value, replaced: &[Difference]) -> Option<Alarm> {
    let mut search = Search { replaced, plan: "", found: Vec::new(), fields: Vec::new() };
    let definition = FieldPath::root().child("definition");
    let (offer, plans) = (definition.child("offer"), definition.child("plans"));
    if let (Some(new), Some(old)) = (new.pointer("/definition/offer"), old.pointer("/definition/offer")) {
        search.visit(catalogue.rules_at(&offer), &offer, new, old);
    }
    for plan in new.pointer("/definition/plans").and_then(Value::as_array).into_iter().flatten() {
        let same = |other: &&Value| other.get("planId").is_some() && other.get("planId") == plan.get("planId");
        let olds = old.pointer("/definition/plans").and_then(Value::as_array);
        // An offer plan that comes or goes as a whole has guards of its own.
        let Some(old) = olds.into_iter().flatten().find(same) else { continue };
        search.plan = plan.get("planId").and_then(Value::as_str).unwrap_or_default();
        let path = plans.child(search.plan);
        search.visit(catalogue.rules_at(&path), &path, plan, old);
    }
    let sentence = search.found.join("; ");
    (!sentence.is_empty()).then_some(Alarm::new(Guard::AudienceChange, sentence, search.fields))
}

struct Search<'value> {
    replaced: &'value [Difference],
    plan: &'value str,
    found: Vec<String>,
    /// The fields that say so.
    fields: Vec<FieldPath>,
}

impl Search<'_> {
    /// Looks at the fields of a map, on either side.
    fn visit(&mut self, rules: Rules<'_>, path: &FieldPath, new: &Value, old: &Value) {
        let (Some(new), Some(old)) = (new.as_object(), old.as_object()) else { return };
        let only_old = old.keys().filter(|key| !new.contains_key(*key));
        for key in new.keys().chain(only_old) {
            let rules = rules.child(key);
            let [new, old] = [new, old].map(|map| map.get(key).unwrap_or(&Value::Null));
            if let Some(audience) = rules.field().audience {
                let path = path.child(key.as_str());
                let before = (self.found.len(), self.fields.len());
                self.field(audience, rules, &path, new, old);
                // A field inside of it may have been named already.
                if self.found.len() > before.0 && self.fields.len() == before.1 {
                    self.fields.push(path);
                }
            }
        }
    }

    fn field(&mut self, audience: Audience, rules: Rules<'_>, path: &FieldPath, new: &Value, old: &Value) {
        let plan = self.plan;
        let says = |value: &Value, what: bool| value.as_bool() == Some(what);
        match audience {
            Audience::Preview => {
                let names = |list| names(list, Value::as_str);
                self.found.extend(told("who may see the preview", &names(old), &names(new)));
            }
            Audience::Hides | Audience::Shows => {
                let hiding = audience == Audience::Hides;
                match (says(old, hiding), says(new, hiding)) {
                    (true, false) => {
                        self.found.push(format!("the offer plan `{plan}` was hidden, and would be shown (wider)"));
                    }
                    (false, true) => {
                        self.found.push(format!("the offer plan `{plan}` was shown, and would be hidden (narrower)"));
                    }
                    _ => {}
                }
            }
            Audience::Restricts => match (is_unset(old), is_unset(new)) {
                (true, true) => {}
                (false, true) => self.found.push(format!(
                    "the offer plan `{plan}` was for chosen customers, and would be for everybody (wider)"
                )),
                (true, false) => self.found.push(format!(
                    "the offer plan `{plan}` was for everybody, and would be for chosen customers (narrower)"
                )),
                (false, false) => self.visit(rules, path, new, old),
            },
            Audience::Customers => {
                let ids = |list| names(list, |item| item.get("id")?.as_str());
                self.found.extend(told(&format!("who may buy the offer plan `{plan}`"), &ids(old), &ids(new)));
            }
            Audience::Regions | Audience::Clouds => {
                let what = if audience == Audience::Regions { "where" } else { "in which clouds" };
                let names = |list| names(list, Value::as_str);
                self.found.extend(told(&format!("{what} the offer plan `{plan}` is sold"), &names(old), &names(new)));
            }
            Audience::CustomerFile => {
                let is_other = self.replaced.iter().any(|found| found.path.is_within(path));
                let what = match (is_unset(old), is_unset(new)) {
                    (true, false) => "comes to it",
                    (false, true) => "goes away",
                    (false, false) if is_other => "is another one",
                    _ => return,
                };
                self.found.push(format!(
                    "the file that says who may buy the offer plan `{plan}` {what}, and offerctl cannot read it: compare the \
                     customers by hand"
                ));
            }
        }
    }
}

fn names<'value>(list: &'value Value, name: impl Fn(&'value Value) -> Option<&'value str>) -> BTreeSet<String> {
    list.as_array().into_iter().flatten().filter_map(name).map(str::to_owned).collect()
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
