//! The decode lane: runs of base64, base64url (RFC 4648 sections 4 and 5) and hex, each read to its end.
//!
//! A run begins where fourteen characters of the alphabet stand in a row. It may go on in the next line, as mail
//! and keys are wrapped. What is no text in it is passed over; [`hunt`] says where text begins.

use super::ViewId;
use super::gate::{Gate, Group};
use super::hunt::{Hunt, JOINER, Place, Start, hunt};
use super::layer::Below;
use super::map::Text;
use super::outline::{Mark, Outline, RUN_BYTES_MIN};
use super::wide::{self, Opening, Order, Wide};
use crate::simd::{self, BLOCK_BYTES, DECODED_BYTES, base64_value, quantum};

/// Characters of the shortest line behind which a run goes on.
pub(super) const LINE_BYTES_MIN: usize = 32;
/// Bytes before text that are read with it as context, if its run began in them.
const CONTEXT_BYTES: u64 = 64;
/// The value of a byte outside of the alphabet.
pub(super) const OUTSIDE: u8 = 64;

#[inline]
pub(super) fn in_alphabet(byte: &u8) -> bool {
    base64_value(*byte) < OUTSIDE
}

/// The four bits of a hex digit; zero of any other byte.
#[inline]
fn nibble(digit: u8) -> u8 {
    match digit {
        b'0'..=b'9' => digit - b'0',
        b'a'..=b'f' => digit - b'a' + 10,
        b'A'..=b'F' => digit - b'A' + 10,
        _ => 0,
    }
}

/// What a run is written in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Digits {
    Base64,
    Hex,
}

impl Digits {
    pub(super) const fn view(self) -> ViewId {
        match self {
            Self::Base64 => ViewId::BASE64,
            Self::Hex => ViewId::HEX,
        }
    }

    /// Characters of a unit.
    pub(super) const fn unit(self) -> usize {
        match self {
            Self::Base64 => 4,
            Self::Hex => 2,
        }
    }

    /// Bytes that a unit stands for.
    pub(super) const fn bytes(self) -> usize {
        match self {
            Self::Base64 => 3,
            Self::Hex => 1,
        }
    }

    #[inline]
    pub(super) fn take(self, byte: u8) -> bool {
        match self {
            Self::Base64 => in_alphabet(&byte),
            Self::Hex => byte.is_ascii_hexdigit(),
        }
    }

    /// The bytes of up to one unit of characters, and how many there are.
    #[inline]
    pub(super) fn decode(self, characters: &[u8]) -> ([u8; 3], usize) {
        match (self, characters) {
            (Self::Base64, [a, b, c, d]) => (quantum([a, b, c, d].map(|byte| base64_value(*byte))), 3),
            (Self::Base64, [a, b, c]) => (quantum([base64_value(*a), base64_value(*b), base64_value(*c), 0]), 2),
            (Self::Base64, [a, b]) => (quantum([base64_value(*a), base64_value(*b), 0, 0]), 1),
            (Self::Hex, [high, low]) => ([nibble(*high) << 4 | nibble(*low), 0, 0], 1),
            _ => ([0; 3], 0),
        }
    }
}

/// Bytes of what stands between two lines of a run: what ends the first and what each begins with.
const BREAK_BYTES_MAX: usize = 24;

/// True for what may stand behind a line of a run that goes on in the next one.
const fn ends_line(byte: u8) -> bool {
    matches!(byte, b'\r' | b'\n' | b' ' | b'\t' | b'"' | b'\'' | b',' | b'\\')
}

