//! Bytes that were forwarded and not yet acknowledged: what a retransmission is compared with and
//! overwritten from.

/// Bytes of one chunk. Small enough that an idle flow with a few bytes in flight costs little,
/// large enough that a full-sized segment touches two at most.
const CHUNK_BYTES: usize = 2048;
const NONE: u32 = u32::MAX;

/// A worker's memory for all of its stores: a fixed number of chunks, lent and given back.
#[derive(Debug)]
pub struct Chunks {
    bytes: Box<[[u8; CHUNK_BYTES]]>,
    next: Box<[u32]>,
    free: u32,
    free_count: usize,
}

impl Chunks {
    /// Memory for `bytes_max` bytes; pages are touched when they are first used.
    #[must_use]
    pub fn new(bytes_max: usize) -> Self {
        let count = (bytes_max / CHUNK_BYTES).clamp(1, NONE as usize - 1);
        #[expect(clippy::cast_possible_truncation, reason = "clamped below u32::MAX")]
        let next = (1..=count as u32).map(|next| if next as usize == count { NONE } else { next }).collect();
        Self { bytes: vec![[0; CHUNK_BYTES]; count].into_boxed_slice(), next, free: 0, free_count: count }
    }

    /// Bytes that can still be lent.
    #[must_use]
    pub const fn available_bytes(&self) -> usize {
        self.free_count * CHUNK_BYTES
    }

    fn take(&mut self) -> Option<u32> {
        let chunk = self.free;
        let next = self.next.get_mut(chunk as usize)?;
        self.free = core::mem::replace(next, NONE);
        self.free_count -= 1;
        Some(chunk)
    }

    fn give(&mut self, chunk: u32) {
        if let Some(next) = self.next.get_mut(chunk as usize) {
            *next = core::mem::replace(&mut self.free, chunk);
            self.free_count += 1;
        }
    }

    fn next_of(&self, chunk: u32) -> u32 {
        self.next.get(chunk as usize).copied().unwrap_or(NONE)
    }
}

/// The forwarded, unacknowledged bytes of one direction of one flow.
///
/// Every call names the same [`Chunks`]; a store that is dropped without [`Store::clear`] keeps its
/// chunks.
#[derive(Debug)]
pub struct Store {
    head: u32,
    tail: u32,
    /// Bytes at the front of the head chunk that are gone already.
    skip: usize,
    /// Bytes of the tail chunk that are written.
    tail_used: usize,
    len: usize,
    /// Stream offset of the first byte.
    start: u64,
}

impl Default for Store {
    fn default() -> Self {
        Self { head: NONE, tail: NONE, skip: 0, tail_used: CHUNK_BYTES, len: 0, start: 0 }
    }
}

impl Store {
    /// Stream offset of the first byte.
    #[must_use]
    pub const fn start(&self) -> u64 {
        self.start
    }

    /// Bytes stored.
    #[must_use]
    pub const fn len(&self) -> usize {
        self.len
    }

