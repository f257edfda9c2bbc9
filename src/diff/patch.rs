//! The document to send: the observed one, every unknown key kept, with the desired changes as an RFC 6902 patch.

use json_patch::jsonptr::PointerBuf;
use json_patch::{AddOperation, PatchOperation, RemoveOperation};
use serde_json::{Map, Value};

use super::clean::without_service_keys;
use super::compare::without_removals;
use super::equality::{is_unset, verdict};
use super::url::address;
use super::{Context, Difference};
use crate::offer::{Catalogue, FieldPath, ListRule, Rules, ValueKind, element_name};

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
    let kept = without_service_keys(context.catalogue, observed);
    let mut body = kept.clone();
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
    send_unseen(context.catalogue.rules(), desired, &mut body);
    for ignored in context.ignore {
        put_back(context.catalogue, &kept, &mut body, &ignored.path);
    }
    Ok(body)
}

/// Leaves a field that somebody else owns as it was read, whatever was written around it.
fn put_back(catalogue: &Catalogue, kept: &Value, body: &mut Value, path: &FieldPath) {
    let concrete = catalogue.in_document(body, path);
    let Some((last, parents)) = concrete.segments().split_last() else { return };
    let parent = parents.iter().try_fold(body, |value, segment| match value {
        Value::Array(items) => items.get_mut(segment.parse::<usize>().ok()?),
        value => value.get_mut(segment),
    });
    let Some(Value::Object(map)) = parent else { return };
    match kept.pointer(&catalogue.in_document(kept, path).to_string()) {
        Some(value) => drop(map.insert(last.clone(), value.clone())),
        None => drop(map.shift_remove(last)),
    }
}

fn apply(context: &Context<'_>, desired: &Value, body: &mut Value, difference: &Difference) -> Result<(), PatchError> {
    let place = Place::find(context.catalogue, body, &difference.path);
    let mirror = mirror(context.catalogue, desired, body, &difference.path, &place);
    let rules = context.catalogue.rules_at(&difference.path);
    let value = difference.after.as_ref().map(|after| {
        let declared = Place::find(context.catalogue, desired, &difference.path).value(desired).unwrap_or(after);
        keep_unknown_keys(context, rules, &difference.path, declared, place.value(body))
    });
    write(body, &place.pointer, value.clone(), difference)?;
    if let Some(renamed) = place.renamed {
        write(body, &renamed, None, difference)?;
    }
    if let Some(mirror) = mirror.filter(|mirror| mirror.parent_exists(body)) {
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

/// The same place in the other copy of a mirrored field: both must say the same in what is sent.
///
/// `None` when there is no other copy, or when the manifest manages that one itself.
fn mirror(
    catalogue: &Catalogue,
    desired: &Value,
    document: &Value,
    path: &FieldPath,
    written: &Place,
) -> Option<Place> {
    let mut rules = catalogue.rules();
    let mut parent = FieldPath::root();
    for (depth, segment) in path.segments().iter().enumerate() {
        let here = rules.child(segment);
        if let Some(twin) = here.field().mirrored_key(segment).or_else(|| rules.mirrored_from(segment)) {
            let holds_twin = |document: &Value| {
                Place::find(catalogue, document, &parent).value(document).is_some_and(|map| map.get(&twin).is_some())
            };
            let is_written_there = written.pointer.get(depth) == Some(&twin);
            if is_written_there || holds_twin(desired) || !holds_twin(document) {
                return None;
            }
            let below = &path.segments()[depth + 1..];
            let place = below.iter().fold(parent.child(twin), |place, segment| place.child(segment.as_str()));
            return Some(Place::find(catalogue, document, &place));
        }
        rules = here;
        parent.push(segment.as_str());
    }
    None
}

/// A list that is written as a whole still keeps, element by element, the keys that only the service knows.
fn keep_unknown_keys(
    context: &Context<'_>,
    rules: Rules<'_>,
    path: &FieldPath,
    declared: &Value,
    observed: Option<&Value>,
) -> Value {
    let (Value::Array(items), Some(Value::Array(others))) = (declared, observed) else {
        return without_removals(declared);
    };
    let bases = lenders(context, rules, path, items, others);
    items.iter().zip(bases).map(|(item, base)| overlay(item, base)).collect()
}

/// Which observed element lends each declared one the keys that only the service knows.
pub(crate) fn lenders<'value>(
    context: &Context<'_>,
    rules: Rules<'_>,
    path: &FieldPath,
    items: &[Value],
    others: &'value [Value],
) -> Vec<Option<&'value Value>> {
    // Each observed element lends its keys once, so that no id of the service appears twice.
    let mut lenders: Vec<_> = others.iter().map(Some).collect();
    let mut bases: Vec<_> = items
        .iter()
        .map(|item| {
            let rules = rules.element();
            let means_the_same = |lender: &mut Option<&Value>| {
                item.is_object() && lender.is_some() && verdict(context, rules, path, item, *lender).is_same()
            };
            lenders.iter_mut().find_map(|lender| if means_the_same(lender) { lender.take() } else { None })
        })
        .collect();
    if items.len() == others.len() {
        for (base, lender) in bases.iter_mut().zip(&mut lenders).filter(|(base, _)| base.is_none()) {
            *base = lender.take();
        }
    }
    bases
}

/// The declared value over the observed one: unknown keys stay, a declared `null` removes.
fn overlay(declared: &Value, observed: Option<&Value>) -> Value {
    let (Value::Object(declared), Some(Value::Object(observed))) = (declared, observed) else {
        return without_removals(declared);
    };
    let mut merged = observed.clone();
    for (key, value) in declared {
        if value.is_null() {
            merged.shift_remove(key);
        } else {
            merged.insert(key.clone(), overlay(value, observed.get(key)));
        }
    }
    Value::Object(merged)
}

/// Sends what cannot be seen to be there: the newest signature of each file, renamed fields that never come back, and
/// secrets.
fn send_unseen(rules: Rules<'_>, desired: &Value, body: &mut Value) {
    match (desired, body) {
        (Value::Object(desired), Value::Object(body)) => {
            for (key, value) in desired {
                let rules = rules.child(key);
                if let Some(other) = body.get_mut(key) {
                    send_unseen(rules, value, other);
                } else if is_never_seen(rules, key, body) && !value.is_null() {
                    body.insert(key.clone(), value.clone());
                }
            }
        }
        (Value::Array(desired), Value::Array(body)) => {
            for (index, value) in desired.iter().enumerate() {
                let (segment, other) = counterpart_mut(rules, index, value, body);
                if let Some(other) = other {
                    send_unseen(rules.child(&segment), value, other);
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

/// Whether the service may have the field although what it returned does not show it.
fn is_never_seen(rules: Rules<'_>, key: &str, body: &Map<String, Value>) -> bool {
    let field = rules.field();
    let renamed = field.returned_key(key).is_some_and(|returned| body.get(&returned).is_none_or(is_unset));
    renamed || field.value == ValueKind::Secret
}

fn counterpart_mut<'body>(
    rules: Rules<'_>,
    index: usize,
    element: &Value,
    body: &'body mut [Value],
) -> (String, Option<&'body mut Value>) {
    if let ListRule::Keyed(key) = &rules.field().list
        && let Some(wanted) = element_name(element, key)
    {
        let other = body.iter_mut().find(|other| element_name(other, key).as_ref() == Some(&wanted));
        return (wanted, other);
    }
    (index.to_string(), body.get_mut(index))
}
