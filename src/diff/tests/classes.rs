//! Whose change a difference is: every cell of applied × desired × observed, and the same table for every kind of field.

use super::*;

/// What one side says about a field: one of three values that differ, removal, or nothing at all.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Said {
    Nothing,
    Null,
    Value(usize),
}

impl std::fmt::Display for Said {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.pad(match self {
            Self::Nothing => "-",
            Self::Null => "null",
            Self::Value(which) => ["one", "two", "three"][*which],
        })
    }
}

/// A kind of field: three values that differ, and how a document holds one of them.
struct Kind {
    name: &'static str,
    values: [Value; 3],
    document: fn(Option<Value>) -> Value,
}

fn under(key: &'static str) -> impl Fn(Option<Value>) -> Value {
    move |value| offer(value.map_or_else(|| json!({}), |value| json!({key: value})))
}

fn kinds() -> Vec<Kind> {
    vec![
        Kind { name: "text", values: [json!("a"), json!("b"), json!("c")], document: |value| under("x.title")(value) },
        Kind {
            name: "unknown",
            values: [json!(1), json!(true), json!({"a": "b"})],
            document: |value| under("new")(value),
        },
        Kind {
            name: "set",
            values: [json!(["a", "b"]), json!(["b"]), json!(["a", "b", "c"])],
            document: |value| under("x.allowedSubscriptions")(value),
        },
        Kind {
            name: "atomic list",
            values: [json!(["a", "b"]), json!(["b", "a"]), json!(["a"])],
            document: |value| under("x.videos")(value),
        },
        Kind {
            name: "key of a map",
            values: [json!({"inner": 1}), json!({"inner": 2}), json!({"inner": 3})],
            document: |value| under("x.map")(value),
        },
        Kind {
            name: "field of an offer plan",
            values: [json!("a"), json!("b"), json!("c")],
            document: |value| match value {
                Some(value) => plans(json!([{"planId": "other"}, {"planId": "gold", "x.skuTitle": value}])),
                None => plans(json!([{"planId": "gold"}, {"planId": "other"}])),
            },
        },
        Kind {
            name: "renamed field",
            values: [json!("a"), json!("b"), json!("c")],
            document: |value| plan(value.map_or_else(|| json!({}), |value| json!({"x.osType": value}))),
        },
        Kind {
            name: "element of a keyed map",
            values: [json!({"label": "a"}), json!({"label": "b"}), json!({"label": "c"})],
            document: |value| plan(value.map_or_else(|| json!({}), |value| json!({"x.vmImages": {"1.0.0": value}}))),
        },
        Kind {
            name: "set in a nested keyed list",
            values: [json!(["a", "b"]), json!(["b"]), json!(["a", "b", "c"])],
            document: |value| {
                let element = json!({"categoryL1": "web"});
                let mut element = element.as_object().unwrap().clone();
                element.extend(value.map(|value| ("categoryL2-web".to_owned(), value)));
                under("x.categoryMap")(Some(json!([{"categoryL1": "data"}, element])))
            },
        },
        Kind {
            name: "element of a keyed list",
            values: [json!(1), json!(2), json!(3)],
            document: |value| {
                let other = json!({"linkUrl": "https://other"});
                under("x.usefulLinks")(Some(match value {
                    Some(value) => json!([{"linkUrl": "https://a", "linkTitle": value}, other]),
                    None => json!([other]),
                }))
            },
        },
    ]
}

impl Kind {
    fn holds(&self, said: Said) -> Value {
        match said {
            Said::Nothing => (self.document)(None),
            Said::Null => (self.document)(Some(Value::Null)),
            Said::Value(which) => (self.document)(Some(self.values[which].clone())),
        }
    }

    /// "pending replace", or "in sync".
    fn cell(&self, applied: Option<Said>, desired: Said, observed: Said) -> String {
        let applied = applied.map(|applied| self.holds(applied));
        let comparison = Knowledge::default().compare(&self.holds(desired), &self.holds(observed), applied.as_ref());
        let [difference] = comparison.differences.as_slice() else {
            assert!(comparison.differences.is_empty(), "{}: {comparison:?}", self.name);
            return "in sync".to_owned();
        };
        format!("{:?} {:?}", difference.class, difference.operation).to_lowercase()
    }
}

