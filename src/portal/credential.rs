//! Where bearer tokens come from. Obtaining one is asynchronous and may be repeated, since tokens live an hour and
//! waits last days; a ready token from the environment is the simplest source.

use std::time::Duration;

use futures::future::BoxFuture;

use super::Secret;

/// The scope that a token must be issued for.
const RESOURCE: &str = "https://cloudpartner.azure.com";

/// Why there is no token, and what to do.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{problem}")]
pub struct CredentialError {
    problem: String,
    advice: String,
    outlook: Outlook,
}

/// Whether asking again can help.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Outlook {
    /// Not before a person changes something.
    Lasting,
    /// The issuer could not be asked, or was busy; it may have said for how long.
    Passing(Option<Duration>),
}

impl CredentialError {
    /// Says what went wrong and what to do next; neither text may hold a secret.
    pub fn new(problem: impl Into<String>, advice: impl Into<String>) -> Self {
        Self { problem: problem.into(), advice: advice.into(), outlook: Outlook::Lasting }
    }

    /// The same error, as one that may be over when the issuer is asked again, not before `retry_after` if it said so.
    #[must_use]
    pub fn passing(self, retry_after: Option<Duration>) -> Self {
        Self { outlook: Outlook::Passing(retry_after), ..self }
    }

    /// The same error with its problem passed through `scrub`, should an issuer have echoed what it was sent.
    #[must_use]
    pub fn scrubbed(self, scrub: impl Fn(&str) -> String) -> Self {
        Self { problem: scrub(&self.problem), ..self }
    }

    /// What to do next.
    pub fn advice(&self) -> &str {
        &self.advice
    }

    /// Whether asking again later may succeed, without anybody changing anything.
    pub fn is_passing(&self) -> bool {
        matches!(self.outlook, Outlook::Passing(_))
    }

    /// How long the issuer asked to be left alone.
    pub fn retry_after(&self) -> Option<Duration> {
        match self.outlook {
            Outlook::Lasting => None,
            Outlook::Passing(retry_after) => retry_after,
        }
    }
}

/// A source of bearer tokens for the service.
///
/// The client asks before every request; the source keeps what it has until it expires.
pub trait TokenSource: Send + Sync {
    /// A token that is valid now.
    fn token(&self) -> BoxFuture<'_, Result<Secret, CredentialError>>;

    /// The service answered 401 to `refused`: another token, or `None` when there is no other to be had.
    ///
    /// Several requests may report the same token; a source that has renewed it since answers with the newer one.
    fn replace(&self, refused: &Secret) -> BoxFuture<'_, Result<Option<Secret>, CredentialError>>;

    /// Who this is, for people: "the bearer token in `OFFERCTL_TOKEN`". Never the token.
    fn describe(&self) -> String;
}

/// A bearer token that somebody else obtained. It cannot be renewed.
#[derive(Debug, Clone)]
pub struct ReadyToken {
    token: Secret,
    origin: String,
}

impl ReadyToken {
    /// Takes a token; `origin` names where it came from, such as `OFFERCTL_TOKEN`.
    ///
    /// White space around it and a leading `Bearer` are dropped: both come with copying.
    pub fn new(token: &str, origin: impl Into<String>) -> Result<Self, CredentialError> {
        let origin = origin.into();
        let text = token.trim();
        let text = match text.split_once(char::is_whitespace) {
            Some((scheme, rest)) if scheme.eq_ignore_ascii_case("bearer") => rest.trim_start(),
            None if text.eq_ignore_ascii_case("bearer") => "",
            _ => text,
        };
        let problem = if text.is_empty() {
            Some("is empty")
        } else if !text.bytes().all(|byte| byte.is_ascii_graphic()) {
            Some("holds blanks or other characters that no bearer token has")
        } else {
            None
        };
        match problem {
            None => Ok(Self { token: Secret::new(text), origin }),
            Some(problem) => Err(CredentialError::new(
                format!("the token in {origin} {problem}"),
                format!(
                    "Set {origin} to an access token for {RESOURCE}, for example from `az account get-access-token \
                     --resource {RESOURCE} --query accessToken --output tsv`."
                ),
            )),
        }
    }
}

impl TokenSource for ReadyToken {
    fn token(&self) -> BoxFuture<'_, Result<Secret, CredentialError>> {
        Box::pin(async { Ok(self.token.clone()) })
    }

    fn replace(&self, _refused: &Secret) -> BoxFuture<'_, Result<Option<Secret>, CredentialError>> {
        Box::pin(async { Ok(None) })
    }

    fn describe(&self) -> String {
        format!("the bearer token in {}", self.origin)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_is_taken_as_people_paste_it() {
        for pasted in ["abc.def", " abc.def\n", "Bearer abc.def", "bearer  abc.def"] {
            assert_eq!(ReadyToken::new(pasted, "OFFERCTL_TOKEN").unwrap().token.expose(), "abc.def");
        }
        for wrong in ["", " \n", "Bearer ", "abc def", "abc\u{1b}[31m", "tökén"] {
            let error = ReadyToken::new(wrong, "OFFERCTL_TOKEN").unwrap_err();
            assert!(error.to_string().starts_with("the token in OFFERCTL_TOKEN"));
            assert!(error.advice().contains("az account get-access-token"));
        }
    }
}
