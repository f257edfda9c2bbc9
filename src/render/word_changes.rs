//! Which words of two texts differ. What two texts have in common is sought word by word; where they are long that would
//! take many seconds, so their sentences are compared first, and words only where sentences differ.
//!
//! A sentence that was written anew still has an "and" where it had one. What stays between two replacements is told only where
//! it is more than either side of them; else the old and the new are read one after the other.

use similar::{ChangeTag, TextDiff};

/// Texts up to this length are compared word by word, in bytes.
const LONG: usize = 64 * 1024;
/// Sentences of prose and of HTML end behind these.
const ENDS: [char; 5] = ['.', '!', '?', '>', '\n'];

/// The old and the new text as one, word by word, blanks being words of their own. Where something goes and comes, what goes
/// is first.
pub(super) fn word_changes<'text>(before: &'text str, after: &'text str) -> Vec<(ChangeTag, &'text str)> {
    readable(&all_word_changes(before, after))
}

/// Words that stay, or words in the place of others.
enum Run<'text> {
    Kept(Vec<&'text str>),
    Changed { gone: Vec<&'text str>, come: Vec<&'text str> },
}

/// How much a reader sees of words.
fn length(words: &[&str]) -> usize {
    words.iter().map(|word| word.trim().len()).sum()
}

/// The changes without islands: what stays between two replacements and is no longer than either side of them goes and comes
/// with them.
fn readable<'text>(changes: &[(ChangeTag, &'text str)]) -> Vec<(ChangeTag, &'text str)> {
    let is_kept = |tag: ChangeTag| tag == ChangeTag::Equal;
    let mut runs: Vec<Run<'text>> = Vec::new();
    for run in changes.chunk_by(|(one, _), (other, _)| is_kept(*one) == is_kept(*other)) {
        let words = |wanted| run.iter().filter(|(tag, _)| *tag == wanted).map(|(_, word)| *word).collect::<Vec<_>>();
        if is_kept(run[0].0) {
            runs.push(Run::Kept(words(ChangeTag::Equal)));
            continue;
        }
        let (mut gone, mut come) = (words(ChangeTag::Delete), words(ChangeTag::Insert));
        while let [.., Run::Changed { gone: gone_before, come: come_before }, Run::Kept(between)] = runs.as_mut_slice()
        {
            let words = [&*gone_before, &*come_before, &gone, &come];
            // Where something only came or went there is nothing to read one after the other.
            let shortest = words.map(|words| length(words)).into_iter().min().unwrap_or_default();
            if shortest == 0 || length(between) > shortest {
                break;
            }
            let joined = |before: &[&'text str], after: &[&'text str]| [before, between, after].concat();
            (gone, come) = (joined(gone_before, &gone), joined(come_before, &come));
            runs.truncate(runs.len() - 2);
        }
        runs.push(Run::Changed { gone, come });
    }
    let tagged = |run| match run {
        Run::Kept(words) => [(ChangeTag::Equal, words), (ChangeTag::Equal, Vec::new())],
        Run::Changed { gone, come } => [(ChangeTag::Delete, gone), (ChangeTag::Insert, come)],
    };
    let runs = runs.into_iter().flat_map(tagged);
    runs.flat_map(|(tag, words)| words.into_iter().map(move |word| (tag, word))).collect()
}

fn all_word_changes<'text>(before: &'text str, after: &'text str) -> Vec<(ChangeTag, &'text str)> {
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
    fn a_sentence_that_is_written_anew_is_no_confetti() {
        let before = "Back up virtual machines, databases and file shares on a schedule";
        let after = "Protects every server, disk and share you own from loss";
        assert_eq!(
            joined(&word_changes(before, after)),
            [(ChangeTag::Delete, before.into()), (ChangeTag::Insert, after.into())]
        );
        let kept = "Back up virtual machines, disks and file shares on a timetable";
        assert_eq!(joined(&word_changes(before, kept)).len(), 6, "two words in the place of two others");
        expect_whole(&word_changes(before, kept), before, kept);
        expect_whole(&word_changes("a b c d", "x b y d z"), "a b c d", "x b y d z");
    }

    /// Neighbours of a kind in one.
    fn joined(changes: &[(ChangeTag, &str)]) -> Vec<(ChangeTag, String)> {
        let runs = changes.chunk_by(|(one, _), (other, _)| one == other);
        runs.map(|run| (run[0].0, run.iter().map(|(_, word)| *word).collect())).collect()
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
