//! Where in a text something may begin that lanes look for: one pass over the index that the scanner made.
//!
//! What is marked is a superset: a lane looks at the bytes themselves. What is not marked begins nothing, so
//! that prose costs a few instructions a block, and no lane reads it.

use crate::block::{BLOCK_BYTES, GROUP_BYTES, Text};
use crate::octet::{Kernel, Octet};
use crate::simd::{self, Group, LANE_COUNT};
use core::ops::Range;

/// Groups of blocks that an outline covers: what is read at once, and what is undecided before it.
const GROUP_COUNT: usize = 16;
/// Bytes that are read at once.
pub(super) const CHUNK_BYTES: usize = GROUP_COUNT * GROUP_BYTES / 2;
/// Characters of the shortest run: ten bytes and a padding; [`Rows::long`] knows it.
pub(super) const RUN_BYTES_MIN: usize = 14;
/// Bytes in which a group of digits and what joins the next one end, at the most, a line's indentation among it.
const JOINED_BYTES: usize = 44;

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
#[derive(Debug, Default)]
pub(super) struct Outline {
    /// The first group that is covered, and how many are.
    first: usize,
    count: usize,
    marks: [Marked; MARK_COUNT],
}

/// Where one of the marks stands, group by group.
#[derive(Debug, Default)]
struct Marked {
    words: [[u64; LANE_COUNT]; GROUP_COUNT],
    /// Blocks that have one: a bit each.
    blocks: [u8; GROUP_COUNT],
}

/// The kinds of a group's bytes.
#[derive(Clone, Copy)]
struct Kinds<O> {
    word: O,
    /// What may be a character of a chain, and is not what stands between two of them.
    character: O,
    digit: O,
    at: O,
    run: O,
    line_end: O,
}

impl<O: Octet> Kinds<O> {
    #[inline(always)]
    fn of(group: Option<&Group>) -> Self {
        let masks = group.unwrap_or(&Group::NONE).octets::<O>();
        let word = masks.digit.or(masks.letter);
        let character = word.or(masks.at).or(masks.equals);
        // Letters, digits, `+ - / _`, and two that no run has and that are rare.
        let run = masks.token.without(masks.dot.or(masks.comma).or(masks.equals));
        Self { word, character, digit: masks.digit, at: masks.at, run, line_end: masks.line_end }
    }

    /// Those of each block's next one.
    #[inline(always)]
    fn behind(&self, next: &Self) -> Self {
        let Self { word, character, digit, at, run, line_end } = *self;
        Self {
            word: word.behind(next.word),
            character: character.behind(next.character),
            digit: digit.behind(next.digit),
            at: at.behind(next.at),
            run: run.behind(next.run),
            line_end: line_end.behind(next.line_end),
        }
    }

    /// The blocks in which a group of digits begins that may have another one near it, or in the next line.
    #[inline(always)]
    fn groups(&self, next: &Self) -> u8 {
        let none = O::splat(0);
        let here = joined((self.digit, next.digit), (self.line_end, next.line_end));
        // The group may end in the next block.
        let behind = joined((next.digit, none), (next.line_end, none)).and(O::splat(0xff));
        here.or(behind).nonzero() & self.digit.nonzero()
    }
}

/// Where bits in a row begin, in each block and the next one.
#[derive(Clone, Copy)]
struct Rows<O> {
    one: (O, O),
    four: (O, O),
    eight: (O, O),
}

impl<O: Octet> Rows<O> {
    #[inline(always)]
    fn of(bits: O, next: O) -> Self {
        let one = (bits, next);
        let four = Self::and(Self::and(one, 1), 2);
        Self { one, four, eight: Self::and(four, 4) }
    }

    #[inline(always)]
    fn and((bits, next): (O, O), by: usize) -> (O, O) {
        (bits.and(bits.ahead(next, by)), next.and(next.shr(by)))
    }

    #[inline(always)]
    fn at((bits, next): (O, O), by: usize) -> O {
        bits.ahead(next, by)
    }

