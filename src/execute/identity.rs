//! Is the submission that the service speaks of still the one that is waited for? Its publishing version tells: a higher
//! one superseded it, a lower one means that the service fell back to what was there before.

use std::time::Duration;

use serde_json::Value;
use tokio::time::Instant;

use super::ExecuteError;
use super::check::LAG_PATIENCE;
use super::progress::Progress;
use super::standing::Told;
use super::submit::is_same;
use crate::offer::{OperationStatus, Submission, SubmissionKind};
use crate::plan::Goal;
use crate::state::{Deed, InFlightKind};

/// For how long the service must speak of older submissions only, before that is no lag any more but a rejection.
const FALLBACK_LASTS: Duration = Duration::from_secs(60);

/// What the publishing versions of one look say.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Follows {
    /// It is the one that is waited for, or nothing tells otherwise.
    Ours,
    /// Somebody submitted anew.
    Superseded { theirs: u64 },
    /// There are only older ones.
    FellBack { to: u64 },
}

impl Progress<'_> {
    /// Remembers the publishing version when it is told for the first time, and fails once another took its place.
    pub(super) async fn follow(&mut self, goal: Goal, told: &Told) -> Result<(), ExecuteError> {
        if goal == Goal::Settled {
            return Ok(());
        }
        let Some(ours) = self.publishing_version else { return self.learn_version(told).await };
        self.was_listed |= told.waited_for.is_some();
        let follows = follows(goal, ours, told);
        if !matches!(follows, Follows::FellBack { .. }) {
            self.fell_back_since = None;
        }
        match follows {
            Follows::Ours => Ok(()),
            Follows::Superseded { theirs } => {
                self.flight_ended()?;
                Err(ExecuteError::Superseded { ours, theirs })
            }
            Follows::FellBack { to } => {
                // What was listed before and is not any more did not come late.
                let lasts = if self.was_listed { LAG_PATIENCE } else { FALLBACK_LASTS };
                if self.fell_back_since.get_or_insert_with(Instant::now).elapsed() < lasts {
                    return Ok(());
                }
                self.flight_ended()?;
                let word = format!("was rejected (publishing version {ours}; the service is back at {to})");
                Err(ExecuteError::SubmissionEnded { word, messages: Vec::new() })
            }
        }
    }

    async fn learn_version(&mut self, told: &Told) -> Result<(), ExecuteError> {
        let own = told.own.as_ref().and_then(|(_, report)| report.publishing_version);
        let listed = || told.newest.as_ref().filter(|_| !told.is_from_before)?.publishing_version;
        match own.or_else(listed) {
            Some(version) => self.note_version(version).await,
            None => Ok(()),
        }
    }

    /// Looks right after a publish which publishing version it has, for a run that leaves now would never know. When the
    /// list cannot be read, or does not show it yet, the first look of a wait learns it.
    pub(super) async fn learn_own_version(&mut self) -> Result<(), ExecuteError> {
        let Ok(Some(newest)) = self.newest_submission().await else { return Ok(()) };
        let is_ours = newest.kind.is_none_or(|kind| kind == SubmissionKind::Publish)
            && !is_same(self.newest_before.as_ref(), Some(&newest));
        if !is_ours {
            return Ok(());
        }
        if let Some(version) = newest.publishing_version {
            self.note_version(version).await?;
        }
        self.expect_checked_content(&newest).await
    }

    /// What the service took must be the draft that was checked right before: somebody may have written in between, and
    /// nobody has reviewed that. The version tells, and its content what it was.
    pub(super) async fn expect_checked_content(&self, ours: &Submission) -> Result<(), ExecuteError> {
        let Some(checked) = &self.submitted else { return Ok(()) };
        let checked_version = checked.get("version").and_then(Value::as_u64);
        let Some((checked_version, taken)) = checked_version.zip(ours.offer_version) else { return Ok(()) };
        if checked_version == taken {
            return Ok(());
        }
        let Some(content) = self.executor.client.reading().version(self.key(), taken).await? else { return Ok(()) };
        let changed = self.changed(checked, content.as_value());
        if changed.is_empty() { Ok(()) } else { Err(ExecuteError::Shipped { changed }) }
    }

    /// The row of the publish that is waited for, when its publishing version is known.
    pub(super) async fn listed_publish(&self) -> Result<Option<Submission>, ExecuteError> {
        let Some(ours) = self.publishing_version else { return Ok(None) };
        let rows = self.executor.client.reading().submissions(self.key()).await?;
        Ok(rows
            .into_iter()
            .find(|row| row.publishing_version == Some(ours) && row.kind == Some(SubmissionKind::Publish)))
    }

    /// Puts on record which publishing version is waited for.
    async fn note_version(&mut self, version: u64) -> Result<(), ExecuteError> {
        self.publishing_version = Some(version);
        let Some(in_flight) = &mut self.record.in_flight else { return Ok(()) };
        in_flight.publishing_version = Some(version);
        if in_flight.kind == InFlightKind::Publish
            && let Some(rest) = &mut self.record.rest
        {
            rest.published = Some(version);
        }
        self.save(Deed::VersionLearnt)?;
        // Whoever resumes elsewhere has to know which publish it is about.
        self.share_if_possible().await
    }
}

