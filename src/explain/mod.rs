//! Why the plan says what it says: of a field, of a step, of an offer as a whole.
//!
//! Pure, and no second opinion: verdicts and their reasons are those of the comparison ([`crate::diff::trace`]), steps those
//! of the planner. A **standing** is what became of a field; a **stand** is what one slot holds of it.

mod field;
mod names;
mod nodes;
mod step;
#[cfg(test)]
mod tests;

use jiff::civil::Date;
use serde_json::Value;

pub use names::Unresolved;

use crate::diff::{Class, Difference, Sameness, SecretVerdict, Sides, Trace, Unlikeness, Verdict, trace};
use crate::offer::{
    Catalogue, Desired, Document, Field, FieldPath, Observed, OfferKey, Slot, SourcePosition, StatusReport,
};
use crate::plan::{
    Action, Change, Circumstances, Directives, Guard, Known, Passenger, PlannedOffer, PlannedSecret, Step,
    circumstances, comparison_context,
};

/// Everything that is known of one offer.
#[derive(Debug, Clone, Copy)]
pub struct Evidence<'input> {
    /// Which field follows which rule.
    pub catalogue: &'static Catalogue,
    /// Which offer.
    pub key: &'input OfferKey,
    /// The offer as the service has it, with every slot.
    pub observed: &'input Observed,
    /// What a record tells.
    pub known: &'input Known,
    /// When and from what it was recorded.
    pub recorded: Option<&'input Recorded>,
    /// What its manifest says and what the planner made of it; `None` where no manifest describes it.
    pub managed: Option<Managed<'input>>,
}

/// The side of the repository.
#[derive(Debug, Clone, Copy)]
pub struct Managed<'input> {
    /// What the manifest says.
    pub desired: &'input Desired,
    /// The plan.
    pub planned: &'input PlannedOffer,
    /// What it was made under.
    pub directives: &'input Directives,
}

/// When something was applied.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Recorded {
    /// The time stamp of the record.
    pub at: String,
    /// The commit that the applied manifest came from, when it is known.
    pub commit: Option<String>,
}

/// What a person asks about.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Topic {
    /// The offer as a whole.
    Offer,
    /// A field, or what contains fields.
    Field(FieldPath),
    /// A step.
    Step(Action),
}

/// The answer.
#[derive(Debug, Clone)]
pub struct Explanation {
    /// Which offer.
    pub key: OfferKey,
    /// Its manifest, when there is one.
    pub manifest: Option<SourcePosition>,
    /// Whether the service has the offer.
    pub exists: bool,
    /// When it was applied last, when a record tells.
    pub recorded: Option<Recorded>,
    /// What it is about.
    pub answer: Answer,
}

/// The answer to one question.
#[derive(Debug, Clone)]
pub enum Answer {
    /// About the offer as a whole.
    Offer(Box<OfferAnswer>),
    /// About a field.
    Field(Box<FieldAnswer>),
    /// About a step.
    Step(Box<StepAnswer>),
}

/// What there is to say of an offer as a whole.
#[derive(Debug, Clone)]
pub struct OfferAnswer {
    /// How its newest submission stands.
    pub status: Option<StatusReport>,
    /// What slots hold anything.
    pub filled: Vec<Slot>,
    /// The plan and where the offer stands; `None` without a manifest.
    pub plan: Option<(PlannedOffer, Circumstances)>,
}

/// Why a step is in the plan, or why it is not.
#[derive(Debug, Clone)]
pub struct StepAnswer {
    /// Which step.
    pub action: Action,
    /// Each place of it in the plan, with its number there.
    pub places: Vec<(usize, Step)>,
    /// Why it is not in the plan, a sentence each; empty when it is.
    pub absent_because: Vec<String>,
    /// What leads to it, a sentence each.
    pub led_by: Vec<String>,
    /// The plan and where the offer stands; `None` without a manifest.
    pub plan: Option<(PlannedOffer, Circumstances)>,
}

/// What there is to say of a field.
#[derive(Debug, Clone)]
pub struct FieldAnswer {
    /// Where.
    pub path: FieldPath,
    /// The rule that it follows.
    pub rule: &'static Field,
    /// Who looks after it.
    pub management: Management,
    /// Where the manifest declares it, and where its value is written.
    pub declared: Option<Declared>,
    /// What contains it and is compared as a whole, when that is so.
    pub part_of: Option<FieldPath>,
    /// What the manifest says.
    pub repository: Option<Value>,
    /// What was applied last.
    pub applied: Option<Value>,
    /// What each slot holds.
    pub stands: [Stand; 3],
    /// What became of it.
    pub standing: Standing,
    /// What apply would do about it.
    pub consequence: Consequence,
    /// The guards that keep apply from doing anything to this offer.
    pub blocked_by: Vec<Guard>,
    /// The plan's changes that touch it.
    pub changes: Vec<Change>,
    /// The edits of others that touch it and that would be shipped.
    pub passengers: Vec<Passenger>,
    /// What it contains, up to a limit.
    pub children: Vec<Child>,
    /// How many more there are.
    pub more_children: usize,
}

