//! `sas-expiry`: the service fetches images and packages during the certification, so their signed addresses must last
//! until its end.

use std::collections::HashSet;

use jiff::civil::Date;
use serde_json::Value;

use super::Guard;
use super::blocks::Alarm;
use crate::diff::{Class, Difference, Operation, signed_file, value_at};
use crate::offer::{Catalogue, Desired, FieldPath, GuardSettings, ListRule, Rules, element_name, signed_until};

/// How many addresses a sentence names.
const NAMED: usize = 3;

/// Which signed addresses end too early for a certification that would begin today.
pub(super) struct Expiry<'value> {
    catalogue: &'value Catalogue,
    today: Date,
    days: u32,
    /// Files that were fetched long ago, whatever became of their tokens; and so was what the service serves from its own
    /// storage.
    fetched: HashSet<String>,
}

impl<'value> Expiry<'value> {
    /// `fetched` are the documents whose files the service has; without a day nobody can tell.
    pub(super) fn new(
        catalogue: &'value Catalogue,
        today: Option<Date>,
        settings: &GuardSettings,
        fetched: impl IntoIterator<Item = &'value Value>,
    ) -> Option<Self> {
        let mut files = HashSet::new();
        for document in fetched {
            visit(catalogue.rules(), document, &mut FieldPath::root(), &mut |_, text| {
                files.extend(text.split('?').next().map(str::to_owned));
            });
        }
        Some(Self { catalogue, today: today?, days: settings.threshold(Guard::SasExpiry), fetched: files })
    }

    /// What addresses of what is submitted call for, be they the manifest's or somebody else's in the draft.
    pub(super) fn alarm(&self, submitted: &Value) -> Option<Alarm> {
        let (mut found, mut fields) = (Vec::new(), Vec::new());
        visit(self.catalogue.rules(), submitted, &mut FieldPath::root(), &mut |path, text| {
            if let Some(end) = self.early_end(text) {
                let verb = if end < self.today { "ended" } else { "ends" };
                found.push(format!("`{path}` {verb} on {end}"));
                fields.push(path.clone());
            }
        });
        let others = found.len().saturating_sub(NAMED);
        found.truncate(NAMED);
        let named = found.join(", ");
        let more = if others == 0 { String::new() } else { format!(" and {others} more do too") };
        let days = if self.days == 1 { "1 day".to_owned() } else { format!("{} days", self.days) };
        let sentence = format!("signed addresses must last for the certification, at least {days}: {named}{more}");
        (!named.is_empty()).then_some(Alarm::new(Guard::SasExpiry, sentence, fields))
    }

    /// The addresses of the draft that end too early, and that the manifest has with a token which lasts longer. They mean
    /// the same, so that no comparison finds them.
    pub(super) fn renewals(&self, desired: &Desired, draft: &Value) -> Vec<Difference> {
        let mut found = Vec::new();
        visit(self.catalogue.rules(), &desired.document, &mut FieldPath::root(), &mut |path, ours| {
            let is_left_to_others = desired.reconcile.ignore.iter().any(|ignored| path.is_within(&ignored.path));
            if is_left_to_others || signed_file(ours).is_none() {
                return;
            }
            let Some(held @ Value::String(theirs)) = value_at(self.catalogue, draft, path) else { return };
            let is_same_file = signed_file(ours) == signed_file(theirs);
            if let Some(end) = self.early_end(theirs)
                && is_same_file
                && signed_until(self.catalogue, ours).is_none_or(|ours| ours > end)
            {
                found.push(Difference {
                    path: path.clone(),
                    operation: Operation::Replace,
                    class: Class::Pending,
                    before: Some(held.clone()),
                    after: Some(Value::String(ours.to_owned())),
                    waived: None,
                    content: None,
                });
            }
        });
        found
    }

    /// The end of an address that is still to be fetched and may end before it is.
    fn early_end(&self, text: &str) -> Option<Date> {
        let end = signed_until(self.catalogue, text)?;
        let is_fetched = text.split('?').next().is_some_and(|file| self.fetched.contains(file));
        let days = i32::try_from(self.days).unwrap_or(i32::MAX);
        (!is_fetched && self.today.until(end).is_ok_and(|left| left.get_days() < days)).then_some(end)
    }
}

fn visit(rules: Rules<'_>, value: &Value, path: &mut FieldPath, seen: &mut impl FnMut(&FieldPath, &str)) {
    let children: Vec<(String, &Value)> = match value {
        Value::String(text) => return seen(path, text),
        Value::Array(items) => {
            let name = |item: &Value| match &rules.field().list {
                ListRule::Keyed(key) => element_name(item, key),
                _ => None,
            };
            let named = |(index, item)| (name(item).unwrap_or_else(|| usize::to_string(&index)), item);
            items.iter().enumerate().map(named).collect()
        }
        Value::Object(map) => map.iter().map(|(key, item)| (key.clone(), item)).collect(),
        _ => return,
    };
    for (name, child) in children {
        path.push(name.as_str());
        visit(rules.child(&name), child, path, seen);
        path.pop();
    }
}
