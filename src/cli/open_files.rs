//! How many files this process may have open, and so on how many offers it may work at once: each holds its lock until it is
//! done, also while it waits, and asks the service over a connection.

/// What is open besides: the terminal, the file of events, what libraries need.
const BESIDES: u64 = 64;
/// The lock, and a connection or the record that is being written.
const OF_EACH_OFFER: u64 = 2;
/// More is not asked for: macOS refuses it.
const MOST: u64 = 10_240;

/// Asks the system for as many open files as so many offers need, and answers for how many offers there is room: all of
/// them, unless the system is strict, and never none.
pub(super) fn room_for(offers: usize) -> usize {
    let wanted = u64::try_from(offers).unwrap_or(u64::MAX).saturating_mul(OF_EACH_OFFER).saturating_add(BESIDES);
    let room = allowed(wanted.min(MOST)).saturating_sub(BESIDES) / OF_EACH_OFFER;
    usize::try_from(room).unwrap_or(usize::MAX).max(1)
}

/// How many files may be open, after asking for so many.
#[cfg(unix)]
fn allowed(wanted: u64) -> u64 {
    use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};
    let limit = getrlimit(Resource::Nofile);
    let now = limit.current.unwrap_or(u64::MAX);
    let more = wanted.min(limit.maximum.unwrap_or(u64::MAX));
    if more > now && setrlimit(Resource::Nofile, Rlimit { current: Some(more), ..limit }).is_ok() { more } else { now }
}

/// Elsewhere so few are no concern.
#[cfg(not(unix))]
fn allowed(_wanted: u64) -> u64 {
    u64::MAX
}
