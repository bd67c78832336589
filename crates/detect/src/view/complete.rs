//! Numbers that are whole at the end of their line, so that digits on the next one are others: `312-445-1500`.
//!
//! What their digits and groups say is asked, no words around them. Cards and identifiers of any length are never sure to
//! be whole, and what ends with a mark goes on.

use crate::detectors::phone;

/// Digits of national telephone numbers with their trunk prefix.
const TRUNK_DIGITS: core::ops::RangeInclusive<usize> = 9..=12;

/// True if these digits, in groups of such lengths, are a whole telephone or social security number. Without groups a
/// word has to say that they are one to call.
pub(super) fn is_complete<L: Iterator<Item = usize>>(
    digits: &[u8],
    lengths: impl Fn() -> L,
    is_plus: bool,
    is_called: impl Fn() -> bool,
) -> bool {
    if is_plus {
        return phone::is_international(digits);
    }
    let are = |expected: &[usize]| lengths().eq(expected.iter().copied());
    let is_american = phone::is_north_american(digits);
    if are(&[digits.len()]) {
        return is_american && is_called();
    }
    let is_trunk = matches!(digits, [b'0', b'1'..=b'9', ..]) && TRUNK_DIGITS.contains(&digits.len());
    let in_groups = || is_american && (are(&[3, 3, 4]) || are(&[1, 3, 3, 4]) || are(&[3, 7]));
    in_groups() || are(&[3, 2, 4]) || (is_trunk && lengths().all(|length| length > 1))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn complete(text: &str, is_called: bool) -> bool {
        let digits: Vec<u8> = text.bytes().filter(u8::is_ascii_digit).collect();
        let lengths = || text.split(|mark: char| !mark.is_ascii_digit()).map(str::len).filter(|length| *length > 0);
        is_complete(&digits, lengths, text.starts_with('+'), || is_called)
    }

    #[test]
    fn numbers_of_known_groups_are_whole() {
        for text in
            ["312-445-1500", "1-312-445-1500", "(312) 4451500", "536-90-4399", "0121 234 4310", "+44 7700 900123"]
        {
            assert!(complete(text, false), "{text}");
        }
        assert!(complete("3124451500", true));
    }

    #[test]
    fn numbers_of_other_groups_may_go_on() {
        for text in [
            "312-445",
            "4111 1111 1111",
            "112-445-1500",
            "3124451500",
            "536-90",
            "0121",
            "+44 7700",
            "0 1 2 1 2 3 4 5 6",
        ] {
            assert!(!complete(text, false), "{text}");
        }
        assert!(!complete("4111111111", true));
    }
}
