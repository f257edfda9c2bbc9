//! The page of a report of drift: what was edited elsewhere, in which slots it stands, and whose edit it is.

use std::iter::once;

use maud::{Markup, html};
use serde_json::Value;

use super::difference::{field, read_as_one, redacted, whole};
use super::overview::{left_out, totals};
use super::text::{line, sentence};
use super::{Scale, anchor, page};
use crate::drift::{
    ComparedOffer, DriftReport, DriftSummary, DriftVerdict, Held, Place, PlacedDifference, SkippedOffer,
};
use crate::offer::{Catalogue, Slot};
use crate::render::Redaction;
use crate::render::content_words::{content_advice, content_words};
use crate::render::drift_text::says_something;
use crate::render::drift_words::{
    WayOut, beside_each_other, headline, remarks, since, standing, summary_line, waiver, ways_out, whose,
};
use crate::render::plan_text::place;

/// A report of drift as a page, an offer at a time.
pub fn drift_page(report: &DriftReport) -> impl Iterator<Item = String> {
    let summary = report.summary();
    let told: Vec<&ComparedOffer> = report.offers.iter().filter(|offer| says_something(offer)).collect();
    let header = html! {
        h1 { "What was edited elsewhere" }
        p class="lead" { (sentence(&headline(&summary))) }
        (totals(&counted(&summary)))
        (left_out(report.unchanged.as_ref()))
        @if summary.drifted > 0 {
            p {
                code { "offerctl adopt" } " takes an edit into the repository, and " code { "offerctl apply" }
                " undoes it: it writes what the repository says. A conflict needs a decision first."
            }
        }
    };
    let before = html! { @if !told.is_empty() { (index(&told)) } };
    let after = html! {
        @if !report.skipped.is_empty() { (skipped(&report.skipped)) }
        @if told.is_empty() && report.skipped.is_empty() { p { "Every offer is as the repository says." } }
    };
    let scale = Scale::of(told.len());
    let offers = told.into_iter().enumerate().map(move |(number, compared)| offer(compared, &anchor(number), scale));
    let main = once(before).chain(offers).chain(once(after));
    let title = format!("Drift: {}", headline(&summary));
    page(&title, &header, main, &html! { p class="muted" { (summary_line(&summary)) } })
}

