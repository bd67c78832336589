//! One direction of an inspected connection: the order of its bytes, what is held, what went.
//!
//! ```text
//!        acked            released            next            right_edge
//!  ────────┼──── store ──────┼───── held ──────┼──── early ─────────┼───▶ offset
//!  receiver│ forwarded, may  │ in order, not   │ beyond a hole,     │
//!   has it │ be asked again  │ decided yet     │ never passed on    │
//! ```
//! Offsets count the stream's bytes from 0, the first byte behind the SYN.
//!
//! Invariants: `acked <= released <= next`; bytes below `released` never change again (a
//! retransmission is overwritten from the store); nothing at or beyond `next` is forwarded.

use super::segment::{FLAGS_AT, patch, rewrite_checksum};
use super::{Chunks, Flags, SACK_BLOCK_COUNT_MAX, Segment, Seq, Store};
use crate::DropReason;
use crate::buffer::Buffer;
use crate::fragment::Meta;
use crate::frame::{Datagram, Version, rewrite_ipv4_lengths};
use arrayvec::ArrayVec;
use core::ops::Range;
use std::collections::VecDeque;

/// Segments beyond a hole that one direction of a flow may keep waiting: a request of a page in segments of one byte, the
/// last one first. A sender that is answered nothing sends them again.
const EARLY_SEGMENT_COUNT_MAX: usize = 1024;
/// Room for early segments that a stream keeps when none is left.
const EARLY_ROOM_KEPT: usize = 64;
/// In-order segments that one direction of a flow may hold: bounds the buffers that a sender of
/// one-byte segments can pin.
const HELD_SEGMENT_COUNT_MAX: usize = 1024;
/// Zeros that stand for bytes which the receiver has acknowledged and which are stored no more.
const FILLER: [u8; 64] = [0; 64];

/// What one direction of a flow may keep.
#[derive(Clone, Copy, Debug)]
pub struct StreamLimits {
    /// Undecided bytes (`hold_bytes_max`).
    pub hold_bytes_max: usize,
    /// Forwarded, unacknowledged bytes (`store_bytes_max`).
    pub store_bytes_max: usize,
    /// Segments that wait, in order or early: each pins a buffer, however short it is.
    pub waiting_count_max: usize,
    /// Those of them that wait behind a hole.
    pub early_count_max: usize,
}

/// A segment that waits.
#[derive(Debug)]
struct Held<B> {
    frame: B,
    arrival: Arrival,
}

/// A segment on its way in: where its headers stand, and its place in the stream.
#[derive(Clone, Copy, Debug)]
pub struct Arrival {
    /// The IP datagram in the frame.
    pub datagram: Datagram,
    /// The TCP segment in the frame.
    pub segment: Segment,
    /// Stream offset of the first payload byte; negative before the stream's first byte.
    pub start: i64,
    /// What travels with the frame.
    pub meta: Meta,
}

impl Arrival {
    fn end(&self) -> i64 {
        self.start.saturating_add_unsigned(self.segment.payload_len() as u64)
    }

    fn has_fin(&self) -> bool {
        self.segment.flags.any(Flags::FIN)
    }
}

/// A frame that may go, and what travels with it.
#[derive(Debug)]
pub struct Released<B> {
    /// The frame.
    pub frame: B,
    /// What travels with it.
    pub meta: Meta,
}

/// What became of a segment.
#[derive(Debug)]
pub enum Inserted<B> {
    /// It carries nothing that was not forwarded before: send it now.
    Pass(Released<B>),
    /// It is held; these bytes of it are new (possibly none).
    Held(Range<u64>),
    /// It waits behind a hole.
    Early,
    /// It does not go on.
    Dropped(DropReason),
    /// It contradicts bytes forwarded before, for the second time.
    Contradiction,
}

