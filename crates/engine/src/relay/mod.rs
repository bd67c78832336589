//! Terminate mode: both connections end here, and a request goes on once it is decided as a whole.
//!
//! In go the bytes of both directions as they come in order, TLS already opened; out come bytes for
//! either end, records, and when to close. What is read and decided is the [`Tap`]'s; the relay adds
//! that it owns the bytes:
//!
//! * A request is held to its last byte. A violating one sends no byte to the server.
//! * An edit of a request may have any length; Content-Length and chunks are said anew. A request
//!   without one goes on as it came.
//! * Answers stream through, and only what could still become a finding waits. Edits of an answer
//!   have the length of what they cover: its head, with the length in it, has gone.
//! * One request at a time: what a client pipelines waits, unread, until the answer before it is
//!   complete. So answers keep their order, and a refusal comes behind all of them.
//!
//! # How a host drives it
//! [`Relay::handle_data`] and [`Relay::handle_eof`] take what came; then [`Relay::flush`] decides,
//! [`Relay::poll_record`] gives the records, and [`Relay::release`] is called once all of them are
//! kept: before that nothing of an exchange leaves. Then [`Relay::sendable`] and [`Relay::poll_close`] say
//! what to send, [`Relay::consume`] that it was sent, and bytes that were not taken are offered again.
//!
//! # Limits
//! `message_bytes_max` of a request, then 413. [`HoldBudget`] of all relays of a worker; at it less is
//! taken, and what makes no progress for `hold_time_max` is refused. [`ANSWER_BYTES_MAX`] of answers
//! toward a slow client. [`EDIT_COUNT_MAX`] edits of a request. [`REFUSAL_TIME_MAX`] and
//! [`DISCARD_BYTES_MAX`] for a client that goes on sending after it was refused.
//!
//! What it does not do: TLS, sockets, more than HTTP/1.

mod answer;
mod budget;
mod close;
mod render;
mod request;

pub use budget::HoldBudget;
pub use close::CloseKind;

use crate::exchange::Engine;
use crate::{Mask, Output, Peers, Pipeline, Rules, Tap, Ticket};
#[cfg(doc)]
use answer::ANSWER_BYTES_MAX;
use answer::Answer;
use audit::Record;
#[cfg(doc)]
use close::{DISCARD_BYTES_MAX, REFUSAL_TIME_MAX};
use close::{Ends, Refused};
use net::{Direction, Timestamp};
use policy::{Reason, Verdict};
use render::{Edit, With};
#[cfg(doc)]
use request::EDIT_COUNT_MAX;
use request::{Request, Stage};

/// What a client is told that waits before it sends a body.
const CONTINUE: &[u8] = b"HTTP/1.1 100 Continue\r\n\r\n";

/// Both directions of one connection that ends in the appliance.
#[derive(Debug)]
pub struct Relay<P = Rules> {
    tap: Tap<P>,
    request: Request,
    answer: Answer,
    ends: Ends,
    refused: Option<Refused>,
    /// Stream offset behind the last byte that was taken from the client.
    taken: u64,
    /// Bytes sent to the server.
    sent_upstream: u64,
    /// What came since was decided.
    is_flushed: bool,
    /// When a request that is not complete came on last.
    progress_at: Option<Timestamp>,
    /// Bytes of it were not taken, because there is no memory for them.
    is_starved: bool,
    /// What the budget counts of this relay.
    charged: usize,
}

impl<P: Pipeline + Default> Relay<P> {
    /// A relay for a new connection. `server_name` is the name that the client opened it to, if it
    /// named one (SNI): requests for others are refused.
    #[must_use]
    pub fn new(peers: Peers, server_name: Option<&str>) -> Self {
        Self {
            tap: Tap::for_relay(peers, server_name),
            request: Request::new(),
            answer: Answer::default(),
            ends: Ends::default(),
            refused: None,
            taken: 0,
            sent_upstream: 0,
            is_flushed: false,
            progress_at: None,
            is_starved: false,
            charged: 0,
        }
    }

