//! Kernels of AVX2 and AVX-512: the crate's only unsafe code.
//!
//! A kernel runs by the proof that the processor has what it is compiled for: there is none elsewhere.

#![allow(unsafe_code)]

use super::{
    Aligned, BLOCK_BYTES, CASE, Candidate, DECODED_BYTES, Group, HALVED_BYTES, HEAD_BYTES, LANE_COUNT, Masks,
    NUMBER_BOUNDARY, TABLES_MAX, Table, base64_value, note, shifted, window,
};
use crate::named::{Ending, Endings, backwards, keep_each};
use crate::octet::{Bits, Kernel, Octet};
use core::arch::x86_64::*;
use std::sync::LazyLock;

/// The processor has what kernels of 64 bytes are compiled for, look-ups of bytes in 64 and 128 others among it: since Ice
/// Lake and Zen 4.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Avx512(());

/// The processor has what kernels of 32 bytes are compiled for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Avx2(());

impl Avx512 {
    #[inline]
    pub(super) fn detect() -> Option<Self> {
        let has_512 = is_x86_feature_detected!("avx512bw") && is_x86_feature_detected!("avx512vbmi");
        (has_512 && is_x86_feature_detected!("avx512vpopcntdq")).then_some(Self(()))
    }

    #[inline]
    pub(super) fn fill(self, blocks: &[[u8; BLOCK_BYTES]], first: usize, groups: &mut [Group]) {
        // SAFETY: as said of the type, here and below.
        unsafe { fill_avx512(blocks, first, groups) }
    }

    #[inline]
    pub(super) fn keep_named(self, text: &[u8], first: usize, endings: &Endings, groups: &mut [Group]) {
        // SAFETY: as above.
        unsafe { keep_named_avx512(text, first, endings, groups) }
    }

    #[inline]
    pub(super) fn run(self, kernel: impl Kernel) {
        // SAFETY: as above.
        unsafe { run_avx512(kernel) }
    }

    #[inline]
    pub(super) fn base64(self, characters: &[u8; BLOCK_BYTES]) -> ([u8; DECODED_BYTES], usize) {
        // SAFETY: as above.
        unsafe { base64_avx512(characters) }
    }

    #[inline]
    pub(super) fn candidates(self, text: &[u8], blocks: usize, tables: &[Table], out: &mut Vec<Candidate>) {
        // SAFETY: as above.
        unsafe { candidates_avx512(text, blocks, tables, out) }
    }
}

impl Avx2 {
    #[inline]
    pub(super) fn detect() -> Option<Self> {
        is_x86_feature_detected!("avx2").then_some(Self(()))
    }

    #[inline]
    pub(super) fn fill(self, blocks: &[[u8; BLOCK_BYTES]], first: usize, groups: &mut [Group]) {
        // SAFETY: as said of the type, here and below.
        unsafe { fill_avx2(blocks, first, groups) }
    }

    #[inline]
    pub(super) fn keep_named(self, text: &[u8], first: usize, endings: &Endings, groups: &mut [Group]) {
        // SAFETY: as above.
        unsafe { keep_named_avx2(text, first, endings, groups) }
    }

    #[inline]
    pub(super) fn run(self, kernel: impl Kernel) {
        // SAFETY: as above.
        unsafe { run_avx2(kernel) }
    }

    #[inline]
    pub(super) fn candidates(self, text: &[u8], blocks: usize, tables: &[Table], out: &mut Vec<Candidate>) {
        // SAFETY: as above.
        unsafe { candidates_avx2(text, blocks, tables, out) }
    }
}

