//! The rest of a plan that was begun: what it needs to be carried on with by another run, on another machine.
//!
//! It holds no secret and no signature, so that a draft that is still to be written needs the manifest again; whatever
//! comes after the write needs nothing but the record.

use std::sync::Arc;

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::offer::{
    Desired, FieldPath, FileDigest, GuardSettings, IgnoredField, OfferKey, OfferPlansPolicy, OfferTypeId, PositionTree,
    Reconcile, Slot, SourcePosition,
};
use crate::plan::{Action, Directives, Goal, PlanDigest, PlannedOffer, Step};

/// What is left of a plan for one offer.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Rest {
    /// When the plan was begun, as an RFC 3339 time stamp.
    pub begun_at: String,
    /// The commit that it was begun from, as in a record; `None` when no manifest is taken anywhere.
    #[serde(default)]
    pub commit: Option<String>,
    /// The plan that it is left of; `None` when no manifest is taken anywhere.
    #[serde(default)]
    pub plan: Option<PlanDigest>,
    /// Whose content is taken through the slots.
    pub subject: Subject,
    /// The manifest, relative to the repository root; for [`Subject::LiveDraft`] whatever the person named.
    pub manifest: String,
    /// What kind of offer.
    pub offer_type: OfferTypeId,
    /// The document that is to be there in the end, fit for a record.
    pub document: Arc<Value>,
    /// Where the document holds secrets, and the environment variable that each comes from.
    #[serde(default)]
    pub secrets: Vec<(FieldPath, String)>,
    /// What the local files held that the document names by their addresses.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub contents: Vec<(FieldPath, FileDigest)>,
    /// How far the plan takes the offer.
    pub target: Slot,
    /// Whom the service tells about a submission.
    #[serde(default)]
    pub notification_emails: Vec<String>,
    /// Whether live offer plans that the document does not name are to go.
    #[serde(default)]
    pub removes_other_offer_plans: bool,
    /// Fields that others own, each with the reason.
    #[serde(default)]
    pub ignore: Vec<Waiver>,
    /// What the person who began the plan asked for, as the flags of the command line.
    #[serde(default)]
    pub asked: Asked,
    /// The steps that are not done, in their order.
    pub steps: Vec<StepLeft>,
    /// The publishing version of the publish that is taken to the slots: what comes of another one was not agreed to.
    /// `None` before it has begun, or when the service never told.
    #[serde(default)]
    pub published: Option<u64>,
    /// Why it cannot be carried on with any more; only a new plan replaces it.
    #[serde(default)]
    pub stopped: Option<Stopped>,
}

/// Why the rest of a plan cannot be carried on with.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Stopped {
    /// What sort of reason it is.
    pub cause: StopCause,
    /// What happened, in the words in which it was said then.
    pub sentence: String,
}

/// What sort of reason stopped a plan.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum StopCause {
    /// Somebody else changed or submitted the offer.
    Conflict,
    /// The service refused, failed, rejected or canceled it.
    Rejected,
    /// A guard blocks it.
    Blocked,
    /// Anything else.
    Failed,
}

/// Whose content a plan takes through the slots.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Subject {
    /// What a manifest says.
    Manifest,
    /// What is in the draft already, whoever wrote it.
    LiveDraft,
}

/// A step that is not done.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct StepLeft {
    /// What it does.
    pub action: Action,
    /// What it waits for, if it is a wait.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub until: Option<Goal>,
}

/// A field that others own.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Waiver {
    path: FieldPath,
    reason: String,
}

/// What the person who began the plan asked for.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct Asked {
    supersede: bool,
    retry_failed: bool,
    resend_media: bool,
    allow: Vec<String>,
}

impl Rest {
    /// The whole of a plan that begins now. `document` is the desired one, fit for a record.
    pub fn of(
        desired: &Desired,
        subject: Subject,
        document: Arc<Value>,
        planned: &PlannedOffer,
        directives: &Directives,
        now: String,
        commit: Option<String>,
    ) -> Self {
        let reconcile = &desired.reconcile;
        let waiver = |ignored: &IgnoredField| Waiver { path: ignored.path.clone(), reason: ignored.reason.clone() };
        Self {
            begun_at: now,
            commit,
            plan: None,
            subject,
            manifest: desired.manifest.file.to_string(),
            offer_type: desired.offer_type.clone(),
            document,
            secrets: desired.secrets.clone(),
            contents: contents(desired),
            target: planned.target,
            notification_emails: reconcile.notification_emails.clone(),
            removes_other_offer_plans: reconcile.offer_plans == OfferPlansPolicy::Exact,
            ignore: reconcile.ignore.iter().map(waiver).collect(),
            asked: Asked {
                supersede: directives.supersede,
                retry_failed: directives.retry_failed,
                resend_media: directives.resend_media,
                // What manifests and settings let pass stays allowed too, wherever the rest is carried on with.
                allow: directives
                    .allow
                    .iter()
                    .map(ToString::to_string)
                    .chain(planned.allowed.iter().map(|block| format!("{}:{}", block.guard, planned.key)))
                    .collect(),
            },
            steps: planned.steps.iter().map(StepLeft::of).collect(),
            published: None,
            stopped: None,
        }
    }

