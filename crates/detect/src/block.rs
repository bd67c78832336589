//! Text in blocks of 64 bytes, one bit each in a word: where bytes of a kind stand.
//!
//! A block is four vectors of sixteen bytes, which every processor has that this runs on (SSE2, NEON).

use crate::simd::{self, Masks, Traits};
use crate::window::BOUNDARY;
use core::ops::Range;
use wide::u8x16;

pub(crate) use crate::simd::BLOCK_BYTES;

/// Bytes, and, where a scanner made it, an index of them: the masks of each of their blocks.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Text<'a> {
    bytes: &'a [u8],
    /// Of all blocks, the last one filled up; or empty.
    index: &'a [Masks],
}

/// The index of a text that grows at its end and is cut at its front.
#[derive(Debug, Default)]
pub(crate) struct Index {
    masks: Vec<Masks>,
    /// Bytes that were indexed.
    len: usize,
}

impl Index {
    pub(crate) fn clear(&mut self) {
        self.masks.clear();
        self.len = 0;
    }

    pub(crate) fn shrink_to(&mut self, bytes: usize) {
        self.masks.shrink_to(bytes / BLOCK_BYTES);
    }

    /// Indexes what was appended to the text since the last time.
    pub(crate) fn update(&mut self, text: &[u8]) {
        let known = self.len / BLOCK_BYTES;
        let (blocks, rest) = text.get(known * BLOCK_BYTES..).unwrap_or_default().as_chunks();
        self.masks.truncate(known);
        self.masks.resize(known + blocks.len() + usize::from(!rest.is_empty()), Masks::default());
        let (whole, last) = self.masks.get_mut(known..).unwrap_or_default().split_at_mut(blocks.len());
        simd::fill(blocks, whole);
        let mut padded = [0; BLOCK_BYTES];
        if let Some(room) = padded.get_mut(..rest.len()) {
            room.copy_from_slice(rest);
        }
        simd::fill(&[padded], last);
        self.len = text.len();
        self.describe(known.saturating_sub(1));
    }

    /// Tells what the blocks from `first` on have; bytes that have not arrived may be anything.
    fn describe(&mut self, first: usize) {
        let tail = self.len % BLOCK_BYTES;
        let unknown = if tail == 0 { 0 } else { u64::MAX << tail };
        let count = self.masks.len();
        let at = |masks: &[Masks], place: usize| match masks.get(place) {
            Some(masks) if place + 1 == count => (masks.token | unknown, masks.dash | unknown),
            Some(masks) => (masks.token, masks.dash),
            None => (u64::MAX, u64::MAX),
        };
        let starts = |masks: &[Masks], place: usize| {
            let ((token, dash), (next_token, next_dash)) = (at(masks, place), at(masks, place + 1));
            (runs(token, next_token, LONG_RUN_BYTES), runs(dash, next_dash, DASHES))
        };
        // Of runs that begin in the block before, those that reach into this one.
        let reach = |(token, dash): (u64, u64)| {
            (token >> (BLOCK_BYTES + 1 - LONG_RUN_BYTES) != 0, dash >> (BLOCK_BYTES + 1 - DASHES) != 0)
        };
        let mut before = first.checked_sub(1).map_or((false, false), |before| reach(starts(&self.masks, before)));
        for place in first..count {
            let begun = starts(&self.masks, place);
            if let Some(masks) = self.masks.get_mut(place) {
                masks.traits = Traits { long_run: before.0 || begun.0 != 0, dashes: before.1 || begun.1 != 0 };
            }
            before = reach(begun);
        }
    }

    /// The first `bytes` of the text are dropped: a multiple of a block's.
    pub(crate) fn forget(&mut self, bytes: usize) {
        debug_assert!(bytes.is_multiple_of(BLOCK_BYTES), "whole blocks");
        self.masks.drain(..(bytes / BLOCK_BYTES).min(self.masks.len()));
        self.len = self.len.saturating_sub(bytes);
    }

    /// The text that was indexed last.
    pub(crate) fn of<'a>(&'a self, bytes: &'a [u8]) -> Text<'a> {
        debug_assert_eq!(self.len, bytes.len(), "the index is that of the text");
        Text { bytes, index: &self.masks }
    }
}

