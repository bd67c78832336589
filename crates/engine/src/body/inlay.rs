//! JSON that stands within a text: a file among the parts of a form, lines behind other lines, a stream that is called
//! something else.
//!
//! The text is one leaf and is read as that. An object or an array that begins a line is followed besides: what its reader
//! puts together, the parts of a message or the pieces of a stream, is handed to the joined readings with its place in the
//! leaf. What turns out to be no JSON was read all the same, so it is no error.

use super::Sink;
use super::json::JsonReader;
use crate::{Event, Inlaid, Pipeline};
use decode::json::{Token, Tokenizer};
use decode::{Input, Span};
use llm::{Form, Join, Role};
use policy::Reason;

/// The longest label that may stand before a value, in bytes: `data`.
const LABEL_BYTES_MAX: u8 = 4;

/// Follows what is JSON in one text.
#[derive(Debug)]
pub(super) struct Inlay {
    /// What the text is part of; `None` if nothing in it is followed.
    form: Option<Form>,
    state: State,
    /// Bytes of the text so far.
    offset: u64,
    /// Where on the wire an escape begins that came in part.
    partial_at: Option<u64>,
    /// The joined reading of the open string.
    join: Option<Join>,
    /// Nothing of the open string was handed on.
    begins: bool,
    /// What the open number is.
    role: Role,
    /// The value had the number of a token.
    had_tokens: bool,
}

/// An inlay, and the reader that it works with.
pub(super) struct Follower<'f> {
    pub(super) inlay: &'f mut Inlay,
    pub(super) json: &'f mut JsonReader,
    pub(super) form: Option<Form>,
}

impl Follower<'_> {
    /// A leaf begins.
    pub(super) const fn begin(&mut self) {
        self.inlay.begin(self.form, 0);
    }

    /// A piece of the open leaf was handed on.
    pub(super) fn read(&mut self, at: u64, bytes: &[u8], sink: &mut Sink<'_, impl Pipeline>) -> Result<(), Reason> {
        self.inlay.read(self.json, at, bytes, sink).map(|_| ())
    }
}

/// Where in a line it stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum State {
    /// Before anything but white space.
    Start,
    /// Within what may be a label: the name of a field of events, or the number of a part of a stream.
    Label { len: u8, is_data: bool },
    /// Behind the colon of a label.
    Labelled { is_data: bool },
    /// In a value; nothing but white space has come on its line if it is fresh.
    Value { is_fresh: bool },
    /// Behind a value.
    Behind,
    /// In the data of an event that is a text.
    Data { begins: bool },
    /// In what is of no interest.
    Rest,
}

impl Inlay {
    pub(super) const fn new() -> Self {
        Self {
            form: None,
            state: State::Start,
            offset: 0,
            partial_at: None,
            join: None,
            begins: false,
            role: Role::Plain,
            had_tokens: false,
        }
    }

    /// Begins another text, of which so many bytes are read.
    pub(super) const fn begin(&mut self, form: Option<Form>, offset: u64) {
        *self = Self { form, offset, ..Self::new() };
    }

    /// Where on the wire begins what is not read to its end.
    pub(super) const fn unread(&self) -> Option<u64> {
        self.partial_at
    }

    /// Follows a piece of the text that was handed on as part of the open leaf. Returns the offset of the first byte on
    /// the wire that is not read to its end.
    pub(super) fn read(
        &mut self,
        json: &mut JsonReader,
        at: u64,
        bytes: &[u8],
        sink: &mut Sink<'_, impl Pipeline>,
    ) -> Result<Option<u64>, Reason> {
        let Some(form) = self.form else { return Ok(None) };
        let piece = Input::new(self.offset, bytes);
        let mut input = piece;
        self.offset += bytes.len() as u64;
        while !input.is_empty() {
            match self.state {
                State::Rest => self.rest(&mut input),
                State::Data { begins } => self.data(begins, &mut input, sink),
                State::Value { is_fresh } => self.value(json, (at, &piece), is_fresh, &mut input, sink)?,
                State::Start | State::Label { .. } | State::Labelled { .. } | State::Behind => {
                    self.step(json, form, &mut input);
                }
            }
        }
        Ok(self.unread())
    }

