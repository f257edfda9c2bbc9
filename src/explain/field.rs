//! A field: its rule, its values, and what became of each.

use super::nodes::children;
use super::{Child, Consequence, Declared, FieldAnswer, Held, Looked, Management, Stand, Standing, Tally};
use crate::diff::{Class, Judgement, Operation, Trace, Unlikeness, Verdict, stated_at, value_at};
use crate::offer::{Document, FieldPath, Ownership, Slot};
use crate::plan::{Change, Passenger, holds};

/// How many of the things that a field contains are listed.
const LISTED: usize = 60;

pub(super) fn answer(looked: &Looked<'_>, path: &FieldPath) -> FieldAnswer {
    let evidence = looked.evidence;
    let desired = evidence.managed.map(|managed| managed.desired);
    let names = children(&evidence, path);
    let listed = names.iter().take(LISTED).map(|name| {
        let path = path.child(name.as_str());
        let (management, standing) = (looked.management(&path), looked.standing(&path));
        Child { management, standing, verdict: looked.verdict(Slot::Draft, &path), path }
    });
    let standing = looked.standing(path);
    FieldAnswer {
        rule: evidence.catalogue.rules_at(path).field(),
        management: looked.management(path),
        declared: looked.declared(path),
        part_of: looked.part_of(path),
        repository: desired.and_then(|desired| stated_at(evidence.catalogue, &desired.document, path)).cloned(),
        applied: evidence.known.applied.as_deref().and_then(|it| stated_at(evidence.catalogue, it, path)).cloned(),
        stands: [Slot::Draft, Slot::Preview, Slot::Production].map(|slot| looked.stand(slot, path)),
        standing,
        consequence: looked.consequence(path, standing),
        blocked_by: evidence
            .managed
            .map(|managed| managed.planned.blocks.iter().map(|block| block.guard).collect())
            .unwrap_or_default(),
        changes: looked.changes_at(path).cloned().collect(),
        passengers: looked.passengers_at(path).cloned().collect(),
        children: listed.collect(),
        more_children: names.len().saturating_sub(LISTED),
        path: path.clone(),
    }
}

