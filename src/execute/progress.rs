//! How far one offer is: what was seen, written and submitted so far, and what of it is on record.

use std::sync::Arc;

use serde_json::Value;
use tokio::time::Instant;

use super::job::Job;
use super::repeat::{Patience, was_only_untimely};
use super::wait::Seen;
use super::{ExecuteError, Executor};
use crate::offer::{ETag, OfferKey, Submission, SubmissionKind};
use crate::plan::{Action, Goal, Step};
use crate::portal::{Method, OperationLocation};
use crate::state::{Deed, InFlight, InFlightKind, Record, Subject};

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

/// How far a draft is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Draft {
    /// Nothing was written to it here.
    Untouched,
    /// It was written, and nobody has looked since what the service made of it.
    Written,
    /// It was checked against the manifest after everything that could have changed it.
    Checked,
}

/// A job while it is being worked on.
pub(super) struct Progress<'job> {
    pub(super) executor: &'job Executor,
    pub(super) job: &'job Job,
    pub(super) record: Record,
    /// What is recorded once it is applied.
    pub(super) document: Arc<Value>,
    /// The `ETag` under which the draft may be written, as far as known.
    pub(super) etag: Option<ETag>,
    pub(super) draft: Draft,
    /// What the last write sent, without its secrets, until somebody has looked what became of it.
    pub(super) sent: Option<Value>,
    /// Whether a write took the secrets along, of which nothing is on record yet.
    pub(super) took_secrets: bool,
    /// What others edited between the plan and our write, which the write has kept.
    pub(super) merged: Vec<String>,
    /// The document that was submitted last, as far as known.
    pub(super) submitted: Option<Value>,
    /// What the preview slot must still hold when it goes live.
    pub(super) preview: Option<Value>,
    /// Where the submission that was started here reports.
    pub(super) location: Option<OperationLocation>,
    /// The newest submission before one was started here: what it says is old news.
    pub(super) newest_before: Option<Submission>,
    /// The publishing version up to which submissions are from before the one that an earlier run started.
    pub(super) listed_after: Option<u64>,
    /// The publishing version of the submission that is waited for, once the service has told it.
    pub(super) publishing_version: Option<u64>,
    /// Whether the list has shown it.
    pub(super) was_listed: bool,
    /// Since when the service speaks of older submissions only.
    pub(super) fell_back_since: Option<Instant>,
    /// How things stand with a submission that is not ours.
    pub(super) other: OtherSubmission,
    /// How many times in a row a slot was not what the submission's end promised.
    pub(super) wrong_slots: usize,
    /// Since when.
    pub(super) wrong_since: Option<Instant>,
    /// Since when the operation that was started here tells of a bad end.
    pub(super) bad_end_since: Option<Instant>,
    /// Until when this offer is waited for.
    deadline: Option<Instant>,
    /// What was seen of submissions so far.
    pub(super) seen: Seen,
}

impl<'job> Progress<'job> {
    pub(super) fn new(executor: &'job Executor, job: &'job Job) -> Self {
        let blank = || Record::new(&job.desired.key, executor.state.service());
        let record = job.record.clone().unwrap_or_else(blank);
        let in_flight = record.in_flight.as_ref().filter(|in_flight| is_waited_for_first(job, in_flight));
        Self {
            executor,
            job,
            document: Arc::new(job.to_record()),
            etag: job.planned.etag.clone(),
            draft: Draft::Untouched,
            sent: None,
            took_secrets: false,
            merged: Vec::new(),
            submitted: job.submitted_content.clone(),
            preview: job.preview.clone(),
            location: in_flight.and_then(|it| OperationLocation::parse(it.location.as_deref()?).ok()),
            newest_before: None,
            listed_after: in_flight.and_then(|it| it.after),
            publishing_version: in_flight.and_then(|it| it.publishing_version),
            was_listed: false,
            fell_back_since: None,
            other: OtherSubmission::None,
            wrong_slots: 0,
            wrong_since: None,
            bad_end_since: None,
            record,
            deadline: None,
            seen: Seen::default(),
        }
    }

    pub(super) fn key(&self) -> &OfferKey {
        &self.job.desired.key
    }

    /// Until when this offer is waited for; the time begins with the first wait.
    pub(super) fn deadline(&mut self) -> Instant {
        let wait = self.executor.settings.wait;
        *self.deadline.get_or_insert_with(|| Instant::now() + wait)
    }