/// How many bytes of an end of line stand here within a run, `line` characters into its line; none within if
/// the run ends here, none at all if that is not known yet.
///
/// Lines may be literals of their own, and begin as quoted mail, comments and what is indented do.
#[expect(clippy::option_option, reason = "the inner one is of the text, the outer one of what is known of it")]
pub(super) fn line_end(text: &[u8], line: usize) -> Option<Option<usize>> {
    if !ends_line(*text.first()?) || line < LINE_BYTES_MIN {
        return Some(None);
    }
    let (mut at, mut is_next) = (0, false);
    while at < BREAK_BYTES_MAX {
        at += match (*text.get(at)?, is_next) {
            (b' ' | b'\t' | b'"' | b'\'', _) | (b',' | b'\\', false) | (b'>' | b'#' | b'*' | b'|' | b';', true) => 1,
            (b'\n', false) => {
                is_next = true;
                1
            }
            (b'\r', false) => {
                is_next = true;
                1 + usize::from(*text.get(at + 1)? == b'\n')
            }
            (sign @ (b'/' | b'-'), true) if *text.get(at + 1)? == sign && *text.get(at + 2)? == b' ' => 3,
            (next, true) if in_alphabet(&next) => return Some(Some(at)),
            _ => break,
        };
    }
    Some(None)
}

/// Where the lane stands in its text.
#[derive(Debug, Default)]
pub(super) struct Decode {
    pub(super) cursor: u64,
    state: State,
}

/// What is read at the cursor; in a run, so many characters of its line are before it, and it began there unless
/// text was found in it: context is read with the first text of a run and not once more with each.
#[derive(Debug, Default)]
#[expect(
    clippy::large_enum_variant,
    reason = "one of them a lane, and a box would be memory asked for while packets wait"
)]
enum State {
    #[default]
    BetweenRuns,
    Run {
        line: usize,
        begun: Option<u64>,
        is_near: bool,
    },
    Text {
        line: usize,
        run: Run,
    },
}

/// Text that is being read.
#[derive(Debug)]
struct Run {
    digits: Digits,
    /// Bytes of the next unit that are no text.
    skip: usize,
    gate: Gate,
    /// Its bytes are UTF-16.
    wide: Option<Wide>,
}

/// How a search for a run ends.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Search {
    Found(usize),
    /// From here on the text may be the beginning of one.
    Tail(usize),
}

impl Decode {
    /// Reads what of `parent` is there, up to `end`, into `child`; returns the hold.
    pub(super) fn read(&mut self, parent: &Text, end: u64, outline: &Outline, child: &mut Below) -> u64 {
        let (held, base) = parent.scanner.held();
        let place = |offset: u64| usize::try_from(offset.saturating_sub(base)).unwrap_or(usize::MAX);
        let text = held.get(..place(end)).unwrap_or(held);
        loop {
            let from = place(self.cursor);
            let rest = text.get(from..).unwrap_or_default();
            let (taken, state) = match &mut self.state {
                State::BetweenRuns => match search(text, outline, from) {
                    Search::Tail(tail) => {
                        self.cursor = base + tail as u64;
                        return self.cursor;
                    }
                    Search::Found(start) => {
                        let taken = start.saturating_sub(from);
                        match words(rest.get(taken..).unwrap_or_default()) {
                            Some(words) => (taken + words, State::BetweenRuns),
                            None => (taken, State::Run { line: 0, begun: Some(base + start as u64), is_near: true }),
                        }
                    }
                },
                State::Run { line, begun, is_near } => {
                    // UTF-16 is told from noise where a run begins, or other text ends.
                    match if *is_near { wide::read(rest) } else { Opening::Other } {
                        Opening::Cut => return self.cursor,
                        Opening::Wide(digits, order, skip) => {
                            let has_context = begun.is_some_and(|begun| self.cursor <= begun + CONTEXT_BYTES);
                            let run = Run::wide(digits, order, skip, (self.cursor, has_context));
                            self.state = State::Text { line: *line, run };
                            continue;
                        }
                        Opening::Other => {}
                    }
                    let before = from.checked_sub(1).and_then(|before| text.get(before));
                    let is_apart = before.is_none_or(|byte| base64_value(*byte) >= JOINER);
                    match hunt(rest, *line, is_apart, *is_near) {
                        Hunt::Cut => return self.cursor,
                        Hunt::Nothing(place) => {
                            (place.at, State::Run { line: place.line, begun: *begun, is_near: false })
                        }
                        Hunt::End(taken) => (taken, State::BetweenRuns),
                        Hunt::Text(Start { digits, place: Place { at, line }, skip }) => {
                            let start = self.cursor + at as u64;
                            let has_context = begun.is_some_and(|begun| start <= begun + CONTEXT_BYTES);
                            (at, State::Text { line, run: Run::new(digits, skip, start, has_context) })
                        }
                    }
                }
                State::Text { line, run } => {
                    let (place, is_over) = run.read(rest, *line, self.cursor, parent, child.text());
                    if !is_over {
                        (self.cursor, *line) = (self.cursor + place.at as u64, place.line);
                        return self.cursor;
                    }
                    (place.at, State::Run { line: place.line, begun: None, is_near: true })
                }
            };
            (self.cursor, self.state) = (self.cursor + taken as u64, state);
        }
    }
}

