//! Numbers as they are dialled within a country: North American ones, which have one form, and all others,
//! which a word or their look tells.

use super::extension::extension_end;
use super::groups::Groups;
use super::label::is_labelled_otherwise;
use super::metadata::{self, Validity};
use super::words::{AFTER, CONTACT, FOREIGN, NAMES, PERSONAL, POSTAL, RIGHT_AFTER, STRONG, WEAK};
use super::{DIGITS_MIN, NATIONAL, NEAR_BYTES, NORTH_AMERICAN, ends, is_named, is_part_of_name, stands_free};
use crate::context::{self, Before};
use crate::detectors::ids;
use crate::text::alphanumeric;
use crate::window::{Checked, Match, Undecided, Window};

/// Digits of the longest national number.
const NATIONAL_DIGITS_MAX: usize = 13;
/// Digits of the longest numbers of mobile telephones in Germany, with the trunk prefix.
const GERMAN_MOBILE_DIGITS: usize = 12;
/// Digits of the shortest number before digits that are not its own.
const PART_DIGITS_MIN: usize = 9;
/// Digits of the shortest area code with its trunk prefix that a point may part from the rest.
const AREA_DIGITS_MIN: usize = 3;
/// Bytes behind groups within which a word that says what they were begins and ends.
const CONTEXT_AFTER_BYTES: usize = 12;
/// A mark, the longest word and what ends it.
const CONTEXT_RIGHT_AFTER_BYTES: usize = "-mobile.".len();
/// The same of ` was her telephone` and what ends it.
const CONTEXT_EXPLAINED_BYTES: usize = " was their phone ".len();
/// Bytes before digits in which the word must stand that a dash glues to them.
const GLUED_BYTES: usize = "telephone-".len();
/// The calling codes of numbers that are recognised by their groups.
const NORTH_AMERICA: u16 = 1;
const RUSSIA: u16 = 7;
const GERMANY: u16 = 49;
const AUSTRALIA: u16 = 61;
const CHINA: u16 = 86;

pub(super) fn north_american(window: &Window<'_>, start: usize, groups: &Groups, before: &Before<'_>) -> Checked {
    let number = groups.digits();
    let (skip, country) = if groups.length(0) == 1 && number.first() == Some(&b'1') { (1, 1) } else { (0, 0) };
    let Some(local) = number.get(country..country + 10) else { return Ok(None) };
    let shape = [groups.length(skip), groups.length(skip + 1), groups.length(skip + 2)];
    let (last, formed) = match shape {
        [3, 3, 4] => (skip + 2, groups.is_consistent(skip)),
        [3, 7, _] => (skip + 1, groups.first_closes() && is_assigned(NORTH_AMERICA, local)),
        _ => return Ok(None),
    };
    let Some(end) = groups.end(last).filter(|_| formed && is_north_american(local)) else { return Ok(None) };
    if !ends(window, end)? || (groups.count() > last + 1 && groups.is_spaced(last - 1)) {
        return Ok(None);
    }
    // `1.319 590 8951`: a fraction in groups.
    let is_fraction = skip == 1 && groups.is_decimal();
    let is_listing = || groups.is_slashed(skip) && is_part_of_name(window, start, before);
    if is_labelled_otherwise(window, groups, before) || is_fraction || is_listing() {
        return Ok(None);
    }
    let percent = if is_named(window, start, before) {
        95
    } else if !groups.is_spaced(last - 1) {
        85
    } else if is_assigned(NORTH_AMERICA, local) {
        60
    } else {
        return Ok(None);
    };
    Ok(Some(Match::new(start, end, NORTH_AMERICAN, percent)))
}

/// `[2-9]XX [2-9]XX XXXX`, neither of the first two a service code such as 911.
pub(super) fn is_north_american(number: &[u8]) -> bool {
    let code = |at: usize| {
        let code = number.get(at..at + 3).unwrap_or_default();
        code.first().is_some_and(|first| *first >= b'2') && !code.ends_with(b"11")
    };
    number.len() == 10 && code(0) && code(3)
}

pub(super) fn national(window: &Window<'_>, start: usize, groups: Groups, before: &Before<'_>) -> Checked {
    let mut groups = groups;
    if groups.is_cut() || groups.looks_like_date() || groups.is_one_digit() {
        return Ok(None);
    }
    if is_labelled_otherwise(window, &groups, before)
        || is_advisory(window, start)
        || is_part_of_name(window, start, before)
    {
        return Ok(None);
    }
    let named = is_named(window, start, before);
    // No decimal has zeros before an area code's digits: `07400.123814`.
    let led = named && groups.length(0) >= AREA_DIGITS_MIN && groups.digits().first() == Some(&b'0');
    if groups.is_decimal() && !led {
        return Ok(None);
    }
    loop {
        let found = national_whole(window, start, &groups, named, before)?;
        // What follows behind a space may be another number: a time, a count.
        if found.is_some() || !groups.drop_last() || groups.total() < PART_DIGITS_MIN {
            return Ok(found);
        }
    }
}

/// True for `62701-1234` behind a state or a word for a postcode (United States Postal Service, Publication 28).
pub(super) fn is_postcode(window: &Window<'_>, start: usize, groups: &Groups, before: &Before<'_>) -> bool {
    if groups.length(0) != 5 || groups.length(1) != 4 || groups.count() != 2 || window.at(start + 5) != Ok(b'-') {
        return false;
    }
    let head = window.slice(start.saturating_sub(5), start).trim_ascii_end();
    let is_state = match head {
        [before @ .., first, second] => {
            first.is_ascii_uppercase()
                && second.is_ascii_uppercase()
                && before.last().is_none_or(|byte| !alphanumeric(*byte))
        }
        _ => false,
    };
    is_state || before.has_within(NEAR_BYTES, POSTAL)
}

