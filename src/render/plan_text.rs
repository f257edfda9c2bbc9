//! The plan for people: grouped by offer, what changes, then what is done about it, then one line of totals.

use std::fmt::Write as _;

use serde_json::Value;

use super::content_words::{content_words, only_content};
use super::json::plan_digest;
use super::palette::Palette;
use super::redaction::Redaction;
use super::safe::single_line;
use super::value_text::{changed_leaves, counted, leaves, replaced, short, title};
use super::words::marked;
use crate::diff::{Class, Difference, Operation};
use crate::offer::{Catalogue, FieldPath, OfferKey};
use crate::plan::{Action, Block, Change, OfferVerdict, Passenger, Plan, PlannedOffer, Step, Summary, Unchanged, Undo};

/// How many deleted manifests are named.
const NAMED_MANIFESTS: usize = 20;
/// How many fields of something that is added or removed as a whole are listed.
pub(super) const LISTED_LEAVES: usize = 40;

/// The whole plan, an offer at a time, and then what is about all of them. It ends with [`summary_line`] and the plan's
/// digest, a line each.
pub fn plan_text<'plan>(plan: &'plan Plan, palette: &'plan Palette) -> impl Iterator<Item = String> + 'plan {
    let told = plan.offers.iter().filter(|offer| says_something(offer));
    let offers = told.map(|offer| offer_text(offer, palette) + "\n");
    offers.chain(std::iter::once_with(|| conclusion(plan, palette)))
}

/// What could not be planned, what was left out, and the totals.
fn conclusion(plan: &Plan, palette: &Palette) -> String {
    let mut text = String::new();
    for failed in &plan.failed {
        let mark = palette.paint(palette.alarm, "!");
        let name = failed.key.as_ref().map_or_else(|| failed.manifest.to_string(), ToString::to_string);
        let name = palette.paint(palette.bold, &name);
        let place = failed.key.as_ref().map(|_| format!("  {}", failed.manifest)).unwrap_or_default();
        let _ = writeln!(text, "{mark} {name} could not be planned{}", dim(palette, &place));
        for line in failed.reason.lines() {
            let _ = writeln!(text, "    {}", single_line(&Redaction::text(line)));
        }
        text.push('\n');
    }
    if let Some(blocked) = plan.offers.iter().find(|offer| offer.verdict() == OfferVerdict::Blocked) {
        let _ = writeln!(text, "{}\n", dim(palette, &explain_hint(&blocked.key)));
    }
    if let Some(unchanged) = &plan.unchanged {
        let _ = writeln!(text, "{}", unchanged_line(unchanged));
    }
    let _ = writeln!(text, "{}", summary_line(&plan.summary()));
    let _ = writeln!(text, "{}", dim(palette, &format!("Digest: {}", plan_digest(plan))));
    text
}

/// Where a person finds out more about what is blocked.
fn explain_hint(key: &OfferKey) -> String {
    format!("Why that is so: `offerctl explain {key}`, and with the name of a field what became of that field.")
}

/// Whether there is more to say of an offer than that it is in sync.
pub(super) fn says_something(offer: &PlannedOffer) -> bool {
    offer.verdict() != OfferVerdict::InSync || offer.changes.waived() > 0 || !offer.notes.is_empty()
}

/// What was left out because it had not changed.
pub fn unchanged_line(unchanged: &Unchanged) -> String {
    let Unchanged { since, manifests, deleted: _ } = unchanged;
    let manifests = counted(*manifests, "manifest");
    format!("Left out: {manifests}, of which nothing changed since {}.", single_line(since))
}

/// Which manifests were deleted, and what that does not do; nothing when none was. What it names stands between backticks.
pub fn deleted_sentence(unchanged: &Unchanged) -> Option<String> {
    let Unchanged { since, manifests: _, deleted } = unchanged;
    let named: Vec<_> = deleted.iter().take(NAMED_MANIFESTS).map(|path| format!("`{path}`")).collect();
    let more = match deleted.len().saturating_sub(NAMED_MANIFESTS) {
        0 => String::new(),
        more => format!(" and {more} more"),
    };
    let (was, offer) =
        if deleted.len() == 1 { ("was", "the offer stays as it is") } else { ("were", "the offers stay as they are") };
    let sentence = format!(
        "{}{more} {was} deleted since {since}. That deletes nothing on the service: {offer}, and what is live goes on selling.",
        named.join(", ")
    );
    (!deleted.is_empty()).then(|| single_line(&sentence))
}

