//! The `reconcile` section: what offerctl itself is told, key by key, each with its type.

use std::sync::Arc;

use jiff::civil::Date;

use super::diagnostic::{Diagnostic, shortened};
use super::guards;
use super::node::{Entry, Kind, Node};
use super::source::Repository;
use super::suggestion::{closest, did_you_mean, listed};
use super::validate::{text, wrong_type};
use crate::offer::{FieldPath, IgnoredField, OfferPlansPolicy, Reconcile, Slot};

const KEYS: [&str; 5] = ["publishTo", "notificationEmails", "offerPlans", "ignore", "guards"];
const IGNORE_KEYS: [&str; 3] = ["path", "reason", "until"];

/// Reads the section; everything wrong is reported, and then there is none.
pub(super) fn read(
    section: &Node,
    repository: &Repository,
    today: Date,
    faults: &mut Vec<Diagnostic>,
) -> Option<Reconcile> {
    let Some(entries) = section.as_map() else {
        let message = format!("`reconcile` must be a map, and this is {}", section.article());
        faults.push(
            Diagnostic::error("wrong-type", message, section.span, "")
                .help(format!("its keys are {}; without any, delete the line", listed(&KEYS))),
        );
        return None;
    };
    let mut reconcile = Reconcile::default();
    for entry in entries {
        match &*entry.key {
            "publishTo" => {
                let slots = [Slot::Draft, Slot::Preview, Slot::Production].map(|slot| (slot.as_str(), slot));
                reconcile.publish_to = one_of(entry, &slots, faults).unwrap_or(Slot::Preview);
                reconcile.publish_to_at = Some(repository.position(entry.key_span));
            }
            "offerPlans" => {
                let policies = [("keep", OfferPlansPolicy::Keep), ("exact", OfferPlansPolicy::Exact)];
                reconcile.offer_plans = one_of(entry, &policies, faults).unwrap_or(OfferPlansPolicy::Keep);
            }
            "notificationEmails" => reconcile.notification_emails = emails(entry, faults),
            "ignore" => reconcile.ignore = ignored_fields(entry, repository, today, faults),
            "guards" => reconcile.guards = guards::read(entry, guards::Scope::Offer, faults),
            other => faults.push(unknown_key("`reconcile`", other, entry, &KEYS)),
        }
    }
    Some(reconcile)
}

fn unknown_key(owner: &str, key: &str, entry: &Entry, known: &[&str]) -> Diagnostic {
    let message = format!("{owner} has no key `{}`", shortened(key));
    Diagnostic::error("unknown-key", message, entry.key_span, "").help(did_you_mean(key, known))
}

