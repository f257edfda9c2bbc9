//! One offer of a plan: what is in the way, what customers see, every change, the steps.

use maud::{Markup, html};

use super::difference::table;
use super::listing::{listing, offer_plans};
use super::overview::reach;
use super::text::{line, prose};
use super::{Scale, View};
use crate::plan::{Action, Block, OfferVerdict, Packed, PlannedOffer, Step};
use crate::render::Redaction;
use crate::render::content_words::{content_words, only_content};
use crate::render::plan_text::{becomes, passenger_remark, remark, undo};

/// The offer, as much of it as the page has room for.
pub(super) fn offer(offer: &PlannedOffer, anchor: &str, view: View<'_>) -> Markup {
    html! {
        article id=(anchor) {
            details open[view.scale == Scale::Few] {
                summary { h2 { (offer.key) } " " (badge(offer)) }
                div class="inside" {
                    p class="muted" {
                        "Manifest " code { (line(&offer.manifest.file)) } ", up to " (offer.target)
                        ". The steps " @if offer.verdict() == OfferVerdict::Blocked { "would " } "reach " (reach(offer)) "."
                    }
                    @for block in &offer.blocks { (blocked(offer, block)) }
                    @for block in &offer.allowed { (allowed(block)) }
                    @if let Some(seen) = offer.listing.as_ref().map(Packed::open) {
                        h3 { "What customers see" }
                        (listing(&offer.key.to_string(), &seen, view))
                        (offer_plans(&offer.key.to_string(), &seen, view))
                    }
                    (changes(offer))
                    @if !offer.steps.is_empty() { (steps(offer)) }
                    @if !offer.notes.is_empty() {
                        h3 { "Notes" }
                        ul { @for note in &offer.notes { li { (prose(note)) } } }
                    }
                }
            }
        }
    }
}

/// What becomes of the offer, in a word.
pub(super) fn badge(offer: &PlannedOffer) -> Markup {
    let class = match offer.verdict() {
        OfferVerdict::Blocked => "badge blocked",
        OfferVerdict::ToDo if offer.has(Action::Create) => "badge added",
        OfferVerdict::InSync | OfferVerdict::ToDo => "badge",
    };
    html! { span class=(class) { (becomes(offer)) } }
}

fn blocked(offer: &PlannedOffer, block: &Block) -> Markup {
    html! {
        div class="alarm" {
            p { strong { "Blocked by " (block.guard) ": " } (prose(&block.sentence)) }
            @for message in &block.messages { p { "The service says: " (line(&Redaction::text(message))) } }
            p { "Way out: " (prose(&offer.way_out(block))) }
        }
    }
}

fn allowed(block: &Block) -> Markup {
    html! {
        div class="alarm" { p { strong { "Allowed by name, " (block.guard) ": " } (prose(&block.sentence)) } }
    }
}

fn changes(offer: &PlannedOffer) -> Markup {
    let (changed, shipped) = (offer.changes.open(), offer.passengers.open());
    let rows: Vec<_> = changed
        .iter()
        .map(|change| {
            let source = &change.source;
            let place = html! { code { (line(&source.file)) ":" (source.line) } };
            let file = change.difference.content.as_ref().filter(|_| only_content(&change.difference).is_none());
            let remarks = html! {
                (place)
                @if let Some(remark) = remark(&change.difference) { br; (remark) }
                @if let Some(file) = file { br; (line(&content_words(file))) }
            };
            (&change.difference, remarks)
        })
        .collect();
    let passengers: Vec<_> =
        shipped.iter().map(|passenger| (&passenger.difference, html! { (passenger_remark(passenger)) })).collect();
    html! {
        @if !rows.is_empty() {
            h3 { "Every change" }
            (table(&format!("What the draft of {} holds now, and what the repository says", offer.key), ["Now", "After"], &rows))
        }
        @if !passengers.is_empty() {
            h3 { "What would be shipped besides" }
            (table(&format!("Edits of others in {} that the repository does not say", offer.key), ["Now", "After"], &passengers))
        }
    }
}

fn steps(offer: &PlannedOffer) -> Markup {
    html! {
        h3 { "Steps" }
        @if offer.verdict() == OfferVerdict::Blocked { p { "None of them is done while the offer is blocked." } }
        ol class="steps" { @for step in &offer.steps { (one_step(step)) } }
    }
}

fn one_step(step: &Step) -> Markup {
    let what = match step.action {
        Action::Create => "Create the offer",
        Action::Update => "Write the draft",
        Action::Publish => "Publish the draft to the preview",
        Action::GoLive => "Take the preview live",
        Action::Wait => "Wait",
        Action::Cancel => "Cancel the submission that runs",
    };
    html! {
        li {
            strong { (what) } ": " (prose(&step.reason))
            @if let Some(estimate) = &step.estimate { " (the service's estimate: " (line(estimate)) ")" }
            @if !undo(step).is_empty() { strong { (undo(step)) } }
        }
    }
}