/// The totals; the line has the same form whatever the plan holds.
pub fn summary_line(summary: &Summary) -> String {
    format!(
        "Plan: {} offers: {} to create, {} to change, {} in sync, {} blocked, {} unreadable; {} changes, {} steps.",
        summary.offers,
        summary.create,
        summary.change,
        summary.in_sync,
        summary.blocked,
        summary.failed,
        summary.changes,
        summary.steps
    )
}

pub(super) fn dim(palette: &Palette, text: &str) -> String {
    palette.paint(palette.dim, text)
}

fn offer_text(offer: &PlannedOffer, palette: &Palette) -> String {
    let mut text = String::new();
    let (mark, colour) = match offer.verdict() {
        OfferVerdict::Blocked => ("!", palette.alarm),
        OfferVerdict::InSync => ("=", palette.dim),
        OfferVerdict::ToDo if offer.has(Action::Create) => ("+", palette.added),
        OfferVerdict::ToDo if offer.has(Action::Update) => ("~", palette.changed),
        OfferVerdict::ToDo => (">", palette.changed),
    };
    let word = becomes(offer);
    let key = palette.paint(palette.bold, &offer.key.to_string());
    let about = dim(palette, &format!("{}, up to {}", offer.manifest.file, offer.target));
    let _ = writeln!(text, "{} {key} {word}  {about}", palette.paint(colour, mark));
    for change in &offer.changes.open() {
        text.push_str(&change_text(change, palette));
    }
    for passenger in &offer.passengers.open() {
        text.push_str(&passenger_text(passenger, palette));
    }
    for note in &offer.notes {
        let _ = writeln!(text, "    {} {}", dim(palette, "note:"), single_line(note));
    }
    if !offer.steps.is_empty() {
        let _ = writeln!(text, "  Steps:");
        for (index, step) in offer.steps.iter().enumerate() {
            let _ = writeln!(text, "    {}", step_text(index + 1, step, palette));
        }
    }
    for Block { guard, sentence, .. } in &offer.allowed {
        let name = palette.paint(palette.changed, &format!("allowed {guard}"));
        let _ = writeln!(text, "  {name}: {}", single_line(sentence));
    }
    for block in &offer.blocks {
        text.push_str(&block_text(offer, block, palette));
    }
    text
}

/// What becomes of an offer, to be put behind its name.
pub(super) fn becomes(offer: &PlannedOffer) -> &'static str {
    match offer.verdict() {
        OfferVerdict::Blocked => "is blocked",
        OfferVerdict::InSync => "is in sync",
        OfferVerdict::ToDo if offer.has(Action::Create) => "will be created",
        OfferVerdict::ToDo if offer.has(Action::Update) => "will be updated",
        OfferVerdict::ToDo => "goes on",
    }
}

pub(super) fn step_text(number: usize, step: &Step, palette: &Palette) -> String {
    let action = palette.paint(palette.bold, &format!("{:<8}", step.action.as_str()));
    let undo = undo(step);
    let estimate = step.estimate.as_ref().map(|estimate| format!(" ({})", single_line(estimate))).unwrap_or_default();
    format!("{number}. {action} {}{estimate}{}", single_line(&step.reason), dim(palette, undo))
}

/// What can be done about a step afterwards, to be put behind it.
pub(super) fn undo(step: &Step) -> &'static str {
    match step.action.undo() {
        Undo::Never if step.action == Action::GoLive => "; cannot be taken back",
        Undo::ByCancel => "; can be canceled while it runs",
        Undo::Never | Undo::NotNeeded | Undo::ByApply => "",
    }
}

fn block_text(offer: &PlannedOffer, block: &Block, palette: &Palette) -> String {
    let mut text = String::new();
    let name = palette.paint(palette.alarm, &format!("blocked by {}", block.guard));
    let _ = writeln!(text, "  {name}: {}", single_line(&block.sentence));
    for message in &block.messages {
        let _ = writeln!(text, "    the service says: {}", single_line(&Redaction::text(message)));
    }
    let _ = writeln!(text, "    {} {}", dim(palette, "way out:"), single_line(&offer.way_out(block)));
    text
}

fn passenger_text(passenger: &Passenger, palette: &Palette) -> String {
    let remark = format!("  ({})", passenger_remark(passenger));
    // A waiver says whose field it is, and the mark of what is not written would hide that it is shipped.
    let difference = Difference { waived: None, ..passenger.difference.clone() };
    difference_text(&difference, &palette.paint(palette.alarm, &remark), palette)
}

