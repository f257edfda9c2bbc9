//! `sas-expiry`: the service fetches images and packages during the certification, so their signed addresses must last
//! until its end.

use std::collections::HashSet;

use jiff::civil::Date;
use serde_json::Value;

use super::{Block, Guard};
use crate::offer::{Catalogue, FieldPath, GuardSettings, ListRule, Rules, element_name, signed_until};

/// How many addresses a sentence names.
const NAMED: usize = 3;

/// The block that addresses of what is submitted call for, be they the manifest's or somebody else's in the draft. Files
/// that the slot holds already were fetched long ago, and so was what the service serves from its own storage.
pub(super) fn block(
    catalogue: &Catalogue,
    submitted: &Value,
    slot: Option<&Value>,
    today: Option<Date>,
    settings: &GuardSettings,
) -> Option<Block> {
    let today = today?;
    let days = settings.threshold(Guard::SasExpiry);
    let mut held = HashSet::new();
    if let Some(slot) = slot {
        visit(catalogue.rules(), slot, &mut FieldPath::root(), &mut |_, text| {
            held.extend(text.split('?').next().map(str::to_owned));
        });
    }
    let mut found = Vec::new();
    visit(catalogue.rules(), submitted, &mut FieldPath::root(), &mut |path, text| {
        let is_held = text.split('?').next().is_some_and(|file| held.contains(file));
        if let Some(end) = signed_until(catalogue, text).filter(|_| !is_held)
            && today.until(end).is_ok_and(|left| left.get_days() < i32::try_from(days).unwrap_or(i32::MAX))
        {
            found.push(if end < today {
                format!("`{path}` ended on {end}")
            } else {
                format!("`{path}` ends on {end}")
            });
        }
    });
    let others = found.len().saturating_sub(NAMED);
    found.truncate(NAMED);
    let named = found.join(", ");
    let more = if others == 0 { String::new() } else { format!(" and {others} more do too") };
    let sentence = format!("signed addresses must last for the certification, at least {days} days: {named}{more}");
    (!named.is_empty()).then_some(Block { guard: Guard::SasExpiry, sentence, messages: Vec::new() })
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
