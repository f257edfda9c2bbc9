//! A saved plan, some time later: may an offer's steps still be done, now that it was looked at and planned again?
//!
//! What was agreed to is the saved plan. So what is to be done now must be a part of it: steps that happened meanwhile may
//! be missing, and nothing may come on top. Both plans are compared as they are seen, without signatures.

use std::fmt;

use serde_json::Value;

use super::{Action, Block, Passenger, PlannedOffer};
use crate::diff::Difference;
use crate::offer::FieldPath;

/// What became of a saved plan's offer.
#[derive(Debug, Clone, PartialEq)]
pub enum Agreement {
    /// The offer is where the plan leads.
    There,
    /// What is left to do is what was agreed to, or a part of it.
    Holds,
    /// A guard blocks, and nobody has let it pass for this plan.
    Blocked(Block),
    /// The offer or what is known about it is not any more what the plan was made from.
    Stale(Vec<Divergence>),
}

/// One thing that is not any more as the plan says.
#[derive(Debug, Clone, PartialEq)]
pub enum Divergence {
    /// The offer was there, and is not.
    Gone,
    /// The offer was not there, and is.
    Created,
    /// Somebody edited a field of the draft.
    Edited {
        /// Which field.
        path: FieldPath,
        /// What it was when the plan was made.
        then: Option<Value>,
        /// What it is now.
        now: Option<Value>,
    },
    /// Somebody edited the draft where the plan says nothing, and the service does not have the old version any more.
    EditedElsewhere,
    /// The plan does not write the field, and it would be written now.
    Unplanned {
        /// Which field.
        path: FieldPath,
        /// What it is.
        now: Option<Value>,
        /// What it would become.
        after: Option<Value>,
    },
    /// The plan writes the field, and it would not be written now, although nobody edited it.
    Unwritten {
        /// Which field.
        path: FieldPath,
    },
    /// Somebody's edit would be shipped that the plan does not show.
    Passenger {
        /// Which field.
        path: FieldPath,
        /// What the slot holds.
        slot: Option<Value>,
        /// What would replace it.
        after: Option<Value>,
    },
    /// The submission that the plan cancels or takes live is not the newest any more.
    OtherSubmission,
    /// It would take a step that is not in the plan.
    Step {
        /// What it does.
        action: Action,
        /// Why it would be needed.
        reason: String,
    },
}

/// Compares what was agreed to with what would be done now.
///
/// `edits` leads from the draft of the plan to the draft of now; `None` when the old one cannot be read any more. Both
/// plans are of the same manifest.
pub fn agreement(saved: &PlannedOffer, now: &PlannedOffer, edits: Option<&[Difference]>) -> Agreement {
    if now.steps.is_empty() && now.blocks.is_empty() {
        return Agreement::There;
    }
    let written = |offer: &PlannedOffer| offer.changes.to_write().collect::<Vec<_>>();
    let (agreed, wanted) = (written(saved), written(now));
    let mut divergences = match (&saved.content, &now.content) {
        (Some(_), None) => vec![Divergence::Gone],
        (None, Some(_)) => vec![Divergence::Created],
        (then, content) if then == content => of_changes(&agreed, &wanted),
        // Other bytes that mean the same, as a service sends them that names its files anew in each answer.
        _ if edits.is_some_and(<[_]>::is_empty) => of_changes(&agreed, &wanted),
        _ => of_edits(&agreed, &wanted, edits),
    };
    // An edit is told once, also when it would be shipped.
    let edited: Vec<_> = divergences.iter().filter_map(Divergence::edited_path).cloned().collect();
    divergences.extend(of_passengers(saved, now, &edited));
    divergences.extend(of_steps(saved, now));
    if !divergences.is_empty() {
        return Agreement::Stale(divergences);
    }
    let is_agreed = |block: &&Block| {
        saved.allowed.iter().any(|allowed| (allowed.guard, &allowed.sentence) == (block.guard, &block.sentence))
    };
    // What is let pass now, and was not spoken of then, was let pass by nobody who read this plan.
    let blocked = now.blocks.first().or_else(|| now.allowed.iter().find(|block| !is_agreed(block)));
    blocked.map_or(Agreement::Holds, |block| Agreement::Blocked(block.clone()))
}

/// The draft is the same, so that only records can have changed what is to be written.
fn of_changes(saved: &[Difference], now: &[Difference]) -> Vec<Divergence> {
    let unplanned = now.iter().filter(|change| !writes(saved, change)).map(unplanned);
    // A change at the same place is told by what it would be now.
    let is_told = |path: &FieldPath| now.iter().any(|change| change.path == *path);
    let missing = saved.iter().filter(|change| !writes(now, change) && !is_told(&change.path));
    let unwritten = missing.map(|change| Divergence::Unwritten { path: change.path.clone() });
    unplanned.chain(unwritten).collect()
}

/// Whether the plan writes exactly this.
fn writes(plan: &[Difference], wanted: &Difference) -> bool {
    let same = |it: &Difference| {
        (&it.path, it.operation, &it.before, &it.after)
            == (&wanted.path, wanted.operation, &wanted.before, &wanted.after)
    };
    plan.iter().any(same)
}

fn unplanned(change: &Difference) -> Divergence {
    Divergence::Unplanned { path: change.path.clone(), now: change.before.clone(), after: change.after.clone() }
}

