//! Logos and screenshots as customers see them where the file is at hand; else a box in their place, and what is known.

use maud::{Markup, html};

use super::album::Album;
use super::text::{Side, line};
use crate::offer::{FileType, ListingPart};
use crate::plan::{Content, FileState, ListedFile, ListedPart, Listing};
use crate::render::value_text::without_query;

/// A picture of a listing.
pub(super) struct Pictured<'page> {
    pub(super) album: &'page Album,
    /// The file that it is, where that is known.
    pub(super) file: Option<&'page ListedFile>,
    /// Its address, and the same as it is to be shown.
    pub(super) address: &'page str,
    pub(super) marked: &'page Markup,
    /// What it is, for those who do not see it.
    pub(super) alternative: &'page str,
    /// The class of its box.
    pub(super) size: &'static str,
}

impl Pictured<'_> {
    /// The picture or its box, and below it where it is from.
    pub(super) fn figure(&self) -> Markup {
        let shown = self.file.map(|file| (file, self.album.picture(file, self.alternative)));
        let (picture, file, reason) = match shown {
            Some((file, Ok(picture))) => (picture, Some(file), None),
            Some((file, Err(reason))) => (self.empty(), Some(file), reason),
            None => (self.empty(), None, None),
        };
        html! {
            figure {
                (picture)
                figcaption {
                    @if let Some(file) = file { "File " code { (line(&file.file)) } br; }
                    @if let Some(reason) = reason { "Not shown: " (reason) "." br; }
                    code { (self.marked) }
                }
            }
        }
    }

    fn empty(&self) -> Markup {
        html! { div class={ "box " (self.size) } role="img" aria-label={ (self.alternative) ", not shown" } { (kind(self.address)) } }
    }
}

/// The type that an address promises, for a box.
fn kind(address: &str) -> &'static str {
    FileType::promised_by(without_query(address)).map_or("picture", FileType::as_str)
}

/// The file behind a logo on one side. What is there now is a copy of the service's, and is the file only where it stays.
pub(super) fn file_of<'listing>(
    listing: &'listing Listing,
    part: &ListedPart,
    side: Side,
) -> Option<&'listing ListedFile> {
    let file = listing.files_of(part).next()?;
    (side == Side::After || (part.content.is_same() && file.state == FileState::Kept)).then_some(file)
}

/// The logo that customers meet beside the title, or its place; nothing where there is none, as for most offer plans.
pub(super) fn at_first_sight(album: &Album, listing: &Listing, parts: &[ListedPart], side: Side) -> Markup {
    let logos: Vec<_> = parts.iter().filter(|part| part.part == ListingPart::Logo && is_there(part, side)).collect();
    if logos.is_empty() {
        return html! {};
    }
    let best = ["medium", "large", "small"].iter().find_map(|size| logos.iter().find(|logo| self::size(logo) == *size));
    // The logo has its own row, with words for those who do not see it.
    let picture = best.and_then(|logo| album.picture(file_of(listing, logo, side)?, "").ok());
    picture.unwrap_or_else(|| html! { div class="box medium" aria-hidden="true" { "logo" } })
}

fn is_there(part: &ListedPart, side: Side) -> bool {
    match (&part.content, side) {
        (Content::Text { before, .. }, Side::Before) => before.is_some(),
        (Content::Text { after, .. }, Side::After) => after.is_some(),
        (Content::Items(_), _) => false,
    }
}

/// The proportions of a logo: those that the portal asks for.
pub(super) fn size(part: &ListedPart) -> &'static str {
    let name = part.path.last().and_then(|key| key.rsplit('.').next()).unwrap_or_default();
    let sizes = ["small", "medium", "large", "wide", "hero"];
    sizes.into_iter().find(|size| name.starts_with(size)).unwrap_or("medium")
}
