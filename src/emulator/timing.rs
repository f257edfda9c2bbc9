//! How long the stages of a submission take.
//!
//! Durations count on the emulator's clock, so advancing it by two days finishes whatever takes two days.

use std::time::Duration;

use serde::{Deserialize, Serialize};

/// How long each stage takes. A submission keeps the timing that it started with.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Timing {
    /// Validate Pre-Requisites.
    pub validation: Duration,
    /// Certification.
    pub certification: Duration,
    /// Provisioning.
    pub provisioning: Duration,
    /// Packaging and Lead Generation Registration.
    pub packaging: Duration,
    /// Live, the only stage of a go-live.
    pub live: Duration,
    /// From a cancel until the submission reads `canceled`.
    pub cancel: Duration,
}

impl Timing {
    /// As long as the service takes: three days and a quarter to the sign-off, two days to live, two minutes to cancel.
    pub fn realistic() -> Self {
        let minutes = |minutes: u64| Duration::from_secs(60 * minutes);
        Self {
            validation: minutes(15),
            certification: minutes(3 * 24 * 60),
            provisioning: minutes(5 * 60),
            packaging: minutes(45),
            live: minutes(2 * 24 * 60),
            cancel: minutes(2),
        }
    }

    /// No time at all: whatever is submitted is done when the answer arrives.
    pub fn instant() -> Self {
        Self::default()
            .with_publish_duration(Duration::ZERO)
            .with_go_live_duration(Duration::ZERO)
            .with_cancel_duration(Duration::ZERO)
    }

    /// Spreads a publish, up to the sign-off, over this long; certification takes most of it.
    #[must_use]
    pub fn with_publish_duration(self, total: Duration) -> Self {
        let [validation, provisioning, packaging] = [total / 20, total / 5, total / 10];
        Self {
            validation,
            certification: total.saturating_sub(validation + provisioning + packaging),
            provisioning,
            packaging,
            ..self
        }
    }

    /// Lets a go-live take this long.
    #[must_use]
    pub fn with_go_live_duration(self, live: Duration) -> Self {
        Self { live, ..self }
    }

    /// Lets a cancel take this long.
    #[must_use]
    pub fn with_cancel_duration(self, cancel: Duration) -> Self {
        Self { cancel, ..self }
    }
}

impl Default for Timing {
    /// For trying out: a publish takes 3 s, a go-live 1 s, a cancel 0.2 s.
    fn default() -> Self {
        Self::realistic()
            .with_publish_duration(Duration::from_secs(3))
            .with_go_live_duration(Duration::from_secs(1))
            .with_cancel_duration(Duration::from_millis(200))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_publish_takes_as_long_as_was_asked_for() {
        for total in [Duration::ZERO, Duration::from_millis(1), Duration::from_secs(86_401)] {
            let timing = Timing::default().with_publish_duration(total);
            assert_eq!(timing.validation + timing.certification + timing.provisioning + timing.packaging, total);
        }
    }
}
