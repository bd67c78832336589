use super::{EVENT_TYPE_BYTES_MAX, Error, Event, FieldName};
use crate::{Input, scan};
use core::fmt;

const BYTE_ORDER_MARK: &[u8] = b"\xef\xbb\xbf";

/// The longest name that means something: `event`, `retry`.
const NAME_BYTES_MAX: usize = 5;

/// Reads one stream of events from pieces of any size, in a fixed amount of memory.
#[derive(Clone)]
pub struct EventStream {
    part: Part,
    /// The last line ended with CR: a LF here belongs to it.
    after_return: bool,
    name: [u8; NAME_BYTES_MAX],
    /// The name's length, or one more than fits.
    name_len: usize,
    event_type: [u8; EVENT_TYPE_BYTES_MAX],
    event_type_len: usize,
    progress: Progress,
    failed: Option<Error>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Part {
    /// At the start of the stream, with this much of a byte order mark read.
    Mark(usize),
    LineStart,
    Comment,
    Name,
    /// Behind the colon, where one space is no part of the value.
    ValueStart(Field),
    Value(Field),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Field {
    Data,
    Other(FieldName),
}

/// What the current event has so far.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Progress {
    /// Nothing; the last one's type is still there to be asked for.
    Nothing,
    Fields,
    Data,
}

impl EventStream {
    /// A decoder at the start of a stream.
    #[must_use]
    pub const fn new() -> Self {
        Self {
            part: Part::Mark(0),
            after_return: false,
            name: [0; NAME_BYTES_MAX],
            name_len: 0,
            event_type: [0; EVENT_TYPE_BYTES_MAX],
            event_type_len: 0,
            progress: Progress::Nothing,
            failed: None,
        }
    }

    /// The type that the current event has so far, or the last one had while none has begun; empty
    /// if the event names none (it is then a `message`).
    #[must_use]
    pub fn event_type(&self) -> &[u8] {
        self.event_type.get(..self.event_type_len).unwrap_or_default()
    }

