//! German tax identification numbers (§ 139b Abgabenordnung; Bundeszentralamt für Steuern): eleven digits, the
//! first not 0. Of the first ten one digit stands there twice or three times and the others once at most; the last is a
//! check digit (ISO 7064, MOD 11-10).

use super::checks::mod_11_10;
use super::{Forms, Id, Kind, bare, grouped, named};
use crate::context::Words;
use crate::entity::EntityType;

/// The detector.
pub(super) static ID: Id = Id {
    entity: EntityType::DeSteuerId,
    rule: "de-steuer-id",
    about: named(
        "ISO 7064 MOD 11-10; one digit repeated",
        "Abgabenordnung § 139b; Bundeszentralamt für Steuern",
        WORDS,
    ),
    kind: Kind::Forms(&FORMS),
};

static FORMS: Forms = Forms {
    forms: &[grouped(&[2, 3, 3, 3], b"=", 78), bare(&[11], 65), grouped(&[3, 3, 3, 2], b"=", 65)],
    valid,
    words: WORDS,
    unchecked: false,
};

const WORDS: &Words = &Words::new(&[
    b"steuer-id*",
    b"steuerid*",
    b"steuer id*",
    b"steueridentifikation*",
    b"steuer-identifikation*",
    b"steuerliche id*",
    b"idnr",
    b"st.-id*",
    b"st-id*",
    b"steuer-nr*",
    b"steuernr*",
    b"st.-nr*",
    b"id-nr",
    b"identifikationsnummer",
    b"steuernummer",
    b"tin",
    b"tax id*",
    b"german tax*",
    b"tax identification*",
]);

fn valid(digits: &[u8]) -> bool {
    digits.first() != Some(&b'0') && repeats_one(digits.get(..10).unwrap_or_default()) && mod_11_10(digits)
}

/// True if one digit is there twice or three times and no other more than once.
fn repeats_one(digits: &[u8]) -> bool {
    let times = |digit: &u8| digits.iter().filter(|other| *other == digit).count();
    let repeated = digits.iter().map(times).filter(|times| *times > 1);
    let (count, most) = repeated.fold((0, 0), |(count, most), times| (count + 1, most.max(times)));
    matches!(most, 2 | 3) && count == most
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::detectors::testing::{finds, finds_whole, passes};

    const STEUER: EntityType = EntityType::DeSteuerId;

    #[test]
    fn numbers_are_found_whole() {
        finds_whole(STEUER, &["36 574 261 809", "36574261809", "65929970489"]);
        finds(STEUER, "Mitarbeiterin 65929970489", &["65929970489"]);
        finds(STEUER, "Steuer-ID: 86095742719", &["86095742719"]);
    }

    #[test]
    fn near_misses_pass() {
        passes(
            STEUER,
            &["36574261808", "order 36574261809", "06574261804", "11223456789", "12345678903", "36 574 261 808"],
        );
        finds(STEUER, "Bestellnummer 36574261809", &[]);
    }
}
