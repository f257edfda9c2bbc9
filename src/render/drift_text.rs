//! The report of drift for terminals: by offer, each edit with its slots.

use std::fmt::Write as _;

use serde_json::Value;

use super::content_words::{content_advice, content_words, only_content};
use super::drift_words::{
    WayOut, beside_each_other, found_value, remarks, since, standing, summary_line, waiver, ways_out, whose,
};
use super::palette::Palette;
use super::plan_text::{LISTED_LEAVES, dim, file_name, place, unchanged_line};
use super::redaction::Redaction;
use super::safe::single_line;
use super::value_text::{changed_leaves, counted, is_compound, leaves, replaced, short};
use super::words::marked;
use crate::diff::Class;
use crate::drift::{Attribution, ComparedOffer, DriftReport, DriftVerdict, Held, PlacedDifference, SkippedOffer};
use crate::offer::Catalogue;

/// The whole report. It ends with the totals and a line break.
pub fn drift_text(report: &DriftReport, palette: &Palette) -> String {
    let mut text = String::new();
    for offer in report.offers.iter().filter(|offer| says_something(offer)) {
        text.push_str(&offer_text(offer, palette));
        text.push('\n');
    }
    for skipped in &report.skipped {
        text.push_str(&skipped_text(skipped, palette));
        text.push('\n');
    }
    if let Some(unchanged) = &report.unchanged {
        let _ = writeln!(text, "{}", unchanged_line(unchanged));
    }
    let _ = writeln!(text, "{}", summary_line(&report.summary()));
    text
}

/// Whether there is more to say of an offer than that it is in order.
pub(super) fn says_something(offer: &ComparedOffer) -> bool {
    offer.verdict() != DriftVerdict::InSync || !offer.differences.is_empty() || !offer.unverifiable.is_empty()
}

fn offer_text(offer: &ComparedOffer, palette: &Palette) -> String {
    let (mark, colour) = match offer.verdict() {
        DriftVerdict::Drift => ("!", palette.alarm),
        DriftVerdict::Pending => ("~", palette.changed),
        DriftVerdict::InSync => ("=", palette.dim),
    };
    let key = palette.paint(palette.bold, &offer.key.to_string());
    let about = dim(palette, &format!("  {}", offer.manifest.file));
    let mut text = format!("{} {key} {}{about}\n", palette.paint(colour, mark), standing(offer));
    for found in &offer.differences {
        text.push_str(&difference_text(found, offer.record, palette));
    }
    for remark in remarks(offer) {
        let _ = writeln!(text, "    {} {remark}", dim(palette, "note:"));
    }
    if !offer.unverifiable.is_empty() {
        let names: Vec<_> = offer.unverifiable.iter().map(place).collect();
        let _ = writeln!(
            text,
            "    {} not compared, because the service returns a copy of its own or nothing, and no record tells more: {}",
            dim(palette, "note:"),
            names.join(", ")
        );
    }
    for WayOut { wish, command } in ways_out(offer) {
        let _ = writeln!(text, "    {} {wish}: `{command}`", dim(palette, "next:"));
    }
    text
}

fn difference_text(found: &PlacedDifference, record: Attribution, palette: &Palette) -> String {
    let difference = &found.change.difference;
    let rules = Catalogue::built_in().rules_at(&difference.path);
    let redaction = Redaction::default();
    let shown = |value: &Option<Value>| value.as_ref().map(|value| redaction.value(&difference.path, value));
    let (repository, service) = (shown(&difference.after), shown(&difference.before));
    // What somebody did: they to the repository's value, or we to the service's.
    let is_ours = difference.class == Class::Pending && difference.is_written();
    let (from, to) = if is_ours { (service, repository) } else { (repository, service) };
    let mut below = Vec::new();
    let (mark, colour, what) = match (&from, &to) {
        (Some(from), Some(to)) => {
            below = changed_leaves(rules, from, to).iter().map(|stretch| marked(palette, stretch)).collect();
            ("~", palette.changed, replaced(palette, rules, from, to))
        }
        (None, Some(to)) => {
            if is_compound(to) {
                below = leaves(rules, to);
            }
            ("+", palette.added, short(to))
        }
        (Some(from), None) => ("-", palette.removed, format!("removed (was {})", short(from))),
        (None, None) => ("~", palette.changed, "differs".to_owned()),
    };
    let what = only_content(difference).map_or(what, |content| single_line(&content_words(content)));
    let (word, meaning) = whose(found, record);
    let word_colour = if found.is_drift() { palette.alarm } else { palette.dim };
    let name = palette.paint(palette.bold, &place(&difference.path));
    let source = &found.change.source;
    let mut text = format!(
        "    {} {name}: {what}{}\n        {}: {meaning}",
        palette.paint(colour, mark),
        dim(palette, &format!("  {}:{}", file_name(&source.file), source.line)),
        palette.paint(word_colour, word)
    );
    if let Some((reason, until)) = waiver(found) {
        let _ = write!(text, " ({}, {until})", single_line(&reason));
    }
    if let Some(known) = found.since {
        let _ = write!(text, ", {}", since(known));
    }
    let _ = writeln!(text, "\n        {}", slots(found));
    if let Some(advice) = content_advice(difference) {
        let _ = writeln!(text, "        {}", single_line(&advice));
    }
    for line in below.iter().take(LISTED_LEAVES) {
        let _ = writeln!(text, "        {line}");
    }
    if below.len() > LISTED_LEAVES {
        let _ = writeln!(text, "        … and {}", counted(below.len() - LISTED_LEAVES, "more field"));
    }
    text
}

/// Where the values stand, slot by slot.
fn slots(found: &PlacedDifference) -> String {
    let shown = beside_each_other(found);
    let told = found.places.iter().map(|place| {
        let held = match &place.held {
            Held::EmptySlot => "empty".to_owned(),
            Held::AsRepository => "as in the repository".to_owned(),
            Held::AsFound => found_value(found).to_owned(),
            Held::Other(None) => "not set".to_owned(),
            Held::Other(Some(value)) => short(&shown(value)),
        };
        format!("{}: {held}", place.slot)
    });
    told.collect::<Vec<_>>().join(" · ")
}

fn skipped_text(skipped: &SkippedOffer, palette: &Palette) -> String {
    let name = skipped.key.as_ref().map_or_else(|| single_line(&skipped.manifest), ToString::to_string);
    let place = skipped.key.as_ref().map(|_| format!("  {}", single_line(&skipped.manifest))).unwrap_or_default();
    let mut text = format!(
        "{} {} could not be compared{}\n",
        palette.paint(palette.alarm, "!"),
        palette.paint(palette.bold, &name),
        dim(palette, &place)
    );
    for line in skipped.reason.lines() {
        let _ = writeln!(text, "    {}", single_line(&Redaction::text(line)));
    }
    text
}
