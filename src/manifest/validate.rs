//! What a manifest must say: its envelope and the shape of its definition. What stands inside an offer or an offer
//! plan belongs to the service and is free here.

use std::collections::HashMap;
use std::sync::Arc;

use jiff::civil::Date;

use super::diagnostic::{Diagnostic, Soundness, shortened};
use super::directive;
use super::keys;
use super::node::{Entry, Kind, Node};
use super::prices;
use super::reconcile;
use super::source::{Repository, Span};
use super::split::{self, Split};
use super::suggestion::{closest, did_you_mean};
use super::values::Values;
use super::waivers;
use crate::offer::{
    Catalogue, Desired, Guard, InvalidIdentifier, KeysOf, OfferId, OfferKey, OfferType, OfferTypeId, PublisherId,
    Reconcile, Rules,
};

const KEYS: [&str; 7] = ["publisherId", "offerTypeId", "id", "definition", "reconcile", "extends", "offerTypeVersions"];

/// No signature is asked to last longer than this, in days.
const FAR_AHEAD: u32 = 36_500;

const DEFINITION_KEYS: [&str; 3] = ["displayText", "offer", "plans"];

/// The keys of the envelope that a GET returns and that the service alone sets (portal reference, "What the server
/// changes").
const SET_BY_THE_SERVICE: [&str; 13] = [
    "status",
    "version",
    "changedTime",
    "eTag",
    "etag",
    "Etag",
    "pcMigrationStatus",
    "pcRedirectUri",
    "isvUpgradeRequest",
    "lockStatus",
    "offerTypeChanges",
    "pricingNotRecalculatedRegions",
    "offerTypeVersionsOverride",
];

/// A valid manifest.
pub(super) struct Manifest {
    pub desired: Desired,
    /// Where its offer id is written.
    pub id: Span,
}

/// Checks a composed manifest. Everything wrong is reported; `None` when something was.
pub(super) fn validate(
    root: Node,
    manifest: Span,
    repository: &Repository,
    today: Date,
    diagnostics: &mut Vec<Diagnostic>,
) -> Option<Manifest> {
    let Node { kind: Kind::Map(entries), span } = root else { return None };
    let mut known: HashMap<Arc<str>, Entry> = HashMap::new();
    let mut faults = Vec::new();
    let mut misspelt = Vec::new();
    for entry in entries {
        if KEYS.contains(&&*entry.key) {
            known.insert(Arc::clone(&entry.key), entry);
        } else {
            faults.push(unknown_key(&entry));
            misspelt.extend(closest(&entry.key, KEYS));
        }
    }
    let mut required = |key: &str| {
        let entry = known.remove(key);
        // A misspelt key was reported already, with the right one.
        if entry.is_none() && !misspelt.contains(&key) {
            faults.push(missing_key(key, manifest));
        }
        entry
    };
    let (publisher, offer_type) = (required("publisherId"), required("offerTypeId"));
    let (id, definition) = (required("id"), required("definition"));
    let section = known.remove("reconcile");
    let reconcile = match &section {
        Some(entry) => reconcile::read(&entry.value, repository, today, &mut faults),
        None => Some(Reconcile::default()),
    };
    let publisher_id = publisher.as_ref().and_then(|entry| identifier(entry, PublisherId::new, &mut faults));
    let offer_type_id = offer_type.as_ref().and_then(|entry| identifier(entry, OfferTypeId::new, &mut faults));
    let offer_id = id.as_ref().and_then(|entry| identifier(entry, OfferId::new, &mut faults));
    if let Some(definition) = &definition {
        let types = Catalogue::built_in().offer_types();
        let offer_type = types.iter().find(|known| offer_type_id.as_ref().is_some_and(|id| id.as_str() == known.id));
        check_definition(definition, offer_type, good_until(today, reconcile.as_ref()), &mut faults);
        if let (Some(section), Some(_)) = (&section, &reconcile) {
            waivers::check(&section.value, definition, offer_type, &mut faults);
        }
    }
    if let (Some(entry), Some(id)) = (&offer_type, &offer_type_id) {
        faults.extend(misspelt_offer_type(id, entry.value.span));
    }
    without_repetition(&mut faults, diagnostics);
    let sound = Soundness::of(&faults).is_sound();
    diagnostics.append(&mut faults);
    let (reconcile, publisher_id, offer_type_id, offer_id) = (reconcile?, publisher_id?, offer_type_id?, offer_id?);
    let id_span = id.as_ref()?.value.span;
    if !sound {
        return None;
    }
    let versions = known.remove("offerTypeVersions");
    let document = [publisher, offer_type, id, versions, definition].into_iter().flatten().collect();
    let Split { document, positions, secrets, local_files } =
        split::split(Node { kind: Kind::Map(document), span }, repository);
    Some(Manifest {
        desired: Desired {
            key: OfferKey { publisher: publisher_id, offer: offer_id },
            offer_type: offer_type_id,
            manifest: repository.position(manifest),
            reconcile,
            document,
            positions,
            secrets,
            local_files,
        },
        id: id_span,
    })
}

