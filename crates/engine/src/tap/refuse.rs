//! What a client is told when its connection is blocked.

use super::{State, Tap};
use crate::exchange::Engine;
use crate::{Output, Pipeline};
use arrayvec::ArrayVec;
use core::fmt::{self, Write};
use decode::http1::Method;
use net::{Direction, Timestamp};
use policy::Reason;

/// Longest answer of our own: it has to fit one segment of any path (RFC 9293 section 3.7.1).
const REPLY_BYTES_MAX: usize = 536;

/// A complete HTTP answer, to be sent to the client in the server's place.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reply {
    bytes: ArrayVec<u8, REPLY_BYTES_MAX>,
}

impl Reply {
    /// The answer's bytes.
    #[must_use]
    pub fn bytes(&self) -> &[u8] {
        &self.bytes
    }

    fn refusal(dialect: Option<llm::Provider>, method: Option<Method>, reason: Reason, exchange: u64) -> Option<Self> {
        let mut body = Writer(ArrayVec::<u8, REPLY_BYTES_MAX>::new());
        let refusal = kind_of(reason);
        llm::refusal(&mut body, refusal, dialect, reason.name(), exchange).ok()?;
        let mut answer = Writer(ArrayVec::new());
        write!(
            answer,
            "HTTP/1.1 {} {}\r\nContent-Type: application/json\r\nContent-Length: {}\r\nConnection: close\r\n\r\n",
            refusal.status(),
            refusal.phrase(),
            body.0.len()
        )
        .ok()?;
        if method != Some(Method::Head) {
            answer.0.try_extend_from_slice(&body.0).ok()?;
        }
        Some(Self { bytes: answer.0 })
    }
}

/// What a client is told about a reason: that its request is too long, that it may come again later,
/// or that it is not allowed.
fn kind_of(reason: Reason) -> llm::Refusal {
    if reason == Reason::MessageBytes {
        llm::Refusal::TooLarge
    } else if reason == Reason::HoldMemory {
        llm::Refusal::Unavailable
    } else {
        llm::Refusal::Forbidden
    }
}

struct Writer<const N: usize>(ArrayVec<u8, N>);

impl<const N: usize> Write for Writer<N> {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        self.0.try_extend_from_slice(text.as_bytes()).map_err(|_| fmt::Error)
    }
}

impl<P: Pipeline + Default> Tap<P> {
    /// Ends the connection: one `Block`, and one last record for every exchange that is open, or for
    /// the flow if there is none.
    pub(super) fn block(&mut self, engine: &mut Engine<P>, now: Timestamp, direction: Direction, reason: Reason) {
        if matches!(self.state, State::Blocked | State::Forwarding) {
            return;
        }
        self.retire(engine);
        let faulty = self.faulty(direction);
        self.end(engine, now, direction, reason, faulty);
    }

    /// The same for a message that cannot be read on. What of it was read is decided first, so that
    /// the reason is the one that comes first in the message.
    pub(super) fn fail(&mut self, engine: &mut Engine<P>, now: Timestamp, direction: Direction, reason: Reason) {
        let faulty = self.faulty(direction).and_then(|place| self.open.get_mut(place));
        let found = faulty.and_then(|open| {
            open.exchange.scan(engine, direction);
            open.exchange.blocked()
        });
        self.block(engine, now, direction, found.unwrap_or(reason));
    }

    /// The same for a reason that lies in no message: the one exchange that is open can be told.
    pub(super) fn block_connection(
        &mut self,
        engine: &mut Engine<P>,
        now: Timestamp,
        direction: Direction,
        reason: Reason,
    ) {
        if matches!(self.state, State::Blocked | State::Forwarding) {
            return;
        }
        self.retire(engine);
        let faulty = (self.open.len() == 1).then_some(0);
        self.end(engine, now, direction, reason, faulty);
    }

    fn end(
        &mut self,
        engine: &mut Engine<P>,
        now: Timestamp,
        direction: Direction,
        reason: Reason,
        faulty: Option<usize>,
    ) {
        let is_http = self.state == State::Reading;
        self.state = State::Blocked;
        let status = is_http.then(|| kind_of(reason).status());
        let number = self.close_all(engine, now, (direction, reason), faulty, status);
        let reply = match (number, is_http) {
            (Ok((number, dialect, method)), true) => Reply::refusal(dialect, method, reason, number).map(Box::new),
            (Err(()), _) | (_, false) => None,
        };
        self.outputs.push_back(Output::Block { reason, reply });
    }

    /// The exchange at fault: the one that is blocked, being sent, or being answered.
    fn faulty(&self, direction: Direction) -> Option<usize> {
        let blocked = self.open.iter().position(|open| open.exchange.blocked().is_some());
        blocked.or_else(|| match direction {
            Direction::Upstream => {
                self.open.len().checked_sub(1).filter(|last| self.open.get(*last).is_some_and(|open| !open.is_sent))
            }
            Direction::Downstream => (!self.open.is_empty()).then_some(0),
        })
    }

    /// Closes every exchange; the one at fault is answered with this status, if anything is. Returns whom to answer; `Err` if an answer is out of the question:
    /// an earlier one is still due, or this one has begun.
    fn close_all(
        &mut self,
        engine: &mut Engine<P>,
        now: Timestamp,
        (direction, reason): (Direction, Reason),
        faulty: Option<usize>,
        status: Option<u16>,
    ) -> Answer {
        let has_begun = self.downstream.has_released_message();
        // With no request open a client waits for an answer only to what it has just sent.
        let is_due = self.open.is_empty() && direction == Direction::Upstream;
        let is_answerable = !has_begun && (faulty == Some(0) || is_due);
        let mut answer = Err(());
        for position in 0..self.open.len() {
            let Some(mut open) = self.open.pop_front() else { break };
            // What is discarded with the one at fault is blocked, too.
            open.exchange.block(direction, reason);
            if Some(position) == faulty {
                if let Some(status) = status.filter(|_| is_answerable) {
                    open.exchange.note_refusal(status);
                }
                answer = Ok((open.exchange.number(), open.exchange.dialect(), Some(open.method)));
            }
            self.count_rest(&mut open);
            open.exchange.close(now, Some(reason));
            self.take_records(&mut open.exchange);
            engine.recycle(open.exchange);
        }
        if faulty.is_none() {
            let mut record = engine.flow_record(&self.peers, reason, now);
            record.status = status.filter(|_| is_answerable).unwrap_or(0);
            answer = Ok((record.exchange, None, None));
            self.records.push_back(record);
        }
        if is_answerable { answer } else { Err(()) }
    }
}

type Answer = Result<(u64, Option<llm::Provider>, Option<Method>), ()>;