fn one_of<T: Copy>(entry: &Entry, words: &[(&'static str, T)], faults: &mut Vec<Diagnostic>) -> Option<T> {
    let text = text(entry, faults)?;
    if let Some((_, value)) = words.iter().find(|(word, _)| *word == &**text) {
        return Some(*value);
    }
    let known: Vec<&str> = words.iter().map(|(word, _)| *word).collect();
    let message = format!("`{}` cannot be `{}`", entry.key, shortened(text));
    let help = match closest(text, known.iter().copied()) {
        Some(meant) => format!("did you mean `{meant}`? It is one of {}", listed(&known)),
        None => format!("it is one of {}", listed(&known)),
    };
    faults.push(Diagnostic::error("unknown-word", message, entry.value.span, "").help(help));
    None
}

fn emails(entry: &Entry, faults: &mut Vec<Diagnostic>) -> Vec<String> {
    let Kind::List(items) = &entry.value.kind else {
        faults.push(wrong_type(entry, "a list of addresses").help("for example `[release@contoso.com]`"));
        return Vec::new();
    };
    let mut addresses = Vec::new();
    for item in items {
        match item.as_text() {
            Some(text) if is_email_address(text) => addresses.push(text.to_string()),
            Some(text) => {
                let message = format!("`{}` is not an e-mail address", shortened(text));
                faults.push(
                    Diagnostic::error("invalid-email", message, item.span, "")
                        .help("write one address per element, for example `release@contoso.com`"),
                );
            }
            None if matches!(item.kind, Kind::Refused) => {}
            None => {
                let message = format!("an e-mail address is text, and this is {}", item.article());
                faults.push(Diagnostic::error("wrong-type", message, item.span, ""));
            }
        }
    }
    addresses
}

/// Whether a text can be sent as one address. A light check: the service joins the addresses with commas and sends mail to them.
pub fn is_email_address(text: &str) -> bool {
    let forbidden = |character: char| character.is_whitespace() || character.is_control() || ",;<>".contains(character);
    match text.split_once('@') {
        Some((local, domain)) => {
            !local.is_empty()
                && !domain.contains('@')
                && domain.split('.').count() > 1
                && domain.split('.').all(|label| !label.is_empty())
                && !text.contains(forbidden)
        }
        None => false,
    }
}

fn ignored_fields(
    entry: &Entry,
    repository: &Repository,
    today: Date,
    faults: &mut Vec<Diagnostic>,
) -> Vec<IgnoredField> {
    let Kind::List(items) = &entry.value.kind else {
        faults.push(
            wrong_type(entry, "a list of waivers").help("each is a map with `path`, `reason` and perhaps `until`"),
        );
        return Vec::new();
    };
    items.iter().filter_map(|item| ignored_field(item, repository, today, faults)).collect()
}

fn ignored_field(
    item: &Node,
    repository: &Repository,
    today: Date,
    faults: &mut Vec<Diagnostic>,
) -> Option<IgnoredField> {
    let Some(entries) = item.as_map() else {
        let message = format!("a waiver is a map, and this is {}", item.article());
        faults.push(
            Diagnostic::error("wrong-type", message, item.span, "")
                .help("write `- path: /definition/…` and below it `reason: …`"),
        );
        return None;
    };
    for entry in entries.iter().filter(|entry| !IGNORE_KEYS.contains(&&*entry.key)) {
        faults.push(unknown_key("a waiver", &entry.key, entry, &IGNORE_KEYS));
    }
    let mut required = |key: &str, example: &str| {
        let entry = item.get(key);
        if entry.is_none() {
            let message = format!("this waiver has no `{key}`");
            faults
                .push(Diagnostic::error("missing-key", message, item.span, "").help(format!("add `{key}: {example}`")));
        }
        entry
    };
    let path = required("path", "/definition/offer/…");
    let reason = required("reason", "who owns the field, and why");
    let path = path.and_then(|entry| waived_path(entry, faults));
    let reason = reason.and_then(|entry| reason_text(entry, faults));
    let until = item.get("until").and_then(|entry| last_day(entry, today, faults));
    Some(IgnoredField { path: path?, reason: reason?.to_string(), until, position: repository.position(item.span) })
}

fn waived_path(entry: &Entry, faults: &mut Vec<Diagnostic>) -> Option<FieldPath> {
    const EXAMPLE: &str =
        "a path begins with `/definition/`, for example `/definition/offer/microsoft-azure-marketplace.summary`";
    let text = text(entry, faults)?;
    let shown = shortened(text);
    let (message, help) = match FieldPath::parse(text) {
        Err(_) => (format!("`{shown}` is not a path"), EXAMPLE),
        Ok(_) if !is_escaped(text) => (
            format!("`{shown}` is not a path: `~` stands before `0` or `1` only"),
            "in the name of a key write `~0` for `~` and `~1` for `/`",
        ),
        Ok(path) if !is_in_definition(&path) => (format!("`{shown}` is not a field of the definition"), EXAMPLE),
        Ok(path) if path.segments().iter().any(|segment| segment.contains('*')) => (
            format!("`{shown}` is a pattern, and a waiver names one field"),
            "write the whole key, an offer plan by its `planId`: `/definition/plans/gold/regions`; several fields take several \
             waivers",
        ),
        Ok(path) => return Some(path),
    };
    faults.push(Diagnostic::error("invalid-path", message, entry.value.span, "").help(help));
    None
}

fn is_in_definition(path: &FieldPath) -> bool {
    match path.segments() {
        [first, rest @ ..] => first == "definition" && !rest.is_empty() && !rest.iter().any(String::is_empty),
        [] => false,
    }
}

/// Whether each `~` of a JSON pointer is one that RFC 6901 knows.
fn is_escaped(pointer: &str) -> bool {
    pointer.split('~').skip(1).all(|rest| rest.starts_with(['0', '1']))
}

fn reason_text<'a>(entry: &'a Entry, faults: &mut Vec<Diagnostic>) -> Option<&'a Arc<str>> {
    let text = text(entry, faults)?;
    if text.trim().is_empty() {
        faults.push(
            Diagnostic::error("wrong-type", "`reason` is empty", entry.value.span, "")
                .help("say who owns the field, and why: whoever reads a plan sees it"),
        );
        return None;
    }
    Some(text)
}

fn last_day(entry: &Entry, today: Date, faults: &mut Vec<Diagnostic>) -> Option<Date> {
    let text = text(entry, faults)?;
    let Ok(until) = text.parse::<Date>() else {
        let message = format!("`{}` is not a date", shortened(text));
        faults.push(
            Diagnostic::error("invalid-date", message, entry.value.span, "")
                .help("write it as year-month-day: 2027-01-31"),
        );
        return None;
    };
    if until < today {
        let message = format!("this waiver ended on {until}");
        faults.push(
            Diagnostic::error("waiver-expired", message, entry.value.span, "the last day on which it held")
                .help("delete the waiver, or agree on a new date with the field's owner"),
        );
    }
    Some(until)
}