/// One direction of an inspected connection.
#[derive(Debug)]
pub struct Stream<B> {
    isn: Seq,
    next: u64,
    released: u64,
    acked: u64,
    right_edge: u64,
    fin: Option<u64>,
    fin_released: bool,
    /// Offset up to which the receiver has acknowledged, a FIN counted: beyond `released` only in a recording.
    heard_until: u64,
    held: VecDeque<Held<B>>,
    early: VecDeque<Held<B>>,
    /// Bytes of payload in `early`.
    early_bytes: usize,
    store: Store,
    /// Bytes below this offset may have been masked: a retransmission of them differs by right.
    edited_until: u64,
    contradiction_count: u32,
    /// Bytes below this offset were acknowledged to their sender by the appliance itself: it will
    /// not send them again, so whatever of them the receiver misses has to come from the store.
    owed_until: u64,
    /// The newest TSval that was sent on.
    timestamp_sent: Option<u32>,
}

impl<B: Buffer> Stream<B> {
    /// An empty stream that begins behind a SYN with this sequence number.
    #[must_use]
    pub fn new(isn: Seq) -> Self {
        Self {
            isn,
            next: 0,
            released: 0,
            acked: 0,
            right_edge: 0,
            fin: None,
            fin_released: false,
            heard_until: 0,
            held: VecDeque::new(),
            early: VecDeque::new(),
            early_bytes: 0,
            store: Store::default(),
            edited_until: 0,
            contradiction_count: 0,
            owed_until: 0,
            timestamp_sent: None,
        }
    }

    /// Makes the stream as new, keeping its memory for the next connection.
    pub fn reset(&mut self, isn: Seq, chunks: &mut Chunks) {
        self.discard();
        self.store.clear(chunks);
        let held = core::mem::take(&mut self.held);
        let early = core::mem::take(&mut self.early);
        *self = Self { held, early, ..Self::new(isn) };
    }

    /// Wipes and frees everything that was not forwarded; returns how many segments that were.
    pub fn discard(&mut self) -> usize {
        let count = self.held.len();
        self.held.drain(..).for_each(|mut held| held.frame.wipe());
        count + self.discard_early()
    }

    /// Wipes and frees the early segments; returns how many there were.
    pub fn discard_early(&mut self) -> usize {
        let count = self.early.len();
        self.early.drain(..).for_each(|mut early| early.frame.wipe());
        self.early_bytes = 0;
        self.early.shrink_to(EARLY_ROOM_KEPT);
        count
    }

    /// Segments that wait behind a hole.
    #[must_use]
    pub fn early_count(&self) -> usize {
        self.early.len()
    }

    /// The first ranges of numbers that have come beyond a hole, in their order.
    #[must_use]
    pub fn early_ranges(&self) -> ArrayVec<(Seq, Seq), SACK_BLOCK_COUNT_MAX> {
        let mut ranges = ArrayVec::<(Seq, Seq), SACK_BLOCK_COUNT_MAX>::new();
        for Held { arrival, .. } in &self.early {
            let start = arrival.segment.seq;
            let end = self.seq_at(arrival.end().max(0).cast_unsigned());
            match ranges.last_mut() {
                Some(last) if !last.1.is_before(start) => {
                    if last.1.is_before(end) {
                        last.1 = end;
                    }
                }
                _ => {
                    if ranges.try_push((start, end)).is_err() {
                        break;
                    }
                }
            }
        }
        ranges
    }

    /// Offset of the first byte that has not come yet.
    #[must_use]
    pub const fn next(&self) -> u64 {
        self.next
    }

    /// Offset of the first byte that was not forwarded.
    #[must_use]
    pub const fn released(&self) -> u64 {
        self.released
    }

    /// Offset of the first byte that the receiver did not acknowledge.
    #[must_use]
    pub const fn acked(&self) -> u64 {
        self.acked
    }

    /// True once the FIN was forwarded.
    #[must_use]
    pub const fn fin_released(&self) -> bool {
        self.fin_released
    }

    /// True once the receiver acknowledged the FIN.
    #[must_use]
    pub const fn is_finished(&self) -> bool {
        self.fin_released && self.heard_until > self.released
    }

