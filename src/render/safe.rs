//! Text of the service and of manifests on its way to a terminal: it must not move the cursor or pretend to be ours.

/// The text on one line: line breaks become `⏎`, other control characters and direction overrides disappear.
pub fn single_line(text: &str) -> String {
    text.chars()
        .filter_map(|character| match character {
            '\n' => Some('⏎'),
            '\t' => Some(' '),
            character if is_unsafe(character) => None,
            character => Some(character),
        })
        .collect()
}

/// Whether a terminal would do something else than show the character.
fn is_unsafe(character: char) -> bool {
    character.is_control()
        || matches!(character, '\u{200B}'..='\u{200F}' | '\u{202A}'..='\u{202E}' | '\u{2066}'..='\u{2069}' | '\u{FEFF}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_moves_the_cursor() {
        assert_eq!(single_line("a\x1b[31mb\r\nc\u{202E}d\u{7}"), "a[31mb⏎cd");
    }
}
