//! What the service's report of a submission says about steps.

use super::Action;
use crate::offer::{StageStatus, StatusReport, SubmissionKind};

/// The service's own estimate, when its last report names one for the stages of the step.
pub(super) fn estimate(report: &StatusReport, action: Action) -> Option<String> {
    let stage = match action {
        Action::Publish => report.stages.iter().find(|stage| stage.id.eq_ignore_ascii_case("displaycertify")),
        Action::GoLive => report.stages.iter().find(|stage| stage.is_live()),
        _ => None,
    }?;
    stage.estimate.as_ref().map(|estimate| format!("{} {estimate}", stage.name))
}

/// Without a row that tells, a submission whose live stage moves is a go-live.
pub(super) fn goes_live_now(report: &StatusReport) -> Option<SubmissionKind> {
    let live = report.stages.iter().find(|stage| stage.is_live())?;
    let moves = live.status != StageStatus::NotStarted;
    Some(if moves { SubmissionKind::GoLive } else { SubmissionKind::Publish })
}
