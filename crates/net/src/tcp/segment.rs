//! Reading a TCP header in place, and writing the few segments that the appliance itself sends.

use super::Seq;
use crate::DropReason;
use crate::buffer::Buffer;
use crate::checksum::{self, Sum};
use crate::frame::{Address, Datagram, ETHERNET_HEADER_BYTES, VLAN_TAG_BYTES, Version, chunk, protocol};
use arrayvec::ArrayVec;

/// TCP header without options, in bytes.
pub(super) const HEADER_BYTES: usize = 20;
/// Offset of the flags in the header.
pub(super) const FLAGS_AT: usize = 13;
/// Offset of the checksum in the header.
pub(super) const CHECKSUM_AT: usize = 16;
const ACK_AT: usize = 8;
const WINDOW_AT: usize = 14;
const URGENT_AT: usize = 18;
/// Where the header's length stands, beside bits that are reserved.
const LENGTH_AT: usize = 12;
const RESERVED: u8 = 0x0f;
/// Blocks of a selective acknowledgement that fit a header beside timestamps (RFC 2018 section 3).
pub const SACK_BLOCK_COUNT_MAX: usize = 3;
/// Ethernet header and two tags.
const LINK_BYTES_MAX: usize = ETHERNET_HEADER_BYTES + 2 * VLAN_TAG_BYTES;
/// What the appliance's own segments carry as hop limit (RFC 1340's default).
const HOP_LIMIT: u8 = 64;

const OPTION_END: u8 = 0;
const OPTION_NOP: u8 = 1;
const OPTION_MSS: u8 = 2;
const OPTION_WINDOW_SCALE: u8 = 3;
const OPTION_SACK_PERMITTED: u8 = 4;
const OPTION_SACK: u8 = 5;
const OPTION_TIMESTAMPS: u8 = 8;
/// The greatest shift a receiver may announce (RFC 7323 section 2.3).
const WINDOW_SCALE_MAX: u8 = 14;

/// TCP control bits.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Flags(pub u8);

impl Flags {
    /// No more data from the sender.
    pub const FIN: Self = Self(0x01);
    /// Synchronise sequence numbers.
    pub const SYN: Self = Self(0x02);
    /// Reset the connection.
    pub const RST: Self = Self(0x04);
    /// Push.
    pub const PSH: Self = Self(0x08);
    /// The acknowledgement field is significant.
    pub const ACK: Self = Self(0x10);
    /// The urgent pointer is significant.
    pub const URG: Self = Self(0x20);

    /// Both sets of bits.
    #[must_use]
    pub const fn with(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }

    /// True if any bit of `other` is set.
    #[must_use]
    pub const fn any(self, other: Self) -> bool {
        self.0 & other.0 != 0
    }
}

/// The options that an inspector has to know.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Options {
    /// Window shift of a SYN.
    pub window_scale: Option<u8>,
    /// A SYN's offer of selective acknowledgements (RFC 2018 section 2).
    pub sack_permitted: bool,
    /// TSval and TSecr.
    pub timestamps: Option<(u32, u32)>,
    /// Offset of TSval in the frame, where there are timestamps.
    pub timestamps_at: usize,
    /// Where the blocks of a selective acknowledgement stand in the frame, and where they end; both are zero without one.
    pub sack: (usize, usize),
    /// The header carries an option that the appliance does not know, that stands there twice, or that means nothing in this
    /// segment.
    pub unknown: bool,
}

/// Fields of a header that have no meaning in this segment, and are not zero.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Unread {
    /// The reserved bits. One of them is in use between ends that count congestion marks exactly; without it they count as
    /// others do (RFC 9768 section 3.1).
    reserved: bool,
    /// The acknowledgement number, without its flag.
    ack: bool,
    /// The urgent pointer, without its flag.
    urgent: bool,
    /// The echo of a timestamp, without an acknowledgement (RFC 7323 section 3.2).
    echo: bool,
}

