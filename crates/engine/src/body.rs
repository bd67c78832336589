//! Reads a body into leaves: JSON, newline-delimited JSON, server-sent events of JSON, form fields,
//! or plain text, and JSON within that.

mod aside;
mod binary;
mod form;
mod inlay;
mod json;
mod probe;
mod sink;
mod start;

pub(crate) use aside::Aside;
pub(crate) use sink::Sink;

use crate::LeafKind;
use binary::Binary;
use decode::content_type::ContentType;
use decode::json::Tokenizer;
use decode::{Input, sse};
use form::FormReader;
use inlay::{Follower, Inlay};
use json::JsonReader;
use llm::{Form, Join};
use policy::Reason;
use probe::{Looks, Probe, look_at_end};
use start::Start;

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
    /// How a body of this type is read. Several servers take JSON under any name, so everything else is looked at first.
    pub(crate) fn of(content_type: Option<&ContentType<'_>>) -> Self {
        match content_type {
            Some(media) if media.is_ndjson() => Self::JsonLines,
            Some(media) if media.is_json() => Self::Json,
            Some(media) if media.is_event_stream() => Self::EventStream,
            _ => Self::Sniff,
        }
    }

    /// How the body of a request is read. It has no reason to be a stream of events: what says so is a text.
    fn of_request(content_type: Option<&ContentType<'_>>) -> Self {
        match Self::of(content_type) {
            Self::EventStream => Self::Sniff,
            kind @ (Self::Sniff | Self::Json | Self::JsonLines | Self::Form | Self::Text) => kind,
        }
    }
}

/// What the body of a request is said to be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Declared {
    kind: BodyKind,
    is_form: bool,
    is_media: bool,
}

impl Declared {
    pub(crate) fn of(content_type: Option<&ContentType<'_>>) -> Self {
        Self {
            kind: BodyKind::of_request(content_type),
            is_form: content_type.is_some_and(|named| named.is("application/x-www-form-urlencoded")),
            is_media: content_type.is_some_and(ContentType::is_media),
        }
    }
}

