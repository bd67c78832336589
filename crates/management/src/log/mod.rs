//! The audit log on disk: a directory of segments, one gateway's, one process's.
//!
//! In go records, out come segment files that `audit verify` proves. Each segment is allocated
//! whole under another name, gets its header, is synced, and only then becomes part of the log.
//! The next one is allocated while this one is written, so that rotation waits for no allocation
//! and [`AuditLog::records_left`] counts disk space that is there.
//!
//! After a crash the torn end is cut and the chain goes on; nothing else is ever written twice.
//! A full disk is waited out. A write or sync that fails is not tried again, because nobody can
//! know then what the disk holds (a page that failed to be written is dropped by the kernel and
//! looks clean): the log is over until the gateway is started again. On a file system that copies
//! on write, allocation is no promise: a disk that fills up there shows as such a failure.

mod directory;
mod error;
mod key;
mod open;
mod spare;

pub use error::{LogError, OpenError};
pub use open::{AuditLogConfig, Recovery};

use crate::clock;
use audit::{ChainHash, PublicKey, Record, SegmentFull, SegmentWriter, WallClock, records_per_segment};
use directory::Directory;
use error::Doing;
use spare::{Background, Preparer, Spare};
use std::fs::File;
use std::io;
use std::os::unix::fs::FileExt;
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// How long a full disk is left alone before the next segment is asked for again.
const RETRY_NS: u64 = 1_000_000_000;

/// Bytes that are gathered before they are written even though the group has not ended.
const PENDING_BYTES_MAX: usize = 1 << 20;

/// A log that is being written.
#[derive(Debug)]
pub struct AuditLog {
    directory: Arc<Directory>,
    /// Bytes of each new segment.
    segment_bytes: u64,
    public: PublicKey,
    /// None once something has failed.
    current: Option<Current>,
    spare: Option<Spare>,
    preparer: Preparer,
    shortage: Option<Shortage>,
    /// Appended and not yet written.
    pending: Vec<u8>,
    written: Written,
}

/// The segment that is being written.
#[derive(Debug)]
struct Current {
    writer: SegmentWriter,
    file: File,
    path: PathBuf,
    /// Where the pending bytes belong.
    position: u64,
}

/// Why there is no next segment.
#[derive(Debug)]
struct Shortage {
    error: io::Error,
    retry_at_ns: u64,
}

/// What was written since the log was opened, and where it stands.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Written {
    /// Records appended.
    pub records: u64,
    /// Bytes handed to the kernel: records, marks, headers.
    pub bytes: u64,
    /// Segments begun.
    pub segments: u64,
    /// Times that the disk was waited for, rotations included.
    pub syncs: u64,
    /// Times that the next segment could not be allocated.
    pub shortages: u64,
}

/// A log that was ended as it should.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Closed {
    /// The chain's value at the end, which a proof of the log comes to: an anchor to write down.
    pub head: ChainHash,
    /// Records of the whole log.
    pub records: u64,
    /// The segment it ends in.
    pub segment: u64,
    /// What this run wrote.
    pub written: Written,
}

impl AuditLog {
    /// Opens the log in a directory, or begins one, and says what was found.
    ///
    /// # Errors
    ///
    /// Why the directory cannot be used, and what to do about it.
    pub fn open(config: &AuditLogConfig) -> Result<(Self, Recovery), OpenError> {
        open::open(config)
    }

    /// Finds whether a log could be opened, without beginning one or writing to it.
    ///
    /// # Errors
    ///
    /// Why the directory cannot be used, and what to do about it.
    pub fn check(config: &AuditLogConfig) -> Result<(), OpenError> {
        open::check(config)
    }

    /// True while a gateway writes the log in `dir`, or if only the log's owner may know.
    #[must_use]
    pub fn is_being_written(dir: &Path) -> bool {
        directory::is_being_written(dir)
    }

    /// The file in a log's directory that holds its public key.
    pub const PUBLIC_KEY_FILE: &str = key::PUBLIC_FILE;

    /// The public key that its gateway wrote beside the log in `dir`, if it is there.
    ///
    /// # Errors
    ///
    /// The file cannot be read, or holds no key: [`io::ErrorKind::InvalidData`].
    pub fn written_key(dir: &Path) -> io::Result<Option<PublicKey>> {
        key::written_down(dir)
    }

