//! The repository: which files may be read, and the text of those that were, so that diagnostics can show it.
//!
//! Confinement lives here and nowhere else: no absolute path, no way out through `..` or a symbolic link, regular
//! files only, and only up to a size. This room knows nothing of YAML.

use std::collections::HashMap;
use std::fmt;
use std::fs::{self, File};
use std::io::Read as _;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use crate::offer::SourcePosition;

/// The largest YAML file that is read, in bytes.
pub(super) const MANIFEST_LIMIT: u64 = 16 * 1024 * 1024;
/// The largest text that `$file` takes in, in bytes.
pub(super) const TEXT_LIMIT: u64 = 1024 * 1024;

/// The largest file that `$media` names, in bytes.
pub(super) const MEDIA_LIMIT: u64 = 10 * 1024 * 1024;

/// A file of the repository: relative to its root, with `/` between the parts, without `.` and `..`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct RepositoryPath(Arc<str>);

/// Why a path cannot name a file of the repository.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum InvalidRepositoryPath {
    /// Nothing was written.
    #[error("the path is empty")]
    Empty,
    /// It starts at the root of the file system.
    #[error("`{0}` is an absolute path; write it relative to the file that names it")]
    Absolute(String),
    /// It is written the Windows way, which other machines would read as one name.
    #[error("`{0}` contains `\\`; write `/` between the parts of a path")]
    Backslash(String),
    /// It climbs out.
    #[error("`{0}` leads out of the repository; move the file into it")]
    Outside(String),
}

/// Why a file was not read.
#[derive(Debug, thiserror::Error)]
pub enum Unreadable {
    /// There is none.
    #[error("there is no file `{0}`")]
    Missing(RepositoryPath),
    /// A symbolic link leads elsewhere.
    #[error("`{0}` is reached through a symbolic link that leads out of the repository")]
    LinkedOutside(RepositoryPath),
    /// A directory, a device, a pipe.
    #[error("`{0}` is not a regular file")]
    NotAFile(RepositoryPath),
    /// Too many bytes.
    #[error("`{path}` is larger than {} MiB, the most that is read from one file here", limit / (1024 * 1024))]
    TooLarge {
        /// The file.
        path: RepositoryPath,
        /// What is allowed, in bytes.
        limit: u64,
    },
    /// Not text.
    #[error("`{path}` is not UTF-8 text (byte {offset} is wrong)")]
    NotUtf8 {
        /// The file.
        path: RepositoryPath,
        /// The first byte that does not belong, counted from 0.
        offset: usize,
    },
    /// The operating system refused.
    #[error("`{path}` cannot be read: {source}")]
    Io {
        /// The file.
        path: RepositoryPath,
        /// What the operating system said.
        source: std::io::Error,
    },
}

impl Unreadable {
    /// The name of the rule that a diagnostic of it carries.
    pub(super) fn rule(&self) -> &'static str {
        match self {
            Self::Missing(_) => "missing-file",
            Self::LinkedOutside(_) => "path-outside-repository",
            Self::NotAFile(_) | Self::NotUtf8 { .. } | Self::Io { .. } => "unreadable-file",
            Self::TooLarge { .. } => "too-large",
        }
    }

    /// What to do about it.
    pub(super) fn way_out(&self) -> &'static str {
        match self {
            Self::Missing(_) => "write it, or name another one",
            Self::LinkedOutside(_) => "copy the file into the repository",
            Self::NotAFile(_) => "name a file, and not the folder that it is in",
            Self::TooLarge { .. } => "shorten it, or split it; what is no text belongs behind an address",
            Self::NotUtf8 { .. } => "save it as UTF-8; what is no text belongs behind an address, named with `$media`",
            Self::Io { .. } => "see that it can be read where offerctl runs",
        }
    }
}

impl RepositoryPath {
    /// Reads a path that is relative to the root of the repository.
    pub fn new(text: &str) -> Result<Self, InvalidRepositoryPath> {
        Self::join(&[], text)
    }

    /// Reads a path that is written in this file, so that it is relative to this file's folder.
    pub fn resolve(&self, reference: &str) -> Result<Self, InvalidRepositoryPath> {
        let mut folder: Vec<&str> = self.0.split('/').collect();
        folder.pop();
        Self::join(&folder, reference)
    }