impl Unread {
    #[inline]
    fn of(header: &[u8; HEADER_BYTES], options: &Options) -> Self {
        let flags = Flags(header[FLAGS_AT]);
        let has_ack = flags.any(Flags::ACK);
        Self {
            reserved: header[LENGTH_AT] & RESERVED != 0,
            ack: !has_ack && header[ACK_AT..ACK_AT + 4] != [0; 4],
            urgent: !flags.any(Flags::URG) && header[URGENT_AT..] != [0; 2],
            echo: !has_ack && options.timestamps.is_some_and(|(_, echo)| echo != 0),
        }
    }
}

/// A TCP segment in a frame. Offsets count from the frame's first byte and lie within it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Segment {
    /// Source port.
    pub source_port: u16,
    /// Destination port.
    pub destination_port: u16,
    /// Sequence number of the first byte (or of SYN).
    pub seq: Seq,
    /// Acknowledgement number.
    pub ack: Seq,
    /// Control bits.
    pub flags: Flags,
    /// Receive window as it stands, without scale.
    pub window: u16,
    /// Options.
    pub options: Options,
    /// What no receiver reads.
    pub unread: Unread,
    /// Offset of the TCP header.
    pub header: usize,
    /// Offset of the first payload byte.
    pub payload: usize,
    /// Offset behind the last payload byte.
    pub end: usize,
}

impl Segment {
    /// Reads the header only.
    ///
    /// # Errors
    /// [`DropReason::TransportHeader`] or [`DropReason::Truncated`].
    #[inline]
    pub fn parse(bytes: &[u8], datagram: &Datagram) -> Result<Self, DropReason> {
        let header: &[u8; HEADER_BYTES] = chunk(bytes, datagram.payload)?;
        let header_bytes = usize::from(header[12] >> 4) * 4;
        let payload = datagram.payload + header_bytes;
        if header_bytes < HEADER_BYTES || payload > datagram.end {
            return Err(DropReason::TransportHeader);
        }
        let options_at = datagram.payload + HEADER_BYTES;
        let options = bytes.get(options_at..payload).ok_or(DropReason::Truncated)?;
        let mut segment = Self {
            source_port: u16::from_be_bytes([header[0], header[1]]),
            destination_port: u16::from_be_bytes([header[2], header[3]]),
            seq: Seq(u32::from_be_bytes([header[4], header[5], header[6], header[7]])),
            ack: Seq(u32::from_be_bytes([header[8], header[9], header[10], header[11]])),
            flags: Flags(header[FLAGS_AT]),
            window: u16::from_be_bytes([header[14], header[15]]),
            options: Options::default(),
            unread: Unread::default(),
            header: datagram.payload,
            payload,
            end: datagram.end,
        };
        // In place, and only if there are any: a result on its way through memory stalls the reader.
        if !options.is_empty() {
            parse_options(options, options_at, segment.flags, &mut segment.options)?;
        }
        segment.unread = Unread::of(header, &segment.options);
        Ok(segment)
    }

    /// Payload length in bytes.
    #[must_use]
    pub const fn payload_len(&self) -> usize {
        self.end - self.payload
    }
}

/// Timestamps alone, laid out as RFC 7323 appendix A recommends.
const TIMESTAMPS_ONLY: [u8; 4] = [OPTION_NOP, OPTION_NOP, OPTION_TIMESTAMPS, 10];
/// Length of a header with those, in 32-bit words.
const TIMESTAMPS_ONLY_WORDS: u8 = 8;

/// True for a segment of an open connection that opens, ends and announces nothing, with a header of
/// the two usual forms: without options, or with timestamps alone. [`Segment::parse`] reads it, too.
#[must_use]
#[inline]
pub fn is_midstream(bytes: &[u8], datagram: &Datagram) -> bool {
    let Some(transport) = bytes.get(datagram.payload..datagram.end) else { return false };
    let Some(header) = transport.first_chunk::<HEADER_BYTES>() else { return false };
    let flags = Flags(header[FLAGS_AT]);
    if flags.any(Flags::SYN.with(Flags::FIN).with(Flags::RST).with(Flags::URG)) {
        return false;
    }
    match header[12] >> 4 {
        5 => true,
        TIMESTAMPS_ONLY_WORDS => {
            let with_options = transport.first_chunk::<{ 4 * TIMESTAMPS_ONLY_WORDS as usize }>();
            with_options.is_some_and(|header| header[HEADER_BYTES..].starts_with(&TIMESTAMPS_ONLY))
        }
        _ => false,
    }
}