impl<'a> Text<'a> {
    /// A text without an index.
    pub(crate) const fn plain(bytes: &'a [u8]) -> Self {
        Self { bytes, index: &[] }
    }

    pub(crate) const fn bytes(self) -> &'a [u8] {
        self.bytes
    }

    pub(crate) const fn len(self) -> usize {
        self.bytes.len()
    }

    /// The bits of the 64 bytes from `start` on; behind the end of the text they are zero.
    #[inline]
    pub(crate) fn bits(self, start: usize, kind: impl Kind) -> u64 {
        let (place, shift) = (start / BLOCK_BYTES, start % BLOCK_BYTES);
        let Some(bits) = self.index.get(place).and_then(|masks| kind.of(masks)) else {
            return bits_at(self.bytes, start, kind);
        };
        if shift == 0 {
            return bits;
        }
        let next = self.index.get(place + 1).and_then(|masks| kind.of(masks)).unwrap_or(0);
        bits >> shift | next << (BLOCK_BYTES - shift)
    }
}

/// A kind of bytes that is searched for.
pub(crate) trait Kind: Copy {
    /// True if `byte` is of the kind.
    fn holds(self, byte: u8) -> bool;

    /// One bit for each byte of a block that is of the kind, the first byte lowest.
    fn bits(self, block: &[u8; BLOCK_BYTES]) -> u64;

    /// The same from a block's masks, if they tell.
    #[inline]
    fn of(self, _masks: &Masks) -> Option<u64> {
        None
    }
}

/// `0` to `9`
#[derive(Clone, Copy, Debug)]
pub(crate) struct Digit;

/// Letters and digits.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Alphanumeric;

/// Letters.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Letter;

/// Bytes from one to another.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Within(pub(crate) u8, pub(crate) u8);

/// One byte.
#[derive(Clone, Copy, Debug)]
pub(crate) struct One(pub(crate) u8);

/// Either of two bytes.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Either(pub(crate) u8, pub(crate) u8);

/// What code is full of and prose is not: `# $ % & ( ) * + ; < = > [ \\ ] ^ _ ` { | } ~`
#[derive(Clone, Copy, Debug)]
pub(crate) struct Mark;

impl Kind for Mark {
    #[inline]
    fn holds(self, byte: u8) -> bool {
        matches!(byte, b'#'..=b'&' | b'('..=b'+' | b';'..=b'>' | b'['..=b'`' | b'{'..=b'~')
    }

    #[inline]
    fn bits(self, block: &[u8; BLOCK_BYTES]) -> u64 {
        block_bits(block, |bytes| {
            let within = |first: u8, last: u8| {
                let value = bytes - u8x16::splat(first);
                value.min(u8x16::splat(last - first)).simd_eq(value)
            };
            within(b'#', b'&') | within(b'(', b'+') | within(b';', b'>') | within(b'[', b'`') | within(b'{', b'~')
        })
    }
}

impl Kind for Digit {
    #[inline]
    fn holds(self, byte: u8) -> bool {
        byte.is_ascii_digit()
    }

    #[inline]
    fn bits(self, block: &[u8; BLOCK_BYTES]) -> u64 {
        block_bits(block, |bytes| {
            let value = bytes - u8x16::splat(b'0');
            value.min(u8x16::splat(9)).simd_eq(value)
        })
    }

    #[inline]
    fn of(self, masks: &Masks) -> Option<u64> {
        Some(masks.digit)
    }
}

impl Kind for Alphanumeric {
    #[inline]
    fn holds(self, byte: u8) -> bool {
        byte.is_ascii_alphanumeric()
    }

    #[inline]
    fn bits(self, block: &[u8; BLOCK_BYTES]) -> u64 {
        block_bits(block, |bytes| {
            let digit = bytes - u8x16::splat(b'0');
            let letter = (bytes | u8x16::splat(0x20)) - u8x16::splat(b'a');
            digit.min(u8x16::splat(9)).simd_eq(digit) | letter.min(u8x16::splat(25)).simd_eq(letter)
        })
    }

