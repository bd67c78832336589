//! One side of one flow: the connection's state machine around its two halves.

mod handle;
mod transmit;

use super::arrival::{Arrival, Marks};
use super::emit::Path;
use super::isn::{IsnKey, timestamp};
use super::memory::Memory;
use super::options::{Offer, TIMESTAMPS_BYTES};
use super::receiver::{Receiver, WINDOW_SHIFT};
use super::sender::Sender;
use super::state::{Outcome, State};
use crate::link::Link;
use core::time::Duration;
use net::Timestamp;
use net::tcp::{Flags, Seq};

/// No way is believed to take less than that: smaller packets are what an attacker would want (RFC 5927 section 7).
const MTU_MIN_V4: usize = 552;
/// What every way takes (RFC 8200 section 5).
const MTU_MIN_V6: usize = 1280;
/// How long a handshake may take, on either side.
const HANDSHAKE_TIME_MAX: Duration = Duration::from_secs(10);
/// How long a held SYN may wait for the server: two tries of a resolver-less connect.
const HELD_TIME_MAX: Duration = Duration::from_secs(30);
/// How long late segments of a finished connection are answered.
const TIME_WAIT: Duration = Duration::from_secs(10);
/// Least time between two answers to segments that nothing was learned from (RFC 5961 section 7).
const CHALLENGE_PAUSE: Duration = Duration::from_millis(250);

/// What is the same for all endpoints of a worker.
#[derive(Clone, Copy, Debug)]
pub struct Settings {
    /// Secret of initial sequence numbers.
    pub key: IsnKey,
    /// Largest IP packet of both ports, in bytes.
    pub mtu: usize,
}

/// Timestamps of a connection that uses them (RFC 7323).
#[derive(Clone, Copy, Debug)]
struct Timestamps {
    /// What is added to the clock.
    offset: u32,
    /// The peer's latest, to be echoed, and when it came.
    recent: u32,
    recent_at: Timestamp,
}

/// The opening segments.
#[derive(Clone, Copy, Debug)]
struct Handshake {
    /// When SYN or SYN-ACK went out last; never, if it is to go out now.
    sent_at: Option<Timestamp>,
    tries: u32,
}

/// One side of one flow that ends in the appliance.
#[derive(Debug)]
pub struct Endpoint {
    path: Path,
    state: State,
    outcome: Option<Outcome>,
    /// Our initial sequence number.
    first: Seq,
    sender: Sender,
    receiver: Receiver,
    /// What the client's SYN offered; what both ends agreed on, once the connection is open.
    offer: Offer,
    timestamps: Option<Timestamps>,
    /// The largest payload the peer takes.
    peer_mss: u16,
    /// Shift of the peer's window field.
    peer_shift: u8,
    /// The largest window the peer ever had: how far back its acknowledgements may lie.
    peer_window_max: u64,
    /// Numbers of the segment that last moved the peer's window (RFC 9293 section 3.10.7.4).
    window_from: (i64, u64),
    peer_marks: Marks,
    handshake: Handshake,
    deadline: Option<Timestamp>,
    /// A reset that is to go out: its number, and its flags.
    reset: Option<(Seq, Flags)>,
    challenged_at: Option<Timestamp>,
    /// The server's answer is not acknowledged yet: that is [`Endpoint::confirm`]'s.
    is_deferred: bool,
}

impl Endpoint {
    /// The server's part toward the client whose SYN is `syn`, its checksum verified. Nothing is answered
    /// before [`Endpoint::allow`] or [`Endpoint::abort`].
    #[must_use]
    pub fn accept(syn: &Arrival<'_>, settings: &Settings, now: Timestamp) -> Self {
        let path =
            Path { link: Link::answering(syn.link()), own: syn.destination(), peer: syn.source(), marks: syn.marks() };
        let mut endpoint = Self::new(path, State::Held, syn, settings, now);
        endpoint.deadline = Some(now.after(HELD_TIME_MAX));
        endpoint.agree(&Offer::of(syn));
        endpoint.learn_peer(syn, now);
        endpoint
    }

    /// The client's part toward the server to which the client sent `syn`: its SYN goes out next, with
    /// what the client's offered.
    #[must_use]
    pub fn connect(syn: &Arrival<'_>, settings: &Settings, now: Timestamp) -> Self {
        let path =
            Path { link: Link::passing(syn.link()), own: syn.source(), peer: syn.destination(), marks: syn.marks() };
        let mut endpoint = Self::new(path, State::SynSent, syn, settings, now);
        endpoint.deadline = Some(now.after(HANDSHAKE_TIME_MAX));
        endpoint
    }

    /// The same, but the server's answer is not acknowledged before [`Endpoint::confirm`]: until then the server keeps
    /// no more for the connection than for any SYN.
    #[must_use]
    pub const fn deferred(mut self) -> Self {
        self.is_deferred = true;
        self
    }

