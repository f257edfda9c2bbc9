//! Which of an offer's documents: what is in a slot, or a version by its number.

use std::fmt;
use std::str::FromStr;

use super::Slot;

/// One document of an offer, as a person names it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Revision {
    /// What is in the slot now.
    Slot(Slot),
    /// What was written at one time; the service counts the versions of a draft and keeps a number of them.
    Version(u64),
}

/// A text that names no document of an offer.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("write draft, preview, production or the number of a version")]
pub struct InvalidRevision;

impl FromStr for Revision {
    type Err = InvalidRevision;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let slot = [Slot::Draft, Slot::Preview, Slot::Production].into_iter().find(|slot| slot.as_str() == text);
        slot.map(Self::Slot).or_else(|| text.parse().ok().map(Self::Version)).ok_or(InvalidRevision)
    }
}

impl fmt::Display for Revision {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Slot(slot) => write!(formatter, "{slot}"),
            Self::Version(version) => write!(formatter, "version {version}"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_document_is_named_by_its_slot_or_its_version() {
        assert_eq!("preview".parse(), Ok(Revision::Slot(Slot::Preview)));
        assert_eq!("636576975611768314".parse(), Ok(Revision::Version(636_576_975_611_768_314)));
        for wrong in ["", "live", "Draft", "-1", "1.0"] {
            assert_eq!(wrong.parse::<Revision>(), Err(InvalidRevision), "{wrong}");
        }
    }
}
