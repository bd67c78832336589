//! Names of persons, organisations and places, and postal addresses: found by likelihood.
//!
//! A line at a time is decided, once its end has arrived. First the grammar of [`address`] claims
//! what is one; then a tagger labels the line's words: a linear chain over hashed features
//! ([`word`], [`feature`], [`decode`]) with weights from a file ([`model`]) that
//! `scripts/train-names` makes. What the tagger sees of earlier lines is the last two words
//! ([`feature::Context`]), so that a greeting's or label's name is found behind a line break.
//!
//! Invariants: a line's labels depend on its bytes and those before it only; work per byte is
//! bounded; buffers grow to the longest segment and stay.
//!
//! Not here: names in scripts that are written without spaces.

mod address;
mod decode;
mod feature;
mod model;
mod segment;
mod tongue;
#[cfg(feature = "train")]
pub mod training;
mod word;

use crate::entity::EntityType;
use crate::trigger::{Sink, id};
use crate::window::{Match, Undecided, Window};
use address::LOOKAHEAD_BYTES;
use decode::{Lattice, OUTSIDE, begins};
use feature::Context;
use model::{Gazetteer, Model, kind};
use segment::{SEGMENT_BYTES_MAX, Segment};
use tongue::Leaning;
use word::{Case, Word};

/// Bytes of what is decided at once, a line, and bytes behind it that must have arrived: an address
/// that begins in it may go on for so long.
pub(crate) const BYTES: (usize, usize) = (SEGMENT_BYTES_MAX + 1, LOOKAHEAD_BYTES);

/// The rules, in the order of their indices.
pub(crate) const RULES: &[(EntityType, &str)] = &[
    (EntityType::Person, "person"),
    (EntityType::Person, "person-context"),
    (EntityType::Organization, "organization"),
    (EntityType::Location, "location"),
    (EntityType::StreetAddress, "street-address"),
    (EntityType::StreetAddress, "post-box"),
];
const PERSON: usize = 0;
const PERSON_CONTEXT: usize = 1;
const ORGANIZATION: usize = 2;
const LOCATION: usize = 3;
const STREET_ADDRESS: usize = 4;

/// How sure the tagger must be, in percent, by how much the line looks like code (0 to 3): there a
/// capital or an unknown word says little.
const PERCENT_MIN: [u8; 4] = [55, 56, 64, 72];
/// How much surer for a word in small letters, and for one that no list of names has: unknown words
/// of a trade look like names of another language.
const SMALL_PERCENT: u8 = 8;
const UNKNOWN_PERCENT: u8 = 6;

/// Words of the longest name.
const NAME_WORDS_MAX: usize = 8;

/// The detector of names as a set holds it.
#[derive(Debug)]
pub(crate) struct Names {
    model: &'static Model,
    first_id: u16,
    /// Which rules report.
    reports: [bool; RULES.len()],
}

/// Where the search for names stands in a stream.
#[derive(Debug, Default)]
pub(crate) struct Progress {
    /// The start of the first line that is not decided.
    pub(crate) cursor: usize,
    /// The end of the last address, which may lie in a later line than its start.
    pub(crate) floor: usize,
    /// The next word of that line at which an address may begin, once the line was read.
    next_word: Option<usize>,
    context: Context,
    leaning: Leaning,
    words: Vec<Word>,
    /// What each word may be in an address; empty if the line can hold none.
    sorts: Vec<u16>,
    /// In offsets of the line.
    addresses: Vec<address::Found>,
    lattice: Lattice,
}

impl Progress {
    /// Starts a new stream; memory is kept.
    pub(crate) fn reset(&mut self) {
        (self.cursor, self.floor, self.next_word) = (0, 0, None);
        (self.context, self.leaning) = (Context::default(), Leaning::default());
    }

    /// Entries that the buffers have room for.
    #[cfg(test)]
    pub(crate) fn capacity(&self) -> usize {
        self.words.capacity() + self.sorts.capacity() + self.addresses.capacity() + self.lattice.capacity()
    }
}

impl Names {
    /// The detector for the enabled types, if there are any; `first_id` is the index of its first
    /// rule. `None` also if the model is damaged, which [`Names::is_whole`] tells apart.
    pub(crate) fn new(first_id: u16, enabled: impl Fn(EntityType) -> bool) -> Option<Self> {
        let reports = core::array::from_fn(|rule| RULES.get(rule).is_some_and(|rule| enabled(rule.0)));
        if !reports.contains(&true) {
            return None;
        }
        Model::shipped().map(|model| Self { model, first_id, reports })
    }

    /// True if the model that is part of the program can be read.
    pub(crate) fn is_whole() -> bool {
        Model::shipped().is_some()
    }

