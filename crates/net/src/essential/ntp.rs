//! Time: a header of 48 bytes, extension fields, an authentication code (RFC 5905 section 7.3, RFC 7822).

use super::u16_at;

/// Bytes of the header.
const HEADER_BYTES: usize = 48;
/// Bytes of an authentication code behind its key's identifier: none after a refusal, MD5, SHA-1 and what is cut to its
/// length (RFC 5905 section 7.3, RFC 8573).
const CODE_BYTES: [usize; 3] = [4, 20, 24];
/// Bytes of the extended authenticator of Windows (MS-SNTP sections 2.2.3 and 2.2.4).
const WINDOWS_CODE_BYTES: usize = 72;
/// Bytes of the shortest extension field, and of one that ends a message without a code (RFC 7822 section 3).
const EXTENSION_BYTES_MIN: usize = 16;
const LAST_EXTENSION_BYTES_MIN: usize = 28;
/// Bytes of all extension fields: those of Network Time Security with a few cookies (RFC 8915 section 5.7).
const EXTENSION_BYTES_MAX: usize = 512;
/// Strata up to "unsynchronized"; the others are reserved (RFC 5905 figure 11).
const STRATUM_MAX: u8 = 16;
/// Poll exponents in use, seconds as a power of two: clients that are in a hurry ask more often than the RFC has it.
const POLLS: core::ops::RangeInclusive<i8> = -8..=24;

/// True if `message` is one of a client, a server or a peer. Control messages (mode 6) and private ones (mode 7) are
/// none: they carry text.
pub(super) fn has_form(message: &[u8]) -> bool {
    let Some((&[first, stratum, poll, ..], tail)) = message.split_first_chunk::<HEADER_BYTES>() else { return false };
    let (version, mode) = (first >> 3 & 7, first & 7);
    let has_head = matches!(version, 1..=4)
        && matches!(mode, 1..=5)
        && stratum <= STRATUM_MAX
        && POLLS.contains(&poll.cast_signed());
    has_head && has_tail(tail)
}

fn has_tail(mut tail: &[u8]) -> bool {
    if tail.len() > EXTENSION_BYTES_MAX {
        return false;
    }
    if tail.len() == WINDOWS_CODE_BYTES {
        return true;
    }
    // A rest as short as a code is one: an extension field that ends a message is longer.
    while !tail.is_empty() && !CODE_BYTES.contains(&tail.len()) {
        let Some(length) = u16_at(tail, 2).map(usize::from) else { return false };
        let is_short = length < EXTENSION_BYTES_MIN || length == tail.len() && length < LAST_EXTENSION_BYTES_MIN;
        match tail.get(length..) {
            Some(rest) if !is_short && length.is_multiple_of(4) => tail = rest,
            _ => return false,
        }
    }
    true
}
