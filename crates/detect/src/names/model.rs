//! The trained model: one file, checked once, then tables that are only read.
//!
//! The file (all numbers little-endian): [`MAGIC`], version `u16`, bits of a row's index `u8`, bits
//! of a bucket's index `u8`, bits of a place in the map of features `u8`, a zero `u8`, the seed of the
//! features' hash `u64`, units of a score per natural logarithm `i16`; then the transitions (`i16`,
//! from each label to each), the ends of the gazetteer's buckets (`u32` each), its entries (a
//! fingerprint `u16` and what is known `u16` each), the map of features (a bit each), the rows (`i8`
//! for each label), and at last the CRC-32 of all before it. `scripts/train-names` makes it; NOTICE says
//! of what.

use super::decode::Steps;
use super::feature::FEATURE_COUNT;
use std::sync::LazyLock;

/// The labels: outside, then beginning and inside of each type.
pub(crate) const LABEL_COUNT: usize = 7;
/// Labels of a row in memory: so many that a row is one vector.
pub(crate) const LANES: usize = 8;

/// The first bytes of a model.
pub(crate) const MAGIC: &[u8; 4] = b"SVNM";
/// The version of the file and of the features that it was trained with.
pub(crate) const VERSION: u16 = 4;
/// Bytes before the transitions.
const HEADER_BYTES: usize = 20;

/// What the gazetteer may say of a word; bits, for a word may be several things.
pub(crate) mod kind {
    /// A given name.
    pub(crate) const FIRST: u16 = 1;
    /// A surname.
    pub(crate) const LAST: u16 = 1 << 1;
    /// Part of a city's name.
    pub(crate) const CITY: u16 = 1 << 2;
    /// Part of the name of a country or state.
    pub(crate) const REGION: u16 = 1 << 3;
    /// A common word of English.
    pub(crate) const COMMON: u16 = 1 << 4;
}

/// What a word may be: so many bits of an entry of the gazetteer. Above them is its cluster.
pub(crate) const KIND_BITS: u32 = 5;

/// A feature's scores for the labels. A byte each is as good as two, and twice as many rows are as small.
pub(crate) type Row = [i8; LANES];

/// The bit by which a signed byte differs from how much it is above the least one, in all bytes.
const LEAST: u64 = 0x8080_8080_8080_8080;

/// A row in memory: each score as how much it is above the least that a byte holds.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Packed(u64);

impl Packed {
    /// No score for any label.
    const ZERO: Self = Self(LEAST);

    fn new(row: &Row) -> Self {
        Self(u64::from_le_bytes(row.map(i8::cast_unsigned)) ^ LEAST)
    }
}

/// The lanes of [`Sums::even`], and of [`Sums::odd`] once they are moved there.
const EVEN: u64 = 0x00ff_00ff_00ff_00ff;

/// Sums of rows, four to a word: what is added is never negative and they are too few to overflow, so that
/// no sum runs into the next.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Sums {
    even: u64,
    odd: u64,
    count: u16,
}

/// Sums of as many scores as a word has features fit.
const _: () = assert!(FEATURE_COUNT * (u8::MAX as usize) <= u16::MAX as usize);

impl Sums {
    /// Adds the scores of a feature.
    #[inline]
    pub(crate) const fn add(&mut self, row: Packed) {
        self.even = self.even.wrapping_add(row.0 & EVEN);
        self.odd = self.odd.wrapping_add(row.0 >> 8 & EVEN);
        self.count += 1;
    }

    /// The sums, by label.
    #[inline]
    pub(crate) fn scores(&self) -> [i32; LANES] {
        let least = i32::from(self.count) * i32::from(i8::MIN);
        let sum = |label: usize| {
            let four = if label.is_multiple_of(2) { self.even } else { self.odd };
            i32::try_from(four >> (label / 2 * 16) & 0xffff).unwrap_or(0)
        };
        core::array::from_fn(|label| sum(label) + least)
    }
}

/// The scores of one label behind each.
pub(crate) type Step = [i16; LANES];

/// Known words and what they are.
#[derive(Debug, Default)]
pub(crate) struct Gazetteer {
    bucket_bits: u32,
    /// The end of each bucket in `entries`; it begins where the one before ends.
    ends: Vec<u32>,
    entries: Vec<(u16, u16)>,
}

