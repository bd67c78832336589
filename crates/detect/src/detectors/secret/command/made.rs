//! Keys, hashes and codes that machines make, behind the words with which tools print or take them.

use super::shell::behind_option;
use crate::detectors::secret::{form, shape::Shape};
use crate::text::{Class, alphanumeric};
use crate::window::{Checked, Match, Window};

/// So many hexadecimal digits, mixed as random ones are.
fn hexadecimal(window: &Window<'_>, start: usize, lengths: &[usize]) -> Checked {
    let longest = lengths.last().copied().unwrap_or(0);
    let length = window.run(start, longest + 1, |byte| byte.is_ascii_hexdigit())?;
    let shape = Shape::of(window.slice(start, start + length));
    let is_drawn = shape.changes * 6 >= length && shape.distinct >= 8;
    let accepted = lengths.contains(&length) && is_drawn && !alphanumeric(window.at(start + length)?);
    Ok(accepted.then_some(Match::new(start, start + length, form::SECRET, super::PERCENT)))
}

/// So many bytes, if they are at least this many and mixed as random ones are.
fn mixed(window: &Window<'_>, start: usize, length: usize, bytes_min: usize) -> Option<Match> {
    let accepted = length >= bytes_min && Shape::of(window.slice(start, start + length)).is_mixed();
    accepted.then_some(Match::new(start, start + length, form::SECRET, super::PERCENT))
}

/// `Recovery Key: 436073-087934-...`, eight groups of six digits, each a multiple of eleven (BitLocker).
pub(super) fn recovery_key(window: &Window<'_>, start: usize) -> Checked {
    const GROUPS: usize = 8;
    const GROUP_BYTES: usize = 6;
    const BYTES: usize = GROUPS * (GROUP_BYTES + 1) - 1;
    const GAP_BYTES_MAX: usize = 16;
    let in_gap = |byte: u8| byte.is_ascii_whitespace() || matches!(byte, b':' | b'*' | b'"' | b'`');
    let start = start + window.run(start, GAP_BYTES_MAX, in_gap)?;
    if window.run(start, BYTES + 1, |byte| byte.is_ascii_digit() || byte == b'-')? != BYTES {
        return Ok(None);
    }
    let groups = || window.slice(start, start + BYTES).split(|byte| *byte == b'-');
    let number =
        |group: &[u8]| group.iter().fold(0u32, |number, digit| number * 10 + u32::from(digit.wrapping_sub(b'0')));
    let is_group = |group: &[u8]| group.len() == GROUP_BYTES && number(group).is_multiple_of(11);
    let accepted = groups().count() == GROUPS && groups().all(is_group) && groups().any(|group| number(group) > 0);
    Ok(accepted.then_some(Match::new(start, start + BYTES, form::SECRET, super::PERCENT)))
}

/// `Recovery codes:` and codes in lines below it, all of them together: `db646-eae68`.
pub(super) fn recovery_codes(window: &Window<'_>, start: usize) -> Checked {
    const CODES_MIN: usize = 2;
    const CODES_MAX: usize = 16;
    const PART_BYTES: usize = 5;
    const GAP_BYTES_MAX: usize = 6;
    let in_gap = |byte: u8| byte.is_ascii_whitespace() || matches!(byte, b':' | b'*' | b'-' | b'`');
    let in_part = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit();
    let first = start + window.run(start, GAP_BYTES_MAX, in_gap)?;
    let (mut at, mut end, mut count) = (first, first, 0);
    while count < CODES_MAX {
        let joint = at + PART_BYTES;
        let is_code = window.run(at, PART_BYTES + 1, in_part)? == PART_BYTES
            && window.at(joint)? == b'-'
            && window.run(joint + 1, PART_BYTES + 1, in_part)? == PART_BYTES;
        if !is_code || !window.slice(at, joint + 1 + PART_BYTES).iter().any(u8::is_ascii_digit) {
            break;
        }
        (end, count) = (joint + 1 + PART_BYTES, count + 1);
        at = end + window.run(end, GAP_BYTES_MAX, in_gap)?;
    }
    Ok((count >= CODES_MIN).then_some(Match::new(first, end, form::SECRET, super::PERCENT)))
}

