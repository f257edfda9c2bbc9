//! `price-change`: what customers would pay, next to what they pay now, for each offer plan, region and core size.
//!
//! A **cell** is one price: its region, where it has one, and what it is for, most often a number of cores.

use std::collections::HashSet;

use serde_json::Value;

use super::Guard;
use super::blocks::Alarm;
use crate::diff::{Difference, is_unset};
use crate::offer::{Catalogue, FieldPath, GuardSettings, ValueKind};

/// How many prices a sentence tells; the changes above it show all of them.
const TOLD: usize = 6;

/// The price of one offer plan under one of its keys, before and after.
struct Pair<'value> {
    plan: &'value str,
    /// Where it stands, for what only a comparison by meaning can tell.
    path: FieldPath,
    before: &'value Value,
    after: &'value Value,
    /// The regions in which the offer plan is sold now, and those in which it would be.
    sold: [Option<&'value Value>; 2],
}

/// What the prices of the offer plans call for once `new` takes the place of `old`. Prices of a new offer plan
/// surprise nobody.
///
/// `replaced` is what differs by meaning between the manifest and `old`: which files are other ones.
pub(super) fn alarm(
    catalogue: &Catalogue,
    new: &Value,
    old: &Value,
    replaced: &[Difference],
    settings: &GuardSettings,
) -> Option<Alarm> {
    let threshold = settings.threshold(Guard::PriceChange);
    let mut seen = HashSet::new();
    let (mut found, mut fields) = (Vec::new(), Vec::new());
    for pair in pairs(catalogue, new, old) {
        for told in changed(&pair, replaced, threshold) {
            let told = format!("offer plan `{}`, {told}", pair.plan);
            // What the service copies to another key is told once.
            if seen.insert(told.clone()) {
                found.push(told);
                fields.push(pair.path.clone());
            }
        }
    }
    let more = match found.len().saturating_sub(TOLD) {
        0 => String::new(),
        more => format!("; and {more} more"),
    };
    found.truncate(TOLD);
    let sentence = format!("{}{more}", found.join("; "));
    fields.dedup();
    (!found.is_empty()).then_some(Alarm::new(Guard::PriceChange, sentence, fields))
}

/// What is no price and still worth knowing: a free trial that goes away.
pub(super) fn notes(catalogue: &Catalogue, new: &Value, old: &Value) -> Vec<String> {
    let trial = |price: &Value| price.get("freeTrialDurationInMonths").and_then(Value::as_u64).unwrap_or(0);
    let mut notes = Vec::new();
    for Pair { plan, before, after, .. } in pairs(catalogue, new, old) {
        let note =
            format!("the free trial of the offer plan `{plan}` goes away: new customers would pay from the first day");
        if trial(before) > 0 && trial(after) == 0 && !is_byol(after) && !notes.contains(&note) {
            notes.push(note);
        }
    }
    notes
}

fn pairs<'value>(catalogue: &Catalogue, new: &'value Value, old: &'value Value) -> Vec<Pair<'value>> {
    let plans = |document: &'value Value| document.pointer("/definition/plans").and_then(Value::as_array);
    let list = FieldPath::root().child("definition").child("plans");
    let mut pairs = Vec::new();
    for plan in plans(new).into_iter().flatten() {
        let same = |other: &&Value| other.get("planId").is_some() && other.get("planId") == plan.get("planId");
        let (Some(old), Some(map)) = (plans(old).into_iter().flatten().find(same), plan.as_object()) else { continue };
        let id = plan.get("planId").and_then(Value::as_str).unwrap_or_default();
        let rules = catalogue.rules_at(&list).child(id);
        let keys = map.keys().chain(old.as_object().into_iter().flat_map(serde_json::Map::keys));
        let mut seen = HashSet::new();
        for key in keys.filter(|key| rules.child(key).field().value == ValueKind::Price && seen.insert(*key)) {
            // The service copies a price to another key; either shows what it is.
            let copy = rules.mirrored_from(key).or_else(|| rules.child(key).field().mirrored_key(key));
            let said = |plan: &'value Value| {
                let said = |key: &str| plan.get(key).filter(|price| !is_unset(price));
                said(key).or_else(|| said(copy.as_deref()?)).unwrap_or(&Value::Null)
            };
            pairs.push(Pair {
                plan: id,
                path: list.child(id).child(key.as_str()),
                before: said(old),
                after: said(plan),
                sold: [old.get("regions"), plan.get("regions")],
            });
        }
    }
    pairs
}