/// 64 bytes a register: what an ASCII character is, is looked up.
#[target_feature(enable = "avx512f,avx512bw,avx512vbmi")]
fn fill_avx512(blocks: &[[u8; BLOCK_BYTES]], first: usize, groups: &mut [Group]) {
    static ASCII: LazyLock<Ascii> = LazyLock::new(Ascii::new);
    let load = |bytes: &[u8; BLOCK_BYTES]| {
        // SAFETY: a block has 64 bytes, and the load asks for no alignment.
        unsafe { _mm512_loadu_si512(bytes.as_ptr().cast()) }
    };
    let all = |byte: u8| _mm512_set1_epi8(byte.cast_signed());
    let tables = ASCII.0.each_ref().map(|[low, high]| (load(low), load(high)));
    super::set_each(blocks, first, groups, |block| {
        let bytes = load(block);
        let ascii = !_mm512_movepi8_mask(bytes);
        let [few, others] = tables.map(|(low, high)| _mm512_maskz_permutex2var_epi8(ascii, low, bytes, high));
        let one = |byte| _mm512_cmpeq_epi8_mask(bytes, all(byte));
        let within = |low, high| _mm512_cmple_epu8_mask(_mm512_sub_epi8(bytes, all(low)), all(high - low));
        let has = |kind: usize| {
            let kinds = if kind < 8 { few } else { others };
            _mm512_test_epi8_mask(kinds, all(1 << (kind % 8)))
        };
        let masks = Masks::of_kinds(core::array::from_fn(has));
        let ends = _mm512_cmpge_epu8_mask(bytes, all(NUMBER_BOUNDARY));
        Masks {
            line_end: masks.line_end | ends,
            unnamed: masks.unnamed | ends,
            escaping: masks.escaping | !ascii,
            assigning: masks.equals | masks.colon | Masks::assigning(masks.comma, masks.letter, one, within),
            ..masks
        }
    });
}

/// 64 bytes a register, each looked up by seven of its bits.
#[target_feature(enable = "avx512f,avx512bw,avx512vbmi")]
fn keep_named_avx512(text: &[u8], first: usize, endings: &Endings, groups: &mut [Group]) {
    let load = |bytes: &[u8; BLOCK_BYTES]| {
        // SAFETY: these are 64 bytes, and the load asks for no alignment.
        unsafe { _mm512_loadu_si512(bytes.as_ptr().cast()) }
    };
    let tables = endings.0.each_ref().map(|Ending { seven: [low, high], .. }| (load(&low.0), load(&high.0)));
    keep_each(text, first, groups, |named| {
        let select =
            |buckets, (bytes, (low, high))| _mm512_and_si512(buckets, _mm512_permutex2var_epi8(low, load(bytes), high));
        let bytes = backwards(named);
        let buckets = bytes.into_iter().zip(tables).fold(_mm512_set1_epi8(-1), select);
        (_mm512_test_epi8_mask(buckets, buckets), _mm512_movepi8_mask(load(bytes[0])))
    });
}

/// 32 bytes a register.
#[target_feature(enable = "avx2")]
fn keep_named_avx2(text: &[u8], first: usize, endings: &Endings, groups: &mut [Group]) {
    let half = _mm256_set1_epi8(15);
    let tables = endings.0.each_ref().map(|Ending { low, high, .. }| {
        [low, high].map(|table| {
            // SAFETY: a table has 16 bytes, and the load asks for no alignment.
            _mm256_broadcastsi128_si256(unsafe { _mm_loadu_si128(table.as_ptr().cast()) })
        })
    });
    keep_each(text, first, groups, |named| {
        let mut buckets = [_mm256_set1_epi8(-1); 2];
        let mut beyond = 0;
        for (place, (bytes, [low, high])) in backwards(named).into_iter().zip(tables).enumerate() {
            let (parts, _) = bytes.as_chunks::<32>();
            for (half_number, (buckets, part)) in buckets.iter_mut().zip(parts).enumerate() {
                // SAFETY: a part has 32 bytes, and the load asks for no alignment.
                let bytes = unsafe { _mm256_loadu_si256(part.as_ptr().cast()) };
                if place == 0 {
                    beyond |= u64::from(_mm256_movemask_epi8(bytes).cast_unsigned()) << (32 * half_number);
                }
                let lows = _mm256_shuffle_epi8(low, _mm256_and_si256(bytes, half));
                let highs = _mm256_shuffle_epi8(high, _mm256_and_si256(_mm256_srli_epi16::<4>(bytes), half));
                *buckets = _mm256_and_si256(*buckets, _mm256_and_si256(lows, highs));
            }
        }
        let none = buckets.map(|part| {
            let none = _mm256_movemask_epi8(_mm256_cmpeq_epi8(part, _mm256_setzero_si256()));
            u64::from(none.cast_unsigned())
        });
        (!(none[1] << 32 | none[0]), beyond)
    });
}

