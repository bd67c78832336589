//! A full disk stops credits, loses nothing, and is over when there is room again.
//!
//! It needs a small file system of its own, which only root can mount; without that it says so
//! and passes.
#![forbid(unsafe_code)]
#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

#[path = "../src/testing.rs"]
mod testing;

use audit::queue::{RecordSender, channel};
use audit::{LogEnd, WallClock};
use core::num::NonZeroUsize;
use core::time::Duration;
use management::snapshot::{AuditSnapshot, AuditState};
use management::{AuditLog, AuditLogConfig, Core, CoreConfig, OpenError};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::thread;
use std::time::Instant;
use tempfile::TempDir;
use testing::{record, verify};

const SEGMENT_BYTES: u64 = 65_536;

/// A file system of one MiB, unmounted when this is gone.
struct SmallDisk {
    dir: TempDir,
}

impl SmallDisk {
    fn mount() -> Option<Self> {
        let dir = tempfile::tempdir().unwrap();
        let mut mount = Command::new("mount");
        mount.args(["-t", "tmpfs", "-o", "size=1m,mode=0700", "sovereign-test"]).arg(dir.path());
        let is_mounted = mount.output().is_ok_and(|output| output.status.success());
        if !is_mounted {
            eprintln!("skipped: mounting a small disk needs root");
        }
        is_mounted.then_some(Self { dir })
    }

    /// Takes all room but `left` bytes.
    fn fill(&self, left: u64) -> PathBuf {
        let path = self.dir.path().join("filler");
        let filler = (1 << 20) - left;
        fs::write(&path, vec![1; usize::try_from(filler).unwrap()]).unwrap();
        path
    }

    fn audit(&self) -> AuditLogConfig {
        let dir = self.dir.path().join("audit");
        AuditLogConfig { dir, gateway: "lab-1".to_owned(), segment_bytes: SEGMENT_BYTES }
    }
}

impl Drop for SmallDisk {
    fn drop(&mut self) {
        let unmounted = Command::new("umount").arg("--lazy").arg(self.dir.path()).status();
        assert!(unmounted.is_ok_and(|status| status.success()), "{} stays mounted", self.dir.path().display());
    }
}

#[expect(clippy::disallowed_methods, reason = "a test waits for a thread")]
fn wait_until(what: &str, mut is_so: impl FnMut() -> bool) {
    let begin = Instant::now();
    while !is_so() {
        assert!(begin.elapsed() < Duration::from_secs(30), "{what}");
        thread::park_timeout(Duration::from_millis(1));
    }
}

/// Pushes pairs of records, as exchanges do, until there are no credits for `quiet`.
fn push_until_dry(sender: &mut RecordSender, quiet: Duration) -> u64 {
    let mut pushed = 0;
    let mut waited = Duration::ZERO;
    let step = Duration::from_millis(1);
    while waited < quiet {
        match sender.try_reserve::<2>() {
            Some(credits) => {
                for credit in credits {
                    sender.push(credit, record(pushed));
                    pushed += 1;
                }
                waited = Duration::ZERO;
            }
            None => {
                thread::park_timeout(step);
                waited += step;
            }
        }
    }
    pushed
}

fn segments(dir: &Path) -> usize {
    let names = fs::read_dir(dir).unwrap().map(|entry| entry.unwrap().file_name());
    names.filter(|name| name.to_str().and_then(audit::parse_segment_file_name).is_some()).count()
}

#[test]
fn a_full_disk_stops_credits_and_loses_nothing() {
    let Some(disk) = SmallDisk::mount() else { return };
    let filler = disk.fill(4 * SEGMENT_BYTES);
    let (log, _) = AuditLog::open(&disk.audit()).unwrap();
    let one = NonZeroUsize::MIN;
    let (mut senders, receiver) = channel(one, NonZeroUsize::new(64).unwrap());
    let core = Core::start(receiver, log, CoreConfig::default()).unwrap();
    let stats = core.stats();
    let state = || stats.snapshot().state;

    let first = push_until_dry(&mut senders[0], Duration::from_millis(200));
    assert!(first > 100, "{first} records");
    wait_until("the disk is full", || state() == AuditState::Full);
    let AuditSnapshot { records, records_lost, shortages, detail, .. } = stats.snapshot();
    assert_eq!((records, records_lost), (first, 0), "all that was pushed is written");
    assert!(shortages >= 1 && detail.is_some_and(|detail| detail.contains("space")));
    let full_segments = segments(&disk.audit().dir);

    // It is asked again every second or so, not all the time.
    thread::park_timeout(Duration::from_millis(300));
    assert!(stats.snapshot().shortages <= shortages + 1);
    assert!(senders[0].try_reserve::<2>().is_none());

    fs::remove_file(filler).unwrap();
    wait_until("there is room again", || state() == AuditState::Ready);
    wait_until("credits come again", || senders[0].credits() >= 2);
    let [credit] = senders[0].try_reserve().unwrap();
    senders[0].push(credit, record(1));
    let second = 1 + push_until_dry(&mut senders[0], Duration::from_millis(200));
    assert!(segments(&disk.audit().dir) > full_segments);
    drop(senders);
    let closed = core.stop(Duration::from_secs(30)).unwrap();
    assert_eq!(closed.records, first + second);
    assert_eq!(verify(&disk.audit().dir).unwrap().records, first + second);
}

