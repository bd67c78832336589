//! Lines over a socket, bounded in length and in time.

use crate::clock;
use core::time::Duration;
use std::io::{self, ErrorKind, Read, Write};
use std::os::unix::net::UnixStream;

/// Bytes that are asked of the socket at once.
const READ_BYTES: usize = 4096;

/// One end of a conversation in lines.
#[derive(Debug)]
pub(super) struct Lines {
    stream: UnixStream,
    /// Received and not yet taken.
    received: Vec<u8>,
    /// Most bytes of a line that comes in.
    bytes_max: usize,
}

impl Lines {
    pub(super) const fn new(stream: UnixStream, bytes_max: usize) -> Self {
        Self { stream, received: Vec::new(), bytes_max }
    }

    /// The next line without its end; `None` if the other side is done.
    ///
    /// # Errors
    ///
    /// `TimedOut` if it is not whole in time, however many pieces come; `InvalidData` if it is too
    /// long; `UnexpectedEof` if it breaks off.
    pub(super) fn read(&mut self, patience: Duration) -> io::Result<Option<Vec<u8>>> {
        let deadline = Deadline::after(patience);
        loop {
            if let Some(end) = self.received.iter().position(|byte| *byte == b'\n') {
                let mut line: Vec<u8> = self.received.drain(..=end).collect();
                line.pop();
                return Ok(Some(line));
            }
            if self.received.len() > self.bytes_max {
                return Err(io::Error::new(ErrorKind::InvalidData, "the line is too long"));
            }
            self.stream.set_read_timeout(Some(deadline.left()?))?;
            let mut piece = [0; READ_BYTES];
            let count = retry(|| self.stream.read(&mut piece))?;
            if count == 0 {
                let is_done = self.received.is_empty();
                return if is_done { Ok(None) } else { Err(ErrorKind::UnexpectedEof.into()) };
            }
            self.received.extend_from_slice(piece.get(..count).unwrap_or_default());
        }
    }

    /// Sends a line and its end.
    ///
    /// # Errors
    ///
    /// `TimedOut` if the other side does not take it in time.
    pub(super) fn write(&mut self, mut line: Vec<u8>, patience: Duration) -> io::Result<()> {
        let deadline = Deadline::after(patience);
        line.push(b'\n');
        let mut rest = line.as_slice();
        while !rest.is_empty() {
            self.stream.set_write_timeout(Some(deadline.left()?))?;
            let count = retry(|| self.stream.write(rest))?;
            if count == 0 {
                return Err(ErrorKind::WriteZero.into());
            }
            rest = rest.get(count..).unwrap_or_default();
        }
        Ok(())
    }
}

/// A point in time after which nothing is waited for.
#[derive(Clone, Copy, Debug)]
pub(super) struct Deadline(u64);

impl Deadline {
    pub(super) fn after(patience: Duration) -> Self {
        let patience_ns = u64::try_from(patience.as_nanos()).unwrap_or(u64::MAX);
        Self(clock::monotonic_ns().saturating_add(patience_ns))
    }

    /// Time until then, never zero.
    pub(super) fn left(self) -> io::Result<Duration> {
        match self.0.saturating_sub(clock::monotonic_ns()) {
            0 => Err(ErrorKind::TimedOut.into()),
            // Less than the kernel's tick would be taken for "no timeout".
            left => Ok(Duration::from_nanos(left).max(Duration::from_millis(1))),
        }
    }
}

fn retry(mut call: impl FnMut() -> io::Result<usize>) -> io::Result<usize> {
    loop {
        match call() {
            Err(error) if error.kind() == ErrorKind::Interrupted => {}
            Err(error) if error.kind() == ErrorKind::WouldBlock => return Err(ErrorKind::TimedOut.into()),
            other => return other,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use std::thread;

    const PATIENCE: Duration = Duration::from_secs(20);

    fn any_line() -> impl Strategy<Value = Vec<u8>> {
        prop::collection::vec(any::<u8>().prop_filter("a line has no line end", |byte| *byte != b'\n'), 0..64)
    }

    proptest! {
        #![proptest_config(ProptestConfig { cases: 64, failure_persistence: None, ..ProptestConfig::default() })]

        #[test]
        fn lines_come_out_as_they_went_in_however_they_are_split(
            lines in prop::collection::vec(any_line(), 0..8),
            pieces in prop::collection::vec(1..40_usize, 1..8),
        ) {
            let (mut near, far) = UnixStream::pair().unwrap();
            let sent = lines.iter().flat_map(|line| line.iter().copied().chain([b'\n'])).collect::<Vec<u8>>();
            let writer = thread::spawn(move || {
                let mut rest = sent.as_slice();
                for piece in pieces.iter().cycle() {
                    let (now, later) = rest.split_at((*piece).min(rest.len()));
                    near.write_all(now).unwrap();
                    rest = later;
                    if rest.is_empty() {
                        return;
                    }
                }
            });
            let mut reader = Lines::new(far, 64);
            for line in lines {
                prop_assert_eq!(reader.read(PATIENCE).unwrap(), Some(line));
            }
            prop_assert_eq!(reader.read(PATIENCE).unwrap(), None);
            writer.join().unwrap();
        }
    }

    #[test]
    fn a_line_has_to_be_whole_in_time_however_many_pieces_come() {
        let (mut near, far) = UnixStream::pair().unwrap();
        let slow = thread::spawn(move || {
            while near.write_all(b"x").is_ok() {
                thread::park_timeout(Duration::from_millis(5));
            }
        });
        let error = Lines::new(far, 4096).read(Duration::from_millis(50)).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::TimedOut);
        slow.join().unwrap();
    }

    #[test]
    fn a_line_that_is_too_long_or_breaks_off_is_an_error() {
        let (mut near, far) = UnixStream::pair().unwrap();
        near.write_all(&[b'x'; 100]).unwrap();
        assert_eq!(Lines::new(far, 64).read(PATIENCE).unwrap_err().kind(), ErrorKind::InvalidData);
        let (mut near, far) = UnixStream::pair().unwrap();
        near.write_all(b"half").unwrap();
        drop(near);
        assert_eq!(Lines::new(far, 64).read(PATIENCE).unwrap_err().kind(), ErrorKind::UnexpectedEof);
    }

    #[test]
    fn what_the_other_side_does_not_take_is_not_waited_for_without_end() {
        let (near, _far) = UnixStream::pair().unwrap();
        let error = Lines::new(near, 64).write(vec![b'x'; 16 << 20], Duration::from_millis(50)).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::TimedOut);
    }
}
