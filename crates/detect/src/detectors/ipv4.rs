//! IPv4 addresses in dotted decimal, with an optional prefix length (RFC 6943 section 3.1.1 strict
//! form; RFC 4632 section 3.1). Reports of attacks write the points in brackets or as words, so that nobody follows them:
//! `10[.]1[.]2[.]3`, `96[dot]153[dot]99[dot]140`.
//!
//! Four numbers from 0 to 255 without leading zeros. Near misses: versions (`1.2.3.4.5`, `v1.2.3.4`,
//! `Chrome/120.0.0.0`, "version 1.2.3.4", `name==1.2.3.4`, `>= 1.2.3.4`, `^1.2.3.4`, `1.2.3.4-1`), section numbers,
//! object identifiers; for those of small numbers alone see [`numbering`].

mod numbering;

use self::numbering::is_numbering;
use super::about::About;
use super::drawing::is_drawn;
use super::{Detector, Trigger, ipv6};
use crate::context::Words;
use crate::entity::EntityType;
use crate::text::{alphanumeric, digit, digits, value};
use crate::window::{BOUNDARY, CONTEXT_BYTES, Checked, Match, Undecided, Window};

const OCTETS: usize = 4;
/// No host's address: all of them, or none yet (RFC 1122 section 3.2.1.3).
const UNSPECIFIED: &[u8] = b"0.0.0.0";

/// Words right before a dotted quad that is no address; and whatever ends in `version`.
const VERSION_WORDS: &Words = &Words::new(&[
    b"versions",
    b"ver",
    b"v",
    b"release",
    b"released",
    b"pkg",
    b"package",
    b"bump",
    b"bumps",
    b"bumped",
    b"build",
    b"revision",
    b"rev",
    b"section",
    b"sect",
    b"step",
    b"workflow",
    b"chapter",
    b"clause",
    b"clauses",
    b"sections",
    b"subsection",
    b"requirement",
    b"requirements",
    b"articles",
    b"benchmark",
    b"asvs",
    b"paragraph",
    b"paragraphs",
    b"figure",
    b"firmware",
    b"driver",
    b"kernel",
    b"upgrade",
    b"upgraded",
    b"update",
    b"updated",
    b"downgrade",
    b"downgraded",
    b"oid",
    b"oids",
    b"objectidentifier",
    b"rv",
    b"sec",
    b"appendix",
    b"assembly",
    b"patch",
    b"sdk",
    b"bios",
    b"chrome",
    b"chromium",
    b"firefox",
    b"safari",
    b"edge",
]);
/// Words between one that names a version and the number.
const JOINING_WORDS: &Words = &Words::new(&[
    b"to", b"from", b"than", b"and", b"or", b"since", b"until", b"before", b"is", b"was", b"number", b"no", b"notes",
]);
/// Words looked at: `bumped`, `from`, `to`, and a name between.
const JOINING_COUNT_MAX: usize = 4;
/// Words that name a version though the name of what has it follows: `bump foo from`.
const CHANGES: &[&[u8]] = &[b"bump", b"bumps", b"bumped"];
/// What says behind a number that it is a version.
const NOTES: &[&[u8]] =
    &[b" Release Notes", b" release notes", b" Release notes", b" Changelog", b" ChangeLog", b" changelog"];
/// Bytes of marks between a word and a number: `": "`, `">` and the like.
const GAP_BYTES_MAX: usize = 5;

/// Ends of names that are compared with addresses.
const ADDRESS_NAMES: &[&[u8]] =
    &[b"ip", b"addr", b"address", b"host", b"src", b"dst", b"source", b"destination", b"peer"];
/// Bytes before a comparison in which the end of a name is looked for.
const NAME_BYTES: usize = "destination==".len();