    /// Takes the next bytes of one direction; returns how many. The others are to be offered again
    /// when something was sent, a record was kept, or time has passed.
    pub fn handle_data(
        &mut self,
        engine: &mut Engine<P>,
        budget: &mut HoldBudget,
        now: Timestamp,
        direction: Direction,
        bytes: &[u8],
    ) -> usize {
        if let Some(refused) = &mut self.refused {
            return refused.discard(direction, bytes.len(), now);
        }
        if bytes.is_empty() || self.tap.is_blocked() || self.ends.is_over() {
            return bytes.len();
        }
        self.is_flushed = false;
        let taken = match direction {
            Direction::Upstream => self.handle_request(engine, budget, now, bytes),
            Direction::Downstream => {
                let offered = self.read_answer(engine, budget, now, bytes);
                self.answer.push(offered, budget);
                offered.len()
            }
        };
        self.recharge(budget);
        taken
    }

    /// The same for an answer; what of it may go on at once is given to `send`, which says how many bytes it took, and is
    /// not held here. Not to be called while a record waits for the audit log.
    pub fn pass_answer(
        &mut self,
        engine: &mut Engine<P>,
        budget: &mut HoldBudget,
        now: Timestamp,
        bytes: &[u8],
        send: impl FnOnce(&[u8]) -> usize,
    ) -> usize {
        if bytes.is_empty() || !self.answer.is_sent() || self.refused.is_some() || self.ends.is_over() {
            return self.handle_data(engine, budget, now, Direction::Downstream, bytes);
        }
        let offered = self.read_answer(engine, budget, now, bytes);
        self.flush(engine, now);
        let decided = if self.tap.has_record() { None } else { self.tap.poll_pass() };
        let (front, rest) = offered.split_at(decided.map_or(0, |up_to| self.answer.pass(up_to)).min(offered.len()));
        let sent = if front.is_empty() { 0 } else { send(front) };
        let unsent = front.get(sent..).unwrap_or_default();
        self.answer.say(unsent);
        self.answer.push(rest, budget);
        self.recharge(budget);
        offered.len()
    }

    /// Decides about everything that was handed in.
    pub fn flush(&mut self, engine: &mut Engine<P>, now: Timestamp) {
        self.tap.flush(engine, now);
        self.is_flushed = true;
    }

    /// The next record; all of them are to be kept before [`Relay::release`] is called.
    pub fn poll_record(&mut self, engine: &mut Engine<P>) -> Option<&mut Record> {
        self.tap.poll_record(engine)
    }

    /// How many requests have begun since this was last asked.
    pub const fn take_request_count(&mut self) -> u64 {
        self.tap.take_request_count()
    }

    /// Lets out what is decided. The host calls it once every record that it polled is kept, and not
    /// while one waits for the audit log; while there are records to poll it does nothing.
    pub fn release(&mut self, engine: &mut Engine<P>, budget: &mut HoldBudget, now: Timestamp) {
        if !self.is_flushed || self.tap.has_record() || self.refused.is_some() {
            return;
        }
        self.answer.cut(self.tap.take_cuts());
        self.carry_out(engine, now);
        self.answer.settle();
        if !self.tap.is_blocked() && !self.advance() {
            self.tap.handle_block(engine, now, Direction::Upstream, Reason::PipelineFailed);
            self.carry_out(engine, now);
        }
        if self.ends.is_over() && self.tap.is_answer_in_token() {
            // Half a head, which never becomes a whole one.
            self.answer.discard_undecided();
        }
        self.recharge(budget);
    }

    /// What is to be sent next in a direction, as far as it lies together.
    pub fn sendable(&self, direction: Direction) -> &[u8] {
        match direction {
            Direction::Upstream => self.request.sendable(),
            Direction::Downstream => self.answer.sendable(),
        }
    }

