//! Prices, audiences, signatures that end, and runs that touch many offers: when they block, and in which words.

use super::*;
use crate::offer::{FieldPath, GuardSetting, GuardSettings, IgnoredField};

fn with_plan(keys: &Value) -> Value {
    let mut document = right();
    document["definition"]["plans"][0].as_object_mut().unwrap().extend(keys.as_object().unwrap().clone());
    document
}

fn multiplied(prices: &Value) -> Value {
    with_plan(&json!({"virtualMachinePricing": {"coreMultiplier": prices}}))
}

fn directives() -> Directives {
    Directives { today: Some("2026-11-22".parse().unwrap()), ..Directives::default() }
}

/// What one guard says when this becomes of that, live, under these directives.
fn told_under(guard: Guard, old: &Value, new: Value, directives: &Directives) -> String {
    let live = observed(old.clone(), Some(old.clone()), Some(old.clone()), Standing::Live);
    let planned = plan_with(&desired(new), &live, &Known::default(), directives);
    assert!(!planned.steps.is_empty(), "a guard never hides the plan");
    planned.blocks.iter().filter(|block| block.guard == guard).map(|block| block.sentence.as_str()).collect()
}

fn told(guard: Guard, old: &Value, new: Value) -> String {
    told_under(guard, old, new, &directives())
}

#[test]
fn a_price_is_told_for_each_offer_plan_region_and_core_size() {
    let single = |price: f64| multiplied(&json!({"currency": "USD", "single": price}));
    insta::assert_snapshot!(told(Guard::PriceChange, &single(0.03), single(0.04)), @"offer plan `gold`, per core: 0.03 → 0.04 (+33 %)");
    insta::assert_snapshot!(told(Guard::PriceChange, &single(0.03), single(0.3)), @"offer plan `gold`, per core: 0.03 → 0.3 (+900 %, a factor of ten: is the decimal point where it should be?)");
    insta::assert_snapshot!(told(Guard::PriceChange, &single(3.5), single(0.035)), @"offer plan `gold`, per core: 3.5 → 0.035 (-99 %, a power of ten: is the decimal point where it should be?)");
    assert_eq!(told(Guard::PriceChange, &single(0.03), single(0.036)), "", "20 % are let pass");
    insta::assert_snapshot!(told(Guard::PriceChange, &single(0.1), single(0.120_000_1)), @"offer plan `gold`, per core: 0.1 → 0.1200001 (+20.0001 %)");
    let sized = |four: f64, eight: f64, german: f64| {
        with_plan(&json!({"virtualMachinePricing": {
            "coreMultiplier": {"currency": "USD", "individually": {"4core": four, "8core": eight}},
            "regionPrices": {"DE": {"4core": german}, "AU": {"4core": 1.5}},
        }}))
    };
    insta::assert_snapshot!(told(Guard::PriceChange, &sized(0.1, 0.2, 0.3), sized(0.1, 0.1, 0.6)), @"offer plan `gold`, 8core: 0.2 → 0.1 (-50 %); offer plan `gold`, DE 4core: 0.3 → 0.6 (+100 %)");
    let monthly = |price: f64| {
        with_plan(
            &json!({"monthlyPricing": {"regionPrices": [{"region": "US", "price": 5}, {"region": "DE", "price": price}]}}),
        )
    };
    insta::assert_snapshot!(told(Guard::PriceChange, &monthly(10.0), monthly(12.5)), @"offer plan `gold`, DE price: 10 → 12.5 (+25 %)");
}

