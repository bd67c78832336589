//! Account numbers (ISO 13616) of more letters than digits: those with digits enough are found by them, as the
//! [other search](crate::detectors::iban) does, in groups, too.

use super::{Id, Kind, Token, lengths};
use crate::detectors::about::About;
use crate::detectors::iban;
use crate::entity::EntityType;
use crate::trigger::digit::is_dense_text;
use crate::window::{Checked, Match, Window};

/// Without separators, in capitals.
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
    let is_written = text.iter().all(|byte| byte.is_ascii_uppercase() || byte.is_ascii_digit());
    let accepted = is_written && !is_dense_text(digits) && iban::is_valid(text) && token.stands_alone(window)?;
    Ok(accepted.then_some(Match::new(token.start, token.end, 0, 95)))
}

#[cfg(test)]
mod tests {
    use crate::EntityType;
    use crate::detectors::testing::{finds_whole, passes};

    #[test]
    fn numbers_of_few_digits_are_found() {
        finds_whole(EntityType::IbanCode, &["RO15WKXUSL4KZCHDK3M0QB0D"]);
        finds_whole(EntityType::IbanCode, &["MT84MALT011000012345MTLCAST001S"]);
        finds_whole(EntityType::IbanCode, &["RO15 WKXU SL4K ZCHD K3M0 QB0D", "RO15-WKXU-SL4K-ZCHD-K3M0-QB0D"]);
        finds_whole(EntityType::IbanCode, &["PK43 XUWU 9CQG K8V5 V03C 30GX"]);
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
