//! The operator's lists of words: literal terms, whatever their case, as whole words.
//!
//! A term that begins or ends with a letter or digit does not match where one continues it in the text. So terms that
//! begin with one, nearly all of them, are looked for where words start only: the first bytes of a word are looked up
//! ([`Heads`]), and few words pass. Terms that begin otherwise run in an automaton (Aho-Corasick). Of overlapping terms
//! of one list the leftmost counts, and of those the longest; lists do not influence each other. A space in a term stands
//! for other white space, too, and for what joins words in names ([`spread`]).

mod spread;

pub(crate) use self::spread::SPREAD_BYTES_MAX;
use self::spread::{Spread, Squeezed};
use crate::block::{Alphanumeric, BLOCK_BYTES};
use crate::text::alphanumeric;
use crate::trigger::{Sink, id};
use crate::window::{Match, Window};
use aho_corasick::{AhoCorasick, AhoCorasickKind, BuildError, Input};
use core::cmp::{Ordering, Reverse};
use core::ops::Range;
use std::borrow::Cow;

/// Bytes of all terms up to which a full table (DFA) is built: it is twice as fast, but has about
/// 256 bytes for each of them, and beyond this it leaves the caches.
const TABLE_TERM_BYTES_MAX: usize = 32 * 1024;

/// A term's own facts.
#[derive(Clone, Copy, Debug)]
struct Term {
    list: usize,
    begins_word: bool,
    ends_word: bool,
}

/// All lists, compiled.
#[derive(Debug)]
pub(crate) struct Keywords {
    heads: [Option<Heads>; HEAD_BYTES.len()],
    /// The terms of several words.
    spread: Option<Spread>,
    /// The terms that begin with no letter or digit.
    automaton: Option<AhoCorasick>,
    automaton_terms: Vec<Term>,
    /// All terms in small letters, sorted: what a text's end may be the beginning of.
    sorted: Vec<Box<[u8]>>,
    firsts: Box<[bool; 256]>,
    bytes_max: usize,
    list_count: usize,
    first_id: u16,
}

/// Where the search for terms stands in a stream.
#[derive(Debug, Default)]
pub(crate) struct Progress {
    pub(crate) cursor: usize,
    /// Absolute end of the last finding of each list.
    ends: Vec<u64>,
    /// Start, end and list of the terms found in a scan.
    seen: Vec<(usize, Reverse<usize>, usize)>,
    squeezed: Squeezed,
}

impl Progress {
    /// Entries that its buffers have room for.
    #[cfg(test)]
    pub(crate) fn capacity(&self) -> usize {
        self.ends.capacity() + self.seen.capacity() + self.squeezed.capacity()
    }

    /// Forgets the stream, keeps the memory.
    pub(crate) fn reset(&mut self) {
        self.cursor = 0;
        self.ends.clear();
        self.seen.clear();
    }
}

