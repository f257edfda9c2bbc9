//! The report of drift for programs, described in `docs/json.md`.

use serde_json::{Value, json};

use super::content_words::content_json;
use super::drift_words::whose;
use super::plan_text::place;
use super::redaction::Redaction;
use crate::drift::{
    Attribution, ComparedOffer, DriftReport, DriftVerdict, Held, Place, PlacedDifference, Presence, Since, SkippedOffer,
};

/// The whole report.
pub fn drift_json(report: &DriftReport) -> Value {
    let summary = report.summary();
    let mut document = json!({
        "format": "offerctl-drift",
        "version": 1,
        "offers": report.offers.iter().map(offer_json).collect::<Vec<_>>(),
        "coverage": {
            "found": summary.found,
            "read": summary.read,
            "compared": summary.compared,
            "skipped": report.skipped.iter().map(skipped_json).collect::<Vec<_>>(),
        },
        "summary": {
            "drifted": summary.drifted,
            "drift": summary.drift,
            "conflict": summary.conflict,
            "unattributed": summary.unattributed,
            "pending": summary.pending,
            "waived": summary.waived,
        },
    });
    if let Some(unchanged) = &report.unchanged {
        document["coverage"]["unchanged"] = json!(unchanged);
    }
    document
}

fn offer_json(offer: &ComparedOffer) -> Value {
    json!({
        "publisherId": offer.key.publisher,
        "offerId": offer.key.offer,
        "manifest": offer.manifest.file,
        "verdict": match offer.verdict() {
            DriftVerdict::InSync => "inSync",
            DriftVerdict::Pending => "pending",
            DriftVerdict::Drift => "drift",
        },
        "presence": match offer.presence {
            Presence::There => "there",
            Presence::NotCreated => "notCreated",
            Presence::Gone => "gone",
        },
        "recorded": offer.record == Attribution::Recorded,
        "differences": offer.differences.iter().map(|found| difference_json(found, offer.record)).collect::<Vec<_>>(),
        "unverifiable": offer.unverifiable,
    })
}

fn difference_json(found: &PlacedDifference, record: Attribution) -> Value {
    let difference = &found.change.difference;
    let redaction = Redaction::default();
    let shown = |value: &Option<Value>| value.as_ref().map(|value| redaction.value(&difference.path, value));
    let (repository, theirs) = (shown(&difference.after), shown(&difference.before));
    let slot = |place: &Place| {
        let (holds, value) = match &place.held {
            Held::EmptySlot => ("nothing", &None),
            Held::AsRepository => ("repository", &repository),
            Held::AsFound => ("found", &theirs),
            Held::Other(value) => ("other", &shown(value)),
        };
        (place.slot.to_string(), json!({"holds": holds, "value": value}))
    };
    let (since, exact) = match found.since {
        Some(Since::Version(version)) => (Some(version), true),
        Some(Since::AtLatest(version)) => (Some(version), false),
        None => (None, false),
    };
    json!({
        "path": difference.path,
        "name": place(&difference.path),
        "class": difference.class,
        "counts": found.is_drift(),
        "meaning": whose(found, record).1,
        "foundIn": found.found_in,
        "repository": repository,
        "found": theirs,
        "slots": found.places.iter().map(slot).collect::<serde_json::Map<_, _>>(),
        "since": since.map(|version| json!({
            "version": version.number,
            "day": version.day.map(|day| day.to_string()),
            "exact": exact,
        })),
        "waived": difference.waived.as_ref().map(|reason| json!({
            "reason": reason,
            "until": found.waived_until.map(|day| day.to_string()),
        })),
        "file": difference.content.as_ref().map(content_json),
        "sensitive": found.change.sensitive,
        "source": found.change.source,
    })
}

fn skipped_json(skipped: &SkippedOffer) -> Value {
    json!({
        "publisherId": skipped.key.as_ref().map(|key| &key.publisher),
        "offerId": skipped.key.as_ref().map(|key| &key.offer),
        "manifest": skipped.manifest,
        "reason": Redaction::text(&skipped.reason),
    })
}
