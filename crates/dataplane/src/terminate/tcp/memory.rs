//! Bytes on their way: a worker's bounded memory, and queues that borrow from it block by block.

use std::collections::VecDeque;

/// Bytes of one block: what an endpoint with a single byte queued costs. A full segment touches two.
pub const BLOCK_BYTES: usize = 2048;
/// What a queue of bytes to be sent may hold of what others leave, and how large a window may be: so much of what is
/// left, so that something is always left, however many peers stop reading (Choudhury, Hahne: Dynamic Queue Length
/// Thresholds for Shared-Memory Packet Switches, 1998).
const SEND_SHARE: usize = 4;
const WINDOW_SHARE: usize = 8;
/// Bytes up to which a queue is small, and the part of the memory that is left to small ones; a part of that is left to
/// received bytes, since two ends that both only send would wait for each other.
const SMALL_BYTES: usize = 32 << 10;
const SMALL_SHARE: usize = 8;
const RECEIVE_SHARE: usize = 64;
/// Blocks that are kept for the next queue though no more than these are lent: 8 MiB.
const FREE_COUNT_MIN: usize = 4096;
/// Places for blocks that an empty queue may keep: half a kilobyte, so that a busy queue that runs empty does not grow anew.
const IDLE_PLACES_MAX: usize = 64;

type Block = Box<[u8; BLOCK_BYTES]>;

/// A worker's memory for the bytes of all its endpoints: lent, given back, reused.
#[derive(Debug)]
pub struct Memory {
    free: Vec<Block>,
    lent: usize,
    count_max: usize,
}

impl Memory {
    /// Memory for `bytes_max` bytes; it grows with what is asked of it.
    #[must_use]
    pub const fn new(bytes_max: usize) -> Self {
        Self { free: Vec::new(), lent: 0, count_max: bytes_max / BLOCK_BYTES }
    }

    /// Bytes that can still be lent.
    #[must_use]
    pub const fn available_bytes(&self) -> usize {
        (self.count_max - self.lent) * BLOCK_BYTES
    }

    /// Bytes that can still be lent for sending to a queue that holds so many.
    pub(super) fn spare_bytes(&self, held: usize) -> usize {
        let free = self.count_max - self.lent;
        let shared = free.saturating_sub(self.count_max / SMALL_SHARE) * BLOCK_BYTES / SEND_SHARE;
        let for_small = free.saturating_sub((self.count_max / RECEIVE_SHARE).max(1)) * BLOCK_BYTES;
        shared.max(for_small.min(SMALL_BYTES)).saturating_sub(held)
    }

    /// Blocks that a receiver leaves to others if it holds so many bytes.
    pub(super) const fn floor(&self, held: usize) -> usize {
        if held < SMALL_BYTES { 0 } else { self.count_max / SMALL_SHARE }
    }

    /// Bytes that a receiver may be promised to hold.
    pub(super) fn window_bytes(&self) -> usize {
        let free = self.count_max - self.lent;
        let shared = free.saturating_sub(self.count_max / SMALL_SHARE) * BLOCK_BYTES / WINDOW_SHARE;
        shared.max(self.available_bytes().min(SMALL_BYTES))
    }

    /// Bytes that are lent.
    #[must_use]
    pub const fn lent_bytes(&self) -> usize {
        self.lent * BLOCK_BYTES
    }

    fn take(&mut self, floor: usize) -> Option<Block> {
        if self.count_max - self.lent <= floor {
            return None;
        }
        self.lent += 1;
        Some(self.free.pop().unwrap_or_else(|| Box::new([0; BLOCK_BYTES])))
    }

    fn give(&mut self, block: Block) {
        self.lent -= 1;
        if self.free.len() < self.lent.max(FREE_COUNT_MIN) {
            self.free.push(block);
        }
    }
}

/// Bytes of a stream from one offset on. Every call names the same [`Memory`]; a queue that is dropped
/// without [`Queue::clear`] keeps its share of the bound.
#[derive(Debug, Default)]
pub(super) struct Queue {
    blocks: VecDeque<Block>,
    /// Bytes at the front of the first block that are gone already.
    skip: usize,
    len: usize,
    start: u64,
}

impl Queue {
    /// An empty queue at this offset of the stream.
    pub(super) const fn new(start: u64) -> Self {
        Self { blocks: VecDeque::new(), skip: 0, len: 0, start }
    }

    /// Stream offset of the first byte.
    pub(super) const fn start(&self) -> u64 {
        self.start
    }

    /// Stream offset behind the last byte.
    pub(super) const fn end(&self) -> u64 {
        self.start + self.len as u64
    }

    pub(super) const fn len(&self) -> usize {
        self.len
    }

    pub(super) const fn is_empty(&self) -> bool {
        self.len == 0
    }

    /// Bytes of memory that the queue holds.
    pub(super) fn held_bytes(&self) -> usize {
        self.blocks.len() * BLOCK_BYTES
    }

    /// Bytes that fit without more memory.
    pub(super) fn free_bytes(&self) -> usize {
        self.held_bytes() - self.skip - self.len
    }

