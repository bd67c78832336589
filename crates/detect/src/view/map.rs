//! The text of a layer, and where each byte of it comes from in the stream.
//!
//! Runs of equal units: so many bytes here stand for so many bytes there. A literal run has units of one
//! byte, base64 units of three for four, an escape is a run of one unit. What is read again and again, base64 in
//! base64, leads back step by step, one for each text that it was read in.

use super::{VIEW_DEPTH_MAX, ViewId};
use crate::scanner::Scanner;
use core::cell::Cell;
use core::ops::Range;
use std::collections::VecDeque;

/// From a text to the one that it was read from: equal units, one behind the other on both sides.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Step {
    /// Offsets at which a unit begins here and there; what is used of the units may begin later.
    out: u64,
    source: u64,
    unit_out: u64,
    unit_source: u64,
}

impl Step {
    /// How many units before the one that has a byte.
    fn units_before(&self, at: u64) -> u64 {
        at.wrapping_sub(self.out).checked_div(self.unit_out).unwrap_or(0)
    }

    /// Where the unit that has a byte begins there.
    fn start(&self, at: u64) -> u64 {
        self.source.wrapping_add(self.units_before(at) * self.unit_source)
    }

    /// Where it ends.
    fn end(&self, at: u64) -> u64 {
        self.start(at) + self.unit_source
    }

    /// The end of that unit here.
    fn next(&self, at: u64) -> u64 {
        self.out.wrapping_add((self.units_before(at) + 1) * self.unit_out)
    }
}

/// Bytes of a layer that lead back to the stream by the same steps.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Run {
    /// Offset of its first byte in the layer, and of the one behind it.
    out: u64,
    out_end: u64,
    step: Step,
    /// The steps behind the first.
    steps: [Step; VIEW_DEPTH_MAX],
    step_count: usize,
    how: How,
}

/// How bytes were read.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct How {
    views: ViewId,
    /// Read as context only: another text decided about it.
    is_context: bool,
    /// Views that were really taken, one upon the other: what is copied takes none.
    depth: usize,
}

impl How {
    const fn and(self, other: Self) -> Self {
        Self {
            views: self.views.and(other.views),
            is_context: self.is_context && other.is_context,
            depth: if self.depth > other.depth { self.depth } else { other.depth },
        }
    }

    /// The same, and one more view.
    const fn with(self, view: ViewId) -> Self {
        Self { views: self.views.and(view), depth: self.depth + 1, ..self }
    }
}

impl Run {
    /// Bytes that come from the stream by one step.
    fn new(out: u64, out_end: u64, step: Step, how: How) -> Self {
        Self { out, out_end, step, steps: [Step::default(); VIEW_DEPTH_MAX], step_count: 0, how }
    }

    fn steps(&self) -> &[Step] {
        self.steps.get(..self.step_count).unwrap_or_default()
    }

    /// Where the unit that holds a byte of the layer begins.
    fn unit_start(&self, at: u64) -> u64 {
        self.steps().iter().fold(self.step.start(at), |place, step| step.start(place))
    }

    /// Where it ends.
    fn unit_end(&self, at: u64) -> u64 {
        self.steps().iter().fold(self.step.end(at), |end, step| step.end(end.saturating_sub(1)))
    }

    /// The same bytes in a text that was read from this one by a step; none if that is too far.
    fn behind(&self, step: Step) -> Option<Self> {
        let mut run = Self { step, step_count: self.step_count + 1, ..*self };
        let (first, others) = run.steps.split_first_mut()?;
        *first = self.step;
        others.iter_mut().zip(self.steps()).for_each(|(place, step)| *place = *step);
        (run.step_count <= VIEW_DEPTH_MAX).then_some(run)
    }

    /// True if a run goes on where this one ends, by the same steps.
    fn goes_on(&self, next: &Self) -> bool {
        let units = |run: &Self| (run.step.unit_out, run.step.unit_source);
        let place = next.out;
        units(self) == units(next)
            && (self.how, self.out_end) == (next.how, place)
            && self.steps() == next.steps()
            && (self.step.start(place), self.step.next(place)) == (next.step.start(place), next.step.next(place))
    }
}