/// `nsupdate -y hmac-sha256:name:...` (RFC 8945).
pub(super) fn transaction_key(window: &Window<'_>, start: usize) -> Checked {
    const NAMES_BYTES_MAX: usize = 48;
    const KEY_BYTES_MIN: usize = 20;
    const KEY_BYTES_MAX: usize = 96;
    let in_names = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.' | b'_' | b':' | b'/' | b'+');
    let length = window.run(start, NAMES_BYTES_MAX, in_names)?;
    let Some(colon) = memchr::memchr_iter(b':', window.slice(start, start + length)).nth(1) else { return Ok(None) };
    let start = start + colon + 1;
    let length = window.run(start, KEY_BYTES_MAX, |byte| Class::Base64.holds(byte) || byte == b'=')?;
    Ok(mixed(window, start, length, KEY_BYTES_MIN))
}

/// `<machineKey validationKey="...">`.
pub(super) fn machine_key(window: &Window<'_>, start: usize) -> Checked {
    const KEY_BYTES_MIN: usize = 40;
    const KEY_BYTES_MAX: usize = 128;
    let quote = window.at(start)?;
    let length = window.run(start + 1, KEY_BYTES_MAX + 1, |byte| byte.is_ascii_hexdigit())?;
    let is_key = matches!(quote, b'"' | b'\'') && (KEY_BYTES_MIN..=KEY_BYTES_MAX).contains(&length);
    let accepted = is_key && Shape::of(window.slice(start + 1, start + 1 + length)).distinct >= 8;
    Ok(accepted.then_some(Match::new(start + 1, start + 1 + length, form::SECRET, super::PERCENT)))
}

/// `new ethers.Wallet('0x...')`: 64 hexadecimal digits.
pub(super) fn wallet_key(window: &Window<'_>, start: usize) -> Checked {
    const KEY_BYTES: usize = 64;
    if !matches!(window.at(start)?, b'"' | b'\'') {
        return Ok(None);
    }
    let prefix = if window.starts_with(start + 1, b"0x")? { 2 } else { 0 };
    hexadecimal(window, start + 1 + prefix, &[KEY_BYTES])
}

/// `https://name.azurewebsites.net/api/x?code=...`.
pub(super) fn function_key(window: &Window<'_>, start: usize) -> Checked {
    const KEY_BYTES_MIN: usize = 40;
    const KEY_BYTES_MAX: usize = 96;
    let Some(start) = behind_option(window, start, &[b"?code=", b"&code="])? else { return Ok(None) };
    let length =
        window.run(start, KEY_BYTES_MAX, |byte| Class::Token.holds(byte) || matches!(byte, b'/' | b'=' | b'%'))?;
    Ok(mixed(window, start, length, KEY_BYTES_MIN))
}

/// `encrypt = "..."`: 16 or 32 bytes in base64 (Consul, Nomad).
pub(super) fn gossip_key(window: &Window<'_>, start: usize) -> Checked {
    const KEY_BYTES: [usize; 2] = [24, 44];
    if window.at(start)? != b'"' {
        return Ok(None);
    }
    let start = start + 1;
    let in_base64 = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'/' | b'=');
    let length = window.run(start, KEY_BYTES[1] + 1, in_base64)?;
    let accepted = KEY_BYTES.contains(&length)
        && window.before(start + length) == b'='
        && Shape::of(window.slice(start, start + length)).is_mixed();
    Ok(accepted.then_some(Match::new(start, start + length, form::SECRET, super::PERCENT)))
}

/// A cookie of a session: what begins it, if it is long.
pub(super) fn cookie(window: &Window<'_>, start: usize) -> Checked {
    const COOKIE_BYTES_MIN: usize = 40;
    const COOKIE_BYTES_MAX: usize = 320;
    let length = window.run(start, COOKIE_BYTES_MAX, |byte| Class::Token.holds(byte) || matches!(byte, b'%' | b'='))?;
    Ok(mixed(window, start, length, COOKIE_BYTES_MIN))
}

/// `.AspNetCore.Identity.Application=...`, but what guards a form against others.
pub(super) fn framework_cookie(window: &Window<'_>, start: usize) -> Checked {
    const NAME_BYTES_MAX: usize = 40;
    let length = window.run(start, NAME_BYTES_MAX, |byte| byte.is_ascii_alphanumeric() || byte == b'.')?;
    let is_guard = window.slice(start, start + length).starts_with(b"Antiforgery");
    if is_guard || window.at(start + length)? != b'=' { Ok(None) } else { cookie(window, start + length + 1) }
}
