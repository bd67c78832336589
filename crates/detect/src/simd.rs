//! Kernels that tell 64 bytes at a time what each of them is: the crate's only unsafe code.
//!
//! Which kernel runs is found out at run time; all of them, and a plain loop, give the same masks (property test).
//! The rest of the crate searches these masks instead of the text.

#![allow(unsafe_code)]

use crate::window::BOUNDARY;

/// Bytes of a block: one bit each in a word.
pub(crate) const BLOCK_BYTES: usize = 64;

/// Where bytes of each kind stand in a block: one bit a byte, the first byte lowest.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Masks {
    pub(crate) digit: u64,
    pub(crate) letter: u64,
    pub(crate) at: u64,
    pub(crate) colon: u64,
    pub(crate) dash: u64,
    pub(crate) underscore: u64,
    pub(crate) dot: u64,
    pub(crate) comma: u64,
    pub(crate) equals: u64,
    pub(crate) greater: u64,
    /// `"` and `'`
    pub(crate) quote: u64,
    /// Ends of leaves.
    pub(crate) boundary: u64,
    /// What keys and tokens are made of: letters, digits and `$ + , - . / = _ ~`.
    pub(crate) token: u64,
    /// What code is full of and prose is not: see [`Mark`](crate::block::Mark).
    pub(crate) mark: u64,
}

impl Masks {
    /// Puts the masks together, given a test for one byte and one for a range of bytes.
    #[inline(always)]
    fn of(one: impl Fn(u8) -> u64, within: impl Fn(u8, u8) -> u64) -> Self {
        let digit = within(b'0', b'9');
        let letter = within(b'A', b'Z') | within(b'a', b'z');
        let (dash, underscore, dot) = (one(b'-'), one(b'_'), one(b'.'));
        let (comma, equals) = (one(b','), one(b'='));
        let marks = dash | underscore | dot | comma | equals | one(b'$') | one(b'+') | one(b'/') | one(b'~');
        Self {
            digit,
            letter,
            at: one(b'@'),
            colon: one(b':'),
            dash,
            underscore,
            dot,
            comma,
            equals,
            greater: one(b'>'),
            quote: one(b'"') | one(b'\''),
            boundary: one(BOUNDARY),
            token: digit | letter | marks,
            mark: within(b'#', b'&')
                | within(b'(', b'+')
                | within(b';', b'>')
                | within(b'[', b'`')
                | within(b'{', b'~'),
        }
    }
}

/// Writes the masks of each block.
pub(crate) fn fill(blocks: &[[u8; BLOCK_BYTES]], out: &mut [Masks]) {
    #[cfg(target_arch = "x86_64")]
    {
        if is_x86_feature_detected!("avx512bw") {
            // SAFETY: the processor has what the kernel is compiled for.
            return unsafe { x86::fill_avx512(blocks, out) };
        }
        if is_x86_feature_detected!("avx2") {
            // SAFETY: as above.
            return unsafe { x86::fill_avx2(blocks, out) };
        }
    }
    fill_portable(blocks, out);
}

/// Sixteen bytes at a time, which every processor has that this runs on (SSE2, NEON).
fn fill_portable(blocks: &[[u8; BLOCK_BYTES]], out: &mut [Masks]) {
    use wide::u8x16;
    for (block, masks) in blocks.iter().zip(out) {
        let (quarters, _) = block.as_chunks::<16>();
        let bits = |mark: &dyn Fn(u8x16) -> u8x16| {
            let add = |bits: u64, quarter: &[u8; 16]| bits << 16 | u64::from(mark(u8x16::from(*quarter)).to_bitmask());
            quarters.iter().rev().fold(0, add)
        };
        let one = |byte| bits(&|bytes| bytes.simd_eq(u8x16::splat(byte)));
        let within = |low: u8, high: u8| {
            bits(&|bytes| {
                let above = bytes - u8x16::splat(low);
                above.min(u8x16::splat(high - low)).simd_eq(above)
            })
        };
        *masks = Masks::of(one, within);
    }
}

#[cfg(target_arch = "x86_64")]
mod x86 {
    use super::{BLOCK_BYTES, Masks};
    use core::arch::x86_64::*;

    /// 64 bytes a register.
    #[target_feature(enable = "avx512f,avx512bw")]
    pub(super) fn fill_avx512(blocks: &[[u8; BLOCK_BYTES]], out: &mut [Masks]) {
        let all = |byte: u8| _mm512_set1_epi8(byte.cast_signed());
        for (block, masks) in blocks.iter().zip(out) {
            // SAFETY: a block has 64 bytes, and the load asks for no alignment.
            let bytes = unsafe { _mm512_loadu_si512(block.as_ptr().cast()) };
            let one = |byte| _mm512_cmpeq_epi8_mask(bytes, all(byte));
            let within = |low, high| _mm512_cmple_epu8_mask(_mm512_sub_epi8(bytes, all(low)), all(high - low));
            *masks = Masks::of(one, within);
        }
    }

