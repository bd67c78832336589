//! A block of field lines as it came, and the reader that collects one byte-exactly.

use super::{Error, FIELD_COUNT_MAX, FieldName};
use crate::{Input, scan, token};
use core::fmt;

/// The bytes of a head or a trailer section and the places of its fields.
///
/// A section is contiguous on the wire, so a place in `bytes` is a stream offset less `start`.
/// Buffers keep their memory from message to message.
#[derive(Default)]
pub(super) struct Section {
    start: u64,
    bytes: Vec<u8>,
    places: Vec<Place>,
}

/// Where a field stands in its section: `bytes[name..colon]` and `bytes[value..end]`. A section is
/// at most 32 KiB, so 16 bits do.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Place {
    pub(super) name: u16,
    pub(super) colon: u16,
    pub(super) value: u16,
    pub(super) end: u16,
    pub(super) known: FieldName,
}

impl Place {
    const START: Self = Self { name: 0, colon: 0, value: 0, end: 0, known: FieldName::Other };
}

/// How long a section may be, and what to say if it is longer.
#[derive(Clone, Copy, Debug)]
pub(super) struct Limit {
    pub(super) bytes_max: usize,
    pub(super) error: Error,
}

impl Section {
    /// Empties the section; its first byte will stand at `start`.
    pub(super) fn begin(&mut self, start: u64) {
        self.start = start;
        self.bytes.clear();
        self.places.clear();
    }

    /// Takes now what a section of `bytes_max` bytes will ever need.
    pub(super) fn reserve(&mut self, bytes_max: usize) {
        self.bytes.reserve_exact(bytes_max.saturating_sub(self.bytes.len()));
        self.places.reserve_exact(FIELD_COUNT_MAX.saturating_sub(self.places.len()));
    }

    pub(super) const fn start(&self) -> u64 {
        self.start
    }

    pub(super) fn bytes(&self) -> &[u8] {
        &self.bytes
    }

    pub(super) fn places(&self) -> &[Place] {
        &self.places
    }

    pub(super) fn slice(&self, from: u16, to: u16) -> &[u8] {
        self.bytes.get(usize::from(from)..usize::from(to)).unwrap_or_default()
    }

    /// The length so far, which is the place of the next byte.
    pub(super) fn len(&self, limit: Limit) -> Result<u16, Error> {
        u16::try_from(self.bytes.len()).map_err(|_| limit.error)
    }

    /// Moves a whole line from the input to the section; false, with nothing moved, if it is too
    /// long.
    pub(super) fn push_line(&mut self, input: &mut Input<'_>, count: usize, limit: Limit) -> bool {
        let fits = self.bytes.len() + count <= limit.bytes_max;
        if fits {
            self.bytes.extend_from_slice(input.take(count));
        }
        fits
    }

    /// Moves `count` bytes from the input to the section.
    pub(super) fn push(&mut self, input: &mut Input<'_>, count: usize, limit: Limit) -> Result<(), Error> {
        let room = limit.bytes_max.saturating_sub(self.bytes.len());
        self.bytes.extend_from_slice(input.take(count.min(room)));
        if count > room { Err(limit.error) } else { Ok(()) }
    }
}

impl fmt::Debug for Section {
    /// Shows sizes only: the bytes may be secrets.
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("Section")
            .field("start", &self.start)
            .field("len", &self.bytes.len())
            .field("fields", &self.places.len())
            .finish()
    }
}

/// What a [`FieldReader`] came to.
#[derive(Clone, Copy, Debug)]
pub(super) enum Progress {
    /// The input is used up.
    Starved,
    /// One more field line is complete.
    Field(Place),
    /// The empty line that ends the section was read.
    Complete,
}

/// Reads field lines up to and including the empty line (RFC 9112 section 5).
#[derive(Clone, Copy, Debug)]
pub(super) struct FieldReader {
    limit: Limit,
    part: Part,
    place: Place,
}

#[derive(Clone, Copy, Debug)]
enum Part {
    LineStart,
    Name,
    /// White space between colon and value.
    Gap,
    Value,
    LineEnd,
    SectionEnd,
}

impl FieldReader {
    pub(super) const fn new(limit: Limit) -> Self {
        Self { limit, part: Part::LineStart, place: Place::START }
    }

    pub(super) const fn limit(&self) -> Limit {
        self.limit
    }

    /// Starts over with the next section.
    pub(super) fn begin(&mut self) {
        self.part = Part::LineStart;
    }

