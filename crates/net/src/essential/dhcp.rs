//! Addresses of IPv4: a BOOTP header, the cookie, options (RFC 2131 section 2, RFC 951).

use super::{Sender, is_blank, options};
use crate::frame::{Address, Datagram};

/// Ports of servers and relays, and of clients.
const SERVER_PORT: u16 = 67;
const CLIENT_PORT: u16 = 68;
/// Bytes in front of the options, cookie included.
const HEADER_BYTES: usize = 240;
/// What options begin behind (RFC 2131 section 3).
const COOKIE: [u8; 4] = [99, 130, 83, 99];
/// Bytes of the longest message that everybody takes, headers of UDP and IP apart (RFC 2131 section 2): a client has no
/// reason for a longer one.
const REQUEST_BYTES_MAX: usize = 548;
/// `op`: from a client, from a server.
const OP_REQUEST: u8 = 1;
const OP_REPLY: u8 = 2;
/// Hardware Ethernet, with addresses of 6 bytes.
const ETHERNET: [u8; 2] = [1, 6];
/// Relays that a message may have passed (RFC 1542 section 4.1.1).
const HOPS_MAX: u8 = 16;
/// The option that says what a message is, and those that a client sends to a server that it knows: a renewal, a
/// release, a question for parameters (RFC 2131 table 4).
const OPTION_MESSAGE_TYPE: u8 = 53;
const UNICAST_TYPES: [u8; 3] = [3, 7, 8];
const BROADCAST: [u8; 4] = [255; 4];

/// True if `message` is one that `sender` sends between these ports and addresses.
pub(super) fn has_form(message: &[u8], datagram: &Datagram, [source, destination]: [u16; 2], sender: Sender) -> bool {
    let Some((header, list)) = message.split_first_chunk::<HEADER_BYTES>() else { return false };
    let [op, kind, length, hops, ..] = *header;
    let Some(what) = options::short(list, OPTION_MESSAGE_TYPE) else { return false };
    let has_header =
        header.ends_with(&COOKIE) && [kind, length] == ETHERNET && hops <= HOPS_MAX && is_blank(field(header, 34..44));
    let (&[what], true) = (what, has_header) else { return false };
    match sender {
        Sender::Server => op == OP_REPLY && source == SERVER_PORT,
        Sender::Client => {
            // A client names neither an address for itself, nor a server, nor a file.
            let is_plain = op == OP_REQUEST
                && message.len() <= REQUEST_BYTES_MAX
                && is_blank(field(header, 16..24))
                && is_blank(field(header, 44..236));
            let has_ends = match source {
                CLIENT_PORT => hops == 0 && is_blank(field(header, 24..28)) && is_from_client(header, datagram, what),
                SERVER_PORT => !is_blank(field(header, 24..28)),
                _ => false,
            };
            is_plain && destination == SERVER_PORT && has_ends
        }
    }
}

/// True if a client's message goes to everybody, or to one server and says whose address it is about: the sender's.
fn is_from_client(header: &[u8; HEADER_BYTES], datagram: &Datagram, what: u8) -> bool {
    if datagram.destination == Address::v4(BROADCAST) {
        return true;
    }
    let own = field(header, 12..16).first_chunk().copied().unwrap_or_default();
    let is_own = own != [0; 4] && datagram.source == Address::v4(own);
    UNICAST_TYPES.contains(&what) && is_own
}

fn field(header: &[u8; HEADER_BYTES], range: core::ops::Range<usize>) -> &[u8] {
    header.get(range).unwrap_or_default()
}
