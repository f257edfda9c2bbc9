//! Words as they are compared: whatever their capitals, one of a thing or several.

use std::ops::Range;

/// One word of a text.
#[derive(Debug)]
pub(super) struct Word {
    /// Where it stands.
    pub(super) at: Range<usize>,
    /// As it is compared.
    pub(super) folded: String,
}

/// The words of a text: what is made of letters and digits.
pub(super) fn words(text: &str) -> Vec<Word> {
    let mut words = Vec::new();
    let mut begin = None;
    for (at, character) in text.char_indices().chain([(text.len(), ' ')]) {
        match (begin, character.is_alphanumeric()) {
            (None, true) => begin = Some(at),
            (Some(from), false) => {
                words.push(Word { at: from..at, folded: folded(&text[from..at]) });
                begin = None;
            }
            _ => {}
        }
    }
    words
}

/// The words of a name, as they are compared.
pub(super) fn phrase(name: &str) -> Vec<String> {
    words(name).into_iter().map(|word| word.folded).collect()
}

fn folded(word: &str) -> String {
    let lower = word.to_lowercase();
    if let Some(stem) = lower.strip_suffix("ies").filter(|stem| stem.len() > 2) {
        return format!("{stem}y");
    }
    match lower.strip_suffix('s') {
        Some(stem) if stem.len() > 2 && !stem.ends_with('s') => stem.to_owned(),
        _ => lower,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_of_a_thing_and_several_are_the_same_word() {
        assert_eq!(
            phrase("Categories and Open-Ports, VHDs: access OS"),
            ["category", "and", "open", "port", "vhd", "access", "os"]
        );
    }
}
