//! The directory of one log: there, writable, and this process's alone.

use super::error::{Doing, OpenError};
use super::spare::SPARE_FILE;
use audit::{parse_segment_file_name, segment_file_name};
use rustix::fs::{Access, FlockOperation, OFlags, access, flock};
use rustix::io::Errno;
use std::fs::{self, DirBuilder, File, OpenOptions};
use std::io::{self, ErrorKind};
use std::os::unix::fs::{DirBuilderExt, MetadataExt, OpenOptionsExt};
use std::path::{Path, PathBuf};

/// Permissions of the directory: an auditing group may read, nobody else.
const DIRECTORY_MODE: u32 = 0o750;

/// The file whose lock a running gateway holds. Only its owner may open it: whoever may read the log
/// must not be able to keep the gateway from starting.
const LOCK_FILE: &str = "lock";

/// Permissions of that file.
const LOCK_MODE: u32 = 0o600;

/// A file that is made to see whether files can be made.
const PROBE_FILE: &str = "probe.tmp";

/// A link in the place of the lock's file is not followed.
const NO_FOLLOW: i32 = OFlags::NOFOLLOW.bits().cast_signed();

/// How a small file is named while it is written.
const UNFINISHED: &str = ".tmp";

/// An audit directory that this process holds the lock of.
#[derive(Debug)]
pub(crate) struct Directory {
    path: PathBuf,
    handle: File,
    /// Open for as long as the lock is to be held; the lock goes with the process, however it ends.
    _lock: File,
}

impl Directory {
    /// Opens `path`, creating it if it is missing, and locks it.
    pub(crate) fn open(path: &Path) -> Result<Self, OpenError> {
        create(path)?;
        let handle = File::open(path).map_err(|source| not_writable(path, source))?;
        let metadata = handle.metadata().opening(path, "look at the directory")?;
        if !metadata.is_dir() {
            return Err(OpenError::NotDirectory { path: path.to_owned() });
        }
        let mut options = OpenOptions::new();
        options.write(true).create(true).truncate(false).mode(LOCK_MODE).custom_flags(NO_FOLLOW);
        let lock = options.open(path.join(LOCK_FILE)).map_err(|source| not_writable(path, source))?;
        match flock(&lock, FlockOperation::NonBlockingLockExclusive) {
            // A lock of a file that was removed meanwhile keeps nobody out.
            Ok(()) if is_at(&lock, &path.join(LOCK_FILE)) => {}
            Ok(()) | Err(Errno::WOULDBLOCK) => return Err(OpenError::Locked { path: path.to_owned() }),
            Err(error) => return Err(error.into()).opening(path, "lock the directory"),
        }
        let directory = Self { path: path.to_owned(), handle, _lock: lock };
        directory.probe().map_err(|source| not_writable(path, source))?;
        directory.remove_unfinished(SPARE_FILE).opening(path, "remove an unfinished segment")?;
        Ok(directory)
    }

    pub(crate) fn path(&self) -> &Path {
        &self.path
    }

    pub(crate) fn join(&self, name: &str) -> PathBuf {
        self.path.join(name)
    }

    pub(crate) fn segment(&self, number: u64) -> PathBuf {
        self.join(&segment_file_name(number))
    }

    /// Numbers of the segments that are there, ascending.
    pub(crate) fn segments(&self) -> io::Result<Vec<u64>> {
        let mut numbers = Vec::new();
        for entry in fs::read_dir(&self.path)? {
            numbers.extend(entry?.file_name().to_str().and_then(parse_segment_file_name));
        }
        numbers.sort_unstable();
        Ok(numbers)
    }

    /// True if everybody may remove what is in the directory, which the sticky bit forbids.
    pub(crate) fn is_exposed(&self) -> bool {
        self.handle.metadata().is_ok_and(|metadata| metadata.mode() & 0o1002 == 0o002)
    }

    /// Makes names durable: what was created, renamed or removed.
    pub(crate) fn sync(&self) -> io::Result<()> {
        self.handle.sync_all()
    }

