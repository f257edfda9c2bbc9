//! Which manifests a command is about: named files, folders and offers, or all of the repository.

use std::collections::BTreeSet;
use std::path::Path;

use super::CommandError;
use super::session::Session;
use crate::manifest::{RepositoryPath, discover};
use crate::offer::{Desired, OfferKey};

/// The manifests that were found, and which of their offers are wanted.
#[derive(Debug, Clone)]
pub(super) struct Selected {
    /// All manifests to read, sorted.
    pub(super) manifests: Vec<RepositoryPath>,
    /// Offers that were named and have to be among them.
    pub(super) offers: Vec<OfferKey>,
    /// The manifests that are wanted whatever offer they describe.
    whole: BTreeSet<RepositoryPath>,
}

impl Selected {
    /// Whether the offer of a manifest is wanted.
    pub(super) fn wants(&self, manifest: &RepositoryPath, key: &OfferKey) -> bool {
        self.whole.contains(manifest) || self.offers.contains(key)
    }

    /// The same for what its manifest said.
    pub(super) fn wants_desired(&self, desired: &Desired) -> bool {
        RepositoryPath::new(&desired.manifest.file).is_ok_and(|manifest| self.wants(&manifest, &desired.key))
    }

    /// Refuses a selection with a named offer that no manifest describes.
    pub(super) fn expect_all(&self, found: &[&OfferKey]) -> Result<(), CommandError> {
        match self.offers.iter().find(|key| !found.contains(key)) {
            None => Ok(()),
            Some(key) => Err(CommandError::bad_input(format!("no manifest describes the offer {key}"))
                .hint("`offerctl list` shows the offers of the service; the manifests say which are kept as code")),
        }
    }
}

/// What one argument names.
enum Named {
    File(RepositoryPath),
    Folder(String),
    Offer(OfferKey),
}

/// Finds the manifests of a selection.
///
/// What exists as a file or folder is one; anything else must be `publisher/offer`.
pub(super) fn select(session: &Session, named: &[String]) -> Result<Selected, CommandError> {
    let mut whole = BTreeSet::new();
    let mut offers = Vec::new();
    for text in named {
        match name(session, text)? {
            Named::File(path) => drop(whole.insert(path)),
            Named::Folder(folder) => whole.extend(in_folder(session, &folder)?),
            Named::Offer(key) => offers.push(key),
        }
    }
    let mut manifests: BTreeSet<_> = whole.clone();
    if whole.is_empty() || !offers.is_empty() {
        manifests.extend(all_manifests(session)?);
    }
    if named.is_empty() {
        whole.clone_from(&manifests);
    }
    Ok(Selected { manifests: manifests.into_iter().collect(), offers, whole })
}

/// The manifests that the settings' globs find; there may be none.
pub(super) fn manifests_there_are(session: &Session) -> Result<Vec<RepositoryPath>, CommandError> {
    let root = &session.settings.root;
    Ok(without_parts(root, discover(root, &session.settings.offers)?))
}

fn all_manifests(session: &Session) -> Result<Vec<RepositoryPath>, CommandError> {
    let root = &session.settings.root;
    let manifests = manifests_there_are(session)?;
    if manifests.is_empty() {
        let looked_for = session.settings.offers.join(", ");
        return Err(CommandError::bad_input(format!(
            "no manifest was found below `{}` (looked for {looked_for})",
            root.display()
        ))
        .hint("name a manifest, or say in `offerctl.yaml` where they are: `offers: [\"offers/*/offer.yaml\"]`"));
    }
    Ok(manifests)
}

/// An argument that names an offer and no file or folder.
pub(super) fn named_offer(text: &str) -> Option<OfferKey> {
    if Path::new(text).exists() || looks_like_a_path(text) { None } else { OfferKey::parse(text).ok() }
}

/// Whether a person who wrote this meant a path, be it there or not.
fn looks_like_a_path(text: &str) -> bool {
    let ending = Path::new(text).extension().and_then(|ending| ending.to_str());
    ending.is_some_and(|ending| ending.eq_ignore_ascii_case("yaml") || ending.eq_ignore_ascii_case("yml"))
        || text.starts_with(['.', '/', '~'])
        || text.matches('/').count() > 1
}

fn name(session: &Session, text: &str) -> Result<Named, CommandError> {
    let path = Path::new(text);
    if !path.exists() && looks_like_a_path(text) {
        return Err(CommandError::bad_input(format!("there is no file or folder `{text}`"))
            .hint("paths are relative to the folder where you are; offers are written publisher/offer"));
    }
    if !path.exists() {
        return OfferKey::parse(text).map(Named::Offer).map_err(|_| {
            CommandError::bad_input(format!("`{text}` is neither a file or folder nor an offer"))
                .hint("name a manifest by its path, or an offer as publisher/offer")
        });
    }
    let repository = session.repository()?;
    let located = if path.is_dir() { repository.locate(&path.join("offer.yaml")) } else { repository.locate(path) };
    let located = located.map_err(|error| CommandError::bad_input(error.to_string()))?;
    if path.is_dir() {
        let folder = located.as_str().rsplit_once('/').map_or("", |(folder, _)| folder);
        Ok(Named::Folder(folder.to_owned()))
    } else {
        Ok(Named::File(located))
    }
}

/// The manifests of a folder: those that the settings' globs find in it, else every YAML file below it.
fn in_folder(session: &Session, folder: &str) -> Result<Vec<RepositoryPath>, CommandError> {
    let root = &session.settings.root;
    let inside = |path: &RepositoryPath| folder.is_empty() || path.as_str().starts_with(&format!("{folder}/"));
    let mut found: Vec<_> = discover(root, &session.settings.offers)?.into_iter().filter(inside).collect();
    if found.is_empty() {
        let globs = ["yaml", "yml"]
            .map(|ending| if folder.is_empty() { format!("**/*.{ending}") } else { format!("{folder}/**/*.{ending}") });
        found = discover(root, &globs)?;
    }
    let found = without_parts(root, found);
    if found.is_empty() {
        return Err(CommandError::bad_input(format!("there is no manifest in `{folder}`")));
    }
    Ok(found)
}

/// Leaves out YAML files that say nothing about which offer they are: parts that manifests extend, and other people's
/// files. A file that is named by itself is never left out.
fn without_parts(root: &Path, found: Vec<RepositoryPath>) -> Vec<RepositoryPath> {
    const IDENTIFYING: [&str; 3] = ["publisherId", "offerTypeId", "extends"];
    let identifies = |line: &str| {
        let key = line.split(':').next().unwrap_or_default().trim_end().trim_matches(['"', '\'']);
        IDENTIFYING.contains(&key)
    };
    found
        .into_iter()
        .filter(|path| match std::fs::read_to_string(root.join(path.as_str())) {
            // What is no map in block style is for the reader to complain about.
            Ok(text) => {
                let text = text.trim_start();
                text.is_empty() || text.starts_with(['{', '[', '-']) || text.lines().any(identifies)
            }
            Err(_) => true,
        })
        .collect()
}
