//! The signing key of a log: made once, kept beside the segments, never shown to others.
//!
//! `audit.key` is the Ed25519 private key in PKCS#8 PEM form, mode 0600; `audit.pub` is the public
//! key as 64 hexadecimal digits, for the operator to write down elsewhere.

use super::directory::Directory;
use super::error::{Doing, OpenError};
use audit::PublicKey;
use ed25519_dalek::SigningKey;
use ed25519_dalek::pkcs8::{DecodePrivateKey, EncodePrivateKey, spki::der::pem::LineEnding};
use rustix::fs::OFlags;
use std::fs::{self, File, OpenOptions};
use std::io::{self, ErrorKind, Read};
use std::os::unix::fs::{MetadataExt, OpenOptionsExt};
use std::path::Path;
use zeroize::Zeroizing;

/// The private key's file.
const KEY_FILE: &str = "audit.key";

/// The public key's file.
pub(crate) const PUBLIC_FILE: &str = "audit.pub";

/// Longest key file that is read, in bytes; one that is written has 119.
const KEY_BYTES_MAX: u64 = 4096;

/// Permissions of the private key.
const KEY_MODE: u32 = 0o600;

/// Permissions of the public key.
const PUBLIC_MODE: u32 = 0o644;

/// Reads the log's key, or makes one if the log is yet to begin.
pub(crate) fn load_or_create(directory: &Directory, has_segments: bool) -> Result<SigningKey, OpenError> {
    let key = match load(directory, has_segments)? {
        Some(key) => key,
        None => create(directory).opening(&path(directory), "create the key")?,
    };
    publish(directory, &PublicKey::of(&key))?;
    Ok(key)
}

/// Reads the log's key; there is none if the log is yet to begin.
pub(crate) fn load(directory: &Directory, has_segments: bool) -> Result<Option<SigningKey>, OpenError> {
    let path = path(directory);
    match File::open(&path) {
        Ok(file) => read(&path, file).map(Some),
        Err(error) if error.kind() != ErrorKind::NotFound => Err(error).opening(&path, "open the key"),
        Err(_) if has_segments => Err(OpenError::KeyMissing { path }),
        Err(_) => Ok(None),
    }
}

/// Whether there is a key.
pub(crate) fn is_there(dir: &Path) -> bool {
    dir.join(KEY_FILE).exists()
}

/// Removes the key of a log that was not begun.
pub(crate) fn remove(dir: &Path) {
    for name in [KEY_FILE, PUBLIC_FILE] {
        // What is not there need not be removed.
        let _not_there = fs::remove_file(dir.join(name));
    }
}

/// Where the private key is, for messages.
pub(crate) fn path(directory: &Directory) -> std::path::PathBuf {
    directory.join(KEY_FILE)
}

fn read(path: &Path, file: File) -> Result<SigningKey, OpenError> {
    let metadata = file.metadata().opening(path, "look at the key")?;
    let (mode, uid) = (metadata.mode() & 0o7777, metadata.uid());
    let is_ours = uid == rustix::process::geteuid().as_raw() || uid == 0;
    if mode & 0o077 != 0 || !is_ours {
        return Err(OpenError::KeyExposed { path: path.to_owned(), mode, uid });
    }
    let mut pem = Zeroizing::new(String::with_capacity(512));
    let malformed = || OpenError::KeyMalformed { path: path.to_owned() };
    match file.take(KEY_BYTES_MAX).read_to_string(&mut pem) {
        Ok(_) => SigningKey::from_pkcs8_pem(&pem).map_err(|_| malformed()),
        Err(error) if error.kind() == ErrorKind::InvalidData => Err(malformed()),
        Err(error) => Err(error).opening(path, "read the key"),
    }
}

fn create(directory: &Directory) -> io::Result<SigningKey> {
    let mut seed = Zeroizing::new([0; 32]);
    getrandom::fill(seed.as_mut_slice()).map_err(io::Error::other)?;
    let key = SigningKey::from_bytes(&seed);
    let pem = key.to_pkcs8_pem(LineEnding::LF).map_err(io::Error::other)?;
    directory.write_whole(KEY_FILE, KEY_MODE, pem.as_bytes())?;
    Ok(key)
}

/// Writes the public key down, or holds it against the one that was written down earlier.
fn publish(directory: &Directory, key: &PublicKey) -> Result<(), OpenError> {
    let of = directory.join(PUBLIC_FILE);
    match written_down(directory.path()) {
        Ok(Some(known)) if known == *key => Ok(()),
        Ok(Some(_)) => Err(OpenError::KeyMismatch { path: path(directory), of }),
        Ok(None) => directory
            .write_whole(PUBLIC_FILE, PUBLIC_MODE, format!("{key}\n").as_bytes())
            .opening(&of, "write the public key"),
        Err(error) if error.kind() == ErrorKind::InvalidData => {
            Err(OpenError::KeyMismatch { path: path(directory), of })
        }
        Err(error) => Err(error).opening(&of, "read the public key"),
    }
}

/// The public key that stands beside the log in `dir`, if one does.
pub(crate) fn written_down(dir: &Path) -> io::Result<Option<PublicKey>> {
    let mut text = String::new();
    // Whoever hands a log over may have put anything in its place: opening a pipe must not wait.
    let opened =
        OpenOptions::new().read(true).custom_flags(OFlags::NONBLOCK.bits().cast_signed()).open(dir.join(PUBLIC_FILE));
    match opened {
        Ok(file) => file.take(KEY_BYTES_MAX).read_to_string(&mut text)?,
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(error),
    };
    text.trim().parse().map(Some).map_err(|error| io::Error::new(ErrorKind::InvalidData, error))
}
