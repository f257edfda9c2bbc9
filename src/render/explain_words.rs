//! The sentences of an explanation, the same for terminals and for programs.

use serde_json::Value;

use super::safe::single_line;
use crate::diff::{Class, Doubt, Sameness, Unlikeness, Verdict};
use crate::explain::{Consequence, Explanation, FieldAnswer, Management, Standing, Tally};
use crate::offer::{Field, ListRule, Ownership, ValueKind};

/// Whether two values mean the same, and the rule that made it so.
pub(super) fn verdict(verdict: Verdict, under: Option<&str>) -> String {
    let place = under.map(|key| format!("`{}` is where the service puts it", single_line(key)));
    let (word, why) = match verdict {
        Verdict::Same(sameness) => ("equal", same(sameness)),
        Verdict::Unverifiable(doubt) => ("taken as equal", doubtful(doubt)),
        Verdict::Different(unlikeness) => ("different", unlike(unlikeness)),
    };
    let reasons: Vec<_> = place.as_deref().into_iter().chain((!why.is_empty()).then_some(why)).collect();
    if reasons.is_empty() { word.to_owned() } else { format!("{word}: {}", reasons.join("; ")) }
}

fn same(sameness: Sameness) -> &'static str {
    match sameness {
        Sameness::Identical => "",
        Sameness::Unset => "null, \"\", {}, [] and absence all mean that nothing is set",
        Sameness::Number => "numbers go by value, 1 is 1.0",
        Sameness::Default => "the service adds this default by itself",
        Sameness::Order => "the order of a set means nothing",
        Sameness::LineEnds => "line ends mean nothing in markup",
        Sameness::Signature => "the same file, another signature",
        Sameness::Served => "the service serves this file for the address that was sent, as a record says",
        Sameness::ServedInSlot => "a slot may serve the draft's file under another address",
        Sameness::JustWritten => "it was written a moment ago, so that whatever is served is what was sent",
        Sameness::SecretUnchanged => "the secret is the one that was sent last, by its fingerprint",
        Sameness::ServiceOwned => "the service decides it alone, and it is never compared",
    }
}

fn doubtful(doubt: Doubt) -> &'static str {
    match doubt {
        Doubt::NotReturned => "the service renames the field and returned it under neither name",
        Doubt::Content => "no record tells what the local file held when its address was sent",
        Doubt::Unrecorded => "the service serves a copy of its own, and no record tells of what",
        Doubt::Secret => "the service never returns secrets, so that nobody can compare them",
    }
}

fn unlike(unlikeness: Unlikeness) -> &'static str {
    match unlikeness {
        Unlikeness::Content => "the local file holds something else than when its address was sent",
        Unlikeness::Text => "the text differs",
        Unlikeness::Value => "the value differs",
        Unlikeness::Kind => "it is another kind of value",
        Unlikeness::Length => "the list is longer or shorter, and its order counts",
        Unlikeness::Members => "the set has other members",
        Unlikeness::Missing => "it is not there",
        Unlikeness::Unwanted => "the manifest asks for nothing here",
        Unlikeness::File => "it is the address of another file",
        Unlikeness::Replaced => "the service serves another file than the one it made of the address that was sent",
        Unlikeness::FormerSource => "the service serves what it made of an earlier address",
        Unlikeness::SentAgain => "no record tells what is served, and it is to be sent again",
        Unlikeness::NotApplied => "the service does not return it, and it is not what was sent last",
        Unlikeness::SecretChanged => "the secret is not the one that was sent last, by its fingerprint",
        Unlikeness::LeftManifest => "it was taken out of the manifest and is still there",
        Unlikeness::NotListed => "the manifest lists all offer plans, and not this one",
    }
}

