//! What a reader of the plan should know besides: what nobody can compare, and what the service is stuck with.

use super::PlanDigest;
use crate::diff::{Comparison, Context};
use crate::offer::{Desired, FieldPath, Observed, OfferStatus, ValueKind};

/// The notes on one offer, a sentence each.
pub(super) fn notes(
    context: &Context<'_>,
    desired: &Desired,
    observed: &Observed,
    comparison: &Comparison,
    submitted: Option<u64>,
) -> Vec<String> {
    let mut notes = on_unverifiable(context, desired, &comparison.unverifiable);
    let newest = observed.running.as_ref().and_then(|submission| submission.publishing_version);
    if let (Some(ours), Some(newest)) = (submitted, newest)
        && newest > ours
    {
        notes.push(format!(
            "somebody superseded the submission that an earlier run started (publishing version {ours}): now {newest} runs"
        ));
    }
    let report = observed.status.as_ref();
    if let Some(stage) = report.filter(|_| observed.is_running).and_then(|report| report.stages_in_trouble().next()) {
        notes.push(format!(
            "the submission that runs is held up: {} is {}; `--supersede` cancels one of other content, \
             `--retry-failed` one of this content",
            stage.name, stage.status
        ));
    }
    if let Some(OfferStatus::Unknown(word)) = report.map(|report| &report.status) {
        notes.push(format!(
            "the service calls the offer \"{word}\", a word that offerctl does not know: taken as still running"
        ));
    }
    notes
}

/// That an earlier plan comes to nothing.
pub(super) fn replacing(plan: &PlanDigest) -> String {
    format!("the plan {}, begun earlier, has not written the draft yet; these steps take its place", plan.short())
}

/// What was counted as in sync although nobody can tell, and why; several paths of one kind make one note.
fn on_unverifiable(context: &Context<'_>, desired: &Desired, paths: &[FieldPath]) -> Vec<String> {
    const SECRET: &str = "a secret that the service never returns and that stands in the manifest in plain sight; not \
                          compared, and sent with every update";
    const RENAMED: &str = "not returned by the service, which renames it; taken as unchanged";
    const MEDIA: &str = "served from the service's own storage, and no record tells from what source; taken as \
                         unchanged, `--resend-media` sends the manifest's again";
    const CONTENT: &str = "no record tells what the local file held when its address was sent; taken as unchanged, and \
                           `--resend-media` sends the address again";
    let reason = |path: &FieldPath| {
        let field = context.catalogue.rules_at(path).field();
        if field.value == ValueKind::Secret {
            SECRET
        } else if field.returned_as.is_some() {
            RENAMED
        } else if context.media.get(path).is_some() {
            CONTENT
        } else {
            MEDIA
        }
    };
    // What is known of those that the manifest names by a variable is said elsewhere.
    let names_secret = |path: &&FieldPath| desired.secrets.iter().any(|(secret, _)| secret.is_within(path));
    let mut notes = Vec::new();
    for kind in [MEDIA, CONTENT, SECRET, RENAMED] {
        let mut of_kind = paths.iter().filter(|path| !names_secret(path) && reason(path) == kind);
        let Some(first) = of_kind.next() else { continue };
        let others = match of_kind.count() {
            0 => String::new(),
            1 => " and 1 other".to_owned(),
            others => format!(" and {others} others"),
        };
        notes.push(format!("`{first}`{others}: {kind}"));
    }
    notes
}
