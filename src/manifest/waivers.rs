//! Waivers that waive nothing, because their path is misspelt: the next plan would revert what somebody was promised.

use super::diagnostic::{Diagnostic, shortened};
use super::keys;
use super::node::{Entry, Kind, Node};
use super::suggestion::closest;
use crate::offer::{Catalogue, FieldPath, ListRule, OfferType};

/// Checks the paths of the waivers of a `reconcile` section that can be read.
pub(super) fn check(
    reconcile: &Node,
    definition: &Entry,
    offer_type: Option<&OfferType>,
    faults: &mut Vec<Diagnostic>,
) {
    let Some(Kind::List(waivers)) = reconcile.get("ignore").map(|entry| &entry.value.kind) else { return };
    for path in waivers.iter().filter_map(|waiver| waiver.get("path")) {
        // A pattern was refused already.
        let text = path.value.as_text().filter(|text| !text.contains('*'));
        let parsed = text.and_then(|text| FieldPath::parse(text).ok());
        let Some(meant) = parsed.and_then(|path| meant(&path, definition, offer_type)) else { continue };
        let text = text.map_or("", |text| text);
        let message = format!("`{}` is the path of no known field, so this waives nothing", shortened(text));
        faults.push(
            Diagnostic::warning("unknown-path", message, path.value.span, "").help(format!("did you mean `{meant}`?")),
        );
    }
}

/// The path with what was meant in the place of its first segment that is misspelt; `None` when none is.
fn meant(path: &FieldPath, definition: &Entry, offer_type: Option<&OfferType>) -> Option<FieldPath> {
    let mut rules = Catalogue::built_in().rules().child("definition");
    let mut here = Some(&definition.value);
    for (index, segment) in path.segments().iter().enumerate().skip(1) {
        let meant = match &rules.field().list {
            ListRule::Keyed(key) => misspelt_element(here, key, segment),
            _ => keys::meant(offer_type, rules, segment),
        };
        if let Some(meant) = meant {
            let mut segments = path.segments().to_vec();
            segments[index] = meant;
            return Some(segments.iter().fold(FieldPath::root(), |path, segment| path.child(segment)));
        }
        here = here.and_then(|node| below(node, &rules.field().list, segment));
        rules = rules.child(segment);
    }
    None
}

fn below<'node>(node: &'node Node, list: &ListRule, segment: &str) -> Option<&'node Node> {
    match (&node.kind, list) {
        (Kind::List(items), ListRule::Keyed(key)) => {
            items.iter().find(|item| name(item, key).as_deref() == Some(segment))
        }
        _ => node.get(segment).map(|entry| &entry.value),
    }
}

fn name(item: &Node, key: &str) -> Option<String> {
    item.get(key)?.value.name()
}

/// The declared element whose name resembles one that no element has. It may still be one that only the service has.
fn misspelt_element(list: Option<&Node>, key: &str, named: &str) -> Option<String> {
    let Kind::List(items) = &list?.kind else { return None };
    let declared: Vec<String> = items.iter().filter_map(|item| name(item, key)).collect();
    if declared.iter().any(|known| known == named) {
        return None;
    }
    closest(named, declared.iter().map(String::as_str)).map(str::to_owned)
}
