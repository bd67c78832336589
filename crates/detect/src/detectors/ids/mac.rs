//! Hardware addresses of network interfaces (IEEE 802, EUI-48 and EUI-64): six or eight pairs of hexadecimal digits with
//! colons or dashes, or three groups of four with points; right behind their name twelve digits in a row.
//!
//! Near misses: longer rows of pairs (fingerprints of keys, dumps), IPv6, addresses of zeros alone; pairs of decimals far from
//! any word for an interface: scores, times, drawn numbers.

use super::{Id, Kind, NAMED_UNCHECKED, Token, lengths};
use crate::context::{self, Words};
use crate::detectors::about::{About, Sight};
use crate::detectors::{Detector, Trigger};
use crate::entity::EntityType;
use crate::text::alphanumeric;
use crate::window::{Checked, Match, Undecided, Window};

/// The detector.
pub(crate) static DETECTOR: Detector = Detector {
    entity: EntityType::MacAddress,
    rules: &["mac-address"],
    about: &[About::new("six or eight pairs, or three groups of four, with one mark", "IEEE 802, EUI-48 and EUI-64")],
    trigger: Trigger::Lattice,
    match_bytes_max: "00:00:00:00:00:00:00:00".len(),
    lookahead_bytes: 3,
    check: check_pairs,
};

/// Twelve digits in a row.
pub(super) static BARE: Id = Id {
    entity: EntityType::MacAddress,
    rule: "mac-address-bare",
    about: About::new("twelve hexadecimal digits; the word right before", "IEEE 802, EUI-48").raised(
        NAMES,
        Sight::Before,
        (NAMED_UNCHECKED, NAMED_UNCHECKED),
    ),
    kind: Kind::Token(lengths(&[12]), check_bare),
};

/// What names an address.
const NAMES: &Words = &Words::new(&[
    b"mac",
    b"macs",
    b"mac addr*",
    b"macaddr*",
    b"hwaddr*",
    b"hw addr*",
    b"hardware addr*",
    b"ethernet addr*",
    b"physical addr*",
    b"wifi addr*",
    b"bluetooth addr*",
    b"bssid",
    b"lladdr",
    b"link/ether",
    b"mac id",
    b"eui-48",
]);
/// Bytes from the start of a name to the digits: `hardware address is: `.
const NAME_REACH_BYTES: usize = 24;

/// Words of interfaces, near which pairs of decimals are an address.
const INTERFACES: &Words = &Words::new(&[
    b"ether*",
    b"addr*",
    b"lladdr*",
    b"arp*",
    b"hwaddress*",
    b"interface*",
    b"nic",
    b"lan",
    b"wlan*",
    b"wifi*",
    b"wi-fi*",
    b"bluetooth*",
    b"bssid*",
    b"dhcp*",
    b"lease*",
    b"switch*",
    b"router*",
    b"network*",
    b"device*",
    b"adapter*",
    b"vendor",
    b"dev",
    b"eth*",
    b"wake*",
]);
/// How addresses of many machines begin that have decimals alone: emulated ones, and those of the oldest makers.
const DECIMAL_HEADS: [&[u8]; 4] = [b"52:54:00", b"52-54-00", b"00:", b"00-"];

/// Words behind which pairs of decimals are no address.
const TIMES: &Words = &Words::new(&[
    b"time*",
    b"duration*",
    b"elapsed",
    b"clock",
    b"timestamp*",
    b"timecode*",
    b"date*",
    b"uptime",
    b"lap*",
    b"score*",
]);

/// Words behind which pairs are a part of a digest or a key.
const DIGESTS: &Words = &Words::new(&[
    b"fingerprint*",
    b"thumbprint*",
    b"md5*",
    b"sha1*",
    b"sha256*",
    b"digest*",
    b"checksum*",
    b"hash*",
    b"hex",
    b"key",
    b"keyid*",
    b"modulus",
    b"signature",
    b"serial",
    b"salt",
    b"nonce",
]);

fn check_bare(window: &Window<'_>, token: &Token) -> Checked {
    let text = token.text(window);
    if !text.iter().all(u8::is_ascii_hexdigit) || is_placeholder(text) || !token.stands_alone(window)? {
        return Ok(None);
    }
    let named = context::nearest_direct(window, token.start, NAMES).is_some_and(|bytes| bytes <= NAME_REACH_BYTES);
    Ok((named && is_one_size(text)).then(|| Match::new(token.start, token.end, 0, NAMED_UNCHECKED)))
}

/// True if the letters are all small or all capitals.
fn is_one_size(text: &[u8]) -> bool {
    !text.iter().any(u8::is_ascii_lowercase) || !text.iter().any(u8::is_ascii_uppercase)
}

/// Digits before the first mark of each form.
pub(crate) const PAIR: usize = 2;
pub(crate) const QUAD: usize = 4;

