//! Tests of both decoders through their public interface.

mod messages;
mod splits;
mod strict;
mod vectors;

use super::*;
use crate::Input;

/// What a decoder reported, in a form that does not depend on how the bytes were split.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Seen {
    Head {
        start: u64,
        end: u64,
        line: Vec<String>,
        fields: Vec<Line>,
        framing: Framing,
    },
    /// Offset and value of each byte.
    Body(Vec<(u64, u8)>),
    Extension(Vec<(u64, u8)>),
    Trailers(Vec<Line>),
    End,
}

/// A field: name, value and their offsets.
pub(super) type Line = (String, String, u64, u64);

/// All that a stream came to: the events, and the error or what the end of the stream said.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Outcome {
    pub(super) seen: Vec<Seen>,
    pub(super) error: Option<Error>,
    /// The verdict at the end of the stream, if there was no error before it.
    pub(super) eof: Option<Result<bool, Error>>,
    /// Where the decoder stopped.
    pub(super) stopped_at: u64,
}

impl Outcome {
    pub(super) fn bodies(&self) -> Vec<String> {
        let mut bodies = Vec::new();
        for seen in &self.seen {
            match seen {
                Seen::Head { .. } => bodies.push(Vec::new()),
                Seen::Body(bytes) => bodies.last_mut().unwrap().extend(bytes.iter().map(|(_, byte)| *byte)),
                Seen::Extension(_) | Seen::Trailers(_) | Seen::End => {}
            }
        }
        bodies.into_iter().map(|body| String::from_utf8_lossy(&body).into_owned()).collect()
    }

    pub(super) fn ends(&self) -> usize {
        self.seen.iter().filter(|seen| **seen == Seen::End).count()
    }
}

/// Either decoder, with what differs made alike.
pub(super) trait Subject {
    fn step<'a>(&mut self, input: &mut Input<'a>) -> Result<Option<Event<'a>>, Error>;
    fn eof(&mut self) -> Result<Option<Event<'static>>, Error>;
    fn seen_head(&self) -> Seen;
    fn seen_trailers(&self) -> Vec<Line>;
}

fn lines(fields: Fields<'_>) -> Vec<Line> {
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    fields.iter().map(|field| (text(field.name), text(field.value), field.name_at, field.value_at)).collect()
}

impl Subject for RequestDecoder {
    fn step<'a>(&mut self, input: &mut Input<'a>) -> Result<Option<Event<'a>>, Error> {
        self.next(input)
    }

    fn eof(&mut self) -> Result<Option<Event<'static>>, Error> {
        self.handle_eof()
    }

    fn seen_head(&self) -> Seen {
        let head = self.head().unwrap();
        let target = String::from_utf8_lossy(head.target()).into_owned();
        let line = vec![head.method().as_str().to_owned(), target, format!("{:?}", head.version())];
        Seen::Head { start: head.start(), end: head.end(), line, fields: lines(head.fields()), framing: head.framing() }
    }

    fn seen_trailers(&self) -> Vec<Line> {
        lines(self.trailers())
    }
}

/// A response decoder and the methods of the requests that are answered; then GET for ever.
pub(super) struct Responses {
    pub(super) decoder: ResponseDecoder,
    pub(super) methods: Vec<Method>,
}

impl Responses {
    pub(super) fn to(methods: &[Method]) -> Self {
        Self { decoder: ResponseDecoder::new(), methods: methods.iter().rev().copied().collect() }
    }
}

