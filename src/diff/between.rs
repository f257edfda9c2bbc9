//! Two documents of the service side by side, where neither is what anybody wants: a slot and the draft, two versions.
//!
//! [`compare`] looks for what one side declares; here both sides are looked at, and every field counts, managed or not.

use serde_json::Value;

use super::{Context, Difference, MediaRecords, MediaTrust, Operation, Sides, compare, is_unset};
use crate::offer::{Catalogue, OfferPlansPolicy};

/// Everything that leads from one document to the other, by meaning: first what the later one says, in its order, then
/// what only the earlier one does.
///
/// Served files are told apart by their names, unless the records know better: that two of them come from one source, or
/// that the names shift with each answer.
pub fn between(catalogue: &Catalogue, media: &MediaRecords, before: &Value, after: &Value) -> Vec<Difference> {
    let media_trust = if media.is_shifting() { MediaTrust::JustWritten } else { MediaTrust::Unverifiable };
    let forwards = missing(catalogue, media_trust, after, before).into_iter().map(|mut found| {
        let (before, after) = (found.before.take(), found.after.take());
        leading(found, before, after)
    });
    let mut found: Vec<_> = forwards.collect();
    for mut backwards in missing(catalogue, media_trust, before, after) {
        if !found.iter().any(|difference| difference.path == backwards.path) {
            let (before, after) = (backwards.after.take(), backwards.before.take());
            found.push(leading(backwards, before, after));
        }
    }
    found.retain(|difference| match (&difference.before, &difference.after) {
        (Some(Value::String(before)), Some(Value::String(after))) => {
            !media.serve_one_source(&difference.path, before, after)
        }
        _ => true,
    });
    found
}

/// What the one document says and the other does not, managed or not, and the offer plans that only the other has.
pub fn missing(catalogue: &Catalogue, media_trust: MediaTrust, said: &Value, other: &Value) -> Vec<Difference> {
    let none = MediaRecords::default();
    let offer_plans = OfferPlansPolicy::Exact;
    let context = Context { catalogue, media: &none, media_trust, local_files: &[], ignore: &[], offer_plans };
    compare(&context, Sides { desired: said, observed: Some(other), applied: None }).differences
}

/// The difference that leads from one value to the other. How "unset" is spelt makes none, so that it is always absence.
fn leading(difference: Difference, before: Option<Value>, after: Option<Value>) -> Difference {
    let [before, after] = [before, after].map(|side| side.filter(|value| !is_unset(value)));
    let operation = match (&before, &after) {
        (None, _) => Operation::Add,
        (_, None) => Operation::Remove,
        _ => Operation::Replace,
    };
    Difference { operation, before, after, ..difference }
}
