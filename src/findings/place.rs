//! Where a finding stands: from a position in a file of the repository to another one, as far as it is known.

use crate::offer::SourcePosition;

/// A stretch of a file of the repository.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Place {
    /// Where it begins.
    pub start: SourcePosition,
    /// Where it ends, when that is known: behind its last character.
    pub end: Option<End>,
}

/// The end of a stretch, in the file of its beginning.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct End {
    /// The line, counted from 1.
    pub line: u32,
    /// The column in characters, counted from 1.
    pub column: u32,
}

impl From<SourcePosition> for Place {
    fn from(start: SourcePosition) -> Self {
        Self { start, end: None }
    }
}
