//! Where a finding stands: a position in a file of the repository, and how far it reaches in its line, as far as that is
//! known.

use crate::offer::SourcePosition;

/// A stretch of one line of the repository's files.
///
/// Never more than a line: a place that hosts a repository shows a finding on a pull request only where every line of it was
/// changed.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Place {
    /// Where it begins.
    pub start: SourcePosition,
    /// The column behind its last character, when that is known.
    pub behind: Option<u32>,
}

impl From<SourcePosition> for Place {
    fn from(start: SourcePosition) -> Self {
        Self { start, behind: None }
    }
}

impl Place {
    /// The first line of a file: for what concerns all of it.
    pub fn head(file: &str) -> Self {
        SourcePosition { file: file.into(), line: 1, column: 1 }.into()
    }

    /// The same place in the repository that holds this one in a folder.
    #[must_use]
    pub fn below(self, folder: &str) -> Self {
        let folder = folder.trim_matches('/');
        if folder.is_empty() {
            return self;
        }
        let file = format!("{folder}/{}", self.start.file).into();
        Self { start: SourcePosition { file, ..self.start }, ..self }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_folder_of_the_repository_stands_before_the_file() {
        let below = |folder| Place::head("offers/vm.yaml").below(folder).start.to_string();
        assert_eq!(below("/"), "offers/vm.yaml:1:1");
        assert_eq!(below("/marketplace/eu"), "marketplace/eu/offers/vm.yaml:1:1");
    }
}
