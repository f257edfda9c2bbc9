//! Secrets: what became of each since it was sent last. No answer of the service tells, so fingerprints are compared that
//! come in from outside.

use serde::{Deserialize, Serialize};

use super::Change;
use crate::diff::SecretVerdict;
use crate::offer::{Desired, FieldPath, Fingerprint, Slot};

/// A secret that an earlier run sent.
#[derive(Debug, Clone)]
pub struct KnownSecret {
    /// Where it stands.
    pub path: FieldPath,
    /// The environment variable that it came from.
    pub variable: String,
    /// The fingerprint of the value that was sent.
    pub fingerprint: Fingerprint,
    /// What the environment holds today.
    pub today: TodaysSecret,
    /// The last slot that was seen to hold what was sent.
    pub reached: Slot,
}

/// What the environment of this run holds for a secret.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum TodaysSecret {
    /// A value with this fingerprint.
    Value(Fingerprint),
    /// A value, and the record's fingerprint was made with a key that this run does not have.
    OtherKey,
    /// Nothing.
    NotSet,
}

/// A secret that the manifest names, and what became of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PlannedSecret {
    /// Where it stands.
    pub path: FieldPath,
    /// The environment variable that it comes from.
    pub variable: String,
    /// Whether its value is the one that was sent last.
    pub verdict: SecretVerdict,
    /// Why nobody can tell, where that is so.
    pub doubt: Option<Doubt>,
}

/// Why nobody can tell whether a secret changed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Doubt {
    /// No record has a fingerprint of it.
    NoFingerprint,
    /// The variable is not set where the plan is made.
    NotSet,
    /// The fingerprint was made with another key.
    OtherKey,
}

/// What became of each secret of the manifest, as far as the records tell.
pub(crate) fn judge(desired: &Desired, known: &[KnownSecret]) -> Vec<PlannedSecret> {
    let judged = desired.secrets.iter().map(|(path, variable)| {
        let sent = known.iter().find(|known| known.path == *path && known.variable == *variable);
        let doubt = match sent.map(|sent| &sent.today) {
            None => Some(Doubt::NoFingerprint),
            Some(TodaysSecret::NotSet) => Some(Doubt::NotSet),
            Some(TodaysSecret::OtherKey) => Some(Doubt::OtherKey),
            Some(TodaysSecret::Value(_)) => None,
        };
        let is_same = sent.is_some_and(|sent| sent.today == TodaysSecret::Value(sent.fingerprint.clone()));
        let verdict = match doubt {
            Some(_) => SecretVerdict::Unverifiable,
            None if is_same => SecretVerdict::Unchanged,
            None => SecretVerdict::Changed,
        };
        PlannedSecret { path: path.clone(), variable: variable.clone(), verdict, doubt }
    });
    judged.collect()
}

/// A secret that is sent for another reason, such as one that the manifest did not name before, is one that changes.
pub(super) fn settle(secrets: &mut [PlannedSecret], changes: &[Change]) {
    let written = || changes.iter().map(|change| &change.difference).filter(|difference| difference.is_written());
    for secret in secrets.iter_mut().filter(|secret| secret.verdict == SecretVerdict::Unverifiable) {
        if written().any(|difference| secret.path.is_within(&difference.path)) {
            (secret.verdict, secret.doubt) = (SecretVerdict::Changed, None);
        }
    }
}

/// Whether a secret of the manifest was written and has not come as far as this slot: an answer of the service would look
/// the same.
pub(super) fn lags(desired: &Desired, known: &[KnownSecret], slot: Slot) -> bool {
    known.iter().any(|sent| {
        sent.reached < slot && desired.secrets.iter().any(|(path, name)| *path == sent.path && *name == sent.variable)
    })
}

/// Whose secret changed or not could not be told, one sentence for each reason.
pub(super) fn notes(secrets: &[PlannedSecret]) -> Vec<String> {
    let reasons = [
        (Doubt::NoFingerprint, "no record has a fingerprint of it; taken as unchanged, and sent with every update"),
        (Doubt::NotSet, "the variable is not set here; taken as unchanged"),
        (Doubt::OtherKey, "its fingerprint was made with another `OFFERCTL_FINGERPRINT_KEY`; taken as unchanged"),
    ];
    let mut notes = Vec::new();
    for (doubt, reason) in reasons {
        let mut of_kind = secrets.iter().filter(|secret| secret.doubt == Some(doubt));
        let Some(first) = of_kind.next() else { continue };
        let others = match of_kind.count() {
            0 => String::new(),
            1 => " and of 1 other".to_owned(),
            others => format!(" and of {others} others"),
        };
        let PlannedSecret { path, variable, .. } = first;
        notes.push(format!("whether the secret `{variable}` of `{path}`{others} changed cannot be told: {reason}"));
    }
    notes
}