/// True behind `CVE-`.
fn is_advisory(window: &Window<'_>, start: usize) -> bool {
    window.slice(start.saturating_sub(4), start).eq_ignore_ascii_case(b"CVE-")
}

/// Decides about all groups together.
fn national_whole(window: &Window<'_>, start: usize, groups: &Groups, named: bool, before: &Before<'_>) -> Checked {
    let Some(end) = groups.end(groups.count().saturating_sub(1)) else { return Ok(None) };
    let other = groups.ends_like_ssn() || groups.ends_like_date() || groups.longest() < 2;
    if other || !(DIGITS_MIN..=NATIONAL_DIGITS_MAX).contains(&groups.total()) || !ends(window, end)? {
        return Ok(None);
    }
    let percent = if groups.count() == 1 {
        if names_bare(window, start, groups, before) {
            75
        } else if context::follows(window, end, CONTEXT_RIGHT_AFTER_BYTES, RIGHT_AFTER)?
            || ids::is_explained(window, end)? && context::follows(window, end, CONTEXT_EXPLAINED_BYTES, NAMES)?
        {
            60
        } else {
            return Ok(None);
        }
    } else if groups.are_of(2) && is_dump(window, start, end)? {
        return Ok(None);
    } else if named {
        75
    } else if before.has(WEAK)
        || context::follows(window, end, CONTEXT_AFTER_BYTES, AFTER)?
        || (groups.is_north_american_form() && extension_end(window, end)? > end)
    {
        60
    } else if stands_as_number(window, start, groups) {
        // By its form alone: an identifier with a check digit is likelier.
        45
    } else {
        return Ok(None);
    };
    Ok(Some(Match::new(start, end, NATIONAL, percent)))
}

/// What says in a PER segment of ASC X12 that a number follows (data element 365): telephone, cellular, home, work, fax.
const QUALIFIERS: &[&[u8]] = &[b"*TE*", b"*CP*", b"*HP*", b"*WP*", b"*FX*"];
const QUALIFIER_BYTES: usize = 4;

/// True if a word before digits without groups names a telephone. Constants of programs stand behind
/// `CALL` and `SMS` too, so those count in prose only, or before a trunk prefix.
fn names_bare(window: &Window<'_>, start: usize, groups: &Groups, before: &Before<'_>) -> bool {
    if matches!(window.before(start), b'-' | b'_') && alphanumeric(window.before(start.saturating_sub(1))) {
        return before.has_within(GLUED_BYTES, NAMES);
    }
    if QUALIFIERS.contains(&window.slice(start.saturating_sub(QUALIFIER_BYTES), start)) {
        return true;
    }
    let named = context::nearest(window, start, STRONG).unwrap_or(usize::MAX);
    if ids::is_named_time(window, start, groups.digits(), named) {
        return false;
    }
    if before.has(NAMES) || context::precedes_text(window, start, FOREIGN) {
        return true;
    }
    let from = start.saturating_sub(NEAR_BYTES);
    let near = window.slice(from, start);
    let trunk = matches!(groups.digits(), [b'0', b'1'..=b'9', ..]) && groups.total() >= PART_DIGITS_MIN;
    if near.contains(&b'_') || (near.contains(&b'=') && !trunk) {
        return false;
    }
    let american = is_north_american(groups.digits());
    let personal = before.has_within(NEAR_BYTES, PERSONAL);
    ((trunk || american || personal) && before.has(STRONG))
        || ((trunk || (american && personal)) && before.has_within(NEAR_BYTES, CONTACT))
}

/// True if groups are a number by their look alone.
fn stands_as_number(window: &Window<'_>, start: usize, groups: &Groups) -> bool {
    let number = groups.digits();
    let looks = groups.look_dialled()
        || match groups.shape() {
            [1, 3, 3, 2, 2] => number.starts_with(b"8") && groups.count() == 5 && is_assigned(RUSSIA, number),
            [3, 4, 4, 0, _] => number.starts_with(b"1") && is_assigned(CHINA, number),
            [4 | 5, 7 | 8, 0, 0, _] => number.len() == GERMAN_MOBILE_DIGITS && is_german_mobile(number),
            [4, 3, 3, 0, _] => number.starts_with(b"1") && is_assigned(AUSTRALIA, number),
            [area @ 1..=3, ..] if groups.first_closes() => {
                let code = metadata::country(number).map(|(_, digits)| digits);
                code == Some(area) && metadata::judge(number) == Validity::Valid
            }
            _ => false,
        };
    looks && stands_free(window, start)
}

/// True for `0151 23985579`: one digit more than others with a trunk prefix.
fn is_german_mobile(number: &[u8]) -> bool {
    matches!(number, [b'0', b'1', b'5'..=b'7', ..]) && is_assigned(GERMANY, number)
}

fn is_assigned(country: u16, number: &[u8]) -> bool {
    metadata::with_code(country).is_some_and(|country| country.judge(number) == Validity::Valid)
}

/// True if two hexadecimal digits stand alone next to pairs of digits: bytes, not a number.
fn is_dump(window: &Window<'_>, start: usize, end: usize) -> Result<bool, Undecided> {
    let before = window.slice(start.saturating_sub(3), start);
    let is_pair = |pair: &[u8]| pair.iter().all(u8::is_ascii_hexdigit);
    if matches!(before, [first, second, b' '] if is_pair(&[*first, *second])) {
        return Ok(true);
    }
    if window.at(end)? != b' ' {
        return Ok(false);
    }
    let digits = window.run(end + 1, 3, |byte| byte.is_ascii_hexdigit())?;
    Ok(digits == 2 && !alphanumeric(window.at(end + 3)?))
}