    /// Whether a step is left that depends on which publish the preview comes of.
    pub fn is_about_the_preview(&self) -> bool {
        self.has(Action::GoLive) || self.steps.iter().any(|step| step.until == Some(Goal::Preview))
    }

    /// Whether the draft is still to be written, for which the manifest itself is needed.
    pub fn writes(&self) -> bool {
        self.has(Action::Create) || self.has(Action::Update)
    }

    /// The plan that it is left of, as long as it can be carried on with and the draft is still to be written.
    pub fn unwritten_plan(&self) -> Option<&PlanDigest> {
        self.plan.as_ref().filter(|_| self.writes() && self.stopped.is_none())
    }

    fn has(&self, action: Action) -> bool {
        self.steps.iter().any(|step| step.action == action)
    }

    /// What is to be there in the end, for everything that comes after the write.
    pub fn desired(&self, key: &OfferKey) -> Desired {
        let position = SourcePosition { file: Arc::from(self.manifest.as_str()), line: 1, column: 1 };
        let ignored = |waiver: &Waiver| IgnoredField {
            path: waiver.path.clone(),
            reason: waiver.reason.clone(),
            until: None,
            position: position.clone(),
        };
        let offer_plans = if self.removes_other_offer_plans { OfferPlansPolicy::Exact } else { OfferPlansPolicy::Keep };
        Desired {
            key: key.clone(),
            offer_type: self.offer_type.clone(),
            manifest: position.clone(),
            reconcile: Reconcile {
                publish_to: self.target,
                publish_to_at: None,
                notification_emails: self.notification_emails.clone(),
                offer_plans,
                ignore: self.ignore.iter().map(ignored).collect(),
                guards: GuardSettings::default(),
            },
            secrets: self.secrets.clone(),
            // Only a write sends what they stand for, and a write needs the manifest again.
            local_files: Vec::new(),
            document: (*self.document).clone(),
            positions: PositionTree { value: position.clone(), key: position, children: Vec::new() },
        }
    }

    /// Whether a manifest is still what the plan was made from. `document` is its document, fit for a record.
    pub fn is_of(&self, document: &Value, desired: &Desired) -> bool {
        *document == *self.document && contents(desired) == self.contents
    }

    /// What the planner is to take into account: only what concerns steps that are left, so that what failed is not
    /// submitted a second time because it once was to be.
    pub fn directives(&self) -> Directives {
        Directives {
            until: Some(self.target),
            supersede: self.asked.supersede && self.has(Action::Cancel),
            retry_failed: self.asked.retry_failed && self.has(Action::Publish),
            resend_media: self.asked.resend_media && self.writes(),
            allow: self.asked.allow.iter().filter_map(|text| text.parse().ok()).collect(),
            ..Directives::default()
        }
    }

    /// Leaves out the writes that are not left of this plan: whoever edits the draft meanwhile holds up neither a wait nor
    /// the go-live of the preview that was agreed to, and their edit stays for the next plan to show.
    pub fn without_new_writes(&self, steps: &mut Vec<Step>) {
        let is_left = self.writes();
        steps.retain(|step| step.action != Action::Update || is_left);
    }

    /// The first step of a new plan that is not left of this one. Waiting is always allowed; doing is not.
    pub fn first_beyond<'step>(&self, steps: &'step [Step]) -> Option<&'step Step> {
        steps.iter().find(|step| step.until.is_none() && !self.has(step.action))
    }

    /// Takes a step that is done off, with all before it; false when it was off already.
    pub fn finish(&mut self, action: Action, until: Option<Goal>) -> bool {
        let step = StepLeft { action, until };
        let Some(index) = self.steps.iter().position(|left| *left == step) else { return false };
        self.steps.drain(..=index);
        true
    }
}

fn contents(desired: &Desired) -> Vec<(FieldPath, FileDigest)> {
    desired.local_files.iter().map(|file| (file.field.clone(), file.digest.clone())).collect()
}

impl StepLeft {
    fn of(step: &Step) -> Self {
        Self { action: step.action, until: step.until }
    }
}
