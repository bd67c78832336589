//! Where in a text something may begin that lanes look for: one pass over the index that the scanner made.
//!
//! What is marked is a superset: a lane looks at the bytes themselves. What is not marked begins nothing, so
//! that prose costs a few instructions a block, and no lane reads it.

use crate::block::{BLOCK_BYTES, Text};

/// Blocks that an outline covers: what is read at once, and what is undecided before it.
const BLOCK_COUNT: usize = 128;
/// Bytes that are read at once.
pub(super) const CHUNK_BYTES: usize = BLOCK_COUNT * BLOCK_BYTES / 2;
/// Characters of the shortest run: ten bytes and a padding; [`Rows::long`] knows it.
pub(super) const RUN_BYTES_MIN: usize = 14;
/// Bytes in which a group of digits and what joins the next one end, at the most, a line's indentation among it.
const GROUP_BYTES: usize = 44;

/// What something begins with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Mark {
    /// Characters one by one.
    Single,
    /// Three words of two characters.
    Pairs,
    /// A group of digits with another one near it.
    Group,
    /// An `@`, or a word of two letters.
    At,
    /// [`RUN_BYTES_MIN`] characters in a row that base64 may have.
    Run,
    /// Three times four of them, twice eight, or twelve and more before others.
    Piece,
}

const MARK_COUNT: usize = 6;

/// The marks of a text, as far as lanes have not read it.
#[derive(Debug)]
pub(super) struct Outline {
    /// The first block that is covered, and how many are.
    first: usize,
    count: usize,
    marks: [[u64; BLOCK_COUNT]; MARK_COUNT],
}

impl Default for Outline {
    fn default() -> Self {
        Self { first: 0, count: 0, marks: [[0; BLOCK_COUNT]; MARK_COUNT] }
    }
}

/// The kinds of a block's bytes.
#[derive(Clone, Copy, Default)]
struct Kinds {
    word: u64,
    /// What may be a character of a chain, and is not what stands between two of them.
    character: u64,
    digit: u64,
    at: u64,
    run: u64,
    line_end: u64,
}

impl Kinds {
    #[inline]
    fn of(text: Text<'_>, block: usize) -> Self {
        let masks = text.masks(block);
        let word = masks.digit | masks.letter;
        let character = word | masks.at | masks.equals;
        // Letters, digits, `+ - / _`, and two that no run has and that are rare.
        let run = masks.token & !(masks.dot | masks.comma | masks.equals);
        Self { word, character, digit: masks.digit, at: masks.at, run, line_end: masks.line_end }
    }
}

/// The bits `by` places on.
#[inline]
const fn ahead(bits: u64, next: u64, by: usize) -> u64 {
    bits >> by | next << (BLOCK_BYTES - by)
}

/// Where bits in a row begin, in one word and the next.
#[derive(Clone, Copy)]
struct Rows {
    one: (u64, u64),
    four: (u64, u64),
    eight: (u64, u64),
}

impl Rows {
    #[inline]
    const fn of(bits: u64, next: u64) -> Self {
        let one = (bits, next);
        let four = Self::and(Self::and(one, 1), 2);
        Self { one, four, eight: Self::and(four, 4) }
    }

    #[inline]
    const fn and((bits, next): (u64, u64), by: usize) -> (u64, u64) {
        (bits & ahead(bits, next, by), next & next >> by)
    }

    #[inline]
    const fn at((bits, next): (u64, u64), by: usize) -> u64 {
        ahead(bits, next, by)
    }

    /// Where [`RUN_BYTES_MIN`] of them begin.
    #[inline]
    const fn long(&self) -> u64 {
        self.eight.0 & Self::at(self.eight, RUN_BYTES_MIN - 8)
    }

    /// Where four stand three times, eight twice, or twelve before any, with a zero between them.
    #[inline]
    const fn pieces(&self) -> u64 {
        let (four, eight) = (self.four, self.eight);
        let fours = four.0 & !Self::at(self.one, 4) & Self::at(four, 5) & !Self::at(self.one, 9) & Self::at(four, 10);
        let eights = eight.0 & !Self::at(self.one, 8) & Self::at(eight, 9);
        let twelves = eight.0 & Self::at(four, 8) & !Self::at(self.one, 12) & Self::at(self.one, 13);
        fours | eights | twelves
    }
}

