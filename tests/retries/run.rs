//! One step of one offer, taken through the library as `offerctl apply` takes it, with something in its way.

use std::sync::Arc;
use std::time::Duration;

use offerctl::cli::Exit;
use offerctl::emulator::{Emulator, Options, TimeSource, Timing};
use offerctl::execute::{AtHand, Basis, Concurrency, Event, ExecuteSettings, Executor, Job, OfferOutcome, Pace};
use offerctl::offer::{Desired, OfferKey, OfferTypeId, PositionTree, Reconcile, Slot, SourcePosition};
use offerctl::plan::{Action, Directives};
use offerctl::portal::{ClientOptions, Endpoint, WritingClient};
use offerctl::state::{Fingerprinter, Holder, StateFolder};
use reqwest::Method;
use serde_json::{Value, json};
use tokio::sync::watch;
use tokio::time::Instant;

use super::door::{Obstacle, Way};
use super::failures::{Failure, How};

const OFFER: &str = "/api/publishers/contoso/offers/vm";

/// The request that something gets in the way of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Call {
    Get,
    Create,
    Update,
    Publish,
    GoLive,
    Cancel,
}

impl Call {
    pub const ALL: [Self; 6] = [Self::Get, Self::Create, Self::Update, Self::Publish, Self::GoLive, Self::Cancel];

    /// The heading of its column.
    pub fn column(self) -> &'static str {
        match self {
            Self::Get => "GET",
            Self::Create => "PUT, create",
            Self::Update => "PUT, update",
            Self::Publish => "POST publish",
            Self::GoLive => "POST golive",
            Self::Cancel => "POST cancel",
        }
    }

    pub fn changes_something(self) -> bool {
        self != Self::Get
    }

    /// Its method, and how its path ends.
    fn request(self) -> (&'static str, &'static str) {
        match self {
            Self::Get => ("GET", "/offers/vm"),
            Self::Create | Self::Update => ("PUT", "/offers/vm"),
            Self::Publish => ("POST", "/publish"),
            Self::GoLive => ("POST", "/golive"),
            Self::Cancel => ("POST", "/cancel"),
        }
    }

    fn action(self) -> Option<Action> {
        match self {
            Self::Get => None,
            Self::Create => Some(Action::Create),
            Self::Update => Some(Action::Update),
            Self::Publish => Some(Action::Publish),
            Self::GoLive => Some(Action::GoLive),
            Self::Cancel => Some(Action::Cancel),
        }
    }

    fn target(self) -> Slot {
        match self {
            Self::Get | Self::Create | Self::Update => Slot::Draft,
            Self::Publish | Self::Cancel => Slot::Preview,
            Self::GoLive => Slot::Production,
        }
    }
}

/// What came of it.
#[derive(Debug)]
pub struct Outcome {
    /// How many of the requests reached the service.
    pub seen: u64,
    /// How many of them took effect.
    pub acted: u64,
    /// Done, or which exit code.
    pub ending: Result<(), u8>,
    /// On the virtual clock.
    pub took: Duration,
}

