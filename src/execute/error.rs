//! Why a step failed, in words that tell what was lost (nothing) and what to do next.

use super::BothSides;
use crate::diff::PatchError;
use crate::offer::{FieldPath, Slot};
use crate::plan::{Action, Guard};
use crate::portal::{ErrorKind, PortalError};
use crate::state::{LockError, StateError, StopCause};

/// A step that failed.
#[derive(Debug, thiserror::Error)]
pub enum ExecuteError {
    /// The service refused or could not be reached.
    #[error(transparent)]
    Portal(#[from] PortalError),
    /// Somebody else changed the offer since it was planned.
    #[error("somebody changed the offer after it was planned, so nothing more was done{}", listed(.changed))]
    Stale {
        /// What changed meanwhile, one line each.
        changed: Vec<String>,
    },
    /// Somebody else changed the same fields since they were planned.
    #[error(
        "somebody changed the same fields after they were planned, so nothing was written{}",
        listed(&.fields.iter().map(ToString::to_string).collect::<Vec<_>>())
    )]
    Conflict {
        /// Each field with both values.
        fields: Vec<BothSides>,
    },
    /// The write kept what others edited meanwhile, and publishing would ship it.
    #[error(
        "the draft was written and keeps what somebody edited meanwhile; nothing was published, for that would ship \
         their edits unseen{}",
        listed(.changed)
    )]
    WouldShip {
        /// What they edited, one line each.
        changed: Vec<String>,
    },
    /// Somebody edited the draft right before it was submitted, so that their edit was submitted with it.
    #[error("somebody edited the offer right before it was submitted, and the submission has their edit; nothing goes live{}", listed(.changed))]
    Shipped {
        /// What they edited, one line each.
        changed: Vec<String>,
    },
    /// Another run of offerctl has the offer's lock, or the lock cannot be taken.
    #[error(transparent)]
    Locked(#[from] LockError),
    /// Another run of offerctl has worked on the offer since it was planned.
    #[error("another run of offerctl has worked on the offer since it was planned, so nothing was written")]
    Overtaken,
    /// What is to be done now is not what is left of the plan that was begun.
    #[error(
        "the plan that was begun cannot be carried on with, for now it takes a step that is not left of it: {} ({reason})",
        .action.as_str()
    )]
    BeyondRest {
        /// The step.
        action: Action,
        /// Why it would be needed.
        reason: String,
    },
    /// A guard blocks what is left of the plan that was begun.
    #[error("{sentence} ({guard}){}", listed(.messages))]
    Blocked {
        /// Which guard.
        guard: Guard,
        /// What a person needs to know.
        sentence: String,
        /// What the service said, when that is the reason.
        messages: Vec<String>,
        /// What a person can do about it.
        way_out: String,
    },
    /// The offer was created by somebody else since it was planned.
    #[error("the offer was created by somebody else after it was planned, so nothing was written")]
    AlreadyThere,
    /// A submission of other content began after the plan was made.
    #[error("a submission of other content runs since the offer was planned, so nothing more was written or submitted")]
    Busy,
    /// The service took the draft and made something else of it.
    #[error("the service took the draft and did not keep all of it{}", listed(.paths))]
    NotKept {
        /// Where it differs.
        paths: Vec<String>,
    },
    /// What is in a slot is not what was planned to be there.
    #[error("the {slot} slot does not hold what was planned{}", listed(.paths))]
    WrongSlot {
        /// Which slot.
        slot: Slot,
        /// Where it differs.
        paths: Vec<String>,
    },
    /// The submission failed, was canceled or was superseded.
    #[error("the service says that the submission {word}{}", listed(.messages))]
    SubmissionEnded {
        /// What became of it: "failed".
        word: String,
        /// What the service says about it.
        messages: Vec<String>,
    },
    /// Somebody submitted the offer anew while the submission of this run was waited for.
    #[error("somebody superseded the submission: publishing version {ours} gave way to {theirs}")]
    Superseded {
        /// The publishing version that was waited for.
        ours: u64,
        /// The one that took its place.
        theirs: u64,
    },
    /// The submission waits for a person.
    #[error("the submission needs a person: \"{what}\" is {status}{}", listed(.messages))]
    NeedsPerson {
        /// The stage, or the submission as a whole.
        what: String,
        /// How it stands.
        status: String,
        /// What the service says about it.
        messages: Vec<String>,
    },
    /// A write was answered so that nobody can tell whether it was done, and a look did not tell either.
    #[error("nobody can tell whether the service did it: {answer}")]
    Unclear {
        /// What the first answer was.
        answer: PortalError,
    },
    /// A secret of the manifest is not in the environment.
    #[error("the environment variable `{name}`, which the manifest names as a secret, is not set")]
    MissingSecret {
        /// The variable.
        name: String,
    },
    /// The live document has no place for a secret of the manifest.
    #[error(
        "the live offer has another shape than the manifest where the secret `{path}` belongs, so nothing was written"
    )]
    NoPlaceForSecret {
        /// Where it belongs.
        path: FieldPath,
    },
    /// The record could not be written.
    #[error(transparent)]
    State(#[from] StateError),
    /// The planned change does not fit the document.
    #[error(transparent)]
    Patch(#[from] PatchError),
}

/// Lines below the sentence, indented.
fn listed(lines: &[String]) -> String {
    if lines.is_empty() {
        return String::new();
    }
    let lines: Vec<_> = lines.iter().map(|line| format!("\n  {line}")).collect();
    format!(":{}", lines.concat())
}

impl ExecuteError {
    /// Why the rest of the plan cannot be carried on with, when it cannot: the next step is a new plan.
    pub fn stop_cause(&self) -> Option<StopCause> {
        Some(match self {
            Self::Portal(error) => match error.kind() {
                ErrorKind::Refused => StopCause::Rejected,
                ErrorKind::Conflict | ErrorKind::PreconditionFailed => StopCause::Conflict,
                ErrorKind::NotFound => StopCause::Failed,
                _ => return None,
            },
            Self::Stale { .. }
            | Self::Conflict { .. }
            | Self::WouldShip { .. }
            | Self::Shipped { .. }
            | Self::BeyondRest { .. }
            | Self::AlreadyThere
            | Self::Busy
            | Self::Superseded { .. }
            | Self::WrongSlot { .. } => StopCause::Conflict,
            Self::NotKept { .. }
            | Self::SubmissionEnded { .. }
            | Self::Blocked { guard: Guard::FailedSubmission, .. } => StopCause::Rejected,
            Self::Blocked { .. } => StopCause::Blocked,
            Self::NoPlaceForSecret { .. } | Self::Patch(_) => StopCause::Failed,
            // It still runs, or nobody knows, or the surroundings have to be mended first.
            Self::NeedsPerson { .. }
            | Self::Unclear { .. }
            | Self::Locked(_)
            | Self::Overtaken
            | Self::MissingSecret { .. }
            | Self::State(_) => return None,
        })
    }

    /// What the service complains about, a message each; nothing when it is not the offer that it complains about.
    pub fn complaints(&self) -> Vec<String> {
        match self {
            Self::SubmissionEnded { messages, .. }
            | Self::NeedsPerson { messages, .. }
            | Self::Blocked { guard: Guard::FailedSubmission, messages, .. } => messages.clone(),
            Self::Portal(error) if error.kind() == ErrorKind::Refused => {
                error.message().into_iter().map(str::to_owned).collect()
            }
            _ => Vec::new(),
        }
    }

    /// Whether what is left of the plan is on record, so that it can be carried on with once what failed is mended.
    ///
    /// Nobody knows what is on record after a failure to write there, and a run that was kept out has begun nothing.
    pub fn leaves_a_rest(&self) -> bool {
        let knows_no_rest = matches!(self, Self::State(_) | Self::Locked(_) | Self::Overtaken);
        self.stop_cause().is_none() && !knows_no_rest
    }

    /// Whether other machines could not be let know of what was to be done.
    pub fn is_unshared(&self) -> bool {
        matches!(self, Self::State(StateError::NotShared { .. }))
    }

    /// What to do next, whichever command failed.
    pub fn advice(&self) -> String {
        match self {
            Self::Portal(error) if error.kind() == ErrorKind::Conflict => {
                "A submission of this offer seems to run. Look with `offerctl status`; a new plan queues behind it, or \
                 replaces it with `--supersede`."
                    .to_owned()
            }
            Self::Portal(error) => error.advice().to_owned(),
            Self::Locked(LockError::Held { .. }) => {
                "Let it end, or end it; then run the same command again.".to_owned()
            }
            Self::Overtaken => "Run the same command again: it plans anew.".to_owned(),
            Self::Conflict { .. } => {
                "Nothing of theirs was lost. Take their values into the manifest, or keep yours and apply again: the \
                 plan then shows that it reverts theirs."
                    .to_owned()
            }
            Self::Shipped { .. } => {
                "Look at what they edited. To take it live too, apply again; else `offerctl cancel` it, and take the edit back in \
                 the portal."
                    .to_owned()
            }
            Self::WouldShip { .. } => {
                "Nothing of theirs was lost. `offerctl plan` shows each of their edits with its value, as a passenger, and how to \
                 go on with it or without it."
                    .to_owned()
            }
            Self::Blocked { way_out, .. } => format!("Plan anew with `offerctl plan`, then apply: {way_out}."),
            Self::BeyondRest { .. } => {
                "Nothing was done. Somebody changed the offer meanwhile: plan anew, read what it says, and apply.".to_owned()
            }
            Self::Superseded { .. } => {
                "Ask who did. A new plan queues behind theirs, or replaces it with `--supersede`.".to_owned()
            }
            Self::Stale { .. } | Self::AlreadyThere => {
                "Nothing of theirs was lost. Plan again and read what it says now.".to_owned()
            }
            Self::Busy => "Plan again: ours queues behind it, or replaces it with `--supersede`.".to_owned(),
            Self::NotKept { .. } => {
                "Nothing was published. If the service spells these values its own way, write them so in the manifest; if \
                 somebody edited them right after the write, plan again."
                    .to_owned()
            }
            Self::WrongSlot { .. } => {
                "Nothing more was submitted. Somebody else may have published; plan again and read what it says now.".to_owned()
            }
            Self::SubmissionEnded { word, .. } if word.contains("canceled") => {
                "Somebody canceled it. Ask them why; `--retry-failed` submits the same again.".to_owned()
            }
            Self::SubmissionEnded { .. } => {
                "Change what the service complains about and apply again; `--retry-failed` submits the same again."
                    .to_owned()
            }
            Self::NeedsPerson { .. } => {
                "Follow it up in the portal or with Microsoft's support. The submission still runs.".to_owned()
            }
            Self::Unclear { .. } => {
                "Look with `offerctl status`. What took effect is not done twice.".to_owned()
            }
            Self::MissingSecret { .. } => "Set it where offerctl runs. Nothing was written.".to_owned(),
            Self::NoPlaceForSecret { .. } => "Look with `offerctl get` what is there, and correct the manifest.".to_owned(),
            Self::Locked(LockError::Failed { .. }) => "Make the state folder writable, then run the same command again.".to_owned(),
            Self::State(error) => error.advice().to_owned(),
            Self::Patch(_) => "Plan again; if it stays, the manifest and the live offer disagree on the shape of this field.".to_owned(),
        }
    }
}
