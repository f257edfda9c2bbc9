//! "Did you mean": the known word that a misspelt one is closest to.

use std::borrow::Borrow;

/// The closest of the known words, unless none is close.
pub(crate) fn closest<'a>(word: &str, known: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    within(close, word, with_letters(known))
}

/// The closest of words that are not all there are: another one may look much like them and be right.
pub(crate) fn closest_of_few<'a>(word: &str, known: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    within(|length| if length < 8 { 1 } else { 2 }, word, with_letters(known))
}

/// Known words that many others are compared with, each looked at once.
pub(crate) struct KnownWords<'a>(Vec<(&'a str, Letters)>);

impl<'a> KnownWords<'a> {
    pub(crate) fn of(known: impl IntoIterator<Item = &'a str>) -> Self {
        Self(known.into_iter().map(|word| (word, Letters::of(word))).collect())
    }

    /// The closest of them, unless none is close.
    pub(crate) fn closest(&self, word: &str) -> Option<&'a str> {
        within(close, word, self.0.iter().map(|(word, letters)| (*word, letters)))
    }
}

/// How many edits make of a word of a length one that is still close.
fn close(length: usize) -> usize {
    (length / 3).max(1)
}

/// A longer word resembles no key, in bytes.
const LONGEST: usize = 64;

/// How often each letter stands in a word, in whatever order. A file may have thousands of words that are compared with
/// hundreds, and most need no closer look.
struct Letters {
    counts: [u8; 32],
    /// How many letters these are.
    amount: usize,
    /// How many bytes.
    length: usize,
}

impl Letters {
    fn of(word: &str) -> Self {
        let mut letters = Self { counts: [0; 32], amount: 0, length: 0 };
        for letter in folded(word) {
            let count = &mut letters.counts[letter as usize % 32];
            *count = count.saturating_add(1);
            letters.amount += 1;
            letters.length += letter.len_utf8();
        }
        letters
    }

    /// Whether it takes more edits than these for sure: each brings or takes away one letter, or both.
    fn is_beyond(&self, other: &Self, edits: usize) -> bool {
        // Most words are told apart by their length alone.
        if self.amount.abs_diff(other.amount) > edits {
            return true;
        }
        // In small numbers, which a processor adds many at a time.
        let pairs = || self.counts.iter().zip(&other.counts);
        let gone: u16 = pairs().map(|(one, other)| u16::from(one.saturating_sub(*other))).sum();
        let come: u16 = pairs().map(|(one, other)| u16::from(other.saturating_sub(*one))).sum();
        usize::from(gone.max(come)) > edits
    }
}

/// A word without what people spell either way.
fn folded(word: &str) -> impl Iterator<Item = char> {
    word.chars().filter(|letter| !matches!(letter, '-' | '_')).map(|letter| letter.to_ascii_lowercase())
}

fn with_letters<'a>(words: impl IntoIterator<Item = &'a str>) -> impl Iterator<Item = (&'a str, Letters)> {
    words.into_iter().map(|word| (word, Letters::of(word)))
}

/// The closest of the known words that takes no more edits than are allowed for a word of a length.
fn within<'a>(
    allowed: impl Fn(usize) -> usize,
    word: &str,
    known: impl Iterator<Item = (&'a str, impl Borrow<Letters>)>,
) -> Option<&'a str> {
    let letters = Letters::of(word);
    let allowed = allowed(letters.length);
    // A long word of a hostile file would make the comparison slow, and resembles no key.
    if letters.length > LONGEST {
        return None;
    }
    let fold = |text: &str| folded(text).collect::<String>();
    let wanted = fold(word);
    known
        .filter(|(_, candidate)| !letters.is_beyond(candidate.borrow(), allowed))
        .map(|(candidate, _)| (strsim::damerau_levenshtein(&wanted, &fold(candidate)), candidate))
        .filter(|(distance, _)| *distance <= allowed)
        .min_by_key(|(distance, _)| *distance)
        .map(|(_, candidate)| candidate)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn close_words_are_found_whatever_their_case_and_far_ones_are_not() {
        assert_eq!(closest("publisherID", ["publisherId", "id"]), Some("publisherId"));
        assert_eq!(closest("publish-to", ["publishTo"]), Some("publishTo"));
        assert_eq!(closest("ofer", ["offer", "plans"]), Some("offer"));
        assert_eq!(closest("colour", ["offer", "plans"]), None);
    }

    proptest::proptest! {
        #[test]
        fn no_word_is_passed_over_that_is_close(one in "[a-dA-D_é-]{0,12}", other in "[a-dA-D_é-]{0,12}") {
            let fold = |text: &str| folded(text).collect::<String>();
            let edits = strsim::damerau_levenshtein(&fold(&one), &fold(&other));
            proptest::prop_assert!(!Letters::of(&one).is_beyond(&Letters::of(&other), edits));
        }
    }

    #[test]
    fn of_few_words_that_are_known_only_a_slip_of_the_hand_is_one() {
        assert_eq!(closest("applicationId", ["applicationKey"]), Some("applicationKey"));
        assert_eq!(closest_of_few("applicationId", ["applicationKey"]), None);
        assert_eq!(closest_of_few("aplicatoinKey", ["applicationKey"]), Some("applicationKey"));
        assert_eq!(closest_of_few("isBYOL", ["isByol"]), Some("isByol"));
        assert_eq!(closest_of_few("isByl", ["isByol"]), Some("isByol"));
        assert_eq!(closest_of_few("isBy", ["isByol"]), None);
    }
}