    /// True if nothing is stored.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.len == 0
    }

    /// Appends `bytes`, which begin at the end of what is stored; false, with nothing stored, if
    /// the worker's memory is used up.
    #[must_use]
    pub fn push(&mut self, chunks: &mut Chunks, mut bytes: &[u8]) -> bool {
        if bytes.len().saturating_sub(CHUNK_BYTES - self.tail_used) > chunks.available_bytes() {
            return false;
        }
        while !bytes.is_empty() {
            if self.tail_used == CHUNK_BYTES {
                self.grow(chunks);
            }
            let count = bytes.len().min(CHUNK_BYTES - self.tail_used);
            let (now, later) = bytes.split_at(count);
            let place = chunks.bytes.get_mut(self.tail as usize);
            let Some(place) = place.and_then(|chunk| chunk.get_mut(self.tail_used..self.tail_used + count)) else {
                return false;
            };
            place.copy_from_slice(now);
            self.tail_used += count;
            self.len += count;
            bytes = later;
        }
        true
    }

    /// Forgets everything before stream offset `up_to`.
    pub fn trim(&mut self, chunks: &mut Chunks, up_to: u64) {
        let count = usize::try_from(up_to.saturating_sub(self.start)).unwrap_or(usize::MAX).min(self.len);
        self.start += count as u64;
        self.len -= count;
        self.skip += count;
        while self.head != NONE && (self.skip >= CHUNK_BYTES || self.len == 0) {
            let next = chunks.next_of(self.head);
            chunks.give(self.head);
            self.head = next;
            self.skip = self.skip.saturating_sub(CHUNK_BYTES);
        }
        if self.head == NONE {
            self.tail = NONE;
            self.tail_used = CHUNK_BYTES;
            self.skip = 0;
        }
    }

    /// Gives all memory back.
    pub fn clear(&mut self, chunks: &mut Chunks) {
        self.trim(chunks, u64::MAX);
        self.start = 0;
    }

    /// The stored bytes from stream offset `from` on, at most `len` of them, in pieces.
    pub fn pieces<'a>(&self, chunks: &'a Chunks, from: u64, len: usize) -> impl Iterator<Item = &'a [u8]> + use<'a> {
        let ahead = usize::try_from(from.saturating_sub(self.start)).unwrap_or(usize::MAX).min(self.len);
        let mut left = if from < self.start { 0 } else { len.min(self.len - ahead) };
        let mut at = self.skip + ahead;
        let mut chunk = self.head;
        core::iter::from_fn(move || {
            while at >= CHUNK_BYTES {
                at -= CHUNK_BYTES;
                chunk = chunks.next_of(chunk);
            }
            if left == 0 {
                return None;
            }
            let piece = chunks.bytes.get(chunk as usize)?.get(at..CHUNK_BYTES.min(at + left))?;
            left -= piece.len();
            at += piece.len();
            Some(piece)
        })
    }

    fn grow(&mut self, chunks: &mut Chunks) {
        let Some(chunk) = chunks.take() else { return };
        if let Some(next) = chunks.next.get_mut(self.tail as usize) {
            *next = chunk;
        } else {
            self.head = chunk;
        }
        self.tail = chunk;
        self.tail_used = 0;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use std::collections::VecDeque;

    #[test]
    fn a_store_without_memory_refuses_and_keeps_what_it_has() {
        let mut chunks = Chunks::new(CHUNK_BYTES * 2);
        let mut store = Store::default();
        assert!(store.push(&mut chunks, &[7; CHUNK_BYTES * 2]));
        assert!(!store.push(&mut chunks, &[8]));
        assert_eq!(store.len(), CHUNK_BYTES * 2);
        store.trim(&mut chunks, CHUNK_BYTES as u64);
        assert!(store.push(&mut chunks, &[8]));
        store.clear(&mut chunks);
        assert_eq!(chunks.available_bytes(), CHUNK_BYTES * 2);
    }

    proptest! {
        #[test]
        fn a_store_is_a_queue_of_bytes(steps in proptest::collection::vec((0usize..5000, 0u64..5000), 1..60)) {
            let mut chunks = Chunks::new(1 << 16);
            let mut store = Store::default();
            let mut oracle: VecDeque<u8> = VecDeque::new();
            let (mut start, mut byte) = (0u64, 0u8);
            for (push, trim) in steps {
                let bytes: Vec<u8> = (0..push).map(|_| { byte = byte.wrapping_mul(31).wrapping_add(7); byte }).collect();
                if store.push(&mut chunks, &bytes) {
                    oracle.extend(&bytes);
                }
                let gone = trim.min(oracle.len() as u64);
                oracle.drain(..gone as usize);
                start += gone;
                store.trim(&mut chunks, start);
                prop_assert_eq!(store.start(), start);
                prop_assert_eq!(store.len(), oracle.len());
                let from = start + (push as u64 % (oracle.len() as u64 + 1));
                let read: Vec<u8> = store.pieces(&chunks, from, 3000).flatten().copied().collect();
                let expected: Vec<u8> = oracle.iter().skip((from - start) as usize).take(3000).copied().collect();
                prop_assert_eq!(read, expected);
            }
            store.clear(&mut chunks);
            prop_assert_eq!(chunks.available_bytes(), 1 << 16);
        }
    }
}
