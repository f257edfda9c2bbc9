//! What customers see, before and after, side by side: the listing of the offer, and that of each offer plan.

use std::borrow::Cow;

use maud::{Markup, html};

use super::frame::{frame, words};
use super::picture::{Pictured, at_first_sight, file_of, size};
use super::prices::prices;
use super::text::{Side, line, present, side, told_line, word_by_word};
use super::{Scale, View};
use crate::offer::{ListingPart, Slot};
use crate::plan::{Content, DETAILS, ListedItem, ListedOfferPlan, ListedPart, Listing, Presence};
use crate::render::look_alike::{LookAlikes, revealed};
use crate::render::plan_text::place_below;
use crate::render::value_text::counted;

/// How many segments of a path lead to a field of the offer, and to one of an offer plan.
const OF_OFFER: usize = 2;
const OF_OFFER_PLAN: usize = 3;

/// The listing of the offer itself.
pub(super) fn listing(offer: &str, listing: &Listing, view: View<'_>) -> Markup {
    let (same, changed): (Vec<_>, Vec<_>) = listing.parts.iter().partition(|part| listing.is_same(part));
    let columns = Columns::of(listing, Presence::Kept);
    let table = Table { listing, all: &listing.parts, of: offer, columns, known: OF_OFFER, view };
    let table = |parts: &[&ListedPart]| table.markup(&format!("The listing of {offer}"), parts);
    let all: Vec<_> = listing.parts.iter().collect();
    html! {
        @if changed.is_empty() {
            p { "The listing itself stays as it is." }
            @if !same.is_empty() && view.scale != Scale::Many { details { summary { "The listing" } (table(&all)) } }
        } @else if view.scale == Scale::Many {
            (table(&changed))
            (left_out(same.len()))
        } @else {
            (table(&all))
        }
    }
}

/// How many parts are not shown for want of room.
fn left_out(same: usize) -> Markup {
    html! {
        @if same > 0 { p class="muted" { (counted(same, "part")) @if same == 1 { " stays as it is." } @else { " stay as they are." } } }
    }
}

/// The offer plans; of those that stay as they are only the names.
pub(super) fn offer_plans(offer: &str, listing: &Listing, view: View<'_>) -> Markup {
    let stays = |plan: &&ListedOfferPlan| {
        plan.presence == Presence::Kept && plan.parts.iter().all(|part| listing.is_same(part))
    };
    let (same, others): (Vec<_>, Vec<_>) = listing.offer_plans.iter().partition(stays);
    html! {
        @if !others.is_empty() { h3 { "Offer plans" } }
        @for plan in others { (offer_plan(offer, listing, plan, view)) }
        @if !same.is_empty() {
            p {
                (counted(same.len(), "offer plan")) @if same.len() == 1 { " stays" } @else { " stay" } " as is: "
                @for (index, plan) in same.iter().enumerate() { @if index > 0 { ", " } code { (line(&plan.id)) } }
            }
        }
    }
}

fn offer_plan(offer: &str, listing: &Listing, plan: &ListedOfferPlan, view: View<'_>) -> Markup {
    let name = format!("{}, offer plan {}", offer, plan.id);
    let (same, changed): (Vec<_>, Vec<_>) = plan.parts.iter().partition(|part| listing.is_same(part));
    let columns = Columns::of(listing, plan.presence);
    let table = Table { listing, all: &plan.parts, of: &name, columns, known: OF_OFFER_PLAN, view };
    let what = match plan.presence {
        Presence::Kept => "What changes in",
        Presence::Added => "What comes with",
        Presence::Removed => "What goes with",
    };
    html! {
        h4 {
            code { (line(&plan.id)) }
            @match plan.presence {
                Presence::Kept => {}
                Presence::Added => { " " span class="badge added" { "+ new" } }
                Presence::Removed => { " " span class="badge removed" { "− removed" } }
            }
        }
        (table.markup(&format!("{what} {name}"), &changed))
        @for part in changed { (prices_of(plan, part)) }
        @if view.scale == Scale::Many {
            (left_out(same.len()))
        } @else if !same.is_empty() {
            details {
                summary { "What stays" }
                (table.markup(&format!("What stays in {name}"), &same))
                @for part in same { (prices_of(plan, part)) }
            }
        }
    }
}

fn prices_of(plan: &ListedOfferPlan, part: &ListedPart) -> Markup {
    html! {
        @if let (Content::Items(items), ListingPart::Prices) = (&part.content, part.part) {
            (prices(&format!("{} of {}", place_below(&part.path, OF_OFFER_PLAN), plan.id), items))
        }
    }
}

/// Which sides there are to show.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Columns {
    Both,
    /// All of it is new, or all of it goes.
    Only(Side),
}

impl Columns {
    fn of(listing: &Listing, presence: Presence) -> Self {
        match presence {
            Presence::Removed => Self::Only(Side::Before),
            Presence::Added => Self::Only(Side::After),
            Presence::Kept if listing.from.is_none() => Self::Only(Side::After),
            Presence::Kept => Self::Both,
        }
    }

