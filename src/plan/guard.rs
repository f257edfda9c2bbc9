//! Who may let a guard pass: `--allow`, and what the repository and the manifest say.

use std::fmt;
use std::str::FromStr;

use super::Block;
use crate::offer::{Guard, GuardSettings, InvalidIdentifier, OfferKey};

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
    #[error("there is no guard `{0}`; the guards are {names}", names = Guard::ALLOWABLE.map(Guard::as_str).join(", "))]
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
pub(super) fn divide(
    found: Vec<Block>,
    key: &OfferKey,
    allowed: &[Allowance],
    settings: &GuardSettings,
) -> (Vec<Block>, Vec<Block>) {
    found.into_iter().partition(|block| {
        !settings.allows(block.guard) && !allowed.iter().any(|allowance| allowance.covers(block.guard, key))
    })
}

impl Allowance {
    /// What lets this guard of this offer pass.
    pub(super) fn of(guard: Guard, offer: OfferKey) -> Self {
        Self { guard, offer: Some(offer) }
    }

    /// Whether it lets this block of this offer pass.
    pub fn covers(&self, guard: Guard, key: &OfferKey) -> bool {
        // The service ignores the case of the letters in an id.
        let same = |offer: &OfferKey| offer.to_string().eq_ignore_ascii_case(&key.to_string());
        self.guard == guard && self.offer.as_ref().is_none_or(same)
    }
}
