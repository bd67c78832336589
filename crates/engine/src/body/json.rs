//! JSON texts into leaves and labels.

use super::Sink;
use crate::{Event, LeafKind, Pipeline, WholeLeaf};
use arrayvec::ArrayVec;
use core::str;
use decode::json::{ErrorKind, Token, Tokenizer};
use decode::{Input, Span};
use llm::{COUNT_MAX, Form, Role, Walker};
use policy::Reason;
use policy::detect::{NUMBER_DIGITS_MAX, number_view};

/// Longest number. A double has 17 digits that mean something; what is longer hides some.
const NUMBER_BYTES_MAX: usize = 96;
/// Longest model name that is kept.
const MODEL_BYTES_MAX: usize = 64;
const _: () = assert!(MODEL_BYTES_MAX <= NUMBER_BYTES_MAX, "both stand in one place");
/// Bytes between two strings that are worth reading along with them.
const GAP_BYTES_MAX: usize = 32;
/// What stands for a model name that is no text.
const UNREADABLE: &str = "[unreadable]";

/// Reads JSON texts.
#[derive(Debug)]
pub(super) struct JsonReader {
    pub(super) tokenizer: Tokenizer,
    pub(super) walker: Walker,
    form: Form,
    /// What a text behind the first one is.
    form_behind: Form,
    /// What the open value is.
    role: Role,
    pub(super) in_key: bool,
    /// The number that is open, or the name of a model.
    value: ArrayVec<u8, NUMBER_BYTES_MAX>,
    /// The number is longer than one may be.
    number_is_long: bool,
    /// The numbers before it stand for characters of a text.
    is_spelled: bool,
    /// The offset of the open number's first byte.
    number_at: Option<u64>,
    /// The offset of the first byte of an escape or a word that came in part.
    partial_at: Option<u64>,
    leaf_is_open: bool,
    was_model_call: bool,
    /// The text had the number of a token, which was said.
    had_tokens: bool,
    /// Whole strings of the piece being read that were not handed on yet.
    strings: Vec<WholeLeaf>,
}

impl JsonReader {
    pub(super) fn new() -> Self {
        Self {
            tokenizer: Tokenizer::new(),
            walker: Walker::new(Form::Request),
            form: Form::Request,
            form_behind: Form::Request,
            role: Role::Plain,
            in_key: false,
            value: ArrayVec::new(),
            number_is_long: false,
            is_spelled: false,
            number_at: None,
            partial_at: None,
            leaf_is_open: false,
            was_model_call: false,
            had_tokens: false,
            strings: Vec::new(),
        }
    }

    /// Begins a text, or several, as the tokenizer has it.
    pub(super) fn begin(&mut self, form: Form, tokenizer: Tokenizer) {
        self.tokenizer = tokenizer;
        self.walker.reset(form);
        (self.form, self.form_behind) = (form, form);
        self.in_key = false;
        self.number_at = None;
        self.partial_at = None;
        self.leaf_is_open = false;
        self.number_is_long = false;
        self.is_spelled = false;
        self.was_model_call = false;
        self.had_tokens = false;
    }

    /// Begins an answer. More than one text is a stream of them, the first of which nobody knew to be part of one.
    pub(super) fn begin_answers(&mut self) {
        self.begin(Form::Answer, Tokenizer::stream());
        self.form_behind = Form::StreamEvent;
    }

    /// Its tokenizer, to look at what may be a text; the text begins anew behind that.
    pub(super) const fn tokenizer(&mut self) -> &mut Tokenizer {
        &mut self.tokenizer
    }

    /// Reads a piece; returns the offset of the first byte that is not read to its end. On an error
    /// `input` stands where reading stopped.
    pub(super) fn read(
        &mut self,
        input: &mut Input<'_>,
        sink: &mut Sink<'_, impl Pipeline>,
    ) -> Result<Option<u64>, Reason> {
        let mut done = self.partial_at.unwrap_or_else(|| input.at());
        let piece = *input;
        loop {
            match self.tokenizer.next(input) {
                Ok(Some(Token::WholeString { key, at, bytes })) => self.whole_string(key, at, bytes, &piece, sink),
                Ok(Some(token)) => {
                    // Another leaf begins, which comes behind them.
                    if matches!(token, Token::StringStart { .. } | Token::NumberStart) {
                        self.flush(&piece, sink);
                    }
                    self.token(token, sink);
                }
                Ok(None) => break,
                Err(error) => {
                    self.flush(&piece, sink);
                    return Err(reason_of(error.kind()));
                }
            }
            if self.number_is_long {
                return Err(Reason::JsonNumber);
            }
            if self.walker.is_ambiguous() {
                return Err(Reason::JsonDuplicate);
            }
            done = input.at();
        }
        self.flush(&piece, sink);
        self.partial_at = self.tokenizer.is_within_token().then_some(done);
        Ok(self.number_at.or(self.partial_at))
    }

    /// True if what could not be read stands behind a text, and all before it is read.
    pub(super) const fn failed_between_texts(&self) -> bool {
        self.tokenizer.failed_between_texts()
    }

