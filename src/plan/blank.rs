//! `blank-secret`: the service never returns a secret, and a write replaces the whole document. What an update leaves out is
//! gone, and nobody sees it go.

use serde_json::Value;

use super::blocks::Alarm;
use super::{Change, Guard, Known};
use crate::diff::{Operation, is_secret_placeholder, unseen_secrets, value_at};
use crate::offer::{Catalogue, Desired, FieldPath, ValueKind};

/// What is called for by an update of this draft that would leave out a secret which the service keeps.
pub(super) fn alarm(
    catalogue: &Catalogue,
    desired: &Desired,
    draft: &Value,
    known: &Known,
    changes: &[Change],
) -> Option<Alarm> {
    let update = Update { catalogue, desired, draft, changes };
    let mut lost: Vec<FieldPath> = Vec::new();
    let (mut named, mut fields) = (Vec::new(), Vec::new());
    for unseen in unseen_secrets(catalogue, draft) {
        if update.loses_configuration(&unseen.configuration) {
            named.push(format!("`{}` ({})", unseen.configuration, unseen.keys.join(" or ")));
            fields.push(unseen.configuration.clone());
            lost.push(unseen.configuration);
        }
    }
    for path in sent_before(known) {
        if !lost.iter().any(|configuration| path.is_within(configuration)) && update.loses_sent(&path) {
            named.push(format!("`{path}`"));
            fields.push(path);
        }
    }
    let sentence = format!(
        "the update would blank what the service keeps and never returns, because the manifest does not name it: the secret \
         of {}",
        named.join(", of ")
    );
    (!named.is_empty()).then(|| Alarm::new(Guard::BlankSecret, sentence, fields))
}

/// What the service keeps because no update is planned, although the manifest names it no more.
pub(super) fn notes(
    catalogue: &Catalogue,
    desired: &Desired,
    draft: &Value,
    known: &Known,
    changes: &[Change],
) -> Vec<String> {
    let update = Update { catalogue, desired, draft, changes };
    let kept = sent_before(known).into_iter().filter(|path| update.loses_sent(path));
    let note = |path: FieldPath| {
        format!(
            "the manifest does not name the secret of `{path}` any more, and the service keeps it: name it again with \
             `$secret`, or say `null` in its place to remove it; the next update asks"
        )
    };
    kept.map(note).collect()
}

/// A write of the draft, as the manifest wants it.
struct Update<'update> {
    catalogue: &'update Catalogue,
    desired: &'update Desired,
    draft: &'update Value,
    changes: &'update [Change],
}

/// What a manifest says about a field.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Said {
    NotAtAll,
    /// That there is to be nothing, there or around it.
    Nothing,
    Something,
}

impl Update<'_> {
    /// Whether it leaves out the secret of a configuration that is to stay.
    fn loses_configuration(&self, configuration: &FieldPath) -> bool {
        !self.names_secret_of(configuration) && !self.removes(configuration) && !self.gives_up(configuration)
    }

    /// Whether it leaves out a secret that was sent earlier.
    fn loses_sent(&self, path: &FieldPath) -> bool {
        let mut around = path.clone();
        around.pop();
        // Another key in the place of the password is one that was meant.
        let is_said = self.says(path) != Said::NotAtAll || self.names_secret_of(&around);
        let is_seen = value_at(self.catalogue, self.draft, path).is_some();
        !is_said && !is_seen && !self.removes(path)
    }

    /// Whether the manifest says anything about one of the secrets that a configuration may have.
    fn names_secret_of(&self, configuration: &FieldPath) -> bool {
        let rules = self.catalogue.rules_at(configuration);
        let secrets = rules.listed().into_iter().filter(|name| rules.child(name).field().value == ValueKind::Secret);
        secrets.map(|name| configuration.child(name)).any(|path| self.says(&path) != Said::NotAtAll)
    }

    fn removes(&self, path: &FieldPath) -> bool {
        let written = self.changes.iter().map(|change| &change.difference).filter(|change| change.is_written());
        let mut removed = written.filter(|change| change.operation == Operation::Remove);
        removed.any(|removed| path.is_within(&removed.path)) || self.says(path) == Said::Nothing
    }

    /// Whether the manifest sends the leads elsewhere, where nothing but their destination pointed to the configuration.
    fn gives_up(&self, configuration: &FieldPath) -> bool {
        let kind = configuration.last().and_then(|key| key.rsplit('.').next()?.strip_suffix("LeadConfiguration"));
        let offer = self.desired.document.pointer("/definition/offer").and_then(Value::as_object);
        let destination = offer.and_then(|offer| offer.iter().find(|(key, _)| key.ends_with("leadDestination")));
        let (Some(kind), Some((_, destination))) = (kind, destination) else { return false };
        let destination = destination.as_str().unwrap_or_default().to_ascii_lowercase();
        let is_set = value_at(self.catalogue, self.draft, configuration).is_some();
        !is_set && !destination.contains(&kind.to_ascii_lowercase())
    }

    fn says(&self, path: &FieldPath) -> Said {
        let place = self.catalogue.in_document(&self.desired.document, path);
        let mut here = &self.desired.document;
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
}

/// The secrets that records say were sent: by their fingerprints, or by the names that stand in what was applied.
fn sent_before(known: &Known) -> Vec<FieldPath> {
    let mut sent: Vec<_> = known.secrets.iter().map(|secret| secret.path.clone()).collect();
    if let Some(applied) = &known.applied {
        placeholders(applied, &mut FieldPath::root(), &mut sent);
    }
    sent
}

fn placeholders(value: &Value, path: &mut FieldPath, found: &mut Vec<FieldPath>) {
    // Elements of lists have names of their own, and no configuration stands in a list.
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
