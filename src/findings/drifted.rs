//! What was edited elsewhere, at the line that declares it.

use super::planned::not_done;
use super::{Finding, Level, Place, Rule};
use crate::diff::Class;
use crate::drift::{ComparedOffer, DriftReport, PlacedDifference, Presence};
use crate::offer::{Guard, OfferKey, Slot};

/// Everything in a report that counts as drift, and the offers that it does not cover.
pub fn of_drift(report: &DriftReport) -> Vec<Finding> {
    let skipped = report.skipped.iter().map(|skipped| {
        let finding = not_done(Rule::NotCompared, "compared", &skipped.reason).at(Place::head(&skipped.manifest));
        Finding { offer: skipped.key.clone(), ..finding }
    });
    report.offers.iter().flat_map(of_offer).chain(skipped).collect()
}

fn of_offer(offer: &ComparedOffer) -> impl Iterator<Item = Finding> {
    let gone = (offer.presence == Presence::Gone).then(|| {
        let message = format!("{} is gone from the service, and a record says that it was applied", offer.key);
        let help = "remove the manifest when that is right, else `offerctl apply` creates the offer again";
        Finding::new(Rule::Drift, Level::Error, message).help(help).at(offer.manifest.clone()).of(offer.key.clone())
    });
    let found = offer.differences.iter().filter(|found| found.is_drift());
    gone.into_iter().chain(found.filter_map(|found| of_difference(&offer.key, found)))
}

fn of_difference(key: &OfferKey, found: &PlacedDifference) -> Option<Finding> {
    let path = &found.change.difference.path;
    let adopt = || format!("`offerctl adopt {key} --path {}` takes it over", path.as_shell_word());
    let (rule, level, message, help) = match (found.change.difference.class, found.found_in) {
        (Class::Drift, Slot::Draft) => (
            Rule::Drift,
            Level::Warning,
            format!("`{path}` was edited elsewhere"),
            format!("{}, and `offerctl apply` puts back what the repository says", adopt()),
        ),
        (Class::Drift, slot) => (
            Rule::Drift,
            Level::Warning,
            format!("`{path}` was published to {slot} by somebody else, and put back in the draft"),
            "`offerctl apply` publishes what the repository says".to_owned(),
        ),
        (Class::Conflict, _) => (
            Rule::Guard(Guard::Conflict),
            Level::Error,
            format!("`{path}` was changed here and on the service since the last apply"),
            Guard::Conflict.way_out(key),
        ),
        (Class::Unattributed, _) => (
            Rule::Unattributed,
            Level::Note,
            format!("`{path}` differs from the service, and no record tells who changed it"),
            format!("{}, and `offerctl apply` writes what the repository says", adopt()),
        ),
        (Class::Pending, _) => return None,
    };
    let finding = Finding::new(rule, level, message).help(help).at(found.change.source.clone());
    Some(finding.of(key.clone()).on(path.clone()))
}
