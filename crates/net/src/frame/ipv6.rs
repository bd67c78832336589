//! IPv6 and its chain of extension headers (RFC 8200, RFC 7045).

use super::{Address, Datagram, Fragment, Version, chunk};
use crate::DropReason;

const HEADER_BYTES: usize = 40;
/// Extension headers a datagram may carry; RFC 8504 section 5.3 lets a node refuse long chains.
const EXTENSION_COUNT_MAX: usize = 6;

const NEXT_HOP_BY_HOP: u8 = 0;
const NEXT_ROUTING: u8 = 43;
const NEXT_FRAGMENT: u8 = 44;
const NEXT_DESTINATION: u8 = 60;
const OPTION_PAD1: u8 = 0;
const OPTION_JUMBO: u8 = 0xc2;

#[inline]
pub(super) fn parse(bytes: &[u8], at: usize) -> Result<Datagram, DropReason> {
    let header: &[u8; HEADER_BYTES] = chunk(bytes, at)?;
    if header[0] >> 4 != 6 {
        return Err(DropReason::IpHeader);
    }
    let end = at + HEADER_BYTES + usize::from(u16::from_be_bytes([header[4], header[5]]));
    if bytes.len() < end {
        return Err(DropReason::Truncated);
    }
    let source = address(chunk(bytes, at + 8)?)?;
    let destination = address(chunk(bytes, at + 24)?)?;
    if source.octets()[0] == 0xff {
        return Err(DropReason::IpAddress);
    }
    let mut datagram = Datagram {
        version: Version::V6,
        header: at,
        payload: at + HEADER_BYTES,
        end,
        protocol: header[6],
        source,
        destination,
        fragment: None,
    };
    let mut announced_at = at + 6;
    for position in 0..=EXTENSION_COUNT_MAX {
        let this = datagram.payload;
        match datagram.protocol {
            NEXT_HOP_BY_HOP if position > 0 => return Err(DropReason::IpHeader),
            NEXT_HOP_BY_HOP | NEXT_DESTINATION => {
                let [next, length] = extension(bytes, this, end)?;
                datagram.payload = this + usize::from(length) * 8 + 8;
                let options = bytes.get(this + 2..datagram.payload).ok_or(DropReason::Truncated)?;
                check_options(options)?;
                datagram.protocol = next;
            }
            NEXT_ROUTING => return Err(DropReason::IpOption),
            NEXT_FRAGMENT => {
                if datagram.fragment.is_some() {
                    return Err(DropReason::FragmentInvalid);
                }
                let [next, _] = extension(bytes, this, end)?;
                let fields: &[u8; 8] = chunk(bytes, this)?;
                let offset = u16::from_be_bytes([fields[2], fields[3]]);
                datagram.payload = this + 8;
                datagram.protocol = next;
                let fragment = Fragment {
                    id: u32::from_be_bytes([fields[4], fields[5], fields[6], fields[7]]),
                    offset: usize::from(offset & !7),
                    more: offset & 1 != 0,
                    data: datagram.payload,
                    announced_at,
                };
                // An atomic fragment (RFC 6946) is a whole datagram.
                if fragment.offset != 0 || fragment.more {
                    datagram.fragment = Some(fragment);
                    return Ok(datagram);
                }
            }
            _ => return if datagram.payload <= end { Ok(datagram) } else { Err(DropReason::Truncated) },
        }
        announced_at = this;
    }
    Err(DropReason::IpOption)
}

/// Overwrites the options of all extension headers with padding; `packet` ends where the chain does.
pub(super) fn blank_options(packet: &mut [u8]) {
    let mut next = packet.get(6).copied().unwrap_or_default();
    let mut at = HEADER_BYTES;
    while let Some([this_next, length]) = packet.get(at..).and_then(<[u8]>::first_chunk).copied() {
        let end = at + if next == NEXT_FRAGMENT { 8 } else { usize::from(length) * 8 + 8 };
        if matches!(next, NEXT_HOP_BY_HOP | NEXT_DESTINATION)
            && let Some(options) = packet.get_mut(at + 2..end)
        {
            options.fill(OPTION_PAD1);
        }
        (next, at) = (this_next, end);
    }
}

fn address(octets: &[u8; 16]) -> Result<Address, DropReason> {
    let address = Address::v6(*octets);
    if address.is_v4() { Err(DropReason::IpAddress) } else { Ok(address) }
}

/// Next Header and length of the extension header at `at`, which must lie before `end`.
fn extension(bytes: &[u8], at: usize, end: usize) -> Result<[u8; 2], DropReason> {
    if at + 8 > end {
        return Err(DropReason::Truncated);
    }
    chunk(bytes, at).copied()
}

/// Options must have a readable length; a jumbogram (RFC 2675) would hide the real length.
fn check_options(mut options: &[u8]) -> Result<(), DropReason> {
    loop {
        options = match options {
            [] => return Ok(()),
            [OPTION_PAD1, rest @ ..] => rest,
            [OPTION_JUMBO, ..] => return Err(DropReason::IpOption),
            [_, length, rest @ ..] => rest.get(usize::from(*length)..).ok_or(DropReason::IpHeader)?,
            [_] => return Err(DropReason::IpHeader),
        };
    }
}
