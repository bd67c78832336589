//! Frames that an endpoint sends.

use super::arrival::Marks;
use super::memory::Queue;
use super::options::Encoded;
use crate::link::Link;
use core::net::{IpAddr, SocketAddr};
use net::buffer::Buffer;
use net::checksum::{self, Sum};
use net::frame::protocol;
use net::tcp::{Flags, Seq};

/// TCP header without options, in bytes.
pub(super) const TCP_HEADER_BYTES: usize = 20;
const IPV4_HEADER_BYTES: usize = 20;
const IPV6_HEADER_BYTES: usize = 40;
const DONT_FRAGMENT: u8 = 0x40;

/// Who speaks to whom, and how frames get there.
#[derive(Clone, Debug)]
pub(super) struct Path {
    /// Ethernet header and tags of what is sent.
    pub(super) link: Link,
    /// In whose name the appliance speaks.
    pub(super) own: SocketAddr,
    pub(super) peer: SocketAddr,
    pub(super) marks: Marks,
}

/// One segment to be sent; its payload is a range of the stream in the sender's queue.
#[derive(Clone, Debug)]
pub(super) struct Outgoing {
    pub(super) seq: Seq,
    pub(super) ack: Seq,
    pub(super) flags: Flags,
    pub(super) window: u16,
    pub(super) options: Encoded,
    /// Stream offset and length of the payload.
    pub(super) payload: (u64, usize),
}

impl Path {
    /// Bytes of IP and TCP headers without options.
    pub(super) const fn header_bytes(&self) -> usize {
        TCP_HEADER_BYTES + if self.own.is_ipv4() { IPV4_HEADER_BYTES } else { IPV6_HEADER_BYTES }
    }

    /// Writes the frame into `buffer`, which is empty; false without room for it.
    pub(super) fn emit<B: Buffer>(&self, buffer: &mut B, segment: &Outgoing, queue: &Queue) -> bool {
        let header_bytes = TCP_HEADER_BYTES + segment.options.len();
        let (from, payload_bytes) = segment.payload;
        let Ok(tcp_bytes) = u16::try_from(header_bytes + payload_bytes) else { return false };
        let Some(addresses) = self.emit_headers(buffer, tcp_bytes) else { return false };
        let start = buffer.len();
        let written = buffer.extend(&self.tcp_header(segment))
            && buffer.extend(&segment.options)
            && emit_payload(buffer, queue, from, payload_bytes);
        let Some(transport) = buffer.as_mut_slice().get_mut(start..) else { return false };
        let sum = addresses.add_bytes(transport).checksum().to_be_bytes();
        if let Some(field) = transport.get_mut(16..18) {
            field.copy_from_slice(&sum);
        }
        written
    }

    /// Link and IP header; returns the sum of the pseudo header.
    fn emit_headers<B: Buffer>(&self, buffer: &mut B, tcp_bytes: u16) -> Option<Sum> {
        let Marks { hop_limit, dscp, flow_label } = self.marks;
        let mut header = [0; IPV6_HEADER_BYTES];
        let (len, addresses_at) = match (self.own.ip(), self.peer.ip()) {
            (IpAddr::V4(source), IpAddr::V4(destination)) => {
                let [high, low] = tcp_bytes.checked_add(20)?.to_be_bytes();
                let fixed = [0x45, dscp << 2, high, low, 0, 0, DONT_FRAGMENT, 0, hop_limit, protocol::TCP, 0, 0];
                write(&mut header, 0, &fixed);
                write(&mut header, 12, &source.octets());
                write(&mut header, 16, &destination.octets());
                let sum = header.first_chunk().map(Sum::of_ipv4_header)?.checksum();
                write(&mut header, 10, &sum.to_be_bytes());
                (IPV4_HEADER_BYTES, 12)
            }
            (IpAddr::V6(source), IpAddr::V6(destination)) => {
                let first = 6 << 28 | u32::from(dscp) << 22 | flow_label & 0xf_ffff;
                write(&mut header, 0, &first.to_be_bytes());
                let [high, low] = tcp_bytes.to_be_bytes();
                write(&mut header, 4, &[high, low, protocol::TCP, hop_limit]);
                write(&mut header, 8, &source.octets());
                write(&mut header, 24, &destination.octets());
                (IPV6_HEADER_BYTES, 8)
            }
            _ => return None,
        };
        let header = header.get(..len)?;
        let written = buffer.extend(self.link.to_peer()) && buffer.extend(header);
        written.then(|| {
            checksum::pseudo_header(
                header.get(addresses_at..).unwrap_or_default(),
                protocol::TCP,
                usize::from(tcp_bytes),
            )
        })
    }

