//! Random documents of manifests for one offer, `contoso/vm`, which the service accepts and can publish.

use proptest::prelude::*;
use proptest::sample::{select, subsequence};
use serde_json::{Map, Value, json};

pub const TITLE: &str = "microsoft-azure-marketplace.title";
pub const LOGO: &str = "microsoft-azure-marketplace.smallLogo";

pub fn text() -> impl Strategy<Value = Value> {
    select(vec!["One", "Two", "Three"]).prop_map(Value::from)
}

/// A value that nobody else knows; never one of the spellings of "unset", which the service may change.
pub fn own() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        any::<u64>().prop_map(Value::from),
        any::<bool>().prop_map(Value::from),
        Just(json!(null)),
        Just(json!(""))
    ];
    prop::collection::vec(leaf, 1..4).prop_map(|items| json!({"kept": items, "deep": {"number": 1.50}}))
}

pub fn logo() -> impl Strategy<Value = Value> {
    select(vec!["https://contoso.example/a.png?sig=one", "https://contoso.example/b.png"]).prop_map(Value::from)
}

fn some(values: &[&'static str]) -> impl Strategy<Value = Value> + use<> {
    let most = values.len();
    subsequence(values.to_vec(), 1..=most).prop_shuffle().prop_map(|values| json!(values))
}

/// Some of these fields.
fn fields(fields: Vec<(&'static str, BoxedStrategy<Value>)>) -> BoxedStrategy<Map<String, Value>> {
    let most = fields.len();
    subsequence(fields, 0..=most)
        .prop_flat_map(|fields| {
            let pairs: Vec<_> =
                fields.into_iter().map(|(key, value)| value.prop_map(move |value| (key.to_owned(), value))).collect();
            pairs.prop_map(|pairs| pairs.into_iter().collect())
        })
        .boxed()
}

fn image() -> impl Strategy<Value = Value> {
    (select(vec!["a", "b"]), any::<bool>()).prop_map(|(name, shown)| {
        json!({"osVhdUrl": format!("https://contoso.blob.example/{name}.vhd?sig=x"), "lunVhdDetails": [], "showInGui": shown})
    })
}

/// An offer plan that can be published.
fn offer_plan(id: &'static str) -> BoxedStrategy<Value> {
    let images = fields(vec![("1.1.0", image().boxed()), ("1.2.0", image().boxed())]);
    let optional = fields(vec![
        ("regions", some(&["US", "DE", "AZ"]).boxed()),
        ("microsoft-azure-virtualmachines.skuSummary", prop_oneof![text(), Just(json!(null)), Just(json!(""))].boxed()),
        ("microsoft-azure-virtualmachines.windowsOSType", text().boxed()),
        ("microsoft-azure-virtualmachines.supportsBackup", any::<bool>().prop_map(Value::from).boxed()),
        ("microsoft-azure-virtualmachines.generation", select(vec!["1", "2"]).prop_map(Value::from).boxed()),
        ("microsoft-azure-virtualmachines.recommendedVMSizes", some(&["d2", "d4"]).boxed()),
        ("ours.list", prop::collection::vec(own(), 0..3).prop_map(Value::from).boxed()),
    ]);
    (any::<bool>(), image(), images, optional)
        .prop_map(move |(byol, first, mut images, mut plan)| {
            images.insert("1.0.0".to_owned(), first);
            plan.insert("planId".to_owned(), json!(id));
            plan.insert("microsoft-azure-virtualmachines.skuTitle".to_owned(), json!(id));
            plan.insert("virtualMachinePricing".to_owned(), json!({"isByol": byol}));
            plan.insert("microsoft-azure-virtualmachines.vmImages".to_owned(), images.into());
            plan.into()
        })
        .boxed()
}

/// A manifest's document that can be published.
pub fn document() -> impl Strategy<Value = Value> {
    let links = subsequence(vec!["https://a.example", "https://b.example"], 0..=2).prop_shuffle();
    let links = links.prop_map(|urls| urls.iter().map(|url| json!({"linkUrl": url, "linkTitle": url})).collect());
    let optional = fields(vec![
        ("microsoft-azure-marketplace.summary", prop_oneof![text(), Just(json!(null)), Just(json!(""))].boxed()),
        (LOGO, logo().boxed()),
        ("microsoft-azure-marketplace.usefulLinks", links.boxed()),
        ("microsoft-azure-marketplace.allowedSubscriptions", some(&["a", "b", "c"]).boxed()),
        ("microsoft-azure-marketplace.useEnterpriseContract", any::<bool>().prop_map(Value::from).boxed()),
        ("ours.number", any::<u64>().prop_map(Value::from).boxed()),
        ("ours.map", own().boxed()),
    ]);
    let plans = subsequence(vec!["gold", "silver", "tin"], 1..=3)
        .prop_shuffle()
        .prop_flat_map(|ids| ids.into_iter().map(offer_plan).collect::<Vec<_>>());
    (text(), optional, plans).prop_map(|(title, mut offer, plans)| {
        offer.insert(TITLE.to_owned(), title);
        json!({
            "publisherId": "contoso", "offerTypeId": "microsoft-azure-virtualmachines", "id": "vm",
            "definition": {"displayText": "Contoso VM", "offer": offer, "plans": plans},
        })
    })
}
