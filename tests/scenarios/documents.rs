//! What the manifest does not name stays as it is, whatever it is.

use serde_json::{Map, Value, json};

use crate::environment::TestEnvironment;

/// Changes the title through the program and asserts that nothing else changed.
#[track_caller]
fn only_the_title_changes(environment: &TestEnvironment) {
    let mut before = environment.portal.definition("vm");
    environment.edit("marketplace.title: Contoso VM", "marketplace.title: Contoso Machine");
    environment.run("apply --yes").expect(0);
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
