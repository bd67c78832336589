//! A scanner that also reads what text hides: the stream itself and its views, in one.
//!
//! What goes in and comes out is that of a [`Scanner`](crate::Scanner); a finding's `view` says how the text
//! was read in which it stands, and its range is the smallest of the stream that holds it. What a view finds
//! is left out where the text as it stands, or a view less deep, has a finding of the same type that covers
//! it. So findings of views wait until everything about their range is decided.
//!
//! Limits: views of views to a depth of [`VIEW_DEPTH_MAX`](crate::VIEW_DEPTH_MAX);
//! [`is_capped`](Reader::is_capped) says that something was hidden deeper, and who cannot tolerate that must
//! not let the text pass.

use crate::entity::{DetectorId, EntityType, Finding};
use crate::is_unmarked;
use crate::set::DetectorSet;
use crate::view::layer::{Findings, FoundBuffer, Layer, Place};
use crate::view::{Speller, ViewId};
use core::cmp::Reverse;

/// Bytes of an item that are looked at to tell whether another covers it; what is longer is told by these.
const HEAD_BYTES: u64 = 1024;

/// The lane of what stands in a text of its own; others go first.
const RESPELLED: usize = usize::MAX;

/// Finds what a [`DetectorSet`] looks for in a stream of leaves, and in its views.
#[derive(Debug)]
pub struct Reader {
    stream: Layer,
    /// Its own room, if it shares none.
    speller: Option<Box<Speller>>,
    pending: Pending,
    settled: u64,
    is_capped: bool,
}

impl Default for Reader {
    fn default() -> Self {
        Self::new()
    }
}

impl Reader {
    /// A reader at the start of a stream.
    #[must_use]
    pub fn new() -> Self {
        Self { stream: Layer::stream(), speller: None, pending: Pending::default(), settled: 0, is_capped: false }
    }

    /// Starts a new stream at offset 0; memory is kept.
    pub fn reset(&mut self) {
        self.stream.reset();
        self.pending.reset();
        (self.settled, self.is_capped) = (0, false);
    }

    /// Absolute offset of the next byte to be pushed.
    #[must_use]
    pub fn position(&self) -> u64 {
        self.stream.text.scanner.position()
    }

    /// The text from one absolute offset to another, as far as it is still there.
    #[must_use]
    pub fn text(&self, start: u64, end: u64) -> &[u8] {
        self.stream.text.scanner.text(start, end)
    }

    /// Candidates that were checked since the reader was made, in all views; a measure of work.
    #[must_use]
    pub fn candidate_visits(&self) -> u64 {
        self.stream.visits() + self.speller.as_ref().map_or(0, |speller| speller.visits())
    }

    /// Bytes that were scanned in the stream and in its views; a measure of work.
    #[must_use]
    pub fn bytes_scanned(&self) -> u64 {
        self.stream.bytes()
    }

    /// True if something in the stream was hidden deeper than views go.
    #[must_use]
    pub const fn is_capped(&self) -> bool {
        self.is_capped
    }

    /// As [`Scanner::push`](crate::Scanner::push).
    pub fn push(&mut self, text: &[u8]) {
        self.stream.text.scanner.push(text);
    }

    /// As [`Scanner::push_utf8`](crate::Scanner::push_utf8).
    pub fn push_utf8(&mut self, text: &[u8]) {
        self.stream.text.scanner.push_utf8(text);
    }

    /// As [`Scanner::part`](crate::Scanner::part).
    pub fn part(&mut self, base: u64, ends: impl Iterator<Item = usize>) {
        self.stream.text.scanner.part(base, ends);
    }

    /// As [`Scanner::push_number`](crate::Scanner::push_number).
    pub fn push_number(&mut self, digits: &[u8]) {
        self.stream.text.scanner.push_number(digits);
    }

    /// As [`Scanner::boundary`](crate::Scanner::boundary).
    pub fn boundary(&mut self) {
        self.stream.text.scanner.boundary();
    }

    /// As [`Scanner::scan`](crate::Scanner::scan), for the text and its views.
    pub fn scan(&mut self, set: &DetectorSet, found: &mut Vec<Finding>) -> u64 {
        let mut speller = self.speller.take().unwrap_or_default();
        let settled = self.scan_with(set, found, &mut speller);
        self.speller = Some(speller);
        settled
    }

    /// The same with room that readers share.
    pub fn scan_with(&mut self, set: &DetectorSet, found: &mut Vec<Finding>, speller: &mut Speller) -> u64 {
        if !set.is_enabled_at_all() {
            return self.stream.text.scanner.scan(set, found);
        }
        let first_new = found.len();
        self.pending.begin(set);
        let hold = self.stream.advance(set, speller, &mut self.pending);
        self.pending.drop_plain(|start, end| self.stream.text.scanner.text(start, end));
        self.pending.release(hold, found);
        if let Some(new) = found.get_mut(first_new..) {
            new.sort_unstable();
        }
        self.settled = self.settled.max(hold.min(self.pending.start()));
        // What is not decided can still be asked for once it is.
        self.stream.text.scanner.keep_from(self.settled);
        self.is_capped |= self.stream.is_capped();
        self.settled
    }
}

