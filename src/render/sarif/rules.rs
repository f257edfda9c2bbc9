//! The rules with their help, as `docs/rules.md` has them: the same words for people and for programs.

use serde::Serialize;

/// How long a description may be, in characters, as GitHub takes it.
const LONGEST_DESCRIPTION: usize = 1024;

/// How the page says how much a rule matters, which each result says itself.
const LEVELS: [&str; 3] = ["Error. ", "Warning. ", "Note. "];

/// A rule, as SARIF describes one.
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct RuleText {
    pub(super) id: String,
    short_description: Text,
    full_description: Text,
    help: Help,
}

#[derive(Debug, Clone, Serialize)]
struct Text {
    text: String,
}

#[derive(Debug, Clone, Serialize)]
struct Help {
    text: String,
    markdown: String,
}

/// Every rule that a finding can name, in the order of the page.
pub(super) fn documented() -> Vec<RuleText> {
    let page = include_str!("../../../docs/rules.md");
    page.split("\n### `").skip(1).filter_map(rule).collect()
}

fn rule(section: &str) -> Option<RuleText> {
    let (id, text) = section.split_once("`\n")?;
    // The next heading of a chapter, and what is said of all its rules, are no part of this one.
    let text = text.split("\n## ").next().unwrap_or(text).trim();
    let paragraph = text.split("\n\n").next().unwrap_or(text);
    let plain = |text: &str| without_links(text).replace('\n', " ");
    let full = plain(paragraph);
    let said = LEVELS.iter().find_map(|level| full.strip_prefix(level)).unwrap_or(&full);
    let short = said.split_inclusive(". ").next().unwrap_or(said).trim();
    let cut = |text: &str| text.chars().take(LONGEST_DESCRIPTION).collect();
    Some(RuleText {
        id: id.to_owned(),
        short_description: Text { text: cut(short) },
        full_description: Text { text: cut(&full) },
        help: Help { text: plain(text), markdown: without_links(text) },
    })
}

/// The text with the words of its links alone: their addresses are of other pages beside this one.
fn without_links(text: &str) -> String {
    let mut plain = String::with_capacity(text.len());
    let mut rest = text;
    while let Some((before, words, after)) = next_link(rest) {
        plain.push_str(before);
        plain.push_str(words);
        rest = after;
    }
    plain + rest
}

/// What stands before a link, its words, and what follows it.
fn next_link(text: &str) -> Option<(&str, &str, &str)> {
    let middle = text.find("](")?;
    let begin = text[..middle].rfind('[')?;
    let end = middle + text[middle..].find(')')?;
    Some((&text[..begin], &text[begin + 1..middle], &text[end + 1..]))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_page_of_rules_tells_all_about_each() {
        let rules = documented();
        assert!(rules.len() > 60, "{}", rules.len());
        for rule in &rules {
            let texts = [&rule.short_description.text, &rule.full_description.text, &rule.help.text];
            assert!(texts.iter().all(|text| text.len() > 10), "{rule:?}");
            assert!(!rule.help.markdown.contains("\n#") && !rule.help.markdown.contains("]("), "{rule:?}");
        }
        let shown = |id: &str| rules.iter().find(|rule| rule.id == id).unwrap().short_description.text.clone();
        assert_eq!(shown("duplicate-offer"), "Two manifests describe one offer.");
        assert_eq!(shown("missing-file"), "There is no such file.");
    }
}
