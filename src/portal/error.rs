//! What can go wrong between the client and the service: what happened, to which request, and what to do next.
//!
//! Every text in here was cleaned before it came in; no token, no signature and no control character gets this far.

use std::fmt;
use std::time::Duration;

use url::Url;

use super::KnownSecrets;
use super::plain_text::clean_text;
use crate::offer::REDACTED;

/// The failure of a call to the service.
#[derive(Debug, Clone, thiserror::Error)]
#[error("{0}")]
pub struct PortalError(Box<Failure>);

/// What sort of failure it was; commands choose their exit code by it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum ErrorKind {
    /// There was no token to send.
    Credential,
    /// The request could not be written down, so nothing was sent.
    Unsendable,
    /// No connection came about, so nothing was sent.
    Unreachable,
    /// The other side's certificate is not trusted, so nothing was sent.
    Untrusted,
    /// The connection broke after the request may have been sent, or the answer broke off.
    Interrupted,
    /// No whole answer came in time.
    TimedOut,
    /// 401: the token is not accepted.
    NotAuthenticated,
    /// 403: the token is accepted, but not for this publisher.
    NotAllowed,
    /// 404.
    NotFound,
    /// 412: the draft is no longer the one that was read.
    PreconditionFailed,
    /// 409, or a 400 that says that a submission runs.
    Conflict,
    /// Another 4xx: the request is wrong and will stay wrong.
    Refused,
    /// 429.
    Throttled,
    /// 3xx, which is never followed.
    Redirected,
    /// 5xx.
    ServiceFailed,
    /// The answer says success, but it is not what the reference promises: no JSON, too large, too deep.
    Unreadable,
}

/// How a request was made.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Method {
    /// Reads.
    Get,
    /// Writes a draft.
    Put,
    /// Starts or cancels a submission.
    Post,
}

impl fmt::Display for Method {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(match self {
            Self::Get => "GET",
            Self::Put => "PUT",
            Self::Post => "POST",
        })
    }
}

/// Everything that is known about a failure.
#[derive(Debug, Clone)]
pub(super) struct Failure {
    pub(super) kind: ErrorKind,
    pub(super) method: Method,
    pub(super) url: RedactedUrl,
    pub(super) status: Option<u16>,
    pub(super) code: Option<String>,
    /// What the service said, or what broke, as half a sentence.
    pub(super) message: Option<String>,
    pub(super) correlation: Option<String>,
    pub(super) attempts: u32,
    pub(super) retry_after: Option<Duration>,
    /// What the source of tokens advises, when it failed.
    pub(super) credential_advice: Option<String>,
}

impl From<Failure> for PortalError {
    fn from(failure: Failure) -> Self {
        Self(Box::new(failure))
    }
}

impl PortalError {
    /// What sort of failure it was.
    pub fn kind(&self) -> ErrorKind {
        self.0.kind
    }

    /// How the request was made.
    pub fn method(&self) -> Method {
        self.0.method
    }

    /// Where it went, without the values of query parameters.
    pub fn url(&self) -> &str {
        &self.0.url.0
    }

    /// The HTTP status, when an answer came.
    pub fn status(&self) -> Option<u16> {
        self.0.status
    }

    /// The service's own code: `InvalidResourceId`.
    pub fn code(&self) -> Option<&str> {
        self.0.code.as_deref()
    }

    /// What the service said, or what broke, as plain text.
    pub fn message(&self) -> Option<&str> {
        self.0.message.as_deref()
    }

    /// The id to name when asking Microsoft's support about this request.
    pub fn correlation(&self) -> Option<&str> {
        self.0.correlation.as_deref()
    }

    /// How many times the request was made.
    pub fn attempts(&self) -> u32 {
        self.0.attempts
    }

    /// How long the service asked to be left alone.
    pub fn retry_after(&self) -> Option<Duration> {
        self.0.retry_after
    }

    /// Whether the request may have taken effect although it failed.
    ///
    /// After a write this decides whether to read before anything else is done.
    pub fn outcome_unclear(&self) -> bool {
        match self.0.kind {
            ErrorKind::Interrupted | ErrorKind::TimedOut | ErrorKind::ServiceFailed | ErrorKind::Unreadable => true,
            ErrorKind::Credential
            | ErrorKind::Unsendable
            | ErrorKind::Unreachable
            | ErrorKind::Untrusted
            | ErrorKind::NotAuthenticated
            | ErrorKind::NotAllowed
            | ErrorKind::NotFound
            | ErrorKind::PreconditionFailed
            | ErrorKind::Conflict
            | ErrorKind::Refused
            | ErrorKind::Throttled
            | ErrorKind::Redirected => false,
        }
    }

