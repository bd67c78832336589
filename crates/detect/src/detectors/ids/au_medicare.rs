//! Australian Medicare card numbers (Services Australia): eight digits that begin with 2 to 6, a check digit
//! modulo 10, the issue of the card, and perhaps the holder's place on it.

use super::checks::{number, weighted};
use super::{Forms, Id, Kind, bare, grouped, named};
use crate::context::Words;
use crate::entity::EntityType;

/// The detector.
pub(super) static ID: Id = Id {
    entity: EntityType::AuMedicare,
    rule: "au-medicare",
    about: named("check digit modulo 10", "Services Australia", WORDS),
    kind: Kind::Forms(&FORMS),
};

static FORMS: Forms = Forms {
    forms: &[
        grouped(&[4, 5, 1, 1], b"=", 70),
        grouped(&[4, 5, 1, 1], b"  /", 75),
        grouped(&[4, 5, 1, 1], b"  -", 75),
        grouped(&[4, 5, 1], b"=", 70),
        grouped(&[10, 1], b"=", 0),
        grouped(&[10, 1], b"/", 55),
        bare(&[10], 0),
        bare(&[11], 0),
    ],
    valid,
    words: WORDS,
    unchecked: false,
};

const WORDS: &Words = &Words::new(&[b"medicare*", b"medicare card*", b"medicare number", b"health care card", b"irn"]);

const WEIGHTS: &[u32] = &[1, 3, 7, 9, 1, 3, 7, 9];

fn valid(digits: &[u8]) -> bool {
    let check = digits.get(8).map(|digit| number(*digit));
    matches!(digits.first(), Some(b'2'..=b'6'))
        && digits.get(9) != Some(&b'0')
        && check == Some(weighted(digits, WEIGHTS) % 10)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::detectors::testing::{finds, finds_whole, passes};

    const MEDICARE: EntityType = EntityType::AuMedicare;

    #[test]
    fn numbers_are_found() {
        finds_whole(MEDICARE, &["2123 45670 1", "2123-45670-1", "2123 45670 1/2"]);
        finds(MEDICARE, "Medicare number: 2123456701.", &["2123456701"]);
        finds(MEDICARE, "Medicare 21234567012", &["21234567012"]);
    }

    #[test]
    fn near_misses_pass() {
        passes(MEDICARE, &["2123456701", "2123 45671 1", "1123 45670 1", "2123 45670 0"]);
    }
}
