//! The first digit of a group of digits: accounts, addresses, cards, telephone numbers.
//!
//! All detectors of numbers share this trigger, in the order of the table: the first that accepts
//! takes the range, and the search goes on behind it. So a card number is no telephone number, and
//! an account's groups are neither.

use super::{Armed, Sink};
use crate::text::{alphanumeric, digit, find_digit};
use crate::window::{Checked, Match, Undecided, Window};

/// Digits that are enough for a candidate without looking at what follows.
const RUN_DIGITS_MIN: usize = 7;

/// Decides at every group of digits from the cursor on; returns the hold.
pub(crate) fn scan(checks: &[Armed], window: &Window<'_>, cursor: &mut usize, sink: &mut Sink<'_>) -> usize {
    while let Some(start) = next(window.text(), *cursor) {
        let decided = match plausible(window, start) {
            Ok(false) => Ok(None),
            Ok(true) => {
                sink.visit();
                decide(checks, window, start)
            }
            Err(undecided) => Err(undecided),
        };
        let Ok(decided) = decided else {
            *cursor = start;
            return number_may_start(window, start);
        };
        *cursor = start + 1;
        if let Some((armed, found)) = decided {
            armed.report(&found, sink);
            *cursor = found.end;
        }
    }
    *cursor = window.len();
    number_may_start(window, window.len())
}

fn decide<'c>(checks: &'c [Armed], window: &Window<'_>, start: usize) -> Result<Option<(&'c Armed, Match)>, Undecided> {
    for armed in checks {
        let checked: Checked = (armed.detector.check)(window, start);
        if let Some(found) = checked? {
            return Ok(Some((armed, found)));
        }
    }
    Ok(None)
}

/// The next digit at or behind `from` that has no digit before it.
fn next(text: &[u8], from: usize) -> Option<usize> {
    let mut from = from;
    loop {
        let place = find_digit(text, from)?;
        let inside = place.checked_sub(1).and_then(|before| text.get(before));
        if !inside.is_some_and(u8::is_ascii_digit) {
            return Some(place);
        }
        let rest = text.get(place..)?;
        from = place + rest.iter().position(|byte| !byte.is_ascii_digit())?;
    }
}

/// False for the groups of digits that stand alone: years, counts, list items. Nearly all groups in
/// prose and code end here.
#[inline]
fn plausible(window: &Window<'_>, start: usize) -> Result<bool, Undecided> {
    if alphanumeric(window.before(start)) {
        return Ok(account_letters(window, start) == 2);
    }
    let run = window.run(start, RUN_DIGITS_MIN, digit)?;
    if run == RUN_DIGITS_MIN {
        return Ok(true);
    }
    Ok(match window.at(start + run)? {
        b' ' | b'-' | b'.' | b'/' | b'\t' | b'(' | b')' => {
            matches!(window.at(start + run + 1)?, b'0'..=b'9' | b'(' | b' ' | b'-' | b'.')
        }
        0xc2 | 0xe2 => true,
        _ => false,
    })
}

/// Letters right before `start` that could begin an account number: two at most, with no letter or
/// digit before them.
fn account_letters(window: &Window<'_>, start: usize) -> usize {
    let letter = |back: usize| window.before(start.saturating_sub(back)).is_ascii_alphabetic();
    let other = |back: usize| !alphanumeric(window.before(start.saturating_sub(back)));
    if start >= 2 && letter(0) && letter(1) && other(2) { 2 } else { usize::from(start >= 1 && letter(0) && other(1)) }
}

/// The first byte that could belong to a match whose first digit stands at `start`, or would if it
/// came next.
fn number_may_start(window: &Window<'_>, start: usize) -> usize {
    let marks = (0..2).take_while(|back| start > *back && matches!(window.before(start - back), b'+' | b'(')).count();
    start - marks.max(account_letters(window, start))
}
