//! What does not fit into the cell of a table: long texts word by word, addresses whole, compound values by their fields.

use serde_json::Value;

use super::sheet::measure;
use super::{code, escaped, words};
use crate::offer::{Catalogue, FieldPath, ListRule, Rules};
use crate::render::look_alike::LookAlikes;
use crate::render::palette::Palette;
use crate::render::plan_text::{LISTED_LEAVES, place};
use crate::render::redaction::Redaction;
use crate::render::value_text::{
    changed_leaves, counted, is_address, is_compound, is_cut, is_long, leaves, members, told, without_query,
};
use crate::render::words::{Stretch, stretches};

/// What leads from one value to another.
#[derive(Debug)]
pub(in crate::render) struct Detail {
    pub(in crate::render) sides: SidesShown,
    pub(in crate::render) body: String,
}

/// Which of the two values there are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::render) enum SidesShown {
    OnlyFrom,
    OnlyTo,
    Both,
}

/// How much of a long text is shown.
#[derive(Debug, Clone, Copy)]
pub(in crate::render) enum Extent {
    Whole,
    /// About so many UTF-16 code units, in a cell: a fold has more.
    InCell(usize),
    /// About so many UTF-16 code units, in a fold.
    InFold(usize),
}

impl Extent {
    /// How much there may be, and what is said where there is more.
    fn room(self) -> (usize, &'static str) {
        match self {
            Self::Whole => (usize::MAX, ""),
            Self::InCell(room) => (room, " …"),
            Self::InFold(room) => (room, " … (cut here; `offerctl plan` shows all of it)"),
        }
    }
}

/// More of a field than a cell holds; `None` when a cell holds all of it. `labels` name the two sides.
pub(in crate::render) fn detail(
    path: &FieldPath,
    from: Option<&Value>,
    to: Option<&Value>,
    labels: [&str; 2],
    extent: Extent,
) -> Option<Detail> {
    let rules = Catalogue::built_in().rules_at(path);
    let redaction = Redaction::default();
    let shown = |value: Option<&Value>| value.map(|value| redaction.value(path, value));
    let one_sided = |sides, value: &Value| match value {
        value if is_compound(value) => Some(Detail { sides, body: listed(&kept(rules, value), extent) }),
        Value::String(text) if is_cut(value) => {
            let whole = Stretch::Kept(told(text));
            Some(Detail { sides, body: joined(&[whole], extent) })
        }
        _ => None,
    };
    match (shown(from), shown(to)) {
        (Some(from), Some(to)) => {
            between(rules, &from, &to, labels, extent).map(|body| Detail { sides: SidesShown::Both, body })
        }
        (Some(value), None) => one_sided(SidesShown::OnlyFrom, &value),
        (None, Some(value)) => one_sided(SidesShown::OnlyTo, &value),
        (None, None) => None,
    }
}

fn between(rules: Rules<'_>, from: &Value, to: &Value, labels: [&str; 2], extent: Extent) -> Option<String> {
    match (from, to) {
        (Value::String(from), Value::String(to)) if is_address(from) || is_address(to) => {
            let [one, other] = labels;
            let alikes = LookAlikes::among_texts([from.as_str(), to]);
            let [from, to] = [from, to].map(|address| code(&told(without_query(&alikes.text(address)))));
            Some(format!("- {one}: {from}\n- {other}: {to}"))
        }
        (Value::String(from), Value::String(to)) if is_long(from) || is_long(to) => {
            Some(joined(&stretches(from, to), extent))
        }
        (Value::Array(from), Value::Array(to)) if rules.field().list == ListRule::Set => {
            Some(code(&members(&Palette::PLAIN, from, to)))
        }
        (from, to) if is_compound(from) && is_compound(to) => Some(listed(&changed_leaves(rules, from, to), extent)),
        _ => None,
    }
}

/// A fold under the name of a field.
pub(in crate::render) fn fold(path: &FieldPath, title: &str, body: &str) -> String {
    format!("\n<details><summary>{}: {title}</summary>\n\n{body}\n\n</details>\n", words(&place(path)))
}

/// A stretch of others' words; `<code>` keeps the mentions in them from being ones.
pub(in crate::render) fn stretch(stretch: &Stretch) -> String {
    let code = |text: &str| if text.trim().is_empty() { escaped(text) } else { code(text) };
    match stretch {
        Stretch::Kept(text) => code(text),
        Stretch::Out(text) => format!("<del>{}</del>", code(text)),
        Stretch::In(text) => format!("<ins>{}</ins>", code(text)),
    }
}

/// Two texts as one, as far as it may go. Where not all of it has room, what goes leaves some to what comes.
pub(in crate::render) fn joined(stretches: &[Stretch], extent: Extent) -> String {
    let (mut left, cut) = extent.room();
    let parts: Vec<_> = stretches.iter().map(stretch).collect();
    if parts.iter().map(|part| measure(part)).sum::<usize>() <= left {
        return parts.concat();
    }
    let longest = left / 3;
    let mut text = String::new();
    for (part, whole) in stretches.iter().zip(parts) {
        let room = left.min(longest);
        let shown = if measure(&whole) <= room { Some(whole) } else { beginning(part, room) };
        let Some(shown) = shown else { break };
        left -= measure(&shown);
        text.push_str(&shown);
    }
    text + cut
}

/// As many whole words of a stretch as have room.
fn beginning(part: &Stretch, room: usize) -> Option<String> {
    let (Stretch::Kept(text) | Stretch::Out(text) | Stretch::In(text)) = part;
    let of = |text: String| match part {
        Stretch::Kept(_) => Stretch::Kept(text),
        Stretch::Out(_) => Stretch::Out(text),
        Stretch::In(_) => Stretch::In(text),
    };
    let ends =
        text.match_indices(char::is_whitespace).map(|(end, _)| end).filter(|end| !text[..*end].trim().is_empty());
    let shown = ends.map(|end| stretch(&of(format!("{}…", text[..end].trim_end()))));
    let words = shown.take_while(|shown| measure(shown) <= room).last();
    // Not everybody writes blanks. What is escaped takes up to six times the room.
    let characters = || stretch(&of(text.chars().take(room / 6).collect::<String>() + "…"));
    words.or_else(|| Some(characters()).filter(|shown| measure(shown) <= room))
}

fn kept(rules: Rules<'_>, value: &Value) -> Vec<Stretch> {
    leaves(rules, value).into_iter().map(Stretch::Kept).collect()
}

/// The fields, a line each, as far as they may go.
fn listed(lines: &[Stretch], extent: Extent) -> String {
    let (mut left, _) = extent.room();
    let mut shown = Vec::new();
    for line in lines.iter().take(LISTED_LEAVES) {
        let line = format!("- {}", stretch(line));
        let Some(rest) = left.checked_sub(measure(&line) + 1) else { break };
        left = rest;
        shown.push(line);
    }
    if lines.len() > shown.len() {
        shown.push(format!("- … and {}", counted(lines.len() - shown.len(), "more field")));
    }
    shown.join("\n")
}
