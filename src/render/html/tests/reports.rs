//! A plan and a report of drift in which everything that others may have written says the same.

use serde_json::{Value, json};

use crate::diff::{Class, Difference, Operation};
use crate::drift::{DriftReport, SkippedOffer, compare_offer};
use crate::offer::{
    Catalogue, Desired, Document, FieldPath, Guard, GuardSettings, Observed, OfferKey, OfferTypeId, PositionTree,
    Reconcile, Slot, SourcePosition,
};
use crate::plan::{
    Action, Block, Change, Changes, Known, Listing, Packed, Passenger, Plan, PlannedOffer, Step, UnplannedOffer,
};

pub(super) fn listing(says: &str) -> Listing {
    let text = |path: &str, part: &str, before: Value, after: Value| json!({"path": path, "part": part, "text": {"before": before, "after": after}});
    let offer = "/definition/offer/x";
    let plan = "/definition/plans/gold";
    serde_json::from_value(json!({
        "from": "preview", "to": "production",
        "parts": [
            text(&format!("{offer}.title"), "title", json!(format!("Contoso {says}")), json!("Contoso VM")),
            text(&format!("{offer}.summary"), "summary", json!("A machine"), json!(format!("A machine {says}"))),
            text(&format!("{offer}.smallLogo"), "logo", json!(format!("https://a.b/{says}")), Value::Null),
            text(&format!("{offer}.description"), "markup", json!(format!("<p>Old {says}</p>")), json!(format!("<p>New {says}</p>"))),
            text(&format!("{offer}.privacyURL"), "link", json!(says), json!(says)),
            {"path": format!("{offer}.usefulLinks"), "part": "links", "items": [{"name": says, "before": says, "after": null}]},
            {"path": format!("{offer}.screenshots"), "part": "pictures", "items": [{"name": says, "before": null, "after": says}]},
        ],
        "offerPlans": [
            {"id": format!("gold{says}"), "presence": "kept", "parts": [
                {"path": format!("{plan}/regions"), "part": "members", "items": [
                    {"name": "US", "before": "", "after": ""}, {"name": says, "before": null, "after": ""}, {"name": "DE", "before": "", "after": null},
                ]},
                {"path": format!("{plan}/restrictedAudience/manualEntries"), "part": "audience", "items": [{"name": says, "before": null, "after": says}]},
                {"path": format!("{plan}/virtualMachinePricing"), "part": "prices", "items": [
                    {"name": format!("2core{says}"), "before": "0.2", "after": "0.3"}, {"name": "4core", "before": "0.4", "after": "0.4"},
                ]},
                {"path": format!("{plan}/x.vmImages"), "part": "versions", "items": [{"name": says, "before": "Label: one", "after": format!("Label: {says}")}]},
                text(&format!("{plan}/x.hideSKUForSolutionTemplate"), "fact", json!("false"), json!("true")),
            ]},
            {"id": "new", "presence": "added", "parts": [text(&format!("{plan}/x.skuTitle"), "title", Value::Null, json!(says))]},
            {"id": "old", "presence": "removed", "parts": [text(&format!("{plan}/x.skuTitle"), "title", json!(says), Value::Null)]},
            {"id": "same", "presence": "kept", "parts": [text(&format!("{plan}/x.skuTitle"), "title", json!(says), json!(says))]},
        ],
    }))
    .unwrap()
}

fn difference(path: &str, before: Value, after: Value) -> Difference {
    Difference {
        path: FieldPath::parse(path).unwrap(),
        operation: Operation::Replace,
        class: Class::Drift,
        before: Some(before),
        after: Some(after),
        waived: None,
        content: None,
    }
}

