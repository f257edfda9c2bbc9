//! The manifests: YAML with source positions → composed → validated → [`Desired`].
//!
//! Everything wrong in every file is reported, each with its place; nothing here knows the service's state or writes
//! a file. The environment and the date come in from outside.

mod compose;
mod diagnostic;
mod directive;
mod discover;
mod guards;
mod keys;
mod layout;
mod loader;
mod mapping;
mod media;
mod node;
mod outline;
mod picture;
mod prices;
mod reconcile;
mod scalar;
mod scalar_reader;
mod source;
mod split;
mod suggestion;
mod syntax;
mod takes;
#[cfg(test)]
mod tests;
mod validate;
mod values;
mod waivers;
mod words;

use std::collections::hash_map::Entry;
use std::collections::{HashMap, HashSet};

use jiff::civil::Date;

use crate::offer::Desired;
use compose::{Composed, Composer};
pub use diagnostic::{Diagnostic, Label, Severity, Styled, render};
pub use directive::reads_as_directive;
pub use discover::{Undiscoverable, discover, finds};
pub use layout::{Style, WrittenValue, layout};
pub use mapping::{Mapping, MappingEntry};
pub use outline::{Outline, outline};
pub use picture::{NoPicture, Picture};
pub use reconcile::is_email_address;
pub use scalar::is_plain_text;
pub use scalar_reader::is_version_key;
pub use source::{FileId, InvalidRepositoryPath, Repository, RepositoryPath, Span, Unreadable};
use validate::Manifest;

/// What the manifests say, and everything that is wrong with them.
#[derive(Debug)]
pub struct Loaded {
    /// The offers, in the order of the manifests, without those whose manifest has an error.
    pub desired: Vec<Desired>,
    /// Errors and warnings, by file and line.
    pub diagnostics: Vec<Diagnostic>,
}

/// Reads, composes and validates manifests, and keeps what they say.
///
/// `environment` answers for `$env`; `today` decides which waivers are over. Afterwards the repository keeps no
/// text.
pub fn load(
    repository: &mut Repository,
    manifests: &[RepositoryPath],
    environment: &dyn Fn(&str) -> Option<String>,
    today: Date,
) -> Loaded {
    let mut desired = Vec::new();
    let diagnostics = load_each(repository, manifests, environment, today, &mut |_, one| desired.push(one));
    Loaded { desired, diagnostics }
}

/// Does what [`load`] does, and hands over each offer as soon as it is read, so that a thousand of them need not be in
/// memory at once: keep their paths, and [`load`] one when its turn comes.
///
/// Of two manifests for one offer, the first is handed over and an error is reported at the second.
pub fn load_each(
    repository: &mut Repository,
    manifests: &[RepositoryPath],
    environment: &dyn Fn(&str) -> Option<String>,
    today: Date,
    take: &mut dyn FnMut(&RepositoryPath, Desired),
) -> Vec<Diagnostic> {
    let mut diagnostics = Vec::new();
    let mut named = HashSet::new();
    let mut offers = HashMap::new();
    let mut composer = Composer::new(repository, environment, &mut diagnostics);
    for path in manifests.iter().filter(|path| named.insert(*path)) {
        let Composed { tree, soundness } = composer.manifest(path);
        let (repository, diagnostics) = composer.parts();
        repository.forget_texts();
        let Some(tree) = tree else { continue };
        let beginning = Span::beginning(repository.file(path));
        if let Some(manifest) = validate::validate(tree, beginning, repository, today, diagnostics)
            && soundness.is_sound()
            && is_first(&manifest, &mut offers, diagnostics)
        {
            take(path, manifest.desired);
        }
    }
    in_order(diagnostics, repository)
}

/// Whether no manifest before this one describes the same offer; otherwise that is reported.
fn is_first(manifest: &Manifest, offers: &mut HashMap<String, Span>, diagnostics: &mut Vec<Diagnostic>) -> bool {
    let key = &manifest.desired.key;
    // The service ignores the case of the letters in an id.
    match offers.entry(key.to_string().to_ascii_lowercase()) {
        Entry::Vacant(entry) => {
            entry.insert(manifest.id);
            true
        }
        Entry::Occupied(first) => {
            diagnostics.push(
                Diagnostic::error(
                    "duplicate-offer",
                    format!("two manifests describe the offer `{key}`"),
                    manifest.id,
                    "the same offer again",
                )
                .also(*first.get(), "the offer's other manifest")
                .help("keep one manifest for each offer, or correct the id"),
            );
            false
        }
    }
}

/// The diagnostics by file and line, each once.
fn in_order(mut diagnostics: Vec<Diagnostic>, repository: &Repository) -> Vec<Diagnostic> {
    // A part that several manifests extend may be complained about through each of them.
    let mut seen = HashSet::new();
    diagnostics.retain(|diagnostic| seen.insert(diagnostic.clone()));
    diagnostics.sort_by_cached_key(|diagnostic| (diagnostic.position(repository), diagnostic.severity));
    diagnostics
}
