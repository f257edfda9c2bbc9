//! `price-missing`: an offer plan that is sold in a region for which its list of prices has none.

use std::collections::HashSet;

use super::diagnostic::Diagnostic;
use super::node::{Kind, Node};
use super::source::Span;
use super::suggestion::listed;
use crate::offer::{Rules, ValueKind};

/// Under which of these keys an element of a list of prices names its region is in no published page.
const REGION_KEYS: [&str; 3] = ["region", "regionCode", "id"];
/// How many regions a sentence names.
const NAMED: usize = 6;

/// Checks an offer plan. "Every region in the sell list must be specified" (set-price reference). A warning, because
/// prices that the manifest does not name are kept as the service has them.
pub(super) fn check(rules: Rules<'_>, offer_plan: &Node, faults: &mut Vec<Diagnostic>) {
    let Some(Kind::List(regions)) = offer_plan.get("regions").map(|entry| &entry.value.kind) else { return };
    let sold: Vec<(&str, Span)> = regions.iter().filter_map(|item| Some((&**item.as_text()?, item.span))).collect();
    for entry in offer_plan.as_map().unwrap_or_default() {
        if rules.child(&entry.key).field().value != ValueKind::Price {
            continue;
        }
        let Some(prices) = entry.value.get("regionPrices") else { continue };
        let regions = priced_regions(&prices.value);
        let missing: Vec<_> = sold.iter().filter(|(region, _)| !regions.contains(region)).collect();
        let Some((_, first)) = missing.first().filter(|_| !regions.is_empty()) else { continue };
        let names: Vec<&str> = missing.iter().map(|(region, _)| *region).take(NAMED).collect();
        let more = match missing.len().saturating_sub(NAMED) {
            0 => String::new(),
            more => format!(" and {more} more regions"),
        };
        let message = format!("there is no price for {}{more}, where this offer plan is sold", listed(&names));
        faults.push(
            Diagnostic::warning("price-missing", message, prices.key_span, "the prices")
                .also(*first, "sold here")
                .help("add a price in the region's own currency, or take the region out of `regions`"),
        );
    }
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