/// A range of the stream, and the views through which it was read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Source {
    pub(crate) start: u64,
    pub(crate) end: u64,
    pub(crate) views: ViewId,
    /// All of it is context.
    pub(crate) is_context: bool,
    /// Views that were taken one upon the other, at the most.
    pub(crate) depth: usize,
}

impl Source {
    const fn new(start: u64, end: u64, how: How) -> Self {
        Self { start, end, views: how.views, is_context: how.is_context, depth: how.depth }
    }

    const fn how(&self) -> How {
        How { views: self.views, is_context: self.is_context, depth: self.depth }
    }
}

/// Where bytes come from.
#[derive(Debug, Default)]
pub(crate) struct Map {
    runs: VecDeque<Run>,
    /// Where the last look-up ended: the next one is near, for the most part.
    near: Cell<usize>,
    /// Views of units that left no byte, for the next that does.
    gap: ViewId,
}

impl Map {
    pub(crate) fn clear(&mut self) {
        self.runs.clear();
        self.gap = ViewId::RAW;
    }

    /// Adds a run behind the last one.
    fn push(&mut self, run: Run) {
        if run.out == run.out_end {
            self.gap = self.gap.and(run.how.views);
            return;
        }
        let gap = core::mem::take(&mut self.gap);
        let first_end = run.step.next(run.out);
        if gap != ViewId::RAW && first_end < run.out_end {
            // What is missing is missing before the first unit, not before those that come with it.
            let how = How { views: run.how.views.and(gap), ..run.how };
            self.push(Run { out_end: first_end, how, ..run });
            self.push(Run { out: first_end, ..run });
            return;
        }
        let run = Run { how: How { views: run.how.views.and(gap), ..run.how }, ..run };
        match self.runs.back_mut() {
            Some(last) if last.goes_on(&run) => last.out_end = run.out_end,
            _ => self.runs.push_back(run),
        }
    }

    /// Adds so many bytes that stand for a range of the stream.
    fn push_unit(&mut self, out: u64, bytes: u64, source: Source, view: ViewId) {
        let unit_source = source.end.saturating_sub(source.start);
        let step = Step { out, source: source.start, unit_out: bytes, unit_source };
        self.push(Run::new(out, out + bytes, step, source.how().with(view)));
    }

    /// Forgets the bytes before `out`.
    fn forget(&mut self, out: u64) {
        while self.runs.front().is_some_and(|run| run.out_end <= out) {
            self.runs.pop_front();
        }
    }

    /// The first run that ends behind `start`.
    #[inline]
    fn first_behind(&self, start: u64) -> usize {
        let ends_before = |place: usize| self.runs.get(place).is_none_or(|run| run.out_end <= start);
        let near = self.near.get();
        let follows = |place: &usize| !ends_before(*place) && place.checked_sub(1).is_none_or(ends_before);
        let found = [near, near + 1].into_iter().find(follows);
        let found = found.unwrap_or_else(|| self.runs.partition_point(|run| run.out_end <= start));
        self.near.set(found);
        found
    }

    /// The runs that have bytes from `start` to `end`.
    fn overlapping(&self, start: u64, end: u64) -> impl Iterator<Item = &Run> {
        let first = self.first_behind(start);
        self.runs.range(first..).take_while(move |run| run.out < end)
    }

    /// The smallest range of the stream that the bytes from `start` to `end` come from.
    pub(crate) fn range(&self, start: u64, end: u64) -> Option<Source> {
        let mut whole: Option<Source> = None;
        for run in self.overlapping(start, end) {
            let from = run.unit_start(start.max(run.out));
            let to = run.unit_end(end.min(run.out_end).saturating_sub(1));
            whole = Some(match whole {
                None => Source::new(from, to, run.how),
                Some(known) => Source::new(known.start, to.max(known.end), known.how().and(run.how)),
            });
        }
        whole
    }

    /// Where the first byte at or behind `out` comes from.
    fn place(&self, out: u64) -> Option<u64> {
        let run = self.overlapping(out, u64::MAX).next()?;
        Some(run.unit_start(out.max(run.out)))
    }
}

/// A text that is scanned: the stream itself, or what a view makes of a text.
#[derive(Debug, Default)]
pub(crate) struct Text {
    pub(crate) scanner: Scanner,
    /// None for the stream itself.
    map: Option<Map>,
    /// Leaves that are context: nothing in them is read once more, or what views make of a text would grow with each.
    contexts: VecDeque<Range<u64>>,
}

