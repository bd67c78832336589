//! Opening a log: what is there is checked, mended where a crash left it torn, and gone on with.

use super::directory::{self, Directory};
use super::error::{Doing, OpenError};
use super::spare::{Preparer, Spare, zero_range};
use super::{AuditLog, Current, Written, key};
use crate::clock;
use audit::{
    Flaw, FlawKind, Header, LogConfig, Opened, PublicKey, Recovered, Resumed, SEGMENT_BYTES_MAX, Sealed, SegmentWriter,
    Torn, recover,
};
use core::ops::Range;
use ed25519_dalek::SigningKey;
use rustix::io::Errno;
use std::fs::{self, File, OpenOptions};
use std::io::Read;
use std::os::unix::fs::FileExt;
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// A checkpoint stands after so many records even within a group: what a crash of the process may
/// leave unsigned.
const CHECKPOINT_RECORDS: u32 = 4096;

/// Where a log is and how it is cut into files.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AuditLogConfig {
    /// The log's directory; it is created if it is missing.
    pub dir: PathBuf,
    /// The gateway's id: a directory holds one gateway's log.
    pub gateway: String,
    /// Bytes of each segment's file.
    pub segment_bytes: u64,
}

/// What was found when a log was opened.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Recovery {
    /// Records of earlier runs.
    pub records: u64,
    /// Segments of earlier runs.
    pub segments: u64,
    /// Bytes of a torn end that were cut off.
    pub cut_bytes: u64,
    /// Whole records that a crash had left unsigned and that were kept.
    pub adopted_records: u64,
    /// The last segment was full and the next one not there: a crash between the two, or somebody
    /// took it away.
    pub lacks_successor: bool,
    /// There was a key and no segment: the first start was cut short, or somebody took the log away.
    pub lacks_segments: bool,
    /// Everybody may remove what is in the directory.
    pub is_exposed: bool,
}

impl Recovery {
    /// Tells the operator of what a crash, or somebody, left behind.
    pub fn warn(&self) {
        if self.cut_bytes > 0 {
            tracing::warn!(bytes = self.cut_bytes, "a torn end of the audit log was cut off");
        }
        if self.adopted_records > 0 {
            let what =
                "the audit log ended in records that nobody had signed: a crash left them, or somebody put them there";
            tracing::warn!(records = self.adopted_records, "{what}");
        }
        if self.lacks_successor {
            let what = "the audit log ended with a full segment: a crash came before the next one, or it was removed";
            tracing::warn!("{what}");
        }
        if self.is_exposed {
            tracing::warn!("everybody may remove the audit log: take the directory's permission to write from others");
        }
        if self.lacks_segments {
            let what = "the audit key was there and no segment: the first start was cut short, or the log was removed";
            tracing::warn!("{what}");
        }
    }
}

/// Everything that opening needs to know.
struct Opening {
    directory: Directory,
    config: LogConfig,
    key: SigningKey,
    written: Written,
    recovery: Recovery,
}

pub(super) fn check(config: &AuditLogConfig) -> Result<(), OpenError> {
    let log_config = LogConfig::new(&config.gateway, config.segment_bytes, CHECKPOINT_RECORDS)?;
    let is_there = config.dir.try_exists().map_err(|source| directory::not_writable(&config.dir, source))?;
    if !is_there {
        return directory::check_can_be_made(&config.dir);
    }
    let directory = Directory::open(&config.dir)?;
    let segments = directory.segments().opening(directory.path(), "list the segments")?;
    let Some(key) = key::load(&directory, !segments.is_empty())? else {
        directory::remove_lock(directory.path());
        return Ok(());
    };
    let opening =
        Opening { directory, config: log_config, key, written: Written::default(), recovery: Recovery::default() };
    match segments.last() {
        Some(last) => opening.recover(*last).map(drop),
        None => Ok(()),
    }
}

pub(super) fn open(config: &AuditLogConfig) -> Result<(AuditLog, Recovery), OpenError> {
    let missing = directory::missing(&config.dir);
    let had_key = key::is_there(&config.dir);
    let opened = try_open(config);
    if opened.as_ref().is_err_and(|error| !matches!(error, OpenError::Locked { .. })) {
        // What was begun is no log: the next start must not find half of one. What another process
        // has begun is that one's.
        if !had_key && !directory::has_segments(&config.dir) {
            key::remove(&config.dir);
            directory::remove_lock(&config.dir);
        }
        for made in missing {
            let _in_use = fs::remove_dir(made);
        }
    }
    opened
}

fn try_open(config: &AuditLogConfig) -> Result<(AuditLog, Recovery), OpenError> {
    let log_config = LogConfig::new(&config.gateway, config.segment_bytes, CHECKPOINT_RECORDS)?;
    let directory = Directory::open(&config.dir)?;
    let segments = directory.segments().opening(directory.path(), "list the segments")?;
    let lacks_segments = segments.is_empty() && key::is_there(directory.path());
    let key = key::load_or_create(&directory, !segments.is_empty())?;
    let is_exposed = directory.is_exposed();
    let recovery = Recovery { segments: segments.len() as u64, lacks_segments, is_exposed, ..Recovery::default() };
    let mut opening = Opening { directory, config: log_config, key, written: Written::default(), recovery };
    let current = opening.find_current(&segments)?;
    Ok(opening.finish(current))
}

impl Opening {
    fn finish(self, current: Current) -> (AuditLog, Recovery) {
        let log = AuditLog {
            segment_bytes: self.config.segment_bytes(),
            public: PublicKey::of(&self.key),
            directory: Arc::new(self.directory),
            current: Some(current),
            spare: None,
            preparer: Preparer::Inline,
            shortage: None,
            pending: Vec::new(),
            written: self.written,
        };
        (log, self.recovery)
    }

