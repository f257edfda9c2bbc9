//! The content of local files: a file that changed since its address was sent is a change, although no address differs.
//!
//! The service serves a copy of what it downloaded, so the copy is as old as the address was sent last.

use std::sync::Arc;

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::media::{MediaTrust, Sent};
use super::{Class, Comparison, Context, Difference, Operation, is_unset};
use crate::offer::{FieldPath, FileDigest, LocalFile};

/// The local file behind a field that differs.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct FileContent {
    /// The file, relative to the repository root.
    pub path: Arc<str>,
    /// What it held when this address was sent last; `None` when no record tells.
    pub before: Option<FileDigest>,
    /// What it holds now.
    pub after: FileDigest,
}

impl FileContent {
    /// Whether it is known to hold something else than what the service downloaded from this address.
    pub fn is_changed(&self) -> bool {
        self.before.as_ref().is_some_and(|before| *before != self.after)
    }
}

/// Adds what the content of local files says to what was found in the documents.
pub(super) fn compare_contents(context: &Context<'_>, desired: &Value, observed: &Value, found: &mut Comparison) {
    if context.media_trust == MediaTrust::JustWritten {
        return;
    }
    for file in context.local_files {
        let sent = context.media.sent(&file.field, &file.url);
        let before = match &sent {
            Sent::Content(digest) => Some((*digest).clone()),
            Sent::Unknown | Sent::Never => None,
        };
        let held = FileContent { path: Arc::clone(&file.file), before, after: file.digest.clone() };
        if !annotate(found, file, &held) {
            add(context, desired, observed, file, &sent, held, found);
        }
    }
}

/// A run that ended right after its write never learnt which copy the service made of it. What the version right after it
/// serves is nobody else's edit as far as anybody knows, and is sent once more.
pub(super) fn settle_own_writes(context: &Context<'_>, observed: Option<&Value>, found: &mut Comparison) {
    let version = observed.and_then(|observed| observed.get("version")).and_then(Value::as_u64);
    for difference in found.differences.iter_mut().filter(|difference| difference.class == Class::Conflict) {
        let digest = context.local_files.iter().find(|file| file.field == difference.path).map(|file| &file.digest);
        if let Some(Value::String(source)) = &difference.after
            && context.media.was_sending(&difference.path, source, digest, version)
        {
            difference.class = Class::Pending;
        }
    }
}

/// Says it with the difference that is there already; false when there is none.
fn annotate(found: &mut Comparison, file: &LocalFile, content: &FileContent) -> bool {
    let Some(difference) = found.differences.iter_mut().find(|difference| file.field.is_within(&difference.path))
    else {
        return false;
    };
    // They replaced the picture, and so did we.
    if content.is_changed() && difference.class == Class::Drift {
        difference.class = Class::Conflict;
    }
    if difference.path == file.field {
        difference.content = Some(content.clone());
    }
    true
}

fn add(
    context: &Context<'_>,
    desired: &Value,
    observed: &Value,
    file: &LocalFile,
    sent: &Sent<'_>,
    held: FileContent,
    found: &mut Comparison,
) {
    let is_unknown = !matches!(sent, Sent::Content(_));
    let waiver = context.ignore.iter().find(|ignored| file.field.is_within(&ignored.path));
    if held.is_changed() || (is_unknown && context.media_trust == MediaTrust::Resend) {
        let value = |document: &Value| at(context, document, &file.field);
        found.differences.push(Difference {
            path: file.field.clone(),
            operation: Operation::Replace,
            class: Class::Pending,
            before: value(observed).filter(|value| !is_unset(value)),
            after: value(desired),
            waived: waiver.map(|waiver| waiver.reason.clone()),
            content: Some(held),
        });
        found.unverifiable.retain(|path| *path != file.field);
    } else if is_unknown
        && waiver.is_none()
        && context.media_trust == MediaTrust::Unverifiable
        && !found.unverifiable.iter().any(|path| file.field.is_within(path))
    {
        found.unverifiable.push(file.field.clone());
    }
}

fn at(context: &Context<'_>, document: &Value, path: &FieldPath) -> Option<Value> {
    document.pointer(&context.catalogue.in_document(document, path).to_string()).cloned()
}
