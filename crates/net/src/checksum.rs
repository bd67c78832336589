//! The internet checksum (RFC 1071) and its incremental update (RFC 1624).

use core::ops::Range;
use wide::{i16x8, i32x4};

/// A running one's-complement sum of 16-bit big-endian words.
///
/// The sum is kept in native byte order: one's-complement addition commutes with swapping bytes
/// (RFC 1071 section 2), so words are loaded as they lie and swapped once at the end.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Sum(u64);

/// Bytes that are added side by side.
const ROW_BYTES: usize = 64;
/// Rows whose sums lanes of 32 bits take: each adds at most twice 2^15 to one.
const ROWS_MAX: usize = 1 << 14;

/// The sum of the words of some rows.
///
/// One instruction adds products of neighbours of sixteen bits to lanes of 32, but takes the words for signed ones: so each
/// is moved down by 2^15 first, and all of that is added again at the end.
fn of_rows(rows: &[[u8; ROW_BYTES]]) -> u64 {
    let (middle, one) = (i16x8::splat(i16::MIN), i16x8::splat(1));
    let mut lanes = [i32x4::ZERO; ROW_BYTES / 16];
    for row in rows {
        let (parts, _) = row.as_chunks::<16>();
        for (lane, part) in lanes.iter_mut().zip(parts) {
            *lane += (i16x8::from(words(part)) ^ middle).dot(one);
        }
    }
    let moved = (rows.len() * ROW_BYTES / 2) as u64 * (1 << 15);
    let sum: i64 = lanes.into_iter().flat_map(i32x4::to_array).map(i64::from).sum();
    moved.wrapping_add_signed(sum)
}

/// The words of sixteen bytes, as they lie.
fn words(part: &[u8; 16]) -> [i16; 8] {
    let (pairs, _) = part.as_chunks::<2>();
    core::array::from_fn(|place| pairs.get(place).map_or(0, |pair| i16::from_ne_bytes(*pair)))
}

impl Sum {
    /// The empty sum.
    pub const ZERO: Self = Self(0);

    /// Adds `bytes` as words; an odd last byte is padded with zero, so only the last piece of a
    /// message may have odd length.
    #[must_use]
    pub fn add_bytes(self, bytes: &[u8]) -> Self {
        let (rows, rest) = bytes.as_chunks::<ROW_BYTES>();
        let sum = rows.chunks(ROWS_MAX).fold(self.0, |sum, rows| add_carry(sum, of_rows(rows)));
        let (last, rest) = rest.as_chunks::<4>();
        let mut padded = [0u8; 4];
        if let Some(room) = padded.get_mut(..rest.len()) {
            room.copy_from_slice(rest);
        }
        let last = last.iter().chain([&padded]).map(|word| u64::from(u32::from_ne_bytes(*word)));
        Self(add_carry(sum, last.sum()))
    }

    /// The sum of an IPv4 header without options: what nearly every header is.
    #[must_use]
    #[inline]
    pub fn of_ipv4_header(header: &[u8; 20]) -> Self {
        let (words, rest) = header.as_chunks::<4>();
        debug_assert!(rest.is_empty(), "five words");
        Self(words.iter().map(|word| u64::from(u32::from_ne_bytes(*word))).sum())
    }

    /// Adds one word given in host order.
    #[must_use]
    pub fn add_u16(self, word: u16) -> Self {
        Self(add_carry(self.0, u64::from(word.to_be())))
    }

    /// Adds another sum.
    #[must_use]
    pub fn add_sum(self, other: Self) -> Self {
        Self(add_carry(self.0, other.0))
    }

    /// The sum as it would be had its bytes stood one place further in the message.
    #[must_use]
    pub fn shifted(self) -> Self {
        Self(u64::from(self.fold().swap_bytes()))
    }

    /// The checksum field that makes the message sum to zero, in host order.
    #[must_use]
    pub fn checksum(self) -> u16 {
        !u16::from_be(self.fold())
    }

    /// True if a message that includes its checksum field is intact.
    #[must_use]
    #[inline]
    pub fn is_valid(self) -> bool {
        self.fold() == 0xffff
    }

    #[inline]
    fn fold(self) -> u16 {
        let mut sum = (self.0 & 0xffff_ffff) + (self.0 >> 32);
        sum = (sum & 0xffff) + ((sum >> 16) & 0xffff) + (sum >> 32);
        sum = (sum & 0xffff) + (sum >> 16);
        sum = (sum & 0xffff) + (sum >> 16);
        #[expect(clippy::cast_possible_truncation, reason = "folded into 16 bits above")]
        {
            sum as u16
        }
    }
}