    fn sides(self) -> &'static [Side] {
        match self {
            Self::Both => &[Side::Before, Side::After],
            Self::Only(Side::Before) => &[Side::Before],
            Self::Only(Side::After) => &[Side::After],
        }
    }
}

/// A table of parts: whose they are, and what a reader knows already.
struct Table<'table> {
    listing: &'table Listing,
    /// All parts of what it is of, the pictures among them.
    all: &'table [ListedPart],
    /// The offer, or the offer plan.
    of: &'table str,
    columns: Columns,
    /// How many segments of a path the reader knows.
    known: usize,
    view: View<'table>,
}

impl Table<'_> {
    /// Parts side by side, a row each; what both sides have in common is one cell.
    fn markup(&self, caption: &str, parts: &[&ListedPart]) -> Markup {
        let (tile, others): (Vec<_>, Vec<_>) = parts
            .iter()
            .filter(|part| part.part != ListingPart::Prices)
            .partition(|part| matches!(part.part, ListingPart::Title | ListingPart::Summary));
        html! {
            @if !tile.is_empty() || !others.is_empty() {
                table class="listing" {
                    caption { (line(caption)) }
                    thead {
                        tr {
                            th scope="col" class="name" { "Part" }
                            @for side in self.columns.sides() { th scope="col" { (self.head(*side)) } }
                        }
                    }
                    tbody {
                        @if !tile.is_empty() { (self.tile(&tile)) }
                        @for part in others { (self.row(part)) }
                    }
                }
            }
        }
    }

    fn head(&self, side: Side) -> &'static str {
        match (side, self.listing.from, self.listing.to) {
            (Side::Before, Some(Slot::Production), _) => "Now, in production",
            (Side::Before, Some(Slot::Preview), _) => "Now, in the preview",
            (Side::Before, Some(Slot::Draft), _) => "Now, in the draft",
            (Side::Before, None, _) => "Now",
            (Side::After, _, Slot::Production) => "After, in production",
            (Side::After, _, Slot::Preview) => "After, in the preview",
            (Side::After, _, Slot::Draft) => "After, in the draft",
        }
    }

    /// What a customer meets first: the title and the summary, beside the place of the logo.
    fn tile(&self, parts: &[&ListedPart]) -> Markup {
        let text = |part: &ListedPart, side: Side| match &part.content {
            Content::Text { before, after } => {
                let marked = self.marked(side, before.as_deref(), after.as_deref());
                marked.map_or_else(|| html! {}, |marked| framed(part, &marked))
            }
            Content::Items(_) => html! {},
        };
        let of_side = |side: Side| {
            html! {
                div class="tile" {
                    (at_first_sight(self.view.album, self.listing, self.all, side))
                    div { @for part in parts { (text(part, side)) } }
                }
            }
        };
        html! {
            tr {
                th scope="row" { "At first sight" }
                @if self.columns == Columns::Both && parts.iter().all(|part| self.listing.is_same(part)) && self.logos_stay() {
                    td colspan="2" { (of_side(Side::After)) }
                } @else {
                    @for side in self.columns.sides() { td class=(class(*side)) { (of_side(*side)) } }
                }
            }
        }
    }

    fn row(&self, part: &ListedPart) -> Markup {
        let name = place_below(&part.path, self.known);
        let head = html! { th scope="row" { (name) } };
        let width = self.columns.sides().len();
        match &part.content {
            Content::Items(listed) => html! {
                tr { (head) td colspan=(width) { (audience(part.part, listed, self.columns)) (self.items(part, listed)) } }
            },
            Content::Text { before: Some(text), .. } if self.listing.is_same(part) => {
                let title = format!("{name} of {}", self.of);
                html! { tr { (head) td colspan=(width) { (self.shown(part, &title, Side::After, text, &line(text))) } } }
            }
            Content::Text { before, after } => html! {
                tr { (head) @for side in self.columns.sides() { (self.cell(part, &name, *side, before.as_deref(), after.as_deref())) } }
                @if let (Some(before), Some(after), ListingPart::Markup) = (before, after, part.part) {
                    tr {
                        th scope="row" { (name) ", word by word" }
                        td colspan=(width) class="words" { (word_by_word(before, after)) }
                    }
                }
            },
        }
    }

    fn cell(&self, part: &ListedPart, name: &str, side: Side, before: Option<&str>, after: Option<&str>) -> Markup {
        let title = format!("{name} of {}, {}", self.of, side.word());
        let text = if side == Side::Before { before } else { after };
        html! {
            td class=(class(side)) {
                @match (text, self.marked(side, before, after)) {
                    (Some(text), Some(marked)) => (self.shown(part, &title, side, text, &marked)),
                    _ => span class="muted" { "not there" },
                }
            }
        }
    }

    /// A text of one side, with what the other does not have; `None` where this side has none.
    fn marked(&self, which: Side, before: Option<&str>, after: Option<&str>) -> Option<Markup> {
        let text = if which == Side::Before { before } else { after }?;
        Some(match self.columns {
            Columns::Both => side(which, before.unwrap_or_default(), after.unwrap_or_default()),
            Columns::Only(_) => told_line(text),
        })
    }

    /// One side of a part as a customer sees it; `marked` is the same text with what the other side does not have.
    fn shown(&self, part: &ListedPart, title: &str, side: Side, text: &str, marked: &Markup) -> Markup {
        match part.part {
            ListingPart::Markup if self.view.scale == Scale::Many => {
                html! { div class="words" { (words(&self.spelt(part, text))) } }
            }
            ListingPart::Markup => {
                let longest = match &part.content {
                    Content::Text { before, after } => [before, after].into_iter().flatten().map(String::len).max(),
                    Content::Items(_) => None,
                };
                frame(title, &self.spelt(part, text), longest.unwrap_or_default())
            }
            ListingPart::Logo => {
                let file = file_of(self.listing, part, side);
                let album = self.view.album;
                Pictured { album, file, address: text, marked, alternative: title, size: size(part) }.figure()
            }
            ListingPart::Link => html! { code { (marked) } },
            ListingPart::Fact => match text {
                "true" => html! { "yes" },
                "false" => html! { "no" },
                _ => marked.clone(),
            },
            _ => marked.clone(),
        }
    }

    /// Markup in which everything is spelt that nobody sees, unless it stays as it is.
    fn spelt<'text>(&self, part: &ListedPart, text: &'text str) -> Cow<'text, str> {
        if self.columns == Columns::Both && part.content.is_same() { Cow::Borrowed(text) } else { revealed(text) }
    }

    /// Whether the logo at first sight is the same on both sides.
    fn logos_stay(&self) -> bool {
        let mut logos = self.all.iter().filter(|part| part.part == ListingPart::Logo);
        logos.all(|logo| self.listing.is_same(logo))
    }

    fn items(&self, part: &ListedPart, items: &[ListedItem]) -> Markup {
        let class = match part.part {
            ListingPart::Members | ListingPart::Categories => "chips",
            ListingPart::Pictures => "plain pictures",
            _ => "plain",
        };
        let alikes = LookAlikes::among_texts(items.iter().map(|item| item.name.as_str()));
        let presence = |item: &ListedItem| if self.columns == Columns::Both { item.presence() } else { Presence::Kept };
        html! {
            ul class=(class) {
                @for (number, item) in items.iter().enumerate() {
                    li {
                        @if part.part == ListingPart::Pictures {
                            (self.picture(part, number, item, presence(item)))
                        } @else {
                            (present(presence(item), &one_item(part.part, item, &alikes.text(&item.name))))
                        }
                    }
                }
            }
        }
    }

    /// One of several pictures, in their order.
    fn picture(&self, part: &ListedPart, number: usize, item: &ListedItem, presence: Presence) -> Markup {
        let mut files = self.listing.files_of(part);
        let file = files.find(|file| file.address == item.name && item.after.is_some());
        let alternative = format!("{} {} of {}", place_below(&part.path, self.known), number + 1, self.of);
        let marked = present(presence, &one_item(part.part, item, &item.name));
        let picture = Pictured {
            album: self.view.album,
            file,
            address: &item.name,
            marked: &marked,
            alternative: &alternative,
            size: "wide",
        };
        picture.figure()
    }
}

