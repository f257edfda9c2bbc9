//! `guards`: which of them let things pass and from which value on the others block, in a manifest and in `offerctl.yaml`.

use super::diagnostic::{Diagnostic, shortened};
use super::node::{Entry, Kind};
use super::suggestion::did_you_mean;
use super::validate::wrong_type;
use crate::offer::{Guard, GuardSetting, GuardSettings, Threshold};

/// A threshold beyond this is a mistake.
const MOST: u64 = 100_000;

/// Whose settings they are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Scope {
    /// One offer's, in its manifest.
    Offer,
    /// Those of all offers, in `offerctl.yaml`.
    Repository,
}

/// Reads the map; everything wrong in it is reported, each with its place.
pub(super) fn read(entry: &Entry, scope: Scope, faults: &mut Vec<Diagnostic>) -> GuardSettings {
    let mut settings = GuardSettings::default();
    let Some(entries) = entry.value.as_map() else {
        faults.push(wrong_type(entry, "a map of guards").help("for example `{price-change: 30, passengers: allow}`"));
        return settings;
    };
    for entry in entries {
        let Some(guard) = Guard::ALLOWABLE.into_iter().find(|guard| guard.as_str() == &*entry.key) else {
            let message = format!("there is no guard `{}`", shortened(&entry.key));
            let known = Guard::ALLOWABLE.into_iter().filter(|guard| scope == Scope::Repository || !guard.is_of_a_run());
            let known: Vec<_> = known.map(Guard::as_str).collect();
            faults.push(
                Diagnostic::error("unknown-guard", message, entry.key_span, "").help(did_you_mean(&entry.key, &known)),
            );
            continue;
        };
        if scope == Scope::Offer && guard.is_of_a_run() {
            let message = format!("`{guard}` is about a whole run, and one offer has no say in it");
            let help = format!("set it under `guards` in `offerctl.yaml`, or let one run pass with `--allow {guard}`");
            faults.push(Diagnostic::error("guard-of-a-run", message, entry.key_span, "").help(help));
            continue;
        }
        match setting(guard, &entry.value.kind) {
            Some(setting) => settings.set(guard, setting),
            None if matches!(entry.value.kind, Kind::Refused) => {}
            None => {
                let message = match written(&entry.value.kind) {
                    Some(written) => format!("`{guard}` cannot be `{}`", shortened(&written)),
                    None => format!("`{guard}` cannot be set to {}", entry.value.article()),
                };
                let words = match guard.threshold() {
                    Some(Threshold { default, unit }) => format!(
                        "write `allow`, `block` or a whole number of {unit} up to {MOST}, in digits, such as `{default}`"
                    ),
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
