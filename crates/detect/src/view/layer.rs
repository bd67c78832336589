//! One text that is scanned and read again: the stream itself, or what a view makes of a text.
//!
//! Each layer has a scanner for its text and four lanes that read it; two of them write layers of their own
//! below it. Layers are made when they are first written to, and kept.

use super::VIEW_DEPTH_MAX;
use super::decode::Decode;
use super::fold::{self, Fold};
use super::map::{Source, Text};
use super::outline;
use super::respell::{self, Respell, Speller};
use super::table::Table;
use crate::entity::{DetectorId, Finding};
use crate::set::DetectorSet;

/// Bytes of a text that go down to the next layers at once: what these keep besides what is undecided.
const CHUNK_BYTES: u64 = outline::CHUNK_BYTES as u64;

/// Bytes before the lanes' cursors that they may look at.
const KEPT_BYTES: u64 =
    if fold::BEFORE_BYTES > respell::BEFORE_BYTES { fold::BEFORE_BYTES } else { respell::BEFORE_BYTES } as u64 + 64;

/// Where a finding stands in the text of its layer.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Place {
    pub(crate) lane: usize,
    pub(crate) start: u64,
    pub(crate) end: u64,
    /// It lies in text that is only context so far.
    pub(crate) is_context: bool,
}

/// Takes what layers find.
pub(crate) trait Findings {
    /// A layer found something; no place if it stands in a text of its own.
    fn add(&mut self, finding: Finding, place: Option<Place>);

    /// What a layer found does not go on, but for what these detectors found last.
    fn close(&mut self, lane: usize, is_open: impl Fn(DetectorId) -> bool);
}

/// A text, and what reads it.
#[derive(Debug, Default)]
pub(crate) struct Layer {
    pub(crate) text: Text,
    depth: usize,
    /// A number of its own: 0 for the stream, then breadth first, odd for what folds wrote.
    lane: usize,
    fold: Fold,
    decode: Decode,
    respell: Respell,
    table: Table,
    folded: Below,
    decoded: Below,
    /// What was read of the text.
    read: u64,
    /// The first byte of the stream that could belong to something undecided, here or below.
    hold: u64,
    /// Something was hidden deeper than views go.
    is_capped: bool,
}

impl Layer {
    /// The layer of the stream.
    pub(crate) fn stream() -> Self {
        Self::at(0, 0, Text::stream())
    }

    fn at(depth: usize, lane: usize, text: Text) -> Self {
        let below = |lane| Below { depth: depth + 1, lane, layer: None };
        let (folded, decoded) = (below(2 * lane + 1), below(2 * lane + 2));
        let hold = if depth == 0 { 0 } else { u64::MAX };
        Self { text, depth, lane, folded, decoded, hold, ..Self::default() }
    }

    /// The layers below, as far as there are any.
    fn below(&self) -> impl Iterator<Item = &Self> {
        [&self.folded, &self.decoded].into_iter().filter_map(|below| below.layer.as_deref())
    }

    fn below_mut(&mut self) -> impl Iterator<Item = &mut Self> {
        [&mut self.folded, &mut self.decoded].into_iter().filter_map(|below| below.layer.as_deref_mut())
    }

    /// Starts a new stream; memory is kept.
    pub(crate) fn reset(&mut self) {
        self.text.reset();
        (self.fold, self.decode, self.respell) = (Fold::default(), Decode::default(), Respell::default());
        self.table = Table::default();
        (self.read, self.hold, self.is_capped) = (0, if self.depth == 0 { 0 } else { u64::MAX }, false);
        for child in self.below_mut() {
            if child.text.scanner.position() > 0 {
                child.reset();
            }
        }
    }

    pub(crate) fn is_capped(&self) -> bool {
        self.is_capped || self.below().any(Self::is_capped)
    }

    /// Candidates that were checked.
    pub(crate) fn visits(&self) -> u64 {
        let below: u64 = self.below().map(Self::visits).sum();
        self.text.scanner.candidate_visits() + below
    }

    /// Bytes of this text and of those below.
    pub(crate) fn bytes(&self) -> u64 {
        self.text.scanner.position() + self.below().map(Self::bytes).sum::<u64>()
    }

