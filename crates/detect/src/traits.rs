//! What the blocks of a text have, so that searches can pass over the others: one bit a block, 64 blocks a word.

use crate::octet::{Bits, Kernel, Octet};
use crate::simd::{self, BLOCK_BYTES, Group, LANE_COUNT, Masks};
use core::cmp::Ordering;

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
    /// A digit that may begin a number, and [`DIGITS_MIN`] digits, here and in the next block.
    pub(crate) const DIGITS: Self = Self::nth(8);
    /// What may stand between a name and its value.
    pub(crate) const ASSIGNS: Self = Self::nth(9);
    /// Marks at the distances of addresses.
    pub(crate) const LATTICE: Self = Self::nth(10);
    /// The end of a line or of a leaf.
    pub(crate) const LINE_END: Self = Self::nth(11);
    /// A long run begins in the block and reaches into the next one.
    const RUN_REACH: Self = Self::nth(12);
    /// Dashes do.
    const DASH_REACH: Self = Self::nth(13);
    /// What every block has.
    pub(crate) const ANY: Self = Self::nth(15);

    const fn nth(place: u32) -> Self {
        Self(1 << place)
    }

    /// The traits of both.
    pub(crate) const fn or(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }

    /// Its place in a row, if it is one.
    #[inline]
    const fn place(self) -> usize {
        self.0.trailing_zeros() as usize % TRAIT_COUNT
    }
}

/// How many traits there may be.
const TRAIT_COUNT: usize = u16::BITS as usize;

/// Digits in a block and the next one, fewer of which are no number that is looked for.
pub(crate) const DIGITS_MIN: u32 = 4;

/// Bytes of a long run: more than words of prose have, and no more than any token.
pub(crate) const LONG_RUN_BYTES: usize = 16;

/// Dashes that begin an armour.
const DASHES: usize = 4;

/// Joints and points of a lattice, here and in the next block.
const LATTICE_JOINTS_MIN: u64 = 5;
const LATTICE_POINTS_MIN: u64 = 2;

/// The traits of 64 blocks in a row: a word a trait, a bit a block, the first block lowest; a byte a group.
type Row = [[u8; ROW_GROUPS]; TRAIT_COUNT];

/// Groups of a row, and blocks.
const ROW_GROUPS: usize = size_of::<u64>();
const ROW_BLOCKS: usize = ROW_GROUPS * LANE_COUNT;

/// The traits of all blocks of a text.
#[derive(Debug, Default)]
pub(crate) struct Rows(Vec<Row>);

impl Rows {
    pub(crate) fn clear(&mut self) {
        self.0.clear();
    }

    pub(crate) fn shrink_to(&mut self, blocks: usize) {
        self.0.shrink_to(blocks / ROW_BLOCKS);
    }

    /// The first groups are dropped.
    pub(crate) fn forget(&mut self, groups: usize) {
        self.0.drain(..(groups / ROW_GROUPS).min(self.0.len()));
        let shift = 8 * (groups % ROW_GROUPS);
        if shift == 0 {
            return;
        }
        let mut later = [0; TRAIT_COUNT];
        for row in self.0.iter_mut().rev() {
            for (bytes, later) in row.iter_mut().zip(&mut later) {
                let word = u64::from_le_bytes(*bytes);
                *bytes = (word >> shift | *later << (u64::BITS as usize - shift)).to_le_bytes();
                *later = word;
            }
        }
    }

    /// Tells what the blocks from `first` on have, given the masks of all.
    ///
    /// No run goes on behind the end of a leaf, nor does one begin there that belongs to what stands before it.
    pub(crate) fn describe(&mut self, first: usize, masks: &[Group], rest: Rest) {
        self.0.resize(masks.len().div_ceil(ROW_GROUPS), Row::default());
        simd::run(Description { rows: self, first: first / LANE_COUNT, masks, rest });
    }

    /// The blocks of a group that have a trait.
    #[inline(always)]
    fn get(&self, group: usize, has: Traits) -> u8 {
        let row = self.0.get(group / ROW_GROUPS).and_then(|row| row.get(has.place()));
        row.and_then(|bytes| bytes.get(group % ROW_GROUPS)).copied().unwrap_or(0)
    }

