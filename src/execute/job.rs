//! One planned offer, everything that its steps need, and the run through them from the lock to the end.

use std::sync::Arc;
use std::sync::atomic::Ordering;

use serde_json::Value;
use tokio::sync::OwnedSemaphorePermit;

use super::progress::{Progress, StepEnd};
use super::scrub::Secrets;
use super::{Event, ExecuteError, ExecuteSettings, Executor, OfferOutcome};
use crate::diff::fit_for_record;
use crate::offer::{Catalogue, Desired, FieldPath, LocalFile, OfferKey, Submission, without_signatures};
use crate::plan::{Action, Block, Directives, PlanDigest, PlannedOffer};
use crate::state::{Deed, HistoryEntry, InFlightKind, Record, Rest, StateError, StopCause, Stopped, Subject};

/// One planned offer and what it was planned from.
#[derive(Debug)]
pub struct Job {
    /// Whose content is taken through the slots.
    pub subject: Subject,
    /// Whether the plan begins here.
    pub beginning: Beginning,
    /// What is to be there in the end: what the manifest says, or for [`Subject::LiveDraft`] what the draft says.
    pub desired: Desired,
    /// The draft that was planned against; `None` for a new offer.
    pub draft: Option<Value>,
    /// The preview slot that was planned against.
    pub preview: Option<Value>,
    /// The submission that ran then, when the service's list named it.
    pub running: Option<Submission>,
    /// The publishing versions of the publishes, the oldest first, when the list was asked for.
    pub publishes: Vec<u64>,
    /// What the submission that ran then, or ended badly, was submitting.
    pub submitted_content: Option<Value>,
    /// What the plan took into account.
    pub directives: Directives,
    /// What is to be done.
    pub planned: PlannedOffer,
    /// The whole plan that it is a part of; `None` without a manifest.
    pub plan: Option<PlanDigest>,
    /// What becomes of edits that others made since.
    pub edits: EditsSince,
    /// What earlier runs left on record.
    pub record: Option<Record>,
}

/// Whether a plan begins, or is carried on with.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Beginning {
    /// It begins.
    OfPlan,
    /// An earlier run began it, and nothing may be done that is not left of it.
    OfRest,
}

/// What becomes of edits that others make between the plan and the write, where they touch nothing of the plan.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum EditsSince {
    /// They are kept: the plan was made a moment ago, and the manifest is what counts.
    Merged,
    /// They stop the offer: exactly what was reviewed is to be done.
    Refused,
}

impl Job {
    /// Whether the record says that exactly this manifest was applied, and that nothing is left to do.
    pub fn is_recorded(&self) -> bool {
        let applied = self.record.as_ref().and_then(|record| record.applied.as_deref());
        let is_settled = self.record.as_ref().is_none_or(Record::is_settled);
        let knows_contents = self.record.as_ref().is_none_or(|record| {
            let mut media = record.media.clone();
            media.take_as_sent(&self.desired.local_files);
            media == record.media
        });
        is_settled && knows_contents && applied.is_some_and(|applied| *applied == self.to_record())
    }

