//! Sending a write again: how often, and after which pause. What must be looked at before that is the step's own matter.
//!
//! The published table of it is `docs/retries.md`; a test reads it and holds it against what happens.

use std::time::Duration;

use tokio::time::Instant;

use super::Event;
use super::progress::Progress;
use crate::portal::{PortalError, RetryPolicy};

/// How often a write is made at most.
const ATTEMPTS: u32 = 3;
/// The bound of the pause before the first repetition, unless the service is asked more often than that anyway.
const FIRST_PAUSE: Duration = Duration::from_secs(3);
/// The bound of any pause that the service did not ask for.
const LONGEST_PAUSE: Duration = Duration::from_secs(20);
/// No repetition begins later than this after the first attempt; a PUT alone may take five minutes.
const TOTAL: Duration = Duration::from_secs(10 * 60);

/// The failures of one write so far.
pub(super) struct Failures {
    count: u32,
    begun: Instant,
}

impl Failures {
    pub(super) fn none() -> Self {
        Self { count: 0, begun: Instant::now() }
    }

    pub(super) fn are_there(&self) -> bool {
        self.count > 0
    }
}

impl Progress<'_> {
    /// Counts a failure and stays away for as long as it asks for; false when there is no patience left, or the person
    /// wants to stop.
    pub(super) async fn stay_away(&self, failures: &mut Failures, error: &PortalError) -> bool {
        failures.count += 1;
        let policy = RetryPolicy {
            attempts: ATTEMPTS,
            first_delay: self.executor.settings.pace.first().min(FIRST_PAUSE),
            longest_delay: LONGEST_PAUSE,
            total: TOTAL,
        };
        let client = &self.executor.client;
        let Some(pause) = client.pause_after(error, &policy, failures.count, failures.begun.elapsed()) else {
            return false;
        };
        self.pause(Instant::now() + pause).await
    }
}

/// How a pause during an outage ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Patience {
    /// It is over; it is time to try again.
    TryAgain,
    /// The person wants to stop.
    Interrupted,
}

impl Progress<'_> {
    /// Tells of an outage and waits a while; the error, when the time for which the offer is waited for is over before
    /// the service will have it.
    pub(super) async fn outlast(&mut self, error: &PortalError) -> Result<Patience, PortalError> {
        if self.executor.is_stopped() {
            return Ok(Patience::Interrupted);
        }
        let (now, deadline) = (Instant::now(), self.deadline());
        let asked = error.retry_after().unwrap_or_default();
        if now >= deadline || now + asked > deadline {
            return Err(error.clone());
        }
        self.executor.tell(self.key(), Event::Unreachable(error.to_string()));
        let pause = self.executor.settings.pace.first().max(asked);
        let is_over = self.pause((now + pause).min(deadline)).await;
        Ok(if is_over { Patience::TryAgain } else { Patience::Interrupted })
    }

    /// Looks until the service can be read again: an outage that begins in the middle of a write leaves nothing else to
    /// settle it by.
    pub(super) async fn look_through_outages<T>(
        &mut self,
        look: impl AsyncFn(&Self) -> Result<T, PortalError>,
    ) -> Result<T, PortalError> {
        loop {
            let error = match look(self).await {
                Err(error) if error.is_passing() => error,
                settled => return settled,
            };
            if self.outlast(&error).await? == Patience::Interrupted {
                return Err(error);
            }
        }
    }
}

/// Whether a write was certainly not done, and may be later without anybody changing anything.
pub(super) fn was_only_untimely(error: &PortalError) -> bool {
    error.is_passing() && !error.outcome_unclear()
}
