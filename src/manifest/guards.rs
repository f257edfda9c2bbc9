//! `guards`: which of them let things pass and from which value on the others block, in a manifest and in `offerctl.yaml`.

use super::diagnostic::{Diagnostic, shortened};
use super::node::{Entry, Kind};
use super::suggestion::did_you_mean;
use super::validate::wrong_type;
use crate::offer::{Guard, GuardSetting, GuardSettings};

/// A threshold beyond this is a mistake.
const MOST: u64 = 100_000;

/// Reads the map; everything wrong in it is reported, each with its place.
pub(super) fn read(entry: &Entry, faults: &mut Vec<Diagnostic>) -> GuardSettings {
    let mut settings = GuardSettings::default();
    let Some(entries) = entry.value.as_map() else {
        faults.push(wrong_type(entry, "a map of guards").help("for example `{price-change: 30, passengers: allow}`"));
        return settings;
    };
    for entry in entries {
        let Some(guard) = Guard::ALLOWABLE.into_iter().find(|guard| guard.as_str() == &*entry.key) else {
            let message = format!("there is no guard `{}`", shortened(&entry.key));
            let known = Guard::ALLOWABLE.map(Guard::as_str);
            faults.push(
                Diagnostic::error("unknown-guard", message, entry.key_span, "").help(did_you_mean(&entry.key, &known)),
            );
            continue;
        };
        match setting(guard, &entry.value.kind) {
            Some(setting) => settings.set(guard, setting),
            None if matches!(entry.value.kind, Kind::Refused) => {}
            None => {
                let message = match written(&entry.value.kind) {
                    Some(written) => format!("`{guard}` cannot be `{}`", shortened(&written)),
                    None => format!("`{guard}` cannot be set to {}", entry.value.article()),
                };
                let words = match guard.threshold() {
                    Some(threshold) => format!("write `allow`, `block` or a number of {}", threshold.unit),
                    None => "write `allow` or `block`".to_owned(),
                };
                faults.push(Diagnostic::error("wrong-value", message, entry.value.span, "").help(words));
            }
        }
    }
    settings
}

fn setting(guard: Guard, value: &Kind) -> Option<GuardSetting> {
    match value {
        Kind::Text(text) if &**text == "allow" => Some(GuardSetting::Allow),
        Kind::Text(text) if &**text == "block" => Some(GuardSetting::Block),
        Kind::Number(number) => {
            guard.threshold()?;
            let number = number.as_u64().or_else(|| whole(number.as_f64()?)).filter(|number| *number <= MOST)?;
            u32::try_from(number).ok().map(GuardSetting::From)
        }
        _ => None,
    }
}

/// `20.0` is 20, as in JSON Schema.
fn whole(number: f64) -> Option<u64> {
    let text = format!("{number:.0}");
    text.parse().ok().filter(|_| number.fract() == 0.0)
}

/// What was written, where it is short.
fn written(value: &Kind) -> Option<String> {
    match value {
        Kind::Text(text) => Some(text.to_string()),
        Kind::Number(number) => Some(number.to_string()),
        Kind::Bool(value) => Some(value.to_string()),
        _ => None,
    }
}