    /// Reads on to the next event; `None` once the input is used up.
    ///
    /// # Errors
    /// A limit that was exceeded; it is repeated from then on.
    pub fn next<'a>(&mut self, input: &mut Input<'a>) -> Result<Option<Event<'a>>, Error> {
        if let Some(error) = self.failed {
            return Err(error);
        }
        while let Some(next) = input.peek() {
            if let Some(event) = self.step(next, input)? {
                return Ok(Some(event));
            }
        }
        Ok(None)
    }

    /// Takes note that the stream ended. An event whose empty line did not come is shown as one
    /// that is not dispatched.
    ///
    /// # Errors
    /// The limit that was exceeded before.
    pub fn handle_eof(&mut self) -> Result<Option<Event<'static>>, Error> {
        if let Some(error) = self.failed {
            return Err(error);
        }
        self.part = Part::LineStart;
        let progress = core::mem::replace(&mut self.progress, Progress::Nothing);
        Ok((progress != Progress::Nothing).then_some(Event::EventEnd { dispatched: false }))
    }

    fn step<'a>(&mut self, next: u8, input: &mut Input<'a>) -> Result<Option<Event<'a>>, Error> {
        match self.part {
            Part::Mark(matched) => Ok(self.mark(matched, next, input)),
            Part::LineStart => Ok(self.line_start(next, input)),
            Part::Name => Ok(self.name(next, input)),
            Part::Comment | Part::Value(_) if is_line_end(next) => {
                self.line_end(next, input);
                Ok(None)
            }
            Part::Comment => {
                let at = input.at();
                Ok(Some(Event::Comment { at, bytes: input.take(scan::line(input.bytes())) }))
            }
            Part::ValueStart(field) => {
                if next == b' ' {
                    input.take(1);
                }
                self.part = Part::Value(field);
                Ok(None)
            }
            Part::Value(field) => self.value(field, input).map(Some),
        }
    }

    fn mark<'a>(&mut self, matched: usize, next: u8, input: &mut Input<'a>) -> Option<Event<'a>> {
        if BYTE_ORDER_MARK.get(matched) != Some(&next) {
            // What looked like a mark is the start of a name that means nothing.
            self.part = if matched == 0 { Part::LineStart } else { Part::Name };
            self.name_len = if matched == 0 { 0 } else { NAME_BYTES_MAX + 1 };
            return None;
        }
        let matched = matched + 1;
        self.part = if matched == BYTE_ORDER_MARK.len() { Part::LineStart } else { Part::Mark(matched) };
        let at = input.at();
        Some(Event::Name { at, bytes: input.take(1) })
    }

    fn line_start(&mut self, next: u8, input: &mut Input<'_>) -> Option<Event<'static>> {
        let continues = core::mem::replace(&mut self.after_return, false) && next == b'\n';
        match next {
            b'\n' if continues => {
                input.take(1);
                None
            }
            b'\r' | b'\n' => {
                self.line_end(next, input);
                self.end()
            }
            b':' => {
                input.take(1);
                self.part = Part::Comment;
                None
            }
            _ => {
                self.part = Part::Name;
                self.name_len = 0;
                None
            }
        }
    }

    fn name<'a>(&mut self, next: u8, input: &mut Input<'a>) -> Option<Event<'a>> {
        if next == b':' {
            input.take(1);
            return self.end_name(Part::ValueStart);
        }
        if is_line_end(next) {
            // The line is a name without a value.
            let event = self.end_name(Part::Value);
            self.line_end(next, input);
            return event;
        }
        let bytes = input.bytes();
        let ends = |byte: &u8| *byte == b':' || is_line_end(*byte);
        let count = bytes.iter().position(ends).unwrap_or(bytes.len());
        let at = input.at();
        let bytes = input.take(count);
        for byte in bytes {
            let Some(slot) = self.name.get_mut(self.name_len) else {
                self.name_len = NAME_BYTES_MAX + 1;
                break;
            };
            *slot = *byte;
            self.name_len += 1;
        }
        Some(Event::Name { at, bytes })
    }

    fn end_name<'a>(&mut self, next: impl Fn(Field) -> Part) -> Option<Event<'a>> {
        let field = match self.name.get(..self.name_len) {
            Some(b"data") => Field::Data,
            Some(b"event") => Field::Other(FieldName::Event),
            Some(b"id") => Field::Other(FieldName::Id),
            Some(b"retry") => Field::Other(FieldName::Retry),
            _ => Field::Other(FieldName::Other),
        };
        self.part = next(field);
        if self.progress == Progress::Nothing || field == Field::Other(FieldName::Event) {
            self.event_type_len = 0;
        }
        let before = self.progress;
        match field {
            Field::Data => self.progress = Progress::Data,
            Field::Other(_) if before == Progress::Nothing => self.progress = Progress::Fields,
            Field::Other(_) => {}
        }
        (field == Field::Data && before == Progress::Data).then_some(Event::DataJoin)
    }

    fn value<'a>(&mut self, field: Field, input: &mut Input<'a>) -> Result<Event<'a>, Error> {
        let at = input.at();
        let count = scan::line(input.bytes());
        let Field::Other(name) = field else {
            return Ok(Event::Data { at, bytes: input.take(count) });
        };
        let mut count = count;
        if name == FieldName::Event {
            let room = self.event_type.get_mut(self.event_type_len..).unwrap_or_default();
            // What fits is shown first, whatever the split.
            count = count.min(room.len());
            if count == 0 {
                self.failed = Some(Error::EventTypeTooLong);
                return Err(Error::EventTypeTooLong);
            }
            room.iter_mut().zip(input.bytes()).take(count).for_each(|(slot, byte)| *slot = *byte);
            self.event_type_len += count;
        }
        Ok(Event::Field { name, at, bytes: input.take(count) })
    }

    fn line_end(&mut self, next: u8, input: &mut Input<'_>) {
        input.take(1);
        self.after_return = next == b'\r';
        self.part = Part::LineStart;
    }

    fn end(&mut self) -> Option<Event<'static>> {
        match core::mem::replace(&mut self.progress, Progress::Nothing) {
            Progress::Nothing => None,
            Progress::Fields => Some(Event::EventEnd { dispatched: false }),
            Progress::Data => Some(Event::EventEnd { dispatched: true }),
        }
    }
}

impl Default for EventStream {
    fn default() -> Self {
        Self::new()
    }
}

impl fmt::Debug for EventStream {
    /// Shows where the decoder stands; names and types are a peer's text.
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("EventStream")
            .field("part", &self.part)
            .field("progress", &self.progress)
            .field("failed", &self.failed)
            .finish_non_exhaustive()
    }
}

const fn is_line_end(byte: u8) -> bool {
    matches!(byte, b'\r' | b'\n')
}
