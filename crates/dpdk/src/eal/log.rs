//! Catches what EAL says while it starts, so that an error can quote it and success stays quiet.
//!
//! EAL's log has a stream of its own, which can be chosen. Its usage goes to stdout and its parser's
//! complaints to stderr whatever is chosen, so both lead to memory meanwhile.

use rustix::fs::{MemfdFlags, memfd_create};
use rustix::io::{dup, retry_on_intr};
use rustix::stdio::{dup2_stderr, dup2_stdout, stderr, stdout};
use std::fs::File;
use std::os::fd::{IntoRawFd, OwnedFd};
use std::os::unix::fs::FileExt;

/// At most this much of EAL's messages is read back.
const LOG_BYTES_MAX: usize = 64 * 1024;

/// What was caught.
#[derive(Debug, Default)]
pub(super) struct Heard {
    /// EAL's log.
    pub(super) log: String,
    /// What went to stdout and stderr.
    pub(super) console: String,
}

/// EAL's log and the program's two streams, while they go to memory; `None` if the system has no
/// memory files, and then EAL writes as it likes.
pub(super) struct Capture {
    log: Option<File>,
    console: Option<Console>,
}

/// The program's own streams, and where they lead meanwhile.
struct Console {
    text: File,
    stdout: OwnedFd,
    stderr: OwnedFd,
}

impl Capture {
    /// Sends EAL's messages to memory from here on; its help is let through if it is asked for.
    pub(super) fn start(asks_for_help: bool) -> Self {
        let log = memory("eal-log").filter(|file| file.try_clone().is_ok_and(redirect));
        let console = if asks_for_help { None } else { memory("eal-console").and_then(Console::redirect) };
        Self { log, console }
    }

    /// Sends further messages to stderr and returns those so far.
    pub(super) fn finish(self) -> Heard {
        if self.log.is_some() {
            // SAFETY: a null stream asks for the default.
            unsafe { dpdk_sys::rte_openlog_stream(core::ptr::null_mut()) };
        }
        let console = self.console.map(Console::restore);
        Heard { log: self.log.map(read).unwrap_or_default(), console: console.map(read).unwrap_or_default() }
    }
}

impl Console {
    fn redirect(text: File) -> Option<Self> {
        flush();
        let console = Self { stdout: dup(stdout()).ok()?, stderr: dup(stderr()).ok()?, text };
        let redirected =
            retry_on_intr(|| dup2_stdout(&console.text)).and_then(|()| retry_on_intr(|| dup2_stderr(&console.text)));
        if redirected.is_err() {
            console.restore();
            return None;
        }
        Some(console)
    }

    fn restore(self) -> File {
        flush();
        // The streams' copies are open, so only a signal can come in between.
        let _restored = retry_on_intr(|| dup2_stdout(&self.stdout));
        let _restored = retry_on_intr(|| dup2_stderr(&self.stderr));
        self.text
    }
}

/// Writes out what C's streams have gathered.
fn flush() {
    // SAFETY: a null stream asks for all of them.
    unsafe { libc::fflush(core::ptr::null_mut()) };
}

fn memory(name: &str) -> Option<File> {
    memfd_create(name, MemfdFlags::CLOEXEC).ok().map(File::from)
}

fn read(file: File) -> String {
    let mut bytes = vec![0; LOG_BYTES_MAX];
    let len = file.read_at(&mut bytes, 0).unwrap_or(0);
    bytes.truncate(len);
    String::from_utf8_lossy(&bytes).into_owned()
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
