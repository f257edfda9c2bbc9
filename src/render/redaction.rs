//! The one redaction: no value reaches an output, a plan or a message without passing here.

use serde_json::Value;

use crate::offer::{Catalogue, FieldPath, REDACTED, Rules, ValueKind, without_signatures};

/// Hides secrets and signatures, by what the catalogue says of a field and by what a text looks like.
#[derive(Debug, Clone, Copy)]
pub struct Redaction {
    catalogue: &'static Catalogue,
}

impl Default for Redaction {
    fn default() -> Self {
        Self { catalogue: Catalogue::built_in() }
    }
}

impl Redaction {
    /// A value at a path, fit to be seen.
    pub fn value(&self, path: &FieldPath, value: &Value) -> Value {
        redact(self.catalogue.rules_at(path), value)
    }

    /// A whole document, fit to be seen.
    pub fn document(&self, document: &Value) -> Value {
        redact(self.catalogue.rules(), document)
    }

    /// Any other text, fit to be seen.
    pub fn text(text: &str) -> String {
        without_signatures(text).into_owned()
    }
}

fn redact(rules: Rules<'_>, value: &Value) -> Value {
    let field = rules.field();
    match value {
        Value::Null => Value::Null,
        Value::Object(map) if crate::diff::is_secret_placeholder(value) => Value::Object(map.clone()),
        _ if field.value == ValueKind::Secret => Value::String(REDACTED.to_owned()),
        // Whatever stands behind the address of a sensitive file may open it.
        Value::String(text) if field.sensitive && text.contains('?') => {
            Value::String(format!("{}?{REDACTED}", text.split('?').next().unwrap_or_default()))
        }
        Value::String(text) => Value::String(without_signatures(text).into_owned()),
        Value::Array(items) => items.iter().map(|item| redact(rules.element(), item)).collect(),
        Value::Object(map) => map.iter().map(|(key, item)| (key.clone(), redact(rules.child(key), item))).collect(),
        scalar => scalar.clone(),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn secrets_are_hidden_by_the_catalogue() {
        let document = json!({"definition": {"offer": {
            "microsoft-azure-marketplace.tableLeadConfiguration": {"connectionString": "hunter2"},
        }}});
        assert!(!Redaction::default().document(&document).to_string().contains("hunter2"));
    }
}
