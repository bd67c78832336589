//! What requests and responses share: the way from head to body to end to the next message.

use super::chunked::{Chunked, ChunkedStep};
use super::framing::{Framing, FramingFields, Version};
use super::section::{FieldReader, Limit, Place, Progress, Section};
use super::{Error, Event, HEAD_BYTES_MAX, TRAILER_BYTES_MAX};
use crate::Input;

/// The limit of a head.
pub(super) const HEAD: Limit = Limit { bytes_max: HEAD_BYTES_MAX, error: Error::HeadTooLong };
const TRAILERS: Limit = Limit { bytes_max: TRAILER_BYTES_MAX, error: Error::TrailersTooLong };

/// The first byte of a TLS handshake record.
const TLS_HANDSHAKE: u8 = 0x16;

/// The part of a head in which requests and responses differ.
pub(super) trait StartLine: Default {
    /// What stands behind a head whose framing is a tunnel.
    const TUNNEL: Error;

    /// Prepares for a message whose first byte has come.
    fn begin(&mut self) -> Result<(), Error>;

    /// Reads the start line; true once its LF was read.
    fn read(&mut self, head: &mut Section, input: &mut Input<'_>) -> Result<bool, Error>;

    /// Looks at one field of the head.
    fn field(&mut self, head: &Section, place: Place) -> Result<(), Error>;

    /// Judges the complete head.
    fn conclude(&mut self, head: &Section, fields: &FramingFields) -> Result<Framing, Error>;

    fn version(&self) -> Version;

    /// True if the message is not over although its last head and body were read.
    fn is_owed(&self) -> bool;
}

/// What is to come of a body.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum BodyRest {
    /// So many bytes.
    Length(u64),
    /// So many bytes of the current chunk, and then others.
    Chunk(u64),
    /// Bytes until the connection ends.
    UntilEof,
}

/// One direction of a connection.
#[derive(Debug)]
pub(super) struct Decoder<L> {
    pub(super) line: L,
    state: State,
    head: Section,
    head_reader: FieldReader,
    framing_fields: FramingFields,
    /// Set while a complete head can be looked at.
    framing: Option<Framing>,
    chunked: Chunked,
    trailers: Section,
    /// Where the next piece has to begin.
    next_at: Option<u64>,
}

#[derive(Clone, Copy, Debug)]
enum State {
    /// Before the first byte of a message.
    Idle,
    Line,
    Fields,
    /// In a body of which this many bytes are to come; with none left the end is to be reported.
    Length(u64),
    Chunked,
    UntilEof,
    Tunnel,
    /// Behind the last message of the connection.
    Closed,
    Failed(Error),
}

impl<L: StartLine> Decoder<L> {
    pub(super) fn new() -> Self {
        Self {
            line: L::default(),
            state: State::Idle,
            head: Section::default(),
            head_reader: FieldReader::new(HEAD),
            framing_fields: FramingFields::default(),
            framing: None,
            chunked: Chunked::new(TRAILERS),
            trailers: Section::default(),
            next_at: None,
        }
    }

    /// Starts over with another connection and keeps the memory.
    pub(super) fn reset(&mut self) {
        self.line = L::default();
        self.state = State::Idle;
        self.framing = None;
        self.trailers.begin(0);
        self.next_at = None;
    }

    pub(super) fn reserve(&mut self) {
        self.head.reserve(HEAD_BYTES_MAX);
        self.trailers.reserve(TRAILER_BYTES_MAX);
    }

