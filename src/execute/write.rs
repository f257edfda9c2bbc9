//! Writing the draft: create and update, each followed by a look at what the service made of it.

use std::sync::Arc;

use serde_json::{Map, Value};

use super::check::{as_changed, gone};
use super::merge::Merge;
use super::progress::{Draft, Progress};
use super::repeat::Failures;
use super::{Event, ExecuteError};
use crate::diff::{
    Difference, MediaRecords, MediaTrust, Operation, body_for_create, body_for_update, gone_since, is_unset,
};
use crate::offer::FieldPath;
use crate::plan::unsaid;
use crate::portal::{ErrorKind, LiveDraft, Precondition};
use crate::state::Deed;

/// How a write ended that did not fail.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Put {
    /// The draft is as it was sent.
    Taken,
    /// Nothing was written: somebody has edited the draft since it was read.
    Overtaken,
}

/// A document with its secrets in place. It cannot be printed, and goes to the service and nowhere else.
struct WithSecrets(Value);

impl Progress<'_> {
    pub(super) async fn create(&mut self) -> Result<Option<String>, ExecuteError> {
        if self.draft == Draft::Untouched {
            let sent = body_for_create(&self.job.desired.document);
            let body = self.with_secrets(sent.clone())?;
            match self.put(&body, Precondition::Create, None).await {
                Err(ExecuteError::Portal(error))
                    if matches!(error.kind(), ErrorKind::Conflict | ErrorKind::PreconditionFailed)
                        || (error.kind() == ErrorKind::Refused && self.read().await?.is_some()) =>
                {
                    return Err(ExecuteError::AlreadyThere);
                }
                result => result.map(drop)?,
            }
            self.sent = Some(sent);
        }
        self.check_draft().await
    }

    pub(super) async fn update(&mut self) -> Result<Option<String>, ExecuteError> {
        let Some(planned) = &self.job.draft else { return self.create().await };
        if self.draft == Draft::Untouched {
            self.merge_and_write(planned).await?;
        }
        self.check_draft().await
    }

    /// Writes on top of whatever is there now. When somebody is quicker once more, theirs is read again once.
    async fn merge_and_write(&mut self, planned: &Value) -> Result<(), ExecuteError> {
        for is_last in [false, true] {
            let live = self.read().await?.ok_or_else(gone)?;
            let Merge { differences, theirs } = self.merge(planned, &live)?;
            if !differences.iter().any(Difference::is_written) {
                self.draft = Draft::Written;
                self.merged = theirs;
                return Ok(());
            }
            // The same content may stand under a new ETag; the one read last is the one to match.
            self.etag.clone_from(&live.etag);
            let media = self.record.media.clone();
            let context = self.executor.context(&self.job.desired, &media, MediaTrust::Unverifiable);
            let version = live.document.version();
            let live = live.document.as_value();
            let body = body_for_update(&context, &self.job.desired.document, live, &differences)?;
            let sent = body.clone();
            let body = self.with_secrets(body)?;
            let precondition = self.executor.settings.concurrency.precondition(self.etag.clone());
            // Before the write, so that a removal is not forgotten if this program ends right after it.
            self.record_removals();
            self.note_media_before_the_write(&differences, live, version);
            self.save(Deed::Writing)?;
            let result = self.put(&body, precondition, Some(live)).await;
            self.note_refusal(&result)?;
            match result? {
                Put::Overtaken if is_last => {
                    let now = self.read().await?.ok_or_else(gone)?;
                    return Err(ExecuteError::Stale { changed: self.changed(planned, now.document.as_value()) });
                }
                Put::Overtaken => {}
                Put::Taken => {
                    self.sent = Some(sent);
                    if !theirs.is_empty() {
                        self.executor.tell(self.key(), Event::Merged { changed: theirs.clone() });
                        self.merged = theirs;
                    }
                    return Ok(());
                }
            }
        }
        // The last round of the loop returns.
        Ok(())
    }

    /// The last look before an update, with nothing but the request after it: no submission may run, and the answer is
    /// whether nobody has edited the draft, as far as no `ETag` will tell.
    ///
    /// Only one of the two can be looked at last. Under an `ETag` the service itself refuses to write over an edit. Where there
    /// is none the draft is the last: an edit would be lost, and nothing is lost when a write crosses a submission.
    async fn is_still(&self, before: &Value, precondition: &Precondition) -> Result<bool, ExecuteError> {
        self.expect_idle().await?;
        if matches!(precondition, Precondition::Matches(_)) {
            return Ok(true);
        }
        let now = self.read().await?.ok_or_else(gone)?;
        Ok(self.changed(before, now.document.as_value()).is_empty())
    }

    /// Sends the body once, and again only when a look right before proves that it did not take: the draft is still what it
    /// was `before`.
    async fn put(
        &mut self,
        body: &WithSecrets,
        mut precondition: Precondition,
        before: Option<&Value>,
    ) -> Result<Put, ExecuteError> {
        let mut failures = Failures::none();
        loop {
            if let Some(before) = before
                && !self.is_still(before, &precondition).await?
            {
                return Ok(Put::Overtaken);
            }
            let error = match self.executor.client.put(self.key(), &body.0, precondition.clone()).await {
                Ok(written) => {
                    self.etag = written.etag;
                    self.draft = Draft::Written;
                    self.took_secrets = true;
                    return Ok(Put::Taken);
                }
                Err(error) if before.is_some() && error.kind() == ErrorKind::PreconditionFailed => {
                    return Ok(Put::Overtaken);
                }
                Err(error) => error,
            };
            let is_unclear = error.outcome_unclear();
            // A slow create may have acted after the look that did not find it; then the repetition is refused.
            let is_too_late = failures.are_there()
                && before.is_none()
                && matches!(error.kind(), ErrorKind::PreconditionFailed | ErrorKind::Conflict | ErrorKind::Refused);
            if is_unclear {
                self.executor.tell(self.key(), Event::Unclear(error.to_string()));
            } else if !error.is_passing() && !is_too_late {
                return Err(error.into());
            }
            let may_repeat = !is_too_late && self.stay_away(&mut failures, &error).await;
            if !may_repeat && !is_unclear && !is_too_late {
                return Err(error.into());
            }
            let settled = match self.look_through_outages(async |it| it.read().await).await {
                Ok(live) => live,
                Err(_) if is_unclear => return Err(ExecuteError::Unclear { answer: error }),
                Err(_) => return Err(error.into()),
            };
            match (settled, before) {
                (Some(live), before)
                    if self.differs_from_manifest(live.document.as_value()).is_empty()
                        && before.is_none_or(|before| {
                            self.shows_the_write(before, &live)
                                && self.serves_what_was_sent(before, live.document.as_value())
                        }) =>
                {
                    self.etag = live.etag;
                    self.draft = Draft::Written;
                    self.took_secrets = true;
                    return Ok(Put::Taken);
                }
                (None, None) if may_repeat => {}
                (Some(live), Some(before))
                    if may_repeat && self.changed(before, live.document.as_value()).is_empty() =>
                {
                    precondition = self.executor.settings.concurrency.precondition(live.etag);
                }
                _ if is_unclear => return Err(ExecuteError::Unclear { answer: error }),
                (Some(live), Some(before)) if may_repeat => {
                    return Err(ExecuteError::Stale { changed: self.changed(before, live.document.as_value()) });
                }
                (Some(_), None) => return Err(ExecuteError::AlreadyThere),
                (None, Some(_)) => return Err(gone()),
                _ => return Err(error.into()),
            }
        }
    }

    /// Reads the draft back, refuses to go on when it is not what was sent, and records what was applied.
    async fn check_draft(&mut self) -> Result<Option<String>, ExecuteError> {
        let live = self.read().await?.ok_or_else(gone)?;
        let remaining = self.differs_from_manifest(live.document.as_value());
        // A new offer was sent as the manifest says it; without a write of our own nothing was sent.
        let created = Some(&self.job.desired.document).filter(|_| self.job.draft.is_none());
        let sent = created.or(self.sent.as_ref()).cloned().unwrap_or_default();
        // First, for a step that an outage breaks off here begins anew.
        let again = self.look_again_at_media(&sent, &live).await?;
        self.note_edits_since_the_write(&live);
        self.etag.clone_from(&live.etag);
        if !remaining.is_empty() {
            return Err(ExecuteError::NotKept { paths: remaining });
        }
        let mut media = std::mem::take(&mut self.record.media);
        self.record_media(&sent, live.document.as_value(), &mut media);
        media.mark_shifting(&again);
        self.record.media = media;
        self.record.media.forget_sending();
        self.record_gone(live.document.as_value());
        self.record.apply(Arc::clone(&self.document));
        self.record.commit = self.commit();
        self.record.apply_plan(self.job.plan_digest());
        self.record_secrets().await;
        self.save(Deed::Written)?;
        self.draft = Draft::Checked;
        let version = live.document.version().map(|version| format!("version {version}"));
        self.submitted = Some(live.document.into_value());
        Ok(version)
    }

    /// Whatever is neither in what was sent nor in the manifest, somebody wrote right after the write: only the `ETag` that
    /// the write was answered with proves that nobody did. It is kept, and not shipped unseen.
    fn note_edits_since_the_write(&mut self, live: &LiveDraft) {
        let Some(sent) = self.sent.take() else { return };
        if self.etag.is_some() && self.etag == live.etag {
            return;
        }
        let desired = &self.job.desired;
        let context = self.executor.context(desired, &self.record.media, MediaTrust::Unverifiable);
        let theirs = unsaid(&context, &desired.document, Vec::new(), &sent, live.document.as_value());
        let changed: Vec<_> = theirs.iter().map(|difference| as_changed(&difference.path)).collect();
        if !changed.is_empty() {
            self.executor.tell(self.key(), Event::Merged { changed: changed.clone() });
            self.merged.extend(changed);
        }
    }

    /// Reads once more when files were sent, and says what they are served as then: the same version with other files means
    /// that their names tell nothing.
    async fn look_again_at_media(&self, sent: &Value, live: &LiveDraft) -> Result<MediaRecords, ExecuteError> {
        let (mut once, mut again) = (MediaRecords::default(), MediaRecords::default());
        self.record_media(sent, live.document.as_value(), &mut once);
        if once == MediaRecords::default() {
            return Ok(again);
        }
        if let Some(second) = self.read().await?.filter(|second| second.etag == live.etag) {
            self.record_media(sent, second.document.as_value(), &mut again);
        }
        Ok(again)
    }

    /// Before the write, too: whoever comes after a run that ended right behind it must not take the new copies for
    /// somebody's edit. And what the write replaces is known to be foreign now and never again, while a slot may hold it.
    fn note_media_before_the_write(&mut self, differences: &[Difference], live: &Value, version: Option<u64>) {
        let foreign = self.record.media.foreign_in(self.executor.catalogue, live);
        self.record.media.note_foreign(foreign);
        let files = self.job.local_files();
        for difference in differences.iter().filter(|difference| difference.is_written()) {
            if let Some(Value::String(source)) = &difference.after {
                let content = files.iter().find(|file| file.field == difference.path).map(|file| &file.digest);
                self.record.media.note_sending(&difference.path, source, content, version);
            }
        }
    }

    /// What was certainly not written is not on its way any more: whatever is served later is not ours.
    fn note_refusal(&mut self, result: &Result<Put, ExecuteError>) -> Result<(), ExecuteError> {
        let was_not_written = !matches!(result, Ok(Put::Taken) | Err(ExecuteError::Unclear { .. }));
        if was_not_written && self.record.media.forget_sending() { self.save(Deed::WriteRefused) } else { Ok(()) }
    }

    fn record_removals(&mut self) {
        let written = self.job.planned.changes.to_write();
        for removed in written.filter(|one| one.operation == Operation::Remove) {
            if !self.record.removed.contains(&removed.path) {
                self.record.removed.push(removed.path);
            }
        }
    }

    /// What the record is about to forget, and a slot may hold until the next publish: fields that left the manifest and
    /// that others took out of the draft.
    pub(super) fn record_gone(&mut self, draft: &Value) {
        let Some(applied) = &self.record.applied else { return };
        let context = self.executor.context(&self.job.desired, &self.record.media, MediaTrust::Unverifiable);
        let gone = gone_since(&context, applied, &self.job.desired.document, draft);
        for path in gone {
            if !self.record.removed.iter().any(|known| path.is_within(known)) {
                self.record.removed.push(path);
            }
        }
    }

    /// Puts the secrets into the body, each read from the environment at this moment and kept nowhere.
    fn with_secrets(&self, mut body: Value) -> Result<WithSecrets, ExecuteError> {
        for (path, name) in &self.job.desired.secrets {
            let missing = || ExecuteError::MissingSecret { name: name.clone() };
            let secret = (self.executor.settings.environment)(name).ok_or_else(missing)?;
            let no_place = || ExecuteError::NoPlaceForSecret { path: path.clone() };
            *self.place_in(&mut body, path).ok_or_else(no_place)? = Value::String(secret.expose().to_owned());
        }
        Ok(WithSecrets(body))
    }

    /// The place of a path in a body; a secret that the service did not return gets a place of its own in its map.
    fn place_in<'body>(&self, body: &'body mut Value, path: &FieldPath) -> Option<&'body mut Value> {
        let concrete = self.executor.catalogue.in_document(body, path);
        concrete.segments().iter().try_fold(body, |here, segment| {
            // "Unset" is spelt in several ways, and each stands for a map that has nothing in it yet.
            if is_unset(here) {
                *here = Value::Object(Map::new());
            }
            match here {
                Value::Object(map) => Some(map.entry(segment.as_str()).or_insert(Value::Null)),
                Value::Array(items) => items.get_mut(segment.parse::<usize>().ok()?),
                _ => None,
            }
        })
    }
}
