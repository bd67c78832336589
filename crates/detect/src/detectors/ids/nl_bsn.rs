//! Dutch citizen service numbers (Wet algemene bepalingen burgerservicenummer): nine digits, or eight without their
//! leading zero, whose sum with weights 9 to 2 and -1 is a multiple of 11.

use super::checks::{is_uniform, last, weighted};
use super::{Forms, Id, Kind, bare, grouped, named};
use crate::context::Words;
use crate::entity::EntityType;

/// The detector.
pub(super) static ID: Id = Id {
    entity: EntityType::NlBsn,
    rule: "nl-bsn",
    about: named("weighted sum modulo 11", "Wet algemene bepalingen burgerservicenummer", WORDS),
    kind: Kind::Forms(&FORMS),
};

static FORMS: Forms = Forms {
    forms: &[
        bare(&[9], 0),
        grouped(&[4, 2, 3], b".", 60),
        grouped(&[4, 2, 3], b"=", 52),
        grouped(&[3, 3, 3], b"=", 0),
        bare(&[8], 0),
    ],
    valid,
    words: WORDS,
    unchecked: false,
};

const WORDS: &Words = &Words::new(&[
    b"bsn",
    b"bsns",
    b"bsn-*",
    b"b.s.n*",
    b"burgerservice*",
    b"burger service*",
    b"sofinummer",
    b"sofi",
    b"citizen service*",
    b"dutch*",
    b"persoonsnummer",
]);

const WEIGHTS: &[u32] = &[9, 8, 7, 6, 5, 4, 3, 2];

fn valid(digits: &[u8]) -> bool {
    let weights = WEIGHTS.get(9 - digits.len().min(9)..).unwrap_or_default();
    !is_uniform(digits) && weighted(digits, weights) % 11 == last(digits)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::detectors::testing::{finds, finds_whole, passes};

    const BSN: EntityType = EntityType::NlBsn;

    #[test]
    fn numbers_are_found_beside_a_word_or_with_points() {
        finds(BSN, "BSN 111222333", &["111222333"]);
        finds(BSN, "Mijn burgerservicenummer is 123456782.", &["123456782"]);
        finds_whole(BSN, &["1112.22.333", "1234.56.782"]);
    }

    #[test]
    fn near_misses_pass() {
        passes(BSN, &["111222333", "123456782", "1112.22.334"]);
        finds(BSN, "bsn 123456783", &[]);
    }
}
