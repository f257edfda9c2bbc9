//! What an operation comes to that a person asks for by itself: publish, go live or cancel, without a manifest.
//!
//! Terms: it is **refused** when something else has to happen first. Pure, as all planning is.

use serde::Serialize;
use serde_json::Value;

use super::report::{estimate, goes_live_now};
use super::{Action, Goal, Step};
use crate::diff::{MediaRecords, between};
use crate::offer::{
    Catalogue, Document, Observed, OfferStatus, OperationStatus, Slot, SourcePosition, StatusReport, SubmissionKind,
};

/// An operation of the service.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub enum Operation {
    /// Takes the draft, as it is, to the preview slot.
    Publish,
    /// Takes the preview to the production slot.
    GoLive,
    /// Ends the submission that runs, or gives up the preview that waits for its go-live.
    Cancel,
}

impl Operation {
    /// The word of the command.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Publish => "publish",
            Self::GoLive => "go-live",
            Self::Cancel => "cancel",
        }
    }

    /// How far it takes an offer.
    pub fn target(self) -> Slot {
        match self {
            Self::Publish => Slot::Preview,
            Self::GoLive => Slot::Production,
            Self::Cancel => Slot::Draft,
        }
    }
}

/// What an operation comes to for one offer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum OperationPlan {
    /// These steps.
    ToDo(Vec<Step>),
    /// Nothing, and why.
    Nothing(String),
    /// It cannot be done now.
    Refused(Refusal),
}

/// Why an operation cannot be done now.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refusal {
    /// What kind of reason it is.
    pub reason: RefusalReason,
    /// What is in the way, in a sentence.
    pub sentence: String,
    /// What to type, or to do.
    pub way_out: String,
}

/// What kind of reason keeps an operation from being done.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RefusalReason {
    /// Something has to be done first.
    NotReady,
    /// Another submission runs.
    Busy,
    /// What it needs is still being made.
    StillGoing,
}

/// Plans an operation from what was observed, slots and newest submission included. `media` tells whether the names of
/// served files mean anything.
pub fn plan_operation(
    catalogue: &Catalogue,
    operation: Operation,
    observed: &Observed,
    media: &MediaRecords,
) -> OperationPlan {
    let Some(draft) = &observed.draft else {
        return refused(
            RefusalReason::NotReady,
            "the service has no such offer".to_owned(),
            format!("`offerctl list {}` shows the offers", observed.key.publisher),
        );
    };
    let planning = OperationPlanner { catalogue, observed, media, draft: draft.as_value() };
    match operation {
        Operation::Publish => planning.publish(),
        Operation::GoLive => planning.go_live(),
        Operation::Cancel => planning.cancel(),
    }
}

struct OperationPlanner<'input> {
    catalogue: &'input Catalogue,
    observed: &'input Observed,
    media: &'input MediaRecords,
    draft: &'input Value,
}