    fn tcp_header(&self, segment: &Outgoing) -> [u8; TCP_HEADER_BYTES] {
        let mut header = [0; TCP_HEADER_BYTES];
        #[expect(clippy::cast_possible_truncation, reason = "at most 15 words of header")]
        let offset = (((TCP_HEADER_BYTES + segment.options.len()) / 4) << 4) as u8;
        write(&mut header, 0, &self.own.port().to_be_bytes());
        write(&mut header, 2, &self.peer.port().to_be_bytes());
        write(&mut header, 4, &segment.seq.0.to_be_bytes());
        write(&mut header, 8, &segment.ack.0.to_be_bytes());
        write(&mut header, 12, &[offset, segment.flags.0]);
        write(&mut header, 14, &segment.window.to_be_bytes());
        header
    }
}

fn write(header: &mut [u8], at: usize, bytes: &[u8]) {
    if let Some(field) = header.get_mut(at..at + bytes.len()) {
        field.copy_from_slice(bytes);
    }
}

fn emit_payload<B: Buffer>(buffer: &mut B, queue: &Queue, from: u64, bytes: usize) -> bool {
    let (mut at, mut left) = (from, bytes);
    while left > 0 {
        let piece = queue.piece(at);
        let piece = piece.get(..left).unwrap_or(piece);
        if piece.is_empty() || !buffer.extend(piece) {
            return false;
        }
        left -= piece.len();
        at += piece.len() as u64;
    }
    true
}

#[cfg(test)]
mod tests {
    use super::super::arrival::Arrival;
    use super::super::memory::Memory;
    use super::super::options;
    use super::*;
    use net::heap::HeapPool;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn what_is_sent_reads_back_as_it_was_meant(
            v6 in any::<bool>(), seq in any::<u32>(), ack in any::<u32>(), window in any::<u16>(), stamps in any::<Option<(u32, u32)>>(),
            payload in prop::collection::vec(any::<u8>(), 0..4000), dscp in 0u8..64, hop_limit in 1u8.., label in 0u32..1 << 20,
        ) {
            let end = |last| if v6 { SocketAddr::from(([0xfd, 0, 0, 0, 0, 0, 0, last], 80 + last)) } else { SocketAddr::from(([10, 0, 0, last as u8], 80 + last)) };
            let flow_label = if v6 { label } else { 0 };
            let link = [2, 0, 0, 0, 0, 2, 2, 0, 0, 0, 0, 1, if v6 { 0x86 } else { 8 }, if v6 { 0xdd } else { 0 }];
            let path = Path { link: Link::passing(&link), own: end(1), peer: end(2), marks: Marks { hop_limit, dscp, flow_label } };
            let mut memory = Memory::new(1 << 16);
            let mut queue = Queue::new(5);
            prop_assert_eq!(queue.push(&mut memory, &payload), payload.len());
            let segment = Outgoing { seq: Seq(seq), ack: Seq(ack), flags: Flags::ACK.with(Flags::PSH), window, options: options::of_segment(stamps, &[]), payload: (5, payload.len()) };
            let mut buffer = HeapPool::new().alloc();
            prop_assert!(path.emit(&mut buffer, &segment, &queue));
            let arrival = Arrival::parse(buffer.as_slice()).unwrap();
            prop_assert!(arrival.checksum_is_valid());
            prop_assert_eq!((arrival.source(), arrival.destination(), arrival.marks()), (path.own, path.peer, path.marks));
            prop_assert_eq!((arrival.segment.seq, arrival.segment.ack, arrival.segment.window), (Seq(seq), Seq(ack), window));
            prop_assert_eq!(arrival.segment.options.timestamps, stamps);
            prop_assert_eq!(arrival.payload(), &payload[..]);
        }
    }
}
