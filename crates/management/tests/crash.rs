//! A process that is killed at any moment loses nothing that it had taken from the queue.
#![forbid(unsafe_code)]
#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

#[path = "../src/testing.rs"]
mod testing;

use audit::queue::channel;
use core::num::NonZeroUsize;
use core::time::Duration;
use management::{AuditLog, AuditLogConfig, Core, CoreConfig, OpenError};
use std::env;
use std::io::{BufRead, BufReader, Write, stdout};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::mpsc::{Receiver, channel as messages};
use std::thread;
use std::time::Instant;
use testing::{record, verify};

/// Tells a child where the log is.
const DIR: &str = "SOVEREIGN_TEST_DIR";

/// Tells a child when to sync.
const SYNC: &str = "SOVEREIGN_TEST_SYNC";

/// Runs that are killed, for each way of syncing.
const KILLS: u64 = 12;

fn config(dir: &Path) -> AuditLogConfig {
    AuditLogConfig { dir: dir.to_owned(), gateway: "lab-1".to_owned(), segment_bytes: 65_536 }
}

/// Not a test of its own: what the tests below start and kill. It writes records as fast as it
/// can and says again and again how many are written and how many of them are committed.
#[test]
#[ignore = "a_kill_loses_nothing_that_was_written and the two behind it run it, in a process of its own"]
fn child_that_writes_until_it_is_killed() {
    let (Some(dir), Ok(sync)) = (env::var_os(DIR), env::var(SYNC)) else { return };
    let (log, recovery) = AuditLog::open(&config(Path::new(&dir))).unwrap();
    let (mut senders, receiver) = channel(NonZeroUsize::new(2).unwrap(), NonZeroUsize::new(512).unwrap());
    let sync = sync.parse().unwrap();
    let core = Core::start(receiver, log, CoreConfig { sync, ..CoreConfig::default() }).unwrap();
    let stats = core.stats();
    for exchange in 0.. {
        for sender in &mut senders {
            if let Some([credit]) = sender.try_reserve() {
                sender.push(credit, record(exchange));
            }
        }
        if exchange % 64 == 0 {
            let committed: u64 = senders.iter().map(audit::queue::RecordSender::committed).sum();
            let written = stats.snapshot().records;
            let (written, committed) = (recovery.records + written, recovery.records + committed);
            // A line of its own among what the test harness prints.
            write!(stdout(), "\ncounts {written} {committed}\n").unwrap();
            stdout().flush().unwrap();
        }
    }
}

/// A child, and what it says.
struct Writer {
    child: Child,
    counts: Receiver<(u64, u64)>,
}

impl Writer {
    fn start(dir: &Path, sync: &str) -> Self {
        let mut child = Command::new(env::current_exe().unwrap())
            .args(["--exact", "child_that_writes_until_it_is_killed", "--ignored", "--nocapture", "--test-threads=1"])
            .envs([(DIR, dir.as_os_str()), (SYNC, sync.as_ref())])
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let lines = BufReader::new(child.stdout.take().unwrap()).lines();
        let (sender, counts) = messages();
        thread::spawn(move || {
            for line in lines.map_while(Result::ok) {
                let mut words = line.split(' ');
                if words.next() == Some("counts") {
                    let mut count = || words.next().and_then(|word| word.parse().ok());
                    let (Some(written), Some(committed)) = (count(), count()) else { continue };
                    // A receiver that is gone does not care any more.
                    let _ = sender.send((written, committed));
                }
            }
        });
        Self { child, counts }
    }

    /// Waits for the first word of the child, then for `wait`, and kills it; returns the greatest
    /// counts that it managed to say.
    fn kill_after(mut self, wait: Duration) -> (u64, u64) {
        let mut last = self.counts.recv_timeout(Duration::from_secs(30)).unwrap_or_default();
        let begin = now();
        while let Some(left) = wait.checked_sub(begin.elapsed()).filter(|left| !left.is_zero()) {
            last = self.counts.recv_timeout(left).unwrap_or(last);
        }
        self.child.kill().unwrap();
        self.child.wait().unwrap();
        // What it said before it was killed is still on its way.
        while let Ok(counts) = self.counts.recv_timeout(Duration::from_secs(5)) {
            last = counts;
        }
        last
    }
}

impl Drop for Writer {
    fn drop(&mut self) {
        // Killed already, unless the test failed.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

#[expect(clippy::disallowed_methods, reason = "a test waits for another process")]
fn now() -> Instant {
    Instant::now()
}

fn random(below: u64) -> u64 {
    let mut bytes = [0; 8];
    getrandom::fill(&mut bytes).unwrap();
    u64::from_le_bytes(bytes) % below
}

fn survives_kills(sync: &str) {
    let dir = tempfile::tempdir().unwrap();
    let mut least = 0;
    for kill in 0..KILLS {
        let wait = Duration::from_micros(random(60_000));
        let (written, committed) = Writer::start(dir.path(), sync).kill_after(wait);
        least = written.max(committed).max(least);
        let (log, recovery) = AuditLog::open(&config(dir.path())).unwrap();
        let found = recovery.records;
        assert!(found >= least, "kill {kill} after {wait:?}: {found} records are there and {least} were written");
        let closed = log.close().unwrap();
        let report = verify(dir.path()).unwrap();
        assert_eq!((report.records, report.runs), (closed.records, 2 * kill + 2));
        least = report.records;
    }
    assert!(least > 100, "the children wrote something");
}

#[test]
fn a_kill_loses_nothing_that_was_written() {
    survives_kills("10ms");
}

#[test]
fn a_kill_loses_nothing_where_every_batch_is_synced() {
    survives_kills("always");
}

#[test]
fn a_running_process_keeps_others_out_and_a_killed_one_does_not() {
    let dir = tempfile::tempdir().unwrap();
    let writer = Writer::start(dir.path(), "10ms");
    writer.counts.recv_timeout(Duration::from_secs(30)).unwrap();
    let error = AuditLog::open(&config(dir.path())).unwrap_err();
    assert!(matches!(error, OpenError::Locked { .. }), "{error}");
    writer.kill_after(Duration::ZERO);
    AuditLog::open(&config(dir.path())).unwrap().0.close().unwrap();
}
