//! What a policy names and does not contain: files, which whoever loads it reads for this crate.

/// Bytes of all files of fingerprints that a policy names, together: the largest set that is built has 150 MB, and
/// while a policy is loaded anew the old one is still in memory.
pub const FINGERPRINT_BYTES_MAX: u64 = 256 << 20;

/// Sets of fingerprints that a policy names: every line of a prompt is looked up in each.
pub const FINGERPRINT_SET_COUNT_MAX: usize = 16;

/// Reads the files that a policy names; paths are as they stand there, relative ones are meant from its folder.
pub trait Files {
    /// Reads a file of at most `bytes_max`.
    ///
    /// # Errors
    /// If it cannot be read or is longer.
    fn read(&self, path: &str, bytes_max: u64) -> Result<Vec<u8>, FileError>;
}

/// Why a file that a policy names is not there. The operator is at fault.
#[derive(Debug, thiserror::Error)]
pub enum FileError {
    /// It is longer than what may be.
    #[error("is longer than {bytes_max} bytes, which is what is left of {FINGERPRINT_BYTES_MAX} for all sets")]
    Long {
        /// The bound that it breaks.
        bytes_max: u64,
    },
    /// It cannot be read, for this reason.
    #[error("cannot be read: {0}")]
    Unreadable(#[source] Box<dyn core::error::Error + Send + Sync>),
    /// The policy stands alone: whoever loads it reads no files.
    #[error("cannot be read: this policy is loaded without its files")]
    Absent,
}

/// No files at all.
#[derive(Clone, Copy, Debug)]
pub(crate) struct NoFiles;

impl Files for NoFiles {
    fn read(&self, _path: &str, _bytes_max: u64) -> Result<Vec<u8>, FileError> {
        Err(FileError::Absent)
    }
}
