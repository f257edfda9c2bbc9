//! When two values mean the same: the rules of the catalogue, applied to one value of each side.

use std::borrow::Cow;

use serde_json::{Map, Number, Value};

use super::elements::Elements;
use super::media::{MediaTrust, Origin};
use super::url::{address, differ_only_in_signature};
use super::verdict::{Doubt, Sameness, Unlikeness, Verdict};
use super::{Context, is_secret_placeholder};
use crate::offer::{Field, FieldPath, ListRule, Ownership, Rules, ValueKind, element_name};

/// Whether the value says nothing: the service spells "unset" as null, "", {}, [] or by absence.
pub(crate) fn is_unset(value: &Value) -> bool {
    match value {
        Value::Null => true,
        Value::String(text) => text.is_empty(),
        Value::Array(items) => items.is_empty(),
        Value::Object(map) => map.is_empty(),
        Value::Bool(_) | Value::Number(_) => false,
    }
}

/// Why two values mean the same, when they are the same text, number or truth value, or the same address with another
/// signature.
///
/// Under any rule these mean the same, so that no rule need be looked up: most of a document is in sync most of the time.
pub(super) fn same_at_sight(desired: &Value, observed: &Value) -> Option<Sameness> {
    let identical = |same: bool| same.then_some(Sameness::Identical);
    match (desired, observed) {
        (Value::String(desired), Value::String(observed)) => identical(desired == observed)
            .or_else(|| differ_only_in_signature(desired, observed).then_some(Sameness::Signature)),
        (Value::Number(desired), Value::Number(observed)) => identical(desired == observed),
        (Value::Bool(desired), Value::Bool(observed)) => identical(desired == observed),
        _ => None,
    }
}

/// Whether an observed value is what would be there if nothing had ever been sent.
pub(super) fn is_unset_or_default(field: &Field, value: &Value) -> bool {
    is_unset(value) || field.default.as_ref().is_some_and(|default| same_plainly(default, value))
}

/// The key under which an observed map holds a field: its own, or the sibling where the service puts it.
pub(super) fn observed_key<'key>(
    observed: &Map<String, Value>,
    key: &'key str,
    field: &Field,
) -> Option<Cow<'key, str>> {
    if observed.contains_key(key) {
        return Some(Cow::Borrowed(key));
    }
    let elsewhere = [field.returned_key(key), field.mirrored_key(key), field.default_from.clone()];
    elsewhere.into_iter().flatten().find(|name| observed.contains_key(name)).map(Cow::Owned)
}

/// The observed value of a key, wherever the service puts it.
pub(super) fn observed_child<'value>(
    observed: &'value Map<String, Value>,
    key: &str,
    field: &Field,
) -> Option<&'value Value> {
    observed.get(key).or_else(|| observed.get(observed_key(observed, key, field)?.as_ref()))
}

/// The value that somebody set for a key: not what would be there if nothing had ever been sent.
pub(crate) fn set_value<'value>(
    observed: &'value Map<String, Value>,
    key: &str,
    field: &Field,
) -> Option<&'value Value> {
    let value = observed_child(observed, key, field)?;
    let follows_sibling = field.default_from.as_ref().is_some_and(|sibling| observed.get(sibling) == Some(value));
    (!follows_sibling && !is_unset_or_default(field, value)).then_some(value)
}

/// The element that stands for a desired one in another list, and the path segment that names the pair.
pub(super) fn counterpart<'value>(
    field: &Field,
    index: usize,
    element: &Value,
    others: &'value [Value],
) -> (String, Option<&'value Value>) {
    if let ListRule::Keyed(key) = &field.list
        && let Some(wanted) = element_name(element, key)
    {
        let other = others.iter().find(|other| element_name(other, key).as_deref() == Some(wanted.as_str()));
        return (wanted, other);
    }
    (index.to_string(), others.get(index))
}

