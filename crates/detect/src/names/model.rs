//! The trained model: one file, checked once, then tables that are only read.
//!
//! The file (all numbers little-endian): [`MAGIC`], version `u16`, bits of a row's index `u8`, bits
//! of a bucket's index `u8`, bits of a place in the map of features `u8`, a zero `u8`, the seed of the
//! features' hash `u64`, units of a score per natural logarithm `i16`; then the transitions (`i16`,
//! from each label to each), the ends of the gazetteer's buckets (`u32` each), its entries (a
//! fingerprint `u16` and what is known `u16` each), the map of features (a bit each), the rows (`i16`
//! for each label), and at last the CRC-32 of all before it. `scripts/train-names` makes it; NOTICE says
//! of what.

use super::decode::Steps;
use std::sync::LazyLock;

/// The labels: outside, then beginning and inside of each type.
pub(crate) const LABEL_COUNT: usize = 7;
/// Labels of a row in memory: so many that a row is one vector.
pub(crate) const LANES: usize = 8;

/// The first bytes of a model.
pub(crate) const MAGIC: &[u8; 4] = b"SVNM";
/// The version of the file and of the features that it was trained with.
pub(crate) const VERSION: u16 = 3;
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

/// One label's scores for a feature, or the scores of a word.
pub(crate) type Row = [i16; LANES];

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

/// Which features training saw more than once: a bit each, at a hash. The others say nothing, and their
/// rows are those of features that do.
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

    /// 1 if the feature was seen, else 0.
    #[inline]
    fn bit(&self, feature: u64) -> usize {
        let place = Self::place(feature, self.place_bits);
        usize::from(self.bytes.get(place >> 3).copied().unwrap_or(0) >> (place & 7) & 1)
    }

    /// True if the feature was seen.
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
    rows: Vec<Row>,
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
            *row = rest.row()?;
        }
        let ends: Vec<u32> = (0..1 << bucket_bits).map(|_| rest.u32()).collect::<Option<_>>()?;
        let entries = (0..*ends.last()?).map(|_| Some((rest.u16()?, rest.u16()?))).collect::<Option<_>>()?;
        let (map, rows) = rest.0.split_at_checked(1 << (place_bits - 3))?;
        let seen = Seen { place_bits, bytes: map.to_vec() };
        rest = Reader(rows);
        let mut rows: Vec<Row> = (0..1 << row_bits).map(|_| rest.row()).collect::<Option<_>>()?;
        rows.push(Row::default());
        let (gazetteer, steps) = (Gazetteer { bucket_bits, ends, entries }, Steps::new(&transitions));
        rest.0.is_empty().then_some(Self { gazetteer, seed, seen, row_bits, unit, steps, rows })
    }

    /// The scores of a feature: zeros if training knows nothing of it. Without a branch, for half of the
    /// features are known, which half nobody can guess.
    #[inline]
    pub(crate) fn row(&self, feature: u64) -> Row {
        let (row, zeros) = (row_of(feature, self.row_bits), self.rows.len().wrapping_sub(1));
        let index = zeros ^ ((row ^ zeros) & 0_usize.wrapping_sub(self.seen.bit(feature)));
        self.rows.get(index).copied().unwrap_or_default()
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

    fn row(&mut self) -> Option<Row> {
        let mut row = [0; LANES];
        for score in row.iter_mut().take(LABEL_COUNT) {
            *score = self.i16()?;
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
        /// A map of `1 << place_bits` features, of which `has` tells whether one at a place was seen.
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
        transitions: &[Row],
        rows: &[Row],
    ) -> Vec<u8> {
        let mut file = MAGIC.to_vec();
        file.extend(VERSION.to_le_bytes());
        let bits = [rows.len().trailing_zeros(), gazetteer.bucket_bits, seen.place_bits, 0];
        file.extend(bits.map(|bits| u8::try_from(bits).unwrap_or(0)));
        file.extend(seed.to_le_bytes());
        file.extend(unit.to_le_bytes());
        let row = |file: &mut Vec<u8>, row: &Row| {
            row.iter().take(LABEL_COUNT).for_each(|score| file.extend(score.to_le_bytes()));
        };
        transitions.iter().take(LABEL_COUNT).for_each(|scores| row(&mut file, scores));
        gazetteer.ends.iter().for_each(|end| file.extend(end.to_le_bytes()));
        for (fingerprint, known) in &gazetteer.entries {
            file.extend(fingerprint.to_le_bytes());
            file.extend(known.to_le_bytes());
        }
        file.extend(&seen.bytes);
        rows.iter().for_each(|scores| row(&mut file, scores));
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
        let rows: Vec<Row> = (0..16).map(|row| [row; LANES]).collect();
        emit::file(&Gazetteer::new(&known), &Seen::new(6, |place| place != 5), (7, 100), &[[1; LANES]; LANES], &rows)
    }

    #[test]
    fn a_model_is_read_as_it_was_written() {
        let model = Model::parse(&file()).unwrap();
        assert_eq!((model.seed, model.unit, model.row_bits), (7, 100, 4));
        assert_eq!(model.row(3 << 60)[..LABEL_COUNT], [3; LABEL_COUNT]);
        assert_eq!(model.row(3 << 60 | 5), Row::default(), "a feature that training did not see");
        assert_eq!(model.row(3 << 60 | 6), model.row(3 << 60));
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
