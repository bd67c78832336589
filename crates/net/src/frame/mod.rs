//! Where the headers of a frame stand: Ethernet, up to two VLAN tags, IPv4 or IPv6.
//!
//! Parsing reads each header once, in place, and keeps offsets. Whatever contradicts itself is an
//! `Err` with the reason under which the frame is dropped; padding behind the datagram is known
//! and kept apart from it.

mod address;
mod icmp;
mod ipv4;
mod ipv6;

use crate::DropReason;
use crate::checksum::Sum;

pub use address::Address;
pub use icmp::TooBig;
pub use ipv4::rewrite_lengths as rewrite_ipv4_lengths;

/// Ethernet header without tags, in bytes.
pub const ETHERNET_HEADER_BYTES: usize = 14;
/// One 802.1Q tag, in bytes.
pub const VLAN_TAG_BYTES: usize = 4;

const ETHER_TYPE_IPV4: u16 = 0x0800;
const ETHER_TYPE_ARP: u16 = 0x0806;
const ETHER_TYPE_VLAN: u16 = 0x8100;
const ETHER_TYPE_QINQ: u16 = 0x88a8;
const ETHER_TYPE_QINQ_OLD: u16 = 0x9100;
const ETHER_TYPE_IPV6: u16 = 0x86dd;
/// Values below are lengths of an IEEE 802.3 frame, not types.
const ETHER_TYPE_MIN: u16 = 0x0600;

/// Protocol numbers that the data plane tells apart (IANA).
pub mod protocol {
    /// ICMP for IPv4.
    pub const ICMP: u8 = 1;
    /// TCP.
    pub const TCP: u8 = 6;
    /// UDP.
    pub const UDP: u8 = 17;
    /// ICMP for IPv6.
    pub const ICMPV6: u8 = 58;
}

/// The VLAN tags of a frame: identifiers only, outer first; 0 where there is none.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct VlanTags {
    /// Identifier of the outer (or only) tag.
    pub outer: u16,
    /// Identifier of the inner tag.
    pub inner: u16,
}

impl VlanTags {
    /// True if one of the tags carries `id`.
    #[must_use]
    pub const fn contains(self, id: u16) -> bool {
        self.outer == id || self.inner == id
    }
}

/// A parsed frame.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Frame {
    /// Tags in front of the network header.
    pub vlan: VlanTags,
    /// What the frame carries.
    pub network: Network,
}

/// What stands behind the Ethernet header and its tags.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Network {
    /// Address resolution.
    Arp,
    /// An IEEE 802.3 frame with an LLC header (spanning tree and the like).
    Llc,
    /// Another Ethernet type.
    Other(u16),
    /// An IP datagram, or a fragment of one.
    Ip(Datagram),
}

/// IP version.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Version {
    /// IPv4 (RFC 791).
    V4,
    /// IPv6 (RFC 8200).
    V6,
}

/// Where an IP datagram stands in its frame. Offsets count from the frame's first byte and lie
/// within it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Datagram {
    /// IP version.
    pub version: Version,
    /// Offset of the IP header.
    pub header: usize,
    /// Offset of the transport header: behind IPv4 options or IPv6 extension headers.
    pub payload: usize,
    /// Offset of the first byte behind the datagram; what follows is padding.
    pub end: usize,
    /// Transport protocol.
    pub protocol: u8,
    /// Source address.
    pub source: Address,
    /// Destination address.
    pub destination: Address,
    /// Set if this is only a fragment.
    pub fragment: Option<Fragment>,
}

/// Which part of a datagram a fragment carries.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Fragment {
    /// Identification.
    pub id: u32,
    /// Offset in bytes of the fragment's payload in the datagram's payload.
    pub offset: usize,
    /// More fragments follow.
    pub more: bool,
    /// Offset in the frame of the bytes that the fragment carries.
    pub data: usize,
    /// IPv6: offset in the frame of the Next Header byte that announces the Fragment header, and
    /// of the Fragment header itself. IPv4: both are the IP header.
    pub announced_at: usize,
}

impl Frame {
    /// Reads the headers of `bytes`.
    ///
    /// # Errors
    /// The reason under which the frame is to be dropped.
    #[inline]
    pub fn parse(bytes: &[u8]) -> Result<Self, DropReason> {
        Self::parse_plain(bytes).unwrap_or_else(|| Self::parse_any(bytes))
    }

