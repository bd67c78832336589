//! Data to stdout, and lines for people to stderr.
//!
//! A reader of stdout that goes away has seen enough, which is no failure. Nothing that is said on
//! stderr is worth more than the work: where it cannot be written, the work and its exit code stay.

use crate::failure::{Context, Failure};
use std::io::{self, ErrorKind, Write};
use std::process::ExitCode;

/// Says a line on stderr.
pub(crate) fn note(line: impl core::fmt::Display) {
    // In one piece, so that lines of other threads do not come in between. Nobody is left to be
    // told if it fails.
    let _unread = io::stderr().lock().write_all(format!("{}\n", one_line(line)).as_bytes());
}

/// A text as one line that a terminal shows as it is: names of files may hold anything.
pub(crate) fn one_line(text: impl core::fmt::Display) -> String {
    let text = text.to_string();
    if !text.chars().any(char::is_control) {
        return text;
    }
    let visible =
        |letter: char| if letter.is_control() { letter.escape_default().to_string() } else { letter.to_string() };
    text.chars().map(visible).collect()
}

/// Writes text to stdout. A reader that went away has seen enough.
pub(crate) fn print(text: &str) -> Result<(), Failure> {
    let mut out = io::stdout().lock();
    match out.write_all(text.as_bytes()).and_then(|()| out.flush()) {
        Err(error) if error.kind() == ErrorKind::BrokenPipe => Ok(()),
        other => other.or_work("cannot write to stdout", ""),
    }
}

/// Writes a line to stdout.
pub(crate) fn print_line(line: impl core::fmt::Display) -> Result<(), Failure> {
    print(&format!("{}\n", one_line(line)))
}

/// Why printing ended before everything was printed.
#[derive(Debug)]
pub(crate) enum Stopped {
    /// Stdout could not be written.
    Output(io::Error),
    /// There was nothing to go on with.
    Failed(Failure),
}

impl From<io::Error> for Stopped {
    fn from(error: io::Error) -> Self {
        Self::Output(error)
    }
}

impl From<Failure> for Stopped {
    fn from(failure: Failure) -> Self {
        Self::Failed(failure)
    }
}

/// The end of printing.
pub(crate) fn end(printed: Result<(), Stopped>, what: &str) -> Result<ExitCode, Failure> {
    match printed {
        Err(Stopped::Output(error)) if error.kind() == ErrorKind::BrokenPipe => Ok(ExitCode::SUCCESS),
        Err(Stopped::Output(error)) => Err(Failure::work(format_args!("{what}: {error}"))),
        Err(Stopped::Failed(failure)) => Err(failure),
        Ok(()) => Ok(ExitCode::SUCCESS),
    }
}
