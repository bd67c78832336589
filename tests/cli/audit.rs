//! `sovereign audit`: what a log proves, and what it tells of those who had their hands on it.

use super::*;

/// Replays a clean and a bad request into an audit log.
fn audited() -> (Place, String) {
    let place = Place::new();
    let dir = place.path("audit");
    place.replay(
        &[conversation(Family::V4, "good morning"), conversation(Family::V6, SSN)].concat(),
        &["--audit-dir", &dir],
    );
    (place, dir)
}

#[test]
fn a_replay_leaves_an_audit_log_that_verifies_and_can_be_read() {
    let (_place, dir) = audited();
    let verified = run(&["audit", "verify", &dir]);
    assert_done(&verified);
    let is_hash = |word: &str| word.len() == 64 && word.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'));
    assert!(stdout(&verified).split_whitespace().any(is_hash), "{}", stdout(&verified));
    let cat = run(&["audit", "cat", &dir, "--format", "json"]);
    assert_done(&cat);
    let records: Vec<Value> = stdout(&cat).lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let blocked = records.iter().find(|record| record["verdict"] == "block").expect("the blocked request");
    for name in [
        "seq",
        "ts",
        "gateway",
        "silo",
        "user",
        "client_ip",
        "server_ip",
        "server_name",
        "method",
        "path",
        "provider",
        "model",
        "operation",
        "stream",
        "status",
        "tokens_in",
        "tokens_out",
        "usage_source",
        "latency_ns",
        "overhead_ns",
        "verdict",
        "reason",
        "findings",
        "request_bytes",
        "response_bytes",
        "policy_version",
    ] {
        assert!(blocked.get(name).is_some(), "{name} is missing in {blocked}");
    }
    assert_eq!((&blocked["client_ip"], &blocked["model"]), (&"fd00::1".into(), &"gpt-4o".into()));
    assert_eq!((&blocked["policy_version"], &blocked["reason"]), (&"cli-1".into(), &"finding".into()));
    assert!(!stdout(&cat).contains(SSN), "a log holds no secret");
    let numbers: Vec<u64> = records.iter().filter_map(|record| record["seq"].as_u64()).collect();
    assert!(numbers.windows(2).all(|pair| pair[0] < pair[1]), "{numbers:?}");
    let text = run(&["audit", "cat", &dir]);
    assert!(
        stdout(&text).lines().next().unwrap().contains("Watch Me: Cloud Sovereign Audit Trail"),
        "{}",
        stdout(&text)
    );
}

#[test]
fn a_log_without_one_of_its_segments_is_printed_and_the_segment_named() {
    use ::audit::{Record, RecordKind, WallClock, segment_file_name};
    let place = Place::new();
    let dir = place.dir.path().join("log");
    let config = management::AuditLogConfig { dir: dir.clone(), gateway: "lab-1".to_owned(), segment_bytes: 4096 };
    let (mut log, _) = management::AuditLog::open(&config).unwrap();
    let clock = WallClock { worker: net::Timestamp::ZERO, unix_ns: 1 };
    while log.segment() < 4 {
        log.maintain();
        log.append(&Record::blank(RecordKind::Final), &clock).unwrap();
    }
    log.close().unwrap();
    let cat = || run(&["audit", "cat", dir.to_str().unwrap(), "--format", "json"]);
    let whole = cat();
    assert_done(&whole);
    for number in [3, 1] {
        fs::remove_file(dir.join(segment_file_name(number))).unwrap();
        let ran = cat();
        assert_eq!(ran.status.code(), Some(1));
        let line = stderr(&ran);
        assert!(line.lines().count() == 1 && line.contains(&format!("segment {number} is missing")), "{line}");
        assert!(stdout(&ran).lines().count() < stdout(&whole).lines().count());
        assert_eq!(stdout(&ran).lines().last(), stdout(&whole).lines().last(), "what is there is printed");
    }
}

#[test]
fn one_flipped_byte_is_found() {
    let (_place, dir) = audited();
    let segment = fs::read_dir(&dir)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .find(|path| fs::metadata(path).unwrap().len() > 4096);
    let segment: PathBuf = segment.expect("a segment");
    let clean = fs::read(&segment).unwrap();
    let used = clean.iter().rposition(|byte| *byte != 0).unwrap();
    for place in [used / 3, used / 2, used, clean.len() - 1] {
        let mut bytes = clean.clone();
        bytes[place] ^= 1;
        fs::write(&segment, bytes).unwrap();
        let verified = run(&["audit", "verify", &dir]);
        assert_eq!(verified.status.code(), Some(1), "byte {place}: {}{}", stdout(&verified), stderr(&verified));
    }
    fs::write(&segment, clean).unwrap();
    assert_done(&run(&["audit", "verify", &dir]));
}

