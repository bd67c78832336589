//! Kernels that tell 64 bytes at a time what each of them is.
//!
//! Which kernel runs is found out at run time; all of them, and a plain loop, give the same masks (property test).
//! The rest of the crate searches these masks instead of the text.

#[cfg(target_arch = "x86_64")]
mod x86;

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
            escaping: within(0, 8)
                | within(0x0e, 0x1f)
                | one(b'"')
                | within(b'%', b'\'')
                | within(b'*', b'+')
                | within(b'<', b'=')
                | one(b'\\')
                | within(0x7f, 0xff),
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
        Level::Avx512(processor) => processor.fill(blocks, first, groups),
        #[cfg(target_arch = "x86_64")]
        Level::Avx2(processor) => processor.fill(blocks, first, groups),
        Level::Portable => fill_portable(blocks, first, groups),
    }
}

/// What a processor has, of what kernels are written for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Level {
    /// Sixteen bytes at a time, which every processor has that this runs on (SSE2, NEON).
    Portable,
    #[cfg(target_arch = "x86_64")]
    Avx2(x86::Avx2),
    #[cfg(target_arch = "x86_64")]
    Avx512(x86::Avx512),
}

/// The best that the processor has.
#[inline]
fn level() -> Level {
    #[cfg(target_arch = "x86_64")]
    {
        if let Some(processor) = x86::Avx512::detect() {
            return Level::Avx512(processor);
        }
        if let Some(processor) = x86::Avx2::detect() {
            return Level::Avx2(processor);
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
        Level::Avx512(processor) => processor.keep_named(text, first, endings, groups),
        #[cfg(target_arch = "x86_64")]
        Level::Avx2(processor) => processor.keep_named(text, first, endings, groups),
        // Any byte may end a name: to tell them apart costs more than to read the names.
        Level::Portable => keep_each(text, first, groups, |named| (u64::MAX, beyond_ascii(named))),
    }
}

/// Runs a kernel with the best that the processor has.
pub(crate) fn run(kernel: impl Kernel) {
    match level() {
        #[cfg(target_arch = "x86_64")]
        Level::Avx512(processor) => processor.run(kernel),
        #[cfg(target_arch = "x86_64")]
        Level::Avx2(processor) => processor.run(kernel),
        Level::Portable => kernel.run::<[u64; LANE_COUNT]>(),
    }
}

/// Bytes that a block of base64 stands for.
pub(crate) const DECODED_BYTES: usize = BLOCK_BYTES / 4 * 3;

/// What a block of base64 stands for, both alphabets in one, and with how many characters of one it begins.
pub(crate) fn base64(characters: &[u8; BLOCK_BYTES]) -> ([u8; DECODED_BYTES], usize) {
    match level() {
        #[cfg(target_arch = "x86_64")]
        Level::Avx512(processor) => processor.base64(characters),
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
        Level::Avx512(processor) => processor.candidates(text, blocks, tables, out),
        #[cfg(target_arch = "x86_64")]
        Level::Avx2(processor) => processor.candidates(text, blocks, tables, out),
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

#[cfg(test)]
mod tests;
