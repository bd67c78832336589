//! Expiry dates of payment cards: month and year behind a word, with a card nearby; as two members of a record each by itself.

use super::{Cue, REACH_BYTES, begins_word, goes_on, is_near_card, value_behind};
use crate::context::Words;
use crate::detectors::about::{About, Sight};
use crate::entity::EntityType;
use crate::text::{alphanumeric, digits, value};
use crate::window::{Checked, Match, Undecided, Window};

/// The detector.
pub(super) static CUE: Cue = Cue::new(EntityType::CardExpiry, "card-expiry", ABOUT, WORDS, check);

const ABOUT: About = About::new("month and year from 2015 to 2060; a card near it", "ISO/IEC 7813").raised(
    NAMES,
    Sight::Before,
    (85, 95),
);
/// The words as they are read.
const NAMES: &Words = &Words::new(&[
    b"exp",
    b"expir*",
    b"expDate",
    b"valid thru",
    b"valid until",
    b"valid through",
    b"good thru",
    b"g\xc3\xbcltig bis",
    b"scadenza",
    b"caducidad",
    b"validade",
    "有效期".as_bytes(),
]);

const WORDS: &[&[u8]] = &[
    b"exp",
    b"Exp",
    b"EXP",
    b"alid thru",
    b"ALID THRU",
    b"alid until",
    b"alid through",
    b"ood thru",
    b"OOD THRU",
    b"\xc3\xbcltig bis",
    b"cadenza",
    b"aducidad",
    b"alidade",
    "有效期".as_bytes(),
];
/// Words that may stand between that word and the date.
const FILLERS: &[&[u8]] = &[
    b"iry",
    b"ires",
    b"iration",
    b"iring",
    b"date",
    b"dt",
    b"on",
    b"is",
    b"in",
    b"the",
    b"card",
    b"month",
    b"year",
    b"thru",
    b"until",
    b"end",
    b"of",
    b"IRY",
    b"IRES",
    b"IRATION",
    b"Date",
    b"iryDate",
    b"irationDate",
    b"_date",
    b"mm",
    b"yy",
    b"yyyy",
];
fn check(window: &Window<'_>, word: usize, word_end: usize) -> Checked {
    let whole = matches!(window.at(word)?, b'e' | b'E');
    if whole && !begins_word(window, word)? {
        return Ok(None);
    }
    let Some(start) = value_behind(window, word_end, word + REACH_BYTES / 2 + 8, FILLERS)? else { return Ok(None) };
    let Some(end) = date_end(window, start)? else { return check_member(window, word, word_end, start) };
    Ok(is_near_card(window, start, end)?.then_some(Match::new(start, end, 0, 90)))
}

/// `exp_month: 12, exp_year: 2027`: the month if the year's name follows, the year if the month's stands before.
fn check_member(window: &Window<'_>, word: usize, word_end: usize, start: usize) -> Checked {
    let length = digits(window, start, 5)?;
    let end = start + length;
    let number = value(window.slice(start, end));
    let name = window.slice(word_end, start);
    let tail = ENDINGS.iter().find_map(|ending| name.strip_prefix(*ending));
    let part_name = tail.unwrap_or(name);
    let is_part = |part: &[u8]| part_name.get(..part.len() + 1).is_some_and(|name| is_named(name, part));
    let valid = match () {
        () if is_part(b"month") => {
            matches!((length, number), (1 | 2, 1..=12)) && follows(window, end, word_end - word, b"year")?
        }
        () if is_part(b"year") => {
            is_year(length, number) && is_behind_month(window.slice(word.saturating_sub(MEMBER_BYTES), word))
        }
        () => false,
    };
    // Interfaces of payments alone shorten the word.
    let accepted = valid && !goes_on(window, end)? && (tail.is_none() || is_near_card(window, start, end)?);
    Ok(accepted.then_some(Match::new(start, end, 0, 85)))
}

/// Bytes of the member of a month.
const MEMBER_BYTES: usize = 24;
/// How the word for expiry goes on.
const ENDINGS: &[&[u8]] = &[b"iration", b"iry", b"ires"];

/// True for `_month` and `Month`, behind the word for expiry.
fn is_named(name: &[u8], part: &[u8]) -> bool {
    let (joint, rest) = name.split_at_checked(1).unwrap_or_default();
    let behind_joint = matches!(joint, b"_" | b"-" | b" ") && rest.eq_ignore_ascii_case(part);
    let whole = name.get(..part.len()).unwrap_or_default();
    behind_joint || matches!(whole, [first, ..] if first.is_ascii_uppercase() && whole.eq_ignore_ascii_case(part))
}