/// 64 characters in a register: their values are looked up, and put together by multiplication.
#[target_feature(enable = "avx512f,avx512bw,avx512vbmi")]
fn base64_avx512(characters: &[u8; BLOCK_BYTES]) -> ([u8; DECODED_BYTES], usize) {
    /// The values of ASCII characters; of others, the highest bit.
    #[expect(clippy::indexing_slicing, reason = "the compiler evaluates it")]
    static VALUES: [Aligned; 2] = {
        let mut values = [Aligned([0x80; BLOCK_BYTES]); 2];
        let mut byte = 0;
        while byte < 0x80 {
            let value = base64_value(byte);
            if value < 64 {
                values[byte as usize / BLOCK_BYTES].0[byte as usize % BLOCK_BYTES] = value;
            }
            byte += 1;
        }
        values
    };
    /// The three low bytes of each double word, the highest first; what is behind those of all does not matter.
    #[expect(clippy::indexing_slicing, reason = "the compiler evaluates it")]
    static ORDER: Aligned = {
        let mut order = [0; BLOCK_BYTES];
        let mut place: u8 = 0;
        while (place as usize) < DECODED_BYTES {
            order[place as usize] = place / 3 * 4 + 2 - place % 3;
            place += 1;
        }
        Aligned(order)
    };
    let load = |bytes: &[u8; BLOCK_BYTES]| {
        // SAFETY: these are 64 bytes, and the load asks for no alignment.
        unsafe { _mm512_loadu_si512(bytes.as_ptr().cast()) }
    };
    let [low, high] = &VALUES;
    let bytes = load(characters);
    let values = _mm512_permutex2var_epi8(load(&low.0), bytes, load(&high.0));
    let others = _mm512_movepi8_mask(_mm512_or_si512(values, bytes));
    // Two values in twelve bits, and two of these in 24.
    let twelve = _mm512_maddubs_epi16(values, _mm512_set1_epi16(0x0140));
    let both = _mm512_madd_epi16(twelve, _mm512_set1_epi32(0x0001_1000));
    let bytes = _mm512_permutexvar_epi8(load(&ORDER.0), both);
    let mut decoded = [0; BLOCK_BYTES];
    // SAFETY: as many bytes are written as a block has.
    unsafe { _mm512_storeu_si512(decoded.as_mut_ptr().cast(), bytes) };
    let decoded = decoded.first_chunk().copied().unwrap_or([0; DECODED_BYTES]);
    (decoded, others.trailing_zeros() as usize)
}

/// Runs a kernel on registers of eight words.
#[target_feature(enable = "avx512f,avx512bw,avx512vbmi,avx512vpopcntdq")]
fn run_avx512(kernel: impl Kernel) {
    kernel.run::<Words>();
}

/// Runs a kernel on pairs of registers of four words.
#[target_feature(enable = "avx2")]
fn run_avx2(kernel: impl Kernel) {
    kernel.run::<Halves>();
}

/// Eight words in a register. There is one only within [`run_avx512`].
#[derive(Clone, Copy)]
struct Words(__m512i);

impl Bits for Words {
    #[inline(always)]
    fn splat(word: u64) -> Self {
        // SAFETY: as said of the type, here and below.
        Self(unsafe { _mm512_set1_epi64(word.cast_signed()) })
    }

