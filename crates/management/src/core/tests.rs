use super::*;
use crate::log::AuditLogConfig;
use crate::snapshot::AuditState;
use crate::testing::{record, verify};
use ::core::num::NonZeroUsize;
use audit::queue::{RecordSender, channel};
use audit::{Entry, SegmentReader};
use std::path::Path;
use tempfile::TempDir;

const PATIENCE: Duration = Duration::from_secs(20);

fn queue(workers: usize, capacity: usize) -> (Vec<RecordSender>, RecordReceiver) {
    channel(NonZeroUsize::new(workers).unwrap(), NonZeroUsize::new(capacity).unwrap())
}

fn open() -> (TempDir, AuditLog) {
    let dir = tempfile::tempdir().unwrap();
    let log = open_at(dir.path());
    (dir, log)
}

fn open_at(dir: &Path) -> AuditLog {
    let config = AuditLogConfig { dir: dir.to_owned(), gateway: "lab-1".to_owned(), segment_bytes: 16_384 };
    AuditLog::open(&config).unwrap().0
}

fn wait_until(what: &str, mut is_so: impl FnMut() -> bool) {
    let deadline = clock::monotonic_ns() + 20_000_000_000;
    while !is_so() {
        assert!(clock::monotonic_ns() < deadline, "{what}");
        thread::park_timeout(Duration::from_micros(50));
    }
}

/// Pushes a record as soon as there is a credit for it.
fn push(sender: &mut RecordSender, exchange: u64) -> audit::queue::Ticket {
    wait_until("a credit", || sender.credits() > 0);
    let [credit] = sender.try_reserve().unwrap();
    sender.push(credit, record(exchange))
}

#[test]
fn a_record_is_committed_soon_after_it_was_pushed() {
    for sync in [SyncMode::Always, SyncMode::Interval(Duration::from_millis(5))] {
        let (dir, log) = open();
        let (mut senders, receiver) = queue(1, 64);
        let core = Core::start(receiver, log, CoreConfig { sync, ..CoreConfig::default() }).unwrap();
        let ticket = push(&mut senders[0], 1);
        wait_until("the commit", || senders[0].is_committed(ticket));
        let stats = core.stats();
        wait_until("the counters", || stats.snapshot().records_committed == 1);
        assert_eq!(verify(dir.path()).unwrap().records, 1, "what is committed is signed");
        assert!(stats.snapshot().sync_ns.p50 > 0);
        drop(senders);
        let closed = core.stop(PATIENCE).unwrap();
        assert_eq!((closed.records, stats.snapshot().records), (1, 1));
    }
}

#[test]
fn stopping_waits_for_the_workers_and_loses_nothing() {
    let (dir, log) = open();
    let (senders, receiver) = queue(3, 256);
    let core = Core::start(receiver, log, CoreConfig::default()).unwrap();
    let workers: Vec<_> = senders
        .into_iter()
        .map(|mut sender| {
            thread::spawn(move || {
                for exchange in 0..2000 {
                    push(&mut sender, exchange);
                }
            })
        })
        .collect();
    let closed = core.stop(PATIENCE).unwrap();
    workers.into_iter().for_each(|worker| worker.join().unwrap());
    assert_eq!(closed.records, 6000);
    let report = verify(dir.path()).unwrap();
    assert_eq!((report.records, report.end), (6000, audit::LogEnd::Closed));
    assert!(report.segments > 100, "{} segments", report.segments);
}

#[test]
fn idle_workers_never_sit_on_all_the_room() {
    let (_dir, log) = open();
    let (mut senders, receiver) = queue(3, 256);
    let mut recorder = Recorder::new(receiver, log, CoreConfig::default());
    for exchange in 0..500 {
        recorder.poll();
        let credits = senders[0].try_reserve::<2>().expect("the others hold a third each at most");
        for credit in credits {
            senders[0].push(credit, record(exchange));
        }
    }
    assert!(senders[1].credits() > 0 && senders[2].credits() > 0);
}

