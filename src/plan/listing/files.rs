//! Which pictures of a listing are files of the repository, so that whoever has them at hand can show them.
//!
//! What the service serves is a copy under a name of its own. Whether that is still the file here is known only of what
//! the steps send, and of what a record says that they sent before.

use serde_json::Value;

use super::{FileState, ListedFile, ListedPart, Listing};
use crate::diff::{Context, fit_for_record_at, value_at};
use crate::offer::{FieldPath, ListingPart, LocalFile};
use crate::plan::Change;

/// The files behind the pictures that a listing shows after the steps; `after` is the document that it was made from.
pub(super) fn files(context: &Context<'_>, listing: &Listing, after: &Value, changes: &[Change]) -> Vec<ListedFile> {
    let of_plans = listing.offer_plans.iter().flat_map(|plan| &plan.parts);
    let is_picture = |part: &&ListedPart| matches!(part.part, ListingPart::Logo | ListingPart::Pictures);
    let shown: Vec<_> = listing.parts.iter().chain(of_plans).filter(is_picture).map(|part| &part.path).collect();
    let files = context.local_files.iter().filter(|file| shown.iter().any(|path| file.field.is_within(path)));
    files.filter_map(|file| listed(context, file, after, changes)).collect()
}

fn listed(context: &Context<'_>, local: &LocalFile, after: &Value, changes: &[Change]) -> Option<ListedFile> {
    let LocalFile { field, url, file, digest } = local;
    if context.ignore.iter().any(|ignored| field.is_within(&ignored.path)) {
        return None;
    }
    let told = |value: &Value| {
        let fit = fit_for_record_at(context.catalogue.rules_at(field), value);
        fit.as_str().map(str::to_owned)
    };
    let address = told(value_at(context.catalogue, after, field)?)?;
    let is_sent = told(&Value::from(url.as_str())).as_ref() == Some(&address);
    let change = changes.iter().find(|change| touches(&change.difference.path, field));
    if change.is_some() && !is_sent {
        return None;
    }
    let state = match change {
        Some(_) => FileState::New,
        None if context.media.tell_content(field, url, &address, digest) => FileState::Kept,
        None => FileState::Unknown,
    };
    Some(ListedFile { field: field.clone(), address, file: file.to_string(), digest: digest.clone(), state })
}

fn touches(path: &FieldPath, field: &FieldPath) -> bool {
    path.is_within(field) || field.is_within(path)
}