    /// Leaves the allocation of segments to a thread from now on.
    ///
    /// # Errors
    ///
    /// The thread cannot be started.
    pub fn prepare_in_background(&mut self) -> io::Result<()> {
        self.preparer = Preparer::Background(Background::start(Arc::clone(&self.directory))?);
        Ok(())
    }

    /// Appends a record, in memory: [`AuditLog::write`] hands it to the kernel. Returns its number.
    ///
    /// # Errors
    ///
    /// The log is over: it had failed before, a full segment could not be ended, or there was no
    /// room, which cannot happen to who keeps to [`AuditLog::records_left`].
    pub fn append(&mut self, record: &Record, clock: &WallClock) -> Result<u64, LogError> {
        let number = match self.try_append(record, clock)? {
            Ok(number) => number,
            Err(SegmentFull) => {
                self.rotate()?;
                self.try_append(record, clock)?.map_err(|SegmentFull| LogError::NoRoom)?
            }
        };
        self.written.records += 1;
        if self.pending.len() >= PENDING_BYTES_MAX {
            self.write()?;
        }
        Ok(number)
    }

    fn try_append(&mut self, record: &Record, clock: &WallClock) -> Result<Result<u64, SegmentFull>, LogError> {
        let current = self.current.as_mut().ok_or(LogError::Failed)?;
        Ok(current.writer.append(record, clock, &mut self.pending))
    }

    /// Hands everything appended to the kernel: from here on a crash of this process loses nothing.
    ///
    /// # Errors
    ///
    /// The log is over.
    pub fn write(&mut self) -> Result<(), LogError> {
        let mut current = self.current.take().ok_or(LogError::Failed)?;
        current.write(&mut self.pending, &mut self.written)?;
        self.current = Some(current);
        Ok(())
    }

    /// Signs everything appended and waits until it is on the disk.
    ///
    /// # Errors
    ///
    /// The log is over.
    pub fn commit(&mut self) -> Result<(), LogError> {
        let mut current = self.current.take().ok_or(LogError::Failed)?;
        current.writer.checkpoint(clock::unix_ns(), &mut self.pending);
        current.write(&mut self.pending, &mut self.written)?;
        current.sync(&mut self.written)?;
        self.current = Some(current);
        Ok(())
    }

    /// Finds whether what is written can still be found.
    ///
    /// # Errors
    ///
    /// The segment was removed or replaced; the log is over.
    pub fn look(&mut self) -> Result<(), LogError> {
        let current = self.current.take().ok_or(LogError::Failed)?;
        if !directory::is_at(&current.file, &current.path) {
            return Err(LogError::Gone { path: current.path });
        }
        self.current = Some(current);
        Ok(())
    }

    /// Ends the log's run: signs it, waits until it is on the disk, and gives the lock back.
    ///
    /// # Errors
    ///
    /// It could not be ended so, or had failed before.
    pub fn close(mut self) -> Result<Closed, LogError> {
        let mut current = self.current.take().ok_or(LogError::Failed)?;
        current.write(&mut self.pending, &mut self.written)?;
        let Current { writer, file, path, position } = current;
        let (segment, records) = (writer.segment(), writer.next_seq() - 1);
        let head = writer.close(clock::unix_ns(), &mut self.pending);
        self.end(&file, &path, position)?;
        Ok(Closed { head, records, segment, written: self.written })
    }

    /// Writes the last bytes of a segment and waits until they are on the disk.
    fn end(&mut self, file: &File, path: &Path, position: u64) -> Result<(), LogError> {
        file.write_all_at(&self.pending, position).writing(path, "write")?;
        self.written.bytes += self.pending.len() as u64;
        self.pending.clear();
        file.sync_data().writing(path, "sync")?;
        self.written.syncs += 1;
        Ok(())
    }

    /// Sees to the next segment; to be called again and again.
    pub fn maintain(&mut self) {
        if self.spare.is_some() || self.current.is_none() {
            return;
        }
        let now = clock::monotonic_ns();
        if self.shortage.as_ref().is_some_and(|shortage| now < shortage.retry_at_ns) {
            return;
        }
        match self.preparer.poll(&self.directory, self.segment_bytes) {
            Some(Ok(spare)) => self.take_spare(spare),
            Some(Err(error)) => self.note_shortage(error, now),
            None => {}
        }
    }

    fn take_spare(&mut self, spare: Spare) {
        if self.shortage.take().is_some() {
            tracing::info!(dir = %self.directory.path().display(), "there is room for the audit log again");
        }
        self.spare = Some(spare);
    }