    /// Looks at the next byte before a value; one that belongs to it stays unread.
    fn step(&mut self, json: &mut JsonReader, form: Form, input: &mut Input<'_>) {
        let Some(next) = input.peek() else { return };
        let has_labels = form == Form::StreamEvent;
        let is_value = match self.state {
            State::Labelled { .. } => matches!(next, b'{' | b'[' | b'"'),
            State::Start | State::Behind => matches!(next, b'{' | b'['),
            State::Label { .. } | State::Value { .. } | State::Data { .. } | State::Rest => false,
        };
        if is_value {
            json.begin(form, Tokenizer::new());
            self.had_tokens = false;
            self.state = State::Value { is_fresh: self.state == State::Start };
            return;
        }
        self.state = match (self.state, next) {
            (_, b'\n' | b'\r') => State::Start,
            // A sign before each text of a sequence (RFC 7464), or a mark of the order of bytes.
            (state @ (State::Start | State::Behind), b' ' | b'\t' | 0x1e | 0xef | 0xbb | 0xbf) => state,
            (state @ State::Labelled { .. }, b' ') => state,
            (State::Start, _) if has_labels && next.is_ascii_alphanumeric() => {
                State::Label { len: 1, is_data: next == b'd' }
            }
            (State::Label { len, is_data }, b':') if len == 1 || is_data && len == LABEL_BYTES_MAX => {
                State::Labelled { is_data: is_data && len == LABEL_BYTES_MAX }
            }
            (State::Label { len, is_data: true }, _) if b"data".get(usize::from(len)) == Some(&next) => {
                State::Label { len: len + 1, is_data: true }
            }
            (State::Labelled { is_data: true }, _) => {
                self.state = State::Data { begins: true };
                return;
            }
            _ => State::Rest,
        };
        input.take(1);
    }

    /// Reads to the end of the line.
    fn rest(&mut self, input: &mut Input<'_>) {
        let bytes = input.bytes();
        let end = memchr::memchr2(b'\n', b'\r', bytes);
        input.take(end.map_or(bytes.len(), |end| end + 1));
        if end.is_some() {
            self.state = State::Start;
        }
    }

    /// Reads the data of an event that is no JSON: a piece of a text as it is.
    fn data(&mut self, begins: bool, input: &mut Input<'_>, sink: &mut Sink<'_, impl Pipeline>) {
        let bytes = input.bytes();
        let end = memchr::memchr2(b'\n', b'\r', bytes).unwrap_or(bytes.len());
        let start = input.at();
        let text = input.take(end);
        if !text.is_empty() {
            sink.inlaid(Inlaid { join: Join::TEXT, start, len: text.len() as u64, text, begins });
        }
        self.state = if input.is_empty() { State::Data { begins: begins && text.is_empty() } } else { State::Rest };
    }