    /// The client has answered, too: so does this end.
    pub const fn confirm(&mut self) {
        if core::mem::replace(&mut self.is_deferred, false) {
            self.receiver.acknowledge();
        }
    }

    fn new(path: Path, state: State, syn: &Arrival<'_>, settings: &Settings, now: Timestamp) -> Self {
        let (first, offset) = settings.key.numbers(path.own, path.peer, now);
        let offer = Offer::of(syn);
        let own_mss = settings.mtu.saturating_sub(path.header_bytes());
        let timestamps = Timestamps { offset, recent: 0, recent_at: now };
        Self {
            state,
            outcome: None,
            first,
            sender: Sender::new(own_mss, offer.sack),
            receiver: Receiver::new(Seq::default(), 0, offer.mss),
            timestamps: offer.timestamps.then_some(timestamps),
            peer_mss: offer.mss,
            peer_shift: 0,
            peer_window_max: 0,
            window_from: (i64::MIN, 0),
            peer_marks: path.marks,
            handshake: Handshake { sent_at: None, tries: 0 },
            deadline: None,
            reset: None,
            challenged_at: None,
            is_deferred: false,
            offer: Offer {
                mss: u16::try_from(own_mss).unwrap_or(u16::MAX),
                window_scale: offer.window_scale.map(|_| WINDOW_SHIFT),
                ..offer
            },
            path,
        }
    }

    /// Both ends use what both SYNs offered.
    fn agree(&mut self, peer: &Offer) {
        self.peer_shift = peer.window_scale.unwrap_or(0);
        self.offer.window_scale = self.offer.window_scale.filter(|_| peer.window_scale.is_some());
        self.offer.sack &= peer.sack;
        self.offer.timestamps &= peer.timestamps;
        if !self.offer.timestamps {
            self.timestamps = None;
        }
        self.peer_mss = peer.mss;
    }

    /// Payload of a full segment.
    fn segment_bytes(&self) -> usize {
        let options = if self.offer.timestamps { TIMESTAMPS_BYTES } else { 0 };
        usize::from(self.peer_mss.min(self.offer.mss)) - options
    }

    /// The peer's SYN: where its stream begins.
    fn learn_peer(&mut self, syn: &Arrival<'_>, now: Timestamp) {
        let shift = self.offer.window_scale.unwrap_or(0);
        self.receiver = Receiver::new(syn.segment.seq + 1, shift, self.offer.mss);
        if let (Some(timestamps), Some((value, _))) = (&mut self.timestamps, syn.segment.options.timestamps) {
            (timestamps.recent, timestamps.recent_at) = (value, now);
        }
        // The window of a SYN is never scaled (RFC 7323 section 2.2).
        let window = u64::from(syn.segment.window);
        self.sender.set_edge(window);
        self.peer_window_max = window;
        self.window_from = (-1, 0);
    }

    /// A router says that the segment at `seq` was too big: no IP packet may be longer than `mtu` bytes. Only what is on
    /// its way can have been (RFC 5927 section 4.1).
    pub fn handle_too_big(&mut self, seq: Seq, mtu: usize) {
        let flying = self.sender.unacked()..self.sender.next();
        let ahead = u64::from(seq.0.wrapping_sub(self.seq(flying.start).0));
        if !self.state.is_synchronised() || ahead >= flying.end - flying.start {
            return;
        }
        let options = if self.offer.timestamps { TIMESTAMPS_BYTES } else { 0 };
        let least = if self.path.own.is_ipv4() { MTU_MIN_V4 } else { MTU_MIN_V6 };
        self.sender.shorten(mtu.max(least).saturating_sub(self.path.header_bytes() + options));
    }

    /// The server answered: the client's SYN is answered next.
    pub fn allow(&mut self, now: Timestamp) {
        if self.state == State::Held {
            self.state = State::SynReceived;
            self.deadline = Some(now.after(HANDSHAKE_TIME_MAX));
        }
    }

    /// Bytes that came in order and were not consumed, as far as they lie together.
    #[must_use]
    pub fn readable(&self) -> &[u8] {
        self.receiver.readable()
    }

    /// All bytes that came in order and were not consumed.
    #[must_use]
    pub const fn readable_bytes(&self) -> usize {
        self.receiver.readable_bytes()
    }

    /// Drops the first `count` readable bytes; the peer may send as many more.
    pub fn consume(&mut self, memory: &mut Memory, count: usize) {
        self.receiver.consume(memory, count);
    }

    /// True once the peer's FIN came in order: what is readable is all that follows.
    #[must_use]
    pub const fn is_finished(&self) -> bool {
        self.receiver.is_finished()
    }

    /// Takes as many of `bytes` as there is room for, and says how many.
    pub fn send(&mut self, memory: &mut Memory, bytes: &[u8]) -> usize {
        if matches!(self.state, State::Closed | State::TimeWait) {
            return 0;
        }
        self.sender.push(memory, bytes)
    }