impl Subject for Responses {
    fn step<'a>(&mut self, input: &mut Input<'a>) -> Result<Option<Event<'a>>, Error> {
        if !self.decoder.is_expecting() {
            self.decoder.expect(self.methods.pop().unwrap_or(Method::Get));
        }
        self.decoder.next(input)
    }

    fn eof(&mut self) -> Result<Option<Event<'static>>, Error> {
        self.decoder.handle_eof()
    }

    fn seen_head(&self) -> Seen {
        let head = self.decoder.head().unwrap();
        let reason = String::from_utf8_lossy(head.reason()).into_owned();
        let line = vec![format!("{:?}", head.version()), head.status().to_string(), reason];
        Seen::Head { start: head.start(), end: head.end(), line, fields: lines(head.fields()), framing: head.framing() }
    }

    fn seen_trailers(&self) -> Vec<Line> {
        lines(self.decoder.trailers())
    }
}

/// Feeds `stream`, which begins at the offset `start`, in pieces of the given sizes (the last one
/// again and again).
pub(super) fn feed(subject: &mut impl Subject, start: u64, stream: &[u8], sizes: &[usize]) -> Outcome {
    let mut seen = Vec::new();
    let (mut at, mut rest, mut sizes) = (start, stream, sizes.iter().copied());
    let mut size = usize::MAX;
    while !rest.is_empty() {
        size = sizes.next().unwrap_or(size).max(1).min(rest.len());
        let (piece, behind) = rest.split_at(size);
        let mut input = Input::new(at, piece);
        loop {
            match subject.step(&mut input) {
                Ok(Some(event)) => note(subject, event, &mut seen),
                Ok(None) => break,
                Err(error) => {
                    assert_eq!(subject.step(&mut input), Err(error), "an error is final");
                    assert_eq!(subject.eof(), Err(error), "an error is final");
                    return Outcome { seen, error: Some(error), eof: None, stopped_at: input.at() };
                }
            }
        }
        assert!(input.is_empty(), "no event means that the piece is used up");
        at += piece.len() as u64;
        rest = behind;
    }
    let eof = subject.eof();
    if let Ok(Some(event)) = eof {
        note(subject, event, &mut seen);
    }
    Outcome { seen, error: None, eof: Some(eof.map(|event| event.is_some())), stopped_at: at }
}

fn note(subject: &impl Subject, event: Event<'_>, seen: &mut Vec<Seen>) {
    let spread = |at: u64, bytes: &[u8]| (at..).zip(bytes.iter().copied()).collect::<Vec<_>>();
    match event {
        Event::Head => seen.push(subject.seen_head()),
        Event::Body { at, bytes } => {
            assert!(!bytes.is_empty());
            match seen.last_mut() {
                Some(Seen::Body(body)) => body.extend(spread(at, bytes)),
                _ => seen.push(Seen::Body(spread(at, bytes))),
            }
        }
        Event::ChunkExtension { at, bytes } => {
            assert!(!bytes.is_empty());
            match seen.last_mut() {
                Some(Seen::Extension(extension)) => extension.extend(spread(at, bytes)),
                _ => seen.push(Seen::Extension(spread(at, bytes))),
            }
        }
        Event::Trailers => seen.push(Seen::Trailers(subject.seen_trailers())),
        Event::End => seen.push(Seen::End),
    }
}

/// Reads requests in one piece, and checks that pieces of one to seven bytes say the same.
pub(super) fn requests(stream: &str) -> Outcome {
    requests_bytes(stream.as_bytes())
}

pub(super) fn requests_bytes(stream: &[u8]) -> Outcome {
    let whole = feed(&mut RequestDecoder::new(), 1000, stream, &[]);
    for size in 1..8 {
        assert_eq!(feed(&mut RequestDecoder::new(), 1000, stream, &[size]), whole, "in pieces of {size}");
    }
    whole
}

/// Reads responses in one piece, and checks that pieces of one to seven bytes say the same.
pub(super) fn responses(methods: &[Method], stream: &str) -> Outcome {
    let whole = feed(&mut Responses::to(methods), 1000, stream.as_bytes(), &[]);
    for size in 1..8 {
        let pieces = feed(&mut Responses::to(methods), 1000, stream.as_bytes(), &[size]);
        assert_eq!(pieces, whole, "in pieces of {size}");
    }
    whole
}
