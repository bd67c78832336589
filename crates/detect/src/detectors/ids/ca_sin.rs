//! Canadian social insurance numbers (Employment and Social Development Canada): nine digits with Luhn's check
//! digit, none issued that begins with 8. Those that begin with 0 stand for a real one in examples.

use super::checks::{is_uniform, luhn};
use super::{Forms, Id, Kind, bare, grouped, named};
use crate::context::Words;
use crate::entity::EntityType;

/// The detector.
pub(super) static ID: Id = Id {
    entity: EntityType::CaSin,
    rule: "ca-sin",
    about: named("Luhn; first digit", "Employment and Social Development Canada", WORDS),
    kind: Kind::Forms(&FORMS),
};

/// Points group the thousands of amounts.
static FORMS: Forms = Forms {
    forms: &[grouped(&[3, 3, 3], b" ", 55), grouped(&[3, 3, 3], b"-", 55), grouped(&[3, 3, 3], b".", 0), bare(&[9], 0)],
    valid,
    words: WORDS,
    unchecked: false,
};

const WORDS: &Words = &Words::new(&[
    b"sin",
    b"s.i.n*",
    b"sins",
    b"sin#",
    b"social insurance*",
    b"insurance number",
    b"num\xc3\xa9ro d'assurance*",
    b"assurance sociale",
    b"nas",
    b"canadian social*",
    b"canada*",
]);

fn valid(digits: &[u8]) -> bool {
    digits.first() != Some(&b'8') && !is_uniform(digits) && luhn(digits)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::detectors::testing::{finds, finds_whole, passes};

    const SIN: EntityType = EntityType::CaSin;

    #[test]
    fn numbers_are_found() {
        finds_whole(SIN, &["046 454 286", "130-692-544"]);
        finds(SIN, "SIN 130692544", &["130692544"]);
        finds(SIN, "SIN 130.692.544", &["130.692.544"]);
        finds(SIN, "numéro d'assurance sociale : 130 692 544", &["130 692 544"]);
    }

    #[test]
    fn near_misses_pass() {
        passes(SIN, &["130692544", "130-692-545", "800 000 002", "130 692 544 1", "1 130 692 544"]);
        finds(SIN, "SIN 130692545", &[]);
        passes(SIN, &["130.692.544", "Saldo 130.692.544,80 EUR", "Umsatz 130.692.544 Euro"]);
        passes(
            SIN,
            &[
                "130 692 544,80",
                "130 692 544 EUR",
                "130 692 544 €",
                "EUR 130 692 544",
                "€ 130 692 544",
                "CHF 130 692 544.50",
            ],
        );
        finds(SIN, "cousin 130692544", &[]);
    }
}