#[test]
fn a_log_that_cannot_begin_is_refused_with_what_to_do() {
    let Some(disk) = SmallDisk::mount() else { return };
    disk.fill(SEGMENT_BYTES / 2);
    let error = AuditLog::open(&disk.audit()).unwrap_err();
    assert!(matches!(error, OpenError::NoSpace { .. }), "{error:?}");
    assert!(error.to_string().contains("free space or lower"), "{error}");
    assert!(!disk.audit().dir.exists(), "nothing is left of it: no key, no segment, no directory");
}

#[test]
fn a_log_with_room_in_its_last_segment_goes_on_on_a_full_disk() {
    let Some(disk) = SmallDisk::mount() else { return };
    AuditLog::open(&disk.audit()).unwrap().0.close().unwrap();
    disk.fill(SEGMENT_BYTES + 16_384);
    let (mut log, _) = AuditLog::open(&disk.audit()).unwrap();
    log.maintain();
    assert!(log.shortage().is_some() && log.records_left() > 10);
    log.close().unwrap();
    verify(&disk.audit().dir).unwrap();
}

/// Fills the segments of a small disk and ends the run, as a gateway does that is stopped while the disk is full.
fn fill_and_close(log: &mut AuditLog) {
    let mut number = 0;
    loop {
        log.maintain();
        if log.records_left() == 0 {
            return;
        }
        let clock = WallClock { worker: Default::default(), unix_ns: 1 };
        log.append(&record(number), &clock).unwrap();
        log.commit().unwrap();
        number += 1;
    }
}

fn contents(dir: &Path) -> Vec<(PathBuf, Vec<u8>)> {
    let paths = fs::read_dir(dir).unwrap().map(|entry| entry.unwrap().path());
    let mut contents: Vec<_> = paths.map(|path| (path.clone(), fs::read(path).unwrap())).collect();
    contents.sort();
    contents
}

#[test]
fn a_start_that_is_refused_for_want_of_room_changes_nothing() {
    let Some(disk) = SmallDisk::mount() else { return };
    let filler = disk.fill(3 * SEGMENT_BYTES);
    let (mut log, _) = AuditLog::open(&disk.audit()).unwrap();
    fill_and_close(&mut log);
    log.close().unwrap();
    // Runs that only begin and end use up what is left of the last segment.
    let refused = loop {
        let before = contents(&disk.audit().dir);
        match AuditLog::open(&disk.audit()) {
            Ok((log, _)) => drop(log.close().unwrap()),
            Err(error) => {
                assert!(contents(&disk.audit().dir) == before, "the log was changed");
                break error;
            }
        }
    };
    assert!(matches!(refused, OpenError::NoSpace { .. }), "{refused:?}");
    let report = verify(&disk.audit().dir).unwrap();
    assert_eq!(report.end, LogEnd::Closed);

    fs::remove_file(filler).unwrap();
    let (log, recovery) = AuditLog::open(&disk.audit()).unwrap();
    assert!(!recovery.lacks_successor && recovery.cut_bytes == 0, "{recovery:?}");
    log.close().unwrap();
    let again = verify(&disk.audit().dir).unwrap();
    assert_eq!((again.records, again.segments), (report.records, report.segments + 1));
}

#[test]
fn a_torn_end_behind_a_seal_stays_while_there_is_no_room_for_what_tells_of_it() {
    let Some(disk) = SmallDisk::mount() else { return };
    let filler = disk.fill(3 * SEGMENT_BYTES);
    let (mut log, _) = AuditLog::open(&disk.audit()).unwrap();
    fill_and_close(&mut log);
    log.close().unwrap();
    let sealed = disk.audit().dir.join(audit::segment_file_name(1));
    let mut bytes = fs::read(&sealed).unwrap();
    *bytes.last_mut().unwrap() = 7;
    fs::write(&sealed, bytes).unwrap();
    fs::remove_file(disk.audit().dir.join(audit::segment_file_name(2))).unwrap();
    let more = disk.dir.path().join("more");
    fs::write(&more, vec![1; usize::try_from(SEGMENT_BYTES).unwrap()]).unwrap();
    let before = contents(&disk.audit().dir);
    assert!(matches!(AuditLog::open(&disk.audit()), Err(OpenError::NoSpace { .. })));
    assert!(contents(&disk.audit().dir) == before, "the log was changed");

    fs::remove_file(more).unwrap();
    fs::remove_file(filler).unwrap();
    let (log, recovery) = AuditLog::open(&disk.audit()).unwrap();
    assert!(recovery.lacks_successor && recovery.cut_bytes > 0, "{recovery:?}");
    log.close().unwrap();
    assert_eq!(verify(&disk.audit().dir).unwrap().cut_bytes, recovery.cut_bytes);
}
