//! Everything that is not TCP to be inspected: what passes untouched, and what does not.

use crate::context::Context;
use crate::flow::Forwarded;
use core::net::IpAddr;
use net::buffer::Buffer;
use net::essential::{IcmpMessage, LinkProtocol, shorten_quote};
use net::frame::{Datagram, Frame, Network, VlanTags, blank_options};
use net::tcp::{Flags, Segment};
use net::{Direction, DropReason, Side};
use policy::{Essentials, FlowFacts, Leave, Policy, Protocol};

/// Ethernet types of the essentials (IANA, IEEE).
const ETHER_TYPE_ARP: u16 = 0x0806;
const ETHER_TYPE_LLDP: u16 = 0x88cc;
const ETHER_TYPE_SLOW_PROTOCOLS: u16 = 0x8809;
/// The group addresses that bridges keep to themselves (IEEE 802.1Q, table 8-1).
const BRIDGE_GROUP: [u8; 5] = [0x01, 0x80, 0xc2, 0x00, 0x00];

/// Longest discovery message from inside: a report of a few dozen groups.
const DISCOVERY_BYTES_MAX: usize = 512;

/// Finds whether a frame without IP may pass: because a rule says so, or because it is essential and has its form.
///
/// # Errors
/// The reason under which it is to be dropped.
pub(crate) fn check_frame(policy: &Policy, Frame { vlan, network }: &Frame, frame: &[u8]) -> Result<(), DropReason> {
    let ether_type = match network {
        Network::Arp => ETHER_TYPE_ARP,
        Network::Other(other) => *other,
        Network::Llc | Network::Ip(_) => 0,
    };
    let facts = FlowFacts {
        protocol: Protocol::EtherType(ether_type),
        client: None,
        server: None,
        port: 0,
        vlan: [vlan.outer, vlan.inner],
    };
    match policy.leave(&facts) {
        Leave::Free => return Ok(()),
        Leave::Barred => return Err(DropReason::EtherType),
        Leave::Essential => {}
    }
    let essentials = policy.essentials();
    let protocol = link_protocol(network, frame).filter(|protocol| match protocol {
        LinkProtocol::Arp => essentials.arp,
        LinkProtocol::Lldp => essentials.lldp,
        LinkProtocol::Stp => essentials.stp,
        LinkProtocol::Lacp => essentials.lacp,
    });
    let protocol = protocol.ok_or(DropReason::EtherType)?;
    protocol.end(frame).map(drop).ok_or(DropReason::EssentialForm)
}

/// What a frame is by its type and, but for ARP, its destination.
fn link_protocol(network: &Network, frame: &[u8]) -> Option<LinkProtocol> {
    match network {
        Network::Arp => Some(LinkProtocol::Arp),
        _ if !frame.starts_with(&BRIDGE_GROUP) => None,
        Network::Llc => Some(LinkProtocol::Stp),
        Network::Other(ETHER_TYPE_LLDP) => Some(LinkProtocol::Lldp),
        Network::Other(ETHER_TYPE_SLOW_PROTOCOLS) => Some(LinkProtocol::Lacp),
        Network::Other(_) | Network::Ip(_) => None,
    }
}

/// Cuts off what stands behind an essential message.
pub(crate) fn cut_padding<B: Buffer>(frame: &mut B, network: &Network) {
    if let Some(end) = link_protocol(network, frame.as_slice()).and_then(|protocol| protocol.end(frame.as_slice())) {
        frame.truncate(end);
    }
}

/// Finds whether a datagram that is neither TCP nor UDP may pass.
///
/// # Errors
/// The reason under which it is to be dropped.
pub(crate) fn check_datagram(
    policy: &Policy,
    datagram: &Datagram,
    frame: &[u8],
    side: Side,
    vlan: VlanTags,
) -> Result<Passage, DropReason> {
    let (client, server) = ends(datagram, side);
    let facts = FlowFacts {
        protocol: Protocol::Ip(datagram.protocol),
        client: Some(client),
        server: Some(server),
        port: 0,
        vlan: [vlan.outer, vlan.inner],
    };
    match policy.leave(&facts) {
        Leave::Free => return Ok(Passage::Free),
        Leave::Barred => return Err(DropReason::IpProtocol),
        Leave::Essential => {}
    }
    let essentials = policy.essentials();
    let (message, bytes_max) = match IcmpMessage::of(frame, datagram) {
        Some(message @ (IcmpMessage::Echo | IcmpMessage::Error)) if essentials.icmp => {
            (message, usize::from(essentials.icmp_bytes_max))
        }
        Some(message @ (IcmpMessage::Neighbours | IcmpMessage::Listeners)) if essentials.nd => {
            (message, DISCOVERY_BYTES_MAX)
        }
        _ => return Err(DropReason::IpProtocol),
    };
    // From inside they have no reason to be long. Of an error only the packet that it quotes may be, and that can be cut.
    let kept = if message == IcmpMessage::Error { datagram.payload } else { datagram.end };
    if side == Side::Inside && kept - datagram.header > bytes_max {
        return Err(DropReason::IpProtocol);
    }
    if message.has_form(frame, datagram, side) { Ok(Passage::Essential) } else { Err(DropReason::EssentialForm) }
}

/// By which right a datagram passes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Passage {
    /// The policy says so: it is not looked into.
    Free,
    /// It is essential, and has the form of that.
    Essential,
}

/// True if a UDP datagram that answers no flow may pass from outside: a DHCP server speaks to
/// addresses that nobody has yet.
pub(crate) const fn allows_unasked_udp(policy: &Policy, source_port: u16, destination_port: u16) -> bool {
    policy.essentials().dhcp && matches!((source_port, destination_port), (67, 67 | 68) | (547, 546 | 547))
}

/// Takes from an essential datagram what is none of its message: options, which nobody needs here, and what stands behind
/// it. The router alert of listeners is part of their form. Of an error from inside as much of the quotation stays as may
/// pass; true if that was not all of it.
pub(crate) fn strip<B: Buffer>(frame: &mut B, datagram: &Datagram, side: Side, essentials: &Essentials) -> bool {
    let message = IcmpMessage::of(frame.as_slice(), datagram);
    if message != Some(IcmpMessage::Listeners) {
        blank_options(frame.as_mut_slice(), datagram);
    }
    let bytes_max = usize::from(essentials.icmp_bytes_max);
    let cut_at = (message == Some(IcmpMessage::Error) && side == Side::Inside)
        .then(|| shorten_quote(frame.as_mut_slice(), datagram, bytes_max))
        .flatten();
    frame.truncate(cut_at.unwrap_or(datagram.end));
    cut_at.is_some()
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