/// The draft is another one. That is as it should be where somebody did what the plan would have done.
fn of_edits(saved: &[Difference], now: &[Difference], edits: Option<&[Difference]>) -> Vec<Divergence> {
    let touch = |one: &FieldPath, other: &FieldPath| one.is_within(other) || other.is_within(one);
    let is_left = |path: &FieldPath| now.iter().any(|change| touch(path, &change.path));
    let is_led_there = |path: &FieldPath| !is_left(path) && saved.iter().any(|change| path.is_within(&change.path));
    if let Some(edits) = edits {
        let foreign: Vec<_> = edits.iter().filter(|edit| !is_led_there(&edit.path)).collect();
        let is_told = |path: &FieldPath| foreign.iter().any(|edit| touch(path, &edit.path));
        let unplanned = now.iter().filter(|it| !writes(saved, it) && !is_told(&it.path)).map(unplanned);
        let told = foreign.iter().map(|edit| edited(&edit.path, edit.before.as_ref(), edit.after.as_ref()));
        return told.chain(unplanned).collect();
    }
    // Without the old draft, what the plan shows of it tells as much as it can.
    let same_place = |path: &FieldPath| now.iter().find(|change| change.path == *path);
    let moved = saved.iter().filter_map(|then| match same_place(&then.path) {
        Some(now) if now.before == then.before => None,
        Some(now) => Some(edited(&then.path, then.before.as_ref(), now.before.as_ref())),
        // It is what the manifest says.
        None => Some(edited(&then.path, then.before.as_ref(), then.after.as_ref())),
    });
    let known = |path: &FieldPath| saved.iter().any(|then| then.path == *path);
    let appeared = now.iter().filter(|change| !known(&change.path)).map(unplanned);
    let mut found: Vec<_> = moved.chain(appeared).collect();
    found.push(Divergence::EditedElsewhere);
    found
}

fn edited(path: &FieldPath, then: Option<&Value>, now: Option<&Value>) -> Divergence {
    Divergence::Edited { path: path.clone(), then: then.cloned(), now: now.cloned() }
}

fn of_passengers(saved: &PlannedOffer, now: &PlannedOffer, told: &[FieldPath]) -> Vec<Divergence> {
    let (agreed, shipped) = (saved.passengers.open(), now.passengers.open());
    let is_known = |passenger: &&Passenger| {
        let same = |it: &Difference, other: &Difference| {
            (&it.path, &it.before, &it.after) == (&other.path, &other.before, &other.after)
        };
        agreed.iter().any(|known| same(&known.difference, &passenger.difference))
    };
    let new = shipped.iter().filter(|passenger| !is_known(passenger)).map(|passenger| &passenger.difference);
    let new = new.filter(|it| !told.iter().any(|path| it.path.is_within(path) || path.is_within(&it.path)));
    let passenger = |it: &Difference| Divergence::Passenger {
        path: it.path.clone(),
        slot: it.before.clone(),
        after: it.after.clone(),
    };
    new.map(passenger).collect()
}

/// Waiting is always allowed; doing is not.
fn of_steps(saved: &PlannedOffer, now: &PlannedOffer) -> Vec<Divergence> {
    let are_about_one = now.is_about_the_submission() && saved.is_about_the_submission();
    if are_about_one && now.submission != saved.submission {
        return vec![Divergence::OtherSubmission];
    }
    let beyond = now.steps.iter().filter(|step| step.until.is_none() && !saved.has(step.action));
    // An offer that came or went is told by that alone.
    let beyond = beyond.filter(|_| saved.content.is_some() == now.content.is_some());
    beyond.map(|step| Divergence::Step { action: step.action, reason: step.reason.clone() }).collect()
}

impl Divergence {
    fn edited_path(&self) -> Option<&FieldPath> {
        match self {
            Self::Edited { path, .. } => Some(path),
            _ => None,
        }
    }
}

impl fmt::Display for Divergence {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Gone => formatter.write_str("the service does not have the offer any more"),
            Self::Created => formatter.write_str("the offer is there already, and was to be created"),
            Self::Edited { path, then, now } => {
                write!(formatter, "`{path}`: was {}, is now {}", Shown(then.as_ref()), Shown(now.as_ref()))
            }
            Self::EditedElsewhere => formatter.write_str(
                "the draft of the plan cannot be read any more, so that edits where the plan says nothing cannot be told",
            ),
            Self::Unplanned { path, now, after } if now == after => write!(
                formatter,
                "`{path}`: what is behind it, a secret or a file, is another one than before, which the plan does not say"
            ),
            Self::Unplanned { path, now, after } => write!(
                formatter,
                "`{path}`: {} would become {}, which the plan does not say",
                Shown(now.as_ref()),
                Shown(after.as_ref())
            ),
            Self::Unwritten { path } => write!(
                formatter,
                "`{path}`: the plan changes it, and with the records and variables that are here nothing would be changed"
            ),
            Self::Passenger { path, slot, after } => write!(
                formatter,
                "`{path}`: an edit would be shipped that the plan does not show: {} would become {}",
                Shown(slot.as_ref()),
                Shown(after.as_ref())
            ),
            Self::OtherSubmission => {
                formatter.write_str("the submission that the plan is about is not the newest any more")
            }
            Self::Step { action, reason } => {
                write!(formatter, "it would take a step that is not in the plan: {} ({reason})", action.as_str())
            }
        }
    }
}

/// How much of a value is shown, in characters.
const SHOWN: usize = 100;

/// A value as far as it fits into a line.
struct Shown<'value>(Option<&'value Value>);

impl fmt::Display for Shown<'_> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Some(value) = self.0 else { return formatter.write_str("absent") };
        let text = value.to_string();
        match text.char_indices().nth(SHOWN) {
            Some((end, _)) => write!(formatter, "{}…", &text[..end]),
            None => formatter.write_str(&text),
        }
    }
}
