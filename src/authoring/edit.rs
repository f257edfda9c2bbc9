//! One change of one value → edits of the text that it is written in. Everything else stays byte for byte.

use std::collections::HashSet;
use std::ops::Range;

use super::quoting::{Place, is_visible, quoted};
use super::yaml::{self, Entry, Yaml};
use crate::manifest::{RepositoryPath, Style, WrittenValue, reads_as_directive};
use crate::offer::{Catalogue, FieldPath, ListRule, Rules};

/// What stands at a path of a manifest.
pub(super) enum Found<'layout> {
    /// A value, and the collection that it stands in.
    Here { parent: &'layout WrittenValue, value: &'layout WrittenValue, rules: Rules<'static> },
    /// `$file`, `$env` or `$secret`: its name, and its argument.
    Directive { name: &'layout str, argument: &'layout WrittenValue },
    /// Nothing, but the collection in which it would stand.
    Missing { parent: &'layout WrittenValue, segment: &'layout str },
    /// Not even that.
    Nowhere,
}

/// Looks for a path.
pub(super) fn find<'layout>(root: &'layout WrittenValue, path: &'layout FieldPath) -> Found<'layout> {
    let mut rules = Catalogue::built_in().rules();
    let mut parent = root;
    let mut here = root;
    let last = path.segments().len().saturating_sub(1);
    for (depth, segment) in path.segments().iter().enumerate() {
        if let Some(found) = directive(here) {
            return found;
        }
        let is_wanted = |name: &str, child: &WrittenValue| match &rules.field().list {
            ListRule::Keyed(key) if here.is_list() => {
                child.child(key).and_then(|key| key.text.as_deref()) == Some(segment.as_str())
            }
            _ => name == segment,
        };
        let found = here.children.iter().find(|(name, child)| is_wanted(name, child));
        match found {
            Some((_, child)) => (parent, here) = (here, child),
            None if depth == last && (here.is_list() || here.is_map()) => {
                return Found::Missing { parent: here, segment };
            }
            None => return Found::Nowhere,
        }
        rules = rules.child(segment);
    }
    directive(here).unwrap_or(Found::Here { parent, value: here, rules })
}

fn directive(value: &WrittenValue) -> Option<Found<'_>> {
    let names: Vec<_> = value.children.iter().map(|(name, _)| name.as_str()).collect();
    if !value.is_map() || !reads_as_directive(names.into_iter()) {
        return None;
    }
    let (name, argument) = value.children.iter().find(|(name, _)| name.starts_with('$'))?;
    Some(Found::Directive { name, argument })
}

/// A piece of a file and what shall stand there instead.
#[derive(Debug)]
pub(super) struct Edit {
    pub file: RepositoryPath,
    pub range: Range<usize>,
    pub text: String,
}

/// A text with its lines, for finding where an edit begins.
pub(super) struct Source<'text>(pub &'text str);

