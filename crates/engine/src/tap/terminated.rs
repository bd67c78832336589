//! What a relay asks of its tap: to stop behind each request, to know for whom the connection is, and
//! which interim answers the client is not to see.

use super::stops::Stops;
use super::{Open, State, Tap};
use crate::exchange::Engine;
use crate::{Output, Peers, Pipeline};
use core::ops::Range;
use decode::http1::{FieldName, RequestHead, ResponseHead};
use net::{Direction, Timestamp};

/// Status of the interim answer that asks for a request's body.
const CONTINUE: u16 = 100;

/// The relay's part of a tap.
#[derive(Debug, Default)]
pub(super) struct Terminated {
    /// The server that the client opened the connection to.
    server_name: Option<Box<str>>,
    /// The client of the current exchange was asked for its body by the relay.
    is_continued: bool,
    /// Interim answers that the client is not to see, as stream offsets.
    cuts: Vec<Range<u64>>,
    /// All that was asked for was answered before the server said more.
    is_complete: bool,
    /// Where the current answer can stop.
    pub(super) stops: Stops,
}

impl Terminated {
    pub(super) fn server_name(&self) -> Option<&str> {
        self.server_name.as_deref()
    }

    /// True if a request names the server that the connection is for. The authority of its target is
    /// its Host: the decoder sees to that.
    pub(super) fn is_meant(&self, head: &RequestHead<'_>) -> bool {
        let Some(name) = &self.server_name else { return true };
        head.fields().known(FieldName::Host).next().is_some_and(|host| is_same_host(host.value, name.as_bytes()))
    }

    /// Takes note of an interim answer.
    pub(super) fn note_interim(&mut self, head: &ResponseHead<'_>) {
        if self.is_continued && head.status() == CONTINUE {
            self.cuts.push(head.start()..head.end());
        }
    }
}

/// What a relay does with its tap.
impl<P: Pipeline + Default> Tap<P> {
    /// A tap for a relay. It stops behind each request, and refuses requests for others than
    /// `server_name`.
    pub(crate) fn for_relay(peers: Peers, server_name: Option<&str>) -> Self {
        let terminated = Terminated { server_name: server_name.map(Box::from), ..Terminated::default() };
        Self { terminated: Some(Box::new(terminated)), ..Self::new(peers, None) }
    }

    /// True if nothing passes any more.
    pub(crate) fn is_blocked(&self) -> bool {
        self.state == State::Blocked
    }

    /// True if there is a record to poll.
    pub(crate) fn has_record(&self) -> bool {
        !self.records.is_empty() || self.open.iter().any(|open| open.exchange.has_record())
    }

    /// The head of the newest request, once it is complete.
    pub(crate) fn newest_head(&self) -> Option<RequestHead<'_>> {
        self.open.back()?;
        self.requests.head()
    }

    /// True once the newest request was read to its end.
    pub(crate) fn is_request_complete(&self) -> bool {
        self.open.back().is_some_and(|open| open.is_sent)
    }

    /// The server has ended: what hangs on more text of its answer is decided as it is.
    pub(crate) fn settle_end(&mut self, engine: &mut Engine<P>) {
        if let Some(open) = self.open.iter_mut().find(|open| !open.is_answered()) {
            open.exchange.settle_now(engine, Direction::Downstream);
        }
    }

    /// True if a head or the like of an answer is not complete.
    pub(crate) const fn is_answer_in_token(&self) -> bool {
        self.downstream.is_within_token()
    }

    /// Takes exchanges that are over off; true if none is left.
    pub(crate) fn retire_all(&mut self, engine: &mut Engine<P>) -> bool {
        self.retire(engine);
        self.open.is_empty()
    }

    /// True if all exchanges are over.
    pub(crate) fn is_answered(&self) -> bool {
        self.open.iter().all(Open::is_finished)
    }

    /// Offset up to which an answer may pass, if there is nothing to be done besides and that is further than before.
    pub(crate) fn poll_pass(&mut self) -> Option<u64> {
        let terminated = self.terminated.as_mut().filter(|terminated| terminated.cuts.is_empty())?;
        if self.state == State::Blocked || !self.outputs.is_empty() {
            return None;
        }
        self.downstream.poll_stop(&mut terminated.stops)
    }

    /// True if no received byte of a direction is held.
    pub(crate) const fn is_released(&self, direction: Direction) -> bool {
        match direction {
            Direction::Upstream => self.upstream.is_released(),
            Direction::Downstream => self.downstream.is_released(),
        }
    }

    /// The server says more than it was asked for: what it was asked for goes on before all else ends.
    pub(super) fn complete(&mut self, engine: &mut Engine<P>, now: Timestamp) {
        if self.terminated.is_none() {
            return;
        }
        self.drain(engine, now);
        if self.is_blocked() || !self.is_answered() {
            return;
        }
        let end = self.downstream.message_start;
        if let (Some(terminated), Some(up_to)) = (&mut self.terminated, self.downstream.poll_release()) {
            terminated.is_complete = up_to >= end;
            self.outputs.push_back(Output::Release { direction: Direction::Downstream, up_to: up_to.min(end) });
        }
    }

    /// True if the connection was blocked for what the server said behind a whole answer.
    pub(crate) fn is_complete(&self) -> bool {
        self.terminated.as_ref().is_some_and(|terminated| terminated.is_complete)
    }

    /// Whether the client of the current exchange was asked for its body; false if nothing changed.
    pub(crate) fn set_continued(&mut self, is_continued: bool) -> bool {
        self.terminated
            .as_mut()
            .is_some_and(|terminated| core::mem::replace(&mut terminated.is_continued, is_continued) != is_continued)
    }

    /// Interim answers that the client is not to see; they lie before what was released last.
    pub(crate) fn take_cuts(&mut self) -> Vec<Range<u64>> {
        self.terminated.as_mut().map(|terminated| core::mem::take(&mut terminated.cuts)).unwrap_or_default()
    }
}

/// True if a Host, which may name a port, is this name. Case and a final dot do not matter.
fn is_same_host(host: &[u8], name: &[u8]) -> bool {
    let end = match host.iter().rposition(|byte| *byte == b':') {
        // A colon inside brackets is part of an address.
        Some(colon) if !host.get(colon..).unwrap_or_default().contains(&b']') => colon,
        _ => host.len(),
    };
    let host = host.get(..end).unwrap_or(host);
    let undotted = |name: &'_ [u8]| name.strip_suffix(b".").unwrap_or(name).to_ascii_lowercase();
    undotted(host) == undotted(name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_host_is_the_server_whatever_its_port_case_and_final_dot() {
        let is_same = |host: &str| is_same_host(host.as_bytes(), b"api.openai.com");
        for host in
            ["api.openai.com", "API.OpenAI.com", "api.openai.com:443", "api.openai.com.", "api.openai.com.:8443"]
        {
            assert!(is_same(host), "{host}");
        }
        for host in
            ["", "openai.com", "api.openai.com.evil.example", "xapi.openai.com", "api.openai.com..", "[::1]:443"]
        {
            assert!(!is_same(host), "{host}");
        }
        assert!(is_same_host(b"[::1]:443", b"[::1]") && is_same_host(b"[::1]", b"[::1]"));
    }
}
