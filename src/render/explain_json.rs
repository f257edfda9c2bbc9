//! An explanation for programs, described in `docs/json.md`.

use serde_json::{Map, Value, json};

use super::explain_words::{consequence, kind, rules, source, standing, verdict};
use super::plan_text::place;
use super::redaction::Redaction;
use crate::diff::Verdict;
use crate::explain::{
    Answer, Child, Consequence, Explanation, FieldAnswer, Held, Management, OfferAnswer, Stand, Standing, StepAnswer,
};
use crate::offer::FieldPath;
use crate::plan::{Block, OfferVerdict, PlannedOffer, Step};

/// The whole explanation.
pub fn explain_json(explanation: &Explanation) -> Value {
    let mut whole = json!({
        "format": "offerctl-explain",
        "version": 1,
        "publisherId": explanation.key.publisher,
        "offerId": explanation.key.offer,
        "manifest": explanation.manifest.as_ref().map(|manifest| &manifest.file),
        "exists": explanation.exists,
        "recorded": explanation.recorded.as_ref().map(|it| json!({"at": it.at, "commit": it.commit})),
    });
    match &explanation.answer {
        Answer::Offer(answer) => whole["offer"] = offer(answer),
        Answer::Field(answer) => whole["field"] = field(explanation, answer),
        Answer::Step(answer) => whole["step"] = step(answer),
    }
    whole
}

fn offer(answer: &OfferAnswer) -> Value {
    json!({
        "status": answer.status.as_ref().map(|report| report.status.word()),
        "slots": answer.filled,
        "target": answer.plan.as_ref().map(|(_, circumstances)| circumstances.target),
        "verdict": answer.plan.as_ref().map(|(planned, _)| plan_verdict(planned)),
        "steps": answer.plan.iter().flat_map(|(planned, _)| &planned.steps).map(one_step).collect::<Vec<_>>(),
        "changes": answer.plan.as_ref().map(|(planned, _)| changes(planned)).unwrap_or_default(),
        "blocks": answer.plan.as_ref().map(|(planned, _)| blocks(planned)).unwrap_or_default(),
        "notes": answer.plan.as_ref().map(|(planned, _)| planned.notes.clone()).unwrap_or_default(),
    })
}

fn step(answer: &StepAnswer) -> Value {
    let places = answer.places.iter().map(|(number, step)| {
        let mut told = one_step(step);
        told["number"] = json!(number);
        told
    });
    json!({
        "action": answer.action,
        "planned": !answer.places.is_empty(),
        "places": places.collect::<Vec<_>>(),
        "absentBecause": answer.absent_because,
        "ledBy": answer.led_by,
        "changes": answer.plan.as_ref().map(|(planned, _)| changes(planned)).unwrap_or_default(),
        "blocks": answer.plan.as_ref().map(|(planned, _)| blocks(planned)).unwrap_or_default(),
    })
}

fn field(explanation: &Explanation, answer: &FieldAnswer) -> Value {
    let path = &answer.path;
    let shown = |value: &Option<Value>| value.as_ref().map(|value| Redaction::default().value(path, value));
    let (word, meaning) = standing(answer.standing, explanation);
    let stands = answer.stands.iter().map(|Stand { slot, held }| {
        let told = held.as_ref().map(|Held { value, under, verdict: found, inside }| {
            json!({
                "value": shown(value),
                "under": under,
                "verdict": found.map(|found| one_verdict(found, under.as_deref())),
                "inside": inside.map(|it| json!({
                    "compared": it.compared,
                    "different": it.different,
                    "unverifiable": it.unverifiable,
                })),
            })
        });
        (slot.to_string(), json!(told))
    });
    json!({
        "path": path,
        "name": place(path),
        "type": kind(answer),
        "rules": rules(answer),
        "source": source(answer.rule),
        "note": answer.rule.note,
        "management": one_management(&answer.management),
        "declared": answer.declared.as_ref().map(|declared| json!({"key": declared.key, "value": declared.value})),
        "partOf": answer.part_of,
        "standing": standing_id(answer.standing),
        "meaning": format!("{word}: {meaning}"),
        "apply": json!({"does": consequence_id(answer.consequence), "meaning": consequence(answer)}),
        "blockedBy": answer.blocked_by.iter().map(|guard| guard.as_str()).collect::<Vec<_>>(),
        "repository": shown(&answer.repository),
        "applied": shown(&answer.applied),
        "slots": stands.collect::<Map<_, _>>(),
        "changes": answer.changes.iter().map(|change| &change.difference.path).collect::<Vec<_>>(),
        "passengers": answer.passengers.iter().map(|passenger| &passenger.difference.path).collect::<Vec<_>>(),
        "children": answer.children.iter().map(child).collect::<Vec<_>>(),
        "moreChildren": answer.more_children,
    })
}

