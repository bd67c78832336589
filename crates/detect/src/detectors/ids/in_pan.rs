//! Indian permanent account numbers (Income Tax Department, rule 114): five letters, the fourth for the kind of holder, four digits, and a letter
//! whose rule is not public.

use super::{Id, Kind, Token, is_of_goods, judge, lengths, named};
use crate::context::Words;
use crate::entity::EntityType;
use crate::window::{Checked, Window};

/// The detector.
pub(super) static ID: Id = Id {
    entity: EntityType::InPan,
    rule: "in-pan",
    about: named("five letters, kind of holder, four digits, letter", "Income Tax Department, rule 114", WORDS),
    kind: Kind::Token(lengths(&[10]), check),
};

const WORDS: &Words = &Words::new(&[
    b"pan",
    b"pans",
    b"permanent account*",
    b"income tax*",
    b"pan card*",
    b"pan number",
    b"pancard*",
    b"panno",
    b"pan_*",
    "पैन".as_bytes(),
    "पॅन".as_bytes(),
    "প্যান".as_bytes(),
    "પાન".as_bytes(),
    "ਪੈਨ".as_bytes(),
    "பான்".as_bytes(),
    "పాన్".as_bytes(),
    "ಪ್ಯಾನ್".as_bytes(),
    "പാൻ".as_bytes(),
]);

fn check(window: &Window<'_>, token: &Token) -> Checked {
    let text = token.text(window);
    let letter = |place: usize| matches!(place, 0..=4 | 9);
    let formed =
        |(place, byte): (usize, &u8)| if letter(place) { byte.is_ascii_alphabetic() } else { byte.is_ascii_digit() };
    let holder = text.get(3).map_or(0, u8::to_ascii_uppercase);
    let holds = matches!(holder, b'A'..=b'C' | b'E'..=b'H' | b'J'..=b'L' | b'P' | b'T');
    let serial = text.get(5..9).unwrap_or_default();
    if !text.iter().enumerate().all(formed) || !holds || serial == b"0000" || !token.stands_alone(window)? {
        return Ok(None);
    }
    let capitals = !text.iter().any(u8::is_ascii_lowercase);
    let is_free = capitals && !is_of_goods(window, token.start);
    judge(window, (token.start, token.end), WORDS, if is_free { 80 } else { 0 })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::detectors::testing::{finds, finds_whole, passes};

    const PAN: EntityType = EntityType::InPan;

    #[test]
    fn numbers_are_found_whole() {
        finds_whole(PAN, &["ABCPE1234F", "AAACR5055K"]);
        finds(PAN, "pan: abcpe1234f", &["abcpe1234f"]);
    }

    #[test]
    fn near_misses_pass() {
        passes(
            PAN,
            &[
                "ABCDE1234F",
                "ABCPE12345",
                "ABCPE1234FG",
                "abcpe1234f",
                "ABCPE0000F",
                "x/ABCPE1234F+z",
                "ABCP-E1234F",
                "lot HTYFP6877P",
            ],
        );
    }
}
