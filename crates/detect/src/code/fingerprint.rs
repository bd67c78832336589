//! Sets of fingerprints: what a source tree leaves of itself in a file.
//!
//! A [`FingerprintBuilder`] takes the texts of a tree and makes a [`FingerprintSet`] of their
//! winnowed grams; a set goes to bytes and back. The grams are in a binary fuse filter with
//! 16 bits (T. M. Graf, D. Lemire, "Binary Fuse Filters", 2022): 2.3 bytes a gram, no gram of the
//! tree is missed, and one in 65,536 of others passes, which is why one gram alone is no finding.
//!
//! Before they go there, grams are hashed with SipHash-1-3 under a random key of the set. The key
//! is in the file, as who looks for the grams needs it: whoever has the file can try whether lines
//! that he guesses are in it, and cannot read lines out of it; two sets of one tree have nothing in
//! common to compare. So a file is to be kept as the tree is.
//!
//! File: magic, version, parameters, key, name, counts, the filter, all little endian; at the end
//! the BLAKE3 hash of what stands before.

use super::reader::Reader;
use super::winnow::{GRAM_WORDS, GUARANTEE_WORDS, WINDOW_GRAMS};
use super::{lines, marks};
use core::hash::Hasher;
use siphasher::sip::SipHasher13;
use xorf::{BinaryFuse16, Descriptor, Filter};

/// What a file begins with.
const MAGIC: &[u8; 8] = b"SVRNFPRT";

/// Version of the file's form and of the rules by which lines become grams.
const VERSION: u16 = 1;

/// Bytes of the hash at a file's end.
const CHECKSUM_BYTES: usize = 32;

/// Bytes of the longest name of a set.
pub const FINGERPRINT_NAME_BYTES_MAX: usize = 64;

/// Grams of a set: 600 MB of memory while it is built, 150 MB in use.
pub const FINGERPRINT_GRAM_COUNT_MAX: usize = 64 << 20;

/// Files of a tree that a gram may be in: what more of them have is the tree's own boilerplate.
const FILES_OF_GRAM_MAX: usize = 8;

/// Why there is no set.
#[derive(Debug, thiserror::Error)]
pub enum FingerprintError {
    /// The file is something else.
    #[error("this is no set of fingerprints")]
    Foreign,
    /// The file was made by another version of the program.
    #[error("the set has version {found}, this program reads {VERSION}; build it again")]
    Version {
        /// Its version.
        found: u16,
    },
    /// The parameters are not ours.
    #[error("the set has grams of {words} words in windows of {grams}; build it again")]
    Parameters {
        /// Words of a gram.
        words: u16,
        /// Grams of a window.
        grams: u16,
    },
    /// Bytes are missing or are not what they were.
    #[error("the set is damaged; build it again")]
    Damaged,
    /// The name is empty, too long or has characters that no line can show.
    #[error("the name of a set has 1 to {FINGERPRINT_NAME_BYTES_MAX} bytes and no control characters")]
    Name,
    /// The tree has no code to tell it by.
    #[error("there is no code in it that could tell it from other code")]
    Empty,
    /// The tree is too large for one set.
    #[error("{count} grams; a set has at most {FINGERPRINT_GRAM_COUNT_MAX}: build several of parts of the tree")]
    GramCount {
        /// How many there are.
        count: usize,
    },
    /// The filter did not come out; another key will do.
    #[error("the filter could not be made; build it again")]
    Filter,
}

/// What a set was made of.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct FingerprintCounts {
    /// Files that had code.
    pub files: u64,
    /// Lines of code.
    pub lines: u64,
    /// Words in them.
    pub words: u64,
    /// Grams that are in the set.
    pub grams: u64,
    /// Grams that were left out because too many files of the tree have them.
    pub common_grams: u64,
}

/// Fingerprints of a source tree.
#[derive(Clone, Debug)]
pub struct FingerprintSet {
    name: String,
    key: [u8; 16],
    counts: FingerprintCounts,
    filter: BinaryFuse16,
}

impl FingerprintSet {
    /// The name it was given when it was built.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// What it was made of.
    #[must_use]
    pub const fn counts(&self) -> FingerprintCounts {
        self.counts
    }

