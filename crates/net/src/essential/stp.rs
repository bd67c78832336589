//! Spanning tree: bridge protocol data units in LLC frames (IEEE 802.1D clause 9, IEEE 802.1Q clause 14).

use super::{is_padding, u16_at};

/// Group addresses of customer and of provider bridges (IEEE 802.1Q table 8-1).
const GROUPS: [[u8; 6]; 2] = [[0x01, 0x80, 0xc2, 0, 0, 0x00], [0x01, 0x80, 0xc2, 0, 0, 0x08]];
/// LLC: both service access points of bridges, unnumbered information (IEEE 802.1D clause 7.12.3), and the protocol's
/// identifier.
const HEAD: [u8; 5] = [0x42, 0x42, 0x03, 0, 0];
/// Bytes of the LLC header.
const LLC_BYTES: usize = 3;
/// Bytes of a unit: configuration, topology change, rapid.
const CONFIGURATION_BYTES: usize = 35;
const TOPOLOGY_CHANGE_BYTES: usize = 4;
const RAPID_BYTES: usize = 36;
/// Multiple spanning trees: bytes in front of the version 3 length, of the length itself, of what all trees have in
/// common, of each other tree, and how many those may be (IEEE 802.1Q clause 14.4).
const VERSION_3_LENGTH_AT: usize = RAPID_BYTES;
const VERSION_3_LENGTH_BYTES: usize = 2;
const COMMON_BYTES: usize = 64;
const TREE_BYTES: usize = 16;
const TREE_COUNT_MAX: usize = 64;

/// Bytes of the message that `payload` begins with, of which the frame says that it has `length`; nothing but padding
/// may follow.
pub(super) fn bytes(group: &[u8; 6], payload: &[u8], length: u16) -> Option<usize> {
    let length = usize::from(length);
    let (message, padding) = payload.split_at_checked(length)?;
    let unit = message.get(LLC_BYTES..)?;
    let has_form = GROUPS.contains(group) && message.starts_with(&HEAD) && unit_bytes(unit) == Some(unit.len());
    (has_form && is_padding(padding, length)).then_some(length)
}

/// Bytes that the unit has by its version and type.
fn unit_bytes(unit: &[u8]) -> Option<usize> {
    match unit.get(2..4)? {
        [_, 0x80] => Some(TOPOLOGY_CHANGE_BYTES),
        [_, 0x00] => Some(CONFIGURATION_BYTES),
        [2, 0x02] => Some(RAPID_BYTES),
        [3, 0x02] => {
            let version_3 = usize::from(u16_at(unit, VERSION_3_LENGTH_AT)?);
            let trees = version_3.checked_sub(COMMON_BYTES)?;
            let is_whole = trees % TREE_BYTES == 0 && trees / TREE_BYTES <= TREE_COUNT_MAX;
            is_whole.then_some(RAPID_BYTES + VERSION_3_LENGTH_BYTES + version_3)
        }
        _ => None,
    }
}
