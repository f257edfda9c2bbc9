//! Puts new files into a folder: none that is there is touched, each is there as a whole or not at all, and the manifest
//! comes last, so that a manifest never names a file that is still to come.

use std::fs;
use std::io::{ErrorKind, Write as _};
use std::path::{Path, PathBuf};

use super::Imported;

/// The name of an imported manifest.
const MANIFEST: &str = "offer.yaml";

const BYTE_ORDER_MARK: &[u8] = "\u{feff}".as_bytes();

/// What was written, in the order of writing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Placed {
    /// The manifest.
    pub manifest: PathBuf,
    /// The files that it takes in.
    pub files: Vec<PathBuf>,
}

/// Why nothing, or not everything, was written.
#[derive(Debug, thiserror::Error)]
pub enum PlacingError {
    /// Something is there already; nothing was written.
    #[error("`{0}` is there already and was left as it is; nothing was written")]
    Taken(PathBuf),
    /// The operating system refused.
    #[error("`{path}` cannot be written: {source}")]
    Io {
        /// The file or folder.
        path: PathBuf,
        /// What the operating system said.
        source: std::io::Error,
    },
}

/// Writes an imported offer into a folder, which is made if need be.
pub fn place(imported: &Imported, folder: &Path) -> Result<Placed, PlacingError> {
    let files: Vec<_> = imported.files.iter().map(|(name, text)| (folder.join(name), text)).collect();
    let manifest = folder.join(MANIFEST);
    let all = files.iter().map(|(path, _)| path).chain([&manifest]);
    // A link that leads nowhere is there too.
    if let Some(taken) = all.into_iter().find(|path| fs::symlink_metadata(path).is_ok()) {
        return Err(PlacingError::Taken(taken.clone()));
    }
    for (path, text) in &files {
        write_new(path, text)?;
    }
    write_new(&manifest, &imported.manifest)?;
    Ok(Placed { manifest, files: files.into_iter().map(|(path, _)| path).collect() })
}

/// Writes another text into a file: after this the file is whole with the new text, or it still is with the old one.
pub fn overwrite(path: &Path, text: &str) -> Result<(), PlacingError> {
    // A link stays one, and what it leads to is written.
    let fail = |source| PlacingError::Io { path: path.to_owned(), source };
    let real = fs::canonicalize(path).map_err(fail)?;
    let permissions = fs::metadata(&real).map_err(fail)?.permissions();
    let mut file = tempfile::NamedTempFile::new_in(real.parent().unwrap_or(Path::new("."))).map_err(fail)?;
    // The mark at the beginning of some files is no part of their text, and stays.
    let mark = if fs::read(&real).map_err(fail)?.starts_with(BYTE_ORDER_MARK) { BYTE_ORDER_MARK } else { b"" };
    file.write_all(mark).and_then(|()| file.write_all(text.as_bytes())).map_err(fail)?;
    file.as_file().sync_all().map_err(fail)?;
    file.as_file().set_permissions(permissions).map_err(fail)?;
    file.persist(&real).map_err(|error| fail(error.error))?;
    Ok(())
}

/// Writes a file that is not there yet, and the folders above it.
pub(super) fn write_new(path: &Path, text: &str) -> Result<(), PlacingError> {
    let fail = |source| PlacingError::Io { path: path.to_owned(), source };
    let folder = path.parent().unwrap_or(Path::new("."));
    fs::create_dir_all(folder).map_err(fail)?;
    let mut file = tempfile::NamedTempFile::new_in(folder).map_err(fail)?;
    file.write_all(text.as_bytes()).map_err(fail)?;
    file.as_file().sync_all().map_err(fail)?;
    make_readable(file.as_file()).map_err(fail)?;
    match file.persist_noclobber(path) {
        Ok(_) => Ok(()),
        Err(error) if error.error.kind() == ErrorKind::AlreadyExists => Err(PlacingError::Taken(path.to_owned())),
        Err(error) => Err(fail(error.error)),
    }
}

/// Temporary files are for their owner alone; those of a repository are for all who work in it.
#[cfg(unix)]
fn make_readable(file: &fs::File) -> std::io::Result<()> {
    use std::os::unix::fs::PermissionsExt as _;
    file.set_permissions(fs::Permissions::from_mode(0o644))
}

#[cfg(not(unix))]
fn make_readable(_: &fs::File) -> std::io::Result<()> {
    Ok(())
}
