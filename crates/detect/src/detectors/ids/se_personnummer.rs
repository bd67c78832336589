//! Swedish personal identity numbers and coordination numbers (folkbokföringslagen 1991:481, § 18; Skatteverket SKV 704).
//!
//! The day of birth, three digits, and Luhn's check digit over the ten without the century. `+` instead of the dash says that
//! the holder is a hundred years old; 60 is added to the day of a coordination number.

use super::checks::{is_birth_day, is_day, luhn, pair};
use super::{Forms, Id, Kind, bare, grouped, named};
use crate::context::Words;
use crate::entity::EntityType;

/// The detector.
pub(super) static ID: Id = Id {
    entity: EntityType::SePersonnummer,
    rule: "se-personnummer",
    about: named("Luhn; day of birth", "folkbokföringslagen 1991:481, § 18; Skatteverket SKV 704", WORDS),
    kind: Kind::Forms(&FORMS),
};

static FORMS: Forms = Forms {
    forms: &[
        grouped(&[8, 4], b"-", 88),
        grouped(&[6, 4], b"-", 80),
        bare(&[12], 72),
        bare(&[10], 0),
        grouped(&[6, 4], b" ", 0),
    ],
    valid,
    words: WORDS,
    unchecked: false,
};

const WORDS: &Words = &Words::new(&[
    b"personnummer*",
    b"personnumren",
    b"personnr*",
    b"person nr",
    b"pers.nr*",
    b"pers. nr*",
    b"persnr*",
    b"pnr",
    b"samordningsnummer*",
    b"swedish*",
    b"personal identity*",
    b"personal number",
    b"organisationsnummer*",
]);

fn valid(digits: &[u8]) -> bool {
    let Some(short) = digits.len().checked_sub(10).and_then(|from| digits.get(from..)) else { return false };
    let day = pair(short, 4);
    let day = if day > 60 { day - 60 } else { day };
    let [year, month] = [0, 2].map(|place| pair(short, place));
    let century = if digits.len() == 12 { Some(pair(digits, 0)) } else { None };
    let exists = match century {
        Some(century) => is_birth_day(century * 100 + year, month, day),
        None => is_day(2000 + year, month, day) || is_day(1900 + year, month, day),
    };
    exists && luhn(short)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::detectors::testing::{finds, finds_whole, passes};

    const PNR: EntityType = EntityType::SePersonnummer;

    #[test]
    fn numbers_are_found_whole() {
        finds_whole(PNR, &["811228-9874", "19811228-9874", "198112289874", "701063-2391"]);
        finds(PNR, "personnummer 8112289874", &["8112289874"]);
        finds(PNR, "pers.nr: 8112289874, Pers.nr 8112289874", &["8112289874", "8112289874"]);
    }

    #[test]
    fn near_misses_pass() {
        passes(PNR, &["release-20211221-1202", "<199709050042.RAA29379@wall.org>", "200309251049"]);
        finds(PNR, "personnummer 200309251049", &["200309251049"]);
        passes(PNR, &["811228-9873", "811328-9874", "8112289874", "811228-98745", "18111228-9874"]);
    }
}
