//! What the blocks of a text have, so that searches can pass over the others: one bit a block, 64 blocks a word.

use crate::simd::{BLOCK_BYTES, Masks};

/// What a block has: a set.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Traits(u16);

impl Traits {
    /// A byte of a long run of token bytes, or of one that may become long.
    pub(crate) const LONG_RUN: Self = Self::nth(0);
    /// The same here or in the next block.
    pub(crate) const NEAR_RUN: Self = Self::nth(1);
    /// A byte of four dashes in a row, or of what may become that.
    pub(crate) const DASHES: Self = Self::nth(2);
    /// `@`
    pub(crate) const AT: Self = Self::nth(3);
    /// `:`
    pub(crate) const COLON: Self = Self::nth(4);
    /// `-` or `_`
    pub(crate) const JOINT: Self = Self::nth(5);
    /// A digit.
    pub(crate) const DIGIT: Self = Self::nth(6);
    /// The same here or in the next block.
    pub(crate) const NEAR_DIGIT: Self = Self::nth(7);
    /// [`DIGITS_MIN`] digits, here and in the next block.
    pub(crate) const DIGITS: Self = Self::nth(8);
    /// What may stand between a name and its value.
    pub(crate) const ASSIGNS: Self = Self::nth(9);
    /// Marks at the distances of addresses.
    pub(crate) const LATTICE: Self = Self::nth(10);
    /// The end of a line or of a leaf.
    pub(crate) const LINE_END: Self = Self::nth(11);
    /// What every block has.
    pub(crate) const ANY: Self = Self::nth(15);

    const fn nth(place: u32) -> Self {
        Self(1 << place)
    }

    /// The traits of both.
    pub(crate) const fn or(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }

    #[inline]
    const fn only_if(self, holds: bool) -> Self {
        Self((holds as u16) << self.0.trailing_zeros())
    }
}

/// Digits in a block and the next one, fewer of which are no number that is looked for.
pub(crate) const DIGITS_MIN: u32 = 4;

/// Bytes of a long run: more than words of prose have, and no more than any token.
pub(crate) const LONG_RUN_BYTES: usize = 16;

/// Dashes that begin an armour.
const DASHES: usize = 4;

/// Joints and points of a lattice, here and in the next block.
const LATTICE_JOINTS_MIN: u32 = 5;
const LATTICE_POINTS_MIN: u32 = 2;

/// The traits of 64 blocks in a row: a word a trait, a bit a block, the first block lowest.
type Row = [u64; u16::BITS as usize];

/// Blocks of a row.
const ROW_BLOCKS: usize = u64::BITS as usize;

/// The traits of all blocks of a text.
#[derive(Debug, Default)]
pub(crate) struct Rows {
    /// Of each block, without those that the next one decides.
    blocks: Vec<Traits>,
    rows: Vec<Row>,
}

impl Rows {
    pub(crate) fn clear(&mut self) {
        self.blocks.clear();
        self.rows.clear();
    }

    pub(crate) fn shrink_to(&mut self, blocks: usize) {
        self.blocks.shrink_to(blocks);
        self.rows.shrink_to(blocks / ROW_BLOCKS);
    }

    /// The first blocks are dropped.
    pub(crate) fn forget(&mut self, blocks: usize) {
        self.blocks.drain(..blocks.min(self.blocks.len()));
        self.rows.clear();
    }

    /// Tells what the blocks from `first` on have, given the masks of all.
    ///
    /// No run goes on behind the end of a leaf, nor does one begin there that belongs to what stands before it.
    pub(crate) fn describe(&mut self, first: usize, masks: &[Masks], rest: Rest) {
        self.blocks.truncate(first);
        let last = masks.len().saturating_sub(1);
        let known = |place: usize| rest.of(masks.get(place).unwrap_or(&Masks::NONE), place, last);
        let mut this = known(first);
        let mut reached = match first.checked_sub(1) {
            Some(before) => known(before).runs(&this).reach(),
            None => Traits::default(),
        };
        for place in first..masks.len() {
            let next = known(place + 1);
            let begun = this.runs(&next);
            self.blocks.push(reached.or(begun.traits()).or(this.traits(&next)));
            (this, reached) = (next, begun.reach());
        }
        self.gather(first, rest);
    }

