//! One HTTP exchange after another: the token, the bounds of time and size, the one repetition after a 401, the
//! repetitions of reads. It knows statuses and headers, and nothing of offers.

use std::sync::Arc;
use std::time::Duration;

use reqwest::header::{AUTHORIZATION, CONTENT_LENGTH, CONTENT_TYPE, HeaderMap, HeaderValue, IF_MATCH};
use reqwest::{Client, Response, StatusCode, redirect};
use serde_json::Value;
use tokio::sync::Semaphore;
use tokio::time::Instant;
use tracing::{debug, trace};
use url::Url;

use super::error::{Failure, RedactedUrl};
use super::explanation::{Explanation, is_page};
use super::log_line::{exchange_line, headers_line};
use super::plain_text::clean_text;
use super::retry::{Jitter, persist, stopped};
use super::verdict::{MAX_EXPLANATION_BYTES, broken, correlation, deepest, refusal, unusable};
use super::{
    ClientError, ClientOptions, CredentialError, Endpoint, ErrorKind, KnownSecrets, Method, PortalError, Secret,
    TokenSource,
};

/// How long a read may still take once the person wants to stop.
const LAST_ANSWER: Duration = Duration::from_secs(5);

/// What to send. It has no `Debug`: the body of a write holds secrets.
pub(super) struct Request {
    pub(super) method: Method,
    pub(super) url: Url,
    pub(super) if_match: Option<HeaderValue>,
    pub(super) body: Option<Vec<u8>>,
}

impl Request {
    pub(super) fn failure(&self, kind: ErrorKind, message: impl Into<String>) -> Failure {
        Failure {
            kind,
            method: self.method,
            url: RedactedUrl::new(&self.url),
            status: None,
            code: None,
            message: Some(message.into()),
            correlation: None,
            attempts: 1,
            retry_after: None,
            credential_advice: None,
        }
    }
}

/// A whole answer that says success. It has no `Debug`: the service may repeat in it what it was sent.
pub(super) struct Answer {
    pub(super) status: StatusCode,
    pub(super) headers: HeaderMap,
    pub(super) body: Vec<u8>,
}

impl Answer {
    /// The body as JSON; the depth is bounded by the parser.
    fn json(&self) -> Result<Value, (ErrorKind, String)> {
        let body = self.body.strip_prefix(b"\xef\xbb\xbf").unwrap_or(&self.body);
        serde_json::from_slice(body).map_err(|error| {
            if body.trim_ascii().is_empty() {
                (ErrorKind::Interrupted, "the answer is empty".to_owned())
            } else if is_page(body) {
                let words = Explanation::read(&body[..body.len().min(MAX_EXPLANATION_BYTES)]).message;
                (ErrorKind::Unreadable, format!("the answer is not JSON but {}", words.unwrap_or_default()))
            } else if error.is_eof() {
                (ErrorKind::Interrupted, format!("the answer broke off after {} bytes", body.len()))
            } else {
                (ErrorKind::Unreadable, clean_text(&format!("the answer is not usable JSON: {error}")))
            }
        })
    }
}

/// The connection pool and everything that a request needs.
pub(super) struct Transport {
    client: Client,
    tokens: Arc<dyn TokenSource>,
    options: ClientOptions,
    jitter: Jitter,
    /// A place for each read that may be under way. Whoever is about to write has one of the executor. A stream of reads that is
    /// not polled on keeps the places of those that it has begun.
    places: Semaphore,
}

impl Transport {
    pub(super) fn new(options: ClientOptions, tokens: Arc<dyn TokenSource>) -> Result<Self, ClientError> {
        let client = http_client(&options)?;
        let jitter = Jitter::seeded(options.jitter_seed);
        let places = Semaphore::new(options.reads_at_once);
        Ok(Self { client, tokens, options, jitter, places })
    }

    pub(super) fn endpoint(&self) -> &Endpoint {
        &self.options.endpoint
    }

    pub(super) fn jitter(&self) -> &Jitter {
        &self.jitter
    }

    /// The secrets of the run, with the tokens that were sent so far.
    pub(super) fn secrets(&self) -> &KnownSecrets {
        &self.options.secrets
    }

    /// Reads JSON, as often as the policy allows; the answer's headers come along.
    pub(super) async fn read(&self, url: Url) -> Result<(HeaderMap, Value), PortalError> {
        let request = Request { method: Method::Get, url, if_match: None, body: None };
        let ClientOptions { retry, stop, .. } = &self.options;
        persist(retry, &self.jitter, stop, |attempt| self.read_in_time(&request, attempt)).await
    }