/// What the comparison of all that is inside something came to.
pub(super) fn tally(tally: Tally) -> String {
    let compared = if tally.compared == 1 { "1 field".to_owned() } else { format!("{} fields", tally.compared) };
    let doubtful = match tally.unverifiable {
        0 => String::new(),
        count => format!(", {count} of them taken as equal because nobody can compare them"),
    };
    match tally.different {
        0 => format!("equal in all that is compared ({compared}{doubtful})"),
        different => format!("different in {different} of the {compared} that are compared"),
    }
}

/// What kind of value it is, and in whose hands: "text", "a list of 3".
pub(super) fn kind(answer: &FieldAnswer) -> &'static str {
    let slots = answer.stands.iter().filter_map(|stand| stand.held.as_ref()?.value.as_ref());
    match answer.repository.iter().chain(slots).find(|value| !value.is_null()) {
        None => "nothing is set",
        Some(value) if crate::diff::is_secret_placeholder(value) => "secret",
        Some(Value::Null | Value::String(_)) => "text",
        Some(Value::Bool(_)) => "true or false",
        Some(Value::Number(_)) => "number",
        Some(Value::Array(_)) => "list",
        Some(Value::Object(_)) => "map",
    }
}

/// The rules that a field follows, a sentence each.
pub(super) fn rules(answer: &FieldAnswer) -> Vec<String> {
    let field = answer.rule;
    let mut said = Vec::new();
    let mut say = |text: String| said.push(text);
    match field.ownership {
        Ownership::Publisher => {}
        Ownership::Volatile => say("the service's own, anew on each answer: neither compared nor sent".to_owned()),
        Ownership::Unwritable => say("returned by the service and refused by it: neither compared nor sent".to_owned()),
    }
    match &field.list {
        ListRule::Atomic => {}
        ListRule::Set => say("a set: the order of its members means nothing".to_owned()),
        ListRule::Keyed(key) => {
            say(format!("a list whose elements are matched by `{key}`; their order means nothing"));
        }
    }
    match field.value {
        ValueKind::Text => {}
        ValueKind::Html => say("text with markup, compared exactly".to_owned()),
        ValueKind::SasUri => say("the address of a file: its signature may change, the file may not".to_owned()),
        ValueKind::Media => {
            say(
                "a file that the service downloads and serves under an address of its own; records tell which is which"
                    .to_owned(),
            );
        }
        ValueKind::Secret => say("a secret, which the service never returns".to_owned()),
        ValueKind::Price => say("a price; guarded by `price-change`".to_owned()),
    }
    if let Some(default) = &field.default {
        say(format!("the service adds `{default}` when nothing is sent"));
    }
    if let Some(sibling) = &field.default_from {
        say(format!("the service copies `{sibling}` here when nothing is sent"));
    }
    if let Some(name) = &field.returned_as {
        say(format!("the service returns it as `{name}`"));
    }
    if let Some(name) = &field.mirrored_to {
        say(format!("the service copies it to `{name}`"));
    }
    if let Some(guard) = &field.removal_guard {
        say(format!("removing it is guarded by `{guard}`"));
    }
    if field.sensitive && field.value != ValueKind::Secret {
        say("never printed whole".to_owned());
    }
    if said.is_empty() {
        said.push(plain_rule(kind(answer)).to_owned());
    }
    said
}

/// The rule of a field that has none of its own.
fn plain_rule(kind: &str) -> &'static str {
    match kind {
        "list" => "compared as a whole, and the order counts",
        "map" => "compared field by field; what the manifest does not name is kept",
        "number" => "compared by value, 1 is 1.0",
        _ => "compared exactly",
    }
}

/// Where the rule is known from.
pub(super) fn source(field: &Field) -> &'static str {
    match field.source.as_deref() {
        Some("doc") => "Microsoft's published reference",
        Some(_) => "observed by clients of the real service",
        None => "not in the field catalogue",
    }
}

