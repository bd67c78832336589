use crate::flow::IpVersion;
use core::fmt;
use core::net::IpAddr;
use core::str::FromStr;

/// An IP network in CIDR form (RFC 4632); a lone address is a network of one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Network {
    address: IpAddr,
    prefix: u8,
}

/// Not a network in CIDR form.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NetworkError {
    /// The part before the slash is no address.
    #[error("is no IP network; write it as 10.0.0.0/8 or fd00::/8")]
    Address,
    /// The prefix is longer than the address.
    #[error("has a prefix longer than the address")]
    Prefix,
    /// Bits behind the prefix are set.
    #[error("has bits set behind its prefix")]
    HostBits,
    /// IPv4 in the form of IPv6, which is on no wire (RFC 4291 section 2.5.5.2).
    #[error("is IPv4 written as IPv6, which no frame carries; write it as {0}")]
    Mapped(Network),
}

/// Bits before the IPv4 address in an IPv6 address that stands for one.
const MAPPED_BITS: u8 = 96;

impl Network {
    /// True if `address` lies in this network.
    #[must_use]
    pub fn contains(&self, address: IpAddr) -> bool {
        match (self.address, address) {
            (IpAddr::V4(net), IpAddr::V4(address)) => {
                same_prefix(u128::from(net.to_bits()) << 96, u128::from(address.to_bits()) << 96, self.prefix)
            }
            (IpAddr::V6(net), IpAddr::V6(address)) => same_prefix(net.to_bits(), address.to_bits(), self.prefix),
            _ => false,
        }
    }

    /// The version of its addresses.
    pub(crate) const fn version(&self) -> IpVersion {
        IpVersion::of(self.address)
    }

    /// True if every address of this version lies in this network.
    pub(crate) fn covers_all(&self, version: IpVersion) -> bool {
        self.prefix == 0 && self.version() == version
    }

    /// True if every address of `other` lies in this network.
    pub(crate) fn covers(&self, other: &Self) -> bool {
        self.prefix <= other.prefix && self.contains(other.address)
    }
}

fn same_prefix(one: u128, other: u128, prefix: u8) -> bool {
    let mask = u128::MAX.checked_shl(128 - u32::from(prefix)).unwrap_or(0);
    (one ^ other) & mask == 0
}

impl FromStr for Network {
    type Err = NetworkError;

    fn from_str(text: &str) -> Result<Self, NetworkError> {
        let (address, prefix) = text.split_once('/').map_or((text, None), |(address, prefix)| (address, Some(prefix)));
        let address: IpAddr = address.parse().map_err(|_| NetworkError::Address)?;
        let bits = if address.is_ipv4() { 32 } else { 128 };
        let prefix: u8 = match prefix {
            None => bits,
            Some(prefix) => prefix.parse().ok().filter(|prefix| *prefix <= bits).ok_or(NetworkError::Prefix)?,
        };
        let number = match address {
            IpAddr::V4(v4) => u128::from(v4.to_bits()) << 96,
            IpAddr::V6(v6) => v6.to_bits(),
        };
        if number.checked_shl(u32::from(prefix)).unwrap_or(0) != 0 {
            return Err(NetworkError::HostBits);
        }
        if let IpAddr::V6(v6) = address
            && let Some(v4) = v6.to_ipv4_mapped()
            && let Some(prefix) = prefix.checked_sub(MAPPED_BITS)
        {
            return Err(NetworkError::Mapped(Self { address: v4.into(), prefix }));
        }
        Ok(Self { address, prefix })
    }
}

impl fmt::Display for Network {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}/{}", self.address, self.prefix)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_network_contains_its_own_addresses_only() {
        let network: Network = "10.1.0.0/16".parse().unwrap();
        assert!(network.contains("10.1.255.1".parse().unwrap()));
        assert!(!network.contains("10.2.0.1".parse().unwrap()));
        assert!(!network.contains("::ffff:10.1.0.1".parse().unwrap()));
        let all: Network = "0.0.0.0/0".parse().unwrap();
        assert!(all.contains("255.1.2.3".parse().unwrap()));
        let one: Network = "fd00::1".parse().unwrap();
        assert!(one.contains("fd00::1".parse().unwrap()) && !one.contains("fd00::2".parse().unwrap()));
    }

    #[test]
    fn a_network_with_host_bits_or_a_long_prefix_is_refused() {
        assert_eq!("10.1.0.1/16".parse::<Network>(), Err(NetworkError::HostBits));
        assert_eq!("10.1.0.0/33".parse::<Network>(), Err(NetworkError::Prefix));
        assert_eq!("ten/8".parse::<Network>(), Err(NetworkError::Address));
    }

    #[test]
    fn ipv4_in_the_form_of_ipv6_is_refused_and_the_right_form_named() {
        for (text, right) in
            [("::ffff:10.0.0.0/104", "10.0.0.0/8"), ("::ffff:a00:1", "10.0.0.1/32"), ("::ffff:0:0/96", "0.0.0.0/0")]
        {
            let error = text.parse::<Network>().unwrap_err();
            assert_eq!(error, NetworkError::Mapped(right.parse().unwrap()));
            assert!(error.to_string().ends_with(right), "{error}");
        }
        "::/0".parse::<Network>().unwrap();
    }
}
