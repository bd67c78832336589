//! IP fragments: put together before anything is read, sent on in pieces again.
//!
//! Bounded in datagrams, fragments, bytes and time. Any overlap drops the whole datagram, for IPv4
//! as for IPv6 (RFC 5722): two receivers could read it two ways. A datagram that was put together
//! goes on in pieces no larger than the largest one that came (RFC 791 section 3.2), under an
//! identification of our own, all of them or none.

use crate::buffer::Buffer;
use crate::frame::{Address, Datagram, Fragment, Version, VlanTags, rewrite_ipv4_lengths};
use crate::{DropReason, Side, Timestamp};
use arrayvec::ArrayVec;
use core::time::Duration;

/// Datagrams that may be incomplete at once. They are few in a network that works; more is a flood.
const DATAGRAM_COUNT_MAX: usize = 256;
/// Fragments of one datagram: 9 KB in pieces of the IPv6 minimum MTU are eight.
const FRAGMENT_COUNT_MAX: usize = 32;
/// Fragments of all datagrams: what a flood can pin of the buffer pool.
const FRAGMENT_TOTAL_MAX: usize = 1024;
/// How long a datagram may stay incomplete (RFC 791 suggests 15 s).
const REASSEMBLY_TIME_MAX: Duration = Duration::from_secs(15);
const FRAGMENT_HEADER_BYTES: usize = 8;
const IPV6_HEADER_BYTES: usize = 40;
const NEXT_FRAGMENT: u8 = 44;

/// What travels with a frame besides its bytes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Meta {
    /// When it came in (its last fragment, if it came in several).
    pub received_at: Timestamp,
    /// Set if it came in fragments and has to go on as such.
    pub pieces: Option<Pieces>,
}

/// How to send a reassembled datagram on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Pieces {
    /// Largest piece that came, in bytes of IP packet.
    packet_bytes_max: usize,
    /// IPv6: offset in the frame of the Next Header byte that announced the Fragment header.
    announced_at: usize,
    /// IPv6: offset in the frame of the fragmentable part.
    fragmentable_at: usize,
}

impl Pieces {
    /// Bytes of a datagram's fragmentable part that one piece takes; 0 if none fits.
    const fn payload_bytes(&self, header: usize, is_v4: bool) -> usize {
        let overhead = self.fragmentable_at - header + if is_v4 { 0 } else { FRAGMENT_HEADER_BYTES };
        self.packet_bytes_max.saturating_sub(overhead) & !7
    }

