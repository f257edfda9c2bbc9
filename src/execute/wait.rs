//! Waiting for submissions: patient with the network, never taking an unknown word for success.

use std::collections::HashMap;
use std::time::Duration;

use tokio::time::{Instant, sleep_until};

use super::check::LAG_PATIENCE;
use super::progress::{Draft, OtherSubmission, Progress, StepEnd};
use super::standing::{Standing, Told, Trouble, ended_badly, standing, trouble};
use super::submit::is_same;
use super::{Event, ExecuteError, StageNews};
use crate::offer::{MessageLevel, OfferStatus, OperationStatus, Slot, Stage, StageStatus, StatusReport, Submission};
use crate::plan::Goal;
use crate::portal::{ErrorKind, PortalError};
use crate::state::Deed;

/// How often the service is asked while waiting.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Pace {
    /// Every 30 seconds while stages move, ever more seldom down to every 5 minutes while they do not.
    Adaptive,
    /// Always after the same time.
    Fixed(Duration),
}

const SHORTEST: Duration = Duration::from_secs(30);
const LONGEST: Duration = Duration::from_secs(300);
/// A cancel takes one to three minutes until the submission reads `canceled` (seen); this is well beyond.
pub(super) const CANCEL_TAKES: Duration = Duration::from_secs(360);

impl Pace {
    pub(super) fn first(self) -> Duration {
        match self {
            Self::Adaptive => SHORTEST,
            Self::Fixed(interval) => interval,
        }
    }

    fn after(self, last: Duration, moved: bool) -> Duration {
        match self {
            Self::Adaptive if moved => SHORTEST,
            Self::Adaptive => (last * 3 / 2).min(LONGEST),
            Self::Fixed(interval) => interval,
        }
    }
}

/// What asking the service once came to.
enum Answer {
    Going { moved: bool },
    End(StepEnd),
}

/// What one look at a submission tells. A report about the submission before is left out of it.
pub(super) struct Look {
    pub(super) standing: Standing,
    pub(super) report: StatusReport,
}

/// What was seen of a submission so far, so that each movement is told once.
#[derive(Default)]
pub(super) struct Seen {
    stages: HashMap<String, (StageStatus, Option<u8>)>,
    messages: Vec<String>,
}

