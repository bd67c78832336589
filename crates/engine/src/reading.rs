//! One reading of one direction: a reader of text and its views, and where its text came from.

use crate::{Inlaid, LeafId, LeafKind, WholeLeaf};
use core::ops::Range;
use detect::{DetectorSet, Finding, Reader, Speller, ViewId};
use std::collections::VecDeque;

/// Bytes of other text, behind what a joined reading has not decided, that are held for what may be joined to it: an image
/// behind a question has some hundred thousand. What goes on later with what was let through is no longer masked, and is
/// a block.
const JOINED_HOLD_BYTES: u64 = 1024;

/// A run of one leaf's text in the reader's stream.
#[derive(Clone, Copy, Debug)]
struct Run {
    leaf: LeafId,
    kind: LeafKind,
    /// Decoded offset of the run's first byte in its leaf.
    base: u64,
    /// Reader position of the run's first byte.
    start: u64,
    len: u64,
    /// How many decoded bytes of the leaf it stands for, if it is an escape in a text.
    wide: Option<u64>,
    /// It is part of a leaf that the main reading reads as a text.
    is_inlaid: bool,
    /// Where the main reading was before its text and behind it, if that is joined.
    beside: (u64, u64),
}

impl Run {
    const fn end(&self) -> u64 {
        self.start + self.len
    }

    /// The decoded bytes of the leaf that some of its text stands for.
    fn place(&self, text: Range<u64>) -> Range<u64> {
        match self.wide {
            Some(wide) => self.base..self.base + wide,
            None => self.base + (text.start - self.start)..self.base + (text.end - self.start),
        }
    }
}

/// A part of a finding: bytes of one leaf.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Part {
    pub(crate) leaf: LeafId,
    pub(crate) kind: LeafKind,
    pub(crate) start: u64,
    pub(crate) end: u64,
}

/// Leaves that are read as one text.
#[derive(Debug, Default)]
pub(crate) struct Reading {
    reader: Reader,
    runs: VecDeque<Run>,
    /// Something was pushed since the last scan.
    is_stale: bool,
    /// The newest leaf and its decoded bytes so far.
    newest: (LeafId, u64),
    settled: u64,
    /// Findings in texts that the main reading has not decided about.
    early: Vec<Finding>,
    /// Where the main reading was before the last text that was joined to this one, and behind it.
    beside: (u64, u64),
}

impl Reading {
    pub(crate) fn new() -> Self {
        Self::default()
    }

    pub(crate) fn reset(&mut self) {
        self.reader.reset();
        self.runs.clear();
        self.is_stale = false;
        self.newest = (LeafId(0), 0);
        self.early.clear();
        (self.settled, self.beside) = (0, (0, 0));
    }

    /// Bytes that were pushed.
    pub(crate) fn position(&self) -> u64 {
        self.reader.position()
    }

    /// Appends text that the main reading has read, from one of its positions to another.
    pub(crate) fn join(&mut self, beside: (u64, u64), leaf: LeafId, kind: LeafKind, text: &[u8], is_plain: bool) {
        self.beside = beside;
        self.push(leaf, kind, text, is_plain);
    }

    /// Appends text that stands within a leaf.
    pub(crate) fn join_within(&mut self, beside: (u64, u64), leaf: LeafId, kind: LeafKind, inlaid: &Inlaid<'_>) {
        self.beside = beside;
        let start = self.reader.position();
        self.reader.push(inlaid.text);
        self.is_stale = true;
        let len = inlaid.text.len() as u64;
        let wide = (inlaid.len != len).then_some(inlaid.len);
        match self.runs.back_mut() {
            Some(run)
                if (run.leaf, run.kind) == (leaf, kind)
                    && run.end() == start
                    && run.is_inlaid
                    && (run.wide, wide) == (None, None)
                    && run.base + run.len == inlaid.start =>
            {
                run.len += len;
                run.beside.1 = beside.1;
            }
            _ => self.runs.push_back(Run { leaf, kind, base: inlaid.start, start, len, wide, is_inlaid: true, beside }),
        }
    }

    /// True if what is undecided here may wait for more text, the main reading being at `position`.
    pub(crate) const fn may_wait(&self, position: u64) -> bool {
        position <= self.beside.1 + JOINED_HOLD_BYTES
    }

    /// True if texts that a finding covers were so far apart that the first of them did not wait for the second.
    pub(crate) fn is_apart(&self, finding: &Finding) -> bool {
        let runs = || self.runs_from(finding.start).take_while(|run| run.start < finding.end);
        runs().zip(runs().skip(1)).any(|(run, next)| next.beside.0 > run.beside.1 + JOINED_HOLD_BYTES)
    }

    /// Appends text of a leaf; `is_plain` if it is known to be UTF-8.
    pub(crate) fn push(&mut self, leaf: LeafId, kind: LeafKind, text: &[u8], is_plain: bool) {
        let start = self.reader.position();
        let len = text.len() as u64;
        match kind {
            LeafKind::Number => self.reader.push_number(text),
            LeafKind::Text
            | LeafKind::Binary
            | LeafKind::Key
            | LeafKind::Field
            | LeafKind::Fixed
            | LeafKind::Credential
            | LeafKind::Nonce => {
                if is_plain {
                    self.reader.push_utf8(text)
                } else {
                    self.reader.push(text)
                }
            }
        }
        self.is_stale = true;
        let (newest, decoded) = self.newest;
        let base = if newest == leaf { decoded } else { 0 };
        self.newest = (leaf, base + len);
        match self.runs.back_mut() {
            Some(run) if (run.leaf, run.kind) == (leaf, kind) && run.end() == start && !run.is_inlaid => {
                run.len += len;
                run.beside.1 = self.beside.1;
            }
            _ => {
                let beside = self.beside;
                self.runs.push_back(Run { leaf, kind, base, start, len, wide: None, is_inlaid: false, beside });
            }
        }
    }

