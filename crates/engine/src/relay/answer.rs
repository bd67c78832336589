//! The bytes on their way to the client: answers as they stream, and what the relay says itself.

use super::HoldBudget;
use crate::Mask;
use core::ops::Range;

/// Bytes of answers that one relay holds, undecided or not yet sent: what fills a fast path for a few
/// milliseconds, and twice the 64 KiB that detectors may leave undecided.
pub(super) const ANSWER_BYTES_MAX: usize = 128 * 1024;

/// What a relay may hold of answers while the worker's memory for held messages is used up: requests
/// must not keep the answers of others from going on.
pub(super) const ANSWER_BYTES_FLOOR: usize = 16 * 1024;

/// Bytes toward the client.
#[derive(Debug, Default)]
pub(super) struct Answer {
    bytes: Vec<u8>,
    /// Bytes that were sent.
    sent: usize,
    /// Bytes that may be sent.
    ready: usize,
    /// The stream offset of the first byte that may not.
    at: u64,
    /// Parts of the stream that are left out.
    cuts: Vec<Range<u64>>,
}

impl Answer {
    pub(super) const fn memory(&self) -> usize {
        self.bytes.capacity()
    }

    /// How many more bytes it takes.
    pub(super) fn room(&self, budget: &HoldBudget) -> usize {
        let held = self.bytes.len() - self.sent;
        let max = ANSWER_BYTES_MAX.min(held.saturating_add(budget.room())).max(ANSWER_BYTES_FLOOR);
        max.saturating_sub(held)
    }

    /// True if nothing of it can be sent although it is full.
    pub(super) const fn is_stuck(&self) -> bool {
        self.sent == self.ready && self.bytes.len() - self.sent >= ANSWER_BYTES_MAX
    }

    pub(super) fn push(&mut self, bytes: &[u8]) {
        if self.sent > 0 {
            self.bytes.drain(..self.sent);
            self.ready -= self.sent;
            self.sent = 0;
        }
        self.bytes.extend_from_slice(bytes);
    }

    /// Covers bytes that are not released.
    pub(super) fn edit(&mut self, range: &Range<u64>, mask: &Mask) {
        let range = self.place(range.start)..self.place(range.end);
        for (place, byte) in self.bytes.get_mut(range).unwrap_or_default().iter_mut().enumerate() {
            *byte = mask.byte(place as u64);
        }
    }

    /// Leaves bytes out that are not released.
    pub(super) fn cut(&mut self, mut cuts: Vec<Range<u64>>) {
        self.cuts.append(&mut cuts);
    }

    /// Everything before this stream offset may be sent.
    pub(super) fn release(&mut self, up_to: u64) {
        while let Some(cut) = self.cuts.first().cloned().filter(|cut| cut.end <= up_to) {
            self.cuts.remove(0);
            let (start, end) = (self.place(cut.start), self.place(cut.end));
            self.bytes.drain(start..end);
            self.ready = start;
            self.at = cut.end;
        }
        self.ready = self.place(up_to);
        self.at = up_to;
    }

    /// Says something of the relay's own behind what may be sent.
    pub(super) fn say(&mut self, bytes: &[u8]) {
        self.bytes.splice(self.ready..self.ready, bytes.iter().copied());
        self.ready += bytes.len();
    }

    /// Forgets what may not be sent.
    pub(super) fn discard_undecided(&mut self) {
        self.bytes.truncate(self.ready);
        self.cuts.clear();
    }

    /// Forgets everything.
    pub(super) fn clear(&mut self) {
        self.bytes = Vec::new();
        (self.sent, self.ready) = (0, 0);
        self.cuts.clear();
    }

    /// Copies what is to be sent next; returns how many bytes that are.
    pub(super) fn transmit(&mut self, out: &mut [u8]) -> usize {
        let count = super::copy(self.bytes.get(self.sent..self.ready).unwrap_or_default(), out);
        self.sent += count;
        if self.sent == self.bytes.len() {
            self.bytes = Vec::new();
            (self.sent, self.ready) = (0, 0);
        }
        count
    }

    pub(super) const fn is_sent(&self) -> bool {
        self.bytes.is_empty()
    }

    /// Where the byte at a stream offset stands that is not before the first undecided one.
    fn place(&self, at: u64) -> usize {
        let behind = usize::try_from(at.saturating_sub(self.at)).unwrap_or(usize::MAX);
        self.ready.saturating_add(behind).min(self.bytes.len())
    }
}