#[test]
fn a_price_counts_under_either_of_its_names_and_currencies_and_licences_too() {
    let named =
        |key: &str, price: f64| with_plan(&json!({key: {"coreMultiplier": {"currency": "USD", "single": price}}}));
    let blocked = |old: &Value, new| !told(Guard::PriceChange, old, new).is_empty();
    assert!(blocked(&named("virtualMachinePricing", 0.03), named("virtualMachinePricingV2", 0.06)));
    assert!(blocked(&named("virtualMachinePricingV2", 0.03), named("virtualMachinePricing", 0.06)));
    let priced = |currency: &str| multiplied(&json!({"currency": currency, "single": 0.03}));
    insta::assert_snapshot!(told(Guard::PriceChange, &priced("USD"), priced("EUR")), @"offer plan `gold`, currency: USD → EUR");
    let byol = with_plan(&json!({"virtualMachinePricing": {"isByol": true}}));
    let paid = with_plan(
        &json!({"virtualMachinePricing": {"isByol": false, "coreMultiplier": {"currency": "USD", "single": 0.03}}}),
    );
    insta::assert_snapshot!(told(Guard::PriceChange, &byol, paid.clone()), @"offer plan `gold`, customers brought their own license, and would pay; offer plan `gold`, per core: none → 0.03");
    assert_eq!(told(Guard::PriceChange, &right(), paid), "", "the first price surprises nobody");
    let trial = |months: u32| with_plan(&json!({"virtualMachinePricing": {"freeTrialDurationInMonths": months}}));
    assert_eq!(told(Guard::PriceChange, &trial(1), trial(3)), "");
}

#[test]
fn exactly_the_threshold_passes() {
    let single = |price: f64| multiplied(&json!({"currency": "USD", "single": price}));
    let told = |old: f64, new: f64| told(Guard::PriceChange, &single(old), single(new));
    assert_eq!((told(0.05, 0.06), told(0.05, 0.04), told(1.0, 1.2)), Default::default());
    insta::assert_snapshot!(told(0.05, 0.0601), @"offer plan `gold`, per core: 0.05 → 0.0601 (+20.2 %)");
    insta::assert_snapshot!(told(0.05, 0.0399), @"offer plan `gold`, per core: 0.05 → 0.0399 (-20.2 %)");
}

#[test]
fn a_price_that_goes_away_is_told() {
    let sized = |sizes: Value, regions: Value, sold: Value| {
        let prices = json!({"coreMultiplier": {"currency": "USD", "individually": sizes}, "regionPrices": regions});
        with_plan(&json!({"regions": sold, "virtualMachinePricing": prices}))
    };
    let old =
        sized(json!({"2core": 1, "4core": 2}), json!({"DE": {"2core": 3}, "AU": {"2core": 4}}), json!(["AU", "DE"]));
    let removed = sized(json!({"2core": 1, "4core": null}), json!({"DE": null}), json!(["AU", "DE"]));
    insta::assert_snapshot!(told(Guard::PriceChange, &old, removed), @"offer plan `gold`, 4core: 2 → none; offer plan `gold`, DE 2core: 3 → none");
    let no_longer_sold = sized(json!({}), json!({"DE": null}), json!(["AU"]));
    assert_eq!(told(Guard::PriceChange, &old, no_longer_sold), "", "nobody pays where it is not sold");
    let sold_anew = sized(json!({}), json!({"FR": {"2core": 9}}), json!(["AU", "DE", "FR"]));
    assert_eq!(told(Guard::PriceChange, &old, sold_anew), "", "nobody paid where it was not sold");
    let priced_anew = sized(json!({"8core": 4}), json!({}), json!(["AU", "DE"]));
    insta::assert_snapshot!(told(Guard::PriceChange, &old, priced_anew), @"offer plan `gold`, 8core: none → 4");
    insta::assert_snapshot!(told(Guard::PriceChange, &old, with_plan(&json!({"virtualMachinePricing": null}))), @"offer plan `gold`, 2core: 1 → none; offer plan `gold`, 4core: 2 → none; offer plan `gold`, DE 2core: 3 → none; offer plan `gold`, AU 2core: 4 → none");
    // What left the manifest goes away too.
    let without = sized(json!({"2core": 1}), json!({"AU": {"2core": 4}}), json!(["AU", "DE"]));
    let live = observed(old.clone(), Some(old.clone()), Some(old.clone()), Standing::Live);
    let known = Known { applied: Some(old.into()), ..Known::default() };
    let planned = plan_with(&desired(without), &live, &known, &directives());
    insta::assert_snapshot!(planned.blocks[0].sentence, @"offer plan `gold`, 4core: 2 → none; offer plan `gold`, DE 2core: 3 → none");
}

