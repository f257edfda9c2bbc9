//! Which bodies the service refuses: a PUT's by shape, a draft's before it is published.
//!
//! The checks before publishing are a short list of those that every offer meets: a display text, a title, at least one
//! plan, and for virtual machines a title and a price of each plan, and an image of each that is sold.

use std::collections::BTreeSet;

use serde_json::{Map, Value};

use super::normalize::UNWRITABLE_OFFER_KEYS;

/// A body that is no offer: what is wrong with it.
pub(super) type Flaw = String;

/// The parts of a PUT's body that count; everything else is the service's own and ignored.
pub(super) struct Sent {
    pub(super) offer_type: String,
    pub(super) definition: Value,
}

/// Reads the body of a PUT to this publisher and offer.
pub(super) fn read_offer(body: &[u8], publisher: &str, offer: &str) -> Result<Sent, Flaw> {
    let value: Value = serde_json::from_slice(body).map_err(|error| format!("The body is not JSON: {error}."))?;
    let Value::Object(mut document) = value else {
        return Err("The body is not a JSON object.".to_owned());
    };
    for (key, expected) in [("publisherId", publisher), ("id", offer)] {
        if let Some(given) = document.get(key)
            && given.as_str() != Some(expected)
        {
            return Err(format!("The {key} of the body is {given}, that of the URL is \"{expected}\"."));
        }
    }
    let offer_type = match document.get("offerTypeId") {
        Some(Value::String(offer_type)) if !offer_type.is_empty() => offer_type.clone(),
        // In the service's words.
        _ => return Err("The argument: 'OfferTypeId' cannot be null or empty.".to_owned()),
    };
    let Some(definition @ Value::Object(_)) = document.shift_remove("definition") else {
        return Err("The body has no definition.".to_owned());
    };
    check_definition(&definition)?;
    Ok(Sent { offer_type, definition })
}

/// Whether a definition has the shape that the service can keep.
pub(super) fn check_definition(definition: &Value) -> Result<(), Flaw> {
    if definition.get("displayText").is_some_and(|text| !text.is_string()) {
        return Err("definition.displayText is not a string.".to_owned());
    }
    match definition.get("offer") {
        None => {}
        Some(Value::Object(offer)) => {
            if let Some(key) = UNWRITABLE_OFFER_KEYS.into_iter().find(|key| offer.contains_key(*key)) {
                return Err(format!("The property {key} of definition.offer is read-only."));
            }
        }
        Some(_) => return Err("definition.offer is not an object.".to_owned()),
    }
    match definition.get("plans") {
        None => Ok(()),
        Some(Value::Array(plans)) => check_plans("definition.plans", plans),
        Some(_) => Err("definition.plans is not an array.".to_owned()),
    }
}

fn check_plans(place: &str, plans: &[Value]) -> Result<(), Flaw> {
    let mut seen = BTreeSet::new();
    for (index, plan) in plans.iter().enumerate() {
        let Some(plan_id) = plan.get("planId").and_then(Value::as_str).filter(|id| !id.is_empty()) else {
            return Err(format!("{place}[{index}] has no planId."));
        };
        if !seen.insert(plan_id) {
            return Err(format!("The planId \"{plan_id}\" appears twice in {place}."));
        }
        match plan.get("diskGenerations") {
            None | Some(Value::Null) => {}
            Some(Value::Array(generations)) => {
                check_plans(&format!("{place}[{index}].diskGenerations"), generations)?;
            }
            Some(_) => return Err(format!("{place}[{index}].diskGenerations is not an array.")),
        }
    }
    Ok(())
}

/// What keeps a draft from being published; empty when nothing does.
pub(super) fn before_publishing(offer_type: &str, definition: &Value) -> Vec<Flaw> {
    let mut flaws = Vec::new();
    if !is_filled(definition.get("displayText")) {
        flaws.push("definition.displayText is required.".to_owned());
    }
    let offer = definition.get("offer").and_then(Value::as_object);
    if !offer.is_some_and(|offer| has_filled(offer, "title")) {
        flaws.push("The offer needs a title.".to_owned());
    }
    let plans = definition.get("plans").and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default();
    if plans.is_empty() {
        flaws.push("The offer needs at least one plan.".to_owned());
    }
    for plan in plans.iter().filter_map(Value::as_object) {
        check_plan(offer_type, plan, &mut flaws);
    }
    flaws
}

