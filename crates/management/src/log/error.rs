use audit::{Flaw, LogConfigError};
use std::io;
use std::path::PathBuf;

/// Why an audit directory cannot be used: each says what the operator can do about it.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    /// The log cannot be written as configured.
    #[error("audit log: {0}; correct [gateway] id or [audit] segment_bytes")]
    Config(#[from] LogConfigError),
    /// There is something else where the directory should be.
    #[error("audit directory {}: not a directory; choose another one with [audit] dir", .path.display())]
    NotDirectory {
        /// The configured directory.
        path: PathBuf,
    },
    /// The directory can be neither used nor created.
    #[error("audit directory {}: not writable: {source}; give the gateway's user write access or choose another one with [audit] dir", .path.display())]
    NotWritable {
        /// The configured directory.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// Another process writes this log.
    #[error("audit directory {}: in use by another running gateway; stop that one or choose another directory with [audit] dir", .path.display())]
    Locked {
        /// The configured directory.
        path: PathBuf,
    },
    /// The log is another gateway's.
    #[error("audit directory {}: belongs to gateway `{found}`, not `{configured}`; choose another directory with [audit] dir or correct [gateway] id", .path.display())]
    Gateway {
        /// The configured directory.
        path: PathBuf,
        /// The id in the log.
        found: String,
        /// The id in the configuration.
        configured: String,
    },
    /// The log is there and its signing key is not.
    #[error("audit key {}: missing, though there is a log; put the key back or begin a new log in another directory with [audit] dir", .path.display())]
    KeyMissing {
        /// Where the key should be.
        path: PathBuf,
    },
    /// Others can read or replace the signing key.
    #[error("audit key {}: accessible to others (mode {mode:04o}, user {uid}); run: chown {user} {0} && chmod 0600 {0}", .path.display(), user = rustix::process::geteuid().as_raw())]
    KeyExposed {
        /// The key's file.
        path: PathBuf,
        /// Its permission bits.
        mode: u32,
        /// Its owner.
        uid: u32,
    },
    /// The file is no signing key.
    #[error("audit key {}: not an Ed25519 private key in PKCS#8 PEM form; put the right key back or begin a new log in another directory with [audit] dir", .path.display())]
    KeyMalformed {
        /// The key's file.
        path: PathBuf,
    },
    /// The key is not the one that signed the log, or not the one that was written down.
    #[error("audit key {}: not the key of {}; put the right key back or begin a new log in another directory with [audit] dir", .path.display(), .of.display())]
    KeyMismatch {
        /// The key's file.
        path: PathBuf,
        /// The file that names another key.
        of: PathBuf,
    },
    /// The log was changed or damaged: no crash leaves it so.
    #[error("audit log {}: {flaw}; keep it, look at it with `sovereign audit verify`, and begin a new log in another directory with [audit] dir", .path.display())]
    Damaged {
        /// The directory.
        path: PathBuf,
        /// What is wrong, and where.
        flaw: Flaw,
    },
    /// There is no room for a segment.
    #[error("audit directory {}: no room for a segment of {bytes} bytes: {source}; free space or lower [audit] segment_bytes", .path.display())]
    NoSpace {
        /// The directory.
        path: PathBuf,
        /// Bytes that were asked for.
        bytes: u64,
        /// What the system said.
        source: io::Error,
    },
    /// The system refused something else.
    #[error("{}: cannot {doing}: {source}; see that the disk works", .path.display())]
    System {
        /// The file.
        path: PathBuf,
        /// What was being done.
        doing: &'static str,
        /// What the system said.
        source: io::Error,
    },
}

/// Why a log cannot be written any more. It stays so until the gateway is started again.
#[derive(Debug, thiserror::Error)]
pub enum LogError {
    /// The system refused.
    #[error("audit log {}: cannot {doing}: {source}; see that the disk works and restart the gateway", .path.display())]
    System {
        /// The segment's file.
        path: PathBuf,
        /// What was being done.
        doing: &'static str,
        /// What the system said.
        source: io::Error,
    },
    /// The segment was removed, moved or replaced while it was written: nobody will find what is in it.
    #[error("audit log {}: removed or replaced while it was written; put it back or begin a new log, and restart the gateway", .path.display())]
    Gone {
        /// The segment's file.
        path: PathBuf,
    },
    /// More records came than there was allocated room for, which credits exclude.
    #[error("audit log: a record came without room for it; nothing was written")]
    NoRoom,
    /// It had failed before.
    #[error("audit log: not written since an earlier failure; restart the gateway")]
    Failed,
    /// Records were still waiting when the log had to be closed.
    #[error("audit log: {0} records could not be written; the log misses them")]
    Lost(u64),
}

/// Names the file and the step that a system error belongs to.
pub(crate) trait Doing<T> {
    fn opening(self, path: &std::path::Path, doing: &'static str) -> Result<T, OpenError>;
    fn writing(self, path: &std::path::Path, doing: &'static str) -> Result<T, LogError>;
}

impl<T> Doing<T> for io::Result<T> {
    fn opening(self, path: &std::path::Path, doing: &'static str) -> Result<T, OpenError> {
        self.map_err(|source| OpenError::System { path: path.to_owned(), doing, source })
    }

    fn writing(self, path: &std::path::Path, doing: &'static str) -> Result<T, LogError> {
        self.map_err(|source| LogError::System { path: path.to_owned(), doing, source })
    }
}