/// Reads the bodies of one direction, one after another.
#[derive(Debug)]
pub(crate) struct BodyReader {
    kind: BodyKind,
    form_of_json: Form,
    /// What a body is that is looked at and is no JSON.
    otherwise: BodyKind,
    start: Start,
    probe: Probe,
    /// A body that turned out not to be JSON is an error in a request; in an answer the rest is
    /// read as text.
    is_strict: bool,
    /// Nothing has come of an answer of which a stream was asked.
    awaits_stream: bool,
    /// Nothing has come of an answer that is called a stream of events.
    is_first_event: bool,
    /// Nothing has come of an answer but what may be a mark of the order of bytes.
    is_before_mark: bool,
    json: JsonReader,
    form: FormReader,
    events: sse::EventStream,
    /// What the data of the current event is; `None` before its first byte.
    event_is_json: Option<bool>,
    /// The first byte of the current event that is not read to its end.
    event_unread: Option<u64>,
    text_is_open: bool,
    binary: Binary,
    /// What is JSON in a text, once there was one.
    inlay: Option<Box<Inlay>>,
    /// The form of that.
    form_of_inlay: Option<Form>,
    /// The leaf of an event stream's line that carries no data; it ends with the line.
    line: Option<Line>,
    /// The field name of an event stream's line.
    name: Aside,
}

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
            otherwise: BodyKind::Text,
            start: Start::new(false),
            probe: Probe::default(),
            is_strict: true,
            awaits_stream: false,
            is_first_event: false,
            is_before_mark: false,
            json: JsonReader::new(),
            form: FormReader::default(),
            events: sse::EventStream::new(),
            event_is_json: None,
            event_unread: None,
            text_is_open: false,
            binary: Binary::default(),
            inlay: None,
            form_of_inlay: None,
            line: None,
            name: Aside::default(),
        }
    }

    pub(crate) fn reset(&mut self) {
        self.begin(BodyKind::Text, Form::Request);
    }

    /// Begins the body of a request.
    pub(crate) fn begin_request(&mut self, declared: Declared) {
        self.begin(declared.kind, Form::Request);
        (self.is_strict, self.awaits_stream) = (true, false);
        self.form_of_inlay = Some(Form::Request);
        self.otherwise = if declared.is_form { BodyKind::Form } else { BodyKind::Text };
        self.start = Start::new(declared.is_media);
    }

    /// Begins the body of an answer; of one of which a stream was asked, its first bytes tell what its name does not. One of
    /// a model may be a stream that nobody asked for.
    pub(crate) fn begin_answer(&mut self, kind: BodyKind, is_stream: bool, is_of_model: bool) {
        self.begin(kind, Form::Answer);
        (self.is_strict, self.awaits_stream) = (false, is_stream);
        self.form_of_inlay = (is_stream || is_of_model || kind == BodyKind::EventStream).then_some(Form::StreamEvent);
        if kind == BodyKind::Json && self.form_of_inlay.is_some() {
            self.json.begin_answers();
        }
        self.is_before_mark = true;
        self.is_first_event = kind == BodyKind::EventStream;
        self.otherwise = BodyKind::Text;
    }

    fn begin(&mut self, kind: BodyKind, form: Form) {
        self.kind = kind;
        self.form_of_json = if kind == BodyKind::EventStream || kind == BodyKind::JsonLines && form == Form::Answer {
            Form::StreamEvent
        } else {
            form
        };
        self.probe.reset();
        let tokenizer = match (kind, form) {
            (BodyKind::JsonLines, Form::Request) => Tokenizer::sequence(),
            (BodyKind::JsonLines, Form::Answer | Form::StreamEvent) => Tokenizer::stream(),
            _ => Tokenizer::new(),
        };
        self.json.begin(self.form_of_json, tokenizer);
        self.form.reset();
        self.events = sse::EventStream::new();
        self.event_is_json = None;
        self.event_unread = None;
        self.text_is_open = false;
        self.binary = Binary::default();
        self.line = None;
        self.name.reset();
        self.begin_inlay(None, 0);
        (self.is_before_mark, self.is_first_event) = (false, false);
    }

    /// Reads a piece of the body. Returns the offset of the first byte that is not read to its end:
    /// nothing from there on may pass yet.
    pub(crate) fn read(
        &mut self,
        at: u64,
        bytes: &[u8],
        sink: &mut Sink<'_, impl crate::Pipeline>,
    ) -> Result<Option<u64>, Reason> {
        if self.is_strict {
            self.start.check(bytes)?;
            return self.read_led(at, bytes, sink);
        }
        let mut count = 0;
        if self.is_before_mark {
            let (read, is_known) = self.probe.read_mark(at, bytes);
            if !is_known {
                return Ok(self.probe.at());
            }
            self.end_mark(sink)?;
            count = read;
        }
        self.read_led(at + count as u64, bytes.get(count..).unwrap_or_default(), sink)
    }

    /// What waited for a mark of the order of bytes is none.
    fn end_mark(&mut self, sink: &mut Sink<'_, impl crate::Pipeline>) -> Result<(), Reason> {
        self.is_before_mark = false;
        for (at, byte) in &self.probe.take() {
            self.read_led(*at, &[*byte], sink)?;
        }
        Ok(())
    }

    /// Reads a piece behind a mark of the order of bytes, if the body has one.
    fn read_led(
        &mut self,
        at: u64,
        bytes: &[u8],
        sink: &mut Sink<'_, impl crate::Pipeline>,
    ) -> Result<Option<u64>, Reason> {
        if self.is_first_event
            && let Some(first) = bytes.iter().find(|byte| !matches!(byte, b'\r' | b'\n'))
        {
            self.is_first_event = false;
            // No field of an event has such a name: it is JSON, or lines of JSON with labels.
            if matches!(first, b'{' | b'[' | b'"' | b'0'..=b'9') {
                self.kind = BodyKind::Text;
            }
        }
        if self.awaits_stream && matches!(self.kind, BodyKind::Json | BodyKind::JsonLines) {
            match Looks::at_first(bytes) {
                Looks::Undecided => {}
                Looks::Other => self.kind = BodyKind::Sniff,
                Looks::Json | Looks::Lines | Looks::Events => self.awaits_stream = false,
            }
        }
        if self.kind == BodyKind::Sniff {
            self.sniff(at, bytes);
            if self.kind != BodyKind::Sniff {
                self.read_waiting(sink)?;
            }
        }
        self.read_known(at, bytes, sink)
    }

    /// Reads a piece of a body of which it is known how it is to be read.
    fn read_known(
        &mut self,
        at: u64,
        bytes: &[u8],
        sink: &mut Sink<'_, impl crate::Pipeline>,
    ) -> Result<Option<u64>, Reason> {
        match self.kind {
            BodyKind::Sniff => Ok(self.probe.at()),
            BodyKind::Json | BodyKind::JsonLines => {
                let mut input = Input::new(at, bytes);
                match self.json.read(&mut input, sink) {
                    Ok(unread) => Ok(unread),
                    Err(reason) if self.is_strict && !self.json.failed_between_texts() => Err(reason),
                    Err(_) => {
                        self.fall_back(input.at(), sink);
                        self.text(input.at(), input.bytes(), sink)
                    }
                }
            }
            BodyKind::EventStream => self.read_events(at, bytes, sink),
            BodyKind::Form => {
                let (form, mut follower) = self.form();
                form.read(at, bytes, &mut follower, sink)
            }
            BodyKind::Text => self.text(at, bytes, sink),
        }
    }

    /// The body is complete.
    pub(crate) fn finish(&mut self, sink: &mut Sink<'_, impl crate::Pipeline>) -> Result<(), Reason> {
        if self.is_before_mark {
            self.end_mark(sink)?;
        }
        if self.kind == BodyKind::Sniff && self.probe.at().is_some() {
            let looks = if self.is_strict { look_at_end(self.json.tokenizer()) } else { Looks::Other };
            self.settle_kind(looks);
            self.read_waiting(sink)?;
        }
        match self.kind {
            BodyKind::Json | BodyKind::JsonLines => {
                // No body at all is none that is cut off.
                if !self.json.is_empty()
                    && let Err(reason) = self.json.finish(sink)
                {
                    if self.is_strict {
                        return Err(reason);
                    }
                    self.text_is_open = self.json.abandon(u64::MAX, sink);
                }
            }
            BodyKind::EventStream => {
                self.close_line(sink);
                self.event_end(sink);
            }
            BodyKind::Form => {
                let (form, mut follower) = self.form();
                form.finish(&mut follower, sink)?;
            }
            BodyKind::Sniff | BodyKind::Text => {}
        }
        self.close_line(sink);
        self.close_text(sink);
        sink.end_joins();
        Ok(())
    }

    /// Looks at the next bytes of a body that may be JSON.
    fn sniff(&mut self, at: u64, bytes: &[u8]) {
        let looks = match (self.is_strict, self.awaits_stream) {
            (true, _) => self.probe.read(self.json.tokenizer(), at, bytes),
            (false, true) => self.probe.read_stream(at, bytes),
            (false, false) => Looks::at_first(bytes),
        };
        self.settle_kind(looks);
    }

    fn settle_kind(&mut self, looks: Looks) {
        self.kind = match looks {
            Looks::Undecided => return,
            Looks::Lines => BodyKind::JsonLines,
            Looks::Json => BodyKind::Json,
            Looks::Events => BodyKind::EventStream,
            Looks::Other => self.otherwise,
        };
        self.awaits_stream = false;
        match (self.kind, self.form_of_inlay) {
            (BodyKind::JsonLines, _) => self.json.begin(Form::StreamEvent, Tokenizer::stream()),
            (_, Some(Form::StreamEvent)) => self.json.begin_answers(),
            _ => self.json.begin(self.form_of_json, Tokenizer::texts()),
        }
    }

    /// Reads what waited for that decision.
    fn read_waiting(&mut self, sink: &mut Sink<'_, impl crate::Pipeline>) -> Result<(), Reason> {
        let waiting = self.probe.take();
        for (at, byte) in &waiting {
            self.read_known(*at, &[*byte], sink)?;
        }
        self.probe.keep(waiting);
        Ok(())
    }

    /// What was read as JSON is a text from `at` on.
    fn fall_back(&mut self, at: u64, sink: &mut Sink<'_, impl crate::Pipeline>) {
        self.text_is_open = self.json.abandon(at, sink);
        self.begin_inlay(self.form_of_inlay, sink.map.decoded());
        self.kind = BodyKind::Text;
    }

    /// Reads text; returns the offset of the first byte that is not read to its end.
    fn text(
        &mut self,
        at: u64,
        bytes: &[u8],
        sink: &mut Sink<'_, impl crate::Pipeline>,
    ) -> Result<Option<u64>, Reason> {
        let is_event = self.kind == BodyKind::EventStream;
        if !self.text_is_open && !bytes.is_empty() {
            // Events may be the pieces of a text as they are.
            sink.begin(LeafKind::Text, is_event.then_some(Join::TEXT));
            self.text_is_open = true;
            self.begin_inlay(self.form_of_inlay.filter(|_| !is_event), 0);
        }
        let mut done = 0;
        let mut unread = None;
        while let Some(rest) = bytes.get(done..).filter(|rest| !rest.is_empty()) {
            let (len, is_file) = self.binary.run(rest);
            sink.map.set_kind(if is_file { LeafKind::Binary } else { LeafKind::Text });
            let (at, run) = (at + done as u64, rest.get(..len).unwrap_or(rest));
            sink.literal(at, run);
            if let Some(inlay) = &mut self.inlay {
                unread = inlay.read(&mut self.json, at, run, sink)?;
            }
            done += len;
        }
        Ok(unread)
    }

    /// What reads a form, and what follows the JSON in its values.
    fn form(&mut self) -> (&mut FormReader, Follower<'_>) {
        let inlay = self.inlay.get_or_insert_with(|| Box::new(Inlay::new()));
        (&mut self.form, Follower { inlay, json: &mut self.json, form: self.form_of_inlay })
    }

    fn begin_inlay(&mut self, form: Option<Form>, offset: u64) {
        match &mut self.inlay {
            Some(inlay) => inlay.begin(form, offset),
            None if form.is_none() => {}
            None => self.inlay.insert(Box::new(Inlay::new())).begin(form, offset),
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
                sse::Event::Data { at, bytes } => self.event_unread = self.event_data(at, bytes, sink)?,
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
                Err(_) => self.end_event_json(at, sink),
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

    fn event_data(
        &mut self,
        at: u64,
        bytes: &[u8],
        sink: &mut Sink<'_, impl crate::Pipeline>,
    ) -> Result<Option<u64>, Reason> {
        let first = bytes.iter().find(|byte| !byte.is_ascii_whitespace());
        let looks_like_json = first.is_some_and(|byte| matches!(byte, b'{' | b'[' | b'"'));
        let is_json = *self.event_is_json.get_or_insert_with(|| {
            self.json.begin(Form::StreamEvent, Tokenizer::new());
            looks_like_json
        });
        if !is_json {
            return self.text(at, bytes, sink);
        }
        let mut input = Input::new(at, bytes);
        if let Ok(unread) = self.json.read(&mut input, sink) {
            return Ok(unread);
        }
        self.end_event_json(input.at(), sink);
        self.text(input.at(), input.bytes(), sink)
    }

    /// The data of the event is a text from `at` on.
    fn end_event_json(&mut self, at: u64, sink: &mut Sink<'_, impl crate::Pipeline>) {
        self.event_is_json = Some(false);
        self.text_is_open = self.json.abandon(at, sink);
        self.begin_inlay(None, 0);
    }

    fn event_end(&mut self, sink: &mut Sink<'_, impl crate::Pipeline>) {
        if self.event_is_json.take() == Some(true) && self.json.finish(sink).is_err() {
            self.text_is_open = self.json.abandon(u64::MAX, sink);
        }
        self.close_text(sink);
    }
}
