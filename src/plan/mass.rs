//! `mass-change`: one run that would change a large share of the offers is more often a slip than meant.

use super::guard::divide;
use super::{Action, Block, Directives, Guard, OfferVerdict, Plan, PlannedOffer};

/// With fewer offers than this, each of them was looked at anyway.
const FEWEST: usize = 5;

/// Blocks every offer with steps when too many of the plan's offers would be changed; new ones take nothing from anybody
/// and do not count.
pub fn guard_mass_change(plan: &mut Plan, directives: &Directives) {
    let changes = |offer: &PlannedOffer| !offer.steps.is_empty() && !offer.has(Action::Create);
    let touched = plan.offers.iter().filter(|offer| changes(offer)).count();
    // Whoever asks for what changed has not made the repository smaller.
    let left_out = plan.unchanged.as_ref().map_or(0, |unchanged| unchanged.manifests);
    let there = plan.offers.iter().filter(|offer| !offer.has(Action::Create)).count();
    let all = there + plan.failed.len() + left_out;
    for offer in &mut plan.offers {
        let settings = offer.guards.over(&directives.guards);
        let threshold = settings.threshold(Guard::MassChange) as usize;
        let is_mass = touched >= FEWEST && touched * 100 > threshold * all;
        if !is_mass || !changes(offer) || offer.verdict() == OfferVerdict::InSync {
            continue;
        }
        let share = touched * 100 / all;
        let sentence = format!(
            "this run would change {touched} of {all} offers ({share} %), and more than {threshold} % are let pass only by \
             name"
        );
        let found = vec![Block { guard: Guard::MassChange, sentence, messages: Vec::new(), fields: Vec::new() }];
        let (blocks, allowed) = divide(found, &offer.key, &directives.allow, &settings);
        offer.blocks.extend(blocks);
        offer.allowed.extend(allowed);
    }
}
