//! What blocks an offer's steps, what it says, and who may let it pass.

use super::*;

fn live(document: Value) -> Observed {
    observed(document.clone(), Some(document.clone()), Some(document), Standing::Live)
}

fn allow(texts: &[&str]) -> Directives {
    Directives { allow: texts.iter().map(|text| text.parse().unwrap()).collect(), ..Directives::default() }
}

fn story(planned: &PlannedOffer) -> String {
    let mut text = String::new();
    for block @ Block { guard, sentence, messages, .. } in &planned.blocks {
        writeln!(text, "{guard}: {sentence}").unwrap();
        for message in messages {
            writeln!(text, "  the service: {message}").unwrap();
        }
        writeln!(text, "  way out: {}", planned.way_out(block)).unwrap();
    }
    text
}

/// The manifest dropped an offer plan and an image since the last apply, and both sides changed the title.
fn careless() -> (Desired, Observed, Known) {
    let mut applied = document("Before");
    applied["definition"]["plans"]
        .as_array_mut()
        .unwrap()
        .push(json!({"planId": "tin", "x.vmImages": {"1.0.0": {"label": "t"}}}));
    let mut wanted = right();
    wanted["definition"]["plans"][0]["x.vmImages"].as_object_mut().unwrap().shift_remove("1.0.0");
    let mut observed = applied.clone();
    observed["definition"]["offer"]["x.title"] = json!("Theirs");
    (desired(wanted), live(observed), Known { applied: Some(applied.into()), ..Known::default() })
}

#[test]
fn each_guard_says_what_a_person_needs_to_know() {
    let (desired, observed, known) = careless();
    let planned = plan_with(&desired, &observed, &known, &Directives::default());
    insta::assert_snapshot!(story(&planned), @"
    conflict: both the manifest and the service changed `/definition/offer/x.title` since the last apply
      way out: take their values into the manifest, or write yours over them with `--allow conflict:contoso/contoso-vm`
    remove-image: `1.0.0` would be removed (`/definition/plans/gold/x.vmImages/1.0.0`)
      way out: put it back into the manifest, or let it go with `--allow remove-image:contoso/contoso-vm`
    remove-offer-plan: the offer plan `tin` would be removed for its customers
      way out: put it back into the manifest, or let it go with `--allow remove-offer-plan:contoso/contoso-vm`
    ");
    assert_eq!(planned.verdict(), OfferVerdict::Blocked);
    assert!(planned.has(Action::Update) && planned.has(Action::GoLive), "a guard never hides the plan");
}

#[test]
fn a_guard_passes_when_it_is_allowed_by_name_here_or_everywhere() {
    let (desired, observed, known) = careless();
    let left = |allowed: &[&str]| {
        let planned = plan_with(&desired, &observed, &known, &allow(allowed));
        planned.blocks.iter().map(|block| block.guard.as_str()).collect::<Vec<_>>().join(" ")
    };
    assert_eq!(left(&[]), "conflict remove-image remove-offer-plan");
    assert_eq!(left(&["conflict"]), "remove-image remove-offer-plan");
    assert_eq!(left(&["remove-image:contoso/contoso-vm", "conflict"]), "remove-offer-plan");
    assert_eq!(left(&["remove-image:contoso/another"]), "conflict remove-image remove-offer-plan");
    assert_eq!(left(&["conflict", "remove-image", "remove-offer-plan"]), "");
}

#[test]
fn what_nobody_can_allow_is_refused_with_the_names_that_exist() {
    let refused = |text: &str| text.parse::<Allowance>().unwrap_err().to_string();
    insta::assert_snapshot!(refused("everything"), @"there is no guard `everything`; the guards are conflict, passengers, remove-offer-plan, remove-image, price-change, audience-change, blank-secret, sas-expiry, mass-change");
    insta::assert_snapshot!(refused("failed-submission"), @"there is no guard `failed-submission`; the guards are conflict, passengers, remove-offer-plan, remove-image, price-change, audience-change, blank-secret, sas-expiry, mass-change");
    insta::assert_snapshot!(refused("conflict:contoso"), @"`contoso` is not an offer: write it as publisher/offer");
    for guard in Guard::ALLOWABLE {
        assert!(refused("everything").contains(guard.as_str()));
    }
}

#[test]
fn a_failed_submission_blocks_with_the_services_messages() {
    let mut observed = observed(right(), Some(other()), None, Standing::Failed);
    let report = observed.status.as_mut().unwrap();
    let message = |level, text: &str| Message { level, text: text.to_owned() };
    report.messages.push(message(MessageLevel::Error, "The submission failed."));
    report.stages.insert(
        0,
        Stage {
            name: "Certification".to_owned(),
            messages: vec![
                message(MessageLevel::Information, "Started."),
                message(MessageLevel::Error, "The image has no SSH server."),
            ],
            ..stage("displaycertify", StageStatus::Failed)
        },
    );
    insta::assert_snapshot!(story(&plan(&desired(right()), &observed)), @"
    failed-submission: the last submission failed, and the draft is what was submitted
      the service: The submission failed.
      the service: Certification: The image has no SSH server.
      way out: change what the service complains about, or submit the same again with `--retry-failed`
    ");
}

#[test]
fn another_offer_type_cannot_be_applied() {
    let mut wanted = desired(right());
    wanted.offer_type = OfferTypeId::new("microsoft-azure-corevm").unwrap();
    let planned = plan(&wanted, &live(right()));
    insta::assert_snapshot!(story(&planned), @"
    offer-type: the manifest says `microsoft-azure-corevm`, and the offer is `microsoft-azure-virtualmachines`
      way out: correct `offerTypeId`; the service cannot change an offer's type, so another type needs another `id`
    ");
    assert_eq!(planned.verdict(), OfferVerdict::Blocked, "also where nothing else differs");
    let same = plan(&desired(right()), &live(right()));
    assert_eq!(same.verdict(), OfferVerdict::InSync);
}

#[test]
fn images_are_guarded_wherever_they_stand() {
    let blocked = |keys: Value| {
        let mut with = right();
        with["definition"]["plans"][0].as_object_mut().unwrap().extend(keys.as_object().unwrap().clone());
        let known = Known { applied: Some(with.clone().into()), ..Known::default() };
        let planned = plan_with(&desired(right()), &live(with), &known, &Directives::default());
        assert_eq!(planned.changes.open().len(), 1);
        planned.blocks.iter().any(|block| block.guard == Guard::RemoveImage)
    };
    let images = json!({"1.0.0": {"label": "one"}});
    assert!(blocked(json!({"y.vmImages": images})));
    assert!(blocked(json!({"y.vmImagesPublicAzure": images})));
    assert!(blocked(json!({"diskGenerations": [{"planId": "gen2", "y.vmImages": images}]})));
    assert!(blocked(json!({"y.package": {"1.0.0": {"packageVersion": {}}}})));
    assert!(!blocked(json!({"y.skuSummary": "one"})));
}

#[test]
fn exact_offer_plans_are_guarded_too() {
    let mut wanted = desired(right());
    wanted.reconcile.offer_plans = crate::offer::OfferPlansPolicy::Exact;
    let mut with_tin = right();
    with_tin["definition"]["plans"].as_array_mut().unwrap().push(json!({"planId": "tin"}));
    let planned = plan(&wanted, &live(with_tin));
    assert!(steps(&planned).ends_with("blocked by remove-offer-plan"), "{}", steps(&planned));
}
