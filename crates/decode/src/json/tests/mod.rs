//! Tests of the tokenizer through its public interface.

mod grammar;
mod rebuild;
mod suite;

use super::*;
use crate::Input;

/// A token, in a form that does not depend on how the bytes were split.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Seen {
    Plain(Token<'static>),
    /// What the string holds, and where each character's bytes stand: an escape has its ranges, a
    /// literal byte its own place.
    String {
        key: bool,
        bytes: Vec<u8>,
        places: Vec<Vec<(u64, u64)>>,
    },
    Number {
        text: String,
        at: Vec<u64>,
    },
}

/// For each part of a string the ranges it takes: offset and length.
pub(super) type Places = Vec<Vec<(u64, u64)>>;

/// Tokens, and the error if there was one.
pub(super) type Outcome = (Vec<Seen>, Option<Error>);

/// Reads `text` in pieces of the given sizes (the last one again and again). Between two pieces
/// `gap` bytes are left out on the wire.
pub(super) fn feed(mut tokenizer: Tokenizer, text: &[u8], sizes: &[usize], gap: u64) -> Outcome {
    let mut seen = Seeing::default();
    let (mut at, mut rest, mut sizes) = (0, text, sizes.iter().copied());
    let mut size = usize::MAX;
    while !rest.is_empty() {
        size = sizes.next().unwrap_or(size).max(1).min(rest.len());
        let (piece, behind) = rest.split_at(size);
        let mut input = Input::new(at, piece);
        loop {
            match tokenizer.next(&mut input) {
                Ok(Some(token)) => seen.note(token, tokenizer.escape_spans()),
                Ok(None) => break,
                Err(error) => {
                    assert_eq!(tokenizer.next(&mut input), Err(error), "an error is final");
                    assert_eq!(tokenizer.finish(), Err(error), "an error is final");
                    return (seen.all, Some(error));
                }
            }
        }
        assert!(input.is_empty(), "no token means that the piece is used up");
        at += piece.len() as u64 + gap;
        rest = behind;
    }
    loop {
        match tokenizer.finish() {
            Ok(Some(token)) => seen.note(token, tokenizer.escape_spans()),
            Ok(None) => return (seen.all, None),
            Err(error) => return (seen.all, Some(error)),
        }
    }
}

#[derive(Default)]
struct Seeing {
    all: Vec<Seen>,
}

impl Seeing {
    fn note(&mut self, token: Token<'_>, spans: Spans) {
        match token {
            Token::StringStart { key } => {
                self.all.push(Seen::String { key, bytes: Vec::new(), places: Vec::new() });
            }
            Token::WholeString { key, at, bytes } => {
                let places = (at..).take(bytes.len()).map(|at| vec![(at, 1)]).collect();
                self.all.push(Seen::String { key, bytes: bytes.to_vec(), places });
            }
            Token::StringPiece { at, bytes: piece } => {
                assert!(!piece.is_empty());
                let Some(Seen::String { bytes, places, .. }) = self.all.last_mut() else { panic!("no string") };
                bytes.extend(piece);
                places.extend((at..).take(piece.len()).map(|at| vec![(at, 1)]));
            }
            Token::StringEscape { character } => {
                let Some(Seen::String { bytes, places, .. }) = self.all.last_mut() else { panic!("no string") };
                bytes.extend(character.to_string().as_bytes());
                places.push(spans.iter().map(|span| (span.at, span.len)).collect());
            }
            Token::NumberStart => self.all.push(Seen::Number { text: String::new(), at: Vec::new() }),
            Token::NumberPiece { at, bytes } => {
                let Some(Seen::Number { text, at: places }) = self.all.last_mut() else { panic!("no number") };
                text.push_str(core::str::from_utf8(bytes).unwrap());
                places.extend((at..).take(bytes.len()));
            }
            Token::StringEnd | Token::NumberEnd => {}
            Token::ObjectStart => self.all.push(Seen::Plain(Token::ObjectStart)),
            Token::ObjectEnd => self.all.push(Seen::Plain(Token::ObjectEnd)),
            Token::ArrayStart => self.all.push(Seen::Plain(Token::ArrayStart)),
            Token::ArrayEnd => self.all.push(Seen::Plain(Token::ArrayEnd)),
            Token::True => self.all.push(Seen::Plain(Token::True)),
            Token::False => self.all.push(Seen::Plain(Token::False)),
            Token::Null => self.all.push(Seen::Plain(Token::Null)),
            Token::End => self.all.push(Seen::Plain(Token::End)),
        }
    }
}

/// Reads a text in one piece, and checks that pieces of one to five bytes say the same.
pub(super) fn read(text: &[u8]) -> Outcome {
    read_with(Tokenizer::new(), text)
}

pub(super) fn read_with(tokenizer: Tokenizer, text: &[u8]) -> Outcome {
    let whole = feed(tokenizer.clone(), text, &[], 0);
    for size in 1..6 {
        let pieces = feed(tokenizer.clone(), text, &[size], 0);
        assert_eq!(pieces.1, whole.1, "in pieces of {size}");
        // A character that proves broken behind a cut was begun before the cut.
        if whole.1 != Some(Error::Utf8) {
            assert_eq!(pieces.0, whole.0, "in pieces of {size}");
        }
    }
    whole
}
