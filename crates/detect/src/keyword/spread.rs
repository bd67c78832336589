//! Terms of several words between which something else stands than a space: the end of a line, quoted or indented or not,
//! more spaces, a tab, or one `-` or `_`, as programs write names.
//!
//! Few words are beside each other so in a text, and few of those in a term, which a filter of pairs of words tells; only
//! there the text is written with one space for each gap, and looked up.

use super::{Entry, HEAD_BYTES, Heads, Term, heads_of, place, small, word_of};
use crate::block::{BLOCK_BYTES, Either, LineEnd, One, Unnamed};
use crate::text::alphanumeric;
use crate::window::Window;

/// Bytes that all gaps of a term may have besides the first of each.
pub(crate) const SPREAD_BYTES_MAX: usize = 64;

/// Bits of the filter a pair.
const FILTER_BITS_PER_PAIR: usize = 16;

/// The terms that have spaces, with one for each gap.
#[derive(Debug)]
pub(super) struct Spread {
    heads: [Option<Heads>; HEAD_BYTES.len()],
    /// In small letters, sorted.
    sorted: Vec<Box<[u8]>>,
    /// One bit for each hash of two words that stand beside each other in a term.
    pairs: Vec<u64>,
    /// Words of the term that has most of them, and bytes of the longest.
    words_max: usize,
    bytes_max: usize,
}

/// Room in which text is written with one space for each gap, and where each of its bytes ends.
#[derive(Debug, Default)]
pub(super) struct Squeezed {
    bytes: Vec<u8>,
    ends: Vec<usize>,
}

impl Squeezed {
    /// Entries that its buffers have room for.
    #[cfg(test)]
    pub(super) fn capacity(&self) -> usize {
        self.bytes.capacity() + self.ends.capacity()
    }
}

