//! The plan as Markdown, for the comment on a pull request: what needs a person first, then what changes, offer by offer.
//!
//! It fits the place where it goes. When not all of it does, the least important is left out, and how much that is stands
//! at the top; the totals always stay.

mod offer;
mod price;
mod risk;

use std::fmt::Write as _;

use super::comment::{CommentId, MarkdownLimit};
use super::json::plan_digest;
use super::markdown::sheet::{Frame, Kind, Node, Reach, count, fit, measure, notice};
use super::markdown::{code, escaped, prose};
use super::plan_text::{deleted_sentence, unchanged_line};
use super::redaction::Redaction;
use super::value_text::counted;
use crate::plan::{Action, OfferVerdict, Plan, Summary};

/// What is cut leaves so much for the commit that a comment names, in UTF-16 code units.
const ROOM_FOR_COMMIT: usize = 100;

/// The whole plan, as far as it fits, under the hidden line by which its comment is found again.
pub fn plan_markdown(plan: &Plan, id: &CommentId, limit: MarkdownLimit) -> String {
    let head = format!("{}\n{}", id.marker(), head(plan));
    let room = limit.units().saturating_sub(measure(&head));
    let whole = fit(&nodes(plan, limit, Names::WithPaths), room);
    if whole.left_out.is_empty() {
        return head + &whole.text;
    }
    // What matters least of all is a path under a name. Without them it may fit.
    let nodes = nodes(plan, limit, Names::Alone);
    let brief = fit(&nodes, room);
    if brief.left_out.is_empty() {
        return head + &brief.text;
    }
    // The longest that the notice can be: nothing fits.
    let notice_room = measure(&notice(&count(&nodes), Kind::nouns, limit, "plan"));
    let cut = fit(&nodes, room.saturating_sub(notice_room + ROOM_FOR_COMMIT));
    head + &notice(&cut.left_out, Kind::nouns, limit, "plan") + &cut.text
}

/// What stands in place of a plan that could not be made: what happened, and what to do next.
pub fn unmade_plan_markdown(message: &str, hints: &[String], id: &CommentId) -> String {
    let mut text = format!("{}\n## Plan: could not be made\n\n", id.marker());
    for line in message.lines().take(risk::MESSAGES) {
        let _ = writeln!(text, "- {}", code(&shortened(&Redaction::text(line), risk::MESSAGE)));
    }
    for hint in hints.iter().take(risk::MESSAGES) {
        let _ = writeln!(text, "- What to do: {}", prose(&shortened(&Redaction::text(hint), risk::MESSAGE)));
    }
    text.push_str("\nNobody knows what these manifests would change. What an earlier plan said is not about them.\n");
    text
}

/// How fields are named.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Names {
    /// In words, and the path below.
    WithPaths,
    /// In words.
    Alone,
}

/// The parts in the order of the text.
fn nodes(plan: &Plan, limit: MarkdownLimit, names: Names) -> [Node; 7] {
    // So much of one long text that it does not crowd out everything else.
    let longest = limit.units() / 8;
    let frames = [
        risk::blocked(plan),
        risk::unplanned(plan),
        price::changed(plan),
        risk::removed(plan, names),
        risk::passengers(plan, names),
        risk::allowed(plan),
        offer::changed(plan, names, longest, &mut Reach::of(limit)),
    ];
    frames.map(Node::Frame)
}

/// What is always there: a title and the totals.
fn head(plan: &Plan) -> String {
    let summary = plan.summary();
    let Summary { offers, create, change, in_sync, blocked, failed, changes, steps } = summary;
    let mut text = format!(
        "## Plan: {}\n\nOffers: {offers} · {create} to create · {change} to change · {in_sync} in sync · {blocked} blocked \
         · {failed} unreadable  \nChanges: {changes} · Steps: {steps}  \nDigest: {}\n",
        headline(&summary),
        code(&plan_digest(plan).to_string())
    );
    if let Some(unchanged) = &plan.unchanged {
        let _ = writeln!(text, "\n{}", escaped(&unchanged_line(unchanged)));
        text.extend(deleted_sentence(unchanged).map(|sentence| format!("\n**{}**\n", prose(&sentence))));
    }
    let live =
        plan.offers.iter().filter(|offer| offer.verdict() == OfferVerdict::ToDo && offer.has(Action::GoLive)).count();
    if live > 0 {
        let _ = writeln!(text, "\n**Goes live, which cannot be taken back: {}.**", offers_counted(live));
    }
    text
}

fn headline(summary: &Summary) -> String {
    let counts = [
        (summary.create, "to create"),
        (summary.change, "to change"),
        (summary.blocked, "blocked"),
        (summary.failed, "that could not be planned"),
    ];
    let told = counts.iter().filter(|(count, _)| *count > 0);
    let told: Vec<_> = told.map(|(count, what)| format!("{} {what}", offers_counted(*count))).collect();
    if told.is_empty() { "nothing to do".to_owned() } else { told.join(", ") }
}

fn offers_counted(count: usize) -> String {
    counted(count, "offer")
}

/// A part of the text under a heading.
fn section(title: &str, before: &str, nodes: Vec<Node>) -> Frame {
    Frame {
        before: format!("\n### {title}\n{before}"),
        nodes,
        cut: "\n(Not all of them fit here.)\n".to_owned(),
        after: String::new(),
    }
}

/// The beginning of others' text.
fn shortened(text: &str, characters: usize) -> String {
    match text.char_indices().nth(characters) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text.to_owned(),
    }
}

#[cfg(test)]
mod tests;
