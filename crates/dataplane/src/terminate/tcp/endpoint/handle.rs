//! Segments that come in: which of them count, and for what.

use super::super::arrival::Arrival;
use super::super::memory::Memory;
use super::super::options::{Offer, sack_blocks};
use super::super::sender::Heard;
use super::super::state::{Outcome, State};
use super::{CHALLENGE_PAUSE, Endpoint, Handshake, TIME_WAIT};
use arrayvec::ArrayVec;
use core::time::Duration;
use net::tcp::{Flags, Seq};
use net::{DropReason, Timestamp};

/// After that a peer's old timestamps say nothing (RFC 7323 section 5.5).
const TIMESTAMP_AGE_MAX: Duration = Duration::from_secs(24 * 24 * 3600);

impl Endpoint {
    /// Takes a segment of this connection.
    ///
    /// # Errors
    /// Why it did not count. The answer it may deserve goes out by [`Endpoint::poll_transmit`].
    pub fn handle_segment(
        &mut self,
        memory: &mut Memory,
        now: Timestamp,
        arrival: &Arrival<'_>,
    ) -> Result<(), DropReason> {
        if !arrival.checksum_is_valid() {
            return Err(DropReason::TransportChecksum);
        }
        match self.state {
            State::Closed => self.handle_closed(arrival),
            State::Held => self.handle_while_held(memory, arrival),
            State::SynSent => self.handle_answer(memory, now, arrival),
            State::SynReceived
            | State::Established
            | State::FinWait1
            | State::FinWait2
            | State::CloseWait
            | State::Closing
            | State::LastAck
            | State::TimeWait => self.handle_open(memory, now, arrival),
        }
    }

    /// A peer that has not noticed is told at its own number; one that was told well is left alone.
    fn handle_closed(&mut self, arrival: &Arrival<'_>) -> Result<(), DropReason> {
        let flags = arrival.segment.flags;
        let is_told = matches!(self.outcome, Some(Outcome::Aborted | Outcome::TimedOut));
        if is_told && flags.any(Flags::ACK) && !flags.any(Flags::RST.with(Flags::SYN)) {
            self.reset = Some((arrival.segment.ack, Flags::RST));
        }
        Err(DropReason::FlowUnknown)
    }

    /// The client waits: it may send its SYN again, or give up.
    fn handle_while_held(&mut self, memory: &mut Memory, arrival: &Arrival<'_>) -> Result<(), DropReason> {
        let segment = &arrival.segment;
        if segment.flags.any(Flags::RST) {
            if segment.seq != self.receiver.next_seq() {
                return Err(DropReason::TcpReset);
            }
            self.close(memory, Outcome::Reset);
            return Ok(());
        }
        let is_same = segment.flags.any(Flags::SYN) && segment.seq + 1 == self.receiver.next_seq();
        if is_same { Ok(()) } else { Err(DropReason::TcpSyn) }
    }

    /// The server's answer to our SYN (RFC 9293 section 3.10.7.3).
    fn handle_answer(&mut self, memory: &mut Memory, now: Timestamp, arrival: &Arrival<'_>) -> Result<(), DropReason> {
        let segment = &arrival.segment;
        let is_ours = segment.flags.any(Flags::ACK) && segment.ack == self.seq(0);
        if segment.flags.any(Flags::RST) {
            if !is_ours {
                return Err(DropReason::TcpReset);
            }
            self.close(memory, Outcome::Refused);
            return Ok(());
        }
        if !is_ours || !segment.flags.any(Flags::SYN) || self.handshake.sent_at.is_none() {
            let is_due = self.challenged_at.is_none_or(|at| at.after(CHALLENGE_PAUSE) <= now);
            if !is_ours && segment.flags.any(Flags::ACK) && self.handshake.sent_at.is_some() && is_due {
                // The server still has the connection that these two had before: told that it is over, it takes
                // the SYN that goes out behind.
                self.challenged_at = Some(now);
                self.reset = Some((segment.ack, Flags::RST));
                self.handshake.sent_at = None;
            }
            return Err(DropReason::TcpSyn);
        }
        self.agree(&Offer::of(arrival));
        self.learn_peer(arrival, now);
        self.refresh_path(arrival);
        self.open(now);
        self.receiver.acknowledge();
        Ok(())
    }

    fn open(&mut self, now: Timestamp) {
        let rtt = match self.handshake {
            Handshake { sent_at: Some(at), tries: 1 } => Some(Duration::from_nanos(now.nanos_since(at))),
            _ => None,
        };
        self.sender.open(now, self.segment_bytes(), self.offer.sack, rtt);
        self.state = State::Established;
        self.deadline = None;
    }

