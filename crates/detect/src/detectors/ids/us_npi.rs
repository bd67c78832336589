//! United States national provider identifiers (45 CFR 162.406; Centers for Medicare and Medicaid Services).
//!
//! Ten digits, the first 1 or 2, with Luhn's check digit over them and the prefix 80840. Time stamps look like
//! it, so it needs a word.

use super::checks::luhn_sum;
use super::{Forms, Id, Kind, bare, grouped, named};
use crate::context::Words;
use crate::entity::EntityType;

/// The detector.
pub(super) static ID: Id = Id {
    entity: EntityType::UsNpi,
    rule: "us-npi",
    about: named("Luhn with the prefix 80840", "45 CFR 162.406", WORDS),
    kind: Kind::Forms(&FORMS),
};

static FORMS: Forms = Forms {
    forms: &[bare(&[10], 0), grouped(&[4, 3, 3], b"=", 0), grouped(&[3, 3, 4], b"=", 0)],
    valid,
    words: WORDS,
    unchecked: false,
};

const WORDS: &Words = &Words::new(&[
    b"npi",
    b"n.p.i*",
    b"npis",
    b"npi#",
    b"national provider*",
    b"provider id*",
    b"provider number",
    b"provider",
    b"npi_*",
    b"physician*",
    b"prescriber*",
]);

/// What Luhn's sum of `80840` adds to that of ten digits behind it.
const PREFIX_SUM: u32 = 24;

fn valid(digits: &[u8]) -> bool {
    matches!(digits.first(), Some(b'1' | b'2')) && (luhn_sum(digits) + PREFIX_SUM).is_multiple_of(10)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::detectors::testing::{finds, finds_whole, passes};

    const NPI: EntityType = EntityType::UsNpi;

    #[test]
    fn numbers_are_found_beside_a_word() {
        finds(NPI, "NPI 1234567893", &["1234567893"]);
        finds(NPI, "National Provider Identifier: 1245319599.", &["1245319599"]);
        finds(NPI, "1234567893 (NPI)", &["1234567893"]);
    }

    #[test]
    fn near_misses_pass() {
        finds(NPI, "{\"npi\": \"1245319599\", \"ts\": 1234567893}", &["1245319599"]);
        passes(NPI, &["1234567893"]);
        finds(NPI, "NPI 1234567894", &[]);
        finds(NPI, "NPI 3234567891", &[]);
        finds_whole(NPI, &[]);
    }
}
