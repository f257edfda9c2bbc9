//! The plan as a file: versioned JSON, the one format of `plan --output json`, documented in `docs/json.md`.
//!
//! These types are the format, apart from the domain's, so that neither binds the other.

use serde::Serialize;
use serde_json::Value;

use super::{Action, Block, Goal, OfferVerdict, Passenger, Plan, PlannedOffer, PlannedSecret, Step, Summary, Undo};
use crate::diff::{Class, Difference, Operation, SecretVerdict};
use crate::offer::{FieldPath, Slot, SourcePosition};

/// Grows when a reader of the format has to change.
pub const PLAN_FORMAT_VERSION: u32 = 1;

/// A whole plan.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct PlanFile {
    /// Always `offerctl-plan`.
    pub format: &'static str,
    /// [`PLAN_FORMAT_VERSION`].
    pub version: u32,
    /// The offers that could be planned.
    pub offers: Vec<OfferEntry>,
    /// What was found, read, planned and left out.
    pub coverage: Coverage,
    /// The totals.
    pub summary: Summary,
}

/// One planned offer.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct OfferEntry {
    publisher_id: String,
    offer_id: String,
    offer_type_id: String,
    manifest: String,
    target: Slot,
    etag: Option<String>,
    content: Option<String>,
    verdict: &'static str,
    changes: Vec<ChangeEntry>,
    secrets: Vec<SecretEntry>,
    passengers: Vec<PassengerEntry>,
    steps: Vec<StepEntry>,
    blocked: Vec<BlockEntry>,
    allowed: Vec<AllowedEntry>,
    notes: Vec<String>,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct ChangeEntry {
    path: String,
    op: Operation,
    class: Class,
    before: Option<Value>,
    after: Option<Value>,
    sensitive: bool,
    source: SourcePosition,
    #[serde(skip_serializing_if = "Option::is_none")]
    waived: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    file: Option<FileEntry>,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct FileEntry {
    path: String,
    before: Option<String>,
    after: String,
}

#[derive(Debug, Serialize)]
struct SecretEntry {
    path: String,
    variable: String,
    verdict: &'static str,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct PassengerEntry {
    path: String,
    op: Operation,
    from: Slot,
    replaces: Slot,
    before: Option<Value>,
    after: Option<Value>,
    sensitive: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    waived: Option<String>,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct AllowedEntry {
    guard: &'static str,
    reason: String,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct StepEntry {
    action: Action,
    #[serde(skip_serializing_if = "Option::is_none")]
    until: Option<Goal>,
    reason: String,
    undo: Undo,
    estimate: Option<String>,
    source: SourcePosition,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct BlockEntry {
    guard: &'static str,
    reason: String,
    messages: Vec<String>,
    way_out: String,
}

/// How much of the repository the plan covers.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Coverage {
    /// Manifests that were selected.
    pub found: usize,
    /// Offers whose state the service told.
    pub read: usize,
    /// Offers with an entry in the plan.
    pub planned: usize,
    /// Offers without one, and why.
    pub skipped: Vec<SkippedEntry>,
}

/// An offer that the plan does not cover.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct SkippedEntry {
    publisher_id: Option<String>,
    offer_id: Option<String>,
    manifest: String,
    reason: String,
}

impl PlanFile {
    /// The file of a plan. Every value passes through `present`, which makes it fit to be seen: the domain's plan holds
    /// signatures, the file must not.
    pub fn new(plan: &Plan, present: &dyn Fn(&FieldPath, &Value) -> Value) -> Self {
        Self {
            format: "offerctl-plan",
            version: PLAN_FORMAT_VERSION,
            offers: plan.offers.iter().map(|offer| OfferEntry::new(offer, present)).collect(),
            coverage: Coverage {
                found: plan.offers.len() + plan.failed.len(),
                read: plan.offers.len(),
                planned: plan.offers.len(),
                skipped: plan
                    .failed
                    .iter()
                    .map(|failed| SkippedEntry {
                        publisher_id: failed.key.as_ref().map(|key| key.publisher.to_string()),
                        offer_id: failed.key.as_ref().map(|key| key.offer.to_string()),
                        manifest: failed.manifest.to_string(),
                        reason: failed.reason.clone(),
                    })
                    .collect(),
            },
            summary: plan.summary(),
        }
    }
}

impl OfferEntry {
    fn new(offer: &PlannedOffer, present: &dyn Fn(&FieldPath, &Value) -> Value) -> Self {
        let present = |difference: &Difference| {
            let shown = |value: &Option<Value>| value.as_ref().map(|value| present(&difference.path, value));
            [shown(&difference.before), shown(&difference.after)]
        };
        let change = |change: &super::Change| {
            let difference = &change.difference;
            let [before, after] = present(difference);
            ChangeEntry {
                path: difference.path.to_string(),
                op: difference.operation,
                class: difference.class,
                before,
                after,
                sensitive: change.sensitive,
                source: change.source.clone(),
                waived: difference.waived.clone(),
                file: difference.content.as_ref().map(|content| FileEntry {
                    path: content.path.to_string(),
                    before: content.before.as_ref().map(ToString::to_string),
                    after: content.after.to_string(),
                }),
            }
        };
        let passenger = |passenger: &Passenger| {
            let [before, after] = present(&passenger.difference);
            PassengerEntry {
                path: passenger.difference.path.to_string(),
                op: passenger.difference.operation,
                from: passenger.from,
                replaces: passenger.replaces,
                before,
                after,
                sensitive: passenger.sensitive,
                waived: passenger.difference.waived.clone(),
            }
        };
        let allowed = |block: &Block| AllowedEntry { guard: block.guard.as_str(), reason: block.sentence.clone() };
        let step = |step: &Step| StepEntry {
            action: step.action,
            until: step.until,
            reason: step.reason.clone(),
            undo: step.undo,
            estimate: step.estimate.clone(),
            source: step.source.clone(),
        };
        Self {
            publisher_id: offer.key.publisher.to_string(),
            offer_id: offer.key.offer.to_string(),
            offer_type_id: offer.offer_type.to_string(),
            manifest: offer.manifest.file.to_string(),
            target: offer.target,
            etag: offer.etag.as_ref().map(ToString::to_string),
            content: offer.content.clone(),
            verdict: match offer.verdict() {
                OfferVerdict::InSync => "inSync",
                OfferVerdict::ToDo => "toDo",
                OfferVerdict::Blocked => "blocked",
            },
            changes: offer.changes.iter().map(change).collect(),
            secrets: offer.secrets.iter().map(SecretEntry::new).collect(),
            passengers: offer.passengers.iter().map(passenger).collect(),
            steps: offer.steps.iter().map(step).collect(),
            blocked: offer
                .blocks
                .iter()
                .map(|block| BlockEntry {
                    guard: block.guard.as_str(),
                    reason: block.sentence.clone(),
                    messages: block.messages.clone(),
                    way_out: offer.way_out(block),
                })
                .collect(),
            allowed: offer.allowed.iter().map(allowed).collect(),
            notes: offer.notes.clone(),
        }
    }
}

impl SecretEntry {
    fn new(secret: &PlannedSecret) -> Self {
        Self {
            path: secret.path.to_string(),
            variable: secret.variable.clone(),
            verdict: match secret.verdict {
                SecretVerdict::Changed => "changed",
                SecretVerdict::Unchanged => "unchanged",
                SecretVerdict::Unverifiable => "unverifiable",
            },
        }
    }
}
