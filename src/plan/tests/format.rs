//! The plan as a file, and the totals under it.

use super::*;
use crate::offer::FieldPath;

fn a_plan() -> Plan {
    let mut wanted = desired(right());
    wanted.reconcile.publish_to = Slot::Preview;
    let offer = plan(&wanted, &observed(other(), Some(right()), None, Standing::Live));
    let failed = UnplannedOffer {
        key: None,
        manifest: "offers/broken.yaml".into(),
        reason: "the manifest has errors; `offerctl validate` shows them".to_owned(),
    };
    let terms = Terms { service: "loopback".to_owned(), ..Terms::default() };
    // What customers see has a test of its own.
    Plan { offers: vec![PlannedOffer { listing: None, ..offer }], failed: vec![failed], terms, unchanged: None }
}

#[test]
fn the_file_of_a_plan() {
    let hide = |_: &FieldPath, value: &Value| match value {
        Value::String(text) => Value::from(format!("shown: {text}")),
        value => value.clone(),
    };
    let plan = a_plan();
    let file = PlanDocument::new(&plan, &hide, &|part| part);
    insta::assert_snapshot!(serde_json::to_string_pretty(&file).unwrap(), @r#"
    {
      "format": "offerctl-plan",
      "version": 1,
      "digest": "sha256:0e00b510342f04dae4ed4f82e9455a6358c782d5872fb37b783e81c6fa7d0472",
      "service": "loopback",
      "asked": {
        "supersede": false,
        "retryFailed": false,
        "resendMedia": false
      },
      "offers": [
        {
          "publisherId": "contoso",
          "offerId": "contoso-vm",
          "offerTypeId": "microsoft-azure-virtualmachines",
          "manifest": "offers/vm/offer.yaml",
          "source": {
            "file": "offers/vm/offer.yaml",
            "line": 1,
            "column": 1
          },
          "target": "preview",
          "etag": "W/\"datetime'2026-11-22'\"",
          "content": "sha256:9e83e710a2db397442ebe8ea2dac2c23fb1ee36f3799d33f2fb8fb3d4123350b",
          "draftVersion": null,
          "desired": "sha256:c87954189b043b0d70300061a5bb5557b876dff877c3e6e8bd529e23cfabe7bf",
          "submission": null,
          "verdict": "toDo",
          "changes": [
            {
              "path": "/definition/offer/x.title",
              "op": "replace",
              "class": "unattributed",
              "before": "shown: Theirs",
              "after": "shown: Ours",
              "sensitive": false,
              "source": {
                "file": "offers/vm/offer.yaml",
                "line": 8,
                "column": 1
              }
            }
          ],
          "secrets": [],
          "passengers": [],
          "steps": [
            {
              "action": "update",
              "reason": "1 field of the draft differs",
              "undo": "byApply",
              "estimate": null,
              "source": {
                "file": "offers/vm/offer.yaml",
                "line": 8,
                "column": 1
              }
            }
          ],
          "blocked": [],
          "allowed": [],
          "notes": [],
          "listing": null
        }
      ],
      "coverage": {
        "found": 2,
        "read": 1,
        "planned": 1,
        "skipped": [
          {
            "publisherId": null,
            "offerId": null,
            "manifest": "offers/broken.yaml",
            "reason": "the manifest has errors; `offerctl validate` shows them"
          }
        ]
      },
      "summary": {
        "offers": 2,
        "create": 0,
        "change": 1,
        "inSync": 0,
        "blocked": 0,
        "failed": 1,
        "changes": 1,
        "steps": 1
      }
    }
    "#);
}

#[test]
fn the_words_of_the_file() {
    let words = |values: Vec<Value>| values.iter().map(|word| word.as_str().unwrap()).collect::<Vec<_>>().join(" ");
    let actions = [Action::Create, Action::Update, Action::Publish, Action::GoLive, Action::Wait, Action::Cancel];
    assert_eq!(words(actions.iter().map(|word| json!(word)).collect()), "create update publish goLive wait cancel");
    let goals = [Goal::Preview, Goal::Live, Goal::Settled];
    assert_eq!(words(goals.iter().map(|word| json!(word)).collect()), "preview live settled");
    let undo = [Undo::NotNeeded, Undo::ByApply, Undo::ByCancel, Undo::Never];
    assert_eq!(words(undo.iter().map(|word| json!(word)).collect()), "notNeeded byApply byCancel never");
}

#[test]
fn every_total_is_counted_once() {
    let offer = |observed: &Observed| plan(&desired(right()), observed);
    let new = offer(&Observed::absent(key()));
    let changed = offer(&observed(other(), None, None, Standing::NeverPublished));
    let in_sync = offer(&observed(right(), Some(right()), Some(right()), Standing::Live));
    let blocked = offer(&observed(right(), None, None, Standing::Failed));
    let (new_steps, new_changes) = (new.steps.len(), new.changes.open().len());
    let (changed_steps, changed_changes) = (changed.steps.len(), changed.changes.open().len());
    let whole = Plan { offers: vec![new, changed, in_sync, blocked], failed: a_plan().failed, ..Plan::default() };
    let expected = Summary {
        offers: 5,
        create: 1,
        change: 1,
        in_sync: 1,
        blocked: 1,
        failed: 1,
        changes: new_changes + changed_changes,
        steps: new_steps + changed_steps,
    };
    assert_eq!(whole.summary(), expected);
    assert_eq!(Plan::default().summary(), Summary::default());
}
