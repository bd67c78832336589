//! What the kernel knows of an interface.

use super::netlink::{Attributes, Body, Message, Netlink};
use core::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use rustix::io::Errno;

const NEW_LINK: u16 = 16;
const GET_LINK: u16 = 18;
const GET_ADDRESS: u16 = 22;

/// `struct ifinfomsg`: family, type, index, flags, mask of flags to change.
const LINK_LEN: usize = 16;
const LINK_INDEX_AT: usize = 4;
const LINK_FLAGS_AT: usize = 8;
const FLAG_UP: u32 = 1;
const FLAG_PROMISCUOUS: u32 = 0x100;
const FLAG_ALL_MULTICAST: u32 = 0x200;

const LINK_NAME: u16 = 3;
const LINK_LOWER: u16 = 5;
const LINK_MASTER: u16 = 10;
const LINK_INFO: u16 = 18;
const LINK_INFO_KIND: u16 = 1;

/// `struct ifaddrmsg`: family, prefix length, flags, scope, index.
const ADDRESS_LEN: usize = 8;
const ADDRESS_INDEX_AT: usize = 4;
const ADDRESS_PEER: u16 = 1;
const ADDRESS_LOCAL: u16 = 2;

/// What of an interface's flags isolation, or a port's driver after it, changes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Flags(u32);

impl Flags {
    const MASK: u32 = FLAG_UP | FLAG_PROMISCUOUS | FLAG_ALL_MULTICAST;

    pub(super) const fn of(bits: u32) -> Self {
        Self(bits & Self::MASK)
    }

    pub(super) const fn bits(self) -> u32 {
        self.0
    }
}

/// An interface as it was found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Interface {
    pub(super) name: String,
    pub(super) index: u32,
    /// What is up to whoever configures it.
    pub(super) flags: Flags,
    /// The index of the bridge, bond, team or VRF that it is a member of.
    pub(super) master: Option<u32>,
}

impl Interface {
    fn read(message: &Message) -> Result<Self, Errno> {
        let attributes = link_attributes(message);
        Ok(Self {
            name: attributes.text(LINK_NAME).ok_or(Errno::BADMSG)?.to_owned(),
            index: message.u32_at(LINK_INDEX_AT)?,
            flags: Flags::of(message.u32_at(LINK_FLAGS_AT)?),
            master: attributes.number(LINK_MASTER),
        })
    }
}

/// The interface of a name, if there is one.
pub(super) fn find(netlink: &Netlink, name: &str) -> Result<Option<Interface>, Errno> {
    let body = Body::of(&[0; LINK_LEN / 4]).with_text(LINK_NAME, name);
    match netlink.ask(GET_LINK, &body) {
        Ok(message) => Interface::read(&message).map(Some),
        // The kernel's answers to a name that is not there, and to one that cannot be.
        Err(Errno::NODEV | Errno::INVAL | Errno::RANGE) => Ok(None),
        Err(error) => Err(error),
    }
}

/// The name of the interface of an index.
pub(super) fn name_of(netlink: &Netlink, index: u32) -> Result<String, Errno> {
    let message = netlink.ask(GET_LINK, &Body::of(&[0, index, 0, 0]))?;
    Interface::read(&message).map(|interface| interface.name)
}

/// The addresses of an interface, of both families.
pub(super) fn addresses(netlink: &Netlink, index: u32) -> Result<Vec<IpAddr>, Errno> {
    let mut addresses = Vec::new();
    for message in netlink.list(GET_ADDRESS, &Body::of(&[0; ADDRESS_LEN / 4]))? {
        if message.u32_at(ADDRESS_INDEX_AT)? != index {
            continue;
        }
        let attributes = message.attributes(ADDRESS_LEN);
        // On a point-to-point link the own address is LOCAL and ADDRESS the peer's.
        let value = attributes.find(ADDRESS_LOCAL).or_else(|| attributes.find(ADDRESS_PEER));
        addresses.push(value.and_then(address).ok_or(Errno::BADMSG)?);
    }
    Ok(addresses)
}

fn address(bytes: &[u8]) -> Option<IpAddr> {
    let v4 = || <[u8; 4]>::try_from(bytes).map(|octets| Ipv4Addr::from(octets).into());
    let v6 = || <[u8; 16]>::try_from(bytes).map(|octets| Ipv6Addr::from(octets).into());
    v4().or_else(|_| v6()).ok()
}

/// True for an address that every interface has: isolating takes it away.
pub(super) const fn is_harmless(address: &IpAddr) -> bool {
    match address {
        IpAddr::V4(_) => false,
        IpAddr::V6(address) => address.is_unicast_link_local(),
    }
}

/// An interface that is stacked on this one (a VLAN, a MACVLAN ...), if there is one.
///
/// A veth's peer refers to it in the same field, and is no such thing.
pub(super) fn stacked_on(netlink: &Netlink, index: u32) -> Result<Option<String>, Errno> {
    for message in netlink.list(GET_LINK, &Body::of(&[0; LINK_LEN / 4]))? {
        let attributes = link_attributes(&message);
        let kind = attributes.nested(LINK_INFO).text(LINK_INFO_KIND);
        if attributes.number(LINK_LOWER) == Some(index) && kind != Some("veth") {
            return Interface::read(&message).map(|interface| Some(interface.name));
        }
    }
    Ok(None)
}

/// Sets the interface up.
pub(super) fn set_up(netlink: &Netlink, index: u32) -> Result<(), Errno> {
    netlink.change(NEW_LINK, 0, &Body::of(&[0, index, FLAG_UP, FLAG_UP]))
}

/// Sets the interface up or down, promiscuous or not, as it was.
pub(super) fn restore_flags(netlink: &Netlink, index: u32, flags: Flags) -> Result<(), Errno> {
    netlink.change(NEW_LINK, 0, &Body::of(&[0, index, flags.bits(), Flags::MASK]))
}

fn link_attributes(message: &Message) -> Attributes<'_> {
    message.attributes(LINK_LEN)
}