/// The detector.
pub(crate) static DETECTOR: Detector = Detector {
    entity: EntityType::IpAddress,
    rules: &["ipv4"],
    about: &[About::new(
        "four numbers of at most 255 without leading zeros",
        "RFC 6943 section 3.1.1, RFC 4632 section 3.1",
    )],
    trigger: Trigger::Digit,
    match_bytes_max: "255[dot]255[dot]255[dot]255/32".len(),
    lookahead_bytes: REVISION_BYTES_MAX,
    check,
};

fn check(window: &Window<'_>, start: usize) -> Checked {
    let before = window.before(start);
    let inside = DEFANGED.iter().any(|point| window.slice(start.saturating_sub(point.len()), start) == *point);
    if alphanumeric(before) || matches!(before, b'_' | b'.') || inside {
        return Ok(None);
    }
    let Some(end) = address_end(window, start)? else { return Ok(None) };
    if window.slice(start, end) == UNSPECIFIED
        || is_object_identifier(window.slice(start, end))
        || is_product_version(window, start)
        || is_requirement(window, start)
        || names_version(window, start)
        || is_of_section(window, start)
        || is_of_archive(window, start, end)?
        || has_revision(window, start, end)?
        || has_notes(window, end)?
        || is_numbering(window, start, end)?
        || ipv6::ends_with_quad(window, start, end)
        || is_drawn(window, start)
    {
        return Ok(None);
    }
    let percent = if says_nothing(window.slice(start, end)) { 60 } else { 90 };
    Ok(Some(Match::new(start, prefix_end(window, end, 32)?, 0, percent)))
}

/// Points that are no points of an address any more.
const DEFANGED: [&[u8]; 7] = [b"[.]", b"[dot]", b"(.)", b"(dot)", b"{.}", b"{dot}", b" dot "];

/// Bytes of the point between two octets at `at`.
fn point_bytes(window: &Window<'_>, at: usize) -> Result<Option<usize>, Undecided> {
    Ok(match window.at(at)? {
        b'.' => Some(1),
        b'[' | b'(' | b'{' | b' ' => defanged_bytes(window, at)?,
        _ => None,
    })
}

/// Bytes of one of [`DEFANGED`] at `at`.
fn defanged_bytes(window: &Window<'_>, at: usize) -> Result<Option<usize>, Undecided> {
    for point in DEFANGED {
        if window.starts_with(at, point)? {
            return Ok(Some(point.len()));
        }
    }
    Ok(None)
}

/// True for what is the same everywhere: this host and network (RFC 1122 section 3.2.1.3), masks (RFC 950).
fn says_nothing(address: &[u8]) -> bool {
    let octets = address.split(|byte| *byte == b'.').map(value);
    let bits = octets.fold(0u32, |bits, octet| bits << 8 | u32::try_from(octet).unwrap_or(0));
    let is_mask = bits.leading_ones() >= 8 && bits.leading_ones() + bits.trailing_zeros() >= 32;
    address.starts_with(b"0") || address.starts_with(b"127.") || is_mask
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
            let Some(point) = point_bytes(window, at)? else { return Ok(None) };
            at += point;
        }
    }
    let continued = match window.at(at)? {
        b'.' => digit(window.at(at + 1)?),
        b'[' | b'(' | b'{' | b' ' => match defanged_bytes(window, at)? {
            Some(point) => digit(window.at(at + point)?),
            None => false,
        },
        b'-' | b'+' => window.at(at + 1)?.is_ascii_alphabetic(),
        next => alphanumeric(next) || next == b'_',
    };
    Ok((!continued).then_some(at))
}

/// True for four numbers that stand for an attribute, a class or an extension of a certificate
/// (ITU-T X.520, X.521, X.509: arcs below 2.5), or for the root of the internet's own (1.3.6.1).
fn is_object_identifier(quad: &[u8]) -> bool {
    let arcs: [&[u8]; 6] = [b"2.5.4.", b"2.5.6.", b"2.5.8.", b"2.5.13.", b"2.5.21.", b"2.5.29."];
    quad == b"1.3.6.1" || arcs.iter().any(|arc| quad.starts_with(arc))
}

