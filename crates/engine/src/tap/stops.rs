//! Where an answer that streams can stop and its client still be told why: behind a whole event, or line of JSON.
//!
//! A relay lets such an answer out up to there, so that an error in the words of the provider can follow what
//! has gone. One event that is longer than [`EVENT_BYTES_MAX`] goes as it comes.

use crate::body::BodyKind;
use decode::http1::BodyRest;
use std::collections::VecDeque;

/// Bytes of an event that wait for its end: a relay that is short of memory takes twice as many of an answer.
const EVENT_BYTES_MAX: u64 = 8 * 1024;

/// Places that are remembered at once; the last of them stands for those behind it.
const STOP_COUNT_MAX: usize = 64;

/// What a stream is made of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Unit {
    /// Events, each with an empty line behind it.
    Events,
    /// JSON texts on lines.
    Lines,
}

impl Unit {
    pub(super) const fn of(kind: BodyKind) -> Option<Self> {
        match kind {
            BodyKind::EventStream => Some(Self::Events),
            BodyKind::JsonLines => Some(Self::Lines),
            BodyKind::Sniff | BodyKind::Json | BodyKind::Form | BodyKind::Text => None,
        }
    }
}

/// What stands on the wire behind a place where an answer can stop.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Rest {
    /// The first chunk, or the next one.
    Chunks,
    Body(BodyRest),
}

/// A place where an answer can stop.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Stop {
    at: u64,
    rest: Rest,
}

/// Such places of one answer, as far as they were not passed.
#[derive(Debug, Default)]
pub(super) struct Stops {
    unit: Option<Unit>,
    ahead: VecDeque<Stop>,
    /// Where the answer stands, if it can stop there.
    here: Option<Stop>,
    line: Line,
}

/// The line that is being read.
#[derive(Clone, Copy, Debug, Default)]
struct Line {
    /// It has a byte besides its end.
    has_bytes: bool,
    is_comment: bool,
    /// Lines of an event stand before it.
    is_within: bool,
}

impl Stops {
    pub(super) fn reset(&mut self) {
        self.unit = None;
        self.here = None;
        self.ahead.clear();
    }

    /// A body begins at `at`.
    pub(super) fn begin(&mut self, unit: Option<Unit>, at: u64, rest: Option<BodyRest>) {
        self.reset();
        self.line = Line::default();
        self.unit = unit;
        let rest = rest.map_or(Rest::Chunks, Rest::Body);
        self.ahead.extend(unit.map(|_| Stop { at, rest }));
    }

    /// Takes note of a piece of the body, behind which there is this much.
    pub(super) fn read(&mut self, at: u64, bytes: &[u8], rest: Option<BodyRest>) {
        let (Some(unit), Some(rest)) = (self.unit, rest) else { return };
        let mut from = 0;
        while let Some(end) = memchr::memchr(b'\n', bytes.get(from..).unwrap_or_default()).map(|place| from + place) {
            self.line.take(bytes.get(from..end).unwrap_or_default());
            from = end + 1;
            if self.line.end(unit) {
                let behind = (bytes.len() - from) as u64;
                let rest = match rest {
                    BodyRest::Length(left) => BodyRest::Length(left + behind),
                    BodyRest::Chunk(left) => BodyRest::Chunk(left + behind),
                    BodyRest::UntilEof => rest,
                };
                if self.ahead.len() == STOP_COUNT_MAX {
                    self.ahead.pop_back();
                }
                self.ahead.push_back(Stop { at: at + from as u64, rest: Rest::Body(rest) });
            }
        }
        self.line.take(bytes.get(from..).unwrap_or_default());
    }

    /// The body is over, or what comes of it is no longer read: what is left goes as it is decided.
    pub(super) fn end(&mut self) {
        self.unit = None;
        self.ahead.clear();
    }

    /// How far an answer goes of which everything before `up_to` may, and everything before `released` has.
    pub(super) fn last(&mut self, released: u64, up_to: u64) -> u64 {
        if self.unit.is_none() || up_to <= released {
            return up_to;
        }
        let mut last = None;
        while self.ahead.front().is_some_and(|stop| stop.at <= up_to) {
            last = self.ahead.pop_front();
        }
        if let Some(Stop { at, rest: rest @ Rest::Body(BodyRest::Chunk(0)) }) = &mut last
            && *at + CHUNK_END_BYTES <= up_to
        {
            *at += CHUNK_END_BYTES;
            *rest = Rest::Chunks;
        }
        if last.is_none() && up_to - released > EVENT_BYTES_MAX {
            self.here = None;
            return up_to;
        }
        self.here = last.or(self.here);
        last.map_or(released, |stop| stop.at)
    }

