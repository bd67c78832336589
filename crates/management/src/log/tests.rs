use super::*;
use crate::testing::{record, verify};
use audit::LogEnd;
use proptest::prelude::*;
use std::fs::{self, OpenOptions};
use std::os::unix::fs::PermissionsExt;
use tempfile::TempDir;

/// Small enough that a few dozen records fill it.
const SEGMENT_BYTES: u64 = ZEROS.len() as u64;

/// A segment that holds nothing.
const ZEROS: [u8; 16_384] = [0; 16_384];

fn config(dir: &Path) -> AuditLogConfig {
    AuditLogConfig { dir: dir.to_owned(), gateway: "lab-1".to_owned(), segment_bytes: SEGMENT_BYTES }
}

fn dir() -> TempDir {
    tempfile::tempdir().unwrap()
}

fn open(dir: &TempDir) -> (AuditLog, Recovery) {
    AuditLog::open(&config(dir.path())).unwrap()
}

fn refusal(dir: &TempDir) -> String {
    let error = AuditLog::open(&config(dir.path())).unwrap_err().to_string();
    assert!(!error.contains('\n') && error.contains(dir.path().to_str().unwrap()), "{error}");
    error
}

/// Appends records as a host does, that keeps to the room that is left.
fn append(log: &mut AuditLog, records: u64) {
    for number in 0..records {
        if log.records_left() < 2 {
            log.maintain();
        }
        log.append(&record(number), &clock::wall_clock()).unwrap();
    }
    log.write().unwrap();
}

fn segment(dir: &TempDir, number: u64) -> PathBuf {
    dir.path().join(audit::segment_file_name(number))
}

#[test]
fn a_new_log_has_a_key_of_its_own_and_allocated_segments() {
    let dir = dir();
    let (log, recovery) = open(&dir);
    assert_eq!(recovery, Recovery::default());
    let mode = |name: &str| fs::metadata(dir.path().join(name)).unwrap().permissions().mode() & 0o777;
    assert_eq!((mode("audit.key"), mode("audit.pub")), (0o600, 0o644));
    let written_down = fs::read_to_string(dir.path().join("audit.pub")).unwrap();
    assert_eq!(written_down.trim(), log.public_key().to_string());
    let metadata = fs::metadata(segment(&dir, 1)).unwrap();
    assert_eq!(metadata.len(), SEGMENT_BYTES);
    assert!(std::os::unix::fs::MetadataExt::blocks(&metadata) * 512 >= SEGMENT_BYTES, "blocks are allocated");
    let closed = log.close().unwrap();
    assert_eq!(verify(dir.path()).unwrap().head, closed.head);
    assert_eq!((closed.records, closed.segment), (0, 1));
    assert_eq!(verify(dir.path()).unwrap().end, LogEnd::Closed);
}

#[test]
fn a_log_goes_on_where_the_last_run_ended() {
    let dir = dir();
    for run in 0..5 {
        let (mut log, recovery) = open(&dir);
        assert_eq!((recovery.records, recovery.cut_bytes), (run * 3, 0));
        append(&mut log, 3);
        log.commit().unwrap();
        log.close().unwrap();
    }
    let report = verify(dir.path()).unwrap();
    assert_eq!((report.records, report.runs, report.end), (15, 5, LogEnd::Closed));
}

#[test]
fn a_full_segment_is_followed_by_the_next_one() {
    let dir = dir();
    let (mut log, _) = open(&dir);
    append(&mut log, 1000);
    assert!(log.segment() > 15);
    let written = *log.written();
    assert_eq!((written.records, written.segments), (1000, log.segment()));
    let closed = log.close().unwrap();
    let report = verify(dir.path()).unwrap();
    assert_eq!((report.records, report.segments), (1000, closed.segment));
    assert!(!dir.path().join("spare.tmp").exists(), "the spare segment's room is given back");
}

