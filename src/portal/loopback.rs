//! A tiny server on loopback for tests: it answers one connection after another with bytes that were written down
//! before, also with such that no honest server would send, and keeps what it was asked.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use futures::future::BoxFuture;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

use super::{
    ClientOptions, CredentialError, Endpoint, ReadingClient, RetryPolicy, Secret, Timeouts, TokenSource, WritingClient,
};

/// The token that no output may hold.
pub(super) const TOKEN: &str = "eyJ-do-not-print-me";

/// One scripted answer.
pub(super) enum Reply {
    /// These bytes, then the connection closes.
    Bytes(String),
    /// The connection is reset without an answer.
    Reset,
    /// The connection stays open without an answer.
    Silence,
}

/// An answer with a JSON body.
pub(super) fn json(status: u16, body: &str) -> Reply {
    with_headers(status, &[("Content-Type", "application/json")], body)
}

/// An answer with headers of its own.
pub(super) fn with_headers(status: u16, headers: &[(&str, &str)], body: &str) -> Reply {
    use std::fmt::Write as _;
    let mut text = format!("HTTP/1.1 {status} Scripted\r\nContent-Length: {}\r\nConnection: close\r\n", body.len());
    for (name, value) in headers {
        write!(text, "{name}: {value}\r\n").unwrap();
    }
    Reply::Bytes(text + "\r\n" + body)
}

/// An answer that says to be longer than it is.
pub(super) fn truncated(status: u16, body: &str) -> Reply {
    Reply::Bytes(format!("HTTP/1.1 {status} Scripted\r\nContent-Length: {}\r\n\r\n{body}", body.len() + 100))
}

/// The server: its address and what it was asked.
pub(super) struct Server {
    endpoint: Endpoint,
    asked: Arc<Mutex<Vec<String>>>,
}

impl Server {
    /// Starts to answer with the replies, in order.
    pub(super) async fn start(replies: impl IntoIterator<Item = Reply>) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let endpoint = Endpoint::parse(&format!("http://{}", listener.local_addr().unwrap())).unwrap();
        let asked = Arc::new(Mutex::new(Vec::new()));
        let (log, replies): (_, Vec<_>) = (Arc::clone(&asked), replies.into_iter().collect());
        tokio::spawn(async move {
            let mut silent = Vec::new();
            for reply in replies {
                let (mut stream, _) = listener.accept().await.unwrap();
                let request = receive(&mut stream).await;
                log.lock().unwrap().push(request);
                match reply {
                    Reply::Bytes(bytes) => {
                        stream.write_all(bytes.as_bytes()).await.unwrap();
                        stream.shutdown().await.unwrap();
                    }
                    Reply::Reset => drop(stream),
                    Reply::Silence => silent.push(stream),
                }
            }
            // What was silenced stays open until the test ends.
            std::future::pending::<()>().await;
        });
        Self { endpoint, asked }
    }

    /// Requests so far, head and body, as they came.
    pub(super) fn asked(&self) -> Vec<String> {
        self.asked.lock().unwrap().clone()
    }

    /// The first lines of the requests so far.
    pub(super) fn lines(&self) -> Vec<String> {
        self.asked().iter().map(|request| request.lines().next().unwrap_or_default().to_owned()).collect()
    }

    /// Options that retry at once and wait briefly.
    pub(super) fn options(&self) -> ClientOptions {
        let mut options = ClientOptions::new(self.endpoint.clone(), 1);
        options.retry = RetryPolicy { attempts: 3, first_delay: Duration::from_millis(1), ..RetryPolicy::default() };
        options.max_response_bytes = 10_000;
        options
    }

    pub(super) fn reader(&self) -> ReadingClient {
        ReadingClient::new(self.options(), Arc::new(TwoTokens)).unwrap()
    }

    pub(super) fn writer(&self) -> WritingClient {
        WritingClient::new(self.options(), Arc::new(TwoTokens)).unwrap()
    }

    /// A reader with no patience at all.
    pub(super) fn hasty_reader(&self) -> ReadingClient {
        let mut options = self.options();
        options.timeouts = Timeouts { read: Duration::from_millis(300), ..Timeouts::default() };
        ReadingClient::new(options, Arc::new(TwoTokens)).unwrap()
    }
}

async fn receive(stream: &mut TcpStream) -> String {
    let mut bytes = Vec::new();
    let mut chunk = [0; 4096];
    loop {
        let text = String::from_utf8_lossy(&bytes);
        if let Some((head, body)) = text.split_once("\r\n\r\n") {
            let length = head.lines().find_map(|line| line.strip_prefix("content-length: ")?.parse().ok()).unwrap_or(0);
            if body.len() >= length {
                return text.into_owned();
            }
        }
        let count = stream.read(&mut chunk).await.unwrap();
        assert!(count > 0, "the client hung up in the middle of a request");
        bytes.extend_from_slice(&chunk[..count]);
    }
}

/// A source whose first token can be replaced once.
pub(super) struct TwoTokens;

impl TokenSource for TwoTokens {
    fn token(&self) -> BoxFuture<'_, Result<Secret, CredentialError>> {
        Box::pin(async { Ok(Secret::new(TOKEN)) })
    }

    fn replace(&self, refused: &Secret) -> BoxFuture<'_, Result<Option<Secret>, CredentialError>> {
        assert_eq!(refused.expose(), TOKEN);
        Box::pin(async { Ok(Some(Secret::new(format!("{TOKEN}-renewed")))) })
    }

    fn describe(&self) -> String {
        "two tokens".to_owned()
    }
}
