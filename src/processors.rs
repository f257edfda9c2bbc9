//! Work that takes a processor: how many there are, and who has one.
//!
//! A task that computes for milliseconds keeps the answers of all others waiting, and the service with them.

use std::num::NonZero;
use std::panic::resume_unwind;
use std::sync::LazyLock;
use std::thread::{self, ScopedJoinHandle};

use tokio::sync::Semaphore;
use tokio::task::{JoinError, spawn_blocking};

/// As much is computed at once as there are processors: more would not be done sooner, and each takes memory meanwhile.
static PLACES: LazyLock<Semaphore> = LazyLock::new(|| Semaphore::new(count()));

/// As many queue for a place with what they begin. So whoever ends something waits for few of them, and what was begun is
/// out of memory before more is begun.
static BEGINNERS: LazyLock<Semaphore> = LazyLock::new(|| Semaphore::new(count()));

/// How many processors there are.
pub(crate) fn count() -> usize {
    thread::available_parallelism().map_or(1, NonZero::get)
}

/// Does what takes a while, and ends something, on a processor of its own, once there is one. Panics when the work does.
pub(crate) async fn compute<Found: Send + 'static>(work: impl FnOnce() -> Found + Send + 'static) -> Found {
    match on_a_processor(work).await.map_err(JoinError::try_into_panic) {
        Ok(found) => found,
        Err(Ok(panic)) => resume_unwind(panic),
        // The program is about to end, and whoever waits for this with it.
        Err(Err(_)) => std::future::pending().await,
    }
}

/// Does the same with what begins something. Fails when the work panics, or is never begun because the program ends.
pub(crate) async fn try_begin<Found: Send + 'static>(
    work: impl FnOnce() -> Found + Send + 'static,
) -> Result<Found, JoinError> {
    let _turn = BEGINNERS.acquire().await;
    on_a_processor(work).await
}

async fn on_a_processor<Found: Send + 'static>(
    work: impl FnOnce() -> Found + Send + 'static,
) -> Result<Found, JoinError> {
    // Nobody closes it, so that there is nothing to fail.
    let _place = PLACES.acquire().await;
    spawn_blocking(work).await
}

/// Does something with each item, and answers what came of it in their order.
pub(crate) fn share_out<Item: Sync, Found: Send>(items: &[Item], work: impl Fn(&Item) -> Found + Sync) -> Vec<Found> {
    let share = items.len().div_ceil(count()).max(1);
    thread::scope(|scope| {
        let work = &work;
        let working: Vec<_> =
            items.chunks(share).map(|some| scope.spawn(move || some.iter().map(work).collect::<Vec<_>>())).collect();
        let join = |working: ScopedJoinHandle<'_, _>| working.join().unwrap_or_else(|panic| resume_unwind(panic));
        working.into_iter().flat_map(join).collect()
    })
}
