//! What an operation that a person asked for by itself is about, and what became of it, for people and for programs.

use std::fmt::Write as _;

use serde_json::{Value, json};

use super::diff_text::{Compared, change_json, diff_text, side_json};
use super::json::OfferResult;
use super::palette::Palette;
use super::plan_text::step_text;
use super::redaction::Redaction;
use super::remedy::{TracedComplaint, failure_lines};
use super::result_text::goal_words;
use super::safe::single_line;
use crate::execute::{ExecuteError, OfferOutcome};
use crate::offer::OfferKey;
use crate::plan::{Operation, Refusal, Step};
use crate::portal::{ErrorKind, PortalError};

/// An operation on one offer, and how far it came.
#[derive(Debug)]
pub struct OfferOperation {
    /// Which offer.
    pub key: OfferKey,
    /// What would be shipped, compared with what is there; `None` when nothing is there to compare.
    pub compared: Option<Compared>,
    /// What is to be done; empty when nothing is.
    pub steps: Vec<Step>,
    /// The exact command that does it, or goes on with it.
    pub command: String,
    /// How it ended.
    pub ending: Ending,
    /// What the service complains about, as far as it was traced back to fields.
    pub complaints: Vec<TracedComplaint>,
}

/// How an operation on one offer ended.
#[derive(Debug)]
pub enum Ending {
    /// It was not begun.
    NotBegun,
    /// There was nothing to do, and why.
    Nothing(String),
    /// It cannot be done now.
    Refused(Refusal),
    /// The offer could not be read.
    Unreadable(Box<PortalError>),
    /// It was begun.
    Begun(OfferOutcome),
}

/// What is shown before anything is done; refusals and failures are for whoever prints errors.
pub fn operation_text(operation: Operation, offer: &OfferOperation, palette: &Palette) -> String {
    let mut text = String::new();
    let name = palette.paint(palette.bold, &offer.key.to_string());
    if let Ending::Nothing(reason) = &offer.ending {
        return format!("{name}: nothing to do: {}\n", single_line(reason));
    }
    if offer.steps.is_empty() {
        return text;
    }
    match &offer.compared {
        Some(compared) => text.push_str(&diff_text(compared, palette)),
        None => {
            let _ = writeln!(text, "{name}: {}", words(operation));
        }
    }
    let _ = writeln!(text, "  Steps:");
    for (index, step) in offer.steps.iter().enumerate() {
        let _ = writeln!(text, "    {}", step_text(index + 1, step, palette));
    }
    text
}

fn words(operation: Operation) -> &'static str {
    match operation {
        Operation::Publish => "publish",
        Operation::GoLive => "go live",
        Operation::Cancel => "cancel",
    }
}

/// How an offer ended that is not done, with what to type next.
pub fn unfinished_text(
    operation: Operation,
    offer: &OfferOperation,
    outcome: &OfferOutcome,
    palette: &Palette,
) -> String {
    let name = palette.paint(palette.bold, &offer.key.to_string());
    let mut text = match outcome {
        OfferOutcome::Done => format!("{name}: {}", palette.paint(palette.added, "done")),
        OfferOutcome::StillGoing { goal } => {
            format!(
                "{name}: {} (until {})",
                palette.paint(palette.changed, "still in progress"),
                goal_words(Some(*goal))
            )
        }
        OfferOutcome::Interrupted => {
            format!("{name}: {}; nothing is half done", palette.paint(palette.changed, "interrupted"))
        }
        OfferOutcome::Failed(error) => {
            let mut text = format!("{name}: {}", palette.paint(palette.alarm, "failed"));
            text.push_str(&failure_lines(&error.to_string(), &offer.complaints, palette));
            text
        }
    };
    if let Some(next) = what_next(operation, offer, outcome) {
        let next = match outcome {
            OfferOutcome::Failed(_) => next,
            _ => format!("`{next}` goes on with it"),
        };
        let _ = write!(text, "\n  {}{}", palette.paint(palette.dim, "what next: "), single_line(&next));
    }
    text
}

fn what_next(operation: Operation, offer: &OfferOperation, outcome: &OfferOutcome) -> Option<String> {
    match outcome {
        OfferOutcome::Done => None,
        OfferOutcome::StillGoing { .. } | OfferOutcome::Interrupted => {
            // Waiting needs no yes; a cancel that was asked for is asked for again, and is one all the same.
            let yes = if operation == Operation::Cancel { " --yes" } else { "" };
            Some(format!("{}{yes}", offer.command))
        }
        OfferOutcome::Failed(error) => Some(advice(operation, offer, error)),
    }
}

