use core::fmt;
use core::net::{IpAddr, Ipv4Addr, Ipv6Addr};

/// An IP address of either version as a 128-bit number; IPv4 as IPv4-mapped (RFC 4291 section
/// 2.5.5.2).
///
/// One shape for both keeps flow keys flat, and words of 64 bits let them be stored and loaded by the
/// same width, which a processor does without waiting. A mapped address cannot be confused with a
/// real one: the IPv6 parser refuses mapped addresses on the wire.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Address {
    high: u64,
    low: u64,
}

/// The first 96 bits of a mapped address, as far as they are in the lower word.
const MAPPED: u64 = 0xffff << 32;

impl Address {
    pub(crate) const fn v4(octets: [u8; 4]) -> Self {
        Self { high: 0, low: MAPPED | u32::from_be_bytes(octets) as u64 }
    }

    pub(crate) const fn v6(octets: [u8; 16]) -> Self {
        let number = u128::from_be_bytes(octets);
        #[expect(clippy::cast_possible_truncation, reason = "the two halves of the number")]
        Self { high: (number >> 64) as u64, low: number as u64 }
    }

    /// The address as the standard library knows it.
    #[must_use]
    pub fn ip(self) -> IpAddr {
        if self.is_v4() {
            #[expect(clippy::cast_possible_truncation, reason = "the last four bytes")]
            Ipv4Addr::from_bits(self.low as u32).into()
        } else {
            Ipv6Addr::from_bits(self.number()).into()
        }
    }

    /// The 16 bytes.
    #[must_use]
    pub const fn octets(self) -> [u8; 16] {
        self.number().to_be_bytes()
    }

    /// True for an IPv4 address.
    #[must_use]
    pub const fn is_v4(self) -> bool {
        self.high == 0 && self.low >> 32 == MAPPED >> 32
    }

    const fn number(self) -> u128 {
        (self.high as u128) << 64 | self.low as u128
    }
}

impl From<IpAddr> for Address {
    fn from(address: IpAddr) -> Self {
        match address {
            IpAddr::V4(v4) => Self::v4(v4.octets()),
            IpAddr::V6(v6) => Self::v6(v6.octets()),
        }
    }
}

impl fmt::Debug for Address {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(&self.ip(), formatter)
    }
}

impl fmt::Display for Address {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(&self.ip(), formatter)
    }
}
