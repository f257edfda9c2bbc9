//! Where a value stands in an offer's document.

use std::fmt;

use serde::{Deserialize, Serialize};

/// The place of a value in an offer's document, written as a JSON pointer (RFC 6901).
///
/// Elements of keyed lists are addressed by their key, not by their index, so that a path means the same thing
/// whatever order the service answers in: `/definition/plans/gold/regions` is the offer plan whose `planId` is `gold`.
#[derive(Debug, Clone, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct FieldPath(Vec<String>);

/// A text that is no JSON pointer.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is not a path: it starts with `/`, for example `/definition/displayText`")]
pub struct InvalidFieldPath(String);

impl FieldPath {
    /// The whole document.
    pub fn root() -> Self {
        Self(Vec::new())
    }

    /// Reads a JSON pointer.
    pub fn parse(text: &str) -> Result<Self, InvalidFieldPath> {
        if text.is_empty() {
            return Ok(Self::root());
        }
        let Some(rest) = text.strip_prefix('/') else {
            return Err(InvalidFieldPath(text.to_owned()));
        };
        Ok(Self(rest.split('/').map(|segment| segment.replace("~1", "/").replace("~0", "~")).collect()))
    }

    /// This path with one more segment.
    #[must_use]
    pub fn child(&self, segment: impl Into<String>) -> Self {
        let mut segments = self.0.clone();
        segments.push(segment.into());
        Self(segments)
    }

    /// Goes one segment deeper, in place.
    pub fn push(&mut self, segment: impl Into<String>) {
        self.0.push(segment.into());
    }

    /// Goes one segment up, in place; the root stays the root.
    pub fn pop(&mut self) {
        self.0.pop();
    }

    /// The segments, unescaped.
    pub fn segments(&self) -> &[String] {
        &self.0
    }

    /// The last segment, if this is not the root.
    pub fn last(&self) -> Option<&str> {
        self.0.last().map(String::as_str)
    }

    /// Whether this is the given path or a place inside it.
    pub fn is_within(&self, other: &Self) -> bool {
        self.0.starts_with(&other.0)
    }
}

impl FieldPath {
    /// The path as one word of a command that people paste into a shell, whatever its keys are.
    pub fn as_shell_word(&self) -> String {
        let text = self.to_string();
        let is_plain = |character: char| character.is_ascii_alphanumeric() || "/._-:".contains(character);
        if !text.is_empty() && text.chars().all(is_plain) { text } else { format!("'{}'", text.replace('\'', "'\\''")) }
    }
}

impl fmt::Display for FieldPath {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        for segment in &self.0 {
            write!(formatter, "/{}", segment.replace('~', "~0").replace('/', "~1"))?;
        }
        Ok(())
    }
}

impl TryFrom<String> for FieldPath {
    type Error = InvalidFieldPath;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        Self::parse(&text)
    }
}

impl From<FieldPath> for String {
    fn from(path: FieldPath) -> Self {
        path.to_string()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn slashes_and_tildes_survive() {
        let path = FieldPath::root().child("a/b").child("c~d").child("");
        assert_eq!(path.to_string(), "/a~1b/c~0d/");
        assert_eq!(FieldPath::parse(&path.to_string()).unwrap(), path);
        assert!(FieldPath::parse("a").is_err());
    }

    #[test]
    fn a_word_of_a_command_is_one_word_whatever_is_in_it() {
        let words = ["/definition/x.title", "/a b", "/$(rm -rf ~)", "/it's", ""];
        let words = words.map(|text| FieldPath::parse(text).unwrap().as_shell_word());
        assert_eq!(words, ["/definition/x.title", "'/a b'", "'/$(rm -rf ~0)'", "'/it'\\''s'", "''"]);
    }

    #[test]
    fn within_compares_whole_segments() {
        let plans = FieldPath::parse("/definition/plans").unwrap();
        assert!(FieldPath::parse("/definition/plans/gold").unwrap().is_within(&plans));
        assert!(!FieldPath::parse("/definition/plansX").unwrap().is_within(&plans));
    }
}
