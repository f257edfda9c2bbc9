//! One offer on its own emulator: applied through the library as `offerctl apply` does, and edited by others over HTTP.

use std::sync::Arc;
use std::time::Duration;

use offerctl::diff::{Context, MediaRecords, MediaTrust, Sides, compare};
use offerctl::emulator::{Emulator, Options};
use offerctl::execute::{Concurrency, ExecuteSettings, OfferOutcome, Pace};
use offerctl::offer::{Catalogue, OfferPlansPolicy};
use offerctl::plan::{Directives, PlannedOffer};
use offerctl::portal::{ClientOptions, Endpoint};
use offerctl::state::{Fingerprinter, Holder};
use reqwest::Method;
use serde_json::{Value, json};

use super::engine::Engine;
use super::random::{Edit, Story};

const OFFER: &str = "/api/publishers/contoso/offers/vm";

/// How often the service was asked to submit something.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Submitted {
    pub publishes: u64,
    pub go_lives: u64,
}

/// Whether two manifests of one offer mean different things, or one removes what the other has.
pub fn differ(before: &Value, after: &Value) -> bool {
    let context = Context {
        catalogue: Catalogue::built_in(),
        media: &MediaRecords::default(),
        media_trust: MediaTrust::Resend,
        local_files: &[],
        ignore: &[],
        offer_plans: OfferPlansPolicy::Keep,
    };
    let sides = Sides { desired: after, observed: Some(before), applied: Some(before) };
    !compare(&context, sides).is_in_sync()
}

/// What others left in the draft.
struct Left {
    /// In which offer plan; `None` for the offer itself.
    plan: Option<Value>,
    key: String,
    value: Value,
}

pub struct Life {
    emulator: Emulator,
    portal: reqwest::Client,
    engine: Engine,
    _records: tempfile::TempDir,
    left: Vec<Left>,
    added_plan: bool,
}

impl Life {
    pub async fn begin(story: &Story) -> Self {
        // Plain http needs no TLS, and the client still wants a provider to exist.
        let _ = rustls::crypto::ring::default_provider().install_default();
        let quirks = story.quirks.iter().copied().collect();
        let options = Options { quirks, timing: story.timing, ..Options::default() };
        let emulator = Emulator::start("127.0.0.1:0".parse().unwrap(), options).await.unwrap();
        let portal = reqwest::Client::builder().tls_certs_only([]).no_proxy().build().unwrap();
        let records = tempfile::tempdir().unwrap();
        let endpoint = Endpoint::parse(emulator.url()).unwrap();
        let engine = Engine::new(ClientOptions::new(endpoint, 7), records.path(), story.publish_to);
        Self { emulator, portal, engine, _records: records, left: Vec::new(), added_plan: false }
    }

    /// Plans and does it.
    pub async fn apply(&mut self, document: &Value) -> PlannedOffer {
        let job = self.engine.plan(document, &Directives::default()).await.unwrap();
        assert!(job.planned.blocks.is_empty(), "{:#?}", job.planned);
        let settings = ExecuteSettings {
            parallelism: 1,
            wait: Duration::from_secs(60),
            pace: Pace::Fixed(Duration::from_millis(1)),
            concurrency: Concurrency::Optimistic,
            environment: |_| None,
            fingerprinter: Arc::new(Fingerprinter::new(None, || None)),
            now: || "2026-11-22T00:00:00Z".to_owned(),
            holder: Holder { process: 1, command: "the test".to_owned(), since: String::new() },
            commit: None,
        };
        let outcome = self.engine.execute(&job, settings).await;
        assert!(matches!(outcome, OfferOutcome::Done), "{outcome:#?}\n{:#?}", job.planned);
        job.planned
    }

    /// The next plan has neither changes nor steps.
    pub async fn assert_nothing_left(&self, document: &Value) {
        let planned = self.engine.plan(document, &Directives::default()).await.unwrap().planned;
        assert!(planned.changes.is_empty() && planned.steps.is_empty(), "{planned:#?}");
    }

