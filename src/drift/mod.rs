//! Drift: what differs between the repository and the service, whose change it is, in which slots it stands and since when.
//!
//! Pure, and blind to what is done about it: nothing here plans or writes. A **place** is a slot and what it holds of one
//! field; the **trail** are the versions of the draft, which tell since when.

mod place;
mod trail;

use std::sync::Arc;

use jiff::civil::Date;
use serde_json::Value;

pub use place::compare_offer;

use crate::diff::Class;
use crate::offer::{Document, FieldPath, OfferKey, Slot, SourcePosition};
use crate::plan::{Change, Unchanged};

/// What a run of `drift` found: an entry for each manifest.
#[derive(Debug, Default)]
pub struct DriftReport {
    /// The offers that could be compared, in the order of their names.
    pub offers: Vec<ComparedOffer>,
    /// The manifests whose offers could not be.
    pub skipped: Vec<SkippedOffer>,
    /// The manifests that were left out because nothing of them changed, when only changed ones were asked for.
    pub unchanged: Option<Unchanged>,
}

/// A manifest whose offer could not be compared.
#[derive(Debug)]
pub struct SkippedOffer {
    /// Which offer, when the manifest could be read.
    pub key: Option<OfferKey>,
    /// Its manifest.
    pub manifest: Arc<str>,
    /// Why, a line for each thing.
    pub reason: String,
}

/// One offer, compared with everything that the service has of it.
#[derive(Debug)]
pub struct ComparedOffer {
    /// Which offer.
    pub key: OfferKey,
    /// Its manifest.
    pub manifest: SourcePosition,
    /// Whether the service has it.
    pub presence: Presence,
    /// Whether a record tells what was applied.
    pub record: Attribution,
    /// What differs, in the order of the manifest; then what waits for a publish.
    pub differences: Vec<PlacedDifference>,
    /// Fields that nobody can compare, because the service returns them otherwise or not at all.
    pub unverifiable: Vec<FieldPath>,
    draft: Option<Document>,
    trail: trail::Trail,
}

/// Whether the service has an offer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Presence {
    /// It does.
    There,
    /// It does not, and no record says that it ever did.
    NotCreated,
    /// It does not, although a record says that it was applied.
    Gone,
}

/// Whether it can be told whose change a difference is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Attribution {
    /// A record tells what was applied last.
    Recorded,
    /// There is no record of the offer.
    Unknown,
}

/// One field that differs, and where.
#[derive(Debug)]
pub struct PlacedDifference {
    /// What differs: `before` is what the service has, `after` what the repository says.
    pub change: Change,
    /// The slot in which it was found: the draft, or the first slot that lags behind a draft that is right.
    pub found_in: Slot,
    /// What each slot holds.
    pub places: [Place; 3],
    /// Since when the draft holds it, as far as the service tells.
    pub since: Option<Since>,
    /// The last day on which its waiver holds, when it has one that ends.
    pub waived_until: Option<Date>,
}

/// A slot, and what it holds of one field.
#[derive(Debug)]
pub struct Place {
    /// Which slot.
    pub slot: Slot,
    /// What is there.
    pub held: Held,
}

/// What a slot holds of one field.
#[derive(Debug, Clone, PartialEq)]
pub enum Held {
    /// Nothing is in the slot at all.
    EmptySlot,
    /// What the repository says.
    AsRepository,
    /// What was found: the value that differs from the repository.
    AsFound,
    /// Neither; `None` where the field is not set.
    Other(Option<Value>),
}

/// Since when a value is in the draft.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Since {
    /// This version brought it.
    Version(Version),
    /// This version had it already; those before it were not looked at, or the service does not have them any more.
    AtLatest(Version),
}

/// A version of the draft, as the service counts them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Version {
    /// Its number.
    pub number: u64,
    /// The day on which it was written, when the service tells.
    pub day: Option<Date>,
}

/// What becomes of an offer in the report.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DriftVerdict {
    /// Nothing differs but what is waived.
    InSync,
    /// Only changes of the repository that are not applied yet.
    Pending,
    /// Somebody else changed something, or nobody can tell who did.
    Drift,
}

/// The totals of a report; every one of them is always shown.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct DriftSummary {
    /// Manifests, be they readable or not.
    pub found: usize,
    /// Offers about which the service answered.
    pub read: usize,
    /// Offers that the service has and that were compared.
    pub compared: usize,
    /// Manifests whose offers could not be compared.
    pub skipped: usize,
    /// Offers that somebody else edited, or of which nobody can tell.
    pub drifted: usize,
    /// Fields that were edited elsewhere; an offer that is gone counts as one.
    pub drift: usize,
    /// Fields that were edited here and elsewhere.
    pub conflict: usize,
    /// Fields of which no record tells who edited them.
    pub unattributed: usize,
    /// Fields that the repository changed and that are not applied yet; an offer that is not created yet counts as one.
    pub pending: usize,
    /// Fields that differ and that others own.
    pub waived: usize,
}

impl PlacedDifference {
    /// Whether it counts as drift: what somebody else changed, and what nobody can attribute.
    pub fn is_drift(&self) -> bool {
        self.change.difference.is_written()
            && matches!(self.change.difference.class, Class::Drift | Class::Conflict | Class::Unattributed)
    }
}

impl ComparedOffer {
    /// The one place that decides whether an offer has drifted.
    pub fn verdict(&self) -> DriftVerdict {
        let pending = |difference: &PlacedDifference| difference.change.difference.is_written();
        if self.presence == Presence::Gone || self.differences.iter().any(PlacedDifference::is_drift) {
            DriftVerdict::Drift
        } else if self.presence == Presence::NotCreated || self.differences.iter().any(pending) {
            DriftVerdict::Pending
        } else {
            DriftVerdict::InSync
        }
    }

    /// Every value that a report shows, to be made fit for it.
    pub fn values_mut(&mut self) -> impl Iterator<Item = &mut Value> {
        self.differences.iter_mut().flat_map(|found| {
            let difference = &mut found.change.difference;
            let others = found.places.iter_mut().filter_map(|place| match &mut place.held {
                Held::Other(value) => value.as_mut(),
                Held::EmptySlot | Held::AsRepository | Held::AsFound => None,
            });
            difference.before.iter_mut().chain(&mut difference.after).chain(others)
        })
    }
}

impl DriftReport {
    /// Counts everything.
    pub fn summary(&self) -> DriftSummary {
        let (read, skipped) = (self.offers.len(), self.skipped.len());
        let mut summary = DriftSummary { found: read + skipped, read, skipped, ..DriftSummary::default() };
        for offer in &self.offers {
            summary.drifted += usize::from(offer.verdict() == DriftVerdict::Drift);
            match offer.presence {
                Presence::There => summary.compared += 1,
                Presence::NotCreated => summary.pending += 1,
                Presence::Gone => summary.drift += 1,
            }
            for found in &offer.differences {
                let difference = &found.change.difference;
                *match difference.class {
                    _ if !difference.is_written() => &mut summary.waived,
                    Class::Drift => &mut summary.drift,
                    Class::Conflict => &mut summary.conflict,
                    Class::Unattributed => &mut summary.unattributed,
                    Class::Pending => &mut summary.pending,
                } += 1;
            }
        }
        summary
    }
}
