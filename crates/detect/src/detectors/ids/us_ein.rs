//! United States employer identification numbers (Internal Revenue Service, Publication 1635).
//!
//! Two digits for the office that gave it, seven more, no check digit; so it counts beside a word only.

use super::checks::{is_uniform, pair};
use super::{Forms, Id, Kind, bare, grouped, unchecked};
use crate::context::Words;
use crate::entity::EntityType;

/// The detector.
pub(super) static ID: Id = Id {
    entity: EntityType::UsEin,
    rule: "us-ein",
    about: unchecked("prefix of an office; the word right before", "Internal Revenue Service, Publication 1635", WORDS),
    kind: Kind::Forms(&FORMS),
};

static FORMS: Forms = Forms {
    forms: &[grouped(&[2, 7], b"=", 0), bare(&[9], 0), grouped(&[2, 3, 4], b"=", 0)],
    valid,
    words: WORDS,
    unchecked: true,
};

const WORDS: &Words = &Words::new(&[
    b"ein",
    b"e.i.n*",
    b"eins",
    b"fein",
    b"employer*",
    b"federal tax*",
    b"federal id*",
    b"federal employer*",
    b"tax id*",
    b"tax identification*",
    b"tax number",
    b"irs number",
    b"taxpayer id*",
    b"business tax*",
    b"tin",
]);

/// Prefixes that an office has.
const fn is_prefix(prefix: u32) -> bool {
    !matches!(prefix, 0 | 7..=9 | 17..=19 | 28 | 29 | 49 | 69 | 70 | 78 | 79 | 89 | 96 | 97 | 100)
}

fn valid(digits: &[u8]) -> bool {
    is_prefix(pair(digits, 0)) && !is_uniform(digits.get(2..).unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::detectors::testing::{finds, finds_whole, passes};

    const EIN: EntityType = EntityType::UsEin;

    #[test]
    fn numbers_are_found_beside_a_word() {
        finds(EIN, "EIN: 12-3456789", &["12-3456789"]);
        finds(EIN, "EIN 12 345 6789, EIN 12 3456789", &["12 345 6789", "12 3456789"]);
        finds(EIN, "EINs 12-3456789, 12-3456780 and 12-3456781", &["12-3456789", "12-3456780", "12-3456781"]);
        finds(EIN, "Employer Identification Number 94-2404110.", &["94-2404110"]);
        finds(EIN, "the company's federal tax ID is 942404110", &["942404110"]);
    }

    #[test]
    fn near_misses_pass() {
        passes(EIN, &["12-3456789", "94-2404110"]);
        for text in ["EIN 07-3456789", "EIN 12-34567890", "ein 12-3456", "EIN 12-0000000", "protein 12-3456789"] {
            finds(EIN, text, &[]);
        }
        finds_whole(EIN, &[]);
    }
}