/// What the gazetteer knows of a word.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Known {
    /// Bits of [`kind`].
    pub(crate) kinds: u16,
    /// Words that stand in like company have the same number, or one of which all but the low four
    /// bits are the same if the company is less alike; 0 if none is known.
    pub(crate) cluster: u16,
}

impl Gazetteer {
    /// What is known of the word with this hash.
    #[inline]
    pub(crate) fn find(&self, hash: u64) -> Known {
        let Some((bucket, fingerprint)) = self.place(hash) else { return Known::default() };
        let end = |bucket: usize| self.ends.get(bucket).map_or(0, |end| *end as usize);
        let start = bucket.checked_sub(1).map_or(0, end);
        let entries = self.entries.get(start..end(bucket)).unwrap_or_default();
        let found = entries.iter().find(|entry| entry.0 == fingerprint).map_or(0, |entry| entry.1);
        Known { kinds: found & ((1 << KIND_BITS) - 1), cluster: found >> KIND_BITS }
    }

    /// The bucket of a hash, and what tells it from others there.
    fn place(&self, hash: u64) -> Option<(usize, u16)> {
        let mixed = hash.wrapping_mul(0x9e37_79b9_7f4a_7c15);
        let bucket = mixed.checked_shr(64 - self.bucket_bits)?;
        let fingerprint = u16::try_from(mixed & 0xffff).unwrap_or(0);
        Some((usize::try_from(bucket).ok()?, fingerprint))
    }
}

/// Which features training chose: a bit each, at a hash. The others say nothing, and their rows are those
/// of features that do.
#[derive(Clone, Debug, Default)]
pub(crate) struct Seen {
    place_bits: u32,
    bytes: Vec<u8>,
}

impl Seen {
    /// Where the bit of a feature is.
    pub(crate) fn place(feature: u64, place_bits: u32) -> usize {
        usize::try_from(feature & ((1 << place_bits) - 1)).unwrap_or(0)
    }

    /// 1 if the feature was chosen, else 0.
    #[inline]
    fn bit(&self, feature: u64) -> usize {
        let place = Self::place(feature, self.place_bits);
        usize::from(self.bytes.get(place >> 3).copied().unwrap_or(0) >> (place & 7) & 1)
    }

    /// True if the feature was chosen.
    #[cfg(feature = "train")]
    pub(crate) fn has(&self, feature: u64) -> bool {
        self.bit(feature) == 1
    }
}

/// The row of a feature.
#[inline]
pub(crate) fn row_of(feature: u64, row_bits: u32) -> usize {
    usize::try_from(feature.checked_shr(64 - row_bits).unwrap_or(0)).unwrap_or(0)
}

/// The tagger's tables.
#[derive(Debug)]
pub(crate) struct Model {
    pub(crate) gazetteer: Gazetteer,
    pub(crate) seed: u64,
    seen: Seen,
    row_bits: u32,
    /// Units of a score that make a factor of e in likelihood.
    pub(crate) unit: i16,
    /// Scores of one label behind another.
    pub(crate) steps: Steps,
    /// The last one is that of features of which nothing is known.
    rows: Vec<Packed>,
}

static SHIPPED: LazyLock<Option<Model>> = LazyLock::new(|| Model::parse(include_bytes!("names.model")));

