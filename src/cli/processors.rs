//! Work that all processors share.

use std::num::NonZero;
use std::panic::resume_unwind;
use std::thread::{self, ScopedJoinHandle};

/// How many processors there are.
pub(super) fn processors() -> usize {
    thread::available_parallelism().map_or(1, NonZero::get)
}

/// Does something with each item, and answers what came of it in their order.
pub(super) fn shared_out<Item: Sync, Found: Send>(items: &[Item], work: impl Fn(&Item) -> Found + Sync) -> Vec<Found> {
    let share = items.len().div_ceil(processors()).max(1);
    thread::scope(|scope| {
        let work = &work;
        let working: Vec<_> =
            items.chunks(share).map(|some| scope.spawn(move || some.iter().map(work).collect::<Vec<_>>())).collect();
        let join = |working: ScopedJoinHandle<'_, _>| working.join().unwrap_or_else(|panic| resume_unwind(panic));
        working.into_iter().flat_map(join).collect()
    })
}
