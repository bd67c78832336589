//! Vehicle identification numbers (ISO 3779; 49 CFR 565): seventeen digits and capital letters without `I`, `O`, `Q`; the ninth is a check digit modulo 11 in
//! North America and China. Numbers of other makers need a word, as do those of digits alone.

use super::checks::{is_uniform, weighted};
use super::{Forms, Id, Kind, Token, bare, judge, judge_unchecked, lengths, named, unchecked};
use crate::context::Words;
use crate::entity::EntityType;
use crate::window::{Checked, Window};

/// Letters and digits.
pub(super) static ID: Id = Id {
    entity: EntityType::Vin,
    rule: "vin",
    about: unchecked("check digit modulo 11, or a word", "ISO 3779; 49 CFR 565", WORDS),
    kind: Kind::Token(lengths(&[17]), check),
};

/// Digits alone.
pub(super) static DIGITS: Id = Id {
    entity: EntityType::Vin,
    rule: "vin-digits",
    about: named("check digit modulo 11", "ISO 3779; 49 CFR 565", WORDS),
    kind: Kind::Forms(&FORMS),
};

static FORMS: Forms = Forms { forms: &[bare(&[17], 0)], valid: has_check_digit, words: WORDS, unchecked: false };

const WORDS: &Words = &Words::new(&[
    b"vin",
    b"vins",
    b"vin#",
    b"vehicle*",
    b"chassis*",
    b"car id*",
    b"fahrgestell*",
    b"fin",
    b"vehicle_identification*",
    b"vin_*",
    b"num\xc3\xa9ro de s\xc3\xa9rie",
]);
/// Letters of one that no word names: the maker and the model have some.
const LETTERS_MIN: usize = 3;
const WEIGHTS: &[u32] = &[8, 7, 6, 5, 4, 3, 2, 10, 0, 9, 8, 7, 6, 5, 4, 3, 2];

fn check(window: &Window<'_>, token: &Token) -> Checked {
    let text = token.text(window);
    let letter = |byte: &u8| byte.is_ascii_alphanumeric() && !matches!(byte.to_ascii_uppercase(), b'I' | b'O' | b'Q');
    // The last four are the sequence of the maker.
    let sequence = text.get(13..).unwrap_or_default();
    if !text.iter().all(letter) || !sequence.iter().all(u8::is_ascii_digit) || !token.stands_alone(window)? {
        return Ok(None);
    }
    let letters = text.iter().filter(|byte| byte.is_ascii_uppercase()).count();
    let plain = letters >= LETTERS_MIN && !text.iter().any(u8::is_ascii_lowercase);
    if has_check_digit(text) {
        return judge(window, (token.start, token.end), WORDS, if plain { 79 } else { 0 });
    }
    judge_unchecked(window, token.start, token.end, WORDS)
}

fn has_check_digit(text: &[u8]) -> bool {
    let mut digits = [0; 17];
    digits.iter_mut().zip(text).for_each(|(room, byte)| *room = value(byte.to_ascii_uppercase()));
    let expected = match weighted(&digits, WEIGHTS) % 11 {
        10 => Some(b'X'),
        rest => u8::try_from(rest).ok().map(|rest| rest + b'0'),
    };
    !is_uniform(text) && text.get(8).map(u8::to_ascii_uppercase) == expected
}

/// The digit that a character counts as, in ASCII.
const fn value(byte: u8) -> u8 {
    match byte {
        b'A'..=b'H' => byte - b'A' + b'1',
        b'J'..=b'R' => byte - b'J' + b'1',
        b'S'..=b'Z' => byte - b'S' + b'2',
        digit => digit,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::detectors::testing::{finds, finds_whole, passes};

    const VIN: EntityType = EntityType::Vin;

    #[test]
    fn numbers_are_found_whole() {
        finds_whole(VIN, &["1HGCM82633A004352", "1M8GDM9AXKP042788"]);
        finds(VIN, "VIN: WVWZZZ1JZXW000001", &["WVWZZZ1JZXW000001"]);
        finds(VIN, "vin 1hgcm82633a004352", &["1hgcm82633a004352"]);
        finds(VIN, "VIN 11111111111111119", &[]);
    }

    #[test]
    fn near_misses_pass() {
        passes(
            VIN,
            &["1HGCM82633A004353", "1HGCM82633O004352", "1HGCM82633A0043520", "1hgcm82633a004352", "WVWZZZ1JZXW000001"],
        );
    }
}
