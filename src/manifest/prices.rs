//! `price-missing`: an offer plan that is sold in a region for which its list of prices has none.

use std::collections::HashSet;

use super::diagnostic::Diagnostic;
use super::node::{Entry, Kind, Node};
use super::source::Span;
use super::suggestion::listed;
use super::takes;
use crate::offer::{Rules, ValueKind};

/// Under which of these keys an element of a list of prices names its region is in no published page.
const REGION_KEYS: [&str; 3] = ["region", "regionCode", "id"];
/// How many regions a sentence names.
const NAMED: usize = 6;

/// Checks an offer plan. "Every region in the sell list must be specified in the regionPrices section", where prices are
/// customized; of a price for one core, and of a sheet, "all other prices are automatically generated" (set-price
/// reference). A warning, because prices that the manifest does not name are kept as the service has them.
pub(super) fn check(rules: Rules<'_>, offer_plan: &Node, faults: &mut Vec<Diagnostic>) {
    let Some(Kind::List(regions)) = offer_plan.get("regions").map(|entry| &entry.value.kind) else { return };
    let sold: Vec<(&str, Span)> = regions.iter().filter_map(|item| Some((&**item.as_text()?, item.span))).collect();
    for entry in offer_plan.as_map().unwrap_or_default() {
        if rules.child(&entry.key).field().value != ValueKind::Price {
            continue;
        }
        let Some((prices, regions)) = customized(&entry.value) else { continue };
        let missing: Vec<_> = sold.iter().filter(|(region, _)| !regions.contains(region)).collect();
        let Some((_, first)) = missing.first() else { continue };
        let names: Vec<&str> = missing.iter().map(|(region, _)| *region).take(NAMED).collect();
        let more = match missing.len().saturating_sub(NAMED) {
            0 => String::new(),
            more => format!(" and {more} more regions"),
        };
        let message = format!("there is no price for {}{more}, where this offer plan is sold", listed(&names));
        faults.push(
            Diagnostic::warning("price-missing", message, prices.key_span, "the prices")
                .also(*first, "sold here")
                .help(
                    "add prices for it to `regionPrices`, in the region's own currency; or write one price for a core, \
                     `coreMultiplier: {currency: USD, single: …}`, from which the service makes all others",
                ),
        );
    }
}

/// The prices that have to name every region, or `None` when they need not: with the other ways to say what an offer plan
/// costs, and where the manifest leaves them to the service or has a shape that nobody knows.
fn customized(price: &Node) -> Option<(&Entry, HashSet<&str>)> {
    let cores = price.get("coreMultiplier").map(|entry| &entry.value);
    let by_core = |key: &str| set(cores?, key);
    let is_byol = price.get("isByol").is_some_and(|entry| matches!(entry.value.kind, Kind::Bool(true)));
    if is_byol || set(price, "spreadSheetPricing").or_else(|| by_core("single")).is_some() {
        return None;
    }
    match set(price, "regionPrices") {
        Some(prices) => Some((prices, priced_regions(&prices.value))).filter(|(_, regions)| !regions.is_empty()),
        None => by_core("individually").map(|prices| (prices, HashSet::new())),
    }
}

fn set<'node>(of: &'node Node, key: &str) -> Option<&'node Entry> {
    of.get(key).filter(|entry| !takes::is_unset(&entry.value))
}

/// The regions with a price; none when the shape is not known.
fn priced_regions(prices: &Node) -> HashSet<&str> {
    match &prices.kind {
        Kind::Map(entries) => {
            let with_price = entries.iter().filter(|entry| !matches!(entry.value.kind, Kind::Null));
            with_price.map(|entry| &*entry.key).collect()
        }
        Kind::List(items) => {
            let region = |item| REGION_KEYS.into_iter().find_map(|key| region_at(item, key));
            items.iter().filter_map(region).collect()
        }
        _ => HashSet::new(),
    }
}

fn region_at<'a>(item: &'a Node, key: &str) -> Option<&'a str> {
    Some(&**item.get(key)?.value.as_text()?)
}