impl Run {
    fn new(digits: Digits, skip: usize, start: u64, has_context: bool) -> Self {
        let context = has_context.then(|| (start.saturating_sub(CONTEXT_BYTES), start));
        Self { digits, skip, gate: Gate::new(digits.view(), context), wide: None }
    }

    fn wide(digits: Digits, order: Order, skip: usize, (start, has_context): (u64, bool)) -> Self {
        let run = Self::new(digits, skip, start, has_context);
        Self { gate: run.gate.with(ViewId::WIDE), wide: Some(Wide::new(order)), ..run }
    }

    /// Decodes what of the text is there; up to which place, and whether it is over.
    fn read(&mut self, text: &[u8], line: usize, offset: u64, parent: &Text, child: &mut Text) -> (Place, bool) {
        let mut place = Place { at: 0, line };
        loop {
            let taken =
                self.read_row(text.get(place.at..).unwrap_or_default(), offset + place.at as u64, parent, child);
            place = Place { at: place.at + taken, line: place.line + taken };
            let Some(unit) = self.unit(text, place) else { return (place, false) };
            let (bytes, count) = self.digits.decode(unit.characters.get(..unit.len).unwrap_or_default());
            let bytes = bytes.get(..count).and_then(|bytes| bytes.get(self.skip..)).unwrap_or_default();
            self.skip = 0;
            let (start, end) = (offset + unit.start as u64, offset + unit.end.at as u64);
            let group = Group { bytes, start, end };
            match &mut self.wide {
                None => self.gate.push(group, parent, child),
                Some(wide) => wide.push(group, |character| self.gate.push(character, parent, child)),
            }
            if self.wide.as_ref().is_some_and(Wide::is_over) {
                self.gate.finish(parent, child);
                return (place, true);
            }
            if self.gate.is_over() {
                // Other text may begin in this unit.
                return (place, true);
            }
            place = unit.end;
            if unit.is_last {
                self.gate.finish(parent, child);
                return (place, true);
            }
        }
    }

    /// Decodes whole units that stand in a row, as long as they are let through without a second look; how many
    /// characters that took.
    fn read_row(&mut self, text: &[u8], offset: u64, parent: &Text, child: &mut Text) -> usize {
        let mut taken = 0;
        while self.skip == 0 && self.wide.is_none() && self.gate.is_flowing() {
            let rest = text.get(taken..).unwrap_or_default();
            let row = rest.get(..ROW).unwrap_or(rest);
            let (bytes, count) = match self.digits {
                Digits::Base64 => row_of_base64(row),
                Digits::Hex => row_of_hex(row),
            };
            let whole = ROW / self.digits.unit() * self.digits.bytes();
            let units = count / self.digits.bytes();
            let units = self.gate.push_row(&bytes, units, offset + taken as u64, self.digits, parent, child);
            taken += units * self.digits.unit();
            if units * self.digits.bytes() < whole {
                break;
            }
        }
        taken
    }

    /// The unit at a place, none if more bytes must be seen.
    #[inline]
    fn unit(&self, text: &[u8], place: Place) -> Option<Unit> {
        let mut unit = Unit { characters: [0; 4], len: 0, start: place.at, end: place, is_last: false };
        for character in unit.characters.iter_mut().take(self.digits.unit()) {
            let rest = text.get(unit.end.at..)?;
            let mut byte = *rest.first()?;
            if !self.digits.take(byte) {
                match line_end(rest, unit.end.line)?.map(|bytes| (bytes, rest.get(bytes))) {
                    Some((bytes, Some(next))) if self.digits.take(*next) => {
                        byte = *next;
                        unit.end = Place { at: unit.end.at + bytes, line: 0 };
                    }
                    _ => {
                        unit.is_last = true;
                        break;
                    }
                }
            }
            if unit.len == 0 {
                unit.start = unit.end.at;
            }
            *character = byte;
            unit.len += 1;
            unit.end = Place { at: unit.end.at + 1, line: unit.end.line + 1 };
        }
        if unit.is_last && self.digits == Digits::Base64 && unit.len >= 2 {
            let rest = text.get(unit.end.at..)?;
            let padding = rest.iter().take(4 - unit.len).take_while(|byte| **byte == b'=').count();
            if padding < 4 - unit.len && padding == rest.len() {
                return None;
            }
            unit.end.at += padding;
        }
        Some(unit)
    }
}

