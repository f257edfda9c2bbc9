//! Which manifests changed in the repository since a commit: they themselves, a file that they take in, or the settings.

use super::CommandError;
use super::session::Session;
use crate::config::SETTINGS_FILE;
use crate::git::{ChangedFiles, UnknownChanges};
use crate::manifest::{Outline, RepositoryPath, finds, outline};
use crate::processors::share_out;

use super::selection::reads_as_manifest;

/// The working tree beside a commit.
pub(super) struct Comparison {
    files: ChangedFiles,
    /// Whether the settings changed, which every offer depends on.
    settings: Settings,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Settings {
    Same,
    Changed,
}

impl Comparison {
    pub(super) fn with(session: &Session, since: &str) -> Result<Self, CommandError> {
        let root = &session.settings.root;
        let files = ChangedFiles::since(root, since).map_err(|error| unknown(&error))?;
        let is_there = root.join(SETTINGS_FILE).exists();
        let is_changed =
            if is_there { files.touches(SETTINGS_FILE) } else { files.deleted().any(|path| path == SETTINGS_FILE) };
        Ok(Self { files, settings: if is_changed { Settings::Changed } else { Settings::Same } })
    }

    /// What each manifest is about and made of. Every manifest has to be composed for that.
    pub(super) fn outlines(session: &Session, manifests: &[RepositoryPath]) -> Result<Vec<Outline>, CommandError> {
        let environment = |name: &str| std::env::var(name).ok();
        let look = |manifest: &RepositoryPath| Ok(outline(session.repository()?, manifest, &environment));
        share_out(manifests, look).into_iter().collect()
    }

    pub(super) fn has_changed(&self, outline: &Outline) -> bool {
        self.settings == Settings::Changed || outline.files.iter().any(|file| self.files.touches(file.as_str()))
    }

    /// The manifests that were deleted, in the order of their paths.
    pub(super) fn deleted(&self, session: &Session) -> Result<Vec<String>, CommandError> {
        let mut deleted = Vec::new();
        for path in self.files.deleted() {
            let Ok(manifest) = RepositoryPath::new(path) else { continue };
            let was_manifest = || self.files.text_before(path).is_some_and(|text| reads_as_manifest(&text));
            if finds(&session.settings.offers, &manifest)? && was_manifest() {
                deleted.push(manifest.to_string());
            }
        }
        deleted.sort();
        Ok(deleted)
    }
}

fn unknown(error: &UnknownChanges) -> CommandError {
    CommandError::bad_input(error.to_string()).hint(error.advice())
}
