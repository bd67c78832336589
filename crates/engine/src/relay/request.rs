//! The request that a relay holds, then sends.

use super::HoldBudget;
use super::render::{Edit, render};
use core::ops::Range;
use decode::http1::{FieldName, Framing, RequestHead, Version};

/// Edits of one message: with more of them it is text of another kind than people write. What stands in parts may be
/// found by three readings.
pub(super) const EDIT_COUNT_MAX: usize = 3 * 65_536;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Stage {
    /// No byte of it has come.
    Idle,
    /// It is not complete.
    Reading,
    /// It is complete and waits for its verdict.
    Whole,
    /// It is being sent, or answered.
    Sending,
}

/// One request.
#[derive(Debug)]
pub(super) struct Request {
    pub(super) stage: Stage,
    /// As it came; once it is being sent, as it is sent.
    bytes: Vec<u8>,
    /// The stream offset of its first byte.
    start: u64,
    /// Bytes of it that were sent.
    sent: usize,
    edits: Vec<Edit>,
    /// Its head was looked at.
    pub(super) is_judged: bool,
    /// It waits for a 100 before its body comes.
    pub(super) expects_continue: bool,
}

impl Request {
    pub(super) const fn new() -> Self {
        Self {
            stage: Stage::Idle,
            bytes: Vec::new(),
            start: 0,
            sent: 0,
            edits: Vec::new(),
            is_judged: false,
            expects_continue: false,
        }
    }

    /// The next one may come.
    pub(super) fn begin(&mut self, start: u64) {
        self.clear();
        self.stage = Stage::Idle;
        self.start = start;
        (self.is_judged, self.expects_continue) = (false, false);
    }

    /// Forgets its bytes.
    pub(super) fn clear(&mut self) {
        self.bytes = Vec::new();
        self.edits = Vec::new();
        self.sent = 0;
    }

    pub(super) const fn len(&self) -> usize {
        self.bytes.len()
    }

    /// Memory that it holds.
    pub(super) const fn memory(&self) -> usize {
        self.bytes.capacity() + self.edits.capacity() * size_of::<Edit>()
    }

    /// How many of `wanted` bytes it can take: one more than it may have at the most.
    pub(super) fn reserve(&mut self, wanted: usize, bytes_max: usize, budget: &HoldBudget) -> usize {
        let wanted = wanted.min((bytes_max + 1).saturating_sub(self.bytes.len()));
        let needed = (self.bytes.len() + wanted).saturating_sub(self.bytes.capacity());
        if needed > 0 {
            // Twice as many, if that leaves them usual; else as many as are needed.
            let more = needed.max(self.bytes.capacity());
            let more = more.min(budget.room_of(self.bytes.len() + more));
            let spare = self.bytes.capacity() - self.bytes.len();
            self.bytes.reserve_exact(spare + more);
        }
        wanted.min(self.bytes.capacity() - self.bytes.len())
    }

    pub(super) fn push(&mut self, bytes: &[u8]) {
        self.bytes.extend_from_slice(bytes);
    }

    /// Leaves white space in the place of bytes that have come.
    pub(super) fn blank(&mut self, range: &Range<u64>) {
        let place = |at: u64| usize::try_from(at.saturating_sub(self.start)).unwrap_or(usize::MAX);
        self.bytes.get_mut(place(range.start)..place(range.end)).unwrap_or_default().fill(b' ');
    }

    /// False if there are too many.
    pub(super) fn edit(&mut self, edit: Edit) -> bool {
        let fits = self.edits.len() < EDIT_COUNT_MAX;
        if fits {
            self.edits.push(edit);
        }
        fits
    }

    /// It may be sent; false if it cannot be written with its edits.
    pub(super) fn send(&mut self) -> bool {
        if self.expects_continue || !self.edits.is_empty() {
            let Some(rendered) = render(&self.bytes, self.start, &mut self.edits, self.expects_continue) else {
                return false;
            };
            self.bytes = rendered;
        }
        self.stage = Stage::Sending;
        true
    }

    /// What is to be sent next.
    pub(super) fn sendable(&self) -> &[u8] {
        if self.stage == Stage::Sending { self.bytes.get(self.sent..).unwrap_or_default() } else { &[] }
    }

    /// So many bytes of it were sent.
    pub(super) fn consume(&mut self, count: usize) {
        self.sent += count.min(self.sendable().len());
        if self.sent == self.bytes.len() {
            self.bytes = Vec::new();
        }
    }

    /// True once a byte of it was sent.
    pub(super) const fn has_begun(&self) -> bool {
        self.sent > 0
    }

    /// True unless it is held or not sent to its end.
    pub(super) const fn is_sent(&self) -> bool {
        match self.stage {
            Stage::Idle => true,
            Stage::Reading | Stage::Whole => false,
            Stage::Sending => self.bytes.is_empty(),
        }
    }
}

/// The length that a head announces for its message, if it announces one.
pub(super) fn announced(head: &RequestHead<'_>) -> Option<u64> {
    match head.framing() {
        Framing::Length(length) => Some(length.saturating_add(head.len() as u64)),
        Framing::None | Framing::Chunked | Framing::UntilEof | Framing::Interim | Framing::Tunnel => None,
    }
}

/// True if the client waits for a 100 before it sends the body (RFC 9110 section 10.1.1).
pub(super) fn expects_continue(head: &RequestHead<'_>) -> bool {
    let has_body = !matches!(head.framing(), Framing::None | Framing::Length(0));
    let mut expectations = head.fields().known(FieldName::Expect);
    has_body
        && head.version() == Version::Http11
        && expectations.any(|field| field.value.eq_ignore_ascii_case(b"100-continue"))
}
