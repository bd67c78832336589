//! Italian fiscal codes (Decreto Ministeriale 12 March 1974; Decreto Legislativo 345/1976): six letters of the names, year, month as a letter, day (40 more for
//! women), place of birth, and a check letter modulo 26. Where two persons would have the same, letters replace digits (omocodia).

use super::{Id, Kind, NAMED, Token, judge, lengths};
use crate::context::Words;
use crate::detectors::about::{About, Sight};
use crate::entity::EntityType;
use crate::window::{Checked, Window};

/// The detector.
pub(super) static ID: Id = Id {
    entity: EntityType::ItFiscalCode,
    rule: "it-fiscal-code",
    about: About::new("check letter modulo 26; day of birth", "Decreto Ministeriale 12 March 1974").raised(
        WORDS,
        Sight::Before,
        (NAMED, NAMED),
    ),
    kind: Kind::Token(lengths(&[16]), check),
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
/// Letters that stand for the digits 0 to 9.
const OMOCODIA: &[u8; 10] = b"LMNPQRSTUV";
/// What the characters of odd places count: digits and letters from 0 and `A` on.
const ODD: [u32; 26] = [1, 0, 5, 7, 9, 13, 15, 17, 19, 21, 2, 4, 18, 20, 11, 3, 6, 8, 12, 14, 16, 10, 22, 25, 24, 23];

fn check(window: &Window<'_>, token: &Token) -> Checked {
    let Some(code) = token.text(window).first_chunk::<16>() else { return Ok(None) };
    if !valid(&code.map(|byte| byte.to_ascii_uppercase())) || !token.stands_alone(window)? {
        return Ok(None);
    }
    judge(window, (token.start, token.end), WORDS, 94)
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
    }

    #[test]
    fn near_misses_pass() {
        passes(
            CF,
            &["RSSMRA85T10A562T", "RSSMRA85F10A562S", "RSSMRA85T32A562S", "RSSMRA85T10A562SX", "RSS1RA85T10A562S"],
        );
    }
}
