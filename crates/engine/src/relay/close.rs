//! How a relay ends: the ends of its connections, and a client that is refused.

use super::Relay;
use super::request::Stage;
use crate::exchange::Engine;
use crate::{Pipeline, Reply};
use core::time::Duration;
use net::{Direction, Timestamp};

/// How long a refused client may take to read its refusal and stop sending: an early reset would
/// discard the unread answer.
pub(super) const REFUSAL_TIME_MAX: Duration = Duration::from_secs(2);

/// Bytes of a refused client that are read and thrown away.
pub(super) const DISCARD_BYTES_MAX: usize = 16 << 20;

/// How one side of a connection ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CloseKind {
    /// In order: over TLS a `close_notify`, then a FIN.
    Clean,
    /// In the middle of something: a FIN alone, so that over TLS it is seen to be cut off.
    Cut,
    /// A reset.
    Reset,
}

/// Both ends, by the direction of the bytes that they receive.
#[derive(Debug, Default)]
pub(super) struct Ends {
    due: [Option<CloseKind>; 2],
    /// Nothing more is read from either end.
    is_over: bool,
}

impl Ends {
    pub(super) const fn is_over(&self) -> bool {
        self.is_over
    }

    const fn due_mut(&mut self, direction: Direction) -> &mut Option<CloseKind> {
        let [upstream, downstream] = &mut self.due;
        match direction {
            Direction::Upstream => upstream,
            Direction::Downstream => downstream,
        }
    }
}

/// What is kept of a client that was refused.
#[derive(Debug)]
pub(super) struct Refused {
    /// When it is reset, unless it has ended by itself.
    deadline: Option<Timestamp>,
    discarded: usize,
}

impl Refused {
    /// Throws bytes away; with too many of them the time is over.
    pub(super) fn discard(&mut self, direction: Direction, count: usize, now: Timestamp) -> usize {
        if direction == Direction::Upstream {
            self.discarded = self.discarded.saturating_add(count);
            if self.discarded > DISCARD_BYTES_MAX {
                self.deadline = self.deadline.map(|_| now);
            }
        }
        count
    }

    pub(super) const fn timeout(&self) -> Option<Timestamp> {
        self.deadline
    }
}

impl<P: Pipeline + Default> Relay<P> {
    /// One end has ended, behind everything that was taken from it: `direction` is the one in which
    /// it was sending.
    pub fn handle_eof(&mut self, engine: &mut Engine<P>, now: Timestamp, direction: Direction, how: CloseKind) {
        if let Some(refused) = &mut self.refused {
            if direction == Direction::Upstream {
                refused.deadline = None;
            }
            return;
        }
        if self.tap.is_blocked() || self.ends.is_over {
            return;
        }
        self.is_flushed = false;
        if how == CloseKind::Reset {
            self.reset(direction);
            return;
        }
        self.tap.handle_eof(engine, now, direction);
        match direction {
            Direction::Upstream => *self.ends.due_mut(direction) = Some(how),
            Direction::Downstream => self.server_ended(engine, how),
        }
    }

    /// The next side to close, once everything was sent to it: the end that receives the bytes of this
    /// direction.
    pub fn poll_close(&mut self) -> Option<(Direction, CloseKind)> {
        Direction::BOTH.into_iter().find_map(|direction| {
            let is_sent = match direction {
                Direction::Upstream => self.request.is_sent(),
                Direction::Downstream => self.answer.is_sent(),
            };
            self.ends.due_mut(direction).take_if(|_| is_sent).map(|how| (direction, how))
        })
    }

    /// Nothing more goes to the server; the client is told why, if it can be told.
    pub(super) fn refuse(&mut self, now: Timestamp, reply: Option<&Reply>) {
        let is_at_server = self.request.stage == Stage::Sending && self.request.has_begun();
        self.forget_request();
        self.answer.discard_undecided();
        // A reset could take from the client what it has not read of a whole answer.
        let [server, client] = [is_at_server, !self.tap.is_complete()]
            .map(|is_reset| Some(if is_reset { CloseKind::Reset } else { CloseKind::Clean }));
        self.ends.due = [server, client];
        if let Some(reply) = reply {
            self.answer.say(reply.bytes());
            *self.ends.due_mut(Direction::Downstream) = Some(CloseKind::Clean);
        }
        self.refused = Some(Refused { deadline: Some(now.after(REFUSAL_TIME_MAX)), discarded: 0 });
    }

    /// A refused client has had its time.
    pub(super) fn handle_refusal_timeout(&mut self, now: Timestamp) {
        if let Some(refused) = &mut self.refused
            && refused.deadline.is_some_and(|deadline| deadline <= now)
        {
            refused.deadline = None;
            self.answer.clear();
            *self.ends.due_mut(Direction::Downstream) = Some(CloseKind::Reset);
        }
    }

    /// What is not answered by now never is.
    fn server_ended(&mut self, engine: &mut Engine<P>, how: CloseKind) {
        if self.tap.is_blocked() {
            return;
        }
        self.tap.settle_end(engine);
        // Half a head does not go on.
        let is_whole = !self.tap.is_answer_in_token();
        self.forget_request();
        self.ends.is_over = true;
        self.ends.due_mut(Direction::Upstream).get_or_insert(CloseKind::Clean);
        *self.ends.due_mut(Direction::Downstream) = Some(if is_whole { how } else { CloseKind::Cut });
    }

    /// A reset takes the place of everything that was not sent.
    fn reset(&mut self, from: Direction) {
        self.forget_request();
        self.answer.clear();
        self.ends.is_over = true;
        *self.ends.due_mut(from) = Some(CloseKind::Reset);
        *self.ends.due_mut(from.opposite()) = None;
    }

    /// No request is read, held or sent any more.
    fn forget_request(&mut self) {
        self.request.clear();
        self.request.stage = Stage::Sending;
        self.progress_at = None;
    }
}
