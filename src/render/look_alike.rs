//! Texts that differ and look alike: an edit that nobody can see is told by spelling what has no shape of its own.
//!
//! Alike are texts of which the same is left once invisible characters are gone and all blanks are one, as pages and
//! terminals show them.

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use crate::portal::is_invisible;

/// The texts of some values that are shown beside each other, by what is seen of them.
#[derive(Debug, Default)]
pub(super) struct LookAlikes {
    seen: BTreeMap<String, BTreeSet<String>>,
}

impl LookAlikes {
    /// Of the texts anywhere in these values.
    pub(super) fn among<'value>(values: impl IntoIterator<Item = &'value Value>) -> Self {
        let mut alikes = Self::default();
        for value in values {
            alikes.collect(value);
        }
        alikes
    }

    /// Of these texts.
    pub(super) fn among_texts<'text>(texts: impl IntoIterator<Item = &'text str>) -> Self {
        let mut alikes = Self::default();
        for text in texts {
            alikes.add(text);
        }
        alikes
    }

    fn collect(&mut self, value: &Value) {
        match value {
            Value::String(text) => self.add(text),
            Value::Array(items) => items.iter().for_each(|item| self.collect(item)),
            Value::Object(map) => map.values().for_each(|item| self.collect(item)),
            _ => {}
        }
    }

    fn add(&mut self, text: &str) {
        self.seen.entry(look(text)).or_default().insert(text.to_owned());
    }

    /// The text, told apart from those that look like it.
    pub(super) fn text(&self, text: &str) -> String {
        let is_alone = self.seen.get(&look(text)).is_none_or(|alike| alike.len() < 2);
        if is_alone { text.to_owned() } else { spelt(text) }
    }

    /// The value, in which each text is told apart from those that look like it.
    pub(super) fn value(&self, value: &Value) -> Value {
        match value {
            Value::String(text) => Value::String(self.text(text)),
            Value::Array(items) => items.iter().map(|item| self.value(item)).collect(),
            Value::Object(map) => map.iter().map(|(key, item)| (key.clone(), self.value(item))).collect(),
            other => other.clone(),
        }
    }
}

/// Two values to be shown beside each other, with the texts in them told apart.
pub(super) fn apart(one: &Value, other: &Value) -> [Value; 2] {
    let alikes = LookAlikes::among([one, other]);
    [alikes.value(one), alikes.value(other)]
}

/// Whether nobody can tell two texts apart.
pub(super) fn are_alike(one: &str, other: &str) -> bool {
    one != other && look(one) == look(other)
}

/// Whether there is nothing to be seen of a text that is there.
pub(super) fn is_unseen(text: &str) -> bool {
    !text.is_empty() && look(text).is_empty()
}

/// The text with everything spelt that has no shape of its own: `\u{a0}`.
pub(super) fn spelt(text: &str) -> String {
    let mut shown = String::with_capacity(text.len());
    let mut characters = text.chars().peekable();
    let mut is_after_blank = true;
    while let Some(character) = characters.next() {
        // A single blank between words is seen; at an end or beside another one it is not.
        let is_hidden = match character {
            ' ' => is_after_blank || characters.peek().is_none_or(|next| next.is_whitespace()),
            other => other.is_whitespace() || is_shapeless(other),
        };
        match character {
            ' ' if is_hidden => shown.push_str("\\u{20}"),
            other if is_hidden => shown.extend(other.escape_default()),
            other => shown.push(other),
        }
        is_after_blank = character.is_whitespace();
    }
    shown
}

/// The text with only those characters spelt that no screen shows, although they turn around what stands beside them or
/// hide in it: for what one side says and the other does not, also where that can be seen.
pub(super) fn revealed(text: &str) -> Cow<'_, str> {
    if !text.contains(is_traceless) {
        return Cow::Borrowed(text);
    }
    let mut shown = String::with_capacity(text.len());
    let mut last = None;
    let mut characters = text.chars().peekable();
    while let Some(character) = characters.next() {
        let joins = matches!(character, '\u{200c}' | '\u{200d}')
            && last.is_some_and(may_be_joined)
            && characters.peek().copied().is_some_and(may_be_joined);
        if is_traceless(character) && !joins {
            shown.extend(character.escape_unicode());
        } else {
            shown.push(character);
        }
        last = Some(character);
    }
    Cow::Owned(shown)
}

/// What no screen shows. The ends of lines have a sign, selectors of variants give another character its shape, and other
/// controls do nothing to a text in a listing.
fn is_traceless(character: char) -> bool {
    let has_sign = character.is_control() || matches!(character, '\u{2028}' | '\u{2029}');
    let selects = matches!(character, '\u{fe00}'..='\u{fe0f}' | '\u{e0100}'..='\u{e01ef}');
    is_shapeless(character) && !has_sign && !selects
}

