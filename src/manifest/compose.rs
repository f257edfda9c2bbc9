//! One manifest out of several files: `extends`, then the directives of what is left.
//!
//! Terms: a *part* is a file that `extends` names. Maps are merged key by key, keyed lists of the field catalogue element
//! by element, everything else is replaced; a later part wins over an earlier one, and the file that extends wins over
//! its parts. Merging comes first, so that a directive that somebody overrides is never carried out.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use super::diagnostic::{Diagnostic, Soundness};
use super::directive::{self, Directives};
use super::loader::{self, Tree};
use super::node::{Entry, Kind, Node};
use super::source::{MANIFEST_LIMIT, Repository, RepositoryPath, Span};
use crate::offer::{Catalogue, ListRule, Rules};

/// How many files may extend each other in a row.
const CHAIN_LIMIT: usize = 32;

/// A composed file.
#[derive(Clone)]
pub(super) struct Composed {
    /// `None` when a file is missing or is no YAML, so that what is missing cannot be told.
    pub tree: Option<Node>,
    pub soundness: Soundness,
}

/// Composes manifests; a part that several of them extend is read once.
pub(super) struct Composer<'a> {
    repository: &'a mut Repository,
    environment: &'a dyn Fn(&str) -> Option<String>,
    diagnostics: &'a mut Vec<Diagnostic>,
    parts: HashMap<RepositoryPath, Composed>,
}

/// One `extends` on the way to a file: what was named, and where.
struct Link {
    path: RepositoryPath,
    named_at: Option<Span>,
}

impl<'a> Composer<'a> {
    pub fn new(
        repository: &'a mut Repository,
        environment: &'a dyn Fn(&str) -> Option<String>,
        diagnostics: &'a mut Vec<Diagnostic>,
    ) -> Self {
        Self { repository, environment, diagnostics, parts: HashMap::new() }
    }

    /// What the next room works with.
    pub fn parts(&mut self) -> (&mut Repository, &mut Vec<Diagnostic>) {
        (self.repository, self.diagnostics)
    }

    /// One manifest with everything in it that it extends and names; only `$secret` is left as it is.
    pub fn manifest(&mut self, path: &RepositoryPath) -> Composed {
        let Composed { tree, soundness } = self.extended(&mut vec![Link { path: path.clone(), named_at: None }]);
        let Some(mut tree) = tree else { return Composed { tree: None, soundness } };
        let before = self.diagnostics.len();
        if let Kind::Map(entries) = &mut tree.kind {
            // Not the manifest itself: what it says cannot be replaced by one text.
            let mut directives = Directives::new(self.repository, self.environment, self.diagnostics);
            for entry in entries {
                directives.carry_out(&mut entry.value);
            }
        }
        let soundness = match soundness {
            Soundness::Sound => Soundness::of(&self.diagnostics[before..]),
            Soundness::Faulty => Soundness::Faulty,
        };
        Composed { tree: Some(tree), soundness }
    }

    /// One manifest with everything in it that it extends, its directives as they are written.
    pub fn undirected(&mut self, path: &RepositoryPath) -> Option<Node> {
        self.extended(&mut vec![Link { path: path.clone(), named_at: None }]).tree
    }

    /// The last file of the chain, merged with its parts.
    fn extended(&mut self, chain: &mut Vec<Link>) -> Composed {
        let broken = Composed { tree: None, soundness: Soundness::Faulty };
        let Some(link) = chain.last() else { return broken };
        let path = link.path.clone();
        let before = self.diagnostics.len();
        let Some(mut own) = self.read(&path, link.named_at) else { return broken };
        let mut soundness = Soundness::Sound;
        let mut base: Option<Node> = None;
        let mut complete = true;
        for (part, named_at) in self.take_extends(&mut own, &path) {
            let Composed { tree, soundness: theirs } = self.part(part, named_at, chain);
            if !theirs.is_sound() {
                soundness = Soundness::Faulty;
            }
            match (tree, base.take()) {
                (Some(tree), None) => base = Some(tree),
                (Some(tree), Some(below)) => base = Some(merge_files(below, tree)),
                (None, below) => {
                    complete = false;
                    base = below;
                }
            }
        }
        if !Soundness::of(&self.diagnostics[before..]).is_sound() {
            soundness = Soundness::Faulty;
        }
        let tree = match base {
            Some(base) => merge_files(base, own),
            None => own,
        };
        Composed { tree: complete.then_some(tree), soundness }
    }