/// True if the checksum of the TCP segment or UDP datagram is right. UDP's "no checksum" over IPv4
/// counts as right, over IPv6 as wrong (RFC 8200 section 8.1).
#[must_use]
pub fn transport_checksum_is_valid(bytes: &[u8], datagram: &Datagram) -> bool {
    let Some(transport) = bytes.get(datagram.payload..datagram.end) else { return false };
    if datagram.protocol == protocol::UDP && transport.get(6..8) == Some(&[0, 0]) {
        return datagram.version == Version::V4;
    }
    pseudo_header(bytes, datagram).add_bytes(transport).is_valid()
}

fn pseudo_header(bytes: &[u8], datagram: &Datagram) -> Sum {
    let addresses = match datagram.version {
        Version::V4 => bytes.get(datagram.header + 12..datagram.header + 20),
        Version::V6 => bytes.get(datagram.header + 8..datagram.header + 40),
    };
    checksum::pseudo_header(addresses.unwrap_or_default(), datagram.protocol, datagram.end - datagram.payload)
}

/// Writes the TCP checksum anew over the whole segment.
pub fn rewrite_checksum(bytes: &mut [u8], datagram: &Datagram) {
    let checksum_at = datagram.payload + CHECKSUM_AT;
    set_checksum(bytes, checksum_at, 0);
    let sum = pseudo_header(bytes, datagram).add_bytes(bytes.get(datagram.payload..datagram.end).unwrap_or_default());
    set_checksum(bytes, checksum_at, sum.checksum());
}

fn set_checksum(bytes: &mut [u8], at: usize, checksum: u16) {
    if let Some(field) = bytes.get_mut(at..at + 2) {
        field.copy_from_slice(&checksum.to_be_bytes());
    }
}

/// Replaces bytes of the TCP segment that begins at `header` and ends at `end`, and mends its
/// checksum incrementally; `at` counts from the frame's first byte.
pub(super) fn patch(frame: &mut [u8], header: usize, end: usize, at: usize, new: &[u8]) {
    let Some(segment) = frame.get_mut(header..end) else { return };
    let Some(field) = segment.get(CHECKSUM_AT..CHECKSUM_AT + 2) else { return };
    let Ok(old) = <[u8; 2]>::try_from(field) else { return };
    let start = at - header;
    let mended = checksum::replace(segment, start..start + new.len(), new, u16::from_be_bytes(old));
    set_checksum(segment, CHECKSUM_AT, mended);
}

#[inline]
fn parse_options(options: &[u8], at: usize, flags: Flags, found: &mut Options) -> Result<(), DropReason> {
    // What nearly every segment of a modern stack carries: NOP, NOP, timestamps.
    if let [OPTION_NOP, OPTION_NOP, OPTION_TIMESTAMPS, 10, rest @ ..] = options
        && let Ok(fields) = <[u8; 8]>::try_from(rest)
    {
        found.timestamps = Some(read_timestamps(fields));
        found.timestamps_at = at + 4;
        return Ok(());
    }
    parse_any_options(options, at, flags, found)
}

