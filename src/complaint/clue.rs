//! The clues of a message: what it names, how sure that is, and which places of the offer may be meant by it.

use std::collections::HashMap;
use std::ops::Range;

use serde_json::Value;

use super::common;
use super::phrase::{Word, phrase, words};
use super::pointer::spelt;
use super::reading::Reading;
use super::spot::Spot;

/// Something that a message names.
#[derive(Debug)]
pub(super) struct Clue {
    /// As the message has it.
    pub(super) named: String,
    pub(super) weight: Weight,
    /// What may be meant.
    pub(super) spots: Vec<usize>,
}

/// How sure it is that a clue is one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Weight {
    /// One word of a language: "description".
    Word,
    /// Several: "small logo".
    Phrase,
    /// A name that no sentence has by chance: a key, an image version, what stands between quotation marks.
    Name,
    /// A path or an address.
    Path,
}

/// Titles so broad that whatever is said of an offer has them.
const BROAD: [&str; 9] =
    ["definition", "offer", "offer plan", "plan", "sku", "publisher", "customer", "cloud", "label"];

/// A message may be long, and an offer large: more places than these are not told apart, more clues than these are not
/// followed.
const MOST_SPOTS: usize = 100;
const MOST_CLUES: usize = 50;

/// All clues, the strongest first, and those of one strength as they stand in the message.
pub(super) fn clues(spots: &[Spot<'_>], document: &Value, message: &str) -> Vec<Clue> {
    let reading = Reading::of(message);
    let paths = spelt(&reading.text, document, spots);
    let mut clues: Vec<Clue> = Vec::new();
    clues.extend(paths.into_iter().map(|path| Clue { named: path.text, weight: Weight::Path, spots: vec![path.spot] }));
    clues.extend(addresses(&reading, spots));
    clues.extend(names(&reading, spots));
    clues.extend(titles(&reading, spots));
    clues.truncate(MOST_CLUES);
    for clue in &mut clues {
        if clue.spots.len() > MOST_SPOTS {
            clue.spots = what_contains(&clue.spots, spots);
            continue;
        }
        let all = clue.spots.clone();
        // A thing and what is in it have the same title: the inner one is meant.
        let holds_another = |outer: &usize| {
            let (outer, is_there) = (&spots[*outer].path, |inner: &usize| spots[*inner].value.is_some());
            all.iter()
                .any(|inner| is_there(inner) && spots[*inner].path != *outer && spots[*inner].path.is_within(outer))
        };
        clue.spots.retain(|spot| !holds_another(spot));
    }
    clues.sort_by_key(|clue| std::cmp::Reverse(clue.weight));
    clues
}

/// A clue to very many places leads to what contains them all: that is all that it tells.
fn what_contains(many: &[usize], spots: &[Spot<'_>]) -> Vec<usize> {
    let path = many.iter().map(|spot| spots[*spot].path.clone()).reduce(|one, other| common(&one, &other));
    spots.iter().position(|spot| Some(&spot.path) == path.as_ref()).into_iter().collect()
}

/// The spots that a predicate is true of.
fn matching<'spots>(spots: &'spots [Spot<'_>], is_meant: impl Fn(&Spot<'_>) -> bool + 'spots) -> Vec<usize> {
    spots.iter().enumerate().filter(|(_, spot)| is_meant(spot)).map(|(index, _)| index).collect()
}

/// Addresses whose file an address of the offer names, whatever token either has.
fn addresses(reading: &Reading, spots: &[Spot<'_>]) -> Vec<Clue> {
    let clue = |address: &String| {
        let file = file(address)?;
        let holds = |spot: &Spot<'_>| spot.value.and_then(Value::as_str).and_then(self::file).as_ref() == Some(&file);
        let spots = matching(spots, holds);
        let named = address.split('?').next().unwrap_or_default().to_owned();
        (!spots.is_empty()).then_some(Clue { named, weight: Weight::Path, spots })
    };
    reading.addresses.iter().filter_map(clue).collect()
}

/// Host and path of an address.
fn file(address: &str) -> Option<String> {
    let rest = address.strip_prefix("https://").or_else(|| address.strip_prefix("http://"))?;
    let rest = rest.split(['?', '#']).next()?;
    let (host, path) = rest.split_once('/')?;
    (!path.is_empty()).then(|| format!("{}/{path}", host.to_ascii_lowercase()))
}

/// Keys, elements that people gave a name, values between quotation marks, and names of files.
fn names(reading: &Reading, spots: &[Spot<'_>]) -> Vec<Clue> {
    let words = words(&reading.text);
    let mut clues: Vec<Clue> = Vec::new();
    let mut add = |at: &Range<usize>, spots: Vec<usize>| {
        if !spots.is_empty() {
            clues.push(Clue { named: reading.text[at.clone()].trim().to_owned(), weight: Weight::Name, spots });
        }
    };
    for quoted in &reading.quoted {
        let text = reading.text[quoted.clone()].trim();
        let is_value = |spot: &Spot<'_>| {
            spot.path.segments().len() > 1
                && spot.value.and_then(Value::as_str).is_some_and(|value| value.eq_ignore_ascii_case(text))
        };
        // What names a thing stands in it too, as the id in an offer plan: the thing is meant.
        if text.len() > 1
            && matching(spots, |spot| spot.name().is_some_and(|name| name.eq_ignore_ascii_case(text))).is_empty()
        {
            add(quoted, matching(spots, is_value));
        }
    }
    for token in &reading.tokens {
        let text = &reading.text[token.clone()];
        let is_quoted = reading.is_quoted(token);
        let neighbours = neighbours(&words, token);
        let is_meant = |spot: &Spot<'_>| {
            is_key(spot, text, is_quoted) || is_element(spot, text, is_quoted, &neighbours) || is_file(spot, text)
        };
        add(token, matching(spots, is_meant));
    }
    clues
}

/// Whether a word is the key of a field: one that no sentence has, or between quotation marks.
fn is_key(spot: &Spot<'_>, text: &str, is_quoted: bool) -> bool {
    let key = spot.key();
    let is_it = key == text || key.rsplit('.').next() == Some(text);
    is_it
        && !spot.field.is_named_by_people()
        && (is_quoted || is_in_camel_case(text) || (text.contains('.') && text.contains('-')))
}

/// Whether a word is the name of an element. A plain one counts only beside the word for what it names: "plan gold".
fn is_element(spot: &Spot<'_>, text: &str, is_quoted: bool, neighbours: &[&str]) -> bool {
    let Some(name) = spot.name() else { return false };
    let version = text.strip_prefix('v').filter(|rest| rest.starts_with(|first: char| first.is_ascii_digit()));
    if !name.eq_ignore_ascii_case(text) && version != Some(name) {
        return false;
    }
    let says_more = text.len() > 2
        && (text.contains(|sign: char| sign.is_ascii_digit() || "-_.".contains(sign)) || is_in_camel_case(text));
    let is_beside = || {
        let mut nouns = spot.titles().flat_map(phrase).filter(|noun| noun.len() > 2);
        nouns.any(|noun| neighbours.contains(&noun.as_str()))
    };
    is_quoted || says_more || is_beside()
}

/// Whether a word is the last part of an address: `disk.vhd`.
fn is_file(spot: &Spot<'_>, text: &str) -> bool {
    let has_ending = text
        .rsplit_once('.')
        .is_some_and(|(name, ending)| !name.is_empty() && ending.contains(|letter: char| letter.is_ascii_alphabetic()));
    let address = || spot.value.and_then(Value::as_str).and_then(file);
    has_ending && address().is_some_and(|file| file.rsplit('/').next() == Some(text))
}

fn is_in_camel_case(text: &str) -> bool {
    let letters: Vec<char> = text.chars().collect();
    letters.windows(2).any(|pair| pair[0].is_ascii_lowercase() && pair[1].is_ascii_uppercase())
}

/// The words before and behind a part of the text; `id` between two says nothing.
fn neighbours<'words>(words: &'words [Word], part: &Range<usize>) -> Vec<&'words str> {
    let says = |word: &&Word| !["id", "named", "with", "the"].contains(&word.folded.as_str());
    let before = words.iter().rev().filter(|word| word.at.end <= part.start).find(says);
    let behind = words.iter().filter(|word| word.at.start >= part.end).find(says);
    before.into_iter().chain(behind).map(|word| word.folded.as_str()).collect()
}

