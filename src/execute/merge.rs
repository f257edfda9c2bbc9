//! Somebody edited the draft between the plan and the write: what they changed is kept where it does not touch what the
//! manifest says, and is a conflict where it does.

use std::fmt;

use serde_json::Value;

use super::check::as_changed;
use super::progress::Progress;
use super::{EditsSince, ExecuteError};
use crate::diff::{Difference, MediaTrust, Sides, UnseenSecret, compare, fit_for_record_at, unseen_secrets};
use crate::offer::{Catalogue, FieldPath};
use crate::portal::LiveDraft;

/// How much of a value a conflict shows, in characters.
const SHOWN: usize = 100;

/// A field that both sides changed, each with its value, fit to be seen.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BothSides {
    /// Which field.
    pub path: FieldPath,
    /// What it was when the plan was made.
    pub planned: String,
    /// What somebody made of it meanwhile.
    pub theirs: String,
    /// What the manifest says.
    pub ours: String,
}

impl fmt::Display for BothSides {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { path, planned, theirs, ours } = self;
        write!(formatter, "`{path}`: was {planned}, theirs is now {theirs}, ours is {ours}")
    }
}

/// What is to be written, after whatever others wrote meanwhile.
pub(super) struct Merge {
    /// The differences that are still to be written.
    pub(super) differences: Vec<Difference>,
    /// What others changed, one line each; empty when nobody did.
    pub(super) theirs: Vec<String>,
}

impl Progress<'_> {
    /// Plans the write again on the draft as it is now.
    pub(super) fn merge(&self, planned: &Value, live: &LiveDraft) -> Result<Merge, ExecuteError> {
        let theirs = self.changed_since(planned, live);
        let differences = self.job.planned.changes.open().into_iter().map(|change| change.difference);
        let differences: Vec<_> = differences.collect();
        if theirs.is_empty() {
            return Ok(Merge { differences, theirs: Vec::new() });
        }
        self.expect_no_new_secret(planned, live.document.as_value())?;
        let now = self.compare_with_manifest(live.document.as_value());
        // By meaning, as `theirs` is: the service signs what it serves anew in each answer.
        let touches = |path: &FieldPath| theirs.iter().any(|it| it.is_within(path) || path.is_within(it));
        let is_as_planned = |difference: &Difference| {
            differences.iter().any(|planned| planned.path == difference.path) && !touches(&difference.path)
        };
        let conflicts: Vec<_> = now
            .iter()
            .filter(|difference| difference.is_written() && !is_as_planned(difference))
            .map(|difference| self.both_sides(planned, difference))
            .collect();
        if !conflicts.is_empty() {
            return Err(ExecuteError::Conflict { fields: conflicts });
        }
        // Whoever made our change before us has changed nothing that the plan does not show.
        let is_ours = |path: &FieldPath| differences.iter().any(|planned| path.is_within(&planned.path));
        let theirs: Vec<_> = theirs.iter().filter(|path| !is_ours(path)).map(as_changed).collect();
        if self.job.edits == EditsSince::Refused && !theirs.is_empty() {
            return Err(ExecuteError::Stale { changed: theirs });
        }
        Ok(Merge { differences: now, theirs })
    }

    /// Refuses to write over a configuration that has got a secret since the plan: nobody can keep what the service does not
    /// return, and the plan has warned of none.
    fn expect_no_new_secret(&self, planned: &Value, live: &Value) -> Result<(), ExecuteError> {
        let catalogue = self.executor.catalogue;
        let known = unseen_secrets(catalogue, planned);
        let is_sent = |found: &UnseenSecret| {
            self.job.desired.secrets.iter().any(|(path, _)| path.is_within(&found.configuration))
        };
        let found =
            unseen_secrets(catalogue, live).into_iter().filter(|found| !known.contains(found) && !is_sent(found));
        let changed: Vec<_> = found
            .map(|found| format!("`{}` may hold a secret now, which the write would blank", found.configuration))
            .collect();
        if changed.is_empty() { Ok(()) } else { Err(ExecuteError::Stale { changed }) }
    }

    fn compare_with_manifest(&self, live: &Value) -> Vec<Difference> {
        let context = self.executor.context(&self.job.desired, &self.record.media, MediaTrust::Unverifiable);
        let applied = self.job.record.as_ref().and_then(|record| record.applied.as_deref());
        let sides = Sides { desired: &self.job.desired.document, observed: Some(live), applied };
        let mut comparison = compare(&context, sides);
        let secrets: Vec<_> = self.job.planned.secrets.iter().map(|secret| (&secret.path, secret.verdict)).collect();
        comparison.judge_secrets(&context, sides, &secrets);
        comparison.differences
    }

    fn both_sides(&self, planned: &Value, theirs: &Difference) -> BothSides {
        let catalogue = self.executor.catalogue;
        let concrete = catalogue.in_document(planned, &theirs.path);
        let shown = |value: Option<&Value>| shown(catalogue, &theirs.path, value);
        BothSides {
            path: theirs.path.clone(),
            planned: shown(planned.pointer(&concrete.to_string())),
            theirs: shown(theirs.before.as_ref()),
            ours: shown(theirs.after.as_ref()),
        }
    }
}

/// A value as far as it may and can be shown on a line.
fn shown(catalogue: &Catalogue, path: &FieldPath, value: Option<&Value>) -> String {
    let Some(value) = value else { return "absent".to_owned() };
    let text = fit_for_record_at(catalogue.rules_at(path), value).to_string();
    match text.char_indices().nth(SHOWN) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text,
    }
}
