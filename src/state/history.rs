//! What was done to an offer, when, by which command and from which commit: the last of it stays in the record, and in a
//! git branch each entry is the message of its commit.

use std::fmt;

use serde::{Deserialize, Serialize};

use super::InFlightKind;
use crate::offer::Slot;

/// How many entries a record keeps.
const KEPT: usize = 20;

/// One thing that was done.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct HistoryEntry {
    /// When, as an RFC 3339 time stamp.
    pub at: String,
    /// What.
    pub deed: Deed,
    /// The commit that the manifest came from, with `-dirty` behind it when the checkout differed from it; `None` when it
    /// is not known, or nothing came from a manifest.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub commit: Option<String>,
    /// By which command: `offerctl apply`.
    pub command: String,
}

/// What was done, or found out, and is worth writing a record for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Deed {
    /// A plan was begun, or carried on with.
    Begun,
    /// The draft is about to be written.
    Writing,
    /// The draft was not written after all.
    WriteRefused,
    /// The draft was written and read back.
    Written,
    /// Draft and manifest were found to agree.
    Agreed,
    /// A publish is about to be asked for.
    Publishing,
    /// The service has taken the publish.
    Published,
    /// The publish was not started after all, most often because the service has refused it.
    PublishRefused,
    /// A go-live is about to be asked for.
    GoingLive,
    /// The service has taken the go-live.
    WentLive,
    /// The go-live was not started after all, most often because the service has refused it.
    GoLiveRefused,
    /// The service has told the publishing version.
    VersionLearnt,
    /// The submission has ended.
    SubmissionEnded,
    /// The preview slot holds what it should.
    PreviewRight,
    /// The production slot holds what it should.
    ProductionRight,
    /// A step is done.
    StepDone,
    /// The plan was stopped by something that it cannot be carried on with after.
    Stopped,
    /// The plan has ended.
    Ended,
}

impl Deed {
    /// A submission that is about to be asked for.
    pub fn submitting(kind: InFlightKind) -> Self {
        match kind {
            InFlightKind::Publish => Self::Publishing,
            InFlightKind::GoLive => Self::GoingLive,
        }
    }

    /// A submission that the service has taken.
    pub fn submitted(kind: InFlightKind) -> Self {
        match kind {
            InFlightKind::Publish => Self::Published,
            InFlightKind::GoLive => Self::WentLive,
        }
    }

    /// A submission that was not started after all.
    pub fn refused(kind: InFlightKind) -> Self {
        match kind {
            InFlightKind::Publish => Self::PublishRefused,
            InFlightKind::GoLive => Self::GoLiveRefused,
        }
    }

    /// A slot that was looked at and is right.
    pub fn right(slot: Slot) -> Self {
        match slot {
            Slot::Draft => Self::Agreed,
            Slot::Preview => Self::PreviewRight,
            Slot::Production => Self::ProductionRight,
        }
    }

    /// Whether it stays in the record. What is about to be done is followed by how that went.
    fn is_kept(self) -> bool {
        match self {
            Self::Begun
            | Self::Written
            | Self::Agreed
            | Self::Published
            | Self::PublishRefused
            | Self::WentLive
            | Self::GoLiveRefused
            | Self::PreviewRight
            | Self::ProductionRight
            | Self::Stopped
            | Self::Ended => true,
            Self::Writing
            | Self::WriteRefused
            | Self::Publishing
            | Self::GoingLive
            | Self::VersionLearnt
            | Self::SubmissionEnded
            | Self::StepDone => false,
        }
    }
}

impl fmt::Display for Deed {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(match self {
            Self::Begun => "plan begun",
            Self::Writing => "about to write the draft",
            Self::WriteRefused => "draft not written",
            Self::Written => "draft written",
            Self::Agreed => "draft found to be as the manifest says",
            Self::Publishing => "about to publish",
            Self::Published => "publish submitted",
            Self::PublishRefused => "publish not started",
            Self::GoingLive => "about to go live",
            Self::WentLive => "go-live submitted",
            Self::GoLiveRefused => "go-live not started",
            Self::VersionLearnt => "publishing version told",
            Self::SubmissionEnded => "submission ended",
            Self::PreviewRight => "preview is right",
            Self::ProductionRight => "production is right",
            Self::StepDone => "step done",
            Self::Stopped => "plan stopped",
            Self::Ended => "plan ended",
        })
    }
}

/// The last entries of an offer, the oldest first.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct History(Vec<HistoryEntry>);

impl History {
    /// Adds an entry, unless it is one that only prepares another; the oldest goes when there are too many.
    pub fn add(&mut self, entry: &HistoryEntry) {
        if entry.deed.is_kept() {
            self.0.push(entry.clone());
            self.0.drain(..self.0.len().saturating_sub(KEPT));
        }
    }

    /// The entries, the oldest first.
    pub fn entries(&self) -> &[HistoryEntry] {
        &self.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_twenty_deeds_stay_and_preparations_do_not() {
        let mut history = History::default();
        let entry =
            |at: usize, deed| HistoryEntry { at: at.to_string(), deed, commit: None, command: "offerctl apply".into() };
        for at in 0..25 {
            history.add(&entry(at, Deed::Publishing));
            history.add(&entry(at, Deed::Published));
        }
        assert_eq!(history.entries().len(), 20);
        assert!(history.entries().iter().all(|entry| entry.deed == Deed::Published));
        assert_eq!(history.entries()[0].at, "5");
        assert_eq!(history.entries()[19].at, "24");
    }
}