    /// So many bytes of it were sent.
    pub fn consume(&mut self, budget: &mut HoldBudget, direction: Direction, count: usize) {
        match direction {
            Direction::Upstream => {
                self.sent_upstream += count as u64;
                self.request.consume(count);
            }
            Direction::Downstream => self.answer.consume(count, budget),
        }
        self.recharge(budget);
    }

    /// Gives an exchange that is over back, to serve the next one of the worker: a connection that is idle needs none.
    pub fn retire(&mut self, engine: &mut Engine<P>) {
        if self.request.stage == Stage::Sending && self.is_over() && !self.tap.has_record() {
            self.tap.retire_all(engine);
        }
    }

    /// True while a request waits for memory to be held in.
    #[must_use]
    pub const fn is_starved(&self) -> bool {
        self.is_starved && self.progress_at.is_some()
    }

    /// True once a byte was sent to the server: until then its connection can be closed as if it had
    /// never been used.
    #[must_use]
    pub const fn has_sent_upstream(&self) -> bool {
        self.sent_upstream > 0
    }

    /// The answer to a question that parked an exchange.
    pub fn resume<E>(
        &mut self,
        engine: &mut Engine<P>,
        now: Timestamp,
        exchange: u64,
        ticket: Ticket,
        answer: Result<Verdict, E>,
    ) {
        self.tap.resume(engine, now, exchange, ticket, answer);
    }

    /// When the relay wants to be called at the latest.
    #[must_use]
    pub fn poll_timeout(&self, engine: &Engine<P>) -> Option<Timestamp> {
        if let Some(refused) = &self.refused {
            return refused.timeout();
        }
        let stalled = self.progress_at.map(|at| at.after(engine.limits.hold_time_max));
        stalled.into_iter().chain(self.tap.poll_timeout(engine)).min()
    }

    /// Time has passed; what it decides is to be polled as ever.
    pub fn handle_timeout(&mut self, engine: &mut Engine<P>, now: Timestamp) {
        if self.refused.is_some() {
            self.handle_refusal_timeout(now);
            return;
        }
        let is_stalled = self.progress_at.is_some_and(|at| at.after(engine.limits.hold_time_max) <= now);
        if is_stalled {
            let reason = if self.is_starved { Reason::HoldMemory } else { Reason::HoldTime };
            self.tap.handle_block(engine, now, Direction::Upstream, reason);
        }
        self.tap.handle_timeout(engine, now);
    }

    /// The host found a reason to block.
    pub fn handle_block(&mut self, engine: &mut Engine<P>, now: Timestamp, direction: Direction, reason: Reason) {
        self.tap.handle_block(engine, now, direction, reason);
    }

    /// The connection is gone: what is held is forgotten, open exchanges get their last records.
    pub fn handle_close(
        &mut self,
        engine: &mut Engine<P>,
        budget: &mut HoldBudget,
        now: Timestamp,
        reason: Option<Reason>,
    ) {
        self.tap.handle_close(engine, now, reason);
        self.request.clear();
        self.answer.clear();
        self.recharge(budget);
    }

    fn handle_request(&mut self, engine: &mut Engine<P>, budget: &HoldBudget, now: Timestamp, bytes: &[u8]) -> usize {
        if !self.may_read_request(engine) {
            return 0;
        }
        let bytes_max = engine.limits.message_bytes_max;
        let room = self.request.reserve(bytes.len(), bytes_max, budget);
        self.is_starved = room == 0;
        if room == 0 {
            self.progress_at.get_or_insert(now);
            return 0;
        }
        let offered = bytes.get(..room).unwrap_or(bytes);
        let taken = self.tap.handle_data(engine, now, Direction::Upstream, offered);
        self.request.push(offered.get(..taken).unwrap_or(offered));
        self.taken += taken as u64;
        self.request.stage = Stage::Reading;
        self.judge(engine, now);
        self.progress_at = (self.request.stage == Stage::Reading).then_some(now);
        taken
    }

