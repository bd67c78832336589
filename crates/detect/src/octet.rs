//! Words of the masks of eight blocks, computed with at once: plainly here, in registers by [`simd`](crate::simd).

use crate::simd::{BLOCK_BYTES, LANE_COUNT};

/// A word of bits, or eight of them.
pub(crate) trait Bits: Copy {
    fn splat(word: u64) -> Self;
    fn and(self, other: Self) -> Self;
    fn or(self, other: Self) -> Self;

    /// The bits that the other has not.
    fn without(self, other: Self) -> Self;

    fn shl(self, by: usize) -> Self;
    fn shr(self, by: usize) -> Self;

    /// The bits `by` places on, of which `next` are those behind; neither none nor all.
    #[inline(always)]
    fn ahead(self, next: Self, by: usize) -> Self {
        self.shr(by).or(next.shl(BLOCK_BYTES - by))
    }
}

/// The words of the lanes of a group.
pub(crate) trait Octet: Bits {
    fn of(words: &[u64; LANE_COUNT]) -> Self;

    fn words(self) -> [u64; LANE_COUNT];

    /// How many ones each has.
    fn ones(self) -> Self;

    fn plus(self, other: Self) -> Self;

    /// Each lane's next one, the last one's is the first of `next`.
    fn behind(self, next: Self) -> Self;

    /// Each lane's one before, the first one's is the last of `before`.
    fn after(self, before: Self) -> Self;

    /// The words of these lanes, a bit each; zero in all others.
    #[inline(always)]
    fn only(self, lanes: u8) -> Self {
        let mut words = self.words();
        words.iter_mut().enumerate().for_each(|(lane, word)| *word &= u64::from(lanes >> lane & 1).wrapping_neg());
        Self::of(&words)
    }

    /// The lanes that are not zero: a bit each.
    fn nonzero(self) -> u8;

    /// The lanes that are no less, of counts.
    fn at_least(self, least: u64) -> u8;
}

/// What is done with words of all lanes at once.
pub(crate) trait Kernel {
    /// Always inlined, so that it becomes what the processor has.
    fn run<O: Octet>(self);
}

impl Bits for u64 {
    #[inline(always)]
    fn splat(word: u64) -> Self {
        word
    }

    #[inline(always)]
    fn and(self, other: Self) -> Self {
        self & other
    }

    #[inline(always)]
    fn or(self, other: Self) -> Self {
        self | other
    }

    #[inline(always)]
    fn without(self, other: Self) -> Self {
        self & !other
    }

    #[inline(always)]
    fn shl(self, by: usize) -> Self {
        self << by
    }

    #[inline(always)]
    fn shr(self, by: usize) -> Self {
        self >> by
    }
}

/// Puts together what `word` makes of each lane of two.
#[inline(always)]
fn both(one: [u64; LANE_COUNT], other: [u64; LANE_COUNT], word: impl Fn(u64, u64) -> u64) -> [u64; LANE_COUNT] {
    let mut words = one;
    words.iter_mut().zip(other).for_each(|(one, other)| *one = word(*one, other));
    words
}

impl Bits for [u64; LANE_COUNT] {
    #[inline(always)]
    fn splat(word: u64) -> Self {
        [word; LANE_COUNT]
    }

    #[inline(always)]
    fn and(self, other: Self) -> Self {
        both(self, other, |one, other| one & other)
    }

    #[inline(always)]
    fn or(self, other: Self) -> Self {
        both(self, other, |one, other| one | other)
    }

    #[inline(always)]
    fn without(self, other: Self) -> Self {
        both(self, other, |one, other| one & !other)
    }

    #[inline(always)]
    fn shl(self, by: usize) -> Self {
        self.map(|word| word << by)
    }

    #[inline(always)]
    fn shr(self, by: usize) -> Self {
        self.map(|word| word >> by)
    }
}

impl Octet for [u64; LANE_COUNT] {
    #[inline(always)]
    fn of(words: &[u64; LANE_COUNT]) -> Self {
        *words
    }

    #[inline(always)]
    fn words(self) -> [u64; LANE_COUNT] {
        self
    }

    #[inline(always)]
    fn ones(self) -> Self {
        self.map(|word| u64::from(word.count_ones()))
    }

    #[inline(always)]
    fn plus(self, other: Self) -> Self {
        both(self, other, u64::wrapping_add)
    }

    #[inline(always)]
    fn behind(self, next: Self) -> Self {
        let [_, a, b, c, d, e, f, g] = self;
        [a, b, c, d, e, f, g, next[0]]
    }

    #[inline(always)]
    fn after(self, before: Self) -> Self {
        let [a, b, c, d, e, f, g, _] = self;
        [before[LANE_COUNT - 1], a, b, c, d, e, f, g]
    }

    #[inline(always)]
    fn nonzero(self) -> u8 {
        self.at_least(1)
    }

    #[inline(always)]
    fn at_least(self, least: u64) -> u8 {
        self.into_iter().rev().fold(0, |lanes, word| lanes << 1 | u8::from(word >= least))
    }
}