/// An offer type that is nearly one whose keys are known. Other types exist; but under a misspelt one nothing would be
/// checked, and the type of an offer cannot be changed once it is there.
fn misspelt_offer_type(id: &OfferTypeId, at: Span) -> Option<Diagnostic> {
    let meant = OfferType::resembling(id.as_str(), Catalogue::built_in().offer_types())?;
    let message = format!("`{}` is no known offer type, so nothing of its own is checked", shortened(id.as_str()));
    let help = format!("did you mean `{}`? the type of an offer cannot be changed later", meant.id);
    Some(Diagnostic::warning("unknown-word", message, at, "").help(help))
}

/// Leaves out that `yes` is no boolean where that was said with better words.
fn without_repetition(faults: &mut Vec<Diagnostic>, said: &[Diagnostic]) {
    let is_said = |span| said.iter().any(|known| known.rule == "ambiguous-boolean" && known.primary.span == span);
    faults.retain(|fault| fault.rule != "unexpected-type" || !is_said(fault.primary.span));
}

fn unknown_key(entry: &Entry) -> Diagnostic {
    let key = shortened(&entry.key);
    if SET_BY_THE_SERVICE.contains(&&*entry.key) {
        let message = format!("`{key}` is set by the service and cannot be declared");
        return Diagnostic::error("service-key", message, entry.key_span, "").help("delete the line");
    }
    let help = if &*entry.key == "$schema" {
        "name the schema in a comment: `# yaml-language-server: $schema=…`".to_owned()
    } else if DEFINITION_KEYS.contains(&&*entry.key) {
        format!("`{key}` belongs inside `definition`")
    } else {
        did_you_mean(&entry.key, &KEYS)
    };
    Diagnostic::error("unknown-key", format!("a manifest has no key `{key}`"), entry.key_span, "").help(help)
}

fn missing_key(key: &str, manifest: Span) -> Diagnostic {
    let help = match key {
        "publisherId" => "add `publisherId: contoso`",
        "offerTypeId" => "add `offerTypeId: microsoft-azure-virtualmachines`",
        "id" => "add `id: contoso-vm`",
        _ => {
            "add `definition:` with `displayText`, `offer` and `plans`; if this file is only a part that others extend, \
             keep it out of the `offers` globs"
        }
    };
    Diagnostic::error("missing-key", format!("`{key}` is missing"), manifest, "in this manifest").help(help)
}

fn identifier<T>(
    entry: &Entry,
    new: impl FnOnce(String) -> Result<T, InvalidIdentifier>,
    faults: &mut Vec<Diagnostic>,
) -> Option<T> {
    let text = text(entry, faults)?;
    if text.is_empty() {
        let message = format!("`{}` is empty", entry.key);
        let help = "write the id, as Partner Center shows it";
        faults.push(Diagnostic::error("invalid-identifier", message, entry.value.span, "").help(help));
        return None;
    }
    match new(text.to_string()) {
        Ok(identifier) => Some(identifier),
        Err(InvalidIdentifier { value, kind, reason }) => {
            let message = format!("`{}` is not {kind}: {reason}", shortened(&value));
            faults.push(Diagnostic::error("invalid-identifier", message, entry.value.span, ""));
            None
        }
    }
}

/// The text of an entry; anything else is reported.
pub(super) fn text<'a>(entry: &'a Entry, faults: &mut Vec<Diagnostic>) -> Option<&'a Arc<str>> {
    let text = entry.value.as_text();
    if text.is_none() && !matches!(entry.value.kind, Kind::Refused) {
        faults.push(wrong_type(entry, "text"));
    }
    text
}

/// An entry whose value is of another kind than it must be.
pub(super) fn wrong_type(entry: &Entry, wanted: &str) -> Diagnostic {
    let message = format!("`{}` must be {wanted}", shortened(&entry.key));
    let (at, label) = match entry.value.kind {
        Kind::Null => (entry.key_span, "it is empty".to_owned()),
        _ => (entry.value.span, format!("this is {}", entry.value.article())),
    };
    let diagnostic = Diagnostic::error("wrong-type", message, at, label);
    match entry.value.kind {
        Kind::Bool(_) | Kind::Number(_) if wanted == "text" => diagnostic.help("put it in quotes"),
        _ => diagnostic,
    }
}