    /// Decides every line that is complete; returns the hold.
    pub(crate) fn scan(&self, window: &Window<'_>, progress: &mut Progress, sink: &mut Sink<'_>) -> usize {
        while let Ok(Some(segment)) = segment::segment(window, progress.cursor) {
            if progress.next_word.is_none() {
                sink.visit();
                progress.read(window, segment, self.model);
            }
            if progress.find_addresses(window, segment, &self.model.gazetteer, sink).is_err() {
                return segment.start;
            }
            let text = window.slice(segment.start, segment.end);
            if is_text(text) {
                progress.lattice.tag(self.model, &progress.context, text, &progress.words);
            } else {
                progress.lattice.clear();
            }
            self.report(window, segment, progress, sink);
            progress.leave(window, segment);
        }
        progress.cursor
    }

    fn report(&self, window: &Window<'_>, segment: Segment, progress: &Progress, sink: &mut Sink<'_>) {
        for address in &progress.addresses {
            let Match { start, end, rule, .. } = address.found;
            let (start, end, rule) = (segment.start + start, segment.start + end, STREET_ADDRESS + rule);
            self.push(&Match { start, end, rule, ..address.found }, sink);
        }
        let mut next = 0;
        while let Some(name) = progress.name(window.slice(segment.start, segment.end), next) {
            next = name.last + 1;
            let Some(found) = progress.found(self.model, window, segment, &name) else { continue };
            if progress.is_free(&found, segment.start) {
                self.push(&found, sink);
            }
        }
    }

    fn push(&self, found: &Match, sink: &mut Sink<'_>) {
        if self.reports.get(found.rule).copied().unwrap_or(false) {
            sink.push(id(self.first_id, found.rule), found, false);
        }
    }
}

/// Words that make a name.
struct Name {
    first: usize,
    last: usize,
    label: usize,
}

impl Progress {
    /// Reads the words of a segment.
    fn read(&mut self, window: &Window<'_>, segment: Segment, model: &Model) {
        self.words.clear();
        self.sorts.clear();
        self.addresses.clear();
        self.next_word = Some(0);
        let text = window.slice(segment.start, segment.end);
        word::read(text, &model.gazetteer, &mut self.words);
        self.leaning = self.leaning.with(text, &self.words);
        self.context.open(&mut self.words);
        if self.words.iter().any(|word| matches!(word.case, Case::Digits | Case::Code | Case::Upper)) {
            let bytes = |word: &Word| text.get(usize::from(word.start)..usize::from(word.end)).unwrap_or_default();
            self.sorts.extend(self.words.iter().map(|word| address::sorts(word, bytes(word))));
        }
    }

    /// Finds the addresses that begin in a segment, from the next word on and behind the last one.
    ///
    /// # Errors
    /// [`Undecided`] if one may go on behind what is there; the next scan goes on at its first word.
    fn find_addresses(
        &mut self,
        window: &Window<'_>,
        segment: Segment,
        gazetteer: &Gazetteer,
        sink: &mut Sink<'_>,
    ) -> Result<(), Undecided> {
        let text = window.slice(segment.start, segment.end);
        let line = address::Line { text, words: &self.words, sorts: &self.sorts, start: segment.start };
        let mut floor = self.floor.saturating_sub(segment.start);
        floor = floor.max(self.addresses.last().map_or(0, |address| address.found.end));
        for index in self.next_word.unwrap_or(0)..self.sorts.len() {
            let begins = self.words.get(index).is_some_and(|word| usize::from(word.start) >= floor);
            if !begins || !line.may_begin(index) {
                continue;
            }
            sink.visit();
            self.next_word = Some(index);
            if let Some(found) = line.address(window, gazetteer, index)? {
                floor = found.found.end;
                self.addresses.push(found);
            }
        }
        Ok(())
    }

    /// Goes on behind a segment.
    fn leave(&mut self, window: &Window<'_>, segment: Segment) {
        let behind = self.words.last().map_or(0, |word| usize::from(word.end));
        let ending = window.slice(segment.start + behind, segment.end);
        self.context.follow(&self.words, ending, segment.separator);
        self.cursor = segment.next;
        self.floor = self.addresses.last().map_or(self.floor, |address| segment.start + address.found.end);
        self.next_word = None;
    }

    /// The first name at or behind the word `from`.
    fn name(&self, text: &[u8], from: usize) -> Option<Name> {
        let labels = &self.lattice.labels;
        let first = from + labels.get(from..)?.iter().position(|label| *label != OUTSIDE)?;
        let label = *labels.get(first)?;
        let begin = if begins(label) { label } else { label - 1 };
        let mut last = first;
        while labels.get(last + 1) == Some(&(begin + 1)) && self.is_joined(text, last) {
            last += 1;
        }
        Some(Name { first, last, label: begin })
    }

    /// True if what stands behind the word at `index` may stand within a name.
    fn is_joined(&self, text: &[u8], index: usize) -> bool {
        let end = |index: usize| self.words.get(index).map_or(0, |word| usize::from(word.end));
        let start = self.words.get(index + 1).map_or(0, |word| usize::from(word.start));
        matches!(
            text.get(end(index)..start),
            Some(b" " | b"  " | b"." | b". " | b", " | b"-" | b" - " | b" & " | b"&" | b"' " | b"/")
        )
    }

