//! Echo and errors of ICMP and ICMPv6 (RFC 792, RFC 4443), and what ICMPv6 has for the link.

use super::discovery;
use crate::Side;
use crate::frame::{Address, Datagram, Version, protocol};

/// Bytes of every message's type, code, checksum and rest of the header.
pub(super) const HEADER_BYTES: usize = 8;

/// What a message is for, by its type.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Message {
    /// Echo and its reply.
    Echo,
    /// An error, or a redirect of IPv4: about a packet, which is quoted.
    Error,
    /// Discovery of neighbours and routers (RFC 4861).
    Neighbours,
    /// Discovery of who listens to a group (RFC 2710, RFC 3810).
    Listeners,
}

impl Message {
    /// What the message in `frame` is for; nothing if that is nothing a network needs.
    #[must_use]
    pub fn of(frame: &[u8], datagram: &Datagram) -> Option<Self> {
        let [kind, ..] = *frame.get(datagram.payload..datagram.end)? else { return None };
        match (datagram.version, datagram.protocol, kind) {
            (Version::V4, protocol::ICMP, 0 | 8) | (Version::V6, protocol::ICMPV6, 128 | 129) => Some(Self::Echo),
            (Version::V4, protocol::ICMP, 3 | 4 | 5 | 11 | 12) | (Version::V6, protocol::ICMPV6, 1..=4) => {
                Some(Self::Error)
            }
            (Version::V6, protocol::ICMPV6, 133..=137) => Some(Self::Neighbours),
            (Version::V6, protocol::ICMPV6, 130..=132 | 143) => Some(Self::Listeners),
            _ => None,
        }
    }

    /// True if the message in `frame`, of which this is the purpose and which `side` sent, has its form.
    #[must_use]
    pub fn has_form(self, frame: &[u8], datagram: &Datagram, side: Side) -> bool {
        let Some(message) = frame.get(datagram.payload..datagram.end) else { return false };
        match self {
            Self::Echo => matches!(message, [_, 0, ..]) && message.len() >= HEADER_BYTES,
            Self::Error => has_quote(message, datagram),
            Self::Neighbours => discovery::is_of_neighbours(message, frame, datagram, side),
            Self::Listeners => discovery::is_of_listeners(message, frame, datagram),
        }
    }
}

/// True if an error quotes a packet of whoever it is sent to, and has a code that is in use.
fn has_quote(message: &[u8], datagram: &Datagram) -> bool {
    let Some((&[kind, code, ..], quote)) = message.split_first_chunk::<HEADER_BYTES>() else { return false };
    let most = match (datagram.version, kind) {
        (Version::V4, 3) => 15,
        (Version::V4, 5) => 3,
        (Version::V4, 12) => 2,
        (Version::V4, 11) => 1,
        (Version::V6, 1) => 8,
        (Version::V6, 3) => 1,
        (Version::V6, 4) => 10,
        _ => 0,
    };
    code <= most && quoted_source(quote, datagram.version) == Some(datagram.destination)
}

/// Bytes of the header that a quotation begins with, if it is one of this version.
pub(super) fn quoted_header_bytes(quote: &[u8], version: Version) -> Option<usize> {
    match (version, *quote.first()?) {
        (Version::V4, first @ 0x45..=0x4f) => Some(usize::from(first & 0x0f) * 4),
        (Version::V6, 0x60..=0x6f) => Some(40),
        _ => None,
    }
}

fn quoted_source(quote: &[u8], version: Version) -> Option<Address> {
    quoted_header_bytes(quote, version)?;
    match version {
        Version::V4 => Some(Address::v4(*quote.first_chunk::<20>()?.get(12..)?.first_chunk()?)),
        Version::V6 => Some(Address::v6(*quote.first_chunk::<40>()?.get(8..)?.first_chunk()?)),
    }
}