    /// Writes a small file so that it is there whole or not at all, even after a power cut.
    pub(crate) fn write_whole(&self, name: &str, mode: u32, content: &[u8]) -> io::Result<()> {
        let unfinished_name = format!("{name}{UNFINISHED}");
        self.remove_unfinished(&unfinished_name)?;
        let unfinished = self.join(&unfinished_name);
        let mut file = OpenOptions::new().write(true).create_new(true).mode(mode).open(&unfinished)?;
        io::Write::write_all(&mut file, content)?;
        file.sync_all()?;
        fs::rename(&unfinished, self.join(name))?;
        self.sync()
    }

    /// Permission bits do not tell whether a file can be made here: only trying does.
    fn probe(&self) -> io::Result<()> {
        let path = self.join(PROBE_FILE);
        File::create(&path)?;
        fs::remove_file(&path)
    }

    /// Removes a file that a crash left behind before it became part of the log.
    fn remove_unfinished(&self, name: &str) -> io::Result<()> {
        match fs::remove_file(self.join(name)) {
            Err(error) if error.kind() != ErrorKind::NotFound => Err(error),
            _ => Ok(()),
        }
    }
}

/// True if `path` still names this file.
pub(crate) fn is_at(file: &File, path: &Path) -> bool {
    let identity = |metadata: fs::Metadata| (metadata.dev(), metadata.ino());
    file.metadata().map(identity).ok() == fs::symlink_metadata(path).map(identity).ok()
}

/// True while a gateway holds the lock. Only who may open its file can know: for others one might.
///
/// The lock is asked for, so a gateway that starts at that moment would find it taken.
pub(crate) fn is_being_written(path: &Path) -> bool {
    match File::open(path.join(LOCK_FILE)) {
        Ok(lock) => matches!(flock(&lock, FlockOperation::NonBlockingLockShared), Err(Errno::WOULDBLOCK)),
        Err(error) => error.kind() == ErrorKind::PermissionDenied,
    }
}

/// Removes the lock's file from where no log was begun.
pub(crate) fn remove_lock(path: &Path) {
    // What is not there need not be removed.
    let _not_there = fs::remove_file(path.join(LOCK_FILE));
}

/// What is missing of a path, the lowest first.
pub(crate) fn missing(path: &Path) -> Vec<PathBuf> {
    let is_missing = |above: &&Path| !above.as_os_str().is_empty() && !above.exists();
    path.ancestors().take_while(is_missing).map(Path::to_owned).collect()
}

/// Whether a log has begun there.
pub(crate) fn has_segments(path: &Path) -> bool {
    let names = fs::read_dir(path).into_iter().flatten().flatten();
    names.filter_map(|entry| entry.file_name().to_str().and_then(parse_segment_file_name)).next().is_some()
}

/// Finds whether a directory that is not there could be made.
pub(crate) fn check_can_be_made(path: &Path) -> Result<(), OpenError> {
    let above = path.ancestors().skip(1).map(|above| if above.as_os_str().is_empty() { Path::new(".") } else { above });
    let Some(present) = above.into_iter().find(|above| above.exists()) else { return Ok(()) };
    if !present.is_dir() {
        return Err(OpenError::NotDirectory { path: path.to_owned() });
    }
    access(present, Access::WRITE_OK | Access::EXEC_OK).map_err(|error| not_writable(path, error.into()))
}

/// Creates the directory and what is missing above it, so that a power cut does not take it back.
fn create(path: &Path) -> Result<(), OpenError> {
    let missing = missing(path);
    match DirBuilder::new().recursive(true).mode(DIRECTORY_MODE).create(path) {
        Ok(()) => {}
        Err(error) if matches!(error.kind(), ErrorKind::AlreadyExists | ErrorKind::NotADirectory) => {
            return Err(OpenError::NotDirectory { path: path.to_owned() });
        }
        Err(source) => return Err(not_writable(path, source)),
    }
    for parent in missing.iter().filter_map(|made| made.parent()) {
        let parent = if parent.as_os_str().is_empty() { Path::new(".") } else { parent };
        File::open(parent).and_then(|parent| parent.sync_all()).opening(parent, "sync the directory above")?;
    }
    Ok(())
}

pub(crate) fn not_writable(path: &Path, source: io::Error) -> OpenError {
    OpenError::NotWritable { path: path.to_owned(), source }
}
