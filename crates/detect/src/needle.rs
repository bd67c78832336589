//! Needles: literals that some searches begin with, all found in one pass over the text.
//!
//! The search is packed (Teddy): each of the first five bytes of a needle selects some of a few buckets,
//! for 64 places at once ([`simd::candidates`]); what a bucket has is then compared, where a hash of the first four
//! bytes says that it may be there. Each search asks for the needles of its own [`Family`], in the order of their places.

pub(crate) mod partition;

use crate::block::{BLOCK_BYTES, Text};
use crate::simd::{self, BUCKET_COUNT, Candidate, HEAD_BYTES, Table};
use crate::traits::Traits;
use core::ops::Range;

/// How many searches there are, each in the blocks that have what its needles stand near.
pub(crate) const SEARCH_COUNT: usize = 3;

/// Needles that one trigger asks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Family(usize);

impl Family {
    pub(crate) const CUE: Self = Self(0);
    pub(crate) const MARKING: Self = Self(1);
    pub(crate) const PASSWORD: Self = Self(2);
    pub(crate) const AWS: Self = Self(3);
    pub(crate) const PREFIX: Self = Self(4);

    /// Of the words of commands, by search.
    pub(crate) const fn command(search: usize) -> Self {
        Self(Self::PREFIX.0 + 1 + search)
    }

    const COUNT: usize = Self::command(crate::trigger::command::SEARCH_COUNT).0;
}

/// Bytes of a needle that are compared at once.
const WORD_BYTES: usize = size_of::<u64>();

/// Needles and candidates that a list keeps room for from one text to the next.
const SPARE_COUNT_MAX: usize = 256;

/// Blocks between two rounds of comparisons: a round's candidates stay in the first cache.
const ROUND_BLOCKS: usize = 32;

#[derive(Debug)]
struct Needle {
    bytes: Box<[u8]>,
    family: Family,
    /// Its number in its family.
    number: u16,
    /// Its first bytes, and which of them count.
    word: u64,
    mask: u64,
}

/// The compiled search for the needles of some families.
#[derive(Debug)]
pub(crate) struct Needles {
    tables: Vec<Table>,
    heads: Heads,
    /// In the order of their buckets.
    needles: Vec<Needle>,
    /// Where each bucket begins, and where the last one ends.
    buckets: Vec<usize>,
    families: Vec<Family>,
    bytes_max: usize,
    /// Blocks without one of these are passed over.
    wanted: Traits,
}

