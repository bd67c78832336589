//! Waiting for something that will not wake us: short first, then rarely.

use super::SyncMode;
use core::time::Duration;
use std::thread;

/// Pauses of one spin, together about half a microsecond.
const PAUSES: u32 = 16;

/// How to wait.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Pace {
    /// Looks in a row without letting go of the CPU.
    spins: u32,
    /// The first wait after them; each that follows is twice as long.
    wait_min: Duration,
    /// The longest wait.
    wait_max: Duration,
}

/// Flows wait for their records to be on the disk, so records are fetched at once: a gap within a
/// burst is spun over.
const EAGER: Pace = Pace { spins: 64, wait_min: Duration::from_micros(50), wait_max: Duration::from_millis(1) };

/// Nobody waits, as long as credits come before a ring is used up: a ring of 4,096 records lasts
/// 20 ms at 200,000 records a second, more than a worker can read requests for. A wait costs up to
/// 15 µs of CPU time on a virtual machine, which is somebody's where cores are shared.
const CALM: Pace = Pace { spins: 0, wait_min: Duration::from_millis(2), wait_max: Duration::from_millis(4) };

/// Looks in a row that found nothing, and how long to wait before the next.
#[derive(Debug)]
pub(super) struct Idle {
    pace: Pace,
    spins: u32,
    wait: Duration,
}

impl Idle {
    pub(super) fn new(sync: SyncMode) -> Self {
        let pace = match sync {
            SyncMode::Always => EAGER,
            // Records do not wait to be drained for longer than they then may wait for the disk.
            SyncMode::Interval(interval) => {
                Pace { wait_min: CALM.wait_min.min(interval), wait_max: CALM.wait_max.min(interval), ..CALM }
            }
        };
        Self { pace, spins: 0, wait: pace.wait_min }
    }

    /// Something was found.
    pub(super) const fn reset(&mut self) {
        self.spins = 0;
        self.wait = self.pace.wait_min;
    }

    /// Nothing was found.
    pub(super) fn wait(&mut self) {
        if self.spins < self.pace.spins {
            self.spins += 1;
            for _ in 0..PAUSES {
                core::hint::spin_loop();
            }
            return;
        }
        thread::park_timeout(self.wait);
        self.wait = self.pace.wait_max.min(self.wait * 2);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn waits_grow_to_their_limit_and_begin_anew_with_work() {
        let mut idle = Idle::new(SyncMode::Interval(Duration::from_millis(50)));
        for _ in 0..4 {
            idle.wait();
        }
        assert_eq!(idle.wait, CALM.wait_max);
        idle.reset();
        assert_eq!(idle.wait, CALM.wait_min);
    }

    #[test]
    fn no_wait_is_longer_than_the_interval_of_syncs() {
        let interval = Duration::from_millis(1);
        let mut idle = Idle::new(SyncMode::Interval(interval));
        for _ in 0..3 {
            idle.wait();
            assert_eq!(idle.wait, interval);
        }
    }

    #[test]
    fn where_flows_wait_the_first_looks_let_go_of_nothing() {
        let mut idle = Idle::new(SyncMode::Always);
        for _ in 0..EAGER.spins {
            idle.wait();
        }
        assert_eq!((idle.spins, idle.wait), (EAGER.spins, EAGER.wait_min));
    }
}
