//! What the service's words about a submission come to. Pure: no waiting, no asking.

use super::cancel::Escape;
use crate::offer::{Message, MessageLevel, OfferStatus, OperationStatus, StatusReport, Submission, SubmissionKind};
use crate::plan::Goal;

/// What one look at a submission tells.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Standing {
    Going,
    Reached,
    Failed,
    Canceled,
    NeedsPerson,
    /// It was to be canceled, and something else became of it.
    Escaped(Escape),
}

/// What the service told in one look, from up to three sources; the less a source is about one submission, the more it
/// may still be about the one before.
#[derive(Default)]
pub(super) struct Told {
    /// The operation that was started here.
    pub(super) own: Option<(OperationStatus, StatusReport)>,
    /// The newest submission of the list.
    pub(super) newest: Option<Submission>,
    /// The submission of the list that is waited for, when its publishing version is known.
    pub(super) waited_for: Option<Submission>,
    /// Whether the newest is still the newest one from before ours was started.
    pub(super) is_from_before: bool,
    /// What is said of the offer as a whole.
    pub(super) report: Option<StatusReport>,
    /// Whether the operation has told of a bad end for so long that no lag explains it any more: then what runs is
    /// somebody else's.
    pub(super) bad_end_lasts: bool,
}

impl Told {
    /// What is told about the submission that counts; `None` while everything told is about an older one.
    pub(super) fn current(self, goal: Goal) -> Option<(OperationStatus, StatusReport)> {
        let runs = self.newest.as_ref().is_some_and(Submission::is_running);
        if let Some(own) = self.own {
            return (!ended_badly(&own.0) || !runs || self.bad_end_lasts).then_some(own);
        }
        if self.is_from_before {
            return None;
        }
        let report = self.report.unwrap_or_else(|| StatusReport::of(OfferStatus::NotStarted));
        let is_for_goal = |row: &Submission| goal == Goal::Settled || row.kind.is_none_or(|kind| leads_to(kind, goal));
        let Some(row) = self.newest.filter(is_for_goal) else { return Some((word_of(&report.status), report)) };
        let is_of_older = report.publishing_version.is_some() && report.publishing_version < row.publishing_version;
        let contradicts = matches!(
            report.status,
            OfferStatus::NeverPublished | OfferStatus::Succeeded | OfferStatus::Failed | OfferStatus::Canceled
        );
        (!(runs && (is_of_older || contradicts))).then_some((row.state, report))
    }
}

/// Whether nothing good can come of it any more.
pub(super) fn ended_badly(status: &OperationStatus) -> bool {
    matches!(status, OperationStatus::Failed | OperationStatus::Canceled)
}

/// Whether a submission of this kind can reach the goal.
fn leads_to(kind: SubmissionKind, goal: Goal) -> bool {
    match goal {
        Goal::Preview => kind == SubmissionKind::Publish,
        Goal::Live => kind == SubmissionKind::GoLive,
        Goal::Settled | Goal::Canceled => true,
    }
}

/// An offer's word as a submission would say it.
fn word_of(status: &OfferStatus) -> OperationStatus {
    match status {
        OfferStatus::NeverPublished | OfferStatus::NotStarted => OperationStatus::NotStarted,
        OfferStatus::WaitingForPublisherReview => OperationStatus::WaitingForPublisherReview,
        OfferStatus::Running => OperationStatus::Running,
        OfferStatus::Succeeded => OperationStatus::Succeeded,
        OfferStatus::Canceled => OperationStatus::Canceled,
        OfferStatus::Failed => OperationStatus::Failed,
        OfferStatus::Unknown(word) => OperationStatus::Unknown(word.clone()),
    }
}

