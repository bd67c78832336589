//! The state of one stream: text that is not decided, and where each search stands in it.

use crate::block::{GROUP_BYTES, Index, Text as Indexed};
use crate::canary;
use crate::code;
use crate::entity::{DetectorId, Finding};
use crate::keyword;
use crate::marking;
use crate::names;
use crate::needle::Found;
use crate::set::DetectorSet;
use crate::trigger::unmarked::{self, Unmarked};
use crate::trigger::{Progress, Sink, at, colon, digit, lattice, mixed};
use crate::window::{BOUNDARY, CONTEXT_BYTES, NOT_TEXT, NUMBER_BOUNDARY, Window};

/// Bytes of buffer that a scanner keeps from one stream to the next; a longer text's memory is given
/// back, so that one large message does not weigh on a worker for ever.
pub const SPARE_BYTES_MAX: usize = 1 << 20;

/// Finds what a [`DetectorSet`] looks for in a stream of leaves.
///
/// Push the leaves' text in pieces of any size, each leaf followed by a [`boundary`](Self::boundary),
/// and [`scan`](Self::scan) as often as decisions are wanted; the findings do not depend on either.
/// Between two [`reset`](Self::reset)s all scans use the same set.
#[derive(Debug, Default)]
pub struct Scanner {
    text: Vec<u8>,
    index: Index,
    needles: Found,
    /// Absolute offset of the first byte of `text`.
    base: u64,
    /// Bytes at the front of `text` that no check needs any more; they stay until the next scan, so
    /// that findings can be looked at.
    spent: usize,
    at: usize,
    colon: usize,
    digit: digit::Cursor,
    mixed: usize,
    lattice: usize,
    cue: Progress,
    run: usize,
    tags: Progress,
    literals: Progress,
    unmarked: unmarked::Cursors,
    keywords: keyword::Progress,
    markings: marking::Progress,
    /// Apart, so that a scanner is small to move.
    rare: Box<Rare>,
    /// Terms are also looked for backwards and in ROT13.
    is_mirroring: bool,
    in_number: bool,
    visits: u64,
}

/// Where the searches stand whose state is large or that few sets have.
#[derive(Debug, Default)]
struct Rare {
    names: names::Progress,
    code: code::Progress,
    canaries: canary::Progress,
    mirrored: keyword::Progress,
}

impl Scanner {
    /// A scanner at the start of a stream.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// A scanner whose buffer has room for `bytes` of undecided text without allocating.
    #[must_use]
    pub fn with_capacity(bytes: usize) -> Self {
        Self { text: Vec::with_capacity(bytes), ..Self::default() }
    }

    /// A scanner that looks for terms backwards and in ROT13, too.
    pub(crate) fn mirroring() -> Self {
        Self { is_mirroring: true, ..Self::default() }
    }

    /// Starts a new stream at offset 0; memory is kept, up to [`SPARE_BYTES_MAX`].
    pub fn reset(&mut self) {
        self.text.clear();
        self.index.clear();
        self.needles.clear();
        if self.text.capacity() > SPARE_BYTES_MAX {
            self.text.shrink_to(SPARE_BYTES_MAX);
            self.index.shrink_to(SPARE_BYTES_MAX);
        }
        (self.base, self.spent) = (0, 0);
        (self.at, self.colon, self.run) = (0, 0, 0);
        self.digit = digit::Cursor::default();
        (self.mixed, self.lattice) = (0, 0);
        (self.tags, self.cue) = (Progress::default(), Progress::default());
        self.literals = Progress::default();
        self.unmarked = Default::default();
        self.keywords.reset();
        self.rare.reset();
        self.markings = marking::Progress::default();
        self.in_number = false;
    }

    /// Absolute offset of the next byte to be pushed.
    #[must_use]
    pub fn position(&self) -> u64 {
        self.base + self.text.len() as u64
    }

    /// The text from one absolute offset to another, as far as it is still there: from where the last
    /// scan was undecided when it began.
    #[must_use]
    pub fn text(&self, start: u64, end: u64) -> &[u8] {
        let place = |offset: u64| usize::try_from(offset.saturating_sub(self.base)).unwrap_or(usize::MAX);
        self.text.get(place(start)..place(end)).unwrap_or_default()
    }

