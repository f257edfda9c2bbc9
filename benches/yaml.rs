//! Writes a generated offer as the manifest that a person would keep: block style, long texts as blocks.

use serde_json::Value;

/// The text of the manifest.
pub fn manifest(document: &Value) -> String {
    let mut text = String::new();
    write(document, 0, &mut text);
    // Whatever stands at the top begins on a line of its own.
    text.split_off(1)
}

/// Writes what follows `key:` or `-`, the end of the line included.
fn write(value: &Value, indent: usize, text: &mut String) {
    let margin = " ".repeat(indent);
    match value {
        Value::Object(map) if !map.is_empty() => {
            text.push('\n');
            for (key, child) in map {
                text.extend([margin.as_str(), key, ":"]);
                write(child, indent + 2, text);
            }
        }
        Value::Array(items) if !items.is_empty() => {
            text.push('\n');
            for item in items {
                text.extend([margin.as_str(), "-"]);
                write(item, indent + 2, text);
            }
        }
        Value::String(long) if long.contains('\n') => {
            text.push_str(" |-\n");
            for line in long.lines() {
                text.extend([margin.as_str(), line, "\n"]);
            }
        }
        // JSON's scalars are YAML's.
        scalar => text.extend([" ", &scalar.to_string(), "\n"]),
    }
}