    /// True once the FIN has come in order, forwarded or not.
    #[must_use]
    pub fn fin_received(&self) -> bool {
        self.fin == Some(self.next)
    }

    /// Segments that wait, in order or early.
    #[must_use]
    pub fn waiting_count(&self) -> usize {
        self.held.len() + self.early.len()
    }

    /// True if something in order waits for its verdict.
    #[must_use]
    pub fn is_holding(&self) -> bool {
        !self.held.is_empty()
    }

    /// Sequence number of the SYN.
    #[must_use]
    pub const fn isn(&self) -> Seq {
        self.isn
    }

    /// Sequence number of the byte at `offset`.
    #[must_use]
    pub fn seq_at(&self, offset: u64) -> Seq {
        #[expect(clippy::cast_possible_truncation, reason = "sequence numbers wrap")]
        {
            self.isn + 1 + offset as u32
        }
    }

    /// Sequence number of the next byte that the receiver expects of what was really forwarded,
    /// counting a forwarded FIN.
    #[must_use]
    pub fn released_seq(&self) -> Seq {
        self.seq_at(self.released) + u32::from(self.fin_released)
    }

    /// Sequence number behind everything that came in order, counting a FIN.
    #[must_use]
    pub fn received_seq(&self) -> Seq {
        self.seq_at(self.next) + u32::from(self.fin_received())
    }

    /// The offset of a sequence number, within 2 GiB of the newest byte; negative before the
    /// stream's first byte.
    #[must_use]
    pub fn offset_of(&self, seq: Seq) -> i64 {
        self.next.cast_signed() + i64::from(seq.distance(self.seq_at(self.next)))
    }

    /// Takes note of the receiver's acknowledgement and window; the caller has checked that
    /// `acked` was forwarded, or in a recording has come.
    pub fn handle_ack(&mut self, acked: u64, window: u32, chunks: &mut Chunks) {
        let edge = acked + u64::from(window);
        self.right_edge = self.right_edge.max(edge);
        self.heard_until = self.heard_until.max(acked);
        let acked = acked.min(self.released);
        if acked > self.acked {
            self.acked = acked;
            self.store.trim(chunks, acked);
        }
    }

    /// Takes responsibility for everything that is held, so that it may be acknowledged to its
    /// sender; returns the offset behind it.
    pub const fn own_held(&mut self) -> u64 {
        self.owed_until = self.next;
        self.next
    }

    /// Offset behind the last byte that was acknowledged to its sender in the receiver's name.
    #[must_use]
    pub const fn owed_until(&self) -> u64 {
        self.owed_until
    }

    /// True if bytes are on their way that nobody but the appliance could send again.
    #[must_use]
    pub const fn is_owing(&self) -> bool {
        self.owed_until > self.acked && self.released > self.acked
    }

    /// The first bytes that the receiver has not acknowledged and the sender will not send again:
    /// their offset and how many were written into `out`.
    pub fn owed(&self, chunks: &Chunks, out: &mut [u8]) -> (u64, usize) {
        let end = self.owed_until.min(self.released);
        let len = usize::try_from(end.saturating_sub(self.acked)).unwrap_or(0).min(out.len());
        let mut written = 0;
        for piece in self.store.pieces(chunks, self.acked, len) {
            if let Some(room) = out.get_mut(written..written + piece.len()) {
                room.copy_from_slice(piece);
                written += piece.len();
            }
        }
        (self.acked, written)
    }

    /// Offset beyond the last byte that the receiver ever allowed.
    #[must_use]
    pub const fn right_edge(&self) -> u64 {
        self.right_edge
    }