/// `mark` is the place of the first colon or dash.
pub(crate) fn check_pairs(window: &Window<'_>, mark: usize) -> Checked {
    let Some(start) = mark.checked_sub(PAIR) else { return Ok(None) };
    let joint = window.at(mark)?;
    let before = window.before(start);
    let continues = before == joint && !is_name_before(window, start - 1);
    if alphanumeric(before) || continues || before == b'_' {
        return Ok(None);
    }
    let Some(end) = groups_end(window, start, joint, PAIR, 8)? else { return Ok(None) };
    let pairs = (end - start + 1) / (PAIR + 1);
    let text = window.slice(start, end);
    if !matches!(pairs, 6 | 8) || is_placeholder(text) {
        return Ok(None);
    }
    let decimal = !text.iter().any(u8::is_ascii_alphabetic);
    let is_decimal_address = || {
        DECIMAL_HEADS.iter().any(|head| text.starts_with(head))
            || context::precedes(window, start, NAMES)
            || context::precedes(window, start, INTERFACES)
    };
    let is_listed = decimal && window.starts_with(end, b" [ether]")?;
    if decimal && !is_listed && (context::nearest_direct(window, start, TIMES).is_some() || !is_decimal_address()) {
        return Ok(None);
    }
    if is_part_of_rows(window, start, end, joint)? || is_behind_digest(window, start) {
        return Ok(None);
    }
    Ok(Some(Match::new(start, end, 0, 92)))
}

/// True if a word for a digest stands before a pair, nearer than one for an address.
fn is_behind_digest(window: &Window<'_>, start: usize) -> bool {
    /// Bytes from the start of the word to the pair.
    const REACH_BYTES: usize = 40;
    let digest = context::nearest(window, start, DIGESTS).filter(|bytes| *bytes <= REACH_BYTES);
    digest.is_some_and(|digest| context::nearest(window, start, NAMES).is_none_or(|name| name > digest))
}

/// True if pairs go on over the end of a line, before or behind these.
fn is_part_of_rows(window: &Window<'_>, start: usize, end: usize, joint: u8) -> Result<bool, Undecided> {
    let head = window.slice(start.saturating_sub(INDENT_BYTES_MAX), start);
    let gap = head.iter().rev().take_while(|byte| byte.is_ascii_whitespace()).count();
    let (head, gap) = head.split_at_checked(head.len() - gap).unwrap_or_default();
    let is_behind = gap.contains(&b'\n') && head.last() == Some(&joint);
    Ok(is_behind || (window.at(end)? == joint && matches!(window.at(end + 1)?, b'\n' | b'\r')))
}

/// Bytes of a line's end and the indentation behind it.
const INDENT_BYTES_MAX: usize = 32;

/// True if a word that is no hexadecimal number ends at `end`, as in `MAC:00:1b:...`.
fn is_name_before(window: &Window<'_>, end: usize) -> bool {
    let head = window.slice(end.saturating_sub(NAME_BYTES_MAX), end);
    let letters = head.iter().rev().take_while(|byte| byte.is_ascii_alphabetic());
    letters.clone().count() >= NAME_BYTES_MIN && letters.clone().any(|byte| !byte.is_ascii_hexdigit())
}

/// Bytes of a word before an address that are looked at, and letters that make one.
const NAME_BYTES_MAX: usize = 12;
const NAME_BYTES_MIN: usize = 3;

/// `mark` is the place of the first point.
pub(crate) fn check_quads(window: &Window<'_>, mark: usize) -> Checked {
    let Some(start) = mark.checked_sub(QUAD) else { return Ok(None) };
    let before = window.before(start);
    // Behind `*` stand the weights of a collation (Unicode, UTS 10).
    if alphanumeric(before) || matches!(before, b'.' | b'_' | b'-' | b'*') {
        return Ok(None);
    }
    let Some(end) = groups_end(window, start, b'.', QUAD, 4)? else { return Ok(None) };
    let groups = (end - start + 1) / (QUAD + 1);
    if groups != 3 || is_placeholder(window.slice(start, end)) {
        return Ok(None);
    }
    // Digits alone may be a number in groups.
    let letters = window.slice(start, end).iter().any(u8::is_ascii_alphabetic);
    Ok(letters.then_some(Match::new(start, end, 0, 85)))
}

/// The end of as many groups of `length` hexadecimal digits as `joint` joins; `None` if there are more than `max`, or if one
/// is not whole.
fn groups_end(
    window: &Window<'_>,
    start: usize,
    joint: u8,
    length: usize,
    max: usize,
) -> Result<Option<usize>, Undecided> {
    let mut at = start;
    for _ in 0..max {
        if window.run(at, length + 1, |byte| byte.is_ascii_hexdigit())? != length {
            return Ok(None);
        }
        at += length;
        let next = window.at(at)?;
        if next != joint || !alphanumeric(window.at(at + 1)?) && (joint != b':' || window.at(at + 1)? != b':') {
            return Ok((!alphanumeric(next) && next != b'_').then_some(at));
        }
        at += 1;
    }
    Ok(None)
}

/// True for zeros alone.
fn is_placeholder(text: &[u8]) -> bool {
    text.iter().all(|byte| *byte == b'0' || !alphanumeric(*byte))
}

