//! What both ends of an inspected connection have said, and which segments fit it.
//!
//! ```text
//!            SYN               SYN-ACK                ACK
//!   (new) ────────▶ SynSent ────────────▶ SynReceived ─────▶ Established ──▶ Closed
//!                      └──── RST, exact number ────┴──────────────┴───────────▲
//! ```
//! Only a segment that the receiver would accept touches the state (RFC 9293 section 3.10.7, RFC
//! 5961, RFC 7323); every other is an `Err` with its reason and is not forwarded.

use super::{Chunks, Flags, Segment, Seq, Stream};
use crate::buffer::Buffer;
use crate::{Direction, DropReason};

/// How far behind the acknowledged bytes a late duplicate may lie: the largest window of TCP.
const OLD_BYTES_MAX: i64 = 1 << 30;

/// Where a connection is in its life.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Phase {
    /// The initiator's SYN went by.
    SynSent,
    /// The responder's SYN-ACK went by.
    SynReceived,
    /// Both ends are synchronised.
    Established,
    /// A valid RST went by.
    Closed,
}

/// What a segment that fits is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Accepted {
    /// Part of the opening handshake: it goes on as it is.
    Handshake,
    /// A segment of the synchronised connection whose first byte has this stream offset; negative
    /// for a probe of the byte before the stream.
    Segment(i64),
    /// A reset at an exact sequence number.
    Reset,
    /// A SYN that would open another connection. It goes nowhere, and its sender is told what is expected: one that has
    /// lost this connection resets it with the number that it is told.
    Challenge,
}

#[derive(Clone, Copy, Debug, Default)]
struct End {
    window_scale: Option<u8>,
    timestamps: bool,
    sack: bool,
    timestamp_recent: Option<u32>,
    timestamp_echo: u32,
    /// Window field of its latest segment, as it stands.
    window: u16,
    /// Window field of the end's SYN, which is never scaled.
    syn_window: u16,
}

/// An inspected connection.
#[derive(Debug)]
pub struct Connection<B> {
    phase: Phase,
    initiator: Direction,
    streams: [Stream<B>; 2],
    ends: [End; 2],
    /// What the ends acknowledge they have got, though it is still held here.
    is_recorded: bool,
    /// What the responder expects of another connection between these ends.
    challenge: Option<Seq>,
}

impl<B: Buffer> Connection<B> {
    /// A connection that the SYN `segment` opens, travelling in direction `initiator`.
    #[must_use]
    pub fn open(initiator: Direction, segment: &Segment) -> Self {
        let mut connection = Self {
            phase: Phase::SynSent,
            initiator,
            streams: [Stream::new(Seq::default()), Stream::new(Seq::default())],
            ends: [End::default(); 2],
            is_recorded: false,
            challenge: None,
        };
        *connection.stream_mut(initiator) = Stream::new(segment.seq);
        *connection.end_mut(initiator) = End::of_syn(segment);
        connection
    }

    /// The segments are a recording of what passed between the ends: what they acknowledge has reached them, held here
    /// or not.
    #[must_use]
    pub const fn recorded(mut self, is_recorded: bool) -> Self {
        self.is_recorded = is_recorded;
        self
    }

    /// Makes this connection the one that `segment` opens, keeping its memory.
    pub fn reopen(&mut self, initiator: Direction, segment: &Segment, chunks: &mut Chunks) {
        self.phase = Phase::SynSent;
        self.initiator = initiator;
        self.ends = [End::default(); 2];
        self.challenge = None;
        self.stream_mut(initiator.opposite()).reset(Seq::default(), chunks);
        self.stream_mut(initiator).reset(segment.seq, chunks);
        *self.end_mut(initiator) = End::of_syn(segment);
    }

    /// Where the connection is in its life.
    #[must_use]
    pub const fn phase(&self) -> Phase {
        self.phase
    }

    /// The direction in which the client sends.
    #[must_use]
    pub const fn initiator(&self) -> Direction {
        self.initiator
    }

    /// One direction's bytes.
    #[must_use]
    pub const fn stream(&self, direction: Direction) -> &Stream<B> {
        let [upstream, downstream] = &self.streams;
        match direction {
            Direction::Upstream => upstream,
            Direction::Downstream => downstream,
        }
    }

    /// One direction's bytes, to be changed.
    pub const fn stream_mut(&mut self, direction: Direction) -> &mut Stream<B> {
        let [upstream, downstream] = &mut self.streams;
        match direction {
            Direction::Upstream => upstream,
            Direction::Downstream => downstream,
        }
    }

