//! One offer's plan: its changes, and the steps that follow from what was observed.

mod circumstances;
mod secrets;
mod shipment;
mod signatures;

pub use circumstances::{Circumstances, circumstances};

use jiff::civil::Date;
use std::sync::Arc;

use serde_json::Value;

use super::blocks::{self, Alarm};
use super::content::ContentChange;
use super::digest::{PlanDigest, desired_digest};
use super::guard::divide;
use super::listing::listing_of;
use super::notes::{notes, replacing};
use super::packed::Packed;
use super::passenger;
use super::report::{estimate, goes_live_now};
use super::secret;
use super::slots::{SlotCheck, comparison_context, removed};
use super::{Action, Allowance, Block, BlockedField, Change, Goal, KnownSecret, PlannedOffer, PlannedSecret, Step};
use crate::diff::{Comparison, Context, Difference, MediaRecords, Sides, compare, content_digest};
use crate::offer::{
    Catalogue, Desired, Document, FieldPath, GuardSettings, Observed, OfferStatus, Slot, SourcePosition, SubmissionKind,
};

/// What earlier runs left on record about an offer; empty when there is no record.
#[derive(Debug, Clone, Default)]
pub struct Known {
    /// The document that was last applied.
    pub applied: Option<Arc<Value>>,
    /// The last slot that was seen to hold it.
    pub reached: Option<Slot>,
    /// Which served file came from which source.
    pub media: MediaRecords,
    /// Fields that were removed from the draft and may still stand in a slot.
    pub removed: Vec<FieldPath>,
    /// The secrets that were sent last, next to what the environment holds today.
    pub secrets: Vec<KnownSecret>,
    /// Whether fingerprints on record were made without the key that this run has.
    pub weak_fingerprints: bool,
    /// The publishing version of the submission that an earlier run started and did not see end.
    pub submitted: Option<u64>,
    /// The plan that an earlier run began, and that has not written the draft yet.
    pub unwritten: Option<PlanDigest>,
}

/// What the person who plans asked for.
#[derive(Debug, Clone, Default)]
pub struct Directives {
    /// Go no further than this slot.
    pub until: Option<Slot>,
    /// Cancel a submission of other content instead of waiting for it.
    pub supersede: bool,
    /// Submit again what failed or was canceled.
    pub retry_failed: bool,
    /// Send the source of a file again when no record tells what the service serves.
    pub resend_media: bool,
    /// The guards that may pass.
    pub allow: Vec<Allowance>,
    /// What the repository says about guards.
    pub guards: GuardSettings,
    /// The day on which the plan is made; without it nobody can tell what ends too early.
    pub today: Option<Date>,
}

/// Plans one offer.
pub fn plan_offer(
    catalogue: &Catalogue,
    desired: &Desired,
    observed: &Observed,
    known: &Known,
    directives: &Directives,
) -> PlannedOffer {
    let known = known.next_to(catalogue, observed);
    Planner::new(catalogue, desired, observed, &known, directives).plan()
}

struct Planner<'input> {
    context: Context<'input>,
    desired: &'input Desired,
    observed: &'input Observed,
    directives: &'input Directives,
    /// What was removed from the draft, by earlier runs or by others, and nobody put back since; a slot may still hold it.
    removed: Vec<FieldPath>,
    known: &'input Known,
    target: Slot,
    comparison: Comparison,
    changes: Vec<Change>,
    secrets: Vec<PlannedSecret>,
}

/// What the steps have to do with a submission that runs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Running {
    /// None runs.
    No,
    /// One of what the manifest says.
    Ours(Option<SubmissionKind>),
    /// One of something else.
    Other(Option<SubmissionKind>),
}

impl<'input> Planner<'input> {
    fn new(
        catalogue: &'input Catalogue,
        desired: &'input Desired,
        observed: &'input Observed,
        known: &'input Known,
        directives: &'input Directives,
    ) -> Self {
        let context = comparison_context(catalogue, desired, known, directives);
        let sides = Sides {
            desired: &desired.document,
            observed: observed.draft.as_ref().map(Document::as_value),
            applied: known.applied.as_deref(),
        };
        let mut comparison = compare(&context, sides);
        let mut secrets = secret::judge(desired, &known.secrets);
        let judged: Vec<_> = secrets.iter().map(|secret| (&secret.path, secret.verdict)).collect();
        comparison.judge_secrets(&context, sides, &judged);
        let changes: Vec<_> = comparison.differences.iter().map(|found| change(catalogue, desired, found)).collect();
        secret::settle(&mut secrets, &changes);
        let removed = removed(&context, &desired.document, sides.observed, known);
        let publish_to = desired.reconcile.publish_to;
        let target = directives.until.map_or(publish_to, |until| until.min(publish_to));
        let planner =
            Self { context, desired, observed, directives, removed, known, target, comparison, changes, secrets };
        planner.with_renewals()
    }

