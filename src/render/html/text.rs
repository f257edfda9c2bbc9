//! Pieces of text: what came and what went, told by words, signs and colours.

use maud::{Markup, html};

use crate::plan::Presence;
use crate::render::safe::single_line;
use crate::render::value_text::told;
use crate::render::words::{Stretch, all_stretches, stretches};

/// A text of others on one line.
pub(super) fn line(text: &str) -> Markup {
    html! { (single_line(text)) }
}

/// A text of which the other side may have nothing: what nobody would see of it is spelt.
pub(super) fn told_line(text: &str) -> Markup {
    html! { (told(text)) }
}

/// A few words of ours as a sentence.
pub(super) fn sentence(words: &str) -> String {
    let mut characters = words.chars();
    characters.next().map(|first| first.to_uppercase().chain(characters).chain(['.']).collect()).unwrap_or_default()
}

/// A sentence of ours, whose names stand in backticks.
pub(super) fn prose(sentence: &str) -> Markup {
    let sentence = single_line(sentence);
    html! {
        @for (index, part) in sentence.split('`').enumerate() {
            @if index % 2 == 1 { code { (part) } } @else { (part) }
        }
    }
}

/// The old and the new text as one, with only as much of what stays as a reader needs.
pub(super) fn word_by_word(before: &str, after: &str) -> Markup {
    html! { @for stretch in stretches(before, after) { (marked(&stretch)) } }
}

/// A stretch of two texts.
pub(super) fn marked(stretch: &Stretch) -> Markup {
    match stretch {
        Stretch::Kept(text) => html! { (text) },
        Stretch::Out(text) => html! { del { (text) } },
        Stretch::In(text) => html! { ins { (text) } },
    }
}

/// One side of two texts, with what the other does not have.
pub(super) fn side(side: Side, before: &str, after: &str) -> Markup {
    let of_side = |stretch: &Stretch| match stretch {
        Stretch::Kept(_) => true,
        Stretch::Out(_) => side == Side::Before,
        Stretch::In(_) => side == Side::After,
    };
    html! { @for stretch in all_stretches(before, after).iter().filter(|stretch| of_side(stretch)) { (marked(stretch)) } }
}

/// Which side of a comparison.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Side {
    Before,
    After,
}

impl Side {
    /// The word in titles.
    pub(super) fn word(self) -> &'static str {
        match self {
            Self::Before => "now",
            Self::After => "after",
        }
    }
}

/// Something that is there before, after or both.
pub(super) fn present(presence: Presence, content: &Markup) -> Markup {
    match presence {
        Presence::Kept => html! { (content) },
        Presence::Added => html! { ins { "+ " (content) } },
        Presence::Removed => html! { del { "− " (content) } },
    }
}
