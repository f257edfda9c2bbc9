//! A validated tree → the document as JSON, the position of every value, and where secrets and local files stand.

use std::sync::Arc;

use serde_json::{Map, Value};

use super::node::{Kind, Node};
use super::source::{Repository, Span};
use crate::offer::{Catalogue, FieldPath, ListRule, LocalFile, PositionTree, Rules, SourcePosition};

/// The outcome of a split.
pub(super) struct Split {
    pub document: Value,
    pub positions: PositionTree,
    pub secrets: Vec<(FieldPath, String)>,
    pub local_files: Vec<LocalFile>,
}

/// Splits a document's tree.
pub(super) fn split(root: Node, repository: &Repository) -> Split {
    let mut splitter = Splitter { repository, secrets: Vec::new(), local_files: Vec::new() };
    let (document, positions) = splitter.node(root, None, &Trail::Root, Catalogue::built_in().rules());
    let Splitter { secrets, local_files, .. } = splitter;
    Split { document, positions, secrets, local_files }
}

/// The way down to a node, kept on the stack: a path is only written out for the few that need one.
enum Trail<'a> {
    Root,
    Key(&'a Trail<'a>, &'a str),
    Index(&'a Trail<'a>, usize),
}

impl Trail<'_> {
    fn path(&self) -> FieldPath {
        match self {
            Trail::Root => FieldPath::root(),
            Trail::Key(parent, key) => parent.path().child(*key),
            Trail::Index(parent, index) => parent.path().child(index.to_string()),
        }
    }
}

struct Splitter<'a> {
    repository: &'a Repository,
    secrets: Vec<(FieldPath, String)>,
    local_files: Vec<LocalFile>,
}

impl Splitter<'_> {
    fn node(&mut self, node: Node, key: Option<Span>, trail: &Trail<'_>, rules: Rules<'_>) -> (Value, PositionTree) {
        if let Some(entry) = node.get("$secret")
            && let Some(name) = entry.value.as_text()
        {
            self.secrets.push((trail.path(), name.to_string()));
        }
        let (value, children) = match node.kind {
            Kind::Null | Kind::Refused => (Value::Null, Vec::new()),
            Kind::Bool(value) => (Value::Bool(value), Vec::new()),
            Kind::Number(value) => (Value::Number(value), Vec::new()),
            Kind::Text(text) => (Value::String(text.to_string()), Vec::new()),
            Kind::Media(media) => {
                self.local_files.push(media.local_file(trail.path()));
                (Value::String(media.url.to_string()), Vec::new())
            }
            Kind::List(items) => self.list(items, trail, rules),
            Kind::Map(entries) => {
                let mut map = Map::with_capacity(entries.len());
                let mut children = Vec::with_capacity(entries.len());
                for entry in entries {
                    let below = Trail::Key(trail, &entry.key);
                    let rules = rules.child(&entry.key);
                    let (value, position) = self.node(entry.value, Some(entry.key_span), &below, rules);
                    map.insert(entry.key.to_string(), value);
                    children.push((entry.key, position));
                }
                (Value::Object(map), children)
            }
        };
        let position = self.position(node.span);
        let key = key.map_or_else(|| position.clone(), |key| self.position(key));
        (value, PositionTree { value: position, key, children })
    }

    fn list(
        &mut self,
        items: Vec<Node>,
        trail: &Trail<'_>,
        rules: Rules<'_>,
    ) -> (Value, Vec<(Arc<str>, PositionTree)>) {
        let mut values = Vec::with_capacity(items.len());
        let mut children = Vec::with_capacity(items.len());
        for (index, item) in items.into_iter().enumerate() {
            // As everywhere, an element of a keyed list is addressed by its name.
            let name = match &rules.field().list {
                ListRule::Keyed(key) => item.get(key).and_then(|entry| entry.value.name()),
                ListRule::Set | ListRule::Atomic => None,
            };
            let below = match &name {
                Some(name) => Trail::Key(trail, name),
                None => Trail::Index(trail, index),
            };
            let (value, position) = self.node(item, None, &below, rules.element());
            values.push(value);
            children.push((index.to_string().into(), position));
        }
        (Value::Array(values), children)
    }

    fn position(&self, span: Span) -> SourcePosition {
        self.repository.position(span)
    }
}
