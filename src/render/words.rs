//! Word-level differences inside long text, with only as much of the rest as a reader needs.

use similar::ChangeTag;

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
    let mut stretches = Vec::new();
    let mut index = 0;
    while index < changes.len() {
        let tag = changes[index].0;
        let end = changes[index..].iter().position(|(other, _)| *other != tag).map_or(changes.len(), |run| index + run);
        let run: Vec<&str> = changes[index..end].iter().map(|(_, word)| *word).collect();
        stretches.push(match tag {
            ChangeTag::Equal => Stretch::Kept(kept(&run, index == 0, end == changes.len())),
            ChangeTag::Delete => Stretch::Out(single_line(&run.concat())),
            ChangeTag::Insert => Stretch::In(single_line(&run.concat())),
        });
        index = end;
    }
    stretches
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
    fn equal_ends_are_left_out() {
        let before = "one two three four five six seven eight nine ten old";
        let after = "one two three four five six seven eight nine ten new";
        insta::assert_snapshot!(word_difference(&Palette::PLAIN, before, after), @"… five six seven eight nine ten [-old-]{+new+}");
    }
}
