//! Telephone numbers: international (ITU-T E.164, with `+` or a prefix such as `00`), North American,
//! and any other national form.
//!
//! Which numbers there are is libphonenumber's metadata ([`metadata`]). Behind `+` a number that is
//! assigned counts as it stands, one that only has a possible length if it is written in groups. North
//! American numbers are told by their groups (NANPA: area and exchange codes are `[2-9]XX`, no
//! service codes). A national form counts beside a context word, or if it is written as people write
//! one: a trunk prefix, an area code, two to five groups.
//!
//! Groups may be separated by spaces, dashes, points, slashes and parentheses; an extension belongs
//! to the number. Near misses: dates, addresses, versions, card and social security numbers (which
//! other detectors claim first), decimals, numbers in identifiers, dumps of bytes, book numbers.

mod extension;
mod groups;
mod international;
mod label;
mod list;
mod metadata;
mod national;
mod words;

use self::extension::{EXTENSION_BYTES_MAX, extension_end};
use self::groups::Groups;
use self::international::international;
use self::list::listed;
use self::national::{is_postcode, national, north_american};
use self::words::{FOREIGN, NAMES, STRONG, WEAK};
use super::about::{About, Sight};
use super::drawing::is_drawn;
use super::{Detector, Trigger};
use crate::context::{self, Before};
use crate::entity::EntityType;
use crate::text::{alphanumeric, digit};
use crate::window::{BOUNDARY, Checked, Match, NUMBER_BOUNDARY, Undecided, Window};

const SOURCE: &str = "ITU-T E.164; libphonenumber metadata";

const INTERNATIONAL: usize = 0;
const NORTH_AMERICAN: usize = 1;
const NATIONAL: usize = 2;

/// Digits of the longest number (E.164 section 6.1).
const E164_DIGITS_MAX: usize = 15;
/// The same with a prefix such as `011`.
const DIGITS_MAX: usize = E164_DIGITS_MAX + 3;
/// Digits of the shortest.
const DIGITS_MIN: usize = 7;
/// Bytes before digits in which the words that are nearest are looked for.
const NEAR_BYTES: usize = 24;

/// The detector.
pub(crate) static DETECTOR: Detector = Detector {
    entity: EntityType::PhoneNumber,
    rules: &["phone-international", "phone-north-american", "phone-national"],
    about: &[
        About::new("calling code and a length or range that is assigned", SOURCE),
        About::new(
            "area and exchange code, no service code; groups",
            "North American Numbering Plan; libphonenumber metadata",
        )
        .raised(STRONG, Sight::Before, (95, 95)),
        About::new("a national form: trunk prefix, area code, two to five groups; or a word", SOURCE).raised(
            STRONG,
            Sight::Before,
            (75, 75),
        ),
    ],
    trigger: Trigger::Digit,
    match_bytes_max: groups::BYTES_MAX + EXTENSION_BYTES_MAX,
    lookahead_bytes: if EXTENSION_BYTES_MAX > list::ITEM_BYTES_MAX {
        EXTENSION_BYTES_MAX
    } else {
        list::ITEM_BYTES_MAX
    } + 4,
    check,
};

fn check(window: &Window<'_>, first: usize) -> Checked {
    let lead = lead(window, first);
    if lead == 0 && !may_start(window, first)? {
        return if list::may_continue(window, first)? { listed_behind(window, first) } else { Ok(None) };
    }
    let groups = Groups::read(window, first, first - lead)?;
    let start = groups.start();
    if groups.total() < DIGITS_MIN || !may_start(window, start)? {
        return Ok(None);
    }
    let before = Before::read(window, start);
    if is_postcode(window, start, &groups, &before) {
        return Ok(None);
    }
    let found = match international(window, start, &groups, &before)? {
        Some(found) => Some(found),
        None if has_plus(window, &groups) => None,
        None if let Some(found) = listed(window, &groups, &before, false)? => Some(found),
        None => match north_american(window, start, &groups, &before)? {
            Some(found) => Some(found),
            None => national(window, start, groups, &before)?,
        },
    };
    let Some(found) = found else { return Ok(None) };
    let end = extension_end(window, found.end)?;
    if is_calculated(window, found.start, end)? || is_drawn(window, found.start) {
        return Ok(None);
    }
    Ok(Some(Match { end, ..found }))
}