    #[inline(always)]
    fn set(&mut self, group: usize, has: Traits, blocks: u8) {
        let row = self.0.get_mut(group / ROW_GROUPS).and_then(|row| row.get_mut(has.place()));
        if let Some(byte) = row.and_then(|bytes| bytes.get_mut(group % ROW_GROUPS)) {
            *byte = blocks;
        }
    }

    /// Notes which blocks of a group have a trait there or in the next block, if the block behind the group does or not.
    #[inline(always)]
    fn set_near(&mut self, group: usize, (near, has): (Traits, Traits), behind: bool, last: usize) {
        let blocks = self.get(group, has);
        self.set(group, near, blocks | blocks >> 1 | u8::from(behind) << last);
    }

    /// The blocks from `first` on that have one of these traits, in rows of up to 64: their number, and a bit each.
    pub(crate) fn rows_with(&self, first: usize, wanted: Traits) -> impl Iterator<Item = (usize, u64)> {
        let (from, seen) = (first / ROW_BLOCKS, u64::MAX << (first % ROW_BLOCKS));
        let rows = self.0.iter().enumerate().skip(from);
        rows.map(move |(place, row)| {
            (place * ROW_BLOCKS, word(row, wanted) & if place == from { seen } else { u64::MAX })
        })
    }

    /// The first block at or behind `first` that has one of these traits.
    #[inline]
    pub(crate) fn next_with(&self, first: usize, wanted: Traits) -> Option<usize> {
        let mut place = first / ROW_BLOCKS;
        let mut seen = u64::MAX << (first % ROW_BLOCKS);
        loop {
            let found = word(self.0.get(place)?, wanted) & seen;
            if found != 0 {
                return Some(place * ROW_BLOCKS + found.trailing_zeros() as usize);
            }
            (place, seen) = (place + 1, u64::MAX);
        }
    }
}

/// Which blocks of a row have one of these traits.
#[inline]
fn word(row: &Row, traits: Traits) -> u64 {
    let has = |(place, bytes): (usize, &[u8; ROW_GROUPS])| {
        if traits.0 >> place & 1 == 0 { 0 } else { u64::from_le_bytes(*bytes) }
    };
    row.iter().enumerate().map(has).fold(0, |all, word| all | word)
}

/// What has not arrived: which bytes of the last block, and whether the text ends with a leaf.
#[derive(Clone, Copy)]
pub(crate) struct Rest {
    /// Blocks that have something.
    blocks: usize,
    unknown: u64,
    leaf_ended: bool,
}

impl Rest {
    /// Of a text of so many bytes.
    pub(crate) const fn of_text(bytes: usize, leaf_ended: bool) -> Self {
        let tail = bytes % BLOCK_BYTES;
        let unknown = if tail == 0 { 0 } else { u64::MAX << tail };
        Self { blocks: bytes.div_ceil(BLOCK_BYTES), unknown, leaf_ended }
    }

    /// The bytes of a group's blocks that are not known: some of the last one, all behind it.
    #[inline(always)]
    fn unknown(self, group: usize) -> [u64; LANE_COUNT] {
        let known = self.blocks.saturating_sub(group * LANE_COUNT);
        core::array::from_fn(|lane| match (lane + 1).cmp(&known) {
            Ordering::Less => 0,
            Ordering::Equal => self.unknown,
            Ordering::Greater => u64::MAX,
        })
    }
}

/// Describes the groups from `first` on.
struct Description<'a> {
    rows: &'a mut Rows,
    first: usize,
    masks: &'a [Group],
    rest: Rest,
}

impl Kernel for Description<'_> {
    #[inline(always)]
    fn run<O: Octet>(self) {
        let Self { rows, first, masks, rest } = self;
        let mut this = Known::<O>::new(masks.get(first), rest, first);
        for number in first..masks.len() {
            let next = Known::new(masks.get(number + 1), rest, number + 1);
            let lanes = rest.blocks.saturating_sub(number * LANE_COUNT).min(LANE_COUNT);
            let there = u8::MAX >> (LANE_COUNT - lanes.max(1));
            this.describe(&next, there, number, rows);
            if let Some(before) = number.checked_sub(1) {
                for pair in NEAR {
                    let behind = rows.get(number, pair.1) & 1 != 0;
                    rows.set_near(before, pair, behind, LANE_COUNT - 1);
                }
            }
            this = next;
        }
        // Behind the end there may be anything, but no run behind a leaf's.
        if let Some(last) = rest.blocks.checked_sub(1) {
            let [run, digit] = NEAR;
            rows.set_near(last / LANE_COUNT, run, !rest.leaf_ended, last % LANE_COUNT);
            rows.set_near(last / LANE_COUNT, digit, true, last % LANE_COUNT);
        }
    }
}