/// True if the next member's name is `exp_year` or the like: a word of expiry of any length up to `expiration` and `part`.
fn follows(window: &Window<'_>, end: usize, word_bytes: usize, part: &[u8]) -> Result<bool, Undecided> {
    let marks =
        window.run(end, MARKS_MAX, |byte| matches!(byte, b',' | b';' | b'&' | b' ' | b'"' | b'\'' | b'\n' | b'|'))?;
    let start = end + marks;
    let named = window.at(start)?.eq_ignore_ascii_case(&b'e');
    let length = window.run(start, NAME_BYTES_MAX, |byte| alphanumeric(byte) || matches!(byte, b'_' | b'-'))?;
    let name = window.slice(start, start + length);
    let tail = name.get(name.len().saturating_sub(part.len())..).unwrap_or_default();
    Ok(marks > 0 && named && length > word_bytes && tail.eq_ignore_ascii_case(part))
}

/// Marks between two members, and bytes of a name such as `expiration_year`.
const MARKS_MAX: usize = 6;
const NAME_BYTES_MAX: usize = 18;

/// True if a member of a month's name stands before.
fn is_behind_month(head: &[u8]) -> bool {
    head.windows(b"month".len()).any(|part| part.eq_ignore_ascii_case(b"month"))
}

/// The end of `MM/YY`, `MM/YYYY`, `MM-YY`, `MM.YY`, `MM / YY`, `MMYY` or `YYYY-MM` at `start`.
fn date_end(window: &Window<'_>, start: usize) -> Result<Option<usize>, Undecided> {
    let length = digits(window, start, 5)?;
    let first = value(window.slice(start, start + length));
    let mut at = start + length;
    if length == 4 && matches!(first / 100, 1..=12) && matches!(first % 100, 20..=45) {
        let is_negative = window.before(start) == b'-';
        return Ok((!is_negative && !goes_on(window, at)?).then_some(at));
    }
    let spaced = usize::from(window.at(at)? == b' ');
    if !matches!(window.at(at + spaced)?, b'/' | b'-' | b'.') {
        return Ok(None);
    }
    at += spaced + 1;
    at += usize::from(spaced == 1 && window.at(at)? == b' ');
    let second_length = digits(window, at, 5)?;
    let end = at + second_length;
    let second = value(window.slice(at, end));
    let valid = (matches!(length, 1 | 2) && matches!(first, 1..=12) && is_year(second_length, second))
        || (length == 4 && is_year(4, first) && second_length == 2 && matches!(second, 1..=12));
    Ok((valid && !goes_on(window, end)?).then_some(end))
}

const fn is_year(length: usize, year: u64) -> bool {
    matches!((length, year), (2, 15..=60) | (4, 2015..=2060))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::detectors::testing::finds;

    const EXPIRY: EntityType = EntityType::CardExpiry;

    #[test]
    fn dates_near_a_card_are_found() {
        for (text, date) in [
            ("card 4111 1111 1111 1111 exp 12/27", "12/27"),
            ("Visa, expires 03/2028, CVV 123", "03/2028"),
            ("credit card expiration date: 1/29.", "1/29"),
            ("VALID THRU 12/27 cvc 123", "12/27"),
            ("{\"cardExpiry\": \"2027-12\"}", "2027-12"),
            ("4111111111111111, Exp. 12 / 27", "12 / 27"),
            ("4111111111111111 exp 1227", "1227"),
            ("Karte 4111111111111111, gültig bis 12/27", "12/27"),
            ("carta di credito, scadenza 12.27", "12.27"),
            ("<card>4111111111111111</card><exp_date>12/27</exp_date>", "12/27"),
            ("<card>4111111111111111</card><expiry>12/27</expiry>", "12/27"),
        ] {
            finds(EXPIRY, text, &[date]);
        }
    }

    #[test]
    fn month_and_year_are_found_as_members() {
        finds(EXPIRY, "card 4111111111111111, exp_month: 12, exp_year: 2027", &["12", "2027"]);
        finds(EXPIRY, "{\"cvc\": 123, \"expMonth\": 3, \"expYear\": 27}", &["3", "27"]);
        finds(EXPIRY, "card exp_month: 13, exp_year: 2027", &["2027"]);
        finds(EXPIRY, "card exp_month: 12, count: 2027", &[]);
        finds(EXPIRY, "exp_month: 12, exp_year: 2027", &["12", "2027"]);
        finds(EXPIRY, "card expiration_month: 12, expiration_year: 2027", &["12", "2027"]);
        finds(EXPIRY, "lease expiry_month: 12, expiry_year: 2027", &[]);
        finds(EXPIRY, "exp_month: 12, exp_yard: 2027", &[]);
    }

    #[test]
    fn near_misses_pass() {
        for text in [
            "passport expires 12/27",
            "card experience 12/27",
            "card expires 13/27",
            "card exp 12/27/2028",
            "card export 12/27",
            "card expected 12/27",
            "card exp 1327",
            "card exp 1995",
            "card 4111111111111111 exp: -1138",
            "card exp 12275",
            "card exp 12.27.3",
        ] {
            finds(EXPIRY, text, &[]);
        }
    }
}