    /// RFC 9293 section 3.10.7.4, with RFC 5961 and RFC 7323.
    fn handle_open(&mut self, memory: &mut Memory, now: Timestamp, arrival: &Arrival<'_>) -> Result<(), DropReason> {
        let segment = &arrival.segment;
        let start = self.receiver.offset(segment.seq) + i64::from(segment.flags.any(Flags::SYN));
        self.check_timestamps(now, arrival)?;
        if segment.flags.any(Flags::RST) {
            return self.handle_reset(memory, now, start);
        }
        if segment.flags.any(Flags::SYN) {
            return self.handle_syn_again(now, segment.seq);
        }
        let numbers = arrival.payload().len() as u64 + u64::from(segment.flags.any(Flags::FIN));
        if !self.receiver.accepts(start, numbers) {
            self.answer_outside(now, start, numbers);
            return Err(DropReason::TcpWindow);
        }
        if !segment.flags.any(Flags::ACK) {
            return Err(DropReason::TcpFlags);
        }
        let ack = self.check_ack(now, segment.ack)?;
        self.remember(now, arrival, start);
        self.handle_ack(memory, now, arrival, start, ack);
        if self.state == State::Closed {
            return Ok(());
        }
        self.handle_payload(memory, now, arrival, start)
    }

    /// Old duplicates are told by their timestamps (PAWS).
    fn check_timestamps(&mut self, now: Timestamp, arrival: &Arrival<'_>) -> Result<(), DropReason> {
        let Some(own) = self.timestamps else { return Ok(()) };
        if arrival.segment.flags.any(Flags::RST) {
            return Ok(());
        }
        let Some((value, _)) = arrival.segment.options.timestamps else { return Err(DropReason::TcpPaws) };
        let is_old = Seq(value).is_before(Seq(own.recent));
        if is_old && u128::from(now.nanos_since(own.recent_at)) < TIMESTAMP_AGE_MAX.as_nanos() {
            self.challenge(now);
            return Err(DropReason::TcpPaws);
        }
        Ok(())
    }

    /// Only the exact number resets (RFC 5961 section 3.2).
    fn handle_reset(&mut self, memory: &mut Memory, now: Timestamp, start: i64) -> Result<(), DropReason> {
        if start == self.receiver.next().cast_signed() {
            self.close(memory, if self.state == State::TimeWait { Outcome::Finished } else { Outcome::Reset });
            return Ok(());
        }
        if self.receiver.accepts(start, 0) {
            self.challenge(now);
        }
        Err(DropReason::TcpReset)
    }

    /// A SYN never resets (RFC 5961 section 4.2); the client's own one, again, wants its answer again.
    fn handle_syn_again(&mut self, now: Timestamp, seq: Seq) -> Result<(), DropReason> {
        if self.state == State::SynReceived && seq + 1 == self.receiver.next_seq() {
            self.handshake.sent_at = None;
            return Ok(());
        }
        self.challenge(now);
        Err(DropReason::TcpSyn)
    }

    /// A segment outside the window: data is answered so that a retransmission comes to rest, anything
    /// else no more often than a challenge, so that two ends never answer each other for ever.
    fn answer_outside(&mut self, now: Timestamp, start: i64, numbers: u64) {
        if numbers > 1 {
            self.receiver.reject(start, numbers);
        } else {
            self.challenge(now);
        }
    }

    fn challenge(&mut self, now: Timestamp) {
        let pause = self.challenged_at.map(|at| at.after(CHALLENGE_PAUSE));
        if pause.is_none_or(|until| until <= now) {
            self.challenged_at = Some(now);
            self.receiver.acknowledge();
        }
    }

    /// What is acknowledged must have been sent, and not too long ago (RFC 5961 section 5.2).
    fn check_ack(&mut self, now: Timestamp, ack: Seq) -> Result<u64, DropReason> {
        let next = self.sender.next();
        let offset = next.cast_signed() + i64::from(ack.distance(self.seq(next)));
        let oldest = self.sender.unacked().cast_signed() - self.peer_window_max.cast_signed();
        if self.state == State::SynReceived && (offset < 0 || offset > next.cast_signed()) {
            // An acknowledgement of a SYN-ACK that we did not send: its sender is told, our state stays.
            self.reset = Some((ack, Flags::RST));
            return Err(DropReason::TcpAck);
        }
        if offset > next.cast_signed() || offset < oldest.max(-1) {
            self.challenge(now);
            return Err(DropReason::TcpAck);
        }
        Ok(u64::try_from(offset).unwrap_or(0))
    }

