//! Spanish tax identification numbers of persons (Real Decreto 1553/2005, Orden INT/2058/2008): DNI, eight digits and a letter, the number
//! modulo 23; NIE, where `X`, `Y` or `Z` stands for the first digit 0, 1 or 2; `K`, `L`, `M` before seven digits for those without either.

use super::checks::remainder;
use super::numeral::{Mark, Numeral, may_end, may_start};
use super::{Id, Kind, Token, judge, lengths, named};
use crate::context::Words;
use crate::entity::EntityType;
use crate::window::{Checked, Window};

/// Digits with a letter apart, or points between.
pub(super) static ID: Id = Id {
    entity: EntityType::EsNif,
    rule: "es-nif",
    about: named("check letter modulo 23", "Real Decreto 1553/2005, Orden INT/2058/2008", WORDS),
    kind: Kind::Numeral(1 << 8 | 1 << 7 | 1 << 2 | 1 << 1, check_groups),
};

/// One run.
pub(super) static TOKEN: Id = Id {
    entity: EntityType::EsNif,
    rule: "es-nif-run",
    about: named("check letter modulo 23", "Real Decreto 1553/2005, Orden INT/2058/2008", WORDS),
    kind: Kind::Token(lengths(&[8, 9]), check_token),
};

/// Bytes of one in a run.
const RUN_BYTES: usize = 9;
const WORDS: &Words = &Words::new(&[
    b"dni",
    b"dnis",
    b"nif",
    b"nifs",
    b"nie",
    b"nies",
    b"n.i.f*",
    b"d.n.i*",
    b"documento nacional*",
    b"n\xc3\xbamero de identificaci\xc3\xb3n*",
    b"identificaci\xc3\xb3n fiscal",
    b"spanish*",
    b"espa\xc3\xb1a",
    b"identidad",
    b"extranjero*",
]);
const LETTERS: &[u8; 23] = b"TRWAGMYFPDXBNJZSQVHLCKE";

fn check_token(window: &Window<'_>, token: &Token) -> Checked {
    let parted = token.end - token.start < RUN_BYTES;
    if parted && (window.at(token.end)? != b'-' || !window.at(token.end + 1)?.is_ascii_uppercase()) {
        return Ok(None);
    }
    let token = &Token { end: token.end + if parted { 2 } else { 0 }, ..*token };
    let [lead, body @ .., letter] = token.text(window) else { return Ok(None) };
    let mut number = [0; 8];
    for (room, byte) in number.iter_mut().zip(core::iter::once(lead).chain(body)) {
        *room = *byte;
    }
    if let Some(first) = number.first_mut() {
        *first = first_digit(*lead);
    }
    if !valid(&number, *letter) || !token.stands_alone(window)? {
        return Ok(None);
    }
    judge(window, (token.start, token.end), WORDS, if letter.is_ascii_uppercase() { 80 } else { 0 })
}

/// What the letter before seven digits stands for; a digit stands for itself.
const fn first_digit(lead: u8) -> u8 {
    match lead {
        b'X' | b'x' | b'K' | b'L' | b'M' => b'0',
        b'Y' | b'y' => b'1',
        b'Z' | b'z' => b'2',
        digit => digit,
    }
}

fn check_groups(window: &Window<'_>, numeral: &Numeral) -> Checked {
    let dotted = numeral.mark(0) == Mark::Dot && numeral.mark(1) == Mark::Dot;
    let (start, last, total, lead) = if numeral.begins(&[8]) {
        (numeral.start, 0, 8, None)
    } else if numeral.begins(&[2, 3, 3]) && dotted {
        (numeral.start, 2, 8, None)
    } else if let Some((start, lead)) = lead(window, numeral.start) {
        let last = if numeral.begins(&[7]) {
            0
        } else if numeral.begins(&[1, 3, 3]) && dotted {
            2
        } else {
            return Ok(None);
        };
        (start, last, 7, Some(lead))
    } else {
        return Ok(None);
    };
    let end = numeral.end(last);
    let letter = if matches!(window.at(end)?, b'-' | b' ') { window.at(end + 1)? } else { window.at(end)? };
    let end = end + if matches!(window.at(end)?, b'-' | b' ') { 2 } else { 1 };
    let mut number = [b'0'; 8];
    let head = lead.into_iter().chain(numeral.digits(total).iter().copied());
    number.iter_mut().zip(head).for_each(|(room, byte)| *room = byte);
    // In one run it is a token.
    let apart = end - start > RUN_BYTES;
    let alone = apart && numeral.mark(last) == Mark::None && may_start(window, start);
    if !alone || !valid(&number, letter) || !letter.is_ascii_uppercase() || !may_end(window, end)? {
        return Ok(None);
    }
    judge(window, (start, end), WORDS, 80)
}

/// Where `X-` or `X ` or `X` before the digits begins, and the digit that it stands for.
fn lead(window: &Window<'_>, digits: usize) -> Option<(usize, u8)> {
    let mark = matches!(window.before(digits), b'-' | b' ');
    let end = digits.checked_sub(usize::from(mark))?;
    let letter = window.before(end);
    matches!(letter, b'X' | b'Y' | b'Z').then_some((end.checked_sub(1)?, first_digit(letter)))
}

fn valid(number: &[u8; 8], letter: u8) -> bool {
    let expected = LETTERS.get(remainder(number, 23) as usize);
    number.iter().all(u8::is_ascii_digit) && number != b"00000000" && expected == Some(&letter.to_ascii_uppercase())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::detectors::testing::{finds, finds_whole, passes};

    const NIF: EntityType = EntityType::EsNif;

    #[test]
    fn numbers_are_found_whole() {
        finds_whole(
            NIF,
            &[
                "12345678Z",
                "12345678-Z",
                "12.345.678-Z",
                "12345678 Z",
                "X1234567L",
                "X-1234567-L",
                "Y1234567X",
                "Z-1234567-R",
                "X1234567-L",
            ],
        );
        finds(NIF, "dni 12345678z", &["12345678z"]);
    }

    #[test]
    fn near_misses_pass() {
        passes(
            NIF,
            &[
                "12345678A",
                "12345678-A",
                "1234567Z",
                "12345678ZZ",
                "12345678z",
                "X1234567A",
                "W1234567L",
                "1-12345678Z",
            ],
        );
    }
}