    pub(super) fn read(&mut self, section: &mut Section, input: &mut Input<'_>) -> Result<Progress, Error> {
        if matches!(self.part, Part::LineStart)
            && let Some(place) = self.whole_line(section, input)
        {
            return Ok(Progress::Field(place));
        }
        while let Some(next) = input.peek() {
            match self.part {
                Part::LineStart => self.line_start(section, input, next)?,
                Part::Name => self.name(section, input)?,
                Part::Gap => self.gap(section, input)?,
                Part::Value => self.value(section, input)?,
                Part::LineEnd => {
                    self.line_feed(section, input, next)?;
                    self.part = Part::LineStart;
                    return Ok(Progress::Field(self.place));
                }
                Part::SectionEnd => {
                    self.line_feed(section, input, next)?;
                    return Ok(Progress::Complete);
                }
            }
        }
        Ok(Progress::Starved)
    }

    /// Reads a field line that the input holds to its end and that breaks no rule: the usual case.
    /// Anything else is left to the reading step by step, which knows what to say of it.
    fn whole_line(&self, section: &mut Section, input: &mut Input<'_>) -> Option<Place> {
        let bytes = input.bytes();
        let colon = token::run(bytes);
        let behind = bytes.get(colon..)?.strip_prefix(b":").filter(|_| colon > 0)?;
        let gap = behind.iter().take_while(|byte| is_white_space(**byte)).count();
        let value = behind.get(gap..)?;
        let len = scan::field_value(value);
        let (value, rest) = value.split_at_checked(len)?;
        if !rest.starts_with(b"\r\n") || section.places.len() >= FIELD_COUNT_MAX {
            return None;
        }
        let trailing = value.iter().rev().take_while(|byte| is_white_space(**byte)).count();
        let start = section.bytes.len();
        let at = |offset: usize| u16::try_from(start + offset).ok();
        let value_at = colon + 1 + gap;
        let place = Place {
            name: at(0)?,
            colon: at(colon)?,
            value: at(value_at)?,
            end: at(value_at + len - trailing)?,
            known: FieldName::of(bytes.get(..colon)?),
        };
        if !section.push_line(input, value_at + len + 2, self.limit) {
            return None;
        }
        section.places.push(place);
        Some(place)
    }

    fn line_start(&mut self, section: &mut Section, input: &mut Input<'_>, next: u8) -> Result<(), Error> {
        match next {
            b'\r' => {
                section.push(input, 1, self.limit)?;
                self.part = Part::SectionEnd;
                Ok(())
            }
            b'\n' => Err(Error::BareLf),
            b' ' | b'\t' => Err(Error::ObsFold),
            _ if section.places.len() >= FIELD_COUNT_MAX => Err(Error::FieldCount),
            _ => {
                self.place.name = section.len(self.limit)?;
                self.part = Part::Name;
                Ok(())
            }
        }
    }

    fn name(&mut self, section: &mut Section, input: &mut Input<'_>) -> Result<(), Error> {
        section.push(input, token::run(input.bytes()), self.limit)?;
        let Some(next) = input.peek() else {
            return Ok(());
        };
        self.place.colon = section.len(self.limit)?;
        if next != b':' || self.place.colon == self.place.name {
            return Err(Error::FieldName);
        }
        self.place.known = FieldName::of(section.slice(self.place.name, self.place.colon));
        section.push(input, 1, self.limit)?;
        self.part = Part::Gap;
        Ok(())
    }

    fn gap(&mut self, section: &mut Section, input: &mut Input<'_>) -> Result<(), Error> {
        let spaces = input.bytes().iter().take_while(|byte| is_white_space(**byte)).count();
        section.push(input, spaces, self.limit)?;
        if !input.is_empty() {
            self.place.value = section.len(self.limit)?;
            self.part = Part::Value;
        }
        Ok(())
    }

    fn value(&mut self, section: &mut Section, input: &mut Input<'_>) -> Result<(), Error> {
        section.push(input, scan::field_value(input.bytes()), self.limit)?;
        match input.peek() {
            None => Ok(()),
            Some(b'\t') => section.push(input, 1, self.limit),
            Some(b'\r') => {
                self.place.end = self.trimmed_end(section)?;
                section.places.push(self.place);
                section.push(input, 1, self.limit)?;
                self.part = Part::LineEnd;
                Ok(())
            }
            Some(b'\n') => Err(Error::BareLf),
            Some(_) => Err(Error::FieldValue),
        }
    }

    /// The end of the value that ends the section so far, less its trailing white space.
    fn trimmed_end(&self, section: &Section) -> Result<u16, Error> {
        let value = section.slice(self.place.value, section.len(self.limit)?);
        let spaces = value.iter().rev().take_while(|byte| is_white_space(**byte)).count();
        u16::try_from(section.bytes.len() - spaces).map_err(|_| self.limit.error)
    }

    fn line_feed(&self, section: &mut Section, input: &mut Input<'_>, next: u8) -> Result<(), Error> {
        if next == b'\n' { section.push(input, 1, self.limit) } else { Err(Error::BareCr) }
    }
}

/// True for the white space that may stand around a value.
pub(super) const fn is_white_space(byte: u8) -> bool {
    matches!(byte, b' ' | b'\t')
}
