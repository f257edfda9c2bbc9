//! The words of the service's tables: regions, clouds, and the categories, which each kind of offer has under keys of
//! its own.

use super::diagnostic::{Diagnostic, shortened};
use super::source::Span;
use super::suggestion::{closest, listed};
use crate::offer::{OfferType, Table, Tables, Words};

/// So many words still fit a help line.
const FEW: usize = 8;
/// The length of a code.
const CODE: usize = 3;
/// What the key of a list of subcategories begins with; the key of the category follows (create-offer reference).
const SUBCATEGORIES_OF: &str = "categoryL2-";

/// Checks one word; `list` is the key of the list that it stands in.
pub(super) fn check(
    words: &Words,
    list: Option<&str>,
    word: &str,
    at: Span,
    offer_type: Option<&OfferType>,
) -> Option<Diagnostic> {
    let tables = Tables::built_in();
    match (words, offer_type) {
        (Words::Table(name), _) => {
            let table = tables.table(name).filter(|table| !table.takes(word))?;
            Some(unknown_in(table, word, at))
        }
        (Words::Categories, Some(offer_type)) => category(tables, word, at, offer_type),
        (Words::Subcategories, Some(offer_type)) => {
            subcategory(tables, list?.strip_prefix(SUBCATEGORIES_OF)?, word, at, offer_type)
        }
        // The categories of other kinds of offers are not told apart.
        (Words::Categories | Words::Subcategories, None) => None,
    }
}

fn unknown_in(table: &Table, word: &str, at: Span) -> Diagnostic {
    let message = format!("`{}` is no known {}", shortened(word), table.noun);
    let known: Vec<&str> = table.words().collect();
    let named = table.values.iter().find(|known| known.title.eq_ignore_ascii_case(word));
    let word = named.map_or(word, |named| named.value.as_str());
    unknown(message, at, word, &known, &format!("`offerctl schema offer` lists the {} known ones", known.len()))
}

fn unknown(message: String, at: Span, word: &str, known: &[&str], otherwise: &str) -> Diagnostic {
    // Between codes of two letters one letter is all the difference: another one is another country.
    let resembles = |known: &&str| word.len() > CODE || known.eq_ignore_ascii_case(word);
    let help = match closest(word, known.iter().copied().filter(resembles)) {
        Some(meant) => format!("did you mean `{meant}`?"),
        None if known.len() <= FEW => format!("known are {}", listed(known)),
        None => otherwise.to_owned(),
    };
    Diagnostic::warning("unknown-word", message, at, "").help(help)
}

fn category(tables: &Tables, word: &str, at: Span, offer_type: &OfferType) -> Option<Diagnostic> {
    let known: Vec<&str> = tables.categories(&offer_type.categories).into_iter().map(|(key, _, _)| key).collect();
    if known.contains(&word) {
        return None;
    }
    let offers = offer_type.offers();
    if !tables.is_category(word) {
        let message = format!("`{}` is no category of {offers}", shortened(word));
        return Some(unknown(message, at, word, &known, "`offerctl schema offer` lists the known ones"));
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
    Some(unknown(message, at, word, &known, &format!("known are {}", listed(&known))))
}