impl Keywords {
    /// Compiles `lists`.
    ///
    /// # Errors
    /// If the automaton would be larger than its state numbers allow.
    pub(crate) fn new(lists: &[(String, Vec<String>)], first_id: u16) -> Result<Self, BuildError> {
        let word = |byte: Option<&u8>| byte.is_some_and(|byte| alphanumeric(*byte));
        let listed = lists.iter().enumerate().flat_map(|(list, (_, terms))| terms.iter().map(move |term| (list, term)));
        let terms: Vec<(Term, Cow<'_, [u8]>)> = listed
            .map(|(list, term)| {
                let text = term.as_bytes();
                let term = Term { list, begins_word: word(text.first()), ends_word: word(text.last()) };
                let is_of_words = spread::is_of_words(text);
                (term, if is_of_words { spread::with_one_space_each(text).into() } else { text.into() })
            })
            .collect();
        let all = || terms.iter().map(|(term, text)| (*term, text.as_ref()));
        let others = || all().filter(|(term, _)| !term.begins_word);
        let bytes: usize = others().map(|(_, text)| text.len()).sum();
        let kind = if bytes <= TABLE_TERM_BYTES_MAX { AhoCorasickKind::DFA } else { AhoCorasickKind::ContiguousNFA };
        let build = || {
            AhoCorasick::builder().ascii_case_insensitive(true).kind(Some(kind)).build(others().map(|(_, text)| text))
        };
        let automaton = if bytes == 0 { None } else { Some(build()?) };
        let mut sorted: Vec<Box<[u8]>> = all().map(|(_, text)| text.to_ascii_lowercase().into()).collect();
        sorted.sort_unstable();
        sorted.dedup();
        let mut firsts = Box::new([false; 256]);
        for first in sorted.iter().filter_map(|term| term.first()) {
            for first in [first.to_ascii_lowercase(), first.to_ascii_uppercase()] {
                if let Some(first) = firsts.get_mut(usize::from(first)) {
                    *first = true;
                }
            }
        }
        let bytes_max = sorted.iter().map(|term| term.len()).max().unwrap_or(0);
        let heads = heads_of(all().filter(|(term, _)| term.begins_word));
        let spread = Spread::new(all());
        let automaton_terms = others().map(|(term, _)| term).collect();
        Ok(Self {
            heads,
            spread,
            automaton,
            automaton_terms,
            sorted,
            firsts,
            bytes_max,
            list_count: lists.len(),
            first_id,
        })
    }

    /// Bytes of the longest term as a text may have it.
    pub(crate) fn bytes_max(&self) -> usize {
        self.bytes_max + if self.spread.is_some() { SPREAD_BYTES_MAX } else { 0 }
    }

    /// Reports the terms that begin between the cursor and the hold; returns the hold.
    pub(crate) fn scan(&self, window: &Window<'_>, progress: &mut Progress, sink: &mut Sink<'_>) -> usize {
        progress.ends.resize(self.list_count, 0);
        progress.seen.clear();
        let hold = self.term_may_start(window, progress);
        self.scan_words(window, progress, hold, sink);
        self.scan_others(window, progress, hold, sink);
        progress.seen.sort_unstable();
        for (start, Reverse(end), list) in &progress.seen {
            let Some(last_end) = progress.ends.get_mut(*list) else { continue };
            if sink.base + *start as u64 >= *last_end {
                *last_end = sink.base + *end as u64;
                sink.push(id(self.first_id, *list), &Match::new(*start, *end, 0, 100), false);
            }
        }
        progress.cursor = hold;
        hold
    }

    /// Notes the terms that begin with a letter or digit.
    fn scan_words(&self, window: &Window<'_>, progress: &mut Progress, hold: usize, sink: &mut Sink<'_>) {
        let (text, from) = (window.text(), progress.cursor);
        let first = from - from % BLOCK_BYTES;
        let mut before = u64::from(alphanumeric(window.before(first)));
        // As if there were some: what is none is told where it is looked at.
        let mut blanks_before = u64::MAX;
        let end = if self.spread.is_some() { window.len() } else { hold };
        let mut floor = from;
        for block in (first..end).step_by(BLOCK_BYTES) {
            let words = window.indexed().bits(block, Alphanumeric);
            let mut starts = words & !(words << 1 | before);
            before = words >> (BLOCK_BYTES - 1);
            if let Some(spread) = &self.spread {
                spread.scan_block(window, (block, words), &mut blanks_before, |gap, at| {
                    self.scan_over(window, (gap, at), floor..hold, progress, sink);
                    floor = floor.max(at);
                });
                if block >= hold {
                    continue;
                }
            }
            // First the filters, without a branch that depends on what they say: the processor cannot guess that.
            let (mut passed, mut count) = ([0u8; BLOCK_BYTES / 2], 0);
            while starts != 0 {
                let start = starts.trailing_zeros();
                starts &= starts - 1;
                let word = small(word_of(text.get(block + start as usize..).unwrap_or_default()));
                if let Some(place) = passed.get_mut(count) {
                    *place = u8::try_from(start).unwrap_or(u8::MAX);
                }
                count += usize::from(self.heads.iter().flatten().any(|heads| heads.may_have(word)));
            }
            for start in passed.into_iter().take(count).map(|start| block + usize::from(start)) {
                if (from..hold).contains(&start) {
                    self.scan_word(window, start, progress, sink);
                }
            }
        }
    }

    /// Notes the terms that stand at `start`.
    fn scan_word(&self, window: &Window<'_>, start: usize, progress: &mut Progress, sink: &mut Sink<'_>) {
        let rest = window.text().get(start..).unwrap_or_default();
        let word = small(word_of(rest));
        for heads in self.heads.iter().flatten() {
            let mut entry = heads.longest(word, rest);
            while let Some(at) = entry {
                let terms = if at.begins(rest) { at.terms.as_slice() } else { &[] };
                let end = start + at.text.len();
                for term in terms {
                    sink.visit();
                    if is_whole(window, *term, start, end) {
                        progress.seen.push((start, Reverse(end), term.list));
                    }
                }
                entry = at.parent.and_then(|parent| heads.entries.get(parent));
            }
        }
    }

    /// Notes the terms of several words that begin in `starts` and go on over a gap which is no single space.
    fn scan_over(
        &self,
        window: &Window<'_>,
        gap: (usize, usize),
        starts: Range<usize>,
        progress: &mut Progress,
        sink: &mut Sink<'_>,
    ) {
        let Some(spread) = &self.spread else { return };
        let Progress { seen, squeezed, .. } = progress;
        spread.check(window, gap, (starts.start, starts.end), squeezed, |start, end, term| {
            sink.visit();
            if is_whole(window, *term, start, end) {
                seen.push((start, Reverse(end), term.list));
            }
        });
    }

    /// Notes the terms that begin with anything else.
    fn scan_others(&self, window: &Window<'_>, progress: &mut Progress, hold: usize, sink: &mut Sink<'_>) {
        let Some(automaton) = &self.automaton else { return };
        let input = Input::new(window.text()).range(progress.cursor..);
        let Ok(matches) = automaton.try_find_overlapping_iter(input) else { return };
        for found in matches {
            sink.visit();
            let Some(term) = self.automaton_terms.get(found.pattern().as_usize()) else { continue };
            if found.start() < hold && is_whole(window, *term, found.start(), found.end()) {
                progress.seen.push((found.start(), Reverse(found.end()), term.list));
            }
        }
    }

    /// The first place at or behind the cursor where the text may end inside a term, or in a whole one that the next byte
    /// may continue.
    fn term_may_start(&self, window: &Window<'_>, progress: &mut Progress) -> usize {
        let text = window.text();
        let from = progress.cursor.max(text.len().saturating_sub(self.bytes_max()));
        let squeezed = &mut progress.squeezed;
        let tail = self.spread.as_ref().map_or(0, |spread| spread.tail(text, from));
        let goes_on = |start: usize, squeezed: &mut Squeezed| {
            start < tail
                && self
                    .spread
                    .as_ref()
                    .is_some_and(|spread| spread.may_go_on(window.slice(start, text.len()), squeezed))
        };
        (from..text.len())
            .find(|start| {
                self.may_begin(window, *start) && (self.may_start(window, *start) || goes_on(*start, squeezed))
            })
            .unwrap_or(text.len())
    }

    /// False if no term begins at this place, by its first byte and the one before.
    fn may_begin(&self, window: &Window<'_>, start: usize) -> bool {
        let Some(first) = window.text().get(start) else { return false };
        let inside_word = alphanumeric(*first) && alphanumeric(window.before(start));
        !inside_word && self.firsts.get(usize::from(*first)).copied().unwrap_or(false)
    }

    fn may_start(&self, window: &Window<'_>, start: usize) -> bool {
        let suffix = window.slice(start, window.len());
        if suffix.len() > self.bytes_max {
            return false;
        }
        let small = |byte: &u8| byte.to_ascii_lowercase();
        let place = self.sorted.partition_point(|term| term.iter().copied().lt(suffix.iter().map(small)));
        let term = self.sorted.get(place).and_then(|term| term.get(..suffix.len()));
        term.is_some_and(|head| head.eq_ignore_ascii_case(suffix))
    }
}

/// Bytes of terms that are looked up, longest first; each term with the most that it has.
const HEAD_BYTES: [usize; 3] = [8, 4, 2];

/// Bits of the filter a head: few words pass that are none.
const FILTER_BITS_PER_HEAD: usize = 32;

/// Slots a head, most of which stay empty.
const SLOTS_PER_HEAD: usize = 2;

/// Terms by as many of their first bytes as they have of [`HEAD_BYTES`].
fn heads_of<'t>(terms: impl Iterator<Item = (Term, &'t [u8])> + Clone) -> [Option<Heads>; HEAD_BYTES.len()] {
    let mut above = usize::MAX;
    HEAD_BYTES.map(|bytes| {
        let lengths = bytes..core::mem::replace(&mut above, bytes);
        Heads::new(bytes, terms.clone().filter(|(_, text)| lengths.contains(&text.len())))
    })
}