    /// Puts the traits of the blocks from one before `first` on into rows.
    fn gather(&mut self, first: usize, rest: Rest) {
        self.rows.truncate(first.saturating_sub(1) / ROW_BLOCKS);
        let from = self.rows.len();
        for blocks in self.blocks.get(from * ROW_BLOCKS..).unwrap_or_default().chunks(ROW_BLOCKS) {
            self.rows.push(row(blocks));
        }
        // What a block has if the next one does: behind the end there may be anything, but no run behind a leaf's.
        let end = self.blocks.len();
        let mut next = (!rest.leaf_ended, true);
        for (number, row) in self.rows.iter_mut().enumerate().skip(from).rev() {
            let blocks = (end - number * ROW_BLOCKS).min(ROW_BLOCKS);
            let near = |bits: u64, next: bool| bits | bits >> 1 | u64::from(next) << (blocks - 1);
            let (runs, digits) = (word(row, Traits::LONG_RUN), word(row, Traits::DIGIT));
            set(row, Traits::NEAR_RUN, near(runs, next.0));
            set(row, Traits::NEAR_DIGIT, near(digits, next.1));
            next = (runs & 1 != 0, digits & 1 != 0);
        }
    }

    /// The blocks from `first` on that have one of these traits, in rows of up to 64: their number, and a bit each.
    pub(crate) fn rows_with(&self, first: usize, wanted: Traits) -> impl Iterator<Item = (usize, u64)> {
        let (from, seen) = (first / ROW_BLOCKS, u64::MAX << (first % ROW_BLOCKS));
        let rows = self.rows.iter().enumerate().skip(from);
        rows.map(move |(place, row)| {
            let known = self.blocks.len() - place * ROW_BLOCKS;
            let there = u64::MAX >> (ROW_BLOCKS - known.min(ROW_BLOCKS));
            (place * ROW_BLOCKS, word(row, wanted) & there & if place == from { seen } else { u64::MAX })
        })
    }

    /// The first block at or behind `first` that has one of these traits.
    #[inline]
    pub(crate) fn next_with(&self, first: usize, wanted: Traits) -> Option<usize> {
        let mut place = first / ROW_BLOCKS;
        let mut seen = u64::MAX << (first % ROW_BLOCKS);
        loop {
            let found = word(self.rows.get(place)?, wanted) & seen;
            if found != 0 {
                return Some(place * ROW_BLOCKS + found.trailing_zeros() as usize);
            }
            (place, seen) = (place + 1, u64::MAX);
        }
    }
}

/// The traits of up to 64 blocks as a row.
fn row(blocks: &[Traits]) -> Row {
    const BYTE: usize = u8::BITS as usize;
    let mut row = [[0u8; ROW_BLOCKS / BYTE]; u16::BITS as usize];
    for (place, eight) in blocks.chunks(BYTE).enumerate() {
        let bytes =
            |byte: fn(u16) -> u8| eight.iter().rev().fold(0, |bits, traits| bits << BYTE | u64::from(byte(traits.0)));
        let [low, high] = [bytes(|traits| traits.to_le_bytes()[0]), bytes(|traits| traits.to_le_bytes()[1])]
            .map(|bits| transposed(bits).to_le_bytes());
        for (word, bits) in row.iter_mut().zip(low.into_iter().chain(high)) {
            word.iter_mut().skip(place).take(1).for_each(|byte| *byte = bits);
        }
    }
    let mut row = row.map(u64::from_le_bytes);
    set(&mut row, Traits::ANY, u64::MAX);
    row
}

/// A matrix of eight by eight bits, a byte a line, with lines and columns exchanged (Hacker's Delight, section 7-3).
const fn transposed(bits: u64) -> u64 {
    let mut bits = bits;
    let mut swapped = (bits ^ bits >> 7) & 0x00aa_00aa_00aa_00aa;
    bits ^= swapped ^ swapped << 7;
    swapped = (bits ^ bits >> 14) & 0x0000_cccc_0000_cccc;
    bits ^= swapped ^ swapped << 14;
    swapped = (bits ^ bits >> 28) & 0x0000_0000_f0f0_f0f0;
    bits ^ swapped ^ swapped << 28
}

/// Which blocks of a row have one of these traits.
#[inline]
fn word(row: &Row, traits: Traits) -> u64 {
    let has = |(place, word): (usize, &u64)| if traits.0 >> place & 1 == 0 { 0 } else { *word };
    row.iter().enumerate().map(has).fold(0, |all, word| all | word)
}

fn set(row: &mut Row, traits: Traits, bits: u64) {
    row.iter_mut().skip(traits.0.trailing_zeros() as usize).take(1).for_each(|word| *word = bits);
}

/// The masks of a block that traits are told from, with the bits that are not known.
#[derive(Clone, Copy)]
struct Known<'a> {
    masks: &'a Masks,
    unknown: u64,
    /// Of these, where a run may go on.
    runs_on: u64,
    joints: u64,
    /// How many there are, at most.
    digit_count: u32,
    joint_count: u32,
    point_count: u32,
}

