//! `offerctl.yaml`: the settings of a repository.

use std::path::{Path, PathBuf};

use super::{PARALLELISM, SETTINGS_FILE, duration, whole_number};
use crate::manifest::{Diagnostic, Mapping, Repository, RepositoryPath};
use crate::offer::GuardSettings;
use crate::portal::Endpoint;
use crate::state::StatePlace;

/// What the file says; nothing is resolved yet.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct SettingsFile {
    /// The globs that find manifests.
    pub offers: Option<Vec<String>>,
    /// Where the service is.
    pub endpoint: Option<String>,
    /// How many offers are worked on side by side.
    pub parallelism: Option<String>,
    /// How long one offer is waited for.
    pub wait: Option<String>,
    /// Where the records are: a folder, relative to the root, or `git:BRANCH`.
    pub state: Option<PathBuf>,
    /// Which guards let things pass, and from which value on the others block.
    pub guards: GuardSettings,
}

const KEYS: [&str; 6] = ["offers", "endpoint", "parallelism", "wait", "state", "guards"];

/// Reads the file at the root, if it is there. Everything wrong in it is reported.
pub fn read_settings_file(repository: &mut Repository) -> Result<SettingsFile, Vec<Diagnostic>> {
    if !repository.root().join(SETTINGS_FILE).exists() {
        return Ok(SettingsFile::default());
    }
    // The name is a valid path of any repository.
    let Ok(path) = RepositoryPath::new(SETTINGS_FILE) else { return Ok(SettingsFile::default()) };
    let mapping = Mapping::read(repository, &path)?;
    let root = repository.root();
    let mut file = SettingsFile::default();
    let mut diagnostics = Vec::new();
    for entry in mapping.entries() {
        let mut text = |example: &str, fault: &dyn Fn(&str) -> Option<String>| {
            let text = entry.text();
            let found = match &text {
                Some(text) => fault(text),
                None => Some(format!("`{}` must be text", entry.key())),
            };
            diagnostics.extend(found.map(|found| entry.wrong(found, example)));
            text
        };
        match entry.key() {
            "endpoint" => {
                let fault = |text: &str| Endpoint::parse(text).err().map(|error| error.to_string());
                file.endpoint = text("for example `https://cloudpartner.azure.com`", &fault);
            }
            "parallelism" => {
                let fault = |text: &str| whole_number(text).is_none().then(|| format!("`{text}` is not {PARALLELISM}"));
                file.parallelism = text("for example `10`", &fault);
            }
            "wait" => {
                let fault = |text: &str| duration(text).is_none().then(|| format!("`{text}` is not a duration"));
                file.wait = text("for example `30m`, `2h`, `50ms` or `0`", &fault);
            }
            "state" => {
                let parse = |text: &str| StatePlace::parse(Path::new(text), Some(root));
                let fault = |text: &str| parse(text).err().map(|error| error.to_string());
                file.state = text("for example `.offerctl/state` or `git:offerctl-state`", &fault).map(PathBuf::from);
            }
            "guards" => file.guards = entry.guards(&mut diagnostics),
            "offers" => match entry.texts() {
                Some(globs) => file.offers = Some(globs),
                None => diagnostics
                    .push(entry.wrong("`offers` must be a list of globs", "for example `[\"offers/*/offer.yaml\"]`")),
            },
            _ => diagnostics.push(entry.unknown(&KEYS)),
        }
    }
    if diagnostics.is_empty() { Ok(file) } else { Err(diagnostics) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::manifest::{Styled, render};

    fn read(text: &str) -> Result<SettingsFile, String> {
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join(SETTINGS_FILE), text).unwrap();
        let mut repository = Repository::open(folder.path()).unwrap();
        read_settings_file(&mut repository).map_err(|diagnostics| {
            diagnostics.iter().map(|diagnostic| render(diagnostic, &repository, Styled::No) + "\n").collect()
        })
    }

    #[test]
    fn settings_are_read_and_an_empty_file_is_fine() {
        assert_eq!(read("").unwrap(), SettingsFile::default());
        let file = read("offers: offers/*.yaml\nparallelism: 4\nwait: 2h\n").unwrap();
        assert_eq!(file.offers, Some(vec!["offers/*.yaml".into()]));
        assert_eq!(file.parallelism.as_deref(), Some("4"));
    }

    #[test]
    fn a_wrong_key_and_a_wrong_value_are_both_shown() {
        insta::assert_snapshot!(read("parallelism: ten\nwait: soon\nendpoint: nonsense\nstate: git:a..b\n").unwrap_err(), @"
        error[wrong-value]: `ten` is not a whole number from 1 to 256
         --> offerctl.yaml:1:14
          |
        1 | parallelism: ten
          |              ^^^
          |
          = help: for example `10`
        error[wrong-value]: `soon` is not a duration
         --> offerctl.yaml:2:7
          |
        2 | wait: soon
          |       ^^^^
          |
          = help: for example `30m`, `2h`, `50ms` or `0`
        error[wrong-value]: the endpoint cannot be used: it is not a URL (relative URL without a base). Write it like https://cloudpartner.azure.com or, for an emulator, http://127.0.0.1:8080
         --> offerctl.yaml:3:11
          |
        3 | endpoint: nonsense
          |           ^^^^^^^^
          |
          = help: for example `https://cloudpartner.azure.com`
        error[wrong-value]: `git:a..b` names no git branch; write for example `git:offerctl-state`
         --> offerctl.yaml:4:8
          |
        4 | state: git:a..b
          |        ^^^^^^^^
          |
          = help: for example `.offerctl/state` or `git:offerctl-state`
        ");
        insta::assert_snapshot!(read("ofers: [a]\nwait: [1]\n").unwrap_err(), @"
        error[unknown-key]: there is no setting `ofers`
         --> offerctl.yaml:1:1
          |
        1 | ofers: [a]
          | ^^^^^
          |
          = help: did you mean `offers`?
        error[wrong-value]: `wait` must be text
         --> offerctl.yaml:2:7
          |
        2 | wait: [1]
          |       ^^
          |
          = help: for example `30m`, `2h`, `50ms` or `0`
        ");
    }
}