fn follows(goal: Goal, ours: u64, told: &Told) -> Follows {
    let own_goes_on = told.own.as_ref().is_some_and(|(status, _)| !super::standing::ended_badly(status));
    if own_goes_on {
        return Follows::Ours;
    }
    let Some(newest) = told.newest.as_ref() else { return Follows::Ours };
    let Some(version) = newest.publishing_version else { return Follows::Ours };
    let row = told.waited_for.as_ref().or(Some(newest).filter(|_| version == ours));
    if version > ours {
        // A go-live after our publish is no rival of it, and what is published after our go-live has ended is none either.
        let is_rival = newest.kind == Some(SubmissionKind::Publish) || goal == Goal::Live;
        let has_succeeded = row.is_some_and(|row: &Submission| row.state == OperationStatus::Succeeded);
        return if is_rival && !has_succeeded { Follows::Superseded { theirs: version } } else { Follows::Ours };
    }
    if version < ours { Follows::FellBack { to: version } } else { Follows::Ours }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::offer::{OfferStatus, StatusReport};

    fn row(kind: SubmissionKind, state: OperationStatus, version: u64) -> Submission {
        Submission {
            id: version.to_string(),
            kind: Some(kind),
            state,
            offer_version: None,
            publishing_version: Some(version),
            slot: None,
            changed_time: None,
        }
    }

    fn publish(state: OperationStatus, version: u64) -> Submission {
        row(SubmissionKind::Publish, state, version)
    }

    fn listed(waited_for: Option<Submission>, newest: Submission) -> Told {
        Told { waited_for, newest: Some(newest), ..Told::default() }
    }

    #[test]
    fn a_newer_publish_supersedes_ours_unless_ours_had_succeeded() {
        let newest = || publish(OperationStatus::Running, 3);
        let told = |state| listed(Some(publish(state, 2)), newest());
        assert_eq!(follows(Goal::Preview, 2, &told(OperationStatus::Canceled)), Follows::Superseded { theirs: 3 });
        assert_eq!(follows(Goal::Preview, 2, &listed(None, newest())), Follows::Superseded { theirs: 3 });
        assert_eq!(follows(Goal::Preview, 2, &told(OperationStatus::Succeeded)), Follows::Ours);
    }

    #[test]
    fn a_go_live_of_ours_by_somebody_else_is_no_rival() {
        let live = row(SubmissionKind::GoLive, OperationStatus::Running, 3);
        assert_eq!(follows(Goal::Preview, 2, &listed(None, live)), Follows::Ours);
    }

    #[test]
    fn what_our_own_operation_says_counts_more_than_the_list() {
        let report = StatusReport::of(OfferStatus::Running);
        let own = Some((OperationStatus::Running, report.clone()));
        let told = Told { own, ..listed(None, publish(OperationStatus::Running, 3)) };
        assert_eq!(follows(Goal::Preview, 2, &told), Follows::Ours);
        let own = Some((OperationStatus::Canceled, report));
        let told = Told { own, ..listed(None, publish(OperationStatus::Running, 3)) };
        assert_eq!(follows(Goal::Preview, 2, &told), Follows::Superseded { theirs: 3 });
    }

    #[test]
    fn only_older_submissions_mean_that_ours_is_gone() {
        let told = listed(None, publish(OperationStatus::Succeeded, 1));
        assert_eq!(follows(Goal::Preview, 2, &told), Follows::FellBack { to: 1 });
        assert_eq!(follows(Goal::Preview, 1, &told), Follows::Ours);
    }
}
