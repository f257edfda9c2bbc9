//! Which manifests a command is about: named files, folders, offers and patterns of them, or all of the repository; and of
//! these, if asked for, only those that changed.

use std::collections::BTreeSet;
use std::fs::File;
use std::io::Read as _;
use std::path::Path;

use super::CommandError;
use super::arguments::Changed;
use super::changed::Comparison;
use super::printer::Printer;
use super::session::Session;
use crate::manifest::{RepositoryPath, discover, outline};
use crate::offer::{Desired, OfferKey, OfferPattern, closest};
use crate::plan::Unchanged;
use crate::processors::share_out;
use crate::render::unchanged_line;

/// The manifests that were found, and which of their offers are wanted.
#[derive(Debug, Clone)]
pub(super) struct Selected {
    /// All manifests to read, sorted.
    pub(super) manifests: Vec<RepositoryPath>,
    /// Offers that were named and have to be among them.
    pub(super) offers: Vec<OfferKey>,
    /// Patterns, each of which has to match one of them.
    patterns: Vec<OfferPattern>,
    /// The manifests that are wanted whatever offer they describe.
    whole: BTreeSet<RepositoryPath>,
    /// What was left out because nothing of it changed.
    pub(super) unchanged: Option<Unchanged>,
    /// The offers of the manifests that were left out, as far as they are known.
    left_out: Vec<OfferKey>,
}

impl Selected {
    /// Whether the offer of a manifest is wanted.
    pub(super) fn wants(&self, manifest: &RepositoryPath, key: &OfferKey) -> bool {
        self.whole.contains(manifest)
            || self.offers.contains(key)
            || self.patterns.iter().any(|pattern| pattern.matches(key))
    }

    /// Whether some manifests are wanted for their offers only, so that the others are read in vain.
    pub(super) fn is_by_offer(&self) -> bool {
        !self.offers.is_empty() || !self.patterns.is_empty()
    }

    /// The same for what its manifest said.
    pub(super) fn wants_desired(&self, desired: &Desired) -> bool {
        RepositoryPath::new(&desired.manifest.file).is_ok_and(|manifest| self.wants(&manifest, &desired.key))
    }

    /// Refuses a selection with a named offer that no manifest describes, or a pattern that matches none.
    pub(super) fn expect_all(&self, session: &Session, found: &[&OfferKey]) -> Result<(), CommandError> {
        let is_there = |wanted: &dyn Fn(&OfferKey) -> bool| found.iter().copied().chain(&self.left_out).any(wanted);
        if let Some(key) = self.offers.iter().find(|key| !is_there(&|found| found == *key)) {
            let hint = did_you_mean(session, &key.to_string()).unwrap_or_else(|| {
                "`offerctl list` shows the offers of the service; the manifests say which are kept as code".to_owned()
            });
            return Err(CommandError::bad_input(format!("no manifest describes the offer {key}")).hint(hint));
        }
        match self.patterns.iter().find(|pattern| !is_there(&|found| pattern.matches(found))) {
            None => Ok(()),
            Some(pattern) => {
                let hint = "patterns are of publisher/offer; `offerctl validate --output json` lists all offers of the manifests";
                Err(CommandError::bad_input(format!("no manifest describes an offer that `{pattern}` matches"))
                    .hint(hint))
            }
        }
    }

    /// Leaves out the manifests of which nothing changed.
    fn narrow(&mut self, session: &Session, since: &str) -> Result<(), CommandError> {
        let compared = Comparison::with(session, since)?;
        let deleted = compared.deleted(session)?;
        for manifest in &deleted {
            session.printer.warning(&format!(
                "`{manifest}` was deleted since {since}; that deletes nothing on the service, which keeps the offer as it is"
            ));
        }
        let mut unchanged = Unchanged { since: since.to_owned(), manifests: 0, deleted };
        let mut kept = Vec::new();
        for (manifest, outline) in self.manifests.iter().zip(Comparison::outlines(session, &self.manifests)?) {
            let is_wanted = outline.key.as_ref().is_none_or(|key| self.wants(manifest, key));
            if is_wanted && compared.has_changed(&outline) {
                kept.push(manifest.clone());
            } else {
                unchanged.manifests += usize::from(is_wanted);
                self.left_out.extend(outline.key);
            }
        }
        self.manifests = kept;
        self.unchanged = Some(unchanged);
        Ok(())
    }

    /// Says what was left out, for commands whose results have no place for it.
    pub(super) fn tell_unchanged(&self, printer: Printer) {
        if let Some(unchanged) = &self.unchanged {
            printer.note(&unchanged_line(unchanged));
        }
    }
}

/// The offer of a manifest that somebody may have meant.
fn did_you_mean(session: &Session, wanted: &str) -> Option<String> {
    let manifests = manifests_there_are(session).ok()?;
    let outline = |manifest| Some(outline(session.repository().ok()?, manifest, &|name| std::env::var(name).ok()));
    let keys: Vec<_> =
        manifests.iter().filter_map(|manifest| outline(manifest)?.key).map(|key| key.to_string()).collect();
    closest(wanted, keys.iter().map(String::as_str)).map(|meant| format!("did you mean `{meant}`?"))
}

