//! What changed in the working tree since it parted from a commit: committed, staged, edited and new files alike.
//!
//! Paths are relative to one folder of the repository, and what lies outside of it is unknown here. A file that git does not
//! follow counts as changed, because nobody can tell that it is not.

use std::collections::HashSet;
use std::path::{Path, PathBuf};

use super::{Git, GitError, TRUST};

/// The files below a folder, as they stand to a commit.
#[derive(Debug)]
pub struct ChangedFiles {
    git: Git,
    folder: PathBuf,
    /// Where the checkout parted from what it is compared with.
    base: String,
    /// What differs from there, deleted files and the old names of renamed ones too.
    changed: HashSet<String>,
    /// What is no longer there, under any name that git knows.
    deleted: Vec<String>,
    /// What git follows.
    followed: HashSet<String>,
}

/// How much of its history a clone has.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum History {
    /// All of it.
    Whole,
    /// Its last commits.
    Shallow,
}

/// Changes that cannot be told.
#[derive(Debug, thiserror::Error)]
pub enum UnknownChanges {
    /// There is no repository.
    #[error("`{}` is in no git repository that can be used: {source}", folder.display())]
    NoRepository {
        /// Where one was looked for.
        folder: PathBuf,
        /// What git said.
        source: GitError,
    },
    /// The clone has no such commit.
    #[error("git knows no commit `{revision}` here")]
    NoCommit {
        /// What was named.
        revision: String,
        /// What may be the reason.
        history: History,
        /// The same name on a remote, which is there.
        meant: Option<String>,
    },
    /// The commit and the checkout have nothing in common.
    #[error("`{revision}` and the checkout have no commit in common")]
    NothingInCommon {
        /// What was named.
        revision: String,
        /// What may be the reason.
        history: History,
    },
    /// Something else.
    #[error("git cannot tell what changed: {0}")]
    Git(#[from] GitError),
}

impl UnknownChanges {
    /// What to do next.
    pub fn advice(&self) -> String {
        match self {
            Self::NoRepository { source, .. } if source.is_distrust() => TRUST.to_owned(),
            Self::NoRepository { .. } => "work in a clone, or name the offers instead".to_owned(),
            Self::NoCommit { meant: Some(meant), .. } => format!("did you mean `{meant}`?"),
            Self::NoCommit { history: History::Shallow, .. } | Self::NothingInCommon { history: History::Shallow, .. } => {
                "this clone has only the last commits; fetch all of them: `fetch-depth: 0` for actions/checkout on GitHub, \
                 `fetchDepth: 0` in Azure Pipelines, `GIT_DEPTH: 0` in GitLab, `git fetch --unshallow` elsewhere"
                    .to_owned()
            }
            Self::NoCommit { history: History::Whole, .. } => {
                "name a branch, a tag or a commit that this clone has, for example `origin/main`; `git fetch` gets those of \
                 the remote"
                    .to_owned()
            }
            Self::NothingInCommon { history: History::Whole, .. } => {
                "name a commit that the checkout grew out of, for example `origin/main`".to_owned()
            }
            Self::Git(_) => "mend what git complains about, or name the offers instead".to_owned(),
        }
    }
}

impl ChangedFiles {
    /// Compares the files below a folder with the last commit that the checkout and a revision have in common.
    pub fn since(folder: &Path, revision: &str) -> Result<Self, UnknownChanges> {
        let git = Git::for_looking(folder);
        let no_repository = |source| UnknownChanges::NoRepository { folder: folder.to_owned(), source };
        let shallow = git.run(&["rev-parse", "--is-shallow-repository"]).map_err(no_repository)?;
        let history = if shallow == "true" { History::Shallow } else { History::Whole };
        let commit = |name: &str| {
            let name = format!("{name}^{{commit}}");
            git.run(&["rev-parse", "--verify", "--quiet", "--end-of-options", &name])
        };
        let Ok(there) = commit(revision) else {
            let meant = Some(format!("origin/{revision}")).filter(|name| commit(name).is_ok());
            return Err(UnknownChanges::NoCommit { revision: revision.to_owned(), history, meant });
        };
        let nothing_in_common = || UnknownChanges::NothingInCommon { revision: revision.to_owned(), history };
        let base = git.find(&["merge-base", &there, "HEAD"])?.ok_or_else(nothing_in_common)?;
        let mut found = Self {
            folder: folder.to_owned(),
            changed: HashSet::new(),
            deleted: Vec::new(),
            followed: listed(&git.run(&["ls-files", "-z"])?).map(str::to_owned).collect(),
            base,
            git,
        };
        found.compare()?;
        Ok(found)
    }

    fn compare(&mut self) -> Result<(), GitError> {
        // To the working tree, so that the index need not be looked at.
        let compared = self.git.run(&[
            "diff",
            "--name-status",
            "-z",
            "--find-renames",
            "--relative",
            "--no-ext-diff",
            &self.base,
            "--",
        ])?;
        let mut words = listed(&compared);
        while let (Some(status), Some(path)) = (words.next(), words.next()) {
            self.changed.insert(path.to_owned());
            if status.starts_with('D') {
                self.deleted.push(path.to_owned());
            }
            // A rename has two names.
            if status.starts_with(['R', 'C']) {
                self.changed.extend(words.next().map(str::to_owned));
            }
        }
        let new = self.git.run(&["ls-files", "--others", "--exclude-standard", "-z"])?;
        self.changed.extend(listed(&new).map(str::to_owned));
        // Taken out of the index and still there, it is no deleted file.
        self.deleted.retain(|path| !self.folder.join(path).exists());
        Ok(())
    }

    /// Whether what a path leads to may differ from what was there, symbolic links included.
    pub fn touches(&self, path: &str) -> bool {
        let Ok(real) = std::fs::canonicalize(self.folder.join(path)) else { return true };
        let Some(real) = real.strip_prefix(&self.folder).ok().and_then(Path::to_str) else { return true };
        let real = real.replace(std::path::MAIN_SEPARATOR, "/");
        !self.followed.contains(&real) || self.is_below_a_change(&real) || self.is_below_a_change(path)
    }

    fn is_below_a_change(&self, path: &str) -> bool {
        let folders = path.match_indices('/').map(|(end, _)| &path[..end]);
        folders.chain([path]).any(|part| self.changed.contains(part))
    }

    /// The files that are gone, and were not merely renamed.
    pub fn deleted(&self) -> impl Iterator<Item = &str> {
        self.deleted.iter().map(String::as_str)
    }

    /// What stood in a file that is gone, as far as it is text.
    pub fn text_before(&self, path: &str) -> Option<String> {
        self.git.run(&["cat-file", "blob", &format!("{}:./{path}", self.base)]).ok()
    }
}

/// What git lists with `-z`.
fn listed(text: &str) -> impl Iterator<Item = &str> {
    text.split('\0').filter(|word| !word.is_empty())
}
