//! Records from workers to the management core: bounded, lock-free, by credits.
//!
//! Each worker has a lane of its own: a ring of preallocated slots that it alone fills and the
//! receiver alone empties. The receiver grants credits, one for each record that it has room for on
//! disk; a worker takes as many as an exchange needs *before* it lets the exchange begin, and each
//! push spends one. So a push never fails and never waits, and an exchange that was admitted can
//! always be accounted for to its end. An exchange that waits for its answer keeps a credit and no
//! slot; what is pushed while the ring is full waits at the worker's end, which the credits bound.
//!
//! A receiver that can record nothing more says so ([`RecordReceiver::end`]): no credit can be taken then, whatever was
//! granted.
//!
//! Counters only grow: granted (by the receiver), taken and pushed (by the worker), drained and
//! committed (by the receiver). Invariant, lane by lane: `committed ≤ drained ≤ pushed ≤ taken ≤
//! granted`.
//!
//! As long as the ring has slots nothing here allocates, locks or calls the system after [`channel`].
//! A record is copied into its slot and out of it, about one KiB each way.

mod receiver;
mod sender;

pub use receiver::RecordReceiver;
pub use sender::{Credit, RecordSender, Ticket};

use crate::Record;
use core::num::NonZeroUsize;
use core::sync::atomic::{AtomicBool, AtomicU64};
use crossbeam::queue::ArrayQueue;
use crossbeam::utils::CachePadded;
use std::sync::Arc;

/// What a worker and the receiver share. Each counter has one writer and a cache line of its own.
#[derive(Debug)]
struct Lane {
    ring: ArrayQueue<Record>,
    /// Credits granted since the start; written by the receiver.
    granted: CachePadded<AtomicU64>,
    /// Credits taken, less those given back; written by the sender, for whoever wants to know what is left.
    taken: CachePadded<AtomicU64>,
    /// The worker's records that are durable; written by the receiver.
    committed: CachePadded<AtomicU64>,
    /// The worker is gone and pushes no more; written by the sender.
    is_closed: CachePadded<AtomicBool>,
    /// Nothing is recorded any more, so nothing may be admitted; written by the receiver.
    is_over: CachePadded<AtomicBool>,
}

/// A queue with one sender for each of `workers`, each with room for `capacity` records.
///
/// No credit is granted yet.
#[must_use]
pub fn channel(workers: NonZeroUsize, capacity: NonZeroUsize) -> (Vec<RecordSender>, RecordReceiver) {
    let lane = || Lane {
        ring: ArrayQueue::new(capacity.get()),
        granted: CachePadded::default(),
        taken: CachePadded::default(),
        committed: CachePadded::default(),
        is_closed: CachePadded::default(),
        is_over: CachePadded::default(),
    };
    let lanes: Vec<_> = (0..workers.get()).map(|_| Arc::new(lane())).collect();
    let sender = |(worker, lane): (usize, &Arc<Lane>)| RecordSender::new(worker, Arc::clone(lane));
    let senders = lanes.iter().enumerate().map(sender).collect();
    (senders, RecordReceiver::new(lanes))
}

#[cfg(test)]
mod tests;
