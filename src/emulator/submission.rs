//! A publish or go-live run: where it stands follows from when it started and what the clock says, nothing runs behind it.
//!
//! Knows stages and time, and neither documents nor how the wire spells any of this.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::clock::Moment;
use super::timing::Timing;

/// One part of a submission, by the service's id (portal reference, "Retrieve operations").
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub enum StageId {
    /// `displaydummycertify`: Validate Pre-Requisites.
    #[serde(rename = "displaydummycertify")]
    Validation,
    /// `displaycertify`: Certification.
    #[serde(rename = "displaycertify")]
    Certification,
    /// `displayprovision`: Provisioning.
    #[serde(rename = "displayprovision")]
    Provisioning,
    /// `displaypackage`: Packaging and Lead Generation Registration.
    #[serde(rename = "displaypackage")]
    Packaging,
    /// `publisher-signoff`: Publisher signoff. It waits for a go-live and takes no time of its own.
    #[serde(rename = "publisher-signoff")]
    Signoff,
    /// `live`: Live.
    #[serde(rename = "live")]
    Live,
}

impl StageId {
    pub(super) const ALL: [Self; 6] =
        [Self::Validation, Self::Certification, Self::Provisioning, Self::Packaging, Self::Signoff, Self::Live];

    fn duration(self, timing: &Timing) -> Duration {
        match self {
            Self::Validation => timing.validation,
            Self::Certification => timing.certification,
            Self::Provisioning => timing.provisioning,
            Self::Packaging => timing.packaging,
            Self::Signoff => Duration::ZERO,
            Self::Live => timing.live,
        }
    }
}

/// What a submission does.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) enum Kind {
    Publish,
    GoLive,
}

impl Kind {
    /// The stages that it goes through, in order.
    pub(super) fn stages(self) -> &'static [StageId] {
        match self {
            Self::Publish => &[StageId::Validation, StageId::Certification, StageId::Provisioning, StageId::Packaging],
            Self::GoLive => &[StageId::Live],
        }
    }
}

/// How a scripted outcome ends, or holds up, a submission.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Verdict {
    /// The stage reads `blocked`, the submission `running`, until somebody cancels it.
    Blocked,
    /// The stage reads `rejected`, the submission `running`, until somebody cancels it.
    Rejected,
    /// The stage and the submission read `failed`.
    Failed,
    /// Somebody else canceled it there.
    Canceled,
}

/// What shall happen to the next submission that reaches a stage.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Outcome {
    /// The stage, by its id; any but `publisher-signoff`.
    pub stage: StageId,
    /// What happens there, half-way through it.
    pub verdict: Verdict,
    /// What the stage then says, as HTML.
    #[serde(default)]
    pub messages: Vec<String>,
}

/// A cancel that was asked for.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) struct Cancel {
    /// From here on the submission does not move.
    pub(super) requested: Moment,
    /// From here on it reads `canceled`.
    pub(super) effective: Moment,
}

/// How a submission stands at one moment.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Standing {
    /// In this stage, that many percent of it done.
    Running { stage: StageId, percent: u8 },
    /// Held up in this stage until somebody cancels.
    HeldUp { stage: StageId, verdict: Verdict },
    /// A publish that is through; the publisher may go live.
    AwaitingSignoff,
    /// Ended well.
    Completed,
    /// Ended badly in this stage.
    Failed { stage: StageId },
    /// Ended by somebody in this stage.
    Canceled { stage: StageId },
}

impl Standing {
    /// Whether it keeps others from starting.
    pub(super) fn is_busy(self) -> bool {
        matches!(self, Self::Running { .. } | Self::HeldUp { .. })
    }

    /// Whether it reached the end of its own stages.
    pub(super) fn is_through(self) -> bool {
        matches!(self, Self::AwaitingSignoff | Self::Completed)
    }
}

/// A publish or go-live run.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) struct Submission {
    pub(super) id: String,
    pub(super) kind: Kind,
    /// The version of the draft that it carries.
    pub(super) offer_version: u64,
    /// Counts the offer's submissions.
    pub(super) publishing_version: u64,
    pub(super) emails: String,
    pub(super) started: Moment,
    pub(super) timing: Timing,
    pub(super) outcome: Option<Outcome>,
    pub(super) cancel: Option<Cancel>,
}

impl Submission {
    /// How it stands now.
    pub(super) fn standing(&self, now: Moment) -> Standing {
        let standing = self.reached(self.last_move(now));
        match (&self.cancel, standing) {
            (_, Standing::Completed | Standing::Failed { .. } | Standing::Canceled { .. }) | (None, _) => standing,
            (Some(cancel), _) if now < cancel.effective => standing,
            (Some(_), Standing::Running { stage, .. } | Standing::HeldUp { stage, .. }) => Standing::Canceled { stage },
            (Some(_), Standing::AwaitingSignoff) => Standing::Canceled { stage: StageId::Signoff },
        }
    }

    /// Whether it went through all of its stages; a later cancel does not undo that.
    pub(super) fn went_through(&self, now: Moment) -> bool {
        self.reached(self.last_move(now)).is_through()
    }

    /// When a stage of it ends, if nothing comes between.
    pub(super) fn stage_ends(&self, stage: StageId) -> Moment {
        let stages = self.kind.stages().iter().take_while(|earlier| **earlier <= stage);
        self.started.after(stages.map(|stage| stage.duration(&self.timing)).sum())
    }

    /// When what was scripted for a stage strikes.
    pub(super) fn strikes(&self, stage: StageId) -> Moment {
        let before = self.kind.stages().iter().take_while(|earlier| **earlier < stage);
        let spent: Duration = before.map(|stage| stage.duration(&self.timing)).sum();
        self.started.after(spent + stage.duration(&self.timing) / 2)
    }

