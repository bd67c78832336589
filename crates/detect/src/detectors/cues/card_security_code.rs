//! Security codes of payment cards (ISO/IEC 7813 calls them discretionary data; CVV2, CVC2, CID): three or four digits right behind the name.

use super::{Cue, REACH_BYTES, begins_word, goes_on, value_behind};
use crate::context::Words;
use crate::detectors::about::{About, Sight};
use crate::entity::EntityType;
use crate::text::digits;
use crate::window::{Checked, Match, Window};

/// The detector.
pub(super) static CUE: Cue = Cue::new(EntityType::CardSecurityCode, "card-security-code", ABOUT, WORDS, check);

const ABOUT: About = About::new("three or four digits right behind the name", "ISO/IEC 7813, discretionary data")
    .raised(NAMES, Sight::Before, (85, 95));
/// The words as they are read.
const NAMES: &Words = &Words::new(&[b"cvv*", b"cvc*", b"security code*"]);

const WORDS: &[&[u8]] = &[
    b"cvv",
    b"Cvv",
    b"CVV",
    b"cvc",
    b"Cvc",
    b"CVC",
    b"ecurity code",
    b"ecurity Code",
    b"ecurityCode",
    b"ecurity_code",
    b"ECURITY CODE",
];
/// Words that may stand between the name and the code.
const FILLERS: &[&[u8]] = &[
    b"code",
    b"number",
    b"no",
    b"is",
    b"was",
    b"the",
    b"my",
    b"its",
    b"card",
    b"security",
    b"cvv",
    b"cvc",
    b"on",
    b"back",
    b"of",
    b"value",
    b"and",
    b"est",
    b"ist",
    b"es",
    b"lautet",
    b"we",
    b"have",
    b"file",
    b"this",
    b"that",
    b"reads",
    b"printed",
];

fn check(window: &Window<'_>, word: usize, word_end: usize) -> Checked {
    let named = window.slice(word, word + 1) == b"e" || window.slice(word, word + 1) == b"E";
    if !named && !begins_word(window, word)? {
        return Ok(None);
    }
    let from = word_end + usize::from(!named && window.at(word_end)? == b'2');
    let end = word + REACH_BYTES / 2;
    match value_behind(window, from, end, FILLERS)? {
        Some(start) => code(window, from, start),
        None => Ok(None),
    }
}

/// The code at `start`, whose name ends at `from`.
fn code(window: &Window<'_>, from: usize, start: usize) -> Checked {
    let length = digits(window, start, 5)?;
    let end = start + length;
    let apart = start > from && !matches!(window.before(start), b'.' | b'-' | b'_');
    let valid = matches!(length, 3 | 4) && apart && !goes_on(window, end)?;
    Ok(valid.then_some(Match::new(start, end, 0, 90)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::detectors::testing::finds;

    const CODE: EntityType = EntityType::CardSecurityCode;

    #[test]
    fn codes_are_found_behind_their_name() {
        for text in [
            "CVV: 123",
            "cvc 123",
            "CVV2 123",
            "the security code is 123.",
            "{\"cvv\": \"123\"}",
            "cardSecurityCode=123&x",
            "exp 12/27, CVC code: 123",
            "<cvv>123</cvv>",
            "the CVV we have on file, 123, is wrong",
        ] {
            finds(CODE, text, &["123"]);
        }
        finds(CODE, "Security code 1234", &["1234"]);
    }

    #[test]
    fn near_misses_pass() {
        for text in [
            "CVV must be 3 digits",
            "cvv: 12345",
            "cvc 123.45",
            "CVV of order 123",
            "code 123",
            "xcvv 123",
            "cvv-123-4",
            "id,cvv,note\n17,x,123",
            "id,name,cvv\n17,123,new",
            "<cvv>12345</cvv>",
            "<a title=cvv></a><b>123</b>",
        ] {
            finds(CODE, text, &[]);
        }
    }
}
