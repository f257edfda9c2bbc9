//! Whatever is done to a manifest: the schema and `validate` find it wrong both, or neither.

use std::fs;

use jsonschema::Validator;
use offerctl::manifest::{Repository, RepositoryPath, Severity, load};
use offerctl::schema::Subject;
use serde_json::{Value, json};

use crate::{sound, validator};

/// What only shows in the whole, in other files, or in words that a schema cannot compare. A schema may know some of it.
const SAID_BY_VALIDATE_ALONE: [&str; 12] = [
    "duplicate-offer-plan",
    "duplicate-element",
    "price-missing",
    "sas-ends-soon",
    "waiver-expired",
    "hidden-value",
    "unknown-path",
    "wrong-currency",
    "wrong-category",
    "unquoted-version",
    "misplaced-media",
    "media-type",
];

/// What a mutation puts into the place of a value.
fn mutants() -> Vec<Value> {
    vec![
        json!(null),
        json!(""),
        json!([]),
        json!({}),
        json!(5),
        json!(-0.5),
        json!(true),
        json!("text"),
        json!("https://www.contoso.com/x"),
        json!("a".repeat(6000)),
        json!(["text"]),
        json!({"key": "text"}),
        json!({"$env": "TITLE"}),
        json!({"$file": "text.html"}),
        json!({"$secret": "TITLE"}),
        json!({"$media": "logo.png", "url": "https://www.contoso.com/logo.png"}),
    ]
}

/// What such a value holds is not known to a schema, only what it cannot be.
fn comes_from_elsewhere(value: &Value) -> bool {
    value.get("$env").or_else(|| value.get("$file")).is_some()
}

/// The places of all values, as JSON pointers.
fn places(value: &Value, here: &str, found: &mut Vec<String>) {
    let mut below = |key: &str, value: &Value| {
        let place = format!("{here}/{}", key.replace('~', "~0").replace('/', "~1"));
        found.push(place.clone());
        places(value, &place, found);
    };
    match value {
        // What stands for another value is one value.
        Value::Object(map) if map.keys().any(|key| key.starts_with('$')) => {}
        Value::Object(map) => map.iter().for_each(|(key, value)| below(key, value)),
        Value::Array(list) => list.iter().enumerate().for_each(|(index, value)| below(&index.to_string(), value)),
        _ => {}
    }
}

/// Offers of the other types: of two that are known, and of one that is not.
fn others() -> [Value; 3] {
    let offer = |offer_type: &str, definition: Value| json!({"publisherId": "contoso", "offerTypeId": offer_type, "id": "other", "definition": definition});
    let application = json!({
        "offer": {"microsoft-azure-marketplace.categoryMap": [{"categoryL1": "storage", "categoryL2-storage": []}]},
        "plans": [{
            "planId": "managed",
            "microsoft-azure-applications.package": {"1.0.0": {
                "authorizations": [{"principalId": "x", "roleDefinitionId": "y"}],
                "policies": [],
                "packageVersion": {"packageFile": "https://contoso.blob.core.windows.net/app.zip", "tenantId": "z"},
                "publisherJitAccessPolicy": {"jitAccessEnabled": false},
            }},
        }],
    });
    let core = json!({
        "offer": {"microsoft-azure-corevm.title": "Contoso Linux"},
        "plans": [{
            "planId": "nine",
            "microsoft-azure-corevm.screenshots": [{"name": "One", "url": "https://cdn.contoso.com/1.png"}],
            "microsoft-azure-corevm.vmImagesFairfax": {"1.0.0": {"lunVhdDetails": [{"lun": 0}], "showInGui": true}},
            "microsoft-azure-corevm.usefulLinksFairfax": [{"linkTitle": "a", "linkUrl": "https://contoso.com"}],
            "diskGenerations": [{
                "planId": "nine-gen2",
                "microsoft-azure-corevm.vmImagesPublicAzure": {"1.0.0": {"mediaName": "m"}},
            }],
        }],
    });
    let unknown = json!({
        "offer": {
            "microsoft-azure-saas.title": "Contoso",
            "microsoft-azure-marketplace-testdrive.description": "a".repeat(5001),
            "microsoft-azure-saas.categoryMap": [{"categoryL1": "weather", "categoryL2-weather": ["rain"]}],
        },
        "plans": [{"planId": "p", "regions": ["DE"], "what": ["ever"]}],
    });
    [
        offer("microsoft-azure-applications", application),
        offer("microsoft-azure-corevm", core),
        offer("microsoft-azure-saas", unknown),
    ]
}