/// Terms by their first bytes.
#[derive(Debug)]
struct Heads {
    /// Bytes of a head.
    bytes: usize,
    /// Which bytes of a word are its head.
    mask: u64,
    /// One bit for each hash of such bytes; as many as fit into the first cache with most lists.
    filter: Vec<u64>,
    /// First bytes and the entries that have them, at the place of their hash or behind it.
    slots: Vec<Slot>,
    /// In small letters, sorted.
    entries: Vec<Entry>,
}

/// The first bytes of some entries; empty without entries.
#[derive(Clone, Debug, Default)]
struct Slot {
    head: u64,
    entries: (u32, u32),
}

impl Slot {
    const fn is_empty(&self) -> bool {
        self.entries.0 == self.entries.1
    }

    fn entries(&self) -> Range<usize> {
        let [from, to] = [self.entries.0, self.entries.1].map(|place| usize::try_from(place).unwrap_or(usize::MAX));
        from..to
    }
}

/// A text that is a term of some lists.
#[derive(Debug)]
struct Entry {
    text: Box<[u8]>,
    /// The bytes behind its head as a number, which sorts as they do.
    key: u64,
    /// The longest other entry that it begins with.
    parent: Option<usize>,
    terms: Vec<Term>,
}

impl Entry {
    /// True if `rest` begins with it, whatever its case.
    #[inline]
    fn begins(&self, rest: &[u8]) -> bool {
        rest.get(..self.text.len()).is_some_and(|head| head.eq_ignore_ascii_case(&self.text))
    }
}

