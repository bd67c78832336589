//! Where in a run text begins: behind any character of base64, behind any digit of hex.
//!
//! A prefix shifts what follows it against the quanta of a run: behind `/`, `key-` or `0x` a reader that counts
//! from the run's first character sees noise. So each place is taken for the first one of text.

use super::decode::{Digits, LINE_BYTES_MIN, OUTSIDE, line_end};
use super::gate::{self, Opening, may_be_text};
use super::outline::RUN_BYTES_MIN;
use crate::simd::{base64_value as value, quantum};
use memchr::memchr;

/// Characters of a window in which text may begin: where a run begins or text has ended, since what is looked for is
/// near then, and where nothing was found.
const PLACES_NEAR: usize = 40;
const PLACES_FAR: usize = 232;
/// Characters behind the last of them that are seen: twelve bytes of hex.
const BEHIND: usize = 24;
/// Characters of the longest window.
const WINDOW: usize = PLACES_FAR + BEHIND;
/// Characters that two windows share: text may begin in the quantum before the place where it shows.
const SHARED: usize = QUANTUM;
/// A window of each kind, and what copies of it that are shifted reach beyond.
const WIDTH_NEAR: usize = PLACES_NEAR + BEHIND + STEP;
const WIDTH_FAR: usize = WINDOW + STEP;
/// Characters that are read at once.
const STEP: usize = 32;
/// Bytes of the shortest text that ends with its run and begins behind nothing that sets it apart.
const END_BYTES_MIN: usize = 9;
/// Characters of a quantum, which stands for three bytes.
const QUANTUM: usize = 4;
/// Digits of the shortest text in hex.
const HEX_DIGITS_MIN: usize = RUN_BYTES_MIN + 1;
/// The lowest value of the characters that words and paths are joined with: `+ - / _`.
pub(super) const JOINER: u8 = 62;

/// What comes of looking at a window.
#[derive(Debug)]
pub(super) enum Hunt {
    /// More bytes must be seen.
    Cut,
    /// No text begins before this place, where the run goes on.
    Nothing(Place),
    /// No text begins before the end of the run.
    End(usize),
    Text(Start),
}

/// A place in the text, and how many characters of its line are before it.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Place {
    pub(super) at: usize,
    pub(super) line: usize,
}

/// Where text begins.
#[derive(Clone, Copy, Debug)]
pub(super) struct Start {
    pub(super) digits: Digits,
    /// Its first unit.
    pub(super) place: Place,
    /// Bytes of that unit which are no text.
    pub(super) skip: usize,
}

/// Looks for text in a run, which has `line` characters of its line before it; near, or far.
pub(super) fn hunt(run: &[u8], line: usize, is_apart: bool, is_near: bool) -> Hunt {
    if is_near {
        hunt_in::<WIDTH_NEAR>(run, line, is_apart, PLACES_NEAR)
    } else {
        hunt_in::<WIDTH_FAR>(run, line, is_apart, PLACES_FAR)
    }
}

fn hunt_in<const WIDTH: usize>(run: &[u8], line: usize, is_apart: bool, places: usize) -> Hunt {
    let Some(window) = Window::<WIDTH>::read(run, line, is_apart, places) else { return Hunt::Cut };
    match window.text() {
        Some(start) => Hunt::Text(start),
        None if window.is_last => Hunt::End(window.place(window.len).at),
        None => Hunt::Nothing(window.place(places - SHARED)),
    }
}

/// The end of a line within a run.
#[derive(Clone, Copy, Default)]
struct Break {
    /// Characters of the window before it.
    before: usize,
    bytes: usize,
}

/// The next characters of a run, without ends of lines.
struct Window<const WIDTH: usize> {
    values: [u8; WIDTH],
    len: usize,
    /// Characters at which text may begin.
    places: usize,
    breaks: [Break; WINDOW / LINE_BYTES_MIN + 1],
    line: usize,
    /// The run ends with it.
    is_last: bool,
    /// What stands before the first character sets it apart.
    is_apart: bool,
}