    /// Keeps what the peer's valid segment tells about itself.
    fn remember(&mut self, now: Timestamp, arrival: &Arrival<'_>, start: i64) {
        // The first segment that is not answered yet: a delayed answer counts as part of the way (RFC 7323 section 4.3).
        let acked = self.receiver.acked().cast_signed();
        if let (Some(own), Some((value, _))) = (&mut self.timestamps, arrival.segment.options.timestamps)
            && start <= acked
        {
            (own.recent, own.recent_at) = (value, now);
        }
        self.refresh_path(arrival);
    }

    /// The peer's router may have changed, and with it MAC addresses and the way's length.
    fn refresh_path(&mut self, arrival: &Arrival<'_>) {
        self.peer_marks = arrival.marks();
        self.path.link.hear(arrival.link());
    }

    fn handle_ack(&mut self, memory: &mut Memory, now: Timestamp, arrival: &Arrival<'_>, start: i64, ack: u64) {
        if self.state == State::SynReceived {
            self.open(now);
        }
        let moved = self.update_window(arrival, start, ack);
        self.sender.on_window_answer();
        let (blocks, has_duplicate) = self.blocks(arrival, ack);
        let numbers = arrival.payload().len() + usize::from(arrival.segment.flags.any(Flags::FIN));
        let is_bare = numbers == 0 && !moved && ack == self.sender.unacked();
        self.sender.on_ack(memory, now, &Heard { ack, blocks: &blocks, has_duplicate, is_bare });
        if self.sender.fin_is_acked() {
            self.step(memory, now, State::on_fin_acked);
        }
    }

    /// True if the peer's window moved.
    fn update_window(&mut self, arrival: &Arrival<'_>, start: i64, ack: u64) -> bool {
        let (last_start, last_ack) = self.window_from;
        if start < last_start || start == last_start && ack < last_ack {
            return false;
        }
        self.window_from = (start, ack);
        let window = u64::from(arrival.segment.window) << self.peer_shift;
        self.peer_window_max = self.peer_window_max.max(window);
        self.sender.set_edge(ack + window)
    }

    /// SACK blocks as stream offsets, and whether the first reports a duplicate (RFC 2883).
    fn blocks(&self, arrival: &Arrival<'_>, ack: u64) -> (ArrayVec<(u64, u64), 4>, bool) {
        let mut blocks = ArrayVec::new();
        if !self.offer.sack {
            return (blocks, false);
        }
        let next = self.sender.next();
        let offset = |seq: Seq| {
            u64::try_from(next.cast_signed() + i64::from(seq.distance(self.seq(next)))).ok().filter(|at| *at <= next)
        };
        for (start, end) in sack_blocks(arrival.options()) {
            if let (Some(start), Some(end)) = (offset(start), offset(end))
                && start < end
            {
                let _ = blocks.try_push((start, end));
            }
        }
        let has_duplicate = match *blocks.as_slice() {
            [(start, _), ..] if start < ack => true,
            [(start, end), (outer_start, outer_end), ..] => outer_start <= start && end <= outer_end,
            _ => false,
        };
        (blocks, has_duplicate)
    }

    fn handle_payload(
        &mut self,
        memory: &mut Memory,
        now: Timestamp,
        arrival: &Arrival<'_>,
        start: i64,
    ) -> Result<(), DropReason> {
        let fin = arrival.segment.flags.any(Flags::FIN);
        let payload = arrival.payload();
        if payload.is_empty() && !fin {
            return Ok(());
        }
        if !self.state.may_receive() {
            // A peer that goes on behind its FIN, or sends the FIN again.
            self.receiver.acknowledge();
            return Ok(());
        }
        let placed = self.receiver.insert(memory, now, start, payload, fin);
        if self.receiver.is_finished() {
            self.step(memory, now, State::on_fin_received);
        }
        if placed { Ok(()) } else { Err(DropReason::EarlyFull) }
    }

    /// One step toward the end.
    pub(super) fn step(&mut self, memory: &mut Memory, now: Timestamp, step: fn(State) -> State) {
        let before = self.state;
        self.state = step(before);
        if self.state == State::Closed {
            self.close(memory, Outcome::Finished);
        } else if self.state == State::TimeWait && before != State::TimeWait {
            self.deadline = Some(now.after(TIME_WAIT));
        }
    }
}