impl Heads {
    fn new<'t>(bytes: usize, terms: impl Iterator<Item = (Term, &'t [u8])>) -> Option<Self> {
        let mut terms: Vec<_> = terms.map(|(term, text)| (text.to_ascii_lowercase(), term)).collect();
        if terms.is_empty() {
            return None;
        }
        terms.sort_by(|a, b| a.0.cmp(&b.0));
        let mask = u64::MAX >> (8 * (size_of::<u64>() - bytes));
        let mut heads = Self { bytes, mask, filter: Vec::new(), slots: Vec::new(), entries: Vec::new() };
        for same in terms.chunk_by(|a, b| a.0 == b.0) {
            let Some((text, _)) = same.first() else { continue };
            let (parent, terms) = (heads.parent(text), same.iter().map(|(_, term)| *term).collect());
            let key = key_of(text, bytes);
            heads.entries.push(Entry { text: text.as_slice().into(), key, parent, terms });
        }
        heads.fill();
        Some(heads)
    }

    /// Sorts the entries into slots and marks them in the filter.
    fn fill(&mut self) {
        let Self { mask, filter, slots, entries, .. } = self;
        let head = |entry: &Entry| word_of(&entry.text) & *mask;
        let count = entries.chunk_by(|a, b| head(a) == head(b)).count();
        let bits = (count * FILTER_BITS_PER_HEAD).next_power_of_two().max(BLOCK_BYTES);
        filter.resize(bits / BLOCK_BYTES, 0);
        slots.resize((count * SLOTS_PER_HEAD).next_power_of_two(), Slot::default());
        let mut from = 0;
        for same in entries.chunk_by(|a, b| head(a) == head(b)) {
            let Some(head) = same.first().map(head) else { continue };
            let to = from + same.len();
            let (bit, start) = (place(head, filter.len() * BLOCK_BYTES), place(head, slots.len()));
            filter.iter_mut().skip(bit / BLOCK_BYTES).take(1).for_each(|word| *word |= 1 << (bit % BLOCK_BYTES));
            let (before, behind) = slots.split_at_mut(start);
            if let Some(slot) = behind.iter_mut().chain(before).find(|slot| slot.is_empty()) {
                let [from, to] = [from, to].map(|place| u32::try_from(place).unwrap_or(u32::MAX));
                *slot = Slot { head, entries: (from, to) };
            }
            from = to;
        }
    }

    /// Of the entries so far, which are smaller, the longest that `text` begins with.
    fn parent(&self, text: &[u8]) -> Option<usize> {
        let mut place = self.entries.len().checked_sub(1);
        while let Some(at) = place {
            let entry = self.entries.get(at)?;
            if text.starts_with(&entry.text) {
                return Some(at);
            }
            place = entry.parent;
        }
        None
    }

    /// False if no entry begins with these bytes in small letters.
    #[inline]
    fn may_have(&self, word: u64) -> bool {
        let bit = place(word & self.mask, self.filter.len() * BLOCK_BYTES);
        self.filter.get(bit / BLOCK_BYTES).is_some_and(|bits| bits >> (bit % BLOCK_BYTES) & 1 == 1)
    }

    /// The longest entry that `rest` may begin with, given its first bytes in small letters. If any entry stands there,
    /// it is that one or one of those that it begins with: what is sorted between a text and a head of it has that head.
    #[inline(always)]
    fn longest(&self, word: u64, rest: &[u8]) -> Option<&Entry> {
        let head = word & self.mask;
        let (before, behind) = self.slots.split_at_checked(place(head, self.slots.len()))?;
        let mut slots = behind.iter().chain(before).take_while(|slot| !slot.is_empty());
        let entries = self.entries.get(slots.find(|slot| slot.head == head)?.entries())?;
        let smalls = || rest.iter().map(u8::to_ascii_lowercase);
        let key = small(key_of(rest, self.bytes));
        let behind = entries.partition_point(|entry| match entry.key.cmp(&key) {
            Ordering::Less => true,
            Ordering::Equal => entry.text.iter().copied().le(smalls().take(entry.text.len())),
            Ordering::Greater => false,
        });
        entries.get(behind.checked_sub(1)?)
    }
}