    /// True once both FINs were forwarded and acknowledged.
    #[must_use]
    pub fn is_finished(&self) -> bool {
        self.phase == Phase::Closed || self.streams.iter().all(Stream::is_finished)
    }

    /// The timestamps that a segment of ours in `direction` has to carry: the newest TSval that end
    /// sent, and an echo of the other end's.
    #[must_use]
    pub fn timestamps(&self, direction: Direction) -> Option<(u32, u32)> {
        let value = self.end(direction).timestamp_recent?;
        let echo = self.end(direction.opposite()).timestamp_recent.unwrap_or(self.end(direction).timestamp_echo);
        self.end(direction).timestamps.then_some((value, echo))
    }

    /// True if both ends understand selective acknowledgements.
    #[must_use]
    pub const fn uses_sack(&self) -> bool {
        let [upstream, downstream] = &self.ends;
        upstream.sack && downstream.sack
    }

    /// True if a selective acknowledgement in `direction` can be true: both ends understand it, and each block lies in what was
    /// forwarded to its sender and is not acknowledged. One that reports what came twice (RFC 2883) does not.
    pub fn can_have_sent(&self, direction: Direction, mut blocks: impl Iterator<Item = (Seq, Seq)>) -> bool {
        let stream = self.stream(direction.opposite());
        let (acked, released) = (stream.acked().cast_signed(), stream.offset_of(stream.released_seq()));
        self.uses_sack()
            && blocks.all(|(first, behind)| {
                let (first, behind) = (stream.offset_of(first), stream.offset_of(behind));
                acked < first && first < behind && behind <= released
            })
    }

    /// The window field with which the receiver of `direction` may be quoted for an acknowledgement
    /// of everything up to `offset`: it never allows more than the receiver itself did.
    #[must_use]
    pub fn window_at(&self, direction: Direction, offset: u64) -> u16 {
        let left = self.stream(direction).right_edge().saturating_sub(offset);
        let scale = self.end(direction.opposite()).window_scale.unwrap_or(0);
        u16::try_from(left >> scale).unwrap_or(u16::MAX)
    }

    /// What a segment in `direction` has to say instead of its acknowledgement and window, if its sender has not got
    /// what the appliance has acknowledged in its name: the other end would take it for an old one.
    #[must_use]
    pub fn owed_acknowledgement(&self, direction: Direction, segment: &Segment) -> Option<(Seq, u16)> {
        let other = self.stream(direction.opposite());
        let owed_until = other.owed_until();
        let is_behind = other.offset_of(segment.ack) < owed_until.cast_signed();
        is_behind.then(|| (other.seq_at(owed_until), self.window_at(direction.opposite(), owed_until)))
    }

    /// The window field of the latest segment in `direction`.
    #[must_use]
    pub const fn window_of(&self, direction: Direction) -> u16 {
        self.end(direction).window
    }

    /// Judges a segment and takes note of its acknowledgement and window.
    ///
    /// # Errors
    /// Why the segment does not fit; nothing was changed.
    #[inline]
    pub fn accept(
        &mut self,
        direction: Direction,
        segment: &Segment,
        chunks: &mut Chunks,
    ) -> Result<Accepted, DropReason> {
        check_flags(segment)?;
        match self.phase {
            Phase::Established => self.accept_synchronised(direction, segment, chunks),
            Phase::SynSent | Phase::SynReceived => self.accept_handshake(direction, segment, chunks),
            Phase::Closed => Err(DropReason::FlowUnknown),
        }
    }

    fn accept_handshake(
        &mut self,
        direction: Direction,
        segment: &Segment,
        chunks: &mut Chunks,
    ) -> Result<Accepted, DropReason> {
        let from_initiator = direction == self.initiator;
        let received = self.phase == Phase::SynReceived;
        if segment.flags.any(Flags::RST) {
            return self.accept_handshake_reset(direction, segment);
        }
        match (segment.flags.any(Flags::SYN), segment.flags.any(Flags::ACK), from_initiator) {
            (true, false, true) if segment.seq + 1 == self.stream(direction).seq_at(0) => Ok(Accepted::Handshake),
            (true, false, true) if !received => {
                self.reopen(direction, segment, chunks);
                Ok(Accepted::Handshake)
            }
            (true, true, false) if segment.ack == self.stream(self.initiator).seq_at(0) => {
                self.accept_syn_ack(direction, segment, chunks)
            }
            (true, ..) => Err(DropReason::TcpSyn),
            (false, true, false) if !received && segment.payload_len() == 0 && !segment.flags.any(Flags::FIN) => {
                // The responder knows another connection between these ends, and says what it expects.
                self.challenge = Some(segment.ack);
                Ok(Accepted::Handshake)
            }
            (false, true, true) if received => {
                let exact = segment.ack == self.stream(direction.opposite()).seq_at(0);
                if !exact {
                    return Err(DropReason::TcpAck);
                }
                // Whether the acknowledgement fits is checked like any other; only then is the
                // handshake over.
                let accepted = self.accept_synchronised(direction, segment, chunks)?;
                self.phase = Phase::Established;
                Ok(accepted)
            }
            _ => Err(DropReason::TcpSyn),
        }
    }

