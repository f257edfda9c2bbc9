//! What the service wrote, made safe for people: no markup, no control characters, no signatures, no endless text.
//!
//! It is meant for the service's short messages. Content of an offer is never passed through here.

use std::iter::Peekable;
use std::str::Chars;

use crate::offer::without_signatures;

/// No message is longer than this many characters; the service's own stay far below.
const LONGEST: usize = 4_000;

/// A text of the service without terminal escapes, control and direction characters, and SAS signatures; white space is
/// folded into single blanks, and what is too long ends in `…`.
pub fn clean_text(text: &str) -> String {
    let mut folded = String::with_capacity(text.len().min(LONGEST));
    let mut characters = text.chars().peekable();
    let mut gap = false;
    while let Some(character) = characters.next() {
        if character == '\u{1b}' || character == '\u{9b}' {
            skip_escape(character, &mut characters);
        } else if character.is_whitespace() {
            gap = true;
        } else if !is_invisible(character) {
            if gap && !folded.is_empty() {
                folded.push(' ');
            }
            gap = false;
            folded.push(character);
        }
    }
    shorten(without_signatures(&folded).into_owned())
}

/// The text of an HTML message, such as `messageHtml` of a stage: tags are dropped, a link keeps its address, entities
/// are decoded, and the rest is done as in [`clean_text`].
pub fn plain_text(html: &str) -> String {
    let mut text = String::with_capacity(html.len());
    let mut rest = html;
    let mut link: Option<String> = None;
    while let Some(start) = rest.find(['<', '&']) {
        text.push_str(&rest[..start]);
        rest = &rest[start..];
        if rest.starts_with('&') {
            let (decoded, length) = entity(rest);
            text.push_str(&decoded);
            rest = &rest[length..];
        } else if let Some((tag, after)) = split_tag(rest) {
            rest = after;
            let name = tag_name(tag);
            match name.as_str() {
                "a" => link = attribute(tag, "href"),
                "/a" => close_link(&mut text, link.take()),
                "script" | "style" | "head" if !tag.ends_with('/') => rest = after_element(rest, &name),
                // Words of inline elements may go on without a blank.
                "b" | "/b" | "i" | "/i" | "em" | "/em" | "strong" | "/strong" | "span" | "/span" | "code" | "/code"
                | "u" | "/u" | "font" | "/font" => {}
                _ => text.push(' '),
            }
        } else {
            text.push('<');
            rest = &rest[1..];
        }
    }
    text.push_str(rest);
    clean_text(&text)
}

/// Whether a character moves the cursor, turns the direction of writing around, ends a line in some programs and not in
/// others, or takes no room.
pub fn is_invisible(character: char) -> bool {
    character.is_control()
        || matches!(character, '\u{ad}' | '\u{61c}' | '\u{180e}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{feff}' | '\u{fff9}'..='\u{fffb}' | '\u{e0000}'..='\u{e007f}')
}

/// Skips what belongs to a terminal escape (ECMA-48): a control sequence up to its final byte, a string up to its end.
fn skip_escape(introducer: char, characters: &mut Peekable<Chars<'_>>) {
    let kind = if introducer == '\u{9b}' {
        Some('[')
    } else {
        characters.next_if(|next| matches!(next, '[' | ']' | 'P' | '_' | '^' | 'X'))
    };
    match kind {
        Some('[') => {
            while characters.next_if(|next| matches!(next, ' '..='?')).is_some() {}
            characters.next_if(|next| matches!(next, '@'..='~'));
        }
        Some(_) => {
            // A string ends with BEL or with ESC \; one that never ends must not swallow the message.
            let ahead = characters.clone();
            if ahead.clone().any(|next| matches!(next, '\u{7}' | '\u{9c}' | '\u{1b}')) {
                while characters.next_if(|next| !matches!(next, '\u{7}' | '\u{9c}' | '\u{1b}')).is_some() {}
                if characters.next() == Some('\u{1b}') {
                    characters.next_if_eq(&'\\');
                }
            }
        }
        None => {
            characters.next_if(|next| matches!(next, '0'..='~'));
        }
    }
}

fn shorten(text: String) -> String {
    match text.char_indices().nth(LONGEST) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text,
    }
}

/// The inside of the tag or comment that the text starts with, and what follows; `None` when this `<` is just a `<`.
fn split_tag(text: &str) -> Option<(&str, &str)> {
    if let Some(comment) = text.strip_prefix("<!--") {
        return Some(comment.split_once("-->").map_or(("!", ""), |(_, after)| ("!", after)));
    }
    let inside = text.strip_prefix('<')?;
    if !inside.starts_with(|first: char| first.is_ascii_alphabetic() || matches!(first, '/' | '!' | '?')) {
        return None;
    }
    inside.split_once('>')
}

/// The lower-case name of a tag, with the slash of a closing one.
fn tag_name(tag: &str) -> String {
    let end = tag
        .char_indices()
        .skip(1)
        .find(|(_, character)| !character.is_ascii_alphanumeric())
        .map_or(tag.len(), |(index, _)| index);
    tag[..end].to_ascii_lowercase()
}

