//! Whose edits a publish would ship: nobody's but the manifest's, unless somebody allows it.

use super::*;
use crate::offer::{FieldPath, IgnoredField};

fn edited(edit: impl FnOnce(&mut Value)) -> Value {
    let mut document = right();
    edit(&mut document["definition"]);
    document
}

/// The passengers of a plan that has to publish another title, one line each.
fn passengers(draft: Value, preview: Value, production: Option<Value>) -> String {
    let mut wanted = desired(document("Newest"));
    if production.is_none() {
        wanted.reconcile.publish_to = Slot::Preview;
    }
    told(&plan(&wanted, &observed(draft, Some(preview), production, Standing::Live)))
}

fn told(planned: &PlannedOffer) -> String {
    let mut text = String::new();
    for Passenger { difference, from, replaces, .. } in &planned.passengers.open() {
        let shown = |value: &Option<Value>| value.as_ref().map_or("nothing".to_owned(), Value::to_string);
        let (before, after) = (shown(&difference.before), shown(&difference.after));
        let waived = difference.waived.as_ref().map(|reason| format!(" ({reason})")).unwrap_or_default();
        writeln!(text, "{}: {replaces} has {before}, {from} has {after}{waived}", difference.path).unwrap();
    }
    let is_blocked = planned.blocks.iter().any(|block| block.guard == Guard::Passengers);
    assert_eq!(is_blocked, !planned.passengers.open().is_empty());
    text
}

