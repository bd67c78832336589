//! What can become of a good frame: cut, bent, wrapped, taken to pieces.

use super::text::random_bytes;
use crate::{Random, tagged};
use etherparse::{IpFragOffset, IpNumber, Ipv4Header, Ipv6FragmentHeader, Ipv6Header, TcpHeader};

const LINK_BYTES: usize = 14;
const FRAME_BYTES_MAX: usize = 1522;

/// One or some frames of a good one. What cannot be done to it is not.
pub(super) fn spoiled(frame: &[u8], random: &mut Random) -> Vec<Vec<u8>> {
    if frame.len() < LINK_BYTES {
        return vec![frame.to_vec()];
    }
    let frames = match random.below(11) {
        0 => vec![frame[..1 + random.below(frame.len() as u64) as usize].to_vec()],
        1 | 2 => vec![bent(frame, random)],
        3 => vec![[frame, &random_bytes(random, 40)].concat()],
        4 => vec![tagged(
            frame,
            &[(0x8100, random.below(4096) as u16), (0x8100, 5), (0x88a8, 6)][..1 + random.below(3) as usize],
        )],
        5 => extended(frame, random),
        6 | 7 => segment(frame, random),
        _ => fragments(frame, random),
    };
    frames.into_iter().filter(|frame| (1..=FRAME_BYTES_MAX).contains(&frame.len())).collect()
}

/// A few bytes are others; checksums are not.
fn bent(frame: &[u8], random: &mut Random) -> Vec<u8> {
    let mut out = frame.to_vec();
    // Mostly where headers are.
    let reach = if random.one_in(3) { out.len() } else { out.len().min(80) };
    for _ in 0..=random.below(3) {
        out[random.below(reach as u64) as usize] ^= random.next_u64() as u8;
    }
    out
}

/// The frame's IPv4 or IPv6 packet, if it is the first thing behind the addresses.
enum Packet<'f> {
    V4(Ipv4Header, &'f [u8]),
    V6(Ipv6Header, &'f [u8]),
}

fn packet(frame: &[u8]) -> Option<Packet<'_>> {
    match frame.get(12..LINK_BYTES)? {
        [8, 0] => Ipv4Header::from_slice(&frame[LINK_BYTES..]).ok().map(|(header, rest)| Packet::V4(header, rest)),
        [0x86, 0xdd] => {
            Ipv6Header::from_slice(&frame[LINK_BYTES..]).ok().map(|(header, rest)| Packet::V6(header, rest))
        }
        _ => None,
    }
}

/// A chain of extension headers in front of the transport, legal or not.
fn extended(frame: &[u8], random: &mut Random) -> Vec<Vec<u8>> {
    const KINDS: [u8; 8] = [0, 60, 60, 60, 43, 44, 51, 59];
    let Some(Packet::V6(mut header, payload)) = packet(frame) else { return vec![frame.to_vec()] };
    let (mut chain, mut next) = (Vec::new(), header.next_header.0);
    for _ in 0..=random.below(9) {
        let words = if random.one_in(4) { random.below(4) as u8 } else { 0 };
        let mut extension = vec![next, words];
        // PadN, or anything.
        extension.extend(if random.one_in(3) { random_bytes(random, 5) } else { vec![1, 4 + 8 * words] });
        extension.resize(8 + 8 * usize::from(words), 0);
        next = KINDS[random.below(8) as usize];
        if next == 59 {
            next = 60;
        }
        chain.splice(0..0, extension);
    }
    header.next_header = IpNumber(next);
    header.payload_length = (chain.len() + payload.len()) as u16;
    vec![[&frame[..LINK_BYTES], &header.to_bytes(), &chain, payload].concat()]
}

