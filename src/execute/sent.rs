//! What a write sent and nobody can see: whether it took, and what is put on record of it.

use std::sync::Arc;

use serde_json::Value;

use super::progress::Progress;
use crate::diff::SecretVerdict;
use crate::offer::{FieldPath, Slot};
use crate::portal::LiveDraft;

impl Progress<'_> {
    /// Whether the draft, which is as the manifest says as far as can be seen, is not the one from before the write.
    ///
    /// Where nothing but secrets and signatures was to be written both look alike, and only the `ETag` or the version tells.
    pub(super) fn shows_the_write(&self, before: &Value, live: &LiveDraft) -> bool {
        let is_new = |path: &FieldPath| {
            self.job
                .planned
                .secrets
                .iter()
                .any(|secret| secret.verdict == SecretVerdict::Changed && secret.path.is_within(path))
        };
        let mut written = self.job.planned.changes.to_write();
        if written.any(|difference| !is_new(&difference.path) && !difference.is_unseen()) {
            return true;
        }
        match (&self.etag, &live.etag) {
            (Some(before), Some(now)) => before != now,
            _ => before.get("version").and_then(Value::as_u64) != live.document.version(),
        }
    }

    /// Puts fingerprints of the secrets that the last write sent on record, in the place of those from before it.
    ///
    /// One that was not known to change has come as far as it had before; one that nobody knew of is taken to be everywhere,
    /// as the plan took it to be unchanged.
    pub(super) async fn record_secrets(&mut self) {
        if !std::mem::take(&mut self.took_secrets) {
            return;
        }
        let before: Vec<_> = self.record.secrets.iter().flat_map(|secrets| secrets.iter().cloned()).collect();
        let planned = &self.job.planned.secrets;
        let sent = self.job.desired.secrets.iter().filter_map(|(path, variable)| {
            let value = (self.executor.settings.environment)(variable)?;
            let is_new = planned.iter().any(|it| it.path == *path && it.verdict == SecretVerdict::Changed);
            let known = before.iter().find(|known| known.path == *path);
            let reached = if is_new { Slot::Draft } else { known.map_or(Slot::Production, |known| known.reached) };
            Some((path.clone(), variable.clone(), value, reached))
        });
        let sent: Vec<_> = sent.collect();
        if sent.is_empty() {
            self.record.secrets = None;
            return;
        }
        let (fingerprinter, record) = (Arc::clone(&self.executor.settings.fingerprinter), self.record.clone());
        // It takes a processor a good while, which others can use for their requests.
        let made = tokio::task::spawn_blocking(move || {
            let sent: Vec<_> = sent
                .iter()
                .map(|(path, name, value, reached)| (path.clone(), name.clone(), value.expose(), *reached))
                .collect();
            fingerprinter.sent(&record, &sent)
        });
        // Without fingerprints the next plan says that it cannot tell.
        self.record.secrets = made.await.ok().flatten();
    }
}
