//! Telephone numbers: international (ITU-T E.164, with `+` or `00`), North American (NANPA: area
//! and exchange codes are `[2-9]XX`, no service codes), and any other national form beside a context
//! word.
//!
//! Groups may be separated by spaces, dashes, points and parentheses; an extension belongs to the
//! number. Near misses: dates, addresses, versions, card and social security numbers (which other
//! detectors claim first), decimals, numbers in identifiers.

mod groups;

use self::groups::Groups;
use super::{Detector, Trigger};
use crate::context::{self, Words};
use crate::entity::EntityType;
use crate::text::{alphanumeric, digit, digits, value};
use crate::window::{Checked, Match, Undecided, Window};

const INTERNATIONAL: usize = 0;
const NORTH_AMERICAN: usize = 1;
const NATIONAL: usize = 2;

/// Digits of the longest number (E.164 section 6.1), and two for the prefix `00`.
const DIGITS_MAX: usize = 17;
const EXTENSION_DIGITS_MAX: usize = 6;
const CONTEXT_AFTER_BYTES: usize = 12;
/// Bytes before digits in which an assignment is looked for.
const NEAR_BYTES: usize = 24;
/// A mark, the longest word and what ends it.
const CONTEXT_RIGHT_AFTER_BYTES: usize = "-mobile.".len();

/// The detector.
pub(crate) static DETECTOR: Detector = Detector {
    entity: EntityType::PhoneNumber,
    rules: &["phone-international", "phone-north-american", "phone-national"],
    trigger: Trigger::Digit,
    match_bytes_max: groups::BYTES_MAX + " extension. ".len() + EXTENSION_DIGITS_MAX,
    lookahead_bytes: " extension. ".len() + EXTENSION_DIGITS_MAX + 1,
    check,
};

/// Words that name a telephone.
const STRONG: &Words = &[
    b"phone*",
    b"tel",
    b"tel.",
    b"telephone*",
    b"telefon*",
    b"tel\xc3\xa9fono",
    b"mobile*",
    b"mobil",
    b"cell",
    b"cellphone*",
    b"fax*",
    b"call",
    b"dial",
    b"sms",
    b"whatsapp*",
    b"hotline*",
    b"landline*",
    b"handy",
    b"rufnummer",
    b"portable",
    b"m\xc3\xb3vil",
    b"celular",
];

/// Of these, the words that mean nothing else.
const NAMES: &Words = &[
    b"phone",
    b"phones",
    b"phonenumber*",
    b"telephone*",
    b"telefon*",
    b"tel",
    b"mobile*",
    b"cellphone*",
    b"fax",
    b"whatsapp*",
];

/// Words that make digits in groups a telephone number, but not a bare number.
const WEAK: &Words = &[
    b"desk",
    b"office",
    b"home",
    b"work",
    b"contact*",
    b"reach*",
    b"answering",
    b"text me",
    b"messages to",
    b"registered",
    b"voicemail",
    b"pager",
    b"ring",
];

/// Words behind a number that say what it was.
const AFTER: &Words = &[b"office", b"fax", b"mobile", b"cell", b"home", b"desk", b"phone", b"work", b"tel"];

/// Words right behind a bare number that say what it was.
const RIGHT_AFTER: &Words = &[b"fax", b"mobile", b"cell", b"phone", b"tel"];

