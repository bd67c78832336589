//! Digits of which some are letters that look like them: `4O12 8888 8888 l88l`, `536-9O-4399`.
//!
//! Of a card's number, whose check digit then tells, of three groups as a social security number has them, or of one run
//! behind a word that says what it is.

use super::ViewId;
use super::groups::{CARD_CONTEXT, CARD_DIGITS};
use super::outline::{Mark, Outline};
use super::respell::{Leaf, Recogniser, Types};
use crate::context;
use crate::text::{alphanumeric, digit};
use crate::window::{Undecided, Window};
use core::ops::Range;

pub(super) static RECOGNISER: Recogniser = Recogniser { view: ViewId::UNICODE, next, read, start };

/// Bytes of the longest number, and one that is too many.
const BYTES_MAX: usize = 20;
/// Digits that must be there.
const DIGITS_MIN: usize = 5;
/// Digits of a number that a word names.
const NAMED_DIGITS: core::ops::RangeInclusive<usize> = 9..=18;

/// The digit that a letter looks like.
const fn digit_of(byte: u8) -> Option<u8> {
    match byte {
        b'O' | b'o' => Some(b'0'),
        b'l' | b'I' => Some(b'1'),
        b'0'..=b'9' => Some(byte),
        _ => None,
    }
}

const fn in_number(byte: u8) -> bool {
    digit_of(byte).is_some() || matches!(byte, b' ' | b'-')
}

fn next(text: &[u8], outline: &Outline, from: usize) -> Option<usize> {
    outline.places(Mark::Group, from, text.len()).find(|at| begins(text, *at) != Head::Other)
}

/// What stands at a digit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Head {
    /// A number with letters in it.
    Mixed,
    /// What may become one.
    Cut,
    Other,
}

fn begins(text: &[u8], at: usize) -> Head {
    let inside = at.checked_sub(1).and_then(|before| text.get(before)).is_some_and(|byte| alphanumeric(*byte));
    let head = text.get(at..).unwrap_or_default();
    let head = head.get(..BYTES_MAX).unwrap_or(head);
    let length = head.iter().take_while(|byte| in_number(**byte)).count();
    match () {
        () if inside => Head::Other,
        () if length == head.len() && length < BYTES_MAX => Head::Cut,
        () if head.iter().take(length).any(u8::is_ascii_alphabetic) => Head::Mixed,
        () => Head::Other,
    }
}

fn read(window: &Window<'_>, at: usize, leaf: &mut Leaf) -> Result<usize, Undecided> {
    let length = window.run(at, BYTES_MAX, in_number)?;
    for (bytes, is_number) in FORMS {
        let text = window.slice(at, at + bytes);
        if bytes > length || !is_mixed(text) || !is_number(text) || alphanumeric(window.at(at + bytes)?) {
            continue;
        }
        push(window, at..at + bytes, leaf);
        leaf.types = Types::Numbers;
        return Ok(at + bytes);
    }
    let run = window.slice(at, at + length);
    let run = run.iter().take_while(|byte| digit_of(**byte).is_some()).count();
    let is_named = || NAMED_DIGITS.contains(&run) && has_word_before(window, at);
    if is_named() && is_mixed(window.slice(at, at + run)) && !alphanumeric(window.at(at + run)?) {
        push(window, at..at + run, leaf);
        let is_card = CARD_DIGITS.contains(&run) && context::precedes(window, at, CARD_CONTEXT);
        leaf.types = if is_card { Types::Numbers } else { Types::Checked };
        return Ok(at + run);
    }
    Ok((at + length).max(at + 1))
}

/// True behind some letters in a row that look like no digits: nothing else names a number.
fn has_word_before(window: &Window<'_>, at: usize) -> bool {
    const NEAR_BYTES: usize = 40;
    let near = window.slice(at.saturating_sub(NEAR_BYTES), at);
    near.windows(2).any(|pair| pair.iter().all(|byte| byte.is_ascii_alphabetic() && digit_of(*byte).is_none()))
}

/// True for digits and letters that look like some.
fn is_mixed(text: &[u8]) -> bool {
    text.iter().any(u8::is_ascii_alphabetic) && text.iter().filter(|byte| digit(**byte)).count() >= DIGITS_MIN
}

fn push(window: &Window<'_>, range: Range<usize>, leaf: &mut Leaf) {
    for (place, byte) in range.clone().zip(window.slice(range.start, range.end)) {
        leaf.push(digit_of(*byte).unwrap_or(*byte), place, place + 1);
    }
}

/// A form of a number: its bytes, and what must hold of them.
type Form = (usize, fn(&[u8]) -> bool);

/// A card's digits in fours and in one run, and three groups.
const FORMS: [Form; 3] = [(19, is_in_fours), (16, is_run), (11, is_in_three)];

fn is_in_fours(text: &[u8]) -> bool {
    let fours = |mark: u8| text.split(|byte| *byte == mark).all(|group| group.len() == 4 && is_run(group));
    fours(b' ') || fours(b'-')
}

fn is_run(text: &[u8]) -> bool {
    text.iter().all(|byte| digit_of(*byte).is_some())
}

/// `536-9O-4399`
fn is_in_three(text: &[u8]) -> bool {
    text.split(|byte| *byte == b'-').map(<[u8]>::len).eq([3, 2, 4])
}

/// Where a number begins that the end of the text may cut off.
fn start(text: &[u8], at: usize) -> usize {
    if at < text.len() {
        return at;
    }
    let from = text.len().saturating_sub(BYTES_MAX);
    let may_begin =
        |start: &usize| text.get(*start).is_some_and(|byte| digit(*byte)) && begins(text, *start) == Head::Cut;
    (from..text.len()).find(may_begin).unwrap_or(text.len())
}