    fn join(folder: &[&str], reference: &str) -> Result<Self, InvalidRepositoryPath> {
        let bytes = reference.as_bytes();
        if reference.is_empty() {
            return Err(InvalidRepositoryPath::Empty);
        }
        let drive = bytes.len() >= 2 && bytes[0].is_ascii_alphabetic() && bytes[1] == b':';
        if drive || reference.starts_with(['/', '\\']) {
            return Err(InvalidRepositoryPath::Absolute(reference.to_owned()));
        }
        if reference.contains('\\') {
            return Err(InvalidRepositoryPath::Backslash(reference.to_owned()));
        }
        let mut parts = folder.to_vec();
        for part in reference.split('/') {
            match part {
                "" | "." => {}
                ".." => {
                    parts.pop().ok_or_else(|| InvalidRepositoryPath::Outside(reference.to_owned()))?;
                }
                name => parts.push(name),
            }
        }
        if parts.is_empty() {
            return Err(InvalidRepositoryPath::Empty);
        }
        Ok(Self(parts.join("/").into()))
    }

    /// The last part of the path.
    pub(super) fn name(&self) -> &str {
        self.0.rsplit('/').next().unwrap_or_default()
    }

    /// The path as it is shown.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for RepositoryPath {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.0)
    }
}

/// One file that was named, by its number in the order of naming.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct FileId(u32);

/// A stretch of a file, small enough to stand at every node of a large manifest.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Span {
    /// The file.
    pub file: FileId,
    /// The first byte.
    pub start: u32,
    /// The byte after the last.
    pub end: u32,
    /// The line of the first byte, counted from 1.
    pub line: u32,
    /// The column of the first byte in characters, counted from 1.
    pub column: u32,
}

impl Span {
    /// The very beginning of a file: for what concerns all of it.
    pub fn beginning(file: FileId) -> Self {
        Self { file, start: 0, end: 0, line: 1, column: 1 }
    }
}

#[derive(Debug)]
struct SourceFile {
    path: RepositoryPath,
    /// `None` until it was read, and again once nobody needs to see it.
    text: Option<Arc<str>>,
}

/// The files of one repository.
#[derive(Debug)]
pub struct Repository {
    root: PathBuf,
    files: Vec<SourceFile>,
    by_path: HashMap<RepositoryPath, FileId>,
    /// The text that was shown last: diagnostics come file by file.
    shown: Mutex<Option<(FileId, Option<Arc<str>>)>>,
}

impl Repository {
    /// Opens the repository whose root is the given folder.
    pub fn open(root: &Path) -> std::io::Result<Self> {
        Ok(Self { root: fs::canonicalize(root)?, files: Vec::new(), by_path: HashMap::new(), shown: Mutex::default() })
    }

    /// The root, without symbolic links.
    pub fn root(&self) -> &Path {
        &self.root
    }

    /// The repository's name for a file of the file system, given absolutely or relative to the working directory.
    pub fn locate(&self, path: &Path) -> Result<RepositoryPath, InvalidRepositoryPath> {
        let outside = || InvalidRepositoryPath::Outside(path.display().to_string());
        // The folder is resolved and the name is kept, so that a link inside the repository keeps its own name.
        let folder = match path.parent() {
            Some(parent) if !parent.as_os_str().is_empty() => fs::canonicalize(parent),
            _ => fs::canonicalize("."),
        };
        let full = folder.map_err(|_| outside())?.join(path.file_name().ok_or_else(outside)?);
        let relative = full.strip_prefix(&self.root).map_err(|_| outside())?;
        let parts: Option<Vec<&str>> = relative.iter().map(|part| part.to_str()).collect();
        RepositoryPath::new(&parts.ok_or_else(outside)?.join("/"))
    }

    /// The number of a file, read or not.
    pub(super) fn file(&mut self, path: &RepositoryPath) -> FileId {
        if let Some(id) = self.by_path.get(path) {
            return *id;
        }
        // A repository with 2^32 files fits no disk.
        let id = FileId(u32::try_from(self.files.len()).unwrap_or(u32::MAX));
        self.files.push(SourceFile { path: path.clone(), text: None });
        self.by_path.insert(path.clone(), id);
        id
    }

    /// Reads a file, up to a number of bytes; a byte order mark at its beginning is not part of the text.
    pub(super) fn read(&mut self, path: &RepositoryPath, limit: u64) -> Result<(FileId, Arc<str>), Unreadable> {
        let id = self.file(path);
        if let Some(text) = self.text(id) {
            return Ok((id, Arc::clone(text)));
        }
        let text: Arc<str> = self.read_text(path, limit)?.into();
        if let Some(file) = self.files.get_mut(id.0 as usize) {
            file.text = Some(Arc::clone(&text));
        }
        Ok((id, text))
    }

