//! South African identity numbers (Identification Act 68 of 1997): the day of birth, a sequence of four, citizenship (0, 1, 2 for
//! refugees), a digit, and Luhn's check digit.

use super::checks::{is_short_day, luhn};
use super::{Forms, Id, Kind, PERSONS, bare, bare_near, grouped, named};
use crate::context::Words;
use crate::entity::EntityType;

/// The detector.
pub(super) static ID: Id = Id {
    entity: EntityType::ZaId,
    rule: "za-id",
    about: named("Luhn; day of birth; citizenship", "Identification Act 68 of 1997", WORDS),
    kind: Kind::Forms(&FORMS),
};

/// The same with a digit before the last that is hardly ever given.
pub(super) static RARE: Id = Id {
    entity: EntityType::ZaId,
    rule: "za-id-rare",
    about: named("Luhn; day of birth; citizenship", "Identification Act 68 of 1997", WORDS),
    kind: Kind::Forms(&RARE_FORMS),
};

static RARE_FORMS: Forms = Forms {
    forms: &[bare_near(&[13], 60, PERSONS), grouped(&[6, 4, 2, 1], b"=", 70)],
    valid: valid_rare,
    words: WORDS,
    unchecked: false,
};

static FORMS: Forms = Forms {
    forms: &[bare(&[13], 91), grouped(&[6, 4, 2, 1], b"=", 85), grouped(&[6, 4, 3], b"=", 82)],
    valid,
    words: WORDS,
    unchecked: false,
};

const WORDS: &Words = &Words::new(&[
    b"id number",
    b"id numbers",
    b"identity numbers",
    b"identity number",
    b"identity no",
    b"id no",
    b"south africa*",
    b"rsa id*",
    b"sa id*",
    b"identiteit*",
    b"identity document",
]);

/// The digit before the last is 8 or 9 since it tells nothing any more.
fn valid(digits: &[u8]) -> bool {
    matches!(digits.get(11), Some(b'8' | b'9')) && valid_rare(digits)
}

fn valid_rare(digits: &[u8]) -> bool {
    matches!(digits.get(10), Some(b'0'..=b'2')) && is_short_day(digits) && luhn(digits)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::detectors::testing::{finds, finds_whole, passes};

    const ZA: EntityType = EntityType::ZaId;

    #[test]
    fn numbers_are_found_whole() {
        finds_whole(ZA, &["8001015009087", "800101 5009 087", "800101 5009 08 7"]);
    }

    #[test]
    fn near_misses_pass() {
        passes(ZA, &["8001015009086", "8013015009087", "80010150090870"]);
        finds(ZA, "x8001015009087", &[]);
    }
}
