//! Kernels that tell 64 bytes at a time what each of them is: the crate's only unsafe code.
//!
//! Which kernel runs is found out at run time; all of them, and a plain loop, give the same masks (property test).
//! The rest of the crate searches these masks instead of the text.

#![allow(unsafe_code)]

use crate::window::{BOUNDARY, NUMBER_BOUNDARY};
use core::mem::MaybeUninit;

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
    /// Ends of lines and of leaves.
    pub(crate) line_end: u64,
    /// What code is full of and prose is not: see [`Mark`](crate::block::Mark).
    pub(crate) mark: u64,
    /// What no name of a column has: see [`Unnamed`](crate::block::Unnamed).
    pub(crate) unnamed: u64,
}

impl Masks {
    /// Those of nothing.
    pub(crate) const NONE: Self = Self {
        digit: 0,
        letter: 0,
        at: 0,
        colon: 0,
        dash: 0,
        underscore: 0,
        dot: 0,
        comma: 0,
        equals: 0,
        greater: 0,
        quote: 0,
        boundary: 0,
        token: 0,
        line_end: 0,
        mark: 0,
        unnamed: 0,
    };

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
            line_end: one(b'\n') | within(NUMBER_BOUNDARY, BOUNDARY),
            mark: within(b'#', b'&')
                | within(b'(', b'+')
                | within(b';', b'>')
                | within(b'[', b'`')
                | within(b'{', b'~'),
            unnamed: within(0, 0x1f)
                | one(b'!')
                | within(b'$', b'&')
                | within(b'+', b',')
                | within(b':', b'@')
                | within(b'[', b'^')
                | within(b'{', 0x7f)
                | within(NUMBER_BOUNDARY, BOUNDARY),
        }
    }
}

/// Appends the masks of each block.
pub(crate) fn fill(blocks: &[[u8; BLOCK_BYTES]], out: &mut Vec<Masks>) {
    out.reserve(blocks.len());
    let (len, spare) = (out.len(), out.spare_capacity_mut());
    let Some(room) = spare.get_mut(..blocks.len()) else { return };
    fill_kernel()(blocks, room);
    // SAFETY: there is room for them, and every kernel writes the masks of each block.
    unsafe { out.set_len(len + blocks.len()) };
}

/// Writes the masks of each block; there is as much room as there are blocks.
type Fill = fn(&[[u8; BLOCK_BYTES]], &mut [MaybeUninit<Masks>]);

/// The best kernel that the processor has.
fn fill_kernel() -> Fill {
    #[cfg(target_arch = "x86_64")]
    {
        if is_x86_feature_detected!("avx512bw") {
            // SAFETY: the processor has what the kernel is compiled for.
            return |blocks, out| unsafe { x86::fill_avx512(blocks, out) };
        }
        if is_x86_feature_detected!("avx2") {
            // SAFETY: as above.
            return |blocks, out| unsafe { x86::fill_avx2(blocks, out) };
        }
    }
    fill_portable
}

/// Sixteen bytes at a time, which every processor has that this runs on (SSE2, NEON).
fn fill_portable(blocks: &[[u8; BLOCK_BYTES]], out: &mut [MaybeUninit<Masks>]) {
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
        masks.write(Masks::of(one, within));
    }
}

/// Bytes of a needle that select its bucket.
pub(crate) const HEAD_BYTES: usize = 4;

/// Buckets of a table: one bit each.
pub(crate) const BUCKET_COUNT: usize = 8;

/// What is read to tell the candidates of a block.
pub(crate) const WINDOW_BYTES: usize = BLOCK_BYTES + HEAD_BYTES - 1;

/// Which buckets have a byte at each place of a head, by its low and by its high half.
#[derive(Clone, Debug, Default)]
pub(crate) struct Table([Halves; HEAD_BYTES]);

#[derive(Clone, Debug, Default)]
struct Halves {
    low: [u8; 16],
    high: [u8; 16],
}

/// A place at which a bucket's needle may stand.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Candidate {
    /// Counted from the first block.
    pub(crate) place: u16,
    pub(crate) table: u8,
    /// Never none.
    pub(crate) buckets: u8,
}

impl Table {
    /// Puts a folded head into a bucket; a short one is followed by anything.
    pub(crate) fn add(&mut self, head: &[u8], bucket: usize) {
        let bit = 1 << bucket;
        for (place, Halves { low, high }) in self.0.iter_mut().enumerate() {
            match head.get(place).map(|byte| usize::from(*byte)) {
                Some(byte) => {
                    low.iter_mut().skip(byte % 16).take(1).for_each(|buckets| *buckets |= bit);
                    high.iter_mut().skip(byte / 16).take(1).for_each(|buckets| *buckets |= bit);
                }
                None => low.iter_mut().chain(high).for_each(|buckets| *buckets |= bit),
            }
        }
    }
}