    fn settings(&self) -> GuardSettings {
        self.desired.reconcile.guards.over(&self.directives.guards)
    }

    fn plan(self) -> PlannedOffer {
        let key = &self.desired.key;
        let (steps, failed) = self.steps();
        let shipment = self.shipment(&steps);
        let (passengers, begun_elsewhere) = self.taken_along(&steps);
        let mut found = blocks::of_changes(self.context.catalogue, &self.changes, self.observed);
        found.extend(shipment.into_iter().flat_map(|shipment| self.unguarded_removals(shipment.old)));
        found.extend(passenger::alarm(&passengers));
        let settings = self.settings();
        let mut notes = notes(&self.context, self.desired, self.observed, &self.comparison, self.known.submitted);
        notes.extend(secret::notes(&self.secrets));
        notes.extend(self.kept_secrets());
        notes.extend(self.weak_fingerprints(&steps));
        notes.extend(passenger::note(&begun_elsewhere));
        let replaces = self.known.unwritten.clone().filter(|_| !steps.is_empty());
        notes.extend(replaces.as_ref().map(replacing));
        if !steps.is_empty() {
            let draft = self.observed.draft.as_ref().map(Document::as_value);
            let is_update = steps.iter().any(|step| step.action == Action::Update);
            let written = is_update.then_some(self.comparison.differences.as_slice());
            let change = ContentChange::of(self.context, &self.desired.document, draft, written, shipment);
            found.extend(change.alarms(self.expiry(&steps).as_ref(), &settings));
            notes.extend(change.notes());
            found.extend(self.blank_secrets());
        }
        found.extend(blocks::of_offer_type(self.desired, self.observed));
        found.extend(failed);
        let found = found.into_iter().map(|alarm| self.placed(alarm)).collect();
        let (blocks, allowed) = divide(found, key, &self.directives.allow, &settings);
        let is_in_sync = steps.is_empty() && blocks.is_empty();
        let newest = self.observed.newest.as_ref().and_then(|newest| newest.publishing_version);
        let reported = || self.observed.status.as_ref().and_then(|report| report.publishing_version);
        let listing = || listing_of(&self.context, self.desired, self.observed, &self.changes, &steps, self.target);
        PlannedOffer {
            listing: if is_in_sync { None } else { listing().as_ref().map(Packed::new) },
            key: key.clone(),
            offer_type: self.desired.offer_type.clone(),
            manifest: self.desired.manifest.clone(),
            target: self.target,
            etag: self.observed.etag.clone(),
            content: self.observed.draft.as_ref().map(|draft| content_digest(self.context.catalogue, draft.as_value())),
            version: self.observed.draft.as_ref().and_then(Document::version),
            desired: (!is_in_sync).then(|| desired_digest(self.context.catalogue, self.desired)),
            submission: newest.or_else(reported),
            replaces,
            notes,
            changes: self.changes.into_iter().collect(),
            secrets: self.secrets,
            passengers: Packed::new(&passengers),
            steps,
            blocks,
            allowed,
            guards: self.desired.reconcile.guards.clone(),
        }
    }

    fn placed(&self, Alarm { guard, sentence, messages, fields }: Alarm) -> Block {
        let source = |path: &FieldPath| source_of(self.context.catalogue, self.desired, path);
        let placed = |path: FieldPath| BlockedField { source: source(&path), path };
        Block { guard, sentence, messages, fields: fields.into_iter().map(placed).collect() }
    }

    fn steps(&self) -> (Vec<Step>, Option<Alarm>) {
        if self.observed.draft.is_none() {
            let mut steps = vec![self.step(Action::Create, format!("the service has no offer {}", self.desired.key))];
            self.publish_from_draft(&mut steps, "a new offer has nothing in its slots yet");
            return (steps, None);
        }
        match self.running() {
            Running::No => self.steps_when_idle(),
            Running::Ours(_) if self.is_held_up() && self.directives.retry_failed => {
                (self.steps_after_other(None), None)
            }
            Running::Ours(kind) => (self.steps_after_ours(kind), None),
            Running::Other(kind) => (self.steps_after_other(kind), None),
        }
    }