const fn add_carry(sum: u64, value: u64) -> u64 {
    let (sum, overflow) = sum.overflowing_add(value);
    if overflow { sum + 1 } else { sum }
}

/// The sum of the pseudo header of TCP and UDP (RFC 9293 section 3.1, RFC 8200 section 8.1).
///
/// `addresses` are source and destination as they stand next to each other in the IP header.
#[must_use]
pub fn pseudo_header(addresses: &[u8], protocol: u8, length: usize) -> Sum {
    #[expect(clippy::cast_possible_truncation, reason = "a datagram is at most 64 KiB")]
    let length = length as u16;
    Sum::ZERO.add_bytes(addresses).add_u16(u16::from(protocol)).add_u16(length)
}

/// Replaces `range` of `message` by `new` and returns the checksum mended for it, without reading
/// the rest of the message (RFC 1624, equation 3).
///
/// `message` begins where the checksummed words begin. Nothing changes if `range` lies outside of
/// it or `new` has another length.
#[must_use]
pub fn replace(message: &mut [u8], range: Range<usize>, new: &[u8], checksum: u16) -> u16 {
    let odd = range.start % 2 == 1;
    let Some(old) = message.get_mut(range) else { return checksum };
    if old.len() != new.len() {
        return checksum;
    }
    let removed = Sum::ZERO.add_bytes(old);
    let added = Sum::ZERO.add_bytes(new);
    old.copy_from_slice(new);
    let (removed, added) = if odd { (removed.shifted(), added.shifted()) } else { (removed, added) };
    update(checksum, removed, added)
}

/// The checksum after words that summed to `removed` were replaced by words that sum to `added`.
#[must_use]
pub fn update(checksum: u16, removed: Sum, added: Sum) -> u16 {
    Sum::ZERO.add_u16(!checksum).add_u16(!u16::from_be(removed.fold())).add_sum(added).checksum()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// The definition, word by word.
    fn oracle(bytes: &[u8]) -> u16 {
        let mut sum = 0u32;
        for pair in bytes.chunks(2) {
            sum += u32::from(pair[0]) << 8 | u32::from(*pair.get(1).unwrap_or(&0));
            sum = (sum & 0xffff) + (sum >> 16);
        }
        !(sum as u16)
    }

    #[test]
    fn lanes_take_what_is_longest_and_largest() {
        for byte in [0x00, 0x7f, 0x80, 0xff] {
            let bytes = vec![byte; 3 * ROWS_MAX * ROW_BYTES + 7];
            let pieces = bytes.chunks(62).fold(Sum::ZERO, Sum::add_bytes);
            assert_eq!(Sum::ZERO.add_bytes(&bytes).checksum(), pieces.checksum(), "{byte}");
        }
    }

    #[test]
    fn the_example_of_rfc_1071_sums_to_ddf2() {
        let sum = Sum::ZERO.add_bytes(&[0x00, 0x01, 0xf2, 0x03, 0xf4, 0xf5, 0xf6, 0xf7]);
        assert_eq!(!sum.checksum(), 0xddf2);
    }

    proptest! {
        #[test]
        fn the_sum_agrees_with_its_definition(bytes in proptest::collection::vec(any::<u8>(), 0..300)) {
            prop_assert_eq!(Sum::ZERO.add_bytes(&bytes).checksum(), oracle(&bytes));
        }

        #[test]
        fn the_sum_of_even_pieces_is_the_sum_of_the_whole(
            bytes in proptest::collection::vec(any::<u8>(), 0..300), cut in 0usize..150
        ) {
            let cut = (cut * 2).min(bytes.len() & !1);
            let pieces = Sum::ZERO.add_bytes(&bytes[..cut]).add_bytes(&bytes[cut..]);
            prop_assert_eq!(pieces.checksum(), Sum::ZERO.add_bytes(&bytes).checksum());
        }

        #[test]
        fn an_incremental_update_equals_a_new_sum(
            mut bytes in proptest::collection::vec(any::<u8>(), 2..200),
            start in 0usize..200, new in proptest::collection::vec(any::<u8>(), 0..40),
        ) {
            // A TCP segment never sums to zero: its ports are not all zero.
            bytes[0] |= 1;
            let start = 1 + start % (bytes.len() - 1);
            let end = (start + new.len()).min(bytes.len());
            let before = Sum::ZERO.add_bytes(&bytes).checksum();
            let mended = replace(&mut bytes, start..end, &new[..end - start], before);
            let sum = Sum::ZERO.add_bytes(&bytes).add_u16(mended);
            prop_assert!(sum.is_valid());
        }
    }
}