    /// Files a segment that passed all checks.
    pub fn insert(&mut self, mut frame: B, arrival: Arrival, limits: &StreamLimits, chunks: &Chunks) -> Inserted<B> {
        frame.truncate(arrival.segment.end);
        let next = self.next.cast_signed();
        let (start, end) = (arrival.start, arrival.end());
        let has_payload = end > start;
        if let Some(fin) = self.fin.map(u64::cast_signed)
            && (has_payload && end > fin || arrival.has_fin() && end != fin)
        {
            return Inserted::Dropped(DropReason::TcpFin);
        }
        // Bytes have come from beyond this end already: it contradicts them.
        if self.fin.is_none() && arrival.has_fin() && end < next {
            return Inserted::Dropped(DropReason::TcpFin);
        }
        if start > next {
            return self.insert_early(frame, arrival, limits);
        }
        if has_payload && start < next && self.overwrite(&mut frame, &arrival, chunks) {
            self.contradiction_count += 1;
            if self.contradiction_count > 1 {
                return Inserted::Contradiction;
            }
        }
        if end > next || arrival.has_fin() && !self.fin_received() {
            return self.insert_in_order(frame, arrival, limits, chunks);
        }
        let is_held = if arrival.has_fin() { !self.fin_released } else { end > self.released.cast_signed() };
        if is_held && (has_payload || arrival.has_fin()) {
            return Inserted::Dropped(DropReason::HeldRetransmission);
        }
        // Whoever was told that held bytes have arrived asks with the last of them for room, or whether anybody is there.
        let is_probe = start == next - 1 && self.owed_until == self.next;
        if !has_payload && !arrival.has_fin() && self.is_holding() {
            return if is_probe {
                Inserted::Dropped(DropReason::HeldRetransmission)
            } else {
                self.hold(frame, arrival)
            };
        }
        self.note_timestamp(&arrival.segment);
        Inserted::Pass(Released { frame, meta: arrival.meta })
    }

    /// The next early segment that the stream has caught up with; it is to be inserted again.
    pub fn take_ready(&mut self) -> Option<(B, Arrival)> {
        let first = self.early.front()?;
        if first.arrival.start > self.next.cast_signed() {
            return None;
        }
        let Held { frame, arrival } = self.early.pop_front()?;
        self.early_bytes -= arrival.segment.payload_len();
        if self.early.is_empty() {
            self.early.shrink_to(EARLY_ROOM_KEPT);
        }
        Some((frame, arrival))
    }

    /// The bytes of the newest held segment from stream offset `from` on.
    #[must_use]
    pub fn newest(&self, from: u64) -> &[u8] {
        let Some(held) = self.held.back() else { return &[] };
        let skip = usize::try_from(from.cast_signed() - held.arrival.start).unwrap_or(usize::MAX);
        held.payload().get(skip..).unwrap_or_default()
    }

    /// Overwrites held bytes: `fill` is given each one's stream offset.
    ///
    /// The caller names only bytes that were not released; others are left as they are.
    pub fn edit(&mut self, range: Range<u64>, mut fill: impl FnMut(u64) -> u8) {
        let range = range.start.max(self.released)..range.end.min(self.next);
        self.edited_until = self.edited_until.max(range.end);
        for held in &mut self.held {
            let (start, end) = (held.arrival.start.max(0).cast_unsigned(), held.arrival.end().max(0).cast_unsigned());
            let mut from = range.start.max(start);
            while from < range.end.min(end) {
                let mut piece = [0u8; 64];
                let count = piece.len().min(usize::try_from(range.end.min(end) - from).unwrap_or(0));
                let Some(piece) = piece.get_mut(..count) else { return };
                for (offset, byte) in (from..).zip(piece.iter_mut()) {
                    *byte = fill(offset);
                }
                held.patch(from, piece);
                from += count as u64;
            }
        }
    }

