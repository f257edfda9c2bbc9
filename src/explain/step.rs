//! A step: what leads to it, or why it is not in the plan.

use super::{Looked, Managed, StepAnswer};
use crate::offer::{Guard, Slot, SubmissionKind};
use crate::plan::{Action, Circumstances, Running, SlotCheck};

/// The steps, by the words of the command line.
const STEPS: [(&str, Action); 6] = [
    ("create", Action::Create),
    ("update", Action::Update),
    ("publish", Action::Publish),
    ("go-live", Action::GoLive),
    ("wait", Action::Wait),
    ("cancel", Action::Cancel),
];

/// The step that goes by this word; as plans write it, with a blank, it counts too.
pub(super) fn named(word: &str) -> Option<Action> {
    let word = word.replace(' ', "-");
    STEPS.into_iter().find(|(name, _)| word.eq_ignore_ascii_case(name)).map(|(_, action)| action)
}

pub(super) fn answer(looked: &Looked<'_>, action: Action) -> StepAnswer {
    let planned = looked.evidence.managed.map(|managed| managed.planned);
    let steps = planned.into_iter().flat_map(|planned| &planned.steps).enumerate();
    let places: Vec<_> =
        steps.filter(|(_, step)| step.action == action).map(|(index, step)| (index + 1, step.clone())).collect();
    let facts = looked.evidence.managed.zip(looked.circumstances.as_ref());
    let absent_because = match facts {
        Some((managed, circumstances)) if places.is_empty() => {
            absent(managed, circumstances, action, looked.evidence.observed.draft.is_some())
        }
        Some(_) => Vec::new(),
        None => vec![no_manifest(looked, action)],
    };
    let led_by = match facts {
        Some((managed, circumstances)) if !places.is_empty() => led_by(looked, managed, circumstances, action),
        _ => Vec::new(),
    };
    StepAnswer { action, places, absent_because, led_by, plan: looked.plan() }
}

fn no_manifest(looked: &Looked<'_>, action: Action) -> String {
    let key = looked.evidence.key;
    let by_hand = match action {
        Action::Publish => format!("; `offerctl publish {key}` submits its draft as it is"),
        Action::GoLive => format!("; `offerctl go-live {key}` takes its preview to production as it is"),
        Action::Cancel => format!("; `offerctl cancel {key}` cancels what runs"),
        Action::Create | Action::Update | Action::Wait => {
            format!("; `offerctl import {key}` writes a manifest")
        }
    };
    format!("no manifest describes the offer, so that no plan is made for it{by_hand}")
}

/// What leads to a step besides its own reason.
fn led_by(looked: &Looked<'_>, managed: Managed<'_>, circumstances: &Circumstances, action: Action) -> Vec<String> {
    let mut said = Vec::new();
    if matches!(action, Action::Publish | Action::GoLive) {
        said.push(target(managed, circumstances));
        if looked.evidence.observed.draft.is_some() {
            said.extend(slots(circumstances));
        }
        if managed.planned.has(Action::Update) {
            said.push("the update before it changes the draft, and a slot has only what was submitted".to_owned());
        }
    }
    said.extend(running(circumstances));
    said
}

fn target(managed: Managed<'_>, circumstances: &Circumstances) -> String {
    let reconcile = &managed.desired.reconcile;
    match &reconcile.publish_to_at {
        Some(at) => format!("the manifest takes the offer up to {} ({at})", circumstances.target),
        None => format!("the manifest does not say how far; the default is {}", circumstances.target),
    }
}

fn slots(circumstances: &Circumstances) -> Vec<String> {
    let checks = [(Slot::Preview, circumstances.preview), (Slot::Production, circumstances.production)];
    let up_to_target = checks.into_iter().filter(|(slot, _)| *slot <= circumstances.target);
    up_to_target
        .map(|(slot, check)| match check {
            SlotCheck::Empty => format!("nothing is in the {slot} slot"),
            SlotCheck::Right => format!("the {slot} slot holds what the manifest says"),
            SlotCheck::Differs => format!("the {slot} slot holds something else than the manifest says"),
        })
        .collect()
}

