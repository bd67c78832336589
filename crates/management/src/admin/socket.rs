//! The socket's file: made whole, never taken from somebody who still answers.

use super::{AdminConfig, AdminError};
use rustix::io::Errno;
use rustix::net::{AddressFamily, SocketAddrUnix, SocketFlags, SocketType, connect, socket_with};
use std::fs::{self, DirBuilder, Permissions};
use std::io::{self, ErrorKind};
use std::os::unix::fs::{DirBuilderExt, FileTypeExt, MetadataExt, PermissionsExt};
use std::os::unix::net::UnixListener;
use std::path::{Path, PathBuf};

/// Permissions of a directory that is made for the socket: others may pass, as to any socket.
const DIRECTORY_MODE: u32 = 0o755;

/// The file of a listening socket; it is removed with this, and so are directories made for it.
#[derive(Debug)]
pub(super) struct SocketFile {
    path: PathBuf,
    _made: MadeDirectories,
    /// Which file is ours: another process may have put its own in its place.
    inode: u64,
}

impl SocketFile {
    /// Makes the socket and listens on it.
    pub(super) fn open(config: &AdminConfig) -> Result<(Self, UnixListener), AdminError> {
        let path = &config.path;
        let system = |doing| move |source| AdminError::System { path: path.clone(), doing, source };
        let made = MadeDirectories::above(path).map_err(system("create its directory"))?;
        let occupant = look(path).map_err(system("look at what is there"))?;
        match occupant {
            Occupant::Nobody => {}
            Occupant::Alive => return Err(AdminError::InUse { path: path.clone() }),
            Occupant::NotSocket => return Err(AdminError::NotSocket { path: path.clone() }),
            Occupant::TooLong => return Err(AdminError::TooLong { path: path.clone() }),
        }
        Self::bind(config, made).map_err(system("listen"))
    }

    /// Where it is.
    pub(super) fn path(&self) -> &Path {
        &self.path
    }

    /// Makes the socket under another name first: under its own it never has wrong permissions,
    /// and a stale one is replaced at once.
    fn bind(config: &AdminConfig, made: MadeDirectories) -> io::Result<(Self, UnixListener)> {
        let mut name = config.path.file_name().unwrap_or_default().to_owned();
        name.push(format!(".{}", std::process::id()));
        let unfinished = config.path.with_file_name(name);
        remove_if_there(&unfinished)?;
        let listener = UnixListener::bind(&unfinished)?;
        let finish = || {
            fs::set_permissions(&unfinished, Permissions::from_mode(config.mode))?;
            let inode = fs::symlink_metadata(&unfinished)?.ino();
            fs::rename(&unfinished, &config.path)?;
            Ok(inode)
        };
        match finish() {
            Ok(inode) => Ok((Self { path: config.path.clone(), _made: made, inode }, listener)),
            Err(error) => {
                remove_if_there(&unfinished)?;
                Err(error)
            }
        }
    }
}

impl Drop for SocketFile {
    fn drop(&mut self) {
        let is_ours = fs::symlink_metadata(&self.path).is_ok_and(|metadata| metadata.ino() == self.inode);
        if is_ours && let Err(error) = fs::remove_file(&self.path) {
            tracing::warn!(path = %self.path.display(), %error, "cannot remove the admin socket");
        }
    }
}

/// Directories that were made for the socket, the lowest first.
#[derive(Debug)]
struct MadeDirectories(Vec<PathBuf>);

impl MadeDirectories {
    /// Makes what is missing above the socket.
    fn above(path: &Path) -> io::Result<Self> {
        let is_missing = |above: &&Path| !above.as_os_str().is_empty() && !above.exists();
        let missing = path.ancestors().skip(1).take_while(is_missing).map(Path::to_owned).collect();
        let mut made = Self(missing);
        if let Some(parent) = made.0.first() {
            let created = DirBuilder::new().recursive(true).mode(DIRECTORY_MODE).create(parent);
            if created.is_err() {
                made.remove();
            }
            created?;
        }
        Ok(made)
    }

    /// Removes them again, unless somebody has put something there.
    fn remove(&mut self) {
        for directory in self.0.drain(..) {
            let _in_use = fs::remove_dir(directory);
        }
    }
}

impl Drop for MadeDirectories {
    fn drop(&mut self) {
        self.remove();
    }
}

/// What is at the socket's path.
enum Occupant {
    Nobody,
    Alive,
    NotSocket,
    TooLong,
}

fn look(path: &Path) -> io::Result<Occupant> {
    let Ok(address) = SocketAddrUnix::new(path) else { return Ok(Occupant::TooLong) };
    let metadata = match fs::symlink_metadata(path) {
        Ok(metadata) => metadata,
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(Occupant::Nobody),
        Err(error) => return Err(error),
    };
    if !metadata.file_type().is_socket() {
        return Ok(Occupant::NotSocket);
    }
    // A full backlog must not make this wait: it says that somebody is there, too.
    let flags = SocketFlags::NONBLOCK | SocketFlags::CLOEXEC;
    let socket = socket_with(AddressFamily::UNIX, SocketType::STREAM, flags, None)?;
    match connect(&socket, &address) {
        Err(Errno::CONNREFUSED | Errno::NOENT) => Ok(Occupant::Nobody),
        Ok(()) | Err(Errno::AGAIN) => Ok(Occupant::Alive),
        Err(error) => Err(error.into()),
    }
}

fn remove_if_there(path: &Path) -> io::Result<()> {
    match fs::remove_file(path) {
        Err(error) if error.kind() != ErrorKind::NotFound => Err(error),
        _ => Ok(()),
    }
}
