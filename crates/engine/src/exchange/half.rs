//! One direction of an exchange: what reads it, and where something was found in it that is not decided.

use crate::LeafId;
use crate::reading::{Part, Reading};
use core::ops::Range;
use detect::DetectorId;
use llm::Join;
use policy::Verdict;
use std::collections::VecDeque;

/// Readings of what is joined: as one text, and behind these part by part on lines, for what other parts are glued to.
pub(super) const JOINED_COUNT: usize = 2 * Join::COUNT;

/// One direction of an exchange.
#[derive(Debug)]
pub(super) struct Half {
    pub(super) main: Reading,
    /// What stands beside the leaves.
    pub(super) aside: Option<Box<Reading>>,
    pub(super) joined: [Option<Box<Reading>>; JOINED_COUNT],
    /// Where the main reading found something in what is not decided, for what is found there again.
    pub(super) found: VecDeque<Place>,
    /// What a joined reading found in one leaf, where the main one may find it later.
    pub(super) ahead: VecDeque<Place>,
    /// Behind the newest text: the leaf that is open or comes next, and its decoded bytes so far.
    pub(super) end: (LeafId, u64),
    /// Everything before this was let through.
    pub(super) settled: (LeafId, u64),
    pub(super) is_read: bool,
}

impl Half {
    pub(super) fn new() -> Self {
        Self {
            main: Reading::new(),
            aside: None,
            joined: [const { None }; JOINED_COUNT],
            found: VecDeque::new(),
            ahead: VecDeque::new(),
            end: (LeafId(0), 0),
            settled: (LeafId(0), 0),
            is_read: true,
        }
    }

    pub(super) fn reset(&mut self) {
        self.main.reset();
        self.others_mut().for_each(Reading::reset);
        self.found.clear();
        self.ahead.clear();
        (self.end, self.settled) = ((LeafId(0), 0), (LeafId(0), 0));
        self.is_read = true;
    }

    /// True if text was hidden deeper than views go.
    pub(super) fn is_capped(&self) -> bool {
        self.main.is_capped() || self.others().any(Reading::is_capped)
    }

    /// All readings but the main one, as far as there are any.
    fn others(&self) -> impl Iterator<Item = &Reading> {
        self.joined.iter().chain([&self.aside]).flatten().map(|reading| &**reading)
    }

    pub(super) fn others_mut(&mut self) -> impl Iterator<Item = &mut Reading> {
        self.joined.iter_mut().chain([&mut self.aside]).flatten().map(|reading| &mut **reading)
    }

    /// Takes note of a place where something was found.
    pub(super) fn note(&mut self, source: Source, place: Place) {
        match source {
            Source::Main => push_bounded(&mut self.found, place),
            Source::Joined(_) => push_bounded(&mut self.ahead, place),
            Source::Aside => {}
        }
    }

    /// True if a joined reading has found the same already.
    pub(super) fn is_ahead(&self, place: &Place) -> bool {
        self.ahead.iter().any(|ahead| ahead.detector == place.detector && ahead.is_at(place))
    }

    /// True if one of these parts holds a match of this detector by itself.
    pub(super) fn has_whole(&self, detector: DetectorId, parts: &[Part]) -> bool {
        let holds = |place: &Place, part: &Part| {
            place.within(part.leaf).is_some_and(|range| part.start <= range.start && range.end <= part.end)
        };
        let mut found = self.found.iter().filter(|place| place.detector == detector);
        found.any(|place| parts.iter().any(|part| holds(place, part)))
    }
}

/// Where something was found, and what it called for.
#[derive(Clone, Debug)]
pub(super) struct Place {
    pub(super) detector: DetectorId,
    /// The leaf and the decoded bytes in it before the first byte, and before what stands behind the last one.
    pub(super) range: Range<(LeafId, u64)>,
    pub(super) verdict: Verdict,
}

impl Place {
    fn is_at(&self, other: &Self) -> bool {
        self.range == other.range
    }

    /// What of it lies in a leaf, if it lies in no other.
    fn within(&self, leaf: LeafId) -> Option<Range<u64>> {
        let Range { start: (first, start), end: (last, end) } = self.range;
        (first == leaf && last == leaf).then_some(start..end)
    }

    /// True if what was found here already calls for what `other` does, or more.
    pub(super) fn settles(&self, other: &Self) -> bool {
        self.is_at(other) && self.verdict >= other.verdict
    }
}

/// Appends an item; the oldest one goes if there are too many.
fn push_bounded<T>(items: &mut VecDeque<T>, item: T) {
    if items.len() >= FOUND_COUNT_MAX {
        items.pop_front();
    }
    items.push_back(item);
}

/// What of a part is not masked at one of these places.
pub(super) fn unmasked<'p>(part: &'p Part, places: &'p VecDeque<Place>) -> impl Iterator<Item = Range<u64>> + use<'p> {
    let mut next = part.start;
    core::iter::from_fn(move || {
        let redacted = || places.iter().filter(|place| place.verdict == Verdict::Redact);
        let masked = || redacted().filter_map(|place| place.within(part.leaf));
        while let Some(range) = masked().find(|range| range.contains(&next)) {
            next = range.end;
        }
        let start = next;
        let following = masked().map(|range| range.start).filter(|place| *place > start);
        next = following.min().unwrap_or(part.end).min(part.end);
        (start < next).then_some(start..next)
    })
}

/// Findings of each kind that are remembered until every reading has decided about their text.
const FOUND_COUNT_MAX: usize = 256;

/// Which reading of a direction found something.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Source {
    Main,
    Aside,
    Joined(usize),
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::LeafKind;
    use detect::{DetectorSet, EntityType};

    fn detector() -> DetectorId {
        let set = DetectorSet::builder().enable(EntityType::UsSsn).build().unwrap();
        set.ids().next().unwrap()
    }

    #[test]
    fn what_is_masked_already_is_left_out() {
        let place = |leaf, range: Range<u64>, verdict| Place {
            detector: detector(),
            range: (LeafId(leaf), range.start)..(LeafId(leaf), range.end),
            verdict,
        };
        let places = VecDeque::from([
            place(1, 12..14, Verdict::Redact),
            place(1, 4..6, Verdict::Redact),
            place(1, 6..8, Verdict::Redact),
            place(1, 9..11, Verdict::Alert),
            place(2, 0..99, Verdict::Redact),
        ]);
        let rest = |start, end| -> Vec<_> {
            let part = Part { leaf: LeafId(1), kind: LeafKind::Text, start, end };
            unmasked(&part, &places).map(|range| (range.start, range.end)).collect()
        };
        assert_eq!(rest(0, 20), [(0, 4), (8, 12), (14, 20)]);
        assert_eq!(rest(5, 13), [(8, 12)]);
        assert_eq!(rest(4, 8), []);
        assert_eq!(rest(8, 9), [(8, 9)]);
    }

    #[test]
    fn a_place_settles_what_calls_for_no_more() {
        let place = |range: Range<u64>, verdict| Place {
            detector: detector(),
            range: (LeafId(0), range.start)..(LeafId(0), range.end),
            verdict,
        };
        assert!(place(3..9, Verdict::Redact).settles(&place(3..9, Verdict::Alert)));
        assert!(!place(3..9, Verdict::Alert).settles(&place(3..9, Verdict::Redact)));
        assert!(!place(3..9, Verdict::Block).settles(&place(3..8, Verdict::Alert)));
    }
}
