//! The one redaction: no value reaches an output, a plan or a message without passing here.

use serde_json::Value;

use crate::offer::{Catalogue, FieldPath, Rules, ValueKind};

/// What stands where something must not be shown.
const HIDDEN: &str = "REDACTED";

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
        hide_signatures(text)
    }
}

fn redact(rules: Rules<'_>, value: &Value) -> Value {
    let field = rules.field();
    match value {
        Value::Null => Value::Null,
        Value::Object(map) if crate::diff::is_secret_placeholder(value) => Value::Object(map.clone()),
        _ if field.value == ValueKind::Secret => Value::String(HIDDEN.to_owned()),
        Value::String(text) => Value::String(hide_signatures(text)),
        Value::Array(items) => {
            items.iter().enumerate().map(|(index, item)| redact(rules.child(&index.to_string()), item)).collect()
        }
        Value::Object(map) => map.iter().map(|(key, item)| (key.clone(), redact(rules.child(key), item))).collect(),
        scalar => scalar.clone(),
    }
}

/// Replaces the value of each `sig` parameter, wherever in the text it stands and however it is spelt.
fn hide_signatures(text: &str) -> String {
    const NAMES: [&str; 3] = ["sig=", "sig%3d", "signature="];
    let lower = text.to_ascii_lowercase();
    let mut shown = String::with_capacity(text.len());
    let mut from = 0;
    while let Some((at, name)) = next_name(&lower, from, &NAMES) {
        let value_begins = at + name.len();
        let value_ends = lower[value_begins..]
            .find(|character: char| character == '&' || character.is_whitespace() || "\"'<>;,)".contains(character))
            .map_or(lower.len(), |length| value_begins + length);
        shown.push_str(&text[from..value_begins]);
        if value_ends > value_begins {
            shown.push_str(HIDDEN);
        }
        from = value_ends;
    }
    shown.push_str(&text[from..]);
    shown
}

/// The next parameter name that begins a word of a query: after `?`, `&`, `;` or an encoded one of them.
fn next_name<'name>(lower: &str, from: usize, names: &[&'name str]) -> Option<(usize, &'name str)> {
    names
        .iter()
        .filter_map(|name| {
            lower[from..]
                .match_indices(name)
                .map(|(offset, _)| from + offset)
                .find(|at| {
                    let before = &lower[..*at];
                    before.ends_with(['?', '&', ';']) || before.ends_with("%26") || before.ends_with("%3f")
                })
                .map(|at| (at, *name))
        })
        .min()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn signatures_disappear_wherever_they_stand() {
        let shown = Redaction::text("see https://a/b.vhd?sv=1&sig=abc%3D&se=2 and HTTPS://c?SIG=def\" or x?sig=last");
        insta::assert_snapshot!(shown, @r#"see https://a/b.vhd?sv=1&sig=REDACTED&se=2 and HTTPS://c?SIG=REDACTED" or x?sig=REDACTED"#);
        assert_eq!(Redaction::text("design=modern sig= nothing"), "design=modern sig= nothing");
        assert_eq!(Redaction::text("ünïcode ?sig=ÄÖ rest"), "ünïcode ?sig=REDACTED rest");
    }

    #[test]
    fn secrets_are_hidden_by_the_catalogue() {
        let document = json!({"definition": {"offer": {
            "microsoft-azure-marketplace.tableLeadConfiguration": {"connectionString": "hunter2"},
        }}});
        assert!(!Redaction::default().document(&document).to_string().contains("hunter2"));
    }
}