#[test]
fn a_proof_says_whose_key_it_was_and_holds_it_against_the_one_beside_the_log() {
    let (place, dir) = audited();
    let verified = run(&["audit", "verify", &dir]);
    let key = fs::read_to_string(format!("{dir}/audit.pub")).unwrap();
    let told = stderr(&verified);
    assert!(told.contains(&format!("gateway replay key {key}")) && told.contains("closed in order, runs 1"), "{told}");
    assert_eq!(stdout(&verified).lines().count(), 1, "{}", stdout(&verified));
    // Somebody wrote a log with a key of their own into the place of this one.
    let other = place.path("other");
    place.replay(&conversation(Family::V4, "hi"), &["--audit-dir", &other]);
    fs::write(format!("{other}/audit.pub"), &key).unwrap();
    let verified = run(&["audit", "verify", &other]);
    assert_eq!(verified.status.code(), Some(1));
    assert!(stdout(&verified).contains("signed by another key"), "{}", stdout(&verified));
    fs::remove_file(format!("{other}/audit.pub")).unwrap();
    assert_done(&run(&["audit", "verify", &other]));
    assert_eq!(run(&["audit", "verify", &other, "--key", key.trim()]).status.code(), Some(1));
}

#[test]
fn a_damaged_public_key_is_named_and_another_copy_of_it_will_do() {
    let (place, dir) = audited();
    let path = format!("{dir}/audit.pub");
    let key = fs::read(&path).unwrap();
    for damaged in [&b"no key"[..], b"", &key[..40], b"\xff\xfe\x00"] {
        fs::write(&path, damaged).unwrap();
        assert_refused(&run(&["audit", "verify", &dir]), &["audit.pub", "64 hexadecimal digits", "--key"]);
        let copy = String::from_utf8(key.clone()).unwrap();
        assert_done(&run(&["audit", "verify", &dir, "--key", copy.trim()]));
    }
    fs::remove_file(&path).unwrap();
    assert!(Command::new("mkfifo").arg(&path).status().unwrap().success());
    assert_refused(&run(&["audit", "verify", &dir]), &["audit.pub", "--key"]);
    drop(place);
}

#[test]
fn records_that_a_restart_signed_are_told_of() {
    let (place, dir) = audited();
    let segment = format!("{dir}/00000000000000000001.audit");
    let mut bytes = fs::read(&segment).unwrap();
    // The last checkpoint and the close are gone: the records before them are whole and unsigned.
    let lengths = |bytes: &[u8], at: usize| u32::from_le_bytes(bytes[at..at + 4].try_into().unwrap()) as usize;
    let (mut at, mut ends) = (512, Vec::new());
    while lengths(&bytes, at) > 0 {
        ends.push((at, bytes[at + 4]));
        at += lengths(&bytes, at);
    }
    let last_record = ends.iter().rposition(|(_, kind)| *kind < 16).unwrap();
    let cut = ends[last_record + 1].0;
    bytes[cut..at].fill(0);
    fs::write(&segment, &bytes).unwrap();
    assert_eq!(run(&["audit", "verify", &dir]).status.code(), Some(1));
    let (again, _) = place.replay(&conversation(Family::V4, "hi"), &["--audit-dir", &dir]);
    assert!(stderr(&again).contains("records that nobody had signed"), "{}", stderr(&again));
    let verified = run(&["audit", "verify", &dir]);
    assert_done(&verified);
    assert!(stderr(&verified).contains("records signed only by the run behind the crash"), "{}", stderr(&verified));
}

#[test]
fn a_pipe_in_the_place_of_a_file_keeps_nobody_waiting() {
    let (place, dir) = audited();
    let pipe = place.path("pipe");
    assert!(Command::new("mkfifo").arg(&pipe).status().unwrap().success());
    fs::rename(&pipe, format!("{dir}/00000000000000000002.audit")).unwrap();
    for command in ["verify", "cat"] {
        assert_eq!(run(&["audit", command, &dir]).status.code(), Some(1), "{command}");
    }
    assert!(Command::new("mkfifo").arg(&pipe).status().unwrap().success());
    assert_refused(&run(&["policy", "check", &pipe]), &["no regular file"]);
    assert_refused(&run(&["policy", "check", "/dev/zero"]), &["no regular file"]);
}

#[test]
fn an_audit_directory_without_a_log_is_refused() {
    let place = Place::new();
    let dir = place.dir.path().to_str().unwrap();
    assert_refused(&run(&["audit", "verify", dir]), &[dir]);
    let cat = run(&["audit", "cat", &place.path("none")]);
    assert_eq!((cat.status.code(), stderr(&cat).lines().count()), (Some(2), 1), "{}", stderr(&cat));
}

#[test]
fn following_a_log_prints_what_is_there_and_what_comes() {
    use std::io::{BufRead, BufReader};
    let (place, dir) = audited();
    let mut command = Command::new(env!("CARGO_BIN_EXE_sovereign"));
    command.args(["audit", "cat", &dir, "--follow", "--format", "json"]).stdout(Stdio::piped());
    let mut child = command.spawn().unwrap();
    let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
    let before = stdout(&run(&["audit", "cat", &dir, "--format", "json"]));
    for expected in before.lines() {
        assert_eq!(lines.next().unwrap().unwrap(), expected);
    }
    place.replay(&conversation(Family::V4, "good evening"), &["--audit-dir", &dir]);
    let after = stdout(&run(&["audit", "cat", &dir, "--format", "json"]));
    let new: Vec<&str> = after.lines().skip(before.lines().count()).collect();
    assert!(!new.is_empty());
    for expected in new {
        assert_eq!(lines.next().unwrap().unwrap(), expected);
    }
    let _ = child.kill();
    let _ = child.wait();
}