/// Other flags, other options, another window; the checksum is right again.
fn segment(frame: &[u8], random: &mut Random) -> Vec<Vec<u8>> {
    let unchanged = || vec![frame.to_vec()];
    let Some(packet) = packet(frame) else { return unchanged() };
    let (Packet::V4(_, rest) | Packet::V6(_, rest)) = &packet;
    let Ok((mut tcp, payload)) = TcpHeader::from_slice(rest) else { return unchanged() };
    let before = tcp.header_len();
    if random.one_in(2) {
        let mut options = random_bytes(random, 40);
        options.truncate(tcp.options.len().max(40) / 4 * 4);
        if options.len() > 12 && random.one_in(2) {
            // Window scale, SACK permitted, timestamps, whose lengths are sometimes others.
            options[..12].copy_from_slice(&[3, 3, 7, 4, 2, 8, 10, 0, 0, 0, 1, 0]);
        }
        let _ = tcp.set_options_raw(&options);
    } else {
        let bits = random.next_u64();
        [tcp.fin, tcp.syn, tcp.rst, tcp.psh, tcp.ack, tcp.urg, tcp.ece, tcp.cwr] =
            core::array::from_fn(|bit| bits >> bit & 1 == 1);
        tcp.window_size = (bits >> 16) as u16;
        if bits >> 32 & 3 == 0 {
            tcp.sequence_number = tcp.sequence_number.wrapping_add((bits >> 40) as u32 % 70_000);
        }
    }
    let head = match packet {
        Packet::V4(mut header, _) => {
            header.total_len = header.total_len - before as u16 + tcp.header_len() as u16;
            header.header_checksum = header.calc_header_checksum();
            tcp.checksum = tcp.calc_checksum_ipv4(&header, payload).unwrap_or(0);
            header.to_bytes().to_vec()
        }
        Packet::V6(mut header, _) => {
            header.payload_length = header.payload_length - before as u16 + tcp.header_len() as u16;
            tcp.checksum = tcp.calc_checksum_ipv6(&header, payload).unwrap_or(0);
            header.to_bytes().to_vec()
        }
    };
    vec![[&frame[..LINK_BYTES], &head, &tcp.to_bytes()[..], payload].concat()]
}

/// The datagram in pieces: in order or not, complete or not, over one another or not.
fn fragments(frame: &[u8], random: &mut Random) -> Vec<Vec<u8>> {
    let Some(packet) = packet(frame) else { return vec![frame.to_vec()] };
    let (Packet::V4(_, payload) | Packet::V6(_, payload)) = &packet;
    let id = random.next_u64() as u32;
    let mut pieces = Vec::new();
    let mut at = 0;
    while at < payload.len() {
        let end = payload.len().min(at + 8 * (1 + random.below(90) as usize));
        let overlap = if random.one_in(30) { 8 } else { 0 };
        let from = usize::saturating_sub(at, overlap);
        pieces.push(piece(frame, &packet, id, from..end, end < payload.len()));
        at = end;
    }
    for _ in 0..random.below(3) {
        let (one, two) = (random.below(pieces.len() as u64) as usize, random.below(pieces.len() as u64) as usize);
        pieces.swap(one, two);
    }
    if random.one_in(6) {
        pieces.truncate(1 + random.below(pieces.len() as u64) as usize);
    }
    pieces
}

fn piece(frame: &[u8], packet: &Packet<'_>, id: u32, range: core::ops::Range<usize>, more: bool) -> Vec<u8> {
    let offset = IpFragOffset::try_new((range.start / 8) as u16).unwrap();
    let mut out = frame[..LINK_BYTES].to_vec();
    match packet {
        Packet::V4(header, payload) => {
            let mut header = header.clone();
            (header.dont_fragment, header.more_fragments) = (false, more);
            (header.identification, header.fragment_offset) = (id as u16, offset);
            header.total_len = (header.header_len() + range.len()) as u16;
            header.header_checksum = header.calc_header_checksum();
            out.extend(header.to_bytes());
            out.extend(&payload[range]);
        }
        Packet::V6(header, payload) => {
            let mut header = header.clone();
            let fragment = Ipv6FragmentHeader::new(header.next_header, offset, more, id);
            header.next_header = IpNumber::IPV6_FRAGMENTATION_HEADER;
            header.payload_length = (8 + range.len()) as u16;
            out.extend(header.to_bytes());
            out.extend(fragment.to_bytes());
            out.extend(&payload[range]);
        }
    }
    out
}
