//! Address resolution for IPv4 over Ethernet (RFC 826), also as probe and announcement (RFC 5227).

use super::is_padding;

/// Bytes of a message.
const BYTES: usize = 28;
/// Hardware Ethernet, protocol IPv4, addresses of 6 and of 4 bytes.
const ETHERNET_IPV4: [u8; 6] = [0, 1, 8, 0, 6, 4];
/// Requests and replies (RFC 826).
const OPERATIONS: [[u8; 2]; 2] = [[0, 1], [0, 2]];

/// Bytes of the message that `payload` begins with; nothing but padding may follow.
pub(super) fn bytes(payload: &[u8]) -> Option<usize> {
    let (message, padding) = payload.split_at_checked(BYTES)?;
    let is_resolution = message.starts_with(&ETHERNET_IPV4)
        && message.get(6..8).is_some_and(|operation| OPERATIONS.iter().any(|known| known == operation));
    (is_resolution && is_padding(padding, BYTES)).then_some(BYTES)
}