    #[inline]
    fn of(self, masks: &Masks) -> Option<u64> {
        Some(masks.digit | masks.letter)
    }
}

impl Kind for Letter {
    #[inline]
    fn holds(self, byte: u8) -> bool {
        byte.is_ascii_alphabetic()
    }

    #[inline]
    fn bits(self, block: &[u8; BLOCK_BYTES]) -> u64 {
        block_bits(block, |bytes| {
            let letter = (bytes | u8x16::splat(0x20)) - u8x16::splat(b'a');
            letter.min(u8x16::splat(25)).simd_eq(letter)
        })
    }
}

impl Kind for Within {
    #[inline]
    fn holds(self, byte: u8) -> bool {
        (self.0..=self.1).contains(&byte)
    }

    #[inline]
    fn bits(self, block: &[u8; BLOCK_BYTES]) -> u64 {
        block_bits(block, |bytes| {
            let value = bytes - u8x16::splat(self.0);
            value.min(u8x16::splat(self.1 - self.0)).simd_eq(value)
        })
    }
}

impl Kind for One {
    #[inline]
    fn holds(self, byte: u8) -> bool {
        byte == self.0
    }

    #[inline]
    fn bits(self, block: &[u8; BLOCK_BYTES]) -> u64 {
        block_bits(block, |bytes| bytes.simd_eq(u8x16::splat(self.0)))
    }

    #[inline]
    fn of(self, masks: &Masks) -> Option<u64> {
        Some(match self.0 {
            b'@' => masks.at,
            b':' => masks.colon,
            b'-' => masks.dash,
            b'_' => masks.underscore,
            b'.' => masks.dot,
            b',' => masks.comma,
            b'=' => masks.equals,
            b'>' => masks.greater,
            BOUNDARY => masks.boundary,
            _ => return None,
        })
    }
}

impl Kind for Either {
    #[inline]
    fn holds(self, byte: u8) -> bool {
        (byte == self.0) | (byte == self.1)
    }

    #[inline]
    fn bits(self, block: &[u8; BLOCK_BYTES]) -> u64 {
        block_bits(block, |bytes| bytes.simd_eq(u8x16::splat(self.0)) | bytes.simd_eq(u8x16::splat(self.1)))
    }

    #[inline]
    fn of(self, masks: &Masks) -> Option<u64> {
        Some(One(self.0).of(masks)? | One(self.1).of(masks)?)
    }
}

/// Bytes from this one on.
#[derive(Clone, Copy, Debug)]
pub(crate) struct From(pub(crate) u8);

impl Kind for From {
    #[inline]
    fn holds(self, byte: u8) -> bool {
        byte >= self.0
    }

    #[inline]
    fn bits(self, block: &[u8; BLOCK_BYTES]) -> u64 {
        block_bits(block, |bytes| bytes.max(u8x16::splat(self.0)).simd_eq(bytes))
    }
}

/// What may stand between characters of one number or word: marks below the digits, and a few others.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Apart;

impl Kind for Apart {
    #[inline]
    fn holds(self, byte: u8) -> bool {
        byte < b'0' || matches!(byte, b':' | b'_' | b'|')
    }

    #[inline]
    fn bits(self, block: &[u8; BLOCK_BYTES]) -> u64 {
        block_bits(block, |bytes| {
            let is = |byte| bytes.simd_eq(u8x16::splat(byte));
            bytes.min(u8x16::splat(b'0' - 1)).simd_eq(bytes) | is(b':') | is(b'_') | is(b'|')
        })
    }
}

/// Bytes at which text may stand for other text: escapes begin there, or characters beyond ASCII.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Escaping;

impl Kind for Escaping {
    #[inline]
    fn holds(self, byte: u8) -> bool {
        matches!(byte, 0 | b'"' | b'%' | b'&' | b'\'' | b'=' | b'\\') || byte >= 0x80
    }