    /// Candidates that were checked since the scanner was made; a measure of work.
    #[must_use]
    pub const fn candidate_visits(&self) -> u64 {
        self.visits
    }

    /// Appends bytes of the current leaf.
    pub fn push(&mut self, text: &[u8]) {
        if memchr::memchr2(BOUNDARY, NUMBER_BOUNDARY, text).is_none() {
            self.text.extend_from_slice(text);
        } else {
            let is_mark = |byte| matches!(byte, BOUNDARY | NUMBER_BOUNDARY);
            self.text.extend(text.iter().map(|byte| if is_mark(*byte) { NOT_TEXT } else { *byte }));
        }
    }

    /// Appends bytes of the current leaf that are known to be UTF-8, or part of it.
    pub fn push_utf8(&mut self, text: &[u8]) {
        debug_assert!(memchr::memchr2(BOUNDARY, NUMBER_BOUNDARY, text).is_none());
        self.text.extend_from_slice(text);
    }

    /// Parts what was pushed since `base`, a [`position`](Self::position), into leaves; each ends, in
    /// order, so many bytes behind it. The byte there belongs to no leaf and becomes the boundary.
    pub fn part(&mut self, base: u64, ends: impl Iterator<Item = usize>) {
        let start = usize::try_from(base - self.base).unwrap_or(usize::MAX);
        for end in ends {
            match start.checked_add(end).and_then(|end| self.text.get_mut(end)) {
                Some(byte) => *byte = BOUNDARY,
                None => self.text.push(BOUNDARY),
            }
        }
    }

    /// Appends text in which the marks of boundaries are boundaries: that of another scanner.
    pub(crate) fn push_marked(&mut self, text: &[u8]) {
        self.text.extend_from_slice(text);
    }

    /// All text that is there, and the absolute offset of its first byte.
    pub(crate) fn held(&self) -> (&[u8], u64) {
        (&self.text, self.base)
    }

    /// The same text with the index of the last scan, and the absolute offset of its first byte.
    pub(crate) fn indexed(&self) -> (Indexed<'_>, u64) {
        (self.index.of(&self.text), self.base)
    }

    /// Keeps the text from an absolute offset on over the next scan, as far as it is there.
    pub(crate) fn keep_from(&mut self, offset: u64) {
        let place = usize::try_from(offset.saturating_sub(self.base)).unwrap_or(usize::MAX);
        self.spent = self.spent.min(place);
    }

    /// True if the last finding of this detector goes on in text to come.
    pub(crate) fn is_open(&self, detector: DetectorId) -> bool {
        let mut places = [&self.tags, &self.literals].into_iter().chain(self.unmarked.places());
        places.any(|progress| progress.open.is_some_and(|open| open.detector == detector))
    }

    /// Appends digits of the current leaf, which is a number. A number that is nothing but nine
    /// digits is taken more seriously than nine digits in running text.
    pub fn push_number(&mut self, digits: &[u8]) {
        self.in_number = true;
        self.push(digits);
    }

    /// Ends the leaf: one separator byte is added to the stream, which no match crosses.
    pub fn boundary(&mut self) {
        self.text.push(if self.in_number { NUMBER_BOUNDARY } else { BOUNDARY });
        self.in_number = false;
    }

