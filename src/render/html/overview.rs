//! What stands before the offers: the totals, and the index of a plan.

use maud::{Markup, html};

use super::anchor;
use super::offer::badge;
use super::text::{line, prose};
use crate::offer::{ListingPart, Slot};
use crate::plan::{Action, Content, Listing, OfferVerdict, Packed, Plan, PlannedOffer, Presence, Unchanged};
use crate::render::json::plan_digest;
use crate::render::plan_text::{deleted_sentence, unchanged_line};
use crate::render::value_text::counted;

/// The name under which records and plans know any service on the same machine.
const LOOPBACK: &str = "loopback";

/// The totals, none left out.
pub(super) fn totals(totals: &[(usize, &str)]) -> Markup {
    html! {
        ul class="totals" {
            @for (count, what) in totals { li { strong { (count) } " " (what) } }
        }
    }
}

/// What was left out because it had not changed, and which manifests are gone.
pub(super) fn left_out(unchanged: Option<&Unchanged>) -> Markup {
    html! {
        @if let Some(unchanged) = unchanged {
            @if let Some(deleted) = deleted_sentence(unchanged) { p { strong { (prose(&deleted)) } } }
            p { (line(&unchanged_line(unchanged))) }
        }
    }
}

/// By what the plan is recognised, which service it is of, and what it does not cover.
pub(super) fn about(plan: &Plan) -> Markup {
    html! {
        (left_out(plan.unchanged.as_ref()))
        p class="muted" {
            "The digest of this plan, to be approved with it: " code class="digest" { (plan_digest(plan)) } "."
            @if !plan.terms.service.is_empty() { " " (service(&plan.terms.service)) }
        }
    }
}

/// Whose offers these are, for people who know no endpoints.
fn service(name: &str) -> Markup {
    if name == LOOPBACK {
        html! { "It is for a service on the machine that made it, such as the emulator, and not for Microsoft's." }
    } else {
        html! { "It is for " code { (line(name)) } "." }
    }
}

/// What cannot be taken back, in a sentence that nobody misses; nothing where nothing goes live.
pub(super) fn irrevocable(plan: &Plan) -> Markup {
    let goes_live = |offer: &&PlannedOffer| offer.verdict() == OfferVerdict::ToDo && offer.has(Action::GoLive);
    let live = plan.offers.iter().filter(goes_live).count();
    html! {
        @if live > 0 {
            div class="alarm" { p { strong { "Goes live, which cannot be taken back: " (counted(live, "offer")) "." } } }
        }
    }
}

/// Every offer that is told, in a line.
pub(super) fn index(offers: &[&PlannedOffer]) -> Markup {
    html! {
        nav aria-label="Offers" {
            div class="scroll" tabindex="0" role="region" aria-label="Index of the offers" {
                table class="index" {
                    caption { "The offers of this page. Those that are in sync are only counted." }
                    thead {
                        tr {
                            th scope="col" { "Offer" }
                            th scope="col" { "What happens" }
                            th scope="col" { "Reaches" }
                            th scope="col" { "Changed fields" }
                            th scope="col" { "Worth a look" }
                        }
                    }
                    tbody {
                        @for (number, offer) in offers.iter().enumerate() { (row(offer, &anchor(number))) }
                    }
                }
            }
        }
    }
}

fn row(offer: &PlannedOffer, anchor: &str) -> Markup {
    html! {
        tr {
            th scope="row" { a href={ "#" (anchor) } { (offer.key) } }
            td { (badge(offer)) }
            td { (reach(offer)) }
            td class="number" { (offer.changes.written()) }
            td { (worth_a_look(offer).join(", ")) }
        }
    }
}

/// Who will see what the steps do.
pub(super) fn reach(offer: &PlannedOffer) -> &'static str {
    if offer.steps.is_empty() {
        return "nobody";
    }
    if offer.has(Action::GoLive) {
        return "every customer";
    }
    match offer.listing.as_ref().map(Packed::open) {
        Some(listing) => match listing.to {
            Slot::Draft => "the draft only",
            Slot::Preview => "the preview only",
            Slot::Production => "every customer",
        },
        None => "the draft only",
    }
}

/// What nobody should miss, in a few words each.
fn worth_a_look(offer: &PlannedOffer) -> Vec<String> {
    let mut told: Vec<_> = offer.blocks.iter().map(|block| format!("blocked by {}", block.guard)).collect();
    told.extend(offer.allowed.iter().map(|block| format!("allowed {}", block.guard)));
    if let Some(listing) = offer.listing.as_ref().map(Packed::open) {
        let gone = listing.offer_plans.iter().filter(|plan| plan.presence == Presence::Removed).count();
        let prices = changed_prices(&listing);
        told.extend((gone > 0).then(|| format!("{} removed", counted(gone, "offer plan"))));
        told.extend((prices > 0).then(|| format!("{} changed", counted(prices, "price"))));
    }
    told
}

/// Prices of offer plans that are there before and after.
fn changed_prices(listing: &Listing) -> usize {
    let plans = listing.offer_plans.iter().filter(|plan| plan.presence == Presence::Kept);
    let parts = plans.flat_map(|plan| &plan.parts).filter(|part| part.part == ListingPart::Prices);
    let items = parts.filter_map(|part| match &part.content {
        Content::Items(items) => Some(items),
        Content::Text { .. } => None,
    });
    items.flatten().filter(|price| price.before != price.after).count()
}
