//! What offerctl writes into a repository for people to keep: the manifest of a live offer.
//!
//! Terms: an *imported* offer is its manifest's text with the files that go beside it. This room decides what the text
//! says and how it is spelt; it reads no service, and where the files go is decided outside.

mod arrange;
mod import;
mod placing;
mod quoting;
#[cfg(test)]
mod tests;
mod yaml;

pub use import::{Imported, LeftOut, LeftOutReason, Secret, Subject, import};
pub use placing::{Placed, PlacingError, place};
