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
        let shown = shortened(text.map_or("", |text| text));
        let (message, help) = match meant {
            Meant::Key(meant) => (
                format!("`{shown}` is the path of no known field, so this waives nothing"),
                format!("did you mean `{meant}`?"),
            ),
            Meant::Element { named, kind, path } => (
                format!("`{shown}` is for `{}`, which is no {kind} of this manifest", shortened(&named)),
                format!("did you mean `{path}`? If the service has `{}`, all is well", shortened(&named)),
            ),
        };
        faults.push(Diagnostic::warning("unknown-path", message, path.value.span, "").help(help));
    }
}

/// The path with what was meant in the place of its first segment that is misspelt.
enum Meant {
    /// A key was.
    Key(FieldPath),
    /// The name of an element was, unless the service has one of that name.
    Element { named: String, kind: &'static str, path: FieldPath },
}

/// What was meant; `None` when nothing is misspelt.
fn meant(path: &FieldPath, definition: &Entry, offer_type: Option<&OfferType>) -> Option<Meant> {
    let mut rules = Catalogue::built_in().rules().child("definition");
    let mut here = Some(&definition.value);
    for (index, segment) in path.segments().iter().enumerate().skip(1) {
        let corrected = |meant: String| {
            let mut segments = path.segments().to_vec();
            segments[index] = meant;
            segments.iter().fold(FieldPath::root(), |path, segment| path.child(segment))
        };
        let meant = match &rules.field().list {
            ListRule::Keyed(key) => misspelt_element(here, key, segment).map(|meant| Meant::Element {
                named: segment.clone(),
                kind: if rules.field().path == "/definition/plans" { "offer plan" } else { "element" },
                path: corrected(meant),
            }),
            _ => keys::meant(offer_type, rules, segment).map(|meant| Meant::Key(corrected(meant))),
        };
        if meant.is_some() {
            return meant;
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
    closest(named, declared.iter().map(String::as_str).filter(|known| is_slip(named, known))).map(str::to_owned)
}

/// Whether a name may be a slip of the hand for another: letters changed places, or are missing. One letter or digit in
/// the place of another is how names that are all right differ, as those of `standard-1` and `standard-2` do.
fn is_slip(named: &str, known: &str) -> bool {
    let digits = |text: &str| text.chars().filter(char::is_ascii_digit).collect::<String>();
    let letters = |text: &str| {
        let mut letters: Vec<_> = text.to_lowercase().chars().filter(|letter| letter.is_alphanumeric()).collect();
        letters.sort_unstable();
        letters
    };
    let (named_letters, known_letters) = (letters(named), letters(known));
    digits(named) == digits(known) && (named_letters.len() != known_letters.len() || named_letters == known_letters)
}