impl OperationPlanner<'_> {
    fn publish(&self) -> OperationPlan {
        let key = &self.observed.key;
        if self.observed.is_running {
            let is_of_draft = self.is_same(self.observed.submitted_content.as_ref(), self.draft);
            if is_of_draft && !self.goes_live() {
                let reason = "a publish of exactly this draft runs already";
                return OperationPlan::ToDo(vec![self.wait(Goal::Preview, reason)]);
            }
            return refused(
                RefusalReason::Busy,
                format!("{} runs", self.newest_in_words()),
                format!("wait for its end (`offerctl status {key}`), or end it with `offerctl cancel {key}`"),
            );
        }
        let preview_is_same = self.is_same(self.observed.preview.as_ref(), self.draft);
        let production_is_same = self.is_same(self.observed.production.as_ref(), self.draft);
        if preview_is_same && self.awaits_signoff() {
            let holds = "the preview holds exactly this draft already, and waits for its go-live";
            return OperationPlan::Nothing(holds.to_owned());
        }
        // An empty preview behind production has nothing more to show.
        if production_is_same && (preview_is_same || self.observed.preview.is_none()) && !self.ended_badly() {
            return OperationPlan::Nothing("production holds exactly this draft already".to_owned());
        }
        let reason = if self.ended_badly() {
            format!("{}, and you ask to submit again", self.last_in_words())
        } else if preview_is_same {
            "the preview holds this draft, and does not wait for a go-live".to_owned()
        } else if self.observed.preview.is_some() {
            "the draft differs from the preview".to_owned()
        } else {
            "nothing is in the preview slot yet".to_owned()
        };
        OperationPlan::ToDo(vec![
            self.step(Action::Publish, reason),
            self.wait(Goal::Preview, "the service validates, certifies and provisions the preview"),
        ])
    }

    fn go_live(&self) -> OperationPlan {
        let key = &self.observed.key;
        if self.observed.is_running {
            if self.goes_live() {
                return OperationPlan::ToDo(vec![self.wait(Goal::Live, "a go-live runs already")]);
            }
            return refused(
                RefusalReason::StillGoing,
                format!("the preview is not ready: {} runs", self.newest_in_words()),
                format!(
                    "`offerctl status {key}` shows how far it is; run the same command again when the preview is ready"
                ),
            );
        }
        if self.awaits_signoff() && self.observed.preview.is_some() {
            let is_first = self.observed.production.is_none();
            let first = if is_first { ", and nothing is in production yet" } else { "" };
            let reason = format!("the preview waits for the go-live{first}");
            return OperationPlan::ToDo(vec![
                self.step(Action::GoLive, reason),
                self.wait(Goal::Live, "the service makes the preview public"),
            ]);
        }
        let not_ready = |sentence: String| {
            let way_out = format!("`offerctl publish {key}` submits the draft; go live when its preview is ready");
            refused(RefusalReason::NotReady, sentence, way_out)
        };
        if self.ended_badly() {
            return not_ready(format!("{}, so that no preview waits for a go-live", self.last_in_words()));
        }
        match (&self.observed.preview, &self.observed.production) {
            (Some(preview), production) if self.is_same(production.as_ref(), preview.as_value()) => {
                OperationPlan::Nothing("production holds exactly this preview already".to_owned())
            }
            (None, production) if self.is_same(production.as_ref(), self.draft) => {
                OperationPlan::Nothing("production holds exactly this draft already".to_owned())
            }
            (None, None) => not_ready("nothing was published yet".to_owned()),
            _ => not_ready("no preview waits for a go-live".to_owned()),
        }
    }

    fn cancel(&self) -> OperationPlan {
        let reason = if self.observed.is_running {
            format!("{} runs", self.newest_in_words())
        } else if self.awaits_signoff() {
            format!("{} waits for its go-live, and is given up", self.newest_in_words())
        } else {
            return OperationPlan::Nothing(format!("there is nothing to cancel; {}", self.last_in_words()));
        };
        OperationPlan::ToDo(vec![
            self.step(Action::Cancel, reason),
            self.wait(Goal::Canceled, "a canceled submission needs a few minutes to end"),
        ])
    }

    /// Whether the submission that runs is a go-live, as far as anything tells.
    fn goes_live(&self) -> bool {
        let of_row = self.observed.running.as_ref().and_then(|row| row.kind);
        let of_stages = || self.observed.status.as_ref().and_then(goes_live_now);
        of_row.or_else(of_stages) == Some(SubmissionKind::GoLive)
    }

    fn awaits_signoff(&self) -> bool {
        self.observed.status.as_ref().is_some_and(StatusReport::awaits_signoff)
    }

    fn ended_badly(&self) -> bool {
        let status = self.observed.status.as_ref().map(|report| &report.status);
        matches!(status, Some(OfferStatus::Failed | OfferStatus::Canceled))
    }

    fn is_same(&self, one: Option<&Document>, other: &Value) -> bool {
        one.is_some_and(|one| between(self.catalogue, self.media, one.as_value(), other).is_empty())
    }

    /// The newest submission: "a publish of version 2".
    fn newest_in_words(&self) -> String {
        let newest = self.observed.newest.as_ref();
        let what = match newest.and_then(|row| row.kind) {
            Some(SubmissionKind::Publish) => "a publish",
            Some(SubmissionKind::GoLive) => "a go-live",
            None => "a submission",
        };
        let version = newest.and_then(|row| row.offer_version);
        version.map_or_else(|| what.to_owned(), |version| format!("{what} of version {version}"))
    }

    /// What became of the newest submission, by its row or else by the report.
    fn last_in_words(&self) -> String {
        let row = self.observed.newest.as_ref().map(|row| &row.state);
        let report = self.observed.status.as_ref().map(|report| &report.status);
        let end = match (row, report) {
            (Some(OperationStatus::Canceled), _) | (None, Some(OfferStatus::Canceled)) => "was canceled",
            (Some(OperationStatus::Failed), _) | (None, Some(OfferStatus::Failed)) => "failed",
            (Some(OperationStatus::Succeeded), _) | (None, Some(OfferStatus::Succeeded)) => "succeeded",
            (Some(_), _) => "has ended",
            (None, _) => return "nothing was ever submitted".to_owned(),
        };
        let which = self.observed.newest.as_ref().map(|_| format!(" ({})", self.newest_in_words()));
        format!("the last submission{} {end}", which.unwrap_or_default())
    }

    fn wait(&self, goal: Goal, reason: &str) -> Step {
        Step { until: Some(goal), ..self.step(Action::Wait, reason.to_owned()) }
    }

    fn step(&self, action: Action, reason: String) -> Step {
        let estimate = self.observed.status.as_ref().and_then(|report| estimate(report, action));
        Step { action, until: None, reason, estimate, source: command_line() }
    }
}

/// Where an operation is asked for: nothing in the repository does.
pub fn command_line() -> SourcePosition {
    SourcePosition { file: "the command line".into(), line: 1, column: 1 }
}

fn refused(reason: RefusalReason, sentence: String, way_out: String) -> OperationPlan {
    OperationPlan::Refused(Refusal { reason, sentence, way_out })
}
