//! Files of which nobody promised that they are files: a pipe must not keep the program waiting, a
//! device must not fill its memory. What may come through a pipe comes from one that somebody writes into.

use core::time::Duration;
use rustix::fs::{OFlags, fcntl_getfl, fcntl_setfl};
use std::fs::{File, OpenOptions};
use std::io::{self, BufRead, BufReader, ErrorKind, Read};
use std::os::unix::fs::{FileTypeExt, OpenOptionsExt};
use std::path::Path;

/// How often, and how long apart, a pipe is looked at before nobody is taken to write into it: 2 s.
const WRITER_LOOKS_MAX: u32 = 100;
const WRITER_PAUSE: Duration = Duration::from_millis(20);

/// Opens a regular file, also behind links.
///
/// # Errors
/// If it is anything else, or cannot be opened.
pub(crate) fn open(path: &Path) -> io::Result<File> {
    let file = open_at_once(path)?;
    if file.metadata()?.is_file() { Ok(file) } else { Err(irregular()) }
}

/// Opens a regular file, or a pipe that somebody writes into.
///
/// # Errors
/// If it is anything else, nobody writes into the pipe within two seconds, or it cannot be opened.
pub(crate) fn open_or_pipe(path: &Path) -> io::Result<BufReader<File>> {
    let mut reader = BufReader::new(open_at_once(path)?);
    let kind = reader.get_ref().metadata()?.file_type();
    if kind.is_fifo() {
        wait_for_writer(&mut reader)?;
        let flags = fcntl_getfl(reader.get_ref())?;
        fcntl_setfl(reader.get_ref(), flags - OFlags::NONBLOCK)?;
    }
    if kind.is_file() || kind.is_fifo() { Ok(reader) } else { Err(irregular()) }
}

/// Opens what may be a pipe without waiting for its other end.
fn open_at_once(path: &Path) -> io::Result<File> {
    OpenOptions::new().read(true).custom_flags(OFlags::NONBLOCK.bits().cast_signed()).open(path)
}

/// A pipe that is not waited for has an end as long as nobody writes into it (POSIX, `read`).
fn wait_for_writer(pipe: &mut BufReader<File>) -> io::Result<()> {
    for _ in 0..WRITER_LOOKS_MAX {
        match pipe.fill_buf() {
            Ok([]) => std::thread::park_timeout(WRITER_PAUSE),
            Ok(_) => return Ok(()),
            Err(error) if error.kind() == ErrorKind::WouldBlock => return Ok(()),
            Err(error) => return Err(error),
        }
    }
    Err(io::Error::new(ErrorKind::TimedOut, "nobody writes into this pipe"))
}

fn irregular() -> io::Error {
    io::Error::new(ErrorKind::InvalidInput, "it is no regular file")
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
    fn a_pipe_is_read_once_somebody_writes_into_it() {
        let dir = tempfile::tempdir().unwrap();
        let pipe = dir.path().join("pipe");
        rustix::fs::mkfifoat(rustix::fs::CWD, &pipe, rustix::fs::Mode::from_raw_mode(0o600)).unwrap();
        assert_eq!(open_or_pipe(&pipe).unwrap_err().kind(), ErrorKind::TimedOut);
        let path = pipe.clone();
        let writer = std::thread::spawn(move || {
            std::thread::park_timeout(Duration::from_millis(100));
            let mut pipe = OpenOptions::new().write(true).open(path).unwrap();
            // The reader waits for what comes late, too.
            std::thread::park_timeout(Duration::from_millis(100));
            io::Write::write_all(&mut pipe, b"late").unwrap();
        });
        assert_eq!(read_stream(open_or_pipe(&pipe).unwrap(), 9).unwrap(), b"late");
        writer.join().unwrap();
        assert!(open_or_pipe(Path::new("/dev/zero")).is_err() && open_or_pipe(dir.path()).is_err());
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
