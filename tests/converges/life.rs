//! One offer on its own emulator: applied through the library as `offerctl apply` does, and edited by others over HTTP.

use std::sync::Arc;
use std::time::Duration;

use offerctl::diff::{Context, MediaRecords, MediaTrust, Sides, compare};
use offerctl::emulator::{Emulator, Options};
use offerctl::execute::{Beginning, Concurrency, ExecuteSettings, Executor, Job, OfferOutcome, Pace};
use offerctl::observe::{InFlight, observe};
use offerctl::offer::{
    Catalogue, Desired, Document, OfferPlansPolicy, OfferTypeId, PositionTree, Reconcile, Slot, SourcePosition,
};
use offerctl::plan::{Directives, Known, PlannedOffer, plan_offer};
use offerctl::portal::{ClientOptions, Endpoint, ReadyToken, WritingClient};
use offerctl::state::{Holder, Record, StateFolder, Subject};
use reqwest::Method;
use serde_json::{Value, json};
use tokio::sync::watch;

use super::key;
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
    client: WritingClient,
    folder: tempfile::TempDir,
    publish_to: Slot,
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
        let endpoint = Endpoint::parse(emulator.url()).unwrap();
        let token = Arc::new(ReadyToken::new("token", "the test").unwrap());
        let client = WritingClient::new(ClientOptions::new(endpoint, 7), token).unwrap();
        let folder = tempfile::tempdir().unwrap();
        let publish_to = story.publish_to;
        Self { emulator, portal, client, folder, publish_to, left: Vec::new(), added_plan: false }
    }

    fn desired(&self, document: &Value) -> Desired {
        let position = SourcePosition { file: "offer.yaml".into(), line: 1, column: 1 };
        Desired {
            key: key(),
            offer_type: OfferTypeId::new("microsoft-azure-virtualmachines").unwrap(),
            manifest: position.clone(),
            reconcile: Reconcile { publish_to: self.publish_to, ..Reconcile::default() },
            document: document.clone(),
            positions: PositionTree { value: position.clone(), key: position, children: Vec::new() },
            secrets: Vec::new(),
        }
    }

    fn state(&self) -> StateFolder {
        StateFolder::new(self.folder.path(), "loopback")
    }

    async fn plan(&self, document: &Value) -> Job {
        let desired = self.desired(document);
        let record = self.state().load(&key()).record;
        let is_in_flight = record.as_ref().is_some_and(|record| record.in_flight.is_some());
        let in_flight = if is_in_flight { InFlight::Recorded } else { InFlight::Unknown };
        let observed = observe(self.client.reading(), &key(), self.publish_to, in_flight).await.unwrap();
        let known = record.as_ref().map(Record::known).unwrap_or_default();
        let known = if observed.draft.is_some() { known } else { Known::default() };
        let allow = ["conflict", "remove-offer-plan", "remove-image"].map(|guard| guard.parse().unwrap()).to_vec();
        let directives = Directives { allow, ..Directives::default() };
        let planned = plan_offer(Catalogue::built_in(), &desired, &observed, &known, &directives);
        let [draft, preview, submitted_content] =
            [observed.draft, observed.preview, observed.submitted_content].map(|found| found.map(Document::into_value));
        let (subject, running) = (Subject::Manifest, observed.running);
        let beginning = Beginning::OfPlan;
        Job { subject, beginning, desired, draft, preview, running, submitted_content, directives, planned, record }
    }

    /// Plans and does it.
    pub async fn apply(&mut self, document: &Value) -> PlannedOffer {
        let job = self.plan(document).await;
        assert!(job.planned.blocks.is_empty(), "{:#?}", job.planned);
        let settings = ExecuteSettings {
            parallelism: 1,
            wait: Duration::from_secs(60),
            pace: Pace::Fixed(Duration::from_millis(1)),
            concurrency: Concurrency::Optimistic,
            environment: |_| None,
            now: || "2026-11-22T00:00:00Z".to_owned(),
            holder: Holder { process: 1, command: "the test".to_owned(), since: String::new() },
        };
        // The sender is kept until the end: nobody asks to stop.
        let (_nobody, stop) = watch::channel(false);
        let executor = Executor::new(self.client.clone(), self.state(), settings, Arc::new(|_, _| {}), stop);
        let outcome = executor.execute(&job).await;
        assert!(matches!(outcome, OfferOutcome::Done), "{outcome:#?}\n{:#?}", job.planned);
        job.planned
    }

    /// The next plan has neither changes nor steps.
    pub async fn assert_nothing_left(&self, document: &Value) {
        let planned = self.plan(document).await.planned;
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
