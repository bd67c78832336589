//! Account numbers (ISO 13616) of more letters than digits: those with digits enough are found by them, as the
//! [other search](crate::detectors::iban) does, in groups, too.

use super::{Id, Kind, Token, lengths};
use crate::context::{self, Words};
use crate::detectors::about::About;
use crate::detectors::iban;
use crate::entity::EntityType;
use crate::trigger::digit::is_dense_text;
use crate::window::{Checked, Match, Window};

/// Without separators, in capitals, or behind a word in small letters.
pub(super) static ID: Id = Id {
    entity: EntityType::IbanCode,
    rule: "iban-letters",
    about: About::new("ISO 7064 MOD 97-10; length of its country", "ISO 13616, SWIFT IBAN Registry"),
    kind: Kind::Token(u128::MAX >> (127 - 34) & !0x7fff, check),
};

/// The same in groups of four.
pub(super) static GROUPED: Id = Id {
    entity: EntityType::IbanCode,
    rule: "iban-letters-grouped",
    about: About::new("ISO 7064 MOD 97-10; length of its country", "ISO 13616, SWIFT IBAN Registry"),
    kind: Kind::Token(lengths(&[4]), check_grouped),
};

/// Letters and digits of the longest number.
const LETTERS_MAX: usize = 34;

/// Words behind which a number may have small letters.
const WORDS: &Words = &Words::new(&[b"iban*", b"konto*", b"account*", b"acct", b"conto", b"compte", b"cuenta"]);

fn check_grouped(window: &Window<'_>, token: &Token) -> Checked {
    let is_head = matches!(token.text(window), [b'A'..=b'Z', b'A'..=b'Z', b'0'..=b'9', b'0'..=b'9']);
    if !is_head || !matches!(window.at(token.end)?, b' ' | b'-') || matches!(window.before(token.start), b'-' | b'_') {
        return Ok(None);
    }
    let Some(end) = iban::grouped_end(window, token.start)? else { return Ok(None) };
    let is_dense = is_dense_text(window.slice(token.start + 2, end));
    Ok((!is_dense).then_some(Match::new(token.start, end, 0, 95)))
}

fn check(window: &Window<'_>, token: &Token) -> Checked {
    let text = token.text(window);
    let digits = text.get(2..).unwrap_or_default();
    let mut number = [0; LETTERS_MAX];
    let room = number.get_mut(..text.len()).unwrap_or_default();
    room.iter_mut().zip(text).for_each(|(room, byte)| *room = byte.to_ascii_uppercase());
    let is_small = || !text.iter().any(u8::is_ascii_uppercase) && context::precedes(window, token.start, WORDS);
    let is_written = || room == text || is_small();
    let accepted = !is_dense_text(digits) && iban::is_valid(room) && is_written() && token.stands_alone(window)?;
    Ok(accepted.then_some(Match::new(token.start, token.end, 0, 95)))
}

#[cfg(test)]
mod tests {
    use crate::EntityType;
    use crate::detectors::testing::{finds, finds_whole, passes};

    #[test]
    fn numbers_of_few_digits_are_found() {
        finds_whole(EntityType::IbanCode, &["RO15WKXUSL4KZCHDK3M0QB0D"]);
        finds_whole(EntityType::IbanCode, &["MT84MALT011000012345MTLCAST001S"]);
        finds_whole(EntityType::IbanCode, &["RO15 WKXU SL4K ZCHD K3M0 QB0D", "RO15-WKXU-SL4K-ZCHD-K3M0-QB0D"]);
        finds_whole(EntityType::IbanCode, &["PK43 XUWU 9CQG K8V5 V03C 30GX"]);
    }

    #[test]
    fn small_letters_count_behind_a_word() {
        finds(EntityType::IbanCode, "iban: lv13rbsgedet41l1cd2xo", &["lv13rbsgedet41l1cd2xo"]);
        finds(EntityType::IbanCode, "hash: lv13rbsgedet41l1cd2xo, iban: Lv13rbsgedet41l1cd2xo", &[]);
    }

    #[test]
    fn near_misses_pass() {
        passes(
            EntityType::IbanCode,
            &[
                "RO16WKXUSL4KZCHDK3M0QB0D",
                "RO15WKXUSL4KZCHDK3M0QB0",
                "ro15wkxusl4kzchdk3m0qb0d",
                "RO15WKXUSL4KZCHDK3M0QB0DX",
                "RO16 WKXU SL4K ZCHD K3M0 QB0D",
                "RO15 WKXU SL4K ZCHD K3M0-QB0D",
                "RO15 wkxu SL4K ZCHD K3M0 QB0D",
            ],
        );
    }
}
