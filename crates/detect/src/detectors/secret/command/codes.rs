//! Codes that sign in without a second factor, in lines or rows behind their title: `db646-eae68`.
//!
//! Two decide, and the list is reported on for as long as codes follow each other.

use crate::detectors::secret::form;
use crate::text::alphanumeric;
use crate::window::{Checked, Match, Rest, Undecided, Window};

/// Codes that decide.
const CODES_MIN: usize = 2;

/// Bytes of each half of a code.
const HALF_BYTES: usize = 5;

/// Bytes between two codes: a line's end, what marks an item.
const GAP_BYTES_MAX: usize = 6;

/// `Recovery codes:` and codes in lines below it, all of them together.
pub(super) fn recovery(window: &Window<'_>, start: usize) -> Checked {
    let first = start + window.run(start, GAP_BYTES_MAX, in_gap)?;
    let mut end = first;
    for _ in 0..CODES_MIN {
        let Some(behind) = code(window, end + window.run(end, GAP_BYTES_MAX, in_gap)?)? else { return Ok(None) };
        end = behind;
    }
    Ok(Some(Match::new(first, end, form::SECRET, super::PERCENT).followed_by(Rest::Codes)))
}

/// How many bytes of `text` are further codes and what stands between them, and whether the list ends there.
pub(crate) fn advance(text: &[u8]) -> (usize, bool) {
    let window = Window::open(text);
    let next = |end: usize| code(&window, end + window.run(end, GAP_BYTES_MAX, in_gap)?);
    let mut end = 0;
    loop {
        match next(end) {
            Ok(Some(behind)) => end = behind,
            Ok(None) => return (end, true),
            Err(Undecided) => return (end, false),
        }
    }
}

/// The end of the code at `start`: five small letters and digits, a hyphen, five more, a digit among them.
fn code(window: &Window<'_>, start: usize) -> Result<Option<usize>, Undecided> {
    let in_half = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit();
    let joint = start + HALF_BYTES;
    let end = joint + 1 + HALF_BYTES;
    let is_code = window.run(start, HALF_BYTES + 1, in_half)? == HALF_BYTES
        && window.at(joint)? == b'-'
        && window.run(joint + 1, HALF_BYTES, in_half)? == HALF_BYTES
        && !alphanumeric(window.at(end)?)
        && window.slice(start, end).iter().any(u8::is_ascii_digit);
    Ok(is_code.then_some(end))
}

fn in_gap(byte: u8) -> bool {
    byte.is_ascii_whitespace() || matches!(byte, b':' | b'*' | b'-' | b'`')
}
