//! A cancel that a person asked for by itself: it is proven by the row of the submission, and by nothing else. The answer
//! to it is no proof (202 was seen although nothing ran), and the row takes minutes to read `canceled`.

use std::time::Duration;

use super::ExecuteError;
use super::job::Job;
use super::progress::{OtherSubmission, Progress};
use super::standing::Standing;
use super::wait::{CANCEL_TAKES, Look};
use crate::offer::{OfferStatus, OperationStatus, StatusReport, Submission, SubmissionKind};
use crate::plan::Goal;
use crate::portal::PortalError;

/// How a submission ended, or stands, that was to be canceled.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Escape {
    Live,
    Preview,
    Failed,
    Replaced,
}

impl Escape {
    /// What the service says of "the submission".
    pub(super) fn in_words(self) -> &'static str {
        match self {
            Self::Live => "was not canceled: it went live before",
            Self::Preview => "was not canceled: the preview is ready and waits for its go-live",
            Self::Failed => "was not canceled: it failed before",
            Self::Replaced => "was not canceled: it ended before, and another one came after it",
        }
    }
}

impl Job {
    /// Whether all that it does is to cancel. Another run has nothing to carry on with then: it would ask anew.
    pub(super) fn only_cancels(&self) -> bool {
        self.planned.steps.iter().any(|step| step.until == Some(Goal::Canceled))
    }
}

impl Progress<'_> {
    /// The submission that the person wants canceled, as far as the service's list named it.
    fn condemned(&self) -> Option<&Submission> {
        self.job.running.as_ref().filter(|_| self.job.only_cancels())
    }

    /// Whether the submission that the person was shown has ended meanwhile. Nobody asked to cancel any other.
    pub(super) async fn has_ended_meanwhile(&self) -> Result<bool, ExecuteError> {
        let Some(condemned) = self.condemned() else { return Ok(false) };
        let newest = self.newest_submission().await?;
        self.expect_condemned(newest.as_ref())?;
        Ok(condemned.is_running() && newest.is_some_and(|newest| !newest.is_running()))
    }

    /// The newest submission must still be the one that the person was shown.
    pub(super) fn expect_condemned(&self, newest: Option<&Submission>) -> Result<(), ExecuteError> {
        let Some(condemned) = self.condemned() else { return Ok(()) };
        if newest.is_some_and(|newest| condemned.is_same(newest)) {
            return Ok(());
        }
        Err(ExecuteError::Stale { changed: vec!["another submission came after the one to cancel".into()] })
    }

    /// One look at the submission that is to be canceled.
    pub(super) async fn look_for_cancel(&self) -> Result<Look, PortalError> {
        let reading = self.executor.client.reading();
        let newest = self.newest_submission().await?;
        let report = reading.status(self.key()).await?;
        let report = report.unwrap_or_else(|| StatusReport::of(OfferStatus::Running));
        let since_asked = match self.other {
            OtherSubmission::CancelRequested(since) => Some(since.elapsed()),
            OtherSubmission::None | OtherSubmission::Ended | OtherSubmission::PublishedTheSame => None,
        };
        let standing = match newest {
            Some(row) if self.condemned().is_none_or(|condemned| condemned.is_same(&row)) => {
                standing_of(&row, &report, since_asked)
            }
            _ => Standing::Escaped(Escape::Replaced),
        };
        Ok(Look { standing, report })
    }
}

/// What the row and the report come to; `since_asked` is how long ago the cancel was asked for, if it was.
fn standing_of(row: &Submission, report: &StatusReport, since_asked: Option<Duration>) -> Standing {
    // Where nothing was asked for, there is nothing to come.
    let may_come = since_asked.is_some_and(|since| since < CANCEL_TAKES);
    match row.state {
        OperationStatus::Canceled => Standing::Reached,
        OperationStatus::Failed => Standing::Escaped(Escape::Failed),
        OperationStatus::Succeeded if row.kind == Some(SubmissionKind::GoLive) => Standing::Escaped(Escape::Live),
        // The row of a preview that waits may say anything, and its cancel takes a while too.
        OperationStatus::Succeeded if !may_come => Standing::Escaped(Escape::Preview),
        _ if report.awaits_signoff() && !may_come => Standing::Escaped(Escape::Preview),
        _ => Standing::Going,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(kind: SubmissionKind, state: OperationStatus, since_asked: Option<u64>) -> Standing {
        let row = Submission {
            id: "1".into(),
            kind: Some(kind),
            state,
            offer_version: None,
            publishing_version: None,
            slot: None,
            changed_time: None,
        };
        let report = StatusReport::of(OfferStatus::WaitingForPublisherReview);
        standing_of(&row, &report, since_asked.map(Duration::from_secs))
    }

    #[test]
    fn a_preview_that_waits_is_given_time_to_read_canceled() {
        let publish = SubmissionKind::Publish;
        for state in [OperationStatus::Running, OperationStatus::Succeeded, OperationStatus::WaitingForPublisherReview]
        {
            assert_eq!(told(publish, state.clone(), Some(180)), Standing::Going, "{state}");
            assert_eq!(told(publish, state.clone(), Some(600)), Standing::Escaped(Escape::Preview), "{state}");
            assert_eq!(told(publish, state.clone(), None), Standing::Escaped(Escape::Preview), "{state}");
        }
    }

    #[test]
    fn only_the_row_proves_the_cancel() {
        assert_eq!(told(SubmissionKind::Publish, OperationStatus::Canceled, None), Standing::Reached);
        assert_eq!(told(SubmissionKind::GoLive, OperationStatus::Succeeded, Some(1)), Standing::Escaped(Escape::Live));
        assert_eq!(told(SubmissionKind::Publish, OperationStatus::Failed, Some(1)), Standing::Escaped(Escape::Failed));
    }
}