    #[inline]
    fn bits(self, block: &[u8; BLOCK_BYTES]) -> u64 {
        block_bits(block, |bytes| {
            let is = |byte| bytes.simd_eq(u8x16::splat(byte));
            // `%&'` are three in a row.
            let row = bytes - u8x16::splat(b'%');
            let row = row.min(u8x16::splat(2)).simd_eq(row);
            let high = bytes.max(u8x16::splat(0x80)).simd_eq(bytes);
            row | is(0) | is(b'"') | is(b'=') | is(b'\\') | high
        })
    }
}

#[inline]
pub(crate) fn block_bits(block: &[u8; BLOCK_BYTES], mark: impl Fn(u8x16) -> u8x16) -> u64 {
    let (vectors, _) = block.as_chunks::<16>();
    vectors.iter().rev().fold(0, |bits, vector| bits << 16 | u64::from(mark(u8x16::from(*vector)).to_bitmask()))
}

/// Bytes of a long run: more than words of prose have, and no more than any token.
pub(crate) const LONG_RUN_BYTES: usize = 16;
/// Dashes that begin an armour.
const DASHES: usize = 4;

/// Where so many ones in a row begin in `bits`, of which `next` are those behind; a power of two.
#[inline]
const fn runs(bits: u64, next: u64, length: usize) -> u64 {
    let (mut bits, mut next, mut done) = (bits, next, 1);
    while done < length {
        bits &= bits >> done | next << (BLOCK_BYTES - done);
        next &= next >> done;
        done *= 2;
    }
    bits
}

impl Text<'_> {
    /// The next blocks in a row, from the one of `from` on, that are interesting.
    pub(crate) fn stretch(self, from: usize, mut is_interesting: impl FnMut(usize) -> bool) -> Option<Range<usize>> {
        let mut start = from - from % BLOCK_BYTES;
        while start < self.len() && !is_interesting(start) {
            start += BLOCK_BYTES;
        }
        let mut end = start + BLOCK_BYTES;
        while end < self.len() && is_interesting(end) {
            end += BLOCK_BYTES;
        }
        (start < self.len()).then(|| start..end.min(self.len()))
    }

    /// What the block has that begins at `block`; everything, if there is no index.
    #[inline]
    pub(crate) fn traits(self, block: usize) -> Traits {
        self.index.get(block / BLOCK_BYTES).map_or(Traits { long_run: true, dashes: true }, |masks| masks.traits)
    }
}

/// How many digits `text` has.
#[inline]
pub(crate) fn digit_count(text: &[u8]) -> u32 {
    count(text, Digit)
}

/// How many bytes of a kind `text` has.
#[inline]
pub(crate) fn count(text: &[u8], kind: impl Kind) -> u32 {
    (0..text.len()).step_by(BLOCK_BYTES).map(|start| bits_at(text, start, kind).count_ones()).sum()
}

/// The bits of the 64 bytes from `start` on; behind the end of the text they are zero.
#[inline]
pub(crate) fn bits_at(text: &[u8], start: usize, kind: impl Kind) -> u64 {
    let rest = text.get(start..).unwrap_or_default();
    if let Some(block) = rest.first_chunk() {
        return kind.bits(block);
    }
    // The last bytes of a text are looked at as the end of a block that begins before them.
    if let Some(block) = text.last_chunk() {
        return kind.bits(block).checked_shr(block_shift(rest)).unwrap_or(0);
    }
    let mark = |bits, (index, byte): (usize, &u8)| bits | u64::from(kind.holds(*byte)) << index;
    rest.iter().enumerate().fold(0, mark)
}

/// By how many bytes a block that ends with the text begins before `rest`, the text's last bytes.
fn block_shift(rest: &[u8]) -> u32 {
    u32::try_from(BLOCK_BYTES - rest.len()).unwrap_or(u32::MAX)
}

/// The places of bytes of a kind, from the first one at or behind a start on.
///
/// Where such bytes are common this is faster than a call of `memchr` for each of them.
#[derive(Debug)]
pub(crate) struct Places<'a, K> {
    text: Text<'a>,
    kind: K,
    /// Start of the block at hand, a multiple of a block's length.
    block: usize,
    bits: u64,
}

impl<'a, K: Kind> Places<'a, K> {
    #[inline]
    pub(crate) fn new(text: Text<'a>, from: usize, kind: K) -> Self {
        let mut places = Self { text, kind, block: 0, bits: 0 };
        places.skip_to(from);
        places
    }