fn parse_any_options(options: &[u8], at: usize, flags: Flags, found: &mut Options) -> Result<(), DropReason> {
    let mut rest = options;
    let mut passing = Passing::new(flags);
    loop {
        let (kind, length) = match rest {
            [] => return Ok(()),
            [OPTION_END, padding @ ..] => {
                found.unknown |= padding.iter().any(|byte| *byte != 0);
                return Ok(());
            }
            [OPTION_NOP, tail @ ..] => {
                rest = tail;
                continue;
            }
            [kind, length, ..] => (*kind, usize::from(*length)),
            [_] => return Err(DropReason::TransportHeader),
        };
        let body = rest.get(2..length).ok_or(DropReason::TransportHeader)?;
        let passes = passing.takes(kind, body.len());
        found.unknown |= !passes;
        let body_at = at + options.len() - rest.len() + 2;
        match (kind, body) {
            (OPTION_WINDOW_SCALE, [shift]) if passes => found.window_scale = Some((*shift).min(WINDOW_SCALE_MAX)),
            (OPTION_SACK_PERMITTED, []) if passes => found.sack_permitted = true,
            (OPTION_TIMESTAMPS, body) if passes => {
                let fields = <[u8; 8]>::try_from(body).map_err(|_| DropReason::TransportHeader)?;
                found.timestamps = Some(read_timestamps(fields));
                found.timestamps_at = body_at;
            }
            (OPTION_SACK, _) if passes => found.sack = (body_at, body_at + body.len()),
            (OPTION_WINDOW_SCALE, body) if body.len() != 1 => return Err(DropReason::TransportHeader),
            (OPTION_TIMESTAMPS, body) if body.len() != 8 => return Err(DropReason::TransportHeader),
            _ => {}
        }
        rest = rest.get(length..).unwrap_or_default();
    }
}

/// Which options of a header are passed on: of those that the appliance knows the first of each kind, where it means something.
#[derive(Clone, Copy, Debug)]
struct Passing {
    flags: Flags,
    /// The kinds that have been, a bit each.
    seen: u16,
}

impl Passing {
    const fn new(flags: Flags) -> Self {
        Self { flags, seen: 0 }
    }

    /// True if the next option, which has so many bytes behind its length, passes.
    fn takes(&mut self, kind: u8, body_bytes: usize) -> bool {
        let is_syn = self.flags.any(Flags::SYN);
        let is_plain = match kind {
            OPTION_MSS => is_syn && body_bytes == 2,
            OPTION_WINDOW_SCALE => is_syn && body_bytes == 1,
            OPTION_SACK_PERMITTED => is_syn && body_bytes == 0,
            OPTION_SACK => {
                !is_syn
                    && self.flags.any(Flags::ACK)
                    && !self.flags.any(Flags::RST)
                    && matches!(body_bytes, 8 | 16 | 24 | 32)
            }
            OPTION_TIMESTAMPS => body_bytes == 8,
            _ => false,
        };
        let bit = 1_u16.checked_shl(u32::from(kind)).unwrap_or(0);
        let is_first = self.seen & bit == 0;
        self.seen |= bit;
        is_plain && is_first
    }
}

const fn read_timestamps(fields: [u8; 8]) -> (u32, u32) {
    let [a, b, c, d, e, f, g, h] = fields;
    (u32::from_be_bytes([a, b, c, d]), u32::from_be_bytes([e, f, g, h]))
}

/// Writes another acknowledgement and window into a segment and mends the checksum.
pub fn rewrite_acknowledgement(frame: &mut [u8], segment: &Segment, ack: Seq, window: u16) {
    let Segment { header, end, .. } = *segment;
    patch(frame, header, end, header + ACK_AT, &ack.0.to_be_bytes());
    patch(frame, header, end, header + WINDOW_AT, &window.to_be_bytes());
}

/// The blocks of a selective acknowledgement: the first byte of each, and the one behind it (RFC 2018 section 3).
pub fn sack_blocks<'a>(frame: &'a [u8], segment: &Segment) -> impl Iterator<Item = (Seq, Seq)> + use<'a> {
    let (from, to) = segment.options.sack;
    let (blocks, _) = frame.get(from..to).unwrap_or_default().as_chunks();
    blocks.iter().map(|[a, b, c, d, e, f, g, h]| {
        (Seq(u32::from_be_bytes([*a, *b, *c, *d])), Seq(u32::from_be_bytes([*e, *f, *g, *h])))
    })
}