/// True for `Chrome/120.0.0.0`: a slash behind a name, not behind another slash.
fn is_product_version(window: &Window<'_>, start: usize) -> bool {
    window.before(start) == b'/' && alphanumeric(window.before(start - 1))
}

/// True for `name-1.2.3.4.tar.gz`.
fn is_of_archive(window: &Window<'_>, start: usize, end: usize) -> Result<bool, Undecided> {
    const ENDINGS: [&[u8]; 8] = [b".tar", b".tgz", b".zip", b".whl", b".jar", b".deb", b".rpm", b".exe"];
    if !matches!(window.before(start), b'-') || window.at(end)? != b'.' {
        return Ok(false);
    }
    for ending in ENDINGS {
        if window.starts_with(end, ending)? {
            return Ok(true);
        }
    }
    Ok(false)
}

/// Bytes behind a number up to which a dash joins it to another one.
const REVISION_BYTES_MAX: usize = "-255[dot]255[dot]255[dot]255[dot]0".len();

/// True if a dash joins the revision of a package: no address, and no last number of a range.
fn has_revision(window: &Window<'_>, start: usize, end: usize) -> Result<bool, Undecided> {
    if window.at(end)? != b'-' || !digit(window.at(end + 1)?) {
        return Ok(false);
    }
    let length = digits(window, end + 1, 4)?;
    let behind = end + 1 + length;
    if window.at(behind)? == b'.' && digit(window.at(behind + 1)?) {
        return Ok(address_end(window, end + 1)?.is_none());
    }
    let last = window.slice(start, end).rsplit(|byte| *byte == b'.').next().map_or(0, value);
    let is_range = (last + 1..=255).contains(&value(window.slice(end + 1, behind)));
    // `libfoo (1.2.3.4-5)`
    let is_in_brackets = window.before(start) == b'(' && window.before(start - 1) == b' ';
    Ok(!is_range || is_in_brackets || alphanumeric(window.at(behind)?) || matches!(window.at(behind)?, b'+' | b'~'))
}

/// True before words that say it is a version.
fn has_notes(window: &Window<'_>, end: usize) -> Result<bool, Undecided> {
    for notes in NOTES {
        if window.starts_with(end, notes)? {
            return Ok(true);
        }
    }
    Ok(false)
}

/// True for `§13.2.5.6`.
fn is_of_section(window: &Window<'_>, start: usize) -> bool {
    const SIGN: &[u8] = "§".as_bytes();
    let end = start - usize::from(window.before(start) == b' ');
    window.slice(end.saturating_sub(SIGN.len()), end) == SIGN
}

/// True for `name==1.2.3.4`, `name>=1.2.3.4`, `>= 1.2.3.4`, `^1.2.3.4` and `~1.2.3.4`: requirements of packages, but
/// for `ip.addr==10.0.0.1`.
fn is_requirement(window: &Window<'_>, start: usize) -> bool {
    let is_spaced = window.before(start) == b' ';
    let start = start - usize::from(is_spaced);
    let marks = [window.before(start.saturating_sub(1)), window.before(start)];
    match marks {
        [_, b'^' | b'~'] => !is_spaced,
        [b'=' | b'!', b'='] if is_spaced => false,
        [b'~', b'>'] => true,
        [b'=' | b'>' | b'<' | b'~' | b'!', b'='] => {
            let name = window.slice(start.saturating_sub(NAME_BYTES), start.saturating_sub(2)).trim_ascii_end();
            !ADDRESS_NAMES.iter().any(|end| {
                let tail = name.get(name.len().saturating_sub(end.len())..).unwrap_or_default();
                tail.eq_ignore_ascii_case(end)
            })
        }
        _ => false,
    }
}