    /// Does a step. While the service cannot be read, a step that follows a wait is tried again until the wait is over:
    /// an outage between two submissions is as much an outage as one in the middle of them.
    pub(super) async fn step_through_outages(&mut self, step: &Step) -> Result<StepEnd, ExecuteError> {
        loop {
            let error = match self.step(step).await {
                // Whatever a step writes is settled by itself; what failed here was a look, and looks are free, or a write
                // that certainly was not done, and the step looks again before it writes.
                Err(ExecuteError::Portal(error))
                    if error.is_passing() && error.method() == Method::Get || was_only_untimely(&error) =>
                {
                    error
                }
                ended => return ended,
            };
            if self.outlast(&error).await? == Patience::Interrupted {
                return Ok(StepEnd::Interrupted);
            }
        }
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
            Action::Cancel => {
                let note = self.cancel().await?;
                self.give_up_the_rest()?;
                note
            }
            Action::Wait => None,
        };
        Ok(StepEnd::Done { note })
    }

    /// Puts on record what is to be done, before anything is.
    ///
    /// When both sides were found to agree and no record tells, that is recorded too.
    pub(super) async fn begin(&mut self) -> Result<(), ExecuteError> {
        let steps = &self.job.planned.steps;
        let is_in_sync = self.job.planned.changes.written() == 0;
        let agreed = self.job.draft.as_ref().filter(|_| is_in_sync && self.job.subject == Subject::Manifest);
        if let Some(draft) = agreed {
            self.record_gone(draft);
            self.record.apply(Arc::clone(&self.document));
            if steps.is_empty() {
                self.record.reach(self.job.planned.target);
            }
            self.record.media.take_as_sent(&self.job.desired.local_files);
            self.record.commit = self.commit();
            self.record.apply_plan(self.job.plan_digest());
        }
        if self.job.leaves_the_rest() {
            // What an earlier run left stays left until this one has proven its end.
        } else if steps.is_empty() {
            // What was begun was brought to its end by somebody else.
            self.record.in_flight = None;
            self.record.rest = None;
        } else {
            self.record.rest =
                Some(self.job.rest(Arc::clone(&self.document), (self.executor.settings.now)(), self.commit()));
        }
        if Some(&self.record) != self.job.record.as_ref() {
            self.save(if steps.is_empty() { Deed::Agreed } else { Deed::Begun })?;
        }
        // What is only put on record is shared with the rest of the run.
        if steps.is_empty() { Ok(()) } else { self.share().await }
    }

    /// Takes a step that is done off the record.
    pub(super) fn step_done(&mut self, step: &Step) -> Result<(), ExecuteError> {
        if self.take_off(step.action, step.until) { self.save(Deed::StepDone) } else { Ok(()) }
    }

    /// Takes a step off the rest of the plan, without saving; false when it is off already.
    pub(super) fn take_off(&mut self, action: Action, until: Option<Goal>) -> bool {
        self.record.rest.as_mut().is_some_and(|rest| rest.finish(action, until))
    }

    /// Nothing goes on with what a person asked to cancel, from the moment at which the service was asked.
    fn give_up_the_rest(&mut self) -> Result<(), ExecuteError> {
        if self.job.only_cancels() && self.record.rest.take().is_some() { self.save(Deed::Ended) } else { Ok(()) }
    }

    /// Nothing is left of the plan.
    pub(super) fn end(&mut self) -> Result<(), ExecuteError> {
        if self.job.only_waits() {
            return Ok(());
        }
        if self.record.rest.take().is_some() { self.save(Deed::Ended) } else { Ok(()) }
    }

    /// Saves the record as it is now, after or before a deed.
    pub(super) fn save(&mut self, deed: Deed) -> Result<(), ExecuteError> {
        let entry = self.executor.entry(deed, self.commit());
        self.record.recorded_at.clone_from(&entry.at);
        self.record.history.add(&entry);
        Ok(self.executor.state.save(&self.job.desired.key, &self.record, &entry)?)
    }

    /// Lets other machines know what is about to be done. Nothing may be done that they could not know of: one of them
    /// would do it again.
    pub(super) async fn share(&self) -> Result<(), ExecuteError> {
        Ok(self.executor.state.share(Some(self.key())).await?)
    }

    /// Lets other machines know what was done, as far as possible.
    pub(super) async fn share_if_possible(&self) -> Result<(), ExecuteError> {
        self.executor.share_if_possible(self.key()).await
    }

    /// The commit that what is done here comes from.
    pub(super) fn commit(&self) -> Option<String> {
        self.job.commit(&self.executor.settings)
    }
}

/// Whether the job begins by waiting for the very submission that the record speaks of.
fn is_waited_for_first(job: &Job, in_flight: &InFlight) -> bool {
    let goal = job.planned.steps.first().and_then(|step| step.until);
    let (goal_of_kind, kind) = match in_flight.kind {
        InFlightKind::Publish => (Goal::Preview, SubmissionKind::Publish),
        InFlightKind::GoLive => (Goal::Live, SubmissionKind::GoLive),
    };
    // A row that is not listed yet has no id.
    let is_same = |running: &Submission| {
        let has_same_version =
            in_flight.publishing_version.is_some() && running.publishing_version == in_flight.publishing_version;
        running.kind.is_none_or(|it| it == kind) && (has_same_version || running.id.is_empty())
    };
    goal == Some(goal_of_kind) && job.running.as_ref().is_some_and(is_same)
}