/// Every combination; which value is called "one" does not matter, so desired and applied begin there.
fn combinations() -> Vec<(Option<Said>, Said, Said)> {
    use Said::{Nothing, Null, Value};
    let mut all = Vec::new();
    for desired in [Value(0), Null, Nothing] {
        for applied in [None, Some(Nothing), Some(Null), Some(Value(0)), Some(Value(1))] {
            for observed in [Nothing, Value(0), Value(1), Value(2)] {
                all.push((applied, desired, observed));
            }
        }
    }
    all
}

#[test]
fn every_cell_of_applied_desired_and_observed() {
    let text = &kinds()[0];
    let mut table = "applied   desired  observed\n".to_owned();
    for (applied, desired, observed) in combinations() {
        let record = applied.map_or_else(|| "no record".to_owned(), |applied| applied.to_string());
        let cell = text.cell(applied, desired, observed);
        writeln!(table, "{record:<10}{desired:<9}{observed:<10}{cell}").unwrap();
    }
    insta::assert_snapshot!(table, @"
    applied   desired  observed
    no record one      -         unattributed add
    no record one      one       in sync
    no record one      two       unattributed replace
    no record one      three     unattributed replace
    -         one      -         pending add
    -         one      one       in sync
    -         one      two       unattributed replace
    -         one      three     unattributed replace
    null      one      -         pending add
    null      one      one       in sync
    null      one      two       conflict replace
    null      one      three     conflict replace
    one       one      -         drift add
    one       one      one       in sync
    one       one      two       drift replace
    one       one      three     drift replace
    two       one      -         conflict add
    two       one      one       in sync
    two       one      two       pending replace
    two       one      three     conflict replace
    no record null     -         in sync
    no record null     one       unattributed remove
    no record null     two       unattributed remove
    no record null     three     unattributed remove
    -         null     -         in sync
    -         null     one       unattributed remove
    -         null     two       unattributed remove
    -         null     three     unattributed remove
    null      null     -         in sync
    null      null     one       drift remove
    null      null     two       drift remove
    null      null     three     drift remove
    one       null     -         in sync
    one       null     one       pending remove
    one       null     two       conflict remove
    one       null     three     conflict remove
    two       null     -         in sync
    two       null     one       conflict remove
    two       null     two       pending remove
    two       null     three     conflict remove
    no record -        -         in sync
    no record -        one       in sync
    no record -        two       in sync
    no record -        three     in sync
    -         -        -         in sync
    -         -        one       in sync
    -         -        two       in sync
    -         -        three     in sync
    null      -        -         in sync
    null      -        one       in sync
    null      -        two       in sync
    null      -        three     in sync
    one       -        -         in sync
    one       -        one       pending remove
    one       -        two       conflict remove
    one       -        three     conflict remove
    two       -        -         in sync
    two       -        one       conflict remove
    two       -        two       pending remove
    two       -        three     conflict remove
    ");
}

#[test]
fn every_kind_of_field_follows_the_same_table() {
    let kinds = kinds();
    for (applied, desired, observed) in combinations() {
        let expected = kinds[0].cell(applied, desired, observed);
        for kind in &kinds[1..] {
            // An element of a keyed list has no `null`: it is removed by leaving it out.
            let has_null = [Some(desired), applied].contains(&Some(Said::Null));
            if kind.name == "element of a keyed list" && has_null {
                continue;
            }
            let cell = kind.cell(applied, desired, observed);
            assert_eq!(cell, expected, "{}: applied {applied:?}, desired {desired}, observed {observed}", kind.name);
        }
    }
}

#[test]
fn of_a_map_that_left_the_manifest_only_our_keys_go_when_others_wrote_beside_them() {
    let cell = |observed: Value| {
        let applied = offer(json!({"x.map": {"ours": 1, "inner": {"a": 1}}}));
        story(&Knowledge::default().compare(&offer(json!({})), &offer(json!({"x.map": observed})), Some(&applied)))
    };
    insta::assert_snapshot!(cell(json!({"ours": 1, "inner": {"a": 1}})), @r#"/definition/offer/x.map: pending remove, {"ours":1,"inner":{"a":1}} → nothing"#);
    insta::assert_snapshot!(cell(json!({"ours": 1, "inner": {"a": 1}, "unset": {}})), @r#"/definition/offer/x.map: pending remove, {"ours":1,"inner":{"a":1},"unset":{}} → nothing"#);
    insta::assert_snapshot!(cell(json!({"ours": 1, "inner": {"a": 1}, "theirs": 2})), @r#"
    /definition/offer/x.map/ours: pending remove, 1 → nothing
    /definition/offer/x.map/inner: pending remove, {"a":1} → nothing
    "#);
    insta::assert_snapshot!(cell(json!({"ours": 2, "inner": {"a": 1, "theirs": 2}})), @"
    /definition/offer/x.map/ours: conflict remove, 2 → nothing
    /definition/offer/x.map/inner/a: pending remove, 1 → nothing
    ");
    insta::assert_snapshot!(cell(json!({"theirs": 2})), @"in sync");

    // An image version is one thing, with whatever the service adds to it.
    let images = |images: Value| plan(json!({"x.vmImages": images}));
    let comparison = Knowledge::default().compare(
        &images(json!({"1.1.0": {}})),
        &images(json!({"1.0.0": {"label": "a", "added": 1}, "1.1.0": {}})),
        Some(&images(json!({"1.0.0": {"label": "a"}, "1.1.0": {}}))),
    );
    insta::assert_snapshot!(story(&comparison), @r#"/definition/plans/gold/x.vmImages/1.0.0: pending remove, {"label":"a","added":1} → nothing"#);
}

#[test]
fn a_new_offer_is_an_empty_one_that_is_filled() {
    let desired = json!({"definition": {
        "displayText": "VM", "offer": {"x.title": "VM", "x.useEnterpriseContract": false}, "plans": [{"planId": "gold"}],
    }});
    let knowledge = Knowledge::default();
    let sides = Sides { desired: &desired, observed: None, applied: None };
    insta::assert_snapshot!(story(&compare(&knowledge.context(), sides)), @r#"
    /definition/displayText: unattributed add, nothing → "VM"
    /definition/offer/x.title: unattributed add, nothing → "VM"
    /definition/plans/gold: unattributed add, nothing → {"planId":"gold"}
    "#);
}

#[test]
fn a_difference_is_as_small_as_the_rules_allow() {
    let desired = plans(json!([
        {"planId": "gold", "regions": ["US", "DE"], "x.skuTitle": "Gold", "x.vmImages": {"1.0": {"label": "new"}, "1.1": {}}},
        {"planId": "tin", "x.skuTitle": "Tin"},
    ]));
    let observed = plans(json!([
        {"planId": "silver", "x.skuTitle": "Silver"},
        {"planId": "gold", "regions": ["US"], "x.skuTitle": "Gold", "x.vmImages": {"1.0": {"label": "old", "kept": 1}, "0.9": {}}},
    ]));
    insta::assert_snapshot!(story(&Knowledge::default().compare(&desired, &observed, None)), @r#"
    /definition/plans/gold/regions: unattributed replace, ["US"] → ["US","DE"]
    /definition/plans/gold/x.vmImages/1.0/label: unattributed replace, "old" → "new"
    /definition/plans/tin: unattributed add, nothing → {"planId":"tin","x.skuTitle":"Tin"}
    "#);
}

#[test]
fn live_offer_plans_that_the_manifest_does_not_name_stay_unless_it_names_all() {
    let desired = plans(json!([{"planId": "gold"}]));
    let observed = plans(json!([{"planId": "gold"}, {"planId": "silver"}, {"planId": "tin"}]));
    let applied = plans(json!([{"planId": "gold"}, {"planId": "tin"}]));
    let exact = Knowledge { offer_plans: OfferPlansPolicy::Exact, ..Knowledge::default() };

    let keep = Knowledge::default().compare(&desired, &observed, None);
    assert!(keep.is_in_sync());
    insta::assert_snapshot!(story(&exact.compare(&desired, &observed, None)), @r#"
    /definition/plans/silver: unattributed remove, {"planId":"silver"} → nothing
    /definition/plans/tin: unattributed remove, {"planId":"tin"} → nothing
    "#);
    insta::assert_snapshot!(story(&exact.compare(&desired, &observed, Some(&applied))), @r#"
    /definition/plans/tin: pending remove, {"planId":"tin"} → nothing
    /definition/plans/silver: drift remove, {"planId":"silver"} → nothing
    "#);

    let generations = |ids: &[&str]| {
        let elements: Vec<_> = ids.iter().map(|id| json!({"planId": id})).collect();
        plan(json!({"diskGenerations": elements}))
    };
    let other_lists = exact.compare(&generations(&["gen1"]), &generations(&["gen1", "gen2"]), None);
    assert!(other_lists.is_in_sync(), "`offerPlans: exact` is about offer plans only");
}

#[test]
fn a_waived_field_is_shown_and_not_written() {
    let knowledge = Knowledge { ignore: vec![waiver("/definition/offer/x.summary")], ..Knowledge::default() };
    let desired = offer(json!({"x.summary": "ours", "x.summaryTwo": "ours"}));
    let observed = offer(json!({"x.summary": "theirs", "x.summaryTwo": "theirs"}));
    let comparison = knowledge.compare(&desired, &observed, None);
    insta::assert_snapshot!(story(&comparison), @r#"
    /definition/offer/x.summary: unattributed replace, "theirs" → "ours" (waived: marketing edits this)
    /definition/offer/x.summaryTwo: unattributed replace, "theirs" → "ours"
    "#);
    let only_waived = knowledge.compare(&offer(json!({"x.summary": "ours"})), &observed, None);
    assert!(only_waived.is_in_sync() && only_waived.differences.len() == 1);
    let below = Knowledge { ignore: vec![waiver("/definition/offer")], ..Knowledge::default() };
    assert!(below.compare(&desired, &observed, None).is_in_sync(), "what is below a waived field is waived too");
}

#[test]
fn switching_to_the_name_that_the_service_returns_removes_nothing() {
    let renamed = Knowledge::default().compare(
        &plan(json!({"x.osType": "Windows"})),
        &plan(json!({"x.osType": "Windows"})),
        Some(&plan(json!({"x.windowsOSType": "Windows"}))),
    );
    assert_eq!(story(&renamed), "in sync");
    let mirrored = Knowledge::default().compare(
        &plan(json!({"virtualMachinePricingV2": {"isByol": true}})),
        &plan(json!({"virtualMachinePricingV2": {"isByol": true}})),
        Some(&plan(json!({"virtualMachinePricing": {"isByol": true}}))),
    );
    assert_eq!(story(&mirrored), "in sync");
}

#[test]
fn a_secret_is_sent_when_the_record_does_not_know_it() {
    let leads = |secret: Value| offer(json!({"x.tableLeadConfiguration": {"connectionString": secret}}));
    let desired = leads(json!({"$secret": "LEADS"}));
    let other = leads(json!({"$secret": "OTHER"}));
    let cell =
        |observed: &Value, applied: Option<&Value>| story(&Knowledge::default().compare(&desired, observed, applied));
    let returned = offer(json!({"x.tableLeadConfiguration": {}}));
    let mut table = String::new();
    for (spelling, observed) in
        [("{}", &returned), ("null", &offer(json!({"x.tableLeadConfiguration": null}))), ("nothing", &offer(json!({})))]
    {
        for (record, applied) in
            [("no record", None), ("the same", Some(&desired)), ("another", Some(&other)), ("none", Some(&returned))]
        {
            writeln!(table, "observed {spelling}, recorded {record}:\n  {}", cell(observed, applied).trim_end())
                .unwrap();
        }
    }
    insta::assert_snapshot!(table, @r#"
    observed {}, recorded no record:
      /definition/offer/x.tableLeadConfiguration/connectionString: nobody can tell
    observed {}, recorded the same:
      /definition/offer/x.tableLeadConfiguration/connectionString: nobody can tell
    observed {}, recorded another:
      /definition/offer/x.tableLeadConfiguration/connectionString: pending add, nothing → {"$secret":"LEADS"}
    observed {}, recorded none:
      /definition/offer/x.tableLeadConfiguration/connectionString: pending add, nothing → {"$secret":"LEADS"}
    observed null, recorded no record:
      /definition/offer/x.tableLeadConfiguration: nobody can tell
    observed null, recorded the same:
      /definition/offer/x.tableLeadConfiguration: nobody can tell
    observed null, recorded another:
      /definition/offer/x.tableLeadConfiguration: pending add, nothing → {"connectionString":{"$secret":"LEADS"}}
    observed null, recorded none:
      /definition/offer/x.tableLeadConfiguration: pending add, nothing → {"connectionString":{"$secret":"LEADS"}}
    observed nothing, recorded no record:
      /definition/offer/x.tableLeadConfiguration: nobody can tell
    observed nothing, recorded the same:
      /definition/offer/x.tableLeadConfiguration: nobody can tell
    observed nothing, recorded another:
      /definition/offer/x.tableLeadConfiguration: pending add, nothing → {"connectionString":{"$secret":"LEADS"}}
    observed nothing, recorded none:
      /definition/offer/x.tableLeadConfiguration: pending add, nothing → {"connectionString":{"$secret":"LEADS"}}
    "#);
}