    /// Reads once. Nothing is lost by a read without an answer, so nobody who wants to stop waits for it long.
    async fn read_in_time(&self, request: &Request, attempt: u32) -> Result<(HeaderMap, Value), PortalError> {
        let overdue = async {
            stopped(&self.options.stop).await;
            tokio::time::sleep(LAST_ANSWER).await;
        };
        tokio::select! {
            answer = self.read_once(request, attempt) => answer,
            () = overdue => {
                let words = format!("no answer within {} after the run was stopped", humantime::format_duration(LAST_ANSWER));
                Err(Failure { attempts: attempt, ..request.failure(ErrorKind::TimedOut, words) }.into())
            }
        }
    }

    async fn read_once(&self, request: &Request, attempt: u32) -> Result<(HeaderMap, Value), PortalError> {
        let answer = self.send(request, attempt).await?;
        match answer.json() {
            Ok(value) => Ok((answer.headers, value)),
            Err((kind, message)) => Err(unusable(request, &answer, attempt, kind, message)),
        }
    }

    /// Writes, once. The answer's body was not looked at, except that it is no web page.
    pub(super) async fn write(&self, request: &Request) -> Result<Answer, PortalError> {
        let answer = self.send(request, 1).await?;
        if is_page(&answer.body) {
            let words = Explanation::read(&answer.body).message.unwrap_or_default();
            let message = format!("the answer is not JSON but {words}");
            return Err(unusable(request, &answer, 1, ErrorKind::Unreadable, message));
        }
        Ok(answer)
    }

    /// Sends with a token; after a 401, which did nothing, asks once for another token and sends again.
    async fn send(&self, request: &Request, attempt: u32) -> Result<Answer, PortalError> {
        let no_token = |error: &CredentialError| {
            // An issuer that is out of reach is an outage like any other, and a wait survives it.
            let kind = if error.is_passing() { ErrorKind::Unreachable } else { ErrorKind::Credential };
            PortalError::from(Failure {
                credential_advice: Some(error.advice().to_owned()),
                attempts: attempt,
                retry_after: error.retry_after(),
                ..request.failure(kind, error.to_string())
            })
        };
        let token = self.tokens.token().await.map_err(|error| no_token(&error))?;
        self.options.secrets.keep(&token);
        let refused = match self.exchange(request, &token, attempt).await {
            Err(error) if error.kind() == ErrorKind::NotAuthenticated => error,
            settled => return settled,
        };
        match self.tokens.replace(&token).await.map_err(|error| no_token(&error))? {
            Some(fresh) => {
                self.options.secrets.keep(&fresh);
                self.exchange(request, &fresh, attempt).await
            }
            None => Err(refused),
        }
    }

    /// One request and its answer, and a line about them in the log.
    async fn exchange(&self, request: &Request, token: &Secret, attempt: u32) -> Result<Answer, PortalError> {
        let _place = match request.method {
            // Nobody closes it, so that there is nothing to fail.
            Method::Get => self.places.acquire().await.ok(),
            // Whoever writes has looked right before, and does not queue behind those who only ask.
            Method::Put | Method::Post => None,
        };
        let begun = Instant::now();
        // The secrets are known only here, so this is the place to take them out of whatever echoes them.
        let outcome = self.converse(request, token).await.map_err(|failure| {
            PortalError::from(Failure { attempts: attempt, ..failure }).without(&self.options.secrets)
        });
        debug!("{}", exchange_line(request, &outcome, begun.elapsed(), attempt));
        outcome
    }

    async fn converse(&self, request: &Request, token: &Secret) -> Result<Answer, Failure> {
        let (method, patience) = match request.method {
            Method::Get => (reqwest::Method::GET, self.options.timeouts.read),
            Method::Put => (reqwest::Method::PUT, self.options.timeouts.write),
            Method::Post => (reqwest::Method::POST, self.options.timeouts.write),
        };
        let Ok(mut authorization) = HeaderValue::try_from(format!("Bearer {}", token.expose())) else {
            return Err(request.failure(ErrorKind::Credential, "the token holds characters that no header may hold"));
        };
        authorization.set_sensitive(true);
        let mut builder = self.client.request(method, request.url.clone()).timeout(patience);
        builder = builder.header(AUTHORIZATION, authorization);
        if let Some(etag) = &request.if_match {
            builder = builder.header(IF_MATCH, etag);
        }
        builder = match &request.body {
            Some(body) => builder.header(CONTENT_TYPE, "application/json").body(body.clone()),
            None if request.method == Method::Get => builder,
            // Left to itself the client says nothing, and servers such as IIS answer 411 to that.
            None => builder.header(CONTENT_LENGTH, 0),
        };
        let response = builder.send().await.map_err(|error| broken(request, &error, patience))?;
        trace!("{}", headers_line(request, &response));
        if response.status().is_success() {
            self.accept(request, response, patience).await
        } else {
            Err(refusal(request, response).await)
        }
    }

