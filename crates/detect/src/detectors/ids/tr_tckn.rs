//! Turkish identity numbers (Nüfus Hizmetleri Kanunu 5490): eleven digits, the first not 0, with two check digits modulo 10.

use super::checks::{last, number, weighted};
use super::{Forms, Id, Kind, bare, grouped, named};
use crate::context::Words;
use crate::entity::EntityType;

/// The detector.
pub(super) static ID: Id = Id {
    entity: EntityType::TrTckn,
    rule: "tr-tckn",
    about: named("two check digits modulo 10", "Nüfus Hizmetleri Kanunu 5490", WORDS),
    kind: Kind::Forms(&FORMS),
};

static FORMS: Forms =
    Forms { forms: &[bare(&[11], 53), grouped(&[3, 3, 3, 2], b"=", 55)], valid, words: WORDS, unchecked: false };

const WORDS: &Words = &Words::new(&[
    b"tc",
    b"t.c*",
    b"tckn*",
    b"tc kimlik*",
    b"kimlik*",
    b"turkish*",
    b"turkey",
    b"t\xc3\xbcrkiye*",
    b"vatanda\xc5\x9f*",
    b"n\xc3\xbcfus*",
]);

const ODD: &[u32] = &[7, 0, 7, 0, 7, 0, 7, 0, 7];
const EVEN: &[u32] = &[0, 1, 0, 1, 0, 1, 0, 1, 0];
const ALL: &[u32] = &[1; 10];

fn valid(digits: &[u8]) -> bool {
    // Forty is a multiple of ten above the largest sum that is taken away.
    let tenth = (weighted(digits, ODD) + 40 - weighted(digits, EVEN)) % 10;
    let read = digits.get(9).map(|digit| number(*digit));
    digits.first() != Some(&b'0') && read == Some(tenth) && weighted(digits, ALL) % 10 == last(digits)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::detectors::testing::{finds, finds_whole, passes};

    const TCKN: EntityType = EntityType::TrTckn;

    #[test]
    fn numbers_are_found_whole() {
        finds_whole(TCKN, &["17291716060", "172 917 160 60"]);
        finds(TCKN, "born in Ankara, 17291716060", &["17291716060"]);
        finds(TCKN, "TC Kimlik No: 17291716060", &["17291716060"]);
    }

    #[test]
    fn near_misses_pass() {
        passes(TCKN, &["10000000147", "00000000146", "17291716061", "zoom 17291716060"]);
        finds(TCKN, "invoice 17291716060", &[]);
    }
}
