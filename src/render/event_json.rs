//! The lines of `--events`: what happens in a run, for programs that follow it. Described in `docs/events.md`.
//!
//! A line is one JSON object. Readers skip the events and the fields that they do not know; what would break them makes a
//! new version.

use serde::Serialize;

use super::json::OfferResult;
use super::redaction::Redaction;
use super::remedy::concern_json;
use crate::complaint::Concern;
use crate::execute::{Event, StageNews};
use crate::offer::{Message, MessageLevel, OfferKey, Slot};
use crate::plan::{Action, Goal, OfferVerdict, PlannedOffer, UnplannedOffer};

/// The version of the lines' format.
const VERSION: u32 = 1;

/// One line.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct EventLine<'a> {
    format: &'static str,
    version: u32,
    time: &'a str,
    run: &'a str,
    #[serde(flatten)]
    happened: RunEvent,
}

impl<'a> EventLine<'a> {
    /// What happened, when (RFC 3339), and in which run, for a file may hold several.
    pub fn new(time: &'a str, run: &'a str, happened: RunEvent) -> Self {
        Self { format: "offerctl-events", version: VERSION, time, run, happened }
    }
}

/// Something that happened in a run.
#[derive(Debug, Serialize)]
#[serde(tag = "event", rename_all = "camelCase", rename_all_fields = "camelCase")]
pub enum RunEvent {
    /// The first line of a run.
    RunStarted {
        /// The subcommand.
        command: &'static str,
        /// The version of this program.
        program_version: &'static str,
        /// Where the service is.
        service: String,
    },
    /// What is to be done about an offer.
    OfferPlanned {
        /// Which.
        #[serde(flatten)]
        offer: OfferName,
        /// Whose manifest.
        manifest: String,
        /// Whether something is to be done.
        verdict: &'static str,
        /// How far it is taken.
        target: Slot,
        /// How many fields are written.
        changes: usize,
        /// What is done, in this order.
        steps: Vec<StepName>,
        /// The guards that block it.
        blocked_by: Vec<String>,
    },
    /// An offer or its manifest could not be read.
    OfferUnreadable {
        /// Which, when the manifest says so.
        #[serde(flatten)]
        offer: Option<OfferName>,
        /// Its manifest.
        manifest: String,
        /// What was in the way.
        error: String,
    },
    /// A step begins.
    StepStarted {
        /// Whose.
        #[serde(flatten)]
        offer: OfferName,
        /// Which.
        #[serde(flatten)]
        step: StepName,
    },
    /// A step is done.
    StepDone {
        /// Whose.
        #[serde(flatten)]
        offer: OfferName,
        /// Which.
        #[serde(flatten)]
        step: StepName,
        /// What is worth knowing about how.
        #[serde(skip_serializing_if = "Option::is_none")]
        note: Option<String>,
    },
    /// A stage of the submission stands otherwise than before.
    StageMoved(StageLine),
    /// A stage of the submission came further.
    StageProgressed(StageLine),
    /// The service said something.
    ServiceMessage {
        /// About which offer.
        #[serde(flatten)]
        offer: OfferName,
        /// How much it matters.
        level: &'static str,
        /// The words.
        text: String,
        /// What of the offer they speak of, when that is known.
        #[serde(flatten)]
        concern: serde_json::Map<String, serde_json::Value>,
    },
    /// The service used a word that nobody knows; the submission is taken as still going.
    UnknownWord {
        /// About which offer.
        #[serde(flatten)]
        offer: OfferName,
        /// The word.
        word: String,
    },
    /// Somebody edited fields that the manifest does not name since the plan was made; the write keeps their edits.
    Merged {
        /// Of which offer.
        #[serde(flatten)]
        offer: OfferName,
        /// Where they edited.
        changed: Vec<String>,
    },
    /// A file that cannot be used as a record was moved away before a new one is written.
    RecordSetAside {
        /// Of which offer.
        #[serde(flatten)]
        offer: OfferName,
        /// Where it is now.
        path: String,
    },
    /// The answer to a write does not tell whether it was done; the service is asked.
    Unclear {
        /// Of which offer.
        #[serde(flatten)]
        offer: OfferName,
        /// The answer.
        answer: String,
    },
    /// The service could not be asked; waiting goes on.
    Unreachable {
        /// About which offer.
        #[serde(flatten)]
        offer: OfferName,
        /// Why not.
        reason: String,
    },
    /// What was done is on record on this machine, and other machines could not be told.
    Unshared {
        /// About which offer.
        #[serde(flatten)]
        offer: OfferName,
        /// Why not.
        reason: String,
    },
    /// Nothing more is done about an offer.
    OfferEnded {
        /// Which, and what became of it.
        #[serde(flatten)]
        result: OfferResult,
        /// What the exit code would be for this offer alone.
        exit_code: u8,
    },
    /// The last line of a run.
    RunEnded {
        /// The exit code of the program.
        exit_code: u8,
        /// What the run as a whole failed with.
        #[serde(skip_serializing_if = "Option::is_none")]
        error: Option<String>,
        /// How many offers ended how.
        offers: std::collections::BTreeMap<&'static str, usize>,
    },
}

