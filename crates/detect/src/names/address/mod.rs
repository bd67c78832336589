//! Postal addresses: a street, its number, and what follows ([`tail`]).
//!
//! A street is told by its kind (`Street`, `rue`, `-gasse`; [`words`]) next to a number. Without a
//! kind it takes a name between two numbers or before one, and a part of a house, a postal code or a
//! word such as `address` beside it; or a name behind a number, and all that a post office asks for. Post boxes and the mail of the United States' forces have rules
//! of their own. Near misses: dates, versions, chapters, distances, names of streets alone.
//!
//! The street stands on one line; its tail may go on over the next ones, for
//! [`LOOKAHEAD_BYTES`] at most.

mod asian;
mod chat;
mod code;
mod judge;
mod tail;
mod words;

use super::model::{Gazetteer, kind};
use super::word::{Case, Word, measure, word_end};
use crate::window::{BOUNDARY, Match, NUMBER_BOUNDARY, Undecided, Window};
use tail::Reader;
use words::{
    KIND_ITALIAN, KIND_STOPPED, KIND_STOPPED_JOINED, MILITARY_OFFICES, MILITARY_REGIONS, SQUARED, UNITS_OF_LENGTH,
    holds, sort,
};

/// Bytes behind a street that its tail may take: four lines and some quotation marks.
pub(crate) const LOOKAHEAD_BYTES: usize = 192;

/// Index of the rule for post boxes and the forces' mail, behind that of streets.
const POST_BOX: usize = 1;
/// Letters of the shortest label that a colon alone parts from an address.
const LABEL_BYTES_MIN: usize = 3;
/// Words of a street's name, its kind included.
const STREET_WORDS_MAX: usize = 6;
/// Letters of the shortest name of a month in a street's: `Maj`.
const MONTH_BYTES_MIN: usize = 3;
/// Digits of a house number.
const HOUSE_DIGITS_MAX: usize = 5;
/// What stands behind the number of a part of a house in the Netherlands.
const HOUSE_PARTS: &[&str] = &["hs", "huis", "bis", "boven", "bg"];
/// Words between a cue and the address.
const CUE_WORDS_MAX: usize = 3;

/// What makes a range look like a street.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Evidence {
    /// A kind of street and a number.
    Kind,
    /// The same in small letters, where it may be a phrase.
    SmallKind,
    /// The same in the order of other languages: `Abbey Road 3`.
    TurnedKind,
    /// A name between two numbers.
    TwoNumbers,
    /// A name before a number.
    OneNumber,
    /// A number and a kind of street that is a word for other things, too.
    TailedKind,
    /// A number and a name in small letters before such a kind.
    SmallTailed,
    /// A number and a name.
    Named,
    /// A post box.
    PostBox,
    /// A unit of the forces.
    Military,
}

/// A street and its number.
#[derive(Clone, Copy, Debug)]
struct Core {
    first: usize,
    last: usize,
    evidence: Evidence,
    capitals: bool,
}

/// An address, in offsets of its line, and where its street ends: behind that stand names of places.
#[derive(Clone, Copy, Debug)]
pub(super) struct Found {
    pub(super) found: Match,
    pub(super) street_end: usize,
}

/// The line in which addresses are looked for.
#[derive(Clone, Copy, Debug)]
pub(super) struct Line<'a> {
    pub(super) text: &'a [u8],
    pub(super) words: &'a [Word],
    /// What each word may be in an address, as [`sorts`] says.
    pub(super) sorts: &'a [u16],
    /// Where the line begins in the window.
    pub(super) start: usize,
}

