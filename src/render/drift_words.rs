//! The sentences of a report of drift, the same for terminals and for Markdown: plain words for people who never saw a
//! manifest.

use serde_json::Value;

use super::look_alike::LookAlikes;
use super::redaction::Redaction;
use super::safe::single_line;
use crate::diff::Class;
use crate::drift::{
    Attribution, ComparedOffer, DriftSummary, DriftVerdict, Held, PlacedDifference, Presence, Since, Version,
};
use crate::offer::Slot;

/// Whose change it is: the word, and what it means.
pub(super) fn whose(found: &PlacedDifference, record: Attribution) -> (&'static str, &'static str) {
    if found.change.difference.waived.is_some() {
        return ("waived", "left to somebody else");
    }
    match (found.change.difference.class, found.found_in, record) {
        (Class::Drift, Slot::Draft, _) => ("drift", "edited elsewhere"),
        (Class::Drift, ..) => ("drift", "published by somebody else, and put back in the draft"),
        (Class::Conflict, ..) => ("conflict", "edited elsewhere and in the repository"),
        (Class::Unattributed, _, Attribution::Unknown) => ("unattributed", "no record tells who edited it"),
        (Class::Unattributed, ..) => ("unattributed", "new in the repository, so no record tells who edited it"),
        (Class::Pending, Slot::Draft, _) => ("pending", "ours, not applied yet"),
        (Class::Pending, ..) => ("pending", "right in the draft, not published yet"),
    }
}

/// Makes the values of a difference fit to be seen beside each other: those of the repository, of the service, and of each
/// slot.
pub(super) fn beside_each_other(found: &PlacedDifference) -> impl Fn(&Value) -> Value {
    let difference = &found.change.difference;
    let redaction = Redaction::default();
    let held = found.places.iter().filter_map(|place| match &place.held {
        Held::Other(value) => value.as_ref(),
        _ => None,
    });
    let values = held.chain(&difference.before).chain(&difference.after);
    let values: Vec<_> = values.map(|value| redaction.value(&difference.path, value)).collect();
    let alikes = LookAlikes::among(&values);
    move |value| alikes.value(&redaction.value(&difference.path, value))
}

/// How an offer stands, to be put behind its name.
pub(super) fn standing(offer: &ComparedOffer) -> &'static str {
    let unattributed = |found: &&PlacedDifference| found.change.difference.class == Class::Unattributed;
    let mut drift = offer.differences.iter().filter(|found| found.is_drift());
    match (offer.verdict(), offer.presence) {
        (_, Presence::Gone) => "is gone from the service",
        (_, Presence::NotCreated) => "is not created yet",
        (DriftVerdict::Drift, _) if drift.all(|found| unattributed(&found)) => {
            "differs, and nobody can tell whose edits these are"
        }
        (DriftVerdict::Drift, _) => "was edited elsewhere",
        (DriftVerdict::Pending, _) => "has changes of ours that are not applied or not published yet",
        (DriftVerdict::InSync, _) if !offer.differences.is_empty() => "differs only in what is left to others",
        (DriftVerdict::InSync, _) => "is as the repository says",
    }
}

/// What a reader should know besides the differences, a sentence each.
pub(super) fn remarks(offer: &ComparedOffer) -> Vec<&'static str> {
    let mut remarks = Vec::new();
    match offer.presence {
        Presence::Gone => remarks.push(
            "A record says that it was applied, and the service does not have it any more. If that is right, remove the \
             manifest; else `offerctl apply` creates it again.",
        ),
        Presence::NotCreated => remarks.push("The service has no such offer; `offerctl apply` creates it."),
        Presence::There => {}
    }
    if offer.record == Attribution::Unknown && offer.verdict() == DriftVerdict::Drift {
        remarks.push(
            "There is no record of an apply of this offer, so it cannot be told who edited what. Records are kept where \
             `offerctl apply` ran, or where `--state` says; with them each edit is told apart.",
        );
    }
    remarks
}

