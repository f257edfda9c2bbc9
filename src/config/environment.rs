//! Every variable of the environment that offerctl reads, by name. Those of credentials are described where they are
//! read, in [`crate::credential::variable`].

pub use crate::credential::variable::{
    AUTHORITY_HOST, CLIENT_CERTIFICATE_PATH, CLIENT_ID, CLIENT_SECRET, FEDERATED_TOKEN_FILE, GITHUB_TOKEN,
    GITHUB_TOKEN_URL, IDENTITY_ENDPOINT, IDENTITY_HEADER, PATH, PIPELINES_CLIENT_ID, PIPELINES_CONNECTION,
    PIPELINES_TENANT_ID, PIPELINES_TOKEN, PIPELINES_TOKEN_URL, SCOPE, TENANT_ID, TOKEN,
};

/// Where the service is. Also `--endpoint` and `endpoint` in `offerctl.yaml`.
pub const ENDPOINT: &str = "OFFERCTL_ENDPOINT";
/// Which credential obtains tokens, such as `github`. Also `--auth`.
pub const AUTH: &str = "OFFERCTL_AUTH";
/// How many offers are worked on side by side. Also `--parallelism`.
pub const PARALLELISM: &str = "OFFERCTL_PARALLELISM";
/// How long one offer is waited for. Also `--wait`.
pub const WAIT: &str = "OFFERCTL_WAIT";
/// How often the service is asked while waiting. Also `--poll-interval`.
pub const POLL_INTERVAL: &str = "OFFERCTL_POLL_INTERVAL";
/// The file that events are added to. Also `--events`.
pub const EVENTS: &str = "OFFERCTL_EVENTS";
/// Where the records are: a folder or `git:BRANCH`. Also `--state`.
pub const STATE: &str = "OFFERCTL_STATE";
/// The key that fingerprints of secrets are made with, so that nobody who reads a record can guess them.
pub const FINGERPRINT_KEY: &str = "OFFERCTL_FINGERPRINT_KEY";
/// What is logged to stderr: `debug`, or tracing's filter language. Also `-v` and `-vv`.
pub const LOG: &str = "OFFERCTL_LOG";
/// Set to anything, it takes the colours away (<https://no-color.org>).
pub const NO_COLOR: &str = "NO_COLOR";
