//! What an apply does, whatever was applied, is declared and is there: it resolves exactly what is ours to write, leaves
//! conflicts alone and touches nothing else. One field of each kind, each said independently on each side.

use proptest::prelude::*;

use super::*;

/// What one side says about a field: nothing, its removal, or one of three values.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Said {
    Nothing,
    Null,
    Value(usize),
}

/// A field of a kind: where it stands, and three values that differ.
struct Field {
    path: &'static str,
    values: [Value; 3],
}

fn fields() -> Vec<Field> {
    let labelled = |label: &str| json!({"label": label});
    let linked = |title: &str| json!({"linkUrl": "https://a", "linkTitle": title});
    vec![
        Field { path: "/definition/offer/x.title", values: [json!("a"), json!("b"), json!("c")] },
        Field { path: "/definition/offer/new", values: [json!(1), json!(true), json!({"a": [{"b": 1}]})] },
        Field {
            path: "/definition/offer/x.allowedSubscriptions",
            values: [json!(["a", "b"]), json!(["b"]), json!(["a", "b", "c"])],
        },
        Field { path: "/definition/offer/x.videos", values: [json!(["a", "b"]), json!(["b", "a"]), json!(["a"])] },
        Field { path: "/definition/offer/x.map/inner", values: [json!({"a": 1}), json!({"a": 2}), json!({"a": 3})] },
        Field { path: "/definition/plans/gold/x.skuTitle", values: [json!("a"), json!("b"), json!("c")] },
        Field { path: "/definition/plans/gold/regions", values: [json!(["DE"]), json!(["US"]), json!(["DE", "US"])] },
        Field {
            path: "/definition/plans/gold/x.vmImages/1.0.0",
            values: [labelled("a"), labelled("b"), labelled("c")],
        },
        Field { path: "/definition/offer/x.usefulLinks/https:~1~1a", values: [linked("a"), linked("b"), linked("c")] },
    ]
}

/// What stands around the fields on every side, so that nothing around them comes or goes.
fn around() -> Value {
    json!({"definition": {
        "offer": {"x.summary": "kept", "x.map": {"kept": 1}, "x.usefulLinks": [{"linkUrl": "https://kept"}]},
        "plans": [{"planId": "gold", "x.vmImages": {"1.1.0": {"label": "kept"}}}, {"planId": "tin"}],
    }})
}

/// The same with what nobody manages, in each place.
fn with_theirs() -> Value {
    let mut document = around();
    let definition = &mut document["definition"];
    definition["offer"]["theirs"] = json!({"a": null, "b": [1, {}]});
    definition["offer"]["x.map"]["theirs"] = json!("");
    definition["offer"]["x.usefulLinks"].as_array_mut().unwrap().insert(0, json!({"linkUrl": "https://theirs"}));
    definition["plans"][0]["theirs"] = json!([]);
    definition["plans"][0]["x.vmImages"]["0.9.0"] = json!({"label": "theirs"});
    definition["plans"].as_array_mut().unwrap().push(json!({"planId": "theirs", "x.skuTitle": "Theirs"}));
    document
}

/// Puts what is said into the document, or takes away whatever stands there.
fn put(document: &mut Value, field: &Field, said: Said) {
    let value = match said {
        Said::Nothing => None,
        Said::Null => Some(Value::Null),
        Said::Value(which) => Some(field.values[which].clone()),
    };
    let place = path(field.path);
    let (last, parents) = place.segments().split_last().unwrap();
    let parent = parents.iter().fold(document, |here, segment| match here {
        Value::Array(items) => items.iter_mut().find(|item| item["planId"] == **segment).unwrap(),
        here => &mut here[segment.as_str()],
    });
    match parent {
        Value::Array(items) => {
            items.retain(|item| item["linkUrl"] != **last);
            items.extend(value);
        }
        parent => {
            let map = parent.as_object_mut().unwrap();
            map.shift_remove(last);
            map.extend(value.map(|value| (last.clone(), value)));
        }
    }
}

fn document(mut around: Value, said: impl Iterator<Item = Said>) -> Value {
    for (field, said) in fields().iter().zip(said) {
        put(&mut around, field, said);
    }
    around
}

