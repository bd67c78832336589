//! Options of DHCP: a code, a length, a value.

use super::is_blank;

/// Padding between options, and the end of the list (RFC 2132 section 3).
const PAD: u8 = 0;
const END: u8 = 255;

/// Options of one byte's code and length (RFC 2132), up to their end and what pads the message.
///
/// Returns the value of option `wanted`, empty if it is not there.
pub(super) fn short(mut options: &[u8], wanted: u8) -> Option<&[u8]> {
    let mut found: &[u8] = &[];
    loop {
        options = match options {
            [PAD, rest @ ..] => rest,
            [END, rest @ ..] => return is_blank(rest).then_some(found),
            [code, length, rest @ ..] => {
                let (value, rest) = rest.split_at_checked(usize::from(*length))?;
                if *code == wanted {
                    found = value;
                }
                rest
            }
            _ => return None,
        };
    }
}

/// True if these are options of two bytes' code and length (RFC 8415 section 21.1), to the last byte.
pub(super) fn are_long(mut options: &[u8]) -> bool {
    while let Some(([_, _, high, low], rest)) = options.split_first_chunk() {
        let Some(rest) = rest.get(usize::from(u16::from_be_bytes([*high, *low]))..) else { return false };
        options = rest;
    }
    options.is_empty()
}
