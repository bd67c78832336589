//! What stands behind a word that announces it: dates of birth, what is printed beside a card number, members of a place.
//!
//! The values have no structure of their own to be found by, so the words are searched for. A value begins
//! within [`REACH_BYTES`] behind its word, in the same leaf or, where the word is a key, in the next one.

mod card_expiry;
mod card_security_code;
pub(crate) mod date;
mod date_of_birth;
mod geo_member;

use crate::context::{self, Words};
use crate::detectors::about::About;
use crate::entity::EntityType;
use crate::text::alphanumeric;
use crate::window::{BOUNDARY, CONTEXT_BYTES, Checked, NUMBER_BOUNDARY, Undecided, Window};

/// How far behind the start of its word a value may begin; the text before a hold that is kept has more.
pub(crate) const REACH_BYTES: usize = 56;
/// Bytes of the longest value: `Wednesday` aside, `12th of September, 1985`.
const VALUE_BYTES_MAX: usize = 40;
/// Bytes behind a value that may be read: what makes an expiry date one of a card.
const LOOKAHEAD_BYTES: usize = 48;

/// What is announced by some words.
#[derive(Debug)]
pub(crate) struct Cue {
    pub(crate) entity: EntityType,
    /// The name of its rule.
    pub(crate) rule: &'static str,
    pub(crate) about: About,
    /// Bytes of a text that all such words have, as they are written: capitals count.
    pub(crate) words: &'static [&'static [u8]],
    pub(crate) match_bytes_max: usize,
    pub(crate) lookahead_bytes: usize,
    /// Asked with the start of a word and its end.
    pub(crate) check: fn(&Window<'_>, usize, usize) -> Checked,
}

impl Cue {
    const fn new(
        entity: EntityType,
        rule: &'static str,
        about: About,
        words: &'static [&'static [u8]],
        check: fn(&Window<'_>, usize, usize) -> Checked,
    ) -> Self {
        let match_bytes_max = REACH_BYTES + VALUE_BYTES_MAX;
        Self { entity, rule, about, words, match_bytes_max, lookahead_bytes: LOOKAHEAD_BYTES, check }
    }
}

/// All of them; their words do not begin with each other.
pub(crate) static CUES: &[&Cue] = &[&date_of_birth::CUE, &card_security_code::CUE, &card_expiry::CUE, &geo_member::CUE];

/// True if a word, or a part of a name such as `birthDate`, begins at `start`.
fn begins_word(window: &Window<'_>, start: usize) -> Result<bool, Undecided> {
    let before = window.before(start);
    Ok(!before.is_ascii_alphabetic() || (before.is_ascii_lowercase() && window.at(start)?.is_ascii_uppercase()))
}

/// Words that name a card.
const CARD: &Words = &Words::new(&[
    b"card*",
    b"cc",
    b"credit*",
    b"debit*",
    b"visa",
    b"mastercard*",
    b"amex",
    b"american express",
    b"cvv*",
    b"cvc*",
    b"discover",
    b"maestro",
    b"carta di credito",
    b"tarjeta",
    b"carte bancaire",
    b"kreditkarte*",
    b"security code",
]);
/// Digits of the shortest card number.
const CARD_DIGITS_MIN: usize = 12;
/// How far behind a value a word for a card may begin and end.
const AFTER_BYTES: usize = 40;

/// True if a card's number or a word for one stands before a value, or a word behind it.
fn is_near_card(window: &Window<'_>, start: usize, end: usize) -> Result<bool, Undecided> {
    let head = window.slice(start.saturating_sub(CONTEXT_BYTES), start);
    let is_behind_number = head.iter().filter(|byte| byte.is_ascii_digit()).count() >= CARD_DIGITS_MIN;
    Ok(is_behind_number || context::precedes(window, start, CARD) || context::follows(window, end, AFTER_BYTES, CARD)?)
}

/// The next place at or behind `from` at which digits begin, if nothing but words of `words` and marks stand between, and not more than
/// one end of a leaf. The end of a tag may stand right behind the word.
fn value_behind(window: &Window<'_>, from: usize, end: usize, words: &[&[u8]]) -> Result<Option<usize>, Undecided> {
    let (mut at, mut leaves) = (from, 0);
    while at < end {
        let byte = window.at(at)?;
        if byte.is_ascii_digit() {
            return Ok(Some(at));
        }
        if byte.is_ascii_alphabetic() {
            let length = window.run(at, end - at, |byte| byte.is_ascii_alphabetic())?;
            let word = window.slice(at, at + length);
            if !words.iter().any(|known| word.eq_ignore_ascii_case(known)) {
                return Ok(None);
            }
            at += length;
            continue;
        }
        leaves += usize::from(matches!(byte, BOUNDARY | NUMBER_BOUNDARY));
        // `<exp_date>` is an element, `exp > 12` compares.
        let in_name = |byte: &u8| byte.is_ascii_alphabetic() || *byte == b'_';
        let closes = byte == b'>' && !window.slice(from, at).iter().all(in_name);
        if leaves > 1 || closes || matches!(byte, b';' | b'&' | b'+' | b'<' | b'{' | b'}') {
            return Ok(None);
        }
        at += 1;
    }
    Ok(None)
}

/// True if the digits before `end` go on, as a word, a decimal or a longer number.
fn goes_on(window: &Window<'_>, end: usize) -> Result<bool, Undecided> {
    Ok(match window.at(end)? {
        b'.' | b'-' | b'/' | b':' | b',' => window.at(end + 1)?.is_ascii_digit(),
        b'%' | b'_' => true,
        next => alphanumeric(next),
    })
}