fn counted(summary: &DriftSummary) -> [(usize, &'static str); 10] {
    let DriftSummary { found, read, compared, skipped, drifted, drift, conflict, unattributed, pending, waived } =
        *summary;
    [
        (found, "offers"),
        (read, "read"),
        (compared, "compared"),
        (skipped, "skipped"),
        (drifted, "not as the repository says"),
        (drift, "fields edited elsewhere"),
        (conflict, "edited here too"),
        (unattributed, "nobody can tell by whom"),
        (pending, "ours, not applied or published yet"),
        (waived, "left to others"),
    ]
}

fn index(offers: &[&ComparedOffer]) -> Markup {
    html! {
        nav aria-label="Offers" {
            div class="scroll" tabindex="0" role="region" aria-label="Index of the offers" {
                table class="index" {
                    caption { "The offers of this page. Those that are as the repository says are only counted." }
                    thead {
                        tr {
                            th scope="col" { "Offer" }
                            th scope="col" { "How it stands" }
                            th scope="col" { "Edited elsewhere" }
                            th scope="col" { "Other differences" }
                        }
                    }
                    tbody {
                        @for (number, offer) in offers.iter().enumerate() {
                            @let edited = offer.differences.iter().filter(|found| found.is_drift()).count();
                            tr {
                                th scope="row" { a href={ "#" (anchor(number)) } { (offer.key) } }
                                td { (badge(offer)) }
                                td class="number" { (edited) }
                                td class="number" { (offer.differences.len() - edited) }
                            }
                        }
                    }
                }
            }
        }
    }
}

fn badge(offer: &ComparedOffer) -> Markup {
    let class = if offer.verdict() == DriftVerdict::Drift { "badge blocked" } else { "badge" };
    html! { span class=(class) { (standing(offer)) } }
}

fn offer(offer: &ComparedOffer, anchor: &str, scale: Scale) -> Markup {
    let ways = ways_out(offer);
    html! {
        article id=(anchor) {
            details open[scale == Scale::Few] {
                summary { h2 { (offer.key) } " " (badge(offer)) }
                div class="inside" {
                    p class="muted" { "Manifest " code { (line(&offer.manifest.file)) } "." }
                    @for remark in remarks(offer) { p { (remark) } }
                    @if !offer.differences.is_empty() { (table(offer)) }
                    @if !ways.is_empty() {
                        h3 { "What to type" }
                        ul { @for WayOut { wish, command } in &ways { li { (wish) ": " code { (line(command)) } } } }
                    }
                    @if !offer.unverifiable.is_empty() {
                        p {
                            "Not compared, because the service returns a copy of its own or nothing, and no record tells more: "
                            @for (number, path) in offer.unverifiable.iter().enumerate() {
                                @if number > 0 { ", " } (place(path))
                            }
                            "."
                        }
                    }
                }
            }
        }
    }
}

fn table(offer: &ComparedOffer) -> Markup {
    let caption = format!("What differs in {}", offer.key);
    html! {
        div class="scroll" tabindex="0" role="region" aria-label=(caption) {
            table class="changes" {
                caption { (caption) }
                thead {
                    tr {
                        th scope="col" class="name" { "Field" }
                        @for head in ["Repository", "Draft", "Preview", "Production", "Whose edit"] {
                            th scope="col" { (head) }
                        }
                    }
                }
                tbody { @for found in &offer.differences { (row(offer, found)) } }
            }
        }
    }
}

fn row(offer: &ComparedOffer, found: &PlacedDifference) -> Markup {
    let difference = &found.change.difference;
    let rules = Catalogue::built_in().rules_at(&difference.path);
    let [service, repository] = redacted(difference);
    let shown = beside_each_other(found);
    let value = |value: Option<&Value>| {
        html! { @if let Some(value) = value { (whole(rules, &shown(value))) } @else { span class="muted" { "not set" } } }
    };
    let held = |place: &Place| match &place.held {
        Held::EmptySlot => html! { span class="muted" { "empty" } },
        Held::AsRepository => html! { span class="muted" { "as in the repository" } },
        Held::AsFound if found.found_in == Slot::Draft && place.slot != Slot::Draft => html! { "as in the draft" },
        Held::AsFound => html! { strong { (value(difference.before.as_ref())) } },
        Held::Other(other) => value(other.as_ref()),
    };
    let (word, meaning) = whose(found, offer.record);
    let as_one = match (&repository, &service) {
        (Some(repository), Some(service)) => read_as_one(rules, repository, service),
        _ => None,
    };
    html! {
        tr {
            (field(&difference.path))
            td { (value(difference.after.as_ref())) }
            @for place in &found.places { td { (held(place)) } }
            td {
                strong { (word) } ": " (meaning)
                @if let Some((reason, until)) = waiver(found) { " (" (line(&reason)) ", " (until) ")" }
                @if let Some(known) = found.since { br; (since(known)) }
                @if let Some(content) = &difference.content { br; (line(&content_words(content))) }
                @if let Some(advice) = content_advice(difference) { br; (line(&advice)) }
            }
        }
        @if let Some(as_one) = as_one {
            tr { th scope="row" { (place(&difference.path)) ", from the repository to the service" } td colspan="5" { (as_one) } }
        }
    }
}

fn skipped(skipped: &[SkippedOffer]) -> Markup {
    html! {
        section {
            h2 { "Could not be compared" }
            @for skipped in skipped {
                div class="alarm" {
                    p {
                        strong { @match &skipped.key { Some(key) => (key), None => (line(&skipped.manifest)) } }
                        @if skipped.key.is_some() { " (" (line(&skipped.manifest)) ")" }
                    }
                    @for said in skipped.reason.lines() { p { (line(&Redaction::text(said))) } }
                }
            }
        }
    }
}
