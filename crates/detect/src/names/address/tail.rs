//! What follows a street and its number: parts of the house, town, region, postal code, country,
//! on the same line or on the next ones.
//!
//! The tail ends behind the last *anchor*: a part of a house, a postal code, a country, or a known
//! town behind a comma. What comes before an anchor belongs to the address; what comes after the
//! last one does not. A tail that ends with a town, a state's code and a ZIP code, or with a town and a British postcode, is *whole*:
//! before it any name behind a number is a street.

use super::code::{
    Region, has_dashed, is_brazilian, is_canadian, is_dutch, is_indian, is_indian_town, is_of_country, is_of_region,
};
use super::words::{holds, sort, sorts};
use crate::names::model::{Gazetteer, kind};
use crate::names::word::{Case, Word, measure, word_end};
use crate::window::{BOUNDARY, NUMBER_BOUNDARY};

/// Words of a tail: four lines of four words.
const WORDS_MAX: usize = 16;
/// Words of a town's or country's name in a row.
const PLACE_WORDS_MAX: usize = 4;
/// Lines of a tail, empty ones counted.
const LINES_MAX: usize = 6;
/// Digits of a postal code.
const CODE_DIGITS: core::ops::RangeInclusive<usize> = 3..=6;

/// What stands between two words of a tail.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Gap {
    lines: usize,
    comma: bool,
    /// Something that ends an address.
    ends: bool,
}

/// One word, and what stood before it.
#[derive(Clone, Copy, Debug)]
struct Token<'a> {
    bytes: &'a [u8],
    word: Word,
    sorts: u16,
    end: usize,
    gap: Gap,
}

/// How a tail ended.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Tail {
    /// Bytes from the core's end to the last anchor; 0 if there is none.
    pub(super) len: usize,
    pub(super) has_unit: bool,
    pub(super) has_code: bool,
    /// A code with the town behind it, as most of Europe writes them.
    pub(super) has_coded_town: bool,
    /// A code behind the name of a place.
    pub(super) has_placed_code: bool,
    /// A code in a form that no other number has: `2000UM`.
    pub(super) has_own_code: bool,
    /// A code of India behind its town.
    pub(super) has_indian_code: bool,
    /// A town with what its country's post asks for.
    pub(super) is_whole: bool,
}

/// Digits of the number of a flat.
const UNIT_DIGITS_MAX: usize = 4;

/// What a sentence goes on with behind a street in small letters.
const CHATTED: &[&str] = &["to", "the", "and", "from", "for", "with", "at", "lol", "pls", "please", "rn"];

/// Doors of a storey.
const STOREY_DOORS: &[&str] = &["izq", "izda", "dcha", "izquierda", "derecha", "esq", "dto", "dt", "frt", "fte"];

/// Reads a tail.
pub(super) struct Reader<'a> {
    text: &'a [u8],
    gazetteer: &'a Gazetteer,
    /// False if the street is in small letters: then the town may be, too.
    capitals: bool,
    at: usize,
    lines: usize,
    /// True behind a code that began its line: the town follows.
    expects_town: bool,
    /// True if the last code stood behind a comma or on a line of its own, and is no year.
    is_listed_code: bool,
    /// Words of places so far.
    places: usize,
    tail: Tail,
}

impl<'a> Reader<'a> {
    pub(super) fn new(text: &'a [u8], gazetteer: &'a Gazetteer, capitals: bool) -> Self {
        Self {
            text,
            gazetteer,
            capitals,
            at: 0,
            lines: 0,
            expects_town: false,
            is_listed_code: false,
            places: 0,
            tail: Tail::default(),
        }
    }

