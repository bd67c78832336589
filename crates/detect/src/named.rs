//! Names that tell what stands behind them, told by their last letters: data for the kernels of [`simd`](crate::simd), and
//! what they have in common.

use crate::simd::{Aligned, BLOCK_BYTES, Group, LANE_COUNT};

/// Bytes of a name's end that are looked at.
pub(crate) const ENDING_BYTES: usize = 4;

/// A block and what of a name may stand before it.
pub(crate) const NAMED_BYTES: usize = ENDING_BYTES - 1 + BLOCK_BYTES;

/// Which names tell what stands behind them: the buckets of their last letters, the last one first.
#[derive(Debug)]
pub(crate) struct Endings(pub(crate) [Ending; ENDING_BYTES]);

/// Which buckets have a byte at a place of an ending.
#[derive(Clone, Debug)]
pub(crate) struct Ending {
    /// By the low and by the high half of a byte.
    pub(crate) low: [u8; 16],
    pub(crate) high: [u8; 16],
    /// By its low seven bits.
    pub(crate) seven: [Aligned; 2],
}

impl Endings {
    /// Those of nothing.
    pub(crate) const NONE: Self =
        Self([const { Ending { low: [0; 16], high: [0; 16], seven: [Aligned([0; BLOCK_BYTES]); 2] } }; ENDING_BYTES]);

    /// Puts a byte into a bucket, at a place counted from the last byte of a name.
    pub(crate) fn add(&mut self, place: usize, byte: u8, bucket: usize) {
        let bit = 1 << bucket;
        let byte = usize::from(byte);
        for Ending { low, high, seven } in self.0.iter_mut().skip(place).take(1) {
            let seven = seven.iter_mut().skip(byte / BLOCK_BYTES % 2).take(1).flat_map(|half| &mut half.0);
            let places = [low.get_mut(byte % 16), high.get_mut(byte / 16)].into_iter().flatten();
            places.chain(seven.skip(byte % BLOCK_BYTES).take(1)).for_each(|buckets| *buckets |= bit);
        }
    }
}

/// Of each block from `first` on keeps what assigns behind a name, given where in a block names may end, and which of its
/// bytes are not of ASCII.
#[inline(always)]
pub(crate) fn keep_each(
    text: &[u8],
    first: usize,
    groups: &mut [Group],
    ends: impl Fn(&[u8; NAMED_BYTES]) -> (u64, u64),
) {
    let mut carried = 1;
    for number in first..text.len().div_ceil(BLOCK_BYTES) {
        let lane = number % LANE_COUNT;
        let Some(group) = groups.get_mut(number / LANE_COUNT) else { return };
        let (Some(assigning), Some(letter)) = (group.assigning.get_mut(lane), group.letter.get(lane)) else { return };
        let start = number * BLOCK_BYTES;
        let before = start.checked_sub(ENDING_BYTES - 1).and_then(|from| text.get(from..));
        let (ends, beyond) = match before.and_then(<[u8]>::first_chunk) {
            Some(named) => ends(named),
            None => ends(&named_at(text, start)),
        };
        // Quotes, brackets, spaces, numbers.
        let gap = !(letter | beyond);
        let ends = ends & !gap;
        let behind = ends << 1 | carried;
        // Adding runs through each gap that begins behind a name.
        let gaps = gap & !gap.wrapping_add(behind & gap);
        *assigning &= behind | gaps | gaps << 1;
        carried = (ends | gaps) >> (BLOCK_BYTES - 1);
    }
}

/// The bytes of a block that are not of ASCII.
pub(crate) fn beyond_ascii(named: &[u8; NAMED_BYTES]) -> u64 {
    let (block, _) = backwards(named)[0].as_chunks::<16>();
    let bits = |bits: u64, part: &[u8; 16]| bits << 16 | u64::from(wide::u8x16::from(*part).to_bitmask());
    block.iter().rev().fold(0, bits)
}

/// What a block's names are told from at the ends of a text, filled up with what ends none.
#[cold]
fn named_at(text: &[u8], start: usize) -> [u8; NAMED_BYTES] {
    let mut named = [0; NAMED_BYTES];
    let (before, block) = named.split_at_mut(ENDING_BYTES - 1);
    let (head, rest) = text.split_at_checked(start).unwrap_or((text, &[]));
    before.iter_mut().rev().zip(head.iter().rev()).for_each(|(place, byte)| *place = *byte);
    block.iter_mut().zip(rest).for_each(|(place, byte)| *place = *byte);
    named
}

/// The bytes of a block and those before each of them, the block's own first.
#[inline(always)]
pub(crate) fn backwards(named: &[u8; NAMED_BYTES]) -> [&[u8; BLOCK_BYTES]; ENDING_BYTES] {
    core::array::from_fn(|place| {
        named.get(ENDING_BYTES - 1 - place..).and_then(<[u8]>::first_chunk).unwrap_or(&[0; BLOCK_BYTES])
    })
}
