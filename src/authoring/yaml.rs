//! A tree of values with comments → YAML text, in the style of a careful person.
//!
//! Long text is written over several lines where that keeps it exactly, short lists on one line.

use serde_json::{Number, Value};

use super::quoting::{Place, is_visible, quoted};
use crate::manifest::is_version_key;

/// Lines are not longer than this where they can be broken.
const WIDTH: usize = 110;

/// What is to be written.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Yaml {
    Null,
    Bool(bool),
    Number(Number),
    Text(String),
    List(Vec<Self>),
    Map(Vec<Entry>),
    /// `{$file: …}` and its like: the name with its `$`, and the argument.
    Directive(&'static str, String),
}

/// A key with its value, and what is said about them above.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Entry {
    pub comment: Option<&'static str>,
    pub key: String,
    pub value: Yaml,
}

impl Entry {
    pub(super) fn new(key: impl Into<String>, value: Yaml) -> Self {
        Self { comment: None, key: key.into(), value }
    }
}

impl Yaml {
    /// Whether it is one value.
    pub(super) fn is_scalar(&self) -> bool {
        !matches!(self, Self::List(_) | Self::Map(_) | Self::Directive(..))
    }

    /// Whether it is text that would be written over several lines.
    pub(super) fn is_multiline(&self) -> bool {
        matches!(self, Self::Text(text) if text.contains('\n'))
    }

    /// The same value, without comments.
    pub(super) fn of(value: &Value) -> Self {
        match value {
            Value::Null => Self::Null,
            Value::Bool(value) => Self::Bool(*value),
            Value::Number(value) => Self::Number(value.clone()),
            Value::String(text) => Self::Text(text.clone()),
            Value::Array(items) => Self::List(items.iter().map(Self::of).collect()),
            Value::Object(map) => {
                Self::Map(map.iter().map(|(key, value)| Entry::new(key.clone(), Self::of(value))).collect())
            }
        }
    }
}

/// The text of a map that is a whole file.
pub(super) fn file(entries: &[Entry]) -> String {
    let mut text = String::new();
    map(&mut text, entries, 0);
    text
}

/// A scalar on one line.
pub(super) fn scalar(value: &Yaml, place: Place) -> String {
    match value {
        Yaml::Text(text) => quoted(text, place),
        scalar => inline(scalar),
    }
}

/// What stands behind the colon of a key at this column, with the blank or line break before it.
pub(super) fn behind_key(key: &str, new: &Yaml, column: usize) -> String {
    let mut text = String::new();
    value(&mut text, new, column, Some(key), column + key.chars().count() + 2);
    text
}

/// Further entries of a map whose keys stand at this column; each begins with a line break.
pub(super) fn lines(entries: &[Entry], column: usize) -> String {
    let mut text = String::from("\n");
    text.extend(std::iter::repeat_n(' ', column));
    map(&mut text, entries, column.max(1));
    text
}

/// A further element of a list whose dashes stand at this column; it begins with a line break.
pub(super) fn element(item: &Yaml, column: usize) -> String {
    // Something has to stand before the line break.
    let mut text = String::from("-");
    list(&mut text, std::slice::from_ref(item), column);
    text.split_off(1)
}

fn map(text: &mut String, entries: &[Entry], indent: usize) {
    for (index, entry) in entries.iter().enumerate() {
        // The first key stands where the map begins, which is behind a dash when the map is an element.
        if index > 0 || indent == 0 {
            begin_line(text, indent);
        }
        if let Some(comment) = entry.comment {
            text.push_str("# ");
            text.push_str(comment);
            begin_line(text, indent);
        }
        let key = quoted(&entry.key, Place::Flow);
        text.push_str(&key);
        text.push(':');
        value(text, &entry.value, indent, Some(&entry.key), indent + key.chars().count() + 2);
    }
    if indent == 0 && !text.is_empty() {
        text.push('\n');
    }
}

fn begin_line(text: &mut String, indent: usize) {
    if !text.is_empty() {
        text.push('\n');
    }
    text.extend(std::iter::repeat_n(' ', indent));
}