/// What `validate` says of a manifest: what a schema has to see too, and how much in all.
fn said(manifest: &Value, folder: &std::path::Path) -> (Vec<&'static str>, usize) {
    fs::write(folder.join("offer.yaml"), manifest.to_string()).unwrap();
    let mut repository = Repository::open(folder).unwrap();
    let path = RepositoryPath::new("offer.yaml").unwrap();
    let environment = |_: &str| Some("Contoso".to_owned());
    let loaded = load(&mut repository, &[path], &environment, jiff::civil::date(2026, 11, 22));
    let is_left = |severity, rule: &str| {
        SAID_BY_VALIDATE_ALONE.contains(&rule) || (rule == "unknown-key" && severity == Severity::Warning)
    };
    let told = loaded.diagnostics.iter().filter(|told| !is_left(told.severity, told.rule));
    (told.map(|told| told.rule).collect(), loaded.diagnostics.len())
}

fn disagreement(
    validator: &Validator,
    manifest: &Value,
    mutant: Option<&Value>,
    folder: &std::path::Path,
) -> Option<String> {
    let (mut told, in_all) = said(manifest, folder);
    if mutant.is_some_and(comes_from_elsewhere) {
        told.retain(|rule| ["wrong-type", "unexpected-type"].contains(rule));
    }
    match (validator.is_valid(manifest), told.as_slice(), in_all) {
        (true, [_, ..], _) => Some(format!("validate alone: {told:?}")),
        (false, _, 0) => {
            let complaint = validator.iter_errors(manifest).next().map(|error| error.to_string()).unwrap_or_default();
            Some(format!("the schema alone: {}", complaint.chars().take(200).collect::<String>()))
        }
        _ => None,
    }
}

#[test]
fn nothing_that_is_done_to_a_manifest_is_wrong_for_one_of_them_alone() {
    let validator = validator(Subject::Offer(None));
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("text.html"), "<p>text</p>").unwrap();
    fs::write(folder.path().join("logo.png"), "no picture").unwrap();
    let mut disagreements = Vec::new();
    let mut tried = 0;
    for whole in [sound()].into_iter().chain(others()) {
        let mut found = Vec::new();
        places(&whole, "", &mut found);
        for place in found {
            for mutant in mutants() {
                let mut manifest = whole.clone();
                *manifest.pointer_mut(&place).unwrap() = mutant.clone();
                let shown: String = mutant.to_string().chars().take(60).collect();
                let disagreement = disagreement(&validator, &manifest, Some(&mutant), folder.path());
                disagreements.extend(disagreement.map(|said| format!("{place} = {shown}: {said}")));
                tried += 1;
            }
            let (parent, key) = place.rsplit_once('/').unwrap();
            let mut manifest = whole.clone();
            if let Some(map) = manifest.pointer_mut(parent).and_then(Value::as_object_mut) {
                map.shift_remove(&key.replace("~1", "/").replace("~0", "~"));
                let disagreement = disagreement(&validator, &manifest, None, folder.path());
                disagreements.extend(disagreement.map(|said| format!("without {place}: {said}")));
                tried += 1;
            }
        }
    }
    assert!(tried > 2000, "only {tried} mutations were tried");
    assert!(disagreements.is_empty(), "{} of {tried}:\n{}", disagreements.len(), disagreements.join("\n"));
}