    /// The same, written where it is to stay: a copy would wait for what was just written field by field.
    #[inline]
    pub fn parse_into(place: &mut Result<Self, DropReason>, bytes: &[u8]) {
        match Self::parse_plain(bytes) {
            Some(plain) => *place = plain,
            None => Self::parse_any_into(place, bytes),
        }
    }

    #[inline(never)]
    fn parse_any_into(place: &mut Result<Self, DropReason>, bytes: &[u8]) {
        *place = Self::parse_any(bytes);
    }

    /// What nearly every frame is: IPv4 without tags or options.
    #[inline]
    fn parse_plain(bytes: &[u8]) -> Option<Result<Self, DropReason>> {
        let (ethernet, rest) = bytes.split_first_chunk::<ETHERNET_HEADER_BYTES>()?;
        let header = rest.first_chunk()?;
        if u16::from_be_bytes([ethernet[12], ethernet[13]]) != ETHER_TYPE_IPV4 || header[0] != ipv4::PLAIN {
            return None;
        }
        let datagram = ipv4::read(header, ETHERNET_HEADER_BYTES, IPV4_HEADER_BYTES, Sum::ZERO, bytes.len());
        Some(datagram.map(|datagram| Self { vlan: VlanTags::default(), network: Network::Ip(datagram) }))
    }

    #[inline]
    fn parse_any(bytes: &[u8]) -> Result<Self, DropReason> {
        let mut ether_type = be16(bytes, 12)?;
        let mut at = ETHERNET_HEADER_BYTES;
        let mut vlan = VlanTags::default();
        if is_tag(ether_type) {
            vlan.outer = be16(bytes, at)? & 0x0fff;
            ether_type = be16(bytes, at + 2)?;
            at += VLAN_TAG_BYTES;
            if is_tag(ether_type) {
                vlan.inner = be16(bytes, at)? & 0x0fff;
                ether_type = be16(bytes, at + 2)?;
                at += VLAN_TAG_BYTES;
            }
        }
        let network = match ether_type {
            ETHER_TYPE_IPV4 => Network::Ip(ipv4::parse(bytes, at)?),
            ETHER_TYPE_IPV6 => Network::Ip(ipv6::parse(bytes, at)?),
            ETHER_TYPE_ARP => Network::Arp,
            other if is_tag(other) => return Err(DropReason::VlanDepth),
            other if other < ETHER_TYPE_MIN => Network::Llc,
            other => Network::Other(other),
        };
        Ok(Self { vlan, network })
    }
}

pub(crate) const fn is_tag(ether_type: u16) -> bool {
    matches!(ether_type, ETHER_TYPE_VLAN | ETHER_TYPE_QINQ | ETHER_TYPE_QINQ_OLD)
}

/// The 16-bit big-endian number at `at`.
pub(crate) fn be16(bytes: &[u8], at: usize) -> Result<u16, DropReason> {
    match bytes.get(at..) {
        Some([high, low, ..]) => Ok(u16::from_be_bytes([*high, *low])),
        _ => Err(DropReason::Truncated),
    }
}

/// `N` bytes at `at`.
pub(crate) fn chunk<const N: usize>(bytes: &[u8], at: usize) -> Result<&[u8; N], DropReason> {
    bytes.get(at..).and_then(<[u8]>::first_chunk).ok_or(DropReason::Truncated)
}

/// Overwrites IP options and the options of extension headers with padding: nobody on the way needs
/// those of a TCP flow, and they would carry bytes past the inspector.
pub fn blank_options(frame: &mut [u8], datagram: &Datagram) {
    let Some(packet) = frame.get_mut(datagram.header..) else { return };
    match datagram.version {
        Version::V4 if datagram.payload - datagram.header > IPV4_HEADER_BYTES => ipv4::blank_options(packet),
        Version::V6 if datagram.payload - datagram.header > IPV6_HEADER_BYTES => {
            ipv6::blank_options(packet.get_mut(..datagram.payload - datagram.header).unwrap_or_default());
        }
        Version::V4 | Version::V6 => {}
    }
}

const IPV4_HEADER_BYTES: usize = ipv4::HEADER_BYTES_MIN;
const IPV6_HEADER_BYTES: usize = 40;

#[cfg(test)]
mod tests;
