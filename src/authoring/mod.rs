//! What offerctl writes into a repository for people to keep: its first files, the manifest of a live offer, and edits of
//! others in the manifests that are there.
//!
//! Terms: an *imported* offer is its manifest's text with the files that go beside it; a value is *adopted* when the file
//! that declares it says what the service has. This room decides what the texts say and how they are spelt; it reads no
//! service, and where the files go is decided outside.

mod adopt;
mod arrange;
mod beginning;
mod declaring;
mod edit;
mod import;
mod placing;
mod quoting;
#[cfg(test)]
mod tests;
mod yaml;

pub use adopt::{Adopted, Adopting, Unadoptable, Wanted, adopt};
pub use beginning::{
    Beginning, CiSystem, FirstFile, FirstFileOutcome, FirstOffer, InvalidSource, Source, first_files, place_first,
};
pub use declaring::{add_wanted, undeclared};
pub use import::{Imported, LeftOut, LeftOutReason, Secret, Subject, import};
pub use placing::{Placed, PlacingError, overwrite, place};
