//! Prefixes that end their first word with `-` or `_`: `sk-`, `ghp_`, `xoxb-`.
//!
//! There are many of them, and one search serves all: each `-` and `_` is looked at together with
//! the two bytes before it. The cost does not grow with the number of rules.

use super::{Partial, Progress, Sink, id};
use crate::block::{Either, Kind, Places};
use crate::detectors::secret::{self, RULES};
use crate::window::{Match, Undecided, Window};
use core::ops::Range;

/// The last three bytes of a tag.
type Key = [u8; 3];

/// Places of a table of keys; a few times as many as there are tags, so that few share one.
const SLOT_COUNT: usize = 256;

/// The index of rules by the end of their tags.
#[derive(Debug)]
pub(crate) struct Tags {
    /// One bit for each pair of bytes that stands before a `-` in some tag, then the same for `_`.
    pairs: Box<[u64; 2048]>,
    /// Rules by the slots of their keys.
    rules: Vec<Entry>,
    /// Where each slot's rules stand.
    slots: Box<[Range<usize>; SLOT_COUNT]>,
    partial: Partial,
    first_id: u16,
}

#[derive(Debug)]
struct Entry {
    key: Key,
    /// The rule's place in [`RULES`], which is also its priority.
    place: usize,
    tag: &'static [u8],
    /// The byte of the prefix behind its tag, if it goes on.
    next: Option<u8>,
}

/// The part of a prefix up to its first delimiter, if it is long enough to be looked for here.
pub(crate) fn tag(prefix: &'static [u8]) -> Option<&'static [u8]> {
    let place = prefix.iter().position(|byte| DELIMITERS.holds(*byte))?;
    if place < 2 { None } else { prefix.get(..=place) }
}

/// What ends a tag.
const DELIMITERS: Either = Either(b'-', b'_');

impl Tags {
    /// Indexes all rules whose prefix has a tag.
    pub(crate) fn new(first_id: u16) -> Self {
        let mut tags = Self {
            pairs: Box::new([0; 2048]),
            rules: Vec::new(),
            slots: Box::new([const { 0..0 }; SLOT_COUNT]),
            partial: Partial::new(RULES.iter().filter_map(|rule| tag(rule.prefix))),
            first_id,
        };
        for (place, rule) in RULES.iter().enumerate() {
            if let Some(tag) = tag(rule.prefix) {
                tags.insert(place, tag);
            }
        }
        tags.rules.sort_unstable_by_key(|entry| (slot(entry.key), entry.place));
        for (place, entry) in tags.rules.iter().enumerate() {
            if let Some(range) = tags.slots.get_mut(slot(entry.key)) {
                *range = if range.end == 0 { place..place + 1 } else { range.start..place + 1 };
            }
        }
        tags
    }

    fn insert(&mut self, place: usize, tag: &'static [u8]) {
        let Some(key) = tag.last_chunk::<3>().copied() else { return };
        let (word, bit) = bit(key);
        if let Some(word) = self.pairs.get_mut(word) {
            *word |= bit;
        }
        let next = RULES.get(place).and_then(|rule| rule.prefix.get(tag.len())).copied();
        self.rules.push(Entry { key, place, tag, next });
    }

    /// Decides at every tag from the cursor on; returns the hold.
    pub(crate) fn scan(&self, window: &Window<'_>, progress: &mut Progress, sink: &mut Sink<'_>) -> usize {
        let text = window.text();
        if progress.resume(text, sink) {
            return progress.cursor;
        }
        let mut delimiters = Places::new(window.indexed(), progress.cursor, DELIMITERS);
        while let Some(delimiter) = delimiters.next() {
            if !self.may_end_tag(text, delimiter) {
                continue;
            }
            sink.visit();
            match self.decide(window, delimiter) {
                Err(start) => {
                    progress.cursor = delimiter;
                    return start;
                }
                Ok(None) => {}
                Ok(Some((place, found))) => {
                    if progress.accept(found, id(self.first_id, place), text, sink) {
                        return progress.cursor;
                    }
                    delimiters.skip_to(progress.cursor);
                }
            }
        }
        progress.cursor = text.len();
        self.partial.hold(text, |start| secret::token_may_start(window, start))
    }

    /// False if no tag ends like the text does at this delimiter.
    #[inline]
    fn may_end_tag(&self, text: &[u8], delimiter: usize) -> bool {
        let key = text.get(..=delimiter).and_then(|text| text.last_chunk::<3>());
        key.is_some_and(|key| {
            let (word, bit) = bit(*key);
            self.pairs.get(word).is_some_and(|word| word & bit != 0)
        })
    }

    /// The first rule that accepts what has its tag's delimiter at `delimiter`, or the start of
    /// what is undecided.
    fn decide(&self, window: &Window<'_>, delimiter: usize) -> Result<Option<(usize, Match)>, usize> {
        let Some(key) = window.slice(0, delimiter + 1).last_chunk::<3>() else { return Ok(None) };
        let range = self.slots.get(slot(*key)).cloned().unwrap_or_default();
        let entries = self.rules.get(range).unwrap_or_default();
        for entry in entries.iter().filter(|entry| entry.key == *key) {
            let Some(start) = (delimiter + 1).checked_sub(entry.tag.len()) else { continue };
            let Some(rule) = RULES.get(entry.place) else { continue };
            if entry.next.is_some_and(|next| window.at(delimiter + 1).is_ok_and(|byte| byte != next)) {
                continue;
            }
            match rule.check(window, start) {
                Err(Undecided) => return Err(start),
                Ok(Some(found)) => return Ok(Some((entry.place, found))),
                Ok(None) => {}
            }
        }
        Ok(None)
    }
}

/// Where the bit of a key stands: `_` (0x5f) has bit 1 set and `-` (0x2d) has not, so telling them
/// apart needs no branch.
const fn bit(key: Key) -> (usize, u64) {
    let pair = ((key[0] as usize) << 8) | key[1] as usize;
    let table = ((key[2] as usize >> 1) & 1) << 10;
    (table | (pair / 64), 1 << (pair % 64))
}

/// The place of a key in the table of slots.
const fn slot(key: Key) -> usize {
    (key[0] as usize * 7 + key[1] as usize * 31 + key[2] as usize) % SLOT_COUNT
}