    /// The segment to go on with.
    fn find_current(&mut self, segments: &[u64]) -> Result<Current, OpenError> {
        let Some(number) = segments.last().copied() else { return self.create() };
        let path = self.directory.segment(number);
        let (recovered, file) = self.recover(number)?;
        match recovered {
            Recovered::Open(resumed) => self.resume(resumed, file, &path),
            Recovered::Sealed { sealed, torn } => {
                let spare = self.allocate()?;
                let cut = torn.map(|torn| torn.offset..torn.offset + torn.bytes);
                self.clean(&file, &path, cut)?;
                self.recovery.cut_bytes += torn.map_or(0, |torn| torn.bytes);
                self.recovery.lacks_successor = true;
                self.follow(sealed, spare)
            }
        }
    }

    /// Goes on in a segment of an earlier run, or seals it if it has no room for a run.
    ///
    /// The segment that follows a seal has its room before the seal is written: a start that is refused leaves the log
    /// as it was.
    fn resume(&mut self, resumed: Resumed, file: File, path: &Path) -> Result<Current, OpenError> {
        let (torn, position) = (resumed.torn(), resumed.position());
        self.recovery.cut_bytes += torn.map_or(0, |torn| torn.bytes);
        self.recovery.adopted_records += resumed.unsigned_records();
        let mut mark = Vec::new();
        match resumed.open(clock::unix_ns(), &mut mark) {
            Opened::Here(mut writer) => {
                let position = self.write_mark(&file, path, position, &mark, torn)?;
                writer.set_synced(position);
                self.recovery.records = writer.next_seq() - 1;
                Ok(Current { writer, file, path: path.to_owned(), position })
            }
            Opened::Next(sealed) => {
                let spare = self.allocate()?;
                self.write_mark(&file, path, position, &mark, torn)?;
                self.follow(sealed, spare)
            }
        }
    }

    /// Writes recovery's mark at `position` and cuts the torn end off behind it; returns where that is.
    fn write_mark(
        &mut self,
        file: &File,
        path: &Path,
        position: u64,
        mark: &[u8],
        torn: Option<Torn>,
    ) -> Result<u64, OpenError> {
        file.write_all_at(mark, position).opening(path, "write")?;
        let end = position + mark.len() as u64;
        self.written.bytes += mark.len() as u64;
        self.clean(file, path, torn.map(|torn| torn.behind(end)))?;
        Ok(end)
    }

    /// Overwrites what is left of a torn end with zeros, and syncs the segment.
    fn clean(&mut self, file: &File, path: &Path, torn: Option<Range<u64>>) -> Result<(), OpenError> {
        if let Some(torn) = torn {
            zero_range(file, torn.start, torn.end).opening(path, "cut the torn end off")?;
        }
        file.sync_all().opening(path, "sync")?;
        self.written.syncs += 1;
        Ok(())
    }

    /// Begins the segment behind a sealed one, in `spare`.
    fn follow(&mut self, sealed: Sealed, spare: Spare) -> Result<Current, OpenError> {
        let mut head = Vec::new();
        let writer = sealed.start_next(clock::unix_ns(), &mut head);
        self.recovery.records = writer.next_seq() - 1;
        self.begin(writer, &head, spare)
    }

    /// Begins the log.
    fn create(&mut self) -> Result<Current, OpenError> {
        let mut head = Vec::new();
        let spare = self.allocate()?;
        let writer = SegmentWriter::create(self.config, self.key.clone(), clock::unix_ns(), &mut head);
        self.begin(writer, &head, spare)
    }

    fn begin(&mut self, writer: SegmentWriter, head: &[u8], spare: Spare) -> Result<Current, OpenError> {
        let path = self.directory.segment(writer.segment());
        Current::begin(writer, head, spare, &self.directory, &mut self.written).opening(&path, "begin the segment")
    }

    fn allocate(&self) -> Result<Spare, OpenError> {
        let bytes = self.config.segment_bytes();
        Spare::allocate(&self.directory, bytes).map_err(|source| {
            let path = self.directory.path().to_owned();
            let is_full = [Errno::NOSPC, Errno::DQUOT].contains(&Errno::from_io_error(&source).unwrap_or(Errno::IO));
            match is_full {
                true => OpenError::NoSpace { path, bytes, source },
                false => OpenError::System { path, doing: "allocate a segment", source },
            }
        })
    }

    fn recover(&self, number: u64) -> Result<(Recovered, File), OpenError> {
        let path = self.directory.segment(number);
        let file = OpenOptions::new().read(true).write(true).open(&path).opening(&path, "open the segment")?;
        let mut bytes = Vec::new();
        let mut reader = Read::take(&file, SEGMENT_BYTES_MAX + 1);
        reader.read_to_end(&mut bytes).opening(&path, "read the segment")?;
        let recovered = recover(number, &bytes, self.config, self.key.clone());
        Ok((recovered.map_err(|flaw| self.explain(flaw, &bytes, path))?, file))
    }

    fn explain(&self, flaw: Flaw, segment: &[u8], of: PathBuf) -> OpenError {
        let path = self.directory.path().to_owned();
        match (flaw.kind, Header::parse(segment)) {
            (FlawKind::Gateway, Ok(header)) => OpenError::Gateway {
                path,
                found: header.gateway.as_str().to_owned(),
                configured: self.config.gateway().as_str().to_owned(),
            },
            (FlawKind::KeyUnexpected, _) => OpenError::KeyMismatch { path: key::path(&self.directory), of },
            _ => OpenError::Damaged { path, flaw },
        }
    }
}
