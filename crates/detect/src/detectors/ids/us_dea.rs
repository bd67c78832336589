//! Registration numbers of the United States Drug Enforcement Administration (21 CFR 1301): a letter for the kind of registrant, a letter or 9, and seven digits, the last a
//! check digit: the sum of the odd places and twice that of the even ones, modulo ten.

use super::checks::{is_uniform, last, weighted};
use super::{Id, Kind, Token, judge, lengths, named};
use crate::context::Words;
use crate::entity::EntityType;
use crate::window::{Checked, Window};

/// The detector.
pub(super) static ID: Id = Id {
    entity: EntityType::UsDea,
    rule: "us-dea",
    about: named("check digit modulo 10; kind of registrant", "21 CFR 1301", WORDS),
    kind: Kind::Token(lengths(&[9]), check),
};

const WORDS: &Words = &Words::new(&[
    b"dea",
    b"dea#",
    b"dea_*",
    b"drug enforcement*",
    b"deanumber*",
    b"prescriber*",
    b"physician*",
    b"doctor*",
    b"registration*",
]);
const WEIGHTS: &[u32] = &[1, 2, 1, 2, 1, 2];

fn check(window: &Window<'_>, token: &Token) -> Checked {
    let [kind, name, digits @ ..] = token.text(window) else { return Ok(None) };
    let registrant = matches!(kind.to_ascii_uppercase(), b'A'..=b'H' | b'J'..=b'M' | b'P' | b'R'..=b'U' | b'X');
    let named = name.is_ascii_alphabetic() || *name == b'9';
    let checked =
        digits.iter().all(u8::is_ascii_digit) && !is_uniform(digits) && weighted(digits, WEIGHTS) % 10 == last(digits);
    if !registrant || !named || !checked || !token.stands_alone(window)? {
        return Ok(None);
    }
    let capitals = kind.is_ascii_uppercase() && !name.is_ascii_lowercase();
    // `KB2027152` is an article of a knowledge base.
    let is_article = [*kind, *name] == *b"KB";
    judge(window, (token.start, token.end), WORDS, if capitals && *name != b'9' && !is_article { 55 } else { 0 })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::detectors::testing::{finds, finds_whole, passes};

    const DEA: EntityType = EntityType::UsDea;

    #[test]
    fn numbers_are_found_whole() {
        finds_whole(DEA, &["AB1234563", "FS1234563"]);
        finds(DEA, "DEA number: B91234563", &["B91234563"]);
    }

    #[test]
    fn near_misses_pass() {
        passes(DEA, &["AB1234564", "NB1234563", "AB12345631", "ab1234563", "B91234563"]);
        finds(DEA, "order AB1234563", &[]);
        passes(DEA, &["uninstall KB1234563"]);
    }
}
