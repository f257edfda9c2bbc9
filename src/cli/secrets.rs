//! Which secrets a run knows, so that the printer can keep them: those of the environment that are offerctl's own, and
//! those that manifests and records name. Commands that read no manifest know them too, for the service may quote one to
//! `status`.

use std::collections::HashSet;
use std::sync::{Mutex, MutexGuard, PoisonError};

use ring::rand;

use super::CommandError;
use super::printer::Printer;
use super::session::Session;
use crate::config::{SETTINGS_FILE, environment as variable};
use crate::diff::Difference;
use crate::manifest::{Repository, RepositoryPath, discover};
use crate::offer::{Desired, FieldPath};
use crate::plan::PlannedOffer;
use crate::portal::{KnownSecrets, Secret};
use crate::processors::share_out;
use crate::state::{FingerprintKey, Fingerprinter, State};

/// What stands before the name of a secret, in YAML and JSON.
const SECRET: &str = "$secret";
/// What stands before the names of files that a manifest is composed of.
const EXTENDS: &str = "extends";
/// How many characters behind it are searched for them.
const EXTENDS_LENGTH: usize = 16_000;
/// The variables with which offerctl signs in, to the service and to where it comments, and the key of its own.
const OUR_OWN: [&str; 8] = [
    variable::FINGERPRINT_KEY,
    variable::TOKEN,
    variable::CLIENT_SECRET,
    variable::GITHUB_TOKEN,
    variable::PIPELINES_TOKEN,
    variable::IDENTITY_HEADER,
    variable::GITHUB_COMMENT_TOKEN,
    variable::GITLAB_TOKEN,
];

/// A secret of the environment. An empty one counts as not set: CI systems set what they do not have.
pub(super) fn secret(name: &str) -> Option<Secret> {
    std::env::var(name).ok().filter(|value| !value.is_empty()).map(Secret::new)
}

/// What makes and compares fingerprints of secrets, with the key of the environment if there is one.
pub(super) fn fingerprinter() -> Result<Fingerprinter, CommandError> {
    let key = secret(variable::FINGERPRINT_KEY).map(|key| FingerprintKey::new(key.expose().trim()));
    let key = key.transpose().map_err(|error| {
        CommandError::bad_input(format!("`{}` cannot be used: {error}", variable::FINGERPRINT_KEY))
            .hint("make one with `openssl rand -hex 32`, and keep it where your CI keeps its secrets")
    })?;
    let chance = || rand::generate(&rand::SystemRandom::new()).ok().map(rand::Random::expose);
    Ok(Fingerprinter::new(key, chance))
}

/// Remembers the secrets of a manifest that was read.
pub(super) fn keep_of_manifest(known: &KnownSecrets, desired: &Desired) {
    for (_, name) in &desired.secrets {
        keep(known, name);
    }
}

/// Remembers the secrets that the environment and the repository's files name.
///
/// The files are searched for `$secret` as text: a manifest with errors names secrets too.
pub(super) fn keep_of_surroundings(session: &Session) {
    let printer = session.printer;
    for name in OUR_OWN {
        keep(printer.secrets(), name);
    }
    let root = &session.settings.root;
    // Without a repository there is nothing to search, and whoever needs one says so.
    let Ok(repository) = Repository::open(root) else { return };
    // Manifests extend parts that lie anywhere in the repository. Without the file that marks it there is none.
    let globs = if root.join(SETTINGS_FILE).exists() {
        vec!["**/*.yaml".to_owned(), "**/*.yml".to_owned()]
    } else {
        session.settings.offers.clone()
    };
    // What cannot be searched is complained about by whoever needs it.
    let files = discover(root, &globs).unwrap_or_default();
    share_out(&files, |path| keep_of_file(printer, &repository, path));
}

/// Remembers the secrets that the records name.
pub(super) fn keep_of_records(known: &KnownSecrets, state: &State) {
    state.search(SECRET, |text| names(text).for_each(|name| keep(known, name)));
}

/// Takes the known secrets out of what differs, which is only to be shown: before values are cut to fit into a line, for
/// half a secret is one too.
pub(super) fn hide(known: &KnownSecrets, difference: &mut Difference) {
    for value in [&mut difference.before, &mut difference.after].into_iter().flatten() {
        *value = known.scrub_value(value.take());
    }
}