    /// Appends as many of `bytes` as there is memory for, and says how many.
    pub(super) fn push(&mut self, memory: &mut Memory, bytes: &[u8]) -> usize {
        self.push_above(memory, 0, bytes)
    }

    /// The same, with so many blocks left to others.
    pub(super) fn push_above(&mut self, memory: &mut Memory, floor: usize, bytes: &[u8]) -> usize {
        let mut rest = bytes;
        while !rest.is_empty() {
            let used = (self.skip + self.len) % BLOCK_BYTES;
            if self.skip + self.len == self.held_bytes() {
                let Some(block) = memory.take(floor) else { break };
                self.blocks.push_back(block);
            }
            let (now, later) = rest.split_at(rest.len().min(BLOCK_BYTES - used));
            let Some(room) = self.blocks.back_mut().and_then(|block| block.get_mut(used..used + now.len())) else {
                break;
            };
            room.copy_from_slice(now);
            self.len += now.len();
            rest = later;
        }
        bytes.len() - rest.len()
    }

    /// Forgets everything before stream offset `up_to`.
    pub(super) fn trim(&mut self, memory: &mut Memory, up_to: u64) {
        let count = usize::try_from(up_to.saturating_sub(self.start)).unwrap_or(usize::MAX).min(self.len);
        self.start += count as u64;
        self.len -= count;
        self.skip += count;
        while self.skip >= BLOCK_BYTES
            && let Some(block) = self.blocks.pop_front()
        {
            memory.give(block);
            self.skip -= BLOCK_BYTES;
        }
        if self.len == 0 {
            self.clear(memory);
        }
    }

    /// Gives all memory back; the queue is empty at its end.
    pub(super) fn clear(&mut self, memory: &mut Memory) {
        self.start = self.end();
        (self.len, self.skip) = (0, 0);
        self.blocks.drain(..).for_each(|block| memory.give(block));
        if self.blocks.capacity() > IDLE_PLACES_MAX {
            self.blocks = VecDeque::new();
        }
    }

    /// The bytes that lie together from stream offset `from` on; empty at the end of the queue.
    pub(super) fn piece(&self, from: u64) -> &[u8] {
        let Some(ahead) = from.checked_sub(self.start).and_then(|ahead| usize::try_from(ahead).ok()) else {
            return &[];
        };
        let left = self.len.saturating_sub(ahead);
        let at = self.skip + ahead;
        let Some(block) = self.blocks.get(at / BLOCK_BYTES) else { return &[] };
        let at = at % BLOCK_BYTES;
        block.get(at..BLOCK_BYTES.min(at + left)).unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn read(queue: &Queue, from: u64, max: usize) -> Vec<u8> {
        let mut bytes = Vec::new();
        while bytes.len() < max {
            let piece = queue.piece(from + bytes.len() as u64);
            if piece.is_empty() {
                break;
            }
            bytes.extend(&piece[..piece.len().min(max - bytes.len())]);
        }
        bytes
    }

    #[test]
    fn memory_is_bounded_and_comes_back() {
        let mut memory = Memory::new(2 * BLOCK_BYTES);
        let (mut one, mut other) = (Queue::new(0), Queue::new(7));
        assert_eq!(one.push(&mut memory, &[1; BLOCK_BYTES + 1]), BLOCK_BYTES + 1);
        assert_eq!(other.push(&mut memory, &[2]), 0);
        assert_eq!(one.push(&mut memory, &[3; BLOCK_BYTES]), BLOCK_BYTES - 1);
        one.trim(&mut memory, BLOCK_BYTES as u64);
        assert_eq!(other.push(&mut memory, &[2]), 1);
        one.clear(&mut memory);
        other.clear(&mut memory);
        assert_eq!((memory.lent_bytes(), other.start()), (0, 8));
    }

    proptest! {
        #[test]
        fn a_queue_is_a_queue_of_bytes(steps in prop::collection::vec((0usize..5000, 0u64..5000), 1..60)) {
            let mut memory = Memory::new(1 << 16);
            let mut queue = Queue::new(3);
            let mut oracle: VecDeque<u8> = VecDeque::new();
            let (mut start, mut byte) = (3u64, 0u8);
            for (push, trim) in steps {
                let bytes: Vec<u8> = (0..push).map(|_| { byte = byte.wrapping_mul(31).wrapping_add(7); byte }).collect();
                let taken = queue.push(&mut memory, &bytes);
                oracle.extend(&bytes[..taken]);
                let gone = trim.min(oracle.len() as u64);
                oracle.drain(..gone as usize);
                start += gone;
                queue.trim(&mut memory, start);
                prop_assert_eq!((queue.start(), queue.len()), (start, oracle.len()));
                let from = start + (push as u64 % (oracle.len() as u64 + 1));
                let expected: Vec<u8> = oracle.iter().skip((from - start) as usize).take(3000).copied().collect();
                prop_assert_eq!(read(&queue, from, 3000), expected);
                prop_assert!(memory.lent_bytes() <= oracle.len() + 2 * BLOCK_BYTES);
            }
            queue.clear(&mut memory);
            prop_assert_eq!(memory.lent_bytes(), 0);
        }
    }
}
