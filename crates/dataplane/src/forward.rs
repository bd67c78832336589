//! Everything that is not TCP to be inspected: what passes untouched, and what does not.

use crate::context::Context;
use crate::flow::Forwarded;
use core::net::IpAddr;
use net::buffer::Buffer;
use net::frame::{Datagram, Network, protocol};
use net::tcp::{Flags, Segment};
use net::{Direction, Side};
use policy::{FlowFacts, Mode, Policy, Protocol, Route};

/// Ethernet types of the essentials (IANA, IEEE).
const ETHER_TYPE_LLDP: u16 = 0x88cc;
const ETHER_TYPE_SLOW_PROTOCOLS: u16 = 0x8809;
/// The group addresses that bridges keep to themselves (IEEE 802.1Q, table 8-1).
const BRIDGE_GROUP: [u8; 5] = [0x01, 0x80, 0xc2, 0x00, 0x00];
/// ICMPv6 messages of multicast listener and neighbour discovery (RFC 2710, 3810, 4861).
const ICMPV6_DISCOVERY: [core::ops::RangeInclusive<u8>; 2] = [130..=137, 143..=143];

/// Where the hop limit stands in an IPv6 header.
const HOP_LIMIT_AT: usize = 7;
/// Longest discovery message from inside: a report of a few dozen groups.
const DISCOVERY_BYTES_MAX: usize = 512;

/// True if a frame without IP may pass.
pub(crate) fn allows_frame(policy: &Policy, network: &Network, frame: &[u8]) -> bool {
    let essentials = policy.essentials();
    let is_for_bridges = frame.starts_with(&BRIDGE_GROUP);
    let (is_essential, ether_type) = match network {
        Network::Arp => (essentials.arp, 0x0806),
        Network::Llc => (essentials.stp && is_for_bridges, 0),
        Network::Other(ETHER_TYPE_LLDP) => (essentials.lldp && is_for_bridges, ETHER_TYPE_LLDP),
        Network::Other(ETHER_TYPE_SLOW_PROTOCOLS) => (essentials.lacp && is_for_bridges, ETHER_TYPE_SLOW_PROTOCOLS),
        Network::Other(other) => (false, *other),
        Network::Ip(_) => (false, 0),
    };
    let facts =
        FlowFacts { protocol: Protocol::EtherType(ether_type), client: None, server: None, port: 0, vlan: [0; 2] };
    is_essential || policy.route(&facts) == Route::Mode(Mode::Forward)
}

/// True if a datagram that is neither TCP nor UDP may pass.
pub(crate) fn allows_datagram(policy: &Policy, datagram: &Datagram, frame: &[u8], side: Side, vlan: [u16; 2]) -> bool {
    let essentials = policy.essentials();
    let message = frame.get(datagram.payload).copied();
    let is_short = side == Side::Outside || datagram.end - datagram.header <= usize::from(essentials.icmp_bytes_max);
    // Discovery stays on its link: its messages are believed only if no router passed them on (RFC 4861
    // section 7.1, RFC 2710 section 3), and from inside they have no reason to be long.
    let hops = frame.get(datagram.header + HOP_LIMIT_AT).copied().unwrap_or_default();
    let is_on_link = hops == 255 || hops == 1;
    let is_discovery = message.is_some_and(|kind| ICMPV6_DISCOVERY.iter().any(|range| range.contains(&kind)))
        && is_on_link
        && (side == Side::Outside || datagram.end - datagram.header <= DISCOVERY_BYTES_MAX);
    let is_essential = match datagram.protocol {
        protocol::ICMP => essentials.icmp && is_short,
        protocol::ICMPV6 if is_discovery => essentials.nd,
        protocol::ICMPV6 => essentials.icmp && is_short,
        _ => false,
    };
    let (client, server) = ends(datagram, side);
    let facts = FlowFacts {
        protocol: Protocol::Ip(datagram.protocol),
        client: Some(client),
        server: Some(server),
        port: 0,
        vlan,
    };
    is_essential || policy.route(&facts) == Route::Mode(Mode::Forward)
}

/// True if a UDP datagram that answers no flow may pass from outside: a DHCP server speaks to
/// addresses that nobody has yet.
pub(crate) const fn allows_unasked_udp(policy: &Policy, source_port: u16, destination_port: u16) -> bool {
    policy.essentials().dhcp && matches!((source_port, destination_port), (67, 67 | 68) | (547, 546 | 547))
}

/// Cuts off what stands behind an ARP message: addresses of six and four bytes are what there is here.
pub(crate) fn cut_arp<B: Buffer>(frame: &mut B) {
    const ARP_BYTES: usize = 28;
    let bytes = frame.as_slice();
    let is_tag = |at: usize| matches!(bytes.get(at..at + 2), Some([0x81, 0x00] | [0x88, 0xa8]));
    let mut ether_type = 12;
    while is_tag(ether_type) {
        ether_type += 4;
    }
    frame.truncate(ether_type + 2 + ARP_BYTES);
}

/// Inside and outside address of a datagram.
pub(crate) fn ends(datagram: &Datagram, side: Side) -> (IpAddr, IpAddr) {
    match side {
        Side::Inside => (datagram.source.ip(), datagram.destination.ip()),
        Side::Outside => (datagram.destination.ip(), datagram.source.ip()),
    }
}

impl Forwarded {
    /// An end has spoken, to open a connection or in one.
    #[inline]
    pub(crate) const fn note_speaker(&mut self, side: Side, is_opening: bool) {
        let [inside, outside] = &mut self.spoken;
        let spoken = match side {
            Side::Inside => inside,
            Side::Outside => outside,
        };
        // A line that is not written to need not be written back.
        if !*spoken {
            *spoken = true;
        }
        if !self.is_past_opening {
            self.is_past_opening = !is_opening;
        }
    }

    /// Takes note of a segment that passes.
    pub(crate) const fn note(&mut self, direction: Direction, segment: &Segment) {
        let [upstream, downstream] = &mut self.fins;
        let fin = match direction {
            Direction::Upstream => upstream,
            Direction::Downstream => downstream,
        };
        *fin |= segment.flags.any(Flags::FIN);
        self.note_speaker(direction.ingress(), segment.flags.any(Flags::SYN));
        self.is_reset |= segment.flags.any(Flags::RST);
    }
}

/// Sends a frame on as it came.
pub(crate) fn forward<B: Buffer, D: net::device::Device<Buffer = B>>(
    frame: B,
    side: Side,
    context: &mut Context<B>,
    device: &mut D,
) {
    context.send(device, side.opposite(), frame);
}
