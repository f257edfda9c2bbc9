//! YAML text → tree with positions, as far as the text goes: what can be read is read, everything wrong is reported.
//!
//! A loop over the parser's events with its own stack, so that no input can exhaust the program's. Bounded in depth,
//! and in what aliases unfold to. It knows YAML, and nothing of manifests.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use granit_parser::{Event, Marker, Parser, ScalarStyle, Tag};

use super::diagnostic::Diagnostic;
use super::node::{Entry, Kind, Node};
use super::scalar_reader::ScalarReader;
use super::source::{FileId, Span};
use super::syntax;

/// How deep maps and lists may stand in each other. A reader of JSON goes down 128, and in records and plans documents stand
/// some way down.
pub(super) const DEPTH_LIMIT: usize = 100;
/// How many values one file may have after its aliases are unfolded; long text counts as several.
const VALUE_LIMIT: usize = 1_000_000;
/// So many bytes of text count as one value.
const TEXT_PER_VALUE: usize = 32;

/// What a file had to say.
pub(super) enum Tree {
    /// Its value.
    Loaded(Node),
    /// Nothing at all: no text, or only comments.
    Empty,
    /// No tree: the diagnostics say why.
    Broken,
}

/// Reads one YAML file.
pub(super) fn load(file: FileId, text: &str, diagnostics: &mut Vec<Diagnostic>) -> Tree {
    let options = granit_parser::options! { emit_comments: false, emit_unresolved_aliases: true };
    let mut loader = Loader {
        diagnostics,
        keys: HashSet::new(),
        anchors: HashMap::new(),
        frames: Vec::new(),
        root: None,
        spent: 0,
        kept: 0,
    };
    let mut documents = 0;
    for next in Parser::new_from_str_with_options(text, options) {
        let (event, span) = match next {
            Ok(next) => next,
            Err(error) => {
                loader.diagnostics.push(syntax::describe(file, &error));
                return Tree::Broken;
            }
        };
        if matches!(event, Event::DocumentStart(..)) {
            documents += 1;
        }
        let at = span_of(file, span.start, span.end);
        let tag_at = span.tag_span().map_or(at, |tag| span_of(file, tag.start, tag.end));
        if documents > 1 {
            loader.diagnostics.push(second_document(at));
            return Tree::Broken;
        }
        if let Err(diagnostic) = loader.take(event, at, tag_at) {
            loader.diagnostics.push(*diagnostic);
            return Tree::Broken;
        }
    }
    match loader.root {
        Some(Node { kind: Kind::Null, span }) if span.start == span.end => Tree::Empty,
        Some(node) => Tree::Loaded(node),
        None => Tree::Empty,
    }
}

/// A span from the parser's markers. Files are at most 16 MiB, so that nothing is cut off.
pub(super) fn span_of(file: FileId, start: Marker, end: Marker) -> Span {
    let narrow = |number: usize| u32::try_from(number).unwrap_or(u32::MAX);
    let from = start.byte_offset().unwrap_or(0);
    Span {
        file,
        start: narrow(from),
        end: narrow(end.byte_offset().unwrap_or(0).max(from)),
        line: narrow(start.line()),
        column: narrow(start.col() + 1),
    }
}

fn second_document(at: Span) -> Diagnostic {
    Diagnostic::error("several-documents", "the file holds more than one YAML document", at, "a second one begins here")
        .help("keep one offer in one file: move what follows into a file of its own, or delete the `---`")
}

/// A finished value, with what it costs to repeat it.
#[derive(Clone)]
struct Finished {
    node: Node,
    values: usize,
    height: usize,
}

/// A map or list whose end has not come.
struct Frame {
    anchor: usize,
    span: Span,
    spent_before: usize,
    height: usize,
    content: Content,
}

enum Content {
    List(Vec<Node>),
    Map(MapFrame),
}

#[derive(Default)]
struct MapFrame {
    entries: Vec<Entry>,
    by_key: HashMap<Arc<str>, usize>,
    /// The maps that `<<` brings in, the strongest first.
    merged: Vec<Node>,
    merge_key: Option<Span>,
    key: PendingKey,
}

#[derive(Default)]
enum PendingKey {
    #[default]
    None,
    Key(Arc<str>, Span),
    Merge,
    /// The key is wrong and was reported; its value is read and dropped.
    Unusable,
}

struct Loader<'a> {
    diagnostics: &'a mut Vec<Diagnostic>,
    /// Every key once: a large manifest repeats a few keys thousands of times.
    keys: HashSet<Arc<str>>,
    anchors: HashMap<usize, Finished>,
    frames: Vec<Frame>,
    root: Option<Node>,
    spent: usize,
    /// How many values are kept a second time for aliases: anchors may stand in each other.
    kept: usize,
}

/// Boxed, because it travels through every event.
type Stop = Box<Diagnostic>;

