//! The start of a long run of letters, digits, `_` and `-`: tokens without a prefix that is searched.
//!
//! One bit a byte tells where such runs are: twenty in a row. Words and most names are shorter.

use super::{Progress, Sink, id};
use crate::block::{BLOCK_BYTES, Kind, One, Text, bits_at, block_bits, within};
use crate::detectors::secret::keyed;
use crate::simd::Masks;
use crate::text::Class;
use crate::traits::Traits;
use crate::window::{Undecided, Window};
use wide::u8x16;

/// Bytes of the shortest run that is looked at.
pub(crate) const RUN_BYTES_MIN: usize = 20;

/// Bytes of the longest run that is a token; base64 data goes on.
pub(crate) const RUN_BYTES_MAX: usize = 200;

/// What a run is made of.
#[derive(Clone, Copy, Debug)]
struct InRun;

impl Kind for InRun {
    #[inline]
    fn holds(self, byte: u8) -> bool {
        Class::Token.holds(byte)
    }

    #[inline]
    fn bits(self, block: &[u8; BLOCK_BYTES]) -> u64 {
        block_bits(block, |bytes| {
            let letter = within(bytes | u8x16::splat(0x20), b'a', b'z');
            let joint = bytes.simd_eq(u8x16::splat(b'-')) | bytes.simd_eq(u8x16::splat(b'_'));
            letter | within(bytes, b'0', b'9') | joint
        })
    }

    #[inline]
    fn of(self, masks: &Masks) -> Option<u64> {
        Some(masks.digit | masks.letter | masks.underscore | masks.dash)
    }
}

/// Decides at every long run from the cursor on; returns the hold.
pub(crate) fn scan(first_id: u16, window: &Window<'_>, progress: &mut Progress, sink: &mut Sink<'_>) -> usize {
    let text = window.text();
    if progress.resume(text, sink) {
        return progress.cursor;
    }
    let mut runs = Runs::new(window.indexed(), progress.cursor);
    while let Some(start) = runs.next() {
        sink.visit();
        let Ok(checked) = keyed::check_run(window, start) else {
            progress.cursor = start;
            return start;
        };
        if let Some((place, found)) = checked {
            if progress.accept(found, id(first_id, place), text, sink) {
                return progress.cursor;
            }
            runs.skip_to(progress.cursor);
        }
    }
    progress.cursor = open_run(window.indexed(), progress.cursor);
    progress.cursor
}

/// The length of the run that begins at `start`, counted up to one more than [`RUN_BYTES_MAX`].
pub(crate) fn run_length(window: &Window<'_>, start: usize) -> Result<usize, Undecided> {
    let mut length = 0;
    while length <= RUN_BYTES_MAX {
        let ones = window.indexed().bits(start + length, InRun).trailing_ones() as usize;
        length += ones;
        if ones < BLOCK_BYTES {
            // The byte behind the run must be there.
            window.at(start + length)?;
            break;
        }
    }
    Ok(length.min(RUN_BYTES_MAX + 1))
}

/// The start of the run that touches the end of the text, if it may still be a token; the text's end
/// otherwise. Runs that began before `from` are decided.
fn open_run(text: Text<'_>, from: usize) -> usize {
    let length = text.length_before(text.len(), RUN_BYTES_MAX, InRun);
    let start = text.len() - length;
    if length > RUN_BYTES_MAX || start < from || is_inside(text.bytes(), start) { text.len() } else { start }
}

/// True if the byte before `start` belongs to a run.
fn is_inside(text: &[u8], start: usize) -> bool {
    start.checked_sub(1).and_then(|before| text.get(before)).is_some_and(|byte| InRun.holds(*byte))
}

/// The starts of runs of at least [`RUN_BYTES_MIN`], but for those behind a slash or a `+`.
struct Runs<'a> {
    text: Text<'a>,
    from: usize,
    block: usize,
    starts: u64,
    /// Bits of the block behind the one whose starts are at hand.
    next: u64,
}

impl<'a> Runs<'a> {
    fn new(text: Text<'a>, from: usize) -> Self {
        let mut runs = Self { text, from, block: 0, starts: 0, next: 0 };
        runs.load_from(from);
        runs
    }

    fn skip_to(&mut self, from: usize) {
        self.from = from;
        if from >= self.block + BLOCK_BYTES {
            self.load_from(from);
        }
    }