impl Line<'_> {
    /// The address that begins with the word at `index`, if one does.
    ///
    /// # Errors
    /// [`Undecided`] if a street does and its tail has not arrived.
    pub(super) fn address(
        &self,
        window: &Window<'_>,
        gazetteer: &Gazetteer,
        index: usize,
    ) -> Result<Option<Found>, Undecided> {
        let at = self.word(index).map_or(0, |word| usize::from(word.start));
        if let Some((start, end)) = asian::find(self.text, at) {
            return Ok(Some(Found { found: Match::new(start, end, 0, 90), street_end: end }));
        }
        let Some(core) = self.core(index) else { return Ok(None) };
        let end = self.house_end(core.last);
        let text = behind(window, self.start + end)?;
        let tail = Reader::new(text, gazetteer, core.capitals).read();
        let corner = self.corner(core.first);
        let crossing = if corner.is_some() { crossing(text) } else { 0 };
        let percent = self.percent(&core, tail, text).or(corner.and(Some(80)));
        let Some(percent) = percent else { return Ok(None) };
        let rule = if matches!(core.evidence, Evidence::PostBox | Evidence::Military) { POST_BOX } else { 0 };
        let first = self.word(corner.unwrap_or(core.first)).map_or(0, |word| usize::from(word.start));
        let found = Match::new(first, end + tail.len.max(crossing), rule, percent);
        Ok(Some(Found { found, street_end: end }))
    }

    /// Where the word at `index` ends, with the door or the staircase behind a slash: `18/56`, `2/1a`.
    fn house_end(&self, index: usize) -> usize {
        let end = self.word(index).map_or(0, |word| usize::from(word.end));
        let door = self.word(index + 1).map_or(end, |word| usize::from(word.end));
        let is_door = self.is_house_number(index)
            && self.gap(index + 1) == b"/"
            && self.is_house_number(index + 1)
            && self.bytes(index + 1).len() <= HOUSE_DIGITS_MAX
            && self.text.get(door) != Some(&b'/');
        match self.flat_end(index) {
            Some(flat) => flat,
            None if is_door || self.is_house_letter(index) => door,
            None => end,
        }
    }

    /// The end of a staircase and a flat behind the house number at `index`: `7 A 12,`.
    fn flat_end(&self, index: usize) -> Option<usize> {
        let end = usize::from(self.word(index + 2)?.end);
        let is_flat = self.is_house_number(index)
            && self.gap(index + 1) == b" "
            && matches!(self.bytes(index + 1), [b'A'..=b'H'])
            && self.gap(index + 2) == b" "
            && self.is_house_number(index + 2)
            && matches!(self.text.get(end..), Some([] | [b',', ..] | [b'\r'] | [b'\\', b'n', ..]));
        is_flat.then_some(end)
    }

    /// True if a letter apart ends the house number at `index`: `40 b, 33478 Leipzig`.
    fn is_house_letter(&self, index: usize) -> bool {
        let end = self.word(index + 1).map_or(0, |word| usize::from(word.end));
        self.is_house_number(index)
            && self.gap(index + 1) == b" "
            && (matches!(self.bytes(index + 1), [b'a'..=b'h']) || holds(HOUSE_PARTS, self.bytes(index + 1)))
            && matches!(self.text.get(end..), Some([] | [b',', ..] | [b'\r'] | [b'\\', b'n', ..]))
    }

    /// The first word of `the corner of` before the word at `index`.
    fn corner(&self, index: usize) -> Option<usize> {
        let of = index.checked_sub(1).filter(|of| self.bytes(*of) == b"of")?;
        let corner = of.checked_sub(1).filter(|corner| holds(&["corner", "intersection"], self.bytes(*corner)))?;
        Some(corner.checked_sub(1).filter(|the| self.bytes(*the) == b"the").unwrap_or(corner))
    }

    /// True if the word at `index` is of one of these sorts.
    fn is(&self, index: usize, sort: u16) -> bool {
        self.sorts.get(index).is_some_and(|sorts| sorts & sort != 0)
    }

    fn word(&self, index: usize) -> Option<&Word> {
        self.words.get(index)
    }

    fn bytes(&self, index: usize) -> &[u8] {
        self.word(index)
            .and_then(|word| self.text.get(usize::from(word.start)..usize::from(word.end)))
            .unwrap_or_default()
    }

    /// What stands before the word at `index`.
    fn gap(&self, index: usize) -> &[u8] {
        let before = index.checked_sub(1).and_then(|before| self.word(before)).map_or(0, |word| usize::from(word.end));
        self.word(index).and_then(|word| self.text.get(before..usize::from(word.start))).unwrap_or_default()
    }

    /// True if only a space, or a full stop or comma and a space, parts the word from the one before.
    fn is_near(&self, index: usize) -> bool {
        matches!(self.gap(index), b" " | b". " | b", " | b"  " | b"." | b"' ")
    }

    /// True if an address may begin with the word at `index`: a number, one that has a number near
    /// behind it, or a ship of the forces.
    pub(super) fn may_begin(&self, index: usize) -> bool {
        let words = self.words.get(index..).unwrap_or_default();
        let near = words.get(..STREET_WORDS_MAX + 2).unwrap_or(words);
        let is_ship =
            words.first().is_some_and(|word| word.case == Case::Upper) && self.bytes(index).starts_with(b"US");
        is_ship || near.iter().any(|word| matches!(word.case, Case::Digits | Case::Code))
    }

    fn core(&self, index: usize) -> Option<Core> {
        let word = self.word(index)?;
        if self.is_glued(index)
            || self.text.get(usize::from(word.start).wrapping_sub(1)).is_some_and(|byte| b"-_/@.$\\".contains(byte))
            || self.is_thousand(usize::from(word.start))
        {
            return None;
        }
        self.military(index)
            .or_else(|| self.post_box(index))
            .or_else(|| self.behind_unit(index))
            .or_else(|| self.behind_house_no(index))
            .or_else(|| self.calle(index))
            .or_else(|| self.piazza(index))
            .or_else(|| self.day_street(index))
            .or_else(|| self.street(index))
    }

    /// True if the word at `index` hangs on its neighbour, which is no label: `Adresse:Hauptstraße 12`.
    fn is_glued(&self, index: usize) -> bool {
        let Some(label) = index.checked_sub(1).filter(|_| self.gap(index) == b":") else {
            return self.word(index).is_some_and(|word| word.glued);
        };
        let is_word = self.bytes(label).len() >= LABEL_BYTES_MIN && self.is_spelled(label);
        let stands_free = self.word(label).is_some_and(|word| {
            let before = usize::from(word.start).checked_sub(1).and_then(|before| self.text.get(before));
            before.is_none_or(|before| matches!(before, b' ' | b'\t' | b',' | b';' | b'|' | b'"' | b'>'))
        });
        let is_name = self.word(index).is_some_and(|word| !matches!(word.case, Case::Lower | Case::Code));
        !(is_word && stands_free && (is_name || self.is_stopped_kind(index) || self.is(index, sort::BEFORE)))
    }

    /// True for a word of letters.
    fn is_spelled(&self, index: usize) -> bool {
        self.word(index).is_some_and(|word| matches!(word.case, Case::Lower | Case::Title | Case::Upper | Case::Mixed))
    }

    /// True behind a digit and a comma: `75,000`.
    fn is_thousand(&self, start: usize) -> bool {
        let before = start.checked_sub(2).and_then(|from| self.text.get(from..start));
        matches!(before, Some([digit, b',']) if digit.is_ascii_digit())
    }

    /// `Flat 5, 12 High Street`, `Studio 66, Bennett Station`: a part of a house before the street.
    fn behind_unit(&self, index: usize) -> Option<Core> {
        let name = index + 2;
        let is_unit = self.is(index, sort::UNIT) && self.is_house_number(index + 1);
        if is_unit && self.has_no_capital(index) {
            let is_small = |core: &Core| matches!(core.evidence, Evidence::SmallKind | Evidence::SmallTailed);
            let street = if self.gap(name) == b", " { self.street(name).filter(is_small) } else { None };
            return street.map(|core| Core { first: index, ..core });
        }
        if !is_unit || !matches!(self.gap(index + 1), b" " | b". ") {
            return None;
        }
        let end = self.word(index + 1).map_or(0, |word| usize::from(word.end));
        let named = |last| Core { first: index, last, evidence: Evidence::Named, capitals: true };
        if matches!(self.text.get(end..), Some([] | [b','] | [b'\r'])) {
            // The street stands on the next line.
            return Some(named(index + 1));
        }
        if !matches!(self.gap(name), b", " | b"," | b"\\n") {
            return None;
        }
        if self.is_house_number(name) {
            let street = self.street(name).filter(|core| core.evidence == Evidence::Kind);
            return street.map(|core| Core { first: index, ..core });
        }
        let words = self.name_words(name);
        self.may_be_named(name, words).then(|| named(name + words - 1))
    }

    /// `H.No. 45`, `Plot No 12, Bhandari Nagar`: a house as India numbers them, its street behind it or on the next line.
    fn behind_house_no(&self, index: usize) -> Option<Core> {
        let number = self.house_no(index)?;
        let end = self.word(number).map_or(0, |word| usize::from(word.end));
        let named = |last| Some(Core { first: index, last, evidence: Evidence::Named, capitals: true });
        if matches!(self.text.get(end..), Some([] | [b'\r'])) {
            return named(number);
        }
        let name = number + 1;
        if self.gap(name) == b", " && self.is_house_number(name) {
            // `Plot No. 21, 71, MG Road`, `Plot No. 21, 90, Sector 15`
            let street = self.street(name).filter(|core| core.evidence == Evidence::Kind);
            let is_sector = holds(&["sector", "block", "phase", "ward"], self.bytes(name + 1))
                && self.gap(name + 1) == b", "
                && self.gap(name + 2) == b" "
                && self.is_house_number(name + 2);
            return street
                .map(|core| Core { first: index, ..core })
                .or_else(|| is_sector.then(|| named(name + 2)).flatten());
        }
        let words = if matches!(self.gap(name), b", " | b" ") { self.name_words(name) } else { 0 };
        self.may_be_named(name, words).then_some(())?;
        named(name + words - 1)
    }

    /// The place of the number behind `H.No.`, `House No`.
    pub(super) fn house_no(&self, index: usize) -> Option<usize> {
        let number = index + 2;
        let is_no = holds(&["h", "d", "house", "door", "plot", "flat", "shop"], self.bytes(index))
            && holds(&["no"], self.bytes(index + 1))
            && matches!(self.gap(index + 1), b" " | b".")
            && matches!(self.gap(number), b" " | b". " | b".")
            && self.is_house_number(number);
        is_no.then_some(number)
    }

    /// True if a name without a kind may be a street's that a tail follows: a few words with capitals, and a comma, the line's
    /// end or a part of the house behind them.
    fn may_be_named(&self, name: usize, words: usize) -> bool {
        /// Words of such a name.
        const WORDS_MAX: usize = 4;
        let end = self.word((name + words).saturating_sub(1)).map_or(0, |word| usize::from(word.end));
        let behind = self.text.get(end..).unwrap_or_default();
        let apart =
            matches!(behind, [] | [b',', ..] | [b'\\', b'n', ..] | [b'\r']) || self.is(name + words, sort::UNIT);
        let small = |place| self.has_no_capital(place) && !self.is(place, sort::JOINING);
        (1..=WORDS_MAX).contains(&words)
            && apart
            && !self.has_no_capital(name)
            && !(name..name + words).any(small)
            && !self.is_numbered(name, words - 1)
    }

    /// `C/ Gran Vía 12`, `Pº de la Castellana 100`: Spain's short forms of a street and a promenade.
    fn calle(&self, index: usize) -> Option<Core> {
        let name = index + 1;
        let is_short = match self.gap(name) {
            b"/" | b"/ " => holds(&["c"], self.bytes(index)),
            b"\xc2\xba " | b".\xc2\xba " => holds(&["p"], self.bytes(index)),
            _ => false,
        };
        let words = if is_short { self.name_words(name) } else { 0 };
        let last = self.behind_number_sign(name + words);
        let is_street = words > 0
            && self.has_capitals(name, words)
            && self.is_house_number(last)
            && (matches!(self.gap(last), b" " | b", " | b" n\xc2\xba " | b", n\xc2\xba ")
                || self.is_number_sign(last - 1));
        is_street.then_some(Core { first: index, last, evidence: Evidence::Kind, capitals: true })
    }

    /// `P.zza Duomo 12`, `V.le Europa, 7`: Italy's short forms of squares and streets.
    fn piazza(&self, index: usize) -> Option<Core> {
        let name = index + 2;
        let is_short = self.gap(index + 1) == b"."
            && matches!(self.gap(name), b" " | b".")
            && KIND_ITALIAN
                .iter()
                .any(|(head, tails)| holds(&[head], self.bytes(index)) && holds(tails, self.bytes(index + 1)));
        let words = if is_short { self.name_words(name) } else { 0 };
        let last = name + words;
        let is_street = words > 0
            && self.has_capitals(name, words)
            && self.is_house_number(last)
            && matches!(self.gap(last), b" " | b", ");
        is_street.then_some(Core { first: index, last, evidence: Evidence::Kind, capitals: true })
    }

    /// `ul. 3 Maja 7`, `Via 25 Aprile 12`: a street named after a day.
    fn day_street(&self, index: usize) -> Option<Core> {
        let (day, mut month) = (index + 1, index + 2);
        let is_day = self.bytes(day).len() <= 2 && self.is_house_number(day) && self.is_near(day);
        if !is_day || !self.is(index, sort::BEFORE) || self.bytes(index) == b"via" {
            return None;
        }
        month += usize::from(self.bytes(month) == b"de" && self.gap(month) == b" ");
        let last = month + 1;
        let is_street = self.word(month).is_some_and(|word| word.case == Case::Title)
            && self.gap(month) == b" "
            && self.bytes(month).len() >= MONTH_BYTES_MIN
            && self.is_house_number(last)
            && matches!(self.gap(last), b" " | b", ");
        is_street.then_some(Core { first: index, last, evidence: Evidence::Kind, capitals: true })
    }

    /// A unit or ship and its number or name; the office must follow on the next line.
    fn military(&self, index: usize) -> Option<Core> {
        if !self.is(index, sort::FORCES) || !self.is_near(index + 1) {
            return None;
        }
        let boxed = holds(&["box"], self.bytes(index + 2)) && self.is_near(index + 2) && self.is_near(index + 3);
        let last = if boxed { index + 3 } else { index + 1 };
        let capitals = self.has_capitals(index, 1);
        let joined = self.gap(last + 1) == b", " && holds(MILITARY_OFFICES, self.bytes(last + 1));
        (last + 1 == self.words.len() || boxed || joined).then_some(Core {
            first: index,
            last,
            evidence: Evidence::Military,
            capitals,
        })
    }

    /// `P.O. Box 12`, `Postfach 12 34`.
    fn post_box(&self, index: usize) -> Option<Core> {
        let first = self.bytes(index);
        let spelled = |place: usize, word: &str| holds(&[word], self.bytes(place));
        let number = match () {
            () if self.is(index, sort::POST_BOX) => index + 1,
            () if holds(&["po"], first) && spelled(index + 1, "box") => index + 2,
            () if holds(&["p"], first) && spelled(index + 1, "o") && spelled(index + 2, "box") => index + 3,
            () if self.is_house_number(index) && self.is_near(index + 1) => {
                return self
                    .post_box(index + 1)
                    .filter(|core| core.first == index + 1)
                    .map(|core| Core { first: index, ..core });
            }
            () => return None,
        };
        let is_number = self.is_house_number(number) && self.is_near(number);
        let capitals = self.has_capitals(index, 1);
        is_number.then_some(Core { first: index, last: number, evidence: Evidence::PostBox, capitals })
    }

    fn street(&self, index: usize) -> Option<Core> {
        let mut at = index;
        while at < index + 2 && self.is_house_number(at) && (at == index || matches!(self.gap(at), b" " | b"/")) {
            at += 1;
        }
        let numbered = at > index;
        // `151 bis, allée des Tilleuls`
        if numbered && self.gap(at) == b" " && holds(&["bis", "ter", "quater"], self.bytes(at)) {
            at += 1;
        }
        // `1. Via the` is an item of a list.
        if numbered && (!self.is_near(at) || self.gap(at).starts_with(b".")) {
            return None;
        }
        if numbered { self.behind_number(index, at) } else { self.before_number(index) }
    }

    /// `12 Main Street`, `12 rue de la Paix`, `12 Long Street 4`, `12 Jahu 80`.
    fn behind_number(&self, index: usize, name: usize) -> Option<Core> {
        let words = self.name_words(name);
        // `42nd` says nothing about the size of the other letters.
        let capitals = (name..name + words).any(|place| !self.has_no_capital(place) && !self.is_ordinal(place));
        let core = |last, evidence| Some(Core { first: index, last, evidence, capitals });
        // `3/4 Inch Drive` is no house.
        let parted = name > index + 1 && self.gap(index + 1) == b"/";
        let second = name + words;
        let closes = words > 0 && self.is_house_number(second) && self.gap(second) != b", " && self.is_near(second);
        let kind = (name..name + words).rev().find(|place| self.is_kind(*place, name, closes));
        if self.is_report(name) && closes {
            return None;
        }
        if kind.is_none()
            && let Some((kind, is_tailed)) = self.small_kind(index, name)
        {
            return core(kind, if is_tailed || parted { Evidence::SmallTailed } else { Evidence::SmallKind });
        }
        if let Some(kind) = kind {
            let small = self.word(kind).is_some_and(|word| word.case == Case::Lower) && !capitals;
            let evidence = match (parted, small) {
                (true, _) => Evidence::TailedKind,
                (false, true) => Evidence::SmallKind,
                (false, false) => Evidence::Kind,
            };
            let first_kind = self.is_kind_before(name);
            let last = if closes {
                second
            } else if first_kind {
                name + words - 1
            } else {
                self.with_direction(kind)
            };
            return core(last, evidence);
        }
        // `1450 Oak, Apt. 3`: a name alone between a number and a part of a house. `1846, sold 26 June`: a date.
        let is_day = closes && self.is_numbered(second + 1, 1);
        if closes && words <= 4 && !is_day && !self.is_numbered(name, words) && !parted {
            return core(second, Evidence::TwoNumbers);
        }
        let is_tailed = |place: &usize| {
            self.is(*place, sort::TAILED) && !self.has_no_capital(*place) && self.has_capitals(name, place - name)
        };
        if let Some(kind) = (name + 1..name + words).rev().find(is_tailed) {
            return core(self.with_direction(kind), Evidence::TailedKind);
        }
        self.may_be_named(name, words).then_some(())?;
        core(second - 1, Evidence::Named)
    }

    /// `Via Roma 5`, `Hauptstraße 12`, `Olympische Straße 3`, `Joaquin Suarez 2906`.
    fn before_number(&self, index: usize) -> Option<Core> {
        let words = self.name_words(index);
        let number = self.behind_number_sign(index + words);
        let ordinal = self.is_ordinal(index);
        if words == 0
            || ordinal
            || !self.is_house_number(number)
            || !(self.is_near(number) || self.is_number_sign(number - 1))
            || self.is_numbered(index, words)
        {
            return None;
        }
        let capitals = self.has_capitals(index, words);
        let core = |evidence| Some(Core { first: index, last: number, evidence, capitals });
        let last = index + words - 1;
        // What comes before the name in a sentence is left to a later word.
        let leads = capitals && !self.is_kind_before(index) && self.has_no_capital(index);
        let verb = words > 1 && self.is_common(index) && self.is(last, sort::WITHIN);
        // `result lane 0`
        let member = !capitals && self.is(last, sort::BEHIND) && self.is_common(last) && !self.has_strong_cue(index);
        if leads || verb || member {
            return None;
        }
        let is_kind = self.is_kind_before(index) && words > 1
            || self.is_kind(last, index, true)
            || words == 1 && self.is_kind(last, last, true);
        match () {
            () if self.is_time(number) || self.is_measured(number) => None,
            () if is_kind && capitals && self.is(last, sort::ENGLISH) => core(Evidence::TurnedKind),
            () if is_kind && capitals => core(Evidence::Kind),
            () if is_kind || self.is_rua(index) => core(Evidence::SmallKind),
            () if capitals && words <= 3 => core(Evidence::OneNumber),
            () => None,
        }
    }

    /// True for `4:20`: hours and minutes.
    fn is_time(&self, index: usize) -> bool {
        let end = self.word(index).map_or(0, |word| usize::from(word.end));
        matches!(self.text.get(end..), Some([b':', next, ..]) if next.is_ascii_digit())
    }

    /// True before a unit: `Rückweg 12 km`.
    fn is_measured(&self, index: usize) -> bool {
        self.gap(index + 1) == b" " && holds(UNITS_OF_LENGTH, self.bytes(index + 1))
    }

    /// True for `R. Sete de Setembro`, Brazil's short form of a street; it is an initial, too.
    fn is_rua(&self, index: usize) -> bool {
        self.bytes(index) == b"R" && self.gap(index + 1) == b". " && self.has_capitals(index + 1, 1)
    }

    /// True for `S. Ct.` behind a number and before one: a report of a court.
    fn is_report(&self, name: usize) -> bool {
        self.bytes(name) == b"S" && self.gap(name + 1) == b". " && self.bytes(name + 1) == b"Ct"
    }

    /// How many words from `first` on may be a street's name.
    fn name_words(&self, first: usize) -> usize {
        let mut count = 0;
        while count < STREET_WORDS_MAX {
            let place = first + count;
            let Some(word) = self.word(place) else { break };
            if self.is_number_sign(place) {
                break;
            }
            let near =
                count == 0 || matches!(self.gap(place), b" " | b". " | b"." | b"' ") || self.is_possessive(place);
            let letters = matches!(word.case, Case::Lower | Case::Title | Case::Upper | Case::Mixed | Case::Initial);
            let is_unit = self.is(place, sort::UNIT) && self.is_house_number(place + 1);
            let glued = if count == 0 { self.is_glued(place) } else { word.glued };
            if !near || !(letters || self.is_ordinal(place)) || glued || is_unit {
                break;
            }
            // A full stop ends a name unless it ends an abbreviation.
            let is_short = count == 0 || self.bytes(place - 1).len() <= 4 || count == 1 && self.is_stopped_kind(first);
            if self.gap(place).first() == Some(&b'.') && !is_short {
                break;
            }
            // Behind a capital, a word in small letters belongs to it if it joins, is a kind, or is no
            // word of a sentence.
            let goes_on = word.case != Case::Lower
                || word.kinds & kind::COMMON == 0
                || self.is(place, sort::JOINING | sort::BEHIND);
            if count > 0 && !goes_on && self.has_capitals(first, count) {
                break;
            }
            count += 1;
        }
        count
    }

    /// True behind the owner of a street: `King's Court`.
    fn is_possessive(&self, index: usize) -> bool {
        matches!(self.gap(index), b"'s " | b"\xe2\x80\x99s ")
    }

    /// True for `nº` before a house number.
    fn is_number_sign(&self, index: usize) -> bool {
        holds(&["n", "nº", "n°", "núm"], self.bytes(index))
            && matches!(self.gap(index + 1), b" " | b". " | b"\xc2\xba " | b"\xc2\xb0 " | b".\xc2\xba " | b".\xc2\xb0 ")
            && self.is_house_number(index + 1)
            && self.has_no_capital(index)
    }

    /// The place of the house number at `index`, perhaps behind `nº`.
    fn behind_number_sign(&self, index: usize) -> usize {
        index + usize::from(self.is_number_sign(index))
    }

    /// True for `5th`.
    fn is_ordinal(&self, index: usize) -> bool {
        let bytes = self.bytes(index);
        let digits = bytes.iter().take_while(|byte| byte.is_ascii_digit()).count();
        let rest = bytes.get(digits..).unwrap_or_default();
        (1..=3).contains(&digits) && holds(&["st", "nd", "rd", "th"], rest)
    }

    fn has_no_capital(&self, index: usize) -> bool {
        self.word(index).is_some_and(|word| word.case == Case::Lower)
    }

    /// True for a common word of English.
    fn is_common(&self, index: usize) -> bool {
        self.word(index).is_some_and(|word| word.kinds & kind::COMMON != 0)
    }

    fn has_capitals(&self, first: usize, words: usize) -> bool {
        (first..first + words).filter_map(|place| self.word(place)).any(|word| word.case != Case::Lower)
    }

    /// True for a house number: `12`, `12a`, `12-14`.
    fn is_house_number(&self, index: usize) -> bool {
        let bytes = self.bytes(index);
        let digits = bytes.iter().take_while(|byte| byte.is_ascii_digit()).count();
        let rest = bytes.get(digits..).unwrap_or_default();
        let is_range = matches!(rest, [b'-', second, ..] if rest.len() == 2 || second.is_ascii_digit())
            && rest.len() <= HOUSE_DIGITS_MAX + 1
            // The floor, in Amsterdam.
            || holds(&["-ii", "-iii", "-iv", "-hs"], rest);
        // `12a` is a house, `70s` are years.
        let is_lettered = rest.len() == 1 && !matches!(rest, b"_" | b"s");
        (1..=HOUSE_DIGITS_MAX).contains(&digits) && (rest.is_empty() || is_lettered || is_range)
    }

    /// True if the word at `place`, behind a name that begins at `first`, is a kind of street or has
    /// one within; `closes` if a number follows the name.
    fn is_kind(&self, place: usize, first: usize, closes: bool) -> bool {
        let bytes = self.bytes(place);
        let Some(word) = self.word(place) else { return false };
        let capital = word.case != Case::Lower;
        let named = place > first && self.has_capitals(first, place - first);
        let small = place > first
            && !self.has_capitals(first, place - first)
            && place - first <= 2
            && !self.is_phrase(first, place);
        (place == first && self.is_kind_before(first) && self.name_words(first) > 1)
            || (self.is(place, sort::WITHIN)
                && (capital && word.case != Case::Upper || closes)
                && word.case != Case::Mixed)
            || (self.is(place, sort::BEHIND) && (named || small) && (bytes.len() > 1 || closes))
            || (self.is(place, sort::BEHIND_CAPITAL) && capital && named && !self.is_rank(place, first))
    }

    /// True for `1st Place`: ordinals alone before what is no street.
    fn is_rank(&self, place: usize, first: usize) -> bool {
        (first..place).all(|place| self.is_ordinal(place)) && !holds(&["st", "ct", "dr", "ln"], self.bytes(place))
    }

    /// True for a kind that stands before the name, as `rue` does; a single letter needs a stop.
    fn is_kind_before(&self, index: usize) -> bool {
        let Some(word) = self.word(index) else { return false };
        let next = self.word(index + 1).map_or(Case::None, |next| next.case);
        // `via HTTP`, `via the port`
        let measured = holds(&["square"], self.bytes(index)) && holds(SQUARED, self.bytes(index + 1));
        let english = self.bytes(index) == b"via"
            && (matches!(next, Case::Upper | Case::Code) || holds(&["a", "an", "the"], self.bytes(index + 1)));
        let is_stopped = || word.case == Case::Lower && self.gap(index + 1).starts_with(b".");
        let spelled = self.is(index, sort::BEFORE) && (word.end - word.start > 1 || is_stopped());
        spelled && !english && !measured
            || self.is(index, sort::BEFORE_JOINED) && self.is_joined(index + 1)
            || self.is_stopped_kind(index)
    }

    /// True for a short form with its stop, before a name: `al. Jerozolimskie`, `12 pl. de la République`, `R. do Ouro`.
    fn is_stopped_kind(&self, index: usize) -> bool {
        let (bytes, next) = (self.bytes(index), index + 1);
        if self.gap(next) != b". " {
            return false;
        }
        // `de la République`
        let name = next + (next..next + 2).take_while(|place| self.is(*place, sort::JOINING)).count();
        let joins = name > next && self.is_named_at(name);
        // `et al.`
        let is_cited = || bytes == b"al" && index > 0 && self.bytes(index - 1) == b"et";
        holds(KIND_STOPPED, bytes) && (joins || self.is_named_at(next)) && !is_cited()
            || holds(KIND_STOPPED_JOINED, bytes) && joins
            || bytes == b"R" && joins && holds(&["do", "da", "dos", "das", "de"], self.bytes(next))
    }

    /// True for a word with a capital, not one in capitals.
    fn is_named_at(&self, index: usize) -> bool {
        self.word(index).is_some_and(|word| matches!(word.case, Case::Title | Case::Mixed))
    }

    /// True for `de`, `du`, `d'Armes` and the like.
    fn is_joined(&self, index: usize) -> bool {
        let bytes = self.bytes(index);
        let elided = matches!(bytes, [b'd' | b'D' | b'l' | b'L', b'\'' | 0xe2, ..]);
        self.gap(index) == b" " && (elided || holds(&["de", "du", "des", "van"], bytes))
    }

    /// True if words of a sentence stand there, not those of a name.
    fn is_phrase(&self, first: usize, end: usize) -> bool {
        (first..end).any(|place| self.is(place, sort::JOINING | sort::CUE_JOINT))
    }

    /// The place of the kind, or of the direction behind it.
    fn with_direction(&self, kind: usize) -> usize {
        if self.is(kind + 1, sort::DIRECTION) && self.gap(kind + 1) == b" " { kind + 1 } else { kind }
    }

    /// True if a number behind these words counts something else than houses.
    fn is_numbered(&self, first: usize, words: usize) -> bool {
        (first..first + words).any(|place| self.is(place, sort::NUMBERED))
    }
}