impl<const WIDTH: usize> Window<WIDTH> {
    /// None if more bytes must be seen.
    fn read(run: &[u8], line: usize, is_apart: bool, places: usize) -> Option<Self> {
        let breaks = [Break::default(); _];
        let mut window = Self { values: [0; WIDTH], len: 0, places, breaks, line, is_last: false, is_apart };
        let (mut rest, mut line, mut count) = (run, line, 0);
        let len_max = places + BEHIND;
        while window.len < len_max {
            let step = rest.get(..STEP).unwrap_or(rest);
            let values = window.values.get_mut(window.len..)?;
            values.iter_mut().zip(step).for_each(|(place, byte)| *place = value(*byte));
            let row = memchr(OUTSIDE, values.get(..step.len())?).unwrap_or(step.len());
            (window.len, line) = (window.len + row, line + row);
            rest = rest.get(row..)?;
            if row == STEP {
                continue;
            }
            let Some(bytes) = line_end(rest, line)? else {
                window.is_last = window.len <= len_max;
                break;
            };
            *window.breaks.get_mut(count)? = Break { before: window.len, bytes };
            (rest, line, count) = (rest.get(bytes..)?, 0, count + 1);
        }
        window.len = window.len.min(len_max);
        window.places = if window.is_last { window.len } else { places };
        Some(window)
    }

    fn place(&self, index: usize) -> Place {
        let breaks = self.breaks.iter().take_while(|end| end.bytes > 0 && end.before <= index);
        breaks.fold(Place { at: index, line: self.line + index }, |place, end| Place {
            at: place.at + end.bytes,
            line: index - end.before,
        })
    }

    fn text(&self) -> Option<Start> {
        [self.hex(), self.base64()].into_iter().flatten().min_by_key(|start| start.place.at)
    }

    fn from(&self, index: usize) -> &[u8] {
        self.values.get(index..self.len).unwrap_or_default()
    }

    /// True if something sets this character apart from what is before it.
    fn is_apart(&self, index: usize) -> bool {
        match index.checked_sub(1) {
            None => self.is_apart,
            Some(before) => self.values.get(before).is_some_and(|value| *value >= JOINER),
        }
    }

    /// The first place from which on the quanta are text.
    fn base64(&self) -> Option<Start> {
        let mut shows = [0; WIDTH];
        let ahead = |by: usize| self.values.get(by..).unwrap_or_default();
        let places = shows.iter_mut().take(self.len).zip(ahead(0)).zip(ahead(1)).zip(ahead(2)).zip(ahead(3));
        for ((((shows, a), b), c), d) in places {
            let [first, second, third] = quantum([*a, *b, *c, *d]).map(shows_text);
            *shows = first & second & third;
        }
        self.and_ahead(&mut shows, QUANTUM);
        let behind = shows.get_mut(1..).unwrap_or_default();
        behind.iter_mut().zip(&self.values).for_each(|(shows, value)| *shows |= u8::from(*value >= JOINER));
        if let Some(first) = shows.first_mut() {
            *first |= u8::from(self.is_apart);
        }
        // Before these places no text begins, by the characters' numbers modulo four.
        let mut from = [0; QUANTUM];
        places_of(&shows, self.places).find_map(|index| {
            let from = from.get_mut(index % QUANTUM).filter(|from| **from <= index)?;
            let (first, skip) = match index.checked_sub(QUANTUM).filter(|_| !self.is_apart(index)) {
                // The text may begin in the quantum before.
                Some(before) => match texts(self.from(before)) {
                    0 => (index, 0),
                    texts => (before, 3 - texts),
                },
                None => (index, 0),
            };
            let bytes = bytes(self.from(first)).skip(skip);
            match self.opening(index, bytes, self.is_last) {
                Opening::Text => return Some(self.start(Digits::Base64, first, skip)),
                Opening::Other(count) => *from = first + (skip + count) / 3 * QUANTUM + QUANTUM,
                Opening::Short => {}
            }
            None
        })
    }

