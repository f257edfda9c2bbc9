//! The walk over desired, observed and applied: finds each difference and says whose it is.

use serde_json::{Map, Value, json};

use super::clean::fit_for_record_at;
use super::content::{compare_contents, settle_own_writes};
use super::elements::Elements;
use super::equality::{is_unset, observed_child, observed_key, same_at_sight, set_value, verdict};
use super::verdict::{Judgement, Sameness, Trace, Unlikeness, Verdict};
use super::{Class, Comparison, Context, Difference, Operation, Sides, is_secret_placeholder};
use crate::offer::{FieldPath, IgnoredField, ListRule, OfferPlansPolicy, Ownership, Rules};

/// Compares the definitions of the three documents.
///
/// The envelope around the definition names the offer or is the service's own, so it never differs in a way that could
/// be written.
pub fn compare(context: &Context<'_>, sides: Sides<'_>) -> Comparison {
    walk(context, sides, None).0
}

/// The same comparison, and what it came to at each place that it looked at.
pub fn trace(context: &Context<'_>, sides: Sides<'_>) -> (Comparison, Trace) {
    let (comparison, trace) = walk(context, sides, Some(Trace::default()));
    (comparison, trace.unwrap_or_default())
}

fn walk(context: &Context<'_>, sides: Sides<'_>, trace: Option<Trace>) -> (Comparison, Option<Trace>) {
    let Some(desired) = sides.desired.get("definition") else {
        return (Comparison::default(), trace);
    };
    // A new offer is shown field by field, as an empty one that is filled.
    let blank = json!({"offer": {}, "plans": []});
    let observed = sides.observed.and_then(|document| document.get("definition")).unwrap_or(&blank);
    let applied = sides.applied.and_then(|document| document.get("definition"));
    let mut walk = Walk {
        context,
        recorded: applied.is_some(),
        creates: sides.observed.is_none(),
        path: FieldPath::root().child("definition"),
        found: Comparison::default(),
        trace,
    };
    walk.value(context.catalogue.rules().child("definition"), desired, Some(observed), applied);
    let Walk { mut found, mut trace, .. } = walk;
    if !context.local_files.is_empty() {
        let nothing = Value::Null;
        compare_contents(context, sides.desired, sides.observed.unwrap_or(&nothing), &mut found);
        if let Some(trace) = &mut trace {
            trace.take_in_contents(context.local_files, &found);
        }
    }
    settle_own_writes(context, sides.observed, &mut found);
    (found, trace)
}

struct Walk<'walk> {
    context: &'walk Context<'walk>,
    /// Whether a record tells what was applied.
    recorded: bool,
    /// Whether there is no offer yet, so that everything is sent for the first time.
    creates: bool,
    path: FieldPath,
    found: Comparison,
    /// What is told of each place, when somebody wants to know.
    trace: Option<Trace>,
}

