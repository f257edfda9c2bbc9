//! The local file behind an address, in words: which, and whether what it holds changed.

use serde_json::{Value, json};

use crate::diff::{Class, Difference, FileContent};

/// What to say behind a field that a local file stands for.
pub(super) fn content_words(content: &FileContent) -> String {
    let FileContent { path, before, after } = content;
    match before {
        Some(before) if content.is_changed() => {
            format!("content of {path} changed, sha256 {} → {}", before.short(), after.short())
        }
        _ => format!("{path}, sha256 {}", after.short()),
    }
}

/// What to do about a file that somebody replaced in the portal, for which there is a local one.
pub(super) fn content_advice(difference: &Difference) -> Option<String> {
    let content = difference.content.as_ref().filter(|_| difference.before.is_some())?;
    if difference.class == Class::Pending || !difference.is_written() {
        return None;
    }
    Some(format!(
        "to keep the file that is served there now, download it in the portal, put it in the place of {} and serve it at \
         the address; an apply sends ours again",
        content.path
    ))
}

/// The content that alone differs: the address is the one that was sent before.
pub(super) fn only_content(difference: &Difference) -> Option<&FileContent> {
    difference.content.as_ref().filter(|content| content.is_changed() && difference.class == Class::Pending)
}

/// The same for programs.
pub(super) fn content_json(content: &FileContent) -> Value {
    json!({"path": content.path, "before": content.before, "after": content.after})
}