/// What is worth a look in one price of an offer plan, a line each.
fn changed(pair: &Pair<'_>, replaced: &[Difference], threshold: u32) -> Vec<String> {
    let (before, after) = (pair.before, pair.after);
    let (old, new) = (Table::of(before), Table::of(after));
    let mut told = Vec::new();
    told.extend(sheet(pair, replaced));
    match (is_byol(before), is_byol(after)) {
        (true, true) => return told,
        (true, false) if is_unset(after) => {
            told.push("customers brought their own license, and there would be no price at all".to_owned());
            return told;
        }
        (true, false) => told.push("customers brought their own license, and would pay".to_owned()),
        (false, true) if is_unset(before) => return told,
        (false, true) => {
            told.push("customers pay, and would bring their own license".to_owned());
            return told;
        }
        (false, false) => {}
    }
    for (place, was) in &old.currencies {
        let is = new.currencies.iter().find(|(other, _)| other == place).map(|(_, is)| is);
        if let Some(is) = is.filter(|is| *is != was) {
            let place = if place.is_empty() { "currency".to_owned() } else { format!("{place} currency") };
            told.push(format!("{place}: {was} → {is}"));
        }
    }
    let is_first = old.cells.is_empty() && !is_byol(before) && !old.is_sheet;
    if !is_first {
        told.extend(cells(pair, &old, &new, threshold));
    }
    told
}

/// A spreadsheet cannot be read, so that one that comes, goes or becomes another may mean anything.
fn sheet(pair: &Pair<'_>, replaced: &[Difference]) -> Option<String> {
    let is_there = |price: &Value| price.pointer("/spreadSheetPricing/uri").is_some_and(|uri| !is_unset(uri));
    let path = pair.path.child("spreadSheetPricing");
    let what = match (is_there(pair.before), is_there(pair.after)) {
        (true, true) if replaced.iter().any(|found| found.path.is_within(&path)) => "is another one",
        (true, false) => "goes away",
        (false, true) if !is_unset(pair.before) => "takes the place of the prices",
        _ => return None,
    };
    Some(format!("the spreadsheet of prices {what}, and offerctl cannot read it: compare the prices by hand"))
}

fn is_byol(price: &Value) -> bool {
    price.get("isByol") == Some(&Value::Bool(true))
}

/// One price of an offer plan.
#[derive(Debug, Clone, PartialEq)]
struct Cell {
    region: Option<String>,
    /// The region too, in words.
    place: String,
    price: f64,
}

/// The prices of an offer plan under one key.
#[derive(Debug, Default)]
struct Table {
    cells: Vec<Cell>,
    /// By place.
    currencies: Vec<(String, String)>,
    is_sheet: bool,
}

/// What every price has around it, or what says nothing about what it costs.
const FRAME: [&str; 3] = ["coreMultiplier", "individually", "regionPrices"];
const NO_PRICE: [&str; 5] = ["freeTrialDurationInMonths", "spreadSheetPricing", "region", "regionCode", "id"];
const CURRENCY: [&str; 2] = ["currency", "currencyCode"];
/// The price of one core, whatever the machine's size.
const PER_CORE: &str = "per core";

impl Table {
    fn of(price: &Value) -> Self {
        let mut table = Self { is_sheet: price.get("spreadSheetPricing").is_some(), ..Self::default() };
        table.visit(price, &mut Vec::new());
        table
    }

    fn visit(&mut self, value: &Value, place: &mut Vec<String>) {
        match value {
            Value::Object(map) => {
                for (key, item) in map.iter().filter(|(key, _)| !NO_PRICE.contains(&key.as_str())) {
                    if let (true, Some(currency)) = (CURRENCY.contains(&key.as_str()), item.as_str()) {
                        self.currencies.push((words(place), currency.to_owned()));
                        continue;
                    }
                    place.push(key.clone());
                    self.visit(item, place);
                    place.pop();
                }
            }
            Value::Array(items) => {
                for (index, item) in items.iter().enumerate() {
                    // The order of a list of regions means nothing.
                    let region = ["region", "regionCode", "id"].into_iter().find_map(|key| item.get(key)?.as_str());
                    place.push(region.map_or_else(|| index.to_string(), str::to_owned));
                    self.visit(item, place);
                    place.pop();
                }
            }
            scalar => {
                let price = scalar.as_f64().or_else(|| scalar.as_str()?.trim().parse().ok());
                let region = place.iter().position(|word| word == "regionPrices");
                let region = region.and_then(|at| place.get(at + 1)).cloned();
                self.cells.extend(price.map(|price| Cell { region, place: words(place), price }));
            }
        }
    }

    fn get(&self, place: &str) -> Option<&Cell> {
        self.cells.iter().find(|cell| cell.place == place)
    }
}

/// Every price inside a value, with what it is for in words: the region, the number of cores.
pub(super) fn listed(value: &Value) -> Vec<(String, f64)> {
    Table::of(value).cells.iter().map(|cell| (named(cell).to_owned(), cell.price)).collect()
}