    /// Whether the same request may succeed later, without anybody changing anything.
    pub fn is_passing(&self) -> bool {
        matches!(
            self.0.kind,
            ErrorKind::Unreachable
                | ErrorKind::Interrupted
                | ErrorKind::TimedOut
                | ErrorKind::Throttled
                | ErrorKind::ServiceFailed
        )
    }

    /// What happened to which request, without the service's own words: those may echo what only the executor knows to be
    /// a secret.
    pub(super) fn in_short(&self) -> String {
        let what = match (self.0.status, &self.0.message) {
            (Some(status), _) => answered(status),
            (None, Some(message)) => format!("failed: {message}"),
            (None, None) => "failed".to_owned(),
        };
        format!("{} {} {what}", self.0.method, self.0.url.0)
    }

    /// The same failure without the secrets, should the service have echoed them.
    #[must_use]
    pub fn without(mut self, secrets: &KnownSecrets) -> Self {
        for text in [&mut self.0.code, &mut self.0.message, &mut self.0.correlation].into_iter().flatten() {
            *text = secrets.scrub(text);
        }
        self
    }

    /// What to do next.
    pub fn advice(&self) -> &str {
        if let Some(advice) = &self.0.credential_advice {
            return advice;
        }
        match self.0.kind {
            ErrorKind::Credential => "Check how offerctl obtains its token.",
            ErrorKind::Unsendable => "Nothing was sent. Read the offer again, then try once more.",
            ErrorKind::Unreachable => {
                "Nothing was sent. Check the endpoint, the network and the proxy settings (HTTPS_PROXY, NO_PROXY); for \
                 the emulator, check that it runs and on which port."
            }
            ErrorKind::Untrusted => {
                "Nothing was sent. If a proxy of your network inspects TLS, name its certificate authority in SSL_CERT_FILE; \
                 otherwise do not go on, because this is not the service."
            }
            ErrorKind::Interrupted | ErrorKind::TimedOut if self.0.method == Method::Get => {
                "The service or the network is slow or unstable. Nothing was changed; try again."
            }
            ErrorKind::Interrupted | ErrorKind::TimedOut => {
                "Nobody knows yet whether it took effect. Look at the offer before trying again; a new plan does that."
            }
            ErrorKind::NotAuthenticated => {
                "The token was not accepted. Tokens live about an hour and must be made for \
                 https://cloudpartner.azure.com: get a fresh one."
            }
            ErrorKind::NotAllowed => {
                "The caller is not a user of this publisher account. Check the publisher id; for a service principal, \
                 check that the account lists the Object ID of the enterprise application, not the one of the app \
                 registration: the two differ, and the wrong one is the usual cause."
            }
            ErrorKind::NotFound => "Check the publisher id and the offer id, letter by letter.",
            ErrorKind::PreconditionFailed => {
                "Somebody changed the offer since it was read. Nothing was written: make a new plan and look at what \
                 changed."
            }
            ErrorKind::Conflict => {
                "Either a submission of this offer runs, or the offer exists already. Look at its status, wait or \
                 cancel, then make a new plan."
            }
            ErrorKind::Refused if self.0.status == Some(422) => {
                "The offer did not pass the service's validation. Mend what the message names, apply, and publish again."
            }
            ErrorKind::Refused => "The service will refuse it again until what its message names is mended.",
            ErrorKind::Throttled => {
                "The service asks for fewer requests. Wait a few minutes, or lower the parallelism."
            }
            ErrorKind::Redirected => {
                "offerctl sends its token only to the endpoint, so it does not follow. If the service moved, change the \
                 endpoint; if this is a sign-in page of your network, sign in first."
            }
            ErrorKind::ServiceFailed if self.0.method == Method::Get => {
                "The service has trouble. Nothing was changed; try again later, and give the correlation id to Microsoft's \
                 support if it lasts."
            }
            ErrorKind::ServiceFailed => {
                "The service has trouble, and may have done it all the same. Look at the offer before trying again; a new \
                 plan does that."
            }
            ErrorKind::Unreadable => {
                "Something answered that does not speak like the service. Check the endpoint, and whether a proxy or a \
                 sign-in page answers in its place."
            }
        }
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{} {} ", self.method, self.url.0)?;
        match self.status {
            Some(status) => formatter.write_str(&answered(status))?,
            None => formatter.write_str("failed")?,
        }
        if let Some(message) = &self.message {
            write!(formatter, ": {}", message.trim_end_matches('.'))?;
        }
        let mut notes = Vec::new();
        notes.extend(self.code.as_ref().map(|code| format!("code {code}")));
        notes.extend(self.correlation.as_ref().map(|id| format!("correlation id {id}")));
        notes.extend((self.attempts > 1).then(|| format!("{} attempts", self.attempts)));
        let asked = self.retry_after.filter(|asked| !asked.is_zero());
        notes.extend(asked.map(|asked| format!("asks to be left alone for {}", humantime::format_duration(asked))));
        if !notes.is_empty() {
            write!(formatter, " ({})", notes.join(", "))?;
        }
        Ok(())
    }
}