    /// The next frame that may go when everything before offset `up_to` may: whole, or its safe
    /// prefix as a shorter segment, for which `alloc` lends a buffer to keep the tail in.
    ///
    /// `None` when there is no more, the store's memory is used up, or no buffer could be had.
    pub fn release(
        &mut self,
        up_to: u64,
        chunks: &mut Chunks,
        alloc: impl FnOnce() -> Option<B>,
    ) -> Option<Released<B>> {
        let up_to = up_to.min(self.next);
        let held = self.held.front()?;
        let start = held.arrival.start.max(0).cast_unsigned();
        let end = held.arrival.end().max(0).cast_unsigned();
        if end > up_to && (up_to <= start || up_to <= self.released) {
            return None;
        }
        if end > up_to {
            self.split_front(up_to, alloc)?;
        }
        let held = self.held.front()?;
        let end = end.min(up_to);
        let fresh = usize::try_from(self.released.cast_signed() - held.arrival.start).unwrap_or(0);
        if end > self.released && !self.store.push(chunks, held.payload().get(fresh..).unwrap_or_default()) {
            return None;
        }
        self.released = self.released.max(end);
        let mut held = self.held.pop_front()?;
        self.fin_released |= held.arrival.has_fin();
        self.refresh_timestamp(&mut held);
        Some(Released { frame: held.frame, meta: held.arrival.meta })
    }

    fn insert_in_order(
        &mut self,
        mut frame: B,
        mut arrival: Arrival,
        limits: &StreamLimits,
        chunks: &Chunks,
    ) -> Inserted<B> {
        let end = arrival.end().max(0).cast_unsigned();
        let fresh = end.saturating_sub(self.next);
        if self.next - self.acked + fresh > limits.store_bytes_max as u64 || fresh > chunks.available_bytes() as u64 {
            return Inserted::Dropped(DropReason::StoreFull);
        }
        if self.held.len() >= HELD_SEGMENT_COUNT_MAX || self.waiting_count() >= limits.waiting_count_max {
            return Inserted::Dropped(DropReason::HoldFull);
        }
        let next = self.next.cast_signed();
        if arrival.start >= self.released.cast_signed() && arrival.start < next {
            // What is held already goes out of its own segment; this one carries the rest.
            cut_front(&mut frame, &mut arrival, next);
        }
        let new = self.next..end.max(self.next);
        if arrival.has_fin() {
            self.fin = Some(end);
        }
        self.next = new.end;
        self.held.push_back(Held { frame, arrival });
        Inserted::Held(new)
    }

    fn insert_early(&mut self, frame: B, arrival: Arrival, limits: &StreamLimits) -> Inserted<B> {
        let len = arrival.segment.payload_len();
        if len == 0 && !arrival.has_fin() {
            // An acknowledgement behind the FIN or a hole carries nothing that could be read early.
            if self.is_holding() {
                return self.hold(frame, arrival);
            }
            return Inserted::Pass(Released { frame, meta: arrival.meta });
        }
        let place = self.early.partition_point(|early| early.arrival.start <= arrival.start);
        let before = place.checked_sub(1).and_then(|before| self.early.get(before));
        let is_known = before.is_some_and(|early| early.arrival.end() >= arrival.end() && !arrival.has_fin());
        let is_full = self.early.len() >= limits.early_count_max.min(EARLY_SEGMENT_COUNT_MAX)
            || self.waiting_count() >= limits.waiting_count_max;
        if is_known || is_full || self.early_bytes + len > limits.store_bytes_max {
            return Inserted::Dropped(DropReason::EarlyFull);
        }
        self.early.insert(place, Held { frame, arrival });
        self.early_bytes += len;
        Inserted::Early
    }

    /// A pure acknowledgement queues behind held data, so that order and timestamps stay right.
    fn hold(&mut self, frame: B, mut arrival: Arrival) -> Inserted<B> {
        arrival.start = arrival.start.min(self.next.cast_signed());
        if self.held.len() >= HELD_SEGMENT_COUNT_MAX {
            return Inserted::Dropped(DropReason::HoldFull);
        }
        self.held.push_back(Held { frame, arrival });
        Inserted::Held(self.next..self.next)
    }