/// Whether a joiner beside it is seen: in emoji, and in scripts whose letters change their shape beside others.
fn may_be_joined(character: char) -> bool {
    let is_joining_script =
        matches!(character, '\u{600}'..='\u{1fff}' | '\u{a800}'..='\u{abff}' | '\u{10000}'..='\u{1efff}');
    let is_emoji = matches!(character, '\u{2190}'..='\u{2bff}' | '\u{fe0f}' | '\u{1f000}'..='\u{1faff}');
    is_emoji || (is_joining_script && !is_shapeless(character))
}

/// What is seen of a text.
fn look(text: &str) -> String {
    let mut seen = String::with_capacity(text.len());
    for character in text.chars() {
        match character {
            '\n' | '\u{2028}' | '\u{2029}' => seen.push('⏎'),
            hidden if hidden != '\t' && is_shapeless(hidden) => {}
            blank if blank.is_whitespace() => {
                if !seen.ends_with(' ') {
                    seen.push(' ');
                }
            }
            shape => seen.push(shape),
        }
    }
    seen.trim().to_owned()
}

fn is_shapeless(character: char) -> bool {
    // Joiners, selectors of variants, and letters that are drawn as nothing.
    is_invisible(character)
        || matches!(character, '\u{34f}' | '\u{115f}' | '\u{1160}' | '\u{2800}' | '\u{3164}' | '\u{fe00}'..='\u{fe0f}' | '\u{ffa0}' | '\u{e0100}'..='\u{e01ef}')
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::json;

    use super::*;

    #[test]
    fn what_cannot_be_seen_is_spelt_on_both_sides() {
        let pairs = [
            ("Contoso VM", "Contoso\u{a0}VM"),
            ("Contoso VM", "Contoso\u{200b} VM"),
            ("Contoso VM", "Contoso VM "),
            ("Contoso VM", "Contoso  VM"),
            ("a\nb", "a\r\nb"),
            ("a b", "a\tb"),
            ("⚠", "⚠\u{fe0f}"),
            ("Contoso VM", "Contoso\u{a0}Machine"),
        ];
        let lines = pairs.map(|(one, other)| {
            let [one, other] = apart(&json!(one), &json!(other));
            format!("{} → {}", one.as_str().unwrap(), other.as_str().unwrap())
        });
        assert_eq!(
            lines,
            [
                r"Contoso VM → Contoso\u{a0}VM",
                r"Contoso VM → Contoso\u{200b} VM",
                r"Contoso VM → Contoso VM\u{20}",
                r"Contoso VM → Contoso\u{20}\u{20}VM",
                r"a\nb → a\r\nb",
                r"a b → a\tb",
                r"⚠ → ⚠\u{fe0f}",
                "Contoso VM → Contoso\u{a0}Machine",
            ]
        );
    }

    #[test]
    fn what_leaves_no_trace_is_spelt_also_alone() {
        let texts = [
            "Contoso VM\u{202e} exe",
            "\u{feff}two\u{200b} three\u{2069}",
            "Con\u{ad}to\u{200d}so\u{3164}",
            "x\u{200d}👩",
            "England 🏴\u{e0067}",
            "a\u{a0}b  c\r\n\td ",
            "👩\u{200d}💻 ❤\u{fe0f}\u{200d}🔥 می\u{200c}خواهم क्\u{200d}ष",
        ];
        assert_eq!(
            texts.map(|text| revealed(text).into_owned()),
            [
                r"Contoso VM\u{202e} exe",
                r"\u{feff}two\u{200b} three\u{2069}",
                r"Con\u{ad}to\u{200d}so\u{3164}",
                r"x\u{200d}👩",
                r"England 🏴\u{e0067}",
                "a\u{a0}b  c\r\n\td ",
                "👩\u{200d}💻 ❤\u{fe0f}\u{200d}🔥 می\u{200c}خواهم क्\u{200d}ष",
            ]
        );
    }

    #[test]
    fn what_is_the_same_on_both_sides_stays_the_same() {
        let [before, after] = apart(&json!({"a": "x ", "b": ["x"]}), &json!({"a": "x ", "b": ["x\u{200b}"]}));
        assert_eq!(before, json!({"a": "x\\u{20}", "b": ["x"]}));
        assert_eq!(after, json!({"a": "x\\u{20}", "b": ["x\\u{200b}"]}));
    }

    proptest! {
        #[test]
        fn texts_that_looked_alike_do_so_no_more(
            pairs in proptest::collection::vec(("[a ]?", "[ \t\r\u{a0}\u{200b}\u{feff}]?"), 0..6),
        ) {
            let one: String = pairs.iter().map(|(shape, _)| shape.as_str()).collect();
            let other: String = pairs.iter().flat_map(|(shape, hidden)| [shape.as_str(), hidden]).collect();
            if are_alike(&one, &other) {
                prop_assert_ne!(look(&spelt(&one)), look(&spelt(&other)));
            }
        }
    }
}