/// The place without what every price has.
fn words(place: &[String]) -> String {
    let words = place.iter().filter(|word| !FRAME.contains(&word.as_str()));
    words.map(|word| if word == "single" { PER_CORE } else { word }).collect::<Vec<_>>().join(" ")
}

/// How many cores a cell of the prices by core size is for; a shared core counts as one.
fn cores(cell: &Cell) -> Option<f64> {
    match cell.place.strip_suffix("core")? {
        "shared" => Some(1.0),
        count => count.parse().ok(),
    }
}

/// What so many cores cost, without the last bits of a float that nobody wrote.
fn of_cores(price: f64, cores: f64) -> f64 {
    (price * cores * 1e9).round() / 1e9
}

/// Every cell that somebody pays, now or then, a line for each that is worth a look.
fn cells(pair: &Pair<'_>, old: &Table, new: &Table, threshold: u32) -> Vec<String> {
    let is_sold = |regions: Option<&Value>, cell: &Cell| match (regions.and_then(Value::as_array), &cell.region) {
        (Some(regions), Some(region)) if !regions.is_empty() => {
            regions.iter().any(|sold| sold.as_str().is_some_and(|sold| sold.eq_ignore_ascii_case(region)))
        }
        _ => true,
    };
    let mut told = Vec::new();
    for cell in &new.cells {
        let place = named(cell);
        match (old.get(&cell.place), old.get(PER_CORE), cores(cell)) {
            (Some(was), ..) => {
                told.extend(
                    compared(was.price, cell.price, threshold)
                        .map(|how| format!("{place}: {} → {}{how}", was.price, cell.price)),
                );
            }
            (None, Some(was), Some(cores)) => {
                let (each, was) = (was.price, of_cores(was.price, cores));
                let how = compared(was, cell.price, threshold);
                told.extend(how.map(|how| format!("{place}: {was} ({each} {PER_CORE}) → {}{how}", cell.price)));
            }
            _ if is_sold(pair.sold[0], cell) => {
                // Where one price per core comes instead, each size is compared below.
                let is_compared = cell.place == PER_CORE && old.cells.iter().any(|was| cores(was).is_some());
                if !is_compared {
                    told.push(format!("{place}: none → {}", cell.price));
                }
            }
            _ => {}
        }
    }
    for was in old.cells.iter().filter(|was| new.get(&was.place).is_none()) {
        let place = named(was);
        match (new.get(PER_CORE), cores(was)) {
            (Some(is), Some(cores)) => {
                let (each, is) = (is.price, of_cores(is.price, cores));
                let how = compared(was.price, is, threshold);
                told.extend(how.map(|how| format!("{place}: {} → {is} ({each} {PER_CORE}){how}", was.price)));
            }
            _ if was.place == PER_CORE && new.cells.iter().any(|is| cores(is).is_some()) => {}
            _ if is_sold(pair.sold[1], was) => told.push(format!("{place}: {} → none", was.price)),
            _ => {}
        }
    }
    told
}

fn named(cell: &Cell) -> &str {
    if cell.place.is_empty() { "price" } else { &cell.place }
}

/// A rounding of a hundredth is still a factor of ten.
const NEARLY: f64 = 0.01;

/// How a price moves, in brackets, when that is worth a look.
fn compared(was: f64, is: f64, threshold: u32) -> Option<String> {
    // Half of a cent must not decide, nor the last bit of a float.
    if (was - is).abs() <= 1e-9 * was.abs().max(is.abs()) {
        return None;
    }
    if was <= 0.0 || is <= 0.0 {
        return Some(String::new());
    }
    let percent = (is / was - 1.0) * 100.0;
    let powers = (is / was).log10();
    let is_factor = powers.round() != 0.0 && (powers - powers.round()).abs() < NEARLY;
    if percent.abs() <= f64::from(threshold) + 1e-9 && !is_factor {
        return None;
    }
    let factor = match (is_factor, powers.abs() > 1.5) {
        (false, _) => "",
        (true, false) => ", a factor of ten: is the decimal point where it should be?",
        (true, true) => ", a power of ten: is the decimal point where it should be?",
    };
    // 20.4 percent is not told as the 20 percent that are let pass.
    let is_rounded_away = |digits: &usize| {
        let rounded: f64 = format!("{:.digits$}", percent.abs()).parse().unwrap_or_default();
        rounded <= f64::from(threshold) && !is_factor
    };
    let digits = (0..9).find(|digits| !is_rounded_away(digits)).unwrap_or(9);
    Some(format!(" ({percent:+.digits$} %{factor})"))
}
