//! `price-change`: what customers would pay, next to what they pay now, for each offer plan, region and core size.

use std::collections::HashSet;

use serde_json::Value;

use super::{Block, Guard};
use crate::offer::{Catalogue, FieldPath, GuardSettings, ValueKind};

/// How many prices a sentence tells; the changes above it show all of them.
const TOLD: usize = 6;

/// The block that prices of the manifest call for. Prices of a new offer plan surprise nobody.
pub(super) fn block(catalogue: &Catalogue, desired: &Value, old: &Value, settings: &GuardSettings) -> Option<Block> {
    let threshold = settings.threshold(Guard::PriceChange);
    let mut found = Vec::new();
    for plan in desired.pointer("/definition/plans").and_then(Value::as_array).into_iter().flatten() {
        let same = |other: &&Value| other.get("planId").is_some() && other.get("planId") == plan.get("planId");
        let olds = old.pointer("/definition/plans").and_then(Value::as_array);
        let (Some(old), Some(map)) = (olds.into_iter().flatten().find(same), plan.as_object()) else { continue };
        let id = plan.get("planId").and_then(Value::as_str).unwrap_or_default();
        let rules = catalogue.rules_at(&FieldPath::root().child("definition").child("plans")).child(id);
        for (key, value) in map.iter().filter(|(key, _)| rules.child(key).field().value == ValueKind::Price) {
            // The service copies a price to another key; either shows what it was.
            let copy = rules.mirrored_from(key).or_else(|| rules.child(key).field().mirrored_key(key));
            let before = old.get(key).or_else(|| old.get(copy?)).unwrap_or(&Value::Null);
            let told = changed(before, value, threshold).into_iter();
            found.extend(told.map(|told| format!("offer plan `{id}`, {told}")));
        }
    }
    let mut seen = HashSet::new();
    found.retain(|told| seen.insert(told.clone()));
    let more = match found.len().saturating_sub(TOLD) {
        0 => String::new(),
        more => format!("; and {more} more"),
    };
    found.truncate(TOLD);
    let sentence = format!("{}{more}", found.join("; "));
    (!found.is_empty()).then_some(Block { guard: Guard::PriceChange, sentence, messages: Vec::new() })
}

/// What is worth a look in one price of an offer plan, a line each.
fn changed(before: &Value, after: &Value, threshold: u32) -> Vec<String> {
    let mut told = Vec::new();
    if is_byol(before) && after.get("isByol") == Some(&Value::Bool(false)) {
        told.push("customers brought their own license, and would pay".to_owned());
    }
    let currency = |value: &Value| Some(value.pointer("/coreMultiplier/currency")?.as_str()?.to_owned());
    if let (Some(before), Some(after)) = (currency(before), currency(after))
        && before != after
    {
        told.push(format!("currency: {before} → {after}"));
    }
    let (mut old, mut new) = (Vec::new(), Vec::new());
    prices(before, &mut Vec::new(), &mut old);
    prices(after, &mut Vec::new(), &mut new);
    for (place, price) in new {
        let was = old.iter().find(|(other, _)| *other == place).map(|(_, price)| *price);
        told.extend(match was {
            Some(was) => compared(&place, was, price, threshold),
            None if old.is_empty() && !is_byol(before) => None,
            None => Some(format!("{}: none → {price}", place.join(" "))),
        });
    }
    told
}

fn is_byol(price: &Value) -> bool {
    price.get("isByol") == Some(&Value::Bool(true))
}

/// A price and its place: the region and the number of cores, as far as it has them.
type Price = (Vec<String>, f64);

fn prices(value: &Value, place: &mut Vec<String>, found: &mut Vec<Price>) {
    let number = value.as_f64().or_else(|| value.as_str().and_then(|text| text.trim().parse().ok()));
    match value {
        Value::Object(map) => {
            for (key, item) in map.iter().filter(|(key, _)| *key != "freeTrialDurationInMonths") {
                place.push(key.clone());
                prices(item, place, found);
                place.pop();
            }
        }
        Value::Array(items) => {
            for (index, item) in items.iter().enumerate() {
                // The order of a list of regions means nothing.
                let region = ["region", "regionCode", "id"].into_iter().find_map(|key| item.get(key)?.as_str());
                place.push(region.map_or_else(|| index.to_string(), str::to_owned));
                prices(item, place, found);
                place.pop();
            }
        }
        _ => found.extend(number.map(|number| (words(place), number))),
    }
}

/// The place without what every price has.
fn words(place: &[String]) -> Vec<String> {
    let frame = ["coreMultiplier", "individually", "regionPrices"];
    let words = place.iter().filter(|word| !frame.contains(&word.as_str()));
    words.map(|word| if word == "single" { "per core".to_owned() } else { word.clone() }).collect()
}

/// A rounding of a hundredth is still a factor of ten.
const NEARLY: f64 = 0.01;

fn compared(place: &[String], was: f64, is: f64, threshold: u32) -> Option<String> {
    #[expect(clippy::float_cmp, reason = "a price is what was written, and nothing was computed")]
    if was == is {
        return None;
    }
    let place = if place.is_empty() { "price".to_owned() } else { place.join(" ") };
    if was <= 0.0 || is <= 0.0 {
        return Some(format!("{place}: {was} → {is}"));
    }
    let percent = (is / was - 1.0) * 100.0;
    let powers = (is / was).log10();
    let is_factor = powers.round() != 0.0 && (powers - powers.round()).abs() < NEARLY;
    // Half of a cent must not decide, nor the last bit of a float.
    if percent.abs() <= f64::from(threshold) + 1e-9 && !is_factor {
        return None;
    }
    let factor = if is_factor { ", a factor of ten: is the decimal point where it should be?" } else { "" };
    let factor = if is_factor && powers.abs() > 1.5 {
        ", a power of ten: is the decimal point where it should be?"
    } else {
        factor
    };
    Some(format!("{place}: {was} → {is} ({percent:+.0} %{factor})"))
}
