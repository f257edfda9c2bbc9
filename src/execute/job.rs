//! One offer's way through its steps.

use serde_json::Value;
use tokio::sync::OwnedSemaphorePermit;
use tokio::time::Instant;

use super::scrub::Secrets;
use super::wait::Seen;
use super::{Event, ExecuteError, Executor, OfferOutcome};
use crate::diff::fit_for_record;
use crate::offer::{Catalogue, Desired, ETag, FieldPath, OfferKey, Submission};
use crate::plan::{Action, Goal, PlannedOffer, Step};
use crate::portal::OperationLocation;
use crate::state::Record;

/// One planned offer and what it was planned from.
#[derive(Debug)]
pub struct Job {
    /// What the manifest says.
    pub desired: Desired,
    /// The draft that was planned against; `None` for a new offer.
    pub draft: Option<Value>,
    /// The preview slot that was planned against.
    pub preview: Option<Value>,
    /// What the submission that ran then, or ended badly, was submitting.
    pub submitted_content: Option<Value>,
    /// What is to be done.
    pub planned: PlannedOffer,
    /// What earlier runs left on record.
    pub record: Option<Record>,
}

impl Job {
    /// Whether the record says that exactly this manifest was applied.
    pub fn is_recorded(&self) -> bool {
        let applied = self.record.as_ref().and_then(|record| record.applied.as_ref());
        let is_settled = self.record.as_ref().is_none_or(|record| record.in_flight.is_none());
        is_settled && applied.is_some_and(|applied| *applied == self.to_record())
    }

    /// The manifest as it is recorded once it is applied: without what is not to be kept, and without what was not ours
    /// to write.
    pub(super) fn to_record(&self) -> Value {
        let catalogue = Catalogue::built_in();
        let mut document = fit_for_record(catalogue, &self.desired.document);
        for ignored in &self.desired.reconcile.ignore {
            let concrete = catalogue.in_document(&document, &ignored.path);
            let Some((last, parents)) = concrete.segments().split_last() else { continue };
            let parent =
                document.pointer_mut(&parents.iter().fold(FieldPath::root(), |path, it| path.child(it)).to_string());
            if let Some(Value::Object(map)) = parent {
                map.shift_remove(last);
            }
        }
        document
    }
}

/// How a step ended when it did not fail.
pub(super) enum StepEnd {
    Done { note: Option<String> },
    StillGoing(Goal),
    Interrupted,
}

/// How things stand with a submission that was not started here.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum OtherSubmission {
    /// There is none that matters.
    None,
    /// Its cancel was asked for at that moment, so that also a sign-off that waits has yet to end.
    CancelRequested(Instant),
    /// It was waited for and has ended.
    Ended,
    /// It has published what was to be published here.
    PublishedTheSame,
}

/// A job while it is being worked on.
pub(super) struct Progress<'job> {
    pub(super) executor: &'job Executor,
    pub(super) job: &'job Job,
    pub(super) record: Record,
    /// The `ETag` under which the draft may be written, as far as known.
    pub(super) etag: Option<ETag>,
    /// Whether the draft was checked against the manifest after everything that could have changed it.
    pub(super) draft_is_checked: bool,
    /// The document that was submitted last, as far as known.
    pub(super) submitted: Option<Value>,
    /// What the preview slot must still hold when it goes live.
    pub(super) preview: Option<Value>,
    /// Where the submission that was started here reports.
    pub(super) location: Option<OperationLocation>,
    /// The newest submission before one was started here: what it says is old news.
    pub(super) newest_before: Option<Submission>,
    /// How things stand with a submission that is not ours.
    pub(super) other: OtherSubmission,
    /// How many times in a row a slot was not what the submission's end promised.
    pub(super) wrong_slots: usize,
    /// Since when.
    pub(super) wrong_since: Option<Instant>,
    /// Since when the operation that was started here tells of a bad end.
    pub(super) bad_end_since: Option<Instant>,
    /// Until when this offer is waited for.
    pub(super) deadline: Option<Instant>,
    /// What was seen of submissions so far.
    pub(super) seen: Seen,
}

