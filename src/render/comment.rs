//! A comment on a pull request: how long it may be, and the hidden line by which it is found again, so that one comment is
//! edited in place and two configurations do not write over each other's.

use std::fmt::{self, Write as _};
use std::str::FromStr;

use super::markdown::sheet::measure;

/// How long a Markdown text may be, in UTF-16 code units.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct MarkdownLimit(usize);

impl MarkdownLimit {
    /// GitHub: "Body is too long (maximum is 65536 characters)". Longer comments were seen to be taken, up to 262,144
    /// bytes; this is what it promises.
    pub const GITHUB: Self = Self(65_536);
    /// Azure DevOps: "A discussion comment cannot be longer than 150000 characters."
    pub const AZURE_DEVOPS: Self = Self(150_000);
    /// GitLab: a million characters, <https://docs.gitlab.com/api/notes/>.
    pub const GITLAB: Self = Self(1_000_000);
    /// With less not even the totals would be sure to fit.
    pub const LEAST: Self = Self(2_000);

    /// So many units, unless they are too few.
    pub fn of(units: usize) -> Option<Self> {
        (units >= Self::LEAST.0).then_some(Self(units))
    }

    /// The number of units.
    pub fn units(self) -> usize {
        self.0
    }

    /// By how many units the text is too long.
    pub fn excess(self, text: &str) -> Option<usize> {
        measure(text).checked_sub(self.0).filter(|excess| *excess > 0)
    }
}

impl Default for MarkdownLimit {
    /// The strictest of the three, so that a text without a place fits everywhere.
    fn default() -> Self {
        Self::GITHUB
    }
}

/// A limit that is none.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("write `github`, `azure-devops`, `gitlab`, or a number of characters from {} on", MarkdownLimit::LEAST.0)]
pub struct InvalidMarkdownLimit;

impl FromStr for MarkdownLimit {
    type Err = InvalidMarkdownLimit;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        match text {
            "github" => Ok(Self::GITHUB),
            "azure-devops" => Ok(Self::AZURE_DEVOPS),
            "gitlab" => Ok(Self::GITLAB),
            number => {
                let number = number.parse().map_err(|_| InvalidMarkdownLimit)?;
                Self::of(number).ok_or(InvalidMarkdownLimit)
            }
        }
    }
}

/// The name of a comment, written so that it can stand in an HTML comment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CommentId(String);

/// A name that no comment can have.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("a comment's name has from 1 to {LONGEST_NAME} characters")]
pub struct InvalidCommentId;

const LONGEST_NAME: usize = 100;
const MARKER_BEGIN: &str = "<!-- offerctl:plan ";
const MARKER_END: &str = " -->";

impl CommentId {
    /// The comment of the configuration in this folder of its git repository, written as `/marketplace`.
    pub fn of_place(place: &str) -> Self {
        let mut kept: Vec<char> = place.chars().rev().take(LONGEST_NAME).collect();
        kept.reverse();
        Self(encoded(&kept.into_iter().collect::<String>()))
    }

    /// The hidden line that a comment of this name begins with.
    pub fn marker(&self) -> String {
        format!("{MARKER_BEGIN}{}{MARKER_END}", self.0)
    }

    /// The name in the first line of a text.
    pub fn of_text(markdown: &str) -> Option<Self> {
        let name = markdown.trim_start().lines().next()?.trim_end();
        let name = name.strip_prefix(MARKER_BEGIN)?.strip_suffix(MARKER_END)?;
        let is_safe = |character: char| character.is_ascii_graphic() && !matches!(character, '<' | '>');
        (!name.is_empty() && name.chars().all(is_safe) && !name.contains("--")).then(|| Self(name.to_owned()))
    }

    /// The text with this name, in place of the one that it has.
    pub fn put_on(&self, markdown: &str) -> String {
        let rest = match Self::of_text(markdown) {
            Some(_) => markdown.trim_start().split_once('\n').map_or("", |(_, rest)| rest),
            None => markdown,
        };
        format!("{}\n{rest}", self.marker())
    }
}

impl FromStr for CommentId {
    type Err = InvalidCommentId;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let length = text.trim().chars().count();
        if (1..=LONGEST_NAME).contains(&length) { Ok(Self(encoded(text.trim()))) } else { Err(InvalidCommentId) }
    }
}

impl fmt::Display for CommentId {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.0)
    }
}

/// Letters, digits and what stands in paths as they are, the rest as `%` and its bytes. Two hyphens in a row would end an
/// HTML comment.
fn encoded(name: &str) -> String {
    let mut safe = String::with_capacity(name.len());
    for character in name.chars() {
        let is_plain = character.is_ascii_alphanumeric() || matches!(character, '.' | '_' | '/' | ':');
        if is_plain || (character == '-' && !safe.is_empty() && !safe.ends_with('-')) {
            safe.push(character);
        } else {
            let mut bytes = [0; 4];
            for byte in character.encode_utf8(&mut bytes).bytes() {
                let _ = write!(safe, "%{byte:02X}");
            }
        }
    }
    safe
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_found_again_in_the_text_that_it_was_put_on() {
        for name in ["/", "prod EU", "a--b", "--> <script>", "übersicht", "-"] {
            let id: CommentId = name.parse().unwrap();
            let marker = id.marker();
            assert_eq!(marker.matches("--").count(), 2, "{marker}");
            let text = id.put_on("## Plan\n");
            assert_eq!(CommentId::of_text(&text), Some(id.clone()), "{text}");
            assert_eq!(id.put_on(&text), text);
            let other: CommentId = "other".parse().unwrap();
            assert_eq!(other.put_on(&text), "<!-- offerctl:plan other -->\n## Plan\n");
        }
        insta::assert_snapshot!("prod EU--1".parse::<CommentId>().unwrap().marker(), @"<!-- offerctl:plan prod%20EU-%2D1 -->");
    }

    #[test]
    fn other_texts_have_no_name() {
        for text in
            ["", "## Plan", "> <!-- offerctl:plan / -->", "<!-- offerctl:plan  -->", "<!-- offerctl:plan a --> b -->"]
        {
            assert_eq!(CommentId::of_text(text), None, "{text}");
        }
        assert!("".parse::<CommentId>().is_err() && "x".repeat(101).parse::<CommentId>().is_err());
        assert_eq!(CommentId::of_place(&format!("/{}/end", "x".repeat(200))).to_string().len(), 100);
    }

    #[test]
    fn a_limit_is_a_place_or_a_number_that_leaves_room_for_the_totals() {
        assert_eq!("gitlab".parse(), Ok(MarkdownLimit::GITLAB));
        assert_eq!("2000".parse(), Ok(MarkdownLimit::LEAST));
        assert_eq!("1999".parse::<MarkdownLimit>(), Err(InvalidMarkdownLimit));
        assert_eq!("bitbucket".parse::<MarkdownLimit>(), Err(InvalidMarkdownLimit));
        assert_eq!(MarkdownLimit::LEAST.excess(&"x".repeat(2_003)), Some(3));
        assert_eq!(MarkdownLimit::LEAST.excess(&"x".repeat(2_000)), None);
    }
}