/// What to type: what it is for, and the command.
pub(super) struct WayOut {
    pub(super) wish: &'static str,
    pub(super) command: String,
}

/// How to keep the edits of an offer and how to undo them, for each kind of edit that it has.
pub(super) fn ways_out(offer: &ComparedOffer) -> Vec<WayOut> {
    let key = &offer.key;
    let first = |class: Class| {
        let found = offer.differences.iter().filter(|found| found.is_drift());
        let mut found = found.map(|found| &found.change.difference).filter(|difference| difference.class == class);
        found.next().map(|difference| single_line(&difference.path.as_shell_word()))
    };
    let mut ways = Vec::new();
    let mut way = |wish, command| ways.push(WayOut { wish, command });
    if first(Class::Drift).is_some() {
        // What lies in a local file is not in the YAML, and the difference itself says what to do.
        let in_draft = offer.differences.iter().filter(|found| found.found_in == Slot::Draft);
        let mut drifted = in_draft.map(|found| &found.change.difference);
        if drifted.any(|difference| difference.class == Class::Drift && difference.content.is_none()) {
            way("to keep what was edited elsewhere", format!("offerctl adopt {key}"));
        }
        way("to undo it", format!("offerctl apply {key}"));
    }
    if let Some(path) = first(Class::Conflict) {
        way("to keep theirs where both edited", format!("offerctl adopt {key} --path {path}"));
        way("to keep ours there", format!("offerctl apply {key} --allow conflict:{key}"));
    }
    if let Some(path) = first(Class::Unattributed) {
        way("to keep what nobody can attribute", format!("offerctl adopt {key} --path {path}"));
        way("to write the repository's over it", format!("offerctl apply {key}"));
    }
    ways
}

/// "since version 7, 2026-11-20".
pub(super) fn since(since: Since) -> String {
    let named = |version: Version| match version.day {
        Some(day) => format!("version {}, {day}", version.number),
        None => format!("version {}", version.number),
    };
    match since {
        Since::Version(version) => format!("since {}", named(version)),
        Since::AtLatest(version) => format!("since {} or earlier", named(version)),
    }
}

/// The headline of a whole report.
pub(super) fn headline(summary: &DriftSummary) -> String {
    let offers = |count: usize| if count == 1 { "1 offer".to_owned() } else { format!("{count} offers") };
    let found = match summary.drifted {
        0 => "nothing was edited elsewhere".to_owned(),
        1 => format!("1 of {} is not as the repository says", offers(summary.found)),
        drifted => format!("{drifted} of {} are not as the repository says", offers(summary.found)),
    };
    match summary.skipped {
        0 => found,
        skipped => format!("{found}, and {} could not be compared", offers(skipped)),
    }
}

/// The value that was found in a slot, in a word: the value itself stands beside it.
pub(super) fn found_value(found: &PlacedDifference) -> &'static str {
    match found.change.difference.class {
        _ if found.change.difference.waived.is_some() => "edited",
        Class::Drift | Class::Conflict => "edited",
        Class::Pending if found.change.difference.before.is_none() => "not set",
        Class::Unattributed => "the other value",
        Class::Pending => "the old value",
    }
}

/// The totals; the line has the same form whatever was found.
pub fn summary_line(summary: &DriftSummary) -> String {
    format!(
        "Drift: {} offers found, {} read, {} compared, {} skipped; {} drifted; {} drift, {} conflict, {} unattributed, {} \
         pending, {} waived.",
        summary.found,
        summary.read,
        summary.compared,
        summary.skipped,
        summary.drifted,
        summary.drift,
        summary.conflict,
        summary.unattributed,
        summary.pending,
        summary.waived
    )
}

/// Why a waived field is left alone, and until when.
pub(super) fn waiver(found: &PlacedDifference) -> Option<(String, String)> {
    let reason = found.change.difference.waived.clone()?;
    let until = found.waived_until.map_or_else(|| "without an end".to_owned(), |day| format!("until {day}"));
    Some((reason, until))
}