    /// Writes what was forwarded or is held over the part of an arriving segment that lies before
    /// `next`; true if it carried something else.
    fn overwrite(&self, frame: &mut B, arrival: &Arrival, chunks: &Chunks) -> bool {
        let end = arrival.end().min(self.next.cast_signed());
        let mut differs = false;
        let mut at = arrival.start;
        while at < self.acked.cast_signed().min(end) {
            let count = FILLER.len().min(distance(at, self.acked.cast_signed().min(end)));
            arrival.patch(frame, at, FILLER.get(..count).unwrap_or_default());
            at = at.saturating_add_unsigned(count as u64);
        }
        let known = |at: i64, end: i64| self.store.pieces(chunks, at.max(0).cast_unsigned(), distance(at, end));
        for piece in known(at, self.released.cast_signed().min(end)) {
            differs |= self.overwrite_piece(frame, arrival, at, piece);
            at = at.saturating_add_unsigned(piece.len() as u64);
        }
        for held in &self.held {
            if at >= end || held.arrival.start > at || held.arrival.end() <= at {
                continue;
            }
            let payload = held.payload().get(distance(held.arrival.start, at)..).unwrap_or_default();
            let piece = payload.get(..payload.len().min(distance(at, end))).unwrap_or_default();
            differs |= self.overwrite_piece(frame, arrival, at, piece);
            at = at.saturating_add_unsigned(piece.len() as u64);
        }
        differs
    }

    /// Bytes that were masked differ by right; they are overwritten all the same.
    fn overwrite_piece(&self, frame: &mut B, arrival: &Arrival, at: i64, piece: &[u8]) -> bool {
        let from = arrival.segment.payload + distance(arrival.start, at);
        let Some(arrived) = frame.as_slice().get(from..from + piece.len()) else { return false };
        if arrived == piece {
            return false;
        }
        let masked = distance(at, self.edited_until.cast_signed()).min(piece.len());
        let differs = arrived.get(masked..) != piece.get(masked..);
        arrival.patch(frame, at, piece);
        differs
    }

    /// Cuts the first held segment at `up_to`: the front keeps the frame, the tail moves into a
    /// fresh one behind it.
    fn split_front(&mut self, up_to: u64, alloc: impl FnOnce() -> Option<B>) -> Option<()> {
        let held = self.held.front_mut()?;
        let keep = held.arrival.segment.payload + distance(held.arrival.start, up_to.cast_signed());
        let mut tail = alloc()?;
        let (headers, rest) =
            (held.frame.as_slice().get(..held.arrival.segment.payload)?, held.frame.as_slice().get(keep..)?);
        if !tail.extend(headers) || !tail.extend(rest) {
            return None;
        }
        let mut tail = Held { frame: tail, arrival: held.arrival };
        tail.arrival.start = up_to.cast_signed();
        let tail_end = tail.frame.len();
        resize(&mut tail.frame, &mut tail.arrival, tail_end);
        tail.set_seq(held.arrival.segment.seq + distance_u32(held.arrival.start, up_to.cast_signed()));
        held.frame.truncate(keep);
        resize(&mut held.frame, &mut held.arrival, keep);
        held.clear_flags(Flags::FIN.with(Flags::PSH));
        self.held.insert(1, tail);
        Some(())
    }

    fn note_timestamp(&mut self, segment: &Segment) {
        if let Some((value, _)) = segment.options.timestamps
            && self.timestamp_sent.is_none_or(|sent| value.wrapping_sub(sent).cast_signed() > 0)
        {
            self.timestamp_sent = Some(value);
        }
    }

    /// A segment that waited while newer ones passed takes over their TSval: an older one would be
    /// dropped by the receiver (PAWS).
    fn refresh_timestamp(&mut self, held: &mut Held<B>) {
        self.note_timestamp(&held.arrival.segment);
        if let (Some((value, _)), Some(sent)) = (held.arrival.segment.options.timestamps, self.timestamp_sent)
            && value != sent
        {
            let Segment { header, end, options, .. } = held.arrival.segment;
            patch(held.frame.as_mut_slice(), header, end, options.timestamps_at, &sent.to_be_bytes());
        }
    }
}

