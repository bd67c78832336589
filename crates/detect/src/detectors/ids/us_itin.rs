//! United States individual taxpayer identification numbers (Internal Revenue Service, Internal Revenue
//! Manual 3.13.5).
//!
//! Nine digits in the form of a social security number, which begin with 9 and have 50 to 65, 70 to 88, 90
//! to 92 or 94 to 99 in the middle; no check digit.

use super::checks::pair;
use super::{Forms, Id, Kind, bare, grouped, named, unchecked};
use crate::context::Words;
use crate::entity::EntityType;

/// The detector.
pub(super) static ID: Id = Id {
    entity: EntityType::UsItin,
    rule: "us-itin",
    about: unchecked("9 first, group of the ranges given", "Internal Revenue Manual 3.13.5", WORDS),
    kind: Kind::Forms(&FORMS),
};

/// Behind its own name, with other digits between: another cell of its row.
pub(super) static NAMED: Id = Id {
    entity: EntityType::UsItin,
    rule: "us-itin-named",
    about: named("9 first, group of the ranges given", "Internal Revenue Manual 3.13.5", NAMES),
    kind: Kind::Forms(&Forms {
        forms: &[bare(&[9], 0), grouped(&[3, 2, 4], b"=", 0)],
        valid,
        words: NAMES,
        unchecked: false,
    }),
};

/// What names nothing else.
const NAMES: &Words = &Words::new(&[b"itin", b"itins", b"individual taxpayer*"]);

static FORMS: Forms =
    Forms { forms: &[grouped(&[3, 2, 4], b"=", 75), bare(&[9], 0)], valid, words: WORDS, unchecked: true };

const WORDS: &Words = &Words::new(&[
    b"itin",
    b"i.t.i.n*",
    b"itins",
    b"tax id*",
    b"taxpayer*",
    b"tax identification*",
    b"tax number",
    b"individual tax*",
    b"irs",
    b"tin",
    b"w-7",
    b"w7",
]);

fn valid(digits: &[u8]) -> bool {
    let issued = matches!(pair(digits, 3), 50..=65 | 70..=88 | 90..=92 | 94..=99);
    digits.first() == Some(&b'9') && issued
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::detectors::testing::{finds, finds_whole, passes};

    const ITIN: EntityType = EntityType::UsItin;

    #[test]
    fn numbers_are_found_whole() {
        finds_whole(ITIN, &["912-70-1234", "998-94-0001", "900 50 1234"]);
        finds(ITIN, "My ITIN is 912701234.", &["912701234"]);
        finds(ITIN, "id,individual_taxpayer_identification_number,city\n17,912701234,Rome", &["912701234"]);
    }

    #[test]
    fn a_list_by_spaces_and_a_number_before_hide_nothing() {
        finds(ITIN, "ITINs: 933 80 1966 920 60 4553", &["933 80 1966", "920 60 4553"]);
        finds(ITIN, "ITIN: 42 933 80 1966, ITIN 933 801 966", &["933 80 1966", "933 801 966"]);
        finds(ITIN, "42 933 80 1966, tax id 933 801 966", &[]);
    }

    #[test]
    fn near_misses_pass() {
        passes(ITIN, &["812-70-1234", "912-66-1234", "912-93-1234", "912701234", "912-70-12345", "1-912-70-1234"]);
    }
}
