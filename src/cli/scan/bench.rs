//! How fast one thread scans.

use crate::failure::Failure;
use crate::output::print_line;
use core::time::Duration;
use policy::detect::{DetectorSet, Finding, Reader, Scanner};
use rustix::time::{ClockId, clock_gettime};
use std::path::PathBuf;
use std::process::ExitCode;

/// What the engine hands over at once: the payload of a full-sized segment.
const PIECE_BYTES: usize = 1448;

pub(super) fn run(set: &DetectorSet, files: &[PathBuf], seconds: u64, views: bool) -> Result<ExitCode, Failure> {
    let [file] = files else { return Err(Failure::usage("--bench takes one file")) };
    let text = super::read_file(file)?;
    if text.is_empty() {
        return Err(Failure::usage(format_args!("{} is empty: there is nothing to scan", file.display())));
    }
    let figures = if views {
        measure(&mut Reader::new(), set, &text, seconds)
    } else {
        measure(&mut Scanner::new(), set, &text, seconds)
    };
    let (bytes, spent, findings) = figures;
    #[expect(clippy::cast_precision_loss, reason = "a figure for people")]
    let rate = bytes as f64 / spent.as_secs_f64() / 1e9;
    let figures = serde_json::json!({ "bytes": bytes, "seconds": spent.as_secs_f64(), "gb_per_second": rate, "findings": findings, "views": views });
    print_line(figures)?;
    Ok(ExitCode::SUCCESS)
}

/// What is measured: the text as it stands, or with its views.
trait Scan {
    fn scan(&mut self, set: &DetectorSet, text: &[u8], found: &mut Vec<Finding>);
}

/// Both are driven alike.
macro_rules! scan_in_pieces {
    ($($scanner:ty),*) => {$(
        impl Scan for $scanner {
            fn scan(&mut self, set: &DetectorSet, text: &[u8], found: &mut Vec<Finding>) {
                self.reset();
                for piece in text.chunks(PIECE_BYTES) {
                    self.push(piece);
                    Self::scan(self, set, found);
                }
                self.boundary();
                Self::scan(self, set, found);
            }
        }
    )*};
}

scan_in_pieces!(Scanner, Reader);

/// Bytes that were scanned, CPU time that it took, and findings.
fn measure(scanner: &mut impl Scan, set: &DetectorSet, text: &[u8], seconds: u64) -> (u64, Duration, u64) {
    let mut found = Vec::new();
    let (mut bytes, mut findings) = (0u64, 0u64);
    let limit = Duration::from_secs(seconds.max(1));
    let start = thread_time();
    let mut spent = Duration::ZERO;
    while spent < limit {
        scanner.scan(set, text, &mut found);
        findings += found.len() as u64;
        found.clear();
        bytes += text.len() as u64;
        spent = thread_time().saturating_sub(start);
    }
    (bytes, spent, findings)
}

/// CPU time of this thread.
fn thread_time() -> Duration {
    let time = clock_gettime(ClockId::ThreadCPUTime);
    let seconds = u64::try_from(time.tv_sec).unwrap_or(0);
    let nanos = u32::try_from(time.tv_nsec).unwrap_or(0);
    Duration::new(seconds, nanos)
}