    /// What the stream is made of and what stands on the wire behind `released`, if it can stop there.
    pub(super) fn stopped(&self, released: u64) -> Option<(Unit, Rest)> {
        let here = self.here.filter(|stop| stop.at == released)?;
        Some((self.unit?, here.rest))
    }
}

/// CR LF behind a chunk's data.
const CHUNK_END_BYTES: u64 = 2;

impl Line {
    /// Takes note of bytes before the line's end.
    fn take(&mut self, bytes: &[u8]) {
        if let Some(first) = bytes.first().filter(|_| !self.has_bytes)
            && (bytes.len() > 1 || *first != b'\r')
        {
            self.has_bytes = true;
            self.is_comment = *first == b':';
        }
    }

    /// The line ends; true if a unit does, too, or a comment that stands alone.
    const fn end(&mut self, unit: Unit) -> bool {
        let Self { has_bytes, is_comment, is_within } = *self;
        let is_end = match unit {
            Unit::Lines => true,
            Unit::Events => !has_bytes || is_comment && !is_within,
        };
        *self = Self { has_bytes: false, is_comment: false, is_within: !is_end };
        is_end
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Reads a body in pieces; where it can stop, with what is left behind.
    fn stops(unit: Unit, body: &str, pieces: usize) -> Vec<(u64, u64)> {
        let mut stops = Stops::default();
        stops.begin(Some(unit), 0, Some(BodyRest::Length(body.len() as u64)));
        let mut at = 0;
        for piece in body.as_bytes().chunks(pieces) {
            let left = body.len() - at - piece.len();
            stops.read(at as u64, piece, Some(BodyRest::Length(left as u64)));
            at += piece.len();
        }
        let rest = |rest| if let Rest::Body(BodyRest::Length(left)) = rest { left } else { u64::MAX };
        stops.ahead.iter().map(|stop| (stop.at, rest(stop.rest))).collect()
    }

    #[test]
    fn a_stream_stops_behind_events_and_lone_comments() {
        let body = ": ping\ndata: a\n: within\ndata: b\n\r\nevent: c\r\ndata: d\r\n\r\ndata: e";
        let ends = [0, 7, 34, 55].map(|at| (at, body.len() as u64 - at));
        for pieces in 1..body.len() {
            assert_eq!(stops(Unit::Events, body, pieces), ends, "{pieces}");
        }
        assert_eq!(stops(Unit::Lines, "{}\r\n{}\n{}", 3), [(0, 9), (4, 5), (7, 2)]);
    }

    #[test]
    fn it_goes_no_further_than_the_last_of_them() {
        let mut stops = Stops::default();
        stops.begin(Some(Unit::Events), 100, None);
        assert_eq!(stops.last(0, 100), 100);
        assert_eq!(stops.stopped(100), Some((Unit::Events, Rest::Chunks)));
        stops.read(103, b"data: a\n\ndata: b\n\n", Some(BodyRest::Chunk(0)));
        assert_eq!(stops.last(100, 111), 100);
        assert_eq!(stops.last(100, 115), 112);
        assert_eq!(stops.stopped(112), Some((Unit::Events, Rest::Body(BodyRest::Chunk(9)))));
        assert_eq!(stops.last(112, 122), 121);
        assert_eq!(stops.stopped(121), Some((Unit::Events, Rest::Body(BodyRest::Chunk(0)))));
        stops.read(128, b"data: c\n\n", Some(BodyRest::Chunk(0)));
        assert_eq!(stops.last(121, 150), 139);
        assert_eq!(stops.stopped(139), Some((Unit::Events, Rest::Chunks)));
        stops.read(150, &b"data: ".repeat(2000), Some(BodyRest::Chunk(9)));
        assert_eq!(stops.last(139, 139 + EVENT_BYTES_MAX), 139);
        assert_eq!(stops.last(139, 9000), 9000);
        assert_eq!(stops.stopped(9000), None);
        stops.end();
        assert_eq!(stops.last(9000, 9001), 9001);
    }
}