    fn steps_when_idle(&self) -> (Vec<Step>, Option<Alarm>) {
        let mut steps = Vec::new();
        if let Some(update) = self.update() {
            steps.push(update);
        }
        let draft_was_right = steps.is_empty();
        let slots = self.slots_to_publish();
        let Some(reason) = slots else { return (steps, None) };
        let Some(report) = &self.observed.status else {
            self.publish_from_draft(&mut steps, &reason);
            return (steps, None);
        };
        if self.preview() == SlotCheck::Right && report.awaits_signoff() {
            self.go_live(&mut steps, "the preview is right and waits for the go-live");
            return (steps, None);
        }
        let ended_badly = matches!(report.status, OfferStatus::Failed | OfferStatus::Canceled);
        let submitted_this =
            self.observed.submitted_content.as_ref().is_none_or(|it| self.check(Some(it)) == SlotCheck::Right);
        if draft_was_right && ended_badly && submitted_this && !self.directives.retry_failed {
            return (steps, Some(blocks::of_failed_submission(report)));
        }
        if self.directives.supersede && report.awaits_signoff() {
            let canceled = "the preview waits for a go-live, and `--supersede` asks to give it up".to_owned();
            steps.splice(0..0, [self.step(Action::Cancel, canceled), self.wait_for_cancel()]);
        }
        self.publish_from_draft(&mut steps, &reason);
        (steps, None)
    }

    fn wait_for_cancel(&self) -> Step {
        self.wait(Goal::Settled, "a canceled submission needs a few minutes to end")
    }

    fn steps_after_ours(&self, kind: Option<SubmissionKind>) -> Vec<Step> {
        let update = self.update();
        let goes_live = kind == Some(SubmissionKind::GoLive);
        let mut steps = Vec::new();
        if self.target == Slot::Draft || (self.slots_to_publish().is_none() && update.is_some()) {
            if let Some(update) = update {
                steps.push(self.wait(Goal::Settled, "a submission runs, and nothing is written to an offer meanwhile"));
                steps.push(update);
            }
            return steps;
        }
        if self.slots_to_publish().is_none() {
            return steps;
        }
        let (what, goal) = if goes_live { ("go-live", Goal::Live) } else { ("publish", Goal::Preview) };
        steps.push(self.wait(goal, &format!("a {what} of exactly this content runs already")));
        if let Some(update) = update {
            steps.push(update);
        }
        if self.target == Slot::Production && !goes_live {
            self.go_live(&mut steps, "`publishTo` is production");
        }
        steps
    }

    fn steps_after_other(&self, kind: Option<SubmissionKind>) -> Vec<Step> {
        let replaces = self.directives.supersede || (self.is_held_up() && self.directives.retry_failed);
        let update = self.update();
        // Left alone, it replaces what the slots hold now.
        let endangers =
            self.target >= if kind == Some(SubmissionKind::GoLive) { Slot::Production } else { Slot::Preview };
        let publish = self.slots_to_publish().or_else(|| {
            (endangers && !replaces).then(|| "the submission that runs replaces what is right now".to_owned())
        });
        let mut steps = Vec::new();
        if update.is_none() && publish.is_none() && !endangers {
            return steps;
        }
        if replaces {
            let asked = if self.directives.supersede { "`--supersede`" } else { "`--retry-failed`" };
            steps.push(self.step(Action::Cancel, format!("a submission runs, and {asked} asks to replace it")));
            steps.push(self.wait_for_cancel());
        } else {
            steps.push(self.wait(Goal::Settled, "a submission of other content runs; ours queues behind it"));
        }
        steps.extend(update);
        if let Some(reason) = publish {
            self.publish_from_draft(&mut steps, &reason);
        }
        steps
    }

    /// Whether the submission that runs will not end without a person.
    fn is_held_up(&self) -> bool {
        self.observed.status.as_ref().is_some_and(|report| report.stages_in_trouble().next().is_some())
    }

    /// Whether a submission runs, and whether what it submits is what the manifest says.
    fn running(&self) -> Running {
        if !self.observed.is_running {
            return Running::No;
        }
        let submission = self.observed.running.as_ref();
        let kind = submission
            .and_then(|submission| submission.kind)
            .or_else(|| self.observed.status.as_ref().and_then(goes_live_now));
        let ours = if let Some(content) = &self.observed.submitted_content {
            self.check(Some(content)) == SlotCheck::Right
        } else {
            // Without the submitted version, the draft stands in for it: nobody should write while a submission runs.
            self.comparison.is_in_sync()
        };
        if ours { Running::Ours(kind) } else { Running::Other(kind) }
    }

