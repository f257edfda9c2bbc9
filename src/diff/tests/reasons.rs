//! Why two values count as equal, as different, or as neither: a row for each rule.

use super::*;
use crate::diff::verdict::{Doubt, Sameness, Unlikeness, Verdict};

const STORED: &str = "https://publishingstoredm.blob.core.windows.net/prodcontent/a.png?sig=x";
const SENT: &str = "https://contoso.com/logo.png";

/// What the comparison of an offer's keys came to, a line for each place.
fn told(knowledge: &Knowledge, desired: Value, observed: Value, applied: Option<Value>) -> String {
    let applied = applied.map(offer);
    let (desired, observed) = (offer(desired), offer(observed));
    let sides = Sides { desired: &desired, observed: Some(&observed), applied: applied.as_ref() };
    let (comparison, trace) = trace(&knowledge.context(), sides);
    assert_eq!(comparison, compare(&knowledge.context(), sides), "tracing changes nothing");
    let offer = path("/definition/offer");
    let judged = trace.judgements.iter().filter(|judgement| judgement.path.is_within(&offer));
    let lines = judged.map(|judgement| {
        let key = judgement.path.segments()[2..].join("/");
        let under = trace.elsewhere.iter().find(|(path, _)| *path == judgement.path);
        let under = under.map(|(_, key)| format!(" under {key}")).unwrap_or_default();
        format!("{key}: {:?}{under}", judgement.verdict)
    });
    lines.collect::<Vec<_>>().join("\n")
}

fn why(desired: Value, observed: Value) -> String {
    told(&Knowledge::default(), desired, observed, None)
}

