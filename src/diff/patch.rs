//! The document to send: the observed one, every unknown key kept, with the desired changes as an RFC 6902 patch.

use json_patch::jsonptr::PointerBuf;
use json_patch::{AddOperation, PatchOperation, RemoveOperation};
use serde_json::{Map, Value};

use super::clean::without_service_keys;
use super::compare::without_removals;
use super::equality::{Verdict, verdict};
use super::url::address;
use super::{Context, Difference};
use crate::offer::{Catalogue, FieldPath, ListRule, Rules, element_name};

/// A change that does not fit the document it is for.
#[derive(Debug, thiserror::Error)]
#[error("the change at `{path}` cannot be written into the offer as it was read: {reason}")]
pub struct PatchError {
    path: FieldPath,
    reason: String,
}

/// The body that creates an offer: the desired document, without the removals it declares.
pub fn body_for_create(desired: &Value) -> Value {
    without_removals(desired)
}

/// The body that updates an offer: the observed document, cleaned of what the service refuses, with the given changes.
///
/// Waived differences are left out. Signed addresses are sent as the manifest has them even where they mean the same,
/// because a signature that was read may have ended.
pub fn body_for_update<'difference>(
    context: &Context<'_>,
    desired: &Value,
    observed: &Value,
    differences: impl IntoIterator<Item = &'difference Difference>,
) -> Result<Value, PatchError> {
    let mut body = without_service_keys(context.catalogue, observed);
    for difference in differences.into_iter().filter(|difference| difference.is_written()) {
        apply(context, desired, &mut body, difference)?;
    }
    for (key, value) in desired.as_object().into_iter().flatten() {
        if key != "definition"
            && let Some(map) = body.as_object_mut()
        {
            map.insert(key.clone(), value.clone());
        }
    }
    renew_signatures(context.catalogue.rules(), desired, &mut body);
    Ok(body)
}

fn apply(context: &Context<'_>, desired: &Value, body: &mut Value, difference: &Difference) -> Result<(), PatchError> {
    let place = Place::find(context.catalogue, body, &difference.path);
    let rules = context.catalogue.rules_at(&difference.path);
    let value = difference.after.as_ref().map(|after| {
        let observed = place.value(body);
        keep_unknown_keys(context, rules, &difference.path, after, observed)
    });
    write(body, &place.pointer, value.clone(), difference)?;
    if let Some(renamed) = place.renamed {
        write(body, &renamed, None, difference)?;
    }
    if let Some(mirror) = mirror(context.catalogue, desired, body, &difference.path)
        && mirror.parent_exists(body)
    {
        write(body, &mirror.pointer, value, difference)?;
    }
    Ok(())
}

fn write(
    body: &mut Value,
    pointer: &[String],
    value: Option<Value>,
    difference: &Difference,
) -> Result<(), PatchError> {
    let path = PointerBuf::from_tokens(pointer.iter().map(String::as_str));
    let exists = path.resolve(body).is_ok();
    let operation = match value {
        Some(value) if exists => PatchOperation::Replace(json_patch::ReplaceOperation { path, value }),
        Some(value) => PatchOperation::Add(AddOperation { path, value }),
        None if exists => PatchOperation::Remove(RemoveOperation { path }),
        None => return Ok(()),
    };
    json_patch::patch(body, &[operation])
        .map_err(|error| PatchError { path: difference.path.clone(), reason: error.to_string() })
}

/// Where a path stands in one concrete document: keys of keyed lists become indices, renamed keys their siblings.
struct Place {
    pointer: Vec<String>,
    /// The sibling under which the service returned the field, to be dropped when the field is written.
    renamed: Option<Vec<String>>,
}

impl Place {
    fn find(catalogue: &Catalogue, document: &Value, path: &FieldPath) -> Self {
        let mut pointer: Vec<String> = Vec::with_capacity(path.segments().len());
        let mut renamed = None;
        let mut rules = catalogue.rules();
        let mut here = Some(document);
        for (depth, segment) in path.segments().iter().enumerate() {
            let is_last = depth + 1 == path.segments().len();
            let list = rules.field();
            rules = rules.child(segment);
            let field = rules.field();
            let mut step = segment.clone();
            match here {
                Some(Value::Array(items)) => {
                    if let ListRule::Keyed(key) = &list.list {
                        let index = items.iter().position(|item| element_name(item, key).as_ref() == Some(segment));
                        step = index.map_or_else(|| "-".to_owned(), |index| index.to_string());
                    }
                    here = step.parse::<usize>().ok().and_then(|index| items.get(index));
                }
                Some(Value::Object(map)) => {
                    let returned = field.returned_key(segment).filter(|name| map.contains_key(name));
                    if is_last && let Some(returned) = returned {
                        renamed = Some([pointer.as_slice(), &[returned]].concat());
                    }
                    let mirrored = field.mirrored_key(segment).filter(|name| map.contains_key(name));
                    if let Some(mirrored) = mirrored.filter(|_| !map.contains_key(segment)) {
                        step = mirrored;
                    }
                    here = map.get(&step);
                }
                _ => here = None,
            }
            pointer.push(step);
        }
        Self { pointer, renamed }
    }

