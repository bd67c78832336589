//! Catches what EAL says while it starts, so that an error can quote it and success stays quiet.

use rustix::fs::{MemfdFlags, memfd_create};
use std::fs::File;
use std::os::fd::IntoRawFd;
use std::os::unix::fs::FileExt;

/// At most this much of EAL's messages is read back.
const LOG_BYTES_MAX: usize = 64 * 1024;

/// EAL's log, while it goes to memory; `None` if the system has no memory files, and then EAL
/// writes to stderr as it likes.
pub(super) struct Capture(Option<File>);

impl Capture {
    /// Sends EAL's messages to memory from here on.
    pub(super) fn start() -> Self {
        let file = memfd_create("eal-log", MemfdFlags::CLOEXEC).ok().map(File::from);
        Self(file.filter(|file| file.try_clone().is_ok_and(redirect)))
    }

    /// Sends further messages to stderr and returns those so far.
    pub(super) fn finish(self) -> String {
        let Some(file) = self.0 else { return String::new() };
        // SAFETY: a null stream asks for the default.
        unsafe { dpdk_sys::rte_openlog_stream(core::ptr::null_mut()) };
        let mut bytes = vec![0; LOG_BYTES_MAX];
        let len = file.read_at(&mut bytes, 0).unwrap_or(0);
        bytes.truncate(len);
        String::from_utf8_lossy(&bytes).into_owned()
    }
}

/// Makes `file` EAL's log stream. The stream is never closed: a thread of EAL may be writing to it
/// at any time, and a process starts EAL once.
fn redirect(file: File) -> bool {
    let descriptor = file.into_raw_fd();
    // SAFETY: the descriptor is open, writable and from here on the stream's alone.
    let stream = unsafe { libc::fdopen(descriptor, c"w".as_ptr()) };
    if stream.is_null() {
        return false;
    }
    // SAFETY: the stream is open and has no buffer yet; none is given, so none has to stay alive.
    unsafe { libc::setvbuf(stream, core::ptr::null_mut(), libc::_IONBF, 0) };
    // SAFETY: the stream stays open for the rest of the process.
    unsafe { dpdk_sys::rte_openlog_stream(stream.cast()) == 0 }
}
