//! Since when the draft holds what it holds: its versions, from the newest backwards, until each edit was found or too much
//! was asked.

use super::place::overlap;
use super::{ComparedOffer, PlacedDifference, Since, Version};
use crate::diff::{Class, MediaRecords, between};
use crate::offer::{Catalogue, Document, Slot};

/// How many versions of an offer are read at most: each is a request, and an edit that a scheduled run reports is recent.
const LOOK_BACK: u32 = 6;

/// The first version of an offer.
const FIRST: u64 = 1;

/// How far back the draft's versions were looked at.
#[derive(Debug, Default)]
pub(super) struct Trail {
    /// The oldest version that was looked at; `None` when the service does not tell the draft's.
    oldest: Option<Version>,
    looked_at: u32,
}

impl From<&Document> for Trail {
    fn from(draft: &Document) -> Self {
        Self { oldest: version(draft), looked_at: 0 }
    }
}

fn version(document: &Document) -> Option<Version> {
    Some(Version { number: document.version()?, day: document.changed_on() })
}

impl ComparedOffer {
    /// The version that has to be read next to tell since when; `None` when nothing more is to be learnt.
    pub fn next_version(&self) -> Option<u64> {
        let oldest = self.trail.oldest?;
        let wanted = self.differences.iter().any(|found| is_traced(found) && found.since.is_none());
        let may_ask = self.trail.looked_at < LOOK_BACK && oldest.number > FIRST;
        (wanted && may_ask).then(|| oldest.number - 1)
    }

    /// Takes in the version that was asked for. An edit that it does not have came with the version after it.
    pub fn look_back(&mut self, catalogue: &Catalogue, media: &MediaRecords, earlier: &Document) {
        let (Some(draft), Some(oldest)) = (&self.draft, self.trail.oldest) else { return };
        let unlike = between(catalogue, media, earlier.as_value(), draft.as_value());
        for found in self.differences.iter_mut().filter(|found| is_traced(found) && found.since.is_none()) {
            if unlike.iter().any(|difference| overlap(&difference.path, &found.change.difference.path)) {
                found.since = Some(Since::Version(oldest));
            }
        }
        self.trail.looked_at += 1;
        self.trail.oldest = Some(Version { number: oldest.number - 1, day: earlier.changed_on() });
    }

    /// Says of the edits that were not found how old they are at least. Nothing is asked after that, and the draft is let
    /// go: a report may be about thousands of offers.
    pub fn settle(&mut self) {
        self.draft = None;
        let Some(oldest) = self.trail.oldest else { return };
        let since = if oldest.number <= FIRST { Since::Version(oldest) } else { Since::AtLatest(oldest) };
        for found in self.differences.iter_mut().filter(|found| is_traced(found) && found.since.is_none()) {
            found.since = Some(since);
        }
    }
}

/// Our own changes have no trail on the service.
fn is_traced(found: &PlacedDifference) -> bool {
    found.found_in == Slot::Draft && found.change.difference.class != Class::Pending
}