    /// Goes on at `from`.
    #[inline]
    pub(crate) fn skip_to(&mut self, from: usize) {
        self.block = from - from % BLOCK_BYTES;
        self.bits = self.text.bits(self.block, self.kind) & (u64::MAX << (from % BLOCK_BYTES));
    }
}

impl<K: Kind> Iterator for Places<'_, K> {
    type Item = usize;

    #[inline]
    fn next(&mut self) -> Option<usize> {
        while self.bits == 0 {
            if self.block + BLOCK_BYTES >= self.text.len() {
                return None;
            }
            self.skip_to(self.block + BLOCK_BYTES);
        }
        let place = self.block + self.bits.trailing_zeros() as usize;
        self.bits &= self.bits - 1;
        Some(place)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn check(kind: impl Kind, text: &[u8]) {
        for start in 0..text.len() + 70 {
            let bits = bits_at(text, start, kind);
            for place in 0..BLOCK_BYTES {
                let expected = text.get(start + place).is_some_and(|byte| kind.holds(*byte));
                assert_eq!(bits >> place & 1 == 1, expected, "{start} {place}");
            }
        }
    }

    #[test]
    fn every_byte_is_of_a_kind_or_not() {
        let all: Vec<u8> = (0..=u8::MAX).collect();
        check(Digit, &all);
        check(Alphanumeric, &all);
        check(Letter, &all);
        check(Within(0xc2, 0xf4), &all);
        check(One(b':'), &all);
        check(Either(b'-', b'_'), &all);
        check(Mark, &all);
        check(From(0x2b), &all);
        check(Escaping, &all);
        check(Apart, &all);
        assert!(all.iter().all(|byte| Digit.holds(*byte) == byte.is_ascii_digit()));
        assert!(all.iter().all(|byte| Either(b'-', b'_').holds(*byte) == b"-_".contains(byte)));
    }

    proptest! {
        #[test]
        fn blocks_with_long_runs_are_told(lengths in proptest::collection::vec((0usize..40, 0usize..40), 1..12)) {
            let mut text = Vec::new();
            for (run, gap) in lengths {
                text.extend(std::iter::repeat_n(b'k', run));
                text.extend(std::iter::repeat_n(b' ', gap));
            }
            let mut index = Index::default();
            index.update(&text[..text.len() / 2]);
            index.update(&text);
            let indexed = index.of(&text);
            for block in (0..text.len()).step_by(BLOCK_BYTES) {
                // What has not arrived may go on with a run.
                let padded: Vec<u8> = text.iter().copied().chain(std::iter::repeat_n(b'k', 128)).collect();
                let is_run = |start: usize| padded[start..start + LONG_RUN_BYTES].iter().all(|byte| *byte == b'k');
                let expected = (block.saturating_sub(15)..block + BLOCK_BYTES).any(is_run);
                prop_assert_eq!(indexed.traits(block).long_run, expected, "{}", block);
            }
        }
    }

    proptest! {
        #[test]
        fn bits_are_those_of_a_plain_loop(
            text in proptest::collection::vec(prop_oneof![any::<u8>(), b'+'..=b';'], 0..200),
        ) {
            let plain = text.iter().filter(|byte| byte.is_ascii_digit()).count();
            prop_assert_eq!(digit_count(&text) as usize, plain);
            check(Digit, &text);
            check(Either(b'-', b'_'), &text);
        }

        #[test]
        fn places_are_those_of_a_plain_search(
            text in proptest::collection::vec(prop_oneof![30 => Just(b'x'), 1 => Just(b'-')], 0..500),
            from in 0usize..300, skip in 0usize..300,
        ) {
            let plain = |from: usize| (from..text.len()).filter(|place| text[*place] == b'-').collect::<Vec<_>>();
            let mut places = Places::new(Text::plain(&text), from, One(b'-'));
            prop_assert_eq!(places.by_ref().collect::<Vec<_>>(), plain(from));
            places.skip_to(skip);
            prop_assert_eq!(places.collect::<Vec<_>>(), plain(skip));
        }
    }
}
