//! The schema of a manifest and `validate` read the same rules: what one of them has nothing against, the other has not.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "these are tests, their helpers too")]

#[path = "schemas/agreement.rs"]
mod agreement;

use std::fs;
use std::path::Path;

use jsonschema::Validator;
use offerctl::manifest::{Repository, RepositoryPath, load};
use offerctl::offer::Catalogue;
use offerctl::schema::{Subject, text};
use serde_json::{Value, json};

fn validator(subject: Subject<'_>) -> Validator {
    jsonschema::validator_for(&serde_json::from_str(&text(subject)).unwrap()).unwrap()
}

fn complaints(validator: &Validator, manifest: &Value) -> Vec<String> {
    validator.iter_errors(manifest).map(|error| format!("{}: {error}", error.instance_path())).collect()
}

/// The rules that speak when the program reads this manifest. JSON is YAML.
fn rules(manifest: &Value) -> Vec<&'static str> {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("offer.yaml"), manifest.to_string()).unwrap();
    fs::write(folder.path().join("text.html"), "<p>text</p>").unwrap();
    rules_in(Repository::open(folder.path()).unwrap(), RepositoryPath::new("offer.yaml").unwrap())
}

fn rules_in(mut repository: Repository, manifest: RepositoryPath) -> Vec<&'static str> {
    let environment = |_: &str| Some("Contoso".to_owned());
    let loaded = load(&mut repository, &[manifest], &environment, jiff::civil::date(2026, 11, 22));
    loaded.diagnostics.iter().map(|diagnostic| diagnostic.rule).collect()
}

/// A manifest that nothing is wrong with.
fn sound() -> Value {
    json!({
        "publisherId": "contoso",
        "offerTypeId": "microsoft-azure-virtualmachines",
        "id": "vm",
        "reconcile": {
            "publishTo": "preview",
            "notificationEmails": ["release@contoso.com"],
            "offerPlans": "keep",
            "ignore": [{"path": "/definition/displayText", "reason": "theirs", "until": "2027-01-31"}],
            "guards": {"price-change": 30, "passengers": "allow"},
        },
        "definition": {
            "displayText": "Contoso VM",
            "brandNew": {},
            "offer": {
                "microsoft-azure-marketplace.title": {"$env": "TITLE", "default": "Contoso"},
                "microsoft-azure-marketplace.summary": null,
                "microsoft-azure-marketplace.description": {"$file": "text.html"},
                "microsoft-azure-marketplace.publicAzureSupportUrl": "",
                "microsoft-azure-marketplace.privacyURL": "https://www.contoso.com",
                "microsoft-azure-marketplace.useEnterpriseContract": true,
                "microsoft-azure-marketplace.smallLogo": "https://cdn.contoso.com/48.png",
                "microsoft-azure-marketplace.screenshots": [
                    "https://cdn.contoso.com/1.png", {"name": "Two", "image": "https://cdn.contoso.com/2.png"},
                ],
                "microsoft-azure-marketplace-testdrive.description": "Try it",
                "microsoft-azure-marketplace.allowedSubscriptions": ["59160c40-2e25-4dcf-a2fd-6514cb08bf08"],
                "microsoft-azure-marketplace.tableLeadConfiguration": {"connectionString": {"$secret": "LEADS"}},
                "microsoft-azure-marketplace.usefulLinks": [{"linkTitle": "Docs", "linkUrl": "https://docs.contoso.com"}],
                "microsoft-azure-marketplace.categoryMap": [
                    {"categoryL1": "storage", "categoryL2-storage": ["backup-and-recovery"]},
                ],
            },
            "plans": [{
                "planId": "gold",
                "regions": ["DE", "NO", "AZ"],
                "microsoft-azure-virtualmachines.cloudAvailability": ["PublicAzure"],
                "microsoft-azure-virtualmachines.operatingSystemFamily": "Linux",
                "microsoft-azure-virtualmachines.hideSKUForSolutionTemplate": false,
                "microsoft-azure-virtualmachines.vmImages": {
                    "1.0.0": {"osVhdUrl": "https://contoso.blob.core.windows.net/gold.vhd", "lunVhdDetails": []},
                },
                "virtualMachinePricing": {
                    "isByol": false,
                    "coreMultiplier": {"currency": "USD", "individually": {"sharedcore": 1, "416core": 0.5}},
                    "regionPrices": {
                        "DE": {"1core": 1, "currency": "EUR"}, "NO": {"1core": 10}, "AZ": {"1core": 1, "currencyCode": "USD"},
                    },
                    "freeTrialDurationInMonths": 1,
                },
                "restrictedAudience": {"manualEntries": [{"type": "tenant", "id": "x", "description": "y"}]},
                "diskGenerations": [{"planId": "gold-gen2"}],
            }],
        },
    })
}

