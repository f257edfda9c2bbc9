//! Starting and canceling submissions. A POST is never repeated blindly: after an unclear answer the service is asked
//! what runs.

use super::ExecuteError;
use super::job::Progress;
use crate::offer::{Submission, SubmissionKind};
use crate::portal::{Accepted, CancelAnswer, PortalError};
use crate::state::InFlight;

impl Progress<'_> {
    pub(super) async fn publish(&mut self) -> Result<Option<String>, ExecuteError> {
        self.expect_right_draft().await?;
        let emails = &self.job.desired.reconcile.notification_emails;
        let before = self.newest_submission().await?;
        self.note_flight(SubmissionKind::Publish, None)?;
        let answer = self.executor.client.publish(self.key(), emails).await;
        self.started(SubmissionKind::Publish, before, answer).await
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
        self.cancel_requested = true;
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

    /// The submission with the highest publishing version; the service adds one for each publish and go-live.
    pub(super) async fn newest_submission(&self) -> Result<Option<Submission>, PortalError> {
        let submissions = self.executor.client.reading().submissions(self.key()).await?;
        Ok(submissions.into_iter().max_by_key(|row| (row.publishing_version, row.changed_time.clone())))
    }

    fn note_flight(&mut self, kind: SubmissionKind, location: Option<String>) -> Result<(), ExecuteError> {
        let started_at = (self.executor.settings.now)();
        self.record.in_flight = Some(InFlight { kind: kind.into(), started_at, location });
        self.save()
    }
}