    /// Reads on in a value.
    fn value(
        &mut self,
        json: &mut JsonReader,
        (at, piece): (u64, &Input<'_>),
        is_fresh: bool,
        input: &mut Input<'_>,
        sink: &mut Sink<'_, impl Pipeline>,
    ) -> Result<(), Reason> {
        let wire_of = |place: u64| place.checked_sub(piece.at()).map(|distance| at + distance);
        let mut done = input.at();
        loop {
            match json.tokenizer.next(input) {
                Ok(Some(Token::End)) => {
                    self.value_end(json, sink);
                    self.state = State::Behind;
                    break;
                }
                Ok(Some(token)) => self.token(token, json, sink),
                Ok(None) => {
                    let read = piece.bytes();
                    self.state = State::Value { is_fresh: is_at_line_start(read, is_fresh) };
                    if !json.tokenizer.is_within_escape() {
                        self.partial_at = None;
                    } else if self.partial_at.is_none() {
                        self.partial_at = wire_of(done);
                    }
                    return Ok(());
                }
                Err(_) => {
                    self.end_joins(json, sink);
                    let read = piece.bytes().get(..piece.len() - input.len()).unwrap_or_default();
                    // What cannot go on here may begin here.
                    self.state = if is_at_line_start(read, is_fresh) { State::Start } else { State::Rest };
                    break;
                }
            }
            if json.walker.is_ambiguous() {
                return Err(Reason::JsonDuplicate);
            }
            self.partial_at = None;
            done = input.at();
        }
        self.partial_at = None;
        Ok(())
    }

    fn token(&mut self, token: Token<'_>, json: &mut JsonReader, sink: &mut Sink<'_, impl Pipeline>) {
        match token {
            Token::ObjectStart => json.walker.open(false),
            Token::ArrayStart => json.walker.open(true),
            Token::ObjectEnd | Token::ArrayEnd => {
                if let Some(join) = json.walker.close() {
                    sink.event(Event::JoinEnd(join));
                }
            }
            Token::WholeString { key: true, bytes, .. } => json.walker.key(bytes),
            Token::WholeString { key: false, at, bytes } => {
                self.string_start(json);
                self.text(Span { at, len: bytes.len() as u64 }, bytes, sink);
            }
            Token::StringStart { key: true } => {
                json.walker.key_start();
                json.in_key = true;
            }
            Token::StringStart { key: false } => self.string_start(json),
            Token::StringPiece { bytes, .. } if json.in_key => json.walker.key_bytes(bytes),
            Token::StringPiece { at, bytes } => self.text(Span { at, len: bytes.len() as u64 }, bytes, sink),
            Token::StringEscape { character } => self.escape(character, json, sink),
            Token::StringEnd => {
                if core::mem::take(&mut json.in_key) {
                    json.walker.key_end();
                }
            }
            Token::NumberStart => self.role = json.number_begin(),
            Token::NumberPiece { bytes, .. } => json.note_digits(bytes),
            Token::NumberEnd => self.number_end(json, sink),
            Token::True | Token::False | Token::Null | Token::End => {}
        }
    }

    fn string_start(&mut self, json: &mut JsonReader) {
        (_, self.join) = json.walker.string();
        (self.begins, json.in_key) = (true, false);
    }

    fn text(&mut self, place: Span, text: &[u8], sink: &mut Sink<'_, impl Pipeline>) {
        if let Some(join) = self.join.filter(|_| !text.is_empty()) {
            let begins = core::mem::take(&mut self.begins);
            sink.inlaid(Inlaid { join, start: place.at, len: place.len, text, begins });
        }
    }

    fn escape(&mut self, character: char, json: &mut JsonReader, sink: &mut Sink<'_, impl Pipeline>) {
        let spans = json.tokenizer.escape_spans();
        let (mut first, mut utf8) = (None, [0; 4]);
        // In one leaf the halves of a pair touch.
        let len = spans.iter().map(|span| (first.get_or_insert(span.at), span.len).1).sum();
        let text = character.encode_utf8(&mut utf8).as_bytes();
        if json.in_key {
            json.walker.key_bytes(text);
        } else if let Some(at) = first {
            self.text(Span { at, len }, text, sink);
        }
    }

    fn number_end(&mut self, json: &mut JsonReader, sink: &mut Sink<'_, impl Pipeline>) {
        let value = json.digits_value();
        json.walker.number_end(value);
        let count = value.filter(|_| !json.is_negative());
        match self.role {
            Role::Usage(field) => sink.event(Event::Usage(field, count)),
            Role::Token => self.had_tokens |= count.is_some(),
            Role::Plain | Role::Model | Role::Stream | Role::Setting | Role::Count => {}
        }
    }

    /// A value is complete. Numbers may be anything in a file, but in a line of a batch they are a prompt.
    fn value_end(&mut self, json: &mut JsonReader, sink: &mut Sink<'_, impl Pipeline>) {
        if core::mem::take(&mut self.had_tokens) && json.walker.is_of_batch() {
            sink.event(Event::TokenIds);
        }
    }

    /// Nothing more is joined to the parts of a value that is none.
    fn end_joins(&mut self, json: &mut JsonReader, sink: &mut Sink<'_, impl Pipeline>) {
        (self.join, json.in_key) = (None, false);
        while json.walker.is_open() {
            if let Some(join) = json.walker.close() {
                sink.event(Event::JoinEnd(join));
            }
        }
    }
}

/// True if behind these bytes nothing but white space has come on a line, before which that was so or not.
fn is_at_line_start(read: &[u8], was_before: bool) -> bool {
    let is_end = |byte: &u8| matches!(byte, b'\n' | b'\r');
    let blank = read.iter().rev().take_while(|byte| matches!(byte, b' ' | b'\t' | b'\n' | b'\r'));
    let (mut count, mut has_end) = (0, false);
    for byte in blank {
        count += 1;
        has_end |= is_end(byte);
    }
    has_end || count == read.len() && was_before
}
