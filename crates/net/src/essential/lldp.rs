//! Link layer discovery: a list of TLVs (IEEE 802.1AB clauses 8 and 9).

use super::{is_padding, u16_at};

/// Group addresses: of the nearest bridge, the nearest that is no two-port relay, the nearest customer's (table 7-1).
const GROUPS: [[u8; 6]; 3] =
    [[0x01, 0x80, 0xc2, 0, 0, 0x0e], [0x01, 0x80, 0xc2, 0, 0, 0x03], [0x01, 0x80, 0xc2, 0, 0, 0x00]];

/// Types of the first three TLVs, which are mandatory and in this order, and the lengths of their values (clause 8.2).
const MANDATORY: [(u8, core::ops::RangeInclusive<usize>); 3] = [(1, 2..=256), (2, 2..=256), (3, 2..=2)];
/// The end of the list.
const TYPE_END: u8 = 0;
/// Bytes of a TLV's type and length.
const HEAD_BYTES: usize = 2;

/// Bytes of the message that `payload` begins with; nothing but padding may follow.
pub(super) fn bytes(group: &[u8; 6], payload: &[u8]) -> Option<usize> {
    if !GROUPS.contains(group) {
        return None;
    }
    let mut at = 0;
    for (kind, lengths) in MANDATORY {
        let (found, length) = head(payload, at)?;
        if found != kind || !lengths.contains(&length) {
            return None;
        }
        at += HEAD_BYTES + length;
    }
    let end = optional(payload, at)?;
    is_padding(payload.get(end..)?, end).then_some(end)
}

/// Behind the end of the list, whose optional TLVs begin at `at`. Each basic one stands once at most (clause 9.2.7.7.1).
fn optional(payload: &[u8], mut at: usize) -> Option<usize> {
    let mut seen = 0;
    loop {
        let (kind, length) = head(payload, at)?;
        at += HEAD_BYTES + length;
        if kind == TYPE_END {
            return (length == 0).then_some(at);
        }
        let bit = 1u8.checked_shl(u32::from(kind)).unwrap_or_default();
        if seen & bit != 0 || !has_length(kind, length) {
            return None;
        }
        seen |= bit;
    }
}

/// Lengths of the optional TLVs (clause 8.5 and 8.6): descriptions and names, capabilities, management addresses,
/// organizationally specific ones. Other types are reserved.
const fn has_length(kind: u8, length: usize) -> bool {
    match kind {
        4..=6 => length <= 255,
        7 => length == 4,
        8 => matches!(length, 9..=167),
        127 => matches!(length, 4..=511),
        _ => false,
    }
}

/// Type and length of the TLV at `at`: seven bits and nine.
fn head(payload: &[u8], at: usize) -> Option<(u8, usize)> {
    let word = u16_at(payload, at)?;
    let [high, _] = word.to_be_bytes();
    Some((high >> 1, usize::from(word & 0x01ff)))
}
