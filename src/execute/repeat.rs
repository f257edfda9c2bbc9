//! Sending a write again: how often, and after which pause. What must be looked at before that is the step's own matter.
//!
//! The published table of it is `docs/retries.md`; a test reads it and holds it against what happens.

use std::time::Duration;

use tokio::time::Instant;

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

/// Whether a write was certainly not done, and may be later without anybody changing anything.
pub(super) fn was_only_untimely(error: &PortalError) -> bool {
    error.is_passing() && !error.outcome_unclear()
}
