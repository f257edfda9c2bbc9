//! What the service complains about, at its place in the manifest, and what to type once that is mended.

use std::fmt::Write as _;

use serde::{Serialize, Serializer};
use serde_json::{Map, Value, json};

use super::palette::Palette;
use super::plan_text::place;
use super::redaction::Redaction;
use super::safe::single_line;
use crate::complaint::Concern;

/// A message of the service, and what it speaks of.
#[derive(Debug, Clone)]
pub struct TracedComplaint {
    /// The message.
    pub text: String,
    /// What it speaks of.
    pub concern: Concern,
}

/// What a reader can do about how an offer ended.
#[derive(Debug, Clone, Default)]
pub struct Remedy {
    /// The command that goes on with what is left.
    pub go_on: String,
    /// What the service complains about, as far as that was traced.
    pub complaints: Vec<TracedComplaint>,
    /// The command that takes a mended manifest to the service; `None` when no manifest is at hand.
    pub once_mended: Option<String>,
}

impl TracedComplaint {
    /// The one about this message.
    pub(super) fn about<'complaints>(complaints: &'complaints [Self], text: &str) -> Option<&'complaints Concern> {
        complaints.iter().find(|complaint| complaint.text == text).map(|complaint| &complaint.concern)
    }

    /// The same for programs.
    pub(super) fn json(&self) -> Value {
        let mut whole = json!({"text": Redaction::text(&self.text)});
        if let Value::Object(map) = &mut whole {
            map.extend(concern_json(&self.concern));
        }
        whole
    }
}

/// Where a message belongs and why, without its line break: `offers/vm/offer.yaml:12:7: Title, for it names "title"`.
pub(super) fn concern_text(concern: &Concern, palette: &Palette) -> String {
    let named: Vec<_> = concern.names.iter().map(|name| format!("`{}`", single_line(name))).collect();
    let why = if named.is_empty() {
        "the message names no field".to_owned()
    } else {
        let whole = || "the offer as a whole".to_owned();
        let field = if concern.path.segments().is_empty() { whole() } else { single_line(&place(&concern.path)) };
        format!("{field}, for it names {}", named.join(", "))
    };
    match &concern.source {
        Some(at) => format!("{}: {why}", palette.paint(palette.bold, &single_line(&at.to_string()))),
        None => format!("{why} ({})", single_line(&concern.path.to_string())),
    }
}

/// What a concern adds to a message for programs.
pub(super) fn concern_json(concern: &Concern) -> Map<String, Value> {
    let mut fields = Map::new();
    if !concern.path.segments().is_empty() {
        fields.insert("path".to_owned(), json!(concern.path));
    }
    if concern.is_found() {
        fields.insert("names".to_owned(), json!(concern.names));
    }
    if let Some(source) = &concern.source {
        fields.insert("source".to_owned(), json!(source));
    }
    fields
}

/// The lines of a failure, each complaint with its place below it.
pub(super) fn failure_lines(error: &str, complaints: &[TracedComplaint], palette: &Palette) -> String {
    let mut text = String::new();
    let mut left: Vec<&TracedComplaint> = complaints.iter().collect();
    let error = Redaction::text(error);
    for line in error.lines() {
        let _ = write!(text, "\n  {}", single_line(line));
        left.retain(|complaint| {
            let is_this = line.trim() == Redaction::text(&complaint.text).trim();
            if is_this {
                let _ = write!(text, "\n      {}", concern_text(&complaint.concern, palette));
            }
            !is_this
        });
    }
    for complaint in left {
        let _ = write!(text, "\n    {}", concern_text(&complaint.concern, palette));
    }
    text
}

impl Serialize for TracedComplaint {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.json().serialize(serializer)
    }
}