impl Needles {
    /// Prepares the search for needles that begin in blocks with one of these traits; of each family the needles are
    /// numbered in their order. `None` if there are none.
    pub(crate) fn new<'n>(wanted: Traits, families: impl Iterator<Item = (Family, Vec<&'n [u8]>)>) -> Option<Self> {
        let mut known = Vec::new();
        let numbered = |(family, needles): (Family, Vec<&'n [u8]>)| {
            known.push(family);
            needles.into_iter().enumerate().map(move |(number, bytes)| Needle::new(bytes, family, number))
        };
        let mut needles: Vec<Needle> = families.flat_map(numbered).collect();
        if needles.is_empty() {
            return None;
        }
        // Those with a common beginning share a bucket, which selects the better for it.
        needles.sort_by(|a, b| {
            let [a, b] =
                [a, b].map(|needle| (needle.bytes.len().min(Heads::HASHED_BYTES), needle.head(), &needle.bytes));
            a.cmp(&b)
        });
        let heads: Vec<Vec<u8>> = needles.iter().map(Needle::head).collect();
        let buckets = partition::buckets(&heads, simd::TABLES_MAX);
        let bucket_count = buckets.len() - 1;
        let mut tables = vec![Table::default(); bucket_count / BUCKET_COUNT];
        let mut hashed = Heads::default();
        for (bucket, range) in buckets.windows(2).enumerate() {
            let &[from, to] = range else { continue };
            let Some(table) = tables.get_mut(bucket / BUCKET_COUNT) else { continue };
            for needle in needles.get(from..to).unwrap_or_default() {
                table.add(&needle.head(), bucket % BUCKET_COUNT);
                hashed.add(&needle.head(), bucket);
            }
        }
        let bytes_max = needles.iter().map(|needle| needle.bytes.len()).max().unwrap_or(0);
        Some(Self { tables, heads: hashed, needles, buckets, families: known, bytes_max, wanted })
    }

    /// Finds what begins from `from` on; returns where the next search begins, of the same text grown.
    fn search(&self, text: Text<'_>, from: usize, found: &mut Lists, candidates: &mut Vec<Candidate>) -> usize {
        text.stretches(from, self.wanted, |stretch| {
            self.search_range(text.bytes(), from.max(stretch.start)..stretch.end, found, candidates);
        });
        from.max((text.len() + 1).saturating_sub(self.bytes_max))
    }

    fn search_range(&self, text: &[u8], range: Range<usize>, found: &mut Lists, candidates: &mut Vec<Candidate>) {
        let mut place = range.start;
        while place < range.end {
            let rest = text.get(place..).unwrap_or_default();
            let whole = rest.len().saturating_sub(HEAD_BYTES - 1) / BLOCK_BYTES;
            let blocks = whole.min((range.end - place).div_ceil(BLOCK_BYTES)).min(ROUND_BLOCKS);
            candidates.clear();
            if blocks > 0 {
                simd::candidates(rest, blocks, &self.tables, candidates);
            } else {
                let mut padded = [0; simd::WINDOW_BYTES];
                padded.iter_mut().zip(rest).for_each(|(place, byte)| *place = *byte);
                simd::candidates(&padded, 1, &self.tables, candidates);
            }
            for candidate in candidates.iter() {
                let at = place + usize::from(candidate.place);
                if at < range.end {
                    self.compare(text, at, candidate, found);
                }
            }
            place += blocks.max(1) * BLOCK_BYTES;
        }
    }

    /// Notes which needles of the candidate's buckets stand at `place`.
    #[inline]
    fn compare(&self, text: &[u8], place: usize, candidate: &Candidate, found: &mut Lists) {
        let rest = text.get(place..).unwrap_or_default();
        let word = match rest.first_chunk() {
            Some(word) => u64::from_le_bytes(*word),
            None => word_of(rest),
        };
        if !self.heads.may_have(word, candidate) {
            return;
        }
        let mut bits = candidate.buckets;
        while bits != 0 {
            let bucket = usize::from(candidate.table) * BUCKET_COUNT + bits.trailing_zeros() as usize;
            bits &= bits - 1;
            let Some(&[from, to]) = self.buckets.get(bucket..bucket + 2) else { continue };
            for needle in self.needles.get(from..to).unwrap_or_default() {
                if word & needle.mask == needle.word && rest.starts_with(&needle.bytes) {
                    found.push(needle.family, place, needle.number);
                }
            }
        }
    }
}

impl Needle {
    fn new(bytes: &[u8], family: Family, number: usize) -> Self {
        let length = bytes.len().min(WORD_BYTES);
        let mask = u64::MAX >> (8 * (WORD_BYTES - length));
        let number = u16::try_from(number).unwrap_or(u16::MAX);
        Self { bytes: bytes.into(), family, number, word: word_of(bytes) & mask, mask }
    }

    /// What selects it.
    fn head(&self) -> Vec<u8> {
        self.bytes.iter().take(HEAD_BYTES).map(|byte| simd::fold(*byte)).collect()
    }
}

/// How heads begin: a bit for each, at a place that a hash gives. Most candidates begin otherwise.
#[derive(Debug)]
struct Heads {
    bits: [u64; Self::WORD_COUNT],
    /// The buckets of each table that have a needle of fewer bytes.
    short: [u8; simd::TABLES_MAX],
}

impl Heads {
    /// Bytes that are hashed.
    const HASHED_BYTES: usize = size_of::<u32>();
    /// Some sixteen bits for each needle of the largest search.
    const WORD_COUNT: usize = 1 << 7;
    /// An odd number of many bits, the fraction of the golden ratio.
    const FACTOR: u32 = 0x9e37_79b1;

