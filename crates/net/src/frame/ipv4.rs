//! IPv4 (RFC 791).

use super::{Address, Datagram, Fragment, Version, chunk};
use crate::DropReason;
use crate::checksum::Sum;

pub(super) const HEADER_BYTES_MIN: usize = 20;
/// What a header begins with that has no options: version and length.
pub(super) const PLAIN: u8 = 0x45;
const FLAG_MORE: u16 = 0x2000;
const OFFSET_MASK: u16 = 0x1fff;
const OPTION_END: u8 = 0;
const OPTION_NOP: u8 = 1;
const OPTION_LOOSE_SOURCE_ROUTE: u8 = 131;
const OPTION_STRICT_SOURCE_ROUTE: u8 = 137;

#[inline]
pub(super) fn parse(bytes: &[u8], at: usize) -> Result<Datagram, DropReason> {
    let header: &[u8; HEADER_BYTES_MIN] = chunk(bytes, at)?;
    if header[0] == PLAIN {
        return read(header, at, HEADER_BYTES_MIN, Sum::ZERO, bytes.len());
    }
    let header_bytes = usize::from(header[0] & 0x0f) * 4;
    if header[0] >> 4 != 4 || header_bytes < HEADER_BYTES_MIN {
        return Err(DropReason::IpHeader);
    }
    let options = bytes.get(at + HEADER_BYTES_MIN..at + header_bytes).ok_or(DropReason::Truncated)?;
    let datagram = read(header, at, header_bytes, Sum::ZERO.add_bytes(options), bytes.len())?;
    check_options(options)?;
    Ok(datagram)
}

/// What the header without its options says, which begins `at` so many bytes in a frame of `frame_bytes`.
#[inline]
pub(super) fn read(
    header: &[u8; HEADER_BYTES_MIN],
    at: usize,
    header_bytes: usize,
    options: Sum,
    frame_bytes: usize,
) -> Result<Datagram, DropReason> {
    let total = usize::from(u16::from_be_bytes([header[2], header[3]]));
    if total < header_bytes {
        return Err(DropReason::IpHeader);
    }
    if frame_bytes < at + total {
        return Err(DropReason::Truncated);
    }
    if !Sum::of_ipv4_header(header).add_sum(options).is_valid() {
        return Err(DropReason::IpChecksum);
    }
    let source = [header[12], header[13], header[14], header[15]];
    let destination = [header[16], header[17], header[18], header[19]];
    if source[0] >= 224 || source[0] == 127 || destination[0] == 127 {
        return Err(DropReason::IpAddress);
    }
    let flags = u16::from_be_bytes([header[6], header[7]]);
    let fragment = (flags & (FLAG_MORE | OFFSET_MASK) != 0).then(|| Fragment {
        id: u32::from(u16::from_be_bytes([header[4], header[5]])),
        offset: usize::from(flags & OFFSET_MASK) * 8,
        more: flags & FLAG_MORE != 0,
        data: at + header_bytes,
        announced_at: at,
    });
    Ok(Datagram {
        version: Version::V4,
        header: at,
        payload: at + header_bytes,
        end: at + total,
        protocol: header[9],
        source: Address::v4(source),
        destination: Address::v4(destination),
        fragment,
    })
}

/// Options must have a readable length and may not choose the route (RFC 7126 section 4).
fn check_options(mut options: &[u8]) -> Result<(), DropReason> {
    loop {
        options = match options {
            [] | [OPTION_END, ..] => return Ok(()),
            [OPTION_NOP, rest @ ..] => rest,
            [OPTION_LOOSE_SOURCE_ROUTE | OPTION_STRICT_SOURCE_ROUTE, ..] => return Err(DropReason::IpOption),
            [_, length, ..] if *length >= 2 => options.get(usize::from(*length)..).ok_or(DropReason::IpHeader)?,
            _ => return Err(DropReason::IpHeader),
        };
    }
}

/// Overwrites the options of the IPv4 header at the start of `packet` with NOP and mends its checksum.
pub(super) fn blank_options(packet: &mut [u8]) {
    let Some(first) = packet.first() else { return };
    let header_bytes = usize::from(first & 0x0f) * 4;
    let Some([high, low]) = packet.get(2..4).and_then(<[u8]>::first_chunk).copied() else { return };
    if let Some(options) = packet.get_mut(HEADER_BYTES_MIN..header_bytes) {
        options.fill(OPTION_NOP);
    }
    rewrite_lengths(packet, usize::from(u16::from_be_bytes([high, low])), None, None);
}

/// Sets total length, fragment flags and header checksum of the IPv4 header at the start of
/// `packet`; `fragment` is the offset in bytes and whether more follow.
///
/// No effect on what is too short to be a header.
pub fn rewrite_lengths(packet: &mut [u8], total: usize, id: Option<u16>, fragment: Option<(usize, bool)>) {
    let Some(first) = packet.first() else { return };
    let header_bytes = usize::from(first & 0x0f) * 4;
    let Some(header) = packet.get_mut(..header_bytes) else { return };
    let Some(fixed) = header.first_chunk_mut::<HEADER_BYTES_MIN>() else { return };
    #[expect(clippy::cast_possible_truncation, reason = "a datagram is at most 64 KiB")]
    let total = total as u16;
    [fixed[2], fixed[3]] = total.to_be_bytes();
    if let Some(id) = id {
        [fixed[4], fixed[5]] = id.to_be_bytes();
    }
    if let Some((offset, more)) = fragment {
        #[expect(clippy::cast_possible_truncation, reason = "an offset has 13 bits")]
        let flags = (offset / 8) as u16 & OFFSET_MASK | if more { FLAG_MORE } else { 0 };
        [fixed[6], fixed[7]] = flags.to_be_bytes();
    }
    [fixed[10], fixed[11]] = [0, 0];
    let [high, low] = Sum::ZERO.add_bytes(header).checksum().to_be_bytes();
    if let Some(field) = header.get_mut(10..12) {
        field.copy_from_slice(&[high, low]);
    }
}
