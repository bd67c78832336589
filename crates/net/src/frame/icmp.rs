//! Messages of routers that a packet is too big for the path (RFC 792 and 1191, RFC 4443 section 3.2).

use super::{Address, Datagram, Version, VlanTags, protocol};
use crate::checksum::{Sum, pseudo_header};
use crate::flow::Tuple;
use crate::tcp::Seq;

/// Type and code of the message in IPv4, and in IPv6.
const FRAGMENTATION_NEEDED: [u8; 2] = [3, 4];
const PACKET_TOO_BIG: [u8; 2] = [2, 0];
/// What a router that names no size may mean (RFC 1191 section 5).
const UNNAMED_MTU: u32 = 576;

/// A TCP segment did not fit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TooBig {
    /// Bytes of the longest IP packet that does.
    pub mtu: u32,
    /// The segment's addresses and ports, as it was sent.
    pub tuple: Tuple,
    /// Its sequence number.
    pub seq: Seq,
}

impl TooBig {
    /// Reads the message in `frame`; nothing if it is another one, is damaged, or was not sent to whoever sent the segment.
    #[must_use]
    pub fn read(frame: &[u8], datagram: &Datagram, vlan: VlanTags) -> Option<Self> {
        let message = frame.get(datagram.payload..datagram.end)?;
        let (kind, checked) = match (datagram.version, datagram.protocol) {
            (Version::V4, protocol::ICMP) => (FRAGMENTATION_NEEDED, Sum::ZERO),
            (Version::V6, protocol::ICMPV6) => {
                let addresses = frame.get(datagram.header + 8..datagram.header + 40)?;
                (PACKET_TOO_BIG, pseudo_header(addresses, protocol::ICMPV6, message.len()))
            }
            _ => return None,
        };
        if !message.starts_with(&kind) || !checked.add_bytes(message).is_valid() {
            return None;
        }
        let mtu = u32::from_be_bytes(*message.get(4..)?.first_chunk()?);
        let segment = message.get(8..)?;
        let (mtu, source, destination, tcp) = match datagram.version {
            Version::V4 => {
                // The upper half of the word is unused.
                let mtu = mtu & 0xffff;
                let header = segment.first_chunk::<20>()?;
                let [length, .., next] = *header.first_chunk::<10>()?;
                let is_first = header.get(6..8)?.iter().zip([0x1f, 0xff]).all(|(byte, mask)| byte & mask == 0);
                let address = |at: usize| Some(Address::v4(*header.get(at..)?.first_chunk()?));
                let tcp = segment.get(usize::from(length & 0x0f) * 4..)?;
                if length >> 4 != 4 || next != protocol::TCP || !is_first {
                    return None;
                }
                (if mtu == 0 { UNNAMED_MTU } else { mtu }, address(12)?, address(16)?, tcp)
            }
            Version::V6 => {
                let header = segment.first_chunk::<40>()?;
                let [version, .., next] = *header.first_chunk::<7>()?;
                let address = |at: usize| Some(Address::v6(*header.get(at..)?.first_chunk()?));
                if version >> 4 != 6 || next != protocol::TCP {
                    return None;
                }
                (mtu, address(8)?, address(24)?, segment.get(40..)?)
            }
        };
        if source != datagram.destination {
            return None;
        }
        let [a, b, c, d, seq @ ..] = *tcp.first_chunk::<8>()?;
        let (source_port, destination_port) = (u16::from_be_bytes([a, b]), u16::from_be_bytes([c, d]));
        let tuple = Tuple { source, destination, source_port, destination_port, protocol: protocol::TCP, vlan };
        Some(Self { mtu, tuple, seq: Seq(u32::from_be_bytes(seq)) })
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "test code")]

    use super::*;
    use crate::frame::{Frame, Network};
    use etherparse::PacketBuilder;

    /// The headers of a segment that was sent, as a router quotes them.
    fn quoted(is_v4: bool) -> Vec<u8> {
        let ip = if is_v4 {
            PacketBuilder::ipv4([10, 1, 0, 1], [10, 2, 0, 2], 60)
        } else {
            PacketBuilder::ipv6([0xfd; 16], [0xfc; 16], 60)
        };
        let mut bytes = Vec::new();
        ip.tcp(40_000, 443, 0x0102_0304, 100).write(&mut bytes, &[7; 100]).unwrap();
        bytes
    }

    fn message(is_v4: bool, (kind, code): (u8, u8), mtu: u32, quoted: &[u8]) -> Vec<u8> {
        let link = PacketBuilder::ethernet2([2, 0, 0, 0, 0, 9], [2, 0, 0, 0, 0, 1]);
        let mut frame = Vec::new();
        if is_v4 {
            let ip = link.ipv4([192, 0, 2, 1], [10, 1, 0, 1], 60);
            ip.icmpv4_raw(kind, code, mtu.to_be_bytes()).write(&mut frame, quoted).unwrap();
        } else {
            let ip = link.ipv6([0xfe; 16], [0xfd; 16], 60);
            ip.icmpv6_raw(kind, code, mtu.to_be_bytes()).write(&mut frame, quoted).unwrap();
        }
        frame
    }

    fn read(frame: &[u8]) -> Option<TooBig> {
        let Frame { network: Network::Ip(datagram), .. } = Frame::parse(frame).unwrap() else { return None };
        TooBig::read(frame, &datagram, VlanTags::default())
    }

    #[test]
    fn a_router_says_which_segment_was_too_big() {
        for (is_v4, kind) in [(true, (3, 4)), (false, (2, 0))] {
            // As much as a router has to quote, and all of it.
            for length in [if is_v4 { 28 } else { 48 }, quoted(is_v4).len()] {
                let frame = message(is_v4, kind, 1400, &quoted(is_v4)[..length]);
                let found = read(&frame).unwrap();
                assert_eq!((found.mtu, found.seq), (1400, Seq(0x0102_0304)));
                assert_eq!((found.tuple.source_port, found.tuple.destination_port), (40_000, 443));
                assert_eq!(found.tuple.protocol, protocol::TCP);
            }
        }
        assert_eq!(read(&message(true, (3, 4), 0, &quoted(true))).unwrap().mtu, UNNAMED_MTU);
    }

    #[test]
    fn other_messages_say_nothing() {
        for (is_v4, kind) in [(true, (3, 4)), (false, (2, 0))] {
            let quoted = quoted(is_v4);
            assert_eq!(read(&message(is_v4, (kind.0, kind.1 + 1), 1400, &quoted)), None);
            assert_eq!(read(&message(is_v4, (kind.0 + 8, kind.1), 1400, &quoted)), None);
            let mut damaged = message(is_v4, kind, 1400, &quoted);
            *damaged.last_mut().unwrap() ^= 1;
            assert_eq!(read(&damaged), None);
            for length in 0..if is_v4 { 28 } else { 48 } {
                assert_eq!(read(&message(is_v4, kind, 1400, &quoted[..length])), None, "{length}");
            }
            // Of another sender, or of another protocol.
            let (source, next) = if is_v4 { (12, 9) } else { (8, 6) };
            for at in [source, next, 0] {
                let mut other = quoted.clone();
                other[at] ^= 0x11;
                assert_eq!(read(&message(is_v4, kind, 1400, &other)), None, "{at}");
            }
        }
    }
}