impl Spread {
    /// `None` if no term is of several words.
    pub(super) fn new<'t>(terms: impl Iterator<Item = (Term, &'t [u8])>) -> Option<Self> {
        let squeezed: Vec<(Term, Vec<u8>)> =
            terms.filter(|(_, text)| is_of_words(text)).map(|(term, text)| (term, squeezed_term(text))).collect();
        if squeezed.is_empty() {
            return None;
        }
        let mut sorted: Vec<Box<[u8]>> = squeezed.iter().map(|(_, text)| text.as_slice().into()).collect();
        sorted.sort_unstable();
        sorted.dedup();
        let words = |text: &[u8]| text.split(|byte| !alphanumeric(*byte)).filter(|word| !word.is_empty()).count();
        let words_max = sorted.iter().map(|text| words(text)).max().unwrap_or(0);
        let bytes_max = sorted.iter().map(|text| text.len()).max().unwrap_or(0);
        let heads = heads_of(squeezed.iter().map(|(term, text)| (*term, text.as_slice())));
        let gaps = || {
            sorted.iter().flat_map(|text| {
                text.iter().enumerate().filter(|(_, byte)| **byte == b' ').map(move |(at, _)| (text, at))
            })
        };
        let bits = (gaps().count() * FILTER_BITS_PER_PAIR).next_power_of_two().max(BLOCK_BYTES);
        let mut pairs = vec![0; bits / BLOCK_BYTES];
        for (text, at) in gaps() {
            let bit = place(pair(text, at, at + 1), bits);
            pairs.iter_mut().skip(bit / BLOCK_BYTES).take(1).for_each(|word| *word |= 1 << (bit % BLOCK_BYTES));
        }
        Some(Self { heads, sorted, pairs, words_max, bytes_max })
    }

    /// Looks at the gaps of a block, whose letters and digits are `words`, but for single spaces; `blanks_before` are those
    /// of the block before, and afterwards its own.
    #[inline]
    pub(super) fn scan_block(
        &self,
        window: &Window<'_>,
        (block, words): (usize, u64),
        blanks_before: &mut u64,
        mut visit: impl FnMut(usize, usize),
    ) {
        let text = window.indexed();
        let lines = text.bits(block, LineEnd);
        let joints = text.bits(block, One(b'-')) | text.bits(block, One(b'_'));
        // What stands beside the block may be a word.
        let between = (words << 1 | 1) & (words >> 1 | 1 << (BLOCK_BYTES - 1));
        // Two blanks or a tab before a word.
        let blanks = text.bits(block, Either(b' ', b'\t'));
        let tabs = blanks & text.bits(block, Unnamed);
        let wide = (blanks << 1 | *blanks_before >> (BLOCK_BYTES - 1))
            & (blanks << 2 | tabs << 1 | *blanks_before >> (BLOCK_BYTES - 2) | *blanks_before >> (BLOCK_BYTES - 1));
        *blanks_before = blanks;
        let mut places = lines & !(lines << 1) | joints & between | words & wide;
        while places != 0 {
            let place = block + places.trailing_zeros() as usize;
            places &= places - 1;
            if let Some((gap, at)) =
                gap_around(window.text(), place).filter(|(gap, at)| self.has_pair(window.text(), *gap, *at))
            {
                visit(gap, at);
            }
        }
    }

    /// Reports start, end and term of each that begins in `from..hold` and goes on over the gap from `gap` to `at`; `from`
    /// is not before the gap that was looked at last, since what begins before that was found there.
    #[inline(never)]
    pub(super) fn check(
        &self,
        window: &Window<'_>,
        (gap, at): (usize, usize),
        (from, hold): (usize, usize),
        squeezed: &mut Squeezed,
        mut found: impl FnMut(usize, usize, &Term),
    ) {
        let text = window.text();
        let floor = from.max(gap.saturating_sub(self.bytes_max + SPREAD_BYTES_MAX));
        let begins = |start: &usize| is_word(text, *start) && !start.checked_sub(1).is_some_and(|at| is_word(text, at));
        for start in (floor..gap).rev().filter(begins).take(self.words_max).filter(|start| *start < hold) {
            squeeze(text.get(start..).unwrap_or_default(), self.bytes_max, squeezed);
            for entry in self.entries(&squeezed.bytes) {
                let last = entry.text.len().checked_sub(1).and_then(|last| squeezed.ends.get(last));
                if let Some(end) = last.map(|end| start + end).filter(|end| *end > at) {
                    entry.terms.iter().for_each(|term| found(start, end, term));
                }
            }
        }
    }

    /// The entries that a text begins with.
    fn entries<'s>(&'s self, text: &'s [u8]) -> impl Iterator<Item = &'s Entry> {
        let word = small(word_of(text));
        self.heads.iter().flatten().flat_map(move |heads| {
            let parent = |entry: &&'s Entry| entry.parent.and_then(|parent| heads.entries.get(parent));
            core::iter::successors(heads.longest(word, text), parent).filter(|entry| entry.begins(text))
        })
    }

    /// False if no term has these two words beside each other.
    fn has_pair(&self, text: &[u8], end: usize, start: usize) -> bool {
        let bit = place(pair(text, end, start), self.pairs.len() * BLOCK_BYTES);
        self.pairs.get(bit / BLOCK_BYTES).is_some_and(|bits| bits >> (bit % BLOCK_BYTES) & 1 == 1)
    }

    /// The place before which the text from `from` on may be the beginning of a term to its end that has a gap which is
    /// no single space; all others are looked up as they stand.
    pub(super) fn tail(&self, text: &[u8], from: usize) -> usize {
        let ends_word = |at: &usize| is_word(text, at - 1) && text.get(*at).is_some_and(|byte| in_gap(*byte));
        let may_be_odd = |gap: &usize| {
            let bytes = gap_at(text, *gap).unwrap_or(0);
            let next = gap + bytes;
            let is_usual = bytes == 1 && text.get(*gap) == Some(&b' ') && next < text.len();
            // A word that has not two bytes yet may become any.
            !is_usual && bytes > 0 && (next + 2 > text.len() || self.has_pair(text, *gap, next))
        };
        (from.max(1)..text.len()).rev().filter(ends_word).find(may_be_odd).unwrap_or(0)
    }

    /// True if the text, which has such a gap, may be the beginning of a term.
    pub(super) fn may_go_on(&self, text: &[u8], squeezed: &mut Squeezed) -> bool {
        if !squeeze(text, self.bytes_max, squeezed) {
            return false;
        }
        let text = squeezed.bytes.as_slice();
        let place = self.sorted.partition_point(|term| term.as_ref() < text);
        self.sorted.get(place).is_some_and(|term| term.starts_with(text))
    }
}

