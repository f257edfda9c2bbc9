//! What holds for every document: a write brings the draft to the manifest and touches nothing else.

use proptest::prelude::*;
use proptest::sample::subsequence;
use serde_json::Map;

use super::*;
use crate::offer::{ListRule, Rules};

/// Any JSON that a key may hold that nobody knows.
fn anything() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(json!(null)),
        Just(json!("")),
        any::<bool>().prop_map(Value::from),
        any::<u64>().prop_map(Value::from),
        (-3..3_i32).prop_map(|number| json!(f64::from(number) / 2.0)),
        "[a-c]{1,2}".prop_map(Value::from),
    ];
    leaf.prop_recursive(2, 8, 3, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..3).prop_map(Value::from),
            prop::collection::vec(("[a-c/~]", inner), 0..3).prop_map(|pairs| pairs.into_iter().collect::<Value>()),
        ]
    })
}

/// Some of these values, in any order.
fn some_of(values: &[&str]) -> impl Strategy<Value = Value> + use<> {
    let values: Vec<Value> = values.iter().copied().map(Value::from).collect();
    let most = values.len();
    subsequence(values, 0..=most).prop_shuffle().prop_map(Value::from)
}

fn text() -> impl Strategy<Value = Value> {
    prop_oneof![Just(json!("one")), Just(json!("two")), Just(json!(""))]
}

/// Elements that are found by this key, in any order.
fn keyed(key: &'static str, ids: &[&'static str], element: BoxedStrategy<Value>) -> BoxedStrategy<Value> {
    let most = ids.len();
    subsequence(ids.to_vec(), 0..=most)
        .prop_shuffle()
        .prop_flat_map(move |ids| {
            let elements: Vec<_> =
                ids.into_iter().map(|id| element.clone().prop_map(move |keys| named(key, id, keys))).collect();
            elements.prop_map(Value::from)
        })
        .boxed()
}

fn named(key: &str, id: &str, keys: Value) -> Value {
    let mut element = json!({key: id});
    if let (Some(element), Value::Object(keys)) = (element.as_object_mut(), keys) {
        element.extend(keys);
    }
    element
}