/// A blocked offer; whatever others may have written is what `says` says.
pub(in super::super) fn blocked(name: &str, says: &str) -> PlannedOffer {
    let source = SourcePosition { file: format!("offers/{says}.yaml").into(), line: 3, column: 1 };
    let long = "A machine for the whole company and all its friends";
    let changes = [
        difference("/definition/offer/x.title", json!("a"), json!(says)),
        difference("/definition/offer/x.summary", json!(format!("{long} {says}")), json!(long)),
        difference("/definition/plans/gold/regions", json!(["US", says]), json!(["US", "DE"])),
        difference("/definition/plans/gold/x.vmImages/1.0.0", json!({"label": says}), json!({"label": "two"})),
    ];
    let change = |difference| Change { difference, sensitive: false, source: source.clone() };
    let step = |action, reason: &str| Step {
        action,
        until: None,
        reason: format!("{reason} {says}"),
        estimate: Some(says.to_owned()),
        source: source.clone(),
    };
    let block = |guard| Block {
        guard,
        sentence: format!("`gold` costs {says}"),
        messages: vec![says.to_owned()],
        fields: Vec::new(),
    };
    let passenger = difference("/definition/offer/x.longSummary", json!("theirs"), json!(says));
    PlannedOffer {
        key: OfferKey::parse(name).unwrap(),
        offer_type: OfferTypeId::new("microsoft-azure-virtualmachines").unwrap(),
        manifest: source.clone(),
        target: Slot::Production,
        etag: None,
        content: None,
        version: None,
        desired: None,
        submission: None,
        replaces: None,
        changes: changes.map(change).into_iter().collect(),
        secrets: Vec::new(),
        passengers: Packed::new(&vec![Passenger {
            difference: passenger,
            sensitive: false,
            from: Slot::Draft,
            replaces: Slot::Preview,
        }]),
        steps: vec![step(Action::Update, "4 fields differ"), step(Action::GoLive, "asked for")],
        blocks: vec![block(Guard::PriceChange)],
        allowed: vec![block(Guard::AudienceChange)],
        guards: GuardSettings::default(),
        notes: vec![format!("a note {says}")],
        listing: Some(Packed::new(&listing(says))),
    }
}

pub(super) fn plan_that_says(says: &str) -> Plan {
    let failed = UnplannedOffer {
        key: None,
        manifest: format!("{says}.yaml").into(),
        reason: format!("not readable\n{}", says.replace('\n', " ")),
    };
    Plan { offers: vec![blocked("contoso/vm", says)], failed: vec![failed], ..Plan::default() }
}

pub(super) fn in_sync(name: &str) -> PlannedOffer {
    PlannedOffer {
        changes: Changes::default(),
        passengers: Packed::default(),
        steps: Vec::new(),
        blocks: Vec::new(),
        allowed: Vec::new(),
        notes: Vec::new(),
        listing: None,
        ..blocked(name, "x")
    }
}

/// A report of an offer that is live as it was applied, and whose draft somebody edited since.
pub(super) fn drift_that_says(says: &str) -> DriftReport {
    let document = |title: &str, summary: &str, regions: [&str; 2]| json!({"definition": {"offer": {"x.title": title, "x.summary": summary}, "plans": [{"planId": "gold", "regions": regions}]}});
    let long = "A machine for the whole company and all its friends";
    let applied = document("Contoso", long, ["US", "DE"]);
    let source = SourcePosition { file: format!("offers/{says}.yaml").into(), line: 3, column: 1 };
    let desired = Desired {
        key: OfferKey::parse("contoso/vm").unwrap(),
        offer_type: OfferTypeId::new("microsoft-azure-virtualmachines").unwrap(),
        manifest: source.clone(),
        reconcile: Reconcile::default(),
        document: applied.clone(),
        positions: PositionTree { key: source.clone(), value: source, children: Vec::new() },
        secrets: Vec::new(),
        local_files: Vec::new(),
    };
    let observed = Observed {
        draft: Some(Document::new(document(says, &format!("{long} {says}"), ["US", says]))),
        production: Some(Document::new(applied.clone())),
        ..Observed::absent(desired.key.clone())
    };
    let known = Known { applied: Some(applied.into()), ..Known::default() };
    let compared = compare_offer(Catalogue::built_in(), &desired, observed, &known);
    let reason = format!("not readable\n{}", says.replace('\n', " "));
    let skipped = SkippedOffer { key: None, manifest: format!("{says}.yaml").into(), reason };
    DriftReport { offers: vec![compared], skipped: vec![skipped], unchanged: None }
}