/// Where a value is declared.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Declared {
    /// Where the field is named.
    pub key: SourcePosition,
    /// Where its value stands: elsewhere, when that is a file of its own.
    pub value: SourcePosition,
}

/// Who looks after a field.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Management {
    /// The manifest declares it.
    Managed,
    /// It differs from the manifest by leave: somebody else owns it.
    Waived {
        /// Why.
        reason: String,
        /// The last day of the waiver, when it has one.
        until: Option<Date>,
        /// Where the waiver is written.
        at: SourcePosition,
    },
    /// The manifest declared it once and does no more.
    Left,
    /// The manifest does not declare it.
    Unmanaged,
    /// The manifest does not declare it, and nobody set it: the service adds it by itself.
    Added,
    /// Where the service puts another field of the same map, which the manifest declares.
    Renamed {
        /// The key of that field.
        of: String,
    },
    /// The service's own copy of another field of the same map, or a part of it.
    Copied {
        /// The key of that field.
        of: String,
    },
    /// The service decides it alone, or returns it and takes it back from nobody.
    ServiceOwned,
    /// No manifest describes the offer.
    NoManifest,
}

/// What one slot holds of a field.
#[derive(Debug, Clone, PartialEq)]
pub struct Stand {
    /// Which slot.
    pub slot: Slot,
    /// What is there; `None` when nothing is in the slot at all.
    pub held: Option<Held>,
}

/// What stands in a slot that is not empty.
#[derive(Debug, Clone, PartialEq)]
pub struct Held {
    /// The value, defaults of the service included; `None` where nothing is set.
    pub value: Option<Value>,
    /// The key under which the service puts it, when that is another one.
    pub under: Option<String>,
    /// What the comparison with the repository came to; `None` when it is not compared as a whole.
    pub verdict: Option<Verdict>,
    /// What the comparison of what is in it came to, when there is anything.
    pub inside: Option<Tally>,
}

/// How many of the fields inside a field are compared, and how many of them differ.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Tally {
    /// All that are compared.
    pub compared: usize,
    /// Those that differ.
    pub different: usize,
    /// Those of which nobody can tell.
    pub unverifiable: usize,
}

/// What became of a field in the comparison and the plan.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Standing {
    /// As the manifest says, up to the slot that is the target.
    InSync,
    /// Nobody can tell, and it is taken as in sync.
    Unverifiable,
    /// It differs, and whose change that is.
    Differs(Class),
    /// So many fields in it differ.
    Contains(usize),
    /// It is right in the draft and not yet in this slot.
    Unpublished(Slot),
    /// It differs, and is left to somebody else.
    Waived,
    /// Somebody's edit that the steps would ship.
    Passenger,
    /// It is kept as it is.
    Unmanaged,
    /// It is never compared.
    ServiceOwned,
    /// There is nothing to compare it with.
    NoManifest,
}

/// What apply would do about a field.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Consequence {
    /// Nothing: it is right.
    Nothing,
    /// Nothing: it is kept as it is.
    Kept,
    /// Nothing: no manifest describes the offer.
    NoManifest,
    /// It writes the manifest's value.
    Writes,
    /// It removes what is there.
    Removes,
    /// It writes nothing, and a submission brings the draft's value to this slot.
    Publishes(Slot),
    /// It would ship the edit unless a guard stands before it.
    Ships(Slot),
}

/// Something that a field contains.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Child {
    /// Where.
    pub path: FieldPath,
    /// Who looks after it.
    pub management: Management,
    /// What became of it.
    pub standing: Standing,
    /// What the comparison of the draft came to, when it is compared as a whole.
    pub verdict: Option<Verdict>,
}

/// Finds out what the words of a person name: a step, a path, or the name of a field.
pub fn resolve(evidence: &Evidence<'_>, words: Option<&str>) -> Result<Topic, Unresolved> {
    let Some(words) = words else { return Ok(Topic::Offer) };
    match step::named(words) {
        Some(action) => Ok(Topic::Step(action)),
        None => names::field(evidence, words).map(Topic::Field),
    }
}

/// Explains one thing of an offer.
pub fn explain(evidence: &Evidence<'_>, topic: &Topic) -> Explanation {
    let looked = Looked::new(evidence);
    let answer = match topic {
        Topic::Offer => Answer::Offer(Box::new(OfferAnswer {
            status: evidence.observed.status.clone(),
            filled: evidence.documents().map(|(slot, _)| slot).collect(),
            plan: looked.plan(),
        })),
        Topic::Field(path) => Answer::Field(Box::new(field::answer(&looked, path))),
        Topic::Step(action) => Answer::Step(Box::new(step::answer(&looked, *action))),
    };
    Explanation {
        key: evidence.key.clone(),
        manifest: evidence.managed.map(|managed| managed.desired.manifest.clone()),
        exists: evidence.observed.draft.is_some(),
        recorded: evidence.recorded.cloned(),
        answer,
    }
}

