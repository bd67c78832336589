//! Waiting for something that will not wake us: short first, then rarely.

use core::time::Duration;
use std::thread;

/// Looks without letting go of the core: about 20 µs, a gap within a burst of records.
const SPINS_MAX: u32 = 64;

/// Pauses of one spin.
const PAUSES: u32 = 16;

/// The first wait, which an idle second spends a moment in only.
const WAIT_MIN: Duration = Duration::from_micros(50);

/// The longest wait: what a record of an idle gateway waits at most. At this rate an idle core
/// takes well under one percent of a CPU.
const WAIT_MAX: Duration = Duration::from_millis(1);

/// Looks in a row that found nothing, and how long to wait before the next.
#[derive(Debug)]
pub(crate) struct Idle {
    spins: u32,
    wait: Duration,
}

impl Default for Idle {
    fn default() -> Self {
        Self { spins: 0, wait: WAIT_MIN }
    }
}

impl Idle {
    pub(crate) fn reset(&mut self) {
        *self = Self::default();
    }

    pub(crate) fn wait(&mut self) {
        if self.spins < SPINS_MAX {
            self.spins += 1;
            for _ in 0..PAUSES {
                core::hint::spin_loop();
            }
            return;
        }
        thread::park_timeout(self.wait);
        self.wait = WAIT_MAX.min(self.wait * 2);
    }
}