/// An offer, as two fields of a line.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct OfferName {
    publisher_id: String,
    offer_id: String,
}

/// A step, as two fields of a line.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct StepName {
    action: Action,
    #[serde(skip_serializing_if = "Option::is_none")]
    until: Option<Goal>,
}

/// How a stage stands.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct StageLine {
    #[serde(flatten)]
    offer: OfferName,
    stage_id: String,
    stage_name: String,
    status: String,
    progress_percentage: Option<u8>,
    estimate: Option<String>,
    number: usize,
    of: usize,
}

impl From<&OfferKey> for OfferName {
    fn from(key: &OfferKey) -> Self {
        Self { publisher_id: key.publisher.to_string(), offer_id: key.offer.to_string() }
    }
}

impl RunEvent {
    /// What is to be done about an offer.
    pub fn planned(offer: &PlannedOffer) -> Self {
        Self::OfferPlanned {
            offer: OfferName::from(&offer.key),
            manifest: offer.manifest.file.to_string(),
            verdict: match offer.verdict() {
                OfferVerdict::InSync => "inSync",
                OfferVerdict::ToDo => "toDo",
                OfferVerdict::Blocked => "blocked",
            },
            target: offer.target,
            changes: offer.changes.written(),
            steps: offer.steps.iter().map(|step| StepName { action: step.action, until: step.until }).collect(),
            blocked_by: offer.blocks.iter().map(|block| block.guard.to_string()).collect(),
        }
    }

    /// An offer or manifest that could not be read.
    pub fn unreadable(failed: &UnplannedOffer) -> Self {
        Self::OfferUnreadable {
            offer: failed.key.as_ref().map(OfferName::from),
            manifest: failed.manifest.to_string(),
            error: Redaction::text(&failed.reason),
        }
    }

    /// Something that the executor tells, and what it speaks of when that is known. Everything that it tells is an event.
    pub fn told(key: &OfferKey, event: &Event, concern: Option<&Concern>) -> Self {
        let offer = OfferName::from(key);
        match event {
            Event::StepStarted { action, goal } => {
                Self::StepStarted { offer, step: StepName { action: *action, until: *goal } }
            }
            Event::StepDone { action, goal, note } => Self::StepDone {
                offer,
                step: StepName { action: *action, until: *goal },
                note: note.as_deref().map(Redaction::text),
            },
            Event::StageMoved(news) => Self::StageMoved(StageLine::new(offer, news)),
            Event::StageProgressed(news) => Self::StageProgressed(StageLine::new(offer, news)),
            Event::Said(Message { level, text }) => Self::ServiceMessage {
                offer,
                level: match level {
                    MessageLevel::Information => "information",
                    MessageLevel::Warning => "warning",
                    MessageLevel::Error => "error",
                },
                text: Redaction::text(text),
                concern: concern.map(concern_json).unwrap_or_default(),
            },
            Event::UnknownWord(word) => Self::UnknownWord { offer, word: Redaction::text(word) },
            Event::RecordSetAside { place } => {
                Self::RecordSetAside { offer, path: Redaction::text(&place.display().to_string()) }
            }
            Event::Merged { changed } => {
                Self::Merged { offer, changed: changed.iter().map(|line| Redaction::text(line)).collect() }
            }
            Event::Unclear(answer) => Self::Unclear { offer, answer: Redaction::text(answer) },
            Event::Unreachable(reason) => Self::Unreachable { offer, reason: Redaction::text(reason) },
            Event::Unshared(reason) => Self::Unshared { offer, reason: Redaction::text(reason) },
        }
    }
}

