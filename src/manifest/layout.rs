//! Where the values of a manifest stand as text, for whoever edits them: across the files that it extends, with its
//! directives as they are written.

use std::ops::Range;
use std::sync::Arc;

use super::compose::Composer;
use super::node::{Entry, Kind, Node};
use super::source::{MANIFEST_LIMIT, Repository, RepositoryPath, Span};

/// A value as it is written.
#[derive(Debug, Clone)]
pub struct WrittenValue {
    /// The file that it stands in.
    pub file: RepositoryPath,
    /// Its bytes; those of a collection go from its first value to its last.
    pub range: Range<usize>,
    /// The bytes of its key, when it has one.
    pub key: Option<Range<usize>>,
    /// How it is written.
    pub style: Style,
    /// What it says, when it is text.
    pub text: Option<Arc<str>>,
    /// What is in it: by key for a map, by index for a list.
    pub children: Vec<(String, WrittenValue)>,
}

/// How a value is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Style {
    /// A scalar without quotes.
    Plain,
    /// A scalar in `'`.
    SingleQuoted,
    /// A scalar in `"`.
    DoubleQuoted,
    /// A scalar behind `|` or `>`.
    BlockScalar,
    /// `{…}`.
    FlowMap,
    /// `[…]`.
    FlowList,
    /// Keys, one below the other.
    BlockMap,
    /// Dashes, one below the other.
    BlockList,
    /// Repeated by an alias or a merge from another place, with an anchor, or with a tag: nothing to be changed from here.
    Elsewhere,
}

impl WrittenValue {
    /// Whether it is a map, in any style.
    pub fn is_map(&self) -> bool {
        matches!(self.style, Style::FlowMap | Style::BlockMap)
    }

    /// Whether it is a list, in any style.
    pub fn is_list(&self) -> bool {
        matches!(self.style, Style::FlowList | Style::BlockList)
    }

    /// What stands under a key, or at an index.
    pub fn child(&self, name: &str) -> Option<&Self> {
        self.children.iter().find(|(known, _)| known == name).map(|(_, child)| child)
    }
}

/// The values of a manifest; `None` when it cannot be read. The repository keeps the texts.
pub fn layout(repository: &mut Repository, manifest: &RepositoryPath) -> Option<WrittenValue> {
    let mut diagnostics = Vec::new();
    let tree = Composer::new(repository, &|_| None, &mut diagnostics).undirected(manifest)?;
    let start = tree.span;
    Some(written(repository, &tree, None, start))
}

fn written(repository: &mut Repository, node: &Node, key: Option<Span>, after: Span) -> WrittenValue {
    let file = repository.path(node.span.file).clone();
    let source = repository.read(&file, MANIFEST_LIMIT).map(|(_, text)| text).unwrap_or_default();
    let start = node.span.start as usize;
    // What an alias repeats stands before its key, or in another file.
    let is_elsewhere = key.is_some_and(|key| key.file != node.span.file || key.start > node.span.start)
        || (after.file == node.span.file && node.span.start < after.start);
    let children: Vec<_> = match &node.kind {
        Kind::Map(entries) => entries.iter().map(|entry| named(repository, entry, node.span)).collect(),
        Kind::List(items) => items
            .iter()
            .enumerate()
            .map(|(index, item)| (index.to_string(), written(repository, item, None, node.span)))
            .collect(),
        _ => Vec::new(),
    };
    let first = source.get(start..).and_then(|rest| rest.chars().next());
    // The place of a block scalar may be that of its text, below the line with its mark.
    let header =
        key.and_then(|key| source.get(key.end as usize..start)).map(|text| text.trim_start_matches([':', ' ']));
    let is_block_scalar = header.is_some_and(|header| header.starts_with(['|', '>']));
    let style = match (&node.kind, first) {
        _ if is_elsewhere => Style::Elsewhere,
        (_, Some('&' | '*' | '!')) => Style::Elsewhere,
        (Kind::Text(_), _) if is_block_scalar => Style::BlockScalar,
        (Kind::Map(_), Some('{')) => Style::FlowMap,
        (Kind::Map(_), _) => Style::BlockMap,
        (Kind::List(_), Some('[')) => Style::FlowList,
        (Kind::List(_), _) => Style::BlockList,
        (_, Some('\'')) => Style::SingleQuoted,
        (_, Some('"')) => Style::DoubleQuoted,
        (_, Some('|' | '>')) => Style::BlockScalar,
        _ => Style::Plain,
    };
    let end = node.span.end as usize;
    let end = match style {
        Style::FlowMap | Style::FlowList => end + 1,
        Style::BlockMap | Style::BlockList => last_end(&children, &file).unwrap_or(start),
        Style::BlockScalar => start + source.get(start..end).map_or(0, |text| text.trim_end().len()),
        _ => end,
    };
    WrittenValue {
        range: start..end.min(source.len()).max(start),
        key: key.map(|key| key.start as usize..key.end as usize),
        style,
        text: node.as_text().cloned(),
        children,
        file,
    }
}

fn named(repository: &mut Repository, entry: &Entry, map: Span) -> (String, WrittenValue) {
    (entry.key.to_string(), written(repository, &entry.value, Some(entry.key_span), map))
}

/// Where the last of the values that stand in the file ends.
fn last_end(children: &[(String, WrittenValue)], file: &RepositoryPath) -> Option<usize> {
    let end = |child: &WrittenValue| match (child.style, &child.key) {
        (Style::Elsewhere, Some(key)) => key.end,
        _ => child.range.end,
    };
    children.iter().map(|(_, child)| child).filter(|child| child.file == *file).map(end).max()
}