impl Source<'_> {
    fn line_start(&self, at: usize) -> usize {
        self.0[..at].rfind('\n').map_or(0, |end| end + 1)
    }

    /// Where the line ends, without what ends it.
    fn line_end(&self, at: usize) -> usize {
        let end = self.0[at..].find('\n').map_or(self.0.len(), |length| at + length);
        if self.0[at..end].ends_with('\r') { end - 1 } else { end }
    }

    fn column(&self, at: usize) -> usize {
        self.0[self.line_start(at)..at].chars().count()
    }

    /// Whether nothing but blanks stands before it on its line.
    fn begins_line(&self, at: usize) -> bool {
        self.0[self.line_start(at)..at].trim().is_empty()
    }

    /// Writes another value in the place of one.
    pub(super) fn replace(&self, value: &WrittenValue, new: &Yaml, rules: Rules<'_>) -> Option<Vec<Edit>> {
        let edit = |range: Range<usize>, text: String| vec![Edit { file: value.file.clone(), range, text }];
        let old = &self.0[value.range.clone()];
        match (value.style, new) {
            (Style::Elsewhere, _) => None,
            (Style::BlockList, Yaml::List(items)) if rules.field().list == ListRule::Set => self.members(value, items),
            (Style::BlockList, Yaml::List(items)) if self.is_ordered_alike(value, items) => self.lines_of(value, items),
            (Style::FlowList, Yaml::List(items)) => {
                Some(edit(value.range.clone(), yaml::inline(&Yaml::List(items.clone()))))
            }
            (Style::DoubleQuoted, Yaml::Text(text)) if !text.contains('\n') => {
                Some(edit(value.range.clone(), super::quoting::double_quoted(text)))
            }
            (Style::SingleQuoted, Yaml::Text(text)) if text.chars().all(is_visible) => {
                Some(edit(value.range.clone(), format!("'{}'", text.replace('\'', "''"))))
            }
            (Style::Plain, new) if new.is_scalar() && !old.contains('\n') && !new.is_multiline() && !old.is_empty() => {
                Some(edit(value.range.clone(), yaml::scalar(new, self.place(value))))
            }
            _ => {
                let key = value.key.as_ref()?;
                let is_flow = self.place(value) == Place::Flow;
                let behind_colon = key.end + self.0[key.end..].find(':')? + 1;
                let name = self.0[key.clone()].trim_matches(['"', '\'']).to_owned();
                let text = if is_flow {
                    format!(" {}", yaml::inline(new))
                } else {
                    yaml::behind_key(&name, new, self.column(key.start))
                };
                Some(edit(behind_colon..value.range.end, text))
            }
        }
    }

    /// Whether a value stands between brackets: then no line of its own follows it.
    fn place(&self, value: &WrittenValue) -> Place {
        let begin = value.key.as_ref().map_or(value.range.start, |key| key.start);
        let before = self.0[self.line_start(begin)..begin].trim_start();
        let opens = before.contains(['{', '[']) || before.trim_end().ends_with(',');
        if opens { Place::Flow } else { Place::Block }
    }

    /// The elements of a set that are gone are deleted, the new ones come last; the others keep their lines.
    fn members(&self, list: &WrittenValue, items: &[Yaml]) -> Option<Vec<Edit>> {
        let (held, wanted) = (texts_of(list)?, wanted_texts(items)?);
        let is_kept = |child: &&WrittenValue| child.text.as_deref().is_some_and(|text| wanted.contains(&text));
        let last_kept = list.children.iter().map(|(_, child)| child).rfind(is_kept)?;
        let mut edits = Vec::new();
        let is_gone = |child: &WrittenValue| child.text.as_deref().is_some_and(|text| !wanted.contains(&text));
        for index in (0..list.children.len()).filter(|index| is_gone(&list.children[*index].1)) {
            let range = self.lines_of_its_own(list, index, &is_gone);
            edits.push(Edit { file: list.file.clone(), range, text: String::new() });
        }
        let indent = self.column_of_dashes(list);
        let at = self.line_end(last_kept.range.end);
        let new = wanted.iter().filter(|text| !held.contains(text)).map(|text| Yaml::Text((*text).to_owned()));
        let new = new.map(|item| yaml::element(&item, indent)).collect();
        edits.push(Edit { file: list.file.clone(), range: at..at, text: new });
        Some(edits)
    }

    /// Whether every element of a list is a text of its own, and those that stay keep their order.
    fn is_ordered_alike(&self, list: &WrittenValue, items: &[Yaml]) -> bool {
        let (Some(held), Some(wanted)) = (texts_of(list), wanted_texts(items)) else { return false };
        let is_once = |texts: &[&str]| texts.iter().collect::<HashSet<_>>().len() == texts.len();
        let in_our_order = held.iter().filter(|text| wanted.contains(text));
        let in_their_order: Vec<_> = wanted.iter().filter(|text| held.contains(text)).collect();
        let is_own_line =
            |child: &WrittenValue| self.0[self.line_start(child.range.start)..child.range.start].trim() == "-";
        is_once(&held)
            && is_once(&wanted)
            && !in_their_order.is_empty()
            && in_our_order.eq(in_their_order)
            && list.children.iter().all(|(_, child)| is_own_line(child))
    }

    /// Elements that are gone are deleted, and new ones come behind those that they follow; the others keep their lines.
    fn lines_of(&self, list: &WrittenValue, items: &[Yaml]) -> Option<Vec<Edit>> {
        let (held, wanted) = (texts_of(list)?, wanted_texts(items)?);
        let edit = |range: Range<usize>, text: String| Edit { file: list.file.clone(), range, text };
        let is_gone = |child: &WrittenValue| child.text.as_deref().is_some_and(|text| !wanted.contains(&text));
        let gone = (0..list.children.len()).filter(|index| is_gone(&list.children[*index].1));
        let gone = gone.map(|index| edit(self.lines_of_its_own(list, index, &is_gone), String::new()));
        let mut edits: Vec<_> = gone.collect();
        let indent = self.column_of_dashes(list);
        // Behind its comment would be inside of what is deleted with it.
        let before_first = self.lines_of_its_own(list, 0, &is_gone).start.checked_sub(1)?;
        let mut at = self.line_end(self.line_start(before_first));
        let mut new = String::new();
        for (text, item) in wanted.iter().zip(items) {
            match held.iter().position(|held| held == text) {
                Some(index) => {
                    edits.push(edit(at..at, std::mem::take(&mut new)));
                    at = self.line_end(list.children[index].1.range.end);
                }
                None => new.push_str(&yaml::element(item, indent)),
            }
        }
        edits.push(edit(at..at, new));
        edits.retain(|edit| !edit.range.is_empty() || !edit.text.is_empty());
        Some(edits)
    }

    /// The column of the dashes of a list, which may stand right below the key.
    fn column_of_dashes(&self, list: &WrittenValue) -> usize {
        let dash = list.children.first().and_then(|(_, first)| {
            let line = self.line_start(first.range.start);
            self.0[line..first.range.start].rfind('-').map(|dash| line + dash)
        });
        self.column(dash.unwrap_or(list.range.start))
    }

    /// The lines of an element and of the comments right above that are about it: a comment above several lines is a heading,
    /// and goes with the last of them.
    fn lines_of_its_own(
        &self,
        parent: &WrittenValue,
        index: usize,
        is_gone: &dyn Fn(&WrittenValue) -> bool,
    ) -> Range<usize> {
        let element = &parent.children[index].1;
        let lines = self.whole_lines(element);
        let mut end = lines.end;
        let right_below = parent.children[index + 1..].iter().map(|(_, next)| next).take_while(|next| {
            let next = self.whole_lines(next);
            next.start == std::mem::replace(&mut end, next.end)
        });
        let is_one_line = !element.is_map() && !element.is_list();
        let is_heading = is_one_line && right_below.into_iter().any(|next| !is_gone(next));
        if is_heading { lines } else { self.comments_above(lines.start)..lines.end }
    }

    /// Where the comments begin that stand right above a line and as far to the right.
    fn comments_above(&self, line: usize) -> usize {
        let indent = |line: &str| line.len() - line.trim_start_matches(' ').len();
        let wanted = indent(&self.0[line..]);
        let mut begin = line;
        while let Some(end) = begin.checked_sub(1) {
            let above = self.line_start(end);
            let text = &self.0[above..end];
            if !text.trim_start().starts_with('#') || indent(text) != wanted {
                break;
            }
            begin = above;
        }
        begin
    }

    fn whole_lines(&self, value: &WrittenValue) -> Range<usize> {
        let start = self.line_start(value.key.as_ref().map_or(value.range.start, |key| key.start));
        let end = self.0[value.range.end..].find('\n').map_or(self.0.len(), |length| value.range.end + length + 1);
        start..end
    }

    /// Deletes a value with its key.
    pub(super) fn remove(&self, parent: &WrittenValue, value: &WrittenValue) -> Option<Edit> {
        let index =
            parent.children.iter().position(|(_, child)| child.range == value.range && child.key == value.key)?;
        let begin = |value: &WrittenValue| value.key.as_ref().map_or(value.range.start, |key| key.start);
        let next = parent.children.get(index + 1).map(|(_, next)| begin(next));
        let previous = index.checked_sub(1).map(|index| parent.children[index].1.range.end);
        let range = match parent.style {
            Style::FlowMap | Style::FlowList => match (next, previous) {
                (Some(next), _) => begin(value)..next,
                (None, Some(previous)) => previous..value.range.end,
                (None, None) => begin(value)..value.range.end,
            },
            // The last one would leave a key without a value, which asks for a removal.
            _ if parent.children.len() == 1 => return None,
            // What comes next moves up behind the dash.
            Style::BlockMap if !self.begins_line(begin(value)) => begin(value)..next?,
            Style::BlockMap | Style::BlockList => {
                self.lines_of_its_own(parent, index, &|child| child.range == value.range)
            }
            _ => return None,
        };
        Some(Edit { file: value.file.clone(), range, text: String::new() })
    }

    /// Writes a new value behind the last one of a collection.
    pub(super) fn add(&self, parent: &WrittenValue, key: &str, new: &Yaml) -> Option<Edit> {
        let at = match parent.style {
            Style::FlowMap | Style::FlowList => parent.children.last()?.1.range.end,
            Style::BlockMap | Style::BlockList => self.line_end(parent.range.end),
            _ => return None,
        };
        let indent = match (parent.style, parent.children.iter().find(|(_, child)| child.file == parent.file)) {
            (Style::BlockMap, Some((_, first))) => self.column(first.key.as_ref()?.start),
            (Style::BlockList, _) => self.column_of_dashes(parent),
            _ => self.column(parent.range.start),
        };
        let text = match parent.style {
            Style::FlowMap => format!(", {}: {}", quoted(key, Place::Flow), yaml::inline(new)),
            Style::FlowList => format!(", {}", yaml::inline(new)),
            Style::BlockMap => yaml::lines(&[Entry::new(key, new.clone())], indent),
            _ => yaml::element(new, indent),
        };
        Some(Edit { file: parent.file.clone(), range: at..at, text })
    }
}

fn texts_of(list: &WrittenValue) -> Option<Vec<&str>> {
    list.children.iter().map(|(_, child)| child.text.as_deref()).collect()
}

fn wanted_texts(items: &[Yaml]) -> Option<Vec<&str>> {
    fn text(item: &Yaml) -> Option<&str> {
        if let Yaml::Text(text) = item { Some(text) } else { None }
    }
    items.iter().map(text).collect()
}

/// Carries out edits of one text; `None` when one of them reaches into the next.
pub(super) fn carried_out(text: &str, mut edits: Vec<Edit>) -> Option<String> {
    edits.sort_by_key(|edit| (edit.range.start, edit.range.end));
    if edits.windows(2).any(|pair| pair[0].range.end > pair[1].range.start) {
        return None;
    }
    let mut changed = text.to_owned();
    let ends_as_windows = text.contains("\r\n");
    for edit in edits.iter().rev() {
        let new = edit.text.replace("\r\n", "\n");
        let new = if ends_as_windows { new.replace('\n', "\r\n") } else { new };
        changed.replace_range(edit.range.clone(), &new);
    }
    Some(changed)
}

#[cfg(test)]
mod tests;
