//! Frames in plain memory, for captures and tests.

use crate::buffer::Buffer;
use core::fmt;
use std::cell::{Cell, RefCell};
use std::rc::{Rc, Weak};

/// Room in front of a frame, for tags and headers.
const HEADROOM_BYTES: usize = 128;
/// Room for a frame behind the headroom: a reassembled datagram of 9 KB with its headers, and the
/// largest frames that captures hold.
const FRAME_BYTES_MAX: usize = 65_536 + 64;

#[derive(Debug)]
struct Shelf {
    #[expect(clippy::vec_box, reason = "a buffer is one pointer, which is lent and comes back")]
    free: RefCell<Vec<Box<Memory>>>,
    lent: Cell<usize>,
    frame_bytes_max: usize,
}

/// Memory of frames: lent, given back, reused.
#[derive(Clone)]
pub struct HeapPool {
    shelf: Rc<Shelf>,
}

impl Default for HeapPool {
    fn default() -> Self {
        Self::with_frame_bytes(FRAME_BYTES_MAX)
    }
}

impl HeapPool {
    /// An empty pool; it grows with what is asked of it.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// The same of buffers with so much room each.
    #[must_use]
    pub fn with_frame_bytes(frame_bytes_max: usize) -> Self {
        let shelf = Shelf { free: RefCell::default(), lent: Cell::default(), frame_bytes_max };
        Self { shelf: Rc::new(shelf) }
    }

    /// An empty buffer.
    #[must_use]
    pub fn alloc(&self) -> HeapBuffer {
        let free = self.shelf.free.borrow_mut().pop();
        let mut memory = free.unwrap_or_else(|| Memory::of(&self.shelf));
        (memory.start, memory.end) = (HEADROOM_BYTES, HEADROOM_BYTES);
        self.shelf.lent.set(self.shelf.lent.get() + 1);
        HeapBuffer { memory: Some(memory) }
    }

    /// A buffer with these bytes; `None` if they are no frame because there are too many of them.
    #[must_use]
    pub fn frame(&self, bytes: &[u8]) -> Option<HeapBuffer> {
        let mut buffer = self.alloc();
        buffer.extend(bytes).then_some(buffer)
    }

    /// Buffers that were not given back.
    #[must_use]
    pub fn in_use(&self) -> usize {
        self.shelf.lent.get()
    }
}

impl fmt::Debug for HeapPool {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("HeapPool").field("in_use", &self.in_use()).finish_non_exhaustive()
    }
}

#[derive(Debug)]
struct Memory {
    bytes: Box<[u8]>,
    start: usize,
    end: usize,
    shelf: Weak<Shelf>,
}

impl Memory {
    fn of(shelf: &Rc<Shelf>) -> Box<Self> {
        let bytes = vec![0; HEADROOM_BYTES + shelf.frame_bytes_max].into_boxed_slice();
        Box::new(Self { bytes, start: HEADROOM_BYTES, end: HEADROOM_BYTES, shelf: Rc::downgrade(shelf) })
    }
}

/// A frame in plain memory: one pointer to it, as the frames of ports are, so that moving it costs the same.
#[derive(Debug)]
pub struct HeapBuffer {
    /// There until it is dropped.
    memory: Option<Box<Memory>>,
}

impl Buffer for HeapBuffer {
    fn as_slice(&self) -> &[u8] {
        self.memory.as_ref().and_then(|memory| memory.bytes.get(memory.start..memory.end)).unwrap_or_default()
    }

    fn as_mut_slice(&mut self) -> &mut [u8] {
        let Some(Memory { bytes, start, end, .. }) = self.memory.as_deref_mut() else { return &mut [] };
        bytes.get_mut(*start..*end).unwrap_or_default()
    }

    fn truncate(&mut self, len: usize) {
        let Some(memory) = &mut self.memory else { return };
        memory.end = memory.end.min(memory.start + len);
    }

    fn trim_front(&mut self, count: usize) {
        let Some(memory) = &mut self.memory else { return };
        memory.start += count.min(memory.end - memory.start);
    }

    fn prepend(&mut self, count: usize) -> Option<&mut [u8]> {
        let memory = self.memory.as_mut()?;
        memory.start = memory.start.checked_sub(count)?;
        memory.bytes.get_mut(memory.start..memory.start + count)
    }

    fn extend(&mut self, bytes: &[u8]) -> bool {
        let Some(memory) = &mut self.memory else { return false };
        let room = memory.end..memory.end + bytes.len();
        let Some(room) = memory.bytes.get_mut(room) else { return false };
        room.copy_from_slice(bytes);
        memory.end += bytes.len();
        true
    }
}

impl Drop for HeapBuffer {
    fn drop(&mut self) {
        let Some(memory) = self.memory.take() else { return };
        let Some(shelf) = memory.shelf.upgrade() else { return };
        shelf.lent.set(shelf.lent.get() - 1);
        shelf.free.borrow_mut().push(memory);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_buffer_grows_and_shrinks_at_both_ends_and_goes_back() {
        let pool = HeapPool::new();
        let mut buffer = pool.frame(b"abc").unwrap();
        buffer.prepend(2).unwrap().copy_from_slice(b"xy");
        assert!(buffer.extend(b"de"));
        assert_eq!(buffer.as_slice(), b"xyabcde");
        buffer.trim_front(1);
        buffer.truncate(4);
        assert_eq!(buffer.as_slice(), b"yabc");
        buffer.wipe();
        assert_eq!(buffer.as_slice(), [0; 4]);
        assert_eq!(pool.in_use(), 1);
        drop(buffer);
        assert_eq!(pool.in_use(), 0);
    }

    #[test]
    fn a_buffer_refuses_what_does_not_fit() {
        let pool = HeapPool::new();
        assert!(pool.frame(&[0; FRAME_BYTES_MAX + 1]).is_none());
        let mut buffer = pool.alloc();
        assert!(buffer.prepend(HEADROOM_BYTES + 1).is_none());
        assert_eq!(pool.in_use(), 1);
    }
}
