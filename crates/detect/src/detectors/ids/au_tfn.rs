//! Australian tax file numbers (Australian Taxation Office): nine digits, or eight of older ones, whose sum with
//! weights is a multiple of 11.

use super::checks::{is_uniform, weighted};
use super::{Forms, Id, Kind, bare, grouped, named};
use crate::context::Words;
use crate::entity::EntityType;

/// The detector.
pub(super) static ID: Id = Id {
    entity: EntityType::AuTfn,
    rule: "au-tfn",
    about: named("weighted sum modulo 11", "Australian Taxation Office", WORDS),
    kind: Kind::Forms(&FORMS),
};

/// Points group the thousands of amounts.
static FORMS: Forms = Forms {
    forms: &[
        grouped(&[3, 3, 3], b" ", 52),
        grouped(&[3, 3, 3], b"-", 52),
        grouped(&[3, 3, 3], b".", 0),
        bare(&[9], 0),
        grouped(&[3, 3, 2], b"=", 0),
        bare(&[8], 0),
    ],
    valid,
    words: WORDS,
    unchecked: false,
};

const WORDS: &Words = &Words::new(&[b"tfn", b"t.f.n*", b"tfns", b"tax file*", b"taxfile*", b"australian tax*", b"ato"]);

const WEIGHTS: &[u32] = &[1, 4, 3, 7, 5, 8, 6, 9, 10];
const WEIGHTS_OF_EIGHT: &[u32] = &[10, 7, 8, 4, 6, 3, 5, 1];

fn valid(digits: &[u8]) -> bool {
    let weights = if digits.len() == WEIGHTS_OF_EIGHT.len() { WEIGHTS_OF_EIGHT } else { WEIGHTS };
    !is_uniform(digits) && weighted(digits, weights).is_multiple_of(11)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::detectors::testing::{finds, finds_whole, passes};

    const TFN: EntityType = EntityType::AuTfn;

    #[test]
    fn numbers_are_found() {
        finds_whole(TFN, &["733 526 516", "465-873-118"]);
        finds(TFN, "TFN: 123456782", &["123456782"]);
        finds(TFN, "Tax file number 876 543 210", &["876 543 210"]);
    }

    #[test]
    fn near_misses_pass() {
        passes(TFN, &["123456782", "123 456 783", "12345677"]);
        finds(TFN, "TFN 123456783", &[]);
        passes(TFN, &["733.526.516", "Saldo 733.526.516,80 EUR", "733 526 516,80", "733 526 516 zł"]);
    }
}
