//! Text in blocks of 64 bytes, one bit each in a word: where bytes of a kind stand.
//!
//! A block is four vectors of sixteen bytes, which every processor has that this runs on (SSE2, NEON).

use crate::named::Endings;
use crate::needle::{Family, Found, Standings};
use crate::simd::{self, Group, LANE_COUNT, Masks};
use crate::traits::{Rest, Rows, Traits};
use crate::window::{BOUNDARY, NUMBER_BOUNDARY};
use core::ops::Range;
use wide::u8x16;

pub(crate) use crate::simd::BLOCK_BYTES;

/// Bytes of a group of blocks: what a text is cut by.
pub(crate) const GROUP_BYTES: usize = LANE_COUNT * BLOCK_BYTES;

/// Bytes, and, where a scanner made it, an index of them: the masks of each of their blocks.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Text<'a> {
    bytes: &'a [u8],
    /// Of all blocks, the last one filled up; or empty.
    index: &'a [Group],
    /// Of all blocks, as the index.
    traits: Option<&'a Rows>,
    needles: Option<&'a Found>,
}

/// The index of a text that grows at its end and is cut at its front.
#[derive(Debug, Default)]
pub(crate) struct Index {
    masks: Vec<Group>,
    traits: Rows,
    /// Bytes that were indexed.
    len: usize,
}

impl Index {
    pub(crate) fn clear(&mut self) {
        self.masks.clear();
        self.traits.clear();
        self.len = 0;
    }

    pub(crate) fn shrink_to(&mut self, bytes: usize) {
        self.masks.shrink_to(bytes / GROUP_BYTES);
        self.traits.shrink_to(bytes / BLOCK_BYTES);
    }

    /// Indexes what was appended to the text since the last time. If there are `endings`, only what stands behind a name
    /// that may have one of them assigns.
    pub(crate) fn update(&mut self, text: &[u8], endings: Option<&Endings>) {
        let known = self.len / BLOCK_BYTES;
        let (blocks, rest) = text.get(known * BLOCK_BYTES..).unwrap_or_default().as_chunks();
        self.masks.resize(text.len().div_ceil(GROUP_BYTES), Group::NONE);
        let mut fill = |first: usize, blocks: &[[u8; BLOCK_BYTES]]| {
            let groups = self.masks.get_mut(first / LANE_COUNT..).unwrap_or_default();
            simd::fill(blocks, first % LANE_COUNT, groups);
        };
        fill(known, blocks);
        if !rest.is_empty() {
            fill(known + blocks.len(), &[padded(rest)]);
        }
        if let Some(endings) = endings {
            simd::keep_named(text, known, endings, &mut self.masks);
        }
        self.len = text.len();
        let leaf_ended = matches!(text.last(), Some(&BOUNDARY | &NUMBER_BOUNDARY));
        // What the block before has may depend on what was not known of this one.
        self.traits.describe(known.saturating_sub(1), &self.masks, Rest::of_text(text.len(), leaf_ended));
    }

    /// The first `bytes` of the text are dropped: a multiple of a group's.
    pub(crate) fn forget(&mut self, bytes: usize) {
        debug_assert!(bytes.is_multiple_of(GROUP_BYTES), "whole groups");
        let groups = (bytes / GROUP_BYTES).min(self.masks.len());
        self.masks.drain(..groups);
        self.traits.forget(groups);
        self.len = self.len.saturating_sub(bytes);
    }

    /// The text that was indexed last.
    pub(crate) fn of<'a>(&'a self, bytes: &'a [u8]) -> Text<'a> {
        debug_assert_eq!(self.len, bytes.len(), "the index is that of the text");
        Text { bytes, index: &self.masks, traits: Some(&self.traits), needles: None }
    }
}

impl<'a> Text<'a> {
    /// A text without an index.
    pub(crate) const fn plain(bytes: &'a [u8]) -> Self {
        Self { bytes, index: &[], traits: None, needles: None }
    }

    /// The same with the needles that stand in it.
    pub(crate) const fn with(self, needles: &'a Found) -> Self {
        Self { needles: Some(needles), ..self }
    }

