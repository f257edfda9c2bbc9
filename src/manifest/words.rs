//! The words of the service's tables: regions, clouds, and the categories, which each kind of offer has under keys of
//! its own.

use super::diagnostic::{Diagnostic, shortened};
use super::node::Entry;
use super::source::Span;
use super::suggestion::{closest, listed};
use super::takes::is_unset;
use crate::offer::{OfferType, Rules, Table, Tables, Words};

/// So many words still fit a help line.
const FEW: usize = 8;
/// The length of a code.
const CODE: usize = 3;
/// What the key of a list of subcategories begins with; the key of the category follows (create-offer reference).
const SUBCATEGORIES_OF: &str = "categoryL2-";
const CATEGORY: &str = "categoryL1";

/// The lists of subcategories beside a category of which they are none.
pub(super) fn check_categories(rules: Rules<'_>, entries: &[Entry], faults: &mut Vec<Diagnostic>) {
    let is_category = |entry: &&Entry| {
        let takes = rules.child(&entry.key).field().takes.as_ref();
        &*entry.key == CATEGORY && takes.is_some_and(|takes| takes.values == Some(Words::Categories))
    };
    let category = entries.iter().find(is_category).and_then(|entry| Some((entry, entry.value.as_text()?)));
    let Some((entry, category)) = category.filter(|(_, category)| !category.is_empty()) else { return };
    // An unset list is how one that was there is removed.
    for list in entries.iter().filter(|list| !is_unset(&list.value)) {
        let Some(named) = list.key.strip_prefix(SUBCATEGORIES_OF).filter(|named| *named != &**category) else {
            continue;
        };
        let message = format!("`{}` is no list of subcategories of `{}`", shortened(&list.key), shortened(category));
        let named = shortened(named);
        let help = format!(
            "subcategories of it stand at `{SUBCATEGORIES_OF}{}`; for `{named}` add an element: `- {CATEGORY}: {named}`",
            shortened(category)
        );
        faults.push(
            Diagnostic::warning("wrong-category", message, list.key_span, "")
                .also(entry.value.span, "the category")
                .help(help),
        );
    }
}

/// Checks one word; `of` is the key of the list or map that it stands in.
pub(super) fn check(
    words: &Words,
    of: Option<&str>,
    word: &str,
    at: Span,
    offer_type: Option<&OfferType>,
) -> Option<Diagnostic> {
    let tables = Tables::built_in();
    match (words, offer_type) {
        (Words::Table(name), _) => {
            let table = tables.table(name).filter(|table| !table.takes(word))?;
            Some(unknown_in("unknown-word", table, word, at))
        }
        (Words::Categories, Some(offer_type)) => category(tables, word, at, offer_type),
        (Words::Subcategories, Some(offer_type)) => {
            subcategory(tables, of?.strip_prefix(SUBCATEGORIES_OF)?, word, at, offer_type)
        }
        (Words::CurrencyOfRegion, _) => currency(tables, of?, word, at),
        // The categories of other kinds of offers are not told apart.
        (Words::Categories | Words::Subcategories, None) => None,
    }
}

/// A word, or with the rule of keys a key, that is not in a table.
pub(super) fn unknown_in(rule: &'static str, table: &Table, word: &str, at: Span) -> Diagnostic {
    let message = format!("`{}` is no known {}", shortened(word), table.noun);
    let known: Vec<&str> = table.words().collect();
    let word = table.meant(word).unwrap_or(word);
    let otherwise = format!("`offerctl schema offer` lists the {} known ones", known.len());
    Diagnostic::warning(rule, message, at, "").help(meant(word, &known, &otherwise))
}

/// The help line that names what was meant.
fn meant(word: &str, known: &[&str], otherwise: &str) -> String {
    // Between codes of two letters one letter is all the difference: another one is another country.
    let resembles = |known: &&str| word.len() > CODE || known.eq_ignore_ascii_case(word);
    match closest(word, known.iter().copied().filter(resembles)) {
        Some(meant) => format!("did you mean `{meant}`?"),
        None if known.len() <= FEW => format!("known are {}", listed(known)),
        None => otherwise.to_owned(),
    }
}

fn currency(tables: &Tables, region: &str, word: &str, at: Span) -> Option<Diagnostic> {
    let known = tables.table("currencies")?;
    if !known.takes(word) {
        return Some(unknown_in("unknown-word", known, word, at));
    }
    let own = tables.currency(region).filter(|own| *own != word)?;
    let message = format!("prices in `{region}` are in {own}, and not in `{}`", shortened(word));
    Some(Diagnostic::warning("wrong-currency", message, at, "").help(format!("convert the prices, and write `{own}`")))
}

fn category(tables: &Tables, word: &str, at: Span, offer_type: &OfferType) -> Option<Diagnostic> {
    let known: Vec<&str> = tables.categories(&offer_type.categories).into_iter().map(|(key, _, _)| key).collect();
    if known.contains(&word) {
        return None;
    }
    let offers = offer_type.offers();
    if !tables.is_category(word) {
        let message = format!("`{}` is no category of {offers}", shortened(word));
        let help = meant(word, &known, "`offerctl schema offer` lists the known ones");
        return Some(Diagnostic::warning("unknown-word", message, at, "").help(help));
    }
    let message = format!("`{word}` is a category of other offers, not of {offers}");
    let help = match tables.same_category(word, &offer_type.categories) {
        Some(own) => format!("for {offers} it is called `{own}`"),
        None => format!("{offers} have no such category; `offerctl schema offer` lists theirs"),
    };
    Some(Diagnostic::warning("wrong-category", message, at, "").help(help))
}

fn subcategory(tables: &Tables, category: &str, word: &str, at: Span, offer_type: &OfferType) -> Option<Diagnostic> {
    // Of a category that is wrong itself, which is said where `categoryL1` stands, nothing is known.
    let below = tables.subcategories(category, &offer_type.categories)?;
    if below.iter().any(|(key, _)| *key == word) {
        return None;
    }
    if let Some(own) = tables.same_subcategory(category, word, &offer_type.categories) {
        let message = format!("`{word}` is a subcategory of other offers, not of {}", offer_type.offers());
        let help = format!("for {} it is called `{own}`", offer_type.offers());
        return Some(Diagnostic::warning("wrong-category", message, at, "").help(help));
    }
    let known: Vec<&str> = below.iter().map(|(key, _)| *key).collect();
    let message = format!("`{}` is no subcategory of `{category}`", shortened(word));
    let help = meant(word, &known, &format!("known are {}", listed(&known)));
    Some(Diagnostic::warning("unknown-word", message, at, "").help(help))
}