    /// True if no address claims what was found. A town within an address is one all the same.
    fn is_free(&self, found: &Match, start: usize) -> bool {
        let place = found.rule == LOCATION;
        let apart = |address: &address::Found| {
            let end = if place { address.street_end } else { address.found.end };
            found.end <= start + address.found.start || start + end <= found.start
        };
        (place || found.start >= self.floor) && self.addresses.iter().all(apart)
    }

    /// A name as a match; `None` if it is none after all.
    fn found(&self, model: &Model, window: &Window<'_>, segment: Segment, name: &Name) -> Option<Match> {
        let words = self.words.get(name.first..=name.last)?;
        let (first, last) = (words.first()?, words.last()?);
        let next = self.words.get(name.last + 1);
        let is_letter = words.len() == 1 && last.end - first.start < 2;
        if is_letter || words.len() > NAME_WORDS_MAX || words.iter().any(|word| word.case == Case::Code) {
            return None;
        }
        let (start, end) = (segment.start + usize::from(first.start), segment.start + usize::from(last.end));
        // What follows counts within the line only: the next may not have arrived.
        let behind = window.slice(end, segment.end.min(end + 2));
        if is_code(window, start, behind, next.is_some_and(|next| next.glued)) {
            return None;
        }
        let percent = percent(self.lattice.margin(name.first, name.label), model.unit);
        let degree = usize::from(feature::code_degree(window.slice(segment.start, segment.end)));
        let rule = match name.label.div_ceil(2) {
            1 if first.labelled => PERSON_CONTEXT,
            1 => PERSON,
            2 => ORGANIZATION,
            _ => LOCATION,
        };
        if name.label.div_ceil(2) == 1 && self.leaning.is_foreign() && !self.is_known(name) {
            return None;
        }
        let min = PERCENT_MIN.get(degree).copied().unwrap_or(100).saturating_add(doubt(words));
        (percent >= min).then_some(Match::new(start, end, rule, percent))
    }
}

impl Progress {
    /// True if lists of names have a word of a name, or a title stands before it.
    fn is_known(&self, name: &Name) -> bool {
        let Some(words) = self.words.get(name.first..=name.last) else { return false };
        let before = name.first.checked_sub(1).and_then(|before| self.words.get(before));
        if before.is_some_and(tongue::is_title) {
            return true;
        }
        let is_first = |word: &Word| word.kinds & kind::FIRST != 0 && word.kinds & kind::COMMON == 0;
        let capital = || words.iter().filter(|word| word.case != Case::Lower);
        // `Per` is a name before another word that is no common one.
        let is_named = capital().any(|word| !tongue::is_common(word));
        is_named && capital().any(is_first)
    }
}

/// How much surer the tagger must be of a name of these words.
fn doubt(words: &[Word]) -> u8 {
    let is_small = words.iter().all(|word| word.case == Case::Lower);
    let is_unknown = words.iter().all(|word| word.kinds & (kind::FIRST | kind::LAST | kind::CITY | kind::REGION) == 0);
    let is_common = words.iter().all(|word| word.kinds & kind::COMMON != 0);
    let small = if is_small { SMALL_PERCENT } else { 0 };
    small + if is_unknown || is_common { UNKNOWN_PERCENT } else { 0 } * if is_small { 2 } else { 1 }
}

/// True if a segment is text at all: no control characters, and UTF-8 but for a character that a cut
/// may have parted.
fn is_text(segment: &[u8]) -> bool {
    let is_control = |byte: &u8| matches!(byte, 0..=8 | 14..=26 | 28..=31 | 127);
    // A character has four bytes at most, so a cut leaves three of it.
    let head = segment.iter().take(3).take_while(|byte| **byte & 0xc0 == 0x80).count();
    let decoded = core::str::from_utf8(segment.get(head..).unwrap_or_default());
    let whole = decoded.err().is_none_or(|error| error.error_len().is_none());
    whole && !segment.iter().any(is_control)
}

/// True if what stands around the range makes it part of an identifier, path, tag, address or call.
fn is_code(window: &Window<'_>, start: usize, after: &[u8], glued: bool) -> bool {
    let opens = match window.before(start) {
        b'.' | b'/' | b'\\' | b'@' | b'$' | b'#' | b'_' | b'&' | b'~' | b'%' => true,
        // `<b>` is a tag, `<Jane>` may be who speaks.
        b'<' => window.slice(start, start + 1).iter().all(u8::is_ascii_lowercase),
        _ => false,
    };
    let pair = window.slice(start.saturating_sub(2), start);
    let closes = matches!(after, [b'(' | b'_' | b'\\' | b'@' | b'<' | b'=', ..] | b"::" | b"->");
    opens || pair == b"::" || pair == b"->" || closes || (glued && matches!(after, [b'.' | b'/', ..]))
}

/// How sure a margin makes: half at none, near 100 from a few units on.
fn percent(margin: i32, unit: i16) -> u8 {
    let (margin, unit) = (margin.max(0), i32::from(unit).max(1));
    u8::try_from(50 + margin.saturating_mul(49) / margin.saturating_add(2 * unit)).unwrap_or(99)
}

#[cfg(test)]
mod tests;
