//! The schema of a manifest: the envelope and `reconcile`, which are ours and closed, around the service's keys.

use serde_json::{Map, Value, json};

use super::fields::{Fields, PlainType};
use super::words::{DRAFT, closed, closed_with, defined, directive, guards, one_of};
use crate::offer::{Catalogue, Guard, OfferType, Tables};

/// The keys without which there is no manifest, unless a part that it extends has them.
const REQUIRED: [&str; 4] = ["publisherId", "offerTypeId", "id", "definition"];

/// The whole schema, of one offer type or of any.
pub(super) fn schema(catalogue: &Catalogue, tables: &Tables, only: Option<&OfferType>) -> Value {
    let types: Vec<&OfferType> = match only {
        Some(offer_type) => vec![offer_type],
        None => catalogue.offer_types().iter().collect(),
    };
    let mut schema = json!({
        "$schema": DRAFT,
        "title": "offerctl manifest",
        "description": "One offer of the Microsoft commercial marketplace.",
    });
    let Some(whole) = schema.as_object_mut() else { return schema };
    whole.extend(closed(&envelope(&types, only.is_none())));
    whole.insert("anyOf".to_owned(), json!([{"required": ["extends"]}, {"required": REQUIRED}]));
    let mut definitions = shared(tables);
    for offer_type in &types {
        let fields = Fields::of(catalogue, tables, Some(offer_type));
        definitions.insert(format!("definition-{}", offer_type.name), fields.definition());
    }
    if only.is_none() {
        definitions.insert("definition-other".to_owned(), Fields::of(catalogue, tables, None).definition());
        whole.insert("allOf".to_owned(), by_type(&types));
    }
    whole.insert("definitions".to_owned(), Value::Object(definitions));
    schema
}

/// Which definition belongs to which offer type.
fn by_type(types: &[&OfferType]) -> Value {
    let then = |name: &str| json!({"properties": {"definition": defined(&format!("definition-{name}"))}});
    let of_type = |test: Value| json!({"properties": {"offerTypeId": test}, "required": ["offerTypeId"]});
    let known = types.iter().map(|it| json!({"if": of_type(json!({"const": it.id})), "then": then(&it.name)}));
    let ids: Vec<&str> = types.iter().map(|offer_type| offer_type.id.as_str()).collect();
    let other = json!({"if": of_type(json!({"enum": ids})), "else": then("other")});
    Value::Array(known.chain([other]).collect())
}

fn envelope(types: &[&OfferType], is_of_any: bool) -> Value {
    let ids: Vec<&str> = types.iter().map(|offer_type| offer_type.id.as_str()).collect();
    let titles: Vec<&str> = types.iter().map(|offer_type| offer_type.title.as_str()).collect();
    let mut offer_type = vec![json!({"enum": ids, "enumDescriptions": titles})];
    let identifier = json!({"type": "string", "pattern": "^[A-Za-z0-9._-]{1,128}$"});
    if is_of_any {
        offer_type.push(identifier.clone());
    }
    offer_type.push(defined("directive"));
    let named = |title: &str, description: &str| json!({"title": title, "description": description, "anyOf": [identifier, defined("directive")]});
    let definition = match types {
        [only] if !is_of_any => defined(&format!("definition-{}", only.name)),
        _ => json!({"title": "Definition", "description": "The offer in the service's own keys.", "type": "object"}),
    };
    json!({
        "publisherId": named("Publisher", "Who publishes the offer."),
        "offerTypeId": {"title": "Offer type", "anyOf": offer_type},
        "id": named("Offer id", "The name of the offer in addresses; it stays for good."),
        "extends": {
            "title": "Parts",
            "description": "Files that this one is laid over; it wins where both name a field.",
            "anyOf": [{"type": "string"}, {"type": "array", "items": {"type": "string"}, "uniqueItems": true}],
        },
        "reconcile": defined("reconcile"),
        "offerTypeVersions": {"title": "Offer type versions", "description": "Sent as it is, and never returned."},
        "definition": definition,
    })
}

/// What every definition refers to.
fn shared(tables: &Tables) -> Map<String, Value> {
    let mut shared = Map::new();
    shared.insert("directive".to_owned(), directive());
    shared.insert("reconcile".to_owned(), reconcile(tables));
    for plain in PlainType::ALL {
        shared.insert(plain.name().to_owned(), plain.schema());
    }
    for (name, table) in tables.named() {
        shared.insert(name.to_owned(), one_of(table));
    }
    shared
}

fn reconcile(tables: &Tables) -> Value {
    let email = tables.pattern("email").map_or("", |pattern| pattern.pattern.as_str());
    let waiver = closed_with(
        &["path", "reason"],
        &json!({
            "path": {
                "title": "Path",
                "description": "The field, from /definition/ on; an element of a keyed list by its key.",
                "type": "string",
                "pattern": "^/definition/.+",
            },
            "reason": {"title": "Reason", "description": "Who owns the field, and why.", "type": "string", "pattern": "[^\\s]"},
            "until": {
                "title": "Until",
                "description": "The last day on which it holds; later it is an error.",
                "type": "string",
                "pattern": "^[0-9]{4}-[0-9]{2}-[0-9]{2}$",
            },
        }),
    );
    let mut schema = closed(&json!({
        "publishTo": {
            "title": "Target",
            "description": "How far apply takes this offer; preview by default.",
            "enum": ["draft", "preview", "production"],
        },
        "notificationEmails": {
            "title": "Notification e-mails",
            "description": "Whom the service tells about submissions.",
            "type": "array",
            "items": {"type": "string", "pattern": email},
        },
        "offerPlans": {
            "title": "Offer plans that are absent here",
            "description": "keep (the default) leaves them on the service, exact removes them.",
            "enum": ["keep", "exact"],
        },
        "ignore": {
            "title": "Waivers",
            "description": "Fields that others own: shown, and not written.",
            "type": "array",
            "items": waiver,
        },
        "guards": guards(Guard::ALLOWABLE.into_iter().filter(|guard| !guard.is_of_a_run())),
    }));
    schema.insert("title".to_owned(), "What offerctl itself is told".into());
    Value::Object(schema)
}
