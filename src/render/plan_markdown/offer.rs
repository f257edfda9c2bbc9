//! One offer in a fold: its changes as a table, long texts below it, its steps and notes.

use std::fmt::Write as _;

use serde_json::Value;

use super::price::is_price_change;
use super::risk::{field, is_removal};
use super::{Names, counted, section, shortened};
use crate::diff::{Difference, Operation, is_secret_placeholder};
use crate::offer::{Catalogue, ListRule, Rules};
use crate::plan::{Change, OfferVerdict, Plan, PlannedOffer};
use crate::render::content_words::{content_words, only_content};
use crate::render::look_alike::{LookAlikes, apart};
use crate::render::markdown::detail::{Detail, Extent, SidesShown, detail, fold, joined};
use crate::render::markdown::sheet::{Frame, Kind, Node, Reach, measure};
use crate::render::markdown::{code, prose, words};
use crate::render::palette::Palette;
use crate::render::plan_text::{becomes, file_name, remark, undo};
use crate::render::redaction::Redaction;
use crate::render::value_text::{is_address, is_compound, is_cut, is_long, members, short, without_query};
use crate::render::words::stretches;

/// How long a change may be in a cell, in UTF-16 code units; more of it goes into a fold.
const CELL: usize = 400;

/// Every offer that is not in sync, in a fold each.
pub(super) fn changed(plan: &Plan, names: Names, longest: usize, reach: &mut Reach) -> Frame {
    let offers: Vec<_> = plan.offers.iter().filter(|offer| offer.verdict() != OfferVerdict::InSync).collect();
    let open = if offers.len() == 1 { " open" } else { "" };
    let nodes = offers.into_iter().map(|offer| reach.within(Node::Frame(offer_frame(offer, open, names, longest))));
    Frame { cut: String::new(), ..section("Changes by offer", "", nodes.collect()) }
}

fn offer_frame(offer: &PlannedOffer, open: &str, names: Names, longest: usize) -> Frame {
    let key = words(&offer.key.to_string());
    let before = format!(
        "\n<details{open}><summary><b>{key}</b> {}: {}, {}, up to {}</summary>\n",
        becomes(offer),
        counted(offer.changes.written(), "change"),
        counted(offer.steps.len(), "step"),
        offer.target
    );
    let changes = offer.changes.open();
    let (above, here): (Vec<_>, Vec<_>) =
        changes.iter().partition(|change| is_price_change(&change.difference) || is_removal(&change.difference));
    let mut manifest = format!("\nManifest: {}\n", code(&offer.manifest.file));
    if !above.is_empty() {
        let stand = if above.len() == 1 { "stands" } else { "stand" };
        let _ = writeln!(manifest, "\n{} {stand} above, under prices or removals.", counted(above.len(), "change"));
    }
    // Not one of those that have a share: what matters of it stands above, among guards, prices and removals.
    let mut nodes = vec![Node::Piece(Kind::Fold, manifest), Node::Frame(table(&here, names))];
    let removed = above.iter().filter(|change| is_removal(&change.difference));
    let details = here.iter().chain(removed).filter_map(|change| more(&change.difference, longest));
    nodes.extend(details);
    nodes.extend(steps(offer));
    nodes.extend(offer.notes.iter().map(|note| Node::Piece(Kind::Note, format!("\nNote: {}\n", prose(note)))));
    let cut = format!("\nNot all of it fits here; `offerctl plan {}` shows the rest.\n", offer.key);
    Frame { before, nodes, cut, after: "\n</details>\n".to_owned() }
}

fn table(changes: &[&Change], names: Names) -> Frame {
    let row = |change: &&Change| {
        let Change { difference, source, sensitive: _ } = change;
        let file = difference.content.as_ref().filter(|_| only_content(difference).is_none()).map(content_words);
        let remarks = remark(difference).into_iter().chain(file);
        let remark = remarks.map(|remark| format!("{}<br>", words(&remark))).collect::<Vec<_>>().concat();
        let source = code(&format!("{}:{}", file_name(&source.file), source.line));
        let kind = if difference.is_written() { Kind::Change } else { Kind::Note };
        Node::Piece(
            kind,
            format!("| {} | {} | {remark}<sub>{source}</sub> |\n", field(difference, names), change_cell(difference)),
        )
    };
    Frame {
        before: "\n| Field | What changes | Where it comes from |\n|---|---|---|\n".to_owned(),
        nodes: changes.iter().map(row).collect(),
        ..Frame::default()
    }
}

