//! Streets in the small letters of a chat: `5326 chestnut court`.
//!
//! Without capitals a number and a kind of street are a phrase as well, so few kinds count by themselves, and the judge asks
//! for a cue, a part of a house or a code besides.

use super::Line;
use super::words::{holds, sort};

/// Kinds of streets that people write in small letters behind a number and a name, and those that are words for so much else
/// that a part of a house or a code must follow.
const SMALL_KINDS: &[&str] = &[
    "st",
    "street",
    "ave",
    "avenue",
    "blvd",
    "boulevard",
    "ct",
    "court",
    "ln",
    "lane",
    "rd",
    "road",
    "cir",
    "pkwy",
    "crescent",
    "terrace",
    "esplanade",
    "parade",
    "grove",
];
const SMALL_KINDS_TAILED: &[&str] =
    &["dr", "drive", "way", "pl", "place", "close", "hill", "ter", "trail", "sq", "square"];

impl Line<'_> {
    /// The kind of a street in small letters, as people chat: `5326 chestnut court`; and whether it is a word for so much else
    /// that something has to follow the street.
    pub(super) fn small_kind(&self, number: usize, name: usize) -> Option<(usize, bool)> {
        /// Digits of the shortest number of such a house, and letters of a name of one word.
        const DIGITS_MIN: usize = 2;
        const NAME_BYTES_MIN: usize = 3;
        /// Words of a name.
        const NAME_WORDS_MAX: usize = 4;
        let first = name + usize::from(holds(&["n", "s", "e", "w", "ne", "nw", "se", "sw"], self.bytes(name)));
        let is_kind = |place| holds(SMALL_KINDS, self.bytes(place)) || holds(SMALL_KINDS_TAILED, self.bytes(place));
        let kind = (first + 1..=first + NAME_WORDS_MAX).find(|place| is_kind(*place))?;
        let is_long = |place: usize| self.bytes(place).len() >= NAME_BYTES_MIN || kind > first + 1;
        let is_word = |place: usize| {
            (self.has_no_capital(place) && is_long(place) || self.is_ordinal(place))
                && !self.is(place, sort::JOINING | sort::CUE_JOINT | sort::NUMBERED)
        };
        let joined = |place| matches!(self.gap(place), b" " | b". ");
        let is_street = (first..kind).all(is_word)
            && (name + 1..=kind).all(joined)
            && self.has_no_capital(kind)
            && self.bytes(number).len() >= DIGITS_MIN;
        let is_common = kind > first + 1 || self.is_common(kind) && !holds(SMALL_KINDS, self.bytes(kind));
        is_street.then_some((kind, is_common))
    }
}
