//! IPv6 addresses in text form (RFC 4291 section 2.2), with an optional prefix length.
//!
//! The candidate is the run of hexadecimal digits, colons and dots around its first colon; the
//! standard library decides. Near misses: times, `a::b` paths of code, EUI-64 and key fingerprints,
//! the unspecified address `::`.

use super::about::About;
use super::ipv4::prefix_end;
use super::{Detector, Trigger};
use crate::entity::EntityType;
use crate::text::alphanumeric;
use crate::window::{Checked, Match, Undecided, Window, is_chance};
use core::net::Ipv6Addr;

/// Bytes of `ffff:ffff:ffff:ffff:ffff:ffff:255.255.255.255`.
const ADDRESS_BYTES_MAX: usize = 45;
const GROUP_BYTES_MAX: usize = 4;

/// The detector.
pub(crate) static DETECTOR: Detector = Detector {
    entity: EntityType::IpAddress,
    rules: &["ipv6"],
    about: &[About::new("text form of eight groups, parsed", "RFC 4291 section 2.2")],
    trigger: Trigger::Colon,
    match_bytes_max: ADDRESS_BYTES_MAX + "/128".len(),
    lookahead_bytes: 3,
    check,
};

/// `colon` is the place of a `:`.
fn check(window: &Window<'_>, colon: usize) -> Checked {
    if !has_second_colon(window, colon)? {
        return Ok(None);
    }
    let Some(start) = address_start(window, colon) else { return Ok(None) };
    if start == colon && window.at(colon + 1)? != b':' {
        return Ok(None);
    }
    let run = window.run(colon, ADDRESS_BYTES_MAX + 2, in_address)?;
    let after = window.at(colon + run)?;
    if run > ADDRESS_BYTES_MAX || alphanumeric(after) || after == b'_' {
        return Ok(None);
    }
    let end = colon + run - trailing_marks(window.slice(start, colon + run));
    if !is_address(window.slice(start, end)) || is_slice(window, start, end)? || is_chance(window, start, end) {
        return Ok(None);
    }
    // This host (RFC 4291 section 2.5.3) is the same everywhere.
    let percent = if window.slice(start, end) == b"::1" { 60 } else { 90 };
    Ok(Some(Match::new(start, prefix_end(window, end, 128)?, 0, percent)))
}

/// The first byte that could belong to an address whose next colon stands at `at`, or would if it
/// came next.
///
/// A first group that is too long, or that began further back than an address can, is a label: the
/// address may start behind its colon.
pub(crate) fn address_may_start(window: &Window<'_>, at: usize) -> usize {
    let from = at.saturating_sub(ADDRESS_BYTES_MAX + 1);
    let text = window.slice(from, at);
    let outside = text.iter().rposition(|byte| !in_address(*byte));
    let run = text.get(outside.map_or(0, |place| place + 1)..).unwrap_or_default();
    let cut = outside.is_none() && in_address(window.before(from));
    let colon = run.iter().position(|byte| *byte == b':');
    if !cut && colon.unwrap_or(run.len()) <= GROUP_BYTES_MAX {
        return at - run.len();
    }
    colon.map_or(at, |colon| at - run.len() + colon + 1)
}

/// True if the quad from `start` to `end` is the tail of an IPv6 address that begins before it.
pub(crate) fn ends_with_quad(window: &Window<'_>, start: usize, end: usize) -> bool {
    if window.before(start) != b':' {
        return false;
    }
    let mut from = address_may_start(window, start);
    if alphanumeric(window.before(from)) {
        let label = window.slice(from, start).iter().position(|byte| *byte == b':');
        from += label.map_or(0, |place| place + 1);
    }
    is_address(window.slice(from, end))
}

/// True for `list[::2]` of code and for `500:500::` of a password file: an index behind a name, or a
/// few short groups in front of nothing.
fn is_slice(window: &Window<'_>, start: usize, end: usize) -> Result<bool, Undecided> {
    let candidate = window.slice(start, end);
    // `[:, ::2]`: a step of the second axis.
    let is_step = matches!(candidate, [b':', b':', b'0'..=b'9'] | [b':', b':', b'0'..=b'9', b'0'..=b'9'])
        && matches!(window.before(start), b' ' | b',')
        && matches!(window.at(end)?, b']' | b',');
    let mut groups = candidate.split(|byte| *byte == b':');
    let indexes = window.before(start) == b'['
        && start > 1
        && (alphanumeric(window.before(start - 1)) || matches!(window.before(start - 1), b']' | b')' | b'_'));
    Ok(indexes || is_step || (candidate.ends_with(b"::") && !groups.any(|group| group.len() == GROUP_BYTES_MAX)))
}

const fn in_address(byte: u8) -> bool {
    byte.is_ascii_hexdigit() || matches!(byte, b':' | b'.')
}

/// Where an address starts whose first colon stands at `colon`.
fn address_start(window: &Window<'_>, colon: usize) -> Option<usize> {
    let group = group_before(window, colon);
    let start = colon - group;
    match window.before(start) {
        b':' if group == 0 => None,
        b':' => starts_behind_label(window, start - 1).then_some(start),
        before if alphanumeric(before) || matches!(before, b'_' | b'.') => None,
        _ => Some(start),
    }
}

