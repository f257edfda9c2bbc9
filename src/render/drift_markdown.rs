//! The report of drift as Markdown, fit to become an issue: a title, the totals, a section for each offer with a table, and
//! long texts folded below it. It fits the place where it goes; when not all of it does, the least important is left out.

use std::fmt::Write as _;

use serde_json::Value;

use super::comment::MarkdownLimit;
use super::content_words::{content_advice, content_words};
use super::drift_text::says_something;
use super::drift_words::{WayOut, beside_each_other, headline, remarks, since, standing, waiver, ways_out, whose};
use super::markdown::detail::{Detail, Extent, SidesShown, detail, fold};
use super::markdown::sheet::{Frame, Kind, Node, count, fit, measure, notice};
use super::markdown::{code, escaped, prose, words};
use super::plan_text::{deleted_sentence, place, unchanged_line};
use super::redaction::Redaction;
use super::value_text::short;
use crate::diff::Class;
use crate::drift::{
    Attribution, ComparedOffer, DriftReport, DriftSummary, DriftVerdict, Held, PlacedDifference, SkippedOffer,
};
use crate::offer::Slot;

/// What a comment may add: its hidden first line, and the commit that it names, in UTF-16 code units.
const ROOM_FOR_COMMENT: usize = 300;

/// As much of the report as fits: the totals always, then conflicts, then edits of others.
pub fn drift_markdown(report: &DriftReport, limit: MarkdownLimit) -> String {
    let head = head(report);
    let offers = report.offers.iter().filter(|offer| says_something(offer)).map(|offer| Node::Frame(section(offer)));
    let skipped = report.skipped.iter().map(|skipped| Node::Piece(Kind::Unplanned, skipped_section(skipped)));
    let nodes: Vec<_> = offers.chain(skipped).collect();
    let room = limit.units().saturating_sub(measure(&head) + ROOM_FOR_COMMENT);
    let whole = fit(&nodes, room);
    if whole.left_out.is_empty() {
        return head + &whole.text;
    }
    // The longest that the notice can be: nothing fits.
    let cut = fit(&nodes, room.saturating_sub(measure(&notice(&count(&nodes), nouns, limit, "drift"))));
    head + &notice(&cut.left_out, nouns, limit, "drift") + &cut.text
}

/// What the kinds of pieces are in a report of drift, one of it and several.
fn nouns(kind: Kind) -> (&'static str, &'static str) {
    match kind {
        Kind::Guard => ("conflict", "conflicts"),
        Kind::Unplanned => ("offer that could not be compared", "offers that could not be compared"),
        Kind::Change => ("other difference", "other differences"),
        Kind::Steps => ("list of commands", "lists of commands"),
        kind => kind.nouns(),
    }
}

/// What is always there: a title, the totals and what can be done.
fn head(report: &DriftReport) -> String {
    let summary = report.summary();
    let mut text = format!("# Drift: {}\n\n{}\n", headline(&summary), totals(&summary));
    if let Some(unchanged) = &report.unchanged {
        let _ = writeln!(text, "\n{}", escaped(&unchanged_line(unchanged)));
        text.extend(deleted_sentence(unchanged).map(|sentence| format!("\n**{}**\n", prose(&sentence))));
    }
    if summary.drifted > 0 {
        text.push_str(
            "\nTo keep an edit, `offerctl adopt` takes its value over into the repository. To undo it, `offerctl apply` writes \
             what the repository says; a conflict needs a decision first.\n",
        );
    }
    text
}

/// How much was looked at, and what was found, without what was not.
fn totals(summary: &DriftSummary) -> String {
    let DriftSummary { found, read, compared, skipped, .. } = summary;
    let counts = [
        (summary.drift, "edited elsewhere"),
        (summary.conflict, "edited elsewhere and in the repository"),
        (summary.unattributed, "nobody can tell by whom"),
        (summary.pending, "ours, not applied or published yet"),
        (summary.waived, "left to others"),
    ];
    let told = counts.iter().filter(|(count, _)| *count > 0).map(|(count, what)| format!("**{count}** {what}"));
    let told = told.collect::<Vec<_>>().join(" · ");
    let told = if told.is_empty() { "nothing".to_owned() } else { told };
    format!("Offers: {found} found · {read} read · {compared} compared · {skipped} skipped  \nDifferences: {told}")
}