    /// Where [`RUN_BYTES_MIN`] of them begin.
    #[inline(always)]
    fn long(&self) -> O {
        self.eight.0.and(Self::at(self.eight, RUN_BYTES_MIN - 8))
    }

    /// Where four stand three times, eight twice, or twelve before any, with a zero between them.
    #[inline(always)]
    fn pieces(&self) -> O {
        let (four, eight) = (self.four, self.eight);
        let fours = four.0.without(Self::at(self.one, 4)).and(Self::at(four, 5));
        let fours = fours.without(Self::at(self.one, 9)).and(Self::at(four, 10));
        let eights = eight.0.without(Self::at(self.one, 8)).and(Self::at(eight, 9));
        let twelves = eight.0.and(Self::at(four, 8)).without(Self::at(self.one, 12)).and(Self::at(self.one, 13));
        fours.or(eights).or(twelves)
    }
}

/// Marks a text from a group on.
struct Marking<'a> {
    outline: &'a mut Outline,
    groups: &'a [Group],
    end: usize,
}

impl Kernel for Marking<'_> {
    #[inline(always)]
    fn run<O: Octet>(self) {
        let Self { outline: Outline { first, count, marks }, groups, end } = self;
        let mut here = Kinds::<O>::of(groups.get(*first));
        // What stands before the first group is looked at by the lanes.
        let mut before = (O::splat(0), O::splat(0));
        for place in 0..*count {
            let group = Kinds::of(groups.get(*first + place + 1));
            let next = here.behind(&group);
            let known = (*first + place) * LANE_COUNT;
            let ended = (0..LANE_COUNT)
                .rev()
                .fold(0, |lanes, lane| lanes << 1 | u8::from((known + lane + 1) * BLOCK_BYTES + JOINED_BYTES > end));
            let found = marks_of(&here, &next, (here.word.after(before.0), here.run.after(before.1)), ended);
            for (marked, words) in marks.iter_mut().zip(found) {
                let room = marked.words.get_mut(place).zip(marked.blocks.get_mut(place));
                if let Some((slot, blocks)) = room {
                    (*slot, *blocks) = (words.words(), words.nonzero());
                }
            }
            before = (here.word, here.run);
            here = group;
        }
    }
}

/// The marks of a group, given that of the blocks behind, and what stands before each: words, and characters of runs. What
/// is behind some blocks, a bit each, is not known.
#[inline(always)]
fn marks_of<O: Octet>(here: &Kinds<O>, next: &Kinds<O>, before: (O, O), ended: u8) -> [O; MARK_COUNT] {
    let (one, two) = (here.word.ahead(next.word, 1), here.word.ahead(next.word, 2));
    let (three, four) = (here.word.ahead(next.word, 3), here.word.ahead(next.word, 4));
    let (five, six) = (here.word.ahead(next.word, 5), here.word.ahead(next.word, 6));
    let seven = here.word.ahead(next.word, 7);
    let first = begins(here.word, before.0);
    // An `@` joins nothing, and has no other one beside it.
    let at_behind = here.at.ahead(next.at, 1);
    let apart = here.character.ahead(next.character, 2).without(one.or(three).or(five).or(at_behind));
    let wide = here.character.ahead(next.character, 3).without(one.or(two).or(four).or(five));
    let single = here.character.and(first).and(apart.or(wide));
    let short = here.word.and(first).and(one).without(two);
    let pair = short.and(three).and(four).without(five).and(six).and(seven);
    let at = here.at.without(here.at.shl(1).or(at_behind)).or(short);
    let rows = Rows::of(here.run, next.run);
    let run = rows.long();
    let piece = run.or(rows.pieces()).and(begins(here.run, before.1));
    let group = here.digit.and(first).only(here.groups(next) | ended);
    [single, pair, group, at, run, piece]
}