    /// Takes up the first block, from the one of `from` on, that has a long run.
    #[inline]
    fn load_from(&mut self, from: usize) {
        let block = self.text.next_with(from, Traits::LONG_RUN);
        self.load(block, self.text.bits(block, InRun));
    }

    #[inline]
    fn load(&mut self, block: usize, bits: u64) {
        self.next = self.text.bits(block + BLOCK_BYTES, InRun);
        let carried = u64::from(is_inside(self.text.bytes(), block));
        self.block = block;
        let begins = bits & !((bits << 1) | carried);
        self.starts = begins & twenty(bits, self.next);
        if self.starts != 0 {
            self.starts &= !self.joined(block);
        }
    }

    /// Behind what no token begins for [`keyed::check_run`]: a slash or a `+`, of paths and of base64.
    #[inline]
    fn joined(&self, block: usize) -> u64 {
        let masks = self.text.masks(block / BLOCK_BYTES);
        let plus = if masks.may_have_plus() { bits_at(self.text.bytes(), block, One(b'+')) } else { 0 };
        let before = block.checked_sub(1).and_then(|before| self.text.bytes().get(before));
        (masks.slash() | plus) << 1 | u64::from(matches!(before, Some(b'/' | b'+')))
    }

    #[inline]
    fn next(&mut self) -> Option<usize> {
        loop {
            while self.starts != 0 {
                let start = self.block + self.starts.trailing_zeros() as usize;
                self.starts &= self.starts - 1;
                if start >= self.from {
                    return Some(start);
                }
            }
            let next = self.text.next_with(self.block + BLOCK_BYTES, Traits::LONG_RUN);
            if next >= self.text.len() {
                return None;
            }
            let bits = if next == self.block + BLOCK_BYTES { self.next } else { self.text.bits(next, InRun) };
            self.load(next, bits);
        }
    }
}

/// Bits from which on at least twenty are set, within a word and the one behind it.
#[inline]
#[expect(clippy::cast_possible_truncation, reason = "the lower half is what is asked for")]
const fn twenty(bits: u64, next: u64) -> u64 {
    let both = (next as u128) << 64 | bits as u128;
    let two = both & both >> 1;
    let four = two & two >> 2;
    let eight = four & four >> 4;
    let sixteen = eight & eight >> 8;
    let twenty = sixteen & four >> 16;
    twenty as u64
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::block::index_of;
    use proptest::prelude::*;

    fn oracle(text: &[u8], from: usize) -> Vec<usize> {
        let length = |start: usize| text[start..].iter().take_while(|byte| InRun.holds(**byte)).count();
        let is_joined = |start: usize| start > 0 && matches!(text[start - 1], b'/' | b'+');
        let begins = |start: &usize| !is_inside(text, *start) && !is_joined(*start);
        (from..text.len()).filter(|start| begins(start) && length(*start) >= RUN_BYTES_MIN).collect()
    }

    #[test]
    fn every_byte_is_of_the_run_or_not() {
        let all: Vec<u8> = (0..=u8::MAX).collect();
        for (place, block) in all.as_chunks::<BLOCK_BYTES>().0.iter().enumerate() {
            for bit in 0..BLOCK_BYTES {
                let byte = all[place * BLOCK_BYTES + bit];
                assert_eq!(InRun.bits(block) >> bit & 1 == 1, InRun.holds(byte), "{byte}");
            }
        }
    }

    proptest! {
        #[test]
        fn every_long_run_is_found_from_anywhere(
            runs in prop::collection::vec((0usize..90, prop::sample::select(b" /+$".as_slice())), 1..12),
            from in 0usize..300, skip in 0usize..90,
        ) {
            let mut text = Vec::new();
            for (length, mark) in runs {
                text.extend(std::iter::repeat_n(b'k', length));
                text.push(mark);
            }
            let index = index_of(&text, from);
            for indexed in [Text::plain(&text), index.of(&text)] {
                let mut runs = Runs::new(indexed, from);
                let found: Vec<_> = std::iter::from_fn(|| runs.next()).collect();
                prop_assert_eq!(found, oracle(&text, from.min(text.len())));
                let mut runs = Runs::new(indexed, from);
                runs.skip_to(from + skip);
                prop_assert_eq!(runs.next(), oracle(&text, (from + skip).min(text.len())).first().copied());
            }
        }
    }
}
