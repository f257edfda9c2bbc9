//! What a plan asks of a person: the blocks of its guards, and the offers that it does not cover.

use super::{Finding, Level, Place, Rule};
use crate::offer::Guard;
use crate::plan::{Block, BlockedField, Plan, PlannedOffer, UnplannedOffer};

/// Everything in a plan that a person has to look at, offer by offer.
pub fn of_plan(plan: &Plan) -> Vec<Finding> {
    let offers = plan.offers.iter().flat_map(of_offer);
    let mut found: Vec<_> = offers.chain(plan.failed.iter().map(of_unplanned)).collect();
    // It is said of each offer, and about the run: once of those that it blocks, once of those that were let pass.
    let mut seen = Vec::new();
    found.retain(|finding| {
        let is_new = !seen.contains(&finding.level);
        if finding.rule != Rule::Guard(Guard::MassChange) {
            return true;
        }
        seen.push(finding.level);
        is_new
    });
    found
}

fn of_offer(offer: &PlannedOffer) -> impl Iterator<Item = Finding> {
    let blocks = offer.blocks.iter().flat_map(move |block| {
        let help = offer.way_out(block);
        of_block(offer, block, Level::Error).into_iter().map(move |finding| finding.help(help.clone()))
    });
    blocks.chain(offer.allowed.iter().flat_map(move |block| of_block(offer, block, Level::Note)))
}

/// A block is one finding, at the first of its fields; each conflict is one of its own, for each is settled by itself.
fn of_block(offer: &PlannedOffer, block: &Block, level: Level) -> Vec<Finding> {
    let rule = Rule::Guard(block.guard);
    if block.guard == Guard::Conflict && !block.fields.is_empty() {
        let conflict = |BlockedField { path, source }: &BlockedField| {
            let message = format!("`{path}` was changed here and on the service since the last apply");
            Finding::new(rule, level, message).at(source.clone()).of(offer.key.clone()).on(path.clone())
        };
        return block.fields.iter().map(conflict).collect();
    }
    let said = block.messages.iter().map(|message| format!("; the service says: {message}"));
    let pass = if level == Level::Note { "let pass: " } else { "" };
    let message = format!("{pass}{}{}", block.sentence, said.collect::<String>());
    let finding = Finding::new(rule, level, message).of(offer.key.clone());
    let Some((first, others)) = block.fields.split_first() else {
        return vec![finding.at(offer.manifest.clone())];
    };
    let related = others.iter().map(|field| (Place::from(field.source.clone()), format!("`{}`", field.path)));
    let related = related.collect();
    vec![Finding { related, ..finding.at(first.source.clone()).on(first.path.clone()) }]
}

fn of_unplanned(failed: &UnplannedOffer) -> Finding {
    let finding = not_done(Rule::NotPlanned, "planned", &failed.reason).at(Place::head(&failed.manifest));
    Finding { offer: failed.key.clone(), ..finding }
}

/// An offer that is left out; the reason has a line for each thing, and the last one says what to do.
pub(super) fn not_done(rule: Rule, done: &str, reason: &str) -> Finding {
    let mut lines: Vec<_> = reason.lines().collect();
    let advice = if lines.len() > 1 { lines.pop() } else { None };
    let finding = Finding::new(rule, Level::Error, format!("the offer could not be {done}: {}", lines.join("; ")));
    Finding { help: advice.map(str::to_owned), ..finding }
}
