//! Records in a folder: `FOLDER/publisher/offer.json`, each replaced as a whole or not at all.

use std::fs;
use std::io::{ErrorKind, Read as _, Write as _};
use std::path::{Path, PathBuf};

use super::format::{self, MAX_RECORD_BYTES};
use super::{Loaded, Record, StateError};
use crate::offer::OfferKey;

/// The folder of the records of one service.
#[derive(Debug, Clone)]
pub struct StateFolder {
    folder: PathBuf,
    service: String,
}

impl StateFolder {
    /// Uses the folder, which need not exist yet, for the offers of one service.
    ///
    /// All loopback services count as one: their ports change from run to run.
    pub fn new(folder: impl Into<PathBuf>, service: impl Into<String>) -> Self {
        Self { folder: folder.into(), service: service.into() }
    }

    /// The name of the service whose records these are.
    pub fn service(&self) -> &str {
        &self.service
    }

    pub(super) fn folder(&self) -> &Path {
        &self.folder
    }

    /// Where the record of an offer is, or would be.
    pub fn path(&self, key: &OfferKey) -> PathBuf {
        self.folder.join(key.publisher.as_str()).join(format!("{}.json", key.offer))
    }

    /// Reads what is known about an offer. A file that cannot be used is a warning, for the service is the truth.
    pub fn load(&self, key: &OfferKey) -> Loaded {
        let path = self.path(key);
        format::loaded(read(&path), &self.service, key, path)
    }

    /// Moves a file away that is there and cannot be used as a record; says where it is then.
    pub fn set_aside_unusable(&self, key: &OfferKey) -> Result<Option<PathBuf>, StateError> {
        let path = self.path(key);
        set_aside_unusable(&path, &self.service).map_err(|error| StateError::file(&path, "set aside", error))
    }

    /// The offers that have a record, in the order of their names.
    pub fn recorded(&self) -> Result<Vec<OfferKey>, StateError> {
        let mut keys = Vec::new();
        for publisher in names(&self.folder)? {
            let folder = self.folder.join(&publisher);
            if !folder.is_dir() {
                continue;
            }
            let names = names(&folder)?;
            let offers = names.iter().filter_map(|name| name.strip_suffix(".json"));
            keys.extend(offers.filter_map(|offer| OfferKey::parse(&format!("{publisher}/{offer}")).ok()));
        }
        Ok(keys)
    }

    /// Writes a record: after this it is whole on the disk, or the old one still is.
    ///
    /// A file that is there and cannot be used as a record is set aside under another name, never overwritten.
    pub fn save(&self, key: &OfferKey, record: &Record) -> Result<(), StateError> {
        let path = self.path(key);
        let fail = |source: std::io::Error| StateError::file(&path, "written", source);
        set_aside_unusable(&path, &self.service).map_err(fail)?;
        write(&path, record).map_err(fail)
    }
}

/// Reads the file names of one folder, in order; a folder that is not there has none.
fn names(folder: &Path) -> Result<Vec<String>, StateError> {
    let fail = |source: std::io::Error| StateError::file(folder, "read", source);
    let entries = match fs::read_dir(folder) {
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(Vec::new()),
        entries => entries.map_err(fail)?,
    };
    let mut names = Vec::new();
    for entry in entries {
        names.extend(entry.map_err(fail)?.file_name().into_string().ok());
    }
    names.sort();
    Ok(names)
}

fn read(path: &Path) -> Result<Option<Record>, String> {
    let file = match fs::File::open(path) {
        Ok(file) => file,
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(error.to_string()),
    };
    let mut text = String::new();
    file.take(MAX_RECORD_BYTES).read_to_string(&mut text).map_err(|error| error.to_string())?;
    format::parse(&text).map(Some)
}

fn set_aside_unusable(path: &Path, service: &str) -> std::io::Result<Option<PathBuf>> {
    match read(path) {
        Ok(None) => return Ok(None),
        Ok(Some(record)) if record.service == service => return Ok(None),
        Ok(Some(record)) if !record.is_settled() => {
            let reason =
                format!("a plan for {} is unfinished there; use another folder for this service", record.service);
            return Err(std::io::Error::other(reason));
        }
        Ok(Some(_)) | Err(_) => {}
    }
    let mut number = 1_u32;
    let mut aside = path.with_extension("json.aside-1");
    while aside.exists() {
        number += 1;
        aside = path.with_extension(format!("json.aside-{number}"));
    }
    fs::rename(path, &aside)?;
    Ok(Some(aside))
}

fn write(path: &Path, record: &Record) -> std::io::Result<()> {
    let folder = path.parent().unwrap_or(Path::new("."));
    fs::create_dir_all(folder)?;
    let text = format::text_of(record)?;
    let mut file = tempfile::NamedTempFile::new_in(folder)?;
    file.write_all(&text)?;
    file.as_file().sync_all()?;
    file.persist(path).map_err(|error| error.error)?;
    // The new name lasts only once the folder is on the disk too; elsewhere a folder cannot be opened.
    #[cfg(unix)]
    fs::File::open(folder)?.sync_all()?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn key() -> OfferKey {
        OfferKey::parse("contoso/contoso-vm").unwrap()
    }

    #[test]
    fn a_record_comes_back_as_it_was_saved() {
        let folder = tempfile::tempdir().unwrap();
        let state = StateFolder::new(folder.path(), "https://service");
        assert!(state.load(&key()).record.is_none());
        let mut record = Record::new(&key(), state.service());
        record.applied = Some(serde_json::json!({"definition": {"n": 636_576_975_611_768_314_u64}}).into());
        state.save(&key(), &record).unwrap();
        let loaded = state.load(&key());
        assert_eq!(loaded.record, Some(record));
        assert_eq!(loaded.warning, None);
    }

    #[test]
    fn a_damaged_record_is_said_and_set_aside() {
        let folder = tempfile::tempdir().unwrap();
        let state = StateFolder::new(folder.path(), "https://service");
        let path = folder.path().join("contoso/contoso-vm.json");
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        for damage in ["{\"version\": 1, \"publ", "{\"version\": 99}", "{\"version\": 1}", "", "[]"] {
            fs::write(&path, damage).unwrap();
            let loaded = state.load(&key());
            assert!(loaded.record.is_none());
            assert!(loaded.warning.unwrap().to_string().contains("cannot be used"));
        }
        state.save(&key(), &Record::new(&key(), state.service())).unwrap();
        assert_eq!(fs::read_to_string(folder.path().join("contoso/contoso-vm.json.aside-1")).unwrap(), "[]");
        assert!(state.load(&key()).record.is_some());
    }

    #[test]
    fn a_record_of_another_service_is_not_used() {
        let folder = tempfile::tempdir().unwrap();
        let trial = StateFolder::new(folder.path(), "loopback");
        trial.save(&key(), &Record::new(&key(), trial.service())).unwrap();
        let loaded = StateFolder::new(folder.path(), "https://service").load(&key());
        assert!(loaded.record.is_none());
        assert!(loaded.warning.unwrap().to_string().contains("is about loopback"));
    }
}