#[test]
fn one_price_per_core_is_compared_with_prices_by_size() {
    let single = multiplied(&json!({"currency": "USD", "single": 0.05, "individually": null}));
    let sizes = |sizes: Value| multiplied(&json!({"currency": "USD", "single": null, "individually": sizes}));
    let same = sizes(json!({"sharedcore": 0.05, "1core": 0.05, "2core": 0.1, "8core": 0.48}));
    assert_eq!(told(Guard::PriceChange, &single, same.clone()), "");
    assert_eq!(told(Guard::PriceChange, &same, single.clone()), "");
    let flat = sizes(json!({"1core": 0.05, "2core": 0.05, "8core": 0.5}));
    insta::assert_snapshot!(told(Guard::PriceChange, &single, flat.clone()), @"offer plan `gold`, 2core: 0.1 (0.05 per core) → 0.05 (-50 %); offer plan `gold`, 8core: 0.4 (0.05 per core) → 0.5 (+25 %)");
    insta::assert_snapshot!(told(Guard::PriceChange, &flat, single), @"offer plan `gold`, 2core: 0.05 → 0.1 (0.05 per core) (+100 %)");
}

#[test]
fn paying_and_bringing_a_license_are_told_in_both_directions() {
    let byol = with_plan(&json!({"virtualMachinePricing": {"isByol": true, "coreMultiplier": null}}));
    let paid = with_plan(
        &json!({"virtualMachinePricing": {"isByol": false, "coreMultiplier": {"currency": "USD", "single": 0.03}}}),
    );
    insta::assert_snapshot!(told(Guard::PriceChange, &paid, byol.clone()), @"offer plan `gold`, customers pay, and would bring their own license");
    insta::assert_snapshot!(told(Guard::PriceChange, &byol, with_plan(&json!({"virtualMachinePricing": null}))), @"offer plan `gold`, customers brought their own license, and there would be no price at all");
    let free = multiplied(&json!({"currency": "USD", "single": 0}));
    insta::assert_snapshot!(told(Guard::PriceChange, &free, paid.clone()), @"offer plan `gold`, per core: 0 → 0.03");
    insta::assert_snapshot!(told(Guard::PriceChange, &paid, free), @"offer plan `gold`, per core: 0.03 → 0");
    assert_eq!(told(Guard::PriceChange, &right(), byol), "", "nobody paid before");
}

#[test]
fn a_currency_of_a_region_and_a_monthly_price_count_too() {
    let regional = |currency: &str| {
        with_plan(&json!({"virtualMachinePricing": {"regionPrices": {"CH": {"currency": currency, "2core": 1}}}}))
    };
    insta::assert_snapshot!(told(Guard::PriceChange, &regional("CHF"), regional("EUR")), @"offer plan `gold`, CH currency: CHF → EUR");
    for key in ["monthlyPricing", "monthlyPricingV2"] {
        let monthly = |price: Value| with_plan(&json!({key: {"regionPrices": [{"region": "US", "price": price}]}}));
        assert_eq!(told(Guard::PriceChange, &monthly(json!(10)), monthly(json!("12"))), "", "{key}");
        insta::allow_duplicates! {
            insta::assert_snapshot!(told(Guard::PriceChange, &monthly(json!(10)), monthly(json!("13"))), @"offer plan `gold`, US price: 10 → 13 (+30 %)");
        }
        let live = |price: Value| with_plan(&json!({key: price}));
        insta::allow_duplicates! {
            insta::assert_snapshot!(told(Guard::PriceChange, &live(json!({"price": 10})), live(Value::Null)), @"offer plan `gold`, price: 10 → none");
        }
    }
}