    /// Scans what is new in the text and reads it again; returns the hold in the stream.
    pub(crate) fn advance(
        &mut self,
        set: &DetectorSet,
        speller: &mut Speller,
        out: &mut (impl Findings + FoundBuffer),
    ) -> u64 {
        let mut found = out.take();
        found.clear();
        let scanned = self.text.scanner.scan(set, &mut found);
        self.text.trim();
        for finding in &found {
            let first = if set.is_of_lines(finding.detector) {
                self.text.first_line(finding.start, finding.end)
            } else {
                finding.start
            };
            let Source { start, end, views, is_context, .. } = self.text.source(first, finding.end);
            let view = finding.view.and(views);
            let place = Place { lane: self.lane, start: first, end: finding.end, is_context };
            out.add(Finding { start, end, view, ..*finding }, Some(place));
        }
        out.give_back(found);
        out.close(self.lane, |detector| self.text.scanner.is_open(detector));
        let seen = self.read(set, speller, out);
        let own = seen.min(scanned);
        let position = self.text.scanner.position();
        let own = if own >= position && self.depth > 0 { u64::MAX } else { self.text.source_place(own) };
        let below = self.below().map(|child| child.hold).min();
        self.hold = own.min(below.unwrap_or(u64::MAX));
        self.hold
    }

    /// Lets the lanes read what is new; returns their hold in the text.
    fn read(&mut self, set: &DetectorSet, speller: &mut Speller, out: &mut (impl Findings + FoundBuffer)) -> u64 {
        let position = self.text.scanner.position();
        let mut hold;
        loop {
            let end = position.min(self.read + CHUNK_BYTES);
            hold = self.read_lanes(end, set, speller, out);
            self.read = end;
            for child in self.below_mut() {
                if child.text.scanner.position() > child.read {
                    child.advance(set, speller, out);
                }
            }
            if end == position {
                break;
            }
        }
        let cursor = self.fold.cursor.min(self.decode.cursor).min(self.respell.cursor()).min(self.table.start());
        self.text.scanner.keep_from(cursor.saturating_sub(KEPT_BYTES));
        hold
    }

    fn read_lanes(&mut self, end: u64, set: &DetectorSet, speller: &mut Speller, out: &mut impl Findings) -> u64 {
        let is_folded = self.lane % 2 == 1;
        let Self { text, depth, fold, decode, respell, table, folded, decoded, is_capped, .. } = self;
        let goes_on = *depth < VIEW_DEPTH_MAX;
        let (indexed, base) = text.scanner.indexed();
        let place = |offset: u64| usize::try_from(offset.saturating_sub(base)).unwrap_or(usize::MAX);
        let from = decode.cursor.min(respell.cursor());
        speller.outline.mark(indexed, place(from), place(end));
        for context in text.contexts_behind(from).take_while(|context| context.start < end) {
            speller.outline.clear(place(context.start)..place(context.end));
        }
        let seen = fold.read(text, is_folded, end, goes_on.then_some(folded));
        *is_capped |= seen.is_capped;
        let hold = seen.hold.min(decode.read(text, end, &speller.outline, decoded));
        if let Some(beyond) = decoded.layer.as_mut().filter(|_| !goes_on) {
            // Nobody reads what is there, but it must not be there.
            *is_capped |= beyond.text.depth() > VIEW_DEPTH_MAX;
            beyond.text.reset();
        }
        let mut report = |finding: Finding| out.add(finding, None);
        let hold = hold.min(respell.read(text, end, set, speller, &mut report));
        *is_capped |= speller.take_capped();
        hold.min(table.read(text, end, set, speller, report))
    }
}

/// A layer that is made when it is first written to.
#[derive(Debug, Default)]
pub(super) struct Below {
    depth: usize,
    lane: usize,
    layer: Option<Box<Layer>>,
}

impl Below {
    /// True if what is left to its views is read in one more layer.
    pub(super) const fn goes_on(&self) -> bool {
        self.depth < VIEW_DEPTH_MAX
    }

    /// Its text, to be written.
    pub(super) fn text(&mut self) -> &mut Text {
        let make = || Box::new(Layer::at(self.depth, self.lane, Text::mapped()));
        &mut self.layer.get_or_insert_with(make).text
    }
}

/// Lends a buffer for findings.
pub(crate) trait FoundBuffer {
    fn take(&mut self) -> Vec<Finding>;
    fn give_back(&mut self, found: Vec<Finding>);
}