impl<B: Buffer> Held<B> {
    fn payload(&self) -> &[u8] {
        self.frame.as_slice().get(self.arrival.segment.payload..self.arrival.segment.end).unwrap_or_default()
    }

    fn patch(&mut self, at: u64, new: &[u8]) {
        self.arrival.patch(&mut self.frame, at.cast_signed(), new);
    }

    fn set_seq(&mut self, seq: Seq) {
        self.arrival.segment.seq = seq;
        let Segment { header, end, .. } = self.arrival.segment;
        patch(self.frame.as_mut_slice(), header, end, header + 4, &seq.0.to_be_bytes());
    }

    fn clear_flags(&mut self, flags: Flags) {
        let Segment { header, end, .. } = self.arrival.segment;
        let kept = Flags(self.arrival.segment.flags.0 & !flags.0);
        self.arrival.segment.flags = kept;
        patch(self.frame.as_mut_slice(), header, end, header + FLAGS_AT, &[kept.0]);
    }
}

impl Arrival {
    /// Overwrites payload bytes from stream offset `at` on and mends the checksum.
    fn patch<B: Buffer>(&self, frame: &mut B, at: i64, new: &[u8]) {
        let from = self.segment.payload + distance(self.start, at);
        patch(frame.as_mut_slice(), self.segment.header, self.segment.end, from, new);
    }
}

/// Removes the payload before stream offset `to` from a segment.
fn cut_front<B: Buffer>(frame: &mut B, arrival: &mut Arrival, to: i64) {
    let count = distance(arrival.start, to);
    let Segment { payload, end, .. } = arrival.segment;
    frame.as_mut_slice().copy_within((payload + count).min(end)..end, payload);
    frame.truncate(end - count);
    arrival.segment.seq = arrival.segment.seq + distance_u32(arrival.start, to);
    arrival.start = to;
    let seq = arrival.segment.seq.0.to_be_bytes();
    if let Some(field) = frame.as_mut_slice().get_mut(arrival.segment.header + 4..arrival.segment.header + 8) {
        field.copy_from_slice(&seq);
    }
    resize(frame, arrival, end - count);
}

/// Makes the headers say that the frame ends at `end`, with checksums written anew over bytes that
/// were verified when they came in.
/// Cuts a segment's payload off, and what stands behind it in the frame.
pub fn cut_payload<B: Buffer>(frame: &mut B, datagram: Datagram, segment: &Segment) {
    frame.truncate(segment.payload);
    if segment.payload < segment.end {
        let mut arrival = Arrival { datagram, segment: *segment, start: 0, meta: Meta::default() };
        resize(frame, &mut arrival, segment.payload);
    }
}

fn resize<B: Buffer>(frame: &mut B, arrival: &mut Arrival, end: usize) {
    arrival.segment.end = end;
    arrival.datagram.end = end;
    let header = arrival.datagram.header;
    let bytes = frame.as_mut_slice();
    match arrival.datagram.version {
        Version::V4 => {
            if let Some(packet) = bytes.get_mut(header..) {
                rewrite_ipv4_lengths(packet, end - header, None, None);
            }
        }
        Version::V6 => {
            let len = u16::try_from(end.saturating_sub(header + 40)).unwrap_or(u16::MAX);
            if let Some(field) = bytes.get_mut(header + 4..header + 6) {
                field.copy_from_slice(&len.to_be_bytes());
            }
        }
    }
    rewrite_checksum(bytes, &arrival.datagram);
}

/// Bytes from `from` to `to`; 0 if `to` comes first.
fn distance(from: i64, to: i64) -> usize {
    usize::try_from(to.saturating_sub(from)).unwrap_or(0)
}

fn distance_u32(from: i64, to: i64) -> u32 {
    u32::try_from(to.saturating_sub(from)).unwrap_or(0)
}

#[cfg(test)]
mod tests;
