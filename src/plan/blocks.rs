//! What calls for a guard: what each rule looks for, and the sentence that a person needs.

use super::{Block, Change, Guard};
use crate::diff::{Class, Operation};
use crate::offer::{Catalogue, Desired, FieldPath, Observed, OfferStatus, Rules, StatusReport};

/// The blocks that the changes of an offer call for.
pub(super) fn of_changes(catalogue: &Catalogue, changes: &[Change]) -> Vec<Block> {
    let mut blocks = Vec::new();
    let mut block = |guard: Guard, sentence: String| blocks.push(Block { guard, sentence, messages: Vec::new() });
    let written = || changes.iter().map(|change| &change.difference).filter(|difference| difference.is_written());
    let conflicts: Vec<_> = written().filter(|change| change.class == Class::Conflict).collect();
    if !conflicts.is_empty() {
        let paths: Vec<_> = conflicts.iter().map(|change| format!("`{}`", change.path)).collect();
        block(
            Guard::Conflict,
            format!("both the manifest and the service changed {} since the last apply", paths.join(", ")),
        );
    }
    let removals = written().filter(|change| change.operation == Operation::Remove);
    blocks.extend(removals.filter_map(|change| of_removal(catalogue, &change.path)));
    blocks
}

/// The block that the removal of a field calls for.
pub(super) fn of_removal(catalogue: &Catalogue, path: &FieldPath) -> Option<Block> {
    let name = path.last().unwrap_or_default();
    let guard = removal_guard(catalogue.rules_at(path))?;
    let sentence = if guard == Guard::RemoveOfferPlan {
        format!("the offer plan `{name}` would be removed for its customers")
    } else {
        format!("`{name}` would be removed (`{path}`)")
    };
    Some(Block { guard, sentence, messages: Vec::new() })
}

/// How many levels below a removed value the catalogue is asked for guards: images stand two below their offer plan's key.
const GUARDED_DEPTH: usize = 3;

fn removal_guard(rules: Rules<'_>) -> Option<Guard> {
    let mut rules = rules;
    for _ in 0..GUARDED_DEPTH {
        match rules.field().removal_guard.as_deref() {
            Some("remove-offer-plan") => return Some(Guard::RemoveOfferPlan),
            Some(_) => return Some(Guard::RemoveImage),
            None => rules = rules.child("*"),
        }
    }
    None
}

/// The manifest is one of another type of offer.
pub(super) fn of_offer_type(desired: &Desired, observed: &Observed) -> Option<Block> {
    let live = observed.draft.as_ref()?.as_value().get("offerTypeId")?.as_str()?;
    let wanted = desired.offer_type.as_str();
    (!live.eq_ignore_ascii_case(wanted)).then(|| Block {
        guard: Guard::OfferType,
        sentence: format!("the manifest says `{wanted}`, and the offer is `{live}`"),
        messages: Vec::new(),
    })
}

/// What was submitted last came to a bad end.
pub(super) fn of_failed_submission(report: &StatusReport) -> Block {
    let verb = if report.status == OfferStatus::Canceled { "was canceled" } else { "failed" };
    Block {
        guard: Guard::FailedSubmission,
        sentence: format!("the last submission {verb}, and the draft is what was submitted"),
        messages: report.worth_reading(),
    }
}