    /// Words of a gram, grams of a window, and words in a row that are sure to share a gram.
    #[must_use]
    pub const fn parameters(&self) -> (usize, usize, usize) {
        (GRAM_WORDS, WINDOW_GRAMS, GUARANTEE_WORDS)
    }

    /// Bytes of memory that its filter has.
    #[must_use]
    pub fn filter_bytes(&self) -> usize {
        2 * self.filter.fingerprints.len()
    }

    /// True if the tree has this gram; also for one in 65,536 that it has not.
    pub(super) fn holds(&self, gram: u64) -> bool {
        self.filter.contains(&keyed(&self.key, gram))
    }

    /// The bytes of its file.
    #[must_use]
    pub fn to_bytes(&self) -> Vec<u8> {
        let Descriptor { seed, segment_length, segment_count_length, .. } = self.filter.descriptor;
        let FingerprintCounts { files, lines, words, grams, common_grams } = self.counts;
        let mut out = MAGIC.to_vec();
        for number in [VERSION, short(GRAM_WORDS), short(WINDOW_GRAMS), short(self.name.len())] {
            out.extend(number.to_le_bytes());
        }
        out.extend(self.key);
        out.extend(self.name.as_bytes());
        for number in [files, lines, words, grams, common_grams, seed] {
            out.extend(number.to_le_bytes());
        }
        out.extend(segment_length.to_le_bytes());
        out.extend(segment_count_length.to_le_bytes());
        out.extend(self.filter.fingerprints.iter().flat_map(|fingerprint| fingerprint.to_le_bytes()));
        let checksum = blake3::hash(&out);
        out.extend(checksum.as_bytes());
        out
    }

    /// Reads the bytes of a file.
    ///
    /// # Errors
    /// If they are not exactly what [`FingerprintSet::to_bytes`] made.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, FingerprintError> {
        let mut rest = bytes.strip_prefix(MAGIC).ok_or(FingerprintError::Foreign)?;
        let version = u16::from_le_bytes(take(&mut rest)?);
        if version != VERSION {
            return Err(FingerprintError::Version { found: version });
        }
        let body_len = bytes.len().checked_sub(CHECKSUM_BYTES).ok_or(FingerprintError::Damaged)?;
        let (body, checksum) = bytes.split_at(body_len);
        if blake3::hash(body).as_bytes() != checksum {
            return Err(FingerprintError::Damaged);
        }
        let (words, grams) = (u16::from_le_bytes(take(&mut rest)?), u16::from_le_bytes(take(&mut rest)?));
        if (words, grams) != (short(GRAM_WORDS), short(WINDOW_GRAMS)) {
            return Err(FingerprintError::Parameters { words, grams });
        }
        let name_len = usize::from(u16::from_le_bytes(take(&mut rest)?));
        let key = take(&mut rest)?;
        let (name, mut rest) = rest.split_at_checked(name_len).ok_or(FingerprintError::Damaged)?;
        let name = String::from_utf8(name.to_vec()).map_err(|_| FingerprintError::Damaged)?;
        check_name(&name)?;
        let mut number = || take(&mut rest).map(u64::from_le_bytes);
        let counts = FingerprintCounts {
            files: number()?,
            lines: number()?,
            words: number()?,
            grams: number()?,
            common_grams: number()?,
        };
        let filter = filter_from(number()?, rest)?;
        Ok(Self { name, key, counts, filter })
    }
}

/// The filter of a file: the sizes of its segments and its fingerprints, a checksum behind them.
fn filter_from(seed: u64, mut rest: &[u8]) -> Result<BinaryFuse16, FingerprintError> {
    let segment_length = u32::from_le_bytes(take(&mut rest)?);
    let segment_count_length = u32::from_le_bytes(take(&mut rest)?);
    let fingerprints = rest.len().checked_sub(CHECKSUM_BYTES).and_then(|len| rest.get(..len));
    let (fingerprints, odd) = fingerprints.ok_or(FingerprintError::Damaged)?.as_chunks::<2>();
    // A place is below the segments' length, or in one of the two segments behind.
    let len = u64::from(segment_count_length) + 2 * u64::from(segment_length);
    let is_sound = odd.is_empty()
        && segment_length.is_power_of_two()
        && segment_count_length > 0
        && segment_count_length % segment_length == 0
        && len == fingerprints.len() as u64
        && len <= u64::from(u32::MAX);
    if !is_sound {
        return Err(FingerprintError::Damaged);
    }
    Ok(BinaryFuse16 {
        descriptor: Descriptor { seed, segment_length, segment_length_mask: segment_length - 1, segment_count_length },
        fingerprints: fingerprints.iter().map(|bytes| u16::from_le_bytes(*bytes)).collect(),
    })
}

