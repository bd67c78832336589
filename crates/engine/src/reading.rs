//! One reading of one direction: a scanner, and where its text came from.

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
#[derive(Debug)]
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
        Self { scanner: Scanner::new(), runs: VecDeque::new(), is_stale: false, newest: (LeafId(0), 0), settled: 0 }
    }

    pub(crate) fn reset(&mut self) {
        self.scanner.reset();
        self.runs.clear();
        self.is_stale = false;
        self.newest = (LeafId(0), 0);
        self.settled = 0;
    }

    pub(crate) fn push(&mut self, leaf: LeafId, kind: LeafKind, text: &[u8]) {
        let start = self.scanner.position();
        let len = text.len() as u64;
        match kind {
            LeafKind::Number => self.scanner.push_number(text),
            LeafKind::Text | LeafKind::Key | LeafKind::Field | LeafKind::Fixed | LeafKind::Credential => {
                self.scanner.push(text);
            }
        }
        self.is_stale = true;
        let (newest, decoded) = self.newest;
        let base = if newest == leaf { decoded } else { 0 };
        self.newest = (leaf, base + len);
        match self.runs.back_mut() {
            Some(run) if run.leaf == leaf && run.start + run.len == start => run.len += len,
            _ => self.runs.push_back(Run { leaf, kind, base, start, len }),
        }
    }

    /// Appends whole leaves that stand in one text, the first of which is `first`.
    pub(crate) fn push_leaves(&mut self, first: LeafId, text: &[u8], leaves: &[WholeLeaf]) {
        let base = self.scanner.position();
        self.scanner.push_leaves(text, leaves.iter().map(|leaf| leaf.end));
        self.is_stale = true;
        for (number, leaf) in (first.0..).zip(leaves) {
            let (start, len) = (base + leaf.start as u64, (leaf.end - leaf.start) as u64);
            self.runs.push_back(Run { leaf: LeafId(number), kind: leaf.kind, base: 0, start, len });
            self.newest = (LeafId(number), len);
        }
    }

    /// The text that a finding of the last scan covers.
    pub(crate) fn text(&self, finding: &Finding) -> &[u8] {
        self.scanner.text(finding.start, finding.end)
    }

    /// The text of the run in which a scanned place stands: a whole leaf, unless it came in parts.
    pub(crate) fn text_around(&self, place: u64) -> &[u8] {
        let run = self.runs.iter().find(|run| (run.start..run.start + run.len).contains(&place));
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
        // Runs that carry a finding of this scan are needed until the caller has placed it.
        let needed = found.first().map_or(settled, |finding| finding.start.min(settled));
        while self.runs.front().is_some_and(|run| run.start + run.len <= needed) {
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
            (from < to).then(|| Part {
                leaf: run.leaf,
                kind: run.kind,
                start: run.base + (from - run.start),
                end: run.base + (to - run.start),
            })
        })
    }

    fn place_of(&self, settled: u64) -> Option<(LeafId, u64)> {
        let run = self.runs.iter().find(|run| run.start + run.len > settled)?;
        Some((run.leaf, run.base + settled.saturating_sub(run.start)))
    }
}
