//! What the service says now: one offer, seen at one moment, perhaps already stale.

use std::fmt;

use serde::{Deserialize, Serialize};

use super::{Document, ETag, OfferKey, StatusReport, Submission};

/// A place where the service keeps a version of an offer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Slot {
    /// What is being edited.
    Draft,
    /// What the audience of the preview sees after a publish.
    Preview,
    /// What every customer sees after a go-live.
    Production,
}

impl Slot {
    /// The word in manifests, flags and URLs.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Draft => "draft",
            Self::Preview => "preview",
            Self::Production => "production",
        }
    }
}

impl fmt::Display for Slot {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.as_str())
    }
}

/// A snapshot of one offer. Always partial, always older than now; whoever writes must check again.
#[derive(Debug, Clone)]
pub struct Observed {
    /// Which offer.
    pub key: OfferKey,
    /// The draft, or `None` when the service has no such offer.
    pub draft: Option<Document>,
    /// The draft's `ETag`, when the service sent one.
    pub etag: Option<ETag>,
    /// The preview slot, or `None` when it is empty or was not asked for.
    pub preview: Option<Document>,
    /// The production slot, or `None` when it is empty or was not asked for.
    pub production: Option<Document>,
    /// How the offer's newest submission stands; `None` when there is no such offer.
    pub status: Option<StatusReport>,
    /// Whether a submission moves now, as the report and the list of submissions say together.
    pub is_running: bool,
    /// The submission that runs now, when the list names it.
    pub running: Option<Submission>,
    /// The newest submission of the list, whatever became of it, when the list was asked for.
    pub newest: Option<Submission>,
    /// The publishing versions of the publishes of the list, the oldest first, when the list was asked for.
    pub publishes: Vec<u64>,
    /// The document of the newest submission, when it runs or ended badly and the service still has that version.
    pub submitted_content: Option<Document>,
}

impl Observed {
    /// An offer that the service does not have.
    pub fn absent(key: OfferKey) -> Self {
        Self {
            key,
            draft: None,
            etag: None,
            preview: None,
            production: None,
            status: None,
            is_running: false,
            running: None,
            newest: None,
            publishes: Vec::new(),
            submitted_content: None,
        }
    }
}