impl Walk<'_> {
    fn at(&mut self, segment: &str, visit: impl FnOnce(&mut Self)) {
        self.path.push(segment);
        visit(self);
        self.path.pop();
    }

    fn judged(&mut self, verdict: Verdict) {
        if let Some(trace) = &mut self.trace {
            trace.judgements.push(Judgement { path: self.path.clone(), verdict });
        }
    }

    fn value(&mut self, rules: Rules<'_>, desired: &Value, observed: Option<&Value>, applied: Option<&Value>) {
        let field = rules.field();
        if field.ownership != Ownership::Publisher {
            return self.judged(Verdict::Same(Sameness::ServiceOwned));
        }
        match (desired, observed) {
            (Value::Object(map), Some(Value::Object(observed))) if !is_secret_placeholder(desired) => {
                self.map(rules, map, observed, applied);
            }
            (Value::Array(items), Some(Value::Array(others))) => {
                let applied_items = applied.and_then(Value::as_array).map_or(&[][..], Vec::as_slice);
                if let ListRule::Keyed(key) = &field.list {
                    let items = Elements::new(items, key);
                    if items.are_distinct() {
                        let (others, applied) = (Elements::new(others, key), Elements::new(applied_items, key));
                        return self.keyed(rules, &items, &others, &applied);
                    }
                }
                self.leaf(rules, desired, observed, applied);
            }
            _ => self.leaf(rules, desired, observed, applied),
        }
    }

    fn map(
        &mut self,
        rules: Rules<'_>,
        desired: &Map<String, Value>,
        observed: &Map<String, Value>,
        applied: Option<&Value>,
    ) {
        let applied_child = |key: &str| match applied? {
            Value::Object(applied) => applied.get(key),
            // Where the whole map was removed, each of its keys was.
            applied => applied.is_null().then_some(applied),
        };
        let mut in_order = observed.iter();
        for (key, value) in desired {
            // The service mostly keeps the order, and the key that is next need not be searched for.
            let found = match in_order.next() {
                Some((next, found)) if next == key => Some(found),
                _ => observed.get(key),
            };
            if let Some(sameness) = found.and_then(|found| same_at_sight(value, found)) {
                if self.trace.is_some() {
                    self.at(key, |walk| walk.judged(Verdict::Same(sameness)));
                }
                continue;
            }
            let rules = rules.child(key);
            self.note_place(observed, key, rules);
            let observed = found.or_else(|| observed_child(observed, key, rules.field()));
            self.at(key, |walk| walk.value(rules, value, observed, applied_child(key)));
        }
        let applied = applied.and_then(Value::as_object);
        // Where nothing left the manifest, the keys are the same in the same order; looking each of them up costs more.
        for (key, value) in applied.into_iter().filter(|applied| !applied.keys().eq(desired.keys())).flatten() {
            if desired.contains_key(key) {
                continue;
            }
            let rules = rules.child(key);
            let Some(held) = observed_key(observed, key, rules.field()) else { continue };
            // A field that the manifest now declares under the service's own name for it has not left the manifest.
            if !desired.contains_key(held.as_ref()) {
                let set = set_value(observed, key, rules.field());
                self.at(key, |walk| walk.left_manifest(rules, set, value));
            }
        }
    }

    /// Tells where the service puts a field that is not under its own key.
    fn note_place(&mut self, observed: &Map<String, Value>, key: &str, rules: Rules<'_>) {
        if let Some(trace) = &mut self.trace
            && let Some(place) = observed_key(observed, key, rules.field()).filter(|place| place != key)
        {
            trace.elsewhere.push((self.path.child(key), place.into_owned()));
        }
    }

    fn keyed(&mut self, rules: Rules<'_>, desired: &Elements<'_>, observed: &Elements<'_>, applied: &Elements<'_>) {
        for (name, element) in desired.named() {
            let (observed, applied) = (observed.get(name), applied.get(name));
            self.at(name, |walk| walk.value(rules.child(name), element, observed, applied));
        }
        for (name, element) in applied.named().filter(|(name, _)| !desired.contains(name)) {
            self.at(name, |walk| walk.removal(rules.child(name), observed.get(name), element));
        }
        if self.context.offer_plans == OfferPlansPolicy::Exact && self.is_list_of_offer_plans() {
            for (name, element) in observed.named() {
                if !desired.contains(name) && !applied.contains(name) {
                    // The last apply left no such offer plan behind, and the manifest wants none: somebody else put it there.
                    let class = if self.recorded { Class::Drift } else { Class::Unattributed };
                    self.at(name, |walk| {
                        walk.judged(Verdict::Different(Unlikeness::NotListed));
                        walk.push(class, Operation::Remove, Some(element), None);
                    });
                }
            }
        }
    }

    fn is_list_of_offer_plans(&self) -> bool {
        matches!(self.path.segments(), [definition, plans] if definition == "definition" && plans == "plans")
    }

    /// A field that left the manifest after it was applied. Of a map that also holds what others wrote, only our keys go.
    fn left_manifest(&mut self, rules: Rules<'_>, observed: Option<&Value>, applied: &Value) {
        match (observed, applied) {
            (Some(Value::Object(held)), Value::Object(ours)) if holds_more(rules, held, ours) => {
                self.map(rules, &Map::new(), held, Some(applied));
            }
            _ => self.removal(rules, observed, applied),
        }
    }

    fn removal(&mut self, rules: Rules<'_>, observed: Option<&Value>, applied: &Value) {
        let field = rules.field();
        let Some(observed) = observed.filter(|_| field.ownership == Ownership::Publisher && !applied.is_null()) else {
            return;
        };
        self.judged(Verdict::Different(Unlikeness::LeftManifest));
        let untouched = !verdict(self.context, rules, &self.path, applied, Some(observed)).is_different();
        let class = if untouched { Class::Pending } else { Class::Conflict };
        self.push(class, Operation::Remove, Some(observed), None);
    }

    fn leaf(&mut self, rules: Rules<'_>, desired: &Value, observed: Option<&Value>, applied: Option<&Value>) {
        let verdict = match verdict(self.context, rules, &self.path, desired, observed) {
            Verdict::Unverifiable(_) if self.creates => Verdict::Different(Unlikeness::Missing),
            Verdict::Unverifiable(_) if !self.was_applied(rules, desired, applied) => {
                Verdict::Different(Unlikeness::NotApplied)
            }
            verdict => verdict,
        };
        self.judged(verdict);
        match verdict {
            Verdict::Same(_) => self.removed_secrets(rules, desired, applied),
            Verdict::Unverifiable(_) => self.found.unverifiable.push(self.path.clone()),
            Verdict::Different(_) => {
                let class = self.class(rules, desired, observed, applied);
                let operation = match (desired, observed) {
                    (Value::Null, _) => Operation::Remove,
                    (_, None | Some(Value::Null)) => Operation::Add,
                    _ => Operation::Replace,
                };
                let after = (operation != Operation::Remove).then_some(desired);
                self.push(class, operation, observed, after);
            }
        }
    }

    /// What the manifest wants gone and the record says was sent as a secret: that nothing is seen of it proves nothing.
    fn removed_secrets(&mut self, rules: Rules<'_>, desired: &Value, applied: Option<&Value>) {
        match (desired, applied) {
            (Value::Null, Some(applied)) if is_secret_placeholder(applied) => {
                self.judged(Verdict::Different(Unlikeness::Unwanted));
                self.push(Class::Pending, Operation::Remove, Some(applied), None);
            }
            (Value::Null, Some(Value::Object(ours))) => {
                for (key, ours) in ours {
                    self.at(key, |walk| walk.removed_secrets(rules.child(key), desired, Some(ours)));
                }
            }
            (Value::Object(map), Some(Value::Object(ours))) => {
                for (key, value) in map {
                    self.at(key, |walk| walk.removed_secrets(rules.child(key), value, ours.get(key)));
                }
            }
            _ => {}
        }
    }

    /// Whether a value that cannot be compared with the service's is the one that was sent last, as far as anybody knows.
    fn was_applied(&self, rules: Rules<'_>, desired: &Value, applied: Option<&Value>) -> bool {
        match applied {
            Some(applied) => *applied == fit_for_record_at(rules, desired),
            None => !self.recorded,
        }
    }

    fn class(&self, rules: Rules<'_>, desired: &Value, observed: Option<&Value>, applied: Option<&Value>) -> Class {
        let Some(applied) = applied else {
            let is_new = self.recorded && observed.is_none_or(is_unset);
            return if is_new { Class::Pending } else { Class::Unattributed };
        };
        let same = |one: &Value, other| !verdict(self.context, rules, &self.path, one, other).is_different();
        // The record is without signatures, so that both sides are taken without theirs.
        let kept = |value: &Value| fit_for_record_at(rules, value);
        let observed_kept = observed.map(kept);
        let recorded_is_desired = same(applied, Some(desired)) && same(desired, Some(applied));
        if same(applied, observed) || same(applied, observed_kept.as_ref()) {
            Class::Pending
        } else if recorded_is_desired || *applied == kept(desired) {
            Class::Drift
        } else {
            Class::Conflict
        }
    }

    fn push(&mut self, class: Class, operation: Operation, before: Option<&Value>, after: Option<&Value>) {
        let ignore = self.context.ignore;
        self.found.differences.push(Difference {
            path: self.path.clone(),
            operation,
            class,
            before: before.filter(|value| !is_unset(value)).cloned(),
            after: after.map(|after| without_ignored(ignore, &self.path, without_removals(after))),
            waived: waiver(ignore, &self.path),
            content: None,
        });
    }
}

