//! When to repeat a request, and how long to wait before. It knows no HTTP: it is given failures and answers with delays,
//! so that tests own the time and the chance.
//!
//! Reads are repeated here. Writes are not: the executor looks first, and asks here only how long to stay away.

use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use tokio::sync::watch;
use tokio::time::Instant;
use tracing::debug;

use super::{Method, PortalError};

/// How often and how long to repeat a request; the default is meant for reads.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RetryPolicy {
    /// How many times at most a request is made; 1 is once and never again.
    pub attempts: u32,
    /// The upper bound of the first delay; it doubles with every failure.
    pub first_delay: Duration,
    /// The upper bound of any delay that the service did not ask for.
    pub longest_delay: Duration,
    /// No repetition begins later than this after the first attempt.
    pub total: Duration,
}

impl Default for RetryPolicy {
    fn default() -> Self {
        Self {
            attempts: 5,
            first_delay: Duration::from_millis(500),
            longest_delay: Duration::from_secs(20),
            total: Duration::from_secs(120),
        }
    }
}

impl RetryPolicy {
    /// How long to wait after the given number of failures, or `None` to give up.
    ///
    /// "Full jitter": anything from nothing to the exponential bound, so that clients that failed together do not come
    /// back together. What the service asked for is a lower bound, and the jitter is added to it.
    pub(crate) fn delay(
        &self,
        failures: u32,
        asked: Option<Duration>,
        elapsed: Duration,
        chance: f64,
    ) -> Option<Duration> {
        if failures >= self.attempts {
            return None;
        }
        let doubled = self.first_delay.saturating_mul(2_u32.saturating_pow(failures.saturating_sub(1)));
        let jitter = doubled.min(self.longest_delay).mul_f64(chance.clamp(0.0, 1.0));
        let delay = match asked {
            Some(asked) => asked.saturating_add(jitter.min(self.first_delay)),
            None => jitter,
        };
        (elapsed.saturating_add(delay) <= self.total).then_some(delay)
    }
}

/// The chance in the delays, from a seed that the caller chose.
#[derive(Debug)]
pub(super) struct Jitter(Mutex<fastrand::Rng>);

impl Jitter {
    pub(super) fn seeded(seed: u64) -> Self {
        Self(Mutex::new(fastrand::Rng::with_seed(seed)))
    }

    fn fraction(&self) -> f64 {
        // A generator that a panicking thread left behind is as good as any.
        self.0.lock().unwrap_or_else(PoisonError::into_inner).f64()
    }
}

/// Makes an attempt (numbered from 1) until one succeeds, fails for good, the policy gives up, or the person wants to
/// stop.
pub(super) async fn persist<T, Attempt>(
    policy: &RetryPolicy,
    jitter: &Jitter,
    stop: &watch::Receiver<bool>,
    mut attempt: impl FnMut(u32) -> Attempt,
) -> Result<T, PortalError>
where
    Attempt: Future<Output = Result<T, PortalError>>,
{
    let begun = Instant::now();
    let mut failures = 0;
    loop {
        let error = match attempt(failures + 1).await {
            Err(error) if error.is_passing() => error,
            settled => return settled,
        };
        failures += 1;
        if *stop.borrow() {
            return Err(error);
        }
        let Some(delay) = pause_after(policy, jitter, &error, failures, begun.elapsed()) else { return Err(error) };
        tokio::select! {
            () = tokio::time::sleep(delay) => {}
            () = stopped(stop) => return Err(error),
        }
    }
}

/// Waits until the person wants to stop.
pub(super) async fn stopped(stop: &watch::Receiver<bool>) {
    if stop.clone().wait_for(|stopped| *stopped).await.is_err() {
        // Nobody can ask for it any more.
        std::future::pending::<()>().await;
    }
}

/// How long to stay away after so many failures, the last of which this is; `None` to give up.
pub(super) fn pause_after(
    policy: &RetryPolicy,
    jitter: &Jitter,
    error: &PortalError,
    failures: u32,
    elapsed: Duration,
) -> Option<Duration> {
    let delay = policy.delay(failures, error.retry_after(), elapsed, jitter.fraction());
    let next = match (delay, error.method()) {
        (None, _) => "no further attempt".to_owned(),
        (Some(delay), Method::Get) => format!("trying again in {}", rounded(delay)),
        (Some(delay), Method::Put | Method::Post) => format!("looking in {} whether to try again", rounded(delay)),
    };
    debug!(attempt = failures, "{next}: {}", error.in_short());
    delay
}

