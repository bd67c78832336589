//! United States Medicare beneficiary identifiers (Centers for Medicare and Medicaid Services, MBI format): eleven characters, digits and letters without `S L O I B Z` in fixed places, also as
//! `1EG4-TE5-MK73`.

use super::numeral::{may_end, may_start};
use super::{Id, Kind, Token, judge, lengths, named};
use crate::context::Words;
use crate::entity::EntityType;
use crate::window::{Checked, Window};

/// The detector.
pub(super) static ID: Id = Id {
    entity: EntityType::UsMbi,
    rule: "us-mbi",
    about: named(
        "letters and digits in their fixed places",
        "Centers for Medicare and Medicaid Services, MBI format",
        WORDS,
    ),
    kind: Kind::Token(lengths(&[4, 11]), check),
};

const WORDS: &Words = &Words::new(&[b"mbi", b"mbis", b"medicare*", b"beneficiary*", b"cms"]);
const BYTES: usize = 11;
/// Where the parts of the printed form end.
const DASHES: [usize; 2] = [4, 7];
const FIRST_PART_BYTES: usize = 4;

fn check(window: &Window<'_>, token: &Token) -> Checked {
    let printed = token.end - token.start == FIRST_PART_BYTES;
    let mut at = token.start;
    for place in 0..BYTES {
        if printed && DASHES.contains(&place) {
            if !matches!(window.at(at)?, b'-' | b' ') {
                return Ok(None);
            }
            at += 1;
        }
        if !fits(place, window.at(at)?) {
            return Ok(None);
        }
        at += 1;
    }
    if !may_start(window, token.start) || !may_end(window, at)? {
        return Ok(None);
    }
    judge(window, (token.start, at), WORDS, if printed { 85 } else { 80 })
}

/// True if `byte` may stand at `place`.
const fn fits(place: usize, byte: u8) -> bool {
    let letter = byte.is_ascii_uppercase() && !matches!(byte, b'S' | b'L' | b'O' | b'I' | b'B' | b'Z');
    match place {
        0 => matches!(byte, b'1'..=b'9'),
        1 | 4 | 7 | 8 => letter,
        2 | 5 => letter || byte.is_ascii_digit(),
        _ => byte.is_ascii_digit(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::detectors::testing::{finds, finds_whole, passes};

    const MBI: EntityType = EntityType::UsMbi;

    #[test]
    fn identifiers_are_found_whole() {
        finds_whole(MBI, &["1EG4-TE5-MK73", "1EG4TE5MK73", "1EG4 TE5 MK73"]);
        finds(MBI, "Medicare: 1EG4-TE5-MK73.", &["1EG4-TE5-MK73"]);
    }

    #[test]
    fn near_misses_pass() {
        passes(MBI, &["1SG4-TE5-MK73", "0EG4-TE5-MK73", "1EG4-TE5-MK7", "1EG4-TE5-MK733", "1eg4-te5-mk73"]);
    }
}