/// Appends the candidates of the first `blocks` blocks of a text, block by block, table by table.
/// The text goes on for a [`WINDOW_BYTES`] from the start of the last block; blocks that do not are passed over.
pub(crate) fn candidates(text: &[u8], blocks: usize, tables: &[Table], out: &mut Vec<Candidate>) {
    #[cfg(target_arch = "x86_64")]
    {
        if is_x86_feature_detected!("avx512bw") {
            // SAFETY: the processor has what the kernel is compiled for.
            return unsafe { x86::candidates_avx512(text, blocks, tables, out) };
        }
        if is_x86_feature_detected!("avx2") {
            // SAFETY: as above.
            return unsafe { x86::candidates_avx2(text, blocks, tables, out) };
        }
    }
    candidates_portable(text, blocks, tables, out);
}

/// The window of a block.
#[inline(always)]
fn window(text: &[u8], block: usize) -> Option<&[u8; WINDOW_BYTES]> {
    text.get(block * BLOCK_BYTES..)?.first_chunk()
}

/// The bytes of a window from each place of a head on.
#[inline(always)]
fn shifted(window: &[u8; WINDOW_BYTES]) -> [&[u8; BLOCK_BYTES]; HEAD_BYTES] {
    core::array::from_fn(|place| window.get(place..).and_then(<[u8]>::first_chunk).unwrap_or(&[0; BLOCK_BYTES]))
}

/// Appends the candidates from `start` on, given where there are any and which buckets a table selected.
#[inline(always)]
fn note<const BYTES: usize>(start: usize, table: u8, mut any: u64, selected: &[u8; BYTES], out: &mut Vec<Candidate>) {
    while any != 0 {
        let at = any.trailing_zeros() as usize;
        any &= any - 1;
        let buckets = selected.get(at).copied().unwrap_or(0);
        out.push(Candidate { place: u16::try_from(start + at).unwrap_or(u16::MAX), table, buckets });
    }
}

/// What a byte of the text and one of a head have in common if the one may be the other: no capital is told from a
/// small letter.
pub(crate) const fn fold(byte: u8) -> u8 {
    byte | CASE
}

/// The bit in which capitals differ from small letters.
const CASE: u8 = 0x20;

/// Tables of a search, so that numbers of tables stay small.
pub(crate) const TABLES_MAX: usize = 8;

/// Sixteen bytes at a time.
fn candidates_portable(text: &[u8], blocks: usize, tables: &[Table], out: &mut Vec<Candidate>) {
    use wide::u8x16;
    const PART_BYTES: usize = 16;
    for block in 0..blocks {
        let Some(window) = window(text, block) else { return };
        let shifted = shifted(window);
        for (number, Table(places)) in (0..).zip(tables) {
            for part in 0..BLOCK_BYTES / PART_BYTES {
                let mut buckets = u8x16::splat(u8::MAX);
                for (bytes, Halves { low, high }) in shifted.iter().zip(places) {
                    let (parts, _) = bytes.as_chunks::<PART_BYTES>();
                    let bytes = parts.get(part).copied().unwrap_or_default().map(fold);
                    let [lows, highs] = [bytes.map(|byte| byte & 15), bytes.map(|byte| byte >> 4)].map(u8x16::from);
                    buckets &= u8x16::from(*low).shuffle(lows) & u8x16::from(*high).shuffle(highs);
                }
                let none = u64::from(buckets.simd_eq(u8x16::splat(0)).to_bitmask());
                let start = block * BLOCK_BYTES + part * PART_BYTES;
                note(start, number, none ^ 0xffff, &buckets.to_array(), out);
            }
        }
    }
}

#[cfg(target_arch = "x86_64")]
mod x86 {
    use super::{BLOCK_BYTES, CASE, Candidate, Masks, MaybeUninit, TABLES_MAX, Table, note, shifted, window};
    use core::arch::x86_64::*;

    /// 64 bytes a register.
    #[target_feature(enable = "avx512f,avx512bw")]
    pub(super) fn fill_avx512(blocks: &[[u8; BLOCK_BYTES]], out: &mut [MaybeUninit<Masks>]) {
        let all = |byte: u8| _mm512_set1_epi8(byte.cast_signed());
        for (block, masks) in blocks.iter().zip(out) {
            // SAFETY: a block has 64 bytes, and the load asks for no alignment.
            let bytes = unsafe { _mm512_loadu_si512(block.as_ptr().cast()) };
            let one = |byte| _mm512_cmpeq_epi8_mask(bytes, all(byte));
            let within = |low, high| _mm512_cmple_epu8_mask(_mm512_sub_epi8(bytes, all(low)), all(high - low));
            masks.write(Masks::of(one, within));
        }
    }

