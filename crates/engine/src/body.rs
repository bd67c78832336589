//! Reads a body into leaves: JSON, newline-delimited JSON, server-sent events of JSON, form fields,
//! or plain text.

mod aside;
mod binary;
mod form;
mod json;
mod sink;

pub(crate) use aside::Aside;
pub(crate) use sink::Sink;

use crate::LeafKind;
use arrayvec::ArrayVec;
use binary::Binary;
use decode::content_type::ContentType;
use decode::{Input, sse};
use form::FormReader;
use json::JsonReader;
use llm::Form;
use policy::Reason;

/// How a body is read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum BodyKind {
    /// Not known before its first byte that is no white space: JSON if it begins like a JSON text.
    Sniff,
    /// One JSON text.
    Json,
    /// JSON texts on lines.
    JsonLines,
    /// Server-sent events whose data is JSON or plain.
    EventStream,
    /// `application/x-www-form-urlencoded`.
    Form,
    /// Anything else: one leaf.
    Text,
}

impl BodyKind {
    /// How a body of this type is read. Several servers take JSON under any name, so everything but
    /// form data is looked at first.
    pub(crate) fn of(content_type: Option<&ContentType<'_>>) -> Self {
        match content_type {
            Some(media) if media.is_ndjson() => Self::JsonLines,
            Some(media) if media.is_json() => Self::Json,
            Some(media) if media.is_event_stream() => Self::EventStream,
            _ => Self::Sniff,
        }
    }
}

/// Reads the bodies of one direction, one after another.
#[derive(Debug)]
pub(crate) struct BodyReader {
    kind: BodyKind,
    form_of_json: Form,
    is_form_type: bool,
    is_event_type: bool,
    /// The first bytes, until it is known in which units the body counts its characters.
    start: ArrayVec<u8, START_BYTES>,
    /// A body that turned out not to be JSON is an error in a request; in an answer the rest is
    /// read as text.
    is_strict: bool,
    json: JsonReader,
    form: FormReader,
    events: sse::EventStream,
    /// What the data of the current event is; `None` before its first byte.
    event_is_json: Option<bool>,
    /// The first byte of the current event that is not read to its end.
    event_unread: Option<u64>,
    text_is_open: bool,
    binary: Binary,
    /// The leaf of an event stream's line that carries no data; it ends with the line.
    line: Option<Line>,
    /// The field name of an event stream's line.
    name: Aside,
}

/// Bytes that tell UTF-8 from its wider relatives.
const START_BYTES: usize = 4;

/// Longest field name of an event stream: those that mean something have five letters.
const NAME_BYTES_MAX: usize = 1024;

/// Parts of lines that carry no data.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Line {
    Comment,
    Value,
}

impl BodyReader {
    pub(crate) fn new() -> Self {
        Self {
            kind: BodyKind::Text,
            form_of_json: Form::Request,
            is_form_type: false,
            is_event_type: false,
            start: ArrayVec::new(),
            is_strict: true,
            json: JsonReader::new(),
            form: FormReader::default(),
            events: sse::EventStream::new(),
            event_is_json: None,
            event_unread: None,
            text_is_open: false,
            binary: Binary::default(),
            line: None,
            name: Aside::default(),
        }
    }

    pub(crate) fn reset(&mut self) {
        self.begin(BodyKind::Text, Form::Request, true, false);
    }

    /// Begins a body.
    pub(crate) fn begin(&mut self, kind: BodyKind, form: Form, is_strict: bool, is_form_type: bool) {
        // A request has no reason to be a stream of events: its body is looked at first.
        self.is_event_type = is_strict && kind == BodyKind::EventStream;
        let kind = if self.is_event_type { BodyKind::Sniff } else { kind };
        self.kind = kind;
        self.start.clear();
        self.form_of_json = if kind == BodyKind::EventStream || kind == BodyKind::JsonLines && form == Form::Answer {
            Form::StreamEvent
        } else {
            form
        };
        self.is_strict = is_strict;
        self.is_form_type = is_form_type;
        self.json.begin(self.form_of_json, kind == BodyKind::JsonLines);
        self.form.reset();
        self.events = sse::EventStream::new();
        self.event_is_json = None;
        self.event_unread = None;
        self.text_is_open = false;
        self.binary = Binary::default();
        self.line = None;
        self.name.reset();
    }