/// The design's table, for one field of which a record tells.
fn class(applied: Said, desired: Said, observed: Said) -> Option<Class> {
    use Said::{Nothing, Null};
    let is_there = observed != Nothing;
    match (applied, desired) {
        (Nothing | Null, Nothing) => None,
        (_, Nothing | Null) if !is_there => None,
        (Nothing, Null) => Some(Class::Unattributed),
        (Null, Null) => Some(Class::Drift),
        (applied, Nothing | Null) => Some(if applied == observed { Class::Pending } else { Class::Conflict }),
        (_, desired) if desired == observed => None,
        (Nothing, _) => Some(if is_there { Class::Unattributed } else { Class::Pending }),
        (Null, _) => Some(if is_there { Class::Conflict } else { Class::Pending }),
        (applied, _) if applied == observed => Some(Class::Pending),
        (applied, desired) if applied == desired => Some(Class::Drift),
        _ => Some(Class::Conflict),
    }
}

/// What the sides say about one field. Values repeat often, so that every cell of the table comes up.
fn sides() -> impl Strategy<Value = (Said, Said, Said)> {
    let declared =
        || prop_oneof![2 => Just(Said::Nothing), 1 => Just(Said::Null), 5 => (0..3_usize).prop_map(Said::Value)];
    let held = prop_oneof![1 => Just(Said::Nothing), 4 => (0..3_usize).prop_map(Said::Value)];
    (declared(), declared(), held)
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 512, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn an_apply_resolves_what_is_ours_to_write_and_touches_nothing_else(sides in prop::collection::vec(sides(), 9)) {
        let fields = fields();
        // An element of a keyed list is removed by leaving it out.
        let spelt = |index: usize, said: Said| match said {
            Said::Null if fields[index].path.contains("usefulLinks") => Said::Nothing,
            said => said,
        };
        let sides: Vec<_> = sides.into_iter().enumerate().map(|(at, (a, d, o))| (spelt(at, a), spelt(at, d), o)).collect();
        let applied = document(around(), sides.iter().map(|side| side.0));
        let desired = document(around(), sides.iter().map(|side| side.1));
        let observed = document(with_theirs(), sides.iter().map(|side| side.2));
        let knowledge = Knowledge::default();
        let found = knowledge.compare(&desired, &observed, Some(&applied)).differences;
        let ours: Vec<_> = found.iter().filter(|difference| difference.class != Class::Conflict).collect();
        let body = body_for_update(&knowledge.context(), &desired, &observed, ours).unwrap();

        let mut expected = with_theirs();
        for (field, (applied, desired, observed)) in fields.iter().zip(&sides) {
            let place = path(field.path);
            let here: Vec<_> = found.iter().filter(|difference| difference.path.is_within(&place)).collect();
            let classes: Vec<_> = here.iter().map(|difference| difference.class).collect();
            let class = class(*applied, *desired, *observed);
            prop_assert_eq!(classes, class.into_iter().collect::<Vec<_>>(), "{}: {:?}", field.path, here);
            let left = match (class, desired) {
                (None | Some(Class::Conflict), _) => *observed,
                (Some(_), Said::Null) => Said::Nothing,
                (Some(_), desired) => *desired,
            };
            put(&mut expected, field, left);
        }
        let told = found.len();
        let within = |difference: &Difference| fields.iter().any(|field| difference.path.is_within(&path(field.path)));
        prop_assert_eq!(found.iter().filter(|difference| within(difference)).count(), told, "{:?}", found);
        prop_assert_eq!(in_order(&body), in_order(&expected));
    }
}

/// The document with its keyed lists and sets in one order, for where a new element is put means nothing.
fn in_order(document: &Value) -> Value {
    match document {
        Value::Object(map) => {
            let sorted = |key: &str, value: &Value| match value {
                Value::Array(items) if key == "plans" || key == "x.usefulLinks" => {
                    let mut items: Vec<_> = items.iter().map(in_order).collect();
                    items.sort_by_key(|item| (item["planId"].to_string(), item["linkUrl"].to_string()));
                    Value::from(items)
                }
                value => in_order(value),
            };
            map.iter().map(|(key, value)| (key.clone(), sorted(key, value))).collect()
        }
        other => other.clone(),
    }
}