/// True for a term that begins with a word and has white space, always between two of them.
pub(super) fn is_of_words(term: &[u8]) -> bool {
    let mut has_white = false;
    is_word(term, 0)
        && (1..=term.len()).filter(|at| term.get(*at).is_none_or(|byte| !in_gap(*byte))).all(|end| {
            let bytes = term.get(..end).unwrap_or_default().iter().rev().take_while(|byte| in_gap(**byte)).count();
            let gap = end - bytes;
            has_white |= term.get(gap..end).unwrap_or_default().iter().any(u8::is_ascii_whitespace);
            bytes == 0 || gap_at(term, gap) == Some(bytes) && is_word(term, gap - 1) && is_word(term, end)
        })
        && has_white
}

/// A term with one space for all white space between two words.
pub(super) fn with_one_space_each(term: &[u8]) -> Vec<u8> {
    let white = |byte: &u8| byte.is_ascii_whitespace();
    term.split(white).filter(|word| !word.is_empty()).collect::<Vec<_>>().join(&b' ')
}

/// White space, what quotes lines, and what joins words.
const fn in_gap(byte: u8) -> bool {
    matches!(byte, b'\t'..=b'\r' | b' ' | b'-' | b'_' | b'>')
}

fn is_word(text: &[u8], at: usize) -> bool {
    text.get(at).is_some_and(|byte| alphanumeric(*byte))
}

/// The bytes of the gap at `at`: white space, in which a line that begins may be quoted, or one mark that joins words.
fn gap_at(text: &[u8], at: usize) -> Option<usize> {
    let rest = text.get(at..).unwrap_or_default();
    if let [b'-' | b'_', behind @ ..] = rest {
        return behind.first().is_none_or(|byte| !in_gap(*byte)).then_some(1);
    }
    let mut lines = 0;
    let in_white = |byte: &&u8| {
        lines += usize::from(**byte == b'\n');
        byte.is_ascii_whitespace() || lines > 0 && **byte == b'>'
    };
    // One more than there may be is enough to tell; behind an empty line something else begins.
    let bytes = rest.iter().take(SPREAD_BYTES_MAX + 2).take_while(in_white).count();
    (bytes > 0 && lines <= 1).then_some(bytes)
}

/// The gap between two words that a place stands in, or right behind; where it begins and where it ends.
fn gap_around(text: &[u8], place: usize) -> Option<(usize, usize)> {
    let head = text.get(place.saturating_sub(SPREAD_BYTES_MAX + 1)..place)?;
    let gap = place - head.iter().rev().take_while(|byte| in_gap(**byte)).count();
    let at = gap + gap_at(text, gap)?;
    (is_word(text, gap.checked_sub(1)?) && is_word(text, at)).then_some((gap, at))
}

/// Two words beside each other: the last two bytes of the one that ends at `end`, and the first two of the one that begins
/// at `start`, as far as it has so many.
fn pair(text: &[u8], end: usize, start: usize) -> u64 {
    let byte = |at: Option<usize>| at.and_then(|at| text.get(at)).copied().filter(|byte| alphanumeric(*byte));
    let bytes = [byte(end.checked_sub(2)), byte(end.checked_sub(1)), byte(Some(start)), byte(Some(start + 1))];
    let [a, b, c, d] = bytes.map(|byte| byte.unwrap_or_default().to_ascii_lowercase());
    u64::from(u32::from_le_bytes([a, b, c, d]))
}

/// A term in small letters with a space for each gap.
fn squeezed_term(term: &[u8]) -> Vec<u8> {
    let mut squeezed = Squeezed::default();
    squeeze(term, term.len(), &mut squeezed);
    squeezed.bytes
}

/// Writes the beginning of a text, in small letters with a space for each gap; false if it did not come to its end.
fn squeeze(text: &[u8], bytes_max: usize, out: &mut Squeezed) -> bool {
    out.bytes.clear();
    out.ends.clear();
    let (mut at, mut spread) = (0, 0);
    while let Some(byte) = text.get(at) {
        if out.bytes.len() == bytes_max {
            return false;
        }
        let gap = if in_gap(*byte) { gap_at(text, at) } else { None };
        let bytes = gap.unwrap_or(1);
        spread += bytes - 1;
        if spread > SPREAD_BYTES_MAX {
            return false;
        }
        at += bytes;
        out.bytes.push(if gap.is_some() { b' ' } else { byte.to_ascii_lowercase() });
        out.ends.push(at);
    }
    true
}