/// Overwrites a selective acknowledgement with NOP and mends the checksum.
pub fn blank_sack(frame: &mut [u8], segment: &Segment) {
    let (from, to) = segment.options.sack;
    let blank = [OPTION_NOP; 40];
    if let Some(at) = from.checked_sub(2) {
        patch(frame, segment.header, segment.end, at, blank.get(..to - at).unwrap_or_default());
    }
}

/// Takes out of a header what would travel beside the inspector and mends the checksum: fields without a meaning, which
/// become zero, and options that the appliance does not know or that have no place there.
pub fn blank_unread(frame: &mut [u8], segment: &Segment) {
    let Segment { header, end, unread, options, .. } = *segment;
    if unread.reserved
        && let Some(length) = frame.get(header + LENGTH_AT).map(|length| length & !RESERVED)
    {
        patch(frame, header, end, header + LENGTH_AT, &[length]);
    }
    if unread.ack {
        patch(frame, header, end, header + ACK_AT, &[0; 4]);
    }
    if unread.urgent {
        patch(frame, header, end, header + URGENT_AT, &[0; 2]);
    }
    if unread.echo {
        patch(frame, header, end, options.timestamps_at + 4, &[0; 4]);
    }
    if options.unknown {
        blank_unknown_options(frame, segment);
    }
}

/// Overwrites options that do not pass with NOP and mends the checksum.
///
/// Multipath TCP and Fast Open would carry bytes past the inspector; without their options both
/// ends fall back to plain TCP (RFC 8684 section 3.1, RFC 7413 section 4.1).
fn blank_unknown_options(frame: &mut [u8], segment: &Segment) {
    let mut at = segment.header + HEADER_BYTES;
    let mut passing = Passing::new(segment.flags);
    while at < segment.payload {
        let (kind, length) = match frame.get(at..segment.payload) {
            Some([OPTION_NOP, ..]) => {
                at += 1;
                continue;
            }
            Some([kind, length, ..]) if *kind != OPTION_END && *length >= 2 => (*kind, usize::from(*length)),
            Some([OPTION_END, ..]) => {
                let blank = [0; 40];
                let padding = blank.get(..segment.payload - at).unwrap_or_default();
                return patch(frame, segment.header, segment.end, at, padding);
            }
            _ => return,
        };
        if !passing.takes(kind, length - 2) {
            let blank = [OPTION_NOP; 40];
            let end = (at + length).min(segment.payload);
            patch(frame, segment.header, segment.end, at, blank.get(..end - at).unwrap_or_default());
        }
        at += length;
    }
}

/// The link layer of one direction of a flow: Ethernet header and tags, as its frames carry them.
pub type LinkHeader = ArrayVec<u8, LINK_BYTES_MAX>;

/// A segment of the appliance's own, written into an empty buffer.
///
/// It impersonates `source`: addresses, ports and link header are those of the flow.
#[derive(Clone, Debug)]
pub struct Emit<'a> {
    /// Ethernet header and tags.
    pub link: &'a [u8],
    /// Sender and receiver.
    pub source: (Address, u16),
    /// Receiver's address and port.
    pub destination: (Address, u16),
    /// Sequence number.
    pub seq: Seq,
    /// Acknowledgement number.
    pub ack: Seq,
    /// Control bits.
    pub flags: Flags,
    /// Receive window field.
    pub window: u16,
    /// TSval and TSecr, where the connection uses timestamps.
    pub timestamps: Option<(u32, u32)>,
    /// Ranges beyond `ack` that have come, each with the number behind it; at most [`SACK_BLOCK_COUNT_MAX`] are written.
    pub sack: &'a [(Seq, Seq)],
    /// Payload, at most what one segment carries.
    pub payload: &'a [u8],
}