/// Compares a desired value with what was observed in its place.
///
/// Maps are compared by what is desired: a key that only the service knows is unmanaged and no difference.
pub(super) fn verdict(
    context: &Context<'_>,
    rules: Rules<'_>,
    path: &FieldPath,
    desired: &Value,
    observed: Option<&Value>,
) -> Verdict {
    let field = rules.field();
    if field.ownership != Ownership::Publisher {
        return Verdict::Same(Sameness::ServiceOwned);
    }
    if is_secret_placeholder(desired) {
        return if observed == Some(desired) { identical() } else { Verdict::Unverifiable(Doubt::Secret) };
    }
    let Some(observed) = observed.filter(|observed| !is_unset(observed)) else {
        // A field that the service renames is sometimes not returned under the other name either.
        let is_hidden = observed.is_none() && field.returned_as.is_some();
        let verdict = absent(context, rules, path, desired);
        return if is_hidden { verdict.min(Verdict::Unverifiable(Doubt::NotReturned)) } else { verdict };
    };
    match (desired, observed) {
        (desired, observed) if is_unset(desired) && is_unset_or_default(field, observed) => {
            Verdict::Same(Sameness::Default)
        }
        (Value::Object(desired), Value::Object(observed)) => worst(desired.iter().map(|(key, value)| {
            if let Some(sameness) = observed.get(key).and_then(|observed| same_at_sight(value, observed)) {
                return Verdict::Same(sameness);
            }
            let rules = rules.child(key);
            verdict(context, rules, &path.child(key.as_str()), value, observed_child(observed, key, rules.field()))
        })),
        (Value::Array(desired), Value::Array(observed)) => lists(context, rules, path, desired, observed),
        (Value::String(desired), Value::String(observed)) => texts(context, path, desired, observed),
        (Value::Number(desired), Value::Number(observed)) if desired == observed => identical(),
        (Value::Number(desired), Value::Number(observed)) => {
            when(same_number(desired, observed), Sameness::Number, Unlikeness::Value)
        }
        (desired, observed) => when(desired == observed, Sameness::Identical, unlike(desired, observed)),
    }
}

/// Whether two values that the service holds mean the same, as far as anybody can compare them.
pub(crate) fn mean_the_same(
    context: &Context<'_>,
    rules: Rules<'_>,
    path: &FieldPath,
    one: Option<&Value>,
    other: Option<&Value>,
) -> bool {
    let leads =
        |said: Option<&Value>, other| said.is_some_and(|it| verdict(context, rules, path, it, other).is_different());
    !leads(one, other) && !leads(other, one)
}

/// Why two values that are no two texts, numbers, maps or lists differ.
fn unlike(desired: &Value, observed: &Value) -> Unlikeness {
    if is_unset(desired) {
        Unlikeness::Unwanted
    } else if std::mem::discriminant(desired) == std::mem::discriminant(observed) {
        Unlikeness::Value
    } else {
        Unlikeness::Kind
    }
}

/// Compares a desired value with nothing: what the service would add by itself need not be there.
fn absent(context: &Context<'_>, rules: Rules<'_>, path: &FieldPath, desired: &Value) -> Verdict {
    if is_unset(desired) {
        return Verdict::Same(Sameness::Unset);
    }
    if is_unset_or_default(rules.field(), desired) {
        return Verdict::Same(Sameness::Default);
    }
    match desired {
        Value::Object(map) => worst(
            map.iter().map(|(key, value)| verdict(context, rules.child(key), &path.child(key.as_str()), value, None)),
        ),
        // A secret is never returned, also one that stands in the manifest in plain sight.
        Value::String(_) if rules.field().value == ValueKind::Secret => Verdict::Unverifiable(Doubt::Secret),
        _ => Verdict::Different(Unlikeness::Missing),
    }
}

fn lists(context: &Context<'_>, rules: Rules<'_>, path: &FieldPath, desired: &[Value], observed: &[Value]) -> Verdict {
    match &rules.field().list {
        ListRule::Set => same_set(context, rules, path, desired, observed),
        ListRule::Keyed(_) | ListRule::Atomic => {
            if desired.len() != observed.len() {
                return Verdict::Different(Unlikeness::Length);
            }
            let by_name = match &rules.field().list {
                ListRule::Keyed(key) => Elements::new(desired, key).are_distinct(),
                ListRule::Set | ListRule::Atomic => false,
            };
            worst(desired.iter().enumerate().map(|(index, element)| {
                if let Some(sameness) = observed.get(index).and_then(|observed| same_at_sight(element, observed)) {
                    return Verdict::Same(sameness);
                }
                let (segment, other) = if by_name {
                    counterpart(rules.field(), index, element, observed)
                } else {
                    (index.to_string(), observed.get(index))
                };
                verdict(context, rules.child(&segment), &path.child(segment), element, other)
            }))
        }
    }
}

fn same_set(
    context: &Context<'_>,
    rules: Rules<'_>,
    path: &FieldPath,
    desired: &[Value],
    observed: &[Value],
) -> Verdict {
    if desired == observed {
        return identical();
    }
    let texts = || desired.iter().chain(observed).filter_map(Value::as_str);
    if texts().count() == desired.len() + observed.len() {
        // Only addresses mean the same although they are spelt in different ways.
        let are_same = members(desired) == members(observed);
        if are_same || !texts().any(|text| text.contains("://")) {
            return when(are_same, Sameness::Order, Unlikeness::Members);
        }
    }
    let has = |values: &[Value], wanted: &dyn Fn(&Value) -> bool| values.iter().any(wanted);
    let same = |one: &Value, other: &Value| {
        !verdict(context, rules.element(), &path.child("*"), one, Some(other)).is_different()
    };
    when(
        desired.iter().all(|one| has(observed, &|other| same(one, other)))
            && observed.iter().all(|other| has(desired, &|one| same(one, other))),
        Sameness::Order,
        Unlikeness::Members,
    )
}

