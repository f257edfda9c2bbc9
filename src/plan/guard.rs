//! Guards: named rules that block an offer's steps until somebody allows them by name.

use std::fmt;
use std::str::FromStr;

use super::{Block, Change};
use crate::diff::{Class, Operation};
use crate::offer::{Catalogue, InvalidIdentifier, OfferKey, Rules};

/// A rule that can block an offer's steps.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Guard {
    /// A field was changed both here and on the service.
    Conflict,
    /// An offer plan would be removed; its customers lose it.
    RemoveOfferPlan,
    /// An image or package version would be removed.
    RemoveImage,
    /// The last submission failed or was canceled, and nothing changed since.
    FailedSubmission,
    /// The manifest names another offer type than the service has.
    OfferType,
}

impl Guard {
    /// The guards that `--allow` knows. The other blocks have ways out of their own, or none.
    pub const ALLOWABLE: [Self; 3] = [Self::Conflict, Self::RemoveOfferPlan, Self::RemoveImage];

    /// The id in flags and output.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Conflict => "conflict",
            Self::RemoveOfferPlan => "remove-offer-plan",
            Self::RemoveImage => "remove-image",
            Self::FailedSubmission => "failed-submission",
            Self::OfferType => "offer-type",
        }
    }

    /// What a person can do about the block of this offer.
    pub fn way_out(self, key: &OfferKey) -> String {
        match self {
            Self::Conflict => format!(
                "take their values into the manifest, or write yours over them with `--allow {}:{key}`",
                self.as_str()
            ),
            Self::RemoveOfferPlan | Self::RemoveImage => {
                format!("put it back into the manifest, or let it go with `--allow {}:{key}`", self.as_str())
            }
            Self::FailedSubmission => {
                "change what the service complains about, or submit the same again with `--retry-failed`".to_owned()
            }
            Self::OfferType => {
                "correct `offerTypeId`; the service cannot change an offer's type, so another type needs another `id`"
                    .to_owned()
            }
        }
    }
}

impl fmt::Display for Guard {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.as_str())
    }
}

/// One `--allow GUARD[:publisher/offer]`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Allowance {
    guard: Guard,
    offer: Option<OfferKey>,
}

/// A text that allows nothing.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum InvalidAllowance {
    /// No such guard.
    #[error("there is no guard `{0}`; the guards are conflict, remove-offer-plan and remove-image")]
    Guard(String),
    /// What stands after the colon is no offer.
    #[error(transparent)]
    Offer(#[from] InvalidIdentifier),
}

impl FromStr for Allowance {
    type Err = InvalidAllowance;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let (name, offer) = match text.split_once(':') {
            Some((name, offer)) => (name, Some(OfferKey::parse(offer)?)),
            None => (text, None),
        };
        let guard = Guard::ALLOWABLE
            .into_iter()
            .find(|guard| guard.as_str() == name)
            .ok_or_else(|| InvalidAllowance::Guard(name.to_owned()))?;
        Ok(Self { guard, offer })
    }
}

/// As it is written in the flag.
impl fmt::Display for Allowance {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.offer {
            Some(offer) => write!(formatter, "{}:{offer}", self.guard),
            None => self.guard.fmt(formatter),
        }
    }
}

impl Allowance {
    fn covers(&self, guard: Guard, key: &OfferKey) -> bool {
        // The service ignores the case of the letters in an id.
        let same = |offer: &OfferKey| offer.to_string().eq_ignore_ascii_case(&key.to_string());
        self.guard == guard && self.offer.as_ref().is_none_or(same)
    }
}

/// The blocks that the changes of an offer call for and that nobody allowed.
pub(super) fn blocks_of_changes(
    catalogue: &Catalogue,
    key: &OfferKey,
    changes: &[Change],
    allowed: &[Allowance],
) -> Vec<Block> {
    let mut blocks = Vec::new();
    let mut block = |guard: Guard, sentence: String| {
        if !allowed.iter().any(|allowance| allowance.covers(guard, key)) {
            blocks.push(Block { guard, sentence, messages: Vec::new() });
        }
    };
    let written = || changes.iter().map(|change| &change.difference).filter(|difference| difference.is_written());
    let conflicts: Vec<_> = written().filter(|change| change.class == Class::Conflict).collect();
    if !conflicts.is_empty() {
        let paths: Vec<_> = conflicts.iter().map(|change| format!("`{}`", change.path)).collect();
        block(
            Guard::Conflict,
            format!("both the manifest and the service changed {} since the last apply", paths.join(", ")),
        );
    }
    for change in written().filter(|change| change.operation == Operation::Remove) {
        let name = change.path.last().unwrap_or_default();
        match removal_guard(catalogue.rules_at(&change.path)) {
            Some(Guard::RemoveOfferPlan) => {
                block(Guard::RemoveOfferPlan, format!("the offer plan `{name}` would be removed for its customers"));
            }
            Some(guard) => block(guard, format!("`{name}` would be removed (`{}`)", change.path)),
            None => {}
        }
    }
    blocks
}

/// How many levels below a removed value the catalogue is asked for guards: images stand two below their offer plan's key.
const GUARDED_DEPTH: usize = 3;

fn removal_guard(rules: Rules<'_>) -> Option<Guard> {
    let mut rules = rules;
    for _ in 0..GUARDED_DEPTH {
        match rules.field().removal_guard.as_deref() {
            Some("remove-offer-plan") => return Some(Guard::RemoveOfferPlan),
            Some(_) => return Some(Guard::RemoveImage),
            None => rules = rules.child("*"),
        }
    }
    None
}