    /// The manifest as it is recorded once it is applied: without what is not to be kept, and without what was not ours
    /// to write.
    pub fn to_record(&self) -> Value {
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

    /// The local files whose addresses are ours to send.
    pub(super) fn local_files(&self) -> Vec<&LocalFile> {
        let ignore = &self.desired.reconcile.ignore;
        let is_ours = |file: &&LocalFile| !ignore.iter().any(|ignored| file.field.is_within(&ignored.path));
        self.desired.local_files.iter().filter(is_ours).collect()
    }

    /// Whether it begins nothing that another run could carry on with: a cancel is asked for anew, and to wait for what
    /// somebody else submitted is no plan.
    pub(super) fn leaves_the_rest(&self) -> bool {
        self.only_cancels() || self.only_waits()
    }

    /// Whether somebody only waits for what runs already, without a manifest.
    pub(super) fn only_waits(&self) -> bool {
        let waits = !self.planned.steps.is_empty() && self.planned.steps.iter().all(|step| step.until.is_some());
        waits && self.subject == Subject::LiveDraft && self.beginning == Beginning::OfPlan
    }

    /// The whole of this plan as the rest of one that begins now; `document` is what [is recorded](Self::to_record).
    pub(super) fn rest(&self, document: Arc<Value>, now: String, commit: Option<String>) -> Rest {
        let rest = Rest::of(&self.desired, self.subject, document, &self.planned, &self.directives, now, commit);
        // Without a publish of its own the plan is about what is published already.
        let rest = Rest { plan: self.plan_digest(), ..rest };
        let published = self.publishes.last().copied().filter(|_| !self.planned.has(Action::Publish));
        match self.record.as_ref().and_then(|record| record.rest.as_ref()) {
            Some(begun) if self.beginning == Beginning::OfRest => {
                Rest { begun_at: begun.begun_at.clone(), published: self.own_publish().or(published), ..rest }
            }
            _ => Rest { published, ..rest },
        }
    }

    /// The commit that what is done here comes from.
    pub(super) fn commit(&self, settings: &ExecuteSettings) -> Option<String> {
        let begun = self.record.as_ref().and_then(|record| record.rest.as_ref());
        match (self.subject, self.beginning) {
            (Subject::LiveDraft, _) => None,
            (Subject::Manifest, Beginning::OfPlan) => settings.commit.clone(),
            (Subject::Manifest, Beginning::OfRest) => begun.and_then(|rest| rest.commit.clone()),
        }
    }

    /// The plan that what is done here belongs to.
    pub(super) fn plan_digest(&self) -> Option<PlanDigest> {
        let begun = self.record.as_ref().and_then(|record| record.rest.as_ref());
        match (self.subject, self.beginning) {
            (Subject::LiveDraft, _) => None,
            (Subject::Manifest, Beginning::OfPlan) => self.plan.clone(),
            (Subject::Manifest, Beginning::OfRest) => begun.and_then(|rest| rest.plan.clone()),
        }
    }

    /// The publishing version of the publish that an earlier run began. When that run ended before it was told, it is the
    /// first one after those that were there before.
    fn own_publish(&self) -> Option<u64> {
        let record = self.record.as_ref()?;
        let accepted = || {
            let in_flight = record.in_flight.as_ref()?;
            let is_publish = in_flight.is_accepted && in_flight.kind == InFlightKind::Publish;
            self.publishes.iter().copied().find(|version| is_publish && Some(*version) > in_flight.after)
        };
        record.rest.as_ref().and_then(|rest| rest.published).or_else(accepted)
    }

    /// Refuses to carry on with a plan when what is to be done now is not what is left of it.
    pub fn expect_continuation(&self) -> Result<(), ExecuteError> {
        let record = self.record.as_ref().filter(|_| self.beginning == Beginning::OfRest);
        let Some(rest) = record.and_then(|record| record.rest.as_ref()) else { return Ok(()) };
        let newest = self.publishes.last().copied();
        if let Some((ours, theirs)) = self.own_publish().zip(newest)
            && theirs > ours
            && rest.is_about_the_preview()
        {
            return Err(ExecuteError::Superseded { ours, theirs });
        }
        if let Some(block @ Block { guard, sentence, messages, .. }) = self.planned.blocks.first() {
            return Err(ExecuteError::Blocked {
                guard: *guard,
                way_out: self.planned.way_out(block),
                sentence: sentence.clone(),
                messages: messages.clone(),
            });
        }
        match rest.first_beyond(&self.planned.steps) {
            Some(step) => Err(ExecuteError::BeyondRest { action: step.action, reason: step.reason.clone() }),
            None => Ok(()),
        }
    }
}

impl Executor {
    /// Does the steps of one offer, in order, until one fails or the wait is over.
    ///
    /// Holds the offer's lock meanwhile. What is left of the plan is on record from before the first write until all is
    /// done. When something shows that this plan cannot be carried on with, that is on record too.
    pub async fn execute(&self, job: &Job) -> OfferOutcome {
        let secrets = Secrets::of(&job.desired, self.settings.environment);
        // Held until all is on record.
        let _lock = match self.state.lock(&job.desired.key, &self.settings.holder) {
            Ok(lock) => lock,
            Err(error) => return OfferOutcome::Failed(Box::new(error.into())),
        };
        let keeping = self.keeping(&secrets);
        let outcome = match keeping.run(job).await {
            Ok(outcome) => outcome,
            Err(error) => {
                let error = secrets.error(error);
                let cause = error.stop_cause().filter(|_| !job.leaves_the_rest());
                let noted = cause.map_or(Ok(()), |cause| self.note_stop(job, cause, &error));
                OfferOutcome::Failed(Box::new(noted.err().unwrap_or(error)))
            }
        };
        let was_refused = matches!(&outcome, OfferOutcome::Failed(error) if error.is_unshared());
        // What is only put on record is shared with the rest of the run.
        if job.planned.steps.is_empty() || was_refused {
            return outcome;
        }
        match keeping.share_if_possible(&job.desired.key).await {
            Err(error) if !matches!(outcome, OfferOutcome::Failed(_)) => {
                OfferOutcome::Failed(Box::new(secrets.error(error)))
            }
            _ => outcome,
        }
    }

