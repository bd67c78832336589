//! Receive and transmit queues: the hot calls.
//!
//! ```text
//! rx_burst:  pointers from the driver land in the burst's spare places,
//!            one pass ors their flags and segments and takes the longest,
//!            only if that shows something: look at each, mend or drop
//! tx_burst:  forget the whole burst, let the driver take its front,
//!            move the rest to the front, own it again
//! ```
//! Both read the driver's function from `rte_eth_fp_ops`, as DPDK's own inline functions do, and make
//! no other call. Callbacks that were added to a queue (`rte_eth_add_rx_callback`) are not run: no
//! part of this program adds any.

use super::OpenPort;
use crate::mbuf::{Mbuf, vlan};
use arrayvec::ArrayVec;
use core::cell::Cell;
use core::ffi::c_void;
use core::fmt;
use core::marker::PhantomData;
use net::device::{Burst, Received};
use std::sync::Arc;
use wide::u32x4;

use dpdk_sys::rte_eth_fp_ops;

/// All queues of a port that was just started: the n-th of each belong together.
#[derive(Debug)]
pub struct Queues {
    /// The receive queues.
    pub rx: Vec<RxQueue>,
    /// The transmit queues.
    pub tx: Vec<TxQueue>,
}

/// Frames that a receive queue dropped.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub struct QueueCounters {
    /// Frames of several segments: longer than an mbuf of the port's pool.
    pub rx_segmented: u64,
    /// Frames longer than the port's MTU allows.
    pub rx_too_long: u64,
    /// Frames whose stripped VLAN tag could not be put back for want of headroom.
    pub rx_untagged: u64,
}

/// One receive queue of a port. It goes to one lcore and is polled there.
pub struct RxQueue {
    port: Arc<OpenPort>,
    queue: u16,
    frame_bytes_max: u32,
    counters: QueueCounters,
    unshared: PhantomData<Cell<()>>,
}

/// One transmit queue of a port. It goes to one lcore and is fed there.
pub struct TxQueue {
    port: Arc<OpenPort>,
    queue: u16,
    unshared: PhantomData<Cell<()>>,
}

impl Queues {
    pub(super) fn of(port: &Arc<OpenPort>, count: u16, frame_bytes_max: u32) -> Self {
        let rx = (0..count).map(|queue| RxQueue {
            port: Arc::clone(port),
            queue,
            frame_bytes_max,
            counters: QueueCounters::default(),
            unshared: PhantomData,
        });
        let tx = (0..count).map(|queue| TxQueue { port: Arc::clone(port), queue, unshared: PhantomData });
        Self { rx: rx.collect(), tx: tx.collect() }
    }
}

impl RxQueue {
    /// Appends received frames to `burst`, as many as it has room for, and returns what came.
    ///
    /// Some drivers receive in fours or not at all: they give nothing to a burst with less room.
    #[inline]
    pub fn rx_burst(&mut self, burst: &mut Burst<Mbuf>) -> Received {
        let start = burst.len();
        let count = self.receive(burst);
        let (groups, rest) = burst.get(start..).unwrap_or_default().as_chunks::<4>();
        let mut seen = groups.iter().fold(Seen::default(), |seen, group| group.iter().fold(seen, Seen::and));
        seen = rest.iter().fold(seen, Seen::and);
        if seen.is_unusual(self.frame_bytes_max) {
            return self.settle(burst, start);
        }
        Received { count, bytes: seen.bytes() }
    }

    /// Frames that this queue dropped.
    #[must_use]
    pub const fn counters(&self) -> QueueCounters {
        self.counters
    }

    /// The driver's receive function, into the spare places of `burst`.
    #[inline]
    fn receive(&mut self, burst: &mut Burst<Mbuf>) -> usize {
        let operations = operations(self.port.id());
        // SAFETY: ethdev keeps valid pointers there for the life of the process.
        let Some(receive) = (unsafe { (*operations).rx_pkt_burst }) else { return 0 };
        // SAFETY: as above; a started port has the data of all its queues behind it.
        let queues = unsafe { (*operations).rxq.data };
        // SAFETY: the port is started (`OpenPort`) and has this queue.
        let queue = unsafe { queue_data(queues, self.queue) };
        let start = burst.len();
        let room = burst.remaining_capacity();
        // SAFETY: `start` is at most the capacity.
        let spare = unsafe { burst.as_mut_ptr().add(start) };
        // SAFETY: the queue is this handle's alone, and there are `room` places of pointer size:
        // an `Mbuf` is a pointer.
        let count = unsafe { receive(queue, spare.cast(), u16::try_from(room).unwrap_or(0)) };
        let count = usize::from(count).min(room);
        // SAFETY: the driver has filled the next `count` places with mbufs that are now ours.
        unsafe { burst.set_len(start + count) };
        count
    }

    /// Looks at each frame behind `start`: restores its tags, or drops and counts it.
    #[cold]
    #[inline(never)]
    fn settle(&mut self, burst: &mut Burst<Mbuf>, start: usize) -> Received {
        let arrived: Burst<Mbuf> = burst.drain(start..).collect();
        burst.extend(arrived.into_iter().filter_map(|mbuf| self.settle_one(mbuf)));
        Received::of(burst.get(start..).unwrap_or_default())
    }