    fn add(&mut self, head: &[u8], bucket: usize) {
        let Some(head) = head.first_chunk().copied() else {
            let short = self.short.iter_mut().skip(bucket / BUCKET_COUNT);
            return short.take(1).for_each(|buckets| *buckets |= 1 << (bucket % BUCKET_COUNT));
        };
        let (place, bit) = Self::place(u32::from_le_bytes(head));
        self.bits.iter_mut().skip(place).take(1).for_each(|word| *word |= bit);
    }

    /// Where the bit of a head is, whose letters may be capitals.
    #[inline]
    const fn place(head: u32) -> (usize, u64) {
        let hash = (head | u32::from_le_bytes([simd::CASE; Self::HASHED_BYTES])).wrapping_mul(Self::FACTOR);
        let shift = u32::BITS - Self::WORD_COUNT.trailing_zeros();
        (hash as usize >> shift, 1 << (hash >> (shift - 6) & 63))
    }

    /// False if no needle of the candidate's buckets stands where these bytes do.
    #[inline]
    #[expect(clippy::cast_possible_truncation, reason = "these are the first four bytes")]
    fn may_have(&self, word: u64, candidate: &Candidate) -> bool {
        let (place, bit) = Self::place(word as u32);
        let is_head = self.bits.get(place).is_some_and(|bits| bits & bit != 0);
        let short = self.short.get(usize::from(candidate.table)).copied().unwrap_or(u8::MAX);
        is_head || short & candidate.buckets != 0
    }
}

impl Default for Heads {
    fn default() -> Self {
        Self { bits: [0; Self::WORD_COUNT], short: [0; simd::TABLES_MAX] }
    }
}

/// The first bytes, and zeros behind them if they are too few.
fn word_of(bytes: &[u8]) -> u64 {
    let mut word = [0; WORD_BYTES];
    word.iter_mut().zip(bytes).for_each(|(place, byte)| *place = *byte);
    u64::from_le_bytes(word)
}

/// A needle in a text: its place and its number in its family.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Standing {
    place: usize,
    number: u16,
}

/// Needles that follow each other.
#[derive(Clone, Debug, Default)]
pub(crate) struct Standings<'a>(&'a [Standing]);

impl Standings<'_> {
    /// Passes over those before `from`, and gives the next one: its place and its number.
    #[inline]
    pub(crate) fn next_from(&mut self, from: usize) -> Option<(usize, usize)> {
        loop {
            let (standing, rest) = self.0.split_first()?;
            self.0 = rest;
            if standing.place >= from {
                return Some((standing.place, usize::from(standing.number)));
            }
        }
    }
}

/// What was found, by family, in order.
#[derive(Debug, Default)]
struct Lists([Vec<Standing>; Family::COUNT]);

impl Lists {
    fn push(&mut self, family: Family, place: usize, number: u16) {
        let Some(list) = self.0.get_mut(family.0) else { return };
        let standing = Standing { place, number };
        // Needles of one place come in the order of their buckets.
        let behind = list.iter().rev().take_while(|other| **other > standing).count();
        list.insert(list.len() - behind, standing);
    }
}

/// The needles of a text that grows at its end and is cut at its front.
#[derive(Debug, Default)]
pub(crate) struct Found {
    lists: Lists,
    /// Where the next of each search begins.
    searched: [usize; SEARCH_COUNT],
    candidates: Vec<Candidate>,
}

impl Found {
    /// Forgets the text; memory is kept, but for what a text full of needles took.
    pub(crate) fn clear(&mut self) {
        for list in &mut self.lists.0 {
            list.clear();
            list.shrink_to(SPARE_COUNT_MAX);
        }
        self.candidates.clear();
        self.candidates.shrink_to(SPARE_COUNT_MAX);
        self.searched = [0; SEARCH_COUNT];
    }

    /// Searches what was appended to the text since the last time.
    pub(crate) fn update(&mut self, searches: &[Option<Needles>; SEARCH_COUNT], text: Text<'_>) {
        // So that no later text needs more, unless it is full of needles.
        self.candidates.clear();
        self.candidates.reserve(SPARE_COUNT_MAX);
        for (needles, searched) in searches.iter().zip(&mut self.searched) {
            let Some(needles) = needles else { continue };
            for family in &needles.families {
                if let Some(list) = self.lists.0.get_mut(family.0) {
                    list.truncate(list.partition_point(|standing| standing.place < *searched));
                }
            }
            *searched = needles.search(text, *searched, &mut self.lists, &mut self.candidates);
        }
    }

