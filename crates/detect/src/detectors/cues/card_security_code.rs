//! Security codes of payment cards (ISO/IEC 7813 calls them discretionary data; CVV2, CVC2, CID): three or four digits right behind the name.

use super::{Cue, REACH_BYTES, begins_word, goes_on, is_near_card, value_behind};
use crate::context::Words;
use crate::detectors::about::{About, Sight};
use crate::entity::EntityType;
use crate::text::digits;
use crate::window::{Checked, Match, Undecided, Window};

/// The detector.
pub(super) static CUE: Cue = Cue::new(EntityType::CardSecurityCode, "card-security-code", ABOUT, WORDS, check);

const ABOUT: About = About::new("three or four digits right behind the name", "ISO/IEC 7813, discretionary data")
    .raised(NAMES, Sight::Before, (85, 95));
/// The words as they are read.
const NAMES: &Words = &Words::new(&[
    b"cvv*",
    b"cvc*",
    b"security code*",
    b"csc",
    b"cvn",
    b"cid",
    b"pr\xc3\xbcfnummer",
    b"cryptogramme*",
    b"de seguridad",
    b"de seguran\xc3\xa7a",
    b"di sicurezza",
]);

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
    b"csc",
    b"CSC",
    b"cvn",
    b"CVN",
    b"CID",
    b"r\xc3\xbcfnummer",
    b"ryptogramme",
    b" seguridad",
    b" seguran\xc3\xa7a",
    b" sicurezza",
];

/// How many of them, the last ones, name other things, too: a card stands near.
const AMBIGUOUS_COUNT: usize = 10;

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
    b"num",
    b"visuel",
];

fn check(window: &Window<'_>, word: usize, word_end: usize) -> Checked {
    let place = WORDS.iter().position(|known| *known == window.slice(word, word_end)).unwrap_or(WORDS.len());
    let is_ambiguous = place + AMBIGUOUS_COUNT >= WORDS.len();
    let named = matches!(window.at(word)?, b'e' | b'E' | b'r' | b' ');
    if !named && !begins_word(window, word)? {
        return Ok(None);
    }
    let from = word_end + usize::from(!named && window.at(word_end)? == b'2');
    let end = word + REACH_BYTES / 2;
    match value_behind(window, from, end, FILLERS)? {
        Some(start) if is_card(window, start)? => behind_card(window, start),
        Some(start) if !is_ambiguous || is_near_card(window, start, start)? => code(window, from, start),
        _ => Ok(None),
    }
}

/// True for a card's number in groups of four.
fn is_card(window: &Window<'_>, start: usize) -> Result<bool, Undecided> {
    let is_group = |at: usize| Ok(digits(window, at, 5)? == 4);
    Ok(is_group(start)?
        && matches!(window.at(start + 4)?, b' ' | b'-')
        && is_group(start + 5)?
        && window.at(start + 9)? == window.at(start + 4)?)
}

/// The code behind a card's number that stands between it and its name: `CVV of card 4111 1111 1111 1111 is 123`.
fn behind_card(window: &Window<'_>, card: usize) -> Checked {
    let in_card = |byte: u8| byte.is_ascii_digit() || matches!(byte, b' ' | b'-');
    let length = window.run(card, CARD_BYTES_MAX, in_card)?;
    let digits = window.slice(card, card + length).iter().filter(|byte| byte.is_ascii_digit()).count();
    if digits != CARD_DIGITS {
        return Ok(None);
    }
    let from = card + length;
    match value_behind(window, from, from + JOINT_BYTES_MAX, FILLERS)? {
        Some(start) => code(window, from - 1, start),
        None => Ok(None),
    }
}

/// Digits of a card's number in groups of four, its bytes with a space behind it, and bytes between it and its code.
const CARD_DIGITS: usize = 16;
const CARD_BYTES_MAX: usize = "4111 1111 1111 1111 ".len();
const JOINT_BYTES_MAX: usize = 12;

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
        for word in
            ["CSC", "CVN", "CID", "csc", "Prüfnummer", "cryptogramme", "código de seguridad", "codice di sicurezza"]
        {
            finds(CODE, &format!("4111 1111 1111 1111, {word}: 123"), &["123"]);
            finds(CODE, &format!("Visa {word} 123"), &["123"]);
            finds(CODE, &format!("{word} 123"), &[]);
        }
    }

    #[test]
    fn the_number_of_its_card_is_no_code() {
        finds(CODE, "cvv code of the card 4111 1111 1111 1111 is 123", &["123"]);
        finds(CODE, "CVV of card 4111-1111-1111-1111: 123", &["123"]);
        finds(CODE, "cvv of card 4111 1111 1111 1111 was stolen", &[]);
        finds(CODE, "cvv of card 4111 1111 1111 is 123", &[]);
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