    fn value<'document>(&self, document: &'document Value) -> Option<&'document Value> {
        self.pointer.iter().try_fold(document, |value, segment| match value {
            Value::Array(items) => items.get(segment.parse::<usize>().ok()?),
            Value::Object(map) => map.get(segment),
            _ => None,
        })
    }

    fn parent_exists(&self, document: &Value) -> bool {
        let mut parent = self.pointer.clone();
        parent.pop();
        Self { pointer: parent, renamed: None }.value(document).is_some()
    }
}

/// The same place in the copy that the service keeps of a mirrored field: both must say the same in what is sent.
///
/// `None` when there is no copy, or when the manifest manages the copy itself.
fn mirror(catalogue: &Catalogue, desired: &Value, document: &Value, path: &FieldPath) -> Option<Place> {
    let mut rules = catalogue.rules();
    let mut parent = FieldPath::root();
    for (depth, segment) in path.segments().iter().enumerate() {
        rules = rules.child(segment);
        if let Some(copy) = rules.field().mirrored_key(segment) {
            let copied = Place::find(catalogue, document, &parent.child(copy.as_str()));
            let managed = Place::find(catalogue, desired, &parent.child(copy.as_str())).value(desired).is_some();
            let original = Place::find(catalogue, document, &parent.child(segment.as_str()));
            if managed || copied.value(document).is_none() || original.pointer == copied.pointer {
                return None;
            }
            let below = &path.segments()[depth + 1..];
            let place = below.iter().fold(parent.child(copy), |place, segment| place.child(segment.as_str()));
            return Some(Place::find(catalogue, document, &place));
        }
        parent.push(segment.as_str());
    }
    None
}

/// A list that is written as a whole still keeps, element by element, the keys that only the service knows.
fn keep_unknown_keys(
    context: &Context<'_>,
    rules: Rules<'_>,
    path: &FieldPath,
    after: &Value,
    observed: Option<&Value>,
) -> Value {
    let (Value::Array(items), Some(Value::Array(others))) = (after, observed) else {
        return after.clone();
    };
    let same_length = items.len() == others.len();
    let overlay_on = |index: usize, item: &Value| -> Option<Value> {
        let rules = rules.child(&index.to_string());
        let means_the_same =
            |other: &&Value| item.is_object() && verdict(context, rules, path, item, Some(other)) == Verdict::Same;
        let base = others.iter().find(means_the_same).or_else(|| others.get(index).filter(|_| same_length))?;
        Some(overlay(item.as_object()?, base.as_object()?))
    };
    items.iter().enumerate().map(|(index, item)| overlay_on(index, item).unwrap_or_else(|| item.clone())).collect()
}

fn overlay(item: &Map<String, Value>, base: &Map<String, Value>) -> Value {
    let mut merged = base.clone();
    for (key, value) in item {
        let value = match (value, base.get(key)) {
            (Value::Object(inner), Some(Value::Object(below))) => overlay(inner, below),
            _ => value.clone(),
        };
        merged.insert(key.clone(), value);
    }
    Value::Object(merged)
}

fn renew_signatures(rules: Rules<'_>, desired: &Value, body: &mut Value) {
    match (desired, body) {
        (Value::Object(desired), Value::Object(body)) => {
            for (key, value) in desired {
                if let Some(other) = body.get_mut(key) {
                    renew_signatures(rules.child(key), value, other);
                }
            }
        }
        (Value::Array(desired), Value::Array(body)) => {
            for (index, value) in desired.iter().enumerate() {
                let other = match &rules.field().list {
                    ListRule::Keyed(key) => {
                        let wanted = element_name(value, key);
                        body.iter_mut().find(|other| wanted.is_some() && element_name(other, key) == wanted)
                    }
                    _ => body.get_mut(index),
                };
                if let Some(other) = other {
                    renew_signatures(rules.child(&index.to_string()), value, other);
                }
            }
        }
        (Value::String(wanted), Value::String(found)) if wanted != found => {
            if let (Some(desired), Some(observed)) = (address(wanted), address(found))
                && desired.signed
                && desired.file == observed.file
            {
                found.clone_from(wanted);
            }
        }
        _ => {}
    }
}