#[test]
fn a_full_disk_is_low_while_exchanges_may_begin_and_full_once_a_worker_may_not() {
    let (dir, log) = open();
    // Where the spare segment would be made there is no room.
    let (mut senders, receiver) = queue(2, 256);
    std::fs::remove_file(dir.path().join("spare.tmp")).ok();
    std::fs::create_dir(dir.path().join("spare.tmp")).unwrap();
    let mut recorder = Recorder::new(receiver, log, CoreConfig::default());
    let stats = recorder.stats();
    let mut states = vec![];
    let mut begun = 0;
    while begun < 1000 {
        recorder.poll();
        let state = stats.snapshot().state;
        if states.last() != Some(&state) {
            states.push(state);
        }
        let Some(credits) = senders[0].try_reserve::<2>() else { break };
        assert_ne!(state, AuditState::Full, "after {begun}");
        for credit in credits {
            senders[0].push(credit, record(begun));
        }
        begun += 1;
    }
    assert!(begun > 1);
    assert!(states.ends_with(&[AuditState::Low, AuditState::Full]), "{states:?}");
    assert!(senders[1].credits() >= 2);
    std::fs::remove_dir(dir.path().join("spare.tmp")).unwrap();
    wait_until("room", || {
        recorder.poll();
        stats.snapshot().state == AuditState::Ready
    });
}

#[test]
fn stopping_does_not_wait_for_ever() {
    let (dir, log) = open();
    let (mut senders, receiver) = queue(1, 64);
    let core = Core::start(receiver, log, CoreConfig::default()).unwrap();
    push(&mut senders[0], 1);
    assert_eq!(core.stop(Duration::from_millis(20)).unwrap().records, 1);
    assert_eq!(verify(dir.path()).unwrap().records, 1);
    let [_, ..] = senders.as_slice() else { panic!("the worker is still there") };
}

#[test]
fn a_worker_that_never_ends_does_not_keep_the_core_from_ending() {
    let (dir, log) = open();
    let (mut senders, receiver) = queue(1, 64);
    let core = Core::start(receiver, log, CoreConfig::default()).unwrap();
    let is_over = Arc::new(AtomicU64::new(0));
    let seen = Arc::clone(&is_over);
    let worker = thread::spawn(move || {
        let mut pushed = 0;
        while seen.load(Ordering::Relaxed) == 0 {
            if let Some([credit]) = senders[0].try_reserve() {
                senders[0].push(credit, record(pushed));
                pushed += 1;
            }
        }
        pushed
    });
    let closed = core.stop(Duration::from_millis(100)).unwrap();
    is_over.store(1, Ordering::Relaxed);
    let pushed = worker.join().unwrap();
    assert!(closed.records <= pushed && closed.records > 0);
    assert_eq!(verify(dir.path()).unwrap().records, closed.records);
}

#[test]
fn a_core_that_is_dropped_ends_its_log() {
    let (dir, log) = open();
    let (mut senders, receiver) = queue(1, 64);
    let core = Core::start(receiver, log, CoreConfig::default()).unwrap();
    assert!(core.is_running());
    push(&mut senders[0], 1);
    drop(core);
    let report = verify(dir.path()).unwrap();
    assert_eq!((report.records, report.end), (1, audit::LogEnd::Closed));
}

#[test]
fn a_recorder_without_a_thread_does_the_same_when_asked() {
    let (dir, log) = open();
    let (mut senders, receiver) = queue(1, 16);
    let config = CoreConfig { clock: RecordClock::Unix, ..CoreConfig::default() };
    let mut recorder = Recorder::new(receiver, log, config);
    for exchange in 0..500 {
        let [credit] = senders[0].try_reserve().expect("credits come with each poll");
        senders[0].push(credit, record(exchange));
        assert_eq!(recorder.poll(), 1);
    }
    senders.clear();
    assert!(recorder.is_finished());
    assert_eq!(recorder.finish().unwrap().records, 500);
    assert_eq!(verify(dir.path()).unwrap().records, 500);
}

/// The times of the records in the first segment.
fn stored_times(dir: &TempDir) -> Vec<u64> {
    let bytes = std::fs::read(dir.path().join(audit::segment_file_name(1))).unwrap();
    let reader = SegmentReader::new(1, &bytes).unwrap();
    let time = |entry| match entry {
        Ok(Entry::Record(stored)) => Some(stored.ts_unix_ns),
        _ => None,
    };
    reader.filter_map(time).collect()
}

#[test]
fn times_are_wall_time_or_kept_as_they_are() {
    for clock in [RecordClock::Monotonic, RecordClock::Unix] {
        let (dir, log) = open();
        let (mut senders, receiver) = queue(1, 16);
        let mut recorder = Recorder::new(receiver, log, CoreConfig { clock, ..CoreConfig::default() });
        let record = record(1);
        let (at, before) = (record.at.as_nanos(), clock::unix_ns());
        let [credit] = senders[0].try_reserve().unwrap();
        senders[0].push(credit, record);
        recorder.poll();
        senders.clear();
        recorder.finish().unwrap();
        let times = stored_times(&dir);
        match clock {
            RecordClock::Unix => assert_eq!(times, [at]),
            RecordClock::Monotonic => assert!(times[0].abs_diff(before) < 1_000_000_000, "{times:?} is not {before}"),
        }
    }
}

