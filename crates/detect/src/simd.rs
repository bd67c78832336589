//! Kernels that tell 64 bytes at a time what each of them is: the crate's only unsafe code.
//!
//! Which kernel runs is found out at run time; all of them, and a plain loop, give the same masks (property test).
//! The rest of the crate searches these masks instead of the text.

#![allow(unsafe_code)]

use crate::named::{Endings, beyond_ascii, keep_each};
use crate::octet::{Kernel, Octet};
use crate::window::{BOUNDARY, NUMBER_BOUNDARY};

/// Bytes of a block: one bit each in a word.
pub(crate) const BLOCK_BYTES: usize = 64;

/// Blocks whose masks are kept together.
pub(crate) const LANE_COUNT: usize = 8;

macro_rules! masks {
    ($($(#[$doc:meta])* $kind:ident),* $(,)?) => {
        /// Where bytes of each kind stand in a block: one bit a byte, the first byte lowest.
        #[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
        pub(crate) struct Masks<Word = u64> {
            $($(#[$doc])* pub(crate) $kind: Word,)*
        }

        impl Masks {
            const KIND_COUNT: usize = [$(stringify!($kind)),*].len();

            #[inline(always)]
            fn of_kinds(kinds: [u64; Self::KIND_COUNT]) -> Self {
                let [$($kind),*] = kinds;
                Self { $($kind),* }
            }

            fn kinds(self) -> [u64; Self::KIND_COUNT] {
                [$(self.$kind),*]
            }
        }

        impl Group {
            /// Those of nothing.
            pub(crate) const NONE: Self = Self { $($kind: [0; LANE_COUNT],)* };

            /// The masks of one block.
            #[inline(always)]
            pub(crate) fn block(&self, lane: usize) -> Masks {
                Masks { $($kind: self.$kind.get(lane % LANE_COUNT).copied().unwrap_or(0),)* }
            }

            /// The masks of all blocks at once.
            #[inline(always)]
            pub(crate) fn octets<O: Octet>(&self) -> Masks<O> {
                Masks { $($kind: O::of(&self.$kind),)* }
            }

            #[inline(always)]
            fn set(&mut self, lane: usize, masks: Masks) {
                $(self.$kind.iter_mut().skip(lane % LANE_COUNT).take(1).for_each(|word| *word = masks.$kind);)*
            }
        }
    };
}

masks! {
    digit,
    letter,
    at,
    colon,
    dash,
    underscore,
    dot,
    comma,
    equals,
    /// What keys and tokens are made of: letters, digits and `$ + , - . / = _ ~`.
    token,
    /// Ends of lines and of leaves.
    line_end,
    /// What code is full of and prose is not: see [`Mark`](crate::block::Mark).
    mark,
    /// What no name of a column has: see [`Unnamed`](crate::block::Unnamed).
    unnamed,
    /// What text that stands for other text begins with: see [`Escaping`](crate::block::Escaping).
    escaping,
    /// What may stand between a name and its value: `=`, `:`, a comma behind a quote, `>` and the end of a leaf behind a
    /// letter. What stands before the block may be either. Behind names that do not tell it may be left out ([`keep_named`]).
    assigning,
}

/// The masks of blocks in a row, kind by kind.
pub(crate) type Group = Masks<[u64; LANE_COUNT]>;

impl Masks {
    /// Puts the masks together, given a test for one byte and one for a range of bytes.
    #[inline(always)]
    fn of(one: impl Fn(u8) -> u64, within: impl Fn(u8, u8) -> u64) -> Self {
        let digit = within(b'0', b'9');
        let letter = within(b'A', b'Z') | within(b'a', b'z');
        let (dash, underscore, dot) = (one(b'-'), one(b'_'), one(b'.'));
        let (comma, equals, colon) = (one(b','), one(b'='), one(b':'));
        let marks = dash | underscore | dot | comma | equals | one(b'$') | one(b'+') | one(b'/') | one(b'~');
        Self {
            digit,
            letter,
            at: one(b'@'),
            colon,
            dash,
            underscore,
            dot,
            comma,
            equals,
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
            escaping: one(0)
                | one(0x1b)
                | one(b'"')
                | within(b'%', b'\'')
                | within(b'*', b'+')
                | within(b'<', b'=')
                | one(b'\\')
                | within(0x80, 0xff),
            assigning: equals | colon | Self::assigning(comma, letter, one, within),
        }
    }

    /// Where slashes stand: of what keys are made of, neither a letter nor a digit, no mark of code, and nothing named.
    #[inline(always)]
    pub(crate) const fn slash(&self) -> u64 {
        self.token & !(self.letter | self.digit | self.mark | self.dash | self.dot | self.comma)
    }

    /// False if there is no `+`, nor any of `$` and `~`, which are told alike.
    #[inline(always)]
    pub(crate) const fn may_have_plus(&self) -> bool {
        self.token & self.mark & !(self.equals | self.underscore) != 0
    }

    /// What assigns because of the byte before it.
    #[inline(always)]
    fn assigning(comma: u64, letter: u64, one: impl Fn(u8) -> u64, within: impl Fn(u8, u8) -> u64) -> u64 {
        let behind = |bits: u64| bits << 1 | 1;
        // Characters beyond ASCII are letters for the most part.
        let letter = letter | within(0x80, 0xbf);
        comma & behind(one(b'"') | one(b'\'')) | (one(b'>') | one(BOUNDARY)) & behind(letter)
    }
}

/// Sets the masks of blocks, from lane `first` of the first group on.
pub(crate) fn fill(blocks: &[[u8; BLOCK_BYTES]], first: usize, groups: &mut [Group]) {
    match level() {
        #[cfg(target_arch = "x86_64")]
        // SAFETY: the processor has what the kernel is compiled for.
        Level::Avx512 => unsafe { x86::fill_avx512(blocks, first, groups) },
        #[cfg(target_arch = "x86_64")]
        // SAFETY: as above.
        Level::Avx2 => unsafe { x86::fill_avx2(blocks, first, groups) },
        Level::Portable => fill_portable(blocks, first, groups),
    }
}

/// What a processor has, of what kernels are written for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Level {
    /// Sixteen bytes at a time, which every processor has that this runs on (SSE2, NEON).
    Portable,
    #[cfg(target_arch = "x86_64")]
    Avx2,
    /// With look-ups of bytes in 64 and 128 others: since Ice Lake and Zen 4.
    #[cfg(target_arch = "x86_64")]
    Avx512,
}

/// The best that the processor has.
#[inline]
fn level() -> Level {
    #[cfg(target_arch = "x86_64")]
    {
        let has_512 = is_x86_feature_detected!("avx512bw") && is_x86_feature_detected!("avx512vbmi");
        if has_512 && is_x86_feature_detected!("avx512vpopcntdq") {
            return Level::Avx512;
        }
        if is_x86_feature_detected!("avx2") {
            return Level::Avx2;
        }
    }
    Level::Portable
}

/// Sets the masks of each block in its lane of its group.
#[inline(always)]
fn set_each(
    blocks: &[[u8; BLOCK_BYTES]],
    first: usize,
    groups: &mut [Group],
    masks: impl Fn(&[u8; BLOCK_BYTES]) -> Masks,
) {
    for (number, block) in (first..).zip(blocks) {
        let Some(group) = groups.get_mut(number / LANE_COUNT) else { return };
        group.set(number, masks(block));
    }
}

fn fill_portable(blocks: &[[u8; BLOCK_BYTES]], first: usize, groups: &mut [Group]) {
    set_each(blocks, first, groups, masks_portable);
}

/// The masks of a block, sixteen bytes at a time.
fn masks_portable(block: &[u8; BLOCK_BYTES]) -> Masks {
    use wide::u8x16;
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
    Masks::of(one, within)
}

/// Leaves of what assigns, in the blocks from `first` on, what stands behind a name that may end in one of `endings`, with
/// no letter between them. What is before `first` may be a name.
pub(crate) fn keep_named(text: &[u8], first: usize, endings: &Endings, groups: &mut [Group]) {
    match level() {
        #[cfg(target_arch = "x86_64")]
        // SAFETY: the processor has what the kernel is compiled for.
        Level::Avx512 => unsafe { x86::keep_named_avx512(text, first, endings, groups) },
        #[cfg(target_arch = "x86_64")]
        // SAFETY: as above.
        Level::Avx2 => unsafe { x86::keep_named_avx2(text, first, endings, groups) },
        // Any byte may end a name: to tell them apart costs more than to read the names.
        Level::Portable => keep_each(text, first, groups, |named| (u64::MAX, beyond_ascii(named))),
    }
}

/// Runs a kernel with the best that the processor has.
pub(crate) fn run(kernel: impl Kernel) {
    match level() {
        #[cfg(target_arch = "x86_64")]
        // SAFETY: the processor has what the kernel is compiled for.
        Level::Avx512 => unsafe { x86::run_avx512(kernel) },
        #[cfg(target_arch = "x86_64")]
        // SAFETY: as above.
        Level::Avx2 => unsafe { x86::run_avx2(kernel) },
        Level::Portable => kernel.run::<[u64; LANE_COUNT]>(),
    }
}

/// Bytes that a block of base64 stands for.
pub(crate) const DECODED_BYTES: usize = BLOCK_BYTES / 4 * 3;

/// What a block of base64 stands for, both alphabets in one, and with how many characters of one it begins.
pub(crate) fn base64(characters: &[u8; BLOCK_BYTES]) -> ([u8; DECODED_BYTES], usize) {
    match level() {
        #[cfg(target_arch = "x86_64")]
        // SAFETY: the processor has what the kernel is compiled for.
        Level::Avx512 => unsafe { x86::base64_avx512(characters) },
        _ => base64_portable(characters),
    }
}

/// The six bits of a character of base64; of another byte more.
#[inline]
pub(crate) const fn base64_value(byte: u8) -> u8 {
    let (upper, lower, digit) = (byte.wrapping_sub(b'A'), byte.wrapping_sub(b'a'), byte.wrapping_sub(b'0'));
    match byte {
        _ if upper < 26 => upper,
        _ if lower < 26 => lower + 26,
        _ if digit < 10 => digit + 52,
        b'+' | b'-' => 62,
        b'/' | b'_' => 63,
        _ => 64,
    }
}

/// The bytes that four values stand for.
#[inline]
pub(crate) const fn quantum([a, b, c, d]: [u8; 4]) -> [u8; 3] {
    [a << 2 | b >> 4, b << 4 | c >> 2, c << 6 | d]
}

fn base64_portable(characters: &[u8; BLOCK_BYTES]) -> ([u8; DECODED_BYTES], usize) {
    // Computed, so that many are at once.
    let values = characters.map(base64_value);
    let mut bytes = [0; DECODED_BYTES];
    let (quanta, _) = values.as_chunks();
    let (places, _) = bytes.as_chunks_mut();
    places.iter_mut().zip(quanta).for_each(|(place, values)| *place = quantum(*values));
    (bytes, values.iter().position(|value| *value > 63).unwrap_or(BLOCK_BYTES))
}

/// Bytes of a needle that select its bucket.
pub(crate) const HEAD_BYTES: usize = 5;

/// Those that select it by halves of a byte, which costs twice as much each.
const HALVED_BYTES: usize = 4;

/// Buckets of a table: one bit each.
pub(crate) const BUCKET_COUNT: usize = 8;

/// What is read to tell the candidates of a block.
pub(crate) const WINDOW_BYTES: usize = BLOCK_BYTES + HEAD_BYTES - 1;

/// Which buckets have a byte at each place of a head.
#[derive(Clone, Debug, Default)]
pub(crate) struct Table([Place; HEAD_BYTES]);

#[derive(Clone, Debug)]
struct Place {
    /// By the low and by the high half of a folded byte.
    low: [u8; 16],
    high: [u8; 16],
    /// By the low six bits of a byte, which tell letters from each other.
    six: Aligned,
}

/// Bytes of a block that begin with a cache line.
#[derive(Clone, Copy, Debug)]
#[repr(align(64))]
pub(crate) struct Aligned(pub(crate) [u8; BLOCK_BYTES]);

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
        for (place, Place { low, high, six }) in self.0.iter_mut().enumerate() {
            match head.get(place).map(|byte| usize::from(*byte)) {
                Some(byte) => {
                    low.iter_mut().skip(byte % 16).take(1).for_each(|buckets| *buckets |= bit);
                    high.iter_mut().skip(byte / 16).take(1).for_each(|buckets| *buckets |= bit);
                    for byte in [byte, byte & !usize::from(CASE)] {
                        six.0.iter_mut().skip(byte % BLOCK_BYTES).take(1).for_each(|buckets| *buckets |= bit);
                    }
                }
                None => low.iter_mut().chain(high).chain(&mut six.0).for_each(|buckets| *buckets |= bit),
            }
        }
    }
}

impl Default for Place {
    fn default() -> Self {
        Self { low: [0; 16], high: [0; 16], six: Aligned([0; BLOCK_BYTES]) }
    }
}

/// Appends the candidates of the first `blocks` blocks of a text, block by block, table by table.
/// The text goes on for a [`WINDOW_BYTES`] from the start of the last block; blocks that do not are passed over.
pub(crate) fn candidates(text: &[u8], blocks: usize, tables: &[Table], out: &mut Vec<Candidate>) {
    match level() {
        #[cfg(target_arch = "x86_64")]
        // SAFETY: the processor has what the kernel is compiled for.
        Level::Avx512 => unsafe { x86::candidates_avx512(text, blocks, tables, out) },
        #[cfg(target_arch = "x86_64")]
        // SAFETY: as above.
        Level::Avx2 => unsafe { x86::candidates_avx2(text, blocks, tables, out) },
        Level::Portable => candidates_portable(text, blocks, tables, out),
    }
}

/// The window of a block.
#[inline(always)]
fn window(text: &[u8], block: usize) -> Option<&[u8; WINDOW_BYTES]> {
    text.get(block * BLOCK_BYTES..)?.first_chunk()
}

/// The bytes of a window from each of the first places of a head on.
#[inline(always)]
fn shifted<const PLACES: usize>(window: &[u8; WINDOW_BYTES]) -> [&[u8; BLOCK_BYTES]; PLACES] {
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
pub(crate) const CASE: u8 = 0x20;

/// Tables of a search, so that numbers of tables stay small.
pub(crate) const TABLES_MAX: usize = 8;

/// Sixteen bytes at a time.
fn candidates_portable(text: &[u8], blocks: usize, tables: &[Table], out: &mut Vec<Candidate>) {
    use wide::u8x16;
    const PART_BYTES: usize = 16;
    for block in 0..blocks {
        let Some(window) = window(text, block) else { return };
        let shifted: [_; HALVED_BYTES] = shifted(window);
        for (number, Table(places)) in (0..).zip(tables) {
            for part in 0..BLOCK_BYTES / PART_BYTES {
                let mut buckets = u8x16::splat(u8::MAX);
                for (bytes, Place { low, high, .. }) in shifted.iter().zip(places) {
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
    use super::{
        Aligned, BLOCK_BYTES, CASE, Candidate, DECODED_BYTES, Group, HALVED_BYTES, HEAD_BYTES, LANE_COUNT, Masks,
        NUMBER_BOUNDARY, TABLES_MAX, Table, base64_value, note, shifted, window,
    };
    use crate::named::{Ending, Endings, backwards, keep_each};
    use crate::octet::{Bits, Kernel, Octet};
    use core::arch::x86_64::*;
    use std::sync::LazyLock;

    /// 64 bytes a register: what an ASCII character is, is looked up.
    #[target_feature(enable = "avx512f,avx512bw,avx512vbmi")]
    pub(super) fn fill_avx512(blocks: &[[u8; BLOCK_BYTES]], first: usize, groups: &mut [Group]) {
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
    pub(super) fn keep_named_avx512(text: &[u8], first: usize, endings: &Endings, groups: &mut [Group]) {
        let load = |bytes: &[u8; BLOCK_BYTES]| {
            // SAFETY: these are 64 bytes, and the load asks for no alignment.
            unsafe { _mm512_loadu_si512(bytes.as_ptr().cast()) }
        };
        let tables = endings.0.each_ref().map(|Ending { seven: [low, high], .. }| (load(&low.0), load(&high.0)));
        keep_each(text, first, groups, |named| {
            let select = |buckets, (bytes, (low, high))| {
                _mm512_and_si512(buckets, _mm512_permutex2var_epi8(low, load(bytes), high))
            };
            let bytes = backwards(named);
            let buckets = bytes.into_iter().zip(tables).fold(_mm512_set1_epi8(-1), select);
            (_mm512_test_epi8_mask(buckets, buckets), _mm512_movepi8_mask(load(bytes[0])))
        });
    }

    /// 32 bytes a register.
    #[target_feature(enable = "avx2")]
    pub(super) fn keep_named_avx2(text: &[u8], first: usize, endings: &Endings, groups: &mut [Group]) {
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
    pub(super) fn base64_avx512(characters: &[u8; BLOCK_BYTES]) -> ([u8; DECODED_BYTES], usize) {
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
    pub(super) fn run_avx512(kernel: impl Kernel) {
        kernel.run::<Words>();
    }

    /// Runs a kernel on pairs of registers of four words.
    #[target_feature(enable = "avx2")]
    pub(super) fn run_avx2(kernel: impl Kernel) {
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
    pub(super) fn candidates_avx512(text: &[u8], blocks: usize, tables: &[Table], out: &mut Vec<Candidate>) {
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
    pub(super) fn fill_avx2(blocks: &[[u8; BLOCK_BYTES]], first: usize, groups: &mut [Group]) {
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
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::named::ENDING_BYTES;
    use proptest::prelude::*;

    fn masks_plain(block: &[u8; BLOCK_BYTES]) -> Masks {
        let bits = |holds: &dyn Fn(u8) -> bool| {
            block.iter().enumerate().fold(0, |bits, (place, byte)| bits | u64::from(holds(*byte)) << place)
        };
        Masks {
            digit: bits(&|byte| byte.is_ascii_digit()),
            letter: bits(&|byte| byte.is_ascii_alphabetic()),
            at: bits(&|byte| byte == b'@'),
            colon: bits(&|byte| byte == b':'),
            dash: bits(&|byte| byte == b'-'),
            underscore: bits(&|byte| byte == b'_'),
            dot: bits(&|byte| byte == b'.'),
            comma: bits(&|byte| byte == b','),
            equals: bits(&|byte| byte == b'='),
            token: bits(&|byte| byte.is_ascii_alphanumeric() || b"$+,-./=_~".contains(&byte)),
            line_end: bits(&|byte| matches!(byte, b'\n' | 0xfe | 0xff)),
            mark: bits(&|byte| crate::block::Kind::holds(crate::block::Mark, byte)),
            unnamed: bits(&|byte| crate::block::Kind::holds(crate::block::Unnamed, byte)),
            escaping: bits(&|byte| crate::block::Kind::holds(crate::block::Escaping, byte)),
            assigning: block.iter().enumerate().fold(0, |bits, (place, byte)| {
                let before = place.checked_sub(1).map(|before| block[before]);
                let assigns = match byte {
                    b'=' | b':' => true,
                    b',' => before.is_none_or(|byte| byte == b'"' || byte == b'\''),
                    b'>' | &BOUNDARY => before.is_none_or(|byte| byte.is_ascii_alphabetic() || byte & 0xc0 == 0x80),
                    _ => false,
                };
                bits | u64::from(assigns) << place
            }),
        }
    }

    type Fill = fn(&[[u8; BLOCK_BYTES]], usize, &mut [Group]);

    fn kernels() -> Vec<Fill> {
        let mut kernels: Vec<Fill> = vec![fill, fill_portable];
        #[cfg(target_arch = "x86_64")]
        {
            if level() == Level::Avx512 {
                // SAFETY: the processor has what the kernel is compiled for.
                kernels.push(|blocks, first, groups| unsafe { x86::fill_avx512(blocks, first, groups) });
            }
            if is_x86_feature_detected!("avx2") {
                // SAFETY: the processor has what the kernel is compiled for.
                kernels.push(|blocks, first, groups| unsafe { x86::fill_avx2(blocks, first, groups) });
            }
        }
        kernels
    }

    fn check(blocks: &[[u8; BLOCK_BYTES]], first: usize) {
        for kernel in kernels() {
            let mut groups = vec![Group { at: [7; LANE_COUNT], ..Group::NONE }; (first + blocks.len()).div_ceil(8)];
            kernel(blocks, first, &mut groups);
            for number in 0..groups.len() * LANE_COUNT {
                let expected = number.checked_sub(first).and_then(|place| blocks.get(place)).map(masks_plain);
                let masks = groups[number / LANE_COUNT].block(number);
                assert_eq!(masks, expected.unwrap_or(Masks { at: 7, ..Masks::default() }));
                let block = number.checked_sub(first).and_then(|place| blocks.get(place));
                for (place, byte) in block.iter().flat_map(|block| block.iter().enumerate()) {
                    assert_eq!(masks.slash() >> place & 1 == 1, *byte == b'/');
                    assert!(*byte != b'+' || masks.may_have_plus());
                }
            }
        }
    }

    type Keep = fn(&[u8], usize, &Endings, &mut [Group]);

    fn keepers() -> Vec<Keep> {
        let mut kernels: Vec<Keep> = vec![keep_named, |text, first, _, groups| {
            keep_each(text, first, groups, |named| (u64::MAX, beyond_ascii(named)));
        }];
        #[cfg(target_arch = "x86_64")]
        if is_x86_feature_detected!("avx2") {
            // SAFETY: the processor has what the kernel is compiled for.
            kernels.push(|text, first, endings, groups| unsafe { x86::keep_named_avx2(text, first, endings, groups) });
        }
        kernels
    }

    /// Places of what assigns behind a name with one of these endings and a gap, byte by byte.
    fn named_plain(text: &[u8], endings: &[[u8; ENDING_BYTES]]) -> Vec<usize> {
        let in_gap = |byte: &u8| byte.is_ascii() && !byte.is_ascii_alphabetic();
        let is_named = |place: &usize| {
            let head = &text[..*place];
            let name = &head[..head.len() - head.iter().rev().take_while(|byte| in_gap(byte)).count()];
            endings.iter().any(|ending| name.iter().rev().take(ENDING_BYTES).eq(ending))
        };
        (0..text.len()).filter(|place| matches!(text[*place], b'=' | b':')).filter(is_named).collect()
    }

    /// What a kernel makes of words, whatever it runs on.
    struct Sums<'a> {
        words: [[u64; LANE_COUNT]; 2],
        by: usize,
        lanes: &'a mut Vec<u8>,
    }

    impl Kernel for Sums<'_> {
        fn run<O: Octet>(self) {
            let [one, other] = self.words.each_ref().map(O::of);
            let mut see = |octet: O| {
                // Every bit of every lane.
                self.lanes.extend((0..64).map(|bit| octet.and(O::splat(1 << bit)).nonzero()));
            };
            see(one.and(other));
            see(one.or(other));
            see(one.without(other));
            see(one.shl(self.by));
            see(one.shr(self.by));
            see(one.ahead(other, self.by));
            see(one.ones().plus(other));
            see(one.behind(other));
            see(one.after(other));
            see(O::of(&one.words()));
            see(one.only(self.words[1][0].to_le_bytes()[0]));
            self.lanes.extend([0, 1, 5, 64].map(|least| one.ones().at_least(least)));
        }
    }

    #[test]
    fn every_byte_is_what_it_is_at_every_place() {
        for shift in 0..64u8 {
            let blocks = [0u8, 64, 128, 192]
                .map(|base| core::array::from_fn(|place| base + (u8::try_from(place).unwrap() + shift) % 64));
            check(&blocks, usize::from(shift) % LANE_COUNT);
        }
    }

    type Search = fn(&[u8], usize, &[Table], &mut Vec<Candidate>);

    /// Which of a place's buckets have a byte, by its halves or by six bits; and how many places are looked at.
    type Select = (fn(&Place, u8) -> u8, usize);

    fn by_halves(place: &Place, byte: u8) -> u8 {
        let byte = usize::from(fold(byte));
        place.low[byte % 16] & place.high[byte / 16]
    }

    fn by_six(place: &Place, byte: u8) -> u8 {
        place.six.0[usize::from(byte) % 64]
    }

    fn searches() -> Vec<(Search, Select)> {
        let mut kernels: Vec<(Search, Select)> = vec![(candidates_portable, (by_halves, HALVED_BYTES))];
        #[cfg(target_arch = "x86_64")]
        {
            if level() == Level::Avx512 {
                // SAFETY: the processor has what the kernel is compiled for.
                kernels.push((
                    |text, blocks, tables, out| unsafe { x86::candidates_avx512(text, blocks, tables, out) },
                    (by_six, HEAD_BYTES),
                ));
            }
            if is_x86_feature_detected!("avx2") {
                // SAFETY: the processor has what the kernel is compiled for.
                kernels.push((
                    |text, blocks, tables, out| unsafe { x86::candidates_avx2(text, blocks, tables, out) },
                    (by_halves, HALVED_BYTES),
                ));
            }
        }
        kernels
    }

    /// What the tables select, byte by byte.
    fn candidates_plain(text: &[u8], blocks: usize, tables: &[Table], (select, looked): Select) -> Vec<Candidate> {
        let mut expected = Vec::new();
        for place in 0..blocks * BLOCK_BYTES {
            for (number, Table(places)) in (0..).zip(tables) {
                let select = |buckets, (place, byte): (&Place, &u8)| buckets & select(place, *byte);
                let buckets = places[..looked].iter().zip(&text[place..]).fold(u8::MAX, select);
                if buckets != 0 {
                    expected.push(Candidate { place: u16::try_from(place).unwrap(), table: number, buckets });
                }
            }
        }
        expected
    }

    #[test]
    fn a_byte_selects_its_bucket_whatever_its_case() {
        for byte in 0..=u8::MAX {
            let mut table = Table::default();
            table.add(&[fold(byte)], 3);
            for other in 0..=u8::MAX {
                let is_there = fold(other) == fold(byte);
                assert_eq!(by_halves(&table.0[0], other), u8::from(is_there) << 3, "{byte} {other}");
                let six = by_six(&table.0[0], other);
                assert!(six == 1 << 3 || !is_there && six == 0, "{byte} {other}");
                let letters = byte.is_ascii_alphabetic() && other.is_ascii_alphabetic();
                assert!(!letters || is_there == (six != 0), "{byte} {other}");
            }
        }
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
            for (kernel, select) in searches() {
                let expected = candidates_plain(&text, blocks, &tables, select);
                let mut found = Vec::new();
                // Blocks that are not there are passed over.
                kernel(&text, blocks + 1, &tables, &mut found);
                found.sort_unstable_by_key(|candidate: &Candidate| (candidate.place, candidate.table));
                prop_assert_eq!(&found, &expected);
            }
        }

        #[test]
        fn every_kernel_gives_the_masks_of_a_plain_loop(
            blocks in prop::collection::vec(any::<[u8; 64]>(), 0..20), first in 0..LANE_COUNT,
        ) {
            check(&blocks, first);
        }

        #[test]
        fn every_kernel_keeps_what_assigns_behind_a_name(
            text in prop::collection::vec(prop_oneof![4 => b'a'..=b'c', 2 => prop::sample::select(b"=: \"_1".as_slice()),
                1 => any::<u8>()], 0..500),
            endings in prop::collection::vec(prop::array::uniform4(b'a'..=b'c'), 1..8), first in 0usize..3,
        ) {
            let mut table = Endings::NONE;
            for (bucket, ending) in endings.iter().enumerate() {
                ending.iter().enumerate().for_each(|(place, byte)| table.add(place, *byte, bucket));
            }
            let mut filled = vec![Group::NONE; text.len().div_ceil(LANE_COUNT * BLOCK_BYTES)];
            for (number, bytes) in text.chunks(BLOCK_BYTES).enumerate() {
                let mut block = [0x80; BLOCK_BYTES];
                block[..bytes.len()].copy_from_slice(bytes);
                fill(&[block], number % LANE_COUNT, &mut filled[number / LANE_COUNT..]);
            }
            let assigns = |groups: &[Group], place: usize| {
                let number = place / BLOCK_BYTES;
                groups[number / LANE_COUNT].block(number).assigning >> (place % BLOCK_BYTES) & 1 == 1
            };
            for (number, keep) in keepers().into_iter().enumerate() {
                let mut groups = filled.clone();
                keep(&text, first, &table, &mut groups);
                let named = named_plain(&text, &endings);
                prop_assert!(named.iter().all(|place| assigns(&groups, *place)));
                let mut kept = (0..text.len()).filter(|place| assigns(&groups, *place));
                prop_assert!(kept.all(|place| assigns(&filled, place)));
                // Each bucket has one ending: what is looked up by seven bits is left out but for these.
                #[cfg(target_arch = "x86_64")]
                if level() == Level::Avx512 && number == 0 && text.is_ascii() {
                    let told = (first + 1) * BLOCK_BYTES..text.len();
                    let mut kept = told.filter(|place| matches!(text[*place], b'=' | b':') && assigns(&groups, *place));
                    prop_assert!(kept.all(|place| named.contains(&place)));
                }
            }
        }

        #[test]
        fn base64_is_decoded_as_by_a_plain_loop(
            characters in any::<[u8; 64]>(), alphabet in prop::collection::vec(prop::sample::select(
                b"ABYZabyz0189+/-_".as_slice()), 64), other in prop::option::of(0usize..64),
        ) {
            let mut run: [u8; 64] = alphabet.try_into().unwrap();
            if let Some(other) = other {
                run[other] = characters[other];
            }
            for characters in [run, characters] {
                let (bytes, length) = base64(&characters);
                let (expected, expected_length) = base64_portable(&characters);
                prop_assert_eq!(length, expected_length);
                prop_assert_eq!(&bytes[..length / 4 * 3], &expected[..length / 4 * 3]);
            }
        }

        #[test]
        fn words_in_registers_are_words(words: [[u64; LANE_COUNT]; 2], by in 1usize..64) {
            let mut lanes: [Vec<u8>; 3] = Default::default();
            let [best, wide, plain] = &mut lanes;
            run(Sums { words, by, lanes: best });
            Sums { words, by, lanes: plain }.run::<[u64; LANE_COUNT]>();
            #[cfg(target_arch = "x86_64")]
            if is_x86_feature_detected!("avx2") {
                // SAFETY: the processor has what the kernel is compiled for.
                unsafe { x86::run_avx2(Sums { words, by, lanes: wide }) };
                prop_assert_eq!(&*wide, &*plain);
            }
            prop_assert_eq!(&*best, &*plain);
        }
    }
}