    /// Reads the body of a success within the bounds.
    async fn accept(&self, request: &Request, mut response: Response, patience: Duration) -> Result<Answer, Failure> {
        let (status, headers) = (response.status(), response.headers().clone());
        let limit = self.options.max_response_bytes;
        let mut body = Vec::new();
        loop {
            let chunk = response.chunk().await.map_err(|error| Failure {
                status: Some(status.as_u16()),
                correlation: correlation(&headers),
                ..broken(request, &error, patience)
            })?;
            let Some(chunk) = chunk else { return Ok(Answer { status, headers, body }) };
            if body.len() + chunk.len() > limit {
                return Err(Failure {
                    status: Some(status.as_u16()),
                    correlation: correlation(&headers),
                    ..request.failure(ErrorKind::Unreadable, format!("the answer is larger than {limit} bytes"))
                });
            }
            body.extend_from_slice(&chunk);
        }
    }
}

fn http_client(options: &ClientOptions) -> Result<Client, ClientError> {
    // An error means that a provider was installed before, which is as good.
    let _ = rustls::crypto::ring::default_provider().install_default();
    let mut builder = Client::builder()
        .user_agent(&options.user_agent)
        .connect_timeout(options.timeouts.connect)
        .redirect(redirect::Policy::none())
        .retry(reqwest::retry::never());
    if options.endpoint.is_loopback() {
        builder = builder.no_proxy();
    }
    if options.endpoint.is_plain_http() {
        // Without TLS no certificate store is needed, and on some machines there is none.
        builder = builder.tls_certs_only([]);
    }
    builder.build().map_err(|error| ClientError::Setup(deepest(&error)))
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicBool, Ordering};

    use futures::future::BoxFuture;

    use super::super::loopback::{Reply, Server, TOKEN, TwoTokens, json, with_headers};
    use super::super::{ReadingClient, ReadyToken, WritingClient};
    use super::*;
    use crate::offer::OfferKey;

    fn key() -> OfferKey {
        OfferKey::parse("contoso/contoso-vm").unwrap()
    }

    #[tokio::test]
    async fn reads_are_repeated_until_they_succeed() {
        let replies = [
            with_headers(429, &[("Retry-After", "0")], ""),
            with_headers(
                503,
                &[("Retry-After", "Wed, 21 Oct 2026 07:28:00 GMT"), ("Date", "Wed, 21 Oct 2026 07:28:00 GMT")],
                "",
            ),
            json(200, "{}"),
        ];
        let server = Server::start(replies).await;
        assert!(server.reader().offer(&key()).await.unwrap().is_some());
        assert_eq!(server.lines().len(), 3);
    }

    #[tokio::test]
    async fn reads_are_given_up_in_the_end_and_say_how_often_they_were_made() {
        let server =
            Server::start([Reply::Reset, Reply::Silence, json(502, "<html><title>Bad Gateway</title></html>")]).await;
        let error = server.hasty_reader().offer(&key()).await.unwrap_err();
        assert_eq!((error.kind(), error.attempts()), (ErrorKind::ServiceFailed, 3));
        assert_eq!(error.message(), Some("a web page: Bad Gateway"));
        let server = Server::start([Reply::Silence, Reply::Silence, Reply::Silence]).await;
        let error = server.hasty_reader().offer(&key()).await.unwrap_err();
        assert_eq!((error.kind(), error.message()), (ErrorKind::TimedOut, Some("no whole answer within 300ms")));
    }

    #[tokio::test]
    async fn no_more_reads_are_under_way_than_may_be() {
        let server = Server::start([Reply::Silence, json(200, "{}"), json(200, "{}")]).await;
        let mut options = server.options();
        options.reads_at_once = 1;
        let reader = ReadingClient::new(options, Arc::new(TwoTokens)).unwrap();
        let read = |id: &str| {
            let (reader, key) = (reader.clone(), OfferKey::parse(&format!("contoso/{id}")).unwrap());
            tokio::spawn(async move { reader.offer(&key).await })
        };
        let asked = || server.lines().iter().map(|line| line.split(['/', '?']).nth(5).unwrap().to_owned()).collect();
        let first = read("first");
        while server.lines().is_empty() {
            tokio::task::yield_now().await;
        }
        let second = read("second");
        // Whoever has no such limit is answered meanwhile.
        server.reader().offer(&OfferKey::parse("contoso/other").unwrap()).await.unwrap();
        let so_far: Vec<String> = asked();
        assert_eq!(so_far, ["first", "other"]);
        first.abort();
        assert!(second.await.unwrap().unwrap().is_some());
        let in_the_end: Vec<String> = asked();
        assert_eq!(in_the_end, ["first", "other", "second"]);
    }

    #[tokio::test]
    async fn nobody_at_home_is_unreachable_and_nothing_was_sent() {
        let server = Server::start([]).await;
        let mut options = server.options();
        options.endpoint = Endpoint::parse("http://127.0.0.1:9").unwrap();
        options.retry.attempts = 1;
        let error = ReadingClient::new(options, Arc::new(TwoTokens)).unwrap().offer(&key()).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Unreachable);
        insta::assert_snapshot!(error, @"GET http://127.0.0.1:9/api/publishers/contoso/offers/contoso-vm?api-version=2017-10-31 failed: Connection refused (os error 111)");
    }

    #[tokio::test]
    async fn a_refused_token_is_replaced_once() {
        let server = Server::start([json(401, ""), json(200, "{}")]).await;
        assert!(server.reader().offer(&key()).await.unwrap().is_some());
        let asked = server.asked();
        assert!(asked[0].contains(&format!("authorization: Bearer {TOKEN}\r\n")));
        assert!(asked[1].contains(&format!("authorization: Bearer {TOKEN}-renewed\r\n")));

        let server = Server::start([json(401, ""), json(401, r#"{"Message":"No."}"#), json(200, "{}")]).await;
        let error = server.writer().go_live(&key()).await.unwrap_err();
        assert_eq!((error.kind(), error.message()), (ErrorKind::NotAuthenticated, Some("No.")));
        assert_eq!(server.lines().len(), 2);

        let server = Server::start([json(401, ""), json(200, "{}")]).await;
        let ready = ReadyToken::new(TOKEN, "OFFERCTL_TOKEN").unwrap();
        let error = ReadingClient::new(server.options(), Arc::new(ready)).unwrap().offer(&key()).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::NotAuthenticated);
        assert_eq!(server.lines().len(), 1);
    }

    /// A source whose issuer is out of reach once.
    struct LateToken(AtomicBool);

    impl TokenSource for LateToken {
        fn token(&self) -> BoxFuture<'_, Result<Secret, CredentialError>> {
            let outage = CredentialError::new("the issuer cannot be reached", "Check the network.").passing(None);
            let was_asked = self.0.swap(true, Ordering::SeqCst);
            Box::pin(async move { if was_asked { Ok(Secret::new(TOKEN)) } else { Err(outage) } })
        }

        fn replace(&self, _refused: &Secret) -> BoxFuture<'_, Result<Option<Secret>, CredentialError>> {
            Box::pin(async { Ok(None) })
        }

        fn describe(&self) -> String {
            "late".to_owned()
        }
    }

    #[tokio::test]
    async fn an_issuer_out_of_reach_is_an_outage_and_nothing_was_sent() {
        let late = || Arc::new(LateToken(AtomicBool::new(false)));
        let server = Server::start([json(200, "{}")]).await;
        let reader = ReadingClient::new(server.options(), late()).unwrap();
        assert!(reader.offer(&key()).await.unwrap().is_some(), "a read asks again");

        let server = Server::start([json(200, "{}")]).await;
        let error = WritingClient::new(server.options(), late()).unwrap().go_live(&key()).await.unwrap_err();
        assert_eq!((error.kind(), error.advice()), (ErrorKind::Unreachable, "Check the network."));
        assert!(error.is_passing() && !error.outcome_unclear() && server.lines().is_empty());
    }

    #[tokio::test]
    async fn a_redirect_is_not_followed_but_told() {
        let place = ("Location", "https://login.example/x?sig=secret");
        let server = Server::start([with_headers(301, &[place], ""), json(200, "{}")]).await;
        let error = server.reader().offer(&key()).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Redirected);
        assert_eq!(error.message(), Some("it points to https://login.example/x"));
        assert_eq!(server.lines().len(), 1);
    }

    #[tokio::test]
    async fn errors_carry_the_correlation_id_and_never_the_token() {
        let echo =
            format!(r#"{{"error":{{"code":"{TOKEN}","message":"bad token {TOKEN} for https://b/x?sig=s1gnature"}}}}"#);
        let id = ("X-Ms-Correlation-Request-Id", "c0ffee");
        for status in [301, 400, 401, 403, 404, 408, 409, 412, 422, 429, 500, 503] {
            let replies = (0..4).map(|_| with_headers(status, &[id, ("Location", "/elsewhere")], &echo));
            let server = Server::start(replies).await;
            let error = server.writer().go_live(&key()).await.unwrap_err();
            let shown = format!("{error} {error:?} {}", error.advice());
            assert!(!shown.contains(TOKEN) && !shown.contains("s1gnature"), "{shown}");
            assert_eq!((error.status(), error.correlation()), (Some(status), Some("c0ffee")));
        }
    }
}
