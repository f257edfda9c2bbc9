//! The emulator against what is known of the service, call by call, with a raw HTTP client.
//!
//! Time stands still in every test and moves by request, so that a certification takes its days and no test waits.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "these are tests, their helpers too")]

#[path = "emulator/authentication.rs"]
mod authentication;
#[path = "emulator/control.rs"]
mod control;
#[path = "emulator/documents.rs"]
mod documents;
#[path = "emulator/facts.rs"]
mod facts;
#[path = "emulator/faults.rs"]
mod faults;
#[path = "emulator/persistence.rs"]
mod persistence;
#[path = "emulator/submissions.rs"]
mod submissions;
#[path = "emulator/writes.rs"]
mod writes;

use offerctl::emulator::{Emulator, Options, Quirk, TimeSource, Timing};
use reqwest::{Method, StatusCode};
use serde_json::{Value, json};

/// An emulator with a client that is allowed in.
struct Portal {
    emulator: Emulator,
    client: reqwest::Client,
}

/// What came back.
struct Answer {
    status: StatusCode,
    headers: reqwest::header::HeaderMap,
    body: Value,
}

impl Answer {
    fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name).map(|value| value.to_str().unwrap())
    }

    fn etag(&self) -> &str {
        self.header("etag").expect("an ETag")
    }

    /// The body, asserting the status first.
    #[track_caller]
    fn expect(self, status: u16) -> Value {
        assert_eq!(self.status.as_u16(), status, "{}", self.body);
        self.body
    }

    fn error(&self) -> String {
        let text = |key: &str| self.body["error"][key].as_str().unwrap_or_default().to_owned();
        format!("{} {}: {}", self.status.as_u16(), text("code"), text("message"))
    }
}

fn stopped() -> Options {
    let start = "2026-11-01T00:00:00Z".parse().unwrap();
    Options { timing: Timing::realistic(), time: TimeSource::Stopped(start), seed: 7, ..Options::default() }
}

fn with_quirks(quirks: &[Quirk]) -> Options {
    Options { quirks: quirks.iter().copied().collect(), ..stopped() }
}

const OFFER: &str = "/api/publishers/contoso/offers/vm";

/// An offer that can be published.
fn virtual_machine() -> Value {
    json!({
        "publisherId": "contoso",
        "offerTypeId": "microsoft-azure-virtualmachines",
        "id": "vm",
        "definition": {
            "displayText": "Contoso VM",
            "offer": {"microsoft-azure-marketplace.title": "Contoso VM"},
            "plans": [{
                "planId": "gen1",
                "microsoft-azure-virtualmachines.skuTitle": "First",
                "virtualMachinePricing": {"isByol": true, "freeTrialDurationInMonths": 0},
                "microsoft-azure-virtualmachines.vmImages": {
                    "1.0.0": {"osVhdUrl": "https://contoso.blob.example/a.vhd?sig=x", "lunVhdDetails": []}
                },
                "regions": ["AZ", "DE"]
            }]
        }
    })
}

impl Portal {
    async fn start(options: Options) -> Self {
        // Plain http needs no TLS, and the client still wants a provider to exist.
        let _ = rustls::crypto::ring::default_provider().install_default();
        let emulator = Emulator::start("127.0.0.1:0".parse().unwrap(), options).await.unwrap();
        let client = reqwest::Client::builder().tls_certs_only([]).no_proxy().build().unwrap();
        Self { emulator, client }
    }

    async fn standard() -> Self {
        Self::start(stopped()).await
    }

    fn request(&self, method: Method, path: &str) -> reqwest::RequestBuilder {
        let separator = if path.contains('?') { '&' } else { '?' };
        let url = format!("{}{path}{separator}api-version=2017-10-31", self.emulator.url());
        self.client.request(method, url).bearer_auth("token")
    }

    async fn send(&self, request: reqwest::RequestBuilder) -> Answer {
        let response = request.send().await.unwrap();
        let (status, headers) = (response.status(), response.headers().clone());
        let bytes = response.bytes().await.unwrap();
        Answer { status, headers, body: serde_json::from_slice(&bytes).unwrap_or_default() }
    }

    async fn get(&self, path: &str) -> Answer {
        self.send(self.request(Method::GET, path)).await
    }

    async fn post(&self, path: &str, body: Option<Value>) -> Answer {
        let request = self.request(Method::POST, path);
        match body {
            Some(body) => self.send(with_json(request, &body)).await,
            None => self.send(request).await,
        }
    }

    async fn put(&self, body: &Value, if_match: Option<&str>) -> Answer {
        let mut request = with_json(self.request(Method::PUT, OFFER), body);
        if let Some(etag) = if_match {
            request = request.header("If-Match", etag);
        }
        self.send(request).await
    }

    /// Creates the offer.
    async fn create(&self) {
        self.put(&virtual_machine(), Some("*")).await.expect(201);
    }

    async fn advance(&self, by: &str) {
        self.post("/_emulator/clock", Some(json!({"advance": by}))).await.expect(200);
    }

    /// Creates the offer and takes it to the sign-off.
    async fn create_and_publish(&self) {
        self.create().await;
        self.post(&format!("{OFFER}/publish"), None).await.expect(202);
        self.advance("4d").await;
    }

    async fn status(&self) -> Value {
        self.get(&format!("{OFFER}/status")).await.expect(200)
    }

    /// `running: complete, inProgress 50, …`
    async fn story(&self) -> String {
        let status = self.status().await;
        let stages: Vec<String> = status["steps"]
            .as_array()
            .unwrap()
            .iter()
            .map(|stage| stage["status"].as_str().unwrap().to_owned())
            .collect();
        format!("{}: {}", status["status"].as_str().unwrap(), stages.join(", "))
    }
}

fn with_json(request: reqwest::RequestBuilder, body: &Value) -> reqwest::RequestBuilder {
    request.header("Content-Type", "application/json").body(body.to_string())
}
