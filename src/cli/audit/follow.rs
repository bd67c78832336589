//! `sovereign audit cat --follow`: reads what is new, and nothing twice.

use super::{Format, segments};
use crate::failure::{Context, Failure};
use crate::output::Stopped;
use crate::regular;
use audit::render;
use audit::{Cursor, ENTRY_BYTES_MAX, Entry, Header, segment_file_name};
use core::time::Duration;
use std::fs::File;
use std::io::{self, ErrorKind, Write};
use std::os::unix::fs::FileExt;
use std::path::{Path, PathBuf};

/// How often one looks for more.
const INTERVAL: Duration = Duration::from_millis(500);
/// Looks at a place that makes no sense before it counts: a write may be under way.
const LOOKS_MAX: u32 = 4;
/// Bytes that are read at once.
const WINDOW_BYTES: usize = 1 << 20;

const ADVICE: &str = "run `sovereign audit verify`";

/// A place in the log.
struct Place {
    path: PathBuf,
    file: File,
    header: Header,
    cursor: Cursor,
}

/// Prints all records, and those that come, until the reader goes away.
pub(super) fn run(dir: &Path, format: Format, out: &mut impl Write) -> Result<(), Stopped> {
    let first = segments(dir)?.first().map_or(1, |(number, _)| *number);
    let mut place = Place::open(dir, first)?;
    let mut looks = 0;
    loop {
        let before = place.cursor.offset();
        let flaw = match place.print(format, out)? {
            Ok(()) if place.cursor.is_sealed() => {
                place = Place::open(dir, place.cursor.segment() + 1)?;
                continue;
            }
            Ok(()) => None,
            Err(flaw) => Some(flaw),
        };
        out.flush()?;
        looks = if flaw.is_some() && place.cursor.offset() == before { looks + 1 } else { 0 };
        if let Some(flaw) = flaw.filter(|_| looks >= LOOKS_MAX) {
            return Err(Failure::work(format_args!("{}: {flaw}; {ADVICE}", place.path.display())).into());
        }
        std::thread::park_timeout(INTERVAL);
    }
}

impl Place {
    fn open(dir: &Path, number: u64) -> Result<Self, Failure> {
        let path = dir.join(segment_file_name(number));
        let read = || {
            let file = regular::open(&path)?;
            let mut start = vec![0; ENTRY_BYTES_MAX];
            let len = read_at(&file, &mut start, 0)?;
            start.truncate(len);
            Ok::<_, io::Error>((file, start))
        };
        let (file, start) = read().or_work(format_args!("cannot read {}", path.display()), ADVICE)?;
        let (header, cursor) =
            Cursor::begin(&start).or_work(format_args!("{} is no intact segment", path.display()), ADVICE)?;
        Ok(Self { path, file, header, cursor })
    }

    /// Prints what stands behind the place, and moves it there.
    fn print(&mut self, format: Format, out: &mut impl Write) -> Result<Result<(), audit::Flaw>, Stopped> {
        let mut window = vec![0; WINDOW_BYTES];
        loop {
            let start = self.cursor.offset();
            let len = read_at(&self.file, &mut window, start)
                .or_work(format_args!("cannot read {}", self.path.display()), ADVICE)?;
            let mut rest = window.get(..len).unwrap_or_default();
            let is_end = len < window.len();
            while is_end || rest.len() >= ENTRY_BYTES_MAX {
                let before = self.cursor.offset();
                match self.cursor.read(rest) {
                    Ok(Some(Entry::Record(record))) => match format {
                        Format::Json => writeln!(out, "{}", render::to_json(&record, self.header.gateway.as_str()))?,
                        Format::Text => writeln!(out, "{}", render::to_text(&record))?,
                    },
                    Ok(Some(Entry::Mark(_))) => {}
                    Ok(None) => return Ok(Ok(())),
                    Err(flaw) => return Ok(Err(flaw)),
                }
                let read = usize::try_from(self.cursor.offset() - before).unwrap_or(usize::MAX);
                rest = rest.get(read..).unwrap_or_default();
            }
        }
    }
}

/// Fills the buffer as far as the file goes.
fn read_at(file: &File, buffer: &mut [u8], start: u64) -> io::Result<usize> {
    let mut len = 0;
    while let Some(free) = buffer.get_mut(len..).filter(|free| !free.is_empty()) {
        match file.read_at(free, start + len as u64) {
            Ok(0) => break,
            Ok(count) => len += count,
            Err(error) if error.kind() == ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
    Ok(len)
}