fn section(offer: &ComparedOffer) -> Frame {
    let before = format!("\n## {} {}\n", words(&offer.key.to_string()), standing(offer));
    let mut about = format!("\nManifest: {}\n", code(&offer.manifest.file));
    for remark in remarks(offer) {
        let _ = writeln!(about, "\n{remark}");
    }
    let kind = if offer.verdict() == DriftVerdict::Drift { Kind::Offer } else { Kind::Note };
    let mut nodes = vec![Node::Piece(kind, about)];
    if !offer.differences.is_empty() {
        nodes.push(Node::Frame(table(offer)));
        let below = offer.differences.iter().filter_map(local_file);
        let below = below.chain(offer.differences.iter().filter_map(folded));
        nodes.extend(below.map(|text| Node::Piece(Kind::Detail, text)));
    }
    nodes.extend(what_to_type(offer).map(|text| Node::Piece(Kind::Steps, text)));
    if !offer.unverifiable.is_empty() {
        let names: Vec<_> = offer.unverifiable.iter().map(|path| words(&place(path))).collect();
        let text = format!(
            "\nNot compared, because the service returns a copy of its own or nothing, and no record tells more: {}.\n",
            names.join(", ")
        );
        nodes.push(Node::Piece(Kind::Note, text));
    } else if offer.verdict() == DriftVerdict::InSync {
        nodes.push(Node::Piece(Kind::Note, "\nNothing here needs anybody.\n".to_owned()));
    }
    let cut = format!("\nNot all of it fits here; `offerctl drift {}` shows the rest.\n", offer.key);
    Frame { before, nodes, cut, after: String::new() }
}

fn table(offer: &ComparedOffer) -> Frame {
    let kind = |found: &PlacedDifference| match found.change.difference.class {
        Class::Conflict if found.is_drift() => Kind::Guard,
        _ if found.is_drift() => Kind::Passenger,
        _ => Kind::Change,
    };
    let rows = offer.differences.iter().map(|found| Node::Piece(kind(found), row(found, offer.record)));
    Frame {
        before: "\n| Field | Repository | Draft | Preview | Production | Whose edit |\n|---|---|---|---|---|---|\n"
            .to_owned(),
        nodes: rows.collect(),
        ..Frame::default()
    }
}

fn what_to_type(offer: &ComparedOffer) -> Option<String> {
    let ways = ways_out(offer);
    let commands = ways.iter().map(|WayOut { wish, command }| format!("- {wish}: {}\n", code(command)));
    (!ways.is_empty()).then(|| format!("\nWhat to type:\n\n{}", commands.collect::<String>()))
}

fn row(found: &PlacedDifference, record: Attribution) -> String {
    let difference = &found.change.difference;
    let shown = beside_each_other(found);
    let cell = |value: Option<&Value>| match value {
        Some(value) => code(&short(&shown(value))),
        None => "not set".to_owned(),
    };
    let held = found.places.iter().map(|place| match &place.held {
        Held::EmptySlot => "empty".to_owned(),
        Held::AsRepository => "as in the repository".to_owned(),
        Held::AsFound if found.found_in == Slot::Draft && place.slot != Slot::Draft => "as in the draft".to_owned(),
        Held::AsFound => format!("**{}**", cell(difference.before.as_ref())),
        Held::Other(value) => cell(value.as_ref()),
    });
    let (word, meaning) = whose(found, record);
    let mut whose = format!("**{word}**: {meaning}");
    if let Some((reason, until)) = waiver(found) {
        let _ = write!(whose, " ({}, {until})", words(&reason));
    }
    if let Some(known) = found.since {
        let _ = write!(whose, "<br>{}", since(known));
    }
    format!(
        "| {}<br><sub>{}</sub> | {} | {} | {whose} |\n",
        words(&place(&difference.path)),
        code(&difference.path.to_string()),
        cell(difference.after.as_ref()),
        held.collect::<Vec<_>>().join(" | ")
    )
}

/// The local file behind an address, and what to do when somebody replaced what is served there.
fn local_file(found: &PlacedDifference) -> Option<String> {
    let difference = &found.change.difference;
    let content = difference.content.as_ref()?;
    let advice = content_advice(difference).map(|advice| format!("; {}", words(&advice))).unwrap_or_default();
    Some(format!("\n{}: {}{advice}.\n", words(&place(&difference.path)), words(&content_words(content))))
}

/// What does not fit into a cell.
fn folded(found: &PlacedDifference) -> Option<String> {
    let difference = &found.change.difference;
    let (repository, service) = (difference.after.as_ref(), difference.before.as_ref());
    let Detail { sides, body } =
        detail(&difference.path, repository, service, ["Repository", "Service"], Extent::Whole)?;
    let title = match sides {
        SidesShown::OnlyFrom => "what only the repository has",
        SidesShown::OnlyTo => "what only the service has",
        SidesShown::Both => "from the repository to the service",
    };
    Some(fold(&difference.path, title, &body))
}

fn skipped_section(skipped: &SkippedOffer) -> String {
    let name = skipped.key.as_ref().map_or_else(|| code(&skipped.manifest), |key| words(&key.to_string()));
    let mut text = format!("\n## {name} could not be compared\n\nManifest: {}\n\n", code(&skipped.manifest));
    for line in skipped.reason.lines() {
        let _ = writeln!(text, "- {}", code(&Redaction::text(line)));
    }
    text
}
