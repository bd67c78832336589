//! One reading of one direction: a scanner, and where its text came from.

use crate::unescape::{Decoded, Unescaper};
use crate::{LeafId, LeafKind, WholeLeaf};
use detect::{DetectorSet, Finding, Scanner};
use std::collections::VecDeque;

/// A run of one leaf's text in the scanner's stream.
#[derive(Clone, Copy, Debug)]
struct Run {
    leaf: LeafId,
    kind: LeafKind,
    /// Decoded offset of the run's first byte in its leaf.
    base: u64,
    /// Scanner position of the run's first byte.
    start: u64,
    len: u64,
    /// Bytes of the leaf that the run stands for: `len`, unless it is an escape.
    source: u64,
    /// Another reading decided about it; it is here for what follows.
    is_context: bool,
}

impl Run {
    const fn is_literal(&self) -> bool {
        self.len == self.source
    }

    fn holds(&self, place: u64) -> bool {
        (self.start..self.start + self.len).contains(&place)
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

/// The newest text of a leaf that is open.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Recent<'a> {
    /// What is decided, as far back as a detector looks.
    pub(crate) context: &'a [u8],
    pub(crate) undecided: &'a [u8],
    /// Offset of the undecided text in its leaf.
    pub(crate) at: u64,
}

/// Leaves that are read as one text.
#[derive(Debug, Default)]
pub(crate) struct Reading {
    scanner: Scanner,
    runs: VecDeque<Run>,
    /// Something was pushed since the last scan.
    is_stale: bool,
    /// The newest leaf and its decoded bytes so far.
    newest: (LeafId, u64),
    settled: u64,
}

impl Reading {
    pub(crate) fn new() -> Self {
        Self::default()
    }

    pub(crate) fn reset(&mut self) {
        self.scanner.reset();
        self.runs.clear();
        self.is_stale = false;
        self.newest = (LeafId(0), 0);
        self.settled = 0;
    }

    /// Appends text of a leaf; `is_plain` if it is known to be UTF-8.
    pub(crate) fn push(&mut self, leaf: LeafId, kind: LeafKind, text: &[u8], is_plain: bool) {
        let start = self.scanner.position();
        let len = text.len() as u64;
        match kind {
            LeafKind::Number => self.scanner.push_number(text),
            LeafKind::Text | LeafKind::Key | LeafKind::Field | LeafKind::Fixed | LeafKind::Credential => {
                if is_plain {
                    self.scanner.push_utf8(text)
                } else {
                    self.scanner.push(text)
                }
            }
        }
        self.is_stale = true;
        let (newest, decoded) = self.newest;
        let base = if newest == leaf { decoded } else { 0 };
        self.newest = (leaf, base + len);
        match self.runs.back_mut() {
            Some(run) if run.leaf == leaf && run.start + run.len == start => {
                run.len += len;
                run.source += len;
            }
            _ => self.runs.push_back(Run { leaf, kind, base, start, len, source: len, is_context: false }),
        }
    }

    /// Appends text that stands for other bytes of its leaf.
    pub(crate) fn push_decoded(&mut self, leaf: LeafId, kind: LeafKind, decoded: Decoded<'_>) {
        let start = self.scanner.position();
        let len = decoded.text.len() as u64;
        self.scanner.push(decoded.text);
        self.is_stale = true;
        let run = Run { leaf, kind, base: decoded.at, start, len, source: decoded.source, is_context: false };
        match self.runs.back_mut() {
            Some(last)
                if last.leaf == leaf
                    && !last.is_context
                    && last.is_literal()
                    && run.is_literal()
                    && last.start + last.len == start
                    && last.base + last.len == run.base =>
            {
                last.len += len;
                last.source += len;
            }
            _ => self.runs.push_back(run),
        }
    }

    /// Appends whole leaves that stand in one text, the first of which is `first`.
    pub(crate) fn push_leaves(&mut self, first: LeafId, text: &[u8], leaves: &[WholeLeaf], is_plain: bool) {
        let base = self.scanner.position();
        if is_plain {
            self.scanner.push_utf8(text)
        } else {
            self.scanner.push(text)
        }
        self.scanner.part(base, leaves.iter().map(|leaf| leaf.end));
        self.is_stale = true;
        for (number, leaf) in (first.0..).zip(leaves) {
            let (start, len) = (base + leaf.start as u64, (leaf.end - leaf.start) as u64);
            let (leaf, kind) = (LeafId(number), leaf.kind);
            self.runs.push_back(Run { leaf, kind, base: 0, start, len, source: len, is_context: false });
            self.newest = (leaf, len);
        }
    }

