//! Two documents side by side: each difference once, seen from the earlier one, whichever of the two says it.

use super::*;

fn story_between(before: &Value, after: &Value) -> String {
    let differences = between(Catalogue::built_in(), &MediaRecords::default(), before, after);
    story(&Comparison { differences, unverifiable: Vec::new() })
}

#[test]
fn what_came_what_went_and_what_changed_is_told_once() {
    let before = json!({"definition": {
        "offer": {"x.kept": 1, "x.changed": "old", "x.gone": "was here", "x.emptied": ["a"]},
        "plans": [{"planId": "gold", "regions": ["DE", "US"], "x.map": {"inner": 1, "lost": 2}}, {"planId": "silver"}],
    }});
    let after = json!({"definition": {
        "offer": {"x.kept": 1.0, "x.changed": "new", "x.came": "is here", "x.emptied": []},
        "plans": [{"planId": "bronze"}, {"planId": "gold", "regions": ["US", "DE"], "x.map": {"inner": 1}}],
    }});
    insta::assert_snapshot!(story_between(&before, &after), @r#"
    /definition/offer/x.changed: unattributed replace, "old" → "new"
    /definition/offer/x.came: unattributed add, nothing → "is here"
    /definition/offer/x.emptied: unattributed remove, ["a"] → nothing
    /definition/plans/bronze: unattributed add, nothing → {"planId":"bronze"}
    /definition/plans/silver: unattributed remove, {"planId":"silver"} → nothing
    /definition/offer/x.gone: unattributed remove, "was here" → nothing
    /definition/plans/gold/x.map/lost: unattributed remove, 2 → nothing
    "#);
    insta::assert_snapshot!(story_between(&after, &before), @r#"
    /definition/offer/x.changed: unattributed replace, "new" → "old"
    /definition/offer/x.gone: unattributed add, nothing → "was here"
    /definition/offer/x.emptied: unattributed add, nothing → ["a"]
    /definition/plans/gold/x.map/lost: unattributed add, nothing → 2
    /definition/plans/silver: unattributed add, nothing → {"planId":"silver"}
    /definition/plans/bronze: unattributed remove, {"planId":"bronze"} → nothing
    /definition/offer/x.came: unattributed remove, "is here" → nothing
    "#);
}

#[test]
fn what_the_service_adds_by_itself_and_renewed_signatures_are_no_differences() {
    let before = json!({"version": 1, "changedTime": "then", "definition": {
        "offer": {"microsoft-azure-marketplace.smallLogo": "https://publishingstoredm.blob.core.windows.net/a.png?sig=1"},
        "plans": [],
    }});
    let after = json!({"version": 2, "changedTime": "now", "definition": {
        "offer": {
            "microsoft-azure-marketplace.smallLogo": "https://publishingstoredm.blob.core.windows.net/a.png?sig=2",
            "microsoft-azure-marketplace.useEnterpriseContract": false,
        },
        "plans": [],
    }});
    assert_eq!(story_between(&before, &after), "in sync");
    assert_eq!(story_between(&after, &before), "in sync");
}

#[test]
fn served_files_are_one_when_the_record_knows_their_source_or_that_their_names_shift() {
    let serving = |name: &str| format!("https://publishingstoredm.blob.core.windows.net/{name}.png?sig=1");
    let logo = path("/definition/offer/microsoft-azure-marketplace.smallLogo");
    let source = "https://contoso.com/logo.png";
    let recorded = |names: &[&str]| {
        let mut media = MediaRecords::default();
        for name in names {
            media.remember(logo.clone(), source, &serving(name), None);
        }
        media
    };
    let told = |media: &MediaRecords| {
        let document = |name| offer(json!({"microsoft-azure-marketplace.smallLogo": serving(name)}));
        between(Catalogue::built_in(), media, &document("a"), &document("b")).len()
    };
    assert_eq!((told(&recorded(&[])), told(&recorded(&["a"])), told(&recorded(&["a", "b"]))), (1, 1, 0));
    let mut shifting = recorded(&["a"]);
    shifting.mark_shifting(&recorded(&["c"]));
    assert_eq!(told(&shifting), 0);
}