/// True if the last word before `start` names a version, or one before `from` and `to` does; between
/// the word and the number may stand what assigns one to the other (`"version": "1.2.3.4"`).
fn names_version(window: &Window<'_>, start: usize) -> bool {
    let head = window.slice(start.saturating_sub(CONTEXT_BYTES), start);
    // `oldVersion="1.0.0.0-2.0.0.0"`
    let mut text = match head {
        [range @ .., b'-'] if range.last().is_some_and(u8::is_ascii_digit) => last_number(range),
        _ => head,
    };
    for _ in 0..JOINING_COUNT_MAX {
        let Some((word, before)) = last_word(text) else { return false };
        if is_version_word(word) {
            return !is_attribute(text);
        }
        if !JOINING_WORDS.iter().any(|joining| word.eq_ignore_ascii_case(joining)) {
            let verb = last_word(before).map(|(verb, _)| verb).unwrap_or_default();
            return CHANGES.iter().any(|change| verb.eq_ignore_ascii_case(change));
        }
        text = last_number(before);
    }
    false
}

/// True behind `class="v">`: what a tag has, not what stands before its text.
fn is_attribute(text: &[u8]) -> bool {
    matches!(text, [.., b'"', b'v', b'"', b'>'] | [.., b'\'', b'v', b'\'', b'>'])
}

/// True for `version`, `FileVersion`, `app_version`, `upgraded`.
fn is_version_word(word: &[u8]) -> bool {
    const TAIL: &[u8] = b"version";
    let tail = word.get(word.len().saturating_sub(TAIL.len())..).unwrap_or_default();
    tail.eq_ignore_ascii_case(TAIL) || VERSION_WORDS.iter().any(|version| word.eq_ignore_ascii_case(version))
}

/// The word that ends `text` but for a few marks, and what stands before it.
fn last_word(text: &[u8]) -> Option<(&[u8], &[u8])> {
    let last = text.iter().rposition(u8::is_ascii_alphabetic)?;
    let gap = text.get(last + 1..)?;
    let joins = |byte: &u8| {
        matches!(*byte, b' ' | b':' | b'=' | b'.' | b'#' | b'"' | b'\'' | b'(' | b'!' | b'>' | b'-' | BOUNDARY)
    };
    if gap.len() > GAP_BYTES_MAX || !gap.iter().all(joins) {
        return None;
    }
    let words = text.get(..=last)?;
    let first = words.iter().rposition(|byte| !alphanumeric(*byte)).map_or(0, |place| place + 1);
    Some((words.get(first..)?, words.get(..first)?))
}