    /// Reads a piece of the body. Returns the offset of the first byte that is not read to its end:
    /// nothing from there on may pass yet.
    pub(crate) fn read(
        &mut self,
        at: u64,
        bytes: &[u8],
        sink: &mut Sink<'_, impl crate::Pipeline>,
    ) -> Result<Option<u64>, Reason> {
        self.check_start(bytes)?;
        if self.kind == BodyKind::Sniff {
            self.sniff(bytes);
        }
        match self.kind {
            BodyKind::Sniff => Ok(None),
            BodyKind::Json | BodyKind::JsonLines => {
                let mut input = Input::new(at, bytes);
                match self.json.read(&mut input, sink) {
                    Ok(unread) => Ok(unread),
                    Err(reason) if self.is_strict => Err(reason),
                    Err(_) => {
                        self.fall_back(sink);
                        self.text(input.at(), input.bytes(), sink);
                        Ok(None)
                    }
                }
            }
            BodyKind::EventStream => self.read_events(at, bytes, sink),
            BodyKind::Form => Ok(self.form.read(at, bytes, sink)),
            BodyKind::Text => {
                self.text(at, bytes, sink);
                Ok(None)
            }
        }
    }

    /// The body is complete.
    pub(crate) fn finish(&mut self, sink: &mut Sink<'_, impl crate::Pipeline>) -> Result<(), Reason> {
        match self.kind {
            BodyKind::Json | BodyKind::JsonLines => {
                // No body at all is none that is cut off.
                if !self.json.is_empty()
                    && let Err(reason) = self.json.finish(sink)
                    && self.is_strict
                {
                    return Err(reason);
                }
            }
            BodyKind::EventStream => {
                self.close_line(sink);
                self.event_end(sink);
            }
            BodyKind::Form => self.form.finish(sink),
            BodyKind::Sniff | BodyKind::Text => {}
        }
        self.close_line(sink);
        self.close_text(sink);
        sink.end_joins();
        Ok(())
    }

    /// Refuses a request whose first bytes say that it counts its characters in anything but bytes,
    /// or that it is JSON in disguise: a byte order mark, or a zero beside what a JSON text begins
    /// with (UTF-16 and UTF-32, RFC 4627 section 3); or that it is compressed, whatever its head says of that: gzip (RFC
    /// 1952), zlib (RFC 1950), Zstandard (RFC 8878).
    fn check_start(&mut self, bytes: &[u8]) -> Result<(), Reason> {
        if !self.is_strict || self.start.is_full() {
            return Ok(());
        }
        let room = self.start.remaining_capacity().min(bytes.len());
        // It fits: no more than the room is taken.
        let _ = self.start.try_extend_from_slice(bytes.get(..room).unwrap_or_default());
        let begins = |byte: &u8| b"{[\"-0123456789tfn \t\r\n".contains(byte);
        let is_compressed = match self.start.as_slice() {
            [0x1f, 0x8b, 8, ..] | [b'x', 0x01 | 0x9c | 0xda, ..] | [0x28, 0xb5, 0x2f, 0xfd] => true,
            // A formula begins so, too.
            [b'x', b'^', rest @ ..] => match str::from_utf8(rest) {
                Ok(text) => text.chars().any(|character| character.is_control() && !character.is_ascii_whitespace()),
                Err(error) => error.error_len().is_some(),
            },
            _ => false,
        };
        if is_compressed {
            return Err(Reason::ContentEncoding);
        }
        let is_foreign = match self.start.as_slice() {
            [0xef, 0xbb, 0xbf, ..] | [0xfe, 0xff, ..] | [0xff, 0xfe, ..] | [0, 0, 0xfe, 0xff] => true,
            [0, 0, 0, first] | [0, first, ..] | [first, 0, ..] => begins(first),
            _ => false,
        };
        if is_foreign { Err(Reason::Charset) } else { Ok(()) }
    }

    fn sniff(&mut self, bytes: &[u8]) {
        let first = bytes.iter().find(|byte| !byte.is_ascii_whitespace());
        self.kind = match first {
            None => return,
            Some(b'{' | b'[') => BodyKind::Json,
            Some(_) if self.is_event_type => BodyKind::EventStream,
            Some(_) if self.is_form_type => BodyKind::Form,
            Some(_) => BodyKind::Text,
        };
    }

    fn fall_back(&mut self, sink: &mut Sink<'_, impl crate::Pipeline>) {
        self.json.abandon(sink);
        self.kind = BodyKind::Text;
    }

    fn text(&mut self, at: u64, bytes: &[u8], sink: &mut Sink<'_, impl crate::Pipeline>) {
        if bytes.is_empty() {
            return;
        }
        if !self.text_is_open {
            sink.begin(LeafKind::Text, None);
            self.text_is_open = true;
        }
        let mut done = 0;
        while let Some(rest) = bytes.get(done..).filter(|rest| !rest.is_empty()) {
            let (len, is_file) = self.binary.run(rest);
            sink.map.set_kind(if is_file { LeafKind::Binary } else { LeafKind::Text });
            sink.literal(at + done as u64, rest.get(..len).unwrap_or(rest));
            done += len;
        }
    }

