//! What programs get to see: versioned JSON documents, described in `docs/json.md`.

use serde::Serialize;
use serde_json::{Value, json};

use super::redaction::Redaction;
use super::remedy::{Remedy, TracedComplaint, concern_json};
use super::status_text::OfferStanding;
use crate::execute::OfferOutcome;
use crate::offer::{Message, MessageLevel, OfferKey};
use crate::plan::{Plan, PlanDigest, PlanDocument, PlannedOffer, Summary};

/// The plan as its file format, redacted; each part of it passes through `finish` before it is written.
pub fn plan_json<'plan>(plan: &'plan Plan, finish: &'plan dyn Fn(Value) -> Value) -> PlanDocument<'plan> {
    PlanDocument::new(plan, &|path, value| Redaction::default().value(path, value), finish)
}

/// What the plan is recognised by; the same for a plan that was read back from its file.
pub fn plan_digest(plan: &Plan) -> PlanDigest {
    let redaction = Redaction::default();
    PlanDigest::of_plan(plan, &|path, value| redaction.value(path, value))
}

/// What an apply did.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub struct ApplyFile<'plan> {
    /// Always `offerctl-apply`.
    pub format: &'static str,
    /// Grows when a reader of the format has to change.
    pub version: u32,
    /// The plan that was carried out.
    pub plan: PlanDocument<'plan>,
    /// What became of each planned offer: a list of [`OfferResult`], fit to be written.
    pub results: Value,
    /// How many offers ended how.
    pub summary: ApplySummary,
}

/// What a resume did.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct ResumeFile {
    /// Always `offerctl-resume`.
    pub format: &'static str,
    /// Grows when a reader of the format has to change.
    pub version: u32,
    /// What became of each offer that had something left, and of each that was named.
    pub results: Vec<OfferResult>,
    /// How many offers ended how.
    pub summary: ApplySummary,
}

/// What became of one offer.
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct OfferResult {
    publisher_id: String,
    offer_id: String,
    result: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    error: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    what_next: Option<String>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    complaints: Vec<TracedComplaint>,
}

/// The totals of an apply; they add up to the offers of the plan.
#[derive(Debug, Clone, Copy, Default, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct ApplySummary {
    /// All their steps are done.
    pub done: usize,
    /// There was nothing to do.
    pub in_sync: usize,
    /// The service still works on them.
    pub still_going: usize,
    /// A guard keeps them from being worked on.
    pub blocked: usize,
    /// A step failed.
    pub failed: usize,
    /// They could not be read, so that nothing was tried.
    pub unreadable: usize,
    /// The person stopped the run before they were done.
    pub interrupted: usize,
}

impl OfferResult {
    /// The result of an offer whose steps were begun.
    pub fn worked_on(key: &OfferKey, outcome: &OfferOutcome, remedy: &Remedy) -> Self {
        let (result, error) = match outcome {
            OfferOutcome::Done => ("done", None),
            OfferOutcome::StillGoing { .. } => ("stillGoing", None),
            OfferOutcome::Interrupted => ("interrupted", None),
            OfferOutcome::Failed(error) => ("failed", Some(error)),
        };
        Self {
            error: error.map(|error| Redaction::text(&error.to_string())),
            what_next: match outcome {
                OfferOutcome::Done => None,
                OfferOutcome::StillGoing { .. } | OfferOutcome::Interrupted => Some(remedy.go_on.clone()),
                OfferOutcome::Failed(error) => {
                    let mended = remedy.once_mended.as_ref().map(|command| format!(" Once it is mended: `{command}`."));
                    let rest = error.leaves_a_rest().then(|| format!(" Go on with: {}", remedy.go_on));
                    Some(format!("{}{}{}", error.advice(), mended.unwrap_or_default(), rest.unwrap_or_default()))
                }
            },
            complaints: remedy.complaints.clone(),
            ..Self::named(key, result)
        }
    }

    /// The result of an offer that had no step to do.
    pub fn in_sync(offer: &PlannedOffer) -> Self {
        Self::named(&offer.key, "inSync")
    }

    /// The result of an offer of which nothing was left to do.
    pub fn nothing_left(key: &OfferKey) -> Self {
        Self::named(key, "nothingLeft")
    }

    /// The result of an offer that could not be looked at.
    pub fn unreadable(key: &OfferKey, error: &str, hints: &[String]) -> Self {
        Self::failing(key, "unreadable", error, hints)
    }

    /// The result of an offer whose plan was stopped before, or does not fit it any more.
    pub fn stopped(key: &OfferKey, error: &str, hints: &[String]) -> Self {
        Self::failing(key, "failed", error, hints)
    }

    fn failing(key: &OfferKey, result: &'static str, error: &str, hints: &[String]) -> Self {
        Self {
            error: Some(Redaction::text(error)),
            what_next: (!hints.is_empty()).then(|| hints.join("; ")),
            ..Self::named(key, result)
        }
    }

