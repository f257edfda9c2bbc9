//! The keys of an offer and of an offer plan: the service may know more of them than the catalogue, so one that is not
//! listed is a warning, and is sent as it is.

use super::diagnostic::{Diagnostic, shortened};
use super::node::Entry;
use super::suggestion::closest;
use crate::offer::{Catalogue, Field, KeysOf, OfferType, Rules};

/// Checks the keys of a map of a definition.
pub(super) fn check(
    keys: KeysOf,
    offer_type: &OfferType,
    rules: Rules<'_>,
    entries: &[Entry],
    faults: &mut Vec<Diagnostic>,
) {
    for entry in entries {
        faults.extend(check_key(keys, offer_type, rules, entry));
    }
}

fn check_key(keys: KeysOf, offer_type: &OfferType, rules: Rules<'_>, entry: &Entry) -> Option<Diagnostic> {
    let key = &*entry.key;
    let field = rules.child(key).field();
    let (namespace, name) = key.rsplit_once('.').map_or((None, key), |(namespace, name)| (Some(namespace), name));
    let is_listed = field.place.is_some();
    let has_its_namespace = !field.has_namespace()
        || namespace.is_some_and(|own| offer_type.namespaces(keys).iter().any(|known| known == own));
    let help = if is_listed && let Some(owners) = owners(field, offer_type) {
        format!("it is a key of {owners}")
    } else if is_listed && has_its_namespace {
        return None;
    } else {
        let spelt = if is_listed { Some(name) } else { closest(name, names(offer_type, rules)) };
        let full = spelt.map(|name| offer_type.key(keys, rules.child(name).field(), name));
        match full {
            Some(meant) => format!("did you mean `{meant}`?"),
            None => "check the spelling; if the service knows it, all is well".to_owned(),
        }
    };
    let message = format!("`{}` is no known key of {}, and is sent as it is", shortened(key), offer_type.offers());
    Some(Diagnostic::warning("unknown-key", message, entry.key_span, "").help(help))
}

/// The other offers that the field belongs to; `None` when it belongs to these too.
fn owners(field: &Field, offer_type: &OfferType) -> Option<String> {
    let types = Catalogue::built_in().offer_types().iter().filter(|known| known.has(field));
    (!offer_type.has(field)).then(|| types.map(OfferType::offers).collect::<Vec<_>>().join(" and "))
}

/// The names, without namespace, of the keys that these offers have here.
fn names<'a>(offer_type: &'a OfferType, rules: Rules<'a>) -> impl Iterator<Item = &'a str> {
    let is_theirs = move |name: &&str| offer_type.has(rules.child(name).field());
    rules.listed().into_iter().filter(is_theirs)
}