    /// The tail at the beginning of the text.
    pub(super) fn read(mut self) -> Tail {
        // Words of a place since the last anchor or comma.
        let mut place = 0;
        let mut before: Option<Token<'a>> = None;
        for _ in 0..WORDS_MAX {
            let Some(token) = self.next() else { break };
            self.lines += token.gap.lines;
            if token.gap.ends || self.lines > LINES_MAX {
                break;
            }
            if token.gap.comma || token.gap.lines > 0 {
                place = 0;
                // The town stands behind the code, whether a comma parts them or not.
                let is_apart = token.gap.lines == 0 || (self.tail.has_own_code && self.ends_line(token.end));
                let listed = self.tail.len == self.at && self.is_listed_code && is_apart;
                self.expects_town &= listed && before.is_none();
            }
            if let Some(end) = self.unit(&token) {
                self.anchor(end);
                self.tail.has_unit = true;
                (place, before) = (0, None);
                continue;
            }
            if let Some(end) = self.code(&token, before.as_ref()) {
                self.anchor(end);
                self.tail.has_code = true;
                let has_town = is_indian_town(token.bytes);
                self.tail.has_placed_code |= self.places > 0 || has_town;
                self.tail.has_indian_code |= has_town || (before.is_some() && is_indian(token.bytes));
                let whole = self.text.get(token.end - token.bytes.len()..end).unwrap_or_default();
                let own = is_dutch(whole) || is_brazilian(whole);
                self.tail.has_own_code |= own;
                self.tail.is_whole |= self.is_whole(&token, before.as_ref(), end);
                self.is_listed_code = (token.gap.comma || token.gap.lines > 0) && (token.bytes.len() == 5 || own);
                self.expects_town = place == 0 && !has_town;
                (place, before) = (0, None);
                continue;
            }
            if !self.is_place(&token) || place == PLACE_WORDS_MAX {
                break;
            }
            place += 1;
            self.places += 1;
            if let Some(end) = self.province(&token) {
                self.anchor(end);
                (place, before) = (0, None);
                continue;
            }
            if self.is_anchor(&token, before.as_ref()) {
                self.tail.has_coded_town |= self.expects_town;
                self.anchor(token.end);
            } else {
                self.at = token.end;
            }
            before = Some(token);
        }
        self.tail
    }

    fn anchor(&mut self, end: usize) {
        self.at = end;
        self.tail.len = end;
    }

