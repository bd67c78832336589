//! Australian business numbers (Australian Business Register): eleven digits; with one taken from the first,
//! their weighted sum is a multiple of 89.

use super::checks::weighted;
use super::{Forms, Id, Kind, bare, grouped, named};
use crate::context::Words;
use crate::entity::EntityType;

/// The detector.
pub(super) static ID: Id = Id {
    entity: EntityType::AuAbn,
    rule: "au-abn",
    about: named("weighted sum modulo 89", "Australian Business Register", WORDS),
    kind: Kind::Forms(&FORMS),
};

static FORMS: Forms =
    Forms { forms: &[grouped(&[2, 3, 3, 3], b"=", 75), bare(&[11], 50)], valid, words: WORDS, unchecked: false };

const WORDS: &Words = &Words::new(&[b"abn", b"abns", b"australian business*", b"business number", b"a.b.n*"]);

const WEIGHTS: &[u32] = &[10, 1, 3, 5, 7, 9, 11, 13, 15, 17, 19];

fn valid(digits: &[u8]) -> bool {
    let first_weight = 10;
    digits.first() != Some(&b'0') && (weighted(digits, WEIGHTS) - first_weight).is_multiple_of(89)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::detectors::testing::{finds, finds_whole, passes};

    const ABN: EntityType = EntityType::AuAbn;

    #[test]
    fn numbers_are_found_whole() {
        finds_whole(ABN, &["51 824 753 556", "51824753556", "53-004-085-616"]);
        finds(ABN, "ABN: 51 824 753 556", &["51 824 753 556"]);
        finds(ABN, "abn 51824753556, A.B.N. 51824753556", &["51824753556", "51824753556"]);
    }

    #[test]
    fn near_misses_pass() {
        passes(ABN, &["51 824 753 557", "51824753557", "job 51824753556", "051824753556"]);
        finds(ABN, "order 51824753556", &[]);
    }
}
