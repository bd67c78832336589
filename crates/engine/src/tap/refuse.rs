//! What a client is told when its connection is blocked.

use super::stops::{Rest, Unit};
use super::{Open, State, Tap};
use crate::exchange::Engine;
use crate::{Output, Pipeline};
use arrayvec::ArrayVec;
use core::fmt::{self, Write};
use decode::http1::{BodyRest, Method};
use net::{Direction, Timestamp};
use policy::Reason;

/// Longest answer of our own: it has to fit one segment of any path (RFC 9293 section 3.7.1).
const REPLY_BYTES_MAX: usize = 536;

/// Longest rest of a chunk or body that was announced and is made up, so that an error can follow or end it.
const FILLER_BYTES_MAX: u64 = 64 * 1024;

/// What is sent to the client in the server's place: a complete HTTP answer, or the end of one that streams.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reply {
    bytes: Vec<u8>,
}

impl Reply {
    /// The reply's bytes.
    #[must_use]
    pub fn bytes(&self) -> &[u8] {
        &self.bytes
    }

    fn refusal(at_fault: &AtFault, reason: Reason) -> Option<Self> {
        let body = at_fault.error(reason)?;
        let refusal = kind_of(reason);
        let mut answer = Writer(ArrayVec::<u8, REPLY_BYTES_MAX>::new());
        write!(
            answer,
            "HTTP/1.1 {} {}\r\nContent-Type: application/json\r\nContent-Length: {}\r\nConnection: close\r\n\r\n",
            refusal.status(),
            refusal.phrase(),
            body.len()
        )
        .ok()?;
        if at_fault.method != Some(Method::Head) {
            answer.0.try_extend_from_slice(&body).ok()?;
        }
        Some(Self { bytes: answer.0.to_vec() })
    }

    /// The error as the last event of a stream, or as its last line, in whatever the body was announced to be.
    fn farewell(at_fault: &AtFault, reason: Reason, unit: Unit, rest: Rest) -> Option<Self> {
        let error = at_fault.error(reason)?;
        let [before, behind]: [&[u8]; 2] = match (unit, at_fault.dialect) {
            (Unit::Events, Some(llm::Provider::Anthropic)) => [b"event: error\ndata: ", b"\n\n"],
            (Unit::Events, _) => [b"data: ", b"\n\n"],
            (Unit::Lines, _) => [b"", b"\n"],
        };
        let event = [before, &error, behind].concat();
        let chunks = || [format!("{:x}\r\n", event.len()).as_bytes(), &event, b"\r\n0\r\n\r\n"].concat();
        let bytes = match rest {
            Rest::Chunks => chunks(),
            Rest::Body(BodyRest::Chunk(left)) => [&filler(unit, left)?, &b"\r\n"[..], &chunks()].concat(),
            Rest::Body(BodyRest::Length(left)) => {
                [filler(unit, left.checked_sub(event.len() as u64)?)?, event].concat()
            }
            Rest::Body(BodyRest::UntilEof) => event,
        };
        Some(Self { bytes })
    }
}

/// So many bytes that say nothing: a comment (HTML, "Server-sent events", section 9.2.5), or white space before a text.
fn filler(unit: Unit, count: u64) -> Option<Vec<u8>> {
    let count = usize::try_from(count).ok().filter(|_| count <= FILLER_BYTES_MAX)?;
    let mut bytes = vec![b' '; count];
    if unit == Unit::Events {
        bytes.iter_mut().take(1).for_each(|first| *first = b':');
        bytes.iter_mut().last().into_iter().for_each(|last| *last = b'\n');
    }
    Some(bytes)
}

/// The exchange that is refused.
struct AtFault {
    number: u64,
    dialect: Option<llm::Provider>,
    method: Option<Method>,
}

impl AtFault {
    /// The error in the words of its provider.
    fn error(&self, reason: Reason) -> Option<ArrayVec<u8, REPLY_BYTES_MAX>> {
        let mut body = Writer(ArrayVec::new());
        llm::refusal(&mut body, kind_of(reason), self.dialect, reason.name(), self.number).ok()?;
        Some(body.0)
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
        // With no request open a client waits for an answer only to what it has just sent.
        let is_due = self.open.is_empty() && direction == Direction::Upstream;
        // Otherwise an earlier answer is still due.
        let is_next = is_http && (faulty == Some(0) || is_due);
        let is_answered = faulty.and_then(|place| self.open.get(place)).is_some_and(Open::is_answered);
        let is_answerable = is_next && !is_answered && !self.downstream.has_released_message();
        let is_streaming = is_next && direction == Direction::Downstream;
        let terminated = self.terminated.as_ref().filter(|_| is_streaming);
        let stopped = terminated.and_then(|terminated| terminated.stops.stopped(self.downstream.released()));
        let status = is_answerable.then(|| kind_of(reason).status());
        let at_fault = self.close_all(engine, now, (direction, reason), faulty, status);
        let reply = match (at_fault, stopped) {
            (Some(at_fault), _) if is_answerable => Reply::refusal(&at_fault, reason),
            (Some(at_fault), Some((unit, rest))) => Reply::farewell(&at_fault, reason, unit, rest),
            _ => None,
        };
        self.outputs.push_back(Output::Block { reason, reply: reply.map(Box::new) });
    }

    /// The exchange at fault: the one that is blocked, being sent, or being answered.
    fn faulty(&self, direction: Direction) -> Option<usize> {
        let blocked = self.open.iter().position(|open| open.exchange.blocked().is_some());
        blocked.or_else(|| match direction {
            Direction::Upstream => {
                self.open.len().checked_sub(1).filter(|last| self.open.get(*last).is_some_and(|open| !open.is_sent))
            }
            // What nobody asked for comes behind the last answer.
            Direction::Downstream => {
                let answered = self.open.iter().position(|open| !open.is_answered());
                answered.or_else(|| self.open.len().checked_sub(1))
            }
        })
    }

    /// Closes every exchange, and says which one was at fault; it is answered with this status, if at all.
    fn close_all(
        &mut self,
        engine: &mut Engine<P>,
        now: Timestamp,
        (direction, reason): (Direction, Reason),
        faulty: Option<usize>,
        status: Option<u16>,
    ) -> Option<AtFault> {
        let mut at_fault = None;
        for position in 0..self.open.len() {
            let Some(mut open) = self.open.pop_front() else { break };
            // What is discarded with the one at fault is blocked, too, be it an answer; a request that the server has
            // is not.
            let end = self.open.front().map_or(self.upstream.message_start, |next| next.starts[0]);
            let is_delivered = open.is_sent && !open.is_answered() && end <= self.upstream.released();
            let is_delivered = is_delivered && Some(position) != faulty;
            let reason = (!is_delivered).then_some(reason);
            if let Some(reason) = reason {
                open.exchange.block(direction, reason);
            }
            if Some(position) == faulty {
                if let Some(status) = status {
                    open.exchange.note_refusal(status);
                }
                let (number, dialect) = (open.exchange.number(), open.exchange.dialect());
                at_fault = Some(AtFault { number, dialect, method: Some(open.method) });
            }
            self.count_rest(&mut open);
            open.exchange.close(now, reason);
            self.take_records(&mut open.exchange);
            engine.recycle(open.exchange);
        }
        if faulty.is_none() {
            let mut record = engine.flow_record(&self.peers, reason, now);
            record.status = status.unwrap_or(0);
            at_fault = Some(AtFault { number: record.exchange, dialect: None, method: None });
            self.records.push_back(record);
        }
        at_fault
    }
}
