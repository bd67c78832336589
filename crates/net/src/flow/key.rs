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
    /// Both ports (16 bits each, inside first), both VLAN identifiers (12 bits each, outer first) and
    /// the protocol (8 bits): one word, so that keys are hashed and compared by words.
    rest: u64,
}

const INSIDE_PORT_SHIFT: u32 = 48;
const OUTSIDE_PORT_SHIFT: u32 = 32;
const OUTER_VLAN_SHIFT: u32 = 20;
const INNER_VLAN_SHIFT: u32 = 8;
const VLAN_MASK: u16 = 0x0fff;

impl FlowKey {
    /// The key of the flow to which a frame with this tuple belongs that came in on `side`.
    #[must_use]
    #[inline]
    pub const fn new(tuple: &Tuple, side: Side) -> Self {
        let (inside, outside, inside_port, outside_port) = match side {
            Side::Inside => (tuple.source, tuple.destination, tuple.source_port, tuple.destination_port),
            Side::Outside => (tuple.destination, tuple.source, tuple.destination_port, tuple.source_port),
        };
        let rest = (inside_port as u64) << INSIDE_PORT_SHIFT
            | (outside_port as u64) << OUTSIDE_PORT_SHIFT
            | ((tuple.vlan.outer & VLAN_MASK) as u64) << OUTER_VLAN_SHIFT
            | ((tuple.vlan.inner & VLAN_MASK) as u64) << INNER_VLAN_SHIFT
            | tuple.protocol as u64;
        Self { inside, outside, rest }
    }

    /// Address and port of the end on `side`.
    #[must_use]
    pub fn end(&self, side: Side) -> SocketAddr {
        match side {
            Side::Inside => SocketAddr::new(self.inside.ip(), self.word(INSIDE_PORT_SHIFT)),
            Side::Outside => SocketAddr::new(self.outside.ip(), self.word(OUTSIDE_PORT_SHIFT)),
        }
    }

    /// Transport protocol.
    #[must_use]
    pub const fn protocol(&self) -> u8 {
        self.rest.to_le_bytes()[0]
    }

    /// VLAN tags.
    #[must_use]
    pub const fn vlan(&self) -> VlanTags {
        let [outer, inner] = [self.word(OUTER_VLAN_SHIFT) & VLAN_MASK, self.word(INNER_VLAN_SHIFT) & VLAN_MASK];
        VlanTags { outer, inner }
    }

    const fn word(&self, shift: u32) -> u16 {
        #[expect(clippy::cast_possible_truncation, reason = "16 bits of the word")]
        {
            (self.rest >> shift) as u16
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use core::net::IpAddr;

    #[test]
    fn a_key_gives_back_what_it_was_made_of() {
        for (source, destination) in [("10.1.2.3", "192.0.2.255"), ("2001:db8::1", "fe80::ffff:a00:1")] {
            let [source, destination] = [source, destination].map(|text| text.parse::<IpAddr>().unwrap());
            let tuple = Tuple {
                source: source.into(),
                destination: destination.into(),
                source_port: 0xfedc,
                destination_port: 0x8001,
                protocol: 0xff,
                vlan: VlanTags { outer: 0xfff, inner: 0xabc },
            };
            let key = FlowKey::new(&tuple, Side::Inside);
            assert_eq!(key.end(Side::Inside), SocketAddr::new(source, 0xfedc));
            assert_eq!(key.end(Side::Outside), SocketAddr::new(destination, 0x8001));
            assert_eq!((key.protocol(), key.vlan()), (0xff, tuple.vlan));
        }
    }
}