/// What is said of a block because of the next one, and what that has.
const NEAR: [(Traits, Traits); 2] = [(Traits::NEAR_RUN, Traits::LONG_RUN), (Traits::NEAR_DIGIT, Traits::DIGIT)];

/// The masks of a group that traits are told from, with the bits that are not known.
#[derive(Clone, Copy)]
struct Known<O> {
    masks: Masks<O>,
    /// Those of long runs and of dashes, where both may go on.
    token: O,
    dash: O,
    joints: O,
    points: O,
    digit_count: O,
}

impl<O: Octet> Known<O> {
    #[inline(always)]
    fn new(group: Option<&Group>, rest: Rest, number: usize) -> Self {
        let masks = group.unwrap_or(&Group::NONE).octets::<O>();
        let mut known = Self {
            token: masks.token,
            dash: masks.dash,
            joints: masks.colon.or(masks.dash),
            points: masks.dot,
            digit_count: masks.digit,
            masks,
        };
        if (number + 1) * LANE_COUNT >= rest.blocks {
            let unknown = O::of(&rest.unknown(number));
            if !rest.leaf_ended {
                (known.token, known.dash) = (known.token.or(unknown), known.dash.or(unknown));
            }
            (known.joints, known.points) = (known.joints.or(unknown), known.points.or(unknown));
            known.masks.digit = known.masks.digit.or(unknown);
        }
        known.digit_count = known.masks.digit.ones();
        known
    }

    /// Writes down what the blocks of the group have by themselves and with the next ones; `there` are those that are.
    #[inline(always)]
    fn describe(&self, next: &Self, there: u8, number: usize, rows: &mut Rows) {
        let masks = &self.masks;
        let mut set = |has: Traits, blocks: u8| rows.set(number, has, blocks & there);
        set(Traits::ANY, u8::MAX);
        set(Traits::AT, masks.at.nonzero());
        set(Traits::COLON, masks.colon.nonzero());
        set(Traits::JOINT, masks.dash.or(masks.underscore).nonzero());
        set(Traits::DIGIT, masks.digit.nonzero());
        set(Traits::LINE_END, masks.line_end.nonzero());
        set(Traits::ASSIGNS, masks.assigning.nonzero());
        let digits = self.digit_count.plus(self.digit_count.behind(next.digit_count));
        set(Traits::DIGITS, digits.at_least(u64::from(DIGITS_MIN)) & self.numbers().nonzero());
        set(Traits::LATTICE, self.lattices(next));
        let (token, dash) = (self.token, self.dash);
        let token =
            if token.nonzero() == 0 { token } else { runs::<O, LONG_RUN_BYTES>(token, token.behind(next.token)) };
        let dash = if dash.nonzero() == 0 { dash } else { runs::<O, DASHES>(dash, dash.behind(next.dash)) };
        set(Traits::RUN_REACH, token.shr(BLOCK_BYTES + 1 - LONG_RUN_BYTES).nonzero());
        set(Traits::DASH_REACH, dash.shr(BLOCK_BYTES + 1 - DASHES).nonzero());
        for (has, begun, reach) in
            [(Traits::LONG_RUN, token, Traits::RUN_REACH), (Traits::DASHES, dash, Traits::DASH_REACH)]
        {
            let before = number.checked_sub(1).map_or(0, |before| rows.get(before, reach));
            let reached = rows.get(number, reach) << 1 | before >> (LANE_COUNT - 1);
            rows.set(number, has, (begun.nonzero() | reached) & there);
        }
    }

