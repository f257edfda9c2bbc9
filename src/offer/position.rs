//! Where a value was written down: file, line and column, kept beside the value through composition.

use std::fmt;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::FieldPath;

/// A place in a file of the repository.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct SourcePosition {
    /// The file, relative to the repository root, with `/` between its parts.
    pub file: Arc<str>,
    /// The line, counted from 1.
    pub line: u32,
    /// The column in characters, counted from 1.
    pub column: u32,
}

impl fmt::Display for SourcePosition {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}:{}:{}", self.file, self.line, self.column)
    }
}

/// The positions of a composed document: one node a value, shaped as the document is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PositionTree {
    /// Where the value stands.
    pub value: SourcePosition,
    /// Where its key stands; for list elements and the root, where the value stands.
    pub key: SourcePosition,
    /// The positions of what is inside: by key for maps, by index (as text) for lists, in the document's order.
    pub children: Vec<(Arc<str>, PositionTree)>,
}

impl PositionTree {
    /// The node at the given segments, or `None` when nothing was declared there.
    ///
    /// Lists are addressed by index; for keyed lists, translate the key to the index first.
    pub fn descend<'a>(&self, segments: impl IntoIterator<Item = &'a str>) -> Option<&Self> {
        segments.into_iter().try_fold(self, |node, segment| {
            node.children.iter().find(|(key, _)| **key == *segment).map(|(_, child)| child)
        })
    }

    /// The deepest node on the way to the path: the place to point at when the path itself was not written down.
    pub fn nearest(&self, path: &FieldPath) -> &Self {
        let mut node = self;
        for segment in path.segments() {
            match node.descend([segment.as_str()]) {
                Some(child) => node = child,
                None => break,
            }
        }
        node
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn leaf(line: u32) -> PositionTree {
        let position = SourcePosition { file: Arc::from("offer.yaml"), line, column: 1 };
        PositionTree { value: position.clone(), key: position, children: Vec::new() }
    }

    #[test]
    fn a_path_that_was_not_written_down_is_placed_at_its_nearest_ancestor() {
        let offer = PositionTree { children: vec![("title".into(), leaf(3))], ..leaf(2) };
        let tree = PositionTree { children: vec![("offer".into(), offer)], ..leaf(1) };
        let line = |path: &str| tree.nearest(&FieldPath::parse(path).unwrap()).value.line;
        assert_eq!((line("/offer/title"), line("/offer/summary/x"), line("/plans"), line("")), (3, 2, 1, 1));
        assert!(tree.descend(["offer", "summary"]).is_none());
    }
}