/// The sound manifest with another value at a place; with `null` for a key of the envelope the key is gone.
fn with(place: &str, value: &Value) -> Value {
    let mut manifest = sound();
    let (parent, key) = place.rsplit_once('/').unwrap();
    let parent = manifest.pointer_mut(parent).unwrap();
    match parent {
        Value::Object(map) if parent_is_root(place) && value.is_null() => drop(map.shift_remove(key)),
        Value::Object(map) => drop(map.insert(key.replace("~1", "/"), value.clone())),
        Value::Array(list) => list[key.parse::<usize>().unwrap()] = value.clone(),
        _ => panic!("{place} leads nowhere"),
    }
    manifest
}

fn parent_is_root(place: &str) -> bool {
    place.matches('/').count() == 1
}

const OFFER: &str = "/definition/offer/microsoft-azure-marketplace.";
const PLAN: &str = "/definition/plans/0/";

#[test]
fn a_sound_manifest_has_nothing_against_it() {
    assert_eq!(complaints(&validator(Subject::Offer(None)), &sound()), Vec::<String>::new());
    assert_eq!(rules(&sound()), Vec::<&str>::new());
}

#[test]
fn the_schema_and_validate_find_the_same_wrong() {
    let of_plan = |key: &str| format!("{PLAN}microsoft-azure-virtualmachines.{key}");
    let broken = [
        ("/publisherId".to_owned(), json!(null), "missing-key"),
        ("/publisherId".to_owned(), json!("con toso"), "invalid-identifier"),
        ("/offerTypeId".to_owned(), json!(1), "wrong-type"),
        ("/definition".to_owned(), json!(null), "missing-key"),
        ("/publisherld".to_owned(), json!("contoso"), "unknown-key"),
        ("/status".to_owned(), json!("running"), "service-key"),
        ("/reconcile/publishTo".to_owned(), json!("live"), "unknown-word"),
        ("/reconcile/offerplans".to_owned(), json!("keep"), "unknown-key"),
        ("/reconcile/notificationEmails".to_owned(), json!(["nobody"]), "invalid-email"),
        ("/reconcile/guards".to_owned(), json!({"prices": "allow"}), "unknown-guard"),
        ("/reconcile/guards".to_owned(), json!({"passengers": 3}), "wrong-value"),
        ("/reconcile/ignore".to_owned(), json!([{"path": "/definition/x"}]), "missing-key"),
        ("/reconcile/ignore".to_owned(), json!([{"path": "/id", "reason": "x"}]), "invalid-path"),
        (
            "/reconcile/ignore".to_owned(),
            json!([{"path": "/definition/x", "reason": "x", "until": "soon"}]),
            "invalid-date",
        ),
        ("/reconcile/ignore/0/until".to_owned(), json!("2027-13-45"), "invalid-date"),
        ("/reconcile/ignore/0/path".to_owned(), json!("/definition/plans/*/regions"), "invalid-path"),
        ("/reconcile/ignore/0/path".to_owned(), json!("/definition/offer/~2"), "invalid-path"),
        ("/reconcile/ignore/0/path".to_owned(), json!("/definition/"), "invalid-path"),
        ("/definition/displayText".to_owned(), json!(1), "wrong-type"),
        ("/definition/offer".to_owned(), json!([]), "wrong-type"),
        ("/definition/plans".to_owned(), json!({}), "wrong-type"),
        ("/definition/plans/0".to_owned(), json!({}), "missing-key"),
        ("/definition/plans/0".to_owned(), json!("gold"), "wrong-type"),
        (format!("{PLAN}diskGenerations"), json!([{}]), "missing-key"),
        (format!("{PLAN}planId"), json!("Gold"), "wrong-form"),
        (format!("{PLAN}planId"), json!("g".repeat(51)), "too-long"),
        (format!("{PLAN}planId"), json!(""), "wrong-type"),
        (format!("{PLAN}regions"), json!("DE"), "unexpected-type"),
        (format!("{PLAN}regions"), json!(["Germany"]), "unknown-word"),
        (format!("{PLAN}regions"), json!(["UK"]), "unknown-word"),
        (format!("{PLAN}virtualMachinePricing/regionPrices"), json!({"Germany": {}}), "unknown-key"),
        (format!("{PLAN}virtualMachinePricing/regionPrices"), json!({"UK": {}}), "unknown-key"),
        (format!("{PLAN}virtualMachinePricing/regionPrices/DE"), json!(7), "unexpected-type"),
        (format!("{PLAN}virtualMachinePricing/regionPrices/DE"), json!({"3core": 1}), "unknown-key"),
        (format!("{PLAN}virtualMachinePricing/regionPrices/DE"), json!({"1core": -1}), "too-small"),
        (format!("{PLAN}virtualMachinePricing/coreMultiplier/currency"), json!("usd"), "unknown-word"),
        (format!("{PLAN}virtualMachinePricing"), json!({"isByol": "no"}), "unexpected-type"),
        (format!("{PLAN}virtualMachinePricing/coreMultiplier"), json!({"single": "1"}), "unexpected-type"),
        (format!("{PLAN}virtualMachinePricing/coreMultiplier/individually"), json!({"3core": 1}), "unknown-key"),
        (of_plan("cloudAvailability"), json!(["Azure"]), "unknown-word"),
        (of_plan("operatingSystemFamily"), json!("BSD"), "unknown-word"),
        (of_plan("hideSKUForSolutionTemplate"), json!(1), "unexpected-type"),
        (of_plan("recommendedVMSizes"), json!(["a", "b", "c", "d", "e", "f", "g"]), "too-many"),
        (of_plan("vmImages"), json!({"1.0": {}}), "wrong-form"),
        (of_plan("vmImages"), json!({"1.0.0": {"osVhdUrl": "gold.vhd"}}), "wrong-form"),
        (format!("{OFFER}title"), json!("a".repeat(201)), "too-long"),
        (format!("{OFFER}summary"), json!("é".repeat(101)), "too-long"),
        (format!("{OFFER}summary"), json!(["a"]), "unexpected-type"),
        (format!("{OFFER}smallLogo"), json!(5), "unexpected-type"),
        (format!("{OFFER}smallLogo"), json!("logo.png"), "wrong-form"),
        (format!("{OFFER}smallLogo"), json!({"$media": "text.html"}), "missing-url"),
        (format!("{OFFER}smallLogo"), json!({"$meda": "text.html"}), "unknown-directive"),
        (
            format!("{OFFER}summary"),
            json!({"$media": "text.html", "url": "https://cdn.contoso.com/1.png"}),
            "misplaced-media",
        ),
        (format!("{OFFER}useEnterpriseContract"), json!({"$env": "TITLE"}), "unexpected-type"),
        (format!("{OFFER}privacyURL"), json!("contoso.com"), "wrong-form"),
        (format!("{OFFER}privacyURL"), json!("https://x.y\nz"), "wrong-form"),
        (format!("{OFFER}supportContactEmail"), json!("contoso.com"), "wrong-form"),
        (format!("{OFFER}allowedSubscriptions"), json!(["all"]), "wrong-form"),
        (format!("{OFFER}usefulLinks"), json!(["https://contoso.com"]), "unexpected-type"),
        (format!("{OFFER}categoryMap"), json!([{"categoryL1": "analytics"}]), "wrong-category"),
        (format!("{OFFER}categoryMap"), json!([{"categoryL1": "weather"}]), "unknown-word"),
        (
            format!("{OFFER}categoryMap"),
            json!([{"categoryL1": "storage", "categoryL2-storage": ["backup"]}]),
            "wrong-category",
        ),
    ];
    let validator = validator(Subject::Offer(None));
    let only = Catalogue::built_in().offer_types().iter().find(|known| known.name == "virtual-machine");
    let of_this_type = self::validator(Subject::Offer(only));
    for (place, value, rule) in broken {
        let manifest = with(&place, &value);
        let found = rules(&manifest);
        assert!(found.contains(&rule), "{place}: {value} breaks {rule} and not {found:?}");
        for validator in [&validator, &of_this_type] {
            assert!(!validator.is_valid(&manifest), "the schema has nothing against {value} at {place}");
        }
    }
}