fn child(child: &Child) -> Value {
    json!({
        "path": child.path,
        "management": one_management(&child.management)["is"],
        "standing": standing_id(child.standing),
        "verdict": child.verdict.map(|found| one_verdict(found, None)),
    })
}

fn one_verdict(found: Verdict, under: Option<&str>) -> Value {
    let (is, rule) = match found {
        Verdict::Same(sameness) => ("equal", json!(sameness)),
        Verdict::Unverifiable(doubt) => ("unverifiable", json!(doubt)),
        Verdict::Different(unlikeness) => ("different", json!(unlikeness)),
    };
    json!({"is": is, "rule": rule, "meaning": verdict(found, under)})
}

fn one_management(management: &Management) -> Value {
    match management {
        Management::Managed => json!({"is": "managed"}),
        Management::Waived { reason, until, at } => {
            json!({"is": "waived", "reason": reason, "until": until.map(|day| day.to_string()), "at": at})
        }
        Management::Left => json!({"is": "left"}),
        Management::Added => json!({"is": "added"}),
        Management::Renamed { of } => json!({"is": "renamed", "of": of}),
        Management::Copied { of } => json!({"is": "copied", "of": of}),
        Management::Unmanaged => json!({"is": "unmanaged"}),
        Management::ServiceOwned => json!({"is": "serviceOwned"}),
        Management::NoManifest => json!({"is": "noManifest"}),
    }
}

fn standing_id(standing: Standing) -> Value {
    let word = match standing {
        Standing::Differs(class) => return json!(class),
        Standing::InSync => "inSync",
        Standing::Unverifiable => "unverifiable",
        Standing::Contains(_) => "contains",
        Standing::Unpublished(_) => "unpublished",
        Standing::Waived => "waived",
        Standing::Passenger => "passenger",
        Standing::Unmanaged => "unmanaged",
        Standing::ServiceOwned => "serviceOwned",
        Standing::NoManifest => "noManifest",
    };
    json!(word)
}

fn consequence_id(consequence: Consequence) -> &'static str {
    match consequence {
        Consequence::Nothing => "nothing",
        Consequence::Kept => "keeps",
        Consequence::NoManifest => "noManifest",
        Consequence::Writes => "writes",
        Consequence::Removes => "removes",
        Consequence::Publishes(_) => "publishes",
        Consequence::Ships(_) => "ships",
    }
}

fn plan_verdict(planned: &PlannedOffer) -> &'static str {
    match planned.verdict() {
        OfferVerdict::InSync => "inSync",
        OfferVerdict::ToDo => "toDo",
        OfferVerdict::Blocked => "blocked",
    }
}

fn changes(planned: &PlannedOffer) -> Vec<FieldPath> {
    planned.changes.to_write().map(|difference| difference.path).collect()
}

fn one_step(step: &Step) -> Value {
    json!({
        "action": step.action,
        "until": step.until,
        "reason": step.reason,
        "undo": step.action.undo(),
        "estimate": step.estimate,
        "source": step.source,
    })
}

fn blocks(planned: &PlannedOffer) -> Vec<Value> {
    let told = |block: &Block| {
        json!({
            "guard": block.guard.as_str(),
            "sentence": Redaction::text(&block.sentence),
            "messages": block.messages.iter().map(|message| Redaction::text(message)).collect::<Vec<_>>(),
            "wayOut": planned.way_out(block),
        })
    };
    planned.blocks.iter().map(told).collect()
}