    /// The needles of a family at or behind `from`.
    #[inline]
    pub(crate) fn needles(self, family: Family, from: usize) -> Standings<'a> {
        self.needles.map(|needles| needles.from(family, from)).unwrap_or_default()
    }

    /// The index: none of a text without.
    pub(crate) const fn groups(self) -> &'a [Group] {
        self.index
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
        let (number, shift) = (start / BLOCK_BYTES, start % BLOCK_BYTES);
        let of = |number: usize| kind.of(&self.index.get(number / LANE_COUNT)?.block(number));
        let Some(bits) = of(number) else {
            return bits_at(self.bytes, start, kind);
        };
        if shift == 0 {
            return bits;
        }
        bits >> shift | of(number + 1).unwrap_or(0) << (BLOCK_BYTES - shift)
    }

    /// How many bytes of a kind stand right before `end`, counted in blocks up to one that has more than `max`.
    #[inline]
    pub(crate) fn length_before(self, end: usize, max: usize, kind: impl Kind) -> usize {
        let mut length = 0;
        while length <= max && length < end {
            let place = end - length;
            let (start, shift) = (place.saturating_sub(BLOCK_BYTES), BLOCK_BYTES.saturating_sub(place));
            let ones = (self.bits(start, kind) << shift).leading_ones() as usize;
            length += ones;
            if ones < BLOCK_BYTES {
                break;
            }
        }
        length
    }

    /// How many bytes of a kind that the index tells stand from `start` to `end`.
    pub(crate) fn count(self, start: usize, end: usize, kind: impl Kind) -> u32 {
        let mut count = 0;
        for number in start / BLOCK_BYTES..end.div_ceil(BLOCK_BYTES) {
            let Some(group) = self.index.get(number / LANE_COUNT) else { break };
            let Some(bits) = kind.of(&group.block(number)) else { break };
            let place = number * BLOCK_BYTES;
            let behind = u64::MAX << start.saturating_sub(place);
            count += (bits & behind & low_bits(end - place)).count_ones();
        }
        count
    }
}

/// So many bits set, at most all of them.
const fn low_bits(count: usize) -> u64 {
    if count >= BLOCK_BYTES { u64::MAX } else { (1 << count) - 1 }
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

    /// What the blocks have that have such bytes.
    #[inline]
    fn traits(self) -> Traits {
        Traits::ANY
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

/// Bytes behind a colon of an IPv6 address, of which one is another.
pub(crate) const PAIR_BYTES: usize = 5;

/// `:`, where an index does not tell that something else is behind it. Of the last bytes of a block it does not tell.
#[derive(Clone, Copy, Debug)]
pub(crate) enum ColonBefore {
    Slash,
    /// One of the [`PAIR_BYTES`] behind it is another.
    Colon,
}

/// Either of two bytes.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Either(pub(crate) u8, pub(crate) u8);

/// Ends of lines and of leaves.
#[derive(Clone, Copy, Debug)]
pub(crate) struct LineEnd;

/// What code is full of and prose is not: `# $ % & ( ) * + ; < = > [ \\ ] ^ _ ` { | } ~`
#[derive(Clone, Copy, Debug)]
pub(crate) struct Mark;

/// What no name of a column has: controls, ends of leaves, `! $ % & + , : ; < = > ? @ [ \\ ] ^ { | } ~`
#[derive(Clone, Copy, Debug)]
pub(crate) struct Unnamed;

/// What parts names and cells, opens a list or a group, and a few others: controls, `! # $ % & ( ) * + , ; < > ? [ \\ ] ^ { | } ~` and
/// backticks.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Parting;

/// What text begins with that may stand for other text, or for nothing: control characters but white space,
/// `" % & ' * + < = \` and all beyond ASCII.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Escaping;

impl Kind for Escaping {
    #[inline]
    fn holds(self, byte: u8) -> bool {
        matches!(byte, 0..=8 | 0x0e..=0x1f | b'"' | b'%'..=b'\'' | b'*' | b'+' | b'<' | b'=' | b'\\' | 0x7f..)
    }

    #[inline]
    fn bits(self, block: &[u8; BLOCK_BYTES]) -> u64 {
        block_bits(block, |bytes| {
            let within = |first, last| within(bytes, first, last);
            let low = within(0, 8) | within(0x0e, 0x1f) | within(b'"', b'"') | within(b'%', b'\'') | within(b'*', b'+');
            low | within(b'<', b'=') | within(b'\\', b'\\') | within(0x7f, 0xff)
        })
    }

    #[inline]
    fn of(self, masks: &Masks) -> Option<u64> {
        Some(masks.escaping)
    }
}

/// Printable characters, and what parts lines and words.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Printable;

impl Kind for Printable {
    #[inline]
    fn holds(self, byte: u8) -> bool {
        matches!(byte, b' '..=b'~' | b'\t' | b'\n' | b'\r')
    }

    #[inline]
    fn bits(self, block: &[u8; BLOCK_BYTES]) -> u64 {
        block_bits(block, |bytes| within(bytes, b' ', b'~') | within(bytes, b'\t', b'\n') | within(bytes, b'\r', b'\r'))
    }
}

impl Kind for LineEnd {
    #[inline]
    fn holds(self, byte: u8) -> bool {
        matches!(byte, b'\n' | NUMBER_BOUNDARY | BOUNDARY)
    }

    #[inline]
    fn bits(self, block: &[u8; BLOCK_BYTES]) -> u64 {
        block_bits(block, |bytes| {
            bytes.simd_eq(u8x16::splat(b'\n')) | bytes.max(u8x16::splat(NUMBER_BOUNDARY)).simd_eq(bytes)
        })
    }

    #[inline]
    fn of(self, masks: &Masks) -> Option<u64> {
        Some(masks.line_end)
    }

    #[inline]
    fn traits(self) -> Traits {
        Traits::LINE_END
    }
}

impl Kind for Unnamed {
    #[inline]
    fn holds(self, byte: u8) -> bool {
        let ascii = matches!(
            byte,
            0..=0x1f | b'!' | b'$'..=b'&' | b'+' | b',' | b':'..=b'@' | b'['..=b'^' | b'{'..=0x7f
        );
        ascii || byte >= NUMBER_BOUNDARY
    }

    #[inline]
    fn bits(self, block: &[u8; BLOCK_BYTES]) -> u64 {
        block_bits(block, |bytes| {
            let within = |first, last| within(bytes, first, last);
            let low = within(0, 0x1f) | within(b'!', b'!') | within(b'$', b'&') | within(b'+', b',');
            low | within(b':', b'@') | within(b'[', b'^') | within(b'{', 0x7f) | within(NUMBER_BOUNDARY, BOUNDARY)
        })
    }

    #[inline]
    fn of(self, masks: &Masks) -> Option<u64> {
        Some(masks.unnamed)
    }
}

impl Kind for Parting {
    #[inline]
    fn holds(self, byte: u8) -> bool {
        !matches!(byte, b':' | b'@' | b'=' | b'_') && (Unnamed.holds(byte) || Mark.holds(byte))
    }

    #[inline]
    fn bits(self, block: &[u8; BLOCK_BYTES]) -> u64 {
        let others = Either(b':', b'@').bits(block) | Either(b'=', b'_').bits(block);
        (Unnamed.bits(block) | Mark.bits(block)) & !others
    }

    #[inline]
    fn of(self, masks: &Masks) -> Option<u64> {
        Some((masks.unnamed | masks.mark) & !(masks.colon | masks.at | masks.equals | masks.underscore))
    }
}

impl Kind for Mark {
    #[inline]
    fn holds(self, byte: u8) -> bool {
        matches!(byte, b'#'..=b'&' | b'('..=b'+' | b';'..=b'>' | b'['..=b'`' | b'{'..=b'~')
    }

    #[inline]
    fn bits(self, block: &[u8; BLOCK_BYTES]) -> u64 {
        block_bits(block, |bytes| {
            let within = |first, last| within(bytes, first, last);
            within(b'#', b'&') | within(b'(', b'+') | within(b';', b'>') | within(b'[', b'`') | within(b'{', b'~')
        })
    }

    #[inline]
    fn of(self, masks: &Masks) -> Option<u64> {
        Some(masks.mark)
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
        block_bits(block, |bytes| within(bytes, self.0, self.1))
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
            _ => return None,
        })
    }

    #[inline]
    fn traits(self) -> Traits {
        match self.0 {
            b'@' => Traits::AT,
            b':' => Traits::COLON,
            b'-' | b'_' => Traits::JOINT,
            _ => Traits::ANY,
        }
    }
}

