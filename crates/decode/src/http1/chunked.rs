//! The chunked coding (RFC 9112 section 7.1): sizes, extensions, data, trailers.

use super::decoder::body;
use super::section::{FieldReader, Limit, Place, Progress, Section};
use super::{BODY_BYTES_MAX, CHUNK_EXTENSION_BYTES_MAX, Error, Event};
use crate::Input;
use crate::token::is_token;

/// Sixteen digits are 64 bits; more could only be leading zeros.
const SIZE_DIGITS_MAX: u8 = 16;

/// Fields that say how a message is framed, routed, authenticated or read come too late in a
/// trailer (RFC 9110 section 6.5.1): one receiver merges them, another does not. In lower case.
const FORBIDDEN_TRAILERS: &[&str] = &[
    "age",
    "authorization",
    "cache-control",
    "connection",
    "content-encoding",
    "content-length",
    "content-range",
    "content-type",
    "content_length",
    "cookie",
    "date",
    "expect",
    "expires",
    "host",
    "keep-alive",
    "location",
    "max-forwards",
    "pragma",
    "proxy-authenticate",
    "proxy-authorization",
    "proxy-connection",
    "range",
    "retry-after",
    "set-cookie",
    "te",
    "trailer",
    "transfer-encoding",
    "transfer_encoding",
    "upgrade",
    "vary",
    "warning",
    "www-authenticate",
];

/// The state of one chunked body.
#[derive(Debug)]
pub(super) struct Chunked {
    part: Part,
    /// Digits of the size so far.
    digits: u8,
    /// The chunk's size, then what is left of it.
    size: u64,
    extension_bytes: u32,
    trailer_reader: FieldReader,
}

#[derive(Clone, Copy, Debug)]
enum Part {
    Size,
    Extension(ExtensionPart),
    SizeLineFeed,
    Data,
    DataReturn,
    DataLineFeed,
    Trailers,
    Complete,
}

/// Where in `;name=token` or `;name="string"` the next byte stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum ExtensionPart {
    NameStart,
    Name,
    ValueStart,
    Token,
    Quoted,
    QuotedPair,
    QuotedEnd,
}

/// What came next of a chunked body.
#[derive(Debug)]
pub(super) enum ChunkedStep<'a> {
    /// The input is used up.
    Starved,
    Event(Event<'a>),
    /// The empty line behind the trailers was read.
    Complete,
}

impl Chunked {
    pub(super) const fn new(trailers: Limit) -> Self {
        let trailer_reader = FieldReader::new(trailers);
        Self { part: Part::Size, digits: 0, size: 0, extension_bytes: 0, trailer_reader }
    }

    /// Starts over with the next message.
    pub(super) fn begin(&mut self) {
        *self = Self::new(self.trailer_reader.limit());
    }

    /// True while the trailer section is not complete.
    pub(super) const fn is_in_trailers(&self) -> bool {
        matches!(self.part, Part::Trailers)
    }

    /// Bytes of the current chunk's data that are to come; none if its size is the next to be read, or part of it was.
    pub(super) const fn data_left(&self) -> Option<u64> {
        match self.part {
            Part::Data | Part::DataReturn => Some(self.size),
            Part::Size
            | Part::Extension(_)
            | Part::SizeLineFeed
            | Part::DataLineFeed
            | Part::Trailers
            | Part::Complete => None,
        }
    }