/// The last digits of groups behind which another one is near, or the end of a line.
#[inline(always)]
fn joined<O: Octet>((digit, next): (O, O), (line_end, next_end): (O, O)) -> O {
    let ends = line_end.ahead(next_end, 1).or(line_end.ahead(next_end, 2)).or(line_end.ahead(next_end, 3));
    let near = digit.ahead(next, 2).or(digit.ahead(next, 3)).or(digit.ahead(next, 4)).or(digit.ahead(next, 5));
    digit.without(digit.ahead(next, 1)).and(ends.or(near))
}

/// The bits behind none, given the words before each.
#[inline(always)]
fn begins<O: Octet>(bits: O, before: O) -> O {
    O::splat(u64::MAX).without(bits.shl(1).or(before.shr(BLOCK_BYTES - 1)))
}

impl Outline {
    /// Marks the text from the group of `from` on up to `end`.
    pub(super) fn mark(&mut self, text: Text<'_>, from: usize, end: usize) {
        self.first = from / GROUP_BYTES;
        self.count = end.div_ceil(GROUP_BYTES).saturating_sub(self.first).min(GROUP_COUNT);
        simd::run(Marking { outline: self, groups: text.groups(), end });
    }

    /// Takes the marks off these bytes.
    pub(super) fn clear(&mut self, bytes: Range<usize>) {
        let first = self.first * LANE_COUNT;
        for block in (bytes.start / BLOCK_BYTES).max(first)..bytes.end.div_ceil(BLOCK_BYTES) {
            let (group, lane) = ((block - first) / LANE_COUNT, (block - first) % LANE_COUNT);
            let start = block * BLOCK_BYTES;
            let before = !(u64::MAX << bytes.start.saturating_sub(start).min(BLOCK_BYTES - 1));
            let behind = u64::MAX.checked_shl(u32::try_from(bytes.end - start).unwrap_or(u32::MAX)).unwrap_or(0);
            for marked in &mut self.marks {
                let word = marked.words.get_mut(group).and_then(|words| words.get_mut(lane));
                let (Some(word), Some(blocks)) = (word, marked.blocks.get_mut(group)) else { continue };
                *word &= before | behind;
                *blocks &= !(u8::from(*word == 0) << lane);
            }
        }
    }

    /// Marked places from `from` on, which is no earlier than what was marked; all, in what is not covered.
    pub(super) fn places(&self, mark: Mark, from: usize, end: usize) -> Places<'_> {
        let marked = self.marks.get(mark as usize).map(|marked| (&marked.words[..], marked.blocks));
        let (words, blocks) = marked.unwrap_or_default();
        let (first, count) = (self.first * LANE_COUNT, self.count * LANE_COUNT);
        let block = from / BLOCK_BYTES;
        let mut places = Places {
            words: words.as_flattened(),
            blocks: u128::from_le_bytes(blocks),
            first,
            count,
            block,
            bits: 0,
            end,
        };
        places.bits = places.row(block) & u64::MAX << (from % BLOCK_BYTES);
        places
    }
}

/// Places in their order.
#[derive(Debug)]
pub(super) struct Places<'o> {
    words: &'o [u64],
    blocks: u128,
    /// The first block that is covered, and how many are.
    first: usize,
    count: usize,
    block: usize,
    /// Marks of the block that were not visited.
    bits: u64,
    end: usize,
}

impl Places<'_> {
    #[inline]
    fn row(&self, block: usize) -> u64 {
        let place = block.wrapping_sub(self.first);
        if place < self.count { self.words.get(place).copied().unwrap_or(0) } else { u64::MAX }
    }

    /// The first block behind the one at hand that has a mark, or is not covered.
    #[inline]
    fn next_block(&self) -> usize {
        let next = self.block + 1;
        let place = next.wrapping_sub(self.first);
        if place >= self.count {
            return next;
        }
        let behind = (self.blocks >> place).trailing_zeros() as usize;
        next + behind.min(self.count - place)
    }
}

