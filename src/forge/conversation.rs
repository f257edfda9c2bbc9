//! How a comment is kept up to date, whatever the place: look for it, then write it or edit it. Nothing is written twice.

use serde_json::Value;

use super::ForgeError;
use crate::portal::ErrorKind;

/// What is to stand on the pull request.
#[derive(Debug, Clone)]
pub struct Comment {
    /// Its first line, by which it is found again.
    pub marker: String,
    /// All of it, the marker included.
    pub text: String,
}

/// What was done.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Deed {
    /// There was none yet.
    Created,
    /// It was edited in place.
    Updated,
    /// It says the same already.
    Unchanged,
}

impl Deed {
    /// The word in text and JSON.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Created => "created",
            Self::Updated => "updated",
            Self::Unchanged => "unchanged",
        }
    }
}

/// A comment that stands where it should.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Posted {
    /// What was done.
    pub deed: Deed,
    /// Where people see it; `None` when the place does not tell.
    pub url: Option<String>,
    /// How many other comments of this account have the same marker: two jobs wrote at once. They are left alone.
    pub duplicates: usize,
    /// How many comments of other accounts have the marker. They are never edited.
    pub foreign: usize,
}

/// A comment as it stands there.
#[derive(Debug, Clone)]
pub(super) struct Written {
    /// What the place needs to find it.
    pub(super) id: String,
    pub(super) author: String,
    pub(super) text: String,
    pub(super) url: Option<String>,
}

/// What a place can do.
pub(super) trait Talk {
    /// Which account the token belongs to, as authors of comments are told.
    async fn account(&self) -> Result<String, ForgeError>;

    /// All comments, the oldest first.
    async fn comments(&self) -> Result<Vec<Written>, ForgeError>;

    /// Writes a comment; answers where it is.
    async fn create(&self, text: &str) -> Result<Option<String>, ForgeError>;

    /// Edits a comment; answers where it is.
    async fn update(&self, comment: &Written, text: &str) -> Result<Option<String>, ForgeError>;
}

pub(super) async fn post(place: &impl Talk, comment: &Comment) -> Result<Posted, ForgeError> {
    let account = place.account().await?;
    let marked = |written: &Written| is_marked(&written.text, &comment.marker);
    let found: Vec<_> = place.comments().await?.into_iter().filter(marked).collect();
    let count = found.len();
    let mut own = found.into_iter().filter(|written| written.author.eq_ignore_ascii_case(&account));
    let oldest = own.next();
    let duplicates = own.count();
    let foreign = count - duplicates - usize::from(oldest.is_some());
    let (deed, url) = match oldest {
        None => (Deed::Created, place.create(&comment.text).await?),
        Some(written) if same_text(&written.text, &comment.text) => (Deed::Unchanged, written.url),
        Some(written) => match place.update(&written, &comment.text).await {
            Ok(url) => (Deed::Updated, url.or(written.url)),
            // Somebody deleted it between the two requests.
            Err(error) if error.kind() == ErrorKind::NotFound => (Deed::Created, place.create(&comment.text).await?),
            Err(error) => return Err(error),
        },
    };
    Ok(Posted { deed, url, duplicates, foreign })
}

/// Whether the text begins with the marker. One that quotes it does not.
fn is_marked(text: &str, marker: &str) -> bool {
    text.trim_start().lines().next().is_some_and(|line| line.trim_end() == marker)
}

/// Places change line ends, and the blanks at the end.
fn same_text(one: &str, other: &str) -> bool {
    let lines = |text: &str| text.trim().lines().map(|line| line.trim_end().to_owned()).collect::<Vec<_>>();
    lines(one) == lines(other)
}

/// The text of a field, when it is one.
pub(super) fn text_at(value: &Value, pointer: &str) -> Option<String> {
    value.pointer(pointer)?.as_str().map(str::to_owned)
}

/// An id, which places write as a number or as text.
pub(super) fn id_at(value: &Value, pointer: &str) -> Option<String> {
    match value.pointer(pointer)? {
        Value::Number(number) => Some(number.to_string()),
        Value::String(text) if !text.is_empty() => Some(text.clone()),
        _ => None,
    }
}

/// The address that a place says its page has; only one that a browser opens safely.
pub(super) fn page_at(value: &Value, pointer: &str) -> Option<String> {
    text_at(value, pointer).filter(|url| url.starts_with("https://") || url.starts_with("http://"))
}
