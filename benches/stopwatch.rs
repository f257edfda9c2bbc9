//! Time, measured so that figures of one run can be set against each other.

use std::hint::black_box;
use std::time::{Duration, Instant};

/// How long the work takes, without the time to drop what it makes.
pub fn time<T>(work: impl FnOnce() -> T) -> Duration {
    let begun = Instant::now();
    let made = black_box(work());
    let taken = begun.elapsed();
    drop(made);
    taken
}

/// The shortest: what others do on the machine only ever adds time.
pub fn fastest(samples: &[Duration]) -> Duration {
    samples.iter().min().copied().unwrap_or_default()
}

/// Milliseconds, for tables.
pub fn milliseconds(duration: Duration) -> f64 {
    duration.as_secs_f64() * 1000.0
}