    pub(super) fn next<'a>(&mut self, input: &mut Input<'a>) -> Result<Option<Event<'a>>, Error> {
        // An empty piece has no place on the wire.
        let at = if input.is_empty() { None } else { Some(input.at()) };
        let result = match (self.state, self.next_at, at) {
            (State::Failed(error), ..) => Err(error),
            (_, Some(next), Some(at)) if next != at => Err(Error::Gap),
            _ => self.advance(input),
        };
        self.next_at = at.map(|_| input.at()).or(self.next_at);
        self.keep_failure(result)
    }

    pub(super) fn handle_eof(&mut self) -> Result<Option<Event<'static>>, Error> {
        let result = match self.state {
            State::Idle if !self.line.is_owed() => Ok(None),
            State::Closed => Ok(None),
            State::Length(0) | State::UntilEof => Ok(Some(Event::End)),
            State::Idle | State::Line | State::Fields | State::Length(_) | State::Chunked => Err(Error::Truncated),
            State::Tunnel => Err(L::TUNNEL),
            State::Failed(error) => Err(error),
        };
        self.state = State::Closed;
        self.keep_failure(result)
    }

    pub(super) fn is_idle(&self) -> bool {
        matches!(self.state, State::Idle) && !self.line.is_owed()
    }

    /// The stream offset of the first byte of a head or trailer section that is not complete.
    pub(super) const fn unfinished_section(&self) -> Option<u64> {
        match self.state {
            State::Line | State::Fields => Some(self.head.start()),
            State::Chunked if self.chunked.is_in_trailers() => Some(self.trailers.start()),
            State::Idle
            | State::Length(_)
            | State::Chunked
            | State::UntilEof
            | State::Tunnel
            | State::Closed
            | State::Failed(_) => None,
        }
    }

    /// What is to come of a body of which bytes were just read.
    pub(super) const fn body_rest(&self) -> Option<BodyRest> {
        match self.state {
            State::Length(left) => Some(BodyRest::Length(left)),
            State::Chunked => match self.chunked.data_left() {
                Some(left) => Some(BodyRest::Chunk(left)),
                None => None,
            },
            State::UntilEof => Some(BodyRest::UntilEof),
            State::Idle | State::Line | State::Fields | State::Tunnel | State::Closed | State::Failed(_) => None,
        }
    }

    /// The last complete head with its framing and whether the connection goes on after it.
    pub(super) fn complete(&self) -> Option<(&Section, Framing, bool)> {
        let persistent = self.framing_fields.is_persistent(self.line.version());
        self.framing.map(|framing| (&self.head, framing, persistent))
    }

    pub(super) const fn trailers(&self) -> &Section {
        &self.trailers
    }

    fn keep_failure<T>(&mut self, result: Result<T, Error>) -> Result<T, Error> {
        if let Err(error) = result {
            self.state = State::Failed(error);
        }
        result
    }

    fn advance<'a>(&mut self, input: &mut Input<'a>) -> Result<Option<Event<'a>>, Error> {
        loop {
            match self.state {
                State::Idle => {
                    let Some(first) = input.peek() else {
                        return Ok(None);
                    };
                    self.begin(first, input.at())?;
                }
                State::Line => {
                    if !self.line.read(&mut self.head, input)? {
                        return Ok(None);
                    }
                    self.state = State::Fields;
                }
                State::Fields => match self.head_reader.read(&mut self.head, input)? {
                    Progress::Starved => return Ok(None),
                    Progress::Field(place) => self.field(place)?,
                    Progress::Complete => return self.complete_head().map(Some),
                },
                State::Length(0) => return Ok(Some(self.end())),
                State::Length(left) => return Ok(self.sized_body(left, input)),
                State::Chunked => match self.chunked.next(&mut self.trailers, input)? {
                    ChunkedStep::Starved => return Ok(None),
                    ChunkedStep::Event(event) => return Ok(Some(event)),
                    ChunkedStep::Complete => self.state = State::Length(0),
                },
                State::UntilEof => return Ok(body(input, usize::MAX)),
                State::Tunnel => return Err(L::TUNNEL),
                State::Closed if input.is_empty() => return Ok(None),
                State::Closed => return Err(Error::AfterClose),
                State::Failed(error) => return Err(error),
            }
        }
    }

    fn begin(&mut self, first: u8, at: u64) -> Result<(), Error> {
        self.framing = None;
        match first {
            TLS_HANDSHAKE => return Err(Error::TlsRecord),
            b'\r' | b'\n' => return Err(Error::EmptyLine),
            _ => self.line.begin()?,
        }
        self.head.begin(at);
        self.trailers.begin(at);
        self.head_reader.begin();
        self.framing_fields = FramingFields::default();
        self.state = State::Line;
        Ok(())
    }

    fn field(&mut self, place: Place) -> Result<(), Error> {
        let name = self.head.slice(place.name, place.colon);
        let value = self.head.slice(place.value, place.end);
        self.framing_fields.take(place.known, name, value)?;
        self.line.field(&self.head, place)
    }

    fn complete_head(&mut self) -> Result<Event<'static>, Error> {
        let framing = self.line.conclude(&self.head, &self.framing_fields)?;
        self.framing = Some(framing);
        self.state = match framing {
            Framing::None => State::Length(0),
            Framing::Length(length) => State::Length(length),
            Framing::Chunked => {
                self.chunked.begin();
                State::Chunked
            }
            Framing::UntilEof => State::UntilEof,
            Framing::Interim => State::Idle,
            Framing::Tunnel => State::Tunnel,
        };
        Ok(Event::Head)
    }

    fn sized_body<'a>(&mut self, left: u64, input: &mut Input<'a>) -> Option<Event<'a>> {
        let before = input.len();
        let event = body(input, usize::try_from(left).unwrap_or(usize::MAX));
        self.state = State::Length(left - (before - input.len()) as u64);
        event
    }

    fn end(&mut self) -> Event<'static> {
        let persistent = self.framing_fields.is_persistent(self.line.version());
        self.state = if persistent { State::Idle } else { State::Closed };
        Event::End
    }
}

/// Body bytes, if the input has any: at most `count`.
pub(super) fn body<'a>(input: &mut Input<'a>, count: usize) -> Option<Event<'a>> {
    let at = input.at();
    let bytes = input.take(count);
    (!bytes.is_empty()).then_some(Event::Body { at, bytes })
}
