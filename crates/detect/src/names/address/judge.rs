//! How sure it is that a street and its tail are an address: years, versions, counts and sentences are none.

use super::tail::Tail;
use super::words::{holds, sort};
use super::{CUE_WORDS_MAX, Core, Evidence, Line, is_military};
use crate::names::word::Case;

impl Line<'_> {
    /// How sure it is that this is an address; `None` if it is none.
    pub(super) fn percent(&self, core: &Core, tail: Tail, text: &[u8]) -> Option<u8> {
        let anchored = tail.has_unit || tail.has_code;
        let other = self.is_year(core.first) || self.is_behind_numbered(core.first);
        match core.evidence {
            Evidence::Kind | Evidence::TailedKind | Evidence::Named if other && !tail.is_whole && !anchored => None,
            Evidence::Kind if self.is_span(core.first) && !tail.is_whole => None,
            Evidence::TailedKind if (other || self.looks_like_year(core.first)) && !tail.is_whole => None,
            Evidence::TailedKind => (tail.has_unit || tail.has_placed_code).then_some(90),
            Evidence::Named if tail.has_indian_code && self.house_no(core.first).is_some() => Some(85),
            Evidence::Named => (tail.is_whole && !other).then_some(85),
            Evidence::Kind => Some(if anchored { 95 } else { 80 }),
            Evidence::TurnedKind if self.looks_like_year(core.last) => anchored.then_some(85),
            Evidence::TurnedKind => (anchored || self.has_cue(core.first)).then_some(if anchored { 90 } else { 70 }),
            Evidence::SmallKind => {
                let is_from = || core.first > 0 && self.bytes(core.first - 1) == b"from";
                (anchored || self.has_cue(core.first) || is_from()).then_some(if anchored { 85 } else { 65 })
            }
            Evidence::SmallTailed => {
                let is_likely = anchored || self.has_strong_cue(core.first);
                is_likely.then_some(if anchored { 85 } else { 65 })
            }
            Evidence::PostBox => Some(if anchored { 95 } else { 80 }),
            Evidence::Military => is_military(text).then_some(95),
            Evidence::TwoNumbers | Evidence::OneNumber if self.is_continued(core) || !self.is_named(core, anchored) => {
                None
            }
            Evidence::TwoNumbers => (anchored || self.is_likely(core)).then_some(if anchored { 90 } else { 65 }),
            Evidence::OneNumber if tail.has_unit || tail.has_coded_town => Some(85),
            Evidence::OneNumber if (core.first..core.last).any(|place| self.is_common(place)) => None,
            Evidence::OneNumber if tail.has_own_code => Some(85),
            Evidence::OneNumber => self.has_strong_cue(core.first).then_some(60),
        }
    }

    /// True if a number of the core goes on in digits: `1,000`, `1.2`.
    fn is_continued(&self, core: &Core) -> bool {
        let offset =
            |place: usize| self.word(place).map_or((0, 0), |word| (usize::from(word.start), usize::from(word.end)));
        let pair = |at: usize| self.text.get(at..at + 2).unwrap_or_default();
        let behind = matches!(pair(offset(core.last).1), [b',' | b'.', digit] if digit.is_ascii_digit());
        let before = offset(core.first)
            .0
            .checked_sub(2)
            .is_some_and(|at| matches!(pair(at), [digit, b','] if digit.is_ascii_digit()));
        behind || before
    }

    /// True if the words of a core without a kind may be a street's name: one has a capital and is no short acronym, and small
    /// ones are those that join; in small letters all must be unknown, behind a cue.
    fn is_named(&self, core: &Core, anchored: bool) -> bool {
        let mut names = (core.first..core.last).filter(|place| !self.is_house_number(*place));
        if !core.capitals {
            return anchored && self.has_strong_cue(core.first) && names.all(|place| !self.is_common(place));
        }
        let small =
            |place: usize| self.has_no_capital(place) && self.is_common(place) && !self.is(place, sort::JOINING);
        let is_name = |place: usize| {
            let length = self.bytes(place).len();
            self.word(place).is_some_and(|word| match word.case {
                Case::Title | Case::Mixed => length >= 3,
                Case::Upper => length >= 4,
                Case::None | Case::Lower | Case::Initial | Case::Digits | Case::Code => false,
            })
        };
        names.clone().any(is_name) && !names.any(small)
    }

    /// True if a name between two numbers that has no tail is likely to be a street: no word of
    /// English, behind a cue or alone on its line.
    fn is_likely(&self, core: &Core) -> bool {
        let alone = core.first == 0 && core.last + 1 == self.words.len() && self.bytes(0).len() > 2;
        let named = (core.first + 1..core.last).all(|place| !self.is_common(place));
        named && core.capitals && (alone || self.has_cue(core.first))
    }

    /// True if a word that counts something else stands right before a number: `route 66`.
    fn is_behind_numbered(&self, index: usize) -> bool {
        index > 0
            && self.is(index - 1, sort::NUMBERED)
            && self.gap(index) == b" "
            && !holds(&["no", "number", "order"], self.bytes(index - 1))
    }

    /// True for a year or two behind a word such as `in` or `copyright`, or before a comma.
    fn is_year(&self, index: usize) -> bool {
        let behind = index > 0 && self.is(index - 1, sort::YEARLY);
        let mut before = index.saturating_sub(CUE_WORDS_MAX)..index;
        let owned = before.any(|place| holds(&["copyright", "c"], self.bytes(place)));
        self.looks_like_year(index) && (behind || owned || self.gap(index + 1).starts_with(b","))
    }

    /// True for `1998`, `1998-2004`.
    fn looks_like_year(&self, index: usize) -> bool {
        let (year, rest) = self.bytes(index).split_at_checked(4).unwrap_or_default();
        matches!(year, [b'1', b'7'..=b'9', _, _] | [b'2', b'0', _, _]) && matches!(rest, [] | [b'-', ..])
    }

    /// True for `1998-2004`.
    fn is_span(&self, index: usize) -> bool {
        matches!(self.bytes(index), [b'1' | b'2', _, _, _, b'-', b'1' | b'2', _, _, _])
    }

    /// True if `at`, `to`, `is` or a colon leads to the word.
    fn has_cue(&self, index: usize) -> bool {
        let joint = index > 0 && self.is(index - 1, sort::CUE_JOINT);
        joint || self.gap(index).contains(&b':') || self.has_strong_cue(index)
    }

    /// True if a word such as `address` or `lives` leads to the word.
    pub(super) fn has_strong_cue(&self, index: usize) -> bool {
        // Programs return values, letters are returned to somebody.
        let returns = |place: usize| holds(&["return"], self.bytes(place)) && !holds(&["to"], self.bytes(place + 1));
        (index.saturating_sub(CUE_WORDS_MAX)..index).any(|place| self.is(place, sort::CUE) && !returns(place))
    }
}