    /// The text of a file as a manifest takes it in.
    pub fn text_of(&mut self, path: &RepositoryPath) -> Result<Arc<str>, Unreadable> {
        self.read(path, MANIFEST_LIMIT).map(|(_, text)| text)
    }

    /// Takes another text for what stands in a file, until the texts are given up; the file stays as it is.
    pub fn suppose(&mut self, path: &RepositoryPath, text: &str) {
        let id = self.file(path);
        if let Some(file) = self.files.get_mut(id.0 as usize) {
            file.text = Some(text.into());
        }
    }

    /// The files that were named so far.
    pub fn named(&self) -> impl Iterator<Item = &RepositoryPath> {
        self.files.iter().map(|file| &file.path)
    }

    /// The text of a file as far as a manifest may be made of it, for whoever looks at it once.
    pub fn glance(&self, path: &RepositoryPath) -> Result<String, Unreadable> {
        self.read_text(path, MANIFEST_LIMIT)
    }

    fn read_text(&self, path: &RepositoryPath, limit: u64) -> Result<String, Unreadable> {
        let mut text = String::from_utf8(self.read_bytes(path, limit)?)
            .map_err(|error| Unreadable::NotUtf8 { path: path.clone(), offset: error.utf8_error().valid_up_to() })?;
        if text.starts_with('\u{feff}') {
            text.drain(..'\u{feff}'.len_utf8());
        }
        Ok(text)
    }

    /// The names of the files in the folder of a path, for whoever misspelt one.
    pub(super) fn names_beside(&self, path: &RepositoryPath) -> Vec<String> {
        let folder = self.root.join(path.as_str());
        let Some(folder) = folder.parent().and_then(|folder| fs::canonicalize(folder).ok()) else { return Vec::new() };
        let entries = fs::read_dir(&folder).ok().filter(|_| folder.starts_with(&self.root));
        let mut names: Vec<_> =
            entries.into_iter().flatten().flatten().filter_map(|entry| entry.file_name().into_string().ok()).collect();
        names.sort();
        names
    }

    /// What a file holds, up to a number of bytes.
    pub(super) fn read_bytes(&self, path: &RepositoryPath, limit: u64) -> Result<Vec<u8>, Unreadable> {
        let io = |source: std::io::Error| match source.kind() {
            std::io::ErrorKind::NotFound | std::io::ErrorKind::NotADirectory => Unreadable::Missing(path.clone()),
            _ => Unreadable::Io { path: path.clone(), source },
        };
        let real = fs::canonicalize(self.root.join(path.as_str())).map_err(io)?;
        if !real.starts_with(&self.root) {
            return Err(Unreadable::LinkedOutside(path.clone()));
        }
        // Asked before the file is opened, because opening a pipe waits for its writer.
        if !fs::metadata(&real).map_err(io)?.is_file() {
            return Err(Unreadable::NotAFile(path.clone()));
        }
        let mut bytes = Vec::new();
        File::open(&real).map_err(io)?.take(limit + 1).read_to_end(&mut bytes).map_err(io)?;
        if bytes.len() as u64 > limit {
            return Err(Unreadable::TooLarge { path: path.clone(), limit });
        }
        Ok(bytes)
    }

    /// The text of a file, if it was read and is still kept.
    pub(super) fn text(&self, file: FileId) -> Option<&Arc<str>> {
        self.files.get(file.0 as usize)?.text.as_ref()
    }

    /// The path of a file.
    pub fn path(&self, file: FileId) -> &RepositoryPath {
        // A `FileId` is only ever made by `file`, together with its entry.
        &self.files[file.0 as usize].path
    }

    /// Where a stretch begins, in the words of the other rooms.
    pub fn position(&self, span: Span) -> SourcePosition {
        SourcePosition { file: Arc::clone(&self.path(span.file).0), line: span.line, column: span.column }
    }

    /// The column behind a stretch, or behind what it covers of its first line; `None` when nothing is in it, or when the
    /// file is gone.
    pub fn column_behind(&self, span: Span) -> Option<u32> {
        let text = self.text_to_show(span.file)?;
        let covered = text.get(span.start as usize..span.end as usize)?;
        let width = covered.lines().next()?.chars().count();
        Some(span.column + u32::try_from(width).ok().filter(|width| *width > 0)?)
    }

