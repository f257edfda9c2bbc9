//! What needs a person: what is blocked and what would let it pass, what could not be planned, what is removed, and what
//! others left in the draft.

use std::fmt::Write as _;

use super::{Names, offers_counted, section, shortened};
use crate::diff::{Difference, Operation};
use crate::offer::OfferKey;
use crate::plan::{Block, Passenger, Plan, PlannedOffer};
use crate::render::markdown::sheet::{Frame, Kind, Node};
use crate::render::markdown::{code, prose, words};
use crate::render::plan_text::place;
use crate::render::redaction::Redaction;
use crate::render::value_text::short;

use super::offer::change_cell;

/// How much of one sentence is shown, in characters.
const SENTENCE: usize = 1_500;
/// How many of the service's messages are shown, and how much of each.
pub(super) const MESSAGES: usize = 10;
pub(super) const MESSAGE: usize = 500;
/// How many offers are named that one and the same sentence is about.
const NAMED: usize = 20;

/// Why offers are not worked on, with the ways out.
pub(super) fn blocked(plan: &Plan) -> Frame {
    let mut groups: Vec<(&Block, String, Vec<&OfferKey>)> = Vec::new();
    for (offer, block) in plan.offers.iter().flat_map(|offer| offer.blocks.iter().map(move |block| (offer, block))) {
        let way_out = offer.way_out(block);
        match groups.iter_mut().find(|(other, way, _)| *other == block && *way == way_out) {
            Some((_, _, keys)) => keys.push(&offer.key),
            None => groups.push((block, way_out, vec![&offer.key])),
        }
    }
    let nodes = groups.iter().map(|(block, way_out, keys)| Node::Piece(Kind::Guard, block_text(block, way_out, keys)));
    section("Blocked until somebody decides", "\n", nodes.collect())
}

fn block_text(block: &Block, way_out: &str, keys: &[&OfferKey]) -> String {
    let guard = code(block.guard.as_str());
    let sentence = prose(&shortened(&block.sentence, SENTENCE));
    let mut text = match keys {
        [key] => format!("- {} is blocked by {guard}: {sentence}\n", name(key)),
        keys => {
            let named: Vec<_> = keys.iter().take(NAMED).map(|key| words(&key.to_string())).collect();
            let more = match keys.len().saturating_sub(NAMED) {
                0 => String::new(),
                more => format!(" and {more} more"),
            };
            let count = offers_counted(keys.len());
            format!("- <b>{count}</b> are blocked by {guard}: {sentence}\n  - Offers: {}{more}\n", named.join(", "))
        }
    };
    for message in block.messages.iter().take(MESSAGES) {
        let _ = writeln!(text, "  - The service says: {}", code(&shortened(&Redaction::text(message), MESSAGE)));
    }
    if block.messages.len() > MESSAGES {
        let _ = writeln!(text, "  - … and {} more messages", block.messages.len() - MESSAGES);
    }
    let _ = writeln!(text, "  - Way out: {}", prose(way_out));
    text
}

/// The offers that could not be planned, and why.
pub(super) fn unplanned(plan: &Plan) -> Frame {
    let nodes = plan.failed.iter().map(|failed| {
        let manifest = code(&failed.manifest);
        let mut text = match &failed.key {
            Some(key) => format!("- {} ({manifest})\n", name(key)),
            None => format!("- {manifest}\n"),
        };
        for line in failed.reason.lines().take(MESSAGES) {
            let _ = writeln!(text, "  - {}", code(&shortened(&Redaction::text(line), MESSAGE)));
        }
        Node::Piece(Kind::Unplanned, text)
    });
    section("Could not be planned", "\n", nodes.collect())
}

/// Whatever is taken away from an offer.
pub(super) fn removed(plan: &Plan, names: Names) -> Frame {
    let nodes = written(plan).filter(|(_, difference)| is_removal(difference)).map(|(offer, difference)| {
        let was = difference.before.as_ref().map(|value| Redaction::default().value(&difference.path, value));
        let was = was.map(|value| code(&short(&value))).unwrap_or_default();
        let row = format!("| {} | {} | {was} |\n", words(&offer.key.to_string()), field(&difference, names));
        Node::Piece(Kind::Removal, row)
    });
    section("Removed", "\n| Offer | What is removed | Was |\n|---|---|---|\n", nodes.collect())
}

/// Edits of others that the steps would ship.
pub(super) fn passengers(plan: &Plan, names: Names) -> Frame {
    let found =
        plan.offers.iter().flat_map(|offer| offer.passengers.open().into_iter().map(move |found| (offer, found)));
    let nodes = found.map(|(offer, passenger)| {
        let Passenger { difference, from, replaces, sensitive: _ } = &passenger;
        let mut remark = format!("in the {from}, not in {replaces} and not in the manifest");
        if let Some(reason) = &difference.waived {
            let _ = write!(remark, " ({})", words(&shortened(reason, MESSAGE)));
        }
        let key = words(&offer.key.to_string());
        let row = format!("| {key} | {} | {} | {remark} |\n", field(difference, names), change_cell(difference));
        Node::Piece(Kind::Passenger, row)
    });
    let head = "\n| Offer | Field | What would be shipped | Where the edit is |\n|---|---|---|---|\n";
    section("Edits of others that would be shipped", head, nodes.collect())
}

/// What would have blocked and was allowed by name.
pub(super) fn allowed(plan: &Plan) -> Frame {
    let found = plan.offers.iter().flat_map(|offer| offer.allowed.iter().map(move |block| (offer, block)));
    let nodes = found.map(|(offer, block)| {
        let (guard, sentence) = (code(block.guard.as_str()), prose(&shortened(&block.sentence, SENTENCE)));
        Node::Piece(Kind::Allowed, format!("- {} may pass {guard}: {sentence}\n", name(&offer.key)))
    });
    section("Allowed by name", "\n", nodes.collect())
}

/// The differences that are to be written, of offers that are not in sync.
pub(super) fn written(plan: &Plan) -> impl Iterator<Item = (&PlannedOffer, Difference)> {
    plan.offers.iter().flat_map(|offer| offer.changes.to_write().map(move |difference| (offer, difference)))
}

pub(super) fn is_removal(difference: &Difference) -> bool {
    difference.is_written() && difference.operation == Operation::Remove
}

/// A field in a cell.
pub(super) fn field(difference: &Difference, names: Names) -> String {
    let name = words(&place(&difference.path));
    match names {
        Names::WithPaths => format!("{name}<br><sub>{}</sub>", code(&difference.path.to_string())),
        Names::Alone => name,
    }
}

fn name(key: &OfferKey) -> String {
    format!("<b>{}</b>", words(&key.to_string()))
}