    fn close_text(&mut self, sink: &mut Sink<'_, impl crate::Pipeline>) {
        if core::mem::take(&mut self.text_is_open) {
            sink.end();
        }
    }

    fn read_events(
        &mut self,
        at: u64,
        bytes: &[u8],
        sink: &mut Sink<'_, impl crate::Pipeline>,
    ) -> Result<Option<u64>, Reason> {
        let mut input = Input::new(at, bytes);
        loop {
            let before = input.bytes();
            let event = self.events.next(&mut input).map_err(|_| Reason::HttpSyntax)?;
            let read = before.len() - input.bytes().len();
            // Pieces of one line are one leaf, however it was cut; a line end stands before the
            // bytes that an event carries.
            let own = match event {
                Some(
                    sse::Event::Comment { bytes, .. }
                    | sse::Event::Name { bytes, .. }
                    | sse::Event::Field { bytes, .. },
                ) => bytes.len(),
                _ => 0,
            };
            let passed = before.get(..read.saturating_sub(own)).unwrap_or_default();
            if passed.iter().any(|byte| matches!(byte, b'\r' | b'\n')) {
                self.close_line(sink);
            }
            let Some(event) = event else { break };
            if !matches!(event, sse::Event::Name { .. }) {
                self.close_name(sink);
            }
            match event {
                sse::Event::Data { at, bytes } => self.event_unread = self.event_data(at, bytes, sink),
                sse::Event::DataJoin => self.event_line_feed(input.at(), sink),
                sse::Event::EventEnd { .. } => {
                    self.event_end(sink);
                    self.event_unread = None;
                }
                sse::Event::Comment { at, bytes } => self.line(Line::Comment, at, bytes, sink),
                sse::Event::Name { at, bytes } => {
                    if self.name.len() + bytes.len() > NAME_BYTES_MAX {
                        return Err(Reason::HttpSyntax);
                    }
                    self.name.push(at, bytes);
                }
                sse::Event::Field { at, bytes, .. } => self.line(Line::Value, at, bytes, sink),
            }
        }
        Ok([self.event_unread, self.name.at()].into_iter().flatten().min())
    }

    /// A field name is complete. `data` stands between the lines of one text and is none itself.
    fn close_name(&mut self, sink: &mut Sink<'_, impl crate::Pipeline>) {
        if let Some(name) = self.name.take() {
            if name != b"data" {
                sink.event(crate::Event::Aside(&name));
            }
            self.name.keep(name);
        }
    }

    /// A line feed joins two lines of data; it stands on the wire as the end of the first and the
    /// field name of the second.
    fn event_line_feed(&mut self, at: u64, sink: &mut Sink<'_, impl crate::Pipeline>) {
        if self.event_is_json == Some(true) {
            match self.json.read(&mut Input::new(at, b"\n"), sink) {
                Ok(unread) => self.event_unread = unread,
                Err(_) => {
                    self.json.abandon(sink);
                    self.event_is_json = Some(false);
                }
            }
        }
        if self.text_is_open {
            // It stands for no byte of the wire that could be edited.
            sink.escape(b"\n", core::iter::empty());
        }
    }

    fn line(&mut self, part: Line, at: u64, bytes: &[u8], sink: &mut Sink<'_, impl crate::Pipeline>) {
        if self.line != Some(part) {
            self.close_line(sink);
            self.close_text(sink);
            sink.begin(LeafKind::Text, None);
            self.line = Some(part);
        }
        sink.literal(at, bytes);
    }

    fn close_line(&mut self, sink: &mut Sink<'_, impl crate::Pipeline>) {
        self.close_name(sink);
        if self.line.take().is_some() {
            sink.end();
        }
    }

    fn event_data(&mut self, at: u64, bytes: &[u8], sink: &mut Sink<'_, impl crate::Pipeline>) -> Option<u64> {
        let first = bytes.iter().find(|byte| !byte.is_ascii_whitespace());
        let looks_like_json = first.is_some_and(|byte| matches!(byte, b'{' | b'['));
        let is_json = *self.event_is_json.get_or_insert_with(|| {
            self.json.begin(Form::StreamEvent, false);
            looks_like_json
        });
        if !is_json {
            self.text(at, bytes, sink);
            return None;
        }
        let mut input = Input::new(at, bytes);
        if let Ok(unread) = self.json.read(&mut input, sink) {
            return unread;
        }
        self.json.abandon(sink);
        self.event_is_json = Some(false);
        self.text(input.at(), input.bytes(), sink);
        None
    }

    fn event_end(&mut self, sink: &mut Sink<'_, impl crate::Pipeline>) {
        if self.event_is_json.take() == Some(true) && self.json.finish(sink).is_err() {
            self.json.abandon(sink);
        }
        self.close_text(sink);
    }
}
