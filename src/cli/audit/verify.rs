//! `sovereign audit verify`: proves the log, also while its gateway writes it.
//!
//! A running gateway signs what it wrote a moment later, and may be in the middle of a write or of
//! a new segment. So a flaw at the very end counts only once it stays: without a writer at the
//! second look, with one as soon as the log should have gone past it.

use super::segments;
use crate::failure::Failure;
use crate::output::{note, print_line};
use crate::progress;
use crate::regular;
use audit::{ChainHash, Flaw, FlawKind, LogEnd, PublicKey, Report, SEGMENT_BYTES_MAX, Verifier, VerifyOptions};
use core::time::Duration;
use management::AuditLog;
use std::io::{self, ErrorKind};
use std::path::Path;
use std::process::ExitCode;

/// Between two looks at a log that is being written: a little more than the default of `sync`.
const PAUSE: Duration = Duration::from_millis(60);
/// Looks at an end that is not signed: with the pauses a little more than the longest `sync`, 10 s.
const UNSIGNED_LOOKS_MAX: u32 = 180;
/// Looks at an end that is not whole: a write takes milliseconds.
const TORN_LOOKS_MAX: u32 = 4;

pub(super) fn run(dir: &Path, anchor: Option<ChainHash>, key: Option<PublicKey>) -> Result<ExitCode, Failure> {
    if !dir.is_dir() {
        segments(dir)?;
    }
    let key = match key {
        Some(key) => Some(key),
        None => AuditLog::written_key(dir).map_err(|error| no_key(dir, &error))?,
    };
    let mut proof = Proof::new(dir, VerifyOptions { anchor, key, ..VerifyOptions::default() });
    let outcome = proof.run();
    proof.bar.finish_and_clear();
    match outcome? {
        Ok(report) => {
            print_line(format_args!("records {} segments {} head {}", report.records, report.segments, report.head))?;
            tell(&report);
            Ok(ExitCode::SUCCESS)
        }
        Err(flaw) => {
            print_line(format_args!("{}: {flaw}", dir.display()))?;
            Ok(ExitCode::from(1))
        }
    }
}

/// Why the key beside the log cannot be had, and what else will do.
fn no_key(dir: &Path, error: &io::Error) -> Failure {
    let path = dir.join(AuditLog::PUBLIC_KEY_FILE);
    if error.kind() != ErrorKind::InvalidData {
        return Failure::unreadable(&path, error);
    }
    let shown = path.display();
    Failure::usage(format_args!(
        "cannot read {shown}: {error}; put the gateway's public key back, 64 hexadecimal digits, or name the copy that is kept \
         elsewhere with --key"
    ))
}

/// Says, for people, what a proof leaves open: whose key it was, how the log ends, what came in behind a crash.
fn tell(report: &Report) {
    let Report { gateway, key, runs, cut_bytes, adopted_records, unsigned_records, .. } = report;
    note(format_args!("gateway {} key {key}", gateway.as_str()));
    match report.end {
        LogEnd::Closed => note(format_args!("closed in order, runs {runs}")),
        LogEnd::Open | LogEnd::Sealed => {
            note(format_args!("open, runs {runs}: the gateway runs, did not end in order, or the end is missing"));
        }
    }
    if *cut_bytes > 0 || *adopted_records > 0 {
        note(format_args!(
            "crashes: {cut_bytes} bytes cut off, {adopted_records} records signed only by the run behind the crash"
        ));
    }
    if *unsigned_records > 0 {
        note(format_args!("{unsigned_records} more records are being written and not signed yet"));
    }
}

struct Proof<'a> {
    dir: &'a Path,
    /// Has seen all segments but the last, which alone may still change.
    verifier: Verifier,
    seen: usize,
    bar: indicatif::ProgressBar,
}

impl<'a> Proof<'a> {
    fn new(dir: &'a Path, options: VerifyOptions) -> Self {
        Self { dir, verifier: Verifier::new(options), seen: 0, bar: progress::items(0) }
    }

