//! Text of others inside Markdown: it stays text. No mention, no link, no reference to an issue, no table cell of its own.
//!
//! Forges look for mentions and references in what was rendered, but not inside `<code>`; so that is where values go,
//! with whatever Markdown or HTML would act on as character references.

pub(super) mod detail;
pub(super) mod sheet;

use std::fmt::Write as _;

use super::safe::single_line;

/// A value, on one line.
pub(super) fn code(text: &str) -> String {
    format!("<code>{}</code>", escaped(text))
}

/// A name that reads as part of a sentence. What begins a mention or a reference goes into `<code>`, alone.
pub(super) fn words(text: &str) -> String {
    escaped(text).replace("&#64;", "<code>&#64;</code>").replace("&#35;", "<code>&#35;</code>")
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
        insta::assert_snapshot!(code(text), @"<code>&#64;all fixes &#35;12 of a/b&#35;3, see https&#58;//a.b or www&#46;a.b, me&#64;a.b &#58;tada&#58; &#124; 1. &#60;b&#62;</code>");
        insta::assert_snapshot!(words("by @owner, #12"), @"by <code>&#64;</code>owner, <code>&#35;</code>12");
        insta::assert_snapshot!(prose("`a|b` would go, see `@c` and ` "), @"&#96;a&#124;b&#96; would go, see &#96;<code>&#64;</code>c&#96; and &#96;");
        insta::assert_snapshot!(prose("the offer plan `a|b` would go, see `@c`"), @"the offer plan <code>a&#124;b</code> would go, see <code>&#64;c</code>");
        insta::assert_snapshot!(escaped("1.0.2 costs 1.5 - or 2"), @"1&#46;0.2 costs 1.5 - or 2");
    }
}
