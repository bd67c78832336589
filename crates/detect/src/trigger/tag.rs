//! Prefixes that end their first word with `-` or `_`: `sk-`, `ghp_`, `xoxb-`.
//!
//! There are many of them, and one search serves all: each `-` and `_` is looked at together with
//! the two bytes before it. The cost does not grow with the number of rules.

use super::{Progress, Sink, id, partial_literal};
use crate::detectors::secret::{self, RULES};
use crate::window::{Match, Undecided, Window};

/// The last three bytes of a tag.
type Key = [u8; 3];

/// The index of rules by the end of their tags.
#[derive(Debug)]
pub(crate) struct Tags {
    /// One bit for each pair of bytes that stands before a `-` in some tag.
    dash: Box<[u64; 1024]>,
    /// The same for `_`.
    underscore: Box<[u64; 1024]>,
    rules: Vec<Entry>,
    tag_bytes_max: usize,
    firsts: Box<[bool; 256]>,
    first_id: u16,
}

#[derive(Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Entry {
    key: Key,
    /// The rule's place in [`RULES`], which is also its priority.
    place: usize,
    tag: &'static [u8],
}

/// The part of a prefix up to its first delimiter, if it is long enough to be looked for here.
pub(crate) fn tag(prefix: &'static [u8]) -> Option<&'static [u8]> {
    let place = prefix.iter().position(|byte| is_delimiter(*byte))?;
    if place < 2 { None } else { prefix.get(..=place) }
}

const fn is_delimiter(byte: u8) -> bool {
    matches!(byte, b'-' | b'_')
}

impl Tags {
    /// Indexes all rules whose prefix has a tag.
    pub(crate) fn new(first_id: u16) -> Self {
        let mut tags = Self {
            dash: Box::new([0; 1024]),
            underscore: Box::new([0; 1024]),
            rules: Vec::new(),
            tag_bytes_max: 0,
            firsts: Box::new([false; 256]),
            first_id,
        };
        for (place, rule) in RULES.iter().enumerate() {
            if let Some(tag) = tag(rule.prefix) {
                tags.insert(place, tag);
            }
        }
        tags.rules.sort_unstable();
        tags
    }

    fn insert(&mut self, place: usize, tag: &'static [u8]) {
        let Some(key) = tag.last_chunk::<3>().copied() else { return };
        let (word, bit) = bit(key);
        let bits = if key[2] == b'-' { &mut self.dash } else { &mut self.underscore };
        if let Some(word) = bits.get_mut(word) {
            *word |= bit;
        }
        if let Some(first) = tag.first().and_then(|first| self.firsts.get_mut(usize::from(*first))) {
            *first = true;
        }
        self.tag_bytes_max = self.tag_bytes_max.max(tag.len());
        self.rules.push(Entry { key, place, tag });
    }

    /// Decides at every tag from the cursor on; returns the hold.
    pub(crate) fn scan(&self, window: &Window<'_>, progress: &mut Progress, sink: &mut Sink<'_>) -> usize {
        let text = window.text();
        if progress.resume(text, sink) {
            return progress.cursor;
        }
        while let Some(delimiter) = self.next(text, progress.cursor) {
            sink.visit();
            match self.decide(window, delimiter) {
                Err(start) => {
                    progress.cursor = delimiter;
                    return start;
                }
                Ok(None) => progress.cursor = delimiter + 1,
                Ok(Some((place, found))) => {
                    if progress.accept(found, id(self.first_id, place), text, sink) {
                        return progress.cursor;
                    }
                }
            }
        }
        progress.cursor = text.len();
        partial_literal(text, self.tag_bytes_max, &self.firsts, self.rules.iter().map(|entry| entry.tag), |start| {
            secret::token_may_start(window, start)
        })
    }

    /// The next delimiter at or behind `from` with the end of a tag before it.
    #[inline]
    fn next(&self, text: &[u8], from: usize) -> Option<usize> {
        let rest = text.get(from..)?;
        memchr::memchr2_iter(b'-', b'_', rest).map(|place| from + place).find(|delimiter| {
            let Some(key) = text.get(..=*delimiter).and_then(|text| text.last_chunk::<3>()) else {
                return false;
            };
            let (word, bit) = bit(*key);
            let bits = if key[2] == b'-' { &self.dash } else { &self.underscore };
            bits.get(word).is_some_and(|word| word & bit != 0)
        })
    }

    /// The first rule that accepts what has its tag's delimiter at `delimiter`, or the start of
    /// what is undecided.
    fn decide(&self, window: &Window<'_>, delimiter: usize) -> Result<Option<(usize, Match)>, usize> {
        let Some(key) = window.slice(0, delimiter + 1).last_chunk::<3>() else { return Ok(None) };
        let from = self.rules.partition_point(|entry| entry.key < *key);
        for entry in self.rules.iter().skip(from).take_while(|entry| entry.key == *key) {
            let Some(start) = (delimiter + 1).checked_sub(entry.tag.len()) else { continue };
            let Some(rule) = RULES.get(entry.place) else { continue };
            match rule.check(window, start) {
                Err(Undecided) => return Err(start),
                Ok(Some(found)) => return Ok(Some((entry.place, found))),
                Ok(None) => {}
            }
        }
        Ok(None)
    }
}

const fn bit(key: Key) -> (usize, u64) {
    let pair = ((key[0] as usize) << 8) | key[1] as usize;
    (pair / 64, 1 << (pair % 64))
}
