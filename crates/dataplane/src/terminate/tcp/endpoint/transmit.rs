//! Segments that go out, and when.

use super::super::emit::Outgoing;
use super::super::memory::Memory;
use super::super::options::{self, Encoded};
use super::super::rtt::TIMEOUT_INITIAL;
use super::super::sender::Chosen;
use super::super::state::{Outcome, State};
use super::Endpoint;
use net::Timestamp;
use net::buffer::Buffer;
use net::tcp::{Flags, Seq};

impl Endpoint {
    /// When [`Endpoint::poll_transmit`] has something to do next, if ever by itself; a time that has
    /// passed means now.
    #[must_use]
    pub fn poll_at(&self) -> Option<Timestamp> {
        if self.reset.is_some() {
            return Some(Timestamp::ZERO);
        }
        let work = if self.state.is_synchronised() && self.is_deferred {
            None
        } else if self.state.is_synchronised() {
            [self.receiver.poll_at(), self.sender.poll_at()].into_iter().flatten().min()
        } else {
            self.is_opening().then(|| self.handshake_at())
        };
        [work, self.deadline].into_iter().flatten().min()
    }

    const fn is_opening(&self) -> bool {
        matches!(self.state, State::SynSent | State::SynReceived)
    }

    /// When SYN or SYN-ACK is due.
    fn handshake_at(&self) -> Timestamp {
        let pause = TIMEOUT_INITIAL * (1 << self.handshake.tries.saturating_sub(1).min(6));
        self.handshake.sent_at.map_or(Timestamp::ZERO, |at| at.after(pause))
    }

    /// Writes the next frame that is due into a buffer that `alloc` gives; `None` if there is nothing to
    /// send, or no buffer. To be called until then, after each burst of segments and at
    /// [`Endpoint::poll_at`].
    pub fn poll_transmit<B: Buffer>(
        &mut self,
        memory: &mut Memory,
        now: Timestamp,
        alloc: impl FnOnce() -> Option<B>,
    ) -> Option<B> {
        self.handle_timeout(memory, now);
        // A FIN is in order once what stands before it has found room, which may be when other bytes were consumed.
        if self.state.may_receive() && self.receiver.is_finished() {
            self.step(memory, now, State::on_fin_received);
        }
        if let Some((seq, flags)) = self.reset {
            let frame = self.emit(alloc, &Outgoing { ack: self.receiver.next_seq(), ..plain(seq, flags) })?;
            self.reset = None;
            return Some(frame);
        }
        if self.state.is_synchronised() {
            return if self.is_deferred { None } else { self.transmit_stream(memory, now, alloc) };
        }
        if self.is_opening() && self.handshake_at() <= now {
            return self.transmit_handshake(memory, now, alloc);
        }
        None
    }

    /// Does what time demands.
    fn handle_timeout(&mut self, memory: &mut Memory, now: Timestamp) {
        if self.deadline.is_some_and(|deadline| deadline <= now) {
            return self.handle_deadline(memory);
        }
        if self.state.is_synchronised() && !self.sender.handle_timeout(now) {
            self.close_with_reset(memory, Outcome::TimedOut);
        }
    }

    fn handle_deadline(&mut self, memory: &mut Memory) {
        if self.state == State::TimeWait {
            self.close(memory, Outcome::Finished);
        } else {
            self.close_with_reset(memory, Outcome::TimedOut);
        }
    }

    fn transmit_handshake<B: Buffer>(
        &mut self,
        memory: &mut Memory,
        now: Timestamp,
        alloc: impl FnOnce() -> Option<B>,
    ) -> Option<B> {
        let is_answer = self.state == State::SynReceived;
        let flags = if is_answer { Flags::SYN.with(Flags::ACK) } else { Flags::SYN };
        let outgoing = Outgoing {
            ack: if is_answer { self.receiver.next_seq() } else { Seq::default() },
            options: options::of_syn(&self.offer, self.timestamps_to_send(now)),
            window: self.receiver.announce(memory, true),
            ..plain(self.first, flags)
        };
        let frame = self.emit(alloc, &outgoing)?;
        self.handshake.sent_at = Some(now);
        self.handshake.tries += 1;
        Some(frame)
    }

    fn transmit_stream<B: Buffer>(
        &mut self,
        memory: &mut Memory,
        now: Timestamp,
        alloc: impl FnOnce() -> Option<B>,
    ) -> Option<B> {
        // A full segment has no room to report early bytes: a bare one goes before it.
        let reports = self.receiver.has_report() && self.receiver.wants_ack(now);
        if !reports && let Some(chosen) = self.sender.choose(now) {
            let frame = self.emit_chosen(memory, now, alloc, &chosen)?;
            self.sender.on_sent(now, &chosen);
            self.receiver.on_acked();
            if chosen.fin && self.sender.fin_is_sent() {
                self.step(memory, now, State::on_fin_sent);
            }
            return Some(frame);
        }
        if !self.receiver.wants_ack(now) {
            return None;
        }
        let nothing = Chosen { start: self.sender.next(), len: 0, fin: false, push: false, is_probe: false };
        let frame = self.emit_chosen(memory, now, alloc, &nothing)?;
        self.receiver.on_acked();
        Some(frame)
    }

    fn emit_chosen<B: Buffer>(
        &mut self,
        memory: &mut Memory,
        now: Timestamp,
        alloc: impl FnOnce() -> Option<B>,
        chosen: &Chosen,
    ) -> Option<B> {
        let mut flags = Flags::ACK;
        if chosen.fin {
            flags = flags.with(Flags::FIN);
        }
        if chosen.push && chosen.len > 0 {
            flags = flags.with(Flags::PSH);
        }
        let blocks =
            if chosen.len == 0 && self.offer.sack { self.receiver.sack_blocks() } else { options::Blocks::new() };
        // A probe of a closed window names a byte that the peer has: it has to answer.
        let seq = if chosen.is_probe { self.seq(chosen.start) - 1 } else { self.seq(chosen.start) };
        let outgoing = Outgoing {
            ack: self.receiver.next_seq(),
            window: self.receiver.announce(memory, false),
            options: options::of_segment(self.timestamps_to_send(now), &blocks),
            payload: (chosen.start, chosen.len),
            ..plain(seq, flags)
        };
        self.emit(alloc, &outgoing)
    }

    fn emit<B: Buffer>(&self, alloc: impl FnOnce() -> Option<B>, outgoing: &Outgoing) -> Option<B> {
        let mut buffer = alloc()?;
        self.path.emit(&mut buffer, outgoing, self.sender.queue()).then_some(buffer)
    }
}

/// A segment without options, window and payload.
fn plain(seq: Seq, flags: Flags) -> Outgoing {
    Outgoing { seq, ack: Seq::default(), flags, window: 0, options: Encoded::new(), payload: (0, 0) }
}
