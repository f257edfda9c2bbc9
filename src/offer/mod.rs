//! The domain: what an offer is, in the words that every other room shares.
//!
//! Pure types and pure functions. This room knows no file, no network, no clock and no terminal.

mod catalogue;
mod desired;
mod document;
mod file_demand;
mod fingerprint;
mod guard;
mod identifier;
mod listing_part;
mod local_file;
mod observed;
mod path;
mod pattern;
mod position;
mod revision;
mod signature;
mod status;
mod suggestion;
mod tables;
mod takes;

pub use catalogue::{
    Audience, Catalogue, Field, InvalidCatalogue, ListRule, Ownership, Rules, ValueKind, element_name,
};
pub use desired::{Desired, IgnoredField, OfferPlansPolicy, Reconcile};
pub(crate) use document::CanonicalDigest;
pub use document::{Document, canonical_digest};
pub use file_demand::{FileDemand, FileType, PixelSize};
pub use fingerprint::Fingerprint;
pub use guard::{Guard, GuardSetting, GuardSettings, Threshold};
pub use identifier::{ETag, InvalidIdentifier, OfferId, OfferKey, OfferTypeId, PublisherId};
pub use listing_part::{Listed, ListingPart};
pub use local_file::{FileDigest, LocalFile};
pub use observed::{Observed, Slot};
pub use path::{FieldPath, InvalidFieldPath};
pub use pattern::{InvalidPattern, OfferPattern};
pub use position::{PositionTree, SourcePosition};
pub use revision::{InvalidRevision, Revision};
pub use signature::{REDACTED, is_hidden, signature_values, signed_until, without_signatures};
pub use status::{
    Message, MessageLevel, OfferStatus, OperationStatus, Stage, StageStatus, StatusReport, Submission, SubmissionKind,
};
pub(crate) use suggestion::{KnownWords, closest, closest_of_few};
pub use tables::{Category, Pattern, Shop, Table, TableValue, Tables};
pub use takes::{KeysOf, OfferType, Takes, ValueType, Words};
