//! One received segment with the headers around it, as an endpoint reads it.

use core::net::SocketAddr;
use net::DropReason;
use net::frame::{Datagram, Frame, Network, Version, protocol};
use net::tcp::{Segment, transport_checksum_is_valid};

/// A received frame that carries a TCP segment.
#[derive(Clone, Copy, Debug)]
pub struct Arrival<'a> {
    /// The frame.
    pub frame: &'a [u8],
    /// Where its IP packet stands.
    pub datagram: Datagram,
    /// Where its TCP segment stands.
    pub segment: Segment,
}

/// What a packet carries along the path for others: copied from the peer's packets to those that are
/// sent in its name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Marks {
    /// TTL or hop limit.
    pub hop_limit: u8,
    /// Differentiated services code point, 6 bits.
    pub dscp: u8,
    /// IPv6 flow label, 20 bits.
    pub flow_label: u32,
}

impl<'a> Arrival<'a> {
    /// Reads the headers of `frame`; the TCP checksum is left to [`Arrival::checksum_is_valid`].
    ///
    /// # Errors
    /// The reason under which the frame is to be dropped.
    pub fn parse(frame: &'a [u8]) -> Result<Self, DropReason> {
        let Network::Ip(datagram) = Frame::parse(frame)?.network else { return Err(DropReason::EtherType) };
        if datagram.protocol != protocol::TCP || datagram.fragment.is_some() {
            return Err(DropReason::IpProtocol);
        }
        let segment = Segment::parse(frame, &datagram)?;
        Ok(Self { frame, datagram, segment })
    }

    /// Who sent it.
    #[must_use]
    pub fn source(&self) -> SocketAddr {
        SocketAddr::new(self.datagram.source.ip(), self.segment.source_port)
    }

    /// To whom it was sent.
    #[must_use]
    pub fn destination(&self) -> SocketAddr {
        SocketAddr::new(self.datagram.destination.ip(), self.segment.destination_port)
    }

    /// Marks of its IP header.
    #[must_use]
    pub fn marks(&self) -> Marks {
        let header = self.frame.get(self.datagram.header..).unwrap_or_default();
        match (self.datagram.version, header) {
            (Version::V4, [_, service, _, _, _, _, _, _, ttl, ..]) => {
                Marks { hop_limit: *ttl, dscp: service >> 2, flow_label: 0 }
            }
            (Version::V6, [first, second, third, fourth, _, _, _, hop_limit, ..]) => Marks {
                hop_limit: *hop_limit,
                dscp: (first & 0x0f) << 2 | second >> 6,
                flow_label: u32::from_be_bytes([0, second & 0x0f, *third, *fourth]),
            },
            _ => Marks { hop_limit: 64, dscp: 0, flow_label: 0 },
        }
    }

    pub(super) fn payload(&self) -> &'a [u8] {
        self.frame.get(self.segment.payload..self.segment.end).unwrap_or_default()
    }

    /// The bytes of the TCP options.
    pub(super) fn options(&self) -> &'a [u8] {
        self.frame.get(self.segment.header + 20..self.segment.payload).unwrap_or_default()
    }

    /// True if the TCP checksum is right.
    #[must_use]
    pub fn checksum_is_valid(&self) -> bool {
        transport_checksum_is_valid(self.frame, &self.datagram)
    }

    /// The bytes in front of the IP header.
    pub(super) fn link(&self) -> &'a [u8] {
        self.frame.get(..self.datagram.header).unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use testkit::{Ends, Family, Tcp, tcp};

    #[test]
    fn marks_are_read_where_both_versions_have_them() {
        let mut frame = tcp(&Ends::new(Family::V6, 1000, 80), true, &Tcp::default());
        [frame[14], frame[15], frame[16], frame[17]] = [0x6b, 0x8a, 0xbc, 0xde];
        let marks = Arrival::parse(&frame).unwrap().marks();
        assert_eq!(marks, Marks { hop_limit: 64, dscp: 46, flow_label: 0xa_bcde });
    }
}