impl Emit<'_> {
    /// Appends the frame to `buffer`, which is empty; false without room for it.
    pub fn emit<B: Buffer>(&self, buffer: &mut B) -> bool {
        let options = self.options_bytes();
        let tcp_bytes = HEADER_BYTES + options + self.payload.len();
        let Ok(tcp_len) = u16::try_from(tcp_bytes) else { return false };
        let start = self.link.len();
        let written = buffer.extend(self.link)
            && self.emit_ip(buffer, tcp_len)
            && self.emit_tcp(buffer, options)
            && buffer.extend(self.payload);
        if !written {
            return false;
        }
        let version = if self.source.0.is_v4() { Version::V4 } else { Version::V6 };
        let end = buffer.len();
        let datagram = Datagram {
            version,
            header: start,
            payload: end - tcp_bytes,
            end,
            protocol: protocol::TCP,
            source: self.source.0,
            destination: self.destination.0,
            fragment: None,
        };
        if version == Version::V4
            && let Some(packet) = buffer.as_mut_slice().get_mut(start..)
        {
            crate::frame::rewrite_ipv4_lengths(packet, end - start, None, None);
        }
        rewrite_checksum(buffer.as_mut_slice(), &datagram);
        true
    }

    fn options_bytes(&self) -> usize {
        let timestamps = if self.timestamps.is_some() { 12 } else { 0 };
        let blocks = self.sack.len().min(SACK_BLOCK_COUNT_MAX);
        timestamps + if blocks > 0 { 4 + 8 * blocks } else { 0 }
    }

    fn emit_ip<B: Buffer>(&self, buffer: &mut B, tcp_len: u16) -> bool {
        let (source, destination) = (self.source.0.octets(), self.destination.0.octets());
        if self.source.0.is_v4() {
            // Lengths and checksum follow; "don't fragment" makes the identification meaningless.
            let fixed = [0x45, 0, 0, 0, 0, 0, 0x40, 0, HOP_LIMIT, protocol::TCP, 0, 0];
            let (_, source) = source.split_at(12);
            let (_, destination) = destination.split_at(12);
            return buffer.extend(&fixed) && buffer.extend(source) && buffer.extend(destination);
        }
        let [high, low] = tcp_len.to_be_bytes();
        let fixed = [0x60, 0, 0, 0, high, low, protocol::TCP, HOP_LIMIT];
        buffer.extend(&fixed) && buffer.extend(&source) && buffer.extend(&destination)
    }

    fn emit_tcp<B: Buffer>(&self, buffer: &mut B, options: usize) -> bool {
        let mut header = [0u8; HEADER_BYTES];
        let (ports, rest) = header.split_at_mut(4);
        ports.copy_from_slice(&u32::to_be_bytes(u32::from(self.source.1) << 16 | u32::from(self.destination.1)));
        let (numbers, rest) = rest.split_at_mut(8);
        numbers.copy_from_slice(&u64::to_be_bytes(u64::from(self.seq.0) << 32 | u64::from(self.ack.0)));
        let [high, low] = self.window.to_be_bytes();
        #[expect(clippy::cast_possible_truncation, reason = "at most 15 words of header")]
        let offset = (((HEADER_BYTES + options) / 4) << 4) as u8;
        rest.copy_from_slice(&[offset, self.flags.0, high, low, 0, 0, 0, 0]);
        if !buffer.extend(&header) {
            return false;
        }
        self.emit_timestamps(buffer) && self.emit_sack(buffer)
    }

    fn emit_timestamps<B: Buffer>(&self, buffer: &mut B) -> bool {
        let Some((value, echo)) = self.timestamps else { return true };
        buffer.extend(&[OPTION_NOP, OPTION_NOP, OPTION_TIMESTAMPS, 10])
            && buffer.extend(&value.to_be_bytes())
            && buffer.extend(&echo.to_be_bytes())
    }

    fn emit_sack<B: Buffer>(&self, buffer: &mut B) -> bool {
        let length: u8 = match self.sack.len() {
            0 => return true,
            1 => 10,
            2 => 18,
            _ => 26,
        };
        let blocks = self.sack.iter().take(SACK_BLOCK_COUNT_MAX);
        buffer.extend(&[OPTION_NOP, OPTION_NOP, OPTION_SACK, length])
            && blocks.flat_map(|(start, end)| [start, end]).all(|edge| buffer.extend(&edge.0.to_be_bytes()))
    }
}