impl Progress<'_> {
    pub(super) async fn wait(&mut self, goal: Goal) -> Result<StepEnd, ExecuteError> {
        if self.other == OtherSubmission::PublishedTheSame && self.slot_is_right(Slot::Preview).await? {
            self.other = OtherSubmission::None;
            return Ok(StepEnd::Done { note: None });
        }
        let settings = &self.executor.settings;
        let pace = settings.pace;
        let is_idle = settings.wait.is_zero();
        let deadline = self.deadline();
        let nothing_was_submitted_here = self.job.planned.steps.first().is_some_and(|step| step.until == Some(goal));
        if is_idle && nothing_was_submitted_here {
            return self.look_once(goal).await;
        }
        if is_idle {
            return Ok(StepEnd::StillGoing(goal));
        }
        let mut interval = pace.first();
        loop {
            let mut stop = self.executor.stop.clone();
            let asked = tokio::select! {
                asked = self.ask(goal) => asked,
                // Nothing that was asked for is in flight here but questions.
                Ok(_) = stop.wait_for(|stopped| *stopped) => return Ok(StepEnd::Interrupted),
            };
            let mut left_alone = Duration::ZERO;
            let moved = match asked {
                Ok(Answer::End(end)) => return Ok(end),
                Ok(Answer::Going { moved }) => moved,
                // Days into a wait, a web page in the service's place is an outage, too.
                Err(ExecuteError::Portal(error)) if error.is_passing() || error.kind() == ErrorKind::Unreadable => {
                    self.executor.tell(self.key(), Event::Unreachable(error.to_string()));
                    left_alone = error.retry_after().unwrap_or_default();
                    false
                }
                Err(error) => return Err(error),
            };
            if Instant::now() >= deadline {
                return Ok(StepEnd::StillGoing(goal));
            }
            if !self.pause((Instant::now() + interval.max(left_alone)).min(deadline)).await {
                return Ok(StepEnd::Interrupted);
            }
            interval = pace.after(interval, moved);
        }
    }

    /// Without any wait, a run that comes by later still tells of an end, and of what needs a person.
    async fn look_once(&mut self, goal: Goal) -> Result<StepEnd, ExecuteError> {
        match self.ask(goal).await {
            Ok(Answer::End(end)) => Ok(end),
            Ok(Answer::Going { .. }) => Ok(StepEnd::StillGoing(goal)),
            Err(ExecuteError::Portal(error)) if error.is_passing() => {
                self.executor.tell(self.key(), Event::Unreachable(error.to_string()));
                Ok(StepEnd::StillGoing(goal))
            }
            Err(error) => Err(error),
        }
    }

    async fn ask(&mut self, goal: Goal) -> Result<Answer, ExecuteError> {
        let Look { standing, report } = self.look(goal).await?;
        let moved = self.tell_movement(&report);
        let end = self.judged(goal, standing, &report).await?;
        Ok(end.map_or(Answer::Going { moved }, Answer::End))
    }

    /// Waits until the moment; false when the person wants to stop.
    pub(super) async fn pause(&self, until: Instant) -> bool {
        let mut stop = self.executor.stop.clone();
        tokio::select! {
            () = sleep_until(until) => true,
            // A closed channel means that nobody can ask to stop any more.
            Ok(_) = stop.wait_for(|stopped| *stopped) => false,
        }
    }

    async fn look(&mut self, goal: Goal) -> Result<Look, ExecuteError> {
        if goal == Goal::Canceled {
            return Ok(self.look_for_cancel().await?);
        }
        let mut told = self.told(goal).await?;
        self.follow(goal, &told).await?;
        told.bad_end_lasts = self.bad_end_lasts(&told);
        Ok(match told.current(goal) {
            Some((status, report)) => Look { standing: self.standing(goal, &status, &report), report },
            None => Look { standing: Standing::Going, report: StatusReport::of(OfferStatus::Running) },
        })
    }

    fn bad_end_lasts(&mut self, told: &Told) -> bool {
        if !told.own.as_ref().is_some_and(|(status, _)| ended_badly(status)) {
            self.bad_end_since = None;
            return false;
        }
        self.bad_end_since.get_or_insert_with(Instant::now).elapsed() >= LAG_PATIENCE
    }

    /// Asks as many sources as it takes: the operation that was started here says all, unless it says that it failed.
    async fn told(&self, goal: Goal) -> Result<Told, PortalError> {
        let reading = self.executor.client.reading();
        let mut told = Told::default();
        if let Some(location) = self.location.as_ref().filter(|_| goal != Goal::Settled)
            && let Some(operation) = reading.operation(location).await?
        {
            if location.is_of_one_submission() {
                told.own = Some((operation.status, operation.report));
            } else {
                told.report = Some(operation.report);
            }
        }
        if told.own.as_ref().is_some_and(|(status, _)| !ended_badly(status)) {
            return Ok(told);
        }
        let submissions = reading.submissions(self.key()).await?;
        let ours = self.publishing_version;
        told.waited_for = submissions.iter().find(|row| ours.is_some() && row.publishing_version == ours).cloned();
        told.newest = submissions.into_iter().max_by_key(Submission::age);
        let version = told.newest.as_ref().and_then(|newest| newest.publishing_version);
        let is_older = version.zip(self.listed_after).is_some_and(|(newest, after)| newest <= after);
        let is_known = told.newest.is_some() && is_same(self.newest_before.as_ref(), told.newest.as_ref());
        told.is_from_before = is_older || is_known;
        if told.own.is_none() && told.report.is_none() {
            told.report = reading.status(self.key()).await?;
        }
        Ok(told)
    }

    fn standing(&self, goal: Goal, status: &OperationStatus, report: &StatusReport) -> Standing {
        let standing = standing(goal, status, report);
        let OtherSubmission::CancelRequested(since) = self.other else { return standing };
        match standing {
            // 202 is no proof: after a while, a sign-off that still waits is taken as one that nobody cancels.
            Standing::Reached if report.awaits_signoff() && since.elapsed() < CANCEL_TAKES => Standing::Going,
            // What is being canceled may be in any trouble.
            Standing::NeedsPerson => Standing::Going,
            standing => standing,
        }
    }

    async fn judged(
        &mut self,
        goal: Goal,
        standing: Standing,
        report: &StatusReport,
    ) -> Result<Option<StepEnd>, ExecuteError> {
        let ended =
            |word: &str| ExecuteError::SubmissionEnded { word: word.to_owned(), messages: report.worth_reading() };
        match standing {
            Standing::Going => return Ok(None),
            Standing::Failed => {
                self.flight_ended()?;
                return Err(ended("failed"));
            }
            Standing::Canceled => {
                self.flight_ended()?;
                return Err(ended("was canceled"));
            }
            Standing::Escaped(escape) => {
                self.flight_ended()?;
                return Err(ended(escape.in_words()));
            }
            Standing::NeedsPerson => {
                let Some(Trouble { what, status, messages }) = trouble(report) else { return Ok(None) };
                return Err(ExecuteError::NeedsPerson { what, status, messages });
            }
            Standing::Reached => {}
        }
        if goal == Goal::Preview
            && let Some(ours) = self.listed_publish().await?
        {
            self.expect_checked_content(&ours).await?;
        }
        match goal {
            Goal::Preview if !self.slot_is_right(Slot::Preview).await? => return Ok(None),
            Goal::Live if !self.slot_is_right(Slot::Production).await? => return Ok(None),
            Goal::Preview | Goal::Live | Goal::Canceled => {}
            Goal::Settled => {
                self.draft = Draft::Untouched;
                self.other = OtherSubmission::Ended;
            }
        }
        self.flight_ended()?;
        let links = match goal {
            Goal::Preview => &report.preview_links[..],
            Goal::Live => &report.live_links[..],
            Goal::Settled | Goal::Canceled => &[],
        };
        Ok(Some(StepEnd::Done { note: links.first().cloned() }))
    }

    pub(super) fn flight_ended(&mut self) -> Result<(), ExecuteError> {
        self.location = None;
        self.publishing_version = None;
        self.was_listed = false;
        self.fell_back_since = None;
        if self.record.in_flight.take().is_some() {
            self.save(Deed::SubmissionEnded)?;
        }
        Ok(())
    }

    /// Tells each movement of a stage and each new warning once; says whether anything moved.
    fn tell_movement(&mut self, report: &StatusReport) -> bool {
        let mut moved = false;
        if let OfferStatus::Unknown(word) = &report.status
            && !self.seen.messages.contains(word)
        {
            self.seen.messages.push(word.clone());
            self.executor.tell(self.key(), Event::UnknownWord(word.clone()));
        }
        for (index, stage) in report.stages.iter().enumerate() {
            let name = if stage.id.is_empty() { &stage.name } else { &stage.id };
            let now = (stage.status.clone(), stage.progress);
            let before = self.seen.stages.insert(name.clone(), now.clone());
            let before_status = before.as_ref().map_or(&StageStatus::NotStarted, |(status, _)| status);
            let news = |stage: &Stage| StageNews { stage: stage.clone(), number: index + 1, of: report.stages.len() };
            let event = if *before_status != now.0 {
                Event::StageMoved(news(stage))
            } else if before.is_some_and(|(_, progress)| progress != now.1) {
                Event::StageProgressed(news(stage))
            } else {
                continue;
            };
            moved = true;
            self.executor.tell(self.key(), event);
        }
        let of_stages = report.stages.iter().flat_map(|stage| stage.messages.iter());
        for message in report.messages.iter().chain(of_stages) {
            if self.seen.messages.contains(&message.text) {
                continue;
            }
            self.seen.messages.push(message.text.clone());
            if message.level == MessageLevel::Information {
                tracing::info!("{}: the service says: {}", self.key(), message.text);
            } else {
                self.executor.tell(self.key(), Event::Said(message.clone()));
            }
        }
        moved
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_pace_slows_down_while_nothing_moves() {
        let mut interval = Pace::Adaptive.first();
        for _ in 0..10 {
            interval = Pace::Adaptive.after(interval, false);
        }
        assert_eq!(interval, LONGEST);
        assert_eq!(Pace::Adaptive.after(interval, true), SHORTEST);
    }
}