/// The last letter of Latin Extended-B (Unicode, U+0100 to U+024F).
const LATIN_LAST: char = '\u{24f}';

/// A finding of a view that is not reported yet, or goes on.
#[derive(Clone, Copy, Debug)]
struct Item {
    finding: Finding,
    entity: Option<EntityType>,
    place: Place,
    is_closed: bool,
    /// Whether it is reported, once that is decided.
    decided: Option<bool>,
}

/// A range that has a finding.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Span {
    entity: Option<EntityType>,
    start: u64,
    end: Reverse<u64>,
    lane: usize,
    /// Of two that are alike, the one that took less to read.
    view: ViewId,
    /// The item's place and one; 0 for what was reported.
    item: usize,
    /// Whose it is, if it is of the stream as it stands.
    detector: Option<DetectorId>,
}

fn item_of(span: &Span) -> Option<usize> {
    span.item.checked_sub(1)
}

/// Findings of views until it is known that nothing covers them.
#[derive(Debug, Default)]
struct Pending {
    /// The type that each detector finds, and whether nothing but what stands around it tells of it.
    entities: Vec<(Option<EntityType>, bool)>,
    items: Vec<Item>,
    /// Places of the items that may go on.
    open: Vec<usize>,
    /// Items that were looked at to tell which go on: a measure of work.
    #[cfg(test)]
    looks: u64,
    /// Ranges of what was reported.
    known: Vec<Span>,
    /// Findings that go out with the next release: those of the stream, and what goes on.
    out: Vec<Finding>,
    spans: Vec<Span>,
    buffer: Vec<Finding>,
}

impl Pending {
    fn reset(&mut self) {
        self.items.clear();
        self.open.clear();
        self.known.clear();
        self.out.clear();
    }

    fn begin(&mut self, set: &DetectorSet) {
        if self.entities.len() != set.detector_count() {
            let is_loose = |id| set.rule(id).is_some_and(is_unmarked);
            self.entities = set.ids().map(|id| (set.entity(id), is_loose(id))).collect();
        }
    }

    fn entity(&self, finding: &Finding) -> Option<EntityType> {
        self.entities.get(finding.detector.index()).and_then(|(entity, _)| *entity)
    }

    /// The first byte of what is not reported yet.
    fn start(&self) -> u64 {
        let undecided = self.items.iter().filter(|item| item.decided.is_none());
        undecided.map(|item| item.finding.start).min().unwrap_or(u64::MAX)
    }

    /// Drops names and addresses of which a view shows nothing but Latin letters without their accents: they were read as they
    /// stand, where they may be words of another language.
    fn drop_plain<'t>(&mut self, text: impl Fn(u64, u64) -> &'t [u8]) {
        let is_name = |entity: Option<EntityType>| entity.is_some_and(EntityType::is_statistical);
        let is_address = |entity| entity == EntityType::StreetAddress;
        let known = &self.known;
        // What goes on behind a part that was read as it stands is an address with other words.
        let goes_on = |finding: &Finding| {
            let overlaps = |span: &Span| span.start < finding.end && finding.start < span.end.0;
            finding.view == ViewId::RAW
                && known.iter().any(|span| span.entity.is_some_and(is_address) && overlaps(span))
        };
        let is_plain = |finding: &Finding| {
            let shown = core::str::from_utf8(text(finding.start, finding.end)).unwrap_or("\u{fffd}");
            finding.view == ViewId::UNICODE && shown.chars().all(|letter| letter <= LATIN_LAST)
        };
        for item in self.items.iter_mut().filter(|item| item.decided.is_none() && is_name(item.entity)) {
            if is_plain(&item.finding) || item.entity.is_some_and(is_address) && goes_on(&item.finding) {
                item.decided = Some(false);
            }
        }
    }

    /// Reports what is decided now that everything before `hold` is known.
    fn release(&mut self, hold: u64, found: &mut Vec<Finding>) {
        found.append(&mut self.out);
        if !self.items.is_empty() {
            self.decide(hold, found);
            self.items.retain(|item| item.decided.is_none() || !item.is_closed);
            self.open.clear();
            self.open.extend(self.items.iter().enumerate().filter(|(_, item)| !item.is_closed).map(|(place, _)| place));
        }
        // What ends there may go on.
        let needed = hold.min(self.start());
        self.known.retain(|span| span.end.0 >= needed);
    }

    fn decide(&mut self, hold: u64, found: &mut Vec<Finding>) {
        self.spans.clear();
        self.spans.extend_from_slice(&self.known);
        let as_span = |(place, item): (usize, &Item)| Span {
            entity: item.entity,
            start: item.finding.start,
            end: Reverse(item.finding.end),
            lane: item.place.lane,
            view: item.finding.view,
            item: place + 1,
            detector: None,
        };
        self.spans.extend(self.items.iter().enumerate().map(as_span));
        self.spans.sort_unstable();
        let is_loose =
            |detector: DetectorId| self.entities.get(detector.index()).is_some_and(|(_, is_loose)| *is_loose);
        let (mut entity, mut covered_to, mut raw_to, mut loose_to) = (None, 0, 0, 0);
        for span in &self.spans {
            if span.entity != entity {
                (entity, covered_to, raw_to, loose_to) = (span.entity, 0, 0, 0);
            }
            // A value that only its name tells of may be one that tells of itself, once it is read.
            if span.detector.is_some_and(is_loose) {
                loose_to = loose_to.max(span.end.0);
                continue;
            }
            if let Some(item) = item_of(span).and_then(|place| self.items.get_mut(place))
                && item.decided.is_none()
            {
                let (start, end) = (item.finding.start, item.finding.end);
                let head_end = end.min(start + HEAD_BYTES);
                let loose_to = if is_loose(item.finding.detector) { loose_to } else { 0 };
                let is_ready = (item.is_closed || end > head_end) && head_end <= hold;
                if is_ready {
                    let is_new = covered_to.max(loose_to) < head_end && !item.place.is_context;
                    item.decided = Some(is_new);
                    if is_new {
                        // What the text itself has of it is reported already.
                        found.push(Finding { start: start.max(raw_to).max(loose_to), ..item.finding });
                        self.known.push(Span { item: 0, ..*span });
                    }
                }
            }
            let is_context =
                item_of(span).is_some_and(|place| self.items.get(place).is_some_and(|item| item.place.is_context));
            covered_to = covered_to.max(if is_context { 0 } else { span.end.0 });
            raw_to = raw_to.max(if span.detector.is_some() { span.end.0 } else { 0 });
        }
    }
}

