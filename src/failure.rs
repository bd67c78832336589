//! What the program says when it cannot do what it was asked.

use crate::output;
use core::fmt;
use std::io::{self, ErrorKind};
use std::path::Path;
use std::process::ExitCode;

/// A failure: a line, or one for each of several problems, and an exit code.
#[derive(Debug)]
pub(crate) struct Failure {
    code: u8,
    message: String,
    more: Vec<String>,
}

impl Failure {
    /// Wrong usage or an unusable configuration: exit code 2.
    pub(crate) fn usage(message: impl fmt::Display) -> Self {
        Self { code: 2, message: message.to_string(), more: Vec::new() }
    }

    /// The work itself failed: exit code 1.
    pub(crate) fn work(message: impl fmt::Display) -> Self {
        Self { code: 1, message: message.to_string(), more: Vec::new() }
    }

    /// A file or folder that cannot be read: exit code 2 if others may, 1 if nobody can.
    pub(crate) fn unreadable(path: &Path, error: &io::Error) -> Self {
        let code = if error.kind() == ErrorKind::PermissionDenied { 2 } else { 1 };
        let message = line(&format_args!("cannot read {}", path.display()), error, advice(error));
        Self { code, message, more: Vec::new() }
    }

    /// Several things that are wrong with a configuration: exit code 2.
    pub(crate) fn all_usage(problems: Vec<String>) -> Self {
        let mut problems = problems.into_iter();
        let message = problems.next().unwrap_or_default();
        Self { code: 2, message, more: problems.collect() }
    }

    /// What would be printed first.
    pub(crate) fn message(&self) -> &str {
        &self.message
    }

    /// Prints the lines and returns the code.
    pub(crate) fn report(&self) -> ExitCode {
        for message in core::iter::once(&self.message).chain(&self.more) {
            output::note(format_args!("sovereign: {message}"));
        }
        ExitCode::from(self.code)
    }
}

/// Turns an error into a failure that names what was being done.
pub(crate) trait Context<T> {
    /// Exit code 2: `what: why; advice`.
    fn or_usage(self, what: impl fmt::Display, advice: &str) -> Result<T, Failure>;

    /// Exit code 1: `what: why; advice`.
    fn or_work(self, what: impl fmt::Display, advice: &str) -> Result<T, Failure>;
}

impl<T, E: fmt::Display> Context<T> for Result<T, E> {
    fn or_usage(self, what: impl fmt::Display, advice: &str) -> Result<T, Failure> {
        self.map_err(|error| Failure::usage(line(&what, &error, advice)))
    }

    fn or_work(self, what: impl fmt::Display, advice: &str) -> Result<T, Failure> {
        self.map_err(|error| Failure::work(line(&what, &error, advice)))
    }
}

/// What mends what the system refused.
pub(crate) fn advice(error: &io::Error) -> &'static str {
    const KNOWN: [(ErrorKind, &str); 7] = [
        (ErrorKind::PermissionDenied, "run it as root, or as the user whose file it is"),
        (ErrorKind::StorageFull, "free space there"),
        (ErrorKind::QuotaExceeded, "free space there"),
        (ErrorKind::ReadOnlyFilesystem, "name a place that can be written"),
        (ErrorKind::NotFound, "name another place"),
        (ErrorKind::NotADirectory, "name another place"),
        (ErrorKind::AlreadyExists, "name another place"),
    ];
    let known = KNOWN.into_iter().find(|(kind, _)| *kind == error.kind());
    known.map_or("see why with `ls -ld` and `dmesg`", |(_, advice)| advice)
}

fn line(what: &impl fmt::Display, error: &impl fmt::Display, advice: &str) -> String {
    let separator = if advice.is_empty() { "" } else { "; " };
    format!("{what}: {error}{separator}{advice}").replace('\n', " ")
}
