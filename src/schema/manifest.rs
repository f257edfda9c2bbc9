//! The schema of a manifest: the envelope and `reconcile`, which are ours and closed, around the service's keys.

use serde_json::{Map, Value, json};

use super::fields::{Fields, PlainType};
use super::words::{DRAFT, OF_OURS, closed, closed_with, defined, either, guards, one_of, sources};
use crate::offer::{Catalogue, Guard, OfferType, Tables};

/// A JSON pointer to one field of the definition, and no pattern of many.
const WAIVED_PATH: &str = "^/definition(/([^/~*]|~[01])+)+$";
/// An address that can stand in a list of them.
const RECIPIENT: &str = "^[^@\\s,;<>]+@[^@\\s,;<>.]+([.][^@\\s,;<>.]+)+$";

/// The keys without which there is no manifest, unless a part that it extends has them.
const REQUIRED: [&str; 4] = ["publisherId", "offerTypeId", "id", "definition"];

/// How much of an offer a file says.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Extent {
    /// A manifest, which says all that there must be, unless it extends others.
    Whole,
    /// A part that manifests extend.
    Part,
}

/// The whole schema, of one offer type or of any.
pub(super) fn schema(catalogue: &Catalogue, tables: &Tables, extent: Extent, only: Option<&OfferType>) -> Value {
    let types: Vec<&OfferType> = match only {
        Some(offer_type) => vec![offer_type],
        None => catalogue.offer_types().iter().collect(),
    };
    let (title, description) = match extent {
        Extent::Whole => ("offerctl manifest", "One offer of the Microsoft commercial marketplace."),
        Extent::Part => {
            ("part of offerctl manifests", "What manifests of the Microsoft commercial marketplace extend.")
        }
    };
    let mut schema = json!({"$schema": DRAFT, "title": title, "description": description});
    let Some(whole) = schema.as_object_mut() else { return schema };
    whole.extend(closed(&envelope(&types, only.is_none())));
    if extent == Extent::Whole {
        whole.insert("if".to_owned(), json!({"not": {"required": ["extends"]}}));
        whole.insert("then".to_owned(), json!({"required": REQUIRED}));
    }
    let mut definitions = shared(tables);
    for offer_type in &types {
        let fields = Fields::of(catalogue, tables, Some(offer_type));
        definitions.insert(format!("definition-{}", offer_type.name), fields.definition());
        definitions.extend(fields.shared());
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
    let other = json!({"if": of_type(json!({"not": {"enum": ids}})), "then": then("other")});
    // Of a file whose offer type stands elsewhere, or is not written yet, the keys of each of them can be meant.
    let any: Vec<Value> = types.iter().map(|it| defined(&format!("definition-{}", it.name))).collect();
    let unknown = json!({
        "if": {"not": {"required": ["offerTypeId"]}},
        "then": {"properties": {"definition": {"allOf": [defined("definition-other"), {"anyOf": any}]}}},
    });
    Value::Array(known.chain([other, unknown]).collect())
}

fn envelope(types: &[&OfferType], is_of_any: bool) -> Value {
    let ids: Vec<&str> = types.iter().map(|offer_type| offer_type.id.as_str()).collect();
    let titles: Vec<&str> = types.iter().map(|offer_type| offer_type.title.as_str()).collect();
    let mut offer_type = vec![json!({"enum": ids, "enumDescriptions": titles})];
    let identifier = json!({"type": "string", "pattern": "^[A-Za-z0-9._-]{1,128}$"});
    if is_of_any {
        offer_type.push(identifier.clone());
    }
    offer_type.extend(OF_OURS.map(defined));
    let named = |title: &str, description: &str| json!({"title": title, "description": description, "anyOf": either(&identifier, &OF_OURS)});
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
    shared.extend(sources().map(|(name, source)| (name.to_owned(), source)));
    shared.insert("reconcile".to_owned(), reconcile());
    for plain in PlainType::ALL {
        shared.insert(plain.name().to_owned(), plain.schema());
    }
    for (name, table) in tables.named() {
        shared.insert(name.to_owned(), one_of(table));
    }
    shared
}

/// A value of `reconcile`, or what brings it from elsewhere.
fn ours(title: &str, description: &str, value: &Value) -> Value {
    json!({"title": title, "description": description, "anyOf": either(value, &OF_OURS)})
}

fn reconcile() -> Value {
    let waiver = closed_with(
        &["path", "reason"],
        &json!({
            "path": ours(
                "Path",
                "The field, from /definition/ on; an element of a keyed list by its key.",
                &json!({"type": "string", "pattern": WAIVED_PATH}),
            ),
            "reason": ours("Reason", "Who owns the field, and why.", &json!({"type": "string", "pattern": "[^\\s]"})),
            "until": ours(
                "Until",
                "The last day on which it holds; later it is an error.",
                &json!({"type": "string", "pattern": "^[0-9]{4}-[0-9]{2}-[0-9]{2}$", "format": "date"}),
            ),
        }),
    );
    let mut schema = closed(&json!({
        "publishTo": ours(
            "Target",
            "How far apply takes this offer; preview by default.",
            &json!({"enum": ["draft", "preview", "production"]}),
        ),
        "notificationEmails": {
            "title": "Notification e-mails",
            "description": "Whom the service tells about submissions.",
            "type": "array",
            "items": {"anyOf": either(&json!({"type": "string", "pattern": RECIPIENT}), &OF_OURS)},
        },
        "offerPlans": ours(
            "Offer plans that are absent here",
            "keep (the default) leaves them on the service, exact removes them.",
            &json!({"enum": ["keep", "exact"]}),
        ),
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