#[cfg(test)]
mod tests {
    #[test]
    fn pairs_of_decimals_need_a_word_or_a_known_head() {
        for text in ["ratio 10:20:30:40:50:60", "44-91-85-27-83-96 lottery", "18:51:31:38:55:21 tape"] {
            finds(EntityType::MacAddress, text, &[]);
        }
        for text in ["at 52:54:00:12:34:56 on eth0", "mac 10:20:30:40:50:61", "arp entry 18:51:31:38:55:21"] {
            assert_eq!(crate::detectors::testing::find_all(text).len(), 1, "{text}");
        }
    }

    use crate::EntityType;
    use crate::detectors::testing::{finds, finds_whole, passes};

    const MAC: EntityType = EntityType::MacAddress;

    #[test]
    fn addresses_are_found_right_behind_their_name() {
        finds(MAC, "MAC:1B:F7:11:0F:EE:D7", &["1B:F7:11:0F:EE:D7"]);
        finds(MAC, "MAC Address:13:16:b2:c6:ac:95.", &["13:16:b2:c6:ac:95"]);
        passes(MAC, &["ab:1B:F7:11:0F:EE:D7", "dead:1B:F7:11:0F:EE:D7"]);
    }

    #[test]
    fn digits_in_a_row_are_found_right_behind_a_name() {
        finds(MAC, "MAC address: b14a9c748d98", &["b14a9c748d98"]);
        finds(MAC, "{\"mac\":\"B14A9C748D98\"}", &["B14A9C748D98"]);
        finds(MAC, "hwaddr b14a9c748d98, the hardware address is b14a9c748d98.", &["b14a9c748d98", "b14a9c748d98"]);
        passes(
            MAC,
            &["b14a9c748d98", "commit b14a9c748d98", "hmac b14a9c748d98", "MAC B14a9c748d98", "mac b14a9c748d98a"],
        );
        passes(MAC, &["mac: b14a9c748d9g", "mac 000000000000", "mac in the tree of commit b14a9c748d98"]);
    }

    #[test]
    fn parts_of_digests_are_none() {
        passes(
            MAC,
            &[
                "mac_key=aa:bb:cc:dd:ee:f1",
                "fingerprint AA:BB:CC:DD:EE:FF 00:11:22:33:44:55",
                "MD5 Fingerprint: 1a:2b:3c:4d:5e:6f:\n  70:81:92:a3:b4:c5",
                "x 1a:2b:3c:4d:5e:6f:\n  70:81:92:a3:b4:c5",
                "mac_key = 1a:2b:3c:4d:5e:6f:70:81",
            ],
        );
        finds(MAC, "the key is under the mat, mac 1a:2b:3c:4d:5e:6f, says the manual", &["1a:2b:3c:4d:5e:6f"]);
    }

    #[test]
    fn pairs_of_decimals_in_a_table_of_arp_are_addresses() {
        finds(MAC, "? (192.168.1.1) at 18:51:31:38:55:21 [ether] on en0", &["18:51:31:38:55:21"]);
        finds(MAC, "ratio 10:20:30:40:50:60", &[]);
    }

    #[test]
    fn pairs_of_decimals_behind_a_word_for_time_are_none() {
        passes(MAC, &["time 10:20:30:40:50:60", "elapsed: 10:20:30:40:50:60", "duration=10:20:30:40:50:60"]);
        finds(MAC, "addr 10:20:30:40:50:60, time 1a:20:30:40:50:60", &["10:20:30:40:50:60", "1a:20:30:40:50:60"]);
    }

    #[test]
    fn addresses_are_found_whole() {
        finds_whole(
            MAC,
            &[
                "00:1A:2B:3C:4D:5E",
                "00-1a-2b-3c-4d-5e",
                "001a.2b3c.4d5e",
                "aa:bb:cc:dd:ee:ff",
                "AA-BB-CC-DD-EE-FF",
                "00:11:22:33:44:55",
                "00:1a:2b:3c:4d:5e:6f:70",
                "ff:ff:ff:ff:ff:ff",
            ],
        );
        finds(MAC, "ether 00:1a:2b:3c:4d:5e: up", &["00:1a:2b:3c:4d:5e"]);
        finds(MAC, "mac=00:1a:2b:3c:4d:5e", &["00:1a:2b:3c:4d:5e"]);
        finds(EntityType::IpAddress, "00:1a:2b:3c:4d:5e", &[]);
        finds(EntityType::PhoneNumber, "00-11-22-33-44-55", &[]);
    }

    #[test]
    fn near_misses_pass() {
        passes(
            MAC,
            &[
                "00:1a:2b:3c:4d",
                "00:1a:2b:3c:4d:5e:6f",
                "43:51:43:a1:b5:fc:8b:b7:0a:3a:a9:b1:0f:66:73:a8",
                "00:00:00:00:00:00",
                "001a.2b3c",
                "001a.2b3c.4d5e.6f70",
                "1234.5678.9012",
                "x00:1a:2b:3c:4d:5e",
                "00:1a:2b:3c:4d:5g",
                "00:1a-2b:3c-4d:5e",
                "2001:db8:85a3::8a2e:370:7334",
            ],
        );
    }
}