impl Text {
    /// The stream itself.
    pub(crate) fn stream() -> Self {
        Self { scanner: Scanner::mirroring(), ..Self::default() }
    }

    /// The text of a view.
    pub(crate) fn mapped() -> Self {
        Self { scanner: Scanner::mirroring(), map: Some(Map::default()), ..Self::default() }
    }

    pub(crate) fn reset(&mut self) {
        self.scanner.reset();
        if let Some(map) = &mut self.map {
            map.clear();
        }
        self.contexts.clear();
    }

    /// Where lines from `start` to `end` begin without those that are only context: another text decided about them,
    /// and may have let them go.
    pub(crate) fn first_line(&self, start: u64, end: u64) -> u64 {
        let Some(map) = &self.map else { return start };
        let own = map.overlapping(start, end).find(|run| !run.how.is_context).map_or(start, |run| run.out);
        let context = self.scanner.text(start, own);
        memchr::memrchr(b'\n', context).map_or(start, |place| start + place as u64 + 1)
    }

    /// Forgets where bytes came from that the scanner forgot.
    pub(crate) fn trim(&mut self) {
        let (_, base) = self.scanner.held();
        if let Some(map) = &mut self.map {
            map.forget(base);
        }
        while self.contexts.front().is_some_and(|context| context.end <= base) {
            self.contexts.pop_front();
        }
    }

    /// The range of the stream that the bytes from `start` to `end` come from.
    pub(crate) fn source(&self, start: u64, end: u64) -> Source {
        match &self.map {
            None => Source::new(start, end, How::default()),
            Some(map) => {
                let nothing = Source::new(start, start, How { is_context: true, ..How::default() });
                map.range(start, end).unwrap_or(nothing)
            }
        }
    }

    /// The most views that were taken one upon the other for bytes of the text, context left out.
    pub(crate) fn depth(&self) -> usize {
        let runs = self.map.iter().flat_map(|map| &map.runs);
        runs.filter(|run| !run.how.is_context).map(|run| run.how.depth).max().unwrap_or(0)
    }

    /// Where in the stream what is at `offset` or behind it comes from; the end of time if nothing is.
    pub(crate) fn source_place(&self, offset: u64) -> u64 {
        match &self.map {
            None => offset,
            Some(map) => map.place(offset).unwrap_or(u64::MAX),
        }
    }

    /// Appends bytes of `parent` as they are.
    pub(crate) fn copy(&mut self, parent: &Self, start: u64, end: u64) {
        self.copy_as(parent, start, end, false);
    }

    /// Appends bytes of `parent` about which it decided itself: no finding lies in them alone.
    pub(crate) fn copy_context(&mut self, parent: &Self, start: u64, end: u64) {
        self.copy_as(parent, start, end, true);
    }

    /// Appends bytes of `parent` as a leaf of their own that is context.
    pub(crate) fn copy_leaf_of_context(&mut self, parent: &Self, start: u64, end: u64) {
        let at = self.scanner.position();
        self.copy_as(parent, start, end, true);
        self.contexts.push_back(at..self.scanner.position());
        self.scanner.boundary();
    }

    /// The leaves that are context and end behind `offset`, in order.
    pub(super) fn contexts_behind(&self, offset: u64) -> impl Iterator<Item = &Range<u64>> {
        self.contexts.range(self.contexts.partition_point(|context| context.end <= offset)..)
    }

    fn copy_as(&mut self, parent: &Self, start: u64, end: u64, is_context: bool) {
        if start >= end {
            return;
        }
        let at = self.scanner.position();
        self.scanner.push_marked(parent.scanner.text(start, end));
        let Some(map) = &mut self.map else { return };
        let out = |place: u64| at + (place - start);
        let Some(origin) = &parent.map else {
            let step = Step { out: at, source: start, unit_out: 1, unit_source: 1 };
            map.push(Run::new(at, out(end), step, How { is_context, ..How::default() }));
            return;
        };
        for run in origin.overlapping(start, end) {
            let step = Step { out: run.step.out.wrapping_add(at).wrapping_sub(start), ..run.step };
            let how = How { is_context: is_context || run.how.is_context, ..run.how };
            let (from, to) = (start.max(run.out), end.min(run.out_end));
            map.push(Run { out: out(from), out_end: out(to), step, how, ..*run });
        }
    }

