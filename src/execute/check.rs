//! Looking before acting and after it: is what is there what was planned, and what was sent?

use std::time::Duration;

use serde_json::Value;
use tokio::time::Instant;

use super::ExecuteError;
use super::progress::{Draft, Progress};
use crate::diff::{
    Difference, MediaRecords, MediaTrust, Operation, Sides, between, compare, fit_for_record_at, missing, record_media,
};
use crate::offer::{Document, FieldPath, Slot, ValueKind};
use crate::portal::{LiveDraft, PortalError};
use crate::state::{Deed, Subject};

/// How many looks in a row may find other content in a slot after the submission's end, before that counts as wrong: the
/// first reports after a publish may still be about the submission before it.
const WRONG_SLOTS: usize = 20;
/// For how long at least an answer may lag behind another one, however often the service is asked.
pub(super) const LAG_PATIENCE: Duration = Duration::from_secs(10);

impl Progress<'_> {
    pub(super) async fn read(&self) -> Result<Option<LiveDraft>, PortalError> {
        self.executor.client.reading().offer(self.key()).await
    }

    /// Where a document still differs from the manifest; files that the service serves count as ours.
    pub(super) fn differs_from_manifest(&self, document: &Value) -> Vec<String> {
        let none = MediaRecords::default();
        let context = self.executor.context(&self.job.desired, &none, MediaTrust::JustWritten);
        let sides = Sides { desired: &self.job.desired.document, observed: Some(document), applied: None };
        compare(&context, sides).to_write().map(|difference| format!("`{}`", difference.path)).collect()
    }

    /// Refuses to publish a draft that is not the one that was planned: somebody may have edited it since.
    pub(super) async fn expect_right_draft(&mut self) -> Result<(), ExecuteError> {
        let live = self.read().await?.ok_or_else(gone)?;
        // After our own write, what was read back then is what must still be there.
        let written = self.submitted.as_ref().filter(|_| self.draft == Draft::Checked);
        let Some(expected) = written.or(self.job.draft.as_ref()) else { return Err(ExecuteError::AlreadyThere) };
        self.refuse_if_changed(expected, &live)?;
        self.submitted = Some(live.document.into_value());
        Ok(())
    }

    /// The draft must be the one that was planned.
    fn refuse_if_changed(&self, planned: &Value, live: &LiveDraft) -> Result<(), ExecuteError> {
        let changed = self.changed_since(planned, live);
        if changed.is_empty() {
            return Ok(());
        }
        Err(ExecuteError::Stale { changed: changed.iter().map(as_changed).collect() })
    }

    /// What others made of the draft since it was planned: nothing under the same `ETag`, or else nothing by meaning.
    pub(super) fn changed_since(&self, planned: &Value, live: &LiveDraft) -> Vec<FieldPath> {
        if live.etag.is_some() && live.etag == self.etag {
            return Vec::new();
        }
        self.changed_paths(planned, live.document.as_value())
    }

    /// Whether nothing that was to be downloaded anew is still served as it was `before` the write: by its address alone
    /// such a file is ours already, whether the write took or not.
    pub(super) fn serves_what_was_sent(&self, before: &Value, live: &Value) -> bool {
        let catalogue = self.executor.catalogue;
        let is_media = |path: &FieldPath| catalogue.rules_at(path).field().value == ValueKind::Media;
        let mut sent_anew = self
            .job
            .planned
            .changes
            .to_write()
            .filter(|difference| difference.operation == Operation::Replace && is_media(&difference.path));
        let names_shift = self.record.media.is_shifting();
        sent_anew.all(|difference| {
            let at = |document: &Value| {
                let place = catalogue.in_document(document, &difference.path).to_string();
                document.pointer(&place).map(|value| fit_for_record_at(catalogue.rules_at(&difference.path), value))
            };
            !names_shift && at(before) != at(live)
        })
    }

    /// What changed between two readings of a document, managed or not, as lines for people.
    pub(super) fn changed(&self, before: &Value, after: &Value) -> Vec<String> {
        self.changed_paths(before, after).iter().map(as_changed).collect()
    }

    pub(super) fn changed_paths(&self, before: &Value, after: &Value) -> Vec<FieldPath> {
        let found = between(self.executor.catalogue, &self.record.media, before, after);
        found.into_iter().map(|difference| difference.path).collect()
    }

    /// What the one document says and the other does not, managed or not; whatever file is served there counts as ours.
    fn missing(&self, said: &Value, other: &Value) -> Vec<Difference> {
        missing(self.executor.catalogue, MediaTrust::JustWritten, said, other)
    }

    /// After a submission its slot must hold what was submitted; what it serves there is recorded as ours.
    ///
    /// False when it is to be looked at again; an error when it was wrong too often.
    pub(super) async fn slot_is_right(&mut self, slot: Slot) -> Result<bool, ExecuteError> {
        let found = self.executor.client.reading().slot(self.key(), slot).await?;
        let Some(document) = found.map(Document::into_value) else {
            return self.wrong_slot(slot, vec![format!("nothing is in the {slot} slot")]);
        };
        let mut paths = self.differs_from_manifest(&document);
        if let Some(submitted) = self.submitted.as_ref().filter(|_| paths.is_empty()) {
            // Somebody may have submitted something else in between, with an edit that the manifest does not manage.
            let lost = self.missing(submitted, &document);
            paths = lost.iter().map(|difference| format!("`{}`", difference.path)).collect();
        }
        if !paths.is_empty() {
            return self.wrong_slot(slot, paths);
        }
        self.wrong_slots = 0;
        self.wrong_since = None;
        // Only a manifest tells where files come from, and what was removed from it may still be live otherwise.
        if self.job.subject == Subject::Manifest {
            if let Some(submitted) = &self.submitted {
                self.record.media.follow(self.executor.catalogue, submitted, &document);
            }
            self.record.reach(slot);
            if slot == Slot::Production {
                self.record.removed.clear();
            }
        }
        if let Some(secrets) = &mut self.record.secrets {
            secrets.have_reached(slot);
        }
        if slot == Slot::Preview {
            self.preview = Some(document);
        }
        self.save(Deed::right(slot))?;
        Ok(true)
    }

    /// Records what the service serves in the place of each address of the manifest that was sent.
    pub(super) fn record_media(&self, sent: &Value, served: &Value, media: &mut MediaRecords) {
        let desired = &self.job.desired.document;
        record_media(self.executor.catalogue, desired, sent, &self.job.local_files(), served, media);
    }

    /// Whether the preview slot holds exactly this content.
    pub(super) async fn preview_holds(&self, content: &Value) -> Result<bool, PortalError> {
        let preview = self.executor.client.reading().slot(self.key(), Slot::Preview).await?;
        Ok(preview.is_some_and(|preview| {
            self.differs_from_manifest(preview.as_value()).is_empty()
                && self.missing(content, preview.as_value()).is_empty()
        }))
    }

    fn wrong_slot(&mut self, slot: Slot, paths: Vec<String>) -> Result<bool, ExecuteError> {
        self.wrong_slots += 1;
        let since = *self.wrong_since.get_or_insert_with(Instant::now);
        if self.wrong_slots >= WRONG_SLOTS && since.elapsed() >= LAG_PATIENCE {
            Err(ExecuteError::WrongSlot { slot, paths })
        } else {
            Ok(false)
        }
    }

    /// Reads the preview once more, for what goes live cannot be taken back: it must be the one that was planned, or that
    /// was seen at the end of the publish, in every field, managed or not.
    pub(super) async fn expect_right_preview(&self) -> Result<(), ExecuteError> {
        let slot = Slot::Preview;
        let Some(found) = self.executor.client.reading().slot(self.key(), slot).await? else {
            return Err(ExecuteError::WrongSlot { slot, paths: vec!["nothing is in the preview slot".to_owned()] });
        };
        let mut paths = self.differs_from_manifest(found.as_value());
        if let Some(expected) = self.preview.as_ref().filter(|_| paths.is_empty()) {
            paths = self.changed(expected, found.as_value());
        }
        if paths.is_empty() { Ok(()) } else { Err(ExecuteError::WrongSlot { slot, paths }) }
    }
}

/// A line for people.
pub(super) fn as_changed(path: &FieldPath) -> String {
    format!("`{path}` changed")
}

/// The offer was there when it was planned.
pub(super) fn gone() -> ExecuteError {
    ExecuteError::Stale { changed: vec!["the offer is not there any more".to_owned()] }
}
