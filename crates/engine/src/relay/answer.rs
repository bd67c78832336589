//! The bytes on their way to the client: answers as they stream, and what the relay says itself.

use super::HoldBudget;
use crate::Mask;
use core::ops::Range;
use std::collections::VecDeque;

/// Bytes of answers that one relay holds, undecided or not yet sent: what fills a fast path for a few
/// milliseconds, and twice the 64 KiB that detectors may leave undecided.
pub(super) const ANSWER_BYTES_MAX: usize = 128 * 1024;

/// What a relay may hold of answers while the worker's memory for held messages is used up: requests
/// must not keep the answers of others from going on.
pub(super) const ANSWER_BYTES_FLOOR: usize = 16 * 1024;

/// Bytes toward the client.
#[derive(Debug, Default)]
pub(super) struct Answer {
    bytes: VecDeque<u8>,
    /// Bytes that may be sent.
    ready: usize,
    /// The stream offset of the first byte that may not.
    at: u64,
    /// Parts of the stream that are left out.
    cuts: Vec<Range<u64>>,
    /// Nothing came since it was last said what may be sent.
    is_settled: bool,
}

impl Answer {
    pub(super) fn memory(&self) -> usize {
        self.bytes.capacity()
    }

    /// How many more bytes it takes.
    pub(super) fn room(&self, budget: &HoldBudget) -> usize {
        let held = self.bytes.len();
        let max = ANSWER_BYTES_MAX.min(held.saturating_add(budget.room())).max(ANSWER_BYTES_FLOOR);
        max.saturating_sub(held)
    }

    /// True if nothing of it can be sent although it is full, and all of it was looked at.
    pub(super) fn is_stuck(&self) -> bool {
        self.is_settled && self.ready == 0 && self.bytes.len() >= ANSWER_BYTES_MAX
    }

    /// It was said of everything that came whether it may be sent.
    pub(super) const fn settle(&mut self) {
        self.is_settled = true;
    }

    pub(super) fn push(&mut self, bytes: &[u8], budget: &mut HoldBudget) {
        if bytes.is_empty() {
            return;
        }
        if self.bytes.capacity() == 0 {
            self.bytes = budget.take_spare();
        }
        self.bytes.extend(bytes);
        self.is_settled = false;
    }

    /// Covers bytes that are not released.
    pub(super) fn edit(&mut self, range: &Range<u64>, mask: &Mask) {
        let range = self.place(range.start)..self.place(range.end);
        for (place, byte) in self.bytes.range_mut(range).enumerate() {
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

    /// Everything before this stream offset may be sent, and none of it was pushed: how many bytes that are.
    pub(super) fn pass(&mut self, up_to: u64) -> usize {
        let count = up_to.saturating_sub(self.at);
        self.at = up_to;
        usize::try_from(count).unwrap_or(usize::MAX)
    }

    /// Says something of the relay's own behind what may be sent.
    pub(super) fn say(&mut self, bytes: &[u8]) {
        let mut undecided = self.bytes.split_off(self.ready);
        self.bytes.extend(bytes);
        self.bytes.append(&mut undecided);
        self.ready += bytes.len();
    }

    /// Forgets what may not be sent.
    pub(super) fn discard_undecided(&mut self) {
        self.bytes.truncate(self.ready);
        self.cuts.clear();
    }

    /// Forgets everything.
    pub(super) fn clear(&mut self) {
        self.bytes = VecDeque::new();
        self.ready = 0;
        self.cuts.clear();
    }

    /// What is to be sent next, as far as it lies together.
    pub(super) fn sendable(&self) -> &[u8] {
        let (front, _) = self.bytes.as_slices();
        front.get(..self.ready).unwrap_or(front)
    }

    /// So many bytes of it were sent.
    pub(super) fn consume(&mut self, count: usize, budget: &mut HoldBudget) {
        let count = count.min(self.ready);
        self.bytes.drain(..count);
        self.ready -= count;
        if self.bytes.is_empty() {
            budget.give_spare(core::mem::take(&mut self.bytes));
        }
    }

    pub(super) fn is_sent(&self) -> bool {
        self.bytes.is_empty()
    }

    /// Where the byte at a stream offset stands that is not before the first undecided one.
    fn place(&self, at: u64) -> usize {
        let behind = usize::try_from(at.saturating_sub(self.at)).unwrap_or(usize::MAX);
        self.ready.saturating_add(behind).min(self.bytes.len())
    }
}