/// Where a passenger sits.
pub(super) fn passenger_remark(passenger: &Passenger) -> String {
    let Passenger { difference, from, replaces, sensitive: _ } = passenger;
    let waived = difference.waived.as_ref().map(|reason| format!("; {}", single_line(reason))).unwrap_or_default();
    format!("passenger: edited in the {from}, not in {replaces} and not in the manifest{waived}")
}

fn change_text(change: &Change, palette: &Palette) -> String {
    let Change { difference, source, sensitive: _ } = change;
    let remark = remark(difference).map(|remark| format!("  ({remark})")).unwrap_or_default();
    let remark = palette.paint(palette.alarm, &remark);
    let place = dim(palette, &format!("  {}:{}", file_name(&source.file), source.line));
    let file = difference.content.as_ref().filter(|_| only_content(difference).is_none());
    let file = file.map(|content| dim(palette, &format!("  ({})", single_line(&content_words(content)))));
    difference_text(difference, &format!("{remark}{}{place}", file.unwrap_or_default()), palette)
}

/// What happened to one field, with remarks at the end of its first line.
pub(super) fn difference_text(difference: &Difference, remarks: &str, palette: &Palette) -> String {
    let rules = Catalogue::built_in().rules_at(&difference.path);
    let redaction = Redaction::default();
    let shown = |value: &Option<Value>| value.as_ref().map(|value| redaction.value(&difference.path, value));
    let (before, after) = (shown(&difference.before), shown(&difference.after));
    let name = place(&difference.path);
    if let Some(content) = only_content(difference) {
        let (mark, name) = (palette.paint(palette.changed, "~"), palette.paint(palette.bold, &name));
        return format!("    {mark} {name}: {}{remarks}\n", single_line(&content_words(content)));
    }
    let mut below = Vec::new();
    let (mark, colour, what) = match (difference.operation, before, after) {
        (Operation::Remove, before, _) => {
            let was = before.map(|value| format!(" (was {})", short(&value))).unwrap_or_default();
            ("-", palette.removed, format!("removed{was}"))
        }
        (_, None, Some(after)) => {
            if (after.is_object() && !crate::diff::is_secret_placeholder(&after))
                || after.as_array().is_some_and(|items| items.iter().any(Value::is_object))
            {
                below = leaves(rules, &after);
            }
            ("+", palette.added, short(&after))
        }
        (_, Some(before), Some(after)) => {
            let mark = if difference.waived.is_some() { "=" } else { "~" };
            below = changed_leaves(rules, &before, &after).iter().map(|stretch| marked(palette, stretch)).collect();
            (mark, palette.changed, replaced(palette, rules, &before, &after))
        }
        (_, _, None) => ("~", palette.changed, String::new()),
    };
    let mut text =
        format!("    {} {}: {what}{remarks}\n", palette.paint(colour, mark), palette.paint(palette.bold, &name));
    for line in below.iter().take(LISTED_LEAVES) {
        let _ = writeln!(text, "        {line}");
    }
    if below.len() > LISTED_LEAVES {
        let _ = writeln!(text, "        … and {}", counted(below.len() - LISTED_LEAVES, "more field"));
    }
    text
}

/// What a reader should know of a change besides its values.
pub(super) fn remark(difference: &Difference) -> Option<String> {
    if let Some(reason) = &difference.waived {
        return Some(format!("not written: {}", single_line(reason)));
    }
    let remark = match difference.class {
        Class::Unattributed if difference.before.is_some() => "no record tells who wrote the old value",
        Class::Pending | Class::Unattributed => return None,
        Class::Drift => "edited elsewhere; apply reverts it",
        Class::Conflict => "conflict: edited here and elsewhere",
    };
    Some(remark.to_owned())
}

pub(super) fn file_name(file: &str) -> &str {
    file.rsplit('/').next().unwrap_or(file)
}

/// The path in words: `Offer plan gold › Images › Image 1.0.2 › OS disk`, without what every path has.
pub fn place(path: &FieldPath) -> String {
    place_below(path, 0)
}

/// The same for a reader who knows already where the first segments lead.
pub(super) fn place_below(path: &FieldPath, known: usize) -> String {
    let mut rules = Catalogue::built_in().rules();
    let mut names = Vec::new();
    for (depth, segment) in path.segments().iter().enumerate() {
        rules = rules.child(segment);
        let is_frame = match depth {
            0 => segment == "definition",
            1 => segment == "offer" || segment == "plans",
            _ => false,
        };
        if depth >= known && (!is_frame || depth + 1 == path.segments().len()) {
            names.push(title(rules, segment));
        }
    }
    if known > 0 {
        // A list inside a field often has the field's name.
        names.dedup();
    }
    names.join(" › ")
}
