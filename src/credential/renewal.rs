//! Keeps a token until shortly before its end, and asks for another then, or when the service refused it.
//!
//! However many requests wait, the issuer is asked once; it knows no kind of credential and no HTTP.

use std::fmt;
use std::time::Duration;

use futures::future::BoxFuture;
use tokio::sync::Mutex;
use tokio::time::Instant;
use tracing::{debug, warn};

use super::issuer::{Issued, Issuer};
use crate::portal::{CredentialError, Secret, TokenSource};

/// A token is renewed this long before its end, or in the last quarter of a shorter life.
const MARGIN: Duration = Duration::from_secs(5 * 60);
/// How long the issuer is left alone after a failure that only a person can mend, after a renewal that failed while the
/// token is still good, and after a replacement.
const PAUSE: Duration = Duration::from_secs(60);

/// A source of tokens that renews what it has.
pub(super) struct RenewedTokens<I> {
    issuer: I,
    description: String,
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    held: Option<Held>,
    failure: Option<Failure>,
}

struct Held {
    token: Secret,
    renew: Instant,
    end: Instant,
    /// When it was obtained because the service had refused another.
    replaced: Option<Instant>,
}

struct Failure {
    at: Instant,
    error: CredentialError,
}

impl<I: Issuer> RenewedTokens<I> {
    pub(super) fn new(issuer: I, description: String) -> Self {
        Self { issuer, description, state: Mutex::new(State::default()) }
    }

    async fn current(&self) -> Result<Secret, CredentialError> {
        let called = Instant::now();
        let mut state = self.state.lock().await;
        let now = Instant::now();
        if let Some(held) = state.held.as_ref().filter(|held| now < held.renew) {
            return Ok(held.token.clone());
        }
        let still_good = state.held.as_ref().filter(|held| now < held.end).map(|held| held.token.clone());
        if let (Some(token), Some(failure)) = (&still_good, &state.failure)
            && failure.at.elapsed() < PAUSE
        {
            return Ok(token.clone());
        }
        match (state.obtain(&self.issuer, called).await, still_good) {
            (Ok(issued), _) => Ok(state.hold(issued, None)),
            (Err(error), Some(token)) => {
                warn!("the token could not be renewed yet, and is still good for a while: {error}");
                Ok(token)
            }
            (Err(error), None) => Err(error),
        }
    }

    async fn other_than(&self, refused: &Secret) -> Result<Option<Secret>, CredentialError> {
        let called = Instant::now();
        let mut state = self.state.lock().await;
        if let Some(held) = &state.held {
            if held.token.expose() != refused.expose() {
                return Ok(Some(held.token.clone()));
            }
            if held.replaced.is_some_and(|at| at.elapsed() < PAUSE) {
                return Ok(None);
            }
        }
        debug!("the service refused the token; asking for another");
        let issued = state.obtain(&self.issuer, called).await?;
        // Some issuers hand out what they have kept themselves.
        let same = issued.token.expose() == refused.expose();
        let token = state.hold(issued, Some(Instant::now()));
        Ok((!same).then_some(token))
    }
}

impl State {
    /// Asks the issuer, unless it has just failed while this caller waited, or failed for good a moment ago.
    async fn obtain(&mut self, issuer: &impl Issuer, called: Instant) -> Result<Issued, CredentialError> {
        if let Some(failure) = &self.failure
            && (failure.at >= called && called < Instant::now()
                || !failure.error.is_passing() && failure.at.elapsed() < PAUSE)
        {
            return Err(failure.error.clone());
        }
        let outcome = issuer.issue().await;
        self.failure = outcome.as_ref().err().map(|error| Failure { at: Instant::now(), error: error.clone() });
        if let Ok(fresh) = &outcome {
            debug!(seconds = fresh.lifetime.as_secs(), "obtained a token");
        }
        outcome
    }

    fn hold(&mut self, issued: Issued, replaced: Option<Instant>) -> Secret {
        let now = Instant::now();
        let Issued { token, lifetime } = issued;
        let renew = now + lifetime.saturating_sub(MARGIN.min(lifetime / 4));
        self.held = Some(Held { token: token.clone(), renew, end: now + lifetime, replaced });
        token
    }
}

impl<I: Issuer> TokenSource for RenewedTokens<I> {
    fn token(&self) -> BoxFuture<'_, Result<Secret, CredentialError>> {
        Box::pin(self.current())
    }

    fn replace(&self, refused: &Secret) -> BoxFuture<'_, Result<Option<Secret>, CredentialError>> {
        let refused = refused.clone();
        Box::pin(async move { self.other_than(&refused).await })
    }

    fn describe(&self) -> String {
        self.description.clone()
    }
}

impl<I> fmt::Debug for RenewedTokens<I> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "RenewedTokens({})", self.description)
    }
}

#[cfg(test)]
mod tests {
    use std::collections::VecDeque;
    use std::sync::{Arc, Mutex as StdMutex};

    use tokio::time::advance;

    use super::*;

    /// Takes a second for each answer, and keeps count.
    #[derive(Clone, Default)]
    struct Scripted {
        answers: Arc<StdMutex<VecDeque<Result<Issued, CredentialError>>>>,
    }

