//! What the program meets: a service that lets one token in, an issuer that hands out given ones, and an environment
//! with nothing in it but what a test put there.

use std::collections::VecDeque;
use std::process::Command;
use std::sync::{Arc, Mutex};

use axum::Router;
use axum::http::StatusCode;
use axum::response::IntoResponse as _;
use azure_core::base64::encode_url_safe;
use offerctl::emulator::{Emulator, Options, Storage};
use tempfile::TempDir;

/// When every token of these tests ends: far enough for any clock.
const END: u64 = 4_000_000_000;

/// A token that says this of itself.
pub fn token_of(audience: &str) -> String {
    let claims = format!(
        r#"{{"aud":"{audience}","appid":"client-1","oid":"object-1","tid":"tenant-1","app_displayname":"release","exp":{END}}}"#
    );
    format!("eyJhbGciOiJub25lIn0.{}.c2lnbmF0dXJl", encode_url_safe(claims))
}

/// The token that the service lets in.
pub fn right_token() -> String {
    token_of("https://cloudpartner.azure.com")
}

/// The emulated service; only the token made for the real one is let in.
pub struct Service(Emulator);

impl Service {
    pub async fn start(publishers: &[&str]) -> Self {
        let options = Options {
            storage: Storage::Memory,
            token: Some(right_token()),
            publishers: publishers.iter().map(ToString::to_string).collect(),
            ..Options::default()
        };
        Self(Emulator::start(([127, 0, 0, 1], 0).into(), options).await.unwrap())
    }
}

/// Hands out tokens in order, the last one again and again.
pub struct Issuer {
    url: String,
    asked: Arc<Mutex<usize>>,
}

impl Issuer {
    pub async fn start(tokens: impl IntoIterator<Item = String>) -> Self {
        let answer = |token| {
            format!(
                r#"{{"token_type":"Bearer","resource":"x","expires_in":3600,"expires_on":"{END}","access_token":"{token}"}}"#
            )
        };
        Self::answering(200, tokens.into_iter().map(answer).collect()).await
    }

    pub async fn refusing(status: u16, body: &str) -> Self {
        Self::answering(status, VecDeque::from([body.to_owned()])).await
    }

    async fn answering(status: u16, answers: VecDeque<String>) -> Self {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let (asked, answers) = (Arc::new(Mutex::new(0)), Arc::new(Mutex::new(answers)));
        let count = Arc::clone(&asked);
        let router = Router::new().fallback(move || {
            *count.lock().unwrap() += 1;
            let mut answers = answers.lock().unwrap();
            let answer = if answers.len() > 1 { answers.pop_front() } else { answers.front().cloned() };
            let answer = (StatusCode::from_u16(status).unwrap(), answer.unwrap_or_default()).into_response();
            async { answer }
        });
        tokio::spawn(async move { axum::serve(listener, router).await.unwrap() });
        Self { url, asked }
    }

    pub fn url(&self) -> &str {
        &self.url
    }

    /// How often a token was asked for.
    pub fn asked(&self) -> usize {
        *self.asked.lock().unwrap()
    }
}

/// An empty repository, and an environment of its own.
pub struct Surroundings {
    folder: TempDir,
    variables: Vec<(String, String)>,
    secrets: Vec<String>,
}

impl Surroundings {
    pub fn new(service: &Service, issuer: &Issuer, variables: &[(&str, &str)]) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let own = [
            ("OFFERCTL_ENDPOINT", service.0.url()),
            ("AZURE_AUTHORITY_HOST", issuer.url()),
            ("PATH", folder.path().to_str().unwrap()),
        ];
        let variables =
            own.iter().chain(variables).map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
        let secrets = vec!["hunter2-do-not-print".to_owned(), right_token(), "c2lnbmF0dXJl".to_owned()];
        Self { folder, variables, secrets }
    }

    pub fn without_endpoint(mut self) -> Self {
        self.variables.retain(|(name, _)| name != "OFFERCTL_ENDPOINT");
        self
    }

    /// Puts an Azure CLI on the PATH that prints this.
    #[cfg(unix)]
    pub fn install_az(&self, answer: &str) {
        use std::os::unix::fs::PermissionsExt as _;
        let file = self.folder.path().join("az");
        std::fs::write(&file, format!("#!/bin/sh\necho '{answer}'\n")).unwrap();
        std::fs::set_permissions(&file, std::fs::Permissions::from_mode(0o755)).unwrap();
    }

    /// Runs the program: its exit code, stdout and stderr, with what differs from run to run taken out. No output may
    /// hold a secret.
    pub async fn run(&self, arguments: &[&str]) -> String {
        let mut command = Command::new(env!("CARGO_BIN_EXE_offerctl"));
        command.args(arguments).env_clear().envs(self.variables.clone()).current_dir(self.folder.path());
        let output = tokio::task::spawn_blocking(move || command.output()).await.unwrap().unwrap();
        let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
        let shown =
            format!("exit {}\n{}---\n{}", output.status.code().unwrap(), text(&output.stdout), text(&output.stderr));
        for secret in &self.secrets {
            assert!(!shown.contains(secret.as_str()), "a secret was shown:\n{shown}");
        }
        let mut shown = shown;
        for (name, value) in &self.variables {
            if value.starts_with("http://") {
                shown = shown.replace(value.as_str(), &format!("<{name}>"));
            }
        }
        if let Some((before, after)) = shown.split_once("correlation id ") {
            shown = format!(
                "{before}correlation id <id>{}",
                after.trim_start_matches(|c: char| c.is_ascii_hexdigit() || c == '-')
            );
        }
        shown
            .lines()
            .map(|line| match (line.find(" (in "), line.starts_with("Until")) {
                (Some(at), true) => format!("{} (in <time>)\n", &line[..at]),
                _ => format!("{line}\n"),
            })
            .collect()
    }
}