#[test]
fn a_spreadsheet_of_prices_cannot_be_read_and_says_so() {
    let sheet = |file: &str| {
        let uri = format!("https://store.example/{file}?sig=abc");
        with_plan(&json!({"virtualMachinePricing": {"coreMultiplier": null, "spreadSheetPricing": {"uri": uri}}}))
    };
    let single = multiplied(&json!({"currency": "USD", "single": 0.05}));
    insta::assert_snapshot!(told(Guard::PriceChange, &sheet("old.xlsx"), sheet("new.xlsx")), @"offer plan `gold`, the spreadsheet of prices is another one, and offerctl cannot read it: compare the prices by hand");
    insta::assert_snapshot!(told(Guard::PriceChange, &single, sheet("new.xlsx")), @"offer plan `gold`, the spreadsheet of prices takes the place of the prices, and offerctl cannot read it: compare the prices by hand; offer plan `gold`, per core: 0.05 → none");
    let back =
        with_plan(&json!({"virtualMachinePricing": {"spreadSheetPricing": null, "coreMultiplier": {"single": 1}}}));
    insta::assert_snapshot!(told(Guard::PriceChange, &sheet("old.xlsx"), back), @"offer plan `gold`, the spreadsheet of prices goes away, and offerctl cannot read it: compare the prices by hand; offer plan `gold`, per core: none → 1");
    let mut retitled = sheet("old.xlsx");
    retitled["definition"]["offer"]["x.title"] = json!("Another");
    assert_eq!(told(Guard::PriceChange, &sheet("old.xlsx"), retitled), "");
    assert_eq!(told(Guard::PriceChange, &right(), sheet("new.xlsx")), "", "the first price surprises nobody");
    assert!(!told(Guard::PriceChange, &single, sheet("new.xlsx")).contains("abc"), "no signature is told");
}

#[test]
fn a_free_trial_that_goes_away_is_a_note() {
    let trial = |months: u32| {
        let price = json!({"coreMultiplier": {"currency": "USD", "single": 1}, "freeTrialDurationInMonths": months});
        with_plan(&json!({"virtualMachinePricing": price}))
    };
    let notes = |old: u32, new: u32| {
        let live = observed(trial(old), Some(trial(old)), Some(trial(old)), Standing::Live);
        let planned = plan_with(&desired(trial(new)), &live, &Known::default(), &directives());
        assert_eq!(planned.blocks, []);
        planned.notes.join("\n")
    };
    insta::assert_snapshot!(notes(1, 0), @"the free trial of the offer plan `gold` goes away: new customers would pay from the first day");
    assert_eq!((notes(3, 1), notes(0, 1)), Default::default());
}

#[test]
fn what_counts_is_what_customers_pay_now_and_not_the_draft() {
    let single = |price: f64| multiplied(&json!({"currency": "USD", "single": price}));
    let standing = observed(single(0.3), Some(single(0.03)), Some(single(0.03)), Standing::Live);
    let planned = plan_with(&desired(single(0.3)), &standing, &Known::default(), &directives());
    assert_eq!(planned.changes.open().len(), 0, "the draft holds the wrong price already");
    assert_eq!(steps(&planned), "publish, wait for preview, go live, wait for live, blocked by price-change");
}

#[test]
fn a_waived_price_is_not_written_and_blocks_nothing() {
    let single = |price: f64| multiplied(&json!({"currency": "USD", "single": price}));
    let mut wanted = desired(single(0.3));
    wanted.document["definition"]["offer"]["x.title"] = json!("Another");
    let path = "/definition/plans/gold/virtualMachinePricing/coreMultiplier/single";
    let waiver = |path: &str| IgnoredField {
        path: FieldPath::parse(path).unwrap(),
        reason: "sales".to_owned(),
        until: None,
        position: SourcePosition { file: "offer.yaml".into(), line: 1, column: 1 },
    };
    let live = observed(single(0.03), Some(single(0.03)), Some(single(0.03)), Standing::Live);
    let left = |wanted: &Desired| steps(&plan_with(wanted, &live, &Known::default(), &directives()));
    assert!(left(&wanted).ends_with("blocked by price-change"), "{}", left(&wanted));
    wanted.reconcile.ignore.push(waiver(path));
    assert_eq!(left(&wanted), "update, publish, wait for preview, go live, wait for live");
}