/// What a submission's own word and its stages say together.
pub(super) fn standing(goal: Goal, status: &OperationStatus, report: &StatusReport) -> Standing {
    let ended_badly = match status {
        OperationStatus::Failed => Some(Standing::Failed),
        OperationStatus::Canceled => Some(Standing::Canceled),
        _ => None,
    };
    if goal == Goal::Settled {
        // Whatever became of the other submission, ours may go on now.
        let moves =
            matches!(status, OperationStatus::NotStarted | OperationStatus::Running | OperationStatus::Unknown(_));
        return if !moves || report.awaits_signoff() {
            Standing::Reached
        } else if trouble(report).is_some() {
            Standing::NeedsPerson
        } else {
            Standing::Going
        };
    }
    if let Some(ended) = ended_badly {
        return ended;
    }
    let reached = match goal {
        Goal::Preview => report.awaits_signoff() || *status == OperationStatus::Succeeded,
        Goal::Live | Goal::Settled | Goal::Canceled => *status == OperationStatus::Succeeded,
    };
    if reached {
        Standing::Reached
    } else if trouble(report).is_some() {
        Standing::NeedsPerson
    } else {
        Standing::Going
    }
}

/// A submission that goes on and will not end without a person.
pub(super) struct Trouble {
    /// The stage, or the submission as a whole.
    pub(super) what: String,
    pub(super) status: String,
    pub(super) messages: Vec<String>,
}

/// The complaints among the messages; only where there is none, what else is said.
fn texts(messages: &[Message]) -> Vec<String> {
    let is_complaint = |message: &&Message| message.level >= MessageLevel::Warning;
    let all_counts = !messages.iter().any(|message| is_complaint(&message));
    messages.iter().filter(|message| all_counts || is_complaint(message)).map(|message| message.text.clone()).collect()
}