/// Who looks after the field, where that is not simply the manifest.
pub(super) fn management(management: &Management) -> Option<String> {
    Some(match management {
        Management::Managed => return None,
        Management::Waived { reason, until, at } => {
            let until = until.map_or_else(|| "without an end".to_owned(), |day| format!("until {day}"));
            format!("waived, {until}: {} ({at})", single_line(reason))
        }
        Management::Left => "no more: it was applied once, and the manifest does not declare it now".to_owned(),
        Management::Added => "no: the service adds it by itself".to_owned(),
        Management::Renamed { of } => format!("as `{}`: this is what the service calls it", single_line(of)),
        Management::Copied { of } => format!("no: the service's own copy of `{}`", single_line(of)),
        Management::Unmanaged => "no: the manifest does not declare it, so that it is kept as it is".to_owned(),
        Management::ServiceOwned => "no: it is the service's own".to_owned(),
        Management::NoManifest => "no: no manifest describes the offer".to_owned(),
    })
}

/// What became of a field: the word, and what it means.
pub(super) fn standing(standing: Standing, explanation: &Explanation) -> (&'static str, String) {
    let fields = |count: usize| if count == 1 { "1 field".to_owned() } else { format!("{count} fields") };
    match standing {
        Standing::InSync => ("in sync", "as the repository says".to_owned()),
        Standing::Unverifiable => ("unverifiable", "nobody can compare it; taken as in sync".to_owned()),
        Standing::Differs(_) if !explanation.exists => ("new", "the service has no such offer yet".to_owned()),
        Standing::Differs(Class::Pending) => ("pending", "changed in the repository, not applied yet".to_owned()),
        Standing::Differs(Class::Drift) => ("drift", "edited elsewhere since the last apply".to_owned()),
        Standing::Differs(Class::Conflict) => {
            ("conflict", "edited elsewhere and in the repository since the last apply".to_owned())
        }
        Standing::Differs(Class::Unattributed) if explanation.recorded.is_some() => {
            ("unattributed", "new in the repository, so that no record tells who wrote the service's value".to_owned())
        }
        Standing::Differs(Class::Unattributed) => {
            ("unattributed", "there is no record of an apply, so that nobody can tell whose edit it is".to_owned())
        }
        Standing::Contains(count) => ("differs", format!("{} in it", fields(count))),
        Standing::Unpublished(slot) => ("unpublished", format!("right in the draft, and {slot} is not so yet")),
        Standing::Waived => ("waived", "differs, and is left to somebody else".to_owned()),
        Standing::Passenger => ("passenger", "somebody's edit that the manifest does not say".to_owned()),
        Standing::Unmanaged => ("unmanaged", "kept as it is, and no difference".to_owned()),
        Standing::ServiceOwned => ("service's own", "never compared".to_owned()),
        Standing::NoManifest => ("no manifest", "there is nothing to compare it with".to_owned()),
    }
}

/// What apply would do about it.
pub(super) fn consequence(answer: &FieldAnswer) -> String {
    let doing = match answer.consequence {
        Consequence::Nothing => "has nothing to do here".to_owned(),
        Consequence::Kept => "keeps it as it is".to_owned(),
        Consequence::NoManifest => "knows nothing of this offer".to_owned(),
        Consequence::Writes if answer.standing.is_edited_elsewhere() => {
            "writes the repository's value over the edit; `offerctl adopt` takes the edit over instead".to_owned()
        }
        Consequence::Writes => "writes what the repository says".to_owned(),
        Consequence::Removes => "removes it".to_owned(),
        Consequence::Publishes(slot) => format!("writes nothing, and brings the draft to {slot}"),
        Consequence::Ships(slot) => format!("ships it to {slot}"),
    };
    let acts = matches!(
        answer.consequence,
        Consequence::Writes | Consequence::Removes | Consequence::Publishes(_) | Consequence::Ships(_)
    );
    if !acts || answer.blocked_by.is_empty() {
        return doing;
    }
    let guards: Vec<_> = answer.blocked_by.iter().map(|guard| guard.as_str()).collect();
    format!("blocked by {}; once that is settled it {doing}", guards.join(", "))
}