/// What one argument names.
enum Named {
    File(RepositoryPath),
    Folder(String),
    Offer(OfferKey),
    Offers(OfferPattern),
}

/// Finds the manifests of a selection.
///
/// What exists as a file or folder is one; anything else must be `publisher/offer`, or a pattern of that.
pub(super) fn select(session: &Session, named: &[String]) -> Result<Selected, CommandError> {
    let mut whole = BTreeSet::new();
    let (mut offers, mut patterns) = (Vec::new(), Vec::new());
    for text in named {
        match name(session, text)? {
            Named::File(path) => drop(whole.insert(path)),
            Named::Folder(folder) => whole.extend(in_folder(session, &folder)?),
            Named::Offer(key) => offers.push(key),
            Named::Offers(pattern) => patterns.push(pattern),
        }
    }
    let mut manifests: BTreeSet<_> = whole.clone();
    if whole.is_empty() || !offers.is_empty() || !patterns.is_empty() {
        manifests.extend(all_manifests(session)?);
    }
    if named.is_empty() {
        whole.clone_from(&manifests);
    }
    let manifests = manifests.into_iter().collect();
    Ok(Selected { manifests, offers, patterns, whole, unchanged: None, left_out: Vec::new() })
}

/// The same, without the manifests of which nothing changed if only changed ones are asked for.
pub(super) fn select_changed(session: &Session, named: &[String], only: &Changed) -> Result<Selected, CommandError> {
    let mut selected = select(session, named)?;
    if let Some(since) = &only.since {
        selected.narrow(session, since)?;
    }
    Ok(selected)
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
            .hint("paths are relative to the folder where you are; offers are written publisher/offer, or as a pattern 'contoso/*'"));
    }
    if !path.exists() && OfferPattern::is_meant(text) {
        let pattern = OfferPattern::parse(text).map_err(|error| CommandError::bad_input(error.to_string()))?;
        return Ok(Named::Offers(pattern));
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
    let are_parts = share_out(&found, |path| is_part(&root.join(path.as_str())));
    found.into_iter().zip(are_parts).filter(|(_, is_part)| !is_part).map(|(path, _)| path).collect()
}

/// How much of a file is looked at first, in bytes: a manifest says at its beginning which offer it is.
const BEGINNING: u64 = 2_048;

fn is_part(path: &Path) -> bool {
    let beginning = || {
        let mut bytes = Vec::new();
        File::open(path)?.take(BEGINNING).read_to_end(&mut bytes)?;
        std::io::Result::Ok(bytes)
    };
    // Its last line may be half a line, and half a key is another one.
    let says = |bytes: Vec<u8>| {
        let text = String::from_utf8_lossy(&bytes);
        text.rsplit_once('\n').is_some_and(|(lines, _)| !lines.trim().is_empty() && reads_as_manifest(lines))
    };
    !beginning().is_ok_and(says) && std::fs::read_to_string(path).is_ok_and(|text| !reads_as_manifest(&text))
}

/// Whether a text says which offer it is, as far as that shows without reading it as YAML.
pub(super) fn reads_as_manifest(text: &str) -> bool {
    const IDENTIFYING: [&str; 3] = ["publisherId", "offerTypeId", "extends"];
    let identifies = |line: &str| {
        let key = line.split(':').next().unwrap_or_default().trim_end().trim_matches(['"', '\'']);
        IDENTIFYING.contains(&key)
    };
    let text = text.trim_start();
    // What is no map in block style is for the reader to complain about.
    text.is_empty() || text.starts_with(['{', '[', '-']) || text.lines().any(identifies)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_part_is_told_from_a_manifest_wherever_that_says_which_offer_it_is() {
        let file = tempfile::NamedTempFile::new().unwrap();
        let is_part = |text: &[u8]| {
            std::fs::write(file.path(), text).unwrap();
            is_part(file.path())
        };
        let long = |behind: usize| "# ü\n".repeat(1_000)[..behind].to_owned();
        assert!(is_part(b"definition:\n  offer: {}") && is_part(b"\ndefinition: {}") && is_part(b"\n\n# nothing"));
        assert!(!is_part(b"publisherId: contoso") && !is_part(b"") && !is_part(b"\n \n") && !is_part(b"- a list"));
        assert!(
            !is_part(b"a: \xff\npublisherId: contoso\n") && !is_part(b"a: \xff\n"),
            "it is for the reader to complain"
        );
        // The beginning ends anywhere in the key, or in a character.
        let beginning = usize::try_from(BEGINNING).unwrap();
        for cut in 1..20 {
            let behind = (beginning - cut) / 5 * 5;
            let padding = "x".repeat(beginning - cut - behind);
            assert!(!is_part(format!("{}{padding}: 1\npublisherId: contoso\n", long(behind)).as_bytes()), "{cut}");
            assert!(is_part(format!("{}{padding}: 1\npublisherIds: contoso\n", long(behind)).as_bytes()), "{cut}");
        }
    }
}
