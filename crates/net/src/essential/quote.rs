//! What an error of ICMP quotes, made shorter: the packet that it is about may be anybody's text.

use super::icmp::{HEADER_BYTES, quoted_header_bytes};
use super::u16_at;
use crate::checksum::{self, Sum, pseudo_header};
use crate::fragment::set_ipv6_length;
use crate::frame::{Datagram, Version, rewrite_ipv4_lengths};

/// Bytes behind the quoted header that every receiver finds its connection by (RFC 792, RFC 1812 section 4.3.2.3).
const QUOTE_BYTES_MIN: usize = 8;
/// Where a message's checksum stands, and the word in which some say how long the quotation is (RFC 4884 section 4).
const CHECKSUM_AT: usize = 2;
const LENGTH_WORD_AT: usize = 4;

/// Shortens the quotation of the error in `frame` until its packet has at most `packet_bytes_max` bytes, but for the
/// quoted header and eight bytes behind it. Returns where the datagram ends from then on; the caller cuts the frame there.
/// Nothing if it is short enough.
///
/// Both checksums are mended, not made: a damaged message stays damaged. Extensions behind the quotation (RFC 4884) go
/// first, and nothing says any more that there are some.
pub fn shorten_quote(frame: &mut [u8], datagram: &Datagram, packet_bytes_max: usize) -> Option<usize> {
    let header_bytes = datagram.payload - datagram.header;
    let message = frame.get_mut(datagram.payload..datagram.end)?;
    let old_bytes = message.len();
    let (header, quote) = message.split_first_chunk::<HEADER_BYTES>()?;
    let length = length_field(header, datagram.version);
    let least = quoted_header_bytes(quote, datagram.version)? + QUOTE_BYTES_MIN;
    let most = packet_bytes_max.saturating_sub(header_bytes + HEADER_BYTES) & !3;
    let named = length.map_or(0, |length| length.quote_bytes);
    let kept = if named > 0 { most.min(named) } else { most }.max(least);
    if header_bytes + old_bytes <= packet_bytes_max || kept >= quote.len() {
        return None;
    }
    let new_bytes = HEADER_BYTES + kept;
    // Of IPv6 the length counts in the checksum, too.
    let counted = |bytes: usize| match datagram.version {
        Version::V4 => Sum::ZERO,
        Version::V6 => pseudo_header(&[], 0, bytes),
    };
    let word = |message: &[u8]| u16_at(message, LENGTH_WORD_AT).unwrap_or_default();
    let removed = counted(old_bytes).add_u16(word(message)).add_bytes(message.get(new_bytes..)?);
    if let Some(length) = length
        && let Some(field) = message.get_mut(length.at)
    {
        *field = 0;
    }
    let added = counted(new_bytes).add_u16(word(message));
    let field = message.get_mut(CHECKSUM_AT..)?.first_chunk_mut()?;
    *field = checksum::update(u16::from_be_bytes(*field), removed, added).to_be_bytes();
    match datagram.version {
        Version::V4 => rewrite_ipv4_lengths(frame.get_mut(datagram.header..)?, header_bytes + new_bytes, None, None),
        Version::V6 => set_ipv6_length(frame, datagram.header, header_bytes + new_bytes),
    }
    Some(datagram.payload + new_bytes)
}

/// Where an error says how long the quotation is, and what it says.
#[derive(Clone, Copy)]
struct LengthField {
    at: usize,
    quote_bytes: usize,
}

/// The field of RFC 4884 sections 4.1 to 4.5: in words of 32 bits, of IPv6 in words of 64.
fn length_field(header: &[u8; HEADER_BYTES], version: Version) -> Option<LengthField> {
    let [kind, _, _, _, first, second, ..] = *header;
    match (version, kind) {
        (Version::V4, 3 | 11 | 12) => Some(LengthField { at: 5, quote_bytes: usize::from(second) * 4 }),
        (Version::V6, 1 | 3) => Some(LengthField { at: 4, quote_bytes: usize::from(first) * 8 }),
        _ => None,
    }
}
