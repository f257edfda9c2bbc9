//! A saved plan some time later: what lets it go on, and what refuses it.

use super::*;
use crate::diff::{Class, Operation};
use crate::offer::FieldPath;

/// The draft with other content than the manifest and the slots.
fn at_first() -> Observed {
    observed(other(), Some(other()), Some(other()), Standing::Live)
}

fn saved() -> PlannedOffer {
    plan(&desired(right()), &at_first())
}

fn edit(path: &str, before: Option<Value>, after: Option<Value>) -> Difference {
    let path = FieldPath::parse(path).unwrap();
    Difference { path, operation: Operation::Replace, class: Class::Drift, before, after, waived: None, content: None }
}

/// What becomes of the saved plan when the offer is observed so, in lines.
fn told(saved: &PlannedOffer, now: &PlannedOffer, edits: Option<&[Difference]>) -> String {
    match agreement(saved, now, edits) {
        Agreement::There => "there".to_owned(),
        Agreement::Holds => "holds".to_owned(),
        Agreement::Blocked(block) => format!("blocked by {}: {}", block.guard, block.sentence),
        Agreement::Stale(found) => found.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n"),
    }
}

fn later(now: &Observed, edits: Option<&[Difference]>) -> String {
    told(&saved(), &plan(&desired(right()), now), edits)
}

#[test]
fn the_same_content_goes_on_under_any_etag() {
    assert_eq!(later(&at_first(), Some(&[])), "holds");
    let etag = Some(ETag::new("W/\"another\""));
    assert_eq!(later(&Observed { etag, ..at_first() }, Some(&[])), "holds");
}

#[test]
fn what_is_done_already_is_not_done_again() {
    let ours = [edit("/definition/offer/x.title", Some(json!("Theirs")), Some(json!("Ours")))];
    let written = observed(right(), Some(other()), Some(other()), Standing::Live);
    assert_eq!(steps(&plan(&desired(right()), &written)), "publish, wait for preview, go live, wait for live");
    assert_eq!(later(&written, Some(&ours)), "holds");
    let waits = observed(right(), Some(right()), Some(other()), Standing::AwaitingSignoff);
    assert_eq!(later(&waits, Some(&ours)), "holds");
    assert_eq!(later(&observed(right(), Some(right()), Some(right()), Standing::Live), None), "there");
}

#[test]
fn where_a_part_is_done_already_the_rest_goes_on() {
    let mut draft = other();
    draft["definition"]["offer"]["x.summary"] = json!("Another machine");
    let before = observed(draft, Some(other()), Some(other()), Standing::Live);
    let saved = plan(&desired(right()), &before);
    assert_eq!(saved.changes.open().len(), 2);
    let title = edit("/definition/offer/x.title", Some(json!("Theirs")), Some(json!("Ours")));
    let mut draft = right();
    draft["definition"]["offer"]["x.summary"] = json!("Another machine");
    let now = plan(&desired(right()), &Observed { draft: Some(Document::new(draft)), ..before });
    assert_eq!(now.changes.open().len(), 1);
    assert_eq!(told(&saved, &now, Some(&[title])), "holds");
}