impl Iterator for Places<'_> {
    type Item = usize;

    #[inline]
    fn next(&mut self) -> Option<usize> {
        while self.bits == 0 {
            self.block = self.next_block();
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::block::index_of;
    use proptest::prelude::*;

    /// True if something that a lane reads begins there, told from the bytes one by one.
    fn begins(text: &[u8], at: usize, mark: Mark) -> bool {
        let byte = |place: usize| text.get(place).copied().unwrap_or(b' ');
        let word = |place: usize| byte(place).is_ascii_alphanumeric();
        let run = |place: usize| byte(place).is_ascii_alphanumeric() || b"+-/_$~".contains(&byte(place));
        let behind = |is: &dyn Fn(usize) -> bool| at == 0 || !is(at - 1);
        let row = |from: usize, length: usize| (from..from + length).all(|place| place < text.len() && run(place));
        match mark {
            Mark::Single => {
                let character = |place: usize| word(place) || b"@=".contains(&byte(place));
                let apart =
                    !word(at + 1) && byte(at + 1) != b'@' && character(at + 2) && !word(at + 3) && !word(at + 5);
                let others = [1, 2, 4, 5].iter().any(|by| word(at + by));
                behind(&word) && character(at) && (apart || (character(at + 3) && !others))
            }
            Mark::Pairs => {
                let words = [0, 1, 3, 4, 6, 7].iter().all(|by| word(at + by));
                behind(&word) && words && !word(at + 2) && !word(at + 5)
            }
            Mark::Group => unreachable!("it is told of blocks"),
            Mark::At if byte(at) == b'@' => byte(at + 1) != b'@' && behind(&|place| byte(place) == b'@'),
            Mark::At => behind(&word) && word(at) && word(at + 1) && !word(at + 2),
            Mark::Run => row(at, RUN_BYTES_MIN),
            Mark::Piece => {
                let fours = row(at, 4) && !run(at + 4) && row(at + 5, 4) && !run(at + 9) && row(at + 10, 4);
                let eights = row(at, 8) && !run(at + 8) && row(at + 9, 8);
                let twelves = row(at, 12) && !run(at + 12) && row(at + 13, 1);
                behind(&run) && (fours || eights || twelves || row(at, RUN_BYTES_MIN))
            }
        }
    }

    proptest! {
        #[test]
        fn what_lanes_read_is_marked_and_nothing_else(
            pieces in proptest::collection::vec(("[a-zA-Z0-9/+=_-]{0,20}", "[ .,@:\n-]{0,3}"), 0..90), from in 0usize..900,
        ) {
            let text: Vec<u8> = pieces.iter().flat_map(|(run, joint)| [run.as_bytes(), joint.as_bytes()].concat()).collect();
            let from = from.min(text.len());
            let mut outline = Outline::default();
            outline.mark(index_of(&text, from).of(&text), from, text.len());
            for mark in [Mark::Single, Mark::Pairs, Mark::At, Mark::Run, Mark::Piece] {
                let found: Vec<usize> = outline.places(mark, from, text.len()).collect();
                // What stands before the first byte of what is covered, or before an `@` that begins a block, is not known.
                let bytes = if mark == Mark::At { BLOCK_BYTES } else { GROUP_BYTES };
                let is_known = |at: &usize| !at.is_multiple_of(bytes) || *at == 0;
                let expected: Vec<usize> = (from..text.len()).filter(|at| begins(&text, *at, mark)).collect();
                let kept = |places: &[usize]| places.iter().copied().filter(is_known).collect::<Vec<_>>();
                prop_assert_eq!(kept(&found), kept(&expected), "{:?}", mark);
            }
        }

        #[test]
        fn groups_of_digits_near_others_are_marked(
            before in "[a-z ]{0,80}", group in "[0-9]{1,4}", joint in "[ ./-]{1,4}|-?\r?\n *", behind in "[0-9]", rest in "[a-z ]{0,80}",
        ) {
            let text = format!("{before} {group}{joint}{behind}{rest}");
            let at = before.len() + 1;
            let mut outline = Outline::default();
            outline.mark(index_of(text.as_bytes(), 0).of(text.as_bytes()), 0, text.len());
            prop_assert!(outline.places(Mark::Group, 0, text.len()).any(|place| place == at));
        }
    }
}
