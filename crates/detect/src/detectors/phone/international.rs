//! Numbers with a calling code, behind `+` or the digits that are dialled before one (ITU-T E.164).

use super::groups::Groups;
use super::metadata::{self, Validity};
use super::{E164_DIGITS_MAX, INTERNATIONAL, ends, has_plus, is_named, stands_free};
use crate::context::Before;
use crate::window::{Checked, Match, Undecided, Window};

/// Digits behind `+` that are a telephone number though none of that form is assigned.
const LONG_DIGITS_MIN: usize = 10;

pub(super) fn international(window: &Window<'_>, start: usize, groups: &Groups, before: &Before<'_>) -> Checked {
    let plus = has_plus(window, groups) || is_linked(window, start);
    let Some(prefix) = (if plus { Some(0) } else { exit_digits(groups) }) else { return Ok(None) };
    if groups.is_decimal() || groups.looks_like_date() {
        return Ok(None);
    }
    let Some((validity, end, total)) = best_end(window, groups, prefix)? else { return Ok(None) };
    let grouped = groups.count() > 1;
    let spread = grouped && groups.longest() >= 3;
    let named = || is_named(window, start, before);
    let is_exited = looks_exited(groups, prefix) || validity == Validity::Valid && is_in_fours(window, start, groups);
    let exited = is_exited && stands_free(window, start);
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

/// True in the address of a chat, which has the number without its `+`: `https://wa.me/4917112345678`.
fn is_linked(window: &Window<'_>, start: usize) -> bool {
    const HOST: &[u8] = b"wa.me/";
    window.slice(start.saturating_sub(HOST.len()), start) == HOST
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

/// True if a prefix such as `00` stands apart, alone or with the calling code, before a number that is
/// long enough and not written in fours: tables of code points are full of `0031 2044 0034`.
fn looks_exited(groups: &Groups, prefix: usize) -> bool {
    let code = groups.digits().get(prefix..).and_then(metadata::country).map(|(_, digits)| digits);
    let apart = groups.length(0) == prefix || code.is_some_and(|code| groups.length(0) == prefix + code);
    apart && groups.total() >= prefix + LONG_DIGITS_MIN && !groups.are_of(4)
}

/// True for `0065 8123 0096` behind a word or a comma of a sentence: a code of two digits and a number of eight.
fn is_in_fours(window: &Window<'_>, start: usize, groups: &Groups) -> bool {
    let head = window.slice(start.saturating_sub(2), start);
    groups.count() == 3
        && groups.are_of(4)
        && groups.digits().get(4) != Some(&b'0')
        && matches!(head, [before, b' ' | b'\n'] if before.is_ascii_lowercase() || matches!(before, b',' | b':'))
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