/// True if the colon at `colon` ends a word such as `node:`, not a group.
fn starts_behind_label(window: &Window<'_>, colon: usize) -> bool {
    let group = group_before(window, colon);
    let before = window.before(colon - group);
    if group == 0 { before != b':' } else { alphanumeric(before) || before == b'_' }
}

fn group_before(window: &Window<'_>, colon: usize) -> usize {
    (0..GROUP_BYTES_MAX).take_while(|back| colon > *back && window.before(colon - back).is_ascii_hexdigit()).count()
}

fn has_second_colon(window: &Window<'_>, colon: usize) -> Result<bool, Undecided> {
    let group = window.run(colon + 1, GROUP_BYTES_MAX + 1, |byte| byte.is_ascii_hexdigit())?;
    Ok(group <= GROUP_BYTES_MAX && window.at(colon + 1 + group)? == b':')
}

/// Bytes of punctuation at the end of a candidate: full stops, and a single colon.
fn trailing_marks(candidate: &[u8]) -> usize {
    let stops = candidate.iter().rev().take_while(|byte| **byte == b'.').count();
    let rest = candidate.get(..candidate.len() - stops).unwrap_or_default();
    stops + usize::from(rest.ends_with(b":") && !rest.ends_with(b"::"))
}

fn is_address(candidate: &[u8]) -> bool {
    let parses = core::str::from_utf8(candidate).is_ok_and(|text| text.parse::<Ipv6Addr>().is_ok());
    let groups = || candidate.split(|byte| *byte == b':').filter(|group| !group.is_empty());
    let octets = groups().count() == 8 && groups().all(|group| group.len() == 2);
    let evident = candidate.iter().any(u8::is_ascii_digit) || groups().count() >= 3;
    parses && evident && !octets && !is_path(candidate)
}

/// True for `c::B110` of code: two names of which the first is short.
fn is_path(candidate: &[u8]) -> bool {
    let mut parts = candidate.split(|byte| *byte == b':');
    let (first, gap, last) = (parts.next(), parts.next(), parts.next());
    let is_name = |part: Option<&[u8]>| part.and_then(<[u8]>::first).is_some_and(u8::is_ascii_alphabetic);
    let short = first.is_some_and(|first| first.len() < GROUP_BYTES_MAX);
    short && is_name(first) && gap == Some(b"".as_slice()) && is_name(last) && parts.next().is_none()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::detectors::testing::{finds, finds_whole, passes};

    const IP: EntityType = EntityType::IpAddress;

    #[test]
    fn what_looks_like_a_short_address_between_random_bytes_is_none() {
        let random = b"\x01k\x7f\xc3%\xe9\x1b\xa0\xb7\x05\xf1q\x91<\x10\xd8\xc4";
        let is_found = |before: &[u8], address: &str| {
            let text = [before, address.as_bytes(), b" \xfe"].concat();
            check(&Window::whole(&text), before.len() + address.find(':').unwrap()).unwrap().is_some()
        };
        assert!(!is_found(random, "4::e") && is_found(random, "2001:db8::4:1a"));
        assert!(is_found(b"\x01\x02\x03\x04\x05\x06\x07\x08 ", "fe80::e"));
    }

    #[test]
    fn addresses_are_found_whole() {
        finds_whole(
            IP,
            &[
                "2001:db8:85a3:0:0:8a2e:370:7334",
                "2001:0DB8::8a2e:0370:7334",
                "::1",
                "fe80::1",
                "fe80::b110",
                "fd0::1a2b",
                "::ffff:192.0.2.128",
                "64:ff9b::192.0.2.33",
                "2001:db8::/32",
                "ffff:ffff:ffff:ffff:ffff:ffff:255.255.255.255",
                "dead:beef::cafe",
            ],
        );
        finds(IP, "http://[2001:db8::1]:443/", &["2001:db8::1"]);
        finds(IP, "url=[::1]:80", &["::1"]);
        finds(IP, "fe80::1%eth0 is up", &["fe80::1"]);
        finds(IP, "ip:2001:db8::1", &["2001:db8::1"]);
        finds(IP, "node:fe80::1: refused", &["fe80::1"]);
        finds(IP, "It is 2001:db8::1.", &["2001:db8::1"]);
        finds(IP, "host:10.0.0.1", &["10.0.0.1"]);
    }

    #[test]
    fn near_misses_pass() {
        passes(
            IP,
            &[
                "10:30:45",
                "a::b",
                "std::f32::consts",
                "dead::beef",
                "c::B110",
                "C::C3",
                "Some(c::B50)",
                "::",
                "items[::2]",
                "items[1, ::2]",
                "items[:,::10, 0]",
                "x[1::3]",
                "x:500:500::/home",
                "00:1a:2b:3c:4d:5e",
                "00:1a:2b:3c:4d:5e:6f:70",
                "1:2:3:4:5:6:7:8:9",
                "2001:db8::1::2",
                "::g",
                "12345::1",
                "::::::",
            ],
        );
    }
}