    /// 64 bytes a register.
    #[target_feature(enable = "avx512f,avx512bw")]
    pub(super) fn candidates_avx512(text: &[u8], blocks: usize, tables: &[Table], out: &mut Vec<Candidate>) {
        let (half, case) = (_mm512_set1_epi8(15), _mm512_set1_epi8(CASE.cast_signed()));
        let halves = |table: &[u8; 16]| {
            // SAFETY: a table has 16 bytes, and the load asks for no alignment.
            _mm512_broadcast_i32x4(unsafe { _mm_loadu_si128(table.as_ptr().cast()) })
        };
        let (mut any, mut selected) = ([0; TABLES_MAX], [[0; BLOCK_BYTES]; TABLES_MAX]);
        for block in 0..blocks {
            let Some(window) = window(text, block) else { return };
            let bytes = shifted(window).map(|bytes| {
                // SAFETY: a block has 64 bytes, and the load asks for no alignment.
                let bytes = unsafe { _mm512_loadu_si512(bytes.as_ptr().cast()) };
                let bytes = _mm512_or_si512(bytes, case);
                (_mm512_and_si512(bytes, half), _mm512_and_si512(_mm512_srli_epi16::<4>(bytes), half))
            });
            // No call within, so that all halves stay in registers.
            let mut all = 0;
            for ((Table(places), any), selected) in tables.iter().zip(&mut any).zip(&mut selected) {
                let mut buckets = _mm512_set1_epi8(-1);
                for ((low, high), place) in bytes.into_iter().zip(places) {
                    let low = _mm512_shuffle_epi8(halves(&place.low), low);
                    let high = _mm512_shuffle_epi8(halves(&place.high), high);
                    buckets = _mm512_and_si512(buckets, _mm512_and_si512(low, high));
                }
                *any = _mm512_test_epi8_mask(buckets, buckets);
                all |= *any;
                // SAFETY: as many bytes are written as a block has.
                unsafe { _mm512_storeu_si512(selected.as_mut_ptr().cast(), buckets) };
            }
            if all != 0 {
                for ((number, any), selected) in (0..).zip(any).zip(&selected).take(tables.len()) {
                    note(block * BLOCK_BYTES, number, any, selected, out);
                }
            }
        }
    }

    /// 32 bytes a register.
    #[target_feature(enable = "avx2")]
    pub(super) fn candidates_avx2(text: &[u8], blocks: usize, tables: &[Table], out: &mut Vec<Candidate>) {
        const PART_BYTES: usize = 32;
        let (half, case) = (_mm256_set1_epi8(15), _mm256_set1_epi8(CASE.cast_signed()));
        let halves = |table: &[u8; 16]| {
            // SAFETY: a table has 16 bytes, and the load asks for no alignment.
            _mm256_broadcastsi128_si256(unsafe { _mm_loadu_si128(table.as_ptr().cast()) })
        };
        let mut selected = [0; PART_BYTES];
        for block in 0..blocks {
            let Some(window) = window(text, block) else { return };
            for part in 0..BLOCK_BYTES / PART_BYTES {
                let bytes = shifted(window).map(|bytes| {
                    let (parts, _) = bytes.as_chunks::<PART_BYTES>();
                    let part = parts.get(part).unwrap_or(&[0; PART_BYTES]);
                    // SAFETY: a part has 32 bytes, and the load asks for no alignment.
                    let bytes = unsafe { _mm256_loadu_si256(part.as_ptr().cast()) };
                    let bytes = _mm256_or_si256(bytes, case);
                    (_mm256_and_si256(bytes, half), _mm256_and_si256(_mm256_srli_epi16::<4>(bytes), half))
                });
                for (number, Table(places)) in (0..).zip(tables) {
                    let mut buckets = _mm256_set1_epi8(-1);
                    for ((low, high), place) in bytes.into_iter().zip(places) {
                        let low = _mm256_shuffle_epi8(halves(&place.low), low);
                        let high = _mm256_shuffle_epi8(halves(&place.high), high);
                        buckets = _mm256_and_si256(buckets, _mm256_and_si256(low, high));
                    }
                    let none = _mm256_movemask_epi8(_mm256_cmpeq_epi8(buckets, _mm256_setzero_si256()));
                    let any = u64::from(!none.cast_unsigned());
                    if any != 0 {
                        // SAFETY: as many bytes are written as a part has.
                        unsafe { _mm256_storeu_si256(selected.as_mut_ptr().cast(), buckets) };
                        note(block * BLOCK_BYTES + part * PART_BYTES, number, any, &selected, out);
                    }
                }
            }
        }
    }

