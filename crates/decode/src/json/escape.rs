//! Escapes in strings: collecting their bytes from pieces, and what they stand for.

use super::Error;
use crate::{Input, Span};

/// A surrogate pair, `\ud83d\ude00`.
const ESCAPE_BYTES_MAX: usize = 12;
/// One `\u` escape.
const UNIT_BYTES: u8 = 6;

/// Where an escape stands on the wire: up to 12 bytes, which other bytes (a chunk's end and the
/// next one's size) may stand between.
#[derive(Clone, Copy)]
pub struct Spans {
    at: u64,
    /// Where each byte but the first stands, less `at` and less its place in the escape.
    shifts: [u32; ESCAPE_BYTES_MAX - 1],
    len: u8,
}

impl Spans {
    pub(super) const fn new() -> Self {
        Self { at: 0, shifts: [0; ESCAPE_BYTES_MAX - 1], len: 0 }
    }

    /// The ranges, in order, none touching the next.
    pub fn iter(&self) -> impl Iterator<Item = Span> + use<> {
        let spans = *self;
        let mut place = 0;
        core::iter::from_fn(move || {
            let at = spans.byte(place)?;
            let mut len = 1;
            while spans.byte(place + len) == Some(at.saturating_add(u64::from(len))) {
                len += 1;
            }
            place += len;
            Some(Span { at, len: u64::from(len) })
        })
    }

    /// The stream offset of the backslash.
    #[must_use]
    pub const fn at(&self) -> u64 {
        self.at
    }

    /// How many bytes the escape has: 2, 6 or 12.
    #[must_use]
    pub fn byte_count(&self) -> usize {
        usize::from(self.len)
    }

    /// The stream offset of one byte of the escape.
    fn byte(&self, place: u8) -> Option<u64> {
        let shift = match usize::from(place).checked_sub(1) {
            _ if place >= self.len => return None,
            None => 0,
            Some(place) => *self.shifts.get(place)?,
        };
        Some(self.at.saturating_add(u64::from(place)).saturating_add(u64::from(shift)))
    }

    fn push(&mut self, at: u64) -> Result<(), Error> {
        let place = u64::from(self.len);
        match usize::from(self.len).checked_sub(1) {
            None => self.at = at,
            Some(slot) => {
                let shift = at.checked_sub(self.at).and_then(|distance| distance.checked_sub(place));
                let shift = shift.and_then(|shift| u32::try_from(shift).ok());
                let shift = shift.filter(|shift| slot == 0 || self.shifts.get(slot - 1) <= Some(shift));
                let slot = self.shifts.get_mut(slot).ok_or(Error::EscapeScattered)?;
                *slot = shift.ok_or(Error::EscapeScattered)?;
            }
        }
        self.len += 1;
        Ok(())
    }

    /// The bytes from `from` up to `to`, as spans of their own.
    fn part(&self, from: u8, to: u8) -> Result<Self, Error> {
        (from..to).filter_map(|place| self.byte(place)).try_fold(Self::new(), |mut part, at| {
            part.push(at)?;
            Ok(part)
        })
    }
}

impl core::fmt::Debug for Spans {
    fn fmt(&self, formatter: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        formatter.debug_list().entries(self.iter()).finish()
    }
}

/// Collects one escape after the other.
#[derive(Clone, Copy, Debug)]
pub(super) struct EscapeReader {
    part: Part,
    spans: Spans,
    /// A high surrogate that waits for its other half.
    high: Option<u16>,
    /// The place of the high surrogate that was reported while `spans` went on with the next escape.
    lone: Option<Spans>,
}

#[derive(Clone, Copy, Debug)]
enum Part {
    Backslash,
    Kind,
    Digits {
        unit: u16,
        count: u8,
    },
    /// Behind a high surrogate: a backslash continues it.
    BehindHigh,
    /// Behind a high surrogate and a backslash: a `u` continues it.
    BehindHighBackslash,
    /// This escape is complete; nothing more has to be read for it.
    Ready(char),
}

/// What an [`EscapeReader`] came to.
#[derive(Clone, Copy, Debug)]
pub(super) enum Escaped {
    /// The input is used up.
    Starved,
    /// An escape is complete and the next byte is no part of another one.
    Last(char),
    /// An escape is complete and the reader is inside the next one.
    Inside(char),
}

impl EscapeReader {
    pub(super) const fn new() -> Self {
        Self { part: Part::Backslash, spans: Spans::new(), high: None, lone: None }
    }

    /// Stands before a backslash.
    pub(super) fn begin(&mut self) {
        self.part = Part::Backslash;
        self.spans.len = 0;
        self.high = None;
        self.lone = None;
    }

    /// Where the escape stands that was reported last.
    pub(super) fn spans(&self) -> Spans {
        self.lone.unwrap_or(self.spans)
    }

    /// Reads an escape of two bytes if the input begins with a whole one.
    #[inline]
    pub(super) fn read_short(&mut self, input: &mut Input<'_>) -> Option<char> {
        let [b'\\', kind, ..] = input.bytes() else { return None };
        let character = short_escape(*kind).ok()??;
        self.begin();
        self.spans = Spans { at: input.at(), shifts: [0; ESCAPE_BYTES_MAX - 1], len: 2 };
        input.take(2);
        Some(character)
    }

