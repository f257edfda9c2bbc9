//! Passengers: what a submission of ours would ship beyond the manifest, because somebody left it where the submission
//! takes its content from.
//!
//! Where no slot holds anything yet, everything that the manifest does not say is told: as passengers when earlier runs wrote
//! the draft, else as what the offer was begun with.

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::blocks::Alarm;
use super::{Change, Guard};
use crate::diff::{
    Class, Context, Difference, Operation, between, is_secret_placeholder, is_unset, lenders, mean_the_same, set_value,
};
use crate::offer::{Catalogue, Desired, FieldPath, ListRule, OfferKey, Ownership, Rules, Slot, element_name};

/// An edit that is not the manifest's and that the planned steps would ship.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Passenger {
    /// Where, what the slot holds now (before) and what would replace it (after).
    pub difference: Difference,
    /// Whether its values must not be shown as they are.
    pub sensitive: bool,
    /// Where it sits.
    pub from: Slot,
    /// The slot that does not have it yet.
    pub replaces: Slot,
}

/// What the steps take where.
#[derive(Debug, Clone, Copy)]
pub(super) struct Shipment<'value> {
    /// The content that is submitted, before the manifest's changes.
    pub(super) content: &'value Value,
    pub(super) from: Slot,
    /// What it replaces.
    pub(super) old: &'value Value,
    pub(super) replaces: Slot,
}

/// Everything in the shipment that its slot does not hold and that neither the manifest nor an earlier run decided.
pub(super) fn passengers(
    context: &Context<'_>,
    desired: &Desired,
    changes: &[Change],
    removed: &[FieldPath],
    shipment: Shipment<'_>,
) -> Vec<Passenger> {
    let gone = changes.iter().map(|change| &change.difference);
    let gone = gone.filter(|change| change.is_written() && change.operation == Operation::Remove);
    let gone = gone.map(|change| &change.path).chain(removed).flat_map(|path| names(context.catalogue, path)).collect();
    unsaid(context, &desired.document, gone, shipment.old, shipment.content)
        .into_iter()
        .map(|difference| Passenger {
            sensitive: context.catalogue.rules_at(&difference.path).field().sensitive,
            difference,
            from: shipment.from,
            replaces: shipment.replaces,
        })
        .collect()
}

/// Everything that leads from one document to the other and that the manifest neither says nor took away.
pub(crate) fn unsaid(
    context: &Context<'_>,
    desired: &Value,
    gone: Vec<FieldPath>,
    before: &Value,
    after: &Value,
) -> Vec<Difference> {
    let mut search = Search { context, gone, path: FieldPath::root(), found: Vec::new() };
    for Difference { path, before, after, .. } in between(context.catalogue, context.media, before, after) {
        search.walk_to(&path, desired, before.as_ref(), after.as_ref());
    }
    let copies = search.copies();
    search.found.into_iter().zip(copies).filter(|(_, is_copy)| !is_copy).map(|(found, _)| found).collect()
}

/// What a person can do about passengers, with the very command that takes them into the manifest. There is nothing to take
/// of what somebody removed, and nothing may be taken of what is waived.
pub(super) fn way_out(key: &OfferKey, passengers: &[Passenger]) -> String {
    let general = Guard::Passengers.way_out(key);
    let is_waived = |passenger: &&Passenger| passenger.difference.waived.is_some();
    let held = passengers.iter().filter(|passenger| passenger.difference.after.is_some());
    let words =
        held.filter(|passenger| !is_waived(passenger)).map(|passenger| passenger.difference.path.as_shell_word());
    let flags: Vec<_> = words.map(|word| format!("--path {word}")).collect();
    let way_out = match flags.len() {
        0 => format!(
            "take them back in the portal when they are not right, or ship them as they are with `--allow {}:{key}`",
            Guard::Passengers
        ),
        1..=NAMED => general.replacen("--path PATH", &flags.join(" "), 1),
        _ => general,
    };
    match passengers.iter().find(is_waived) {
        Some(waived) => format!(
            "{way_out}; `{}` is waived, so the manifest has no say in it until its entry in `reconcile.ignore` is deleted",
            waived.difference.path
        ),
        None => way_out,
    }
}

/// How many paths a sentence names; the list above it has all of them.
const NAMED: usize = 3;

