//! What the manifest does not name stays as it is, whatever it is.

use serde_json::{Map, Value, json};

use crate::environment::TestEnvironment;

/// Changes the title through the program and asserts that nothing else changed.
#[track_caller]
fn only_the_title_changes(environment: &TestEnvironment) {
    let mut before = environment.portal.definition("vm");
    environment.edit("marketplace.title: Contoso VM", "marketplace.title: Contoso Machine");
    environment.run("apply --yes --allow passengers").expect(0);
    let after = environment.portal.definition("vm");
    before["offer"]["microsoft-azure-marketplace.title"] = json!("Contoso Machine");
    assert_eq!(without_copies(before), without_copies(after));
    environment.run("plan --detailed-exitcode").expect(0);
}

/// Without the service's own copies of media, which it serves under another address after each write.
fn without_copies(mut definition: Value) -> Value {
    definition["offer"].as_object_mut().unwrap().remove("microsoft-azure-marketplace.smallLogo");
    definition
}

#[test]
fn unknown_keys_and_big_numbers_survive_an_update() {
    let environment = TestEnvironment::with_live_offer();
    environment.portal.edit(
        "vm",
        &json!({
            "contoso.unknown": {"nested": [{"deeper": [1, [2, {"x": false}]]}], "empty": {}, "none": []},
            "offer": {
                "microsoft-azure-marketplace.notYetInvented": 636_576_975_611_768_314_u64,
                "negative": -9_007_199_254_740_993_i64,
                "biggest": u64::MAX,
                "fraction": 0.1,
                "tiny": 1e-7,
                "text": "ünï\u{1f600}\u{0}\u{2028} \"quoted\" \\ / \t end ",
                "": "an empty key",
                "a/b~c": "a path's own characters",
            },
        }),
    );
    only_the_title_changes(&environment);
}

#[test]
fn unknown_keys_of_offer_plans_survive_too() {
    let environment = TestEnvironment::with_live_offer();
    let mut plans = environment.portal.definition("vm")["plans"].take();
    plans[0]["microsoft-azure-virtualmachines.notYetInvented"] = json!({"list": [3, 1, 2, 3]});
    plans[1]["diskGenerations"] = json!([{"planId": "silver-gen2", "image": {"1.0.0": {"unknown": true}}}]);
    let mut bronze = plans[0].clone();
    bronze["planId"] = json!("bronze");
    bronze["made"] = json!({"in": "the portal"});
    plans.as_array_mut().unwrap().insert(1, bronze);
    environment.portal.edit("vm", &json!({"plans": plans}));
    only_the_title_changes(&environment);
}

#[test]
fn thousands_of_unknown_keys_survive() {
    let environment = TestEnvironment::with_live_offer();
    let unknown: Map<String, Value> =
        (0..3_000).map(|number| (format!("contoso.key{number}"), json!({"value": number, "list": [number]}))).collect();
    environment.portal.edit("vm", &json!({"offer": unknown}));
    environment.run("plan --detailed-exitcode --until draft").expect(0);
    only_the_title_changes(&environment);
}

#[test]
fn values_reach_the_service_as_they_are_written() {
    let environment = TestEnvironment::with_offer();
    let values = "    a.country: NO
    a.version: 1.0.10
    a.padded: 0123
    a.big: 636576975611768314
    a.fraction: 0.1
    a.sexagesimal: 12:30:45
    a.date: 2026-11-01
    a.yes: yes
    a.true: true
    a.text: \"ünï\\U0001F600 \\\"quoted\\\"\"
    a.lines: |
      first
        second

      last
";
    environment
        .edit("    microsoft-azure-marketplace.title", &format!("{values}    microsoft-azure-marketplace.title"));
    environment.run("apply --yes").expect(0);
    let definition = environment.portal.definition("vm");
    let ours: Map<String, Value> =
        definition["offer"].as_object().unwrap().clone().into_iter().filter(|(key, _)| key.starts_with("a.")).collect();
    insta::assert_snapshot!(serde_json::to_string_pretty(&ours).unwrap(), @r#"
    {
      "a.country": "NO",
      "a.version": "1.0.10",
      "a.padded": "0123",
      "a.big": 636576975611768314,
      "a.fraction": 0.1,
      "a.sexagesimal": "12:30:45",
      "a.date": "2026-11-01",
      "a.yes": "yes",
      "a.true": true,
      "a.text": "ünï😀 \"quoted\"",
      "a.lines": "first\n  second\n\nlast\n"
    }
    "#);
    environment.run("plan --detailed-exitcode").expect(0);
}

#[test]
fn manifests_of_other_editors_are_read_too() {
    let environment = TestEnvironment::with_offer();
    let text = std::fs::read_to_string(environment.path("offers/vm/offer.yaml")).unwrap();
    environment.run("apply --yes").expect(0);
    environment.write("offers/vm/offer.yaml", &format!("\u{feff}{}", text.replace('\n', "\r\n")));
    environment.run("plan --detailed-exitcode").expect(0);
    std::fs::write(environment.path("offers/vm/offer.yaml"), b"publisherId: cont\xff\xfeoso\n").unwrap();
    insta::assert_snapshot!(environment.run("validate"), @"
    Validate: 1 manifests: 0 valid, 1 errors, 0 warnings.
    --- stderr ---
    error[unreadable-file]: `offers/vm/offer.yaml` is not UTF-8 text (byte 17 is wrong)
    --> offers/vm/offer.yaml

    --- exit 4 ---
    ");
}
