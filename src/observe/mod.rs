//! Reads one offer from the service into a snapshot, with no more requests than the target needs.
//!
//! Only a reading client comes in here, so nothing in this room can write.

use crate::offer::{Observed, OfferKey, OfferStatus, OperationStatus, Slot, StatusReport, Submission, SubmissionKind};
use crate::portal::{PortalError, ReadingClient};

/// Whether the records speak of a submission that nobody has seen end.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum InFlight {
    /// They do: a report that is not up to date must not hide it.
    Recorded,
    /// They do, and the service has taken it so short a while ago that its list may not show it yet.
    JustAccepted {
        /// What it does.
        kind: SubmissionKind,
        /// The publishing version of the newest submission before it; `None` when there was none.
        after: Option<u64>,
    },
    /// They do not.
    Unknown,
}

/// Observes one offer as far as the target slot asks for.
///
/// The draft and the status are always read; slots only up to the target and only when something was ever published;
/// submissions and the submitted version only while one may run, or when the newest ended badly.
pub async fn observe(
    client: &ReadingClient,
    key: &OfferKey,
    target: Slot,
    in_flight: InFlight,
) -> Result<Observed, PortalError> {
    let mut observed = Observed::absent(key.clone());
    let Some(draft) = client.offer(key).await? else { return Ok(observed) };
    observed.draft = Some(draft.document);
    observed.etag = draft.etag;
    observed.status = client.status(key).await?;
    let Some(report) = &observed.status else { return Ok(observed) };
    let may_run = report.is_running() || in_flight != InFlight::Unknown;
    if report.status == OfferStatus::NeverPublished && !may_run {
        return Ok(observed);
    }
    let report = report.clone();
    if target >= Slot::Preview {
        observed.preview = client.slot(key, Slot::Preview).await?;
        if target == Slot::Production || observed.preview.is_none() {
            observed.production = client.slot(key, Slot::Production).await?;
        }
    }
    let ended_badly = matches!(report.status, OfferStatus::Failed | OfferStatus::Canceled);
    if may_run || (ended_badly && target >= Slot::Preview) {
        observe_newest(client, key, &report, &mut observed).await?;
    }
    if let InFlight::JustAccepted { kind, after } = in_flight {
        expect_row(kind, after, &mut observed);
    }
    Ok(observed)
}

/// A submission that the service has taken and does not list yet runs all the same: to start another one because of that
/// would submit twice.
fn expect_row(kind: SubmissionKind, after: Option<u64>, observed: &mut Observed) {
    let newest = observed.newest.as_ref().and_then(|newest| newest.publishing_version);
    let is_listed = newest.is_some_and(|newest| after.is_none_or(|after| newest > after));
    // Without numbers nothing tells the rows apart.
    if is_listed || (newest.is_none() && observed.newest.is_some()) {
        return;
    }
    observed.is_running = true;
    observed.running = Some(Submission {
        id: String::new(),
        kind: Some(kind),
        state: OperationStatus::NotStarted,
        offer_version: None,
        publishing_version: None,
        slot: None,
        changed_time: None,
    });
    observed.submitted_content = None;
}

/// Observes the draft and what is published, whatever the target: everything that tells where an edit stands.
///
/// How a submission stands says nothing about that, so no status is asked for; it is three requests for each offer.
pub async fn observe_slots(client: &ReadingClient, key: &OfferKey) -> Result<Observed, PortalError> {
    let mut observed = Observed::absent(key.clone());
    let Some(draft) = client.offer(key).await? else { return Ok(observed) };
    observed.draft = Some(draft.document);
    observed.etag = draft.etag;
    (observed.preview, observed.production) =
        futures::try_join!(client.slot(key, Slot::Preview), client.slot(key, Slot::Production))?;
    Ok(observed)
}

/// Observes the slots that the target did not ask for, so that what they hold can be shown beside the others.
pub async fn observe_other_slots(client: &ReadingClient, observed: &mut Observed) -> Result<(), PortalError> {
    if observed.draft.is_none() {
        return Ok(());
    }
    if observed.preview.is_none() {
        observed.preview = client.slot(&observed.key, Slot::Preview).await?;
    }
    if observed.production.is_none() {
        observed.production = client.slot(&observed.key, Slot::Production).await?;
    }
    Ok(())
}

async fn observe_newest(
    client: &ReadingClient,
    key: &OfferKey,
    report: &StatusReport,
    observed: &mut Observed,
) -> Result<(), PortalError> {
    let submissions = client.submissions(key).await?;
    let publishes = submissions.iter().filter(|row| row.kind == Some(SubmissionKind::Publish));
    observed.publishes = publishes.filter_map(|row| row.publishing_version).collect();
    observed.publishes.sort_unstable();
    let newest = submissions.into_iter().max_by_key(Submission::age);
    observed.running = newest.clone().filter(Submission::is_running);
    let goes_live = observed.running.as_ref().is_some_and(|row| row.kind == Some(SubmissionKind::GoLive));
    observed.is_running = match report.status {
        // A word that nobody knows means that it still goes on.
        OfferStatus::Running | OfferStatus::Unknown(_) => !report.awaits_signoff() || goes_live,
        // A row may read "running" while the sign-off waits.
        _ if report.awaits_signoff() => goes_live,
        // "Not started" is also said of offers that were never submitted; the other words can be out of date.
        _ => observed.running.is_some(),
    };
    if let Some(version) = newest.as_ref().and_then(|submission| submission.offer_version) {
        observed.submitted_content = client.version(key, version).await?;
    }
    observed.newest = newest;
    Ok(())
}