    #[inline(always)]
    fn and(self, other: Self) -> Self {
        // SAFETY: as above.
        Self(unsafe { _mm512_and_si512(self.0, other.0) })
    }

    #[inline(always)]
    fn or(self, other: Self) -> Self {
        // SAFETY: as above.
        Self(unsafe { _mm512_or_si512(self.0, other.0) })
    }

    #[inline(always)]
    fn without(self, other: Self) -> Self {
        // SAFETY: as above.
        Self(unsafe { _mm512_andnot_si512(other.0, self.0) })
    }

    #[inline(always)]
    fn shl(self, by: usize) -> Self {
        // SAFETY: as above.
        Self(unsafe { _mm512_sllv_epi64(self.0, Self::splat(by as u64).0) })
    }

    #[inline(always)]
    fn shr(self, by: usize) -> Self {
        // SAFETY: as above.
        Self(unsafe { _mm512_srlv_epi64(self.0, Self::splat(by as u64).0) })
    }
}

impl Octet for Words {
    #[inline(always)]
    fn of(words: &[u64; LANE_COUNT]) -> Self {
        // SAFETY: as above; the load reads the eight words and asks for no alignment.
        Self(unsafe { _mm512_loadu_si512(words.as_ptr().cast()) })
    }

    #[inline(always)]
    fn words(self) -> [u64; LANE_COUNT] {
        let mut words = [0_u64; LANE_COUNT];
        // SAFETY: as above; the store writes the eight words and asks for no alignment.
        unsafe { _mm512_storeu_si512(words.as_mut_ptr().cast(), self.0) };
        words
    }

    #[inline(always)]
    fn ones(self) -> Self {
        // SAFETY: as above.
        Self(unsafe { _mm512_popcnt_epi64(self.0) })
    }

    #[inline(always)]
    fn plus(self, other: Self) -> Self {
        // SAFETY: as above.
        Self(unsafe { _mm512_add_epi64(self.0, other.0) })
    }

    #[inline(always)]
    fn behind(self, next: Self) -> Self {
        // SAFETY: as above.
        Self(unsafe { _mm512_alignr_epi64::<1>(next.0, self.0) })
    }

    #[inline(always)]
    fn after(self, before: Self) -> Self {
        // SAFETY: as above.
        Self(unsafe { _mm512_alignr_epi64::<7>(self.0, before.0) })
    }

    #[inline(always)]
    fn nonzero(self) -> u8 {
        // SAFETY: as above.
        unsafe { _mm512_test_epi64_mask(self.0, self.0) }
    }

    #[inline(always)]
    fn at_least(self, least: u64) -> u8 {
        // SAFETY: as above.
        unsafe { _mm512_cmpge_epu64_mask(self.0, Self::splat(least).0) }
    }
}

/// Four words each in two registers. There are some only within [`run_avx2`].
#[derive(Clone, Copy)]
struct Halves(__m256i, __m256i);

/// The highest bits of eight words.
#[inline]
#[target_feature(enable = "avx2")]
fn signs(low: __m256i, high: __m256i) -> u8 {
    let signs = |half| _mm256_movemask_pd(_mm256_castsi256_pd(half)).to_le_bytes()[0];
    signs(high) << 4 | signs(low)
}

/// How many ones each word has: those of each half byte are looked up, and those of a word's bytes added.
#[inline]
#[target_feature(enable = "avx2")]
fn ones(words: __m256i) -> __m256i {
    let half = _mm256_set1_epi8(15);
    let ones = _mm256_broadcastsi128_si256(_mm_setr_epi8(0, 1, 1, 2, 1, 2, 2, 3, 1, 2, 2, 3, 2, 3, 3, 4));
    let low = _mm256_shuffle_epi8(ones, _mm256_and_si256(words, half));
    let high = _mm256_shuffle_epi8(ones, _mm256_and_si256(_mm256_srli_epi16::<4>(words), half));
    _mm256_sad_epu8(_mm256_add_epi8(low, high), _mm256_setzero_si256())
}

