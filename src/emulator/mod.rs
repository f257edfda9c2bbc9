//! The Cloud Partner Portal API on loopback, for trying offerctl out and for testing pipelines against.
//!
//! Strict: what the service refuses, it refuses. It shares no code with the client, so that two misreadings of the service
//! cannot cancel out. Other clients of the service work against it with nothing changed but the host.
//!
//! - **Documents**: a PUT replaces the whole definition; the service's own changes (defaults, mirrored and renamed keys,
//!   hosted media, secrets that never come back) happen as on the service. See [`Quirk`] for what is disputed.
//! - **Submissions** follow the clock: nothing runs in the background, a restarted emulator continues where it was.
//!   A publish ends at the sign-off, a go-live takes what is in the preview slot then.
//! - **Versions**: the latest 25 of each offer are kept, and all that were ever submitted.
//!
//! Its own calls are under `/_emulator/`, from this machine only; they need no token and meet no faults:
//!
//! | call | what it does |
//! |---|---|
//! | `GET /_emulator/clock` | `{"now": "…"}` |
//! | `POST /_emulator/clock` `{"advance": "2d"}` | moves the clock forward; answers like GET |
//! | `GET`, `POST`, `DELETE /_emulator/faults` | lists the faults with how often each struck, adds a [`Fault`], removes all |
//! | `GET`, `DELETE /_emulator/requests` | counts by method and path, and the latest requests; forgets them |
//! | `GET /_emulator/offers/{publisher}/{offer}` | all that is kept of an offer, secrets included |
//! | `POST …/edit` `{"definition": {…}}` | somebody edits the draft in the portal: a JSON merge patch |
//! | `POST …/outcome` `{"stage": "displaycertify", "verdict": "rejected", "messages": ["…"]}` | scripts an [`Outcome`] for the next submission with that stage |
//!
//! So a pipeline's test can let a certification fail, advance the clock by three days, lose the answer of a PUT
//! (`{"method": "PUT", "effect": "reset-after"}`), and count the publishes afterwards.

mod authentication;
mod clock;
mod connection;
mod control;
mod derived;
mod faults;
mod normalize;
mod quirks;
mod record;
mod reply;
mod requests;
mod server;
mod service;
mod store;
mod submission;
mod timing;
mod validate;
mod wire;
mod write;

use std::future::IntoFuture as _;
use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::AtomicU64;
use std::time::Duration;

use tokio::net::TcpListener;
use tokio::sync::oneshot;
use tokio::task::JoinHandle;

pub use clock::TimeSource;
pub use faults::{DelayClock, Effect, Fault, InvalidFault, When};
pub use quirks::{Quirk, Quirks, UnknownQuirk};
pub use store::{Storage, StoreError};
pub use submission::{Outcome, StageId, Verdict};
pub use timing::Timing;

use authentication::Demands;
use clock::Clock;
use connection::{Connection, ResettableListener};
use faults::FaultBook;
use requests::RequestLog;
use server::Shared;
use service::Service;
use store::Store;

/// So long a shutdown waits for requests in flight.
const LONGEST_GOODBYE: Duration = Duration::from_secs(2);

/// How an emulator behaves. The default: in memory, quick, without quirks and faults, open to any token and publisher.
#[derive(Clone, Default)]
pub struct Options {
    /// Where offers are kept.
    pub storage: Storage,
    /// How long submissions take.
    pub timing: Timing,
    /// In what it differs from the reference.
    pub quirks: Quirks,
    /// The one bearer token that is good; any that is not empty when absent.
    pub token: Option<String>,
    /// The publishers that answer, all others are forbidden; any publisher when empty.
    pub publishers: Vec<String>,
    /// What ids are made from: the same seed gives the same ids.
    pub seed: u64,
    /// How much later each answer comes.
    pub latency: Duration,
    /// What goes wrong from the start; more can be added while it runs.
    pub faults: Vec<Fault>,
    /// Where the time comes from.
    pub time: TimeSource,
}

/// Why an emulator did not start.
#[derive(Debug, thiserror::Error)]
pub enum EmulatorError {
    /// It would have been open to others.
    #[error("the emulator listens on loopback only, and {0} is not; use 127.0.0.1 or [::1]")]
    NotLoopback(SocketAddr),
    /// The address cannot be had.
    #[error("the emulator cannot listen on {address}: {source}; choose another port, or 0 for any")]
    Listen {
        /// What was asked for.
        address: SocketAddr,
        /// Why it failed.
        source: io::Error,
    },
    /// Its folder cannot be used.
    #[error("the emulator's data cannot be used: {0}")]
    Store(#[from] StoreError),
    /// A fault of the options makes no sense.
    #[error("a fault cannot be set: {0}")]
    Fault(#[from] InvalidFault),
}

/// A running emulator. Dropping it lets it end; [`Emulator::shutdown`] waits until it has.
#[derive(Debug)]
pub struct Emulator {
    url: String,
    goodbye: oneshot::Sender<()>,
    serving: JoinHandle<io::Result<()>>,
}

impl Emulator {
    /// Starts an emulator on a loopback address; port 0 takes any that is free.
    ///
    /// It answers from when this returns. Must be called inside a tokio runtime.
    pub async fn start(address: SocketAddr, options: Options) -> Result<Self, EmulatorError> {
        if !address.ip().is_loopback() {
            return Err(EmulatorError::NotLoopback(address));
        }
        let store = Store::open(&options.storage)?;
        let folder = match &options.storage {
            Storage::Memory => None,
            Storage::Folder(folder) => Some(folder.as_path()),
        };
        let clock = Clock::open(options.time, folder)?;
        let faults = FaultBook::default();
        for fault in options.faults {
            faults.add(fault)?;
        }
        let listen_failed = |source| EmulatorError::Listen { address, source };
        let listener = TcpListener::bind(address).await.map_err(listen_failed)?;
        let url = format!("http://{}", listener.local_addr().map_err(listen_failed)?);
        let service = Service {
            store,
            clock,
            timing: options.timing,
            quirks: options.quirks,
            demands: Demands { token: options.token, publishers: options.publishers },
            seed: options.seed,
            url: url.clone(),
            answers: AtomicU64::new(0),
        };
        let shared = Shared { service, faults, requests: RequestLog::default(), latency: options.latency };
        let make = server::router(Arc::new(shared)).into_make_service_with_connect_info::<Connection>();
        let (goodbye, told) = oneshot::channel::<()>();
        // The sender's end, told or dropped, is what ends the service.
        let until_told = async move { drop(told.await) };
        let serving = tokio::spawn(
            axum::serve(ResettableListener(listener), make).with_graceful_shutdown(until_told).into_future(),
        );
        Ok(Self { url, goodbye, serving })
    }

    /// Where it answers: `http://127.0.0.1:PORT`.
    pub fn url(&self) -> &str {
        &self.url
    }

    /// Takes no more requests, finishes those in flight, and ends; after two seconds whatever they do.
    pub async fn shutdown(self) {
        let _ = self.goodbye.send(());
        let abort = self.serving.abort_handle();
        if tokio::time::timeout(LONGEST_GOODBYE, self.serving).await.is_err() {
            abort.abort();
        }
    }
}