/// The hash of a word below `count`, a power of two.
#[inline]
fn place(word: u64, count: usize) -> usize {
    // A multiplier without a pattern: the golden ratio (Knuth, TAOCP 6.4).
    let hash = (word ^ word >> 29).wrapping_mul(0x9e37_79b9_7f4a_7c15);
    usize::try_from(hash >> 32).unwrap_or(0) & (count - 1)
}

/// The first bytes of a text, and zeros behind them if they are too few.
#[inline]
fn word_of(text: &[u8]) -> u64 {
    if let Some(word) = text.first_chunk() {
        return u64::from_le_bytes(*word);
    }
    let mut word = [0; size_of::<u64>()];
    word.iter_mut().zip(text).for_each(|(place, byte)| *place = *byte);
    u64::from_le_bytes(word)
}

/// The bytes behind the head of a text, as a number that sorts as they do: one that ends there is smaller than those that
/// go on.
#[inline]
fn key_of(text: &[u8], head_bytes: usize) -> u64 {
    word_of(text.get(head_bytes..).unwrap_or_default()).swap_bytes()
}

/// Eight bytes in small letters.
#[inline]
const fn small(word: u64) -> u64 {
    const EACH: u64 = 0x0101_0101_0101_0101;
    const HIGH: u64 = EACH << 7;
    // No byte carries into the next one while its high bit is away.
    let low = word & !HIGH;
    let above = low + EACH * (0x80 - b'A' as u64);
    let beyond = low + EACH * (0x80 - b'Z' as u64 - 1);
    word | (above & !beyond & !word & HIGH) >> 2
}

fn is_whole(window: &Window<'_>, term: Term, start: usize, end: usize) -> bool {
    let continued = term.ends_word && window.at(end).is_ok_and(alphanumeric);
    let continues = term.begins_word && alphanumeric(window.before(start));
    !(continued || continues)
}

#[cfg(test)]
mod tests {
    use crate::{DetectorSet, Scanner};
    use proptest::prelude::*;