impl<'input> Evidence<'input> {
    /// The slots that hold anything.
    fn documents(&self) -> impl Iterator<Item = (Slot, &'input Document)> {
        let Observed { draft, preview, production, .. } = self.observed;
        let slots = [(Slot::Draft, draft), (Slot::Preview, preview), (Slot::Production, production)];
        slots.into_iter().filter_map(|(slot, document)| Some((slot, document.as_ref()?)))
    }
}

/// The evidence, and what the comparison of each slot and the planner make of it.
struct Looked<'input> {
    evidence: Evidence<'input>,
    circumstances: Option<Circumstances>,
    /// The comparison of each slot that holds anything with the manifest.
    traces: Vec<(Slot, Trace)>,
    /// What the plan says that differs.
    changes: Vec<Change>,
    /// What it would ship besides.
    passengers: Vec<Passenger>,
}

impl<'input> Looked<'input> {
    fn new(evidence: &Evidence<'input>) -> Self {
        let Evidence { catalogue, observed, known, managed, .. } = *evidence;
        let circumstances =
            managed.map(|managed| circumstances(catalogue, managed.desired, observed, known, managed.directives));
        // As the planner knows them.
        let known = known.next_to(catalogue, observed);
        let planned = managed.map(|managed| managed.planned);
        let changes = planned.map(|planned| planned.changes.open()).unwrap_or_default();
        let traces = evidence.documents().filter_map(|(slot, document)| {
            let Managed { desired, directives, .. } = managed?;
            let context = comparison_context(catalogue, desired, &known, directives);
            let context = if slot == Slot::Draft { context } else { context.in_slot() };
            // As the planner does it: whose change a difference is, only the draft tells.
            let applied = known.applied.as_deref().filter(|_| slot == Slot::Draft);
            let sides = Sides { desired: &desired.document, observed: Some(document.as_value()), applied };
            let mut trace = trace(&context, sides).1;
            if slot == Slot::Draft {
                judge_secrets(&managed?.planned.secrets, &changes, &mut trace);
            }
            Some((slot, trace))
        });
        let traces = traces.collect();
        let passengers = planned.map(|planned| planned.passengers.open()).unwrap_or_default();
        Self { evidence: *evidence, circumstances, traces, changes, passengers }
    }

    fn plan(&self) -> Option<(PlannedOffer, Circumstances)> {
        let managed = self.evidence.managed?;
        Some((managed.planned.clone(), self.circumstances.clone()?))
    }
}

/// Takes in what the planner knows of the secrets that the comparison leaves open.
fn judge_secrets(secrets: &[PlannedSecret], changes: &[Change], trace: &mut Trace) {
    for judgement in &mut trace.judgements {
        if !matches!(judgement.verdict, Verdict::Unverifiable(_)) {
            continue;
        }
        let inside = secrets.iter().filter(|secret| secret.path.is_within(&judgement.path));
        match inside.map(|secret| secret.verdict).max() {
            Some(_) if changes.iter().any(|change| change.difference.path == judgement.path) => {
                judgement.verdict = Verdict::Different(Unlikeness::SecretChanged);
            }
            Some(SecretVerdict::Unchanged) => judgement.verdict = Verdict::Same(Sameness::SecretUnchanged),
            Some(SecretVerdict::Changed | SecretVerdict::Unverifiable) | None => {}
        }
    }
}

impl Explanation {
    /// Makes every value that is shown fit for it.
    pub fn edit_values(&mut self, edit: impl FnMut(&mut Value)) {
        let plan = match &mut self.answer {
            Answer::Field(answer) => return answer.values_mut().for_each(edit),
            Answer::Offer(answer) => &mut answer.plan,
            Answer::Step(answer) => &mut answer.plan,
        };
        if let Some((planned, _)) = plan {
            planned.changes.edit(|changes| {
                changes.iter_mut().flat_map(|change| values_of(&mut change.difference)).for_each(edit);
            });
        }
    }
}

impl FieldAnswer {
    fn values_mut(&mut self) -> impl Iterator<Item = &mut Value> {
        let Self { repository, applied, stands, changes, passengers, .. } = self;
        let held = stands.iter_mut().filter_map(|stand| stand.held.as_mut()?.value.as_mut());
        let changes = changes.iter_mut().map(|change| &mut change.difference);
        let differences = changes.chain(passengers.iter_mut().map(|passenger| &mut passenger.difference));
        repository.iter_mut().chain(applied).chain(held).chain(differences.flat_map(values_of))
    }
}

fn values_of(difference: &mut Difference) -> impl Iterator<Item = &mut Value> {
    difference.before.iter_mut().chain(&mut difference.after)
}