impl StageLine {
    fn new(offer: OfferName, StageNews { stage, number, of }: &StageNews) -> Self {
        Self {
            offer,
            stage_id: Redaction::text(&stage.id),
            stage_name: Redaction::text(&stage.name),
            status: Redaction::text(&stage.status.word()),
            progress_percentage: stage.progress,
            estimate: stage.estimate.as_deref().map(Redaction::text),
            number: *number,
            of: *of,
        }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::{BTreeMap, BTreeSet};
    use std::sync::Arc;

    use serde_json::{Value, json};

    use super::*;
    use crate::execute::OfferOutcome;
    use crate::offer::{FieldPath, SourcePosition, Stage, StageStatus};
    use crate::render::{Remedy, TracedComplaint};

    /// The next kind after each, so that a new one cannot be forgotten here.
    fn after(event: &RunEvent) -> Option<RunEvent> {
        let key = OfferKey::parse("contoso/vm").unwrap();
        let (path, file) = (FieldPath::root().child("definition"), Arc::from("offers/vm/offer.yaml"));
        let source = Some(SourcePosition { file, line: 1, column: 1 });
        let concern = Concern { path, source, names: vec!["1.0.0".to_owned()], is_sure: true };
        let told = |event: &Event| Some(RunEvent::told(&key, event, Some(&concern)));
        let news = || {
            let (name, status) = ("Certification".to_owned(), StageStatus::InProgress);
            let stage = Stage { id: String::new(), name, status, progress: None, estimate: None, messages: Vec::new() };
            StageNews { stage, number: 2, of: 6 }
        };
        let complaint = TracedComplaint { text: "https://a/b?sig=hunter2".to_owned(), concern: concern.clone() };
        let remedy = Remedy { complaints: vec![complaint], ..Remedy::default() };
        let (action, goal) = (Action::Wait, Some(Goal::Preview));
        match event {
            RunEvent::RunStarted { .. } => Some(RunEvent::OfferPlanned {
                offer: OfferName::from(&key),
                manifest: "offers/vm/offer.yaml".to_owned(),
                verdict: "toDo",
                target: Slot::Preview,
                changes: 1,
                steps: vec![StepName { action, until: goal }],
                blocked_by: Vec::new(),
            }),
            RunEvent::OfferPlanned { .. } => Some(RunEvent::unreadable(&UnplannedOffer {
                key: None,
                manifest: "offers/vm/offer.yaml".into(),
                reason: "https://a/b?sig=hunter2".to_owned(),
            })),
            RunEvent::OfferUnreadable { .. } => told(&Event::StepStarted { action, goal }),
            RunEvent::StepStarted { .. } => {
                told(&Event::StepDone { action, goal, note: Some("https://a/b?sig=hunter2".into()) })
            }
            RunEvent::StepDone { .. } => told(&Event::StageMoved(news())),
            RunEvent::StageMoved(_) => told(&Event::StageProgressed(news())),
            RunEvent::StageProgressed(_) => {
                told(&Event::Said(Message { level: MessageLevel::Error, text: "https://a/b?sig=hunter2".into() }))
            }
            RunEvent::ServiceMessage { .. } => told(&Event::UnknownWord("sig=hunter2".into())),
            RunEvent::UnknownWord { .. } => told(&Event::Merged { changed: vec!["`/definition/x` changed".into()] }),
            RunEvent::Merged { .. } => told(&Event::RecordSetAside { place: "vm.json.aside-1".into() }),
            RunEvent::RecordSetAside { .. } => told(&Event::Unclear("https://a/b?sig=hunter2".into())),
            RunEvent::Unclear { .. } => told(&Event::Unreachable("https://a/b?sig=hunter2".into())),
            RunEvent::Unreachable { .. } => told(&Event::Unshared("https://a/b?sig=hunter2".into())),
            RunEvent::Unshared { .. } => Some(RunEvent::OfferEnded {
                result: OfferResult::worked_on(&key, &OfferOutcome::Done, &remedy),
                exit_code: 0,
            }),
            RunEvent::OfferEnded { .. } => {
                Some(RunEvent::RunEnded { exit_code: 0, error: None, offers: BTreeMap::from([("done", 1)]) })
            }
            RunEvent::RunEnded { .. } => None,
        }
    }

    fn every_kind() -> Vec<Value> {
        let first =
            RunEvent::RunStarted { command: "apply", program_version: "1.2.3", service: "https://service".to_owned() };
        let events = std::iter::successors(Some(first), after);
        let line = |event| serde_json::to_value(EventLine::new("2026-11-22T16:17:07Z", "64b3", event)).unwrap();
        events.map(line).collect()
    }

    #[test]
    fn the_documented_events_are_those_that_exist() {
        let table = include_str!("../../docs/events.md").split("## The events").nth(1).unwrap();
        let documented: BTreeSet<_> =
            table.lines().filter_map(|line| line.strip_prefix("| `")?.split('`').next()).map(str::to_owned).collect();
        let real: BTreeSet<_> = every_kind().iter().map(|line| line["event"].as_str().unwrap().to_owned()).collect();
        assert_eq!(documented, real);
    }

    #[test]
    fn every_event_satisfies_the_schema_and_has_no_field_that_it_does_not_name() {
        let mut schema: Value = serde_json::from_str(include_str!("../../schemas/event.schema.json")).unwrap();
        for definition in schema["definitions"].as_object_mut().unwrap().values_mut() {
            definition["additionalProperties"] = false.into();
        }
        let validator = jsonschema::validator_for(&schema).unwrap();
        for line in every_kind() {
            let event = line["event"].as_str().unwrap();
            assert!(schema["definitions"][event].is_object(), "{event}");
            let complaints: Vec<_> = validator.iter_errors(&line).map(|error| error.to_string()).collect();
            assert!(complaints.is_empty(), "{complaints:?} in {line}");
        }
    }

    #[test]
    fn each_field_of_an_event_is_documented_with_it() {
        let table = include_str!("../../docs/events.md").split("## The events").nth(1).unwrap();
        let common = ["format", "version", "time", "run", "event", "publisherId", "offerId"];
        for line in every_kind() {
            let kind = line["event"].as_str().unwrap();
            let row = |kind: &str| table.lines().find(|row| row.starts_with(&format!("| `{kind}`"))).unwrap();
            let described = match kind {
                "stepDone" => format!("{}{}", row("stepStarted"), row(kind)),
                "stageProgressed" => row("stageMoved").to_owned(),
                _ => row(kind).to_owned(),
            };
            for field in line.as_object().unwrap().keys().filter(|field| !common.contains(&field.as_str())) {
                assert!(described.contains(&format!("`{field}`")), "`{field}` of `{kind}`");
            }
        }
    }

    #[test]
    fn an_event_is_one_line_without_signatures() {
        let lines: Vec<_> = every_kind().iter().map(Value::to_string).collect();
        assert!(!lines.concat().contains("hunter2"), "{lines:#?}");
        let moved = every_kind().into_iter().find(|line| line["event"] == "stageMoved").unwrap();
        assert_eq!(
            moved,
            json!({"format": "offerctl-events", "version": 1, "time": "2026-11-22T16:17:07Z", "run": "64b3",
                "event": "stageMoved", "publisherId": "contoso", "offerId": "vm", "stageId": "",
                "stageName": "Certification", "status": "inProgress", "progressPercentage": null, "estimate": null,
                "number": 2, "of": 6})
        );
    }
}
