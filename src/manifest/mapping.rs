//! A YAML file that is a plain map and no manifest, such as `offerctl.yaml`, read and complained about with equal care.
//!
//! It knows no key; whoever reads the map does.

use super::diagnostic::Diagnostic;
use super::diagnostic::shortened;
use super::guards;
use super::loader::{self, Tree};
use super::node::{Entry, Kind, Node};
use super::source::{MANIFEST_LIMIT, Repository, RepositoryPath, Span};
use super::suggestion::did_you_mean;
use crate::offer::GuardSettings;

/// A map with the places of its keys and values.
#[derive(Debug)]
pub struct Mapping {
    root: Node,
}

/// One key of a mapping and its value.
#[derive(Debug, Clone, Copy)]
pub struct MappingEntry<'mapping>(&'mapping Entry);

impl Mapping {
    /// Reads the file. An empty one is an empty map.
    pub fn read(repository: &mut Repository, path: &RepositoryPath) -> Result<Self, Vec<Diagnostic>> {
        let mut diagnostics = Vec::new();
        let (file, text) = match repository.read(path, MANIFEST_LIMIT) {
            Ok(read) => read,
            Err(error) => {
                let beginning = Span::beginning(repository.file(path));
                return Err(vec![Diagnostic::error(error.rule(), error.to_string(), beginning, "")]);
            }
        };
        let tree = loader::load(file, &text, &mut diagnostics);
        let root = match tree {
            Tree::Loaded(root) => root,
            Tree::Empty => Node { kind: Kind::Map(Vec::new()), span: Span::beginning(file) },
            Tree::Broken => return Err(diagnostics),
        };
        if root.as_map().is_none() {
            let message = format!("the file must be a map of settings, and this is {}", root.article());
            diagnostics.push(Diagnostic::error("wrong-type", message, root.span, ""));
        }
        if diagnostics.is_empty() { Ok(Self { root }) } else { Err(diagnostics) }
    }

    /// The keys in their order.
    pub fn entries(&self) -> impl Iterator<Item = MappingEntry<'_>> {
        self.root.as_map().unwrap_or_default().iter().map(MappingEntry)
    }
}

impl<'mapping> MappingEntry<'mapping> {
    /// The key.
    pub fn key(&self) -> &'mapping str {
        &self.0.key
    }

    /// The value as text, if it is text or a number; a number as JSON writes it.
    pub fn text(&self) -> Option<String> {
        match &self.0.value.kind {
            Kind::Text(text) => Some(text.to_string()),
            Kind::Number(number) => Some(number.to_string()),
            _ => None,
        }
    }

    /// The value as a list of texts; a single text counts as a list of one.
    pub fn texts(&self) -> Option<Vec<String>> {
        match &self.0.value.kind {
            Kind::Text(text) => Some(vec![text.to_string()]),
            Kind::List(items) => items.iter().map(|item| item.as_text().map(ToString::to_string)).collect(),
            _ => None,
        }
    }

    /// The value as the repository's settings of guards; everything wrong in them is reported.
    pub fn guards(&self, faults: &mut Vec<Diagnostic>) -> GuardSettings {
        guards::read(self.0, guards::Scope::Repository, faults)
    }

    /// The complaint about a key that nobody knows.
    pub fn unknown(&self, known: &[&str]) -> Diagnostic {
        let message = format!("there is no setting `{}`", shortened(self.key()));
        Diagnostic::error("unknown-key", message, self.0.key_span, "").help(did_you_mean(self.key(), known))
    }

    /// The complaint about a value.
    pub fn wrong(&self, message: impl Into<String>, help: impl Into<String>) -> Diagnostic {
        Diagnostic::error("wrong-value", message, self.0.value.span, "").help(help)
    }
}