    /// 32 bytes a register.
    #[target_feature(enable = "avx2")]
    pub(super) fn fill_avx2(blocks: &[[u8; BLOCK_BYTES]], out: &mut [MaybeUninit<Masks>]) {
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
            masks.write(Masks::of(one, within));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn fill_plain(blocks: &[[u8; BLOCK_BYTES]], out: &mut [MaybeUninit<Masks>]) {
        for (block, masks) in blocks.iter().zip(out) {
            let bits = |holds: &dyn Fn(u8) -> bool| {
                block.iter().enumerate().fold(0, |bits, (place, byte)| bits | u64::from(holds(*byte)) << place)
            };
            masks.write(Masks {
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
                line_end: bits(&|byte| matches!(byte, b'\n' | 0xfe | 0xff)),
                mark: bits(&|byte| crate::block::Kind::holds(crate::block::Mark, byte)),
                unnamed: bits(&|byte| crate::block::Kind::holds(crate::block::Unnamed, byte)),
            });
        }
    }

    fn kernels() -> Vec<Fill> {
        let mut kernels: Vec<Fill> = vec![fill_kernel(), fill_portable];
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
        let written = |kernel: Fill| {
            let mut masks = vec![MaybeUninit::new(Masks { at: 7, ..Masks::NONE }); blocks.len()];
            kernel(blocks, &mut masks);
            // SAFETY: all of them have a value.
            masks.into_iter().map(|masks| unsafe { masks.assume_init() }).collect::<Vec<_>>()
        };
        let expected = written(fill_plain);
        for kernel in kernels() {
            assert_eq!(written(kernel), expected);
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

    type Search = fn(&[u8], usize, &[Table], &mut Vec<Candidate>);

    fn searches() -> Vec<Search> {
        let mut kernels: Vec<Search> = vec![candidates, candidates_portable];
        #[cfg(target_arch = "x86_64")]
        {
            if is_x86_feature_detected!("avx512bw") {
                // SAFETY: the processor has what the kernel is compiled for.
                kernels.push(|text, blocks, tables, out| unsafe { x86::candidates_avx512(text, blocks, tables, out) });
            }
            if is_x86_feature_detected!("avx2") {
                // SAFETY: as above.
                kernels.push(|text, blocks, tables, out| unsafe { x86::candidates_avx2(text, blocks, tables, out) });
            }
        }
        kernels
    }

    /// What the tables select, byte by byte.
    fn candidates_plain(text: &[u8], blocks: usize, tables: &[Table]) -> Vec<Candidate> {
        let mut expected = Vec::new();
        for place in 0..blocks * BLOCK_BYTES {
            for (number, Table(places)) in (0..).zip(tables) {
                let buckets = places.iter().zip(&text[place..]).fold(u8::MAX, |buckets, (halves, byte)| {
                    let byte = usize::from(fold(*byte));
                    buckets & halves.low[byte % 16] & halves.high[byte / 16]
                });
                if buckets != 0 {
                    expected.push(Candidate { place: u16::try_from(place).unwrap(), table: number, buckets });
                }
            }
        }
        expected
    }

    proptest! {
        #[test]
        fn every_kernel_selects_what_a_plain_loop_does(
            text in prop_oneof![
                prop::collection::vec(any::<u8>(), WINDOW_BYTES..400),
                prop::collection::vec(b'a'..=b'd', WINDOW_BYTES..400),
            ],
            heads in prop::collection::vec(prop_oneof!["[a-d]{2,4}", "[a-zé]{2,4}"], 1..40),
        ) {
            let mut tables = vec![Table::default(); heads.len().div_ceil(2 * BUCKET_COUNT)];
            for (place, head) in heads.iter().enumerate() {
                let count = tables.len();
                let head: Vec<u8> = head.bytes().take(HEAD_BYTES).map(fold).collect();
                tables[place % count].add(&head, place / count % BUCKET_COUNT);
            }
            let blocks = (text.len() - (HEAD_BYTES - 1)) / BLOCK_BYTES;
            let expected = candidates_plain(&text, blocks, &tables);
            for kernel in searches() {
                let mut found = Vec::new();
                // Blocks that are not there are passed over.
                kernel(&text, blocks + 1, &tables, &mut found);
                found.sort_unstable_by_key(|candidate: &Candidate| (candidate.place, candidate.table));
                prop_assert_eq!(&found, &expected);
            }
        }

        #[test]
        fn every_kernel_gives_the_masks_of_a_plain_loop(blocks in prop::collection::vec(any::<[u8; 64]>(), 0..5)) {
            check(&blocks);
        }
    }
}
