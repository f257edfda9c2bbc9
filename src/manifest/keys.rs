//! The keys of an offer and of an offer plan: the service may know more of them than the catalogue, so one that is not
//! listed is a warning, and is sent as it is.

use std::cell::LazyCell;

use super::diagnostic::{Diagnostic, shortened};
use super::node::Entry;
use crate::offer::{Catalogue, Field, KeysOf, KnownWords, OfferType, Rules, closest_of_few};

/// Checks the keys of a map of a definition.
pub(super) fn check(
    keys: KeysOf,
    offer_type: &OfferType,
    rules: Rules<'_>,
    entries: &[Entry],
    faults: &mut Vec<Diagnostic>,
) {
    let names = LazyCell::new(|| names(offer_type, rules));
    for entry in entries {
        let closest = |name: &str| names.closest(name);
        let Some(fault) = judged(keys, offer_type, rules, &entry.key, closest) else { continue };
        let help = match fault {
            Fault::OfOthers(owners) => format!("it is a key of {owners}"),
            Fault::Misspelt(meant) => format!("did you mean `{meant}`?"),
            Fault::Unknown => "check the spelling; if the service knows it, all is well".to_owned(),
        };
        let key = shortened(&entry.key);
        let message = format!("`{key}` is no known key of {}, and is sent as it is", offer_type.offers());
        faults.push(Diagnostic::warning("unknown-key", message, entry.key_span, "").help(help));
    }
}

/// What is wrong with a key.
enum Fault {
    /// These other offers have it.
    OfOthers(String),
    /// This one was meant.
    Misspelt(String),
    /// Nobody published it.
    Unknown,
}

fn judged<'a>(
    keys: KeysOf,
    offer_type: &'a OfferType,
    rules: Rules<'a>,
    key: &'a str,
    closest: impl FnOnce(&str) -> Option<&'a str>,
) -> Option<Fault> {
    let field = rules.child(key).field();
    let (namespace, name) = key.rsplit_once('.').map_or((None, key), |(namespace, name)| (Some(namespace), name));
    let is_listed = field.place.is_some();
    let has_its_namespace = !field.has_namespace()
        || namespace.is_some_and(|own| offer_type.namespaces(keys).iter().any(|known| known == own));
    if is_listed && let Some(owners) = owners(field, offer_type) {
        return Some(Fault::OfOthers(owners));
    }
    if is_listed && has_its_namespace {
        return None;
    }
    let spelt = if is_listed { Some(name) } else { closest(name) };
    let full = spelt.map(|name| offer_type.key(keys, rules.child(name).field(), name));
    Some(full.map_or(Fault::Unknown, Fault::Misspelt))
}

/// The places whose keys [`check`] looks at, where the offer type is known.
const CHECKED_WITH_THE_OFFER_TYPE: [&str; 3] =
    ["/definition/offer", "/definition/plans/*", "/definition/plans/*/diskGenerations/*"];

/// Checks the keys of a map further inside. Few of its keys are published, so only a near miss is worth a word.
pub(super) fn check_inside(rules: Rules<'_>, entries: &[Entry], faults: &mut Vec<Diagnostic>) {
    if CHECKED_WITH_THE_OFFER_TYPE.contains(&rules.field().path.as_str()) {
        return;
    }
    let is_beside = |meant: &str| entries.iter().any(|entry| *entry.key == *meant);
    faults.extend(entries.iter().filter_map(|entry| {
        // Two keys that resemble each other are most likely both right, but for their case.
        let is_other = |meant: &&str| !is_beside(meant) || meant.eq_ignore_ascii_case(&entry.key);
        let meant = misspelt_inside(rules, &entry.key).filter(is_other)?;
        let message = format!("`{}` is no known key here, and is sent as it is", shortened(&entry.key));
        Some(Diagnostic::warning("unknown-key", message, entry.key_span, "").help(format!("did you mean `{meant}`?")))
    }));
}

/// The key that was meant by one further inside, if it resembles one.
fn misspelt_inside<'catalogue>(rules: Rules<'catalogue>, key: &str) -> Option<&'catalogue str> {
    let field = rules.child(key).field();
    // A table of keys is looked up elsewhere.
    let has_table = rules.field().takes.as_ref().is_some_and(|takes| takes.keys.is_some());
    if has_table || (field.place.is_some() && !field.is_named_by_people()) {
        return None;
    }
    closest_of_few(key, rules.listed()).filter(|meant| *meant != key)
}

/// What was meant by a key that nobody published: of an offer or offer plan, or further inside.
pub(super) fn meant(offer_type: Option<&OfferType>, rules: Rules<'_>, key: &str) -> Option<String> {
    let keys = match rules.field().path.as_str() {
        "/definition/offer" => KeysOf::Offer,
        path if CHECKED_WITH_THE_OFFER_TYPE.contains(&path) => KeysOf::OfferPlan,
        _ => return misspelt_inside(rules, key).map(str::to_owned),
    };
    let offer_type = offer_type?;
    match judged(keys, offer_type, rules, key, |name| names(offer_type, rules).closest(name))? {
        Fault::Misspelt(meant) => Some(meant),
        Fault::OfOthers(_) | Fault::Unknown => None,
    }
}

/// The other offers that the field belongs to; `None` when it belongs to these too.
fn owners(field: &Field, offer_type: &OfferType) -> Option<String> {
    let types = Catalogue::built_in().offer_types().iter().filter(|known| known.has(field));
    (!offer_type.has(field)).then(|| types.map(OfferType::offers).collect::<Vec<_>>().join(" and "))
}

/// The names, without namespace, of the keys that these offers have here.
fn names<'a>(offer_type: &OfferType, rules: Rules<'a>) -> KnownWords<'a> {
    KnownWords::of(rules.listed().into_iter().filter(|name| offer_type.has(rules.child(name).field())))
}
