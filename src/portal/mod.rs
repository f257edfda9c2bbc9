//! The client of the Cloud Partner Portal API: transport, credentials, retry, errors, and wire types read into the domain's.
//!
//! A [`ReadingClient`] can only read and a [`WritingClient`] cannot be made from one, so that a room that is handed the
//! first cannot write. This room knows no manifest, no plan and no terminal; it does not decide what should be written.

mod client;
mod credential;
mod endpoint;
mod error;
mod explanation;
mod location;
mod log_line;
#[cfg(test)]
mod loopback;
mod plain_text;
mod reading;
mod retry;
mod secret;
mod transport;
mod verdict;
mod wire;
mod writing;

pub use client::{ClientError, ClientOptions, Timeouts};
pub use credential::{CredentialError, ReadyToken, TokenSource};
pub use endpoint::{Endpoint, InvalidEndpoint};
pub use error::{ErrorKind, Method, PortalError};
pub use location::{InvalidOperationLocation, OperationLocation};
pub use plain_text::{clean_text, is_invisible, plain_text};
pub use reading::{LiveDraft, OfferSummary, Operation, ReadingClient};
pub use retry::RetryPolicy;
pub use secret::{KnownSecrets, Secret};
pub(crate) use verdict::{deepest, is_distrust, retry_after};
pub use writing::{Accepted, CancelAnswer, Precondition, WritingClient, Written};
