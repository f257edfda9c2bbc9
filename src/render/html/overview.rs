//! What stands before the offers: the totals, and the index of a plan.

use maud::{Markup, html};

use super::offer::badge;
use super::{anchor, counted};
use crate::offer::{ListingPart, Slot};
use crate::plan::{Action, Content, Listing, PlannedOffer, Presence};

/// The totals, none left out.
pub(super) fn totals(totals: &[(usize, &str)]) -> Markup {
    html! {
        ul class="totals" {
            @for (count, what) in totals { li { strong { (count) } " " (what) } }
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
    let written = offer.changes.iter().filter(|change| change.difference.is_written()).count();
    html! {
        tr {
            th scope="row" { a href={ "#" (anchor) } { (offer.key) } }
            td { (badge(offer)) }
            td { (reach(offer)) }
            td class="number" { (written) }
            td { (worth_a_look(offer).join(", ")) }
        }
    }
}

/// Who will see what the steps do.
pub(super) fn reach(offer: &PlannedOffer) -> &'static str {
    match &offer.listing {
        _ if offer.steps.is_empty() => "nobody",
        _ if offer.has(Action::GoLive) => "every customer",
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
    if let Some(listing) = &offer.listing {
        let gone = listing.offer_plans.iter().filter(|plan| plan.presence == Presence::Removed).count();
        let prices = changed_prices(listing);
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
