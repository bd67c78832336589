//! IPv4 addresses in dotted decimal, with an optional prefix length (RFC 6943 section 3.1.1 strict
//! form; RFC 4632 section 3.1).
//!
//! Four numbers from 0 to 255 without leading zeros. Near misses: versions (`1.2.3.4.5`, `v1.2.3.4`,
//! `Chrome/120.0.0.0`, "version 1.2.3.4"), section numbers, object identifiers.

use super::{Detector, Trigger, ipv6};
use crate::entity::EntityType;
use crate::text::{alphanumeric, digit, digits, value};
use crate::window::{BOUNDARY, Checked, Match, Undecided, Window};

const OCTETS: usize = 4;

/// Words right before a dotted quad that is no address; also as the end of a longer word.
const VERSION_WORDS: &[&[u8]] = &[
    b"version",
    b"versions",
    b"ver",
    b"v",
    b"rv",
    b"release",
    b"build",
    b"section",
    b"sec",
    b"chapter",
    b"appendix",
    b"clause",
    b"firmware",
    b"revision",
    b"rev",
    b"chrome",
    b"chromium",
    b"firefox",
    b"safari",
    b"kernel",
    b"driver",
    b"assembly",
    b"patch",
    b"oid",
    b"sdk",
    b"bios",
];
/// Words that may stand between.
const FILLERS: &[&[u8]] = &[b"is", b"number", b"no", b"to", b"from", b"was"];

/// The detector.
pub(crate) static DETECTOR: Detector = Detector {
    entity: EntityType::IpAddress,
    rules: &["ipv4"],
    trigger: Trigger::Digit,
    match_bytes_max: "255.255.255.255/32".len(),
    lookahead_bytes: 2,
    check,
};

fn check(window: &Window<'_>, start: usize) -> Checked {
    let before = window.before(start);
    if alphanumeric(before) || matches!(before, b'_' | b'.') {
        return Ok(None);
    }
    let Some(end) = address_end(window, start)? else { return Ok(None) };
    if is_product_version(window, start) || names_version(window, start) || ipv6::ends_with_quad(window, start, end) {
        return Ok(None);
    }
    let end = prefix_end(window, end, 32)?;
    let percent = if matches!(window.at(start)?, b'0') || window.slice(start, start + 4) == b"127." { 60 } else { 90 };
    Ok(Some(Match::new(start, end, 0, percent)))
}

/// The end of four octets that nothing continues.
fn address_end(window: &Window<'_>, start: usize) -> Result<Option<usize>, Undecided> {
    let mut at = start;
    for octet in 1..=OCTETS {
        let length = digits(window, at, 4)?;
        let octet_digits = window.slice(at, at + length);
        let leading_zero = length > 1 && octet_digits.first() == Some(&b'0');
        if !(1..=3).contains(&length) || leading_zero || value(octet_digits) > 255 {
            return Ok(None);
        }
        at += length;
        if octet < OCTETS {
            if window.at(at)? != b'.' {
                return Ok(None);
            }
            at += 1;
        }
    }
    let continued = match window.at(at)? {
        b'.' => digit(window.at(at + 1)?),
        b'-' | b'+' => window.at(at + 1)?.is_ascii_alphabetic(),
        next => alphanumeric(next) || next == b'_',
    };
    Ok((!continued).then_some(at))
}

/// True for `Chrome/120.0.0.0`: a slash behind a name, not behind another slash.
fn is_product_version(window: &Window<'_>, start: usize) -> bool {
    window.before(start) == b'/' && alphanumeric(window.before(start - 1))
}

/// True if the last word before `start` names a version, or the one before `is`.
fn names_version(window: &Window<'_>, start: usize) -> bool {
    let head = window.slice(start.saturating_sub(NAME_BYTES_MAX), start);
    let Some((word, rest)) = last_word(head) else { return false };
    let is_filler = FILLERS.iter().any(|filler| word.eq_ignore_ascii_case(filler));
    let named = |word: &[u8]| VERSION_WORDS.iter().any(|version| ends_with(word, version));
    named(word) || (is_filler && last_word(rest).is_some_and(|(word, _)| named(word)))
}

/// Bytes before a quad in which the words are looked for.
const NAME_BYTES_MAX: usize = 32;
/// Bytes of marks between a word and a quad: `": "` and a parenthesis.
const GAP_BYTES_MAX: usize = 5;

/// The last word of `head` and what stands before it, if only marks follow.
fn last_word(head: &[u8]) -> Option<(&[u8], &[u8])> {
    let last = head.iter().rposition(u8::is_ascii_alphabetic)?;
    let gap = head.get(last + 1..).unwrap_or_default();
    let mark = |byte: &u8| matches!(*byte, b' ' | b':' | b'=' | b'.' | b'#' | b'-' | b'"' | b'\'' | b'(' | BOUNDARY);
    if gap.len() > GAP_BYTES_MAX || !gap.iter().all(mark) {
        return None;
    }
    let words = head.get(..=last).unwrap_or_default();
    let first = words.iter().rposition(|byte| !byte.is_ascii_alphabetic()).map_or(0, |place| place + 1);
    words.split_at_checked(first).map(|(rest, word)| (word, rest))
}

/// True for the whole word, and for `AssemblyVersion`.
fn ends_with(word: &[u8], version: &[u8]) -> bool {
    let tail = word.len().checked_sub(version.len()).and_then(|at| word.get(at..)).unwrap_or_default();
    let hump = version.len() > "ver".len() && tail.first().is_some_and(u8::is_ascii_uppercase);
    tail.eq_ignore_ascii_case(version) && (tail.len() == word.len() || hump)
}

/// The end of a prefix length `/0` to `/max` at `at`, or `at` if there is none.
pub(crate) fn prefix_end(window: &Window<'_>, at: usize, max: u64) -> Result<usize, Undecided> {
    if window.at(at)? != b'/' {
        return Ok(at);
    }
    let length = digits(window, at + 1, 4)?;
    let end = at + 1 + length;
    let valid = (1..=3).contains(&length) && value(window.slice(at + 1, end)) <= max;
    Ok(if valid && !alphanumeric(window.at(end)?) { end } else { at })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::detectors::testing::{finds, finds_whole, passes};

    const IP: EntityType = EntityType::IpAddress;

    #[test]
    fn addresses_are_found_whole() {
        finds_whole(IP, &["192.168.0.1", "8.8.8.8", "255.255.255.255", "10.0.0.0/8", "1.1.1.1"]);
        finds(IP, "http://10.1.2.3:8080/x and 10.1.2.4.", &["10.1.2.3", "10.1.2.4"]);
        finds(IP, "10.0.0.1-10.0.0.9", &["10.0.0.1", "10.0.0.9"]);
        finds(IP, "10.0.0.1/99", &["10.0.0.1"]);
        finds(IP, "(ip=10.0.0.1)", &["10.0.0.1"]);
    }

    #[test]
    fn near_misses_pass() {
        passes(
            IP,
            &[
                "1.2.3.4.5",
                "v1.2.3.4",
                "version 1.2.3.4",
                "Version: 1.2.3.4",
                "Chrome/120.0.0.0",
                "256.1.1.1",
                "1.1.1",
                "01.2.3.4",
                "1.2.3.4-beta",
                "1.2.3.4a",
                "1..2.3.4",
                "1.3.6.1.4.1.311",
                "section 1.2.3.4",
                "section-4.1.1.2",
                "rv:1.9.2.3",
                "firmware version is 1.2.3.4",
                "AssemblyVersion(\"1.0.0.0\")",
                "\"version\": \"1.2.3.4\"",
            ],
        );
    }
}