/// `text` without the dotted number at its end.
fn last_number(text: &[u8]) -> &[u8] {
    let text = text.trim_ascii_end();
    let number = text.iter().rev().take_while(|byte| digit(**byte) || **byte == b'.').count();
    text.get(..text.len() - number).unwrap_or_default()
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
    fn points_may_be_written_as_words() {
        for text in [
            "96[dot]153[dot]99[dot]140",
            "198 dot 50 dot 158 dot 66",
            "158(.)112(.)45(.)74",
            "10{dot}153{dot}99{dot}14",
        ] {
            finds(IP, &format!("server ip {text} is down"), &[text]);
        }
        passes(IP, &["198 dot 50 dot 158", "198 dot 50 dot 158 dot 66 dot 12", "198 dots 50 dots 158 dots 66"]);
    }

    #[test]
    fn what_is_the_same_everywhere_says_nothing() {
        for address in ["127.0.0.1", "0.0.0.0", "255.255.255.0", "255.255.255.192", "255.0.0.0", "255.255.255.255"] {
            assert!(says_nothing(address.as_bytes()), "{address}");
        }
        for address in ["10.0.0.1", "255.255.0.255", "254.0.0.0", "224.0.0.1", "128.0.0.0", "192.168.0.0"] {
            assert!(!says_nothing(address.as_bytes()), "{address}");
        }
    }

    #[test]
    fn the_address_of_no_host_is_none() {
        passes(IP, &["0.0.0.0", "0.0.0.0:8080->80/tcp", "0.0.0.0/0"]);
        finds(IP, "0.0.0.0 and 10.0.0.0, 100.0.0.0", &["10.0.0.0", "100.0.0.0"]);
    }

    #[test]
    fn addresses_are_found_whole() {
        finds_whole(IP, &["192.168.0.1", "8.8.8.8", "255.255.255.255", "10.0.0.0/8", "1.1.1.1"]);
        finds(IP, "http://10.1.2.3:8080/x and 10.1.2.4.", &["10.1.2.3", "10.1.2.4"]);
        finds(IP, "10.0.0.1-10.0.0.9", &["10.0.0.1", "10.0.0.9"]);
        finds(IP, "10.0.0.1/99", &["10.0.0.1"]);
        finds_whole(IP, &["45[.]77[.]12[.]9", "8[.]8[.]4[.]4", "45[.]77.12[.]9"]);
        finds(IP, "hxxp://45[.]77[.]12[.]9/x", &["45[.]77[.]12[.]9"]);
        finds(IP, "(ip=10.0.0.1)", &["10.0.0.1"]);
        finds(IP, "ip-10.0.0.1", &["10.0.0.1"]);
        finds(IP, "upgraded from 1.2.3.4 to 1.2.3.5", &[]);
        finds(IP, "from 10.0.0.1 to 10.0.0.2", &["10.0.0.1", "10.0.0.2"]);
        finds(IP, "{\"host\": \"10.0.0.1\"}", &["10.0.0.1"]);
        finds(IP, "ip.addr==10.0.0.1 && ip.src!=10.0.0.2", &["10.0.0.1", "10.0.0.2"]);
    }

    #[test]
    fn ranges_and_addresses_beside_names_are_no_versions() {
        finds(IP, "10.0.0.1-10.0.0.9, 10.0.0.1-20, host (10.0.0.1)", &["10.0.0.1", "10.0.0.9", "10.0.0.1", "10.0.0.1"]);
        finds(IP, "ip >= 10.0.0.1, addr == 10.0.0.2, src <= 10.0.0.3", &["10.0.0.1", "10.0.0.2", "10.0.0.3"]);
        finds(IP, "moved host from 10.0.0.1 to 10.0.0.2", &["10.0.0.1", "10.0.0.2"]);
        finds(IP, "10.0.0.1 released the lease, notes to 10.0.0.2", &["10.0.0.1", "10.0.0.2"]);
    }

    #[test]
    fn near_misses_pass() {
        passes(
            IP,
            &[
                "1.2.3.4.5",
                "1[.]2[.]3[.]4[.]5",
                "145[.]177[.]112[.]9[.]15",
                "145[.]177[.]112",
                "a[145].b[177].c[112].d[9]",
                "v1.2.3.4",
                "§13.2.5.6",
                "§ 13.2.5.6",
                "fetch step 12.1.1.3",
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
                "\"version\": \"1.2.3.4\"",
                "AssemblyVersion(\"1.0.0.0\")",
                "<Version>1.2.3.4</Version>",
                "app_version=1.2.3.4",
                "upgraded from 1.2.3.4",
                "2.5.29.19",
                "2.5.4.3",
                "oid!(1.2.44.233)",
                "ObjectIdentifier(\"1.2.44.233\")",
                "pip install x==1.2.3.4",
                "\"x\": \"^1.2.3.4\"",
                "x>=1.2.3.4",
                "x~=1.2.3.4",
                "libfoo-1.2.3.4.tar.gz",
                "release-8.4.3.1",
                "oldVersion=\"0.0.0.0-12.0.0.9\"",
                "libfoo (8.22.1.2-1) unstable",
                "libfoo (8.22.1.2-5ubuntu1)",
                "8.22.1.2-1.1",
                "release notes to 1.7.5.1",
                "Git 1.7.3.5 Release Notes",
                "foo >= 1.34.1.1",
                "libx (>= 1.34.1.1), liby (<= 1.34.1.1)",
                "gem ~> 1.34.1.1",
                "v 1.2.3.4",
                "pkg 1.2.3.4",
                "bump foo from 1.2.3.4 to 1.2.3.5",
            ],
        );
    }
}
