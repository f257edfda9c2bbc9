//! What stands inside an offer or an offer plan belongs to the service; checked is only what would do harm there.

use std::collections::HashMap;

use super::diagnostic::Diagnostic;
use super::media;
use super::node::{Kind, Node};
use super::source::Span;
use crate::offer::{ListRule, REDACTED, Rules, ValueKind};

/// Checks the values below a node of the definition.
pub(super) fn check(rules: Rules<'_>, node: &Node, faults: &mut Vec<Diagnostic>) {
    match &node.kind {
        Kind::Text(text) if is_hidden(rules, text) => faults.push(hidden(node.span)),
        Kind::Media(file) => faults.extend(media::check(rules.field(), file, node.span)),
        Kind::Map(entries) => {
            for entry in entries {
                check(rules.child(&entry.key), &entry.value, faults);
            }
        }
        Kind::List(items) => {
            let field = rules.field();
            if let ListRule::Keyed(key) = &field.list
                && rules.child("*").field().removal_guard.is_some()
            {
                check_names(key, items, faults);
            }
            for item in items {
                check(rules.child("*"), item, faults);
            }
        }
        _ => {}
    }
}

/// Whether this is what offerctl shows in the place of a signature or a secret.
fn is_hidden(rules: Rules<'_>, text: &str) -> bool {
    let of_address = [format!("={REDACTED}"), format!("?{REDACTED}")];
    of_address.iter().any(|hidden| text.contains(hidden.as_str()))
        || (rules.field().value == ValueKind::Secret && text == REDACTED)
}

fn hidden(at: Span) -> Diagnostic {
    Diagnostic::error("hidden-value", "this value was hidden by offerctl and is not the real one", at, "")
        .help("write the real one (`{$env: NAME}`, `{$secret: NAME}`), or leave the field out to keep what is there")
}

/// Elements without a name of their own would replace each other: images would be lost.
fn check_names(key: &str, items: &[Node], faults: &mut Vec<Diagnostic>) {
    let mut first: HashMap<String, Span> = HashMap::new();
    for item in items {
        let Some(name) = item.get(key).and_then(|entry| entry.value.name()) else {
            faults.push(
                Diagnostic::error("missing-key", format!("this element has no `{key}`"), item.span, "")
                    .help(format!("add `{key}: …`: it tells the elements of this list apart")),
            );
            continue;
        };
        if let Some(span) = first.insert(name.clone(), item.span) {
            let message = format!("two elements of this list have the `{key}` `{name}`");
            faults.push(
                Diagnostic::error("duplicate-element", message, item.span, "again here").also(span, "first here"),
            );
        }
    }
}
