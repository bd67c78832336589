//! Italian fiscal codes (Decreto Ministeriale 12 March 1974; Decreto Legislativo 345/1976): six letters of the names, year, month as a letter, day (40 more for
//! women), place of birth, and a check letter modulo 26. Where two persons would have the same, letters replace digits (omocodia). Forms
//! print it in groups of 3, 3, 5 and 5.

use super::{Id, Kind, NAMED, Token, judge, lengths};
use crate::context::Words;
use crate::detectors::about::{About, Sight};
use crate::entity::EntityType;
use crate::text::alphanumeric;
use crate::window::{Checked, Undecided, Window};

/// The detector.
pub(super) static ID: Id = Id {
    entity: EntityType::ItFiscalCode,
    rule: "it-fiscal-code",
    about: About::new("check letter modulo 26; day of birth", "Decreto Ministeriale 12 March 1974").raised(
        WORDS,
        Sight::Before,
        (NAMED, NAMED),
    ),
    kind: Kind::Token(lengths(&[16, YEAR_BYTES]), check),
};

const WORDS: &Words = &Words::new(&[
    b"codice fiscale",
    b"cod. fisc*",
    b"c.f*",
    b"cf",
    b"codicefiscale*",
    b"fiscal code*",
    b"italian*",
    b"tax code",
]);
/// Bytes of the group of year, month and day, the first with digits, and of the last one.
const YEAR_BYTES: u8 = 5;
/// Bytes of a group of the name and the space behind it; there are two.
const NAME_BYTES: usize = 4;
/// Letters that stand for the digits 0 to 9.
const OMOCODIA: &[u8; 10] = b"LMNPQRSTUV";
/// What the characters of odd places count: digits and letters from 0 and `A` on.
const ODD: [u32; 26] = [1, 0, 5, 7, 9, 13, 15, 17, 19, 21, 2, 4, 18, 20, 11, 3, 6, 8, 12, 14, 16, 10, 22, 25, 24, 23];

fn check(window: &Window<'_>, token: &Token) -> Checked {
    if token.end - token.start == usize::from(YEAR_BYTES) {
        return check_grouped(window, token);
    }
    let Some(code) = token.text(window).first_chunk::<16>() else { return Ok(None) };
    decide(window, token, code)
}

fn decide(window: &Window<'_>, token: &Token, code: &[u8; 16]) -> Checked {
    if !valid(&code.map(|byte| byte.to_ascii_uppercase())) || !token.stands_alone(window)? {
        return Ok(None);
    }
    judge(window, (token.start, token.end), WORDS, 94)
}

/// The same in groups, of which `year` is the third.
fn check_grouped(window: &Window<'_>, year: &Token) -> Checked {
    let start = group_start(window.text(), year.start);
    if year.start - start < 2 * NAME_BYTES || window.at(year.end)? != b' ' {
        return Ok(None);
    }
    let Some(code) = grouped(window, start, year)? else { return Ok(None) };
    decide(window, &Token { start, end: year.end + 1 + usize::from(YEAR_BYTES) }, &code)
}

/// The code of the groups that begin at `start`, without spaces.
fn grouped(window: &Window<'_>, start: usize, year: &Token) -> Result<Option<[u8; 16]>, Undecided> {
    let last = year.end + 1;
    let length = usize::from(YEAR_BYTES);
    if window.run(last, length + 1, alphanumeric)? != length {
        return Ok(None);
    }
    let mut code = [0; 16];
    let letters = window.slice(start, last + length).iter().filter(|byte| **byte != b' ');
    code.iter_mut().zip(letters).for_each(|(room, letter)| *room = *letter);
    Ok(Some(code))
}

/// Where the groups of the name begin that stand before `at`, as far as there are any: what must be kept until the rest has
/// arrived.
pub(crate) fn group_start(text: &[u8], at: usize) -> usize {
    let is_group = |end: usize| {
        let start = end.checked_sub(NAME_BYTES);
        let group = start.and_then(|start| text.get(start..end));
        // What ends a longer word is none, and may have been let go.
        let before = start.and_then(|start| start.checked_sub(1)).and_then(|before| text.get(before));
        let apart = before.is_none_or(|byte| !alphanumeric(*byte));
        apart && matches!(group, Some([letters @ .., b' ']) if letters.iter().all(u8::is_ascii_uppercase))
    };
    let count = (0..2).take_while(|count| is_group(at - count * NAME_BYTES)).count();
    at - count * NAME_BYTES
}

fn valid(code: &[u8; 16]) -> bool {
    let formed = code.iter().enumerate().all(|(place, byte)| match place {
        6 | 7 | 9 | 10 | 12..=14 => digit(*byte).is_some(),
        8 => b"ABCDEHLMPRST".contains(byte),
        _ => byte.is_ascii_uppercase(),
    });
    let at = |place: usize| code.get(place).copied().and_then(digit);
    let day = at(9).zip(at(10)).map(|(tens, ones)| tens * 10 + ones);
    let check = code.iter().take(15).enumerate().map(value).sum::<u32>() % 26;
    formed && matches!(day, Some(1..=31 | 41..=71)) && code.last().map(|last| index(*last)) == Some(check)
}

/// The digit that a character stands for.
fn digit(byte: u8) -> Option<u32> {
    if byte.is_ascii_digit() {
        return Some(u32::from(byte - b'0'));
    }
    OMOCODIA.iter().position(|letter| *letter == byte).and_then(|place| u32::try_from(place).ok())
}

fn value((place, byte): (usize, &u8)) -> u32 {
    let index = index(*byte);
    if place % 2 == 1 { index } else { ODD.get(index as usize).copied().unwrap_or(0) }
}

/// `0` and `A` are 0.
const fn index(byte: u8) -> u32 {
    (if byte.is_ascii_digit() { byte - b'0' } else { byte.wrapping_sub(b'A') }) as u32
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::detectors::testing::{finds, finds_whole, passes};

    const CF: EntityType = EntityType::ItFiscalCode;

    #[test]
    fn codes_are_found_whole() {
        finds_whole(CF, &["RSSMRA85T10A562S", "rssmra85t10a562s", "RSSMRA85T10A56NH"]);
        finds(CF, "Codice fiscale: RSSMRA85T10A562S.", &["RSSMRA85T10A562S"]);
        finds_whole(CF, &["RSS MRA 85T10 A562S"]);
        finds(CF, "codice fiscale: RSS MRA 85T10 A562S.", &["RSS MRA 85T10 A562S"]);
    }

    #[test]
    fn near_misses_pass() {
        passes(
            CF,
            &[
                "RSSMRA85T10A562T",
                "RSSMRA85F10A562S",
                "RSSMRA85T32A562S",
                "RSSMRA85T10A562SX",
                "RSS1RA85T10A562S",
                "RSS MRA 85T10 A562T",
                "RSS MRA 85T10 A562SX",
                "XRSS MRA 85T10 A562S",
                "MRA 85T10 A562S",
            ],
        );
    }
}