/// An offer that can be published.
pub fn offer(summary: &str) -> Value {
    json!({
        "publisherId": "contoso",
        "offerTypeId": "microsoft-azure-virtualmachines",
        "id": "vm",
        "definition": {
            "displayText": "Contoso VM",
            "offer": {
                "microsoft-azure-marketplace.title": "Contoso VM",
                "microsoft-azure-marketplace.summary": summary
            },
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

/// A service, and one who works with it by hand.
pub struct Bench {
    emulator: Emulator,
    portal: reqwest::Client,
    folder: tempfile::TempDir,
    pub way: Arc<Way>,
}

impl Bench {
    /// A service on a clock that only the test moves.
    pub async fn new(timing: Timing) -> Self {
        // Plain http needs no TLS, and the client still wants a provider to exist.
        let _ = rustls::crypto::ring::default_provider().install_default();
        let time = TimeSource::Stopped("2026-11-01T00:00:00Z".parse().unwrap());
        let options = Options { timing, time, ..Options::default() };
        let emulator = Emulator::start("127.0.0.1:0".parse().unwrap(), options).await.unwrap();
        let portal = reqwest::Client::builder().tls_certs_only([]).no_proxy().build().unwrap();
        let way = Way::to(emulator.url(), portal.clone()).await;
        Self { emulator, portal, folder: tempfile::tempdir().unwrap(), way }
    }

    /// Brings the offer to where the call is the next step.
    async fn prepare(&self, call: Call) {
        match call {
            Call::Create => {}
            Call::Get | Call::Publish => self.put(&offer("ours")).await,
            Call::Update => self.put(&offer("theirs")).await,
            Call::GoLive => {
                self.put(&offer("ours")).await;
                self.by_hand(Method::POST, &format!("{OFFER}/publish"), None).await;
                self.advance("4d").await;
            }
            Call::Cancel => {
                self.put(&offer("theirs")).await;
                self.by_hand(Method::POST, &format!("{OFFER}/publish"), None).await;
            }
        }
    }

    async fn by_hand(&self, method: Method, path: &str, body: Option<&Value>) -> Value {
        let url = format!("{}{path}?api-version=2017-10-31", self.emulator.url());
        let mut request = self.portal.request(method, url).bearer_auth("a colleague's").header("If-Match", "*");
        if let Some(body) = body {
            request = request.header("Content-Type", "application/json").body(body.to_string());
        }
        let response = request.send().await.unwrap();
        let (status, body) = (response.status(), response.bytes().await.unwrap());
        assert!(status.is_success() || status == 404, "{path}: {status}");
        serde_json::from_slice(&body).unwrap_or_default()
    }

    pub async fn put(&self, document: &Value) {
        self.by_hand(Method::PUT, OFFER, Some(document)).await;
    }

    pub async fn advance(&self, by: &str) {
        self.by_hand(Method::POST, "/_emulator/clock", Some(&json!({"advance": by}))).await;
    }

    /// Lets the service's clock follow the test's, for ever.
    pub async fn let_time_pass(&self) {
        loop {
            tokio::time::sleep(Duration::from_secs(600)).await;
            self.advance("10m").await;
        }
    }

    pub async fn fault(&self, fault: &Value) {
        self.by_hand(Method::POST, "/_emulator/faults", Some(fault)).await;
    }

    pub async fn clear_faults(&self) {
        self.by_hand(Method::DELETE, "/_emulator/faults", None).await;
    }

    pub async fn forget_requests(&self) {
        self.by_hand(Method::DELETE, "/_emulator/requests", None).await;
    }

    /// The requests of a kind, by their place among all of them.
    pub async fn requests(&self, method: &str, end: &str) -> Vec<usize> {
        let log = self.by_hand(Method::GET, "/_emulator/requests", None).await;
        let all = log["requests"].as_array().unwrap().iter().enumerate();
        let is_one = |request: &Value| request["method"] == method && request["path"].as_str().unwrap().ends_with(end);
        all.filter(|(_, request)| is_one(request)).map(|(place, _)| place).collect()
    }

    /// How often each thing was done to the offer: draft versions, publishes, go-lives, submissions that were canceled.
    pub async fn effects(&self) -> [u64; 4] {
        let kept = self.by_hand(Method::GET, "/_emulator/offers/contoso/vm", None).await;
        let rows = self.by_hand(Method::GET, &format!("{OFFER}/submissions"), None).await;
        let count = |key: &str, value: &str| {
            let rows = rows.as_array().into_iter().flatten();
            rows.filter(|row| row[key] == value).count() as u64
        };
        let versions = kept["versions"].as_object().map_or(0, |versions| versions.len() as u64);
        let [publishes, go_lives] = ["publish", "goLive"].map(|kind| count("submissionType", kind));
        [versions, publishes, go_lives, count("submissionState", "canceled")]
    }

    pub fn client(&self, how: How) -> WritingClient {
        let url = match how {
            // Nothing but the emulator itself can reset a connection.
            How::Effect(_) => self.emulator.url().to_owned(),
            How::DoorClosed | How::IssuerAway => self.way.url(),
        };
        let tokens = Arc::clone(&self.way);
        WritingClient::new(ClientOptions::new(Endpoint::parse(&url).unwrap(), 7), tokens).unwrap()
    }

    pub async fn plan(&self, client: &WritingClient, target: Slot) -> Job {
        let position = SourcePosition { file: "offer.yaml".into(), line: 1, column: 1 };
        let desired = Desired {
            key: key(),
            offer_type: OfferTypeId::new("microsoft-azure-virtualmachines").unwrap(),
            manifest: position.clone(),
            reconcile: Reconcile { publish_to: target, ..Reconcile::default() },
            document: offer("ours"),
            positions: PositionTree { value: position.clone(), key: position, children: Vec::new() },
            secrets: Vec::new(),
            local_files: Vec::new(),
        };
        let directives = Directives { supersede: true, ..Directives::default() };
        let at_hand = AtHand {
            now: "2026-11-22T00:00:00Z".parse().unwrap(),
            environment: |_| None,
            fingerprinter: Arc::new(Fingerprinter::new(None, || None)),
        };
        let job = Job::plan(client.reading(), desired, None, directives, Basis::Manifest, &at_hand).await.unwrap();
        assert!(job.planned.blocks.is_empty(), "{:#?}", job.planned);
        job
    }

    /// Takes the steps of a plan, waiting for submissions as long as it says.
    pub async fn take(
        &self,
        client: WritingClient,
        job: &Job,
        wait: Duration,
        watch: impl Fn(&Event) + Send + Sync + 'static,
    ) -> OfferOutcome {
        let settings = ExecuteSettings {
            parallelism: 1,
            wait,
            pace: Pace::Adaptive,
            concurrency: Concurrency::Optimistic,
            environment: |_| None,
            fingerprinter: Arc::new(Fingerprinter::new(None, || None)),
            now: || "2026-11-22T00:00:00Z".to_owned(),
            holder: Holder { process: 1, command: "the test".to_owned(), since: String::new() },
            commit: None,
        };
        // The sender is kept until the end: nobody asks to stop.
        let (_nobody, stop) = watch::channel(false);
        let state = StateFolder::new(self.folder.path(), "loopback");
        let executor = Executor::new(client, state, settings, Arc::new(move |_, event| watch(&event)), stop);
        executor.execute(job).await
    }
}

pub fn key() -> OfferKey {
    OfferKey::parse("contoso/vm").unwrap()
}

/// Makes the call and tells how it ended; nothing is waited for but answers and pauses.
async fn make(bench: &Bench, call: Call, client: WritingClient, job: Option<&Job>) -> Result<(), u8> {
    let Some(job) = job else {
        return client.reading().offer(&key()).await.map(drop).map_err(|error| Exit::from(&error).code());
    };
    let done = match bench.take(client, job, Duration::ZERO, |_| {}).await {
        OfferOutcome::Done | OfferOutcome::StillGoing { .. } => Ok(()),
        OfferOutcome::Failed(error) => Err(Exit::from(&*error).code()),
        OfferOutcome::Interrupted => panic!("nobody asked to stop"),
    };
    assert!(job.planned.has(call.action().unwrap()), "{:#?}", job.planned);
    done
}

/// Prepares the call, plans it, and makes it, with this in the way of its first requests: of one, or of all.
async fn attempt(call: Call, failure: Option<(&Failure, bool)>, first: usize) -> (Bench, Outcome) {
    let bench = Bench::new(Timing::realistic()).await;
    bench.prepare(call).await;
    let how = failure.map_or(How::DoorClosed, |(failure, _)| failure.how);
    let client = bench.client(how);
    let job = if call == Call::Get { None } else { Some(bench.plan(&client, call.target()).await) };
    let (method, end) = call.request();
    if let Some((failure, lasting)) = failure {
        let times = if lasting { usize::MAX } else { 1 };
        match failure.how {
            How::Effect(effect) => {
                let times = if lasting { Value::Null } else { json!(1) };
                bench
                    .fault(&json!({"method": method, "path": format!("*{end}"), "times": times, "effect": effect()}))
                    .await;
            }
            How::DoorClosed => bench.way.obstruct(Obstacle::DoorClosed, first, times),
            How::IssuerAway => bench.way.obstruct(Obstacle::IssuerAway, first, times),
        }
    }
    bench.forget_requests().await;
    let before = bench.effects().await;
    bench.forget_requests().await;
    let begun = Instant::now();
    let made = tokio::time::timeout(Duration::from_secs(24 * 3600), make(&bench, call, client, job.as_ref())).await;
    let (ending, took) = (made.expect("it hangs"), begun.elapsed());
    let seen = bench.requests(method, end).await.len() as u64;
    bench.clear_faults().await;
    if call == Call::Cancel {
        // So long the service takes at most.
        bench.advance("3m").await;
    }
    let after = bench.effects().await;
    let acted = std::iter::zip(before, after).map(|(before, after)| after - before).sum();
    (bench, Outcome { seen, acted, ending, took })
}

/// Makes a call while something fails, once or for good.
pub async fn run(call: Call, failure: &Failure, lasting: bool) -> Outcome {
    let first = match failure.how {
        How::Effect(_) => 0,
        How::DoorClosed | How::IssuerAway => {
            // The same without trouble tells which of the requests it is.
            let (twin, _) = attempt(call, None, 0).await;
            let (method, end) = call.request();
            // Before the clock was moved by hand nothing but the call's own requests was made.
            twin.requests(method, end).await[0]
        }
    };
    attempt(call, Some((failure, lasting)), first).await.1
}
