//! What of a listing a plan is recognised by: all that it shows, without what is another in each answer of the service.
//!
//! That is the order in which the service names things, and the names of the files that it serves itself.

use serde_json::{Value, json};

use super::parts::DETAILS;
use super::{Content, ListedFile, ListedItem, ListedOfferPlan, ListedPart, Listing};
use crate::diff::is_served;
use crate::offer::{Catalogue, ListingPart};

/// What stands for the address of a file that the service serves itself.
const SERVED: &str = "a file that the service serves";

/// The listing as it goes into the digest of its plan.
pub(in crate::plan) fn what_matters(catalogue: &Catalogue, listing: &Listing) -> Value {
    let Listing { from, to, parts, offer_plans, files } = listing;
    let plans = sorted(
        offer_plans
            .iter()
            .map(|ListedOfferPlan { id, presence, parts }| json!([id, presence, of_parts(catalogue, parts)])),
    );
    // Neither the address, which the service may choose, nor the place of a file says what is seen.
    let files =
        files.iter().map(|ListedFile { field, address: _, file: _, digest, state }| json!([field, digest, state]));
    json!([from, to, of_parts(catalogue, parts), plans, sorted(files)])
}

fn of_parts(catalogue: &Catalogue, parts: &[ListedPart]) -> Value {
    sorted(parts.iter().map(|ListedPart { path, part, content }| {
        let content = match content {
            Content::Text { before, after } => {
                json!([before, after].map(|side| side.as_ref().map(|text| stable(catalogue, *part, text))))
            }
            // Pictures are seen in their order.
            Content::Items(items) if *part == ListingPart::Pictures => {
                items.iter().map(|item| of_item(catalogue, *part, item)).collect()
            }
            Content::Items(items) => sorted(items.iter().map(|item| of_item(catalogue, *part, item))),
        };
        json!([path, part, content])
    }))
}

/// An item; what is said about it in an order of its own.
fn of_item(catalogue: &Catalogue, part: ListingPart, item: &ListedItem) -> Value {
    let ListedItem { name, before, after } = item;
    let details = |side: &Option<String>| {
        side.as_ref().map(|text| sorted(text.split(DETAILS).map(|detail| json!(stable(catalogue, part, detail)))))
    };
    json!([stable(catalogue, part, name), details(before), details(after)])
}

/// A text without the names of files that the service serves, where it may speak of some.
fn stable(catalogue: &Catalogue, part: ListingPart, text: &str) -> String {
    let names_files = matches!(part, ListingPart::Logo | ListingPart::Pictures | ListingPart::Versions);
    if !names_files {
        return text.to_owned();
    }
    let words = text.split(' ').map(|word| if is_served(catalogue, word) { SERVED } else { word });
    words.collect::<Vec<_>>().join(" ")
}

fn sorted(values: impl Iterator<Item = Value>) -> Value {
    let mut values: Vec<_> = values.collect();
    values.sort_by_cached_key(Value::to_string);
    Value::Array(values)
}
