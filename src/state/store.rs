//! The records wherever they are kept: all that the other rooms know of it.

use std::fs;
use std::path::{Path, PathBuf};

use super::{
    HistoryEntry, Holder, Loaded, LockError, OfferLock, Record, StateBranch, StateError, StateFolder, StatePlace,
};
use crate::offer::OfferKey;

/// The records of one service.
#[derive(Debug, Clone)]
pub enum State {
    /// In a folder.
    Folder(StateFolder),
    /// In a branch of the repository.
    Branch(StateBranch),
}

impl From<StateFolder> for State {
    fn from(folder: StateFolder) -> Self {
        Self::Folder(folder)
    }
}

impl State {
    /// Opens the place, which need not exist yet, for the offers of one service. `root` lies in the repository that has the
    /// branch.
    pub fn open(place: &StatePlace, root: &Path, service: impl Into<String>) -> Result<Self, StateError> {
        match place {
            StatePlace::Folder(folder) => Ok(Self::Folder(StateFolder::new(folder, service))),
            StatePlace::Branch(name) => StateBranch::open(root, name, service).map(Self::Branch),
        }
    }

    /// The name of the service whose records these are.
    pub fn service(&self) -> &str {
        match self {
            Self::Folder(folder) => folder.service(),
            Self::Branch(branch) => branch.service(),
        }
    }

    /// Takes over what other machines have shared; gives what cannot be taken over, for people to read.
    pub async fn refresh(&self) -> Result<Vec<String>, StateError> {
        match self {
            Self::Folder(_) => Ok(Vec::new()),
            Self::Branch(branch) => branch.refresh().await,
        }
    }

    /// Where the record of an offer is, or would be: a file, or `BRANCH:path` as git names it.
    pub fn path(&self, key: &OfferKey) -> PathBuf {
        match self {
            Self::Folder(folder) => folder.path(key),
            Self::Branch(branch) => branch.path(key),
        }
    }

    /// Reads what is known about an offer. What cannot be used is a warning, for the service is the truth.
    pub fn load(&self, key: &OfferKey) -> Loaded {
        match self {
            Self::Folder(folder) => folder.load(key),
            Self::Branch(branch) => branch.load(key),
        }
    }

    /// The offers that have a record, in the order of their names.
    pub fn recorded(&self) -> Result<Vec<OfferKey>, StateError> {
        match self {
            Self::Folder(folder) => folder.recorded(),
            Self::Branch(branch) => branch.recorded(),
        }
    }

    /// Moves a file away that is there and cannot be used as a record; says where it is then. A branch has every version in
    /// its history anyway.
    pub fn set_aside_unusable(&self, key: &OfferKey) -> Result<Option<PathBuf>, StateError> {
        match self {
            Self::Folder(folder) => folder.set_aside_unusable(key),
            Self::Branch(_) => Ok(None),
        }
    }

    /// Takes the lock of an offer on this machine, without waiting for it.
    pub fn lock(&self, key: &OfferKey, holder: &Holder) -> Result<OfferLock, LockError> {
        match self {
            Self::Folder(folder) => folder.lock(key, holder),
            Self::Branch(branch) => branch.lock(key, holder),
        }
    }

    /// Writes a record; `entry` is what was done. After this it is whole, on this machine.
    pub fn save(&self, key: &OfferKey, record: &Record, entry: &HistoryEntry) -> Result<(), StateError> {
        match self {
            Self::Folder(folder) => folder.save(key, record),
            Self::Branch(branch) => branch.save(key, record, entry),
        }
    }

    /// Lets other machines know of everything that was saved. Fails when that is not possible, and when another machine has
    /// written the record of the offer meanwhile.
    pub async fn share(&self, key: Option<&OfferKey>) -> Result<(), StateError> {
        match self {
            Self::Folder(_) => Ok(()),
            Self::Branch(branch) => branch.share(key).await,
        }
    }

    /// Hands over the text of every record, as far as it can be read, in pieces that hold whole lines with `word`.
    pub fn search(&self, word: &str, mut found: impl FnMut(&str)) {
        match self {
            Self::Folder(folder) => search_folder(folder.folder(), &mut found),
            Self::Branch(branch) => found(&branch.lines_with(word)),
        }
    }
}

/// The records lie in folders of publishers.
fn search_folder(folder: &Path, found: &mut impl FnMut(&str)) {
    let Ok(entries) = fs::read_dir(folder) else { return };
    for entry in entries.flatten() {
        match entry.file_type() {
            Ok(kind) if kind.is_dir() => search_folder(&entry.path(), found),
            Ok(_) => {
                if let Ok(text) = fs::read_to_string(entry.path()) {
                    found(&text);
                }
            }
            Err(_) => {}
        }
    }
}
