//! Where offers are kept: in memory, or one file an offer, safe for several processes on one folder.
//!
//! Knows files and locks, and nothing of what a record means. A record is replaced as a whole: whoever reads one keeps
//! it, and a crash leaves either the old or the new file.

use std::collections::BTreeMap;
use std::fs::{self, File};
use std::io::{self, Write as _};
use std::ops::Bound;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::SystemTime;

use serde::Serialize;
use serde::de::DeserializeOwned;

use super::record::Record;

/// Where the emulator keeps its offers.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub enum Storage {
    /// In memory: gone when the emulator ends.
    #[default]
    Memory,
    /// In this folder, made when missing: the next emulator continues where this one was.
    Folder(PathBuf),
}

/// The emulator's data could not be read or written.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// The file system refused.
    #[error("cannot {action} {}: {source}; check the folder's permissions and free space", path.display())]
    Io {
        /// What was tried: "read".
        action: &'static str,
        /// On which file or folder.
        path: PathBuf,
        /// Why it failed.
        source: io::Error,
    },
    /// A file is not one of ours, or was edited by hand.
    #[error("{} is not a file of this emulator ({source}); delete it to start that offer anew", path.display())]
    Unreadable {
        /// The file.
        path: PathBuf,
        /// What is wrong in it.
        source: serde_json::Error,
    },
}

fn failed(action: &'static str, path: &Path) -> impl FnOnce(io::Error) -> StoreError {
    let path = path.to_owned();
    move |source| StoreError::Io { action, path, source }
}

/// Reads a JSON file; `None` when there is none.
pub(super) fn read_json<T: DeserializeOwned>(path: &Path) -> Result<Option<T>, StoreError> {
    match fs::read(path) {
        Ok(bytes) => serde_json::from_slice(&bytes)
            .map(Some)
            .map_err(|source| StoreError::Unreadable { path: path.to_owned(), source }),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(failed("read", path)(error)),
    }
}

/// Writes a JSON file so that no reader ever sees half of it.
pub(super) fn write_json<T: Serialize>(path: &Path, value: &T) -> Result<(), StoreError> {
    let folder = path.parent().unwrap_or(Path::new("."));
    fs::create_dir_all(folder).map_err(failed("create", folder))?;
    let bytes = serde_json::to_vec(value).map_err(|source| StoreError::Unreadable { path: path.to_owned(), source })?;
    let mut file = tempfile::NamedTempFile::new_in(folder).map_err(failed("write into", folder))?;
    file.write_all(&bytes).map_err(failed("write", path))?;
    file.persist(path).map_err(|error| failed("replace", path)(error.error))?;
    Ok(())
}

/// Publisher and offer, as the URL spells them.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) struct Address {
    pub(super) publisher: String,
    pub(super) offer: String,
}

/// What tells one version of a file from the next without reading it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Stamp {
    modified: SystemTime,
    length: u64,
    file: u64,
}

impl Stamp {
    fn of(path: &Path) -> Result<Option<Self>, StoreError> {
        match fs::metadata(path) {
            Ok(metadata) => Ok(Some(Self {
                modified: metadata.modified().map_err(failed("read", path))?,
                length: metadata.len(),
                file: file_number(&metadata),
            })),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
            Err(error) => Err(failed("read", path)(error)),
        }
    }
}

#[cfg(unix)]
fn file_number(metadata: &fs::Metadata) -> u64 {
    std::os::unix::fs::MetadataExt::ino(metadata)
}

#[cfg(not(unix))]
fn file_number(_: &fs::Metadata) -> u64 {
    0
}

struct Kept {
    record: Arc<Record>,
    stamp: Option<Stamp>,
}

/// The offers of one emulator.
pub(super) struct Store {
    kept: Mutex<BTreeMap<Address, Kept>>,
    folder: Option<PathBuf>,
}

impl Store {
    /// Opens the store, making its folder when missing.
    pub(super) fn open(storage: &Storage) -> Result<Self, StoreError> {
        let folder = match storage {
            Storage::Memory => None,
            Storage::Folder(folder) => {
                fs::create_dir_all(folder).map_err(failed("create", folder))?;
                Some(folder.clone())
            }
        };
        Ok(Self { kept: Mutex::new(BTreeMap::new()), folder })
    }

    /// The offer's record as it is now.
    pub(super) fn read(&self, address: &Address) -> Result<Option<Arc<Record>>, StoreError> {
        let mut kept = self.kept();
        self.refresh(&mut kept, address)
    }

    /// Changes one offer's record: `change` gets what is there and gives what shall be there, and an answer.
    ///
    /// Nothing is written when `change` gives no record. No other request, of this process or another on the same
    /// folder, comes between reading and writing.
    pub(super) fn update<T>(
        &self,
        address: &Address,
        change: impl FnOnce(Option<Record>) -> (Option<Record>, T),
    ) -> Result<T, StoreError> {
        let mut kept = self.kept();
        let _lock = self.folder.as_deref().map(lock).transpose()?;
        let before = self.refresh(&mut kept, address)?;
        let (after, answer) = change(before.map(Arc::unwrap_or_clone));
        if let Some(record) = after {
            let stamp = match self.file(address) {
                Some(file) => {
                    write_json(&file, &record)?;
                    Stamp::of(&file)?
                }
                None => None,
            };
            kept.insert(address.clone(), Kept { record: Arc::new(record), stamp });
        }
        Ok(answer)
    }

