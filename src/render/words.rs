//! Word-level differences inside long text, with only as much of the rest as a reader needs.

use similar::ChangeTag;

use super::look_alike::{are_alike, is_unseen, revealed, spelt};
use super::palette::Palette;
use super::safe::single_line;
use super::word_changes::word_changes;

/// How many unchanged words are kept on each side of a change.
const CONTEXT: usize = 6;

/// A stretch of two texts that are read as one.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Stretch {
    /// In both; what is far from any change is left out.
    Kept(String),
    /// Only in the old text.
    Out(String),
    /// Only in the new text.
    In(String),
}

/// The old and the new text as one, on one line, with only as much of what stays as a reader needs.
pub(super) fn stretches(before: &str, after: &str) -> Vec<Stretch> {
    compared(before, after, unchanged)
}

/// The old and the new text as one, on one line, whole.
pub(super) fn all_stretches(before: &str, after: &str) -> Vec<Stretch> {
    compared(before, after, |words, _, _| single_line(&words.concat()))
}

/// What stays is told by `kept`, which gets its words and whether they are the first and the last of the text.
fn compared(before: &str, after: &str, kept: fn(&[&str], bool, bool) -> String) -> Vec<Stretch> {
    let changes = word_changes(before, after);
    let runs: Vec<(ChangeTag, Vec<&str>)> = changes
        .chunk_by(|(one, _), (other, _)| one == other)
        .map(|run| (run[0].0, run.iter().map(|(_, word)| *word).collect()))
        .collect();
    let stretch = |(index, (tag, run)): (usize, &(ChangeTag, Vec<&str>))| match tag {
        ChangeTag::Equal => Stretch::Kept(kept(run, index == 0, index + 1 == runs.len())),
        ChangeTag::Delete => Stretch::Out(told(run, runs.get(index + 1))),
        ChangeTag::Insert => Stretch::In(told(run, index.checked_sub(1).map(|before| &runs[before]))),
    };
    runs.iter().enumerate().map(stretch).collect()
}

/// What went or came, told apart from what it stands beside and looks like, with all that is in it.
fn told(run: &[&str], beside: Option<&(ChangeTag, Vec<&str>)>) -> String {
    let text = run.concat();
    let beside = beside.filter(|(tag, _)| *tag != ChangeTag::Equal);
    let is_hidden = is_unseen(&text) || beside.is_some_and(|(_, other)| are_alike(&text, &other.concat()));
    single_line(&if is_hidden { spelt(&text) } else { revealed(&text).into_owned() })
}

/// The old and the new text as one, with what went in `[-…-]` and what came in `{+…+}`, or in colours.
pub(super) fn word_difference(palette: &Palette, before: &str, after: &str) -> String {
    stretches(before, after).iter().map(|stretch| marked(palette, stretch)).collect()
}

/// A stretch as text.
pub(super) fn marked(palette: &Palette, stretch: &Stretch) -> String {
    // The brackets stay in colour too: for those who cannot tell the colours apart, and for what is copied.
    match stretch {
        Stretch::Kept(text) => text.clone(),
        Stretch::Out(text) => palette.paint(palette.removed, &format!("[-{text}-]")),
        Stretch::In(text) => palette.paint(palette.added, &format!("{{+{text}+}}")),
    }
}

/// Words and the blanks between them alternate, so that each word counts twice.
fn unchanged(words: &[&str], at_start: bool, at_end: bool) -> String {
    let keep = CONTEXT * 2;
    let head = if at_start { 0 } else { keep };
    let tail = if at_end { 0 } else { keep };
    if words.len() <= head + tail + 2 {
        return single_line(&words.concat());
    }
    let first = single_line(&words[..head].concat());
    let last = single_line(&words[words.len() - tail..].concat());
    match (at_start, at_end) {
        (true, _) => format!("… {}", last.trim_start()),
        (_, true) => format!("{} …", first.trim_end()),
        _ => format!("{} … {}", first.trim_end(), last.trim_start()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_differs_is_shown_with_a_few_words_around() {
        let before = "Contoso Backup Server protects the machines, databases and file shares of a virtual network, \
                      keeps what the law asks you to keep, and brings back a single file in minutes.";
        let after = before.replace("asks you", "requires you").replace("Contoso", "Fabrikam");
        insta::assert_snapshot!(
            word_difference(&Palette::PLAIN, before, &after),
            @"[-Contoso-]{+Fabrikam+} Backup Server protects the machines, databases … virtual network, keeps what the law [-asks-]{+requires+} you to keep, and brings back …"
        );
    }

    #[test]
    fn a_change_that_cannot_be_seen_is_spelt() {
        let told = |before: &str, after: &str| word_difference(&Palette::PLAIN, before, after);
        insta::assert_snapshot!(
            [
                told("one two", "one\u{a0}two"),
                told("one two", "one t\u{200b}wo"),
                told("one two", "one two \n"),
                told("one two\r\nthree", "one two\nthree"),
                told("one two", "one two\u{200b} three"),
            ]
            .join("\n"),
            @r"
        one[-\u{20}-]{+\u{a0}+}two
        one [-two-]{+t\u{200b}wo+}
        one two{+ ⏎+}
        one two[-\r\n-]{+\n+}three
        one [-two-]{+two\u{200b} three+}
        "
        );
    }

    #[test]
    fn equal_ends_are_left_out() {
        let before = "one two three four five six seven eight nine ten old";
        let after = "one two three four five six seven eight nine ten new";
        insta::assert_snapshot!(word_difference(&Palette::PLAIN, before, after), @"… five six seven eight nine ten [-old-]{+new+}");
    }
}
