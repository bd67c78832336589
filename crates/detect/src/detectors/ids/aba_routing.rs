//! Routing numbers of banks in the United States (American Bankers Association, Routing Number Policy).
//!
//! Nine digits: the first two name a Federal Reserve district (00 to 12, 21 to 32, 61 to 72, 80), the sum with
//! weights 3, 7, 1 is a multiple of ten. One number in thirty fits by chance, so it needs a word.

use super::checks::{is_uniform, pair, weighted};
use super::{Forms, Id, Kind, bare, grouped, named};
use crate::context::Words;
use crate::entity::EntityType;

/// The detector.
pub(super) static ID: Id = Id {
    entity: EntityType::AbaRoutingNumber,
    rule: "aba-routing",
    about: named(
        "check digit with weights 3, 7, 1 modulo 10; Federal Reserve district",
        "American Bankers Association, Routing Number Policy",
        WORDS,
    ),
    kind: Kind::Forms(&FORMS),
};

static FORMS: Forms = Forms {
    forms: &[bare(&[9], 0), grouped(&[4, 4, 1], b"=", 60), grouped(&[4, 5], b"=", 0)],
    valid,
    words: WORDS,
    unchecked: false,
};

const WORDS: &Words = &Words::new(&[
    b"routing*",
    b"aba",
    b"a.b.a*",
    b"aba#",
    b"rtn",
    b"rtn#",
    b"transit number",
    b"transit no",
    b"routing_number*",
    b"routingnumber*",
    b"bank routing*",
    b"bankrouting*",
    b"fedwire",
    b"ach",
]);

const WEIGHTS: &[u32] = &[3, 7, 1, 3, 7, 1, 3, 7, 1];

fn valid(digits: &[u8]) -> bool {
    let district = matches!(pair(digits, 0), 0..=12 | 21..=32 | 61..=72 | 80);
    district && !is_uniform(digits) && weighted(digits, WEIGHTS).is_multiple_of(10)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::detectors::testing::{finds, finds_whole, passes};

    const ABA: EntityType = EntityType::AbaRoutingNumber;

    #[test]
    fn numbers_are_found_beside_a_word() {
        finds(ABA, "routing number 021000021", &["021000021"]);
        finds(ABA, "ABA: 1210-0035-8.", &["1210-0035-8"]);
        finds(ABA, "011401533 is the routing number", &["011401533"]);
        finds_whole(ABA, &["1210-0035-8"]);
    }

    #[test]
    fn near_misses_pass() {
        passes(ABA, &["021000021", "1210-0035-9"]);
        finds(ABA, "routing number 021000022", &[]);
        finds(ABA, "routing number 501000023", &[]);
    }
}
