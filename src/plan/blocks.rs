//! What calls for a guard: what each rule looks for, and the sentence that a person needs.

use super::{Change, Guard, holds};
use crate::diff::{Class, Operation};
use crate::offer::{Catalogue, Desired, FieldPath, Observed, OfferStatus, Rules, StatusReport};

/// What calls for a guard, before anybody looked up where the manifest speaks of it and who lets it pass.
#[derive(Debug)]
pub(super) struct Alarm {
    pub(super) guard: Guard,
    pub(super) sentence: String,
    /// What the service said, when that is the reason.
    pub(super) messages: Vec<String>,
    /// The fields that it is about; none when it is about the offer as a whole.
    pub(super) fields: Vec<FieldPath>,
}

impl Alarm {
    pub(super) fn new(guard: Guard, sentence: String, fields: Vec<FieldPath>) -> Self {
        Self { guard, sentence, messages: Vec::new(), fields }
    }
}

/// What in the changes of an offer calls for a guard.
pub(super) fn of_changes(catalogue: &Catalogue, changes: &[Change], observed: &Observed) -> Vec<Alarm> {
    let mut alarms = Vec::new();
    let written = || changes.iter().map(|change| &change.difference).filter(|difference| difference.is_written());
    let conflicts: Vec<_> = written().filter(|change| change.class == Class::Conflict).collect();
    if !conflicts.is_empty() {
        let paths: Vec<_> = conflicts.iter().map(|change| format!("`{}`", change.path)).collect();
        alarms.push(Alarm::new(
            Guard::Conflict,
            format!("both the manifest and the service changed {} since the last apply", paths.join(", ")),
            conflicts.iter().map(|change| change.path.clone()).collect(),
        ));
    }
    let removals = written().filter(|change| change.operation == Operation::Remove);
    alarms.extend(removals.filter_map(|change| of_removal(catalogue, &change.path, observed)));
    alarms
}

/// What the removal of a field calls for.
pub(super) fn of_removal(catalogue: &Catalogue, path: &FieldPath, observed: &Observed) -> Option<Alarm> {
    let name = path.last().unwrap_or_default();
    let guard = removal_guard(catalogue.rules_at(path))?;
    let sentence = if guard == Guard::RemoveOfferPlan {
        let whose = whose_loss(catalogue, path, observed);
        format!("the offer plan `{name}` would be removed{whose}")
    } else {
        format!("`{name}` would be removed (`{path}`)")
    };
    Some(Alarm::new(guard, sentence, vec![path.clone()]))
}

/// Who loses an offer plan, as far as what was read of production tells.
fn whose_loss(catalogue: &Catalogue, path: &FieldPath, observed: &Observed) -> &'static str {
    match observed.production.as_ref().map(|document| holds(catalogue, document.as_value(), path)) {
        Some(true) => " for its customers",
        Some(false) => "; production does not have it, so that no customer sees it",
        None => "",
    }
}

/// How many levels below a removed value the catalogue is asked for guards: images stand two below their offer plan's key.
const GUARDED_DEPTH: usize = 3;

fn removal_guard(rules: Rules<'_>) -> Option<Guard> {
    let mut rules = rules;
    for _ in 0..GUARDED_DEPTH {
        match rules.field().removal_guard.as_deref() {
            Some("remove-offer-plan") => return Some(Guard::RemoveOfferPlan),
            Some(_) => return Some(Guard::RemoveImage),
            None => rules = rules.element(),
        }
    }
    None
}

/// The manifest is one of another type of offer.
pub(super) fn of_offer_type(desired: &Desired, observed: &Observed) -> Option<Alarm> {
    let live = observed.draft.as_ref()?.as_value().get("offerTypeId")?.as_str()?;
    let wanted = desired.offer_type.as_str();
    let sentence = || format!("the manifest says `{wanted}`, and the offer is `{live}`");
    let field = || FieldPath::root().child("offerTypeId");
    (!live.eq_ignore_ascii_case(wanted)).then(|| Alarm::new(Guard::OfferType, sentence(), vec![field()]))
}

/// What was submitted last came to a bad end.
pub(super) fn of_failed_submission(report: &StatusReport) -> Alarm {
    let verb = if report.status == OfferStatus::Canceled { "was canceled" } else { "failed" };
    let sentence = format!("the last submission {verb}, and the draft is what was submitted");
    Alarm { messages: report.worth_reading(), ..Alarm::new(Guard::FailedSubmission, sentence, Vec::new()) }
}
