//! The parts that several schemas share: directives, guards, the words of tables.

use serde_json::{Map, Value, json};

use crate::offer::{Guard, Table};

/// The schema language.
pub(super) const DRAFT: &str = "http://json-schema.org/draft-07/schema#";

/// A reference to one of the definitions of the same schema.
pub(super) fn defined(name: &str) -> Value {
    json!({"$ref": format!("#/definitions/{name}")})
}

/// A map that has these keys and no others.
pub(super) fn closed(properties: &Value) -> Map<String, Value> {
    let schema = json!({"type": "object", "properties": properties, "additionalProperties": false});
    schema.as_object().cloned().unwrap_or_default()
}

/// A map of these keys in which some must stand.
pub(super) fn closed_with(required: &[&str], properties: &Value) -> Map<String, Value> {
    let mut schema = closed(properties);
    schema.insert("required".to_owned(), json!(required));
    schema
}

/// What stands for a value that comes from elsewhere.
pub(super) fn directive() -> Value {
    let name =
        json!({"type": "string", "pattern": "^[A-Za-z_][A-Za-z0-9_]*$", "title": "Name of an environment variable"});
    json!({
        "title": "A value from elsewhere",
        "anyOf": [
            closed_with(&["$file"], &json!({
                "$file": {"type": "string", "title": "Text of a file", "description": "The path of the file, relative to this one."}
            })),
            closed_with(&["$env"], &json!({
                "$env": name,
                "default": {"type": "string", "title": "The text when the variable is not set"}
            })),
            closed_with(&["$media", "url"], &json!({
                "$media": {"type": "string", "title": "A local file", "description": "Its path, relative to this one; compared by what it holds."},
                "url": {
                    "title": "Where the service downloads it",
                    "anyOf": [{"type": "string", "pattern": "^[Hh][Tt][Tt][Pp][Ss]?://"}, {"type": "object", "required": ["$env"]}],
                },
            })),
            closed_with(&["$secret"], &json!({
                "$secret": name,
            })),
        ]
    })
}

/// The settings of these guards.
pub(super) fn guards(of: impl IntoIterator<Item = Guard>) -> Value {
    let guard = |guard: Guard| {
        let setting = match guard.threshold() {
            Some(threshold) => json!({
                "title": format!("Guard {guard}"),
                "description": format!("Blocks from this number of {} on; {} by default.", threshold.unit, threshold.default),
                "anyOf": [{"enum": ["allow", "block"]}, {"type": "integer", "minimum": 0, "maximum": 100_000}],
            }),
            None => json!({"title": format!("Guard {guard}"), "enum": ["allow", "block"]}),
        };
        (guard.as_str().to_owned(), setting)
    };
    let guards: Map<String, Value> = of.into_iter().map(guard).collect();
    let mut schema = closed(&Value::Object(guards));
    schema.insert("title".to_owned(), "Guards".into());
    schema
        .insert("description".to_owned(), "Which guards let things pass, and from which value on others block.".into());
    Value::Object(schema)
}

/// A value, or what brings it from elsewhere.
pub(super) fn or_directive(value: &Value) -> Value {
    json!({"anyOf": [value, defined("directive")]})
}

/// One of the words of a table.
pub(super) fn one_of(table: &Table) -> Value {
    let meanings = table.values.iter().map(|value| match &value.currency {
        Some(currency) => format!("{}, prices in {currency}", value.title),
        None => value.title.clone(),
    });
    let words = table.words().map(Value::from).chain([Value::Null]);
    let listed = json!({"enum": words.collect::<Vec<_>>(), "enumDescriptions": meanings.collect::<Vec<_>>()});
    match &table.others {
        Some(others) => {
            json!({"anyOf": [listed, {"type": "string", "pattern": others.as_str()}, defined("directive")]})
        }
        None => or_directive(&listed),
    }
}