    impl Scripted {
        fn then(self, token: &str, seconds: u64) -> Self {
            let issued = Issued { token: Secret::new(token), lifetime: Duration::from_secs(seconds) };
            self.answers.lock().unwrap().push_back(Ok(issued));
            self
        }

        fn then_fails(self, error: CredentialError) -> Self {
            self.answers.lock().unwrap().push_back(Err(error));
            self
        }

        fn left(&self) -> usize {
            self.answers.lock().unwrap().len()
        }

        fn tokens(&self) -> RenewedTokens<Self> {
            RenewedTokens::new(self.clone(), "a script".into())
        }
    }

    impl Issuer for Scripted {
        fn issue(&self) -> BoxFuture<'_, Result<Issued, CredentialError>> {
            Box::pin(async {
                tokio::time::sleep(Duration::from_secs(1)).await;
                self.answers.lock().unwrap().pop_front().expect("the issuer was asked once too often")
            })
        }
    }

    fn outage() -> CredentialError {
        CredentialError::new("out of reach", "wait").passing(None)
    }

    async fn token(tokens: &impl TokenSource) -> String {
        tokens.token().await.unwrap().expose().to_owned()
    }

    async fn replacement(tokens: &impl TokenSource, refused: &str) -> Option<String> {
        tokens.replace(&Secret::new(refused)).await.unwrap().map(|token| token.expose().to_owned())
    }

    #[tokio::test(start_paused = true)]
    async fn a_token_is_kept_and_renewed_five_minutes_before_its_end() {
        let tokens = Scripted::default().then("first", 3_600).then("second", 3_600).tokens();
        assert_eq!(token(&tokens).await, "first");
        advance(Duration::from_secs(3_299)).await;
        assert_eq!(token(&tokens).await, "first");
        advance(Duration::from_secs(2)).await;
        assert_eq!(token(&tokens).await, "second");
    }

    #[tokio::test(start_paused = true)]
    async fn many_requests_ask_once_and_share_also_a_failure() {
        let script = Scripted::default().then_fails(outage()).then("first", 3_600);
        let tokens = script.tokens();
        let failed = futures::future::join_all((0..10).map(|_| tokens.token())).await;
        assert!(failed.iter().all(Result::is_err));
        assert_eq!(script.left(), 1);
        let shared = futures::future::join_all((0..10).map(|_| token(&tokens))).await;
        assert_eq!(shared, ["first"; 10]);
    }

    #[tokio::test(start_paused = true)]
    async fn an_outage_of_the_issuer_is_no_trouble_while_the_token_lasts() {
        let script =
            Scripted::default().then("first", 3_600).then_fails(outage()).then_fails(outage()).then("next", 60);
        let tokens = script.tokens();
        assert_eq!(token(&tokens).await, "first");
        advance(Duration::from_secs(3_400)).await;
        for _ in 0..100 {
            assert_eq!(token(&tokens).await, "first");
        }
        assert_eq!(script.left(), 2, "the issuer is left alone for a while");
        advance(Duration::from_secs(300)).await;
        assert!(tokens.token().await.unwrap_err().is_passing());
        assert_eq!(token(&tokens).await, "next");
    }

    #[tokio::test(start_paused = true)]
    async fn an_error_for_a_person_is_not_asked_for_with_every_request() {
        let script = Scripted::default().then_fails(CredentialError::new("expired", "renew")).then("first", 3_600);
        let tokens = script.tokens();
        for _ in 0..1_000 {
            assert_eq!(tokens.token().await.unwrap_err().to_string(), "expired");
        }
        advance(PAUSE).await;
        assert_eq!(token(&tokens).await, "first");
    }

    #[tokio::test(start_paused = true)]
    async fn a_refused_token_is_replaced_once_for_all_who_hold_it() {
        let script = Scripted::default().then("first", 3_600).then("second", 3_600).then("third", 3_600);
        let tokens = script.tokens();
        assert_eq!(token(&tokens).await, "first");
        assert_eq!(replacement(&tokens, "first").await.as_deref(), Some("second"));
        assert_eq!(replacement(&tokens, "first").await.as_deref(), Some("second"));
        assert_eq!(token(&tokens).await, "second");
        assert_eq!(replacement(&tokens, "second").await, None, "a replacement that is refused as well");
        advance(PAUSE).await;
        assert_eq!(replacement(&tokens, "second").await.as_deref(), Some("third"));
    }

    #[tokio::test(start_paused = true)]
    async fn an_issuer_that_has_only_the_refused_token_has_no_other() {
        let tokens = Scripted::default().then("kept", 3_600).then("kept", 3_600).tokens();
        assert_eq!(token(&tokens).await, "kept");
        assert_eq!(replacement(&tokens, "kept").await, None);
        assert_eq!(token(&tokens).await, "kept");
    }

    #[tokio::test(start_paused = true)]
    async fn a_short_life_is_used_for_three_quarters() {
        let tokens = Scripted::default().then("first", 100).then("second", 100).tokens();
        assert_eq!(token(&tokens).await, "first");
        advance(Duration::from_secs(74)).await;
        assert_eq!(token(&tokens).await, "first");
        advance(Duration::from_secs(1)).await;
        assert_eq!(token(&tokens).await, "second");
    }
}
