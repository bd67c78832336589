//! Inspect mode: the output stream is the input stream.
//!
//! In go the bytes of both directions as they come in order; out come stream offsets: release up to
//! here, overwrite this range with something as long, block. Nothing is ever moved, inserted or
//! removed.
//!
//! A byte is held while it could still become part of a finding, while its head is not complete, or
//! while an earlier byte is held. The end of a message decides whatever hangs in it.

mod blank;
mod field;
mod lane;
mod map;
mod refuse;
mod request;
mod response;
mod stops;
mod terminated;

pub(crate) use map::WireMap;

use crate::exchange::{Engine, Exchange};
use crate::facts::ClientNames;
use crate::{Cover, Decision, Mask, Peers, Pipeline, Rules};
use arrayvec::ArrayVec;
use audit::Record;
use core::ops::Range;
use decode::http1::{self, Classified, ErrorKind, Method};
use field::Scratch;
use lane::Lane;
use net::{Direction, Timestamp};
use policy::{App, FlowFacts, Mode, Reason};
use std::collections::VecDeque;
use terminated::Terminated;

pub use refuse::Reply;

/// What the host of a tap has to do, in order.
#[derive(Debug)]
pub enum Output {
    /// Everything before this offset may pass.
    Release {
        /// Which way the bytes go.
        direction: Direction,
        /// Stream offset.
        up_to: u64,
    },
    /// Overwrite bytes that were not released yet.
    Edit {
        /// Which way the bytes go.
        direction: Direction,
        /// Stream offsets.
        range: Range<u64>,
        /// What to write.
        mask: Mask,
    },
    /// Nothing more passes on this connection.
    Block {
        /// Why.
        reason: Reason,
        /// What to tell the client, if it can still be told.
        reply: Option<Box<Reply>>,
    },
    /// The connection is none that is inspected: pass it on as it is.
    Forward,
}

/// An exchange that is not over.
#[derive(Debug)]
struct Open<P> {
    exchange: Box<Exchange<P>>,
    method: Method,
    /// The request is complete.
    is_sent: bool,
    /// Where its answer ends, once that is complete.
    answer_end: Option<u64>,
    /// Where request and answer begin.
    starts: [u64; 2],
    /// The direction waits for a slow check: nothing from its message's start on may pass.
    is_parked: [bool; 2],
}

impl<P: Pipeline> Open<P> {
    /// Both messages are complete, and nothing was wrong with them.
    fn is_finished(&self) -> bool {
        self.is_sent && self.is_answered() && self.exchange.blocked().is_none()
    }

    /// The answer is complete.
    const fn is_answered(&self) -> bool {
        self.answer_end.is_some()
    }

    const fn park(&mut self, direction: Direction, is_parked: bool) {
        let [request, answer] = &mut self.is_parked;
        match direction {
            Direction::Upstream => *request = is_parked,
            Direction::Downstream => *answer = is_parked,
        }
    }