/// What needs a person: a stage that is blocked, rejected or complains, or a complaint about the whole.
pub(super) fn trouble(report: &StatusReport) -> Option<Trouble> {
    if let Some(stage) = report.stages_in_trouble().next() {
        let messages = texts(&stage.messages);
        return Some(Trouble { what: stage.name.clone(), status: stage.status.to_string(), messages });
    }
    let complains = report.messages.iter().any(|message| message.level == MessageLevel::Error);
    complains.then(|| Trouble {
        what: "submission".to_owned(),
        status: report.status.to_string(),
        messages: texts(&report.messages),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::offer::{Stage, StageStatus};

    fn report(status: OfferStatus, signoff: StageStatus, live: StageStatus) -> StatusReport {
        let stage = |id: &str, status| Stage {
            id: id.into(),
            name: id.into(),
            status,
            progress: None,
            estimate: None,
            messages: Vec::new(),
        };
        StatusReport {
            status,
            stages: vec![stage("publisher-signoff", signoff), stage("live", live)],
            messages: Vec::new(),
            preview_links: Vec::new(),
            live_links: Vec::new(),
            publishing_version: None,
        }
    }

    #[test]
    fn the_preview_is_reached_when_the_signoff_waits_whatever_the_top_level_says() {
        let waiting = report(OfferStatus::Running, StageStatus::WaitingForPublisherReview, StageStatus::NotStarted);
        assert_eq!(standing(Goal::Preview, &OperationStatus::Running, &waiting), Standing::Reached);
        assert_eq!(standing(Goal::Live, &OperationStatus::Running, &waiting), Standing::Going);
        let going = report(OfferStatus::Running, StageStatus::NotStarted, StageStatus::NotStarted);
        assert_eq!(standing(Goal::Preview, &OperationStatus::Running, &going), Standing::Going);
    }

    #[test]
    fn an_unknown_word_is_never_success() {
        let going = report(OfferStatus::Running, StageStatus::Complete, StageStatus::InProgress);
        let unknown = OperationStatus::parse("mystery");
        assert_eq!(standing(Goal::Live, &unknown, &going), Standing::Going);
        assert_eq!(standing(Goal::Settled, &unknown, &going), Standing::Going);
    }

    #[test]
    fn a_blocked_stage_needs_a_person_at_once() {
        let blocked = report(OfferStatus::Running, StageStatus::Blocked, StageStatus::NotStarted);
        assert_eq!(standing(Goal::Preview, &OperationStatus::Running, &blocked), Standing::NeedsPerson);
    }

    #[test]
    fn a_complaint_about_the_whole_needs_a_person_too() {
        let mut report = report(OfferStatus::Running, StageStatus::NotStarted, StageStatus::NotStarted);
        report.messages.push(Message { level: MessageLevel::Error, text: "The image cannot be read.".into() });
        assert_eq!(standing(Goal::Preview, &OperationStatus::Running, &report), Standing::NeedsPerson);
        assert_eq!(trouble(&report).map(|trouble| trouble.what), Some("submission".into()));
    }

    #[test]
    fn a_stage_in_trouble_is_told_by_its_complaints_and_by_nothing_of_other_stages() {
        let said = |level, text: &str| Message { level, text: text.into() };
        let information = || said(MessageLevel::Information, "This step has not started yet.");
        let mut report = report(OfferStatus::Running, StageStatus::Blocked, StageStatus::NotStarted);
        report.stages[0].messages = vec![information()];
        report.stages[1].messages = vec![information(), said(MessageLevel::Warning, "Of another stage.")];
        let told = |report: &StatusReport| trouble(report).map(|trouble| trouble.messages);
        assert_eq!(told(&report), Some(vec!["This step has not started yet.".into()]));
        report.stages[0].messages.push(said(MessageLevel::Warning, "It takes long."));
        report.stages[0].messages.push(said(MessageLevel::Error, "No disk."));
        assert_eq!(told(&report), Some(vec!["It takes long.".into(), "No disk.".into()]));
    }

    fn row(state: OperationStatus, publishing_version: u64) -> Submission {
        Submission {
            id: "1".into(),
            kind: Some(SubmissionKind::Publish),
            state,
            offer_version: None,
            publishing_version: Some(publishing_version),
            slot: None,
            changed_time: None,
        }
    }

    #[test]
    fn a_running_submission_overrules_what_is_said_of_the_one_before() {
        let failed = || report(OfferStatus::Failed, StageStatus::NotStarted, StageStatus::NotStarted);
        let runs = || Some(row(OperationStatus::Running, 2));
        let told = Told { own: Some((OperationStatus::Failed, failed())), newest: runs(), ..Told::default() };
        assert!(told.current(Goal::Preview).is_none());
        let told = Told { newest: runs(), report: Some(failed()), ..Told::default() };
        assert!(told.current(Goal::Preview).is_none());
        let told = Told { newest: runs(), is_from_before: true, report: Some(failed()), ..Told::default() };
        assert!(told.current(Goal::Preview).is_none());
    }

    #[test]
    fn a_bad_end_that_nothing_contradicts_is_believed() {
        let failed = || report(OfferStatus::Failed, StageStatus::NotStarted, StageStatus::NotStarted);
        let before = || Some(row(OperationStatus::Failed, 1));
        let own = Told {
            own: Some((OperationStatus::Failed, failed())),
            newest: before(),
            is_from_before: true,
            ..Told::default()
        };
        assert_eq!(own.current(Goal::Preview).map(|told| told.0), Some(OperationStatus::Failed));
        let theirs = Some(row(OperationStatus::Running, 2));
        let own = Some((OperationStatus::Canceled, failed()));
        let lasting = Told { own, newest: theirs, bad_end_lasts: true, ..Told::default() };
        assert_eq!(lasting.current(Goal::Preview).map(|told| told.0), Some(OperationStatus::Canceled));
        let listed = Told { newest: before(), report: Some(failed()), ..Told::default() };
        assert_eq!(listed.current(Goal::Preview).map(|told| told.0), Some(OperationStatus::Failed));
    }

    #[test]
    fn a_report_with_an_older_publishing_version_is_old_news() {
        let mut waits = report(OfferStatus::Running, StageStatus::WaitingForPublisherReview, StageStatus::NotStarted);
        waits.publishing_version = Some(1);
        let newest = || Some(row(OperationStatus::Running, 2));
        let told = Told { newest: newest(), report: Some(waits.clone()), ..Told::default() };
        assert!(told.current(Goal::Preview).is_none());
        waits.publishing_version = Some(2);
        let told = Told { newest: newest(), report: Some(waits), ..Told::default() };
        assert!(told.current(Goal::Preview).is_some());
    }
}
