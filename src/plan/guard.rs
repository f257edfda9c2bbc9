//! Guards: named rules that block an offer's steps until somebody allows them by name.

use std::fmt;
use std::str::FromStr;

use super::Block;
use crate::offer::{InvalidIdentifier, OfferKey};

/// A rule that can block an offer's steps.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Guard {
    /// A field was changed both here and on the service.
    Conflict,
    /// An offer plan would be removed; its customers lose it.
    RemoveOfferPlan,
    /// An image or package version would be removed.
    RemoveImage,
    /// An edit that is not the manifest's would be shipped with it.
    Passengers,
    /// The last submission failed or was canceled, and nothing changed since.
    FailedSubmission,
    /// The manifest names another offer type than the service has.
    OfferType,
}

impl Guard {
    /// The guards that `--allow` knows. The other blocks have ways out of their own, or none.
    pub const ALLOWABLE: [Self; 4] = [Self::Conflict, Self::Passengers, Self::RemoveOfferPlan, Self::RemoveImage];

    /// The id in flags and output.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Conflict => "conflict",
            Self::RemoveOfferPlan => "remove-offer-plan",
            Self::RemoveImage => "remove-image",
            Self::Passengers => "passengers",
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
            Self::Passengers => format!(
                "name the fields in the manifest when they are right, take them back in the portal when they are not, or \
                 ship them as they are with `--allow {}:{key}`",
                self.as_str()
            ),
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
    #[error("there is no guard `{0}`; the guards are conflict, passengers, remove-offer-plan and remove-image")]
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

/// What is found, divided into what blocks and what somebody let pass.
pub(super) fn divide(found: Vec<Block>, key: &OfferKey, allowed: &[Allowance]) -> (Vec<Block>, Vec<Block>) {
    found.into_iter().partition(|block| !allowed.iter().any(|allowance| allowance.covers(block.guard, key)))
}

impl Allowance {
    fn covers(&self, guard: Guard, key: &OfferKey) -> bool {
        // The service ignores the case of the letters in an id.
        let same = |offer: &OfferKey| offer.to_string().eq_ignore_ascii_case(&key.to_string());
        self.guard == guard && self.offer.as_ref().is_none_or(same)
    }
}
