//! United States passport numbers (Department of State; next generation passport since 2021): nine digits, or a letter and eight digits. No check digit, so
//! the word must stand right before them.

use super::checks::is_uniform;
use super::{Forms, Id, Kind, Token, bare, grouped, judge_unchecked, lengths, unchecked};
use crate::context::Words;
use crate::entity::EntityType;
use crate::window::{Checked, Window};

/// The detector.
pub(super) static ID: Id = Id {
    entity: EntityType::UsPassport,
    rule: "us-passport",
    about: unchecked("nine digits; the word right before", "Department of State", WORDS),
    kind: Kind::Forms(&FORMS),
};

static FORMS: Forms =
    Forms { forms: &[bare(&[9], 0), grouped(&[3, 3, 3], b"=", 0)], valid, words: WORDS, unchecked: true };

const WORDS: &Words = &Words::new(&[b"passport*", b"pasaporte", b"travel document"]);

/// A letter and eight digits.
pub(super) static TOKEN: Id = Id {
    entity: EntityType::UsPassport,
    rule: "us-passport-letter",
    about: unchecked("a letter and eight digits; the word right before", "Department of State", WORDS),
    kind: Kind::Token(lengths(&[9]), check_token),
};

fn check_token(window: &Window<'_>, token: &Token) -> Checked {
    let [letter, digits @ ..] = token.text(window) else { return Ok(None) };
    if !letter.is_ascii_alphabetic() || !digits.iter().all(u8::is_ascii_digit) || !token.stands_alone(window)? {
        return Ok(None);
    }
    judge_unchecked(window, token.start, token.end, WORDS)
}

fn valid(digits: &[u8]) -> bool {
    !is_uniform(digits)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::detectors::testing::{finds, finds_whole, passes};

    const PASSPORT: EntityType = EntityType::UsPassport;

    #[test]
    fn numbers_are_found_behind_the_word() {
        finds(PASSPORT, "passport number 340020013", &["340020013"]);
        finds(PASSPORT, "Passport: C03005988.", &["C03005988"]);
        finds(PASSPORT, "passports 340020013, 340020014 and 340020015", &["340020013", "340020014", "340020015"]);
        finds(PASSPORT, "passports: C03005988 / C03005989", &["C03005988", "C03005989"]);
        finds(PASSPORT, "gave 340020013 as their passport number", &["340020013"]);
        finds_whole(PASSPORT, &[]);
    }

    #[test]
    fn near_misses_pass() {
        passes(PASSPORT, &["340020013", "C03005988"]);
        finds(PASSPORT, "passport 34002001", &[]);
        finds(PASSPORT, "passport since 2021, order 340020013", &[]);
    }
}