/// What to do about a failed operation; there is no manifest to change and no plan to make.
fn advice(operation: Operation, offer: &OfferOperation, error: &ExecuteError) -> String {
    let OfferOperation { key, command: same, .. } = offer;
    match error {
        ExecuteError::Stale { .. } | ExecuteError::AlreadyThere | ExecuteError::WrongSlot { .. } => {
            format!(
                "Look at what is there now with `offerctl diff {key}` and `offerctl submissions {key}`; `{same}` asks anew."
            )
        }
        ExecuteError::Busy | ExecuteError::Superseded { .. } => {
            format!("Look with `offerctl status {key}`. Wait for its end, or end it with `offerctl cancel {key}`.")
        }
        ExecuteError::Portal(error) if operation == Operation::Cancel && error.kind() == ErrorKind::NotFound => {
            format!("The service found nothing to cancel. `offerctl status {key}` shows whether anything runs.")
        }
        ExecuteError::Portal(error) if operation == Operation::Cancel && error.kind() == ErrorKind::Conflict => {
            format!(
                "The service does not let it be canceled as it stands now. `offerctl status {key}` shows whether anything \
             runs, and how far it is; `{same}` asks again."
            )
        }
        ExecuteError::Portal(error) if error.kind() == ErrorKind::Conflict => {
            format!("A submission seems to run: `offerctl status {key}` shows it, `offerctl cancel {key}` ends it.")
        }
        ExecuteError::SubmissionEnded { .. } if operation == Operation::Cancel => {
            format!("`offerctl status {key}` shows how the offer stands now. What is live cannot be taken back.")
        }
        ExecuteError::SubmissionEnded { word, .. } if word.contains("canceled") => {
            format!("Somebody canceled it. Ask them why; `offerctl publish {key}` submits it again.")
        }
        ExecuteError::SubmissionEnded { .. } => format!(
            "Change in the draft what the service complains about, then submit it again with `offerctl publish {key}`."
        ),
        ExecuteError::NeedsPerson { .. } => format!(
            "Follow it up in the portal or with Microsoft's support. The submission still runs: `{same}` goes on with it, \
             `offerctl cancel {key}` ends it."
        ),
        ExecuteError::Unclear { .. } => format!(
            "Look with `offerctl submissions {key}`, then run `{same}` again: what took effect is not done twice."
        ),
        error if error.leaves_a_rest() => format!("{} Then `{same}` goes on.", error.advice()),
        ExecuteError::Locked(_)
        | ExecuteError::Overtaken
        | ExecuteError::BeyondRest { .. }
        | ExecuteError::Blocked { .. }
        | ExecuteError::Portal(_)
        | ExecuteError::Conflict { .. }
        | ExecuteError::WouldShip { .. }
        | ExecuteError::Shipped { .. }
        | ExecuteError::NotKept { .. }
        | ExecuteError::MissingSecret { .. }
        | ExecuteError::NoPlaceForSecret { .. }
        | ExecuteError::State(_)
        | ExecuteError::Patch(_) => error.advice(),
    }
}

/// How many offers ended how, in one line that always has the same form.
pub fn operation_summary_line(operation: Operation, offers: &[OfferOperation]) -> String {
    let words = words(operation);
    let title = words[..1].to_ascii_uppercase() + &words[1..];
    let count = |word: &str| offers.iter().filter(|offer| result_word(&offer.ending) == word).count();
    format!(
        "{title}: {} offers: {} done, {} with nothing to do, {} still in progress, {} refused, {} failed, {} unreadable, {} \
         interrupted.\n",
        offers.len(),
        count("done"),
        count("nothingToDo"),
        count("stillGoing"),
        count("refused"),
        count("failed"),
        count("unreadable"),
        count("interrupted")
    )
}

fn result_word(ending: &Ending) -> &'static str {
    match ending {
        Ending::NotBegun => "notBegun",
        Ending::Nothing(_) => "nothingToDo",
        Ending::Refused(_) => "refused",
        Ending::Unreadable(_) => "unreadable",
        Ending::Begun(OfferOutcome::Done) => "done",
        Ending::Begun(OfferOutcome::StillGoing { .. }) => "stillGoing",
        Ending::Begun(OfferOutcome::Interrupted) => "interrupted",
        Ending::Begun(OfferOutcome::Failed(_)) => "failed",
    }
}

/// What became of an offer.
pub fn operation_result(operation: Operation, offer: &OfferOperation) -> OfferResult {
    let (message, what_next) = told(operation, offer);
    OfferResult::of_operation(&offer.key, result_word(&offer.ending), message, what_next, &offer.complaints)
}

/// What is in the way, and what to do about it.
fn told(operation: Operation, offer: &OfferOperation) -> (Option<String>, Option<String>) {
    match &offer.ending {
        Ending::Begun(outcome) => {
            let error = if let OfferOutcome::Failed(error) = outcome { Some(error.to_string()) } else { None };
            (error, what_next(operation, offer, outcome))
        }
        Ending::NotBegun => (None, None),
        Ending::Nothing(reason) => (Some(reason.clone()), None),
        Ending::Refused(refusal) => (Some(refusal.sentence.clone()), Some(refusal.way_out.clone())),
        Ending::Unreadable(error) => (Some(error.to_string()), Some(error.advice().to_owned())),
    }
}

/// The same for programs.
pub fn operation_json(operation: Operation, offers: &[OfferOperation]) -> Value {
    json!({
        "format": "offerctl-operation",
        "version": 1,
        "operation": operation,
        "offers": offers.iter().map(|offer| offer_json(operation, offer)).collect::<Vec<_>>(),
    })
}

fn offer_json(operation: Operation, offer: &OfferOperation) -> Value {
    let step = |step: &Step| json!({"action": step.action, "until": step.until, "reason": step.reason, "undo": step.action.undo()});
    let compared = offer.compared.as_ref();
    let changes = compared.map(|it| it.differences.iter().map(change_json).collect::<Vec<_>>());
    let (message, what_next) = told(operation, offer);
    json!({
        "publisherId": offer.key.publisher,
        "offerId": offer.key.offer,
        "from": compared.map(|it| side_json(&it.from)),
        "to": compared.map(|it| side_json(&it.to)),
        "changes": changes,
        "steps": offer.steps.iter().map(step).collect::<Vec<_>>(),
        "result": result_word(&offer.ending),
        "message": message.map(|text| Redaction::text(&text)),
        "whatNext": what_next.map(|text| Redaction::text(&text)),
        "complaints": offer.complaints.iter().map(TracedComplaint::json).collect::<Vec<_>>(),
    })
}
