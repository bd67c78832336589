//! The file that a command writes: there whole, or as it was before.
//!
//! What is written goes to a file beside it, which takes its name once everything is in it. What is
//! no regular file (a device, a pipe) is written as it comes: there is nothing to keep.

use crate::failure::{Context, Failure};
use core::cell::RefCell;
use std::fs::{self, File, Metadata, OpenOptions};
use std::io::{self, BufWriter, ErrorKind, Write};
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};
use std::rc::Rc;

const ADVICE: &str = "name a file in a writable directory";

/// Where it goes; nothing is left of it unless it is finished.
#[derive(Debug)]
pub(crate) struct Target {
    path: PathBuf,
    /// The file that is written, if it is to be renamed.
    unfinished: Option<PathBuf>,
    failed: Rc<RefCell<Option<String>>>,
}

/// What is written into.
#[derive(Debug)]
pub(crate) struct Sink {
    out: BufWriter<File>,
    /// Why writing failed: what is read is not to blame then.
    failed: Rc<RefCell<Option<String>>>,
}

impl Target {
    /// Refuses what must not be written: a directory, or the capture itself under any name.
    pub(crate) fn check(path: &Path, input: &Metadata) -> Result<(), Failure> {
        let Ok(found) = fs::metadata(path) else { return Ok(()) };
        let shown = path.display();
        if found.is_dir() {
            return Err(Failure::usage(format_args!("cannot write {shown}: it is a directory; {ADVICE}")));
        }
        if found.is_file() && (found.dev(), found.ino()) == (input.dev(), input.ino()) {
            let why = "the capture would be overwritten while it is read";
            return Err(Failure::usage(format_args!("cannot write {shown}: {why}; name another output")));
        }
        Ok(())
    }

    /// Begins the file.
    pub(crate) fn open(path: &Path) -> Result<(Self, Sink), Failure> {
        let (file, path, unfinished) = begin(path).or_usage(format_args!("cannot write {}", path.display()), ADVICE)?;
        let failed = Rc::default();
        let sink = Sink { out: BufWriter::new(file), failed: Rc::clone(&failed) };
        Ok((Self { path, unfinished, failed }, sink))
    }

    /// Why it could not be written, if it could not.
    pub(crate) fn failure(&self) -> Option<Failure> {
        let failed = self.failed.borrow();
        let why = failed.as_ref()?;
        Some(Failure::work(format_args!(
            "cannot write {}: {why}; free space or name another output",
            self.path.display()
        )))
    }

    /// Gives the file its name.
    pub(crate) fn finish(mut self) -> Result<(), Failure> {
        let Some(unfinished) = self.unfinished.take() else { return Ok(()) };
        let renamed = fs::rename(&unfinished, &self.path);
        if renamed.is_err() {
            self.unfinished = Some(unfinished);
        }
        renamed.or_work(format_args!("cannot write {}", self.path.display()), ADVICE)
    }
}

impl Drop for Target {
    fn drop(&mut self) {
        if let Some(path) = &self.unfinished
            && let Err(error) = fs::remove_file(path)
        {
            tracing::warn!(path = %path.display(), %error, "cannot remove an unfinished file");
        }
    }
}

impl Sink {
    fn note<T>(&self, result: io::Result<T>) -> io::Result<T> {
        if let Err(error) = &result
            && error.kind() != ErrorKind::Interrupted
        {
            self.failed.borrow_mut().get_or_insert_with(|| error.to_string());
        }
        result
    }
}

impl Write for Sink {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let result = self.out.write(bytes);
        self.note(result)
    }

    fn flush(&mut self) -> io::Result<()> {
        let result = self.out.flush();
        self.note(result)
    }
}

/// The file to write, what it is to be called in the end, and what it is called until then.
fn begin(path: &Path) -> io::Result<(File, PathBuf, Option<PathBuf>)> {
    let there = match fs::metadata(path) {
        Ok(metadata) => Some(metadata),
        Err(error) if error.kind() == ErrorKind::NotFound => None,
        Err(error) => return Err(error),
    };
    let is_regular = there.as_ref().is_none_or(Metadata::is_file);
    if !is_regular || ["/dev", "/proc"].iter().any(|root| path.starts_with(root)) {
        let file = OpenOptions::new().write(true).create(true).truncate(true).open(path)?;
        return Ok((file, path.to_owned(), None));
    }
    // Behind a link, what it leads to is replaced.
    let path = if there.is_some() { path.canonicalize()? } else { path.to_owned() };
    if there.is_some() {
        // A file that may not be written must not be replaced, either.
        OpenOptions::new().write(true).open(&path)?;
    }
    let mut name = std::ffi::OsString::from(".");
    name.push(path.file_name().ok_or(ErrorKind::InvalidInput)?);
    name.push(format!(".{}", std::process::id()));
    let unfinished = path.with_file_name(name);
    let file = OpenOptions::new().write(true).create_new(true).open(&unfinished)?;
    if let Some(there) = there {
        file.set_permissions(there.permissions())?;
    }
    Ok((file, path, Some(unfinished)))
}