/// Fields by their names for people, the longest that fit: "small logo" is no "logo".
fn titles(reading: &Reading, spots: &[Spot<'_>]) -> Vec<Clue> {
    let mut called: HashMap<Vec<String>, Vec<usize>> = HashMap::new();
    for (index, spot) in spots.iter().enumerate() {
        for title in spot.titles().map(phrase) {
            let spots = called.entry(title).or_default();
            if spots.last() != Some(&index) {
                spots.push(index);
            }
        }
    }
    let longest = called.keys().map(Vec::len).max().unwrap_or_default();
    let words = words(&reading.text);
    let (mut clues, mut at) = (Vec::new(), 0);
    while at < words.len() {
        let lengths = (1..=longest.min(words.len() - at)).rev();
        let fits = |length: usize| {
            let said: Vec<String> = words[at..at + length].iter().map(|word| word.folded.clone()).collect();
            called.get(&said).map(|spots| (said.join(" "), length, spots))
        };
        let Some((said, length, spots)) = lengths.into_iter().find_map(fits) else {
            at += 1;
            continue;
        };
        if !BROAD.contains(&said.as_str()) {
            let named = reading.text[words[at].at.start..words[at + length - 1].at.end].to_owned();
            let weight = if length > 1 { Weight::Phrase } else { Weight::Word };
            clues.push(Clue { named, weight, spots: spots.clone() });
        }
        at += length;
    }
    clues
}