    /// Decides what can be decided, appends the findings to `found`, sorted by start, and returns
    /// the absolute offset before which no byte can become part of a finding any more.
    pub fn scan(&mut self, set: &DetectorSet, found: &mut Vec<Finding>) -> u64 {
        self.forget(self.spent - self.spent % GROUP_BYTES);
        let first_new = found.len();
        if !set.is_enabled_at_all() {
            self.spent = self.text.len().saturating_sub(CONTEXT_BYTES);
            return self.position();
        }
        self.index.update(&self.text, set.unmarked.as_ref().map(Unmarked::endings));
        let text = self.index.of(&self.text);
        self.needles.update(&set.needles, text);
        let window = Window::over(text.with(&self.needles));
        let sink = &mut Sink { found: &mut *found, base: self.base, visits: &mut self.visits };
        let mut hold = window.len();
        if let Some(armed) = &set.at {
            hold = hold.min(at::scan(armed, &window, &mut self.at, sink));
        }
        if let Some(armed) = &set.colon {
            hold = hold.min(colon::scan(armed, &window, &mut self.colon, sink));
        }
        if !set.digits.is_empty() {
            hold = hold.min(digit::scan(&set.digits, &set.ids, &window, &mut self.digit, sink));
        }
        if set.ids.reports_tokens() {
            hold = hold.min(mixed::scan(&set.ids, &window, &mut self.mixed, sink));
        }
        if let Some(armed) = &set.lattice {
            hold = hold.min(lattice::scan(armed, &window, &mut self.lattice, sink));
        }
        if let Some(cues) = &set.cues {
            hold = hold.min(cues.scan(&window, &mut self.cue, sink));
        }
        if let Some(runs) = &set.runs {
            hold = hold.min(runs.scan(&window, &mut self.run, sink));
        }
        if let Some(tags) = &set.tags {
            hold = hold.min(tags.scan(&window, &mut self.tags, sink));
        }
        if let Some(literals) = &set.literals {
            hold = hold.min(literals.scan(&window, &mut self.literals, sink));
        }
        if let Some(unmarked) = &set.unmarked {
            hold = hold.min(unmarked.scan(&window, &mut self.unmarked, sink));
        }
        if let Some(keywords) = &set.keywords {
            hold = hold.min(keywords.scan(&window, &mut self.keywords, sink));
        }
        if let Some(names) = &set.names {
            hold = hold.min(names.scan(&window, &mut self.rare.names, sink));
        }
        if let Some(canaries) = &set.canaries {
            hold = hold.min(canaries.scan(&window, &mut self.rare.canaries, sink));
        }
        if let Some(markings) = &set.markings {
            hold = hold.min(markings.scan(&window, &mut self.markings, sink));
        }
        if let Some(code) = &set.code {
            hold = hold.min(code.scan(&window, &mut self.rare.code, sink));
        }
        if let Some(mirrored) = set.mirrored.as_ref().filter(|_| self.is_mirroring) {
            let first = sink.found.len();
            hold = hold.min(mirrored.terms.scan(&window, &mut self.rare.mirrored, sink));
            mirrored.name(&window, self.base, found.get_mut(first..).unwrap_or_default());
        }
        if let Some(new) = found.get_mut(first_new..) {
            new.sort_unstable();
        }
        let settled = self.base + hold as u64;
        self.spent = hold.saturating_sub(CONTEXT_BYTES);
        settled
    }

    /// Drops the first `bytes` of the text, of which at least so many are there.
    fn forget(&mut self, bytes: usize) {
        let kept = self.text.len().saturating_sub(bytes);
        self.index.forget(bytes);
        self.needles.forget(bytes);
        self.text.copy_within(bytes.., 0);
        self.text.truncate(kept);
        self.base += bytes as u64;
        let cursors = [&mut self.at, &mut self.colon, &mut self.digit.next, &mut self.digit.taken, &mut self.run];
        let marks = [&mut self.mixed, &mut self.lattice, &mut self.cue.cursor, &mut self.cue.floor];
        let tags = [&mut self.tags.cursor, &mut self.tags.floor];
        let literals = [&mut self.literals.cursor, &mut self.literals.floor];
        let keywords = [&mut self.keywords.cursor, &mut self.rare.mirrored.cursor];
        let names = [&mut self.rare.names.cursor, &mut self.rare.names.floor];
        let later = [&mut self.markings.cursor, &mut self.markings.floor, &mut self.rare.canaries.cursor];
        let cursors = cursors.into_iter().chain(marks).chain(tags).chain(literals).chain(keywords);
        for cursor in cursors.chain(names).chain(later) {
            *cursor = cursor.saturating_sub(bytes);
        }
        self.unmarked.forget(bytes);
    }
}

