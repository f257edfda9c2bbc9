//! Reads one offer from the service into a snapshot, with no more requests than the target needs.
//!
//! Only a reading client comes in here, so nothing in this room can write.

use crate::offer::{Observed, OfferKey, OfferStatus, Slot, StatusReport, Submission};
use crate::portal::{PortalError, ReadingClient};

/// Observes one offer as far as the target slot asks for.
///
/// The draft and the status are always read; slots only up to the target and only when something was ever published;
/// submissions and the submitted version only while one runs.
pub async fn observe(client: &ReadingClient, key: &OfferKey, target: Slot) -> Result<Observed, PortalError> {
    let mut observed = Observed::absent(key.clone());
    let Some(draft) = client.offer(key).await? else { return Ok(observed) };
    observed.draft = Some(draft.document);
    observed.etag = draft.etag;
    observed.status = client.status(key).await?;
    let status = observed.status.as_ref().map(|report| &report.status);
    if matches!(status, None | Some(OfferStatus::NeverPublished)) {
        return Ok(observed);
    }
    if target >= Slot::Preview {
        observed.preview = client.slot(key, Slot::Preview).await?;
        if target == Slot::Production || observed.preview.is_none() {
            observed.production = client.slot(key, Slot::Production).await?;
        }
    }
    if observed.status.as_ref().is_some_and(StatusReport::is_running) {
        observe_running(client, key, &mut observed).await?;
    }
    Ok(observed)
}

async fn observe_running(client: &ReadingClient, key: &OfferKey, observed: &mut Observed) -> Result<(), PortalError> {
    let submissions = client.submissions(key).await?;
    observed.running =
        submissions.into_iter().filter(Submission::is_running).max_by_key(|submission| submission.publishing_version);
    if let Some(version) = observed.running.as_ref().and_then(|submission| submission.offer_version) {
        observed.running_content = client.version(key, version).await?;
    }
    Ok(())
}