    /// The first `bytes` of the text are dropped.
    pub(crate) fn forget(&mut self, bytes: usize) {
        for list in &mut self.lists.0 {
            list.drain(..list.partition_point(|standing| standing.place < bytes));
            list.iter_mut().for_each(|standing| standing.place -= bytes);
        }
        self.searched.iter_mut().for_each(|searched| *searched = searched.saturating_sub(bytes));
    }

    /// The needles of a family at or behind `from`: at each place the first of them, with its number.
    #[inline]
    pub(crate) fn from(&self, family: Family, from: usize) -> Standings<'_> {
        let list = self.lists.0.get(family.0).map(Vec::as_slice).unwrap_or_default();
        Standings(list.get(list.partition_point(|standing| standing.place < from)..).unwrap_or_default())
    }

    /// Entries that its buffers have room for.
    #[cfg(test)]
    pub(crate) fn capacity(&self) -> usize {
        self.lists.0.iter().map(Vec::capacity).sum::<usize>() + self.candidates.capacity()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::block::Index;
    use proptest::prelude::*;

    const WORDS: [&[u8]; 9] =
        [b"ab", b"abc", b"abcd", b"abcdabcdabcd", b"bcda", b"dcba", b"cab-", b"\xc3\xa9 le", b"Q~"];

    fn needles() -> Needles {
        let families = [(Family::CUE, WORDS[..5].to_vec()), (Family::PREFIX, WORDS[5..].to_vec())];
        Needles::new(Traits::ANY, families.into_iter()).unwrap()
    }

    fn all(found: &Found, family: Family) -> Vec<(usize, usize)> {
        let (mut from, mut all, mut standings) = (0, Vec::new(), found.from(family, 0));
        while let Some((place, number)) = standings.next_from(from) {
            all.push((place, number));
            from = place + 1;
        }
        all
    }

    /// At each place the first needle that stands there.
    fn oracle(text: &[u8], words: &[&[u8]]) -> Vec<(usize, usize)> {
        let first = |place: usize| words.iter().position(|word| text[place..].starts_with(word));
        (0..text.len()).filter_map(|place| Some((place, first(place)?))).collect()
    }

    #[test]
    fn a_text_full_of_needles_does_not_keep_its_memory() {
        let (needles, text) = ([Some(needles()), None, None], b"abcd".repeat(4 * SPARE_COUNT_MAX));
        let (mut index, mut found) = (Index::default(), Found::default());
        index.update(&text, None);
        found.update(&needles, index.of(&text));
        assert!(found.capacity() > 3 * SPARE_COUNT_MAX);
        found.clear();
        assert!(found.capacity() <= 3 * SPARE_COUNT_MAX, "{}", found.capacity());
    }

    proptest! {
        #[test]
        fn every_needle_is_found_whatever_the_splits(
            text in "([abcd]{1,9}|é le|cab-|Q~| {1,40}){0,40}",
            cuts in prop::collection::vec(0usize..300, 0..4),
        ) {
            let (needles, text) = ([Some(needles()), None, None], text.as_bytes());
            let (mut index, mut found) = (Index::default(), Found::default());
            let mut cuts: Vec<_> = cuts.into_iter().map(|cut| cut.min(text.len())).chain([text.len()]).collect();
            cuts.sort_unstable();
            for cut in cuts {
                let text = &text[..cut];
                index.update(text, None);
                found.update(&needles, index.of(text));
                prop_assert_eq!(all(&found, Family::CUE), oracle(text, &WORDS[..5]));
                prop_assert_eq!(all(&found, Family::PREFIX), oracle(text, &WORDS[5..]));
            }
            let mut rest = all(&found, Family::CUE);
            found.forget(64.min(text.len()));
            rest.retain(|(place, _)| *place >= 64);
            prop_assert_eq!(all(&found, Family::CUE), rest.iter().map(|(place, number)| (place - 64, *number)).collect::<Vec<_>>());
        }
    }
}