/// Three words, and the first one of what is behind them.
#[inline]
#[target_feature(enable = "avx2")]
fn turned(words: __m256i, behind: __m256i) -> __m256i {
    _mm256_permute4x64_epi64::<0b00_11_10_01>(_mm256_blend_epi32::<0b11>(words, behind))
}

/// Three words behind the last one of what is before them.
#[inline]
#[target_feature(enable = "avx2")]
fn turned_back(words: __m256i, before: __m256i) -> __m256i {
    _mm256_permute4x64_epi64::<0b10_01_00_11>(_mm256_blend_epi32::<0b1100_0000>(words, before))
}

/// What a function of words makes of the halves.
macro_rules! halves {
    ($of:ident, $one:expr) => {
        // SAFETY: as said of the type.
        Halves(unsafe { $of($one.0) }, unsafe { $of($one.1) })
    };
    ($of:ident, $one:expr, $other:expr) => {
        // SAFETY: as said of the type.
        Halves(unsafe { $of($one.0, $other.0) }, unsafe { $of($one.1, $other.1) })
    };
}

impl Bits for Halves {
    #[inline(always)]
    fn splat(word: u64) -> Self {
        // SAFETY: as said of the type, here and below.
        let words = unsafe { _mm256_set1_epi64x(word.cast_signed()) };
        Self(words, words)
    }

    #[inline(always)]
    fn and(self, other: Self) -> Self {
        halves!(_mm256_and_si256, self, other)
    }

    #[inline(always)]
    fn or(self, other: Self) -> Self {
        halves!(_mm256_or_si256, self, other)
    }

    #[inline(always)]
    fn without(self, other: Self) -> Self {
        halves!(_mm256_andnot_si256, other, self)
    }

    #[inline(always)]
    fn shl(self, by: usize) -> Self {
        halves!(_mm256_sllv_epi64, self, Self::splat(by as u64))
    }

    #[inline(always)]
    fn shr(self, by: usize) -> Self {
        halves!(_mm256_srlv_epi64, self, Self::splat(by as u64))
    }
}

impl Octet for Halves {
    #[inline(always)]
    fn of(words: &[u64; LANE_COUNT]) -> Self {
        let (low, high) = words.split_at(LANE_COUNT / 2);
        // SAFETY: as above; the load reads four words and asks for no alignment.
        let low = unsafe { _mm256_loadu_si256(low.as_ptr().cast()) };
        // SAFETY: as above.
        let high = unsafe { _mm256_loadu_si256(high.as_ptr().cast()) };
        Self(low, high)
    }

    #[inline(always)]
    fn words(self) -> [u64; LANE_COUNT] {
        let mut words = [0_u64; LANE_COUNT];
        let (low, high) = words.split_at_mut(LANE_COUNT / 2);
        // SAFETY: as above; the store writes four words and asks for no alignment.
        unsafe { _mm256_storeu_si256(low.as_mut_ptr().cast(), self.0) };
        // SAFETY: as above.
        unsafe { _mm256_storeu_si256(high.as_mut_ptr().cast(), self.1) };
        words
    }

    #[inline(always)]
    fn ones(self) -> Self {
        halves!(ones, self)
    }

    #[inline(always)]
    fn plus(self, other: Self) -> Self {
        halves!(_mm256_add_epi64, self, other)
    }

    #[inline(always)]
    fn behind(self, next: Self) -> Self {
        halves!(turned, self, Self(self.1, next.0))
    }

    #[inline(always)]
    fn after(self, before: Self) -> Self {
        halves!(turned_back, self, Self(before.1, self.0))
    }

    #[inline(always)]
    fn nonzero(self) -> u8 {
        let zeros = halves!(_mm256_cmpeq_epi64, self, Self::splat(0));
        // SAFETY: as above.
        !unsafe { signs(zeros.0, zeros.1) }
    }

