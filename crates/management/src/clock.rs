//! The clocks of this crate, all of them: nothing else here asks what time it is.

use audit::WallClock;
use core::time::Duration;
use rustix::time::{ClockId, Timespec, clock_gettime};

/// Nanoseconds since boot, on the clock that workers stamp their records with.
pub(crate) fn monotonic_ns() -> u64 {
    nanos(clock_gettime(ClockId::Monotonic))
}

/// Nanoseconds since the Unix epoch.
pub(crate) fn unix_ns() -> u64 {
    nanos(clock_gettime(ClockId::Realtime))
}

/// What both clocks show now.
///
/// The monotonic one is read on both sides of the other, so that an interruption between the two
/// shifts the pair by half of its length at most.
pub(crate) fn wall_clock() -> WallClock {
    let before = monotonic_ns();
    let unix_ns = unix_ns();
    let between = before.midpoint(monotonic_ns());
    let WallClock { worker: boot, .. } = identity();
    WallClock { worker: boot.after(Duration::from_nanos(between)), unix_ns }
}

/// The clock of records whose times are Unix times already, as a capture's are.
pub(crate) fn identity() -> WallClock {
    WallClock { worker: Default::default(), unix_ns: 0 }
}

fn nanos(time: Timespec) -> u64 {
    let seconds = u64::try_from(time.tv_sec).unwrap_or(0);
    let nanos = u64::try_from(time.tv_nsec).unwrap_or(0);
    seconds.saturating_mul(1_000_000_000).saturating_add(nanos)
}
