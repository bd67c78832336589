//! Data to stdout.

use crate::failure::{Context, Failure};
use std::io::{ErrorKind, Write};

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
