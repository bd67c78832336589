//! Numbers of characters: `106, 97, 110, 101`, `0x6a,0x61,0x6e,0x65`, `[106,97,110,101]`.
//!
//! At least so many with the same mark between them, each the number of a printable character in ASCII. Columns of numbers
//! that happen to be are read as well, and mean nothing that a detector knows.

use super::ViewId;
use super::outline::{Mark, Outline};
use super::respell::{Leaf, Recogniser};
use crate::text::{alphanumeric, digit};
use crate::window::{Undecided, Window};

pub(super) static RECOGNISER: Recogniser = Recogniser { view: ViewId::CODES, next, read, start };

/// Numbers of the shortest chain: the shortest value has seven characters.
const CODES_MIN: usize = 7;
/// Numbers of the longest chain that is read at once, and how many of them are read with the next ones.
const CODES_MAX: usize = 160;
const CODES_SHARED: usize = 64;
/// Bytes of a number: `0x6a`, and of what joins two.
const CODE_BYTES_MAX: usize = 4;
const JOINT_BYTES_MAX: usize = 4;
/// Bytes in which two numbers stand with what joins them.
const HEAD_BYTES: usize = 2 * CODE_BYTES_MAX + JOINT_BYTES_MAX + 1;

/// True for what stands between numbers.
const fn is_joint(byte: u8) -> bool {
    matches!(byte, b' ' | b',' | b';' | b'\n' | b'\t' | b'+' | b'|')
}

/// The character of a number that is written as `bytes`.
fn character(bytes: &[u8]) -> Option<u8> {
    let (digits, radix) = match bytes {
        [b'0', b'x' | b'X', digits @ ..] if digits.len() == 2 => (digits, 16),
        [first, ..] if *first != b'0' && bytes.len() <= 3 => (bytes, 10),
        _ => return None,
    };
    let value = digits.iter().try_fold(0, |value, byte| Some(value * radix + char::from(*byte).to_digit(radix)?))?;
    u8::try_from(value).ok().filter(|byte| matches!(byte, b' '..=b'~' | b'\n' | b'\r' | b'\t'))
}

/// The first of two numbers that may be those of characters.
fn next(text: &[u8], outline: &Outline, from: usize) -> Option<usize> {
    outline.places(Mark::Group, from, text.len()).find(|at| begins(text, *at) != Head::Other)
}

/// What stands at a place.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Head {
    /// Two numbers of characters.
    Two,
    /// What may become that.
    Cut,
    Other,
}

fn begins(text: &[u8], at: usize) -> Head {
    if at.checked_sub(1).and_then(|before| text.get(before)).is_some_and(|byte| alphanumeric(*byte)) {
        return Head::Other;
    }
    let head = text.get(at..).unwrap_or_default();
    let head = head.get(..HEAD_BYTES).unwrap_or(head);
    let word = |text: &[u8]| text.iter().take_while(|byte| alphanumeric(**byte)).count();
    let length = word(head);
    if length == head.len() && length <= CODE_BYTES_MAX {
        return Head::Cut;
    }
    let (first, rest) = head.split_at_checked(length).unwrap_or_default();
    let joint = rest.iter().take_while(|byte| is_joint(**byte)).count();
    if character(first).is_none() || !(1..=JOINT_BYTES_MAX).contains(&joint) {
        return Head::Other;
    }
    let second = rest.get(joint..).unwrap_or_default();
    let length = word(second);
    match second.get(..length).and_then(character) {
        _ if length == second.len() && length <= CODE_BYTES_MAX => Head::Cut,
        Some(_) => Head::Two,
        None => Head::Other,
    }
}

fn read(window: &Window<'_>, at: usize, leaf: &mut Leaf) -> Result<usize, Undecided> {
    let (mut place, mut joint) = (at, None);
    let (mut end, mut shared) = (at, at);
    while leaf.len() < CODES_MAX {
        let length = window.run(place, CODE_BYTES_MAX + 1, alphanumeric)?;
        let Some(byte) = character(window.slice(place, place + length)) else { break };
        if leaf.len() == CODES_MAX - CODES_SHARED {
            shared = place;
        }
        leaf.push(byte, place, place + length);
        end = place + length;
        let width = window.run(end, JOINT_BYTES_MAX + 1, is_joint)?;
        let mark = window.slice(end, end + width);
        if width == 0 || width > JOINT_BYTES_MAX || *joint.get_or_insert(mark) != mark {
            break;
        }
        place = end + width;
    }
    if leaf.len() == CODES_MAX {
        return Ok(shared);
    }
    if leaf.len() < CODES_MIN {
        leaf.clear();
    }
    leaf.is_text = true;
    Ok(end.max(at + 1))
}

/// Where a chain begins that the end of the text may cut off.
fn start(text: &[u8], at: usize) -> usize {
    if at < text.len() {
        return at;
    }
    let from = text.len().saturating_sub(HEAD_BYTES);
    let may_begin =
        |start: &usize| text.get(*start).is_some_and(|byte| digit(*byte)) && begins(text, *start) == Head::Cut;
    (from..text.len()).find(may_begin).unwrap_or(text.len())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_of_characters_are_read_in_both_bases() {
        for (text, expected) in [
            ("106", Some(b'j')),
            ("32", Some(b' ')),
            ("0x40", Some(b'@')),
            ("0X6A", Some(b'j')),
            ("040", None),
            ("7", None),
            ("127", None),
            ("300", None),
            ("0x4", None),
            ("6a", None),
            ("", None),
        ] {
            assert_eq!(character(text.as_bytes()), expected, "{text}");
        }
    }
}