#[test]
fn thresholds_are_set_for_the_repository_and_by_the_manifest_over_it() {
    use GuardSetting::{Allow, Block, From};
    let single = |price: f64| multiplied(&json!({"currency": "USD", "single": price}));
    let set = |setting| {
        let mut settings = GuardSettings::default();
        settings.set(Guard::PriceChange, setting);
        settings
    };
    let blocks = |repository: Option<GuardSetting>, manifest: Option<GuardSetting>, price: f64| {
        let guards = repository.map(set).unwrap_or_default();
        let mut wanted = desired(single(price));
        wanted.reconcile.guards = manifest.map(set).unwrap_or_default();
        let old = single(1.0);
        let live = observed(old.clone(), Some(old.clone()), Some(old), Standing::Live);
        let planned = plan_with(&wanted, &live, &Known::default(), &Directives { guards, ..directives() });
        !planned.blocks.is_empty()
    };
    assert!(blocks(None, None, 1.5) && !blocks(Some(From(60)), None, 1.5));
    assert!(blocks(Some(From(60)), Some(From(40)), 1.5) && !blocks(Some(From(40)), Some(From(60)), 1.5));
    assert!(!blocks(Some(Allow), None, 1.5) && blocks(Some(Allow), Some(Block), 1.5));
    assert!(blocks(Some(From(5000)), None, 10.0), "a factor of ten is below every threshold");
}

#[test]
fn an_audience_gets_wider_or_narrower() {
    let restricted = |ids: &[&str]| {
        let entries: Vec<_> = ids.iter().map(|id| json!({"type": "tenant", "id": id})).collect();
        with_plan(&json!({"restrictedAudience": {"manualEntries": entries}}))
    };
    let everybody = with_plan(&json!({"restrictedAudience": null}));
    insta::assert_snapshot!(told(Guard::AudienceChange, &restricted(&["a", "b"]), restricted(&["b", "c", "d"])), @"who may buy the offer plan `gold` changes (wider): +c +d");
    let live =
        observed(restricted(&["a", "b"]), Some(restricted(&["a", "b"])), Some(restricted(&["a", "b"])), Standing::Live);
    let known = Known { applied: Some(restricted(&["a", "b"]).into()), ..Known::default() };
    let planned = plan_with(&desired(restricted(&["b", "c", "d"])), &live, &known, &directives());
    insta::assert_snapshot!(planned.blocks[0].sentence, @"who may buy the offer plan `gold` changes (wider and narrower): +c +d -a");
    insta::assert_snapshot!(told(Guard::AudienceChange, &restricted(&["a"]), everybody), @"the offer plan `gold` was for chosen customers, and would be for everybody (wider)");
    insta::assert_snapshot!(told(Guard::AudienceChange, &right(), restricted(&["a"])), @"the offer plan `gold` was for everybody, and would be for chosen customers (narrower)");
    let hidden = |hidden: bool| with_plan(&json!({"x.hideSKUForSolutionTemplate": hidden}));
    insta::assert_snapshot!(told(Guard::AudienceChange, &hidden(true), hidden(false)), @"the offer plan `gold` was hidden, and would be shown (wider)");
    insta::assert_snapshot!(told(Guard::AudienceChange, &right(), hidden(true)), @"the offer plan `gold` was shown, and would be hidden (narrower)");
    let seen = |ids: &[&str]| {
        let mut document = right();
        document["definition"]["offer"]["x.allowedSubscriptions"] = json!(ids);
        document
    };
    insta::assert_snapshot!(told(Guard::AudienceChange, &seen(&["1", "2"]), seen(&["2", "1", "3"])), @"who may see the preview changes (wider): +3");
    assert_eq!(
        told(Guard::AudienceChange, &seen(&["1"]), document("Another title")),
        "",
        "what it does not say, it keeps"
    );
}

