//! Korean resident registration numbers (주민등록법 시행규칙 § 2): the day of birth, a digit for century and sex (5 to 8 for
//! foreigners), and six more, the last a check digit modulo 11 until October 2020. Numbers given or changed since have none, and they say
//! nothing about when they were given: behind their own name any with a day of birth counts.

use super::checks::{is_birth_day, last, pair, weighted};
use super::{Forms, Id, Kind, bare, grouped, named, unchecked};
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

/// Those without a check digit.
pub(super) static UNCHECKED: Id = Id {
    entity: EntityType::KrRrn,
    rule: "kr-rrn-unchecked",
    about: unchecked(
        "day of birth; digit for century and sex; the word right before",
        "주민등록법 시행규칙 § 2, as of October 2020",
        LABELS,
    ),
    kind: Kind::Forms(&UNCHECKED_FORMS),
};

static UNCHECKED_FORMS: Forms =
    Forms { forms: &[grouped(&[6, 7], b"=", 0), bare(&[13], 0)], valid: is_dated, words: LABELS, unchecked: true };

/// What names nothing else.
const LABELS: &Words = &Words::new(&[
    b"rrn",
    b"rrns",
    b"resident registration*",
    b"jumin*",
    "주민등록번호".as_bytes(),
    "주민번호".as_bytes(),
    "외국인등록번호".as_bytes(),
    b"alien registration*",
]);

static FORMS: Forms = Forms {
    forms: &[grouped(&[6, 7], b"-", 90), bare(&[13], 66), grouped(&[6, 7], b" ", 0)],
    valid,
    words: WORDS,
    unchecked: false,
};

const WORDS: &Words = &Words::new(&[
    b"rrn",
    b"r.r.n*",
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
    let foreign = matches!(digits.get(6), Some(b'5'..=b'8'));
    let check = 11 - weighted(digits, WEIGHTS) % 11;
    let checked = check % 10 == last(digits) || (foreign && (check + 2) % 10 == last(digits));
    is_dated(digits) && (checked || year(digits).is_some_and(|year| year >= UNCHECKED_FROM))
}

fn is_dated(digits: &[u8]) -> bool {
    year(digits).is_some_and(|year| is_birth_day(year, pair(digits, 2), pair(digits, 4)))
}

/// The year of birth.
fn year(digits: &[u8]) -> Option<u32> {
    let century = match digits.get(6)? {
        b'1' | b'2' | b'5' | b'6' => 1900,
        b'3' | b'4' | b'7' | b'8' => 2000,
        b'9' | b'0' => 1800,
        _ => return None,
    };
    Some(century + pair(digits, 0))
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
        finds(RRN, "주민등록번호 820701 2409181", &["820701 2409181"]);
        finds(RRN, "이름 김철수 8207012409181", &["8207012409181"]);
        finds_whole(RRN, &["210315-3123456"]);
        finds(RRN, "주민등록번호: 660420-2639465", &["660420-2639465"]);
        finds(RRN, "RRN 660420-2639465, rrn: 6604202639465", &["660420-2639465", "6604202639465"]);
    }

    #[test]
    fn milliseconds_behind_a_word_for_a_time_are_none() {
        let mut times = (1_612_241_234_000_u64..).map(|time| time.to_string());
        let time = times.find(|time| valid(time.as_bytes())).unwrap();
        passes(RRN, &[&format!("{{\"created\": {time}}}"), &format!("{{\"rrn\": null, \"ms\": {time}}}")]);
        finds(RRN, &format!("rrn {time}"), &[&time]);
    }

    #[test]
    fn near_misses_pass() {
        passes(
            RRN,
            &[
                "660420-2639465",
                "RRN 661320-2639465",
                "RRN 660420-2639465-1",
                "korean 660420-2639465",
                "820701-2409182",
                "821301-2409181",
                "8207012409182",
                "job 8207012409181",
                "820701 2409181",
                "820701-24091810",
            ],
        );
    }
}