/// `was answered with 503 Service Unavailable`.
fn answered(status: u16) -> String {
    let reason = reqwest::StatusCode::from_u16(status).ok().and_then(|status| status.canonical_reason());
    format!("was answered with {status} {}", reason.unwrap_or_default()).trim_end().to_owned()
}

/// A URL without what could be a secret: no user name, and of the query only the names and the API version.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct RedactedUrl(String);

impl RedactedUrl {
    pub(super) fn new(url: &Url) -> Self {
        let mut shown = url.clone();
        // Both fail only for URLs without a host, which have no user name either.
        let _ = shown.set_username("");
        let _ = shown.set_password(None);
        shown.set_fragment(None);
        shown.set_query(None);
        let names: Vec<String> = url
            .query_pairs()
            .map(|(name, value)| match &*name {
                "api-version" => format!("{name}={value}"),
                _ => format!("{name}={REDACTED}"),
            })
            .collect();
        let query = if names.is_empty() { String::new() } else { format!("?{}", names.join("&")) };
        Self(clean_text(&format!("{shown}{query}")))
    }
}

impl RedactedUrl {
    /// The part behind the host.
    pub(super) fn path_and_query(&self) -> &str {
        let behind_scheme = self.0.find("://").map_or(0, |at| at + 3);
        self.0[behind_scheme..].find('/').map_or("", |at| &self.0[behind_scheme + at..])
    }
}

impl fmt::Display for RedactedUrl {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn failure(kind: ErrorKind) -> Failure {
        Failure {
            kind,
            method: Method::Put,
            url: RedactedUrl::new(&Url::parse("https://h/api/x?api-version=2017-10-31&sig=hunter2").unwrap()),
            status: None,
            code: None,
            message: None,
            correlation: None,
            attempts: 1,
            retry_after: None,
            credential_advice: None,
        }
    }

    #[test]
    fn an_error_is_one_clear_paragraph() {
        let answered = PortalError::from(Failure {
            status: Some(412),
            code: Some("PreconditionFailed".into()),
            message: Some("The ETag does not match.".into()),
            correlation: Some("c-1".into()),
            attempts: 3,
            ..failure(ErrorKind::PreconditionFailed)
        });
        insta::assert_snapshot!(answered, @"PUT https://h/api/x?api-version=2017-10-31&sig=REDACTED was answered with 412 Precondition Failed: The ETag does not match (code PreconditionFailed, correlation id c-1, 3 attempts)");
        let broken = PortalError::from(Failure {
            message: Some("connection refused".into()),
            ..failure(ErrorKind::Unreachable)
        });
        insta::assert_snapshot!(broken, @"PUT https://h/api/x?api-version=2017-10-31&sig=REDACTED failed: connection refused");
    }

    #[test]
    fn a_write_is_unclear_exactly_when_it_may_have_arrived() {
        let unclear = |kind| PortalError::from(failure(kind)).outcome_unclear();
        assert!(unclear(ErrorKind::Interrupted) && unclear(ErrorKind::TimedOut) && unclear(ErrorKind::ServiceFailed));
        assert!(unclear(ErrorKind::Unreadable));
        assert!(!unclear(ErrorKind::Unreachable) && !unclear(ErrorKind::PreconditionFailed));
        assert!(!unclear(ErrorKind::Throttled) && !unclear(ErrorKind::NotAuthenticated));
    }
}
