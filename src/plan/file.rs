//! The plan as a file: versioned JSON, the one format of `plan --output json` and `plan --out`, documented in
//! `docs/json.md`. These types are the format, apart from the domain's, so that neither binds the other.
//!
//! Here are the parts of the file; `document.rs` writes it, and `reading.rs` is the way back, without a loss.

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::{
    Action, Block, BlockedField, Doubt, Goal, Listing, OfferVerdict, Packed, Passenger, Plan, PlanDigest, PlannedOffer,
    PlannedSecret, Step, Summary, Terms, Unchanged, Undo, UnplannedOffer,
};
use crate::diff::{Class, Difference, Operation, SecretVerdict};
use crate::offer::{ETag, FieldPath, FileDigest, Guard, OfferId, OfferTypeId, PublisherId, Slot, SourcePosition};

/// Grows when a reader of the format has to change.
pub const PLAN_FORMAT_VERSION: u32 = 1;

/// What the format is called.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(super) enum FormatName {
    #[serde(rename = "offerctl-plan")]
    Plan,
}

/// A whole plan, as it was read.
#[derive(Debug)]
pub struct PlanFile {
    pub(super) digest: PlanDigest,
    pub(super) plan: Plan,
}

/// The keys of the file, whatever holds what stands there.
#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct FileOf<Offers, Covers> {
    pub(super) format: FormatName,
    pub(super) version: u32,
    pub(super) digest: PlanDigest,
    pub(super) service: String,
    pub(super) asked: Asked,
    pub(super) offers: Offers,
    pub(super) coverage: Covers,
    pub(super) summary: Summary,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Asked {
    pub(super) supersede: bool,
    pub(super) retry_failed: bool,
    pub(super) resend_media: bool,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct OfferEntry {
    pub(super) publisher_id: PublisherId,
    pub(super) offer_id: OfferId,
    pub(super) offer_type_id: OfferTypeId,
    manifest: String,
    pub(super) source: SourcePosition,
    pub(super) target: Slot,
    pub(super) etag: Option<ETag>,
    pub(super) content: Option<String>,
    // The service's own number; not to be mistaken for the format's.
    pub(super) draft_version: Option<u64>,
    pub(super) desired: Option<String>,
    pub(super) submission: Option<u64>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) replaces: Option<PlanDigest>,
    pub(super) verdict: OfferVerdict,
    pub(super) changes: Vec<ChangeEntry>,
    pub(super) secrets: Vec<SecretEntry>,
    pub(super) passengers: Vec<PassengerEntry>,
    pub(super) steps: Vec<StepEntry>,
    pub(super) blocked: Vec<BlockEntry>,
    pub(super) allowed: Vec<AllowedEntry>,
    pub(super) notes: Vec<String>,
    #[serde(default)]
    pub(super) listing: Option<Packed<Listing>>,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct ChangeEntry {
    pub(super) path: FieldPath,
    pub(super) op: Operation,
    pub(super) class: Class,
    pub(super) before: Option<Value>,
    pub(super) after: Option<Value>,
    pub(super) sensitive: bool,
    pub(super) source: SourcePosition,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) waived: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) file: Option<FileEntry>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct FileEntry {
    pub(super) path: String,
    pub(super) before: Option<FileDigest>,
    pub(super) after: FileDigest,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct SecretEntry {
    pub(super) path: FieldPath,
    pub(super) variable: String,
    pub(super) verdict: SecretVerdict,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) doubt: Option<Doubt>,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct PassengerEntry {
    pub(super) path: FieldPath,
    pub(super) op: Operation,
    pub(super) from: Slot,
    pub(super) replaces: Slot,
    pub(super) before: Option<Value>,
    pub(super) after: Option<Value>,
    pub(super) sensitive: bool,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) waived: Option<String>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct AllowedEntry {
    pub(super) guard: Guard,
    pub(super) reason: String,
    // Earlier versions of this program did not tell.
    #[serde(default)]
    pub(super) fields: Vec<BlockedField>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct StepEntry {
    pub(super) action: Action,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) until: Option<Goal>,
    pub(super) reason: String,
    pub(super) undo: Undo,
    pub(super) estimate: Option<String>,
    pub(super) source: SourcePosition,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct BlockEntry {
    pub(super) guard: Guard,
    pub(super) reason: String,
    pub(super) messages: Vec<String>,
    #[serde(default)]
    pub(super) fields: Vec<BlockedField>,
    way_out: String,
}

/// How much of the repository the plan covers.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Coverage {
    /// Manifests that were selected and not left out again.
    pub(super) found: usize,
    /// Offers whose state the service told.
    pub(super) read: usize,
    /// Offers with an entry in the plan.
    pub(super) planned: usize,
    /// Offers without one, and why.
    pub(super) skipped: Vec<SkippedEntry>,
    /// Manifests that were left out because nothing of them changed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) unchanged: Option<Unchanged>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct SkippedEntry {
    pub(super) publisher_id: Option<PublisherId>,
    pub(super) offer_id: Option<OfferId>,
    pub(super) manifest: String,
    pub(super) reason: String,
}

impl PlanDigest {
    /// The digest that the file of a plan would have. The file is not made for it, which would be a second plan in memory.
    pub fn of_plan(plan: &Plan, present: &dyn Fn(&FieldPath, &Value) -> Value) -> Self {
        let skipped: Vec<_> = plan.failed.iter().map(SkippedEntry::new).collect();
        let offers = plan.offers.iter().map(|offer| (offer.key.to_string(), offer)).collect();
        let entry = |offer: &&PlannedOffer| OfferEntry::new(offer, present);
        Self::of(&plan.terms.service, &Asked::of(&plan.terms), offers, entry, &skipped)
    }
}

impl Asked {
    pub(super) fn of(terms: &Terms) -> Self {
        let Terms { service: _, supersede, retry_failed, resend_media } = *terms;
        Self { supersede, retry_failed, resend_media }
    }
}

impl SkippedEntry {
    pub(super) fn new(failed: &UnplannedOffer) -> Self {
        Self {
            publisher_id: failed.key.as_ref().map(|key| key.publisher.clone()),
            offer_id: failed.key.as_ref().map(|key| key.offer.clone()),
            manifest: failed.manifest.to_string(),
            reason: failed.reason.clone(),
        }
    }
}

impl OfferEntry {
    /// The offer's name, as everywhere.
    pub(super) fn name(&self) -> String {
        format!("{}/{}", self.publisher_id, self.offer_id)
    }

    pub(super) fn new(offer: &PlannedOffer, present: &dyn Fn(&FieldPath, &Value) -> Value) -> Self {
        let present = |difference: &Difference| {
            let shown = |value: &Option<Value>| value.as_ref().map(|value| present(&difference.path, value));
            [shown(&difference.before), shown(&difference.after)]
        };
        let change = |change: &super::Change| {
            let difference = &change.difference;
            let [before, after] = present(difference);
            ChangeEntry {
                path: difference.path.clone(),
                op: difference.operation,
                class: difference.class,
                before,
                after,
                sensitive: change.sensitive,
                source: change.source.clone(),
                waived: difference.waived.clone(),
                file: difference.content.as_ref().map(|content| FileEntry {
                    path: content.path.to_string(),
                    before: content.before.clone(),
                    after: content.after.clone(),
                }),
            }
        };
        let passenger = |passenger: &Passenger| {
            let [before, after] = present(&passenger.difference);
            PassengerEntry {
                path: passenger.difference.path.clone(),
                op: passenger.difference.operation,
                from: passenger.from,
                replaces: passenger.replaces,
                before,
                after,
                sensitive: passenger.sensitive,
                waived: passenger.difference.waived.clone(),
            }
        };
        let allowed = |block: &Block| AllowedEntry {
            guard: block.guard,
            reason: block.sentence.clone(),
            fields: block.fields.clone(),
        };
        let blocked = |block: &Block| BlockEntry {
            guard: block.guard,
            reason: block.sentence.clone(),
            messages: block.messages.clone(),
            fields: block.fields.clone(),
            way_out: offer.way_out(block),
        };
        Self {
            publisher_id: offer.key.publisher.clone(),
            offer_id: offer.key.offer.clone(),
            offer_type_id: offer.offer_type.clone(),
            manifest: offer.manifest.file.to_string(),
            source: offer.manifest.clone(),
            target: offer.target,
            etag: offer.etag.clone(),
            content: offer.content.clone(),
            draft_version: offer.version,
            desired: offer.desired.clone(),
            submission: offer.submission,
            replaces: offer.replaces.clone(),
            verdict: offer.verdict(),
            changes: offer.changes.open().iter().map(change).collect(),
            secrets: offer.secrets.iter().map(SecretEntry::new).collect(),
            passengers: offer.passengers.open().iter().map(passenger).collect(),
            steps: offer.steps.iter().map(StepEntry::new).collect(),
            blocked: offer.blocks.iter().map(blocked).collect(),
            allowed: offer.allowed.iter().map(allowed).collect(),
            notes: offer.notes.clone(),
            listing: offer.listing.clone(),
        }
    }
}

impl SecretEntry {
    fn new(secret: &PlannedSecret) -> Self {
        Self {
            path: secret.path.clone(),
            variable: secret.variable.clone(),
            verdict: secret.verdict,
            doubt: secret.doubt,
        }
    }
}

impl StepEntry {
    fn new(step: &Step) -> Self {
        Self {
            action: step.action,
            until: step.until,
            reason: step.reason.clone(),
            undo: step.action.undo(),
            estimate: step.estimate.clone(),
            source: step.source.clone(),
        }
    }
}