    fn found_in(lists: &[(&str, &[&str])], pieces: &[&str]) -> Vec<(String, String)> {
        let mut builder = DetectorSet::builder();
        for (name, terms) in lists {
            let terms: Vec<_> = terms.iter().map(|term| (*term).to_owned()).collect();
            builder = builder.keywords(name, &terms);
        }
        let set = builder.build().unwrap();
        let (mut scanner, mut found) = (Scanner::new(), Vec::new());
        for piece in pieces {
            scanner.push(piece.as_bytes());
            scanner.scan(&set, &mut found);
        }
        scanner.boundary();
        scanner.scan(&set, &mut found);
        let text = pieces.concat();
        found
            .iter()
            .map(|finding| {
                let range = usize::try_from(finding.start).unwrap()..usize::try_from(finding.end).unwrap();
                (set.rule(finding.detector).unwrap().to_owned(), text[range].to_owned())
            })
            .collect()
    }

    fn words(list: &str, found: &[&str]) -> Vec<(String, String)> {
        found.iter().map(|word| (list.to_owned(), (*word).to_owned())).collect()
    }

    #[test]
    fn terms_are_whole_words_in_any_case() {
        let lists: &[(&str, &[&str])] = &[("ours", &["Project Watch Me", "config.rust", ".env"])];
        assert_eq!(found_in(lists, &["PROJECT WATCH ME!"]), words("ours", &["PROJECT WATCH ME"]));
        assert_eq!(found_in(lists, &["see config.rust."]), words("ours", &["config.rust"]));
        assert_eq!(found_in(lists, &["config.rusty myconfig.rust"]), []);
        assert_eq!(found_in(lists, &["x.env .environment"]), words("ours", &[".env"]));
    }

    #[test]
    fn a_space_stands_for_any_gap_between_words() {
        let lists: &[(&str, &[&str])] =
            &[("a", &["Project Watch Me", "blue", "R&D plan", "one  two"]), ("b", &["watch me"])];
        let gaps = ["\n", "\r\n", "  ", "\t", "\n    ", "\n> ", " \n>> ", "-", "_", " \n"];
        for (first, second) in gaps.into_iter().flat_map(|first| gaps.map(|second| (first, second))) {
            let text = format!("project{first}WATCH{second}me");
            let both = [words("b", &[text.get(text.find('W').unwrap()..).unwrap()]), words("a", &[&text])].concat();
            let mut found = found_in(lists, &[&format!("a {text} b")]);
            found.sort_by(|a, b| b.cmp(a));
            assert_eq!(found, both, "{text:?}");
            for at in 1..text.len() {
                assert_eq!(found_in(lists, &[&text[..at], &text[at..]]).len(), 2, "{text:?}");
            }
        }
        assert_eq!(found_in(lists, &["the r&d\nplan, r&d_plans"]), words("a", &["r&d\nplan"]));
        for (ahead, gap) in (0..130).flat_map(|ahead| gaps.map(|gap| (ahead, gap))) {
            let text = format!("{} watch{gap}me", ",".repeat(ahead));
            assert_eq!(found_in(lists, &[&text]), words("b", &[&text[ahead + 1..]]), "{text:?}");
        }
        for text in ["one two", "one  two", "one\ntwo"] {
            assert_eq!(found_in(lists, &[text]), words("a", &[text]));
        }
        for text in [
            "projectwatch me",
            "project\n\nwatch me",
            "project--watch me",
            "project, watch\nmen",
            "project - watch me",
            "watch>me",
        ] {
            assert!(found_in(lists, &[text]).iter().all(|(list, _)| list == "b"), "{text}");
        }
        let far = format!("watch{}me", " ".repeat(66));
        assert_eq!(found_in(lists, &[&far[..69], &far[69..]]).len(), 0);
        assert_eq!(found_in(lists, &[&far.replacen(' ', "", 1)]).len(), 1);
    }

    #[test]
    fn the_leftmost_longest_term_counts_and_lists_are_independent() {
        let lists: &[(&str, &[&str])] = &[("a", &["foo", "foo bar", "bar baz"]), ("b", &["foo"])];
        let expected = [words("b", &["foo"]), words("a", &["foo bar"])].concat();
        assert_eq!(found_in(lists, &["foo bar baz"]), expected);
        assert_eq!(found_in(lists, &["fo", "o ba", "r baz"]), expected);
        // The longer term is no whole word here, so the shorter one counts.
        assert_eq!(found_in(&[("a", &["foo", "foo bar"])], &["foo bars"]), words("a", &["foo"]));
    }

