//! Characters one by one: `4 1 1 1 ...`, `5.3.6-9.0-4.3.9.9`, `j a n e @ e x a m p l e . c o m`.
//!
//! At least three single letters or digits with the same byte between them begin a chain. In it, that byte is
//! left out; another mark between two characters stays, and so does one that stands for a character. Digits
//! alone are a chain only up to the longest number: what is longer is a table.

use super::ViewId;
use super::outline::{Mark, Outline};
use super::respell::{Leaf, Recogniser};
use crate::text::{alphanumeric, digit};
use crate::window::{Undecided, Window};

pub(super) static RECOGNISER: Recogniser = Recogniser { view: ViewId::SPACED, next, read, start };

/// Characters of the longest chain, the last of which are read with the next one, too.
const CHARACTERS_MAX: usize = 160;
const CHARACTERS_SHARED: usize = 64;
/// Digits of the longest number, with one for its country.
const DIGITS_MAX: usize = 20;
/// Characters of the shortest chain.
const CHARACTERS_MIN: usize = 5;
/// Bytes in which three characters stand, each with what separates it from the next.
const HEAD_BYTES: usize = 6;
/// The same with two spaces each.
const WIDE_BYTES: usize = 9;

/// True for what stands between characters of a chain.
const fn is_joint(byte: u8) -> bool {
    matches!(byte, b' ' | b'.' | b'-' | b'/' | b'*' | b',' | b'+' | b'\n' | b'\t' | b':' | b'_' | b'|')
}

/// True for what may be a character of a chain.
const fn is_character(byte: u8) -> bool {
    alphanumeric(byte) || matches!(byte, b'@' | b'.' | b'-' | b'_' | b'+' | b'/' | b'=' | b':' | b'(' | b')')
}

/// The first of three characters one by one, at or behind `from`.
fn next(text: &[u8], outline: &Outline, from: usize) -> Option<usize> {
    outline.places(Mark::Single, from, text.len()).find(|at| begins(text, *at))
}

/// True if three characters stand at `at`, alike separated, and `at` is not inside of a word.
fn begins(text: &[u8], at: usize) -> bool {
    let inside = at.checked_sub(1).and_then(|before| text.get(before)).is_some_and(|byte| alphanumeric(*byte));
    if !inside && is_wide(text.get(at..).unwrap_or_default()) {
        return true;
    }
    match text.get(at..at + HEAD_BYTES) {
        Some([a, first, b, second, c, third]) => {
            let all = [a, b, c].into_iter().all(|byte| is_character(*byte));
            !inside && first == second && is_joint(*first) && is_joint(*third) && all
        }
        _ => false,
    }
}

/// True for three characters with two spaces between.
fn is_wide(text: &[u8]) -> bool {
    matches!(text, [a, b' ', b' ', b, b' ', b' ', c, b' ', b' ', ..] if [a, b, c].into_iter().all(|byte| is_character(*byte)))
}

/// Reads the chain at `at`, whose characters two spaces part; more of them part words. Returns where to go on.
fn read_wide(window: &Window<'_>, at: usize, leaf: &mut Leaf) -> Result<usize, Undecided> {
    const SPACES_MAX: usize = 6;
    let (mut place, mut shared) = (at, at + 1);
    leaf.push(window.at(at)?, at, at + 1);
    while leaf.len() < CHARACTERS_MAX {
        let spaces = window.run(place + 1, SPACES_MAX, |byte| byte == b' ')?;
        let next = place + 1 + spaces;
        if spaces < 2 || !stands_alone(window, next)? {
            break;
        }
        if spaces > 2 {
            leaf.push(b' ', place + 1, next);
        }
        leaf.push(window.at(next)?, next, next + 1);
        place = next;
        if leaf.len() <= CHARACTERS_MAX - CHARACTERS_SHARED {
            shared = place;
        }
    }
    Ok(if leaf.len() < CHARACTERS_MAX { place + 1 } else { shared })
}

