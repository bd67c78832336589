//! Mobile equipment identities (3GPP TS 23.003 section 6): a type allocation code of eight digits, a serial
//! number of six, and Luhn's check digit.
//!
//! A bare one counts without a word where it begins as the bodies that give codes begin them today.

use super::checks::{is_uniform, luhn, pair};
use super::{Forms, Id, Kind, bare, grouped, named};
use crate::context::Words;
use crate::entity::EntityType;

/// The detector.
pub(super) static ID: Id = Id {
    entity: EntityType::Imei,
    rule: "imei",
    about: named("Luhn", "3GPP TS 23.003 section 6", WORDS),
    kind: Kind::Forms(&FORMS),
};

static FORMS: Forms = Forms {
    forms: &[
        bare(&[15], 62),
        grouped(&[2, 6, 6, 1], b"=", 75),
        grouped(&[6, 2, 6, 1], b"=", 75),
        grouped(&[8, 6, 1], b"=", 70),
    ],
    valid,
    words: WORDS,
    unchecked: false,
};

const WORDS: &Words = &Words::new(&[
    b"imei*",
    b"i.m.e.i*",
    b"imeis",
    b"device id*",
    b"device serial",
    b"handset*",
    b"mobile equipment*",
    b"phone serial",
]);

fn valid(digits: &[u8]) -> bool {
    // Reporting bodies: GSMA hexadecimal test ranges are not sold; all others begin with one of these.
    let body = matches!(pair(digits, 0), 0..=1 | 10 | 30 | 33 | 35 | 44 | 45 | 49..=54 | 86 | 91 | 97..=99);
    body && !is_uniform(digits) && luhn(digits)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::detectors::testing::{finds, finds_whole, passes};

    const IMEI: EntityType = EntityType::Imei;

    #[test]
    fn identities_are_found_whole() {
        finds_whole(IMEI, &["490154203237518", "49-015420-323751-8", "356938035643809"]);
        finds(IMEI, "the stolen handset, 490154203237518", &["490154203237518"]);
        finds(IMEI, "IMEI: 356938035643809.", &["356938035643809"]);
    }

    #[test]
    fn near_misses_pass() {
        passes(
            IMEI,
            &["490154203237517", "build 490154203237518", "4901542032375182", "1712345678901234", "378282246310005"],
        );
    }
}
