//! Decoders of text: whatever the pieces in which the bytes come, the reading is the same.

use decode::Input;
use decode::http1::{Error, Event, Fields, Framing, Method, RequestDecoder, ResponseDecoder};
use decode::json::{Token, Tokenizer};

/// Cuts `bytes` in pieces of the sizes that `cuts` names in turn, 1 to 16 bytes each; all at once if it
/// names none.
fn pieces<'b>(bytes: &'b [u8], cuts: &'b [u8]) -> impl Iterator<Item = (u64, &'b [u8])> {
    let mut sizes = cuts.iter().cycle().map(|cut| usize::from(cut % 16) + 1);
    let mut at = 0;
    core::iter::from_fn(move || {
        let rest = bytes.get(at..).filter(|rest| !rest.is_empty())?;
        let piece = rest.get(..sizes.next().unwrap_or(usize::MAX)).unwrap_or(rest);
        let start = at as u64;
        at += piece.len();
        Some((start, piece))
    })
}

/// A first byte that says how the others are cut, whose low bit is free for the target.
fn split(bytes: &[u8]) -> (u8, &[u8], &[u8]) {
    let Some((first, rest)) = bytes.split_first() else { return (0, &[], &[]) };
    let (cuts, text) = rest.split_at_checked(usize::from(first >> 5)).unwrap_or((&[], rest));
    (*first, cuts, text)
}

/// What was read, in a form that does not depend on the pieces.
#[derive(Debug, Default, PartialEq)]
struct Read {
    heads: Vec<(u64, u64, Vec<(u64, u64)>, Framing)>,
    /// Offset and value of each byte, and which kind it was.
    bytes: Vec<(u8, u64, u8)>,
    trailers: Vec<Vec<(u64, u64)>>,
    /// How many bytes had come with each end.
    ends: Vec<usize>,
    outcome: Option<Result<bool, Error>>,
}

fn places(fields: Fields<'_>) -> Vec<(u64, u64)> {
    fields.iter().map(|field| (field.name_at, field.value_at)).collect()
}

enum Decoder {
    Request(RequestDecoder),
    Response(ResponseDecoder),
}

impl Decoder {
    fn new(first: u8) -> Self {
        if first & 1 == 0 { Self::Request(RequestDecoder::new()) } else { Self::Response(ResponseDecoder::new()) }
    }

    fn next<'a>(&mut self, input: &mut Input<'a>, first: u8) -> Result<Option<Event<'a>>, Error> {
        match self {
            Self::Request(decoder) => decoder.next(input),
            Self::Response(decoder) => {
                if !decoder.is_expecting() {
                    decoder.expect(if first & 2 == 0 { Method::Get } else { Method::Head });
                }
                decoder.next(input)
            }
        }
    }

    fn note(&self, event: Event<'_>, read: &mut Read) {
        match event {
            Event::Head => match self {
                Self::Request(decoder) => {
                    let head = decoder.head().unwrap();
                    assert!(head.start() < head.end());
                    read.heads.push((head.start(), head.end(), places(head.fields()), head.framing()));
                }
                Self::Response(decoder) => {
                    let head = decoder.head().unwrap();
                    assert!(head.start() < head.end());
                    read.heads.push((head.start(), head.end(), places(head.fields()), head.framing()));
                }
            },
            Event::Body { at, bytes } => read.bytes.extend((at..).zip(bytes).map(|(at, byte)| (0, at, *byte))),
            Event::ChunkExtension { at, bytes } => {
                read.bytes.extend((at..).zip(bytes).map(|(at, byte)| (1, at, *byte)));
            }
            Event::Trailers => read.trailers.push(match self {
                Self::Request(decoder) => places(decoder.trailers()),
                Self::Response(decoder) => places(decoder.trailers()),
            }),
            Event::End => read.ends.push(read.bytes.len()),
        }
    }

    fn eof(&mut self) -> Result<Option<Event<'static>>, Error> {
        match self {
            Self::Request(decoder) => decoder.handle_eof(),
            Self::Response(decoder) => decoder.handle_eof(),
        }
    }
}

fn read_http(first: u8, text: &[u8], cuts: &[u8]) -> Read {
    let (mut decoder, mut read) = (Decoder::new(first), Read::default());
    for (at, piece) in pieces(text, cuts) {
        let mut input = Input::new(at, piece);
        loop {
            match decoder.next(&mut input, first) {
                Ok(Some(event)) => decoder.note(event, &mut read),
                Ok(None) => break,
                Err(error) => {
                    assert_eq!(decoder.next(&mut input, first), Err(error), "an error is final");
                    read.outcome = Some(Err(error));
                    return read;
                }
            }
        }
        assert!(input.is_empty(), "no event means that the piece is used up");
    }
    let end = decoder.eof();
    if let Ok(Some(event)) = end {
        decoder.note(event, &mut read);
    }
    read.outcome = Some(end.map(|event| event.is_some()));
    read
}

