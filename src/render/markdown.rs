//! Text of others inside Markdown: it stays text. No mention, no link, no reference to an issue, no table cell of its own.
//!
//! Forges look for mentions and references in what was rendered, but not inside `<code>`; so that is where values go, and
//! words that could be one, with whatever Markdown or HTML would act on as character references.

pub(super) mod detail;
pub(super) mod sheet;

use std::fmt::Write as _;

use super::safe::single_line;

/// A value, on one line. An address of e-mail is found in `<code>` too, but only in one piece.
pub(super) fn code(text: &str) -> String {
    let mut inner = String::new();
    for (index, part) in escaped(text).split("&#64;").enumerate() {
        if index > 0 {
            // A character reference may stand for what an address may hold.
            let may_be_address = inner.ends_with(|last: char| last.is_alphanumeric() || ".-+;".contains(last));
            inner.push_str(if may_be_address { "</code><code>&#64;" } else { "&#64;" });
        }
        inner.push_str(part);
    }
    format!("<code>{inner}</code>")
}

/// A name that reads as part of a sentence. Words that forges take for a mention or a reference go into `<code>`, whole.
pub(super) fn words(text: &str) -> String {
    let text = single_line(text);
    let (mut shown, mut harmless) = (String::new(), String::new());
    for word in text.split_inclusive(' ') {
        let bare = word.trim_end_matches(' ');
        if is_reference(bare) {
            shown.push_str(&escaped(&std::mem::take(&mut harmless)));
            shown.push_str(&code(bare));
            harmless.push_str(&word[bare.len()..]);
        } else {
            harmless.push_str(word);
        }
    }
    shown + &escaped(&harmless)
}

/// Whether a forge may take a word for more than a word: `@somebody`, `#12`, `GH-12`, `KEY-12`, a commit, `:smile:`, and of
/// GitLab `!5`, `&7`, `$8`, `%6`, `~bug`, `*iteration:1` and `[epic:1]`.
fn is_reference(word: &str) -> bool {
    let mut neighbours = word.chars().zip(word.chars().skip(1));
    let is_marked = |(mark, next): (char, char)| match mark {
        '!' | '&' | '$' => next.is_ascii_digit(),
        '%' | '~' => next.is_alphanumeric() || matches!(next, '"' | '_' | '-' | '?'),
        _ => false,
    };
    word.contains(['@', '#', '['])
        || word.contains("*iteration:")
        || word.matches(':').count() > 1
        || neighbours.any(is_marked)
        || word.split(|character: char| !character.is_ascii_alphanumeric()).any(is_commit)
        || is_key_of_a_tracker(word)
}

fn is_commit(run: &str) -> bool {
    run.len() >= 7 && run.bytes().all(|byte| byte.is_ascii_hexdigit())
}

/// `GH-12`, in any case, and `PROJECT-12`.
fn is_key_of_a_tracker(word: &str) -> bool {
    word.match_indices('-').any(|(at, _)| {
        let is_part_of_a_name = |character: &char| character.is_ascii_alphanumeric() || *character == '_';
        let name: Vec<char> = word[..at].chars().rev().take_while(is_part_of_a_name).collect();
        let is_name = matches!(name[..], ['h' | 'H', 'g' | 'G'])
            || (name.len() > 1
                && name.iter().all(|character| !character.is_ascii_lowercase())
                && name.iter().any(char::is_ascii_uppercase));
        is_name && word[at + 1..].starts_with(|character: char| character.is_ascii_digit())
    })
}

/// A sentence of ours that names things of others between backticks.
pub(super) fn prose(sentence: &str) -> String {
    let parts: Vec<&str> = sentence.split('`').collect();
    // An odd one is no bracket, so none of them is.
    if parts.len().is_multiple_of(2) {
        return words(sentence);
    }
    let shown = parts.iter().enumerate().map(|(index, part)| match index % 2 {
        0 => words(part),
        _ if part.trim().is_empty() => escaped(&format!("`{part}`")),
        _ => code(part),
    });
    shown.collect()
}