/// Takes the known secrets out of everything that is shown of an offer. The last look at an output would not find them in
/// Markdown, which spells some characters otherwise.
pub(super) fn hide_in_plan(known: &KnownSecrets, offer: &mut PlannedOffer) {
    offer.edit_differences(|difference| {
        hide(known, difference);
        let segments = difference.path.segments().iter();
        difference.path = segments.fold(FieldPath::root(), |path, segment| path.child(known.scrub(segment)));
        difference.waived = difference.waived.as_ref().map(|reason| known.scrub(reason));
    });
    let blocks = offer.blocks.iter_mut().chain(&mut offer.allowed);
    let said = blocks.flat_map(|block| std::iter::once(&mut block.sentence).chain(&mut block.messages));
    let steps = offer.steps.iter_mut().flat_map(|step| std::iter::once(&mut step.reason).chain(&mut step.estimate));
    for text in said.chain(steps).chain(&mut offer.notes) {
        *text = known.scrub(text);
    }
    if let Some(listing) = &mut offer.listing {
        listing.edit(|listing| listing.texts_mut().for_each(|text| *text = known.scrub(text)));
    }
}

/// The files that were searched for names of secrets in this run, with whatever they extend.
#[derive(Debug, Default)]
pub(super) struct Searched(Mutex<HashSet<RepositoryPath>>);

impl Searched {
    fn files(&self) -> MutexGuard<'_, HashSet<RepositoryPath>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Remembers the secrets that a file of the repository names, be it a manifest or not, and those of the files that it extends.
/// As far as manifests may reach, and no file twice.
pub(super) fn keep_of_file(printer: Printer, repository: &Repository, path: &RepositoryPath) {
    keep_of_parts(printer, repository, path, &mut HashSet::new());
}

/// Does so but for the files that are being searched `above`.
fn keep_of_parts(
    printer: Printer,
    repository: &Repository,
    path: &RepositoryPath,
    above: &mut HashSet<RepositoryPath>,
) {
    if printer.searched().files().contains(path) || !above.insert(path.clone()) {
        return;
    }
    if let Ok(text) = repository.glance(path) {
        names(&text).for_each(|name| keep(printer.secrets(), name));
        for part in parts(&text).filter_map(|part| path.resolve(part).ok()) {
            keep_of_parts(printer, repository, &part, above);
        }
        // Last, so that whoever finds it here knows its secrets.
        printer.searched().files().insert(path.clone());
    }
}

fn keep(known: &KnownSecrets, name: &str) {
    if let Some(secret) = secret(name) {
        known.keep(&secret);
    }
}

/// What may be the names of the files that a text extends: behind each key of that name every word, whatever stands between
/// quotation marks, and the rest of every line. What is none of them names no file, or one that is searched for nothing.
fn parts(text: &str) -> impl Iterator<Item = &str> {
    text.split(EXTENDS).skip(1).flat_map(|rest| {
        let value = rest.trim_start_matches(['"', '\'']).trim_start().strip_prefix(':').unwrap_or_default();
        let end = value.char_indices().map(|(at, _)| at).nth(EXTENDS_LENGTH).unwrap_or(value.len());
        let value = &value[..end];
        let is_between = |character: char| character.is_whitespace() || "[]{},\"'#".contains(character);
        let words = value.split(is_between).filter(|word| !word.is_empty());
        let quoted = ['"', '\''].into_iter().flat_map(|quote| value.split(quote).skip(1));
        let lines = value.lines().map(|line| line.trim().trim_start_matches("- ").trim());
        words.chain(quoted).chain(lines)
    })
}

/// The variables that stand behind `$secret:`, in YAML or JSON.
fn names(text: &str) -> impl Iterator<Item = &str> {
    let is_name = |character: char| character.is_ascii_alphanumeric() || character == '_';
    text.split(SECRET).skip(1).filter_map(move |rest| {
        let name = rest
            .trim_start_matches(|character: char| matches!(character, '"' | '\'' | ':') || character.is_whitespace());
        let end = name.find(|character| !is_name(character)).unwrap_or(name.len());
        Some(&name[..end]).filter(|name| !name.is_empty())
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts_are_named_in_any_style() {
        let found = |text: &'static str| parts(text).collect::<Vec<_>>();
        assert!(found("extends: ../parts/my leads.json\n").contains(&"../parts/my leads.json"));
        assert!(found("extends:\n  - ../a\n  - 'b, c.json'\n").contains(&"../a"));
        assert!(found("extends:\n  - ../a\n  - 'b, c.json'\n").contains(&"b, c.json"));
        assert!(found("{\"extends\": [\"a,b.json\", \"it's.json\"]}").contains(&"a,b.json"));
        assert!(found("{\"extends\" : [\"a,b.json\", \"it's.json\"]}").contains(&"it's.json"));
        assert!(found("text: this extends ../a.yaml\n").iter().all(|part| part.is_empty()));
    }

    #[test]
    fn secrets_are_named_in_any_style() {
        let text = "a: {$secret: ONE}\nb:\n  $secret: 'TWO_2'\n{\"$secret\":\"THREE\"} \"$secret\" : FOUR, $secret:\n";
        assert_eq!(names(text).collect::<Vec<_>>(), ["ONE", "TWO_2", "THREE", "FOUR"]);
    }
}
