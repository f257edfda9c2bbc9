//! A plan on its way into its file, an offer at a time: the file of thousands of offers is never in memory as a whole.

use std::cell::{OnceCell, RefCell};

use serde::ser::{Error as _, SerializeSeq as _};
use serde::{Serialize, Serializer};
use serde_json::Value;

use super::file::{Asked, Coverage, FileOf, FormatName, OfferEntry, PLAN_FORMAT_VERSION, SkippedEntry};
use super::{Plan, PlanDigest, PlannedOffer};
use crate::offer::{FieldPath, OfferKey};

/// Why a plan cannot be saved: what would be read from its file is not the plan.
#[derive(Debug, thiserror::Error)]
pub enum Unsavable {
    /// A value of an offer is deeper than a reader goes; no manifest is, but the service may have such a value.
    #[error("a value of {0} has more maps and lists in each other than a plan that is read may have")]
    Deep(OfferKey),
    /// What was hidden in it mattered.
    #[error("the value of a secret stands in it as a word, and without that word it is another plan")]
    Hidden,
}

impl Unsavable {
    fn of(offer: &PlannedOffer, error: &serde_json::Error) -> Self {
        // What was written here is JSON, so that a reader can only find that it is too deep, or means something else.
        if error.is_syntax() { Self::Deep(offer.key.clone()) } else { Self::Hidden }
    }

    /// What to do next.
    pub fn advice(&self) -> &'static str {
        match self {
            Self::Deep(_) => "apply without a saved plan, or leave the offer out of it",
            Self::Hidden => "a secret that is a common word protects nothing; give it another value",
        }
    }
}

/// The file of a plan, to be written.
pub struct PlanDocument<'plan> {
    plan: &'plan Plan,
    /// Makes a value fit to be seen: the domain's plan holds signatures, the file must not. What was presented once stays as
    /// it is, so that a plan that was read back has the same digest.
    present: &'plan dyn Fn(&FieldPath, &Value) -> Value,
    /// The last look at what is written and what others have a say in.
    finish: &'plan dyn Fn(Value) -> Value,
    /// Made once, and only when it is needed, for it takes a look at everything.
    digest: OnceCell<PlanDigest>,
}

impl<'plan> PlanDocument<'plan> {
    /// The file of a plan, of which each value passes through `present`, and each part as JSON through `finish`.
    pub fn new(
        plan: &'plan Plan,
        present: &'plan dyn Fn(&FieldPath, &Value) -> Value,
        finish: &'plan dyn Fn(Value) -> Value,
    ) -> Self {
        Self { plan, present, finish, digest: OnceCell::new() }
    }

    /// What the plan is recognised by.
    pub fn digest(&self) -> &PlanDigest {
        self.digest.get_or_init(|| PlanDigest::of_plan(self.plan, self.present))
    }

    /// Fails unless the file can be read back as this plan: `finish` may take something out of it that matters.
    pub fn expect_readable(&self) -> Result<(), Unsavable> {
        let lost = RefCell::new(None);
        let read = |offer: &&PlannedOffer| {
            self.read(offer).unwrap_or_else(|error| {
                lost.borrow_mut().get_or_insert_with(|| Unsavable::of(offer, &error));
                OfferEntry::new(offer, self.present)
            })
        };
        let coverage = self.finished(&self.coverage()).and_then(serde_json::from_value);
        let Ok(Coverage { skipped, .. }) = coverage else { return Err(Unsavable::Hidden) };
        let offers = self.plan.offers.iter().map(|offer| (offer.key.to_string(), offer)).collect();
        let found = PlanDigest::of(&self.service(), &Asked::of(&self.plan.terms), offers, read, &skipped);
        match lost.into_inner() {
            Some(unsavable) => Err(unsavable),
            None if found == *self.digest() => Ok(()),
            None => Err(Unsavable::Hidden),
        }
    }

    /// The entry of an offer as a reader has it, two levels down: a reader of JSON goes down only so far.
    fn read(&self, offer: &PlannedOffer) -> serde_json::Result<OfferEntry> {
        let text = serde_json::to_vec(&[[self.entry(offer)?]])?;
        let [[entry]]: [[OfferEntry; 1]; 1] = serde_json::from_slice(&text)?;
        Ok(entry)
    }

    fn coverage(&self) -> Coverage {
        let Plan { offers, failed, unchanged, terms: _ } = self.plan;
        Coverage {
            found: offers.len() + failed.len(),
            read: offers.len(),
            planned: offers.len(),
            skipped: failed.iter().map(SkippedEntry::new).collect(),
            unchanged: unchanged.clone(),
        }
    }

    fn service(&self) -> String {
        match (self.finish)(Value::from(self.plan.terms.service.as_str())) {
            Value::String(service) => service,
            other => other.to_string(),
        }
    }

    fn entry(&self, offer: &PlannedOffer) -> serde_json::Result<Value> {
        self.finished(&OfferEntry::new(offer, self.present))
    }

    fn finished(&self, part: &impl Serialize) -> serde_json::Result<Value> {
        serde_json::to_value(part).map(self.finish)
    }
}

impl Serialize for PlanDocument<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let file = FileOf {
            format: FormatName::Plan,
            version: PLAN_FORMAT_VERSION,
            digest: self.digest().clone(),
            service: self.service(),
            asked: Asked::of(&self.plan.terms),
            offers: Entries(self),
            coverage: self.finished(&self.coverage()).map_err(S::Error::custom)?,
            summary: self.plan.summary(),
        };
        file.serialize(serializer)
    }
}

/// The entries of a document, each there only while it is written.
struct Entries<'document>(&'document PlanDocument<'document>);

impl Serialize for Entries<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let Self(document) = self;
        let mut entries = serializer.serialize_seq(Some(document.plan.offers.len()))?;
        for offer in &document.plan.offers {
            entries.serialize_element(&document.entry(offer).map_err(S::Error::custom)?)?;
        }
        entries.end()
    }
}
