//! What an apply does and did, for people: a line for each movement, and one for how each offer ended.

use super::palette::Palette;
use super::redaction::Redaction;
use super::safe::single_line;
use crate::execute::{Event, OfferOutcome};
use crate::offer::{MessageLevel, OfferKey, StageStatus};
use crate::plan::{Action, Goal, PlannedOffer};

/// One event as a line without line break, or `None` when it is not worth one.
pub fn event_line(key: &OfferKey, event: &Event, palette: &Palette) -> Option<String> {
    let name = palette.paint(palette.bold, &key.to_string());
    let what = match event {
        Event::StepStarted { action: Action::Wait, goal } => format!("waiting until {}", goal_words(*goal)),
        Event::StepStarted { action, .. } => format!("{} …", action.as_str()),
        Event::StepDone { action: Action::Wait, note: None } => return None,
        Event::StepDone { action, note } => {
            let note =
                note.as_ref().map(|note| format!(" ({})", single_line(&Redaction::text(note)))).unwrap_or_default();
            let verb = match action {
                Action::Create => "created",
                Action::Update => "updated",
                Action::Publish => "submitted for the preview",
                Action::GoLive => "submitted for production",
                Action::Wait => "reached",
                Action::Cancel => "cancel requested",
            };
            format!("{}{note}", palette.paint(palette.added, verb))
        }
        Event::StageMoved(stage) => {
            let colour = match stage.status {
                StageStatus::Complete => palette.added,
                StageStatus::Blocked | StageStatus::Rejected | StageStatus::Failed | StageStatus::Canceled => {
                    palette.alarm
                }
                _ => palette.changed,
            };
            let progress = stage.progress.filter(|progress| (1..100).contains(progress));
            let progress = progress.map(|progress| format!(" {progress} %")).unwrap_or_default();
            let status = palette.paint(colour, &single_line(&stage.status.to_string()));
            format!("{}: {status}{progress}", single_line(&stage.name))
        }
        Event::Said(message) => {
            let level = match message.level {
                MessageLevel::Information => "",
                MessageLevel::Warning => "warning: ",
                MessageLevel::Error => "error: ",
            };
            format!("the service says: {level}{}", single_line(&Redaction::text(&message.text)))
        }
        Event::Unreachable(reason) => {
            format!("the service cannot be asked right now, waiting goes on: {}", single_line(&Redaction::text(reason)))
        }
    };
    Some(format!("{name}: {what}"))
}

fn goal_words(goal: Option<Goal>) -> &'static str {
    match goal {
        Some(Goal::Preview) => "the preview is ready",
        Some(Goal::Live) => "the offer is live",
        Some(Goal::Settled) | None => "the running submission has ended",
    }
}

/// How an offer ended, with what to do next where something is left to do.
pub fn outcome_text(key: &OfferKey, outcome: &OfferOutcome, palette: &Palette) -> String {
    let name = palette.paint(palette.bold, &key.to_string());
    match outcome {
        OfferOutcome::Done => format!("{name}: {}", palette.paint(palette.added, "done")),
        OfferOutcome::StillGoing { goal } => format!(
            "{name}: {} (until {}); the same command goes on with it",
            palette.paint(palette.changed, "still in progress"),
            goal_words(Some(*goal))
        ),
        OfferOutcome::Interrupted => format!(
            "{name}: {}; nothing is half done, the same command goes on with it",
            palette.paint(palette.changed, "interrupted")
        ),
        OfferOutcome::Failed(error) => {
            let mut lines = error.to_string();
            lines = Redaction::text(&lines);
            let mut text = format!("{name}: {}", palette.paint(palette.alarm, "failed"));
            for line in lines.lines() {
                text.push_str("\n  ");
                text.push_str(&single_line(line));
            }
            text.push_str("\n  ");
            text.push_str(&palette.paint(palette.dim, "what next: "));
            text.push_str(&single_line(&error.advice()));
            text
        }
    }
}

/// The steps of an offer on one line: `update, publish, wait`.
pub fn steps_of(offer: &PlannedOffer) -> String {
    offer.steps.iter().map(|step| step.action.as_str()).collect::<Vec<_>>().join(", ")
}
