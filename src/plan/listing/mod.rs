//! The listing: what customers see of an offer before and after the steps of its plan, for people who never read YAML.
//!
//! It only shows. Nothing is decided by it, and nothing that is carried out depends on it; whoever approves a plan looks at
//! it, so that the plan's digest covers it. Its types are also those of the plan's JSON. No text in it holds a signature or a secret: they are taken out before it is made.

mod digested;
mod files;
mod parts;
mod reading;
mod sides;

use serde::{Deserialize, Serialize};

pub(super) use digested::what_matters;
pub(crate) use parts::DETAILS;
pub(super) use sides::listing_of;

use crate::offer::{FieldPath, FileDigest, ListingPart, Slot};

/// What customers see before and after.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Listing {
    /// The slot that shows what stands before; `None` when nothing has been published yet.
    pub from: Option<Slot>,
    /// The slot that the steps reach: who will see what comes after.
    pub to: Slot,
    /// The offer's own parts, in the order in which customers see them; those that are empty on both sides are left out.
    pub parts: Vec<ListedPart>,
    /// The offer plans, in the order that they will have; those that go come last.
    pub offer_plans: Vec<ListedOfferPlan>,
    /// The pictures among the parts for which the manifest names files of the repository.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub files: Vec<ListedFile>,
}

/// A picture that customers see after the steps, and the file of the repository that the manifest names for it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ListedFile {
    /// The field that names it.
    pub field: FieldPath,
    /// The address by which the listing calls it.
    pub address: String,
    /// The file, relative to the repository root, with `/` between its parts.
    pub file: String,
    /// What it holds.
    pub digest: FileDigest,
    /// Whether it is there already.
    pub state: FileState,
}

/// Whether the service has the content of a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum FileState {
    /// A record tells that the service has it.
    Kept,
    /// No record tells what the service has there, and the steps leave that as it is.
    Unknown,
    /// The steps send it.
    New,
}

/// What customers see of one offer plan.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ListedOfferPlan {
    /// Its `planId`.
    pub id: String,
    /// Whether it is there before and after.
    pub presence: Presence,
    /// Its parts.
    pub parts: Vec<ListedPart>,
}

/// Whether something is there before and after.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Presence {
    /// Before and after.
    Kept,
    /// Only after.
    Added,
    /// Only before.
    Removed,
}

/// One part of a listing.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ListedPart {
    /// The field.
    pub path: FieldPath,
    /// What it is to a customer.
    pub part: ListingPart,
    /// What it says.
    #[serde(flatten)]
    pub content: Content,
}

/// What a part says before and after. Sides that mean the same are the same text here, whatever the service spells.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Content {
    /// One text; `None` where there is none.
    Text {
        /// What it is now.
        before: Option<String>,
        /// What it will be.
        after: Option<String>,
    },
    /// Several things, each with a name: first those that are there after, then those that go.
    Items(Vec<ListedItem>),
}

/// One of several things.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ListedItem {
    /// The region, the address of a link, the version, or what a price is for.
    pub name: String,
    /// What else it says now: the title of a link, an amount; empty for what only has a name, `None` where it is not.
    pub before: Option<String>,
    /// What else it will say.
    pub after: Option<String>,
}

impl Listing {
    /// Every text that may be shown, to be made fit for it.
    pub fn texts_mut(&mut self) -> impl Iterator<Item = &mut String> {
        let of_plans = self.offer_plans.iter_mut().flat_map(|plan| &mut plan.parts);
        let of_files = self.files.iter_mut().flat_map(|file| [&mut file.address, &mut file.file]);
        self.parts.iter_mut().chain(of_plans).flat_map(|part| part.content.texts_mut()).chain(of_files)
    }

    /// Whether customers see the same of a part before and after: what it says, and what the files behind it hold.
    pub fn is_same(&self, part: &ListedPart) -> bool {
        part.content.is_same() && self.files_of(part).all(|file| file.state != FileState::New)
    }

    /// The files of the repository behind a part.
    pub fn files_of<'listing>(&'listing self, part: &ListedPart) -> impl Iterator<Item = &'listing ListedFile> {
        self.files.iter().filter(|file| file.field.is_within(&part.path))
    }
}

impl Content {
    /// Whether both sides say the same.
    pub fn is_same(&self) -> bool {
        match self {
            Self::Text { before, after } => before == after,
            Self::Items(items) => items.iter().all(|item| item.before == item.after),
        }
    }

    fn texts_mut(&mut self) -> Vec<&mut String> {
        match self {
            Self::Text { before, after } => before.iter_mut().chain(after).collect(),
            Self::Items(items) => items
                .iter_mut()
                .flat_map(|item| std::iter::once(&mut item.name).chain(&mut item.before).chain(&mut item.after))
                .collect(),
        }
    }
}

impl ListedItem {
    /// Whether it is there before and after.
    pub fn presence(&self) -> Presence {
        match (&self.before, &self.after) {
            (None, _) => Presence::Added,
            (_, None) => Presence::Removed,
            _ => Presence::Kept,
        }
    }
}
