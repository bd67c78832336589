//! The forms of what a network needs to live: who lets these protocols past without a rule can hold each message to its
//! own form, so that none of them is a free carrier.
//!
//! In goes one message, out comes whether it has the form of its protocol, or where it ends. Nothing is kept between
//! messages, and nothing is changed but what an error of ICMP quotes, which may be cut. What a form leaves open (names in DNS, timestamps, descriptions in LLDP) stays a
//! narrow channel: a form is no proof of a purpose.

mod arp;
mod dhcp;
mod dhcpv6;
mod discovery;
mod dns;
mod icmp;
mod lacp;
mod lldp;
mod ntp;
mod options;
mod quote;
mod stp;
#[cfg(test)]
mod tests;

use crate::Side;
use crate::frame::{Datagram, ETHERNET_HEADER_BYTES, VLAN_TAG_BYTES, Version, is_tag};

pub use icmp::Message as IcmpMessage;
pub use quote::shorten_quote;

/// Bytes of an Ethernet frame's shortest payload.
const PAYLOAD_BYTES_MIN: usize = 46;
/// Bytes of a UDP header (RFC 768).
const UDP_HEADER_BYTES: usize = 8;

/// A protocol right behind the Ethernet header.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LinkProtocol {
    /// Address resolution (RFC 826).
    Arp,
    /// Link layer discovery (IEEE 802.1AB).
    Lldp,
    /// Spanning tree (IEEE 802.1D, 802.1Q).
    Stp,
    /// Link aggregation (IEEE 802.1AX).
    Lacp,
}

impl LinkProtocol {
    /// Where the message of this protocol ends in `frame`; what follows is padding. Nothing if it has not the
    /// protocol's form.
    #[must_use]
    pub fn end(self, frame: &[u8]) -> Option<usize> {
        let at = payload_at(frame);
        let (group, payload) = (frame.first_chunk::<6>()?, frame.get(at..)?);
        let bytes = match self {
            Self::Arp => arp::bytes(payload),
            Self::Lldp => lldp::bytes(group, payload),
            Self::Stp => stp::bytes(group, payload, u16::from_be_bytes(*frame.get(at - 2..)?.first_chunk()?)),
            Self::Lacp => lacp::bytes(group, payload),
        };
        bytes.map(|bytes| at + bytes)
    }
}

/// A protocol over UDP.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum UdpProtocol {
    /// Names (RFC 1035).
    Dns,
    /// Time (RFC 5905).
    Ntp,
    /// Addresses of IPv4 (RFC 2131).
    Dhcp,
    /// Addresses of IPv6 (RFC 8415).
    Dhcpv6,
}

/// Where a datagram comes from, seen from the service.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Sender {
    Client,
    Server,
}

impl UdpProtocol {
    /// The protocol that a server speaks on this port.
    #[must_use]
    pub const fn at(server_port: u16) -> Option<Self> {
        match server_port {
            53 => Some(Self::Dns),
            67 => Some(Self::Dhcp),
            123 => Some(Self::Ntp),
            547 => Some(Self::Dhcpv6),
            _ => None,
        }
    }

    /// True if the datagram, of which `side` sent it, has the form of this protocol.
    #[must_use]
    pub fn has_form(self, frame: &[u8], datagram: &Datagram, side: Side) -> bool {
        let Some((ports, message)) = split(frame, datagram) else { return false };
        let sender = match side {
            Side::Inside => Sender::Client,
            Side::Outside => Sender::Server,
        };
        match self {
            Self::Dns => dns::has_form(message, sender),
            Self::Ntp => ntp::has_form(message),
            Self::Dhcp => datagram.version == Version::V4 && dhcp::has_form(message, datagram, ports, sender),
            Self::Dhcpv6 => datagram.version == Version::V6 && dhcpv6::has_form(message, datagram, ports, sender),
        }
    }
}

/// Source and destination port, and what the datagram carries, if it ends where the IP packet does.
fn split<'a>(frame: &'a [u8], datagram: &Datagram) -> Option<([u16; 2], &'a [u8])> {
    let udp = frame.get(datagram.payload..datagram.end)?;
    let ([a, b, c, d, e, f, _, _], message) = udp.split_first_chunk::<UDP_HEADER_BYTES>()?;
    let [source, destination, length] = [[*a, *b], [*c, *d], [*e, *f]].map(u16::from_be_bytes);
    (usize::from(length) == udp.len()).then_some(([source, destination], message))
}

/// Behind the Ethernet header and its tags.
fn payload_at(frame: &[u8]) -> usize {
    let mut at = ETHERNET_HEADER_BYTES;
    while let Some(ether_type) = frame.get(at - 2..).and_then(<[u8]>::first_chunk)
        && is_tag(u16::from_be_bytes(*ether_type))
    {
        at += VLAN_TAG_BYTES;
    }
    at
}

/// True if a message of `bytes` bytes may have this `padding` behind it: what fills the frame up to the shortest payload
/// (IEEE 802.3 clause 3.2.8) is cut off, whatever it is; what is longer is nothing but zeros.
fn is_padding(padding: &[u8], bytes: usize) -> bool {
    padding.get(PAYLOAD_BYTES_MIN.saturating_sub(bytes)..).is_none_or(is_blank)
}

/// True if nothing is said here.
fn is_blank(bytes: &[u8]) -> bool {
    bytes.iter().all(|byte| *byte == 0)
}

/// The 16-bit big-endian number at `at`.
fn u16_at(bytes: &[u8], at: usize) -> Option<u16> {
    bytes.get(at..)?.first_chunk().copied().map(u16::from_be_bytes)
}
