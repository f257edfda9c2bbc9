//! What can go wrong with a place: what happened, to which request, and what to do next, in the words of that place.
//!
//! Every text in here was cleaned before it came in; no token gets this far.

use std::fmt;
use std::time::Duration;

use crate::portal::ErrorKind;

use super::Place;

/// A comment that could not be written or read.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
pub struct ForgeError(Box<Failure>);

/// Everything that is known about it.
#[derive(Debug)]
pub(super) struct Failure {
    pub(super) place: Place,
    pub(super) kind: ErrorKind,
    /// `POST https://…`.
    pub(super) request: String,
    pub(super) status: Option<u16>,
    /// What the place said, or what broke.
    pub(super) message: Option<String>,
    pub(super) attempts: u32,
    pub(super) retry_after: Option<Duration>,
    /// Whether the request writes, and is not made again.
    pub(super) effect: Effect,
}

/// What a request does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Effect {
    /// Nothing, or the same when it is done twice.
    Repeatable,
    /// Another comment each time.
    Creates,
}

impl From<Failure> for ForgeError {
    fn from(failure: Failure) -> Self {
        Self(Box::new(failure))
    }
}

impl ForgeError {
    /// What sort of failure it was.
    pub fn kind(&self) -> ErrorKind {
        self.0.kind
    }

    /// The same error, which says what the request was for.
    pub(super) fn while_doing(mut self, what: &str) -> Self {
        self.0.request = format!("{what}: {}", self.0.request);
        self
    }

    /// How often it was tried.
    pub(super) fn after(mut self, attempts: u32) -> Self {
        self.0.attempts = attempts;
        self
    }

    pub(super) fn retry_after(&self) -> Option<Duration> {
        self.0.retry_after
    }

    /// Whether the same request may succeed later.
    pub(super) fn is_passing(&self) -> bool {
        use ErrorKind::{Interrupted, ServiceFailed, Throttled, TimedOut, Unreachable};
        matches!(self.0.kind, Unreachable | Interrupted | TimedOut | Throttled | ServiceFailed)
    }

    /// Whether the comment may be there although no answer says so.
    fn is_unclear(&self) -> bool {
        use ErrorKind::{Interrupted, ServiceFailed, TimedOut, Unreadable};
        self.0.effect == Effect::Creates && matches!(self.0.kind, Interrupted | ServiceFailed | TimedOut | Unreadable)
    }

    /// What to do next.
    pub fn advice(&self) -> &'static str {
        if self.is_unclear() {
            return "Nobody knows whether the comment was written. Run the command again: it looks for it first.";
        }
        match self.0.kind {
            ErrorKind::NotAuthenticated | ErrorKind::NotAllowed | ErrorKind::Credential => self.0.place.permission(),
            ErrorKind::NotFound => match self.0.place {
                Place::GitHub => {
                    "Check the repository and the number of the pull request. GitHub says the same of a repository that the \
                     token may not see."
                }
                Place::AzureDevOps => {
                    "Check the collection, the project, the repository and the number of the pull request."
                }
                Place::GitLab => {
                    "Check the project and the number of the merge request. GitLab says the same of a project that the token \
                     may not see."
                }
            },
            ErrorKind::Unreachable => {
                "Nothing was sent. Check the address, the network and the proxy settings (HTTPS_PROXY, NO_PROXY)."
            }
            ErrorKind::Untrusted => {
                "Nothing was sent. If a proxy of your network inspects TLS, name its certificate authority in SSL_CERT_FILE."
            }
            ErrorKind::Throttled => "Too many requests were made with this token. Run the command again later.",
            ErrorKind::Redirected => {
                "The token is sent to the named address only. If the place or the repository moved, name its new address."
            }
            ErrorKind::Refused | ErrorKind::Conflict | ErrorKind::PreconditionFailed | ErrorKind::Unsendable => {
                "It will be refused again until what the message names is mended."
            }
            ErrorKind::Unreadable => {
                "Something answered that does not speak like the place. Check the address, and whether a proxy or a sign-in \
                 page answers in its stead."
            }
            ErrorKind::Interrupted | ErrorKind::TimedOut | ErrorKind::ServiceFailed => {
                "The place or the network is in trouble. Run the command again later; it writes no comment twice."
            }
        }
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { request, status, message, attempts, retry_after, .. } = self;
        write!(formatter, "{request} ")?;
        match status {
            Some(status) => write!(formatter, "was answered with {status}")?,
            None => formatter.write_str("failed")?,
        }
        if let Some(message) = message {
            write!(formatter, ": {}", message.trim_end_matches('.'))?;
        }
        let mut notes = Vec::new();
        notes.extend((*attempts > 1).then(|| format!("{attempts} attempts")));
        let asked = retry_after.filter(|asked| !asked.is_zero());
        notes.extend(asked.map(|asked| format!("asks to be left alone for {}", humantime::format_duration(asked))));
        if notes.is_empty() { Ok(()) } else { write!(formatter, " ({})", notes.join(", ")) }
    }
}
