//! The page of a plan: how much will happen, an index, and each offer with something to say.

use std::iter::once;

use maud::{Markup, html};

use super::offer::offer;
use super::overview::{about, index, irrevocable, totals};
use super::text::{line, sentence};
use super::{Album, Scale, View, anchor, page};
use crate::plan::{Plan, PlannedOffer, Summary, UnplannedOffer};
use crate::render::Redaction;
use crate::render::plan_text::{says_something, summary_line};
use crate::render::value_text::counted;

/// A plan as a page, with the pictures that are at hand, an offer at a time.
pub fn plan_page<'plan>(plan: &'plan Plan, album: &'plan Album) -> impl Iterator<Item = String> + 'plan {
    let summary = plan.summary();
    let told: Vec<&PlannedOffer> = plan.offers.iter().filter(|offer| says_something(offer)).collect();
    let scale = Scale::of(told.len());
    let title = format!("Plan: {}", headline(&summary));
    let header = html! {
        h1 { "What will happen" }
        p class="lead" { (sentence(&headline(&summary))) }
        (irrevocable(plan))
        (totals(&totalled(&summary)))
        p class="muted" {
            "Nothing has been changed yet: this page shows what "
            code { "offerctl apply" }
            " would do. Pictures are shown where they are files of the repository. Those that only the service has, or another \
             host, are boxes with their address, since the page asks no network for anything."
        }
        (about(plan))
        @if scale == Scale::Many {
            p class="muted" {
                "With so many offers, what stays is only counted, descriptions are shown as words and pictures as boxes. Name an offer to see it as customers will: "
                code { "offerctl plan PUBLISHER/OFFER --output html" }
            }
        }
    };
    let before = html! { @if !told.is_empty() { (index(&told)) } };
    let after = html! {
        @if !plan.failed.is_empty() { (unplanned(&plan.failed)) }
        @if told.is_empty() && plan.failed.is_empty() { p { "There is nothing to do." } }
    };
    let view = View { scale, album };
    let offers = told.into_iter().enumerate().map(move |(number, planned)| offer(planned, &anchor(number), view));
    let main = once(before).chain(offers).chain(once(after));
    page(&title, &header, main, &html! { p class="muted" { (summary_line(&summary)) } })
}

/// What comes of the plan, in a few words.
fn headline(summary: &Summary) -> String {
    let is = |count: usize| if count == 1 { "is" } else { "are" };
    let of = |count: usize, words: &str| (count > 0).then(|| format!("{} {words}", counted(count, "offer")));
    let told = [
        of(summary.create, "will be created"),
        of(summary.change, "will be changed"),
        of(summary.blocked, &format!("{} blocked", is(summary.blocked))),
        of(summary.failed, "could not be planned"),
    ];
    let told: Vec<_> = told.into_iter().flatten().collect();
    if told.is_empty() { "nothing will change".to_owned() } else { told.join(", ") }
}

fn totalled(summary: &Summary) -> [(usize, &'static str); 8] {
    let Summary { offers, create, change, in_sync, blocked, failed, changes, steps } = *summary;
    [
        (offers, "offers"),
        (create, "to create"),
        (change, "to change"),
        (in_sync, "in sync"),
        (blocked, "blocked"),
        (failed, "unreadable"),
        (changes, "changed fields"),
        (steps, "steps"),
    ]
}

fn unplanned(failed: &[UnplannedOffer]) -> Markup {
    html! {
        section {
            h2 { "Could not be planned" }
            @for failed in failed {
                div class="alarm" {
                    p {
                        strong {
                            @match &failed.key { Some(key) => (key), None => (line(&failed.manifest)) }
                        }
                        @if failed.key.is_some() { " (" (line(&failed.manifest)) ")" }
                    }
                    @for said in failed.reason.lines() { p { (line(&Redaction::text(said))) } }
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_headline_says_what_counts() {
        let summary = Summary { create: 1, change: 2, blocked: 1, failed: 3, ..Summary::default() };
        assert_eq!(
            sentence(&headline(&summary)),
            "1 offer will be created, 2 offers will be changed, 1 offer is blocked, 3 offers could not be planned."
        );
        assert_eq!(sentence(&headline(&Summary::default())), "Nothing will change.");
    }
}
