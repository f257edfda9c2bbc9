//! Which words of two texts differ. What two texts have in common is sought word by word; where they are long that would
//! take many seconds, so their sentences are compared first, and words only where sentences differ.

use similar::{ChangeTag, TextDiff};

/// Texts up to this length are compared word by word, in bytes.
const LONG: usize = 64 * 1024;
/// Sentences of prose and of HTML end behind these.
const ENDS: [char; 5] = ['.', '!', '?', '>', '\n'];

/// The old and the new text as one, word by word, blanks being words of their own.
pub(super) fn word_changes<'text>(before: &'text str, after: &'text str) -> Vec<(ChangeTag, &'text str)> {
    if before.len().max(after.len()) <= LONG {
        return by_words(before, after);
    }
    let [old, new] = [before, after].map(|text| text.split_inclusive(ENDS).collect::<Vec<_>>());
    let difference = TextDiff::from_slices(&old, &new);
    let lengths: Vec<_> = difference.iter_all_changes().map(|change| (change.tag(), change.value().len())).collect();
    let mut changes = Vec::new();
    let (mut old, mut new) = (before, after);
    for run in lengths.chunk_by(|(one, _), (other, _)| (*one == ChangeTag::Equal) == (*other == ChangeTag::Equal)) {
        let length = |wanted| run.iter().filter(|(tag, _)| *tag == wanted).map(|(_, length)| length).sum::<usize>();
        if run[0].0 == ChangeTag::Equal {
            let kept = length(ChangeTag::Equal);
            changes.extend(words(&old[..kept]).map(|word| (ChangeTag::Equal, word)));
            (old, new) = (&old[kept..], &new[kept..]);
            continue;
        }
        let (gone, come) = (old.split_at(length(ChangeTag::Delete)), new.split_at(length(ChangeTag::Insert)));
        if gone.0.len().max(come.0.len()) <= LONG {
            changes.extend(by_words(gone.0, come.0));
        } else {
            changes.extend([(ChangeTag::Delete, gone.0), (ChangeTag::Insert, come.0)]);
        }
        (old, new) = (gone.1, come.1);
    }
    changes.retain(|(_, text)| !text.is_empty());
    changes
}

fn by_words<'text>(before: &'text str, after: &'text str) -> Vec<(ChangeTag, &'text str)> {
    let difference = TextDiff::from_words(before, after);
    let (mut old, mut new) = (before, after);
    let placed = difference.iter_all_changes().map(|change| {
        let (tag, length) = (change.tag(), change.value().len());
        let text = if tag == ChangeTag::Insert { &new[..length] } else { &old[..length] };
        if tag != ChangeTag::Insert {
            old = &old[length..];
        }
        if tag != ChangeTag::Delete {
            new = &new[length..];
        }
        (tag, text)
    });
    placed.collect()
}

/// The words of a text, and the blanks between them.
fn words(mut text: &str) -> impl Iterator<Item = &str> {
    std::iter::from_fn(move || {
        let is_blank = text.chars().next()?.is_whitespace();
        let end = text.find(|character: char| character.is_whitespace() != is_blank).unwrap_or(text.len());
        let (word, rest) = text.split_at(end);
        text = rest;
        Some(word)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Both texts are in the changes, whole and in order.
    fn expect_whole(changes: &[(ChangeTag, &str)], before: &str, after: &str) {
        let without =
            |gone| -> String { changes.iter().filter(|(tag, _)| *tag != gone).map(|(_, text)| *text).collect() };
        assert!(without(ChangeTag::Insert) == before && without(ChangeTag::Delete) == after);
    }

    #[test]
    fn one_word_in_a_long_text_is_one_change() {
        let sentences: Vec<_> = (0..9_000).map(|number| format!("Sentence {number} of them. ")).collect();
        let before = sentences.concat();
        let after = before.replace("Sentence 4711 of", "Sentence 4711 among");
        let changes = word_changes(&before, &after);
        expect_whole(&changes, &before, &after);
        let others: Vec<_> = changes.iter().filter(|(tag, _)| *tag != ChangeTag::Equal).collect();
        assert_eq!(others, [&(ChangeTag::Delete, "of"), &(ChangeTag::Insert, "among")]);
        assert!(changes.len() > 9_000, "what stays is told by words too");
    }

    #[test]
    fn long_texts_without_a_sentence_in_common_are_not_compared_word_by_word() {
        let text_of = |word: &str| (0..20_000).map(|number| format!("{word}{number} ")).collect::<Vec<_>>().concat();
        let [before, after] = ["a", "b"].map(text_of);
        let changes = word_changes(&before, &after);
        expect_whole(&changes, &before, &after);
        assert_eq!(changes.len(), 2);
    }

    #[test]
    fn a_long_text_that_comes_or_goes_is_one_change() {
        let text = "Words. ".repeat(20_000);
        assert_eq!(word_changes("", &text), [(ChangeTag::Insert, text.as_str())]);
        assert_eq!(word_changes(&text, ""), [(ChangeTag::Delete, text.as_str())]);
    }
}