    /// True if a datagram in a frame of so many bytes can be sent on: in no more pieces than one
    /// may come in.
    const fn can_carry(&self, frame_bytes: usize, header: usize, is_v4: bool) -> bool {
        let payload_bytes = self.payload_bytes(header, is_v4);
        payload_bytes > 0 && (frame_bytes - self.fragmentable_at).div_ceil(payload_bytes) <= FRAGMENT_COUNT_MAX
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Key {
    source: Address,
    destination: Address,
    id: u32,
    protocol: u8,
    vlan: VlanTags,
    side: Side,
}

#[derive(Debug)]
struct Piece<B> {
    frame: B,
    datagram: Datagram,
    fragment: Fragment,
}

#[derive(Debug)]
struct Partial<B> {
    key: Key,
    expires_at: Timestamp,
    pieces: ArrayVec<Piece<B>, FRAGMENT_COUNT_MAX>,
    /// Payload length, known once the last fragment has come.
    total: Option<usize>,
    /// An overlap was seen: everything that still comes is dropped.
    poisoned: bool,
}

/// What became of a fragment.
#[derive(Debug)]
pub enum Reassembled<B> {
    /// It waits for the others.
    Waiting,
    /// The datagram is whole again, in one frame.
    Whole(B, Pieces),
}

/// Puts datagrams together.
#[derive(Debug)]
pub struct Reassembler<B> {
    partials: Vec<Partial<B>>,
    fragment_total: usize,
    datagram_bytes_max: usize,
}

impl<B: Buffer> Reassembler<B> {
    /// A reassembler for datagrams of at most `datagram_bytes_max` bytes of IP payload.
    #[must_use]
    pub fn new(datagram_bytes_max: usize) -> Self {
        Self { partials: Vec::with_capacity(DATAGRAM_COUNT_MAX), fragment_total: 0, datagram_bytes_max }
    }

    /// Files a fragment; when it was the last one missing, the datagram comes back in a buffer from
    /// `alloc`.
    ///
    /// # Errors
    /// Why the fragment, and with [`DropReason::FragmentOverlap`] its whole datagram, is dropped.
    pub fn insert(
        &mut self,
        frame: B,
        datagram: Datagram,
        fragment: Fragment,
        (vlan, side): (VlanTags, Side),
        now: Timestamp,
        alloc: impl FnOnce() -> Option<B>,
    ) -> Result<Reassembled<B>, DropReason> {
        let len = datagram.end.saturating_sub(fragment.data);
        let end = fragment.offset + len;
        if len == 0 || fragment.more && !len.is_multiple_of(8) {
            return Err(DropReason::FragmentInvalid);
        }
        if end > self.datagram_bytes_max {
            return Err(DropReason::DatagramTooLong);
        }
        let key = Key {
            source: datagram.source,
            destination: datagram.destination,
            id: fragment.id,
            protocol: if datagram.version == Version::V4 { datagram.protocol } else { 0 },
            vlan,
            side,
        };
        let place = self.find_or_open(key, now)?;
        let partial = self.partials.get_mut(place).ok_or(DropReason::FragmentTableFull)?;
        let fits = partial.fits(fragment, len);
        if !fits {
            partial.poisoned = true;
            self.fragment_total -= partial.pieces.len();
            partial.pieces.clear();
            return Err(DropReason::FragmentOverlap);
        }
        if self.fragment_total >= FRAGMENT_TOTAL_MAX || partial.pieces.is_full() {
            return Err(DropReason::FragmentTableFull);
        }
        if !fragment.more {
            partial.total = Some(end);
        }
        let at = partial.pieces.partition_point(|piece| piece.fragment.offset < fragment.offset);
        partial.pieces.insert(at, Piece { frame, datagram, fragment });
        self.fragment_total += 1;
        if !partial.is_complete() {
            return Ok(Reassembled::Waiting);
        }
        let partial = self.partials.swap_remove(place);
        self.fragment_total -= partial.pieces.len();
        let buffer = alloc().ok_or(DropReason::NoBuffer)?;
        let (frame, pieces) = partial.join(buffer)?;
        Ok(Reassembled::Whole(frame, pieces))
    }

    /// Drops what was not complete in time; returns how many fragments that were.
    pub fn handle_timeout(&mut self, now: Timestamp) -> usize {
        let before = self.fragment_total;
        self.partials.retain(|partial| {
            let keep = partial.expires_at > now;
            self.fragment_total -= if keep { 0 } else { partial.pieces.len() };
            keep
        });
        before - self.fragment_total
    }

    /// Fragments that wait.
    #[must_use]
    pub const fn waiting_count(&self) -> usize {
        self.fragment_total
    }

    fn find_or_open(&mut self, key: Key, now: Timestamp) -> Result<usize, DropReason> {
        if let Some(place) = self.partials.iter().position(|partial| partial.key == key) {
            return Ok(place);
        }
        if self.partials.len() >= DATAGRAM_COUNT_MAX {
            return Err(DropReason::FragmentTableFull);
        }
        self.partials.push(Partial {
            key,
            expires_at: now.after(REASSEMBLY_TIME_MAX),
            pieces: ArrayVec::new(),
            total: None,
            poisoned: false,
        });
        Ok(self.partials.len() - 1)
    }
}

impl<B: Buffer> Partial<B> {
    /// True if the fragment overlaps nothing and agrees about where the datagram ends.
    fn fits(&self, fragment: Fragment, len: usize) -> bool {
        let end = fragment.offset + len;
        let ends_well = match self.total {
            Some(total) => fragment.more && end <= total,
            None => fragment.more || self.pieces.iter().all(|piece| piece.end() <= end),
        };
        let apart = |piece: &Piece<B>| piece.end() <= fragment.offset || piece.fragment.offset >= end;
        !self.poisoned && ends_well && self.pieces.iter().all(apart)
    }

    fn is_complete(&self) -> bool {
        let contiguous = self.pieces.iter().try_fold(0, |at, piece| (piece.fragment.offset == at).then(|| piece.end()));
        contiguous.is_some() && contiguous == self.total
    }

    /// The datagram in one frame, and how it is to be cut again.
    ///
    /// One that could not be cut into as few pieces is refused: its first header is much longer than
    /// the others', which no sender has a reason for.
    fn join(self, buffer: B) -> Result<(B, Pieces), DropReason> {
        let (frame, pieces, header) = self.assemble(buffer).ok_or(DropReason::DatagramTooLong)?;
        let is_v4 = self.pieces.first().is_some_and(|piece| piece.datagram.version == Version::V4);
        if !pieces.can_carry(frame.len(), header, is_v4) {
            return Err(DropReason::FragmentInvalid);
        }
        Ok((frame, pieces))
    }

    fn assemble(&self, mut buffer: B) -> Option<(B, Pieces, usize)> {
        let first = self.pieces.first()?;
        let Fragment { announced_at, data, .. } = first.fragment;
        let header = first.datagram.header;
        let is_v4 = first.datagram.version == Version::V4;
        let fragmentable_at = if is_v4 { data } else { data - FRAGMENT_HEADER_BYTES };
        if !buffer.extend(first.frame.as_slice().get(..fragmentable_at)?) {
            return None;
        }
        for piece in &self.pieces {
            let bytes = piece.frame.as_slice().get(piece.fragment.data..piece.datagram.end)?;
            if !buffer.extend(bytes) {
                return None;
            }
        }
        let packet_bytes = buffer.len() - header;
        if is_v4 {
            rewrite_ipv4_lengths(buffer.as_mut_slice().get_mut(header..)?, packet_bytes, None, Some((0, false)));
        } else {
            // The first fragment's header says what follows, whatever the others claim (RFC 8200
            // section 4.5).
            let next_header = *first.frame.as_slice().get(fragmentable_at)?;
            *buffer.as_mut_slice().get_mut(announced_at)? = next_header;
            set_ipv6_length(buffer.as_mut_slice(), header, packet_bytes);
        }
        let packet_bytes_max = self.pieces.iter().map(|piece| piece.datagram.end - piece.datagram.header).max()?;
        Some((buffer, Pieces { packet_bytes_max, announced_at, fragmentable_at }, header))
    }
}

impl<B> Piece<B> {
    const fn end(&self) -> usize {
        self.fragment.offset + self.datagram.end - self.fragment.data
    }
}

/// Cuts a datagram into pieces as large as the largest it came in; each goes to `send`.
///
/// `id` is a fresh identification: under the sender's own, pieces of two datagrams could be mixed by
/// whoever puts them together.
///
/// Returns false if a buffer was missing: then none of the pieces may go on.
pub fn send_in_pieces<B: Buffer>(
    frame: B,
    header: usize,
    pieces: &Pieces,
    id: u32,
    mut alloc: impl FnMut() -> Option<B>,
    mut send: impl FnMut(B),
) -> bool {
    let bytes = frame.as_slice();
    let is_v4 = bytes.get(header).is_some_and(|first| first >> 4 == 4);
    if bytes.len() - header <= pieces.packet_bytes_max {
        send(frame);
        return true;
    }
    let Some((head, payload)) = bytes.split_at_checked(pieces.fragmentable_at) else { return false };
    if !pieces.can_carry(bytes.len(), header, is_v4) {
        return false;
    }
    let piece_bytes = pieces.payload_bytes(header, is_v4);
    for (number, part) in payload.chunks(piece_bytes).enumerate() {
        let offset = number * piece_bytes;
        let more = offset + part.len() < payload.len();
        let Some(mut piece) = alloc() else { return false };
        let written = piece.extend(head)
            && (is_v4 || piece.extend(&fragment_header(bytes, pieces, id, offset, more)))
            && piece.extend(part);
        if !written {
            return false;
        }
        finish_piece(piece.as_mut_slice(), header, is_v4, pieces, id, (offset, more));
        send(piece);
    }
    true
}

fn finish_piece(piece: &mut [u8], header: usize, is_v4: bool, pieces: &Pieces, id: u32, fragment: (usize, bool)) {
    let packet_bytes = piece.len() - header;
    if is_v4 {
        #[expect(clippy::cast_possible_truncation, reason = "IPv4 identifications have 16 bits")]
        let id = id as u16;
        if let Some(packet) = piece.get_mut(header..) {
            rewrite_ipv4_lengths(packet, packet_bytes, Some(id), Some(fragment));
        }
    } else {
        if let Some(next_header) = piece.get_mut(pieces.announced_at) {
            *next_header = NEXT_FRAGMENT;
        }
        set_ipv6_length(piece, header, packet_bytes);
    }
}

fn fragment_header(frame: &[u8], pieces: &Pieces, id: u32, offset: usize, more: bool) -> [u8; FRAGMENT_HEADER_BYTES] {
    let next_header = frame.get(pieces.announced_at).copied().unwrap_or_default();
    #[expect(clippy::cast_possible_truncation, reason = "a datagram is at most 64 KiB")]
    let [high, low] = (offset as u16 & !7 | u16::from(more)).to_be_bytes();
    let [a, b, c, d] = id.to_be_bytes();
    [next_header, 0, high, low, a, b, c, d]
}

/// Sets the payload length of the IPv6 header at `header` to that of a packet of so many bytes.
pub(crate) fn set_ipv6_length(frame: &mut [u8], header: usize, packet_bytes: usize) {
    #[expect(clippy::cast_possible_truncation, reason = "a datagram is at most 64 KiB")]
    let len = (packet_bytes - IPV6_HEADER_BYTES) as u16;
    if let Some(field) = frame.get_mut(header + 4..header + 6) {
        field.copy_from_slice(&len.to_be_bytes());
    }
}

#[cfg(test)]
mod tests;