impl<'a> Known<'a> {
    #[inline(always)]
    fn new(masks: &'a Masks, unknown: u64, runs_on: u64) -> Self {
        let joints = masks.colon | masks.dash | unknown;
        let digit_count = (masks.digit | unknown).count_ones();
        let (joint_count, point_count) = (joints.count_ones(), (masks.dot | unknown).count_ones());
        Self { masks, unknown, runs_on, joints, digit_count, joint_count, point_count }
    }

    /// Where long runs and dashes in a row begin, given the next block.
    #[inline(always)]
    fn runs(self, next: &Self) -> Begun {
        let (token, dash) = (self.masks.token | self.runs_on, self.masks.dash | self.runs_on);
        let (next_token, next_dash) = (next.masks.token | next.runs_on, next.masks.dash | next.runs_on);
        // A long run has a whole byte of the mask.
        let is_possible = has_full_byte(token) || next_token & 0xff == 0xff;
        Begun {
            token: if is_possible { runs(token, next_token, LONG_RUN_BYTES) } else { 0 },
            dash: if dash == 0 { 0 } else { runs(dash, next_dash, DASHES) },
        }
    }

    /// What the block has by itself and with the next one.
    #[inline(always)]
    fn traits(self, next: &Self) -> Traits {
        let masks = self.masks;
        Traits::AT
            .only_if(masks.at != 0)
            .or(Traits::COLON.only_if(masks.colon != 0))
            .or(Traits::JOINT.only_if(masks.dash | masks.underscore != 0))
            .or(Traits::DIGIT.only_if(self.digit_count != 0))
            .or(Traits::DIGITS.only_if(self.digit_count + next.digit_count >= DIGITS_MIN))
            .or(Traits::ASSIGNS.only_if(assigning(masks) != 0))
            .or(Traits::LINE_END.only_if(masks.line_end != 0))
            .or(Traits::LATTICE.only_if(self.has_lattice(next)))
    }

    /// True if marks stand in the block with others at the distances of addresses.
    #[inline(always)]
    fn has_lattice(self, next: &Self) -> bool {
        // Few marks are no address, unless more of them come.
        let many = self.joint_count + next.joint_count >= LATTICE_JOINTS_MIN
            || self.point_count + next.point_count >= LATTICE_POINTS_MIN;
        many && self.masks.colon | self.masks.dash | self.masks.dot != 0 && {
            let lattice =
                lattice((self.joints, next.joints), (self.masks.dot | self.unknown, next.masks.dot | next.unknown));
            lattice != 0
        }
    }
}

/// True if eight ones stand in one byte.
#[inline]
const fn has_full_byte(bits: u64) -> bool {
    const LOWEST: u64 = 0x0101_0101_0101_0101;
    let zeros = !bits;
    zeros.wrapping_sub(LOWEST) & bits & LOWEST << 7 != 0
}

/// What has not arrived: which bytes of the last block, and whether the text ends with a leaf.
#[derive(Clone, Copy)]
pub(crate) struct Rest {
    unknown: u64,
    leaf_ended: bool,
}

impl Rest {
    /// Of a text of so many bytes.
    pub(crate) const fn of_text(bytes: usize, leaf_ended: bool) -> Self {
        let tail = bytes % BLOCK_BYTES;
        Self { unknown: if tail == 0 { 0 } else { u64::MAX << tail }, leaf_ended }
    }

    /// A block, by its number and that of the last one, with what is not known of it; all is not behind the last.
    #[inline(always)]
    fn of(self, masks: &Masks, place: usize, last: usize) -> Known<'_> {
        let unknown = if place < last {
            0
        } else if place == last {
            self.unknown
        } else {
            u64::MAX
        };
        Known::new(masks, unknown, if self.leaf_ended { 0 } else { unknown })
    }
}

/// Where runs begin in a block.
#[derive(Clone, Copy)]
struct Begun {
    token: u64,
    dash: u64,
}

impl Begun {
    #[inline]
    fn traits(self) -> Traits {
        Traits::LONG_RUN.only_if(self.token != 0).or(Traits::DASHES.only_if(self.dash != 0))
    }

    /// The traits that the next block has, because runs reach into it.
    #[inline]
    fn reach(self) -> Traits {
        let token = self.token >> (BLOCK_BYTES + 1 - LONG_RUN_BYTES) != 0;
        let dash = self.dash >> (BLOCK_BYTES + 1 - DASHES) != 0;
        Traits::LONG_RUN.only_if(token).or(Traits::DASHES.only_if(dash))
    }
}

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

/// What may stand between a name and its value: `=`, `:`, a comma behind a quote, `>` and the end of a leaf behind a
/// letter. What stands before the block may be either.
#[inline]
pub(crate) const fn assigning(masks: &Masks) -> u64 {
    let behind_quote = masks.comma & (masks.quote << 1 | 1);
    let behind_letter = (masks.greater | masks.boundary) & (masks.letter << 1 | 1);
    masks.equals | masks.colon | behind_quote | behind_letter
}