    /// Where the message begins that waits for a slow check.
    fn parked_at(&self, direction: Direction) -> Option<u64> {
        let place = direction.index();
        let is_parked = self.is_parked.get(place).copied().unwrap_or(false);
        self.starts.get(place).copied().filter(|_| is_parked)
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum State {
    /// The first bytes have not come yet, or too few of them.
    Classifying,
    /// HTTP/1 is read.
    Reading,
    /// Not inspected after all.
    Forwarding,
    /// Blocked.
    Blocked,
}

/// The inspector of one connection.
#[derive(Debug)]
pub struct Tap<P = Rules> {
    peers: Peers,
    /// What records call the client, once there is one to be called.
    names: Option<ClientNames>,
    /// Set while the policy wants to see the first bytes before it names the mode.
    undetermined: Option<FlowFacts>,
    state: State,
    first: ArrayVec<u8, { http1::CLASSIFY_BYTES_MAX }>,
    requests: http1::RequestDecoder,
    responses: http1::ResponseDecoder,
    upstream: Lane,
    downstream: Lane,
    open: VecDeque<Open<P>>,
    outputs: VecDeque<Output>,
    /// Records of exchanges that were closed before theirs were polled, and of flows without one.
    records: VecDeque<Record>,
    /// The one of them that was polled last.
    closed: Option<Box<Record>>,
    scratch: Scratch,
    /// Request heads read since they were last counted.
    request_count: u64,
    /// Set if the tap reads for a relay.
    terminated: Option<Box<Terminated>>,
}

impl<P: Pipeline + Default> Tap<P> {
    /// A tap for a new connection. `undetermined` is given if only the first bytes tell whether the
    /// connection is to be inspected.
    #[must_use]
    pub fn new(peers: Peers, undetermined: Option<FlowFacts>) -> Self {
        Self {
            peers,
            names: None,
            undetermined,
            state: State::Classifying,
            first: ArrayVec::new(),
            requests: http1::RequestDecoder::new(),
            responses: http1::ResponseDecoder::new(),
            upstream: Lane::new(),
            downstream: Lane::new(),
            open: VecDeque::new(),
            outputs: VecDeque::new(),
            records: VecDeque::new(),
            closed: None,
            scratch: Scratch::default(),
            request_count: 0,
            terminated: None,
        }
    }

    /// Makes the tap one for another connection, keeping its memory. Exchanges must have been
    /// closed before.
    pub fn reset(&mut self, peers: Peers, undetermined: Option<FlowFacts>) {
        self.peers = peers;
        self.names = None;
        self.undetermined = undetermined;
        self.state = State::Classifying;
        self.first.clear();
        self.requests.reset();
        self.responses.reset();
        self.upstream.reset();
        self.downstream.reset();
        self.open.clear();
        self.outputs.clear();
        self.records.clear();
    }

    /// False while the first bytes are still to tell whether the connection is inspected.
    #[must_use]
    pub const fn is_determined(&self) -> bool {
        self.undetermined.is_none() || !matches!(self.state, State::Classifying)
    }

    /// Both ends of the connection.
    #[must_use]
    pub const fn peers(&self) -> &Peers {
        &self.peers
    }

    /// Takes the next bytes of one direction; returns how many were read. Those are all, but for a
    /// relay's tap, which stops behind each request.
    pub fn handle_data(&mut self, engine: &mut Engine<P>, now: Timestamp, direction: Direction, bytes: &[u8]) -> usize {
        if bytes.is_empty() || self.state == State::Blocked {
            return bytes.len();
        }
        match (self.state, direction) {
            (State::Forwarding, _) => self.lane_mut(direction).pass(bytes.len()),
            (State::Classifying, Direction::Upstream) => return self.classify(engine, now, bytes),
            (State::Classifying, Direction::Downstream) => self.server_spoke_first(engine, now, bytes),
            (_, Direction::Upstream) => return self.handle_request(engine, now, bytes),
            (_, Direction::Downstream) => self.handle_response(engine, now, bytes),
        }
        bytes.len()
    }

    /// Decides about everything that was handed in; to be called before records and outputs are
    /// polled. Data of a whole burst is handed in first: what one segment leaves open, the next one
    /// often settles.
    pub fn flush(&mut self, engine: &mut Engine<P>, now: Timestamp) {
        if matches!(self.state, State::Blocked | State::Forwarding) {
            return;
        }
        if let Some(open) = self.open.back_mut()
            && !open.is_sent
        {
            open.exchange.scan(engine, Direction::Upstream);
        }
        if let Some(open) = self.open.iter_mut().find(|open| !open.is_answered()) {
            open.exchange.scan(engine, Direction::Downstream);
        }
        self.drain(engine, now);
    }

    /// One direction of the connection has ended, in order.
    pub fn handle_eof(&mut self, engine: &mut Engine<P>, now: Timestamp, direction: Direction) {
        match (self.state, direction) {
            (State::Blocked | State::Forwarding, _) => {}
            (State::Classifying, Direction::Upstream) if !self.first.is_empty() => {
                self.block(engine, now, direction, Reason::ProtocolUnknown);
            }
            (State::Classifying, _) => {}
            (State::Reading, Direction::Upstream) => self.handle_request_eof(engine, now),
            (State::Reading, Direction::Downstream) => self.handle_response_eof(engine, now),
        }
    }

    /// True while the newest request was not read to its end.
    #[must_use]
    pub fn is_mid_request(&self) -> bool {
        self.open.back().is_some_and(|open| !open.is_sent)
    }

    /// The connection is gone.
    pub fn handle_close(&mut self, engine: &mut Engine<P>, now: Timestamp, reason: Option<Reason>) {
        while let Some(mut open) = self.open.pop_front() {
            self.count_rest(&mut open);
            open.exchange.close(now, reason);
            self.take_records(&mut open.exchange);
            engine.recycle(open.exchange);
        }
    }

    /// The answer to a question that parked an exchange.
    pub fn resume<E>(
        &mut self,
        engine: &mut Engine<P>,
        now: Timestamp,
        exchange: u64,
        ticket: crate::Ticket,
        answer: Result<policy::Verdict, E>,
    ) {
        let Some(open) = self.open.iter_mut().find(|open| open.exchange.number() == exchange) else { return };
        open.exchange.resume(ticket, answer);
        self.drain(engine, now);
    }

    /// When the tap wants to be called at the latest.
    #[must_use]
    pub fn poll_timeout(&self, engine: &Engine<P>) -> Option<Timestamp> {
        if matches!(self.state, State::Blocked | State::Forwarding) {
            return None;
        }
        let held = [&self.upstream, &self.downstream].into_iter().filter_map(|lane| lane.held_since());
        let held = held.map(|since| since.after(engine.limits.hold_time_max));
        let parked = self.open.iter().filter_map(|open| open.exchange.poll_timeout());
        held.chain(parked).min()
    }

    /// Time has passed: what of a request waited too long is a block; what of an answer hangs on a
    /// match that does not come is decided as it is.
    pub fn handle_timeout(&mut self, engine: &mut Engine<P>, now: Timestamp) {
        if matches!(self.state, State::Blocked | State::Forwarding) {
            return;
        }
        for open in &mut self.open {
            open.exchange.handle_timeout(now);
        }
        let overdue =
            |lane: &Lane| lane.held_since().is_some_and(|since| since.after(engine.limits.hold_time_max) <= now);
        let (request_is_late, answer_is_late) = (overdue(&self.upstream), overdue(&self.downstream));
        if request_is_late {
            self.block(engine, now, Direction::Upstream, Reason::HoldTime);
        } else if answer_is_late {
            self.settle_answer(engine, now);
        }
        self.drain(engine, now);
    }

    /// The host found a reason to block.
    pub fn handle_block(&mut self, engine: &mut Engine<P>, now: Timestamp, direction: Direction, reason: Reason) {
        self.block_connection(engine, now, direction, reason);
    }

    /// The next record. An `admit` has to be kept before anything that [`Tap::poll_output`] then
    /// says is done. What is added to its overhead is known to the records that follow it.
    pub fn poll_record(&mut self, engine: &mut Engine<P>) -> Option<&mut Record> {
        if let Some(record) = self.records.pop_front() {
            return Some(self.closed.insert(Box::new(record)));
        }
        if let Some(due) = self.open.iter().position(|open| open.exchange.has_record()) {
            return self.open.get_mut(due)?.exchange.poll_record();
        }
        while self.open.front().is_some_and(Open::is_finished) {
            let Some(open) = self.open.pop_front() else { break };
            engine.recycle(open.exchange);
        }
        None
    }

    /// How many requests have begun since this was last asked.
    pub const fn take_request_count(&mut self) -> u64 {
        core::mem::replace(&mut self.request_count, 0)
    }

    /// The next thing to do.
    pub fn poll_output(&mut self) -> Option<Output> {
        if let Some(output) = self.outputs.pop_front() {
            return Some(output);
        }
        if self.state == State::Blocked {
            return None;
        }
        if let Some(up_to) = self.upstream.poll_release() {
            return Some(Output::Release { direction: Direction::Upstream, up_to });
        }
        let up_to = match &mut self.terminated {
            Some(terminated) => self.downstream.poll_stop(&mut terminated.stops),
            None => self.downstream.poll_release(),
        }?;
        Some(Output::Release { direction: Direction::Downstream, up_to })
    }

    fn settle_answer(&mut self, engine: &mut Engine<P>, now: Timestamp) {
        let answering = self.open.iter_mut().find(|open| !open.is_answered());
        match answering {
            Some(open) if !self.downstream.is_within_token() => open.exchange.settle_now(engine, Direction::Downstream),
            _ => self.block(engine, now, Direction::Downstream, Reason::HoldTime),
        }
    }

    fn classify(&mut self, engine: &mut Engine<P>, now: Timestamp, bytes: &[u8]) -> usize {
        let room = self.first.remaining_capacity();
        let before = self.first.len();
        let taken = bytes.get(..bytes.len().min(room)).unwrap_or(bytes);
        // It fits: `taken` is no longer than the room.
        let _ = self.first.try_extend_from_slice(taken);
        let app = match http1::classify(&self.first) {
            Classified::NeedMore => {
                self.upstream.receive(bytes.len());
                self.upstream.hold_all(now);
                return bytes.len();
            }
            Classified::Http1 => App::Http1,
            Classified::Http2Preface => App::Http2,
            Classified::Tls => App::Tls,
            Classified::Unknown => App::Unknown,
        };
        let mode = match self.undetermined {
            Some(facts) => engine.policy().mode_of_app(&facts, app),
            None => Mode::Inspect,
        };
        match (mode, app) {
            (Mode::Forward, _) => {
                self.state = State::Forwarding;
                self.upstream.receive(bytes.len());
                self.upstream.release_all();
                self.outputs.push_back(Output::Forward);
            }
            (Mode::Inspect, App::Http1) => {
                self.state = State::Reading;
                let first = self.first.clone();
                let (old, _) = first.split_at_checked(before).unwrap_or_default();
                self.upstream.rewind(old.len());
                self.handle_request(engine, now, old);
                return self.handle_request(engine, now, bytes);
            }
            (Mode::Inspect, _) => self.block(engine, now, Direction::Upstream, Reason::ProtocolUnknown),
            (Mode::Terminate, _) => self.block(engine, now, Direction::Upstream, Reason::TerminateUnavailable),
            (Mode::Block, _) => self.block(engine, now, Direction::Upstream, Reason::PolicyBlocked),
        }
        bytes.len()
    }

    fn server_spoke_first(&mut self, engine: &mut Engine<P>, now: Timestamp, bytes: &[u8]) {
        self.downstream.receive(bytes.len());
        self.block(engine, now, Direction::Downstream, Reason::ServerSpokeFirst);
    }

    /// Carries out what exchanges decided.
    fn drain(&mut self, engine: &mut Engine<P>, now: Timestamp) {
        let mut blocked = None;
        for position in 0..self.open.len() {
            while let Some(open) = self.open.get_mut(position)
                && let Some((direction, decision)) = open.exchange.poll_decision()
            {
                match decision {
                    Decision::Settled { leaf, up_to } => self.lane_mut(direction).settle(leaf, up_to),
                    Decision::Replace { leaf, range, cover } => self.replace(direction, leaf, range, cover),
                    Decision::Block(reason) => blocked = Some((direction, reason)),
                    Decision::Park { .. } => open.park(direction, true),
                    Decision::Release(_) => open.park(direction, false),
                }
            }
        }
        if let Some((direction, reason)) = blocked {
            self.block(engine, now, direction, reason);
        }
        for direction in Direction::BOTH {
            let parked = self.open.iter().filter_map(|open| open.parked_at(direction)).min();
            let lane = self.lane_mut(direction);
            lane.set_parked(parked);
            lane.note_time(now);
        }
    }

    fn replace(&mut self, direction: Direction, leaf: crate::LeafId, range: Range<u64>, cover: Cover) {
        let lane = match direction {
            Direction::Upstream => &self.upstream,
            Direction::Downstream => &self.downstream,
        };
        let total: u64 = lane.map.ranges(leaf, range.clone()).map(|wire| wire.end - wire.start).sum();
        let mut offset = 0;
        for wire in lane.map.ranges(leaf, range) {
            let len = wire.end - wire.start;
            let mask = Mask::Finding { cover, offset, total };
            self.outputs.push_back(Output::Edit { direction, range: wire, mask });
            offset += len;
        }
    }

    /// Takes finished exchanges off the front, as far as their answers have passed; their records are kept.
    fn retire(&mut self, engine: &mut Engine<P>) {
        let released = self.downstream.released();
        let has_passed = |open: &Open<P>| open.is_finished() && open.answer_end <= Some(released);
        while self.open.front().is_some_and(has_passed) {
            if let Some(mut open) = self.open.pop_front() {
                self.take_records(&mut open.exchange);
                engine.recycle(open.exchange);
            }
        }
    }

    /// Counts the bytes of messages that were not complete. Exchanges are closed from the oldest on:
    /// the first that is not answered is the one whose answer has come in part.
    fn count_rest(&mut self, open: &mut Open<P>) {
        if !open.is_sent {
            let rest = self.upstream.received() - self.upstream.message_start;
            open.exchange.note_bytes(Direction::Upstream, rest);
        }
        if !open.is_answered() {
            let rest = self.downstream.received() - self.downstream.message_start;
            open.exchange.note_bytes(Direction::Downstream, rest);
            self.downstream.message_start = self.downstream.received();
        }
    }

    fn take_records(&mut self, exchange: &mut Exchange<P>) {
        while let Some(record) = exchange.poll_record() {
            self.records.push_back(record.clone());
        }
    }

    const fn lane_mut(&mut self, direction: Direction) -> &mut Lane {
        match direction {
            Direction::Upstream => &mut self.upstream,
            Direction::Downstream => &mut self.downstream,
        }
    }
}

/// The reason under which a decoder's refusal is recorded.
const fn reason_of(error: http1::Error) -> Reason {
    match error.kind() {
        ErrorKind::Syntax => Reason::HttpSyntax,
        ErrorKind::Framing => Reason::HttpFraming,
        ErrorKind::HeadTooLong => Reason::HttpHeadTooLong,
        ErrorKind::Tunnel => Reason::HttpTunnel,
        ErrorKind::ProtocolSwitch | ErrorKind::Unrequested => Reason::ProtocolSwitch,
        ErrorKind::Truncated => Reason::Truncated,
        ErrorKind::Caller => Reason::PipelineFailed,
    }
}

#[cfg(test)]
mod tests;
