//! Data to stdout, and lines for people to stderr.
//!
//! A reader of stdout that goes away has seen enough, which is no failure. Nothing that is said on
//! stderr is worth more than the work: where it cannot be written, the work and its exit code stay.

use crate::failure::{Context, Failure};
use std::io::{ErrorKind, Write};

/// Says a line on stderr.
pub(crate) fn note(line: impl core::fmt::Display) {
    // In one piece, so that lines of other threads do not come in between. Nobody is left to be
    // told if it fails.
    let _unread = std::io::stderr().lock().write_all(format!("{line}\n").as_bytes());
}

/// Writes text to stdout. A reader that went away has seen enough.
pub(crate) fn print(text: &str) -> Result<(), Failure> {
    let mut out = std::io::stdout().lock();
    match out.write_all(text.as_bytes()).and_then(|()| out.flush()) {
        Err(error) if error.kind() == ErrorKind::BrokenPipe => Ok(()),
        other => other.or_work("cannot write to stdout", ""),
    }
}

/// Writes a line to stdout.
pub(crate) fn print_line(line: impl core::fmt::Display) -> Result<(), Failure> {
    print(&format!("{line}\n"))
}
