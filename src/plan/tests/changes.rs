//! Changes, what earlier runs removed, secrets and media: what a plan says besides its steps.

use super::*;
use crate::diff::{Operation, record_media};
use crate::offer::{FieldPath, IgnoredField};

fn path(text: &str) -> FieldPath {
    FieldPath::parse(text).unwrap()
}

fn live(document: &Value) -> Observed {
    observed(document.clone(), Some(document.clone()), Some(document.clone()), Standing::Live)
}

#[test]
fn each_change_points_at_the_line_that_asks_for_it() {
    let mut document = right();
    document["definition"]["plans"][0]["x.vmImages"]["1.1.0"]["label"] = json!("newer");
    document["definition"]["plans"][0]["regions"] = json!(["US"]);
    let planned = plan(&desired(document), &live(&other()));
    let mut story = String::new();
    for change in &planned.changes.open() {
        writeln!(story, "{} {}", change.difference.path, change.source).unwrap();
    }
    insta::assert_snapshot!(story, @"
    /definition/offer/x.title offers/vm/offer.yaml:8:1
    /definition/plans/gold/x.vmImages/1.1.0/label offers/vm/offer.yaml:18:1
    /definition/plans/gold/regions offers/vm/offer.yaml:19:1
    ");
    assert_eq!(planned.steps[0].source, planned.changes.open()[0].source.clone());
}

#[test]
fn what_left_the_manifest_points_at_the_place_where_it_stood() {
    let mut document = right();
    document["definition"]["plans"][0]["x.vmImages"].as_object_mut().unwrap().shift_remove("1.0.0");
    let known = Known { applied: Some(right().into()), ..Known::default() };
    let planned = plan_with(&desired(document), &live(&right()), &known, &Directives::default());
    let changes = planned.changes.open();
    let [change] = changes.as_slice() else { panic!("{:?}", planned.changes) };
    assert_eq!(change.difference.operation, Operation::Remove);
    insta::assert_snapshot!(format!("{} {}", change.difference.path, change.source), @"/definition/plans/gold/x.vmImages/1.0.0 offers/vm/offer.yaml:14:1");
}

#[test]
fn only_waived_changes_need_no_step() {
    let mut desired = desired(right());
    desired.reconcile.ignore.push(IgnoredField {
        path: path("/definition/offer/x.title"),
        reason: "marketing edits this".to_owned(),
        until: None,
        position: desired.manifest.clone(),
    });
    let planned = plan(&desired, &live(&other()));
    assert_eq!(steps(&planned), "nothing");
    assert_eq!(planned.changes.open()[0].difference.waived.as_deref(), Some("marketing edits this"));
    assert_eq!(planned.verdict(), OfferVerdict::InSync);
}

/// The manifest no longer has the summary; the draft has been written, the slots have not.
fn after_a_removal(summary_is_back: bool, removed: &[&str]) -> String {
    let mut without = right();
    without["definition"]["offer"].as_object_mut().unwrap().shift_remove("x.summary");
    let draft = if summary_is_back { right() } else { without.clone() };
    let known = Known {
        applied: Some(without.clone().into()),
        removed: removed.iter().map(|text| path(text)).collect(),
        ..Known::default()
    };
    let observed = observed(draft, Some(right()), Some(right()), Standing::Live);
    steps(&plan_with(&desired(without), &observed, &known, &Directives::default()))
}

#[test]
fn a_slot_that_holds_what_was_removed_is_published_over() {
    let summary = "/definition/offer/x.summary";
    assert_eq!(after_a_removal(false, &[summary]), "publish, wait for preview, go live, wait for live");
    assert_eq!(after_a_removal(false, &[]), "nothing");
    assert_eq!(after_a_removal(true, &[summary]), "nothing", "somebody put it back: it is theirs now");
    assert_eq!(after_a_removal(false, &["/definition/offer/x.title"]), "nothing", "the manifest declares it again");
    assert_eq!(after_a_removal(false, &["/definition/plans/tin"]), "nothing", "no slot has it");
}

#[test]
fn what_was_removed_is_looked_for_where_the_service_puts_it() {
    let with = |keys: Value| {
        let mut document = right();
        document["definition"]["plans"][0].as_object_mut().unwrap().extend(keys.as_object().unwrap().clone());
        document
    };
    let story = |slot_keys: Value, removed: &str| {
        let known = Known { applied: Some(right().into()), removed: vec![path(removed)], ..Known::default() };
        let slot = with(slot_keys);
        let observed = observed(right(), Some(slot.clone()), Some(slot), Standing::Live);
        steps(&plan_with(&desired(right()), &observed, &known, &Directives::default()))
    };
    let publish = "publish, wait for preview, go live, wait for live";
    assert_eq!(story(json!({"x.osType": "Other"}), "/definition/plans/gold/x.windowsOSType"), publish);
    assert_eq!(story(json!({"x.legacyPlanId": "gold"}), "/definition/plans/gold/x.legacyPlanId"), "nothing");
    assert_eq!(story(json!({"x.legacyPlanId": "old"}), "/definition/plans/gold/x.legacyPlanId"), publish);
    assert_eq!(story(json!({"x.supportsBackup": false}), "/definition/plans/gold/x.supportsBackup"), "nothing");
    assert_eq!(story(json!({"x.supportsBackup": true}), "/definition/plans/gold/x.supportsBackup"), publish);
}

#[test]
fn a_new_secret_is_published_although_no_slot_shows_it() {
    let mut document = right();
    document["definition"]["offer"]["x.tableLeadConfiguration"] = json!({"connectionString": {"$secret": "LEADS"}});
    let secret = path("/definition/offer/x.tableLeadConfiguration/connectionString");
    let mut wanted = desired(document.clone());
    wanted.secrets.push((secret.clone(), "LEADS".to_owned()));
    let mut served = right();
    served["definition"]["offer"]["x.tableLeadConfiguration"] = json!({});

    let known = Known { applied: Some(right().into()), ..Known::default() };
    let planned = plan_with(&wanted, &live(&served), &known, &Directives::default());
    assert_eq!(steps(&planned), "update, publish, wait for preview, go live, wait for live");
    assert!(planned.changes.open()[0].sensitive);

    let known = Known { applied: Some(document.into()), ..Known::default() };
    let planned = plan_with(&wanted, &live(&served), &known, &Directives::default());
    assert_eq!(steps(&planned), "nothing");
    insta::assert_snapshot!(planned.notes.join("\n"), @"whether the secret `LEADS` of `/definition/offer/x.tableLeadConfiguration/connectionString` changed cannot be told: no record has a fingerprint of it; taken as unchanged, and sent with every update");
}

#[test]
fn served_media_are_taken_as_unchanged_until_a_record_tells() {
    let logo = |url: &str| {
        let mut document = right();
        document["definition"]["offer"]["x.smallLogo"] = json!(url);
        document
    };
    let (sent, served) =
        (logo("https://contoso.com/a.png"), logo("https://publishingstoredm.blob.core.windows.net/1.png?sig=x"));
    let planned = plan(&desired(sent.clone()), &live(&served));
    assert_eq!(steps(&planned), "nothing");
    insta::assert_snapshot!(planned.notes.join("\n"), @"`/definition/offer/x.smallLogo`: served from the service's own storage, and no record tells from what source; taken as unchanged, `--resend-media` sends the manifest's again");

    let resend = Directives { resend_media: true, ..Directives::default() };
    let planned = plan_with(&desired(sent.clone()), &live(&served), &Known::default(), &resend);
    assert!(steps(&planned).starts_with("update, publish"));

    let mut known = Known { applied: Some(sent.clone().into()), ..Known::default() };
    record_media(Catalogue::built_in(), &sent, &sent, &[], &served, &mut known.media);
    let planned = plan_with(&desired(sent), &live(&served), &known, &resend);
    assert_eq!((steps(&planned).as_str(), planned.notes.len()), ("nothing", 0));
}

#[test]
fn a_word_that_nobody_knows_is_said() {
    let observed = running(right(), observed(right(), None, None, Standing::Mystery));
    insta::assert_snapshot!(plan(&desired(right()), &observed).notes.join("\n"), @r#"the service calls the offer "pondering", a word that offerctl does not know: taken as still running"#);
}