    pub(super) fn next<'a>(&mut self, trailers: &mut Section, input: &mut Input<'a>) -> Result<ChunkedStep<'a>, Error> {
        if let Part::Complete = self.part {
            return Ok(ChunkedStep::Complete);
        }
        while let Some(next) = input.peek() {
            match self.part {
                Part::Size => self.size(input, next)?,
                Part::Extension(part) => {
                    if let Some(event) = self.extension(part, input)? {
                        return Ok(ChunkedStep::Event(event));
                    }
                }
                Part::SizeLineFeed => {
                    expect(input, next, b'\n', Error::BareCr)?;
                    self.size_line_end(trailers, input.at());
                }
                Part::Data => return Ok(self.data(input)),
                Part::DataReturn => {
                    expect(input, next, b'\r', Error::ChunkEnd)?;
                    self.part = Part::DataLineFeed;
                }
                Part::DataLineFeed => {
                    expect(input, next, b'\n', Error::ChunkEnd)?;
                    (self.part, self.digits, self.size) = (Part::Size, 0, 0);
                }
                Part::Trailers => {
                    if let Some(step) = self.trailers(trailers, input)? {
                        return Ok(step);
                    }
                }
                Part::Complete => return Ok(ChunkedStep::Complete),
            }
        }
        Ok(ChunkedStep::Starved)
    }

    fn size(&mut self, input: &mut Input<'_>, next: u8) -> Result<(), Error> {
        if let Some(digit) = hex_digit(next) {
            if self.digits == SIZE_DIGITS_MAX {
                return Err(Error::ChunkSizeTooLarge);
            }
            self.digits += 1;
            self.size = self.size << 4 | u64::from(digit);
        } else {
            self.part = match next {
                _ if self.digits == 0 => return Err(Error::ChunkSize),
                b'\r' => Part::SizeLineFeed,
                b';' => Part::Extension(ExtensionPart::NameStart),
                b'\n' => return Err(Error::BareLf),
                _ => return Err(Error::ChunkSize),
            };
            if self.size > BODY_BYTES_MAX {
                return Err(Error::ChunkSizeTooLarge);
            }
        }
        input.take(1);
        Ok(())
    }

    /// Reads what the input has of an extension; at the CR that ends it there is nothing to report.
    fn extension<'a>(&mut self, part: ExtensionPart, input: &mut Input<'a>) -> Result<Option<Event<'a>>, Error> {
        let (mut part, mut count) = (part, 0);
        for &byte in input.bytes() {
            if byte == b'\r' && part.may_end() {
                break;
            }
            let room = self.extension_bytes < CHUNK_EXTENSION_BYTES_MAX;
            part = match part.step(byte) {
                Ok(part) if room => part,
                // What stands before the fault is reported first, whatever the split.
                Ok(_) | Err(_) if count > 0 => break,
                Ok(_) => return Err(Error::ChunkExtensionTooLong),
                Err(error) => return Err(error),
            };
            count += 1;
            self.extension_bytes += 1;
        }
        self.part = Part::Extension(part);
        if count == 0 {
            input.take(1);
            self.part = Part::SizeLineFeed;
            return Ok(None);
        }
        let at = input.at();
        Ok(Some(Event::ChunkExtension { at, bytes: input.take(count) }))
    }

    fn size_line_end(&mut self, trailers: &mut Section, at: u64) {
        if self.size == 0 {
            trailers.begin(at);
            self.trailer_reader.begin();
            self.part = Part::Trailers;
        } else {
            self.part = Part::Data;
        }
    }

    fn data<'a>(&mut self, input: &mut Input<'a>) -> ChunkedStep<'a> {
        let before = input.len();
        let event = body(input, usize::try_from(self.size).unwrap_or(usize::MAX));
        self.size -= (before - input.len()) as u64;
        if self.size == 0 {
            self.part = Part::DataReturn;
        }
        event.map_or(ChunkedStep::Starved, ChunkedStep::Event)
    }

    fn trailers<'a>(
        &mut self,
        trailers: &mut Section,
        input: &mut Input<'_>,
    ) -> Result<Option<ChunkedStep<'a>>, Error> {
        match self.trailer_reader.read(trailers, input)? {
            Progress::Starved => Ok(None),
            Progress::Field(place) => check_trailer(trailers, place).map(|()| None),
            Progress::Complete => {
                self.part = Part::Complete;
                let none = trailers.places().is_empty();
                Ok(Some(if none { ChunkedStep::Complete } else { ChunkedStep::Event(Event::Trailers) }))
            }
        }
    }
}

impl ExtensionPart {
    const fn may_end(self) -> bool {
        matches!(self, Self::Name | Self::Token | Self::QuotedEnd)
    }

    fn step(self, byte: u8) -> Result<Self, Error> {
        let is_text = !byte.is_ascii_control() || byte == b'\t';
        match (self, byte) {
            (_, b'\n') => Err(Error::BareLf),
            (Self::NameStart | Self::Name, _) if is_token(byte) => Ok(Self::Name),
            (Self::ValueStart | Self::Token, _) if is_token(byte) => Ok(Self::Token),
            (Self::Name, b'=') => Ok(Self::ValueStart),
            (Self::ValueStart, b'"') => Ok(Self::Quoted),
            (Self::Quoted, b'"') => Ok(Self::QuotedEnd),
            (Self::Quoted, b'\\') => Ok(Self::QuotedPair),
            (Self::Quoted | Self::QuotedPair, _) if is_text => Ok(Self::Quoted),
            (Self::Name | Self::Token | Self::QuotedEnd, b';') => Ok(Self::NameStart),
            _ => Err(Error::ChunkExtension),
        }
    }
}

fn check_trailer(trailers: &Section, place: Place) -> Result<(), Error> {
    let name = trailers.slice(place.name, place.colon);
    let is_name = |entry: &&str| name.eq_ignore_ascii_case(entry.as_bytes());
    if FORBIDDEN_TRAILERS.iter().any(is_name) { Err(Error::TrailerField) } else { Ok(()) }
}

fn expect(input: &mut Input<'_>, next: u8, expected: u8, error: Error) -> Result<(), Error> {
    if next != expected {
        return Err(error);
    }
    input.take(1);
    Ok(())
}

const fn hex_digit(byte: u8) -> Option<u8> {
    match byte {
        b'0'..=b'9' => Some(byte - b'0'),
        b'a'..=b'f' => Some(byte - b'a' + 10),
        b'A'..=b'F' => Some(byte - b'A' + 10),
        _ => None,
    }
}
