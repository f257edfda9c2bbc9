//! Starting and canceling submissions. A POST is never repeated blindly: after an unclear answer the service is asked
//! what runs.

use tokio::time::Instant;

use super::ExecuteError;
use super::job::{OtherSubmission, Progress};
use super::wait::Seen;
use crate::offer::{Submission, SubmissionKind};
use crate::portal::{Accepted, CancelAnswer, PortalError};
use crate::state::InFlight;

impl Progress<'_> {
    pub(super) async fn publish(&mut self) -> Result<Option<String>, ExecuteError> {
        self.expect_right_draft().await?;
        let before = self.newest_submission().await?;
        if let Some(done) = self.is_published_already(before.as_ref()).await? {
            return Ok(Some(done.to_owned()));
        }
        let emails = &self.job.desired.reconcile.notification_emails;
        self.seen = Seen::default();
        self.note_flight(SubmissionKind::Publish, None)?;
        let answer = self.executor.client.publish(self.key(), emails).await;
        self.started(SubmissionKind::Publish, before, answer).await
    }

    /// Whether what is to be published is being published, or was by the submission that was waited for: a second publish
    /// of the same content helps nobody. Said with how that was told.
    async fn is_published_already(
        &mut self,
        newest: Option<&Submission>,
    ) -> Result<Option<&'static str>, ExecuteError> {
        let Some(draft) = self.submitted.clone() else { return Ok(None) };
        let running = newest.filter(|row| row.is_running() && row.kind != Some(SubmissionKind::GoLive));
        if let Some(version) = running.and_then(|row| row.offer_version) {
            let content = self.executor.client.reading().version(self.key(), version).await?;
            let same = content.is_some_and(|content| self.changed(&draft, content.as_value()).is_empty());
            let awaits_signoff = same && self.awaits_signoff().await?;
            return Ok((same && !awaits_signoff).then_some("the same content is being published already"));
        }
        if self.other == OtherSubmission::Ended && self.preview_holds(&draft).await? && self.awaits_signoff().await? {
            self.other = OtherSubmission::PublishedTheSame;
            return Ok(Some("the submission that was waited for has published the same content"));
        }
        Ok(None)
    }

    async fn awaits_signoff(&self) -> Result<bool, PortalError> {
        let report = self.executor.client.reading().status(self.key()).await?;
        Ok(report.is_some_and(|report| report.awaits_signoff()))
    }

    pub(super) async fn go_live(&mut self) -> Result<Option<String>, ExecuteError> {
        self.expect_right_preview().await?;
        let before = self.newest_submission().await?;
        self.note_flight(SubmissionKind::GoLive, None)?;
        let answer = self.executor.client.go_live(self.key()).await;
        self.started(SubmissionKind::GoLive, before, answer).await
    }

    pub(super) async fn cancel(&mut self) -> Result<Option<String>, ExecuteError> {
        let emails = &self.job.desired.reconcile.notification_emails;
        // The location of a cancel tells about the cancel; what matters is when the submission itself has ended.
        self.location = None;
        self.other = OtherSubmission::CancelRequested(Instant::now());
        match self.executor.client.cancel(self.key(), emails).await? {
            CancelAnswer::Done => Ok(None),
            CancelAnswer::Accepted(_) => Ok(Some("the service takes a few minutes to end it".to_owned())),
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
                tracing::warn!("{}: the answer does not tell whether a submission started; asking", self.key());
                let now = self.newest_submission().await?;
                if now == before {
                    return Err(ExecuteError::Unclear { answer: error });
                }
                None
            }
            Err(error) => {
                self.record.in_flight = None;
                self.save()?;
                return Err(error.into());
            }
        };
        self.note_flight(kind, location.clone().map(String::from))?;
        self.location = location;
        self.newest_before = before;
        Ok(None)
    }

    /// The newest submission.
    pub(super) async fn newest_submission(&self) -> Result<Option<Submission>, PortalError> {
        let submissions = self.executor.client.reading().submissions(self.key()).await?;
        Ok(submissions.into_iter().max_by_key(Submission::age))
    }

    fn note_flight(&mut self, kind: SubmissionKind, location: Option<String>) -> Result<(), ExecuteError> {
        let started_at = (self.executor.settings.now)();
        self.record.in_flight = Some(InFlight { kind: kind.into(), started_at, location });
        self.save()
    }
}
