//! Segments that are allocated ahead, so that credits stand on disk space that is really there.

use super::directory::{Directory, UNFINISHED};
use rustix::fs::{FallocateFlags, fallocate};
use rustix::io::Errno;
use std::fs::{self, File, OpenOptions};
use std::io;
use std::os::unix::fs::{FileExt, OpenOptionsExt};
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::mpsc::{Receiver, SyncSender, TryRecvError, sync_channel};
use std::thread;

/// Permissions of a segment: an auditing group may read, nobody else.
const SEGMENT_MODE: u32 = 0o640;

/// Zeros are written in pieces of this many bytes where a file system cannot allocate.
const ZERO_BYTES: usize = 1 << 20;

/// A segment's file with all its blocks, under a name that is not part of the log yet.
#[derive(Debug)]
pub(crate) struct Spare {
    /// Gone once the file has become a segment.
    unfinished: Option<PathBuf>,
    file: File,
    bytes: u64,
}

impl Spare {
    /// Allocates `bytes` bytes; a file that cannot be had whole is removed, to give its part back.
    pub(crate) fn allocate(directory: &Directory, bytes: u64) -> io::Result<Self> {
        let path = directory.join(&format!("spare{UNFINISHED}"));
        let file =
            OpenOptions::new().write(true).read(true).create(true).truncate(true).mode(SEGMENT_MODE).open(&path)?;
        let spare = Self { unfinished: Some(path), file, bytes };
        allocate(&spare.file, bytes)?;
        spare.file.sync_all()?;
        Ok(spare)
    }

    pub(crate) const fn bytes(&self) -> u64 {
        self.bytes
    }

    /// Makes it segment `number`, which begins with `header`, and which is there for good once
    /// this returns.
    pub(crate) fn begin(mut self, directory: &Directory, number: u64, header: &[u8]) -> io::Result<File> {
        self.file.write_all_at(header, 0)?;
        self.file.sync_all()?;
        if let Some(unfinished) = &self.unfinished {
            fs::rename(unfinished, directory.segment(number))?;
            self.unfinished = None;
        }
        directory.sync()?;
        self.file.try_clone()
    }
}

impl Drop for Spare {
    fn drop(&mut self) {
        if let Some(unfinished) = &self.unfinished
            && let Err(error) = fs::remove_file(unfinished)
        {
            tracing::warn!(path = %unfinished.display(), %error, "cannot remove a spare audit segment");
        }
    }
}

fn allocate(file: &File, bytes: u64) -> io::Result<()> {
    match fallocate(file, FallocateFlags::empty(), 0, bytes) {
        Ok(()) => Ok(()),
        Err(Errno::OPNOTSUPP | Errno::NOSYS) => write_zeros(file, bytes),
        Err(error) => Err(error.into()),
    }
}

fn write_zeros(file: &File, bytes: u64) -> io::Result<()> {
    zero_range(file, 0, bytes)
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
    Background {
        /// Dropped to end the thread.
        orders: SyncSender<u64>,
        /// What became of the orders.
        results: Receiver<io::Result<Spare>>,
        /// An order is under way.
        is_busy: bool,
    },
}

impl Preparer {
    /// Starts the thread; it ends when this is dropped.
    pub(crate) fn background(directory: Arc<Directory>) -> io::Result<Self> {
        let (orders, incoming) = sync_channel::<u64>(1);
        let (outgoing, results) = sync_channel(1);
        thread::Builder::new().name("audit-spare".to_owned()).spawn(move || {
            for bytes in incoming {
                if outgoing.send(Spare::allocate(&directory, bytes)).is_err() {
                    return;
                }
            }
        })?;
        Ok(Self::Background { orders, results, is_busy: false })
    }

    /// Asks for a spare, or for what became of the last request; `None` while that is under way.
    pub(crate) fn poll(&mut self, directory: &Directory, bytes: u64) -> Option<io::Result<Spare>> {
        let Self::Background { orders, results, is_busy } = self else {
            return Some(Spare::allocate(directory, bytes));
        };
        if !*is_busy {
            *is_busy = orders.try_send(bytes).is_ok();
        }
        match results.try_recv() {
            Ok(result) => {
                *is_busy = false;
                Some(result)
            }
            Err(TryRecvError::Empty) => None,
            Err(TryRecvError::Disconnected) => Some(Err(io::Error::other("the allocating thread ended"))),
        }
    }
}