    fn run(&mut self) -> Result<Result<Report, Flaw>, Failure> {
        let mut looks = 0;
        let mut first: Option<Flaw> = None;
        let mut had_writer = true;
        loop {
            let (number, bytes) = match self.go_to_last()? {
                Ok(last) => last,
                Err(flaw) => return Ok(Err(flaw)),
            };
            let flaw = match self.verifier.clone().last_segment(number, &bytes) {
                Err(flaw) if had_writer => flaw,
                proved => return Ok(proved),
            };
            had_writer = AuditLog::is_being_written(self.dir);
            let before = first.get_or_insert(flaw);
            let has_moved = (flaw.segment, flaw.offset) != (before.segment, before.offset);
            let is_unsigned = |flaw: &Flaw| matches!(flaw.kind, FlawKind::UnsignedEnd(_));
            if has_moved && had_writer && is_unsigned(&flaw) {
                return Ok(self.verifier.clone().growing_segment(number, &bytes));
            }
            if has_moved {
                (first, looks) = (Some(flaw), 0);
            }
            looks += 1;
            if looks >= if is_unsigned(&flaw) { UNSIGNED_LOOKS_MAX } else { TORN_LOOKS_MAX } {
                return Ok(Err(flaw));
            }
            if had_writer {
                std::thread::park_timeout(PAUSE);
            }
        }
    }

    /// Verifies every segment that another one follows; returns the last one.
    fn go_to_last(&mut self) -> Result<Result<(u64, Vec<u8>), Flaw>, Failure> {
        let all = segments(self.dir)?;
        self.bar.set_length(all.len() as u64);
        loop {
            let Some((number, path)) = all.get(self.seen) else {
                let gone = format_args!("{}: segments were removed meanwhile", self.dir.display()).to_string();
                return Err(Failure::work(gone));
            };
            let bytes = read(path)?;
            if self.seen + 1 == all.len() {
                return Ok(Ok((*number, bytes)));
            }
            if let Err(flaw) = self.verifier.segment(*number, &bytes) {
                return Ok(Err(flaw));
            }
            self.seen += 1;
            self.bar.inc(1);
        }
    }
}

fn read(path: &Path) -> Result<Vec<u8>, Failure> {
    regular::read(path, SEGMENT_BYTES_MAX).map_err(|error| Failure::unreadable(path, &error))
}

#[cfg(test)]
mod tests {
    use super::*;
    use audit::{Record, RecordKind, WallClock};
    use management::AuditLogConfig;
    use net::Timestamp;

    /// A log whose gateway has written a record and not signed it yet.
    fn unsigned(dir: &Path) -> AuditLog {
        let config = AuditLogConfig { dir: dir.to_owned(), gateway: "lab".to_owned(), segment_bytes: 65_536 };
        let (mut log, _) = AuditLog::open(&config).unwrap();
        append(&mut log);
        log
    }

    fn append(log: &mut AuditLog) {
        let record = Record { exchange: 1, ..Record::blank(RecordKind::Flow) };
        log.append(&record, &WallClock { worker: Timestamp::ZERO, unix_ns: 1 }).unwrap();
        log.write().unwrap();
    }

    fn prove(dir: &Path) -> Result<Report, Flaw> {
        Proof::new(dir, VerifyOptions::default()).run().unwrap()
    }

    #[test]
    fn a_log_that_is_being_written_is_proved_once_it_is_signed() {
        let dir = tempfile::tempdir().unwrap();
        let mut log = unsigned(dir.path());
        let path = dir.path().to_owned();
        let proof = std::thread::spawn(move || prove(&path));
        std::thread::park_timeout(Duration::from_millis(100));
        log.commit().unwrap();
        let report = proof.join().unwrap().unwrap();
        assert_eq!((report.records, report.unsigned_records), (1, 0));
    }

    #[test]
    fn records_that_come_all_the_time_are_told_apart_from_those_that_are_signed() {
        let dir = tempfile::tempdir().unwrap();
        let mut log = unsigned(dir.path());
        let path = dir.path().to_owned();
        let proof = std::thread::spawn(move || prove(&path));
        // Whenever one looks there is one that is not signed.
        while !proof.is_finished() {
            log.commit().unwrap();
            append(&mut log);
            std::thread::park_timeout(Duration::from_millis(100));
        }
        let report = proof.join().unwrap().unwrap();
        assert!(report.records >= 1, "{report:?}");
    }

    #[test]
    fn without_a_writer_an_end_without_signature_is_a_flaw() {
        let dir = tempfile::tempdir().unwrap();
        drop(unsigned(dir.path()));
        let flaw = prove(dir.path()).unwrap_err();
        assert_eq!(flaw.kind, FlawKind::UnsignedEnd(1));
    }
}
