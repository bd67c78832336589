//! Segments that are allocated ahead, so that credits stand on disk space that is really there.

use super::directory::Directory;
use rustix::fs::{FallocateFlags, fallocate};
use rustix::io::Errno;
use std::fs::{self, File, OpenOptions};
use std::io;
use std::os::unix::fs::{FileExt, OpenOptionsExt};
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::mpsc::{Receiver, SyncSender, TryRecvError, sync_channel};
use std::thread::{self, JoinHandle};

/// Permissions of a segment: an auditing group may read, nobody else.
const SEGMENT_MODE: u32 = 0o640;

/// Zeros are written in pieces of this many bytes where a file system cannot allocate.
const ZERO_BYTES: usize = 1 << 20;

/// The name of a segment that is not part of the log yet.
pub(crate) const SPARE_FILE: &str = "spare.tmp";

/// A segment's file with all its blocks, under a name that is not part of the log yet.
#[derive(Debug)]
pub(crate) struct Spare {
    unfinished: Unfinished,
    file: File,
    bytes: u64,
}

/// A file that is removed unless it becomes a segment, to give its blocks back.
#[derive(Debug)]
struct Unfinished {
    path: PathBuf,
    is_kept: bool,
}

impl Spare {
    /// Allocates `bytes` bytes; a file that cannot be had whole is removed.
    pub(crate) fn allocate(directory: &Directory, bytes: u64) -> io::Result<Self> {
        let path = directory.join(SPARE_FILE);
        let file =
            OpenOptions::new().write(true).read(true).create(true).truncate(true).mode(SEGMENT_MODE).open(&path)?;
        let unfinished = Unfinished { path, is_kept: false };
        allocate(&file, bytes)?;
        file.sync_all()?;
        Ok(Self { unfinished, file, bytes })
    }

    pub(crate) const fn bytes(&self) -> u64 {
        self.bytes
    }

    /// Makes it segment `number`, which begins with `header`, and which is there for good once
    /// this returns.
    pub(crate) fn begin(self, directory: &Directory, number: u64, header: &[u8]) -> io::Result<File> {
        let Self { mut unfinished, file, .. } = self;
        file.write_all_at(header, 0)?;
        file.sync_all()?;
        fs::rename(&unfinished.path, directory.segment(number))?;
        unfinished.is_kept = true;
        directory.sync()?;
        Ok(file)
    }
}

impl Drop for Unfinished {
    fn drop(&mut self) {
        if !self.is_kept
            && let Err(error) = fs::remove_file(&self.path)
        {
            tracing::warn!(path = %self.path.display(), %error, "cannot remove a spare audit segment");
        }
    }
}

fn allocate(file: &File, bytes: u64) -> io::Result<()> {
    match fallocate(file, FallocateFlags::empty(), 0, bytes) {
        Ok(()) => Ok(()),
        Err(Errno::OPNOTSUPP | Errno::NOSYS) => zero_range(file, 0, bytes),
        Err(error) => Err(error.into()),
    }
}

/// Overwrites `start..end` with zeros.
pub(crate) fn zero_range(file: &File, start: u64, end: u64) -> io::Result<()> {
    let zeros = vec![0; ZERO_BYTES];
    let mut place = start;
    while place < end {
        let left = usize::try_from(end - place).unwrap_or(ZERO_BYTES);
        let piece = zeros.get(..left.min(ZERO_BYTES)).unwrap_or_default();
        file.write_all_at(piece, place)?;
        place += piece.len() as u64;
    }
    Ok(())
}

/// Who allocates the next segment: the caller, or a thread, so that the caller never waits.
#[derive(Debug)]
pub(crate) enum Preparer {
    /// The caller does, when it asks.
    Inline,
    /// A thread does.
    Background(Background),
}

/// A thread that allocates segments. It ends, and is waited for, when this is dropped.
#[derive(Debug)]
pub(crate) struct Background {
    channels: Option<(SyncSender<u64>, Receiver<io::Result<Spare>>)>,
    thread: Option<JoinHandle<()>>,
    /// An order is under way.
    is_busy: bool,
}

impl Preparer {
    /// Asks for a spare, or for what became of the last request; `None` while that is under way.
    pub(crate) fn poll(&mut self, directory: &Directory, bytes: u64) -> Option<io::Result<Spare>> {
        match self {
            Self::Inline => Some(Spare::allocate(directory, bytes)),
            Self::Background(background) => background.poll(bytes),
        }
    }
}

impl Background {
    pub(crate) fn start(directory: Arc<Directory>) -> io::Result<Self> {
        let (orders, incoming) = sync_channel::<u64>(1);
        let (outgoing, results) = sync_channel(1);
        let thread = thread::Builder::new().name("audit-spare".to_owned()).spawn(move || {
            for bytes in incoming {
                if outgoing.send(Spare::allocate(&directory, bytes)).is_err() {
                    return;
                }
            }
        })?;
        Ok(Self { channels: Some((orders, results)), thread: Some(thread), is_busy: false })
    }

    fn poll(&mut self, bytes: u64) -> Option<io::Result<Spare>> {
        let ended = || Some(Err(io::Error::other("the allocating thread ended")));
        let Some((orders, results)) = &self.channels else { return ended() };
        if !self.is_busy {
            self.is_busy = orders.try_send(bytes).is_ok();
        }
        match results.try_recv() {
            Ok(result) => {
                self.is_busy = false;
                Some(result)
            }
            Err(TryRecvError::Empty) => None,
            Err(TryRecvError::Disconnected) => ended(),
        }
    }
}

impl Drop for Background {
    fn drop(&mut self) {
        // Without its channels the thread ends, and a spare that it still makes is removed.
        self.channels = None;
        if let Some(thread) = self.thread.take()
            && thread.join().is_err()
        {
            tracing::error!("the thread that allocates audit segments panicked");
        }
    }
}