    /// The first place from which on the digits are text.
    fn hex(&self) -> Option<Start> {
        let mut digits = [0; WIDTH];
        digits.iter_mut().zip(&self.values).take(self.len).for_each(|(digit, value)| *digit = is_hex(*value));
        let mut rows = digits;
        // A row of fifteen is two of eight.
        for by in [1, 2, 4, HEX_DIGITS_MIN - 8] {
            self.and_ahead(&mut rows, by);
        }
        memchr(1, &rows)?;
        let mut shows = [0; WIDTH];
        shows.iter_mut().zip(&self.values).for_each(|(shows, value)| *shows = is_high(*value));
        self.and_ahead(&mut shows, 2);
        self.and_ahead(&mut shows, 4);
        // In whatever script, where a row begins.
        let behind = shows.get_mut(1..).unwrap_or_default();
        behind.iter_mut().zip(&digits).for_each(|(shows, digit)| *shows |= 1 - digit);
        rows.iter_mut().zip(shows).skip(1).for_each(|(row, shows)| *row &= shows);
        self.drop_noise(&mut rows, &digits);
        let (mut end, mut from) = (0, [0; 2]);
        places_of(&rows, self.places).find_map(|index| {
            if index >= end {
                end = memchr(0, digits.get(index..).unwrap_or_default()).map_or(self.len, |row| index + row);
            }
            let from = from.get_mut(index % 2).filter(|from| **from <= index)?;
            let values = self.values.get(index..end).unwrap_or_default();
            let bytes = values.as_chunks().0.iter().map(|[high, low]| nibble(*high) << 4 | nibble(*low));
            let is_last = end < self.len || self.is_last;
            match self.opening(index, bytes, is_last) {
                Opening::Text => return Some(self.start(Digits::Hex, index, 0)),
                Opening::Other(count) => *from = index + 2 * count,
                Opening::Short => {}
            }
            None
        })
    }

    /// Drops the places in hex behind which a byte that no text has comes too early: a control character, or one that
    /// goes on with a character where none has begun. What stands behind the end of the digits does not count.
    fn drop_noise(&self, rows: &mut [u8; WIDTH], digits: &[u8; WIDTH]) {
        let mut goes_on = [0; WIDTH];
        goes_on.iter_mut().zip(&self.values).for_each(|(goes_on, value)| *goes_on = continues(*value));
        let mut fits = [1; WIDTH];
        let behind = fits.iter_mut().skip(2).zip(goes_on.iter().skip(2)).zip(&self.values);
        behind.for_each(|((fits, goes_on), before)| *fits = (1 - goes_on) | continues(*before) | begins(*before));
        // A digit alone is no byte.
        let mut whole = *digits;
        self.and_ahead(&mut whole, 1);
        let controls = fits.iter_mut().zip(whole).zip(&self.values);
        controls.for_each(|((fits, whole), value)| *fits = (*fits & u8::from(*value != DIGIT_ONE)) | (1 - whole));
        for by in [2, 4, 8] {
            let ahead = fits;
            let pairs = fits.iter_mut().zip(ahead.get(by..).unwrap_or_default()).zip(whole);
            pairs.take(self.len).for_each(|((fits, ahead), whole)| *fits &= ahead | (1 - whole));
            self.and_ahead(&mut whole, by);
        }
        // Eleven bytes behind the first one are eight of them and eight of them; a row has the first seven.
        let [near, far] = [2, 8].map(|by| fits.get(by..).unwrap_or_default());
        let first = |goes_on: u8, value: u8| 1 - (goes_on | u8::from(value == DIGIT_ONE));
        let places = rows.iter_mut().zip(goes_on).zip(&self.values).zip(near).zip(far);
        for ((((row, goes_on), value), near), far) in places.take(self.len) {
            *row &= near & far & first(goes_on, *value);
        }
    }

    /// Keeps what is set `by` places on, too.
    #[inline]
    fn and_ahead(&self, bytes: &mut [u8; WIDTH], by: usize) {
        let ahead = *bytes;
        let pairs = bytes.iter_mut().zip(ahead.get(by..).unwrap_or_default());
        pairs.take(self.len).for_each(|(byte, ahead)| *byte &= ahead);
    }

    fn start(&self, digits: Digits, index: usize, skip: usize) -> Start {
        Start { digits, place: self.place(index), skip }
    }

    /// What becomes of these bytes, as text from a place on.
    fn opening(&self, index: usize, bytes: impl Iterator<Item = u8>, is_last: bool) -> Opening {
        let whole = is_last.then(|| if self.is_apart(index) { gate::WHOLE_BYTES_MIN } else { END_BYTES_MIN });
        gate::opening(bytes, whole)
    }
}