    fn read(&mut self, path: &RepositoryPath, named_at: Option<Span>) -> Option<Node> {
        let (file, text) = match self.repository.read(path, MANIFEST_LIMIT) {
            Ok(read) => read,
            Err(error) => {
                let file = self.repository.file(path);
                let at = named_at.unwrap_or_else(|| Span::beginning(file));
                self.diagnostics.push(Diagnostic::error(error.rule(), error.to_string(), at, ""));
                return None;
            }
        };
        let (node, message) = match loader::load(file, &text, self.diagnostics) {
            Tree::Broken => return None,
            Tree::Loaded(node) if node.as_map().is_some() => return Some(node),
            Tree::Loaded(node) => (Some(node), "a manifest is a map of keys"),
            Tree::Empty => (None, "the file is empty"),
        };
        let (rule, at, label) = match node {
            Some(node) => ("wrong-type", node.span, format!("this is {}", node.article())),
            None => ("empty-file", Span::beginning(file), String::new()),
        };
        self.diagnostics.push(
            Diagnostic::error(rule, message, at, label)
                .help("a manifest says `publisherId`, `offerTypeId`, `id` and `definition`"),
        );
        None
    }

    /// The parts that a file names, each with the place where it does; the key is removed from the tree.
    fn take_extends(&mut self, node: &mut Node, path: &RepositoryPath) -> Vec<(RepositoryPath, Span)> {
        let Kind::Map(entries) = &mut node.kind else { return Vec::new() };
        let Some(index) = entries.iter().position(|entry| &*entry.key == "extends") else { return Vec::new() };
        let references = match entries.remove(index).value {
            Node { kind: Kind::List(items), .. } => items,
            single => vec![single],
        };
        let mut parts: Vec<(RepositoryPath, Span)> = Vec::new();
        let mut named: HashMap<RepositoryPath, Span> = HashMap::new();
        for reference in references {
            let at = reference.span;
            let Some(text) = reference.as_text() else {
                let message = format!("`extends` names files, and this is {}", reference.article());
                self.diagnostics.push(
                    Diagnostic::error("wrong-type", message, at, "")
                        .help("for example `extends: [../shared/support.yaml]`"),
                );
                continue;
            };
            match path.resolve(text) {
                Err(error) => {
                    self.diagnostics.push(Diagnostic::error("path-outside-repository", error.to_string(), at, ""));
                }
                Ok(part) => match named.insert(part.clone(), at) {
                    None => parts.push((part, at)),
                    Some(first) => self.diagnostics.push(
                        Diagnostic::error("duplicate-extends", format!("`{part}` is extended twice"), at, "again here")
                            .also(first, "first here")
                            .help("keep one of the two"),
                    ),
                },
            }
        }
        parts
    }

    fn part(&mut self, path: RepositoryPath, named_at: Span, chain: &mut Vec<Link>) -> Composed {
        if let Some(known) = self.parts.get(&path) {
            return known.clone();
        }
        let broken = Composed { tree: None, soundness: Soundness::Faulty };
        if let Some(start) = chain.iter().position(|link| link.path == path) {
            self.diagnostics.push(cycle(&chain[start..], &path, named_at));
            return broken;
        }
        if chain.len() >= CHAIN_LIMIT {
            let message = format!("more than {CHAIN_LIMIT} files extend each other in a row");
            self.diagnostics.push(
                Diagnostic::error("too-deep", message, named_at, "the limit is reached here")
                    .help("let the manifest itself extend the files that it needs, in one list"),
            );
            return broken;
        }
        chain.push(Link { path: path.clone(), named_at: Some(named_at) });
        let composed = self.extended(chain);
        chain.pop();
        // One that could not be read is tried again, so that each manifest that names it says so.
        if composed.tree.is_some() {
            self.parts.insert(path, composed.clone());
        }
        composed
    }
}

