//! One process an offer: whoever works on it holds the lock beside its record, and the second is told who that is.
//!
//! The operating system holds the lock, so that it ends with the process however that ends. The file's text only tells
//! who it is, and stays behind without meaning.

use std::fmt;
use std::fs::{self, File, TryLockError};
use std::io::{Read as _, Seek as _, Write as _};
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use super::StateFolder;
use crate::offer::OfferKey;

/// No honest holder says more about itself, in bytes.
const MAX_HOLDER_BYTES: u64 = 4096;

/// Who works on an offer.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Holder {
    /// The number of the process on its machine.
    pub process: u32,
    /// What it does: `offerctl apply`.
    pub command: String,
    /// Since when, as an RFC 3339 time stamp.
    pub since: String,
}

impl fmt::Display for Holder {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "`{}`, process {}, since {}", self.command, self.process, self.since)
    }
}

/// The lock of one offer; it ends when this is dropped, or with the process.
#[derive(Debug)]
pub struct OfferLock {
    file: File,
}

/// Why an offer cannot be worked on.
#[derive(Debug, thiserror::Error)]
pub enum LockError {
    /// Another process works on it.
    #[error("another run works on {key} with the same records: {}", told(.holder.as_ref()))]
    Held {
        /// Which offer.
        key: OfferKey,
        /// Who it is, when it could be read.
        holder: Option<Holder>,
    },
    /// The lock cannot be taken.
    #[error("the lock `{}` cannot be taken: {source}", path.display())]
    Failed {
        /// The file.
        path: PathBuf,
        /// Why not.
        source: std::io::Error,
    },
}

fn told(holder: Option<&Holder>) -> String {
    holder.map_or_else(|| "it has not said which".to_owned(), ToString::to_string)
}

impl StateFolder {
    /// Takes the lock of an offer, without waiting for it.
    pub fn lock(&self, key: &OfferKey, holder: &Holder) -> Result<OfferLock, LockError> {
        lock_file(&self.path(key).with_extension("lock"), key, holder)
    }
}

/// Takes the lock of an offer on a file of its own.
pub(super) fn lock_file(path: &Path, key: &OfferKey, holder: &Holder) -> Result<OfferLock, LockError> {
    let fail = |source| LockError::Failed { path: path.to_owned(), source };
    if let Some(folder) = path.parent() {
        fs::create_dir_all(folder).map_err(fail)?;
    }
    let mut file = File::options().read(true).write(true).create(true).truncate(false).open(path).map_err(fail)?;
    match file.try_lock() {
        Ok(()) => {}
        Err(TryLockError::WouldBlock) => {
            let mut text = String::new();
            // Who holds it is a courtesy; some systems let nobody read a locked file.
            let _ = (&file).take(MAX_HOLDER_BYTES).read_to_string(&mut text);
            return Err(LockError::Held { key: key.clone(), holder: serde_json::from_str(&text).ok() });
        }
        Err(TryLockError::Error(source)) => return Err(fail(source)),
    }
    let said = serde_json::to_vec(holder).map_err(|error| fail(error.into()))?;
    file.set_len(0).and_then(|()| file.rewind()).and_then(|()| file.write_all(&said)).map_err(fail)?;
    Ok(OfferLock { file })
}

impl Drop for OfferLock {
    fn drop(&mut self) {
        // The lock ends with the file; the text would only mislead whoever looks into the folder.
        let _ = self.file.set_len(0);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn holder() -> Holder {
        Holder { process: 4711, command: "offerctl apply".into(), since: "2026-11-22T16:00:00Z".into() }
    }

    #[test]
    fn the_second_is_told_who_holds_it_and_the_third_may_follow() {
        let folder = tempfile::tempdir().unwrap();
        let state = StateFolder::new(folder.path(), "https://service");
        let key = OfferKey::parse("contoso/contoso-vm").unwrap();
        let lock = state.lock(&key, &holder()).unwrap();
        insta::assert_snapshot!(
            state.lock(&key, &holder()).unwrap_err(),
            @"another run works on contoso/contoso-vm with the same records: `offerctl apply`, process 4711, since 2026-11-22T16:00:00Z"
        );
        state.lock(&OfferKey::parse("contoso/other").unwrap(), &holder()).unwrap();
        drop(lock);
        state.lock(&key, &holder()).unwrap();
    }

    #[test]
    fn what_a_dead_process_left_holds_nobody_up() {
        let folder = tempfile::tempdir().unwrap();
        let state = StateFolder::new(folder.path(), "https://service");
        let key = OfferKey::parse("contoso/contoso-vm").unwrap();
        fs::create_dir_all(folder.path().join("contoso")).unwrap();
        fs::write(folder.path().join("contoso/contoso-vm.lock"), "{\"process\": 1, \"comm").unwrap();
        state.lock(&key, &holder()).unwrap();
    }
}
