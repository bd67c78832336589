//! One worker's way to one port.
//!
//! ```text
//! direct:       port ──rx──> worker ──tx──> port
//!
//! distributor:  port ──rx──> worker 0 ──┬──────────> its own flows
//!                                       └─arrived──> worker k       (a ring for each)
//!               port <──tx── worker 0 <──departing── worker k       (a ring for each)
//! ```
//! Rings are bounded and lock-free. A full `arrived` ring drops the frame and counts it; a full
//! `departing` ring makes the worker's `tx_burst` take fewer, as a full port would.

use crate::mbuf::Mbuf;
use crate::port::{QueueCounters, RxQueue, TxQueue};
use crate::toeplitz::worker_of;
use crossbeam::queue::ArrayQueue;
use net::buffer::Buffer;
use net::device::{Burst, Received};
use std::sync::Arc;

/// Frames that may wait for a worker, or from it: as many as a port's ring has.
const RING_FRAMES_MAX: usize = 1024;

/// How a worker reaches a port.
#[derive(Debug)]
pub(super) enum Link {
    /// Its own queues.
    Direct(Direct),
    /// The port's only queues, and rings to all the others.
    Distributor(Distributor),
    /// Rings to the distributor.
    Member(Rings),
}

#[derive(Debug)]
pub(super) struct Direct {
    rx: RxQueue,
    tx: TxQueue,
}

#[derive(Debug)]
pub(super) struct Distributor {
    rx: RxQueue,
    tx: TxQueue,
    /// Worker `k` is at `k - 1`.
    members: Vec<Member>,
    rings_full: u64,
}

/// A worker as the distributor sees it.
#[derive(Debug)]
struct Member {
    rings: Rings,
    /// Taken from the worker, not yet by the port.
    unsent: Burst<Mbuf>,
}

/// The two rings between the distributor and one worker.
#[derive(Clone, Debug)]
pub(super) struct Rings {
    arrived: Arc<ArrayQueue<Mbuf>>,
    departing: Arc<ArrayQueue<Mbuf>>,
}

impl Link {
    pub(super) const fn direct(rx: RxQueue, tx: TxQueue) -> Self {
        Self::Direct(Direct { rx, tx })
    }

    /// The links of `workers` workers over one queue each way; the distributor's is the first.
    pub(super) fn distributed(rx: RxQueue, tx: TxQueue, workers: u16) -> Vec<Self> {
        let rings: Vec<Rings> = (1..workers).map(|_| Rings::new()).collect();
        let members = rings.iter().map(|rings| Member { rings: rings.clone(), unsent: Burst::new() }).collect();
        let first = Self::Distributor(Distributor { rx, tx, members, rings_full: 0 });
        core::iter::once(first).chain(rings.into_iter().map(Self::Member)).collect()
    }

    #[inline]
    pub(super) fn rx_burst(&mut self, burst: &mut Burst<Mbuf>) -> Received {
        match self {
            Self::Direct(direct) => direct.rx.rx_burst(burst),
            Self::Distributor(distributor) => distributor.rx_burst(burst),
            Self::Member(rings) => rings.rx_burst(burst),
        }
    }

    #[inline]
    pub(super) fn tx_burst(&mut self, burst: &mut Burst<Mbuf>) -> usize {
        match self {
            Self::Direct(direct) => direct.tx.tx_burst(burst),
            Self::Distributor(distributor) => distributor.tx.tx_burst(burst),
            Self::Member(rings) => rings.tx_burst(burst),
        }
    }

    /// What the receive queue dropped, and frames for full rings.
    pub(super) fn counters(&self) -> (QueueCounters, u64) {
        match self {
            Self::Direct(direct) => (direct.rx.counters(), 0),
            Self::Distributor(distributor) => (distributor.rx.counters(), distributor.rings_full),
            Self::Member(_) => (QueueCounters::default(), 0),
        }
    }
}

impl Distributor {
    /// Sends what the others gave, then receives for all and keeps what is the first worker's own.
    ///
    /// Not inlined: the way of a worker with its own queues stays short.
    #[inline(never)]
    fn rx_burst(&mut self, burst: &mut Burst<Mbuf>) -> Received {
        self.send_departing();
        let start = burst.len();
        self.rx.rx_burst(burst);
        let arrived: Burst<Mbuf> = burst.drain(start..).collect();
        burst.extend(arrived.into_iter().filter_map(|mbuf| self.keep(mbuf)));
        Received::of(burst.get(start..).unwrap_or_default())
    }

    /// Hands a frame to its worker; gives it back if that is the first.
    fn keep(&mut self, mbuf: Mbuf) -> Option<Mbuf> {
        let worker = worker_of(mbuf.as_slice(), self.members.len() + 1);
        let Some(member) = worker.checked_sub(1).and_then(|place| self.members.get(place)) else {
            return Some(mbuf);
        };
        if member.rings.arrived.push(mbuf).is_err() {
            self.rings_full += 1;
        }
        None
    }

    /// At most one burst from each worker, so that none keeps the others waiting.
    fn send_departing(&mut self) {
        for member in &mut self.members {
            take_burst(&member.rings.departing, &mut member.unsent);
            self.tx.tx_burst(&mut member.unsent);
        }
    }
}

impl Rings {
    fn new() -> Self {
        Self {
            arrived: Arc::new(ArrayQueue::new(RING_FRAMES_MAX)),
            departing: Arc::new(ArrayQueue::new(RING_FRAMES_MAX)),
        }
    }

    #[inline(never)]
    fn rx_burst(&self, burst: &mut Burst<Mbuf>) -> Received {
        let start = burst.len();
        take_burst(&self.arrived, burst);
        Received::of(burst.get(start..).unwrap_or_default())
    }

    #[inline(never)]
    fn tx_burst(&self, burst: &mut Burst<Mbuf>) -> usize {
        let waiting = burst.take();
        let count = waiting.len();
        for mbuf in waiting {
            // Behind the first that finds no room all stay, so that the order does.
            let refused = if burst.is_empty() { self.departing.push(mbuf) } else { Err(mbuf) };
            if let Err(mbuf) = refused {
                burst.push(mbuf);
            }
        }
        count - burst.len()
    }
}

/// Appends waiting frames to `burst` up to its capacity.
fn take_burst(ring: &ArrayQueue<Mbuf>, burst: &mut Burst<Mbuf>) {
    while !burst.is_full() {
        let Some(mbuf) = ring.pop() else { break };
        burst.push(mbuf);
    }
}
