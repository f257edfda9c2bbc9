//! What an apply does and did, for people: a line for each movement, and one for how each offer ended.

use super::palette::Palette;
use super::redaction::Redaction;
use super::remedy::{Remedy, concern_text, failure_lines};
use super::safe::single_line;
use crate::complaint::Concern;
use crate::execute::{Event, OfferOutcome, StageNews};
use crate::offer::{MessageLevel, OfferKey, StageStatus};
use crate::plan::{Action, Goal};

/// One event as a line without line break, or `None` when it is not worth one. Below a message of the service stands what
/// it speaks of, when that is known.
pub fn event_line(key: &OfferKey, event: &Event, concern: Option<&Concern>, palette: &Palette) -> Option<String> {
    let name = palette.paint(palette.bold, &key.to_string());
    let what = match event {
        Event::StepStarted { action: Action::Wait, goal } => format!("waiting until {}", goal_words(*goal)),
        // What a step did follows in a moment, and how far a stage is belongs into a bar.
        Event::StepStarted { .. } | Event::StageProgressed(_) => return None,
        Event::StepDone { action, goal, note } => {
            let note =
                note.as_ref().map(|note| format!(" ({})", single_line(&Redaction::text(note)))).unwrap_or_default();
            let verb = match (action, goal) {
                (Action::Create, _) => "created",
                (Action::Update, _) => "updated",
                (Action::Publish, _) => "submitted for the preview",
                (Action::GoLive, _) => "submitted for production",
                (Action::Cancel, _) => "cancel requested",
                (Action::Wait, Some(Goal::Preview)) => "the preview is ready",
                (Action::Wait, Some(Goal::Live)) => "live",
                (Action::Wait, Some(Goal::Canceled)) => "canceled",
                (Action::Wait, Some(Goal::Settled) | None) => "the other submission has ended",
            };
            format!("{}{note}", palette.paint(palette.added, verb))
        }
        Event::StageMoved(StageNews { stage, .. }) => {
            let colour = match stage.status {
                StageStatus::Complete => palette.added,
                StageStatus::Blocked | StageStatus::Rejected | StageStatus::Failed | StageStatus::Canceled => {
                    palette.alarm
                }
                _ => palette.changed,
            };
            let status = palette.paint(colour, &single_line(&stage.status.to_string()));
            let estimate = stage.estimate.as_ref().filter(|_| stage.status == StageStatus::InProgress);
            let estimate = estimate.map(|estimate| format!(" ({})", single_line(estimate))).unwrap_or_default();
            format!("{}: {status}{estimate}", single_line(&stage.name))
        }
        Event::Said(message) => {
            let level = match message.level {
                MessageLevel::Information => "",
                MessageLevel::Warning => "warning: ",
                MessageLevel::Error => "error: ",
            };
            let place = concern.map(|concern| format!("\n  {}", concern_text(concern, palette))).unwrap_or_default();
            format!("the service says: {level}{}{place}", single_line(&Redaction::text(&message.text)))
        }
        Event::UnknownWord(word) => format!(
            "the service says \"{}\", a word that offerctl does not know: taken as still going",
            single_line(word)
        ),
        Event::RecordSetAside { place } => {
            format!("the record that cannot be used is set aside as `{}`", single_line(&place.display().to_string()))
        }
        Event::Merged { changed } => {
            let paths = changed.iter().map(|line| single_line(line)).collect::<Vec<_>>().join(", ");
            format!("the write keeps what somebody edited meanwhile: {paths}")
        }
        Event::Unclear(answer) => {
            let answer = single_line(&Redaction::text(answer));
            format!("the answer does not tell whether it was done, asking the service: {answer}")
        }
        Event::Unreachable(reason) => {
            format!("the service cannot be asked right now, waiting goes on: {}", single_line(&Redaction::text(reason)))
        }
        Event::Unshared(reason) => format!(
            "only this clone has the newest record, it is shared with the next one that is written: {}",
            single_line(&Redaction::text(reason))
        ),
    };
    Some(format!("{name}: {what}"))
}

pub(super) fn goal_words(goal: Option<Goal>) -> &'static str {
    match goal {
        Some(Goal::Preview) => "the preview is ready",
        Some(Goal::Live) => "the offer is live",
        Some(Goal::Canceled) => "the submission reads canceled",
        Some(Goal::Settled) | None => "the running submission has ended",
    }
}

/// How an offer ended, with what to do next where something is left to do.
pub fn outcome_text(key: &OfferKey, outcome: &OfferOutcome, remedy: &Remedy, palette: &Palette) -> String {
    let go_on = &remedy.go_on;
    let name = palette.paint(palette.bold, &key.to_string());
    match outcome {
        OfferOutcome::Done => format!("{name}: {}", palette.paint(palette.added, "done")),
        OfferOutcome::StillGoing { goal } => format!(
            "{name}: {} (until {}); go on with: {}",
            palette.paint(palette.changed, "still in progress"),
            goal_words(Some(*goal)),
            single_line(go_on)
        ),
        OfferOutcome::Interrupted => format!(
            "{name}: {}; nothing is half done, go on with: {}",
            palette.paint(palette.changed, "interrupted"),
            single_line(go_on)
        ),
        OfferOutcome::Failed(error) => {
            let mut text = format!("{name}: {}", palette.paint(palette.alarm, "failed"));
            text.push_str(&failure_lines(&error.to_string(), &remedy.complaints, palette));
            text.push_str("\n  ");
            text.push_str(&palette.paint(palette.dim, "what next: "));
            text.push_str(&single_line(&error.advice()));
            if let Some(command) = &remedy.once_mended {
                text.push_str("\n  ");
                text.push_str(&palette.paint(palette.dim, "once it is mended: "));
                text.push_str(&single_line(command));
            }
            if error.leaves_a_rest() {
                text.push_str("\n  ");
                text.push_str(&palette.paint(palette.dim, "go on with: "));
                text.push_str(&single_line(go_on));
            }
            text
        }
    }
}