/// One direction of an HTTP/1 connection. The first byte: bit 0 for answers, bit 1 for answers to HEAD,
/// bits 5 to 7 how many bytes of cuts come before the text.
pub fn http1(bytes: &[u8]) {
    let (first, cuts, text) = split(bytes);
    let whole = read_http(first, text, &[]);
    assert!(whole.bytes.iter().all(|(_, at, byte)| text.get(*at as usize) == Some(byte)));
    assert!(whole.bytes.windows(2).all(|pair| pair.first().map(|one| one.1) < pair.last().map(|two| two.1)));
    if !cuts.is_empty() {
        assert_eq!(read_http(first, text, cuts), whole, "another reading in pieces");
    }
}

#[derive(Debug, PartialEq)]
enum Item {
    /// Brackets, words, quotes and the end.
    Mark(String),
    /// A byte that stands for itself.
    Byte(u64, u8),
    /// An escape and the ranges it takes.
    Escape(char, Vec<(u64, u64)>),
}

fn read_json(first: u8, text: &[u8], cuts: &[u8]) -> (Vec<Item>, Option<decode::json::Error>) {
    let mut tokenizer = if first & 1 == 0 { Tokenizer::new() } else { Tokenizer::sequence() };
    let mut items = Vec::new();
    let mut note = |tokenizer: &Tokenizer, token: Token<'_>| match token {
        Token::StringPiece { at, bytes } | Token::NumberPiece { at, bytes } => {
            items.extend((at..).zip(bytes).map(|(at, byte)| Item::Byte(at, *byte)));
        }
        Token::WholeString { key, at, bytes } => {
            items.push(Item::Mark(format!("{:?}", Token::StringStart { key })));
            items.extend((at..).zip(bytes).map(|(at, byte)| Item::Byte(at, *byte)));
            items.push(Item::Mark(format!("{:?}", Token::StringEnd)));
        }
        Token::StringEscape { character } => {
            let spans = tokenizer.escape_spans();
            let mut ranges: Vec<(u64, u64)> = Vec::new();
            for span in spans.iter() {
                // Ranges that touch are one that a cut divided.
                match ranges.last_mut() {
                    Some((at, len)) if *at + *len == span.at => *len += span.len,
                    _ => ranges.push((span.at, span.len)),
                }
            }
            items.push(Item::Escape(character, ranges));
        }
        other => items.push(Item::Mark(format!("{other:?}"))),
    };
    for (at, piece) in pieces(text, cuts) {
        let mut input = Input::new(at, piece);
        loop {
            match tokenizer.next(&mut input) {
                Ok(Some(token)) => note(&tokenizer, token),
                Ok(None) => break,
                Err(error) => return (items, Some(error)),
            }
        }
        assert!(input.is_empty(), "no token means that the piece is used up");
    }
    loop {
        match tokenizer.finish() {
            Ok(Some(token)) => note(&tokenizer, token),
            Ok(None) => return (items, None),
            Err(error) => return (items, Some(error)),
        }
    }
}

/// A JSON text, or a sequence of them. The first byte as with `http1`, bit 0 for a sequence.
pub fn json(bytes: &[u8]) {
    let (first, cuts, text) = split(bytes);
    let whole = read_json(first, text, &[]);
    let mut behind = 0;
    for item in &whole.0 {
        let (at, end) = match item {
            Item::Mark(_) => continue,
            Item::Byte(at, byte) => {
                assert_eq!(text.get(*at as usize), Some(byte));
                (*at, at + 1)
            }
            Item::Escape(_, ranges) => {
                let (first, last) = (ranges.first().unwrap(), ranges.last().unwrap());
                (first.0, last.0 + last.1)
            }
        };
        assert!(behind <= at && at < end && end <= text.len() as u64, "places stand in order, within the text");
        behind = end;
    }
    if !cuts.is_empty() {
        let (items, error) = read_json(first, text, cuts);
        assert_eq!(error, whole.1, "another verdict in pieces");
        // Of a character that is none, what was told before it showed depends on the pieces.
        let least = items.len().min(whole.0.len());
        let differ = items.len().max(whole.0.len()) - least;
        assert!(differ == 0 || error.is_some() && differ < 4, "{differ} more in pieces, or less");
        assert_eq!(items.get(..least), whole.0.get(..least), "another reading in pieces");
    }
}
