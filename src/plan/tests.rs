//! The planner, told as the design's table: what was observed, and the steps that follow up to each slot.

use std::fmt::Write as _;

use serde_json::{Value, json};

use super::*;
use crate::offer::{
    Catalogue, Desired, Document, Message, MessageLevel, Observed, OfferStatus, OperationStatus, PositionTree,
    Reconcile, Stage, StageStatus, StatusReport, Submission, SubmissionKind,
};

mod changes;
mod format;
mod guards;
mod listing;
mod operation;
mod passengers;
mod prices;
mod reading;
mod saved;
mod secrets;
mod table;
mod thresholds;

fn key() -> OfferKey {
    OfferKey::parse("contoso/contoso-vm").unwrap()
}

/// An offer with this title, and an offer plan with two images.
fn document(title: &str) -> Value {
    json!({
        "publisherId": "contoso", "offerTypeId": "microsoft-azure-virtualmachines", "id": "contoso-vm",
        "definition": {
            "displayText": "Contoso VM",
            "offer": {"x.title": title, "x.summary": "A machine"},
            "plans": [{"planId": "gold", "x.skuTitle": "Gold", "x.vmImages": {"1.0.0": {"label": "one"}, "1.1.0": {"label": "two"}}}],
        },
    })
}

fn right() -> Value {
    document("Ours")
}

fn other() -> Value {
    document("Theirs")
}

/// Numbers the lines of a document as a manifest would, one line a value.
fn positions(value: &Value, line: &mut u32) -> PositionTree {
    let position = SourcePosition { file: "offers/vm/offer.yaml".into(), line: *line, column: 1 };
    *line += 1;
    let children = match value {
        Value::Object(map) => map.iter().map(|(key, value)| (key.as_str().into(), positions(value, line))).collect(),
        Value::Array(items) => {
            items.iter().enumerate().map(|(index, item)| (index.to_string().into(), positions(item, line))).collect()
        }
        _ => Vec::new(),
    };
    PositionTree { value: position.clone(), key: position, children }
}

fn desired(document: Value) -> Desired {
    let positions = positions(&document, &mut 1);
    Desired {
        key: key(),
        offer_type: OfferTypeId::new("microsoft-azure-virtualmachines").unwrap(),
        manifest: positions.value.clone(),
        reconcile: Reconcile { publish_to: Slot::Production, ..Reconcile::default() },
        document,
        positions,
        secrets: Vec::new(),
        local_files: Vec::new(),
    }
}

fn stage(id: &str, status: StageStatus) -> Stage {
    let name = if id == "live" { "Live" } else { id };
    Stage { id: id.to_owned(), name: name.to_owned(), status, progress: None, estimate: None, messages: Vec::new() }
}

fn report(status: OfferStatus, signoff: StageStatus, live: StageStatus) -> StatusReport {
    StatusReport {
        status,
        stages: vec![stage("publisher-signoff", signoff), stage("live", live)],
        messages: Vec::new(),
        preview_links: Vec::new(),
        live_links: Vec::new(),
        publishing_version: None,
    }
}

/// How the offer's newest submission stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Standing {
    NeverPublished,
    AwaitingSignoff,
    Live,
    Failed,
    Canceled,
    Publishing,
    GoingLive,
    Mystery,
}

impl Standing {
    fn report(self) -> StatusReport {
        use StageStatus::{Complete, InProgress, NotStarted, WaitingForPublisherReview};
        match self {
            Self::NeverPublished => report(OfferStatus::NeverPublished, NotStarted, NotStarted),
            Self::AwaitingSignoff => report(OfferStatus::Running, WaitingForPublisherReview, NotStarted),
            Self::Live => report(OfferStatus::Succeeded, Complete, Complete),
            Self::Failed => report(OfferStatus::Failed, NotStarted, NotStarted),
            Self::Canceled => report(OfferStatus::Canceled, NotStarted, NotStarted),
            Self::Publishing => report(OfferStatus::Running, NotStarted, NotStarted),
            Self::GoingLive => report(OfferStatus::Running, Complete, InProgress),
            Self::Mystery => report(OfferStatus::Unknown("pondering".to_owned()), NotStarted, NotStarted),
        }
    }

    fn kind(self) -> Option<SubmissionKind> {
        match self {
            Self::Publishing | Self::Mystery => Some(SubmissionKind::Publish),
            Self::GoingLive => Some(SubmissionKind::GoLive),
            _ => None,
        }
    }
}

/// What the service says of the offer.
fn observed(draft: Value, preview: Option<Value>, production: Option<Value>, standing: Standing) -> Observed {
    let running = standing.kind().map(|kind| Submission {
        id: "1".to_owned(),
        kind: Some(kind),
        state: OperationStatus::Running,
        offer_version: Some(4),
        publishing_version: Some(1),
        slot: None,
        changed_time: None,
    });
    Observed {
        draft: Some(Document::new(draft)),
        etag: Some(ETag::new("W/\"datetime'2026-11-22'\"")),
        preview: preview.map(Document::new),
        production: production.map(Document::new),
        status: Some(standing.report()),
        is_running: running.is_some(),
        newest: running.clone(),
        running,
        ..Observed::absent(key())
    }
}

/// While a submission of this content runs.
fn running(content: Value, observed: Observed) -> Observed {
    Observed { submitted_content: Some(Document::new(content)), ..observed }
}

fn plan_with(desired: &Desired, observed: &Observed, known: &Known, directives: &Directives) -> PlannedOffer {
    plan_offer(Catalogue::built_in(), desired, observed, known, directives)
}

fn plan(desired: &Desired, observed: &Observed) -> PlannedOffer {
    plan_with(desired, observed, &Known::default(), &Directives::default())
}

/// `update, publish, wait for preview`
fn steps(planned: &PlannedOffer) -> String {
    let step = |step: &Step| match step.until {
        Some(goal) => format!("wait for {goal:?}").to_lowercase(),
        None => step.action.as_str().to_owned(),
    };
    let steps: Vec<_> = planned.steps.iter().map(step).collect();
    let blocks: Vec<_> = planned.blocks.iter().map(|block| format!("blocked by {}", block.guard)).collect();
    let all: Vec<_> = steps.into_iter().chain(blocks).collect();
    if all.is_empty() { "nothing".to_owned() } else { all.join(", ") }
}