/// Writes what stands behind a colon or a dash. `column` is where it would begin on the same line.
fn value(text: &mut String, value: &Yaml, indent: usize, key: Option<&str>, column: usize) {
    match value {
        Yaml::Map(entries) if !entries.is_empty() => {
            begin_line(text, indent + 2);
            map(text, entries, indent + 2);
        }
        Yaml::List(items) if !items.is_empty() => match flow_list(items, WIDTH.saturating_sub(column)) {
            Some(line) => push_inline(text, &line),
            None => list(text, items, indent + 2),
        },
        Yaml::Text(content) => match several_lines(content, indent + 2, column) {
            Some(block) => push_inline(text, &block),
            None => push_inline(text, &quoted(content, Place::Block)),
        },
        // A bare number is suspicious where a version is expected; this one is meant.
        Yaml::Number(number) if number.is_f64() && key.is_some_and(is_version_key) => {
            push_inline(text, &format!("!!float {number}"));
        }
        scalar => push_inline(text, &inline(scalar)),
    }
}

fn push_inline(text: &mut String, line: &str) {
    text.push(' ');
    text.push_str(line);
}

fn list(text: &mut String, items: &[Yaml], indent: usize) {
    for item in items {
        begin_line(text, indent);
        text.push('-');
        match item {
            Yaml::Map(entries) if !entries.is_empty() => {
                text.push(' ');
                map(text, entries, indent + 2);
            }
            item => value(text, item, indent, None, indent + 2),
        }
    }
}

/// What has a spelling without a line break.
pub(super) fn inline(value: &Yaml) -> String {
    match value {
        Yaml::Null => "null".to_owned(),
        Yaml::Bool(value) => value.to_string(),
        Yaml::Number(number) => number.to_string(),
        Yaml::Text(text) => quoted(text, Place::Flow),
        Yaml::Directive(name, argument) => format!("{{{name}: {}}}", quoted(argument, Place::Flow)),
        Yaml::List(items) => format!("[{}]", items.iter().map(inline).collect::<Vec<_>>().join(", ")),
        Yaml::Map(entries) => {
            let entry = |entry: &Entry| format!("{}: {}", quoted(&entry.key, Place::Flow), inline(&entry.value));
            format!("{{{}}}", entries.iter().map(entry).collect::<Vec<_>>().join(", "))
        }
    }
}

/// A short list of scalars on one line.
fn flow_list(items: &[Yaml], width: usize) -> Option<String> {
    let line = items.iter().all(Yaml::is_scalar).then(|| inline(&Yaml::List(items.to_vec())))?;
    (line.chars().count() <= width).then_some(line)
}

/// A text over several lines, where that reads better and keeps it exactly.
fn several_lines(text: &str, indent: usize, column: usize) -> Option<String> {
    let is_kept = |line: &str| line.chars().all(is_visible) && !line.ends_with(' ');
    if text.starts_with([' ', '\n']) || !text.split('\n').all(is_kept) {
        return None;
    }
    let body = text.trim_end_matches('\n');
    let (style, lines): (_, Vec<_>) = match (body.contains('\n'), text.len() - body.len()) {
        (true, 0) => ("|-", body.split('\n').map(str::to_owned).collect()),
        (true, 1) => ("|", body.split('\n').map(str::to_owned).collect()),
        (false, 0) if column + text.chars().count() > WIDTH && !text.contains("  ") => {
            let lines = wrapped(text, WIDTH.saturating_sub(indent));
            (lines.len() > 1).then_some((">-", lines))?
        }
        _ => return None,
    };
    let mut block = style.to_owned();
    for line in &lines {
        // An empty line stays empty.
        begin_line(&mut block, if line.is_empty() { 0 } else { indent });
        block.push_str(line);
    }
    Some(block)
}

fn wrapped(text: &str, width: usize) -> Vec<String> {
    let mut lines: Vec<String> = Vec::new();
    let mut length = 0;
    for word in text.split(' ') {
        let word_length = word.chars().count();
        match lines.last_mut() {
            Some(line) if length + 1 + word_length <= width => {
                line.push(' ');
                line.push_str(word);
                length += 1 + word_length;
            }
            _ => {
                lines.push(word.to_owned());
                length = word_length;
            }
        }
    }
    lines
}
