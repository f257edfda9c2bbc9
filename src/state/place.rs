//! Where records are kept, as a setting says it: a folder, or `git:BRANCH`.

use std::fmt;
use std::path::{Path, PathBuf};

/// What a branch is named by in a setting.
const GIT: &str = "git:";
/// What git allows in no name of a branch.
const FORBIDDEN: [&str; 11] = ["..", "@{", "//", "~", "^", ":", "?", "*", "[", "\\", ".lock/"];

/// Where records are kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum StatePlace {
    /// In a folder.
    Folder(PathBuf),
    /// In a branch of the repository.
    Branch(BranchName),
}

/// The name of a git branch.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BranchName(String);

/// A text that names no branch.
#[derive(Debug, thiserror::Error)]
#[error("`{GIT}{0}` names no git branch; write for example `git:offerctl-state`")]
pub struct InvalidBranch(String);

impl StatePlace {
    /// Reads a setting; a folder is relative to where the setting stands.
    pub fn parse(text: &Path, base: Option<&Path>) -> Result<Self, InvalidBranch> {
        match text.to_str().and_then(|text| text.strip_prefix(GIT)) {
            Some(name) => BranchName::new(name).map(Self::Branch),
            None => Ok(Self::Folder(base.map_or_else(|| text.to_owned(), |base| base.join(text)))),
        }
    }
}

impl BranchName {
    fn new(name: &str) -> Result<Self, InvalidBranch> {
        let is_fine = !name.is_empty()
            && !name.starts_with(['-', '/', '.'])
            && !name.starts_with("refs/")
            && !name.ends_with(['/', '.'])
            && name.strip_suffix(".lock").is_none()
            && name != "HEAD"
            && !name.contains("/.")
            && !FORBIDDEN.iter().any(|forbidden| name.contains(forbidden))
            && name.chars().all(|character| character.is_ascii_graphic());
        if is_fine { Ok(Self(name.to_owned())) } else { Err(InvalidBranch(name.to_owned())) }
    }

    /// The name as it is written.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The name as git keeps it.
    pub(super) fn reference(&self) -> String {
        format!("refs/heads/{}", self.0)
    }
}

impl fmt::Display for BranchName {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_git_takes_for_a_branch_is_taken() {
        let parse = |text: &str| StatePlace::parse(Path::new(text), Some(Path::new("/root")));
        assert_eq!(parse("kept").unwrap(), StatePlace::Folder("/root/kept".into()));
        for name in ["offerctl-state", "ops/offers.1"] {
            assert_eq!(parse(&format!("git:{name}")).unwrap(), StatePlace::Branch(BranchName(name.into())));
        }
        for name in ["", "-f", "a..b", "a b", "refs/heads/a", "a:b", "a/", ".a", "a/.b", "HEAD", "a.lock", "ä"] {
            assert!(parse(&format!("git:{name}")).is_err(), "{name}");
        }
    }
}