#[test]
fn what_no_schema_can_say_is_left_to_validate() {
    let plan = sound()["definition"]["plans"][0].clone();
    let left = [
        (with("/definition/plans", &json!([plan, plan])), "duplicate-offer-plan"),
        (with(&format!("{OFFER}sumary"), &json!("a")), "unknown-key"),
        (with(&format!("{PLAN}virtualMachinePricing/isBYOL"), &json!(true)), "unknown-key"),
        (with(&format!("{PLAN}virtualMachinePricing/regionPrices/DE/currency"), &json!("USD")), "wrong-currency"),
        (with("/offerTypeId", &json!("microsoft-azure-virtualmachine")), "unknown-word"),
        (with("/reconcile/ignore/0/path", &json!("/definition/offers")), "unknown-path"),
        (with("/reconcile/ignore/0/until", &json!("2026-01-31")), "waiver-expired"),
        (
            with(
                &format!("{PLAN}microsoft-azure-virtualmachines.vmImages/1.0.0/osVhdUrl"),
                &json!("https://contoso.blob.core.windows.net/gold.vhd?se=2026-11-30&sig=x"),
            ),
            "sas-ends-soon",
        ),
        (
            with(
                &format!("{PLAN}virtualMachinePricing/regionPrices"),
                &json!({"DE": {"1core": 1}, "AZ": {"1core": 1}}),
            ),
            "price-missing",
        ),
    ];
    let validator = validator(Subject::Offer(None));
    for (manifest, rule) in left {
        assert_eq!(rules(&manifest), [rule]);
        assert_eq!(complaints(&validator, &manifest), Vec::<String>::new(), "{rule}");
    }
}