    fn accept_syn_ack(
        &mut self,
        direction: Direction,
        segment: &Segment,
        chunks: &mut Chunks,
    ) -> Result<Accepted, DropReason> {
        if self.phase == Phase::SynReceived {
            let known = segment.seq + 1 == self.stream(direction).seq_at(0);
            return if known { Ok(Accepted::Handshake) } else { Err(DropReason::TcpSyn) };
        }
        self.stream_mut(direction).reset(segment.seq, chunks);
        let mut responder = End::of_syn(segment);
        let initiator = self.end_mut(direction.opposite());
        // Both extensions are in force only if both ends offered them (RFC 7323).
        if initiator.window_scale.is_none() || responder.window_scale.is_none() {
            (initiator.window_scale, responder.window_scale) = (None, None);
        }
        let timestamps = initiator.timestamps && responder.timestamps;
        (initiator.timestamps, responder.timestamps) = (timestamps, timestamps);
        let sack = initiator.sack && responder.sack;
        (initiator.sack, responder.sack) = (sack, sack);
        let syn_window = u32::from(initiator.syn_window);
        *self.end_mut(direction) = responder;
        self.stream_mut(direction).handle_ack(0, syn_window, chunks);
        self.stream_mut(direction.opposite()).handle_ack(0, u32::from(segment.window), chunks);
        self.phase = Phase::SynReceived;
        Ok(Accepted::Handshake)
    }

    fn accept_handshake_reset(&mut self, direction: Direction, segment: &Segment) -> Result<Accepted, DropReason> {
        if direction == self.initiator && self.challenge == Some(segment.seq) {
            // It ends the other connection; the SYN comes again.
            return Ok(Accepted::Handshake);
        }
        let exact = if direction == self.initiator {
            segment.seq == self.stream(direction).seq_at(0)
        } else {
            let refusal = segment.flags.any(Flags::ACK) && segment.ack == self.stream(self.initiator).seq_at(0);
            let received = self.phase == Phase::SynReceived && segment.seq == self.stream(direction).seq_at(0);
            refusal || received
        };
        if !exact {
            return Err(DropReason::TcpReset);
        }
        self.phase = Phase::Closed;
        Ok(Accepted::Reset)
    }

    #[inline]
    fn accept_synchronised(
        &mut self,
        direction: Direction,
        segment: &Segment,
        chunks: &mut Chunks,
    ) -> Result<Accepted, DropReason> {
        let start = self.stream(direction).offset_of(segment.seq);
        if segment.flags.any(Flags::SYN) {
            return self.accept_late_syn(direction, segment);
        }
        if segment.flags.any(Flags::RST) {
            return self.accept_reset(direction, segment);
        }
        if !segment.flags.any(Flags::ACK) {
            return Err(DropReason::TcpFlags);
        }
        self.check_window(direction, segment, start)?;
        self.check_timestamps(direction, segment)?;
        let acked = self.check_ack(direction, segment)?;
        self.note(direction, segment, start, acked, chunks);
        Ok(Accepted::Segment(start))
    }

    /// A SYN on a connection that stands: an end may have lost its state (RFC 9293 section 3.10.7.4, RFC 5961 section 4).
    /// Whoever sends one blindly is not told the number that closes it; what the other end says to that SYN, or somebody in
    /// its name, is of no connection.
    fn accept_late_syn(&self, direction: Direction, segment: &Segment) -> Result<Accepted, DropReason> {
        if direction == self.initiator && !segment.flags.any(Flags::ACK) {
            return Ok(Accepted::Challenge);
        }
        let from_responder = direction != self.initiator && segment.flags.any(Flags::ACK);
        let same = segment.seq + 1 == self.stream(direction).seq_at(0)
            && segment.ack == self.stream(direction.opposite()).seq_at(0);
        if from_responder && same { Ok(Accepted::Handshake) } else { Err(DropReason::TcpSyn) }
    }