impl Rare {
    /// Forgets the stream, keeps the memory.
    fn reset(&mut self) {
        self.names.reset();
        self.code.reset();
        self.canaries.reset(SPARE_BYTES_MAX);
        self.mirrored.reset();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn set() -> DetectorSet {
        DetectorSet::builder().enable_all().keywords("k", &["project x".to_owned()]).build().unwrap()
    }

    fn buffers(scanner: &Scanner, found: &Vec<Finding>) -> (usize, usize, usize) {
        let stages = [
            scanner.keywords.capacity(),
            scanner.rare.names.capacity(),
            scanner.rare.code.capacity(),
            scanner.rare.canaries.capacity(),
        ];
        (scanner.text.capacity() + scanner.needles.capacity(), stages.iter().sum(), found.capacity())
    }

    #[test]
    fn after_the_first_streams_no_buffer_grows() {
        let set = set();
        let (mut scanner, mut found) = (Scanner::with_capacity(8192), Vec::with_capacity(64));
        let stream = |scanner: &mut Scanner, found: &mut Vec<Finding>| {
            scanner.reset();
            for piece in "jane@example.com, project x, 536-90-4399 and 10.0.0.1; ".repeat(200).as_bytes().chunks(1460) {
                scanner.push(piece);
                scanner.scan(&set, found);
                found.clear();
            }
            scanner.boundary();
            scanner.scan(&set, found);
            found.clear();
        };
        stream(&mut scanner, &mut found);
        let warm = buffers(&scanner, &found);
        for _ in 0..50 {
            stream(&mut scanner, &mut found);
        }
        assert_eq!(buffers(&scanner, &found), warm);
    }

    #[test]
    fn a_scanner_is_small_to_move() {
        assert!(size_of::<Scanner>() <= 1024, "{}", size_of::<Scanner>());
    }

    #[test]
    fn a_large_text_does_not_keep_its_memory() {
        let mut scanner = Scanner::new();
        scanner.push(&vec![b'x'; 4 * SPARE_BYTES_MAX]);
        scanner.reset();
        assert!(scanner.text.capacity() <= SPARE_BYTES_MAX);
    }

    #[test]
    fn bytes_that_mark_boundaries_are_no_boundaries_in_text() {
        let set = set();
        let (mut scanner, mut found) = (Scanner::new(), Vec::new());
        // A private key goes to the end of its leaf, not to a byte that looks like one.
        scanner.push(b"-----BEGIN PRIVATE KEY-----\xff\xfeMIIE");
        scanner.boundary();
        scanner.scan(&set, &mut found);
        assert_eq!((found[0].start, found[0].end), (0, scanner.position() - 1));
    }

    #[test]
    fn leaves_in_one_text_are_read_as_they_would_be_one_by_one() {
        let set = set();
        let text = b"X-Note: jane@example\r\nX-More:com 10.0.0.1\r\n";
        let leaves = [(0, 6), (8, 20), (22, 28), (29, 41)];
        let (mut together, mut apart) = (Scanner::new(), Scanner::new());
        let (mut found, mut expected) = (Vec::new(), Vec::new());
        together.push(text);
        together.part(0, leaves.iter().map(|(_, end)| *end));
        together.scan(&set, &mut found);
        for (start, end) in leaves {
            apart.push(&text[start..end]);
            apart.boundary();
        }
        apart.scan(&set, &mut expected);
        let texts = |scanner: &Scanner, found: &[Finding]| -> Vec<Vec<u8>> {
            found.iter().map(|finding| scanner.text(finding.start, finding.end).to_vec()).collect()
        };
        assert_eq!(texts(&together, &found), texts(&apart, &expected));
        assert_eq!(texts(&together, &found), [b"10.0.0.1".to_vec()]);
        // The last leaf may end where the text does.
        let base = together.position();
        together.push(b"a b");
        together.part(base, [1, 3].into_iter());
        assert_eq!(together.position(), text.len() as u64 + 4);
    }

    #[test]
    fn a_set_that_looks_for_nothing_settles_everything() {
        let set = DetectorSet::builder().build().unwrap();
        let (mut scanner, mut found) = (Scanner::new(), Vec::new());
        scanner.push(b"jane@exam");
        assert_eq!(scanner.scan(&set, &mut found), 9);
        assert!(found.is_empty());
    }
}
