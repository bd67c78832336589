//! The decode lane: runs of base64, base64url (RFC 4648 sections 4 and 5) and hex, each read to its end.
//!
//! A run begins where fourteen characters of the alphabet stand in a row; it is hex if those are, and base64
//! otherwise. It may go on in the next line, as mail and keys are wrapped.

use super::ViewId;
use super::gate::{self, Gate, Group};
use super::layer::Below;
use super::map::Text;
use super::outline::{Mark, Outline, RUN_BYTES_MIN};
use crate::block::BLOCK_BYTES;

/// Characters of the shortest line behind which a run goes on.
const LINE_BYTES_MIN: usize = 32;
/// Bytes before a run that are read with it as context.
const CONTEXT_BYTES: u64 = 64;
/// The value of a byte outside of the alphabet.
const OUTSIDE: u8 = 64;

/// The six bits of each character, both alphabets in one.
static VALUES: [u8; 256] = values();

const fn values() -> [u8; 256] {
    let mut table = [OUTSIDE; 256];
    let mut byte = 0;
    while byte < 256 {
        #[expect(clippy::cast_possible_truncation, reason = "below 256")]
        let value = match byte as u8 {
            upper @ b'A'..=b'Z' => upper - b'A',
            lower @ b'a'..=b'z' => lower - b'a' + 26,
            digit @ b'0'..=b'9' => digit - b'0' + 52,
            b'+' | b'-' => 62,
            b'/' | b'_' => 63,
            _ => OUTSIDE,
        };
        #[expect(clippy::indexing_slicing, reason = "the loop is over the table")]
        {
            table[byte] = value;
        }
        byte += 1;
    }
    table
}

#[inline]
fn value(byte: u8) -> u8 {
    VALUES.get(usize::from(byte)).copied().unwrap_or(OUTSIDE)
}

#[inline]
pub(super) fn in_alphabet(byte: &u8) -> bool {
    value(*byte) < OUTSIDE
}

/// Where the lane stands in its text.
#[derive(Debug, Default)]
pub(super) struct Decode {
    pub(super) cursor: u64,
    run: Option<Run>,
}

#[derive(Debug)]
struct Run {
    is_hex: bool,
    start: u64,
    /// Characters of the line so far.
    line: usize,
    gate: Gate,
}

/// What a block of a run is.
enum Block {
    /// Too random to be text.
    Noise,
    /// It may be text.
    Text,
    /// More bytes must be seen.
    Cut,
}

/// Bytes that a block of base64 stands for.
const DECODED_BYTES: usize = BLOCK_BYTES / 4 * 3;

/// The bytes of four characters, if they are of the alphabet.
#[inline]
fn decode(quantum: [u8; 4]) -> Option<[u8; 3]> {
    let [a, b, c, d] = quantum.map(value);
    ((a | b | c | d) < OUTSIDE).then_some([a << 2 | b >> 4, b << 4 | c >> 2, c << 6 | d])
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
            if let Some(run) = &mut self.run {
                let (taken, is_over) =
                    run.read(text.get(from..).unwrap_or_default(), self.cursor, parent, child.text());
                self.cursor += taken as u64;
                if !is_over {
                    return self.cursor;
                }
                self.run = None;
                continue;
            }
            match search(text, outline, from) {
                Search::Tail(tail) => {
                    self.cursor = base + tail as u64;
                    return self.cursor;
                }
                Search::Found(start) => {
                    let Some(is_hex) = is_hex(text.get(start..).unwrap_or_default()) else {
                        self.cursor = base + start as u64;
                        return self.cursor;
                    };
                    let noise = if is_hex { None } else { noise(text.get(start..).unwrap_or_default()) };
                    self.cursor = base + (start + noise.unwrap_or(0)) as u64;
                    self.run = noise.is_none().then(|| Run::new(is_hex, self.cursor));
                }
            }
        }
    }
}