    #[test]
    fn only_the_beginning_of_a_term_is_held() {
        let set = DetectorSet::builder().keywords("a", &["secret plan".to_owned()]).build().unwrap();
        let (mut scanner, mut found) = (Scanner::new(), Vec::new());
        scanner.push(b"the secret p");
        assert_eq!(scanner.scan(&set, &mut found), 4);
        scanner.push(b"arty");
        assert_eq!(scanner.scan(&set, &mut found), scanner.position());
        assert_eq!(found, []);
    }

    #[test]
    fn words_are_made_small_as_a_whole() {
        for first in 0..=u8::MAX {
            let word: [u8; 8] = core::array::from_fn(|place| first.wrapping_add(u8::try_from(place * 31).unwrap()));
            assert_eq!(
                super::small(u64::from_le_bytes(word)),
                u64::from_le_bytes(word.map(|byte| byte.to_ascii_lowercase()))
            );
        }
    }

    proptest! {
        #[test]
        fn what_is_found_is_what_stands_there(
            terms in prop::collection::vec("[aAbé #]{2,10}", 1..30),
            text in "[aAbBé #]{0,60}",
        ) {
            let set = DetectorSet::builder().keywords("a", &terms).build().unwrap();
            let (mut scanner, mut found) = (Scanner::new(), Vec::new());
            scanner.push(text.as_bytes());
            scanner.boundary();
            scanner.scan(&set, &mut found);
            let bytes = text.as_bytes();
            let is_word = |place: Option<usize>| place.and_then(|at| bytes.get(at)).is_some_and(u8::is_ascii_alphanumeric);
            let is_apart = |start: usize, end: usize| {
                !(is_word(Some(start)) && is_word(start.checked_sub(1)) || is_word(Some(end - 1)) && is_word(Some(end)))
            };
            let begins = |start: usize, term: &str| {
                let text = bytes.get(start..start + term.len());
                text.is_some_and(|text| text.eq_ignore_ascii_case(term.as_bytes())).then_some(start + term.len())
            };
            // Where a term that stands at a place ends: spaces between two words are as many as there may be.
            let end = |start: usize, term: &String| {
                let words: Vec<&str> = term.split(' ').filter(|word| !word.is_empty()).collect();
                let is_edge = |edge: Option<char>| edge.is_some_and(|edge| edge.is_ascii_alphanumeric());
                let is_of_words = is_edge(term.chars().next()) && !term.ends_with(' ')
                    && words.windows(2).all(|pair| is_edge(pair[0].chars().next_back()) && is_edge(pair[1].chars().next()));
                if !is_of_words {
                    return begins(start, term);
                }
                let mut at = begins(start, words[0])?;
                for word in &words[1..] {
                    let spaces = bytes[at..].iter().take_while(|byte| **byte == b' ').count();
                    at = begins(at + spaces, word).filter(|_| spaces > 0)?;
                }
                Some(at)
            };
            let (mut expected, mut at) = (Vec::new(), 0);
            while at < bytes.len() {
                let longest = terms.iter().filter_map(|term| end(at, term)).filter(|end| is_apart(at, *end)).max();
                expected.extend(longest.map(|end| (at as u64, end as u64)));
                at = longest.unwrap_or(at + 1);
            }
            let found: Vec<_> = found.iter().map(|finding| (finding.start, finding.end)).collect();
            prop_assert_eq!(found, expected);
        }

        #[test]
        fn splits_change_nothing(pieces in proptest::collection::vec("[ab \n>-]{0,6}", 0..12)) {
            let lists: &[(&str, &[&str])] = &[("a", &["ab", "a b", "ab ba", " b", "bb a ", "b a b"]), ("b", &["b a"])];
            let pieces: Vec<_> = pieces.iter().map(String::as_str).collect();
            let whole = pieces.concat();
            prop_assert_eq!(found_in(lists, &pieces), found_in(lists, &[&whole]));
        }
    }
}
