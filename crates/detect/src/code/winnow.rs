//! Winnowing: few hashes that stand for a text, chosen so that equal passages choose equal ones.
//!
//! After S. Schleimer, D. S. Wilkerson and A. Aiken, "Winnowing: Local Algorithms for Document
//! Fingerprinting" (SIGMOD 2003). Every [`GRAM_WORDS`] words in a row make a gram; of every
//! [`WINDOW_GRAMS`] grams in a row the one with the least hash is chosen, the last of equal ones.
//! The choice depends on the window alone, so two texts that share
//! `GRAM_WORDS + WINDOW_GRAMS - 1` words in a row share a chosen gram in them. A gram that says too
//! little to tell whose it is, is never chosen; the guarantee is of those that say enough.

use super::words::{Word, mix};

/// Words of a gram (k).
pub(crate) const GRAM_WORDS: usize = 6;

/// Grams of a window (w).
pub(crate) const WINDOW_GRAMS: usize = 2;

/// Words in a row that are sure to share a gram (t = w + k - 1).
pub(super) const GUARANTEE_WORDS: usize = GRAM_WORDS + WINDOW_GRAMS - 1;

/// Different words of a gram: fewer are a table or a row of one thing.
const DIFFERENT_WORDS_MIN: usize = 3;

/// Bytes of words in a gram that are not in everybody's code.
const TELLING_BYTES_MIN: u32 = 5;

/// Multiplier of the rolling hash: odd, with bits everywhere (the golden ratio's).
const BASE: u64 = 0x9e37_79b9_7f4a_7c15;

/// `BASE` to the power of [`GRAM_WORDS`].
const BASE_POWER: u64 = {
    let (mut power, mut count) = (1u64, 0);
    while count < GRAM_WORDS {
        power = power.wrapping_mul(BASE);
        count += 1;
    }
    power
};

/// A word where it stands.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Placed {
    pub(super) hash: u64,
    pub(super) weight: u8,
    /// Its line: which one, from where to where in the stream.
    pub(super) line: Line,
}

/// A line that gave words.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Line {
    pub(super) number: u64,
    pub(super) start: u64,
    pub(super) end: u64,
}

/// A chosen gram.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Gram {
    pub(super) hash: u64,
    /// How many words were before its first one.
    pub(super) first_word: u64,
    pub(super) first_line: Line,
    pub(super) last_line: Line,
    /// Bytes of its words that tell something.
    pub(super) weight: u32,
}

/// Chooses grams from a row of words.
#[derive(Clone, Debug, Default)]
pub(super) struct Winnow {
    /// The last words, the oldest first.
    words: Ring<Placed, GRAM_WORDS>,
    /// The last grams; none where one says too little.
    grams: Ring<Option<Gram>, WINDOW_GRAMS>,
    rolling: u64,
    count: u64,
    /// The first word of the last gram that was chosen, and one.
    chosen: u64,
}

impl Winnow {
    /// Forgets the words of the row, as at the start of another text.
    pub(super) fn restart(&mut self) {
        let count = self.count;
        *self = Self { count, chosen: count, ..Self::default() };
    }

    /// Words seen since the start of the stream.
    pub(super) const fn count(&self) -> u64 {
        self.count
    }

    /// Where the line of the oldest word begins that a gram to be chosen may have.
    pub(super) fn oldest(&self) -> Option<u64> {
        let gram = self.grams.iter().flatten().next().map(|gram| gram.first_line.start);
        let word = self.words.iter().next().map(|word| word.line.start);
        gram.into_iter().chain(word).min()
    }

    /// Takes the next word; the gram that it makes the chosen one of its window, if it does.
    pub(super) fn push(&mut self, word: Word, line: Line) -> Option<Gram> {
        let placed = Placed { hash: word.hash, weight: word.weight, line };
        self.count += 1;
        let oldest = self.words.push(placed).map_or(0, |word| word.hash);
        self.rolling =
            self.rolling.wrapping_mul(BASE).wrapping_add(word.hash).wrapping_sub(oldest.wrapping_mul(BASE_POWER));
        if !self.words.is_full() {
            return None;
        }
        self.grams.push(self.gram());
        if !self.grams.is_full() {
            return None;
        }
        // The last of equal ones is the least: the comparison is with what comes later.
        let least = self.grams.iter().flatten().rev().min_by_key(|gram| gram.hash).copied()?;
        (least.first_word >= self.chosen).then(|| {
            self.chosen = least.first_word + 1;
            least
        })
    }

    /// The gram of the last words, if it says enough.
    fn gram(&self) -> Option<Gram> {
        let weight = self.words.iter().map(|word| u32::from(word.weight)).sum();
        if weight < TELLING_BYTES_MIN {
            return None;
        }
        let distinct =
            |(place, word): &(usize, &Placed)| self.words.iter().take(*place).all(|earlier| earlier.hash != word.hash);
        let distinct = self.words.iter().enumerate().filter(distinct).count();
        let (first, last) = (self.words.iter().next()?, self.words.iter().next_back()?);
        (distinct >= DIFFERENT_WORDS_MIN).then_some(Gram {
            hash: mix(self.rolling),
            first_word: self.count - GRAM_WORDS as u64,
            first_line: first.line,
            last_line: last.line,
            weight,
        })
    }
}

/// The last `N` of a row.
#[derive(Clone, Debug)]
struct Ring<T, const N: usize> {
    items: [T; N],
    len: usize,
}

impl<T: Copy + Default, const N: usize> Default for Ring<T, N> {
    fn default() -> Self {
        Self { items: [T::default(); N], len: 0 }
    }
}

impl<T: Copy, const N: usize> Ring<T, N> {
    const fn is_full(&self) -> bool {
        self.len == N
    }

    /// Appends one; returns the oldest if it had to leave. `N` is small: they are moved.
    fn push(&mut self, item: T) -> Option<T> {
        let leaving = if self.is_full() { self.items.first().copied() } else { None };
        if leaving.is_some() {
            self.items.copy_within(1.., 0);
        } else {
            self.len += 1;
        }
        if let Some(last) = self.items.get_mut(self.len - 1) {
            *last = item;
        }
        leaving
    }

    fn iter(&self) -> impl DoubleEndedIterator<Item = &T> + ExactSizeIterator {
        self.items.get(..self.len).unwrap_or_default().iter()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::code::words::words;
    use proptest::prelude::*;

    fn chosen(text: &str) -> Vec<u64> {
        let mut winnow = Winnow::default();
        words(text.as_bytes()).filter_map(|word| winnow.push(word, Line::default())).map(|gram| gram.hash).collect()
    }

    fn text(words: &[u8]) -> String {
        words.iter().map(|word| format!("identifier{word} ")).collect()
    }

    proptest! {
        #[test]
        fn texts_that_share_enough_words_share_a_gram(
            shared in proptest::collection::vec(any::<u8>(), GUARANTEE_WORDS..20),
            around in proptest::array::uniform4(proptest::collection::vec(any::<u8>(), 0..12)),
        ) {
            let mut distinct = shared.clone();
            distinct.sort_unstable();
            distinct.dedup();
            prop_assume!(distinct.len() == shared.len());
            let [a, b, c, d] = around;
            let one = chosen(&text(&[a, shared.clone(), b].concat()));
            let other = chosen(&text(&[c, shared, d].concat()));
            prop_assert!(one.iter().any(|hash| other.contains(hash)));
        }
    }

    #[test]
    fn phrases_of_a_language_are_no_grams() {
        assert_eq!(chosen("for i in range len self value return self value for i in range"), []);
        assert_eq!(chosen(&"frobnicate ".repeat(40)), []);
    }
}
