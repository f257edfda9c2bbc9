//! One value of a document of the service, found by its path: elements of keyed lists by their key, those of atomic ones by
//! their number, fields wherever the service puts them.

use serde_json::{Map, Value};

use super::equality::{is_unset, observed_child};
use crate::offer::{Catalogue, Field, FieldPath, ListRule, element_name};

/// What the document says at the path, defaults of the service included; `None` where it says nothing.
pub fn value_at<'value>(catalogue: &Catalogue, document: &'value Value, path: &FieldPath) -> Option<&'value Value> {
    walk(catalogue, document, path, observed_child).filter(|value| !is_unset(value))
}

/// What a document says at the path and nowhere else, be it as little as a `null`.
pub fn stated_at<'value>(catalogue: &Catalogue, document: &'value Value, path: &FieldPath) -> Option<&'value Value> {
    walk(catalogue, document, path, |map, key, _| map.get(key))
}

/// How a key is looked up in an observed map.
type Child = for<'value> fn(&'value Map<String, Value>, &str, &Field) -> Option<&'value Value>;

/// Follows the path through the document, and looks up the keys of maps by `child`.
pub(crate) fn walk<'value>(
    catalogue: &Catalogue,
    document: &'value Value,
    path: &FieldPath,
    child: Child,
) -> Option<&'value Value> {
    let mut rules = catalogue.rules();
    let mut here = document;
    for segment in path.segments() {
        here = match (here, &rules.field().list) {
            (Value::Object(map), _) => child(map, segment, rules.child(segment).field())?,
            (Value::Array(items), ListRule::Keyed(key)) => {
                items.iter().find(|item| element_name(item, key).as_ref() == Some(segment))?
            }
            (Value::Array(items), ListRule::Atomic) => items.get(segment.parse::<usize>().ok()?)?,
            _ => return None,
        };
        rules = rules.child(segment);
    }
    Some(here)
}
