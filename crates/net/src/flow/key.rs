use crate::Side;
use crate::frame::{Address, VlanTags};
use core::net::SocketAddr;

/// The addresses, ports and protocol of one frame, as they stand in it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Tuple {
    /// Source address.
    pub source: Address,
    /// Destination address.
    pub destination: Address,
    /// Source port; 0 for protocols without ports.
    pub source_port: u16,
    /// Destination port; 0 for protocols without ports.
    pub destination_port: u16,
    /// Transport protocol.
    pub protocol: u8,
    /// VLAN tags: two VLANs may use the same addresses.
    pub vlan: VlanTags,
}

/// What names a flow, the same for both of its directions: the inside end first.
///
/// The port a frame came in on tells which end is inside, so a key needs no ordering of addresses,
/// and a frame that claims the flow's addresses from the wrong side finds nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct FlowKey {
    inside: Address,
    outside: Address,
    inside_port: u16,
    outside_port: u16,
    vlan: VlanTags,
    protocol: u8,
}

impl FlowKey {
    /// The key of the flow to which a frame with this tuple belongs that came in on `side`.
    #[must_use]
    #[inline]
    pub const fn new(tuple: &Tuple, side: Side) -> Self {
        let (inside, outside, inside_port, outside_port) = match side {
            Side::Inside => (tuple.source, tuple.destination, tuple.source_port, tuple.destination_port),
            Side::Outside => (tuple.destination, tuple.source, tuple.destination_port, tuple.source_port),
        };
        Self { inside, outside, inside_port, outside_port, vlan: tuple.vlan, protocol: tuple.protocol }
    }

    /// Address and port of the end on `side`.
    #[must_use]
    pub fn end(&self, side: Side) -> SocketAddr {
        match side {
            Side::Inside => SocketAddr::new(self.inside.ip(), self.inside_port),
            Side::Outside => SocketAddr::new(self.outside.ip(), self.outside_port),
        }
    }

    /// Transport protocol.
    #[must_use]
    pub const fn protocol(&self) -> u8 {
        self.protocol
    }

    /// VLAN tags.
    #[must_use]
    pub const fn vlan(&self) -> VlanTags {
        self.vlan
    }
}