/// The day on which signed addresses still have to be good; `None` when the manifest lets them end.
fn good_until(today: Date, reconcile: Option<&Reconcile>) -> Option<Date> {
    let guards = &reconcile?.guards;
    let days = jiff::Span::new().days(i64::from(guards.threshold(Guard::SasExpiry).min(FAR_AHEAD)));
    today.checked_add(days).ok().filter(|_| !guards.allows(Guard::SasExpiry))
}

fn check_definition(
    definition: &Entry,
    offer_type: Option<&'static OfferType>,
    good_until: Option<Date>,
    faults: &mut Vec<Diagnostic>,
) {
    let Some(entries) = plain_map(&definition.value) else {
        faults.push(wrong_type(definition, "a map"));
        return;
    };
    let rules = Catalogue::built_in().rules().child("definition");
    for entry in entries {
        let rules = rules.child(&entry.key);
        match &*entry.key {
            "displayText" => {
                text(entry, faults);
            }
            "offer" if plain_map(&entry.value).is_none() => faults.push(wrong_type(entry, "a map")),
            "offer" => {}
            "plans" => check_plans(entry, faults),
            other => faults.extend(misspelt_definition_key(other, entry.key_span)),
        }
        let mut values = Values { offer_type, good_until, faults };
        // The list of offer plans has a check of its own; here it is about what stands in them.
        if let Kind::List(offer_plans) = &entry.value.kind {
            for offer_plan in offer_plans {
                values.check(rules.element(), offer_plan, None);
                check_offer_plan(rules.element(), offer_plan, offer_type, values.faults);
            }
            continue;
        }
        values.check(rules, &entry.value, Some(&entry.key));
        if let (Some(offer_type), Some(entries)) = (offer_type.filter(|_| &*entry.key == "offer"), entry.value.as_map())
        {
            keys::check(KeysOf::Offer, offer_type, rules, entries, faults);
        }
    }
}

/// The entries of a map that stands for itself, and for no secret.
fn plain_map(node: &Node) -> Option<&[Entry]> {
    node.as_map().filter(|entries| !directive::is_one(entries))
}

/// What can only be seen in an offer plan as a whole.
fn check_offer_plan(rules: Rules<'_>, offer_plan: &Node, offer_type: Option<&OfferType>, faults: &mut Vec<Diagnostic>) {
    prices::check(rules, offer_plan, faults);
    let Some(offer_type) = offer_type else { return };
    keys::check(KeysOf::OfferPlan, offer_type, rules, offer_plan.as_map().unwrap_or_default(), faults);
    let Some(Kind::List(generations)) = offer_plan.get("diskGenerations").map(|entry| &entry.value.kind) else {
        return;
    };
    let rules = rules.child("diskGenerations").element();
    for generation in generations {
        keys::check(KeysOf::OfferPlan, offer_type, rules, generation.as_map().unwrap_or_default(), faults);
    }
}

/// The service may know keys that we do not, so only a near miss is worth a word.
fn misspelt_definition_key(key: &str, at: Span) -> Option<Diagnostic> {
    let meant = closest(key, DEFINITION_KEYS)?;
    let message = format!("`{key}` is no known key of `definition`, and is sent as it is");
    Some(Diagnostic::warning("unknown-key", message, at, "").help(format!("did you mean `{meant}`?")))
}

fn check_plans(plans: &Entry, faults: &mut Vec<Diagnostic>) {
    let Kind::List(items) = &plans.value.kind else {
        faults.push(wrong_type(plans, "a list of offer plans"));
        return;
    };
    let mut first: HashMap<&str, Span> = HashMap::new();
    for item in items {
        if item.as_map().is_none() {
            let message = format!("an offer plan is a map, and this is {}", item.article());
            faults.push(Diagnostic::error("wrong-type", message, item.span, ""));
            continue;
        }
        let Some(entry) = item.get("planId") else {
            faults.push(
                Diagnostic::error("missing-key", "this offer plan has no `planId`", item.span, "")
                    .help("add `planId: …`: it tells the offer plans apart"),
            );
            continue;
        };
        let Some(id) = text(entry, faults) else { continue };
        if id.is_empty() {
            faults.push(
                Diagnostic::error("wrong-type", "`planId` is empty", entry.value.span, "")
                    .help("write the id of the offer plan: it tells the offer plans apart"),
            );
        } else if let Some(span) = first.get(&**id) {
            let message = format!("two offer plans have the `planId` `{}`", shortened(id));
            faults.push(
                Diagnostic::error("duplicate-offer-plan", message, entry.value.span, "again here")
                    .also(*span, "first here")
                    .help("give each offer plan an id of its own"),
            );
        } else {
            first.insert(id, entry.value.span);
        }
    }
}