#[test]
fn records_left_is_a_promise_that_is_kept() {
    let dir = dir();
    let (mut log, _) = open(&dir);
    for _ in 0..20 {
        log.maintain();
        let promised = log.records_left();
        assert!(promised > 0);
        for number in 0..promised {
            log.append(&record(number), &clock::wall_clock()).unwrap();
            log.commit().unwrap();
        }
    }
    log.close().unwrap();
    verify(dir.path()).unwrap();
}

#[test]
fn without_room_nothing_is_written_and_the_log_is_over() {
    let dir = dir();
    let (mut log, _) = open(&dir);
    let promised = log.records_left();
    let mut refused = None;
    for number in 0..promised * 10 {
        refused = log.append(&record(number), &clock::wall_clock()).err();
        if refused.is_some() {
            break;
        }
    }
    assert!(matches!(refused, Some(LogError::NoRoom)));
    assert!(log.has_failed());
    assert_eq!(log.records_left(), 0);
    assert!(matches!(log.commit(), Err(LogError::Failed)));
}

#[test]
fn a_failed_write_ends_the_log_for_good() {
    let dir = dir();
    let (mut log, _) = open(&dir);
    append(&mut log, 1);
    log.commit().unwrap();
    log.break_file(dir.path());
    log.append(&record(2), &clock::wall_clock()).unwrap();
    let error = log.write().unwrap_err().to_string();
    assert!(error.contains("cannot write") && error.contains("restart"), "{error}");
    assert!(log.has_failed());
    assert_eq!((log.records_left(), log.segment()), (0, 0));
    log.maintain();
    assert!(log.append(&record(3), &clock::wall_clock()).is_err());
    drop(log);
    let (log, recovery) = open(&dir);
    assert_eq!(recovery.records, 1);
    log.close().unwrap();
    verify(dir.path()).unwrap();
}

#[test]
fn a_torn_end_is_cut_off_and_reported() {
    let dir = dir();
    let (mut log, _) = open(&dir);
    append(&mut log, 4);
    log.commit().unwrap();
    let position = log.current.as_ref().unwrap().position;
    append(&mut log, 1);
    drop(log);
    let file = OpenOptions::new().write(true).open(segment(&dir, 1)).unwrap();
    file.write_all_at(&[0xa5; 40], position + 100).unwrap();
    let (log, recovery) = open(&dir);
    assert_eq!((recovery.records, recovery.adopted_records), (4, 0));
    assert!(recovery.cut_bytes >= 140, "{recovery:?}");
    log.close().unwrap();
    let report = verify(dir.path()).unwrap();
    assert_eq!((report.records, report.cut_bytes), (4, recovery.cut_bytes));
}

#[test]
fn records_that_a_crash_left_unsigned_are_kept() {
    let dir = dir();
    let (mut log, _) = open(&dir);
    append(&mut log, 4);
    drop(log);
    let (log, recovery) = open(&dir);
    assert_eq!((recovery.records, recovery.adopted_records, recovery.cut_bytes), (4, 4, 0));
    log.close().unwrap();
    assert_eq!(verify(dir.path()).unwrap().adopted_records, 4);
}

#[test]
fn a_crash_between_two_segments_is_mended() {
    let dir = dir();
    let (mut log, _) = open(&dir);
    while log.segment() < 3 {
        append(&mut log, 1);
        log.maintain();
    }
    drop(log);
    let records = verify(dir.path()).is_ok();
    assert!(!records, "the last record is unsigned");
    fs::remove_file(segment(&dir, 3)).unwrap();
    fs::write(dir.path().join("spare.tmp"), "half allocated").unwrap();
    let (mut log, recovery) = open(&dir);
    assert_eq!((log.segment(), recovery.segments), (3, 2));
    append(&mut log, 1);
    log.close().unwrap();
    assert_eq!(verify(dir.path()).unwrap().records, recovery.records + 1);
}