    /// True once the request was sent, and its answer let out.
    fn is_over(&self) -> bool {
        self.request.is_sent() && self.tap.is_answered() && self.tap.is_released(Direction::Downstream)
    }

    /// True if the next byte belongs to the request that is read now, or may begin the next one.
    fn may_read_request(&mut self, engine: &mut Engine<P>) -> bool {
        match self.request.stage {
            Stage::Reading | Stage::Idle => true,
            Stage::Sending if self.is_over() && self.tap.retire_all(engine) => {
                self.request.begin(self.taken);
                self.tap.set_continued(false);
                true
            }
            Stage::Whole | Stage::Sending => false,
        }
    }

    /// Looks at a request's head once it is there, and at its length.
    fn judge(&mut self, engine: &mut Engine<P>, now: Timestamp) {
        if self.tap.is_blocked() {
            return;
        }
        let mut is_long = self.request.len() > engine.limits.message_bytes_max;
        if !self.request.is_judged
            && let Some(head) = self.tap.newest_head()
        {
            let bytes_max = engine.limits.message_bytes_max as u64;
            is_long |= request::announced(&head).is_some_and(|length| length > bytes_max);
            self.request.expects_continue = request::expects_continue(&head);
            self.request.is_judged = true;
        }
        if is_long {
            self.tap.handle_block(engine, now, Direction::Upstream, Reason::MessageBytes);
        } else if self.tap.is_request_complete() {
            self.request.stage = Stage::Whole;
        }
    }

    /// Reads as much of an answer as there is room for.
    fn read_answer<'b>(
        &mut self,
        engine: &mut Engine<P>,
        budget: &HoldBudget,
        now: Timestamp,
        bytes: &'b [u8],
    ) -> &'b [u8] {
        if self.request.stage != Stage::Idle && !self.request.has_begun() {
            // The server answers what it was not asked.
            self.tap.handle_block(engine, now, Direction::Downstream, Reason::ProtocolSwitch);
            return bytes;
        }
        let room = self.answer.room(budget);
        let offered = bytes.get(..room).unwrap_or(bytes);
        if offered.is_empty() && self.answer.is_stuck() {
            self.tap.handle_block(engine, now, Direction::Downstream, Reason::HoldBytes);
        }
        self.tap.handle_data(engine, now, Direction::Downstream, offered);
        offered
    }

    /// Does what the tap says.
    fn carry_out(&mut self, engine: &mut Engine<P>, now: Timestamp) {
        while let Some(output) = self.tap.poll_output() {
            match output {
                Output::Edit { direction: Direction::Upstream, range, mask: Mask::Blank } => self.request.blank(&range),
                Output::Edit { direction: Direction::Upstream, range, mask } => {
                    if !self.request.edit(Edit { range, with: With::Mask(mask) }) {
                        self.tap.handle_block(engine, now, Direction::Upstream, Reason::HoldBytes);
                    }
                }
                Output::Edit { direction: Direction::Downstream, range, mask } => self.answer.edit(&range, &mask),
                Output::Release { direction: Direction::Downstream, up_to } => self.answer.release(up_to),
                Output::Block { reason: _, reply } => self.refuse(now, reply.as_deref()),
                // A request goes as a whole; nothing goes past the tap.
                Output::Release { direction: Direction::Upstream, .. } | Output::Forward => {}
            }
        }
    }

    /// Asks for the body that waits, or sends the request that is decided; false if that cannot be.
    fn advance(&mut self) -> bool {
        match self.request.stage {
            Stage::Reading if self.request.expects_continue && self.tap.set_continued(true) => {
                self.answer.say(CONTINUE);
            }
            Stage::Whole if self.tap.is_released(Direction::Upstream) => return self.request.send(),
            Stage::Idle | Stage::Reading | Stage::Whole | Stage::Sending => {}
        }
        true
    }

    fn recharge(&mut self, budget: &mut HoldBudget) {
        budget.recharge(&mut self.charged, self.request.memory() + self.answer.memory());
    }
}

#[cfg(test)]
mod tests;
