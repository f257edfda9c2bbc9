//! What holds for every table of prices: the guard blocks exactly when a price moved too far, came, went, or slipped by a
//! power of ten.

use std::collections::BTreeMap;

use proptest::prelude::*;

use super::*;
use crate::offer::{GuardSetting, GuardSettings};

/// Prices by region and core size, in thousandths, so that what is expected is told without fractions.
type Table = BTreeMap<(Option<&'static str>, &'static str), u32>;

fn table() -> impl Strategy<Value = Table> {
    let region = prop_oneof![Just(None), Just(Some("DE")), Just(Some("CH"))];
    let size = prop_oneof![Just("1core"), Just("2core"), Just("64core")];
    let price = prop_oneof![1..1_000_u32, Just(0), Just(10), Just(12), Just(100), Just(120), Just(1_000), Just(10_000)];
    prop::collection::btree_map((region, size), price, 1..6)
}

/// The table after a few edits.
fn edited() -> impl Strategy<Value = (Table, Table)> {
    // Most prices stay, so that a single one decides.
    let edit = prop_oneof![
        8 => Just((1, 1)),
        1 => prop::sample::select(vec![(12, 10), (8, 10), (10, 1), (1, 10), (6, 5), (3, 2), (0, 1)]),
    ];
    (table(), prop::collection::vec(edit, 6), prop::bool::weighted(0.2), table()).prop_map(
        |(old, edits, is_other, other)| {
            let scaled = old.iter().zip(edits).map(|((cell, price), (up, down))| (*cell, price * up / down)).collect();
            (old, if is_other { other } else { scaled })
        },
    )
}

fn offer(table: &Table, others: &Table) -> Value {
    let (mut sizes, mut regions) = (json!({}), json!({}));
    for cell @ (region, size) in table.keys().chain(others.keys()) {
        // The manifest says of each price that it drops that it shall go.
        let price = table.get(cell).map_or(Value::Null, |price| json!(f64::from(*price) / 1_000.0));
        match region {
            None => sizes[*size] = price,
            Some(region) => regions[*region][*size] = price,
        }
    }
    let mut document = right();
    document["definition"]["plans"][0]["regions"] = json!(["CH", "DE"]);
    document["definition"]["plans"][0]["virtualMachinePricing"] =
        json!({"coreMultiplier": {"currency": "USD", "individually": sizes}, "regionPrices": regions});
    document
}

fn moved_too_far(was: u32, is: u32, threshold: u32) -> bool {
    if was == 0 || is == 0 {
        return was != is;
    }
    // 10 to the power of a hundredth is 1.0233.
    let is_power_of_ten = (-5..=5).filter(|power| *power != 0).any(|power| {
        let ratio = f64::from(is) / f64::from(was) / 10_f64.powi(power);
        (1.0 / 1.02329..1.02329).contains(&ratio)
    });
    u64::from(was.abs_diff(is)) * 100 > u64::from(threshold) * u64::from(was) || is_power_of_ten
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 512, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn the_guard_blocks_exactly_when_a_price_moved_too_far((old, new) in edited(), threshold in prop_oneof![Just(20_u32), 0..2_000_u32]) {
        let cells = old.keys().chain(new.keys());
        let expected = cells.into_iter().any(|cell| match (old.get(cell), new.get(cell)) {
            (Some(was), Some(is)) => moved_too_far(*was, *is, threshold),
            _ => true,
        });
        let live = offer(&old, &Table::new());
        let live = observed(live.clone(), Some(live.clone()), Some(live), Standing::Live);
        let mut guards = GuardSettings::default();
        guards.set(Guard::PriceChange, GuardSetting::From(threshold));
        let mut wanted = desired(offer(&new, &old));
        wanted.document["definition"]["offer"]["x.title"] = json!("Another");
        let planned = plan_with(&wanted, &live, &Known::default(), &Directives { guards, ..Directives::default() });
        let blocks: Vec<_> = planned.blocks.iter().map(|block| block.guard).collect();
        let expected = if expected { vec![Guard::PriceChange] } else { Vec::new() };
        prop_assert_eq!(blocks, expected, "{:?}", planned.blocks);
    }
}