#[test]
fn segments_without_their_headers_are_evidence_and_stay() {
    let dir = dir();
    let (mut log, _) = open(&dir);
    while log.segment() < 2 {
        append(&mut log, 1);
        log.maintain();
    }
    drop(log);
    let mut by_half = ZEROS;
    by_half[..100].fill(0x5a);
    for content in [ZEROS.as_slice(), &by_half, b""] {
        fs::write(segment(&dir, 2), content).unwrap();
        let error = refusal(&dir);
        assert!(error.contains("segment 2") && error.contains("audit verify"), "{error}");
        assert_eq!(fs::read(segment(&dir, 2)).unwrap(), content);
    }
}

#[test]
fn a_full_segment_without_the_next_one_is_told_of() {
    let dir = dir();
    let (mut log, _) = open(&dir);
    while log.segment() < 2 {
        append(&mut log, 1);
        log.maintain();
    }
    drop(log);
    fs::remove_file(segment(&dir, 2)).unwrap();
    let (log, recovery) = open(&dir);
    assert!(recovery.lacks_successor);
    log.close().unwrap();
    assert!(!open(&dir).1.lacks_successor);
}

#[test]
fn a_changed_log_is_refused_and_left_alone() {
    let dir = dir();
    let (mut log, _) = open(&dir);
    append(&mut log, 4);
    log.commit().unwrap();
    log.close().unwrap();
    let mut bytes = fs::read(segment(&dir, 1)).unwrap();
    bytes[900] ^= 1;
    fs::write(segment(&dir, 1), &bytes).unwrap();
    let error = refusal(&dir);
    assert!(error.contains("segment 1") && error.contains("audit verify"), "{error}");
    assert_eq!(fs::read(segment(&dir, 1)).unwrap(), bytes);
}

#[test]
fn another_gateways_directory_is_refused() {
    let dir = dir();
    open(&dir).0.close().unwrap();
    let other = AuditLogConfig { gateway: "lab-2".to_owned(), ..config(dir.path()) };
    let error = AuditLog::open(&other).unwrap_err();
    assert!(matches!(&error, OpenError::Gateway { found, .. } if found == "lab-1"));
    assert!(error.to_string().contains("belongs to gateway `lab-1`, not `lab-2`"), "{error}");
}

#[test]
fn a_directory_in_use_is_refused_until_it_is_not() {
    let dir = dir();
    let (mut log, _) = open(&dir);
    log.prepare_in_background().unwrap();
    log.maintain();
    assert!(refusal(&dir).contains("in use by another running gateway"));
    log.close().unwrap();
    open(&dir).0.close().unwrap();
}

#[test]
fn what_is_no_directory_is_refused() {
    let dir = dir();
    let path = dir.path().join("file");
    fs::write(&path, "").unwrap();
    for path in [path.clone(), path.join("below")] {
        let error = AuditLog::open(&config(&path)).unwrap_err();
        assert!(matches!(error, OpenError::NotDirectory { .. }), "{error:?}");
    }
}

#[test]
fn a_directory_that_cannot_be_written_is_refused() {
    for path in ["/proc/self", "/proc/sovereign-audit"] {
        let error = AuditLog::open(&config(Path::new(path))).unwrap_err();
        assert!(matches!(error, OpenError::NotWritable { .. }), "{error:?}");
        assert!(error.to_string().contains("not writable"), "{error}");
    }
}

#[test]
fn a_missing_directory_is_made_for_its_owner_and_group() {
    let dir = dir();
    let path = dir.path().join("a/b");
    AuditLog::open(&config(&path)).unwrap().0.close().unwrap();
    assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o007, 0);
    verify(&path).unwrap();
}

#[test]
fn a_key_that_others_can_read_is_refused() {
    let dir = dir();
    open(&dir).0.close().unwrap();
    fs::set_permissions(dir.path().join("audit.key"), fs::Permissions::from_mode(0o640)).unwrap();
    let error = refusal(&dir);
    assert!(error.contains("mode 0640") && error.contains("chmod 0600"), "{error}");
}

