//! The emulated service, and what others do there: colleagues who edit and publish in the portal, Microsoft who rejects,
//! the network that fails.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use offerctl::emulator::{Emulator, Options};
use reqwest::Method;
use serde_json::{Value, json};
use tokio::runtime::Runtime;

/// A running emulator.
pub struct Portal {
    runtime: Runtime,
    emulator: Emulator,
    client: reqwest::Client,
}

impl Portal {
    pub fn start(options: Options) -> Self {
        // Plain http needs no TLS, and the client still wants a provider to exist.
        let _ = rustls::crypto::ring::default_provider().install_default();
        let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap();
        let emulator = runtime.block_on(Emulator::start("127.0.0.1:0".parse().unwrap(), options)).unwrap();
        let client = reqwest::Client::builder().tls_certs_only([]).no_proxy().build().unwrap();
        Self { runtime, emulator, client }
    }

    pub fn url(&self) -> &str {
        self.emulator.url()
    }

    /// What the story's own tasks run on.
    pub fn runtime(&self) -> &Runtime {
        &self.runtime
    }

    /// Sets a fault, as `offerctl::emulator::Fault` spells it.
    pub fn fault(&self, fault: &Value) {
        self.call(&Method::POST, "/_emulator/faults", Some(fault));
    }

    pub fn clear_faults(&self) {
        self.call(&Method::DELETE, "/_emulator/faults", None);
    }

    /// How many requests the faults met, in the order in which they were set.
    pub fn faults_met(&self) -> Vec<u64> {
        let faults = self.call(&Method::GET, "/_emulator/faults", None);
        faults.as_array().unwrap().iter().map(|fault| fault["met"].as_u64().unwrap()).collect()
    }

    pub fn advance(&self, by: &str) {
        self.call(&Method::POST, "/_emulator/clock", Some(&json!({"advance": by})));
    }

    /// Lets each look at a running submission cost a day of the service's time.
    pub fn let_days_pass_while_waiting(&self) {
        for path in ["/operations/", "/submissions"] {
            let effect = json!({"delay": {"duration": "1day", "clock": "emulator"}});
            self.fault(&json!({"method": "GET", "path": path, "times": null, "effect": effect}));
        }
    }

    /// A colleague edits the draft of `contoso/{offer}` in the portal.
    pub fn edit(&self, offer: &str, definition: &Value) {
        let path = format!("/_emulator/offers/contoso/{offer}/edit");
        self.call(&Method::POST, &path, Some(&json!({"definition": definition})));
    }

    /// A colleague submits the draft in the portal.
    pub fn publish(&self, offer: &str) {
        self.call(&Method::POST, &format!("/api/publishers/contoso/offers/{offer}/publish"), None);
    }

    /// A colleague takes the preview live in the portal.
    pub fn go_live(&self, offer: &str) {
        self.call(&Method::POST, &format!("/api/publishers/contoso/offers/{offer}/golive"), None);
    }

    /// A colleague cancels what runs.
    pub fn cancel(&self, offer: &str) {
        self.call(&Method::POST, &format!("/api/publishers/contoso/offers/{offer}/cancel"), None);
    }

    /// What shall become of the next submission that reaches a stage.
    pub fn script(&self, offer: &str, stage: &str, verdict: &str, messages: &[&str]) {
        let outcome = json!({"stage": stage, "verdict": verdict, "messages": messages});
        self.call(&Method::POST, &format!("/_emulator/offers/contoso/{offer}/outcome"), Some(&outcome));
    }

    /// The definition of the draft, exactly as the service keeps it.
    pub fn definition(&self, offer: &str) -> Value {
        let mut kept = self.call(&Method::GET, &format!("/_emulator/offers/contoso/{offer}"), None);
        let versions: BTreeMap<u64, Value> = serde_json::from_value(kept["versions"].take()).unwrap();
        versions.into_values().next_back().unwrap()["definition"].take()
    }

    /// Whom the service tells about the newest submission.
    pub fn notified(&self, offer: &str) -> String {
        let status = self.call(&Method::GET, &format!("/api/publishers/contoso/offers/{offer}/status"), None);
        status["notificationEmails"].as_str().unwrap_or_default().to_owned()
    }

    /// Everything that was asked of the service to change something, one line each, in the order of the answers.
    pub fn writes(&self) -> String {
        let log = self.call(&Method::GET, "/_emulator/requests", None);
        let mut text = String::new();
        for request in log["requests"].as_array().unwrap() {
            let part = |name: &str| request[name].as_str().unwrap_or_default();
            if part("method") == "GET" {
                continue;
            }
            let path = part("path").trim_start_matches("/api/publishers/").replace("/offers/", "/");
            let if_match = request["ifMatch"].as_str().map(|etag| format!(" If-Match {etag}")).unwrap_or_default();
            let status = request["status"].as_u64().map_or("no answer".to_owned(), |status| status.to_string());
            writeln!(text, "{} {path}{if_match}: {status}", part("method")).unwrap();
        }
        text
    }

    /// How much was asked of the service.
    pub fn requests(&self) -> u64 {
        self.call(&Method::GET, "/_emulator/requests", None)["total"].as_u64().unwrap()
    }

    pub fn forget_requests(&self) {
        self.call(&Method::DELETE, "/_emulator/requests", None);
    }

    fn call(&self, method: &Method, path: &str, body: Option<&Value>) -> Value {
        self.runtime.block_on(call(&self.client, self.url(), method, path, body))
    }
}

/// Calls the service, or the emulator's own calls, and expects success.
pub async fn call(client: &reqwest::Client, url: &str, method: &Method, path: &str, body: Option<&Value>) -> Value {
    let url = format!("{url}{path}?api-version=2017-10-31");
    let mut request = client.request(method.clone(), &url).bearer_auth("a colleague's");
    if let Some(body) = body {
        request = request.header("Content-Type", "application/json").body(body.to_string());
    }
    let response = request.send().await.unwrap();
    let status = response.status();
    let text = response.text().await.unwrap();
    assert!(status.is_success(), "{method} {path}: {status} {text}");
    serde_json::from_str(&text).unwrap_or_default()
}