/// True for digits that are a whole number behind a `+`: one of that form is assigned, or has a possible length and is
/// not short.
pub(crate) fn is_international(number: &[u8]) -> bool {
    match metadata::judge(number) {
        metadata::Validity::Valid => true,
        metadata::Validity::Possible => number.len() > NORTH_AMERICAN_DIGITS,
        metadata::Validity::Impossible => false,
    }
}

/// True for ten digits that North America's plan has, perhaps behind a `1`.
pub(crate) fn is_north_american(number: &[u8]) -> bool {
    let local =
        if number.len() == NORTH_AMERICAN_DIGITS { number } else { number.strip_prefix(b"1").unwrap_or(number) };
    national::is_north_american(local)
}

/// Digits of a number of North America.
const NORTH_AMERICAN_DIGITS: usize = 10;

/// A number that only a space parts from one like it before it.
fn listed_behind(window: &Window<'_>, first: usize) -> Checked {
    let before = Before::read(window, first);
    // Dashes and points tell a number of North America without a word.
    if (window.at(first)? == b'0' || window.at(first + 3)? == b' ') && !is_named(window, first, &before) {
        return Ok(None);
    }
    listed(window, &Groups::read(window, first, first)?, &before, true)
}

/// True for terms of a sum: a sign between spaces and a number stands on either side.
fn is_calculated(window: &Window<'_>, start: usize, end: usize) -> Result<bool, Undecided> {
    let is_sign = |byte: u8| matches!(byte, b'+' | b'*' | b'=');
    let sign_before = [start, start.saturating_sub(1), start.saturating_sub(2), start.saturating_sub(3)];
    let before = sign_before.map(|place| window.before(place));
    let ends_term = |byte: u8| digit(byte) || matches!(byte, b')' | b']');
    let follows = matches!(before, [b' ', sign, b' ', last] if is_sign(sign) && ends_term(last))
        || (window.at(start) == Ok(b'+')
            && window.at(start + 1) == Ok(b' ')
            && matches!(before, [b' ', last, ..] if ends_term(last)));
    let is_factor = window.at(end)? == b'*' && (digit(window.at(end + 1)?) || window.at(end + 1)?.is_ascii_lowercase());
    Ok(follows || is_factor || (window.at(end)? == b' ' && is_sign(window.at(end + 1)?) && window.at(end + 2)? == b' '))
}

/// Bytes of a `+` and a `(` that stand before the first digit.
fn lead(window: &Window<'_>, first: usize) -> usize {
    let marks = [first, first.saturating_sub(1)].map(|place| window.before(place));
    match marks {
        [b'+', b'('] | [b'(', b'+'] => 2,
        [b'+' | b'(', _] => 1,
        _ => 0,
    }
}

/// False inside of words and behind digits that go on into the candidate; a `+` begins anew.
fn may_start(window: &Window<'_>, start: usize) -> Result<bool, Undecided> {
    let before = window.before(start);
    let begins =
        matches!(before, b' ' | b'/' | b',' | b';' | b':') || window.slice(start.saturating_sub(4), start) == CHANNEL;
    if window.at(start) == Ok(b'+') && begins {
        return Ok(true);
    }
    if alphanumeric(before) || matches!(before, b'+' | b'#' | b'$' | b'_' | b'@' | b'=') && glued(window, start) {
        return Ok(false);
    }
    let joins = matches!(before, b'-' | b'.' | b'/' | b',' | b' ' | b')' | b':');
    if !(joins && start > 0 && digit(window.before(start - 1))) {
        return Ok(true);
    }
    Ok(match before {
        b',' => begins_cell(window, start)?,
        b' ' => begins_anew(window, start)?,
        _ => false,
    })
}

/// What a communication number stands behind in UN/EDIFACT: `COM++44...:TE`.
const CHANNEL: &[u8] = b"COM+";

/// True for `(312) 445-1500` and `312-445-1500` right behind another number and a space: nothing else has these groups.
fn begins_anew(window: &Window<'_>, start: usize) -> Result<bool, Undecided> {
    let opens = usize::from(window.at(start)? == b'(');
    let (area, mut at) = (start + opens, start + opens + AREA_DIGITS);
    if window.run(area, AREA_DIGITS + 1, digit)? != AREA_DIGITS || !matches!(window.at(area)?, b'2'..=b'9') {
        return Ok(false);
    }
    let mark = window.at(at)?;
    at += 1;
    if opens == 1 {
        at += usize::from(window.at(at)? == b' ');
    }
    if !(if opens == 1 { mark == b')' } else { matches!(mark, b'-' | b'.') }) || window.run(at, 4, digit)? != 3 {
        return Ok(false);
    }
    let second = window.at(at + 3)?;
    let is_alike = second == mark || opens == 1 && matches!(second, b'-' | b'.');
    Ok(is_alike && window.run(at + 4, 5, digit)? == 4)
}