    fn check(&self, slot: Option<&Document>) -> SlotCheck {
        SlotCheck::of(&self.context, &self.desired.document, slot, &self.changes, &self.removed)
    }

    /// The preview slot; an empty one behind a right production slot counts as right, for there is nothing to preview.
    fn preview(&self) -> SlotCheck {
        match self.slot(Slot::Preview, self.observed.preview.as_ref()) {
            SlotCheck::Empty if self.production() == SlotCheck::Right => SlotCheck::Right,
            check => check,
        }
    }

    fn production(&self) -> SlotCheck {
        self.slot(Slot::Production, self.observed.production.as_ref())
    }

    /// A slot by what it shows, and by the secrets that it cannot show.
    fn slot(&self, slot: Slot, document: Option<&Document>) -> SlotCheck {
        match self.check(document) {
            SlotCheck::Right if self.lags(slot) => SlotCheck::Differs,
            check => check,
        }
    }

    /// Why something must be submitted, or `None` when every slot up to the target is right.
    fn slots_to_publish(&self) -> Option<String> {
        let wrong = |slot: Slot, check: SlotCheck| match check {
            SlotCheck::Right => None,
            SlotCheck::Empty => Some(format!("nothing is in the {slot} slot yet")),
            SlotCheck::Differs if self.lags(slot) => {
                Some(format!("the {slot} slot may still hold the secret from before"))
            }
            SlotCheck::Differs => Some(format!("the {slot} slot holds other content")),
        };
        if self.target == Slot::Draft {
            return None;
        }
        let preview = wrong(Slot::Preview, self.preview());
        if self.target == Slot::Preview || preview.is_some() {
            return preview;
        }
        wrong(Slot::Production, self.production())
    }

    fn update(&self) -> Option<Step> {
        let count = self.comparison.to_write().count();
        let first = self.changes.iter().find(|change| change.difference.is_written())?;
        let fields = if count == 1 {
            "1 field of the draft differs".to_owned()
        } else {
            format!("{count} fields of the draft differ")
        };
        let source = first.source.clone();
        Some(Step { source, ..self.step(Action::Update, fields) })
    }

    fn publish_from_draft(&self, steps: &mut Vec<Step>, reason: &str) {
        if self.target == Slot::Draft {
            return;
        }
        steps.push(self.step(Action::Publish, reason.to_owned()));
        steps.push(self.wait(Goal::Preview, "the service validates, certifies and provisions the preview"));
        if self.target == Slot::Production {
            self.go_live(steps, "`publishTo` is production");
        }
    }

    fn go_live(&self, steps: &mut Vec<Step>, reason: &str) {
        steps.push(self.step(Action::GoLive, reason.to_owned()));
        steps.push(self.wait(Goal::Live, "the service makes the preview public"));
    }

    fn wait(&self, goal: Goal, reason: &str) -> Step {
        Step { until: Some(goal), ..self.step(Action::Wait, reason.to_owned()) }
    }

    fn step(&self, action: Action, reason: String) -> Step {
        let asked_by = match action {
            Action::Publish | Action::GoLive => self.desired.reconcile.publish_to_at.as_ref(),
            Action::Create | Action::Update | Action::Wait | Action::Cancel => None,
        };
        let source = asked_by.unwrap_or(&self.desired.manifest).clone();
        let estimate = self.observed.status.as_ref().and_then(|report| estimate(report, action));
        Step { action, until: None, reason, estimate, source }
    }
}

/// A difference with what a reader needs besides: where the manifest declares it, and whether it may be seen.
pub(crate) fn change(catalogue: &Catalogue, desired: &Desired, difference: &Difference) -> Change {
    let path = &difference.path;
    Change {
        sensitive: catalogue.rules_at(path).field().sensitive
            || desired.secrets.iter().any(|(secret, _)| secret.is_within(path)),
        source: source_of(catalogue, desired, path),
        difference: difference.clone(),
    }
}

/// Where the manifest declares a path; for what it no longer declares, the nearest place around it.
fn source_of(catalogue: &Catalogue, desired: &Desired, path: &FieldPath) -> SourcePosition {
    desired.positions.nearest(&catalogue.in_document(&desired.document, path)).key.clone()
}