fn running(circumstances: &Circumstances) -> Vec<String> {
    let named = |kind: Option<SubmissionKind>| match kind {
        Some(SubmissionKind::GoLive) => "go-live",
        Some(SubmissionKind::Publish) => "publish",
        None => "submission",
    };
    let mut said = Vec::new();
    match circumstances.running {
        Running::No => {}
        Running::Ours(kind) => said.push(format!("a {} of what the manifest says runs", named(kind))),
        Running::Other(kind) => said.push(format!("a {} of other content runs", named(kind))),
    }
    if circumstances.is_held_up {
        said.push("it is held up: it will not end without a person".to_owned());
    }
    said
}

/// Why a step is not in the plan.
fn absent(managed: Managed<'_>, circumstances: &Circumstances, action: Action, exists: bool) -> Vec<String> {
    let mut said = match action {
        Action::Create if exists => vec!["the service has the offer already".to_owned()],
        Action::Create => Vec::new(),
        Action::Update => vec![no_update(managed, exists)],
        Action::Publish => no_submission(managed, circumstances, Slot::Preview),
        Action::GoLive => no_submission(managed, circumstances, Slot::Production),
        Action::Wait => vec!["the plan submits nothing, and waits for nothing that runs".to_owned()],
        Action::Cancel => return vec![no_cancel(circumstances)],
    };
    if action != Action::Create {
        said.extend(running(circumstances));
    }
    said
}

fn no_update(managed: Managed<'_>, exists: bool) -> String {
    if !exists {
        return "the service has no such offer; the create writes everything".to_owned();
    }
    match managed.planned.changes.waived() {
        0 => "nothing to write: the draft holds what the manifest says".to_owned(),
        1 => "nothing to write: 1 field of the draft differs, and it is left to somebody else".to_owned(),
        count => format!("nothing to write: {count} fields of the draft differ, and they are left to others"),
    }
}

fn no_submission(managed: Managed<'_>, circumstances: &Circumstances, slot: Slot) -> Vec<String> {
    let (doing, kind) = if slot == Slot::Preview {
        ("publish", SubmissionKind::Publish)
    } else {
        ("take live", SubmissionKind::GoLive)
    };
    if circumstances.target < slot {
        return vec![target(managed, circumstances)];
    }
    if managed.planned.blocks.iter().any(|block| block.guard == Guard::FailedSubmission) {
        return vec!["the same content was submitted, and that ended badly".to_owned()];
    }
    let Some(_) = &circumstances.to_publish else {
        let slots = if circumstances.target == Slot::Production { "the slots hold" } else { "the preview holds" };
        return vec![format!("nothing to {doing}: {slots} what the manifest says")];
    };
    match circumstances.running {
        Running::Ours(of) if of.is_none_or(|of| of == kind) || slot == Slot::Preview => {
            vec!["what runs brings it; the plan waits for that".to_owned()]
        }
        _ if slot == Slot::Preview && circumstances.preview == SlotCheck::Right => {
            vec!["the preview holds what the manifest says; only the go-live is missing".to_owned()]
        }
        _ => vec![format!("nothing to {doing} before what runs has ended")],
    }
}

fn no_cancel(circumstances: &Circumstances) -> String {
    match circumstances.running {
        Running::No if circumstances.awaits_signoff => {
            "nothing runs; a preview waits for its go-live, and only `--supersede` gives it up for other content"
                .to_owned()
        }
        Running::No => "no submission runs".to_owned(),
        Running::Ours(_) if circumstances.is_held_up => {
            "what runs is what the manifest says, though it is held up; `--retry-failed` cancels it and submits again"
                .to_owned()
        }
        Running::Ours(_) => "what runs is what the manifest says".to_owned(),
        Running::Other(_) => {
            "a submission of other content runs; the plan waits for its end, `--supersede` cancels it".to_owned()
        }
    }
}