#[test]
fn an_audience_is_read_wherever_the_catalogue_says_so() {
    let shown = |shown: bool| with_plan(&json!({"x.imageVisibility": shown}));
    insta::assert_snapshot!(told(Guard::AudienceChange, &shown(true), shown(false)), @"the offer plan `gold` was shown, and would be hidden (narrower)");
    insta::assert_snapshot!(told(Guard::AudienceChange, &shown(false), shown(true)), @"the offer plan `gold` was hidden, and would be shown (wider)");
    let listed = |file: &str| {
        let uri = format!("https://store.example/{file}?sig=abc");
        with_plan(&json!({"restrictedAudience": {"uploadedCsvUri": uri}}))
    };
    insta::assert_snapshot!(told(Guard::AudienceChange, &listed("old.csv"), listed("new.csv")), @"the file that says who may buy the offer plan `gold` is another one, and offerctl cannot read it: compare the customers by hand");
    insta::assert_snapshot!(told(Guard::AudienceChange, &right(), listed("new.csv")), @"the offer plan `gold` was for everybody, and would be for chosen customers (narrower)");
    let entries = with_plan(
        &json!({"restrictedAudience": {"manualEntries": [{"type": "tenant", "id": "a"}], "uploadedCsvUri": null}}),
    );
    insta::assert_snapshot!(told(Guard::AudienceChange, &entries, listed("new.csv")), @"the file that says who may buy the offer plan `gold` comes to it, and offerctl cannot read it: compare the customers by hand");
    insta::assert_snapshot!(told(Guard::AudienceChange, &listed("old.csv"), entries), @"who may buy the offer plan `gold` changes (wider): +a; the file that says who may buy the offer plan `gold` goes away, and offerctl cannot read it: compare the customers by hand");
    let mut retitled = listed("old.csv");
    retitled["definition"]["offer"]["x.title"] = json!("Another");
    assert_eq!(told(Guard::AudienceChange, &listed("old.csv"), retitled), "");
}

#[test]
fn where_an_offer_plan_is_sold_says_who_may_buy_it() {
    let sold = |regions: &[&str]| with_plan(&json!({"regions": regions}));
    insta::assert_snapshot!(told(Guard::AudienceChange, &sold(&["DE", "US"]), sold(&["DE", "US", "CN", "BR"])), @"where the offer plan `gold` is sold changes (wider): +BR +CN");
    insta::assert_snapshot!(told(Guard::AudienceChange, &sold(&["DE", "US"]), sold(&["DE"])), @"where the offer plan `gold` is sold changes (narrower): -US");
    let in_clouds = |clouds: &[&str]| with_plan(&json!({"x.cloudAvailability": clouds}));
    insta::assert_snapshot!(told(Guard::AudienceChange, &in_clouds(&["PublicAzure"]), in_clouds(&["PublicAzure", "Fairfax"])), @"in which clouds the offer plan `gold` is sold changes (wider): +Fairfax");
    let mut retitled = sold(&["US", "DE"]);
    retitled["definition"]["offer"]["x.title"] = json!("Another");
    assert_eq!(told(Guard::AudienceChange, &sold(&["DE", "US"]), retitled), "", "their order says nothing");
}

#[test]
fn somebody_elses_image_has_to_last_too() {
    let image = |version: &str, host: &str, end: &str| {
        let uri = format!("https://{host}/vhds/{version}.vhd?sv=2024-11-04&se={end}&sr=b&sig=abc");
        json!({"x.vmImages": {version: {"osVhdUrl": uri}}})
    };
    let planned = |images: &Value| {
        let mut wanted = desired(other());
        wanted.reconcile.publish_to = Slot::Preview;
        let draft = with_plan(images);
        let observed = observed(draft, Some(right()), None, Standing::AwaitingSignoff);
        let planned = plan_with(&wanted, &observed, &Known::default(), &directives());
        let found = planned.blocks.into_iter().filter(|block| block.guard == Guard::SasExpiry);
        found.map(|block| block.sentence).collect::<String>()
    };
    insta::assert_snapshot!(planned(&image("9.0.0", "store.example", "2026-12-01")), @"signed addresses must last for the certification, at least 21 days: `/definition/plans/gold/x.vmImages/9.0.0/osVhdUrl` ends on 2026-12-01");
    assert_eq!(planned(&image("9.0.0", "store.example", "2026-12-13")), "");
    let served = image("9.0.0", "publishingstoredm.blob.core.windows.net", "2026-11-23");
    assert_eq!(planned(&served), "", "what the service serves is not fetched again");
}