    /// The result of an offer with which a person did one thing by hand; `error` is what was in the way.
    pub(super) fn of_operation(
        key: &OfferKey,
        result: &'static str,
        error: Option<String>,
        what_next: Option<String>,
        complaints: &[TracedComplaint],
    ) -> Self {
        let shown = |text: Option<String>| text.map(|text| Redaction::text(&text));
        let complaints = complaints.to_vec();
        Self { error: shown(error), what_next: shown(what_next), complaints, ..Self::named(key, result) }
    }

    /// The result of an offer that a guard blocks.
    pub fn blocked(offer: &PlannedOffer) -> Self {
        Self::named(&offer.key, "blocked")
    }

    /// What became of it, as one of the words of `docs/json.md`: `done`.
    pub fn result(&self) -> &'static str {
        self.result
    }

    /// Which offer it is about, as publisher/offer.
    pub fn offer(&self) -> String {
        format!("{}/{}", self.publisher_id, self.offer_id)
    }

    /// What was in the way.
    pub(super) fn error(&self) -> Option<&str> {
        self.error.as_deref()
    }

    /// What to do next.
    pub(super) fn what_next(&self) -> Option<&str> {
        self.what_next.as_deref()
    }

    /// What the service complains about.
    pub(super) fn complaints(&self) -> &[TracedComplaint] {
        &self.complaints
    }

    fn named(key: &OfferKey, result: &'static str) -> Self {
        Self {
            publisher_id: key.publisher.to_string(),
            offer_id: key.offer.to_string(),
            result,
            error: None,
            what_next: None,
            complaints: Vec::new(),
        }
    }
}

impl ApplySummary {
    /// Starts from what the plan already settled.
    pub fn of_plan(summary: &Summary) -> Self {
        Self { in_sync: summary.in_sync, blocked: summary.blocked, unreadable: summary.failed, ..Self::default() }
    }

    /// Counts one offer that was worked on.
    pub fn count(&mut self, outcome: &OfferOutcome) {
        match outcome {
            OfferOutcome::Done => self.done += 1,
            OfferOutcome::StillGoing { .. } => self.still_going += 1,
            OfferOutcome::Interrupted => self.interrupted += 1,
            OfferOutcome::Failed(_) => self.failed += 1,
        }
    }

    /// All offers.
    pub fn total(&self) -> usize {
        self.done + self.in_sync + self.still_going + self.blocked + self.failed + self.unreadable + self.interrupted
    }

    /// The totals in one line, always in the same form; `command` is the word that it begins with.
    pub fn line(&self, command: &str) -> String {
        format!(
            "{command}: {} offers: {} done, {} in sync, {} still in progress, {} blocked, {} failed, {} unreadable, \
             {} interrupted.",
            self.total(),
            self.done,
            self.in_sync,
            self.still_going,
            self.blocked,
            self.failed,
            self.unreadable,
            self.interrupted
        )
    }
}

/// How an offer stands.
pub fn status_json(key: &OfferKey, standing: Option<&OfferStanding>) -> Value {
    let head = json!({"publisherId": key.publisher, "offerId": key.offer, "exists": standing.is_some()});
    let Some(OfferStanding { report, history, complaints }) = standing else { return head };
    let message = |said: &Message| message(said, complaints);
    let stages: Vec<_> = report
        .stages
        .iter()
        .map(|stage| {
            json!({
                "id": stage.id,
                "name": stage.name,
                "status": stage.status.word(),
                "progressPercentage": stage.progress,
                "estimate": stage.estimate,
                "messages": stage.messages.iter().map(message).collect::<Vec<_>>(),
            })
        })
        .collect();
    let links = |links: &[String]| links.iter().map(|link| Redaction::text(link)).collect::<Vec<_>>();
    let mut whole = head;
    whole["status"] = json!(report.status.word());
    whole["awaitsSignoff"] = json!(report.awaits_signoff());
    whole["running"] = json!(report.is_running());
    whole["publishingVersion"] = json!(report.publishing_version);
    whole["stages"] = json!(stages);
    whole["messages"] = json!(report.messages.iter().map(message).collect::<Vec<_>>());
    whole["previewLinks"] = json!(links(&report.preview_links));
    whole["liveLinks"] = json!(links(&report.live_links));
    whole["history"] = json!(history);
    whole
}

fn message(message: &Message, complaints: &[TracedComplaint]) -> Value {
    let level = match message.level {
        MessageLevel::Information => "information",
        MessageLevel::Warning => "warning",
        MessageLevel::Error => "error",
    };
    let mut said = json!({"level": level, "text": Redaction::text(&message.text)});
    if let (Some(concern), Value::Object(fields)) = (TracedComplaint::about(complaints, &message.text), &mut said) {
        fields.extend(concern_json(concern));
    }
    said
}