/// True if a run begins with hex digits only; none if that is not known yet.
fn is_hex(run: &[u8]) -> Option<bool> {
    let head = run.get(..RUN_BYTES_MIN + 1).unwrap_or(run);
    if head.iter().all(u8::is_ascii_hexdigit) { (head.len() > RUN_BYTES_MIN).then_some(true) } else { Some(false) }
}

/// The length of a short run of base64 that is here whole, if it stands for no text: most long words do not.
fn noise(text: &[u8]) -> Option<usize> {
    let len = text.iter().take(BLOCK_BYTES).position(|byte| !in_alphabet(byte))?;
    let (run, rest) = text.split_at_checked(len)?;
    let goes_on = len >= LINE_BYTES_MIN && matches!(rest.first(), Some(b'\r' | b'\n'));
    let bytes = run.chunks(4).flat_map(|quantum| {
        let mut values = quantum.iter().map(|byte| value(*byte));
        let [a, b, c, d] = core::array::from_fn(|_| values.next().unwrap_or(0));
        [a << 2 | b >> 4, b << 4 | c >> 2, c << 6 | d].into_iter().take(quantum.len() - 1)
    });
    let count = len / 4 * 3 + (len % 4).saturating_sub(1);
    (!goes_on && !gate::opens(count, bytes)).then_some(len)
}

impl Run {
    fn new(is_hex: bool, start: u64) -> Self {
        let view = if is_hex { ViewId::HEX } else { ViewId::BASE64 };
        let context = Some((start.saturating_sub(CONTEXT_BYTES), start));
        Self { is_hex, start, line: 0, gate: Gate::new(view, context) }
    }

    /// Decodes what of the run is there; how many bytes were taken, and whether it is over.
    fn read(&mut self, text: &[u8], offset: u64, parent: &Text, child: &mut Text) -> (usize, bool) {
        let mut at = 0;
        loop {
            if offset + at as u64 > self.start + CONTEXT_BYTES {
                self.gate.forget_context();
            }
            let (taken, is_cut) = self.read_line(text.get(at..).unwrap_or_default(), offset + at as u64, parent, child);
            at += taken;
            if is_cut {
                return (at, false);
            }
            let rest = text.get(at..).unwrap_or_default();
            let left = rest.iter().take(4).take_while(|byte| self.takes(**byte)).count();
            let Some(next) = rest.get(left) else { return (at, false) };
            if left == 0 && self.line >= LINE_BYTES_MIN && matches!(next, b'\r' | b'\n') {
                let skipped = if rest.starts_with(b"\r\n") { 2 } else { 1 };
                match rest.get(skipped) {
                    None => return (at, false),
                    Some(byte) if self.takes(*byte) => {
                        at += skipped;
                        self.line = 0;
                        continue;
                    }
                    Some(_) => {}
                }
            }
            let Some(end) = self.read_end(rest, left, offset + at as u64, parent, child) else { return (at, false) };
            self.gate.finish(parent, child);
            return (at + end, true);
        }
    }

    fn takes(&self, byte: u8) -> bool {
        if self.is_hex { byte.is_ascii_hexdigit() } else { in_alphabet(&byte) }
    }

    /// Decodes whole units up to the first byte outside; how many bytes were taken, and whether more must be
    /// there to go on.
    fn read_line(&mut self, text: &[u8], offset: u64, parent: &Text, child: &mut Text) -> (usize, bool) {
        let mut at = 0;
        if self.is_hex {
            for pair in text.chunks_exact(2) {
                let [high, low] = pair else { break };
                let digit = |byte: &u8| char::from(*byte).to_digit(16).and_then(|digit| u8::try_from(digit).ok());
                let (Some(high), Some(low)) = (digit(high), digit(low)) else { break };
                let start = offset + at as u64;
                self.gate.push(Group { bytes: &[high << 4 | low], start, end: start + 2 }, parent, child);
                at += 2;
            }
        } else {
            while let Some(rest) = text.get(at..).filter(|rest| !rest.is_empty()) {
                let start = offset + at as u64;
                let was_open = !self.gate.is_closed();
                let block = if was_open { Block::Text } else { self.skip(rest, start, parent, child) };
                match block {
                    Block::Noise => at += BLOCK_BYTES,
                    Block::Cut => {
                        self.line += at;
                        return (at, true);
                    }
                    Block::Text => {
                        let taken = self.read_quanta(rest, start, was_open, parent, child);
                        at += taken;
                        if taken == 0 {
                            break;
                        }
                    }
                }
            }
        }
        self.line += at;
        (at, false)
    }