/// A delay for people, to the millisecond.
fn rounded(delay: Duration) -> humantime::FormattedDuration {
    humantime::format_duration(Duration::from_millis(u64::try_from(delay.as_millis()).unwrap_or(u64::MAX)))
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicU32, Ordering};

    use url::Url;

    use super::super::error::{ErrorKind, Failure, RedactedUrl};
    use super::*;

    fn failure(kind: ErrorKind, attempts: u32, retry_after: Option<Duration>) -> PortalError {
        Failure {
            kind,
            method: Method::Get,
            url: RedactedUrl::new(&Url::parse("https://h/").unwrap()),
            status: None,
            code: None,
            message: None,
            correlation: None,
            attempts,
            retry_after,
            credential_advice: None,
        }
        .into()
    }

    /// Runs attempts that fail as given and then succeed; answers with the outcome and the seconds that passed.
    async fn run(policy: &RetryPolicy, failures: &[(ErrorKind, Option<u64>)]) -> (Result<u32, ErrorKind>, f64) {
        let begun = Instant::now();
        let never = watch::channel(false).1;
        let outcome = persist(policy, &Jitter::seeded(7), &never, |number| async move {
            match failures.get(number as usize - 1) {
                Some((kind, asked)) => Err(failure(*kind, number, asked.map(Duration::from_secs))),
                None => Ok(number),
            }
        })
        .await;
        (outcome.map_err(|error| error.kind()), begun.elapsed().as_secs_f64())
    }

    #[tokio::test(start_paused = true)]
    async fn what_passes_is_tried_again_and_what_stays_is_not() {
        let policy = RetryPolicy::default();
        let unreachable = (ErrorKind::Unreachable, None);
        assert_eq!(run(&policy, &[unreachable, (ErrorKind::ServiceFailed, None)]).await.0, Ok(3));
        assert_eq!(run(&policy, &[unreachable, (ErrorKind::Refused, None)]).await.0, Err(ErrorKind::Refused));
        assert_eq!(run(&policy, &[unreachable; 9]).await.0, Err(ErrorKind::Unreachable));
    }

    #[tokio::test(start_paused = true)]
    async fn the_service_is_left_alone_as_long_as_it_asks() {
        let policy = RetryPolicy::default();
        let (outcome, seconds) = run(&policy, &[(ErrorKind::Throttled, Some(30))]).await;
        assert_eq!(outcome, Ok(2));
        assert!((30.0..30.6).contains(&seconds), "waited {seconds} s");
        let (outcome, seconds) = run(&policy, &[(ErrorKind::Throttled, Some(3_600))]).await;
        assert_eq!(outcome, Err(ErrorKind::Throttled));
        assert!(seconds < 0.001, "waited {seconds} s for what it cannot wait for");
    }

    #[tokio::test(start_paused = true)]
    async fn whoever_wants_to_stop_waits_for_no_repetition() {
        let begun = Instant::now();
        let (switch, stop) = watch::channel(false);
        let policy = RetryPolicy { first_delay: Duration::from_secs(20), ..RetryPolicy::default() };
        let (count, jitter) = (AtomicU32::new(0), Jitter::seeded(7));
        let repeated = persist(&policy, &jitter, &stop, |number| {
            count.store(number, Ordering::SeqCst);
            async move { Err::<(), _>(failure(ErrorKind::Throttled, number, Some(Duration::from_secs(60)))) }
        });
        let (outcome, ()) = tokio::join!(repeated, async {
            tokio::time::sleep(Duration::from_secs(1)).await;
            switch.send_replace(true);
        });
        assert_eq!(outcome.map_err(|error| error.kind()), Err(ErrorKind::Throttled));
        assert_eq!((count.load(Ordering::SeqCst), begun.elapsed().as_secs()), (1, 1));
    }

    #[test]
    fn delays_double_up_to_their_bounds() {
        let policy = RetryPolicy { attempts: 99, ..RetryPolicy::default() };
        let longest = |failures| policy.delay(failures, None, Duration::ZERO, 1.0).unwrap().as_millis();
        assert_eq!([1, 2, 3, 6, 7, 40].map(longest), [500, 1_000, 2_000, 16_000, 20_000, 20_000]);
        assert_eq!(policy.delay(3, None, Duration::ZERO, 0.0), Some(Duration::ZERO));
        assert_eq!(policy.delay(9, None, Duration::from_secs(101), 1.0), None);
    }
}