    /// Appends `bytes` for units of `parent` in a row: how many, and of how many bytes each.
    pub(crate) fn units(
        &mut self,
        parent: &Self,
        start: u64,
        (count, length): (usize, usize),
        bytes: &[u8],
        view: ViewId,
    ) {
        let Some(each) = bytes.len().checked_div(count) else { return };
        let at = self.scanner.position();
        self.scanner.push(bytes);
        let Some(map) = &mut self.map else { return };
        let (each, length) = (each as u64, length as u64);
        let how = How { views: view, depth: 1, ..How::default() };
        let step = |unit: u64| Step {
            out: at + unit * each,
            source: start + unit * length,
            unit_out: each,
            unit_source: length,
        };
        let Some(origin) = &parent.map else {
            return map.push(Run::new(at, at + count as u64 * each, step(0), how));
        };
        let mut unit = 0;
        while unit < count as u64 {
            let (step, place) = (step(unit), start + unit * length);
            // As many as one run of the parent has, or one over its end.
            let run = origin.overlapping(place, place + length).next().filter(|run| run.out <= place);
            let whole = run.map_or(0, |run| ((run.out_end - place) / length).min(count as u64 - unit));
            match run.and_then(|run| run.behind(step)).filter(|_| whole > 0) {
                Some(run) => {
                    map.push(Run { out: step.out, out_end: step.out + whole * each, how: run.how.with(view), ..run })
                }
                None => map.push_unit(step.out, each, parent.source(place, place + length), view),
            }
            unit += whole.max(1);
        }
    }

    /// Appends `bytes` for a unit of `parent`.
    pub(crate) fn unit(&mut self, parent: &Self, start: u64, end: u64, bytes: &[u8], view: ViewId) {
        let at = self.scanner.position();
        self.scanner.push(bytes);
        let Some(map) = &mut self.map else { return };
        map.push_unit(at, bytes.len() as u64, parent.source(start, end), view);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_range_leads_back_through_two_texts() {
        let (mut raw, mut first, mut second) = (Text::default(), Text::mapped(), Text::mapped());
        raw.scanner.push(br"ab\u0025\u00340cd");
        first.copy(&raw, 0, 2);
        first.unit(&raw, 2, 8, b"%", ViewId::JSON);
        first.unit(&raw, 8, 14, b"4", ViewId::JSON);
        first.copy(&raw, 14, 17);
        assert_eq!(first.scanner.text(0, 7), b"ab%40cd");
        second.copy(&first, 0, 2);
        second.unit(&first, 2, 5, b"@", ViewId::PERCENT);
        second.copy(&first, 5, 7);
        assert_eq!(second.scanner.text(0, 5), b"ab@cd");
        assert_eq!(
            second.source(1, 3),
            Source { start: 1, end: 15, views: ViewId::JSON.and(ViewId::PERCENT), is_context: false, depth: 2 }
        );
        assert_eq!(second.source(3, 5), Source { start: 15, end: 17, views: ViewId::RAW, is_context: false, depth: 0 });
        assert_eq!(second.source_place(2), 2);
        assert_eq!(second.source_place(5), u64::MAX);
    }

    #[test]
    fn equal_units_are_one_run() {
        let (mut raw, mut text) = (Text::default(), Text::mapped());
        raw.scanner.push(b"YWJjYWJjYWJj");
        for unit in 0..3 {
            text.unit(&raw, unit * 4, unit * 4 + 4, b"abc", ViewId::BASE64);
        }
        assert_eq!(text.map.as_ref().unwrap().runs.len(), 1);
        assert_eq!(text.source(4, 5), Source { start: 4, end: 8, views: ViewId::BASE64, is_context: false, depth: 1 });
    }

    #[test]
    fn what_left_no_byte_still_counts_as_a_view() {
        let (mut raw, mut text) = (Text::default(), Text::mapped());
        raw.scanner.push(b"a\0b");
        text.copy(&raw, 0, 1);
        text.unit(&raw, 1, 2, b"", ViewId::WIDE);
        text.copy(&raw, 2, 3);
        assert_eq!(text.source(0, 2), Source { start: 0, end: 3, views: ViewId::WIDE, is_context: false, depth: 0 });
    }
}