    #[inline(always)]
    fn at_least(self, least: u64) -> u8 {
        let less = halves!(_mm256_cmpgt_epi64, Self::splat(least), self);
        // SAFETY: as above.
        !unsafe { signs(less.0, less.1) }
    }
}

/// Of what kinds each ASCII character is: a bit a kind, in two bytes.
struct Ascii([[[u8; BLOCK_BYTES]; 2]; Masks::KIND_COUNT.div_ceil(8)]);

impl Ascii {
    fn new() -> Self {
        let mut ascii = Self([[[0; BLOCK_BYTES]; 2]; Masks::KIND_COUNT.div_ceil(8)]);
        for half in 0..2u8 {
            let characters = core::array::from_fn(|place| half * 64 + u8::try_from(place).unwrap_or(0));
            let kinds = super::masks_portable(&characters).kinds();
            for (kind, bits) in kinds.into_iter().enumerate() {
                let table = ascii.0.get_mut(kind / 8).and_then(|halves| halves.get_mut(usize::from(half)));
                for (place, byte) in table.into_iter().flatten().enumerate() {
                    *byte |= u8::from(bits >> place & 1 == 1) << (kind % 8);
                }
            }
        }
        ascii
    }
}

/// 64 bytes a register, each looked up by six of its bits.
#[target_feature(enable = "avx512f,avx512bw,avx512vbmi")]
fn candidates_avx512(text: &[u8], blocks: usize, tables: &[Table], out: &mut Vec<Candidate>) {
    let load = |bytes: &[u8; BLOCK_BYTES]| {
        // SAFETY: these are 64 bytes, and the load asks for no alignment.
        unsafe { _mm512_loadu_si512(bytes.as_ptr().cast()) }
    };
    let (mut any, mut selected) = ([0; TABLES_MAX], [Aligned([0; BLOCK_BYTES]); TABLES_MAX]);
    for block in 0..blocks {
        let Some(window) = window(text, block) else { return };
        let bytes = shifted::<HEAD_BYTES>(window).map(load);
        // No call within, so that the bytes stay in registers.
        let mut all = 0;
        for ((Table(places), any), selected) in tables.iter().zip(&mut any).zip(&mut selected) {
            let mut buckets = _mm512_set1_epi8(-1);
            for (bytes, place) in bytes.into_iter().zip(places) {
                buckets = _mm512_and_si512(buckets, _mm512_permutexvar_epi8(bytes, load(&place.six.0)));
            }
            *any = _mm512_test_epi8_mask(buckets, buckets);
            all |= *any;
            // SAFETY: as many bytes are written as a block has.
            unsafe { _mm512_storeu_si512(selected.0.as_mut_ptr().cast(), buckets) };
        }
        if all != 0 {
            for ((number, any), selected) in (0..).zip(any).zip(&selected).take(tables.len()) {
                note(block * BLOCK_BYTES, number, any, &selected.0, out);
            }
        }
    }
}

/// 32 bytes a register.
#[target_feature(enable = "avx2")]
fn candidates_avx2(text: &[u8], blocks: usize, tables: &[Table], out: &mut Vec<Candidate>) {
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
            let bytes = shifted::<HALVED_BYTES>(window).map(|bytes| {
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
fn fill_avx2(blocks: &[[u8; BLOCK_BYTES]], first: usize, groups: &mut [Group]) {
    let all = |byte: u8| _mm256_set1_epi8(byte.cast_signed());
    let join = |low, high| {
        let [low, high] = [low, high].map(|half| u64::from(_mm256_movemask_epi8(half).cast_unsigned()));
        high << 32 | low
    };
    super::set_each(blocks, first, groups, |block| {
        let (halves, _) = block.as_chunks::<32>();
        let [low, high] = halves else { return Masks::default() };
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
        Masks::of(one, within)
    });
}
