//! What is explained agrees with the plan, whatever the documents are; and names lead to the fields that people mean.

use proptest::prelude::*;
use serde_json::json;

use super::*;
use crate::offer::{IgnoredField, OfferTypeId, PositionTree, Reconcile};
use crate::plan::plan_offer;

/// One side of a comparison: what stands under a few keys of the offer and of its offer plan.
fn document() -> impl Strategy<Value = Value> {
    let text = || prop_oneof![Just(json!("one")), Just(json!("two")), Just(json!(""))];
    let regions = prop_oneof![Just(json!(["DE", "US"])), Just(json!(["US", "DE"])), Just(json!(["FR"]))];
    let videos = prop_oneof![Just(json!(["a", "b"])), Just(json!(["b", "a"]))];
    let logo = prop_oneof![
        Just(json!("https://contoso.com/a.png")),
        Just(json!("https://publishingstoredm.blob.core.windows.net/x/b.png?sig=x")),
    ];
    let optional = |value: BoxedStrategy<Value>| prop::option::weighted(0.7, value);
    let keys = (
        optional(text().boxed()),
        optional(text().boxed()),
        optional(logo.boxed()),
        optional(videos.boxed()),
        optional(regions.boxed()),
        optional(text().boxed()),
    );
    keys.prop_map(|(title, summary, logo, videos, regions, os)| {
        let set = |pairs: Vec<(&str, Option<Value>)>| -> Value {
            pairs.into_iter().filter_map(|(key, value)| Some((key.to_owned(), value?))).collect()
        };
        let offer = set(vec![("x.title", title), ("x.summary", summary), ("x.smallLogo", logo), ("x.videos", videos)]);
        let plan = set(vec![("planId", Some(json!("gold"))), ("regions", regions), ("x.windowsOSType", os)]);
        json!({
            "publisherId": "contoso", "offerTypeId": "x", "id": "vm",
            "definition": {"offer": offer, "plans": [plan]},
        })
    })
}

fn positions(value: &Value) -> PositionTree {
    let position = SourcePosition { file: "offer.yaml".into(), line: 1, column: 1 };
    let children = match value {
        Value::Object(map) => map.iter().map(|(key, value)| (key.as_str().into(), positions(value))).collect(),
        Value::Array(items) => {
            items.iter().enumerate().map(|(index, item)| (index.to_string().into(), positions(item))).collect()
        }
        _ => Vec::new(),
    };
    PositionTree { value: position.clone(), key: position, children }
}

fn desired(document: Value, waived: bool) -> Desired {
    let positions = positions(&document);
    let summary = IgnoredField {
        path: FieldPath::parse("/definition/offer/x.summary").unwrap(),
        reason: "marketing edits this".to_owned(),
        until: None,
        position: positions.value.clone(),
    };
    let reconcile = Reconcile {
        publish_to: Slot::Production,
        ignore: Vec::from_iter(waived.then_some(summary)),
        ..Reconcile::default()
    };
    Desired {
        key: OfferKey::parse("contoso/vm").unwrap(),
        offer_type: OfferTypeId::new("x").unwrap(),
        manifest: positions.value.clone(),
        reconcile,
        document,
        positions,
        secrets: Vec::new(),
        local_files: Vec::new(),
    }
}

/// Everything that a plan is made from, owned.
#[derive(Debug)]
struct Story {
    desired: Desired,
    observed: Observed,
    known: Known,
}

impl Story {
    fn new(wanted: Value, draft: Value, preview: Option<Value>, applied: Option<Value>, waived: bool) -> Self {
        let desired = desired(wanted, waived);
        let observed = Observed {
            draft: Some(Document::new(draft)),
            preview: preview.map(Document::new),
            ..Observed::absent(desired.key.clone())
        };
        Self { desired, observed, known: Known { applied: applied.map(Into::into), ..Known::default() } }
    }

