//! One direction of a tap: how far it was received, read, decided and released.

use super::map::WireMap;
use super::stops::Stops;
use crate::LeafId;
use crate::body::{Aside, BodyReader};
use net::Timestamp;

/// Offsets of one direction.
#[derive(Debug)]
pub(super) struct Lane {
    pub(super) map: WireMap,
    pub(super) body: BodyReader,
    /// Bytes handed in so far.
    received: u64,
    /// Bytes released so far.
    released: u64,
    /// The first byte that no decision covers yet, if one hangs on more text.
    undecided: Option<u64>,
    /// The first byte of something the decoder has not finished: a head, an escape, a number.
    unread: Option<u64>,
    pub(super) extension: Aside,
    /// The first byte of a head or trailer section that is not complete.
    section: Option<u64>,
    /// Where the current message begins.
    pub(super) message_start: u64,
    /// Where the first message begins that waits for a slow check.
    parked_at: Option<u64>,
    held_since: Option<Timestamp>,
}

impl Lane {
    pub(super) fn new() -> Self {
        Self {
            map: WireMap::new(),
            body: BodyReader::new(),
            received: 0,
            released: 0,
            undecided: None,
            unread: None,
            extension: Aside::default(),
            section: None,
            message_start: 0,
            parked_at: None,
            held_since: None,
        }
    }

    pub(super) fn reset(&mut self) {
        self.map.reset();
        self.body.reset();
        (self.received, self.released, self.message_start) = (0, 0, 0);
        (self.undecided, self.unread, self.held_since) = (None, None, None);
        self.extension.reset();
        self.section = None;
        self.parked_at = None;
    }

    pub(super) const fn received(&self) -> u64 {
        self.received
    }

    pub(super) const fn released(&self) -> u64 {
        self.released
    }

    /// True if a byte of the current message was released.
    pub(super) const fn has_released_message(&self) -> bool {
        self.released > self.message_start
    }

    /// True if the decoder is in the middle of something that cannot be decided.
    pub(super) const fn is_within_token(&self) -> bool {
        self.unread.is_some() || self.section.is_some() || self.extension.at().is_some()
    }

    /// Takes note of bytes; returns the offset of the first.
    pub(super) const fn receive(&mut self, count: usize) -> u64 {
        let at = self.received;
        self.received += count as u64;
        at
    }

    /// Makes bytes that were received count as not received, to read them again.
    pub(super) const fn rewind(&mut self, count: usize) {
        self.received -= count as u64;
        self.unread = None;
    }

    /// Makes bytes behind a message that was read to its end count as not received.
    pub(super) const fn leave(&mut self, count: usize) {
        self.received -= count as u64;
    }

    /// The current message is read no further and ends here: what came behind it counts as not received.
    pub(super) fn end_message_at(&mut self, end: u64) {
        self.received = self.received.min(end);
    }

    /// True if no byte that was received is held.
    pub(super) const fn is_released(&self) -> bool {
        self.released == self.received
    }

    /// Everything passes that came and comes.
    pub(super) const fn pass(&mut self, count: usize) {
        self.received += count as u64;
        self.release_all();
    }

    pub(super) const fn release_all(&mut self) {
        self.unread = None;
        self.undecided = None;
    }

    /// Nothing that came can be read yet.
    pub(super) fn hold_all(&mut self, now: Timestamp) {
        self.unread = Some(self.released);
        self.note_time(now);
    }

    /// Sets the first byte of what is not read to its end; `None` if everything is.
    pub(super) const fn set_unread(&mut self, at: Option<u64>) {
        self.unread = at;
    }

    /// Sets the first byte of a head or trailer section that is not complete.
    pub(super) const fn set_section(&mut self, at: Option<u64>) {
        self.section = at;
    }

    /// Sets where the first message begins that waits for a slow check.
    pub(super) const fn set_parked(&mut self, at: Option<u64>) {
        self.parked_at = at;
    }

    pub(super) fn settle(&mut self, leaf: LeafId, up_to: u64) {
        self.undecided = self.map.settle(leaf, up_to);
    }

    /// Offset up to which bytes may pass, if that is further than before.
    pub(super) fn poll_release(&mut self) -> Option<u64> {
        self.release(self.releasable())
    }

    /// The same of an answer that stops only where it can.
    pub(super) fn poll_stop(&mut self, stops: &mut Stops) -> Option<u64> {
        self.release(stops.last(self.released, self.releasable()))
    }

    const fn release(&mut self, up_to: u64) -> Option<u64> {
        if up_to <= self.released {
            return None;
        }
        self.released = up_to;
        Some(up_to)
    }

    fn releasable(&self) -> u64 {
        let undecided = self.undecided.unwrap_or(u64::MAX);
        [self.unread, self.extension.at(), self.section, self.parked_at]
            .into_iter()
            .flatten()
            .fold(self.received.min(undecided), u64::min)
    }

    /// Starts, keeps or ends the time that bytes have been waiting.
    pub(super) fn note_time(&mut self, now: Timestamp) {
        let is_holding = self.releasable() < self.received;
        let moves = self.releasable() > self.released;
        self.held_since = match self.held_since {
            Some(since) if is_holding && !moves => Some(since),
            _ if is_holding => Some(now),
            _ => None,
        };
    }

    pub(super) const fn held_since(&self) -> Option<Timestamp> {
        self.held_since
    }
}