#[test]
fn a_log_without_its_key_is_refused_and_no_new_key_made() {
    let dir = dir();
    open(&dir).0.close().unwrap();
    fs::remove_file(dir.path().join("audit.key")).unwrap();
    assert!(refusal(&dir).contains("missing"));
    assert!(!dir.path().join("audit.key").exists());
}

#[test]
fn a_foreign_or_broken_key_is_refused() {
    let (one, two) = (dir(), dir());
    open(&one).0.close().unwrap();
    open(&two).0.close().unwrap();
    let key = |dir: &TempDir| dir.path().join("audit.key");
    let own = fs::read(key(&one)).unwrap();
    fs::copy(key(&two), key(&one)).unwrap();
    assert!(refusal(&one).contains("not the key of"));
    fs::remove_file(one.path().join("audit.pub")).unwrap();
    assert!(refusal(&one).contains("not the key of"));
    fs::write(key(&one), [0xff; 100]).unwrap();
    assert!(refusal(&one).contains("not an Ed25519 private key"));
    fs::write(key(&one), own).unwrap();
    fs::remove_file(one.path().join("audit.pub")).unwrap();
    open(&one).0.close().unwrap();
}

#[test]
fn a_size_or_id_that_no_log_can_have_is_refused() {
    let dir = dir();
    let small = AuditLogConfig { segment_bytes: 100, ..config(dir.path()) };
    let unnamed = AuditLogConfig { gateway: String::new(), ..config(dir.path()) };
    for config in [small, unnamed] {
        assert!(matches!(AuditLog::open(&config), Err(OpenError::Config(_))));
    }
    assert_eq!(fs::read_dir(dir.path()).unwrap().count(), 0, "nothing is half started");
}

#[test]
fn segments_of_another_size_are_gone_on_with() {
    let dir = dir();
    let (mut log, _) = open(&dir);
    append(&mut log, 5);
    log.close().unwrap();
    let larger = AuditLogConfig { segment_bytes: 4 * SEGMENT_BYTES, ..config(dir.path()) };
    let (mut log, _) = AuditLog::open(&larger).unwrap();
    append(&mut log, 200);
    log.close().unwrap();
    assert_eq!(fs::metadata(segment(&dir, 2)).unwrap().len(), 4 * SEGMENT_BYTES);
    assert_eq!(verify(dir.path()).unwrap().records, 205);
}

/// What a run does before its power is cut.
#[derive(Clone, Debug)]
enum Step {
    Append(u64),
    Commit,
}

/// What the cut does to the bytes that were not synced: up to which byte of them they are gone,
/// and what is there instead.
#[derive(Clone, Debug)]
struct Cut {
    from: usize,
    len: usize,
    junk: u8,
}

fn any_step() -> impl Strategy<Value = Step> {
    prop_oneof![(1..30_u64).prop_map(Step::Append), Just(Step::Commit)]
}

fn any_cut() -> impl Strategy<Value = Cut> {
    let junk = prop_oneof![Just(0), Just(0xa5)];
    (0..2000_usize, 1..2000_usize, junk).prop_map(|(from, len, junk)| Cut { from, len, junk })
}