    /// A reset counts at the number that its receiver expects next, or did when it last spoke (a
    /// closed socket answers with the number it was told), or behind all that its sender sent.
    fn accept_reset(&mut self, direction: Direction, segment: &Segment) -> Result<Accepted, DropReason> {
        let stream = self.stream(direction);
        let exact = [stream.received_seq(), stream.released_seq(), stream.seq_at(stream.acked())];
        if !exact.contains(&segment.seq) {
            return Err(DropReason::TcpReset);
        }
        self.phase = Phase::Closed;
        Ok(Accepted::Reset)
    }

    fn check_window(&self, direction: Direction, segment: &Segment, start: i64) -> Result<(), DropReason> {
        let stream = self.stream(direction);
        let end = start.saturating_add_unsigned(segment.payload_len() as u64);
        // One byte beyond a closed window is how some stacks probe it.
        let edge = stream.right_edge().cast_signed() + i64::from(segment.payload_len() == 1);
        if end > edge || start < stream.acked().cast_signed().saturating_sub(OLD_BYTES_MAX) || start < -1 {
            return Err(DropReason::TcpWindow);
        }
        Ok(())
    }

    fn check_timestamps(&self, direction: Direction, segment: &Segment) -> Result<(), DropReason> {
        let end = self.end(direction);
        if !end.timestamps {
            return Ok(());
        }
        let (value, _) = segment.options.timestamps.ok_or(DropReason::TcpPaws)?;
        match end.timestamp_recent {
            Some(recent) if value.wrapping_sub(recent).cast_signed() < 0 => Err(DropReason::TcpPaws),
            _ => Ok(()),
        }
    }

    /// The offset up to which the other direction is acknowledged.
    fn check_ack(&self, direction: Direction, segment: &Segment) -> Result<u64, DropReason> {
        let other = self.stream(direction.opposite());
        let acked = other.offset_of(segment.ack);
        let sent = if self.is_recorded {
            other.next().cast_signed() + i64::from(other.fin_received())
        } else {
            other.released().cast_signed() + i64::from(other.fin_released())
        };
        if acked > sent || acked < other.acked().cast_signed().saturating_sub(OLD_BYTES_MAX) {
            return Err(DropReason::TcpAck);
        }
        Ok(acked.max(0).cast_unsigned())
    }

    fn note(&mut self, direction: Direction, segment: &Segment, start: i64, acked: u64, chunks: &mut Chunks) {
        let in_order = start <= self.stream(direction).next().cast_signed();
        let end = self.end_mut(direction);
        if let Some((value, echo)) = segment.options.timestamps
            && in_order
        {
            end.timestamp_recent = Some(value);
            end.timestamp_echo = echo;
        }
        end.window = segment.window;
        let window = u32::from(segment.window) << end.window_scale.unwrap_or(0);
        self.stream_mut(direction.opposite()).handle_ack(acked, window, chunks);
    }

    const fn end(&self, direction: Direction) -> &End {
        let [upstream, downstream] = &self.ends;
        match direction {
            Direction::Upstream => upstream,
            Direction::Downstream => downstream,
        }
    }

    const fn end_mut(&mut self, direction: Direction) -> &mut End {
        let [upstream, downstream] = &mut self.ends;
        match direction {
            Direction::Upstream => upstream,
            Direction::Downstream => downstream,
        }
    }
}

impl End {
    fn of_syn(segment: &Segment) -> Self {
        Self {
            window_scale: segment.options.window_scale,
            timestamps: segment.options.timestamps.is_some(),
            sack: segment.options.sack_permitted,
            timestamp_recent: segment.options.timestamps.map(|(value, _)| value),
            timestamp_echo: 0,
            window: segment.window,
            syn_window: segment.window,
        }
    }
}

/// Flags that every segment of an inspected flow must satisfy whatever its state.
fn check_flags(segment: &Segment) -> Result<(), DropReason> {
    let flags = segment.flags;
    if flags.any(Flags::URG) {
        return Err(DropReason::TcpUrgent);
    }
    let contradictory = flags.any(Flags::SYN) && flags.any(Flags::FIN.with(Flags::RST))
        || flags.any(Flags::RST) && flags.any(Flags::FIN)
        || !flags.any(Flags::SYN.with(Flags::ACK).with(Flags::RST));
    if contradictory {
        return Err(DropReason::TcpFlags);
    }
    if segment.payload_len() > 0 && flags.any(Flags::SYN) {
        return Err(DropReason::TcpSynData);
    }
    Ok(())
}
