//! Files of which nobody promised that they are files: a pipe must not keep the program waiting, a
//! device must not fill its memory.

use std::fs::{File, OpenOptions};
use std::io::{self, ErrorKind, Read};
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;

/// Opens a regular file, also behind links.
///
/// # Errors
/// If it is anything else, or cannot be opened.
pub(crate) fn open(path: &Path) -> io::Result<File> {
    let file =
        OpenOptions::new().read(true).custom_flags(rustix::fs::OFlags::NONBLOCK.bits().cast_signed()).open(path)?;
    if file.metadata()?.is_file() {
        return Ok(file);
    }
    Err(io::Error::new(ErrorKind::InvalidInput, "it is no regular file"))
}

/// Reads a regular file of at most `bytes_max`; of a longer one the result is longer than that.
///
/// # Errors
/// If it is no regular file, or cannot be read.
pub(crate) fn read(path: &Path, bytes_max: u64) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    open(path)?.take(bytes_max.saturating_add(1)).read_to_end(&mut bytes)?;
    Ok(bytes)
}

/// Reads the text of a regular file of at most `bytes_max`.
///
/// # Errors
/// If it is longer, no regular file, or no text, or cannot be read.
pub(crate) fn read_text(path: &Path, bytes_max: u64) -> io::Result<String> {
    let bytes = whole(read(path, bytes_max)?, bytes_max)?;
    String::from_utf8(bytes).map_err(|error| io::Error::new(ErrorKind::InvalidData, error.utf8_error()))
}

/// Reads what has an end before `bytes_max`: of a device or a pipe, too.
///
/// # Errors
/// If it is longer, or cannot be read.
pub(crate) fn read_stream(input: impl Read, bytes_max: u64) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    input.take(bytes_max.saturating_add(1)).read_to_end(&mut bytes)?;
    whole(bytes, bytes_max)
}

fn whole(bytes: Vec<u8>, bytes_max: u64) -> io::Result<Vec<u8>> {
    if bytes.len() as u64 <= bytes_max {
        return Ok(bytes);
    }
    Err(io::Error::new(ErrorKind::FileTooLarge, format!("it has more than {bytes_max} bytes")))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_no_file_is_refused_at_once() {
        let dir = tempfile::tempdir().unwrap();
        let pipe = dir.path().join("pipe");
        rustix::fs::mkfifoat(rustix::fs::CWD, &pipe, rustix::fs::Mode::RUSR).unwrap();
        for path in [pipe.as_path(), dir.path(), Path::new("/dev/zero")] {
            assert!(read(path, 5).is_err(), "{}", path.display());
        }
    }

    #[test]
    fn a_file_is_read_so_far_that_one_sees_whether_it_is_longer() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("a");
        std::fs::write(&path, "1234567").unwrap();
        assert_eq!(read(&path, 9).unwrap(), b"1234567");
        assert_eq!(read(&path, 5).unwrap(), b"123456");
        assert_eq!(read_text(&path, 7).unwrap(), "1234567");
        assert_eq!(read_text(&path, 6).unwrap_err().kind(), ErrorKind::FileTooLarge);
        assert_eq!(read_stream(File::open("/dev/zero").unwrap(), 9).unwrap_err().kind(), ErrorKind::FileTooLarge);
    }
}