impl Kind for ColonBefore {
    #[inline]
    fn holds(self, byte: u8) -> bool {
        One(b':').holds(byte)
    }

    #[inline]
    fn bits(self, block: &[u8; BLOCK_BYTES]) -> u64 {
        One(b':').bits(block)
    }

    #[inline]
    fn of(self, masks: &Masks) -> Option<u64> {
        let last = |bytes: usize| !(u64::MAX >> bytes);
        let behind = match self {
            Self::Slash => masks.slash() >> 1 | last(1),
            Self::Colon => (1..=PAIR_BYTES).fold(last(PAIR_BYTES), |behind, by| behind | masks.colon >> by),
        };
        Some(masks.colon & behind)
    }

    #[inline]
    fn traits(self) -> Traits {
        Traits::COLON
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

    #[inline]
    fn traits(self) -> Traits {
        One(self.0).traits().or(One(self.1).traits())
    }
}

/// Marks the bytes from `first` to `last`.
#[inline]
pub(crate) fn within(bytes: u8x16, first: u8, last: u8) -> u8x16 {
    let value = bytes - u8x16::splat(first);
    value.min(u8x16::splat(last - first)).simd_eq(value)
}

#[inline]
pub(crate) fn block_bits(block: &[u8; BLOCK_BYTES], mark: impl Fn(u8x16) -> u8x16) -> u64 {
    let (vectors, _) = block.as_chunks::<16>();
    vectors.iter().rev().fold(0, |bits, vector| bits << 16 | u64::from(mark(u8x16::from(*vector)).to_bitmask()))
}

impl Text<'_> {
    /// Calls `visit` with the blocks that have one of these traits, in rows, from the one of `from` on.
    pub(crate) fn stretches(self, from: usize, wanted: Traits, mut visit: impl FnMut(Range<usize>)) {
        let rows = self.traits.into_iter().flat_map(|rows| rows.rows_with(from / BLOCK_BYTES, wanted));
        for (first, mut bits) in rows {
            while bits != 0 {
                let start = bits.trailing_zeros();
                let count = (bits >> start).trailing_ones();
                bits &= !(u64::MAX >> (u64::BITS - count) << start);
                let place = |block: u32| (first + block as usize) * BLOCK_BYTES;
                visit(place(start)..place(start + count).min(self.len()));
            }
        }
    }