    fn note_shortage(&mut self, error: io::Error, now: u64) {
        if self.shortage.is_none() {
            let (dir, bytes) = (self.directory.path().display(), self.segment_bytes);
            tracing::error!(%dir, bytes, %error, "no room for the next audit segment; free space");
        }
        self.written.shortages += 1;
        self.shortage = Some(Shortage { error, retry_at_ns: now.saturating_add(RETRY_NS) });
    }

    /// Seals the segment and begins the next one.
    fn rotate(&mut self) -> Result<(), LogError> {
        let mut current = self.current.take().ok_or(LogError::Failed)?;
        let spare = self.spare.take().ok_or(LogError::NoRoom)?;
        current.write(&mut self.pending, &mut self.written)?;
        let Current { writer, file, path, position } = current;
        let sealed = writer.seal(clock::unix_ns(), &mut self.pending);
        // The seal is safe before the next segment is there: else that would follow nothing.
        self.end(&file, &path, position)?;
        let mut head = Vec::new();
        let writer = sealed.start_next(clock::unix_ns(), &mut head);
        let next = Current::begin(writer, &head, spare, &self.directory, &mut self.written);
        self.current = Some(next.writing(&path, "begin the segment after this one")?);
        Ok(())
    }

    /// Records of any content for which there is allocated room.
    #[must_use]
    pub fn records_left(&self) -> u64 {
        let Some(current) = &self.current else { return 0 };
        let next = self.spare.as_ref().map_or(0, |spare| records_per_segment(spare.bytes()));
        current.writer.records_left().saturating_add(next)
    }

    /// Records of any content that a new segment has room for.
    #[must_use]
    pub const fn records_per_segment(&self) -> u64 {
        records_per_segment(self.segment_bytes)
    }

    /// Why the next segment could not be allocated, while it could not.
    #[must_use]
    pub fn shortage(&self) -> Option<&io::Error> {
        self.shortage.as_ref().map(|shortage| &shortage.error)
    }

    /// True once something has failed: nothing is written any more.
    #[must_use]
    pub const fn has_failed(&self) -> bool {
        self.current.is_none()
    }

    /// What was written since the log was opened.
    #[must_use]
    pub const fn written(&self) -> &Written {
        &self.written
    }

    /// Number of the segment that is being written, or 0 once the log has failed.
    #[must_use]
    pub fn segment(&self) -> u64 {
        self.current.as_ref().map_or(0, |current| current.writer.segment())
    }

    /// The key that the log is signed with: for the operator to write down elsewhere.
    #[must_use]
    pub const fn public_key(&self) -> &PublicKey {
        &self.public
    }

    /// The log's directory.
    #[must_use]
    pub fn path(&self) -> &Path {
        self.directory.path()
    }
}

impl Current {
    /// Begins a segment whose first bytes are `head`.
    fn begin(
        mut writer: SegmentWriter,
        head: &[u8],
        spare: Spare,
        directory: &Directory,
        written: &mut Written,
    ) -> io::Result<Self> {
        let path = directory.segment(writer.segment());
        let file = spare.begin(directory, writer.segment(), head)?;
        let position = writer.position();
        writer.set_synced(position);
        written.bytes += head.len() as u64;
        written.segments += 1;
        written.syncs += 1;
        Ok(Self { writer, file, path, position })
    }

    fn write(&mut self, pending: &mut Vec<u8>, written: &mut Written) -> Result<(), LogError> {
        if !pending.is_empty() {
            self.file.write_all_at(pending, self.position).writing(&self.path, "write")?;
            self.position += pending.len() as u64;
            written.bytes += pending.len() as u64;
            pending.clear();
        }
        Ok(())
    }

    fn sync(&mut self, written: &mut Written) -> Result<(), LogError> {
        self.file.sync_data().writing(&self.path, "sync")?;
        self.writer.set_synced(self.position);
        written.syncs += 1;
        Ok(())
    }
}

#[cfg(test)]
impl AuditLog {
    /// Makes the next write fail.
    pub(crate) fn break_file(&mut self, dir: &Path) {
        if let Some(current) = &mut self.current {
            current.file = File::open(dir.join(audit::segment_file_name(current.writer.segment()))).unwrap();
        }
    }
}

#[cfg(test)]
mod tests;