fn members(values: &[Value]) -> Vec<&str> {
    let mut members: Vec<_> = values.iter().filter_map(Value::as_str).collect();
    members.sort_unstable();
    members.dedup();
    members
}

fn texts(context: &Context<'_>, path: &FieldPath, desired: &str, observed: &str) -> Verdict {
    if desired == observed {
        return identical();
    }
    let (Some(wanted), Some(found)) = (address(desired), address(observed)) else {
        let is_markup = || context.catalogue.rules_at(path).field().value == ValueKind::Html;
        return when(differ_only_in_line_ends(desired, observed) && is_markup(), Sameness::LineEnds, Unlikeness::Text);
    };
    if wanted.file == found.file {
        return when(wanted.signed || found.signed, Sameness::Signature, Unlikeness::Text);
    }
    if !context.catalogue.is_media_storage(&found.host) {
        return Verdict::Different(Unlikeness::File);
    }
    if context.media_trust == MediaTrust::JustWritten {
        return Verdict::Same(Sameness::JustWritten);
    }
    match context.media.origin(path, &wanted.file, &found.file) {
        Origin::Ours => Verdict::Same(Sameness::Served),
        Origin::Other if context.media_trust == MediaTrust::InSlot => Verdict::Same(Sameness::ServedInSlot),
        Origin::Other | Origin::Foreign => Verdict::Different(Unlikeness::Replaced),
        Origin::Former => Verdict::Different(Unlikeness::FormerSource),
        // An address in the service's own storage was copied from there; it is sent as it is and comes back as it is.
        Origin::Unknown if context.catalogue.is_media_storage(&wanted.host) => Verdict::Different(Unlikeness::File),
        Origin::Unknown if context.media_trust == MediaTrust::Resend => Verdict::Different(Unlikeness::SentAgain),
        Origin::Unknown => Verdict::Unverifiable(Doubt::Unrecorded),
    }
}

/// The portal's form sends the line ends of Windows, which mean nothing in markup and which `$file` does not keep.
fn differ_only_in_line_ends(one: &str, other: &str) -> bool {
    (one.contains('\r') || other.contains('\r')) && one.replace("\r\n", "\n") == other.replace("\r\n", "\n")
}

/// Numbers by value: `1` is `1.0`, and integers above 2^53 are told apart.
fn same_number(one: &Number, other: &Number) -> bool {
    let integer = |number: &Number| number.as_i64().map(i128::from).or_else(|| number.as_u64().map(i128::from));
    match (integer(one), integer(other)) {
        (Some(one), Some(other)) => one == other,
        (None, None) => one.as_f64() == other.as_f64(),
        (Some(integer), None) => is_integer(other, integer),
        (None, Some(integer)) => is_integer(one, integer),
    }
}

fn is_integer(float: &Number, integer: i128) -> bool {
    // Exact: a float beyond 2^127 saturates, and no JSON integer is that large.
    #[expect(clippy::cast_possible_truncation)]
    float.as_f64().is_some_and(|float| float.fract() == 0.0 && float as i128 == integer)
}

/// Equality of plain JSON with numbers by value; for catalogue defaults, where no rule applies inside.
fn same_plainly(one: &Value, other: &Value) -> bool {
    match (one, other) {
        (Value::Number(one), Value::Number(other)) => same_number(one, other),
        (Value::Object(one), Value::Object(other)) => {
            one.len() == other.len()
                && one.iter().all(|(key, value)| other.get(key).is_some_and(|other| same_plainly(value, other)))
        }
        (Value::Array(one), Value::Array(other)) => {
            one.len() == other.len() && one.iter().zip(other).all(|(one, other)| same_plainly(one, other))
        }
        _ => one == other,
    }
}

fn identical() -> Verdict {
    Verdict::Same(Sameness::Identical)
}

fn when(same: bool, sameness: Sameness, unlikeness: Unlikeness) -> Verdict {
    if same { Verdict::Same(sameness) } else { Verdict::Different(unlikeness) }
}

fn worst(verdicts: impl Iterator<Item = Verdict>) -> Verdict {
    let mut worst = identical();
    for verdict in verdicts {
        worst = worst.max(verdict);
        if worst.is_different() {
            break;
        }
    }
    worst
}
