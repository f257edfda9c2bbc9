//! Word-level differences inside long text, with only as much of the rest as a reader needs.

use similar::{ChangeTag, TextDiff};

use super::palette::Palette;
use super::safe::single_line;

/// How many unchanged words are kept on each side of a change.
const CONTEXT: usize = 6;

/// The old and the new text as one, with what went in `[-…-]` and what came in `{+…+}`, or in colours.
pub(super) fn word_difference(palette: &Palette, before: &str, after: &str) -> String {
    let difference = TextDiff::from_words(before, after);
    let changes: Vec<_> = difference.iter_all_changes().map(|change| (change.tag(), change.value())).collect();
    let mut text = String::new();
    let mut index = 0;
    while index < changes.len() {
        let tag = changes[index].0;
        let end = changes[index..].iter().position(|(other, _)| *other != tag).map_or(changes.len(), |run| index + run);
        let run: Vec<&str> = changes[index..end].iter().map(|(_, word)| *word).collect();
        match tag {
            ChangeTag::Equal => text.push_str(&unchanged(&run, index == 0, end == changes.len())),
            ChangeTag::Delete => text.push_str(&marked(palette, palette.removed, "[-", "-]", &run)),
            ChangeTag::Insert => text.push_str(&marked(palette, palette.added, "{+", "+}", &run)),
        }
        index = end;
    }
    text
}

fn marked(palette: &Palette, colour: &str, open: &str, close: &str, words: &[&str]) -> String {
    let text = single_line(&words.concat());
    // The brackets stay in colour too: for those who cannot tell the colours apart, and for what is copied.
    palette.paint(colour, &format!("{open}{text}{close}"))
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
