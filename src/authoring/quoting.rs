//! How one text is spelt in YAML, so that every reader takes it for this text: ours, those of YAML 1.1, and people.
//!
//! Plain where nobody can misread it, else in quotes. What cannot be seen is escaped, so that a reviewer sees it.

use std::fmt::Write as _;

use crate::manifest::is_plain_text;

/// Where a scalar stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Place {
    /// On a line of its own, behind a key or a dash.
    Block,
    /// Between brackets or braces, or as a key.
    Flow,
}

/// The text on one line.
pub(super) fn quoted(text: &str, place: Place) -> String {
    if is_plain(text, place) {
        return text.to_owned();
    }
    let is_easier_single = text.contains(['"', '\\']) && !text.contains('\'');
    if is_easier_single && text.chars().all(is_visible) {
        return format!("'{text}'");
    }
    double_quoted(text)
}

/// The text in `"`, where everything can be spelt.
pub(super) fn double_quoted(text: &str) -> String {
    let mut spelt = String::from("\"");
    for character in text.chars() {
        match character {
            '"' => spelt.push_str("\\\""),
            '\\' => spelt.push_str("\\\\"),
            '\n' => spelt.push_str("\\n"),
            '\r' => spelt.push_str("\\r"),
            '\t' => spelt.push_str("\\t"),
            seen if is_visible(seen) => spelt.push(seen),
            // Writing into a String cannot fail.
            hidden if u32::from(hidden) <= 0xffff => drop(write!(spelt, "\\u{:04x}", u32::from(hidden))),
            hidden => drop(write!(spelt, "\\U{:08x}", u32::from(hidden))),
        }
    }
    spelt.push('"');
    spelt
}

/// Whether a character may stand in a file as it is: YAML knows it as printable, and it shows.
pub(super) fn is_visible(character: char) -> bool {
    let is_hidden = matches!(
        character,
        // Without width, changing the direction, or ending a line for some.
        '\u{ad}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202f}' | '\u{2060}'..='\u{206f}' | '\u{feff}'
            // No characters at all.
            | '\u{fdd0}'..='\u{fdef}' | '\u{fff0}'..='\u{ffff}'
    );
    let is_printable = matches!(
        character,
        ' '..='~' | '\u{a1}'..='\u{d7ff}' | '\u{f900}'..='\u{fffd}' | '\u{10000}'..='\u{1fffd}'
    );
    is_printable && !is_hidden
}

fn is_plain(text: &str, place: Place) -> bool {
    let begins_well = text.starts_with(|first: char| first.is_alphanumeric() || matches!(first, '/' | '$' | '(' | '+'));
    let ends_well = !text.ends_with([' ', ':']);
    let is_torn = text.contains(": ") || text.contains(" #");
    let closes = place == Place::Flow && text.contains([',', '[', ']', '{', '}', ':']) && !is_address(text);
    begins_well
        && ends_well
        && !is_torn
        && !closes
        && text.chars().all(is_visible)
        && is_plain_text(text)
        && !resembles_a_number(text)
        && !resembles_a_word(text)
}

/// Addresses read better without quotes, and their `://` ends no key.
fn is_address(text: &str) -> bool {
    text.strip_prefix("https://").is_some_and(|rest| !rest.contains([',', '[', ']', '{', '}', ':']))
}

/// Numbers, times, dates and octals of YAML 1.1, and whatever else consists of their characters.
fn resembles_a_number(text: &str) -> bool {
    text.starts_with(|first: char| first.is_ascii_digit() || matches!(first, '+' | '-' | '.'))
        && (text.chars().all(|character| character.is_ascii_digit() || "._:+-eExXoObBtTzZ ,".contains(character))
            || text.starts_with("0x"))
}

/// What some reader takes for a boolean or for nothing.
fn resembles_a_word(text: &str) -> bool {
    ["y", "n", "yes", "no", "on", "off", "true", "false", "null"].iter().any(|word| text.eq_ignore_ascii_case(word))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nobody_misreads_what_looks_like_something_else() {
        for text in
            ["NO", "1.0.10", "0123", "636576975611768314", "", " a", "a ", "a: b", "a #b", "- a", "?", "&a", "<<"]
        {
            assert_eq!(quoted(text, Place::Block), format!("\"{text}\""));
        }
        for text in ["Contoso VM", "https://contoso.com/a?b=c&d", "DE", "+1 425 call", "it's", "2f6c1f0a-5d0e"] {
            assert_eq!(quoted(text, Place::Block), text);
        }
        assert_eq!(quoted("<a href=\"x\">", Place::Block), "'<a href=\"x\">'");
        assert_eq!(quoted("a\u{202e}b\u{0}\n", Place::Block), "\"a\\u202eb\\u0000\\n\"");
        assert_eq!((quoted("a, b", Place::Block), quoted("a, b", Place::Flow)), ("a, b".into(), "\"a, b\"".into()));
    }
}