/// Digits of an area code of North America.
const AREA_DIGITS: usize = 3;

/// True for a number in groups right behind a comma: the next cell of a row. What a comma parts of one number goes on
/// without another mark but one point.
fn begins_cell(window: &Window<'_>, start: usize) -> Result<bool, Undecided> {
    let start = start + usize::from(window.at(start)? == b'(');
    let run = window.run(start, CELL_GROUP_MAX, digit)?;
    let mark = window.at(start + run)?;
    let is_grouped = matches!(mark, b'-' | b' ' | b')' | b'.');
    Ok((2..CELL_GROUP_MAX).contains(&run) && is_grouped)
}

/// Digits of a first group that is too long for a number in groups.
const CELL_GROUP_MAX: usize = 6;

/// True if the last group before `end` is none of a number with thousands in groups, or too long for one: a comma begins the
/// next cell of a row.
fn ends_cell(window: &Window<'_>, end: usize) -> bool {
    let head = window.slice(end.saturating_sub(CELL_GROUP_MAX), end);
    let run = head.iter().rev().take_while(|byte| digit(**byte)).count();
    let mark = head.len().checked_sub(run + 1).and_then(|mark| head.get(mark));
    run >= LONG_GROUP_MIN || matches!(run, 2 | 4) && mark.is_some_and(|mark| matches!(mark, b'-' | b' ' | b'.' | b')'))
}

/// Digits of a group that nobody writes between the commas of an amount.
const LONG_GROUP_MIN: usize = 5;

/// Bytes before a `#` in which a word names what is numbered.
const HASH_BYTES: usize = "phone_number #".len();

/// True if what stands before the mark before `start` is a letter or a digit.
fn glued(window: &Window<'_>, start: usize) -> bool {
    match window.before(start) {
        b'=' => false,
        // `phone #212-555-0123`, not `call #2125550123`.
        b'#' => !Before::read(window, start).has_within(HASH_BYTES, NAMES),
        b'$' => true,
        _ => start > 0 && alphanumeric(window.before(start - 1)),
    }
}

/// True if nothing that belongs to a number or a word goes on at `end`.
fn ends(window: &Window<'_>, end: usize) -> Result<bool, Undecided> {
    Ok(match window.at(end)? {
        b'x' | b'X' => digit(window.at(end + 1)?),
        b',' => !digit(window.at(end + 1)?) || ends_cell(window, end),
        b'-' | b'.' | b'/' | b':' => !digit(window.at(end + 1)?),
        b'%' | b'@' => false,
        next => !alphanumeric(next) && next != b'_',
    })
}

fn has_plus(window: &Window<'_>, groups: &Groups) -> bool {
    window.slice(groups.first().saturating_sub(2), groups.first()).contains(&b'+')
}

/// True if a word before `start` names a telephone.
fn is_named(window: &Window<'_>, start: usize, before: &Before<'_>) -> bool {
    before.has(STRONG) || context::precedes_text(window, start, FOREIGN)
}

/// True behind a word and a dash, unless the word is for a telephone: `id-1.9.21.2.4`, `KEM-512/768/1024`.
fn is_part_of_name(window: &Window<'_>, start: usize, before: &Before<'_>) -> bool {
    if window.before(start) != b'-' {
        return false;
    }
    let head = window.slice(start.saturating_sub(HASH_BYTES), start - 1);
    let bytes = head.iter().rev().take_while(|byte| alphanumeric(**byte) || **byte == b'_').count();
    bytes > 0 && ![NAMES, STRONG, WEAK].iter().any(|words| before.has_within(bytes + 1, words))
}

/// True if nothing is joined to what begins at `start`.
fn stands_free(window: &Window<'_>, start: usize) -> bool {
    let before = window.before(start);
    matches!(
        before,
        b' ' | b'\t' | b'\n' | b'\r' | b'"' | b'\'' | b'`' | b'*' | b'(' | b'[' | b'>' | b',' | b';' | b'|'
    ) || matches!(before, BOUNDARY | NUMBER_BOUNDARY | b':')
        || !before.is_ascii()
}

#[cfg(test)]
mod tests;