#[test]
fn of_an_offer_type_that_nobody_published_only_what_all_share_is_known() {
    let validator = validator(Subject::Offer(None));
    let definition = |offer: Value| {
        let mut manifest = json!({"publisherId": "contoso", "offerTypeId": "contoso-new", "id": "new"});
        manifest["definition"] = json!({"offer": offer, "plans": [{"planId": "p", "what": ["ever"]}]});
        manifest
    };
    let fine = definition(json!({"x.title": "a", "x.unheardOf": 1, "x.categoryMap": [{"categoryL1": "weather"}]}));
    assert_eq!((complaints(&validator, &fine), rules(&fine)), (Vec::new(), Vec::new()));
    let long = definition(json!({"x.title": "a".repeat(201)}));
    assert!(!validator.is_valid(&long));
    assert_eq!(rules(&long), ["too-long"]);
}

#[test]
fn a_part_is_a_manifest_of_which_anything_may_be_missing() {
    let part = validator(Subject::Part(None));
    let contacts = json!({"definition": {"offer": {"microsoft-azure-marketplace.supportContactName": "Contoso"}}});
    for fine in [&json!({}), &contacts, &sound()] {
        assert_eq!(complaints(&part, fine), Vec::<String>::new());
    }
    let wrong = json!({"definition": {"offer": {"microsoft-azure-marketplace.supportContactName": 5}}});
    assert!(!part.is_valid(&wrong) && !part.is_valid(&json!({"status": "running"})));
    let whole = validator(Subject::Offer(None));
    assert_eq!(complaints(&whole, &contacts).len(), 3, "{:?}", complaints(&whole, &contacts));
    assert!(whole.is_valid(&json!({"extends": ["../shared/support.yaml"]})));
    let support = Path::new(env!("CARGO_MANIFEST_DIR")).join("examples/offers/shared/support.yaml");
    assert_eq!(complaints(&part, &yaml(&support)), Vec::<String>::new());
}

