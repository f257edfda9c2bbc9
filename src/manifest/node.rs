//! The tree of a YAML file: JSON's values, each with the place where it was written.
//!
//! Composition works on this tree, so that positions survive it; afterwards it is split into the document and its
//! positions. A tree is at most [`DEPTH_LIMIT`](super::loader::DEPTH_LIMIT) deep, which makes recursion safe.

use std::sync::Arc;

use serde_json::Number;

use super::media::MediaFile;
use super::source::Span;

/// A value and where it stands.
#[derive(Debug, Clone)]
pub(super) struct Node {
    pub kind: Kind,
    pub span: Span,
}

#[derive(Debug, Clone)]
pub(super) enum Kind {
    Null,
    Bool(bool),
    Number(Number),
    Text(Arc<str>),
    List(Vec<Node>),
    Map(Vec<Entry>),
    /// An address, and the local file that is served there.
    Media(Arc<MediaFile>),
    /// What was written is wrong and was reported; nobody need complain about it again.
    Refused,
}

/// A key of a map, where it stands, and its value. The keys of one map are all different.
#[derive(Debug, Clone)]
pub(super) struct Entry {
    pub key: Arc<str>,
    pub key_span: Span,
    pub value: Node,
}

impl Node {
    /// What a person calls it, with its article.
    pub fn article(&self) -> &'static str {
        match self.kind {
            Kind::Null | Kind::Refused => "empty",
            Kind::Bool(_) => "a boolean",
            Kind::Number(_) => "a number",
            Kind::Text(_) => "text",
            Kind::List(_) => "a list",
            Kind::Map(_) => "a map",
            Kind::Media(_) => "a file",
        }
    }

    pub fn as_text(&self) -> Option<&Arc<str>> {
        match &self.kind {
            Kind::Text(text) => Some(text),
            _ => None,
        }
    }

    /// The text by which an element of a keyed list is found when this is the value of its key.
    pub fn name(&self) -> Option<String> {
        match &self.kind {
            Kind::Text(text) if !text.is_empty() => Some(text.to_string()),
            Kind::Number(number) => Some(number.to_string()),
            _ => None,
        }
    }

    pub fn as_map(&self) -> Option<&[Entry]> {
        match &self.kind {
            Kind::Map(entries) => Some(entries),
            _ => None,
        }
    }

    pub fn get(&self, key: &str) -> Option<&Entry> {
        self.as_map()?.iter().find(|entry| &*entry.key == key)
    }
}
