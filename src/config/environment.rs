//! Every variable of the environment that offerctl reads, by name.

/// Where the service is. Also `--endpoint` and `endpoint` in `offerctl.yaml`.
pub const ENDPOINT: &str = "OFFERCTL_ENDPOINT";
/// A ready bearer token. There is no flag: a command line can be seen by others.
pub const TOKEN: &str = "OFFERCTL_TOKEN";
/// How many offers are worked on side by side. Also `--parallelism`.
pub const PARALLELISM: &str = "OFFERCTL_PARALLELISM";
/// How long one offer is waited for. Also `--wait`.
pub const WAIT: &str = "OFFERCTL_WAIT";
/// How often the service is asked while waiting. Also `--poll-interval`.
pub const POLL_INTERVAL: &str = "OFFERCTL_POLL_INTERVAL";
/// The folder of the records. Also `--state`.
pub const STATE: &str = "OFFERCTL_STATE";
/// What is logged to stderr: `debug`, or tracing's filter language. Also `-v` and `-vv`.
pub const LOG: &str = "OFFERCTL_LOG";
/// Set to anything, it takes the colours away (<https://no-color.org>).
pub const NO_COLOR: &str = "NO_COLOR";