#[test]
fn a_failed_log_grants_nothing_and_says_what_was_lost() {
    let (dir, mut log) = open();
    log.break_file(dir.path());
    let (mut senders, receiver) = queue(1, 16);
    let mut recorder = Recorder::new(receiver, log, CoreConfig::default());
    let [first, second] = senders[0].try_reserve().unwrap();
    let ticket = senders[0].push(first, record(1));
    assert!(senders[0].credits() > 0);
    recorder.poll();
    assert_eq!(senders[0].credits(), 0, "nothing may be admitted any more, whatever was granted");
    assert!(!senders[0].is_committed(ticket));
    let stats = recorder.stats();
    let snapshot = stats.snapshot();
    assert_eq!((snapshot.state, snapshot.records_lost), (AuditState::Failed, 1));
    senders[0].push(second, record(2));
    assert_eq!(recorder.poll(), 0, "nothing is kept any more");
    assert_eq!(stats.snapshot().records_lost, 2, "and what is not is counted at once");
    assert!(snapshot.detail.unwrap().contains("cannot write"));
    assert!(matches!(recorder.finish(), Err(LogError::Lost(2))));
    assert_eq!(stats.snapshot().records_lost, 2);
}

#[test]
fn a_log_whose_segment_is_gone_has_failed_within_a_second_and_is_not_closed() {
    type Change = fn(&Path);
    let changes: [(&str, Change); 3] = [
        ("removed", |segment| std::fs::remove_file(segment).unwrap()),
        ("moved with its directory", |segment| {
            let dir = segment.parent().unwrap();
            std::fs::rename(dir, dir.with_extension("old")).unwrap();
        }),
        ("replaced", |segment| {
            let content = std::fs::read(segment).unwrap();
            std::fs::remove_file(segment).unwrap();
            std::fs::write(segment, content).unwrap();
        }),
    ];
    for (what, change) in changes {
        let above = tempfile::tempdir().unwrap();
        let dir = above.path().join("audit");
        let log = open_at(&dir);
        let (mut senders, receiver) = queue(1, 16);
        let core = Core::start(receiver, log, CoreConfig::default()).unwrap();
        push(&mut senders[0], 1);
        change(&dir.join(audit::segment_file_name(1)));
        let stats = core.stats();
        wait_until(what, || stats.snapshot().state == AuditState::Failed);
        assert!(stats.snapshot().detail.unwrap().contains("removed or replaced"), "{what}");
        drop(senders);
        assert!(core.stop(Duration::from_secs(5)).is_err(), "{what}");
    }
    let (dir, log) = open();
    let (_, receiver) = queue(1, 16);
    let recorder = Recorder::new(receiver, log, CoreConfig::default());
    std::fs::remove_file(dir.path().join(audit::segment_file_name(1))).unwrap();
    assert!(recorder.finish().is_err(), "nor is it closed if it went right before");
}

#[test]
fn a_sync_begins_early_enough_to_be_over_in_time() {
    let (_dir, log) = open();
    let (_senders, receiver) = queue(1, 16);
    let sync = SyncMode::Interval(Duration::from_millis(50));
    let mut recorder = Recorder::new(receiver, log, CoreConfig { sync, ..CoreConfig::default() });
    for (cost_ms, after_ms) in [(0, 50), (10, 40), (25, 25), (1000, 25)] {
        recorder.set_sync_cost(cost_ms * 1_000_000);
        assert_eq!(recorder.commit_after_ns(), after_ms * 1_000_000);
    }
}

#[test]
fn sync_modes_are_read_as_the_configuration_writes_them() {
    let interval = |millis| Ok(SyncMode::Interval(Duration::from_millis(millis)));
    assert_eq!("always".parse(), Ok(SyncMode::Always));
    assert_eq!("50ms".parse::<SyncMode>(), interval(50));
    assert_eq!("2s".parse::<SyncMode>(), interval(2000));
    for text in ["", "ms", "s", "0ms", "11s", "50", "never", "-1ms", "+5ms", "1.5s", "99999999999999999999s", "50 ms"] {
        let error = text.parse::<SyncMode>().unwrap_err().to_string();
        assert!(error.contains("always") && error.contains("50ms"), "{error}");
    }
}