    /// What is being done, for the record.
    pub(super) fn entry(&self, deed: Deed, commit: Option<String>) -> HistoryEntry {
        let ExecuteSettings { now, holder, .. } = &self.settings;
        HistoryEntry { at: now(), deed, commit, command: holder.command.clone() }
    }

    /// Lets other machines know what was done. When that is not possible it is told once, and the next time it is tried again:
    /// what was done is done, and waiting for it needs no other machine.
    pub(super) async fn share_if_possible(&self, key: &OfferKey) -> Result<(), ExecuteError> {
        match self.state.share(Some(key)).await {
            Err(error @ StateError::NotShared { .. }) => {
                if !self.told_unshared.swap(true, Ordering::Relaxed) {
                    self.tell(key, Event::Unshared(error.to_string()));
                }
                Ok(())
            }
            shared => {
                self.told_unshared.store(false, Ordering::Relaxed);
                Ok(shared?)
            }
        }
    }

    /// Puts on record why the rest of the plan cannot be carried on with: whoever tries to has to be told, every time.
    fn note_stop(&self, job: &Job, cause: StopCause, error: &ExecuteError) -> Result<(), ExecuteError> {
        let key = &job.desired.key;
        let Some(mut record) = self.state.load(key).record else { return Ok(()) };
        let Some(rest) = &mut record.rest else { return Ok(()) };
        // Without what the service said, which nobody here can clean of everything: it says so again when it is asked.
        let sentence = error.to_string();
        let sentence = sentence.lines().next().unwrap_or_default().trim_end_matches(':');
        rest.stopped = Some(Stopped { cause, sentence: without_signatures(sentence).into_owned() });
        let entry = self.entry(Deed::Stopped, job.commit(&self.settings));
        record.history.add(&entry);
        Ok(self.state.save(key, &record, &entry)?)
    }

    async fn run(&self, job: &Job) -> Result<OfferOutcome, ExecuteError> {
        let key = &job.desired.key;
        if self.state.load(key).record != job.record {
            return Err(ExecuteError::Overtaken);
        }
        if let Some(place) = self.state.set_aside_unusable(key)? {
            self.tell(key, Event::RecordSetAside { place });
        }
        let mut progress = Progress::new(self, job);
        job.expect_continuation()?;
        progress.begin().await?;
        let outcome = self.steps(job, &mut progress).await?;
        if matches!(outcome, OfferOutcome::Done) {
            progress.end()?;
        }
        Ok(outcome)
    }

    async fn steps(&self, job: &Job, progress: &mut Progress<'_>) -> Result<OfferOutcome, ExecuteError> {
        let key = &job.desired.key;
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
                self.tell(key, Event::StepStarted { action, goal });
            }
            match progress.step_through_outages(step).await? {
                StepEnd::Done { note } => {
                    progress.step_done(step)?;
                    self.tell(key, Event::StepDone { action, goal, note });
                }
                StepEnd::StillGoing(goal) => return Ok(OfferOutcome::StillGoing { goal }),
                StepEnd::Interrupted => return Ok(OfferOutcome::Interrupted),
            }
        }
        Ok(OfferOutcome::Done)
    }

    /// A place among the offers that are worked on at once.
    async fn place(&self) -> Option<OwnedSemaphorePermit> {
        // The semaphore is never closed; without it the work goes on all the same.
        self.places.clone().acquire_owned().await.ok()
    }
}