    /// Bytes that [`Endpoint::send`] takes, if the worker's memory has them.
    #[must_use]
    pub const fn send_capacity(&self) -> usize {
        self.sender.capacity()
    }

    /// No more bytes follow those that were handed over: a FIN goes out behind them.
    pub const fn shutdown(&mut self) {
        self.sender.shut();
    }

    /// Resets the connection: one RST goes out, everything else is dropped. On a SYN that is held the
    /// client sees a refused connection.
    pub fn abort(&mut self, memory: &mut Memory) {
        if self.state == State::Closed {
            return;
        }
        self.close_with_reset(memory, Outcome::Aborted);
    }

    /// Ends the connection and tells the peer, if it may know of it.
    fn close_with_reset(&mut self, memory: &mut Memory, outcome: Outcome) {
        let is_known = !matches!(self.state, State::SynSent | State::Closed);
        // Nothing was answered yet: the client takes any number.
        let seq = if self.state == State::Held { Seq::default() } else { self.seq(self.sender.next()) };
        self.close(memory, outcome);
        self.reset = is_known.then(|| (seq, Flags::RST.with(Flags::ACK)));
    }

    fn close(&mut self, memory: &mut Memory, outcome: Outcome) {
        self.state = State::Closed;
        self.outcome.get_or_insert(outcome);
        (self.deadline, self.reset) = (None, None);
        self.sender.clear(memory);
        // What came in order before the end may still be read; a reset takes it back.
        if outcome != Outcome::Finished {
            self.receiver.clear(memory);
        }
    }

    /// Gives all memory back: call it before the endpoint is dropped.
    pub fn release(&mut self, memory: &mut Memory) {
        self.sender.clear(memory);
        self.receiver.clear(memory);
        self.state = State::Closed;
    }

    /// Where the connection is in its life.
    #[must_use]
    pub const fn state(&self) -> State {
        self.state
    }

    /// True once the connection is over and nothing of it is to be sent.
    #[must_use]
    pub fn is_closed(&self) -> bool {
        self.state == State::Closed && self.reset.is_none()
    }

    /// How the connection ended, once it did.
    #[must_use]
    pub const fn outcome(&self) -> Option<Outcome> {
        self.outcome
    }

    /// Bytes of memory that the endpoint holds.
    #[must_use]
    pub fn held_bytes(&self) -> usize {
        self.sender.queue().held_bytes() + self.receiver.held_bytes()
    }

    /// Bytes that were handed over and are not acknowledged.
    #[must_use]
    pub const fn unacknowledged_bytes(&self) -> usize {
        self.sender.queue().len()
    }

    /// Bytes that may be on the way to the peer.
    #[must_use]
    pub const fn in_flight(&self) -> u64 {
        self.sender.in_flight()
    }

    /// Marks of the peer's latest packet: those that the other endpoint of the flow sends with.
    #[must_use]
    pub const fn peer_marks(&self) -> Marks {
        self.peer_marks
    }

    /// Sends from now on as the end at `other`'s side does: with its marks, its addresses and tags.
    pub fn stand_in_for(&mut self, other: &Self) {
        // Marks are written last: what is compared lies beside them, and would be read only after the payload has
        // left the core.
        self.path.link.pass(other.path.link.heard());
        self.set_marks(other.peer_marks);
    }

    /// Sends with these marks from now on.
    pub const fn set_marks(&mut self, marks: Marks) {
        self.path.marks = marks;
    }

    /// True if `syn` opens a new connection between the same ends after this one (RFC 9293 section
    /// 3.10.7.4, RFC 6191): the owner drops this endpoint and accepts.
    #[must_use]
    pub fn is_reopened_by(&self, syn: &Arrival<'_>) -> bool {
        let is_syn = syn.segment.flags.any(Flags::SYN) && !syn.segment.flags.any(Flags::ACK.with(Flags::RST));
        is_syn
            && syn.checksum_is_valid()
            && (self.state == State::Closed || self.state == State::TimeWait && self.is_after(syn))
    }

    /// True if `syn` comes after everything of this connection, by its number or its timestamp.
    fn is_after(&self, syn: &Arrival<'_>) -> bool {
        if self.receiver.next_seq().is_before(syn.segment.seq) {
            return true;
        }
        match (&self.timestamps, syn.segment.options.timestamps) {
            (Some(own), Some((value, _))) => Seq(own.recent).is_before(Seq(value)),
            _ => false,
        }
    }

    fn timestamps_to_send(&self, now: Timestamp) -> Option<(u32, u32)> {
        self.timestamps.map(|own| (timestamp(now, own.offset), own.recent))
    }

    /// Our sequence number at a stream offset.
    const fn seq(&self, offset: u64) -> Seq {
        #[expect(clippy::cast_possible_truncation, reason = "sequence numbers wrap")]
        Seq(self.first.0.wrapping_add(1).wrapping_add(offset as u32))
    }
}