#[test]
fn an_edit_is_told_with_both_values_wherever_it_was_made() {
    let mut draft = other();
    draft["definition"]["offer"]["x.title"] = json!("Newer");
    draft["definition"]["offer"]["x.notes"] = json!("Notes");
    let edits = [
        edit("/definition/offer/x.title", Some(json!("Theirs")), Some(json!("Newer"))),
        edit("/definition/offer/x.notes", None, Some(json!("Notes"))),
    ];
    let now = Observed { draft: Some(Document::new(draft.clone())), ..at_first() };
    insta::assert_snapshot!(later(&now, Some(&edits)), @r#"
    `/definition/offer/x.title`: was "Theirs", is now "Newer"
    `/definition/offer/x.notes`: was absent, is now "Notes"
    "#);
    // Without the old draft, as far as the plan shows it.
    draft["definition"]["offer"].as_object_mut().unwrap().shift_remove("x.notes");
    draft["definition"]["offer"]["x.summary"] = json!("Another machine");
    let now = Observed { draft: Some(Document::new(draft)), ..at_first() };
    insta::assert_snapshot!(later(&now, None), @r#"
    `/definition/offer/x.title`: was "Theirs", is now "Newer"
    `/definition/offer/x.summary`: "Another machine" would become "A machine", which the plan does not say
    the draft of the plan cannot be read any more, so that edits where the plan says nothing cannot be told
    "#);
}

#[test]
fn our_change_made_by_somebody_else_together_with_another_is_refused() {
    let mut draft = right();
    draft["definition"]["offer"]["x.notes"] = json!("Notes");
    let edits = [
        edit("/definition/offer/x.title", Some(json!("Theirs")), Some(json!("Ours"))),
        edit("/definition/offer/x.notes", None, Some(json!("Notes"))),
    ];
    // Nothing was ever published, so that nobody would call it a passenger.
    let before = observed(other(), None, None, Standing::NeverPublished);
    let saved = plan(&desired(right()), &before);
    let now = plan(&desired(right()), &Observed { draft: Some(Document::new(draft)), ..before });
    insta::assert_snapshot!(told(&saved, &now, Some(&edits)), @"`/definition/offer/x.notes`: was absent, is now \"Notes\"");
}

#[test]
fn an_offer_that_came_or_went_is_refused() {
    let absent = plan(&desired(right()), &Observed::absent(key()));
    insta::assert_snapshot!(later(&Observed::absent(key()), Some(&[])), @"the service does not have the offer any more");
    insta::assert_snapshot!(told(&absent, &saved(), Some(&[])), @"the offer is there already, and was to be created");
    let there = observed(right(), Some(right()), Some(right()), Standing::Live);
    assert_eq!(told(&absent, &plan(&desired(right()), &there), Some(&[])), "there");
}

#[test]
fn a_step_that_is_not_in_the_plan_is_refused_and_waiting_never_is() {
    let written = observed(right(), Some(right()), Some(other()), Standing::AwaitingSignoff);
    let saved = plan(&desired(right()), &written);
    assert_eq!(steps(&saved), "go live, wait for live");
    let published = observed(right(), Some(other()), Some(other()), Standing::Live);
    let now = plan(&desired(right()), &published);
    insta::assert_snapshot!(told(&saved, &now, Some(&[])), @"it would take a step that is not in the plan: publish (the preview slot holds other content)");
    let earlier = plan(&desired(right()), &at_first());
    let queued = running(other(), observed(other(), Some(other()), Some(other()), Standing::Publishing));
    let now = plan(&desired(right()), &queued);
    assert_eq!(steps(&now).split(',').next(), Some("wait for settled"));
    assert_eq!(told(&earlier, &now, Some(&[])), "holds");
}

#[test]
fn a_preview_of_another_publish_does_not_go_live() {
    let published = |version| {
        let mut observed = observed(right(), Some(right()), Some(other()), Standing::AwaitingSignoff);
        observed.status = observed.status.map(|report| StatusReport { publishing_version: Some(version), ..report });
        plan(&desired(right()), &observed)
    };
    assert_eq!(told(&published(3), &published(3), Some(&[])), "holds");
    insta::assert_snapshot!(told(&published(3), &published(4), Some(&[])), @"the submission that the plan is about is not the newest any more");
}

#[test]
fn what_was_allowed_stays_allowed_and_nothing_else_is() {
    let without_gold = || {
        let mut document = right();
        document["definition"]["plans"] = json!([]);
        let mut desired = desired(document);
        desired.reconcile.offer_plans = crate::offer::OfferPlansPolicy::Exact;
        desired
    };
    let allowing = |text: &str, observed: &Observed| {
        let directives = Directives { allow: vec![text.parse().unwrap()], ..Directives::default() };
        plan_with(&without_gold(), observed, &Known::default(), &directives)
    };
    let terms = Terms::default();
    let saved = allowing("remove-offer-plan", &at_first());
    assert_eq!(saved.verdict(), OfferVerdict::ToDo);
    let again = |saved: &PlannedOffer, observed: &Observed| {
        plan_with(&without_gold(), observed, &Known::default(), &terms.directives(saved))
    };
    assert_eq!(told(&saved, &again(&saved, &at_first()), Some(&[])), "holds");
    // The plan that is read again spoke of nothing that was to be allowed.
    let silent = PlannedOffer { allowed: Vec::new(), ..saved.clone() };
    insta::assert_snapshot!(told(&silent, &again(&silent, &at_first()), Some(&[])), @"blocked by remove-offer-plan: the offer plan `gold` would be removed for its customers");
    // A setting that lets everything pass came later: nobody who read the plan knew.
    insta::assert_snapshot!(told(&silent, &again(&saved, &at_first()), Some(&[])), @"blocked by remove-offer-plan: the offer plan `gold` would be removed for its customers");
}

#[test]
fn records_that_say_something_else_are_no_reason_to_write_something_else() {
    let mut applied = right();
    applied["definition"]["offer"]["x.old"] = json!("Old");
    let mut draft = other();
    draft["definition"]["offer"]["x.old"] = json!("Old");
    let now = observed(draft.clone(), Some(draft), None, Standing::Live);
    let known = Known { applied: Some(applied.into()), ..Known::default() };
    let with_record = plan_with(&desired(right()), &now, &known, &Directives::default());
    let without = plan(&desired(right()), &now);
    insta::assert_snapshot!(told(&with_record, &without, Some(&[])), @"`/definition/offer/x.old`: the plan changes it, and with the records and variables that are here nothing would be changed");
    insta::assert_snapshot!(told(&without, &with_record, Some(&[])), @"`/definition/offer/x.old`: \"Old\" would become absent, which the plan does not say");
}
