//! `offerctl.yaml`: the settings of a repository.

use std::path::PathBuf;

use super::SETTINGS_FILE;
use crate::manifest::{Diagnostic, Mapping, Repository, RepositoryPath};
use crate::offer::GuardSettings;

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
    let mut file = SettingsFile::default();
    let mut diagnostics = Vec::new();
    for entry in mapping.entries() {
        let mut text = |example: &str| {
            let text = entry.text();
            if text.is_none() {
                diagnostics.push(entry.wrong(format!("`{}` must be text", entry.key()), example));
            }
            text
        };
        match entry.key() {
            "endpoint" => file.endpoint = text("for example `https://cloudpartner.azure.com`"),
            "parallelism" => file.parallelism = text("for example `10`"),
            "wait" => file.wait = text("for example `30m`"),
            "state" => file.state = text("for example `.offerctl/state` or `git:offerctl-state`").map(PathBuf::from),
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
        insta::assert_snapshot!(read("ofers: [a]\nwait: [1]\n").unwrap_err(), @r"
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
          = help: for example `30m`
        ");
    }
}
