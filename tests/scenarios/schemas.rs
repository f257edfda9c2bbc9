//! The schemas that the program prints are those of the repository, and what the program writes satisfies them.

use std::path::Path;

use serde_json::Value;

use crate::environment::{TestEnvironment, at_once};
use crate::manifests::draft;

const SUBJECTS: [&str; 6] = ["offer", "part", "config", "plan", "state", "event"];

#[test]
fn the_schemas_of_the_repository_are_those_that_are_printed() {
    let environment = TestEnvironment::with_offer();
    for subject in SUBJECTS {
        let printed = environment.run(&format!("schema {subject}")).expect(0).stdout;
        let file = Path::new(env!("CARGO_MANIFEST_DIR")).join(format!("schemas/{subject}.schema.json"));
        let kept = std::fs::read_to_string(&file).unwrap();
        assert!(printed == kept, "they differ: `cargo run -- schema {subject} --out schemas/{subject}.schema.json`");
    }
    assert_eq!(environment.run("schema").expect(0).stdout, environment.run("schema offer").expect(0).stdout);
}

#[test]
fn a_schema_is_written_where_an_editor_finds_it() {
    let environment = TestEnvironment::with_offer();
    let said =
        environment.run("schema offer --offer-type microsoft-azure-corevm --out schemas/offer.schema.json").expect(0);
    assert_eq!((said.stdout.as_str(), said.stderr.as_str()), ("", "Wrote schemas/offer.schema.json.\n"));
    let written = std::fs::read_to_string(environment.path("schemas/offer.schema.json")).unwrap();
    assert_eq!(environment.run("schema --offer-type core-virtual-machine").expect(0).stdout, written);
    assert!(!written.contains("microsoft-azure-virtualmachines."));
    insta::assert_snapshot!(environment.run("schema offer --offer-type saas"), @"
    --- stderr ---
    error: the keys of the offer type `saas` are not known
    hint: known are virtual-machine, core-virtual-machine, application; without `--offer-type` the schema is for all of them
    --- exit 4 ---
    ");
    insta::assert_snapshot!(environment.run("schema plan --offer-type application"), @"
    --- stderr ---
    error: only `schema offer` and `schema part` are about an offer type
    hint: leave `--offer-type` away
    --- exit 4 ---
    ");
}

/// Lets no key stand that is not named.
fn close(schema: &mut Value) {
    match schema {
        Value::Object(map) => {
            // What an `allOf` refers to closes the object by itself.
            let is_open = map.contains_key("properties") && map.contains_key("required");
            if is_open && !map.contains_key("additionalProperties") && !map.contains_key("allOf") {
                map.insert("additionalProperties".to_owned(), false.into());
            }
            map.values_mut().for_each(close);
        }
        Value::Array(list) => list.iter_mut().for_each(close),
        _ => {}
    }
}

/// The schema in which no key may stand that it does not name, so that none is forgotten.
fn strict(subject: &str) -> jsonschema::Validator {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(format!("schemas/{subject}.schema.json"));
    let mut schema: Value = serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap();
    close(&mut schema);
    jsonschema::validator_for(&schema).unwrap()
}

#[track_caller]
fn satisfies(validator: &jsonschema::Validator, document: &Value) {
    let complaints: Vec<_> =
        validator.iter_errors(document).map(|error| format!("{}: {error}", error.instance_path())).collect();
    assert!(complaints.is_empty(), "{complaints:#?}\n{document:#}");
}

fn records(environment: &TestEnvironment) -> Vec<Value> {
    let mut folders = vec![environment.path(".offerctl/state")];
    let mut records = Vec::new();
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|extension| extension == "json") {
                records.push(serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap());
            }
        }
    }
    assert!(!records.is_empty());
    records
}

#[test]
fn plans_of_every_kind_satisfy_their_schema() {
    let plan = strict("plan");
    let environment = TestEnvironment::with_examples(at_once());
    environment.write("offers/broken/offer.yaml", "publisherId: contoso\n");
    satisfies(&plan, &environment.run("plan --output json").expect(4).json());
    let environment = TestEnvironment::with_live_offer();
    satisfies(&plan, &environment.run("plan --output json").expect(0).json());
    let silver = crate::manifests::silver();
    environment.edit(silver, "");
    environment.edit("publishTo: production", "publishTo: production\n  offerPlans: exact");
    environment.edit("Backs up your machines every night", "Backs up your machines twice a day");
    let blocked = environment.run("plan --output json").expect(0).json();
    assert_eq!(blocked["offers"][0]["blocked"][0]["guard"], "remove-offer-plan");
    satisfies(&plan, &blocked);
    satisfies(&plan, &environment.run("plan --allow remove-offer-plan --output json").expect(0).json());
}

#[test]
fn records_and_events_of_a_run_satisfy_their_schemas() {
    let (state, event) = (strict("state"), strict("event"));
    let environment = TestEnvironment::with_examples(at_once());
    environment.write("offers/draft/offer.yaml", &draft("draft"));
    // Without waiting a submission is in flight and the rest of the plan is kept.
    let _ = environment.run("apply --yes --wait 0 --until preview --events events.jsonl").code();
    for record in records(&environment) {
        satisfies(&state, &record);
    }
    let _ = environment.run("resume --events events.jsonl").code();
    for record in records(&environment) {
        satisfies(&state, &record);
    }
    let events = std::fs::read_to_string(environment.path("events.jsonl")).unwrap();
    for line in events.lines() {
        satisfies(&event, &serde_json::from_str(line).unwrap());
    }
    assert!(events.contains("\"stepDone\"") && events.contains("\"offerEnded\""), "{events}");
}