    /// Lets the test look at the plan and ask for explanations of it.
    fn with<T>(&self, look: impl FnOnce(&Evidence<'_>, &PlannedOffer) -> T) -> T {
        let (catalogue, directives) = (Catalogue::built_in(), Directives::default());
        let planned = plan_offer(catalogue, &self.desired, &self.observed, &self.known, &directives);
        let managed = Managed { desired: &self.desired, planned: &planned, directives: &directives };
        let evidence = Evidence {
            catalogue,
            key: &self.desired.key,
            observed: &self.observed,
            known: &self.known,
            recorded: None,
            managed: Some(managed),
        };
        look(&evidence, &planned)
    }
}

fn field(evidence: &Evidence<'_>, path: &FieldPath) -> FieldAnswer {
    match explain(evidence, &Topic::Field(path.clone())).answer {
        Answer::Field(answer) => *answer,
        other => unreachable!("{other:?}"),
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 96, failure_persistence: None, ..ProptestConfig::default() })]

    /// A field is explained as written if and only if the plan writes it, as different if and only if the plan says so, and
    /// as a part of the plan's change where that is about more.
    #[test]
    fn an_explanation_never_disagrees_with_the_plan(
        wanted in document(), draft in document(), preview in prop::option::of(document()),
        applied in prop::option::of(document()), waived in any::<bool>(),
    ) {
        let story = Story::new(wanted, draft, preview, applied, waived);
        story.with(|evidence, planned| {
            for path in nodes::all(evidence) {
                let answer = field(evidence, &path);
                let changes = planned.changes.open();
                let at_or_around: Vec<_> =
                    changes.iter().filter(|change| path.is_within(&change.difference.path)).collect();
                let is_written = at_or_around.iter().any(|change| change.difference.is_written());
                let is_explained = matches!(answer.standing, Standing::Differs(_));
                prop_assert_eq!(is_explained, is_written, "{}: {:?}", path, answer.standing);
                let acts = matches!(answer.consequence, Consequence::Writes | Consequence::Removes);
                let inside = changes.iter().any(|change| {
                    change.difference.path.is_within(&path) && change.difference.is_written()
                });
                prop_assert_eq!(acts, is_written || inside, "{}: {:?}", path, answer.consequence);
                let verdict = answer.stands[0].held.as_ref().and_then(|held| held.verdict);
                prop_assert_eq!(verdict.is_some_and(Verdict::is_different), !at_or_around.is_empty(), "{}", path);
                if let [change] = at_or_around.as_slice() && is_written {
                    prop_assert_eq!(answer.standing, Standing::Differs(change.difference.class));
                }
            }
            Ok(())
        })?;
    }
}

#[test]
fn a_field_goes_by_its_path_its_key_its_title_and_what_reports_call_it() {
    let wanted = json!({"definition": {
        "offer": {"x.title": "VM", "x.summary": "A machine"},
        "plans": [
            {"planId": "gold", "x.skuTitle": "Gold", "regions": ["DE"], "x.vmImages": {"1.0.0": {"label": "one"}}},
            {"planId": "tin", "x.skuTitle": "Tin", "x.vmImages": {"1.0.0": {"label": "two"}}},
        ],
    }});
    let story = Story::new(wanted.clone(), wanted, None, None, false);
    let found = |words: &str| {
        story.with(|evidence, _| match resolve(evidence, Some(words)) {
            Ok(Topic::Field(path)) => path.to_string(),
            Ok(topic) => format!("{topic:?}"),
            Err(Unresolved::Unknown { meant }) => format!("unknown, {}?", meant.unwrap_or_default()),
            Err(Unresolved::NoSuchElement { there_are, meant, .. }) => {
                format!("none of {}, {}?", there_are.join(" and "), meant.unwrap_or_default())
            }
            Err(Unresolved::SetNowhere { pattern, .. }) => format!("nowhere, {pattern}"),
            Err(Unresolved::Ambiguous { candidates, more }) => format!("one of {} and {more} more", candidates.len()),
        })
    };
    let words = [
        "/definition/offer/x.summary",
        "/definition/offer/x.heroLogo",
        "summary",
        "SUMMARY",
        "x.summary",
        "regions",
        "gold/skuTitle",
        "Offer plan gold › Images › Image 1.0.0 › Label",
        "tin/1.0.0/label",
        "label",
        "Hero logo",
        "summery",
        "/definition/plans/1/x.skuTitel",
        "/definition/plans/nope",
        "/definition/plans/0",
        "/definition/plans/gold/x.vmImages/2.0.0",
        "go live",
        "publish",
        "quite something else",
    ];
    let lines: Vec<_> = words.iter().map(|words| format!("{words}: {}", found(words))).collect();
    insta::assert_snapshot!(lines.join("\n"), @"
    /definition/offer/x.summary: /definition/offer/x.summary
    /definition/offer/x.heroLogo: /definition/offer/x.heroLogo
    summary: /definition/offer/x.summary
    SUMMARY: /definition/offer/x.summary
    x.summary: /definition/offer/x.summary
    regions: /definition/plans/gold/regions
    gold/skuTitle: /definition/plans/gold/x.skuTitle
    Offer plan gold › Images › Image 1.0.0 › Label: /definition/plans/gold/x.vmImages/1.0.0/label
    tin/1.0.0/label: /definition/plans/tin/x.vmImages/1.0.0/label
    label: one of 2 and 0 more
    Hero logo: nowhere, /definition/offer/*.heroLogo
    summery: unknown, /definition/offer/x.summary?
    /definition/plans/1/x.skuTitel: unknown, /definition/plans/tin/x.skuTitle?
    /definition/plans/nope: none of gold and tin, ?
    /definition/plans/0: none of gold and tin, /definition/plans/gold?
    /definition/plans/gold/x.vmImages/2.0.0: none of 1.0.0, /definition/plans/gold/x.vmImages/1.0.0?
    go live: Step(GoLive)
    publish: Step(Publish)
    quite something else: unknown, ?
    ");
    assert_eq!(story.with(|evidence, _| resolve(evidence, None)), Ok(Topic::Offer));
}
