//! An issuer on loopback: answers in order, and keeps what it was asked.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex};

use axum::Router;
use axum::extract::Request;
use axum::http::StatusCode;
use axum::response::IntoResponse as _;

/// The answer of Entra's that holds a token.
pub(super) const TOKEN: &str = r#"{"token_type":"Bearer","expires_in":3600,"access_token":"issued-token"}"#;

pub(super) struct Loopback {
    url: String,
    asked: Arc<Mutex<Vec<String>>>,
}

impl Loopback {
    /// Starts to give these answers, in order.
    pub(super) async fn start<'text>(answers: impl IntoIterator<Item = (u16, &'text str)>) -> Self {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let answers: VecDeque<_> = answers.into_iter().map(|(status, body)| (status, body.to_owned())).collect();
        let (asked, answers) = (Arc::default(), Arc::new(Mutex::new(answers)));
        let log: Arc<Mutex<Vec<String>>> = Arc::clone(&asked);
        let router = Router::new().fallback(move |request: Request| {
            let (log, answers) = (Arc::clone(&log), Arc::clone(&answers));
            async move {
                let (head, body) = request.into_parts();
                let body = axum::body::to_bytes(body, 1_000_000).await.unwrap();
                let header = |name| head.headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or("-");
                let credentials = [header("authorization"), header("metadata"), header("x-tfs-fedauthredirect")];
                log.lock().unwrap().push(format!(
                    "{} {}\n{}\n{}",
                    head.method,
                    head.uri,
                    credentials.join(" "),
                    String::from_utf8_lossy(&body)
                ));
                let (status, body) =
                    answers.lock().unwrap().pop_front().unwrap_or((599, "asked once too often".into()));
                (StatusCode::from_u16(status).unwrap(), [("retry-after", "7")], body).into_response()
            }
        });
        tokio::spawn(async move { axum::serve(listener, router).await.unwrap() });
        Self { url, asked }
    }

    pub(super) fn url(&self) -> &str {
        &self.url
    }

    /// The requests so far: method and address, credentials, body.
    pub(super) fn asked(&self) -> Vec<String> {
        self.asked.lock().unwrap().clone()
    }
}