/// What follows a street in its leaf, as far as a tail may go.
fn behind<'a>(window: &Window<'a>, end: usize) -> Result<&'a [u8], Undecided> {
    let text = window.slice(end, window.len());
    let head = text.get(..LOOKAHEAD_BYTES).unwrap_or(text);
    match memchr::memchr2(BOUNDARY, NUMBER_BOUNDARY, head) {
        Some(length) => Ok(head.get(..length).unwrap_or_default()),
        None if head.len() == LOOKAHEAD_BYTES => Ok(head),
        None => Err(Undecided),
    }
}

/// Bytes of ` and Second Street` behind the first street of a corner.
fn crossing(text: &[u8]) -> usize {
    /// Words of the second street.
    const WORDS_MAX: usize = 3;
    let Some(rest) = text.strip_prefix(b" and ").or_else(|| text.strip_prefix(b". and ")) else { return 0 };
    let lead = text.len() - rest.len();
    let mut end = 0;
    for count in 0..WORDS_MAX {
        let start = if count == 0 { 0 } else { end + 1 };
        let apart = count == 0 || rest.get(end) == Some(&b' ');
        let word = rest.get(start..word_end(rest, start)).unwrap_or_default();
        let joins = sorts(&measure(word), word) & sort::JOINING != 0;
        if !apart || word.is_empty() || (!joins && matches!(measure(word).case, Case::Lower | Case::Digits)) {
            break;
        }
        end = start + word.len();
    }
    if end == 0 { 0 } else { lead + end }
}

/// What a word may be in an address: bits.
pub(super) fn sorts(word: &Word, bytes: &[u8]) -> u16 {
    words::sorts(word, bytes)
}

/// True if an office, a region and a code of the forces' mail follow.
fn is_military(text: &[u8]) -> bool {
    let mut words = text.split(|byte| !byte.is_ascii_alphanumeric()).filter(|word| !word.is_empty());
    let mut next = || words.next().unwrap_or_default();
    let (office, region, code) = (next(), next(), next());
    holds(MILITARY_OFFICES, office)
        && holds(MILITARY_REGIONS, region)
        && code.len() == 5
        && code.iter().all(u8::is_ascii_digit)
}

#[cfg(test)]
mod tests;