    /// The digits that may begin a number: behind no letter or digit, or behind two letters.
    #[inline(always)]
    fn numbers(&self) -> O {
        let words = self.masks.letter.or(self.masks.digit);
        // What stands before the block may be either.
        let behind_two = words.shl(2).or(O::splat(0b11)).without(words.shl(3));
        let inside = words.shl(1).without(behind_two);
        self.masks.digit.without(inside)
    }

    /// The blocks in which marks stand with others at the distances of addresses.
    #[inline(always)]
    fn lattices(&self, next: &Self) -> u8 {
        let (joints, points) = (self.joints, self.points);
        let (next_joints, next_points) = (joints.behind(next.joints), points.behind(next.points));
        // Few marks are no address, unless more of them come.
        let many = joints.ones().plus(next_joints.ones()).at_least(LATTICE_JOINTS_MIN)
            | points.ones().plus(next_points.ones()).at_least(LATTICE_POINTS_MIN);
        let blocks = many & self.masks.colon.or(self.masks.dash).or(self.masks.dot).nonzero();
        if blocks == 0 { 0 } else { blocks & lattice((joints, next_joints), (points, next_points)).nonzero() }
    }
}

/// Where so many ones in a row begin in `bits`, of which `next` are those behind; a power of two.
#[inline(always)]
fn runs<O: Octet, const LENGTH: usize>(bits: O, next: O) -> O {
    let (mut bits, mut next, mut done) = (bits, next, 1);
    while done < LENGTH {
        bits = bits.and(bits.ahead(next, done));
        next = next.and(next.shr(done));
        done *= 2;
    }
    bits
}

/// Places where a mark stands with others at the distances of addresses: four joints every three bytes behind it, or
/// a point five or four bytes behind. Each comes with the bits of the next block.
#[inline(always)]
pub(crate) fn lattice<W: Bits>((joints, next_joints): (W, W), (points, next_points): (W, W)) -> W {
    let pairs = [3, 6, 9, 12].into_iter().fold(joints, |pairs, by| pairs.and(joints.ahead(next_joints, by)));
    pairs.or(points.and(points.ahead(next_points, 5).or(points.ahead(next_points, 4))))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::block::{GROUP_BYTES, index_of};
    use proptest::prelude::*;

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
        let begins_number = mine.iter().enumerate().any(|(place, byte)| {
            let word = |back: usize| place.checked_sub(back).map(|at| mine[at].is_ascii_alphanumeric());
            let is_inside = word(1) == Some(true) && (word(2) == Some(false) || word(3) == Some(true));
            byte.is_ascii_digit() && !is_inside
        });
        vec![
            (Traits::LONG_RUN, long(block)),
            (Traits::NEAR_RUN, long(block) || long(block + BLOCK_BYTES)),
            (Traits::DASHES, run(block, DASHES, &|byte| *byte == b'-')),
            (Traits::AT, mine.contains(&b'@')),
            (Traits::COLON, mine.contains(&b':')),
            (Traits::JOINT, mine.iter().any(|byte| b"-_".contains(byte))),
            (Traits::DIGIT, near(block, block + BLOCK_BYTES).iter().any(u8::is_ascii_digit)),
            (Traits::NEAR_DIGIT, both.iter().any(u8::is_ascii_digit)),
            (Traits::DIGITS, both.iter().filter(|byte| byte.is_ascii_digit()).count() >= 4 && begins_number),
            (Traits::LINE_END, mine.iter().any(|byte| matches!(byte, b'\n' | 0xfe | 0xff))),
        ]
    }

    proptest! {
        #[test]
        fn blocks_have_what_their_bytes_say_whatever_follows(
            text in "([a-z]{1,40}|[0-9]{1,3}|[-]{1,6}|[:@_]| {1,90}|\n){0,60}",
            rest in "([a-z]{1,40}|[0-9]{1,3}|[-]{1,6}| {1,90}){0,6}",
            cut in 0usize..4000, dropped in 0usize..12, leaf_ended in any::<bool>(),
        ) {
            let mut text = text.into_bytes();
            if leaf_ended {
                text.push(0xff);
            }
            let mut index = index_of(&text, cut);
            let dropped = (dropped * GROUP_BYTES).min(text.len() - text.len() % GROUP_BYTES);
            index.forget(dropped);
            let text = &text[dropped..];
            index.update(text, None);
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
