use std::io;
use std::path::PathBuf;

/// Why the admin socket cannot be opened.
#[derive(Debug, thiserror::Error)]
pub enum AdminError {
    /// The path is longer than a socket's can be.
    #[error("admin socket {}: longer than a socket's path can be; choose a shorter [admin] socket", .path.display())]
    TooLong {
        /// The configured path.
        path: PathBuf,
    },
    /// Somebody answers there.
    #[error("admin socket {}: another process answers there; stop it or choose another [admin] socket", .path.display())]
    InUse {
        /// The configured path.
        path: PathBuf,
    },
    /// There is something else, which is left alone.
    #[error("admin socket {}: there is a file that is no socket; remove it or choose another [admin] socket", .path.display())]
    NotSocket {
        /// The configured path.
        path: PathBuf,
    },
    /// The system refused.
    #[error("admin socket {}: cannot {doing}: {source}; correct [admin] socket", .path.display())]
    System {
        /// The configured path.
        path: PathBuf,
        /// What was being done.
        doing: &'static str,
        /// What the system said.
        source: io::Error,
    },
}

/// Why a command got no good answer.
#[derive(Debug, thiserror::Error)]
pub enum ClientError {
    /// Nobody answers.
    #[error("admin socket {}: {source}; {}", .path.display(), connect_advice(.source))]
    Connect {
        /// The socket.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// The conversation broke off.
    #[error("admin socket {}: no answer: {source}", .path.display())]
    Broken {
        /// The socket.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// The answer makes no sense.
    #[error("admin socket {}: not the answer of a gateway of this version", .path.display())]
    Malformed {
        /// The socket.
        path: PathBuf,
    },
    /// The gateway said no, and why.
    #[error("{0}")]
    Refused(String),
    /// The gateway did not become ready in time.
    #[error("admin socket {}: not ready after {seconds} s", .path.display())]
    NotReady {
        /// The socket.
        path: PathBuf,
        /// How long was waited.
        seconds: u64,
    },
}

fn connect_advice(source: &io::Error) -> &'static str {
    if source.kind() == io::ErrorKind::PermissionDenied {
        "ask as root or as a member of the socket's group"
    } else {
        "is the gateway running?"
    }
}

impl ClientError {
    /// True if asking again changes nothing.
    pub(super) fn is_final(&self) -> bool {
        matches!(self, Self::Connect { source, .. } if source.kind() == io::ErrorKind::PermissionDenied)
    }
}
