//! The parts that several schemas share: directives, guards, the words of tables.

use serde_json::{Map, Value, json};

use crate::offer::{Guard, Table, TableValue};

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

/// What stands for a value that comes from elsewhere, each by the name of its definition.
pub(super) const FROM_FILE: &str = "from-file";
pub(super) const FROM_ENVIRONMENT: &str = "from-environment";
pub(super) const FROM_SECRET: &str = "from-secret";
pub(super) const FROM_MEDIA: &str = "from-media";
/// The name of the definition of what says "unset".
pub(super) const UNSET: &str = "unset";

/// What brings text that offerctl itself reads; a secret is read only when it is sent.
pub(super) const OF_OURS: [&str; 2] = [FROM_ENVIRONMENT, FROM_FILE];
/// What brings text for the service, or none.
pub(super) const OF_TEXT: [&str; 4] = [FROM_ENVIRONMENT, FROM_FILE, FROM_SECRET, UNSET];
/// What brings the address of a file.
pub(super) const OF_MEDIA: [&str; 5] = [FROM_MEDIA, FROM_ENVIRONMENT, FROM_FILE, FROM_SECRET, UNSET];
/// What brings a secret.
pub(super) const OF_SECRET: [&str; 4] = [FROM_SECRET, FROM_ENVIRONMENT, FROM_FILE, UNSET];

/// The keys that make a map stand for something else.
pub(super) const DIRECTIVES: &str = "^[$](env|file|media|secret)$";

/// The definitions of what comes from elsewhere, and of "unset".
pub(super) fn sources() -> [(&'static str, Value); 5] {
    let name =
        json!({"type": "string", "pattern": "^[A-Za-z_][A-Za-z0-9_]*$", "title": "Name of an environment variable"});
    let source = |title: &str, required: &[&str], properties: &Value| {
        let mut schema = closed_with(required, properties);
        schema.insert("title".to_owned(), title.into());
        Value::Object(schema)
    };
    let file = json!({
        "$file": {"type": "string", "title": "Text of a file", "description": "The path of the file, relative to this one."},
    });
    let environment =
        json!({"$env": name, "default": {"type": "string", "title": "The text when the variable is not set"}});
    let address = json!({"type": "string", "pattern": "^[Hh][Tt][Tt][Pp][Ss]?://[^\\s]+$"});
    let media = json!({
        "$media": {"type": "string", "title": "A local file", "description": "Its path, relative to this one; compared by what it holds."},
        "url": {"title": "Where the service downloads it", "anyOf": either(&address, &OF_OURS)},
    });
    [
        (FROM_FILE, source("Text of a file", &["$file"], &file)),
        (FROM_ENVIRONMENT, source("Text of an environment variable", &["$env"], &environment)),
        (FROM_MEDIA, source("A local file and its address", &["$media", "url"], &media)),
        (FROM_SECRET, source("A secret", &["$secret"], &json!({"$secret": name}))),
        (UNSET, unset()),
    ]
}

/// The service's spellings of "unset". Said by what it is not, so that no editor proposes to write them.
fn unset() -> Value {
    json!({"not": {"anyOf": [
        {"type": ["boolean", "number"]},
        {"type": "string", "minLength": 1},
        {"type": "array", "minItems": 1},
        {"type": "object", "minProperties": 1},
    ]}})
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

/// A value, and what may stand in its place, by name.
pub(super) fn either(value: &Value, others: &[&str]) -> Value {
    [value.clone()].into_iter().chain(others.iter().map(|name| defined(name))).collect()
}

/// The form of the words that a table may lack.
pub(super) fn others(table: &Table) -> Option<String> {
    let form = table.others.as_ref()?.as_str();
    let wrong: Vec<&str> = table.instead.keys().map(String::as_str).collect();
    Some(if wrong.is_empty() {
        form.to_owned()
    } else {
        format!("^(?!({})$){}", wrong.join("|"), form.trim_start_matches('^'))
    })
}

/// What a word of a table means, for people.
pub(super) fn meaning(value: &TableValue) -> String {
    match &value.currency {
        Some(currency) => format!("{}, prices in {currency}", value.title),
        None => value.title.clone(),
    }
}

/// One of the words of a table.
pub(super) fn one_of(table: &Table) -> Value {
    let meanings = table.values.iter().map(meaning);
    let words: Vec<&str> = table.words().collect();
    let mut either = vec![json!({"enum": words, "enumDescriptions": meanings.collect::<Vec<_>>()})];
    either.extend(others(table).map(|form| json!({"type": "string", "pattern": form})));
    either.extend(OF_TEXT.map(defined));
    json!({"anyOf": either})
}