/// What the passengers call for.
pub(super) fn alarm(passengers: &[Passenger]) -> Option<Alarm> {
    let Passenger { from, replaces, .. } = passengers.first()?;
    let named = passengers.iter().take(NAMED);
    let named: Vec<_> = named.map(|passenger| format!("`{}`", passenger.difference.path)).collect();
    let others = match passengers.len().saturating_sub(NAMED) {
        0 => String::new(),
        others => format!(" and {others} more"),
    };
    let doing = if *from == Slot::Draft { "publishing" } else { "going live" };
    let count = if passengers.len() == 1 { "an edit".to_owned() } else { format!("{} edits", passengers.len()) };
    let sentence = format!(
        "{doing} would also ship {count} of the {from} that the manifest does not say and {replaces} does not have: \
         {}{others}",
        named.join(", ")
    );
    let fields = passengers.iter().map(|passenger| passenger.difference.path.clone()).collect();
    Some(Alarm::new(Guard::Passengers, sentence, fields))
}

/// The sentence on what an offer was begun with outside of the manifest.
pub(super) fn note(begun_elsewhere: &[Passenger]) -> Option<String> {
    let paths = begun_elsewhere.iter().map(|passenger| format!("`{}`", passenger.difference.path));
    let paths: Vec<_> = paths.collect();
    (!paths.is_empty()).then(|| {
        format!(
            "nothing is published yet: also what the manifest does not say is published for the first time: {}",
            paths.join(", ")
        )
    })
}

/// The path, and where else the service puts what is written there.
fn names(catalogue: &Catalogue, path: &FieldPath) -> Vec<FieldPath> {
    let mut found = vec![path.clone()];
    if let Some((last, parents)) = path.segments().split_last() {
        let field = catalogue.rules_at(path).field();
        let parent = parents.iter().fold(FieldPath::root(), |parent, segment| parent.child(segment.as_str()));
        let others = [field.returned_key(last), field.mirrored_key(last)].into_iter().flatten();
        found.extend(others.map(|name| parent.child(name)));
    }
    found
}

struct Search<'search> {
    context: &'search Context<'search>,
    /// What the manifest's own removals take away, now or earlier.
    gone: Vec<FieldPath>,
    path: FieldPath,
    found: Vec<Difference>,
}

