//! Discovery of neighbours and routers (RFC 4861) and of listeners (RFC 2710, RFC 3810): on one link, passed on by no
//! router.

use super::u16_at;
use crate::Side;
use crate::frame::{Address, Datagram};

/// Bytes of an IPv6 header, and where its hop limit stands.
const IPV6_HEADER_BYTES: usize = 40;
const HOP_LIMIT_AT: usize = 7;
/// Hop limits that say that no router passed a message on (RFC 4861 section 7.1, RFC 2710 section 3).
const HOPS_OF_NEIGHBOURS: u8 = 255;
const HOPS_OF_LISTENERS: u8 = 1;
/// A hop-by-hop header with the router alert for listeners (RFC 2711), padded in front or behind; the first byte is the
/// header that follows.
const ROUTER_ALERT: [[u8; 7]; 2] = [[0, 5, 2, 0, 0, 1, 0], [0, 1, 0, 5, 2, 0, 0]];
const ALERT_BYTES: usize = 8;
/// Bytes of a group's address, of a listener message of version 1, of a query of version 2 without its sources, of a
/// report of version 2 without its records, of a record without its sources.
const ADDRESS_BYTES: usize = 16;
const LISTENER_BYTES: usize = 24;
const QUERY_BYTES: usize = 28;
const REPORT_BYTES: usize = 8;
const RECORD_BYTES: usize = 20;

/// Bytes of the options of a host's message: an address and a nonce.
const HOST_OPTIONS_BYTES_MAX: usize = 16;
/// Options of hosts' messages: addresses of the link, and a nonce (RFC 4861 section 4.6, RFC 7527).
const OPTION_SOURCE: u8 = 1;
const OPTION_TARGET: u8 = 2;
const OPTION_PREFIX: u8 = 3;
const OPTION_MTU: u8 = 5;
const OPTION_NONCE: u8 = 14;

/// True if `message` is one of neighbours or routers. What a router says from inside, of any length, goes to the link alone.
pub(super) fn is_of_neighbours(message: &[u8], frame: &[u8], datagram: &Datagram, side: Side) -> bool {
    let [kind, 0, ..] = *message else { return false };
    let (header_bytes, is_of_router) = match kind {
        133 => (8, false),
        134 => (16, true),
        135 | 136 => (24, false),
        137 => (40, true),
        _ => return false,
    };
    let is_plain = datagram.payload - datagram.header == IPV6_HEADER_BYTES;
    let options = message.get(header_bytes..);
    let is_far = is_of_router && side == Side::Inside && !is_on_link(datagram.destination);
    is_plain
        && !is_far
        && hop_limit(frame, datagram) == Some(HOPS_OF_NEIGHBOURS)
        && options.is_some_and(|options| are_options(options, is_of_router))
}

/// True for a link-local address, or a group of the link (RFC 4291 sections 2.5.6 and 2.7).
fn is_on_link(address: Address) -> bool {
    let [first, second, ..] = address.octets();
    first == 0xfe && second & 0xc0 == 0x80 || first == 0xff && second & 0x0f == 2
}

/// True if these are options, to the last byte; those of hosts are few and short.
fn are_options(mut options: &[u8], is_of_router: bool) -> bool {
    if !is_of_router && options.len() > HOST_OPTIONS_BYTES_MAX {
        return false;
    }
    while let [kind, words, ..] = *options {
        let has_length = match kind {
            // Addresses of Ethernet, an MTU, six bytes of a nonce.
            OPTION_SOURCE | OPTION_TARGET | OPTION_NONCE => words == 1,
            OPTION_MTU => is_of_router && words == 1,
            OPTION_PREFIX => is_of_router && words == 4,
            _ => is_of_router && words > 0,
        };
        match options.get(usize::from(words) * 8..) {
            Some(rest) if has_length => options = rest,
            _ => return false,
        }
    }
    options.is_empty()
}

/// True if `message` is one of listeners: behind a router alert alone, of exactly the length that it says.
pub(super) fn is_of_listeners(message: &[u8], frame: &[u8], datagram: &Datagram) -> bool {
    let header = frame.get(datagram.header + IPV6_HEADER_BYTES..datagram.payload);
    let is_alert = header.is_some_and(|header| {
        header.len() == ALERT_BYTES
            && header.get(1..).is_some_and(|rest| ROUTER_ALERT.iter().any(|known| known == rest))
    });
    let has_length = match message.first() {
        Some(131 | 132) => message.len() == LISTENER_BYTES,
        Some(130) => message.len() == LISTENER_BYTES || query_bytes(message) == Some(message.len()),
        Some(143) => report_bytes(message) == Some(message.len()),
        _ => false,
    };
    is_alert && has_length && message.get(1) == Some(&0) && hop_limit(frame, datagram) == Some(HOPS_OF_LISTENERS)
}

/// Bytes of a query of version 2 (RFC 3810 section 5.1).
fn query_bytes(message: &[u8]) -> Option<usize> {
    let sources = u16_at(message, QUERY_BYTES - 2)?;
    Some(QUERY_BYTES + usize::from(sources) * ADDRESS_BYTES)
}

/// Bytes of a report of version 2 (RFC 3810 section 5.2): its records carry nothing but addresses.
fn report_bytes(message: &[u8]) -> Option<usize> {
    let mut at = REPORT_BYTES;
    for _ in 0..u16_at(message, REPORT_BYTES - 2)? {
        let (kind, auxiliary) = (*message.get(at)?, *message.get(at + 1)?);
        if !matches!(kind, 1..=6) || auxiliary != 0 {
            return None;
        }
        at += RECORD_BYTES + usize::from(u16_at(message, at + 2)?) * ADDRESS_BYTES;
    }
    Some(at)
}

fn hop_limit(frame: &[u8], datagram: &Datagram) -> Option<u8> {
    frame.get(datagram.header + HOP_LIMIT_AT).copied()
}
