//! Numbers of the National Health Service of England, Wales and the Isle of Man (NHS Data Dictionary): ten digits,
//! the last a check digit modulo 11 with weights 10 to 2.

use super::checks::{is_uniform, last, weighted};
use super::{Forms, Id, Kind, bare, grouped, named};
use crate::context::Words;
use crate::entity::EntityType;

/// The detector.
pub(super) static ID: Id = Id {
    entity: EntityType::UkNhs,
    rule: "uk-nhs",
    about: named("check digit modulo 11", "NHS Data Dictionary", WORDS),
    kind: Kind::Forms(&FORMS),
};

static FORMS: Forms =
    Forms { forms: &[grouped(&[3, 3, 4], b"=", 58), bare(&[10], 0)], valid, words: WORDS, unchecked: false };

const WORDS: &Words = &Words::new(&[
    b"nhs*",
    b"n.h.s*",
    b"nhs number",
    b"nhs no",
    b"national health*",
    b"health service*",
    b"patient*",
    b"health number",
    b"gp",
]);

const WEIGHTS: &[u32] = &[10, 9, 8, 7, 6, 5, 4, 3, 2];

fn valid(digits: &[u8]) -> bool {
    let check = 11 - weighted(digits, WEIGHTS) % 11;
    !is_uniform(digits) && check % 11 == last(digits) && check != 10
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::detectors::testing::{finds, finds_whole, passes};

    const NHS: EntityType = EntityType::UkNhs;

    #[test]
    fn numbers_are_found() {
        finds_whole(NHS, &["943 175 5912", "401-023-2137"]);
        finds(NHS, "NHS number 9434765919", &["9434765919"]);
        finds(NHS, "NHS: 943 476 5919", &["943 476 5919"]);
        finds(NHS, "9434765919 is her NHS number", &["9434765919"]);
    }

    #[test]
    fn near_misses_pass() {
        passes(NHS, &["9434765919", "401-023-2138", "401 023 21377"]);
        finds(NHS, "NHS 9434765918", &[]);
    }
}
