//! How a client is set up: where to, who says so, how patient. Everything comes in from outside, also the chance.

use std::time::Duration;

use tokio::sync::{Semaphore, watch};

use super::{Endpoint, KnownSecrets, RetryPolicy};

/// How long to wait for the service.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Timeouts {
    /// For a connection to come about.
    pub connect: Duration,
    /// For the whole answer to a GET.
    pub read: Duration,
    /// For the whole answer to a PUT or POST; a PUT was seen to take minutes.
    pub write: Duration,
}

impl Default for Timeouts {
    fn default() -> Self {
        Self { connect: Duration::from_secs(15), read: Duration::from_secs(60), write: Duration::from_secs(300) }
    }
}

/// What a client is made from.
#[derive(Debug, Clone)]
pub struct ClientOptions {
    /// The service.
    pub endpoint: Endpoint,
    /// What the client calls itself.
    pub user_agent: String,
    /// How long to wait for one answer.
    pub timeouts: Timeouts,
    /// The largest answer that is read, in bytes.
    pub max_response_bytes: usize,
    /// How reads are repeated.
    pub retry: RetryPolicy,
    /// The seed of the chance in the delays between repetitions; it should differ between processes.
    pub jitter_seed: u64,
    /// The secrets of the run: the client takes them out of what the service says, and adds the tokens that it sends.
    pub secrets: KnownSecrets,
    /// How many reads are under way at once at most; others wait for their turn.
    pub reads_at_once: usize,
    /// Turns true when the person wants the run to end: then no read is repeated, and none is waited for much longer.
    pub stop: watch::Receiver<bool>,
}

impl ClientOptions {
    /// The defaults for an endpoint.
    pub fn new(endpoint: Endpoint, jitter_seed: u64) -> Self {
        Self {
            endpoint,
            user_agent: concat!("offerctl/", env!("CARGO_PKG_VERSION")).to_owned(),
            timeouts: Timeouts::default(),
            max_response_bytes: 64 * 1024 * 1024,
            retry: RetryPolicy::default(),
            jitter_seed,
            secrets: KnownSecrets::default(),
            reads_at_once: Semaphore::MAX_PERMITS,
            // Nobody ever asks to stop.
            stop: watch::channel(false).1,
        }
    }
}

/// Why a client could not be made.
#[derive(Debug, thiserror::Error)]
pub enum ClientError {
    /// TLS or the proxy could not be set up.
    #[error(
        "the HTTPS client cannot be set up: {0}. If this machine has no certificate store, install one (ca-certificates) \
         or name a file of PEM certificates in SSL_CERT_FILE"
    )]
    Setup(String),
}