/// Where a byte is one and not zero, before `end`.
fn places_of(bytes: &[u8], end: usize) -> impl Iterator<Item = usize> {
    let (words, _) = bytes.as_chunks();
    let mut words = words.iter().map(|word| u64::from_le_bytes(*word)).enumerate();
    let (mut at, mut ones) = (0, 0);
    let next = move || {
        while ones == 0 {
            (at, ones) = words.next()?;
        }
        let place = 8 * at + ones.trailing_zeros() as usize / 8;
        ones &= ones - 1;
        Some(place)
    };
    core::iter::from_fn(next).take_while(move |place| *place < end)
}

/// The bytes that values stand for.
fn bytes(values: &[u8]) -> impl Iterator<Item = u8> {
    values.chunks(QUANTUM).flat_map(|values| {
        let mut whole = [0; QUANTUM];
        whole.iter_mut().zip(values).for_each(|(place, value)| *place = *value);
        quantum(whole).into_iter().take(values.len().saturating_sub(1))
    })
}

/// How many of the last bytes of the first quantum are text.
fn texts(values: &[u8]) -> usize {
    let bytes = values.first_chunk().map(|values| quantum(*values)).unwrap_or_default();
    bytes.iter().rev().take_while(|byte| may_be_text(**byte)).count()
}

/// One for the values of hex digits.
#[inline]
fn is_hex(value: u8) -> u8 {
    u8::from(value < 6) | u8::from(value.wrapping_sub(26) < 6) | u8::from(value.wrapping_sub(52) < 10)
}

/// One for the values of hex digits with which a byte of text may begin.
#[inline]
fn is_high(value: u8) -> u8 {
    u8::from(value.wrapping_sub(54) < 6) | u8::from(value == 52)
}

/// The value of `1`, with which control characters begin.
const DIGIT_ONE: u8 = 53;

/// One for the values of `8`, `9`, `a` and `b`: a byte that goes on with a character (RFC 3629).
#[inline]
fn continues(value: u8) -> u8 {
    u8::from(value < 2) | u8::from(value.wrapping_sub(26) < 2) | u8::from(value.wrapping_sub(60) < 2)
}

/// One for the values of `c` to `f`: a byte that begins one.
#[inline]
fn begins(value: u8) -> u8 {
    u8::from(value.wrapping_sub(2) < 4) | u8::from(value.wrapping_sub(28) < 4)
}

/// The four bits of a hex digit, of its value.
#[inline]
const fn nibble(value: u8) -> u8 {
    match value {
        52.. => value - 52,
        26.. => value - 26 + 10,
        _ => value + 10,
    }
}

/// One for bytes that may be of text, and for a few more, so that many are told at once.
#[inline]
fn shows_text(byte: u8) -> u8 {
    u8::from(byte.wrapping_sub(b' ') < 0x5f) | u8::from(byte < 0x0e)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        /// Whatever digits end a run, and wherever.
        #[test]
        fn noise_is_nothing_that_would_be_let_through(
            run in "([2-7][0-9a-f]|[2-7][0-9a-f]){0,20}([0-9a-fA-F]{0,3}|c3[89ab][0-9a-f]|00){0,3}[0-9a-f]{0,30}[ g/]?",
            more in "([2-7][0-9a-f]){0,12}[ ]",
        ) {
            let run = format!("{run}{more}");
            let Some(window) = Window::<WIDTH_FAR>::read(run.as_bytes(), 0, false, PLACES_FAR) else { return Ok(()) };
            let mut digits = [0; WIDTH_FAR];
            digits.iter_mut().zip(&window.values).take(window.len).for_each(|(digit, value)| *digit = is_hex(*value));
            let mut rows = digits;
            window.drop_noise(&mut rows, &digits);
            for index in (0..window.len).filter(|index| digits[*index] == 1 && rows[*index] == 0) {
                let row = digits[index..].iter().take_while(|digit| **digit == 1).count();
                if row < HEX_DIGITS_MIN {
                    continue;
                }
                let values = window.values[index..index + row].as_chunks().0;
                let bytes = values.iter().map(|[high, low]| nibble(*high) << 4 | nibble(*low));
                let opening = window.opening(index, bytes, index + row < window.len || window.is_last);
                prop_assert_ne!(opening, Opening::Text, "{} from {}", run, index);
            }
        }
    }
}
