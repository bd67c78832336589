//! Digits that are written as Han characters, one by one: `四一一一`, `五三六-九〇-四三九九`.
//!
//! They are words of Chinese and Japanese, too, and few of them in a row are a year; so only those of a long number count.

/// The characters of the digits, two of them for zero (Unicode, `kPrimaryNumeric`).
const DIGITS: [(&str, u8); 11] = [
    ("〇", b'0'),
    ("零", b'0'),
    ("一", b'1'),
    ("二", b'2'),
    ("三", b'3'),
    ("四", b'4'),
    ("五", b'5'),
    ("六", b'6'),
    ("七", b'7'),
    ("八", b'8'),
    ("九", b'9'),
];
/// Bytes of each.
const BYTES: usize = 3;
/// Digits of the shortest number.
const COUNT_MIN: usize = 9;

/// The digit that a character stands for.
pub(super) fn digit(character: &[u8]) -> Option<u8> {
    DIGITS.iter().find(|(text, _)| text.as_bytes() == character).map(|(_, digit)| *digit)
}

/// True if the digit that `rest` begins with is one of a long number; none if more bytes must be seen.
pub(super) fn is_of_number(before: &[u8], rest: &[u8]) -> Option<bool> {
    let (mut count, mut end) = (0, before.len());
    while count < COUNT_MIN {
        let Some(start) = last(before, end).or_else(|| last(before, joint_start(before, end)?)) else { break };
        (count, end) = (count + 1, start);
    }
    let mut at = 0;
    while count < COUNT_MIN {
        let (Some(next), _) = (rest.get(at), ()) else { return None };
        at += usize::from(at > 0 && is_joint(*next));
        let Some(character) = rest.get(at..at + BYTES) else {
            return if may_be_digit(rest.get(at..).unwrap_or_default()) { None } else { Some(false) };
        };
        if digit(character).is_none() {
            return Some(false);
        }
        (count, at) = (count + 1, at + BYTES);
    }
    Some(true)
}

/// True for what may stand between two groups of a number.
const fn is_joint(byte: u8) -> bool {
    matches!(byte, b' ' | b'-')
}

/// Where the digit begins that ends at `end`.
fn last(text: &[u8], end: usize) -> Option<usize> {
    let start = end.checked_sub(BYTES)?;
    text.get(start..end).and_then(digit).map(|_| start)
}

fn joint_start(text: &[u8], end: usize) -> Option<usize> {
    let start = end.checked_sub(1)?;
    text.get(start).is_some_and(|byte| is_joint(*byte)).then_some(start)
}

/// True for the first bytes of a digit, or none.
fn may_be_digit(text: &[u8]) -> bool {
    DIGITS.iter().any(|(digit, _)| digit.as_bytes().starts_with(text))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn digits_of_long_numbers_count() {
        let number = "五三六-九〇-四三九九";
        for (at, character) in number.char_indices() {
            let (before, rest) = number.split_at(at);
            let expected = (character != '-').then_some(Some(true));
            assert_eq!(expected, (character != '-').then(|| is_of_number(before.as_bytes(), rest.as_bytes())));
        }
        assert_eq!(is_of_number("".as_bytes(), "二〇二四年".as_bytes()), Some(false));
        assert_eq!(is_of_number("".as_bytes(), "五三六九〇四三九".as_bytes()), None);
        assert_eq!(digit("十".as_bytes()), None);
    }
}
