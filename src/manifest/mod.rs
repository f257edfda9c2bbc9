//! The manifests: YAML with source positions → composed → validated → [`Desired`].
//!
//! Everything wrong in every file is reported, each with its place; nothing here knows the service's state or writes
//! a file. The environment and the date come in from outside.

mod compose;
mod diagnostic;
mod directive;
mod discover;
mod loader;
mod mapping;
mod node;
mod reconcile;
mod scalar;
mod scalar_event;
mod source;
mod split;
mod suggestion;
mod syntax;
#[cfg(test)]
mod tests;
mod validate;

use std::collections::{HashMap, HashSet};

use jiff::civil::Date;

use crate::offer::{Desired, OfferKey};
use compose::{Composed, Composer};
pub use diagnostic::{Diagnostic, Label, Severity, Styled, render};
pub use discover::{Undiscoverable, discover};
pub use mapping::{Mapping, MappingEntry};
pub use source::{FileId, InvalidRepositoryPath, Repository, RepositoryPath, Span, Unreadable};
use validate::Manifest;

/// What the manifests say, and everything that is wrong with them.
#[derive(Debug)]
pub struct Loaded {
    /// The offers, in the order of the manifests: only those that no error touches.
    pub desired: Vec<Desired>,
    /// Errors and warnings, by file and line.
    pub diagnostics: Vec<Diagnostic>,
}

impl Loaded {
    /// Whether anything is wrong enough to stop.
    pub fn has_errors(&self) -> bool {
        self.diagnostics.iter().any(|diagnostic| diagnostic.severity == Severity::Error)
    }
}

/// Reads, composes and validates manifests.
///
/// `environment` answers for `$env`; `today` decides which waivers are over. Afterwards the repository keeps the texts
/// that the diagnostics point at, and no others.
pub fn load(
    repository: &mut Repository,
    manifests: &[RepositoryPath],
    environment: &dyn Fn(&str) -> Option<String>,
    today: Date,
) -> Loaded {
    let mut diagnostics = Vec::new();
    let mut read = Vec::new();
    let mut named = HashSet::new();
    let mut composer = Composer::new(repository, environment, &mut diagnostics);
    for path in manifests.iter().filter(|path| named.insert(*path)) {
        let Composed { tree, soundness } = composer.manifest(path);
        let (repository, diagnostics) = composer.parts();
        repository.forget_texts();
        let Some(tree) = tree else { continue };
        let beginning = Span::beginning(repository.file(path));
        if let Some(manifest) = validate::validate(tree, beginning, repository, today, diagnostics)
            && soundness.is_sound()
        {
            read.push(manifest);
        }
    }
    let desired = without_namesakes(read, &mut diagnostics);
    // A part that several manifests extend may be complained about through each of them.
    let mut seen = HashSet::new();
    diagnostics.retain(|diagnostic| seen.insert(diagnostic.clone()));
    diagnostics.sort_by_cached_key(|diagnostic| (diagnostic.position(repository), diagnostic.severity));
    for label in
        diagnostics.iter().flat_map(|diagnostic| [&diagnostic.primary].into_iter().chain(&diagnostic.secondary))
    {
        repository.recall_text(label.span.file);
    }
    Loaded { desired, diagnostics }
}

/// Drops the manifests that name the same offer, and says so at each of them.
fn without_namesakes(manifests: Vec<Manifest>, diagnostics: &mut Vec<Diagnostic>) -> Vec<Desired> {
    // The service ignores the case of the letters in an id.
    let fold = |key: &OfferKey| key.to_string().to_ascii_lowercase();
    let mut by_key: HashMap<String, Vec<Span>> = HashMap::new();
    for manifest in &manifests {
        by_key.entry(fold(&manifest.desired.key)).or_default().push(manifest.id);
    }
    let mut desired = Vec::new();
    for manifest in manifests {
        let Some([first, others @ ..]) = by_key.get(&fold(&manifest.desired.key)).map(Vec::as_slice) else { continue };
        if others.is_empty() {
            desired.push(manifest.desired);
        } else if manifest.id != *first {
            let message = format!("two manifests describe the offer `{}`", manifest.desired.key);
            diagnostics.push(
                Diagnostic::error("duplicate-offer", message, manifest.id, "the same offer again")
                    .also(*first, "the offer's other manifest")
                    .help("keep one manifest for each offer, or correct the id"),
            );
        }
    }
    desired
}
