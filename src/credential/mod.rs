//! Where tokens come from: which credential the environment offers, and how each kind obtains and renews its tokens
//! from Microsoft Entra.
//!
//! A *kind* is a way to sign in; an *issuer* is who hands out a token for it; an *assertion* is a signed statement that
//! stands in for a secret. This room knows no offer, no manifest, no terminal, and of the service only its address
//! and how it refuses.

mod assertion;
mod authority;
mod certificate;
mod claims;
mod issuer;
mod kind;
mod recipe;
mod refusal;
mod remedy;
mod renewal;
mod select;
mod surroundings;
#[cfg(test)]
mod tests;
mod transport;
pub mod variable;

pub use claims::Claims;
pub use kind::{CredentialChoice, CredentialKind, UnknownCredential};
pub use remedy::remedy;
pub use select::{PassedOver, Selection, select};
pub use surroundings::Surroundings;
