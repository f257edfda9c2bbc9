//! What a command failed with: a sentence, what to do next, and which exit code that is. Decided here and nowhere else.

use super::Exit;
use crate::config::InvalidSetting;
use crate::emulator::EmulatorError;
use crate::execute::ExecuteError;
use crate::forge::ForgeError;
use crate::manifest::Undiscoverable;
use crate::offer::OfferKey;
use crate::plan::{Guard, RefusalReason};
use crate::portal::{ClientError, CredentialError, ErrorKind, PortalError};
use crate::state::{LockError, StateError};

/// A command that failed.
#[derive(Debug)]
pub struct CommandError {
    message: String,
    hints: Vec<String>,
    exit: Exit,
}

impl CommandError {
    /// Bad input: the person can mend it.
    pub fn bad_input(message: impl Into<String>) -> Self {
        Self { message: message.into(), hints: Vec::new(), exit: Exit::BadInput }
    }

    /// Anything else.
    pub fn other(message: impl Into<String>) -> Self {
        Self { message: message.into(), hints: Vec::new(), exit: Exit::Failed }
    }

    /// Somebody else changed what this was about.
    pub fn conflict(message: impl Into<String>) -> Self {
        Self { message: message.into(), hints: Vec::new(), exit: Exit::Conflict }
    }

    /// The person wants out.
    pub fn interrupted(message: impl Into<String>) -> Self {
        Self { message: message.into(), hints: Vec::new(), exit: Exit::Interrupted }
    }

    /// The same error, with what to do next.
    #[must_use]
    pub fn hint(mut self, hint: impl Into<String>) -> Self {
        self.hints.push(hint.into());
        self
    }

    /// The same error, which says which offer it is about.
    #[must_use]
    pub fn about(mut self, key: &OfferKey) -> Self {
        self.message = format!("{key}: {}", self.message);
        self
    }

    /// The same error under another exit code.
    #[must_use]
    pub fn ending_as(mut self, exit: Exit) -> Self {
        self.exit = exit;
        self
    }

    /// What happened.
    pub fn message(&self) -> &str {
        &self.message
    }

    /// What to do next.
    pub fn hints(&self) -> &[String] {
        &self.hints
    }

    /// How the command ends.
    pub fn exit(&self) -> Exit {
        self.exit
    }
}

/// Which exit code a failure of the service's side is.
impl From<&PortalError> for Exit {
    fn from(error: &PortalError) -> Self {
        match error.kind() {
            ErrorKind::NotAuthenticated | ErrorKind::NotAllowed | ErrorKind::Credential => Self::NotAllowed,
            ErrorKind::PreconditionFailed | ErrorKind::Conflict => Self::Conflict,
            ErrorKind::Refused => Self::Rejected,
            // That the service has trouble says nothing of what was asked of it.
            ErrorKind::ServiceFailed
            | ErrorKind::Unsendable
            | ErrorKind::Unreachable
            | ErrorKind::Untrusted
            | ErrorKind::Interrupted
            | ErrorKind::TimedOut
            | ErrorKind::NotFound
            | ErrorKind::Throttled
            | ErrorKind::Redirected
            | ErrorKind::Unreadable => Self::Failed,
        }
    }
}

/// Which exit code an operation is that cannot be done now.
impl From<RefusalReason> for Exit {
    fn from(reason: RefusalReason) -> Self {
        match reason {
            RefusalReason::NotReady => Self::Failed,
            RefusalReason::Busy => Self::Conflict,
            RefusalReason::StillGoing => Self::StillGoing,
        }
    }
}

/// Which exit code a failed step is.
impl From<&ExecuteError> for Exit {
    fn from(error: &ExecuteError) -> Self {
        match error {
            ExecuteError::Portal(error) => error.into(),
            ExecuteError::Stale { .. }
            | ExecuteError::Conflict { .. }
            | ExecuteError::WouldShip { .. }
            | ExecuteError::Shipped { .. }
            | ExecuteError::Superseded { .. }
            | ExecuteError::BeyondRest { .. }
            | ExecuteError::Locked(LockError::Held { .. })
            | ExecuteError::Overtaken
            | ExecuteError::State(StateError::Overtaken { .. })
            | ExecuteError::Busy
            | ExecuteError::AlreadyThere
            | ExecuteError::WrongSlot { .. } => Self::Conflict,
            ExecuteError::Blocked { guard: Guard::FailedSubmission, .. } => Self::Rejected,
            ExecuteError::Blocked { .. } => Self::Blocked,
            ExecuteError::NotKept { .. } | ExecuteError::SubmissionEnded { .. } | ExecuteError::NeedsPerson { .. } => {
                Self::Rejected
            }
            ExecuteError::MissingSecret { .. } | ExecuteError::NoPlaceForSecret { .. } => Self::BadInput,
            ExecuteError::Unclear { .. }
            | ExecuteError::Locked(LockError::Failed { .. })
            | ExecuteError::State(_)
            | ExecuteError::Patch(_) => Self::Failed,
        }
    }
}

impl From<PortalError> for CommandError {
    fn from(error: PortalError) -> Self {
        let exit = Exit::from(&error);
        Self { message: error.to_string(), hints: vec![error.advice().to_owned()], exit }
    }
}

impl From<StateError> for CommandError {
    fn from(error: StateError) -> Self {
        let exit = match error {
            StateError::NoRepository { .. }
            | StateError::CheckedOut { .. }
            | StateError::NotRecords { .. }
            | StateError::WhichRemote { .. } => Exit::BadInput,
            StateError::Overtaken { .. } => Exit::Conflict,
            StateError::File { .. }
            | StateError::Git(_)
            | StateError::NotShared { .. }
            | StateError::OtherService { .. } => Exit::Failed,
        };
        Self { message: error.to_string(), hints: vec![error.advice().to_owned()], exit }
    }
}

impl From<ForgeError> for CommandError {
    fn from(error: ForgeError) -> Self {
        let exit = match error.kind() {
            ErrorKind::NotAuthenticated | ErrorKind::NotAllowed | ErrorKind::Credential => Exit::NotAllowed,
            _ => Exit::Failed,
        };
        Self { message: error.to_string(), hints: vec![error.advice().to_owned()], exit }
    }
}

impl From<InvalidSetting> for CommandError {
    fn from(error: InvalidSetting) -> Self {
        Self::bad_input(error.to_string())
    }
}

impl From<Undiscoverable> for CommandError {
    fn from(error: Undiscoverable) -> Self {
        Self::bad_input(error.to_string())
    }
}

impl From<CredentialError> for CommandError {
    fn from(error: CredentialError) -> Self {
        // An issuer that is out of reach says nothing about who may do what.
        let exit = if error.is_passing() { Exit::Failed } else { Exit::NotAllowed };
        Self { message: error.to_string(), hints: vec![error.advice().to_owned()], exit }
    }
}

impl From<ClientError> for CommandError {
    fn from(error: ClientError) -> Self {
        Self::other(error.to_string())
    }
}

impl From<EmulatorError> for CommandError {
    fn from(error: EmulatorError) -> Self {
        match error {
            EmulatorError::NotLoopback(_) | EmulatorError::Fault(_) => Self::bad_input(error.to_string()),
            EmulatorError::Listen { .. } | EmulatorError::Store(_) => Self::other(error.to_string()),
        }
    }
}