fn check_plan(offer_type: &str, plan: &Map<String, Value>, flaws: &mut Vec<Flaw>) {
    let plan_id = plan.get("planId").and_then(Value::as_str).unwrap_or_default();
    let is_marketplace_vm = offer_type == "microsoft-azure-virtualmachines";
    if (is_marketplace_vm || offer_type == "microsoft-azure-corevm") && !has_filled(plan, "skuTitle") {
        flaws.push(format!("The plan {plan_id} needs a skuTitle."));
    }
    if is_marketplace_vm && !is_filled(plan.get("virtualMachinePricing")) {
        flaws.push(format!("The plan {plan_id} needs prices: virtualMachinePricing."));
    }
    if is_marketplace_vm && !plan.iter().any(|(key, value)| key.contains(".vmImages") && is_filled(Some(value))) {
        flaws.push(format!("No virtual machine image was found for the plan {plan_id}."));
    }
}

fn has_filled(map: &Map<String, Value>, name: &str) -> bool {
    map.iter().any(|(key, value)| key.rsplit('.').next() == Some(name) && is_filled(Some(value)))
}

fn is_filled(value: Option<&Value>) -> bool {
    match value {
        None | Some(Value::Null) => false,
        Some(Value::String(text)) => !text.is_empty(),
        Some(Value::Object(map)) => !map.is_empty(),
        Some(Value::Array(items)) => !items.is_empty(),
        Some(_) => true,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn flaw(body: &Value) -> String {
        read_offer(body.to_string().as_bytes(), "contoso", "vm").err().unwrap_or_else(|| "accepted".to_owned())
    }

    #[test]
    fn bodies_that_are_no_offer_are_refused_with_the_reason() {
        let with = |definition: Value| json!({"offerTypeId": "t", "definition": definition});
        let told: Vec<String> = [
            json!([]),
            json!({"definition": {}}),
            json!({"offerTypeId": "t"}),
            json!({"offerTypeId": "t", "definition": {}, "publisherId": "fabrikam"}),
            json!({"offerTypeId": "t", "definition": {}, "id": 7}),
            with(json!({"plans": {}})),
            with(json!({"plans": [{"planId": ""}]})),
            with(json!({"plans": [{"planId": "a"}, {"planId": "a"}]})),
            with(json!({"plans": [{"planId": "a", "diskGenerations": [{}]}]})),
            with(json!({"offer": {"microsoft-azure-corevm.legacyOfferId": ""}})),
            with(json!({"plans": [{"planId": "a", "diskGenerations": [{"planId": "b"}]}]})),
        ]
        .iter()
        .map(flaw)
        .collect();
        insta::assert_snapshot!(told.join("\n"), @r#"
        The body is not a JSON object.
        The argument: 'OfferTypeId' cannot be null or empty.
        The body has no definition.
        The publisherId of the body is "fabrikam", that of the URL is "contoso".
        The id of the body is 7, that of the URL is "vm".
        definition.plans is not an array.
        definition.plans[0] has no planId.
        The planId "a" appears twice in definition.plans.
        definition.plans[0].diskGenerations[0] has no planId.
        The property microsoft-azure-corevm.legacyOfferId of definition.offer is read-only.
        accepted
        "#);
    }

    #[test]
    fn a_draft_is_checked_before_it_is_published() {
        let told = before_publishing("microsoft-azure-virtualmachines", &json!({"plans": [{"planId": "a"}]}));
        insta::assert_snapshot!(told.join("\n"), @r"
        definition.displayText is required.
        The offer needs a title.
        The plan a needs a skuTitle.
        The plan a needs prices: virtualMachinePricing.
        No virtual machine image was found for the plan a.
        ");
        let complete = json!({
            "displayText": "VM", "offer": {"microsoft-azure-marketplace.title": "VM"},
            "plans": [{
                "planId": "a", "microsoft-azure-virtualmachines.skuTitle": "A", "virtualMachinePricing": {"isByol": true},
                "microsoft-azure-virtualmachines.vmImages": {"1.0.0": {"osVhdUrl": "https://contoso.example/a.vhd"}},
            }],
        });
        assert_eq!(before_publishing("microsoft-azure-virtualmachines", &complete), Vec::<String>::new());
    }
}
