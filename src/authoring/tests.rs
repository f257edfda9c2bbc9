//! Whatever a live offer holds, its manifest reads back as the same, and the same offer gives the same manifest.

use proptest::prelude::*;
use serde_json::{Map, Value, json};

use super::*;
use crate::diff::{Context, MediaRecords, MediaTrust, Sides, compare};
use crate::manifest::{Diagnostic, Repository, RepositoryPath, Severity, load};
use crate::offer::{Catalogue, FieldPath, OfferKey, OfferPlansPolicy, OfferTypeId, Slot};

fn imported(document: &Value) -> Imported {
    import(&Subject {
        key: &OfferKey::parse("contoso/vm").unwrap(),
        offer_type: &OfferTypeId::new("microsoft-azure-saas").unwrap(),
        document,
        applied: None,
        publish_to: Slot::Draft,
        schema: None,
        leave_out: &[],
        holds_secret: &|_| false,
    })
}

/// What a run reads from the imported files, and whether anything is to be said about them.
fn read_back(imported: &Imported) -> Value {
    let folder = tempfile::tempdir().unwrap();
    place(imported, folder.path()).unwrap();
    let mut repository = Repository::open(folder.path()).unwrap();
    let loaded = load(
        &mut repository,
        &[RepositoryPath::new("offer.yaml").unwrap()],
        &|_| None,
        jiff::civil::date(2026, 11, 22),
    );
    // What the service holds may be otherwise than its pages say; how it is written down must be beyond doubt.
    let doubtful = |found: &&Diagnostic| {
        found.severity == Severity::Error || ["ambiguous-boolean", "unquoted-version"].contains(&found.rule)
    };
    let doubtful: Vec<_> = loaded.diagnostics.iter().filter(doubtful).collect();
    assert!(doubtful.is_empty(), "{doubtful:#?}\n{}", imported.manifest);
    loaded.desired.into_iter().next().unwrap().document
}

fn differing(desired: &Value, observed: &Value) -> Vec<FieldPath> {
    let media = MediaRecords::default();
    let context = Context {
        catalogue: Catalogue::built_in(),
        media: &media,
        media_trust: MediaTrust::Unverifiable,
        local_files: &[],
        ignore: &[],
        offer_plans: OfferPlansPolicy::Keep,
    };
    let found = compare(&context, Sides { desired, observed: Some(observed), applied: None });
    found.differences.into_iter().map(|difference| difference.path).collect()
}

/// Texts that YAML, its older readers or people could take for something else.
fn text() -> impl Strategy<Value = String> {
    let tricky = [
        "NO",
        "no",
        "1.0.10",
        "0123",
        "636576975611768314",
        "1e3",
        "0x1F",
        "12:30:45",
        "2024-01-01",
        "~",
        "null",
        "true",
        "",
        " ",
        "a ",
        " a",
        "a: b",
        "a #b",
        "#a",
        "- a",
        "? a",
        "a:",
        "&a",
        "*a",
        "!a",
        "|",
        ">",
        "%a",
        "@a",
        "`a",
        "'a'",
        "\"a\"",
        "\\",
        "<<",
        "=",
        "---",
        "...",
        "a\nb",
        "a\n",
        "a\n\n",
        "\na",
        "a \nb",
        " a\nb",
        "\t",
        "a\tb\nc",
        "a\r\nb",
        "\u{85}",
        "\u{2028}",
        "\u{feff}a\nb",
        "\u{0}",
        "\u{7f}",
        "é ü",
        "\u{1f600}",
        "{$env: HOME}",
        "[a]",
        "a, b",
        "$file",
        ".inf",
        "-",
        "+1",
        "key: |\n  x",
        "# c\nb",
        "a  b",
    ];
    prop_oneof![
        2 => proptest::sample::select(tricky.to_vec()).prop_map(str::to_owned),
        1 => any::<String>(),
        1 => proptest::collection::vec(proptest::sample::select(vec!["word", "two  blanks", "<p>", "é", "it's", "\n", "#"]), 0..60)
            .prop_map(|words| words.join(" ")),
        1 => proptest::collection::vec(proptest::sample::select(tricky.to_vec()), 0..5).prop_map(|parts| parts.concat()),
    ]
}