impl Model {
    /// The model that is part of the program; `None` if its file is damaged.
    pub(crate) fn shipped() -> Option<&'static Self> {
        SHIPPED.as_ref()
    }

    /// Reads a model's file; `None` if it is none, of another version, or damaged.
    pub(crate) fn parse(file: &[u8]) -> Option<Self> {
        let (content, crc) = file.split_last_chunk::<4>()?;
        let mut header = Reader(content.get(..HEADER_BYTES)?);
        let mut rest = Reader(content.get(HEADER_BYTES..)?);
        if header.array::<4>()? != *MAGIC || header.u16()? != VERSION || crc32(content) != u32::from_le_bytes(*crc) {
            return None;
        }
        let (row_bits, bucket_bits) = (u32::from(header.u8()?), u32::from(header.u8()?));
        let (place_bits, zero) = (u32::from(header.u8()?), header.u8()?);
        let (seed, unit) = (header.u64()?, header.i16()?);
        let bits = [row_bits, bucket_bits, place_bits];
        if bits.iter().any(|bits| !(1..=24).contains(bits)) || place_bits < 3 || zero != 0 || unit <= 0 {
            return None;
        }
        let mut transitions = [[0; LANES]; LANES];
        for row in transitions.iter_mut().take(LABEL_COUNT) {
            *row = rest.step()?;
        }
        let ends: Vec<u32> = (0..1 << bucket_bits).map(|_| rest.u32()).collect::<Option<_>>()?;
        let entries = (0..*ends.last()?).map(|_| Some((rest.u16()?, rest.u16()?))).collect::<Option<_>>()?;
        let (map, rows) = rest.0.split_at_checked(1 << (place_bits - 3))?;
        let seen = Seen { place_bits, bytes: map.to_vec() };
        rest = Reader(rows);
        let row = |_| Some(Packed::new(&rest.row()?));
        let mut rows: Vec<Packed> = (0..1 << row_bits).map(row).collect::<Option<_>>()?;
        rows.push(Packed::ZERO);
        let (gazetteer, steps) = (Gazetteer { bucket_bits, ends, entries }, Steps::new(&transitions));
        rest.0.is_empty().then_some(Self { gazetteer, seed, seen, row_bits, unit, steps, rows })
    }

    /// The scores of a feature: zeros if training did not choose it. Without a branch, for which
    /// features are chosen nobody can guess.
    #[inline]
    pub(crate) fn row(&self, feature: u64) -> Packed {
        let (row, zeros) = (row_of(feature, self.row_bits), self.rows.len().wrapping_sub(1));
        let index = zeros ^ ((row ^ zeros) & 0_usize.wrapping_sub(self.seen.bit(feature)));
        self.rows.get(index).copied().unwrap_or(Packed::ZERO)
    }
}

/// Reads numbers from the front of a file.
struct Reader<'a>(&'a [u8]);

impl Reader<'_> {
    fn array<const N: usize>(&mut self) -> Option<[u8; N]> {
        let (head, rest) = self.0.split_first_chunk::<N>()?;
        self.0 = rest;
        Some(*head)
    }

    fn u8(&mut self) -> Option<u8> {
        self.array().map(u8::from_le_bytes)
    }

    fn u16(&mut self) -> Option<u16> {
        self.array().map(u16::from_le_bytes)
    }

    fn i16(&mut self) -> Option<i16> {
        self.array().map(i16::from_le_bytes)
    }

    fn u32(&mut self) -> Option<u32> {
        self.array().map(u32::from_le_bytes)
    }

    fn u64(&mut self) -> Option<u64> {
        self.array().map(u64::from_le_bytes)
    }

    fn step(&mut self) -> Option<Step> {
        let mut step = [0; LANES];
        for score in step.iter_mut().take(LABEL_COUNT) {
            *score = self.i16()?;
        }
        Some(step)
    }

    fn row(&mut self) -> Option<Row> {
        let mut row = [0; LANES];
        for (score, byte) in row.iter_mut().zip(self.array::<LABEL_COUNT>()?) {
            *score = byte.cast_signed();
        }
        Some(row)
    }
}

/// The checksum of Ethernet and gzip (ISO 3309), one byte at a time.
fn crc32(bytes: &[u8]) -> u32 {
    let table: [u32; 256] = core::array::from_fn(|byte| {
        (0..8).fold(u32::try_from(byte).unwrap_or(0), |value, _| {
            (value >> 1) ^ (0xedb8_8320 & 0u32.wrapping_sub(value & 1))
        })
    });
    let step = |value: u32, byte: &u8| {
        let place = usize::from(value.to_le_bytes()[0] ^ byte);
        (value >> 8) ^ table.get(place).copied().unwrap_or(0)
    };
    !bytes.iter().fold(!0, step)
}

/// Making a model's file: for the trainer and tests.
#[cfg(any(test, feature = "train"))]
pub(crate) mod emit {
    use super::*;
    use std::collections::BTreeMap;

    /// Entries of a bucket, about: few enough that fingerprints seldom meet.
    const BUCKET_ENTRIES: usize = 8;