    /// Decodes the whole quanta of a block, up to the first byte outside, or up to where text ends that was
    /// being read: blocks begin there, however the stream is split. How many bytes were taken.
    fn read_quanta(&mut self, text: &[u8], offset: u64, was_open: bool, parent: &Text, child: &mut Text) -> usize {
        let (quanta, _) = text.get(..BLOCK_BYTES).unwrap_or(text).as_chunks::<4>();
        let mut at = 0;
        for quantum in quanta {
            let Some(bytes) = decode(*quantum) else { break };
            let start = offset + at as u64;
            self.gate.push(Group { bytes: &bytes, start, end: start + 4 }, parent, child);
            at += 4;
            if was_open && self.gate.is_closed() {
                break;
            }
        }
        at
    }

    /// Passes over a block that is too random to be text, but for what its end may be the beginning of.
    fn skip(&mut self, text: &[u8], offset: u64, parent: &Text, child: &mut Text) -> Block {
        let Some(block) = text.first_chunk::<BLOCK_BYTES>() else {
            return if text.iter().all(in_alphabet) { Block::Cut } else { Block::Text };
        };
        let (quanta, _) = block.as_chunks::<4>();
        let (mut printable, mut outside) = (0u64, 0);
        for quantum in quanta.iter().rev() {
            let [a, b, c, d] = quantum.map(value);
            outside |= a | b | c | d;
            let bits = [a << 2 | b >> 4, b << 4 | c >> 2, c << 6 | d].map(|byte| u64::from(gate::may_be_text(byte)));
            printable = printable << 3 | bits[0] | bits[1] << 1 | bits[2] << 2;
        }
        let pairs = printable & (printable >> 1);
        let runs = pairs & (pairs >> 2) & (pairs >> 4);
        let head = printable.trailing_ones() as usize;
        if outside >= OUTSIDE || runs != 0 || self.gate.held() + head >= gate::NOISE_BYTES_MAX {
            return Block::Text;
        }
        self.gate.skip();
        let tail = (printable << (u64::BITS as usize - DECODED_BYTES)).leading_ones() as usize;
        let first = (DECODED_BYTES - tail) / 3;
        for (place, quantum) in quanta.iter().enumerate().skip(first) {
            let bytes = decode(*quantum).unwrap_or_default();
            let outside = (DECODED_BYTES - tail).saturating_sub(place * 3);
            let start = offset + 4 * place as u64;
            let group = Group { bytes: bytes.get(outside..).unwrap_or_default(), start, end: start + 4 };
            self.gate.push(group, parent, child);
        }
        Block::Noise
    }

    /// Decodes the characters that are left and takes the padding; none if that is not all there.
    fn read_end(&mut self, rest: &[u8], left: usize, start: u64, parent: &Text, child: &mut Text) -> Option<usize> {
        if self.is_hex || left < 2 {
            return Some(left);
        }
        let padding = rest.iter().skip(left).take(4 - left).take_while(|byte| **byte == b'=').count();
        if padding < 4 - left && rest.len() == left + padding {
            return None;
        }
        let mut values = rest.iter().take(left).map(|byte| value(*byte));
        let (a, b) = (values.next()?, values.next()?);
        let bytes = [a << 2 | b >> 4, b << 4 | values.next().unwrap_or(0) >> 2];
        let end = left + padding;
        let group = Group { bytes: bytes.get(..left - 1)?, start, end: start + end as u64 };
        self.gate.push(group, parent, child);
        Some(end)
    }
}

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

    proptest! {
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
                        outline.mark(crate::block::Text::plain(text), from, text.len());
                        prop_assert_eq!(search(text, &outline, from), oracle(text, from));
                    }
                }
            }
        }
    }
}
