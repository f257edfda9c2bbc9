//! The document that is sent: everything that was read and may be sent back, with exactly the desired changes.

use super::*;

fn sent(desired: &Value, observed: &Value) -> Value {
    Knowledge::default().sent(desired, observed)
}

#[test]
fn keys_that_nobody_knows_survive_at_every_depth() {
    let observed = json!({
        "id": "vm", "offerTypeId": "t", "publisherId": "contoso", "newEnvelopeKey": {"a": 1},
        "definition": {
            "displayText": "Old", "newDefinitionKey": [1, {"b": null}],
            "offer": {"x.title": "Old", "x.new": {"deep": {"deeper": []}}, "x.map": {"managed": 1, "unmanaged": 2}},
            "plans": [
                {"planId": "silver", "x.skuTitle": "Silver", "new": 636_576_975_611_768_314_u64},
                {"planId": "gold", "x.skuTitle": "Old", "new": 1.10, "x.vmImages": {"1.0": {"label": "old", "new": ""}}},
            ],
        },
    });
    let desired = json!({
        "publisherId": "contoso", "offerTypeId": "t", "id": "vm",
        "definition": {
            "displayText": "New",
            "offer": {"x.title": "New", "x.map": {"managed": 9}},
            "plans": [{"planId": "gold", "x.skuTitle": "New", "x.vmImages": {"1.0": {"label": "new"}, "1.1": {"label": "two"}}}],
        },
    });
    let body = sent(&desired, &observed);
    insta::assert_snapshot!(serde_json::to_string_pretty(&body).unwrap(), @r#"
    {
      "id": "vm",
      "offerTypeId": "t",
      "publisherId": "contoso",
      "newEnvelopeKey": {
        "a": 1
      },
      "definition": {
        "displayText": "New",
        "newDefinitionKey": [
          1,
          {
            "b": null
          }
        ],
        "offer": {
          "x.title": "New",
          "x.new": {
            "deep": {
              "deeper": []
            }
          },
          "x.map": {
            "managed": 9,
            "unmanaged": 2
          }
        },
        "plans": [
          {
            "planId": "silver",
            "x.skuTitle": "Silver",
            "new": 636576975611768314
          },
          {
            "planId": "gold",
            "x.skuTitle": "New",
            "new": 1.1,
            "x.vmImages": {
              "1.0": {
                "label": "new",
                "new": ""
              },
              "1.1": {
                "label": "two"
              }
            }
          }
        ]
      }
    }
    "#);
    assert!(Knowledge::default().compare(&desired, &body, None).is_in_sync());
}

#[test]
fn what_a_put_refuses_is_left_out_and_nothing_else() {
    let observed = json!({
        "id": "vm", "status": "succeeded", "version": 3, "changedTime": "2026", "eTag": "W/1", "lockStatus": "x",
        "definition": {
            "offer": {"microsoft-azure-corevm.legacyOfferId": "", "microsoft-azure-corevm.legacyPublisherId": "", "version": 7},
            "plans": [{"planId": "gold", "status": "kept: only the envelope's is the service's"}],
        },
    });
    let body = sent(&json!({"id": "vm", "definition": {}}), &observed);
    insta::assert_snapshot!(body, @r#"{"id":"vm","definition":{"offer":{"version":7},"plans":[{"planId":"gold","status":"kept: only the envelope's is the service's"}]}}"#);
}

#[test]
fn elements_of_lists_are_added_changed_and_removed_by_their_key() {
    let observed = plans(json!([
        {"planId": "a", "n": 1}, {"planId": "b", "n": 1}, {"planId": "c", "n": 1}, {"planId": "d", "n": 1}, {"planId": "e", "n": 1},
    ]));
    let desired = plans(json!([{"planId": "f", "n": 2}, {"planId": "d", "n": 2}, {"planId": "b", "n": 1}]));
    let exact = Knowledge { offer_plans: OfferPlansPolicy::Exact, ..Knowledge::default() };
    insta::assert_snapshot!(exact.sent(&desired, &observed)["definition"]["plans"], @r#"[{"planId":"b","n":1},{"planId":"d","n":2},{"planId":"f","n":2}]"#);
    insta::assert_snapshot!(sent(&desired, &observed)["definition"]["plans"], @r#"[{"planId":"a","n":1},{"planId":"b","n":1},{"planId":"c","n":1},{"planId":"d","n":2},{"planId":"e","n":1},{"planId":"f","n":2}]"#);
    let applied = plans(json!([{"planId": "a"}, {"planId": "c"}, {"planId": "gone"}]));
    let body = Knowledge::default().sent_after(&desired, &observed, Some(&applied));
    insta::assert_snapshot!(body["definition"]["plans"], @r#"[{"planId":"b","n":1},{"planId":"d","n":2},{"planId":"e","n":1},{"planId":"f","n":2}]"#);
}

#[test]
fn null_removes_a_field_wherever_it_is_declared() {
    let observed = json!({"definition": {
        "offer": {"x.title": "a", "x.map": {"one": 1, "two": 2}, "x.list": [{"name": "a", "one": 1, "two": 2}, {"name": "b"}]},
        "plans": [{"planId": "gold", "x.osType": "Other", "virtualMachinePricing": {"a": 1}, "virtualMachinePricingV2": {"a": 1}}],
    }});
    let desired = json!({"definition": {
        "offer": {"x.title": null, "x.map": {"one": null}, "x.list": [{"name": "a", "one": null}, {"name": "b"}], "x.never": null},
        "plans": [{"planId": "gold", "x.windowsOSType": null, "virtualMachinePricing": null}],
    }});
    let body = sent(&desired, &observed);
    insta::assert_snapshot!(body, @r#"{"definition":{"offer":{"x.list":[{"name":"a","two":2},{"name":"b"}],"x.map":{"two":2}},"plans":[{"planId":"gold"}]}}"#);
    assert!(Knowledge::default().compare(&desired, &body, None).is_in_sync());
}

#[test]
fn a_list_that_is_written_as_a_whole_keeps_the_keys_of_its_elements() {
    let list = |value: Value| offer(json!({"x.screenshots": value}));
    let observed = list(json!([{"name": "a", "id": 1, "size": {"w": 1, "h": 1}}, {"name": "b", "id": 2}]));
    let written = |desired: Value| sent(&list(desired), &observed)["definition"]["offer"]["x.screenshots"].to_string();
    insta::assert_snapshot!(written(json!([{"name": "b"}, {"name": "a"}])), @r#"[{"name":"b","id":2},{"name":"a","id":1,"size":{"w":1,"h":1}}]"#);
    insta::assert_snapshot!(written(json!([{"name": "a", "size": {"w": 2}}, {"name": "b"}])), @r#"[{"name":"a","id":1,"size":{"w":2,"h":1}},{"name":"b","id":2}]"#);
    insta::assert_snapshot!(written(json!([{"name": "new"}, {"name": "a"}, {"name": "b"}])), @r#"[{"name":"new"},{"name":"a","id":1,"size":{"w":1,"h":1}},{"name":"b","id":2}]"#);
    insta::assert_snapshot!(written(json!([{"name": "b"}])), @r#"[{"name":"b","id":2}]"#);
}

#[test]
fn a_field_is_written_under_the_name_of_the_manifest_and_not_twice() {
    let observed = plan(json!({"x.osType": "Windows", "y.osType": "kept"}));
    let body = sent(&plan(json!({"x.windowsOSType": "Other"})), &observed);
    insta::assert_snapshot!(body["definition"]["plans"][0], @r#"{"planId":"gold","x.windowsOSType":"Other","y.osType":"kept"}"#);
}

#[test]
fn both_copies_of_a_price_say_the_same() {
    let price = |single: i32| json!({"isByol": false, "single": single});
    let observed = plan(json!({"virtualMachinePricing": price(1), "virtualMachinePricingV2": price(1)}));
    let written =
        |desired: Value, observed: &Value| sent(&plan(desired), observed)["definition"]["plans"][0].to_string();

    insta::assert_snapshot!(written(json!({"virtualMachinePricing": price(2)}), &observed), @r#"{"planId":"gold","virtualMachinePricing":{"isByol":false,"single":2},"virtualMachinePricingV2":{"isByol":false,"single":2}}"#);
    insta::assert_snapshot!(written(json!({"virtualMachinePricingV2": price(2)}), &observed), @r#"{"planId":"gold","virtualMachinePricing":{"isByol":false,"single":2},"virtualMachinePricingV2":{"isByol":false,"single":2}}"#);
    let both = json!({"virtualMachinePricing": price(2), "virtualMachinePricingV2": price(3)});
    insta::assert_snapshot!(written(both, &observed), @r#"{"planId":"gold","virtualMachinePricing":{"isByol":false,"single":2},"virtualMachinePricingV2":{"isByol":false,"single":3}}"#);
    let only_the_copy = plan(json!({"virtualMachinePricingV2": price(1)}));
    insta::assert_snapshot!(written(json!({"virtualMachinePricing": price(2)}), &only_the_copy), @r#"{"planId":"gold","virtualMachinePricingV2":{"isByol":false,"single":2}}"#);
    let only_the_original = plan(json!({"virtualMachinePricing": price(1)}));
    insta::assert_snapshot!(written(json!({"virtualMachinePricing": price(2)}), &only_the_original), @r#"{"planId":"gold","virtualMachinePricing":{"isByol":false,"single":2}}"#);
}

#[test]
fn signatures_are_renewed_where_the_file_is_the_same() {
    let image = |sig: &str| format!("https://store/a.vhd?sig={sig}");
    let desired = plan(
        json!({"n": 2, "x.vmImages": {"1.0": {"osVhdUrl": image("new")}, "1.1": {"osVhdUrl": "https://store/b.vhd"}}}),
    );
    let observed = plan(
        json!({"n": 1, "x.vmImages": {"1.0": {"osVhdUrl": image("old")}, "1.1": {"osVhdUrl": "https://store/b.vhd?sig=old"}}}),
    );
    insta::assert_snapshot!(sent(&desired, &observed)["definition"]["plans"][0], @r#"{"planId":"gold","n":2,"x.vmImages":{"1.0":{"osVhdUrl":"https://store/a.vhd?sig=new"},"1.1":{"osVhdUrl":"https://store/b.vhd?sig=old"}}}"#);
}

#[test]
fn a_waived_field_is_sent_back_as_it_was_read() {
    let knowledge = Knowledge { ignore: vec![waiver("/definition/offer/x.owned")], ..Knowledge::default() };
    let image = |sig: &str| format!("https://store/a.vhd?sig={sig}");
    let desired = offer(json!({"x.owned": {"text": "ours", "url": image("ours")}, "x.title": "new"}));
    let observed = offer(json!({"x.owned": {"text": "theirs", "url": image("theirs")}, "x.title": "old"}));
    insta::assert_snapshot!(knowledge.sent(&desired, &observed)["definition"]["offer"], @r#"{"x.owned":{"text":"theirs","url":"https://store/a.vhd?sig=theirs"},"x.title":"new"}"#);
}

#[test]
fn a_new_offer_is_sent_without_the_removals_it_declares() {
    let desired = json!({"id": "vm", "definition": {"offer": {"x.title": null, "x.map": {"a": null, "b": 1}}, "plans": [{"planId": "p", "n": null}]}});
    insta::assert_snapshot!(body_for_create(&desired), @r#"{"id":"vm","definition":{"offer":{"x.map":{"b":1}},"plans":[{"planId":"p"}]}}"#);
}

#[test]
fn a_change_that_does_not_fit_is_an_error_with_its_place() {
    let desired = offer(json!({"x.map": {"a": 1}}));
    let differences = Knowledge::default().compare(&desired, &offer(json!({"x.map": {"a": 2}})), None).differences;
    let other_shape = offer(json!({"x.map": "text"}));
    let knowledge = Knowledge::default();
    let error = body_for_update(&knowledge.context(), &desired, &other_shape, &differences).unwrap_err();
    assert!(error.to_string().starts_with("the change at `/definition/offer/x.map/a` cannot be written"), "{error}");
}

#[test]
fn the_digest_of_a_content_ignores_what_the_service_alone_decides() {
    let catalogue = Catalogue::built_in();
    let document = |version: u64, sig: &str, title: &str| {
        let url = format!("https://store/a.png?sig={sig}");
        json!({"version": version, "status": sig, "definition": {"offer": {"x.title": title, "x.smallLogo": url}}})
    };
    let digest = |document: &Value| content_digest(catalogue, document);
    assert_eq!(digest(&document(1, "one", "a")), digest(&document(2, "two", "a")));
    assert_ne!(digest(&document(1, "one", "a")), digest(&document(1, "one", "b")));
}