/// What happens to a field, in a cell.
pub(super) fn change_cell(difference: &Difference) -> String {
    if let Some(content) = only_content(difference) {
        return words(&content_words(content));
    }
    let redaction = Redaction::default();
    let shown = |value: &Option<Value>| value.as_ref().map(|value| redaction.value(&difference.path, value));
    let (before, after) = (shown(&difference.before), shown(&difference.after));
    match (difference.operation, before, after) {
        (Operation::Remove, Some(before), _) => format!("removed, was {}", code(&short(&before))),
        (_, None, Some(after)) => format!("new: {}", code(&short(&after))),
        (_, Some(before), Some(after)) => {
            let rules = Catalogue::built_in().rules_at(&difference.path);
            replaced(rules, &before, &after).unwrap_or_else(|| told(&apart(&before, &after)))
        }
        (_, _, None) => "removed".to_owned(),
    }
}

fn told([before, after]: &[Value; 2]) -> String {
    format!("{} → {}", code(&short(before)), code(&short(after)))
}

/// What leads from one value to the other, when that says more than both of them.
fn replaced(rules: Rules<'_>, before: &Value, after: &Value) -> Option<String> {
    match (before, after) {
        (before, after) if before == after && is_secret_placeholder(after) => {
            Some(format!("{}, of which the value changed", code(&short(after))))
        }
        (Value::Array(before), Value::Array(after)) if rules.field().list == ListRule::Set => {
            let members = members(&Palette::PLAIN, before, after);
            let shown = code(&shortened(&members, CELL));
            (!members.is_empty()).then_some(shown)
        }
        (Value::String(before), Value::String(after)) if is_address(before) && is_address(after) => {
            let alikes = LookAlikes::among_texts([before.as_str(), after]);
            let shown = |address: &str| code(&shortened(without_query(&alikes.text(address)), CELL));
            Some(format!("{} → {}", shown(before), shown(after)))
        }
        (Value::String(before), Value::String(after)) if is_long(before) || is_long(after) => {
            Some(joined(&stretches(before, after), Extent::InCell(CELL)))
        }
        _ => None,
    }
}

/// What the cell of a change had no room for.
fn more(difference: &Difference, longest: usize) -> Option<Node> {
    let (before, after) = (difference.before.as_ref(), difference.after.as_ref());
    if !difference.is_written() || !exceeds_cell(difference) {
        return None;
    }
    let labels = ["Before", "After"];
    let Detail { sides, body } = detail(&difference.path, before, after, labels, Extent::InFold(longest))?;
    let title = match sides {
        SidesShown::OnlyFrom => "what is removed",
        SidesShown::OnlyTo => "what is new",
        SidesShown::Both => "what changes",
    };
    Some(Node::Piece(Kind::Detail, fold(&difference.path, title, &body)))
}

fn exceeds_cell(difference: &Difference) -> bool {
    let rules = Catalogue::built_in().rules_at(&difference.path);
    match (&difference.before, &difference.after) {
        (Some(before), Some(after)) => match (before, after) {
            (Value::String(before), Value::String(after)) if is_address(before) && is_address(after) => {
                before.len().max(after.len()) > CELL
            }
            (Value::String(before), Value::String(after)) => {
                (is_long(before) || is_long(after)) && measure(&joined(&stretches(before, after), Extent::Whole)) > CELL
            }
            (Value::Array(before), Value::Array(after)) if rules.field().list == ListRule::Set => {
                members(&Palette::PLAIN, before, after).chars().count() > CELL
            }
            (before, after) => is_compound(before) && is_compound(after),
        },
        (Some(value), None) | (None, Some(value)) => is_compound(value) || is_cut(value),
        (None, None) => false,
    }
}

/// What is done, in order.
fn steps(offer: &PlannedOffer) -> Option<Node> {
    if offer.steps.is_empty() {
        return None;
    }
    let waits = if offer.verdict() == OfferVerdict::Blocked { ", once nothing blocks them any more" } else { "" };
    let mut text = format!("\nSteps{waits}:\n\n");
    for (index, step) in offer.steps.iter().enumerate() {
        let estimate = step.estimate.as_ref().map(|estimate| format!(" ({})", words(estimate))).unwrap_or_default();
        let action = step.action.as_str();
        let _ = writeln!(text, "{}. **{action}**: {}{estimate}{}", index + 1, prose(&step.reason), undo(step));
    }
    Some(Node::Piece(Kind::Steps, text))
}