/// The text on one line, with nothing in it that Markdown or HTML would act on.
pub(super) fn escaped(text: &str) -> String {
    let text = single_line(text);
    let mut safe = String::with_capacity(text.len() + text.len() / 8);
    for (at, character) in text.char_indices() {
        let acts = match character {
            '&' | '<' | '>' | '`' | '*' | '_' | '[' | ']' | '{' | '}' | '~' | '#' | '@' | '!' | ':' | '|' | '\\'
            | '$' | '^' => true,
            // Also where they would only begin a list or a line, and the dots of `www.`, which makes a link.
            '-' | '+' => at == 0,
            '.' => {
                text[..at].to_ascii_lowercase().ends_with("www") || text[..at].bytes().all(|byte| byte.is_ascii_digit())
            }
            _ => false,
        };
        if acts {
            let _ = write!(safe, "&#{};", u32::from(character));
        } else {
            safe.push(character);
        }
    }
    safe
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use pulldown_cmark::{Event, Options, Parser, Tag};

    use super::*;

    /// Texts made of the parts of Markdown and HTML.
    fn hostile() -> impl Strategy<Value = String> {
        let parts = prop::sample::select(vec![
            "a",
            "b c",
            " ",
            "\n",
            "\n\n",
            "|",
            "||",
            "`",
            "```",
            "*",
            "**",
            "_",
            "~~",
            "#",
            "# ",
            "- ",
            "+ ",
            "1. ",
            "1",
            ".",
            "> ",
            "<",
            "</code>",
            "</td>",
            "<script>",
            "<!--",
            "-->",
            "&",
            "&amp;",
            "&#124;",
            "[x]",
            "(y)",
            "](https://a.b)",
            "![",
            "https://a.b/c?d",
            "www.a.b",
            "a@b.c",
            "@all",
            ":smile:",
            "\\",
            "\\|",
            "$x$",
            "^",
            "---",
            "===",
            "\t",
            "{+",
            "+}",
        ]);
        prop::collection::vec(parts, 0..10).prop_map(|parts| parts.concat())
    }

    /// The text that a reader sees, and everything else that the text was taken for.
    fn read(markdown: &str) -> (String, Vec<String>) {
        let options =
            Options::ENABLE_TABLES | Options::ENABLE_STRIKETHROUGH | Options::ENABLE_TASKLISTS | Options::ENABLE_MATH;
        let (mut text, mut structure) = (String::new(), Vec::new());
        for event in Parser::new_ext(markdown, options) {
            match event {
                Event::Text(said) => text.push_str(&said),
                Event::End(_) => {}
                Event::Start(Tag::Table(columns)) => structure.push(format!("table of {}", columns.len())),
                other => structure.push(format!("{other:?}")),
            }
        }
        (text, structure)
    }

    const FRAMES: [(&str, &str); 5] = [
        ("| a | b | c |\n|---|---|---|\n| one | ", " | two |\n"),
        ("", "\n"),
        ("## ", " x\n"),
        ("- ", "\n"),
        ("**", "**\n"),
    ];

    proptest! {
        #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

        #[test]
        fn text_of_others_stays_text(text in hostile()) {
            let said = single_line(&text).trim().to_owned();
            prop_assume!(!said.is_empty());
            let squeezed = |text: &str| text.split_whitespace().collect::<String>();
            // What a harmless word makes is all that the text may make, but for tags of our own.
            let own = |structure: Vec<String>| structure.into_iter().filter(|part| !part.contains("code>")).collect::<Vec<_>>();
            for (show, frames) in [(code as fn(&str) -> String, &FRAMES[..]), (words, &FRAMES[..4])] {
                for (before, after) in frames {
                    let within = |text: &str| read(&format!("{before}{}{after}", show(text)));
                    let ((seen, structure), (around, expected)) = (within(&said), within("word"));
                    prop_assert_eq!(own(structure), own(expected), "{} in {}{}", show(&said), before, after);
                    prop_assert_eq!(squeezed(&seen), squeezed(&around.replace("word", &said)));
                }
            }
        }
    }

    proptest! {
        #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

        #[test]
        fn what_a_sentence_names_stays_text(texts in prop::collection::vec(hostile(), 1..5)) {
            let sentence = single_line(&texts.join("`"));
            prop_assume!(!sentence.trim().is_empty());
            let bare = |text: &str| text.split_whitespace().collect::<String>().replace('`', "");
            let own = |structure: Vec<String>| structure.into_iter().filter(|part| !part.contains("code>")).collect::<Vec<_>>();
            for (before, after) in &FRAMES[..4] {
                let within = |text: &str| read(&format!("{before}{}{after}", prose(text)));
                let ((seen, structure), (around, expected)) = (within(sentence.trim()), within("word"));
                prop_assert_eq!(own(structure), own(expected), "{} in {}{}", prose(&sentence), before, after);
                prop_assert_eq!(bare(&seen), bare(&around.replace("word", &sentence)));
            }
        }
    }

    #[test]
    fn nothing_of_it_notifies_anybody_or_becomes_a_link() {
        let text = "@all fixes #12 of a/b#3, see https://a.b or www.a.b, me@a.b :tada: | 1. <b>";
        insta::assert_snapshot!(code(text), @"<code>&#64;all fixes &#35;12 of a/b&#35;3, see https&#58;//a.b or www&#46;a.b, me</code><code>&#64;a.b &#58;tada&#58; &#124; 1. &#60;b&#62;</code>");
        insta::assert_snapshot!(words("by @owner, #12"), @"by <code>&#64;owner,</code> <code>&#35;12</code>");
        insta::assert_snapshot!(prose("`a|b` would go, see `@c` and ` "), @"&#96;a&#124;b&#96; would go, see <code>&#96;</code><code>&#64;c&#96;</code> and &#96;");
        insta::assert_snapshot!(prose("the offer plan `a|b` would go, see `@c`"), @"the offer plan <code>a&#124;b</code> would go, see <code>&#64;c</code>");
        let references = "GH-12 gh-7 OPS-3 !5 %6 ~bug &7 $8 group/project!5 :smile: [epic:4] *iteration:1 a1b2c3d \
                          aaaabbbbccccddddeeeeffff0000111122223333 a/b@a1b2c3d4 me@a.b";
        for word in references.split(' ') {
            let shown = words(&format!("see {word} then"));
            assert!(shown.starts_with("see <code>") && shown.ends_with("</code> then"), "{shown}");
        }
        let plain = "R&D, 50 % off! costs $ or ~ 3: well-known up-2-date contoso/vm-12 1.0.2 deeds (per core)";
        assert!(!words(plain).contains("<code>"), "{}", words(plain));
        insta::assert_snapshot!(code("write to me@a.b"), @"<code>write to me</code><code>&#64;a.b</code>");
        insta::assert_snapshot!(escaped("1.0.2 costs 1.5 - or 2"), @"1&#46;0.2 costs 1.5 - or 2");
    }
}