/// The decoded value of an attribute of a tag.
fn attribute(tag: &str, name: &str) -> Option<String> {
    let position = tag.to_ascii_lowercase().find(&format!(" {name}="))?;
    let value = &tag[position + name.len() + 2..];
    let value = match value.chars().next()? {
        quote @ ('"' | '\'') => value[1..].split(quote).next()?,
        _ => value.split_ascii_whitespace().next()?,
    };
    let mut decoded = String::new();
    let mut rest = value;
    while let Some(start) = rest.find('&') {
        decoded.push_str(&rest[..start]);
        let (text, length) = entity(&rest[start..]);
        decoded.push_str(&text);
        rest = &rest[start + length..];
    }
    decoded.push_str(rest);
    Some(decoded)
}

/// Writes the address behind the text of a link, unless the text is the address.
fn close_link(text: &mut String, link: Option<String>) {
    if let Some(address) =
        link.filter(|address| address.starts_with("http") && !text.trim_end().ends_with(address.as_str()))
    {
        text.push_str(" (");
        text.push_str(&address);
        text.push(')');
    }
}

/// What follows an element whose content is not for reading.
fn after_element<'a>(text: &'a str, name: &str) -> &'a str {
    let close = format!("</{name}");
    text.to_ascii_lowercase().find(&close).map_or("", |start| &text[start..])
}

/// The character that an entity at the start of the text means, and the entity's length; a lone `&` means itself.
fn entity(text: &str) -> (String, usize) {
    let literal = || ("&".to_owned(), 1);
    let Some(end) = text.bytes().take(12).position(|byte| byte == b';') else { return literal() };
    let name = &text[1..end];
    let decoded = match name {
        "amp" => Some('&'),
        "lt" => Some('<'),
        "gt" => Some('>'),
        "apos" | "lsquo" | "rsquo" => Some('\''),
        "quot" | "ldquo" | "rdquo" => Some('"'),
        "nbsp" => Some(' '),
        "ndash" | "mdash" => Some('–'),
        "hellip" => Some('…'),
        "bull" | "middot" => Some('·'),
        "copy" => Some('©'),
        "reg" => Some('®'),
        "trade" => Some('™'),
        _ => name
            .strip_prefix('#')
            .and_then(|number| match number.strip_prefix(['x', 'X']) {
                Some(digits) => u32::from_str_radix(digits, 16).ok(),
                None => number.parse().ok(),
            })
            .and_then(char::from_u32),
    };
    decoded.map_or_else(literal, |character| (character.to_string(), end + 1))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn markup_goes_and_the_words_stay() {
        insta::assert_snapshot!(
            plain_text("<p>No image for the plan <b>gold</b>s.</p><ul><li>Upload one &amp; publish&nbsp;again</li><li>x &lt; 3</li></ul><!-- a > b --><script>alert('x')</script>"),
            @"No image for the plan golds. Upload one & publish again x < 3"
        );
        assert_eq!(plain_text("takes < 15 min & more &unknown; text"), "takes < 15 min & more &unknown; text");
        assert_eq!(plain_text("&#x41;&#66;&#xd800;"), "AB&#xd800;");
        assert_eq!(plain_text("cut <a href=\"x"), "cut <a href=\"x");
    }

    #[test]
    fn a_link_keeps_its_address_but_not_its_signature() {
        insta::assert_snapshot!(
            plain_text(r#"See <a class="l" href="https://x.blob.core.windows.net/r.pdf?sv=1&amp;sig=aB%2Bc%3D&amp;se=2">the report</a>, or <a href="https://aka.ms/x">https://aka.ms/x</a>."#),
            @"See the report (https://x.blob.core.windows.net/r.pdf?sv=1&sig=REDACTED&se=2), or https://aka.ms/x."
        );
    }

    #[test]
    fn nothing_reaches_a_terminal_that_steers_it() {
        assert_eq!(clean_text("a\u{1b}[31mred\u{1b}[0m\r\n\tb"), "ared b");
        assert_eq!(clean_text("\u{1b}]0;title\u{7}shown \u{1b}]8;;http://x\u{1b}\\link"), "shown link");
        assert_eq!(clean_text("\u{1b}]never ends"), "never ends");
        assert_eq!(clean_text("a\u{202e}b\u{200b}c\u{0}d\u{9b}1me"), "abcde");
        assert_eq!(plain_text("&#27;[31mred&#x1b;[0m"), "red");
    }

    #[test]
    fn signatures_are_found_however_they_are_written() {
        assert_eq!(clean_text("at https://b/x?sig=AbC%2f+/=&sv=1 end"), "at https://b/x?sig=REDACTED&sv=1 end");
        assert_eq!(clean_text("u=https%3A%2F%2Fb%3Fsv%3D1%26SIG%3Dabc"), "u=https%3A%2F%2Fb%3Fsv%3D1%26SIG%3DREDACTED");
        assert_eq!(clean_text("design=blue"), "design=blue");
        assert_eq!(clean_text("?sig=REDACTED&a=1"), "?sig=REDACTED&a=1");
    }

    #[test]
    fn a_text_has_an_end() {
        let long = clean_text(&"é".repeat(LONGEST + 5));
        assert_eq!(long.chars().count(), LONGEST + 1);
        assert!(long.ends_with('…'));
    }
}