fn class(side: Side) -> &'static str {
    match side {
        Side::Before => "now",
        Side::After => "then",
    }
}

/// A text where a customer reads it.
fn framed(part: &ListedPart, marked: &Markup) -> Markup {
    html! { div class=(if part.part == ListingPart::Title { "title" } else { "summary" }) { (marked) } }
}

/// A list of customers says nothing to those who do not know that there was none before.
fn audience(part: ListingPart, items: &[ListedItem], columns: Columns) -> Markup {
    if part != ListingPart::Audience {
        return html! {};
    }
    let sentence = match columns {
        Columns::Both if items.iter().all(|item| item.before.is_none()) => {
            "Everybody could buy it, and only these customers will."
        }
        Columns::Both if items.iter().all(|item| item.after.is_none()) => {
            "Only these customers could buy it, and everybody will."
        }
        Columns::Both | Columns::Only(_) => "Only these customers:",
    };
    html! { p { strong { (sentence) } } }
}

fn one_item(part: ListingPart, item: &ListedItem, name: &str) -> Markup {
    let detail = match (&item.before, &item.after) {
        (Some(before), Some(after)) if before != after => word_by_word(before, after),
        (before, after) => told_line(after.as_ref().or(before.as_ref()).map_or("", String::as_str)),
    };
    let has_detail = [&item.before, &item.after].into_iter().flatten().any(|detail| !detail.is_empty());
    match part {
        ListingPart::Links => html! { (detail) " " code { (told_line(name)) } },
        ListingPart::Versions if item.presence() != Presence::Kept || item.before == item.after => {
            let said = item.after.as_ref().or(item.before.as_ref()).map_or("", String::as_str);
            html! {
                strong { (told_line(name)) }
                @if has_detail { ul class="plain" { @for detail in said.split(DETAILS) { li { (told_line(detail)) } } } }
            }
        }
        ListingPart::Versions | ListingPart::Audience => html! {
            strong { (told_line(name)) } @if has_detail { ": " (detail) }
        },
        _ => html! { (told_line(name)) @if has_detail { ": " (detail) } },
    }
}