/// Why the field at the path is not written, if others own it.
pub(super) fn waiver(ignore: &[IgnoredField], path: &FieldPath) -> Option<String> {
    ignore.iter().find(|ignored| path.is_within(&ignored.path)).map(|ignored| ignored.reason.clone())
}

/// A value that is added whole leaves out what others own inside it.
pub(super) fn without_ignored(ignore: &[IgnoredField], path: &FieldPath, mut value: Value) -> Value {
    for ignored in ignore.iter().filter(|ignored| ignored.path.is_within(path)) {
        let inner = &ignored.path.segments()[path.segments().len()..];
        if let Some((last, parents)) = inner.split_last()
            && let Some(Value::Object(map)) =
                parents.iter().try_fold(&mut value, |value, segment| value.get_mut(segment))
        {
            map.shift_remove(last);
        }
    }
    value
}

/// Whether an observed map holds what the applied one does not, set by somebody. An element that people name, such as an
/// image version, goes as a whole: what the service adds to it has no meaning without it.
fn holds_more(rules: Rules<'_>, held: &Map<String, Value>, applied: &Map<String, Value>) -> bool {
    if rules.field().is_named_by_people() {
        return false;
    }
    held.iter().any(|(key, value)| {
        let child = rules.child(key);
        // What we had removed and somebody put back is theirs.
        let ours = applied.iter().filter(|(_, ours)| !ours.is_null()).find(|(name, _)| {
            observed_key(held, name, rules.child(name).field()).is_some_and(|place| place == key.as_str())
                || rules.mirrored_from(key).is_some_and(|original| original == name.as_str())
        });
        match (value, ours.map(|(_, ours)| ours)) {
            (Value::Object(held), Some(Value::Object(applied))) => holds_more(child, held, applied),
            (_, Some(_)) => false,
            (_, None) => {
                child.field().ownership == Ownership::Publisher && set_value(held, key, child.field()).is_some()
            }
        }
    })
}

/// The value as it would be sent: a declared `null` asks for absence.
pub(super) fn without_removals(value: &Value) -> Value {
    match value {
        Value::Object(map) => map
            .iter()
            .filter(|(_, child)| !child.is_null())
            .map(|(key, child)| (key.clone(), without_removals(child)))
            .collect(),
        Value::Array(items) => items.iter().map(without_removals).collect(),
        scalar => scalar.clone(),
    }
}