    /// True if nothing of a text has come.
    pub(super) const fn is_empty(&self) -> bool {
        !self.tokenizer.has_begun()
    }

    /// The text is complete.
    pub(super) fn finish(&mut self, sink: &mut Sink<'_, impl Pipeline>) -> Result<(), Reason> {
        loop {
            match self.tokenizer.finish() {
                Ok(Some(token)) => self.token(token, sink),
                Ok(None) => return Ok(()),
                Err(error) => return Err(reason_of(error.kind())),
            }
        }
    }

    /// The text is none from `at` on. True if a leaf is open, as a text to which what follows belongs.
    pub(super) fn abandon(&mut self, at: u64, sink: &mut Sink<'_, impl Pipeline>) -> bool {
        let number_at = self.number_at.take();
        if !core::mem::take(&mut self.leaf_is_open) {
            return false;
        }
        sink.map.set_kind(LeafKind::Text);
        if let Some(start) = number_at {
            // What stands between the pieces of a number is none of it.
            let is_whole = start + self.value.len() as u64 == at;
            sink.map.set_kind(if is_whole { LeafKind::Text } else { LeafKind::Binary });
            sink.literal(start, &self.value);
        }
        true
    }

    /// Collects whole strings, so that many are handed on at once.
    fn whole_string(
        &mut self,
        key: bool,
        at: u64,
        bytes: &[u8],
        piece: &Input<'_>,
        sink: &mut Sink<'_, impl Pipeline>,
    ) {
        let (role, join) = if key { (Role::Plain, None) } else { self.walker.string() };
        if key {
            self.walker.key(bytes);
            self.note_model_call(sink);
        }
        let start = usize::try_from(at - piece.at()).unwrap_or(usize::MAX);
        let gap = self.strings.last().map_or(0, |last| start.saturating_sub(last.end));
        if join.is_some() || gap > GAP_BYTES_MAX {
            self.flush(piece, sink);
        }
        let kind = if key { LeafKind::Key } else { LeafKind::Text };
        if join.is_some() {
            sink.whole(kind, join, at, bytes);
        } else if sink.is_read {
            self.strings.push(WholeLeaf { kind, start, end: start.saturating_add(bytes.len()) });
        }
        if role == Role::Model && self.form == Form::Request {
            self.flush(piece, sink);
            let kept = bytes.get(..MODEL_BYTES_MAX).unwrap_or(bytes);
            sink.model(str::from_utf8(kept).unwrap_or(UNREADABLE));
        }
    }

    /// Hands on what was collected: the strings and what stands between them, but for numbers.
    fn flush(&mut self, piece: &Input<'_>, sink: &mut Sink<'_, impl Pipeline>) {
        let (Some(first), Some(last)) = (self.strings.first(), self.strings.last()) else { return };
        let start = first.start;
        // With the quote behind the last one.
        let text = piece.bytes().get(start..=last.end).unwrap_or_default();
        for leaf in &mut self.strings {
            (leaf.start, leaf.end) = (leaf.start - start, leaf.end - start);
        }
        sink.leaves(piece.at() + start as u64, text, &self.strings, true);
        self.strings.clear();
    }

    fn token(&mut self, token: Token<'_>, sink: &mut Sink<'_, impl Pipeline>) {
        match token {
            Token::ObjectStart => self.walker.open(false),
            Token::ArrayStart => self.walker.open(true),
            Token::ObjectEnd | Token::ArrayEnd => {
                if let Some(join) = self.walker.close() {
                    sink.event(Event::JoinEnd(join));
                }
            }
            // Collected before it comes here.
            Token::WholeString { .. } => {}
            Token::StringStart { key } => self.string_start(key, sink),
            Token::StringPiece { at, bytes } => {
                self.note_text(bytes);
                sink.plain(at, bytes);
            }
            Token::StringEscape { character } => {
                let spans = self.tokenizer.escape_spans();
                let mut utf8 = [0; 4];
                let text = character.encode_utf8(&mut utf8).as_bytes();
                self.note_text(text);
                sink.escape(text, spans.iter());
            }
            Token::StringEnd => self.string_end(sink),
            Token::NumberStart => self.number_start(sink),
            Token::NumberPiece { at, bytes } => self.number_piece(at, bytes),
            Token::NumberEnd => self.number_end(sink),
            Token::True | Token::False => {
                if self.walker.flag() == Role::Stream {
                    sink.event(Event::Stream(token == Token::True));
                }
            }
            Token::Null => {}
            Token::End => {
                self.form = self.form_behind;
                self.walker.reset(self.form);
            }
        }
    }

    fn string_start(&mut self, key: bool, sink: &mut Sink<'_, impl Pipeline>) {
        self.in_key = key;
        self.leaf_is_open = true;
        if key {
            self.walker.key_start();
            sink.begin(LeafKind::Key, None);
            return;
        }
        let (role, join) = self.walker.string();
        self.role = role;
        self.value.clear();
        sink.begin(LeafKind::Text, join);
    }

    fn note_text(&mut self, text: &[u8]) {
        if self.in_key {
            self.walker.key_bytes(text);
        } else if self.role == Role::Model {
            let room = MODEL_BYTES_MAX.saturating_sub(self.value.len()).min(text.len());
            // It fits: no more than the room is taken.
            let _ = self.value.try_extend_from_slice(text.get(..room).unwrap_or_default());
        }
    }