#[test]
fn a_signature_has_to_last_for_the_certification() {
    let image = |file: &str, end: &str| {
        let uri = format!("https://store.blob.core.windows.net/vhds/{file}?sv=2024-11-04&se={end}&sr=b&sig=abc");
        with_plan(&json!({"x.vmImages": {"1.0.0": {"osVhdUrl": uri}}}))
    };
    let end = |end: &str| told(Guard::SasExpiry, &right(), image("new.vhd", end));
    insta::assert_snapshot!(end("2026-12-01T00%3A00%3A00Z"), @"signed addresses must last for the certification, at least 21 days: `/definition/plans/gold/x.vmImages/1.0.0/osVhdUrl` ends on 2026-12-01");
    insta::assert_snapshot!(end("2026-11-21"), @"signed addresses must last for the certification, at least 21 days: `/definition/plans/gold/x.vmImages/1.0.0/osVhdUrl` ended on 2026-11-21");
    assert_eq!(end("2026-12-13T00:00:00Z"), "", "21 days are enough");
    assert_ne!(end("2026-12-12T23:59:59Z"), "");
    assert!(!end("2026-12-01").contains("abc"), "no signature is told");
    // What the slot holds was fetched long ago, whatever became of its token.
    let mut retitled = image("old.vhd", "2026-11-21");
    retitled["definition"]["offer"]["x.title"] = json!("Another");
    assert_eq!(told(Guard::SasExpiry, &image("old.vhd", "2026-01-01"), retitled), "");
    // A new offer has nothing in its slots.
    let new = desired(image("new.vhd", "2026-12-01"));
    let planned = plan_with(&new, &Observed::absent(key()), &Known::default(), &directives());
    assert!(steps(&planned).ends_with("blocked by sas-expiry"), "{}", steps(&planned));
    let no_day = plan_with(&new, &Observed::absent(key()), &Known::default(), &Directives::default());
    assert_eq!(no_day.blocks, [], "without a day nothing can be told");
}

/// The offer with a disk whose token ends on a day.
fn signed(end: &str) -> Value {
    let uri = format!("https://store.blob.core.windows.net/vhds/a.vhd?sv=2024-11-04&se={end}&sr=b&sig=until-{end}");
    with_plan(&json!({"x.vmImages": {"1.0.0": {"osVhdUrl": uri}}}))
}

#[test]
fn a_first_publish_has_nothing_that_was_fetched_long_ago() {
    let draft = observed(signed("2026-11-01"), None, None, Standing::NeverPublished);
    let planned = plan_with(&desired(signed("2026-11-01")), &draft, &Known::default(), &directives());
    assert!(steps(&planned).ends_with("blocked by sas-expiry"), "{}", steps(&planned));
    insta::assert_snapshot!(planned.blocks[0].sentence, @"signed addresses must last for the certification, at least 21 days: `/definition/plans/gold/x.vmImages/1.0.0/osVhdUrl` ended on 2026-11-01");
    let mut kept = desired(signed("2026-11-01"));
    kept.reconcile.publish_to = Slot::Draft;
    kept.document["definition"]["offer"]["x.title"] = json!("Another");
    let planned = plan_with(&kept, &draft, &Known::default(), &directives());
    assert_eq!(steps(&planned), "update", "nothing is fetched of a draft");
}