    impl Gazetteer {
        /// A gazetteer of hashes of words and their kinds.
        pub(crate) fn new(known: &BTreeMap<u64, u16>) -> Self {
            let bucket_bits = (known.len() / BUCKET_ENTRIES).max(2).next_power_of_two().trailing_zeros();
            let mut made = Self { bucket_bits, ..Self::default() };
            let mut buckets: Vec<BTreeMap<u16, u16>> = vec![BTreeMap::new(); 1 << bucket_bits];
            for (hash, kinds) in known {
                if let Some((bucket, fingerprint)) = made.place(*hash)
                    && let Some(bucket) = buckets.get_mut(bucket)
                {
                    bucket.entry(fingerprint).or_insert(*kinds);
                }
            }
            for bucket in buckets {
                made.entries.extend(bucket);
                made.ends.push(u32::try_from(made.entries.len()).unwrap_or(u32::MAX));
            }
            made
        }
    }

    impl Seen {
        /// A map of `1 << place_bits` features, of which `has` tells whether one at a place was chosen.
        pub(crate) fn new(place_bits: u32, has: impl Fn(usize) -> bool) -> Self {
            let byte = |byte: usize| (0..8).fold(0, |bits, bit| bits | u8::from(has(byte << 3 | bit)) << bit);
            Self { place_bits, bytes: (0..1 << (place_bits - 3)).map(byte).collect() }
        }
    }

    /// The file of a model.
    pub(crate) fn file(
        gazetteer: &Gazetteer,
        seen: &Seen,
        (seed, unit): (u64, i16),
        transitions: &[Step],
        rows: &[Row],
    ) -> Vec<u8> {
        let mut file = MAGIC.to_vec();
        file.extend(VERSION.to_le_bytes());
        let bits = [rows.len().trailing_zeros(), gazetteer.bucket_bits, seen.place_bits, 0];
        file.extend(bits.map(|bits| u8::try_from(bits).unwrap_or(0)));
        file.extend(seed.to_le_bytes());
        file.extend(unit.to_le_bytes());
        for step in transitions.iter().take(LABEL_COUNT) {
            step.iter().take(LABEL_COUNT).for_each(|score| file.extend(score.to_le_bytes()));
        }
        gazetteer.ends.iter().for_each(|end| file.extend(end.to_le_bytes()));
        for (fingerprint, known) in &gazetteer.entries {
            file.extend(fingerprint.to_le_bytes());
            file.extend(known.to_le_bytes());
        }
        file.extend(&seen.bytes);
        for row in rows {
            row.iter().take(LABEL_COUNT).for_each(|score| file.extend(score.to_le_bytes()));
        }
        let crc = crc32(&file);
        file.extend(crc.to_le_bytes());
        file
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeMap;

    fn file() -> Vec<u8> {
        let known: BTreeMap<u64, u16> =
            (0..500).map(|hash| (hash * 7919, (hash % 5) as u16 | 9 << KIND_BITS)).collect();
        let rows: Vec<Row> = (0..16).map(|row| [if row < 15 { row } else { -row }; LANES]).collect();
        emit::file(&Gazetteer::new(&known), &Seen::new(6, |place| place != 5), (7, 100), &[[1; LANES]; LANES], &rows)
    }

    #[test]
    fn a_model_is_read_as_it_was_written() {
        let model = Model::parse(&file()).unwrap();
        assert_eq!((model.seed, model.unit, model.row_bits), (7, 100, 4));
        let scores = |features: &[u64]| {
            let mut sums = Sums::default();
            features.iter().for_each(|feature| sums.add(model.row(*feature)));
            sums.scores()[..LABEL_COUNT].to_vec()
        };
        assert_eq!(scores(&[3 << 60]), [3; LABEL_COUNT]);
        assert_eq!(scores(&[3 << 60 | 5]), [0; LABEL_COUNT], "a feature that training did not choose");
        assert_eq!(scores(&[3 << 60 | 6, 15 << 60, 5]), [-12; LABEL_COUNT]);
        let known = |hash: u64| Known { kinds: (hash % 5) as u16, cluster: 9 };
        assert!((0..500).all(|hash| model.gazetteer.find(hash * 7919) == known(hash)));
    }

    #[test]
    fn a_damaged_model_is_refused() {
        let good = file();
        for place in [0, 4, 6, 20, 100, good.len() - 1] {
            let mut bad = good.clone();
            bad[place] ^= 1;
            assert!(Model::parse(&bad).is_none(), "{place}");
        }
        assert!((0..good.len()).step_by(37).all(|length| Model::parse(&good[..length]).is_none()));
        assert!(Model::shipped().is_some());
    }

    #[test]
    fn the_checksum_is_the_one_of_the_standard() {
        assert_eq!(crc32(b"123456789"), 0xcbf4_3926);
    }
}
