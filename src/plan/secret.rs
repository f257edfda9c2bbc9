//! Secrets: what became of each since it was sent last, and the guard `blank-secret`.
//!
//! The service never returns a secret, and a write replaces the whole document: what an update leaves out is gone, and
//! nobody sees it go.

use serde_json::Value;

use super::{Block, Change, Guard};
use crate::diff::{Context, Operation, SecretVerdict, Sides, is_secret_placeholder, unseen_secrets, value_at};
use crate::offer::{Catalogue, Desired, FieldPath, Fingerprint, Slot};

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
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Doubt {
    /// No record has a fingerprint of it.
    NoFingerprint,
    /// The variable is not set where the plan is made.
    NotSet,
    /// The fingerprint was made with another key.
    OtherKey,
}

/// What became of each secret of the manifest, as far as the records tell.
pub(super) fn judge(desired: &Desired, known: &[KnownSecret]) -> Vec<PlannedSecret> {
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

/// The block of an update that would leave out a secret which the service keeps.
pub(super) fn block(
    context: &Context<'_>,
    desired: &Desired,
    sides: Sides<'_>,
    known: &[KnownSecret],
    changes: &[Change],
) -> Option<Block> {
    let draft = sides.observed?;
    let is_removed = |path: &FieldPath| {
        let removals = changes.iter().map(|change| &change.difference).filter(|change| change.is_written());
        let mut removals = removals.filter(|change| change.operation == Operation::Remove);
        removals.any(|removal| path.is_within(&removal.path)) || says(context.catalogue, desired, path) == Said::Nothing
    };
    let mut lost = Vec::new();
    for unseen in unseen_secrets(context.catalogue, draft) {
        let keys: Vec<_> = unseen.keys.iter().map(|key| unseen.configuration.child(key.as_str())).collect();
        let is_said = |key: &FieldPath| says(context.catalogue, desired, key) != Said::NotAtAll;
        let is_given_up =
            is_removed(&unseen.configuration) || gives_up(context.catalogue, desired, draft, &unseen.configuration);
        if !is_given_up && !keys.iter().any(is_said) {
            lost.push(format!("`{}` ({})", unseen.configuration, unseen.keys.join(" or ")));
        }
    }
    for path in sent_before(sides.applied, known) {
        let parent = parent(&path);
        let is_listed = lost.iter().any(|lost| lost.starts_with(&format!("`{parent}` ")));
        // Another key in the place of the password is one that was meant.
        let is_replaced = desired.secrets.iter().any(|(named, _)| self::parent(named) == parent)
            && context.catalogue.rules_at(&path).field().sensitive;
        let is_seen = value_at(context.catalogue, draft, &path).is_some();
        let is_said = says(context.catalogue, desired, &path) != Said::NotAtAll;
        if !is_listed && !is_replaced && !is_seen && !is_said && !is_removed(&path) {
            lost.push(format!("`{path}`"));
        }
    }
    (!lost.is_empty()).then(|| Block {
        guard: Guard::BlankSecret,
        sentence: format!(
            "the update would blank what the service keeps and never returns, because the manifest does not name it: the \
             secret of {}",
            lost.join(", of ")
        ),
        messages: Vec::new(),
    })
}

/// What a manifest says about a field.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Said {
    NotAtAll,
    /// That there is to be nothing, there or around it.
    Nothing,
    Something,
}

fn says(catalogue: &Catalogue, desired: &Desired, path: &FieldPath) -> Said {
    let place = catalogue.in_document(&desired.document, path);
    let mut here = &desired.document;
    for segment in place.segments() {
        let child = match here {
            Value::Array(items) => segment.parse::<usize>().ok().and_then(|index| items.get(index)),
            value => value.get(segment),
        };
        match child {
            None => return Said::NotAtAll,
            Some(Value::Null) => return Said::Nothing,
            Some(child) => here = child,
        }
    }
    Said::Something
}

/// Whether the manifest sends the leads elsewhere than by the configuration, to which nothing but the destination pointed.
fn gives_up(catalogue: &Catalogue, desired: &Desired, draft: &Value, configuration: &FieldPath) -> bool {
    let is_set = value_at(catalogue, draft, configuration).is_some();
    let Some(Value::Object(offer)) = desired.document.pointer("/definition/offer") else { return false };
    let destination = offer.iter().find(|(key, _)| key.ends_with("leadDestination"));
    let kind = configuration
        .last()
        .and_then(|key| key.rsplit('.').next())
        .and_then(|name| name.strip_suffix("LeadConfiguration"));
    let (Some((_, destination)), Some(kind)) = (destination, kind) else { return false };
    let destination = destination.as_str().unwrap_or_default().to_ascii_lowercase();
    !is_set && !destination.contains(&kind.to_ascii_lowercase())
}

/// The secrets that records say were sent: by their fingerprints, or by the names that stand in what was applied.
fn sent_before(applied: Option<&Value>, known: &[KnownSecret]) -> Vec<FieldPath> {
    let mut sent: Vec<_> = known.iter().map(|secret| secret.path.clone()).collect();
    if let Some(applied) = applied {
        placeholders(applied, &mut FieldPath::root(), &mut sent);
    }
    sent
}

fn placeholders(value: &Value, path: &mut FieldPath, found: &mut Vec<FieldPath>) {
    // Inside lists the names of elements would be needed, and configurations stand in no list.
    let Value::Object(map) = value else { return };
    if is_secret_placeholder(value) {
        if !found.contains(path) {
            found.push(path.clone());
        }
        return;
    }
    for (key, child) in map {
        path.push(key.as_str());
        placeholders(child, path, found);
        path.pop();
    }
}

fn parent(path: &FieldPath) -> FieldPath {
    let mut parent = path.clone();
    parent.pop();
    parent
}