/// Places where a mark stands with others at the distances of addresses: four joints every three bytes behind it, or
/// a point five or four bytes behind. Each comes with the bits of the next block.
#[inline]
pub(crate) const fn lattice((joints, next_joints): (u64, u64), (points, next_points): (u64, u64)) -> u64 {
    const fn ahead(bits: u64, next: u64, distance: u32) -> u64 {
        bits >> distance | next << (u64::BITS - distance)
    }
    let pairs = joints
        & ahead(joints, next_joints, 3)
        & ahead(joints, next_joints, 6)
        & ahead(joints, next_joints, 9)
        & ahead(joints, next_joints, 12);
    pairs | points & (ahead(points, next_points, 5) | ahead(points, next_points, 4))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::block::index_of;
    use proptest::prelude::*;

    #[test]
    fn a_matrix_is_turned() {
        assert_eq!(transposed(0x0000_0000_0000_00ff), 0x0101_0101_0101_0101);
        assert_eq!(transposed(0x8040_2010_0804_0201), 0x8040_2010_0804_0201);
        assert_eq!(transposed(1 << 8), 1 << 1);
    }

    /// Traits that bytes of a text, and anything behind it, give the block that begins at `block`.
    fn oracle(text: &[u8], block: usize, rest: &[u8]) -> Vec<(Traits, bool)> {
        let whole: Vec<u8> = text.iter().chain(rest).copied().collect();
        let in_token = |byte: &u8| byte.is_ascii_alphanumeric() || b"$+,-./=_~".contains(byte);
        let near = |from: usize, to: usize| &whole[from.min(whole.len())..to.min(whole.len())];
        let run = |from: usize, length: usize, kind: &dyn Fn(&u8) -> bool| {
            (from.saturating_sub(length - 1)..from + BLOCK_BYTES)
                .any(|start| start + length <= whole.len() && whole[start..start + length].iter().all(kind))
        };
        let mine = near(block, (block + BLOCK_BYTES).min(text.len()));
        let both = near(block, block + 2 * BLOCK_BYTES);
        let long = |from| run(from, LONG_RUN_BYTES, &in_token);
        vec![
            (Traits::LONG_RUN, long(block)),
            (Traits::NEAR_RUN, long(block) || long(block + BLOCK_BYTES)),
            (Traits::DASHES, run(block, DASHES, &|byte| *byte == b'-')),
            (Traits::AT, mine.contains(&b'@')),
            (Traits::COLON, mine.contains(&b':')),
            (Traits::JOINT, mine.iter().any(|byte| b"-_".contains(byte))),
            (Traits::DIGIT, near(block, block + BLOCK_BYTES).iter().any(u8::is_ascii_digit)),
            (Traits::NEAR_DIGIT, both.iter().any(u8::is_ascii_digit)),
            (Traits::DIGITS, both.iter().filter(|byte| byte.is_ascii_digit()).count() >= 4),
            (Traits::LINE_END, mine.iter().any(|byte| matches!(byte, b'\n' | 0xfe | 0xff))),
        ]
    }

    proptest! {
        #[test]
        fn blocks_have_what_their_bytes_say_whatever_follows(
            text in "([a-z]{1,40}|[0-9]{1,3}|[-]{1,6}|[:@_]| {1,90}|\n){0,60}",
            rest in "([a-z]{1,40}|[0-9]{1,3}|[-]{1,6}| {1,90}){0,6}",
            cut in 0usize..4000, dropped in 0usize..40, leaf_ended in any::<bool>(),
        ) {
            let mut text = text.into_bytes();
            if leaf_ended {
                text.push(0xff);
            }
            let mut index = index_of(&text, cut);
            let dropped = (dropped * BLOCK_BYTES).min(text.len() - text.len() % BLOCK_BYTES);
            index.forget(dropped);
            let text = &text[dropped..];
            index.update(text);
            // A leaf that begins behind the end of another is described when it is there.
            let rest = if text.last() == Some(&0xff) { Vec::new() } else { rest.into_bytes() };
            for block in (0..text.len()).step_by(BLOCK_BYTES) {
                for (traits, expected) in oracle(text, block, &rest) {
                    // What was dropped may reach into the first block, what has not come into the last two, and one more
                    // is near to them.
                    let last = if traits == Traits::NEAR_RUN { 3 } else { 2 };
                    let is_open = block + last * BLOCK_BYTES > text.len() || block == 0 && dropped > 0;
                    let has = index.of(text).next_with(block, traits) == block;
                    // A block near the end may turn out not to have what it might have had.
                    prop_assert!(has == expected || has && is_open, "{:?} {} {}", traits, block, expected);
                }
            }
        }
    }
}