    fn string_end(&mut self, sink: &mut Sink<'_, impl Pipeline>) {
        self.leaf_is_open = false;
        sink.end();
        if self.in_key {
            self.walker.key_end();
            self.note_model_call(sink);
        } else if self.role == Role::Model && self.form == Form::Request {
            let model = str::from_utf8(&self.value).unwrap_or(UNREADABLE);
            sink.model(model);
        }
    }

    fn note_model_call(&mut self, sink: &mut Sink<'_, impl Pipeline>) {
        if self.walker.is_model_call() && !self.was_model_call {
            self.was_model_call = true;
            sink.event(Event::ModelCall);
        }
    }

    fn number_start(&mut self, sink: &mut Sink<'_, impl Pipeline>) {
        self.role = self.number_begin();
        self.number_at = None;
        self.leaf_is_open = true;
        sink.begin(LeafKind::Number, None);
    }

    fn number_piece(&mut self, at: u64, bytes: &[u8]) {
        self.number_at.get_or_insert(at);
        self.note_digits(bytes);
    }

    /// A number begins; returns what it is.
    pub(super) fn number_begin(&mut self) -> Role {
        self.value.clear();
        self.number_is_long = false;
        self.walker.number()
    }

    /// More of the open number.
    pub(super) fn note_digits(&mut self, bytes: &[u8]) {
        self.number_is_long |= self.value.try_extend_from_slice(bytes).is_err();
    }

    /// The integer that the number is, if it is one: its digits do not say that it is negative.
    pub(super) fn digits_value(&self) -> Option<u64> {
        let mut digits = [0; NUMBER_DIGITS_MAX];
        let digits = number_view(&self.value, &mut digits).filter(|_| !self.number_is_long)?;
        str::from_utf8(digits).ok()?.parse().ok()
    }

    /// True if the number has a sign.
    pub(super) fn is_negative(&self) -> bool {
        self.value.starts_with(b"-")
    }

    /// A number is read as the digits it stands for: `5.36904399e8` is 536904399. A setting that the
    /// format defines as a number is one.
    fn number_end(&mut self, sink: &mut Sink<'_, impl Pipeline>) {
        self.leaf_is_open = false;
        let at = self.number_at.take();
        let mut digits = [0; NUMBER_DIGITS_MAX];
        let digits = number_view(&self.value, &mut digits);
        let value = digits.and_then(|digits| str::from_utf8(digits).ok()).and_then(|digits| digits.parse().ok());
        self.walker.number_end(value);
        let is_count = value.is_some_and(|value| value <= COUNT_MAX);
        let kind = match self.role {
            Role::Usage(field) => {
                // The digits do not say that it is negative: no count is.
                let tokens = value.filter(|_| !self.number_is_long && !self.value.starts_with(b"-"));
                sink.event(Event::Usage(field, tokens));
                if is_count {
                    return;
                }
                LeafKind::Number
            }
            Role::Setting => LeafKind::Fixed,
            Role::Count if is_count => LeafKind::Fixed,
            Role::Token => {
                self.note_token(value, sink);
                LeafKind::Number
            }
            Role::Count | Role::Plain | Role::Model | Role::Stream => LeafKind::Number,
        };
        sink.reading_of(kind, digits.unwrap_or(&self.value));
        self.character(value, at, sink);
    }

    /// A prompt has a number of a token: an integer, whether or not it is written as a fraction, and none below zero.
    fn note_token(&mut self, value: Option<u64>, sink: &mut Sink<'_, impl Pipeline>) {
        let is_token = value.is_some() && !self.value.starts_with(b"-");
        if is_token && !core::mem::replace(&mut self.had_tokens, true) {
            sink.event(Event::TokenIds);
        }
    }

    /// Numbers in an array may be the characters of a text, as programs write bytes: they are read as that, too.
    fn character(&mut self, value: Option<u64>, at: Option<u64>, sink: &mut Sink<'_, impl Pipeline>) {
        let character = value.and_then(|value| u8::try_from(value).ok()).filter(|byte| is_text(*byte));
        let span = at.map(|at| Span { at, len: self.value.len() as u64 });
        match (character, span) {
            // A character of UTF-16 has one beside it.
            _ if value == Some(0) => {}
            (Some(character), Some(span)) => {
                if let Some(join) = self.walker.element() {
                    sink.character(join, span, character);
                    self.is_spelled = true;
                }
            }
            _ => {
                if core::mem::take(&mut self.is_spelled)
                    && let Some(join) = self.walker.element()
                {
                    sink.event(Event::JoinEnd(join));
                }
            }
        }
    }
}

const fn is_text(byte: u8) -> bool {
    matches!(byte, b'\t' | b'\n' | b'\r' | b' '..=b'~')
}

const fn reason_of(kind: ErrorKind) -> Reason {
    match kind {
        ErrorKind::Depth => Reason::JsonDepth,
        ErrorKind::Syntax | ErrorKind::Truncated => Reason::JsonSyntax,
    }
}