fn take<const N: usize>(rest: &mut &[u8]) -> Result<[u8; N], FingerprintError> {
    let (head, tail) = rest.split_first_chunk().ok_or(FingerprintError::Damaged)?;
    *rest = tail;
    Ok(*head)
}

fn check_name(name: &str) -> Result<(), FingerprintError> {
    let fits = (1..=FINGERPRINT_NAME_BYTES_MAX).contains(&name.len()) && !name.chars().any(char::is_control);
    if fits { Ok(()) } else { Err(FingerprintError::Name) }
}

/// What stands for a gram in a set of this key.
fn keyed(key: &[u8; 16], gram: u64) -> u64 {
    let mut hasher = SipHasher13::new_with_key(key);
    hasher.write_u64(gram);
    hasher.finish()
}

fn short(number: usize) -> u16 {
    u16::try_from(number).unwrap_or(u16::MAX)
}

/// Makes a set of the texts of a tree.
#[derive(Debug)]
pub struct FingerprintBuilder {
    name: String,
    key: [u8; 16],
    reader: Reader,
    counts: FingerprintCounts,
    /// Each gram once for every file that has it.
    grams: Vec<u64>,
}

impl FingerprintBuilder {
    /// A builder of the set of this name; the key is random and of this set alone.
    ///
    /// # Errors
    /// If the name is empty, longer than [`FINGERPRINT_NAME_BYTES_MAX`] or cannot be shown in a line.
    pub fn new(name: &str, key: [u8; 16]) -> Result<Self, FingerprintError> {
        check_name(name)?;
        let (reader, counts) = (Reader::default(), FingerprintCounts::default());
        Ok(Self { name: name.to_owned(), key, reader, counts, grams: Vec::new() })
    }

    /// Adds the text of a file.
    pub fn add(&mut self, text: &[u8]) {
        let first = self.grams.len();
        let lines_before = self.reader.lines();
        self.reader.restart();
        for (start, end) in lines(text) {
            let line = text.get(start..end).unwrap_or_default();
            let place = (start as u64, end as u64);
            self.reader.forget_old(place.0);
            self.reader.line(line, marks(line), place, |gram| self.grams.push(gram.hash));
        }
        if self.reader.lines() > lines_before {
            self.counts.files += 1;
        }
        let mut own = self.grams.split_off(first);
        own.sort_unstable();
        own.dedup();
        self.grams.append(&mut own);
    }

    /// Makes the set.
    ///
    /// # Errors
    /// If there is nothing in it, or more than [`FINGERPRINT_GRAM_COUNT_MAX`].
    pub fn finish(mut self) -> Result<FingerprintSet, FingerprintError> {
        self.counts.lines = self.reader.lines();
        self.counts.words = self.reader.words();
        self.grams.sort_unstable();
        let mut keys = Vec::new();
        for files in self.grams.chunk_by(|a, b| a == b) {
            match files {
                [gram, ..] if files.len() <= FILES_OF_GRAM_MAX => keys.push(keyed(&self.key, *gram)),
                _ => self.counts.common_grams += 1,
            }
        }
        keys.sort_unstable();
        keys.dedup();
        self.counts.grams = keys.len() as u64;
        match keys.len() {
            0 => return Err(FingerprintError::Empty),
            count if count > FINGERPRINT_GRAM_COUNT_MAX => return Err(FingerprintError::GramCount { count }),
            _ => {}
        }
        let filter = BinaryFuse16::try_from(&keys).map_err(|_| FingerprintError::Filter)?;
        Ok(FingerprintSet { name: self.name, key: self.key, counts: self.counts, filter })
    }
}