    /// When it last moved from one stage to the next, or ended.
    pub(super) fn changed(&self, now: Moment) -> Moment {
        if let (Some(cancel), Standing::Canceled { .. }) = (&self.cancel, self.standing(now)) {
            return cancel.effective;
        }
        let last_move = self.last_move(now);
        let mut changed = self.started;
        for &stage in self.kind.stages() {
            let is_scripted = self.outcome.as_ref().is_some_and(|outcome| outcome.stage == stage);
            let moment = if is_scripted { self.strikes(stage) } else { self.stage_ends(stage) };
            if moment > last_move {
                break;
            }
            changed = moment;
            if is_scripted {
                break;
            }
        }
        changed
    }

    fn last_move(&self, now: Moment) -> Moment {
        self.cancel.as_ref().map_or(now, |cancel| now.min(cancel.requested))
    }

    fn reached(&self, now: Moment) -> Standing {
        let mut left = now.since(self.started);
        for &stage in self.kind.stages() {
            let duration = stage.duration(&self.timing);
            if let Some(outcome) = &self.outcome
                && outcome.stage == stage
                && left >= duration / 2
            {
                return match outcome.verdict {
                    verdict @ (Verdict::Blocked | Verdict::Rejected) => Standing::HeldUp { stage, verdict },
                    Verdict::Failed => Standing::Failed { stage },
                    Verdict::Canceled => Standing::Canceled { stage },
                };
            }
            if left < duration {
                let percent = 100 * left.as_nanos() / duration.as_nanos();
                return Standing::Running { stage, percent: u8::try_from(percent).unwrap_or(99) };
            }
            left -= duration;
        }
        match self.kind {
            Kind::Publish => Standing::AwaitingSignoff,
            Kind::GoLive => Standing::Completed,
        }
    }
}

#[cfg(test)]
mod tests {
    use std::fmt::Write as _;

    use jiff::Timestamp;

    use super::*;
    use crate::emulator::clock::{Clock, TimeSource};

    fn start() -> Moment {
        Clock::open(TimeSource::Stopped(Timestamp::UNIX_EPOCH), None).unwrap().now()
    }

    fn submission(kind: Kind) -> Submission {
        Submission {
            id: "id".into(),
            kind,
            offer_version: 1,
            publishing_version: 1,
            emails: String::new(),
            started: start(),
            timing: Timing::realistic(),
            outcome: None,
            cancel: None,
        }
    }

    fn hours(hours: u64) -> Moment {
        start().after(Duration::from_secs(3600 * hours))
    }

    fn story(submission: &Submission, moments: &[u64]) -> String {
        moments.iter().fold(String::new(), |mut text, hour| {
            writeln!(text, "{hour} h: {:?}", submission.standing(hours(*hour))).unwrap();
            text
        })
    }

    #[test]
    fn a_publish_goes_through_its_stages_and_waits() {
        insta::assert_snapshot!(story(&submission(Kind::Publish), &[0, 1, 73, 77, 78, 1000]), @r"
        0 h: Running { stage: Validation, percent: 0 }
        1 h: Running { stage: Certification, percent: 1 }
        73 h: Running { stage: Provisioning, percent: 15 }
        77 h: Running { stage: Provisioning, percent: 95 }
        78 h: AwaitingSignoff
        1000 h: AwaitingSignoff
        ");
    }

    #[test]
    fn a_blocked_stage_holds_until_the_cancel_takes_effect() {
        let mut blocked = submission(Kind::Publish);
        blocked.outcome = Some(Outcome { stage: StageId::Certification, verdict: Verdict::Blocked, messages: vec![] });
        blocked.cancel = Some(Cancel { requested: hours(100), effective: hours(101) });
        insta::assert_snapshot!(story(&blocked, &[1, 50, 100, 101]), @r"
        1 h: Running { stage: Certification, percent: 1 }
        50 h: HeldUp { stage: Certification, verdict: Blocked }
        100 h: HeldUp { stage: Certification, verdict: Blocked }
        101 h: Canceled { stage: Certification }
        ");
    }

    #[test]
    fn a_cancel_freezes_what_runs_and_leaves_what_is_done() {
        let mut canceled = submission(Kind::GoLive);
        canceled.cancel = Some(Cancel { requested: hours(47), effective: hours(49) });
        assert!(canceled.standing(hours(48)).is_busy(), "it does not move any more, and is not canceled yet");
        assert_eq!(canceled.standing(hours(49)), Standing::Canceled { stage: StageId::Live });
        canceled.cancel = Some(Cancel { requested: hours(48), effective: hours(49) });
        assert_eq!(canceled.standing(hours(49)), Standing::Completed);
    }

    #[test]
    fn what_last_changed_is_the_stage_that_ended_or_stopped() {
        let mut publish = submission(Kind::Publish);
        assert_eq!(publish.changed(start()), start());
        assert_eq!(publish.changed(hours(73)), publish.stage_ends(StageId::Certification));
        publish.outcome = Some(Outcome { stage: StageId::Certification, verdict: Verdict::Failed, messages: vec![] });
        assert_eq!(publish.changed(hours(73)), publish.strikes(StageId::Certification));
        publish.cancel = Some(Cancel { requested: hours(1), effective: hours(2) });
        assert_eq!(publish.changed(hours(73)), hours(2));
    }

    #[test]
    fn canceling_the_signoff_leaves_the_preview() {
        let mut canceled = submission(Kind::Publish);
        canceled.cancel = Some(Cancel { requested: hours(90), effective: hours(91) });
        assert_eq!(canceled.standing(hours(91)), Standing::Canceled { stage: StageId::Signoff });
        assert!(canceled.went_through(hours(91)));
    }
}