impl Search<'_> {
    /// Goes down the manifest as far as it says anything on the way to the difference.
    fn walk_to(&mut self, path: &FieldPath, desired: &Value, before: Option<&Value>, after: Option<&Value>) {
        self.path = FieldPath::root();
        let mut rules = self.context.catalogue.rules();
        let mut said = Some(desired);
        for segment in path.segments() {
            said = said.and_then(|said| match said {
                _ if !is_open(said, rules) => Some(said),
                said => child(said, rules, segment),
            });
            rules = rules.child(segment);
            self.path.push(segment.as_str());
        }
        self.visit(rules, said, before, after);
    }

    fn visit(&mut self, rules: Rules<'_>, said: Option<&Value>, before: Option<&Value>, after: Option<&Value>) {
        if rules.field().ownership != Ownership::Publisher || self.gone.iter().any(|gone| self.path.is_within(gone)) {
            return;
        }
        let waived = self.context.ignore.iter().find(|ignored| self.path.is_within(&ignored.path));
        let said = said.filter(|_| waived.is_none());
        // Whatever is declared as a whole is written as the manifest says; only inside of its elements others have a say.
        if let Some(said) = said.filter(|said| !is_open(said, rules)) {
            return self.elements(rules, said, before, after);
        }
        let holds_gone = self.gone.iter().any(|gone| gone.is_within(&self.path));
        let whole = match (before, after) {
            (Some(whole), None) | (None, Some(whole)) => whole,
            // Two values of different kinds: the manifest's own takes the place of both.
            _ if said.is_some() => return,
            _ => return self.push(waived.map(|waiver| &waiver.reason), before, after),
        };
        let parts = if said.is_some() || holds_gone { parts(whole, rules) } else { None };
        let Some(parts) = parts else {
            return self.push(waived.map(|waiver| &waiver.reason), before, after);
        };
        for (name, part) in parts {
            let said = said.and_then(|said| child(said, rules, &name));
            let (before, after) = if before.is_some() { (Some(part), None) } else { (None, Some(part)) };
            self.path.push(name.as_str());
            self.visit(rules.child(&name), said, before, after);
            self.path.pop();
        }
    }

    /// The elements of a list that is declared as a whole keep the keys that the manifest does not say.
    fn elements(&mut self, rules: Rules<'_>, said: &Value, before: Option<&Value>, after: Option<&Value>) {
        let Value::Array(items) = said else { return };
        let [before, after] = [before, after].map(|side| {
            let held = side.and_then(Value::as_array).map_or(&[][..], Vec::as_slice);
            lenders(self.context, rules, &self.path, items, held)
        });
        for (index, ((item, before), after)) in items.iter().zip(before).zip(after).enumerate() {
            let index = index.to_string();
            self.path.push(index.as_str());
            self.element(rules.child(&index), item, before, after);
            self.path.pop();
        }
    }

    fn element(&mut self, rules: Rules<'_>, said: &Value, before: Option<&Value>, after: Option<&Value>) {
        let [before, after] = [before, after].map(|side| side.and_then(Value::as_object));
        if !said.is_object() || is_secret_placeholder(said) {
            return;
        }
        let held = after.into_iter().flatten();
        let only_before =
            before.into_iter().flatten().filter(|(key, _)| after.is_none_or(|map| !map.contains_key(*key)));
        for (key, _) in held.chain(only_before) {
            let said = child(said, rules, key);
            let rules = rules.child(key);
            let [before, after] = [before, after].map(|side| set_value(side?, key, rules.field()));
            self.path.push(key.as_str());
            match said {
                Some(said) => self.element(rules, said, before, after),
                None if rules.field().ownership != Ownership::Publisher => {}
                None if mean_the_same(self.context, rules, &self.path, before, after) => {}
                None => self.push(None, before, after),
            }
            self.path.pop();
        }
    }

    fn push(&mut self, waived: Option<&String>, before: Option<&Value>, after: Option<&Value>) {
        let operation = match (before, after) {
            (None, _) => Operation::Add,
            (_, None) => Operation::Remove,
            _ => Operation::Replace,
        };
        self.found.push(Difference {
            path: self.path.clone(),
            operation,
            class: Class::Drift,
            before: before.cloned(),
            after: after.cloned(),
            waived: waived.cloned(),
            content: None,
        });
    }

    /// Of each found difference, whether it is only the service's copy of another one.
    fn copies(&self) -> Vec<bool> {
        let is_copy = |difference: &Difference| {
            let mut rules = self.context.catalogue.rules();
            let mut original = FieldPath::root();
            for segment in difference.path.segments() {
                original.push(rules.mirrored_from(segment).unwrap_or_else(|| segment.clone()));
                rules = rules.child(segment);
            }
            original != difference.path && self.found.iter().any(|found| found.path == original)
        };
        self.found.iter().map(is_copy).collect()
    }
}

/// Whether a manifest may say only a part of the value, so that others may say the rest.
fn is_open(said: &Value, rules: Rules<'_>) -> bool {
    match said {
        Value::Object(_) => !is_secret_placeholder(said),
        Value::Array(_) => matches!(rules.field().list, ListRule::Keyed(_)),
        _ => false,
    }
}

/// What the manifest says of a part, under whichever of its names: the service renames some fields and copies others.
fn child<'value>(said: &'value Value, rules: Rules<'_>, name: &str) -> Option<&'value Value> {
    match (said, &rules.field().list) {
        (Value::Object(map), _) => map.get(name).or_else(|| {
            let names = |key: &str| {
                let field = rules.child(key).field();
                [field.returned_key(key), field.mirrored_key(key)].into_iter().flatten()
            };
            let forwards = || map.iter().find(|(key, _)| names(key).any(|other| other == name)).map(|(_, value)| value);
            names(name).find_map(|other| map.get(&other)).or_else(forwards)
        }),
        (Value::Array(items), ListRule::Keyed(key)) => {
            items.iter().find(|item| element_name(item, key).as_deref() == Some(name))
        }
        _ => None,
    }
}

/// The parts of a value that somebody set, by name; `None` for a value that has none.
fn parts<'value>(whole: &'value Value, rules: Rules<'_>) -> Option<Vec<(String, &'value Value)>> {
    match (whole, &rules.field().list) {
        (Value::Object(map), _) if !map.is_empty() => {
            let set = map.keys().filter_map(|key| {
                let value = map.get(key).filter(|_| set_value(map, key, rules.child(key).field()).is_some())?;
                Some((key.clone(), value))
            });
            Some(set.filter(|(_, value)| !is_unset(value)).collect())
        }
        (Value::Array(items), ListRule::Keyed(key)) => {
            items.iter().map(|item| Some((element_name(item, key)?, item))).collect()
        }
        _ => None,
    }
}
