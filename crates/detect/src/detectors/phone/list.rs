//! Numbers of one form next to each other: `07 93 06 72 59 01 97 70 66 68`, `205-314-3761 705-627-0951`.
//!
//! Their groups are joined as those of one number are, so that what is one of them is told by another like it before or
//! behind it. A trunk prefix or North America's form says how long one is.

use super::groups::Groups;
use super::label::is_labelled_otherwise;
use super::national::is_north_american;
use super::{AREA_DIGITS, NATIONAL, NORTH_AMERICAN, ends, is_named};
use crate::context::{self, Before};
use crate::text::digit;
use crate::window::{Checked, Match, Undecided, Window};

/// Bytes of the longest number in a list: eleven digits one by one would be as long.
pub(super) const ITEM_BYTES_MAX: usize = 21;
/// Digits of the shortest number, and of the longest, with a trunk prefix.
const TRUNK_DIGITS: core::ops::RangeInclusive<usize> = 9..=11;
/// Digits of two of the shortest numbers.
const LIST_DIGITS_MIN: usize = 18;
/// What parts numbers.
const JOINTS: &[&[u8]] = &[b" ", b" / ", b"/"];

/// True if a space or a slash and a digit stand before `start`, and a trunk prefix behind it, or an area code that the
/// last four digits of another number are before: what costs more is done for those alone.
pub(super) fn may_continue(window: &Window<'_>, start: usize) -> Result<bool, Undecided> {
    let back = |bytes: usize| window.before(start.saturating_sub(bytes));
    if !matches!(back(0), b' ' | b'/') || !digit(back(1)) {
        return Ok(false);
    }
    if window.at(start)? == b'0' {
        return Ok(true);
    }
    let is_last = (1..=LAST_DIGITS).all(|bytes| digit(back(bytes))) && !digit(back(LAST_DIGITS + 1));
    Ok(is_last && window.run(start, AREA_DIGITS + 1, digit)? == AREA_DIGITS)
}

/// Digits of the last group of a number in North America.
const LAST_DIGITS: usize = 4;

/// The number with which `groups` begin, if one like it stands next to it; before it, if `is_behind`.
pub(super) fn listed(window: &Window<'_>, groups: &Groups, before: &Before<'_>, is_behind: bool) -> Checked {
    if !is_behind && groups.total() < LIST_DIGITS_MIN && !groups.is_cut() {
        return Ok(None);
    }
    let start = groups.start();
    let mut total = 0;
    for index in 0..groups.count() {
        total += groups.length(index);
        let (Some(end), Some(number)) = (groups.end(index), groups.digits().get(..total)) else { break };
        let is_american = index == 2 && groups.shape().starts_with(&[3, 3, 4]) && is_north_american(number);
        let is_trunk = number.first() == Some(&b'0') && TRUNK_DIGITS.contains(&total) && index > 0;
        if !(is_american || is_trunk) || end - start > ITEM_BYTES_MAX {
            continue;
        }
        let item = window.slice(start, end);
        let is_apart = !item.contains(&b' ');
        if is_labelled_otherwise(window, groups, before)
            || !(is_named(window, start, before) || is_american && is_apart)
        {
            return Ok(None);
        }
        let is_last = stands_before(window, start, item) && ends(window, end)?;
        if is_last || stands_behind(window, end, item)? && (!is_behind || stands_before(window, start, item)) {
            let (rule, percent) = if is_american { (NORTH_AMERICAN, 85) } else { (NATIONAL, 75) };
            return Ok(Some(Match::new(start, end, rule, percent)));
        }
    }
    Ok(None)
}

/// True if a number like `item`, with a trunk prefix if it has one, ends where a list goes on at `start`.
fn stands_before(window: &Window<'_>, start: usize, item: &[u8]) -> bool {
    JOINTS.iter().any(|joint| {
        let Some(end) = start.checked_sub(joint.len()) else { return false };
        let Some(from) = end.checked_sub(item.len()).filter(|from| !digit(window.before(*from))) else { return false };
        window.slice(end, start) == *joint && is_alike(window.slice(from, end), item)
    })
}

/// The same for one that begins where a list goes on behind `end`.
fn stands_behind(window: &Window<'_>, end: usize, item: &[u8]) -> Result<bool, Undecided> {
    for joint in JOINTS {
        if !window.starts_with(end, joint)? {
            continue;
        }
        let from = end + joint.len();
        if context::follows_like(window, from, item)? && is_alike(window.slice(from, from + item.len()), item) {
            return Ok(true);
        }
    }
    Ok(false)
}

fn is_alike(other: &[u8], item: &[u8]) -> bool {
    context::is_like(other, item) && (other.first() == Some(&b'0')) == (item.first() == Some(&b'0'))
}
