//! Characters one by one: `4 1 1 1 ...`, `5.3.6-9.0-4.3.9.9`, `j a n e @ e x a m p l e . c o m`.
//!
//! At least four single letters or digits with the same byte between them begin a chain. In it, that byte is
//! left out; another mark between two characters stays, and so does one that stands for a character. Digits
//! alone are a chain only up to the longest number: what is longer is a table.

use super::ViewId;
use super::respell::{Leaf, Recogniser};
use crate::block::{BLOCK_BYTES, From, bits_at};
use crate::text::{alphanumeric, digit};
use crate::window::{Undecided, Window};

pub(super) static RECOGNISER: Recogniser = Recogniser { view: ViewId::SPACED, next, read, start };

/// Characters of the longest chain.
const CHARACTERS_MAX: usize = 160;
/// Digits of the longest number, with one for its country.
const DIGITS_MAX: usize = 20;
/// Characters of the shortest chain.
const CHARACTERS_MIN: usize = 5;
/// Bytes in which four characters and what separates them stand.
const HEAD_BYTES: usize = 7;

/// True for what stands between characters of a chain.
const fn is_joint(byte: u8) -> bool {
    matches!(byte, b' ' | b'.' | b'-' | b'/' | b'*' | b',' | b'+' | b'\n' | b'\t')
}

/// True for what may be a character of a chain.
const fn is_character(byte: u8) -> bool {
    alphanumeric(byte) || matches!(byte, b'@' | b'.' | b'-' | b'_' | b'+' | b'/' | b'=' | b':' | b'(' | b')')
}

/// The first of four characters one by one, at or behind `from`.
fn next(text: &[u8], from: usize) -> Option<usize> {
    let mut block = from;
    let mut behind = bits_at(text, block, From(b'0'));
    while block < text.len() {
        let here = behind;
        behind = bits_at(text, block + BLOCK_BYTES, From(b'0'));
        let high = u128::from(behind) << BLOCK_BYTES | u128::from(here);
        let alternating = high & !(high >> 1) & (high >> 2) & !(high >> 3) & (high >> 4) & !(high >> 5) & (high >> 6);
        let mut starts = u64::try_from(alternating & u128::from(u64::MAX)).unwrap_or(0);
        while starts != 0 {
            let at = block + starts.trailing_zeros() as usize;
            if begins(text, at) {
                return Some(at);
            }
            starts &= starts - 1;
        }
        block += BLOCK_BYTES;
    }
    None
}

/// True if four characters stand at `at`, the first three alike separated, and `at` is not inside of a word.
fn begins(text: &[u8], at: usize) -> bool {
    let inside = at.checked_sub(1).and_then(|before| text.get(before)).is_some_and(|byte| alphanumeric(*byte));
    match text.get(at..at + HEAD_BYTES) {
        Some([a, first, b, second, c, third, d]) => {
            !inside
                && first == second
                && is_joint(*first)
                && is_joint(*third)
                && [a, b, c, d].into_iter().all(|byte| is_character(*byte))
        }
        _ => false,
    }
}

/// Reads the chain at `at`.
fn read(window: &Window<'_>, at: usize, leaf: &mut Leaf) -> Result<usize, Undecided> {
    let joint = window.at(at + 1)?;
    let mut place = at;
    leaf.push(window.at(at)?, at, at + 1);
    while leaf.len() < CHARACTERS_MAX {
        let mark = window.at(place + 1)?;
        if alphanumeric(mark) || !(is_joint(mark) || is_character(mark)) {
            break;
        }
        let next = window.at(place + 2)?;
        if mark == joint && next == joint && window.at(place + 3)? != joint {
            // Two of them: the end of a word.
            if !stands_alone(window, place + 3)? {
                break;
            }
            leaf.push(b' ', place + 1, place + 3);
            place += 3;
        } else if mark == joint && is_character(next) && stands_alone(window, place + 2)? {
            place += 2;
        } else if mark != joint && alphanumeric(next) && stands_alone(window, place + 2)? {
            leaf.push(mark, place + 1, place + 2);
            place += 2;
        } else {
            break;
        }
        leaf.push(window.at(place)?, place, place + 1);
    }
    if leaf.len() < CHARACTERS_MIN || is_table(leaf.bytes()) {
        leaf.clear();
    } else {
        leaf.core = number_in(leaf.bytes());
    }
    Ok(place + 1)
}

/// True if the character at `place` is one, and not the beginning of a word.
fn stands_alone(window: &Window<'_>, place: usize) -> Result<bool, Undecided> {
    let byte = window.at(place)?;
    Ok(is_character(byte) && !(alphanumeric(byte) && alphanumeric(window.at(place + 1)?)))
}

/// The digits of a chain that has a few letters before or behind them: words of one letter.
fn number_in(chain: &[u8]) -> Option<(usize, usize)> {
    let start = chain.iter().position(|byte| digit(*byte))?;
    let end = chain.iter().rposition(|byte| digit(*byte))? + 1;
    let core = chain.get(start..end)?;
    let is_number = !core.iter().any(u8::is_ascii_alphabetic) && core.len() >= CHARACTERS_MIN;
    (is_number && core.len() < chain.len()).then_some((start, end))
}

/// True for more digits than a number has.
fn is_table(chain: &[u8]) -> bool {
    let digits = chain.iter().filter(|byte| digit(**byte)).count();
    !chain.iter().any(u8::is_ascii_alphabetic) && digits > DIGITS_MAX
}

/// Where a chain begins that the end of the text may cut off.
fn start(text: &[u8], at: usize) -> usize {
    if at < text.len() {
        return at;
    }
    let from = text.len().saturating_sub(HEAD_BYTES + 1);
    let may_begin = |start: &usize| {
        let inside = start.checked_sub(1).and_then(|before| text.get(before)).is_some_and(|byte| alphanumeric(*byte));
        let tail = text.get(*start..).unwrap_or_default();
        !inside
            && tail
                .iter()
                .enumerate()
                .all(|(place, byte)| if place % 2 == 0 { is_character(*byte) } else { is_joint(*byte) })
    };
    (from..text.len()).find(may_begin).unwrap_or(text.len())
}