    /// The masks of a block, by its number.
    #[inline]
    pub(crate) fn masks(self, number: usize) -> Masks {
        match self.index.get(number / LANE_COUNT) {
            Some(group) => group.block(number),
            None if self.traits.is_some() => Masks::default(),
            None => masks_at(self.bytes, number * BLOCK_BYTES),
        }
    }

    /// The first block, from the one of `from` on, that has one of these traits; the end of the text if none has.
    #[inline]
    pub(crate) fn next_with(self, from: usize, wanted: Traits) -> usize {
        let first = from / BLOCK_BYTES;
        let block = self.traits.map_or(Some(first), |rows| rows.next_with(first, wanted));
        block.map_or(self.len(), |block| (block * BLOCK_BYTES).min(self.len()))
    }
}

/// The masks of the 64 bytes from `start` on, none behind the text.
#[cold]
fn masks_at(text: &[u8], start: usize) -> Masks {
    let mut group = Group::NONE;
    simd::fill(&[padded(text.get(start..).unwrap_or_default())], 0, core::slice::from_mut(&mut group));
    group.block(0)
}

/// The first bytes of a text, filled up with what is of no kind.
fn padded(text: &[u8]) -> [u8; BLOCK_BYTES] {
    let mut block = [0x80; BLOCK_BYTES];
    block.iter_mut().zip(text).for_each(|(place, byte)| *place = *byte);
    block
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

/// How many bytes of a kind a text begins with.
#[inline]
pub(crate) fn length_of(text: &[u8], kind: impl Kind) -> usize {
    let mut length = 0;
    loop {
        let ones = bits_at(text, length, kind).trailing_ones() as usize;
        length += ones;
        if ones < BLOCK_BYTES {
            return length;
        }
    }
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
    /// No block that begins here or behind it is looked at.
    end: usize,
}

impl<'a, K: Kind> Places<'a, K> {
    #[inline]
    pub(crate) fn new(text: Text<'a>, from: usize, kind: K) -> Self {
        Self::within(text, from..text.len(), kind)
    }

    /// The same of a part of the text, and what stands behind it in its last block.
    #[inline]
    pub(crate) fn within(text: Text<'a>, range: Range<usize>, kind: K) -> Self {
        let mut places = Self { text, kind, block: 0, bits: 0, end: range.end.min(text.len()) };
        places.skip_to(range.start);
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
            let from = self.block + BLOCK_BYTES;
            if from >= self.end {
                return None;
            }
            let next = self.text.next_with(from, self.kind.traits());
            if next >= self.end {
                return None;
            }
            (self.block, self.bits) = (next, self.text.bits(next, self.kind));
        }
        let place = self.block + self.bits.trailing_zeros() as usize;
        self.bits &= self.bits - 1;
        Some(place)
    }
}

/// The index of a text that arrived in two pieces, for tests that compare searches with and without one.
#[cfg(test)]
pub(crate) fn index_of(text: &[u8], cut: usize) -> Index {
    let mut index = Index::default();
    index.update(&text[..cut.min(text.len())], None);
    index.update(text, None);
    index
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
        check(Unnamed, &all);
        check(Parting, &all);
        check(LineEnd, &all);
        check(Printable, &all);
        check(Escaping, &all);
        assert!(all.iter().all(|byte| Digit.holds(*byte) == byte.is_ascii_digit()));
        assert!(all.iter().all(|byte| Either(b'-', b'_').holds(*byte) == b"-_".contains(byte)));
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
            let index = index_of(&text, skip);
            for text in [Text::plain(&text), index.of(&text)] {
                let mut places = Places::new(text, from, One(b'-'));
                prop_assert_eq!(places.by_ref().collect::<Vec<_>>(), plain(from));
                places.skip_to(skip);
                prop_assert_eq!(places.collect::<Vec<_>>(), plain(skip));
            }
        }
    }
}
