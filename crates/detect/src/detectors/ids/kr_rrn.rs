//! Korean resident registration numbers (주민등록법 시행규칙 § 2): the day of birth, a digit for century and sex (5 to 8 for
//! foreigners), and six more, the last a check digit modulo 11 until October 2020. Numbers given since have none.

use super::checks::{is_birth_day, last, pair, weighted};
use super::{Forms, Id, Kind, bare, grouped, named};
use crate::context::Words;
use crate::entity::EntityType;

/// The detector.
pub(super) static ID: Id = Id {
    entity: EntityType::KrRrn,
    rule: "kr-rrn",
    about: named(
        "day of birth; digit for century and sex; check digit modulo 11 until 2020",
        "주민등록법 시행규칙 § 2",
        WORDS,
    ),
    kind: Kind::Forms(&FORMS),
};

static FORMS: Forms =
    Forms { forms: &[grouped(&[6, 7], b"-", 90), bare(&[13], 66)], valid, words: WORDS, unchecked: false };

const WORDS: &Words = &Words::new(&[
    b"rrn",
    b"rrns",
    b"resident registration*",
    b"korean*",
    b"jumin*",
    b"\xec\xa3\xbc\xeb\xaf\xbc\xeb\x93\xb1\xeb\xa1\x9d\xeb\xb2\x88\xed\x98\xb8",
    b"\xec\xa3\xbc\xeb\xaf\xbc\xeb\xb2\x88\xed\x98\xb8",
    b"\xec\xa3\xbc\xeb\xaf\xbc",
    b"\xec\x99\xb8\xea\xb5\xad\xec\x9d\xb8\xeb\x93\xb1\xeb\xa1\x9d\xeb\xb2\x88\xed\x98\xb8",
    b"alien registration*",
]);

const WEIGHTS: &[u32] = &[2, 3, 4, 5, 6, 7, 8, 9, 2, 3, 4, 5];

/// The first year in which numbers have no check digit.
const UNCHECKED_FROM: u32 = 2020;

fn valid(digits: &[u8]) -> bool {
    let century = match digits.get(6) {
        Some(b'1' | b'2' | b'5' | b'6') => 1900,
        Some(b'3' | b'4' | b'7' | b'8') => 2000,
        Some(b'9' | b'0') => 1800,
        _ => return false,
    };
    let year = century + pair(digits, 0);
    let foreign = matches!(digits.get(6), Some(b'5'..=b'8'));
    let check = 11 - weighted(digits, WEIGHTS) % 11;
    let checked = check % 10 == last(digits) || (foreign && (check + 2) % 10 == last(digits));
    is_birth_day(year, pair(digits, 2), pair(digits, 4)) && (checked || year >= UNCHECKED_FROM)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::detectors::testing::{finds, finds_whole, passes};

    const RRN: EntityType = EntityType::KrRrn;

    #[test]
    fn numbers_are_found_whole() {
        finds_whole(RRN, &["820701-2409181", "8207012409181", "971013-2123455"]);
        finds(RRN, "주민등록번호 820701-2409181", &["820701-2409181"]);
        finds_whole(RRN, &["210315-3123456"]);
    }

    #[test]
    fn near_misses_pass() {
        passes(RRN, &["820701-2409182", "821301-2409181", "8207012409182", "820701-24091810"]);
    }
}
