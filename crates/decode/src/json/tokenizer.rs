use super::escape::{EscapeReader, Escaped};
use super::literal::LiteralReader;
use super::number::NumberPart;
use super::token::Found;
use super::utf8::{Fault, Utf8};
use super::{Container, Error, JSON_DEPTH_MAX, Spans, Token};
use crate::{Input, scan};

/// Reads one JSON text, or a sequence of them, from pieces of any size.
///
/// A few hundred bytes of state, no buffer, no recursion: nesting is one bit a level.
#[derive(Clone, Debug)]
pub struct Tokenizer {
    state: State,
    /// The bit of each open container, the innermost one lowest: set for an object.
    objects: u128,
    depth: u32,
    /// True while the string being read is a key.
    key: bool,
    utf8: Utf8,
    extent: Extent,
    escape: EscapeReader,
    /// The length of the piece that was just found.
    piece_len: usize,
    /// Where the string that was just opened goes on, and how far it stands for itself from there.
    ahead: Option<(u64, usize)>,
    /// The character of the escape that was just found.
    character: char,
}

/// How many values there may be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Extent {
    Text,
    /// One value a line; true while the line has none yet.
    Sequence {
        line_is_empty: bool,
    },
    /// Values with or without anything between them.
    Stream,
    /// Objects and arrays, each of which begins a line; true while the line has none yet.
    Texts {
        line_is_empty: bool,
        /// It failed before anything in a text.
        failed_early: bool,
    },
}

#[derive(Clone, Copy, Debug)]
enum State {
    /// Before the top-level value.
    Start,
    /// Before a value that must come.
    Value,
    /// Behind `[`.
    ArrayFirst,
    /// Behind `{`.
    ObjectFirst,
    /// Behind a comma in an object.
    Key,
    Colon,
    /// Behind a value in a container.
    Behind,
    String,
    Escape,
    Number(NumberPart),
    Literal(LiteralReader),
    /// Behind the top-level value, before its [`Token::End`].
    EndDue,
    /// Behind the one value of a text.
    Done,
    Failed(Error),
}

impl Tokenizer {
    /// A tokenizer of one JSON text: one value and white space around it.
    #[must_use]
    pub const fn new() -> Self {
        Self {
            state: State::Start,
            objects: 0,
            depth: 0,
            key: false,
            utf8: Utf8::complete(),
            extent: Extent::Text,
            escape: EscapeReader::new(),
            piece_len: 0,
            ahead: None,
            character: char::REPLACEMENT_CHARACTER,
        }
    }

    /// A tokenizer of newline-delimited values: any number of them (none, too), each on a line of
    /// its own and with no line end inside, since a receiver cuts the stream at line ends first.
    #[must_use]
    pub const fn sequence() -> Self {
        Self { extent: Extent::Sequence { line_is_empty: true }, ..Self::new() }
    }

    /// A tokenizer of values that follow each other, on lines, over lines or without a sign between them, as lenient
    /// readers of streams take them.
    #[must_use]
    pub const fn stream() -> Self {
        Self { extent: Extent::Stream, ..Self::new() }
    }

    /// A tokenizer of texts that nothing says to be one or many: objects and arrays, each of which begins a line.
    #[must_use]
    pub const fn texts() -> Self {
        Self { extent: Extent::Texts { line_is_empty: true, failed_early: false }, ..Self::new() }
    }

    /// True if it failed where one of several texts could have begun, or right behind its bracket: all before that is read.
    #[must_use]
    pub const fn failed_between_texts(&self) -> bool {
        matches!(self.extent, Extent::Texts { failed_early: true, .. })
    }

    /// True once a byte of a value was read.
    #[must_use]
    pub const fn has_begun(&self) -> bool {
        !matches!(self.state, State::Start)
    }

    /// How many containers the next token stands in.
    #[must_use]
    pub const fn depth(&self) -> u32 {
        self.depth
    }

    /// The innermost container that the next token stands in.
    #[must_use]
    pub const fn container(&self) -> Container {
        match self.depth {
            0 => Container::None,
            _ if self.objects & 1 == 1 => Container::Object,
            _ => Container::Array,
        }
    }

    /// Where the last [`Token::StringEscape`] stands on the wire. Asked before the next token is
    /// read, else the answer means nothing.
    #[must_use]
    pub fn escape_spans(&self) -> Spans {
        self.escape.spans()
    }

    /// True if bytes were read that no token has reported yet: part of an escape, a number or a
    /// literal.
    #[must_use]
    pub const fn is_within_token(&self) -> bool {
        matches!(self.state, State::Escape | State::Number(_) | State::Literal(_))
    }

