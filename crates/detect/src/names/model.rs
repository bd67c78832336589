//! The trained model: one file, checked once, then tables that are only read.
//!
//! The file (all numbers little-endian): [`MAGIC`], version `u16`, bits of a row's index `u8`, bits
//! of a bucket's index `u8`, number of combinations of kinds `u16`, the seed of the features' hash
//! `u64`, units of a score per natural logarithm `i16`; then the transitions (`i16`, from each label
//! to each), the combinations (`u16` each), the ends of the gazetteer's buckets (`u32` each), its
//! entries (a fingerprint `u16` and a combination `u8` each), the rows (`i16` for each label), and at
//! last the CRC-32 of all before it. `scripts/train-names` makes it; NOTICE says of what.

use super::decode::Steps;
use std::sync::LazyLock;

/// The labels: outside, then beginning and inside of each type.
pub(crate) const LABEL_COUNT: usize = 7;
/// Labels of a row in memory: so many that a row is one vector.
pub(crate) const LANES: usize = 8;

/// The first bytes of a model.
pub(crate) const MAGIC: &[u8; 4] = b"SVNM";
/// The version of the file and of the features that it was trained with.
pub(crate) const VERSION: u16 = 2;
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

/// One label's scores for a feature, or the scores of a word.
pub(crate) type Row = [i16; LANES];

/// Known words and what they are.
#[derive(Debug, Default)]
pub(crate) struct Gazetteer {
    bucket_bits: u32,
    combinations: Vec<u16>,
    /// The end of each bucket in `entries`; it begins where the one before ends.
    ends: Vec<u32>,
    entries: Vec<(u16, u8)>,
}

impl Gazetteer {
    /// What is known of the word with this hash.
    #[inline]
    pub(crate) fn kinds(&self, hash: u64) -> u16 {
        let Some((bucket, fingerprint)) = self.place(hash) else { return 0 };
        let end = |bucket: usize| self.ends.get(bucket).map_or(0, |end| *end as usize);
        let start = bucket.checked_sub(1).map_or(0, end);
        let entries = self.entries.get(start..end(bucket)).unwrap_or_default();
        let found = entries.iter().find(|entry| entry.0 == fingerprint);
        found.and_then(|entry| self.combinations.get(usize::from(entry.1))).copied().unwrap_or(0)
    }

    /// The bucket of a hash, and what tells it from others there.
    fn place(&self, hash: u64) -> Option<(usize, u16)> {
        let mixed = hash.wrapping_mul(0x9e37_79b9_7f4a_7c15);
        let bucket = mixed.checked_shr(64 - self.bucket_bits)?;
        let fingerprint = u16::try_from(mixed & 0xffff).unwrap_or(0);
        Some((usize::try_from(bucket).ok()?, fingerprint))
    }
}

/// The tagger's tables.
#[derive(Debug)]
pub(crate) struct Model {
    pub(crate) gazetteer: Gazetteer,
    pub(crate) seed: u64,
    pub(crate) row_bits: u32,
    /// Units of a score that make a factor of e in likelihood.
    pub(crate) unit: i16,
    /// Scores of one label behind another.
    pub(crate) steps: Steps,
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
        let (combinations, seed, unit) = (header.u16()?, header.u64()?, header.i16()?);
        if row_bits > 24 || bucket_bits > 24 || bucket_bits == 0 || unit <= 0 {
            return None;
        }
        let mut transitions = [[0; LANES]; LANES];
        for row in transitions.iter_mut().take(LABEL_COUNT) {
            *row = rest.row()?;
        }
        let combinations = (0..combinations).map(|_| rest.u16()).collect::<Option<_>>()?;
        let ends: Vec<u32> = (0..1 << bucket_bits).map(|_| rest.u32()).collect::<Option<_>>()?;
        let entries = (0..*ends.last()?).map(|_| Some((rest.u16()?, rest.u8()?))).collect::<Option<_>>()?;
        let rows = (0..1 << row_bits).map(|_| rest.row()).collect::<Option<_>>()?;
        let gazetteer = Gazetteer { bucket_bits, combinations, ends, entries };
        rest.0.is_empty().then_some(Self { gazetteer, seed, row_bits, unit, steps: Steps::new(&transitions), rows })
    }

    /// The scores of a feature.
    #[inline]
    pub(crate) fn row(&self, index: usize) -> Row {
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
            let mut combinations: Vec<u16> = known.values().copied().collect();
            combinations.sort_unstable();
            combinations.dedup();
            let mut made = Self { bucket_bits, combinations, ..Self::default() };
            let mut buckets: Vec<BTreeMap<u16, u16>> = vec![BTreeMap::new(); 1 << bucket_bits];
            for (hash, kinds) in known {
                if let Some((bucket, fingerprint)) = made.place(*hash)
                    && let Some(bucket) = buckets.get_mut(bucket)
                {
                    bucket.entry(fingerprint).or_insert(*kinds);
                }
            }
            for bucket in buckets {
                let combination = |kinds| made.combinations.iter().position(|known| *known == kinds).unwrap_or(0);
                let entries =
                    bucket.iter().map(|(print, kinds)| (*print, u8::try_from(combination(*kinds)).unwrap_or(0)));
                made.entries.extend(entries);
                made.ends.push(u32::try_from(made.entries.len()).unwrap_or(u32::MAX));
            }
            made
        }
    }

    /// The file of a model.
    pub(crate) fn file(gazetteer: &Gazetteer, seed: u64, unit: i16, transitions: &[Row], rows: &[Row]) -> Vec<u8> {
        let mut file = MAGIC.to_vec();
        file.extend(VERSION.to_le_bytes());
        file.extend([rows.len().trailing_zeros(), gazetteer.bucket_bits].map(|bits| u8::try_from(bits).unwrap_or(0)));
        file.extend(u16::try_from(gazetteer.combinations.len()).unwrap_or(0).to_le_bytes());
        file.extend(seed.to_le_bytes());
        file.extend(unit.to_le_bytes());
        let row = |file: &mut Vec<u8>, row: &Row| {
            row.iter().take(LABEL_COUNT).for_each(|score| file.extend(score.to_le_bytes()));
        };
        transitions.iter().take(LABEL_COUNT).for_each(|scores| row(&mut file, scores));
        gazetteer.combinations.iter().for_each(|kinds| file.extend(kinds.to_le_bytes()));
        gazetteer.ends.iter().for_each(|end| file.extend(end.to_le_bytes()));
        for (fingerprint, combination) in &gazetteer.entries {
            file.extend(fingerprint.to_le_bytes());
            file.push(*combination);
        }
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
        let known: BTreeMap<u64, u16> = (0..500).map(|hash| (hash * 7919, (hash % 5) as u16)).collect();
        let rows: Vec<Row> = (0..16).map(|row| [row; LANES]).collect();
        emit::file(&Gazetteer::new(&known), 7, 100, &[[1; LANES]; LANES], &rows)
    }

    #[test]
    fn a_model_is_read_as_it_was_written() {
        let model = Model::parse(&file()).unwrap();
        assert_eq!((model.seed, model.unit, model.row_bits), (7, 100, 4));
        assert_eq!(model.row(3)[..LABEL_COUNT], [3; LABEL_COUNT]);
        assert!((0..500).all(|hash| model.gazetteer.kinds(hash * 7919) == (hash % 5) as u16));
        assert_eq!(model.row(16), Row::default());
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
