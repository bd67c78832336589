//! Initial sequence numbers that only the appliance can foretell (RFC 6528).

use core::hash::Hasher;
use core::net::SocketAddr;
use net::Timestamp;
use net::tcp::Seq;
use siphasher::sip::SipHasher13;

/// One step of the clock M of RFC 6528: 4 microseconds.
const STEP_NANOS: u64 = 4_000;
/// One step of the timestamp clock: a millisecond (RFC 7323 section 5.4).
const TIMESTAMP_NANOS: u64 = 1_000_000;

/// A worker's secret for initial sequence numbers and timestamps, drawn at random at its start.
#[derive(Clone, Copy)]
pub struct IsnKey([u8; 16]);

impl core::fmt::Debug for IsnKey {
    fn fmt(&self, formatter: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        formatter.write_str("IsnKey(..)")
    }
}

impl IsnKey {
    /// A key of 16 random bytes.
    #[must_use]
    pub const fn new(secret: [u8; 16]) -> Self {
        Self(secret)
    }

    /// The initial sequence number of a connection from `own` to `peer`, and the offset of its
    /// timestamp clock.
    pub(super) fn numbers(self, own: SocketAddr, peer: SocketAddr, now: Timestamp) -> (Seq, u32) {
        let mut hasher = SipHasher13::new_with_key(&self.0);
        for end in [own, peer] {
            match end.ip() {
                core::net::IpAddr::V4(ip) => hasher.write(&ip.octets()),
                core::net::IpAddr::V6(ip) => hasher.write(&ip.octets()),
            }
            hasher.write_u16(end.port());
        }
        let [a, b, c, d, e, f, g, h] = hasher.finish().to_le_bytes();
        let clock = low(now.as_nanos() / STEP_NANOS);
        (Seq(u32::from_le_bytes([a, b, c, d])) + clock, u32::from_le_bytes([e, f, g, h]))
    }
}

/// The timestamp clock at `now`, for a connection with this offset.
pub(super) const fn timestamp(now: Timestamp, offset: u32) -> u32 {
    low(now.as_nanos() / TIMESTAMP_NANOS).wrapping_add(offset)
}

const fn low(clock: u64) -> u32 {
    #[expect(clippy::cast_possible_truncation, reason = "the clock wraps")]
    {
        clock as u32
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_depend_on_key_ends_and_time() {
        let own = SocketAddr::from(([10, 0, 0, 1], 5000));
        let peer = SocketAddr::from(([10, 0, 0, 2], 80));
        let now = Timestamp::from_nanos(1_000_000_000);
        let one = IsnKey::new([1; 16]).numbers(own, peer, now);
        assert_eq!(one, IsnKey::new([1; 16]).numbers(own, peer, now));
        assert_ne!(one, IsnKey::new([2; 16]).numbers(own, peer, now));
        assert_ne!(one, IsnKey::new([1; 16]).numbers(peer, own, now));
        assert_ne!(one.1, IsnKey::new([1; 16]).numbers(own, SocketAddr::from(([10, 0, 0, 2], 81)), now).1);
        let later = IsnKey::new([1; 16]).numbers(own, peer, Timestamp::from_nanos(1_001_000_000));
        assert_eq!((later.0.distance(one.0), later.1), (250, one.1));
    }
}
