//! The emulator's time: where it comes from, how it is moved by hand, and how the service spells it.
//!
//! A **moment** counts 100 ns ticks, the service's own resolution. Nothing else in the emulator asks for the time.

use std::path::{Path, PathBuf};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::store::{self, StoreError};

/// Where the emulator's time comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum TimeSource {
    /// The machine's clock, plus what was advanced by request.
    #[default]
    System,
    /// Time stands still there and moves only by request, so that a test owns it.
    Stopped(Timestamp),
}

/// A moment in 100 ns ticks since 1970 UTC.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub(super) struct Moment(i64);

const TICKS_PER_SECOND: i64 = 10_000_000;
/// Ticks between the year 1 and 1970: the service's big ids count from there.
const TICKS_BEFORE_1970: u64 = 621_355_968_000_000_000;

impl Moment {
    fn of(timestamp: Timestamp) -> Self {
        Self(i64::try_from(timestamp.as_nanosecond() / 100).unwrap_or(i64::MAX))
    }

    /// The moment that lies `duration` later.
    pub(super) fn after(self, duration: Duration) -> Self {
        Self(self.0.saturating_add(i64::try_from(duration.as_nanos() / 100).unwrap_or(i64::MAX)))
    }

    /// The next moment that the service could tell from this one.
    pub(super) fn next(self) -> Self {
        Self(self.0.saturating_add(1))
    }

    /// How much later this is than `earlier`; nothing when it is not later.
    pub(super) fn since(self, earlier: Self) -> Duration {
        Duration::from_nanos(u64::try_from(self.0.saturating_sub(earlier.0)).unwrap_or(0).saturating_mul(100))
    }

    /// Ticks since the year 1, above 2^53, as the service uses them for ids.
    pub(super) fn big_number(self) -> u64 {
        TICKS_BEFORE_1970.saturating_add_signed(self.0)
    }

    /// `2017-06-07T06:15:39.7349221Z`.
    pub(super) fn full(self) -> String {
        format!("{}.{:07}Z", self.seconds(), self.0.rem_euclid(TICKS_PER_SECOND))
    }

    /// `2017-06-07T06:15:39.734`, as rows of a listing have it.
    pub(super) fn listing(self) -> String {
        format!("{}.{:03}", self.seconds(), self.0.rem_euclid(TICKS_PER_SECOND) / 10_000)
    }

    /// `Wed, 07 Jun 2017 06:15:39 GMT`, as headers have it.
    pub(super) fn http_date(self) -> String {
        let timestamp = Timestamp::from_second(self.0.div_euclid(TICKS_PER_SECOND)).unwrap_or_default();
        timestamp.strftime("%a, %d %b %Y %H:%M:%S GMT").to_string()
    }

    /// `2017-06-07T06:15:39`.
    pub(super) fn seconds(self) -> String {
        let timestamp = Timestamp::from_second(self.0.div_euclid(TICKS_PER_SECOND)).unwrap_or_default();
        timestamp.strftime("%Y-%m-%dT%H:%M:%S").to_string()
    }
}

#[derive(Debug, Default, Serialize, Deserialize)]
struct Saved {
    advanced: Duration,
}

/// The emulator's clock. What was advanced outlives the process when there is a folder to keep it in.
pub(super) struct Clock {
    source: TimeSource,
    advanced: Mutex<Duration>,
    file: Option<PathBuf>,
}

impl Clock {
    /// Opens the clock; `folder` holds what an earlier process advanced it by.
    pub(super) fn open(source: TimeSource, folder: Option<&Path>) -> Result<Self, StoreError> {
        let file = folder.map(|folder| folder.join("clock.json"));
        let saved = match &file {
            Some(file) => store::read_json::<Saved>(file)?.unwrap_or_default(),
            None => Saved::default(),
        };
        Ok(Self { source, advanced: Mutex::new(saved.advanced), file })
    }

    /// The emulator's present.
    pub(super) fn now(&self) -> Moment {
        let base = match self.source {
            TimeSource::System => Timestamp::now(),
            TimeSource::Stopped(at) => at,
        };
        Moment::of(base).after(*self.advanced())
    }

    /// Moves the present forward.
    pub(super) fn advance(&self, by: Duration) -> Result<Moment, StoreError> {
        {
            let mut advanced = self.advanced();
            *advanced = advanced.saturating_add(by);
            if let Some(file) = &self.file {
                store::write_json(file, &Saved { advanced: *advanced })?;
            }
        }
        Ok(self.now())
    }

    fn advanced(&self) -> MutexGuard<'_, Duration> {
        // A duration is whole at every moment, so a poisoned lock holds nothing broken.
        self.advanced.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn moments_are_spelt_as_the_service_spells_them() {
        let moment = Moment::of("2018-03-28T22:27:13.836387955Z".parse().unwrap());
        assert_eq!(moment.full(), "2018-03-28T22:27:13.8363879Z");
        assert_eq!(moment.listing(), "2018-03-28T22:27:13.836");
        assert!(moment.big_number() > 1 << 53);
        assert_eq!(moment.next().since(moment), Duration::from_nanos(100));
        assert_eq!(moment.since(moment.next()), Duration::ZERO);
    }

    #[test]
    fn a_stopped_clock_moves_only_by_request() {
        let start: Timestamp = "2026-11-01T00:00:00Z".parse().unwrap();
        let clock = Clock::open(TimeSource::Stopped(start), None).unwrap();
        assert_eq!(clock.now(), clock.now());
        clock.advance(Duration::from_secs(90)).unwrap();
        assert_eq!(clock.now().seconds(), "2026-11-01T00:01:30");
    }
}
