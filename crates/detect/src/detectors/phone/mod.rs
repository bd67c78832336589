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
mod metadata;
mod words;

use self::extension::{EXTENSION_BYTES_MAX, extension_end};
use self::groups::Groups;
use self::metadata::Validity;
use self::words::{AFTER, CONTACT, FOREIGN, NAMES, OTHERS, PERSONAL, RIGHT_AFTER, STRONG, WEAK};
use super::{Detector, Trigger};
use crate::context;
use crate::entity::EntityType;
use crate::text::{alphanumeric, digit};
use crate::window::{BOUNDARY, Checked, Match, NUMBER_BOUNDARY, Undecided, Window};

const INTERNATIONAL: usize = 0;
const NORTH_AMERICAN: usize = 1;
const NATIONAL: usize = 2;

/// Digits of the longest number (E.164 section 6.1).
const E164_DIGITS_MAX: usize = 15;
/// The same with a prefix such as `011`.
const DIGITS_MAX: usize = E164_DIGITS_MAX + 3;
/// Digits behind `+` that are a telephone number though none of that form is assigned.
const LONG_DIGITS_MIN: usize = 10;
/// Digits of the shortest.
const DIGITS_MIN: usize = 7;
/// Digits of the shortest number before digits that are not its own.
const PART_DIGITS_MIN: usize = 9;
const CONTEXT_AFTER_BYTES: usize = 12;
/// Bytes before digits in which an assignment is looked for.
const NEAR_BYTES: usize = 24;
/// Bytes before digits in which the word must stand that a dash glues to them.
const GLUED_BYTES: usize = "telephone-".len();
/// A mark, the longest word and what ends it.
const CONTEXT_RIGHT_AFTER_BYTES: usize = "-mobile.".len();
/// The calling codes of numbers that are recognised by their groups.
const NORTH_AMERICA: u16 = 1;
const RUSSIA: u16 = 7;
const AUSTRALIA: u16 = 61;
const CHINA: u16 = 86;

/// The detector.
pub(crate) static DETECTOR: Detector = Detector {
    entity: EntityType::PhoneNumber,
    rules: &["phone-international", "phone-north-american", "phone-national"],
    trigger: Trigger::Digit,
    match_bytes_max: groups::BYTES_MAX + EXTENSION_BYTES_MAX,
    lookahead_bytes: EXTENSION_BYTES_MAX + 1,
    check,
};