    /// Appends text of a leaf about which another reading decided: no finding begins there.
    pub(crate) fn push_context(&mut self, leaf: LeafId, kind: LeafKind, text: &[u8], at: u64) {
        if text.is_empty() {
            return;
        }
        let (start, len) = (self.scanner.position(), text.len() as u64);
        self.scanner.push(text);
        self.runs.push_back(Run { leaf, kind, base: at, start, len, source: len, is_context: true });
    }

    /// The text of a leaf with its escapes decoded, once more.
    pub(crate) fn push_unescaped(&mut self, leaf: (LeafId, LeafKind), unescaper: &mut Unescaper, text: &[u8]) {
        unescaper.push(text, |decoded| self.push_decoded(leaf.0, leaf.1, decoded));
    }

    /// The text that a finding of the last scan covers.
    pub(crate) fn text(&self, finding: &Finding) -> &[u8] {
        self.scanner.text(finding.start, finding.end)
    }

    /// The text of the run in which a scanned place stands: a whole leaf, unless it came in parts.
    pub(crate) fn text_around(&self, place: u64) -> &[u8] {
        let run = self.runs.iter().find(|run| run.holds(place));
        run.map_or(&[], |run| self.scanner.text(run.start, run.start + run.len))
    }

    /// No match crosses this place.
    pub(crate) fn boundary(&mut self) {
        self.scanner.boundary();
        self.is_stale = true;
    }

    /// Scans what is new. Returns the first place that is not decided, if there is one.
    pub(crate) fn scan(&mut self, set: &DetectorSet, found: &mut Vec<Finding>) -> Option<(LeafId, u64)> {
        if !self.is_stale {
            return self.place_of(self.settled);
        }
        self.is_stale = false;
        let settled = self.scanner.scan(set, found);
        self.settled = settled;
        found.retain(|finding| !self.runs.iter().any(|run| run.is_context && run.holds(finding.start)));
        // Runs that carry a finding of this scan are needed until the caller has placed it, and the
        // newest one for what becomes context.
        let needed = found.first().map_or(settled, |finding| finding.start.min(settled));
        while self.runs.len() > 1 && self.runs.front().is_some_and(|run| run.start + run.len <= needed) {
            self.runs.pop_front();
        }
        self.place_of(settled)
    }

    /// The parts of leaves that a finding covers.
    pub(crate) fn parts<'a>(&'a self, finding: &Finding) -> impl Iterator<Item = Part> + use<'a> {
        let (start, end) = (finding.start, finding.end);
        self.runs.iter().filter_map(move |run| {
            let from = start.max(run.start);
            let to = end.min(run.start + run.len);
            if from >= to {
                return None;
            }
            // An escape is covered whole.
            let (start, end) = if run.is_literal() { (from - run.start, to - run.start) } else { (0, run.source) };
            Some(Part { leaf: run.leaf, kind: run.kind, start: run.base + start, end: run.base + end })
        })
    }

    fn place_of(&self, settled: u64) -> Option<(LeafId, u64)> {
        let run = self.runs.iter().find(|run| !run.is_context && run.start + run.len > settled)?;
        let decided = if run.is_literal() { settled.saturating_sub(run.start) } else { 0 };
        Some((run.leaf, run.base + decided))
    }

    /// The newest text of a leaf, if it is the newest leaf.
    pub(crate) fn recent(&self, leaf: LeafId) -> Option<Recent<'_>> {
        let run = self.runs.back().filter(|run| run.leaf == leaf)?;
        let end = run.start + run.len;
        let settled = self.settled.clamp(run.start, end);
        let from = settled.saturating_sub(detect::CONTEXT_BYTES as u64).max(run.start);
        Some(Recent {
            context: self.scanner.text(from, settled),
            undecided: self.scanner.text(settled, end),
            at: run.base + (settled - run.start),
        })
    }
}