    async fn send(&self, method: Method, path: &str, body: Option<&Value>) -> (u16, Value) {
        let url = format!("{}{path}?api-version=2017-10-31", self.emulator.url());
        let mut request = self.portal.request(method, url).bearer_auth("token");
        if let Some(body) = body {
            request = request.header("Content-Type", "application/json").header("If-Match", "*").body(body.to_string());
        }
        let response = request.send().await.unwrap();
        let status = response.status().as_u16();
        (status, serde_json::from_slice(&response.bytes().await.unwrap()).unwrap_or_default())
    }

    /// Somebody writes the whole draft; false when the service lets nobody write while a submission runs.
    pub async fn put(&self, document: &Value) -> bool {
        let (status, answer) = self.send(Method::PUT, OFFER, Some(document)).await;
        let is_busy = answer["error"]["message"].as_str().is_some_and(|message| message.contains("is in progress"));
        assert!(matches!(status, 200 | 201) || is_busy, "{status} {answer}");
        !is_busy
    }

    async fn draft(&self) -> Value {
        let (status, draft) = self.send(Method::GET, OFFER, None).await;
        assert_eq!(status, 200, "{draft}");
        draft
    }

    pub async fn edit(&mut self, edit: &Edit) {
        if *edit == Edit::Publish {
            let (status, answer) = self.send(Method::POST, &format!("{OFFER}/publish"), None).await;
            assert!(matches!(status, 202 | 400 | 409), "{status} {answer}");
            return;
        }
        let mut draft = self.draft().await;
        let definition = &mut draft["definition"];
        let mut left = Vec::new();
        let mine = format!("theirs.key{}", self.left.len());
        match edit {
            Edit::Overwrite(key, value) => definition["offer"][*key] = value.clone(),
            Edit::Leave(value) => {
                definition["offer"][mine.as_str()] = value.clone();
                left.push(Left { plan: None, key: mine, value: value.clone() });
            }
            Edit::LeaveInPlans(value) => {
                for plan in definition["plans"].as_array_mut().unwrap() {
                    plan[mine.as_str()] = value.clone();
                    left.push(Left { plan: Some(plan["planId"].clone()), key: mine.clone(), value: value.clone() });
                }
            }
            Edit::AddPlan if !self.added_plan => {
                let mut plan = definition["plans"][0].clone();
                plan["planId"] = json!("theirs");
                definition["plans"].as_array_mut().unwrap().push(plan);
            }
            Edit::Reorder => definition["plans"].as_array_mut().unwrap().reverse(),
            Edit::AddPlan | Edit::Publish => {}
        }
        if self.put(&draft).await {
            self.left.extend(left);
            self.added_plan |= *edit == Edit::AddPlan;
        }
    }

    /// What others left is there, exactly as they left it; only an offer plan that the manifest removed took it along.
    pub async fn assert_others_kept(&self) {
        let definition = &self.draft().await["definition"];
        let plans = definition["plans"].as_array().unwrap();
        assert_eq!(plans.iter().any(|plan| plan["planId"] == "theirs"), self.added_plan);
        for Left { plan, key, value } in &self.left {
            let place = match plan {
                None => Some(&definition["offer"]),
                Some(id) => plans.iter().find(|plan| plan["planId"] == *id),
            };
            assert!(place.is_none_or(|place| place.get(key) == Some(value)), "{key} of {plan:?}");
        }
    }

    pub async fn forget_requests(&self) {
        self.send(Method::DELETE, "/_emulator/requests", None).await;
    }

    async fn requests(&self) -> Vec<Value> {
        let (_, report) = self.send(Method::GET, "/_emulator/requests", None).await;
        report["requests"].as_array().unwrap().clone()
    }

    /// How often was submitted; none of it was refused, so that nothing was submitted while a submission ran.
    pub async fn submitted(&self) -> Submitted {
        let requests = self.requests().await;
        let count = |ending: &str| {
            let asked = requests.iter().filter(|request| {
                request["method"] == "POST" && request["path"].as_str().is_some_and(|path| path.ends_with(ending))
            });
            let answers: Vec<_> = asked.map(|request| request["status"].clone()).collect();
            assert!(answers.iter().all(|status| *status == 202), "{ending}: {answers:?}");
            answers.len() as u64
        };
        Submitted { publishes: count("/publish"), go_lives: count("/golive") }
    }

    /// How often anything was written or submitted.
    pub async fn writes(&self) -> usize {
        self.requests().await.iter().filter(|request| request["method"] != "GET").count()
    }
}