    /// Appends whole leaves that stand in one text, the first of which is `first`.
    pub(crate) fn push_leaves(&mut self, first: LeafId, text: &[u8], leaves: &[WholeLeaf], is_plain: bool) {
        let base = self.reader.position();
        if is_plain {
            self.reader.push_utf8(text)
        } else {
            self.reader.push(text)
        }
        // What stands behind the last one is not the beginning of the next leaf.
        let last = leaves.last().map_or(0, |leaf| leaf.end);
        let behind = text.len().checked_sub(1).filter(|end| *end > last);
        self.reader.part(base, leaves.iter().map(|leaf| leaf.end).chain(behind));
        self.is_stale = true;
        for (number, leaf) in (first.0..).zip(leaves) {
            let (start, len) = (base + leaf.start as u64, (leaf.end - leaf.start) as u64);
            let (leaf, kind) = (LeafId(number), leaf.kind);
            let beside = self.beside;
            self.runs.push_back(Run { leaf, kind, base: 0, start, len, wide: None, is_inlaid: false, beside });
            self.newest = (leaf, len);
        }
    }

    /// The text that a finding of the last scan covers.
    pub(crate) fn text(&self, finding: &Finding) -> &[u8] {
        self.reader.text(finding.start, finding.end)
    }

    /// The text of the run in which a scanned place stands: a whole leaf, unless it came in parts.
    pub(crate) fn text_around(&self, place: u64) -> &[u8] {
        let run = self.runs_from(place).next().filter(|run| run.start <= place);
        run.map_or(&[], |run| self.reader.text(run.start, run.end()))
    }

    /// What follows stands on a line of its own, which is nobody's text.
    pub(crate) fn line(&mut self) {
        self.reader.push_utf8(b"\n");
        self.is_stale = true;
    }

    /// No match crosses this place.
    pub(crate) fn boundary(&mut self) {
        self.reader.boundary();
        self.is_stale = true;
    }

    /// True if text was hidden deeper than views go.
    pub(crate) const fn is_capped(&self) -> bool {
        self.reader.is_capped()
    }

    /// Scans what is new. Returns the first place that is not decided, if there is one.
    ///
    /// What is found comes in the order in which it is decided, however the text was split.
    pub(crate) fn scan(
        &mut self,
        set: &DetectorSet,
        found: &mut Vec<Finding>,
        speller: &mut Speller,
    ) -> Option<(LeafId, u64)> {
        if !self.is_stale {
            return self.place_of(self.settled);
        }
        self.is_stale = false;
        let settled = self.reader.scan_with(set, found, speller);
        self.settled = settled;
        // Runs that carry a finding of this scan are needed until the caller has placed it.
        let needed = found.iter().chain(&self.early).fold(settled, |needed, finding| needed.min(finding.start));
        while self.runs.front().is_some_and(|run| run.end() <= needed) {
            self.runs.pop_front();
        }
        found.sort_unstable_by_key(|finding| (decided_at(finding), *finding));
        self.place_of(settled)
    }

    /// Keeps back what was found in texts about which the main reading has not decided, which it has up to `decided`: what
    /// it finds there goes first, as it does in leaves of their own. Returns the first place that hangs on that.
    pub(crate) fn keep_early(
        &mut self,
        decided: Option<(LeafId, u64)>,
        found: &mut Vec<Finding>,
    ) -> Option<(LeafId, u64)> {
        let mut early = core::mem::take(&mut self.early);
        if !early.is_empty() {
            found.append(&mut early);
            found.sort_unstable_by_key(|finding| (decided_at(finding), *finding));
        }
        found.retain(|finding| {
            let is_early = decided.is_some_and(|decided| self.inlaid_end(finding) > Some(decided));
            if is_early {
                early.push(*finding);
            }
            !is_early
        });
        self.early = early;
        let first = self.early.iter().map(|finding| finding.start).min()?;
        self.place_of(first)
    }

    /// Behind the last byte that a finding covers, if that is in a text which the main reading reads, too.
    fn inlaid_end(&self, finding: &Finding) -> Option<(LeafId, u64)> {
        let run = self.runs_from(finding.end.saturating_sub(1)).next().filter(|run| run.is_inlaid)?;
        Some((run.leaf, run.place(run.start..finding.end.min(run.end())).end))
    }

    /// The parts of leaves that a finding covers.
    pub(crate) fn parts<'a>(&'a self, finding: &Finding) -> impl Iterator<Item = Part> + use<'a> {
        let (start, end) = (finding.start, finding.end);
        self.runs_from(start).take_while(move |run| run.start < end).filter_map(move |run| {
            let (from, to) = (start.max(run.start), end.min(run.end()));
            let place = (from < to).then(|| run.place(from..to))?;
            Some(Part { leaf: run.leaf, kind: run.kind, start: place.start, end: place.end })
        })
    }

    /// The run in which a place stands, or the next one, and all behind it. There may be as many as findings.
    fn runs_from(&self, place: u64) -> impl Iterator<Item = &Run> {
        self.runs.range(self.runs.partition_point(|run| run.end() <= place)..)
    }

    fn place_of(&self, settled: u64) -> Option<(LeafId, u64)> {
        let run = self.runs_from(settled).next()?;
        let place = settled.max(run.start);
        Some((run.leaf, run.place(place..place).start))
    }
}

/// What stands in the text is decided from its start on; what a view shows, once its end is known.
fn decided_at(finding: &Finding) -> u64 {
    if finding.view == ViewId::RAW { finding.start } else { finding.end }
}
