//! What a manifest says once it is composed and validated.

use jiff::civil::Date;
use serde_json::Value;

use super::{FieldPath, GuardSettings, LocalFile, OfferKey, OfferTypeId, PositionTree, Slot, SourcePosition};

/// One offer as its manifest wants it.
#[derive(Debug, Clone)]
pub struct Desired {
    /// Which offer.
    pub key: OfferKey,
    /// What kind of offer; the service never changes it after the creation.
    pub offer_type: OfferTypeId,
    /// Where the manifest itself stands (its first line).
    pub manifest: SourcePosition,
    /// How far and how to reconcile; never sent to the service.
    pub reconcile: Reconcile,
    /// The document as it would be sent: `publisherId`, `offerTypeId`, `id`, `definition`.
    ///
    /// A declared `null` asks for removal. A `$secret` stands here as `{"$secret": "NAME"}`, never as its value.
    pub document: Value,
    /// The position of every value of `document`.
    pub positions: PositionTree,
    /// Where the document holds secrets, and the environment variable that each comes from.
    pub secrets: Vec<(FieldPath, String)>,
    /// The local files that stand behind addresses of `document`.
    pub local_files: Vec<LocalFile>,
}

impl Desired {
    /// The same for whoever does what was planned: the places in the files, which take as much memory as the document, are
    /// only needed to plan.
    #[must_use]
    pub fn without_positions(self) -> Self {
        let Self { positions: PositionTree { value, key, children: _ }, .. } = self;
        Self { positions: PositionTree { value, key, children: Vec::new() }, ..self }
    }
}

/// The `reconcile` section of a manifest.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reconcile {
    /// How far `apply` takes the offer.
    pub publish_to: Slot,
    /// Where the manifest says so; `None` when it leaves it at the default.
    pub publish_to_at: Option<SourcePosition>,
    /// Whom the service tells about a submission.
    pub notification_emails: Vec<String>,
    /// What becomes of live offer plans that the manifest does not name.
    pub offer_plans: OfferPlansPolicy,
    /// Fields that others own: shown, never written.
    pub ignore: Vec<IgnoredField>,
    /// What the manifest says about guards; it beats what the repository says.
    pub guards: GuardSettings,
}

impl Default for Reconcile {
    fn default() -> Self {
        Self {
            publish_to: Slot::Preview,
            publish_to_at: None,
            notification_emails: Vec::new(),
            offer_plans: OfferPlansPolicy::Keep,
            ignore: Vec::new(),
            guards: GuardSettings::default(),
        }
    }
}

/// What to do with a live offer plan that is absent from the manifest.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum OfferPlansPolicy {
    /// Leave it alone.
    Keep,
    /// Remove it: the manifest lists all offer plans.
    Exact,
}

/// A waiver: one field that somebody else owns.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct IgnoredField {
    /// The field; everything below it is waived too.
    pub path: FieldPath,
    /// Why, for the person who reads the plan.
    pub reason: String,
    /// The last day on which the waiver holds.
    pub until: Option<Date>,
    /// Where the waiver is written.
    pub position: SourcePosition,
}