    /// True if part of an escape was read, and the rest of it has to tell what it is.
    #[must_use]
    pub const fn is_within_escape(&self) -> bool {
        matches!(self.state, State::Escape)
    }

    /// Reads on to the next token; `None` once the input is used up. Call it until it says so:
    /// tokens can be left even when no byte is.
    ///
    /// Pieces need not touch on the wire: chunk framing may stand between them.
    ///
    /// # Errors
    /// The rule that the text broke; it is repeated from then on.
    #[inline]
    pub fn next<'a>(&mut self, input: &mut Input<'a>) -> Result<Option<Token<'a>>, Error> {
        match self.advance(input) {
            Ok(found) => Ok(self.token(found, input)),
            Err(error) => {
                if let Extent::Texts { failed_early, .. } = &mut self.extent {
                    let is_start = matches!((self.state, error), (State::Start, Error::Value));
                    let is_behind = matches!(self.state, State::ObjectFirst | State::ArrayFirst) && self.depth == 1;
                    *failed_early |= is_start || is_behind;
                }
                self.state = State::Failed(error);
                Err(error)
            }
        }
    }

    /// Takes note that the text has ended, and returns what that completes: call it until it
    /// returns `None`.
    ///
    /// # Errors
    /// [`Error::Truncated`] if the text is not complete, or has no value and needs one.
    pub fn finish(&mut self) -> Result<Option<Token<'static>>, Error> {
        let result = match self.state {
            State::Number(part) if self.depth == 0 && part.is_complete() => {
                self.state = State::EndDue;
                return Ok(Some(Token::NumberEnd));
            }
            State::EndDue => {
                self.end();
                Ok(Some(Token::End))
            }
            State::Done => Ok(None),
            State::Start if self.extent != Extent::Text => Ok(None),
            State::Failed(error) => Err(error),
            State::Start
            | State::Value
            | State::ArrayFirst
            | State::ObjectFirst
            | State::Key
            | State::Colon
            | State::Behind
            | State::String
            | State::Escape
            | State::Number(_)
            | State::Literal(_) => Err(Error::Truncated),
        };
        if let Err(error) = result {
            self.state = State::Failed(error);
        }
        result
    }

    /// The token, with its bytes taken from the input.
    #[inline]
    fn token<'a>(&self, found: Found, input: &mut Input<'a>) -> Option<Token<'a>> {
        let at = input.at();
        Some(match found {
            Found::Starved => return None,
            Found::WholeKey => Token::WholeString { key: true, at, bytes: self.take_whole(input) },
            Found::WholeString => Token::WholeString { key: false, at, bytes: self.take_whole(input) },
            Found::StringPiece => Token::StringPiece { at, bytes: input.take(self.piece_len) },
            Found::StringEscape => Token::StringEscape { character: self.character },
            Found::NumberPiece => Token::NumberPiece { at, bytes: input.take(self.piece_len) },
            Found::KeyStart => Token::StringStart { key: true },
            Found::StringStart => Token::StringStart { key: false },
            Found::ObjectStart => Token::ObjectStart,
            Found::ObjectEnd => Token::ObjectEnd,
            Found::ArrayStart => Token::ArrayStart,
            Found::ArrayEnd => Token::ArrayEnd,
            Found::StringEnd => Token::StringEnd,
            Found::NumberStart => Token::NumberStart,
            Found::NumberEnd => Token::NumberEnd,
            Found::True => Token::True,
            Found::False => Token::False,
            Found::Null => Token::Null,
            Found::End => Token::End,
        })
    }

    /// The bytes of the string that was just found whole; its closing quote is read, too.
    #[inline]
    fn take_whole<'a>(&self, input: &mut Input<'a>) -> &'a [u8] {
        let bytes = input.take(self.piece_len);
        input.take(1);
        bytes
    }

    #[inline]
    fn advance(&mut self, input: &mut Input<'_>) -> Result<Found, Error> {
        loop {
            match self.state {
                State::String => return self.string(input),
                State::Escape => return self.escape(input),
                State::Number(part) => return self.number(part, input),
                State::Literal(reader) => return self.literal(reader, input),
                State::EndDue => return Ok(self.end()),
                State::Failed(error) => return Err(error),
                State::Start
                | State::Value
                | State::ArrayFirst
                | State::ObjectFirst
                | State::Key
                | State::Colon
                | State::Behind
                | State::Done => {}
            }
            let Some(next) = self.skip_white_space(input)? else { return Ok(Found::Starved) };
            if let Some(found) = self.structure(next, input)? {
                return Ok(found);
            }
        }
    }

    /// Reads white space; returns the byte behind it, which stays unread.
    #[inline]
    fn skip_white_space(&mut self, input: &mut Input<'_>) -> Result<Option<u8>, Error> {
        let bytes = input.bytes();
        let is_space = |byte: &u8| matches!(byte, b' ' | b'\t' | b'\n' | b'\r');
        match bytes.first() {
            Some(first) if !is_space(first) => return Ok(Some(*first)),
            _ => {}
        }
        let count = bytes.iter().position(|byte| !is_space(byte)).unwrap_or(bytes.len());
        if let Extent::Sequence { line_is_empty } = &mut self.extent {
            let spaces = bytes.get(..count).unwrap_or_default();
            let between = matches!(self.state, State::Start);
            if !between && let Some(place) = spaces.iter().position(|byte| matches!(byte, b'\n' | b'\r')) {
                input.take(place);
                return Err(Error::LineEnd);
            }
            *line_is_empty |= spaces.contains(&b'\n');
        }
        if let Extent::Texts { line_is_empty, .. } = &mut self.extent {
            *line_is_empty |= bytes.get(..count).is_some_and(|spaces| spaces.contains(&b'\n'));
        }
        input.take(count);
        Ok(input.peek())
    }

    /// Reads a byte that stands between values, or the first one of a value. Nothing is found in a
    /// comma or a colon.
    #[inline]
    fn structure(&mut self, next: u8, input: &mut Input<'_>) -> Result<Option<Found>, Error> {
        match (self.state, next) {
            (State::ArrayFirst, b']') => return Ok(Some(self.close(input, Found::ArrayEnd))),
            (State::ObjectFirst, b'}') => return Ok(Some(self.close(input, Found::ObjectEnd))),
            (State::ObjectFirst | State::Key, b'"') => {
                self.key = true;
                return Ok(Some(self.open_string(input)));
            }
            (State::ObjectFirst | State::Key, _) => return Err(Error::Key),
            (State::Colon, b':') => self.state = State::Value,
            (State::Colon, _) => return Err(Error::Colon),
            (State::Behind, _) => return self.behind_value(next, input),
            (State::Done, _) => return Err(Error::TrailingBytes),
            (State::Start, _) => {
                self.check_start(next)?;
                return self.value(next, input).map(Some);
            }
            _ => return self.value(next, input).map(Some),
        }
        input.take(1);
        Ok(None)
    }

    #[inline]
    fn behind_value(&mut self, next: u8, input: &mut Input<'_>) -> Result<Option<Found>, Error> {
        match (self.container(), next) {
            (Container::Object, b',') => self.state = State::Key,
            (Container::Array, b',') => self.state = State::Value,
            (Container::Object, b'}') => return Ok(Some(self.close(input, Found::ObjectEnd))),
            (Container::Array, b']') => return Ok(Some(self.close(input, Found::ArrayEnd))),
            _ => return Err(Error::CommaOrClose),
        }
        input.take(1);
        Ok(None)
    }

    /// Checks that a top-level value may begin here.
    fn check_start(&mut self, next: u8) -> Result<(), Error> {
        match &mut self.extent {
            _ if next == 0xef => Err(Error::ByteOrderMark),
            Extent::Sequence { line_is_empty: false } | Extent::Texts { line_is_empty: false, .. } => {
                Err(Error::SameLine)
            }
            Extent::Texts { .. } if !matches!(next, b'{' | b'[') => Err(Error::Value),
            Extent::Sequence { line_is_empty } | Extent::Texts { line_is_empty, .. } => {
                *line_is_empty = false;
                Ok(())
            }
            Extent::Text | Extent::Stream => Ok(()),
        }
    }

    #[inline]
    fn value(&mut self, next: u8, input: &mut Input<'_>) -> Result<Found, Error> {
        match next {
            b'"' => {
                self.key = false;
                Ok(self.open_string(input))
            }
            b'{' => self.open(input, Found::ObjectStart),
            b'[' => self.open(input, Found::ArrayStart),
            b'-' | b'0'..=b'9' => {
                self.state = State::Number(NumberPart::Start);
                Ok(Found::NumberStart)
            }
            _ => self.literal(LiteralReader::new(next).ok_or(Error::Value)?, input),
        }
    }

    #[inline]
    fn open(&mut self, input: &mut Input<'_>, found: Found) -> Result<Found, Error> {
        if self.depth == JSON_DEPTH_MAX {
            return Err(Error::Depth);
        }
        let is_object = found == Found::ObjectStart;
        input.take(1);
        self.depth += 1;
        self.objects = self.objects << 1 | u128::from(is_object);
        self.state = if is_object { State::ObjectFirst } else { State::ArrayFirst };
        Ok(found)
    }

    #[inline]
    fn close(&mut self, input: &mut Input<'_>, found: Found) -> Found {
        input.take(1);
        self.depth = self.depth.saturating_sub(1);
        self.objects >>= 1;
        self.end_value();
        found
    }

    #[inline]
    fn open_string(&mut self, input: &mut Input<'_>) -> Found {
        input.take(1);
        let bytes = input.bytes();
        let run = scan::json_literal(bytes);
        let (literal, rest) = bytes.split_at_checked(run).unwrap_or_default();
        if rest.first() == Some(&b'"') && (scan::is_ascii(literal) || core::str::from_utf8(literal).is_ok()) {
            self.piece_len = run;
            return self.close_string(Found::WholeKey, Found::WholeString);
        }
        self.ahead = Some((input.at(), run));
        self.state = State::String;
        if self.key { Found::KeyStart } else { Found::StringStart }
    }

    #[inline]
    fn close_string(&mut self, key: Found, value: Found) -> Found {
        if self.key {
            self.state = State::Colon;
            key
        } else {
            self.end_value();
            value
        }
    }

    #[inline]
    fn end_value(&mut self) {
        self.state = if self.depth == 0 { State::EndDue } else { State::Behind };
    }

    fn end(&mut self) -> Found {
        self.state = match self.extent {
            Extent::Text => State::Done,
            Extent::Sequence { .. } | Extent::Stream | Extent::Texts { .. } => State::Start,
        };
        Found::End
    }

    #[inline]
    fn string(&mut self, input: &mut Input<'_>) -> Result<Found, Error> {
        let known = self.ahead.take().filter(|(at, _)| *at == input.at()).map(|(_, run)| run);
        self.piece_len = self.literal_run(input.bytes(), known)?;
        if self.piece_len > 0 {
            return Ok(Found::StringPiece);
        }
        match input.peek() {
            None => Ok(Found::Starved),
            Some(b'"') => {
                input.take(1);
                Ok(self.close_string(Found::StringEnd, Found::StringEnd))
            }
            Some(b'\\') => {
                if let Some(character) = self.escape.read_short(input) {
                    self.character = character;
                    return Ok(Found::StringEscape);
                }
                self.escape.begin();
                self.escape(input)
            }
            Some(_) => Err(Error::ControlCharacter),
        }
    }

    /// How many leading bytes of `bytes` stand for themselves in a string and are UTF-8; `known` is as
    /// many of them as were looked at when the string was opened.
    #[inline]
    fn literal_run(&mut self, bytes: &[u8], known: Option<usize>) -> Result<usize, Error> {
        let begun = if self.utf8.is_complete() { 0 } else { self.utf8.finish(bytes)? };
        let rest = bytes.get(begun..).unwrap_or_default();
        let run = known.filter(|run| *run <= rest.len()).unwrap_or_else(|| scan::json_literal(rest));
        let literal = rest.get(..run).unwrap_or_default();
        match self.utf8.check(literal, run == rest.len()) {
            Ok(()) => Ok(begun + run),
            // What stands before the fault is reported first, whatever the split.
            Err(Fault { valid }) if begun + valid > 0 => Ok(begun + valid),
            Err(Fault { .. }) => Err(Error::Utf8),
        }
    }

    fn escape(&mut self, input: &mut Input<'_>) -> Result<Found, Error> {
        match self.escape.read(input)? {
            Escaped::Starved => {
                self.state = State::Escape;
                return Ok(Found::Starved);
            }
            Escaped::Inside(character) => (self.state, self.character) = (State::Escape, character),
            Escaped::Last(character) => (self.state, self.character) = (State::String, character),
        }
        Ok(Found::StringEscape)
    }

    fn number(&mut self, part: NumberPart, input: &Input<'_>) -> Result<Found, Error> {
        let (count, part) = part.run(input.bytes())?;
        if count > 0 {
            self.state = State::Number(part);
            self.piece_len = count;
            return Ok(Found::NumberPiece);
        }
        if input.is_empty() {
            return Ok(Found::Starved);
        }
        self.end_value();
        Ok(Found::NumberEnd)
    }

    fn literal(&mut self, reader: LiteralReader, input: &mut Input<'_>) -> Result<Found, Error> {
        let mut reader = reader;
        let found = reader.read(input)?;
        if found == Found::Starved {
            self.state = State::Literal(reader);
        } else {
            self.end_value();
        }
        Ok(found)
    }
}

impl Default for Tokenizer {
    fn default() -> Self {
        Self::new()
    }
}