impl Loader<'_> {
    fn take(&mut self, event: Event<'_>, at: Span, tag_at: Span) -> Result<(), Stop> {
        match event {
            Event::Scalar(text, style, anchor, tag) => {
                // The parser writes `~` for a value that is not there.
                let text = if at.start == at.end && style == ScalarStyle::Plain { "" } else { &*text };
                let scalar = ScalarReader { text, style, tag: tag.as_deref(), span: at, tag_span: tag_at };
                if self.awaits_key() {
                    self.take_scalar_key(&scalar, anchor)
                } else {
                    let under = self.pending_key();
                    let node = scalar.read(under.as_deref(), self.diagnostics);
                    self.spend(1 + text.len() / TEXT_PER_VALUE, at)?;
                    self.finish(Finished { node, values: 1 + text.len() / TEXT_PER_VALUE, height: 0 }, anchor)
                }
            }
            Event::SequenceStart(_, anchor, tag) => {
                self.check_tag(tag.as_deref(), "seq", tag_at);
                self.begin(Content::List(Vec::new()), anchor, at)
            }
            Event::MappingStart(_, anchor, tag) => {
                self.check_tag(tag.as_deref(), "map", tag_at);
                self.begin(Content::Map(MapFrame::default()), anchor, at)
            }
            Event::SequenceEnd | Event::MappingEnd => self.end(at),
            Event::Alias(anchor) => self.take_alias(anchor, at),
            Event::UnresolvedAlias(name) => {
                self.diagnostics.push(
                    Diagnostic::error("unknown-alias", format!("no anchor `&{name}` stands before this"), at, "")
                        .help("put the anchor at an earlier value, or quote the text if it is not meant as an alias"),
                );
                self.finish(Finished { node: Node { kind: Kind::Refused, span: at }, values: 1, height: 0 }, 0)
            }
            _ => Ok(()),
        }
    }

    fn awaits_key(&self) -> bool {
        matches!(self.frames.last(), Some(Frame { content: Content::Map(map), .. }) if matches!(map.key, PendingKey::None))
    }

    fn pending_key(&self) -> Option<Arc<str>> {
        match self.frames.last() {
            Some(Frame { content: Content::Map(MapFrame { key: PendingKey::Key(key, _), .. }), .. }) => {
                Some(Arc::clone(key))
            }
            _ => None,
        }
    }

    fn take_scalar_key(&mut self, scalar: &ScalarReader<'_>, anchor: usize) -> Result<(), Stop> {
        let values = 1 + scalar.text.len() / TEXT_PER_VALUE;
        self.spend(values, scalar.span)?;
        if let Some(tag) = scalar.tag.filter(|tag| tag.core_suffix() != Some("str")) {
            self.diagnostics.push(super::scalar_reader::wrong_tag(tag, scalar.tag_span));
        }
        let key = self.intern(scalar.text);
        if anchor != 0 {
            let node = Node { kind: Kind::Text(Arc::clone(&key)), span: scalar.span };
            self.anchors.insert(anchor, Finished { node, values, height: 0 });
        }
        if scalar.is_plain() && scalar.text.is_empty() {
            self.refuse_key(scalar.span, "a key is missing before this `:`");
        } else {
            self.take_key(&key, scalar.span, scalar.is_plain());
        }
        Ok(())
    }

    fn intern(&mut self, text: &str) -> Arc<str> {
        if let Some(known) = self.keys.get(text) {
            return Arc::clone(known);
        }
        let key: Arc<str> = Arc::from(text);
        self.keys.insert(Arc::clone(&key));
        key
    }

    fn take_key(&mut self, key: &Arc<str>, at: Span, plain: bool) {
        let Some(Frame { content: Content::Map(map), .. }) = self.frames.last_mut() else { return };
        let first = if plain && &**key == "<<" {
            let first = map.merge_key.replace(at);
            map.key = PendingKey::Merge;
            first
        } else if let Some(index) = map.by_key.get(key) {
            map.key = PendingKey::Unusable;
            Some(map.entries[*index].key_span)
        } else {
            map.key = PendingKey::Key(Arc::clone(key), at);
            None
        };
        if let Some(first) = first {
            self.diagnostics.push(
                Diagnostic::error(
                    "duplicate-key",
                    format!("the key `{key}` stands twice in one map"),
                    at,
                    "again here",
                )
                .also(first, "first here")
                .help("keep one of the two"),
            );
        }
    }

    fn refuse_key(&mut self, at: Span, label: &str) {
        self.diagnostics.push(
            Diagnostic::error("key-is-not-text", "the key of a map must be text", at, label)
                .help("write `key: value`; text that starts with `[`, `{`, `?` or `:` needs quotes"),
        );
        if let Some(Frame { content: Content::Map(map), .. }) = self.frames.last_mut() {
            map.key = PendingKey::Unusable;
        }
    }

    fn begin(&mut self, content: Content, anchor: usize, span: Span) -> Result<(), Stop> {
        if self.frames.len() >= DEPTH_LIMIT {
            return Err(too_deep(span));
        }
        let spent_before = self.spent;
        self.spend(1, span)?;
        self.frames.push(Frame { anchor, span, spent_before, height: 0, content });
        Ok(())
    }

    fn end(&mut self, at: Span) -> Result<(), Stop> {
        let Some(frame) = self.frames.pop() else { return Ok(()) };
        let kind = match frame.content {
            Content::List(items) => Kind::List(items),
            Content::Map(map) => Kind::Map(with_merged(map)),
        };
        let span = Span { end: at.start.max(frame.span.end), ..frame.span };
        let values = self.spent - frame.spent_before;
        self.finish(Finished { node: Node { kind, span }, values, height: frame.height + 1 }, frame.anchor)
    }

    fn take_alias(&mut self, anchor: usize, at: Span) -> Result<(), Stop> {
        let Some(target) = self.anchors.get(&anchor) else {
            let message = "an alias stands inside the value that it repeats";
            return Err(Box::new(
                Diagnostic::error("endless-alias", message, at, "this would never end")
                    .help("write the value out here, or put the anchor on a part that does not hold the alias"),
            ));
        };
        if self.frames.len() + target.height > DEPTH_LIMIT {
            return Err(too_deep(at));
        }
        let values = target.values;
        if self.spent + values > VALUE_LIMIT {
            return Err(too_many(at));
        }
        let target = target.clone();
        self.spent += values;
        if self.awaits_key() {
            match target.node.as_text() {
                Some(text) => self.take_key(text, at, false),
                None => self.refuse_key(at, "this alias repeats something else"),
            }
        } else {
            return self.finish(target, 0);
        }
        Ok(())
    }

    /// Puts a finished value where it belongs.
    fn finish(&mut self, finished: Finished, anchor: usize) -> Result<(), Stop> {
        if anchor != 0 {
            self.kept += finished.values;
            if self.kept > VALUE_LIMIT {
                return Err(too_many(finished.node.span));
            }
            self.anchors.insert(anchor, finished.clone());
        }
        let Finished { node, height, .. } = finished;
        let Some(frame) = self.frames.last_mut() else {
            self.root = Some(node);
            return Ok(());
        };
        frame.height = frame.height.max(height);
        let map = match &mut frame.content {
            Content::List(items) => {
                items.push(node);
                return Ok(());
            }
            Content::Map(map) => map,
        };
        match std::mem::take(&mut map.key) {
            PendingKey::None if matches!(node.kind, Kind::Refused) => map.key = PendingKey::Unusable,
            PendingKey::None => self.refuse_key(node.span, "this is a map or a list"),
            PendingKey::Key(key, key_span) => {
                map.by_key.insert(Arc::clone(&key), map.entries.len());
                map.entries.push(Entry { key, key_span, value: node });
            }
            PendingKey::Merge => self.take_merge(node),
            PendingKey::Unusable => {}
        }
        Ok(())
    }

    fn take_merge(&mut self, node: Node) {
        let nodes = match node {
            Node { kind: Kind::List(items), .. } => items,
            single => vec![single],
        };
        for node in nodes {
            if node.as_map().is_none() {
                self.diagnostics.push(
                    Diagnostic::error(
                        "wrong-type",
                        format!("`<<` takes in maps, and this is {}", node.article()),
                        node.span,
                        "",
                    )
                    .help("write `<<: *anchor`, or quote the key if `<<` is meant as a name"),
                );
            } else if let Some(Frame { content: Content::Map(map), .. }) = self.frames.last_mut() {
                map.merged.push(node);
            }
        }
    }

    fn spend(&mut self, values: usize, at: Span) -> Result<(), Stop> {
        self.spent += values;
        if self.spent > VALUE_LIMIT { Err(too_many(at)) } else { Ok(()) }
    }

    fn check_tag(&mut self, tag: Option<&Tag>, expected: &str, at: Span) {
        let Some(tag) = tag else { return };
        if tag.core_suffix() != Some(expected) {
            self.diagnostics.push(super::scalar_reader::wrong_tag(tag, at));
        }
    }
}

/// A map's own entries, then what `<<` adds to them.
fn with_merged(map: MapFrame) -> Vec<Entry> {
    let MapFrame { mut entries, mut by_key, merged, .. } = map;
    for node in merged {
        let Kind::Map(additions) = node.kind else { continue };
        for entry in additions {
            if !by_key.contains_key(&entry.key) {
                by_key.insert(Arc::clone(&entry.key), entries.len());
                entries.push(entry);
            }
        }
    }
    entries
}

fn too_deep(at: Span) -> Stop {
    let message = format!("maps and lists stand more than {DEPTH_LIMIT} deep in each other");
    Box::new(
        Diagnostic::error("too-deep", message, at, "the limit is reached here")
            .help("no offer needs so many: look for brackets that are not closed, or for aliases that hold each other"),
    )
}

fn too_many(at: Span) -> Stop {
    let message = format!("the file unfolds to more than {VALUE_LIMIT} values");
    Box::new(
        Diagnostic::error("too-many-values", message, at, "the limit is reached here")
            .help("aliases repeat what they name: use fewer of them, or split the file"),
    )
}
