//! What others do in the portal at the most awkward moments.

use std::sync::{Mutex, MutexGuard};

use reqwest::Method;
use serde_json::{Value, json};

use super::run::{Act, Deed, Kind};

pub const OFFER: &str = "/api/publishers/contoso/offers/vm";

/// Whether the service can tell that a draft was written meanwhile.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Versions {
    /// By its `ETag`.
    Told,
    /// It cannot: an edit between a look and the write after it is lost, and nobody can help it.
    Untold,
}

/// Whether a look right before a request could have told what others did.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Warning {
    InTime,
    /// It happened at the very moment, and nobody can help it.
    TooLate,
}

/// What came of it so far.
#[derive(Default)]
pub struct Done {
    /// Under which keys they left what is theirs.
    pub left: Vec<String>,
    pub cancels: usize,
    pub publishes: usize,
}

impl Done {
    pub fn count(&self) -> usize {
        self.left.len() + self.cancels + self.publishes
    }
}

pub struct Others {
    service: String,
    client: reqwest::Client,
    acts: Vec<Act>,
    versions: Versions,
    done: Mutex<Done>,
    /// How many acts were tried.
    begun: Mutex<usize>,
    /// The first request that may know of all that was done.
    surprises_before: Mutex<usize>,
}

impl Others {
    pub fn new(service: &str, acts: &[Act], versions: Versions) -> Self {
        // Plain http needs no TLS, and the client still wants a provider to exist.
        let _ = rustls::crypto::ring::default_provider().install_default();
        let client = reqwest::Client::builder().tls_certs_only([]).no_proxy().build().unwrap();
        let mut acts = acts.to_vec();
        acts.sort_by_key(|act| act.at);
        let (done, begun, surprises_before) = (Mutex::default(), Mutex::default(), Mutex::default());
        Self { service: service.to_owned(), client, acts, versions, done, begun, surprises_before }
    }

    pub fn done(&self) -> MutexGuard<'_, Done> {
        self.done.lock().unwrap()
    }

    /// Does what is due before this request, and says whether that could still be seen coming.
    pub async fn act(&self, request: usize, kind: Kind) -> Warning {
        loop {
            let begun = *self.begun.lock().unwrap();
            let due = self.acts.get(begun).filter(|act| act.at <= request);
            let Some(act) = due.filter(|act| !self.would_be_lost(act, kind)) else { break };
            *self.begun.lock().unwrap() += 1;
            if self.perform(act.what, begun).await {
                // A cancel takes effect a request later.
                let lasts = usize::from(act.what == Deed::Cancel);
                *self.surprises_before.lock().unwrap() = request + 1 + lasts;
            }
        }
        if request < *self.surprises_before.lock().unwrap() { Warning::TooLate } else { Warning::InTime }
    }

    /// Whether somebody has published on a service on which an edit is what must not be missed.
    pub fn is_published_untold(&self) -> bool {
        self.versions == Versions::Untold && self.done().publishes > 0
    }

    fn would_be_lost(&self, act: &Act, kind: Kind) -> bool {
        act.what == Deed::Edit && kind == Kind::Write && self.versions == Versions::Untold
    }

    async fn perform(&self, deed: Deed, number: usize) -> bool {
        match deed {
            Deed::Edit => {
                let key = format!("theirs.key{number}");
                let body = json!({"definition": {"offer": {key.as_str(): {"kept": [number], "by": "them"}}}});
                let (status, _) = self.ask(Method::POST, "/_emulator/offers/contoso/vm/edit", Some(&body)).await;
                if status == 200 {
                    self.done().left.push(key);
                }
                status == 200
            }
            Deed::Cancel => {
                let before = self.cancels().await;
                self.ask(Method::POST, &format!("{OFFER}/cancel"), None).await;
                // 202 is no proof.
                let did = self.cancels().await > before;
                self.done().cancels += usize::from(did);
                did
            }
            Deed::Publish => {
                let (status, _) = self.ask(Method::POST, &format!("{OFFER}/publish"), None).await;
                self.done().publishes += usize::from(status == 202);
                status == 202
            }
        }
    }

    async fn cancels(&self) -> usize {
        let (_, kept) = self.ask(Method::GET, "/_emulator/offers/contoso/vm", None).await;
        let submissions = kept["submissions"].as_array().into_iter().flatten();
        submissions.filter(|submission| !submission["cancel"].is_null()).count()
    }

    /// Asks the service past everything that goes wrong.
    pub async fn ask(&self, method: Method, path: &str, body: Option<&Value>) -> (u16, Value) {
        let url = format!("{}{path}?api-version=2017-10-31", self.service);
        let mut request = self.client.request(method, url).bearer_auth("a colleague's");
        if let Some(body) = body {
            request = request.header("Content-Type", "application/json").body(body.to_string());
        }
        let response = request.send().await.unwrap();
        let status = response.status().as_u16();
        (status, serde_json::from_slice(&response.bytes().await.unwrap()).unwrap_or_default())
    }
}
