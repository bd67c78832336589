//! A device without hardware: frames are put in and taken out by the test, time is set by it.

use core::time::Duration;
use net::buffer::Buffer;
use net::device::{Burst, Device, Received};
use net::heap::{HeapBuffer, HeapPool};
use net::{Side, Timestamp};
use std::collections::VecDeque;

/// Two ports in memory.
#[derive(Debug)]
pub struct WireDevice {
    pool: HeapPool,
    now: Timestamp,
    incoming: [VecDeque<HeapBuffer>; 2],
    outgoing: [VecDeque<HeapBuffer>; 2],
    /// The most buffers that may be in use; `alloc` fails beyond.
    pub buffer_count_max: usize,
    /// False while the ports take nothing.
    pub is_up: bool,
}

impl Default for WireDevice {
    fn default() -> Self {
        Self::new()
    }
}

impl WireDevice {
    /// Two idle ports; the clock stands at one second.
    #[must_use]
    pub fn new() -> Self {
        Self::with_pool(HeapPool::new())
    }

    /// The same with buffers of this pool.
    #[must_use]
    pub fn with_pool(pool: HeapPool) -> Self {
        Self {
            pool,
            now: Timestamp::from_nanos(1_000_000_000),
            incoming: [VecDeque::new(), VecDeque::new()],
            outgoing: [VecDeque::new(), VecDeque::new()],
            buffer_count_max: usize::MAX,
            is_up: true,
        }
    }

    /// Lets a frame come in.
    ///
    /// # Panics
    /// If the frame is larger than any buffer.
    pub fn inject(&mut self, side: Side, frame: &[u8]) {
        let buffer = self.pool.frame(frame).expect("a frame that fits a buffer");
        self.incoming[side.index()].push_back(buffer);
    }

    /// Frames that came in and were not received yet.
    #[must_use]
    pub fn pending(&self) -> usize {
        self.incoming.iter().map(VecDeque::len).sum()
    }

    /// Takes the next frame that left by this port.
    pub fn take(&mut self, side: Side) -> Option<Vec<u8>> {
        self.outgoing[side.index()].pop_front().map(|frame| frame.as_slice().to_vec())
    }

    /// Moves the next frame that left by one port into another device's port, without a copy.
    pub fn discard_sent(&mut self) -> usize {
        let count = self.outgoing.iter().map(VecDeque::len).sum();
        self.outgoing.iter_mut().for_each(VecDeque::clear);
        count
    }

    /// Lets time pass.
    pub fn advance(&mut self, duration: Duration) {
        self.now = self.now.after(duration);
    }

    /// Time without asking for it.
    #[must_use]
    pub const fn time(&self) -> Timestamp {
        self.now
    }
}

impl Device for WireDevice {
    type Buffer = HeapBuffer;

    fn rx_burst(&mut self, side: Side, burst: &mut Burst<HeapBuffer>) -> Received {
        let start = burst.len();
        while !burst.is_full()
            && let Some(frame) = self.incoming[side.index()].pop_front()
        {
            burst.push(frame);
        }
        Received::of(&burst[start..])
    }

    fn tx_burst(&mut self, side: Side, burst: &mut Burst<HeapBuffer>) -> usize {
        if !self.is_up {
            return 0;
        }
        let count = burst.len();
        self.outgoing[side.index()].extend(burst.drain(..));
        count
    }

    fn alloc(&mut self) -> Option<HeapBuffer> {
        (self.pool.in_use() < self.buffer_count_max).then(|| self.pool.alloc())
    }

    fn alloc_jumbo(&mut self) -> Option<HeapBuffer> {
        self.alloc()
    }

    fn now(&mut self) -> Timestamp {
        self.now
    }

    fn buffers_in_use(&self) -> usize {
        self.pool.in_use()
    }
}
