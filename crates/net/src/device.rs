//! Two ports and a clock: what a worker runs on.
//!
//! `dpdk` implements [`Device`] for a queue pair on each of two ports, `dataplane::capture` for
//! pcap files, `testkit` for a simulated wire. All calls are monomorphised: the trait costs nothing
//! per packet.

use crate::buffer::Buffer;
use crate::{Side, Timestamp};
use arrayvec::ArrayVec;

/// Frames taken from a port or given to it at once.
///
/// 32 is what the vector paths of the common poll-mode drivers are built for.
pub const BURST_SIZE: usize = 32;

/// A fixed array of frames.
pub type Burst<B> = ArrayVec<B, BURST_SIZE>;

/// What came with one look at a port.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Received {
    /// Frames.
    pub count: usize,
    /// Their bytes, which a driver reads anyway.
    pub bytes: usize,
}

impl Received {
    /// What these frames are.
    pub fn of<B: Buffer>(frames: &[B]) -> Self {
        Self { count: frames.len(), bytes: frames.iter().map(Buffer::len).sum() }
    }
}

/// Two ports, their packet memory and the clock that times them.
pub trait Device {
    /// The memory of a frame.
    type Buffer: Buffer;

    /// Appends received frames to `burst` up to its capacity and returns what came.
    ///
    /// Frames of several segments, and frames that are longer than the port's MTU allows, are
    /// dropped and counted by the device. A VLAN tag that the port stripped is put back first:
    /// frames are as they were on the wire.
    fn rx_burst(&mut self, side: Side, burst: &mut Burst<Self::Buffer>) -> Received;

    /// Sends frames from the front of `burst` out of `side`; what the port did not take stays in
    /// `burst`, in order. Returns how many went.
    fn tx_burst(&mut self, side: Side, burst: &mut Burst<Self::Buffer>) -> usize;

    /// Gives frames back that go nowhere.
    fn free(&mut self, burst: &mut Burst<Self::Buffer>) {
        burst.clear();
    }

    /// An empty buffer with headroom and room for one frame of the port's MTU; `None` if the pool
    /// is empty.
    fn alloc(&mut self) -> Option<Self::Buffer>;

    /// An empty buffer that holds a whole reassembled datagram; `None` if that pool is empty.
    fn alloc_jumbo(&mut self) -> Option<Self::Buffer>;

    /// Time now, on this device's clock.
    fn now(&mut self) -> Timestamp;

    /// Buffers of all pools that are in use, by whomever; for leak checks and `status`.
    fn buffers_in_use(&self) -> usize;
}
