//! Singaporean identity numbers (Immigration and Checkpoints Authority): `S`, `T` for citizens, `F`, `G`, `M` for foreigners, seven digits, and a check letter modulo 11.

use super::checks::weighted;
use super::{Id, Kind, Token, judge, lengths, named};
use crate::context::Words;
use crate::entity::EntityType;
use crate::window::{Checked, Window};

/// The detector.
pub(super) static ID: Id = Id {
    entity: EntityType::SgNricFin,
    rule: "sg-nric-fin",
    about: named("check letter modulo 11", "Immigration and Checkpoints Authority", WORDS),
    kind: Kind::Token(lengths(&[9]), check),
};

const WORDS: &Words =
    &Words::new(&[b"nric", b"nrics", b"fin", b"nric/fin", b"singapore*", b"ic", b"ic number", b"identity card*"]);
const WEIGHTS: &[u32] = &[2, 7, 6, 5, 4, 3, 2];
const CITIZENS: &[u8; 11] = b"JZIHGFEDCBA";
const FOREIGNERS: &[u8; 11] = b"XWUTRQPNMLK";
const FOREIGNERS_SINCE_2022: &[u8; 11] = b"XWUTRQPNJLK";

fn check(window: &Window<'_>, token: &Token) -> Checked {
    let [prefix, digits @ .., letter] = token.text(window) else { return Ok(None) };
    if !valid(prefix.to_ascii_uppercase(), digits, letter.to_ascii_uppercase()) || !token.stands_alone(window)? {
        return Ok(None);
    }
    let capitals = prefix.is_ascii_uppercase() && letter.is_ascii_uppercase();
    judge(window, (token.start, token.end), WORDS, if capitals { 80 } else { 0 })
}

fn valid(prefix: u8, digits: &[u8], letter: u8) -> bool {
    let (letters, offset) = match prefix {
        b'S' => (CITIZENS, 0),
        b'T' => (CITIZENS, 4),
        b'F' => (FOREIGNERS, 0),
        b'G' => (FOREIGNERS, 4),
        b'M' => (FOREIGNERS_SINCE_2022, 3),
        _ => return false,
    };
    digits.iter().all(u8::is_ascii_digit)
        && letters.get(((weighted(digits, WEIGHTS) + offset) % 11) as usize) == Some(&letter)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::detectors::testing::{finds, finds_whole, passes};

    const NRIC: EntityType = EntityType::SgNricFin;

    #[test]
    fn numbers_are_found_whole() {
        finds_whole(NRIC, &["S1234567D", "T1234567J", "F1234567N", "G1234567X", "M1234567K"]);
        finds(NRIC, "nric s1234567d", &["s1234567d"]);
    }

    #[test]
    fn near_misses_pass() {
        passes(NRIC, &["S1234567A", "A1234567D", "S123456D", "S12345678D", "s1234567d", "S1234567D9"]);
    }
}
