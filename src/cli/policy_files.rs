//! The files that a policy names, read from where it stands.

use crate::regular;
use policy::{FileError, Files};
use std::io;
use std::path::{Path, PathBuf};

/// Bytes of the largest policy that is read: an endless one must not fill the memory of a gateway
/// that loads it again.
const POLICY_BYTES_MAX: u64 = 64 << 20;

/// Reads the text of a policy.
///
/// # Errors
/// If it is no regular file, too large, or no text.
pub(crate) fn read_policy(path: &Path) -> io::Result<String> {
    regular::read_text(path, POLICY_BYTES_MAX)
}

/// Files beside a policy.
#[derive(Debug)]
pub(crate) struct PolicyFiles {
    dir: PathBuf,
}

impl PolicyFiles {
    /// Those of the policy at `path`.
    pub(crate) fn beside(path: &Path) -> Self {
        Self { dir: path.parent().map(Path::to_owned).unwrap_or_default() }
    }
}

impl Files for PolicyFiles {
    fn read(&self, path: &str, bytes_max: u64) -> Result<Vec<u8>, FileError> {
        read_bounded(&self.dir.join(path), bytes_max)
    }
}

/// Reads a file of at most `bytes_max`.
///
/// # Errors
/// If it is longer, no regular file, which might keep whoever opens it waiting, or cannot be read.
pub(crate) fn read_bounded(path: &Path, bytes_max: u64) -> Result<Vec<u8>, FileError> {
    let bytes = regular::read(path, bytes_max).map_err(|error| FileError::Unreadable(error.into()))?;
    if bytes.len() as u64 > bytes_max {
        return Err(FileError::Long { bytes_max });
    }
    Ok(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_is_read_up_to_its_bound_and_from_beside_the_policy() {
        let dir = tempfile::tempdir().unwrap();
        std::fs::write(dir.path().join("a.fp"), "12345").unwrap();
        let files = PolicyFiles::beside(&dir.path().join("policy.toml"));
        assert_eq!(files.read("a.fp", 5).unwrap(), b"12345");
        assert!(matches!(files.read("a.fp", 4), Err(FileError::Long { bytes_max: 4 })));
        assert!(matches!(files.read(".", 5), Err(FileError::Unreadable(_))));
        assert!(matches!(files.read("none.fp", 5), Err(FileError::Unreadable(_))));
        let absolute = dir.path().join("a.fp");
        assert_eq!(PolicyFiles::beside(Path::new("/")).read(absolute.to_str().unwrap(), 5).unwrap(), b"12345");
    }
}
