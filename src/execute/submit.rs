//! Starting and canceling submissions. A POST is never repeated blindly: after an unclear answer the service is asked
//! what runs, and only what was certainly not done is sent again.

use serde_json::Value;
use tokio::time::Instant;

use super::progress::{OtherSubmission, Progress};
use super::repeat::{Failures, was_only_untimely};
use super::standing::ended_badly;
use super::wait::Seen;
use super::{Event, ExecuteError};
use crate::offer::{OperationStatus, Slot, Submission, SubmissionKind};
use crate::plan::Action;
use crate::portal::{Accepted, CancelAnswer, Method, PortalError};
use crate::state::{Deed, InFlight};

impl Progress<'_> {
    pub(super) async fn publish(&mut self) -> Result<Option<String>, ExecuteError> {
        let mut failures = Failures::none();
        loop {
            match self.publish_once().await {
                Err(ExecuteError::Portal(error)) if self.may_submit_again(&mut failures, &error).await => {}
                settled => return settled,
            }
        }
    }

    async fn publish_once(&mut self) -> Result<Option<String>, ExecuteError> {
        self.expect_nothing_merged()?;
        self.expect_right_draft().await?;
        let before = self.newest_submission().await?;
        if let Some(done) = self.is_published_already(before.as_ref()).await? {
            return Ok(Some(done.to_owned()));
        }
        let emails = &self.job.desired.reconcile.notification_emails;
        self.seen = Seen::default();
        self.about_to_submit(SubmissionKind::Publish, before.as_ref()).await?;
        let answer = self.executor.client.publish(self.key(), emails).await;
        self.started(SubmissionKind::Publish, before, answer).await
    }

    /// A publish would ship what others had not finished, and nobody has reviewed it.
    fn expect_nothing_merged(&self) -> Result<(), ExecuteError> {
        if self.merged.is_empty() { Ok(()) } else { Err(ExecuteError::WouldShip { changed: self.merged.clone() }) }
    }

    /// Whether what is to be published is being published, or was by the submission that was waited for: a second publish
    /// of the same content helps nobody. Said with how that was told.
    async fn is_published_already(
        &mut self,
        newest: Option<&Submission>,
    ) -> Result<Option<&'static str>, ExecuteError> {
        let Some(draft) = self.submitted.clone() else { return Ok(None) };
        if let Some(running) = newest.filter(|row| row.is_running())
            && !self.awaits_signoff().await?
        {
            return self.is_of(running, &draft).await;
        }
        let others = self.other == OtherSubmission::Ended;
        if others && self.preview_holds(&draft).await? && self.awaits_signoff().await? {
            self.other = OtherSubmission::PublishedTheSame;
            return Ok(Some("the submission that was waited for has published the same content"));
        }
        Ok(None)
    }

    /// Nothing is submitted while a submission runs: one of the same content is taken for ours, any other is in the way.
    async fn is_of(&self, running: &Submission, draft: &Value) -> Result<Option<&'static str>, ExecuteError> {
        let content = match running.offer_version {
            Some(version) => self.executor.client.reading().version(self.key(), version).await?,
            None => None,
        };
        let is_ours = match content {
            Some(content) => self.changed(draft, content.as_value()).is_empty(),
            // Without its content, only the record tells.
            None => self.job.record.as_ref().is_some_and(|record| record.in_flight.is_some()),
        };
        if !is_ours || running.kind == Some(SubmissionKind::GoLive) {
            return Err(ExecuteError::Busy);
        }
        Ok(Some("the same content is being published already"))
    }

    /// Nothing is written to an offer while a submission of it runs, and one may have begun since the plan.
    pub(super) async fn expect_idle(&self) -> Result<(), ExecuteError> {
        let runs = self.newest_submission().await?.is_some_and(|newest| newest.is_running());
        if runs && !self.awaits_signoff().await? { Err(ExecuteError::Busy) } else { Ok(()) }
    }

    /// Whether a submission that certainly was not started is to be tried again, every look before it included. One whose
    /// answer is unclear never is: what hangs somewhere may still start it after the look.
    async fn may_submit_again(&self, failures: &mut Failures, error: &PortalError) -> bool {
        error.method() == Method::Post && was_only_untimely(error) && self.stay_away(failures, error).await
    }

    async fn awaits_signoff(&self) -> Result<bool, PortalError> {
        let report = self.executor.client.reading().status(self.key()).await?;
        Ok(report.is_some_and(|report| report.awaits_signoff()))
    }

    pub(super) async fn go_live(&mut self) -> Result<Option<String>, ExecuteError> {
        let mut failures = Failures::none();
        loop {
            match self.go_live_once().await {
                Err(ExecuteError::Portal(error)) if self.may_submit_again(&mut failures, &error).await => {}
                settled => return settled,
            }
        }
    }

    async fn go_live_once(&mut self) -> Result<Option<String>, ExecuteError> {
        self.expect_right_preview().await?;
        // After the preview, so that whatever took its place since is in the list.
        let before = self.newest_submission().await?;
        self.expect_same_publish(before.as_ref())?;
        if before.as_ref().is_some_and(|row| row.is_running() && row.kind == Some(SubmissionKind::GoLive)) {
            return Ok(Some("a go-live runs already".to_owned()));
        }
        if let Some(newest) = &before {
            if self.is_live_already(newest).await? {
                return Ok(Some("somebody has taken it live already".to_owned()));
            }
            self.expect_preview_waits(newest).await?;
        }
        self.about_to_submit(SubmissionKind::GoLive, before.as_ref()).await?;
        let answer = self.executor.client.go_live(self.key()).await;
        self.started(SubmissionKind::GoLive, before, answer).await
    }

    /// What is taken live must come of the publish that the plan is about, whatever the preview holds now.
    fn expect_same_publish(&self, newest: Option<&Submission>) -> Result<(), ExecuteError> {
        let newest = newest.filter(|row| row.kind == Some(SubmissionKind::Publish));
        let theirs = newest.and_then(|row| row.publishing_version);
        let ours = self.record.rest.as_ref().and_then(|rest| rest.published);
        match ours.zip(theirs) {
            Some((ours, theirs)) if theirs > ours => Err(ExecuteError::Superseded { ours, theirs }),
            _ => Ok(()),
        }
    }

    /// Whether somebody has finished a go-live meanwhile, and production holds what the preview was.
    async fn is_live_already(&self, newest: &Submission) -> Result<bool, ExecuteError> {
        let went_live = newest.kind == Some(SubmissionKind::GoLive) && newest.state == OperationStatus::Succeeded;
        if !went_live || self.awaits_signoff().await? {
            return Ok(false);
        }
        let Some(preview) = &self.preview else { return Ok(false) };
        let production = self.executor.client.reading().slot(self.key(), Slot::Production).await?;
        Ok(production.is_some_and(|production| self.changed(preview, production.as_value()).is_empty()))
    }

    /// The preview must still wait for the go-live: somebody may have canceled it, or be publishing anew.
    async fn expect_preview_waits(&self, newest: &Submission) -> Result<(), ExecuteError> {
        // A row may lag behind, or read "running" while the sign-off waits; so only what speaks against it is asked about.
        if !(newest.is_running() || ended_badly(&newest.state)) || self.awaits_signoff().await? {
            return Ok(());
        }
        let ended = |word: &str| ExecuteError::SubmissionEnded { word: word.to_owned(), messages: Vec::new() };
        Err(match newest.state {
            OperationStatus::Canceled => ended("was canceled"),
            OperationStatus::Failed => ended("failed"),
            _ => ExecuteError::Busy,
        })
    }

    pub(super) async fn cancel(&mut self) -> Result<Option<String>, ExecuteError> {
        let emails = &self.job.desired.reconcile.notification_emails;
        // The location of a cancel tells about the cancel; what matters is when the submission itself has ended.
        self.location = None;
        if self.has_ended_meanwhile().await? {
            self.other = OtherSubmission::Ended;
            return Ok(Some("it has ended by itself".to_owned()));
        }
        self.other = OtherSubmission::CancelRequested(Instant::now());
        let before = self.newest_submission().await?;
        self.expect_condemned(before.as_ref())?;
        let mut was_unclear = false;
        let did_run = before.as_ref().is_none_or(Submission::is_running);
        let mut failures = Failures::none();
        loop {
            let error = match self.executor.client.cancel(self.key(), emails).await {
                Ok(CancelAnswer::Done) => return Ok(None),
                Ok(CancelAnswer::Accepted(_)) => {
                    return Ok(Some("the service takes a few minutes to end it".to_owned()));
                }
                Err(error) => error,
            };
            let is_unclear = error.outcome_unclear();
            if is_unclear {
                was_unclear = true;
                self.executor.tell(self.key(), Event::Unclear(error.to_string()));
            }
            let may_repeat = (is_unclear || error.is_passing()) && self.stay_away(&mut failures, &error).await;
            match self.look_through_outages(async |it| it.newest_submission().await).await {
                // Whatever the answer was: when nothing runs any more, there is nothing left to cancel. What waited for its
                // go-live did not run before either.
                Ok(Some(newest)) if did_run && !newest.is_running() => {
                    return Ok(Some("it has ended by itself".to_owned()));
                }
                // Canceling twice what was to be canceled does no more than doing it once.
                Ok(now) if may_repeat && is_same(before.as_ref(), now.as_ref()) => {}
                // A first one that took makes the service refuse the second; the wait tells.
                _ if was_unclear && (self.job.only_cancels() || !is_unclear) => return Ok(None),
                _ if is_unclear => return Err(ExecuteError::Unclear { answer: error }),
                _ => return Err(error.into()),
            }
        }
    }

    /// Takes the answer to a POST that starts a submission, and settles an unclear one by reading.
    async fn started(
        &mut self,
        kind: SubmissionKind,
        before: Option<Submission>,
        answer: Result<Accepted, PortalError>,
    ) -> Result<Option<String>, ExecuteError> {
        let location = match answer {
            Ok(accepted) => accepted.location,
            Err(error) if error.outcome_unclear() => {
                self.executor.tell(self.key(), Event::Unclear(error.to_string()));
                if !self.has_started_after_all(kind, before.as_ref(), &error).await {
                    return Err(ExecuteError::Unclear { answer: error });
                }
                None
            }
            Err(error) => {
                self.not_submitted(kind)?;
                return Err(error.into());
            }
        };
        let action = match kind {
            SubmissionKind::Publish => Action::Publish,
            SubmissionKind::GoLive => Action::GoLive,
        };
        // With the flight, in one write: what has started is not left to do.
        self.take_off(action, None);
        if let Some(in_flight) = &mut self.record.in_flight {
            in_flight.location = location.clone().map(String::from);
            in_flight.is_accepted = true;
        }
        self.save(Deed::submitted(kind.into()))?;
        self.share_if_possible().await?;
        self.location = location;
        self.newest_before = before;
        self.publishing_version = None;
        if kind == SubmissionKind::Publish {
            self.learn_own_version().await?;
        }
        Ok(None)
    }

    /// Whether a submission came up since: looked at more than once, because what a gateway gave up on may still be starting.
    async fn has_started_after_all(
        &mut self,
        kind: SubmissionKind,
        before: Option<&Submission>,
        error: &PortalError,
    ) -> bool {
        let mut failures = Failures::none();
        loop {
            let may_look_again = self.stay_away(&mut failures, error).await;
            if let Ok(Some(now)) = self.look_through_outages(async |it| it.newest_submission().await).await
                && now.kind.is_none_or(|its| its == kind)
                && !is_same(before, Some(&now))
            {
                return true;
            }
            if !may_look_again {
                return false;
            }
        }
    }

    /// The newest submission.
    pub(super) async fn newest_submission(&self) -> Result<Option<Submission>, PortalError> {
        let submissions = self.executor.client.reading().submissions(self.key()).await?;
        Ok(submissions.into_iter().max_by_key(Submission::age))
    }

    /// Puts on record, for other machines too, that a submission is about to be started after this one.
    async fn about_to_submit(&mut self, kind: SubmissionKind, before: Option<&Submission>) -> Result<(), ExecuteError> {
        self.record.in_flight = Some(InFlight {
            kind: kind.into(),
            started_at: (self.executor.settings.now)(),
            location: None,
            is_accepted: false,
            after: before.and_then(|before| before.publishing_version),
            publishing_version: None,
        });
        self.save(Deed::submitting(kind.into()))?;
        let shared = self.share().await;
        if shared.is_err() {
            // When this cannot be noted either, the next run asks the service.
            let _ = self.not_submitted(kind);
        }
        shared
    }

    /// Puts on record that a submission was not started after all.
    fn not_submitted(&mut self, kind: SubmissionKind) -> Result<(), ExecuteError> {
        self.record.in_flight = None;
        self.save(Deed::refused(kind.into()))
    }
}

/// Whether the newest submission is still the one that it was.
pub(super) fn is_same(before: Option<&Submission>, now: Option<&Submission>) -> bool {
    match (before, now) {
        (None, None) => true,
        (Some(before), Some(now)) => before.is_same(now),
        _ => false,
    }
}