#[test]
fn the_token_that_is_judged_is_the_one_that_is_sent() {
    let former = || {
        with_plan(
            &json!({"x.vmImages": {"1.0.0": {"osVhdUrl": "https://store.blob.core.windows.net/vhds/former.vhd"}}}),
        )
    };
    let live = |draft: Value| observed(draft, Some(former()), Some(former()), Standing::Live);
    let planned = |ours: &str, theirs: &str| {
        plan_with(&desired(signed(ours)), &live(signed(theirs)), &Known::default(), &directives())
    };
    let all = "publish, wait for preview, go live, wait for live";
    assert_eq!(steps(&planned("2036-01-01", "2030-01-01")), all, "what lasts long enough is not renewed");
    assert_eq!(steps(&planned("2036-01-01", "2026-11-24")), format!("update, {all}"));
    assert_eq!(steps(&planned("2026-11-24", "2036-01-01")), all, "the draft's own lasts long enough");
    let both_end = planned("2026-12-01", "2026-11-24");
    assert_eq!(steps(&both_end), format!("update, {all}, blocked by sas-expiry"));
    assert!(both_end.blocks[0].sentence.ends_with("ends on 2026-12-01"), "{}", both_end.blocks[0].sentence);
    // Without a signature of its own the manifest has nothing better.
    let mut imported = signed("2036-01-01");
    imported["definition"]["plans"][0]["x.vmImages"]["1.0.0"]["osVhdUrl"] =
        json!("https://store.blob.core.windows.net/vhds/a.vhd");
    let planned_of =
        |wanted: &Desired, observed: &Observed| plan_with(wanted, observed, &Known::default(), &directives());
    assert_eq!(
        steps(&planned_of(&desired(imported), &live(signed("2026-11-24")))),
        format!("{all}, blocked by sas-expiry")
    );
    // What a slot holds is not fetched again: neither renewed, nor in the way of a go-live.
    let old = observed(signed("2026-01-01"), Some(signed("2026-01-01")), Some(former()), Standing::AwaitingSignoff);
    assert_eq!(steps(&planned_of(&desired(signed("2036-01-01")), &old)), "go live, wait for live");
}

/// A plan of so many offers to change, in sync and new.
fn many(changed: usize, in_sync: usize, new: usize) -> Plan {
    let live = observed(right(), Some(right()), Some(right()), Standing::Live);
    let kinds = [
        (changed, plan(&desired(other()), &live)),
        (in_sync, plan(&desired(right()), &live)),
        (new, plan(&desired(right()), &Observed::absent(key()))),
    ];
    let offers = kinds.into_iter().flat_map(|(count, offer)| vec![offer; count]).collect();
    Plan { offers, ..Plan::default() }
}

#[test]
fn a_run_that_changes_most_offers_is_stopped() {
    let blocked = |mut plan: Plan, directives: &Directives| {
        guard_mass_change(&mut plan, directives);
        plan.summary().blocked
    };
    let none = Directives::default();
    assert_eq!((blocked(many(6, 6, 0), &none), blocked(many(7, 6, 0), &none)), (0, 7));
    assert_eq!(blocked(many(4, 0, 0), &none), 0, "four offers can be looked at");
    assert_eq!(blocked(many(4, 0, 9), &none), 0, "new offers take nothing from anybody");
    assert_eq!(blocked(many(5, 1, 9), &none), 5, "nor do they hide what the others lose");
    let allow = Directives { allow: vec!["mass-change".parse().unwrap()], ..Directives::default() };
    assert_eq!(blocked(many(9, 0, 0), &allow), 0);
    let mut guards = GuardSettings::default();
    guards.set(Guard::MassChange, GuardSetting::From(10));
    assert_eq!(blocked(many(5, 20, 0), &Directives { guards, ..Directives::default() }), 5);
    let mut plan = many(9, 1, 0);
    guard_mass_change(&mut plan, &none);
    insta::assert_snapshot!(plan.offers[0].blocks[0].sentence, @"this run would change 9 of 10 offers (90 %), and more than 50 % are let pass only by name");
    assert!(!plan.uses(&allow.allow[0]), "it blocks, so nothing was let pass");
    let mut plan = many(9, 1, 0);
    guard_mass_change(&mut plan, &allow);
    assert!(plan.uses(&allow.allow[0]));
}