fn cycle(links: &[Link], path: &RepositoryPath, named_at: Span) -> Diagnostic {
    let mut names: Vec<&str> = links.iter().map(|link| link.path.as_str()).collect();
    names.push(path.as_str());
    let message = format!("files extend each other in a circle: {}", names.join(" → "));
    let mut diagnostic = Diagnostic::error("extends-cycle", message, named_at, "this closes the circle");
    for link in links.iter().skip(1) {
        if let Some(at) = link.named_at {
            diagnostic = diagnostic.also(at, format!("`{}` is extended here", link.path));
        }
    }
    diagnostic.help("move what they share into a file that extends none of them")
}

/// Merges two files, whatever their keys are called.
fn merge_files(base: Node, over: Node) -> Node {
    merge_at(Catalogue::built_in().rules(), base, over)
}

fn merge_at(rules: Rules<'_>, base: Node, over: Node) -> Node {
    let span = over.span;
    let kind = match (base.kind, over.kind, &rules.field().list) {
        (Kind::Map(below), Kind::Map(above), _) => Kind::Map(merge_entries(rules, below, above)),
        (Kind::List(below), Kind::List(above), ListRule::Keyed(key)) => {
            Kind::List(merge_elements(rules, key, below, above))
        }
        (_, kind, _) => kind,
    };
    Node { kind, span }
}

/// Merges maps key by key and keyed lists element by element; of everything else, and of directives, `over` is taken.
fn merge(rules: Rules<'_>, base: Node, over: Node) -> Node {
    let is_directive = |node: &Node| node.as_map().is_some_and(directive::is_one);
    if is_directive(&base) || is_directive(&over) { over } else { merge_at(rules, base, over) }
}

/// The elements of the manifest in their order, each over the one of the same name below it; then those that only stand
/// below.
fn merge_elements(rules: Rules<'_>, key: &str, below: Vec<Node>, above: Vec<Node>) -> Vec<Node> {
    let name = |node: &Node| node.get(key).and_then(|entry| entry.value.as_text().cloned());
    let mut below: Vec<Option<Node>> = below.into_iter().map(Some).collect();
    let mut merged = Vec::with_capacity(below.len() + above.len());
    for element in above {
        let wanted = name(&element);
        let base = below.iter_mut().find(|base| wanted.is_some() && base.as_ref().and_then(name) == wanted);
        merged.push(match base.and_then(Option::take) {
            Some(base) => merge(rules.element(), base, element),
            None => element,
        });
    }
    merged.extend(below.into_iter().flatten());
    merged
}

fn merge_entries(rules: Rules<'_>, below: Vec<Entry>, above: Vec<Entry>) -> Vec<Entry> {
    let overridden: HashSet<Arc<str>> = above.iter().map(|entry| Arc::clone(&entry.key)).collect();
    let mut replaced: HashMap<Arc<str>, Node> = HashMap::new();
    let mut entries = Vec::with_capacity(below.len() + above.len());
    for entry in below {
        if overridden.contains(&entry.key) {
            replaced.insert(entry.key, entry.value);
        } else {
            entries.push(entry);
        }
    }
    for Entry { key, key_span, value } in above {
        let value = match replaced.remove(&key) {
            Some(base) => merge(rules.child(&key), base, value),
            None => value,
        };
        entries.push(Entry { key, key_span, value });
    }
    entries
}