/// Runs the steps, then cuts the power; returns how many records were committed.
fn run_and_cut(dir: &TempDir, steps: &[Step], cut: &Cut) -> u64 {
    let (mut log, recovery) = open(dir);
    let mut committed = recovery.records;
    let mut synced = (log.segment(), log.current.as_ref().unwrap().position);
    for step in steps {
        match step {
            Step::Append(records) => append(&mut log, *records),
            Step::Commit => {
                log.commit().unwrap();
                committed = recovery.records + log.written().records;
            }
        }
        let position = log.current.as_ref().unwrap().position;
        if matches!(step, Step::Commit) || log.segment() != synced.0 {
            // A rotation synced what was before it, and the new segment's header.
            let safe = if matches!(step, Step::Commit) { position } else { audit::HEADER_BYTES as u64 };
            synced = (log.segment(), safe);
        }
    }
    drop(log);
    let path = segment(dir, synced.0);
    let mut bytes = fs::read(&path).unwrap();
    let start = (usize::try_from(synced.1).unwrap() + cut.from).min(bytes.len());
    let end = (start + cut.len).min(bytes.len());
    bytes[start..end].fill(cut.junk);
    fs::write(&path, bytes).unwrap();
    committed
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 24, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn a_power_cut_takes_nothing_that_was_committed(
        runs in prop::collection::vec((prop::collection::vec(any_step(), 0..8), any_cut()), 1..5),
    ) {
        let dir = dir();
        let mut committed = 0;
        for (steps, cut) in &runs {
            let now = run_and_cut(&dir, steps, cut);
            prop_assert!(now >= committed);
            committed = now;
        }
        let (log, recovery) = open(&dir);
        prop_assert!(recovery.records >= committed, "{recovery:?}, {committed} were committed");
        log.close().unwrap();
        let report = verify(dir.path()).unwrap();
        prop_assert_eq!(report.records, recovery.records);
        prop_assert_eq!(report.runs, runs.len() as u64 + 1);
    }
}

#[test]
fn a_check_begins_nothing_and_says_what_opening_would() {
    let above = dir();
    let new = above.path().join("a/b");
    AuditLog::check(&config(&new)).unwrap();
    assert!(fs::read_dir(above.path()).unwrap().next().is_none());
    fs::create_dir_all(&new).unwrap();
    AuditLog::check(&config(&new)).unwrap();
    assert!(fs::read_dir(&new).unwrap().next().is_none());
    let (log, _) = AuditLog::open(&config(&new)).unwrap();
    assert!(matches!(AuditLog::check(&config(&new)), Err(OpenError::Locked { .. })));
    log.close().unwrap();
    let before = fs::read(new.join(audit::segment_file_name(1))).unwrap();
    AuditLog::check(&config(&new)).unwrap();
    assert_eq!(fs::read(new.join(audit::segment_file_name(1))).unwrap(), before);
    let other = AuditLogConfig { gateway: "lab-2".to_owned(), ..config(&new) };
    assert!(matches!(AuditLog::check(&other), Err(OpenError::Gateway { .. })));
    fs::write(above.path().join("file"), "").unwrap();
    let behind_file = AuditLog::check(&config(&above.path().join("file/log")));
    assert!(matches!(behind_file, Err(OpenError::NotDirectory { .. } | OpenError::NotWritable { .. })));
}

#[test]
fn who_may_only_read_cannot_lock_the_log() {
    use std::os::unix::fs::MetadataExt;
    let dir = dir();
    let (log, _) = open(&dir);
    assert!(AuditLog::is_being_written(dir.path()));
    assert_eq!(fs::metadata(dir.path().join("lock")).unwrap().mode() & 0o777, 0o600);
    log.close().unwrap();
    assert!(!AuditLog::is_being_written(dir.path()));
    // A lock of the directory itself, which a reader may take, is nobody's.
    let reader = File::open(dir.path()).unwrap();
    rustix::fs::flock(&reader, rustix::fs::FlockOperation::NonBlockingLockExclusive).unwrap();
    open(&dir).0.close().unwrap();
    assert_eq!(AuditLog::written_key(dir.path()).unwrap(), Some(log_key(&dir)));
}

fn log_key(dir: &TempDir) -> PublicKey {
    audit::Header::parse(&fs::read(segment(dir, 1)).unwrap()).unwrap().key
}

#[test]
fn a_directory_that_everybody_can_empty_is_told_of() {
    let dir = dir();
    for (mode, is_exposed) in [(0o777, true), (0o702, true), (0o1777, false), (0o770, false), (0o755, false)] {
        fs::set_permissions(dir.path(), fs::Permissions::from_mode(mode)).unwrap();
        let (log, recovery) = open(&dir);
        assert_eq!(recovery.is_exposed, is_exposed, "{mode:o}");
        log.close().unwrap();
    }
}