fn check(window: &Window<'_>, first: usize) -> Checked {
    let lead = lead(window, first);
    if lead == 0 && !may_start(window, first) {
        return Ok(None);
    }
    let groups = Groups::read(window, first, first - lead)?;
    let start = groups.start();
    if groups.total() < 7 || !may_start(window, start) {
        return Ok(None);
    }
    let found = match international(window, start, &groups)? {
        Some(found) => Some(found),
        None if window.before(first) == b'+' => None,
        None => match north_american(window, start, &groups)? {
            Some(found) => Some(found),
            None => national(window, start, &groups)?,
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

/// False inside of words and behind digits that go on into the candidate.
fn may_start(window: &Window<'_>, start: usize) -> bool {
    let before = window.before(start);
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

fn international(window: &Window<'_>, start: usize, groups: &Groups) -> Checked {
    let number = groups.digits();
    let (prefix, percent) = if window.slice(start, groups.first()).contains(&b'+') {
        (0, 95)
    } else if number.starts_with(b"00") && groups.count() > 1 {
        (2, 80)
    } else {
        return Ok(None);
    };
    let Some((least, most)) = country_lengths(number.get(prefix..).unwrap_or_default()) else {
        return Ok(None);
    };
    if groups.is_decimal() || (prefix > 0 && groups.longest() < 3) {
        return Ok(None);
    }
    for (total, end) in groups.ends_longest_first() {
        let length = total.saturating_sub(prefix);
        if (least..=most).contains(&length) && ends(window, end)? {
            return Ok(Some(Match::new(start, end, INTERNATIONAL, percent)));
        }
    }
    Ok(None)
}

/// Fewest and most digits of a number with its country code (ITU-T E.164 list of assigned codes),
/// where it begins with one.
fn country_lengths(number: &[u8]) -> Option<(usize, usize)> {
    let code = number.get(..3).map(value)?;
    match (code / 100, code / 10, code) {
        (1, _, 120..=199) | (7, 73..=79, _) => Some((11, 11)),
        (_, 33 | 34 | 48 | 61, _) => Some((11, 11)),
        (_, 44, _) => Some((11, 12)),
        (_, 39 | 43 | 49 | 62 | 86 | 95, _) => Some((9, 15)),
        (_, 20 | 27 | 30..=32 | 36 | 40 | 41 | 45..=47 | 51..=58 | 60 | 63..=66, _) => Some((10, 13)),
        (_, 81 | 82 | 84 | 90..=94 | 98, _) => Some((10, 13)),
        (_, _, 211..=213 | 216 | 218 | 220..=258 | 260..=269 | 290 | 291 | 297..=299)
        | (_, _, 350..=359 | 370..=378 | 380..=383 | 385..=387 | 389)
        | (_, _, 420 | 421 | 423 | 500..=509 | 590..=599 | 670 | 672..=683 | 685..=692)
        | (_, _, 800 | 808 | 850 | 852 | 853 | 855 | 856 | 870 | 878 | 880..=883 | 886 | 888)
        | (_, _, 960..=968 | 970..=977 | 979 | 992..=996 | 998) => Some((8, 15)),
        _ => None,
    }
}

fn north_american(window: &Window<'_>, start: usize, groups: &Groups) -> Checked {
    let number = groups.digits();
    let (skip, country) = if groups.length(0) == 1 && number.first() == Some(&b'1') { (1, 1) } else { (0, 0) };
    let shape = [groups.length(skip), groups.length(skip + 1), groups.length(skip + 2)];
    let Some(local) = number.get(country..country + 10) else { return Ok(None) };
    if shape != [3, 3, 4] || !groups.is_consistent(skip) || !is_north_american(local) {
        return Ok(None);
    }
    let Some(end) = groups.end(skip + 2) else { return Ok(None) };
    if !ends(window, end)? || (groups.count() > skip + 3 && groups.is_spaced(skip + 1)) {
        return Ok(None);
    }
    let in_context = context::precedes(window, start, STRONG);
    let percent = if in_context {
        95
    } else if groups.is_spaced(skip + 1) {
        60
    } else {
        85
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

fn national(window: &Window<'_>, start: usize, groups: &Groups) -> Checked {
    let Some(end) = groups.end(groups.count().saturating_sub(1)) else { return Ok(None) };
    let other = groups.is_cut() || groups.is_decimal() || groups.looks_like_date() || groups.ends_like_ssn();
    if other || !(7..=13).contains(&groups.total()) || !ends(window, end)? {
        return Ok(None);
    }
    let bare = groups.count() == 1;
    let strong = if bare { names_bare(window, start, groups) } else { context::precedes(window, start, STRONG) };
    let accepted = strong
        || if bare {
            context::follows(window, end, CONTEXT_RIGHT_AFTER_BYTES, RIGHT_AFTER)?
        } else {
            context::precedes(window, start, WEAK) || context::follows(window, end, CONTEXT_AFTER_BYTES, AFTER)?
        };
    Ok(accepted.then_some(Match::new(start, end, NATIONAL, if strong { 75 } else { 60 })))
}

/// True if a word before digits without groups names a telephone. Constants of programs stand behind
/// `CALL` and `SMS` too, so those count in prose only.
fn names_bare(window: &Window<'_>, start: usize, groups: &Groups) -> bool {
    let near = window.slice(start.saturating_sub(NEAR_BYTES), start);
    let may_be_dialled = groups.digits().starts_with(b"0") || is_north_american(groups.digits());
    context::precedes(window, start, NAMES)
        || (may_be_dialled && !near.contains(&b'=') && context::precedes(window, start, STRONG))
}

/// The end of an extension at `end` (`x123`, `ext. 123`, `#123`), or `end` if there is none.
fn extension_end(window: &Window<'_>, end: usize) -> Result<usize, Undecided> {
    let mut at = end;
    if window.at(at)? == b',' {
        at += 1;
    }
    if window.at(at)? == b' ' {
        at += 1;
    }
    let word = window.run(at, "extension".len() + 1, |byte| byte.is_ascii_alphabetic())?;
    let name = window.slice(at, at + word);
    let marks = [b"x".as_slice(), b"ext", b"extension", b"extn"];
    if marks.iter().any(|mark| name.eq_ignore_ascii_case(mark)) {
        at += word;
    } else if word == 0 && window.at(at)? == b'#' {
        at += 1;
    } else {
        return Ok(end);
    }
    if word > 1 && matches!(window.at(at)?, b'.' | b':') {
        at += 1;
    }
    if window.at(at)? == b' ' {
        at += 1;
    }
    let length = digits(window, at, EXTENSION_DIGITS_MAX + 1)?;
    let valid = (1..=EXTENSION_DIGITS_MAX).contains(&length) && !alphanumeric(window.at(at + length)?);
    Ok(if valid { at + length } else { end })
}

#[cfg(test)]
mod tests;
