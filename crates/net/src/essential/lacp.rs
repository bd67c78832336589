//! Link aggregation: control and marker messages, of one length (IEEE 802.1AX clauses 6.4.2 and 6.5.3).

use super::{is_blank, is_padding};

/// Group addresses of slow protocols, and of the bridges that a link may be aggregated to (IEEE 802.1AX clause 6.2.8.1.2).
const GROUPS: [[u8; 6]; 3] =
    [[0x01, 0x80, 0xc2, 0, 0, 0x02], [0x01, 0x80, 0xc2, 0, 0, 0x00], [0x01, 0x80, 0xc2, 0, 0, 0x03]];
/// Bytes of a message, its subtype included.
const BYTES: usize = 110;
/// Where a message's fields stand: subtype and version, then one TLV behind the other.
const SUBTYPE_LACP: u8 = 1;
const SUBTYPE_MARKER: u8 = 2;
/// Type and length of each TLV of a control message, where it stands, and how many of its last bytes are reserved.
const CONTROL: [([u8; 2], usize, usize); 4] = [([1, 20], 2, 3), ([2, 20], 22, 3), ([3, 16], 42, 12), ([0, 0], 58, 50)];
/// The same of a marker and of its answer.
const MARKER: [([u8; 2], usize, usize); 2] = [([1, 16], 2, 2), ([0, 0], 18, 90)];
const MARKER_RESPONSE: [([u8; 2], usize, usize); 2] = [([2, 16], 2, 2), ([0, 0], 18, 90)];

/// Bytes of the message that `payload` begins with; nothing but padding may follow.
pub(super) fn bytes(group: &[u8; 6], payload: &[u8]) -> Option<usize> {
    let (message, padding) = payload.split_at_checked(BYTES)?;
    let consists_of = |list: &[_]| list.iter().all(|(head, at, reserved)| has_tlv(message, *head, *at, *reserved));
    let has_form = match message {
        [SUBTYPE_LACP, 1, ..] => consists_of(&CONTROL),
        [SUBTYPE_MARKER, 1, ..] => consists_of(&MARKER) || consists_of(&MARKER_RESPONSE),
        _ => false,
    };
    (has_form && GROUPS.contains(group) && is_padding(padding, BYTES)).then_some(BYTES)
}

/// True if such a TLV stands `at` this place, and what is reserved at its end is zero. The last one, of length 0, has
/// all that follows for reserve.
fn has_tlv(message: &[u8], head: [u8; 2], at: usize, reserved: usize) -> bool {
    let [_, length] = head;
    let end = if length == 0 { at + head.len() + reserved } else { at + usize::from(length) };
    message
        .get(at..end)
        .is_some_and(|tlv| tlv.starts_with(&head) && is_blank(tlv.get(tlv.len() - reserved..).unwrap_or_default()))
}
