//! Finnish personal identity codes (Digital and Population Data Services Agency; decree 128/2010, new signs since 2023): the day of birth, a
//! sign for the century, three digits, and a check character modulo 31.

use super::checks::{is_birth_day, pair, remainder};
use super::numeral::{Numeral, may_end, may_start};
use super::{Id, Kind, judge, lengths, named};
use crate::context::Words;
use crate::entity::EntityType;
use crate::window::{Checked, Window};

/// Codes with `-` or `+`.
pub(super) static ID: Id = Id {
    entity: EntityType::FiHetu,
    rule: "fi-hetu",
    about: named(
        "check character modulo 31; day of birth",
        "Digital and Population Data Services Agency, decree 128/2010",
        WORDS,
    ),
    kind: Kind::Numeral(1 << 6, check_sign),
};

/// Codes with a letter as the sign.
pub(super) static TOKEN: Id = Id {
    entity: EntityType::FiHetu,
    rule: "fi-hetu-letter",
    about: named(
        "check character modulo 31; day of birth",
        "Digital and Population Data Services Agency, decree 128/2010",
        WORDS,
    ),
    kind: Kind::Token(lengths(&[11]), |window, token| check(window, token.start)),
};

const WORDS: &Words = &Words::new(&[
    b"hetu",
    b"hetus",
    b"henkil\xc3\xb6tunnus*",
    b"henkilotunnus*",
    b"personbeteckning*",
    b"finnish*",
    b"sotu",
    b"henkil\xc3\xb6*",
]);
const BYTES: usize = 11;
const CHECK_CHARACTERS: &[u8; 31] = b"0123456789ABCDEFHJKLMNPRSTUVWXY";

fn check_sign(window: &Window<'_>, numeral: &Numeral) -> Checked {
    let sign = window.at(numeral.start + 6)?;
    if matches!(sign, b'-' | b'+') { check(window, numeral.start) } else { Ok(None) }
}

fn check(window: &Window<'_>, start: usize) -> Checked {
    let end = start + BYTES;
    for place in start + 6..end {
        let byte = window.at(place)?;
        if !matches!(byte, b'+' | b'-') && !byte.is_ascii_alphanumeric() {
            return Ok(None);
        }
    }
    if !valid(window.slice(start, end)) || !may_start(window, start) || !may_end(window, end)? {
        return Ok(None);
    }
    judge(window, (start, end), WORDS, 85)
}

fn valid(code: &[u8]) -> bool {
    let [day @ .., sign, a, b, c, check] = code else { return false };
    let century = match sign.to_ascii_uppercase() {
        b'+' => 1800,
        b'-' | b'U'..=b'Y' => 1900,
        b'A'..=b'F' => 2000,
        _ => return false,
    };
    let serial = [*a, *b, *c];
    let digits = day.iter().chain(&serial);
    let rest = digits.clone().fold(0, |rest, digit| (rest * 10 + u32::from(digit.wrapping_sub(b'0'))) % 31);
    let expected = CHECK_CHARACTERS.get(rest as usize);
    digits.clone().all(u8::is_ascii_digit)
        && remainder(&serial, 1000) > 1
        && expected == Some(&check.to_ascii_uppercase())
        && is_birth_day(century + pair(day, 4), pair(day, 2), pair(day, 0))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::detectors::testing::{finds, finds_whole, passes};

    const HETU: EntityType = EntityType::FiHetu;

    #[test]
    fn codes_are_found_whole() {
        finds_whole(
            HETU,
            &["131052-308T", "010594Y9032", "020594X903P", "030594W903B", "020516C903K", "310785-123J", "100325A012P"],
        );
        finds(HETU, "hetu: 131052-308t", &["131052-308t"]);
    }

    #[test]
    fn near_misses_pass() {
        passes(HETU, &["131052-308U", "131352-308T", "131052-308TT", "131052Z308T", "131052-30T8", "a131052-308T"]);
    }
}