    /// The next word.
    fn next(&self) -> Option<Token<'a>> {
        let mut gap = Gap::default();
        let mut at = self.at;
        loop {
            match *self.text.get(at)? {
                BOUNDARY | NUMBER_BOUNDARY => return None,
                b'\n' => {
                    // Behind an empty line another text begins.
                    gap.ends |= gap.lines > 0;
                    gap.lines += 1;
                }
                b',' => gap.comma = true,
                b' ' | b'\t' | b'\r' => {}
                b'>' | b'?' | b'|' | b'*' | b'-' if gap.lines > 0 => {}
                b'\\' if self.text.get(at + 1) == Some(&b'n') => {
                    gap.lines += 1;
                    at += 1;
                }
                // `São Paulo - SP, 01310-100`, `Mumbai - 400050`
                b'-' if self.is_dash(at) => gap.comma = true,
                b'.' if at == self.at => {}
                // A line of them parts texts.
                b'#' if self.text.get(at + 1) == Some(&b'#') => gap.ends = true,
                b'(' | b')' | b'#' | b'/' => gap.comma |= true,
                _ => {
                    let end = word_end(self.text, at);
                    if end == at {
                        gap.ends = true;
                        return Some(Token { bytes: &[], word: Word::default(), sorts: 0, end: at, gap });
                    }
                    let bytes = self.text.get(at..end)?;
                    let mut word = measure(bytes);
                    word.kinds = self.gazetteer.find(word.hash).kinds;
                    // A full stop ends a sentence; behind the house number or an abbreviation it does not.
                    let stop = self.text.get(self.at) == Some(&b'.') && self.at > 0 && !self.after_abbreviation();
                    gap.ends |= stop;
                    return Some(Token { bytes, word, sorts: sorts(&word, bytes), end, gap });
                }
            }
            at += 1;
        }
    }

    /// True for a dash between spaces before a code of India, or within an address whose code has a dash.
    fn is_dash(&self, at: usize) -> bool {
        let is_spaced = at.checked_sub(1).and_then(|before| self.text.get(before)) == Some(&b' ')
            && self.text.get(at + 1) == Some(&b' ');
        let rest = self.text.get(at + 2..).unwrap_or_default();
        let next = rest.get(..word_end(rest, 0)).unwrap_or_default();
        is_spaced && (is_indian(next) || (next.first().is_some_and(u8::is_ascii_uppercase) && has_dashed(rest)))
    }

    /// True if a line has no more than a name from `at` on.
    fn ends_line(&self, at: usize) -> bool {
        let rest = self.text.get(at..).unwrap_or_default();
        let end = memchr::memchr2(b'\n', b':', rest);
        end.is_none_or(|end| rest.get(end) == Some(&b'\n'))
    }

    /// True if the word that ends here is written with a full stop: `St. Georges`.
    fn after_abbreviation(&self) -> bool {
        let start = self.text.get(..self.at).unwrap_or_default().iter().rposition(|byte| !byte.is_ascii_alphabetic());
        let word = self.text.get(start.map_or(0, |start| start + 1)..self.at).unwrap_or_default();
        holds(&["st", "ste", "mt", "ft", "pt"], word) || holds(STOREY_DOORS, word)
    }

    /// The end of a part of a house that begins here: `Apt. 12`, `#12`.
    fn unit(&self, token: &Token<'_>) -> Option<usize> {
        // `#12`
        let start = token.end - token.bytes.len();
        let lead = self.text.get(start.saturating_sub(2)..start).unwrap_or_default();
        let is_numbered = matches!(lead, [b' ' | b',', b'#']);
        let digits = token.bytes.iter().filter(|byte| byte.is_ascii_digit()).count();
        if is_numbered && (1..=UNIT_DIGITS_MAX).contains(&digits) && digits + 1 >= token.bytes.len() {
            return Some(token.end);
        }
        // `m. 5`: a flat in Poland.
        let is_flat = token.bytes == b"m" && self.text.get(token.end) == Some(&b'.');
        if token.sorts & sort::UNIT == 0 && !is_flat {
            return self.storey(token);
        }
        let mut at = token.end;
        while matches!(self.text.get(at), Some(b'.' | b' ' | b'#' | b':')) && at < token.end + 4 {
            at += 1;
        }
        let end = word_end(self.text, at);
        let number = self.text.get(at..end)?;
        (number.first()?.is_ascii_digit() || (number.len() == 1 && number.first()?.is_ascii_uppercase())).then_some(end)
    }

    /// The end of a storey and its door, as Spain and Portugal write them: `3º B`, `1ª izda`, `2.º Esq.`.
    fn storey(&self, token: &Token<'_>) -> Option<usize> {
        let behind = self.text.get(token.end..)?;
        let sign = ["º", "ª", ".º", ".ª"].iter().find(|sign| behind.starts_with(sign.as_bytes()))?;
        if token.bytes.len() > 2 || !token.bytes.iter().all(u8::is_ascii_digit) {
            return None;
        }
        let storey = token.end + sign.len();
        let start = storey + usize::from(self.text.get(storey) == Some(&b' '));
        let end = word_end(self.text, start);
        let door = self.text.get(start..end).unwrap_or_default();
        let is_door = matches!(door, [b'A'..=b'Z']) || holds(STOREY_DOORS, door);
        Some(if start > storey && is_door { end } else { storey })
    }

    /// The end of a postal code that begins here, behind a place or a region or at a line's start.
    fn code(&self, token: &Token<'_>, before: Option<&Token<'_>>) -> Option<usize> {
        let digits = token.bytes.iter().filter(|byte| byte.is_ascii_digit()).count();
        if digits == 0 {
            return None;
        }
        let placed = before.is_some() || token.gap.lines > 0 || token.gap.comma;
        if placed && is_of_country(token.bytes) {
            return Some(token.end);
        }
        let behind = self.text.get(token.end..).unwrap_or_default();
        let follows = |start: usize| behind.get(start..word_end(behind, start)).unwrap_or_default();
        let next = if behind.first() == Some(&b' ') { follows(1) } else { &[] };
        let is_outward = (2..=4).contains(&token.bytes.len()) && token.word.case == Case::Code;
        if is_outward
            && next.len() == 3
            && next.first().is_some_and(u8::is_ascii_digit)
            && next.iter().skip(1).all(u8::is_ascii_alphabetic)
        {
            return Some(token.end + 1 + next.len());
        }
        let is_first_half = token.bytes.len() == 3 && token.word.case == Case::Code && next.len() == 3;
        if is_first_half && next.iter().filter(|byte| byte.is_ascii_digit()).count() == 2 {
            return Some(token.end + 1 + next.len());
        }
        if (is_dutch(token.bytes) || is_canadian(token.bytes))
            && (before.is_some() || token.gap.lines > 0 || token.gap.comma)
        {
            return Some(token.end);
        }
        if is_indian_town(token.bytes) && (before.is_some() || token.gap.lines > 0 || token.gap.comma) {
            return Some(token.end);
        }
        let all = token.bytes.iter().all(|byte| byte.is_ascii_digit() || *byte == b'-');
        let is_years = matches!(token.bytes, [b'1' | b'2', _, _, _, b'-', b'1' | b'2', _, _, _]);
        let plain = all && !is_years && (CODE_DIGITS.contains(&digits) || token.bytes.contains(&b'-') && digits <= 9);
        if !plain || !placed {
            return None;
        }
        let is_lettered = digits == 4 && next.len() == 2 && next.iter().all(u8::is_ascii_uppercase);
        let is_parted = digits == 3 && next.len() == 2 && next.iter().all(u8::is_ascii_digit);
        Some(token.end + if is_lettered || is_parted { 1 + next.len() } else { 0 })
    }

    /// True if the code that ends at `end` is one of the United States behind a town and a state, or a British one behind a town.
    fn is_whole(&self, code: &Token<'_>, before: Option<&Token<'_>>, end: usize) -> bool {
        let is_outward = code.bytes.first().is_some_and(u8::is_ascii_uppercase)
            && code.bytes.iter().all(|byte| byte.is_ascii_uppercase() || byte.is_ascii_digit());
        if end > code.end
            && is_outward
            && code.bytes.len() <= 4
            && !is_canadian(self.text.get(code.end - code.bytes.len()..end).unwrap_or_default())
        {
            let inward = self.text.get(code.end + 1..end).unwrap_or_default();
            return self.places > 0 && inward.iter().skip(1).all(u8::is_ascii_uppercase);
        }
        let region = before.map(|before| Region {
            code: (before.word.case == Case::Upper).then_some(before.bytes),
            named: before.word.kinds & kind::REGION != 0 && before.bytes.len() > 2,
        });
        let bytes = self.text.get(code.end - code.bytes.len()..end).unwrap_or_default();
        self.places > 1 && code.gap.lines == 0 && region.is_some_and(|region| is_of_region(bytes, region))
    }

    /// The end of the code of a province in parentheses behind a town, as Italy writes it.
    fn province(&self, token: &Token<'_>) -> Option<usize> {
        let is_code = token.word.case == Case::Upper && token.bytes.len() == 2 && self.tail.has_code;
        let start = token.end.checked_sub(3)?;
        let held = self.text.get(start) == Some(&b'(') && self.text.get(token.end) == Some(&b')');
        (is_code && held).then_some(token.end + 1)
    }

    /// True for a word that may be part of a place's name.
    fn is_place(&self, token: &Token<'_>) -> bool {
        match token.word.case {
            Case::Title | Case::Upper | Case::Mixed | Case::Initial => true,
            Case::Lower if !self.capitals && holds(CHATTED, token.bytes) => false,
            Case::Lower => !self.capitals || token.sorts & sort::JOINING != 0 || token.bytes == b"nan",
            Case::None | Case::Digits | Case::Code => false,
        }
    }

    /// True for the last word of a country, a known town behind a comma or line's end, a region's
    /// code behind a town, and a name right behind a part of the house.
    fn is_anchor(&self, token: &Token<'_>, before: Option<&Token<'_>>) -> bool {
        let known = token.word.kinds & kind::REGION != 0;
        let code = token.word.case == Case::Upper && token.bytes.len() <= 3 && before.is_some();
        let parted = token.gap.comma || token.gap.lines > 0;
        let town = token.word.kinds & kind::CITY != 0 && parted && token.word.kinds & kind::COMMON == 0;
        let capital = token.word.case != Case::Lower || !self.capitals;
        capital
            && (known
                || (self.expects_town && (!parted || self.is_listed_code))
                || (code && (self.tail.has_unit || self.tail.has_own_code))
                || (town && token.gap.lines <= 1)
                || (self.tail.has_unit && !parted))
    }
}