#[test]
fn the_first_line_of_each_example_names_the_schema_of_what_it_is() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let named = |file: &Path| {
        let text = fs::read_to_string(file).unwrap();
        let way = text.lines().next().unwrap().strip_prefix("# yaml-language-server: $schema=").unwrap().to_owned();
        fs::canonicalize(file.parent().unwrap().join(way)).unwrap()
    };
    for entry in fs::read_dir(root.join("examples/offers")).unwrap() {
        let (manifest, part) =
            (entry.as_ref().unwrap().path().join("offer.yaml"), entry.unwrap().path().join("support.yaml"));
        let (file, schema) = if part.exists() { (part, "part") } else { (manifest, "offer") };
        assert!(named(&file).ends_with(format!("schemas/{schema}.schema.json")), "{}", file.display());
    }
    assert!(named(&root.join("examples/offerctl.yaml")).ends_with("schemas/config.schema.json"));
}

#[test]
fn every_example_satisfies_the_schema() {
    let validator = validator(Subject::Offer(None));
    let examples = Path::new(env!("CARGO_MANIFEST_DIR")).join("examples");
    let mut seen = 0;
    for entry in fs::read_dir(examples.join("offers")).unwrap() {
        let entry = entry.unwrap();
        let path = entry.path().join("offer.yaml");
        if path.exists() {
            assert_eq!(complaints(&validator, &yaml(&path)), Vec::<String>::new(), "{}", path.display());
            let examples = Repository::open(&examples).unwrap();
            let manifest = RepositoryPath::new(&format!("offers/{}/offer.yaml", entry.file_name().display())).unwrap();
            assert_eq!(rules_in(examples, manifest), Vec::<&str>::new(), "{}", path.display());
            seen += 1;
        }
    }
    assert!(seen >= 4, "{seen} examples");
    assert_eq!(
        complaints(&self::validator(Subject::Config), &yaml(&examples.join("offerctl.yaml"))),
        Vec::<String>::new()
    );
}

fn yaml(path: &Path) -> Value {
    let options = serde_saphyr::options! { strict_booleans: true };
    serde_saphyr::from_str_with_options(&fs::read_to_string(path).unwrap(), options).unwrap()
}

#[test]
fn the_schema_of_the_settings_knows_every_key_and_no_other() {
    let validator = validator(Subject::Config);
    let fine = json!({
        "offers": ["offers/*/offer.yaml", "!offers/old/**"], "endpoint": "https://cloudpartner.azure.com",
        "parallelism": 10, "wait": "1h 30m", "state": "git:offerctl-state",
        "guards": {"price-change": 30, "sas-expiry": 14, "mass-change": "allow"},
    });
    assert_eq!(complaints(&validator, &fine), Vec::<String>::new());
    let read = |settings: &Value| {
        let folder = tempfile::tempdir().unwrap();
        fs::write(folder.path().join("offerctl.yaml"), settings.to_string()).unwrap();
        offerctl::config::read_settings_file(&mut Repository::open(folder.path()).unwrap()).is_ok()
    };
    assert!(read(&fine));
    for wrong in [
        json!({"ofers": []}),
        json!({"offers": 1}),
        json!({"wait": ["30m"]}),
        json!({"parallelism": {}}),
        json!({"guards": {"price-change": -1}}),
        json!({"guards": {"prices": "allow"}}),
    ] {
        assert!(!read(&wrong), "{wrong}");
        assert!(!validator.is_valid(&wrong), "{wrong}");
    }
}