/// Some of these fields, each with a value that suits it.
fn some_fields(fields: Vec<(&'static str, BoxedStrategy<Value>)>) -> BoxedStrategy<Value> {
    let most = fields.len();
    subsequence(fields, 0..=most)
        .prop_flat_map(|fields| {
            let pairs: Vec<_> =
                fields.into_iter().map(|(key, value)| value.prop_map(move |value| (key.to_owned(), value))).collect();
            pairs.prop_map(|pairs| pairs.into_iter().collect::<Value>())
        })
        .boxed()
}

fn price() -> BoxedStrategy<Value> {
    let multiplier = (0..3_u8).prop_map(|single| json!({"currency": "USD", "single": single}));
    some_fields(vec![
        ("isByol", any::<bool>().prop_map(Value::from).boxed()),
        ("coreMultiplier", multiplier.boxed()),
        ("unknown", anything().boxed()),
    ])
}

fn offer_plan(system: &'static str) -> BoxedStrategy<Value> {
    let image = some_fields(vec![
        ("label", text().boxed()),
        ("lunVhdDetails", keyed("lun", &["0", "1"], some_fields(vec![("unknown", anything().boxed())]))),
    ]);
    some_fields(vec![
        ("vm.skuTitle", text().boxed()),
        ("regions", some_of(&["US", "DE", "AZ"]).boxed()),
        ("vm.supportsBackup", any::<bool>().prop_map(Value::from).boxed()),
        (system, text().boxed()),
        ("virtualMachinePricing", price()),
        ("vm.vmImages", some_fields(vec![("1.0.0", image.clone()), ("1.1.0", image)])),
        ("unknown", anything().boxed()),
    ])
}

/// A document; `system` is the name under which it speaks of the operating system.
fn document(system: &'static str) -> impl Strategy<Value = Value> {
    let screenshots =
        prop::collection::vec(some_fields(vec![("name", text().boxed()), ("unknown", anything().boxed())]), 0..3);
    let links = keyed("linkUrl", &["https://a", "https://b/c"], some_fields(vec![("linkTitle", text().boxed())]));
    let categories = some_fields(vec![("categoryL2-web", some_of(&["x", "y"]).boxed())]);
    let offer = some_fields(vec![
        ("m.title", text().boxed()),
        ("m.allowedSubscriptions", some_of(&["a", "b", "c"]).boxed()),
        ("m.useEnterpriseContract", any::<bool>().prop_map(Value::from).boxed()),
        ("m.screenshots", screenshots.prop_map(Value::from).boxed()),
        ("m.usefulLinks", links),
        ("m.categoryMap", keyed("categoryL1", &["web", "data"], categories)),
        ("unknown", anything().boxed()),
        ("new.map", some_fields(vec![("one", anything().boxed()), ("two", anything().boxed())])),
    ]);
    let plans = keyed("planId", &["gold", "silver", "tin"], offer_plan(system));
    (offer, plans).prop_map(|(offer, plans)| json!({"definition": {"offer": offer, "plans": plans}}))
}

fn desired() -> impl Strategy<Value = Value> {
    document("vm.windowsOSType")
}

fn observed() -> impl Strategy<Value = Value> {
    document("vm.osType")
}

/// The same document with everything that has no order turned round.
fn turned_round(rules: Rules<'_>, value: &Value) -> Value {
    match value {
        Value::Object(map) => {
            let mut entries: Vec<_> =
                map.iter().map(|(key, value)| (key.clone(), turned_round(rules.child(key), value))).collect();
            entries.reverse();
            entries.into_iter().collect::<Map<_, _>>().into()
        }
        Value::Array(items) => {
            let mut items: Vec<_> = items.iter().map(|item| turned_round(rules.child("*"), item)).collect();
            if rules.field().list != ListRule::Atomic {
                items.reverse();
            }
            items.into()
        }
        scalar => scalar.clone(),
    }
}

/// Panics at the first place that the manifest does not manage and that was sent otherwise than it was read.
///
/// What a record names and the manifest does not is to be removed as a whole.
fn assert_unmanaged_kept(
    rules: Rules<'_>,
    desired: &Value,
    applied: &Value,
    observed: &Value,
    body: &Value,
    place: &str,
) {
    match (desired, observed, body, &rules.field().list) {
        (Value::Object(desired), Value::Object(observed), Value::Object(body), _) => {
            for (key, value) in observed {
                let place = format!("{place}/{key}");
                // Written under the manifest's name for it, `windowsOSType`.
                let is_renamed = key.ends_with(".osType");
                match (desired.get(key), applied.get(key)) {
                    (Some(desired), applied) => {
                        let applied = applied.unwrap_or(&Value::Null);
                        assert_unmanaged_kept(
                            rules.child(key),
                            desired,
                            applied,
                            value,
                            body.get(key).unwrap_or(&Value::Null),
                            &place,
                        );
                    }
                    (None, None) if !is_renamed => assert_eq!(body.get(key), Some(value), "{place}"),
                    // Ours went, and what others wrote beside it stayed.
                    (None, Some(applied @ Value::Object(_))) if value.is_object() && !is_element(rules.child(key)) => {
                        let sent = body.get(key).cloned().unwrap_or_else(|| json!({}));
                        let rules = rules.child(key);
                        assert_set_kept(rules, applied, value, &sent, &place);
                    }
                    (None, _) => {}
                }
            }
        }
        (Value::Array(desired), Value::Array(observed), Value::Array(body), ListRule::Keyed(key)) => {
            let find = |list: &[Value], id: &Value| list.iter().find(|item| item.get(key) == Some(id)).cloned();
            let applied = applied.as_array().map(Vec::as_slice).unwrap_or_default();
            for item in observed {
                let id = &item[key.as_str()];
                let place = format!("{place}/{id}");
                let (sent, recorded) = (find(body, id), find(applied, id));
                match (find(desired, id), sent) {
                    (Some(desired), Some(sent)) => {
                        let applied = recorded.unwrap_or(Value::Null);
                        assert_unmanaged_kept(rules.child("*"), &desired, &applied, item, &sent, &place);
                    }
                    (None, sent) if recorded.is_none() => assert_eq!(sent.as_ref(), Some(item), "{place}"),
                    (desired, sent) => assert!(desired.is_none() && sent.is_none(), "{place}"),
                }
            }
        }
        _ => {}
    }
}

fn is_element(rules: Rules<'_>) -> bool {
    rules.field().path.ends_with("/*")
}

/// Panics at the first place below a map that left the manifest where others had set something that is not sent.
fn assert_set_kept(rules: Rules<'_>, applied: &Value, observed: &Value, body: &Value, place: &str) {
    let (Value::Object(applied), Value::Object(observed)) = (applied, observed) else { return };
    for (key, value) in observed {
        let (rules, place) = (rules.child(key), format!("{place}/{key}"));
        match applied.get(key) {
            Some(applied) if !is_element(rules) => {
                assert_set_kept(rules, applied, value, body.get(key).unwrap_or(&Value::Null), &place);
            }
            Some(_) => {}
            None if set_value(observed, key, rules.field()).is_none() => {}
            None => assert_eq!(body.get(key), Some(value), "{place}"),
        }
    }
}

fn rules() -> Rules<'static> {
    Catalogue::built_in().rules()
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 128, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn a_document_equals_itself_in_any_order(document in desired()) {
        let other = turned_round(rules(), &document);
        let knowledge = Knowledge::default();
        prop_assert_eq!(story(&knowledge.compare(&document, &document, Some(&document))), "in sync");
        prop_assert_eq!(story(&knowledge.compare(&document, &other, None)), "in sync");
    }

    /// Whoever explains a verdict says what the comparison found, field by field.
    #[test]
    fn the_reasons_agree_with_the_comparison(
        desired in desired(), observed in observed(), applied in prop::option::of(desired()),
    ) {
        let knowledge = Knowledge::default();
        let sides = Sides { desired: &desired, observed: Some(&observed), applied: applied.as_ref() };
        let (comparison, trace) = trace(&knowledge.context(), sides);
        prop_assert_eq!(&comparison, &compare(&knowledge.context(), sides));
        let judged = |wanted: fn(Verdict) -> bool| -> Vec<&FieldPath> {
            trace.judgements.iter().filter(|it| wanted(it.verdict)).map(|judgement| &judgement.path).collect()
        };
        let different: Vec<_> = comparison.differences.iter().map(|difference| &difference.path).collect();
        prop_assert_eq!(judged(Verdict::is_different), different);
        let unverifiable: Vec<_> = comparison.unverifiable.iter().collect();
        prop_assert_eq!(judged(|verdict| matches!(verdict, Verdict::Unverifiable(_))), unverifiable);
    }

    #[test]
    fn the_order_in_which_the_service_answers_changes_nothing(desired in desired(), observed in observed()) {
        let knowledge = Knowledge::default();
        let facts = |observed: &Value| -> Vec<_> {
            let differences = knowledge.compare(&desired, observed, None).differences;
            differences.into_iter().map(|difference| (difference.path, difference.operation, difference.class)).collect()
        };
        prop_assert_eq!(facts(&observed), facts(&turned_round(rules(), &observed)));
    }

    #[test]
    fn what_is_sent_is_what_the_manifest_says(desired in desired(), observed in observed(), applied in prop::option::of(desired())) {
        let knowledge = Knowledge::default();
        let body = knowledge.sent_after(&desired, &observed, applied.as_ref());
        prop_assert_eq!(story(&knowledge.compare(&desired, &body, applied.as_ref())), "in sync");
        prop_assert_eq!(knowledge.sent_after(&desired, &body, applied.as_ref()), body, "a second write changes nothing");
    }

    #[test]
    fn what_nobody_manages_is_sent_as_it_was_read(desired in desired(), observed in observed(), applied in prop::option::of(desired())) {
        let body = Knowledge::default().sent_after(&desired, &observed, applied.as_ref());
        assert_unmanaged_kept(rules(), &desired, &applied.unwrap_or_default(), &observed, &body, "");
    }

    #[test]
    fn applying_resolves_all_but_the_conflicts_and_leaves_those_alone(
        desired in desired(), observed in observed(), applied in prop::option::of(desired()),
    ) {
        let knowledge = Knowledge::default();
        let found = knowledge.compare(&desired, &observed, applied.as_ref()).differences;
        let (conflicts, ours): (Vec<_>, Vec<_>) =
            found.into_iter().partition(|difference| difference.class == Class::Conflict);
        let body = body_for_update(&knowledge.context(), &desired, &observed, &ours).unwrap();
        let left = knowledge.compare(&desired, &body, applied.as_ref()).differences;
        // What the service may have under another name without showing it goes along with every write.
        let is_seen = |conflict: &Difference| {
            conflict.before.is_some() || Catalogue::built_in().rules_at(&conflict.path).field().returned_as.is_none()
        };
        let conflicts: Vec<_> = conflicts.into_iter().filter(is_seen).collect();
        prop_assert_eq!(&left, &conflicts, "what is left");
        for conflict in conflicts {
            let value = |document| value_at(Catalogue::built_in(), document, &conflict.path);
            prop_assert_eq!(value(&body), value(&observed), "{}", conflict.path);
        }
    }

    #[test]
    fn a_removal_is_complete(observed in observed(), keys in subsequence(vec!["m.title", "m.usefulLinks", "unknown", "new.map"], 0..=4)) {
        let nulls: Map<String, Value> = keys.iter().map(|key| ((*key).to_owned(), Value::Null)).collect();
        let body = Knowledge::default().sent(&offer(nulls.into()), &observed);
        for key in keys {
            let left = &body["definition"]["offer"][key];
            prop_assert!(is_unset(left), "{} is {}", key, left);
        }
    }
}
