//! Polish personal identity numbers (ustawa o ewidencji ludności, art. 15): the day of birth with the century in the
//! month, four digits, and a check digit modulo 10.

use super::checks::{is_birth_day, pair, weighted};
use super::{Forms, Id, Kind, bare, grouped, named};
use crate::context::Words;
use crate::entity::EntityType;

/// The detector.
pub(super) static ID: Id = Id {
    entity: EntityType::PlPesel,
    rule: "pl-pesel",
    about: named("check digit modulo 10; day of birth", "ustawa o ewidencji ludności, art. 15", WORDS),
    kind: Kind::Forms(&FORMS),
};

static FORMS: Forms =
    Forms { forms: &[bare(&[11], 68), grouped(&[6, 5], b"=", 70)], valid, words: WORDS, unchecked: false };

const WORDS: &Words = &Words::new(&[b"pesel*", b"numer pesel", b"nr pesel", b"polish*", b"identyfikacyjny"]);

const WEIGHTS: &[u32] = &[1, 3, 7, 9, 1, 3, 7, 9, 1, 3, 1];

/// First year of each century that the month tells, by its tens divided by two.
const CENTURIES: [u32; 5] = [1900, 2000, 2100, 2200, 1800];

fn valid(digits: &[u8]) -> bool {
    let month = pair(digits, 2);
    let Some(century) = CENTURIES.get(month as usize / 20) else { return false };
    is_birth_day(century + pair(digits, 0), month % 20, pair(digits, 4)) && weighted(digits, WEIGHTS).is_multiple_of(10)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::detectors::testing::{finds, finds_whole, passes};

    const PESEL: EntityType = EntityType::PlPesel;

    #[test]
    fn numbers_are_found_whole() {
        for number in ["44051401359", "02070803628", "04222901237"] {
            finds(PESEL, &format!("imię i nazwisko Jan Nowak, {number}"), &[number]);
        }
        finds_whole(PESEL, &["44051401359", "02070803628", "04222901237", "440514 01359"]);
        finds(PESEL, "PESEL: 44051401359.", &["44051401359"]);
    }

    #[test]
    fn near_misses_pass() {
        passes(PESEL, &["44051401358", "44131401359", "44053201358", "440514013590", "order 44051401359"]);
        finds(PESEL, "tel. 44051401359", &[]);
    }
}