impl Pending {
    /// A finding of the stream as it stands goes out at once.
    fn add_raw(&mut self, entity: Option<EntityType>, finding: Finding) {
        self.out.push(finding);
        let detector = Some(finding.detector);
        let goes_on = |span: &&mut Span| (span.detector, span.end.0) == (detector, finding.start);
        let known = if finding.continued { self.known.as_mut_slice() } else { &mut [] };
        match known.iter_mut().rev().find(goes_on) {
            Some(span) => span.end = Reverse(finding.end),
            None => {
                let (start, end) = (finding.start, Reverse(finding.end));
                self.known.push(Span { entity, start, end, lane: 0, view: ViewId::RAW, item: 0, detector });
            }
        }
    }
}

impl Findings for Pending {
    fn add(&mut self, finding: Finding, place: Option<Place>) {
        let entity = self.entity(&finding);
        let Some(place) = place else {
            let place = Place { lane: RESPELLED, start: 0, end: 0, is_context: false };
            self.items.push(Item { finding, entity, place, is_closed: true, decided: None });
            return;
        };
        if place.lane == 0 {
            self.add_raw(entity, finding);
            return;
        }
        let goes_on = |item: &Item| {
            (item.place.lane, item.finding.detector, item.place.end) == (place.lane, finding.detector, place.start)
        };
        let open = if finding.continued { self.open.as_slice() } else { &[] };
        let found = open.iter().rev().copied().find(|at| self.items.get(*at).is_some_and(goes_on));
        let Some(item) = found.and_then(|at| self.items.get_mut(at)) else {
            self.open.push(self.items.len());
            self.items.push(Item { finding, entity, place, is_closed: false, decided: None });
            return;
        };
        let piece = Finding { start: item.finding.end.min(finding.start), ..finding };
        (item.finding.end, item.place.end) = (finding.end, place.end);
        item.finding.view = item.finding.view.and(finding.view);
        item.place.is_context &= place.is_context;
        if item.decided == Some(true) {
            self.out.push(piece);
        }
    }

    fn close(&mut self, lane: usize, is_open: impl Fn(DetectorId) -> bool) {
        let items = &mut self.items;
        #[cfg(test)]
        {
            self.looks += self.open.len() as u64;
        }
        self.open.retain(|place| {
            let Some(item) = items.get_mut(*place) else { return false };
            item.is_closed |= item.place.lane == lane && !is_open(item.finding.detector);
            !item.is_closed
        });
    }
}

impl FoundBuffer for Pending {
    fn take(&mut self) -> Vec<Finding> {
        core::mem::take(&mut self.buffer)
    }

    fn give_back(&mut self, found: Vec<Finding>) {
        self.buffer = found;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_found_before_is_not_looked_at_again_and_again() {
        const COUNT: usize = 4000;
        let set = DetectorSet::builder().enable(EntityType::EmailAddress).build().unwrap();
        let (mut reader, mut found) = (Reader::new(), Vec::new());
        reader.push(r"to jane\u0040example.com now ".repeat(COUNT).as_bytes());
        reader.boundary();
        reader.scan(&set, &mut found);
        assert_eq!(found.len(), COUNT);
        assert!(reader.pending.looks <= 16 * COUNT as u64, "{}", reader.pending.looks);
    }
}