fn check(window: &Window<'_>, first: usize) -> Checked {
    let lead = lead(window, first);
    if lead == 0 && !may_start(window, first) {
        return Ok(None);
    }
    let groups = Groups::read(window, first, first - lead)?;
    let start = groups.start();
    if groups.total() < DIGITS_MIN || !may_start(window, start) {
        return Ok(None);
    }
    let found = match international(window, start, &groups)? {
        Some(found) => Some(found),
        None if has_plus(window, &groups) => None,
        None => match north_american(window, start, &groups)? {
            Some(found) => Some(found),
            None => national(window, start, groups)?,
        },
    };
    let Some(found) = found else { return Ok(None) };
    let end = extension_end(window, found.end)?;
    Ok(Some(Match { end, ..found }))
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
fn may_start(window: &Window<'_>, start: usize) -> bool {
    let before = window.before(start);
    if window.at(start) == Ok(b'+') && matches!(before, b' ' | b'/' | b',' | b';' | b':') {
        return true;
    }
    if alphanumeric(before) || matches!(before, b'+' | b'#' | b'$' | b'_' | b'@' | b'=') && glued(window, start) {
        return false;
    }
    let joins = matches!(before, b'-' | b'.' | b'/' | b',' | b' ' | b')' | b':');
    !(joins && start > 0 && digit(window.before(start - 1)))
}

/// True if what stands before the mark before `start` is a letter or a digit.
fn glued(window: &Window<'_>, start: usize) -> bool {
    match window.before(start) {
        b'=' => false,
        b'#' | b'$' => true,
        _ => start > 0 && alphanumeric(window.before(start - 1)),
    }
}

/// True if nothing that belongs to a number or a word goes on at `end`.
fn ends(window: &Window<'_>, end: usize) -> Result<bool, Undecided> {
    Ok(match window.at(end)? {
        b'x' | b'X' => digit(window.at(end + 1)?),
        b'-' | b'.' | b'/' | b':' | b',' => !digit(window.at(end + 1)?),
        b'%' | b'@' => false,
        next => !alphanumeric(next) && next != b'_',
    })
}

fn has_plus(window: &Window<'_>, groups: &Groups) -> bool {
    window.slice(groups.first().saturating_sub(2), groups.first()).contains(&b'+')
}

/// Digits that are dialled before a calling code: `00`, in North America `011`, in Australia `0011`.
fn exit_digits(groups: &Groups) -> Option<usize> {
    let number = groups.digits();
    match groups.length(0) {
        3 if number.starts_with(b"011") => Some(3),
        4 if number.starts_with(b"0011") => Some(4),
        2.. if number.starts_with(b"00") => Some(2),
        _ => None,
    }
}

fn international(window: &Window<'_>, start: usize, groups: &Groups) -> Checked {
    let plus = has_plus(window, groups);
    let Some(prefix) = (if plus { Some(0) } else { exit_digits(groups) }) else { return Ok(None) };
    if groups.is_decimal() || groups.looks_like_date() {
        return Ok(None);
    }
    let Some((validity, end, total)) = best_end(window, groups, prefix)? else { return Ok(None) };
    let grouped = groups.count() > 1;
    let spread = grouped && groups.longest() >= 3;
    let named = || is_named(window, start);
    let exited = looks_exited(groups, prefix) && stands_free(window, start);
    if !(plus || exited || !grouped || named()) {
        return Ok(None);
    }
    // Changed files show lines that begin with `+`.
    let free = total >= LONG_DIGITS_MIN && window.before(start) != b'\n';
    let percent = match (validity, plus) {
        (Validity::Valid, true) => 95,
        (Validity::Valid, false) if spread => 80,
        (Validity::Possible, true) if spread || free || named() => 75,
        (Validity::Possible, false) if spread && prefix == 2 => 60,
        (Validity::Impossible, true) if spread && (total >= LONG_DIGITS_MIN || named()) => 60,
        (Validity::Valid | Validity::Possible, false) if !grouped && named() => 75,
        _ => return Ok(None),
    };
    Ok(Some(Match::new(start, end, INTERNATIONAL, percent)))
}

/// True if a prefix such as `00` stands apart, alone or with the calling code, before a number that is
/// long enough and not written in fours: tables of code points are full of `0031 2044 0034`.
fn looks_exited(groups: &Groups, prefix: usize) -> bool {
    let code = groups.digits().get(prefix..).and_then(metadata::country).map(|(_, digits)| digits);
    let apart = groups.length(0) == prefix || code.is_some_and(|code| groups.length(0) == prefix + code);
    apart && groups.total() >= prefix + LONG_DIGITS_MIN && !groups.are_of(4)
}

/// Where an international number ends, and after how many digits: behind the last group if its
/// length is possible then, or where it is longest and assigned, or longest and possible, or longest.
fn best_end(
    window: &Window<'_>,
    groups: &Groups,
    prefix: usize,
) -> Result<Option<(Validity, usize, usize)>, Undecided> {
    let mut best: Option<(Validity, usize, usize)> = None;
    for (total, end) in groups.ends_longest_first() {
        let number = groups.digits().get(prefix..total).unwrap_or_default();
        let validity = metadata::judge(number);
        if !is_plausible(validity, number) || !ends(window, end)? {
            continue;
        }
        let is_last = total == groups.total() && !groups.is_cut();
        if validity == Validity::Valid || (is_last && validity == Validity::Possible) {
            return Ok(Some((validity, end, total)));
        }
        if best.is_none_or(|(known, ..)| known < validity) {
            best = Some((validity, end, total));
        }
    }
    Ok(best)
}

/// False for what is longer than any number or begins with no calling code, for round counts, and for
/// an area code that North America cannot have. Lengths change, so one that the metadata does not
/// know may still be a number.
fn is_plausible(validity: Validity, number: &[u8]) -> bool {
    let is_north_american = number.first() == Some(&b'1');
    match validity {
        Validity::Valid => true,
        Validity::Possible => !number.ends_with(b"00000") && !matches!(number, [b'1', b'0' | b'1', ..]),
        Validity::Impossible => {
            !is_north_american
                && number.len() <= E164_DIGITS_MAX
                && !number.ends_with(b"00000")
                && metadata::country(number).is_some()
        }
    }
}

/// True if a word before `start` names a telephone.
fn is_named(window: &Window<'_>, start: usize) -> bool {
    context::precedes(window, start, STRONG) || context::precedes_text(window, start, FOREIGN)
}

/// True if a word right before `start` names a number of another kind, and none there a telephone.
fn is_named_otherwise(window: &Window<'_>, start: usize) -> bool {
    let near = start.saturating_sub(NEAR_BYTES);
    context::precedes_within(window, near, start, OTHERS)
        && ![STRONG, NAMES, WEAK].iter().any(|words| context::precedes_within(window, near, start, words))
}

fn is_assigned(country: u16, number: &[u8]) -> bool {
    metadata::with_code(country).is_some_and(|country| country.judge(number) == Validity::Valid)
}

fn north_american(window: &Window<'_>, start: usize, groups: &Groups) -> Checked {
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
    if is_named_otherwise(window, start) {
        return Ok(None);
    }
    let percent = if is_named(window, start) {
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
fn is_north_american(number: &[u8]) -> bool {
    let code = |at: usize| {
        let code = number.get(at..at + 3).unwrap_or_default();
        code.first().is_some_and(|first| *first >= b'2') && !code.ends_with(b"11")
    };
    number.len() == 10 && code(0) && code(3)
}

fn national(window: &Window<'_>, start: usize, groups: Groups) -> Checked {
    let mut groups = groups;
    if groups.is_cut() || groups.is_decimal() || groups.looks_like_date() || groups.is_one_digit() {
        return Ok(None);
    }
    if is_named_otherwise(window, start) {
        return Ok(None);
    }
    let named = is_named(window, start);
    loop {
        let found = national_whole(window, start, &groups, named)?;
        // What follows behind a space may be another number: a time, a count.
        if found.is_some() || !groups.drop_last() || groups.total() < PART_DIGITS_MIN {
            return Ok(found);
        }
    }
}

/// Decides about all groups together.
fn national_whole(window: &Window<'_>, start: usize, groups: &Groups, named: bool) -> Checked {
    let Some(end) = groups.end(groups.count().saturating_sub(1)) else { return Ok(None) };
    let other = groups.ends_like_ssn() || groups.ends_like_date() || groups.longest() < 2;
    if other || !(DIGITS_MIN..=13).contains(&groups.total()) || !ends(window, end)? {
        return Ok(None);
    }
    let percent = if groups.count() == 1 {
        if names_bare(window, start, groups) {
            75
        } else if context::follows(window, end, CONTEXT_RIGHT_AFTER_BYTES, RIGHT_AFTER)? {
            60
        } else {
            return Ok(None);
        }
    } else if groups.are_of(2) && is_dump(window, start, end)? {
        return Ok(None);
    } else if named {
        75
    } else if context::precedes(window, start, WEAK)
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

/// True if a word before digits without groups names a telephone. Constants of programs stand behind
/// `CALL` and `SMS` too, so those count in prose only, or before a trunk prefix.
fn names_bare(window: &Window<'_>, start: usize, groups: &Groups) -> bool {
    if matches!(window.before(start), b'-' | b'_') && alphanumeric(window.before(start.saturating_sub(1))) {
        return context::precedes_within(window, start.saturating_sub(GLUED_BYTES), start, NAMES);
    }
    if context::precedes(window, start, NAMES) || context::precedes_text(window, start, FOREIGN) {
        return true;
    }
    let from = start.saturating_sub(NEAR_BYTES);
    let near = window.slice(from, start);
    let trunk = matches!(groups.digits(), [b'0', b'1'..=b'9', ..]) && groups.total() >= PART_DIGITS_MIN;
    if near.contains(&b'_') || (near.contains(&b'=') && !trunk) {
        return false;
    }
    let american = is_north_american(groups.digits());
    let personal = context::precedes_within(window, from, start, PERSONAL);
    ((trunk || american || personal) && context::precedes(window, start, STRONG))
        || ((trunk || (american && personal)) && context::precedes_within(window, from, start, CONTACT))
}

/// True if groups are a number by their look alone.
fn stands_as_number(window: &Window<'_>, start: usize, groups: &Groups) -> bool {
    let number = groups.digits();
    let looks = groups.look_dialled()
        || match groups.shape() {
            [1, 3, 3, 2, 2] => number.starts_with(b"8") && groups.count() == 5 && is_assigned(RUSSIA, number),
            [3, 4, 4, 0, _] => number.starts_with(b"1") && is_assigned(CHINA, number),
            [4, 3, 3, 0, _] => number.starts_with(b"1") && is_assigned(AUSTRALIA, number),
            [area @ 1..=3, ..] if groups.first_closes() => {
                let code = metadata::country(number).map(|(_, digits)| digits);
                code == Some(area) && metadata::judge(number) == Validity::Valid
            }
            _ => false,
        };
    looks && stands_free(window, start)
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

#[cfg(test)]
mod tests;
