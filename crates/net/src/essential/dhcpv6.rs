//! Addresses of IPv6: a type, a transaction, options (RFC 8415 sections 8 and 9).

use super::{Sender, options};
use crate::frame::{Address, Datagram};

/// Ports of clients, and of servers and relays (section 7.2).
const CLIENT_PORT: u16 = 546;
const SERVER_PORT: u16 = 547;
/// Bytes in front of the options: of a client's or a server's message, of a relay's.
const HEADER_BYTES: usize = 4;
const RELAY_HEADER_BYTES: usize = 34;
/// Relays that a message may have passed (section 7.6).
const HOPS_MAX: u8 = 8;
/// Bytes of the longest message from inside: the same as of DHCP.
const REQUEST_BYTES_MAX: usize = 548;
/// All relays and servers on the link (section 7.1).
const ALL_SERVERS: [u8; 16] = [0xff, 0x02, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 0, 2];
/// Messages of clients, of servers, of relays to servers, of servers to relays (section 7.3).
const FROM_CLIENT: [u8; 8] = [1, 3, 4, 5, 6, 8, 9, 11];
const FROM_SERVER: [u8; 3] = [2, 7, 10];
const RELAY_FORWARD: u8 = 12;
const RELAY_REPLY: u8 = 13;

/// True if `message` is one that `sender` sends between these ports and addresses.
pub(super) fn has_form(message: &[u8], datagram: &Datagram, [source, destination]: [u16; 2], sender: Sender) -> bool {
    let Some(kind) = message.first() else { return false };
    let is_relayed = matches!(*kind, RELAY_FORWARD | RELAY_REPLY);
    let header_bytes = if is_relayed { RELAY_HEADER_BYTES } else { HEADER_BYTES };
    let is_near = !is_relayed || message.get(1).is_some_and(|hops| *hops <= HOPS_MAX);
    let has_options = message.get(header_bytes..).is_some_and(options::are_long);
    let is_due = match sender {
        Sender::Client => {
            let is_client =
                source == CLIENT_PORT && FROM_CLIENT.contains(kind) && datagram.destination == Address::v6(ALL_SERVERS);
            let is_relay = source == SERVER_PORT && *kind == RELAY_FORWARD;
            destination == SERVER_PORT && message.len() <= REQUEST_BYTES_MAX && (is_client || is_relay)
        }
        Sender::Server => source == SERVER_PORT && (FROM_SERVER.contains(kind) || *kind == RELAY_REPLY),
    };
    is_due && is_near && has_options
}
