//! A message taken apart: the addresses in it, what stands between quotation marks, the names, and the text without what is
//! an address, whose words mean nothing.

use std::ops::Range;

/// A message, and where in it what stands.
#[derive(Debug)]
pub(super) struct Reading {
    /// The addresses in it, as they are written.
    pub(super) addresses: Vec<String>,
    /// The message, with blanks where its addresses were; as long as it.
    pub(super) text: String,
    /// What stands between quotation marks.
    pub(super) quoted: Vec<Range<usize>>,
    /// What may be a name: a run of letters, digits, `.`, `-` and `_`.
    pub(super) tokens: Vec<Range<usize>>,
}

impl Reading {
    pub(super) fn of(message: &str) -> Self {
        let (mut text, mut addresses) = (String::with_capacity(message.len()), Vec::new());
        let mut rest = message;
        while let Some(at) = rest.find("http://").into_iter().chain(rest.find("https://")).min() {
            let ends = |character: char| character.is_whitespace() || "\"'`<>(){}[]|\\^".contains(character);
            let length = rest[at..].find(ends).unwrap_or(rest.len() - at);
            let address = rest[at..at + length].trim_end_matches(['.', ',', ';', ':', '!', '?']);
            addresses.push(address.to_owned());
            text.push_str(&rest[..at]);
            text.push_str(&" ".repeat(address.len()));
            rest = &rest[at + address.len()..];
        }
        text.push_str(rest);
        Self { addresses, quoted: quoted(&text), tokens: tokens(&text), text }
    }

    /// Whether a part of the text stands between quotation marks, alone.
    pub(super) fn is_quoted(&self, part: &Range<usize>) -> bool {
        self.quoted.iter().any(|quoted| {
            self.text[quoted.clone()].trim() == &self.text[part.clone()]
                && quoted.start <= part.start
                && part.end <= quoted.end
        })
    }
}

fn tokens(text: &str) -> Vec<Range<usize>> {
    let mut tokens = Vec::new();
    let mut begin = None;
    for (at, character) in text.char_indices().chain([(text.len(), ' ')]) {
        let is_part = character.is_ascii_alphanumeric() || "._-".contains(character);
        match (begin, is_part) {
            (None, true) => begin = Some(at),
            (Some(from), false) => {
                let kept = text[from..at].trim_end_matches(['.', '-']);
                let from = from + (kept.len() - kept.trim_start_matches(['.', '-']).len());
                tokens.push(from..from + kept.trim_start_matches(['.', '-']).len());
                begin = None;
            }
            _ => {}
        }
    }
    tokens.retain(|token| !token.is_empty());
    tokens
}

/// What stands between two marks of a kind. One inside of a word is an apostrophe.
fn quoted(text: &str) -> Vec<Range<usize>> {
    let mut found = Vec::new();
    for (opening, closing) in [('"', '"'), ('\'', '\''), ('`', '`'), ('“', '”'), ('‘', '’'), ('[', ']')] {
        let mut from = 0;
        while let Some(open) = text[from..].find(opening).map(|at| from + at) {
            let begin = open + opening.len_utf8();
            let after_word = text[..open].chars().next_back().is_some_and(char::is_alphanumeric);
            let Some(length) = text[begin..].find(closing).filter(|_| !after_word) else {
                from = begin;
                continue;
            };
            found.push(begin..begin + length);
            from = begin + length + closing.len_utf8();
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_message_is_taken_apart() {
        let reading = Reading::of(
            "The plan's image '1.0.0' at \"https://a.example/x.vhd?sv=1\" isn't v2.0.0. See https://b.example.",
        );
        let shown = |parts: &[Range<usize>]| {
            parts.iter().map(|part| reading.text[part.clone()].trim()).collect::<Vec<_>>().join("|")
        };
        assert_eq!(reading.addresses, ["https://a.example/x.vhd?sv=1", "https://b.example"]);
        assert_eq!(shown(&reading.quoted), "|1.0.0");
        assert_eq!(shown(&reading.tokens), "The|plan|s|image|1.0.0|at|isn|t|v2.0.0|See");
        assert!(reading.is_quoted(&reading.tokens[4]) && !reading.is_quoted(&reading.tokens[3]));
        assert!(Reading::of("it's [gold").quoted.is_empty());
    }
}