/// Reads the chain at `at`.
fn read(window: &Window<'_>, at: usize, leaf: &mut Leaf) -> Result<usize, Undecided> {
    if window.at(at + 1)? == b' ' && window.at(at + 2)? == b' ' {
        let end = read_wide(window, at, leaf)?;
        keep(leaf, b' ');
        return Ok(end);
    }
    let joint = window.at(at + 1)?;
    if let Some(sign) = sign_before(window, at, joint) {
        leaf.push(window.before(sign + 1), sign, sign + 1);
    }
    let (mut place, mut shared) = (at, at + 1);
    leaf.push(window.at(at)?, at, at + 1);
    while leaf.len() < CHARACTERS_MAX {
        let mark = window.at(place + 1)?;
        if alphanumeric(mark) || !(is_joint(mark) || is_character(mark)) {
            break;
        }
        let next = window.at(place + 2)?;
        if mark == joint && (next == joint || next == b' ') && window.at(place + 3)? == joint {
            // What separates words, one of the characters.
            place += 2;
        } else if mark == joint && next == joint {
            // Two of them: the end of a word.
            if !stands_alone(window, place + 3)? {
                break;
            }
            leaf.push(b' ', place + 1, place + 3);
            place += 3;
        } else if mark == joint && stands_alone(window, place + 2)? {
            place += 2;
        } else if mark != joint && alphanumeric(next) && stands_alone(window, place + 2)? {
            leaf.push(mark, place + 1, place + 2);
            place += 2;
        } else {
            break;
        }
        leaf.push(window.at(place)?, place, place + 1);
        if leaf.len() <= CHARACTERS_MAX - CHARACTERS_SHARED {
            shared = place;
        }
    }
    let end = if leaf.len() < CHARACTERS_MAX { place + 1 } else { shared };
    keep(leaf, joint);
    Ok(end)
}

/// Keeps a chain if it is one.
fn keep(leaf: &mut Leaf, joint: u8) {
    if leaf.len() < CHARACTERS_MIN || is_table(leaf.bytes(), joint) {
        leaf.clear();
    } else {
        leaf.cores = [number_in(leaf.bytes()), address_in(leaf.bytes())];
    }
}

/// The place of a sign that begins a telephone number, before its first digit.
fn sign_before(window: &Window<'_>, at: usize, joint: u8) -> Option<usize> {
    let sign = at.checked_sub(2)?;
    (window.before(at) == joint && matches!(window.before(sign + 1), b'+' | b'(')).then_some(sign)
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

/// The address in a chain that goes on behind it with what no name of a host ends in.
fn address_in(chain: &[u8]) -> Option<(usize, usize)> {
    let at = chain.iter().position(|byte| *byte == b'@')?;
    let host = chain.get(at + 1..)?;
    let label = host.iter().rposition(|byte| *byte == b'.')? + 1;
    let end = host.get(label..)?.iter().position(|byte| !byte.is_ascii_alphabetic())?;
    (end > 0).then_some((0, at + 1 + label + end))
}

/// True for more digits than a number has, for a list of them with commas, and for bits.
fn is_table(chain: &[u8], joint: u8) -> bool {
    let digits = || chain.iter().filter(|byte| digit(**byte));
    let is_bits = || digits().all(|digit| matches!(digit, b'0' | b'1'));
    !chain.iter().any(u8::is_ascii_alphabetic) && (digits().count() > DIGITS_MAX || joint == b',' || is_bits())
}

/// Where a chain begins that the end of the text may cut off.
fn start(text: &[u8], at: usize) -> usize {
    let signed = |at: usize| match at.checked_sub(2).and_then(|sign| text.get(sign..at)) {
        Some([b'+' | b'(', joint]) if is_joint(*joint) => at - 2,
        _ => at,
    };
    if at < text.len() {
        return signed(at);
    }
    let from = text.len().saturating_sub(WIDE_BYTES);
    let may_begin = |start: &usize| {
        let inside = start.checked_sub(1).and_then(|before| text.get(before)).is_some_and(|byte| alphanumeric(*byte));
        let tail = text.get(*start..).unwrap_or_default();
        let fits = |(place, byte): (usize, &u8)| if place % 2 == 0 { is_character(*byte) } else { is_joint(*byte) };
        let fits_wide = |(place, byte): (usize, &u8)| if place % 3 == 0 { is_character(*byte) } else { *byte == b' ' };
        let is_short = tail.len() <= HEAD_BYTES + 1;
        !inside && ((is_short && tail.iter().enumerate().all(fits)) || tail.iter().enumerate().all(fits_wide))
    };
    signed((from..text.len()).find(may_begin).unwrap_or(text.len()))
}