    fn settle_one(&mut self, mut mbuf: Mbuf) -> Option<Mbuf> {
        if mbuf.segments() > 1 {
            self.counters.rx_segmented += 1;
            return None;
        }
        if vlan::is_stripped(mbuf.flags()) && !mbuf.restore_tags() {
            self.counters.rx_untagged += 1;
            return None;
        }
        if mbuf.packet_len() > self.frame_bytes_max {
            self.counters.rx_too_long += 1;
            return None;
        }
        Some(mbuf)
    }
}

/// What several frames have in common with one that needs a closer look, as [`Mbuf::arrival`] has it.
#[derive(Clone, Copy, Default)]
struct Seen {
    marks: u32x4,
    longest: u32x4,
    sum: u32x4,
}

impl Seen {
    #[inline]
    fn and(self, mbuf: &Mbuf) -> Self {
        let [marks, lengths] = mbuf.arrival().map(u32x4::from);
        Self { marks: self.marks | marks, longest: self.longest.max(lengths), sum: self.sum + lengths }
    }

    /// True if one of the frames has several segments or a stripped tag, or is longer than this.
    #[inline]
    fn is_unusual(self, frame_bytes_max: u32) -> bool {
        let [_, segments, low, high] = self.marks.to_array();
        let [_, longest, ..] = self.longest.to_array();
        segments & 0xffff > 1 || vlan::is_stripped(u64::from(high) << 32 | u64::from(low)) || longest > frame_bytes_max
    }

    /// Bytes of all frames.
    #[inline]
    fn bytes(self) -> usize {
        let [_, bytes, ..] = self.sum.to_array();
        bytes as usize
    }
}

impl TxQueue {
    /// Sends frames from the front of `burst` and returns how many went; what the port did not take
    /// stays in `burst`, in order.
    #[inline]
    pub fn tx_burst<const N: usize>(&mut self, burst: &mut ArrayVec<Mbuf, N>) -> usize {
        let count = burst.len();
        if count == 0 {
            return 0;
        }
        let operations = operations(self.port.id());
        // SAFETY: ethdev keeps valid pointers there for the life of the process.
        let Some(send) = (unsafe { (*operations).tx_pkt_burst }) else { return 0 };
        // SAFETY: as above; a started port has the data of all its queues behind it.
        let queues = unsafe { (*operations).txq.data };
        // SAFETY: the port is started (`OpenPort`) and has this queue.
        let queue = unsafe { queue_data(queues, self.queue) };
        // SAFETY: shrinking. Whatever happens from here, no handle to these mbufs is left: at worst
        // they leak, they are never freed twice.
        unsafe { burst.set_len(0) };
        let first = burst.as_mut_ptr();
        // SAFETY: the queue is this handle's alone, and there are `count` mbufs that nothing else
        // owns; an `Mbuf` is a pointer.
        let sent = unsafe { send(queue, first.cast(), u16::try_from(count).unwrap_or(0)) };
        let sent = usize::from(sent).min(count);
        if sent < count {
            take_back(burst, sent, count);
        }
        sent
    }
}

/// Owns the places from `sent` to `count` again, moved to the front.
#[cold]
#[inline(never)]
fn take_back<const N: usize>(burst: &mut ArrayVec<Mbuf, N>, sent: usize, count: usize) {
    let first = burst.as_mut_ptr();
    // SAFETY: `sent` is below `count`, which is at most the capacity.
    let rest = unsafe { first.add(sent) };
    // SAFETY: all places are inside the array; those before `sent` hold nothing that is ours.
    unsafe { rest.copy_to(first, count - sent) };
    // SAFETY: the driver left these mbufs alone: they are ours, and now the first of the array.
    unsafe { burst.set_len(count - sent) };
}

/// What the driver knows a queue by.
///
/// # Safety
/// `queues` is the array of a started port that has this queue.
#[inline]
unsafe fn queue_data(queues: *mut *mut c_void, queue: u16) -> *mut c_void {
    // SAFETY: the array has an entry for each queue of the port.
    let place = unsafe { queues.add(usize::from(queue)) };
    // SAFETY: as above, and a started port's entries are set.
    unsafe { *place }
}

/// The fast-path functions of a port.
#[inline]
fn operations(port: u16) -> *const rte_eth_fp_ops {
    let table = (&raw const rte_eth_fp_ops).cast::<rte_eth_fp_ops>();
    // SAFETY: a port's number is below the table's length.
    unsafe { table.add(usize::from(port)) }
}

impl fmt::Debug for RxQueue {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("RxQueue")
            .field("port", &self.port.id())
            .field("queue", &self.queue)
            .field("counters", &self.counters)
            .finish_non_exhaustive()
    }
}

impl fmt::Debug for TxQueue {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("TxQueue")
            .field("port", &self.port.id())
            .field("queue", &self.queue)
            .finish_non_exhaustive()
    }
}