#[test]
fn what_is_equal_says_by_which_rule() {
    let rows = [
        why(json!({"x.title": "VM"}), json!({"x.title": "VM"})),
        why(json!({"x.title": ""}), json!({"x.title": null})),
        why(json!({"x.unknown": 1}), json!({"x.unknown": 1.0})),
        why(json!({"x.useEnterpriseContract": false}), json!({})),
        why(json!({"x.useEnterpriseContract": null}), json!({"x.useEnterpriseContract": false})),
        why(json!({"x.categories": ["a", "b"]}), json!({"x.categories": ["b", "a"]})),
        why(
            json!({"x.package": "https://store/a.zip?sv=1&sig=a"}),
            json!({"x.package": "https://store/a.zip?sv=2&sig=b"}),
        ),
        why(json!({"x.description": "<p>\n"}), json!({"x.description": "<p>\r\n"})),
        why(json!({"microsoft-azure-corevm.legacyOfferId": "a"}), json!({"microsoft-azure-corevm.legacyOfferId": "b"})),
    ];
    insta::assert_snapshot!(rows.join("\n"), @"
    x.title: Same(Identical)
    x.title: Same(Unset)
    x.unknown: Same(Number)
    x.useEnterpriseContract: Same(Default)
    x.useEnterpriseContract: Same(Default)
    x.categories: Same(Order)
    x.package: Same(Signature)
    x.description: Same(LineEnds)
    microsoft-azure-corevm.legacyOfferId: Same(ServiceOwned)
    ");
}

#[test]
fn a_served_file_is_equal_by_the_record_or_by_its_slot() {
    let mut recorded = Knowledge::default();
    recorded.media.remember(path("/definition/offer/x.smallLogo"), SENT, STORED, None);
    let told = |knowledge: &Knowledge, observed: &str| {
        told(knowledge, json!({"x.smallLogo": SENT}), json!({"x.smallLogo": observed}), None)
    };
    let other = STORED.replace("a.png", "b.png");
    let in_slot = Knowledge { media_trust: MediaTrust::InSlot, media: recorded.media.clone(), ..Knowledge::default() };
    let again = Knowledge { media_trust: MediaTrust::Resend, ..Knowledge::default() };
    let written = Knowledge { media_trust: MediaTrust::JustWritten, ..Knowledge::default() };
    let mut changed = Knowledge::default();
    changed.media.remember(path("/definition/offer/x.smallLogo"), "https://contoso.com/old.png", STORED, None);
    let rows = [
        told(&recorded, STORED),
        told(&recorded, &other),
        told(&in_slot, &other),
        told(&changed, STORED),
        told(&Knowledge::default(), STORED),
        told(&again, STORED),
        told(&written, STORED),
    ];
    insta::assert_snapshot!(rows.join("\n"), @"
    x.smallLogo: Same(Served)
    x.smallLogo: Different(Replaced)
    x.smallLogo: Same(ServedInSlot)
    x.smallLogo: Different(FormerSource)
    x.smallLogo: Unverifiable(Unrecorded)
    x.smallLogo: Different(SentAgain)
    x.smallLogo: Same(JustWritten)
    ");
}

#[test]
fn what_is_different_says_why() {
    let rows = [
        why(json!({"x.title": "VM"}), json!({"x.title": "Machine"})),
        why(json!({"x.unknown": 1}), json!({"x.unknown": 2})),
        why(json!({"x.unknown": true}), json!({"x.unknown": "true"})),
        why(json!({"x.videos": ["a", "b"]}), json!({"x.videos": ["a"]})),
        why(json!({"x.categories": ["a"]}), json!({"x.categories": ["b"]})),
        why(json!({"x.title": "VM"}), json!({})),
        why(json!({"x.unknown": null}), json!({"x.unknown": {"a": 1}})),
        why(json!({"x.package": "https://store/a.zip"}), json!({"x.package": "https://store/b.zip"})),
        told(
            &Knowledge::default(),
            json!({"x.tableLeadConfiguration": {"connectionString": {"$secret": "NEW"}}}),
            json!({"x.tableLeadConfiguration": {}}),
            Some(json!({"x.tableLeadConfiguration": {"connectionString": {"$secret": "OLD"}}})),
        ),
        told(&Knowledge::default(), json!({}), json!({"x.title": "VM"}), Some(json!({"x.title": "VM"}))),
    ];
    insta::assert_snapshot!(rows.join("\n"), @"
    x.title: Different(Text)
    x.unknown: Different(Value)
    x.unknown: Different(Kind)
    x.videos: Different(Length)
    x.categories: Different(Members)
    x.title: Different(Missing)
    x.unknown: Different(Unwanted)
    x.package: Different(File)
    x.tableLeadConfiguration/connectionString: Different(NotApplied)
    x.title: Different(LeftManifest)
    ");
}

#[test]
fn what_nobody_can_compare_says_why() {
    let rows = [
        why(json!({"x.crmLeadConfiguration": {"password": {"$secret": "LEADS"}}}), json!({})),
        why(json!({"x.smallLogo": SENT}), json!({"x.smallLogo": STORED})),
    ];
    insta::assert_snapshot!(rows.join("\n"), @"
    x.crmLeadConfiguration: Unverifiable(Secret)
    x.smallLogo: Unverifiable(Unrecorded)
    ");
}

#[test]
fn a_renamed_field_is_found_under_its_other_name() {
    let catalogue = Catalogue::built_in();
    let renamed = catalogue.rules_at(&path("/definition/plans/gold/x.windowsOSType")).field().returned_as.clone();
    let desired = plan(json!({"x.windowsOSType": "Other"}));
    let told = |observed: Value| {
        let knowledge = Knowledge::default();
        let (_, trace) =
            trace(&knowledge.context(), Sides { desired: &desired, observed: Some(&observed), applied: None });
        let judged = trace.judgements.into_iter().find(|it| it.path.last() == Some("x.windowsOSType")).unwrap();
        (judged.verdict, trace.elsewhere.into_iter().map(|(_, key)| key).collect::<Vec<_>>())
    };
    assert_eq!(renamed.as_deref(), Some("osType"));
    let (verdict, elsewhere) = told(plan(json!({"x.osType": "Other"})));
    assert_eq!((verdict, elsewhere), (Verdict::Same(Sameness::Identical), vec!["x.osType".to_owned()]));
    assert_eq!(told(plan(json!({}))), (Verdict::Unverifiable(Doubt::NotReturned), Vec::new()));
    let (verdict, _) = told(plan(json!({"x.osType": "Windows 2022"})));
    assert_eq!(verdict, Verdict::Different(Unlikeness::Text));
}

#[test]
fn an_offer_plan_that_the_manifest_does_not_list_says_so() {
    let exact = Knowledge { offer_plans: OfferPlansPolicy::Exact, ..Knowledge::default() };
    let desired = plans(json!([{"planId": "gold"}]));
    let observed = plans(json!([{"planId": "gold"}, {"planId": "tin"}]));
    let (_, trace) = trace(&exact.context(), Sides { desired: &desired, observed: Some(&observed), applied: None });
    let last = trace.judgements.last().unwrap();
    assert_eq!(last.path, path("/definition/plans/tin"));
    assert_eq!(last.verdict, Verdict::Different(Unlikeness::NotListed));
}