/// Characters that are decoded at once.
const ROW: usize = 128;
/// Bytes that they stand for at most.
const ROW_BYTES: usize = ROW / 4 * 3;

/// The bytes that a row begins with, and how many there are, up to its first quantum that is not whole.
fn row_of_base64(row: &[u8]) -> ([u8; ROW_BYTES], usize) {
    let mut bytes = [0; ROW_BYTES];
    let mut count = 0;
    for (decoded, characters) in bytes.chunks_mut(DECODED_BYTES).zip(row.chunks(BLOCK_BYTES)) {
        let mut block = [0; BLOCK_BYTES];
        block.iter_mut().zip(characters).for_each(|(place, character)| *place = *character);
        let (block, length) = simd::base64(&block);
        decoded.copy_from_slice(&block);
        count += length / 4 * 3;
        if length < BLOCK_BYTES {
            break;
        }
    }
    (bytes, count)
}

/// The same of hex.
fn row_of_hex(row: &[u8]) -> ([u8; ROW_BYTES], usize) {
    let mut bytes = [0; ROW_BYTES];
    let len = row.iter().position(|byte| !byte.is_ascii_hexdigit()).unwrap_or(row.len());
    let (pairs, _) = row.as_chunks();
    bytes.iter_mut().zip(pairs).for_each(|(place, [high, low])| *place = nibble(*high) << 4 | nibble(*low));
    (bytes, len / 2)
}

/// Characters that stand for bytes together.
struct Unit {
    characters: [u8; 4],
    len: usize,
    /// Its first character, behind an end of line.
    start: usize,
    end: Place,
    /// The run ends with it.
    is_last: bool,
}

/// Characters of the longest run that is taken for words.
const WORDS_BYTES_MAX: usize = 64;

/// How many characters a run has that is words and what joins them, as paths, media types and names of fields are:
/// `application/json`, `Accept-Encoding`, `/v1/chat/completions`.
///
/// Such a run stands for no text in which something is found by its structure. In base64 of ASCII `+ - / _` stand for
/// nothing but `> ? ~`, every third of several digits gives a capital, and so does each `@`; in hex each byte has a digit.
fn words(run: &[u8]) -> Option<usize> {
    let mut part = 0;
    let mut is_plain = true;
    for (at, byte) in run.iter().enumerate().take(WORDS_BYTES_MAX) {
        match byte {
            b'a'..=b'z' => part += 1,
            b'A'..=b'Z' | b'0'..=b'9' => {
                is_plain &= part == 0 && byte.is_ascii_uppercase();
                part += 1;
            }
            b'+' | b'-' | b'/' | b'_' => (part, is_plain) = (0, true),
            _ => {
                // A long line may go on in the next one.
                let is_whole = line_end(run.get(at..)?, at) == Some(None);
                return is_whole.then_some(at);
            }
        }
        if !is_plain && part > SHORT_BYTES_MAX {
            return None;
        }
    }
    None
}

/// Characters of a part that may be anything: `v1`.
const SHORT_BYTES_MAX: usize = 2;