fn value() -> impl Strategy<Value = Value> {
    let scalar = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<u64>().prop_map(Value::from),
        any::<f64>()
            .prop_filter_map("a number of JSON", |number| serde_json::Number::from_f64(number).map(Value::Number)),
        text().prop_map(Value::from),
    ];
    scalar.prop_recursive(4, 40, 6, |inner| {
        prop_oneof![
            proptest::collection::vec(inner.clone(), 0..5).prop_map(Value::Array),
            proptest::collection::vec((key(), inner), 0..5)
                .prop_map(|entries| entries.into_iter().collect::<Map<_, _>>().into()),
        ]
    })
}

fn key() -> impl Strategy<Value = String> {
    let known = [
        "microsoft-azure-marketplace.description",
        "microsoft-azure-marketplace.usefulLinks",
        "regions",
        "x.version",
        "microsoft-azure-marketplace.smallLogo",
        "virtualMachinePricing",
        "virtualMachinePricingV2",
        "$other",
        "microsoft-azure-marketplace.leadDestination",
        "microsoft-azure-marketplace.tableLeadConfiguration",
        "connectionString",
        "windowsOSType",
        "microsoft-azure-virtualmachines.osType",
    ];
    prop_oneof![1 => proptest::sample::select(known.to_vec()).prop_map(str::to_owned), 1 => text()]
}

fn map() -> impl Strategy<Value = Value> {
    proptest::collection::vec((key(), value()), 0..8)
        .prop_map(|entries| entries.into_iter().collect::<Map<_, _>>().into())
}

/// A map of nothing but unset fields is not written either.
fn says_nothing(value: &Value) -> bool {
    crate::diff::is_unset(value) || value.as_object().is_some_and(|map| map.values().all(says_nothing))
}

/// The same value with every map turned round, as the service may send it.
fn turned_round(value: &Value) -> Value {
    match value {
        Value::Object(map) => map.iter().rev().map(|(key, value)| (key.clone(), turned_round(value))).collect(),
        Value::Array(items) => items.iter().map(turned_round).collect(),
        scalar => scalar.clone(),
    }
}

proptest! {
    #[test]
    fn what_is_imported_reads_back_as_what_the_service_has(
        name in text(), offer in map(), plans in proptest::collection::btree_map("[a-z]{1,8}", map(), 0..3)
    ) {
        let plans: Vec<_> = plans.into_iter().map(|(id, plan)| {
            let mut plan = plan;
            plan["planId"] = id.into();
            plan
        }).collect();
        let document = json!({"publisherId": "contoso", "offerTypeId": "microsoft-azure-saas", "id": "vm",
            "definition": {"displayText": name, "offer": offer, "plans": plans}});
        let written = imported(&document);
        let desired = read_back(&written);
        prop_assert_eq!(differing(&desired, &document), Vec::new(), "{}", written.manifest);
        // What was in the offer is in the manifest, unless it says that it is not, or the service adds it by itself.
        let missing = crate::diff::missing(Catalogue::built_in(), MediaTrust::Unverifiable, &document, &desired);
        let told = |path: &FieldPath| written.left_out.iter().any(|field| path.is_within(&field.path) || field.path.is_within(path));
        let is_hidden = |path: &FieldPath| written.secrets.iter().any(|secret| secret.path.is_within(path) || path.is_within(&secret.path));
        let missing: Vec<_> = missing.into_iter().filter(|difference| {
            difference.after.as_ref().is_some_and(|value| !says_nothing(value)) && !told(&difference.path) && !is_hidden(&difference.path)
        }).map(|difference| (difference.path, difference.before, difference.after)).collect();
        prop_assert_eq!(missing, Vec::new(), "{}", written.manifest);
        prop_assert_eq!(&imported(&turned_round(&document)).manifest, &written.manifest);
    }
}
