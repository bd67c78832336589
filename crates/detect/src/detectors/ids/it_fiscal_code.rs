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
    kind: Kind::Token(lengths(&[16, YEAR_BYTES, ENDED_BYTES, NAMED_BYTES]), check),
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
/// The same with the last group, and with the name, in one.
const ENDED_BYTES: u8 = 2 * YEAR_BYTES;
const NAMED_BYTES: u8 = 6 + YEAR_BYTES;
/// Bytes of a group of the name and the space behind it; there are two, or one of all letters.
const NAME_BYTES: usize = 4;
const WHOLE_NAME_BYTES: usize = 7;
/// Letters and digits of a code.
const CODE_BYTES: usize = 16;
/// Letters that stand for the digits 0 to 9.
const OMOCODIA: &[u8; 10] = b"LMNPQRSTUV";
/// What the characters of odd places count: digits and letters from 0 and `A` on.
const ODD: [u32; 26] = [1, 0, 5, 7, 9, 13, 15, 17, 19, 21, 2, 4, 18, 20, 11, 3, 6, 8, 12, 14, 16, 10, 22, 25, 24, 23];

fn check(window: &Window<'_>, token: &Token) -> Checked {
    if token.end - token.start < CODE_BYTES {
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

/// The same in groups, of which `token` is the first with digits.
fn check_grouped(window: &Window<'_>, token: &Token) -> Checked {
    let length = u8::try_from(token.end - token.start).unwrap_or(0);
    let start = if length == NAMED_BYTES { token.start } else { group_start(window.text(), token.start) };
    if length != NAMED_BYTES && token.start - start < WHOLE_NAME_BYTES {
        return Ok(None);
    }
    let end = if length == ENDED_BYTES { Some(token.end) } else { last_end(window, token.end)? };
    let Some(end) = end else { return Ok(None) };
    let mut code = [0; CODE_BYTES];
    let letters = window.slice(start, end).iter().filter(|byte| alphanumeric(**byte));
    if letters.clone().count() != CODE_BYTES {
        return Ok(None);
    }
    code.iter_mut().zip(letters).for_each(|(room, letter)| *room = *letter);
    decide(window, &Token { start, end }, &code)
}

/// The end of the last group, behind the space at `at`.
fn last_end(window: &Window<'_>, at: usize) -> Result<Option<usize>, Undecided> {
    let length = usize::from(YEAR_BYTES);
    let is_whole = is_joint(window.at(at)?) && window.run(at + 1, length + 1, alphanumeric)? == length;
    Ok(is_whole.then_some(at + 1 + length))
}

/// True for what stands between two groups: a line may end there.
const fn is_joint(byte: u8) -> bool {
    matches!(byte, b' ' | b'-' | b'\n')
}

/// Where the groups of the name begin that stand before `at`, as far as there are any: what must be kept until the rest has
/// arrived.
pub(crate) fn group_start(text: &[u8], at: usize) -> usize {
    let is_group = |end: usize, bytes: usize| {
        let start = end.checked_sub(bytes);
        let group = start.and_then(|start| text.get(start..end));
        // What ends a longer word is none, and may have been let go.
        let before = start.and_then(|start| start.checked_sub(1)).and_then(|before| text.get(before));
        let apart = before.is_none_or(|byte| !alphanumeric(*byte));
        let is_name = |group: &[u8]| matches!(group, [letters @ .., joint] if is_joint(*joint) && letters.iter().all(u8::is_ascii_uppercase));
        apart && group.is_some_and(is_name)
    };
    if is_group(at, WHOLE_NAME_BYTES) {
        return at - WHOLE_NAME_BYTES;
    }
    let count = (0..2).take_while(|count| is_group(at - count * NAME_BYTES, NAME_BYTES)).count();
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
        finds_whole(
            CF,
            &[
                "RSS MRA 85T10 A562S",
                "RSSMRA 85T10 A562S",
                "RSS-MRA-85T10-A562S",
                "RSSMRA85T10 A562S",
                "RSSMRA85T10\nA562S",
                "RSS MRA 85T10A562S",
                "RSS MRA\n85T10 A562S",
            ],
        );
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
                "RSSMRA85T10 A562T",
                "XRSSMRA 85T10 A562S",
            ],
        );
    }
}