/// The first run at or behind `from`, which does not stand in one.
pub(super) fn search(text: &[u8], outline: &Outline, from: usize) -> Search {
    let mut next = from;
    for start in outline.places(Mark::Run, from, text.len()) {
        if start < next {
            continue;
        }
        let Some(head) = text.get(start..start + RUN_BYTES_MIN) else { break };
        match head.iter().rposition(|byte| !in_alphabet(byte)) {
            None => return Search::Found(start),
            Some(outside) => next = start + outside + 1,
        }
    }
    let tail = text.get(from.max(text.len().saturating_sub(RUN_BYTES_MIN - 1))..).unwrap_or_default();
    let run = tail.iter().rev().take_while(|byte| in_alphabet(byte)).count();
    Search::Tail(text.len() - run)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::block::index_of;
    use proptest::prelude::*;

    fn oracle(text: &[u8], from: usize) -> Search {
        let run = |start: usize| text[start..].iter().take_while(|byte| in_alphabet(byte)).count();
        let mut start = from;
        while start < text.len() {
            let run = run(start);
            if run >= RUN_BYTES_MIN {
                return Search::Found(start);
            }
            if start + run == text.len() {
                return Search::Tail(start);
            }
            start += run + 1;
        }
        Search::Tail(text.len())
    }

    /// Base64 without padding, bit by bit.
    fn base64(text: &[u8], last: &str) -> String {
        let alphabet: Vec<char> = ('A'..='Z').chain('a'..='z').chain('0'..='9').chain(last.chars()).collect();
        let bits: Vec<u8> = text.iter().flat_map(|byte| (0..8).rev().map(move |bit| byte >> bit & 1)).collect();
        let value = |bits: &[u8]| (0..6).fold(0, |value, bit| value << 1 | usize::from(*bits.get(bit).unwrap_or(&0)));
        bits.chunks(6).map(|bits| alphabet[value(bits)]).collect()
    }

    #[test]
    fn words_are_told_from_runs_that_may_stand_for_text() {
        for run in [
            "application/json",
            "Accept-Encoding",
            "/v1/chat/completions",
            "x-stainless-retry-count",
            "aaaaaaaaaaaaaaaa",
        ] {
            assert_eq!(words(format!("{run} x").as_bytes()), Some(run.len()), "{run}");
            assert_eq!(words(run.as_bytes()), None, "{run}: it may go on");
        }
        for run in [
            "amFuZUBleGFtcGxl",
            "sk-proj-a1b2c3d4e5",
            "NTM2LTkwLTQzOTk",
            "deadbeefdeadbeef0",
            "a/AbC/aaaaaaaaaaa",
            "123-456-789-0123",
        ] {
            assert_eq!(words(format!("{run} x").as_bytes()), None, "{run}");
        }
        assert_eq!(words(format!("{}\nb", "a".repeat(40)).as_bytes()), None);
        assert_eq!(words(format!("{}\n  b", "a".repeat(40)).as_bytes()), None);
        assert_eq!(words(format!("{} b", "a".repeat(40)).as_bytes()), Some(40));
    }

    proptest! {
        /// What is found by its structure has digits, or an `@`.
        #[test]
        fn no_text_with_digits_or_an_at_is_words(
            before in "[ -~]{0,9}", what in "[0-9]{6,9}|[a-z]{1,9}@[a-z]{2,9}\\.[a-z]{2,3}", behind in "[ -~]{0,9}",
        ) {
            let text = format!("{before}{what}{behind}");
            let hex: String = text.bytes().map(|byte| format!("{byte:02x}")).collect();
            for run in [base64(text.as_bytes(), "+/"), base64(text.as_bytes(), "-_"), hex.to_uppercase(), hex] {
                prop_assert_eq!(words(format!("{run} ").as_bytes()), None, "{} {}", text, run);
            }
        }

        #[test]
        fn every_long_run_is_found(
            runs in proptest::collection::vec((0usize..90, proptest::sample::select(b" .,?\x80:".as_slice())), 0..9),
        ) {
            let mut text = Vec::new();
            for (run, byte) in runs {
                text.extend(std::iter::repeat_n(b'k', run));
                text.push(byte);
            }
            for from in 0..text.len() {
                if from == 0 || !in_alphabet(&text[from - 1]) {
                    for text in [&text[..], &text[..text.len() - 1]] {
                        let mut outline = Outline::default();
                        outline.mark(index_of(text, from).of(text), from, text.len());
                        prop_assert_eq!(search(text, &outline, from), oracle(text, from));
                    }
                }
            }
        }
    }
}