    /// Gives up all texts, so that memory does not grow with the repository.
    pub(super) fn forget_texts(&mut self) {
        for file in &mut self.files {
            file.text = None;
        }
    }

    /// The text of a file that a diagnostic points at: the one that is kept, else what stands there now. A file that is gone
    /// is shown by its name alone.
    pub(super) fn text_to_show(&self, file: FileId) -> Option<Arc<str>> {
        if let Some(kept) = self.text(file) {
            return Some(Arc::clone(kept));
        }
        let mut shown = self.shown.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some((_, text)) = shown.as_ref().filter(|(of, _)| *of == file) {
            return text.clone();
        }
        let text: Option<Arc<str>> = self.read_text(self.path(file), MANIFEST_LIMIT).ok().map(Into::into);
        *shown = Some((file, text.clone()));
        text
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_are_relative_to_the_file_that_names_them_and_stay_inside() {
        let manifest = RepositoryPath::new("offers/vm/offer.yaml").unwrap();
        assert_eq!(manifest.resolve("../shared/./a.yaml").unwrap().as_str(), "offers/shared/a.yaml");
        assert_eq!(manifest.resolve("listing/a.html").unwrap().as_str(), "offers/vm/listing/a.html");
        for wrong in ["", "/etc/passwd", "C:/x", "\\\\host\\x", "a\\b", "../../../x", "../.."] {
            assert!(manifest.resolve(wrong).is_err(), "{wrong} was accepted");
        }
    }

    #[cfg(unix)]
    #[test]
    fn links_may_stay_inside_but_not_lead_out() {
        let outside = tempfile::tempdir().unwrap();
        fs::write(outside.path().join("secret"), "secret").unwrap();
        let inside = tempfile::tempdir().unwrap();
        fs::write(inside.path().join("real"), "\u{feff}text").unwrap();
        std::os::unix::fs::symlink(inside.path().join("real"), inside.path().join("good")).unwrap();
        std::os::unix::fs::symlink(outside.path().join("secret"), inside.path().join("bad")).unwrap();
        std::os::unix::fs::symlink(outside.path(), inside.path().join("folder")).unwrap();
        std::os::unix::fs::symlink("/dev/zero", inside.path().join("device")).unwrap();
        let mut repository = Repository::open(inside.path()).unwrap();
        let mut read = |name: &str| repository.read(&RepositoryPath::new(name).unwrap(), 16);
        assert_eq!(&*read("good").unwrap().1, "text");
        assert!(matches!(read("bad"), Err(Unreadable::LinkedOutside(_))));
        assert!(matches!(read("folder/secret"), Err(Unreadable::LinkedOutside(_))));
        assert!(matches!(read("device"), Err(Unreadable::LinkedOutside(_))));
        assert!(matches!(read("real/below"), Err(Unreadable::Missing(_))));
    }

    #[test]
    fn a_file_of_the_file_system_has_one_name_in_the_repository() {
        let folder = tempfile::tempdir().unwrap();
        fs::create_dir(folder.path().join("offers")).unwrap();
        let repository = Repository::open(folder.path()).unwrap();
        let located = repository.locate(&folder.path().join("offers/../offers/vm.yaml")).unwrap();
        assert_eq!(located.as_str(), "offers/vm.yaml");
        assert!(repository.locate(&folder.path().join("../vm.yaml")).is_err());
        assert!(repository.locate(&folder.path().join("none/vm.yaml")).is_err());
    }

    #[test]
    fn directories_large_files_and_other_encodings_are_refused() {
        let folder = tempfile::tempdir().unwrap();
        fs::create_dir(folder.path().join("folder")).unwrap();
        fs::write(folder.path().join("large"), [b'a'; 17]).unwrap();
        fs::write(folder.path().join("latin"), b"caf\xe9").unwrap();
        let mut repository = Repository::open(folder.path()).unwrap();
        let mut read = |name: &str| repository.read(&RepositoryPath::new(name).unwrap(), 16);
        assert!(matches!(read("folder"), Err(Unreadable::NotAFile(_))));
        assert!(matches!(read("large"), Err(Unreadable::TooLarge { limit: 16, .. })));
        assert!(matches!(read("latin"), Err(Unreadable::NotUtf8 { offset: 3, .. })));
        assert!(matches!(read("none"), Err(Unreadable::Missing(_))));
    }
}