#[test]
fn an_edit_an_addition_and_a_deletion_that_nobody_declares_are_found() {
    let draft = edited(|definition| {
        definition["offer"]["x.longSummary"] = json!("Half a sent");
        definition["offer"].as_object_mut().unwrap().shift_remove("x.notes");
        definition["plans"][0]["regions"] = json!(["DE", "FR"]);
        definition["plans"].as_array_mut().unwrap().push(json!({"planId": "tin", "x.skuTitle": "Tin"}));
    });
    let slot = edited(|definition| {
        definition["offer"]["x.notes"] = json!("Notes");
        definition["plans"][0]["regions"] = json!(["DE"]);
    });
    insta::assert_snapshot!(passengers(draft.clone(), slot.clone(), None), @r#"
    /definition/offer/x.longSummary: preview has nothing, draft has "Half a sent"
    /definition/plans/gold/regions: preview has ["DE"], draft has ["DE","FR"]
    /definition/plans/tin: preview has nothing, draft has {"planId":"tin","x.skuTitle":"Tin"}
    /definition/offer/x.notes: preview has "Notes", draft has nothing
    "#);
    assert_eq!(passengers(draft, right(), Some(slot)).lines().count(), 4, "production counts, when it goes that far");
}

#[test]
fn what_the_manifest_says_is_never_a_passenger_wherever_it_came_from() {
    // Written by an earlier apply that went no further than the draft, or by somebody with the same idea.
    assert_eq!(passengers(document("Newest"), other(), None), "");
    assert_eq!(passengers(other(), document("Oldest"), None), "");
    // The manifest's own offer plan is new in the draft: what the service added to it is nobody's edit.
    let draft = edited(|definition| {
        definition["plans"][0]["x.legacyPlanId"] = json!("gold");
        definition["plans"][0]["x.supportsExtensions"] = json!(true);
        definition["plans"][0]["x.certificationsFairfax"] = json!([]);
    });
    let slot = edited(|definition| definition["plans"] = json!([]));
    assert_eq!(passengers(draft.clone(), slot.clone(), None), "");
    // And what somebody added to it is.
    let draft = {
        let mut draft = draft;
        draft["definition"]["plans"][0]["x.skuSummary"] = json!("Theirs");
        draft
    };
    insta::assert_snapshot!(passengers(draft, slot, None), @r#"/definition/plans/gold/x.skuSummary: preview has nothing, draft has "Theirs""#);
}

#[test]
fn what_the_manifest_does_not_say_of_the_elements_of_a_whole_list_is_somebodys() {
    let videos = |videos: Value| edited(|definition| definition["offer"]["x.videos"] = videos);
    let mut wanted = desired(document("Newest"));
    wanted.document["definition"]["offer"]["x.videos"] = json!([{"name": "One", "link": "https://one"}]);
    let told = |draft: Value, slot: Value| {
        told(&plan(&wanted, &observed(videos(draft), Some(videos(slot.clone())), Some(videos(slot)), Standing::Live)))
    };
    let bare = json!([{"name": "One", "link": "https://one"}]);
    let with = |caption: &str| json!([{"name": "One", "link": "https://one", "caption": caption}]);
    insta::assert_snapshot!(told(with("Half a capt"), bare.clone()), @r#"/definition/offer/x.videos/0/caption: production has nothing, draft has "Half a capt""#);
    insta::assert_snapshot!(told(with("New"), with("Old")), @r#"/definition/offer/x.videos/0/caption: production has "Old", draft has "New""#);
    insta::assert_snapshot!(told(bare.clone(), with("Old")), @r#"/definition/offer/x.videos/0/caption: production has "Old", draft has nothing"#);
    assert_eq!(told(with("Old"), with("Old")), "");
    // What is in the place of ours keeps nothing but its unknown keys.
    assert_eq!(told(bare.clone(), json!([{"name": "Zero", "link": "https://zero"}])), "");
    assert_eq!(told(json!([{"name": "Zero", "link": "https://zero"}, {"name": "Two"}]), bare), "");
}

#[test]
fn a_first_publish_lists_what_others_left_in_a_draft_that_we_wrote() {
    let draft = edited(|definition| {
        definition["offer"]["x.longSummary"] = json!("Theirs");
        definition["offer"]["x.leadDestination"] = json!("None");
        definition["plans"].as_array_mut().unwrap().push(json!({"planId": "tin", "x.skuTitle": "Tin"}));
    });
    let standing = observed(draft.clone(), None, None, Standing::NeverPublished);
    let known = Known { applied: Some(right().into()), ..Known::default() };
    let planned = plan_with(&desired(right()), &standing, &known, &Directives::default());
    insta::assert_snapshot!(told(&planned), @r#"
    /definition/offer/x.longSummary: production has nothing, draft has "Theirs"
    /definition/plans/tin: production has nothing, draft has {"planId":"tin","x.skuTitle":"Tin"}
    "#);
    // Begun in the portal: all of it would block every such offer, so it is named and no more.
    let planned = plan(&desired(right()), &standing);
    assert_eq!(told(&planned), "");
    insta::assert_snapshot!(planned.notes.join("\n"), @"nothing is published yet: also what the manifest does not say is published for the first time: `/definition/offer/x.longSummary`, `/definition/plans/tin`");
    let preview = observed(draft.clone(), Some(draft), None, Standing::AwaitingSignoff);
    insta::assert_snapshot!(told(&plan_with(&desired(right()), &preview, &known, &Directives::default())), @r#"
    /definition/offer/x.longSummary: production has nothing, preview has "Theirs"
    /definition/plans/tin: production has nothing, preview has {"planId":"tin","x.skuTitle":"Tin"}
    "#);
}

#[test]
fn a_price_that_the_service_copies_is_one_passenger_or_none() {
    let priced = |price: f64| {
        edited(|definition| {
            for key in ["virtualMachinePricing", "virtualMachinePricingV2"] {
                definition["plans"][0][key] = json!({"coreMultiplier": {"currency": "USD", "single": price}});
            }
        })
    };
    insta::assert_snapshot!(passengers(priced(0.3), priced(0.03), None), @"/definition/plans/gold/virtualMachinePricing/coreMultiplier/single: preview has 0.03, draft has 0.3");
    for key in ["virtualMachinePricing", "virtualMachinePricingV2"] {
        let mut wanted = desired(document("Newest"));
        wanted.document["definition"]["plans"][0][key] = json!({"coreMultiplier": {"currency": "USD", "single": 0.3}});
        let standing = observed(priced(0.3), Some(priced(0.03)), Some(priced(0.03)), Standing::Live);
        assert_eq!(told(&plan(&wanted, &standing)), "", "{key}");
    }
}

#[test]
fn what_left_the_manifest_is_a_removal_and_no_passenger() {
    let with = edited(|definition| definition["offer"]["x.longSummary"] = json!("Ours, once"));
    // Still in the draft: the plan removes it.
    let known = Known { applied: Some(with.clone().into()), ..Known::default() };
    let standing = observed(with.clone(), Some(right()), Some(right()), Standing::Live);
    let planned = plan_with(&desired(document("Newest")), &standing, &known, &Directives::default());
    assert_eq!((planned.changes.open().len(), told(&planned).as_str()), (2, ""));
    // Gone from the draft, and still in the slots.
    let removed = vec![FieldPath::parse("/definition/offer/x.longSummary").unwrap()];
    let known = Known { applied: Some(right().into()), removed, ..Known::default() };
    let standing = observed(right(), Some(with.clone()), Some(with), Standing::Live);
    assert_eq!(told(&plan_with(&desired(right()), &standing, &known, &Directives::default())), "");
}

#[test]
fn a_waived_field_is_somebody_elses_and_so_is_its_edit() {
    let mut wanted = desired(document("Newest"));
    wanted.reconcile.ignore.push(IgnoredField {
        path: FieldPath::parse("/definition/offer/x.summary").unwrap(),
        reason: "marketing edits this".to_owned(),
        until: None,
        position: wanted.manifest.clone(),
    });
    let draft = edited(|definition| definition["offer"]["x.summary"] = json!("Half a sent"));
    let standing = observed(draft.clone(), Some(right()), Some(right()), Standing::Live);
    insta::assert_snapshot!(told(&plan(&wanted, &standing)), @r#"/definition/offer/x.summary: production has "A machine", draft has "Half a sent" (marketing edits this)"#);
    assert_eq!(told(&plan(&wanted, &observed(draft.clone(), Some(draft.clone()), Some(draft), Standing::Live))), "");
}

#[test]
fn a_preview_that_somebody_published_goes_live_with_their_edits() {
    let preview = edited(|definition| definition["offer"]["x.longSummary"] = json!("Theirs"));
    let standing = observed(preview.clone(), Some(preview), Some(other()), Standing::AwaitingSignoff);
    let planned = plan(&desired(right()), &standing);
    assert_eq!(steps(&planned), "go live, wait for live, blocked by passengers");
    insta::assert_snapshot!(told(&planned), @r#"/definition/offer/x.longSummary: production has nothing, preview has "Theirs""#);
}

#[test]
fn a_submission_that_is_waited_for_replaces_the_slot_first() {
    let theirs = edited(|definition| definition["offer"]["x.longSummary"] = json!("Theirs"));
    let mut wanted = desired(document("Newest"));
    wanted.reconcile.publish_to = Slot::Preview;
    let standing = running(theirs.clone(), observed(theirs, Some(right()), None, Standing::Publishing));
    assert_eq!(told(&plan(&wanted, &standing)), "", "they publish it themselves");
    let supersede = Directives { supersede: true, ..Directives::default() };
    let planned = plan_with(&wanted, &standing, &Known::default(), &supersede);
    assert!(told(&planned).contains("x.longSummary"), "canceled, it would come with ours");
}

#[test]
fn allowed_passengers_are_shown_all_the_same() {
    let draft = edited(|definition| definition["offer"]["x.longSummary"] = json!("Theirs"));
    let standing = observed(draft, Some(right()), Some(right()), Standing::Live);
    let allow = Directives { allow: vec!["passengers".parse().unwrap()], ..Directives::default() };
    let planned = plan_with(&desired(document("Newest")), &standing, &Known::default(), &allow);
    assert_eq!((planned.passengers.open().len(), planned.blocks.len(), planned.verdict()), (1, 0, OfferVerdict::ToDo));
    let allowed: Vec<_> = planned.allowed.iter().map(|block| block.sentence.as_str()).collect();
    insta::assert_snapshot!(allowed.join("\n"), @"publishing would also ship an edit of the draft that the manifest does not say and production does not have: `/definition/offer/x.longSummary`");
}
