use super::Lane;
use crate::Record;
use core::sync::atomic::Ordering;
use std::collections::VecDeque;
use std::sync::Arc;

/// The right to push one record: the receiver has room for it, in memory and on disk.
///
/// A credit that is dropped is lost to its worker for good; give back what is not needed.
#[derive(Debug)]
#[must_use = "a credit is pushed with or given back; dropped, it is lost to its worker"]
pub struct Credit {
    worker: usize,
}

/// The place of a record among those of its worker, to wait for until it is committed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Ticket(u64);

impl Ticket {
    /// 1 for a worker's first record.
    #[must_use]
    pub const fn number(self) -> u64 {
        self.0
    }
}

/// A worker's end of the queue.
#[derive(Debug)]
pub struct RecordSender {
    worker: usize,
    lane: Arc<Lane>,
    /// Credits taken, less those given back.
    taken: u64,
    pushed: u64,
    /// Records that found the ring full, in their order.
    waiting: VecDeque<Record>,
}

impl RecordSender {
    pub(super) const fn new(worker: usize, lane: Arc<Lane>) -> Self {
        Self { worker, lane, taken: 0, pushed: 0, waiting: VecDeque::new() }
    }

    /// Takes `N` credits at once, or none: an exchange needs two, for its admit and its final
    /// record.
    #[must_use = "without credits nothing may be admitted"]
    pub fn try_reserve<const N: usize>(&mut self) -> Option<[Credit; N]> {
        if self.credits() < N as u64 {
            return None;
        }
        self.set_taken(self.taken + N as u64);
        Some(core::array::from_fn(|_| Credit { worker: self.worker }))
    }

    /// Credits that can be taken now.
    #[must_use]
    pub fn credits(&self) -> u64 {
        if self.lane.is_over.load(Ordering::Acquire) {
            return 0;
        }
        // Acquire: the receiver emptied the slots that a credit stands for before it granted it.
        self.lane.granted.load(Ordering::Acquire) - self.taken
    }

    /// Credits that were taken, not pushed with and not given back: zero once a worker is idle.
    #[must_use]
    pub const fn credits_held(&self) -> u64 {
        self.taken - self.pushed
    }

    /// Gives back a credit that is not needed.
    pub fn give_back(&mut self, credit: Credit) {
        debug_assert_eq!(credit.worker, self.worker, "a credit is good for its own worker only");
        if self.taken > self.pushed {
            self.set_taken(self.taken - 1);
        }
    }

    fn set_taken(&mut self, taken: u64) {
        self.taken = taken;
        self.lane.taken.store(taken, Ordering::Relaxed);
    }

    /// Hands a record over. It neither fails nor waits: the credit is the room for it. If the ring is
    /// full just now, the record follows with [`RecordSender::flush`].
    #[inline]
    pub fn push(&mut self, credit: Credit, record: Record) -> Ticket {
        debug_assert_eq!(credit.worker, self.worker, "a credit is good for its own worker only");
        self.pushed += 1;
        if !self.waiting.is_empty() {
            self.waiting.push_back(record);
        } else if let Err(record) = self.lane.ring.push(record) {
            self.waiting.push_back(record);
        }
        Ticket(self.pushed)
    }

    /// Moves what waits into the ring, as far as it has room; true if nothing waits any more.
    pub fn flush(&mut self) -> bool {
        while let Some(record) = self.waiting.pop_front() {
            if let Err(record) = self.lane.ring.push(record) {
                self.waiting.push_front(record);
                return false;
            }
        }
        true
    }

    /// True if nothing waits for room in the ring.
    #[must_use]
    pub fn is_flushed(&self) -> bool {
        self.waiting.is_empty()
    }

    /// True once the record is durable.
    #[must_use]
    pub fn is_committed(&self, ticket: Ticket) -> bool {
        self.committed() >= ticket.0
    }

    /// How many of this worker's records are durable, in the order in which they were pushed.
    #[must_use]
    pub fn committed(&self) -> u64 {
        self.lane.committed.load(Ordering::Acquire)
    }
}

impl Drop for RecordSender {
    fn drop(&mut self) {
        // As long as somebody is there to take them, no record is left behind.
        while !self.flush() && Arc::strong_count(&self.lane) > 1 {
            std::thread::yield_now();
        }
        // Release: the receiver that sees this sees all records, too.
        self.lane.is_closed.store(true, Ordering::Release);
    }
}