    /// All offers of one publisher, by offer id.
    pub(super) fn offers(&self, publisher: &str) -> Result<Vec<(Address, Arc<Record>)>, StoreError> {
        let mut kept = self.kept();
        if let Some(folder) = &self.folder {
            let mut offers = Vec::new();
            for offer in names_in(&folder.join("offers").join(publisher), ".json")? {
                let address = Address { publisher: publisher.to_owned(), offer };
                if let Some(record) = self.refresh(&mut kept, &address)? {
                    offers.push((address, record));
                }
            }
            return Ok(offers);
        }
        let first = Address { publisher: publisher.to_owned(), offer: String::new() };
        Ok(kept
            .range((Bound::Included(first), Bound::Unbounded))
            .take_while(|(address, _)| address.publisher == publisher)
            .map(|(address, kept)| (address.clone(), Arc::clone(&kept.record)))
            .collect())
    }

    /// All publishers that have an offer.
    pub(super) fn publishers(&self) -> Result<Vec<String>, StoreError> {
        if let Some(folder) = &self.folder {
            return names_in(&folder.join("offers"), "");
        }
        let mut names: Vec<String> = self.kept().keys().map(|address| address.publisher.clone()).collect();
        names.dedup();
        Ok(names)
    }

    /// Brings what is kept up to date with the file, which another process may have written.
    fn refresh(
        &self,
        kept: &mut BTreeMap<Address, Kept>,
        address: &Address,
    ) -> Result<Option<Arc<Record>>, StoreError> {
        let Some(file) = self.file(address) else {
            return Ok(kept.get(address).map(|kept| Arc::clone(&kept.record)));
        };
        let stamp = Stamp::of(&file)?;
        if let Some(known) = kept.get(address)
            && known.stamp == stamp
        {
            return Ok(Some(Arc::clone(&known.record)));
        }
        let Some(record) = read_json::<Record>(&file)? else {
            kept.remove(address);
            return Ok(None);
        };
        let record = Arc::new(record);
        kept.insert(address.clone(), Kept { record: Arc::clone(&record), stamp });
        Ok(Some(record))
    }

    fn file(&self, address: &Address) -> Option<PathBuf> {
        let folder = self.folder.as_ref()?;
        Some(folder.join("offers").join(&address.publisher).join(format!("{}.json", address.offer)))
    }

    fn kept(&self) -> MutexGuard<'_, BTreeMap<Address, Kept>> {
        // Records are only ever replaced whole, so a poisoned lock holds nothing broken.
        self.kept.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Waits until no other process changes the folder. The lock goes with the file handle.
fn lock(folder: &Path) -> Result<File, StoreError> {
    let path = folder.join("lock");
    let file = File::options().create(true).append(true).open(&path).map_err(failed("open", &path))?;
    file.lock().map_err(failed("lock", &path))?;
    Ok(file)
}

/// The names in a folder that end in `ending`, without it, sorted; none when the folder is missing.
fn names_in(folder: &Path, ending: &str) -> Result<Vec<String>, StoreError> {
    let entries = match fs::read_dir(folder) {
        Ok(entries) => entries,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
        Err(error) => return Err(failed("list", folder)(error)),
    };
    let mut names = Vec::new();
    for entry in entries {
        let name = entry.map_err(failed("list", folder))?.file_name();
        if let Some(name) = name.to_str().and_then(|name| name.strip_suffix(ending))
            && !name.starts_with('.')
        {
            names.push(name.to_owned());
        }
    }
    names.sort_unstable();
    Ok(names)
}

#[cfg(test)]
mod tests {
    use std::thread;

    use serde_json::json;

    use super::*;
    use crate::emulator::clock::{Clock, TimeSource};

    fn address() -> Address {
        Address { publisher: "contoso".into(), offer: "vm".into() }
    }

    fn write_once(store: &Store) {
        let now = Clock::open(TimeSource::System, None).unwrap().now();
        store
            .update(&address(), |record| {
                let mut record = record.unwrap_or_else(|| Record::new("some-type", 1));
                record.write(json!({"n": record.version()}), now);
                (Some(record), ())
            })
            .unwrap();
    }

    #[test]
    fn two_stores_on_one_folder_lose_no_write() {
        let folder = tempfile::tempdir().unwrap();
        let storage = Storage::Folder(folder.path().to_owned());
        thread::scope(|scope| {
            for _ in 0..2 {
                scope.spawn(|| {
                    let store = Store::open(&storage).unwrap();
                    for _ in 0..25 {
                        write_once(&store);
                    }
                });
            }
        });
        let record = Store::open(&storage).unwrap().read(&address()).unwrap().unwrap();
        assert_eq!(record.version(), 50);
    }

    #[test]
    fn a_store_sees_what_another_one_wrote_after_it_had_read() {
        let folder = tempfile::tempdir().unwrap();
        let storage = Storage::Folder(folder.path().to_owned());
        let (first, second) = (Store::open(&storage).unwrap(), Store::open(&storage).unwrap());
        write_once(&first);
        assert_eq!(second.read(&address()).unwrap().unwrap().version(), 1);
        write_once(&first);
        assert_eq!(second.read(&address()).unwrap().unwrap().version(), 2);
        assert_eq!(second.offers("contoso").unwrap().len(), 1);
        assert_eq!(second.publishers().unwrap(), ["contoso"]);
    }

    #[test]
    fn a_foreign_file_is_named_in_the_error() {
        let folder = tempfile::tempdir().unwrap();
        let store = Store::open(&Storage::Folder(folder.path().to_owned())).unwrap();
        fs::create_dir_all(folder.path().join("offers/contoso")).unwrap();
        fs::write(folder.path().join("offers/contoso/vm.json"), "no json").unwrap();
        assert!(store.read(&address()).unwrap_err().to_string().contains("vm.json is not a file of this emulator"));
    }
}