impl Looked<'_> {
    /// The plan's changes at the path, around it or inside.
    fn changes_at<'looked>(&'looked self, path: &'looked FieldPath) -> impl Iterator<Item = &'looked Change> {
        self.changes.iter().filter(move |change| overlap(&change.difference.path, path))
    }

    fn passengers_at<'looked>(&'looked self, path: &'looked FieldPath) -> impl Iterator<Item = &'looked Passenger> {
        self.passengers.iter().filter(move |passenger| overlap(&passenger.difference.path, path))
    }

    fn document(&self, slot: Slot) -> Option<&Document> {
        let observed = self.evidence.observed;
        match slot {
            Slot::Draft => observed.draft.as_ref(),
            Slot::Preview => observed.preview.as_ref(),
            Slot::Production => observed.production.as_ref(),
        }
    }

    fn trace(&self, slot: Slot) -> Option<&Trace> {
        self.traces.iter().find(|(of, _)| *of == slot).map(|(_, trace)| trace)
    }

    /// The judgement of what was compared as a whole: the path itself, or what it is a part of.
    fn judgement(&self, slot: Slot, path: &FieldPath) -> Option<&Judgement> {
        self.trace(slot)?.judgements.iter().find(|judgement| path.is_within(&judgement.path))
    }

    /// What the comparison of a slot came to; what left the manifest and still stands there differs too.
    fn verdict(&self, slot: Slot, path: &FieldPath) -> Option<Verdict> {
        let judged = self.judgement(slot, path).map(|judgement| judgement.verdict);
        let leaves = || slot != Slot::Draft && self.is_leaving(slot, path);
        judged.or_else(|| leaves().then_some(Verdict::Different(Unlikeness::LeftManifest)))
    }

    /// What the comparison of all that is inside came to.
    fn inside(&self, slot: Slot, path: &FieldPath) -> Option<Tally> {
        let judgements = &self.trace(slot)?.judgements;
        let mut tally = Tally::default();
        for judgement in judgements.iter().filter(|it| it.path != *path && it.path.is_within(path)) {
            tally.compared += 1;
            tally.different += usize::from(judgement.verdict.is_different());
            tally.unverifiable += usize::from(matches!(judgement.verdict, Verdict::Unverifiable(_)));
        }
        (tally.compared > 0).then_some(tally)
    }

    /// Whether the slot is known to hold something else than the manifest says.
    fn differs(&self, slot: Slot, path: &FieldPath) -> bool {
        self.verdict(slot, path).is_some_and(Verdict::is_different)
            || self.inside(slot, path).is_some_and(|tally| tally.different > 0)
    }

    /// Whether an earlier run removed it, or what it is a part of, from the draft.
    fn was_removed(&self, path: &FieldPath) -> bool {
        self.circumstances.iter().any(|circumstances| circumstances.removed.iter().any(|gone| path.is_within(gone)))
    }

    /// Whether the slot holds what is removed from the draft, now or earlier.
    fn is_leaving(&self, slot: Slot, path: &FieldPath) -> bool {
        let Some(document) = self.document(slot).map(Document::as_value) else { return false };
        let at_or_around = |gone: &&FieldPath| path.is_within(gone);
        let removals = self.changes_at(path).map(|change| &change.difference);
        let removals = removals.filter(|change| change.is_written() && change.operation == Operation::Remove);
        let earlier = self.circumstances.iter().flat_map(|circumstances| &circumstances.removed);
        let mut leaving = removals.map(|change| &change.path).chain(earlier).filter(at_or_around);
        leaving.any(|gone| holds(self.evidence.catalogue, document, gone))
    }

    fn part_of(&self, path: &FieldPath) -> Option<FieldPath> {
        let slots = [Slot::Draft, Slot::Preview, Slot::Production];
        let whole = slots.into_iter().find_map(|slot| self.judgement(slot, path))?;
        (whole.path != *path).then(|| whole.path.clone())
    }

    fn stand(&self, slot: Slot, path: &FieldPath) -> Stand {
        let held = self.document(slot).map(|document| {
            let elsewhere = self.trace(slot).into_iter().flat_map(|trace| &trace.elsewhere);
            let under = elsewhere.into_iter().find(|(place, _)| place == path).map(|(_, key)| key.clone());
            let value = value_at(self.evidence.catalogue, document.as_value(), path)
                .or_else(|| stated_at(self.evidence.catalogue, document.as_value(), path));
            let (verdict, inside) = (self.verdict(slot, path), self.inside(slot, path));
            Held { value: value.cloned(), under, verdict, inside }
        });
        Stand { slot, held }
    }

    fn management(&self, path: &FieldPath) -> Management {
        let Some(managed) = self.evidence.managed else { return Management::NoManifest };
        if self.evidence.catalogue.rules_at(path).field().ownership != Ownership::Publisher {
            return Management::ServiceOwned;
        }
        let desired = managed.desired;
        if let Some(waiver) = desired.reconcile.ignore.iter().find(|waiver| path.is_within(&waiver.path)) {
            let (reason, until, at) = (waiver.reason.clone(), waiver.until, waiver.position.clone());
            return Management::Waived { reason, until, at };
        }
        let said = |document| stated_at(self.evidence.catalogue, document, path).is_some();
        if said(&desired.document) || self.part_of(path).is_some() {
            Management::Managed
        } else if self.evidence.known.applied.as_deref().is_some_and(said)
            || self.changes_at(path).next().is_some()
            || self.was_removed(path)
        {
            Management::Left
        } else {
            self.origin(path)
        }
    }

    /// Where a value comes from that the manifest does not declare.
    fn origin(&self, path: &FieldPath) -> Management {
        let catalogue = self.evidence.catalogue;
        if let Some(of) = self.renamed(path) {
            return Management::Renamed { of };
        }
        let mut rules = catalogue.rules();
        for segment in path.segments() {
            if let Some(of) = rules.mirrored_from(segment) {
                return Management::Copied { of };
            }
            rules = rules.child(segment);
        }
        let stated = self.evidence.documents().map(|(_, document)| document.as_value());
        let mut stated = stated.filter(|document| stated_at(catalogue, document, path).is_some()).peekable();
        let is_anywhere = stated.peek().is_some();
        if is_anywhere && !stated.any(|document| holds(catalogue, document, path)) {
            Management::Added
        } else {
            Management::Unmanaged
        }
    }

    /// The key of the declared field that the service puts here.
    fn renamed(&self, path: &FieldPath) -> Option<String> {
        let mut elsewhere = self.traces.iter().flat_map(|(_, trace)| &trace.elsewhere);
        let (declared, _) = elsewhere.find(|(declared, key)| {
            let mut place = declared.clone();
            place.pop();
            path.is_within(&place.child(key.as_str()))
        })?;
        declared.last().map(str::to_owned)
    }

    fn declared(&self, path: &FieldPath) -> Option<Declared> {
        let desired = self.evidence.managed?.desired;
        let concrete = self.evidence.catalogue.in_document(&desired.document, path);
        let place = desired.positions.descend(concrete.segments().iter().map(String::as_str))?;
        Some(Declared { key: place.key.clone(), value: place.value.clone() })
    }

    fn standing(&self, path: &FieldPath) -> Standing {
        let management = self.management(path);
        match management {
            Management::NoManifest => return Standing::NoManifest,
            Management::ServiceOwned => return Standing::ServiceOwned,
            _ => {}
        }
        if let Some(around) = self.changes_at(path).find(|change| path.is_within(&change.difference.path)) {
            let difference = &around.difference;
            return if difference.is_written() { Standing::Differs(difference.class) } else { Standing::Waived };
        }
        let inside = self.changes_at(path).filter(|change| change.difference.is_written()).count();
        if inside > 0 {
            return Standing::Contains(inside);
        }
        if self.passengers_at(path).next().is_some() {
            return Standing::Passenger;
        }
        if self.changes_at(path).next().is_some() {
            return Standing::Waived;
        }
        if let Some(slot) = self.unpublished(path) {
            return Standing::Unpublished(slot);
        }
        match (management, self.verdict(Slot::Draft, path)) {
            (
                Management::Unmanaged
                | Management::Added
                | Management::Renamed { .. }
                | Management::Copied { .. }
                | Management::Left,
                _,
            ) => Standing::Unmanaged,
            (_, Some(Verdict::Unverifiable(_))) => Standing::Unverifiable,
            _ => Standing::InSync,
        }
    }

    /// The first slot up to the target that does not hold yet what the draft holds.
    fn unpublished(&self, path: &FieldPath) -> Option<Slot> {
        let target = self.circumstances.as_ref()?.target;
        let slots = [Slot::Preview, Slot::Production].into_iter().filter(|slot| *slot <= target);
        slots.into_iter().find(|slot| {
            let is_waived = matches!(self.management(path), Management::Waived { .. });
            !is_waived && self.differs(*slot, path)
        })
    }

    fn consequence(&self, path: &FieldPath, standing: Standing) -> Consequence {
        match standing {
            Standing::InSync | Standing::Unverifiable => Consequence::Nothing,
            Standing::Waived | Standing::Unmanaged | Standing::ServiceOwned => Consequence::Kept,
            Standing::NoManifest => Consequence::NoManifest,
            Standing::Unpublished(slot) => Consequence::Publishes(slot),
            Standing::Passenger => match self.passengers_at(path).next() {
                Some(passenger) => Consequence::Ships(passenger.replaces),
                None => Consequence::Kept,
            },
            Standing::Differs(_) | Standing::Contains(_) => {
                let mut written = self.changes_at(path).filter(|change| change.difference.is_written());
                let removes = written.all(|change| change.difference.operation == Operation::Remove);
                if removes { Consequence::Removes } else { Consequence::Writes }
            }
        }
    }
}

impl Standing {
    /// Whether it is somebody else's edit that apply would write over.
    pub fn is_edited_elsewhere(self) -> bool {
        matches!(self, Self::Differs(Class::Drift | Class::Conflict))
    }
}

/// Whether one of the two is a part of the other.
fn overlap(one: &FieldPath, other: &FieldPath) -> bool {
    one.is_within(other) || other.is_within(one)
}