impl Outline {
    /// Marks the text from the block of `from` on up to `end`.
    pub(super) fn mark(&mut self, text: Text<'_>, from: usize, end: usize) {
        self.first = from / BLOCK_BYTES;
        self.count = end.div_ceil(BLOCK_BYTES).saturating_sub(self.first).min(BLOCK_COUNT);
        let [singles, pairs, groups, ats, runs, pieces] = &mut self.marks;
        let rows = singles.iter_mut().zip(pairs).zip(groups).zip(ats).zip(runs).zip(pieces).take(self.count);
        let mut here = Kinds::of(text, self.first);
        // What stands before the first block is looked at by the lanes.
        let (mut before, mut run_before) = (0, 0);
        for (place, (((((single, pair), group), at), run), piece)) in rows.enumerate() {
            let block = self.first + place;
            let next = Kinds::of(text, block + 1);
            let word = |by| ahead(here.word, next.word, by);
            let first = !(here.word << 1 | before);
            // An `@` joins nothing, and has no other one beside it.
            let at_behind = ahead(here.at, next.at, 1);
            let apart = !word(1) & !at_behind & ahead(here.character, next.character, 2) & !word(3) & !word(5);
            let wide = ahead(here.character, next.character, 3) & !(word(1) | word(2) | word(4) | word(5));
            *single = first & here.character & (apart | wide);
            let two = first & here.word & word(1) & !word(2);
            *pair = two & word(3) & word(4) & !word(5) & word(6) & word(7);
            *at = here.at & !(here.at << 1 | at_behind) | two;
            let rows = Rows::of(here.run, next.run);
            *run = rows.long();
            *piece = !(here.run << 1 | run_before) & (*run | rows.pieces());
            run_before = here.run >> (BLOCK_BYTES - 1);
            let is_last = (block + 1) * BLOCK_BYTES + GROUP_BYTES > end;
            *group = if here.digit != 0 && (is_last || has_groups(here, next)) { first & here.digit } else { 0 };
            before = here.word >> (BLOCK_BYTES - 1);
            here = next;
        }
    }

    /// Marked places from `from` on, which is no earlier than what was marked; all, in what is not covered.
    pub(super) fn places(&self, mark: Mark, from: usize, end: usize) -> Places<'_> {
        let marks = self.marks.get(mark as usize).and_then(|marks| marks.get(..self.count)).unwrap_or_default();
        let block = from / BLOCK_BYTES;
        let mut places = Places { marks, first: self.first, block, bits: 0, end };
        places.bits = places.row(block) & u64::MAX << (from % BLOCK_BYTES);
        places
    }
}

/// Places in their order.
#[derive(Debug)]
pub(super) struct Places<'o> {
    marks: &'o [u64],
    first: usize,
    block: usize,
    /// Marks of the block that were not visited.
    bits: u64,
    end: usize,
}

impl Places<'_> {
    #[inline]
    fn row(&self, block: usize) -> u64 {
        self.marks.get(block.wrapping_sub(self.first)).copied().unwrap_or(u64::MAX)
    }
}

impl Iterator for Places<'_> {
    type Item = usize;

    #[inline]
    fn next(&mut self) -> Option<usize> {
        while self.bits == 0 {
            self.block += 1;
            if self.block * BLOCK_BYTES >= self.end {
                return None;
            }
            self.bits = self.row(self.block);
        }
        let place = self.block * BLOCK_BYTES + self.bits.trailing_zeros() as usize;
        self.bits &= self.bits - 1;
        (place < self.end).then_some(place)
    }
}

/// True if a group of digits that begins in a block may have another one near it, or in the next line.
#[inline]
fn has_groups(here: Kinds, next: Kinds) -> bool {
    let ends = |by| ahead(here.line_end, next.line_end, by);
    let broken = here.digit & !ahead(here.digit, next.digit, 1) & (ends(1) | ends(2) | ends(3));
    if broken != 0 {
        return true;
    }
    let near = |digit: u64, next: u64| {
        let close = ahead(digit, next, 2) | ahead(digit, next, 3) | ahead(digit, next, 4) | ahead(digit, next, 5);
        digit & !ahead(digit, next, 1) & close
    };
    near(here.digit, next.digit) | near(next.digit, 0) & 0xff != 0
}
