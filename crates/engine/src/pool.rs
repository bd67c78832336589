//! Memory that waits to be used again: as much as a rush left behind, and less the longer nobody
//! needs it.

use core::time::Duration;
use net::Timestamp;

/// Most that wait in one worker. An exchange owns its scanners' memory; more than this many at once
/// are rare enough to be built anew.
const COUNT_MAX: usize = 2048;
/// So many wait even if nobody needs them.
const COUNT_MIN: usize = 64;
/// How often it is seen how many were not needed; half of those are given up until the next time.
const LOOK_INTERVAL: Duration = Duration::from_secs(1);
/// Between two that are given up, so that freeing memory holds up no packet.
const TRIM_PAUSE: Duration = Duration::from_millis(1);

#[derive(Debug)]
pub(crate) struct Pool<T> {
    waiting: Vec<T>,
    /// The fewest that waited since the last look.
    least: usize,
    /// How many are still to be given up.
    surplus: usize,
    look_at: Timestamp,
    trim_at: Timestamp,
}

impl<T> Default for Pool<T> {
    fn default() -> Self {
        Self { waiting: Vec::new(), least: 0, surplus: 0, look_at: Timestamp::ZERO, trim_at: Timestamp::ZERO }
    }
}

impl<T> Pool<T> {
    pub(crate) fn take(&mut self) -> Option<T> {
        let taken = self.waiting.pop();
        self.least = self.least.min(self.waiting.len());
        taken
    }

    pub(crate) fn give(&mut self, used: T) {
        if self.waiting.len() < COUNT_MAX {
            self.waiting.push(used);
        }
    }

    /// Gives up one that nobody has needed for a while, if it is time to.
    pub(crate) fn trim(&mut self, now: Timestamp) {
        if now >= self.look_at {
            self.surplus = self.least.saturating_sub(COUNT_MIN).div_ceil(2);
            self.least = self.waiting.len();
            self.look_at = now.after(LOOK_INTERVAL);
        }
        if self.surplus > 0 && now >= self.trim_at {
            self.surplus -= 1;
            self.trim_at = now.after(TRIM_PAUSE);
            drop(self.take());
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Milliseconds in which so many are in use at once, over and over.
    fn use_at_once(pool: &mut Pool<u32>, now: &mut Timestamp, count: usize, millis: u32) -> usize {
        let mut made = 0;
        for _ in 0..millis {
            *now = now.after(Duration::from_millis(1));
            pool.trim(*now);
            let taken: Vec<u32> = (0..count)
                .map(|_| {
                    pool.take().unwrap_or_else(|| {
                        made += 1;
                        0
                    })
                })
                .collect();
            taken.into_iter().for_each(|used| pool.give(used));
        }
        made
    }

    #[test]
    fn what_a_rush_needed_is_given_up_and_what_is_in_use_is_not() {
        let (mut pool, mut now) = (Pool::default(), Timestamp::from_nanos(5));
        assert_eq!(use_at_once(&mut pool, &mut now, 3000, 1), 3000);
        assert_eq!(pool.waiting.len(), COUNT_MAX);
        assert_eq!(use_at_once(&mut pool, &mut now, 1000, 15_000), 0);
        assert_eq!(pool.waiting.len(), 1000 + COUNT_MIN);
        assert_eq!(use_at_once(&mut pool, &mut now, 10, 900), 0);
        assert_eq!(pool.waiting.len(), 1000 + COUNT_MIN, "not at once");
        assert_eq!(use_at_once(&mut pool, &mut now, 10, 15_000), 0);
        assert_eq!(pool.waiting.len(), 10 + COUNT_MIN);
        use_at_once(&mut pool, &mut now, 0, 15_000);
        assert_eq!(pool.waiting.len(), COUNT_MIN);
    }
}
