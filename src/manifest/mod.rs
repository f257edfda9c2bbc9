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
use std::hash::BuildHasher as _;

use foldhash::fast::RandomState;
use jiff::civil::Date;

use crate::offer::Desired;
use compose::{Composed, Composer};
pub use diagnostic::{Diagnostic, Label, PlacedDiagnostic, Severity, Styled, render};
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
    let mut loaded = Loaded { desired: Vec::new(), diagnostics: Vec::new() };
    load_each(repository, manifests, environment, today, &mut |_, read| {
        loaded.desired.extend(read.desired);
        loaded.diagnostics.extend(read.diagnostics);
    });
    loaded.diagnostics.sort_by_cached_key(|diagnostic| order(diagnostic, repository));
    loaded
}

/// What one manifest said.
#[derive(Debug)]
pub struct ReadManifest<'path> {
    /// The manifest.
    pub path: &'path RepositoryPath,
    /// Its offer; `None` when it has an error.
    pub desired: Option<Desired>,
    /// What is wrong with it and with what it extends, by file and line. What was said of an earlier manifest, about a part
    /// that both extend, is not said again.
    pub diagnostics: Vec<Diagnostic>,
}

/// Does what [`load`] does, and hands over what each manifest says as soon as it is read, so that a thousand of them need not
/// be in memory at once: keep their paths, and [`load`] one when its turn comes.
///
/// Of two manifests for one offer, the first is handed over and an error is reported at the second.
pub fn load_each(
    repository: &mut Repository,
    manifests: &[RepositoryPath],
    environment: &dyn Fn(&str) -> Option<String>,
    today: Date,
    take: &mut dyn FnMut(&Repository, ReadManifest<'_>),
) {
    let mut diagnostics = Vec::new();
    let (mut named, mut told) = (HashSet::new(), Told::default());
    let mut offers = HashMap::new();
    let mut composer = Composer::new(repository, environment, &mut diagnostics);
    for path in manifests.iter().filter(|path| named.insert(*path)) {
        let Composed { tree, soundness } = composer.manifest(path);
        let (repository, diagnostics) = composer.parts();
        repository.forget_texts();
        let beginning = Span::beginning(repository.file(path));
        let manifest = tree.and_then(|tree| validate::validate(tree, beginning, repository, today, diagnostics));
        let manifest = manifest.filter(|manifest| soundness.is_sound() && is_first(manifest, &mut offers, diagnostics));
        let mut diagnostics = std::mem::take(diagnostics);
        diagnostics.retain(|diagnostic| told.is_new(diagnostic));
        diagnostics.sort_by_cached_key(|diagnostic| order(diagnostic, repository));
        take(repository, ReadManifest { path, desired: manifest.map(|manifest| manifest.desired), diagnostics });
    }
}

/// What was told of earlier manifests. There may be as many diagnostics as manifests have lines, so that no text of them is
/// kept: of those at one place, a digest tells them apart.
#[derive(Default)]
struct Told {
    diagnostics: HashSet<(Span, u64)>,
    hasher: RandomState,
}

impl Told {
    /// Whether it was not told before. A part that several manifests extend may be complained about through each of them.
    fn is_new(&mut self, diagnostic: &Diagnostic) -> bool {
        self.diagnostics.insert((diagnostic.primary.span, self.hasher.hash_one(diagnostic)))
    }
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

/// By file and line.
fn order(diagnostic: &Diagnostic, repository: &Repository) -> impl Ord + use<> {
    (diagnostic.position(repository), diagnostic.severity)
}