    /// 32 bytes a register.
    #[target_feature(enable = "avx2")]
    pub(super) fn fill_avx2(blocks: &[[u8; BLOCK_BYTES]], out: &mut [Masks]) {
        let all = |byte: u8| _mm256_set1_epi8(byte.cast_signed());
        let join = |low, high| {
            let [low, high] = [low, high].map(|half| u64::from(_mm256_movemask_epi8(half).cast_unsigned()));
            high << 32 | low
        };
        for (block, masks) in blocks.iter().zip(out) {
            let (halves, _) = block.as_chunks::<32>();
            let [low, high] = halves else { continue };
            // SAFETY: a half has 32 bytes, and the load asks for no alignment.
            let low = unsafe { _mm256_loadu_si256(low.as_ptr().cast()) };
            // SAFETY: as above.
            let high = unsafe { _mm256_loadu_si256(high.as_ptr().cast()) };
            let one = |byte| join(_mm256_cmpeq_epi8(low, all(byte)), _mm256_cmpeq_epi8(high, all(byte)));
            let within = |from, to| {
                let inside = |half| {
                    let above = _mm256_sub_epi8(half, all(from));
                    _mm256_cmpeq_epi8(_mm256_min_epu8(above, all(to - from)), above)
                };
                join(inside(low), inside(high))
            };
            *masks = Masks::of(one, within);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn fill_plain(blocks: &[[u8; BLOCK_BYTES]], out: &mut [Masks]) {
        for (block, masks) in blocks.iter().zip(out) {
            let bits = |holds: &dyn Fn(u8) -> bool| {
                block.iter().enumerate().fold(0, |bits, (place, byte)| bits | u64::from(holds(*byte)) << place)
            };
            *masks = Masks {
                digit: bits(&|byte| byte.is_ascii_digit()),
                letter: bits(&|byte| byte.is_ascii_alphabetic()),
                at: bits(&|byte| byte == b'@'),
                colon: bits(&|byte| byte == b':'),
                dash: bits(&|byte| byte == b'-'),
                underscore: bits(&|byte| byte == b'_'),
                dot: bits(&|byte| byte == b'.'),
                comma: bits(&|byte| byte == b','),
                equals: bits(&|byte| byte == b'='),
                greater: bits(&|byte| byte == b'>'),
                quote: bits(&|byte| byte == b'"' || byte == b'\''),
                boundary: bits(&|byte| byte == BOUNDARY),
                token: bits(&|byte| byte.is_ascii_alphanumeric() || b"$+,-./=_~".contains(&byte)),
                mark: bits(&|byte| crate::block::Kind::holds(crate::block::Mark, byte)),
            };
        }
    }

    type Fill = fn(&[[u8; BLOCK_BYTES]], &mut [Masks]);

    fn kernels() -> Vec<Fill> {
        let mut kernels: Vec<Fill> = vec![fill, fill_portable];
        #[cfg(target_arch = "x86_64")]
        {
            if is_x86_feature_detected!("avx512bw") {
                // SAFETY: the processor has what the kernel is compiled for.
                kernels.push(|blocks, out| unsafe { x86::fill_avx512(blocks, out) });
            }
            if is_x86_feature_detected!("avx2") {
                // SAFETY: as above.
                kernels.push(|blocks, out| unsafe { x86::fill_avx2(blocks, out) });
            }
        }
        kernels
    }

    fn check(blocks: &[[u8; BLOCK_BYTES]]) {
        let mut expected = vec![Masks::default(); blocks.len()];
        fill_plain(blocks, &mut expected);
        for kernel in kernels() {
            let mut found = vec![Masks { at: 7, ..Masks::default() }; blocks.len()];
            kernel(blocks, &mut found);
            assert_eq!(found, expected);
        }
    }

    #[test]
    fn every_byte_is_what_it_is_at_every_place() {
        for shift in 0..64u8 {
            let blocks = [0u8, 64, 128, 192]
                .map(|base| core::array::from_fn(|place| base + (u8::try_from(place).unwrap() + shift) % 64));
            check(&blocks);
        }
    }

    proptest! {
        #[test]
        fn every_kernel_gives_the_masks_of_a_plain_loop(blocks in prop::collection::vec(any::<[u8; 64]>(), 0..5)) {
            check(&blocks);
        }
    }
}