impl Executor {
    /// Does the steps of one offer, in order, until one fails or the wait is over.
    pub async fn execute(&self, job: &Job) -> OfferOutcome {
        let secrets = Secrets::of(&job.desired, self.settings.environment);
        match self.keeping(&secrets).run(job).await {
            Ok(outcome) => outcome,
            Err(error) => OfferOutcome::Failed(Box::new(secrets.error(error))),
        }
    }

    async fn run(&self, job: &Job) -> Result<OfferOutcome, ExecuteError> {
        let record = job.record.clone().unwrap_or_else(|| Record::new(&job.desired.key, self.state.service()));
        let mut progress = Progress {
            executor: self,
            job,
            etag: job.planned.etag.clone(),
            draft_is_checked: false,
            submitted: job.submitted_content.clone(),
            preview: job.preview.clone(),
            location: None,
            newest_before: None,
            other: OtherSubmission::None,
            wrong_slots: 0,
            wrong_since: None,
            bad_end_since: None,
            record,
            deadline: None,
            seen: Seen::default(),
        };
        progress.note_agreement()?;
        // Held over steps that follow each other, so that a publish comes right after its write; a wait needs none.
        let mut place = None;
        for step in &job.planned.steps {
            if step.until.is_some() {
                place = None;
            } else if place.is_none() {
                place = self.place().await;
            }
            // The wait for a place may have been long.
            if self.is_stopped() {
                return Ok(OfferOutcome::Interrupted);
            }
            let (action, goal) = (step.action, step.until);
            let is_idle_wait = goal.is_some() && self.settings.wait.is_zero();
            if !is_idle_wait {
                self.tell(&job.desired.key, Event::StepStarted { action, goal });
            }
            match progress.step(step).await? {
                StepEnd::Done { note } => self.tell(&job.desired.key, Event::StepDone { action, goal, note }),
                StepEnd::StillGoing(goal) => return Ok(OfferOutcome::StillGoing { goal }),
                StepEnd::Interrupted => return Ok(OfferOutcome::Interrupted),
            }
        }
        Ok(OfferOutcome::Done)
    }

    /// A place among the offers that are worked on at once.
    pub(super) async fn place(&self) -> Option<OwnedSemaphorePermit> {
        // The semaphore is never closed; without it the work goes on all the same.
        self.places.clone().acquire_owned().await.ok()
    }
}

impl Progress<'_> {
    pub(super) fn key(&self) -> &OfferKey {
        &self.job.desired.key
    }

    async fn step(&mut self, step: &Step) -> Result<StepEnd, ExecuteError> {
        if let Some(goal) = step.until {
            return self.wait(goal).await;
        }
        let note = match step.action {
            Action::Create => self.create().await?,
            Action::Update => self.update().await?,
            Action::Publish => self.publish().await?,
            Action::GoLive => self.go_live().await?,
            Action::Cancel => self.cancel().await?,
            Action::Wait => None,
        };
        Ok(StepEnd::Done { note })
    }

    /// Records that the draft is what the manifest says, when it was found so and no record tells.
    pub(super) fn note_agreement(&mut self) -> Result<(), ExecuteError> {
        let is_in_sync = !self.job.planned.changes.iter().any(|change| change.difference.is_written());
        if is_in_sync && self.job.draft.is_some() && !self.job.is_recorded() {
            self.record.applied = Some(self.job.to_record());
            if self.job.planned.steps.is_empty() {
                // What was in flight was brought to its end by somebody else.
                self.record.in_flight = None;
            }
            self.save()?;
        }
        Ok(())
    }

    /// Saves the record as it is now.
    pub(super) fn save(&mut self) -> Result<(), ExecuteError> {
        self.record.recorded_at = (self.executor.settings.now)();
        Ok(self.executor.state.save(&self.job.desired.key, &self.record)?)
    }
}