    pub(super) fn read(&mut self, input: &mut Input<'_>) -> Result<Escaped, Error> {
        self.lone = None;
        if let Part::Ready(character) = self.part {
            return Ok(Escaped::Last(character));
        }
        while let Some(next) = input.peek() {
            match self.part {
                Part::Backslash => {
                    self.take(input)?;
                    self.part = Part::Kind;
                }
                Part::Kind => {
                    let short = short_escape(next)?;
                    self.take(input)?;
                    match short {
                        Some(character) => return Ok(Escaped::Last(character)),
                        None => self.part = Part::Digits { unit: 0, count: 0 },
                    }
                }
                Part::Digits { unit, count } => {
                    let digit = char::from(next).to_digit(16).and_then(|digit| u16::try_from(digit).ok());
                    let unit = unit << 4 | digit.ok_or(Error::EscapeDigits)?;
                    self.take(input)?;
                    self.part = Part::Digits { unit, count: count + 1 };
                    if count == 3
                        && let Some(escaped) = self.unit(unit)?
                    {
                        return Ok(escaped);
                    }
                }
                Part::BehindHigh if next == b'\\' => {
                    self.take(input)?;
                    self.part = Part::BehindHighBackslash;
                }
                Part::BehindHigh => return Ok(Escaped::Last(char::REPLACEMENT_CHARACTER)),
                Part::BehindHighBackslash if next == b'u' => {
                    self.take(input)?;
                    self.part = Part::Digits { unit: 0, count: 0 };
                }
                Part::BehindHighBackslash => {
                    self.leave_lone_high(Part::Kind)?;
                    return Ok(Escaped::Inside(char::REPLACEMENT_CHARACTER));
                }
                Part::Ready(character) => return Ok(Escaped::Last(character)),
            }
        }
        Ok(Escaped::Starved)
    }

    fn take(&mut self, input: &mut Input<'_>) -> Result<(), Error> {
        self.spans.push(input.at())?;
        input.take(1);
        Ok(())
    }

    /// Takes up a complete UTF-16 code unit; nothing comes of a high surrogate alone.
    fn unit(&mut self, unit: u16) -> Result<Option<Escaped>, Error> {
        let is_high = (0xd800..0xdc00).contains(&unit);
        match (self.high, is_high) {
            (None, true) => {
                self.high = Some(unit);
                self.part = Part::BehindHigh;
                Ok(None)
            }
            (None, false) => Ok(Some(Escaped::Last(character(unit)))),
            (Some(_), true) => {
                self.leave_lone_high(Part::BehindHigh)?;
                self.high = Some(unit);
                Ok(Some(Escaped::Inside(char::REPLACEMENT_CHARACTER)))
            }
            (Some(high), false) => match pair(high, unit) {
                Some(character) => Ok(Some(Escaped::Last(character))),
                None => {
                    self.leave_lone_high(Part::Ready(character(unit)))?;
                    Ok(Some(Escaped::Inside(char::REPLACEMENT_CHARACTER)))
                }
            },
        }
    }

    /// Parts the high surrogate that found no other half from what is behind it.
    fn leave_lone_high(&mut self, next: Part) -> Result<(), Error> {
        self.lone = Some(self.spans.part(0, UNIT_BYTES)?);
        self.spans = self.spans.part(UNIT_BYTES, self.spans.len)?;
        self.high = None;
        self.part = next;
        Ok(())
    }
}

/// What the byte behind a backslash stands for; `None` if digits follow.
const fn short_escape(kind: u8) -> Result<Option<char>, Error> {
    Ok(Some(match kind {
        b'"' => '"',
        b'\\' => '\\',
        b'/' => '/',
        b'b' => '\u{8}',
        b'f' => '\u{c}',
        b'n' => '\n',
        b'r' => '\r',
        b't' => '\t',
        b'u' => return Ok(None),
        _ => return Err(Error::Escape),
    }))
}

/// The character of one code unit; a surrogate is none.
fn character(unit: u16) -> char {
    char::from_u32(u32::from(unit)).unwrap_or(char::REPLACEMENT_CHARACTER)
}

fn pair(high: u16, low: u16) -> Option<char> {
    char::decode_utf16([high, low]).next()?.ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spans_join_bytes_that_touch_and_keep_others_apart() {
        let mut spans = Spans::new();
        for at in [5, 6, 9, 10, 11, 4_000_000_000] {
            spans.push(at).unwrap();
        }
        let ranges: Vec<_> = spans.iter().map(|span| (span.at, span.len)).collect();
        assert_eq!(ranges, [(5, 2), (9, 3), (4_000_000_000, 1)]);
        assert_eq!((spans.at(), spans.byte_count()), (5, 6));
        assert_eq!(spans.part(1, 3).unwrap().iter().map(|span| span.at).collect::<Vec<_>>(), [6, 9]);
    }

    #[test]
    fn bytes_out_of_order_or_too_far_apart_are_refused() {
        let mut spans = Spans::new();
        spans.push(100).unwrap();
        assert_eq!(spans.push(100), Err(Error::EscapeScattered));
        assert_eq!(spans.push(99), Err(Error::EscapeScattered));
        assert_eq!(spans.push(u64::MAX), Err(Error::EscapeScattered));
        spans.push(200).unwrap();
        assert_eq!(spans.push(150), Err(Error::EscapeScattered));
        for at in 201..211 {
            spans.push(at).unwrap();
        }
        assert_eq!(spans.push(300), Err(Error::EscapeScattered), "an escape has at most 12 bytes");
    }
}
