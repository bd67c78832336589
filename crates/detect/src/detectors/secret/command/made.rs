//! Keys, hashes and codes that machines make, behind the words with which tools print or take them.

use super::shell::behind_option;
use crate::detectors::secret::{form, shape::Shape};
use crate::text::{Class, alphanumeric};
use crate::window::{Checked, Match, Rest, Window};

/// So many hexadecimal digits, mixed as random ones are.
fn hexadecimal(window: &Window<'_>, start: usize, lengths: &[usize]) -> Checked {
    let longest = lengths.last().copied().unwrap_or(0);
    let length = window.run(start, longest + 1, |byte| byte.is_ascii_hexdigit())?;
    let shape = Shape::of(window.slice(start, start + length));
    let is_drawn = shape.changes * 6 >= length && shape.distinct >= 8;
    let accepted = lengths.contains(&length) && is_drawn && !alphanumeric(window.at(start + length)?);
    Ok(accepted.then_some(Match::new(start, start + length, form::SECRET, super::PERCENT)))
}

/// Bytes that decide; what is longer is reported on to its end.
const DECIDING_BYTES_MAX: usize = 96;

/// Bytes of a class, if they are at least this many and mixed as random ones are.
fn mixed(window: &Window<'_>, start: usize, class: Class, bytes_min: usize) -> Checked {
    let length = window.run(start, DECIDING_BYTES_MAX, |byte| class.holds(byte))?;
    let accepted = length >= bytes_min && Shape::of(window.slice(start, start + length)).is_mixed();
    let found = Match::new(start, start + length, form::SECRET, super::PERCENT);
    let found = if length < DECIDING_BYTES_MAX { found } else { found.followed_by(Rest::Class(class)) };
    Ok(accepted.then_some(found))
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

/// `nsupdate -y hmac-sha256:name:...` (RFC 8945).
pub(super) fn transaction_key(window: &Window<'_>, start: usize) -> Checked {
    const NAMES_BYTES_MAX: usize = 48;
    const KEY_BYTES_MIN: usize = 20;
    let in_names = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.' | b'_' | b':' | b'/' | b'+');
    let length = window.run(start, NAMES_BYTES_MAX, in_names)?;
    let Some(colon) = memchr::memchr_iter(b':', window.slice(start, start + length)).nth(1) else { return Ok(None) };
    mixed(window, start + colon + 1, Class::Base64, KEY_BYTES_MIN)
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
    let Some(start) = behind_option(window, start, &[b"?code=", b"&code="])? else { return Ok(None) };
    mixed(window, start, Class::Encoded, KEY_BYTES_MIN)
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

/// A cookie of a session, if it is long.
pub(super) fn cookie(window: &Window<'_>, start: usize) -> Checked {
    const COOKIE_BYTES_MIN: usize = 40;
    mixed(window, start, Class::Encoded, COOKIE_BYTES_MIN)
}

/// `.AspNetCore.Identity.Application=...`, but what guards a form against others.
pub(super) fn framework_cookie(window: &Window<'_>, start: usize) -> Checked {
    const NAME_BYTES_MAX: usize = 40;
    let length = window.run(start, NAME_BYTES_MAX, |byte| byte.is_ascii_alphanumeric() || byte == b'.')?;
    let is_guard = window.slice(start, start + length).starts_with(b"Antiforgery");
    if is_guard || window.at(start + length)? != b'=' { Ok(None) } else { cookie(window, start + length + 1) }
}
